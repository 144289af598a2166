"""Numba's compiler, with a cache on disk where there is somewhere to write it.

The cache lies next to the module, or else in the user's cache folder. Where neither can be written
(a read-only install without a home) functions are compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """``function``, compiled at its first call; it runs without the interpreter's lock."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba: "no locator available"
        return cast(F, numba.njit(nogil=True)(function))

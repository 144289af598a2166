"""Numba's compiler, with a cache on disk where there is somewhere to write it.

The cache lies next to the module, or else in the user's cache folder. Where neither can be written
(a read-only install without a home) functions are compiled anew in each process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])

WORTH = 14
"""Actions, of all players, from which compiled code repays the second that loading it takes."""


def compiled(function: F) -> F:
    """``function``, compiled at its first call; it runs without the interpreter's lock."""
    import numba

    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba: "no locator available"
        return cast(F, numba.njit(nogil=True)(function))


@functools.cache
def _once(function: F) -> F:
    return compiled(function)


def worthwhile(function: F, actions: int) -> F:
    """``function`` as it stands for a game of so few ``actions``, compiled for a larger one."""
    return function if actions < WORTH else _once(function)

"""Kernels that small games run as plain Python: they do not repay the second that numba takes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

WORTH = 14
"""Actions, of all players, from which compiled code repays the second that loading it takes."""


def worthwhile(kernel: F, actions: int) -> F:
    """``kernel`` as it stands for a game of few ``actions``, else compiled."""
    return kernel if actions < WORTH else _compiled(kernel)


@functools.cache
def _compiled(kernel: F) -> F:
    from gametheory.solvers._compiled import compiled

    return compiled(kernel)

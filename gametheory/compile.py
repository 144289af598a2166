"""Compiles all kernels ahead of their first use: ``python -m gametheory.compile``.

For installers, container images and continuous integration: run it once as a user who may write to
the package, and every process after that starts in a fraction of a second, read-only or not. Takes
about a minute. Machine code is for the processor it was compiled on; ``NUMBA_CPU_NAME=generic``,
set then and later, makes it fit others of the kind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from gametheory.batch import solve_many
from gametheory.count import CountGame
from gametheory.cutoff_batch import cutoffs_many
from gametheory.game import Game, GameForm
from gametheory.longrun import long_run, stochastically_stable
from gametheory.quantal import logit_many
from gametheory.solvers import methods, solve


def build() -> list[str]:
    """The kernels that are compiled now, by name: each method has solved a game of each form."""
    for method in methods():
        for game in _games():
            try:
                solve(game, method=method)
            except (TypeError, ValueError):  # a method of other games
                continue
    rng = np.random.default_rng(0)
    for shape in [(2, 2), (2, 3), (3, 3), (4, 4), (2, 2, 2), (2, 2, 2, 2)]:
        solve_many(rng.random((2, *shape, len(shape))))
    from scipy.stats import uniform

    cutoffs_many(uniform(), rng.random((2, 3)))
    logit_many(rng.random((2, 2, 2, 2)), [1.0])
    few = Game(rng.random((2, 2, 2)))
    long_run(few, noise=1.0)
    stochastically_stable(few)
    from gametheory.solvers._compiled import KERNELS

    return [f"{kernel.__module__}.{kernel.__name__}" for kernel in KERNELS]


def _games() -> Iterator[GameForm]:
    """Small games of each form, some of them just large enough for a kernel."""
    rng = np.random.default_rng(0)
    yield Game(rng.random((2, 2, 2, 3)))
    yield Game(rng.random((8, 8, 2)))
    yield CountGame(act=rng.random(40), wait=rng.random(40))


if __name__ == "__main__":
    start = time.perf_counter()
    many = len(build())
    print(f"{many} kernels, {time.perf_counter() - start:.0f} s")

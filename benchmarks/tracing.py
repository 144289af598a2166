"""Tracing of random games from equal chances: how long the paths are, and how long they take.

Asserted first: the end is an equilibrium by its certificate, exactly so for two players; every
point of their paths is a pair of best replies, in floats to 1e-9 of the largest payoff. Times are
CPU time; payoffs are integers of six digits, or for three players and more floats.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

import gametheory as gt

TABLES = [(2, 2), (10, 10), (50, 50), (100, 100)]
MORE = [(2, 2, 2), (2, 2, 2, 2), (3, 3, 3), (5, 5, 5), (10, 10, 10), (2,) * 8]
GAMES, TOP = 20, 10**6


def asserted(path: gt.Trace) -> None:
    """Fails unless the path is what it claims to be."""
    assert path.equilibrium.certificate.holds()
    if len(path.game.players) > 2:
        return
    assert path.unique
    assert path.equilibrium.certificate.exact
    assert path.equilibrium.certificate.regret == 0
    A, B = np.moveaxis(path.game.payoffs.astype(float), -1, 0)
    p, q = (x.astype(float) for x in path.prior.mixtures)
    for t, x, y in zip(*(z.astype(float) for z in (path.ts, *path.mixtures))):
        for z, u in ((x, A @ (t * y + (1 - t) * q)), (y, (t * x + (1 - t) * p) @ B)):
            assert u.max() - u[z > 0].min() < 1e-9 * TOP


def game(seed: int, shape: tuple[int, ...]) -> gt.Game:
    """A random game of this shape."""
    rng = np.random.default_rng([seed, *shape])
    size = (*shape, len(shape))
    return gt.Game(rng.integers(0, TOP, size) if len(shape) == 2 else rng.random(size))


def main() -> None:
    """Prints the table."""
    gt.trace(game(0, (2, 2, 2)))  # compiles
    print(f"{'shape':<18}{'median ms':>10}{'most ms':>9}{'points':>8}{'most':>7}")
    for shape in [*TABLES, *MORE]:
        times, points = [], []
        for seed in range(GAMES):
            drawn = game(seed, shape)
            start = time.process_time()
            path = gt.trace(drawn)
            times.append(1e3 * (time.process_time() - start))
            points.append(len(path.ts))
            asserted(path)
        name = " x ".join(map(str, shape)) if len(shape) < 6 else f"{shape[0]}^{len(shape)}"
        print(
            f"{name:<18}{statistics.median(times):>10.1f}{max(times):>9.0f}"
            f"{statistics.median(points):>8.0f}{max(points):>7}",
            flush=True,
        )


if __name__ == "__main__":
    main()

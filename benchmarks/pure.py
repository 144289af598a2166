"""Pure equilibria of large games: milliseconds, beside a bare mask and the peers'.

Random games of many players, payoffs in floats and in integers. Ours is the whole of
``gametheory.solve`` with a certificate of each equilibrium, in a game that has not been solved
before; the mask is one comparison a player with the maximum along his axis, in NumPy, and its
positions. Building is shown apart. Peers see the same game where they take seconds, else a smaller
one. Before it is timed, each result is checked to be the mask's.
"""

from __future__ import annotations

import importlib.util
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

import gametheory as gt

SHAPES = {"2^10": (2,) * 10, "3^8": (3,) * 8, "3^10": (3,) * 10, "2^16": (2,) * 16}
REPEATS = 5
SEED = 0
LARGEST = {"quantecon": 70_000, "pygambit": 7_000}
"""Profiles up to which a peer is asked: beyond, it takes more than some ten seconds."""


def mask(payoffs: np.ndarray) -> np.ndarray:
    """The pure equilibria, one row each: what no comparison of floats can do faster in NumPy."""
    marked = np.ones(payoffs.shape[:-1], dtype=bool)
    for i in range(payoffs.shape[-1]):
        u = payoffs[..., i]
        marked &= u == u.max(axis=i, keepdims=True)
    return np.argwhere(marked)


def timed(run: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    start = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - start)


def ours(payoffs: np.ndarray) -> tuple[float, float, float]:
    """Milliseconds to build and to solve, the least of some fresh games, and MB while solving."""
    builds, solves = [], []
    for _ in range(REPEATS):
        builds.append(timed(lambda: gt.Game(payoffs)))
        game = gt.Game(payoffs)
        solves.append(timed(lambda game=game: gt.solve(game, method="pure")))
    game = gt.Game(payoffs)
    tracemalloc.start()
    found = gt.solve(game, method="pure")
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert [[k for (k,) in e.profile.support] for e in found] == mask(payoffs).tolist()
    assert all(e.certificate.regret == 0 for e in found)
    return min(builds), min(solves), peak


def quantecon(payoffs: np.ndarray) -> tuple[float, float, int]:
    """Milliseconds to build and to solve, and the number of equilibria."""
    from quantecon.game_theory import NormalFormGame, pure_nash_brute

    games = []
    build = timed(lambda: games.append(NormalFormGame(payoffs.astype(float))))
    found = []
    return build, timed(lambda: found.extend(pure_nash_brute(games[0]))), len(found)


def pygambit(payoffs: np.ndarray) -> tuple[float, float, int]:
    """The like of Gambit."""
    import pygambit as gbt

    games = []
    tables = np.moveaxis(payoffs, -1, 0)
    build = timed(lambda: games.append(gbt.StrategicGame.from_arrays(*tables)))
    found = []
    return (
        build,
        timed(lambda: found.extend(gbt.nash.enumpure_solve(games[0]).equilibria)),
        len(found),
    )


PEERS = {"quantecon": quantecon, "pygambit": pygambit}


def main() -> None:
    """Prints the table."""
    installed = [name for name in PEERS if importlib.util.find_spec(name)]
    gt.solve(gt.Game(np.zeros((2, 2, 2))), method="pure")  # loads
    print("Pure equilibria: milliseconds to build + to solve")
    head = f"{'game':<15}{'found':>6}{'mask':>8}{'gametheory':>18}{'v mask':>8}{'MB':>6}"
    print(head + "".join(f"{name:>24}{'ratio':>8}" for name in installed))
    for name, shape in SHAPES.items():
        for kind in ("floats", "integers"):
            rng = np.random.default_rng(SEED)
            size = (*shape, len(shape))
            payoffs = rng.random(size) if kind == "floats" else rng.integers(0, 10**6, size)
            bare = min(timed(lambda payoffs=payoffs: mask(payoffs)) for _ in range(REPEATS))
            build, solve, peak = ours(payoffs)
            count = len(mask(payoffs))
            text = f"{name:<5}{kind:<10}{count:>6}{bare:>8.2f}{build:>9.1f} +{solve:>7.2f}"
            text += f"{solve / bare:>8.2f}{peak:>6.1f}"
            for peer in installed:
                if kind == "integers" or np.prod(shape) > LARGEST[peer]:
                    text += f"{'-':>24}{'-':>8}"
                    continue
                theirs = PEERS[peer](payoffs)
                assert theirs[2] == count, peer
                text += f"{theirs[0]:>12.1f} +{theirs[1]:>10.1f}"
                text += f"{sum(theirs[:2]) / (build + solve):>8.0f}"
            print(text)
    for peer in PEERS.keys() - set(installed):
        print(f"{peer}: not installed")


if __name__ == "__main__":
    main()

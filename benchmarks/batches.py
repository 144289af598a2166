"""All equilibria of 10,000 random games of a shape: time a game, beside the peers'.

Solve time only: games are built and code is compiled before the clock starts. Before it is timed,
each result is checked: an odd number of equilibria in every game, each certified, and a sample
equal to what ``gametheory.solve`` finds alone. Peers see the same games, fewer of them where they
are slow. Peers that are not installed are said to be so.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable

import numpy as np
from _timing import times

import gametheory as gt

GAMES, SEED, REPEATS, SECONDS = 10_000, 20_261, 40, 2.0
SHAPES = [(2, 2), (2, 3), (3, 3), (4, 4), (2, 2, 2)]
OPEN = 1e-3  # share of games that may come out incomplete: ties are rare by chance


def fastest(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs."""
    return min(times(run, REPEATS, SECONDS))


def asserted(batch: gt.EquilibriumBatch) -> None:
    """Fails unless the result is right."""
    complete = np.array([c is gt.Coverage.ALL for c in batch.coverage])
    assert complete.mean() >= 1 - OPEN
    assert (batch.count[complete] % 2 == 1).all()
    for b in range(0, len(batch), len(batch) // 50):
        game = gt.Game(batch.games[b])
        for k in range(batch.rows(b).start, batch.rows(b).stop):
            assert gt.certify(gt.Profile(game, [x[k] for x in batch.mixtures])).holds()
        if len(batch.shape) == 2:
            alone = [np.concatenate(e.mixtures) for e in gt.solve(game)]
            here = np.concatenate([x[batch.rows(b)] for x in batch.mixtures], axis=1)
            assert len(alone) == len(here)
            assert np.allclose(alone, here, rtol=0, atol=1e-11)


def quantecon(payoffs: np.ndarray) -> float | None:
    """Seconds a game of QuantEcon's support enumeration."""
    if payoffs.ndim != 4:
        return None
    from quantecon.game_theory import NormalFormGame, Player, support_enumeration

    games = [
        NormalFormGame((Player(u[..., 0].copy()), Player(u[..., 1].T.copy())))
        for u in payoffs[:2_000]
    ]
    support_enumeration(games[0])
    return fastest(lambda: [support_enumeration(g) for g in games]) / len(games)


def nashpy(payoffs: np.ndarray) -> float | None:
    """Seconds a game of nashpy's support enumeration."""
    if payoffs.ndim != 4:
        return None
    import nashpy as nash

    games = [nash.Game(u[..., 0], u[..., 1]) for u in payoffs[:50]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fastest(lambda: [list(g.support_enumeration()) for g in games]) / len(games)


def pygambit(payoffs: np.ndarray) -> float | None:
    """Seconds a game of Gambit's float enumeration (two players) or polynomial systems (three)."""
    import pygambit as gbt

    games = [gbt.StrategicGame.from_arrays(*np.moveaxis(u, -1, 0)) for u in payoffs[:500]]
    if payoffs.ndim == 4:
        return fastest(lambda: [gbt.nash.enummixed_solve(g, rational=False) for g in games]) / 500
    return fastest(lambda: [gbt.nash.enumpoly_solve(g) for g in games]) / 500


PEERS = {"quantecon": quantecon, "nashpy": nashpy, "pygambit": pygambit}


def main() -> None:
    """Prints the table."""
    installed = [name for name in PEERS if importlib.util.find_spec(name)]
    head = "".join(f"{name + ' us':>14}{'ratio':>9}" for name in installed)
    print(f"{GAMES:,} random games, microseconds a game")
    print(f"{'shape':<10}{'equilibria':>11}{'open':>7}{'solve_many':>12}{head}")
    for shape in SHAPES:
        rng = np.random.default_rng(SEED)
        payoffs = rng.standard_normal((GAMES, *shape, len(shape)))
        payoffs.setflags(write=False)  # as the peers' games are built, so are ours
        batch = gt.solve_many(payoffs)
        asserted(batch)
        found, incomplete = len(batch.game), sum(c is not gt.Coverage.ALL for c in batch.coverage)
        del batch  # what earlier runs found is dropped, here as with the peers
        ours = fastest(lambda payoffs=payoffs: gt.solve_many(payoffs)) / GAMES
        row = f"{'x'.join(map(str, shape)):<10}{found:>11}{incomplete:>7}"
        row += f"{ours * 1e6:>12.3f}"
        for name in installed:
            theirs = PEERS[name](payoffs)
            row += f"{'-':>14}{'-':>9}" if theirs is None else f"{theirs * 1e6:>14.1f}"
            row += "" if theirs is None else f"{theirs / ours:>9.0f}"
        print(row)
    for name in PEERS.keys() - set(installed):
        print(f"{name}: not installed")


if __name__ == "__main__":
    main()

"""Logit branches of random games, one at a time and many at once, beside Gambit's.

Asserted first: a certified limit, an even number of turns, and points that are logit responses to
1e-9 at four precisions; the batch equals the branch. Then symmetric volunteers, by number. Ratios
are Gambit's time a branch over ours; all games have payoffs in [0, 1].
"""

from __future__ import annotations

import importlib.util

import numpy as np
from _timing import seconds

import gametheory as gt

SHAPES = [(2, 2), (3, 3), (2, 2, 2), (3, 3, 3), (4, 4, 4)]
GAMES, TIMED, LAMS = 1_000, 20, [0.0, 1.0, 10.0, 100.0, 1_000.0]


def asserted(game: gt.Game, many: list[np.ndarray]) -> None:
    """Fails unless the branch is what it claims to be."""
    branch = gt.logit_branch(game)
    assert branch.limit is not None
    assert branch.limit.certificate.holds()
    assert len(branch.turning) % 2 == 0
    for k, lam in enumerate(LAMS):
        found = branch.at(lam)
        assert all(e.certificate.holds(1e-9) for e in found)
        assert all(np.allclose(x[k], y, atol=1e-9) for x, y in zip(many, found[0].mixtures))


def main() -> None:
    """Prints the tables."""
    peer = importlib.util.find_spec("pygambit")
    print(f"{'shape':<8}{'many ms':>9}{'branch ms':>11}{'Gambit ms':>11}{'ratio':>7}{'many':>7}")
    for shape in SHAPES:
        payoffs = np.random.default_rng([20_261, *shape]).random((GAMES, *shape, len(shape)))
        many = gt.logit_many(payoffs, LAMS)
        games = [gt.Game(u) for u in payoffs[:TIMED]]
        for b, game in enumerate(games):
            asserted(game, [x[b] for x in many])
        batch = seconds(lambda payoffs=payoffs: gt.logit_many(payoffs, LAMS)) / GAMES
        alone = seconds(lambda games=games: [gt.logit_branch(g) for g in games]) / TIMED
        row = f"{'x'.join(map(str, shape)):<8}{1e3 * batch:>9.3f}{1e3 * alone:>11.2f}"
        if peer:
            import pygambit as gbt

            theirs = [
                gbt.StrategicGame.from_arrays(*np.moveaxis(u, -1, 0)) for u in payoffs[:TIMED]
            ]
            taken = seconds(lambda theirs=theirs: [gbt.nash.logit_solve(g) for g in theirs]) / TIMED
            row += f"{1e3 * taken:>11.2f}{taken / alone:>7.1f}{taken / batch:>7.0f}"
        print(row, flush=True)
    print(f"\n{'volunteers':<12}{'ms':>7}   symmetric branch, with its break of symmetry")
    for n in (12, 100, 1_000):
        game = gt.CountGame(act=[0.6] * n, wait=[0.0] + [1.0] * (n - 1))
        (event,) = gt.logit_branch(game).events
        p = gt.logit_branch(game).at(event.lam)[0].mixtures[0][0]
        assert abs(event.lam * p * (1 - p) ** (n - 1) - 1) < 1e-6
        taken = seconds(lambda game=game: gt.logit_branch(game))
        print(f"{n:<12,}{1e3 * taken:>7.1f}   at lam = {event.lam:.6f}")
    if not peer:
        print("pygambit: not installed")


if __name__ == "__main__":
    main()

"""Equilibria by class of games between classes of players, by their sizes.

Two kinds: a threshold, worth 1 to all if a quarter act, at costs that differ between classes; and
random gains, a number for each number of others who act in each class. Asserted first: that the
list is whole and certified, that random games have an odd number of equilibria, and, where the full
table is small enough to be solved, that its equilibria in which classes mix as one are the same.
The peer is this library's own solver of full tables, which looks for all equilibria.
"""

from __future__ import annotations

import numpy as np
from _timing import seconds

import gametheory as gt

SEED = 20_261
THRESHOLDS = [(2, 3), (50, 50), (150, 150), (300, 300), (5, 5, 5), (20, 20, 20), (2, 2, 2, 2)]
RANDOM = [(2, 3), (2, 2, 2), (20, 20), (50, 50), (100, 100), (5, 5, 5), (10, 10, 10), (2, 2, 2, 2)]
TABLE = 6  # players up to whom the full table is solved too


def threshold(sizes: tuple[int, ...]) -> gt.ClassGame:
    """Worth 1 if a quarter act; of the costs, the cheapest is a quarter of what keeps all out."""
    n = sum(sizes)
    m = -(-n // 4)
    costs = [1 / (4 * n**0.5) * (1 + k / 7) for k in range(len(sizes))]
    act = [[(k + 1 >= m) - c for k in range(n)] for c in costs]
    return gt.ClassGame(act, [[float(k >= m) for k in range(n)]] * len(sizes), sizes)


def random(sizes: tuple[int, ...]) -> gt.ClassGame:
    """Normally distributed gains."""
    rng = np.random.default_rng([SEED, *sizes])
    shapes = [[m + (j != k) for j, m in enumerate(sizes)] for k in range(len(sizes))]
    return gt.ClassGame([rng.normal(size=s) for s in shapes], [np.zeros(s) for s in shapes], sizes)


def by_class(game: gt.ClassGame, found: gt.EquilibriumSet) -> np.ndarray:
    """The chances of acting of the equilibria in which classes mix as one, in order."""
    starts = np.cumsum((0, *game.sizes))[:-1]
    rows = [[float(x[0]) for x in e.mixtures] for e in found]
    kept = [
        [row[a] for a in starts]
        for row in rows
        if all(np.ptp(row[a : a + m]) < 1e-9 for a, m in zip(starts, game.sizes))
    ]
    return np.array(sorted(kept))


def asserted(game: gt.ClassGame, found: gt.EquilibriumSet, odd: bool) -> float | None:
    """Fails unless the result is right; seconds for the full table, if that was solved."""
    assert found.coverage is gt.Coverage.ALL_BY_CLASS
    assert all(e.certificate.holds() for e in found)
    assert len(found) % 2 == 1 or not odd
    if len(game.players) > TABLE:
        return None
    table = game.to_game()
    full = gt.solve(table)
    assert full.coverage is gt.Coverage.ALL
    assert np.allclose(by_class(game, full), by_class(game, found), rtol=0, atol=1e-8)
    return seconds(lambda: gt.solve(table))


def main() -> None:
    print(f"{'game':<28}{'equilibria':>12}{'seconds':>10}{'full table':>12}{'ratio':>8}")
    for name, build, cases in (("threshold", threshold, THRESHOLDS), ("random", random, RANDOM)):
        for sizes in cases:
            game = build(sizes)
            found = gt.solve(game)
            peer = asserted(game, found, build is random)
            own = seconds(lambda game=game: gt.solve(game))  # type: ignore[misc]
            beside = f"{peer:>12.4f}{peer / own:>8.1f}" if peer else f"{'-':>12}{'-':>8}"
            print(f"{name + ' ' + str(sizes):<28}{len(found):>12}{own:>10.4f}{beside}", flush=True)


if __name__ == "__main__":
    main()

"""Symmetric equilibria and families of count games, by the number of players.

No peer solves these games beyond six players or so. Three kinds: the volunteer's dilemma (one
root), a threshold at a quarter of the players (two roots), and random gains of which every tenth
changes sign. Asserted first: the number of equilibria where it is known, its parity by the signs of
the gains at both ends otherwise (an odd number of roots iff they differ), and that each is
certified. ``growth`` is the exponent of n between two rows: time as n to that power.
"""

from __future__ import annotations

import math

import numpy as np
from _timing import seconds

import gametheory as gt


def volunteer(n: int) -> gt.CountGame:
    """One who acts pays 1; the good is worth 2 to all if anybody does."""
    return gt.CountGame(act=[1.0] * n, wait=[0.0] + [2.0] * (n - 1))


def threshold(n: int) -> gt.CountGame:
    """The good is worth 1 if a quarter act; the cost is such that both mixed equilibria exist."""
    m = n // 4
    q = (m - 1) / (n - 1)
    peak = math.exp(
        math.lgamma(n)
        - math.lgamma(m)
        - math.lgamma(n - m + 1)
        + (m - 1) * math.log(q)
        + (n - m) * math.log(1 - q)
    )
    c = peak / 2
    return gt.CountGame([(k + 1 >= m) - c for k in range(n)], [float(k >= m) for k in range(n)])


def waves(n: int) -> gt.CountGame:
    """Random gains in runs of a tenth of the players."""
    rng = np.random.default_rng([20_261, n])
    signs = (-1.0) ** (np.arange(n) * 10 // n)
    return gt.CountGame(act=signs * rng.uniform(0.5, 1, n), wait=np.zeros(n))


def asserted(game: gt.CountGame, found: gt.EquilibriumSet, mixed: int | None) -> None:
    """Fails unless the list is whole, certified, and of the right length or parity."""
    assert found.coverage is gt.Coverage.ALL_SYMMETRIC
    assert all(e.certificate.holds() for e in found)
    inner = sum(0 < e.mixtures[0][0] < 1 for e in found)
    if mixed is not None:
        assert inner == mixed, (inner, mixed)
    assert inner % 2 == ((game.gain[0] > 0) != (game.gain[-1] > 0))


def main() -> None:
    """Prints the table."""
    kinds = {"volunteer": (volunteer, 1), "threshold": (threshold, 2), "waves": (waves, None)}
    print(f"{'game':<12}{'n':>7}{'mixed':>7}{'ms':>10}{'growth':>8}")
    for name, (build, mixed) in kinds.items():
        before = None
        for n in (10, 100, 1_000, 10_000):
            game = build(n)
            found = gt.solve(game)
            asserted(game, found, mixed)
            ours = seconds(lambda game=game: gt.solve(game))
            inner = sum(0 < e.mixtures[0][0] < 1 for e in found)
            growth = f"{math.log10(ours / before):8.1f}" if before else f"{'':8}"
            print(f"{name:<12}{n:>7,}{inner:>7}{1e3 * ours:>10.2f}{growth}")
            before = ours
    print()
    print(f"{'families of':<12}{'n':>7}{'listed':>7}{'ms':>10}")
    for n in (10, 100, 200):
        game = threshold(n)
        found = gt.solve(game, method="families")
        assert found.coverage is gt.Coverage.ALL_ONE_LEVEL
        ours = seconds(lambda game=game: gt.solve(game, method="families"))
        print(f"{'threshold':<12}{n:>7,}{len(found):>7,}{1e3 * ours:>10.2f}")


if __name__ == "__main__":
    main()

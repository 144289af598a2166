"""Aggregative games with unequal players, up to a million of them, solved and certified.

No peer has games of continuous actions. Asserted first: the list is whole, the certificate holds
for every player, and the aggregate is that of a closed form, found by sorting: in the contest
X = (k - 1) / (1/V_1 + ... + 1/V_k) with the k largest prizes (after Stein 2002, Public Choice 113),
in the public good X = a (w_1 + ... + w_k) / (k + a) with the k richest, a = alpha / (1 - alpha); k
is the number whose best reply is positive. ``growth`` is the exponent of n.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from _timing import seconds

import gametheory as gt

ALPHA = 0.3


def wealth(n: int) -> np.ndarray:
    """Unequal players: 1 plus a lognormal."""
    return 1 + np.random.default_rng([20_261, n]).lognormal(0, 1, n)


def contest_total(V: np.ndarray) -> float:
    """Total effort in a contest with constant returns."""
    V = np.sort(V)[::-1]
    totals = np.arange(len(V)) / np.cumsum(1 / V)
    return float(totals[np.flatnonzero(totals < V)[-1]])


def good_total(w: np.ndarray) -> float:
    """Total contribution to a pure public good with equal tastes."""
    w, a = np.sort(w)[::-1], ALPHA / (1 - ALPHA)
    totals = a * np.cumsum(w) / (np.arange(1, len(w) + 1) + a)
    return float(totals[np.flatnonzero(a * w > totals)[-1]])


def main() -> None:
    """Prints the table."""
    kinds: dict[str, tuple[Callable[..., gt.AggregativeGame], Callable[..., float]]] = {
        "contest": (gt.Contest, contest_total),
        "public good": (lambda w: gt.PublicGood(w, ALPHA), good_total),
    }
    print(f"{'game':<14}{'n':>11}{'active':>9}{'ms':>11}{'growth':>8}")
    for name, (build, total) in kinds.items():
        before = None
        for n in (10, 1_000, 100_000, 1_000_000):
            game = build(wealth(n))
            found = gt.solve(game)
            assert found.coverage is gt.Coverage.ALL
            assert found[0].certificate.holds()
            assert math.isclose(found[0].actions.sum(), total(wealth(n)), rel_tol=1e-9)
            ours = seconds(lambda game=game: gt.solve(game))
            growth = f"{math.log(ours / before[1], n / before[0]):8.1f}" if before else f"{'':8}"
            active = np.count_nonzero(found[0].actions)
            print(f"{name:<14}{n:>11,}{active:>9,}{1e3 * ours:>11.1f}{growth}")
            before = n, ours


if __name__ == "__main__":
    main()

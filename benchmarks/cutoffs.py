"""Equilibria in cutoffs: one game of a thousand states, twenty unequal ones, a sweep of 10^5.

Each result is checked before it is timed, by formulas of its own. The peers have no games of
continuous types: what a reader does without them is one call of ``scipy.optimize.fsolve``, which
finds one root (or none), from one start, and says nothing of the others. It is timed beside.
"""

from __future__ import annotations

import numpy as np
from _timing import times
from scipy import stats
from scipy.optimize import fsolve

import gametheory as gt

SEED, GAMES, PLAYERS = 20_261, 100_000, 10
REPEATS, SECONDS = 20, 4.0


def volunteers(n: int) -> gt.CutoffGame:
    """A good worth 1 to all if one of n states pays its cost, uniform on [0, 1]."""
    f = {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}
    return gt.CutoffGame(stats.uniform(), f, n)


def threshold(n: int, m: int, high: float) -> gt.CutoffGame:
    """A good worth 1 to all if m of n states pay their costs, uniform on [0, high]."""
    f = {"pay": lambda t, k: (k >= m - 1) - t, "wait": lambda t, k: 1.0 * (k >= m)}
    return gt.CutoffGame(stats.uniform(0, high), f, n)


def balancing(n: int) -> gt.CutoffGame:
    """States with unequal costs that each raise a target's chance to survive (substitutes)."""
    f = {
        "balance": lambda t, k: (2.0 + k) / (3.0 + k) - t,
        "pass": lambda t, k: (1.0 + k) / (2.0 + k) + 0 * t,
    }
    return gt.CutoffGame([stats.uniform(0, c) for c in np.linspace(0.1, 0.6, n)], f)


def joining(n: int) -> gt.CutoffGame:
    """States with unequal costs that gain the more by joining the more join (complements)."""
    f = {"join": lambda t, k: 0.7 * k / (n - 1) - t, "wait": lambda t, k: 0.0 * t}
    return gt.CutoffGame([stats.norm(x, 0.6) for x in np.linspace(0.1, 0.6, n)], f)


def one_root(n: int) -> float:
    """What a reader writes: (1 - c)^(n - 1) = c, from c = 1/2."""
    return float(fsolve(lambda c: (1 - c) ** (n - 1) - c, 0.5)[0])


def checked(game: gt.CutoffGame, count: int, covered: str) -> gt.CutoffEquilibria:
    """The equilibria of the game, as many and as well covered as they should be."""
    found = gt.solve(game)
    assert (len(found), found.coverage.name) == (count, covered), found
    assert all(e.certificate.holds() for e in found)
    return found


def show(what: str, seconds: float, told: str) -> None:
    """A line of the table."""
    print(f"{what:<44}{seconds * 1e3:>10.1f}   {told}")


def main() -> None:
    """Prints the table."""
    print(f"{'':<44}{'ms':>10}")
    (e,) = checked(volunteers(1000), 1, "ALL_SYMMETRIC")
    c = e.cutoffs[0, 0]
    assert abs((1 - c) ** 999 - c) < 1e-12
    game = volunteers(1000)
    ours = min(times(lambda: gt.solve(game), REPEATS, SECONDS))
    show("1,000 volunteers", ours, "one equilibrium, proved to be the only symmetric one")
    theirs = min(times(lambda: one_root(1000), REPEATS, SECONDS))
    right = abs(one_root(1000) - c) < 1e-6
    show(
        "  fsolve from 1/2",
        theirs,
        "right" if right else f"WRONG: {one_root(1000):.3g}, is {c:.3g}",
    )
    game = threshold(1000, 100, 0.01)
    found = checked(game, 3, "ALL_SYMMETRIC")
    p = found[1].chances[0, 0]
    assert np.isclose(stats.binom.pmf(99, 999, p), 0.01 * p)
    ours = min(times(lambda: gt.solve(game), REPEATS, SECONDS))
    show("100 of 1,000 have to pay", ours, "three equilibria")
    for name, game, covered in (
        ("20 unequal states that join", joining(20), "ALL"),
        ("20 unequal states that balance", balancing(20), "SAMPLE"),
    ):
        found = checked(game, 1, covered)
        ours = min(times(lambda game=game: gt.solve(game), 5, SECONDS))
        show(name, ours, f"{covered}: {found.notes[1] if covered == 'SAMPLE' else 'the only one'}")
    game = balancing(20)
    assert gt.solve(game, method="cutoffs_all").coverage is gt.Coverage.ALL
    ours = min(times(lambda: gt.solve(game, method="cutoffs_all"), 1, SECONDS))
    show("  the same, cutoffs_all", ours, "ALL: proved to be the only one")

    rng = np.random.default_rng(SEED)
    value = rng.normal(size=(GAMES, PLAYERS))
    loc, scale = rng.normal(size=GAMES), rng.random(GAMES) + 0.5
    batch = gt.cutoffs_many(stats.norm(), value, loc=loc, scale=scale)
    for b in range(0, GAMES, GAMES // 50):
        alone = [e.chances[0, 0] for e in batch[b]]
        assert np.allclose(batch.chances[batch.rows(b)], alone, rtol=1e-8, atol=1e-12)
    whole = np.mean([c is gt.Coverage.ALL_SYMMETRIC for c in batch.coverage])
    ours = min(times(lambda: gt.cutoffs_many(stats.norm(), value, loc=loc, scale=scale), 2, 60.0))
    told = f"{len(batch.game):,} equilibria, {whole:.2%} of the games covered"
    show(f"{GAMES:,} games of {PLAYERS} players", ours, told)


if __name__ == "__main__":
    main()

"""The value of a two-player zero-sum game and optimal strategies, in polynomial time.

Player 0 can secure ``v = max_x min_j (x'A)_j`` and player 1 can hold him to it: ``v`` is the value,
and a pair is an equilibrium iff both strategies are optimal (von Neumann 1928, Math. Annalen 100).
With payoffs made positive, which changes no optimal strategy, both are solutions of the pair of
linear programs

    max sum(y)  subject to  Ay <= 1, y >= 0;      min sum(x)  subject to  A'x >= 1, x >= 0,

up to scale; each sum is ``1/v`` (Dantzig 1951). Optimal strategies form a polytope for each player.
It is the point found, a vertex, if the pair is strictly complementary: each plays all best replies
to the other. If not, one more program tells: it looks for an optimal strategy that plays an action
which the one found leaves out, or that does better than ``v`` against a column which holds the one
found to ``v``. Only a vertex has none other that lacks both.

A game counts as zero-sum if one player's payoffs are the other's times a negative constant plus a
constant: then no equilibrium changes if the latter's payoffs are replaced by their negatives.

Cost: one linear program, three where optimal strategies are not unique, solved in floats and proved
in rational numbers. Games with random payoffs of six digits take 0.04 s at 100 x 100, 0.3 s at
200 x 200 and 3 s at 500 x 500.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile, show
from gametheory.solvers import small_supports
from gametheory.solvers._linear import UnprovedError, integers, maximum, raised
from gametheory.solvers._tableau import two_players
from gametheory.solvers.lemke_howson import shares

ROUNDING = 1e-12
"""Float payoffs, scaled to [0, 1], that add up to 1 within this count as opposed."""
OTHERS = "method='extreme' finds the extreme ones"
ROUGH = 1e-9
"""Sums, of exact payoffs in floats, that differ by more are not equal."""


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """A pair of optimal strategies of a zero-sum game; ``ALL`` if it is proved to be the only one.

    Otherwise ``SAMPLE``: every pair of optimal strategies is an equilibrium, and all are worth the
    same. The solution is exact; ``exact=False`` (what None means for a float game) rounds it.
    Where rounding hides it from the linear program, one equilibrium by ``small_supports``. Raises
    ValueError for a game that is not zero-sum.

    >>> poker = Game.from_payoffs([[0, 1], [2, -2]], [[0, -1], [-2, 2]],
    ...                           actions=[("bluff", "honest"), ("call", "fold")])
    >>> solve(poker)
    1 found by zero-sum. Every equilibrium is in the list.
      0: Player 1: (4/5, 1/5); Player 2: (3/5, 2/5)
      The game is worth 2/5 to Player 1.
    """
    A, _ = two_players(game, "zero-sum")
    if not opposed(game):
        raise ValueError(
            "zero-sum: the payoffs of the players are not opposed (one's a negative multiple of "
            "the other's plus a constant); use method='extreme'"
        )
    try:
        x, y = optimal(A)
    except UnprovedError as error:
        found = small_supports.solve(game, exact)
        return dataclasses.replace(found, notes=(*found.notes, str(error)))
    P, _ = integers(A)
    try:
        unique = only(P, x, y) and only(-P.T, y, x)
        notes = [] if unique else [f"Optimal strategies are not unique; {OTHERS}."]
    except UnprovedError:
        unique = False
        notes = [f"Whether optimal strategies are unique is not decided; {OTHERS}."]
    kind = np.dtype(object if (game.exact if exact is None else exact) else np.float64)
    profile = Profile(game, (np.array(x, kind), np.array(y, kind)))
    worth = f"The game is worth {show(profile.payoffs[0])} to {game.players[0]}."
    return EquilibriumSet.proved(
        game,
        [profile],
        Coverage.ALL if unique else Coverage.SAMPLE,
        "zero-sum",
        notes=[worth, *notes],
    )


def opposed(game: Game) -> bool:
    """Whether one player's payoffs are a negative multiple of the other's plus a constant.

    Floats up to rounding. Most games that are not are told by their first row.
    """
    if len(game.players) != 2:
        return False
    first = sum(u[0] for u in shares(game))
    if abs(first - first[0]).max() > ROUGH:
        return False
    A, B = game.payoffs[..., 0], game.payoffs[..., 1]
    if game.exact:
        (P, _), (Q, _) = integers(A), integers(B)
        total = P + Q
        return bool((total == P.max()).all())
    P, Q = shares(game)
    return bool((abs(P + Q - P.max()) <= ROUNDING).all())


def optimal(A: Array) -> tuple[list[Fraction], list[Fraction]]:
    """An optimal strategy of each player, exact, where ``A`` is what player 1 pays to player 0.

    Each is a vertex of the polytope of optimal strategies.
    """
    P = raised(integers(A)[0])
    best = maximum([1] * P.shape[1], P, [max(P.flat)] * len(P))
    return _shares(best.y), _shares(best.x)


def only(P: Array, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
    """Whether ``x``, an optimal strategy and a vertex, is the only one of the row player of ``P``.

    ``y`` is optimal for the column player; payoffs are integers.
    """
    (p, D), (q, E) = _whole(x), _whole(y)
    held, paid = p @ P, P @ q
    worth: Any = held @ q
    binds = held * E == worth
    if (binds == (q > 0)).all() and ((paid * D == worth) == (p > 0)).all():
        return True
    value = Fraction(worth, D * E)
    gains = P * value.denominator - value.numerator  # above the value, a column each
    fresh = (p == 0) + gains[:, binds].sum(axis=1)
    rows = np.vstack([-gains.T, np.full((1, len(x)), 1, dtype=object)])
    return maximum(fresh.tolist(), rows, [0] * P.shape[1] + [1]).value == 0


def _shares(weights: Sequence[Fraction]) -> list[Fraction]:
    """The probabilities in proportion to ``weights``."""
    whole = _whole(weights)[0].tolist()
    total = sum(whole)
    return [Fraction(p, total) for p in whole]


def _whole(x: Sequence[Fraction]) -> tuple[Array, int]:
    """``x`` as integers over one denominator."""
    common = math.lcm(*(p.denominator for p in x))
    return np.array([int(p * common) for p in x], dtype=object), common

"""Pareto dominance among equilibria: which pay everybody more than which others.

One equilibrium Pareto dominates another if it pays no player less and one player more. It is payoff
dominant if it pays every player at least what any other pays (Harsanyi & Selten 1988, A General
Theory of Equilibrium Selection in Games, after, who ask for more). Within a Nash subset of two
players, what a player gets depends on the other's mixture alone and is linear in it: so the extreme
equilibria hold the most that each can get.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory._judgement import NEAR, members
from gametheory.equilibrium import EquilibriumSet
from gametheory.game import Array, freeze


@dataclass(frozen=True, eq=False)
class Pareto:
    """Which members of a list pay everybody more than which others.

    ``dominates[k, l]`` tells whether ``k`` pays every player at least what ``l`` pays and one of
    them more. ``levels[k]`` is 0 if nothing dominates ``k``, 1 if only members of level 0 do, and
    so on. ``dominant`` are the members that pay every player at least what any other pays (payoff
    dominance): none, one, or several that pay alike.
    """

    dominates: Array
    levels: tuple[int, ...]
    dominant: tuple[int, ...]


def pareto(found: EquilibriumSet) -> Pareto:
    """How the members of ``found`` rank by Pareto dominance.

    Exact for exact payoffs; floats that differ by less than 1e-9 of the player's payoff range are
    equal. It ranks members, so it says of equilibria outside the list only this: of two players,
    a payoff-dominant member of a list that covers all equilibria, or the extreme ones, pays every
    player at least what any equilibrium pays.

    >>> from gametheory.game import Game
    >>> from gametheory.solvers import solve
    >>> ranked = pareto(solve(Game.from_payoffs([[4, 1], [3, 2]], [[4, 3], [1, 2]])))
    >>> ranked.levels, ranked.dominant
    ((0, 1, 2), (0,))
    """
    n = len(members(found, "pareto"))
    no_less, more = np.ones((n, n), dtype=bool), np.zeros((n, n), dtype=bool)
    for i, span in enumerate(found.game.ranges.tolist()):
        u = [e.payoffs[i] for e in found]
        exact = all(isinstance(v, Fraction) for v in u)
        column = np.array(u, dtype=object if exact else np.float64)
        gap = column[:, np.newaxis] - column
        slack = 0 if exact else NEAR * span
        no_less &= (gap >= -slack).astype(bool)
        more |= (gap > slack).astype(bool)
    dominates = no_less & more
    levels, left = np.zeros(n, dtype=int), np.ones(n, dtype=bool)
    level = 0
    while left.any():
        top = left & ~dominates[left].any(axis=0)
        top = top if top.any() else left.copy()  # floats only: ties within rounding may go round
        levels[top], left = level, left & ~top
        level += 1
    return Pareto(
        freeze(dominates),
        tuple(levels.tolist()),
        tuple(np.flatnonzero(no_less.all(axis=1)).tolist()),
    )

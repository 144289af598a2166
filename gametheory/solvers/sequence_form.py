"""Every Nash equilibrium of a two-player tree, exactly, from its sequence form.

Players choose realisation plans, of which expected payoffs are bilinear (see
:mod:`gametheory.solvers._sequences`). The equilibria in plans are a finite union of products of
polytopes, the maximal Nash subsets; their vertices are the extreme equilibria (see
:mod:`gametheory.solvers._polyhedra`). All is done in rational numbers: the payoffs of a tree tie
wherever an information set is out of reach, so that floats would decide little.

A plan says nothing of what its player does where its own moves do not lead: no payoff depends on
it. Behaviours that share their plans are one equilibrium. The member of the list does there what is
best against the others' plans and comes first in the order of actions; where the others' plans do
not lead either, all ties, and it is the first action.
"""

from __future__ import annotations

import numpy as np

from gametheory.behaviour import Behaviour, TreeEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.solvers._polyhedra import equilibria
from gametheory.solvers._sequences import mixtures, payoffs, plans
from gametheory.tree import Tree

METHOD = "sequence_form"
VERTICES = 100_000
"""Vertices of a polyhedron after which the search gives up."""


def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria:
    """The extreme equilibria of a tree of at most two players, in descending order of the plans.

    ``ALL`` where each component is one equilibrium, else ``EXTREME``.
    """
    if not isinstance(game, Tree):
        raise ValueError(f"{METHOD}: needs a Tree, got {type(game).__name__}")
    sides = [plans(game, i) for i in range(len(game.players))]
    A, B = payoffs(game)
    if len(sides) == 1:
        from gametheory.solvers._polyhedra import Plans
        sides.append(Plans.product([1]))
    found = equilibria(A, B, *sides, most=VERTICES)
    kind = object
    profiles = []
    for i, j in found.pairs:
        x, y = found.xs[i], found.ys[j]
        ways = [
            mixtures(x, sides[0], A.dot(y).tolist()),
            mixtures(y, sides[1], B.T.dot(x).tolist()),
        ]
        by_set = {h: ways[p][k] for p, own in enumerate(game.own) for k, h in enumerate(own)}
        profiles.append(Behaviour(game, [np.array(by_set[h], kind) for h in range(len(game.sets))]))
    return TreeEquilibria.proved(game, profiles, Coverage.EXTREME, METHOD, components=found.components)

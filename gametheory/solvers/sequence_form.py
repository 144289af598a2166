"""Every Nash equilibrium of a tree in which two players move, exactly, from its sequence form.

Players choose realisation plans, and expected payoffs are bilinear in these (see
:mod:`gametheory.solvers._sequences`). The equilibria in plans are a finite union of products of
polytopes, the maximal Nash subsets; the vertices of these are the extreme equilibria (see
:mod:`gametheory.solvers._polyhedra`). All is done in rational numbers: payoffs tie wherever an
information set is out of reach, so that floats would decide little.

A plan says nothing of what its player does where its own moves do not lead: no payoff depends on
it. Behaviours that share their plans are one equilibrium. The member of the list does there what is
best against the others' plans, and of ties the first in the order of actions.

Cost: a pivot a basis of each player's polyhedron. The number of vertices grows with that of moves
about as in strategic form, but moves are few where plans are many: 2 ms for a signalling game with
two types, messages and responses, 20 ms with three messages and responses, 0.1 s for Kuhn's poker,
whose players have 27 and 64 plans, and 2 s with four cards (81 and 256 plans).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gametheory.behaviour import TreeEquilibria
from gametheory.equilibrium import Component, Coverage
from gametheory.solvers._polyhedra import Plans, equilibria
from gametheory.solvers._sequences import OWN, Sequences
from gametheory.tree import Tree

METHOD = "sequence_form"
VERTICES = 30_000
"""Vertices of a polyhedron after which the search gives up."""


def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria:
    """The extreme equilibria of a tree in which two players move, in descending order of plans.

    ``ALL`` where all components are single equilibria, else ``EXTREME``, with the maximal Nash
    subsets of each component; ``UNKNOWN`` where the budget ends. The solution is exact whatever the
    payoffs are; ``exact=False`` (what None means for a tree of floats) rounds chances to floats.
    Other trees go to :mod:`gametheory.solvers.reduced_form`.

    >>> from gametheory.tree import move
    >>> entry = Tree.of(["Entrant", "Incumbent"], lambda h: {
    ...     (): move("Entrant", "out", "enter"),
    ...     ("out",): (0, 2),
    ...     ("enter",): move("Incumbent", "fight", "yield", at="entry"),
    ...     ("enter", "fight"): (-1, -1),
    ...     ("enter", "yield"): (1, 1)}[h])
    >>> solve(entry)
    3 found by sequence_form. Every extreme equilibrium is in the list; every equilibrium is a convex combination of some of them within one Nash subset.
      0: Entrant (start: out); Incumbent (entry: fight)
      1: Entrant (start: out); Incumbent (entry: fight 1/2, yield 1/2)
      2: Entrant (start: enter); Incumbent (entry: yield)
      Components that are continua: 1 of 2.
    """  # noqa: E501
    if not isinstance(game, Tree):
        raise ValueError(f"{METHOD}: needs a Tree, got {type(game).__name__}")
    form = Sequences(game)
    if len(form.movers) > 2:
        from gametheory.solvers import reduced_form

        return reduced_form.solve(game, exact)
    one, two = [*form.movers, None, None][:2]
    if one is None:
        sure = form.behaviour([[Fraction(1)]] * len(game.players), object)
        return TreeEquilibria.proved(
            game, [sure], Coverage.ALL, METHOD, components=[Component([0])]
        )
    sides = form.plans[one], form.plans[two] if two is not None else Plans.product([1])
    found = equilibria(*form.matrices(one, two), *sides, most=VERTICES)
    kind = object if (game.exact if exact is None else exact) else float
    mine: dict[int | None, Sequence[Fraction]]
    plans = []
    for i, j in found.pairs:
        mine = {one: found.xs[i], two: found.ys[j]}
        plans.append([mine.get(k, [Fraction(1)]) for k in range(len(game.players))])
    profiles = [form.behaviour(each, kind) for each in plans]
    notes = [OWN] if any(map(form.silent, plans)) else []
    if not found.whole:
        notes.append(
            f"The budget of {VERTICES:,} vertices ended; some equilibria may be missing. "
            "sequence_lemke finds one quickly."
        )
        return TreeEquilibria.proved(game, profiles, Coverage.UNKNOWN, METHOD, notes=notes)
    continua = sum(len(part) > 1 for part in found.components)
    if continua:
        notes = [f"Components that are continua: {continua} of {len(found.components)}.", *notes]
    return TreeEquilibria.proved(
        game,
        profiles,
        Coverage.EXTREME if continua else Coverage.ALL,
        METHOD,
        components=found.components,
        degenerate=True if continua else False if found.simple else None,
        notes=notes,
    )

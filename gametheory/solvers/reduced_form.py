"""Equilibria of a tree of any number of players, from the strategic form of its teams.

What a player does after one of its first information sets bears not on what is best after another:
no end lies behind both. Each of the two is a *team* of its own, with the player's payoffs. Where no
player moves twice on a path teams are the agents of the tree; else a team has a *reduced* strategy
for each way to play on. Their equilibria are those of the tree: a player who gains by another plan
gains behind one of its first information sets.

The game of the teams goes to the solver of its size: all equilibria, by
:mod:`gametheory.solvers.isolate`, or the pure ones. Mixtures of reduced strategies are turned into
realisation plans, which are linear in them. Different mixtures may make one plan; those that make
an equilibrium are all equilibria, so that maximal Nash subsets and components are one to one. But
corners of a subset may be no corners once seen as plans, and are dropped.

Cost: the number of combinations of the teams' strategies, and what the solver of that game takes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.behaviour import TreeEquilibria
from gametheory.equilibrium import Component, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Number
from gametheory.solvers import is_small, isolate, pure, sequence_form
from gametheory.solvers._polyhedra import Plans
from gametheory.solvers._products import Product, meet
from gametheory.solvers._sequences import OWN, Sequences
from gametheory.tree import Tree

METHOD = "reduced_form"
MOST = 500_000
"""Payoffs of the strategic form beyond which it is not built."""


def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria:
    """The equilibria of a tree, in descending order of the teams' plans.

    ``ALL`` or ``EXTREME`` as the strategic form of the teams has it; ``SAMPLE``, with a note, where
    some of its equilibria are known by boxes only; ``ALL_PURE`` beyond the size that
    :mod:`gametheory.solvers.isolate` takes; ``UNKNOWN`` where its budget ends. Chances are
    Fractions where the tree is exact and they are rational; ``exact=True`` raises ValueError for
    others, and a tree whose teams have more than half a million payoffs in all raises one too.

    >>> from gametheory.tree import move
    >>> def call(history):  # A calls for help; B and C, who do not see each other, act or wait
    ...     match history:
    ...         case ():
    ...             return move("A", "call", "yield")
    ...         case ("call", *acts) if len(acts) < 2:
    ...             return move("BC"[len(acts)], "act", "wait", at="call")
    ...         case (_, *acts):
    ...             return [4 * ("act" in acts) - 3 * (a == "act") for a in ("", *acts, "", "")[:3]]
    >>> found = solve(Tree.of("ABC", call))
    >>> found.coverage.name, [e.payoffs[0] for e in found]
    ('ALL', [Fraction(4, 1), Fraction(7, 4), Fraction(4, 1), Fraction(0, 1)])
    """
    if not isinstance(game, Tree):
        raise ValueError(f"{METHOD}: needs a Tree, got {type(game).__name__}")
    form = Sequences(game)
    if not form.movers:
        return sequence_form.solve(game, exact)
    teams = [
        Team(i, form.plans[i], root)
        for i in form.movers
        for root, parent in enumerate(form.plans[i].parents)
        if parent < 0
    ]
    shape = [team.count for team in teams]
    if math.prod(shape) * len(shape) > MOST:
        raise ValueError(
            f"{METHOD}: {len(shape)} teams with {' x '.join(map(str, shape))} reduced strategies; "
            f"more than {MOST:,} payoffs; method='logit' finds one equilibrium"
        )
    strategic = Game(_payoffs(form, teams))
    if len(teams) == 1 or not is_small(shape):
        found = pure.solve(strategic)
    else:
        found = isolate.solve(strategic, exact or None)
    kind = object if (game.exact if exact is None else exact) else float
    return _assembled(form, teams, found, kind)


@dataclass(frozen=True)
class Team:
    """A player behind one of its first information sets: the moves of each reduced strategy."""

    player: int
    side: Plans
    root: int

    @property
    def count(self) -> int:
        """Number of reduced strategies."""
        return _count(self.side, self.root)

    @property
    def strategies(self) -> Array:
        """Plans that mix nowhere, zero at the player's other moves, shape ``(count, moves)``."""
        rows = list(_strategies(self.side, self.root))
        found = np.full((len(rows), self.side.size), Fraction(0), dtype=object)
        for k, moves in enumerate(rows):
            found[k, list(moves)] = Fraction(1)
        return found


def _count(side: Plans, h: int) -> int:
    return sum(math.prod(_count(side, k) for k in side.below[s]) for s in side.blocks[h])


def _strategies(side: Plans, h: int) -> Iterator[tuple[int, ...]]:
    """The moves of each way to play at block ``h`` and where it leads."""
    for s in side.blocks[h]:
        for ways in itertools.product(*(_strategies(side, k) for k in side.below[s])):
            yield s, *itertools.chain(*ways)


def _payoffs(form: Sequences, teams: Sequence[Team]) -> Array:
    """Payoffs of the teams by their strategies, from ends that lie behind their information sets.

    The other payoffs of a team's player do not depend on what the team does.
    """
    plays = [team.strategies > 0 for team in teams]
    shape = [len(p) for p in plays]
    found = np.full((*shape, len(teams)), Fraction(0), dtype=object)
    for last, luck, payoffs in form.ends:
        here = [
            last[t.player] >= 0 and bool(p[:, last[t.player]].any()) for t, p in zip(teams, plays)
        ]
        cells = [
            np.flatnonzero(p[:, last[t.player]]) if behind else np.arange(len(p))
            for t, p, behind in zip(teams, plays, here)
        ]
        for t, behind in enumerate(here):
            if behind:
                table = found[..., t]
                table[np.ix_(*cells)] += luck * payoffs[teams[t].player]
    return found


def _assembled(
    form: Sequences, teams: Sequence[Team], found: EquilibriumSet, kind: type
) -> TreeEquilibria:
    """The equilibria of the tree, from those of its teams."""
    ways = [team.strategies for team in teams]
    plans = [[x @ way for x, way in zip(e.mixtures, ways)] for e in found]
    keys = [_key(plan) for plan in plans]
    groups: list[list[list[tuple[Number, ...]]]]
    if found.components:
        groups = [
            [
                [_key(corner) for corner in itertools.product(*_piece([plans[k] for k in some]))]
                for some in part.nash_subsets
            ]
            for part in found.components
            if part
        ]
    else:
        groups = [[[key]] for key in dict.fromkeys(keys)]
    order = sorted({key for group in groups for piece in group for key in piece}, reverse=True)
    number = {key: k for k, key in enumerate(order)}
    parts = []
    for group in groups:
        subsets = [sorted(number[key] for key in piece) for piece in group]
        parts.append(Component(sorted(set().union(*subsets)), sorted(subsets)))
    profiles, open_somewhere = [], False
    for key in order:
        whole = _whole(form, teams, key)
        open_somewhere |= form.silent(whole)
        profiles.append(form.behaviour(whole, kind))
    coverage, notes = found.coverage, [OWN] if open_somewhere else []
    if coverage is Coverage.ENCLOSED:
        coverage = Coverage.SAMPLE
        notes.append(
            "Some equilibria of the teams' strategic form are known by boxes only; "
            "those outside the Nash subsets listed are missing."
        )
    elif coverage is Coverage.UNKNOWN:
        notes += found.notes
    continua = sum(len(part) > 1 for part in parts)
    if continua:
        notes = [f"Components that are continua: {continua} of {len(parts)}.", *notes]
    return TreeEquilibria.proved(
        form.tree,
        profiles,
        coverage,
        METHOD,
        components=sorted(parts) if found.components else (),
        degenerate=True if continua else None,
        notes=notes,
    )


def _key(plan: Sequence[Array]) -> tuple[Number, ...]:
    return tuple(v for x in plan for v in x.tolist())


def _whole(form: Sequences, teams: Sequence[Team], key: tuple[Number, ...]) -> list[list[Number]]:
    """Each player's plan, from its teams' end to end."""
    found: list[list[Number]] = [[Fraction(0)] * side.size for side in form.plans]
    start = 0
    for team in teams:
        for s, p in enumerate(key[start : start + team.side.size]):
            if p:
                found[team.player][s] = p
        start += team.side.size
    return found


def _piece(members: Sequence[Sequence[Array]]) -> Product:
    """The Nash subset with these members' plans as corners, and maybe more: a polytope a team."""
    return tuple(_corners(side) for side in zip(*members))


def _corners(points: Sequence[Array]) -> Array:
    """Those that are no convex combination of the others, once each."""
    rest = list({tuple(p): p for p in points}.values())
    for p in list(rest):
        others = [q for q in rest if q is not p]
        if others and meet((p[None],), (np.array(others),)):
            rest = others
    return np.array(rest)

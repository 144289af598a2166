"""Lexicographic beliefs that respect preferences: proper equilibria of two players; exact.

A lexicographic belief about a player is a sequence of mixtures ``x^0, x^1, ...``: each is
infinitely less likely than the one before and every action has a chance in some. ``a`` is preferred
to ``b`` if its expected payoffs against them are lexicographically larger. ``(x, y)`` is proper iff
there are lexicographic beliefs ``x = x^0, x^1, ...`` and ``y = y^0, y^1, ...`` such that an action
that its player prefers to another appears earlier than the other (Blume, Brandenburger & Dekel
1991, Econometrica 59: 81-98, after).

The search goes over the orders in which the actions of both may appear. Two orders ask two things
that no longer depend on each other: that there is a belief about one player, of his order, against
which the other's actions are worth as his order has it, and the converse. In such a belief each
level may be taken to rank the actions in that way by itself, since large multiples of the earlier
levels can be added to it. So each level is one linear program: a mixture of what has appeared, with
a chance of all that is new, against which no action pays less than a later one, and actions that
appear together pay the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory._judgement import Exact
from gametheory.game import Array

Order = tuple[tuple[int, ...], ...]
"""Actions by the level at which they appear; the first are those in use."""

PROGRAMS = 20_000
"""Linear programs after which the search ends undecided: some seconds."""


class OutOfBudget(Exception):  # noqa: N818
    """The budget of linear programs is spent."""


@dataclass
class Search:
    """What is left of the budget."""

    left: int = PROGRAMS

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OutOfBudget


def beliefs(at: Exact, most: int = PROGRAMS) -> tuple[bool | None, tuple[Array, ...]]:
    """Lexicographic beliefs about each player that prove an equilibrium proper, a row a level.

    True with them, False if there are none, None if ``most`` programs did not tell.
    """
    search = Search(most)
    U, V = at.tables
    x, y = at.mixtures
    try:
        for own in orders(U @ y, x):
            for other, about_other in _answers(search, U, own, y, V @ x):
                about_own = _belief(search, V, other, x, own)
                if about_own is not None:
                    return True, (np.array(about_own), np.array(about_other))
    except OutOfBudget:
        return None, ()
    return False, ()


def orders(payoffs: Array, mixture: Array) -> Iterator[Order]:
    """The orders of appearance in which no action comes before one that pays more."""
    used = tuple(np.flatnonzero(mixture).tolist())
    classes = [
        [a for a in range(len(payoffs)) if payoffs[a] == u and a not in used]
        for u in sorted(set(payoffs.tolist()), reverse=True)
    ]
    for parts in itertools.product(*map(list, map(partitions, classes))):
        yield (used, *itertools.chain(*parts))


def partitions(actions: Sequence[int]) -> Iterator[Order]:
    """The ordered partitions of ``actions``."""
    if not actions:
        yield ()
    for k in range(1, len(actions) + 1):
        for first in itertools.combinations(actions, k):
            for rest in partitions([a for a in actions if a not in first]):
                yield (first, *rest)


def _answers(
    search: Search, table: Array, own: Order, y: Array, payoffs: Array
) -> Iterator[tuple[Order, list[Array]]]:
    """Orders for the other player, and beliefs of these orders that fit the order ``own``.

    ``payoffs`` are the other's.
    """
    used = tuple(np.flatnonzero(y).tolist())
    left = [
        [b for b in range(len(y)) if payoffs[b] == u and b not in used]
        for u in sorted(set(payoffs.tolist()), reverse=True)
    ]
    start: Order = (used,)
    todo = [(start, [c for c in left if c], [y])]
    while todo:
        order, classes, mixtures = todo.pop()
        if not classes:
            yield order, mixtures
            continue
        seen = tuple(itertools.chain(*order))
        for k in range(len(classes[0]), 0, -1):
            for new in itertools.combinations(classes[0], k):
                z = _level(search, table, own, seen, new)
                if z is not None:
                    rest = [b for b in classes[0] if b not in new]
                    after = [rest, *classes[1:]] if rest else classes[1:]
                    todo.append(((*order, new), after, [*mixtures, z]))


def _belief(search: Search, table: Array, own: Order, y: Array, other: Order) -> list[Array] | None:
    """A belief of the order ``other`` that fits the order ``own``, None if there is none."""
    mixtures, seen = [y], other[0]
    for new in other[1:]:
        z = _level(search, table, own, seen, new)
        if z is None:
            return None
        mixtures.append(z)
        seen += new
    return mixtures


def _level(
    search: Search, table: Array, own: Order, seen: Sequence[int], new: Sequence[int]
) -> Array | None:
    """A mixture of ``seen`` and all ``new`` columns that ranks the rows as ``own``, or None."""
    from gametheory.solvers._linear import maximum

    search.spend()
    columns = [*seen, *new]
    fresh = np.array([0] * len(seen) + [1] * len(new), dtype=object)
    same = [table[level[0]] - table[a] for level in own for a in level[1:]]
    ranked = [table[b[0]] - table[a[0]] for a, b in itertools.pairwise(own)]
    at_most = np.array([*same, *(-row for row in same), *ranked], dtype=object)
    at_most = at_most.reshape(-1, table.shape[1])[:, columns]
    # z = w + t on new columns, with the largest t up to 1
    cap = np.array([[0] * len(columns) + [1]], dtype=object)
    G = np.vstack([np.hstack([at_most, (at_most @ fresh)[:, np.newaxis]]), cap])
    found = maximum([0] * len(columns) + [1], G, [0] * len(at_most) + [1])
    if found.value == 0:
        return None
    z = np.full(table.shape[1], Fraction(0), dtype=object)
    z[columns] = np.array(found.x[:-1], dtype=object) + found.x[-1] * fresh
    return np.asarray(z / z.sum())

"""Lexicographic beliefs that respect preferences: proper equilibria of two players; exact.

A lexicographic belief about a player is a sequence of mixtures ``x^0, x^1, ...``: each is
infinitely less likely than the one before and every action has a chance in some. ``a`` is preferred
to ``b`` if its expected payoffs against them are lexicographically larger. ``(x, y)`` is proper iff
there are lexicographic beliefs ``x = x^0, x^1, ...`` and ``y = y^0, y^1, ...`` such that an action
that its player prefers to another appears earlier than the other (Blume, Brandenburger & Dekel
1991, Econometrica 59: 81-98, after).

The search goes over the orders in which the actions of both may appear. An order of appearance of
both players' actions asks two things that no longer depend on each other: that there is a belief
about one player, of his order, against which the other's actions are worth as his order has it,
and the converse. It is found level by level. The mixtures that a level may be are a cone: its
members add up to one that breaks in the right way as many ties as any, and what is tied no more
asks nothing of later levels. So each level is one linear program, and none is ever undone.

Levels at which no new action appears are tried between the others: they break ties too. Chances of
actions that appeared before may be taken as nonnegative, since multiples of earlier levels, in
which the same pairs are tied, can be added.
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


@dataclass(frozen=True, eq=False)
class Partial:
    """A belief up to some level: its mixtures, and the pairs that are tied at all of them."""

    mixtures: tuple[Array, ...]
    tied: Array


def _start(table: Array, own: Order, y: Array) -> tuple[Array, Array, Partial]:
    """Rows that must stay zero, rows that must not turn negative, and the belief ``y`` alone.

    Against ``y`` alone they are, since :func:`orders` follows what pays more.
    """
    same = [table[a] - table[level[0]] for level in own for a in level[1:]]
    pairs = [table[a[0]] - table[b[0]] for a, b in itertools.pairwise(own)]
    zero = np.array(same, dtype=object).reshape(-1, len(y))
    gaps = np.array(pairs, dtype=object).reshape(-1, len(y))
    return zero, gaps, Partial((y,), np.flatnonzero(gaps @ y == 0))


def _answers(
    search: Search, table: Array, own: Order, y: Array, payoffs: Array
) -> Iterator[tuple[Order, list[Array]]]:
    """Orders for the other player, and beliefs of these orders that fit the order ``own``.

    ``payoffs`` are the other's. One belief an order: what fits depends on no other.
    """
    zero, gaps, at = _start(table, own, y)
    used = tuple(np.flatnonzero(y).tolist())
    left = [
        [b for b in range(len(y)) if payoffs[b] == u and b not in used]
        for u in sorted(set(payoffs.tolist()), reverse=True)
    ]
    start: Order = (used,)
    todo = [(start, [c for c in left if c], _settled(search, zero, gaps, at, used))]
    while todo:
        order, classes, here = todo.pop()
        if not classes:
            yield order, list(here.mixtures)
            continue
        seen = tuple(itertools.chain(*order))
        for k in range(len(classes[0]), 0, -1):
            for new in itertools.combinations(classes[0], k):
                after = _level(search, zero, gaps, here, seen, new)
                if after is None:
                    continue
                after = _settled(search, zero, gaps, after, seen + new)
                rest = [b for b in classes[0] if b not in new]
                todo.append(((*order, new), [rest, *classes[1:]] if rest else classes[1:], after))


def _belief(search: Search, table: Array, own: Order, y: Array, other: Order) -> list[Array] | None:
    """A belief of the order ``other`` that fits the order ``own``, None if there is none."""
    zero, gaps, at = _start(table, own, y)
    seen = other[0]
    at = _settled(search, zero, gaps, at, seen)
    for new in other[1:]:
        after = _level(search, zero, gaps, at, seen, new)
        if after is None:
            return None
        seen += new
        at = _settled(search, zero, gaps, after, seen)
    return list(at.mixtures)


def _settled(search: Search, zero: Array, gaps: Array, at: Partial, seen: Sequence[int]) -> Partial:
    """``at`` with levels without new actions, as long as these break ties."""
    while len(at.tied):
        after = _level(search, zero, gaps, at, seen, ())
        if after is None or len(after.tied) == len(at.tied):
            break
        at = after
    return at


def _level(
    search: Search, zero: Array, gaps: Array, at: Partial, seen: Sequence[int], new: Sequence[int]
) -> Partial | None:
    """The next level, in which all ``new`` actions appear, that breaks as many ties as any."""
    from gametheory.solvers._linear import maximum

    search.spend()
    columns, tied = [*seen, *new], at.tied
    fresh = np.array([int(c in new) for c in columns], dtype=object)
    n, k = len(columns), len(tied)
    # z = w + t on new actions; zero z = 0 and gaps z >= s, where s and t are at most 1.
    still, up = zero[:, columns], gaps[tied][:, columns]
    rows = [
        np.hstack([r, (r @ fresh)[:, np.newaxis], np.zeros((len(r), k), object)])
        for r in (still, -still, -up)
    ]
    rows[-1][:, n + 1 :] = np.eye(k, dtype=int).astype(object)
    caps = np.hstack([np.zeros((k + 1, n), object), np.eye(k + 1, dtype=int).astype(object)])
    G = np.vstack([*rows, caps])
    goal = [0] * n + [int(len(new) > 0)] + [1] * k
    found = maximum(goal, G, [0] * (len(G) - k - 1) + [1] * (k + 1))
    if new and found.x[n] == 0:
        return None
    z = np.full(zero.shape[1], Fraction(0), dtype=object)
    z[columns] = np.array(found.x[:n], dtype=object) + found.x[n] * fresh
    total = z.sum()
    if total == 0:
        return at
    broken = np.array([s > 0 for s in found.x[n + 1 :]], dtype=bool)
    return Partial((*at.mixtures, z / total), tied[~broken])

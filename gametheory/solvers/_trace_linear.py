"""The linear tracing procedure of two players, by exact complementary pivoting.

Against a prior ``(p, q)`` and at ``t`` in [0, 1] player 0 faces ``A (t y + (1 - t) q)`` and player
1 faces ``B' (t x + (1 - t) p)``. With ``z = (t x, t y)`` the conditions that both play best replies
are linear: each action ``l`` has a weight ``z_l >= 0`` and a shortfall ``w_l >= 0``, one of the two
zero, where ``w_l = v - b_l - (G z)_l``. ``b`` is what the prior pays, ``v`` the most that an action
pays, column ``k`` of ``G`` what action ``k`` of the other player pays beyond the prior; the weights
of either player add up to ``t``. On an *edge* one of ``z_l`` and ``w_l`` is zero for each action,
and the other is *alive*; where one that is alive falls to zero, the two change places. That is
Lemke's algorithm, started at ``t = 0`` with the prior as covering vector (after van den Elzen &
Talman 1991, ZOR 35: 27-43; von Stengel, van den Elzen & Talman 2002, Econometrica 70: 693-715).

If two fall to zero at once the path forks. ``b_l + eps^(l + 1)`` in place of ``b_l``, with a small
``eps > 0``, leaves no ties but that of both sums at ``t = 0``, and leads from edge to edge without
repetition; but another order of the actions may lead elsewhere.

Numbers are integers over one denominator. An edge is a kernel vector of a system as large as the
supports, not as the game.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.game import Array, show
from gametheory.solvers._linear import LONG, UnprovedError, integers

WORK = 6e8
"""Entries that may be touched on one path, counted once and by their length: some ten seconds."""


@dataclass(frozen=True)
class Linear:
    """Breakpoints of a path: ``t`` and both mixtures; and whether two fell to zero at once."""

    ts: list[Fraction]
    mixtures: list[tuple[list[Fraction], list[Fraction]]]
    tied: bool


@dataclass(frozen=True)
class Edge:
    """The way ``dz`` that weights go, and how what is alive changes: ``rate``.

    The weights of ``support`` are alive, the shortfalls of the others; what is alive of the action
    ``fresh`` starts from zero.
    """

    support: Array
    fresh: int
    dz: Array
    rate: Array


class System:
    """The conditions of one game and prior in integers; actions are numbered through both players.

    ``base`` is what the prior pays, ``over_q`` and ``over_p`` the blocks of ``G``.
    """

    def __init__(self, A: Array, B: Array, p: Sequence[Fraction], q: Sequence[Fraction]) -> None:
        self.m, self.n = A.shape
        first, self.over_q = _beyond(A, q)
        second, self.over_p = _beyond(B.T, p)
        self.base = np.concatenate([first, second])

    def rows(self, support: Array) -> list[list[int]]:
        """Shortfalls of ``support``, by the weights of it and both ``v``; and the sums' difference.

        All are zero along an edge, but for what the prior pays.
        """
        I, J = support[support < self.m], support[support >= self.m] - self.m  # noqa: E741
        i, k = len(I), len(support)
        system = np.zeros((k + 1, k + 2), dtype=object)
        system[:i, i:k] = -self.over_q[np.ix_(I, J)]
        system[i:k, :i] = -self.over_p[np.ix_(J, I)]
        system[:i, k] = system[i:k, k + 1] = 1
        system[k, :i], system[k, i:k] = 1, -1
        found: list[list[int]] = system.tolist()
        return found

    def row(self, action: int, support: Array) -> list[int]:
        """The shortfall of one more action, likewise."""
        other = support >= self.m if action < self.m else support < self.m
        G = self.over_q[action] if action < self.m else self.over_p[action - self.m]
        entries = np.zeros(len(support) + 2, dtype=object)
        entries[:-2][other] = -G[support[other] - (self.m if action < self.m else 0)]
        entries[-2 if action < self.m else -1] = 1
        found: list[int] = entries.tolist()
        return found

    def shortfalls(self, z: Array, v: Sequence[int]) -> Array:
        """``v - G z``, without what the prior pays."""
        x, y = np.flatnonzero(z[: self.m]), np.flatnonzero(z[self.m :])
        first = v[0] - self.over_q[:, y] @ z[self.m + y]
        return np.concatenate([first, v[1] - self.over_p[:, x] @ z[x]])


def _beyond(payoffs: Array, prior: Sequence[Fraction]) -> tuple[Array, Array]:
    """What the prior pays each row, and what each column pays beyond that; integers, one unit."""
    whole, _ = integers(payoffs)
    common = math.lcm(*(p.denominator for p in prior))
    weights = np.array([int(p * common) for p in prior], dtype=object)
    base = whole @ weights
    return base, whole * common - base[:, np.newaxis]


def follow(
    A: Array, B: Array, p: Sequence[Fraction], q: Sequence[Fraction], work: float = WORK
) -> Linear:
    """The path from the best replies to the prior at ``t = 0`` to an equilibrium at ``t = 1``.

    Raises UnprovedError if ``work`` does not suffice.
    """
    system = System(A, B, p, q)
    m, size = system.m, system.m + system.n
    first = int(system.base[:m].argmax())
    second = m + int(system.base[m:].argmax())
    alive = np.repeat(system.base[[first, second]], (m, size - m)) - system.base
    tied = sum(alive == 0) > 2
    D = 1  # weights and shortfalls are in units of 1 / D
    inside = np.zeros(size, dtype=bool)
    inside[[first, second]] = True
    fresh = second
    ts: list[Fraction] = []
    mixtures: list[tuple[list[Fraction], list[Fraction]]] = []
    while True:
        edge = _edge(system, inside, fresh)
        work -= (size + len(edge.support) ** 2) * len(edge.support) * (1 + D.bit_length() / LONG)
        weights = np.where(inside, alive, 0)
        t = sum(weights[m:])
        if work < 0:
            raise UnprovedError(
                f"tracing: the budget of pivots ended at t = {show(t / D)}; use another prior, or "
                "payoffs of fewer digits"
            )
        leaving = _first(alive, edge.rate)
        length = Fraction(alive[leaving[0]], -edge.rate[leaving[0]]) if leaving else None
        dt = sum(edge.dz[m:])
        done = dt > 0 and (length is None or dt * length >= D - t)
        if done:
            tied |= length == Fraction(D - t, dt)
            length = Fraction(D - t, dt)
        else:
            tied |= len(leaving) > 1
            fresh = leaving[0] if len(leaving) == 1 else _lexicographic(system, edge, leaving)
        assert length is not None  # the path is bounded: it stays within 0 <= t <= 1
        alive = alive * length.denominator + edge.rate * length.numerator
        D *= length.denominator
        shared = math.gcd(D, *alive)
        alive, D = alive // shared, D // shared
        if length:
            weights = np.where(inside, alive, 0)
            here = _shares(weights[:m]), _shares(weights[m:])
            if not ts:  # the mixtures of the first edge, along which t x grows from zero
                ts, mixtures = [Fraction(0)], [here]
            ts.append(Fraction(sum(weights[m:]), D))
            mixtures.append(here)
        if done:
            return Linear(ts, mixtures, bool(tied))
        inside[fresh] = not inside[fresh]


def _shares(weights: Array) -> list[Fraction]:
    """The probabilities in proportion to integers."""
    zero, total = Fraction(0), sum(weights)
    return [Fraction(w, total) if w else zero for w in weights]


def _edge(system: System, inside: Array, fresh: int) -> Edge:
    """The edge on which the weights ``inside`` are alive and what is so of ``fresh`` grows."""
    from flint import fmpz_mat

    support = np.flatnonzero(inside)
    kernel, nullity = fmpz_mat(system.rows(support)).nullspace()
    assert nullity == 1  # the basis is one
    line = [int(kernel[i, 0]) for i in range(len(support) + 2)]
    shared = math.gcd(*line)
    dz = np.zeros(len(inside), dtype=object)
    dz[support] = [k // shared for k in line[:-2]]
    rate = np.where(inside, dz, system.shortfalls(dz, [k // shared for k in line[-2:]]))
    return Edge(support, fresh, dz, rate) if rate[fresh] > 0 else Edge(support, fresh, -dz, -rate)


def _first(alive: Array, rate: Array) -> list[int]:
    """The actions whose alive one is the first to fall to zero, several if they tie."""
    tied: list[int] = []
    for k in np.flatnonzero(rate < 0).tolist():
        order = alive[k] * rate[tied[0]] - alive[tied[0]] * rate[k] if tied else 1
        if order > 0:
            tied = [k]
        elif order == 0:
            tied.append(k)
    return tied


def _lexicographic(system: System, edge: Edge, tied: list[int]) -> int:
    """That of the ``tied`` actions which is first if ``eps^(l + 1)`` is added to what ``l`` pays.

    At the start of the edge the shortfalls of its support, and what ``fresh`` has alive, are zero:
    that is a system, whose inverse tells the effect of each ``eps`` on what is alive.
    """
    from flint import fmpq_mat, fmpz_mat

    place = {int(k): r for r, k in enumerate(edge.support)}  # the row with the eps of this action
    weights = dict(place)
    rows = system.rows(edge.support)
    if edge.fresh in weights:
        rows.append([int(k == weights[edge.fresh]) for k in range(len(rows) + 1)])
    else:
        place[edge.fresh] = len(rows)
        rows.append(system.row(edge.fresh, edge.support))
    inverse: Any = fmpq_mat(fmpz_mat(rows)).inv()

    def effect(action: int, by: int) -> Fraction:
        """Of ``eps^(by + 1)`` on what is alive of ``action``."""
        value = Fraction(0)
        if by in place:
            column = [_fraction(inverse[i, place[by]]) for i in range(len(rows))]
            if action in weights:
                return column[weights[action]]
            value = sum((a * c for a, c in zip(system.row(action, edge.support), column)), value)
        return value - int(by == action and action not in weights)

    for by in range(len(edge.rate)):
        ratio = {k: effect(k, by) / -edge.rate[k] for k in tied}
        least = min(ratio.values())
        tied = [k for k in tied if ratio[k] == least]
        if len(tied) == 1:
            break
    return tied[0]


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))

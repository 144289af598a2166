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

WORK = 2e7
"""Entries that may be touched on one path, each counted once and by its length: some seconds."""


@dataclass(frozen=True)
class Linear:
    """Breakpoints of a path: ``t`` and both mixtures; and whether two fell to zero at once."""

    ts: list[Fraction]
    mixtures: list[tuple[list[Fraction], list[Fraction]]]
    tied: bool


@dataclass(frozen=True)
class Edge:
    """An edge that starts at ``z / D`` with best payoffs ``v / D`` and goes along ``dz``, ``dv``.

    ``alive`` says of each action whether its weight is alive, else its shortfall is; ``fresh`` is
    the action whose alive one starts from zero. ``at`` and ``rate`` are what is alive, and how it
    changes.
    """

    alive: tuple[int, ...]
    fresh: int
    at: Array
    rate: Array
    dz: Array
    dv: Array


class System:
    """The conditions of one game and prior in integers; actions are numbered through both."""

    def __init__(self, A: Array, B: Array, p: Sequence[Fraction], q: Sequence[Fraction]) -> None:
        self.m, self.n = A.shape
        first, self.over_q = _beyond(A, q)
        second, self.over_p = _beyond(B.T, p)
        self.base = np.concatenate([first, second])

    def owner(self, action: int) -> int:
        return int(action >= self.m)

    def row(self, action: int, support: Sequence[int]) -> list[int]:
        """Of ``v - G z`` for this action: coefficients of the weights of ``support`` and of v."""
        own = self.owner(action)
        G = self.over_p[action - self.m] if own else self.over_q[action]
        entries = [0 if self.owner(k) == own else -int(G[k - self.m * (1 - own)]) for k in support]
        return [*entries, int(not own), int(own)]

    def rows(self, support: Sequence[int]) -> list[list[int]]:
        """The shortfalls of ``support``, and that both sums of weights are one."""
        sums = [-1 if self.owner(k) else 1 for k in support]
        return [*(self.row(k, support) for k in support), [*sums, 0, 0]]

    def shortfalls(self, z: Array, v: Array) -> Array:
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
    best = [int(b.argmax()) for b in (system.base[:m], system.base[m:])]
    first, second = best[0], m + best[1]
    tied = bool((system.base[:m] == system.base[first]).sum() > 1)
    tied |= bool((system.base[m:] == system.base[second]).sum() > 1)
    z, D = np.zeros(size, dtype=object), 1
    v = np.array([system.base[first], system.base[second]], dtype=object)
    inside = np.zeros(size, dtype=bool)
    inside[[first, second]] = True
    fresh = second
    ts: list[Fraction] = []
    mixtures: list[tuple[list[Fraction], list[Fraction]]] = []
    while True:
        edge = _edge(system, inside, fresh, z, v, D)
        work -= (size + len(edge.alive) ** 2) * len(edge.alive) * (1 + D.bit_length() / LONG)
        if work < 0:
            t = show(float(Fraction(sum(z[m:]), D)))
            raise UnprovedError(
                f"tracing: the budget of pivots ended at t = {t}; use another prior, or payoffs of "
                "fewer digits"
            )
        leaving = _first(edge, range(size))
        length = Fraction(edge.at[leaving[0]], -edge.rate[leaving[0]]) if leaving else None
        dt = sum(edge.dz[m:])
        done = dt > 0 and (length is None or dt * length >= D - sum(z[m:]))
        if done:
            end = Fraction(D - sum(z[m:]), dt)
            tied |= length == end
            length = end
        else:
            tied |= len(leaving) > 1
            fresh = leaving[0] if len(leaving) == 1 else _lexicographic(system, edge, leaving)
        assert length is not None  # the path is bounded: it stays within 0 <= t <= 1
        over = length.denominator
        z, v = z * over + edge.dz * length.numerator, v * over + edge.dv * length.numerator
        D *= over
        shared = math.gcd(D, *z, *v)
        z, v, D = z // shared, v // shared, D // shared
        if length:
            whole = sum(z[m:])
            here = [Fraction(k, whole) for k in z[:m]], [Fraction(k, whole) for k in z[m:]]
            if not ts:  # the mixtures of the first edge, along which t x grows from zero
                ts, mixtures = [Fraction(0)], [here]
            ts.append(Fraction(whole, D))
            mixtures.append(here)
        if done:
            return Linear(ts, mixtures, tied)
        inside[fresh] = not inside[fresh]


def _edge(system: System, inside: Array, fresh: int, z: Array, v: Array, D: int) -> Edge:
    """The edge on which the weights ``inside`` are alive and that of ``fresh`` starts from zero."""
    from flint import fmpz_mat

    support = np.flatnonzero(inside).tolist()
    kernel, nullity = fmpz_mat(system.rows(support)).nullspace()
    assert nullity == 1  # the basis is one
    line = [int(kernel[i, 0]) for i in range(len(support) + 2)]
    shared = math.gcd(*line)
    dz = np.zeros(len(z), dtype=object)
    dz[support] = [k // shared for k in line[:-2]]
    dv = np.array([k // shared for k in line[-2:]], dtype=object)
    rate = np.where(inside, dz, system.shortfalls(dz, dv))
    if rate[fresh] < 0:
        rate, dz, dv = -rate, -dz, -dv
    at = np.where(inside, z, system.shortfalls(z, v) - system.base * D)
    return Edge(tuple(support), fresh, at, rate, dz, dv)


def _first(edge: Edge, actions: Sequence[int]) -> list[int]:
    """The actions whose alive one is the first to fall to zero, several if they tie."""
    tied: list[int] = []
    for k in actions:
        if edge.rate[k] < 0:
            order = edge.at[k] * edge.rate[tied[0]] - edge.at[tied[0]] * edge.rate[k] if tied else 1
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

    support = list(edge.alive)
    place = {k: r for r, k in enumerate(support)}  # the row that has the eps of this action
    rows = system.rows(support)
    if edge.fresh in place:
        rows.append([int(k == edge.fresh) for k in support] + [0, 0])
    else:
        place[edge.fresh] = len(rows)
        rows.append(system.row(edge.fresh, support))
    inverse: Any = fmpq_mat(fmpz_mat(rows)).inv()

    def effect(action: int, by: int) -> Fraction:
        """Of ``eps^(by + 1)`` on what is alive of ``action``."""
        value = Fraction(0)
        if by in place:
            column = [_fraction(inverse[i, place[by]]) for i in range(len(rows))]
            if action in support:
                return column[place[action]]
            value = sum((a * c for a, c in zip(system.row(action, support), column)), value)
        return value - int(by == action and action not in support)

    for by in range(len(edge.at)):
        ratio = {k: effect(k, by) / -edge.rate[k] for k in tied}
        least = min(ratio.values())
        tied = [k for k in tied if ratio[k] == least]
        if len(tied) == 1:
            break
    return tied[0]


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))

"""Beliefs and trembles against which an equilibrium stays a best reply; exact linear programs.

A strategy ``x_i`` is weakly dominated by no mixture iff it is a best reply to some belief that
gives every action profile of the others a positive chance (a theorem of the alternative: the
multipliers of the program for the belief make the dominating mixture). Such a belief is a pair of
trembles for two players. For more, it may be correlated where trembles are independent: there the
directions ``d`` of ``x_j + eps (d_j - x_j)`` are looked for, first to the order of ``eps``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory._judgement import Exact, expected
from gametheory.game import Array


def belief(table: Array, used: Sequence[int]) -> tuple[Array | None, Array]:
    """A completely mixed belief to which all ``used`` rows are best replies, or None.

    In that case the second value is a direction: the mixture of ``used`` rows moved a little along
    it weakly dominates itself as it was. ``table`` holds integers, shape ``(m, columns)``.
    """
    from gametheory.solvers._linear import maximum

    first, rest = used[0], list(used[1:])
    others = [b for b in range(len(table)) if b != first]
    # y_j = w_j + t is the belief; no row may pay more than the first, and no used one less.
    rows = np.vstack([table[others] - table[first], table[first] - table[rest]])
    columns = table.shape[1]
    total = np.array([[1] * columns + [columns]], dtype=object)
    G = np.vstack([np.hstack([rows, rows.sum(axis=1, keepdims=True)]), total])
    found = maximum([0] * columns + [1], G, [0] * len(rows) + [1])
    if found.value > 0:
        y = np.array([w + found.x[-1] for w in found.x[:-1]], dtype=object)
        return y / y.sum(), np.full(len(table), Fraction(0), dtype=object)
    direction = np.full(len(table), Fraction(0), dtype=object)
    for price, b in zip(found.y, others):
        direction[b] += price
        direction[first] -= price
    for price, a in zip(found.y[len(others) :], rest):
        direction[first] += price
        direction[a] -= price
    return None, direction


def moved(x: Array, direction: Array) -> Array:
    """The mixture as far along ``direction`` as all chances stay positive or zero."""
    step = min(p / -d for p, d in zip(x, direction) if d < 0)
    return np.asarray(x + step * direction)


@dataclass(frozen=True, eq=False)
class Tie:
    """Two actions of a player that pay the same: ``used`` must not fall below ``other``."""

    player: int
    used: int
    other: int
    both: bool  # in use, so that they must go on paying the same


def trembles(at: Exact) -> tuple[bool | None, tuple[Array, ...]]:
    """Directions, one a player, in which trembles leave everybody's strategy a best reply.

    True with them; False if there can be none, whatever the trembles; None if not decided.
    """
    from gametheory.solvers._linear import maximum

    ties = _ties(at)
    shape = [len(x) for x in at.mixtures]
    slope = np.array([_slope(at, tie, shape) for tie in ties], dtype=object).reshape(-1, sum(shape))
    slope = _whole(slope)
    free = [k for k, tie in enumerate(ties) if not tie.both]
    width, n = slope.shape[1], len(free)
    # d = w + t; slope d >= s where a tie may break, slope d = 0 where both are in use.
    low = np.hstack([-slope, -slope.sum(axis=1, keepdims=True), np.zeros((len(ties), n), object)])
    for c, k in enumerate(free):
        low[k, width + 1 + c] = 1
    equal = [k for k, tie in enumerate(ties) if tie.both]
    caps = np.hstack([np.zeros((n + 1, width), object), np.eye(n + 1, dtype=int).astype(object)])
    found = maximum(
        [0] * width + [1] * (n + 1),
        np.vstack([low, -low[equal], caps]),
        [0] * (len(ties) + len(equal)) + [1] * (n + 1),
    )
    if found.x[width] > 0:
        rates = np.array([w + found.x[width] for w in found.x[:width]], dtype=object)
        d = np.split(rates, np.cumsum(shape)[:-1])
        if all(_stays(at, tie, d) for tie in ties):
            return True, tuple(d)
    pure = all(len(used) == 1 for used in at.supports())
    return (False, ()) if pure and _all_break(at, ties, slope) else (None, ())


def _all_break(at: Exact, ties: Sequence[Tie], slope: Array) -> bool:
    """Whether all trembles of a pure profile break some tie the wrong way.

    Weights of the ties are sought with which the gaps, added up, fall at the rate of each mistake
    in a set ``J``, as large as may be, and rise with none. If they do not rise either when several
    mistakes outside ``J`` are made at once, what is left has a mistake in ``J`` as a factor and is
    of the second order: the sum is negative, and so is one of the gaps.
    """
    from gametheory.solvers._linear import maximum

    unused = np.flatnonzero(np.concatenate([np.asarray(x == 0) for x in at.mixtures]))
    n, k = len(unused), len(ties)
    one = np.eye(n, dtype=int).astype(object)
    falls = np.hstack([slope[:, unused].T, one])
    caps = np.hstack([np.zeros((n, k), dtype=object), one])
    found = maximum([0] * k + [1] * n, np.vstack([falls, caps]), [0] * n + [1] * n)
    if found.value == 0:
        return False
    J = set(unused[[v > 0 for v in found.x[k:]]].tolist())
    first = np.concatenate([[0], np.cumsum([len(x) for x in at.mixtures])])
    outside = [
        [a for a in range(len(x)) if first[j] + a not in J] for j, x in enumerate(at.mixtures)
    ]
    for i in range(len(at.mixtures)):
        others = [outside[j] for j in range(len(outside)) if j != i]
        weighted = [
            w * (at.tables[i][t.used] - at.tables[i][t.other])[np.ix_(*others)]
            for w, t in zip(found.x, ties)
            if t.player == i
        ]
        if weighted and (sum(weighted) > 0).any():
            return False
    return True


def _ties(at: Exact) -> list[Tie]:
    """The ties of the first used action of each player with others, duplicates left out."""
    found = []
    for i, used in enumerate(at.supports()):
        u, table = at.payoffs(i), at.tables[i]
        first, best = used[0], np.flatnonzero(u == u.max()).tolist()
        apart = [b for b in best if np.any(table[b] != table[first])]
        found += [Tie(i, first, b, b in used) for b in apart]
    return found


def _slope(at: Exact, tie: Tie, shape: Sequence[int]) -> Array:
    """What a deviation to each action of each player adds to ``used`` less ``other``."""
    gap = at.tables[tie.player][tie.used] - at.tables[tie.player][tie.other]
    others = [j for j in range(len(shape)) if j != tie.player]
    found: list[Any] = [np.zeros(m, dtype=object) for m in shape]
    for axis, j in enumerate(others):
        rest = [at.mixtures[k] for k in others if k != j]
        found[j] = expected(np.moveaxis(gap, axis, 0), rest)
    return np.concatenate(found)


def _whole(rows: Array) -> Array:
    """Each row times a positive number that makes it integers."""
    whole = np.zeros(rows.shape, dtype=object)
    for k, row in enumerate(rows):
        common = math.lcm(*(Fraction(v).denominator for v in row))
        whole[k] = [int(v * common) for v in row]
    return whole


def _stays(at: Exact, tie: Tie, d: Sequence[Array]) -> bool:
    """Whether ``used`` pays no less than ``other`` when all tremble along ``d``, a little.

    The gap is a polynomial in ``eps``: the sign of its first coefficient that is not zero decides.
    """
    gap = at.tables[tie.player][tie.used] - at.tables[tie.player][tie.other]
    orders: list[Any] = [gap]
    for j in reversed([j for j in range(len(d)) if j != tie.player]):
        x, step = at.mixtures[j], d[j] - d[j].sum() * at.mixtures[j]
        kept, up = [t @ x for t in orders], [t @ step for t in orders]
        orders = [a + b for a, b in zip([*kept, kept[0] * 0], [up[0] * 0, *up])]
    first = next((v for v in orders if v != 0), 0)
    return first == 0 if tie.both else first >= 0

"""The equilibria on one support where they are products of polytopes, in rational numbers.

A *product* ``P_0 x ... x P_{n-1}`` holds one polytope of mixtures a player. A row (see
:mod:`gametheory.solvers._supports`) is multilinear, so on a product it is given by its values at
the combinations of vertices, an array with one axis a player; an axis on which it does not depend
has length 1. A product consists of equilibria iff its corners do: each action of a corner is a best
reply to all corners of the others, so every mixture of them is one to every mixture of the others.

On the product of all mixtures of a support, equations are settled one at a time:

* zero at all corners: it holds; of one sign, and not all zero: it fails where all chances are
  positive;
* linear in the mixture of one player: it cuts that player's polytope;
* a product of rows that share no player: one of them is zero.

Then inequalities, in the same way; a row of at most zero is zero on some products of corners. A
product ``a b`` is at least zero where both factors are, where both are at most zero, and where one
is zero. Each step keeps all the largest products, so that those left are the maximal Nash subsets.
Any other row ends the attempt: nothing is claimed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.game import Array, Game

Product = tuple[Array, ...]
"""The vertices of each player's polytope, ``(p_i, m_i)``."""

LARGEST = 4096  # corners of a product
MOST = 500  # products looked at on one support
WIDEST = 8  # vertices of a polytope whose sets are listed


@dataclass(frozen=True)
class Branch:
    """A product and the rows still to settle on it: zero, and at least zero.

    A vertex is its chances, and how far each inequality that cut the polytope is from binding.
    """

    vertices: tuple[Array, ...]
    zero: tuple[Array, ...]
    least: tuple[Array, ...]


def products(game: Game, support: Sequence[Sequence[int]]) -> list[Product] | None:
    """Products whose union is all equilibria with this support, and their closure; else None.

    ``game`` is exact, ``support`` the actions of each player. None if a row is of no kind that can
    be settled, or on a budget of work.
    """
    if math.prod(map(len, support)) > LARGEST:
        return None
    found: list[Product] = []
    todo = [_whole(game, support)]
    for _ in range(MOST):
        if not todo:
            return _maximal(found)
        branch = _trimmed(todo.pop())
        if branch is None or any(
            not (v[:, a] > 0).any() for v, side in zip(branch.vertices, support) for a in side
        ):
            continue
        parts = _settled(branch)
        if parts is None:
            return None
        todo += parts
        if not branch.zero and not branch.least:
            found.append(tuple(v[:, :m] for v, m in zip(branch.vertices, game.shape)))
    return None


def _whole(game: Game, support: Sequence[Sequence[int]]) -> Branch:
    """All mixtures of the support, and its rows."""
    one = [np.vectorize(Fraction, otypes=[object])(np.eye(m, dtype=int)) for m in game.shape]
    zero, least = [], []
    for i, side in enumerate(support):
        among = [list(a) for a in support]
        among[i] = list(range(game.shape[i]))
        table = game.payoffs[..., i][np.ix_(*among)]
        pays = [table.take([a], axis=i) for a in range(game.shape[i])]
        # All pairs, though a few would do: which of them split must not hang on their order.
        zero += [pays[b] - pays[a] for a, b in itertools.combinations(side, 2)]
        others = [b for b in range(game.shape[i]) if b not in side]
        least += [pays[a] - pays[b] for a in side for b in others]
    vertices = tuple(eye[list(side)] for eye, side in zip(one, support))
    return Branch(vertices, tuple(zero), tuple(least))


def _trimmed(branch: Branch) -> Branch | None:
    """Without rows that hold all over, axes on which nothing depends; None where a row fails."""
    zero, least = [], []
    for row in map(_short, branch.zero):
        low, high = row.min(), row.max()
        if low == high == 0:
            continue
        if low >= 0 or high <= 0:  # inside, all corners count
            return None
        zero.append(row)
    for row in map(_short, branch.least):
        if row.max() < 0:
            return None
        if row.min() < 0:
            least.append(row)
    return replace(branch, zero=tuple(zero), least=tuple(least))


def _short(row: Array) -> Array:
    for j, size in enumerate(row.shape):
        first = row.take([0], axis=j)
        if size > 1 and (row == first).all():
            row = first
    return row


def _players(row: Array) -> list[int]:
    """On whose mixtures the row depends."""
    return [j for j, size in enumerate(row.shape) if size > 1]


def _settled(branch: Branch) -> list[Branch] | None:
    """What is left if one more row is settled; none if all are; None if no row can be."""
    for k, row in enumerate(branch.zero):
        if len(_players(row)) == 1:
            rest = replace(branch, zero=branch.zero[:k] + branch.zero[k + 1 :])
            return _cut(rest, row, False)
    for k, row in enumerate(branch.zero):
        factors = _factors(row)
        if factors:
            others = branch.zero[:k] + branch.zero[k + 1 :]
            return [replace(branch, zero=(*others, factor)) for factor in factors]
    if branch.zero:
        return None
    for k, row in enumerate(branch.least):
        rest = replace(branch, least=branch.least[:k] + branch.least[k + 1 :])
        if len(_players(row)) == 1:
            return _cut(rest, row, True)
        if row.max() == 0 and max(row.shape) <= WIDEST:
            return [_restricted(rest, corners) for corners in rectangles(row == 0)]
        factors = _factors(row)
        if factors:
            one, other = factors
            signs = [(one, other), (-one, -other), (one, -one), (other, -other)]
            return [replace(rest, least=(*rest.least, *pair)) for pair in signs]
    return None if branch.least else []


def _cut(branch: Branch, row: Array, above: bool) -> list[Branch]:
    """The part of one player's polytope where ``row`` is zero, or (``above``) at least zero."""
    (j,) = _players(row)
    values = row.ravel()
    weights = [_unit(len(values), {v: 1}) for v in np.flatnonzero(values == 0)]
    if above:
        weights += [_unit(len(values), {v: 1}) for v in np.flatnonzero(values > 0)]
    for v, w in itertools.product(np.flatnonzero(values > 0), np.flatnonzero(values < 0)):
        part = values[v] / (values[v] - values[w])
        weights.append(_unit(len(values), {v: 1 - part, w: part}))
    if not weights:
        return []
    points = np.array(weights, dtype=object)
    known = branch.vertices[j]
    if above:
        known = np.concatenate([known, values[:, None]], axis=1)
    points = points[_extreme(points @ known)]
    return [_moved(branch, j, points, points @ known)]


def _unit(size: int, entries: dict[Any, Any]) -> list[Fraction]:
    out = [Fraction(0)] * size
    for v, weight in entries.items():
        out[int(v)] = Fraction(weight)
    return out


def _extreme(points: Array) -> list[int]:
    """Those that no other point is on each facet of, once each; a coordinate of 0 is a facet."""
    tight = [frozenset(np.flatnonzero(x == 0).tolist()) for x in points]
    first = {tuple(x): k for k, x in reversed(list(enumerate(points)))}
    return [
        k
        for k in sorted(first.values())
        if not any(tight[other] >= tight[k] for other in first.values() if other != k)
    ]


def _moved(branch: Branch, j: int, weights: Array, vertices: Array) -> Branch:
    """With the vertices of player ``j`` replaced by these, means of the old ones."""

    def moved(row: Array) -> Array:
        if row.shape[j] == 1:
            return row
        return np.moveaxis(np.tensordot(weights, row, axes=(1, j)), 0, j)

    return Branch(
        (*branch.vertices[:j], vertices, *branch.vertices[j + 1 :]),
        tuple(map(moved, branch.zero)),
        tuple(map(moved, branch.least)),
    )


def _restricted(branch: Branch, corners: Sequence[Sequence[int]]) -> Branch:
    """The products of these vertices; all of them on an axis of length 1."""
    for j, kept in enumerate(corners):
        some = branch.vertices[j]
        if len(kept) < len(some) and len(kept):
            weights = np.array([_unit(len(some), {v: 1}) for v in kept], dtype=object)
            branch = _moved(branch, j, weights, some[list(kept)])
    return branch


def rectangles(true: Array) -> Iterator[list[list[int]]]:
    """The maximal products of indices on which ``true`` holds; [] for an axis of length 1."""
    axes = [j for j, size in enumerate(true.shape) if size > 1]
    found: list[list[frozenset[int]]] = []

    def grow(k: int, chosen: list[frozenset[int]], rest: Array) -> None:
        if k == len(axes) - 1:
            last = frozenset(np.flatnonzero(rest.ravel()).tolist())
            if last:
                found.append([*chosen, last])
            return
        for size in range(rest.shape[axes[k]], 0, -1):
            for some in itertools.combinations(range(rest.shape[axes[k]]), size):
                kept = np.asarray(rest.take(some, axis=axes[k]).all(axis=axes[k], keepdims=True))
                if kept.any():
                    grow(k + 1, [*chosen, frozenset(some)], kept)

    grow(0, [], true)
    for one in found:
        if not any(other is not one and all(a <= b for a, b in zip(one, other)) for other in found):
            sides = iter(one)
            yield [sorted(next(sides)) if size > 1 else [] for size in true.shape]


def _factors(row: Array) -> tuple[Array, Array] | None:
    """Two rows that share no player and whose product is ``row``; None if there are none."""
    players = _players(row)
    base = tuple(int(k) for k in np.argwhere(row != 0)[0])
    for size in range(1, len(players)):
        for others in itertools.combinations(players[1:], size - 1):
            one = other = row
            for j in players:
                if j == players[0] or j in others:
                    other = other.take([base[j]], axis=j)
                else:
                    one = one.take([base[j]], axis=j)
            other = other / row[base]
            if (one * other == row).all():
                return one, other
    return None


def _maximal(found: Sequence[Product]) -> list[Product]:
    """Those that lie in no other, once each."""
    kept: list[Product] = []
    for k, one in enumerate(found):
        rest = [*kept, *found[k + 1 :]]
        if not any(inside(one, other) for other in rest):
            kept.append(one)
    return kept


def inside(one: Product, other: Product) -> bool:
    """Whether the product ``one`` lies in ``other``."""
    return all(_meet(v[None], W) for V, W in zip(one, other) for v in V)


def meet(one: Product, other: Product) -> bool:
    """Whether two products have a profile in common."""
    return all(_meet(V, W) for V, W in zip(one, other))


def _meet(V: Array, W: Array) -> bool:
    """Whether the convex hulls of two sets of mixtures have a point in common, exactly."""
    if (V.min(axis=0) > W.max(axis=0)).any() or (W.min(axis=0) > V.max(axis=0)).any():
        return False
    if {tuple(v) for v in V} & {tuple(w) for w in W}:
        return True
    if len(V) == len(W) == 1:
        return False
    from gametheory.solvers._linear import maximum

    # The most weight on V whose mean, so weighted, is one of W: 1 iff they meet.
    common = math.lcm(*(Fraction(p).denominator for p in (*V.flat, *W.flat)))
    equal = np.array([[int(p * common) for p in x] for x in (*V, *-W)], dtype=object).T
    total = np.array([[1] * len(V) + [0] * len(W)], dtype=object)
    G = np.concatenate([equal, -equal, total])
    return maximum(total[0].tolist(), G, [0] * (2 * len(equal)) + [1]).value == 1

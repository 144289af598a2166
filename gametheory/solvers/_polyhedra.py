"""Every extreme equilibrium of two players who choose realisation plans; exact.

A *plan* of a player is a point of a polytope that a forest of simplices describes,

    X = {x >= 0: the moves of each block add up to the chance of the block's parent},

where the parent of a block is a move, or none (chance 1). One block is a mixture in strategic form;
one block a type and no parents, the behaviour of a Bayesian player; blocks of information sets
below the sequences that lead to them, the sequence form (von Stengel 1996, Games and Economic
Behavior 14: 220-246). With payoffs ``x'Ay`` and ``x'By`` an equilibrium is a pair of plans of which
each is best against the other. Both payoffs are bilinear, so that much of what is true of bimatrix
games holds with the polytopes ``X, Y`` in place of simplices:

* The plans that are best against ``x`` are a face of ``Y``, told by its moves: those that some best
  plan plays. So a pair is an equilibrium iff each move is unplayed or such a move. The *labels* of
  ``x`` are the own moves that it does not play and the moves of the other that are best against it;
  those of ``y`` likewise. ``(x, y)`` is an equilibrium iff together they have all labels.
* The plans with at least the labels of ``x`` are a polytope, the cell of ``x``. The cells are a
  complex, the faces of the domains on which the best payoff of the other, a convex function of
  ``x``, is linear. Its vertices are the plans with cells of one point.
* The equilibria are a finite union of products of cells, the *maximal Nash subsets*. The vertices
  of these, the *extreme* equilibria, are the complementary pairs of vertices; seen as edges of a
  bipartite graph, its maximal bicliques are the maximal Nash subsets and its components those of
  the set (for bimatrix games Winkels 1979; Avis, Rosenberg, Savani & von Stengel 2010).

By the duality of linear programs the best payoff against ``x`` is the least total of the roots'
values ``q`` in

    P = {(x, q): x in X,  q_h - sum of q_k over the blocks k below s >= (B'x)_s,  s in block h},

which is at ``q = v(x)``, the values of all blocks by backward induction. There each
block has a move of slack zero. The faces of ``P`` on which that is so make up the graph of
``v``, a complex of polytopes that lies over ``X`` one to one. Of the vertices of ``P`` those on the
graph are found, by the walk over lexicographically feasible bases of
:mod:`gametheory.solvers.extreme`, along edges on the graph: never is the only slack of a block let
go. This finds all:

* It is the walk over vertices and edges of ``P`` with each constraint relaxed by a little of its
  own. That polyhedron is simple, and its faces of slack zero in each block are the graph of values
  with payoffs changed a little, over a bounded polytope that contains ``X``. The graph is
  connected, and so is the network of edges of each of its polytopes; two that meet share a vertex.
  So all vertices on the graph are met.
* A vertex ``p`` of ``P`` on the graph lies, for each relaxation, near a point of a polytope of the
  relaxed graph. As the relaxation goes to zero the vertices of that go to points of ``P`` on the
  graph of which ``p`` is a mean; as ``p`` is a vertex, one of them goes to ``p``.
* A vertex of the complex of labels lies below a vertex of ``P`` on the graph: along a face of the
  graph the best moves, and so the labels, are constant but for its ends.

Without parents all vertices of ``P`` are on the graph, and these are the vertices of the complex.
With parents, a block that is not worth reaching has kinks in ``v`` that the best payoff has not.
Hence labels are computed from ``x`` alone, by backward induction, and a plan is dropped if another
has all its labels and more: a cell that is not a point has vertices, all of which are among the
plans found.

No induced strategic form is built: ``P`` has a constraint a move, not one a pure strategy.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.equilibrium import Component
from gametheory.game import Array
from gametheory.solvers._tableau import Tableau
from gametheory.solvers.extreme import complementary, components, lacking, vertices

CHUNK = 1 << 11
"""Plans whose labels are compared in one go."""


@dataclass(frozen=True)
class Plans:
    """The polytope of a player's plans: ``blocks[h]`` are moves, numbered from 0 throughout.

    ``parents[h]`` is the move that leads to block ``h``, -1 if none does. A block stands after the
    one that holds its parent. Each move belongs to one block.
    """

    blocks: tuple[tuple[int, ...], ...]
    parents: tuple[int, ...]

    def __post_init__(self) -> None:
        moves = [move for block in self.blocks for move in block]
        if sorted(moves) != list(range(len(moves))) or not all(self.blocks):
            raise ValueError(f"blocks: {self.blocks} do not hold each move 0, 1, ... once")
        before = {-1}
        for block, parent in zip(self.blocks, self.parents, strict=True):
            if parent not in before:
                raise ValueError(f"blocks: {block} stands before the block of its parent {parent}")
            before.update(block)

    @staticmethod
    def product(sizes: Sequence[int]) -> Plans:
        """A simplex for each of ``sizes``, moves in order: the behaviour of a player with types."""
        ends = np.cumsum([0, *sizes]).tolist()
        return Plans(
            tuple(tuple(range(a, b)) for a, b in itertools.pairwise(ends)), (-1,) * len(sizes)
        )

    @property
    def size(self) -> int:
        """Number of moves."""
        return sum(map(len, self.blocks))

    @functools.cached_property
    def below(self) -> list[list[int]]:
        """The blocks to which each move leads."""
        found: list[list[int]] = [[] for _ in range(self.size)]
        for h, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(h)
        return found

    @property
    def flat(self) -> bool:
        """Whether no block has a parent."""
        return max(self.parents) < 0

    def best(self, pays: Sequence[int]) -> list[int]:
        """The moves that some best plan plays, if move ``s`` adds ``pays[s]``; by induction."""
        value = [0] * len(self.blocks)
        worth = list(pays)
        for h in range(len(self.blocks) - 1, -1, -1):
            for s in self.blocks[h]:
                worth[s] += sum(value[k] for k in self.below[s])
            value[h] = max(worth[s] for s in self.blocks[h])
        found: set[int] = {-1}
        for block, parent, most in zip(self.blocks, self.parents, value):
            if parent in found:
                found.update(s for s in block if worth[s] == most)
        return sorted(found - {-1})


@dataclass(frozen=True)
class Extremes:
    """The extreme equilibria ``(xs[i], ys[j])`` for ``i, j`` in ``pairs``, in descending order.

    Chances are Fractions, one a move. ``components`` hold indices of pairs. ``regular[k]`` tells
    whether pair ``k`` has each label once: every best move is played. Without parents it is then
    isolated and its index is +1 or -1. ``whole`` is False where the budget of vertices ended: the
    list then promises nothing. ``simple`` tells whether no vertex of a polyhedron has more labels
    than dimensions, of plans without parents; all equilibria are then regular, and their indices
    add up to +1.
    """

    xs: list[list[Fraction]]
    ys: list[list[Fraction]]
    pairs: list[tuple[int, int]]
    components: list[Component]
    regular: list[bool]
    whole: bool
    simple: bool

    @property
    def isolated(self) -> bool:
        """Whether each component is one equilibrium."""
        return all(len(part) == 1 for part in self.components)


def equilibria(A: Array, B: Array, X: Plans, Y: Plans, most: int = 10**9) -> Extremes:
    """The extreme equilibria of plans ``x`` in ``X``, ``y`` in ``Y`` with payoffs ``x'Ay, x'By``.

    ``A`` and ``B`` have shape ``(X.size, Y.size)``; floats are taken as the dyadic rationals they
    are. Stops at ``most`` vertices of a polyhedron. Cost: a pivot a vertex, of which there are
    fewer than in the induced strategic form, whose best-response polytopes have an inequality for
    each pure strategy.
    """
    m, n = X.size, Y.size
    A, B = whole(A), whole(B)
    xs, one = _plans(B.T, X, Y, range(m), range(m, m + n), most)
    ys, other = _plans(A, Y, X, range(m, m + n), range(m), most)
    X_labels, Y_labels = (lacking(side, m + n) for side in (xs, ys))
    x, y = list(xs.values()), list(ys.values())
    pairs = list(complementary(X_labels, Y_labels))
    pairs.sort(key=lambda pair: (x[pair[0]], y[pair[1]]), reverse=True)
    masks = list(xs), list(ys)
    return Extremes(
        x,
        y,
        pairs,
        list(components(pairs)),
        [masks[0][i] & masks[1][j] == 0 for i, j in pairs],
        max(one[0], other[0]) < most,
        X.flat and Y.flat and one[1] and other[1],
    )


def whole(payoffs: Array) -> Array:
    """``payoffs`` times a positive number: coprime integers."""
    ratios = [u.as_integer_ratio() for u in payoffs.ravel().tolist()]
    common = math.lcm(*{bottom for _, bottom in ratios})
    scaled = [top * (common // bottom) for top, bottom in ratios]
    divisor = math.gcd(*scaled) or 1
    integers = np.empty(len(scaled), dtype=object)
    integers[:] = [u // divisor for u in scaled]
    return integers.reshape(payoffs.shape)


def _plans(
    C: Array, own: Plans, other: Plans, mine: range, theirs: range, most: int
) -> tuple[dict[int, list[Fraction]], tuple[int, bool]]:
    """The vertices of the complex of ``own``: labels to plan; and of ``P`` the number, if simple.

    ``C @ x`` is what each move of ``other`` pays. Labels are a bitmask: ``mine`` number the moves
    of ``own``, ``theirs`` those of ``other``.
    """
    start = _basis(C, own, other, mine, theirs)
    held = [[theirs[s] for s in block] for block in other.blocks]
    corners = vertices(start, most, variables=mine, held=held)
    dimensions = len(start.cobasis)
    simple = all(labels.bit_count() == dimensions for labels in corners)
    root = own.blocks[0]
    found: dict[int, list[Fraction]] = {}
    for labels, point in corners.items():
        if not other.flat:
            pays = (C @ np.array(point, dtype=object)).tolist()
            best = [theirs[s] for s in other.best(pays)]
            unplayed = [mine[s] for s, chance in enumerate(point) if chance == 0]
            labels = sum(1 << label for label in best + unplayed)
        if labels not in found:
            total = sum(point[s] for s in root)
            found[labels] = [Fraction(chance, total) for chance in point]
    if not other.flat:
        found = _maximal(found, len(mine) + len(theirs))
    return found, (len(corners), simple)


def _maximal(plans: dict[int, list[Fraction]], count: int) -> dict[int, list[Fraction]]:
    """Those whose labels are not a proper part of another's."""
    lack = lacking(plans, count)
    has = 1 - lack
    kept: dict[int, list[Fraction]] = {}
    items = list(plans.items())
    for first in range(0, len(items), CHUNK):
        some = slice(first, first + CHUNK)
        # as many as have all labels of each: itself alone, since labels are distinct
        within = (has[some] @ lack.T == 0).sum(axis=1)
        kept.update(item for item, k in zip(items[some], within) if k == 1)
    return kept


def _basis(C: Array, own: Plans, other: Plans, mine: range, theirs: range) -> Tableau:
    """The basis of the plan that plays the first move of each block, against which all is known.

    Its cobasis is the other moves of the blocks, and the slack of one best move of each block of
    ``other``. Moves are affine functions of the cobasis, constants last: rows of ``x``, ``q``.
    """
    loose = [s for block in own.blocks for s in block[1:]]
    size = len(loose) + len(other.blocks) + 1
    x = np.zeros((own.size, size), dtype=object)
    x[loose, range(len(loose))] = 1
    one = np.zeros(size, dtype=object)
    one[-1] = 1
    for (first, *rest), parent in zip(own.blocks, own.parents):
        x[first] = (one if parent < 0 else x[parent]) - x[rest].sum(axis=0)
    pays = C @ x
    q = np.zeros((len(other.blocks), size), dtype=object)
    slack = {}
    for h in range(len(other.blocks) - 1, -1, -1):
        for s in other.blocks[h]:
            pays[s] += q[other.below[s]].sum(axis=0)
        top = max(other.blocks[h], key=lambda s: pays[s, -1])
        slack[top] = len(loose) + h
        q[h] = pays[top]
        q[h, slack[top]] = 1
    rows, basis = [], []
    for block in own.blocks:
        rows.append(x[block[0]])
        basis.append(mine[block[0]])
    for h, block in enumerate(other.blocks):
        for s in block:
            if s not in slack:
                rows.append(q[h] - pays[s])
                basis.append(theirs[s])
    cobasis = [mine[s] for s in loose] + [theirs[s] for s in sorted(slack, key=slack.__getitem__)]
    table = [[*(-a for a in row[:-1].tolist()), row[-1]] for row in rows]
    return Tableau(table, 1, tuple(cobasis), tuple(basis), tuple(basis))

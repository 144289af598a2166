"""Subgame-perfect continuations: all ways to play on from each node where a subgame starts.

They are kept as *families*. A family is a product of polytopes, one a player and piece (see
:mod:`gametheory.subgames`), all of whose members are subgame-perfect equilibria of the subgame; a
*factor* is such a polytope, by its corners. Payoffs are multilinear in the factors: a family has a
table of them, an axis a factor on which they depend.

At a move of perfect information a family of each continuation is taken. If the mover's payoff
varies over none, the best moves form a simplex, a new factor. If it varies over one, and along one
factor alone, that polytope is cut where the mover is indifferent: above, the move is taken; below,
another; on the cut both, in any mixture. Elsewhere sets with curved borders arise: then corners are
taken one by one, and what lies between them is left out, which is noted.

A piece with larger information sets is a tree of its own, whose ends are worth what inner families
are; its Nash subsets give the factors. Where such worth varies for those who move, corners are
taken one by one there too.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

from gametheory.equilibrium import Coverage
from gametheory.game import Array, Number
from gametheory.tree import Chance, Move, Tree

Key = tuple[int, int]
"""A factor: where its piece starts, and the player."""
Corner = dict[int, tuple[Fraction, tuple[Fraction, ...]]]
"""By information set: the chance that own moves in the piece lead there, and the mixture."""
Factors = dict[Key, tuple[Corner, ...]]

MOST, WORK = 300, 300_000
"""Families that are kept at a node; and at all of them (but at least two at each)."""
CELLS = 20_000
"""Entries of a table of payoffs."""


@dataclass(frozen=True, eq=False)
class Family:
    """A product of polytopes of continuations; or, with ``either``, any of several families.

    ``axes`` are the factors on which payoffs depend; ``table`` has an axis for each and one for the
    players. ``own`` are the factors of the first piece, or those with the corners that are left of
    one further down; ``below`` are the families that follow.
    """

    axes: Factors
    table: Array
    own: Factors = field(default_factory=dict)
    below: tuple[Family, ...] = ()
    either: tuple[Family, ...] = ()


@dataclass
class Continuations:
    """The families of each subgame of ``tree``, in rational numbers.

    ``near[i]`` is how far apart payoffs of player ``i`` may be to count as tied. ``curved``,
    ``dropped`` and ``weak`` tell what was left out: what lies between corners, families beyond the
    budget, equilibria of pieces that their solver may not find.
    """

    tree: Tree
    near: Sequence[Fraction]
    curved: bool = False
    dropped: bool = False
    weak: set[Coverage] = field(default_factory=set)

    @cached_property
    def most(self) -> int:
        """The number of families that are kept at a node."""
        return min(MOST, max(2, WORK // len(self.tree.nodes)))

    def families(self) -> list[Family]:
        """Those of the whole tree."""
        tree = self.tree
        roots = set(tree.subgames)
        found: dict[int, list[Family]] = {}
        for k in range(len(tree.nodes) - 1, -1, -1):
            node = tree.nodes[k]
            if not node.children:
                found[k] = [Family({}, _row(node.payoffs))]
            elif k in roots:
                leaves, inner = self._piece(k, roots)
                options = [found.pop(c) for c in leaves]
                if not all(options):
                    grown = []
                elif len(inner) > 1:
                    grown = self._all_of_piece(k, inner, leaves, options)
                elif node.set is None:
                    p = _normal(node.chances)
                    grown = [_lottery(p, below) for below in self._combinations(options)]
                else:
                    i = tree.sets[node.set].player
                    grown = [
                        family
                        for below in self._combinations(self._relevant(options, i))
                        for family in self._decided(k, i, below)
                    ]
                found[k] = self._bundled(grown)
        return found[0]

    def _piece(self, root: int, roots: set[int]) -> tuple[list[int], list[int]]:
        """The ends and inner subgames that the piece at ``root`` leads to, and its other nodes."""
        leaves, inner, waiting = [], [], [root]
        while waiting:
            k = waiting.pop()
            if k != root and (k in roots or not self.tree.nodes[k].children):
                leaves.append(k)
            else:
                inner.append(k)
                waiting += reversed(self.tree.nodes[k].children)
        return leaves, inner

    def _combinations(self, options: Sequence[Sequence[Family]]) -> list[tuple[Family, ...]]:
        if all(len(some) == 1 for some in options):
            return [tuple(some[0] for some in options)]
        self.dropped |= math.prod(map(len, options)) > self.most
        return list(itertools.islice(itertools.product(*options), self.most))

    def _relevant(self, options: list[list[Family]], i: int) -> list[list[Family]]:
        """``options``, those of a move that is never best taken together."""
        if all(len(some) == 1 for some in options):
            return options
        floor = max(min(f.table[..., i].min() for f in some) for some in options)
        return [
            some
            if len(some) == 1 or max(f.table[..., i].max() for f in some) >= floor - self.near[i]
            else [_any_of(some)]
            for some in options
        ]

    def _bundled(self, families: list[Family]) -> list[Family]:
        """``families``, those that pay all players the same, all over, taken together."""
        if len(families) == 1:
            return families
        same: dict[Any, list[Family]] = {}
        for f in families:
            same.setdefault(id(f) if f.axes else tuple(f.table), []).append(f)
        self.dropped |= len(same) > self.most
        return [_any_of(some) for some in itertools.islice(same.values(), self.most)]

    def _decided(self, k: int, i: int, below: tuple[Family, ...]) -> Iterable[Family]:
        """The families of the node ``k``, where ``i`` moves, if these continuations follow."""
        near = self.near[i]
        if not any(f.axes for f in below):
            worth = [f.table[i] for f in below]
            top = max(worth)
            best = [a for a, u in enumerate(worth) if u == top or (near and u >= top - near)]
            yield self._taken(k, i, best, below)
            return
        pays = [f.table[..., i] for f in below]
        least = max(u.min() for u in pays)
        open_moves = [a for a, u in enumerate(pays) if u.max() >= least - near]
        varying = [a for a in open_moves if pays[a].max() - pays[a].min() > near]
        if not varying or len(open_moves) == 1:
            yield self._taken(k, i, open_moves, below)
            return
        a = varying[0]
        along = [j for j in range(pays[a].ndim) if np.max(np.ptp(pays[a], axis=j)) > near]
        if len(varying) > 1 or len(along) > 1:
            self.curved = True
            splits = [_corners(f) if b in varying else [f] for b, f in enumerate(below)]
            for one in self._combinations(splits):
                yield from self._decided(k, i, one)
            return
        # The other open moves are worth the same: what is worth less is not open.
        others = [b for b in open_moves if b != a]
        gap = np.moveaxis(pays[a], along[0], 0).reshape(pays[a].shape[along[0]], -1)[:, 0] - least
        for taken, kept in _cuts(gap, near):
            family = _restricted(below[a], along[0], kept)
            after = (*below[:a], family, *below[a + 1 :])
            moves = {1: [a], -1: others, 0: open_moves}[taken]
            yield self._taken(k, i, moves, after)

    def _taken(self, k: int, i: int, moves: list[int], below: tuple[Family, ...]) -> Family:
        """The family in which ``i`` mixes ``moves`` at ``k`` in any way."""
        h = self.tree.nodes[k].set
        assert h is not None
        m = len(below)
        corners = tuple({h: (ONE, _sure(a, m))} for a in moves)
        own = {(k, i): corners}
        if len(moves) == 1:
            chosen = below[moves[0]]
            return Family(chosen.axes, chosen.table, own, below)
        axes = _union(below[a] for a in moves)
        rows = [_spread(below[a], axes) for a in moves]
        shape = np.broadcast_shapes(*(r.shape for r in rows))
        table = np.stack([np.broadcast_to(r, shape) for r in rows])
        return _slim(own | axes, table, own, below)

    def _all_of_piece(
        self, root: int, inner: list[int], leaves: list[int], options: list[list[Family]]
    ) -> list[Family]:
        """The families of the piece at ``root`` with several moves, by its Nash equilibria."""
        tree = self.tree
        movers = sorted(
            {tree.sets[h].player for k in inner if (h := tree.nodes[k].set) is not None}
        )
        fixed: list[list[Family]] = []
        for some in options:
            fixed.append([])
            for f in some:
                if f.axes and np.any(np.ptp(f.table[..., movers].reshape(-1, len(movers)), axis=0)):
                    self.curved = True
                    fixed[-1] += _corners(f)
                else:
                    fixed[-1].append(f)
        return [
            self._assembled(root, inner, dict(zip(leaves, below)), own)
            for below in self._combinations(fixed)
            for own in self._nash_subsets(
                root, {c: f.table[(0,) * len(f.axes)] for c, f in zip(leaves, below)}, movers
            )
        ]

    def _nash_subsets(
        self, root: int, worth: dict[int, Array], movers: list[int]
    ) -> Iterable[Factors]:
        """The factors of each Nash subset of the piece whose leaves are ``worth`` so much."""
        if not movers:
            yield {}
            return
        from gametheory.solvers import sequence_form

        tree, waiting = self.tree, [root]

        def rule(history: tuple[str, ...]) -> Any:  # Tree.of asks in preorder
            k = waiting.pop()
            node = tree.nodes[k]
            if k in worth:
                return [worth[k][i] for i in movers]
            waiting.extend(reversed(node.children))
            if node.set is None:
                return Chance(dict(zip(node.actions, _normal(node.chances))))
            return Move(tree.players[tree.sets[node.set].player], node.actions, str(node.set))

        piece = Tree.of([tree.players[i] for i in movers], rule)
        found = sequence_form.solve(piece)
        if found.coverage not in (Coverage.ALL, Coverage.EXTREME):
            self.weak.add(found.coverage)
        sets = [int(s.label) for s in piece.sets]
        sides = [(i, [h for h, g in enumerate(sets) if tree.sets[g].player == i]) for i in movers]
        groups = [s for part in found.components for s in part.nash_subsets]
        for group in groups or [(e,) for e in range(len(found))]:
            factors: Factors = {}
            for i, mine in sides:
                corners: dict[Any, Corner] = {}
                for e in group:
                    corner = _corner(piece, found[e].mixtures, mine, sets)
                    corners.setdefault(tuple(_coordinates(corner)), corner)
                factors[root, i] = tuple(corners.values())
            yield factors

    def _assembled(
        self, root: int, inner: list[int], below: dict[int, Family], own: Factors
    ) -> Family:
        """The family with these factors in the piece and these families below it."""
        sides = list(own.values())
        axis_of = {i: j for j, (_, i) in enumerate(own)}
        shape = tuple(map(len, sides))
        reach: dict[int, Array] = {root: np.full(shape, ONE, dtype=object)}
        for k in inner:
            node = self.tree.nodes[k]
            if node.set is None:
                for p, c in zip(_normal(node.chances), node.children):
                    reach[c] = reach[k] * p
                continue
            axis = axis_of[self.tree.sets[node.set].player]
            for a, c in enumerate(node.children):
                column = np.array([corner[node.set][1][a] for corner in sides[axis]], dtype=object)
                reach[c] = reach[k] * column.reshape(
                    [-1 if j == axis else 1 for j in axis_of.values()]
                )
        axes = _union(f for c, f in below.items() if reach[c].any())
        rest = tuple(map(len, axes.values()))
        table = np.full((*shape, *rest, len(self.tree.players)), ZERO, dtype=object)
        for c, f in below.items():
            if reach[c].any():
                table += reach[c].reshape((*shape, *(1 for _ in rest), 1)) * _spread(f, axes)
        return _slim(own | axes, table, own, tuple(below.values()))


ZERO, ONE = Fraction(0), Fraction(1)


@cache
def _sure(a: int, m: int) -> tuple[Fraction, ...]:
    return tuple(ONE if b == a else ZERO for b in range(m))


@lru_cache(10_000)
def _normal(chances: tuple[Number, ...]) -> list[Fraction]:
    """``chances`` in rational numbers that add up to one."""
    exact = [Fraction(p) for p in chances]
    total = sum(exact)
    return exact if total == 1 else [p / total for p in exact]


def _slim(axes: Factors, table: Array, own: Factors, below: tuple[Family, ...]) -> Family:
    """The family, its axes those on which payoffs depend."""
    for j, key in reversed(list(enumerate(axes))):
        first = table.take([0], axis=j)
        if (table == first).all():
            table = first.squeeze(j)
            axes = {other: side for other, side in axes.items() if other != key}
    if table.size > CELLS:
        raise ValueError(
            f"backward_induction: ties leave more than {CELLS:,} combinations of payoffs; "
            "there are too many subgame-perfect equilibria to list"
        )
    return Family(axes, table, own, below)


def _row(payoffs: Sequence[Number]) -> Array:
    found = np.empty(len(payoffs), dtype=object)
    found[:] = [Fraction(u) for u in payoffs]
    return found


def _union(families: Iterable[Family]) -> Factors:
    """The factors on which payoffs of any of them depend."""
    return {key: side for f in families for key, side in f.axes.items()}


def _spread(f: Family, axes: Factors) -> Array:
    """The table of ``f`` with these axes, of length 1 where it has none."""
    mine = list(f.axes)
    table = f.table.transpose([*(mine.index(key) for key in axes if key in f.axes), len(mine)])
    return table.reshape([*(len(side) if key in f.axes else 1 for key, side in axes.items()), -1])


def _any_of(some: Sequence[Family]) -> Family:
    if len(some) == 1:
        return some[0]
    return Family({}, some[0].table[(0,) * len(some[0].axes)], either=tuple(some))


def _lottery(p: Sequence[Fraction], below: tuple[Family, ...]) -> Family:
    """What follows a move of chance."""
    axes = _union(f for x, f in zip(p, below) if x)
    parts = [x * (_spread(f, axes) if axes else f.table) for x, f in zip(p, below) if x]
    return _slim(axes, sum(parts[1:], start=parts[0]), {}, below)


def _corners(f: Family) -> list[Family]:
    """The members of ``f`` at the corners of the factors on which payoffs depend."""
    found, waiting = [], [f]
    while waiting:
        g = waiting.pop()
        if g.axes:
            waiting += [_restricted(g, 0, [[(j, ONE)]]) for j in reversed(range(g.table.shape[0]))]
        else:
            found.append(g)
    return found


def _cuts(gap: Array, near: Fraction) -> Iterable[tuple[int, list[list[tuple[int, Fraction]]]]]:
    """Where the corners' ``gap`` is at least zero (1), at most (-1) and just zero (0).

    Each with the corners of that part, as convex combinations of the old ones: a list of their
    numbers and weights. Parts that are no larger than that where the gap is zero are left out.
    """
    above = [j for j, u in enumerate(gap) if u > near]
    under = [j for j, u in enumerate(gap) if u < -near]
    level = [[(j, ONE)] for j, u in enumerate(gap) if abs(u) <= near]
    for j, k in itertools.product(above, under):
        level.append([(j, -gap[k] / (gap[j] - gap[k])), (k, gap[j] / (gap[j] - gap[k]))])
    if above:
        yield 1, [[(j, ONE)] for j in above] + level
    if under:
        yield -1, [[(j, ONE)] for j in under] + level
    if level:
        yield 0, level


def _restricted(f: Family, axis: int, kept: list[list[tuple[int, Fraction]]]) -> Family:
    """``f`` with these combinations for the corners of the factor of ``axis``."""
    key = list(f.axes)[axis]
    old, table = f.axes[key], np.moveaxis(f.table, axis, 0)
    rows = [sum(w * table[j] for j, w in combination) for combination in kept]
    corners = [_mixed([(w, old[j]) for j, w in combination]) for combination in kept]
    points = np.array([_coordinates(c) for c in corners], dtype=object)
    extreme = _extreme(points) if len(kept) > 2 else range(len(kept))
    chosen = tuple(corners[j] for j in extreme)
    left = np.moveaxis(np.stack([rows[j] for j in extreme]), 0, axis)
    return _slim({**f.axes, key: chosen}, left, {key: chosen}, (f,))


def _extreme(points: Array) -> list[int]:
    """Those that are no convex combination of the others, the first of those that are equal."""
    from gametheory.solvers._products import meet

    kept: list[int] = []
    for j, p in enumerate(points):
        if not any((p == points[k]).all() for k in kept):
            kept.append(j)
    for j in list(kept):
        rest = [k for k in kept if k != j]
        if rest and meet((points[j][None],), (points[rest],)):
            kept = rest
    return kept


def _mixed(parts: Sequence[tuple[Fraction, Corner]]) -> Corner:
    """The convex combination of realisation plans."""
    if len(parts) == 1:
        return parts[0][1]
    found: Corner = {}
    for h in parts[0][1]:
        reach = sum(w * corner[h][0] for w, corner in parts)
        mixture = parts[0][1][h][1]
        if reach:
            m = range(len(mixture))
            mixture = tuple(sum(w * c[h][0] * c[h][1][a] for w, c in parts) / reach for a in m)
        found[h] = (Fraction(reach), mixture)
    return found


def _coordinates(corner: Corner) -> list[Fraction]:
    return [reach * p for reach, mixture in corner.values() for p in mixture]


def _corner(piece: Tree, mixtures: Sequence[Array], mine: list[int], sets: list[int]) -> Corner:
    found: dict[int, tuple[Fraction, tuple[Fraction, ...]]] = {}
    for h in mine:
        before = piece.parents[h]
        reach = Fraction(1)
        if before:
            above = found[before[0]]
            reach = above[0] * above[1][before[1]]
        found[h] = (reach, tuple(mixtures[h].tolist()))
    return {sets[h]: part for h, part in found.items()}

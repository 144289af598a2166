"""From groups of weights to assessments: points of a piece, ranges of beliefs, what lies in what.

A *piece* is all that one basis allows, with its limits: the product of the polytopes of its groups.
Where a weight that others are divided by is zero at a vertex, behaviour and beliefs there are those
that the piece has on the way from its centre to that vertex; they too are limits of equilibria.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from gametheory._consistency import Moved
from gametheory.solvers._bases import Basis
from gametheory.solvers._cone import rays
from gametheory.solvers._sequence_weights import Group, System
from gametheory.tree import Tree

Weights = dict[Moved, Fraction]
Sum = dict[tuple[Moved, ...], Fraction]
"""A sum of products of weights."""
Mixtures = tuple[tuple[Fraction, ...], ...]
Beliefs = tuple[tuple[Fraction, ...], ...]
ONE = Fraction(1)
CLOSE = Fraction(1, 10**12)
"""How far off weights that are not exact may be."""


@dataclass(frozen=True)
class Piece:
    """The groups of one basis."""

    tree: Tree
    system: System
    groups: tuple[Group, ...]

    @property
    def basis(self) -> Basis:
        return self.system.basis

    @cached_property
    def centre(self) -> Weights:
        """The mean of the vertices of each group; unknowns that meet in nothing are 1."""
        return {m: v for g in self.groups for m, v in zip(g.unknowns, _mean(g.vertices))}

    @cached_property
    def defined(self) -> bool:
        """Whether the centre has a mixture and a belief everywhere.

        If not, weights that some set needs are zero at all vertices: no assessment has the supports
        of the piece.
        """
        ups = (self.system.before[h] for h, used in enumerate(self.basis.played) if len(used) > 1)
        if any(up is not None and not self.centre[up] for up in ups):
            return False
        return all(
            any(c and all(self.centre.get(m, ONE) for m in product) for c, product in rows.values())
            for rows in self.system.node.values()
        )

    @property
    def size(self) -> int:
        """Number of vertices, of the groups that behaviour depends on."""
        return math.prod(len(g.vertices) for g in self.groups if g.mixes)

    @property
    def exact(self) -> bool:
        """Whether all vertices are exact."""
        return all(g.exact for g in self.groups)

    @property
    def freedom(self) -> int:
        """Number of vertices, of all groups."""
        return math.prod(len(g.vertices) for g in self.groups)

    @cached_property
    def masks(self) -> tuple[int, int, int]:
        """Bits of the moves played, of the nodes believed, and of those at sets not reached."""
        moves = nodes = apart = 0
        for used in self.basis.played:
            moves = moves << max(len(s.actions) for s in self.tree.sets) | sum(1 << a for a in used)
        for h, sure in enumerate(self.basis.believed):
            nodes |= sum(1 << k for k in sure)
            apart |= 0 if h in self.basis.reached else sum(1 << k for k in self.tree.sets[h].nodes)
        return moves, nodes, apart

    def may_hold(self, other: Piece) -> bool:
        """Whether the supports of ``other`` are parts of these."""
        moves, nodes, apart = self.masks
        theirs = other.masks
        return not theirs[0] & ~moves and not theirs[1] & apart & ~nodes

    def may_play(self, mixtures: Mixtures) -> bool:
        """Whether behaviour has its support in that of the piece."""
        return all(
            not p or a in used
            for x, used in zip(mixtures, self.basis.played)
            for a, p in enumerate(x)
        )

    def corners(self) -> Iterator[tuple[Mixtures, Beliefs]]:
        """The vertices of the groups that behaviour depends on, the others at their centre."""
        moving = [g for g in self.groups if g.mixes]
        for choice in itertools.product(*(g.vertices for g in moving)):
            at = {m: v for g, x in zip(moving, choice) for m, v in zip(g.unknowns, x)}
            weights = {**self.centre, **at}
            yield self.mixtures(weights), self.beliefs(weights)

    def mixtures(self, weights: Weights) -> Mixtures:
        """Behaviour at these weights."""
        found = []
        for h, s in enumerate(self.tree.sets):
            used = self.basis.played[h]
            if len(used) == 1:
                found.append(tuple(Fraction(int((a,) == used)) for a in range(len(s.actions))))
                continue
            up = self.system.before[h]
            for source in (weights, self.centre):
                total = ONE if up is None else source[up]
                if total:
                    break
            found.append(
                tuple(source[h, a] / total if a in used else 0 * ONE for a in range(len(s.actions)))
            )
        return tuple(found)

    def beliefs(self, weights: Weights) -> Beliefs:
        """Beliefs at these weights."""
        return tuple(self.belief(h, weights) for h in range(len(self.tree.sets)))

    def belief(self, h: int, weights: Weights) -> tuple[Fraction, ...]:
        """The belief at one set."""
        rows = self.system.node.get(h)
        nodes = self.tree.sets[h].nodes
        if rows is None:
            sure = self.basis.believed[h]
            return tuple(Fraction(int((k,) == sure)) for k in nodes)
        for source in (weights, self.centre):
            each = {
                k: c * math.prod((source.get(m, ONE) for m in p), start=ONE)
                for k, (c, p) in rows.items()
            }
            total = sum(each.values())
            if total:
                break
        return tuple(each.get(k, 0 * ONE) / total for k in nodes)

    def blocks(self) -> list[tuple[tuple[int, ...], list[Beliefs]]]:
        """Sets whose beliefs are free whatever behaviour is, with the corners of these beliefs."""
        found = []
        for group in self.groups:
            if group.mixes or len(group.vertices) == 1:
                continue
            own = set(group.unknowns)
            sets = tuple(
                h
                for h, rows in self.system.node.items()
                if h not in self.basis.reached and any(own & set(p) for _, p in rows.values())
            )
            corners = []
            for x in group.vertices:
                weights = {**self.centre, **dict(zip(group.unknowns, x))}
                corners.append(tuple(self.belief(h, weights) for h in sets))
            found.append((sets, list(dict.fromkeys(corners))))
        return found

    def _tied(self, h: int) -> Iterator[Weights]:
        """The vertices of groups that the belief at ``h`` depends on, the rest at the centre."""
        moved = {m for _, p in self.system.node[h].values() for m in p}
        tied = [g for g in self.groups if moved & set(g.unknowns)]
        for choice in itertools.product(*(g.vertices for g in tied)):
            at = {m: v for g, x in zip(tied, choice) for m, v in zip(g.unknowns, x)}
            yield {**self.centre, **at}

    def at(self, mixtures: Mixtures, beliefs: Beliefs | None = None) -> Piece | None:
        """The part with this behaviour (and these beliefs); None if there is none or it is blurred.

        It is blurred where a weight that others are divided by is zero throughout.
        """
        equations: list[Sum] = []
        for h, used in enumerate(self.basis.played):
            if len(used) > 1:
                up = self.system.before[h]
                above = () if up is None else (up,)
                equations += [{((h, a),): ONE, above: -mixtures[h][a]} for a in used]
        if beliefs is not None:
            for h, rows in self.system.node.items():
                if h not in self.basis.reached:
                    for k, p in zip(self.tree.sets[h].nodes, beliefs[h]):
                        row: Sum = {}
                        for j, (c, product) in rows.items():
                            row[product] = row.get(product, 0 * ONE) + c * (int(j == k) - p)
                        equations.append(row)
        groups = self._cut(equations)
        if groups is None:
            return None
        found = replace(self, groups=tuple(groups))
        return found if found.defined else None

    def _cut(self, equations: Sequence[Sum]) -> list[Group] | None:
        """The groups where the sums vanish; None if they do nowhere, or it is not plain where."""
        home = {m: j for j, g in enumerate(self.groups) for m in g.unknowns}
        asked: dict[int, list[dict[Moved | None, Fraction]]] = {}
        for equation in equations:
            split: dict[Moved | None, Fraction] = {}
            where = set()
            for product, v in equation.items():
                moving = [
                    m for m in product if m in home and len(self.groups[home[m]].vertices) > 1
                ]
                if len(moving) > 1:
                    return None
                rest = math.prod(
                    (self.centre.get(m, ONE) for m in product if m not in moving), start=ONE
                )
                name = moving[0] if moving else None
                split[name] = split.get(name, 0 * ONE) + v * rest
                where |= {home[m] for m in moving}
            if len(where) > 1:
                return None
            if where:
                asked.setdefault(where.pop(), []).append(split)
            elif abs(split.get(None, 0 * ONE)) > (0 if self.exact else CLOSE):
                return None
        groups = list(self.groups)
        for j, forms in asked.items():
            part = _part(groups[j], forms)
            if part is None:
                return None
            groups[j] = part
        return groups

    def holds(self, mixtures: Mixtures, beliefs: Beliefs) -> bool:
        """Whether this assessment is in the piece, as far as that is plain."""
        if not self.may_play(mixtures):
            return False
        part = self.at(mixtures, beliefs)
        if part is None:
            return False
        off = 0 if part.exact else CLOSE
        return all(
            abs(p - q) <= off
            for x, y in zip(part.beliefs(part.centre), beliefs)
            for p, q in zip(x, y)
        )

    def ranges(self) -> list[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]]:
        """The least and the greatest belief in each node, set by set."""
        found = []
        for h, s in enumerate(self.tree.sets):
            rows = self.system.node.get(h)
            if rows is None or h in self.basis.reached:
                x = self.belief(h, self.centre)
                found.append((x, x))
                continue
            seen = [self.belief(h, self.centre)]
            seen += [
                self.belief(h, weights)
                for weights in self._tied(h)
                if any(
                    math.prod((weights.get(m, ONE) for m in p), start=ONE) for _, p in rows.values()
                )
            ]
            found.append(
                (
                    tuple(min(x[j] for x in seen) for j in range(len(s.nodes))),
                    tuple(max(x[j] for x in seen) for j in range(len(s.nodes))),
                )
            )
        return found


def _part(group: Group, equations: Sequence[dict[Moved | None, Fraction]]) -> Group | None:
    """The part of a group on which the forms vanish; its vertices are combined for that."""
    at = {m: j for j, m in enumerate(group.unknowns)}
    rows = []
    for form in equations:
        line = [
            sum(v * (ONE if m is None else x[at[m]]) for m, v in form.items())
            for x in group.vertices
        ]
        common = math.lcm(*(Fraction(v).denominator for v in line))
        rows.append([int(v * common) for v in line])
    found = rays(rows, [], len(group.vertices))
    if not found:
        return None
    points = []
    for ray in found:
        total = sum(ray)
        points.append(
            tuple(
                sum(
                    (Fraction(z, total) * x[j] for z, x in zip(ray, group.vertices) if z),
                    start=0 * ONE,
                )
                for j in range(len(group.unknowns))
            )
        )
    return replace(group, vertices=tuple(dict.fromkeys(points)))


def _mean(points: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    return [sum(column) / len(points) for column in zip(*points)]

"""Supports of behaviour and beliefs that may carry a sequential equilibrium.

Supports of behaviour are chosen from the last information sets to the first. At each the actions
must be best for some belief, if what follows is worth between its bounds: the least and the most
that the supports chosen there allow. Where all that follows is pure the bounds meet. Then, from the
first sets to the last, the beliefs' supports: by what is played where a set is reached; else nodes
whose paths hold no more unplayed moves than they must, such that labels exist.

A set is *free* if each of its nodes in question is reached by a mistake that matters nowhere else:
then each part of them may carry the belief, and they are taken together.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from gametheory._consistency import Moved, labels, paths, ranks
from gametheory.game import Number
from gametheory.solvers._cone import rays
from gametheory.tree import Tree


@dataclass(frozen=True)
class Basis:
    """Supports of behaviour and of beliefs. At the sets in ``free`` any part of the latter may be.

    ``reached`` are the sets that are.
    """

    played: tuple[tuple[int, ...], ...]
    believed: tuple[tuple[int, ...], ...]
    free: frozenset[int]
    reached: frozenset[int]


class Tracker:
    """What of the work is left: ``spent`` counts supports that were looked at."""

    def __init__(self, most: int) -> None:
        self.most, self.spent = most, 0

    def enough(self) -> bool:
        """Counts one more; whether the budget has ended."""
        self.spent += 1
        return self.spent > self.most


class Rules:
    """The tree in integers: payoffs of each player above the least, chances of paths."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.paths = paths(tree)
        n = len(tree.players)
        ends: list[list[Fraction]] = [[] for _ in range(n)]
        for k in tree.ends:
            for i, u in enumerate(tree.nodes[k].payoffs):
                ends[i].append(Fraction(u))
        scaled = [_integers(column) for column in ends]
        self.pays: dict[int, tuple[int, ...]] = {
            k: tuple(scaled[i][j] for i in range(n)) for j, k in enumerate(tree.ends)
        }
        steps = [Fraction(1)]
        for node in tree.nodes[1:]:
            up = tree.nodes[node.parent]
            p = Fraction(up.chances[node.taken]) if up.chances else Fraction(1)
            steps.append(steps[node.parent] * p)
        common = math.lcm(*(p.denominator for p in steps))
        self.chance = [int(p * common) for p in steps]

    @cached_property
    def order(self) -> list[int]:
        """The information sets, later ones first: by their last node's longest path on."""
        height = [0] * len(self.tree.nodes)
        for k in range(len(self.tree.nodes) - 1, 0, -1):
            up = self.tree.nodes[k].parent
            height[up] = max(height[up], height[k] + 1)
        return sorted(
            range(len(self.tree.sets)),
            key=lambda h: (max(height[k] for k in self.tree.sets[h].nodes), h),
        )

    @cached_property
    def many(self) -> list[int]:
        """The information sets of more than one node, earlier ones first."""
        return [h for h in reversed(self.order) if len(self.tree.sets[h].nodes) > 1]

    @cached_property
    def ancestors(self) -> dict[tuple[int, int], dict[int, int]]:
        """For sets ``g, h`` such that all nodes of ``h`` follow some of ``g``: which, by node."""
        found = {}
        above: list[dict[int, int]] = [{}]
        for node in self.tree.nodes[1:]:
            up = self.tree.nodes[node.parent]
            known = above[node.parent]
            above.append(known if up.set is None else {**known, up.set: node.parent})
        for h in self.many:
            nodes = self.tree.sets[h].nodes
            for g in set.intersection(*(set(above[k]) for k in nodes)):
                found[g, h] = {k: above[k][g] for k in nodes}
        return found


def _integers(values: Sequence[Fraction]) -> list[int]:
    low = min(values)
    common = math.lcm(*((v - low).denominator for v in values))
    whole = [int((v - low) * common) for v in values]
    divisor = math.gcd(*whole) or 1
    return [v // divisor for v in whole]


def behaviours(rules: Rules, tracker: Tracker) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Supports of behaviour that the bounds allow; stops where the budget ends."""
    tree = rules.tree
    n = len(tree.players)
    chosen: list[tuple[int, ...] | None] = [None] * len(tree.sets)
    order = rules.order
    bounds: list[tuple[tuple[Number, ...], tuple[Number, ...]] | None] = [None] * len(tree.nodes)
    options = [
        [
            c
            for r in range(1, len(s.actions) + 1)
            for c in itertools.combinations(range(len(s.actions)), r)
        ]
        for s in tree.sets
    ]

    def bound(k: int) -> tuple[tuple[Number, ...], tuple[Number, ...]]:
        """The least and the most that node ``k`` is worth to each player."""
        known = bounds[k]
        if known is not None:
            return known
        node = tree.nodes[k]
        if not node.children:
            known = bounds[k] = rules.pays[k], rules.pays[k]
            return known
        under = [bound(c) for c in node.children]
        if node.set is None:
            chances = [Fraction(p) for p in node.chances]
            total = sum(chances)
            low = tuple(sum(p * b[0][i] for p, b in zip(chances, under)) / total for i in range(n))
            high = tuple(sum(p * b[1][i] for p, b in zip(chances, under)) / total for i in range(n))
        else:
            used = chosen[node.set]
            part = under if used is None else [under[a] for a in used]
            low = tuple(min(b[0][i] for b in part) for i in range(n))
            high = tuple(max(b[1][i] for b in part) for i in range(n))
        bounds[k] = low, high
        return low, high

    upward: list[list[int]] = []
    for s in tree.sets:
        above = set()
        for k in s.nodes:
            while k >= 0 and k not in above:
                above.add(k)
                k = tree.nodes[k].parent
        upward.append(sorted(above))

    def possible(h: int) -> list[tuple[int, ...]]:
        """The sets of actions that can all be best at ``h``."""
        s = tree.sets[h]
        i, m = s.player, len(s.actions)
        lows, highs = [], []
        for k in s.nodes:
            under = [bound(c) for c in tree.nodes[k].children]
            lows.append([b[0][i] for b in under])
            highs.append([b[1][i] for b in under])
        rows = {
            (a, b): tuple(high[a] - low[b] for low, high in zip(lows, highs))
            for a in range(m)
            for b in range(m)
            if a != b
        }
        alone = [a for a in range(m) if _meets([rows[a, b] for b in range(m) if b != a])]
        return [
            used
            for used in options[h]
            if set(used) <= set(alone)
            and (len(used) == 1 or _meets([rows[a, b] for a in used for b in range(m) if b != a]))
        ]

    def forget(h: int) -> None:
        for k in upward[h]:
            bounds[k] = None

    depth = 0
    left: list[list[tuple[int, ...]]] = [possible(order[0])[::-1]] if order else []
    if not order:
        yield ()
        return
    while left:
        h = order[depth]
        if not left[-1]:
            left.pop()
            chosen[h] = None
            forget(h)
            depth -= 1
            continue
        chosen[h] = left[-1].pop()
        forget(h)
        if tracker.enough():
            return
        if depth + 1 == len(order):
            yield tuple(c for c in chosen if c is not None)
        else:
            depth += 1
            left.append(possible(order[depth])[::-1])


def _meets(rows: Sequence[tuple[Number, ...]]) -> bool:
    """Whether some chances of the nodes have no row negative."""
    if any(max(row) < 0 for row in rows):
        return False
    rows = [row for row in rows if min(row) < 0]
    if len(rows) < 2 or len(rows[0]) == 1:
        return True
    if len(rows[0]) == 2:  # the chance of the first node lies between low and high
        low, high = Fraction(0), Fraction(1)
        for a, b in rows:
            cut = Fraction(b) / Fraction(b - a)
            if a > b:
                low = max(low, cut)
            else:
                high = min(high, cut)
        return low <= high
    whole = []
    for row in rows:
        common = math.lcm(*(Fraction(v).denominator for v in row))
        whole.append([int(v * common) for v in row])
    return bool(rays([], whole, len(rows[0])))


class Beliefs:
    """The supports of beliefs that go with supports of behaviour."""

    def __init__(self, rules: Rules, concept: str) -> None:
        self.rules = rules
        self.concept = concept
        self.known: dict[object, bool] = {}

    def of(self, played: tuple[tuple[int, ...], ...]) -> Iterator[Basis]:
        """The bases with these supports of behaviour."""
        rules, tree = self.rules, self.rules.tree
        used = [frozenset(a) for a in played]
        trails = [frozenset(m for m in path if m[1] not in used[m[0]]) for path in rules.paths]
        reached = frozenset(
            h for h, s in enumerate(tree.sets) if any(not trails[k] for k in s.nodes)
        )
        groups: dict[int, list[tuple[int, ...]]] = {}
        for h in rules.many:
            nodes = tree.sets[h].nodes
            least = {trails[k] for k in nodes if not any(trails[m] < trails[k] for m in nodes)}
            groups[h] = [
                tuple(k for k in nodes if trails[k] == t) for t in sorted(least, key=sorted)
            ]
        free = frozenset(
            h
            for h, parts in groups.items()
            if len(parts) > 1 and self._free(h, parts, trails, played)
        )
        sure = {
            h: tuple(k for part in parts for k in part)
            for h, parts in groups.items()
            if len(parts) == 1 or h in free
        }
        open_sets = [h for h in rules.many if h not in sure]
        singles = [s.nodes for s in tree.sets]
        for choice in self._chosen(open_sets, groups, sure, trails):
            believed = tuple(choice.get(h, nodes) for h, nodes in enumerate(singles))
            if not open_sets or self._consistent(played, believed, trails):
                yield Basis(played, believed, free, reached)

    def _free(
        self,
        h: int,
        parts: list[tuple[int, ...]],
        trails: list[frozenset[Moved]],
        played: tuple[tuple[int, ...], ...],
    ) -> bool:
        tree = self.rules.tree
        others: set[Moved] = set()
        for g in self.rules.many:
            for k in tree.sets[g].nodes:
                if g != h:
                    others |= trails[k]
        mixed_below = {tree.parents[g] for g in range(len(tree.sets)) if len(played[g]) > 1}
        for j, part in enumerate(parts):
            rest = set().union(*(trails[p[0]] for i, p in enumerate(parts) if i != j))
            own = trails[part[0]] - others - rest
            if not own or own & mixed_below:
                return False
        return True

    def _chosen(
        self,
        open_sets: list[int],
        groups: dict[int, list[tuple[int, ...]]],
        sure: dict[int, tuple[int, ...]],
        trails: list[frozenset[Moved]],
    ) -> Iterator[dict[int, tuple[int, ...]]]:
        """Supports at the open sets, one after another; what follows from an earlier one, so."""
        if not open_sets:
            yield sure
            return
        h, rest = open_sets[0], open_sets[1:]
        forced = self._forced(h, sure, trails)
        parts = groups[h]
        some = (
            [forced]
            if forced
            else [
                tuple(k for part in c for k in part)
                for r in range(1, len(parts) + 1)
                for c in itertools.combinations(parts, r)
            ]
        )
        for nodes in some:
            yield from self._chosen(rest, groups, {**sure, h: nodes}, trails)

    def _forced(
        self, h: int, sure: dict[int, tuple[int, ...]], trails: list[frozenset[Moved]]
    ) -> tuple[int, ...] | None:
        """The nodes of ``h`` that play reaches from an earlier set whose belief is known."""
        for (g, later), above in self.rules.ancestors.items():
            if later != h:
                continue
            at = sure.get(g, self.rules.tree.sets[g].nodes)
            if g in self.rules.many and g not in sure:
                continue
            found = tuple(k for k, up in above.items() if up in at and trails[k] == trails[up])
            if found:
                return found
        return None

    def _consistent(
        self,
        played: tuple[tuple[int, ...], ...],
        believed: tuple[tuple[int, ...], ...],
        trails: list[frozenset[Moved]],
    ) -> bool:
        tree = self.rules.tree
        key = (
            believed,
            tuple(tuple(trails[k] for k in tree.sets[h].nodes) for h in self.rules.many),
        )
        if self.concept == "pbe":
            key = (played, believed)  # type: ignore[assignment]
        if key not in self.known:
            found = labels(tree, played, believed) is not None
            if not found and self.concept == "pbe":
                found = ranks(tree, played, believed) is not None
            self.known[key] = found
        return self.known[key]

"""Which supports of behaviour and beliefs are consistent, and with what trembles.

An *unplayed* move is an action that its information set gives no chance. If each unplayed move
``m`` is a mistake of the order ``w_m e^c_m``, with a *label* ``c_m`` = 1, 2, ... and a *weight*
``w_m > 0``, then as ``e`` goes to 0 the beliefs at an information set go to one that gives chance
only to the nodes whose labels, added along the path, are least, in proportion to the product of the
chances and weights along the path. Every limit of completely mixed behaviour is one of these (Kreps
& Wilson 1982, Econometrica 50: 863-894, Lemmas A1 and A2, after): the beliefs' supports decide
whether labels exist, a linear program, and the beliefs' ratios whether weights do, linear equations
in logarithms. The two do not depend on each other.

A *plausibility order* ranks the nodes (Bonanno 2013, Int. J. Game Theory 42: 567-592, after): a
node is as plausible as what a played move or chance makes of it, and more plausible than what an
unplayed move does. It *respects knowledge* if of two nodes of one information set the same move
leaves the more plausible one the more plausible (the independence of Bonanno 2016, Games 7: 35,
after): by a move a player signals nothing that it does not know. Labels, added along the paths,
make such an order; not every such order has labels.

A *support* below is a pair: ``played[h]``, the actions with positive chance at each information
set, and ``believed[h]``, the nodes with positive belief.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from gametheory.game import Array, Number
from gametheory.tree import Tree

Moved = tuple[int, int]
"""A move: the information set and the action."""
Support = Sequence[Sequence[int]]
Pairs = list[tuple[int, int]]
"""Pairs of nodes."""
Closed = tuple[dict[int, int], dict[int, set[int]], Pairs, Pairs]


def paths(tree: Tree) -> list[tuple[Moved, ...]]:
    """The players' moves on the path to each node."""
    found: list[tuple[Moved, ...]] = [()]
    for node in tree.nodes[1:]:
        at = tree.nodes[node.parent].set
        before = found[node.parent]
        found.append(before if at is None else (*before, (at, node.taken)))
    return found


def labels(tree: Tree, played: Support, believed: Support) -> dict[Moved, int] | None:
    """A label of each unplayed move, such that beliefs sit where they are least; None if none do.

    Exact. Cost: a linear program with a variable for each unplayed move that matters.
    """
    from gametheory.solvers._linear import maximum

    trails = _unplayed(tree, played)
    rows: set[tuple[tuple[tuple[Moved, int], ...], bool]] = set()
    for s, sure in zip(tree.sets, believed):
        if len(s.nodes) == 1:
            continue
        first = trails[sure[0]]
        for k in s.nodes:
            more, less = trails[k] - first, first - trails[k]
            tie = k in sure
            if tie and not (more or less):
                continue
            if not tie and not more:
                return None
            if tie and (not more or not less):
                return None
            if tie or less:
                terms = [(m, 1) for m in more] + [(m, -1) for m in less]
                rows.add((tuple(sorted(terms)), tie))
    found = dict.fromkeys(_unplayed_moves(tree, played), 1)
    if not rows:
        return found
    moves = sorted({m for row, _ in rows for m, _ in row})
    at = {m: j for j, m in enumerate(moves)}
    G: list[list[int]] = []  # the last variable is the least label, and the least of what is left
    for row, tie in sorted(rows):
        line = [0] * (len(moves) + 1)
        for m, sign in row:
            line[at[m]] = -sign
        if tie:
            G.append([-x for x in line])
        else:
            line[-1] = 1
        G.append(line)
    G += [[-int(i == j) for i in range(len(moves))] + [1] for j in range(len(moves))]
    G.append([0] * len(moves) + [1])
    h = [0] * (len(G) - 1) + [1]
    best = maximum([0] * len(moves) + [1], np.array(G, dtype=object), h)
    if best.value <= 0:
        return None
    x = [v / best.x[-1] for v in best.x[:-1]]
    common = math.lcm(*(v.denominator for v in x))
    found |= {m: int(v * common) for m, v in zip(moves, x)}
    return found


def sits(tree: Tree, played: Support, believed: Support, given: Mapping[Moved, int]) -> bool:
    """Whether ``given`` are labels of the unplayed moves, and beliefs sit where they are least."""
    unplayed = set(_unplayed_moves(tree, played))
    if set(given) != unplayed or any(c < 1 for c in given.values()):
        return False
    cost = [sum(given.get(m, 0) for m in path) for path in paths(tree)]
    return all(
        set(sure) == {k for k in s.nodes if cost[k] == min(cost[j] for j in s.nodes)}
        for s, sure in zip(tree.sets, believed)
    )


def weights(
    tree: Tree, played: Support, beliefs: Sequence[Array], mixtures: Sequence[Array]
) -> tuple[dict[Moved, float], bool]:
    """Weights of the unplayed moves that give the beliefs, and whether there are any.

    In exact numbers exactly: the equations in logarithms have a solution iff each integer relation
    between their left sides is one between the right sides. The weights are floats.
    """
    played_sets = [set(a) for a in played]
    moved, chances = paths(tree), _chances(tree, mixtures)
    moves = _unplayed_moves(tree, played)
    at = {m: j for j, m in enumerate(moves)}
    M: list[list[int]] = []
    ratios: list[Number] = []
    for s, belief in zip(tree.sets, beliefs):
        sure = [(k, p) for k, p in zip(s.nodes, belief) if p]
        for k, p in sure[1:]:
            row = [0] * len(moves)
            for node, sign in ((k, 1), (sure[0][0], -1)):
                for g, a in moved[node]:
                    if a not in played_sets[g]:
                        row[at[g, a]] += sign
            M.append(row)
            ratios.append(p / sure[0][1] * chances[sure[0][0]] / chances[k])
    found = dict.fromkeys(moves, 1.0)
    if not M:
        return found, True
    logs = np.array([_log(r) for r in ratios])
    x = np.linalg.lstsq(np.array(M, dtype=float), logs, rcond=None)[0] if moves else np.zeros(0)
    found |= {m: math.exp(v) for m, v in zip(moves, x.tolist())}
    if not all(isinstance(r, Fraction) for r in ratios):
        short = np.abs(np.array(M, dtype=float).reshape(len(M), -1) @ x - logs).max()
        return found, bool(short <= CLOSE)
    return found, all(
        math.prod((r**y for r, y in zip(ratios, relation) if y), start=Fraction(1)) == 1
        for relation in _relations(M)
    )


CLOSE = 1e-9
"""How far off the logarithms of ratios of beliefs may be, in floats."""


def _log(ratio: Number) -> float:
    if isinstance(ratio, Fraction):
        return math.log(ratio.numerator) - math.log(ratio.denominator)
    return math.log(ratio)


def _relations(M: list[list[int]]) -> list[list[int]]:
    """A basis of the integer ``y`` with ``y M = 0``."""
    from flint import fmpz_mat

    rows, columns = len(M), len(M[0])
    if columns == 0:
        return [[int(i == j) for j in range(rows)] for i in range(rows)]
    N, rank = fmpz_mat(M).transpose().nullspace()
    found = []
    for j in range(rank):
        y = [int(N[i, j]) for i in range(rows)]
        divisor = math.gcd(*y)
        found.append([v // divisor for v in y])
    return found


def ranks(tree: Tree, played: Support, believed: Support) -> list[int] | None:
    """The rank of each node that is no end in a plausibility order that respects knowledge.

    Beliefs sit exactly on the most plausible nodes of each set. None if there is no such order.
    Ends have rank -1. Decided by following what is forced, and trying what is not. Cost: a few
    passes over pairs of nodes of one set; exponential in the pairs of which nothing is forced.
    """
    return _Order(tree, played, believed).solved()


class _Order:
    """What is known of a plausibility order: classes of nodes, and which stand above which."""

    def __init__(self, tree: Tree, played: Support, believed: Support) -> None:
        self.tree = tree
        self.inner = [k for k, node in enumerate(tree.nodes) if node.children]
        self.equal: list[tuple[int, int]] = []
        self.above: list[tuple[int, int]] = []
        for k in self.inner:
            node = tree.nodes[k]
            for a, c in enumerate(node.children):
                if tree.nodes[c].children:
                    follows = node.set is None or a in played[node.set]
                    (self.equal if follows else self.above).append((k, c))
        self.pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for s, sure in zip(tree.sets, believed):
            self.equal += [(sure[0], k) for k in sure[1:]]
            self.above += [(sure[0], k) for k in s.nodes if k not in sure]
            h = tree.nodes[s.nodes[0]].set
            assert h is not None
            moves = [a for a in range(len(s.actions)) if a not in played[h]]
            for j, k in enumerate(s.nodes):
                for m in s.nodes[j + 1 :]:
                    after = [(tree.nodes[k].children[a], tree.nodes[m].children[a]) for a in moves]
                    after = [p for p in after if all(tree.nodes[c].children for c in p)]
                    if after:
                        self.pairs[k, m] = after

    def solved(self) -> list[int] | None:
        stack = [(self.equal, self.above)]
        while stack:
            equal, above = stack.pop()
            found = self._closed(equal, above)
            if found is None:
                continue
            home, below, equal, above = found
            open_pair = next(
                (
                    (k, m)
                    for k, m in self.pairs
                    if home[k] != home[m]
                    and home[m] not in below[home[k]]
                    and home[k] not in below[home[m]]
                ),
                None,
            )
            if open_pair is None:
                return self._ranked(home, below)
            k, m = open_pair
            stack += [
                ([*equal, (k, m)], above),
                (equal, [*above, (m, k)]),
                (equal, [*above, (k, m)]),
            ]
        return None

    def _closed(self, equal: Pairs, above: Pairs) -> Closed | None:
        """Classes, what is below each, and all that is forced; None for a contradiction."""
        equal, above = list(equal), list(above)
        while True:
            home = self._classes(equal)
            below = _reached({(home[k], home[m]) for k, m in above}, set(home.values()))
            if any(c in under for c, under in below.items()):
                return None
            more_equal, more_above = [], []
            for pair, after in self.pairs.items():
                group = [pair, *after]
                ties = [home[k] == home[m] for k, m in group]
                downs = [home[m] in below[home[k]] for k, m in group]
                ups = [home[k] in below[home[m]] for k, m in group]
                if any(ties) and not all(ties):
                    more_equal += [p for p, known in zip(group, ties) if not known]
                if any(downs) and not all(downs):
                    more_above += [p for p, known in zip(group, downs) if not known]
                if any(ups) and not all(ups):
                    more_above += [p[::-1] for p, known in zip(group, ups) if not known]
            if not (more_equal or more_above):
                return home, below, equal, above
            equal += more_equal
            above += more_above

    def _classes(self, equal: list[tuple[int, int]]) -> dict[int, int]:
        root = {k: k for k in self.inner}

        def find(k: int) -> int:
            while root[k] != k:
                root[k] = root[root[k]]
                k = root[k]
            return k

        for k, m in equal:
            root[find(k)] = find(m)
        return {k: find(k) for k in self.inner}

    def _ranked(self, home: dict[int, int], below: dict[int, set[int]]) -> list[int]:
        """Most plausible first: classes in an order that extends what is known."""
        from graphlib import TopologicalSorter

        order = TopologicalSorter({c: set() for c in below})
        for c, under in below.items():
            for d in under:
                order.add(d, c)
        rank = {c: j for j, c in enumerate(order.static_order())}
        return [rank[home[k]] if k in home else -1 for k in range(len(self.tree.nodes))]


def is_order(tree: Tree, played: Support, believed: Support, rank: Sequence[int]) -> bool:
    """Whether ``rank`` is a plausibility order that respects knowledge and fits the support."""

    def sign(x: int) -> int:
        return (x > 0) - (x < 0)

    def is_inner(k: int) -> bool:
        return bool(tree.nodes[k].children)

    for k, node in enumerate(tree.nodes):
        for a, c in enumerate(node.children):
            follows = node.set is None or a in played[node.set]
            if is_inner(c) and not (rank[c] == rank[k] if follows else rank[c] > rank[k]):
                return False
    for s, sure in zip(tree.sets, believed):
        if set(sure) != {k for k in s.nodes if rank[k] == min(rank[j] for j in s.nodes)}:
            return False
        for k in s.nodes:
            for m in s.nodes:
                for c, d in zip(tree.nodes[k].children, tree.nodes[m].children):
                    if (
                        is_inner(c)
                        and is_inner(d)
                        and sign(rank[c] - rank[d]) != sign(rank[k] - rank[m])
                    ):
                        return False
    return True


def _reached(edges: set[tuple[int, int]], all_of: set[int]) -> dict[int, set[int]]:
    """What can be reached from each by one edge or more."""
    steps: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        steps[a].add(b)
    found: dict[int, set[int]] = {}
    for start in all_of:
        seen: set[int] = set()
        waiting = list(steps[start])
        while waiting:
            c = waiting.pop()
            if c not in seen:
                seen.add(c)
                waiting += steps[c]
        found[start] = seen
    return found


def _unplayed_moves(tree: Tree, played: Support) -> list[Moved]:
    return [
        (h, a)
        for h, (s, used) in enumerate(zip(tree.sets, played))
        for a in range(len(s.actions))
        if a not in used
    ]


def _unplayed(tree: Tree, played: Support) -> list[frozenset[Moved]]:
    """The unplayed moves on the path to each node."""
    used = [set(a) for a in played]
    return [frozenset(m for m in path if m[1] not in used[m[0]]) for path in paths(tree)]


def _chances(tree: Tree, mixtures: Sequence[Array]) -> list[Number]:
    """The chances along the path to each node, those of unplayed moves left out."""
    found: list[Number] = [Fraction(1)]
    for node in tree.nodes[1:]:
        up = tree.nodes[node.parent]
        p = up.chances[node.taken] if up.set is None else mixtures[up.set][node.taken]
        found.append(found[node.parent] * (p or 1))
    return found

"""The assessments of one basis, in weights of sequences.

The weight of a move is the chance that its player, as far as it depends on him, comes to make it:
of a played move the product of his chances up to it, of an unplayed one the weight of the mistake
(:mod:`gametheory._consistency`), on which later weights build. The weight of a node, to a player
who moves there, is the product of the chances of the path and of the last weights of all others.
Beliefs are in proportion to it; the player's own weight is common to all nodes of the set. The
player's payoffs from an action, times that common factor, are sums over the ends that play leads
to, weights times payoffs; a later set of its own counts by an action that is played there.

So, the basis being fixed, all conditions are equations and inequalities between products of weights
of different players: moves add up, played actions pay alike, no other pays more. Unknowns that meet
in none are independent. Of two players each condition is linear, in the weights of one of them, and
each group of unknowns that meet has a polytope of solutions, given by its vertices. A group
described in terms of mistakes alone has no unit; its vertices are rays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gametheory._consistency import Moved
from gametheory.solvers._bases import Basis, Rules
from gametheory.solvers._cone import Ray, rays

Monomial = tuple[Moved, ...]
"""A product of weights, in order; the empty one is 1."""
Form = dict[Monomial, int]
"""A sum of products with coefficients."""


@dataclass
class System:
    """What is asked of the weights of one basis.

    ``equal`` are forms that vanish, ``least`` forms that are not negative, ``node[h]`` the form of
    the weight of each node of a set of several believed nodes that is not reached.
    ``flows`` say how weights add up. ``base[m]`` is the unknown that the weight of the move ``m``
    is, None for 1.
    """

    basis: Basis
    base: dict[Moved, Moved | None]
    before: list[Moved | None]
    flows: list[Form] = field(default_factory=list)
    equal: list[Form] = field(default_factory=list)
    least: list[Form] = field(default_factory=list)
    node: dict[int, dict[int, tuple[int, Monomial]]] = field(default_factory=dict)


class Conditions:
    """Writes the system of a basis."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        tree = rules.tree
        last: list[list[Moved | None]] = [[None] * len(tree.players)]
        for node in tree.nodes[1:]:
            row = last[node.parent]
            at = tree.nodes[node.parent].set
            if at is not None:
                row = row.copy()
                row[tree.sets[at].player] = (at, node.taken)
            last.append(row)
        self.last = last

    def of(self, basis: Basis) -> System:
        """The system; empty at once where a pure condition fails is left to the solver."""
        tree = self.rules.tree
        base: dict[Moved, Moved | None] = {}
        before: list[Moved | None] = [None] * len(tree.sets)
        by_depth = [h for mine in tree.own for h in _parents_first(tree.parents, mine)]
        system = System(basis, base, before)
        for h in by_depth:
            up, used = tree.parents[h], basis.played[h]
            here = before[h] = base[up] if up is not None else None
            for a in range(len(tree.sets[h].actions)):
                base[h, a] = here if used == (a,) else (h, a)
            if len(used) > 1:
                flow: Form = {((h, a),): 1 for a in used}
                flow[() if here is None else (here,)] = -1
                system.flows.append(flow)
        values: dict[int, Form] = {}
        for h in self.rules.order:
            values[h] = self._optimal(h, system, values)
        for h in self.rules.many:
            sure = basis.believed[h]
            if len(sure) > 1:
                i = tree.sets[h].player
                system.node[h] = {
                    k: (self.rules.chance[k], self.monomial(i, k, base)) for k in sure
                }
        return system

    def monomial(self, i: int, k: int, base: dict[Moved, Moved | None]) -> Monomial:
        """The product of the weights of all but ``i`` at node ``k``."""
        found = []
        for j, m in enumerate(self.last[k]):
            if j != i and m is not None and base[m] is not None:
                found.append(base[m])
        return tuple(sorted(found))  # type: ignore[type-var]

    def _optimal(self, h: int, system: System, values: dict[int, Form]) -> Form:
        """Adds what is asked at ``h``; what playing on from there is worth, in weights."""
        tree, basis = self.rules.tree, system.basis
        i, used = tree.sets[h].player, basis.played[h]
        worths = []
        for a in range(len(tree.sets[h].actions)):
            total: Counter[Monomial] = Counter()
            own: set[int] = set()
            waiting = [tree.nodes[k].children[a] for k in basis.believed[h]]
            while waiting:
                k = waiting.pop()
                node = tree.nodes[k]
                if not node.children:
                    u = self.rules.pays[k][i]
                    if u:
                        total[self.monomial(i, k, system.base)] += self.rules.chance[k] * u
                elif node.set is None:
                    waiting += node.children
                elif tree.sets[node.set].player == i:
                    own.add(node.set)
                else:
                    waiting += [node.children[b] for b in basis.played[node.set]]
            for g in own:
                total.update(values[g])
            worths.append(total)
        top = worths[used[0]]
        for a, total in enumerate(worths):
            if a != used[0]:
                gap = dict(top)
                for m, v in total.items():
                    gap[m] = gap.get(m, 0) - v
                gap = _cancelled({m: v for m, v in gap.items() if v})
                (system.equal if a in used else system.least).append(gap)
        return dict(top)


def _parents_first(parents: Sequence[Moved | None], mine: Sequence[int]) -> Iterator[int]:
    seen: set[int] = set()

    def visit(h: int) -> Iterator[int]:
        up = parents[h]
        if up is not None and up[0] not in seen:
            yield from visit(up[0])
        if h not in seen:
            seen.add(h)
            yield h

    for h in mine:
        yield from visit(h)


def _cancelled(form: Form) -> Form:
    """The form without the unknowns that all its products share; these are positive."""
    if not form:
        return form
    first, *rest = form
    shared = [m for m in first if all(m in other for other in rest)]
    if not shared:
        return form
    return {tuple(m for m in product if m not in shared): v for product, v in form.items()}


@dataclass(frozen=True)
class Group:
    """Unknowns that meet, and the vertices of what they may be: a row each, in their order.

    ``unit`` is the value of 1 in each row, zero where the group has no unit. ``mixes`` tells
    whether behaviour depends on them.
    """

    unknowns: tuple[Moved, ...]
    vertices: tuple[tuple[Fraction, ...], ...]
    mixes: bool


class NotLinearError(ArithmeticError):
    """A group in which unknowns of several players multiply each other."""


class Groups:
    """Solves systems group by group, and remembers what it has solved."""

    def __init__(self) -> None:
        self.known: dict[object, list[Ray]] = {}
        self.open = 0

    def of(self, system: System) -> list[list[Group]]:
        """Each solution of the system, a list of groups with their vertices.

        ``open`` counts the systems that are not solved.
        """
        try:
            found = self._linear(system)
        except NotLinearError:
            self.open += 1
            return []
        return [found] if found is not None else []

    def _linear(self, system: System) -> list[Group] | None:
        forms = [*system.flows, *system.equal, *system.least]
        for form in system.least:
            if not form:
                continue
            if max(form.values()) < 0:
                return None
        for form in system.equal:
            if form and (max(form.values()) < 0 or min(form.values()) > 0):
                return None
        links = [{m for product in form for m in product} for form in forms]
        beliefs = {
            h: _shared(rows)
            for h, rows in system.node.items()
            if h not in system.basis.reached
        }
        links += [{m for product in rows.values() for m in product} for rows in beliefs.values()]
        home: dict[Moved, Moved] = {}

        def find(m: Moved) -> Moved:
            while home[m] != m:
                home[m] = home[home[m]]
                m = home[m]
            return m

        for link in links:
            for m in link:
                home.setdefault(m, m)
            for m in link:
                home[find(m)] = find(next(iter(link)))
        members: dict[Moved, list[Moved]] = {}
        for m in sorted(home):
            members.setdefault(find(m), []).append(m)
        parts: dict[Moved, tuple[list[Form], list[Form]]] = {r: ([], []) for r in members}
        for j, (form, link) in enumerate(zip(forms, links)):
            if not link:
                value = form.get((), 0)
                equal = j < len(system.flows) + len(system.equal)
                if value < 0 or (equal and value):
                    return None
                continue
            root = find(next(iter(link)))
            parts[root][j >= len(system.flows) + len(system.equal)].append(form)
        loose = {
            m
            for h in system.basis.free
            for product in beliefs.get(h, {}).values()
            for m in product
        }
        mixed = {m for flow in system.flows for product in flow for m in product}
        found = []
        for root, unknowns in sorted(members.items(), key=lambda item: len(item[1])):
            group = self._solved(unknowns, *parts[root], loose, bool(mixed & set(unknowns)), system, beliefs)
            if group is None:
                return None
            found.append(group)
        return found

    def _solved(
        self,
        unknowns: list[Moved],
        equal: list[Form],
        least: list[Form],
        loose: set[Moved],
        mixes: bool,
        system: System,
        beliefs: dict[int, dict[int, Monomial]],
    ) -> Group | None:
        at = {m: j for j, m in enumerate(unknowns)}
        n = len(unknowns)
        unit = any(() in form for form in (*equal, *least))
        size = n + unit

        def row(form: Form) -> tuple[int, ...]:
            line = [0] * size
            for product, v in form.items():
                if len(product) > 1:
                    raise NotLinearError
                line[at[product[0]] if product else n] += v
            return tuple(line)

        equations = tuple(sorted({row(form) for form in equal if form}))
        rows = tuple(sorted({row(form) for form in least if form}))
        key = (equations, rows, size)
        if key not in self.known:
            self.known[key] = rays(equations, rows, size)
        found = self.known[key]
        if not found:
            return None
        totals = [sum(column) for column in zip(*found)]
        if any(total == 0 and (j == n or unknowns[j] not in loose) for j, total in enumerate(totals)):
            return None
        if unit:
            vertices = tuple(tuple(Fraction(v, ray[n]) for v in ray[:n]) for ray in found)
        else:
            vertices = tuple(tuple(Fraction(v, sum(ray)) for v in ray) for ray in found)
        return Group(tuple(unknowns), vertices, mixes)


def _shared(rows: dict[int, tuple[int, Monomial]]) -> dict[int, Monomial]:
    """The products of the nodes' weights without the unknowns that all share."""
    products = [product for _, product in rows.values()]
    shared = [m for m in products[0] if all(m in other for other in products[1:])]
    return {k: tuple(m for m in product if m not in shared) for k, (_, product) in rows.items()}

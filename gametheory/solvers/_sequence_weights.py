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
from gametheory.solvers._weight_products import (
    Form,
    Monomial,
    UndecidedError,
    Values,
    cancelled,
    fixed,
    points,
    relaxed,
    substituted,
)


@dataclass
class System:
    """What is asked of the weights of one basis.

    ``equal`` are forms that vanish, ``least`` forms that are not negative, ``node[h]`` the form of
    the weight of each node of a set of several believed nodes that is not reached.
    ``loose`` are unknowns that may be zero, the weights of mistakes that lead to free sets.
    ``flows`` say how weights add up. ``base[m]`` is the unknown that the weight of the move ``m``
    is, None for 1.
    """

    basis: Basis
    owner: tuple[int, ...]
    base: dict[Moved, Moved | None]
    before: list[Moved | None]
    flows: list[Form] = field(default_factory=list)
    equal: list[Form] = field(default_factory=list)
    least: list[Form] = field(default_factory=list)
    node: dict[int, dict[int, tuple[int, Monomial]]] = field(default_factory=dict)
    loose: set[Moved] = field(default_factory=set)


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
        self.others = [
            [[m for j, m in enumerate(row) if j != i and m is not None] for row in last]
            for i in range(len(tree.players))
        ]
        self.by_depth = [h for mine in tree.own for h in _parents_first(tree.parents, mine)]

    def of(self, basis: Basis) -> System | None:
        """The system; None where one of its conditions plainly fails."""
        tree = self.rules.tree
        base: dict[Moved, Moved | None] = {}
        before: list[Moved | None] = [None] * len(tree.sets)
        system = System(basis, tuple(s.player for s in tree.sets), base, before)
        for h in self.by_depth:
            up, used = tree.parents[h], basis.played[h]
            here = before[h] = base[up] if up is not None else None
            for a in range(len(tree.sets[h].actions)):
                base[h, a] = here if used == (a,) else (h, a)
            if len(used) > 1:
                flow: Form = {((h, a),): 1 for a in used}
                flow[() if here is None else (here,)] = -1
                system.flows.append(flow)
        for h in self.rules.many:
            sure = basis.believed[h]
            if len(sure) > 1:
                i = tree.sets[h].player
                system.node[h] = {
                    k: (self.rules.chance[k], self.monomial(i, k, base)) for k in sure
                }
        for h in basis.free:
            system.loose |= {m for _, product in system.node[h].values() for m in product}
        values: dict[int, Form] = {}
        for h in self.rules.order:
            worth = self._optimal(h, system, values)
            if worth is None:
                return None
            values[h] = worth
        return system

    def monomial(self, i: int, k: int, base: dict[Moved, Moved | None]) -> Monomial:
        """The product of the weights of all but ``i`` at node ``k``."""
        found = [b for m in self.others[i][k] if (b := base[m]) is not None]
        return tuple(found) if len(found) < 2 else tuple(sorted(found))

    def _optimal(self, h: int, system: System, values: dict[int, Form]) -> Form | None:
        """Adds what is asked at ``h``; what playing on from there is worth, in weights.

        None if what is asked plainly fails.
        """
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
        here = [self.monomial(i, k, system.base) for k in basis.believed[h]]
        loose = system.loose
        if loose:  # the player is at h for sure, so that what all its nodes share is positive there
            loose = loose - set(here[0]).intersection(*here)
        for a, total in enumerate(worths):
            if a != used[0]:
                gap = dict(top)
                for m, v in total.items():
                    gap[m] = gap.get(m, 0) - v
                gap = cancelled({m: v for m, v in gap.items() if v}, loose)
                if _fails(gap, a in used, loose):
                    return None
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


@dataclass(frozen=True)
class Group:
    """Unknowns that meet, and the vertices of what they may be: a row each, in their order.

    ``mixes`` tells whether behaviour depends on them, ``exact`` whether the vertices are exact.
    """

    unknowns: tuple[Moved, ...]
    vertices: tuple[tuple[Fraction, ...], ...]
    mixes: bool
    exact: bool = True


def reduced(form: Form, system: System) -> Form:
    """The form with the last move of each flow, in products, written in terms of the others."""
    if all(len(product) < 2 for product in form):
        return form
    last = {product[0]: flow for flow in system.flows if (product := list(flow)[-2])}
    total: Form = {}
    waiting = list(form.items())
    while waiting:
        product, v = waiting.pop()
        m = next((m for m in product if m in last), None) if len(product) > 1 else None
        if m is None:
            total[product] = total.get(product, 0) + v
            continue
        rest = list(product)
        rest.remove(m)
        for other, c in last[m].items():
            if other != (m,):
                waiting.append((tuple(sorted((*rest, *other))), -c * v))
    return cancelled({product: v for product, v in total.items() if v}, system.loose)


@dataclass
class _Part:
    """Unknowns that meet, with their conditions."""

    unknowns: list[Moved]
    equal: list[Form]
    least: list[Form]
    tangled: bool = False

    @property
    def linear(self) -> bool:
        return not self.tangled and all(
            len(p) < 2 for form in (*self.equal, *self.least) for p in form
        )


class Groups:
    """Solves systems group by group, and remembers what it has solved."""

    def __init__(self) -> None:
        self.known: dict[object, list[Ray]] = {}
        self.open = 0

    def of(self, system: System) -> list[list[Group]]:
        """The solutions of the system, lists of groups with their vertices; none or one of two
        players.

        ``open`` counts the systems that are not solved.
        """
        mixed = {m for flow in system.flows for product in flow for m in product}
        try:
            found = self._of(system, [*system.flows, *system.equal], system.least, mixed, {}, None)
        except UndecidedError:
            self.open += 1
            return []
        return found

    def _of(
        self,
        system: System,
        equal: list[Form],
        least: list[Form],
        mixed: set[Moved],
        known: Values,
        scope: set[Moved] | None,
    ) -> list[list[Group]]:
        parts = _parted(system, equal, least, known, scope)
        if parts is None:
            return []
        groups, hard = [], []
        for part in sorted(parts, key=lambda part: len(part.unknowns)):
            if not part.linear:
                hard.append(part)
                continue
            group = self._solved(part, system.loose, bool(mixed & set(part.unknowns)))
            if group is None:
                return []
            groups.append(group)
        found: list[list[Group]] = [groups]
        for part in hard:
            some = self._product(system, part, mixed, known)
            found = [[*a, *b] for a in found for b in some]
            if not found:
                return []
        return found

    def _product(
        self, system: System, part: _Part, mixed: set[Moved], known: Values
    ) -> list[list[Group]]:
        """The same for a part with products."""
        loose = system.loose
        values = fixed(part.unknowns, part.equal, part.least, loose)
        if values is None:
            return []
        if not values:
            strict = {m for m in part.unknowns if m not in loose}
            if not relaxed(part.unknowns, part.equal, part.least, strict):
                return []
            if part.tangled:
                raise UndecidedError
            equal = [substituted(reduced(f, system), known, loose) for f in part.equal]
            least = [substituted(reduced(f, system), known, loose) for f in part.least]
            part = _Part(part.unknowns, equal, least)
            values = fixed(part.unknowns, equal, least, loose)
            if values is None:
                return []
        if values:
            equal = [substituted(f, values, loose) for f in part.equal]
            least = [substituted(f, values, loose) for f in part.least]
            certain = [Group((m,), ((v,),), m in mixed) for m, v in values.items()]
            scope = set(part.unknowns) - set(values)
            some = self._of(system, equal, least, mixed, {**known, **values}, scope)
            return [[*certain, *groups] for groups in some]
        return [
            [Group(tuple(x), (tuple(x.values()),), bool(mixed & set(x)), exact)]
            for x, exact in points(part.unknowns, part.equal, part.least, loose)
        ]

    def _solved(self, part: _Part, loose: set[Moved], mixes: bool) -> Group | None:
        unknowns = part.unknowns
        at = {m: j for j, m in enumerate(unknowns)}
        n = len(unknowns)
        unit = any(() in form for form in (*part.equal, *part.least))
        size = n + unit

        def row(form: Form) -> tuple[int, ...]:
            line = [0] * size
            for product, v in form.items():
                line[at[product[0]] if product else n] += v
            return tuple(line)

        equations = tuple(sorted({row(form) for form in part.equal if form}))
        rows = tuple(sorted({row(form) for form in part.least if form}))
        key = (equations, rows, size)
        if key not in self.known:
            self.known[key] = rays(equations, rows, size)
        found = self.known[key]
        if not found:
            return None
        totals = [sum(column) for column in zip(*found)]
        if any(
            total == 0 and (j == n or unknowns[j] not in loose) for j, total in enumerate(totals)
        ):
            return None
        if unit and not all(ray[n] for ray in found):
            raise UndecidedError
        bottom = [ray[n] if unit else sum(ray) for ray in found]
        vertices = tuple(tuple(Fraction(v, b) for v in ray[:n]) for ray, b in zip(found, bottom))
        return Group(tuple(unknowns), vertices, mixes)


def _parted(
    system: System,
    equal: Sequence[Form],
    least: Sequence[Form],
    known: Values,
    scope: set[Moved] | None,
) -> list[_Part] | None:
    """The parts of a system; None where a condition without unknowns fails.

    ``scope`` are the unknowns to be looked at, None for all.
    """
    if any(_fails(form, False, system.loose) for form in least):
        return None
    if any(_fails(form, True, system.loose) for form in equal):
        return None
    forms = [*equal, *least]
    links = [{m for product in form for m in product} for form in forms]
    beliefs: list[tuple[set[Moved], bool]] = []
    for h, rows in system.node.items():
        if h not in system.basis.reached:
            products = [
                tuple(m for m in product if m not in known and (scope is None or m in scope))
                for _, product in rows.values()
            ]
            beliefs += _factors(products, system.owner)
    home: dict[Moved, Moved] = {}

    def find(m: Moved) -> Moved:
        while home[m] != m:
            home[m] = home[home[m]]
            m = home[m]
        return m

    for link in (*links, *(link for link, _ in beliefs)):
        for m in link:
            home.setdefault(m, m)
        for m in link:
            home[find(m)] = find(next(iter(link)))
    parts: dict[Moved, _Part] = {}
    for m in sorted(home):
        parts.setdefault(find(m), _Part([], [], [])).unknowns.append(m)
    for link, tangled in beliefs:
        parts[find(next(iter(link)))].tangled |= tangled
    for j, (form, link) in enumerate(zip(forms, links)):
        if not link:
            value = form.get((), 0)
            if value < 0 or (j < len(equal) and value):
                return None
            continue
        part = parts[find(next(iter(link)))]
        (part.equal if j < len(equal) else part.least).append(form)
    return list(parts.values())


def _fails(form: Form, equal: bool, loose: set[Moved]) -> bool:
    """Whether a form that should be zero, or not negative, has the wrong sign throughout."""
    if not form or (max(form.values()) >= 0 and not (equal and min(form.values()) > 0)):
        return False
    return not loose or any(not loose.intersection(product) for product in form)


def _factors(products: list[Monomial], owner: Sequence[int]) -> list[tuple[set[Moved], bool]]:
    """Unknowns that a belief ties together, and whether they multiply each other.

    Where each node's weight has one factor of a player, that player's are tied among themselves.
    """
    shared = [m for m in products[0] if all(m in other for other in products[1:])]
    products = [tuple(m for m in product if m not in shared) for product in products]
    found = []
    if any(len(product) > 1 for product in products):
        for i in {owner[m[0]] for product in products for m in product}:
            own = [[m for m in product if owner[m[0]] == i] for product in products]
            if all(len(part) == 1 for part in own):
                found.append(({m for part in own for m in part}, False))
                products = [tuple(m for m in p if owner[m[0]] != i) for p in products]
    rest = {m for product in products for m in product}
    if rest:
        found.append((rest, any(len(product) > 1 for product in products)))
    return found

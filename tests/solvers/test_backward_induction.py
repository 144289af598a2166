"""Subgame-perfect equilibria: all of them, by independent searches; laws; budgets."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory as gt
from gametheory import Behaviour, Coverage, Tree, chance, move
from gametheory.behaviour import certify_behaviour
from gametheory.solvers import _continuations
from gametheory.solvers.backward_induction import solve
from gametheory.subgames import certify_subgames
from gametheory.testing import random_tree, trees

laws = settings(max_examples=60, deadline=None)
WHOLE = (Coverage.ALL, Coverage.EXTREME)
F = Fraction


def rebuilt(tree: Tree, change: Any = None, players: Any = None, name: Any = None) -> Tree:
    """``tree`` with payoffs, players' names and order, and labels changed."""
    nodes = iter(tree.nodes)
    name = name or (lambda label: label)
    who = dict(zip(tree.players, players or tree.players))

    def rule(_: Any) -> Any:
        node = next(nodes)
        if not node.children:
            return change(node.payoffs) if change else node.payoffs
        if node.set is None:
            return chance({name(a): p for a, p in zip(node.actions, node.chances)})
        at = tree.sets[node.set]
        return move(who[tree.players[at.player]], *map(name, at.actions), at=name(at.label))

    return Tree.of(sorted(who.values()) if players else tree.players, rule)


def points(found: Any) -> set[Any]:
    return {tuple(tuple(x.tolist()) for x in e.mixtures) for e in found}


# Completeness, by other ways


def pure_by_hand(tree: Tree, k: int = 0) -> Iterator[tuple[dict[int, int], list[Fraction]]]:
    """All pure subgame-perfect equilibria of perfect information: choices, and what they pay."""
    node = tree.nodes[k]
    if not node.children:
        yield {}, list(node.payoffs)
        return
    for each in itertools.product(*(list(pure_by_hand(tree, c)) for c in node.children)):
        choices = {h: a for part, _ in each for h, a in part.items()}
        paid = [u for _, u in each]
        if node.set is None:
            yield choices, [sum(p * u for p, u in zip(node.chances, col)) for col in zip(*paid)]
            continue
        i = tree.sets[node.set].player
        for a, u in enumerate(paid):
            if u[i] == max(v[i] for v in paid):
                yield {**choices, node.set: a}, u


@laws
@given(st.integers(1, 3).flatmap(lambda n: trees(n, moves=(1, 7), perfect=True)))
def test_every_pure_equilibrium_of_perfect_information_is_there(tree):
    found = solve(tree)
    assert found.coverage in (*WHOLE, Coverage.ALL_PURE)
    expected = {tuple(sorted(choices.items())) for choices, _ in pure_by_hand(tree)}
    pure = {p for p in points(found) if all(max(x) == 1 for x in p)}
    assert {tuple((h, x.index(1)) for h, x in enumerate(p)) for p in pure} == expected


@laws
@given(trees(2, moves=(1, 6), actions=(1, 2), perfect=True), st.randoms(use_true_random=False))
def test_every_mixed_equilibrium_is_in_one_of_the_products(tree, source):
    """Chances from a grid, pushed at indifference, so that many profiles are equilibria."""
    found = solve(tree)
    assume(found.coverage in WHOLE)
    boxes = [
        [
            (min(column), max(column))
            for column in zip(*([x[0] for x in found[k].mixtures] for k in subset))
        ]
        for part in found.components
        for subset in part.nash_subsets
    ]
    grid = [F(0), F(1), F(1, 2), F(1, 4), F(2, 3)]
    grid += [x[0] for e in found for x in e.mixtures]
    for _ in range(30):
        p = [source.choice(grid) if len(s.actions) > 1 else F(1) for s in tree.sets]
        x = Behaviour(
            tree, [[q, 1 - q] if len(s.actions) > 1 else [q] for s, q in zip(tree.sets, p)]
        )
        inside = any(all(lo <= q <= hi for q, (lo, hi) in zip(p, box)) for box in boxes)
        assert inside == (certify_subgames(x).regret == 0)


def own_chance(profile: Behaviour, h: int, root: int) -> Fraction:
    """The chance that own moves from ``root`` on lead to the information set ``h``."""
    tree, chance_of = profile.tree, F(1)
    before = tree.parents[h]
    while before and tree.sets[before[0]].nodes[0] >= root:
        chance_of *= profile.mixtures[before[0]][before[1]]
        before = tree.parents[before[0]]
    return chance_of


def homes(tree: Tree) -> list[int]:
    """The start of the smallest subgame that holds each information set."""
    roots = set(tree.subgames)
    found = []
    for s in tree.sets:
        k = s.nodes[0]
        while k not in roots:
            k = tree.nodes[k].parent
        found.append(k)
    return found


def in_plans(profile: Behaviour) -> tuple[Any, ...]:
    """The mixtures, but None where own moves in the piece do not lead."""
    tree = profile.tree
    return tuple(
        tuple(x.tolist()) if own_chance(profile, h, home) else None
        for h, (x, home) in enumerate(zip(profile.mixtures, homes(tree)))
    )


def nash_in_all_subgames(profile: Behaviour) -> bool:
    tree = profile.tree
    for root in tree.subgames:
        part = tree.subgame(root)
        labels = {(s.player, s.label): x for s, x in zip(tree.sets, profile.mixtures)}
        inside = Behaviour(part, [labels[s.player, s.label] for s in part.sets])
        if certify_behaviour(inside).regret:
            return False
    return True


@laws
@given(st.integers(2, 3).flatmap(lambda n: trees(n, moves=(2, 7))))
def test_every_pure_equilibrium_is_there_with_hidden_moves_too(tree):
    shape = [len(s.actions) for s in tree.sets]
    assume(math.prod(shape) <= 200 and any(len(s.nodes) > 1 for s in tree.sets))
    found = solve(tree)
    listed = {in_plans(e.profile) for e in found}
    for choice in itertools.product(*map(range, shape)):
        mixtures = [[F(b == a) for b in range(m)] for a, m in zip(choice, shape)]
        profile = Behaviour(tree, mixtures)
        if found.coverage in WHOLE and nash_in_all_subgames(profile):
            assert in_plans(profile) in listed


def test_the_sets_are_nearly_always_complete():
    """The coverage is weak only where ties pile up: not as a way out."""
    found = [
        solve(random_tree(seed, 2 + seed % 2, (2, 8), perfect=seed % 3 > 0)) for seed in range(150)
    ]
    assert sum(f.coverage in WHOLE for f in found) >= 135
    assert sum(f.coverage is Coverage.EXTREME for f in found) > 30
    assert all(f.components for f in found if f.coverage in WHOLE)


# What is between the corners


@laws
@given(st.integers(2, 3).flatmap(lambda n: trees(n, moves=(2, 7))), st.randoms())
def test_products_hold_equilibria_alone(tree, source):
    """Each player's plans in each piece, mixed at will within a Nash subset."""
    found = solve(tree)
    at = homes(tree)
    for part in found.components:
        for subset in part.nash_subsets:
            members = [found[k].profile for k in subset]
            weights: dict[Any, list[Fraction]] = {}
            mixtures = []
            for h, s in enumerate(tree.sets):
                key = at[h], s.player
                if key not in weights:
                    w = [source.choice((0, 1, 2)) for _ in members[1:]] + [1]
                    weights[key] = [F(x, sum(w)) for x in w]
                reach = [w * own_chance(m, h, at[h]) for w, m in zip(weights[key], members)]
                total = sum(reach)
                use = reach if total else [F(1)] + [F(0)] * (len(members) - 1)
                mixtures.append(sum(r * m.mixtures[h] for r, m in zip(use, members)) / sum(use))
            assert certify_subgames(Behaviour(tree, mixtures)).regret == 0


@laws
@given(st.integers(2, 3).flatmap(lambda n: trees(n)))
def test_all_are_certified_once_and_in_order(tree):
    found = solve(tree)
    assert found.concept == "spe"
    assert len(points(found)) == len(found) > 0
    assert sorted(points(found), reverse=True) == [
        tuple(tuple(x.tolist()) for x in e.mixtures) for e in found
    ]
    for e in found:
        assert e.certificate.concept == "spe"
        assert e.certificate.regret == 0
        assert nash_in_all_subgames(e.profile)
    assert sorted(k for part in found.components for k in part) in ([], [*range(len(found))])


def test_members_are_corners_where_a_simplex_is_cut_twice():
    """C, then A trust B or not. B does not care which of four outcomes comes about.

    A trusts at half of B's tetrahedron of mixtures, which has six corners; C at what of it lies
    near one of them, with four, three on edges: so the rest has eight.
    """
    goods = {"none": (0, 0), "some": (0, F(1, 2)), "most": (1, 1), "A's": (1, 0)}

    def rule(history):
        if history == () or history == ("trust",):
            return move("CA"[len(history)], "trust", "leave")
        if history[-1] == "leave":
            return F(1, 2), 0, F(9, 10) if len(history) == 1 else 0
        if len(history) == 2:
            return move("B", *goods, at="b")
        a, c = goods[history[2]]
        return a, 0, c

    tree = Tree.of("ABC", rule)
    found = solve(tree)
    assert found.coverage is Coverage.EXTREME
    sizes = []
    for part in found.components:
        for subset in part.nash_subsets:
            plans = [found[k].profile.plan for k in subset]
            bs = {tuple(plan["B"]["b"].tolist()) for plan in plans}
            sizes.append(len(bs))
            for b in bs:
                others = np.array([*bs - {b}], dtype=float).T
                if others.size:
                    A = np.vstack([others, np.ones(others.shape[1])])
                    fits = linprog(np.zeros(A.shape[1]), A_eq=A, b_eq=[*map(float, b), 1])
                    assert fits.status == 2, (b, bs)  # infeasible
    assert {4, 8} <= set(sizes)
    assert max(sizes) == 8


# Laws


@laws
@given(trees(3))
def test_names_and_order_of_players_do_not_matter(tree):
    def turned(payoffs):
        return [payoffs[2], payoffs[0], payoffs[1]]

    other = rebuilt(tree, turned, players=["q", "r", "p"], name=lambda a: f"<{a}>")
    here, there = solve(tree), solve(other)
    assert points(here) == points(there)
    assert here.coverage is there.coverage
    assert {turned(e.payoffs)[0] for e in here} == {e.payoffs[0] for e in there}


@laws
@given(trees(2), st.integers(1, 5), st.integers(-3, 3))
def test_units_and_zeros_do_not_matter(tree, unit, zero):
    other = rebuilt(tree, lambda u: [unit * u[0] + zero, u[1] - 7 * zero])
    assert points(solve(tree)) == points(solve(other))
    big = rebuilt(tree, lambda u: [float(u[0]) * 1e9, float(u[1]) * 1e-9])
    here, there = solve(tree), solve(big)
    assert len(here) == len(there)
    assert here.coverage is there.coverage
    for e, f in zip(here, there):
        for x, y in zip(e.mixtures, f.mixtures):
            assert y.dtype == np.float64
            assert np.allclose(x.astype(float), y, rtol=0, atol=1e-9)


def revised(tree: Tree, at: Any) -> Tree:
    """``tree`` with ``at(history, node)`` for what happens where that is not None."""
    nodes = {n.history: n for n in tree.nodes}

    def rule(history):
        new = at(history, nodes)
        if new is not None:
            return new
        node = nodes[history]
        if not node.children:
            return node.payoffs
        if node.set is None:
            return chance(dict(zip(node.actions, node.chances)))
        s = tree.sets[node.set]
        return move(tree.players[s.player], *s.actions, at=s.label)

    return Tree.of(tree.players, rule)


@laws
@given(trees(2, perfect=True))
def test_a_dominated_move_changes_nothing(tree):
    """A last action at each set, which pays its player less than anything else does."""

    def at(history, nodes):
        if history not in nodes:
            mover = tree.sets[nodes[history[:-1]].set].player
            return [-10 if i == mover else 1 for i in range(2)]
        if nodes[history].set is None:
            return None
        s = tree.sets[nodes[history].set]
        return move(tree.players[s.player], *s.actions, "worse", at=s.label)

    here, there = solve(tree), solve(revised(tree, at))
    assert {tuple(x[:-1] for x in p) for p in points(there)} == points(here)
    assert all(x[-1] == 0 for p in points(there) for x in p)


@laws
@given(trees(2, perfect=True, actions=(2, 3)))
def test_a_move_of_chance_in_two_steps_changes_nothing(tree):
    """Of three outcomes the last two are drawn again."""
    nodes = {n.history: n for n in tree.nodes}

    def plain(history):
        return tuple(a for a in history if a != "other")

    def rule(history):
        node = nodes[plain(history)]
        again = history[-1:] == ("other",)
        if len(node.chances) == 3:
            p, names = node.chances, node.actions
            if again:
                return chance({names[1]: p[1] / (p[1] + p[2]), names[2]: p[2] / (p[1] + p[2])})
            return chance({names[0]: p[0], "other": p[1] + p[2]})
        if not node.children:
            return node.payoffs
        if node.set is None:
            return chance(dict(zip(node.actions, node.chances)))
        s = tree.sets[node.set]
        return move(tree.players[s.player], *s.actions, at=s.label)

    split = Tree.of(tree.players, rule)
    assert points(solve(split)) == points(solve(tree))
    assert solve(split).coverage is solve(tree).coverage


@laws
@given(trees(2, moves=(1, 4)))
def test_a_lot_before_the_game_pairs_its_equilibria(tree):
    """All see the lot, a third or two thirds, and play the game: each way after each."""
    one = solve(tree)
    assume(one.coverage in WHOLE and len(one) <= 20)
    nodes = {n.history: n for n in tree.nodes}

    def rule(history):
        if not history:
            return chance(heads=F(1, 3), tails=F(2, 3))
        node = nodes[history[1:]]
        if not node.children:
            return node.payoffs
        if node.set is None:
            return chance(dict(zip(node.actions, node.chances)))
        s = tree.sets[node.set]
        return move(tree.players[s.player], *s.actions, at=f"{history[0]}: {s.label}")

    two = solve(Tree.of(tree.players, rule))
    assert two.coverage is one.coverage
    assert points(two) == {x + y for x in points(one) for y in points(one)}
    half = [e.payoffs for e in one]
    assert {e.payoffs for e in two} == {
        tuple(u / 3 + 2 * v / 3 for u, v in zip(x, y)) for x in half for y in half
    }
    products = sum(len(part.nash_subsets) for part in one.components)
    assert sum(len(part.nash_subsets) for part in two.components) == products**2


@laws
@given(trees(2, moves=(2, 7)))
def test_a_subgame_with_one_equilibrium_may_be_replaced_by_what_it_pays(tree):
    inner = [k for k in tree.subgames[1:] if len(solve(tree.subgame(k))) == 1]
    assume(inner)
    k = inner[0]
    paid = solve(tree.subgame(k))[0].payoffs
    start = tree.nodes[k].history
    short = revised(tree, lambda history, _: paid if history == start else None)
    kept = [h for (who, at), h in tree.by_label.items() if (who, at) in short.by_label]
    here = {tuple(p[h] for h in sorted(kept)) for p in points(solve(tree))}
    order = [
        short.by_label[tree.players[tree.sets[h].player], tree.sets[h].label] for h in sorted(kept)
    ]
    there = {tuple(p[g] for g in order) for p in points(solve(short))}
    assert here == there


@laws
@given(trees(2, moves=(1, 5)))
def test_they_are_among_the_nash_equilibria(tree):
    """Of a tree that is its own only subgame they are the same; elsewhere each is one."""
    spe, nash = solve(tree), gt.solve(tree)
    if tree.subgames == (0,):
        assert {in_plans(e.profile) for e in spe} == {in_plans(e.profile) for e in nash}
    values = {e.payoffs for e in nash}
    if nash.coverage is Coverage.ALL:
        assert {e.payoffs for e in spe} <= values


# Budgets, kinds of numbers, errors


def test_curved_sets_fall_back_on_pure_members():
    """A takes 1/2 or lets two who do not care decide: both must help, so that a product matters."""

    def rule(history):
        match history:
            case ():
                return move("A", "safe", "risk")
            case ("safe",):
                return F(1, 2), 0, 0
            case ("risk",) | ("risk", "help"):
                return move("BC"[len(history) - 1], "help", "not")
            case ("risk", "help", "help"):
                return 1, 0, 0
            case _:
                return 0, 0, 0

    tree = Tree.of("ABC", rule)
    found = solve(tree)
    assert found.coverage is Coverage.ALL_PURE
    assert not found.components
    assert any("curved borders" in note for note in found.notes)
    assert {p for p in points(found) if all(max(x) == 1 for x in p)} == {
        tuple(tuple(F(b == a) for b in range(2)) for a in choice)
        for choice in [(0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0)]
    }


def test_curved_sets_with_hidden_moves_are_samples():
    """B and C do not care, and both must help; A, who gains by it, meets D in the dark first."""

    def rule(history):
        if len(history) < 2:
            return move("AD"[len(history)], "x", "y", at="dark" if history else "first")
        if history[:2] == ("y", "y"):
            return F(1, 2), 0, 0, 1
        if len(history) < 4 and history[-1] != "not":
            return move("BC"[len(history) - 2], "help", "not")
        return history.count("help") == 2, 0, 0, 0

    found = solve(Tree.of("ABCD", rule))
    assert found.coverage is Coverage.SAMPLE
    assert not found.components
    assert any("curved borders" in note for note in found.notes)


def test_a_piece_that_is_not_solved_for_all_its_equilibria_weakens_the_promise(monkeypatch):
    def rule(history):
        if len(history) < 3 and history[:1] != ("out",):
            who, at = [("A", "start"), ("A", "in"), ("B", "dark")][len(history)]
            return move(who, *(("x", "y") if history else ("in", "out")), at=at)
        return int(history[-1] == history[-2]) if len(history) == 3 else 0, len(history[0])

    tree = Tree.of(["A", "B"], rule)
    assert solve(tree).coverage in WHOLE
    monkeypatch.setattr("gametheory.solvers.sequence_form.VERTICES", 1)
    weak = solve(tree)
    assert weak.coverage in (Coverage.SAMPLE, Coverage.UNKNOWN)
    assert any(Coverage.UNKNOWN.value in note for note in weak.notes)


def test_more_members_than_are_listed_are_counted():
    """Ten ties that matter to nobody: 2^10 ways to break them, after each of ten first moves."""
    tree = Tree.of(
        ["A", "B"],
        lambda h: move("A", *range(10)) if not h else move("B", 0, 1) if len(h) == 1 else (1, 1),
    )
    found = solve(tree)
    assert found.coverage is Coverage.SAMPLE
    assert len(found) == 500
    assert any("Up to 10,240 are extreme" in note for note in found.notes)
    assert len({e.payoffs for e in found}) == 1


def test_listed_members_have_different_payoffs_first():
    tree = Tree.of(
        ["A", "B"],
        lambda h: move("A", *range(12)) if not h else
        move("B", 0, 1) if len(h) == 1 and h[0] != "0" else
        [0, 0] if h[0] != "0" else move("B", *range(40)) if len(h) == 1 else [1, 0] if len(h) == 2
        and h[1] != "7" else [2, 0],
    )  # fmt: skip
    found = solve(tree)
    assert found.coverage is Coverage.SAMPLE
    assert {e.payoffs for e in found} == {(1, 0), (2, 0)}


def test_a_budget_of_families_is_told(monkeypatch):
    monkeypatch.setattr(_continuations, "MOST", 2)
    dropped = [
        f
        for f in (solve(random_tree(seed, 2, (5, 9), perfect=True)) for seed in range(60))
        if any("were dropped" in note for note in f.notes)
    ]
    assert dropped
    assert all(f.coverage is Coverage.SAMPLE and not f.components for f in dropped)


def test_too_many_payoffs_are_refused(monkeypatch):
    monkeypatch.setattr(_continuations, "CELLS", 10)
    tree = Tree.of(
        ["A", "B"],
        lambda h: chance({k: F(1, 4) for k in range(4)}) if not h else
        move("A", 0, 1) if len(h) == 1 else [0, len(h[0]) + int(h[1])],
    )  # fmt: skip
    with pytest.raises(ValueError, match="more than 10 combinations of payoffs"):
        solve(tree)


def test_floats_tie_up_to_rounding_unless_taken_as_they_stand():
    tree = Tree.of(
        ["A"], lambda h: move("A", "x", "y") if not h else [0.1 + 0.2 if h[0] == "x" else 0.3]
    )
    wide = Tree.of(["A"], lambda h: move("A", "x", "y", "z") if not h else [
        {"x": 0.1 + 0.2, "y": 0.3, "z": 0}[h[0]]])  # fmt: skip
    assert len(solve(tree)) == 1  # all there is to the range
    assert len(solve(wide)) == 2
    assert len(solve(wide, exact=True)) == 1
    assert solve(wide, exact=True)[0].mixtures[0].dtype == object
    assert solve(wide)[0].mixtures[0].dtype == np.float64
    assert solve(random_tree(6), exact=False)[0].mixtures[0].dtype == np.float64


def test_players_without_moves_and_games_without_any():
    alone = Tree.of(["A", "B"], lambda h: (3, 1))
    assert [e.payoffs for e in solve(alone)] == [(3, 1)]
    idle = Tree.of(
        ["A", "B"], lambda h: chance(x=F(1, 3), y=F(2, 3)) if not h else (len(h[0]), h[0] == "y")
    )
    assert [e.payoffs for e in solve(idle)] == [(1, F(2, 3))]


def test_other_games_and_concepts_are_refused():
    with pytest.raises(ValueError, match="backward_induction: needs a Tree, got Game"):
        solve(gt.Game([[1]]))
    tree = random_tree(6)
    with pytest.raises(ValueError, match="backward_induction: finds spe, not nash"):
        gt.solve(tree, method="backward_induction")
    with pytest.raises(ValueError, match="sequence_form: finds nash, not spe"):
        gt.solve(tree, "spe", "sequence_form")
    with pytest.raises(
        ValueError, match="concept: 'perfect' is not known here; use nash, spe, pbe"
    ):
        gt.solve(tree, "perfect")
    assert points(gt.solve(tree, "spe")) == points(solve(tree))


def induced(tree: Tree) -> list[float]:
    """What the root is worth without ties: backward induction in floats, alone."""
    worth: list[Any] = [None] * len(tree.nodes)
    for k in range(len(tree.nodes) - 1, -1, -1):
        node = tree.nodes[k]
        after = [worth[c] for c in node.children]
        if not after:
            worth[k] = [float(u) for u in node.payoffs]
        elif node.set is None:
            worth[k] = [sum(float(p) * u[i] for p, u in zip(node.chances, after)) for i in (0, 1)]
        else:
            i = tree.sets[node.set].player
            worth[k] = max(after, key=lambda u: u[i])
    return list(worth[0])


@pytest.mark.parametrize("depth", [11, pytest.param(14, marks=pytest.mark.slow)])
def test_large_trees(depth):
    source = random.Random(1)

    def rule(history):
        if len(history) == depth:
            return [source.randrange(10**6) for _ in range(2)]
        if len(history) % 5 == 4:
            return chance({k: F(1, 2) for k in range(2)})
        return move("AB"[len(history) % 2], *range(2))

    tree = Tree.of(["A", "B"], rule)
    assert len(tree.nodes) == 2 ** (depth + 1) - 1
    found = solve(tree)
    assert found.coverage is Coverage.ALL
    assert [float(u) for u in found[0].payoffs] == pytest.approx(induced(tree))

"""All equilibria of trees: found a second way from pure strategies, and laws."""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory as gt
from gametheory.behaviour import Behaviour, TreeEquilibria
from gametheory.solvers import _sequences, reduced_form, sequence_form, sequence_lemke
from gametheory.testing import games, random_crisis, random_signalling, trees
from gametheory.tree import Chance, Move, Tree, chance, move
from tests._trees import as_tree, kuhn, rebuilt

quick = settings(max_examples=150, deadline=None)
few = settings(max_examples=30, deadline=None)

Plan = frozenset[tuple[str, str, Fraction]]
"""What a player plays: information set, action and the chance that own moves lead there."""


def plan(profile: Behaviour, player: int) -> Plan:
    """By labels, without what is never played; straight from the definition."""
    tree, found = profile.tree, set()
    for h in tree.own[player]:
        s = tree.sets[h]
        weight, up = 1, s.nodes[0]
        while up > 0:
            parent = tree.nodes[up].parent
            at = tree.nodes[parent].set
            if at is not None and tree.sets[at].player == player:
                weight *= profile.mixtures[at][tree.nodes[up].taken]
            up = parent
        for a, p in zip(s.actions, profile.mixtures[h]):
            if p * weight:
                found.add((s.label, a, p * weight))
    return frozenset(found)


def plans(profile: Behaviour) -> tuple[Plan, ...]:
    return tuple(plan(profile, i) for i in range(len(profile.tree.players)))


def parts(found: TreeEquilibria) -> set[frozenset[frozenset[tuple[Plan, ...]]]]:
    """The components, each as its Nash subsets, each as its corners: nothing of order is left."""
    told = [plans(e.profile) for e in found]
    assert len(set(told)) == len(told)
    return {
        frozenset(frozenset(told[k] for k in some) for some in part.nash_subsets)
        for part in found.components
    }


def pure_strategies(tree: Tree, player: int) -> list[dict[int, int]]:
    """An action for each of the player's information sets, in all ways."""
    own = [h for h, s in enumerate(tree.sets) if s.player == player]
    choices = itertools.product(*(range(len(tree.sets[h].actions)) for h in own))
    return [dict(zip(own, choice)) for choice in choices]


def outcome(tree: Tree, doing: dict[int, int], k: int = 0) -> list[Fraction]:
    """Expected payoffs from node ``k`` on where all do as they are told."""
    node = tree.nodes[k]
    if not node.children:
        return list(node.payoffs)
    if node.set is not None:
        return outcome(tree, doing, node.children[doing[node.set]])
    worth = [outcome(tree, doing, c) for c in node.children]
    return [sum(p * w[i] for p, w in zip(node.chances, worth)) for i in range(len(tree.players))]


def strategic(tree: Tree) -> tuple[gt.Game, list[list[dict[int, int]]]]:
    """The game of all pure strategies, and these."""
    ways = [pure_strategies(tree, i) for i in range(len(tree.players))]
    table = np.empty((*map(len, ways), len(tree.players)), dtype=object)
    for cell in itertools.product(*(range(len(w)) for w in ways)):
        doing: dict[int, int] = {}
        for w, c in zip(ways, cell):
            doing |= w[c]
        table[cell] = outcome(tree, doing)
    return gt.Game(table), ways


def realised(tree: Tree, ways: list[dict[int, int]], mixture: Any) -> dict[tuple[int, int], Any]:
    """The chance that own moves allow each action: of all strategies that play to it and it."""
    found: dict[tuple[int, int], Any] = defaultdict(int)
    for way, p in zip(ways, mixture):
        for h, a in way.items():
            up, allowed = tree.sets[h].nodes[0], True
            while up > 0:
                parent = tree.nodes[up].parent
                at = tree.nodes[parent].set
                allowed &= at not in way or way[at] == tree.nodes[up].taken
                up = parent
            if allowed and p:
                found[h, a] += p
    return dict(found)


def corners(points: list[Plan]) -> list[Plan]:
    """Those that are no mixture of the others; decided by linear programs."""
    keys = sorted({(h, a) for p in points for h, a, _ in p})
    rows = {p: [float({(h, a): x for h, a, x in p}.get(key, 0)) for key in keys] for p in points}
    kept = sorted(set(points), key=sorted)
    for p in list(kept):
        others = [q for q in kept if q != p]
        if others:
            equal = np.array([[*rows[q], 1.0] for q in others]).T
            target = [*rows[p], 1.0]
            if linprog(np.zeros(len(others)), A_eq=equal, b_eq=target).status == 0:
                kept = others
    return kept


def by_pure_strategies(tree: Tree) -> set[frozenset[frozenset[tuple[Plan, ...]]]]:
    """The components of the equilibria of the strategic form, seen in plans."""
    game, ways = strategic(tree)
    found = gt.solve(game, method="extreme")
    assert found.coverage in (gt.Coverage.EXTREME, gt.Coverage.ALL)

    def told(k: int, i: int) -> Plan:
        there = realised(tree, ways[i], found[k].mixtures[i])
        return frozenset(
            (tree.sets[h].label, tree.sets[h].actions[a], p) for (h, a), p in there.items()
        )

    return {
        frozenset(
            frozenset(itertools.product(*(corners([told(k, i) for k in some]) for i in (0, 1))))
            for some in part.nash_subsets
        )
        for part in found.components
    }


def size(tree: Tree) -> int:
    """Pure strategies of all players together."""
    return sum(
        int(np.prod([len(tree.sets[h].actions) for h in own], dtype=int)) for own in tree.own
    )


@settings(max_examples=60, deadline=None)
@given(trees())
def test_the_strategic_form_has_the_same_equilibria(tree):
    assume(size(tree) <= 17)
    found = sequence_form.solve(tree)
    assert parts(found) == by_pure_strategies(tree)
    assert all(e.certificate.regret == 0 and e.certificate.exact for e in found)
    continua = any(len(c) > 1 for c in found.components)
    assert found.coverage is (gt.Coverage.EXTREME if continua else gt.Coverage.ALL)
    assert not continua or found.degenerate


@pytest.mark.parametrize("seed", range(8))
def test_signalling_and_crises_have_the_same_equilibria_as_their_strategic_forms(seed):
    for tree in (random_signalling(seed), random_crisis(seed)):
        assert parts(sequence_form.solve(tree)) == by_pure_strategies(tree)


@few
@given(trees(moves=(1, 5)))
def test_teams_have_the_same_equilibria(tree):
    found, again = sequence_form.solve(tree), reduced_form.solve(tree)
    assume(again.coverage in (gt.Coverage.EXTREME, gt.Coverage.ALL))
    assert parts(found) == parts(again)


@few
@given(games())
def test_a_game_as_a_tree_has_the_equilibria_of_the_game(game):
    tree = as_tree(game)
    found, given = sequence_form.solve(tree), gt.solve(game, method="extreme")
    assert [[x.tolist() for x in e.mixtures] for e in found] == [
        [x.tolist() for x in e.mixtures] for e in given
    ]
    assert found.components == given.components
    assert found.degenerate is not False or given.degenerate is False
    assert [c.nash_subsets for c in found.components] == [c.nash_subsets for c in given.components]
    assert [e.payoffs for e in found] == [e.payoffs for e in given]


@quick
@given(trees(), st.randoms(use_true_random=False))
def test_the_order_of_actions_and_of_the_moves_of_chance_is_nothing(tree, source):
    orders: dict[Any, list[str]] = {}

    def change(step):
        if isinstance(step, Move):
            key = step.player, step.at
            orders.setdefault(key, source.sample(step.actions, len(step.actions)))
            return Move(step.player, tuple(orders[key]), step.at)
        if isinstance(step, Chance):
            names = source.sample(list(step.chances), len(step.chances))
            return Chance({name: step.chances[name] for name in names})
        return step

    assert parts(sequence_form.solve(rebuilt(tree, change))) == parts(sequence_form.solve(tree))


@quick
@given(trees())
def test_the_names_and_order_of_players_are_nothing(tree):
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        node = where[history]
        if not node.children:
            return node.payoffs[::-1]
        if node.set is None:
            return Chance(dict(zip(node.actions, node.chances)))
        at = tree.sets[node.set]
        return Move(tree.players[at.player], at.actions, at.label)

    turned = parts(sequence_form.solve(Tree.of(tree.players[::-1], rule)))
    assert {
        frozenset(frozenset(pair[::-1] for pair in some) for some in part) for part in turned
    } == parts(sequence_form.solve(tree))


@quick
@given(
    trees(),
    st.fractions(Fraction(1, 10**9), 10**9),
    st.fractions(),
    st.integers(1, 9),
    st.integers(),
)
def test_the_unit_and_zero_of_payoffs_are_nothing(tree, unit, zero, other, shift):
    def change(step):
        return (
            step
            if isinstance(step, (Move, Chance))
            else [
                step[0] * unit + zero,
                step[1] * other + shift,
            ]
        )

    assert parts(sequence_form.solve(rebuilt(tree, change))) == parts(sequence_form.solve(tree))


@quick
@given(trees(), st.data())
def test_an_action_that_loses_for_sure_changes_nothing(tree, data):
    assume(tree.sets)
    s = data.draw(st.sampled_from(tree.sets))
    known = {node.history for node in tree.nodes}
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        if history not in known:
            return [-3 if i == s.player else 1 for i in range(2)]
        node = where[history]
        if not node.children:
            return node.payoffs
        if node.set is None:
            return Chance(dict(zip(node.actions, node.chances)))
        at = tree.sets[node.set]
        more = ("lose",) if at == s else ()
        return Move(tree.players[at.player], (*at.actions, *more), at.label)

    larger, before = sequence_form.solve(Tree.of(tree.players, rule)), sequence_form.solve(tree)
    told = [(plans(e.profile), e.profile) for e in larger]
    loses = [any(a == "lose" for side in both for _, a, _ in side) for both, _ in told]
    assert {both for (both, _), lost in zip(told, loses) if not lost} == {
        plans(e.profile) for e in before
    }
    for (_, profile), lost in zip(told, loses):  # it costs nothing where the others do not lead
        same = profile.tree.sets[profile.tree.by_label[tree.players[s.player], s.label]]
        assert not lost or unreached(profile, same)


def unreached(profile: Behaviour, s: Any) -> bool:
    """Whether others, or chance, keep the player from information set ``s``."""
    for k in s.nodes:
        chances = []
        while k > 0:
            up = profile.tree.nodes[k].parent
            node = profile.tree.nodes[up]
            if node.set is None:
                chances.append(node.chances[profile.tree.nodes[k].taken])
            elif profile.tree.sets[node.set].player != s.player:
                chances.append(profile.mixtures[node.set][profile.tree.nodes[k].taken])
            k = up
        if all(chances):
            return False
    return True


@quick
@given(trees(actions=(1, 4)), st.data())
def test_two_moves_in_a_row_are_one(tree, data):
    """First the first action or another, then which other: the plans' ends are the same."""
    assume(any(len(s.actions) > 2 for s in tree.sets))
    s = data.draw(st.sampled_from([s for s in tree.sets if len(s.actions) > 2]))
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        node = where.get(tuple(a for a in history if a != "another"))
        if node.set is not None and tree.sets[node.set] == s:
            mover = tree.players[s.player]
            if history and history[-1] == "another":
                return Move(mover, s.actions[1:], "which")
            return Move(mover, (s.actions[0], "another"), s.label)
        if not node.children:
            return node.payoffs
        if node.set is None:
            return Chance(dict(zip(node.actions, node.chances)))
        at = tree.sets[node.set]
        return Move(tree.players[at.player], at.actions, at.label)

    def merged(side):
        return frozenset(
            (s.label if h == "which" else h, a, p) for h, a, p in side if a != "another"
        )

    split = parts(sequence_form.solve(Tree.of(tree.players, rule)))
    assert {
        frozenset(frozenset(tuple(map(merged, pair)) for pair in some) for some in part)
        for part in split
    } == parts(sequence_form.solve(tree))


@quick
@given(trees())
def test_opposed_payoffs_have_one_value(tree):
    def change(step):
        return step if isinstance(step, (Move, Chance)) else [step[0], -step[0]]

    opposed = rebuilt(tree, change)
    assume(size(opposed) <= 200)
    found = sequence_form.solve(opposed)
    game, _ = strategic(opposed)
    (value,) = {e.payoffs for e in found}
    assert value == gt.solve(game, method="zero_sum")[0].payoffs
    assert len(found.components) == 1
    assert len(found.components[0].nash_subsets) == 1  # optimal plans are interchangeable


def test_poker():
    """Kuhn 1950 (Contributions to the Theory of Games 1: 97-103): the value is -1/18; the first
    player may bet the jack with any chance up to 1/3, the king then with three times that chance;
    the second has one optimal strategy (here derived: each is checked by its certificate)."""
    tree = kuhn()
    found = sequence_form.solve(tree)
    assert [e.payoffs for e in found] == [(Fraction(-1, 18), Fraction(1, 18))] * 2
    assert found.components == ((0, 1),)
    bluffs = [(e.profile.plan["A"]["J"][0], e.profile.plan["A"]["K"][0]) for e in found]
    assert sorted(bluffs) == [(0, 0), (Fraction(1, 3), 1)]
    for e in found:
        second = e.profile.plan["B"]
        assert second["Q, bet"][0] == Fraction(1, 3) == second["J, check"][0]
        assert (second["K, bet"][0], second["J, bet"][0], second["Q, check"][0]) == (1, 0, 0)
        assert e.profile.plan["A"]["Q, bet"][0] == e.profile.plan["A"]["J"][0] + Fraction(1, 3)


@quick
@given(trees(values=(0.1, -0.75, 2.5, 1 / 3)))
def test_floats_are_solved_as_the_rationals_they_are(tree):
    found, exact = sequence_form.solve(tree), sequence_form.solve(tree, exact=True)
    assert all(x.dtype == object for e in exact for x in e.mixtures)
    assert all(x.dtype == np.float64 for e in found for x in e.mixtures)
    assert found.components == exact.components
    for e, twin in zip(found, exact, strict=True):
        for x, y in zip(e.mixtures, twin.mixtures):
            assert np.abs(x - y.astype(float)).max() < 1e-15
        assert e.certificate.holds()
    rational = sequence_form.solve(rebuilt(tree, rationals))
    assert [plans(e.profile) for e in rational] == [plans(e.profile) for e in exact]
    rounded = sequence_form.solve(rebuilt(tree, rationals), exact=False)
    assert all(x.dtype == np.float64 for e in rounded for x in e.mixtures)


def rationals(step):
    return step if isinstance(step, (Move, Chance)) else list(map(Fraction, step))


@quick
@given(trees())
def test_where_own_moves_do_not_lead_a_player_does_what_is_best_and_first(tree):
    found = sequence_form.solve(tree)
    silent = False
    for e in found:
        for i, own in enumerate(tree.own):
            led = {(label, a) for label, a, _ in plan(e.profile, i)}
            for h in own:
                before = tree.parents[h]
                if before and (
                    (tree.sets[before[0]].label, tree.sets[before[0]].actions[before[1]]) not in led
                ):
                    silent = True
                    assert sorted(e.mixtures[h])[-1] == 1
                    assert e.mixtures[h].tolist().index(1) == best_after(e.profile, h)
    assert silent == (_sequences.OWN in found.notes)


def best_after(profile: Behaviour, h: int) -> int:
    """The first action at ``h`` that is best, by all strategies from there on."""
    tree, s = profile.tree, profile.tree.sets[h]

    def leads(g: int) -> bool:
        while tree.parents[g]:
            g = tree.parents[g][0]
            if g == h:
                return True
        return False

    later = [g for g in tree.own[s.player] if leads(g)]
    weight = profile.weights(s.player)
    worth = []
    for a in range(len(s.actions)):
        gains = []
        for choice in itertools.product(*(range(len(tree.sets[g].actions)) for g in later)):
            mixtures = list(profile.mixtures)
            for g, b in zip(later, choice):
                x = np.full(len(tree.sets[g].actions), Fraction(0), dtype=object)
                x[b] = Fraction(1)
                mixtures[g] = x
            values = Behaviour(tree, mixtures).values(s.player)
            gains.append(sum(weight[k] * values[tree.nodes[k].children[a]] for k in s.nodes))
        worth.append(max(gains))
    return worth.index(max(worth))


def test_what_is_said_of_degeneracy():
    """True where there are continua, False where no vertex has a label too many, else nothing."""
    dilemma = as_tree(gt.Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]]))
    tied = as_tree(gt.Game.from_payoffs([[1, 1], [1, 0]], [[1, 1], [1, 0]]))
    assert sequence_form.solve(dilemma).degenerate is False
    assert sequence_form.solve(tied).degenerate is True
    assert sequence_form.solve(rebuilt(kuhn(), lambda step: step)).degenerate is True
    chain = Tree.of(
        "AB",
        lambda h: {
            (): move("A", "in", "out"),
            ("out",): (0, 0),
            ("in",): move("B", "left", "right"),
            ("in", "left"): move("A", "more", "less"),
            ("in", "left", "more"): (2, 3),
            ("in", "left", "less"): (1, 5),
            ("in", "right"): (1, 2),
        }[h],
    )
    found = sequence_form.solve(chain)
    assert (found.coverage, found.degenerate) == (gt.Coverage.ALL, None)


def test_trees_of_one_player_and_of_none():
    alone = Tree.of("A", lambda h: [len(h[0])] if h else move("A", "a", "bb", "cc"))
    found = sequence_form.solve(alone)
    assert [e.payoffs for e in found] == [(2,), (2,)]
    assert found.components == ((0, 1),)
    nobody = Tree.of("AB", lambda h: (1, 2) if h else chance(x=Fraction(1, 3), y=Fraction(2, 3)))
    assert [e.payoffs for e in sequence_form.solve(nobody)] == [(1, 2)]
    second = Tree.of("AB", lambda h: (1, len(h[0])) if h else move("B", "a", "bb"))
    (only,) = sequence_form.solve(second)
    assert only.profile.outcome == {("bb",): 1}


def test_a_third_player_who_never_moves_is_no_matter():
    tree = kuhn("JK")
    three = rebuilt(tree, lambda step: step)
    found = sequence_form.solve(
        Tree.of(
            ["C", "A", "B"],
            lambda h: watched(three, h),
        )
    )
    assert found.method == "sequence_form"
    assert {plans(e.profile)[1:] for e in found} == {
        plans(e.profile) for e in sequence_form.solve(tree)
    }


def watched(tree, history):
    node = next(node for node in tree.nodes if node.history == history)
    if not node.children:
        return (7, *node.payoffs)
    if node.set is None:
        return Chance(dict(zip(node.actions, node.chances)))
    at = tree.sets[node.set]
    return Move(tree.players[at.player], at.actions, at.label)


def test_a_budget_that_ends_promises_nothing(monkeypatch):
    monkeypatch.setattr(sequence_form, "VERTICES", 20)
    found = sequence_form.solve(kuhn())
    assert found.coverage is gt.Coverage.UNKNOWN
    assert any(note.startswith("The budget of 20 vertices ended") for note in found.notes)


@pytest.mark.parametrize("solver", [sequence_form, reduced_form, sequence_lemke])
def test_games_of_other_forms_are_refused(solver):
    with pytest.raises(ValueError, match="needs a Tree, got Game"):
        solver.solve(gt.Game.from_payoffs([[1]], [[1]]))

"""The strategic form of a tree: its payoffs are those of play, its equilibria those of the tree."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import Behaviour, Tree, chance, move
from gametheory.behaviour import certify_behaviour
from gametheory.strategic import plans
from gametheory.testing import random_tree, trees

laws = settings(max_examples=60, deadline=None)


def played(tree: Tree, choices: dict[int, int], history: tuple[str, ...] = ()) -> list[Fraction]:
    """Payoffs from ``history`` on when all do as ``choices`` say, by walking the tree."""
    node = next(n for n in tree.nodes if n.history == history)
    if not node.children:
        return list(node.payoffs)
    if node.set is not None:
        return played(tree, choices, (*history, node.actions[choices[node.set]]))
    parts = [played(tree, choices, (*history, a)) for a in node.actions]
    return [sum(p * u for p, u in zip(node.chances, column)) for column in zip(*parts)]


@laws
@given(trees(players=3), st.randoms(use_true_random=False))
def test_a_cell_pays_what_its_plans_lead_to(tree, source):
    game, ways = tree.strategic(), plans(tree)
    assert game.shape == tuple(map(len, ways))
    for _ in range(3):
        cell = tuple(source.randrange(m) for m in game.shape)
        choices = {h: a for k, mine in zip(cell, ways) for h, a in mine[k].items()}
        excluded = {h: source.randrange(len(s.actions)) for h, s in enumerate(tree.sets)}
        assert game.payoffs[cell].tolist() == played(tree, excluded | choices)


@laws
@given(trees())
def test_plans_are_all_pure_strategies_up_to_excluded_sets(tree):
    """Pure strategies that differ somewhere are one plan iff no reply of the others tells them."""
    for i, mine in enumerate(tree.own):
        every = itertools.product(*(range(len(tree.sets[h].actions)) for h in mine))
        kept = set()
        for choice in every:
            does = dict(zip(mine, choice))
            for h in mine:
                before = tree.parents[h]
                if before and does.get(before[0]) != before[1]:
                    del does[h]  # the set before, if excluded, is gone by now
            kept.add(tuple(does.items()))
        assert {tuple(sorted(way.items())) for way in plans(tree)[i]} == {
            tuple(sorted(way)) for way in kept
        }
        assert len(plans(tree)[i]) == len(kept)


@laws
@given(trees(players=3), st.randoms(use_true_random=False))
def test_kuhn_a_mixture_and_its_behaviour_are_worth_the_same(tree, source):
    game = tree.strategic()
    mixtures = []
    for m in game.shape:
        weights = [source.randint(0, 3) for _ in range(m - 1)] + [1]
        mixtures.append([Fraction(w, sum(weights)) for w in weights])
    behaviour = Behaviour.of_mixed(tree, mixtures)
    assert behaviour.exact
    assert behaviour.payoffs == gt.Profile(game, mixtures).payoffs
    again = Behaviour.of_mixed(tree, behaviour.mixed())
    assert gt.Profile(game, behaviour.mixed()).payoffs == behaviour.payoffs
    assert again.reach == behaviour.reach
    assert again == behaviour


@settings(max_examples=25, deadline=None)
@given(trees(moves=(1, 5)))
def test_equilibria_of_the_form_are_equilibria_of_the_tree(tree):
    for e in gt.solve(tree.strategic()):
        behaviour = Behaviour.of_mixed(tree, e.mixtures)
        assert certify_behaviour(behaviour).regret == 0
        assert behaviour.payoffs == e.payoffs


@settings(max_examples=25, deadline=None)
@given(trees(moves=(1, 5)), st.randoms(use_true_random=False))
def test_regret_is_the_same_in_both_forms(tree, source):
    game = tree.strategic()
    profile = gt.Profile.pure(game, [source.randrange(m) for m in game.shape])
    behaviour = Behaviour.of_mixed(tree, profile.mixtures)
    assert certify_behaviour(behaviour).regrets == gt.certify(profile).regrets


def test_players_and_units_carry_over():
    tree = random_tree(6)
    scaled = Tree.of(tree.players, rule_of(tree, lambda u: [3 * x + 2 for x in u]))
    assert (scaled.strategic().payoffs == 3 * tree.strategic().payoffs + 2).all()
    assert scaled.strategic().actions == tree.strategic().actions


def rule_of(tree, change):
    nodes = iter(tree.nodes)

    def rule(_):
        node = next(nodes)
        if not node.children:
            return change(node.payoffs)
        if node.set is None:
            return chance(dict(zip(node.actions, node.chances)))
        at = tree.sets[node.set]
        return move(tree.players[at.player], *at.actions, at=at.label)

    return rule


def test_names_are_actions_with_labels_where_these_repeat():
    def rule(history):
        match history:
            case ():
                return move("A", "stay", "go", at="first")
            case ("go",):
                return move("A", "left", "right", at="second")
            case (*_, "left") | ("stay",):
                return move("B", "yes", "no", at=history[-1])
            case _:
                return 0, 0, 0

    game = Tree.of(["A", "B", "C"], rule).strategic()
    assert game.actions == (
        ("stay", "go, left", "go, right"),
        (
            "stay: yes; left: yes",
            "stay: yes; left: no",
            "stay: no; left: yes",
            "stay: no; left: no",
        ),
        ("-",),
    )


def test_names_stay_apart_when_labels_have_commas():
    rule = {
        (): move("A", "x", "x, y"),
        ("x",): move("A", "y", "z", at="2"),
        ("x, y",): [1],
        ("x", "y"): [2],
        ("x", "z"): [3],
    }
    game = Tree.of(["A"], rule.__getitem__).strategic()
    assert game.actions == (("1. x, y", "2. x, z", "3. x, y"),)
    assert game.payoffs[:, 0].tolist() == [2, 3, 1]


def test_floats_and_chance():
    tree = Tree.of(
        ["A"],
        lambda h: (
            chance(a=0.25, b=0.75)
            if not h
            else move("A", 1, 2, at="?")
            if len(h) == 1
            else [len(h[0]) * (h[0] == "a") + int(h[1])]
        ),
    )
    game = tree.strategic()
    assert game.payoffs.dtype == np.float64
    assert game.payoffs[:, 0].tolist() == [1.25, 2.25]


def test_a_table_too_large_is_refused_before_it_is_made():
    deep = Tree.of(
        ["A", "B"],
        lambda h: move("AB"[len(h) % 2], *range(2), at=" ".join(h)) if len(h) < 8 else (0, 0),
    )
    with pytest.raises(ValueError, match=r"strategies make more than 1,000,000 payoffs"):
        deep.strategic()


def test_wrong_mixtures_are_refused_by_name():
    tree = random_tree(6)
    with pytest.raises(ValueError, match="1 mixtures for 2 players"):
        Behaviour.of_mixed(tree, [[1]])
    with pytest.raises(ValueError, match="Player 2: 1 probabilities for"):
        Behaviour.of_mixed(tree, [[1] + [0] * (tree.strategic().shape[0] - 1), [1]])

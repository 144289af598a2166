"""Behaviour profiles: what they lead to and are worth, found again from all pure strategies."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory.behaviour import Behaviour, TreeEquilibria, certify_behaviour
from gametheory.equilibrium import CertificateError, Component, Coverage
from gametheory.testing import trees
from gametheory.tree import Chance, Move, Tree, chance, move

quick = settings(max_examples=150, deadline=None)


@st.composite
def profiles(draw: Any, players: int | None = None, **kinds: Any) -> Behaviour:
    """A small tree of two or three players and a behaviour in it, with zeros."""
    tree = draw(trees(players=players or draw(st.integers(2, 3)), **kinds))
    mixtures = []
    for s in tree.sets:
        weights = draw(st.lists(st.integers(0, 3), min_size=(m := len(s.actions)), max_size=m))
        total = sum(weights)
        mixtures.append([Fraction(w, total) if total else Fraction(1, m) for w in weights])
    return Behaviour(tree, mixtures)


def runs(profile: Behaviour, k: int = 0) -> list[tuple[tuple[int, ...], Any]]:
    """Every path from node ``k`` to an end, with its chance."""
    node = profile.tree.nodes[k]
    if not node.children:
        return [((k,), Fraction(1))]
    steps = node.chances if node.set is None else profile.mixtures[node.set]
    return [
        ((k, *path), p * q)
        for p, child in zip(steps, node.children)
        for path, q in runs(profile, child)
    ]


def pure_worth(profile: Behaviour, player: int) -> list[Any]:
    """What each pure strategy is worth to the player, the others doing as in the profile."""
    tree = profile.tree
    found = []
    for choice in itertools.product(*(range(len(tree.sets[h].actions)) for h in tree.own[player])):
        mixtures = list(profile.mixtures)
        for h, a in zip(tree.own[player], choice):
            mixtures[h] = np.array([Fraction(b == a) for b in range(len(tree.sets[h].actions))])
        paths = runs(Behaviour(tree, mixtures))
        found.append(sum(q * tree.nodes[path[-1]].payoffs[player] for path, q in paths))
    return found


@quick
@given(profiles())
def test_reach_and_payoffs_are_sums_over_paths(profile):
    tree, paths = profile.tree, runs(profile)
    for k in range(len(tree.nodes)):
        assert profile.reach[k] == sum(q for path, q in paths if k in path)
    for i in range(len(tree.players)):
        assert profile.payoffs[i] == sum(q * tree.nodes[p[-1]].payoffs[i] for p, q in paths)
    assert profile.outcome == {tree.nodes[p[-1]].history: q for p, q in paths if q}
    assert sum(profile.outcome.values()) == 1


@quick
@given(profiles())
def test_beliefs_are_chances_of_nodes_given_the_information_set(profile):
    paths = runs(profile)
    for s, belief in zip(profile.tree.sets, profile.beliefs):
        here = [sum(q for path, q in paths if k in path) for k in s.nodes]
        if sum(here) == 0:
            assert belief is None
        else:
            assert belief.tolist() == [q / sum(here) for q in here]


@quick
@given(profiles())
def test_weights_are_reach_by_one_who_does_all_to_get_there(profile):
    tree = profile.tree
    for i in range(len(tree.players)):
        for k, w in enumerate(profile.weights(i)):
            mixtures = list(profile.mixtures)
            up = k
            while up > 0:
                taken, up = tree.nodes[up].taken, tree.nodes[up].parent
                h = tree.nodes[up].set
                if h is not None and tree.sets[h].player == i:
                    mixtures[h] = [Fraction(a == taken) for a in range(len(tree.sets[h].actions))]
            assert Behaviour(tree, mixtures).reach[k] == w


@quick
@given(profiles())
def test_values_and_action_payoffs_are_means_over_what_follows(profile):
    tree = profile.tree
    for i in range(len(tree.players)):
        for k, v in enumerate(profile.values(i)):
            assert v == sum(q * tree.nodes[p[-1]].payoffs[i] for p, q in runs(profile, k))
    for h, s in enumerate(tree.sets):
        even = [Fraction(1, len(s.nodes))] * len(s.nodes)
        for belief in (even, profile.beliefs[h]):
            if belief is None:
                with pytest.raises(ValueError, match="is not reached; give a belief"):
                    profile.action_payoffs(h)
                continue
            worth = [
                sum(
                    b * q * tree.nodes[p[-1]].payoffs[s.player]
                    for b, k in zip(belief, s.nodes)
                    for p, q in runs(profile, tree.nodes[k].children[a])
                )
                for a in range(len(s.actions))
            ]
            given = profile.action_payoffs(h, belief)
            assert given.tolist() == worth
            if belief is profile.beliefs[h]:
                assert profile.action_payoffs(h).tolist() == worth


@quick
@given(profiles())
def test_the_regret_is_the_gain_of_the_best_of_all_pure_strategies(profile):
    certificate = certify_behaviour(profile)
    tree = profile.tree
    assert certificate.exact
    for i, player in enumerate(tree.players):
        worth = pure_worth(profile, i)
        assert certificate.regrets[i] == max(worth) - profile.payoffs[i]
        mixtures = list(profile.mixtures)
        for h in tree.own[i]:
            action = certificate.deviations[i][tree.sets[h].label]
            mixtures[h] = [Fraction(a == action) for a in tree.sets[h].actions]
        assert Behaviour(tree, mixtures).payoffs[i] == max(worth), player
    assert certificate.regret == max(certificate.regrets)
    assert certificate.holds() == (certificate.regret == 0)


@quick
@given(
    profiles(), st.sampled_from([1e-9, 1.0, 1e9]), st.sampled_from([0.0, 1e6, -1e6]), st.booleans()
)
def test_floats_tell_the_same_in_every_unit_and_from_every_zero(profile, unit, zero, half):
    """Payoffs and chances rounded; those of the tree alone, where ``half``."""
    exact = certify_behaviour(profile)
    tree = floats(profile.tree, unit, zero)
    mixtures = profile.mixtures if half else [x.astype(float) for x in profile.mixtures]
    certificate = certify_behaviour(Behaviour(tree, mixtures))
    assert not certificate.exact
    for r, q, span in zip(certificate.regrets, exact.regrets, profile.tree.ranges):
        assert isinstance(r, float)
        assert abs(r / unit - q) <= 1e-9 * span
    assert certificate.holds() == (exact.regret == 0)


def floats(tree: Tree, unit: float, zero: float) -> Tree:
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        node = where[history]
        if not node.children:
            return [(float(u) + zero) * unit for u in node.payoffs]
        if node.set is None:
            return Chance({a: float(p) for a, p in zip(node.actions, node.chances)})
        at = tree.sets[node.set]
        return Move(tree.players[at.player], at.actions, at.label)

    return Tree.of(tree.players, rule)


@quick
@given(profiles(players=2))
def test_mixtures_in_floats_make_all_of_it_floats(profile):
    rounded = Behaviour(profile.tree, [x.astype(float) for x in profile.mixtures])
    assume(profile.tree.sets)
    assert profile.exact
    assert not rounded.exact
    assert all(isinstance(u, float) for u in rounded.payoffs)
    for e, f in zip(profile.payoffs, rounded.payoffs):
        assert abs(e - f) < 1e-14
    for e, f in zip(profile.beliefs, rounded.beliefs):
        assert (e is None) == (f is None)
        assert e is None or np.abs(e.astype(float) - f).max() < 1e-14


def entry() -> Tree:
    return Tree.of(
        ["Entrant", "Incumbent"],
        lambda h: {
            (): move("Entrant", "out", "enter"),
            ("out",): (0, 2),
            ("enter",): move("Incumbent", "fight", "yield", at="entry"),
            ("enter", "fight"): (-1, -1),
            ("enter", "yield"): (1, 1),
        }[h],
    )


def test_a_profile_is_what_it_says():
    tree = entry()
    threat = Behaviour.pure(tree, {"Entrant": {"start": "out"}, "Incumbent": {"entry": "fight"}})
    again = Behaviour(tree, [[1, 0], [1, 0]])
    other = Behaviour(tree, [[1, 0], [Fraction(1, 2), Fraction(1, 2)]])
    assert threat == again
    assert hash(threat) == hash(again)
    assert threat != other
    assert threat.plan["Incumbent"]["entry"].tolist() == [1, 0]
    assert repr(other) == (
        "Behaviour(Entrant (start: out); Incumbent (entry: fight 1/2, yield 1/2))"
    )


BAD = {
    "too few": ([[1, 0]], "1 mixtures for 2 information sets"),
    "not probabilities": ([[1, 0], [1, 1]], r"Incumbent at 'entry': \(1, 1\) is not a probab"),
    "too many": ([[1, 0, 0], [1, 0]], "Entrant at 'start': 3 probabilities for 2 actions"),
}


@pytest.mark.parametrize("what", BAD)
def test_refuses(what):
    mixtures, message = BAD[what]
    with pytest.raises(ValueError, match=message):
        Behaviour(entry(), mixtures)


def test_a_plan_with_a_gap_or_a_stranger_is_refused():
    with pytest.raises(ValueError, match="Incumbent at 'entry': None is no action; use one of"):
        Behaviour.pure(entry(), {"Entrant": {"start": "out"}})
    with pytest.raises(ValueError, match="Entrant at 'start': 'leave' is no action"):
        Behaviour.pure(entry(), {"Entrant": {"start": "leave"}})


def test_what_is_no_equilibrium_is_not_listed():
    wrong = Behaviour(entry(), [[0, 1], [1, 0]])
    with pytest.raises(CertificateError, match=r"try: Behaviour.*\(regret 2\)"):
        TreeEquilibria.proved(entry(), [wrong], Coverage.SAMPLE, "try")


def listed() -> TreeEquilibria:
    tree = entry()
    members = [[[1, 0], [1, 0]], [[1, 0], [0.5, 0.5]], [[0, 1], [0, 1]]]
    return TreeEquilibria.proved(
        tree,
        [Behaviour(tree, m) for m in members],
        Coverage.EXTREME,
        "hand",
        components=[Component([0, 1]), Component([2])],
        degenerate=True,
        notes=["A note."],
    )


def test_a_list_of_equilibria_reads_as_one():
    found = listed()
    assert len(found) == 3
    assert [e.payoffs for e in found] == [(0, 2), (0, 2), (1, 1)]
    assert found[-1].mixtures[1].tolist() == [0, 1]
    assert found[:2] == (found[0], found[1])
    assert found[1].method == "hand"
    assert repr(found).splitlines() == [
        f"3 found by hand. {Coverage.EXTREME}",
        "  0: Entrant (start: out); Incumbent (entry: fight)",
        "  1: Entrant (start: out); Incumbent (entry: fight 0.5, yield 0.5)",
        "  2: Entrant (start: enter); Incumbent (entry: yield)",
        "  A note.",
    ]
    assert repr(found[2]) == "TreeEquilibrium(Entrant (start: enter); Incumbent (entry: yield))"


def test_the_frame_has_a_row_an_equilibrium():
    frame = listed().to_frame()
    assert frame["Incumbent", "entry", "fight"].tolist() == [1, 0.5, 0]
    assert frame["Entrant", "payoff", ""].tolist() == [0, 0, 1]
    assert frame["", "component", ""].tolist() == [0, 0, 1]
    assert frame["", "regret", ""].tolist() == [0, 0, 0]
    assert str(Coverage.EXTREME) in listed()._repr_html_()


def test_a_branch_that_chance_excludes_bears_on_nothing():
    def rule(history):
        if not history:
            return chance(never=0, always=1)
        if len(history) == 1:
            return move("A", "x", "y")
        return [2 * (history[1] == "y") * (9 if history[0] == "never" else 1)]

    tree = Tree.of(["A"], rule)
    profile = Behaviour(tree, [[1, 0], [0, 1]])
    assert profile.beliefs[0] is None
    assert certify_behaviour(profile).regret == 0
    assert certify_behaviour(Behaviour(tree, [[0, 1], [1, 0]])).regret == 2


@quick
@given(profiles(values=(0.1, 0.7)))
def test_a_player_to_whom_all_is_the_same_regrets_nothing(profile):
    """Rounding must not make a regret where the range is zero."""
    tree = profile.tree
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        node = where[history]
        if not node.children:
            return [0.1 + 0.2, *node.payoffs[1:]]
        if node.set is None:
            return Chance({a: float(p) for a, p in zip(node.actions, node.chances)})
        at = tree.sets[node.set]
        return Move(tree.players[at.player], at.actions, at.label)

    same = Behaviour(Tree.of(tree.players, rule), [x.astype(float) for x in profile.mixtures])
    assert certify_behaviour(same).regrets[0] == 0

"""The certificate of subgame perfection: the Nash certificate of each subgame, one by one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.behaviour import Behaviour, certify_behaviour
from gametheory.subgames import certify_subgames
from gametheory.testing import trees
from gametheory.tree import Tree, chance, move

laws = settings(max_examples=150, deadline=None)


@st.composite
def profiles(draw: Any, **kinds: Any) -> Behaviour:
    """A small tree and a behaviour in it, often with zeros."""
    tree = draw(trees(moves=(1, 9), **kinds))
    source = draw(st.randoms(use_true_random=False))
    mixtures = []
    for s in tree.sets:
        weights = [source.choice((0, 0, 1, 2)) for _ in s.actions[1:]] + [source.choice((1, 2))]
        source.shuffle(weights)
        mixtures.append([Fraction(w, sum(weights)) for w in weights])
    return Behaviour(tree, mixtures)


def within(profile: Behaviour, root: int) -> Behaviour:
    """The profile in the subgame at ``root``, as a game of its own."""
    part = profile.tree.subgame(root)
    labels = [(profile.tree.players[s.player], s.label) for s in profile.tree.sets]
    mixtures = dict(zip(labels, profile.mixtures))
    return Behaviour(part, [mixtures[part.players[s.player], s.label] for s in part.sets])


@laws
@given(st.integers(2, 3).flatmap(lambda n: profiles(players=n)))
def test_regret_is_the_largest_of_any_subgame(profile):
    parts = [certify_behaviour(within(profile, root)) for root in profile.tree.subgames]
    found = certify_subgames(profile)
    assert found.exact
    assert list(found.regrets) == [max(column) for column in zip(*(p.regrets for p in parts))]
    assert found.concept == "spe"
    assert found.ranges == certify_behaviour(profile).ranges


@laws
@given(profiles(players=2))
def test_deviations_attain_the_regret_in_some_subgame(profile):
    found = certify_subgames(profile)
    for i, (regret, deviation) in enumerate(zip(found.regrets, found.deviations)):
        gains = []
        for root in profile.tree.subgames:
            part = within(profile, root)
            mixtures = list(part.mixtures)
            for h in part.tree.own[i]:
                s = part.tree.sets[h]
                if s.label in deviation:
                    mixtures[h] = [Fraction(a == deviation[s.label]) for a in s.actions]
            gains.append(Behaviour(part.tree, mixtures).payoffs[i] - part.payoffs[i])
        assert regret == 0 or regret in gains


@laws
@given(profiles(players=3, perfect=True))
def test_the_one_shot_deviation_principle(profile):
    """With perfect information nobody gains in a subgame iff nobody gains by one move."""
    tree = profile.tree
    pays = True
    for s, x in zip(tree.sets, profile.mixtures):
        value = profile.values(s.player)
        after = [value[c] for c in tree.nodes[s.nodes[0]].children]
        pays &= max(after) == sum(p * u for p, u in zip(x, after))
    assert (certify_subgames(profile).regret == 0) == pays


@settings(max_examples=40, deadline=None)
@given(profiles(players=2), st.sampled_from([1e-9, 1.0, 1e9]))
def test_floats_say_the_same_in_any_unit_and_above_any_zero(profile, unit):
    tree = profile.tree
    nodes = iter(tree.nodes)

    def rule(_: Any) -> Any:
        node = next(nodes)
        if not node.children:
            return [float(u) * unit + 3 * unit for u in node.payoffs]
        if node.set is None:
            return chance(dict(zip(node.actions, map(float, node.chances))))
        at = tree.sets[node.set]
        return move(tree.players[at.player], *at.actions, at=at.label)

    other = Behaviour(Tree.of(tree.players, rule), [x.astype(float) for x in profile.mixtures])
    here, there = certify_subgames(profile), certify_subgames(other)
    assert not there.exact
    expected = np.array(here.regrets, dtype=float) * unit
    assert np.allclose(np.array(there.regrets), expected, rtol=0, atol=1e-12 * unit)
    assert here.holds() == there.holds()


def test_a_threat_that_is_never_carried_out_is_seen_with_its_deviation():
    """The incumbent's fight costs 2 there, 0 on the path."""
    rule = {
        (): move("Entrant", "out", "in", at="start"),
        ("out",): (0, 2),
        ("in",): move("Incumbent", "fight", "yield", at="entry"),
        ("in", "fight"): (-1, -1),
        ("in", "yield"): (1, 1),
    }
    tree = Tree.of(["Entrant", "Incumbent"], rule.__getitem__)
    threat = Behaviour.pure(tree, {"Entrant": {"start": "out"}, "Incumbent": {"entry": "fight"}})
    assert certify_behaviour(threat).holds()
    found = certify_subgames(threat)
    assert found.regrets == (0, 2)
    assert found.deviations[1] == {"entry": "yield"}
    assert not found.holds()

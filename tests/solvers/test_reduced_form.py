"""Trees of three players and more: laws, and the same found another way."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

import gametheory as gt
from gametheory.behaviour import Behaviour, certify_behaviour
from gametheory.solvers import reduced_form, sequence_form
from gametheory.testing import games, random_tree, trees
from gametheory.tree import Chance, Move, Tree, chance, move
from tests._trees import as_tree, rebuilt

WHOLE = gt.Coverage.ALL, gt.Coverage.EXTREME


def chances(profile: Behaviour) -> dict[tuple[int, int], Any]:
    """The chance that own moves lead to each action and it is taken, without zeros."""
    tree = profile.tree
    found: dict[tuple[int, int], Any] = {}
    for h, (before, x) in enumerate(zip(tree.parents, profile.mixtures)):
        led = found.get(before, 0) if before else 1
        found |= {(h, a): led * p for a, p in enumerate(x.tolist()) if led * p}
    return found


@settings(max_examples=60, deadline=None)
@given(games(players=3, actions=(1, 3)))
def test_a_game_as_a_tree_has_the_equilibria_of_the_game(game):
    assume(max(game.shape) > 1)
    tree = as_tree(game)
    found, given = reduced_form.solve(tree), gt.solve(game, method="isolate")
    if given.coverage not in WHOLE:
        assert found.coverage in (gt.Coverage.SAMPLE, gt.Coverage.UNKNOWN)
        return
    assert found.coverage is given.coverage
    ours = [np.concatenate(e.mixtures).astype(float) for e in found]
    theirs = [np.concatenate(e.mixtures).astype(float) for e in given]
    assert len(ours) == len(theirs)
    assert np.allclose(ours, theirs, rtol=0, atol=1e-12)
    assert sorted(found.components) == sorted(given.components)


@settings(max_examples=80, deadline=None)
@given(trees(players=3, moves=(1, 6)))
def test_every_pure_equilibrium_is_in_a_nash_subset(tree):
    """All pure behaviours are tried; each that is an equilibrium shares its plans with a member."""
    shape = [range(len(s.actions)) for s in tree.sets]
    assume(tree.sets and np.prod([len(r) for r in shape]) <= 200)
    found = reduced_form.solve(tree)
    members = [chances(e.profile) for e in found]
    for choice in itertools.product(*shape):
        mixtures = [[Fraction(a == b) for b in r] for a, r in zip(choice, shape)]
        profile = Behaviour(tree, mixtures)
        if certify_behaviour(profile).regret == 0:
            assert chances(profile) in members  # pure plans are corners
    for e in found:
        assert e.certificate.holds()


@pytest.mark.parametrize("seed", range(40))
def test_names_order_and_units_are_nothing(seed):
    tree = random_tree(seed, players=3, moves=(2, 6))
    where = {node.history: node for node in tree.nodes}
    order = (2, 0, 1)

    def rule(history):
        node = where[history]
        if not node.children:
            return [node.payoffs[i] * (i + 2) + i for i in order]
        if node.set is None:
            pairs = list(zip(node.actions, node.chances))[::-1]
            return Chance(dict(pairs))
        at = tree.sets[node.set]
        return Move(tree.players[at.player], at.actions[::-1], at.label)

    found = reduced_form.solve(tree)
    again = reduced_form.solve(Tree.of([tree.players[i] for i in order], rule))
    assert again.coverage is found.coverage
    assert sorted(map(len, again.components)) == sorted(map(len, found.components))
    if found.coverage in WHOLE:
        told = [
            sorted(
                tuple(
                    sorted(
                        (t.sets[h].label, t.sets[h].actions[a], round(float(p), 9))
                        for (h, a), p in c.items()
                    )
                )
                for t, c in ((t, chances(e.profile)) for e in some)
            )
            for t, some in ((found.game, found), (again.game, again))
        ]
        assert told[0] == told[1]


def types(n: int) -> Tree:
    """Each of ``n`` states learns whether it bears a high or a low cost; one must act."""

    def rule(history):
        k = len(history)
        if k < n:
            return chance(low=Fraction(1, 3), high=Fraction(2, 3))
        if k < 2 * n:
            return move(f"S{k - n}", "act", "wait", at=history[k - n])
        acts = history[n:]
        cost = {"low": Fraction(1, 4), "high": Fraction(3, 4)}
        return [int("act" in acts) - (a == "act") * cost[t] for t, a in zip(history, acts)]

    return Tree.of([f"S{i}" for i in range(n)], rule)


def test_types_of_a_player_are_teams_of_their_own():
    """Three volunteers with private costs; the symmetric equilibrium is derived here.

    A low type acts surely and a high type with chance q where (1/3 + 2/3 q) is the chance that
    another acts, s. High costs 3/4: act iff the chance that no other acts is at least 3/4, so
    (1 - s)^2 = 3/4 is impossible with s >= 1/3. With s < 1/3 only low types act, with chance 3 s,
    where (1 - s)^2 = 1/4 is impossible too: so s = 1/3, low types act: (2/3)^2 = 4/9 is between.
    """
    tree = types(3)
    assert {len(own) for own in tree.own} == {2}
    found = reduced_form.solve(tree)
    assert found.coverage in WHOLE
    alike = [
        e
        for e in found
        if all(
            e.profile.plan["S0"][t].tolist() == e.profile.plan[p][t].tolist()
            for p in ("S1", "S2")
            for t in ("low", "high")
        )
    ]
    plans = [{t: e.profile.plan["S0"][t].tolist() for t in ("low", "high")} for e in alike]
    assert plans == [{"low": [1, 0], "high": [0, 1]}]


def test_boxes_make_a_sample_and_size_the_pure_ones(monkeypatch):
    tree = as_tree(
        gt.Game.of(dict.fromkeys("ABC", (0, 1)), lambda *a: [a[i] == a[i - 1] for i in range(3)])
    )
    whole = reduced_form.solve(tree)
    monkeypatch.setattr(reduced_form, "is_small", lambda shape: False)
    pure = reduced_form.solve(tree)
    assert pure.coverage is gt.Coverage.ALL_PURE
    assert {str(e.profile) for e in pure} == {
        str(e.profile) for e in whole if all(x.max() == 1 for x in e.mixtures)
    }
    monkeypatch.setattr(reduced_form, "MOST", 10)
    with pytest.raises(ValueError, match="3 teams with 2 x 2 x 2 reduced strategies; more than 10"):
        reduced_form.solve(tree)


def test_irrational_chances_are_floats_and_refused_where_exact_ones_are_asked_for():
    """Two of three must act (worth 10, cost 3): 20 p (1 - p) = 3 where all mix, derived."""
    tree = as_tree(
        gt.Game.of(
            dict.fromkeys("ABC", ("wait", "act")),
            lambda *a: [10 * (a.count("act") > 1) - 3 * (own == "act") for own in a],
        )
    )
    found = reduced_form.solve(tree)
    mixed = [e for e in found if all(0 < x[0] < 1 for x in e.mixtures)]
    roots = sorted(float(e.mixtures[0][1]) for e in mixed)
    assert np.allclose(roots, np.sort(np.roots([-20, 20, -3])), rtol=0, atol=1e-12)
    assert any(e.profile.exact for e in found)
    with pytest.raises(ValueError, match="is not known to be rational"):
        reduced_form.solve(tree, exact=True)
    assert all(x.dtype == np.float64 for e in reduced_form.solve(tree, False) for x in e.mixtures)
    assert sequence_form.solve(tree).method == "reduced_form"


@pytest.mark.parametrize("seed", range(15))
def test_floats_are_solved_as_the_rationals_they_are(seed):
    tree = random_tree(seed, players=3, values=(0.1, -0.75, 2.5, 1 / 3), moves=(3, 6))
    twin = rebuilt(tree, lambda u: u if isinstance(u, (Move, Chance)) else list(map(Fraction, u)))
    found, exact = reduced_form.solve(tree), reduced_form.solve(twin)
    assert found.coverage is exact.coverage
    assert found.components == exact.components
    assert all(x.dtype == np.float64 for e in found for x in e.mixtures)
    for e, f in zip(found, exact, strict=True):
        for x, y in zip(e.mixtures, f.mixtures):
            assert np.abs(x - y.astype(float)).max() < 1e-12


@pytest.mark.parametrize("seed", [714, 1171, 1269, 1597])
def test_mixtures_that_make_no_corner_as_plans_are_dropped(seed):
    """A move leads to two information sets: mixtures of ways to play on make one plan."""
    tree = random_tree(seed, moves=(3, 9))
    found, again = sequence_form.solve(tree), reduced_form.solve(tree)
    assert again.coverage in WHOLE
    assert sorted(str(chances(e.profile)) for e in found) == sorted(
        str(chances(e.profile)) for e in again
    )

"""Gambit and this library find the same in the same trees."""

from __future__ import annotations

import io

import pytest

from gametheory.solvers import sequence_form
from gametheory.testing import random_crisis, random_signalling
from gametheory.tree_quantal import agent_logit
from tests._trees import efg, from_gambit, kuhn
from tests.solvers.test_sequence_form import Plan, corners, plans

gambit = pytest.importorskip("pygambit")


@pytest.mark.parametrize("seed", range(6))
def test_gambit_finds_no_equilibrium_that_is_not_here(seed):
    for tree in (random_signalling(seed), random_crisis(seed)):
        game = gambit.read_efg(io.StringIO(efg(tree)))
        found = sequence_form.solve(tree)
        ours = {plans(e.profile) for e in found}
        theirs = {
            plans(from_gambit(tree, p.as_behavior()))
            for p in gambit.nash.enummixed_solve(game, rational=True).equilibria
        }
        assert ours <= theirs  # of which some are no corners once seen as plans
        one = plans(from_gambit(tree, gambit.nash.lcp_solve(game, rational=True).equilibrium))
        subsets = [
            [plans(found[k].profile) for k in some]
            for part in found.components
            for some in part.nash_subsets
        ]
        for pair in theirs | {one}:
            assert any(
                all(within(pair[i], {both[i] for both in some}) for i in (0, 1)) for some in subsets
            )


def test_gambit_plays_poker_as_here():
    tree = kuhn()
    game = gambit.read_efg(io.StringIO(efg(tree)))
    theirs = from_gambit(tree, gambit.nash.lcp_solve(game, rational=True).equilibrium)
    ours = [plans(e.profile) for e in sequence_form.solve(tree)]
    assert all(within(plans(theirs)[i], {both[i] for both in ours}) for i in (0, 1))


def within(point: Plan, corner_points: set[Plan]) -> bool:
    """Whether a plan is a mixture of others."""
    return point in corner_points or point not in corners([point, *corner_points])


@pytest.mark.parametrize("seed", [0, 1, 3, 4])
def test_agent_logit_is_gambits(seed):
    """Gambit's agent form of the tree, to the accuracy that it promises."""
    tree = random_signalling(seed)
    game = gambit.read_efg(io.StringIO(efg(tree)))
    lams = [0.25, 1.0]
    for lam, theirs in zip(lams, gambit.qre.logit_solve_lambda(game, lam=lams)):
        (ours,) = agent_logit(tree).at(lam)
        for player, own in zip(tree.players, tree.own):
            for h, (_, chances) in zip(own, theirs.profile[player], strict=True):
                for a, p in zip(tree.sets[h].actions, ours.mixtures[h]):
                    assert abs(float(chances[a]) - p) < 1e-5

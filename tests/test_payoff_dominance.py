"""Pareto dominance is a comparison of payoffs."""

import itertools

import pytest
from hypothesis import given, settings

import gametheory as gt
from gametheory.game import Game
from gametheory.payoff_dominance import pareto
from gametheory.solvers import solve
from gametheory.testing import games

quick = settings(max_examples=40, deadline=None)


def extreme(game):
    return solve(game, method="extreme")


@quick
@given(games(players=2, actions=(1, 4)))
def test_pareto_dominance_is_a_comparison_of_payoffs(game):
    found = extreme(game)
    ranked = pareto(found)
    for k, l in itertools.product(range(len(found)), repeat=2):  # noqa: E741
        a, b = found[k].payoffs, found[l].payoffs
        assert ranked.dominates[k, l] == (all(p >= q for p, q in zip(a, b)) and a != b)
    for k, level in enumerate(ranked.levels):
        above = [ranked.levels[m] for m in range(len(found)) if ranked.dominates[m, k]]
        assert level == max(above, default=-1) + 1
    for k in range(len(found)):
        best = all(p >= q for e in found for p, q in zip(found[k].payoffs, e.payoffs))
        assert (k in ranked.dominant) == best


def test_nobody_agrees_which_is_best_in_the_battle_of_the_sexes():
    ranked = pareto(solve(Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])))
    assert ranked.dominates.tolist() == [
        [False, True, False],
        [False, False, False],
        [False, True, False],
    ]
    assert (ranked.levels, ranked.dominant) == ((0, 1, 0), ())


def test_payoffs_equal_but_for_rounding_do_not_dominate():
    game = Game.from_payoffs([[0.3, 0.0], [0.0, 0.1 + 0.2]], [[1.0, 0.0], [0.0, 1.0]])
    assert pareto(solve(game)).levels[0] == pareto(solve(game)).levels[2] == 0
    assert pareto(solve(game)).dominant == (0, 2)


@pytest.mark.parametrize("what", [gt.pareto, gt.indices, gt.refinements])
def test_lists_of_other_games_are_refused_by_name(what):
    continuous = gt.solve(gt.PublicGood(w=[10, 6], alpha=0.5))
    with pytest.raises(ValueError, match=f"{what.__name__}: needs what solve"):
        what(continuous)

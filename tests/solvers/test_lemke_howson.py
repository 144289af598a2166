"""Lemke-Howson paths end, in an equilibrium, whatever the game and the label dropped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game
from gametheory.solvers import lemke_howson as module
from gametheory.solvers import solve
from gametheory.solvers.lemke_howson import lemke_howson
from gametheory.testing import games

quick = settings(max_examples=40, deadline=None)


def pair(equilibrium):
    return tuple(tuple(x.tolist()) for x in equilibrium.mixtures)


def end(game, label, exact=None):
    found = lemke_howson(game, label, exact)
    assert found.coverage is Coverage.SAMPLE
    (e,) = found
    return e


@quick
@given(games())
def test_every_label_leads_to_an_extreme_equilibrium(game):
    extreme = solve(game, method="extreme")
    points = {pair(e): e.index for e in extreme}
    ends = [pair(end(game, label)) for label in range(sum(game.shape))]
    assert set(ends) <= set(points)
    if not extreme.degenerate:  # the path from (0, 0) ends at index +1 (Shapley 1974)
        assert {points[p] for p in ends} == {1}
    assert pair(solve(game, method="lemke-howson")[0]) == ends[0]


@quick
@given(games(), st.sampled_from([1e9, 1.0, 1e-9, 1e300, 1e-300]))
def test_floats_lead_where_their_rationals_do(game, unit):
    floats = Game(game.payoffs.astype(float) * unit)
    for label in range(sum(game.shape)):
        expected = [list(map(float, x)) for x in pair(end(game, label))]
        for other in (floats, game):
            x, y = end(other, label, exact=False).mixtures
            assert x.dtype == y.dtype == np.float64
            assert x == pytest.approx(expected[0])
            assert y == pytest.approx(expected[1])


def of_size(seed, ties):
    """A random game of up to 20 x 20 actions; payoffs 0..2 if ``ties``."""
    rng = np.random.default_rng([seed, ties])
    shape = tuple(rng.integers(1, 21, 2))
    A, B = rng.integers(0, 3, (2, *shape)) if ties else rng.random((2, *shape))
    return Game.from_payoffs(A, B), rng


@pytest.mark.parametrize("ties", [False, True])
def test_paths_end_on_three_hundred_games(ties):
    for seed in range(150):
        game, rng = of_size(seed, ties)
        for label in rng.integers(0, sum(game.shape), 2):
            assert end(game, int(label)).certificate.holds()


@pytest.mark.parametrize("seed", range(3))
def test_floats_with_ties_end_at_every_label(seed):
    game, _ = of_size(seed, True)
    floats = Game(game.payoffs.astype(float))
    for label in range(sum(game.shape)):
        assert end(floats, label).certificate.holds()


def test_floats_without_ties_do_without_integers(monkeypatch):
    monkeypatch.setattr(module, "_in_integers", None)
    for seed in range(40):
        game, rng = of_size(seed, False)
        end(game, int(rng.integers(sum(game.shape))))


@pytest.mark.parametrize("spoilt", ["BUDGET", "TIE"])
def test_floats_led_astray_are_solved_in_integers(monkeypatch, spoilt):
    # No budget: the path stops at once. A tie as wide as the payoffs: no row can leave.
    monkeypatch.setattr(module, spoilt, {"BUDGET": 0, "TIE": 10.0}[spoilt])
    game, _ = of_size(7, False)
    exact = end(game, 0, exact=True)
    assert [x.tolist() for x in end(game, 0).mixtures] == [
        list(map(float, x)) for x in exact.mixtures
    ]


def test_a_wrong_end_of_the_float_path_is_not_returned(monkeypatch):
    # Ties as wide as the pivots: rows leave in the wrong order, to bases that are not feasible.
    game, _ = of_size(7, False)
    for tie in (0.05, 0.2, 0.5):
        monkeypatch.setattr(module, "TIE", tie)
        assert end(game, 0).certificate.holds()


def test_large_games_are_within_reach():
    rng = np.random.default_rng(0)
    game = Game.from_payoffs(*rng.random((2, 60, 45)))
    assert end(game, 0).certificate.regret < 1e-12


def test_labels_and_players_are_checked():
    game = Game.from_payoffs([[1, 2, 3]], [[0, 0, 0]])
    with pytest.raises(ValueError, match=r"label: 4 is not one of 0\.\.3"):
        lemke_howson(game, 4)
    with pytest.raises(ValueError, match="lemke-howson: needs two players, got 1"):
        solve(Game.from_payoffs([1, 2]), method="lemke-howson")

"""Lemke-Howson paths end, in an equilibrium, whatever the game and the label dropped."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game
from gametheory.solvers import _path, solve
from gametheory.solvers import lemke_howson as module
from gametheory.solvers._worthwhile import worthwhile
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


@pytest.mark.parametrize("spoilt", ["FLOATS", "TIE"])
def test_floats_led_astray_are_solved_in_integers(monkeypatch, spoilt):
    game, _ = of_size(7, False)
    right = [pair(end(game, label, exact)) for label in (0, 3) for exact in (False, True)]
    # No budget: the path stops at once. A tie as wide as the payoffs: no row can leave.
    monkeypatch.setattr(module, spoilt, {"FLOATS": 0, "TIE": 10.0}[spoilt])
    again = [pair(end(game, label, exact)) for label in (0, 3) for exact in (False, True)]
    assert right[1::2] == again[1::2]
    for x, y in zip(right[::2], again[::2]):
        assert x[0] == pytest.approx(y[0], abs=1e-14)
        assert x[1] == pytest.approx(y[1], abs=1e-14)


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
    (e,) = solve(Game.from_payoffs(*rng.random((2, 150, 220))), method="lemke_howson")
    assert e.certificate.regret < 1e-12


@pytest.mark.parametrize("ties", [False, True])
def test_exact_games_come_back_exact_from_floats_as_from_integers(monkeypatch, ties):
    rng = np.random.default_rng(3)
    for _ in range(20):
        shape = rng.integers(7, 12, 2)
        game = Game(rng.integers(0, 3 if ties else 10**6, (*shape, 2)))
        with monkeypatch.context() as spoilt:
            spoilt.setattr(module, "FLOATS", 0)
            slow = [end(game, label) for label in range(0, sum(game.shape), 5)]
        with monkeypatch.context() as spoilt:
            spoilt.setattr(module, "INTEGERS", 0)
            fast = [end(game, label) for label in range(0, sum(game.shape), 5)]
        assert list(map(pair, slow)) == list(map(pair, fast))
        assert all(e.certificate.exact and e.certificate.regret == 0 for e in fast)


def test_float_games_are_solved_to_the_last_bit_if_asked():
    """Against each other the first two actions pay the same but for 2^-60 of the range."""
    rng = np.random.default_rng(8)
    for size in (2, 9):
        A, B = rng.random((2, size, size))
        A[1] = A[0] + 2.0**-50 * rng.integers(-3, 4, size)
        for e in (
            lemke_howson(Game.from_payoffs(A, B), 1, exact=True)[0],
            solve(Game.from_payoffs(A, B), method="small_supports", exact=True)[0],
        ):
            x, y = (list(map(Fraction, z)) for z in e.mixtures)
            for p, U, q in ((x, A, y), (y, B.T, x)):
                pays = [sum(Fraction(u) * w for u, w in zip(row, q)) for row in U.tolist()]
                assert sum(p) == 1
                assert all(u == max(pays) for u, w in zip(pays, p) if w)


def test_where_every_budget_ends_nothing_is_claimed(monkeypatch):
    game, _ = of_size(7, False)
    for budget in ("FLOATS", "INTEGERS"):
        monkeypatch.setattr(module, budget, 0)
    for found in (lemke_howson(game, 2), solve(game, method="lemke_howson", exact=True)):
        assert len(found) == 0
        assert found.coverage is Coverage.UNKNOWN
        assert "budget" in found.notes[0]


def test_all_lengths_and_all_labels_get_their_turn():
    tries = list(itertools.islice(module._tries(5), 300))
    lengths = [most for _, most in tries]
    assert set(lengths[:8]) == {16, 32, 64, 128}
    for most in set(lengths):
        labels = [k for k, length in tries if length == most]
        assert labels == list(range(5))[: len(labels)]  # each once
    assert max(lengths) > 1000


def test_compiled_paths_are_the_interpreted_ones():
    rng = np.random.default_rng(5)
    for shape in ((3, 5), (6, 4)):
        A, B = 1 + rng.random((2, *shape)).round(1)
        for label in range(sum(shape)):
            slow = _path.follow(A, B, label, 1000, _path.TIE)
            fast = worthwhile(_path.follow, 100)(A, B, label, 1000, _path.TIE)
            assert slow[0].tolist() == fast[0].tolist()
            assert slow[1] == fast[1] > 0
            assert _path.follow(A, B, label, slow[1] - 1, _path.TIE)[1] == 0


def test_labels_and_players_are_checked():
    game = Game.from_payoffs([[1, 2, 3]], [[0, 0, 0]])
    with pytest.raises(ValueError, match=r"label: 4 is not one of 0\.\.3"):
        lemke_howson(game, 4)
    with pytest.raises(ValueError, match="lemke-howson: needs two players, got 1"):
        solve(Game.from_payoffs([1, 2]), method="lemke-howson")

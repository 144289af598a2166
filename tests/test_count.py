"""Count games against their full tables, and laws of their expected payoffs."""

import math
from fractions import Fraction
from itertools import product
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.count import CountGame
from gametheory.equilibrium import certify
from gametheory.game import GameForm, Profile

payoffs = st.integers(-9, 9)
chances = st.fractions(0, 1, max_denominator=12)


@st.composite
def games(draw, most=5, numbers=payoffs):
    n = draw(st.integers(1, most))
    act, wait = (draw(st.lists(numbers, min_size=n, max_size=n)) for _ in range(2))
    return CountGame(act, wait)


@st.composite
def profiles(draw, most=5):
    game = draw(games(most))
    n = len(game.players)
    few = draw(st.lists(chances, min_size=1, max_size=3))
    picks = draw(st.lists(st.sampled_from(few), min_size=n, max_size=n))
    return Profile(game, tuple([q, 1 - q] for q in picks))


def alone(profile):
    """The same profile with floats."""
    return Profile(profile.game, tuple(x.astype(float) for x in profile.mixtures))


@given(profiles())
def test_payoffs_and_regrets_are_those_of_the_full_table(profile):
    full = Profile(profile.game.to_game(), profile.mixtures)
    for i in range(len(profile.mixtures)):
        assert (profile.action_payoffs(i) == full.action_payoffs(i)).all()
    assert certify(profile) == certify(full)
    assert certify(profile).exact


@given(profiles())
def test_floats_are_near_the_exact_payoffs(profile):
    near = alone(profile)
    for i in range(len(profile.mixtures)):
        u = near.action_payoffs(i)
        assert u.dtype == float
        np.testing.assert_allclose(u, profile.action_payoffs(i).astype(float), atol=1e-13)


@given(profiles(), st.data())
def test_payoffs_do_not_depend_on_the_order_of_the_others(profile, data):
    order = data.draw(st.permutations(range(len(profile.mixtures))))
    moved = Profile(profile.game, tuple(profile.mixtures[j] for j in order))
    assert tuple(profile.payoffs[j] for j in order) == moved.payoffs


@given(profiles())
def test_players_who_mix_alike_face_the_same_payoffs(profile):
    alike = profile.game.alike(profile.mixtures)
    for i, j in enumerate(alike):
        assert j <= i
        assert (profile.mixtures[i] == profile.mixtures[j]).all()
        assert (profile.action_payoffs(i) == profile.action_payoffs(j)).all()
    assert len(set(alike)) == len({tuple(x) for x in profile.mixtures})


@given(profiles())
def test_swapping_the_names_of_the_actions_swaps_the_payoffs(profile):
    game = profile.game
    mirror = CountGame(game.wait[::-1], game.act[::-1], names=("wait", "act"))
    turned = Profile(mirror, tuple(x[::-1] for x in profile.mixtures))
    for i in range(len(game.players)):
        assert (profile.action_payoffs(i)[::-1] == turned.action_payoffs(i)).all()


@given(games(), st.integers(1, 9), st.integers(-9, 9))
def test_unit_and_zero_of_payoffs(game, unit, zero):
    moved = CountGame(unit * game.act + zero, unit * game.wait + zero)
    assert (moved.gain == unit * game.gain).all()
    assert moved.scale == unit * game.scale
    assert (moved.floors == unit * game.floors + zero).all()


@given(games())
def test_ranges_floors_shape_and_labels_are_those_of_the_full_table(game):
    full = game.to_game()
    assert isinstance(game, GameForm)
    assert (game.ranges == full.ranges).all()
    assert (game.floors == full.floors).all()
    assert (game.players, game.actions, game.shape) == (full.players, full.actions, full.shape)
    assert game.exact
    assert full.exact


def test_full_table_by_hand():
    # Three players, a good worth 6 to all if at least two act, at cost 1: lopsided on purpose.
    game = CountGame([-1, 5, 5], [0, 0, 6], names=("pay", "ride"), players=["A", "B", "C"])
    table = game.to_game()
    for a, b, c in product((0, 1), repeat=3):
        paid = [a == 0, b == 0, c == 0]
        good = 6 if sum(paid) >= 2 else 0
        assert table.payoffs[a, b, c].tolist() == [good - p for p in paid]
    assert table.actions == (("pay", "ride"),) * 3


@pytest.mark.parametrize("q", [0.3, 1e-5, 1 - 1e-9])
@pytest.mark.parametrize("n", [40, 1_001])
def test_the_number_who_act_is_binomial(n, q):
    """Payoffs that pick one number out give its probability; here by logarithms of factorials."""
    k = math.floor((n - 1) * q)
    game = CountGame([float(j == k) for j in range(n)], [0.0] * n)
    x = np.array([q, 1 - q])
    got = Profile(game, (x,) * n).action_payoffs(0)[0]
    log = math.lgamma(n) - math.lgamma(k + 1) - math.lgamma(n - k)
    want = math.exp(log + k * math.log(q) + (n - 1 - k) * math.log1p(-q))
    assert got == pytest.approx(want, rel=1e-9, abs=0)


def test_the_complement_of_a_chance_near_one_keeps_its_digits():
    # One of 2 others waits with probability 2 * 1e-20 * (1 - 1e-20).
    game = CountGame([0.0, 1.0, 0.0], [0.0] * 3)
    x = np.array([1.0, 1e-20])
    assert Profile(game, (x,) * 3).action_payoffs(0)[0] == pytest.approx(2e-20, rel=1e-12, abs=0)


def test_pure_profiles_are_exact_however_many_play():
    n = 10_000
    game = CountGame([Fraction(k, 3) for k in range(n)], [Fraction(1, 7)] * n)
    certificate = certify(Profile.pure(game, [0] * 2_500 + [1] * 7_500))
    assert certificate.exact
    assert certificate.regrets[0] == 0
    assert certificate.regrets[-1] == Fraction(2_500, 3) - Fraction(1, 7)


def test_long_fractions_become_floats():
    n = 10_000
    game = CountGame(list(range(n)), [0] * n)
    q = Fraction(123, 1_000)
    x = np.array([q, 1 - q])
    u = Profile(game, (x,) * n).action_payoffs(0)
    assert u.dtype == float
    assert u[0] == pytest.approx(float((n - 1) * q), rel=1e-12)
    few = Profile(game, (x,) * 100 + (np.array([Fraction(0), Fraction(1)]),) * (n - 100))
    assert few.action_payoffs(0).tolist() == [99 * q, 0]


def test_ten_thousand_players_are_certified_quickly():
    n = 10_000
    game = CountGame([-1.0] * n, np.linspace(0, 1, n))
    x = np.array([0.4, 0.6])
    profile = Profile(game, (x,) * n)
    seconds = []
    for _ in range(5):
        start = perf_counter()
        regret = certify(profile).regret
        seconds.append(perf_counter() - start)
    assert min(seconds) < 0.1
    assert regret == pytest.approx(0.4 * 1.4, rel=1e-12)


@pytest.mark.parametrize(
    ("act", "wait", "message"),
    [
        ([], [], "act: no payoffs"),
        ([1, 2], [1], "wait: 1 payoffs where act has 2"),
        ([[1], [2]], [1, 2], r"act: shape \(2, 1\)"),
        ([1, [2, 3]], [1, 2], "act: rows of unequal length"),
        ([1.0, math.nan], [1, 2], "act: nan"),
        ([1, 2], [1.0, math.inf], "wait: inf"),
        ([1, "x"], [1, 2], "act: 'x' is not a number"),
        ([1e308, 0], [-1e308, 0], "overflows"),
        ([10**400, 0], [0, 0], "overflows"),
    ],
)
def test_bad_payoffs_are_named(act, wait, message):
    with pytest.raises(ValueError, match=message) as error:
        CountGame(act, wait)
    assert "\n" not in str(error.value)


def test_bad_labels_are_named():
    with pytest.raises(ValueError, match=r"players: labels .* repeat"):
        CountGame([1, 2], [0, 0], players=("A", "A"))
    with pytest.raises(ValueError, match="names: 3 labels"):
        CountGame([1, 2], [0, 0], names=("a", "b", "c"))


def test_a_table_too_large_is_refused():
    with pytest.raises(ValueError, match=r"to_game: .* at most 16 players"):
        CountGame([0] * 17, [1] * 17).to_game()


def test_one_float_makes_the_game_float():
    game = CountGame([1, 0.5], [0, 1])
    assert not game.exact
    assert (game.act.dtype, game.wait.dtype) == (float, float)


def test_values_are_equal_hash_alike_and_are_frozen():
    one, two = (CountGame([1, 2], [Fraction(1, 2), 0]) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != CountGame([1, 2], [0, 0])
    assert one != CountGame([1, 2], [Fraction(1, 2), 0], names=("go", "stay"))
    for values in (one.act, one.wait, one.gain, one.floors, one.ranges):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 3


def test_the_table_for_a_notebook_shows_the_payoffs():
    shown = CountGame([1, Fraction(1, 2)], [0, 2], names=("a<b", "c"))._repr_html_()
    assert "<td>1/2</td>" in shown
    assert "a&lt;b" in shown
    assert "13 players" in CountGame([0] * 13, [1] * 13)._repr_html_()

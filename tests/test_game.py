"""Games and profiles: what is refused, what stays exact, and payoffs against enumeration."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gametheory import Game, Profile

shapes = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)


@st.composite
def profiles(draw, exact=True):
    shape = draw(shapes)
    payoffs = draw(hnp.arrays(np.int64, (*shape, len(shape)), elements=st.integers(-9, 9)))
    weights = [draw(st.lists(st.integers(0, 5), min_size=m, max_size=m).filter(any)) for m in shape]
    mixtures = [[Fraction(w, sum(ws)) for w in ws] for ws in weights]
    if exact:
        return Profile(Game(payoffs), mixtures)
    return Profile(Game(payoffs.astype(float)), [[float(p) for p in x] for x in mixtures])


def expected(profile, player, action=None):
    """Expected payoff by summing over every action profile, in Fractions."""
    total = Fraction(0)
    for a in itertools.product(*map(range, profile.game.shape)):
        if action is not None and a[player] != action:
            continue
        chance = Fraction(1)
        for j, x in enumerate(profile.mixtures):
            if j != player or action is None:
                chance *= Fraction(x[a[j]])
        total += chance * Fraction(profile.game.payoffs[(*a, player)])
    return total


@given(profiles())
def test_payoffs_are_sums_over_action_profiles(profile):
    for i, m in enumerate(profile.game.shape):
        assert profile.payoffs[i] == expected(profile, i)
        assert profile.action_payoffs(i).tolist() == [expected(profile, i, a) for a in range(m)]


@given(profiles(exact=False))
def test_floats_agree_with_fractions(profile):
    for i, m in enumerate(profile.game.shape):
        assert profile.payoffs[i] == pytest.approx(float(expected(profile, i)), abs=1e-12)
        want = [float(expected(profile, i, a)) for a in range(m)]
        assert profile.action_payoffs(i) == pytest.approx(want, abs=1e-12)


@given(profiles(), st.randoms())
def test_naming_players_otherwise_moves_their_payoffs_along(profile, random):
    n = len(profile.mixtures)
    order = random.sample(range(n), n)
    moved = Profile(
        Game(profile.game.payoffs.transpose([*order, n])[..., order]),
        [profile.mixtures[i] for i in order],
    )
    assert moved.payoffs == tuple(profile.payoffs[i] for i in order)


def test_a_large_constant_costs_no_precision():
    A = np.array([[0.5, 0.25], [0.125, 1.0]])
    x = [np.array([0.3, 0.7])] * 2
    plain, lifted = (Profile(Game.from_payoffs(A + c, A), x) for c in (0, 2.0**40))
    assert (plain.gains(0) == lifted.gains(0)).all()


def test_integers_fractions_and_booleans_stay_exact_and_floats_stay_floats():
    game = Game.from_payoffs([[1, Fraction(1, 3)]], [[True, np.int8(-4)]])
    assert game.exact
    assert game.payoffs[0, 1].tolist() == [Fraction(1, 3), Fraction(-4)]
    symbolic = Game.from_payoffs([sympy.Rational(2, 7), sympy.Integer(3)])
    assert symbolic.payoffs[:, 0].tolist() == [Fraction(2, 7), 3]
    big = Game.from_payoffs([10**30, 10**30 + 1])
    assert big.payoffs[1, 0] - big.payoffs[0, 0] == 1
    mixed = Game.from_payoffs([[1, 0.5]], [[0, 1]])
    assert not mixed.exact
    assert mixed.payoffs.dtype == np.float64


def test_everything_is_read_only():
    game = Game.from_payoffs([[1, 2]], [[3, 4]])
    x = np.array([1.0])
    profile = Profile(game, (x, [0.5, 0.5]))
    with pytest.raises(ValueError, match="read-only"):
        game.payoffs[0, 0] = 7
    with pytest.raises(ValueError, match="read-only"):
        profile.mixtures[1][0] = 1
    with pytest.raises(AttributeError):
        game.players = ("a", "b")


def test_the_caller_keeps_an_array_of_his_own():
    A = np.array([[1.0, 2.0]])
    game = Game.from_payoffs(A, A)
    A[0, 0] = 99
    assert game.payoffs[0, 0, 0] == 1
    table = np.zeros((2, 1))
    game = Game(table)
    table[0, 0] = 5
    assert game.payoffs[0, 0] == 0


def test_scale_is_the_widest_range_of_any_player():
    game = Game.from_payoffs([[1000, 1001]], [[-2, 3]])
    assert game.ranges.tolist() == [1, 5]
    assert game.scale == 5
    assert game.floors.tolist() == [1000, -2]


@pytest.mark.parametrize(
    ("payoffs", "complaint"),
    [
        ([], "no players"),
        ([[[1, 2], [3]]] * 2, "player 1: rows of unequal length"),
        ([[[]]] * 2, "player 1: no payoffs"),
        ([[[1, 2]], [[1], [2]]], "player 2: shape"),
        ([[1, 2], [3, 4]], "player 1: shape"),
        ([[[1, np.nan]], [[1, 2]]], r"player 1: nan at \(0, 1\) is not finite"),
        ([[[1, 2]], [[np.inf, 2]]], r"player 2: inf at \(0, 0\) is not finite"),
        ([[["a", 2]], [[1, 2]]], "player 1: 'a' is not a number"),
        ([[["1/2", 2]], [[1, 2]]], "player 1: '1/2' is not a number"),
        ([[[None, 2]], [[1, 2]]], "player 1: None is not a number"),
        ([[[1 + 2j, 2]], [[1, 2]]], "player 1: .* is not a number"),
    ],
)
def test_bad_payoffs_are_named_in_one_line(payoffs, complaint):
    with pytest.raises(ValueError, match=complaint) as error:
        Game.from_payoffs(*payoffs)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("most", [1e308, 10**400])
def test_payoffs_too_far_apart_are_refused(most):
    with pytest.raises(ValueError, match="rescale"):
        Game.from_payoffs([[most, -most]], [[0, 0]])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"players": ["A"]}, "players: 1 labels"),
        ({"players": ["A", "A"]}, "players: labels .* repeat"),
        ({"actions": [["a", "b"]]}, "actions: 1 lists"),
        ({"actions": [["a"], ["a", "b"]]}, "actions of Player 1: 1 labels"),
        ({"actions": [["a", "b"], ["a", "a"]]}, "actions of Player 2: labels .* repeat"),
    ],
)
def test_bad_labels_are_named(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        Game.from_payoffs([[1, 2], [3, 4]], [[1, 2], [3, 4]], **options)


def test_a_table_without_an_axis_a_player_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 2\) is not"):
        Game([[1, 2], [3, 4]])


def test_a_rule_must_pay_every_player():
    with pytest.raises(ValueError, match="1 payoffs for 2 players"):
        Game.of({"A": "xy", "B": "xy"}, lambda a, b: (1,))
    with pytest.raises(ValueError, match="without actions"):
        Game.of({"A": "xy", "B": ""}, lambda a, b: (1, 2))


@pytest.mark.parametrize(
    ("mixtures", "complaint"),
    [
        ([[1, 0]], "1 mixtures for 2 players"),
        ([[1, 0], [0.5, 0.6]], "Player 2: .* is not a probability vector"),
        ([[Fraction(1, 2)] * 2, [-1, 2]], "Player 2: .* is not a probability vector"),
        ([[Fraction(1, 3)] * 2, [0, 1]], "Player 1: .* is not a probability vector"),
        ([[1], [0, 1]], "Player 1: 1 probabilities for 2 actions"),
        ([[1, 0], [np.nan, 1]], "mixture of Player 2: nan"),
        ([[[1, 0]], [0, 1]], "Player 1: 2 probabilities for 2 actions"),
    ],
)
def test_bad_mixtures_are_named(mixtures, complaint):
    game = Game.from_payoffs([[1, 2], [3, 4]], [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=complaint):
        Profile(game, mixtures)


def test_the_table_for_a_notebook_marks_best_replies_and_hides_no_markup():
    game = Game.from_payoffs(
        [[1, 0], [0, 2]], [[1, 0], [0, 2]], players=["<b>", "B"], actions=[["x", "y"], ["z", "&"]]
    )
    text = game._repr_html_()
    assert "&lt;b&gt;" in text
    assert "<th>&amp;</th>" in text
    assert text.count("<u>1</u>") == text.count("<u>2</u>") == 2
    assert "<u>0</u>" not in text
    assert "<code>" in Game(np.zeros((1, 1, 1, 3)))._repr_html_()


def test_games_are_equal_iff_payoffs_and_names_are():
    one, same = (Game.from_payoffs([[1, 2]], [[3, 4]]) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Game.from_payoffs([[1, 2]], [[3, 5]])
    assert one != Game.from_payoffs([[1, 2]], [[3, 4]], players=["A", "B"])
    assert one != Game.from_payoffs([[1.0, 2.0]], [[3.0, 4.0]])


@given(
    hnp.arrays(np.int8, (2, 3, 2)) | hnp.arrays(np.int64, (3, 1, 2)) | hnp.arrays(np.uint8, (4, 1))
)
def test_an_array_of_machine_integers_is_the_game_of_its_list(payoffs):
    here, there = Game(payoffs), Game(payoffs.tolist())
    assert here == there
    assert all(type(u) is Fraction for u in here.payoffs.flat)
    assert here.floors.tolist() == there.floors.tolist()
    assert here.ranges.tolist() == there.ranges.tolist()
    assert here.rounded.tolist() == there.rounded.tolist()
    tables = [payoffs[..., i] for i in range(payoffs.shape[-1])]
    assert Game.from_payoffs(*tables) == here
    assert Game.from_payoffs(tables[0].tolist(), *tables[1:]) == here


def test_machine_integers_are_refused_like_others():
    with pytest.raises(ValueError, match="no payoffs"):
        Game.from_payoffs(np.zeros((0, 2), int), np.zeros((0, 2), int))
    with pytest.raises(ValueError, match="is not"):
        Game(np.zeros((2, 2, 3), int))
    assert not Game.from_payoffs(np.ones((2, 2), int), np.ones((2, 2))).exact


@given(st.lists(st.fractions() | st.integers(-(10**400), 10**400), min_size=2, max_size=6))
def test_rounding_keeps_the_order_of_payoffs(payoffs):
    if max(payoffs) - min(payoffs) > 10**300:
        payoffs = [u / 10**100 for u in map(Fraction, payoffs)]
    game = Game.from_payoffs([u + 10**350 for u in map(Fraction, payoffs)])
    for table in (game, Game.from_payoffs(payoffs)):
        order = np.argsort(table.payoffs[:, 0], kind="stable")
        assert (np.diff(table.rounded[order, 0]) >= 0).all()
        assert table.rounded.dtype == np.float64


@pytest.mark.parametrize("players", [2, 3])
def test_gains_do_not_depend_on_denominators(players):
    rng = np.random.default_rng(4)
    shape = (2, 3, 4)[:players]
    payoffs = np.empty((*shape, players), dtype=object)
    for where in np.ndindex(payoffs.shape):
        payoffs[where] = Fraction(int(rng.integers(-50, 50)), int(rng.integers(1, 9)))
    mixtures = [[Fraction(2 * k + 1, m * m) for k in range(m)] for m in shape]
    profile = Profile(Game(payoffs), mixtures)
    for i in range(players):
        assert profile.action_payoffs(i).tolist() == [
            expected(profile, i, action) for action in range(shape[i])
        ]
        assert all(type(u) is Fraction for u in profile.gains(i))


@pytest.mark.parametrize("x", [[1.5, -0.5], [0.6, 0.6], [np.nan, 1], [1, 0, 0]])
def test_arrays_of_floats_are_checked_like_lists(x):
    game = Game.from_payoffs(*np.zeros((2, 2, 2)))
    for mixture in (x, np.array(x, dtype=float)):
        with pytest.raises(ValueError, match="Player 1"):
            Profile(game, [mixture, [0.5, 0.5]])


@pytest.mark.parametrize(
    ("x", "words"), [([0.5, 0.6], "probability vector"), ([1.5, -0.5], "probability vector")]
)
def test_profiles_made_together_are_checked_like_those_made_alone(x, words):
    game = Game.from_payoffs(np.eye(2), np.eye(2))
    right = np.array([[0.5, 0.5], [1.0, 0.0]])
    profiles = Profile.stack(game, (right, right[::-1]))
    assert profiles == [Profile(game, pair) for pair in zip(right, right[::-1])]
    assert not any(side.flags.writeable for profile in profiles for side in profile.mixtures)
    with pytest.raises(ValueError, match=words):
        Profile.stack(game, (right, np.array([[0.5, 0.5], x])))
    with pytest.raises(ValueError, match="mixtures for 2 players"):
        Profile.stack(game, (right,))


def test_payoffs_that_nobody_can_change_are_not_copied():
    mine = np.random.default_rng(0).random((2, 2, 2))
    game = Game(mine)
    assert not np.shares_memory(game.payoffs, mine)
    assert not np.shares_memory(Game(game.payoffs[:, ::-1]).payoffs, game.payoffs)
    mine.setflags(write=False)
    assert Game(mine).payoffs is mine
    hidden = mine.view()
    assert not np.shares_memory(Game(hidden).payoffs, mine)

"""Games between classes of players: the same as their full tables, at polynomial cost."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.classes import ClassGame
from gametheory.count import CountGame
from gametheory.equilibrium import certify
from gametheory.game import Game, Profile
from gametheory.io import read, write

laws = settings(max_examples=40, deadline=None)
SIZES = [(1,), (3,), (1, 1), (2, 1), (1, 3), (2, 2), (1, 2, 1), (2, 1, 2)]
integers = st.integers(-4, 4)
floats = st.floats(-5, 5, allow_subnormal=False)
chances = st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 3), Fraction(2, 5)])


@st.composite
def class_games(draw, values=integers, total=None):
    sizes = draw(st.sampled_from(SIZES))
    by_total = draw(st.booleans()) if total is None else total

    def table(k):
        shape = [m + (j != k) for j, m in enumerate(sizes)]
        shape = (sum(sizes),) if by_total else shape
        many = math.prod(shape)
        flat = np.empty(many, dtype=object)
        flat[:] = draw(st.lists(values, min_size=many, max_size=many))
        return flat.reshape(shape).tolist()

    act, wait = ([table(k) for k in range(len(sizes))] for _ in "aw")
    return ClassGame(act, wait, sizes)


def spelled_out(game):
    """The full table from the definition: each player counts the others, one by one."""
    n = len(game.players)
    home = [k for k, m in enumerate(game.sizes) for _ in range(m)]
    payoffs = np.empty((*(2,) * n, n), dtype=game.act[0].dtype)
    for profile in itertools.product((0, 1), repeat=n):
        for i in range(n):
            others = [0] * len(game.sizes)
            for j in range(n):
                others[home[j]] += j != i and profile[j] == 0
            side = (game.act if profile[i] == 0 else game.wait)[home[i]]
            where = sum(others) if len(game.sizes) > 1 and side.ndim == 1 else tuple(others)
            payoffs[(*profile, i)] = side[where]
    return Game(payoffs, game.players, game.actions)


@laws
@given(class_games())
def test_the_full_table_is_the_definition(game):
    assert game.to_game() == spelled_out(game)


@laws
@given(st.data(), st.one_of(class_games(), class_games(floats)))
def test_payoffs_and_certificates_are_those_of_the_full_table(data, game):
    n, full = len(game.players), spelled_out(game)
    q = data.draw(st.lists(chances, min_size=n, max_size=n))
    profile = Profile(game, [[x, 1 - x] for x in q])
    twin = Profile(full, profile.mixtures)
    for i in range(n):
        ours, theirs = profile.action_payoffs(i), twin.action_payoffs(i)
        if game.exact:
            assert ours.tolist() == theirs.tolist()
        else:
            assert ours == pytest.approx(theirs.astype(float), rel=1e-12, abs=1e-12)
    mine, other = certify(profile), certify(twin)
    assert mine.exact == other.exact == game.exact
    assert list(map(float, mine.regrets)) == pytest.approx(
        list(map(float, other.regrets)), rel=1e-12, abs=1e-12
    )


@laws
@given(class_games())
def test_floors_and_ranges_are_of_the_payoffs_of_each_class(game):
    full = spelled_out(game)
    for i in range(len(game.players)):
        values = full.payoffs[..., i]
        assert game.floors[i] == values.min()
        assert game.ranges[i] == float(values.max() - values.min())
    assert game.scale == max(game.ranges)


@laws
@given(st.data(), class_games())
def test_only_one_player_of_each_class_and_mixture_is_looked_at(data, game):
    n = len(game.players)
    q = data.draw(st.lists(chances, min_size=n, max_size=n))
    alike = game.alike(Profile(game, [[x, 1 - x] for x in q]).mixtures)
    assert list(alike) == [
        next(j for j in range(n) if q[j] == q[i] and game.member_of[j] == game.member_of[i])
        for i in range(n)
    ]


@laws
@given(class_games(total=True))
def test_tables_by_total_say_what_full_ones_say(game):
    def wide(side):
        return [
            table[np.indices([m + (j != k) for j, m in enumerate(game.sizes)]).sum(axis=0)]
            for k, table in enumerate(side)
        ]

    full = ClassGame(wide(game.act), wide(game.wait), game.sizes)
    assert game.to_game() == full.to_game()
    assert game.by_total == (len(game.sizes) > 1)
    assert not full.by_total


@laws
@given(st.lists(integers, min_size=2, max_size=10))
def test_one_class_is_a_count_game(values):
    n = len(values) // 2
    act, wait = values[:n], values[n : 2 * n]
    one, count = ClassGame([act], [wait], [n]), CountGame(act, wait)
    assert np.array_equal(one.to_game().payoffs, count.to_game().payoffs)
    assert one.gain[0].tolist() == count.gain.tolist()


@laws
@given(st.one_of(class_games(st.fractions(-9, 9, max_denominator=99)), class_games(floats)))
def test_games_read_back_the_same(game):
    assert read(write(game, "json")) == game


def test_labels_read_back_and_files_that_are_wrong_say_where():
    game = ClassGame([[[0, 1, 2]], [[3, 4], [5, 6]]], [[[0, 0, 0]], [[0, 0], [0, 0]]], (1, 2))
    named = ClassGame(game.act, game.wait, (1, 2), ["US", "allies"], ["in", "out"])
    assert named.players == ("US", "allies 1", "allies 2")
    assert read(write(named, "json")) == named != game
    text = write(named, "json")
    for old, new, message in [
        ('"sizes": [1, 2]', '"sizes": [1, 0.5]', "number of members"),
        ('"sizes": [1, 2]', '"sizes": [2, 1]', "shape"),
        ('"sizes": [1, 2]', '"sizes": 3', "no list"),
        ('"classes"', '"class"', "unknown key"),
        ('"act": [[[', '"act": [[[[', "JSON"),
    ]:
        assert old in text
        with pytest.raises(ValueError, match=message):
            read(text.replace(old, new))
    with pytest.raises(TypeError, match=r"to_game"):
        write(game, "nfg")


def test_from_the_rule():
    seen = []

    def rule(who, acts, others):
        seen.append((who, acts, others))
        return 10 * others[0] + others[1] + (100 if acts else 0) + (1000 if who == "B" else 0)

    game = ClassGame.of({"A": 2, "B": 1}, rule, names=("fight", "flee"))
    assert game.names == ("fight", "flee")
    assert game.classes == ("A", "B")
    assert len(seen) == len(set(seen)) == 2 * (2 * 2 + 3 * 1)
    assert game.act[0].tolist() == [[100, 101], [110, 111]]
    assert game.wait[1].tolist() == [[1000], [1010], [1020]]


def test_equal_games_are_equal_and_others_are_not():
    act, wait = [[1, 2, 0], [0, 1, 5]], [[0, 0, 0], [1, 1, 1]]
    game = ClassGame(act, wait, (1, 2))
    assert game == ClassGame(act, wait, (1, 2))
    assert hash(game) == hash(ClassGame(act, wait, (1, 2)))
    others = [
        ClassGame(wait, act, (1, 2)),
        ClassGame(act, wait, (2, 1)),
        ClassGame(act, wait, (1, 2), classes=["X", "Y"]),
        ClassGame(act, wait, (1, 2), names=["go", "stay"]),
        ClassGame(act, wait, (1, 2), players=["x", "y", "z"]),
        ClassGame([[1.0, 2, 0], [0, 1, 5]], wait, (1, 2)),
    ]
    assert all(game != other for other in others)
    assert repr(game) == "ClassGame(A: 1, B: 2; act, wait; exact)"
    assert "<table>" in game._repr_html_()
    large = ClassGame([[1] * 100] * 2, [[0] * 100] * 2, (50, 50))
    assert large._repr_html_() == f"<code>{large!r}</code>"


@pytest.mark.parametrize(
    ("act", "wait", "sizes", "message"),
    [
        ([[1, 2]], [[1, 2]], (), "sizes"),
        ([[1, 2]], [[1, 2]], (0,), "sizes: 0"),
        ([[1, 2]], [[1, 2]], (1.5,), "sizes: 1.5"),
        ([[1, 2]], [[1, 2]], (1, 1), "1 tables for 2 classes"),
        ([[1, 2]], [[1, 2]], (3,), r"act of A: shape \(2,\) where sizes \(3,\) need \(3,\)"),
        ([[1, 2], [1, 2]], [[1, 2], [[1], [2]]], (1, 1), "act of A: shape"),
        ([[1, math.inf]], [[1, 2]], (2,), "not finite"),
        ([[1e308, 0.0]], [[-1e308, 2]], (2,), "overflows"),
    ],
)
def test_what_is_no_game_is_refused(act, wait, sizes, message):
    with pytest.raises(ValueError, match=message):
        ClassGame(act, wait, sizes)


def test_too_many_players_for_a_table():
    with pytest.raises(ValueError, match="17 players"):
        ClassGame([[1] * 17] * 2, [[0] * 17] * 2, (8, 9)).to_game()


def test_a_certificate_of_thousands_of_players():
    # All mix so that the chance that nobody else acts is the cost: w^1999 = 1/2.
    sizes, n = (500, 1500), 2000
    game = ClassGame([[0.5] * n] * 2, [[0.0] + [1.0] * (n - 1)] * 2, sizes)
    w = 0.5 ** (1 / (n - 1))
    assert certify(Profile(game, [np.array([1 - w, w])] * n)).regret < 1e-12
    off = certify(Profile(game, [np.array([1 - w, w])] * 500 + [np.array([0.1, 0.9])] * 1500))
    assert off.regret > 0.04

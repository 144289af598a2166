"""Aggregative games: replacement functions against the payoffs, and what is refused at the door."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from gametheory.actions import ActionProfile
from gametheory.aggregative import (
    AggregativeGame,
    Contest,
    JointProducts,
    PublicGood,
)

sizes = st.integers(2, 5)
wealth = st.floats(0.1, 20)
taste = st.floats(0.05, 0.95)


def several(draw, numbers, n):
    return draw(st.lists(numbers, min_size=n, max_size=n))


@st.composite
def public_goods(draw):
    n = draw(sizes)
    rho = several(draw, st.floats(0, 1), n)
    return PublicGood(several(draw, wealth, n), several(draw, taste, n), rho)


@st.composite
def joint_products(draw):
    n = draw(sizes)
    a, c = several(draw, st.floats(0.1, 2), n), several(draw, st.floats(0.01, 1), n)
    b = several(draw, st.just(0.0) | st.floats(0.01, 1), n)
    return JointProducts(several(draw, wealth, n), a, b, c)


@st.composite
def contests(draw):
    n = draw(sizes)
    return Contest(several(draw, wealth, n), draw(st.just(1.0) | st.floats(0.2, 2.5)))


forms = st.one_of(public_goods(), joint_products(), contests())


@given(forms, st.floats(0.001, 1))
@settings(max_examples=150, deadline=None)
def test_a_replacement_is_a_best_reply_to_the_rest_of_the_aggregate(game, part):
    """Bounded scalar minimisation of minus the payoff, one player at a time."""
    X = part * game.impact(game.upper).sum()
    x = game.replacement(X)
    added = game.impact(x)
    for i in np.flatnonzero(added <= X):  # else no profile has this aggregate

        def loss(action, i=i):
            actions = x.copy()
            actions[i] = action
            own = game.impact(actions)
            return -game.payoff(actions, X - added[i] + own[i])[i]

        top = game.upper[i]
        ends = [(0, 0.1 * top), (0, 0.999 * top), (min(x[i] / 2, top / 4), top)]
        best = min(minimize_scalar(loss, bounds=e, method="bounded").fun for e in ends)
        unit = abs(loss(top / 4) - loss(top / 2)) + abs(loss(top / 2) - loss(3 * top / 4))
        assert loss(x[i]) <= best + 1e-9 * unit


@pytest.mark.parametrize("r", [1 - 2**-53, 1 - 2**-50, 1 - 1e-12, 1 + 1e-12])
def test_returns_that_are_nearly_constant(r):
    np.testing.assert_allclose(Contest([1, 2], r).shares(1.5), [0, 0.25], atol=1e-10)


@given(forms, st.floats(0.001, 0.5), st.floats(1.01, 10))
@settings(deadline=None)
def test_shares_fall_where_they_are_positive(game, part, more):
    X = part * game.impact(game.upper).sum()
    before, after = game.shares(X), game.shares(more * X)
    shown = before > 1e-9
    assert (after[shown] < before[shown]).all()
    assert (after[~shown] <= 1e-9).all()


@given(forms, st.floats(0.001, 1))
@settings(deadline=None)
def test_shares_are_what_replacements_add(game, part):
    X = part * game.impact(game.upper).sum()
    np.testing.assert_allclose(game.shares(X) * X, game.impact(game.replacement(X)), rtol=1e-9)
    assert (game.replacement(X) <= game.upper * (1 + 1e-12)).all()
    assert (game.replacement(X) >= 0).all()


@given(forms, st.data())
@settings(deadline=None)
def test_relabelling_the_players_relabels_payoffs_and_replacements(game, data):
    order = list(data.draw(st.permutations(range(len(game.upper)))))
    values = {f.name: getattr(game, f.name) for f in fields(game)}
    moved = type(game)(
        **{
            name: value[order] if isinstance(value, np.ndarray) else value
            for name, value in values.items()
            if name not in ("named", "monotone")
        }
    )
    x = game.upper * np.linspace(0.2, 0.6, len(order))
    X = game.impact(x).sum()
    np.testing.assert_allclose(moved.payoff(x[order], X), game.payoff(x, X)[order])
    np.testing.assert_allclose(moved.replacement(X), game.replacement(X)[order])


@given(public_goods(), st.sampled_from([1e-9, 1e9]))
@settings(deadline=None)
def test_the_unit_of_wealth_does_not_matter(game, unit):
    dear = PublicGood(game.w * unit, game.alpha, game.rho)
    X = game.w.sum() / 3
    zero = 1e-14 * unit * max(X, game.w.max())  # what rounding may leave of a contribution of none
    np.testing.assert_allclose(dear.replacement(X * unit), game.replacement(X) * unit, atol=zero)


def test_joint_products_without_a_private_part_are_a_pure_public_good():
    w, alpha = np.array([10.0, 6, 4, 2]), np.array([0.5, 0.7, 0.8, 0.9])
    pure, joint = PublicGood(w, alpha), JointProducts(w, 1 - alpha, 0, alpha)
    for X in (0.3, 5.0, 7.9, 20.0):
        np.testing.assert_allclose(joint.replacement(X), pure.replacement(X), atol=1e-14)
        x = X * np.array([0.1, 0.2, 0.3, 0.4]) / 4
        np.testing.assert_allclose(np.exp(joint.payoff(x, X)), pure.payoff(x, X))


def test_an_idle_contest_gives_all_the_same_chance():
    game = Contest([8, 4, 2], 0.5)
    np.testing.assert_allclose(ActionProfile(game, [0, 0, 0]).payoffs, [8 / 3, 4 / 3, 2 / 3])
    np.testing.assert_allclose(ActionProfile(game, [0, 4, 1]).payoffs, [0, 8 / 3 - 4, 2 / 3 - 1])
    assert np.isnan(game.replacement(0)).all()


def test_profile_adds_up_impacts():
    game = Contest([8, 4], 0.5, players=["A", "B"])
    profile = ActionProfile(game, [1, 0.25])
    assert profile.aggregate == 1.5
    assert profile.shares.tolist() == [2 / 3, 1 / 3]
    assert repr(profile) == "ActionProfile(A: 1; B: 0.25; aggregate 1.5)"
    with pytest.raises(ValueError, match="read-only"):
        profile.actions[0] = 2


def test_a_profile_of_many_is_shown_in_part():
    game = PublicGood(np.arange(1, 9), 0.5)
    assert "Player 6: 0; ... 2 more; aggregate 0" in repr(ActionProfile(game, np.zeros(8)))


@given(forms)
@settings(deadline=None)
def test_games_are_values(game):
    assert pickle.loads(pickle.dumps(game)) == game
    assert hash(pickle.loads(pickle.dumps(game))) == hash(game)
    assert not game.upper.flags.writeable
    assert ActionProfile(game, game.upper) == ActionProfile(game, game.upper)
    assert ActionProfile(game, game.upper) != ActionProfile(game, game.upper / 2)


def test_games_that_differ_are_not_equal():
    assert PublicGood([1, 2], 0.5) != PublicGood([1, 2], 0.5, 0.9)
    assert PublicGood([1, 2], 0.5) != PublicGood([1, 2], 0.5, players=["A", "B"])
    assert Contest([1, 2]) != Contest([1, 2], 0.5)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: PublicGood([1, -2], 0.5), r"w: -2.0 of player 2 is not above 0"),
        (lambda: PublicGood([1, 2], [0.5, 1]), "alpha: 1.0 of player 2"),
        (lambda: PublicGood([1, 2], 0.5, 1.5), "rho: 1.5 of player 1"),
        (lambda: PublicGood([1, 2], [0.5] * 3), r"w: shape \(2,\) for 3 players"),
        (lambda: PublicGood([[1, 2]], 0.5), r"w: shape \(1, 2\)"),
        (lambda: PublicGood([], 0.5), "w: shape"),
        (lambda: PublicGood([1, np.inf], 0.5), "w: not finite"),
        (lambda: PublicGood(["much", 1], 0.5), "w: .* is not a list of numbers"),
        (lambda: PublicGood([1, 2], 0.5, players=["A"]), "players: 1 labels"),
        (lambda: PublicGood([1, 2], 0.5, players=["A", "A"]), "repeat"),
        (lambda: JointProducts([1, 2], 0, 1, 1), "a: 0.0 of player 1"),
        (lambda: JointProducts([1, 2], 1, [1, 0], 0), r"b \+ c: 0.0 of player 2"),
        (lambda: JointProducts([1, 2], 1, -1, 1), "b: -1.0"),
        (lambda: JointProducts([1, 2], 1, 1, -1), "c: -1.0"),
        (lambda: Contest([1, 2], 0), "r: 0 is not above 0"),
        (lambda: Contest([1, 2], np.inf), "r: inf is not"),
        (lambda: Contest([1, 0]), "V: 0.0 of player 2"),
        (lambda: Contest([1]), "one player"),
        (lambda: ActionProfile(Contest([1, 2]), [1]), r"shape \(1,\) for 2 players"),
        (lambda: ActionProfile(Contest([1, 2]), [1, 3]), "Player 2: 3.0 is not from 0 to 2"),
        (lambda: ActionProfile(Contest([1, 2]), [1, np.nan]), "Player 2: nan"),
        (lambda: AggregativeGame.of(None, None, [1, 2], "up"), 'use "falling"'),
        (lambda: AggregativeGame.of(None, None, [1, -2]), "upper: -2.0 of player 2"),
    ],
)
def test_what_is_wrong_is_named(build, named):
    with pytest.raises(ValueError, match=named):
        build()


def test_functions_that_do_not_fit_are_named():
    game = AggregativeGame.of(lambda x, X: x[:1], lambda X: np.array([0, 3 + X]), [1, 2])
    with pytest.raises(ValueError, match="payoff: shape"):
        game.payoff(np.zeros(2), 0.0)
    with pytest.raises(ValueError, match=r"replacement\(1\): 4.0 of Player 2 is not from 0 to 2"):
        game.replacement(1.0)

"""Certificates of continuous actions: planted gains are found, true equilibria pass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

import gametheory as gt
from gametheory.actions import ActionProfile
from gametheory.aggregative import (
    AggregativeGame,
    Contest,
    JointProducts,
    PublicGood,
)
from gametheory.continuous import ActionEquilibria, certify_actions
from gametheory.equilibrium import CertificateError, Coverage

parts = st.lists(st.floats(0, 1), min_size=3, max_size=3)
games = st.sampled_from(
    [
        PublicGood([10, 6, 1], [0.5, 0.7, 0.9], [1, 0.5, 0]),
        JointProducts([10, 6, 1], 0.9, [0.05, 0.2, 0], [0.1, 0, 0.3]),
        Contest([10, 6, 1]),
        Contest([10, 6, 1], 0.4),
    ]
)


@given(games, parts)
@settings(max_examples=60, deadline=None)
def test_regrets_are_the_gains_that_a_scalar_search_finds(game, parts):
    x = game.upper * np.clip(parts, 0.01, 0.99)
    certificate = certify_actions(ActionProfile(game, x))
    u = game.payoff(x, game.impact(x).sum())
    for i in range(3):

        def loss(action, i=i):
            moved = x.copy()
            moved[i] = action
            return -game.payoff(moved, game.impact(moved).sum())[i]

        top = game.upper[i]
        found = [
            minimize_scalar(loss, bounds=(0, high), method="bounded", options={"xatol": 1e-12})
            for high in (0.999 * top, 0.1 * top)
        ]
        best = min([f.fun for f in found] + [loss(0.0) if game.upper[i] else 0.0, loss(x[i])])
        assert certificate.regrets[i] == pytest.approx(-best - u[i], abs=1e-9 * (1 + abs(u[i])))
        assert loss(certificate.deviations[i]) == pytest.approx(best, abs=1e-9 * (1 + abs(u[i])))


def test_a_small_effort_of_one_who_should_make_none_is_seen():
    game = Contest([10, 9, 8, 3])
    X = 2 / (1 / 10 + 1 / 9 + 1 / 8)
    x = np.maximum(0, X * (1 - X / game.V))
    assert certify_actions(ActionProfile(game, x)).holds()
    x[3] = 1e-3
    certificate = certify_actions(ActionProfile(game, x))
    assert not certificate.holds()
    assert np.flatnonzero(certificate.regrets > 1e-9 * certificate.ranges).tolist()[-1] == 3
    assert certificate.deviations[3] == 0


def test_a_second_peak_is_found():
    """u = -(x - 1)^2 (x - 3)^2 + tilt x: best near 3, and 1 is only a local peak."""
    game = AggregativeGame.of(
        lambda x, X: -((x - 1) ** 2) * (x - 3) ** 2 + 0.1 * x, lambda X: np.array([1.0]), [4]
    )
    certificate = certify_actions(ActionProfile(game, [1.0]))
    assert certificate.deviations[0] == pytest.approx(3.0124, abs=1e-3)
    assert certificate.regret > 0.2


@given(st.sampled_from([1e-9, 1.0, 1e9]), st.sampled_from([-5.0, 0.0, 7.0]), st.booleans())
@settings(deadline=None)
def test_unit_and_zero_of_payoffs_do_not_matter(unit, zero, off):
    """The Cournot duopoly 1 - X: both sell 1/3."""
    game = AggregativeGame.of(
        lambda x, X: unit * (x * (1 - X) + zero), lambda X: np.full(2, 1 - X), [1, 1]
    )
    profile = ActionProfile(game, [1 / 3, 1 / 3 + 1e-3 * off])
    assert certify_actions(profile).holds() is not off


def test_a_payoff_of_minus_infinity_is_a_regret_without_bound():
    certificate = certify_actions(ActionProfile(JointProducts([10, 6], 1, 1, 1), [0, 1]))
    assert certificate.regrets[0] == np.inf
    assert 0 < certificate.regrets[1] < np.inf
    assert not certificate.holds(1e9)
    assert np.isfinite(certificate.ranges).all()


def test_one_who_is_lost_whatever_he_does_has_no_regret():
    game = AggregativeGame.of(
        lambda x, X: np.array([-np.inf, 0]) - x, lambda X: np.zeros(2), [1, 1], "falling"
    )
    assert certify_actions(ActionProfile(game, [0.5, 0])).regrets.tolist() == [0, 0]


def test_an_action_that_cannot_be_changed_has_no_regret():
    game = AggregativeGame.of(lambda x, X: x * X, lambda X: np.array([0, 1.0]), [0, 1])
    certificate = certify_actions(ActionProfile(game, [0, 1]))
    assert certificate.regrets.tolist() == [0, 0]
    assert certificate.holds()


def test_certify_takes_either_kind_of_profile():
    profile = ActionProfile(Contest([10, 6]), [2, 1])
    found, direct = gt.certify(profile), certify_actions(profile)
    assert found.regrets.tolist() == direct.regrets.tolist()
    assert (found.concept, found.exact) == ("nash", False)
    assert found.scale == found.ranges.max()
    game = gt.Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]])
    assert gt.certify(gt.Profile.pure(game, (0, 0))).regret == 2


def test_a_proposition_holds_over_actions_as_over_mixtures():
    found = gt.solve(Contest([10, 6]))
    assert gt.Holds.over(found, lambda e: e.actions[0] > e.actions[1]) == gt.Holds(True, True)


def test_a_wrong_profile_is_not_listed():
    game = Contest([10, 6])
    profile = ActionProfile(game, [2.34375, 1.41])
    with pytest.raises(CertificateError, match=r"by hand: Player 2 gains .* by 1.40625 in place"):
        ActionEquilibria.proved(game, [profile], Coverage.ALL, "by hand")


def test_a_set_says_what_it_promises():
    game = Contest([10, 6], players=["A", "B"])
    found = ActionEquilibria.proved(
        game, [ActionProfile(game, [2.34375, 1.40625])], Coverage.ALL, "by hand", ["Why."]
    )
    assert len(found) == 1
    assert found[0].aggregate == 3.75
    assert found[:1] == (found[0],)
    assert repr(found) == (
        "1 found by by hand. Every equilibrium is in the list.\n"
        "  0: A: 2.34375; B: 1.40625; aggregate 3.75\n  Why."
    )
    frame = found.to_frame()
    assert frame.loc[(0, "A"), "payoff"] == 3.90625
    assert frame.loc[(0, "B"), "share"] == 0.375
    assert "Every equilibrium" in found._repr_html_()

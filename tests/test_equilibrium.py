"""Certificates against the definition; coverage; what a set shows of itself."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gametheory as gt
from gametheory import Component, Coverage, EquilibriumSet, Game, Profile, certify
from tests.test_game import expected, profiles


@given(profiles())
def test_regret_is_the_best_gain_from_deviating_alone(profile):
    certificate = certify(profile)
    for i, m in enumerate(profile.game.shape):
        options = [expected(profile, i, a) for a in range(m)]
        assert certificate.regrets[i] == max(options) - expected(profile, i)
        assert options[certificate.deviations[i]] == max(options)
    assert certificate.exact
    assert certificate.regret == max(certificate.regrets)
    assert certificate.holds(0) == (certificate.regret == 0)


@given(profiles(), st.sampled_from([1e-9, 1e9, -40, 40]), st.sampled_from([0.0, 1e6]))
def test_unit_and_zero_of_payoffs_do_not_matter(profile, unit, zero):
    unit = 2.0**unit if abs(unit) == 40 else unit
    payoffs = profile.game.payoffs.astype(float)
    mixtures = [x.astype(float) for x in profile.mixtures]
    moved = certify(Profile(Game(payoffs * unit + zero * unit), mixtures))
    assert moved.holds() == certify(Profile(Game(payoffs), mixtures)).holds()


def test_the_unit_is_each_players_own():
    """A loss of all that the second player can lose is seen beside a first with huge stakes."""
    game = Game.from_payoffs([[1e12, 0.0], [0.0, 0.0]], [[0.0, 1e-6], [0.0, 0.0]])
    certificate = certify(Profile.pure(game, (0, 0)))
    assert certificate.regret == 1e-6
    assert certificate.scale == 1e12
    assert not certificate.holds()


def test_constant_payoffs_make_every_profile_an_equilibrium():
    game = Game.from_payoffs([[7.0, 7.0]], [[1e9, 1e9]])
    assert certify(Profile(game, [[1.0], [0.3, 0.7]])).holds(0)


def test_a_set_refuses_a_profile_that_is_not_an_equilibrium():
    pennies = Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    wrong = Profile.pure(pennies, (0, 0))
    with pytest.raises(gt.CertificateError, match=r"oracle: .* is not an equilibrium \(regret 2\)"):
        EquilibriumSet.proved(pennies, [wrong], Coverage.ALL, "oracle")


@pytest.fixture
def battle():
    return gt.solve(
        Game.from_payoffs(
            [[3, 0], [0, 2]],
            [[2, 0], [0, 3]],
            players=["France", "Britain"],
            actions=[["east", "west"]] * 2,
        )
    )


def test_a_set_is_a_sequence_of_equilibria(battle):
    assert len(battle) == 3
    assert battle[1].payoffs == (Fraction(6, 5), Fraction(6, 5))
    assert list(battle[:2]) == [battle[0], battle[1]]
    assert [e.index for e in battle] == [1, -1, 1]
    assert battle[-1] in battle


def test_the_frame_has_a_row_an_equilibrium_and_names_everyone(battle):
    frame = battle.to_frame()
    assert frame[("France", "east")].tolist() == [1, Fraction(3, 5), 0]
    assert frame[("Britain", "payoff")].tolist() == [2, Fraction(6, 5), 3]
    assert frame[("", "regret")].tolist() == [0, 0, 0]
    assert frame[("", "component")].tolist() == [0, 1, 2]
    assert "Every equilibrium is in the list." in battle._repr_html_()
    assert "Britain" in battle._repr_html_()


def test_an_empty_set_still_says_what_it_covers():
    pennies = gt.solve(Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), method="pure")
    assert len(pennies) == 0
    assert pennies.coverage is Coverage.ALL_PURE
    assert pennies.to_frame().empty
    assert "mixed ones were not sought" in pennies._repr_html_()


def test_a_component_is_a_tuple_with_its_nash_subsets():
    part = Component((0, 2, 5), [(0, 2), (2, 5)])
    assert part == (0, 2, 5)
    assert part.nash_subsets == ((0, 2), (2, 5))
    assert Component([3]).nash_subsets == ((3,),)


def test_solve_names_what_it_does_not_know():
    game = Game.from_payoffs([[1]], [[1]])
    with pytest.raises(ValueError, match="concept: 'perfect' is not known"):
        gt.solve(game, concept="perfect")
    with pytest.raises(ValueError, match=r"method: 'magic' does not exist; use one of .*extreme"):
        gt.solve(game, method="magic")
    with pytest.raises(TypeError, match="int is not a game"):
        gt.solve(3)


def test_lemke_howson_is_found_under_either_spelling():
    game = Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    for method in ("lemke-howson", "lemke_howson"):
        found = gt.solve(game, method=method)
        assert found.coverage is Coverage.SAMPLE
        assert len(found) == 1


@pytest.mark.parametrize("m", [2, 3])
def test_three_players_get_every_pure_equilibrium(m):
    rng = np.random.default_rng(m)
    game = Game(rng.integers(0, 4, (m, 2, 3, 3)))
    want = [
        a
        for a in itertools.product(range(m), range(2), range(3))
        if certify(Profile.pure(game, a)).regret == 0
    ]
    found = gt.solve(game, method="pure")
    assert [tuple(s[0] for s in e.profile.support) for e in found] == want
    assert found.coverage is Coverage.ALL_PURE


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (7, 4)])
@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("many", [1, 20])
def test_certificates_taken_together_are_those_taken_alone(shape, unit, many):
    from gametheory.equilibrium import certificates

    rng = np.random.default_rng([3, *shape])
    game = gt.Game(unit * rng.standard_normal((*shape, 2)))
    profiles = [gt.Profile(game, [rng.dirichlet(np.ones(m)) for m in shape]) for _ in range(many)]
    for profile, together in zip(profiles, certificates(game, profiles)):
        alone = gt.certify(profile)
        assert together.deviations == alone.deviations
        assert together.regrets == pytest.approx(alone.regrets, rel=1e-12, abs=1e-14 * unit)
        assert (together.ranges, together.exact, together.concept) == (alone.ranges, False, "nash")

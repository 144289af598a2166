"""Arms control by grim punishment: the least patience against play over many periods."""

import math

import numpy as np
import pytest
from gametheory_models.armsrace.arms_control import ArmsControl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import uniform

import gametheory as gt

races = st.builds(
    lambda N, share, h, kappa: ArmsControl(N=N, g=share * h, h=h, kappa=kappa),
    st.integers(2, 9),
    st.floats(0.05, 0.95),
    st.floats(0.2, 5),
    st.floats(0, 2),
)
laws = settings(max_examples=40, deadline=None)


# Derived; checked independently: g = .5, h = 1, N = 2..5.
@pytest.mark.parametrize(
    ("kappa", "patience"),
    [(0.0, [1 / 2, 1 / 4, 1 / 6, 1 / 8]), (1.5, [0.5, 0.7071068, 0.8660254, 1.0])],
)
def test_known_patience(kappa, patience):
    model = ArmsControl(N=np.arange(2, 6), kappa=kappa)
    assert model.critical_patience() == pytest.approx(patience, abs=6e-8)


def stage(model, armed):
    """Payoffs of one period, state by state: each armed state harms each of the others."""
    harm = model.h * (model.N - 1) ** -model.kappa
    return [
        model.g * armed[i] - harm * sum(armed[j] for j in range(model.N) if j != i)
        for i in range(model.N)
    ]


def worth(model, delta, deviate_at=None, horizon=1_500):
    """Discounted payoff of state 0 under grim punishment if it arms once, at ``deviate_at``."""
    total, discount, violated = 0.0, 1.0, False
    for period in range(horizon):
        armed = [violated] * model.N
        armed[0] = violated or period == deviate_at
        total += discount * stage(model, armed)[0]
        discount *= delta
        violated = violated or any(armed)
        if violated and discount < 1e-17:
            break
    return total


@settings(max_examples=25, deadline=None)
@given(races, st.integers(0, 3))
def test_a_violation_pays_iff_patience_falls_short(model, when):
    critical = model.critical_patience()
    assume(critical < 0.98)
    for delta, pays in ((critical - 0.01, True), (critical + 0.01, False)):
        if delta > 0:
            peace = worth(model, delta, horizon=when + 1)
            assert (worth(model, delta, deviate_at=when) > peace) == pays


@settings(max_examples=25, deadline=None)
@given(st.integers(4, 9), st.floats(0.9, 0.95), st.floats(1.2, 2))
def test_no_patience_suffices_where_harm_is_congested_and_gain_is_large(N, g, kappa):
    model = ArmsControl(N=N, g=g, kappa=kappa)
    assert model.critical_patience() > 1
    assert worth(model, 0.99, deviate_at=0) > worth(model, 0.99)


@laws
@given(races)
def test_arming_is_the_only_equilibrium_of_one_period(model):
    game = model.game()
    assert (game.gain > 0).all()
    (arm,) = gt.solve(game)
    assert arm.mixtures[0][0] == 1
    for k in range(model.N):
        others = [j <= k for j in range(1, model.N)]
        assert game.act[k] == pytest.approx(stage(model, [True, *others])[0], abs=1e-12)
        assert game.wait[k] == pytest.approx(stage(model, [False, *others])[0], abs=1e-12)


@laws
@given(races)
def test_folk_theorem_formula(model):
    """(violation - restraint) / (violation - arming by all), from the payoffs of the game."""
    game = model.game()
    violation, restraint, arming = game.act[0], game.wait[0], game.act[-1]
    expected = (violation - restraint) / (violation - arming)
    assert model.critical_patience() == pytest.approx(expected, rel=1e-9)


@laws
@given(races, st.floats(0.1, 10))
def test_unit_of_payoffs_does_not_matter(model, unit):
    other = model.but(g=unit * model.g, h=unit * model.h)
    assert other.critical_patience() == pytest.approx(model.critical_patience())


@laws
@given(races)
def test_a_newcomer_raises_the_patience_needed_iff_harm_is_congested(model):
    assume(abs(model.kappa - 1) > 1e-9)
    rises = model.but(N=model.N + 1).critical_patience() > model.critical_patience()
    assert rises == (model.kappa > 1)
    assert bool(model.more_participants_need_more_patience.holds().every) == rises


@pytest.mark.parametrize("N", range(2, 12))
def test_spread_harm_needs_the_same_patience_of_any_number(N):
    assert ArmsControl(N=N, kappa=1.0).critical_patience() == 0.5
    assert not ArmsControl(N=N, kappa=1.0).more_participants_need_more_patience.holds().every


def test_gain_that_is_no_dilemma():
    with pytest.raises(ValueError, match="needs g < h"):
        ArmsControl(g=1.0)
    with pytest.raises(ValueError, match="needs 0 < g"):
        ArmsControl(g=0.0)


@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [
        (0.0, 0.95, gt.Finding.CHALLENGES),
        (1.05, 1.95, gt.Finding.MATCHES),
        (0.0, 2.0, gt.Finding.CONDITIONAL),
    ],
)
def test_congestion_decides_whether_newcomers_hurt(low, high, finding):
    prior = {"narrow": {"kappa": uniform(low, high - low)}}
    verdict = ArmsControl().more_participants_need_more_patience(4_000, priors=prior)
    assert verdict.finding is finding
    assert verdict.evidence[0].agreement == 1
    if finding is gt.Finding.CONDITIONAL:
        assert verdict.pivot == "kappa"
        assert verdict.share == pytest.approx(0.5, abs=0.04)


def test_share_of_control_that_two_keep_and_more_lose():
    """g uniform on (.1, .9), delta on (0, 1), kappa on (0, 2), N on 2..9; h = 1.

    Two keep it where g <= delta: chance 1/2. Of those more lose it with chance
    2 E[min(1, g a) - g] over a > 1, a = (N - 1)^(kappa - 1).
    """

    def lost(a):
        return quad(lambda g: min(1, g * a) - g, 0.1, 0.9, points=[min(0.9, 1 / a)])[0] / 0.8

    share = sum(quad(lambda k: lost((N - 1) ** (k - 1)), 1, 2)[0] / 2 for N in range(3, 10)) / 8  # noqa: B023
    draws = 20_000
    verdict = ArmsControl().kept_by_two_lost_by_more(draws)
    (under,) = [e for e in verdict.evidence if e.prior == "uniform"]
    assert under.draws / draws == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / draws))
    share *= 2
    error = math.sqrt(share * (1 - share) / under.draws)
    assert under.every == pytest.approx(share, abs=4 * error)
    assert under.some == under.every
    assert under.agreement > 0.9999


@pytest.mark.parametrize(("kappa", "share"), [(0.5, 0), (2.0, 1)])
def test_congestion_decides_what_two_keep_and_more_lose(kappa, share):
    # g = .5, N = 9: two need .5, nine need .5 * 8^(kappa - 1): .18, or 4.
    model = ArmsControl(N=9, kappa=kappa)
    patient = {"patient": {"delta": uniform(0.55, 0.45)}}
    verdict = model.kept_by_two_lost_by_more(2_000, priors=patient)
    assert (verdict.share, verdict.share_some) == (share, share)
    impatient = {"impatient": {"delta": uniform(0, 0.45)}}  # not even two could keep it
    with pytest.raises(ValueError, match="applies to no draw from the prior 'impatient'"):
        model.kept_by_two_lost_by_more(2_000, priors=impatient)

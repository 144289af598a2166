"""Extended deterrence: pledges, stakes and what wars tell of allies."""

import math

import numpy as np
import pytest
from gametheory_models.deterrence.extended_deterrence import ExtendedDeterrence
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import uniform

import gametheory as gt

laws = settings(max_examples=40, deadline=None)
alliances = st.builds(
    lambda p, share, k, s, a, abar, cbar: ExtendedDeterrence(
        p=p, D=share * p, k=k, s=s, a=a, abar=abar, cbar=cbar
    ),
    st.floats(0.2, 1),
    st.floats(0.05, 0.99),
    st.floats(0, 1),
    st.floats(0, 2),
    st.floats(0, 1),
    st.floats(0, 2),
    st.floats(0.2, 2),
)


def test_known_numbers():
    # Derived; checked independently: p = .6, D = .5, k = .3, cbar = 1, s = .6.
    model = ExtendedDeterrence()
    assert model.reliability() == pytest.approx(0.3)
    assert model.but(a=0.25).reliability() == pytest.approx(0.55)
    assert model.needed() == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("p", "D", "seen"), [(0.6, 0.5, 0.380952381), (0.5, 0.5, 1 / 3), (0.8, 0.4, 0.444444444)]
)
def test_known_selection_effects(p, D, seen):
    # Derived; checked independently: reliability uniform on [0, 1].
    model = ExtendedDeterrence(p=p, D=D, s=0.0, abar=1.0, cbar=1.0)
    assert model.observed() == pytest.approx(seen, abs=5e-10)
    assert model.reliable() == pytest.approx(0.5)


@laws
@given(alliances)
def test_cutoffs_of_the_solved_game(model):
    """The ally comes up to its gain; the aggressor attacks up to what it then expects."""
    found = gt.solve(model.game())
    expected = [model.p - model.D * model.reliability(), model.cbar * model.reliability()]
    if expected[0] > 1e-6:
        (e,) = found
        assert e.cutoffs[:, 0] == pytest.approx(np.clip(expected, 0, [1, model.cbar]), abs=1e-7)


@laws
@given(alliances)
def test_selection_by_quadrature(model):
    def chance(a):
        return min(1.0, (model.s * model.D + a) / model.cbar)

    if model.abar < 1e-3:
        return
    kink = min(max(model.cbar - model.s * model.D, 0), model.abar)

    def mean(f):
        parts = (quad(f, 0, kink)[0], quad(f, kink, model.abar)[0])
        return sum(parts) / model.abar

    attacked = mean(lambda a: model.p - chance(a) * model.D)
    seen = mean(lambda a: chance(a) * (model.p - chance(a) * model.D)) / attacked
    assert model.reliable() == pytest.approx(mean(chance), abs=1e-9)
    assert model.observed() == pytest.approx(seen, abs=1e-8)


def test_simulated_alliances():
    model, draws = ExtendedDeterrence(p=0.7, D=0.5, s=0.4, abar=1.5), 1_000_000
    rng = np.random.default_rng(11)
    gain = 0.4 * 0.5 + rng.uniform(0, 1.5, draws)
    comes = rng.uniform(0, 1, draws) < gain
    attack = rng.uniform(0, 1, draws) < 0.7 - 0.5 * np.minimum(gain, 1)
    seen = comes[attack]
    assert comes.mean() == pytest.approx(model.reliable(), abs=4 * comes.std() / 1e3)
    error = 4 * seen.std() / math.sqrt(len(seen))
    assert seen.mean() == pytest.approx(model.observed(), abs=error)


@laws
@given(alliances)
def test_bias_is_the_variance_of_reliability(model):
    mean, square = model._moments()
    if model.p - model.D * mean > 1e-3:
        bias = model.D * (square - mean**2) / (model.p - model.D * mean)
        assert model.reliable() - model.observed() == pytest.approx(bias, abs=1e-12)
        assert model.observed() <= model.reliable() + 1e-12


@laws
@given(alliances)
def test_the_least_pledge_that_deters(model):
    least = model.needed()
    if math.isfinite(least) and least + 1e-6 <= 10:
        assert model.but(a=least + 1e-6).the_pledge_deters.holds().every
        if least > 1e-5:
            assert not model.but(a=least - 1e-6).the_pledge_deters.holds().every
    else:
        assert not model.but(a=10.0).the_pledge_deters.holds().every or least > 9


def test_allies_of_one_kind_show_what_they_are():
    same = ExtendedDeterrence(abar=0.0, s=1.2)
    assert same.observed() == pytest.approx(same.reliable()) == pytest.approx(0.6)
    assert not same.wars_understate_reliability.holds().every
    sure = ExtendedDeterrence(p=0.5, D=0.5, s=3.0)
    assert np.isnan(sure.observed())
    assert not sure.seen_to_fail.holds().given


def test_allies_that_seem_to_fail_and_would_not():
    model = ExtendedDeterrence(p=0.6, D=0.5, s=0.1, abar=1.0)
    assert model.seen_to_fail.holds().every
    assert not model.would_fail.holds().every


def test_an_ally_that_would_likely_come_may_not_deter():
    # Derived: a chance of .625 to come, worth .3125 of the prize.
    model = ExtendedDeterrence(p=0.8, D=0.5, s=1.0, cbar=0.8)
    assert model.but(k=0.1).attacked_all_the_same.holds().every
    assert not model.but(k=0.5).attacked_all_the_same.holds().some
    assert not model.but(k=0.1, s=0.7).attacked_all_the_same.holds().some


def test_verdicts():
    model = ExtendedDeterrence()
    for name in ("the_pledge_deters", "no_stake_no_deterrence"):
        verdict = getattr(model, name)(2_000)
        assert all(e.agreement == 1 for e in verdict.evidence)
    assert model.wars_understate_reliability(2_000).finding is gt.Finding.MATCHES
    bluff = model.no_stake_no_deterrence(500, priors={"cheap": {"a": uniform(0, 0.5)}})
    assert bluff.finding is gt.Finding.MATCHES  # cbar (p - k)/D = .6

"""Mutual restraint: the least trust against the solver, brute force and simulation."""

import math

import numpy as np
import pytest
from gametheory_models.armsrace.kydd2005 import Kydd2005
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

laws = settings(max_examples=50, deadline=None)

# R = 1, P = 0: an affine change of payoffs brings every case here.
hunts = st.builds(
    Kydd2005,
    N=st.integers(2, 12),
    sigma=st.floats(0.1, 1),
    T=st.floats(-1, 0.95),
    S=st.floats(-2, -0.05),
    t=st.floats(0, 1),
)


def enough(model, t):
    """Chance that at least k - 1 of N - 1 others are trustworthy, term by term."""
    N, k = model.N, model.quorum()
    return sum(math.comb(N - 1, j) * t**j * (1 - t) ** (N - 1 - j) for j in range(k - 1, N))


# Derived; checked independently.
@pytest.mark.parametrize(("N", "trust"), [(2, 5 / 9), (3, 0.745356), (5, 0.863340), (10, 0.936777)])
def test_known_thresholds(N, trust):
    model = Kydd2005(N=N, S=-0.5, T=0.6, P=0.0, R=1.0)
    assert model.confidence() == pytest.approx(5 / 9)
    assert model.threshold() == pytest.approx(trust, abs=6e-7)


def test_known_confidence():
    # Derived; checked independently: the payoffs 4 > 3 > 2 > 1 of a textbook stag hunt.
    assert Kydd2005(R=4.0, S=1.0, T=3.0, P=2.0).confidence() == 0.5


@laws
@given(hunts)
def test_threshold_is_the_chance_of_restraint_in_the_unstable_equilibrium(model):
    arm, mixed, restrain = gt.solve(model.game())
    assert [arm.mixtures[0][0], restrain.mixtures[0][0]] == [0, 1]
    assert mixed.mixtures[0][0] == pytest.approx(model.threshold(), abs=1e-9)


@laws
@given(hunts)
def test_enough_others_restrain_with_the_chance_needed(model):
    assert enough(model, model.threshold()) == pytest.approx(model.confidence(), abs=1e-9)


@laws
@given(hunts)
def test_restraint_pays_iff_trust_reaches_the_threshold(model):
    gain = enough(model, model.t) * (model.R - model.T)
    loss = (1 - enough(model, model.t)) * (model.P - model.S)
    if abs(gain - loss) > 1e-9:
        assert (gain > loss) == (model.t > model.threshold())


def test_simulated_partners():
    """At the least trust a trustworthy state is indifferent: restraint and arming pay alike."""
    model, draws = Kydd2005(N=7, sigma=0.5, T=0.3, S=-0.7), 400_000
    rng = np.random.default_rng(4)
    trusted = (rng.random((6, draws)) < model.threshold()).sum(axis=0) >= 3  # k = 4
    gain = np.where(trusted, model.R - model.T, model.S - model.P)
    assert gain.mean() == pytest.approx(0, abs=4 * gain.std() / math.sqrt(draws))


@laws
@given(hunts, st.floats(0.1, 9), st.floats(-5, 5))
def test_unit_and_zero_of_payoffs_do_not_matter(model, unit, zero):
    payoffs = {name: unit * getattr(model, name) + zero for name in "RSTP"}
    assert model.but(**payoffs).threshold() == pytest.approx(model.threshold(), abs=1e-9)


@laws
@given(hunts)
def test_unanimity_needs_the_root_of_the_confidence(model):
    all_of_them = model.but(sigma=1.0)
    assert all_of_them.quorum() == model.N
    assert all_of_them.threshold() == pytest.approx(model.confidence() ** (1 / (model.N - 1)))
    assert all_of_them.threshold() >= model.threshold() - 1e-12


@laws
@given(hunts)
def test_one_more_participant_needs_more_trust_iff_the_quorum_grows(model):
    more = model.but(N=model.N + 1)
    grows = more.quorum() > model.quorum()
    assert (more.threshold() > model.threshold()) == grows
    assert bool(model.more_participants_need_more_trust.holds().every) == grows


@pytest.mark.parametrize(
    ("N", "sigma", "quorum"), [(2, 0.1, 2), (10, 0.3, 3), (7, 0.5, 4), (10, 0.7, 7), (9, 1.0, 9)]
)
def test_quorum(N, sigma, quorum):
    assert Kydd2005(N=N, sigma=sigma).quorum() == quorum


@pytest.mark.parametrize("N", [2, 5, 9])
def test_no_trust_suffices_in_a_dilemma(N):
    dilemma = Kydd2005(N=N, sigma=0.6, T=1.3)
    assert dilemma.threshold() == math.inf
    (arm,) = gt.solve(dilemma.game())
    assert arm.mixtures[0][0] == 0
    assert dilemma.but(t=1.0).universal_restraint_fails.holds().every


def test_full_trust_just_suffices_where_exploiting_pays_as_much_as_restraint():
    even = Kydd2005(N=4, T=1.0, t=1.0)
    assert even.threshold() == 1
    assert [e.mixtures[0][0] for e in gt.solve(even.game())] == [0, 1]
    assert not even.universal_restraint_fails.holds().every


def test_payoffs_out_of_order():
    with pytest.raises(ValueError, match="needs S < P"):
        Kydd2005(S=0.2, P=0.1)
    with pytest.raises(ValueError, match="needs P < R"):
        Kydd2005(P=1.0)


def verdict(model, name, **prior):
    return getattr(model, name)(2_000, priors={"narrow": prior})


def test_distrust_decides_whether_restraint_fails():
    # N = 3, mu = 1/2: t* = .7071.
    model = Kydd2005(N=3)
    low, high, both = (
        verdict(model, "universal_restraint_fails", t=uniform(a, b - a))
        for a, b in [(0, 0.7), (0.71, 1), (0, 1)]
    )
    assert low.finding is gt.Finding.MATCHES
    assert (high.share, high.share_some, high.finding) == (0, 0, gt.Finding.CHALLENGES)
    assert both.share == pytest.approx(math.sqrt(0.5), abs=0.04)
    assert both.pivot == "t"
    assert both.evidence[0].agreement == 1


def test_restraint_by_all_fails_where_a_quorum_would_hold():
    """The proposition is of all N states whatever the quorum: two of five need .16, all .84."""
    model = Kydd2005(N=5, sigma=0.4, t=0.5)
    assert model.threshold() < model.t < model.but(sigma=1.0).threshold()
    assert model.universal_restraint_fails.holds().every


@pytest.mark.parametrize(
    ("sigma", "finding"), [(1.0, gt.Finding.MATCHES), (0.3, gt.Finding.CHALLENGES)]
)
def test_quorum_decides_whether_newcomers_need_more_trust(sigma, finding):
    # Four states: by unanimity the quorum grows from 4 to 5; at .3 it stays at 2.
    model = Kydd2005(N=4, sigma=sigma)
    assert verdict(model, "more_participants_need_more_trust", T=uniform(0, 0.9)).finding is finding


def test_quorum_is_the_pivot_of_trust():
    drawn = Kydd2005().more_participants_need_more_trust(2_000)
    assert drawn.finding is gt.Finding.CONDITIONAL
    assert all(e.agreement == 1 for e in drawn.evidence)


def test_trust_needed_by_unanimity_at_the_numbers_of_the_notes():
    """MODELS-polarity 1.4.7 [V]: s = .5, g = .6; m = s / (s + 1 - g) and t = m^(1/(N-1))."""
    needed = {2: 0.555556, 3: 0.745356, 5: 0.863340, 10: 0.936777}
    for N, t in needed.items():
        model = Kydd2005(N=N, R=1.0, T=0.6, P=0.0, S=-0.5)
        assert model.confidence() == pytest.approx(0.5555556, abs=5e-8)
        assert model.threshold() == pytest.approx(t, abs=5e-7)

"""A build-up between states that may not trust each other: what it needs and what it tells."""

import numpy as np
import pytest
from gametheory_models.armsrace.jervis1978 import Jervis1978
from gametheory_models.armsrace.kydd2005 import Kydd2005
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt

laws = settings(max_examples=40, deadline=None)
dilemmas = st.builds(
    Jervis1978,
    N=st.integers(2, 9),
    R=st.floats(3.2, 5),
    T=st.floats(2, 3),
    P=st.floats(1.5, 2.5),
    S=st.floats(0, 1.2),
    x=st.floats(0.001, 0.1),
    delta=st.floats(0, 1),
    s=st.floats(0, 2),
    g=st.floats(0, 2),
)


def test_known_numbers():
    # Derived; checked independently: payoffs 4 > 3 > 2 > 1, prior 1/2, arming .3 against .8.
    model = Jervis1978()
    assert model.confidence() == 0.5
    assert model.thought_after_arming() == pytest.approx(0.27272727, abs=5e-9)
    assert model.thought_after_restraint() == pytest.approx(0.77777778, abs=5e-9)
    assert model.thought_of_the_trustworthy() == pytest.approx(0.62626263, abs=5e-9)


def test_known_values_of_restraint_under_laplacian_beliefs():
    # Derived; checked independently: R = 4, S = 1, safe payoff 2.
    assert [Jervis1978(N=N).laplacian() for N in (2, 3, 4, 5)] == pytest.approx(
        [2.5, 2.0, 1.75, 1.6]
    )
    chosen = [
        not Jervis1978(N=N, T=2.0).restraint_is_not_chosen.holds().every for N in (2, 3, 4, 5)
    ]
    assert chosen == [True, True, False, False]


@laws
@given(dilemmas)
def test_a_build_up_reassures_iff_the_inequality_holds(model):
    left = model.delta * model.s * (model.R - model.T)
    right = (1 - model.delta) * model.g * (model.P - model.S)
    if abs(left - right) > 1e-9:
        assert (model.confidence_later() < model.confidence()) == (left > right)


def test_the_criterion_is_exact_for_small_and_large_build_ups():
    drawn = gt.draw(Jervis1978(), "uniform", 100_000, seed=5)
    margin = Jervis1978.arms_reassure.boundary.margin
    for share in (1.0, 0.2, 0.02):
        model = drawn.but(x=share * drawn.x)
        assert ((margin(model) > 0) == model.arms_reassure.holds().every).all()


@laws
@given(dilemmas)
def test_trust_needed_is_that_of_the_solved_game(model):
    arm, mixed, restrain = gt.solve(model.game())
    assert [arm.mixtures[0][0], restrain.mixtures[0][0]] == [0, 1]
    trust = model.confidence_later() ** (1 / (model.N - 1))
    assert mixed.mixtures[0][0] == pytest.approx(trust, abs=1e-7)


@laws
@given(dilemmas)
def test_before_the_build_up_it_is_kydds_game(model):
    plain = Kydd2005(N=model.N, R=model.R, T=model.T, P=model.P, S=model.S)
    assert model.confidence() == pytest.approx(plain.confidence(), abs=1e-12)


@laws
@given(dilemmas)
def test_laplacian_choice_by_brute_force(model):
    """Every number of others as likely to restrain, from none to all."""
    N = model.N
    restrain = np.mean([model.R if k == N - 1 else model.S for k in range(N)])
    arm = np.mean([model.T if k == N - 1 else model.P for k in range(N)])
    assert model.laplacian() == pytest.approx(restrain)
    if abs(restrain - arm) > 1e-9:
        assert bool(model.restraint_is_not_chosen.holds().every) == (arm > restrain)


@laws
@given(st.floats(0.01, 0.99), st.floats(0, 1), st.floats(0, 1))
def test_beliefs_are_a_martingale_and_move_towards_the_truth(t, et, eg):
    model = Jervis1978(t=t, et=et, eg=eg)
    armed = t * et + (1 - t) * eg
    after = np.nan_to_num([model.thought_after_arming(), model.thought_after_restraint()])
    assert armed * after[0] + (1 - armed) * after[1] == pytest.approx(t, abs=1e-12)
    assert model.thought_of_the_trustworthy() >= t - 1e-12


def test_posteriors_by_simulation():
    model, draws = Jervis1978(t=0.4, et=0.6, eg=0.9), 400_000
    rng = np.random.default_rng(3)
    trusty = rng.random(draws) < 0.4
    arms = rng.random(draws) < np.where(trusty, 0.6, 0.9)
    assert trusty[arms].mean() == pytest.approx(model.thought_after_arming(), abs=4e-3)
    assert trusty[~arms].mean() == pytest.approx(model.thought_after_restraint(), abs=6e-3)
    assert model.evidence_helps_the_trustworthy.holds().every
    assert model.evidence_mostly_misleads.holds().every  # six of ten are seen to arm


def test_verdicts():
    model = Jervis1978()
    arms = model.arms_reassure(2_000)
    assert (arms.finding, arms.pivot) == (gt.Finding.CONDITIONAL, "delta")
    for name in ("arms_reassure", "restraint_is_not_chosen", "evidence_helps_the_trustworthy"):
        assert all(e.agreement == 1 for e in getattr(model, name)(2_000).evidence)


def test_payoffs_out_of_order():
    with pytest.raises(ValueError, match="T < R after the build-up"):
        Jervis1978(T=3.999, delta=0.0, x=0.1)

"""Shared values: the closed form against the solver of global games, and differences."""

import numpy as np
import pytest
from gametheory_models.collective.shared_values import SharedValues
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt


# MODELS-collective, C14: c = .3, v = 1; derived.
@pytest.mark.parametrize(
    ("s", "lam", "threshold"),
    [
        ((1, 1, 1), 0, 0.9),
        ((1, 1, 0.2), 0, 2.1),
        ((1, 1, 0.2), 0.3, 1.061538),
        ((1, 1, 0.2), 0.6, 0.75),
        ((1, 1, 0.05), 0.3, 1.318681),
    ],
)
def test_known_thresholds(s, lam, threshold):
    assert SharedValues(s=s, lam=lam).threshold() == pytest.approx(threshold, abs=6e-7)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.floats(0.2, 1), min_size=3, max_size=3), st.floats(0, 1), st.floats(0.05, 0.5))
def test_threshold_is_the_limit_of_the_game(s, lam, c):
    model = SharedValues(s=s, lam=lam, c=c)
    (e,) = gt.solve(model.game())
    assert e.cutoffs[:, 0] == pytest.approx([model.threshold()] * 3, abs=0.03)
    assert model.game().limit() == pytest.approx([model.threshold()] * 3, abs=2e-3)


def test_pull_is_the_slope_of_the_threshold():
    model = SharedValues(s=(1.0, 0.6, 0.1))
    step = 1e-6
    slope = (model.threshold() - model.but(lam=model.lam + step).threshold()) / step
    assert model.pull().sum() == pytest.approx(slope, rel=1e-4)
    assert model.pull().argmax() == 2


def test_verdicts():
    model = SharedValues()
    assert model.values_strengthen(2_000).finding is gt.Finding.MATCHES
    assert model.values_follow_interests(2_000).finding is gt.Finding.CHALLENGES
    verdict = model.values_do_not_overcome_interests(5_000)
    assert all(e.agreement == 1 for e in verdict.evidence)


@pytest.mark.parametrize(
    ("lam", "finding"),
    [(uniform(0, 0.05), gt.Finding.MATCHES), (uniform(0.7, 0.3), gt.Finding.CHALLENGES)],
)
def test_degree_of_shared_values_decides(lam, finding):
    model = SharedValues(s=(1.0, 1.0, 0.1), c=0.3, theta=1.0)
    verdict = model.values_do_not_overcome_interests(500, priors={"narrow": {"lam": lam}})
    assert verdict.finding is finding


def test_stakes_of_a_sample():
    s = np.array([[1, 1, 1], [1, 1, 0.2]])
    assert SharedValues(s=s, lam=np.zeros(2)).threshold() == pytest.approx([0.9, 2.1])

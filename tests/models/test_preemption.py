"""Pre-emption among N powers: the closed form against the solver and simulation."""

import numpy as np
import pytest
from gametheory_models.deterrence.preemption import Preemption
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

powers = st.builds(
    Preemption,
    N=st.integers(2, 12),
    F=st.floats(0.5, 2),
    W=st.floats(-1, 0.4),
    S=st.floats(-3, -1.5),
    sigma=st.floats(0.01, 2),
    rho=st.floats(0, 0.4),
    kappa=st.floats(0, 0.5),
)


# MODELS-polarity 1.4.6: F = 2, S = -3, W = -1, derived.
def test_known_thresholds():
    model = Preemption(N=np.array([2, 3, 5, 10]), sigma=1.0)
    assert model.threshold() == pytest.approx([3.6666667, 5.5, 9.3333333, 19.1818182], abs=1e-7)
    assert model.but(sigma=0.1).threshold() == pytest.approx(
        [3.9666667, 5.95, 9.9333333, 19.9181818], abs=1e-7
    )
    assert model.limit() == pytest.approx([4, 6, 10, 20])


# MODELS-collective GI-4: (F, S, W) = (1, -1, 0); peacekeepers (kappa, rho).
@pytest.mark.parametrize(
    ("kappa", "rho", "known", "doubted"),
    [(0, 0, 1, 2), (0, 0.5, 1, 1.5), (0.2, 0, 0.8, 1.8), (0.2, 0.5, 0.8, 1.3)],
)
def test_known_effect_of_peacekeepers(kappa, rho, known, doubted):
    model = Preemption(F=1.0, S=-1.0, W=0.0, kappa=kappa, rho=rho)
    assert model.complete() == pytest.approx(known)
    assert model.limit() == pytest.approx(doubted)


# MODELS-collective GI-4: weapons k: complete information and strategic risk.
@pytest.mark.parametrize(
    ("k", "known", "doubted"),
    [
        (0, 1, 1.2),
        (0.5, 0.7, 1.53316),
        (0.75, 0.55, 1.560417),
        (1, 0.4, 1.532244),
        (2, -0.2, 1.140256),
    ],
)
def test_weapons_need_not_help(k, known, doubted):
    F, W = 1 - 0.6 * k, -0.1 - 0.2 * k
    S = -0.3 - 1.2 * (1 - np.exp(-1.5 * k)) - 0.2 * k
    model = Preemption(F=F, W=W, S=S)
    assert model.complete() == pytest.approx(known)
    assert model.limit() == pytest.approx(doubted, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(powers)
def test_threshold_is_the_only_one_of_the_game(model):
    (e,) = gt.solve(model.game())
    assert e.cutoffs[:, 0] == pytest.approx([model.threshold()] * model.N, abs=1e-10)
    assert model.game().limit() == pytest.approx([model.limit()] * model.N, abs=1e-10)


def test_power_at_the_threshold_is_indifferent_in_simulation():
    model = Preemption(N=5, sigma=1.5)
    rng, c = np.random.default_rng(4), float(model.threshold())
    theta = c - model.sigma * rng.uniform(-1, 1, 1_000_000)
    k = (theta[:, None] + model.sigma * rng.uniform(-1, 1, (1_000_000, 4)) < c).sum(axis=1)
    assert np.bincount(k) / 1e6 == pytest.approx([0.2] * 5, abs=0.003)  # Laplacian beliefs
    gain = np.where(k == 0, model.F - theta, model.W - model.S)
    assert abs(gain.mean()) < 4 * gain.std() / 1000


def test_all_attack_without_a_state_in_which_peace_is_dominant():
    game = gt.GlobalGame(
        {
            "attack": lambda x, k: np.where(k == 0, 2.0, -1.0),
            "peace": lambda x, k: np.where(k == 0, x, -3.0),
        },
        3,
        noise=uniform(-1, 2),
        first="low",
    )
    inner, war = sorted(gt.solve(game), key=lambda e: e.cutoffs[0, 0])
    assert inner.cutoffs[0, 0] == pytest.approx(5.5)
    assert war.cutoffs[0, 0] == np.inf
    with pytest.raises(ValueError, match="'peace' does not pay whatever others do"):
        game.limit()


def test_war_worse_than_its_victim_fears_is_refused():
    with pytest.raises(ValueError, match=r"needs S \+ rho < W"):
        Preemption(S=-1.0, W=-2.0)


@pytest.mark.parametrize(
    ("name", "v", "finding"),
    [
        ("doubt_loses_the_peace", uniform(2, 2), gt.Finding.MATCHES),
        ("doubt_loses_the_peace", uniform(12, 1), gt.Finding.CHALLENGES),
        ("numbers_lose_the_peace", uniform(4, 6), gt.Finding.MATCHES),
        ("numbers_lose_the_peace", uniform(20, 1), gt.Finding.CHALLENGES),
    ],
)
def test_value_of_peace_decides(name, v, finding):
    verdict = getattr(Preemption(N=5), name)(1_000, priors={"narrow": {"v": v}})
    assert verdict.finding is finding
    assert all(e.agreement == 1 for e in verdict.evidence)


def test_cushions_always_lower_the_threshold():
    verdict = Preemption().weak_peacekeepers_do_nothing(2_000)
    assert verdict.finding is gt.Finding.CHALLENGES
    assert verdict.share_some == 0

"""Joint action against an aggressor of uncertain strength: the roots against solver and slopes."""

import math

import numpy as np
import pytest
from gametheory_models.collective.morris_shin1998 import MorrisShin1998
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import uniform

import gametheory as gt

models = st.builds(
    MorrisShin1998,
    c=st.floats(0.1, 0.9),
    alpha=st.floats(0.05, 6),
    beta=st.floats(0.25, 10),
    z=st.floats(0, 1),
)


# MODELS-collective GI-2: (c, alpha, beta, z) to theta* and x*, derived.
@pytest.mark.parametrize(
    ("c", "alpha", "beta", "z", "theta", "x"),
    [
        (0.3, 1, 1, 0.5, 0.865981876, 1.973578069),
        (0.3, 1, 4, 0.5, 0.763660818, 1.122724821),
        (0.3, 1, 100, 0.5, 0.708094103, 0.762876643),
        (0.4, 2, 1, 0.2, 0.976841508, 2.969334577),
        (0.4, 2, 1, 0.8, 0.262001615, -0.375185101),
    ],
)
def test_known_thresholds(c, alpha, beta, z, theta, x):
    model = MorrisShin1998(c=c, alpha=alpha, beta=beta, z=z)
    assert model.equilibria() == 1
    assert model.least() == model.greatest() == pytest.approx(theta, abs=1e-9)
    assert model.cutoff(model.least()) == pytest.approx(x, abs=1e-8)


def test_three_known_roots():
    roots = MorrisShin1998(c=0.5, alpha=3, beta=1, z=0.5).roots()
    assert roots == pytest.approx([0.140214251, 0.5, 0.859785749], abs=1e-9)


# MODELS-collective GI-2: c = 1/2, beta = 1, public precision .1 to 2.5.
@pytest.mark.parametrize(
    ("z", "values"),
    [
        (0.2, [0.512463, 0.574211, 0.686800, 0.826219, 0.927037, 0.973415]),
        (0.8, [0.487537, 0.425789, 0.313200, 0.173781, 0.072963, 0.026585]),
    ],
)
def test_known_sweep_of_public_precision(z, values):
    model = MorrisShin1998(c=0.5, alpha=np.array([0.1, 0.5, 1, 1.5, 2, 2.5]), beta=1.0, z=z)
    assert model.least() == pytest.approx(values, abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(models)
def test_roots_are_those_of_the_game(model):
    """All of them: the solver integrates payoffs over the posterior, and knows no closed form."""
    roots = model.roots()[np.isfinite(model.roots())]
    found = sorted(float(e.cutoffs[0, 0]) for e in gt.solve(model.game()))
    steep = np.abs(model.alpha / np.sqrt(model.beta) - math.sqrt(2 * math.pi)) < 0.02
    if not steep:  # nearly double roots may be told apart by one and not by the other
        assert found == pytest.approx([model.cutoff(r) for r in roots], abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(models)
def test_no_root_is_missed(model):
    """Sign changes of (1) on a fine grid, written out again."""
    x = np.linspace(0, 1, 20_001)
    a, b = model.alpha, model.beta
    gap = x - ndtr(a / b**0.5 * (x - model.z) - ((a + b) / b) ** 0.5 * ndtri(model.c))
    changes = x[:-1][gap[:-1] * gap[1:] < 0]
    assert len(changes) <= model.equilibria()
    roots = model.roots()[np.isfinite(model.roots())]
    assert all(np.abs(roots - t).min() < 1e-4 for t in changes)
    assert model.equilibria() in (1, 2, 3)


def test_simulated_states_stop_the_aggressors_up_to_the_threshold():
    model = MorrisShin1998(c=0.4, alpha=2, beta=3.0, z=0.4)
    rng, theta = np.random.default_rng(5), model.least()
    joins = theta + rng.normal(size=1_000_000) * model.beta**-0.5 < model.cutoff(theta)
    assert joins.mean() == pytest.approx(theta, abs=0.002)  # the critical mass condition
    draws = rng.normal(model.z, model.alpha**-0.5, 1_000_000)
    near = np.abs(draws + rng.normal(size=1_000_000) * 3**-0.5 - model.cutoff(theta)) < 0.01
    assert (draws[near] <= theta).mean() == pytest.approx(model.c, abs=0.02)  # indifference


def test_slope_in_public_precision_has_the_sign_of_the_closed_form():
    """Where the equilibrium is single: by differences against the boundary."""
    rng = np.random.default_rng(1)
    sample = MorrisShin1998(
        c=rng.uniform(0.1, 0.9, 500),
        alpha=rng.uniform(0.1, 2, 500),
        beta=rng.uniform(1, 9, 500),
        z=rng.uniform(0, 1, 500),
    )
    rise = sample.but(alpha=sample.alpha + 1e-5).least() - sample.least()
    margin = sample._public_margin()
    clear = np.abs(margin) > 1e-4
    assert clear.mean() > 0.99
    assert (np.sign(rise)[clear] == np.sign(margin)[clear]).all()


def test_verdicts():
    model = MorrisShin1998()
    (exact,) = [
        e for e in model.identification_is_not_enough(4_000).evidence if e.prior == "uniform"
    ]
    assert exact.every == pytest.approx(0.5, abs=0.04)  # c uniform on .1 to .9
    assert exact.agreement == 1
    assert model.clarity_helps(4_000).finding is gt.Finding.CONDITIONAL


@pytest.mark.parametrize(
    ("z", "finding"),
    [(uniform(-1, 0.3), gt.Finding.MATCHES), (uniform(1.5, 0.3), gt.Finding.CHALLENGES)],
)
def test_clarity_helps_against_the_weak_and_hurts_against_the_strong(z, finding):
    verdict = MorrisShin1998().clarity_helps(500, priors={"narrow": {"z": z}})
    assert verdict.finding is finding


@pytest.mark.parametrize(
    ("alpha", "finding"),
    [(uniform(0.1, 2), gt.Finding.MATCHES), (uniform(20, 5), gt.Finding.CHALLENGES)],
)
def test_precision_of_public_information_decides_whether_one_equilibrium_is_left(alpha, finding):
    verdict = MorrisShin1998().clarity_selects(500, priors={"narrow": {"alpha": alpha}})
    assert verdict.finding is finding

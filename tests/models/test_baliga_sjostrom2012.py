"""Hawks and doves of private hostility: the least and the greatest root against the solver."""

import math

import numpy as np
import pytest
from gametheory_models.armsrace.baliga_sjostrom2012 import BaligaSjostrom2012
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, t, uniform

import gametheory as gt

laws = settings(max_examples=30, deadline=None)
conflicts = st.builds(
    BaligaSjostrom2012,
    m=st.floats(-1.5, 0.5),
    sd=st.floats(0.15, 1.5),
    d=st.floats(0, 2),
    c=st.floats(0, 2),
)


# Derived; checked independently: hostility normal with mean -.4 and spread 1.
@pytest.mark.parametrize(
    ("d", "c", "x", "hawks"),
    [(1.0, 0.5, -0.21289447, 0.42578895), (0.5, 1.0, 0.14622741, 0.29245481)],
)
def test_known_cutoffs(d, c, x, hawks):
    model = BaligaSjostrom2012(d=d, c=c)
    assert model.cutoffs() == pytest.approx([x, x], abs=5e-9)
    assert model.hawks() == pytest.approx([hawks, hawks], abs=5e-9)


@laws
@given(conflicts)
def test_roots_are_the_extreme_equilibria(model):
    found = sorted(e.cutoffs[0, 0] for e in gt.solve(model.game()))
    x = np.linspace(-2.01, 2.01, 40_001)
    rises = 1 + (model.c - model.d) * norm.pdf(x, model.m, model.sd)
    excess = x + (model.d - model.c) * norm.sf(x, model.m, model.sd)
    if np.abs(excess[np.abs(rises) < 0.02]).min(initial=1) < 1e-3:
        return  # two roots about to meet
    assert [found[0], found[-1]] == pytest.approx(model.cutoffs(), abs=1e-6)
    assert len(found) in (1, 3)
    assert bool(model.one_equilibrium.holds().every) == (len(found) == 1)


def test_three_equilibria_of_fear():
    model = BaligaSjostrom2012(m=-0.9, sd=0.4, d=2.0, c=0.4)
    x = [e.cutoffs[0, 0] for e in gt.solve(model.game())]
    assert len(x) == 3
    for root in x:  # each solves (1) with the normal law spelled out
        tail = 0.5 * math.erfc((root + 0.9) / (0.4 * math.sqrt(2)))
        assert root + 1.6 * tail == pytest.approx(0, abs=1e-9)
    assert not model.one_equilibrium.holds().every


def test_other_laws_of_hostility():
    """Heavy tails: a Student law of hostility, its one root by the same equation on a grid."""
    law = t(2, loc=-0.4)
    plain = BaligaSjostrom2012(d=1.2, c=0.5).game()
    (found,) = gt.solve(gt.CutoffGame(law, plain.payoffs[0], n=2, first="high"))
    grid = np.linspace(-1, 1, 2_000_001)
    root = grid[np.argmin(np.abs(grid + 0.7 * law.sf(grid)))]
    assert found.cutoffs[0, 0] == pytest.approx(root, abs=2e-6)


def test_the_marginal_state_is_indifferent_against_simulated_hostility():
    model, draws = BaligaSjostrom2012(m=-0.2, sd=0.7, d=0.4, c=1.1), 400_000
    x = model.cutoffs()[0]
    hawk = np.random.default_rng(2).normal(-0.2, 0.7, draws) >= x
    lead = np.where(hawk, x - model.c + model.d, x)
    assert lead.mean() == pytest.approx(0, abs=4 * lead.std() / math.sqrt(draws))


@laws
@given(conflicts, st.floats(0.2, 5))
def test_unit_of_payoffs_does_not_matter(model, unit):
    scaled = {name: min(unit, 5) * getattr(model, name) for name in ("m", "sd", "d", "c")}
    assert model.but(**scaled).hawks() == pytest.approx(model.hawks(), abs=1e-6)


def test_dearer_fights_make_hawks_rarer_unless_all_are():
    assert BaligaSjostrom2012().costly_war_deters.holds().every
    assert not BaligaSjostrom2012(m=1.0, sd=0.01, d=0.2, c=0.1).costly_war_deters.holds().some
    assert not BaligaSjostrom2012(m=-5.0, sd=0.1).costly_war_deters.holds().given


def test_verdicts():
    model = BaligaSjostrom2012()
    assert model.one_equilibrium(2_000).finding is gt.Finding.MATCHES
    fear = model.fear_adds_hawks(2_000)
    assert fear.finding is gt.Finding.CONDITIONAL
    assert all(e.agreement == 1 for e in fear.evidence)
    substitutes = model.fear_adds_hawks(500, priors={"c > d": {"d": uniform(0, 0.49)}})
    assert substitutes.finding is gt.Finding.CHALLENGES

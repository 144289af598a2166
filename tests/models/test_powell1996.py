"""Concessions in the shadow of power: closed forms, the solver, simulation."""

import math

import numpy as np
import pytest
from gametheory_models.deterrence.powell1996 import Powell1996
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, uniform

import gametheory as gt

laws = settings(max_examples=40, deadline=None)
disputes = st.builds(
    lambda p, q, dlo, wide, s: Powell1996(p=p, q=q, dlo=dlo, dhi=dlo + wide, s=s),
    st.floats(0, 1),
    st.floats(0, 0.95),
    st.floats(0, 0.3),
    st.floats(0.02, 0.6),
    st.floats(0, 0.3),
)


# Derived; checked independently: p = .5, d uniform on [0, .2], s = .05, y = .075.
@pytest.mark.parametrize(
    ("q", "war"),
    [(0.5, 0), (0.48, 0.1), (0.46, 0.2), (0.44, 0.3), (0.42, 0.375), (0.4, 0.375), (0.3, 0.375)],
)
def test_known_chances_of_war(q, war):
    model = Powell1996(q=q)
    assert model.war() == pytest.approx(war, abs=1e-14)
    (found,) = gt.solve(model.game())
    assert found.profile.refused == pytest.approx(war, abs=1e-8)


@laws
@given(disputes)
def test_closed_forms_are_the_one_equilibrium(model):
    (found,) = gt.solve(model.game())
    assert 1 - found.profile.demand == pytest.approx(model.offer(), abs=1e-7)
    assert found.profile.refused == pytest.approx(model.war(), abs=1e-6)


@laws
@given(disputes)
def test_no_offer_does_better_in_a_simulation(model):
    d = np.random.default_rng(7).uniform(model.dlo, model.dhi, 50_000)

    def keeps(x):
        return np.where(x < model.p - d, 1 - model.p - model.s, 1 - x)

    best = keeps(model.offer())
    for x in np.linspace(model.q, 1, 12):
        lead = keeps(x) - best
        assert lead.mean() <= 5 * lead.std() / math.sqrt(50_000) + 1e-12


def test_private_costs_of_both_by_quadrature_and_simulation():
    """S's own cost tells D nothing: the chance of war is averaged over it."""
    model, low, high = Powell1996(p=0.7, q=0.5, dlo=0.05, dhi=0.3), 0.0, 0.2
    mean = quad(lambda s: model.but(s=s).war(), low, high, epsabs=1e-12)[0] / (high - low)
    # Derived: y = (.3 - s)/2, from .05 to .15, is never .2 = p - q, so W = (y - .05)/.25.
    assert mean == pytest.approx((0.1 - 0.05) / 0.25, abs=1e-10)
    rng = np.random.default_rng(8)
    s, d = rng.uniform(low, high, 400_000), rng.uniform(0.05, 0.3, 400_000)
    war = model.but(s=s).offer() < model.p - d
    assert war.mean() == pytest.approx(mean, abs=4 * war.std() / math.sqrt(400_000))


@pytest.mark.parametrize("law", [beta(2, 3, scale=0.4), beta(5, 1.5, loc=0.05, scale=0.2)])
def test_mismatch_brings_war_under_other_laws(law):
    """None to a mismatch that all put up with; then more; then no more, for S concedes."""
    war = []
    for q in (0.7, 0.66, 0.6, 0.5, 0.3, 0.1):
        plain = Powell1996(p=0.7, q=q).game()
        game = gt.Ultimatum(law, plain.accept, plain.refuse, plain.most)
        war += [e.profile.refused for e in gt.solve(game)]
    assert war[0] == pytest.approx(0, abs=1e-9)
    assert (np.diff(war) >= -1e-7).all()
    assert war[-1] == pytest.approx(war[-2], abs=1e-6)
    assert war[-1] > 0.05


@laws
@given(disputes)
def test_war_depends_on_the_mismatch_alone(model):
    shift = min(1 - model.p, 0.95 - model.q) / 2
    moved = model.but(p=model.p + shift, q=model.q + shift)
    assert moved.war() == pytest.approx(model.war(), abs=1e-12)


@laws
@given(disputes)
def test_what_is_offered_is_at_least_what_is_held(model):
    assert model.offer() >= model.q
    if model.p - model.q <= model.dlo:
        assert model.war() == 0
        assert model.offer() == pytest.approx(model.q, abs=1e-12)


def test_parity_is_no_peace_where_benefits_are_not_shared():
    weak = Powell1996(p=0.1, q=0.1)
    assert weak.war() == 0 < weak.but(p=0.5).war()
    assert not weak.parity_is_safest.holds().some
    assert Powell1996(p=0.8, q=0.45).parity_is_safest.holds().every


def test_verdicts():
    model = Powell1996()
    for name, finding in (
        ("peace_in_proportion", gt.Finding.MATCHES),
        ("information_keeps_the_peace", gt.Finding.MATCHES),
        ("strength_brings_war", gt.Finding.CHALLENGES),
    ):
        assert getattr(model, name)(2_000).finding is finding
    parity = model.parity_is_safest(2_000)
    assert parity.finding is gt.Finding.CONDITIONAL
    assert all(e.agreement == 1 for e in parity.evidence)
    content = model.parity_is_safest(
        1_000, priors={"fair": {"q": uniform(0.5, 0.3), "p": uniform(0, 1)}}
    )
    assert content.share == 1


def test_bad_input():
    with pytest.raises(ValueError, match="needs dlo < dhi"):
        Powell1996(dlo=0.3, dhi=0.2)

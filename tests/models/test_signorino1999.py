"""Random choice in a crisis: closed forms against simulation and the agent logit solver."""

import math

import numpy as np
import pytest
from gametheory_models.deterrence.signorino1999 import Signorino1999
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt
from gametheory.tree_quantal import agent_logit

laws = settings(max_examples=60, deadline=None)
values = st.floats(-3, 3)
crises = st.builds(
    Signorino1999,
    u1_SQ=values,
    u1_C=values,
    u1_W=values,
    u2_C=values,
    u2_W=values,
    sigma=st.floats(0.3, 4),
    lam=st.floats(0, 4),
)

# A second point beside the defaults, at which an attack pays: 1 rather fights than waits.
ASSERTIVE = Signorino1999(u1_SQ=-0.7, u1_C=2.0, u1_W=0.4, u2_C=-1.5, u2_W=-2.2, sigma=1.7, lam=2.5)


def test_known_chances():
    # Derived; checked independently: u_1 = (0, 1, -1), u_2 = (0, -1, -.5), sigma = lam = 1.
    model = Signorino1999()
    quiet, _, war = model.agent_error()
    assert (1 - quiet, model.resists()) == pytest.approx((0.4225429, 0.6381632), abs=6e-8)
    assert war == pytest.approx(0.4225429 * 0.6381632, abs=1e-7)
    assert 1 - model.private_information()[0] == pytest.approx(0.4118448, abs=6e-8)
    assert model.resists_logit() == pytest.approx(0.6224593, abs=6e-8)
    assert model.logit() == pytest.approx([0.5609254, 0.1657685, 0.2733061], abs=6e-8)
    assert 1 - model.logit()[0] == pytest.approx(0.4390746, abs=6e-8)


def test_known_chances_of_war_by_resolve():
    # Derived; checked independently: u2_W = -3, ..., 3, logit.
    war = Signorino1999(u2_W=np.arange(-3.0, 4)).logit()[:, 2]
    known = [0.081261, 0.165000, 0.250000, 0.282542, 0.280358, 0.274335, 0.271107]
    assert war == pytest.approx(known, abs=6e-7)
    assert war.argmax() == 3


def simulated(model, private, draws=500_000, seed=11):
    """Shares of the three outcomes where each disturbance is drawn.

    Private: terms belong to outcomes, and 1 compares its own at hand with the chance that 2
    fights. Else they belong to moves.
    """
    rng = np.random.default_rng(seed)
    e = rng.normal(0, model.sigma, (5, draws))
    fights = model.u2_W + e[0] > model.u2_C + e[1]
    r = 0.5 * math.erfc(-(model.u2_W - model.u2_C) / (2 * model.sigma))
    if private:
        attack = r * (model.u1_W + e[2]) + (1 - r) * (model.u1_C + e[3])
        attacks = attack > model.u1_SQ + e[4]
    else:
        attacks = r * model.u1_W + (1 - r) * model.u1_C + e[2] > model.u1_SQ + e[4]
    return np.array([~attacks, attacks & ~fights, attacks & fights]).mean(axis=1)


@pytest.mark.parametrize("model", [Signorino1999(), ASSERTIVE])
@pytest.mark.parametrize("private", [False, True])
def test_simulated_crises(model, private):
    stated = model.private_information() if private else model.agent_error()
    assert simulated(model, private) == pytest.approx(stated, abs=4 * 0.5 / math.sqrt(5e5))


@pytest.mark.parametrize("model", [Signorino1999(), ASSERTIVE, ASSERTIVE.but(lam=0.4, u1_W=-3.0)])
def test_logit_choice_is_on_the_branch_of_the_solver(model):
    (e,) = agent_logit(model.game()).at(model.lam)
    ends = [("keep",), ("attack", "capitulate"), ("attack", "fight")]
    assert [e.profile.outcome[end] for end in ends] == pytest.approx(model.logit(), abs=1e-9)


@laws
@given(crises)
def test_logit_chances_are_a_fixed_point(model):
    """The ratio of two chances at a move is the exponential of the payoffs' difference."""
    quiet, gain, war = model.logit()
    assert quiet + gain + war == pytest.approx(1)
    if min(quiet, gain, war) > 1e-8:
        assert math.log(war / gain) == pytest.approx(
            model.lam * (model.u2_W - model.u2_C), abs=1e-6
        )
        e = (war * model.u1_W + gain * model.u1_C) / (war + gain) - model.u1_SQ
        assert math.log((1 - quiet) / quiet) == pytest.approx(model.lam * e, abs=1e-6)


@laws
@given(crises)
def test_without_disturbances_play_is_subgame_perfect(model):
    spur = model.u2_W - model.u2_C
    lure = (model.u1_W if spur > 0 else model.u1_C) - model.u1_SQ
    if min(abs(spur), abs(lure)) > 0.05:
        (e,) = gt.solve(model.game(), "spe")
        ends = [("keep",), ("attack", "capitulate"), ("attack", "fight")]
        perfect = [float(e.profile.outcome.get(end, 0)) for end in ends]
        sharp = model.but(sigma=1e-3, lam=1e3)
        for chances in (sharp.logit(), sharp.agent_error(), sharp.private_information()):
            assert chances == pytest.approx(perfect, abs=1e-9)


@laws
@given(crises, st.floats(0.1, 9), st.floats(-5, 5))
def test_unit_and_zero_of_payoffs_do_not_matter(model, unit, zero):
    names = ["u1_SQ", "u1_C", "u1_W", "u2_SQ", "u2_C", "u2_W"]
    payoffs = {k: unit * getattr(model, k) + zero for k in names}
    other = model.but(**payoffs, sigma=unit * model.sigma, lam=model.lam / unit)
    for form in ("agent_error", "private_information", "logit"):
        assert getattr(other, form)() == pytest.approx(getattr(model, form)(), abs=1e-9)


@laws
@given(crises)
def test_private_information_makes_choice_surer(model):
    """Both give 1 the same better move; who knows its own payoffs makes it more often."""
    known, erring = 1 - model.private_information()[0], 1 - model.agent_error()[0]
    assert (known - 0.5) * (erring - 0.5) >= 0
    assert abs(known - 0.5) >= abs(erring - 0.5) - 1e-12


@laws
@given(crises)
def test_margins_are_derivatives(model):
    """The boundaries are central differences of the chance of war, up to a positive factor."""

    def slope(name, value, by):
        war = [model.but(**{name: value + d}).logit()[2] for d in (-by, by)]
        return (war[1] - war[0]) / (2 * by)

    if model.lam > 0.01:
        margin = {p.name: float(p.boundary.margin(model)) for p in model.propositions()}
        by_resolve = slope("u2_W", model.u2_W, 1e-4)
        quiet, gain, war = model.logit()
        r = war / (war + gain)
        exact = -margin["resolve_prevents_war"] * model.lam * r * (1 - r) * (1 - quiet)
        assert by_resolve == pytest.approx(exact, abs=1e-6)
        by_precision = slope("lam", model.lam, 1e-4)
        assert by_precision == pytest.approx(-war * margin["precision_prevents_war"], abs=1e-6)


def verdict(model, name, **prior):
    return getattr(model, name)(2_000, priors={"narrow": prior})


def test_war_is_likeliest_at_middling_resolve():
    # The sweep above: war is likelier for more resolve up to u2_W = 0, and rarer beyond.
    low, high = (
        verdict(Signorino1999(), "resolve_prevents_war", u2_W=uniform(a, 2.5)) for a in (-3, 0.5)
    )
    assert low.finding is gt.Finding.CHALLENGES
    assert high.finding is gt.Finding.MATCHES


@pytest.mark.parametrize(("war", "finding"), [(0.2, "MATCHES"), (1.3, "CHALLENGES")])
def test_resolve_deters_those_who_fear_war(war, finding):
    model = Signorino1999(u1_W=war)
    assert verdict(model, "resolve_deters", u2_W=uniform(-2, 4)).finding.name == finding


def test_precision_brings_the_war_that_both_want():
    assert not Signorino1999(u1_W=0.5, u2_W=0.5).precision_prevents_war.holds().every
    assert Signorino1999(u1_W=-0.5, u2_W=0.5).precision_prevents_war.holds().every


def test_knowing_oneself_prevents_war_that_does_not_pay():
    assert Signorino1999().knowing_oneself_prevents_war.holds().every
    assert not ASSERTIVE.knowing_oneself_prevents_war.holds().every


def test_boundaries_agree_with_the_tests():
    for proposition in Signorino1999().propositions():
        drawn = proposition(5_000)
        assert all(e.agreement > 0.999 for e in drawn.evidence), drawn

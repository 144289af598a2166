"""Covert arming: closed forms against the exact solver, simulation and bargaining."""

import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.armsrace.debs_monteiro2014 import DebsMonteiro2014
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

laws = settings(max_examples=60, deadline=None)
F = Fraction
positive = st.fractions(F(1, 10), 3, max_denominator=10)
rivalries = st.builds(
    DebsMonteiro2014,
    X=positive,
    C=positive,
    k=positive,
    c=positive,
    p=st.fractions(F(1, 12), F(11, 12), max_denominator=12),
)


def test_known_equilibrium():
    # Derived; checked independently with another solver: X = 1, k = c = .2, C = .3, p = .3.
    model = DebsMonteiro2014()
    assert model.invests() == pytest.approx(0.37974684, abs=6e-9)
    assert model.strikes_unseen() == pytest.approx(0.6875, abs=1e-12)
    assert model.war() == pytest.approx(0.72310127, abs=6e-9)
    assert model.mistaken() == pytest.approx(0.42642405, abs=6e-9)
    assert model.needed_detection() == pytest.approx(0.66666667, abs=6e-9)


def test_known_shares_of_mistaken_wars():
    # Derived: p = .3; 693/818 at C = 1/10. The published sign: the cheaper war is, the likelier it
    # hits a state that did not arm.
    model = DebsMonteiro2014(C=np.array([0.5, 0.3, 0.1]))
    share = model.mistaken() / model.war()
    assert share == pytest.approx([0.381188, 0.589716, 0.847188], abs=6e-7)
    exact = DebsMonteiro2014(X=F(1), C=F(1, 10), k=F(1, 5), c=F(1, 5), p=F(3, 10))
    assert exact.mistaken() / exact.war() == F(693, 818)


def as_solved(model):
    """Chances that R invests, that D strikes on the signal and without it, of each equilibrium."""
    at = [("R", "start"), ("D", "signal"), ("D", "no signal")]
    found = gt.solve(model.game())
    return found, [tuple(e.profile.plan[who][where][0] for who, where in at) for e in found]


@laws
@given(rivalries)
def test_closed_forms_are_what_the_solver_finds(model):
    assume(model.X not in (model.C, model.k) and model.p != model.needed_detection())
    found, play = as_solved(model)
    stated = model.invests(), model.strikes_unseen()
    if model.at_risk():
        assert found.coverage is gt.Coverage.ALL
        assert play == [(stated[0], 1, stated[1])]
    # Elsewhere D may also play what it would not do on a signal that never comes.
    credible = [e for e, (_, w, _) in zip(found, play) if w == (model.X > model.C)]
    assert {(q, y) for q, w, y in play if w == (model.X > model.C)} == {stated}
    for e in credible:
        war = sum(x for end, x in e.profile.outcome.items() if end[-1] == "strike")
        wrong = sum(x for end, x in e.profile.outcome.items() if end == ("stay", "strike"))
        assert (war, wrong) == (model.war(), model.mistaken())


@settings(max_examples=30, deadline=None)
@given(rivalries)
def test_play_is_the_one_sequential_equilibrium(model):
    assume(model.X not in (model.C, model.k) and model.p != model.needed_detection())
    (e,) = gt.solve(model.game(), "sequential")
    assert e.certificate.exact
    assert e.profile.plan["R"]["start"][0] == model.invests()
    assert e.profile.plan["D"]["no signal"][0] == model.strikes_unseen()
    assert e.profile.plan["D"]["signal"][0] == (model.X > model.C)


def test_at_the_needed_detection_war_ends_with_a_jump():
    model = DebsMonteiro2014(X=F(1), C=F(3, 10), k=F(1, 5), c=F(1, 5), p=F(2, 3))
    assert model.needed_detection() == F(2, 3)
    assert model.war() == 0
    below = model.but(p=F(2, 3) - F(1, 10**9)).war()
    q = F(3, 10) / (F(1, 3) + F(1, 5))  # rho / (1 - p + rho p)
    assert float(below) == pytest.approx(float(q * F(2, 3)), abs=1e-7)
    found, play = as_solved(model)  # where both meet, all between are equilibria
    assert set(play) == {(0, 1, 0), (q, 1, 0)}
    assert len(found.components) == 1


@pytest.mark.parametrize(
    "model", [DebsMonteiro2014(), DebsMonteiro2014(X=2.0, C=0.9, k=0.35, c=0.6, p=0.45)]
)
def test_simulated_rivals_are_indifferent(model):
    draws, rng = 400_000, np.random.default_rng(3)
    q, y = model.invests(), model.strikes_unseen()
    arms = rng.random(draws) < q
    seen = arms & (rng.random(draws) < model.p)
    strikes = seen | (rng.random(draws) < y)
    error = 4 * 0.5 / math.sqrt(draws)
    assert strikes.mean() == pytest.approx(model.war(), abs=error)
    assert (strikes & ~arms).mean() == pytest.approx(model.mistaken(), abs=error)
    loss = np.where(arms, model.X, 0)[~seen]  # of D if it waits without a signal
    assert loss.mean() == pytest.approx(model.C, abs=5 * loss.std() / math.sqrt(len(loss)))
    struck = rng.random(draws) < model.p + (1 - model.p) * y
    armed = np.where(struck, -model.c, model.X) - model.k
    assert armed.mean() == pytest.approx(-y * model.c, abs=4 * armed.std() / math.sqrt(draws))


@pytest.mark.parametrize(("p", "label"), [(0, "no signal"), (F(1), "signal")])
def test_a_signal_that_never_or_always_comes(p, label):
    model = DebsMonteiro2014(X=1, C=F(1, 2), k=F(1, 4), c=0, p=p)
    labels = [s.label for s in model.game().sets]
    assert "no signal" in labels
    assert ("signal" in labels) == (p == 1)
    (invests,) = {e.profile.plan["R"]["start"][0] for e in gt.solve(model.game())}
    assert invests == model.invests() == (F(1, 2) if p == 0 else 0)


@laws
@given(rivalries, st.fractions(F(1, 9), 9, max_denominator=9))
def test_unit_of_payoffs_does_not_matter(model, unit):
    other = model.but(**{k: unit * getattr(model, k) for k in "XCkc"})
    for form in ("invests", "strikes_unseen", "war", "mistaken", "needed_detection"):
        assert getattr(other, form)() == getattr(model, form)()


def test_preventive_war_in_bargaining():
    """War now against the best offer and the value of peace after it (derived): 1e5 draws."""
    rng = np.random.default_rng(5)
    d, w, later, c_D, c_R = rng.random((5, 100_000)) * np.array([[0.98], [1], [1], [0.6], [0.6]])
    war = (1 - w - c_D) / (1 - d)
    peace = 1 + d * (1 - later + c_R) / (1 - d)
    rising = later > w
    assert not np.any((war > peace) & ~rising)
    model = DebsMonteiro2014.bargained(
        d[rising], w[rising], later[rising], c_D[rising], c_R[rising]
    )
    clear = np.abs(model.X - model.C) > 1e-9
    assert np.array_equal((model.X > model.C)[clear], (war > peace)[rising][clear])
    assert 0.02 < (model.X > model.C).mean() < 0.98


def test_known_shift_that_brings_war():
    # Derived: d = .9, w = .4, c_D = c_R = .1: war iff w' > .59/.9 = .6555556.
    shift = F(59, 90)
    terms = F(9, 10), F(2, 5), shift, F(1, 10), F(1, 10)
    border = DebsMonteiro2014.bargained(*terms)
    assert border.X == border.C
    assert float(shift) == pytest.approx(0.6555556, abs=5e-8)


def test_no_shift_no_model():
    with pytest.raises(ValueError, match="X"):
        DebsMonteiro2014.bargained(0.9, 0.5, 0.5, 0.1, 0.1)
    with pytest.raises(ValueError, match="needs C > 0"):
        DebsMonteiro2014(C=0.0)


def verdict(model, name, **prior):
    return getattr(model, name)(2_000, priors={"narrow": prior})


def test_detection_ends_preventive_war_where_it_deters():
    low, high = (
        verdict(DebsMonteiro2014(), "no_preventive_war", p=uniform(a, b - a))
        for a, b in [(0, 0.66), (0.67, 1)]
    )
    assert (low.finding, high.finding) == (gt.Finding.CHALLENGES, gt.Finding.MATCHES)
    assert DebsMonteiro2014(C=1.2).no_preventive_war.holds().every
    assert DebsMonteiro2014(k=1.0).no_preventive_war.holds().every


@pytest.mark.parametrize("name", ["detection_lowers_the_risk", "limits_lower_the_risk"])
def test_theorems(name):
    drawn = getattr(DebsMonteiro2014(), name)(5_000)
    assert all(e.every == 1 for e in drawn.evidence)


def test_costlier_wars_are_commoner_until_they_are_too_costly():
    model = DebsMonteiro2014(C=np.array([0.2, 0.4, 0.6, 0.8, 0.99, 1.01]))
    war = model.war()
    assert np.all(np.diff(war)[:-1] > 0)
    assert war[-1] == 0
    assert (
        verdict(DebsMonteiro2014(), "costlier_war_is_rarer", C=uniform(0.1, 0.8)).finding
        is gt.Finding.CHALLENGES
    )


def test_boundaries_agree_with_the_tests():
    for proposition in DebsMonteiro2014().propositions():
        drawn = proposition(5_000)
        assert all(e.agreement is None or e.agreement > 0.999 for e in drawn.evidence), drawn

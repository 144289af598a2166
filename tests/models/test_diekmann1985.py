"""The volunteer's dilemma: Diekmann's formula, its private-cost rival, and where they part."""

import math

import numpy as np
import pytest
from gametheory_models.collective.diekmann1985 import Diekmann1985
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import uniform

import gametheory as gt

# Lopsided dilemmas: known costs, costs from 0 up, and in between; b apart from 1.
dilemmas = st.builds(
    lambda n, b, share, width: Diekmann1985(n=n, b=b, c=share * b, s=width * share * b),
    st.integers(2, 40),
    st.floats(0.2, 1.0),
    st.floats(0.05, 0.95),
    st.sampled_from([0.0, 1.0]) | st.floats(0.01, 0.99),
)
laws = settings(max_examples=40, deadline=None)


# P(none) = (c/b)^(n/(n-1)) is Diekmann (1985); the digits are derived and checked independently.
@pytest.mark.parametrize(
    ("c", "n", "nobody"),
    [
        (0.5, 2, 0.25),
        (0.5, 3, 0.353553391),
        (0.5, 5, 0.420448208),
        (0.5, 10, 0.462937356),
        (0.5, 50, 0.492976861),
        (0.4, 2, 0.16),
        (0.4, 3, 0.2529822),
        (0.4, 4, 0.2947225),
        (0.4, 5, 0.3181083),
        (0.4, 10, 0.3612804),
    ],
)
def test_known_costs(c, n, nobody):
    assert Diekmann1985(n=n, c=c).unopposed() == pytest.approx(nobody, abs=6e-8)


# Derived; checked independently. Costs uniform on [0, 1], then on [.2, 1], benefit 1.
@pytest.mark.parametrize(
    ("c", "s", "n", "cutoff", "nobody"),
    [
        (0.5, 0.5, 2, 0.5, 0.25),
        (0.5, 0.5, 3, 0.381966011, 0.236067977),
        (0.5, 0.5, 5, 0.275508041, 0.199603360),
        (0.5, 0.5, 10, 0.175699437, 0.144829145),
        (0.5, 0.5, 50, 0.056840968, 0.053610073),
        (0.6, 0.4, 2, 0.555555556, 0.308641975),
        (0.6, 0.4, 3, 0.458373631, 0.310334057),
        (0.6, 0.4, 5, 0.374270748, 0.292740194),
        (0.6, 0.4, 50, 0.224053366, 0.217316819),
    ],
)
def test_private_costs(c, s, n, cutoff, nobody):
    model = Diekmann1985(n=n, c=c, s=s)
    assert model.cutoff() == pytest.approx(cutoff, abs=1e-9)
    assert model.unopposed() == pytest.approx(nobody, abs=1e-9)


# Derived; checked independently. Costs uniform on [0, 2b]: the mean cost is the benefit.
@pytest.mark.parametrize(
    ("n", "cutoff", "nobody"),
    [
        (2, 0.6666667, 0.4444444),
        (3, 0.5358984, 0.3923048),
        (5, 0.4047538, 0.3228410),
        (10, 0.2704606, 0.2338862),
    ],
)
def test_private_costs_need_only_a_lowest_cost_below_the_benefit(n, cutoff, nobody):
    model = Diekmann1985(n=n, b=0.5, c=0.5, s=0.5)
    assert model.cutoff() / model.b == pytest.approx(cutoff, abs=6e-8)
    assert model.unopposed() == pytest.approx(nobody, abs=6e-8)


def test_no_state_acts_where_the_lowest_cost_is_the_benefit():
    assert Diekmann1985(b=0.5, c=0.9, s=0.4).unopposed() == 1
    with pytest.raises(ValueError, match="needs c - s <= b"):
        Diekmann1985(b=0.5, c=0.9, s=0.3)
    with pytest.raises(ValueError, match="needs s <= c"):
        Diekmann1985(c=0.3, s=0.4)
    # Known costs above the benefit: nobody acts whatever n, so one more state changes nothing.
    dear = Diekmann1985(b=0.5, c=0.8, s=0.4)
    assert not dear.common_cost_more_states_less_action.holds().every


@laws
@given(dilemmas)
def test_waiting_is_the_symmetric_equilibrium_of_the_game(model):
    (found,) = gt.solve(model.game())
    assert found.mixtures[0][1] == pytest.approx(model.waits(), abs=1e-9)


@laws
@given(dilemmas, st.floats(0.1, 1))
def test_unit_of_payoffs_does_not_matter(model, unit):
    other = model.but(b=unit * model.b, c=unit * model.c, s=unit * model.s)
    assert other.waits() == pytest.approx(model.waits(), abs=1e-9)
    assert other.cutoff() == pytest.approx(unit * model.cutoff(), abs=1e-9)


@laws
@given(dilemmas)
def test_two_states_in_closed_form(model):
    # b u = c + s - 2 s u
    two = model.but(n=2)
    assert two.waits() == pytest.approx((two.c + two.s) / (two.b + 2 * two.s), abs=1e-9)


@pytest.mark.parametrize(("n", "c", "s"), [(3, 0.6, 0.4), (7, 0.5, 0.5), (4, 0.3, 0.1)])
def test_best_reply_to_simulated_rivals_flips_at_the_cutoff(n, c, s):
    model, draws = Diekmann1985(n=n, b=0.8, c=c, s=s), 400_000
    costs = np.random.default_rng(n).uniform(c - s, c + s, (draws, n))
    acts = costs <= model.cutoff()
    # Acting pays b - x, waiting b P(another acts): indifferent at b P(no other acts).
    idle = ~acts[:, 1:].any(axis=1)
    error = model.b * idle.std() / math.sqrt(draws)
    assert model.b * idle.mean() == pytest.approx(model.cutoff(), abs=4 * error)
    nobody = ~acts.any(axis=1)
    assert nobody.mean() == pytest.approx(model.unopposed(), abs=4 * nobody.std() / draws**0.5)


@laws
@given(dilemmas)
def test_slope_in_the_number_of_states(model):
    """d ln(u^n)/dn of the closed form against finite differences in a real n."""
    n, b, lo, hi = model.n, model.b, model.c - model.s, model.c + model.s

    def log_nobody(n):
        u = brentq(lambda u: b * u ** (n - 1) + (hi - lo) * u - hi, 0, 1, xtol=1e-15, rtol=1e-14)
        return n * math.log(u)

    h, u, x = 1e-4, model.waits(), model.cutoff()
    slope = math.log(u) * (hi - 2 * x) / ((hi - x) + (n - 1) * x)
    numeric = (log_nobody(n + h) - log_nobody(n - h)) / (2 * h)
    assert slope == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@laws
@given(dilemmas)
def test_sign_flips_where_the_cutoff_is_half_the_highest_cost(model):
    more, half = model.but(n=model.n + 1), (model.c + model.s) / 2
    assert more.cutoff() < model.cutoff() + 1e-12 or model.s == 0
    if more.cutoff() > half + 1e-9:  # on all of n..n+1, for the cutoff falls in n
        assert more.unopposed() > model.unopposed()
        assert model.private_cost_more_states_less_action.holds().every
    if model.cutoff() < half - 1e-9:
        assert more.unopposed() < model.unopposed()
        assert not model.private_cost_more_states_less_action.holds().some
    margin = Diekmann1985.private_cost_more_states_less_action.boundary.margin(model)
    if abs(model.cutoff() - half) > 1e-9:
        assert (margin > 0) == (model.cutoff() > half)


def test_in_a_crowd_only_the_cheapest_possible_state_matters():
    """P(none) tends to lo/b: to 0 where costs start at 0, to c/b where they are known."""
    crowd = [Diekmann1985(n=10_000, c=0.6, s=s).unopposed() for s in (0.6 - 1e-9, 0.4, 0.0)]
    assert crowd == pytest.approx([0, 0.2, 0.6], abs=2e-3)
    assert crowd[2] < 0.6


def test_known_costs_always_make_a_crowd_slower():
    for proposition in ("common_cost_more_states_less_action", "more_states_each_waits_more"):
        verdict = getattr(Diekmann1985(), proposition)(draws=2_000)
        assert verdict.finding is gt.Finding.MATCHES
        assert verdict.share == 1
        assert verdict.counterexample is None


@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [
        (0.0, 0.05, gt.Finding.MATCHES),
        (0.45, 0.5, gt.Finding.CHALLENGES),
        (0.0, 0.5, gt.Finding.CONDITIONAL),
    ],
)
def test_spread_of_costs_decides_the_private_verdict(low, high, finding):
    # n = 5, c = .5, b = 1: it flips where ((.5 + s) / 4s)^4 = (.5 + s) / 2, s = .173.
    flip = brentq(lambda s: ((0.5 + s) / (4 * s)) ** 4 - (0.5 + s) / 2, 0.01, 0.5)
    assert low < flip < high or (flip < low) == (finding is gt.Finding.CHALLENGES)
    prior = {"spread": {"s": uniform(low, high - low)}}
    verdict = Diekmann1985(n=5, c=0.5).private_cost_more_states_less_action(4_000, priors=prior)
    assert verdict.finding is finding
    if finding is gt.Finding.CONDITIONAL:
        assert verdict.pivot == "s"
        assert verdict.share == pytest.approx(flip / high, abs=0.03)

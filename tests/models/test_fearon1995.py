"""Fearon's risk-return trade-off, and blocs: closed forms, the solver, simulation."""

import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.deterrence.fearon1995 import Fearon1995, MeanCost
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import expon, irwinhall, uniform

import gametheory as gt

laws = settings(max_examples=25, deadline=None)
crises = st.builds(
    Fearon1995,
    p=st.floats(0.05, 0.95),
    ca=st.floats(0, 0.7),
    cb=st.floats(0.05, 1.2),
    M=st.integers(1, 9),
)


def test_known_numbers():
    # Derived; checked independently: p = .6, ca = .1, costs uniform on [0, .5].
    model = Fearon1995()
    assert model.demands() == pytest.approx(0.2, abs=1e-15)
    assert model.war() == pytest.approx(0.4, abs=1e-15)
    assert model.value() == pytest.approx(0.68, abs=1e-15)
    (found,) = gt.solve(model.game())
    assert found.profile.demand == pytest.approx(0.8, abs=1e-9)
    assert found.payoffs[0] == pytest.approx(0.68, abs=1e-12)


@pytest.mark.parametrize(("N", "chance"), [(2, 0.4), (3, 0.784), (5, 0.9939534)])
def test_known_chances_of_some_war(N, chance):
    # Derived; checked independently: 1 - .6^(N(N-1)/2).
    assert Fearon1995(N=N).some_war() == pytest.approx(chance, abs=5e-8)


def test_exponential_costs():
    # Derived; checked independently: rate 4, y = .15, war .4511883640.
    plain = Fearon1995().game()
    (found,) = gt.solve(gt.Ultimatum(expon(scale=0.25), plain.accept, plain.refuse))
    assert found.profile.demand - 0.6 == pytest.approx(0.15, abs=1e-8)
    assert found.profile.refused == pytest.approx(0.4511883640, abs=1e-8)


def test_two_allies_in_closed_form():
    # Derived; checked independently: the triangular law.
    model = Fearon1995(M=2)
    assert model.demands() == pytest.approx(0.1734946, abs=5e-8)
    assert model.war() == pytest.approx(0.2408029, abs=5e-8)
    ca, cb = np.array([0.05, 0.3, 0.6]), np.array([0.2, 0.4, 0.5])
    y = (np.sqrt(16 * ca**2 + 24 * cb**2) - 4 * ca) / 12
    assert Fearon1995(M=2, p=0.3, ca=ca, cb=cb).demands() == pytest.approx(y, abs=1e-12)


def test_three_and_five_allies_exactly():
    """Roots of the polynomial of (1) between integers, in fractions, by halving.

    A simulation printed elsewhere has .1743 and .1269: the best demand against a sample is off by
    more than its chance of war is by the size of the sample.
    """

    def exact(M, ca, cb, halvings=60):
        def pieces(s, power):
            return sum(
                (-1) ** k * math.comb(M, k) * (s - k) ** power for k in range(math.floor(s) + 1)
            )

        def cdf(s):
            return Fraction(pieces(s, M), math.factorial(M))

        def slope(s):
            return cdf(s) - 1 + (s + M * ca / cb) * pieces(s, M - 1) / math.factorial(M - 1)

        low, high = Fraction(0), Fraction(M, 2)
        for _ in range(halvings):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        return float(low * cb / M), float(cdf(low))

    for M, printed in ((3, 0.1743), (5, 0.1269), (10, 0.0798)):
        y, war = exact(M, Fraction(1, 10), Fraction(1, 2))
        model = Fearon1995(M=M)
        assert model.demands() == pytest.approx(y, abs=1e-12)
        assert model.war() == pytest.approx(war, abs=1e-12)
        assert model.war() == pytest.approx(printed, abs=4e-3)


@laws
@given(crises)
def test_closed_forms_are_the_one_equilibrium(model):
    (found,) = gt.solve(model.game())
    assert found.profile.demand == pytest.approx(model.p + model.demands(), abs=1e-6)
    assert found.profile.refused == pytest.approx(model.war(), abs=1e-5)
    assert found.payoffs[0] == pytest.approx(model.value(), abs=1e-11)


@pytest.mark.parametrize(
    ("M", "ca", "cb"), [(1, 0.05, 0.3), (2, 0.3, 0.4), (4, 0.1, 0.6), (9, 0.02, 0.4)]
)
def test_no_demand_of_a_bloc_does_better_in_a_simulation(M, ca, cb):
    """Common draws: the demand of the closed form against some to both sides."""
    model = Fearon1995(p=0.3, M=M, ca=ca, cb=cb)
    costs = np.random.default_rng(2).uniform(0, model.cb, (100_000, model.M)).mean(axis=1)

    def pays(y):
        return np.where(costs < y, model.p - model.ca, model.p + y)

    best = pays(model.demands())
    error = 5 * best.std() / math.sqrt(100_000) + 1e-12
    assert best.mean() == pytest.approx(model.value(), abs=error)
    for y in np.linspace(0, 1 - model.p, 11):
        lead = pays(y) - best
        assert lead.mean() <= 5 * lead.std() / math.sqrt(100_000) + 1e-12


@pytest.mark.parametrize("M", [1, 2, 5, 12])
def test_law_of_a_mean_of_costs(M):
    law, peer = MeanCost(M, 0.4), irwinhall(M, scale=0.4 / M)
    t, q = np.linspace(0, 0.4, 41), np.linspace(0, 1, 21)
    np.testing.assert_allclose(law.cdf(t), peer.cdf(t), atol=1e-14)
    np.testing.assert_allclose(law.sf(t), peer.cdf(0.4 - t), atol=1e-14)
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, atol=1e-12)
    np.testing.assert_allclose(law.sf(law.isf(q)), q, atol=1e-12)
    assert law.support() == (0, 0.4)


def test_known_costs_bring_no_war_and_only_their_ratio_counts():
    known = Fearon1995(ca=0.1, cb=0.1)
    assert known.war() == 0
    (found,) = gt.solve(known.game())
    assert found.profile.refused == pytest.approx(0, abs=1e-9)
    a, b = Fearon1995(ca=0.02, cb=0.1, M=3), Fearon1995(ca=0.04, cb=0.2, M=3)
    assert a.war() == pytest.approx(b.war(), abs=1e-14)


@laws
@given(crises)
def test_war_is_no_likelier_than_peace_and_no_more_than_the_pie_is_asked(model):
    assert model.war() <= 0.5
    assert 0 <= model.demands() <= 1 - model.p


def test_blocs_that_fear_war_less_than_their_attacker_fight_more():
    """Against the bloc: where A's cost is near the highest of B's, one state is left in peace."""
    timid = Fearon1995(ca=0.5, cb=0.5, M=2)
    assert timid.but(M=1).war() == 0 < timid.war()
    assert not timid.blocs_fight_less.holds().some
    assert Fearon1995(M=2).blocs_fight_less.holds().every
    assert not Fearon1995(M=1).blocs_fight_less.holds().given


@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [(0.0, 0.3, gt.Finding.MATCHES), (0.48, 0.5, gt.Finding.CHALLENGES)],
)
def test_what_war_costs_the_attacker_decides_on_blocs(low, high, finding):
    verdict = Fearon1995(p=0.1, cb=0.5, M=4).blocs_fight_less(
        1_000, priors={"narrow": {"ca": uniform(low, high - low)}}
    )
    assert verdict.finding is finding


def test_more_pairs_more_war_unless_there_is_none():
    assert Fearon1995(N=3).more_sides_more_war.holds().every
    assert not Fearon1995(N=3, ca=0.5).more_sides_more_war.holds().some
    assert Fearon1995(ca=0.0).war() == 0.5
    assert Fearon1995().peace_is_likelier(2_000).share == 1


def test_costlier_war_is_rarer_only_where_all_is_asked():
    # p = .6: at ca = .1, cb = .5 twice the costs would have A ask .4 more: all there is.
    assert not Fearon1995().costlier_war_is_rarer.holds().some
    dear = Fearon1995(ca=0.1, cb=0.6)
    assert dear.costlier_war_is_rarer.holds().every
    assert dear.but(ca=0.2, cb=1.2).war() == pytest.approx(0.4 / 1.2)
    verdict = Fearon1995().costlier_war_is_rarer(2_000)
    assert all(e.agreement == 1 for e in verdict.evidence)

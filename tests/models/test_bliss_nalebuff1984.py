"""Waiting for each other: closed forms, quadrature, simulated waiting, a coarse game solved."""

import math

import numpy as np
import pytest
from gametheory_models.collective.bliss_nalebuff1984 import BlissNalebuff1984
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expn

import gametheory as gt

laws = settings(max_examples=25, deadline=None)
waits = st.builds(
    BlissNalebuff1984,
    n=st.integers(2, 40),
    chi=st.floats(0.2, 3),
    r=st.floats(0.05, 3),
)


# Derived; checked independently: costs uniform on [0, 1], r = 1.
@pytest.mark.parametrize(
    ("n", "delay", "value", "payoff"),
    [
        (2, 0.5, 0.807305275, 0.701826319),
        (3, 1 / 3, 0.832028299, 0.777342766),
        (5, 0.2, 0.873087002, 0.849234801),
        (10, 0.1, 0.922423998, 0.915090799),
        (50, 0.02, 0.981119609, 0.980748608),
    ],
)
def test_known_delays_and_payoffs(n, delay, value, payoff):
    model = BlissNalebuff1984(n=n)
    assert model.delay() == pytest.approx(delay, abs=1e-12)
    assert model.value() == pytest.approx(value, abs=6e-10)
    assert model.payoff() == pytest.approx(payoff, abs=6e-10)


@laws
@given(st.integers(2, 300), st.floats(0.05, 5))
def test_exponential_integrals(n, r):
    model, a = BlissNalebuff1984(n=n, r=r), n - 1
    grown = math.exp(a)
    assert model.delay() == pytest.approx(1 / (n * r), rel=1e-11)
    assert model.value() == pytest.approx(n * grown * expn(2, a), rel=1e-11)
    assert model.payoff() == pytest.approx(grown * (a * expn(2, a) + expn(3, a)), rel=1e-11)


@laws
@given(waits, st.floats(0.05, 0.9))
def test_time_of_action_is_the_integral_of_its_slope(model, share):
    c = share * min(model.chi, 1)
    time = quad(lambda x: x / ((model.chi - x) * (1 - x)), 0, c, epsabs=1e-13)[0]
    expected = (model.n - 1) / model.r * time
    assert model.acts_at(c / model.chi) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("chi", [0.4, 1 - 1e-9, 1 + 1e-9, 1.8])
def test_expectations_by_quadrature(chi):
    model, top = BlissNalebuff1984(n=4, chi=chi, r=0.7), min(chi, 1)

    def expected(worth):
        return quad(
            lambda c: 4 / chi * (1 - c / chi) ** 3 * worth(c, float(model.acts_at(c / chi))),
            0,
            top * (1 - 1e-9),
            epsabs=1e-12,
            limit=300,
        )[0]

    assert model.value() == pytest.approx(expected(lambda c, t: math.exp(-0.7 * t)), abs=1e-9)
    paid = expected(lambda c, t: (1 - c / 4) * math.exp(-0.7 * t))
    assert model.payoff() == pytest.approx(paid, abs=1e-9)
    if chi <= 1:
        assert model.delay() == pytest.approx(expected(lambda c, t: t), rel=1e-6)
    else:
        assert model.delay() == math.inf
        assert model.never() == pytest.approx((1 - 1 / chi) ** 4)


@pytest.mark.parametrize(("n", "chi", "c"), [(3, 1.0, 0.3), (2, 0.6, 0.25), (6, 1.5, 0.7)])
def test_best_time_to_act_against_the_others(n, chi, c):
    """A state of cost c that acts when the type x would is best off with x = c."""
    model = BlissNalebuff1984(n=n, chi=chi, r=1.0)
    top = min(chi, 1)

    def payoff(x):
        def first(y):  # another acts at T(y) < T(x): density of the lowest of n - 1 costs
            return (n - 1) / chi * (1 - y / chi) ** (n - 2) * math.exp(-model.acts_at(y / chi))

        alone = (1 - x / chi) ** (n - 1)
        waited = quad(first, 0, x, epsabs=1e-12)[0]
        return waited + alone * (1 - c) * math.exp(-model.acts_at(x / chi))

    best = minimize_scalar(
        lambda x: -payoff(x), bounds=(1e-6, top * 0.98), method="bounded", options={"xatol": 1e-9}
    )
    assert best.x == pytest.approx(c, abs=1e-4)
    grid = np.linspace(0.001, top * 0.98, 60)
    assert max(map(payoff, grid)) <= payoff(c) + 1e-10


def test_simulated_waiting():
    model, draws = BlissNalebuff1984(n=6, chi=1.4, r=0.5), 400_000
    costs = np.random.default_rng(9).uniform(0, 1.4, (draws, 6))
    cheapest = costs.min(axis=1)
    worth = np.exp(-0.5 * model.acts_at(cheapest / 1.4))
    for chance, seen in (
        (model.value(), worth),
        (model.payoff(), worth * (1 - (costs[:, 0] == cheapest) * costs[:, 0])),
        (model.never(), (costs > 1).all(axis=1)),
    ):
        assert seen.mean() == pytest.approx(chance, abs=5 * seen.std() / math.sqrt(draws))


def test_patience_moves_the_time_and_nothing_else():
    slow, fast = (BlissNalebuff1984(n=7, chi=1.2, r=r) for r in (0.1, 2.0))
    assert slow.acts_at(0.3) == pytest.approx(20 * fast.acts_at(0.3))
    assert (slow.value(), slow.payoff()) == (fast.value(), fast.payoff())


@pytest.mark.parametrize(("n", "chi"), [(2, 1.0), (4, 1.5), (9, 0.7)])
def test_two_dates(n, chi):
    """The coarse game: those who act now are indifferent to the later date, and so on."""
    (found,) = gt.solve(BlissNalebuff1984(n=n, chi=chi).game())
    now, later = found.cutoffs[0]
    others_now, others_later = (1 - now / chi) ** (n - 1), (1 - later / chi) ** (n - 1)
    # Derived: 1 - c = P(another now) + P(none now) (1 - c)/2, and
    #          P(none now) (1 - c)/2 = (P(none now) - P(none)) / 2.
    assert 1 - now == pytest.approx(1 - others_now + others_now * (1 - now) / 2, abs=1e-7)
    assert others_now * (1 - later) == pytest.approx(others_now - others_later, abs=1e-7)
    assert 0 < now < later < min(chi, 1)


def test_at_once_against_the_solved_game():
    """Now or never is the volunteer's game with private costs."""
    from gametheory_models.collective.private_volunteer import PrivateVolunteer

    for n, chi in ((3, 1.0), (5, 1.7), (4, 0.6)):
        (found,) = gt.solve(PrivateVolunteer(N=n, m=1, hi=chi).game())
        assert BlissNalebuff1984(n=n, chi=chi).at_once() == pytest.approx(found.payoffs[0])


def test_verdicts():
    """Each waits longer the more there are, and yet the response comes earlier."""
    model = BlissNalebuff1984()
    assert model.more_states_each_waits_longer(2_000).finding is gt.Finding.MATCHES
    assert model.more_states_later_response(500).finding is gt.Finding.CHALLENGES
    assert model.waiting_is_wasteful(500).finding is gt.Finding.CHALLENGES
    never = model.perhaps_nobody_acts(2_000)
    assert never.pivot == "chi"
    assert all(e.agreement == 1 for e in never.evidence)


def test_more_states_respond_sooner_and_waiting_pays_over_the_whole_range():
    rng, draws = np.random.default_rng(4), 2_000
    model = BlissNalebuff1984(
        n=rng.integers(2, 200, draws),
        chi=rng.uniform(0.05, 5, draws),
        r=rng.uniform(0.05, 3, draws),
    )
    assert not model.more_states_later_response.holds().some.any()
    assert not model.waiting_is_wasteful.holds().some.any()

"""Two blocs against N states: the root-N rule and balancing by choice."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from gametheory_models.deterrence.bloc_n import MOST, BlocN
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import uniform

import gametheory as gt

systems = st.builds(
    BlocN,
    N=st.integers(4, 20),
    m=st.floats(0.5, 3),
    g=st.floats(0.2, 5),
    nu=st.floats(0.2, 3),
    cbar=st.floats(0.05, 2),
    alpha=st.floats(0.05, 1),
    k=st.integers(0, 2),
)
laws = settings(max_examples=40, deadline=None)


# Derived; checked independently: the number of sure balancers at which both worlds deter alike.
@pytest.mark.parametrize(
    ("m", "roots"),
    [
        (1, {4: 0.561553, 6: 1, 8: 1.372281, 10: 1.701562, 12: 2, 20: 3}),
        (2, {4: 0.378797, 6: 0.634365, 8: 0.833751, 10: 1, 12: 1.144040, 20: 1.591704}),
    ],
)
def test_root_n_rule(m, roots):
    boundary = BlocN.two_blocs_deter_better.boundary
    for N, k in roots.items():
        flip = brentq(lambda k: boundary.margin(SimpleNamespace(N=N, m=m, k=k)), 0, N)  # noqa: B023
        assert flip == pytest.approx(k, abs=6e-7)
        if m == 1:
            assert flip == pytest.approx((math.sqrt(1 + 4 * N) - 3) / 2)
        for sure in range(N - 1):
            model = BlocN(N=N, m=m, k=sure)
            if abs(sure - flip) > 1e-9:
                assert model.two_blocs_deter_better.holds().every == (sure < flip)
            else:
                assert model.certain_cutoff() == pytest.approx(model.two_bloc_cutoff())


@laws
@given(systems)
def test_cutoff_against_sure_balancers(model):
    side = 1 + model.k
    expected = model.g / (side * (1 + side**model.m))
    assert model.certain_cutoff() == pytest.approx(expected, rel=1e-12)


# Derived; checked independently: balancing by choice with nu = 1, alpha = 1.
@pytest.mark.parametrize(
    ("N", "m", "cbar", "chance", "cutoff"),
    [
        (10, 1, 0.25, 0.268229, 0.084748),
        (10, 2, 0.25, 0.289203, 0.037947),
        (4, 1, 1.0, 2 / 13, 0.344646),
    ],
)
def test_balancing_by_choice(N, m, cbar, chance, cutoff):
    model = BlocN(N=N, m=m, cbar=cbar)
    assert model.balances() == pytest.approx(chance, abs=6e-7)
    assert model.choice_cutoff() == pytest.approx(cutoff, abs=6e-7)
    assert model.balancers() == pytest.approx((N - 2) * chance, abs=5e-6)


def test_balancing_by_choice_among_four_in_closed_form():
    # One other third party: q = [D(1) - D(0)] (1 - q) + [D(2) - D(1)] q with D = 1/2, 2/3, 3/4.
    assert BlocN(N=4, cbar=1.0).balances() == pytest.approx(2 / 13, abs=1e-14)


# Derived; checked independently: N = 10, m = 1, nu = 1, cbar = .25.
def test_recognition():
    alphas = [1, 0.8, 0.6, 0.4, 0.2, 0.1]
    cutoffs = [0.084748, 0.098005, 0.117816, 0.151219, 0.221852, 0.300829]
    assert BlocN(alpha=alphas).choice_cutoff() == pytest.approx(cutoffs, abs=6e-7)


# Derived; checked independently (polarity G2): N = 10, cbar = .25. War comes if the cost of one of
# ten states, uniform on [0, 1], is below the cutoff; its size is the attacker with those it faces.
@pytest.mark.parametrize(("m", "war", "size"), [(1, 0.587518, 0.414583), (2, 0.320813, 0.431363)])
def test_chance_and_size_of_war(m, war, size):
    model = BlocN(m=m)
    assert 1 - (1 - model.choice_cutoff()) ** 10 == pytest.approx(war, abs=6e-7)
    assert (2 + model.balancers()) / 10 == pytest.approx(size, abs=6e-7)
    if m == 1:
        assert model.balancers() == pytest.approx(2.145834, abs=6e-7)
        assert model.cbar * model.balances() == pytest.approx(0.067057, abs=6e-7)  # cost at cutoff


BREAK_EVEN = {
    1: {4: 0.455023, 6: 0.393831, 8: 0.352702, 10: 0.322392, 12: 0.298763, 20: 0.238429},
    2: {4: 1.062993, 6: 0.962895, 8: 0.897851, 10: 0.850640, 12: 0.814031, 20: 0.719829},
}


# Derived; checked independently: the cost at which own judgement deters as two blocs do.
@pytest.mark.parametrize(
    ("m", "N", "cost"), [(m, N, cost) for m in BREAK_EVEN for N, cost in BREAK_EVEN[m].items()]
)
def test_break_even_cost(m, N, cost):
    def gap(cbar):
        model = BlocN(N=N, m=m, cbar=cbar)
        return model.choice_cutoff() - model.two_bloc_cutoff()

    assert brentq(gap, 0.05, 1.5) == pytest.approx(cost, abs=6e-7)


@laws
@given(systems)
def test_willingness_is_the_symmetric_equilibrium_of_the_game(model):
    (found,) = gt.solve(model.game())
    assert model.alpha * found.mixtures[0][0] == pytest.approx(model.balances(), abs=1e-9)


def test_simulated_best_reply_flips_at_the_cutoff_cost():
    """Costs drawn, recognition tossed: the type that is indifferent is the one at the cutoff."""
    model, draws = BlocN(N=7, m=1.6, nu=0.9, cbar=0.3, alpha=0.7), 400_000
    rng = np.random.default_rng(7)
    others = (7 - 3, draws)
    marginal = model.cbar * model.balances() / model.alpha
    join = (rng.uniform(0, model.cbar, others) <= marginal) & (rng.random(others) < model.alpha)
    k = join.sum(axis=0)

    def saved(k):
        return (1 + k) ** model.m / ((1 + k) ** model.m + 1)

    worth = model.nu * (saved(k + 1) - saved(k))
    assert worth.mean() == pytest.approx(marginal, abs=4 * worth.std() / math.sqrt(draws))


def test_simulated_attack():
    """The attacker wins with chance .266604 at the defaults: derived; checked independently."""
    model, draws = BlocN(), 400_000
    k = np.random.default_rng(3).binomial(8, model.balances(), draws)
    win, faced = 1 / (2 + k), (1 + k) / 10
    exact = model.choice_cutoff() * (1 + model.balancers())  # (1), with g = 1
    assert exact == pytest.approx(0.266604, abs=6e-7)
    assert win.mean() == pytest.approx(exact, abs=4 * win.std() / math.sqrt(draws))
    assert win.mean() / faced.mean() / 10 == pytest.approx(model.choice_cutoff(), rel=5e-3)


@settings(max_examples=15, deadline=None)
@given(systems)
def test_expectations_over_every_set_of_balancers(model):
    model = model.but(N=min(model.N, 9))
    q, win, faced = model.balances(), 0.0, 0.0
    for pattern in itertools.product((0, 1), repeat=model.N - 2):
        chance = math.prod(q if joins else 1 - q for joins in pattern)
        defenders = (1 + sum(pattern)) / model.N
        one = 1 / model.N
        win += chance * one**model.m / (one**model.m + defenders**model.m)
        faced += chance * defenders
    assert model.choice_cutoff() == pytest.approx(model.g / model.N * win / faced, rel=1e-9)


@laws
@given(systems, st.floats(0.1, 10))
def test_units_do_not_matter(model, unit):
    other = model.but(g=unit * model.g, nu=unit * model.nu, cbar=unit * model.cbar)
    assert other.balances() == pytest.approx(model.balances(), abs=1e-9)
    assert other.choice_cutoff() == pytest.approx(unit * model.choice_cutoff(), rel=1e-7)


@laws
@given(systems)
def test_dearer_or_less_recognised_balancing_invites_attack(model):
    slack = 1 + 1e-9
    assert model.but(cbar=1.5 * model.cbar).choice_cutoff() * slack >= model.choice_cutoff()
    assert model.but(alpha=model.alpha / 2).choice_cutoff() * slack >= model.choice_cutoff()


@laws
@given(systems)
def test_uncertain_coalitions_invite_attack(model):
    """Jensen: P(win) is convex in the number of balancers, resources faced are linear in it."""
    mean = model.balancers()
    sure = model.g / ((1 + mean) * (1 + (1 + mean) ** model.m))
    assert model.choice_cutoff() >= sure * (1 - 1e-12)
    uncertain = 1e-3 < model.balances() < 1 - 1e-3
    if uncertain:
        assert model.uncertainty_invites_attack.holds().every


@pytest.mark.parametrize("N", range(4, 21))
@pytest.mark.parametrize(("nu", "size"), [(0.0, 0), (100.0, 1)])
def test_a_coalition_of_certain_size_is_not_uncertain(N, nu, size):
    model = BlocN(N=N, nu=nu, cbar=0.05)
    assert model.balances() == size
    assert not model.uncertainty_invites_attack.holds().every


def test_more_states_than_the_closed_forms_take():
    with pytest.raises(ValueError, match=f"N = {MOST + 1} is not a whole number in 4..{MOST}"):
        BlocN(N=MOST + 1)
    with pytest.raises(ValueError, match="needs k <= N - 2"):
        BlocN(N=5, k=4)


def finding(name, draws=2_000, model=None, **prior):
    return getattr(model or BlocN(), name)(draws, priors={"narrow": prior})


@pytest.mark.parametrize(("k", "expected"), [(0, gt.Finding.MATCHES), (8, gt.Finding.CHALLENGES)])
def test_sure_balancers_decide_whether_two_blocs_deter_better(k, expected):
    verdict = finding("two_blocs_deter_better", model=BlocN(k=k), m=uniform(0.5, 2.5))
    assert verdict.finding is expected
    assert verdict.evidence[0].agreement == 1


def test_cost_of_balancing_decides_whether_own_judgement_deters():
    flip = BREAK_EVEN[1][10]
    cheap = finding("own_judgement_deters_less", cbar=uniform(0.05, flip - 0.06))
    dear = finding("own_judgement_deters_less", cbar=uniform(flip + 0.01, 1))
    both = finding("own_judgement_deters_less", cbar=uniform(0.05, 2 * (flip - 0.05)))
    found = [cheap.finding, dear.finding, both.finding]
    assert found == [gt.Finding.CHALLENGES, gt.Finding.MATCHES, gt.Finding.CONDITIONAL]
    assert both.pivot == "cbar"
    assert both.share == pytest.approx(0.5, abs=0.03)


def test_one_more_state_can_raise_or_lower_the_number_of_balancers():
    model = BlocN(cbar=1.0)
    for N in (4, 8, 15):
        few, more = model.but(N=N), model.but(N=N + 1)
        assert more.more_states_each_balances_less.holds().every
        assert more.balances() < few.balances()
    keen = finding("more_states_each_balances_less", model=BlocN(nu=100.0), cbar=uniform(0.05, 0.5))
    assert keen.finding is gt.Finding.CHALLENGES  # all balance surely, before and after
    verdict = BlocN().more_states_fewer_balancers(2_000)
    sample = gt.draw(BlocN(), "uniform", 2_000, seed=0)
    fewer = sample.but(N=sample.N + 1).balancers() < sample.balancers()
    assert verdict.evidence[0].every == fewer.mean()


def test_uncertainty_matches_in_full():
    verdict = BlocN().uncertainty_invites_attack(2_000)
    assert verdict.finding is gt.Finding.MATCHES
    assert verdict.share == 1
    assert (
        finding(
            "uncertainty_invites_attack", model=BlocN(nu=100.0), cbar=uniform(0.05, 0.5)
        ).finding
        is gt.Finding.CHALLENGES
    )


def test_a_tie_at_the_corner_is_no_difference():
    """Cheap balancing: all who recognise the aggressor balance, with N states and with N + 1."""
    alpha = np.linspace(0.05, 0.25, 200)
    model = BlocN(N=4, m=1.5, cbar=0.06, alpha=alpha)
    assert np.array_equal(model.balances(), alpha)
    assert np.array_equal(model.but(N=5).balances(), alpha)
    assert not model.more_states_each_balances_less.holds().every.any()

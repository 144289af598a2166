"""m of N must act at a private cost: closed forms, the solver, a count game, simulation."""

import math

import numpy as np
import pytest
from gametheory_models.collective.diekmann1985 import Diekmann1985
from gametheory_models.collective.private_volunteer import PrivateVolunteer
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, uniform

import gametheory as gt

laws = settings(max_examples=30, deadline=None)
groups = st.builds(
    lambda N, m, v, lo, wide: PrivateVolunteer(N=N, m=min(m, N), v=v, lo=lo, hi=lo + wide),
    st.integers(2, 14),
    st.integers(1, 6),
    st.floats(0.2, 4),
    st.just(0.0) | st.floats(0.01, 0.5),
    st.floats(0.2, 1.5),
)


# Derived; checked independently: one must act, benefit 1, costs uniform on [0, 1] or [.2, 1].
@pytest.mark.parametrize(
    ("lo", "N", "cutoff", "nobody"),
    [
        (0.0, 2, 0.5, 0.25),
        (0.0, 3, 0.381966011, 0.236067977),
        (0.0, 5, 0.275508041, 0.199603360),
        (0.0, 10, 0.175699437, 0.144829145),
        (0.0, 50, 0.056840968, 0.053610073),
        (0.2, 2, 0.555555556, 0.308641975),
        (0.2, 3, 0.458373631, 0.310334057),
        (0.2, 5, 0.374270748, 0.292740194),
        (0.2, 50, 0.224053366, 0.217316819),
    ],
)
def test_one_volunteer(lo, N, cutoff, nobody):
    model = PrivateVolunteer(N=N, lo=lo)
    assert lo + (1 - lo) * model.acts() == pytest.approx(cutoff, abs=6e-10)
    assert 1 - model.provided() == pytest.approx(nobody, abs=6e-10)


# Derived; checked independently: one must act, benefit 1, costs uniform on [0, 2].
@pytest.mark.parametrize(
    ("N", "cutoff", "nobody"),
    [
        (2, 0.6666667, 0.4444444),
        (3, 0.5358984, 0.3923048),
        (5, 0.4047538, 0.3228410),
        (10, 0.2704606, 0.2338862),
    ],
)
def test_one_volunteer_where_some_would_never(N, cutoff, nobody):
    model = PrivateVolunteer(N=N, hi=2.0)
    assert 2 * model.acts() == pytest.approx(cutoff, abs=6e-8)
    assert 1 - model.provided() == pytest.approx(nobody, abs=6e-8)
    (found,) = gt.solve(model.game())
    assert found.cutoffs[0, 0] == pytest.approx(cutoff, abs=6e-8)


# Derived; checked independently: several must act, benefit 1, costs uniform on [0, 1].
@pytest.mark.parametrize(
    ("N", "m", "cutoffs", "provided"),
    [
        (5, 2, [0.370039475], 0.609399607),
        (10, 3, [0.035871893, 0.281785620], 0.567214400),
        (20, 5, [0.122036526, 0.218782903], 0.452708540),
        (5, 3, [], 0),
        (5, 4, [], 0),
        (10, 5, [], 0),
        # 2 q (1 - q) = q at q = 1/2. (It is listed elsewhere among those with inaction alone.)
        (3, 2, [0.5], 0.5),
    ],
)
def test_several_volunteers(N, m, cutoffs, provided):
    model = PrivateVolunteer(N=N, m=m)
    found = gt.solve(model.game())
    assert [e.cutoffs[0, 0] for e in found] == pytest.approx([0, *cutoffs], abs=6e-10)
    assert model.acts() == pytest.approx(max(cutoffs, default=0), abs=6e-10)
    assert model.provided() == pytest.approx(provided, abs=6e-10)


@laws
@given(groups)
def test_closed_forms_are_all_symmetric_equilibria(model):
    found = gt.solve(model.game())
    roots = {model.acts(), model.tips()} | ({0.0} if model.m > 1 or model.lo >= model.v else set())
    if model.m == model.N and model.v >= model.hi:
        roots |= {1.0}
    roots = sorted(q for q in roots if q == q)
    chances = sorted(e.chances[0, 0] for e in found)
    apart = abs(model.v - model.worth()) > 1e-6 * model.v
    if apart and abs(model.v - model.hi) > 1e-6:
        merged = [q for k, q in enumerate(roots) if k == 0 or q - roots[k - 1] > 1e-7]
        assert chances == pytest.approx(merged, abs=1e-7)


@laws
@given(groups)
def test_the_count_game_of_rising_costs_has_the_same_equilibria(model):
    """At participation q the marginal state pays lo + w q: its cost rises with those who act."""
    if abs(model.v - model.hi) < 1e-6 or abs(model.v - model.worth()) < 1e-6 * model.v:
        return  # two roots about to meet, or all just ready to act
    N, m, width = model.N, model.m, model.hi - model.lo
    act = [model.v * (k >= m - 1) - model.lo - width * k / (N - 1) for k in range(N)]
    wait = [model.v * (k >= m) for k in range(N)]
    chances = [e.mixtures[0][0] for e in gt.solve(gt.CountGame(act, wait))]
    assert max(chances) == pytest.approx(model.acts(), abs=1e-7)
    inner = [float(q) for q in chances if 1e-7 < q < 1 - 1e-7]
    if model.m > 1 and model.tips() > 1e-7:
        assert min(inner) == pytest.approx(model.tips(), abs=1e-7)


@laws
@given(groups)
def test_one_volunteer_is_the_dilemma_with_private_costs(model):
    mean, half = (model.lo + model.hi) / 2, (model.hi - model.lo) / 2
    if mean <= 1 and model.lo < model.v - 1e-9:
        other = Diekmann1985(n=model.N, b=model.v, c=mean, s=min(half, mean))
        assert 1 - model.but(m=1).acts() == pytest.approx(other.waits(), abs=1e-9)


@laws
@given(groups)
def test_least_benefit_with_which_some_act(model):
    """By brute force: the least ratio of the marginal cost to the chance of being pivotal."""
    q = np.linspace(0, 1, 20_002)[1:-1]
    ratio = (model.lo + (model.hi - model.lo) * q) / binom.pmf(model.m - 1, model.N - 1, q)
    assert model.worth() <= ratio.min() * (1 + 1e-9)
    assert model.worth() == pytest.approx(ratio.min(), rel=2e-3, abs=1e-4)


def test_the_marginal_state_is_indifferent_among_simulated_others():
    model, draws = PrivateVolunteer(N=9, m=3, v=1.3, lo=0.05), 400_000
    x = model.lo + (model.hi - model.lo) * model.acts()
    others = (np.random.default_rng(1).uniform(0.05, 1, (draws, 8)) <= x).sum(axis=1)
    gain = model.v * (others == 2) - x
    assert gain.mean() == pytest.approx(0, abs=4 * gain.std() / math.sqrt(draws))


@pytest.mark.parametrize("law", [beta(2, 5), beta(0.5, 0.5), uniform(0.1, 2)])
def test_other_laws_by_their_own_equation(law):
    """Roots of v P(F(x)) = x on a grid, for costs that are not uniform from 0 to 1."""
    model = PrivateVolunteer(N=8, m=3, v=1.5)
    plain = model.game()
    found = gt.solve(gt.CutoffGame(law, plain.payoffs[0], n=8))
    inner = [e.cutoffs[0, 0] for e in found if 0 < e.chances[0, 0] < 1]
    x = np.linspace(*law.support(), 400_001)
    excess = 1.5 * binom.pmf(2, 7, law.cdf(x)) - x
    above = excess[1:-1] > 0
    crossings = x[1:-2][above[1:] != above[:-1]]
    assert sorted(inner) == pytest.approx(crossings.tolist(), abs=1e-5)


def test_by_unanimity_all_act_if_the_dearest_would():
    model = PrivateVolunteer(N=4, m=4, v=1.2, lo=0.3)
    assert model.acts() == 1
    assert model.tips() == pytest.approx(0.9240561008, abs=1e-9)
    q = model.tips()
    assert 1.2 * q**3 == pytest.approx(0.3 + 0.7 * q)
    assert model.but(v=0.9).acts() == 0


def test_verdicts():
    model = PrivateVolunteer()
    for name in ("nobody_acts", "inaction_is_an_equilibrium"):
        verdict = getattr(model, name)(2_000)
        assert verdict.finding is gt.Finding.CONDITIONAL
        assert all(e.agreement == 1 for e in verdict.evidence)
    assert model.more_needed_less_success(2_000).finding is gt.Finding.MATCHES
    lone = PrivateVolunteer(lo=0.0, hi=1.0).more_states_less_success(
        300, priors={"one": {"N": uniform(3, 9)}}
    )
    assert lone.finding is gt.Finding.CHALLENGES


def test_bad_input():
    with pytest.raises(ValueError, match="needs m <= N"):
        PrivateVolunteer(N=3, m=4)
    with pytest.raises(ValueError, match="needs lo < hi"):
        PrivateVolunteer(lo=1.0, hi=0.5)

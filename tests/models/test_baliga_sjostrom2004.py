"""Arms races from fear: closed forms against the solver, all plans by brute force, simulation."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from gametheory_models.armsrace.baliga_sjostrom2004 import BaligaSjostrom2004
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

import gametheory as gt

laws = settings(max_examples=30, deadline=None)
races = st.builds(
    lambda N, mu, d, cbar: BaligaSjostrom2004(N=N, mu=mu * min(d, cbar), d=d, cbar=cbar),
    st.integers(2, 9),
    st.floats(0.01, 0.9),
    st.floats(0.1, 2),
    st.floats(0.3, 2),
)


# Derived; checked independently. Costs uniform on [0, 1].
@pytest.mark.parametrize(
    ("mu", "N", "cutoff", "restraint"),
    [
        (0.05, 2, 0.20000000, 0.64),
        (0.05, 3, 0.75497035, 0.01471146),
        (0.05, 4, 0.79338471, 0.00182243),
        (0.05, 5, 0.79877021, 0.00032996),
        (0.2, 2, 0.5, 0.25),
        (0.2, 3, 0.76759188, (1 - 0.76759188) ** 3),
    ],
)
def test_known_cutoffs_without_talk(mu, N, cutoff, restraint):
    model = BaligaSjostrom2004(mu=mu, d=0.8, N=N)
    assert model.cutoff() == pytest.approx(cutoff, abs=5e-9)
    assert model.restraint() == pytest.approx(restraint, abs=1e-8)


# Derived; checked independently: d = 1.2, the equilibrium with the larger l.
@pytest.mark.parametrize(
    ("mu", "low", "high", "restrain", "build", "one"),
    [
        (0.05, 0.20990493, 0.36190187, 0.43027229, 0.30184782, 0.26787989),
        (0.02, 0.18588012, 0.26496691, 0.54652836, 0.18021556, 0.27325608),
        (0.01, 0.15312713, 0.20504203, 0.63465333, 0.12188740, 0.24345927),
        (0.001, 0.06245921, 0.07723312, 0.85171698, 0.03301244, 0.11527058),
        (0.0001, 0.02148600, 0.02601910, 0.94865935, 0.00948674, 0.04185391),
    ],
)
def test_known_cutoffs_with_talk(mu, low, high, restrain, build, one):
    model = BaligaSjostrom2004(mu=mu, d=1.2)
    assert model.talk_cutoffs()[1] == pytest.approx([low, high], abs=5e-9)
    assert model.talk_restraint()[1] == pytest.approx(restrain, abs=5e-9)
    assert model.talk_race()[1] == pytest.approx(build, abs=5e-9)
    assert 1 - model.talk_restraint()[1] - model.talk_race()[1] == pytest.approx(one, abs=6e-9)


MESSAGES, TYPES = ("dove", "hawk"), ("tough", "hawk", "soft")
SAYS = {"tough": "dove", "hawk": "hawk", "soft": "dove"}
BUILDS = {"tough": ("dove", "hawk"), "hawk": ("dove",), "soft": ("hawk",)}


def plans(mu, d, low, high, costs):
    """Expected payoff of each of the 8 plans, by (message, messages after which to build)."""
    shares = {"tough": low, "hawk": high - low, "soft": 1 - high}
    found = {}
    for message in MESSAGES:
        for reply in itertools.chain.from_iterable(
            itertools.combinations(MESSAGES, k) for k in range(3)
        ):
            pay = np.zeros(len(costs))
            for kind, share in shares.items():
                mine, theirs = SAYS[kind] in reply, message in BUILDS[kind]
                pay += share * (mine * ((0 if theirs else mu) - costs) - d * (theirs and not mine))
            found[message, reply] = pay
    return found


def gain(mu, d, low, high):
    """Most that any of 2001 types gains by any plan over what its kind does."""
    costs = np.linspace(0, 1, 2001)
    pay = plans(mu, d, low, high, costs)
    assert len(pay) == 8
    own = np.select(
        [costs < low, costs < high],
        [pay["dove", BUILDS["tough"]], pay["hawk", BUILDS["hawk"]]],
        pay["dove", BUILDS["soft"]],
    )
    return (np.max(list(pay.values()), axis=0) - own).max()


@pytest.mark.parametrize("mu", [0.05, 0.02, 0.01, 0.001, 0.0001])
def test_no_plan_of_any_type_gains_against_either_equilibrium_with_talk(mu):
    """There are two; the one with the smaller l brings a race half of the time."""
    cutoffs = BaligaSjostrom2004(mu=mu, d=1.2).talk_cutoffs()
    assert np.isfinite(cutoffs[:, 0]).tolist() == [True, True, False]
    for low, high in cutoffs[:2]:
        assert gain(mu, 1.2, low, high) == pytest.approx(0, abs=1e-12)
    assert gain(mu, 1.2, *(cutoffs[1] * [0.9, 1.0])) > 1e-7


def test_no_plan_gains_on_random_parameters_and_lengths_have_no_unit():
    rng = np.random.default_rng(1)
    mu, d, unit = rng.uniform(1e-4, 0.2, 400), rng.uniform(1, 3, 400), rng.uniform(0.3, 3, 400)
    cutoffs = BaligaSjostrom2004(mu=mu, d=d).talk_cutoffs()
    scaled = BaligaSjostrom2004(mu=mu * unit, d=d * unit, cbar=unit).talk_cutoffs()
    np.testing.assert_allclose(scaled, cutoffs * unit[:, None, None], rtol=1e-7)
    found = [(m, x, *pair) for m, x, pairs in zip(mu, d, cutoffs) for pair in pairs]
    found = [case for case in found if case[2] == case[2]]
    assert len(found) > 50
    assert max(gain(*case) for case in found) < 1e-12


def test_talk_changes_nothing_where_some_would_rather_be_struck_than_build():
    """With d < cbar the dearest types do not build after unlike messages, and (2) does not hold."""
    assert np.isnan(BaligaSjostrom2004(mu=0.0684, d=0.985).talk_cutoffs()).all()
    low, high = 0.5075748959, 0.5660529257  # a root of (3) in order there
    assert gain(0.0684, 0.98478, low, high) > 1e-4


@pytest.mark.parametrize("mu", [0.05, 0.01])
def test_the_solver_finds_both_equilibria_with_talk_and_silence(mu):
    model = BaligaSjostrom2004(mu=mu, d=1.2)
    found = gt.solve(model.game(talk=True))
    inside = [e.cutoffs[0] for e in found if (e.chances[0] > 0).all()]
    assert sorted(map(tuple, inside)) == [
        pytest.approx(tuple(pair), abs=1e-7) for pair in model.talk_cutoffs()[:2]
    ]
    others = [e for e in found if not (e.chances[0] > 0).all()]
    assert sorted(e.chances[0].tolist() for e in others) == [[0, 1, 0], [1, 0, 0]]
    # All hawks trust each other: no equilibrium once a very tough one may say hawk and build.
    end = 1 + 1e-12  # beyond the last type
    assert gain(mu, 1.2, end, end) == pytest.approx(0, abs=1e-11)
    assert gain(mu, 1.2, 0, end) == pytest.approx(mu, abs=1e-3)


@laws
@given(races)
def test_closed_form_is_the_one_symmetric_equilibrium(model):
    (found,) = gt.solve(model.game())
    assert found.cutoffs[:, 0] == pytest.approx(np.full(model.N, model.cutoff()), abs=1e-9)
    assert found.chances[0, 1] ** model.N == pytest.approx(model.restraint(), abs=1e-8)


@pytest.mark.parametrize(
    ("law", "N", "count"), [(beta(6, 3), 2, 3), (beta(2, 2), 2, 3), (beta(0.7, 2), 3, 1)]
)
def test_other_laws_of_costs_by_their_own_equation(law, N, count):
    """Fear may or may not spread where few types are nearly willing: roots of (1) on a grid."""
    model = BaligaSjostrom2004(mu=0.05, d=0.95, N=N)
    found = gt.solve(gt.CutoffGame(law, model.game().payoffs[0], n=N))
    c = np.linspace(0, 1, 1_000_001)
    above = model.d - (model.d - model.mu) * (1 - law.cdf(c)) ** (N - 1) >= c
    roots = c[1:][above[1:] != above[:-1]].tolist()
    assert len(roots) == count
    assert sorted(e.cutoffs[0, 0] for e in found) == pytest.approx(roots, abs=2e-6)


@laws
@given(races.filter(lambda m: m.d < m.cbar))
def test_two_states_in_closed_form(model):
    two = model.but(N=2)
    q = two.mu / (two.cbar - two.d + two.mu)
    assert two.builds() == pytest.approx(q, abs=1e-12)
    assert two.restraint() == pytest.approx((1 - q) ** 2, abs=1e-12)


def test_the_marginal_state_is_indifferent_among_simulated_others():
    model, draws = BaligaSjostrom2004(N=4, mu=0.1, d=0.6, cbar=1.3), 400_000
    rivals = np.random.default_rng(5).uniform(0, 1.3, (draws, 3)) <= model.cutoff()
    armed = rivals.any(axis=1)
    gains = np.where(armed, model.d, model.mu) - model.cutoff()
    assert gains.mean() == pytest.approx(0, abs=4 * gains.std() / math.sqrt(draws))


def test_simulated_talk():
    """Chances of what comes of talk, play by play."""
    model, draws = BaligaSjostrom2004(mu=0.02, d=1.2), 400_000
    low, high = model.talk_cutoffs()[1]
    costs = np.random.default_rng(6).uniform(0, 1, (draws, 2))
    kind = np.digitize(costs, [low, high])
    hawk = kind == 1
    builds = np.array(
        [[("hawk" if h else "dove") in BUILDS[TYPES[k]] for h in (False, True)] for k in range(3)]
    )
    acts = builds[kind, hawk[:, ::-1].astype(int)]
    for chance, seen in (
        (model.talk_race()[1], acts.all(axis=1)),
        (model.talk_restraint()[1], ~acts.any(axis=1)),
    ):
        assert seen.mean() == pytest.approx(chance, abs=4 * seen.std() / math.sqrt(draws))


def binned(mu, d, bins):
    """The game of two states whose cost has ``bins`` equally likely values, mid-bins of [0, 1]."""
    costs = [Fraction(2 * k + 1, 2 * bins) for k in range(bins)]

    def pay(cost, build, met):
        return (0 if met else mu) - cost if build else -d * met

    return gt.BayesianGame.of(
        {"A": costs, "B": costs},
        {"A": [True, False], "B": [True, False]},
        {"A": [Fraction(1, bins)] * bins, "B": [Fraction(1, bins)] * bins},
        lambda t, act: (pay(t[0], act[0], act[1]), pay(t[1], act[1], act[0])),
    )


def test_a_lowest_bin_above_mu_gives_the_opposite_answer():
    """Finite types: without one that arms for arms' own sake fear never starts.

    With a continuum of costs from 0 and d >= cbar all build, however small mu. Four equal bins
    whose lowest stands for 1/8 > mu = 1/20 have six equilibria. In one nobody arms, because no type
    is left whose best action is to build whatever it expects.
    """
    mu, d = Fraction(1, 20), Fraction(6, 5)
    (found,) = gt.solve(BaligaSjostrom2004(mu=float(mu), d=float(d)).game())
    assert found.chances[0].tolist() == [1, 0]
    build = [
        [row[0] for side in e.mixtures for row in side.tolist()]
        for e in gt.solve(binned(mu, d, bins=4))
    ]
    assert len(build) == 6
    assert [0] * 8 in build
    assert [1] * 8 in build
    # One bin below mu, and fear spreads to all as it does in the continuum.
    (alone,) = gt.solve(binned(Fraction(1, 5), d, bins=4))
    assert all((side[:, 0] == 1).all() for side in alone.mixtures)


def test_fear_alone_arms_all_from_the_multiplier_condition_on():
    small = BaligaSjostrom2004(mu=1e-6, d=1.0)
    assert small.builds() == 1
    assert small.fear_alone_arms_all.holds().every
    assert small.but(d=0.99).builds() < 1e-3


def test_a_newcomer_scares_more_than_one_or_less():
    """The expected number that restrains falls from two states to three, not from five to six."""
    assert BaligaSjostrom2004(N=2).more_states_fewer_that_restrain.holds().every
    assert not BaligaSjostrom2004(N=5).more_states_fewer_that_restrain.holds().some


def test_payoffs_out_of_order():
    with pytest.raises(ValueError, match="needs mu < d"):
        BaligaSjostrom2004(mu=0.9, d=0.8)
    with pytest.raises(ValueError, match="needs mu < cbar"):
        BaligaSjostrom2004(mu=0.5, cbar=0.4)


def test_verdicts():
    """Among the drawn: talk helps wherever it matters, and whether it mostly does is open."""
    model = BaligaSjostrom2004()
    assert model.talk_makes_a_race_less_likely(2_000).finding is gt.Finding.MATCHES
    assert model.talk_mostly_brings_restraint(2_000).finding is gt.Finding.CONDITIONAL
    for name in ("fear_alone_arms_all", "more_states_less_restraint"):
        verdict = getattr(model, name)(2_000)
        assert verdict.pivot == "d"
        assert all(e.agreement == 1 for e in verdict.evidence)
    both = BaligaSjostrom2004(mu=1e-4, d=1.2).talk_mostly_brings_restraint.holds()
    assert (bool(both.every), bool(both.some)) == (False, True)

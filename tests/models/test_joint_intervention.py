"""Joint intervention: the threshold in the limit against games that still have noise."""

import itertools
import math

import numpy as np
import pytest
from gametheory_models.collective.joint_intervention import JointIntervention
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq, root
from scipy.stats import beta, norm, uniform

import gametheory as gt

laws = settings(max_examples=40, deadline=None)


any_cost = st.floats(0.01, 1)
grid = st.integers(1, 8).map(lambda k: k / 8)  # eighths: ties are common, and exact in floats


@st.composite
def interventions(draw, costs=any_cost):
    r = draw(st.lists(costs, min_size=2, max_size=6))
    return JointIntervention(N=len(r), m=draw(st.integers(2, len(r))), r=r)


# Derived; checked independently.
@pytest.mark.parametrize(
    ("r", "m", "gravity"),
    [
        ((0.2, 0.4), 2, 0.6),
        ((0.1, 0.2, 0.3), 3, 0.6),
        ((0.2, 0.3, 0.4, 0.25), 3, 0.575),
        ((0.2, 0.2, 0.8), 2, 0.4),
        ((0.3,) * 3, 2, 0.45),
        ((0.3,) * 5, 3, 0.5),
        ((0.3,) * 5, 5, 1.5),
        ((0.3,) * 10, 6, 0.6),
    ],
)
def test_known_thresholds(r, m, gravity):
    assert JointIntervention(N=len(r), m=m, r=r).threshold() == pytest.approx(gravity, abs=1e-12)


@laws
@given(interventions())
def test_threshold_is_the_least_over_all_coalitions(model):
    """No order of the states is assumed: every coalition of m or more is tried."""
    coalitions = (
        sum(c) / (k - model.m + 1)
        for k in range(model.m, model.N + 1)
        for c in itertools.combinations(model.r, k)
    )
    assert model.threshold() == pytest.approx(min(coalitions), abs=1e-12)


@laws
@given(interventions(), st.randoms(use_true_random=False), st.floats(0.1, 10))
def test_names_and_unit_do_not_matter(model, random, unit):
    shuffled = random.sample(model.r.tolist(), model.N)
    assert model.but(r=shuffled).threshold() == pytest.approx(model.threshold())
    assert model.but(r=unit * model.r).threshold() == pytest.approx(unit * model.threshold())


@laws
@given(interventions())
def test_larger_quorums_need_graver_threats_and_unanimity_adds_costs_up(model):
    quorums = [model.but(m=m).threshold() for m in range(2, model.N + 1)]
    assert quorums == sorted(quorums)
    assert model.unanimous().threshold() == pytest.approx(model.r.sum())


def joining_thresholds(r, m, sigma, noise="normal"):
    """Cutoffs t of the game with noise: i joins iff its signal theta + sigma eps is at least t_i.

    Above 1 joining is dominant. The best replies are iterated down from there (the contagion of
    the theory), and the system of indifferences is then solved, halving the noise step by step.
    """
    nodes, weights = (
        np.polynomial.hermite_e.hermegauss(60)
        if noise == "normal"
        else np.polynomial.legendre.leggauss(150)
    )
    weights = weights / weights.sum()
    above = norm.cdf if noise == "normal" else (lambda z: np.clip((z + 1) / 2, 0, 1))

    def gain(i, x, t, sigma):
        """Of i from joining at the signal x: E[theta 1{m - 1 others join}] - r_i, flat prior."""
        theta = x - sigma * nodes
        count = np.zeros((len(r) + 1, len(nodes)))
        count[0] = 1
        for j in range(len(r)):
            if j != i:
                q = above((theta - t[j]) / sigma)
                count[1:] = count[1:] * (1 - q) + count[:-1] * q
                count[0] *= 1 - q
        return (weights * theta * count[m - 1 :].sum(axis=0)).sum() - r[i]

    def best_reply(i, t):
        if gain(i, 1, t, 0.1) < 0:
            return 1
        return brentq(lambda x: gain(i, x, t, 0.1), 0, 1)

    def indifferent(t, sigma):
        everyone = range(len(r))
        solved = root(lambda t: [gain(i, t[i], t, sigma) for i in everyone], t, tol=1e-13)
        assert np.abs(solved.fun).max() < 1e-10, solved.message
        return solved.x

    t = np.ones(len(r))
    for _ in range(30):
        t = np.array([best_reply(i, t) for i in range(len(r))])
    for step in np.geomspace(0.1, sigma, 12):
        t = indifferent(t, step)
    return t


# Three states by unanimity: derived; checked independently. Two states with cost .2, and a third
# not waited for, in closed form: E[(t - sigma e) Phi(-e)] = t / 2 + sigma / (2 sqrt pi) = .2.
@pytest.mark.parametrize(
    ("r", "m", "sigma", "cutoffs"),
    [
        ((0.1, 0.2, 0.3), 3, 0.001, (0.598629, 0.599138, 0.599475)),
        ((0.2, 0.2, 0.8), 2, 0.01, (*[0.4 - 0.01 / math.sqrt(math.pi)] * 2, 0.8)),
    ],
)
def test_game_with_noise_has_the_known_thresholds(r, m, sigma, cutoffs):
    assert joining_thresholds(r, m, sigma) == pytest.approx(cutoffs, abs=1e-6)


@pytest.mark.parametrize("noise", ["normal", "uniform"])
@pytest.mark.parametrize(("r", "m"), [((0.1, 0.2, 0.3), 3), ((0.2, 0.15, 0.8), 2)])
def test_thresholds_tend_to_the_limit_whatever_the_noise(r, m, noise):
    """States below theta* share one threshold in the limit; those above join at their own cost."""
    limit = JointIntervention(N=3, m=m, r=r).threshold()
    expected = np.maximum(limit, r)
    far, near = (
        np.abs(joining_thresholds(r, m, sigma, noise) - expected).max() for sigma in (0.01, 0.002)
    )
    assert near < 0.35 * far
    assert near < 0.003


@laws
@given(interventions(grid), grid)
def test_pure_equilibria_with_gravity_known(model, theta):
    """Nobody; and each set of m or more that pay at most theta, if no other would gain."""
    found = {
        tuple(i for i, x in enumerate(e.mixtures) if x[1] == 1)
        for e in gt.solve(model.but(theta=theta).game(), method="pure")
    }
    expected = {()}
    for k in range(model.m, model.N + 1):
        for who in itertools.combinations(range(model.N), k):
            inside = all(model.r[i] <= theta for i in who)
            outside = all(model.r[i] >= theta for i in range(model.N) if i not in who)
            if inside and outside:
                expected.add(who)
    # One short of the quorum is never an equilibrium, for each joiner pays and gets nothing.
    assert found == expected


# Derived (Irwin-Hall); checked independently.
@pytest.mark.parametrize(
    ("N", "m", "chance"),
    [
        (3, 2, 0.833333),
        (5, 2, 0.991667),
        (5, 3, 0.775),
        (5, 4, 0.225),
        (4, 3, 0.5),
        (7, 4, 0.739683),
    ],
)
def test_chance_of_action_with_uniform_costs(N, m, chance):
    exact = JointIntervention.selected_uniform(N, m)
    assert float(exact) == pytest.approx(chance, abs=6e-7)
    draws = np.random.default_rng(N).random((200_000, N))
    model = JointIntervention(N=np.full(len(draws), N), m=m, r=draws)
    error = math.sqrt(exact * (1 - exact) / len(draws))
    assert (model.threshold() < 1).mean() == pytest.approx(float(exact), abs=4 * error)


@pytest.mark.parametrize("N", range(2, 9))
def test_unanimity_is_chosen_with_chance_one_over_n_factorial(N):
    assert JointIntervention.selected_uniform(N, N) * math.factorial(N) == 1


def test_costs_for_fewer_states_than_there_are():
    with pytest.raises(ValueError, match="an r for each of the N states"):
        JointIntervention(N=4, m=2, r=[0.1, 0.2])
    with pytest.raises(ValueError, match="needs m <= N"):
        JointIntervention(N=3, m=4)
    with pytest.raises(ValueError, match=r"r = -0\.2 is outside 0\.\.100"):
        JointIntervention(N=3, m=2, r=[0.1, -0.2, 0.3])


DRAWS = 20_000


def uniform_share(verdict):
    return next(e for e in verdict.evidence if e.prior == "uniform")


def test_share_of_universal_action_is_known_exactly():
    """N and m uniform on 2..8 given m <= N: chance (N-1)/28 of N; not played but for 1/N!."""
    share = 1 - sum((N - 1) / 28 / math.factorial(N) for N in range(2, 9))
    verdict = JointIntervention().universal_action_is_not_played(DRAWS)
    error = math.sqrt(share * (1 - share) / DRAWS)
    assert uniform_share(verdict).every == pytest.approx(share, abs=4 * error)
    assert uniform_share(verdict).agreement == 1


def test_share_of_action_by_a_quorum_is_known_exactly():
    pairs = [(N, m) for N in range(2, 9) for m in range(2, N + 1)]
    share = 1 - float(sum(JointIntervention.selected_uniform(*pair) for pair in pairs)) / 28
    verdict = JointIntervention().quorum_action_is_not_played(DRAWS)
    error = math.sqrt(share * (1 - share) / DRAWS)
    assert uniform_share(verdict).every == pytest.approx(share, abs=4 * error)
    assert verdict.finding is gt.Finding.CONDITIONAL


@pytest.mark.parametrize("name", ["universal_action_is_not_played", "quorum_action_is_not_played"])
@pytest.mark.parametrize(
    ("low", "high", "finding"),
    [(0.0, 0.3, gt.Finding.CHALLENGES), (0.5, 1.0, gt.Finding.MATCHES)],
)
def test_costs_decide_whether_states_act(name, low, high, finding):
    model, prior = JointIntervention(N=3, m=3), {"costs": {"r": uniform(low, high - low)}}
    assert getattr(model, name)(2_000, priors=prior).finding is finding


@laws
@given(interventions())
def test_doubt_about_one_state_matters_iff_it_is_waited_for(model):
    weakened = model.one_doubt_weakens_all.holds().every
    gap = model.threshold() - model.r[0]
    if abs(gap) > 1e-9:
        assert weakened == (gap > 0)


def test_doubt_about_a_laggard_changes_nothing():
    laggard = JointIntervention(N=3, m=2, r=[0.8, 0.2, 0.2])
    assert not laggard.one_doubt_weakens_all.holds().every
    assert laggard.but(r=[0.2, 0.8, 0.2]).one_doubt_weakens_all.holds().every
    prior = {"laggard": {"theta": uniform(0.5, 1)}}
    assert laggard.one_doubt_weakens_all(500, priors=prior).finding is gt.Finding.CHALLENGES
    assert uniform_share(JointIntervention().one_doubt_weakens_all(2_000)).agreement == 1


# Derived; checked independently: three states of cost .3 that need two, and so on; sigma = .01.
@pytest.mark.parametrize(
    ("N", "m", "cutoff"),
    [(3, 2, 0.445769), (5, 3, 0.494473), (5, 5, 1.488370), (10, 6, 0.592611), (10, 10, 2.984612)],
)
def test_solver_finds_the_known_thresholds_with_noise(N, m, cutoff):
    (e,) = found = gt.solve(JointIntervention(N=N, m=m, r=(0.3,) * N).with_signals(0.01))
    assert e.cutoffs[:, 0] == pytest.approx([cutoff] * N, abs=1e-6)
    assert found.coverage is gt.Coverage.ALL


@pytest.mark.parametrize("noise", ["normal", "uniform"])
@pytest.mark.parametrize(("r", "m"), [((0.1, 0.2, 0.3), 3), ((0.2, 0.15, 0.8), 2)])
def test_solver_and_best_replies_agree_on_thresholds_with_noise(r, m, noise):
    """Its rules of integration and its search are others than those above."""
    law = norm() if noise == "normal" else uniform(-1, 2)
    game = JointIntervention(N=len(r), m=m, r=r).with_signals(0.01, law)
    (e,) = gt.solve(game)
    assert e.cutoffs[:, 0] == pytest.approx(joining_thresholds(r, m, 0.01, noise), abs=2e-6)
    limit = np.maximum(JointIntervention(N=len(r), m=m, r=r).threshold(), r)
    assert game.limit() == pytest.approx(limit, abs=1e-4)


# Notes, GI-3 [D], three digits of two million draws: all share the benefit, and play drifts.
@pytest.mark.parametrize(
    ("N", "m", "printed"),
    [(3, 2, 0.750), (5, 2, 0.937), (5, 3, 0.533), (5, 4, 0.122), (5, 5, 0.00833)],
)
def test_in_the_long_run_the_cheapest_act_iff_their_costs_are_below_the_benefit(N, m, printed):
    def all_below(y):  # the sum of m uniforms on (0, y) is below 1: Irwin and Hall
        terms = ((-1) ** k * math.comb(m, k) * max(1 / y - k, 0) ** m for k in range(m + 1))
        return sum(terms) / math.factorial(m)

    next_one = beta(m + 1, N - m) if m < N else None  # the law of the cheapest who need not act
    knots = [1 / k for k in range(2, m + 1)]
    chance = (
        quad(lambda y: next_one.pdf(y) * all_below(y), 0, 1, points=knots)[0]
        if next_one
        else all_below(1)
    )
    assert chance == pytest.approx(printed, abs=1e-3 if m < N else 5e-6)
    for r in np.random.default_rng(N * m).integers(1, 64, (20, N)) / 64:
        total = np.sort(r)[:m].sum()

        def payoffs(*choices, r=r):
            good = float(choices.count("join") >= m)
            return [good - cost if c == "join" else good for c, cost in zip(choices, r)]

        game = gt.Game.of({f"State {i}": ("join", "stay out") for i in range(N)}, payoffs)
        if total != 1 and len(set(r)) == N:
            (stable,) = gt.stochastically_stable(game).states
            joins = [i for i, action in enumerate(stable) if action == 0]
            assert joins == (sorted(np.argsort(r)[:m]) if total < 1 else [])

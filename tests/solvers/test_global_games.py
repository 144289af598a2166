"""Global games: closed forms, other quadratures, simulation, and laws that equilibria must keep."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import gumbel_l, gumbel_r, logistic, norm, t, uniform

import gametheory as gt
from gametheory import Coverage, GlobalGame
from gametheory._contagion import Indifference
from tests._signals import at, intervention, unequal

laws = settings(max_examples=15, deadline=None)
EVEN = uniform(-1, 2)
NOISES = {"normal": norm(), "logistic": logistic(), "uniform": EVEN, "t": t(4), "skew": gumbel_r()}


def regime(c, alpha, beta, z):
    """Morris and Shin: it costs c to attack, worth 1 if the share who do is at least theta."""
    prior = norm(z, alpha**-0.5) if alpha else None
    payoffs = {"attack": lambda x, A: 1.0 * (x <= A) - c, "wait": lambda x, A: 0 * x}
    return GlobalGame(
        payoffs, math.inf, prior, sigma=beta**-0.5, first="low", jumps=lambda x, A: A - x
    )


def cutoffs(game):
    return [float(e.cutoffs[0, 0]) for e in gt.solve(game)]


# --- numbers ----------------------------------------------------------------------------------


# MODELS-collective GI-1: 2c - sigma / sqrt(pi), derived.
@pytest.mark.parametrize(
    ("sigma", "threshold"),
    [(1, 0.035810416), (0.1, 0.543581042), (0.01, 0.594358104), (0.001, 0.599435810)],
)
def test_two_states_with_normal_noise(sigma, threshold):
    game = intervention(0.3, 2, 2, sigma, linear=True)
    (c,) = cutoffs(game)
    assert c == pytest.approx(threshold, abs=1e-9)
    assert c == pytest.approx(0.6 - sigma / math.sqrt(math.pi), abs=1e-13)
    assert game.limit() == pytest.approx(0.6, abs=1e-14)


# MODELS-collective GI-2: (c, alpha, beta, z), theta* and x*; derived.
REGIMES = [
    ((0.3, 0, 1, 0), [(0.7, 1.224400513)]),
    ((0.3, 1, 1, 0.5), [(0.865981876, 1.973578069)]),
    ((0.3, 1, 4, 0.5), [(0.763660818, 1.122724821)]),
    ((0.3, 1, 100, 0.5), [(0.708094103, 0.762876643)]),
    ((0.4, 2, 1, 0.2), [(0.976841508, 2.969334577)]),
    ((0.4, 2, 1, 0.8), [(0.262001615, -0.375185101)]),
    ((0.5, 3, 1, 0.5), [(0.140214251, None), (0.5, 0.5), (0.859785749, None)]),
]


@pytest.mark.parametrize(("parameters", "expected"), REGIMES)
def test_regime_change(parameters, expected):
    game = regime(*parameters)
    found = gt.solve(game)
    assert len(found) == len(expected)
    assert found.coverage is (Coverage.ALL if len(expected) == 1 else Coverage.ALL_SAME_CUTOFFS)
    for e, (theta, x) in zip(found, expected):
        (falls,) = game.corners(e.cutoffs[0])
        assert falls == pytest.approx(theta, abs=1e-9)
        if x is not None:
            assert e.cutoffs[0, 0] == pytest.approx(x, abs=1e-8)


# MODELS-collective GI-2: c = 1/2, beta = 1, theta* as public precision rises.
@pytest.mark.parametrize(
    ("z", "values"),
    [
        (0.2, [0.512463, 0.574211, 0.686800, 0.826219, 0.927037, 0.973415]),
        (0.8, [0.487537, 0.425789, 0.313200, 0.173781, 0.072963, 0.026585]),
        (0.5, [0.5] * 6),
    ],
)
def test_public_precision(z, values):
    for alpha, theta in zip((0.1, 0.5, 1, 1.5, 2, 2.5), values):
        game = regime(0.5, alpha, 1, z)
        (e,) = gt.solve(game)
        assert game.corners(e.cutoffs[0])[0] == pytest.approx(theta, abs=1e-6)


@pytest.mark.parametrize(("ratio", "count"), [(0.5, 1), (0.98, 1), (1.02, 3), (2.0, 3)])
@pytest.mark.parametrize("beta", [0.25, 9.0])
def test_three_equilibria_iff_public_information_is_precise(ratio, count, beta):
    """alpha / sqrt(beta) against sqrt(2 pi), where z = c = 1/2 makes the roots symmetric."""
    alpha = ratio * math.sqrt(2 * math.pi * beta)
    found = cutoffs(regime(0.5, alpha, beta, 0.5))
    assert len(found) == count
    assert found == pytest.approx([1 - c for c in reversed(found)], abs=1e-8)


# MODELS-collective GI-3: derived; checked independently. The last vector is printed there as
# (.394389, .394387, .8); two players who alone matter have .4 - sigma / sqrt(pi) = .394358.
VECTORS = [
    ((0.2, 0.4), 2, 0.001, "normal", (0.599080, 0.599689)),
    ((0.1, 0.2, 0.3), 3, 0.001, "normal", (0.598629, 0.599138, 0.599475)),
    ((0.2, 0.3, 0.4, 0.25), 3, 0.001, "normal", (0.573941, 0.574341, 0.574759, 0.574148)),
    ((0.2, 0.3, 0.4, 0.25), 3, 0.0005, "logistic", (0.574087, 0.574419, 0.574770, 0.574259)),
    ((0.2, 0.3, 0.4, 0.25), 3, 0.0005, "uniform", (0.574670, 0.574801, 0.574939, 0.574738)),
    ((0.2, 0.2, 0.8), 2, 0.01, "normal", (*[0.4 - 0.01 / math.sqrt(math.pi)] * 2, 0.8)),
]


@pytest.mark.parametrize(("r", "m", "sigma", "noise", "expected"), VECTORS)
def test_unequal_states(r, m, sigma, noise, expected):
    (e,) = found = gt.solve(unequal(r, m, sigma, NOISES[noise]))
    assert found.coverage is Coverage.ALL
    assert e.cutoffs[:, 0] == pytest.approx(expected, abs=1.1e-6)


def least_sum(r, m):
    """GI-3: min over k >= m of the sum of the k lowest costs over k - m + 1."""
    r = sorted(r)
    return min(sum(r[:k]) / (k - m + 1) for k in range(m, len(r) + 1))


@pytest.mark.parametrize("noise", ["normal", "logistic", "uniform", "skew"])
@pytest.mark.parametrize(
    ("r", "m"), [((0.1, 0.2, 0.3), 3), ((0.2, 0.3, 0.4, 0.25), 3), ((0.3, 0.2, 0.9), 2)]
)
def test_limit_of_unequal_states_is_the_least_sum_of_costs(r, m, noise):
    """Whatever the noise; those whose cost exceeds the common threshold join at their own."""
    expected = np.maximum(least_sum(r, m), r)
    assert unequal(r, m, 1.0, NOISES[noise]).limit() == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize(
    ("n", "m", "limit", "threshold"),
    [
        (3, 2, 0.45, 0.445769),
        (5, 3, 0.5, 0.494473),
        (5, 5, 1.5, 1.488370),
        (10, 6, 0.6, 0.592611),
        (10, 10, 3.0, 2.984612),
    ],
)
def test_m_of_n_equal_states(n, m, limit, threshold):
    """GI-3: cN / (N - m + 1), and the threshold at sigma = .01."""
    game = intervention(0.3, n, m, 0.01)
    (c,) = cutoffs(game)
    assert c == pytest.approx(threshold, abs=1e-6)
    assert game.limit() == pytest.approx(limit, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (7, 4), (40, 25), (1_000, 600)])
def test_uniform_noise_in_closed_form(n, m):
    """c n / (n - m + 1) - sigma (m - 1) / (n + 1), from the mean and variance of Beta laws."""
    game = intervention(0.3, n, m, 0.05, EVEN)
    (c,) = cutoffs(game)
    assert c == pytest.approx(0.3 * n / (n - m + 1) - 0.05 * (m - 1) / (n + 1), abs=1e-11)


def preemption(F, S, W, n, sigma, noise=EVEN, top=100.0):
    """Peace pays theta if all keep it; above ``top`` it pays theta whatever others do."""
    payoffs = {
        "attack": lambda x, k: np.where(k == 0, F, W),
        "peace": lambda x, k: np.where((k == 0) | (x >= top), x, S),
    }
    return GlobalGame(payoffs, n, None, noise, sigma, "low", lambda x, k: x - top)


# MODELS-polarity 1.4.6: F = 2, S = -3, W = -1; derived.
@pytest.mark.parametrize(
    ("n", "wide", "narrow", "limit"),
    [
        (2, 3.6666667, 3.9666667, 4),
        (3, 5.5, 5.95, 6),
        (5, 9.3333333, 9.9333333, 10),
        (10, 19.1818182, 19.9181818, 20),
    ],
)
def test_preemption(n, wide, narrow, limit):
    for sigma, printed in ((1.0, wide), (0.1, narrow)):
        (c,) = cutoffs(preemption(2.0, -3.0, -1.0, n, sigma))
        assert c == pytest.approx(printed, abs=1e-7)
        assert c == pytest.approx(2 + 2 * (n - 1) - sigma * (n - 1) / (n + 1), abs=1e-10)
    assert preemption(2.0, -3.0, -1.0, n, 1.0).limit() == pytest.approx(limit, abs=1e-12)


# MODELS-collective GI-4: (F, S, W) = (1, -1, 0), normal noise: 2 - sigma / sqrt(pi).
@pytest.mark.parametrize(
    ("sigma", "threshold"), [(1, 1.435810416), (0.1, 1.943581042), (0.001, 1.999435810)]
)
def test_two_groups_with_normal_noise(sigma, threshold):
    game = preemption(1.0, -1.0, 0.0, 2, sigma, norm())
    assert cutoffs(game) == pytest.approx([threshold], abs=1e-9)
    assert game.limit() == pytest.approx(2)


# --- a second way -----------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["normal", "logistic", "skew"])
def test_best_responses_from_both_ends_meet_at_the_threshold(noise):
    """Iterated best replies by the midpoint rule, from "nobody" and "everybody"."""
    law, sigma, cost, top, step = NOISES[noise], 0.3, 0.4, 2.0, 2e-3
    (expected,) = cutoffs(intervention(cost, 2, 2, sigma, law, top=top))
    theta = np.arange(-3, 8, step) + step / 2

    def reply(c):
        joins = np.where(theta >= top, 1, law.sf((c - theta) / sigma))
        worth = np.maximum(theta, 0) * joins

        def gain(x):
            return worth @ law.pdf((x - theta) / sigma) * step / sigma - cost

        return brentq(gain, -1, 4, xtol=1e-9)

    for c in (-5.0, 5.0):
        for _ in range(25):
            c = reply(c)
        assert c == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("prior", "noise", "sigma"),
    [
        (norm(0.5, 0.6), logistic(), 0.3),
        (uniform(-1, 3), norm(), 0.4),
        (norm(0.5, 0.3), gumbel_r(), 0.8),
        (gumbel_r(0.2, 0.5), EVEN, 0.5),
    ],
)
def test_threshold_with_a_prior_against_simulation(prior, noise, sigma):
    """Among a million states, types that are nearly at the cutoff are nearly indifferent."""
    game = intervention(0.25, 4, 2, sigma, noise, prior, top=1.2)
    rng, draws = np.random.default_rng(7), 1_000_000
    theta = np.sort(prior.rvs(draws, random_state=rng))
    for e in gt.solve(game):
        c = float(e.cutoffs[0, 0])
        if not math.isfinite(c):
            continue
        k = rng.binomial(3, noise.sf((c - theta) / sigma))
        gain = game.gain(0, theta, k)
        weight = noise.pdf((c - theta) / sigma)
        mean = (weight * gain).sum() / weight.sum()
        error = math.sqrt((weight**2 * (gain - mean) ** 2).sum()) / weight.sum()
        assert abs(mean) < 4 * error
        assert error < 0.002


def test_unequal_states_with_a_prior_against_simulation():
    game = unequal((0.1, 0.2, 0.3), 2, (0.2, 0.3, 0.5), logistic(), norm(0.4, 0.7), top=1.0)
    (e,) = gt.solve(game)
    rng, draws = np.random.default_rng(3), 1_000_000
    theta = rng.normal(0.4, 0.7, draws)
    acts = [theta + s * rng.logistic(size=draws) > c for s, c in zip(game.sigma, e.cutoffs[:, 0])]
    for i, (s, c) in enumerate(zip(game.sigma, e.cutoffs[:, 0])):
        gain = game.gain(i, theta, sum(a for j, a in enumerate(acts) if j != i))
        weight = logistic.pdf((c - theta) / s)
        mean = (weight * gain).sum() / weight.sum()
        error = math.sqrt((weight**2 * (gain - mean) ** 2).sum()) / weight.sum()
        assert abs(mean) < 4 * error


def test_payoffs_that_fall_in_the_state_and_rise_in_the_count():
    """Worth exp(-theta) if one of two others acts: c = log of E[exp(sigma e) (1 - Phi(-e)^2)]."""
    payoffs = {
        "act": lambda x, k: np.exp(-np.clip(x, -30, 30)) * (k >= 1),
        "wait": lambda x, k: 0.5,
    }
    mean = quad(lambda e: math.exp(0.4 * e) * (1 - norm.cdf(-e) ** 2) * norm.pdf(e), -12, 12)[0]
    nobody, inner = gt.solve(GlobalGame(payoffs, 3, sigma=0.4, first="low"))
    assert nobody.cutoffs[0, 0] == -math.inf
    assert inner.cutoffs[0, 0] == pytest.approx(math.log(mean / 0.5), abs=1e-10)


def test_continuum_is_the_limit_of_many():
    """Payoffs in the share who act: the threshold of n players tends to that of the continuum."""

    def of(n):
        share = (lambda k: k) if n == math.inf else (lambda k: (k + 1) / n)
        payoffs = {"act": lambda x, k: share(k) ** 2 - x, "wait": lambda x, k: 0 * x}
        (c,) = cutoffs(GlobalGame(payoffs, n, norm(0.2, 1), sigma=0.5, first="low"))
        return c

    gaps = [abs(of(n) - of(math.inf)) for n in (10, 40, 160)]
    assert gaps[0] > 3.5 * gaps[1] > 12 * gaps[2]
    assert gaps[2] < 0.01


# --- laws -------------------------------------------------------------------------------------

small = st.floats(0.1, 0.9)


@laws
@given(small, st.integers(2, 6), st.floats(0.05, 2), st.sampled_from(sorted(NOISES)), st.data())
def test_unit_and_zero_of_the_state_do_not_matter(c, n, sigma, noise, data):
    a, b = data.draw(st.floats(0.01, 100)), data.draw(st.floats(-5, 5))
    m = data.draw(st.integers(2, n))
    plain = intervention(c, n, m, sigma, NOISES[noise], top=9.0)
    moved = GlobalGame(
        {name: (lambda x, k, f=f: f((x - b) / a, k)) for name, f in plain.payoffs[0].items()},
        n,
        None,
        NOISES[noise],
        a * sigma,
        jumps=at(b, b + 9 * a),
    )
    assert cutoffs(moved) == pytest.approx([a * x + b for x in cutoffs(plain)], rel=1e-9, abs=1e-9)


@laws
@given(small, st.sampled_from([1e-9, 1e9]), st.sampled_from([0, 1.0, -3.0]))
def test_unit_and_zero_of_payoffs_do_not_matter(c, unit, zero):
    plain = intervention(c, 3, 2, 0.4, prior=norm(0.5, 1), top=3.0)
    other = GlobalGame(
        {n: (lambda x, k, f=f: unit * (f(x, k) + zero * x)) for n, f in plain.payoffs[0].items()},
        3,
        norm(0.5, 1),
        sigma=0.4,
        jumps=at(0, 3),
    )
    ours, theirs = gt.solve(plain), gt.solve(other)
    assert len(ours) == len(theirs)
    for e, f in zip(ours, theirs):
        assert e.cutoffs == pytest.approx(f.cutoffs, abs=1e-9)


@laws
@given(small, st.integers(2, 5), st.floats(0.05, 1), st.booleans())
def test_mirrored_states_and_noise(c, n, sigma, proper):
    """theta to -theta, the skewed noise reflected, and the other end of signals acts."""
    prior, mirror = (gumbel_r(0.3), gumbel_l(-0.3)) if proper else (None, None)
    plain = intervention(c, n, 2, sigma, gumbel_r(), prior, top=4.0)
    mirrored = GlobalGame(
        {name: (lambda x, k, f=f: f(-x, k)) for name, f in plain.payoffs[0].items()},
        n,
        mirror,
        gumbel_l(),
        sigma,
        "low",
        at(0, -4),
    )
    there = sorted(-x for x in cutoffs(mirrored))
    assert cutoffs(plain) == pytest.approx(there, abs=1e-8)


@laws
@given(small, st.integers(2, 6), st.floats(0.05, 1), st.sampled_from(sorted(NOISES)))
def test_it_does_not_matter_which_action_comes_first(c, n, sigma, noise):
    """Counting those who stay out instead of those who join."""
    plain = intervention(c, n, 2, sigma, NOISES[noise], top=4.0)
    join, stay = plain.payoffs[0].values()
    other = GlobalGame(
        {
            "stay out": lambda x, k: stay(x, n - 1 - k),
            "join": lambda x, k: join(x, n - 1 - k),
        },
        n,
        None,
        NOISES[noise],
        sigma,
        "low",
        at(0, 4),
    )
    assert cutoffs(other) == pytest.approx(cutoffs(plain), abs=1e-9)


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(4)))
def test_names_do_not_matter(order):
    r, sigma = np.array([0.1, 0.25, 0.25, 0.4]), np.array([0.1, 0.1, 0.2, 0.3])
    (e,) = gt.solve(unequal(r, 3, sigma))
    (f,) = gt.solve(unequal(r[order], 3, sigma[order]))
    assert e.cutoffs[order] == pytest.approx(f.cutoffs, abs=1e-9)


def test_equal_states_given_one_by_one():
    """Functions made anew for each: the solver of unequal players finds the common cutoff."""
    (apart,) = gt.solve(unequal((0.3, 0.3, 0.3), 2, 0.2))
    (common,) = cutoffs(intervention(0.3, 3, 2, 0.2, top=5.0))
    assert apart.cutoffs[:, 0] == pytest.approx([common] * 3, abs=1e-10)


# --- where uniqueness fails -------------------------------------------------------------------


def test_without_an_upper_dominance_region_nobody_is_an_equilibrium_too():
    payoffs = {"join": lambda x, k: x * (k >= 1) - 0.3, "stay out": lambda x, k: 0 * x}
    game = GlobalGame(payoffs, 2, sigma=0.1)
    inner, nobody = gt.solve(game)
    assert inner.cutoffs[0, 0] == pytest.approx(0.6 - 0.1 / math.sqrt(math.pi))
    assert nobody.cutoffs[0, 0] == math.inf
    assert any("corner" in note for note in gt.solve(game).notes)
    with pytest.raises(ValueError, match="limit: however high theta is, 'join' does not pay"):
        game.limit()


def test_without_a_lower_dominance_region_everybody_is_an_equilibrium_too():
    payoffs = {"join": lambda x, k: np.where(k >= 1, 1, x - 1), "stay out": lambda x, k: 0 * x}
    game = GlobalGame(payoffs, 2, sigma=0.1)
    everybody, inner = gt.solve(game)
    assert everybody.cutoffs[0, 0] == -math.inf
    assert math.isfinite(inner.cutoffs[0, 0])
    with pytest.raises(ValueError, match="however low theta is, 'stay out' does not pay"):
        game.limit()


def test_with_a_prior_and_one_sided_dominance_equilibria_come_in_pairs():
    """Bueno de Mesquita (2011): beside "nobody", two cutoffs or none."""

    def of(cost):
        payoffs = {
            "join": lambda x, k: np.maximum(x, 0) * (k >= 1) - cost,
            "stay out": lambda x, k: 0 * x,
        }
        found = gt.solve(GlobalGame(payoffs, 2, norm(0, 1), sigma=0.5, jumps=at(0)))
        assert found.coverage is Coverage.SAMPLE  # no signal makes joining dominant
        return [float(e.cutoffs[0, 0]) for e in found]

    low, high, nobody = of(0.3)
    assert low < high < nobody == math.inf
    assert of(2.0) == [math.inf]


def test_benefits_that_outsiders_share_are_refused():
    """Joining m - 1 others is worth theta; if m join already, it only costs."""

    def of(m):
        payoffs = {
            "join": lambda x, k: np.where((k >= m - 1) | (x >= 9), x, 0) - 0.3,
            "stay out": lambda x, k: np.where((k >= m) & (x < 9), x, 0),
        }
        return GlobalGame(payoffs, 3, sigma=0.1, jumps=lambda x, k: x - 9)

    with pytest.raises(ValueError, match="falls as others who choose it rise from 1 to 2"):
        of(2).limit()
    found = gt.solve(of(2))
    assert any("not supermodular" in note for note in found.notes)
    assert found.coverage is not Coverage.ALL
    assert of(3).limit() == pytest.approx(0.9)  # by unanimity no outsider is left


def test_a_gain_may_fall_where_its_player_is_decided():
    """Joining a threat of negative gravity never pays the second, however many join."""
    payoffs = [
        {"act": lambda x, k: x + 0.5 * k, "wait": lambda x, k: 0 * x},
        {"act": lambda x, k: x * ((k >= 1) | (x >= 9)) - 0.3, "wait": lambda x, k: 0 * x},
    ]
    game = GlobalGame(payoffs, sigma=0.1, jumps=at(9))
    assert game.dominance == pytest.approx((-0.5, 9))
    assert game.limit() == pytest.approx([0, 0.3], abs=1e-6)
    assert not game.supermodular


@pytest.mark.parametrize("sigma", [0.35, 1.0])
def test_congestion_has_its_common_cutoff(sigma):
    """Gains that fall in the count: bounds that took them to rise would exclude the root.

    At the cutoff, x - .8 Pr(the other joins), of two normal signals given one.
    """
    game = GlobalGame(
        {"go": lambda x, k: x - 0.8 * k, "stay": lambda x, k: 0 * x}, 2, norm(), sigma=sigma
    )
    share = 1 / (1 + sigma**2)
    spread = math.sqrt(share * sigma**2 + sigma**2)
    gain = lambda c: share * c - 0.8 * norm.sf(c * (1 - share) / spread)  # noqa: E731
    found = gt.solve(game)
    assert [e.cutoffs[0, 0] for e in found] == pytest.approx([brentq(gain, -2, 2)], abs=1e-9)
    assert any("not supermodular" in note for note in found.notes)
    assert found.coverage is not Coverage.ALL


@pytest.mark.parametrize(("spread", "count"), [(0.5, 3), (3.0, 1)])
def test_unequal_players_with_precise_public_information(spread, count):
    """Two stag hunters who differ: both hunt, neither, or in between."""
    payoffs = [
        {"hunt": lambda x, k, d=d: x + 2.0 * k - 1 - d, "stay": lambda x, k: 0 * x}
        for d in (0.0, 0.1)
    ]
    game = GlobalGame(payoffs, None, norm(0.05, spread), sigma=0.7)
    found = gt.solve(game)
    assert len(found) == count
    assert found.coverage is (Coverage.ALL if count == 1 else Coverage.SAMPLE)
    system = Indifference(game)
    cutoffs = [e.cutoffs[:, 0] for e in found]
    assert all(system.alone(c, (-20.0, 20.0)) == (count == 1) for c in cutoffs)
    # Others above the least one, below the greatest: a shift in that direction meets them.
    assert system.alone(cutoffs[0], (cutoffs[0].max(), 20.0)) == (count == 1)
    assert system.alone(cutoffs[-1], (-20.0, cutoffs[-1].min())) == (count == 1)


def test_a_state_beyond_all_quantiles_that_makes_joining_dominant():
    """It lies eight deviations out, but it is there: "nobody" is no equilibrium."""
    (e,) = found = gt.solve(intervention(0.3, 2, 2, 0.3, prior=norm(0.5, 1), top=9.0))
    assert math.isfinite(e.cutoffs[0, 0])
    assert found.coverage is Coverage.ALL


def test_unequal_states_without_an_upper_dominance_region():
    def join(cost):
        return lambda x, k: np.maximum(x, 0) * (k >= 1) - cost

    game = GlobalGame(
        [{"join": join(c), "stay": lambda x, k: 0 * x} for c in (0.2, 0.4)], sigma=0.01, jumps=at(0)
    )
    inner, nobody = found = gt.solve(game)
    assert found.coverage is Coverage.SAMPLE
    assert inner.cutoffs[:, 0] == pytest.approx([0.6, 0.6], abs=0.02)
    assert (nobody.cutoffs == math.inf).all()
    with pytest.raises(ValueError, match="however high theta is"):
        game.limit()


def test_noise_that_is_not_log_concave_promises_less():
    game = intervention(0.3, 2, 2, 0.3, t(2), norm(0, 1), top=2.0)
    found = gt.solve(game)
    assert found.coverage is Coverage.SAMPLE
    assert any("log-concave" in note for note in found.notes)
    assert all(e.certificate.holds() for e in found)


# --- certificates -----------------------------------------------------------------------------


@pytest.mark.parametrize("off", [1e-6, -1e-6])
def test_certificates_see_a_cutoff_that_is_slightly_off(off):
    game = intervention(0.3, 5, 3, 0.1, logistic())
    (e,) = gt.solve(game)
    assert e.certificate.regret < 1e-12
    moved = gt.certify(type(e.profile)(game, e.cutoffs + off))
    assert not moved.holds()
    assert moved.regret == pytest.approx(0.6 * abs(off), rel=0.2)  # slope (n - m + 1) / n


def test_jumps_that_are_not_declared_are_found_out():
    payoffs = {"attack": lambda x, A: 1.0 * (x <= A) - 0.3, "wait": lambda x, A: 0 * x}
    with pytest.raises(gt.CertificateError, match="name in `jumps`"):
        gt.solve(GlobalGame(payoffs, math.inf, norm(0.5, 1), sigma=0.5, first="low"))


def test_solver_refuses_other_games():
    with pytest.raises(ValueError, match="needs a GlobalGame"):
        gt.solve(gt.CountGame([1, 0], [0, 0]), method="global-games")
    with pytest.raises(ValueError, match="solved in floats"):
        gt.solve(intervention(0.3, 2, 2, 0.1), exact=True)

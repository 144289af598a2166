"""Equilibria of aggregative games: known numbers, theorems, and best replies as a second way."""

import math
from collections import Counter
from time import perf_counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar, root

from gametheory.aggregative import AggregativeGame, Contest, JointProducts, PublicGood
from gametheory.continuous import certify_actions
from gametheory.count import CountGame
from gametheory.equilibrium import Coverage
from gametheory.solvers import auto, shares, solve

NATO_1964 = {  # GNP, $bn (Olson & Zeckhauser 1966, Table 1, as remembered and cross-validated)
    "United States": 569.03,
    "Germany": 88.87,
    "United Kingdom": 79.46,
    "France": 73.40,
    "Italy": 43.63,
    "Canada": 38.14,
    "Netherlands": 15.00,
    "Belgium": 13.43,
    "Denmark": 7.73,
    "Turkey": 6.69,
    "Norway": 5.64,
    "Greece": 4.31,
    "Portugal": 2.88,
    "Luxembourg": 0.53,
}

sizes = st.integers(2, 6)


def several(draw, low, high, n):
    return np.array(draw(st.lists(st.floats(low, high), min_size=n, max_size=n)))


def only(game):
    """The one equilibrium of a game of which all are known."""
    found = solve(game)
    assert found.coverage is Coverage.ALL
    assert len(found) == 1
    assert found[0].certificate.holds()
    return found[0]


def best_replies(reply, n, rounds=20_000):
    """Actions after each in turn has replied, until nothing moves; ``reply(i, others' sum)``."""
    x = np.zeros(n)
    for _ in range(rounds):
        before = x.copy()
        for i in range(n):
            x[i] = reply(i, x.sum() - x[i])
        if np.abs(x - before).max() <= 1e-15 * (1 + x.sum()):
            return x
    raise AssertionError("best replies do not settle")


# Known numbers: derived, and checked independently.


@pytest.mark.parametrize(
    ("w", "alpha", "G", "g"),
    [
        ([10, 6, 4, 2], 0.5, 5.333333333, [4.666666667, 0.666666667, 0, 0]),
        ([10, 6, 4, 2], 0.7, 8.75, [6.25, 2.25, 0.25, 0]),
        ([12, 8, 6, 4, 2], 0.8, 15, [8.25, 4.25, 2.25, 0.25, 0]),
        ([5, 5, 5, 5], 0.5, 4, [1, 1, 1, 1]),
        ([9, 7, 4, 2], 0.7, 8.75, [5.25, 3.25, 0.25, 0]),
        (
            [10, 6, 4, 2],
            [0.5, 0.7, 0.8, 0.9],
            7.886201991,
            [2.113798009, 2.620199147, 2.028449502, 1.123755334],
        ),
    ],
)
def test_pure_public_goods(w, alpha, G, g):
    e = only(PublicGood(w, alpha))
    assert e.aggregate == pytest.approx(G, abs=6e-10)
    np.testing.assert_allclose(e.actions, g, atol=6e-10)


@pytest.mark.parametrize(
    ("n", "G", "contributors"),
    [(10, 64, 4), (100, 86.821428571, 13), (1000, 95.626666667, 44), (10_000, 98.595744681, 140)],
)
def test_few_contribute_in_a_large_economy(n, G, contributors):
    """Andreoni 1988, J. Public Econ. 35: 57-73; numbers derived."""
    e = only(PublicGood((np.arange(1, n + 1) - 0.5) / n * 100, 0.5))
    assert e.aggregate == pytest.approx(G, abs=6e-10)
    assert np.count_nonzero(e.actions) == contributors


@pytest.mark.parametrize(
    ("ally", "alpha"),
    [
        ("Germany", 0.843821943),
        ("United Kingdom", 0.862630523),
        ("France", 0.875711189),
        ("Italy", 0.935825967),
        ("Canada", 0.945656356),
        ("Netherlands", 0.981652050),
        ("Belgium", 0.983759599),
        ("Denmark", 0.991082656),
        ("Turkey", 0.992355771),
        ("Norway", 0.993624381),
        ("Greece", 0.995200018),
        ("Portugal", 0.996847808),
        ("Luxembourg", 0.999437278),
    ],
)
def test_taste_at_which_an_ally_of_1964_begins_to_contribute(ally, alpha):
    """By hand, for the k-th: alpha / (1 - alpha) = (sum of the richer - (k - 1) w_k) / w_k."""
    i = list(NATO_1964).index(ally)
    w = list(NATO_1964.values())
    odds = (sum(w[:i]) - i * w[i]) / w[i]
    assert odds / (1 + odds) == pytest.approx(alpha, abs=6e-10)
    assert only(PublicGood(w, alpha - 2e-9)).actions[i] == 0
    assert only(PublicGood(w, alpha + 2e-9)).actions[i] > 0


def test_at_the_taste_that_fits_the_united_states_nobody_else_contributes():
    e = only(PublicGood(list(NATO_1964.values()), 0.09, players=NATO_1964))
    assert e.actions[0] == pytest.approx(51.2127, abs=1e-9)
    assert not e.actions[1:].any()


@pytest.mark.parametrize(
    ("w", "b", "c", "Q", "q"),
    [
        (
            [10, 6, 4, 2],
            0.05,
            0.05,
            1.519950141,
            [0.773414418, 0.391892160, 0.242019943, 0.112623620],
        ),
        (
            [10, 6, 4, 2],
            0.02,
            0.08,
            1.143042292,
            [0.736259845, 0.232407733, 0.123327959, 0.051046754],
        ),
        ([10, 6, 4, 2], 0.05, 0, 1.157894737, np.array([10, 6, 4, 2]) * 0.05 / 0.95),
        ([9, 7, 4, 2], 0.05, 0.05, 1.501780346, None),
    ],
)
def test_joint_products(w, b, c, Q, q):
    e = only(JointProducts(w, 0.9, b, c))
    assert e.aggregate == pytest.approx(Q, abs=6e-10)
    if q is not None:
        np.testing.assert_allclose(e.actions, q, atol=6e-10)


def test_joint_products_of_the_allies_of_1964():
    w = np.array(list(NATO_1964.values()))
    burden = only(JointProducts(w, 0.92, 0.04, 0.04)).actions / w
    np.testing.assert_allclose(
        burden[[0, 1, 2, -1]], [0.06894578, 0.04448795, 0.04417214, 0.04168248], atol=6e-9
    )
    assert (np.diff(burden) < 0).all()


@pytest.mark.parametrize(
    ("V", "x", "u"),
    [
        ([10, 6], [2.34375, 1.40625], [3.90625, 0.84375]),
        (
            [10, 6, 4],
            [2.37252862, 1.3735692, 0.12486993],
            [3.75650364, 0.75546306, 0.00416233],
        ),
        ([10, 6, 2], [2.34375, 1.40625, 0], [3.90625, 0.84375, 0]),
        ([10, 9, 8, 3], [2.40967147, 2.01625572, 1.52448603, 0], None),
    ],
)
def test_contests(V, x, u):
    e = only(Contest(V))
    np.testing.assert_allclose(e.actions, x, atol=6e-9)
    if u is not None:
        np.testing.assert_allclose(e.payoffs, u, atol=6e-9)


def test_shares_of_a_contest():
    e = only(Contest([1, 0.8, 0.5, 0.2]))
    assert e.aggregate == pytest.approx(0.470588235, abs=6e-10)
    np.testing.assert_allclose(
        e.profile.shares, [0.529411765, 0.411764706, 0.058823529, 0], atol=6e-10
    )


@pytest.mark.parametrize(
    ("w", "n", "rho", "g"),
    [
        (10, 2, 0, 3),
        (10, 2, 0.25, 2.553191489),
        (10, 2, 0.5, 2.222222222),
        (10, 2, 1, 1.764705882),
        (10, 5, 0.5, 1.25),
        ([10, 2], 2, 0.25, [2.986460348, 0.077369439]),
        ([10, 2], 2, 0.5, [3, 0]),
    ],
)
def test_arms_of_allies_who_may_not_come(w, n, rho, g):
    e = only(PublicGood(np.full(n, w) if np.isscalar(w) else w, 0.3, rho))
    np.testing.assert_allclose(e.actions, np.broadcast_to(g, n), atol=6e-10)


def test_reliability_at_which_a_weak_ally_disarms():
    """rho = w2 / ((1 - alpha) w1) = 2 / 7."""
    assert only(PublicGood([10, 2], 0.3, 2 / 7 - 1e-9)).actions[1] > 0
    assert only(PublicGood([10, 2], 0.3, 2 / 7 + 1e-9)).actions[1] == 0


# Closed forms and theorems.


@st.composite
def alliances(draw):
    n = draw(sizes)
    return several(draw, 0.1, 20, n), several(draw, 0.05, 0.95, n), several(draw, 0, 1, n)


@given(alliances())
@settings(deadline=None)
def test_public_goods_agree_with_best_replies(alliance):
    w, alpha, rho = alliance
    x = best_replies(lambda i, K: max(0, alpha[i] * w[i] - (1 - alpha[i]) * rho[i] * K), len(w))
    np.testing.assert_allclose(only(PublicGood(w, alpha, rho)).actions, x, atol=1e-11)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_joint_products_agree_with_best_replies_by_scalar_search(data):
    n = data.draw(st.integers(2, 3))
    w, a = several(data.draw, 1, 10, n), several(data.draw, 0.2, 1, n)
    b, c = several(data.draw, 0.05, 0.5, n), several(data.draw, 0, 0.5, n)

    def reply(i, K):
        def loss(x):
            return -(a[i] * np.log(w[i] - x) + b[i] * np.log(x) + c[i] * np.log(x + K))

        tight = {"xatol": 1e-11}
        return minimize_scalar(loss, bounds=(0, w[i]), method="bounded", options=tight).x

    x = np.zeros(n)
    for _ in range(60):
        for i in range(n):
            x[i] = reply(i, x.sum() - x[i])
    np.testing.assert_allclose(only(JointProducts(w, a, b, c)).actions, x, atol=1e-6)


@given(st.data())
@settings(deadline=None)
def test_contests_have_their_closed_form(data):
    """X = (m - 1) / sum of 1 / V_j over the m active, the most that all gain by being so."""
    V = several(data.draw, 0.1, 20, data.draw(sizes))
    order = -np.sort(-V)
    sums = [(m - 1) / (1 / order[:m]).sum() for m in range(1, len(V) + 1)]
    X = [X for m, X in enumerate(sums) if order[m] > X][-1]
    e = only(Contest(V))
    np.testing.assert_allclose(e.actions, np.maximum(0, X * (1 - X / V)), atol=1e-12)
    np.testing.assert_allclose(e.payoffs, V * np.maximum(0, 1 - X / V) ** 2, atol=1e-11)


@given(sizes, st.floats(0.05, 1), st.sampled_from([1e-9, 1.0, 1e9]))
@settings(deadline=None)
def test_equals_in_a_contest_with_decreasing_returns(n, r, V):
    """x = r (n - 1) V / n^2."""
    e = only(Contest([V] * n, r))
    np.testing.assert_allclose(e.actions, r * (n - 1) * V / n**2, rtol=1e-12)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_unequals_in_a_contest_with_decreasing_returns_satisfy_first_order_conditions(data):
    V, r = several(data.draw, 0.5, 10, data.draw(sizes)), data.draw(st.floats(0.3, 0.99))
    x = only(Contest(V, r)).actions
    Y = (x**r).sum()
    np.testing.assert_allclose(V * r * x ** (r - 1) * (Y - x**r) / Y**2, 1, rtol=1e-8)


@given(st.floats(0.1, 1), st.floats(1.001, 2.2), st.sampled_from([1e-9, 1.0, 1e9]))
@settings(deadline=None)
def test_two_rivals_with_increasing_returns(v, r, unit):
    """Nti 1999, Public Choice 98: 415-430: x_i = r V_i p (1 - p) iff r <= 1 + (V_2 / V_1)^r."""
    assume(abs(1 + v**r - r) > 1e-9)
    found = solve(Contest([unit, v * unit], r))
    assert found.coverage is Coverage.ALL_PURE
    assert len(found) == (r < 1 + v**r)
    p = 1 / (1 + v**r)
    for e in found:
        np.testing.assert_allclose(e.actions / unit, r * p * (1 - p) * np.array([1, v]), rtol=1e-9)


@pytest.mark.parametrize("r", [1.05, 1.2, 1.25, 1.3, 1.5, 1.7, 2, 2.1])
def test_how_many_of_four_equals_are_active_beyond_constant_returns(r):
    """m are, each with r (m - 1) / m^2, iff that pays them and no further effort pays the rest."""
    found = solve(Contest([1.0] * 4, r))
    x = np.linspace(0, 1, 100_001)
    expected = {}
    for m in (2, 3, 4):
        effort = r * (m - 1) / m**2
        others = (m - 1) * effort**r
        stays = 1 / m - effort >= (x**r / (x**r + others) - x).max() - 1e-9
        kept_out = m == 4 or (x**r / (x**r + m * effort**r) - x).max() <= 1e-9
        if stays and kept_out:
            expected[m] = math.comb(4, m)
    active = [np.count_nonzero(e.actions) for e in found]
    assert Counter(active) == expected
    for m, e in zip(active, found):
        np.testing.assert_allclose(e.actions[e.actions > 0], r * (m - 1) / m**2, rtol=1e-9)


def test_three_equals_dissipate_the_prize_at_the_limit():
    """n = 3, r = n / (n - 1) = 1.5: each gets nothing; and any two may shut out the third."""
    found = solve(Contest([1, 1, 1], 1.5))
    assert [np.count_nonzero(e.actions) for e in found] == [2, 2, 2, 3]
    np.testing.assert_allclose(found[3].payoffs, 0, atol=1e-12)


def test_contests_with_increasing_returns_agree_with_a_search_by_support():
    rng = np.random.default_rng(7)
    counts = Counter()
    for _ in range(40):
        V, r = rng.uniform(0.5, 2, 3), rng.uniform(1.05, 1.9)
        expected, close = efforts_by_support(V, r)
        if close:
            continue
        found = sorted(tuple(e.actions) for e in solve(Contest(V, r)))
        assert len(found) == len(expected)
        if expected:
            np.testing.assert_allclose(found, sorted(map(tuple, expected)), atol=1e-7)
        counts[len(found)] += 1
    assert counts[0] > 3
    assert counts[1] > 10
    assert counts[2] + counts[3] > 0


def efforts_by_support(V, r):
    """First-order conditions on each support, then every effort on a grid against them.

    With them, whether one is so close to a tie that the grid cannot tell.
    """
    grid = np.linspace(0, 1, 20_001)
    expected, close = [], False
    for active in ([0, 1], [0, 2], [1, 2], [0, 1, 2]):
        v = V[active]

        def slopes(log_x, v=v):
            impact = np.exp(r * log_x)
            rest = impact.sum() - impact
            return r * v * impact * rest / impact.sum() ** 2 / np.exp(log_x) - 1

        m = len(active)
        answer = root(slopes, np.log(r * (m - 1) / m**2 * v), tol=1e-13)
        if np.abs(answer.fun).max() > 1e-9:
            continue
        x = np.zeros(3)
        x[active] = np.exp(answer.x)
        gains = []
        for i in range(3):
            rest = (x**r).sum() - x[i] ** r
            tries = grid * V[i]
            u = V[i] * tries**r / (tries**r + rest) - tries
            gains.append((u.max() - (V[i] * x[i] ** r / (x[i] ** r + rest) - x[i])) / V[i])
        close |= 1e-7 < max(gains) < 1e-3
        if max(gains) <= 1e-7:
            expected.append(x)
        margin = V * x**r / (x**r).sum() - x
        close |= (np.abs(margin[active]) < 1e-3).any()
    return expected, close


def test_too_many_sets_of_active_players_are_not_passed_off_as_all(monkeypatch):
    monkeypatch.setattr(shares, "SETS", 4)
    found = solve(Contest([1.0] * 9, 1.5))
    assert found.coverage is Coverage.SAMPLE
    assert len(found) == 4
    assert "Only the first 4 sets" in found.notes[-1]
    assert solve(Contest([1.0, 1, 1], 1.5)).coverage is Coverage.ALL_PURE


@given(st.lists(st.floats(1, 20), min_size=3, max_size=6), st.floats(0.3, 0.95), st.floats(-1, 1))
@settings(deadline=None)
def test_redistribution_among_contributors_is_neutral(w, alpha, part):
    """Bergstrom, Blume & Varian 1986, Theorem 1: none loses more than he gave."""
    before = only(PublicGood(w, alpha))
    giving = np.flatnonzero(before.actions > 1e-6)
    moved = np.array(w)
    if len(giving) > 1:
        i, j = giving[:2]
        gift = part * min(before.actions[i], before.actions[j])
        moved[i], moved[j] = moved[i] - gift, moved[j] + gift
    after = only(PublicGood(moved, alpha))
    assert after.aggregate == pytest.approx(before.aggregate, rel=1e-12)
    np.testing.assert_allclose(after.payoffs, before.payoffs, rtol=1e-9)


@given(alliances(), st.data())
@settings(deadline=None)
def test_relabelling_the_players_relabels_the_equilibrium(alliance, data):
    w, alpha, rho = alliance
    order = list(data.draw(st.permutations(range(len(w)))))
    x = only(PublicGood(w, alpha, rho)).actions
    moved = only(PublicGood(w[order], alpha[order], rho[order])).actions
    np.testing.assert_allclose(moved, x[order], atol=1e-12)


@given(alliances(), st.sampled_from([1e-9, 1e9]))
@settings(deadline=None)
def test_the_unit_of_wealth_does_not_matter(alliance, unit):
    w, alpha, rho = alliance
    x = only(PublicGood(w, alpha, rho)).actions
    moved = only(PublicGood(w * unit, alpha, rho)).actions
    np.testing.assert_allclose(moved, x * unit, atol=1e-12 * unit)


@given(st.data())
@settings(deadline=None)
def test_the_values_of_a_contest_may_be_in_any_unit(data):
    V, r = (
        several(data.draw, 0.5, 10, data.draw(sizes)),
        data.draw(st.just(1.0) | st.floats(0.3, 1)),
    )
    x = only(Contest(V, r)).actions
    for unit in (1e-9, 1e9):
        np.testing.assert_allclose(only(Contest(V * unit, r)).actions, x * unit, atol=1e-11 * unit)


@given(alliances(), st.integers(0, 5))
@settings(deadline=None)
def test_an_ally_with_nothing_to_add_changes_nothing(alliance, k):
    """A copy of a player who gives nothing gives nothing."""
    w, alpha, rho = alliance
    e = only(PublicGood(w, alpha, rho))
    i = k % len(w)
    more = only(PublicGood(*(np.append(v, v[i]) for v in (w, alpha, rho))))
    assert more.aggregate >= e.aggregate * (1 - 1e-12)
    assert more.actions[i] == pytest.approx(more.actions[-1], abs=1e-12)
    if e.actions[i] == 0:
        assert more.aggregate == pytest.approx(e.aggregate, rel=1e-12)


@pytest.mark.parametrize("small", [1e-3, 1e-6, 1e-9])
def test_a_contest_of_very_unequal_prizes(small):
    """x_i = V_i p (1 - p) for the chances p and 1 - p = V_i / (V_1 + V_2); the rest stay out."""
    e = only(Contest([small, 1, small / 3, small / 2]))
    p = small / (1 + small)
    np.testing.assert_allclose(e.actions, [small * p * (1 - p), p * (1 - p), 0, 0], rtol=1e-6)


# Games from functions.


def complements(base, slope, top, n=2):
    """Actions x_i that answer the others' sum K: u = x (base + slope K) - x^2 / 2, 0 <= x <= top.

    Best reply base + slope K, up to ``top``; in the aggregate (base + slope X) / (1 + slope).
    """
    return AggregativeGame.of(
        lambda x, X: x * (base + slope * (X - x)) - x**2 / 2,
        lambda X: np.full(n, np.clip((base + slope * X) / (1 + slope), 0, top)),
        [top] * n,
        "rising",
    )


def test_strategic_complements_with_one_equilibrium():
    """Two with slope 1/2: x = base / (1 - 1/2)."""
    found = solve(complements(1, 0.5, 10))
    assert found.coverage is Coverage.ALL_PURE
    assert [e.aggregate for e in found] == [pytest.approx(4, rel=1e-12)]


def steps(X):
    """An S-shaped sum of replies with fixed points 0, 1 and 2 + sqrt(...) found by hand below."""
    return 3 * X**2 / (2 + X**2)


def coordination(monotone):
    """Two who answer the aggregate: u = x r(X') - x^2 / 2 with X' nearly out of their hands.

    The payoff is x t - x^2 / 2 where t solves for the reply: t(K) is the fixed point of
    x = steps(x + K) / 2 that is reached from below.
    """

    def reply(K):
        x = np.zeros_like(K, dtype=float)
        for _ in range(400):
            x = steps(x + K) / 2
        return x

    return AggregativeGame.of(
        lambda x, X: -((x - reply(np.maximum(X - x, 0))) ** 2),
        lambda X: np.full(2, steps(X) / 2),
        [2, 2],
        monotone,
    )


@pytest.mark.parametrize(
    ("monotone", "coverage"), [("rising", Coverage.ALL_PURE), ("unknown", Coverage.SAMPLE)]
)
def test_all_fixed_points_of_an_s_shaped_reply(monotone, coverage):
    """3 X^2 / (2 + X^2) = X: X = 0, 1, 2."""
    found = solve(coordination(monotone))
    assert found.coverage is coverage
    assert [e.aggregate for e in found] == pytest.approx([0, 1, 2], abs=1e-9)


def test_a_continuum_is_not_passed_off_as_a_list():
    """Slope 1 and base 0: any pair of equal actions is an equilibrium."""
    found = solve(complements(0, 1, 1))
    assert found.coverage is Coverage.UNKNOWN
    assert any(
        note.startswith("Not resolved: equilibria with aggregates from 0") for note in found.notes
    )
    assert all(certify_actions(e.profile).holds() for e in found)


def test_falling_shares_as_stated_promise_pure_equilibria():
    """Cournot: three sell at the price 1 - X, costs 0, .1 and .2 a unit; X = (3 - .3) / 4."""
    cost = np.array([0, 0.1, 0.2])

    def market(replacement, monotone="falling"):
        return AggregativeGame.of(lambda x, X: x * (1 - X - cost), replacement, [1] * 3, monotone)

    right = solve(market(lambda X: np.maximum(0, 1 - X - cost)))
    assert right.coverage is Coverage.ALL_PURE
    assert right[0].aggregate == pytest.approx(0.675, rel=1e-13)
    np.testing.assert_allclose(right[0].actions, [0.325, 0.225, 0.125], rtol=1e-12)
    sample = solve(market(lambda X: np.maximum(0, 1 - X - cost), "unknown"))
    assert sample.coverage is Coverage.SAMPLE
    np.testing.assert_allclose(sample[0].actions, right[0].actions, rtol=1e-12)
    with pytest.raises(ValueError, match=r"replacement: shares: .* gains .* the best reply"):
        solve(market(lambda X: np.maximum(0, 0.9 - X - cost)))


def test_a_game_nobody_wants_to_begin():
    game = AggregativeGame.of(lambda x, X: -x, lambda X: np.zeros(2), [1, 1], "falling")
    found = solve(game)
    assert [e.actions.tolist() for e in found] == [[0, 0]]
    assert found[0].profile.shares.tolist() == [0, 0]


def test_everybody_at_the_upper_bound():
    game = AggregativeGame.of(lambda x, X: x, lambda X: np.array([1.0, 0.1, 3]), [1, 0.1, 3])
    for monotone in ("falling", "rising"):
        object.__setattr__(game, "monotone", monotone)
        assert [e.actions.tolist() for e in solve(game)] == [[1, 0.1, 3]]


def test_what_is_stated_wrongly_is_named():
    rising = AggregativeGame.of(lambda x, X: x, lambda X: np.full(2, X**2 / 20), [3, 3], "falling")
    with pytest.raises(ValueError, match=r"monotone: the shares add up to .* do not fall"):
        solve(rising)
    falling = AggregativeGame.of(
        lambda x, X: x, lambda X: np.full(2, 1 / (1 + X)), [1, 1], "rising"
    )
    with pytest.raises(ValueError, match=r"monotone: the replacements add up to .* do not rise"):
        solve(falling)
    undefined = AggregativeGame.of(
        lambda x, X: x, lambda X: np.full(2, 0.5 if X else np.nan), [1, 1], "rising"
    )
    with pytest.raises(ValueError, match=r"replacement\(0\)"):
        solve(undefined)


def test_what_does_not_fit_is_refused():
    assert auto(Contest([1, 2])) == "shares"
    with pytest.raises(ValueError, match="needs an AggregativeGame, not a CountGame"):
        solve(CountGame([1, 1], [0, 2]), method="shares")
    with pytest.raises(ValueError, match="exact"):
        solve(Contest([1, 2]), exact=True)


def test_a_million_unequal_players_take_seconds():
    n = 10**6
    w = 1 + np.random.default_rng(5).pareto(1.5, n)
    start = perf_counter()
    e = only(JointProducts(w, 0.9, 0.02, 0.08))
    assert perf_counter() - start < 30
    q = e.actions
    np.testing.assert_allclose(0.9 / (w - q), 0.02 / q + 0.08 / q.sum(), rtol=1e-9)

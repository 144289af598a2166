"""Symmetric equilibria of count games: laws, planted roots, and a second way to find them."""

import math
from fractions import Fraction
from itertools import pairwise
from time import perf_counter

import flint
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import betainc
from scipy.stats import binom

from gametheory.count import CountGame
from gametheory.equilibrium import Component, Coverage, certify
from gametheory.game import Game, Profile
from gametheory.solvers import auto, solve
from gametheory.solvers import symmetric as solver
from gametheory.solvers._positive_roots import Polynomial

integers = st.integers(-6, 6) | st.integers(-(10**6), 10**6)
sequences = st.lists(integers, min_size=1, max_size=12)


def of_gain(d):
    """A game in which acting adds ``d[k]``; waiting pays something lopsided."""
    one = d[0] * 0 + 1
    return CountGame([x + k * one for k, x in enumerate(d)], [k * one for k in range(len(d))])


def threshold(n, m, c):
    """A good worth 1 to all iff at least ``m`` of ``n`` pay ``c`` (Palfrey & Rosenthal 1984)."""
    one = c * 0 + 1
    act = [one * (k >= m - 1) - c for k in range(n)]
    return CountGame(act, [one * (k >= m) for k in range(n)])


def quickest(work, times):
    """Seconds of the fastest of several runs: the others wait for the machine."""
    seconds = []
    for _ in range(times):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return min(seconds)


def acting(found):
    return [e.mixtures[0][0] for e in found]


def inside(found):
    return [q for q in acting(found) if 0 < q < 1]


def sign_changes(d):
    signs = [x > 0 for x in d if x]
    return sum(a != b for a, b in pairwise(signs))


def expanded(d):
    """The gain from acting as a sympy polynomial in powers of q."""
    n = len(d) - 1
    powers = [0] * (n + 1)
    for k, x in enumerate(d):
        for j in range(n - k + 1):
            powers[k + j] += (-1) ** j * math.comb(n, k) * math.comb(n - k, j) * x
    q = sympy.Symbol("q")
    return sympy.Poly(powers[::-1], q, domain="QQ")


def expected(d):
    """(lower, upper, multiplicity) of each root in (0, 1), by sympy's continued fractions."""
    eps = sympy.Rational(1, 10**14)
    roots = expanded(d).intervals(eps=eps, inf=0, sup=1)
    spans = [(*(Fraction(int(x.p), int(x.q)) for x in span), m) for span, m in roots]
    return [(a, b, m) for a, b, m in spans if (a, b) not in ((0, 0), (1, 1))]


@settings(deadline=None, max_examples=60)
@given(sequences.filter(any))
def test_agrees_with_isolation_in_another_basis(d):
    found = solve(of_gain(d))
    assert found.coverage is Coverage.ALL_SYMMETRIC
    qs = acting(found)
    assert (0 in qs) == (d[0] <= 0)
    assert (1 in qs) == (d[-1] >= 0)
    want = expected(d) if len(d) > 1 else []
    got = inside(found)
    assert len(got) == len(want)
    for q, (low, high, _) in zip(got, want):
        if isinstance(q, Fraction):
            assert low <= q <= high
        else:
            assert float(low) * (1 - 1e-15) - 1e-14 <= q <= float(high) * (1 + 1e-15) + 1e-14
    repeated = any(m > 1 for *_, m in want)
    assert found.degenerate == (repeated or d[0] == 0 or d[-1] == 0)
    assert len(found.notes) == sum(m > 1 for *_, m in want)


@given(sequences.filter(any))
def test_no_more_than_the_sign_changes_and_of_their_parity(d):
    # Peña, Lehmann & Nöldeke 2014: with multiplicity, so parity is for simple roots.
    found = solve(of_gain(d))
    changes = sign_changes(d)
    assert len(inside(found)) <= changes
    if not found.notes:
        assert (changes - len(inside(found))) % 2 == 0


@given(sequences.filter(any))
def test_rational_roots_are_found_as_fractions_and_no_others(d):
    linear = {
        Fraction(int(-f.nth(0).p) * int(f.nth(1).q), int(f.nth(0).q) * int(f.nth(1).p))
        for f, _ in expanded(d).factor_list()[1]
        if f.degree() == 1
    }
    found = {q for q in inside(solve(of_gain(d))) if isinstance(q, Fraction)}
    assert found == {q for q in linear if 0 < q < 1}


def planted(roots, rest=((1,),)):
    """Gains whose polynomial in the odds is the product of those with the roots, and ``rest``."""
    p = np.array([Fraction(1)], dtype=object)
    for a in roots:
        p = np.convolve(p, np.array([-a, 1 - a], dtype=object))
    for factor in rest:
        p = np.convolve(p, np.array([Fraction(x) for x in factor], dtype=object))
    n = len(p) - 1
    return [x / math.comb(n, k) for k, x in enumerate(p)]


between = st.fractions(0, 1, max_denominator=30).filter(lambda q: 0 < q < 1)
no_positive_root = st.sampled_from([(1,), (1, 1), (1, -1, 1), (2, -2, 1), (5, -4, 1), (1, 0, 1)])


@settings(deadline=None)
@given(st.lists(between, max_size=5), st.lists(no_positive_root, max_size=3), st.booleans())
def test_planted_roots_are_found_exactly(roots, rest, negative):
    d = planted(roots, rest)
    if negative:
        d = [-x for x in d]
    found = solve(CountGame(d, [0] * len(d)), exact=True)
    assert inside(found) == sorted(set(roots))
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)
    assert found.degenerate == (len(set(roots)) < len(roots))
    floats = solve(CountGame(d, [0] * len(d)), exact=False)
    assert inside(floats) == pytest.approx([float(q) for q in sorted(set(roots))], rel=3e-16, abs=0)


@pytest.mark.parametrize("copies", [1, 2, 3, 4])
@pytest.mark.parametrize("a", [Fraction(1, 2), Fraction(1, 3), Fraction(999, 1000)])
def test_repeated_roots_say_their_multiplicity(a, copies):
    found = solve(of_gain(planted([a] * copies + [Fraction(3, 4)])))
    assert inside(found) == sorted([a, Fraction(3, 4)])
    assert found.degenerate is (copies > 1)
    text = f"multiplicity {copies} at q = {a}."
    assert [n for n in found.notes if text in n] == list(found.notes)
    assert len(found.notes) == (copies > 1)


@given(sequences.filter(any))
def test_naming_waiting_acting_turns_chances_over(d):
    game = of_gain(d)
    mirror = CountGame(game.wait[::-1], game.act[::-1])
    got, turned = (acting(solve(g, exact=None)) for g in (game, mirror))
    assert len(got) == len(turned)
    for q, p in zip(got, reversed(turned)):
        assert type(q) is type(p)
        assert q == 1 - p if isinstance(q, Fraction) else q == pytest.approx(1 - p, abs=1e-15)


@pytest.mark.parametrize("unit", [Fraction(1, 10**9), 10**9])
@given(d=sequences.filter(any), zero=st.integers(-(10**9), 10**9))
def test_unit_and_zero_of_payoffs_do_not_matter(unit, d, zero):
    game = of_gain(d)
    moved = CountGame(unit * game.act + zero, unit * game.wait + zero)
    assert acting(solve(moved)) == acting(solve(game))


@pytest.mark.parametrize("unit", [2.0**-30, 2.0**30])
@given(d=sequences.filter(any))
def test_unit_of_float_payoffs_does_not_matter(unit, d):
    game = CountGame([float(x) for x in d], [0.0] * len(d))
    moved = CountGame([unit * x for x in d], [0.0] * len(d))
    assert acting(solve(moved)) == acting(solve(game))


@settings(deadline=None)
@given(st.lists(integers, min_size=1, max_size=7))
def test_every_one_is_an_equilibrium_of_the_full_table(d):
    game = of_gain(d)
    full = game.to_game()
    for e in solve(game):
        certificate = certify(Profile(full, e.mixtures))
        assert certificate.holds()
        assert certificate.exact == isinstance(e.mixtures[0][0], Fraction)


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=8), st.floats(1e-25, 1e-12), st.booleans())
def test_a_float_game_is_solved_to_its_last_bit(act, small, alternate):
    # The differences act - wait do not fit into floats.
    wait = [small * (-1) ** (k * alternate) for k in range(len(act))]
    assume(any(a != w for a, w in zip(act, wait)))
    floats = solve(CountGame(act, wait))
    exact = solve(CountGame(*([Fraction(x) for x in u] for u in (act, wait))), exact=False)
    assert acting(floats) == acting(exact)
    assert floats.degenerate == exact.degenerate


def test_a_tie_that_rounding_would_hide_or_make():
    # d = (-1/2, 1/2 + t, -1/2): g(1/2 + u) = t/2 - 2 (1 + t) u^2, so u = -+ sqrt(t / (4 + 4 t)).
    t = 2.0**-60
    tie = solve(CountGame([0.5, 1.5, 0.5], [1.0, 1.0, 1.0]))
    assert inside(tie) == [0.5]
    assert tie.degenerate is True
    split = solve(CountGame([-0.5, 0.5, -0.5], [0.0, -t, 0.0]))  # 0.5 + t is 0.5 in floats
    low, high = inside(split)
    assert high - low == pytest.approx(math.sqrt(t), rel=1e-6, abs=0)
    assert split.degenerate is False


# Symmetric mixed equilibria without refund: C(n-1, m-1) q^(m-1) (1-q)^(n-m) = c. Derived; checked
# independently by bracketing the pivotal probability. Model: Palfrey & Rosenthal 1984, J. Public
# Econ. 24(2): 171-193.
@pytest.mark.parametrize(
    ("n", "m", "c", "roots"),
    [
        (3, 2, 0.2, [0.112701665, 0.887298335]),
        (3, 2, 0.3, [0.183772234, 0.816227766]),
        (3, 2, 0.4, [0.276393202, 0.723606798]),
        (5, 2, 0.3, [0.104406843, 0.449457443]),
        (5, 3, 0.2, [0.240335189, 0.759664811]),
        (5, 3, 0.3, [0.337540152, 0.662459848]),
        (5, 4, 0.3, [0.550542557, 0.895593157]),
        (5, 5, 0.3, [0.740082804]),
        (10, 5, 0.2, [0.328153981, 0.564989894]),
        (20, 10, 0.1, [0.351953989, 0.597563206]),
        (3, 2, 0.6, []),
        (5, 3, 0.5, []),
        (20, 10, 0.2, []),
    ],
)
def test_collective_action_with_a_threshold(n, m, c, roots):
    found = solve(threshold(n, m, c))
    assert found.coverage is Coverage.ALL_SYMMETRIC
    assert inside(found) == pytest.approx(roots, abs=5e-10)
    assert acting(found)[0] == 0
    assert (acting(found)[-1] == 1) == (m == n)  # all act: nobody is spare only if all are needed
    assert found.degenerate is False


def test_success_at_the_high_root_of_a_threshold():
    """Ten states of whom five must act, c/b = .2: polarity 1.5.2, checked independently."""
    q = inside(solve(threshold(10, 5, 0.2)))[-1]
    assert binom.sf(4, 10, q) == pytest.approx(0.7693856, abs=6e-8)


# With refund a payer loses c only if the good is provided. Derived; checked independently.
@pytest.mark.parametrize(
    ("n", "m", "c", "q"),
    [
        (3, 2, 0.3, 0.823529412),
        (5, 3, 0.2, 0.766981384),
        (5, 3, 0.3, 0.691609371),
        (5, 3, 0.6, 0.453081839),
        (10, 5, 0.2, 0.589225162),
    ],
)
def test_collective_action_with_refund(n, m, c, q):
    act = [(1 - c) * (k >= m - 1) for k in range(n)]
    found = solve(CountGame(act, [float(k >= m) for k in range(n)]))
    assert inside(found) == pytest.approx([q], abs=5e-10)
    assert acting(found)[0] == 0
    assert found.degenerate  # if none acts, acting alone costs nothing
    act = [(1 - Fraction(str(c))) * (k >= m - 1) for k in range(n)]
    again = solve(CountGame(act, [int(k >= m) for k in range(n)]))
    assert inside(again) == pytest.approx([q], abs=5e-10)


# p = 1 - (K/U)^(1/(N-1)): Diekmann 1985, J. Conflict Resolut. 29(4): 605-610.
@pytest.mark.parametrize("n", [2, 3, 5, 10, 50, 1_000, 10_000])
@pytest.mark.parametrize("ratio", [0.5, 0.2, 0.999, 1e-9])
def test_volunteers_dilemma(n, ratio):
    ratio = 1.0 - (1.0 - ratio)  # the cost as the payoffs hold it
    found = solve(CountGame([1 - ratio] * n, [0.0] + [1.0] * (n - 1)))
    (q,) = acting(found)
    assert q == pytest.approx(-math.expm1(math.log(ratio) / (n - 1)), rel=1e-14, abs=0)


def test_volunteers_dilemma_in_fractions():
    game = CountGame([Fraction(1, 2)] * 2, [0, 1])
    assert solve(game, exact=True)[0].mixtures[1].tolist() == [Fraction(1, 2)] * 2
    three = CountGame([Fraction(3, 4)] * 3, [0, 1, 1])
    assert acting(solve(three, exact=True)) == [Fraction(1, 2)]


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_two_players_by_hand(stag, hare):
    d = (-stag, hare)
    assume(any(d))
    want = [Fraction(stag, stag + hare)] if stag * hare > 0 else []
    want = [0] * (stag >= 0) + want + [1] * (hare >= 0)
    assert acting(solve(CountGame(d, [0, 0]))) == want


def test_one_player():
    assert acting(solve(CountGame([2], [1]))) == [1]
    assert acting(solve(CountGame([1.0], [2.0]))) == [0]


@pytest.mark.parametrize("n", [1, 2, 5, 300])
def test_indifference_throughout_is_one_component(n):
    found = solve(CountGame(range(n), range(n)))
    assert acting(found) == [0, 1]
    assert found.coverage is Coverage.EXTREME
    assert found.components == (Component((0, 1)),)
    assert found.degenerate is True
    assert "every profile is an equilibrium" in found.notes[0]


@pytest.mark.parametrize(("n", "m"), [(3, 2), (4, 2), (7, 5), (50, 25), (51, 7), (90, 20)])
def test_at_just_below_and_just_above_the_peak(n, m):
    q = Fraction(m - 1, n - 1)
    peak = math.comb(n - 1, m - 1) * q ** (m - 1) * (1 - q) ** (n - m)
    at = solve(threshold(n, m, peak))
    assert inside(at) == [q]
    assert at.degenerate is True
    assert at.coverage is Coverage.ALL_SYMMETRIC
    for gap in (Fraction(1, 10**9), Fraction(1, 10**25)):
        above = solve(threshold(n, m, peak * (1 + gap)))
        assert acting(above) == [0]
        below = solve(threshold(n, m, peak * (1 - gap)))
        low, high = inside(below)
        # log g falls by (q - q0)^2 (n - 1) / (2 q0 (1 - q0)) near the peak.
        width = 2 * math.sqrt(2 * gap * q * (1 - q) / (n - 1))
        assert high - low == pytest.approx(width, rel=1e-3, abs=3e-16)
        assert low <= q <= high
        assert {above.coverage, below.coverage} == {Coverage.ALL_SYMMETRIC}
        assert not below.degenerate


@pytest.mark.parametrize("n", [2, 6, 40])
def test_chances_near_zero_and_one_keep_their_digits(n):
    # d_0 = -t, then 1: (1 - q)^(n - 1) (1 + t) = 1, so 1 - q = (1 + t)^(-1 / (n - 1)).
    for t in (1e-12, 1e-200):
        d = [-t] + [1.0] * (n - 1)
        near_zero = solve(CountGame(d, [0.0] * n))[1].mixtures[0]
        assert near_zero[0] == pytest.approx(t / (n - 1), rel=1e-11, abs=0)
        d = [-x for x in reversed(d)]
        near_one = solve(CountGame(d, [0.0] * n))[1].mixtures[0]
        assert near_one[1] == pytest.approx(t / (n - 1), rel=1e-11, abs=0)


def test_wide_ranges():
    d = [1e12, -1.0, 1e-12, -1e12, 1e-6, -1e-12, 1e12]
    want = expected([Fraction(x) for x in d])
    got = inside(solve(CountGame(d, [0.0] * len(d))))
    assert got == pytest.approx([float((a + b) / 2) for a, b, _ in want], rel=1e-9, abs=0)
    assert got


def values(d, q):
    """Gain from acting at each chance, by the distribution function of the binomial."""
    n = len(d) - 1
    k = np.arange(1, n + 1)
    at_least = betainc(k, n - k + 1, q[:, None])
    return d[0] + at_least @ np.diff(d)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_many_random_sign_changes(seed):
    d = np.random.default_rng(seed).normal(size=200)
    found = solve(CountGame(d, np.zeros(200)))
    grid = np.sin(np.linspace(0, np.pi / 2, 4_001)) ** 2
    g = values(d, grid)
    crossings = np.flatnonzero(g[:-1] * g[1:] < 0)
    got = np.array(inside(found))
    assert len(got) == len(crossings) > 5
    assert (grid[crossings] <= got).all()
    assert (got <= grid[crossings + 1]).all()


@pytest.mark.parametrize(("n", "m", "c"), [(1_000, 500, 0.01), (1_000, 30, 0.05), (999, 998, 0.1)])
@pytest.mark.parametrize("exact", [False, True])
def test_a_thousand_players(n, m, c, exact):
    found = solve(threshold(n, m, Fraction(str(c)) if exact else c))
    assert_pivotal(found, n, m, c)


@pytest.mark.parametrize(("m", "c"), [(5_000, 0.004), (20, 0.01), (9_999, 0.2)])
def test_ten_thousand_players(m, c):
    game = threshold(10_000, m, c)
    found = solve(game)
    assert_pivotal(found, 10_000, m, c)
    assert quickest(lambda: solve(game), 2) < 1  # seconds; a sixth on an idle machine


def assert_pivotal(found, n, m, c):
    """Two mixed equilibria, where the chance to be pivotal, by logarithms, is ``c``."""
    assert found.coverage is Coverage.ALL_SYMMETRIC
    low, high = inside(found)
    assert low < (m - 1) / (n - 1) < high
    ways = math.lgamma(n) - math.lgamma(m) - math.lgamma(n - m + 1)
    for q in (low, high):
        pivotal = ways + (m - 1) * math.log(q) + (n - m) * math.log1p(-q)
        assert pivotal == pytest.approx(math.log(c), abs=1e-9)


@pytest.mark.parametrize("n", [1_000, 10_000])
def test_too_dear_for_many(n):
    found = solve(threshold(n, n // 2, 0.9 * math.sqrt(2 / (math.pi * n)) * 1.2))
    assert acting(found) == [0]
    assert found.coverage is Coverage.ALL_SYMMETRIC


def test_two_thresholds_of_many():
    # The gain is the sum of two pivotal probabilities less the cost; four roots.
    n = 2_000
    d = np.full(n, -0.01)
    d[[500, 1_500]] += 1
    found = solve(CountGame(d, np.zeros(n)))
    assert found.coverage is Coverage.ALL_SYMMETRIC
    got = inside(found)
    assert len(got) == 4
    assert got[0] < 500 / 1_999 < got[1] < got[2] < 1_500 / 1_999 < got[3]
    assert abs(values(d, np.array(got))).max() < 1e-12


def test_where_the_count_is_not_proved_nothing_is_promised():
    n = 1_500
    d = np.random.default_rng(5).normal(size=n)
    found = solve(CountGame(d, np.zeros(n)))
    assert found.coverage is Coverage.UNKNOWN
    assert found.degenerate is None
    assert f"changes sign {sign_changes(d)} times" in found.notes[0]
    assert len(inside(found)) > 5


def test_a_peak_that_touches_zero_in_a_large_game_is_left_open():
    # peak = C(n-1, m-1) / 2^(n-1) at q = 1/2, where g has a double root
    n, m = 1_201, 601
    peak = Fraction(math.comb(n - 1, m - 1), 2 ** (n - 1))
    found = solve(threshold(n, m, peak))
    assert found.coverage is Coverage.UNKNOWN
    assert acting(found) == [0, 0.5]
    assert found.degenerate is None
    assert found.notes[0].startswith("At q = 0.5 the gain from acting touches zero")
    assert "up to 2 more" in found.notes[1]
    with pytest.raises(ValueError, match=r"q = 0\.5 is not known to be rational"):
        solve(threshold(n, m, peak), exact=True)
    near = solve(threshold(n, m, peak * (1 + Fraction(1, 10**30))))
    assert near.coverage is Coverage.ALL_SYMMETRIC
    assert acting(near) == [0]


def test_exact_asks_for_fractions():
    irrational = CountGame([Fraction(1, 2)] * 3, [0, 1, 1])
    with pytest.raises(ValueError, match=r"exact: .* q = 0\.292893 is not rational"):
        solve(irrational, exact=True)
    assert isinstance(acting(solve(irrational))[0], float)
    dyadic = CountGame([0.5, 0.5], [0.0, 1.0])
    assert acting(solve(dyadic, exact=True)) == [Fraction(1, 2)]
    assert solve(dyadic, exact=True)[0].mixtures[0].dtype == object
    assert solve(dyadic)[0].mixtures[0].dtype == float
    rational = CountGame([Fraction(1, 2)] * 2, [0, 1])
    assert solve(rational)[0].profile.exact
    assert solve(rational, exact=False)[0].mixtures[0].dtype == float


def test_a_rational_root_with_long_terms():
    q = Fraction(10**40 + 7, 3 * 10**40 + 1)
    assert inside(solve(of_gain(planted([q, Fraction(1, 7)])), exact=True)) == [Fraction(1, 7), q]


@pytest.mark.parametrize("bits", [50, 200, 900])
def test_signs_are_proved_however_near_the_root(bits):
    # 2^bits r = 2^(bits - 1) + 1, at the root and next to it
    p = Polynomial([-(2 ** (bits - 1)) - 1, 2**bits])
    with flint.ctx.workprec(2 * bits):
        root = flint.arb(2 ** (bits - 1) + 1) / 2**bits
        near = flint.arb(2) ** -(2 * bits - 10)
        assert [p.sign(r) for r in (root - near, root, root + near)] == [-1, 0, 1]


def test_count_games_go_to_this_solver_and_no_others_do():
    assert auto(CountGame([1, 2], [0, 0])) == "symmetric"
    table = Game.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="needs a CountGame, not a Game"):
        solver.solve(table)


def test_small_games_take_a_fraction_of_a_millisecond():
    game = threshold(10, 5, 0.2)
    assert quickest(lambda: solve(game), 50) < 2e-3  # seconds; a quarter of that on an idle machine


@pytest.mark.parametrize("k", [2, 3, 5, 6, 7, 8])
def test_a_chance_is_the_nearest_float(k):
    """q / (1 - q) is the square root of k where the gains are k, 0, -1: checked in integers."""
    found = solve(CountGame(act=[k, 0, 0], wait=[0, 0, 1]))
    (q,) = [e.mixtures[0][0] for e in found if 0 < e.mixtures[0][0] < 1]
    digits = 10**40
    odds = math.isqrt(k * digits**2)
    assert q == float(Fraction(odds, odds + digits))

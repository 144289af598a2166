"""Families of equilibria of count games: brute force over all profiles, laws, known totals."""

import itertools
import math
import re
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
from flint import arb, fmpz_poly
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binom

from gametheory.count import CountGame
from gametheory.equilibrium import Coverage, certify
from gametheory.game import Game, Profile
from gametheory.solvers import _gain_sweep as sweeper
from gametheory.solvers import families as solver
from gametheory.solvers import solve
from gametheory.solvers._positive_roots import Polynomial, Root

few = st.integers(-3, 3)
small = st.lists(few, min_size=1, max_size=4)
longer = st.lists(few | st.integers(-(10**6), 10**6), min_size=1, max_size=9)
between = st.fractions(0, 1, max_denominator=20).filter(lambda q: 0 < q < 1)


def of_gain(d):
    """A game in which acting adds ``d[k]``; waiting pays something lopsided."""
    one = d[0] * 0 + 1
    return CountGame([x + k * one for k, x in enumerate(d)], [k * one for k in range(len(d))])


def threshold(n, m, c):
    """A good worth 1 to all iff at least ``m`` of ``n`` pay ``c`` (Palfrey & Rosenthal 1984)."""
    one = c * 0 + 1
    act = [one * (k >= m - 1) - c for k in range(n)]
    return CountGame(act, [one * (k >= m) for k in range(n)])


def found(game, swept=False, **options):
    """The families, by the sweep in floats (for more than 30 players) or pair by pair."""
    with mock.patch.object(solver, "ONE_BY_ONE", 0 if swept else 30):
        return solve(game, method="families", **options)


def shapes(result):
    """(acting, mixing, waiting, q) of each member, with q None where none mixes."""
    rows = []
    for e in result:
        qs = [x[0] for x in e.mixtures]
        mixing = [q for q in qs if 0 < q < 1]
        assert len(set(mixing)) <= 1
        acting = sum(q == 1 for q in qs)
        assert qs == [1] * acting + mixing + [0] * (len(qs) - acting - len(mixing))
        q = mixing[0] if mixing else None
        rows.append((acting, len(mixing), len(qs) - acting - len(mixing), q))
    return rows


def regret(d, chances):
    """The largest regret, from the chance of each subset of the others who act."""
    worst = 0.0
    for i, own in enumerate(chances):
        others = chances[:i] + chances[i + 1 :]
        gain = 0.0
        for acts in itertools.product((0, 1), repeat=len(others)):
            chance = math.prod(q if a else 1 - q for q, a in zip(others, acts))
            gain += chance * d[sum(acts)]
        worst = max(worst, gain * (1 - own), -gain * own)
    return worst


def candidates(window):
    """The chances in (0, 1) at which the gain is zero, by the eigenvalues numpy takes for roots."""
    top = len(window) - 1
    odds = np.roots([math.comb(top, s) * x for s, x in enumerate(window)][::-1])
    real = [r.real for r in odds if abs(r.imag) < 1e-5 and r.real > 1e-5]
    qs = sorted(r / (1 + r) for r in real)
    return [q for i, q in enumerate(qs) if i == 0 or q - qs[i - 1] > 1e-5]


def brute(d):
    """Every equilibrium with one chance of mixing, continua left out: what each player plays."""
    profiles = []
    for roles in itertools.product("amw", repeat=len(d)):
        j, k = roles.count("a"), roles.count("m")
        if k and not any(d[j : j + k]):
            continue
        for q in candidates(d[j : j + k]) if k else [None]:
            chances = [{"a": 1.0, "w": 0.0, "m": q}[role] for role in roles]
            if regret(d, chances) < 1e-6:
                profiles.append((j, k, len(d) - j - k, q))
    return profiles


@settings(deadline=None, max_examples=40)
@given(small, st.booleans())
def test_same_as_brute_force_over_all_profiles(d, swept):
    result = found(of_gain(d), swept)
    got, want = shapes(result), brute(d)
    assert len(want) == sum(result.multiplicity)
    expanded = [row for row, m in zip(got, result.multiplicity) for _ in range(m)]
    key = lambda row: (row[:3], float(row[3] or 0))  # noqa: E731
    for a, b in zip(sorted(expanded, key=key), sorted(want, key=key)):
        assert a[:3] == b[:3]
        assert a[3] == b[3] or abs(a[3] - b[3]) < 1e-5


@settings(deadline=None, max_examples=100)
@given(longer)
def test_swapping_the_actions_mirrors_the_list(d):
    result, mirror = found(of_gain(d)), found(of_gain([-x for x in d[::-1]]))
    got = sorted((w, k, j, float(q is not None and 1 - q)) for j, k, w, q in shapes(mirror))
    want = sorted((j, k, w, float(q or 0)) for j, k, w, q in shapes(result))
    assert [row[:3] for row in got] == [row[:3] for row in want]
    assert [row[3] for row in got] == pytest.approx([row[3] for row in want], rel=1e-9, abs=1e-12)
    assert sorted(result.multiplicity) == sorted(mirror.multiplicity)
    assert result.degenerate == mirror.degenerate
    assert len(result.notes) == len(mirror.notes)


@settings(deadline=None, max_examples=60)
@given(longer.filter(any))
def test_symmetric_members_are_the_symmetric_equilibria(d):
    game = of_gain(d)
    alike = [e.mixtures[0][0] for e in found(game) if len({tuple(x) for x in e.mixtures}) == 1]
    assert sorted(alike) == [e.mixtures[0][0] for e in solve(game, method="symmetric")]


@settings(deadline=None, max_examples=60)
@given(longer, st.booleans())
def test_members_are_certified_and_counted(d, exact):
    game = of_gain(d if exact else [float(x) for x in d])
    result = found(game)
    assert result.coverage is Coverage.ALL_ONE_LEVEL
    n = len(d)
    for e, m, (j, k, w, q) in zip(result, result.multiplicity, shapes(result)):
        certificate = certify(e.profile)
        assert certificate.holds(1e-12)
        if exact and (q is None or isinstance(q, Fraction)):
            assert certificate.exact
            assert certificate.regret == 0
        assert m == math.factorial(n) // (math.factorial(j) * math.factorial(k) * math.factorial(w))
    assert len(set(shapes(result))) == len(result)


@settings(deadline=None, max_examples=40)
@given(longer, st.sampled_from([1e-9, 3.0, 1e9]), st.sampled_from([0.0, 7.0]))
def test_unit_and_zero_of_payoffs_do_not_matter(d, unit, zero):
    game = of_gain(d)
    scaled = CountGame(
        [Fraction(unit) * x + Fraction(zero) for x in game.act],
        [Fraction(unit) * x + Fraction(zero) for x in game.wait],
    )
    assert shapes(found(scaled)) == shapes(found(game))


@settings(deadline=None, max_examples=50)
@given(st.lists(few | st.integers(-(10**6), 10**6), min_size=1, max_size=16), st.booleans())
@example(  # a chance so near to the middle of two floats that 60 bits do not tell which is nearest
    [-2, -1, -3, 3, -6413, -28597, -5706, -3, 262144, -1, 1536, 4066, -1, -37342, -3], True
)
def test_the_sweep_finds_what_exact_isolation_finds(d, rational):
    game = of_gain([Fraction(x) if rational else float(x) for x in d])
    swept, isolated = found(game, swept=True), found(game)
    assert [row[:3] for row in shapes(swept)] == [row[:3] for row in shapes(isolated)]
    for a, b in zip(shapes(swept), shapes(isolated)):
        assert a[3] == b[3] if rational else (a[3] or 0) == pytest.approx(b[3] or 0, abs=1e-12)
    assert swept.notes == isolated.notes


@settings(deadline=None, max_examples=40)
@given(
    st.lists(few | st.integers(-(10**6), 10**6), min_size=2, max_size=40).filter(any),
    st.sampled_from([0.5, 0.15, 0.03]),
    st.randoms(use_true_random=False),
)
def test_signs_that_the_sweep_claims_for_a_cell_hold_in_it(d, step, random):
    n, edges = len(d), sweeper._cells(len(d), step)[0]
    every = [np.arange(n - L) for L in range(1, n)]
    with mock.patch.object(sweeper, "_gaps", wraps=sweeper._gaps) as gaps:
        list(sweeper.sweep(d, every, step))
    claims = 0
    for _ in range(60):
        signs, slopes = gaps.call_args_list[random.randrange(n - 1)].args[:2]
        cell, j = random.randrange(signs.shape[0]), random.randrange(signs.shape[1])
        L = n - signs.shape[1]
        at = Fraction(random.choice([1, 3, 50, 99]), 100)
        q = Fraction(edges[cell]) + at * (Fraction(edges[cell + 1]) - Fraction(edges[cell]))
        weights = [math.comb(L, s) * q**s * (1 - q) ** (L - s) for s in range(L + 1)]
        gain = sum(w * x for w, x in zip(weights, d[j:]))
        slope = sum(w * x * (s - L * q) for s, (w, x) in enumerate(zip(weights, d[j:])))
        for claimed, value in ((signs[cell, j], gain), (slopes[cell, j], slope)):
            claims += bool(claimed)
            assert claimed == 0 or claimed * value > 0
    assert claims > 0


def test_threshold_families_by_the_two_sides_of_each_peak():
    # The chance that all but one of those needed act rises up to the mode, then falls.
    n, m, c = 60, 20, 0.07
    want = {(j, 0): [0] for j in (0, m)}
    for j, k in itertools.product(range(m), range(2, n + 1)):
        top, need = k - 1, m - 1 - j
        if j + k > n or not 0 <= need <= top:
            continue
        mode = need / top
        for low, high in ((0, mode), (mode, 1)):
            ends = [binom.pmf(need, top, q) - c for q in (low, high)]
            if ends[0] * ends[1] < 0:
                q = brentq(lambda q, s, t: binom.pmf(s, t, q) - c, low, high, (need, top), 1e-14)
                fewer, more = binom.pmf(need + 1, top, q), binom.pmf(need - 1, top, q)
                if (j == 0 or fewer > c) and (j + k == n or more < c):
                    want.setdefault((j, k), []).append(q)
    got = {}
    for j, k, _, q in shapes(found(threshold(n, m, c))):
        got.setdefault((j, k), []).append(q or 0)
    assert got.keys() == want.keys()
    for pair, qs in got.items():
        assert qs == pytest.approx(want[pair], abs=1e-9)


def test_hundreds_of_players():
    d = np.cumsum(np.random.default_rng(3).integers(-3, 4, 250)).tolist()
    families, complete = solver.families(d, False)
    mirror, _ = solver.families([-x for x in d[::-1]], False)
    assert complete
    assert len(families) > 1000
    key = lambda row: (row[:3], row[3])  # noqa: E731
    got = sorted([(f.waiting, f.mixing, f.acting, f.rest) for f in mirror], key=key)
    want = sorted([(f.acting, f.mixing, f.waiting, f.q) for f in families], key=key)
    assert [row[:3] for row in got] == [row[:3] for row in want]
    mixed = [(a[3], b[3]) for a, b in zip(got, want) if a[1]]
    assert all(abs(a - b) < 1e-9 for a, b in mixed)


def planted(roots):
    """Gains whose polynomial in the odds is the product of those with the roots."""
    p = np.array([Fraction(1)], dtype=object)
    for a in roots:
        p = np.convolve(p, np.array([-a, 1 - a], dtype=object))
    n = len(p) - 1
    return [x / math.comb(n, k) for k, x in enumerate(p)]


@settings(deadline=None, max_examples=60)
@given(between, st.lists(between, max_size=3), st.booleans(), st.booleans())
def test_a_repeated_root_ties_those_who_are_sure(q, others, negative, swept):
    # w' = L (shifted w - w), so a double root is shared by the gains with one mixer less.
    d = [-x if negative else x for x in planted([q, q, *others])]
    result = found(CountGame(d, [0] * len(d)), swept)
    rows, n = shapes(result), len(d)
    at = {row: k for k, row in enumerate(rows)}
    assert result.degenerate
    assert (0, n, 0, q) in at
    note = next(x for x in result.notes if x.startswith("The chance is a repeated root"))
    assert at[0, n, 0, q] in listed(note)
    for note, row in [
        ("Those who wait", (0, n - 1, 1, q)),
        ("Those who act", (1, n - 1, 0, q)),
    ]:
        assert at[row] in listed(next(x for x in result.notes if x.startswith(note)))


def test_a_common_divisor_counts_only_where_it_is_zero():
    own = Polynomial([2, -3, 1])  # (r - 1) (r - 2)
    root = Root(own, arb(0.5), arb(1.5), 1)
    assert solver._divides(root, fmpz_poly([-1, 1]) * fmpz_poly([3, 1]))
    assert not solver._divides(root, fmpz_poly([-2, 1]) * fmpz_poly([3, 1]))
    assert not solver._divides(root, fmpz_poly([3, 1]))


def listed(note):
    """The indices that a note names."""
    found = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", note):
        found |= set(range(int(first), int(last or first) + 1))
    return found


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from([0, 0, 1, -1, 2]), min_size=1, max_size=7), st.data())
def test_the_notes_name_every_continuum(d, data):
    game, n = of_gain(d), len(d)
    result = found(game)
    ranges = [
        tuple(map(int, re.findall(r"\d+", note)))
        for note in result.notes
        if note.startswith("Every profile")
    ]
    third = [Fraction(1, 3), Fraction(2, 3)]
    for j in range(n):
        for k in range(1, n - j + 1):
            if any(d[j : j + k]):
                continue
            profile = Profile(game, [[1, 0]] * j + [third] * k + [[0, 1]] * (n - j - k))
            named = any(least <= j and j + k <= most for least, most in ranges)
            assert named == (certify(profile).regret == 0)
    for least, most in ranges:
        qs = data.draw(st.lists(between, min_size=most - least, max_size=most - least))
        mixed = [[q, 1 - q] for q in qs]
        profile = Profile(game, [[1, 0]] * least + mixed + [[0, 1]] * (n - most))
        assert certify(profile).regret == 0
        assert {(j, 0, n - j, None) for j in range(least, most + 1)} <= set(shapes(result))
        assert result.degenerate


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("n", "m", "c", "families", "profiles"),
    # derived; checked independently: enumeration of (j, k), and pygambit for n = 3, 5
    [
        (3, 2, "0.3", None, 9),
        (4, 2, "0.3", None, 29),
        (5, 3, "0.3", None, 83),
        (5, 1, "0.3", None, 31),
        (8, 4, "0.2", 19, 3_309),
        (20, 10, "0.1", 103, 2_846_312_409),
    ],
)
def test_threshold_games(n, m, c, families, profiles, exact):
    result = found(threshold(n, m, Fraction(c) if exact else float(c)))
    assert sum(result.multiplicity) == profiles
    assert families is None or len(result) == families
    assert result.degenerate is False
    assert result.notes == ()


def test_fifty_players():
    result = found(threshold(50, 25, Fraction(1, 20)))  # derived; checked independently
    assert len(result) == 628
    assert sum(result.multiplicity) == pytest.approx(7.0e23, rel=0.01)
    assert all(e.certificate.holds(1e-12) for e in result)


@pytest.mark.parametrize("n", range(2, 14))
def test_volunteers(n):
    # Each nonempty set of players but the single ones mixes; a single one acts for sure.
    result = found(threshold(n, 1, Fraction(1, 3)))
    assert sum(result.multiplicity) == 2**n - 1


def test_equilibria_with_two_chances_are_not_in_the_list():
    game = threshold(4, 2, Fraction(45, 100))  # derived; checked independently
    x, y = ([Fraction(q, 20), Fraction(20 - q, 20)] for q in (8, 5))
    assert certify(Profile(game, [x, x, y, y])).regret == 0
    result = found(game)
    assert sum(result.multiplicity) == 27
    assert "two or more different chances were not sought" in str(result.coverage)


def test_multiplicities_are_shown():
    result = found(threshold(3, 2, Fraction(3, 10)))
    assert result.multiplicity == (1, 3, 3, 1, 1)
    assert repr(result).count("(x 3)") == 2
    assert result.to_frame()["", "multiplicity"].tolist() == [1, 3, 3, 1, 1]
    assert ("", "multiplicity") not in solve(result.game, method="symmetric").to_frame()


def test_exact_chances_on_demand():
    game = threshold(3, 2, Fraction(3, 10))
    with pytest.raises(ValueError, match=r"in which 0 for sure, 3 with chance 0\.18"):
        found(game, exact=True)
    two = CountGame([1, 1], [0, 3])
    assert shapes(found(two, exact=True)) == [(1, 0, 1, None), (0, 2, 0, Fraction(1, 3))]
    assert [e.mixtures[0].dtype for e in found(two, exact=False)] == [np.float64] * 2


def test_indices_are_grouped():
    assert solver._indices([0, 3, 4, 5, 9]) == "0, 3-5, 9"


def test_only_count_games():
    with pytest.raises(ValueError, match="needs a CountGame, not a Game"):
        solver.solve(Game.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 1]]))


def test_a_budget_ends_a_long_list_and_says_so(monkeypatch):
    """Gains of random sign have many families: the list keeps those with the fewest who mix."""
    game = of_gain(np.random.default_rng(7).standard_normal(40))
    whole = solve(game, method="families")
    assert whole.coverage is Coverage.ALL_ONE_LEVEL
    monkeypatch.setattr(solver, "MOST", 40 * 200)
    cut = solve(game, method="families")
    assert len(cut) == 200 < len(whole)
    assert cut.coverage is Coverage.UNKNOWN
    assert cut.degenerate is None
    assert "The budget of 200 families ended with" in cut.notes[-1]
    assert [e.profile for e in cut] == [e.profile for e in whole[:200]]

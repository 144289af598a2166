"""Laws of evolutionary stability, and invasions tried from the definition."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.count import CountGame
from gametheory.equilibrium import Equilibrium, certify
from gametheory.evolutionary import evolutionarily_stable, neutrally_stable
from gametheory.game import Game, Profile
from gametheory.refine import proper, refinements, strict
from gametheory.solvers import solve

quick = settings(max_examples=60, deadline=None)


def symmetric(A):
    A = np.array(A, dtype=object)
    return Game.from_payoffs(A, A.T)


def at(game, *mixtures):
    profile = Profile(game, mixtures)
    return Equilibrium(profile, certify(profile), "by hand")


def alike(game):
    """The extreme equilibria in which both mix alike."""
    found = solve(game, method="extreme")
    return [e for e in found if e.mixtures[0].tolist() == e.mixtures[1].tolist()]


def squares(values, sizes=(1, 4)):
    return st.integers(*sizes).flatmap(
        lambda m: st.lists(st.lists(values, min_size=m, max_size=m), min_size=m, max_size=m)
    )


tied = squares(st.integers(-2, 2))


def worth(A, x, y):
    return sum(p * Fraction(A[a][b]) * q for a, p in enumerate(x) for b, q in enumerate(y))


def grid(m, parts):
    """All mixtures whose chances are multiples of 1/parts."""
    for cuts in itertools.combinations(range(parts + m - 1), m - 1):
        ends = [-1, *cuts, parts + m - 1]
        yield [Fraction(b - a - 1, parts) for a, b in itertools.pairwise(ends)]


def mutants(A, x):
    """Mixtures on a grid, and steps from ``x`` towards each of them."""
    for y in grid(len(x), {1: 1, 2: 24, 3: 12, 4: 6}[len(x)]):
        yield y
        yield [p + (q - p) / 50 for p, q in zip(x, y)]


def repels(A, x, y, weakly=False):
    """Whether ``x`` repels ``y`` when it is rare: against x itself, and if that ties against y."""
    first = worth(A, x, x) - worth(A, y, x)
    second = worth(A, x, y) - worth(A, y, y)
    return first > 0 or (first == 0 and (second >= 0 if weakly else second > 0))


@quick
@given(tied)
def test_mutants_from_the_definition(A):
    """True: none of many mutants invades. False: the one that is named does."""
    for e in alike(symmetric(A)):
        x = e.mixtures[0].tolist()
        stable, neutral = evolutionarily_stable(e), neutrally_stable(e)
        for y in mutants(A, x):
            if stable and y != x:
                assert repels(A, x, y)
            if neutral:
                assert repels(A, x, y, weakly=True)
        for answer, weakly in ((stable, False), (neutral, True)):
            if not answer:
                (y,) = answer.evidence
                assert sum(y) == 1
                assert min(y) >= 0
                assert y.tolist() != x
                assert not repels(A, x, y.tolist(), weakly)


@quick
@given(tied)
def test_strict_implies_stable_implies_proper_and_neutral_and_no_other_near(A):
    """Evolutionarily stable ones are proper (after van Damme 1991)."""
    game = symmetric(A)
    for e in alike(game):
        stable = evolutionarily_stable(e).holds
        assert strict(e) <= stable <= neutrally_stable(e).holds
        assert stable <= proper(e).holds
        if stable:  # no equilibrium mixes fewer of its actions, or others that reply as well
            u = [
                worth(A, [int(k == a) for k in range(len(A))], e.mixtures[0]) for a in range(len(A))
            ]
            best = {a for a, v in enumerate(u) if v == max(u)}
            inside = [o for o in alike(game) if set(o.profile.support[0]) <= best]
            assert len(inside) == 1


@quick
@given(tied, st.data())
def test_names_and_units_do_not_matter(A, data):
    m = len(A)
    order = data.draw(st.permutations(range(m)))
    shifts = data.draw(st.lists(st.integers(-3, 3), min_size=2 * m, max_size=2 * m))
    P = np.array(A, dtype=object)[np.ix_(order, order)]
    mine = P * Fraction(2, 7) + np.array(shifts[:m])
    theirs = P * 3 + np.array(shifts[m:])
    other = Game.from_payoffs(mine, theirs.T)
    for e in alike(symmetric(A)):
        x = e.mixtures[0][list(order)]
        moved = at(other, x, x)
        assert evolutionarily_stable(moved).holds == evolutionarily_stable(e).holds
        assert neutrally_stable(moved).holds == neutrally_stable(e).holds


@quick
@given(tied, st.sampled_from([2.0**-30, 1.0, 2.0**30]))
def test_floats_are_the_rationals_they_are(A, unit):
    exact = alike(symmetric(A))
    game = Game.from_payoffs(np.array(A, float) * unit, np.array(A, float).T * unit)
    for e in exact:
        x = e.mixtures[0].astype(float)
        assert evolutionarily_stable(at(game, x, x)).holds == evolutionarily_stable(e).holds


@quick
@given(tied, st.data())
def test_a_double_of_an_action_in_use_leaves_it_neutral_at_best(A, data):
    for e in alike(symmetric(A)):
        a = data.draw(st.sampled_from(e.profile.support[0]))
        order = [*range(len(A)), a]
        twin = symmetric(np.array(A, dtype=object)[np.ix_(order, order)])
        bigger = at(twin, *[[*x, 0] for x in e.mixtures])
        assert evolutionarily_stable(bigger).holds is False
        assert neutrally_stable(bigger).holds == neutrally_stable(e).holds


@quick
@given(tied, st.data())
def test_a_strictly_dominated_action_changes_nothing(A, data):
    m = len(A)
    column = data.draw(st.lists(st.integers(-2, 2), min_size=m, max_size=m))
    bigger = symmetric([*[[*row, v] for row, v in zip(A, column)], [-9] * (m + 1)])
    for e in alike(symmetric(A)):
        twin = at(bigger, *[[*x, 0] for x in e.mixtures])
        assert evolutionarily_stable(twin).holds == evolutionarily_stable(e).holds


@pytest.mark.parametrize(
    ("win", "stable", "neutral"), [(2, 1, 1), (1, 0, 1), (Fraction(1, 2), 0, 0)]
)
def test_rock_paper_scissors(win, stable, neutral):
    """A win pays ``win``, a loss -1: stable iff it pays more (after Weibull 1995)."""
    (e,) = alike(symmetric([[0, -1, win], [win, 0, -1], [-1, win, 0]]))
    assert (evolutionarily_stable(e).holds, neutrally_stable(e).holds) == (stable, neutral)


def test_copositive_but_not_definite():
    """Three best replies out of use; their quadratic form is positive on the cone only (derived).

    Action 0 is played; u(a, 0) = 0 for all. C = [[1, 3, 3], [3, 1, 3], [3, 3, 1]] has a negative
    eigenvalue -2, and is positive where chances are. With -2 beside one pair, mutants invade by it.
    """
    C = [[1, 3, 3], [3, 1, 3], [3, 3, 1]]
    A = [[0, 0, 0, 0], *[[0, *(-v for v in row)] for row in C]]
    e = at(symmetric(A), [1, 0, 0, 0], [1, 0, 0, 0])
    assert evolutionarily_stable(e).holds
    A[1][2] = A[2][1] = 2
    e = at(symmetric(A), [1, 0, 0, 0], [1, 0, 0, 0])
    answer = evolutionarily_stable(e)
    assert answer.holds is False
    assert answer.evidence[0].tolist()[3] == 0
    A[1][2] = A[2][1] = 1  # now zero along one ray: neutral, not stable
    e = at(symmetric(A), [1, 0, 0, 0], [1, 0, 0, 0])
    assert (evolutionarily_stable(e).holds, neutrally_stable(e).holds) == (False, True)


def test_horn_matrix_is_neutral():
    """Copositive, and no sum of a definite and a nonnegative matrix (Horn; Hall & Newman 1963)."""
    H = [
        [1, -1, 1, 1, -1],
        [-1, 1, -1, 1, 1],
        [1, -1, 1, -1, 1],
        [1, 1, -1, 1, -1],
        [-1, 1, 1, -1, 1],
    ]
    A = [[0] * 6, *[[0, *(-v for v in row)] for row in H]]
    e = at(symmetric(A), *[[1, 0, 0, 0, 0, 0]] * 2)
    assert (evolutionarily_stable(e).holds, neutrally_stable(e).holds) == (False, True)
    A = [
        [0] * 6,
        *[[0, *(-3 * v - (k == r) for k, v in enumerate(row))] for r, row in enumerate(H)],
    ]
    e = at(symmetric(A), *[[1, 0, 0, 0, 0, 0]] * 2)
    assert evolutionarily_stable(e).holds is True


def test_too_many_best_replies_are_left_undecided():
    m = 17
    A = np.ones((m, m), dtype=int) - 2 * np.eye(m, dtype=int)
    A[0, :] = A[:, 0] = 0
    mixed = [[0, *row] for row in -np.where(np.eye(m - 1, dtype=int), 9, -1)]
    e = at(symmetric([[0] * m, *mixed]), *[[1] + [0] * (m - 1)] * 2)
    assert evolutionarily_stable(e).holds is None
    e = at(symmetric([[0] * m, *(-abs(np.array(mixed)))]), *[[1] + [0] * (m - 1)] * 2)
    assert evolutionarily_stable(e).holds is True


def test_what_is_not_symmetric_is_named():
    game = Game.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 2]], actions=[["a", "b"], ["l", "r"]])
    with pytest.raises(ValueError, match="not symmetric: b of Player 1 against l"):
        evolutionarily_stable(at(game, [1, 0], [1, 0]))
    with pytest.raises(ValueError, match="2 actions, Player 2 3"):
        evolutionarily_stable(at(Game(np.zeros((2, 3, 2), int)), [1, 0], [1, 0, 0]))
    with pytest.raises(ValueError, match="3 players"):
        neutrally_stable(at(Game(np.zeros((2, 2, 2, 3), int)), *[[1, 0]] * 3))
    with pytest.raises(ValueError, match="mix differently"):
        evolutionarily_stable(at(symmetric([[0, 1], [1, 0]]), [1, 0], [0, 1]))
    with pytest.raises(ValueError, match="mix differently"):
        evolutionarily_stable(at(CountGame(act=[0, 1], wait=[1, 0]), [1, 0], [0, 1]))


def test_a_float_profile_of_no_known_equilibrium_is_not_judged():
    game = Game.from_payoffs(np.zeros((3, 3)), np.zeros((3, 3)))
    x = [0.1, 0.2, 0.7]
    assert evolutionarily_stable(at(game, x, x)).holds is None
    assert neutrally_stable(at(game, x, x)).holds is None


# Games that depend on how many act

gains = st.integers(1, 5).flatmap(lambda n: st.lists(st.integers(-2, 2), min_size=n, max_size=n))


def expected_gain(d, q):
    """What acting adds if each of the others acts with chance q: over all their choices."""
    total = Fraction(0)
    for others in itertools.product((0, 1), repeat=len(d) - 1):
        chance = Fraction(1)
        for acts in others:
            chance *= q if acts else 1 - q
        total += chance * d[sum(others)]
    return total


@quick
@given(gains)
def test_a_rare_mutant_in_groups_of_players(d):
    """Opponents are drawn one by one from a population with a share eps = 1e-6 of mutants."""
    game = CountGame(act=d, wait=[0] * len(d))
    eps = Fraction(1, 10**6)
    for e in solve(game):
        if e.mixtures[0].dtype != object:
            continue
        q = e.mixtures[0][0]
        gaps = []
        for k in range(9):
            other = Fraction(k, 8)
            if other != q:
                gaps.append((q - other) * expected_gain(d, q + eps * (other - q)))
        assert evolutionarily_stable(e).holds == all(g > 0 for g in gaps)
        assert neutrally_stable(e).holds == all(g >= 0 for g in gaps)


@quick
@given(tied.filter(lambda A: len(A) == 2))
def test_two_players_are_the_two_player_game(A):
    game = CountGame(act=A[0][::-1], wait=A[1][::-1])
    for e in alike(symmetric(A)):
        twin = at(game, *e.mixtures)
        assert evolutionarily_stable(twin).holds == evolutionarily_stable(e).holds
        assert neutrally_stable(twin).holds == neutrally_stable(e).holds


@quick
@given(gains)
def test_floats_of_irrational_chances_are_told_by_their_slope(d):
    game = CountGame(act=np.array(d, float), wait=np.zeros(len(d)))
    for e in solve(game):
        q = Fraction(e.mixtures[0][0])
        if 0 < q < 1:
            step = Fraction(1, 10**5)
            left, right = expected_gain(d, q - step), expected_gain(d, q + step)
            answer = evolutionarily_stable(e).holds
            if answer is not None:
                assert answer == (left > 0 > right)
            elif left * right < 0:  # a root that is not simple
                assert abs(left) < Fraction(1, 10**8)


def test_volunteers_dilemma_of_many():
    """The mixed equilibrium of 1,000 volunteers is stable: acting is worth less the more act."""
    n = 1000
    game = CountGame(act=[1.0] * n, wait=[0.0] + [2.0] * (n - 1))
    found = solve(game)
    assert [evolutionarily_stable(e).holds for e in found] == [True]
    assert refinements(found).ess == (True,)


def test_ties_of_higher_order():
    """The gain vanishes at 0 with order 1, 2 (derived): its sign for few decides."""
    for d, expected in [([0, -1, 5], True), ([0, 1, -5], False), ([0, 0, -1], True)]:
        e = at(CountGame(act=d, wait=[0] * 3), *[[0, 1]] * 3)
        assert evolutionarily_stable(e).holds is expected
        other = at(CountGame(act=[-v for v in d[::-1]], wait=[0] * 3), *[[1, 0]] * 3)
        assert evolutionarily_stable(other).holds is expected
    touch = [1, -1, 1]  # (1 - 2q)^2: the gain touches zero at 1/2, from above or from below
    for act, wait in ((touch, [0] * 3), ([0] * 3, touch)):
        e = at(CountGame(act=act, wait=wait), *[[Fraction(1, 2)] * 2] * 3)
        assert evolutionarily_stable(e).holds is False
    cube = [1, -1, 1, -1]  # (1 - 2q)^3
    e = at(CountGame(act=cube, wait=[0] * 4), *[[Fraction(1, 2)] * 2] * 4)
    assert evolutionarily_stable(e).holds is True
    e = at(CountGame(act=[-v for v in cube], wait=[0] * 4), *[[Fraction(1, 2)] * 2] * 4)
    assert evolutionarily_stable(e).holds is False

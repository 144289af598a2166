"""Laws of the search by small supports, with the extreme solver as the oracle, and hard games."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game
from gametheory.solvers import _small_supports, auto, lemke_howson, small_supports, solve
from gametheory.solvers._worthwhile import worthwhile
from gametheory.testing import games

quick = settings(max_examples=60, deadline=None)


def one(game, exact=None):
    found = solve(game, method="small_supports", exact=exact)
    assert found.coverage is Coverage.SAMPLE
    (e,) = found
    return e


def sizes(equilibrium):
    return tuple(map(len, equilibrium.profile.support))


def regrets(game, equilibrium):
    """Of each player as a share of the range, by plain products."""
    x, y = equilibrium.mixtures
    A, B = game.payoffs[..., 0], game.payoffs[..., 1]
    return [
        (max(A @ y) - x @ A @ y) / float(A.max() - A.min() or 1),
        (max(x @ B) - x @ B @ y) / float(B.max() - B.min() or 1),
    ]


@quick
@given(games())
def test_it_is_an_extreme_equilibrium_and_pure_where_one_is(game):
    e = one(game)
    assert e.certificate.exact
    assert regrets(game, e) == [0, 0]
    assert e.profile in [other.profile for other in solve(game, method="extreme")]
    assert (sizes(e) == (1, 1)) == (len(solve(game, method="pure")) > 0)


def test_pairs_are_found_where_they_are_and_only_there():
    """Generic games: the oracle has all supports, so an equilibrium by pairs cannot be missed."""
    least = {1: 0, 2: 0, 3: 0}
    for seed in range(120):
        rng = np.random.default_rng([seed, 11])
        game = Game(rng.integers(0, 10**6, (*rng.integers(4, 8, 2), 2)))
        oracle = min(map(sizes, solve(game, method="extreme")))
        found = sizes(one(game))
        assert found == oracle if oracle <= (2, 2) else found > (2, 2)
        least[min(oracle[0], 3)] += 1
    assert min(least.values()) > 5


def test_skipping_lists_every_equilibrium_by_pairs_once():
    for seed in range(40):
        rng = np.random.default_rng([seed, 12])
        A, B = rng.random((2, 5, 7))
        listed = []
        while (found := _small_supports.least(A, B, len(listed)))[0] >= 0:
            i, k, j, l, t, s = found  # noqa: E741
            x, y = np.zeros(5), np.zeros(7)
            x[i], y[j] = 1 - t, 1 - s
            x[k] += t
            y[l] += s
            listed.append((x, y))
        known = [e for e in solve(Game.from_payoffs(A, B), method="extreme") if sizes(e) <= (2, 2)]
        assert len(listed) == len(known)
        for e in known:
            assert (
                sum(
                    np.allclose(np.concatenate(z), np.concatenate(e.mixtures), rtol=0, atol=1e-12)
                    for z in listed
                )
                == 1
            )


def test_compiled_and_interpreted_searches_agree():
    rng = np.random.default_rng(6)
    fast = worthwhile(_small_supports.least, 100)
    assert fast is not _small_supports.least
    for _ in range(40):
        A, B = (u - u.min() for u in rng.random((2, 4, 6)).round(1))
        for skip in range(3):
            assert fast(A, B, skip) == _small_supports.least(A, B, skip)


@quick
@given(games(), st.sampled_from([1e9, 1.0, 1e-9, 1e300, 1e-300]))
def test_units_of_payoffs_do_not_matter(game, unit):
    expected = one(game)
    e = one(Game(game.payoffs.astype(float) * unit))
    assert e.profile.support == expected.profile.support
    for x, y in zip(e.mixtures, expected.mixtures):
        assert x.dtype == np.float64
        assert x == pytest.approx(y.astype(float), abs=1e-12)
    shifted = Game(game.payoffs * Fraction(2, 7) + np.array([Fraction(1, 3), -5]))
    assert one(shifted).mixtures[0].tolist() == expected.mixtures[0].tolist()


@pytest.mark.parametrize("shape", [(30, 500), (500, 30), (80, 80), (1, 300), (2, 200)])
@pytest.mark.parametrize("kind", ["integers", "floats", "ties"])
def test_large_games_of_every_shape(shape, kind):
    for seed in range(4):
        rng = np.random.default_rng([seed, *shape])
        if kind == "floats":
            A, B = rng.standard_normal((2, *shape))
        else:
            A, B = rng.integers(0, 3 if kind == "ties" else 10**6, (2, *shape))
        game = Game.from_payoffs(A, B)
        e = one(game)
        assert max(regrets(game, e)) <= (1e-14 if kind == "floats" else 0)
        other = Game.from_payoffs(B.T, A.T)
        assert (sizes(one(other)) == (1, 1)) == (sizes(e) == (1, 1))
        assert auto(game) == ("extreme" if shape[0] <= 2 else "small_supports")


def test_exact_pairs_beyond_floats():
    """Third actions lose by 1e-30 to the pair, or win by as much: floats cannot tell."""
    tiny = Fraction(1, 10**30)
    for gain, pairs in ((-tiny, True), (tiny, False)):
        A = np.array([[1, 0], [0, 1], [Fraction(1, 2) + gain, Fraction(1, 2) + gain]])
        B = np.array([[0, 1], [1, 0], [0, 1]])
        game = Game.from_payoffs(A, B)
        e = one(game)
        assert regrets(game, e) == [0, 0]
        assert (e.profile.support == ((0, 1), (0, 1))) == pairs


def test_duplicates_and_zeros_do_no_harm():
    rng = np.random.default_rng(9)
    A, B = (np.kron(u, np.ones((8, 5), int)) for u in rng.integers(0, 100, (2, 6, 9)))
    game = Game.from_payoffs(A, B)
    assert regrets(game, one(game)) == [0, 0]
    zero = Game.from_payoffs(*np.zeros((2, 60, 70), int))
    assert one(zero).profile.support == ((0,), (0,))
    lazy = Game.from_payoffs(np.zeros((60, 60), int), rng.integers(0, 9, (60, 60)))
    assert regrets(lazy, one(lazy)) == [0, 0]


@pytest.mark.parametrize("n", [3, 7, 51])
def test_cyclic_games_are_mixed_evenly(n):
    """Each of an odd number of actions beats the half before it: Rock, Paper, Scissors."""
    ahead = (np.arange(n)[:, None] - np.arange(n)) % n
    A = np.where(ahead == 0, 0, np.where(ahead <= n // 2, 1, -1))
    for game in (Game.from_payoffs(A, A.T), Game.from_payoffs(2.0 * A, -A * 1.0)):
        e = one(game)
        even = [Fraction(1, n)] * n
        for x in e.mixtures:
            assert x.tolist() == (even if game.exact else pytest.approx([1 / n] * n))


def dual_cyclic(d):
    """The d x d game of Savani & von Stengel (2006): its paths are exponentially long.

    Both polytopes are duals of a cyclic polytope, {z: (c_k - mean) z <= 1} with c_k on the moment
    curve, k = 1..2d, written in coordinates in which the first d constraints are z >= 0. Labels of
    the second one are permuted: neighbours change places.
    """
    points = [
        [Fraction(2 * k - 2 * d - 1) ** p for p in range(1, d + 1)] for k in range(1, 2 * d + 1)
    ]
    mean = [sum(c) / (2 * d) for c in zip(*points)]
    rows = [
        fmpq(u.numerator, u.denominator) for c in points for u in map(Fraction.__sub__, c, mean)
    ]
    M = fmpq_mat(d, d, rows[d * d :]) * fmpq_mat(d, d, rows[: d * d]).inv()
    rest = M * fmpq_mat(d, 1, [1] * d)
    R = np.empty((d, d), dtype=object)
    for j in range(d):
        for i in range(d):
            u = -M[j, i] / (1 - rest[j, 0])
            R[j, i] = Fraction(int(u.p), int(u.q))
    first, second = list(range(d)), list(range(d))
    for k in range(1, d - 1, 2):
        first[k], first[k + 1] = first[k + 1], first[k]
    for k in range(0, d - 1, 2):
        second[k], second[k + 1] = second[k + 1], second[k]
    A = np.empty((d, d), dtype=object)
    A[np.ix_(second, first)] = R
    return Game.from_payoffs(A, R.T)


@pytest.mark.parametrize("d", [4, 6, 8])
def test_long_paths_are_long(monkeypatch, d):
    """Counted in integers. Two more actions make the longest some 4.24 times as long."""
    game = dual_cyclic(d)
    assert len(solve(game, method="extreme")) == 1
    pivots = []
    for label in range(2 * d):
        A, B = (np.array(lemke_howson.positive_integers(game.payoffs[..., i])) for i in (0, 1))
        P, Q = lemke_howson.origins(A.tolist(), B.tolist())
        count = []
        honest = lemke_howson.Tableau.pivot
        monkeypatch.setattr(
            lemke_howson.Tableau, "pivot", lambda *a, c=count, h=honest: c.append(1) or h(*a)
        )
        assert lemke_howson._end(P, Q, label)
        monkeypatch.undo()
        pivots.append(len(count))
    assert max(pivots) == {4: 20, 6: 88, 8: 376}[d]


@pytest.mark.parametrize("d", [6, 12, 20])
def test_games_with_long_paths_only_are_solved(d):
    game = dual_cyclic(d)
    e = one(game)
    assert sizes(e) == (d, d)
    assert regrets(game, e) == [0, 0]


def test_supports_that_fail_their_exact_certificate_are_left(monkeypatch):
    game = Game.from_payoffs(*np.random.default_rng(2).integers(0, 10**6, (2, 20, 20)))
    honest = one(game)
    tried = []

    def wrong(A, B, skip):
        tried.append(skip)
        return 0, 1, 0, 1, 0.5, 0.5

    monkeypatch.setattr(small_supports, "least", wrong)
    monkeypatch.setattr(small_supports, "worthwhile", lambda function, actions: function)
    e = one(game)
    assert tried == list(range(small_supports.TRIES))
    assert regrets(game, e) == [0, 0]
    assert honest.method == "small-supports" != e.method
    tried.clear()
    assert max(regrets(game, one(game, exact=False))) < 1e-14
    assert tried == list(range(small_supports.TRIES))


def test_where_every_budget_ends_nothing_is_claimed(monkeypatch):
    game = dual_cyclic(10)
    game = Game(np.concatenate([game.payoffs, game.payoffs[:1] - 1]))  # not square
    for budget in ("FLOATS", "INTEGERS"):
        monkeypatch.setattr(lemke_howson, budget, 0)
    monkeypatch.setattr(small_supports, "SHORT", 0)
    found = solve(game, method="small_supports")
    assert len(found) == 0
    assert found.coverage is Coverage.UNKNOWN


def test_large_opposed_games_go_to_their_linear_program():
    A = np.random.default_rng(1).integers(0, 100, (40, 30))
    for game in (Game.from_payoffs(A, 7 - 2 * A), Game.from_payoffs(A / 3, -A / 3)):
        found = solve(game)
        assert found.method == "zero-sum"
        assert max(regrets(game, found[0])) <= (0 if game.exact else 1e-14)
    B = -A
    B[-1, -1] += 1
    assert solve(Game.from_payoffs(A, B)).method != "zero-sum"
    assert solve(Game.from_payoffs(A[:5], -A[:5])).method == "extreme"


def test_other_games_are_refused():
    with pytest.raises(ValueError, match="small-supports: needs two players, got 3"):
        solve(Game(np.zeros((2, 2, 2, 3))), method="small_supports")

"""The compiled walk: what it proves agrees with exact pivoting; what it cannot prove it refuses."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from gametheory import Game
from gametheory.solvers import extreme
from gametheory.solvers._nearest import GIVEN
from gametheory.solvers._walk import WIDTH, _dictionary, _measure, _pivot, isolated

SHAPES = [(1, 1), (1, 4), (2, 2), (2, 5), (3, 3), (5, 2), (4, 6), (7, 7)]


def by_bases(A, B):
    """The equilibria by exact pivoting, without the walk."""
    game = Game.from_payoffs(A, B)
    return extreme._by_bases(game, *np.moveaxis(game.payoffs, -1, 0), np.dtype(object))


def supports(mixtures):
    return [tuple(np.flatnonzero(x).tolist() for x in pair) for pair in mixtures]


def walked(A, B):
    """The supports that the walk finds, in order, or None."""
    found = isolated(A, B)
    return found and sorted(supports(zip(found[1], found[2])))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("most", [3, 50, 10**6])
def test_what_is_proved_is_what_exact_pivoting_finds(shape, most):
    rng = np.random.default_rng([most, *shape])
    for _ in range(60 if sum(shape) < 10 else 10):
        A, B = rng.integers(0, most, (2, *shape))
        found, truth = isolated(A.astype(float), B.astype(float)), by_bases(A, B)
        assert (found is None) == truth.degenerate  # gaps of integers are far above rounding
        if found is None:
            continue
        _, *sides, indices = found
        order = np.lexsort(np.hstack(sides)[:, ::-1].T)[::-1]
        assert indices[order].tolist() == [e.index for e in truth]
        for i, side in enumerate(sides):
            nearest = [[float(p) for p in e.mixtures[i]] for e in truth]
            assert side[order].tolist() == nearest


@given(st.integers(0, 2**32), st.sampled_from([(2, 3), (3, 3), (4, 2)]))
def test_a_degenerate_game_is_never_taken_for_another(seed, shape):
    A, B = np.random.default_rng(seed).integers(0, 3, (2, *shape))
    if by_bases(A, B).degenerate:
        assert isolated(A.astype(float), B.astype(float)) is None


@pytest.mark.parametrize("unit", [1e-9, 1e9, 2.0**300])
def test_unit_and_zero_of_payoffs_do_not_matter(unit):
    rng = np.random.default_rng(5)
    A, B = rng.random((2, 6, 5))
    plain = walked(A, B)
    assert plain
    assert walked(unit * A, unit * B) == plain
    assert walked(A + 1e3, B - 1e3) == plain


@pytest.mark.parametrize("gap", [0, 1, -1])
def test_a_tie_and_a_gap_of_one_part_in_ten_to_the_sixteenth_are_told_apart_or_refused(gap):
    """Rows pay the same against the first column, but for the last bit."""
    A = np.array([[1.0, 0.25], [np.nextafter(1.0, 1 + gap), 0.5]])
    B = np.array([[0.0, 1.0], [1.0, 0.0]])
    found, truth = walked(A, B), by_bases(A, B)
    assert found is None or found == sorted(supports(e.mixtures for e in truth))
    if gap == 0:
        assert found is None


def test_fractions_are_proposed_for_by_floats_and_solved_exactly():
    rng = np.random.default_rng(11)
    A, B = (np.vectorize(Fraction)(rng.integers(-99, 99, (9, 9)), 7) for _ in range(2))
    found, truth = extreme.solve(Game.from_payoffs(A, B)), by_bases(A, B)
    assert [e.profile for e in found] == [e.profile for e in truth]
    assert [e.index for e in found] == [e.index for e in truth]
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)
    assert found.components == truth.components


def test_more_actions_than_a_mask_holds_are_left_to_others():
    side = WIDTH // 2 + 1
    assert isolated(np.eye(side), np.eye(side)) is None


def test_a_walk_that_is_too_long_stops():
    A, B = np.random.default_rng(0).random((2, 8, 8))
    assert isolated(A, B, most=50) is None
    assert isolated(A, B) is not None


@pytest.mark.parametrize("seed", range(12))
def test_ties_behind_nearly_parallel_rows_are_refused(seed):
    """The third row is the mean of the first two, which differ by one part in a million."""
    rng = np.random.default_rng(seed)
    A, B = rng.integers(0, 10**6, (2, 4, 4))
    A[1] = A[0] + 2 * rng.integers(-1, 2, 4)
    A[2] = (A[0] + A[1]) // 2
    truth = by_bases(A, B)
    found = walked(A / 3e6, B / 3e6)  # thirds: the tie is broken by rounding
    assert found is None or not truth.degenerate
    if found is not None:
        assert found == sorted(supports(e.mixtures for e in truth))


def test_payoffs_of_any_size_are_solved_exactly():
    rng = np.random.default_rng(3)
    A, B = rng.random((2, 7, 7)) * 1e200
    found, truth = extreme.solve(Game.from_payoffs(A, B), exact=True), by_bases(A, B)
    assert [e.mixtures[0].tolist() for e in found] == [e.mixtures[0].tolist() for e in truth]


def test_equal_chances_do_not_let_rounding_decide_the_order():
    blocks = np.kron(np.eye(2), np.ones((4, 4)))
    for seed in range(20):
        A, B = np.random.default_rng(seed).integers(0, 9, (2, 8, 8)) / 7 + 3 * blocks
        game = Game.from_payoffs(A, B)
        floats = extreme.solve(game)
        if not floats.degenerate:
            want = [e.profile.support for e in by_bases(A, B)]
            assert [e.profile.support for e in floats] == want


def exact_vertex(C, labels):
    """The values of the basic variables, solved for in rational numbers."""
    size, d = C.shape
    slacks = np.eye(size)
    basis = [C[:, v] if v < d else slacks[:, v - d] for v in labels[:size]]
    entries = [
        fmpq(*Fraction(column[i]).as_integer_ratio()) for i in range(size) for column in basis
    ]
    right = fmpq_mat(size, 1, [1] * size)
    solved = fmpq_mat(size, size, entries).solve(right).entries()
    return [Fraction(int(z.p), int(z.q)) for z in solved]


def deviation(C, D, labels):
    """By how much ``X a`` misses the column of ``a``, a row each; ``X`` has the slacks' columns."""
    size, d = C.shape
    X = np.eye(size).astype(int).astype(object) * Fraction(1)
    T = np.zeros((size, d + 1), object)
    T[:, d] = [Fraction(z) for z in D[d].tolist()]
    for k, v in enumerate(labels.tolist()):
        column = np.eye(size, dtype=int)[k] if k < size else [Fraction(u) for u in D[k - size]]
        if v < d:
            T[:, v] = column
        else:
            X[:, v - d] = column
    return abs(T - X @ np.hstack([C, np.ones((size, 1), int)])).max(axis=1)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("spoilt", [1e-7, 0.0])
def test_bounds_hold_for_dictionaries_that_are_off(seed, spoilt):
    """Entries are off by parts in 10^7: what is measured, and what pivots make of it, holds.

    So it does for any constraints that round to those given.
    """
    rng = np.random.default_rng(seed)
    size, d = 5, 4
    C = 1 + rng.random((size, d))
    D, labels = np.empty((2, d + 1, size)), np.empty((2, size + d), np.int64)
    bounds, line = np.empty((2, 2, size)), np.empty(size)
    labels[0] = [*range(d, d + size), *range(d)]
    D[0] = np.vstack([C.T, np.ones(size)])
    bounds[0] = [[GIVEN] * size, [2.0] * size]
    given = np.vectorize(Fraction)(C) - (0 if spoilt else Fraction(GIVEN))
    assert (deviation(given, D[0], labels[0]) <= bounds[0, 0]).all()
    s = 0
    for step in range(40):
        c = int(rng.integers(d))
        r = int(np.argmax(D[s, c] / D[s, d]))
        _pivot(D, labels, bounds, s, 1 - s, r, c)
        s = 1 - s
        if step % 4 == 2:
            assert _dictionary(C, D, labels, s)
            D[s, rng.integers(d + 1), rng.integers(size)] += spoilt * rng.choice([-1, 1])
            _measure(C, D, labels, bounds, s, line)
            assert (deviation(given, D[s], labels[s]) <= bounds[s, 0]).all()
        truth = exact_vertex(given, labels[s])
        miss = [abs(Fraction(z) - t) for z, t in zip(D[s, d].tolist(), truth)]
        length = 1 + np.abs(D[s, d]).sum()
        assert all(m <= Fraction(1.4 * length * e) for m, e in zip(miss, bounds[s, 0].tolist()))
        assert (np.abs(D[s]).max(axis=0) <= bounds[s, 1]).all()


@pytest.mark.parametrize("shift", [0.0, 1e9, -3e3])
def test_mixtures_are_the_floats_nearest_to_the_truth(shift):
    rng = np.random.default_rng(17)
    for _ in range(300):
        m, n = rng.integers(2, 6, 2)
        A, B = rng.random((2, m, n)) * 10.0 ** rng.integers(-3, 4, 2)[:, None, None] + shift
        found = isolated(A, B)
        if found is None:
            continue
        exact = {tuple(map(tuple, e.profile.support)): e for e in by_bases(A, B)}
        assert len(exact) == len(found[0])
        for x, y, index in zip(*found[1:]):
            if index:
                e = exact[tuple(map(tuple, supports([(x, y)])[0]))]
                assert x.tolist() == [float(p) for p in e.mixtures[0]]
                assert y.tolist() == [float(p) for p in e.mixtures[1]]


def test_a_mixture_half_way_between_two_floats_is_left_to_exact_arithmetic():
    p = Fraction(2**53 + 1, 2**54)
    A = np.array([[2.0**53 - 1, -1.0], [0.0, 2.0**53]])
    B = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert isolated(A, B)[3].tolist() == [0]
    (e,) = extreme.solve(Game.from_payoffs(A, B), exact=True)
    assert e.mixtures[1].tolist() == [p, 1 - p]
    (e,) = extreme.solve(Game.from_payoffs(A, B))
    assert e.mixtures[1].tolist() == [float(p), float(1 - p)]


def test_small_games_have_the_same_answers_once_the_walk_is_loaded(monkeypatch):
    rng = np.random.default_rng(23)
    games = [Game.from_payoffs(*rng.random((2, m, n))) for m, n in [(2, 2), (3, 4), (5, 5), (4, 2)]]
    monkeypatch.setattr(extreme, "_waited", [0.0])
    before = [extreme.solve(game) for game in games]
    assert extreme._waited[0] > 0
    monkeypatch.setattr(extreme, "_waited", [extreme.LOADING])
    monkeypatch.setattr(extreme, "_by_bases", None)
    after = [extreme.solve(game) for game in games]
    for a, b in zip(before, after):
        assert [e.profile for e in a] == [e.profile for e in b]
        assert [e.index for e in a] == [e.index for e in b]
        assert (a.components, a.coverage, a.degenerate) == (b.components, b.coverage, b.degenerate)


def test_where_rounding_is_not_certain_the_mixture_is_exact_first():
    """Products of payoffs of 10^250 would overflow."""
    A, B = np.random.default_rng(2).random((2, 8, 8)) * 1e250
    found = isolated(A, B)
    assert found is not None
    assert 0 in found[3]
    solved, truth = extreme.solve(Game.from_payoffs(A, B)), by_bases(A, B)
    assert [e.mixtures[0].tolist() for e in solved] == [
        [float(p) for p in e.mixtures[0]] for e in truth
    ]
    assert [e.index for e in solved] == [e.index for e in truth]

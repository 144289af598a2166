"""Laws of the value and of optimal strategies, and the extreme solver as a second way to both."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game
from gametheory.solvers import _linear, solve
from gametheory.solvers.zero_sum import opposed

quick = settings(max_examples=60, deadline=None)


def zero_sum(matrix, unit=1, zero=0):
    matrix = np.asarray(matrix)
    return Game.from_payoffs(matrix, zero - unit * matrix)


@st.composite
def matrices(draw, most=5, values=None):
    values = st.integers(-2, 2) if values is None else values
    m, n = draw(st.integers(1, most)), draw(st.integers(1, most))
    return [[draw(values) for _ in range(n)] for _ in range(m)]


@quick
@given(matrices())
def test_value_and_uniqueness_agree_with_all_extreme_equilibria(matrix):
    game = zero_sum(matrix)
    found, extreme = solve(game, method="zero_sum"), solve(game, method="extreme")
    assert {e.payoffs for e in extreme} == {found[0].payoffs}
    assert found[0].profile in [e.profile for e in extreme]
    assert (found.coverage is Coverage.ALL) == (len(extreme) == 1)
    assert found.coverage in (Coverage.ALL, Coverage.SAMPLE)


@quick
@given(matrices(values=st.fractions(-9, 9, max_denominator=7)))
def test_each_strategy_secures_the_value_against_every_column(matrix):
    """By plain sums of the matrix, not by the certificate."""
    (e,) = solve(zero_sum(matrix), method="zero_sum")
    x, y = (mixture.tolist() for mixture in e.mixtures)
    v = e.payoffs[0]
    assert sum(x) == sum(y) == 1
    assert all(sum(x[i] * matrix[i][j] for i in range(len(x))) >= v for j in range(len(y)))
    assert all(sum(matrix[i][j] * y[j] for j in range(len(y))) <= v for i in range(len(x)))


@quick
@given(matrices(), st.integers(1, 5), st.integers(-5, 5), st.integers(1, 5), st.integers(-5, 5))
def test_unit_and_zero_of_either_player_do_not_matter(matrix, a, b, c, d):
    plain = solve(zero_sum(matrix), method="zero_sum")
    A = np.array(matrix)
    other = Game.from_payoffs(a * A + b, d - c * A)
    assert solve(other, method="zero_sum")[0].mixtures[0].tolist() == (
        plain[0].mixtures[0].tolist()
    )
    assert solve(other, method="zero_sum")[0].payoffs[0] == a * plain[0].payoffs[0] + b


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_floats_of_any_size_are_solved_to_rounding(unit):
    matrix = np.random.default_rng(4).random((7, 5))
    (e,) = solve(Game.from_payoffs(unit * matrix, -unit * matrix + unit), method="zero_sum")
    (fine,) = solve(zero_sum(matrix), method="extreme")
    assert np.allclose(e.mixtures[0], fine.mixtures[0], rtol=0, atol=1e-12)
    assert e.payoffs[0] == pytest.approx(unit * fine.payoffs[0], rel=1e-12)


@quick
@given(matrices())
def test_players_can_change_places(matrix):
    here, there = (
        solve(zero_sum(M), method="zero_sum") for M in (np.array(matrix), -np.array(matrix).T)
    )
    assert here[0].payoffs == there[0].payoffs[::-1]
    assert here.coverage == there.coverage


def test_a_known_game_with_a_formula():
    """Diagonal games: optimal weights in proportion to 1/d (von Neumann & Morgenstern 1944)."""
    d = [2, 3, 7, 11]
    found = solve(zero_sum(np.diag(d)), method="zero_sum")
    total = sum(Fraction(1, k) for k in d)
    assert found[0].payoffs[0] == 1 / total
    assert found[0].mixtures[0].tolist() == [Fraction(1, k) / total for k in d]
    assert found.coverage is Coverage.ALL


def test_a_large_game_is_proved_without_rounding():
    A = np.random.default_rng(0).integers(0, 10**6, (40, 30))
    (e,) = solve(zero_sum(A), method="zero_sum")
    assert e.certificate.exact
    assert e.certificate.regret == 0


def test_what_is_asked_for_decides_whether_mixtures_are_exact():
    A = [[3, -1], [-2, 4]]
    assert solve(zero_sum(A), method="zero_sum", exact=False)[0].mixtures[0].dtype == float
    floats = solve(zero_sum(np.array(A) / 4), method="zero_sum", exact=True)
    assert floats[0].mixtures[0].tolist() == [Fraction(3, 5), Fraction(2, 5)]


def test_a_value_that_is_not_unique_in_its_strategies_says_so():
    found = solve(zero_sum([[0, 0], [0, 0], [-1, 0]]), method="zero_sum")
    assert found.coverage is Coverage.SAMPLE
    assert any("not unique" in note for note in found.notes)


@pytest.mark.parametrize(
    ("A", "B", "are"),
    [
        ([[1, 2]], [[2, 1]], True),
        ([[1, 2]], [[5, 1]], True),
        ([[1, 2]], [[1, 2]], False),
        ([[1, 1]], [[1, 1]], True),
        ([[1, 1]], [[1, 2]], False),
        ([[1, 2]], [[1, 1]], False),
        ([[0, 1, 2]], [[2, 0, 0]], False),
        ([[0.1, 0.2, 0.7]], [[0.9, 0.8, 0.3]], True),
        ([[0.1, 0.2, 0.7]], [[0.9, 0.8 + 1e-6, 0.3]], False),
    ],
)
def test_which_games_are_zero_sum(A, B, are):
    assert opposed(Game.from_payoffs(A, B)) is are
    assert opposed(Game.from_payoffs(np.array(A).T, np.array(B).T)) is are


def test_other_games_are_refused():
    with pytest.raises(ValueError, match="not opposed"):
        solve(Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]]), method="zero_sum")
    with pytest.raises(ValueError, match="two players"):
        solve(Game.from_payoffs([1, 2]), method="zero_sum")


# The linear programs beneath.


@quick
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(-3, 3), min_size=n, max_size=n),
            st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=1, max_size=4),
        )
    ),
    st.data(),
)
def test_both_ways_to_solve_a_program_agree_and_are_proved(program, data):
    c, rows = program
    h = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    G = np.array([*rows, [1] * len(c)], dtype=object)  # the last row bounds it
    h = [*h, 1]
    pivoted = _linear._in_integers(c, G, h, _linear.Budget(1e9))
    proved, nudged = (
        _linear._proved(c, G, h, *_linear._in_floats(c, G, h, nudge)) for nudge in (0, 1e-7)
    )
    for found in filter(None, (pivoted, proved, nudged)):
        x, y = found.x, found.y
        assert min(x) >= 0
        assert min(y) >= 0
        assert all(sum(a * b for a, b in zip(row, x)) <= top for row, top in zip(G.tolist(), h))
        assert all(sum(a * b for a, b in zip(col, y)) >= k for col, k in zip(G.T.tolist(), c))
        assert sum(a * b for a, b in zip(c, x)) == sum(a * b for a, b in zip(h, y)) == found.value
    assert proved is not None


def test_a_misled_float_solver_is_found_out(monkeypatch):
    A = np.random.default_rng(1).integers(0, 10**6, (25, 25))
    right = solve(zero_sum(A), method="zero_sum")[0]
    honest = _linear._in_floats

    def misled(*program):
        rows, played, *rest = honest(*program)
        return rows, np.roll(played, 1), *rest

    monkeypatch.setattr(_linear, "_in_floats", misled)
    assert solve(zero_sum(A), method="zero_sum")[0].profile == right.profile


def test_a_feasible_pair_of_unequal_worth_is_no_proof():
    """max x, x <= 1, guessing that x = 0 and that the price is 1: both feasible, 0 < 1."""
    G, yes, no = np.array([[1]], dtype=object), np.array([True]), np.array([False])
    rows = np.array([[1.0]])
    assert _linear._proved([1], G, [1], rows, no, yes, yes, yes) is None
    assert _linear._proved([1], G, [1], rows, yes, yes, yes, yes).value == 1

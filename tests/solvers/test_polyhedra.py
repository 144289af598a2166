"""Extreme equilibria of players who choose plans, found a second way by all pure plans."""

import itertools
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gametheory.game import Game
from gametheory.solvers import solve
from gametheory.solvers._polyhedra import Plans, equilibria

quick = settings(max_examples=60, deadline=None)
TREE = Plans(((0,), (1, 2), (3, 4)), (-1, 0, 2))  # an empty sequence, then a move, then another


@st.composite
def forests(draw, blocks=3, moves=2):
    """Plans with a few blocks, each at the root or below any earlier move."""
    found, parents, count = [], [], 0
    for _ in range(draw(st.integers(1, blocks))):
        parents.append(draw(st.integers(-1, count - 1)))
        size = draw(st.integers(1, moves))
        found.append(tuple(range(count, count + size)))
        count += size
    return Plans(tuple(found), tuple(parents))


@st.composite
def problems(draw, low=-2, high=2, **sizes):
    """Payoffs of both players and their plans."""
    X, Y = draw(forests(**sizes)), draw(forests(**sizes))
    cell = st.integers(low, high)
    tables = [
        np.array(draw(st.lists(cell, min_size=X.size * Y.size, max_size=X.size * Y.size)), object)
        for _ in range(2)
    ]
    return (*(u.reshape(X.size, Y.size) for u in tables), X, Y)


def pure(plans):
    """Every pure plan, as a tuple of 0 and 1: one move of each block that is reached."""
    found = set()
    for choice in itertools.product(*plans.blocks):
        x = [0] * sum(map(len, plans.blocks))
        for move, parent in zip(choice, plans.parents):
            x[move] = 1 if parent < 0 else x[parent]
        found.add(tuple(x))
    return sorted(found)


def solved(rows):
    """The one solution of the linear system ``rows`` (right-hand side last), else None."""
    rows = [list(map(Fraction, row)) for row in rows]
    size = len(rows[0]) - 1
    for k in range(size):
        p = next((r for r in range(k, len(rows)) if rows[r][k]), None)
        if p is None:
            return None
        rows[k], rows[p] = rows[p], rows[k]
        rows[k] = [a / rows[k][k] for a in rows[k]]
        for r in range(len(rows)):
            if r != k and rows[r][k]:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k])]
    return None if any(row[-1] for row in rows[size:]) else [rows[k][-1] for k in range(size)]


def corners(pays, plans):
    """Vertices of {(x, u): x a plan, u >= pays[v] x for each pure plan v of the other}."""
    m = pays.shape[1]
    fixed = []
    for block, parent in zip(plans.blocks, plans.parents):
        row = [int(s in block) - int(s == parent) for s in range(m)]
        fixed.append([*row, 0, int(parent < 0)])
    unplayed = [[*(int(s == k) for s in range(m)), 0, 0] for k in range(m)]
    best = sorted({(*row, -1, 0) for row in pays.tolist()})
    found = set()
    for binding in itertools.combinations(unplayed + best, m + 1 - len(fixed)):
        z = solved(fixed + list(map(list, binding)))
        if z and min(z[:-1]) >= 0 and max(pays @ np.array(z[:-1])) == z[-1]:
            found.add(tuple(z[:-1]))
    return found


def oracle(A, B, X, Y):
    """The extreme equilibria by enumeration of all bases, over all pure plans."""
    P, Q = np.array(pure(X), object), np.array(pure(Y), object)
    found = set()
    for x, y in itertools.product(corners(Q @ B.T, X), corners(P @ A, Y)):
        u, v = P @ A @ np.array(y), np.array(x) @ B @ Q.T
        if np.array(x) @ A @ np.array(y) == max(u) and np.array(x) @ B @ np.array(y) == max(v):
            found.add((x, y))
    return found


def maximal_products(points):
    """Maximal sets X x Y of ``points``, by trying every X."""
    xs = {x for x, _ in points}
    common = {}
    for size in range(1, len(xs) + 1):
        for X in itertools.combinations(sorted(xs), size):
            Y = frozenset.intersection(*(frozenset(y for z, y in points if z == x) for x in X))
            if Y:
                common[Y] = common.get(Y, frozenset()) | set(X)
    return {frozenset(itertools.product(X, Y)) for Y, X in common.items()}


def members(found):
    return [(tuple(found.xs[i]), tuple(found.ys[j])) for i, j in found.pairs]


def subsets(found):
    points = members(found)
    return {
        frozenset(points[k] for k in subset)
        for part in found.components
        for subset in part.nash_subsets
    }


def hull(points):
    """The points that are no mean of others, by linear programs in floats."""
    points = sorted(points)
    kept = set()
    for k, p in enumerate(points):
        others = [q for r, q in enumerate(points) if r != k]
        if not others:
            return {p}
        equal = np.vstack([np.array(others, float).T, np.ones(len(others))])
        run = linprog(np.zeros(len(others)), A_eq=equal, b_eq=[*map(float, p), 1])
        if run.status == 2:
            kept.add(p)
    return kept


@quick
@given(problems())
def test_all_bases_over_all_pure_plans_give_the_same(problem):
    found = equilibria(*problem)
    points = members(found)
    assert len(points) == len(set(points))
    assert set(points) == oracle(*problem)
    assert points == sorted(points, reverse=True)
    graph = nx.Graph([(("x", x), ("y", y)) for x, y in points])
    parts = {
        frozenset((x, y) for x, y in points if ("x", x) in part)
        for part in nx.connected_components(graph)
    }
    assert {frozenset(points[k] for k in part) for part in found.components} == parts
    if len({x for x, _ in points}) < 10:
        assert subsets(found) == maximal_products(set(points))


@settings(max_examples=150, deadline=None)
@given(problems(low=-1, high=1, blocks=4, moves=3))
def test_the_induced_form_has_the_same_nash_subsets(problem):
    """Mixtures over pure plans go to plans by a linear map; Nash subsets to Nash subsets."""
    A, B, X, Y = problem
    P, Q = np.array(pure(X), object), np.array(pure(Y), object)
    if len(P) * len(Q) > 48:
        return
    induced = solve(Game.from_payoffs(P @ A @ Q.T, P @ B @ Q.T), method="extreme")
    expected = set()
    for part in induced.components:
        for subset in part.nash_subsets:
            x = hull({tuple(induced[k].mixtures[0] @ P) for k in subset})
            y = hull({tuple(induced[k].mixtures[1] @ Q) for k in subset})
            expected.add(frozenset(itertools.product(x, y)))
    found = equilibria(*problem)
    assert subsets(found) == expected
    assert len(found.components) == len(induced.components)


@quick
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_one_simplex_each_is_a_bimatrix_game(m, n, data):
    cell = st.lists(st.integers(-2, 2), min_size=m * n, max_size=m * n)
    A, B = (np.array(data.draw(cell), object).reshape(m, n) for _ in range(2))
    found = equilibria(A, B, Plans.product([m]), Plans.product([n]))
    other = solve(Game.from_payoffs(A, B), method="extreme")
    assert members(found) == [tuple(tuple(x) for x in e.mixtures) for e in other]
    assert [c.nash_subsets for c in found.components] == [c.nash_subsets for c in other.components]
    assert found.simple == (not other.degenerate)


@quick
@given(problems(), st.randoms(use_true_random=False))
def test_numbers_of_moves_do_not_matter(problem, random):
    A, B, X, Y = problem
    orders = [random.sample(range(plans.size), plans.size) for plans in (X, Y)]
    again = []
    for plans, order in zip((X, Y), orders):
        blocks = tuple(tuple(order[s] for s in block) for block in plans.blocks)
        again.append(Plans(blocks, tuple(order[p] if p >= 0 else -1 for p in plans.parents)))
    places = [np.argsort(order) for order in orders]
    C, D = (U[np.ix_(*places)] for U in (A, B))
    expected = {
        (tuple(x[s] for s in places[0]), tuple(y[s] for s in places[1]))
        for x, y in members(equilibria(*problem))
    }
    assert set(members(equilibria(C, D, *again))) == expected


@quick
@given(problems(), st.fractions(min_value="1/1000", max_value=1000))
def test_units_do_not_matter(problem, unit):
    A, B, X, Y = problem
    assert equilibria(A * unit, B / unit, X, Y) == equilibria(A, B, X, Y)


def test_values_of_blocks_not_worth_reaching_leave_no_trace():
    """Player 1 who goes on loses all; what of the second move pays more has a kink at x = 1/2."""
    A = np.array([[0, 0, 0, 0, 0]] * 2, object)  # two moves of player 0, who does not care
    B = np.array([[0, 5, 0, 1, 0], [0, 5, 0, 0, 1]], object)
    found = equilibria(A, B, Plans.product([2]), TREE)
    assert {x for x, _ in members(found)} == {(1, 0), (0, 1)}
    assert {y for _, y in members(found)} == {(1, 1, 0, 0, 0)}
    B[:, 1] = 0  # to go on is as good as not, or better
    assert (Fraction(1, 2),) * 2 in {
        x for x, _ in members(equilibria(A, B, Plans.product([2]), TREE))
    }


def test_a_budget_that_ends_is_told():
    A = np.arange(16).reshape(4, 4) % 5
    X = Plans.product([2, 2])
    assert equilibria(A, -A, X, X).whole
    assert not equilibria(A, -A, X, X, most=3).whole
    ones, alone = np.ones((1, 4), int), Plans.product([1])  # one side has one vertex, the other 4
    assert not equilibria(ones, ones, alone, X, most=3).whole
    assert not equilibria(ones.T, ones.T, X, alone, most=3).whole


@pytest.mark.parametrize(
    ("blocks", "parents", "told"),
    [
        (((0, 1), (1, 2)), (-1, -1), "once"),
        (((0, 2),), (-1,), "once"),
        (((0,), ()), (-1, 0), "once"),
        (((0,), (1,)), (1, -1), "stands before"),
    ],
)
def test_plans_that_are_none_are_refused(blocks, parents, told):
    with pytest.raises(ValueError, match=told):
        Plans(blocks, parents)

"""Laws of the set of extreme equilibria, and two independent ways to find it."""

import itertools
import json
import math
from fractions import Fraction
from math import comb
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage, certify
from gametheory.game import Game, Profile
from gametheory.solvers import extreme, solve
from gametheory.solvers.extreme import bicliques, complementary, components
from gametheory.testing import games

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "degenerate_games.json").read_text())
BIMATRIX = [g for g in FACTS["games"] if g["players"] == 2]
FRACTIONS = st.fractions(min_value=-3, max_value=3, max_denominator=6)

quick = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def _small_games_go_by_exact_pivots():
    """Whatever ran before: once it is loaded, the compiled walk would take them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extreme, "LOADING", math.inf)
        yield


def pair(profile):
    return tuple(tuple(x.tolist()) for x in profile.mixtures)


def pairs(found):
    return [pair(e.profile) for e in found]


def parts(found):
    """Components and Nash subsets by the profiles in them: no numbering."""
    points = pairs(found)
    return {
        (
            frozenset(points[k] for k in part),
            frozenset(frozenset(points[k] for k in subset) for subset in part.nash_subsets),
        )
        for part in found.components
    }


def bimatrix(game):
    return game.payoffs[..., 0], game.payoffs[..., 1]


# An oracle that shares no code with the solver: vertices of the upper envelopes {(x, v): x in the
# simplex, B'x <= v}, by solving every square system of binding constraints of the payoffs as given.


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
            if r != k:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k])]
    return [rows[k][-1] for k in range(size)]


def envelope_vertices(payoffs):
    """Vertices of the envelope of ``payoffs[i, j]`` over mixtures of ``i``: x -> binding count."""
    m, n = payoffs.shape
    simplex = [*[1] * m, 0, 1]
    unplayed = [[*(int(k == i) for k in range(m)), 0, 0] for i in range(m)]
    best = [[*payoffs[:, j], -1, 0] for j in range(n)]
    found = {}
    for binding in itertools.combinations(unplayed + best, m):
        z = solved([simplex, *binding])
        if z is None:
            continue
        x, v = z[:-1], z[-1]
        u = [sum(p * a for p, a in zip(x, payoffs[:, j])) for j in range(n)]
        if min(x) >= 0 and max(u) == v:
            found[tuple(x)] = x.count(0) + u.count(v)
    return found


def oracle(game):
    """Extreme equilibria by enumeration of all bases, and whether the game is degenerate."""
    A, B = bimatrix(game)
    m, n = game.shape
    xs, ys = envelope_vertices(B), envelope_vertices(A.T)
    found = set()
    for x, y in itertools.product(xs, ys):
        u, v = A @ np.array(y), np.array(x) @ B
        if all(u[i] == max(u) for i in range(m) if x[i]) and all(
            v[j] == max(v) for j in range(n) if y[j]
        ):
            found.add((x, y))
    return found, any(k > m for k in xs.values()) or any(k > n for k in ys.values())


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


@quick
@given(games(actions=(1, 4)))
def test_all_bases_give_the_same_equilibria(game):
    found = solve(game)
    expected, degenerate = oracle(game)
    assert set(pairs(found)) == expected
    assert len(found) == len(expected)
    assert found.degenerate == degenerate
    assert found.coverage is (Coverage.EXTREME if degenerate else Coverage.ALL)
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)


@quick
@given(games(actions=(2, 3), values=FRACTIONS))
def test_all_bases_give_the_same_equilibria_of_fractions(game):
    assert set(pairs(solve(game))) == oracle(game)[0]


@quick
@given(games(actions=(1, 4), values=st.integers(0, 1)))
def test_components_are_connected_and_nash_subsets_maximal(game):
    found = solve(game)
    points = pairs(found)
    graph = nx.Graph([(("x", x), ("y", y)) for x, y in points])
    expected = set()
    for nodes in nx.connected_components(graph):
        inside = frozenset(p for p in points if ("x", p[0]) in nodes)
        expected.add((inside, frozenset(maximal_products(inside))))
    assert parts(found) == expected
    assert sorted(k for part in found.components for k in part) == list(range(len(found)))


@pytest.mark.parametrize("fact", BIMATRIX, ids=lambda fact: fact["id"])
def test_degenerate_games_from_exact_enumeration(fact):
    def mixture(given):
        return tuple(map(Fraction, given))

    found = solve(Game.from_payoffs(*([list(map(Fraction, r)) for r in fact[k]] for k in "AB")))
    points = [(mixture(x), mixture(y)) for x, y in fact["extreme_equilibria"]]
    assert sorted(pairs(found)) == sorted(points)
    assert {c for c, _ in parts(found)} == {
        frozenset(points[k] for k in part) for part in fact["components"]
    }
    assert {s for _, subsets in parts(found) for s in subsets} == {
        frozenset(itertools.product(map(mixture, s["row"]), map(mixture, s["col"])))
        for s in fact["maximal_nash_subsets"]
    }


@quick
@given(games(), st.randoms(use_true_random=False))
def test_names_of_players_and_actions_do_not_matter(game, random):
    A, B = bimatrix(game)
    m, n = game.shape
    rows, columns = random.sample(range(m), m), random.sample(range(n), n)
    other = solve(Game.from_payoffs(B[rows][:, columns].T, A[rows][:, columns].T))
    found = solve(game)

    def renamed(point):
        x, y = point
        return tuple(y[j] for j in columns), tuple(x[i] for i in rows)

    assert parts(other) == {
        (
            frozenset(map(renamed, whole)),
            frozenset(frozenset(map(renamed, subset)) for subset in subsets),
        )
        for whole, subsets in parts(found)
    }
    indices = {renamed(pair(e.profile)): e.index for e in found}
    assert {pair(e.profile): e.index for e in other} == indices
    assert other.degenerate == found.degenerate


@quick
@given(games(), st.tuples(FRACTIONS, FRACTIONS), st.tuples(FRACTIONS, FRACTIONS))
def test_unit_and_zero_of_payoffs_do_not_matter(game, units, zeros):
    A, B = (u * (abs(k) + 1) + c for u, k, c in zip(bimatrix(game), units, zeros))
    A = A + [(-j) ** 3 for j in range(game.shape[1])]  # what the others do pays me whatever I do
    other, found = solve(Game.from_payoffs(A, B)), solve(game)
    assert pairs(other) == pairs(found)
    assert other.components == found.components
    assert [e.index for e in other] == [e.index for e in found]


@quick
@given(games(), st.sampled_from([1e9, 1e-9, 1e300, 1e-300]), st.sampled_from([1.0, 1e-9, 1e150]))
def test_floats_have_the_equilibria_of_the_rationals_they_are(game, unit, other_unit):
    floats = [u.astype(float) * k for u, k in zip(bimatrix(game), (unit, other_unit))]
    found, expected = solve(Game.from_payoffs(*floats)), solve(game, exact=False)
    assert pairs(found) == pairs(expected)
    assert found.components == expected.components
    assert pairs(solve(Game.from_payoffs(*floats), exact=True)) == pairs(solve(game))


@quick
@given(games(), st.integers(0, 3))
def test_a_copy_of_an_action_shares_its_part(game, action):
    A, B = bimatrix(game)
    i = action % game.shape[0]
    rows = [*range(game.shape[0]), i]
    found, more = solve(game), solve(Game.from_payoffs(A[rows], B[rows]))
    expected = set()
    for x, y in pairs(found):
        expected.add(((*x, Fraction(0)), y))
        expected.add(((*x[:i], Fraction(0), *x[i + 1 :], x[i]), y))
    assert set(pairs(more)) == expected
    assert {e.payoffs for e in more} == {e.payoffs for e in found}
    assert len(more.components) == len(found.components)


@quick
@given(games(), st.lists(st.integers(-2, 2), min_size=4, max_size=4))
def test_a_strictly_dominated_action_changes_nothing(game, theirs):
    A, B = bimatrix(game)
    worse = np.vstack([A, A[0] - 1]), np.vstack([B, theirs[: game.shape[1]]])
    found, more = solve(game), solve(Game.from_payoffs(*worse))
    assert pairs(more) == [((*x, Fraction(0)), y) for x, y in pairs(found)]
    assert more.components == found.components


@quick
@given(games(actions=(1, 4), values=st.integers(0, 10**6)))
def test_indices_of_a_nondegenerate_game_add_up_to_one(game):
    found = solve(game)
    if found.degenerate:
        assert all(e.index is None for e in found)
        return
    A, B = bimatrix(game)
    assert len(found) % 2 == 1
    assert sum(e.index for e in found) == 1
    for e in found:
        rows, columns = e.profile.support
        k = len(rows)
        assert len(columns) == k
        assert k > 1 or e.index == 1
        # Bordered determinants do not see the zero of payoffs (derived).
        bordered = [
            np.block(
                [[U[np.ix_(rows, columns)].astype(float), np.ones((k, 1))], [np.ones((1, k)), 0]]
            )
            for U in (A, B)
        ]
        sign = np.prod([np.linalg.slogdet(b)[0] for b in bordered])
        assert e.index == (-1) ** (k + 1) * sign


@quick
@given(games(values=st.integers(0, 1)), st.integers(0, 2**32 - 1))
def test_convex_combinations_within_a_nash_subset_are_equilibria(game, seed):
    rng = np.random.default_rng(seed)
    found = solve(game)
    for part in found.components:
        for subset in part.nash_subsets:
            x, y = (
                sum(Fraction(int(w)) * found[k].mixtures[i] for w, k in zip(weights, subset))
                / int(sum(weights))
                for i, weights in enumerate(rng.integers(1, 10, (2, len(subset))))
            )
            assert certify(Profile(game, (x, y))).regret == 0


@quick
@given(games())
def test_order_is_by_mixtures_descending(game):
    assert pairs(solve(game)) == sorted(pairs(solve(game)), reverse=True)


# Numbers of equilibria on which QuantEcon, Gambit enummixed and lrsnash agree; of 15, QuantEcon.
@pytest.mark.parametrize(
    ("n", "seed", "count"), [(8, 0, 5), (8, 1, 13), (10, 0, 11), (10, 1, 19), (15, 0, 43)]
)
def test_random_games_have_as_many_equilibria_as_others_find(n, seed, count):
    rng = np.random.default_rng([seed, n, n])
    A, B = rng.integers(0, 10**6, (n, n)), rng.integers(0, 10**6, (n, n))
    found = solve(Game.from_payoffs(A, B))
    assert (len(found), found.coverage) == (count, Coverage.ALL)
    assert sum(e.index for e in found) == 1


@pytest.mark.parametrize(("m", "n", "seed"), [(2, 3, 0), (3, 2, 1), (3, 3, 2), (3, 4, 3)])
def test_nashpy_finds_the_same_vertices(m, n, seed):
    import nashpy

    rng = np.random.default_rng(seed)
    A, B = rng.random((m, n)), rng.random((m, n))
    found = solve(Game.from_payoffs(A, B))
    assert found.coverage is Coverage.ALL
    other = np.array([np.concatenate(e) for e in nashpy.Game(A, B).vertex_enumeration()])
    ours = np.array([np.concatenate(e.mixtures) for e in found])
    assert len(other) == len(ours)
    assert np.abs(ours[:, None] - other).max(axis=2).min(axis=1) == pytest.approx(0, abs=1e-9)


def test_the_equilibrium_that_support_enumeration_in_floats_loses():
    # Derived; nashpy 0.0.43 support_enumeration returns none (round-off in a zero probability).
    found = solve(
        Game.from_payoffs([[3, 9, 4], [3, 1, 2], [6, 7, 2]], [[5, 0, 0], [6, 9, 4], [3, 0, 6]])
    )
    x = (Fraction(3, 8), Fraction(0), Fraction(5, 8))
    y = (Fraction(2, 5), Fraction(0), Fraction(3, 5))
    assert pairs(found) == [(x, y)]
    assert found.coverage is Coverage.ALL


@pytest.mark.parametrize("n", [2, 5, 7])
def test_coordination_on_n_actions_has_every_support_once(n):
    found = solve(Game.from_payoffs(np.eye(n, dtype=int), np.diag(range(1, n + 1))))
    assert found.coverage is Coverage.ALL
    sizes = [len(e.profile.support[0]) for e in found]
    assert [sizes.count(k) for k in range(1, n + 1)] == [comb(n, k) for k in range(1, n + 1)]
    assert all(e.index == (-1) ** (k + 1) for e, k in zip(found, sizes))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (7, 6)])
def test_constant_payoffs_are_one_product_of_simplices(shape):
    m, n = shape
    found = solve(Game.from_payoffs(np.full(shape, -7), np.zeros(shape, dtype=int)))
    assert {e.profile.support for e in found} == {((i,), (j,)) for i in range(m) for j in range(n)}
    assert found.components == (tuple(range(m * n)),)
    assert found.components[0].nash_subsets == (tuple(range(m * n)),)
    assert found.degenerate == (m * n > 1)


def test_more_labels_than_a_machine_word_has_bits():
    rng = np.random.default_rng(5)
    A, B = rng.integers(0, 50, (2, 70)), rng.integers(0, 50, (2, 70))
    found, other = solve(Game.from_payoffs(A, B)), solve(Game.from_payoffs(B.T, A.T))
    assert {(y, x) for x, y in pairs(other)} == set(pairs(found))
    assert len(found) > 1


def test_floats_are_solved_as_they_stand():
    nearly = Game.from_payoffs([[0.1 + 0.2], [0.3]], [[0.0], [0.0]])
    assert [e.profile.support for e in solve(nearly)] == [((0,), (0,))]
    third = Game.from_payoffs([[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]])
    middle = [Fraction(2, 3), Fraction(1, 3)]
    assert solve(third, exact=True)[1].mixtures[0].tolist() == middle
    assert solve(third)[1].mixtures[0].tolist() == list(map(float, middle))
    assert solve(third)[1].mixtures[0].dtype == np.float64


def test_payoffs_of_very_unlike_size_stay_exact():
    big, small = 1e300, 1e-300
    game = Game.from_payoffs([[big, 0.0], [0.0, small]], [[small, 0.0], [0.0, big]])
    x, y = solve(game, exact=True)[1].mixtures
    assert x[0] * Fraction(small) == x[1] * Fraction(big)
    assert y[0] * Fraction(big) == y[1] * Fraction(small)
    assert len(solve(game)) == 3


@pytest.mark.parametrize("labels", [1, 9, 40])
def test_matching_by_splitting_finds_the_pairs_that_comparing_all_finds(labels):
    rng = np.random.default_rng(labels)
    X, Y = ((rng.random((size, labels)) < 0.3).astype(np.float32) for size in (151, 211))
    expected = [(i, j) for i in range(151) for j in range(211) if not (X[i] * Y[j]).any()]
    assert sorted(complementary(X, Y)) == expected
    assert expected


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14))
@quick
def test_components_of_any_graph(edges):
    # A set of equilibria in which x_0 - y_0 - x_1 - y_1 - ... is a long chain takes large games.
    edges = sorted(edges, reverse=True)
    found = list(components(edges))
    graph = nx.Graph([(("x", x), ("y", y)) for x, y in edges])
    expected = {
        (frozenset(inside), frozenset(maximal_products(inside)))
        for nodes in nx.connected_components(graph)
        for inside in [{(x, y) for x, y in edges if ("x", x) in nodes}]
    }
    assert expected == {
        (
            frozenset(edges[k] for k in part),
            frozenset(frozenset(edges[k] for k in subset) for subset in part.nash_subsets),
        )
        for part in found
    }
    assert [part[0] for part in found] == sorted(part[0] for part in found)


def test_bicliques_of_the_crown():
    # x_i is linked to every y_j but its namesake: one maximal biclique a proper subset (derived).
    crown = {i: frozenset(range(4)) - {i} for i in range(4)}
    found = list(bicliques(crown))
    assert {(frozenset(X), Y) for X, Y in found} == {
        (frozenset(range(4)) - Y, Y)
        for k in (1, 2, 3)
        for Y in map(frozenset, itertools.combinations(range(4), k))
    }
    assert len(found) == 14


def test_three_players_are_sent_elsewhere():
    with pytest.raises(ValueError, match=r"extreme: needs two players, got 3; use method='pure'"):
        solve(Game(np.zeros((2, 3, 1, 3))), method="extreme")


def test_a_budget_that_ends_promises_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    game = Game.from_payoffs(*rng.integers(0, 3, (2, 6, 6)))
    whole = solve(game)
    monkeypatch.setattr("gametheory.solvers.extreme.BASES", 10)
    found = solve(game)
    assert found.coverage is Coverage.UNKNOWN
    assert found.degenerate is None
    assert "budget" in found.notes[0]
    assert {e.profile for e in found} <= {e.profile for e in whole}


def test_large_games_get_one_equilibrium_and_lopsided_ones_all():
    rng = np.random.default_rng(0)
    large, lopsided = (Game.from_payoffs(*rng.random((2, *s))) for s in [(40, 40), (2, 200)])
    assert solve(large).coverage is Coverage.SAMPLE
    assert solve(lopsided).coverage is Coverage.ALL

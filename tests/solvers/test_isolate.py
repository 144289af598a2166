"""Laws of the equilibria of games with many players, and other ways to find them."""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game
from gametheory.solvers import _cells, extreme, solve
from gametheory.solvers._pieces import touching
from gametheory.solvers.pure import best_replies

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "degenerate_games.json").read_text())

quick = settings(max_examples=30, deadline=None)


def isolate(game, exact=None):
    return solve(game, method="isolate", exact=exact)


def random_game(shape, seed):
    return Game(np.random.default_rng([*shape, seed]).random((*shape, len(shape))))


def threshold(N, m, c):
    """A good worth 1 to all is provided if ``m`` of ``N`` contribute, which costs ``c`` each."""
    return Game.of(
        {f"P{i}": (0, 1) for i in range(N)}, lambda *a: [(sum(a) >= m) - c * own for own in a]
    )


def chances(found):
    """All chances of each equilibrium, one row each."""
    return np.array([[float(p) for x in e.mixtures for p in x] for e in found])


def alike(one, other, tol=1e-9):
    """Whether two lists of rows are the same up to order."""
    return len(one) == len(other) and all(
        np.abs(np.asarray(other) - row).max(axis=1).min() < tol for row in one
    )


def three_by_formula(payoffs):
    """All equilibria of a 2 x 2 x 2 game, rows (p, 1 - p, q, 1 - q, r, 1 - r), by closed forms.

    Player i's gain from action 0 is bilinear in the others' chances of action 0. With one player
    pure the other two face a 2 x 2 game; with all three mixing, eliminating two leaves a quadratic.
    """
    found = []

    def gain(i, x):
        u = payoffs[..., i]
        for j in (2, 1, 0):
            if j != i:
                u = x[j] * u.take(0, axis=j) + (1 - x[j]) * u.take(1, axis=j)
        return u[0] - u[1]

    def keep(x):
        gains = [gain(i, x) for i in range(3)]
        if all(g >= 0 if p == 1 else g <= 0 if p == 0 else 0 < p < 1 for g, p in zip(gains, x)):
            found.append([p for q in x for p in (q, 1 - q)])

    for x in itertools.product((0, 1), repeat=3):
        keep(list(x))
    for k in range(3):
        i, j = (h for h in range(3) if h != k)
        for s in (0, 1):
            x = [0.0, 0.0, 0.0]
            x[k] = s
            for one, other in ((i, j), (j, i)):  # one's chance makes the other indifferent
                ends = []
                for p in (0, 1):
                    x[one] = p
                    ends.append(gain(other, x))
                x[one] = ends[0] / (ends[0] - ends[1])
                if one == i:
                    first = x[i]
            x[i] = first
            keep(x)
    corner = {
        i: [
            [gain(i, [None if h == i else {j: a, k: b}[h] for h in range(3)]) for b in (0, 1)]
            for a in (0, 1)
        ]
        for i, j, k in ((0, 1, 2), (1, 0, 2), (2, 0, 1))
    }
    # 0's indifference gives r from q, 1's gives r from p, 2's p from q: one quadratic in q
    a, b, c = (
        [f[0][0], f[1][0] - f[0][0], f[0][1] - f[0][0], f[0][0] - f[1][0] - f[0][1] + f[1][1]]
        for f in (corner[0], corner[1], corner[2])
    )
    line = np.polynomial.Polynomial
    r_top, r_bottom = line([-a[0], -a[1]]), line([a[2], a[3]])  # r(q)
    p_top, p_bottom = line([-c[0], -c[2]]), line([c[1], c[3]])  # p(q)
    last = (
        b[0] * p_bottom * r_bottom
        + b[1] * p_top * r_bottom
        + b[2] * p_bottom * r_top
        + b[3] * p_top * r_top
    )
    for q in last.roots():
        if abs(q.imag) < 1e-12:
            q = q.real
            keep([p_top(q) / p_bottom(q), q, r_top(q) / r_bottom(q)])
    return found


def test_two_by_two_by_two_agree_with_closed_forms():
    for seed in range(1000):
        game = random_game((2, 2, 2), seed)
        found = isolate(game)
        assert found.coverage is Coverage.ALL, seed
        assert alike(chances(found), three_by_formula(game.payoffs)), seed


@pytest.mark.parametrize(
    ("shape", "count"), [((2, 2, 2, 2), 1000), ((2, 3, 2), 200), ((3, 3, 3), 200), ((4, 2, 2), 50)]
)
def test_indices_add_up_to_one(shape, count):
    for seed in range(count):
        found = isolate(random_game(shape, seed))
        assert found.coverage is Coverage.ALL, seed
        assert found.degenerate is False
        assert sum(e.index for e in found) == 1, seed
        assert len(found) % 2 == 1


@pytest.mark.parametrize(
    ("N", "m", "c", "count"),
    [
        (3, 2, Fraction(3, 10), 9),  # Palfrey & Rosenthal 1984; derived, checked independently
        (4, 2, Fraction(3, 10), 29),
        (5, 3, Fraction(3, 10), 83),
        (4, 2, Fraction(9, 20), 33),
        *[(N, 1, Fraction(3, 10), 2**N - 1) for N in (3, 4, 5, 6)],  # Diekmann 1985
    ],
)
def test_threshold_games(N, m, c, count):
    found = isolate(threshold(N, m, c))
    assert (len(found), found.coverage, found.degenerate) == (count, Coverage.ALL, False)
    assert sum(e.index for e in found) == 1


def test_the_symmetric_root_that_others_miss():
    found = isolate(threshold(4, 2, Fraction(3, 10)))
    q = chances(found)[:, 1::2]
    assert (np.abs(q - 0.133048682) < 1e-9).all(axis=1).sum() == 1


def test_two_levels_of_mixing():
    found = isolate(threshold(4, 2, Fraction(9, 20)))
    low, high = Fraction(1, 4), Fraction(2, 5)
    levels = [tuple(sorted(x[1] for x in e.mixtures)) for e in found]
    assert levels.count((low, low, high, high)) == 6


def exact_game(entry):
    tables = entry["payoffs"] if "payoffs" in entry else [entry["A"], entry["B"]]
    return Game.from_payoffs(*[np.vectorize(Fraction, otypes=[object])(t) for t in tables])


def pieces(found):
    """The Nash subsets by their corners, and the components by theirs; no numbering."""
    points = [tuple(map(tuple, e.mixtures)) for e in found]
    return (
        {frozenset(points[k] for k in s) for part in found.components for s in part.nash_subsets},
        {frozenset(points[k] for k in part) for part in found.components},
    )


@pytest.mark.parametrize("entry", FACTS["games"], ids=lambda entry: entry["id"])
def test_degenerate_games_are_solved_exactly(entry):
    game = exact_game(entry)
    found = isolate(game)
    assert found.coverage in (Coverage.ALL, Coverage.EXTREME)
    pure = {a for a in np.ndindex(game.shape) if best_replies(game)[a]}
    listed = {
        tuple(k for (k,) in e.profile.support)
        for e in found
        if all(len(s) == 1 for s in e.profile.support)
    }
    assert listed == pure
    if "maximal_nash_subsets" in entry:
        wanted = {
            frozenset(itertools.product(*[[tuple(map(Fraction, x)) for x in s[k]] for k in sides]))
            for s in entry["maximal_nash_subsets"]
            for sides in [("row", "col")]
        }
        assert pieces(found)[0] == wanted


shapes = st.sampled_from([(2, 2, 2), (2, 3, 2), (2, 2, 2, 2), (3, 2), (3, 3)])
seeds = st.integers(0, 10**6)


@quick
@given(shapes, seeds, st.sampled_from([1e9, 1e-9, 1e-300]), st.floats(-5, 5))
def test_unit_and_zero_of_payoffs_do_not_matter(shape, seed, unit, zero):
    game = random_game(shape, seed)
    rows = chances(isolate(game))
    units = unit * np.arange(1, len(shape) + 1)
    other = isolate(Game((game.payoffs + zero) * units))
    assert other.coverage is Coverage.ALL
    assert alike(chances(other), rows, 1e-6)


@quick
@given(shapes, seeds, st.randoms(use_true_random=False))
def test_names_of_players_and_actions_do_not_matter(shape, seed, random):
    game = random_game(shape, seed)
    n = len(shape)
    order = random.sample(range(n), n)
    turns = [random.sample(range(m), m) for m in shape]
    payoffs = game.payoffs[np.ix_(*turns, range(n))]
    payoffs = payoffs.transpose(*order, n)[..., order]
    found, other = isolate(game), isolate(Game(payoffs))
    renamed = [np.concatenate([e.mixtures[i][turns[i]] for i in order]) for e in found]
    assert alike(renamed, chances(other))
    indices = sorted(e.index for e in found)
    assert indices == sorted(e.index for e in other)


@quick
@given(shapes, seeds)
def test_what_others_get_of_actions_alone_does_not_matter(shape, seed):
    """Adding to a player's payoffs what depends on the others' actions only changes nothing."""
    game = random_game(shape, seed)
    rng = np.random.default_rng(seed)
    payoffs = game.payoffs.copy()
    for i in range(len(shape)):
        size = [1 if j == i else m for j, m in enumerate(shape)]
        payoffs[..., i] += 3 * rng.random(size)
    assert alike(chances(isolate(game)), chances(isolate(Game(payoffs))))


@quick
@given(shapes, seeds)
def test_an_action_that_never_pays_is_never_played(shape, seed):
    game = random_game(shape, seed)
    worse = game.payoffs.min(axis=0, keepdims=True)
    worse[..., 0] -= 0.1
    bigger = Game(np.concatenate([worse, game.payoffs]))
    rows = chances(isolate(bigger))
    assert (rows[:, 0] == 0).all()
    assert alike(chances(isolate(game)), rows[:, 1:])


@quick
@given(st.sampled_from([(2, 2), (3, 2), (3, 3), (4, 3), (4, 4)]), seeds)
def test_two_players_agree_with_the_exact_walk(shape, seed):
    game = random_game(shape, seed)
    found, walked = isolate(game), extreme.solve(game)
    assert alike(chances(found), chances(walked))
    assert [e.index for e in found] == [e.index for e in walked]


def newton_from_anywhere(payoffs, support, start):
    """Newton's method for equal payoffs on the support, by differences of rows of payoffs."""
    n = payoffs.ndim - 1
    free = [(i, a) for i in range(n) for a in support[i][1:]]

    def mixtures(y):
        x = [np.zeros(m) for m in payoffs.shape[:-1]]
        for (i, a), p in zip(free, y):
            x[i][a] = p
        for i in range(n):
            x[i][support[i][0]] = 1 - x[i].sum()
        return x

    def action_payoffs(x, i):
        u = payoffs[..., i]
        for j in range(n - 1, -1, -1):
            if j != i:
                u = np.tensordot(u, x[j], axes=(j, 0))
        return u

    def gaps(y):
        x = mixtures(y)
        u = [action_payoffs(x, i) for i in range(n)]
        return np.array([u[i][a] - u[i][support[i][0]] for i, a in free])

    y = np.array(start[: len(free)])
    for _ in range(12):
        value = gaps(y)
        slope = [(gaps(y + 1e-6 * e) - gaps(y - 1e-6 * e)) / 2e-6 for e in np.eye(len(y))]
        if not np.isfinite(slope).all() or np.abs(y).max() > 9:
            return None
        if np.linalg.cond(slope) > 1e10:
            return None
        y = y - np.linalg.solve(np.transpose(slope), value)
    x = mixtures(y)
    if np.abs(gaps(y)).max() > 1e-12 or min(map(np.min, x)) < 0:
        return None
    u = [action_payoffs(x, i) for i in range(n)]
    best = all(u[i].max() <= u[i][support[i][0]] + 1e-10 for i in range(n))
    return np.concatenate(x) if best else None


@pytest.mark.parametrize("shape", [(2, 2, 2, 2), (3, 2, 2)])
def test_whatever_newton_meets_is_in_the_list(shape):
    """Newton's method from random starts on every support, sharing no code."""
    met = 0
    for seed in range(2):
        game = random_game(shape, 10_000 + seed)
        rows = chances(isolate(game))
        rng = np.random.default_rng(seed)
        sides = [
            [s for k in range(1, m + 1) for s in itertools.combinations(range(m), k)] for m in shape
        ]
        for support in itertools.product(*sides):
            sizes = [len(s) - 1 for s in support]
            if sum(sizes) == 0 or 2 * max(sizes) > sum(sizes):
                continue
            for _ in range(2):
                at = newton_from_anywhere(game.payoffs, support, rng.random(sum(sizes)))
                if at is not None:
                    met += 1
                    assert np.abs(rows - at).max(axis=1).min() < 1e-7
    assert met > 2


def test_mixtures_are_exact_where_asked_and_possible():
    rational, irrational = threshold(3, 1, Fraction(1, 4)), threshold(4, 2, Fraction(3, 10))
    found = isolate(rational, exact=True)
    assert all(e.profile.exact and e.certificate.regret == 0 for e in found)
    assert any(x[1] == Fraction(1, 2) for e in found for x in e.mixtures)
    with pytest.raises(ValueError, match="not known to be rational"):
        isolate(irrational, exact=True)
    assert all(x.dtype == float for e in isolate(rational, exact=False) for x in e.mixtures)
    kinds = {x.dtype for e in isolate(irrational) for x in e.mixtures}
    assert kinds == {np.dtype(object), np.dtype(float)}


@pytest.mark.parametrize("value", [Fraction(1), 0.1])
def test_an_isolated_equilibrium_with_ties_is_told_from_a_continuum(value):
    """Each of two indifferent players breaks the other's tie: nothing else is near."""
    game = Game.of(dict.fromkeys("ABC", (0, 1)), lambda a, b, c: (a * b * value, a * b * value, c))
    found = isolate(game)
    assert (found.coverage, found.degenerate) == (Coverage.ALL, True)
    assert [e.profile.support for e in found] == [((0,), (0,), (1,)), ((1,), (1,), (1,))]
    assert [e.index for e in found] == [None, 1]


@pytest.mark.parametrize("shape", [(2,) * 10, (7, 7, 7)])
def test_when_the_budget_ends_the_list_says_so(shape):
    game = random_game(shape, 1)
    found = isolate(game)
    assert found.coverage is Coverage.UNKNOWN
    assert found.degenerate is None
    assert any("budget" in note for note in found.notes)
    pure = np.argwhere(best_replies(game)).tolist()
    listed = [[s[0] for s in e.profile.support] for e in found]
    assert all(a in listed for a in pure)


@pytest.mark.parametrize(
    ("effort", "coverage"), [(1e4, Coverage.UNKNOWN), (1e6, Coverage.ENCLOSED)]
)
def test_no_pass_looks_at_more_pieces_than_the_budget_allows(monkeypatch, effort, coverage):
    """A game with continua, on which pieces never end; what is not searched is not claimed."""
    looked, search = [], _cells.search

    def counted(*args):
        found, kept, number = search(*args)
        looked.append((number, args[6]))
        return found, kept, number

    monkeypatch.setattr(_cells, "search", counted)
    monkeypatch.setattr("gametheory.solvers.isolate.EFFORT", effort)
    payoffs = np.random.default_rng(5).integers(0, 2, (3, 3, 3, 3))
    found = isolate(Game(payoffs))
    size = payoffs.size * (sum(payoffs.shape[:-1]) - 3)
    assert all(number <= most <= max(64, effort / size) for number, most in looked)
    assert len(looked) <= 4
    assert found.coverage is coverage
    assert len(found) >= len(np.argwhere(best_replies(found.game)))


def test_a_list_whose_pieces_were_not_all_looked_at_claims_nothing(monkeypatch):
    """All supports are known here, so that only the end of the pieces can tell."""
    game = random_game((4, 4, 4), 2)
    whole = isolate(game)
    assert whole.coverage is Coverage.ALL
    search = _cells.search
    seen = []

    def counted(*args):
        out = search(*args)
        seen.append((len(args[2]), out[2] >= args[6]))
        return out

    monkeypatch.setattr(_cells, "search", counted)
    isolate(game)
    supports = seen.pop()[0]
    monkeypatch.setattr("gametheory.solvers.isolate.EFFORT", 1e7)
    found = isolate(game)
    assert seen == [(supports, True)]
    assert found.coverage is Coverage.UNKNOWN
    rows = chances(whole)
    assert all(np.abs(rows - x).max(axis=1).min() < 1e-9 for x in chances(found))


def test_boxes_that_touch_are_in_one_group():
    """Against the graph of all pairs of random boxes that meet in every coordinate."""
    rng = np.random.default_rng(3)
    sizes = set()
    for _ in range(30):
        low = rng.random((20, 3))
        high = low + rng.random((20, 3)) * 0.3
        graph = nx.Graph()
        graph.add_nodes_from(range(20))
        for a, b in itertools.combinations(range(20), 2):
            if all(low[a, c] <= high[b, c] and low[b, c] <= high[a, c] for c in range(3)):
                graph.add_edge(a, b)
        groups = touching([], list(zip(low, high)))
        assert sorted(groups) == sorted(sorted(part) for part in nx.connected_components(graph))
        sizes.update(map(len, groups))
    assert len(sizes) > 4


def test_small_games_of_three_players_are_solved_so_by_default():
    assert solve(random_game((3, 3, 3), 0)).method == "isolate"
    assert solve(random_game((2, 2), 0)).method == "extreme"
    assert solve(random_game((2,) * 9, 0)).method == "pure"
    assert isolate(Game.from_payoffs([1, 3, 2])).coverage is Coverage.ALL
    with pytest.raises(ValueError, match="needs a Game"):
        solve(3, method="isolate")

"""The tracing procedure: paths of best replies, found by other means, and what must not matter."""

import functools
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import selection
from gametheory.selection import trace
from gametheory.solvers import _trace_linear, _trace_log
from gametheory.solvers._linear import UnprovedError
from gametheory.testing import games


def random_game(seed, *shape, high=1000):
    table = np.random.default_rng([seed, *shape]).integers(0, high, (*shape, len(shape)))
    return gt.Game(table)


def random_prior(seed, *shape):
    rng = np.random.default_rng([seed, 7, *shape])
    weights = [rng.integers(1, 20, m) for m in shape]
    return [[Fraction(int(w), int(x.sum())) for w in x] for x in weights]


def against(game, prior, x, t):
    """What each action of two players pays at ``t``, by the definition."""
    (p, q), (A, B) = prior, np.moveaxis(game.payoffs, -1, 0)
    mixed = [[t * a + (1 - t) * b for a, b in zip(*pair)] for pair in zip(x, (p, q))]
    return A @ np.array(mixed[1], object), np.array(mixed[0], object) @ B


def even(game):
    return [[Fraction(1, m)] * m for m in game.shape]


def is_path(path, prior):
    """Best replies at every breakpoint, and between two of them, where ``t x`` is linear."""
    places = [(t, *x) for t, *x in zip(path.ts, *path.mixtures)]
    half = Fraction(1, 2)
    for (t, x, y), (s, v, w) in itertools.pairwise(list(places)):
        middle = (t + s) / 2
        if middle:
            z = [half * (t * a + s * b) / middle for a, b in ((x, v), (y, w))]
            places.append((middle, *z))
    for t, *x in places:
        for z, u in zip(x, against(path.game, prior, x, t)):
            if not all(u[k] == max(u) for k in np.flatnonzero(z)):
                return False
    return True


@settings(deadline=None, max_examples=150)
@given(games(2, (1, 4)))
def test_a_path_of_best_replies_leads_to_an_exact_equilibrium_with_ties_too(game):
    path = trace(game)
    assert (path.ts[0], path.ts[-1]) == (0, 1)
    assert path.equilibrium.certificate.exact
    assert path.equilibrium.certificate.regret == 0
    assert is_path(path, even(game))


@pytest.mark.parametrize("shape", [(4, 3), (5, 6), (6, 6)])
def test_points_of_a_path_from_a_prior_are_best_replies(shape):
    kinds = set()
    for seed in range(15):
        game, prior = random_game(seed, *shape), random_prior(seed, *shape)
        path = trace(game, prior)
        assert path.unique
        assert is_path(path, prior)
        assert path.prior.mixtures[0].tolist() == prior[0]
        steps = np.diff(path.ts)
        kinds |= set(np.sign(steps).tolist())
    assert kinds == {-1, 0, 1}  # paths go on, stand still in t, and turn back


# A second way: every edge of the graph of best replies, by supports, linked at common ends.


def reduced(rows):
    """Row-reduced, with the columns of the pivots."""
    rows, pivots = [list(row) for row in rows], []
    for c in range(len(rows[0])):
        r = len(pivots)
        k = next((k for k in range(r, len(rows)) if rows[k][c]), None)
        if k is None:
            continue
        rows[r], rows[k] = rows[k], rows[r]
        rows[r] = [a / rows[r][c] for a in rows[r]]
        for k in range(len(rows)):
            if k != r and rows[k][c]:
                rows[k] = [a - rows[k][c] * b for a, b in zip(rows[k], rows[r])]
        pivots.append(c)
        if len(pivots) == len(rows):
            break
    return rows, pivots


def ends_of_edge(game, prior, I, J):  # noqa: E741
    """Both ends of the best replies with these supports, in (t, t x, t y); None if none."""
    (m, n), (A, B) = game.shape, np.moveaxis(game.payoffs, -1, 0)
    p, q = (np.array(z, object) for z in prior)
    # Unknowns: t x on I, t y on J, u, v, t; then the constant.
    rows = []
    size = len(I) + len(J) + 3
    for i in I:
        row = [Fraction(0)] * (size + 1)
        for k, j in enumerate(J):
            row[len(I) + k] = -A[i, j]
        row[-4], row[-2], row[-1] = Fraction(1), A[i] @ q, A[i] @ q
        rows.append(row)
    for j in J:
        row = [Fraction(0)] * (size + 1)
        for k, i in enumerate(I):
            row[k] = -B[i, j]
        row[-3], row[-2], row[-1] = Fraction(1), p @ B[:, j], p @ B[:, j]
        rows.append(row)
    rows.append([Fraction(int(k < len(I))) for k in range(size - 1)] + [Fraction(-1), Fraction(0)])
    rows.append(
        [Fraction(int(len(I) <= k < len(I) + len(J))) for k in range(size - 1)]
        + [Fraction(-1), Fraction(0)]
    )
    rows, pivots = reduced(rows)
    free = [c for c in range(size) if c not in pivots]
    if size in pivots or len(free) != 1:
        return None
    start, way = [Fraction(0)] * size, [Fraction(0)] * size
    way[free[0]] = Fraction(1)
    for row, c in zip(rows, pivots):
        start[c], way[c] = row[-1], -row[free[0]]

    def point(z):
        x, y = [Fraction(0)] * m, [Fraction(0)] * n
        for k, i in enumerate(I):
            x[i] = z[k]
        for k, j in enumerate(J):
            y[j] = z[len(I) + k]
        return x, y, z[-3], z[-2], z[-1]

    low, high = None, None

    def values(z):
        x, y, u, v, t = point(z)
        first = A @ np.array(y, object) + (1 - t) * (A @ q)
        second = np.array(x, object) @ B + (1 - t) * (p @ B)
        return [*x, *y, *(u - first), *(v - second), t, 1 - t]

    base = values(start)
    slope = [b - a for a, b in zip(base, values([a + b for a, b in zip(start, way)]))]
    for a, b in zip(base, slope):
        if b == 0 and a < 0:
            return None
        if b > 0:
            low = -a / b if low is None else max(low, -a / b)
        if b < 0:
            high = -a / b if high is None else min(high, -a / b)
    if low is None or high is None or low >= high:
        return None
    found = []
    for s in (low, high):
        x, y, _, _, t = point([a + s * b for a, b in zip(start, way)])
        found.append((t, tuple(x), tuple(y)))
    return found


def walked(game, prior):
    """The end at ``t = 1`` of the walk over edges from ``t = 0``."""
    supports = [
        [s for k in range(1, m + 1) for s in itertools.combinations(range(m), k)]
        for m in game.shape
    ]
    edges = [e for s in itertools.product(*supports) if (e := ends_of_edge(game, prior, *s))]
    (here,) = {e for pair in edges for e in pair if e[0] == 0}
    passed = set()
    while here[0] < 1:
        (k,) = [k for k, pair in enumerate(edges) if here in pair and k not in passed]
        passed.add(k)
        a, b = edges[k]
        here = b if here == a else a
    return here, len(passed)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (2, 4), (3, 3)])
def test_a_walk_over_all_edges_by_supports_ends_at_the_same_equilibrium(shape):
    longest = 0
    for seed in range(12):
        game, prior = random_game(seed, *shape), random_prior(seed, *shape)
        path = trace(game, prior)
        (_, x, y), edges = walked(game, prior)
        assert [list(x), list(y)] == [z.tolist() for z in path.equilibrium.mixtures]
        assert edges == len(path.ts) - 1
        longest = max(longest, edges)
    assert longest >= 3


@pytest.mark.parametrize(("shape", "high"), [((2, 3), 2), ((3, 3), 2), ((3, 4), 3), ((4, 3), 2)])
def test_ties_are_broken_as_if_earlier_actions_paid_a_little_more(shape, high):
    """The path of the game with eps^(l + 1) added to action l passes where this one ends."""
    eps, (m, n), ties = Fraction(1, 10**5), shape, 0
    for seed in range(80):
        game = random_game(seed, *shape, high=high)
        path = trace(game)
        table = game.payoffs.copy()
        for i in range(m):
            table[i, :, 0] += eps ** (i + 1)
        for j in range(n):
            table[:, j, 1] += eps ** (m + j + 1)
        other = trace(gt.Game(table))
        assert other.unique
        end = np.concatenate([z.astype(float) for z in path.equilibrium.mixtures])
        passed = np.hstack([z.astype(float) for z in other.mixtures])
        off = np.abs(passed - end).max(axis=1) + abs(other.ts.astype(float) - 1)
        assert off.min() < 1e-3
        if path.unique:
            assert off[-1] < 1e-3
        ties += not path.unique
    assert ties > 50


@settings(deadline=None, max_examples=60)
@given(
    games(2, (1, 4)),
    st.sampled_from([Fraction(1, 10**9), Fraction(7, 3), 10**9]),
    st.lists(st.integers(-5, 5), min_size=8, max_size=8),
)
def test_units_and_what_only_others_decide_do_not_matter(game, unit, bonus):
    """Not a point of the path moves if a player's payoffs are rescaled, or what others do pays."""
    table = game.payoffs.copy()
    m, n = game.shape
    table[..., 0] = table[..., 0] * unit + np.array(bonus[:n], object)
    table[..., 1] = table[..., 1] / unit + np.array(bonus[4 : 4 + m], object)[:, np.newaxis]
    here, there = trace(game), trace(gt.Game(table))
    assert here.unique == there.unique
    assert here.ts.tolist() == there.ts.tolist()
    for x, y in zip(here.mixtures, there.mixtures):
        assert x.tolist() == y.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_names_and_dominated_actions_do_not_matter(seed):
    game, prior = random_game(seed, 4, 3), random_prior(seed, 4, 3)
    here = trace(game, prior)
    rows = np.random.default_rng(seed).permutation(4)
    moved = gt.Game(game.payoffs[rows].swapaxes(0, 1)[..., ::-1])
    there = trace(moved, [prior[1], [prior[0][k] for k in rows]])
    assert there.unique == here.unique
    assert here.ts.tolist() == there.ts.tolist()
    assert here.mixtures[0][:, rows].tolist() == there.mixtures[1].tolist()
    assert here.mixtures[1].tolist() == there.mixtures[0].tolist()
    worse = np.concatenate([game.payoffs, game.payoffs[:1]])
    worse[4, :, 0] -= 1
    worse[4, :, 1] = 5000
    longer = trace(gt.Game(worse), [[*prior[0], Fraction(0)], prior[1]])
    assert longer.ts.tolist() == here.ts.tolist()
    assert longer.mixtures[0][:, :4].tolist() == here.mixtures[0].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_floats_are_the_rationals_that_they_are(seed):
    table = np.random.default_rng(seed).random((4, 5, 2))
    game = gt.Game(table)
    twin = gt.Game(np.array([Fraction(u) for u in table.flat], object).reshape(table.shape))
    weights = np.random.default_rng(seed).dirichlet([1] * 4), np.full(5, 0.2)
    exact = [[Fraction(p) / sum(map(Fraction, w)) for p in w] for w in weights]
    floats, sure = trace(game, weights), trace(twin, exact)
    assert floats.ts.tolist() == [float(t) for t in sure.ts]
    for x, y in zip(floats.mixtures, sure.mixtures):
        assert x.dtype == np.float64
        assert np.array_equal(x, y.astype(np.float64))
    assert trace(game, weights, exact=True).ts.tolist() == sure.ts.tolist()
    assert trace(twin, exact, exact=False).mixtures[0].dtype == np.float64


def test_a_strict_equilibrium_as_prior_is_where_the_path_stays():
    seen = 0
    for shape in ((3, 4), (2, 3, 2), (2, 2, 2, 2)):
        for seed in range(10):
            game = random_game(seed, *shape)
            for e in gt.solve(game, method="pure"):
                path = trace(game, e)
                assert path.unique
                assert path.ts.tolist() == [0, 1]
                assert path.equilibrium.profile == e.profile
                assert path.equilibrium.certificate.exact
                seen += 1
    assert seen > 20


def test_what_a_tie_leaves_open_is_said():
    """By symmetry neither of the two pure equilibria can be selected: the order of actions did."""
    game = gt.Game.from_payoffs([[0, 2], [1, 0]], [[0, 1], [2, 0]])
    path = trace(game)
    assert path.unique is False
    assert "forks" in path.notes[0]
    assert "forks" in gt.solve(game, method="tracing").notes[-1]
    turned = gt.Game(game.payoffs[::-1, ::-1])
    ends = [p.equilibrium.profile.support for p in (path, trace(turned))]
    assert ends == [((0,), (1,)), ((0,), (1,))]  # of other labels: the other equilibrium


def test_a_tie_at_the_prior_and_one_at_the_end_are_ties():
    assert trace(gt.Game.from_payoffs([[1, 0], [0, 1]], [[3, 0], [2, 0]])).unique is False
    assert trace(gt.Game.from_payoffs([[3, 0], [2, 0]], [[1, 0], [0, 1]])).unique is False
    weak = gt.Game.from_payoffs([[1, 1], [1, 0]], [[1, 0], [1, 0]])  # a tie at t = 1 alone
    path = trace(weak)
    assert path.equilibrium.profile.support == ((0,), (0,))
    assert path.unique is False


def test_a_budget_that_ends_is_no_answer(monkeypatch):
    game = random_game(0, 6, 6)
    A, B = np.moveaxis(game.payoffs, -1, 0)
    with pytest.raises(UnprovedError, match="another prior"):
        _trace_linear.follow(A, B, *even(game), work=10)
    short = functools.partial(_trace_linear.follow, work=10)
    monkeypatch.setattr(_trace_linear, "follow", short)
    found = gt.solve(game, method="tracing")
    assert len(found) == 0
    assert found.coverage is gt.Coverage.UNKNOWN
    assert "budget" in found.notes[0]


@pytest.mark.parametrize("steps", [3, 30, 60])
def test_a_path_that_is_lost_is_no_answer(monkeypatch, steps):
    game = random_game(1, 2, 3, 2)
    path = trace(game)
    assert path.unique is None
    assert len(path.ts) > 61
    monkeypatch.setattr(_trace_log, "ETAS", (1e-6,))
    monkeypatch.setattr(_trace_log, "STEPS", steps)
    with pytest.raises(UnprovedError, match="method='logit'"):
        trace(game)
    assert gt.solve(game, method="tracing").coverage is gt.Coverage.UNKNOWN


def test_a_false_end_of_a_path_is_caught(monkeypatch):
    one, none = Fraction(1), Fraction(0)
    false = _trace_linear.Linear([none, one], [([one, none], [none, one])] * 2, False)
    monkeypatch.setattr(_trace_linear, "follow", lambda *given: false)
    with pytest.raises(gt.CertificateError, match="is not an equilibrium"):
        trace(gt.Game.from_payoffs([[1, 0], [0, 1]], [[1, 0], [0, 1]]))


# The logarithmic path.


def log_path(game, prior):
    """The path in floats, for two players too, without the use of symmetry."""
    tables = np.moveaxis(game.payoffs, -1, 0)
    losses = [u - u.max(axis=i, keepdims=True) for i, u in enumerate(tables)]
    shares = np.stack([(u / -u.min()).astype(float).ravel() for u in losses], axis=1)
    flat = np.concatenate([np.array(p, float) for p in prior])
    return _trace_log.Path(shares, game.shape, flat, np.arange(len(flat))).follow(1e-6)


def test_where_the_linear_path_is_unique_the_logarithmic_one_ends_with_it():
    for shape in ((2, 2), (3, 4), (5, 4), (8, 9)):
        for seed in range(15):
            game, prior = random_game(seed, *shape), random_prior(seed, *shape)
            sure = trace(game, prior)
            assert sure.unique
            _, points = log_path(game, prior)
            end = np.concatenate([z.astype(float) for z in sure.equilibrium.mixtures])
            assert np.abs(points[-1] - end).max() < 1e-7


@pytest.mark.parametrize("seed", [20, 44])
def test_no_step_leaps_to_another_path(seed):
    """Steps of any length and turn end elsewhere, or nowhere, in these games."""
    game = random_game(seed, 8, 8)
    _, points = log_path(game, even(game))
    end = np.concatenate([z.astype(float) for z in trace(game).equilibrium.mixtures])
    assert np.abs(points[-1] - end).max() < 1e-7


def test_a_player_without_influence_does_not_matter():
    """A third player whom nobody heeds, with a dominant action: the two others' linear path."""
    for seed in range(10):
        game, prior = random_game(seed, 3, 3), random_prior(seed, 3, 3)
        table = np.zeros((3, 2, 3, 3), object)
        table[..., 0] = game.payoffs[:, np.newaxis, :, 0]
        table[..., 2] = game.payoffs[:, np.newaxis, :, 1]
        table[:, 1, :, 1] = 1
        path = trace(gt.Game(table), [prior[0], [Fraction(1, 3), Fraction(2, 3)], prior[1]])
        alone = trace(game, prior).equilibrium
        assert path.equilibrium.mixtures[1][1] == 1
        for x, y in zip(path.equilibrium.mixtures[::2], alone.mixtures):
            assert np.abs(x.astype(float) - y.astype(float)).max() < 1e-9


@pytest.mark.parametrize("shape", [(2, 3, 2), (3, 3, 3), (2, 2, 2, 2)])
def test_points_of_a_logarithmic_path_maximise_what_they_should(shape):
    """U_ia + mu / x_ia is the same for all actions, with payoffs by an einsum of its own."""
    letters, n, curved = "abcdef", len(shape), 0
    for seed in range(6):
        game, prior = random_game(seed, *shape), random_prior(seed, *shape)
        path = trace(game, prior)
        assert path.equilibrium.certificate.holds()
        if path.unique:
            continue
        assert "eta = 1e-06" in path.notes[0]
        curved += 1
        p = [np.array(z, float) for z in prior]
        for k in range(0, len(path.ts), 3):
            t, x = path.ts[k], [z[k] for z in path.mixtures]
            for i in range(n):
                u = game.payoffs[..., i].astype(float)
                loss = (u.max(axis=i, keepdims=True) - u).max()
                spec = f"{letters[:n]},{','.join(letters[j] for j in range(n) if j != i)}"
                now, before = (
                    np.einsum(f"{spec}->{letters[i]}", u, *[z[j] for j in range(n) if j != i])
                    for z in (x, p)
                )
                played = x[i] > 1e-4
                value = (t * now + (1 - t) * before) / loss
                assert x[i].sum() == pytest.approx(1, abs=1e-9)
                assert np.ptp((value + 1e-6 * (1 - t) / np.maximum(x[i], 1e-9))[played]) < 1e-8
                assert (value <= value[played].max() + 1e-9).all()
    assert curved >= 3


@pytest.mark.parametrize("seed", range(6))
def test_names_and_units_do_not_matter_to_a_logarithmic_path(seed):
    game, prior = random_game(seed, 2, 3, 3), random_prior(seed, 2, 3, 3)
    here = trace(game, prior).equilibrium.mixtures
    table = game.payoffs.transpose(2, 0, 1, 3)[::-1][..., [2, 0, 1]]
    table = table * np.array([7, Fraction(1, 10**9), 10**9], object)
    bonus = np.random.default_rng(seed).integers(0, 10**4, (2, 3))
    table[..., 0] += bonus  # what others do
    there = trace(gt.Game(table), [prior[2][::-1], prior[0], prior[1]]).equilibrium.mixtures
    for x, y in zip((here[2][::-1], here[0], here[1]), there):
        assert np.abs(x.astype(float) - y.astype(float)).max() < 1e-9


def test_a_symmetric_game_of_three_keeps_a_symmetric_path(monkeypatch):
    """Volunteers: the only symmetric equilibrium, though it is not stable (Diekmann 1985)."""
    monkeypatch.setattr(selection, "_as_counts", lambda game: None)
    game = gt.CountGame(act=[Fraction(3, 5)] * 3, wait=[0, 1, 1]).to_game()
    path = trace(game)
    for x in path.equilibrium.mixtures:
        assert x[0] == pytest.approx(1 - 0.4**0.5, abs=1e-9)
    assert all(np.array_equal(path.mixtures[0], x) for x in path.mixtures)


def test_a_prior_without_the_symmetry_of_the_game_takes_the_path_out_of_it():
    """Of three volunteers who are expected to act with different chances: unlike ends."""
    game = gt.CountGame(act=[Fraction(3, 5)] * 3, wait=[0, 1, 1]).to_game()
    prior = [[Fraction(k, 10), Fraction(10 - k, 10)] for k in (2, 3, 4)]
    path = trace(game, prior)
    _, points = log_path(game, prior)
    end = np.concatenate([z.astype(float) for z in path.equilibrium.mixtures])
    assert np.abs(points[-1] - end).max() < 1e-7
    assert not np.array_equal(path.equilibrium.mixtures[0], path.equilibrium.mixtures[2])


def test_a_tie_of_replies_to_the_prior_is_not_called_unique():
    table = np.zeros((2, 2, 2, 3), object)
    table[1, 1, 1] = 1
    table[0, 0, 0, 0] = 1
    path = trace(gt.Game(table))  # player 0 is indifferent at first, the others are not
    assert path.unique is None
    assert path.equilibrium.mixtures[1][1] == 1


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 2), (2, 2, 2, 2)])
def test_games_full_of_ties_end_in_equilibria(shape):
    for seed in range(25):
        path = trace(random_game(seed, *shape, high=2))
        assert path.equilibrium.certificate.holds()
        assert (path.ts[0], path.ts[-1]) == (0, 1)
        near = [
            np.abs(x[-1] - y.astype(float)).max()
            for x, y in zip(path.mixtures, path.equilibrium.mixtures)
        ]
        assert max(near) < 1e-3


def test_the_door():
    with pytest.raises(ValueError, match="needs a Game or a CountGame"):
        trace(gt.PublicGood(w=[10, 6], alpha=0.5))
    game = random_game(0, 2, 3)
    with pytest.raises(ValueError, match="Player 2"):
        trace(game, [[1, 0], [1, 0]])


def test_pure_ends_of_a_logarithmic_path_are_exact_and_mixed_ones_say_that_they_are_not():
    kinds = set()
    for seed in range(12):
        game = random_game(seed, 2, 3, 2)
        path = trace(game)
        pure = all(len(s) == 1 for s in path.equilibrium.profile.support)
        kinds.add((path.unique, pure))
        assert path.equilibrium.certificate.exact == pure
        if pure:
            assert gt.solve(game, method="tracing", exact=True)[0].profile.exact
            assert not trace(game, exact=False).equilibrium.profile.exact
        else:
            with pytest.raises(ValueError, match="exact=None"):
                trace(game, exact=True)
    assert kinds == {(True, True), (None, True), (None, False)}

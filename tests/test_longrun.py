"""The long run: printed numbers, laws, exact chains and trees written out, closed forms."""

import itertools
import math
from fractions import Fraction

import mpmath
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import longrun
from gametheory.longrun import long_run, stochastically_stable
from gametheory.solvers import _chain
from gametheory.testing import games

SMALL = games(3, (1, 3)) | games(2, (1, 4))


def team(v, c, m):
    """A good worth ``v[i]`` to each if ``m`` act, at a cost ``c[i]`` to one who does."""
    return gt.Game.of(
        {f"{i}": ["stay", "act"] for i in range(len(v))},
        lambda *a: [x * (a.count("act") >= m) - y * (b == "act") for b, x, y in zip(a, v, c)],
    )


def provided(m):
    return lambda *actions: actions.count("act") >= m


def steps(game):
    """Every step of one player: the state left, the state reached, the player and the action."""
    for s in np.ndindex(game.shape):
        for i, m in enumerate(game.shape):
            for a in range(m):
                if a != s[i]:
                    yield s, (*s[:i], a, *s[i + 1 :]), i, a


def waste(game, s, i, a):
    """What a best reply pays above action ``a``."""
    own = [game.payoffs[(*s[:i], b, *s[i + 1 :])][i] for b in range(game.shape[i])]
    return max(own) - own[a]


def exact_law(game, noise, digits=60):
    """The logarithms of the stationary law, from the linear equations in many digits."""
    with mpmath.workdps(digits):
        index = {s: k for k, s in enumerate(np.ndindex(game.shape))}
        A = mpmath.zeros(len(index))
        for s, t, i, a in steps(game):
            own = [game.payoffs[(*s[:i], b, *s[i + 1 :])][i] for b in range(game.shape[i])]
            weights = [mpmath.exp(mpmath.mpf(u.numerator) / u.denominator / noise) for u in own]
            rate = weights[a] / mpmath.fsum(weights)
            A[index[t], index[s]] += rate
            A[index[s], index[s]] -= rate
        for k in range(len(index)):
            A[len(index) - 1, k] = 1
        right = mpmath.zeros(len(index), 1)
        right[len(index) - 1] = 1
        law = mpmath.lu_solve(A, right)
        return np.array([float(mpmath.log(x)) for x in law]).reshape(game.shape)


def trees(game):
    """For each state, the least waste of the trees to it, and the leading terms of these summed."""
    states = list(np.ndindex(game.shape))
    out = {s: [] for s in states}
    for s, t, i, a in steps(game):
        best = [waste(game, s, i, b) for b in range(game.shape[i])].count(0)
        out[s].append((t, waste(game, s, i, a), Fraction(1, best)))
    found = {}
    for root in states:
        others = [s for s in states if s != root]
        for chosen in itertools.product(*(out[s] for s in others)):
            follow = {s: c[0] for s, c in zip(others, chosen)}
            if all(reaches(s, follow, root) for s in others):
                total, term = sum(c[1] for c in chosen), math.prod(c[2] for c in chosen)
                least, terms = found.get(root, (total, 0))
                if total <= least:
                    found[root] = (total, term + (terms if total == least else 0))
    return found


def reaches(s, follow, root):
    seen = set()
    while s != root and s not in seen:
        seen.add(s)
        s = follow[s]
    return s == root


def arborescences(game):
    """The least waste of a tree to each state, above the least of all, by Edmonds' algorithm."""
    least = {}
    for root in np.ndindex(game.shape):
        graph = nx.DiGraph()
        graph.add_node(root)
        for s, t, i, a in steps(game):
            if s != root:
                graph.add_edge(t, s, weight=int(waste(game, s, i, a)))
        tree = nx.minimum_spanning_arborescence(graph)
        least[root] = sum(d["weight"] for _, _, d in tree.edges(data=True))
    return {s: w - min(least.values()) for s, w in least.items()}


# MODELS-collective EV-1 (d): derived there by an independent chain and from the Gibbs law.
@pytest.mark.parametrize(
    ("n", "m", "c", "noise", "chance"),
    [(5, 3, 0.3, 0.02, 0.999326658), (5, 3, 0.35, 0.02, 0.450805910),
     (5, 3, 0.35, 0.01, 0.063126069), (5, 3, 0.3, 0.05, 0.986499632),
     (5, 3, 0.35, 0.05, 0.785579680), (5, 5, 0.15, 0.02, 0.999996263),
     (5, 5, 0.25, 0.02, 3.726569846e-06), (8, 8, 0.1, 0.02, 0.999952097),
     (8, 8, 0.15, 0.02, 4.519750597e-05)],
)  # fmt: skip
def test_success_of_teams(n, m, c, noise, chance):
    run = long_run(team([1] * n, [c] * n, m), noise)
    assert run.expected(provided(m)) == pytest.approx(chance, rel=2e-9)
    assert run.residual < 1e-13
    counts = gt.CountGame(act=[(k + 1 >= m) - c for k in range(n)], wait=[k >= m for k in range(n)])
    assert long_run(counts, noise).expected(lambda k: k >= m) == pytest.approx(chance, rel=2e-9)


# MODELS-collective EV-1 (d), the bad apple; no potential where the stakes differ. The last is by
# the Gibbs law 4e^5 + e^-10 to 1 + 4e^-15 + 6e^-30; the note has .998223504, which that is not.
@pytest.mark.parametrize(
    ("v", "c", "noise", "chance"),
    [([1] * 3, [0.3] * 3, 0.05, 0.880015078), ([1] * 3, [0.3] * 3, 0.02, 0.993307143),
     ([1, 1, 1, 0.02], [0.3, 0.3, 0.3, 0.05], 0.05, 0.010087726),
     ([1, 1, 1, 0.02], [0.3, 0.3, 0.3, 0.05], 0.02, 7.472988e-07),
     ([1] * 4, [0.3, 0.3, 0.3, 0.95], 0.02, 0.993307143),
     ([1] * 4, [0.3] * 4, 0.05, 0.966978301), ([1] * 4, [0.3] * 4, 0.02, 0.998318344)],
)  # fmt: skip
def test_the_bad_apple(v, c, noise, chance):
    run = long_run(team(v, c, 3), noise)
    printed = 1e-12 if chance < 1e-6 else 1e-9
    assert run.expected(provided(3)) == pytest.approx(chance, rel=0, abs=printed)


def test_the_bad_apple_in_the_limit():
    c = [Fraction(3, 10)] * 3
    assert stochastically_stable(team([1] * 3, c, 3)).states == ((1, 1, 1),)
    spoilt = team([1, 1, 1, Fraction(1, 50)], [*c, Fraction(1, 20)], 3)
    assert stochastically_stable(spoilt).states == ((0, 0, 0, 0),)
    costly = team([1] * 4, [*c, Fraction(95, 100)], 3)
    assert stochastically_stable(costly).states == ((1, 1, 1, 0),)


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_a_team_succeeds_iff_the_good_is_worth_the_least_costs(c, data):
    """Myatt & Wallace 2008, with one value for all: from the potential; at equality both stay."""
    m = data.draw(st.integers(1, len(c)))
    v = data.draw(st.integers(1, 12))
    least = sum(sorted(c)[:m])
    v = least if data.draw(st.booleans()) else v
    states = stochastically_stable(team([v] * len(c), c, m)).states
    assert any(sum(s) >= m for s in states) == (v >= least)
    assert any(sum(s) < m for s in states) == (v <= least)
    for s in states:
        acting = [x for a, x in zip(s, c) if a]
        assert sum(acting) == (least if sum(s) >= m else 0)


@given(games(3, (1, 2)) | games(2, (1, 3)), st.sampled_from([Fraction(1, 7), 1, 30]))
@settings(max_examples=40, deadline=None)
def test_the_law_solves_the_equations(game, noise):
    run = long_run(game, noise)
    assert np.abs(run.log_probabilities - exact_law(game, noise)).max() < 1e-12
    assert run.probabilities.sum() == pytest.approx(1, abs=1e-14)
    assert run.residual < 1e-12


@pytest.mark.parametrize("seed", range(3))
def test_chances_far_below_the_range_of_floats_keep_their_digits(seed):
    rng = np.random.default_rng(seed)
    game = gt.Game(rng.integers(0, 30, (2, 3, 2, 3)))
    log = long_run(game, Fraction(1, 200)).log_probabilities
    assert log.min() < -1500
    assert log == pytest.approx(exact_law(game, Fraction(1, 200), 8000), rel=1e-13, abs=1e-11)


def test_another_elimination_agrees():
    gth_solve = pytest.importorskip("quantecon").markov.gth_solve
    game = gt.Game(np.random.default_rng(5).random((3, 2, 4, 2, 4)))
    index = {s: k for k, s in enumerate(np.ndindex(game.shape))}
    P = np.zeros((len(index),) * 2)
    for s, t, i, a in steps(game):
        u = game.payoffs[(*s[:i], slice(None), *s[i + 1 :], i)] / 0.05
        P[index[s], index[t]] = np.exp(u[a] - u.max()) / np.exp(u - u.max()).sum() / 5
    P[np.diag_indices(len(P))] = 1 - P.sum(axis=1)
    law = gth_solve(P).reshape(game.shape)
    assert long_run(game, 0.05).probabilities == pytest.approx(law, rel=1e-11, abs=0)


def potential_game(seed, shape, values=4):
    """A game with an exact potential, of integers with ties, and the potential."""
    rng = np.random.default_rng([seed, *shape])
    F = rng.integers(0, values, shape)
    rest = [rng.integers(-5, 5, [m if j != i else 1 for j, m in enumerate(shape)])
            for i in range(len(shape))]  # fmt: skip
    return gt.Game.from_payoffs(*[F + x for x in rest]), F


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 4), (2, 2, 2, 2, 2, 2), (5, 1, 3)])
@pytest.mark.parametrize("noise", [1e-6, 0.02, 3.0])
def test_a_potential_gives_the_law_and_its_maximisers_are_stable(shape, noise):
    for seed in range(4):
        game, F = potential_game(seed, shape)
        log = F / noise - F.max() / noise
        log -= np.log(np.exp(log).sum())
        run = long_run(game, noise)
        assert run.log_probabilities == pytest.approx(log, rel=1e-12, abs=1e-10)
        stable = stochastically_stable(game)
        best = tuple(map(tuple, np.argwhere(F.max() == F).tolist()))
        assert stable.states == best
        assert run.most_likely == best
        assert (stable.waste == F.max() - F).all()
        assert stable.limit == pytest.approx((F.max() == F) / len(best), abs=1e-12)


@given(games(3, (2, 2)) | games(2, (2, 3)))
@settings(max_examples=12, deadline=None)
def test_stable_states_are_those_of_the_least_trees_and_their_leading_terms_the_limit(game):
    if math.prod(game.shape) > 8:
        game = gt.Game(game.payoffs[:2])
    found, stable = trees(game), stochastically_stable(game)
    least = min(w for w, _ in found.values())
    total = sum(t for w, t in found.values() if w == least)
    assert stable.states == tuple(s for s in np.ndindex(game.shape) if found[s][0] == least)
    for s, (w, term) in found.items():
        assert stable.waste[s] == w - least
        assert stable.limit[s] == pytest.approx(float(term / total) if w == least else 0, abs=1e-12)


@pytest.mark.parametrize("shape", [(4, 5), (3, 2, 3), (2, 2, 2, 2), (2, 2, 2, 2, 2)])
def test_wastes_are_those_of_least_arborescences(shape):
    for seed in range(4):
        rng = np.random.default_rng([seed, *shape])
        game = gt.Game(rng.integers(0, 6, (*shape, len(shape))))
        least, stable = arborescences(game), stochastically_stable(game)
        assert {s: stable.waste[s] for s in least} == least


@given(SMALL)
@settings(max_examples=60, deadline=None)
def test_a_small_noise_is_near_the_limit(game):
    """Wastes are integers: the next states are exp(-60) as likely."""
    stable = stochastically_stable(game)
    near = long_run(game, 1 / 60)
    assert near.probabilities == pytest.approx(stable.limit, abs=1e-11)
    assert set(near.most_likely) <= set(stable.states)
    tiny = long_run(game, 1e-5).log_probabilities * 1e-5
    assert tiny == pytest.approx(-stable.waste.astype(float), abs=1e-3)
    assert stable.limit.sum() == pytest.approx(1)
    assert [stable.waste[s] for s in stable.states] == [0] * len(stable.states)
    assert (stable.waste == 0).sum() == (stable.limit > 0).sum() == len(stable.states)


@given(SMALL, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_labels_of_players_and_actions_do_not_matter(game, random):
    order = list(range(len(game.shape)))
    random.shuffle(order)
    maps = [random.sample(range(m), m) for m in game.shape]
    table = game.payoffs[np.ix_(*maps)].transpose(*order, -1)[..., order]
    there = gt.Game(table)
    for law in (
        lambda g: long_run(g, 0.3).log_probabilities,
        lambda g: stochastically_stable(g).waste.astype(float),
        lambda g: stochastically_stable(g).limit,
    ):
        moved = law(game)[np.ix_(*maps)].transpose(order)
        assert law(there) == pytest.approx(moved, abs=1e-11)
    marginals = long_run(game, 0.3).marginals
    for i, x in zip(order, long_run(there, 0.3).marginals):
        assert x == pytest.approx(marginals[i][maps[i]], abs=1e-12)


@given(SMALL, st.sampled_from([Fraction(1, 10**9), 7, 10**9, 10**150]), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_unit_of_payoffs_and_what_only_others_decide_do_not_matter(game, unit, seed):
    rng = np.random.default_rng(seed)
    shifts = np.zeros(game.payoffs.shape, dtype=int)
    for i in range(len(game.shape)):
        shifts[..., i] = rng.integers(-9, 9, [m * (j != i) or 1 for j, m in enumerate(game.shape)])
    there = gt.Game((game.payoffs + shifts) * unit)
    law = long_run(game, Fraction(1, 2)).log_probabilities
    assert long_run(there, Fraction(1, 2) * unit).log_probabilities == pytest.approx(law, abs=1e-11)
    one, other = stochastically_stable(game), stochastically_stable(there)
    assert one.states == other.states
    assert (other.waste == one.waste * unit).all()
    floats = gt.Game((game.payoffs * unit).astype(float))
    assert stochastically_stable(floats).states == one.states


@given(SMALL)
@settings(max_examples=30, deadline=None)
def test_a_copy_of_an_action_is_a_bonus_of_noise_times_ln_2(game):
    """Two copies are taken with twice the chance; stable are the copies of what was."""
    noise = 0.4
    doubled = gt.Game(np.concatenate([game.payoffs, game.payoffs[:1]]))
    bonus = game.payoffs.astype(float)
    bonus[0, ..., 0] += noise * math.log(2)
    law = long_run(doubled, noise).probabilities.copy()
    assert law[-1] == pytest.approx(law[0], rel=1e-12)
    law[0] += law[-1]
    assert law[:-1] == pytest.approx(long_run(gt.Game(bonus), noise).probabilities, rel=1e-11)
    stable = stochastically_stable(game).states
    copies = [(game.shape[0], *s[1:]) for s in stable if s[0] == 0]
    assert sorted(stochastically_stable(doubled).states) == sorted([*stable, *copies])


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_risk_dominant_equilibrium_is_selected(u):
    """The larger product of losses of leaving it alone; harsanyi & selten's criterion, 2 x 2."""
    A, B = np.array(u[:4]).reshape(2, 2), np.array(u[4:]).reshape(2, 2)
    A[0, 0], A[1, 1] = A[1, 0] + 1 + u[0], A[0, 1] + 1 + u[3]
    B[0, 0], B[1, 1] = B[0, 1] + 1 + u[0], B[1, 0] + 1 + u[3]  # the same losses for both
    first, second = 1 + u[0], 1 + u[3]
    wanted = [s for s, x in (((0, 0), first), ((1, 1), second)) if x == max(first, second)]
    assert stochastically_stable(gt.Game.from_payoffs(A, B)).states == tuple(wanted)


@given(st.integers(1, 5), st.data())
@settings(max_examples=40, deadline=None)
def test_a_count_game_is_its_table(n, data):
    payoffs = st.lists(st.integers(-3, 3), min_size=n, max_size=n)
    counts = gt.CountGame(act=data.draw(payoffs), wait=data.draw(payoffs))
    game = counts.to_game()
    acting = n - np.indices(game.shape).sum(axis=0)
    one, other = long_run(counts, 0.2), long_run(game, 0.2)
    summed = np.bincount(acting.ravel(), other.probabilities.ravel(), n + 1)
    assert one.probabilities == pytest.approx(summed, rel=1e-11)
    assert one.marginals[-1] == pytest.approx(other.marginals[-1], rel=1e-11)
    assert one.residual < 1e-13
    stable, table = stochastically_stable(counts), stochastically_stable(game)
    assert stable.states == tuple(np.unique([acting[s] for s in table.states]).tolist())
    assert (stable.waste[acting] == table.waste).all()
    assert stable.limit == pytest.approx(np.bincount(acting.ravel(), table.limit.ravel(), n + 1))


def test_thousands_of_players():
    """Against products of the rates of the birth-death chain, both tails, in 40 digits."""
    n, noise = 2000, Fraction(1, 20)
    rng = np.random.default_rng(0)
    game = gt.CountGame(rng.integers(-3, 4, n), rng.integers(-3, 4, n))
    run = long_run(game, noise)
    with mpmath.workdps(40):
        log = [mpmath.mpf(0)]
        for k, g in enumerate(game.gain.tolist()):
            x = mpmath.mpf(int(g)) * 20
            up = mpmath.mpf(n - k) / n / (1 + mpmath.exp(-x))
            down = mpmath.mpf(k + 1) / n / (1 + mpmath.exp(x))
            log.append(log[-1] + mpmath.log(up) - mpmath.log(down))
        top = max(log)
        total = top + mpmath.log(mpmath.fsum(mpmath.exp(x - top) for x in log))
        wanted = np.array([float(x - total) for x in log])
    assert wanted.min() < -1000
    assert run.log_probabilities == pytest.approx(wanted, rel=1e-14, abs=1e-12)
    assert run.residual < 1e-11
    sums = np.concatenate([[0], np.cumsum(game.gain)])
    stable = stochastically_stable(game)
    assert stable.states == tuple(np.flatnonzero(sums == sums.max()).tolist())
    assert (stable.waste == sums.max() - sums).all()


def test_many_players_who_tie():
    """Equal gains and losses in turn: every even number is stable, by the ways to choose them."""
    n = 1200
    stable = stochastically_stable(gt.CountGame(act=[0, 1] * (n // 2), wait=[1, 0] * (n // 2)))
    assert stable.states == tuple(range(0, n + 1, 2))
    for k in (0, 400, 600):
        assert stable.limit[k] == pytest.approx(math.comb(n, k) / 2 ** (n - 1), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_long_fractions_and_what_machine_integers_hold_agree_with_trees(seed):
    """Wastes of some 200 bits, the low ones of which decide."""
    rng = np.random.default_rng(seed)
    coarse, fine = rng.integers(0, 3, (2, 2, 2, 2, 3)).astype(object)
    game = gt.Game(coarse * 10**60 + fine)
    found, stable = trees(game), stochastically_stable(game)
    least = min(w for w, _ in found.values())
    assert {s: stable.waste[s] for s in found} == {s: w - least for s, (w, _) in found.items()}
    assert longrun._whole(game)[0][0].dtype == object
    total = sum(t for w, t in found.values() if w == least)
    for s in stable.states:
        assert stable.limit[s] == pytest.approx(float(found[s][1] / total), rel=1e-12)


def line(rng, up, down, shuffled):
    """Rates and exponents up and down a line of states, in order or not, and where they stand."""
    states = len(up) + 1
    M, E = np.zeros((states, states)), np.full((states, states), _chain.NOTHING, dtype=object)
    place = rng.permutation(states) if shuffled else np.arange(states)
    for k, ((m, e), (x, at)) in enumerate(zip(up, down)):
        M[place[k], place[k + 1]], E[place[k], place[k + 1]] = m, e
        M[place[k + 1], place[k]], E[place[k + 1], place[k]] = x, at
    last = np.array([np.flatnonzero(row).max() for row in M])
    return M, E, last, place


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize(
    ("bits", "power"), [(1, 0), (30, 0), (100, 0), (127, 0), (127, 2), (2, 10**6)]
)
def test_the_law_of_a_line_is_a_product_of_ratios(bits, power, shuffled):
    """Rates of up to so many bits and powers of 2^256; out of order their products fill in."""
    for seed in range(5):
        rng = np.random.default_rng([seed, bits])
        up, down = (
            [(2.0 ** rng.uniform(-bits, bits), int(rng.integers(-power, power + 1)))
             for _ in range(80)] for _ in range(2)
        )  # fmt: skip
        M, E, last, place = line(rng, up, down, shuffled)
        law, found = _chain.numbers(M, E.astype(np.int64), last)
        log = np.log(law) + 256 * math.log(2) * found
        steps = [
            math.log(m / x) + 256 * math.log(2) * (e - at) for (m, e), (x, at) in zip(up, down)
        ]
        wanted = np.concatenate([[0], np.cumsum(steps)])
        assert log[place] - log[place[0]] == pytest.approx(wanted, rel=1e-13, abs=1e-9)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize(
    ("ratio", "rise"),
    [(0.5, 1), (1e-5, 0), (1e-5, 1 << 70), (0.5, 1 << 59), (0.5, 1 << 56), (1e-40, 1 << 59)],
)
def test_leading_terms_beyond_the_range_of_machine_numbers(ratio, rise, shuffled):
    """The same with exponents without bound."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        up = [(ratio, -rise)] * 60
        M, E, last, place = line(rng, up, [(1.0, 0)] * 60, shuffled)
        law, power = _chain.leading(M, E.astype(np.int64) if rise < 1 << 60 else E, last)
        assert [int(power[s]) - int(power[place[0]]) for s in place] == [
            -rise * s for s in range(61)
        ]
        logs = [float(mpmath.log(mpmath.mpf(law[s]) / law[place[0]])) for s in place]
        assert logs == pytest.approx([s * math.log(ratio) for s in range(61)], rel=1e-12)


def test_plain_floats_refuse_products_below_their_range():
    """A to C through B, at 1e-155 and 1e-165: the product has few digits left."""
    Q = np.zeros((3, 3))
    Q[1, 0], Q[0, 1], Q[0, 2], Q[2, 0] = 1e-155, 1, 1e-165, 1e-171
    assert not _chain.plain(Q.copy(), np.array([2, 2, 2]), np.empty(3))
    law, power = _chain.leading(Q, np.where(Q > 0, 0, _chain.NOTHING), np.array([2, 2, 2]))
    log = [float(mpmath.log(x)) for x in law]
    assert not power.any()
    assert log[0] - log[1] == pytest.approx(math.log(1e-155), rel=1e-13)
    assert log[2] - log[0] == pytest.approx(math.log(1e-165 / 1e-171), rel=1e-13)


def test_a_product_of_low_numbers_does_not_drop_a_sum_of_high_ones():
    """A to C at 2^-385, and through B at 2^-127 2^-127 / 2^127; the law from the trees to each."""
    bits = np.array([[0, 127, -127], [-127, 0, 127], [-127, 0, 0]])  # B, A, C
    powers = np.array([[0, 0, 0], [0, 0, -2], [0, 0, 0]])
    M, E = np.where(np.eye(3), 0, 2.0**bits), np.where(np.eye(3), _chain.NOTHING, powers)
    law, power = _chain.numbers(M, E, np.array([2, 2, 2]))
    q = [[Fraction(2) ** int(bits[i, j] + 256 * powers[i, j]) for j in range(3)] for i in range(3)]
    wanted = []
    for r, x, y in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        wanted.append(q[x][r] * q[y][r] + q[x][y] * q[y][r] + q[y][x] * q[x][r])
    for r in (0, 1):
        ratio = (
            Fraction(law[r]) / Fraction(law[2]) * Fraction(2) ** int(256 * (power[r] - power[2]))
        )
        assert float(ratio / (wanted[r] / wanted[2])) == pytest.approx(1, abs=1e-14)


def test_floats_of_any_size_are_taken_as_they_are_or_to_their_rounding():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        table = np.exp(rng.normal(0, 8, (2, 3, 2, 3)))  # 60 bits and more
        exact = gt.Game(np.vectorize(Fraction, otypes=[object])(table))
        one, other = stochastically_stable(gt.Game(table)), stochastically_stable(exact)
        assert one.states == other.states
        assert one.waste == pytest.approx(other.waste.astype(float), abs=1e-14 * table.max())
        assert one.waste.dtype == float
    F = rng.random((2,) * 9) ** 5  # more profiles than integers of Python would do
    stable = stochastically_stable(gt.Game(np.stack([F] * 9, axis=-1)))
    assert stable.states == (np.unravel_index(F.argmax(), F.shape),)
    assert stable.waste == pytest.approx(F.max() - F, abs=1e-13)


def test_a_cycle_of_best_replies_is_stable_as_a_whole():
    pennies = gt.Game.from_payoffs([[1, 0], [0, 1]], [[0, 1], [1, 0]])
    stable = stochastically_stable(pennies)
    assert len(stable.states) == 4
    assert stable.limit.tolist() == [[0.25, 0.25], [0.25, 0.25]]
    one_sided = gt.Game.from_payoffs([[3, 0], [0, 1]], [[0, 1], [1, 0]])
    assert stochastically_stable(one_sided).limit.tolist() == [[0.25, 0.25], [0.25, 0.25]]


@pytest.mark.parametrize("noise", [1.1e-8, 1e-4, 1.0, 1e308, math.inf])
@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e290])
def test_no_chance_is_undefined(noise, unit):
    rng = np.random.default_rng(1)
    game = gt.Game(rng.random((2, 3, 2, 3)) * unit)
    counts = gt.CountGame(rng.random(9) * unit, rng.random(9) * unit)
    for form in (game, counts):
        run = long_run(form, min(noise * unit, 1e308) if noise < math.inf else noise)
        assert np.isfinite(run.log_probabilities).all()
        assert run.residual < 1e-5
        assert run.probabilities.sum() == pytest.approx(1)
    if noise == math.inf:
        assert long_run(game, noise).probabilities == pytest.approx(1 / 12, rel=1e-14)
        assert long_run(counts, noise).probabilities[3] == pytest.approx(math.comb(9, 3) / 512)


def test_averages_and_shares_are_over_states_by_label():
    game = gt.Game.of(
        {"A": ["war", "peace"], "B": ["arm", "wait", "sign"]},
        lambda a, b: (2 * (a == "peace") + (b == "sign"), 3 * (a + b == "peacesign")),
    )
    run = long_run(game, 1)
    p = run.probabilities
    assert run.expected(lambda a, b: a == "war" and b != "arm") == pytest.approx(p[0, 1:].sum())
    assert run.expected([[0, 0, 2], [0, 5, 0]]) == pytest.approx(2 * p[0, 2] + 5 * p[1, 1])
    assert run.expected(p > 0.2) == pytest.approx(p[p > 0.2].sum())
    assert run.marginals[0] == pytest.approx(p.sum(axis=1))
    assert run.marginals[1] == pytest.approx(p.sum(axis=0))
    assert run.most_likely == ((1, 2),)
    assert repr(run).startswith("LongRun(noise 1; most likely peace, sign: 0.7")
    assert repr(stochastically_stable(game)) == "StochasticallyStable(peace, sign)"
    with pytest.raises(ValueError, match=r"statistic: shape \(2,\).*\(2, 3\)"):
        run.expected([0, 1])
    counts = gt.CountGame(act=[1, 1, 1], wait=[0, 2, 2], names=["go", "stay"])
    assert repr(stochastically_stable(counts)) == "StochasticallyStable(1 go)"
    even = stochastically_stable(gt.Game(np.zeros((3, 4, 2))))
    assert repr(even).endswith("1, 4; 8 more)")


def test_a_wrong_law_has_a_large_residual():
    game = gt.Game(np.random.default_rng(2).random((3, 2, 2, 3)))
    odds = [game.payoffs[..., i] / 0.1 for i in range(3)]
    logs = [x - np.logaddexp.reduce(x, axis=i, keepdims=True) for i, x in enumerate(odds)]
    law = long_run(game, 0.1).log_probabilities.copy()
    assert longrun._imbalance(law, logs) < 1e-13
    law[2, 1, 0] += 1e-3
    assert longrun._imbalance(law, logs) > 9e-4
    counts = gt.CountGame([1, 0, 1], [0, 1, 1])
    law = long_run(counts, 0.1).log_probabilities.copy()
    law[:2] += 1e-3
    assert longrun._imbalance_of_counts(counts, 0.1, law) == pytest.approx(1e-3, rel=1e-2)


@pytest.mark.slow
def test_twelve_players():
    game, F = potential_game(0, (2,) * 12, values=30)
    run = long_run(game, 2)
    log = F / 2 - np.logaddexp.reduce(F / 2, axis=None)
    assert run.log_probabilities == pytest.approx(log, abs=1e-11)
    assert stochastically_stable(game).states == tuple(map(tuple, np.argwhere(F.max() == F)))


def test_what_cannot_be_answered_says_so():
    game = gt.Game.from_payoffs([[1, 0], [0, 2]], [[1, 0], [0, 2]])
    for noise in (0, -1, math.nan):
        with pytest.raises(ValueError, match=r"noise: .* not positive; stochastically_stable"):
            long_run(game, noise)
    for form in (game, gt.CountGame([1, 0], [0, 1])):
        with pytest.raises(ValueError, match=r"noise: 1e-12 is under 1e-09 of the largest waste"):
            long_run(form, 1e-12)
    large = gt.Game(np.zeros((*[2] * 11, 3, 12)))
    for solve in (lambda g: long_run(g, 1), stochastically_stable):
        with pytest.raises(ValueError, match=r"6144 profiles are more than 4096; .* CountGame"):
            solve(large)
        with pytest.raises(ValueError, match="needs a Game or a CountGame, got list"):
            solve([[1]])
    rng = np.random.default_rng(0)
    long = rng.integers(0, 9, (20, 20, 2)).astype(object) * 10**30
    long += rng.integers(0, 9, long.shape)
    with pytest.raises(ValueError, match=r"Fractions too long for a game of 400 profiles; "):
        stochastically_stable(gt.Game(long))

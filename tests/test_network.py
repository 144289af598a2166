"""Games on a network: numbers of the literature, corners, continua, and a second way to each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from gametheory import (
    ActionProfile,
    Contest,
    Coverage,
    LinearNetwork,
    NetworkContest,
    certify,
    read,
    solve,
    write,
)

laws = settings(max_examples=40, deadline=None)


def edges(n, *pairs):
    """The symmetric 0-1 matrix of these pairs, players counted from 1."""
    A = np.zeros((n, n))
    for i, j in pairs:
        A[i - 1, j - 1] = A[j - 1, i - 1] = 1
    return A


def blocs(n, k):
    """Allies within each of ``k`` equal blocs, and enemies between them."""
    side = np.arange(n) // (n // k)
    allies = (side[:, None] == side) * 1.0 - np.eye(n)
    return allies, (side[:, None] != side) * 1.0


def war_payoff(W, V, D, x, i):
    """The payoff of one player, player by player from the definition."""
    n = len(x)
    phi = [x[k] + sum(W[k][j] * x[j] for j in range(n)) for k in range(n)]
    if phi[i] < 0:
        return -D - x[i]
    total = sum(max(p, 0) for p in phi)
    return (V * phi[i] / total if total > 0 else V / n) - x[i]


def net_payoff(a, G, x, i):
    return a[i] * x[i] - x[i] ** 2 / 2 + x[i] * sum(G[i][j] * x[j] for j in range(len(x)))


def best(pay, x, i, top):
    """The best reply of ``i`` by a grid and a scalar search."""

    def loss(y):
        moved = list(x)
        moved[i] = y
        return -pay(moved, i)

    grid = np.linspace(0, top, 400)
    k = int(np.argmin([loss(y) for y in grid]))
    ends = grid[max(k - 1, 0)], grid[min(k + 1, 399)]
    run = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-13})
    return float(run.x) if run.fun <= loss(0.0) else 0.0


# Contests of allies and enemies

PEACE = np.zeros((4, 4))
PAIRS = edges(4, (1, 2), (3, 4))
ALL = np.ones((4, 4)) - np.eye(4)


@pytest.mark.parametrize(
    ("allies", "enemies", "actions", "total"),
    [
        # Derived in MODELS-collective.md PG-7 [D], beta = .2, gamma = .1.
        (PEACE, PEACE, [0.1875] * 4, 0.75),
        (PAIRS, PEACE, [0.145833333] * 4, 0.583333333),
        (PEACE, ALL, [0.294642857] * 4, 1.178571429),
        (
            edges(4, (1, 2), (1, 3), (2, 3)),
            edges(4, (1, 4), (2, 4), (3, 4)),
            [0.130496552] * 3 + [0.319166267],
            0.710655924,
        ),
        # MODELS-polarity.md 1.6.3 [V]: the line 2 - 1 x 3 - 4.
        (PAIRS, edges(4, (1, 3)), [0.17663868, 0.13518266] * 2, 0.6236426782),
    ],
)
def test_the_closed_form_of_four_groups(allies, enemies, actions, total):
    found = solve(NetworkContest(0.2 * allies - 0.1 * enemies))
    (only,) = found
    assert only.actions == pytest.approx(actions, abs=6e-9)
    assert only.aggregate == pytest.approx(total, abs=6e-9)
    assert found.coverage is (Coverage.SAMPLE if enemies.any() else Coverage.ALL_PURE)


def test_payoffs_of_three_allies_against_one():
    allies, enemies = edges(4, (1, 2), (1, 3), (2, 3)), edges(4, (1, 4), (2, 4), (3, 4))
    (only,) = solve(NetworkContest(0.2 * allies - 0.1 * enemies))
    assert only.payoffs == pytest.approx([0.075385801] * 3 + [0.063186674], abs=6e-10)


@pytest.mark.parametrize(
    ("count", "dissipated"),
    [(1, 0.561828), (2, 0.851246), (3, 1.015568), (4, 1.121486), (6, 1.25), (12, 1.409204)],
)
def test_twelve_groups_in_blocs(count, dissipated):
    """MODELS-polarity.md 1.6.3 [V], beta = .05, gamma = .03: effort in units of the prize.

    Beyond two blocs payoffs are below zero, so that to fight is an equilibrium only for those who
    would lose more by being crushed.
    """
    allies, enemies = blocs(12, count)
    W = 0.05 * allies - 0.03 * enemies
    (only,) = solve(NetworkContest(W, V=7, D=7))
    assert only.aggregate / 7 == pytest.approx(dissipated, abs=6e-7)
    assert only.actions == pytest.approx([only.aggregate / 12] * 12)
    assert (only.payoffs < 0).all() == (count > 2)
    lenient = solve(NetworkContest(W, V=7, D=0))
    assert len(lenient) == (count <= 2)
    assert any("crushed" in note for note in lenient.notes) == (count > 2)


def test_without_ties_it_is_the_contest_for_a_common_prize():
    (war,) = solve(NetworkContest(np.zeros((5, 5)), V=3))
    (contest,) = solve(Contest([3] * 5))
    assert war.actions == pytest.approx(contest.actions)
    assert war.payoffs == pytest.approx(contest.payoffs)


symmetric = st.integers(2, 5).flatmap(
    lambda n: st.lists(st.sampled_from([0.25, -0.08, 0]), min_size=n * n, max_size=n * n).map(
        lambda flat: np.triu(np.reshape(flat, (n, n)), 1) + np.triu(np.reshape(flat, (n, n)), 1).T
    )
)


@laws
@given(symmetric, st.floats(0.2, 30), st.randoms(use_true_random=False))
def test_labels_and_the_unit_of_the_prize_do_not_matter(W, V, random):
    found = [e.actions for e in solve(NetworkContest(W))]
    order = list(range(len(W)))
    random.shuffle(order)
    again = solve(NetworkContest(W[np.ix_(order, order)], V=V, D=V))
    assert len(again) == len(found)
    expected = sorted((V * x[order]).round(9).tolist() for x in found)
    assert sorted(e.actions.round(9).tolist() for e in again) == [
        pytest.approx(x) for x in expected
    ]


directed = st.integers(2, 5).flatmap(
    lambda n: st.lists(st.sampled_from([0.3, -0.12, 0]), min_size=n * n, max_size=n * n).map(
        lambda flat: np.reshape(flat, (n, n)) * (1 - np.eye(n))
    )
)


@laws
@given(directed, st.floats(0.5, 4), st.lists(st.floats(0, 3), min_size=10, max_size=10))
def test_each_payoff_is_that_of_the_definition(W, factor, drawn):
    """One-sided ties and efforts far from any equilibrium, in which some are crushed."""
    n = len(W)
    game = NetworkContest(2.5 * W if (1 + 2.5 * W.sum(axis=0) > 0).all() else W, V=factor, D=0.7)
    x, y = np.array(drawn[:n]), np.array(drawn[5 : 5 + n])
    told = game.unilateral(x)(y)
    for i in range(n):
        moved = x.copy()
        moved[i] = y[i]
        own = moved[i] + game.W[i] @ moved
        if abs(own) > 1e-9:  # at zero the payoff jumps
            assert told[i] == pytest.approx(war_payoff(game.W, factor, 0.7, moved, i))


def test_one_who_crushes_an_enemy_shares_with_fewer():
    """Strengths (2, 0.4 - 1, 1): the first has 2/3 of the prize 3, the second loses D; by hand."""
    W = np.zeros((3, 3))
    W[1, 0] = -0.5  # one-sided: the first takes from the second
    game = NetworkContest(W, V=3, D=0.25)
    assert game.strengths(np.array([2.0, 0.4, 1.0])) == pytest.approx([2, -0.6, 1])
    told = game.payoffs(np.array([2.0, 0.4, 1.0]))
    assert told == pytest.approx([3 * 2 / 3 - 2, -0.25 - 0.4, 3 / 3 - 1])


def test_nobody_begins_where_own_effort_helps_others_more():
    """By columns: a unit of each adds two to others. Rows would say that the third has no tie."""
    W = np.zeros((3, 3))
    W[0, 1] = W[0, 2] = W[1, 0] = 2
    found = solve(NetworkContest(W))
    assert [0, 0, 0] in [e.actions.tolist() for e in found]
    for i in range(3):
        for effort in (1e-9, 0.01, 0.3, 1):
            alone = [effort * (k == i) for k in range(3)]
            assert war_payoff(W, 1, 1, alone, i) <= 1 / 3


@pytest.mark.parametrize("tie", [0.3, -0.2])
def test_one_sided_ties_by_hand_and_by_best_replies(tie):
    """The effort of the second adds ``tie`` to the first, and that of the first adds nothing.

    So c = (1, 1 + tie): T = 1 + 1 / (1 + tie), S = 1 - 1 / T, phi = S (1 - S) / c, and
    x_2 = phi_2, x_1 = phi_1 - tie x_2.
    """
    W = np.array([[0, tie], [0, 0]])
    (only,) = solve(NetworkContest(W))
    S = 1 - 1 / (1 + 1 / (1 + tie))
    second = S * (1 - S) / (1 + tie)
    assert only.actions == pytest.approx([S * (1 - S) - tie * second, second])
    x = [0.3, 0.2]
    for _ in range(60):
        for i in (0, 1):
            x[i] += 0.7 * (best(lambda y, k: war_payoff(W, 1, 1, y, k), x, i, 1) - x[i])
    assert x == pytest.approx(only.actions.tolist(), abs=1e-6)


@laws
@given(symmetric | directed, st.floats(0.5, 4))
def test_no_player_gains_by_a_search_that_shares_nothing(W, V):
    for e in solve(NetworkContest(W, V=V, D=V)):
        x = e.actions.tolist()
        for i in range(len(x)):

            def pay(y, k):
                return war_payoff(W, V, V, y, k)

            moved = x.copy()
            moved[i] = best(pay, x, i, 2 * V)
            assert pay(moved, i) <= pay(x, i) + 1e-9 * V
            assert e.payoffs[i] == pytest.approx(pay(x, i))


def test_an_ally_of_all_fights_for_none_and_the_closed_form_of_the_rest_does_not_hold():
    """Three rivals whose common ally gains more by theirs than by own effort: a corner."""
    W = 0.4 * edges(4, (1, 4), (2, 4), (3, 4))
    game = NetworkContest(W)
    interior = np.linalg.solve(np.eye(4) + W, game.hostility)
    assert interior.min() < 0  # so that the closed form of all four is none
    found = solve(game)
    (only,) = found
    assert found.coverage is Coverage.ALL_PURE
    assert only.actions[3] == 0
    # The three: 1/c = 1/1.4 each, while the ally's strength is .4 of all their effort:
    # T = 3 z + 1.2 z with z = 1/1.4, so T = 3, S = 2/3, and x = S (1 - S) z = 2/9 / 1.4.
    assert only.actions[:3] == pytest.approx([2 / 9 / 1.4] * 3)
    x = [0.3, 0.2, 0.1, 0.1]
    for _ in range(300):  # best replies in turn, from elsewhere
        for i in range(4):
            x[i] += 0.5 * (best(lambda y, k: war_payoff(W, 1, 1, y, k), x, i, 1) - x[i])
    assert x == pytest.approx(only.actions.tolist(), abs=1e-6)


def test_where_allies_gain_all_nobody_begins():
    """Each unit helps the other as much as its maker: no effort is worth it."""
    found = solve(NetworkContest(edges(2, (1, 2)) * 1.5))
    assert [e.actions.tolist() for e in found] == [[0, 0]]
    half = NetworkContest(np.zeros((2, 2)))
    assert not certify(ActionProfile(half, [0, 0])).holds()


def test_certificates_see_a_planted_gain():
    game = NetworkContest(0.2 * PAIRS - 0.1 * edges(4, (1, 3)))
    x = solve(game)[0].actions.copy()
    for i, change in [(0, 0.01), (1, -0.01), (3, 0.3)]:
        moved = x.copy()
        moved[i] += change
        certificate = certify(ActionProfile(game, moved))
        assert not certificate.holds()
        gain = war_payoff(game.W, 1, 1, x, i) - war_payoff(game.W, 1, 1, moved, i)
        assert certificate.regrets[i] == pytest.approx(gain, rel=1e-6)


# Linear networks


def test_complements_act_by_their_centrality():
    """Ballester, Calvo-Armengol & Zenou 2006: x = (I - delta A)^-1 a, and u_i = x_i^2 / 2.

    By hand for a star of four with delta = .3: centre (1 + .9) / (1 - .27), leaves 1 + .3 centre.
    """
    star = edges(4, (1, 2), (1, 3), (1, 4))
    found = solve(LinearNetwork(1, 0.3 * star))
    (only,) = found
    assert found.coverage is Coverage.ALL
    centre = 1.9 / 0.73
    assert only.actions == pytest.approx([centre] + [1 + 0.3 * centre] * 3)
    assert only.payoffs == pytest.approx(only.actions**2 / 2)


def test_public_goods_on_a_network_are_left_to_specialists():
    """Bramoulle & Kranton 2007: with perfect substitutes those who act alone are independent sets.

    On the star of four, by hand: the centre, or all leaves. Two neighbours split the work in any
    way: a continuum, of which the list has the ends.
    """
    found = solve(LinearNetwork(1, -edges(4, (1, 2), (1, 3), (1, 4))))
    assert sorted(e.actions.tolist() for e in found) == [[0, 1, 1, 1], [1, 0, 0, 0]]
    assert found.coverage is Coverage.ALL
    pair = solve(LinearNetwork(1, -edges(2, (1, 2))))
    assert sorted(e.actions.round(12).tolist() for e in pair) == [[0, 1], [1, 0]]
    assert pair.coverage is Coverage.SAMPLE
    assert any("continuum" in note for note in pair.notes)


@laws
@given(
    st.integers(2, 5),
    st.lists(st.sampled_from([-1.7, -0.6, -0.45, 0, 0.15]), min_size=25, max_size=25),
    st.lists(st.floats(0.2, 3), min_size=5, max_size=5),
    st.lists(st.floats(0, 3), min_size=5, max_size=5),
)
def test_where_best_replies_come_to_rest_is_in_the_list(n, ties, a, start):
    G = np.reshape(ties, (5, 5))[:n, :n].copy()
    np.fill_diagonal(G, 0)
    a = a[:n]
    game = LinearNetwork(a, G)
    found = solve(game)
    for e in found:
        reply = [max(0, a[i] + sum(G[i][j] * e.actions[j] for j in range(n))) for i in range(n)]
        assert e.actions == pytest.approx(reply, abs=1e-9)
        assert e.payoffs == pytest.approx([net_payoff(a, G, e.actions, i) for i in range(n)])
    x = np.array(start[:n])
    for _ in range(500):
        for i in range(n):
            x[i] = max(0, a[i] + G[i] @ x)
    rest = np.maximum(0, a + G @ x)
    if np.abs(rest - x).max() < 1e-12 and found.coverage is Coverage.ALL:
        assert min(np.abs(e.actions - x).max() for e in found) < 1e-7


def test_a_unique_solution_is_where_repeated_best_replies_lead():
    rng = np.random.default_rng(7)
    for n in (10, 60, 300):
        A = np.triu(rng.random((n, n)) < 4 / n, 1) * 1.0
        A = A + A.T
        G = -0.9 * A / np.linalg.eigvalsh(A)[-1]
        a = rng.uniform(0.1, 2, n)
        found = solve(LinearNetwork(a, G))
        (only,) = found
        assert found.coverage is Coverage.ALL
        assert n == 10 or (only.actions == 0).any()  # the larger ones are corners
        x = np.zeros(n)
        for _ in range(2000):
            x = np.maximum(0, a + G @ x)  # a contraction: the spectral radius is 0.9
        assert only.actions == pytest.approx(x, abs=1e-8)


def test_beyond_what_is_tried_nothing_is_promised():
    n = 20
    ring = edges(n, *[(k, k % n + 1) for k in range(1, n + 1)])
    found = solve(LinearNetwork(1, -1.5 * ring))
    assert found.coverage in (Coverage.SAMPLE, Coverage.UNKNOWN)
    small = solve(LinearNetwork(1, -1.5 * edges(5, (1, 2), (2, 3), (3, 4), (4, 5), (5, 1))))
    assert small.coverage is Coverage.ALL
    # Maximal independent sets of the ring of five: five, each of two. (1 - 1.5 < 0: one is enough.)
    pure = [e for e in small if set(np.round(e.actions, 9)) <= {0.0, 1.0}]
    assert len(pure) == 5


def test_games_on_networks_read_back_the_same():
    for game in (
        NetworkContest(0.2 * PAIRS, V=1 / 3, D=0.1, players=["A", "B", "C", "D"]),
        LinearNetwork([1, 0.3, -1, 2], -0.7 * PAIRS),
    ):
        assert read(write(game, "json")) == game


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: NetworkContest([[0, 1]]), r"W: shape \(1, 2\) is not \(n, n\)"),
        (lambda: NetworkContest([["a"]]), "W: not a matrix of numbers"),
        (lambda: NetworkContest([[1, 0], [0, 0]]), "W: give finite numbers and zeros"),
        (lambda: NetworkContest([[0, np.nan], [0, 0]]), "W: give finite numbers"),
        (lambda: NetworkContest([[0, -1], [0, 0]]), "W: a unit of effort of player 2 .* by 0"),
        (lambda: NetworkContest([[0]]), "W: one player"),
        (lambda: NetworkContest(PEACE, V=0), "V: 0 is not above 0"),
        (lambda: NetworkContest(PEACE, D=-1), "D: -1 is not at least 0"),
        (lambda: LinearNetwork([1, 2, 3], np.zeros((2, 2))), "a: shape .* for 2 players"),
        (lambda: LinearNetwork([0, -1], np.zeros((2, 2))), "a: nobody would act alone"),
        (lambda: LinearNetwork(1, edges(2, (1, 2))), "G: complements so strong"),
        (lambda: LinearNetwork(1, 2 * edges(2, (1, 2))), "G: complements so strong"),
        (lambda: solve(LinearNetwork(1, PEACE), exact=True), "exact: continuous actions"),
        (lambda: solve(Contest([1, 2]), method="complementarity"), "needs a NetworkContest"),
    ],
)
def test_what_is_wrong_is_named(build, why):
    with pytest.raises(ValueError, match=why) as caught:
        build()
    assert "\n" not in str(caught.value)

"""Contests between groups: numbers of the literature, laws, and a second way to each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import fsolve, minimize_scalar

from gametheory import ActionProfile, Contest, Coverage, GroupContest, certify, read, solve, write

laws = settings(max_examples=40, deadline=None)


def chances(game):
    """The chance of each group in the equilibrium."""
    (only,) = solve(game)
    sums = game.efforts(only.actions)
    return sums / sums.sum()


def payoff(game, x, i):
    """The payoff of one player, from the definition."""
    own = sum(y for y, k in zip(x, game.groups) if k == game.groups[i])
    total = sum(x)
    chance = own / total if total > 0 else 1 / (max(game.groups) + 1)
    return game.V[i] * chance - x[i] ** game.kappa / game.kappa


def test_defenders_against_an_aggressor():
    """Derived in MODELS-collective.md PG-6 [D]; costs squared, all values 1."""
    for n, g, a, p in [
        (1, None, None, 0.5),
        (2, 0.348310700, 0.492585716, 0.585786438),
        (4, 0.235702260, 0.471404521, 0.666666667),
    ]:
        game = GroupContest([1] * (n + 1), [0] * n + [1], kappa=2)
        assert chances(game)[0] == pytest.approx(p, abs=6e-10)
        (only,) = solve(game)
        if g:
            assert only.actions == pytest.approx([g] * n + [a], abs=6e-10)


def test_unequal_defenders():
    """MODELS-collective.md PG-6 [D]: values 1 and 1/2 against 1."""
    for kappa, p in [(1, 0.5), (1.5, 0.518586727), (2, 0.550510257), (3, 0.588200993)]:
        game = GroupContest([1, 0.5, 1], [0, 0, 1], kappa)
        assert chances(game)[0] == pytest.approx(p, abs=6e-10)
    (square,) = solve(GroupContest([1, 0.5, 1], [0, 0, 1], 2))
    assert square.actions[:2] == pytest.approx([0.406159832, 0.203079916], abs=6e-10)
    linear = solve(GroupContest([1, 0.5, 1], [0, 0, 1], 1))
    assert linear[0].actions.tolist() == [0.25, 0, 0.25]
    assert linear.coverage is Coverage.ALL


@pytest.mark.parametrize(
    ("kappa", "by_size"),
    [
        # MODELS-collective.md PG-6 [D]: the chance of 2, 5 and 10 defenders.
        (1.25, [0.534602, 0.579784, 0.613137]),
        (2, [0.585786, 0.690983, 0.759747]),
        (3, [0.613512, 0.745159, 0.822745]),
        (10, [0.651090, 0.809767, 0.888184]),
    ],
)
def test_larger_groups_win_more_often(kappa, by_size):
    shown = [chances(GroupContest([1] * (n + 1), [0] * n + [1], kappa))[0] for n in (2, 5, 10)]
    assert shown == pytest.approx(by_size, abs=6e-7)


@laws
@given(st.floats(1.05, 8), st.lists(st.floats(0.1, 10), min_size=2, max_size=5))
def test_the_odds_of_two_groups_in_closed_form(kappa, values):
    """P / (1 - P) = [(sum v^(1/(kappa-1)))^(kappa-1) / V_A]^(1/kappa), PG-6 [D]."""
    *defenders, aggressor = values
    game = GroupContest(values, [0] * len(defenders) + [1], kappa)
    top = max(defenders)
    inner = sum((v / top) ** (1 / (kappa - 1)) for v in defenders) ** (kappa - 1) * top
    odds = (inner / aggressor) ** (1 / kappa)
    assert chances(game)[0] == pytest.approx(odds / (1 + odds), rel=1e-9)


def test_the_size_of_a_group_with_a_divided_prize():
    """Esteban & Ray's threshold: with v = V / n the larger group wins more often iff kappa > 2."""
    for kappa, larger in [(1.5, -1), (2, 0), (3, 1)]:
        n = [6, 2]
        game = GroupContest([1 / 6] * 6 + [1 / 2] * 2, [0] * 6 + [1] * 2, kappa)
        p = chances(game)
        assert np.sign(round(p[0] - p[1], 12)) == larger
        assert p[0] / p[1] == pytest.approx((n[0] / n[1]) ** ((kappa - 2) / kappa))


def test_the_paradox_of_alliances():
    """MODELS-polarity.md 1.5.3 [V]: three rivals; two ally and contest the prize within (1/4)."""
    alone = solve(GroupContest([1, 1, 1], [0, 1, 2]))
    assert alone[0].actions == pytest.approx([2 / 9] * 3)
    assert alone[0].payoffs == pytest.approx([1 / 9] * 3)
    game = GroupContest([0.25, 0.25, 1], [0, 0, 1])
    allied = solve(game)
    assert game.efforts(allied[0].actions) == pytest.approx([0.04, 0.16])
    assert allied[0].payoffs == pytest.approx([0.03, 0.03, 0.64])
    assert allied.coverage is Coverage.SAMPLE
    # Any split of the .04 is an equilibrium, and no other sum is.
    for split in (0, 0.013, 0.04):
        assert certify(ActionProfile(game, [split, 0.04 - split, 0.16])).holds()
    assert not certify(ActionProfile(game, [0.02, 0.03, 0.16])).holds()
    peaceful = solve(GroupContest([0.5, 0.5, 1], [0, 0, 1]))
    assert peaceful[0].payoffs == pytest.approx([1 / 9, 1 / 9, 4 / 9])


@pytest.mark.parametrize("sizes", [(3, 3), (2, 2, 2), (1,) * 6, (3, 2, 1), (6, 6), (1,) * 12])
def test_waste_by_the_number_of_blocs(sizes):
    """MODELS-polarity.md 1.5.3 [D],[V]: equal shares, linear costs; all blocs here are active.

    X = (K - 1) / N and u_k = (1 - (K - 1) n_k / N) (1 - (K - 1) / N) / n_k.
    """
    N, K = sum(sizes), len(sizes)
    groups = np.repeat(np.arange(K), sizes)
    (only,) = solve(GroupContest(1 / np.array(sizes)[groups], groups))
    assert only.aggregate == pytest.approx((K - 1) / N)
    if all(n < N / (K - 1) for n in sizes):
        told = [(1 - (K - 1) * n / N) * (1 - (K - 1) / N) / n for n in np.array(sizes)[groups]]
        assert only.payoffs == pytest.approx(told)


def test_groups_of_one_with_linear_costs_are_the_contest():
    V = [10, 6, 4, 0.5]
    found = solve(GroupContest(V, [2, 0, 1, 3]))
    assert found.coverage is Coverage.ALL
    assert found[0].actions == pytest.approx(solve(Contest(V))[0].actions)


grouped = st.integers(3, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.2, 5), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n - 3, max_size=n - 3),
        st.sampled_from([1.0, 1.02, 1.3, 2.0, 4.5]),
    )
)


@laws
@given(grouped)
def test_no_player_gains_by_a_search_that_shares_nothing(drawn):
    V, more, kappa = drawn
    game = GroupContest(V, [0, 1, 2, *more], kappa)
    (only,) = solve(game)
    x = only.actions.tolist()
    for i in range(len(V)):

        def loss(y, i=i):
            return -payoff(game, [*x[:i], y, *x[i + 1 :]], i)

        run = minimize_scalar(loss, bounds=(0, game.upper[i]), method="bounded")
        assert -run.fun <= payoff(game, x, i) + 1e-9 * V[i]
        assert only.payoffs[i] == pytest.approx(payoff(game, x, i))


@laws
@given(grouped, st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_labels_and_units_do_not_matter(drawn, unit, random):
    V, more, kappa = drawn
    groups = np.array([0, 1, 2, *more])
    order = list(range(len(V)))
    random.shuffle(order)
    x = solve(GroupContest(V, groups, kappa))[0].actions
    swapped = np.array([2, 0, 1])[groups]
    y = solve(GroupContest(unit * np.array(V)[order], swapped[order], kappa))[0].actions
    assert y == pytest.approx(unit ** (1 / kappa) * x[order], rel=1e-7, abs=1e-12)


def test_first_order_conditions_of_three_groups_solved_another_way():
    V, groups, kappa = np.array([3, 1, 2, 2.5, 0.7]), np.array([0, 0, 1, 1, 2]), 1.7

    def conditions(logs):
        x = np.exp(logs)
        sums = np.bincount(groups, weights=x)
        total = x.sum()
        return V * (total - sums[groups]) / total**2 - x ** (kappa - 1)

    x = np.exp(fsolve(conditions, np.zeros(5), xtol=1e-13))
    found = solve(GroupContest(V, groups, kappa))
    assert found.coverage is Coverage.ALL
    assert found[0].actions == pytest.approx(x, rel=1e-8)


def test_reads_back_the_same():
    game = GroupContest([1, 0.3, 2], [0, 0, 1], 1.5, players=["A", "B", "C"])
    assert read(write(game, "json")) == game


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda: GroupContest([1, 1], [0, 0]), "groups: give each player one of 0, 1"),
        (lambda: GroupContest([1, 1], [0, 2]), "groups: give each player one of 0, 1"),
        (lambda: GroupContest([1, 1], [0, 0.5]), "groups: give each player one of 0, 1"),
        (lambda: GroupContest([1, 0], [0, 1]), "V: 0.0 of player 2 is not above 0"),
        (lambda: GroupContest([1, 1], [0, 1], 0.9), "kappa: 0.9 is not at least 1"),
        (lambda: solve(GroupContest([1, 1], [0, 1]), exact=True), "exact: continuous actions"),
        (lambda: solve(Contest([1, 1]), method="groups"), "needs a GroupContest"),
    ],
)
def test_what_is_wrong_is_named(build, why):
    with pytest.raises(ValueError, match=why):
        build()

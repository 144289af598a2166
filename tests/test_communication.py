"""Communication equilibria: all double deviations, HiGHS, and games whose value is known."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory as gt
from gametheory.communication import Communication, regrets
from gametheory.testing import bayesian_games, games

quick = settings(max_examples=25, deadline=None)
F = Fraction


def gains(game, i, t_i, r_i, rule):
    """What type ``t_i`` gains by the report ``r_i`` and playing ``rule[a]``, for each of ``mu``."""
    found = np.full(game.payoffs.shape[:-1], F(0), dtype=object)
    for t in np.ndindex(game.prior.shape):
        if t[i] != t_i:
            continue
        reports = (*t[:i], r_i, *t[i + 1 :])
        for a in np.ndindex(game.shape):
            played = (*a[:i], rule[a[i]], *a[i + 1 :])
            found[(*reports, *a)] += game.prior[t] * game.payoffs[(*t, *played, i)]
            found[(*t, *a)] -= game.prior[t] * game.payoffs[(*t, *a, i)]
    return found


def deviations(game):
    """Every lie with every rule of disobedience, of every type."""
    for i, (T, m) in enumerate(zip(game.prior.shape, game.shape)):
        for t, r in itertools.product(range(T), repeat=2):
            for rule in itertools.product(range(m), repeat=m):
                yield i, t, r, rule


def oracle(game, objective, sense):
    """The value by HiGHS, with a constraint for each lie and each rule."""
    n, shape = len(game.players), game.payoffs.shape[:-1]
    rows = [gains(game, *d).ravel().astype(float) for d in deviations(game)]
    reports = int(np.prod(shape[:n]))
    equal = np.kron(np.eye(reports), np.ones(int(np.prod(shape[n:]))))
    worth = (game.prior.reshape(*shape[:n], *(1,) * n) * objective).ravel().astype(float)
    sign = -1 if sense == "max" else 1
    run = linprog(
        sign * worth, A_ub=rows, b_ub=np.zeros(len(rows)), A_eq=equal, b_eq=np.ones(reports)
    )
    assert run.status == 0
    return sign * run.fun


def product(profile):
    """The mechanism that plays a strategy profile, whatever the players say to each other."""
    mu = np.full(profile.game.payoffs.shape[:-1], F(1), dtype=object)
    n = len(profile.mixtures)
    for i, x in enumerate(profile.mixtures):
        mu = mu * x.reshape([k if j in (i, n + i) else 1 for j, k in enumerate(mu.shape)])
    return mu


small = bayesian_games(types=(1, 2), actions=(1, 3))
objectives = st.sampled_from(["welfare", 0, 1, "random"])


def given_objective(game, kind):
    if kind == "random":
        rng = np.random.default_rng(game.payoffs.size)
        return rng.integers(-9, 10, game.payoffs.shape[:-1]).astype(object)
    return game.payoffs.sum(axis=-1) if kind == "welfare" else game.payoffs[..., kind]


@quick
@given(
    small | bayesian_games(players=3, types=(1, 2), actions=(1, 2)),
    objectives,
    st.sampled_from(["max", "min"]),
)
def test_the_value_is_that_of_all_lies_and_all_rules_of_disobedience(game, kind, sense):
    objective = given_objective(game, kind)
    best = gt.communication(game, objective, sense)
    assert best.holds(0)
    assert best.bound == best.value
    assert float(best.value) == pytest.approx(oracle(game, objective, sense), abs=1e-7)
    for d in deviations(game):
        assert (gains(game, *d) * best.mechanism).sum() <= 0


@quick
@given(small, st.randoms(use_true_random=False))
def test_regrets_are_the_gains_of_the_best_lie_and_rule(game, random):
    shape = game.payoffs.shape[:-1]
    weights = np.array([random.randint(0, 3) for _ in range(int(np.prod(shape)))], object)
    weights = weights.reshape(*shape[:2], -1) + F(1, 2)
    mu = (weights / weights.sum(axis=2, keepdims=True)).reshape(shape)
    expected = [np.full((T, T), F(0), dtype=object) for T in game.prior.shape]
    for i, t, r, rule in deviations(game):
        gain = (gains(game, i, t, r, rule) * mu).sum() / game.marginals[i][t]
        expected[i][t, r] = max(expected[i][t, r], gain)
    for one, other in zip(regrets(game, mu), expected):
        assert (one == other).all()


@quick
@given(bayesian_games(types=(1, 2)))
def test_every_bayes_nash_equilibrium_is_one_and_its_payoffs_are_within_the_bounds(game):
    found = gt.solve(game)
    for e in found:
        mu = product(e.profile)
        assert all((r == 0).all() for r in regrets(game, mu))
        told = Communication(game, mu, game.payoffs[..., 0], "max", ())
        assert told.payoffs == e.payoffs
        assert all((u == v).all() for u, v in zip(told.interim, e.profile.interim))
    for i in (0, 1):
        worst, best = (gt.communication(game, i, sense).value for sense in ("min", "max"))
        assert all(worst <= e.payoffs[i] <= best for e in found)


@quick
@given(games(actions=(1, 3)) | games(players=3, actions=(1, 2)), st.sampled_from(["max", "min"]))
def test_one_type_each_is_a_correlated_equilibrium(plain, sense):
    n = len(plain.players)
    game = gt.BayesianGame(plain.payoffs[(None,) * n], np.full((1,) * n, 1))
    for objective in ("welfare", 0, n - 1):
        here = gt.communication(game, objective, sense)
        assert here.value == gt.correlated(plain, objective, sense=sense).value
        told = gt.correlated(plain, objective, sense=sense).distribution
        assert all((r == 0).all() for r in regrets(game, told[(None,) * n]))


@quick
@given(small, st.data())
def test_multipliers_of_any_size_give_a_bound(game, data):
    """Weak duality: what is at least zero, with one sum for every recommendation, proves one."""
    multipliers = []
    for T, m in zip(game.prior.shape, game.shape):
        flat = data.draw(
            st.lists(st.integers(0, 2), min_size=T * T * m * m, max_size=T * T * m * m)
        )
        y = np.array([F(v) for v in flat], dtype=object).reshape(T, T, m, m)
        total = y.sum(axis=3)
        for a in range(m):
            y[:, :, a, (a + 1) % m] += total.max(axis=2) - total[:, :, a]
        multipliers.append(y)
    for sense, sign in (("max", 1), ("min", -1)):
        best = gt.communication(game, 0, sense)
        other = Communication(game, best.mechanism, best.objective, sense, tuple(multipliers))
        assert sign * other.bound >= sign * best.value


@quick
@given(small, st.data())
def test_units_of_types_and_what_they_cannot_change_do_not_matter(game, data):
    """The equilibria are the same, so that an objective has the same value."""
    objective = given_objective(game, "random")
    table = game.payoffs.copy()
    for i, T in enumerate(game.prior.shape):
        for t in range(T):
            part = np.moveaxis(table[..., i], i, 0)[t]
            part *= data.draw(st.fractions(F(1, 9), 9))
            part += data.draw(st.fractions(-9, 9))
    other = gt.BayesianGame(table, game.prior)
    assert gt.communication(other, objective).value == gt.communication(game, objective).value


@quick
@given(small)
def test_a_type_split_in_two_alike_changes_no_value(game):
    table = np.concatenate([game.payoffs, game.payoffs[-1:]])
    prior = np.concatenate([game.prior, game.prior[-1:]])
    prior[-2] *= F(1, 3)
    prior[-1] *= F(2, 3)
    split = gt.BayesianGame(table, prior)
    for objective in ("welfare", 1):
        assert gt.communication(split, objective).value == gt.communication(game, objective).value


@quick
@given(small)
def test_names_do_not_matter(game):
    table = game.payoffs[::-1, :, :, ::-1].transpose(1, 0, 3, 2, 4)[..., ::-1]
    other = gt.BayesianGame(table, game.prior[::-1].T)
    for i in (0, 1):
        assert gt.communication(other, 1 - i).value == gt.communication(game, i).value


def talk():
    """A sender who knows the state, a receiver who acts; payoffs after Farrell."""
    pays = {"a": [(2, 3), (0, 2), (-1, 0)], "b": [(1, 0), (2, 2), (0, 3)]}
    return gt.BayesianGame.of(
        {"sender": "ab", "receiver": ["-"]},
        {"sender": ["-"], "receiver": "xyz"},
        {"sender": [F(1, 2)] * 2, "receiver": [1]},
        lambda t, a: pays[t[0]]["xyz".index(a[1])],
    )


def test_a_mediator_who_blurs_the_report_helps_the_receiver():
    """By hand. With mu(x|a) = p, mu(y|a) = 1 - p, mu(y|b) = q, mu(z|b) = 1 - q:

    b does not claim to be a iff 2q >= p + 2(1 - p), q >= 1 - p/2; the receiver plays y when told
    iff z is no better, 2(1 - p) >= q. He gets 5/2 + (p - q)/2, at most for q = 1 - p/2 and
    p = 2/3, where both bind: 5/2. The sender gets p + q with q <= 2 (1 - p), at most 3/2 at
    p = 1/2, q = 1. Without talk the receiver plays y: 1 and 2.
    """
    game = talk()
    best = gt.communication(game, "receiver")
    assert best.value == F(5, 2)
    assert best.mechanism[0, 0, 0].tolist() == [F(2, 3), F(1, 3), 0]
    assert best.mechanism[1, 0, 0].tolist() == [0, F(2, 3), F(1, 3)]
    assert best.payoffs == (F(2, 3) + F(2, 3), F(5, 2))
    assert [u.tolist() for u in best.interim] == [[F(4, 3), F(4, 3)], [F(5, 2)]]
    assert gt.communication(game, "sender").value == F(3, 2)
    assert [e.payoffs for e in gt.solve(game)] == [(1, 2)]
    assert gt.communication(game, "receiver", sense="min").value == 2


def decided(types, prior, actions, pays, worth):
    """A game in which a third who does not care acts for two, and what his actions are worth."""
    game = gt.BayesianGame.of(
        {"1": types, "2": types, "mediator": ["-"]},
        {"1": ["-"], "2": ["-"], "mediator": actions},
        {(s, t, "-"): p for (s, t), p in prior.items()},
        lambda t, a: (*pays(t, a[2]), 0),
    )
    places = itertools.product(types, types, ["-"], ["-"], ["-"], actions)
    table = [worth(s, t, a) for s, t, *_, a in places]
    return game, np.array(table, object).reshape(game.payoffs.shape[:-1])


def test_incentives_bind_when_the_mediator_alone_acts():
    """To build what nobody wants is worth 2, what both want -1; each wants it or not, evenly.

    Who wants it must build it more often: m(n,n) + m(n,w) <= m(w,n) + m(w,w) and the like of the
    other; both add up to m(n,n) <= m(w,w). So the value is (2 - 1) / 4.
    """
    prior = {pair: F(1, 4) for pair in itertools.product("wn", repeat=2)}
    worth = {("n", "n"): 2, ("w", "w"): -1}
    game, objective = decided(
        "wn",
        prior,
        ["build", "not"],
        lambda t, a: [(a == "build") * (1 if x == "w" else -3) for x in t[:2]],
        lambda s, t, a: worth.get((s, t), 0) * (a == "build"),
    )
    best = gt.communication(game, objective)
    assert best.value == F(1, 4)
    assert best.holds(0)
    assert gt.communication(game).value == F(1, 2)  # built iff both want it: 2 with chance 1/4


@pytest.mark.parametrize(("actions", "value"), [("AB0", 1), ("AB", F(1, 2))])
def test_two_who_know_the_same_are_checked_against_each_other(actions, value):
    """The mediator wants A in state a, B in b; player 1 wants A always, player 2 B always.

    Reports that differ have chance zero. If there is something that both hate, they are answered
    by it. If not: player 1 in state b does not report a iff m(A|a,b) <= m(A|b,b), player 2 in a not
    b iff m(A|a,a) <= m(A|a,b); so m(A|a,a) <= m(A|b,b), and the value is at most 1/2.
    """
    game, objective = decided(
        "ab",
        {("a", "a"): F(1, 2), ("b", "b"): F(1, 2)},
        actions,
        lambda t, a: (-1, -1) if a == "0" else (int(a == "A"), int(a == "B")),
        lambda s, t, a: int(a.lower() == s),
    )
    best = gt.communication(game, objective)
    assert best.value == value
    assert best.holds(0)
    assert (best.mechanism.sum(axis=(3, 4, 5)) == 1).all()


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_floats_give_the_same_in_any_unit_above_any_zero(unit):
    exact = talk()
    table = exact.payoffs.astype(float) * unit + 7 * unit
    best = gt.communication(gt.BayesianGame(table, exact.prior), 1)
    assert best.holds()
    assert best.mechanism.dtype == np.float64
    assert best.value == pytest.approx((2.5 + 7) * unit, rel=1e-9)


def test_floats_that_are_no_short_fractions_are_solved_too():
    """Chances in tenths add up to one only up to rounding."""
    payoffs = np.random.default_rng(3).normal(size=(2, 2, 2, 3, 2))
    game = gt.BayesianGame(payoffs, [[0.1, 0.2], [0.3, 0.4]])
    assert sum(map(F, game.prior.flat)) != 1
    best = gt.communication(game, 0)
    assert best.holds()
    assert best.value == pytest.approx(oracle(game, payoffs[..., 0], "max"))


def test_what_does_not_hold_is_told():
    best = gt.communication(talk(), 1)
    game, half = best.game, tuple(y / 2 for y in best.multipliers)
    fully = np.array([[[[1, 0, 0]]], [[[0, 0, 1]]]], object) * F(1)  # b would say a
    less = best.mechanism * F(9, 10)
    negative = tuple(-y for y in best.multipliers)
    for mechanism, multipliers in (
        (best.mechanism, half),
        (fully, best.multipliers),
        (less, best.multipliers),
        (best.mechanism, negative),
    ):
        wrong = Communication(game, mechanism, best.objective, "max", multipliers)
        assert not wrong.holds()
    uneven = tuple(y.copy() for y in best.multipliers)
    uneven[1][0, 0, 0, 0] += 1
    with pytest.raises(ValueError, match="sums over actions differ"):
        _ = Communication(game, best.mechanism, best.objective, "max", uneven).bound
    nothing = [np.zeros_like(y) + F(0) for y in best.multipliers]
    zero = best.objective * F(0)
    assert Communication(game, best.mechanism, zero, "max", tuple(nothing)).holds(0)
    assert not Communication(game, less, zero, "max", tuple(nothing)).holds()
    bored = gt.BayesianGame(np.zeros((1, 1, 2, 2, 2), int), [[1]])
    even = gt.communication(bored)
    below = tuple(y - 1 for y in even.multipliers)
    assert even.holds(0)
    assert not Communication(bored, even.mechanism, even.objective, "max", below).holds()
    assert repr(best) == "Communication(max 5/2, regret 0, exact)"
    assert regrets(game, fully)[0].tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: gt.communication(gt.Game(np.zeros((1, 1, 2)))), "needs a BayesianGame, got Game"),
        (lambda: gt.communication(talk(), sense="best"), "sense: 'best'"),
        (lambda: gt.communication(talk(), "nobody"), "'nobody' is not a player"),
        (lambda: gt.communication(talk(), 2), "there is no player 2"),
        (lambda: gt.communication(talk(), [1, 2]), "give what actions are worth"),
        (lambda: regrets(talk(), [[1]]), "mechanism: shape"),
    ],
)
def test_what_makes_no_sense_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()

"""Laws of correlated equilibria, and checks of their proofs from the definition."""

import itertools
import math
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.correlated import correlated, regrets
from gametheory.game import Game, Profile
from gametheory.solvers import _linear, solve
from gametheory.testing import games

quick = settings(max_examples=50, deadline=None)
lopsided = st.integers(1, 3).flatmap(lambda n: games(players=n, actions=(1, 4 if n < 3 else 3)))
CHICKEN = Game.from_payoffs([[6, 2], [7, 0]], [[6, 7], [2, 0]])


def product(profile):
    """The distribution over action profiles of independent mixtures."""
    p = np.array(1, dtype=object)
    for x in profile.mixtures:
        p = np.multiply.outer(p, x)
    return p


def obeyed(game, p, coarse):
    """Whether nobody gains by disobeying: the definition, one outcome at a time."""
    outcomes = list(np.ndindex(game.shape))
    for i, m in enumerate(game.shape):
        for b in range(m):
            gain = [Fraction(0)] * m
            for s in outcomes:
                other = (*s[:i], b, *s[i + 1 :])
                gain[s[i]] += p[s] * (game.payoffs[other][i] - game.payoffs[s][i])
            if sum(gain) > 0 if coarse else any(g > 0 for g in gain):
                return False
    return True


def dual_bound(found):
    """The bound that the multipliers prove (for a maximum): one outcome at a time."""
    game, worst = found.game, None
    for s in np.ndindex(game.shape):
        worth = found.objective[s] if found.sense == "max" else -found.objective[s]
        for i, m in enumerate(game.shape):
            for b in range(m):
                y = found.multipliers[i][b if found.coarse else (s[i], b)]
                assert y >= 0
                other = (*s[:i], b, *s[i + 1 :])
                worth -= y * (game.payoffs[other][i] - game.payoffs[s][i])
        worst = worth if worst is None else max(worst, worth)
    return worst if found.sense == "max" else -worst


@quick
@given(lopsided, st.booleans(), st.sampled_from(["max", "min"]))
def test_obeyed_and_proved_best_by_the_definition(game, coarse, sense):
    found = correlated(game, coarse=coarse, sense=sense)
    p = found.distribution
    assert p.sum() == 1
    assert p.min() >= 0
    assert obeyed(game, p, coarse)
    assert dual_bound(found) == found.bound == found.value == sum(found.payoffs)
    assert all((r == 0).all() for r in found.regrets)


@quick
@given(lopsided, st.booleans(), st.data())
def test_regrets_say_whether_any_distribution_is_obeyed(game, coarse, data):
    size = math.prod(game.shape)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size).filter(any))
    p = np.array([Fraction(w, sum(weights)) for w in weights]).reshape(game.shape)
    assert all((r == 0).all() for r in regrets(game, p, coarse)) == obeyed(game, p, coarse)


@quick
@given(games(actions=(1, 4)))
def test_nash_equilibria_are_correlated_and_correlated_ones_coarse(game):
    nash = [e.profile for e in solve(game, method="extreme")]
    for x in nash:
        for coarse in (False, True):
            assert all((r == 0).all() for r in regrets(game, product(x), coarse))
    for what in ("welfare", 0, 1):
        worth = [sum(x.payoffs) if what == "welfare" else x.payoffs[what] for x in nash]
        high, low = (
            [correlated(game, what, c, s).value for c in (True, False)] for s in ("max", "min")
        )
        assert high[0] >= high[1] >= max(worth)
        assert low[0] <= low[1] <= min(worth)


@quick
@given(games(players=3, actions=(1, 3)))
def test_pure_equilibria_of_three_players_lie_between_the_extremes(game):
    most, least = correlated(game).value, correlated(game, sense="min").value
    assert correlated(game, coarse=True).value >= most >= least
    assert correlated(game, coarse=True, sense="min").value <= least
    for e in solve(game, method="pure"):
        assert least <= sum(e.payoffs) <= most
        assert all((r == 0).all() for r in regrets(game, product(e.profile)))


@quick
@given(games(players=2, actions=(1, 4)))
def test_a_zero_sum_game_is_worth_its_value_however_correlated(game):
    A = game.payoffs[..., 0]
    zero_sum = Game.from_payoffs(A, -A)
    value = solve(zero_sum, method="extreme")[0].payoffs[0]
    for coarse, sense in itertools.product((False, True), ("max", "min")):
        assert correlated(zero_sum, 0, coarse, sense).value == value


@quick
@given(
    games(players=3, actions=(1, 3)), st.permutations(range(3)), st.booleans(), st.integers(0, 2)
)
def test_names_of_players_do_not_matter(game, order, coarse, who):
    other = Game(game.payoffs.transpose(*order, 3)[..., order])
    assert correlated(other, coarse=coarse).value == correlated(game, coarse=coarse).value
    here, there = correlated(game, order[who], coarse), correlated(other, who, coarse)
    assert here.value == there.value


@quick
@given(lopsided, st.booleans(), st.randoms())
def test_order_of_actions_does_not_matter(game, coarse, random):
    orders = [random.sample(range(m), m) for m in game.shape]
    other = Game(game.payoffs[np.ix_(*orders)])
    assert correlated(other, coarse=coarse).value == correlated(game, coarse=coarse).value


@quick
@given(lopsided, st.booleans(), st.sampled_from(["max", "min"]))
def test_unit_and_zero_of_each_players_payoffs_do_not_matter(game, coarse, sense):
    n = len(game.players)
    objective = game.payoffs[..., 0] + game.payoffs[..., -1]
    plain = correlated(game, objective, coarse, sense)
    units = np.array([Fraction(3 + i, 7) for i in range(n)])
    other = Game(game.payoffs * units + np.array([Fraction(i, 3) for i in range(n)]))
    assert correlated(other, objective, coarse, sense).value == plain.value
    scaled = correlated(game, 5 * objective - 3, coarse, sense)
    assert scaled.value == scaled.bound == 5 * plain.value - 3


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("coarse", [False, True])
def test_floats_of_any_size_are_solved_to_rounding(unit, coarse):
    payoffs = np.random.default_rng(2).random((3, 4, 2, 3))
    plain = correlated(Game(payoffs), coarse=coarse)
    other = correlated(Game(unit * payoffs + unit), coarse=coarse)
    assert plain.holds(1e-13)
    assert other.holds(1e-13)
    assert other.value == pytest.approx(unit * (plain.value + 3), rel=1e-12)
    assert other.distribution.dtype == float


@quick
@given(lopsided, st.booleans())
def test_the_least_is_the_most_of_the_negative(game, coarse):
    objective = game.payoffs[..., 0]
    least = correlated(game, objective, coarse, "min")
    assert least.value == -correlated(game, -objective, coarse, "max").value


def test_chicken_at_its_best():
    """Aumann 1974, J. Math. Econ. 1: 67-96, example (2.7): 21/2, above any Nash equilibrium's 9."""
    found = correlated(CHICKEN)
    assert found.value == Fraction(21, 2)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert found.distribution.tolist() == [[half, quarter], [quarter, 0]]
    assert found.payoffs == (Fraction(21, 4), Fraction(21, 4))
    assert max(sum(e.payoffs) for e in solve(CHICKEN)) < found.value


def test_a_coarse_equilibrium_can_beat_every_correlated_one():
    """Symmetric, derived: (middle, last) with 2/3 and (last, middle) with 1/3 pay (4/3, 5/3).

    Committing to the first action pays player 0 at most 2 * 2/3 = 4/3; told "middle", he knows
    that player 1 plays his last action, and would gain by it.
    """
    u = [[0, 0, 2], [0, 1, 1], [0, 2, 0]]
    game = Game.from_payoffs(u, np.array(u).T)
    p = np.full((3, 3), Fraction(0))
    p[1, 2], p[2, 1] = Fraction(2, 3), Fraction(1, 3)
    assert obeyed(game, p, coarse=True)
    assert not obeyed(game, p, coarse=False)
    assert [r.tolist() for r in regrets(game, p, coarse=True)] == [[0], [0]]
    assert regrets(game, p)[0].tolist() == [0, Fraction(2, 3), 0]
    assert correlated(game, coarse=True).value == 3 > correlated(game).value


def test_dominated_actions_are_never_played_when_correlated():
    """The dilemma has one correlated equilibrium, whatever the objective."""
    dilemma = Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]])
    for coarse, sense in itertools.product((False, True), ("max", "min")):
        assert correlated(dilemma, [[1, 0], [0, 0]], coarse, sense).distribution.tolist() == [
            [0, 0],
            [0, 1],
        ]


def test_a_constant_objective_is_worth_itself():
    found = correlated(CHICKEN, np.full((2, 2), 7), sense="min")
    assert found.value == found.bound == 7
    assert found.holds(0)


def test_players_are_named_or_numbered():
    game = Game(CHICKEN.payoffs, ["Blue", "Red"])
    assert correlated(game, "Red").value == correlated(game, 1).value == 7
    assert correlated(game, "Blue", sense="min").payoffs == (2, 7)


def test_a_tampered_result_does_not_hold():
    found = correlated(CHICKEN)
    assert found.holds(0)
    moved = found.distribution.copy()
    moved[0, 0], moved[1, 1] = moved[1, 1], moved[0, 0]
    assert not replace(found, distribution=moved).holds()
    assert not replace(found, distribution=2 * found.distribution).holds()
    assert not replace(found, multipliers=tuple(2 * y for y in found.multipliers)).holds()
    assert not replace(found, multipliers=tuple(-y for y in found.multipliers)).holds()
    poor = Profile.pure(CHICKEN, (0, 1))  # an equilibrium, and not the best
    assert not replace(found, distribution=product(poor)).holds()


def test_thousand_outcomes_of_ten_players_are_proved_in_time():
    """Half of ten must act for all to gain 10; acting costs 3. Five acting is best: 50 * 2 - 15."""
    n = 10
    acts = np.indices((2,) * n)
    game = Game(np.stack([10 * (acts.sum(axis=0) >= 5) - 3 * acts[i] for i in range(n)], axis=-1))
    start = time.perf_counter()
    most, least = correlated(game), correlated(game, sense="min")
    assert time.perf_counter() - start < 10
    assert (most.value, least.value) == (85, 0)
    rng = np.random.default_rng(0)
    assert correlated(Game(rng.integers(0, 100, (*(2,) * n, n)))).holds(0)


def test_a_misled_float_solver_is_found_out(monkeypatch):
    game = Game(np.random.default_rng(5).integers(0, 10**6, (5, 6, 2)))
    right = correlated(game).value
    honest = _linear._in_floats

    def misled(*program):
        rows, played, *rest = honest(*program)
        return rows, np.roll(played, 1), *rest

    monkeypatch.setattr(_linear, "_in_floats", misled)
    assert correlated(game).value == right
    monkeypatch.setattr(_linear, "_in_floats", lambda *program: None)
    assert correlated(game).value == right


def test_errors_name_the_culprit():
    with pytest.raises(ValueError, match="'Green' is not a player"):
        correlated(CHICKEN, "Green")
    with pytest.raises(ValueError, match="no player 2"):
        correlated(CHICKEN, 2)
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        correlated(CHICKEN, [1, 2, 3])
    with pytest.raises(ValueError, match="sense"):
        correlated(CHICKEN, sense="best")
    with pytest.raises(ValueError, match="strategic form"):
        correlated("chicken")
    with pytest.raises(ValueError, match="shape"):
        regrets(CHICKEN, [1])

"""Laws of the pure equilibria, and a second way to find them."""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Coverage
from gametheory.game import Game, Profile
from gametheory.solvers import solve
from gametheory.solvers.pure import best_replies
from gametheory.testing import games

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "degenerate_games.json").read_text())

quick = settings(max_examples=40, deadline=None)
any_game = st.integers(1, 4).flatmap(lambda n: games(players=n, actions=(1, 3)))


def actions(found):
    """The action profile of each equilibrium."""
    for e in found:
        assert all(sorted(map(float, x)) == [0] * (len(x) - 1) + [1] for x in e.mixtures)
    return [tuple(k for (k,) in e.profile.support) for e in found]


def unimprovable(game):
    """Profiles that no player improves by any other action: one payoff against another."""
    table = {a: game.payoffs[a].tolist() for a in np.ndindex(game.shape)}
    return [
        a
        for a in table
        if all(
            table[(*a[:i], k, *a[i + 1 :])][i] <= table[a][i]
            for i in range(len(a))
            for k in range(game.shape[i])
        )
    ]


@quick
@given(any_game)
def test_no_deviation_pays_there_and_one_does_elsewhere(game):
    found = solve(game, method="pure")
    assert actions(found) == unimprovable(game)
    assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)


@quick
@given(any_game, st.sampled_from([1e9, 1e-9, 1e300, 1e-300]))
def test_unit_and_zero_of_payoffs_do_not_matter(game, unit):
    expected = actions(solve(game, method="pure"))
    n = len(game.players)
    shifted = game.payoffs * Fraction(3, 7) + np.array([Fraction(k, 3) for k in range(n)])
    assert actions(solve(Game(shifted), method="pure")) == expected
    assert actions(solve(Game(game.payoffs.astype(float) * unit), method="pure")) == expected


@quick
@given(games(players=3, actions=(1, 3)), st.permutations(range(3)))
def test_names_of_players_do_not_matter(game, order):
    other = Game(game.payoffs.transpose(*order, 3)[..., order])
    found = actions(solve(game, method="pure"))
    renamed = sorted(tuple(a[i] for i in order) for a in found)
    assert actions(solve(other, method="pure")) == renamed


@quick
@given(games())
def test_they_are_the_pure_ones_of_the_extreme_equilibria(game):
    supports = [e.profile.support for e in solve(game, method="extreme")]
    pure = [(x[0], y[0]) for x, y in supports if len(x) == len(y) == 1]
    assert actions(solve(game, method="pure")) == pure


@pytest.mark.parametrize(
    "fact", [g for g in FACTS["games"] if g["players"] == 3], ids=lambda fact: fact["id"]
)
def test_degenerate_games_of_three_players(fact):
    found = solve(Game.from_payoffs(*fact["payoffs"]), method="pure")
    assert sorted(actions(found)) == sorted(map(tuple, fact["pure_equilibria"]))
    assert found.coverage is Coverage.ALL_PURE


def test_one_player_is_solved():
    unique = solve(Game.from_payoffs([1, 5, 3]))
    assert (actions(unique), unique.coverage) == ([(1,)], Coverage.ALL)
    assert unique.degenerate is False
    tied = solve(Game.from_payoffs([5.0, 1.0, 5.0]))
    assert (actions(tied), tied.coverage) == ([(0,), (2,)], Coverage.EXTREME)
    assert tied.degenerate is True
    assert tied.components == ((0, 1),)
    assert tied.components[0].nash_subsets == ((0, 1),)


def test_a_game_without_pure_equilibria_says_so_and_no_more():
    pennies = solve(Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), method="pure")
    assert (len(pennies), pennies.coverage) == (0, Coverage.ALL_PURE)


def test_floats_are_compared_without_tolerance():
    nearly = Game.from_payoffs([[0.1 + 0.2], [0.3]], [[0.0], [0.0]])
    assert actions(solve(nearly, method="pure")) == [(0, 0)]


@pytest.mark.parametrize("offset", [2**60, -(2**62), 10**400, Fraction(10**20, 3)])
def test_exact_payoffs_that_round_to_one_float_are_told_apart(offset):
    counts = set()
    for seed in range(8):
        rng = np.random.default_rng(seed)
        small = rng.integers(0, 4, (3, 2, 3, 3) if seed % 2 else (4, 5, 2))
        game = Game(small.astype(object) + offset)
        assert np.ptp(game.rounded) == 0
        found = actions(solve(game, method="pure"))
        assert found == unimprovable(game) == actions(solve(Game(small), method="pure"))
        counts.add(len(found))
    assert len(counts) > 2


@pytest.mark.parametrize(("given", "exact"), [(1, None), (1.0, True), (1, True)])
def test_mixtures_are_exact_where_asked(given, exact):
    (e,) = solve(Game(np.full((1, 1, 1, 3), given)), method="pure", exact=exact)
    assert all(x.dtype == object for x in e.mixtures)


@pytest.mark.parametrize(("given", "exact"), [(1.0, None), (1, False)])
def test_mixtures_are_floats_where_asked(given, exact):
    (e,) = solve(Game(np.full((1, 1, 1, 3), given)), method="pure", exact=exact)
    assert all(x.dtype == np.float64 for x in e.mixtures)


@pytest.mark.parametrize("shape", [(3,) * 10, (2,) * 16])
def test_big_games_have_the_equilibrium_planted_in_them(shape):
    n = len(shape)
    payoffs = np.random.default_rng(0).random((*shape, n))
    planted = tuple(k % m for k, m in enumerate(shape))
    payoffs[planted] = 2.0
    game = Game(payoffs)
    assert best_replies(game)[planted]
    assert planted in actions(solve(game))


def test_every_profile_of_a_constant_game_is_certified():
    found = solve(Game(np.zeros((2,) * 8 + (8,))))
    assert actions(found) == list(itertools.product((0, 1), repeat=8))
    assert all(e.certificate.regret == 0 for e in found)


@quick
@given(games(players=3, actions=(1, 3)), st.integers(0, 2**32 - 1), st.booleans())
def test_gains_against_sure_actions_are_those_of_the_sum_over_profiles(game, seed, exact):
    rng = np.random.default_rng(seed)
    mixtures = []
    for m in game.shape:
        weights = np.eye(m, dtype=int)[rng.integers(m)] if rng.random() < 0.6 else np.arange(m) + 1
        x = [Fraction(int(w), int(weights.sum())) for w in weights]
        mixtures.append(x if exact else list(map(float, x)))
    profile = Profile(game, mixtures)
    for i in range(3):
        expected = [0] * game.shape[i]
        for a in np.ndindex(game.shape):
            chance = np.prod([profile.mixtures[j][a[j]] for j in range(3) if j != i])
            expected[a[i]] += chance * game.payoffs[a][i]
        if exact:
            assert profile.action_payoffs(i).tolist() == expected
        else:
            assert profile.action_payoffs(i) == pytest.approx(list(map(float, expected)))


def test_another_form_of_game_is_sent_away():
    with pytest.raises(ValueError, match="pure: needs a Game in strategic form, got int"):
        solve(3, method="pure")

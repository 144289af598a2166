"""Laws of dominance, and independent ways to find it."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.dominance import Dominated, dominated, undominated
from gametheory.game import Game, Profile
from gametheory.solvers import solve
from gametheory.testing import games

quick = settings(max_examples=60, deadline=None)
strict_or_weak = pytest.mark.parametrize("strict", [True, False], ids=["strict", "weak"])
any_game = st.integers(1, 3).flatmap(lambda n: games(players=n, actions=(1, 4 if n < 3 else 3)))


def which(found):
    return {(d.player, d.action) for d in found}


def rows(game, i):
    """Payoffs of player ``i``, a row an action, as plain lists."""
    others = itertools.product(*(range(m) for j, m in enumerate(game.shape) if j != i))
    others = list(others)
    return [
        [Fraction(game.payoffs[(*s[:i], a, *s[i:])][i]) for s in others]
        for a in range(game.shape[i])
    ]


def dominates(better, worse, strict):
    gaps = [b - w for b, w in zip(better, worse)]
    return all(g > 0 for g in gaps) if strict else all(g >= 0 for g in gaps) and any(gaps)


@strict_or_weak
@quick
@given(st.integers(1, 4).flatmap(lambda n: games(players=n, actions=(2, 2))))
def test_with_two_actions_dominance_is_a_comparison(strict, game):
    expected = {
        (i, a)
        for i in range(len(game.players))
        for a in (0, 1)
        if dominates(rows(game, i)[1 - a], rows(game, i)[a], strict)
    }
    assert which(dominated(game, strict)) == expected


def mixtures_of_two(u, a, strict):
    """Whether a mixture of at most two rows of ``u`` dominates row ``a``: by intervals.

    ``t`` on row j and ``1 - t`` on row k: each column asks t * (u_j - u_k) > (or >=) u_a - u_k.
    """
    for j, k in itertools.product([r for r in range(len(u)) if r != a], repeat=2):
        cuts = {Fraction(0), Fraction(1)}
        for s in range(len(u[a])):
            if u[j][s] != u[k][s]:
                cuts.add((u[a][s] - u[k][s]) / (u[j][s] - u[k][s]))
        ends = sorted(c for c in cuts if 0 <= c <= 1)
        tries = ends + [(p + q) / 2 for p, q in itertools.pairwise(ends)]
        for t in tries:
            mix = [t * x + (1 - t) * y for x, y in zip(u[j], u[k])]
            if dominates(mix, u[a], strict):
                return True
    return False


@strict_or_weak
@quick
@given(games(players=2, actions=(1, 3)))
def test_with_three_actions_two_of_them_mixed_are_enough(strict, game):
    expected = {
        (i, a)
        for i in (0, 1)
        for a in range(game.shape[i])
        if mixtures_of_two(rows(game, i), a, strict)
    }
    assert which(dominated(game, strict)) == expected


@strict_or_weak
@quick
@given(any_game)
def test_every_mixture_proves_what_it_says(strict, game):
    for d in dominated(game, strict):
        u = rows(game, d.player)
        assert d.mixture[d.action] == 0
        assert sum(d.mixture) == 1
        assert min(d.mixture) >= 0
        mix = [sum(w * x for w, x in zip(d.mixture, column)) for column in zip(*u)]
        assert dominates(mix, u[d.action], strict)
        assert [m - w for m, w in zip(mix, u[d.action])] == d.advantage.ravel().tolist()
        assert d.strict == all(m > w for m, w in zip(mix, u[d.action]))


@quick
@given(any_game)
def test_strict_dominance_is_a_case_of_weak(game):
    assert which(dominated(game)) <= which(dominated(game, strict=False))


@strict_or_weak
@quick
@given(games(players=3, actions=(1, 3)), st.permutations(range(3)))
def test_names_of_players_do_not_matter(strict, game, order):
    other = Game(game.payoffs.transpose(*order, 3)[..., order])
    found = {(order[i], a) for i, a in which(dominated(other, strict))}
    assert found == which(dominated(game, strict))


@strict_or_weak
@quick
@given(any_game, st.sampled_from([2.0**-30, 1.0, 2.0**30]))
def test_unit_and_zero_of_payoffs_do_not_matter(strict, game, unit):
    expected = which(dominated(game, strict))
    n = len(game.players)
    shifted = game.payoffs * Fraction(3, 7) + np.array([Fraction(k, 3) for k in range(n)])
    assert which(dominated(Game(shifted), strict)) == expected
    assert which(dominated(Game(game.payoffs.astype(float) * unit), strict)) == expected


def test_a_tie_in_the_last_bit_is_seen():
    u = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, np.nextafter(1.0, 0)]])
    game = Game.from_payoffs(u, np.zeros((3, 2)))
    assert which(dominated(game, strict=False)) == {(0, 2)}
    assert dominated(game) == ()
    assert dominated(Game.from_payoffs(u[:2], np.zeros((2, 2))), strict=False) == ()


@quick
@given(games(actions=(1, 4)))
def test_equilibria_are_those_of_what_strict_elimination_leaves(game):
    left = undominated(game)
    found = solve(left.game, method="extreme")
    embedded = {left.embed(e.profile, game) for e in found}
    assert embedded == {e.profile for e in solve(game, method="extreme")}


@quick
@given(games(actions=(1, 4)))
def test_what_survives_weak_elimination_is_an_equilibrium(game):
    left = undominated(game, strict=False)
    every = {e.profile for e in solve(game, method="extreme")}
    assert {left.embed(e.profile, game) for e in solve(left.game, method="extreme")} <= every


@strict_or_weak
@quick
@given(any_game)
def test_rounds_add_up_and_leave_nothing_to_eliminate(strict, game):
    left = undominated(game, strict)
    assert dominated(left.game, strict) == ()
    assert left.game.payoffs.tolist() == game.payoffs[np.ix_(*left.kept)].tolist()
    at = game
    for gone in left.rounds:
        assert gone
        assert all(d.game == at for d in gone)
        assert which(gone) == which(dominated(at, strict))
        stay = [[a for a in range(m) if (i, a) not in which(gone)] for i, m in enumerate(at.shape)]
        at = Game(
            at.payoffs[np.ix_(*stay)],
            at.players,
            [[names[a] for a in s] for names, s in zip(at.actions, stay)],
        )
    assert at == left.game


@quick
@given(games(players=3, actions=(1, 3)), st.randoms())
def test_order_of_strict_elimination_does_not_matter(game, random):
    kept = [list(range(m)) for m in game.shape]
    at = game
    while gone := dominated(at):
        d = random.choice(gone)
        del kept[d.player][d.action]
        at = Game(game.payoffs[np.ix_(*kept)])
    assert tuple(map(tuple, kept)) == undominated(game).kept


def test_order_of_weak_elimination_matters_and_rounds_take_all_at_once():
    """Row 2 and column 2 are both weakly dominated; either alone keeps the other (derived)."""
    game = Game.from_payoffs([[1, 0], [0, 0]], [[1, 0], [0, 0]])
    assert undominated(game, strict=False).kept == ((0,), (0,))
    # Osborne & Rubinstein 1994, section 4.3: the order T, L leaves (M, R), (B, R) at (2, 1), and
    # B, R leaves (T, L), (M, L) at (1, 1); both at once leave (M, L), (M, R).
    game = Game.from_payoffs([[1, 0], [1, 2], [0, 2]], [[1, 0], [1, 1], [0, 1]])
    left = undominated(game, strict=False)
    assert [which(gone) for gone in left.rounds] == [{(0, 0), (0, 2)}]
    assert left.kept == ((1,), (0, 1))


def test_guessing_game_takes_one_round_a_step():
    """Three players guess a third of the mean of the others, 0..8 (after Nagel 1995).

    Derived: the target is at most 8/3, then 1, then 1/3, so that 4..8, then 2 and 3, then 1 go.
    """

    def nearness(*guesses):
        return [-abs(6 * g - (sum(guesses) - g)) for g in guesses]

    left = undominated(Game.of({p: range(9) for p in "ABC"}, nearness))
    assert left.kept == ((0,),) * 3
    steps = [sorted({d.action for d in gone}) for gone in left.rounds]
    assert steps == [[4, 5, 6, 7, 8], [2, 3], [1]]


def test_a_mixture_that_needs_three_actions():
    """The uniform mixture of three pays 1 against each of three columns; the fourth row 9/10."""
    u = [[3, 0, 0], [0, 3, 0], [0, 0, 3], [Fraction(9, 10)] * 3]
    (d,) = dominated(Game.from_payoffs(u, [[0] * 3] * 4))
    assert (d.player, d.action) == (0, 3)
    assert all(d.mixture[:3] > Fraction(3, 10))
    u[3] = [1, 1, 1]  # now an equal: not dominated, even weakly
    assert dominated(Game.from_payoffs(u, [[0] * 3] * 4), strict=False) == ()


def test_a_large_game_goes_through_floats_to_an_exact_answer():
    rng = np.random.default_rng(3)
    u = rng.integers(0, 10**6, (12, 60))
    blend = (u[2] + u[5] + u[7]) // 3 - 1
    game = Game.from_payoffs(np.vstack([u, blend]), np.zeros((13, 60), dtype=int))
    found = [d for d in dominated(game) if d.player == 0]
    assert [d.action for d in found] == [12]
    assert (found[0].advantage > 0).all()
    floats = Game(game.payoffs.astype(float) / 3)
    assert (0, 12) in which(dominated(floats))


def test_a_false_proof_is_seen_by_its_advantage():
    game = Game.from_payoffs([[2, 0], [1, 1]], [[0, 0], [0, 0]])
    claim = Dominated(game, 0, 1, np.array([Fraction(1), Fraction(0)]))
    assert claim.advantage.tolist() == [1, -1]
    assert not claim.strict


def test_embedding_keeps_the_kind_of_numbers():
    game = Game.from_payoffs([[3.0, 0.0], [5.0, 1.0]], [[3.0, 5.0], [0.0, 1.0]])
    left = undominated(game)
    profile = left.embed(Profile(left.game, ([1.0], [1.0])), game)
    assert [x.tolist() for x in profile.mixtures] == [[0.0, 1.0], [0.0, 1.0]]


def test_only_games_in_strategic_form():
    with pytest.raises(ValueError, match="strategic form"):
        dominated("chicken")

"""Laws of the index of components, and perturbed games counted by hand."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.count import CountGame
from gametheory.game import Game
from gametheory.index import indices
from gametheory.refine import refinements
from gametheory.solvers import solve
from gametheory.testing import games

quick = settings(max_examples=60, deadline=None)
FACTS = json.loads((Path(__file__).parent / "facts" / "degenerate_games.json").read_text())
TWO = [fact for fact in FACTS["games"] if fact["players"] == 2]
tied = games(actions=(1, 4), values=st.integers(0, 2))


def extreme(game):
    return solve(game, method="extreme")


def members(found):
    """The components as sets of exact profiles, with their indices."""
    return {
        frozenset((tuple(found[k].mixtures[0]), tuple(found[k].mixtures[1])) for k in part): sign
        for part, sign in zip(found.components, indices(found))
    }


@quick
@given(tied)
def test_indices_add_up_to_one(game):
    assert sum(indices(extreme(game))) == 1


@quick
@given(games(actions=(1, 4), values=st.integers(-60, 60)))
def test_without_ties_it_is_the_sign_of_the_determinants(game):
    """The walk over perturbed bases against the index of each regular equilibrium."""
    found = extreme(game)
    if not found.degenerate:
        blank = replace(found, equilibria=tuple(replace(e, index=None) for e in found))
        assert indices(blank) == indices(found) == tuple(e.index for e in found)


def exact(rows):
    return np.array([[Fraction(v) for v in row] for row in rows], dtype=object)


def of(fact):
    return Game.from_payoffs(exact(fact["A"]), exact(fact["B"]))


DERIVED = {
    "D1_dup_row": (1, -1, 1),  # battle of the sexes: pure ones +1, the mixed one -1
    "D3_nashpy222": (1,),  # the only component
    "D5_entry_deterrence": (0, 1),  # the strict one has +1, all else is left with 0
    "D7_dup_col_pennies": (1,),
    "D9_nashpy231_zs6": (1,),
    "D11_km_circle": (1,),
    "D15_nashpy60": (1,),
}


@pytest.mark.parametrize("fact", TWO, ids=[fact["id"] for fact in TWO])
def test_degenerate_games_by_hand(fact):
    found = extreme(of(fact))
    got = indices(found)
    assert sum(got) == 1
    if fact["id"] in DERIVED:
        assert sorted(got) == sorted(DERIVED[fact["id"]])
    if fact["id"] == "D1_dup_row":
        for part, sign in zip(found.components, got):
            mixed = len(found[part[0]].profile.support[1]) == 2
            assert sign == (-1 if mixed else 1)
    if fact["id"] == "D5_entry_deterrence":
        out = [found[part[0]].profile.support[0] == (0,) for part in found.components]
        assert got == tuple(0 if stays else 1 for stays in out)
    if fact["id"] == "D13_identical_all":
        # of three pure coordination outcomes each subset is played once: (-1)^(k + 1)
        for part, sign in zip(found.components, got):
            used = found[part[0]].profile.support[0]
            assert sign == (-1) ** (len(used) + 1)


def gap(point, X, Y):
    """How far the profile is from the product of the hulls, in the largest chance; by HiGHS."""
    from scipy.optimize import linprog

    worst = 0.0
    for z, vertices in zip(point, (X, Y)):
        V = np.array(vertices, dtype=float).T
        z = np.array(z, dtype=float)
        m, k = V.shape
        one = np.ones((m, 1))
        run = linprog(
            [*[0] * k, 1],
            A_ub=np.vstack([np.hstack([V, -one]), np.hstack([-V, -one])]),
            b_ub=np.concatenate([z, -z]),
            A_eq=[[*[1] * k, 0]],
            b_eq=[1],
        )
        worst = max(worst, run.fun)
    return worst


def nearest(e, found):
    """The component next to this profile of another game."""
    best = []
    for part in found.components:
        gaps = []
        for subset in part.nash_subsets:
            X, Y = zip(*(found[k].mixtures for k in subset))
            gaps.append(gap(e.mixtures, X, Y))
        best.append(min(gaps))
    order = sorted(best)
    assert order[0] < 1e-3
    assert len(order) == 1 or order[1] > 10 * order[0]
    return best.index(order[0])


@pytest.mark.parametrize("seed", range(24))
def test_equilibria_of_any_nearby_game_count_the_same(seed):
    """Payoffs moved at random by up to 1e-5: the equilibria near each component and their signs."""
    rng = np.random.default_rng(seed)
    shape = [(2, 2), (3, 2), (2, 3), (3, 3)][seed % 4]
    game = Game(rng.integers(0, 3, (*shape, 2)))
    found = extreme(game)
    for _ in range(2):
        noise = rng.integers(-(10**6), 10**6, (*shape, 2))
        near = extreme(Game(game.payoffs + noise * Fraction(1, 10**11)))
        assert near.degenerate is False
        counted = [0] * len(found.components)
        for e in near:
            counted[nearest(e, found)] += e.index
        assert tuple(counted) == indices(found)


@quick
@given(tied, st.data())
def test_names_and_units_do_not_matter(game, data):
    rows, columns = (data.draw(st.permutations(range(m))) for m in game.shape)
    A, B = (game.payoffs[..., i][np.ix_(rows, columns)] for i in (0, 1))
    other = Game.from_payoffs(B.T * Fraction(2, 7) + 5, A.T * 3 - 1)
    expected = {
        frozenset((tuple(y[b] for b in columns), tuple(x[a] for a in rows)) for x, y in part): sign
        for part, sign in members(extreme(game)).items()
    }
    assert members(extreme(other)) == expected


@quick
@given(tied, st.data())
def test_a_duplicate_leaves_the_index_of_each_component(game, data):
    a = data.draw(st.integers(0, game.shape[0] - 1))
    bigger = Game(np.concatenate([game.payoffs, game.payoffs[a : a + 1]]))
    joined = {}
    for part, sign in members(extreme(bigger)).items():
        folded = set()
        for x, y in part:
            x = list(x)
            extra = x.pop()
            x[a] += extra
            folded.add((tuple(x), y))
        joined[frozenset(folded)] = joined.get(frozenset(folded), 0) + sign
    small = members(extreme(game))
    assert len(joined) == len(small)
    for part, sign in small.items():
        assert sum(s for folded, s in joined.items() if folded & part) == sign


@quick
@given(tied, st.integers(-4, -1), st.data())
def test_a_strictly_dominated_action_changes_nothing(game, worse, data):
    others = data.draw(st.lists(st.integers(0, 2), min_size=game.shape[1], max_size=game.shape[1]))
    row = np.array([[[worse, v] for v in others]], dtype=object)
    bigger = Game(np.concatenate([game.payoffs, row]))
    expected = {
        frozenset(((*x, 0), y) for x, y in part): sign
        for part, sign in members(extreme(game)).items()
    }
    assert members(extreme(bigger)) == expected


@quick
@given(tied, st.sampled_from([2.0**-30, 1.0, 2.0**30]))
def test_floats_count_like_the_rationals_they_are(game, unit):
    found = extreme(Game(game.payoffs.astype(float) * unit))
    assert indices(found) == indices(extreme(game))


def test_the_table_gives_each_member_the_index_of_its_component():
    found = extreme(Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]]))
    assert refinements(found).index == (0, 0, 1)


def test_three_players_are_counted_where_only_one_component_is_not_regular():
    """A vote for 1 by majority, with a reward for 0 to all if nobody votes 1: 000 is strict."""
    vote = Game.of({p: [0, 1] for p in "ABC"}, lambda *v: [{0: 1, 1: 0}.get(sum(v), 2)] * 3)
    found = solve(vote)
    got = indices(found)
    assert None not in got
    assert sum(got) == 1
    strict = [k for k, e in enumerate(found) if e.profile.support == ((0,),) * 3]
    home = next(c for c, part in enumerate(found.components) if strict[0] in part)
    assert got[home] == 1
    vote = Game.of({p: [0, 1] for p in "ABC"}, lambda *v: [int(sum(v) > 1)] * 3)
    assert indices(solve(vote)) == (None, None)  # two components, neither regular


def test_lists_that_hold_less_are_refused():
    game = Game.from_payoffs([[1, 0], [0, 0]], [[1, 0], [0, 0]])
    for found in (
        solve(game, method="lemke_howson"),
        solve(game, method="pure"),
        solve(CountGame(act=[1, 1], wait=[0, 2])),
    ):
        with pytest.raises(ValueError, match="every component"):
            indices(found)


def test_a_list_that_lacks_an_extreme_one_is_refused():
    found = extreme(Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]]))
    less = replace(found, equilibria=found.equilibria[:2], components=found.components[:1])
    with pytest.raises(ValueError, match="lacks an extreme equilibrium"):
        indices(less)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_an_outside_option_has_what_the_equilibria_it_leaves_lack(k):
    """Out pays 2/3; in leads to k ways to agree, worth 1 each, of which mixtures pay 1/2 or less.

    Derived: the k pure agreements stay, each strict and so +1; out is all else: 1 - k.
    """
    A = [[Fraction(2, 3)] * k, *np.eye(k, dtype=int).tolist()]
    B = [[0] * k, *np.eye(k, dtype=int).tolist()]
    found = extreme(Game.from_payoffs(A, B))
    for part, sign in zip(found.components, indices(found)):
        assert sign == (1 - k if found[part[0]].mixtures[0][0] == 1 else 1)
    assert len(found.components) == (k + 1 if k > 1 else 1)

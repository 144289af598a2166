"""Continua of equilibria in games of many players: the whole of them, and nothing else.

In the derivations ``(a, b, c)`` are the chances that players A, B, C play their action 1.
"""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gametheory.equilibrium import Coverage, certify
from gametheory.game import Game, Profile
from gametheory.solvers import _products, extreme, solve
from gametheory.testing import games

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "degenerate_games.json").read_text())
HALF = Fraction(1, 2)

tied = games(players=3, actions=(2, 3), values=st.integers(0, 2))
quick = settings(max_examples=25, deadline=None)


def isolate(game, exact=None):
    return solve(game, method="isolate", exact=exact)


def fact(name):
    (entry,) = (g for g in FACTS["games"] if g["id"] == name)
    return Game.from_payoffs(*entry["payoffs"])


def three(rule):
    """The game of A, B, C with actions 0 and 1."""
    return Game.of(dict.fromkeys("ABC", (0, 1)), rule)


def subsets(found):
    """Each Nash subset as a set of corners, each corner the chances of action 1."""
    points = [tuple(x[1] for x in e.mixtures) for e in found]
    return {
        frozenset(points[k] for k in subset)
        for part in found.components
        for subset in part.nash_subsets
    }


def product(*ends):
    """The corners of a product, each side a chance or two ends of a segment."""
    return frozenset(itertools.product(*[e if isinstance(e, tuple) else (e,) for e in ends]))


def in_hull(x, vertices):
    """Whether ``x`` is a mean of the vertices, by a linear program in floats."""
    V = np.array(vertices, dtype=float).T
    A = np.vstack([V, np.ones(V.shape[1])])
    return linprog(np.zeros(V.shape[1]), A_eq=A, b_eq=[*map(float, x), 1]).status == 0


def accounted(found, mixtures):
    """Whether a profile is in a Nash subset of the set, or in one of its boxes."""
    for part in found.components:
        for subset in part.nash_subsets:
            if subset and all(
                in_hull(x, list({tuple(found[k].mixtures[i]) for k in subset}))
                for i, x in enumerate(mixtures)
            ):
                return True
        if found.coverage is Coverage.ENCLOSED and any(mixtures in box for box in part.boxes):
            return True
    return False


def lattice(shape, q):
    """All profiles whose chances are multiples of ``1/q``."""
    sides = [
        [
            np.array([Fraction(k, q) for k in x], dtype=object)
            for x in itertools.product(range(q + 1), repeat=m)
            if sum(x) == q
        ]
        for m in shape
    ]
    return itertools.product(*sides)


def rounded(mixtures):
    return tuple(round(float(p), 9) for x in mixtures for p in x)


def test_a_free_volunteer_has_three_faces():
    """All get 1 if anyone acts, at no cost: some one acts for sure, and nothing else (T1)."""
    found = isolate(three(lambda *a: [int(any(a))] * 3))
    assert found.coverage is Coverage.EXTREME
    line = (0, 1)
    assert subsets(found) == {
        product(1, line, line),
        product(line, 1, line),
        product(line, line, 1),
    }
    assert len(found.components) == 1


def test_the_vote_has_three_segments_and_a_point():
    """T2: two votes of three carry a common good; with two for it the third does not matter."""
    found = isolate(fact("T2_common_interest_vote"))
    assert found.coverage is Coverage.EXTREME
    line = (0, 1)
    assert subsets(found) == {
        product(line, 1, 1), product(1, line, 1), product(1, 1, line), product(0, 0, 0)
    }  # fmt: skip
    assert [len(part) for part in found.components] == [1, 4]


def test_four_tied_equilibria_are_isolated():
    """T3: two of three provide a good worth what an act costs: two act, or none.

    One who acts gets 0, as he would by waiting; if he mixed, the other would wait.
    """
    found = isolate(three(lambda *a: [int(sum(a) > 1) - own for own in a]))
    assert (found.coverage, found.degenerate) == (Coverage.ALL, True)
    assert subsets(found) == {product(*x) for x in [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]}


def test_an_idle_third_player_chooses_between_two_games():
    """T4: at c = 1/2 player B is indifferent; below, A and B coordinate; at 1/2, 1/2 all goes."""
    found = isolate(fact("T4_constant_player"))
    assert found.coverage is Coverage.EXTREME
    assert subsets(found) == {
        product(0, 0, (0, HALF)),
        product(1, 1, (0, HALF)),
        product(HALF, HALF, (0, 1)),
        product(0, (0, HALF), HALF),
        product(1, (HALF, 1), HALF),
        product((0, 1), HALF, HALF),
    }
    assert len(found.components) == 1  # two of the segments cross between their ends
    assert all(e.certificate.regret == 0 and e.certificate.exact for e in found)


def test_a_threat_deters_from_some_chance_on():
    """A stays out if B or C is likely enough to fight; neither is ever called upon.

    Out pays 1, in pays 3 less 4 for each who fights: A stays out iff b + c >= 1/2. B fights only
    (C has none to fight) with chance 1/2 or more. Fighting costs the fighter 1 if A comes.
    """
    game = Game.of(
        {"A": ("out", "in"), "B": (0, 1), "C": (0, 1)},
        lambda a, b, c: (1, 0, 0) if a == "out" else (3 - 4 * b, -b, -c),
    )
    found = isolate(game)
    assert found.coverage is Coverage.EXTREME
    assert subsets(found) == {product(0, (HALF, 1), (0, 1)), product(1, 0, 0)}


def test_a_curve_is_enclosed():
    """B and C are idle, and A gains b c - 1/4 by acting: he mixes on a hyperbola."""
    game = three(lambda a, b, c: (a * (b * c - Fraction(1, 4)), 0, 0))
    found = isolate(game)
    assert found.coverage is Coverage.ENCLOSED
    assert found.degenerate is True
    (part,) = found.components
    assert part.boxes
    for b in [Fraction(k, 16) for k in range(4, 17)]:
        for a in (Fraction(0), Fraction(1, 3), Fraction(1)):
            x = [np.array([1 - p, p], dtype=object) for p in (a, b, 1 / (4 * b))]
            assert certify(Profile(game, x)).regret == 0
            assert any(x in box for box in part.boxes)
    for x in itertools.product([Fraction(1, 3), Fraction(2, 3)], [0.1, 0.8], [0.1, 0.9]):
        assert not any([np.array([1 - p, p]) for p in x] in box for box in part.boxes)
    (group,) = (note for note in found.notes if note.startswith("Group"))
    assert "A plays 0 with 0 to 1" in group


@settings(max_examples=60, deadline=None)
@given(games(players=2, actions=(2, 4), values=st.integers(0, 2)))
def test_two_players_have_the_nash_subsets_that_pivoting_finds(game):
    found, wanted = isolate(game), extreme.solve(game)
    assert [e.mixtures[0].tolist() for e in found] == [e.mixtures[0].tolist() for e in wanted]
    assert [e.mixtures[1].tolist() for e in found] == [e.mixtures[1].tolist() for e in wanted]
    assert found.components == wanted.components
    for part, other in zip(found.components, wanted.components):
        assert set(part.nash_subsets) == set(other.nash_subsets)


@quick
@given(tied)
def test_no_equilibrium_of_a_lattice_is_left_out(game):
    found = isolate(game)
    assert found.coverage is not Coverage.UNKNOWN
    for x in lattice(game.shape, 2 if max(game.shape) > 2 else 3):
        if certify(Profile(game, x)).regret == 0:
            assert accounted(found, x)
            assert any(x in box for part in found.components for box in part.boxes)


@quick
@given(tied, st.integers(0, 10**6))
def test_all_of_a_nash_subset_is_in_equilibrium(game, seed):
    found, rng = isolate(game), np.random.default_rng(seed)
    for part in found.components:
        for subset in part.nash_subsets:
            if not subset or not all(found[k].profile.exact for k in subset):
                continue
            x = []
            for i in range(3):
                weights = [Fraction(int(w), 1) for w in rng.integers(1, 5, len(subset))]
                x.append(sum(w * found[k].mixtures[i] for w, k in zip(weights, subset)))
                x[-1] = x[-1] / sum(weights)
            assert certify(Profile(game, x)).regret == 0


@quick
@given(tied, st.permutations(range(3)), st.integers(0, 10**6))
def test_names_of_players_and_actions_do_not_matter(game, order, seed):
    rng = np.random.default_rng(seed)
    turns = [rng.permutation(m) for m in game.shape]
    payoffs = game.payoffs[np.ix_(*turns, range(3))].transpose(*order, 3)[..., list(order)]
    found, other = isolate(game), isolate(Game(payoffs))
    if Coverage.ENCLOSED in (found.coverage, other.coverage):
        return  # where pieces are split may decide what is undecided
    assert found.coverage is other.coverage
    renamed = [rounded(e.mixtures[i][turns[i]] for i in order) for e in found]
    points = [rounded(e.mixtures) for e in other]
    assert sorted(renamed) == sorted(points)
    for attribute in (lambda c: [tuple(c)], lambda c: c.nash_subsets):
        one = {frozenset(renamed[k] for k in s) for c in found.components for s in attribute(c)}
        two = {frozenset(points[k] for k in s) for c in other.components for s in attribute(c)}
        assert one == two


@quick
@given(tied, st.fractions(-5, 5, max_denominator=9), st.sampled_from([10**-9, 1, 10**9]))
def test_unit_and_zero_of_payoffs_do_not_matter(game, zero, unit):
    found = isolate(game)
    other = isolate(Game((game.payoffs + zero) * Fraction(unit)))
    assert [e.mixtures[0].tolist() for e in found] == [e.mixtures[0].tolist() for e in other]
    assert found.components == other.components
    assert found.coverage is other.coverage


@quick
@given(st.integers(0, 10**6), st.integers(0, 2), st.sampled_from([(2, 2, 2), (2, 3, 2)]))
def test_a_duplicate_splits_the_chance_of_its_action(seed, player, shape):
    """Every equilibrium that uses the action becomes a segment; what it adds up to is as before."""
    game = Game(np.random.default_rng(seed).random((*shape, 3)))
    first = game.payoffs.take([0], axis=player)
    more = Game(np.concatenate([game.payoffs, first], axis=player))
    alone, found = isolate(game), isolate(more)
    assert len(found.components) == len(alone)
    merged = []
    for part in found.components:
        used = {float(found[k].mixtures[player][[0, -1]].sum()) for k in part}
        assert len(used) == 1
        assert len(part) == (2 if used.pop() > 0 else 1)
        x = [m.copy() for m in found[part[0]].mixtures]
        x[player][0] += x[player][-1]
        x[player] = x[player][:-1]
        merged.append(np.concatenate(x))
    wanted = [np.concatenate(e.mixtures) for e in alone]
    assert all(min(np.abs(w - m).max() for m in merged) < 1e-9 for w in wanted)


def test_an_idle_player_plays_anything():
    """A fourth player who neither cares nor matters, but for what others get whatever they do."""
    game = Game(np.random.default_rng(3).integers(0, 2**20, (2, 2, 2, 3)) / 2**20)
    table = np.zeros((2, 3, 2, 2, 4))
    table[..., [0, 2, 3]] = game.payoffs[:, None]
    table += np.arange(3)[:, None, None, None] * np.array([5, 0, 1, 2])
    alone, found = isolate(game), isolate(Game(table, players=("A", "idle", "B", "C")))
    assert alone.coverage is Coverage.ALL
    assert found.coverage is Coverage.EXTREME
    assert len(found.components) == len(alone)
    for part in found.components:
        ends = {tuple(found[k].mixtures[1].tolist()) for k in part}
        assert ends == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}


def test_all_actions_of_all_players_alike():
    found = isolate(Game(np.zeros((2, 3, 2, 3), dtype=int)))
    assert found.coverage is Coverage.EXTREME
    assert found.components[0].nash_subsets == (tuple(range(12)),)


@quick
@given(tied)
def test_boxes_hold_their_component_and_an_isolated_equilibrium_alone(game):
    found = isolate(game)
    for part in found.components:
        for k in part:
            assert any(found[k].mixtures in box for box in part.boxes)
        if len(part) == 1 and found.coverage is not Coverage.ENCLOSED:
            (box,) = part.boxes
            assert [k for k, e in enumerate(found) if e.mixtures in box] == list(part)


def test_the_box_of_an_equilibrium_is_as_wide_as_it_is_uncertain():
    game = Game(np.random.default_rng(0).random((2, 2, 2, 3)))
    found = isolate(game)
    assert any(len(s) > 1 for e in found for s in e.profile.support)
    for k, part in enumerate(found.components):
        (box,) = part.boxes
        assert part == (k,)
        assert found[k].mixtures in box
        mixed = any(len(s) > 1 for s in found[k].profile.support)
        widths = [float(max(b - a)) for a, b in zip(box.low, box.high)]
        assert (0 < max(widths) < 1e-11) if mixed else max(widths) == 0


def test_floats_with_ties_are_solved_like_the_fractions_they_are():
    rng = np.random.default_rng(2)
    for _ in range(40):
        quarters = rng.integers(0, 3, (2, 2, 2, 3))
        found, exact = isolate(Game(quarters * 0.25)), isolate(Game(quarters * Fraction(1, 4)))
        assert found.coverage is exact.coverage
        if found.coverage is not Coverage.ENCLOSED:
            assert found.components == exact.components
            for one, other in zip(found, exact):
                assert all(x.dtype == float for x in one.mixtures)
                for x, y in zip(one.mixtures, other.mixtures):
                    assert np.abs(x - y.astype(float)).max() < 1e-12


def test_a_set_with_boxes_reads_well():
    game = three(lambda a, b, c: (a * (b * c - Fraction(1, 4)), 0, 0))
    found = isolate(game)
    assert "in a box of one of the components" in repr(found)
    assert (found.to_frame()["", "component"] == 0).all()
    vote = isolate(fact("T2_common_interest_vote"))
    assert repr(vote.components[0].boxes[0]) == "Box((1, 0); (1, 0); (1, 0))"
    assert any("0 to 1" in repr(box) for box in vote.components[1].boxes)


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_rectangles_are_the_maximal_products(bits):
    """Against all products of sets, listed."""
    true = np.array([b < 5 for b in bits]).reshape(2, 2, 2)
    sides = [s for k in (1, 2) for s in itertools.combinations(range(2), k)]
    held = [p for p in itertools.product(sides, repeat=3) if true[np.ix_(*p)].all()]

    def inside(p, q):
        return p != q and all(set(a) <= set(b) for a, b in zip(p, q))

    wanted = {p for p in held if not any(inside(p, q) for q in held)}
    assert {tuple(map(tuple, r)) for r in _products.rectangles(true)} == wanted


@pytest.mark.parametrize("sizes", [(2, 3), (2, 2, 2), (3, 2, 2)])
def test_a_product_of_rows_is_split_and_nothing_else_is(sizes):
    rng = np.random.default_rng(1)
    for _ in range(20):
        one = np.array([Fraction(int(k)) for k in rng.integers(1, 9, sizes[0])], dtype=object)
        other = np.vectorize(Fraction, otypes=[object])(rng.integers(-9, 0, sizes[1:]))
        row = one.reshape(-1, *[1] * (len(sizes) - 1)) * other[None]
        left, right = _products._factors(row)
        assert (left * right == row).all()
        assert left.size < row.size > right.size
        row[(0,) * len(sizes)] += 1
        assert len(sizes) > 2 or _products._factors(row) is None

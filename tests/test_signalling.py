"""Intuitive criterion and D1: printed games, derived games, laws."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from gametheory.assessment import AssessmentEquilibria
from gametheory.signalling import d1, intuitive
from gametheory.solvers.assessments import sequential, solve
from gametheory.tree import Tree, chance, move

F = Fraction


def breakfast() -> Tree:
    """Beer or quiche (Cho & Kreps 1987, Figure I)."""

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(wimp=F(1, 10), surly=F(9, 10))
            case (kind,):
                return move("A", "beer", "quiche", at=kind)
            case (_, meal):
                return move("B", "duel", "don't", at=meal)
            case (kind, meal, reply):
                likes = (kind == "wimp") == (meal == "quiche")
                return likes + 2 * (reply == "don't"), int((kind == "wimp") == (reply == "duel"))

    return Tree.of(["A", "B"], rule)


@pytest.mark.parametrize("find", [solve, sequential])
@pytest.mark.parametrize("criterion", [intuitive, d1])
def test_breakfast_is_beer(find, criterion):
    found = find(breakfast())
    meals = {tuple(e.profile.plan["A"][kind][0] for kind in ("wimp", "surly")) for e in found}
    assert meals == {(1, 1), (0, 0)}
    for e, verdict in zip(found, criterion(found), strict=True):
        assert verdict.holds == (e.profile.plan["A"]["wimp"][0] == 1)
        assert verdict.holds or "beer" in verdict.because


def schooling(high: Fraction, levels: int = 4) -> Tree:
    """After Spence 1973: schooling e costs e for the able (3), 2 e for others (1); wages 1 to 3.

    The employer loses the square of the wage's distance from productivity.
    """

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(able=high, other=1 - high)
            case (kind,):
                return move("worker", *range(levels), at=kind)
            case (_, e):
                return move("firm", 1, 2, 3, at=e)
            case (kind, e, wage):
                worth = 3 if kind == "able" else 1
                cost = int(e) * (1 if kind == "able" else 2)
                return int(wage) - cost, -((int(wage) - worth) ** 2)

    return Tree.of(["worker", "firm"], rule)


def test_schooling_that_survives_is_the_cheapest_that_separates():
    """Derived: with e = 1 for wage 3 others are indifferent; pooling at 0 fails, as does e = 2."""
    found = solve(schooling(F(1, 2)))
    kept = {
        tuple(tuple(e.profile.plan["worker"][kind]) for kind in ("able", "other"))
        for e, verdict in zip(found, d1(found), strict=True)
        if verdict.holds
    }
    every = {
        tuple(tuple(e.profile.plan["worker"][kind]) for kind in ("able", "other")) for e in found
    }
    assert ((0, 1, 0, 0), (1, 0, 0, 0)) in kept
    assert ((0, 0, 1, 0), (1, 0, 0, 0)) in every - kept
    assert ((1, 0, 0, 0), (1, 0, 0, 0)) in every


def resolve(strong: Fraction, stakes: tuple[Fraction, ...]) -> Tree:
    """Tying hands, after Fearon 1997 (J. Conflict Resolut. 41: 68-90), with a few levels of threat.

    A threat at stake ``a`` costs that if it is resisted and not carried out, which the weak never
    do; the strong fight, at -1/2. A threat that is met with concession is worth 1.
    """

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(strong=strong, weak=1 - strong)
            case (kind,):
                return move("A", "quiet", *map(str, stakes), at=kind)
            case (_, "quiet"):
                return 0, 1
            case (_, stake):
                return move("B", "resist", "concede", at=stake)
            case (_, _, "concede"):
                return 1, 0
            case (kind, stake, "resist"):
                return (F(-1, 2), -1) if kind == "strong" else (-F(stake), 2)

    return Tree.of(["A", "B"], rule)


def test_high_stakes_signal_resolve_and_low_ones_do_not():
    """Derived. Nobody threatens: a stake of 2 would be risked by the strong from a chance of
    concession of 1/3, by the weak from 2/3, so D1 reads it as strength, and B concedes: it breaks
    quiet. The intuitive criterion does not: the weak gain if B concedes. A stake of 1/4 is the
    weak's, from 1/5 on; B resists, and quiet survives."""
    for stake, survives in ((F(2), False), (F(1, 4), True)):
        found = solve(resolve(F(1, 4), (stake,)))
        quiet = [
            k
            for k, e in enumerate(found)
            if all(e.profile.plan["A"][kind][0] == 1 for kind in ("strong", "weak"))
        ]
        assert quiet
        for k in quiet:
            assert intuitive(found)[k].holds
            verdict = d1(found)[k]
            assert verdict.holds == survives
            assert survives or "weak (less eager than strong)" in verdict.because


def random_game(seed: int) -> AssessmentEquilibria:
    rng = random.Random(seed)
    pays = {
        (t, m, r): (rng.randint(0, 9), rng.randint(0, 9))
        for t in range(3)
        for m in range(2)
        for r in range(2)
    }

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance({t: F(1, 3) for t in range(3)})
            case (t,):
                return move("S", 0, 1, at=t)
            case (_, m):
                return move("R", 0, 1, at=f"m{m}")
            case (t, m, r):
                return pays[int(t), int(m), int(r)]

    return solve(Tree.of(["S", "R"], rule))


def by_grid(found: AssessmentEquilibria, k: int, steps: int = 240) -> tuple[bool, bool]:
    """Whether member ``k`` survives the intuitive criterion and D1, by grids.

    Two replies: the mixtures best for some belief are 0, 1, or all where some belief is tied.
    """
    e, tree = found[k], found.game
    u_star = [e.profile.values(0)[c] for c in tree.nodes[0].children]
    good = [True, True]
    for s in tree.sets:
        if tree.players[s.player] == "S" or any(e.profile.reach[n] for n in s.nodes):
            continue
        ends = [[tree.nodes[c].payoffs for c in tree.nodes[n].children] for n in s.nodes]
        gain = [[ends[t][r][0] - u_star[t] for r in (0, 1)] for t in range(3)]
        edge = [ends[t][0][1] - ends[t][1][1] for t in range(3)]

        def mixtures(types: list[int], edge: list = edge) -> list[Fraction]:
            signs = {(edge[t] > 0) - (edge[t] < 0) for t in types}
            if 0 in signs or len(signs) == 2:
                return [F(j, steps) for j in range(steps + 1)]
            return [F(1)] if signs == {1} else [F(0)]

        def worth(t: int, x: Fraction, gain: list = gain) -> Fraction:
            return x * gain[t][0] + (1 - x) * gain[t][1]

        every = mixtures([0, 1, 2])
        left = [t for t in range(3) if any(worth(t, x) >= 0 for x in every)]
        if left and any(all(worth(t, x) > 0 for x in mixtures(left)) for t in left):
            good[0] = False
        wins = [{x for x in every if worth(t, x) > 0} for t in range(3)]
        weak = [{x for x in every if worth(t, x) >= 0} for t in range(3)]
        out = {t for t in range(3) for s in range(3) if s != t and wins[s] and weak[t] <= wins[s]}
        rest = [t for t in range(3) if t not in out] or [0, 1, 2]
        if not any(all(worth(t, x) <= 0 for t in range(3)) for x in mixtures(rest)):
            good[1] = False
    return good[0], good[1]


@pytest.mark.parametrize("seed", range(25))
def test_verdicts_are_those_of_a_grid_of_replies(seed):
    found = random_game(seed)
    for k, verdicts in enumerate(zip(intuitive(found), d1(found), strict=True)):
        assert tuple(v.holds for v in verdicts) == by_grid(found, k)


@pytest.mark.parametrize("seed", range(25))
def test_d1_keeps_no_more_than_the_intuitive_criterion(seed):
    found = random_game(seed)
    for loose, tight in zip(intuitive(found), d1(found), strict=True):
        assert loose.holds or not tight.holds


def test_other_games_are_refused_in_one_line():
    found = solve(breakfast())
    with pytest.raises(ValueError, match="intuitive: needs what solve"):
        intuitive(found[0])  # type: ignore[arg-type]
    entry = {
        (): move("A", "out", "in"),
        ("out",): (0, 2),
        ("in",): move("B", "fight", "share"),
        ("in", "fight"): move("A", "stay", "leave"),
        ("in", "share"): (1, 1),
        ("in", "fight", "stay"): (-1, -1),
        ("in", "fight", "leave"): (0, 2),
    }
    with pytest.raises(ValueError, match=r"d1: needs a signalling game.*something follows a reply"):
        d1(solve(Tree.of(["A", "B"], entry.__getitem__)))

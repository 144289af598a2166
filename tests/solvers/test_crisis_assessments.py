"""Assessments of crises and of games in print: equilibria known or derived, exact."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest

from gametheory.assessment import AssessmentEquilibria
from gametheory.equilibrium import Coverage
from gametheory.solvers.assessments import sequential, solve
from gametheory.tree import Tree, chance, move

F = Fraction
HALF, THIRD = F(1, 2), F(1, 3)


def mutual_deterrence(p_A: Fraction, p_B: Fraction) -> Tree:
    """After Kilgour & Zagare 1991, payoffs 4, 3, 2, 1, 0: MODELS-polarity 1.4.1."""

    def conflict(a: str, b: str) -> tuple[int, int]:
        return 2 * (a == "hard"), 2 * (b == "hard")

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(hard=p_A, soft=1 - p_A)
            case (_,):
                return chance(hard=p_B, soft=1 - p_B)
            case (a, _):
                return move("A", "C", "D", at=a)
            case (_, b, _):
                return move("B", "C", "D", at=b)
            case (_, _, "C", "C"):
                return 3, 3
            case (a, b, "D", "D"):
                return conflict(a, b)
            case (_, b, "D", "C"):
                return move("B", "retaliate", "yield", at=f"{b}, attacked")
            case (a, _, "C", "D"):
                return move("A", "retaliate", "yield", at=f"{a}, attacked")
            case (_, _, "D", "C", "yield"):
                return 4, 1
            case (_, _, "C", "D", "yield"):
                return 1, 4
            case (a, b, *_):
                return conflict(a, b)

    return Tree.of(["A", "B"], rule)


def defects(found: AssessmentEquilibria) -> set[tuple[Fraction, ...]]:
    """The chances that A hard, A soft, B hard, B soft attack."""
    plans = [e.profile.plan for e in found]
    return {tuple(plan[p][kind][1] for p in "AB" for kind in ("hard", "soft")) for plan in plans}


@pytest.mark.parametrize(
    ("p", "mixed"),
    [
        (F(3, 5), (THIRD, 0) * 2),
        (F(3, 10), (1, F(2, 7)) * 2),
        (F(1, 5), (1, F(3, 8)) * 2),
        (F(49, 100), (1, F(1, 51)) * 2),
    ],
)
def test_mutual_deterrence_has_the_equilibria_of_the_models_page(p, mixed):
    found = defects(sequential(mutual_deterrence(p, p)))
    assert mixed in found
    if p > F(1, 2):
        assert found == {(0, 0, 0, 0), mixed, (1, 0, 1, 0)}
    else:
        assert {(1, 1, 1, 0), (1, 0, 1, 1)} <= found
        assert len(found) == 5


def test_at_the_threshold_attacks_by_one_soft_side_join_in_one_component():
    """At p = t the soft of one side may attack with any chance if those of the other do not."""
    found = sequential(mutual_deterrence(HALF, HALF))
    plans = [tuple(e.profile.plan[p]["soft"][1] for p in "AB") for e in found]
    parts = [{plans[k] for k in part} for part in found.components]
    assert sorted(map(len, parts)) == [1, 3]
    assert {(0, 0), (0, 1), (1, 0)} in parts


def test_only_the_likely_soft_side_is_attacked():
    assert all(x[2:] == (1, 1) for x in defects(sequential(mutual_deterrence(F(1, 5), F(4, 5)))))


def covert_arms(p: Fraction) -> Tree:
    """After Debs & Monteiro 2014: MODELS-armsrace M18, X = 1, k = c = 1/5, C = 3/10."""
    X, k, c, C = 1, F(1, 5), F(1, 5), F(3, 10)

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return move("R", "invest", "don't")
            case ("invest",):
                return chance(signal=p, silence=1 - p)
            case ("invest", "signal"):
                return move("D", "strike", "wait", at="signal")
            case ("invest", "silence") | ("don't",):
                return move("D", "strike", "wait", at="silence")
            case _:
                arms, struck = h[0] == "invest", h[-1] == "strike"
                return (-c if struck else X * arms) - k * arms, -C if struck else -X * arms

    return Tree.of(["R", "D"], rule)


def test_covert_arms_and_preventive_war():
    found = sequential(covert_arms(F(3, 10)))
    assert found.coverage is Coverage.ALL
    assert len(found) == 1
    plan = found[0].profile.plan
    assert float(plan["R"]["start"][0]) == pytest.approx(0.37974684, abs=5e-9)
    assert plan["D"]["silence"][0] == F(6875, 10000)
    q, y, p = plan["R"]["start"][0], plan["D"]["silence"][0], F(3, 10)
    assert float(q * p + (1 - q * p) * y) == pytest.approx(0.72310127, abs=5e-9)
    assert [e.profile.plan["R"]["start"][0] for e in sequential(covert_arms(F(7, 10)))] == [0]


def test_the_horse_has_one_family():
    """Selten 1975: A plays across, B plays across, C plays R with chance 3/4 or more; derived."""
    tree = Tree.of(
        "ABC",
        lambda h: {
            (): move("A", "D", "A"),
            ("A",): move("B", "d", "a"),
            ("A", "a"): (1, 1, 1),
            ("D",): move("C", "L", "R", at="C"),
            ("A", "d"): move("C", "L", "R", at="C"),
            ("D", "L"): (3, 3, 2),
            ("D", "R"): (0, 0, 0),
            ("A", "d", "L"): (4, 4, 0),
            ("A", "d", "R"): (0, 0, 1),
        }[h],
    )
    found = sequential(tree)
    assert found.coverage is Coverage.EXTREME_BEHAVIOUR
    assert len(found.components) == 1
    plans = {tuple(e.profile.plan["C"]["C"]) for e in found}
    assert plans == {(0, 1), (F(1, 4), F(3, 4))}
    assert all(e.profile.plan["A"]["start"][1] == e.profile.plan["B"]["A"][1] == 1 for e in found)
    by_plan = {e.profile.plan["C"]["C"][0]: e.belief_ranges for e in found}
    h = tree.by_label["C", "C"]
    assert by_plan[0][h].tolist() == [[0, F(1, 3)], [F(2, 3), 1]]
    assert by_plan[F(1, 4)][h].tolist() == [[F(1, 3)] * 2, [F(2, 3)] * 2]


LIKELY = {"ad": "ad", "bc": "ad", "be": "be", "af": "be", "cf": "cf", "de": "cf"}
"""Of two slips by two of three players the pair that D should believe in: a circle."""


def three_at_once(history: tuple[str, ...]) -> Any:
    """A, B, C each stay or slip in one of two ways, unseen; D learns of some pairs of slips."""
    slips = {"A": "ab", "B": "cd", "C": "ef"}
    if len(history) < 3:
        player = "ABC"[len(history)]
        return move(player, "stay", *slips[player], at=player)
    stays = [3 * (x == "stay") for x in history[:3]]
    pair = "".join(x for x in history[:3] if x != "stay")
    if pair not in LIKELY:
        return *stays, 0
    if len(history) == 3:
        return move("D", "yes", "no", at=LIKELY[pair])
    return *stays, (history[3] == "yes") * (1 if pair == LIKELY[pair] else -10)


def test_more_is_perfect_bayesian_than_sequential():
    """Labels would need a + d < b + c, b + e < a + f, c + f < d + e, which add up to 0 < 0."""
    game = Tree.of("ABCD", three_at_once)

    def yes(found: AssessmentEquilibria) -> set[tuple[int, ...]]:
        answers = [[x[0] for x in e.profile.plan["D"].values()] for e in found]
        return {tuple(map(int, x)) for x in answers if set(x) <= {0, 1}}

    every = set(itertools.product((0, 1), repeat=3))
    assert yes(solve(game)) == every
    found = sequential(game)
    assert yes(found) >= every - {(1, 1, 1), (0, 0, 0)}
    assert (1, 1, 1) not in yes(found)
    assert found.coverage is Coverage.UNKNOWN  # products of mistakes: thrice no is not decided


def bargaining(p: Fraction, q: Fraction) -> Tree:
    """Two-sided private resolve: challenge, resist, stand firm or back down."""

    def rule(h: tuple[str, ...]) -> Any:
        match h:
            case ():
                return chance(hawk=p, dove=1 - p)
            case (_,):
                return chance(firm=q, weak=1 - q)
            case (a, _):
                return move("A", "challenge", "accept", at=a)
            case (_, _, "accept"):
                return 0, 1
            case (_, b, "challenge"):
                return move("B", "resist", "concede", at=b)
            case (_, _, _, "concede"):
                return 1, 0
            case (a, _, _, "resist"):
                return move("A", "fight", "back down", at=f"{a}, resisted")
            case (_, _, _, _, "back down"):
                return F(-1, 4), F(5, 4)
            case (a, b, *_):
                return F(1, 5) if a == "hawk" else -1, F(1, 3) if b == "firm" else -1

    return Tree.of(["A", "B"], rule)


@pytest.mark.parametrize("p", [F(1, 8), HALF])
def test_a_crisis_with_private_resolve_on_both_sides(p):
    """Derived, for p < 5/9: hawks challenge and fight, the firm resist, doves and the weak mix.

    The weak are indifferent at a chance b of a hawk with 5/4 - (9/4) b = 0, so doves challenge with
    chance (4/5) p / (1 - p); doves at a chance r that B resists with (1 - r) - r / 4 = 0, so
    r = 4/5, the weak with chance 7/10.
    """
    found = sequential(bargaining(p, THIRD))
    assert found.coverage is Coverage.ALL
    assert len(found) == 1
    plan = found[0].profile.plan
    assert plan["A"]["hawk"][0] == 1
    assert plan["A"]["hawk, resisted"][0] == 1
    assert plan["A"]["dove, resisted"][0] == 0
    assert plan["B"]["firm"][0] == 1
    bluff = F(4, 5) * p / (1 - p)
    assert (plan["A"]["dove"][0], plan["B"]["weak"][0]) == (bluff, F(7, 10))

"""Subgame-perfect equilibria of games of the literature, by their published or derived values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import gametheory as gt
from gametheory import Coverage, Tree, chance, move
from gametheory.solvers.backward_induction import solve

F = Fraction


def test_ultimatum_with_ties():
    """Of n units, whole ones. The responder may refuse nothing: then the proposer offers one.

    Indifferent between these if nothing is taken with chance (n - 1)/n: derived.
    """
    n = 4

    def rule(history):
        match history:
            case ():
                return move("P", *range(n + 1), at="offer")
            case (x,):
                return move("R", "yes", "no", at=x)
            case (x, "yes"):
                return n - int(x), int(x)
            case _:
                return 0, 0

    found = solve(Tree.of(["P", "R"], rule))
    assert found.coverage is Coverage.EXTREME
    told = [(e.profile.plan["P"]["offer"].argmax(), e.profile.plan["R"]["0"][0]) for e in found]
    assert told == [(0, 1), (0, F(n - 1, n)), (1, F(n - 1, n)), (1, 0)]
    assert {e.payoffs for e in found} == {(4, 0), (3, 0), (3, 1)}
    assert [part.nash_subsets for part in found.components] == [((0, 1), (1, 2), (2, 3))]


def test_centipede_stops_at_once():
    """Rosenthal 1981: ten rounds, the pot grows, who stops takes the larger share."""
    n = 10

    def rule(history):
        k = len(history)
        if history[-1:] == ("take",):
            return (k + 1, k - 1) if k % 2 else (k - 1, k + 1)
        return (n, n) if k == n else move("AB"[k % 2], "take", "pass")

    found = solve(Tree.of(["A", "B"], rule))
    assert found.coverage is Coverage.ALL
    assert [e.payoffs for e in found] == [(2, 0)]
    assert all(x.tolist() == [1, 0] for x in found[0].mixtures)


@pytest.mark.parametrize("markets", [1, 3, 5])
def test_chain_store_never_fights(markets):
    """Selten 1978: in each market the entrant enters and the chain yields."""

    def rule(history):
        spent = list(history)
        paid = [F(0)] * (markets + 1)
        for k in range(markets):
            if not spent:
                return move(f"E{k + 1}", "out", "in")
            if spent.pop(0) == "out":
                paid[0] += 5
                paid[k + 1] += 1
                continue
            if not spent:
                return move("Chain", "yield", "fight")
            fights = spent.pop(0) == "fight"
            paid[0] += 0 if fights else 2
            paid[k + 1] += 0 if fights else 2
        return paid

    players = ["Chain", *(f"E{k + 1}" for k in range(markets))]
    found = solve(Tree.of(players, rule))
    assert found.coverage is Coverage.ALL
    assert [e.payoffs for e in found] == [(2 * markets, *[2] * markets)]
    assert list(found[0].profile.outcome) == [("in", "yield") * markets]


def alignment(r: list[Any], m: int, k: Any) -> Tree:
    """A fights 1 and state 2 chooses (MODELS-polarity.md 1.3.4 (d)): fighters lose a share k, the
    winning side takes all that the losers have left, and victors and bystanders split it all by the
    contest with exponent m.
    """
    A, one, two = r
    sides = {"wait": ([A], [one]), "balance": ([A], [one, two]), "bandwagon": ([A, two], [one])}

    def rule(history):
        match history:
            case ():
                return move("2", *sides)
            case (choice,):
                left, right = (sum(side) ** m for side in sides[choice])
                return chance({"A wins": left / (left + right), "1 wins": right / (left + right)})
            case (choice, end):
                rest = [A * (1 - k), one * (1 - k), two * (1 - k * (choice != "wait"))]
                total = sum(rest)
                won = {"wait": [0], "balance": [0], "bandwagon": [0, 2]}[choice]
                lost = {"wait": [1], "balance": [1, 2], "bandwagon": [1]}[choice]
                if end == "1 wins":
                    won, lost = lost, won
                side = sum(rest[i] for i in won)
                spoils = sum(rest[i] for i in lost)
                kept = [rest[i] * (1 + spoils / side) if i in won else 0 for i in range(3)]
                if choice == "wait":
                    kept[2] = rest[2]
                power = [x**m if x else 0 * m for x in kept]
                return [total * p / sum(power) for p in power]

    return Tree.of(["A", "1", "2"], rule)


@pytest.mark.parametrize(
    ("m", "k", "told"),
    [
        (2, F(1, 20), (0.105508, 0.237500, 0.171000)),
        (2, F(1, 5), (0.125740, 0.200000, 0.144000)),
    ],
)
def test_alignment_of_three_states(m, k, told):
    """MODELS-polarity.md 1.3.4 (d) [V]: r = (.5, .25, .25)."""
    tree = alignment([F(1, 2), F(1, 4), F(1, 4)], m, k)
    (only,) = solve(tree)
    assert only.profile.action_payoffs(0).astype(float) == pytest.approx(told, abs=5e-7)
    assert only.profile.plan["2"]["start"].tolist() == [0, 1, 0]


@pytest.mark.parametrize("k", [F(1, 20), F(2, 5)])
def test_who_waits_keeps_its_share_in_the_linear_contest(k):
    """MODELS-polarity.md 1.3.4 (d) [D], m = 1: r_2 for waiting, (1 - k) r_2 for both others."""
    tree = alignment([F(1, 2), F(1, 3), F(1, 6)], 1, k)
    (only,) = solve(tree)
    assert only.profile.plan["2"]["start"][0] == 1
    told = [F(1, 6), *[(1 - k) / 6] * 2]
    assert only.profile.action_payoffs(0).tolist() == told
    peaceful = alignment([F(1, 2), F(1, 3), F(1, 6)], 1, F(0))
    assert len(solve(peaceful)) == 3


def test_truel_the_strong_shoot_each_other():
    """MODELS-polarity.md 1.7.1 (b), (d): a random one of those alive must shoot, without end.

    After two rounds without a hit the game is worth what the formula says: then so it is before.
    """
    a, b, c = hit = (F(1), F(4, 5), F(1, 2))
    total = a + b + c
    worth = [a**2 / ((a + c) * total), b / total, c * (c + 2 * a) / ((a + c) * total)]
    assert worth == [F(20, 69), F(8, 23), F(25, 69)]

    def rule(history):
        rounds, now = divmod(len(history), 3)
        if history[-1:] == ("hit",):
            alive = [i for i in range(3) if i != int(history[-2])]
            duel = sum(hit[i] for i in alive)
            return [hit[i] / duel if i in alive else 0 for i in range(3)]
        if rounds == 2:
            return worth
        if now == 0:
            return chance({str(i): F(1, 3) for i in range(3)})
        shooter = int(history[rounds * 3])
        if now == 1:
            return move("ABC"[shooter], *(j for j in range(3) if j != shooter))
        return chance(hit=hit[shooter], miss=1 - hit[shooter])

    found = solve(Tree.of("ABC", rule))
    assert [list(e.payoffs) for e in found] == [worth] * len(found)
    for e in found:
        for s, x in zip(e.profile.tree.sets, e.mixtures):
            assert s.actions[x.argmax()] == ("1" if s.player == 0 else "0")


def test_the_threat_of_entry_deterrence_is_not_believed():
    tree = Tree.of(["E", "I"], {
        (): move("E", "out", "in"), ("out",): (0, 2), ("in",): move("I", "fight", "yield"),
        ("in", "fight"): (-1, -1), ("in", "yield"): (1, 1),
    }.__getitem__)  # fmt: skip
    assert len(gt.solve(tree)) == 3
    assert [e.payoffs for e in gt.solve(tree, "spe")] == [(1, 1)]


def test_battle_after_an_outside_option():
    """The battle pays (6, 2), (2, 6) or (3/2, 3/2), mixed; A may take 4 instead: derived."""

    def rule(history):
        match history:
            case ():
                return move("A", "out", "in")
            case ("in",):
                return move("A", "x", "y")
            case ("in", _):
                return move("B", "x", "y", at="b")
            case ("in", "x", "x"):
                return 6, 2
            case ("in", "y", "y"):
                return 2, 6
            case ("out",):
                return 4, 0
            case _:
                return 0, 0

    found = solve(Tree.of(["A", "B"], rule))
    assert found.coverage is Coverage.ALL
    assert sorted(e.payoffs for e in found) == [(4, 0), (4, 0), (6, 2)]
    mixed = [e for e in found if e.profile.plan["B"]["b"].max() < 1]
    assert mixed[0].profile.plan["B"]["b"].tolist() == [F(1, 4), F(3, 4)]

"""Trees: what their rule makes of them, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from gametheory.tree import Tree, chance, move


def crisis(history: tuple[str, ...]) -> Any:
    """A challenger, uncertain of the defender, threatens or waits; two players know each other."""
    match history:
        case ():
            return chance(hard=Fraction(1, 3), soft=Fraction(2, 3))
        case (_,):
            return move("A", "threaten", "wait", at="dark")
        case (_, "wait"):
            return 0, 2
        case (kind, "threaten"):
            return move("B", "resist", "yield", at=kind)
        case (kind, "threaten", "resist"):
            return move("A", "attack", "retreat", at="resisted")
        case (kind, "threaten", "resist", "attack"):
            return -1, Fraction(1, 2) if kind == "hard" else -2
        case (_, "threaten", "resist", _):
            return Fraction(-1, 4), 3
        case _:
            return 1, 0


def test_nodes_stand_in_preorder_and_sets_by_first_node():
    tree = Tree.of(["A", "B"], crisis)
    assert len(tree.nodes) == 15
    for k, node in enumerate(tree.nodes):
        assert all(tree.nodes[c].parent == k and c > k for c in node.children)
        assert [tree.nodes[c].taken for c in node.children] == list(range(len(node.actions)))
    assert list(tree.ends) == sorted(tree.ends)
    assert [s.label for s in tree.sets] == ["dark", "hard", "resisted", "soft"]
    assert tree.own == ((0, 2), (1, 3))
    assert tree.parents == (None, None, (0, 0), None)
    assert tree.exact
    assert tree.ranges.tolist() == [2, 5]


def test_labels_without_at_are_the_history():
    tree = Tree.of(
        ["A", "B"],
        lambda h: (
            move("A", 1, 2) if not h else move("B", "x", "y") if len(h) == 1 else (0, len(h[0]))
        ),
    )
    assert [s.label for s in tree.sets] == ["start", "1", "2"]


def test_subgames_hold_information_sets_whole():
    tree = Tree.of(["A", "B"], crisis)
    assert tree.subgames == (0,)
    open_eyes = Tree.of(["A", "B"], lambda h: _seen(h))
    starts = [open_eyes.nodes[k].history for k in open_eyes.subgames]
    assert starts == [
        (),
        ("hard",),
        ("hard", "threaten"),
        ("hard", "threaten", "resist"),
        ("soft",),
        ("soft", "threaten"),
        ("soft", "threaten", "resist"),
    ]
    part = open_eyes.subgame(open_eyes.subgames[4])
    assert part.nodes[0].actions == ("threaten", "wait")
    assert part.payoffs.tolist() == open_eyes.payoffs[4:].tolist()
    assert part.subgame(0) == part


def _seen(history: tuple[str, ...]) -> Any:
    step = crisis(history)
    if isinstance(step, tuple) or not history:
        return step
    return move(step.player, *step.actions)


def test_floats_are_not_exact():
    tree = Tree.of(["A"], lambda h: chance(a=0.25, b=0.75) if not h else (1,))
    assert not tree.exact


REFUSED = {
    "unequal actions": (
        lambda h: (
            chance(a=Fraction(1, 2), b=Fraction(1, 2))
            if not h
            else move("A", *(["x", "y"] if h == ("a",) else ["x", "z"]), at="dark")
            if len(h) == 1
            else (0, 0)
        ),
        r"A, information set 'dark': actions \(x, z\) after b and \(x, y\) elsewhere",
    ),
    "absent-mindedness": (
        lambda h: move("A", "on", "off", at="road") if h in ((), ("on",)) else (0, 0),
        "A, information set 'road': a path meets it twice",
    ),
    "a forgotten move": (
        lambda h: (
            move("A", "x", "y") if not h else move("A", "l", "r", at="?") if len(h) == 1 else (0, 0)
        ),
        r"A, information set '\?': the player has forgotten a move of its own",
    ),
    "chances that do not add up": (
        lambda h: chance(a=Fraction(1, 2), b=Fraction(1, 3)) if not h else (0, 0),
        "at the start: chances add up to 5/6",
    ),
    "a negative chance": (
        lambda h: chance(a=Fraction(3, 2), b=Fraction(-1, 2)) if not h else (0, 0),
        "at the start: chance of b is -1/2",
    ),
    "a stranger": (
        lambda h: move("C", "x") if not h else (0, 0),
        "at the start: 'C' is not a player; use one of A, B",
    ),
    "no actions": (lambda h: move("A") if not h else (0, 0), "at the start: A has no actions"),
    "actions that repeat": (
        lambda h: move("A", "x", "x") if not h else (0, 0),
        "actions at the start: labels .* repeat",
    ),
    "too few payoffs": (
        lambda h: move("A", "x") if not h else (0,),
        "after x: 1 payoffs for 2 players",
    ),
    "a payoff that is not finite": (
        lambda h: (0, float("nan")),
        "payoffs at the start: nan at .* is not finite",
    ),
    "nothing": (lambda h: None, "at the start: the rule gives None"),
    "no chance at all": (lambda h: chance({}), "at the start: chance has no outcomes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refuses(what: str):
    rule, message = REFUSED[what]
    with pytest.raises(ValueError, match=message):
        Tree.of(["A", "B"], rule)


def test_refuses_what_is_no_move_no_chance_and_no_game():
    with pytest.raises(ValueError, match="A: actions in a list; give one by one"):
        move("A", ["left", "right"])
    with pytest.raises(ValueError, match=r"chance: \[0.5, 0.5\] names no outcomes"):
        chance([0.5, 0.5])
    with pytest.raises(ValueError, match="players: 2 is not a list of names"):
        Tree.of(2, lambda h: (1, 2))
    with pytest.raises(ValueError, match=r"rule: \{\} is not a function of the history"):
        Tree.of(["A", "B"], {})


def test_refuses_a_path_that_does_not_end():
    with pytest.raises(ValueError, match="rule: more than 2,000 moves after go, go, go; does"):
        Tree.of(["A", "B"], lambda h: (0, 0) if "stop" in h else move("A", "go", "stop"))


def test_refuses_a_rule_that_does_not_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gametheory.tree.MOST", 100)
    with pytest.raises(ValueError, match="rule: more than 100 nodes; does every history end"):
        Tree.of(["A"], lambda h: move("A", "on"))


def test_refuses_a_subgame_that_is_none():
    with pytest.raises(ValueError, match="node 1: no subgame starts there"):
        Tree.of(["A", "B"], crisis).subgame(1)

"""Trees that tests share: games and trees made anew, random ones, poker, and Gambit's words."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import Any

import gametheory as gt
from gametheory.behaviour import Behaviour
from gametheory.tree import Chance, Move, Tree, chance, move


def as_tree(game: gt.Game) -> Tree:
    """All move one after the other, and see nothing."""

    def rule(history):
        k = len(history)
        if k < len(game.players):
            return move(game.players[k], *game.actions[k], at="dark")
        where = tuple(side.index(a) for side, a in zip(game.actions, history))
        return game.payoffs[where].tolist()

    return Tree.of(game.players, rule)


def rebuilt(tree: Tree, change: Any) -> Tree:
    """The same tree, each of its steps changed: ``change(step, history, node)``."""
    where = {node.history: node for node in tree.nodes}

    def rule(history):
        node = where[history]
        if not node.children:
            step: Any = list(node.payoffs)
        elif node.set is None:
            step = Chance(dict(zip(node.actions, node.chances)))
        else:
            at = tree.sets[node.set]
            step = Move(tree.players[at.player], at.actions, at.label)
        return change(step)

    return Tree.of(tree.players, rule)


def kuhn(cards: str = "JQK"):
    """Kuhn's poker with these cards, the lowest first."""

    def rule(history):
        match history:
            case ():
                deals = list(itertools.permutations(cards, 2))
                return chance({a + b: Fraction(1, len(deals)) for a, b in deals})
            case (deal,):
                return move("A", "bet", "check", at=deal[0])
            case (deal, "bet"):
                return move("B", "call", "fold", at=f"{deal[1]}, bet")
            case (deal, "check"):
                return move("B", "bet", "check", at=f"{deal[1]}, check")
            case (deal, "check", "bet"):
                return move("A", "call", "fold", at=f"{deal[0]}, bet")
            case (deal, *_, last):
                win = 1 if cards.index(deal[0]) > cards.index(deal[1]) else -1
                if last == "fold":
                    win = 1 if history[1] == "bet" else -1
                stake = 2 * win if last == "call" else win
                return stake, -stake

    return Tree.of("AB", rule)


def efg(tree: Tree) -> str:
    """The tree in Gambit's format, written here so that no reader or writer is trusted."""

    def quoted(names):
        return " ".join(f'"{name}"' for name in names)

    lines = [f'EFG 2 R "" {{ {quoted(tree.players)} }}']
    for k, node in enumerate(tree.nodes, 1):
        if not node.children:
            lines.append(f't "" {k} "" {{ {", ".join(map(str, node.payoffs))} }}')
        elif node.set is None:
            steps = " ".join(f'"{a}" {p}' for a, p in zip(node.actions, node.chances))
            lines.append(f'c "" {k} "" {{ {steps} }} 0')
        else:
            s = tree.sets[node.set]
            number = tree.own[s.player].index(node.set) + 1
            lines.append(f'p "" {s.player + 1} {number} "" {{ {quoted(s.actions)} }} 0')
    return "\n".join(lines)


def from_gambit(tree: Tree, profile: Any) -> Behaviour:
    """Gambit's behaviour profile; even where it says nothing."""
    mixtures: list[Any] = [None] * len(tree.sets)
    for player, own in zip(tree.players, tree.own):
        for h, (_, chances) in zip(own, profile[player], strict=True):
            actions = tree.sets[h].actions
            x = [Fraction(str(chances[a] or 0)) for a in actions]
            mixtures[h] = x if sum(x) == 1 else [Fraction(1, len(actions))] * len(actions)
    return Behaviour(tree, mixtures)


def small_tree(seed: int, players: int = 2, depth: int = 3, most: int = 3) -> Tree:
    """A random tree in which each player knows its own moves and some of the others'."""
    rng = random.Random(seed)
    names = "ABC"[:players]
    kinds = [rng.choice(["chance", *names, *names]) for _ in range(depth)]
    sizes = [rng.choice([2, 2, 3]) for _ in range(depth)]
    seen = {(j, d) for d in range(depth) for j in range(d) if rng.random() < 0.5}
    pays: dict[tuple[str, ...], tuple[int, ...]] = {}

    def rule(h: tuple[str, ...]) -> Any:
        d = len(h)
        if d == depth:
            return pays.setdefault(h, tuple(rng.randint(0, most) for _ in names))
        if kinds[d] == "chance":
            return chance({0: Fraction(1, 3), 1: Fraction(2, 3)})
        mine = [e for e in range(d + 1) if kinds[e] == kinds[d]]
        known = [(j, h[j]) for j in range(d) if j in mine or any((j, e) in seen for e in mine)]
        return move(kinds[d], *range(sizes[d]), at=f"{d} knows {known}")

    return Tree.of(names, rule)

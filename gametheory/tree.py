"""Finite games in extensive form: moves, chance, information sets.

A game is a rooted tree. At an inner node either chance moves, with known probabilities, or a player
does; at an end each player gets a payoff. The nodes of a player fall into information sets: at all
nodes of one the player knows, and can do, the same. Each player has perfect recall, so that a
mixed strategy is worth the same as a behaviour strategy, one mixture at each information set
(Kuhn 1953).

:meth:`Tree.of` builds a game from its rule: a function of the history, the tuple of all that was
done so far, which says whose move it is, or what chance does, or what each gets. A state that does
not know whether its rival is hard:

>>> def crisis(history):
...     match history:
...         case ():
...             return chance(hard=Fraction(1, 3), soft=Fraction(2, 3))
...         case (_,):
...             return move("Challenger", "threaten", "wait", at="facing the defender")
...         case (_, "wait"):
...             return 0, 2
...         case (kind, "threaten"):
...             return move("Defender", "resist", "yield", at=kind)
...         case (kind, "threaten", "resist"):
...             return -1, 1 if kind == "hard" else -1
...         case (_, "threaten", "yield"):
...             return 1, 0
>>> game = Tree.of(["Challenger", "Defender"], crisis)
>>> game
Tree(Challenger: 1 information set; Defender: 2; 11 nodes, 6 ends; exact)
>>> [s.label for s in game.sets], game.sets[0].nodes
(['facing the defender', 'hard', 'soft'], (1, 6))
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.game import SUM, Array, Game, Number, freeze, labels, numbers, show
from gametheory.strategic import strategic

MOST = 1_000_000
"""Nodes beyond which a rule is taken not to end."""
DEEPEST = 2_000
"""Moves on one path beyond which a rule is taken not to end."""


@dataclass(frozen=True)
class Move:
    """A player's move: who, the actions, and the label of the information set."""

    player: str
    actions: tuple[str, ...]
    at: str | None


@dataclass(frozen=True)
class Chance:
    """A move of chance: the probability of each outcome."""

    chances: Mapping[str, Number]


def move(player: object, *actions: object, at: object = None) -> Move:
    """The move of ``player``, for the rule of a tree.

    Nodes of one player with the same label ``at`` form one information set; without a label the
    player knows the history. Raises ValueError for a list of actions in place of actions.
    """
    if len(actions) == 1 and isinstance(actions[0], list | tuple | dict | set | range):
        raise ValueError(f"{player}: actions in a {type(actions[0]).__name__}; give one by one")
    return Move(str(player), tuple(map(str, actions)), None if at is None else str(at))


def chance(chances: Mapping[Any, Number] | None = None, /, **named: Number) -> Chance:
    """A move of chance with these probabilities by outcome, for the rule of a tree.

    Raises ValueError for probabilities without outcomes.
    """
    if chances is not None and not isinstance(chances, Mapping):
        raise ValueError(f"chance: {chances!r} names no outcomes; give {{outcome: chance}}")
    return Chance({str(k): p for k, p in {**(chances or {}), **named}.items()})


@dataclass(frozen=True)
class InformationSet:
    """What a player knows when it moves: the nodes it cannot tell apart, and the actions there."""

    player: int
    label: str
    actions: tuple[str, ...]
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """A node: how it is reached, and what happens there.

    ``taken`` is the index of the move at ``parent`` that leads here. ``set`` is the index of the
    information set, None where chance moves or the game ends. ``chances`` are those of the outcomes
    ``actions`` of a move of chance. ``payoffs`` are those of an end, one a player.
    """

    history: tuple[str, ...]
    parent: int
    taken: int
    set: int | None = None
    actions: tuple[str, ...] = ()
    chances: tuple[Number, ...] = ()
    children: tuple[int, ...] = ()
    payoffs: tuple[Number, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Tree:
    """A finite game in extensive form with perfect recall.

    ``nodes`` are in preorder, the root first: a parent stands before its children, and what
    follows an action before what follows the next. ``sets`` are the information sets, in the order
    of their first nodes. Build one with :meth:`of`. Raises ValueError, naming the culprit, for an
    information set with unequal actions, that a path meets twice (absent-mindedness) or at which
    the player has forgotten what it knew or did; for chances that are not probabilities or do not
    add up to one; and for payoffs that are not finite numbers, one a player.
    """

    players: tuple[str, ...]
    nodes: tuple[Node, ...]
    sets: tuple[InformationSet, ...]

    def __post_init__(self) -> None:
        _ = self.parents  # which refuses imperfect recall

    @staticmethod
    def of(players: Iterable[object], rule: Callable[[tuple[str, ...]], Any]) -> Tree:
        """The game of these players in which ``rule(history)`` says what happens.

        The rule gives :func:`move`, :func:`chance`, or the payoffs of the end, one a player.
        Integers and Fractions stay exact. Cost: one call a node.
        """
        if not isinstance(players, Iterable):
            raise ValueError(f"players: {players!r} is not a list of names; give one")
        if not callable(rule):
            raise ValueError(f"rule: {rule!r} is not a function of the history; give one")
        given = tuple(players)
        return _Builder(labels(given, len(given), "", "players")).built(rule)

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """The nodes where the game ends."""
        return tuple(k for k, node in enumerate(self.nodes) if not node.children)

    @cached_property
    def payoffs(self) -> Array:
        """Payoffs at the ends, shape ``(ends, n)``; Fractions where all are rational."""
        rows = np.array([self.nodes[k].payoffs for k in self.ends], dtype=object)
        return numbers(rows, "payoffs")

    @cached_property
    def exact(self) -> bool:
        """Whether all payoffs and all chances are rational numbers."""
        whole = all(isinstance(p, Fraction) for node in self.nodes for p in node.chances)
        return whole and self.payoffs.dtype == object

    @cached_property
    def ranges(self) -> Array:
        """Largest less smallest payoff of each player: the unit of tolerances. Shape ``(n,)``."""
        u = self.payoffs
        return freeze((u.max(axis=0) - u.min(axis=0)).astype(np.float64))

    @property
    def scale(self) -> float:
        """The widest payoff range of any player."""
        return float(self.ranges.max())

    @cached_property
    def own(self) -> tuple[tuple[int, ...], ...]:
        """The information sets of each player."""
        mine: list[list[int]] = [[] for _ in self.players]
        for h, at in enumerate(self.sets):
            mine[at.player].append(h)
        return tuple(map(tuple, mine))

    @cached_property
    def parents(self) -> tuple[tuple[int, int] | None, ...]:
        """Of each information set the player's last move before it: its set and the action.

        None where it is the player's first. By perfect recall it is the same for all nodes of the
        set, so that the moves of a player form a tree of their own: its sequences.
        """
        found: list[tuple[int, int] | None] = []
        last: list[list[tuple[int, int] | None]] = [[None] * len(self.players)]
        for node in self.nodes[1:]:
            before = last[node.parent]
            at = self.nodes[node.parent].set
            if at is not None:
                before = before.copy()
                before[self.sets[at].player] = (at, node.taken)
            last.append(before)
        for h, s in enumerate(self.sets):
            met = {last[k][s.player] for k in s.nodes}
            who = f"{self.players[s.player]}, information set {s.label!r}"
            for k in s.nodes:
                up = self.nodes[k].parent
                while up >= 0:
                    if self.nodes[up].set == h:
                        raise ValueError(
                            f"{who}: a path meets it twice (absent-mindedness); "
                            "give the later move a label of its own"
                        )
                    up = self.nodes[up].parent
            if len(met) > 1:
                raise ValueError(
                    f"{who}: the player has forgotten a move of its own (no perfect recall); "
                    "give nodes after different moves different labels"
                )
            found.append(met.pop())
        return tuple(found)

    @cached_property
    def by_label(self) -> Mapping[tuple[str, str], int]:
        """The index of an information set by the player's name and its label."""
        return {(self.players[s.player], s.label): h for h, s in enumerate(self.sets)}

    @cached_property
    def subgames(self) -> tuple[int, ...]:
        """The nodes at which a subgame starts, the root first.

        A subgame contains, of each information set, all nodes or none.
        """
        size = [1] * len(self.nodes)
        for k in range(len(self.nodes) - 1, 0, -1):
            size[self.nodes[k].parent] += size[k]
        first, last = list(range(len(size))), list(range(len(size)))  # nodes of the sets below
        for k in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[k]
            if node.set is not None:
                first[k] = min(first[k], self.sets[node.set].nodes[0])
                last[k] = max(last[k], self.sets[node.set].nodes[-1])
            if k:
                first[node.parent] = min(first[node.parent], first[k])
                last[node.parent] = max(last[node.parent], last[k])
        found = [
            k
            for k, node in enumerate(self.nodes)
            if node.children and first[k] == k and last[k] < k + size[k]  # preorder
        ]
        return tuple(found)

    def subgame(self, root: int) -> Tree:
        """The subgame that starts at the node ``root``. Labels stay, histories begin there."""
        if root not in self.subgames:
            raise ValueError(f"node {root}: no subgame starts there; use one of {self.subgames}")
        start = self.nodes[root].history
        where = {self.nodes[k].history: k for k in range(len(self.nodes))}

        def rule(history: tuple[str, ...]) -> Any:
            k = where[start + history]
            node = self.nodes[k]
            if not node.children:
                return node.payoffs
            if node.set is None:
                return Chance(dict(zip(node.actions, node.chances)))
            at = self.sets[node.set]
            return Move(self.players[at.player], at.actions, at.label)

        return Tree.of(self.players, rule)

    def strategic(self) -> Game:
        """The reduced strategic form: see :func:`gametheory.strategic.strategic`."""
        return strategic(self)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tree)
            and (self.players, self.sets, self.exact) == (other.players, other.sets, other.exact)
            and self.nodes == other.nodes
        )

    def __hash__(self) -> int:
        return hash((self.players, self.nodes))

    def __repr__(self) -> str:
        counts = [len(mine) for mine in self.own]
        noun = "information set" if counts[0] == 1 else "information sets"
        told = [f"{self.players[0]}: {counts[0]} {noun}"]
        told += [f"{p}: {m}" for p, m in zip(self.players[1:], counts[1:])]
        kind = "exact" if self.exact else "float"
        size = f"{len(self.nodes)} nodes, {len(self.ends)} end{'s' * (len(self.ends) > 1)}"
        return f"Tree({'; '.join(told)}; {size}; {kind})"

    def __str__(self) -> str:
        """The tree, a line a node, indented by depth."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for node in self.nodes:
            indent = "  " * len(node.history)
            after = f"{node.history[-1]}" if node.history else "start"
            if node.parent >= 0 and self.nodes[node.parent].chances:
                after += f" ({show(self.nodes[node.parent].chances[node.taken])})"
            if not node.children:
                yield f"{indent}{after}: {', '.join(map(show, node.payoffs))}"
            elif node.set is None:
                yield f"{indent}{after}: chance"
            else:
                at = self.sets[node.set]
                yield f"{indent}{after}: {self.players[at.player]} [{at.label}]"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


class _Builder:
    """Follows a rule from the root, in preorder."""

    def __init__(self, players: tuple[str, ...]) -> None:
        if not players:
            raise ValueError("players: none; give at least one")
        self.players = players
        self.drafts: list[dict[str, Any]] = []
        self.sets: dict[tuple[int, str], tuple[tuple[str, ...], list[int]]] = {}

    def built(self, rule: Callable[[tuple[str, ...]], Any]) -> Tree:
        waiting: list[tuple[tuple[str, ...], int, int]] = [((), -1, -1)]
        while waiting:
            history, parent, taken = waiting.pop()
            k = len(self.drafts)
            if k == MOST:
                raise ValueError(f"rule: more than {MOST:,} nodes; does every history end?")
            if len(history) > DEEPEST:
                told = ", ".join(history[:3])
                raise ValueError(
                    f"rule: more than {DEEPEST:,} moves after {told}; does every history end?"
                )
            draft: dict[str, Any] = {"history": history, "parent": parent, "taken": taken}
            self.drafts.append(draft)
            if parent >= 0:
                self.drafts[parent]["children"] += (k,)
            step = rule(history)
            where = f"after {', '.join(history)}" if history else "at the start"
            if isinstance(step, Move):
                draft |= {"set": self._join(step, k, history, where), "actions": step.actions}
            elif isinstance(step, Chance):
                draft |= {"actions": tuple(step.chances), "chances": _chances(step, where)}
            else:
                draft["payoffs"] = self._payoffs(step, where)
                continue
            draft["children"] = ()
            paths = [((*history, a), k, j) for j, a in enumerate(draft["actions"])]
            waiting += reversed(paths)
        order = {key: h for h, key in enumerate(self.sets)}
        for draft in self.drafts:
            if "set" in draft:
                draft["set"] = order[draft["set"]]
        sets = tuple(
            InformationSet(i, label, actions, tuple(nodes))
            for (i, label), (actions, nodes) in self.sets.items()
        )
        return Tree(self.players, tuple(Node(**draft) for draft in self.drafts), sets)

    def _join(self, step: Move, k: int, history: tuple[str, ...], where: str) -> tuple[int, str]:
        if step.player not in self.players:
            raise ValueError(
                f"{where}: {step.player!r} is not a player; use one of {', '.join(self.players)}"
            )
        label = step.at if step.at is not None else ", ".join(history) or "start"
        actions = labels(step.actions, len(step.actions), "", f"actions {where}")
        if not actions:
            raise ValueError(f"{where}: {step.player} has no actions; give at least one")
        key = self.players.index(step.player), label
        known, nodes = self.sets.setdefault(key, (actions, []))
        if known != actions:
            raise ValueError(
                f"{step.player}, information set {label!r}: actions ({', '.join(actions)}) {where} "
                f"and ({', '.join(known)}) elsewhere; give all its nodes the same, in one order"
            )
        nodes.append(k)
        return key

    def _payoffs(self, step: Any, where: str) -> tuple[Number, ...]:
        try:
            row = tuple(step)
        except TypeError:
            raise ValueError(
                f"{where}: the rule gives {step!r}; give a move, a move of chance or payoffs"
            ) from None
        if len(row) != len(self.players):
            raise ValueError(f"{where}: {len(row)} payoffs for {len(self.players)} players")
        return tuple(numbers(row, f"payoffs {where}").tolist())


def _chances(step: Chance, where: str) -> tuple[Number, ...]:
    if not step.chances:
        raise ValueError(f"{where}: chance has no outcomes; give at least one")
    p = numbers(np.array([*step.chances.values()], dtype=object), f"chances {where}")
    for name, x in zip(step.chances, p):
        if x < 0:
            raise ValueError(f"{where}: chance of {name} is {show(x)}; give numbers from 0 to 1")
    total = sum(p.tolist()) if p.dtype == object else math.fsum(p)
    if total != 1 if p.dtype == object else abs(total - 1) > SUM:
        raise ValueError(f"{where}: chances add up to {show(total)}; give some that add up to 1")
    return tuple(p.tolist())

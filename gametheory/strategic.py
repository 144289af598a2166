"""The reduced strategic form of a tree.

A *plan* of a player says what it does at each of its information sets that its own earlier moves do
not exclude: it stands for all pure strategies that differ at excluded sets alone, which lead to the
same ends whatever the others do. By perfect recall the information sets of a player form a forest,
below each move those that come next, and the plans are counted along it.

A mixture of plans and a behaviour strategy that give each sequence of own moves the same chance are
worth the same against everybody (Kuhn 1953): see :meth:`gametheory.behaviour.Behaviour.of_mixed`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from gametheory.game import Game

if TYPE_CHECKING:
    from gametheory.tree import Tree

Plan = dict[int, int]
"""The action at each information set that is not excluded."""

MOST = 1_000_000
"""Payoffs beyond which no table is built."""

IDLE = "-"
"""The one strategy of a player who never moves."""


def plans(tree: Tree) -> list[list[Plan]]:
    """The plans of each player, in the order of actions at the player's first sets.

    Raises ValueError, before any is made, where the table of payoffs had more than a million.
    """
    below: dict[tuple[int, int] | None, list[int]] = {}
    for h, before in enumerate(tree.parents):
        below.setdefault(before, []).append(h)
    counts = [1] * len(tree.sets)
    for h in range(len(tree.sets) - 1, -1, -1):  # what comes next has a higher number
        played = (
            math.prod(counts[k] for k in below.get((h, a), ()))
            for a in range(len(tree.sets[h].actions))
        )
        counts[h] = sum(played)
    firsts = [[h for h in mine if tree.parents[h] is None] for mine in tree.own]
    shape = [math.prod(counts[h] for h in first) for first in firsts]
    if math.prod(shape) * len(shape) > MOST:
        raise ValueError(
            f"strategic form: {' x '.join(f'{m:.6g}' for m in shape)} strategies make more than "
            f"{MOST:,} payoffs; solve the tree itself"
        )

    def ways(sets: Sequence[int]) -> Iterator[Plan]:
        for each in itertools.product(*(list(at(h)) for h in sets)):
            yield {h: a for part in each for h, a in part.items()}

    def at(h: int) -> Iterator[Plan]:
        for a in range(len(tree.sets[h].actions)):
            for rest in ways(below.get((h, a), ())):
                yield {h: a, **rest}

    return [list(ways(first)) for first in firsts]


def strategic(tree: Tree) -> Game:
    """The reduced strategic form of ``tree``: a strategy is a plan, named by what it does.

    The name lists the actions, each after the label of its information set where the player has the
    same action at several. A player who never moves has the one strategy "-". Raises ValueError
    where the table had more than a million payoffs. Cost: the payoffs times the ends each leads to.

    >>> from gametheory.tree import Tree, move
    >>> entry = Tree.of(["Entrant", "Incumbent"], lambda h: {
    ...     (): move("Entrant", "stay out", "enter"),
    ...     ("stay out",): (0, 2),
    ...     ("enter",): move("Incumbent", "fight", "yield"),
    ...     ("enter", "fight"): (-1, -1),
    ...     ("enter", "yield"): move("Entrant", "stop", "go on", at="inside"),
    ...     ("enter", "yield", "stop"): (1, 1),
    ...     ("enter", "yield", "go on"): (2, 0)}[h])
    >>> strategic(entry)
    Game(Entrant: stay out, enter, stop, enter, go on; Incumbent: fight, yield; exact)
    """
    ways = plans(tree)
    shape = tuple(map(len, ways))
    table = np.zeros((*shape, len(shape)), dtype=object if tree.exact else np.float64)
    table += Fraction(0) if tree.exact else 0.0
    # The last own move before a node says which plans lead there.
    plays: list[dict[tuple[int, int] | None, list[int]]] = []
    for mine in ways:
        by_move: dict[tuple[int, int] | None, list[int]] = {None: list(range(len(mine)))}
        for k, plan in enumerate(mine):
            for move in plan.items():
                by_move.setdefault(move, []).append(k)
        plays.append(by_move)
    last: list[tuple[tuple[int, int] | None, ...]] = [(None,) * len(shape)]
    luck = [Fraction(1) if tree.exact else 1.0]
    for node in tree.nodes[1:]:
        up = tree.nodes[node.parent]
        moved = last[node.parent]
        if up.set is not None:
            i = tree.sets[up.set].player
            moved = (*moved[:i], (up.set, node.taken), *moved[i + 1 :])
        last.append(moved)
        luck.append(luck[node.parent] * (up.chances[node.taken] if up.chances else 1))
    payoffs = tree.payoffs if tree.exact else tree.payoffs.astype(np.float64)
    for k, row in zip(tree.ends, payoffs):
        cells = np.ix_(*(by_move[move] for by_move, move in zip(plays, last[k])))
        table[cells] += luck[k] * row
    return Game(table, tree.players, [_names(tree, mine) for mine in ways])


def _names(tree: Tree, mine: list[Plan]) -> list[str]:
    actions = [(h, tree.sets[h].actions[a]) for plan in mine for h, a in plan.items()]
    once = len({a for _, a in actions}) == len(set(actions))
    names = []
    for plan in mine:
        moves = [(tree.sets[h].label, tree.sets[h].actions[a]) for h, a in plan.items()]
        told = [a if once else f"{label}: {a}" for label, a in moves]
        names.append((", " if once else "; ").join(told) or IDLE)
    alike = len(set(names)) < len(names)  # labels may have commas of their own
    return [f"{k}. {name}" for k, name in enumerate(names, 1)] if alike else names

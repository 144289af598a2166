"""The sequence form of a tree: each player's plans, and what pairs of moves are worth.

By perfect recall the moves of a player form a forest: below each move lie the information sets that
are the player's next. A *realisation plan* gives each move the chance that the player makes it and
all before it, chance and the others permitting; at each information set these add up to the chance
of the move before (Koller, Megiddo & von Stengel 1996, Games and Economic Behavior 14: 247-259; von
Stengel 1996, ibid. 220-246). Expected payoffs are multilinear in the plans, with an entry for each
combination of last moves that leads to an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.game import Array, Number
from gametheory.solvers._polyhedra import Plans
from gametheory.tree import Tree


def plans(tree: Tree, player: int) -> Plans:
    """The polytope of the player's plans: a block an information set, a move an action.

    In the order of ``tree.own[player]``. A player who never moves has one block of one move.
    """
    starts = first_moves(tree, player)
    blocks, parents = [], []
    for h, start in starts.items():
        before = tree.parents[h]
        blocks.append(tuple(range(start, start + len(tree.sets[h].actions))))
        parents.append(starts[before[0]] + before[1] if before else -1)
    return Plans(tuple(blocks or [(0,)]), tuple(parents or [-1]))


def first_moves(tree: Tree, player: int) -> dict[int, int]:
    """The number of the first move at each information set of the player."""
    starts, count = {}, 0
    for h in tree.own[player]:
        starts[h] = count
        count += len(tree.sets[h].actions)
    return starts


def last_moves(tree: Tree, player: int) -> list[int]:
    """The player's last move before each node, -1 if there is none."""
    starts = first_moves(tree, player)
    found = [-1]
    for node in tree.nodes[1:]:
        at = tree.nodes[node.parent].set
        found.append(starts[at] + node.taken if at in starts else found[node.parent])
    return found


def luck(tree: Tree) -> list[Fraction]:
    """The chance that each node is reached if all players do what they can to reach it."""
    found = [Fraction(1)]
    for node in tree.nodes[1:]:
        up = tree.nodes[node.parent]
        found.append(found[node.parent] * (Fraction(up.chances[node.taken]) if up.chances else 1))
    return found


def payoffs(tree: Tree) -> tuple[Array, Array]:
    """What pairs of moves are worth to each of two players, Fractions, shape ``(moves, moves)``.

    With plans ``x, y`` expected payoffs are ``x'Ay`` and ``x'By``. Where a player has not moved
    before an end, its worth is that of each move at the player's first information set, whose
    chances add up to one. The second player may be missing.
    """
    sides = [plans(tree, i) if i < len(tree.players) else Plans.product([1]) for i in (0, 1)]
    last = [
        last_moves(tree, i) if i < len(tree.players) else [-1] * len(tree.nodes) for i in (0, 1)
    ]
    A, B = (np.full((sides[0].size, sides[1].size), Fraction(0), dtype=object) for _ in (0, 1))
    chances = luck(tree)
    for k in tree.ends:
        rows, columns = (
            [moves[k]] if moves[k] >= 0 else side.blocks[0] for moves, side in zip(last, sides)
        )
        gains = [chances[k] * Fraction(u) for u in tree.nodes[k].payoffs]
        for r in rows:
            for c in columns:
                A[r, c] += gains[0]
                B[r, c] += gains[-1]
    return A, B


def mixtures(
    plan: Sequence[Fraction], side: Plans, pays: Sequence[Number]
) -> list[list[Fraction]]:
    """The behaviour at each block that leads to this plan.

    Where the plan does not lead, the first move that is best, and best moves after it, if move
    ``s`` adds ``pays[s]``.
    """
    worth = list(pays)
    choice = [0] * len(side.blocks)
    for h in range(len(side.blocks) - 1, -1, -1):
        for s in side.blocks[h]:
            worth[s] += sum(worth[choice[k]] for k in side.below[s])
        choice[h] = max(side.blocks[h], key=worth.__getitem__)  # the first of those that tie
    found = []
    for h, (block, parent) in enumerate(zip(side.blocks, side.parents)):
        total = plan[parent] if parent >= 0 else Fraction(1)
        found.append(
            [plan[s] / total for s in block]
            if total
            else [Fraction(int(s == choice[h])) for s in block]
        )
    return found

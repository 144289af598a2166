"""The sequence form of a tree: each player's plans, and what moves are worth against others'.

By perfect recall the moves of a player form a forest: below each move lie the information sets that
are the player's next. A *realisation plan* gives each move the chance that the player makes it and
all its own moves before; at each information set these add up to the chance of the move before, or
to one (Koller, Megiddo & von Stengel 1996, Games and Economic Behavior 14: 247-259; von Stengel
1996, ibid. 220-246). Expected payoffs are multilinear in the plans: at an end chance and each
player's last move count.

A plan says nothing of what its player does where its own moves do not lead, and no payoff depends
on it: behaviours that share their plans are one equilibrium here.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from gametheory.behaviour import Behaviour
from gametheory.game import Array, Number
from gametheory.solvers._polyhedra import Plans
from gametheory.tree import Tree

OWN = (
    "Plans alone are told apart. Where a player's own moves do not lead, what it does decides no "
    "payoff: here what is best against the others' plans, the first of those that tie."
)


@dataclass(frozen=True)
class Sequences:
    """The moves of every player of ``tree``, numbered in the order of its information sets."""

    tree: Tree

    @cached_property
    def first(self) -> list[int]:
        """The number of the first move at each information set, of those of its player."""
        found = [0] * len(self.tree.sets)
        for own in self.tree.own:
            count = 0
            for h in own:
                found[h] = count
                count += len(self.tree.sets[h].actions)
        return found

    @cached_property
    def plans(self) -> list[Plans]:
        """The polytope of each player's plans: a block an information set, in order.

        A player who never moves has one block of one move.
        """
        found = []
        for own in self.tree.own:
            blocks, parents = [], []
            for h in own:
                before = self.tree.parents[h]
                count = len(self.tree.sets[h].actions)
                blocks.append(tuple(range(self.first[h], self.first[h] + count)))
                parents.append(self.first[before[0]] + before[1] if before else -1)
            found.append(Plans(tuple(blocks or [(0,)]), tuple(parents or [-1])))
        return found

    @cached_property
    def ends(self) -> list[tuple[list[int], Fraction, list[Fraction]]]:
        """Of each end each player's last move, -1 if none; the chance; and the payoffs."""
        tree = self.tree
        last = [[-1] * len(tree.players)]
        luck = [Fraction(1)]
        for node in tree.nodes[1:]:
            up = tree.nodes[node.parent]
            moved = last[node.parent]
            if up.set is not None:
                moved = moved.copy()
                moved[tree.sets[up.set].player] = self.first[up.set] + node.taken
            last.append(moved)
            chance = Fraction(up.chances[node.taken]) if up.chances else 1
            luck.append(luck[node.parent] * chance)
        return [(last[k], luck[k], [Fraction(u) for u in tree.nodes[k].payoffs]) for k in tree.ends]

    @cached_property
    def movers(self) -> list[int]:
        """The players who move at all."""
        return [i for i, own in enumerate(self.tree.own) if own]

    def matrices(self, one: int, two: int | None, below: bool = False) -> tuple[Array, Array]:
        """Payoffs ``A, B`` of the two who move, by their moves: plans ``x, y`` get ``x'Ay, x'By``.

        Fractions. Without a second player ``y`` is the one plan of one move. Where a player has not
        moved before an end, the end counts with each move at the player's first information set:
        their chances add up to one. ``below``: each player's payoffs less the greatest.
        """
        X, Y = self.plans[one], Plans.product([1]) if two is None else self.plans[two]
        A, B = (np.full((X.size, Y.size), Fraction(0), dtype=object) for _ in range(2))
        other = one if two is None else two
        u, v = (max(row[i] for *_, row in self.ends) if below else 0 for i in (one, other))
        for last, luck, payoffs in self.ends:
            r = last[one]
            c = -1 if two is None else last[two]
            for cell in itertools.product(
                [r] if r >= 0 else X.blocks[0], [c] if c >= 0 else Y.blocks[0]
            ):
                A[cell] += luck * (payoffs[one] - u)
                B[cell] += luck * (payoffs[other] - v)
        return A, B

    def worth(self, player: int, plans: Sequence[Sequence[Number]]) -> list[Number]:
        """What each move of ``player`` adds, as its last one, against the others' plans."""
        found: list[Number] = [Fraction(0)] * self.plans[player].size
        for last, luck, payoffs in self.ends:
            if last[player] >= 0:
                weight: Number = luck * payoffs[player]
                for j, s in enumerate(last):
                    if s >= 0 and j != player:
                        weight *= plans[j][s]
                found[last[player]] += weight
        return found

    def behaviour(self, plans: Sequence[Sequence[Number]], kind: type) -> Behaviour:
        """The behaviour with these plans, its chances of this ``kind``; see ``OWN``."""
        mixtures = [np.zeros(0)] * len(self.tree.sets)
        for i, (own, side, x) in enumerate(zip(self.tree.own, self.plans, plans)):
            if not own:
                continue
            worth = self.worth(i, plans)
            choice = [0] * len(own)
            for k in range(len(own) - 1, -1, -1):
                for s in side.blocks[k]:
                    worth[s] += sum(worth[choice[j]] for j in side.below[s])
                choice[k] = max(side.blocks[k], key=worth.__getitem__)  # the first of those tied
            for k, h in enumerate(own):
                parent = side.parents[k]
                total = x[parent] if parent >= 0 else Fraction(1)
                mixtures[h] = np.array(
                    [x[s] / total if total else Fraction(s == choice[k]) for s in side.blocks[k]],
                    kind,
                )
        return Behaviour(self.tree, mixtures)

    def silent(self, plans: Sequence[Sequence[Number]]) -> bool:
        """Whether a plan leaves open what its player does somewhere."""
        return any(p >= 0 and not x[p] for x, s in zip(plans, self.plans) for p in s.parents)

"""Large trees of perfect information: reading a file, and all subgame-perfect equilibria.

Two players in turn, a move of chance every fifth step, payoffs drawn from so many integers that
nothing ties; and the same with payoffs from 0 to 2, where nearly everything does. Asserted first:
without ties one equilibrium, certified in every subgame with a regret of exactly zero, and worth
what a plain recursion says; with ties that each member is certified. Gambit reads the same file; it
has no backward induction. Seconds; the ratio is Gambit's time over ours.
"""

from __future__ import annotations

import importlib.util
import io
import random
from fractions import Fraction
from functools import partial
from typing import Any

from _timing import seconds

import gametheory as gt

DEPTHS = 9, 12, 14


def large(depth: int, payoffs: int) -> gt.Tree:
    """A tree with two moves at each node."""
    source = random.Random(f"backward induction {depth}")

    def rule(history: tuple[str, ...]) -> Any:
        if len(history) == depth:
            return [source.randrange(payoffs) for _ in range(2)]
        if len(history) % 5 == 4:
            return gt.chance({0: Fraction(1, 2), 1: Fraction(1, 2)})
        return gt.move("AB"[len(history) % 2], 0, 1)

    return gt.Tree.of("AB", rule)


def worth(tree: gt.Tree, k: int = 0) -> list[Fraction]:
    """What the node is worth to each player if nothing ties."""
    node = tree.nodes[k]
    if not node.children:
        return list(node.payoffs)
    after = [worth(tree, c) for c in node.children]
    if node.set is None:
        return [sum(p * u for p, u in zip(node.chances, column)) for column in zip(*after)]
    return max(after, key=lambda u: u[tree.sets[node.set].player])


def main() -> None:
    """Prints the table."""
    peer = importlib.util.find_spec("pygambit") is not None
    print("nodes     read  Gambit  ratio   solve   with ties (listed)")
    for depth in DEPTHS:
        tree, tied = large(depth, 10**6), large(depth, 3)
        text = gt.write(tree, "efg")
        assert gt.read(text) == tree
        (only,) = gt.solve(tree, "spe")
        assert only.certificate.regret == 0
        assert list(only.payoffs) == worth(tree)
        many = gt.solve(tied, "spe")
        assert all(e.certificate.regret == 0 for e in many)
        read = seconds(partial(gt.read, text))
        solve, ties = (seconds(partial(gt.solve, game, "spe")) for game in (tree, tied))
        row = f"{len(tree.nodes):6,} {read:7.2f}"
        if peer:
            import pygambit

            theirs = seconds(lambda text=text: pygambit.read_efg(io.StringIO(text)))
            row += f" {theirs:7.2f} {theirs / read:6.2f}"
        else:
            row += "       -      -"
        print(f"{row} {solve:7.2f} {ties:7.2f} ({len(many)})")


if __name__ == "__main__":
    main()

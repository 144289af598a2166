"""All perfect Bayesian equilibria of random signalling games and crises: time a game.

Solve time only. Before it is timed, each result is checked: the coverage is complete, every member
is certified. Beside it Gambit's enumeration of the Nash equilibria of the same trees, the nearest
that a peer does: it has no beliefs and keeps equilibria that rest on threats. From
2 x 3 x 3 on it takes minutes a game and is not tried.
"""

from __future__ import annotations

import importlib.util
import random
from fractions import Fraction
from functools import partial
from typing import Any

from _timing import times

from gametheory.equilibrium import Coverage
from gametheory.solvers.assessments import sequential, solve
from gametheory.tree import Tree, chance, move

GAMES, SEED, REPEATS, SECONDS = 12, 20_261, 3, 3.0
SHAPES = [(2, 2, 2), (2, 3, 3), (3, 3, 3)]
CRISES = [(2, 2, 2), (2, 2, 3), (3, 3, 2)]


def signalling(rng: random.Random, types: int, messages: int, replies: int) -> Tree:
    """A random signalling game."""
    pays = {
        (str(t), str(m), str(r)): (rng.randint(-99, 99), rng.randint(-99, 99))
        for t in range(types)
        for m in range(messages)
        for r in range(replies)
    }

    def rule(h: tuple[str, ...]) -> Any:
        match len(h):
            case 0:
                return chance({t: Fraction(1, types) for t in range(types)})
            case 1:
                return move("S", *range(messages), at=f"type {h[0]}")
            case 2:
                return move("R", *range(replies), at=f"message {h[1]}")
        return pays[h]

    return Tree.of(["S", "R"], rule)


def crisis(rng: random.Random, types: int, rivals: int, rounds: int) -> Tree:
    """Two sides of unknown value for war go on or give in, in turn; giving in costs more later."""
    war = [[Fraction(rng.randint(-12, 6), 10) for _ in range(m)] for m in (types, rivals)]

    def rule(h: tuple[str, ...]) -> Any:
        if len(h) < 2:
            m = (types, rivals)[len(h)]
            return chance({k: Fraction(1, m) for k in range(m)})
        turn = len(h) - 2
        if h[-1] == "out":
            lost = -Fraction((turn - 1) // 2, 4)
            return (lost, 1) if turn % 2 else (1, lost)
        if turn == 2 * rounds:
            return war[0][int(h[0])], war[1][int(h[1])]
        return move("AB"[turn % 2], "on", "out", at=f"{h[turn % 2]}, round {turn // 2}")

    return Tree.of(["A", "B"], rule)


def gambit(tree: Tree) -> Any:
    """The tree in pygambit, by way of its format."""
    import io

    import pygambit as gbt

    names = " ".join(f'"{p}"' for p in tree.players)
    lines, ends = [f'EFG 2 R "game" {{ {names} }}'], 0
    for k, node in enumerate(tree.nodes):
        if not node.children:
            ends += 1
            lines.append(f't "" {ends} "" {{ {", ".join(map(str, node.payoffs))} }}')
        elif node.set is None:
            odds = " ".join(f'"{a}" {p}' for a, p in zip(node.actions, node.chances))
            lines.append(f'c "" {k + 1} "" {{ {odds} }} 0')
        else:
            actions = " ".join(f'"{a}"' for a in node.actions)
            i = tree.sets[node.set].player + 1
            lines.append(f'p "" {i} {node.set + 1} "" {{ {actions} }} 0')
    return gbt.read_efg(io.StringIO("\n".join(lines)))


def main() -> None:
    """Prints the table."""
    peer = importlib.util.find_spec("pygambit") is not None
    print(
        f"{'game':>22} {'nodes':>6} {'found':>6} {'ms a game':>10} {'slowest':>8} "
        f"{'Gambit, Nash':>13}"
    )
    rows = [("signalling", s, signalling, solve) for s in SHAPES]
    rows += [("crisis", s, crisis, sequential) for s in CRISES]
    for name, shape, build, find in rows:
        rng = random.Random(SEED)
        trees = [build(rng, *shape) for _ in range(GAMES)]
        found = [find(tree) for tree in trees]
        assert all(f.coverage is not Coverage.UNKNOWN and len(f) for f in found)
        assert all(e.certificate.holds() for f in found for e in f)
        seconds = [min(times(partial(find, t), REPEATS, SECONDS)) for t in trees]
        told = "not installed"
        if peer:
            import pygambit as gbt

            small = [gambit(t) for t in trees[:3]] if shape == (2, 2, 2) else []
            ran = [min(times(partial(gbt.nash.enummixed_solve, g), 1)) for g in small]
            told = f"{1e3 * sum(ran) / len(ran):.0f} ms" if ran else "not tried"
        size = f"{name} {' x '.join(map(str, shape))}"
        mean = 1e3 * sum(seconds) / GAMES
        print(
            f"{size:>22} {len(trees[0].nodes):>6} {sum(map(len, found)):>6} {mean:>10.1f} "
            f"{1e3 * max(seconds):>8.1f} {told:>13}"
        )


if __name__ == "__main__":
    main()

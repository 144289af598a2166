"""Agreement: all assessments of random trees, and what signalling criteria say, a second way.

Not speed but truth. Linear programs over every support, with random orders of mistakes, find
sequential equilibria of signalling games and of trees of two players; each must lie in a piece of
both lists, and the ranges of beliefs must be those of the programs over all orders of mistakes.
The intuitive criterion and D1 are compared with their definitions. The script fails at the first
difference. The routines are those of ``tests``, which share no step with the solver.

    python benchmarks/agreement_trees.py [seeds] [first]     default 300 seeds from 0
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "solvers")]

from test_assessments_by_programs import missing, trees  # noqa: E402
from test_signalling_by_definition import compared  # noqa: E402

from gametheory.equilibrium import Coverage  # noqa: E402
from gametheory.solvers.assessments import sequential, solve  # noqa: E402
from gametheory.testing import random_tree  # noqa: E402


def assessments(seeds: range) -> None:
    """Trees of two players."""
    start, games, points, members = time.perf_counter(), 0, 0, 0
    for seed, tree in trees(iter(seeds)):
        tried, ranges, wrong = missing(tree, seed)
        assert not wrong, f"seed {seed}: {tree!r}: {wrong[0]}"
        games, points, members = games + 1, points + tried, members + ranges
    took = time.perf_counter() - start
    print(f"{games} games: {points} equilibria in the lists, {members} ranges alike; {took:.0f} s")


def criteria(seeds: range) -> None:
    """Signalling games of two types."""
    for shape in ((2, 2), (3, 2), (2, 3)):
        for values in (range(3), range(10), range(-40, 40)):
            counts = [compared(seed, shape, values) for seed in seeds]
            members, intuitively, by_d1 = map(sum, zip(*counts))
            print(
                f"2 x {shape[0]} x {shape[1]}, {len(values)} payoffs: {members} verdicts alike; "
                f"fail intuitive {intuitively}, D1 {by_d1}"
            )


def undecided(seeds: range) -> None:
    """How often the list of a tree of three players is not known to be whole."""
    for moves in ((1, 7), (7, 10)):
        for find in (solve, sequential):
            found = [find(random_tree(seed, players=3, moves=moves)) for seed in seeds]
            count = sum(f.coverage is Coverage.UNKNOWN for f in found)
            print(f"3 players, {moves} moves, {found[0].concept}: {count} of {len(found)} UNKNOWN")


def main() -> None:
    """Prints the table."""
    count, first = (int(x) for x in (*sys.argv[1:], *("300", "0")[len(sys.argv) - 1 :]))
    seeds = range(first, first + count)
    assessments(seeds)
    criteria(seeds)
    undecided(seeds)


if __name__ == "__main__":
    main()

"""Trees: all Nash equilibria exactly, and agent logit branches, beside Gambit's.

Random signalling games and crises with integer payoffs, and Kuhn's poker. Asserted first: every
equilibrium certified with a regret of exactly zero, one value in poker, and logit equilibria that
are responses to themselves. Gambit's route to all equilibria is ``enummixed_solve`` on the
strategic form, in rational numbers as here, in a process of its own that is ended after a while.
Its ``lcp_solve`` on the tree finds one. Milliseconds a game; ratios are Gambit's time over ours.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import multiprocessing
import random
import time
from fractions import Fraction
from typing import Any

from _timing import seconds

import gametheory as gt
from gametheory.testing import random_crisis, random_signalling

GAMES, PATIENCE = 5, 20
VALUES = tuple(range(-9, 10))


def kuhn(cards: str) -> gt.Tree:
    """Kuhn's poker with these cards, the lowest first."""

    def rule(history: tuple[str, ...]) -> Any:
        match history:
            case ():
                deals = list(itertools.permutations(cards, 2))
                return gt.chance({a + b: Fraction(1, len(deals)) for a, b in deals})
            case (deal,):
                return gt.move("A", "bet", "check", at=deal[0])
            case (deal, "bet"):
                return gt.move("B", "call", "fold", at=f"{deal[1]}, bet")
            case (deal, "check"):
                return gt.move("B", "bet", "check", at=f"{deal[1]}, check")
            case (deal, "check", "bet"):
                return gt.move("A", "call", "fold", at=f"{deal[0]}, bet")
            case (deal, *_, last):
                win = 1 if cards.index(deal[0]) > cards.index(deal[1]) else -1
                if last == "fold":
                    win = 1 if history[1] == "bet" else -1
                return (2 * win, -2 * win) if last == "call" else (win, -win)

    return gt.Tree.of("AB", rule)


def gambit_all(texts: list[str], out: Any) -> None:
    """Puts the seconds that Gambit takes for all equilibria of each game."""
    import pygambit as gbt

    for text in texts:
        game = gbt.read_efg(io.StringIO(text))
        start = time.perf_counter()
        gbt.nash.enummixed_solve(game, rational=True)
        out.put(time.perf_counter() - start)


def patiently(texts: list[str]) -> list[float]:
    """The seconds of those games that Gambit solves in time."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=gambit_all, args=(texts, out))
    process.start()
    process.join(PATIENCE)
    process.terminate()
    process.join()
    found = []
    while not out.empty():
        found.append(out.get())
    return found


def games() -> dict[str, list[gt.Tree]]:
    """The rows of the table."""
    seeds = [random.Random(f"trees {k}").randrange(10**9) for k in range(GAMES)]
    return {
        "signalling 2 x 2 x 2": [random_signalling(s, 2, 2, 2, VALUES) for s in seeds],
        "signalling 2 x 3 x 2": [random_signalling(s, 2, 3, 2, VALUES) for s in seeds],
        "signalling 2 x 3 x 3": [random_signalling(s, 2, 3, 3, VALUES) for s in seeds],
        "crisis, 2 x 2 types": [random_crisis(s, (2, 2), VALUES) for s in seeds],
        "crisis, 3 x 3 types": [random_crisis(s, (3, 3), VALUES) for s in seeds],
        "poker, 3 cards": [kuhn("JQK")],
    }


def asserted(trees: list[gt.Tree]) -> float:
    """The mean number of extreme equilibria; fails unless each is one."""
    count = 0
    for tree in trees:
        found = gt.solve(tree)
        assert found.coverage in (gt.Coverage.ALL, gt.Coverage.EXTREME)
        assert len(found) > 0
        assert all(e.certificate.exact and e.certificate.regret == 0 for e in found)
        count += len(found)
    return count / len(trees)


def main() -> None:
    """Prints the tables."""
    assert {e.payoffs for e in gt.solve(kuhn("JQK"))} == {(Fraction(-1, 18), Fraction(1, 18))}
    peer = importlib.util.find_spec("pygambit")
    print(f"{'game':<22}{'extreme':>8}{'all ms':>9}{'Gambit ms':>11}{'ratio':>8}{'its one ms':>12}")
    for name, trees in games().items():
        count = asserted(trees)
        ours = sum(seconds(lambda t=t: gt.solve(t)) for t in trees) / len(trees)
        line = f"{name:<22}{count:>8.1f}{1e3 * ours:>9.1f}"
        if peer:
            import pygambit as gbt

            texts = [gt.write(t, "efg") for t in trees]
            theirs = patiently(texts)
            mean = sum(theirs) / len(theirs) if len(theirs) == len(trees) else None
            told = f"{1e3 * mean:>11.1f}{mean / ours:>8.1f}" if mean else f"{'> 20 s for 5':>19}"
            read = [gbt.read_efg(io.StringIO(text)) for text in texts]
            one = sum(seconds(lambda g=g: gbt.nash.lcp_solve(g)) for g in read) / len(read)
            line += f"{told}{1e3 * one:>12.1f}"
        print(line, flush=True)
    print(f"\n{'agent logit branch':<22}{'ms':>8}{'Gambit ms':>11}{'ratio':>8}")
    for name, trees in games().items():
        branches = [gt.agent_logit(t) for t in trees]
        assert all(b.limit and b.limit.certificate.holds() for b in branches)
        assert all(e.certificate.holds() for b in branches for e in b.at(1))
        ours = sum(seconds(lambda t=t: gt.agent_logit(t)) for t in trees) / len(trees)
        line = f"{name:<22}{1e3 * ours:>8.1f}"
        if peer:
            read = [gbt.read_efg(io.StringIO(gt.write(t, "efg"))) for t in trees]
            theirs = sum(seconds(lambda g=g: gbt.qre.logit_solve_branch(g)) for g in read) / len(
                read
            )
            line += f"{1e3 * theirs:>11.1f}{theirs / ours:>8.1f}"
        print(line, flush=True)
    if not peer:
        print("pygambit is not installed: no peer.")


if __name__ == "__main__":
    main()

"""Bayesian games of two players: all equilibria in behaviour by type, beside the peer's.

Random payoffs in tenths, a correlated prior in whole hundredths; the same games go to pygambit as
trees in its own format: chance draws the types, each player moves knowing its own. It solves these
exactly in mixtures over plans (``enummixed_solve``, extreme equilibria) and in floats in behaviour
(``enumpoly_solve``). Before it is timed, each result is checked: certified, and the same as what
``extreme`` finds in the induced strategic form. A peer gets games until they took 7 s, and none
longer than 15 s; none of the last two shapes.

Then the mediator: the best welfare in communication equilibria, which no peer computes.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import queue
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from _timing import seconds

import gametheory as gt

SEED, GAMES, LIMIT = 20_261, 12, 15.0
SHAPES = [((2, 2), (2, 2)), ((2, 2), (2, 3)), ((2, 2), (3, 3)), ((3, 3), (2, 2)), ((3, 3), (3, 3))]
LARGER = [((4, 4), (3, 3)), ((6, 6), (2, 2))]


def games(types: tuple[int, int], actions: tuple[int, int]) -> list[gt.BayesianGame]:
    """Random games of this shape."""
    rng = np.random.default_rng([SEED, *types, *actions])
    found = []
    for _ in range(GAMES):
        table = rng.integers(-100, 101, (*types, *actions, 2)).astype(object) * Fraction(1, 10)
        cells = types[0] * types[1]
        cuts = np.sort(rng.choice(np.arange(1, 100), cells - 1, replace=False))
        chances = np.diff([0, *cuts.tolist(), 100]).astype(object) * Fraction(1, 100)
        found.append(gt.BayesianGame(table, chances.reshape(types)))
    return found


def asserted(game: gt.BayesianGame, found: gt.EquilibriumSet) -> None:
    """Fails unless the equilibria are right: those of the induced form, where it is small."""
    assert found.coverage in (gt.Coverage.ALL, gt.Coverage.EXTREME)
    assert all(e.certificate.regret == 0 for e in found)
    assert found.degenerate or sum(e.index for e in found) == 1
    if max(m**T for m, T in zip(game.shape, game.prior.shape)) <= 9 and not found.degenerate:
        induced = gt.solve(game.induced(), method="extreme")
        payoffs = {e.payoffs for e in induced}
        assert payoffs == {e.payoffs for e in found}
        assert len(induced.components) == len(found)


def mixed(text: str) -> int:
    """Extreme equilibria in mixtures over plans."""
    import pygambit as gbt

    return len(gbt.nash.enummixed_solve(_read(text)).equilibria)


def behaviour(text: str) -> int:
    """Equilibria in behaviour, in floats."""
    import pygambit as gbt

    return len(gbt.nash.enumpoly_solve(_read(text), use_strategic=False).equilibria)


def _read(text: str) -> object:
    import io

    import pygambit as gbt

    return gbt.read_efg(io.StringIO(text))


def _timed(solve: Callable[[str], int], texts: list[str], answers: Any) -> None:
    solve(gt.write(games((1, 1), (2, 2))[0].to_tree(), "efg"))  # loads it
    answers.put(None)
    for text in texts:
        start = time.perf_counter()
        count = solve(text)
        answers.put((time.perf_counter() - start, count))


def peer(solve: Callable[[str], int], texts: list[str]) -> list[tuple[float, int]]:
    """Seconds and number of equilibria of the first games, in a process that ends at the limit."""
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    process = context.Process(target=_timed, args=(solve, texts, answers))
    process.start()
    found: list[tuple[float, int]] = []
    try:
        answers.get(timeout=2 * LIMIT)
        while len(found) < len(texts) and sum(seconds for seconds, _ in found) < LIMIT / 2:
            found.append(answers.get(timeout=LIMIT))
    except queue.Empty:
        pass
    finally:
        process.terminate()
        process.join()
    return found


def main() -> None:
    """Prints the tables."""
    has_peer = importlib.util.find_spec("pygambit") is not None
    print("seconds a game, and equilibria of all games (peers: over those solved)")
    head = f"{'types':<8}{'actions':<9}{'ours':>10}{'equilibria':>12}"
    for name in ("mixed", "behaviour") if has_peer else ():
        head += f"{name:>12}{'ratio':>9}{'games':>7}{'found':>7}{'ours':>6}"
    print(head)
    for types, actions in SHAPES + LARGER:
        some = games(types, actions)
        found = [gt.solve(game) for game in some]
        for game, each in zip(some, found):
            asserted(game, each)
        ours = seconds(lambda some=some: [gt.solve(game) for game in some]) / len(some)
        row = f"{'x'.join(map(str, types)):<8}{'x'.join(map(str, actions)):<9}{ours:>10.2g}"
        row += f"{sum(map(len, found)):>12}"
        for solve in (mixed, behaviour) if has_peer and (types, actions) in SHAPES else ():
            row += compared(solve, some, found, ours)
        print(row, flush=True)
    print("\nbest welfare that a mediator can bring about: seconds a game")
    for types, actions in SHAPES:
        some = games(types, actions)
        for game in some:
            assert gt.communication(game).holds(0)
        ours = seconds(lambda some=some: [gt.communication(game) for game in some]) / len(some)
        print(f"{'x'.join(map(str, types)):<8}{'x'.join(map(str, actions)):<9}{ours:>10.2g}")
    if not has_peer:
        print("pygambit: not installed")


def compared(
    solve: Callable[[str], int],
    some: list[gt.BayesianGame],
    found: list[gt.EquilibriumSet],
    ours: float,
) -> str:
    """The peer's cells: seconds, how many times ours, games, its equilibria and ours of these."""
    answers = peer(solve, [gt.write(game.to_tree(), "efg") for game in some])
    if not answers:
        return f"{'> ' + format(LIMIT, '.0f'):>12}{'-':>9}{0:>7}{'-':>7}{'-':>6}"
    mean = sum(seconds for seconds, _ in answers) / len(answers)
    count, mine = sum(k for _, k in answers), sum(map(len, found[: len(answers)]))
    return f"{mean:>12.2g}{mean / ours:>9.0f}{len(answers):>7}{count:>7}{mine:>6}"


if __name__ == "__main__":
    main()

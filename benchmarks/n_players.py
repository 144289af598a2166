"""All equilibria of one random game of three or more players, beside pygambit's.

Milliseconds a game, median and 90th percentile; payoffs normal; the game is built and code is
compiled before the clock starts. ``enumpoly_solve`` sees the same games in a process of its own: a
call that takes longer than the limit is ended, and after three of a shape no more are made. Its
list is incomplete if a certified equilibrium is not in it, neither before nor after Newton's method
has improved its profiles; an even number of profiles shows it by itself, as almost every game has
an odd one. What Newton's method leads to must be in our list if it is an equilibrium.

Then two threshold games whose equilibria were counted another way, by root bracketing.
"""

from __future__ import annotations

import importlib.util
import time
from fractions import Fraction

import numpy as np
from _enumpoly import Enumpoly
from _second_way import index, polished, regret, scaled

import gametheory as gt

SEED, LIMIT, ENDED = 20_263, 20.0, 3
GAMES = {(3, 3, 3): 100, (2,) * 4: 100, (2,) * 5: 100, (2,) * 6: 20, (3,) * 4: 10}
TARGETS = {(3, 3, 3): 100, (2,) * 4: 10, (2,) * 5: 100, (2,) * 6: 1000}  # milliseconds
NEAR, ZERO = 1e-6, 1e-9
THRESHOLD = ((4, 2, 29), (5, 3, 83))  # players, how many are needed, equilibria (derived)

Row = tuple[list[float], list[int], list[float], list[int], int, int]


def chances(found: gt.EquilibriumSet) -> np.ndarray:
    """The mixtures of each equilibrium, end to end."""
    return np.array([np.concatenate([x.astype(float) for x in e.mixtures]) for e in found])


def asserted(u: np.ndarray, found: gt.EquilibriumSet) -> None:
    """Fails unless the list is complete by its own word, odd, of index 1, and certified anew."""
    assert found.coverage is gt.Coverage.ALL, found.coverage
    assert len(found) % 2 == 1
    assert sum(index(u, at) for at in chances(found)) == 1
    for e, at in zip(found, chances(found)):
        assert gt.certify(e.profile).holds(ZERO)
        assert regret(scaled(u), at) < ZERO


def missed(here: np.ndarray, there: list[np.ndarray]) -> int:
    """How many of these equilibria are not among the profiles."""
    return sum(not any(np.abs(at - x).max() < NEAR for x in there) for at in here)


def asserted_of_peer(u: np.ndarray, here: np.ndarray, there: list[np.ndarray]) -> None:
    """Fails if an equilibrium that the peer led to is not in the list."""
    for at in there:
        if regret(scaled(u), at) < ZERO:
            assert np.abs(here - at).max(axis=1).min() < NEAR, at


def measured(games: list[tuple[np.ndarray, gt.Game]], peer: Enumpoly | None) -> Row:
    """Seconds and numbers of equilibria, ours and the peer's; its incomplete and ended calls."""
    ours, counts, theirs, profiles, incomplete, ended = [], [], [], [], 0, 0
    for u, game in games:
        start = time.perf_counter()
        found = gt.solve(game)
        ours.append(time.perf_counter() - start)
        asserted(u, found)
        here = chances(found)
        counts.append(len(found))
        answer = peer(u) if peer and ended < ENDED else None
        ended += answer is None and peer is not None and ended < ENDED
        if answer:
            theirs.append(answer[0])
            profiles.append(len(answer[1]))
            better = [polished(u, x) for x in answer[1]]
            incomplete += missed(here, [*answer[1], *better]) > 0
            asserted_of_peer(u, here, better)
    return ours, counts, theirs, profiles, incomplete, ended


def spread(seconds: list[float]) -> str:
    """Median and 90th percentile in milliseconds."""
    if not seconds:
        return f"{'-':>10}{'-':>10}"
    return "".join(f"{1e3 * np.quantile(seconds, q):>10.2f}" for q in (0.5, 0.9))


def line(name: str, row: Row) -> str:
    """One line of the table."""
    ours, counts, theirs, profiles, incomplete, ended = row
    text = (
        f"{name:<14}{len(ours):>6}{spread(ours)}{sum(counts) / len(counts):>7.1f}{spread(theirs)}"
    )
    ratio = f"{np.median(theirs) / np.median(ours):.1f}" if theirs else "-"
    mean = f"{sum(profiles) / len(profiles):.1f}" if profiles else "-"
    return text + f"{ratio:>8}{mean:>7}{len(theirs):>7}{incomplete:>12}{ended:>7}"


def random_games(shape: tuple[int, ...], count: int) -> list[tuple[np.ndarray, gt.Game]]:
    """Normal payoffs."""
    rng = np.random.default_rng([SEED, *shape])
    tables = [rng.standard_normal((*shape, len(shape))) for _ in range(count)]
    return [(u, gt.Game(u)) for u in tables]


def threshold(N: int, m: int) -> gt.Game:
    """A good worth 1 to each of ``N``, provided if ``m`` contribute 3/10 each."""
    cost = Fraction(3, 10)
    act = [int(k + 1 >= m) - cost for k in range(N)]
    return gt.CountGame(act, [Fraction(k >= m) for k in range(N)]).to_game()


def main() -> None:
    """Prints the tables."""
    peer = Enumpoly(LIMIT) if importlib.util.find_spec("pygambit") else None
    print(f"ms: median and 90th percentile; NE: equilibria a game; limit of a call {LIMIT:.0f} s")
    print(
        f"{'shape':<14}{'games':>6}{'solve':>10}{'90%':>10}{'NE':>7}{'enumpoly':>10}{'90%':>10}"
        f"{'ratio':>8}{'NE':>7}{'games':>7}{'incomplete':>12}{'ended':>7}"
    )
    for shape, count in GAMES.items():
        gt.solve(random_games(shape, 1)[0][1])  # loads what it needs
        row = measured(random_games(shape, count), peer)
        print(line("x".join(map(str, shape)), row), flush=True)
        target = TARGETS.get(shape)
        if target and 1e3 * np.quantile(row[0], 0.9) > target:
            print(f"{'':<14}above the target of {target} ms")
    for N, m, count in THRESHOLD:
        game = threshold(N, m)
        gt.solve(game)
        row = measured([(game.payoffs.astype(float), game)], peer)
        assert row[1] == [count]
        print(line(f"{m} of {N} needed", row), flush=True)
    if peer:
        peer.close()
    else:
        print("pygambit: not installed")


if __name__ == "__main__":
    main()

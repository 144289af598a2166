"""One equilibrium of large two-player games: milliseconds a game, beside the peers'.

Random games, uniform on [0, 1] and normal, built and compiled before the clock starts; each is
solved once, as none has been seen before. Every result is checked by plain matrix products: a
regret above 1e-12 of the range, or no equilibrium, is a failure, of ours and of the peers'. Ours is
certified within the time that is shown. QuantEcon's Lemke-Howson is run from label 0 and with its
own capping; from label 0 it takes minutes in some games of 200 actions and is left out from there.

Then games without small equilibria, and zero-sum games with a proof in rational numbers.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

import gametheory as gt

SEED = 20_262
GAMES = {10: 1000, 50: 300, 100: 100, 200: 50, 500: 20}
MANY = 1000
"""Games of each size that ours alone solves: none may fail."""
LABEL_0 = 100
"""Actions up to which QuantEcon's path from label 0 is followed."""

Payoffs = tuple[np.ndarray, np.ndarray]
Solver = Callable[[np.ndarray, np.ndarray], tuple[float, list[np.ndarray]]]


def random_games(kind: str, n: int, count: int) -> Iterator[Payoffs]:
    """The games of a row, each from a seed of its own."""
    for k in range(count):
        rng = np.random.default_rng([SEED, n, k])
        yield tuple(rng.random((2, n, n)) if kind == "uniform" else rng.standard_normal((2, n, n)))


def regret(A: np.ndarray, B: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    """The larger gain from deviating, as a share of the range."""
    row, column = A @ y, x @ B
    return max((row.max() - x @ row) / np.ptp(A), (column.max() - column @ y) / np.ptp(B))


def ours(A: np.ndarray, B: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """Seconds, and the mixtures."""
    game = gt.Game.from_payoffs(A, B)
    start = time.perf_counter()
    found = gt.solve(game, method="small_supports")
    seconds = time.perf_counter() - start
    return seconds, list(found[0].mixtures) if len(found) else []


def quantecon(capping: bool) -> Solver:
    """The like of QuantEcon's Lemke-Howson."""
    from quantecon.game_theory import NormalFormGame, Player, lemke_howson

    def solver(A: np.ndarray, B: np.ndarray) -> tuple[float, list[np.ndarray]]:
        game = NormalFormGame((Player(A), Player(B.T.copy())))
        start = time.perf_counter()
        found = lemke_howson(game, capping=len(A) if capping else None)
        return time.perf_counter() - start, list(found)

    return solver


def row(solver: Solver, games: list[Payoffs]) -> tuple[float, float, int]:
    """Median and mean milliseconds, and the number of failures."""
    solver(*games[0])  # compiles
    times, failures = [], 0
    for A, B in games:
        seconds, mixtures = solver(A, B)
        times.append(1e3 * seconds)
        failures += not mixtures or regret(A, B, *mixtures) > 1e-12
    return statistics.median(times), statistics.mean(times), failures


def large(peer: bool) -> None:
    """The table of random games."""
    print("One equilibrium of n x n random games: milliseconds, median / mean; failures")
    print("QuantEcon: the better of label 0 and capping, by the mean; ratios of medians, of means")
    for kind in ("uniform", "normal"):
        for n, count in GAMES.items():
            games = list(random_games(kind, n, count))
            median, mean, failures = row(ours, games)
            assert failures == 0, (kind, n)
            text = f"{kind:<8}{n:>4}{count:>6} games{median:>10.3f} /{mean:>9.3f}{failures:>3}"
            if peer:
                ways = [row(quantecon(capping=True), games)]
                if n <= LABEL_0:
                    ways.append(row(quantecon(capping=False), games))
                other = min(ways, key=lambda way: way[1])
                text += f"{other[0]:>12.3f} /{other[1]:>9.3f}{other[2]:>3}"
                text += f"{other[0] / median:>8.1f} x{other[1] / mean:>7.1f} x"
            print(text)


def many() -> None:
    """The largest times of a thousand games a size, none of which fails."""
    print(f"\n{MANY} uniform games a size, ours alone: milliseconds, median / mean / slowest")
    for n in (100, 200, 500):
        times = []
        for A, B in random_games("uniform", n, MANY):
            seconds, mixtures = ours(A, B)
            assert mixtures, n
            assert regret(A, B, *mixtures) <= 1e-12, n
            times.append(1e3 * seconds)
        middle, mean = statistics.median(times), statistics.mean(times)
        print(f"{n:>12}{MANY:>6} games{middle:>10.3f} /{mean:>9.3f} /{max(times):>9.1f}")


def hard_games() -> Iterator[tuple[str, gt.Game]]:
    """Games without a pure equilibrium or one by pairs."""
    n = 51
    ahead = (np.arange(n)[:, None] - np.arange(n)) % n
    A = np.where(ahead == 0, 0, np.where(ahead <= n // 2, 1, -1))
    yield f"Rock, Paper, Scissors of {n}", gt.Game.from_payoffs(A, A.T)
    rng = np.random.default_rng(SEED)
    for n in (50, 100, 200):
        A, noise = rng.random((2, n, n))
        yield f"almost zero-sum, {n}", gt.Game.from_payoffs(A, 0.05 * noise - A)
    A = rng.integers(0, 3, (100, 100))
    yield "zero-sum with payoffs 0, 1, 2 (100)", gt.Game.from_payoffs(A, -A)


def hard() -> None:
    """The table of games without small equilibria."""
    print("\nGames without small equilibria: milliseconds, actions played")
    for name, game in hard_games():
        start = time.perf_counter()
        (found,) = gt.solve(game, method="small_supports")
        seconds = time.perf_counter() - start
        assert found.certificate.holds(0 if game.exact else 1e-12)
        played = " x ".join(str(len(s)) for s in found.profile.support)
        print(f"{name:<40}{1e3 * seconds:>9.1f}{played:>10}")


def zero_sum(peer: bool) -> None:
    """The table of zero-sum games: ours proves value and strategies without rounding."""
    print(
        "\nZero-sum games: milliseconds; the proof is exact, also that there is no other solution"
    )
    print(f"{'':<18}{'proved':>9}" + (f"{'QuantEcon minmax':>19}{'its gap':>10}" if peer else ""))
    for n in (50, 100, 200, 500):
        A = np.random.default_rng([SEED, n]).integers(0, 10**6, (n, n))
        for name, payoffs in (("integers", A), ("floats", A / 10**6)):
            game = gt.Game.from_payoffs(payoffs, -payoffs)
            start = time.perf_counter()
            found = gt.solve(game, method="zero_sum", exact=True)
            seconds = time.perf_counter() - start
            assert found.coverage is gt.Coverage.ALL
            assert found[0].certificate.holds(1e-15)
            text = f"{n:>5} {name:<12}{1e3 * seconds:>9.0f}"
            if peer:
                from quantecon.optimize import minmax

                P = payoffs.astype(float)
                minmax(P[:2, :2])
                start = time.perf_counter()
                _, x, y = minmax(P)
                seconds = time.perf_counter() - start
                gap = ((P @ y).max() - (x @ P).min()) / np.ptp(P)
                text += f"{1e3 * seconds:>19.1f}{gap:>10.0e}"
            print(text)


def main() -> None:
    """Prints the tables."""
    peer = importlib.util.find_spec("quantecon") is not None
    gt.solve(gt.Game.from_payoffs(np.eye(20), 1 - np.eye(20)), method="zero_sum")  # loads
    large(peer)
    many()
    hard()
    zero_sum(peer)
    if not peer:
        print("quantecon: not installed")


if __name__ == "__main__":
    main()

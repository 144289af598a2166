"""All equilibria of random two-player games, certified, beside QuantEcon where it is installed.

Games are integers uniform on 0..10^6-1, ``default_rng([seed, n, n])``, as floats over 10^6 and as
integers. Each row asserts that the lists agree (or that the count is odd) before anything is timed;
times are the median of CPU times of a call, compiled code warm.

    python benchmarks/two_players.py [largest n]
"""

from __future__ import annotations

import functools
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import gametheory as gt

SEEDS = (0, 1, 2)


def median_time(work: Callable[[], Any], budget: float = 1.0) -> float:
    """Median CPU seconds of a call of ``work``, over about ``budget`` seconds of calls."""
    work()
    times = []
    while sum(times) < budget and len(times) < 50:
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main(largest: int = 18) -> None:
    gt.solve(gt.Game(np.random.default_rng(0).random((8, 8, 2))))  # loads the compiled walk
    peer = None
    if importlib.util.find_spec("quantecon"):
        import quantecon.game_theory as peer
    print(f"{'n':>3} {'seed':>4} {'equilibria':>10} {'float ms':>9} {'exact ms':>9}", end="")
    print(f" {'QuantEcon ms':>13} {'ratio':>6}" if peer else "  (QuantEcon is not installed)")
    for n in (4, 6, 8, 10, 12, 15, 18):
        for seed in SEEDS if n <= 12 else SEEDS[:1]:
            if n > largest:
                continue
            rng = np.random.default_rng([seed, n, n])
            A, B = rng.integers(0, 10**6, (2, n, n))
            game, whole = gt.Game.from_payoffs(A / 1e6, B / 1e6), gt.Game.from_payoffs(A, B)
            found = gt.solve(game)
            assert found.coverage is gt.Coverage.ALL
            assert len(found) % 2 == 1 == sum(e.index for e in found)
            assert [e.profile.support for e in found] == [
                e.profile.support for e in gt.solve(whole)
            ]
            ours = median_time(functools.partial(gt.solve, game))
            exact = median_time(functools.partial(gt.solve, whole))
            print(f"{n:3} {seed:4} {len(found):10} {1e3 * ours:9.3f} {1e3 * exact:9.2f}", end="")
            if peer:
                theirs = peer.NormalFormGame((peer.Player(A / 1e6), peer.Player(B.T / 1e6)))
                methods = [peer.vertex_enumeration]
                if n <= 6:
                    methods.append(lambda g: list(peer.support_enumeration(g)))
                assert len(methods[0](theirs)) == len(found)
                best = min(median_time(functools.partial(m, theirs)) for m in methods)
                print(f" {1e3 * best:13.3f} {best / ours:6.1f}", end="")
            print(flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

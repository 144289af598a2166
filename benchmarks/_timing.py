"""How long a call takes: of several in a row, the median or the fastest."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def times(run: Callable[[], object], most: int = 7, budget: float = 2.0) -> list[float]:
    """Seconds of each of up to ``most`` calls, of no more once they took ``budget`` together."""
    taken: list[float] = []
    while not taken or (len(taken) < most and sum(taken) < budget):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def seconds(run: Callable[[], object]) -> float:
    """The median."""
    return statistics.median(times(run))

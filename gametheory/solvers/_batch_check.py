"""Payoffs and regrets of many profiles, from the payoffs alone: shares nothing with the kernels.

Payoffs are summed above each player's smallest, so that a large constant costs no precision.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

TOLERANCE = 1e-9


@compiled
def check(
    tables: Array, shape: Array, game: Array, z: Array, payoffs: Array, regret: Array
) -> Array:
    """Whether each regret is within tolerance, shape ``(E,)``; fills ``payoffs`` and ``regret``.

    ``tables`` has shape ``(B, profiles, n)``; row ``e`` of ``z`` is a profile of game ``game[e]``:
    the mixtures of all players, one after the other.
    """
    n, profiles = len(shape), tables.shape[1]
    holds = np.ones(len(game), np.bool_)
    first = np.zeros(n, np.int64)
    for i in range(1, n):
        first[i] = first[i - 1] + shape[i - 1]
    gains = np.empty(z.shape[1])
    floor, top = np.empty(n), np.empty(n)
    a = np.empty(n, np.int64)
    for e in range(len(game)):
        table = tables[game[e]]
        for i in range(n):
            floor[i] = top[i] = table[0, i]
            for p in range(1, profiles):
                floor[i] = min(floor[i], table[p, i])
                top[i] = max(top[i], table[p, i])
        gains[:] = 0.0
        regret[e] = 0.0
        a[:] = first
        for p in range(profiles):
            for i in range(n):
                weight = 1.0
                for j in range(n):
                    if j != i:
                        weight *= z[e, a[j]]
                if weight != 0.0:
                    gains[a[i]] += weight * (table[p, i] - floor[i])
            for i in range(n - 1, -1, -1):
                a[i] += 1
                if a[i] < first[i] + shape[i]:
                    break
                a[i] = first[i]
        for i in range(n):
            own = range(first[i], first[i] + shape[i])
            best = 0.0
            for s in own:
                best = max(best, gains[s])
            short = mean = 0.0
            for s in own:
                short += z[e, s] * (best - gains[s])
                mean += z[e, s] * gains[s]
            payoffs[e, i] = mean + floor[i]
            regret[e] = max(regret[e], short)
            holds[e] &= short <= TOLERANCE * (top[i] - floor[i]) < np.inf
    return holds

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
    first = np.zeros(n + 1, np.int64)
    for i in range(n):
        first[i + 1] = first[i] + shape[i]
    at = np.empty((profiles, n), np.int64)  # where in z each player's action stands
    for p in range(profiles):
        rest = p
        for i in range(n - 1, -1, -1):
            at[p, i] = first[i] + rest % shape[i]
            rest //= shape[i]
    table = np.empty((n, profiles))  # of one game, above the smallest
    low, high, after = np.empty(n), np.empty(n), np.ones(n + 1)
    gains = np.empty(z.shape[1])
    known = -1
    for e in range(len(game)):
        if game[e] != known:
            known = game[e]
            for i in range(n):
                low[i] = high[i] = tables[known, 0, i]
                for p in range(profiles):
                    u = tables[known, p, i]
                    table[i, p] = u
                    low[i] = u if u < low[i] else low[i]
                    high[i] = u if u > high[i] else high[i]
                for p in range(profiles):
                    table[i, p] -= low[i]
        gains[:] = 0.0
        if n == 2:  # the case below, without its products of one factor
            m, p = first[1], 0
            for a in range(m):
                for b in range(m, first[2]):
                    gains[a] += z[e, b] * table[0, p]
                    gains[b] += z[e, a] * table[1, p]
                    p += 1
        else:
            for p in range(profiles):
                for i in range(n - 1, 0, -1):
                    after[i] = after[i + 1] * z[e, at[p, i]]
                before = 1.0
                for i in range(n):
                    gains[at[p, i]] += before * after[i + 1] * table[i, p]
                    before *= z[e, at[p, i]]
        regret[e] = 0.0
        for i in range(n):
            best = short = mean = 0.0
            for s in range(first[i], first[i + 1]):
                best = gains[s] if gains[s] > best else best
            for s in range(first[i], first[i + 1]):
                short += z[e, s] * (best - gains[s])
                mean += z[e, s] * gains[s]
            payoffs[e, i] = mean + low[i]
            regret[e] = short if short > regret[e] else regret[e]
            holds[e] &= short <= TOLERANCE * (high[i] - low[i]) < np.inf
    return holds

"""Payoffs and regrets of many profiles, from the payoffs alone: shares nothing with the kernels.

Payoffs are summed above each player's smallest, so that a large constant costs no precision.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled, inlined

TOLERANCE = 1e-9


@compiled
def check(
    tables: Array, shape: Array, game: Array, z: Array, payoffs: Array, regret: Array
) -> Array:
    """Whether each regret is within tolerance, shape ``(E,)``; fills ``payoffs`` and ``regret``.

    ``tables`` has shape ``(B, profiles, n)``; row ``e`` of ``z`` is a profile of game ``game[e]``:
    the mixtures of all players, one after the other.
    """
    holds = np.ones(len(game), np.bool_)
    if len(shape) > 2:
        several(tables, shape, game, z, payoffs, regret, holds)
    elif shape[0] == shape[1] == 2:
        pairs(tables, 2, 2, game, z, payoffs, regret, holds)
    elif shape[0] == shape[1] == 3:
        pairs(tables, 3, 3, game, z, payoffs, regret, holds)
    else:
        pairs(tables, shape[0], shape[1], game, z, payoffs, regret, holds)
    return holds


@inlined
def pairs(
    tables: Array,
    m: int,
    n: int,
    game: Array,
    z: Array,
    payoffs: Array,
    regret: Array,
    holds: Array,
) -> None:
    """:func:`check` for two players with ``m`` and ``n`` actions."""
    known = -1
    low0 = high0 = low1 = high1 = 0.0
    for e in range(len(game)):
        b = game[e]
        if b != known:
            known = b
            low0 = high0 = tables[b, 0, 0]
            low1 = high1 = tables[b, 0, 1]
            for p in range(1, m * n):
                u, v = tables[b, p, 0], tables[b, p, 1]
                low0, high0 = min(low0, u), max(high0, u)
                low1, high1 = min(low1, v), max(high1, v)
        best = mean = short = other = 0.0
        for a in range(m):
            gain = 0.0
            for c in range(n):
                gain += z[e, m + c] * (tables[b, a * n + c, 0] - low0)
            best = max(best, gain)
            mean += z[e, a] * gain
        payoffs[e, 0] = mean + low0
        for a in range(m):
            gain = 0.0
            for c in range(n):
                gain += z[e, m + c] * (tables[b, a * n + c, 0] - low0)
            short += z[e, a] * (best - gain)
        best = mean = 0.0
        for c in range(n):
            gain = 0.0
            for a in range(m):
                gain += z[e, a] * (tables[b, a * n + c, 1] - low1)
            best = max(best, gain)
            mean += z[e, m + c] * gain
        payoffs[e, 1] = mean + low1
        for c in range(n):
            gain = 0.0
            for a in range(m):
                gain += z[e, a] * (tables[b, a * n + c, 1] - low1)
            other += z[e, m + c] * (best - gain)
        regret[e] = max(short, other, 0.0)
        holds[e] = short <= TOLERANCE * (high0 - low0) < np.inf
        holds[e] &= other <= TOLERANCE * (high1 - low1) < np.inf


@compiled
def several(
    tables: Array,
    shape: Array,
    game: Array,
    z: Array,
    payoffs: Array,
    regret: Array,
    holds: Array,
) -> None:
    """:func:`check` for any number of players."""
    n, profiles = len(shape), tables.shape[1]
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

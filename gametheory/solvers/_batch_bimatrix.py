"""All equilibria of many small two-player games: equal supports, signs of minors.

A mixture of the actions ``S`` of the opponent that makes the ``k = |S|`` actions ``R`` of a player
pay the same is a null vector of the ``(k-1) x k`` matrix ``D`` of payoff differences (rows of ``R``
less its first, columns ``S``). Its entries are the minors of ``D`` with alternating signs (Cramer).
It is a mixture iff all have one sign; it is a vertex of the best-response polytope iff no action
outside ``R`` pays more. The game is nondegenerate iff every vertex has exactly ``k`` best replies,
and its equilibria are then the pairs ``(R, S)`` that are vertices for both players (von Stengel
2002, Handbook of Game Theory 3, section 2). Minors grow by a row at a time: each is computed once.

**Signs.** Payoffs are taken as they stand. A difference has the right sign and a relative error of
``u = 2^-53``; a sum of products of at most six factors and 720 terms, added a row at a time, is
within ``32 u`` times the sum of absolute products. A sign beyond that bound is certain. A minor
whose products are all zero is zero. Where the payoffs are integers so small that no operation
rounds, every sign is certain. A zero entry in a null vector needs no decision: if the rest is a
mixture that makes ``R`` best replies, then a smaller support meets the tie. A game is left
undecided if a sign that matters is uncertain, if a vertex ties, if a mixture may be off by more
than ``1e-12``, or if the order of two equilibria is not certain.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

ROUNDING = 32 * 2.0**-53
ACCURACY = 1e-12
TINY, HUGE = 1e-30, 1e30
"""Differences outside these might make a product of six under- or overflow."""


@compiled
def solve(
    m: int, n: int, tables: Array, start: int, stop: int, game: Array, z: Array, count: Array
) -> tuple[int, int]:
    """Solves games ``start .. stop-1`` of ``tables`` (B, m * n, 2) while rows are left.

    Fills ``game`` and ``z`` (a row an equilibrium, in descending order) and ``count`` (a game; -1
    if not decided). Returns the game to go on with and the number of rows filled.
    """
    A, B = np.empty((m, n)), np.empty((n, m))
    rows, columns = 1 << m, 1 << n
    MA, WA = np.ones((rows, columns)), np.ones((rows, columns))
    MB, WB = np.ones((columns, rows)), np.ones((columns, rows))
    VA, VB = np.empty((rows, columns), np.bool_), np.empty((columns, rows), np.bool_)
    sizes = np.zeros(max(rows, columns), np.int64)
    for S in range(1, len(sizes)):
        sizes[S] = sizes[S >> 1] + (S & 1)
    pairs = np.array(
        [(R, S) for R in range(1, rows) for S in range(1, columns) if sizes[R] == sizes[S]]
    )
    row = 0
    for b in range(start, stop):
        if row + len(pairs) > len(game):
            return b, row
        for i in range(m):
            for j in range(n):
                A[i, j], B[j, i] = tables[b, i * n + j, 0], tables[b, i * n + j, 1]
        spread = max(integer_range(A), integer_range(B))
        largest = 1.0  # no minor of size k - 1, times k, is larger
        for k in range(2, min(m, n) + 1):
            largest *= k * spread
        exact = largest * spread < 2.0**53
        apart = largest < 2.0**25  # unequal probabilities differ as floats
        unit = 0.0 if exact else ROUNDING
        count[b] = -1
        if not (vertices(A, sizes, unit, MA, WA, VA) and vertices(B, sizes, unit, MB, WB, VB)):
            continue
        before, sure = row, True
        for k in range(len(pairs)):
            R, S = pairs[k, 0], pairs[k, 1]
            if VA[R, S] & VB[S, R]:
                bound = unit if sizes[R] > 2 else 0.0
                game[row] = b
                sure &= mixture(MB, WB, S, R, bound, z[row, :m])
                sure &= mixture(MA, WA, R, S, bound, z[row, m:])
                sure &= insert(z, before, row, exact and apart)
                row += 1
        if sure:
            count[b] = row - before
        else:
            row = before
    return stop, row


@compiled
def integer_range(T: Array) -> float:
    """Largest less smallest payoff if all are integers, else inf."""
    low = high = T[0, 0]
    for value in T.flat:
        if np.floor(value) != value or abs(value) > 2.0**52:
            return np.inf
        low, high = min(low, value), max(high, value)
    return float(high - low)


@compiled
def vertices(T: Array, sizes: Array, unit: float, M: Array, W: Array, V: Array) -> bool:
    """Marks in ``V[R, S]`` the vertices with best replies ``R`` and support ``S``; if decided.

    ``T`` holds the payoffs, own actions first. ``M[R, C]`` becomes the minor of rows ``R`` and
    columns ``C``, one fewer, and ``W[R, C]`` its sum of absolute products.
    """
    own, other = T.shape
    for R in range(1, 1 << own):
        k = sizes[R]
        if k > min(own, other):
            continue
        first, last = 0, own - 1
        while not R >> first & 1:
            first += 1
        while not R >> last & 1:
            last -= 1
        if k == 1:
            M[R, 0] = W[R, 0] = 1.0
        else:
            parent = R ^ (1 << last)
            for C in range(1, 1 << other):
                if sizes[C] != k - 1:
                    continue
                value = weight = 0.0
                sign = 1.0
                for j in range(other - 1, -1, -1):
                    if C >> j & 1:
                        d = T[last, j] - T[first, j]
                        if d != 0 and unit > 0 and not TINY < abs(d) < HUGE:
                            return False
                        value += sign * d * M[parent, C ^ (1 << j)]
                        weight += abs(d) * W[parent, C ^ (1 << j)]
                        sign = -sign
                M[R, C], W[R, C] = value, weight
        bound = unit if k > 2 else 0.0  # a single difference has the right sign
        for S in range(1, 1 << other):
            V[R, S] = False
            if sizes[S] != k:
                continue
            plus = minus = zero = unsure = False
            sign = 1.0
            for j in range(other):
                if S >> j & 1:
                    c, w = sign * M[R, S ^ (1 << j)], W[R, S ^ (1 << j)]
                    sign = -sign
                    if c > bound * w:
                        plus = True
                    elif c < -bound * w:
                        minus = True
                    elif w == 0 or bound == 0:
                        zero = True
                    else:
                        unsure = True
                    if plus and minus:
                        break
            if plus and minus:
                continue
            if unsure:
                return False
            if zero:
                continue
            best, tie = True, False
            for r in range(own):
                if R >> r & 1:
                    continue
                value = weight = 0.0
                for j in range(other):
                    if S >> j & 1:
                        d = T[r, j] - T[first, j]
                        if d != 0 and unit > 0 and k > 1 and not TINY < abs(d) < HUGE:
                            return False
                        value += d * abs(M[R, S ^ (1 << j)])
                        weight += abs(d) * W[R, S ^ (1 << j)]
                slack = 0.0 if k == 1 else unit * weight
                if value > slack:
                    best = False
                    break
                if not value < -slack:
                    tie = True
            if best and tie:
                return False
            V[R, S] = best
    return True


@compiled
def mixture(M: Array, W: Array, R: int, S: int, bound: float, x: Array) -> bool:
    """Writes to ``x`` the mixture with support ``S`` that makes ``R`` pay alike; if accurate."""
    total = weight = 0.0
    for j in range(len(x)):
        x[j] = 0.0
        if S >> j & 1:
            x[j] = abs(M[R, S ^ (1 << j)])
            total += x[j]
            weight += W[R, S ^ (1 << j)]
    x /= total
    return 2 * bound * weight < ACCURACY * total


@compiled
def insert(z: Array, start: int, row: int, apart: bool) -> bool:
    """Moves row ``row`` of ``z`` up among the sorted rows from ``start``; if that is certain."""
    while row > start:
        order = 0
        for s in range(z.shape[1]):
            new, old = z[row, s], z[row - 1, s]
            if new == old and (new == 0 or apart):
                continue
            if new > 0 and old > 0 and abs(new - old) < 4 * ACCURACY:
                return False
            order = 1 if new > old else -1
            break
        if order <= 0:
            return order < 0
        for s in range(z.shape[1]):
            z[row, s], z[row - 1, s] = z[row - 1, s], z[row, s]
        row -= 1
    return True

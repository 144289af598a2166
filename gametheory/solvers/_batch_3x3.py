"""All equilibria of many 3 x 3 games: the method of ``_batch_bimatrix`` with few branches.

A pair of supports is one bit of a word. Pairs of one action each come first, bit ``3 r + j`` for
row ``r`` and column ``j``; then pairs of two, bit ``9 + 3 r + j`` for those without row ``r`` and
without column ``j``; then the pair of all, bit 18. The vertices of each player are one such word,
and the equilibria are the bits that both have. Signs are certain as in ``_batch_bimatrix``.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._batch_bimatrix import ACCURACY, ROUNDING, insert
from gametheory.solvers._compiled import compiled, inlined

LEAST = 1e-250
"""A sum of two products beyond this is not one that underflow has spoilt."""
MOST = 19
ALL = 18
"""The bit of the pair in which both play all three actions."""
PLACE = np.array([next((k for k in range(MOST) if 2**k % 37 == r), 0) for r in range(37)])
"""The place of a single bit, by the word's remainder: powers of two differ modulo 37."""


@compiled
def solve(
    tables: Array, start: int, stop: int, game: Array, z: Array, count: Array
) -> tuple[int, int]:
    """Solves games ``start .. stop-1`` of ``tables`` (B, 9, 2) while rows are left.

    Fills ``game`` and ``z`` (a row an equilibrium, in descending order) and ``count`` (a game; -1
    if not decided). Returns the game to go on with and the number of rows filled.
    """
    D, M = np.empty((2, 3, 3)), np.empty((2, 3, 2))
    row = 0
    for b in range(start, stop):
        if row + MOST > len(game):
            return b, row
        spread = integer_range(tables[b])
        largest = 6 * spread * spread  # no minor of two rows, times three, is larger
        exact = largest * spread < 2.0**53
        apart = largest < 2.0**25  # unequal probabilities differ as floats
        unit = 0.0 if exact else ROUNDING
        count[b] = -1
        word = vertices(tables[b, :, 0], 3, 1, unit, D[0], M[0])
        if word < 0:
            continue
        other = vertices(tables[b, :, 1], 1, 3, unit, D[1], M[1])
        if other < 0:
            continue
        word &= other
        before, sure = row, True
        while word:
            game[row] = b
            sure &= mixtures(PLACE[(word & -word) % 37], unit, D, M, z[row])
            word &= word - 1
            if row > before:
                sure &= insert(z, before, row, exact and apart)
            row += 1
        if sure:
            count[b] = row - before
        else:
            row = before
    return stop, row


@inlined
def integer_range(U: Array) -> float:
    """The wider range of payoffs of the two players if all are integers, else inf."""
    widest = 0.0
    for i in range(2):
        low = high = U[0, i]
        for p in range(9):
            value = U[p, i]
            if np.floor(value) != value or abs(value) > 2.0**52:
                return np.inf
            low, high = min(low, value), max(high, value)
        widest = max(widest, high - low)
    return widest


@inlined
def vertices(T: Array, own: int, other: int, unit: float, D: Array, M: Array) -> int:
    """The word of the vertices of a player whose action ``r`` pays ``T[own r + other j]`` on ``j``.

    Writes to ``D[r, j]`` the difference on ``j`` of the two actions other than ``r``, and to ``M``
    the minor without each ``j`` and its sum of absolute products. -1 if something is undecided.
    """
    word, sure = 0, True
    for j in range(3):
        a, b, c = T[other * j], T[own + other * j], T[2 * own + other * j]
        D[0, j], D[1, j], D[2, j] = c - b, c - a, b - a
        best0, best1, best2 = (a > b) & (a > c), (b > a) & (b > c), (c > a) & (c > b)
        word |= (best0 | best1 << own | best2 << (2 * own)) << (other * j)
        sure &= best0 | best1 | best2
    for r in range(3):
        for j in range(3):  # the column left out
            j0, j1 = (1 if j == 0 else 0), (1 if j == 2 else 2)
            d0, d1 = D[r, j0], D[r, j1]
            mixed = ((d0 < 0) & (d1 > 0)) | ((d0 > 0) & (d1 < 0))
            least = 1 if r == 0 else 0
            u = (T[own * r + other * j0] - T[own * least + other * j0]) * abs(d1)
            v = (T[own * r + other * j1] - T[own * least + other * j1]) * abs(d0)
            slack = unit * (abs(u) + abs(v)) + LEAST
            word |= (mixed & (u + v < -slack)) << (9 + own * r + other * j)
            sure &= (abs(u + v) > slack) | (not mixed)
    plus = minus = zero = unsure = False
    for j in range(3):
        j0, j1 = (1 if j == 0 else 0), (1 if j == 2 else 2)
        a, b, c, d = D[2, j0], D[2, j1], D[1, j0], D[1, j1]
        u, v = a * d, b * c
        slack = unit * (abs(u) + abs(v)) + LEAST
        minor = v - u if j == 1 else u - v
        nil = ((a == 0) | (d == 0)) & ((b == 0) | (c == 0))
        plus |= minor > slack
        minus |= minor < -slack
        zero |= nil
        unsure |= (not abs(minor) > slack) & (not nil)
        M[j, 0], M[j, 1] = minor, abs(u) + abs(v)
    word |= ((plus != minus) & (not zero) & (not unsure)) << ALL
    sure &= (plus & minus) | (not unsure) | (unit == 0)
    return word if sure else -1


@inlined
def mixtures(k: int, unit: float, D: Array, M: Array, z: Array) -> bool:
    """Writes the mixtures of the pair with bit ``k``, both players', to ``z``; if accurate.

    Each makes the other's support pay alike: ``D[0]``, ``M[0]`` make the columns' mixture.
    """
    z[:] = 0.0
    if k < 9:
        z[k // 3] = z[3 + k % 3] = 1.0
        return True
    if k < ALL:
        r, j = (k - 9) // 3, (k - 9) % 3
        r0, r1 = (1 if r == 0 else 0), (1 if r == 2 else 2)
        j0, j1 = (1 if j == 0 else 0), (1 if j == 2 else 2)
        x0, x1, y0, y1 = abs(D[1, j, r1]), abs(D[1, j, r0]), abs(D[0, r, j1]), abs(D[0, r, j0])
        z[r0], z[r1] = x0 / (x0 + x1), x1 / (x0 + x1)
        z[3 + j0], z[3 + j1] = y0 / (y0 + y1), y1 / (y0 + y1)
        return True
    accurate = True
    for i in range(2):
        N, first = M[1 - i], 3 * i
        total = abs(N[0, 0]) + abs(N[1, 0]) + abs(N[2, 0])
        weight = N[0, 1] + N[1, 1] + N[2, 1]
        for a in range(3):
            z[first + a] = abs(N[a, 0]) / total
        accurate &= 2 * unit * weight < ACCURACY * total
    return accurate

"""All equilibria of many 2 x 2 games: signs of four differences decide.

Player 0 prefers action 0 against action ``j`` iff ``d[j] = A[0,j] - A[1,j] > 0``, player 1 against
``i`` iff ``e[i] = B[i,0] - B[i,1] > 0``. The game is nondegenerate iff none is zero, since a
mixture of two actions has at most two best replies. Floats compare exactly: no rounding enters a
decision. A player mixes iff the opponent's two differences have opposite signs, so that he is
indifferent: player 1 then plays action 0 with probability ``|d[1]| / (|d[0]| + |d[1]|)``.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

MOST = 3


@compiled
def solve(
    tables: Array, start: int, stop: int, game: Array, z: Array, count: Array
) -> tuple[int, int]:
    """Solves games ``start .. stop-1`` of ``tables`` (B, 4, 2) while rows are left.

    Fills ``game`` and ``z`` (a row an equilibrium) and ``count`` (a game; -1 if not decided).
    Returns the game to go on with and the number of rows filled.
    """
    row = 0
    for b in range(start, stop):
        if row + MOST > len(game):
            return b, row
        U = tables[b]
        d0, d1 = U[0, 0] - U[2, 0], U[1, 0] - U[3, 0]
        e0, e1 = U[0, 1] - U[1, 1], U[2, 1] - U[3, 1]
        wide = abs(d0) + abs(d1) + abs(e0) + abs(e1)
        if d0 == 0 or d1 == 0 or e0 == 0 or e1 == 0 or wide == np.inf:
            count[b] = -1
            continue
        before = row
        # In descending order: pure with action 0 of player 0, mixed, pure with action 1.
        j = 0 if e0 > 0 else 1
        if (d0 if j == 0 else d1) > 0:
            game[row] = b
            z[row, 0], z[row, 1], z[row, 2], z[row, 3] = 1.0, 0.0, 1.0 - j, j
            row += 1
        if (d0 > 0) != (d1 > 0) and (e0 > 0) != (e1 > 0):
            x, y = abs(e0) + abs(e1), abs(d0) + abs(d1)
            game[row] = b
            z[row, 0], z[row, 1] = abs(e1) / x, abs(e0) / x
            z[row, 2], z[row, 3] = abs(d1) / y, abs(d0) / y
            row += 1
        j = 0 if e1 > 0 else 1
        if (d0 if j == 0 else d1) < 0:
            game[row] = b
            z[row, 0], z[row, 1], z[row, 2], z[row, 3] = 0.0, 1.0, 1.0 - j, j
            row += 1
        count[b] = row - before
    return stop, row

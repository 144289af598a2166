"""All equilibria of many games of three players with two actions each: signs, and one quadratic.

``d_i`` is what player ``i`` gains by action 1 over action 0, a number for each pair of actions of
the others. A game is *regular* here if no sign below is zero; its equilibria are then isolated, and
each is of one of three kinds. (One player cannot mix alone: a ``d_i`` would be zero.)

* Pure: each player's ``d_i`` at the others' actions has the sign of his action.
* Two mix, the third plays ``s``: given ``s``, each mixer's two differences have opposite signs and
  fix the other's probabilities, in proportion to ``(|d(1)|, |d(0)|)``; the third prefers ``s``.
* All mix: with odds ``t`` that player 2 plays 1, player 0 is indifferent iff the probabilities of
  player 1 are as ``(-F_1, F_0)``, ``F_b = d_0[b,0] + d_0[b,1] t``, and player 1 iff those of player
  0 are as ``(-G_1, G_0)``, ``G_a = d_1[a,0] + d_1[a,1] t``. Player 2 is then indifferent iff

      H(t) = d_2[0,0] G_1 F_1 - d_2[0,1] G_1 F_0 - d_2[1,0] G_0 F_1 + d_2[1,1] G_0 F_0 = 0:

  a quadratic, whose positive roots with ``F_0 F_1 < 0`` and ``G_0 G_1 < 0`` are the equilibria.

**Signs.** Differences have the right sign. A sum of products is within ``32 u``, ``u = 2^-53``,
times the sum of absolute products; a sign beyond that is certain. The number of positive roots
follows from certain signs of coefficients and discriminant; a root counts as found where ``H`` has
certain and opposite signs at ``t (1 -+ 1e-11)``, and ``F`` and ``G`` have certain signs between.
(An interval of ``1e-7`` will do to show that a root is no equilibrium.) Otherwise the game is left
undecided. It is, too, if the number of equilibria found is even, since that of a regular game is
odd.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

MOST = 4 + 6 + 2
"""Rows that a game can fill: pure, two mix, all mix."""

ROUNDING = 32 * 2.0**-53
NARROW, WIDE = 1e-11, 1e-7
"""Relative half-widths of the interval about a root: of an equilibrium; of what is none."""

TINY, HUGE = 1e-30, 1e30
"""Differences outside these might make a product under- or overflow."""


@compiled
def solve(
    tables: Array, start: int, stop: int, game: Array, z: Array, count: Array
) -> tuple[int, int]:
    """Solves games ``start .. stop-1`` of ``tables`` (B, 8, 3) while rows are left.

    Fills ``game`` and ``z`` (a row an equilibrium, in descending order) and ``count`` (a game; -1
    if not decided). Returns the game to go on with and the number of rows filled.
    """
    d = np.empty((3, 2, 2))
    row = 0
    for b in range(start, stop):
        if row + MOST > len(game):
            return b, row
        count[b] = -1
        regular = True
        U = tables[b]
        for x in range(2):
            for y in range(2):
                d[0, x, y] = U[4 + 2 * x + y, 0] - U[2 * x + y, 0]
                d[1, x, y] = U[4 * x + 2 + y, 1] - U[4 * x + y, 1]
                d[2, x, y] = U[4 * x + 2 * y + 1, 2] - U[4 * x + 2 * y, 2]
                for i in range(3):
                    regular &= TINY < abs(d[i, x, y]) < HUGE
        if not regular:
            continue
        used = pure(d, z[row:])
        for third in range(3):
            for s in range(2):
                found = two_mix(d, third, s, z[row + used])
                regular &= found >= 0
                used += max(found, 0)
        if d[2].min() < 0 < d[2].max():
            found = all_mix(d, z[row + used :])
            regular &= found >= 0
            used += max(found, 0)
        if regular and used % 2 == 1:
            sort(z[row : row + used])
            game[row : row + used] = b
            count[b] = used
            row += used
    return stop, row


@compiled
def pure(d: Array, z: Array) -> int:
    """Writes the pure equilibria to ``z``; their number."""
    used = 0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                if (
                    (d[0, b, c] > 0) == (a == 1)
                    and (d[1, a, c] > 0) == (b == 1)
                    and (d[2, a, b] > 0) == (c == 1)
                ):
                    z[used, :] = 0.0
                    z[used, a] = z[used, 2 + b] = z[used, 4 + c] = 1.0
                    used += 1
    return used


@compiled
def two_mix(d: Array, third: int, s: int, z: Array) -> int:
    """Writes the equilibrium in which ``third`` plays ``s`` and the others mix; 1, 0 or -1."""
    # Differences of the two mixers, each against the other's two actions.
    if third == 0:
        i, j = 1, 2
        f0, f1, g0, g1 = d[1, s, 0], d[1, s, 1], d[2, s, 0], d[2, s, 1]
    elif third == 1:
        i, j = 0, 2
        f0, f1, g0, g1 = d[0, s, 0], d[0, s, 1], d[2, 0, s], d[2, 1, s]
    else:
        i, j = 0, 1
        f0, f1, g0, g1 = d[0, 0, s], d[0, 1, s], d[1, 0, s], d[1, 1, s]
    if (f0 > 0) == (f1 > 0) or (g0 > 0) == (g1 > 0):
        return 0
    f0, f1, g0, g1 = abs(f0), abs(f1), abs(g0), abs(g1)
    D = d[third]
    value = D[0, 0] * g1 * f1 + D[0, 1] * g1 * f0 + D[1, 0] * g0 * f1 + D[1, 1] * g0 * f0
    weight = (
        abs(D[0, 0]) * g1 * f1
        + abs(D[0, 1]) * g1 * f0
        + abs(D[1, 0]) * g0 * f1
        + abs(D[1, 1]) * g0 * f0
    )
    if not abs(value) > ROUNDING * weight:
        return -1
    if (value > 0) != (s == 1):
        return 0
    z[:] = 0.0
    z[2 * third + s] = 1.0
    z[2 * i], z[2 * i + 1] = g1 / (g0 + g1), g0 / (g0 + g1)
    z[2 * j], z[2 * j + 1] = f1 / (f0 + f1), f0 / (f0 + f1)
    return 1


@compiled
def all_mix(d: Array, z: Array) -> int:
    """Writes the equilibria in which all mix to ``z``; their number, or -1 if not decided."""
    h, w = np.zeros(3), np.zeros(3)
    for a in range(2):
        for b in range(2):
            c = d[2, a, b] if a == b else -d[2, a, b]
            f0, f1, g0, g1 = d[0, 1 - b, 0], d[0, 1 - b, 1], d[1, 1 - a, 0], d[1, 1 - a, 1]
            h[0] += c * (f0 * g0)
            h[1] += c * (f0 * g1 + f1 * g0)
            h[2] += c * (f1 * g1)
            w[0] += abs(c * (f0 * g0))
            w[1] += abs(c) * (abs(f0 * g1) + abs(f1 * g0))
            w[2] += abs(c * (f1 * g1))
    e0, e1, e2 = ROUNDING * w[0], ROUNDING * w[1], ROUNDING * w[2]
    if not (abs(h[0]) > e0 and abs(h[2]) > e2):
        return -1
    square, product = h[1] * h[1], 4 * h[0] * h[2]
    discriminant = square - product
    two = (h[0] > 0) == (h[2] > 0)
    if two:
        if (h[1] > e1) if h[0] > 0 else (h[1] < -e1):
            return 0
        error = 2 * abs(h[1]) * e1 + e1 * e1 + 4 * (abs(h[0]) * e2 + abs(h[2]) * e0 + e0 * e2)
        error += ROUNDING * (square + abs(product))
        if discriminant < -error:
            return 0
        if not (discriminant > error and abs(h[1]) > e1):
            return -1
    root = np.sqrt(discriminant)
    far = -0.5 * (h[1] + (root if h[1] > 0 else -root))
    used, last = 0, 0.0
    t0, t1 = far / h[2], h[0] / far
    for t in (min(t0, t1), max(t0, t1)):
        if t < 0 and not two:
            continue
        width = NARROW
        if sign(h, w, t * (1 - width)) * sign(h, w, t * (1 + width)) != -1:
            width = WIDE
        low, high = t * (1 - width), t * (1 + width)
        if not (low > last and sign(h, w, low) * sign(h, w, high) == -1):
            return -1
        last = high
        F, G = opposite(d[0], low, high), opposite(d[1], low, high)
        if F == 0 or G == 0:
            continue
        if F < 0 or G < 0 or width == WIDE:
            return -1
        f0, f1 = abs(d[0, 0, 0] + d[0, 0, 1] * t), abs(d[0, 1, 0] + d[0, 1, 1] * t)
        g0, g1 = abs(d[1, 0, 0] + d[1, 0, 1] * t), abs(d[1, 1, 0] + d[1, 1, 1] * t)
        z[used, 0], z[used, 1] = g1 / (g0 + g1), g0 / (g0 + g1)
        z[used, 2], z[used, 3] = f1 / (f0 + f1), f0 / (f0 + f1)
        z[used, 4], z[used, 5] = 1 / (1 + t), t / (1 + t)
        used += 1
    return used


@compiled
def sign(h: Array, w: Array, t: float) -> int:
    """Sign of the quadratic at ``t``, 0 if not certain."""
    value = h[0] + t * (h[1] + t * h[2])
    bound = ROUNDING * (w[0] + t * (w[1] + t * w[2]))
    return 1 if value > bound else -1 if value < -bound else 0


@compiled
def opposite(d: Array, low: float, high: float) -> int:
    """Whether the lines ``d[b,0] + d[b,1] t`` have opposite signs for all ``t``; -1: unsure."""
    signs = np.zeros(2, np.int64)
    for b in range(2):
        for t in (low, high):
            value = d[b, 0] + d[b, 1] * t
            bound = ROUNDING * (abs(d[b, 0]) + abs(d[b, 1]) * t)
            signs[b] += 1 if value > bound else -1 if value < -bound else 0
    if abs(signs[0]) < 2 or abs(signs[1]) < 2:
        return -1
    return 1 if signs[0] != signs[1] else 0


@compiled
def sort(z: Array) -> None:
    """Sorts the rows in descending order."""
    for last in range(1, len(z)):
        for row in range(last, 0, -1):
            s = 0
            while s < z.shape[1] - 1 and z[row, s] == z[row - 1, s]:
                s += 1
            if z[row, s] <= z[row - 1, s]:
                break
            for k in range(z.shape[1]):
                z[row, k], z[row - 1, k] = z[row - 1, k], z[row, k]

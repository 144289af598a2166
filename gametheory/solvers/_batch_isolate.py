"""All equilibria of many games of three players or more: the search of ``isolate``, game by game.

A game is decided if every equilibrium is proved regular and no piece is left over (see
:mod:`gametheory.solvers.isolate`, whose kernels these are), and if the indices add up to +1, as
they must. All else is left undecided, at the first piece of which neither can be proved.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._batch_2x2x2 import sort
from gametheory.solvers._cells import search
from gametheory.solvers._compiled import compiled
from gametheory.solvers._supports import digits, strides, supports

MOST = 256
"""Equilibria of a game: with more it is left undecided."""

EFFORT = 1 << 26
"""Multiplications, about, after which a game is left undecided."""

NARROWEST = 2.0**-20
ROUNDING = 1e-14
UNFIT, FALSE, TRUE = -1, 0, 1


@compiled
def solve(
    shape: Array, tables: Array, start: int, stop: int, game: Array, z: Array, count: Array
) -> tuple[int, int]:
    """Solves games ``start .. stop-1`` of ``tables`` (B, profiles, n) while rows are left.

    Fills ``game`` and ``z`` (a row an equilibrium, in descending order) and ``count`` (a game; -1
    if not decided). Returns the game to go on with and the number of rows filled.
    """
    n, size = tables.shape[2], tables.shape[1]
    total, widest = 0, 0
    for m in shape:
        total += m
        widest = max(widest, m)
    dig, step = digits(shape), strides(shape)
    D = np.zeros((n, size))
    most = max(64, EFFORT // (n * size * total))
    room = np.zeros((min(most, sets(shape)), n), np.int64)
    roots, facts = np.zeros((MOST, n, widest)), np.zeros((MOST, 5))
    left, flat = np.zeros((1, n, widest, widest)), np.zeros((1, 2))
    row = 0
    for b in range(start, stop):
        if row + MOST > len(game):
            return b, row
        count[b] = -1
        ties = differences(tables[b], shape, dig, step, D)
        if ties == UNFIT:
            continue
        many, unseen = supports(D, shape, most, room)
        if unseen:
            continue
        cells = np.zeros((many, n, widest, widest))
        for s in range(many):
            for j in range(n):
                for v in range(widest):
                    cells[s, j, v, v] = 1.0
        found, kept, looked = search(
            D, shape, room[:many], cells, ties == TRUE, NARROWEST, most, 1, roots, facts, left, flat
        )
        if kept or looked >= most:
            continue
        used = regular(room, shape, roots, facts, found, z[row:])
        if used > 0:
            sort(z[row : row + used])
            game[row : row + used] = b
            count[b] = used
            row += used
    return stop, row


@compiled
def sets(shape: Array) -> int:
    """How many supports there are."""
    out = 1
    for m in shape:
        out *= (1 << m) - 1
    return out


@compiled
def differences(U: Array, shape: Array, dig: Array, step: Array, D: Array) -> int:
    """Fills ``D`` (n, profiles): payoffs less those of best replies, in units of the largest.

    ``TRUE`` if payoffs that are alike in ``D`` are alike in ``U``, ``FALSE`` if rounding made some
    so, ``UNFIT`` if a difference is beyond the range of floats.
    """
    ties = TRUE
    for i in range(len(shape)):
        unit = 0.0
        for p in range(len(U)):
            best = -np.inf
            for a in range(shape[i]):
                best = max(best, U[p + (a - dig[p, i]) * step[i], i])
            D[i, p] = U[p, i] - best
            unit = max(unit, -D[i, p])
        if not unit < np.inf:
            return UNFIT
        for p in range(len(U)):
            if unit > 0:
                D[i, p] /= unit
        for p in range(len(U)):
            for a in range(dig[p, i]):
                q = p + (a - dig[p, i]) * step[i]
                if (U[p, i] == U[q, i]) != (D[i, p] == D[i, q]):
                    ties = FALSE
    return ties


@compiled
def regular(room: Array, shape: Array, roots: Array, facts: Array, found: int, z: Array) -> int:
    """Writes the equilibria among the roots to ``z``; how many, or -1 if one is not regular."""
    used, indices = 0, 0
    for f in range(found):
        origin, off, chance, low = int(facts[f, 0]), facts[f, 1], facts[f, 2], facts[f, 3]
        K = -len(shape)
        for j in range(len(shape)):
            for a in range(shape[j]):
                K += room[origin, j] >> a & 1
        reach = 2 * K * off + ROUNDING
        if chance < -off or low < -reach:
            continue
        if chance <= off or low <= reach:
            return -1
        if met(roots, facts, f):
            continue
        at = 0
        for j in range(len(shape)):
            whole, k = 0.0, 0
            for a in range(shape[j]):
                z[used, at + a] = 0.0
                if room[origin, j] >> a & 1:
                    z[used, at + a] = max(roots[f, j, k], 0.0)
                    whole += z[used, at + a]
                    k += 1
            for a in range(shape[j]):
                z[used, at + a] /= whole
            at += shape[j]
        used += 1
        indices += int(facts[f, 4])
    return used if indices == 1 else -1


@compiled
def met(roots: Array, facts: Array, f: int) -> bool:
    """Whether root ``f`` is one of those before it, met again from a neighbouring piece."""
    for g in range(f):
        if facts[g, 0] == facts[f, 0]:
            apart = 0.0
            for j in range(roots.shape[1]):
                for v in range(roots.shape[2]):
                    apart = max(apart, abs(roots[f, j, v] - roots[g, j, v]))
            if apart <= max(1e-12, 2 * max(facts[f, 1], facts[g, 1])):
                return True
    return False

"""Supports of a game that may carry an equilibrium, and the system an equilibrium solves there.

A *support* is a set of actions a player, as a bitmask. On it, in coordinates of the actions it
holds, an equilibrium solves a system of *rows*, one for each action of a player but the first of
his support (the reference): what the action pays more than the reference is zero if the action is
in the support, and what it pays less is at least zero if it is not.

Kernels of :mod:`gametheory.solvers.isolate`. Payoffs are in units in which no player gains more
than 1 by changing his action alone.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

TOLERANCE = 1e-11  # of a row; rounding stays below


@compiled
def digits(shape: Array) -> Array:
    """The index of each flat position along each axis, shape ``(size, n)``."""
    n = len(shape)
    size = 1
    for j in range(n):
        size *= shape[j]
    out = np.zeros((size, n), np.int64)
    for flat in range(size):
        rest = flat
        for j in range(n - 1, -1, -1):
            out[flat, j] = rest % shape[j]
            rest //= shape[j]
    return out


@compiled
def strides(shape: Array) -> Array:
    """Steps between neighbours along each axis of an array in C order."""
    out = np.zeros(len(shape), np.int64)
    size = 1
    for j in range(len(shape) - 1, -1, -1):
        out[j] = size
        size *= shape[j]
    return out


@compiled
def worse(D: Array, may: Array, i: int, shape: Array, dig: Array, step: Array) -> int:
    """The actions that are surely worse than another of player ``i``, while others play ``may``."""
    m = shape[i]
    better = np.zeros((m, m))
    better[:] = -2.0
    for flat in range(len(dig)):
        if dig[flat, i]:
            continue
        reached = True
        for j in range(len(shape)):
            if j != i and not may[j] >> dig[flat, j] & 1:
                reached = False
                break
        if not reached:
            continue
        for a in range(m):
            for b in range(m):
                gain = D[i, flat + a * step[i]] - D[i, flat + b * step[i]]
                if gain > better[a, b]:
                    better[a, b] = gain
    found = 0
    for a in range(m):
        for b in range(m):
            if better[a, b] < -TOLERANCE:
                found |= 1 << a
    return found


@compiled
def supports(D: Array, shape: Array, most: int, out: Array) -> tuple[int, int]:
    """Writes the supports on which no action is surely worse than another; how many, and effort.

    ``D[i, flat]`` is player ``i``'s payoff. Splits on whether an action has chance zero or is a
    best reply, and drops actions that are conditionally dominated (Porter, Nudelman & Shoham 2008,
    Games and Economic Behavior 63). Stops after ``most`` splits or when ``out`` is full.
    """
    n = len(shape)
    dig, step = digits(shape), strides(shape)
    total = 0
    for m in shape:
        total += m
    stack = np.zeros((total + 2, 2, n), np.int64)
    for j in range(n):
        stack[0, 0, j] = (1 << shape[j]) - 1
    height = 1
    count = visited = 0
    while height and visited < most and count < len(out):
        height -= 1
        visited += 1
        may, must = stack[height, 0], stack[height, 1]
        alive = changed = True
        while changed and alive:
            changed = False
            for i in range(n):
                bad = may[i] & worse(D, may, i, shape, dig, step)
                if bad & must[i] or bad == may[i]:
                    alive = False
                    break
                if bad:
                    may[i] &= ~bad
                    changed = True
                if may[i] & (may[i] - 1) == 0:
                    must[i] = may[i]
        if not alive:
            continue
        undecided = -1
        for i in range(n - 1, -1, -1):
            if may[i] != must[i]:
                undecided = i
        if undecided < 0:
            for j in range(n):
                out[count, j] = may[j]
            count += 1
            continue
        rest = may[undecided] & ~must[undecided]
        bit = rest & -rest
        above = stack[height + 1]
        for j in range(n):
            above[0, j] = may[j]
            above[1, j] = must[j]
        must[undecided] |= bit
        above[0, undecided] &= ~bit
        height += 2
    return count, height


@compiled
def system(D: Array, shape: Array, support: Array) -> tuple[Array, Array, bool, Array]:
    """Rows over the combinations of actions in ``support``; which are equations; sizes.

    The third is whether an equation is zero throughout.
    """
    n = len(shape)
    M, R = 0, -n
    for m in shape:
        M, R = max(M, m), R + m
    k = np.zeros(n, np.int64)
    action = np.zeros((n, M), np.int64)
    N = 1
    for j in range(n):
        for a in range(shape[j]):
            if support[j] >> a & 1:
                action[j, k[j]] = a
                k[j] += 1
        N *= k[j]
    equation = np.zeros(R, np.bool_)
    dig, step = digits(k), strides(shape)
    rows = np.zeros((R, N))
    r, idle = 0, False
    for i in range(n):
        for kind in range(2):
            for b in range(shape[i]):
                inside = support[i] >> b & 1
                if b == action[i, 0] or inside == kind:
                    continue
                equation[r] = inside
                zero = True
                for flat in range(N):
                    at = 0
                    for j in range(n):
                        if j != i:
                            at += action[j, dig[flat, j]] * step[j]
                    u = D[i, at + b * step[i]] - D[i, at + action[i, 0] * step[i]]
                    rows[r, flat] = u if inside else -u
                    zero = zero and u == 0
                idle = idle or (zero and inside == 1)
                r += 1
    return rows, equation, idle, k

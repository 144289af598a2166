"""Kernels of :mod:`gametheory.cutoff_batch`: bounds of the marginal type's gain on many cells.

The bounds and their rounding are those of :mod:`gametheory.solvers._cutoff_line`, for gains
``v_k - s_k t``.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

OUT, OPEN, DECIDED = 0, 1, 2
UNIT = 2.0**-53


@compiled
def law(y: float, ways: Array, W: Array) -> None:  # pragma: no cover
    """Binomial chances at the logit ``y``, into ``W``."""
    N = len(ways) - 1
    if y == -np.inf or y == np.inf:
        W[:] = 0.0
        W[0 if y < 0 else N] = 1.0
        return
    p = -np.log1p(np.exp(-y)) if y > 0 else y - np.log1p(np.exp(y))
    rest = p - y
    for k in range(N + 1):
        W[k] = np.exp(ways[k] + k * p + (N - k) * rest)


@compiled
def test(
    v: Array,
    s: Array,
    ways: Array,
    rounding: float,
    game: Array,
    low: Array,
    high: Array,
    t_low: Array,
    t_high: Array,
    verdict: Array,
) -> None:  # pragma: no cover
    """Whether each cell may hold a zero: OUT, OPEN, or DECIDED where bounds are all rounding."""
    n = v.shape[1]
    A, B = np.empty(n), np.empty(n)
    for c in range(len(game)):
        g, ta, tb = game[c], t_low[c], t_high[c]
        law(low[c], ways, A)
        law(high[c], ways, B)
        early = low[c] <= 0
        most = v[g, 0] - s[g, 0] * ta if early else v[g, n - 1] - s[g, n - 1] * ta
        least = v[g, 0] - s[g, 0] * tb if early else v[g, n - 1] - s[g, n - 1] * tb
        size_a = size_b = size = steep = 0.0
        for k in range(n):
            size_a += A[k] * (abs(v[g, k]) + abs(s[g, k] * ta))
            size_b += B[k] * (abs(v[g, k]) + abs(s[g, k] * tb))
            steep = max(steep, s[g, k])
        in_a = in_b = 0.0
        for step in range(n - 1):
            k = n - 1 - step if early else step + 1
            if early:
                in_a += A[k]
                in_b += B[k]
                tail_a, tail_b = in_a, in_b
            else:
                in_a += A[k - 1]
                in_b += B[k - 1]
                tail_a, tail_b = -in_a, -in_b
            dv, ds = v[g, k] - v[g, k - 1], s[g, k] - s[g, k - 1]
            d = dv - ds * ta
            x = d * (tail_b if d > 0 else tail_a)
            most += x
            size += abs(x)
            d = dv - ds * tb
            x = d * (tail_a if d > 0 else tail_b)
            least += x
            size += abs(x)
        slack = rounding * (size + max(size_a, size_b)) + 4 * UNIT * steep * max(abs(ta), abs(tb))
        if most < -slack or least > slack:
            verdict[c] = OUT
        elif most - least <= 4 * slack:
            verdict[c] = DECIDED
        else:
            verdict[c] = OPEN


@compiled
def values(
    v: Array,
    s: Array,
    ways: Array,
    rounding: float,
    game: Array,
    y: Array,
    t: Array,
    g: Array,
    off: Array,
) -> None:  # pragma: no cover
    """The gain of the marginal type, and how far off it may be."""
    n = v.shape[1]
    W = np.empty(n)
    for c in range(len(game)):
        b = game[c]
        law(y[c], ways, W)
        total = size = steep = 0.0
        for k in range(n):
            total += W[k] * (v[b, k] - s[b, k] * t[c])
            size += W[k] * (abs(v[b, k]) + abs(s[b, k] * t[c]))
            steep = max(steep, s[b, k])
        g[c] = total
        off[c] = rounding * size + 4 * UNIT * steep * abs(t[c])

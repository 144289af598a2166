"""The floats nearest to the mixture that makes some actions of the opponent pay the same.

With ``U`` the payoffs of the opponent's actions (rows) against those mixed (columns), shifted and
rescaled to ``M = (U - low + span) / span``, the mixture is ``w / sum(w)`` where ``Mw = 1``. A float
solution ``w`` and inverse ``X`` are improved once by a residual in double words (sums and products
with their rounding errors: Dekel 1971, Numer. Math. 18):

    w* = w + d + e,  d = X (1 - Mw),   |e| <= |X| (rho |1 - Mw| + rounding) / (1 - rho),

where ``rho`` bounds ``|1 - XM|`` (largest row sums). ``w + d`` is known to some thirty digits, so
that its rounding is certain unless the mixture is within ``e`` of half way between two floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory.solvers._compiled import compiled

UNIT = 2.0**-53
GIVEN = 2.0**-50
"""Bound on the rounding of payoffs that are shifted and rescaled to [1, 2] in floats."""
WORDS = 2.0**-100
"""Bound on the relative rounding of an operation in double words."""
SURE = 1e-7
"""An inverse that is off by more is not used."""
WIDEST, NARROWEST = 1e200, 1e-200
"""Payoffs beyond these would let products over- or underflow."""


@compiled
def _span(U: Any) -> Any:
    """The smallest entry, and the largest less that; 1 if they are equal."""
    low = high = U[0, 0]
    for i in range(U.shape[0]):
        for j in range(U.shape[1]):
            low, high = min(low, U[i, j]), max(high, U[i, j])
    return low, high - low if high > low else 1.0


@compiled
def _sum(a: Any, b: Any) -> Any:
    """``a + b`` and its rounding error."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@compiled
def _product(a: Any, b: Any) -> Any:
    """``a * b`` and its rounding error."""
    p = a * b
    t = 134217729.0 * a
    high = t - (t - a)
    low = a - high
    t = 134217729.0 * b
    above = t - (t - b)
    below = b - above
    return p, ((high * above - p) + high * below + low * above) + low * below


@compiled
def _invert(X: Any, order: Any, k: Any) -> Any:
    """Inverts the leading ``k x k`` block of ``X`` in place; its determinant's sign, 0 if none."""
    sign = 1
    for c in range(k):
        best, largest = c, abs(X[c, c])
        for i in range(c + 1, k):
            if abs(X[i, c]) > largest:
                best, largest = i, abs(X[i, c])
        if largest == 0.0:
            return 0
        order[c] = best
        if best != c:
            sign = -sign
            for j in range(k):
                X[best, j], X[c, j] = X[c, j], X[best, j]
        if X[c, c] < 0:
            sign = -sign
        factor = 1 / X[c, c]
        X[c, c] = 1.0
        for j in range(k):
            X[c, j] *= factor
        for i in range(k):
            if i != c:
                f = X[i, c]
                X[i, c] = 0.0
                for j in range(k):
                    X[i, j] -= f * X[c, j]
    for c in range(k - 1, -1, -1):
        if order[c] != c:
            for i in range(k):
                X[i, order[c]], X[i, c] = X[i, c], X[i, order[c]]
    return sign


@compiled
def _nearest(U: Any, mask: Any, p: Any) -> Any:
    """Sets ``p`` to the mixture with these labels; the sign of its determinant, 0 if not certain.

    Labels are those of :mod:`gametheory.solvers._tableau`: of the columns of ``U`` the actions not
    mixed, then of the rows those that pay most.
    """
    size, d = U.shape
    one = np.uint64(1)
    J = np.array([j for j in range(d) if not mask >> np.uint64(j) & one])
    I = np.array([i for i in range(size) if mask >> np.uint64(d + i) & one])  # noqa: E741
    k = len(J)
    for j in range(d):
        p[j] = 0.0
    if k == 1:
        p[J[0]] = 1.0
        return 1
    low, span = _span(U)
    if not (NARROWEST < span < WIDEST and -WIDEST < low < WIDEST):
        return 0
    M, X = np.empty((k, k)), np.empty((k, k))
    for a in range(k):
        for b in range(k):
            M[a, b] = X[a, b] = (U[I[a], J[b]] - low) / span + 1
    sign = _invert(X, np.empty(k, np.int64), k)
    w, rest = np.zeros(k), np.empty(k)
    norm = off = 0.0
    for a in range(k):
        width = error = 0.0
        for b in range(k):
            w[a] += X[a, b]
            width += abs(X[a, b])
            value = 1.0 if a == b else 0.0
            for c in range(k):
                value -= X[a, c] * M[c, b]
            error += abs(value)
        norm, off = max(norm, width), max(off, error)
    off = 1.01 * off + k * norm * (4 * (k + 2) * UNIT + GIVEN)
    if not (sign != 0 and off < SURE):
        return 0
    miss = 0.0
    for a in range(k):
        high, below = span, 0.0
        for b in range(k):
            # The entry of span M, in double words, times the weight.
            u, v = _sum(U[I[a], J[b]], -low)
            u, t = _sum(u, span)
            v += t
            f, e = _product(u, w[b])
            high, t = _sum(high, -f)
            below += t - e - v * w[b]
        rest[a] = (high + below) / span
        miss = max(miss, abs(rest[a]))
    error = 1.01 * norm * ((off + (k + 2) * UNIT) * miss + (k + 4) * k * WORDS)
    total, below = 0.0, 0.0
    for a in range(k):
        step = 0.0
        for b in range(k):
            step += X[a, b] * rest[b]
        w[a], p[J[a]] = _sum(w[a], step)
        total, t = _sum(total, w[a])
        below += t + p[J[a]]
    total, below = _sum(total, below)
    for a in range(k):
        if not w[a] > 2 * error:
            return 0
        q = w[a] / total
        f, e = _product(q, total)
        q, rounding = _sum(q, ((w[a] - f) - e + p[J[a]] - q * below) / total)
        doubt = 2.02 * q * (error / w[a] + k * error / total + 8 * WORDS)
        if q + (rounding + doubt) != q or q + (rounding - doubt) != q:
            return 0
        p[J[a]] = q
    return sign

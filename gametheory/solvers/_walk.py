"""Every equilibrium of a nondegenerate two-player game, in floats, with a proof that it is all.

The best-response polytopes (see :mod:`gametheory.solvers._tableau`) have the form ``{z >= 0,
Cz <= 1}``. A walk over the edges from ``z = 0`` meets every vertex of a simple bounded polytope. A
vertex is a set of ``d`` binding constraints; with ``J`` its nonzero coordinates and ``I`` its
binding rows it solves the square system ``M z_J = 1``, ``M = C[I, J]``. Each vertex is computed
afresh from its set, so that its error bound is its own: with ``X`` the computed inverse and ``R =
1 - MX``,

    |M^-1 - X| <= |X| |R| / (1 - |R|)      (largest row sums),

where ``|R|`` includes the rounding of its own evaluation and that of ``C``. Every sign and every
comparison of the ratio test must hold by more than its bound. Where one does not, two constraints
tie, or nearly so: the walk stops and says so, and the caller turns to exact arithmetic. A walk that
ends has proved that the polytope is simple and that it has seen all vertices.

Cost: of order ``k^3 + d k (k + r)`` a vertex with ``k`` nonzero coordinates and ``r`` slack rows:
a microsecond or two for ten to twelve actions. The number of vertices doubles with each action.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled
from gametheory.solvers._tableau import to_unit

WIDTH = 62
"""Most constraints that a walk can take: a vertex is a bit mask in one word."""
UNIT = 2.0**-53
GIVEN = 2.0**-50
"""Bound on the rounding of the entries of C, which lie in [1, 2]: see ``to_unit``."""
FAR = 1e6
"""A quantity this many times its error bound is known to a millionth: plain ratios then suffice."""
SHORT = 26
"""Constraints up to which a walk takes less than a tenth of a second or so."""
DONE, TIED, LONG = 0, 1, 2


def isolated(A: Array, B: Array, most: int = 50_000_000) -> list[tuple[Array, Array, int]] | None:
    """Every equilibrium of the game ``(A, B)`` and its index, or None if floats cannot tell.

    What is returned is proved: the game is nondegenerate, and these are all, up to the rounding of
    the mixtures. None also for more actions than a mask holds, and beyond ``most`` vertices.
    """
    m, n = A.shape
    if m + n > WIDTH:
        return None
    P, Q = (np.ascontiguousarray(C) for C in (to_unit(B).T, to_unit(A)))
    xs, status = _interruptible_walk(P, most)
    if status != DONE:
        return None
    ys, status = _interruptible_walk(Q, most)
    if status != DONE:
        return None
    # Together x and y have each label once; 0 goes with 0.
    mirrored = _swapped(~ys, n, m)
    met = np.intersect1d(xs, mirrored, assume_unique=True)
    met = met[met != np.uint64((1 << m) - 1)]
    found = []
    for mask, other in zip(met, _swapped(~met, m, n)):
        x, up = _mixture(P, mask)
        y, down = _mixture(Q, other)
        odd = np.count_nonzero(x) % 2
        found.append((x, y, up * down if odd else -up * down))
    return found


def _interruptible_walk(C: Array, most: int) -> tuple[Array, int]:
    """The walk; one that may be long runs beside this thread, so that Ctrl-C can stop it."""
    stop = np.zeros(1, np.bool_)
    if sum(C.shape) < SHORT:
        return cast(tuple[Array, int], _walk(C, most, stop))
    with ThreadPoolExecutor(1) as pool:
        walk = pool.submit(_walk, C, most, stop)
        try:
            return cast(tuple[Array, int], walk.result())
        finally:
            stop[0] = True


def _swapped(masks: Array, first: int, second: int) -> Array:
    """Masks with their ``first`` low bits put above the ``second`` bits that follow."""
    low = masks & np.uint64((1 << first) - 1)
    high = masks >> np.uint64(first) & np.uint64((1 << second) - 1)
    return np.asarray(high | low << np.uint64(second))


@compiled
def _place(table: Any, key: Any) -> Any:
    """Where ``key`` is, or would go, in the open hash table ``table``. Zero marks a free place."""
    size = len(table)
    mixed = key * np.uint64(0x9E3779B97F4A7C15)
    place = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(size - 1))
    while table[place, 0] != 0 and table[place, 0] != key:
        place = (place + 1) & (size - 1)
    return place


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
def _mixture(C: Any, mask: Any) -> Any:
    """The vertex with these labels, scaled to sum to one, and the sign of its determinant.

    The walk has bounded how far the matrix is from singular, so that the sign is certain.
    """
    rows, d = C.shape
    one = np.uint64(1)
    J = np.array([j for j in range(d) if not mask >> np.uint64(j) & one])
    I = np.array([i for i in range(rows) if mask >> np.uint64(d + i) & one])  # noqa: E741
    k = len(J)
    X = np.empty((k, k))
    for a in range(k):
        for b in range(k):
            X[a, b] = C[I[a], J[b]]
    sign = _invert(X, np.empty(k, np.int64), k)
    z, total = np.zeros(d), 0.0
    for a in range(k):
        for b in range(k):
            z[J[a]] += X[a, b]
        total += z[J[a]]
    return z / total, sign


@compiled
def _first(num: Any, den: Any, count: Any, num_off: Any, den_off: Any, split: Any) -> Any:
    """The index of the least ratio ``num / den`` over positive ``den``, or -1 if it is not proved.

    ``num_off`` and ``den_off`` bound the errors: the first before ``split``, the second from it.
    """
    least, runner, met, plain = np.inf, np.inf, -1, True
    for a in range(count):
        side = 0 if a < split else 1
        if den[a] > FAR * den_off[side] and num[a] > FAR * num_off[side]:
            ratio = num[a] / den[a]
            if ratio < least:
                least, runner, met = ratio, least, a
            elif ratio < runner:
                runner = ratio
        elif den[a] + den_off[side] > 0:
            plain = False
    if plain and runner > least * (1 + 8 / FAR):
        return met
    least, runner, met = np.inf, np.inf, -1  # least upper bound; least lower bound of the others
    low_of_met = np.inf
    for a in range(count):
        side = 0 if a < split else 1
        if den[a] + den_off[side] <= 0:
            continue
        low = (num[a] - num_off[side]) / (den[a] + den_off[side]) * (1 - 4 * UNIT)
        high = np.inf
        if den[a] > den_off[side]:
            high = (num[a] + num_off[side]) / (den[a] - den_off[side]) * (1 + 4 * UNIT)
        if high < least:
            runner = min(runner, low_of_met)
            least, low_of_met, met = high, low, a
        else:
            runner = min(runner, low)
    return met if runner > least else -1


@compiled
def _walk(C: Any, most: Any, stop: Any) -> Any:
    rows, d = C.shape
    one = np.uint64(1)
    start = (one << np.uint64(d)) - one
    table = np.zeros((1024, 2), np.uint64)
    found, todo = np.empty(512, np.uint64), np.empty(512, np.uint64)
    count, known, waiting = 0, 1, 1
    todo[0] = start
    table[_place(table, start), 0] = start
    size = min(rows, d)
    X, N = np.empty((size, size)), np.empty((size, rows))
    I, J = np.empty(rows, np.int64), np.empty(d, np.int64)  # noqa: E741
    others, zeros = np.empty(rows, np.int64), np.empty(d, np.int64)
    order = np.empty(size, np.int64)
    XT = np.empty((size, size))
    D, line = np.empty(size), np.empty(size)
    num, den = np.empty(size + rows), np.empty(size + rows)
    num_off, den_off = np.empty(2), np.empty(2)
    while waiting:
        waiting -= 1
        mask = todo[waiting]
        if count == most or stop[0]:
            return found[:count], LONG
        if count == len(found):
            grown = np.empty(2 * count, np.uint64)
            grown[:count] = found
            found = grown
        found[count] = mask
        count += 1

        k = other = zero = 0
        for j in range(d):
            if mask >> np.uint64(j) & one:
                zeros[zero] = j
                zero += 1
            else:
                J[k] = j
                k += 1
        binding = 0
        for i in range(rows):
            if mask >> np.uint64(d + i) & one:
                I[binding] = i
                binding += 1
            else:
                others[other] = i
                other += 1
        total = k + other

        for a in range(k):
            for b in range(k):
                X[a, b] = C[I[a], J[b]]
        for b in range(k):
            for a in range(other):
                N[b, a] = C[others[a], J[b]]
        if _invert(X, order, k) == 0:
            return found[:count], TIED
        for a in range(k):
            for b in range(k):
                XT[b, a] = X[a, b]
        norm = residual = 0.0
        for a in range(k):
            for b in range(k):
                line[b] = 0.0
            line[a] = 1.0
            for c in range(k):
                f = C[I[a], J[c]]
                for b in range(k):
                    line[b] -= f * X[c, b]
            row = width = z = 0.0
            for b in range(k):
                row += abs(line[b])
                width += abs(X[a, b])
                z += X[a, b]
            residual, norm = max(residual, row), max(norm, width)
            num[a] = z
        residual = 1.01 * residual + k * norm * (4 * (k + 2) * UNIT + GIVEN)
        if residual > 0.25:
            return found[:count], TIED
        off = 1.01 * norm * residual / (1 - residual)  # of the inverse, by row sums
        num_off[0] = off + (k + 1) * UNIT * norm
        num_off[1] = 2 * k * num_off[0] + 4 * (k + 2) * UNIT + 2 * GIVEN
        for a in range(other):
            num[k + a] = 1.0
        for b in range(k):
            for a in range(other):
                num[k + a] -= N[b, a] * num[b]
        for a in range(total):
            if num[a] <= num_off[0 if a < k else 1]:
                return found[:count], TIED

        if 2 * (known + d) > len(table):  # kept at most half full
            old = table
            table = np.zeros((4 * len(old), 2), np.uint64)
            for a in range(len(old)):
                if old[a, 0] != 0:
                    place = _place(table, old[a, 0])
                    table[place, 0], table[place, 1] = old[a, 0], old[a, 1]
        if waiting + d > len(todo):
            longer = np.empty(2 * len(todo) + d, np.uint64)
            longer[:waiting] = todo[:waiting]
            todo = longer

        done = table[_place(table, mask), 1]
        for edge in range(d):
            leaving = d + I[edge] if edge < k else zeros[edge - k]
            if done >> np.uint64(leaving) & one:
                continue
            if edge < k:  # leave the binding row I[edge]
                for a in range(k):
                    D[a] = -XT[edge, a]
                for a in range(other):
                    den[k + a] = 0.0
                D_off = off
            else:  # raise the zero coordinate
                for a in range(k):
                    D[a] = 0.0
                for b in range(k):
                    f = C[I[b], leaving]
                    for a in range(k):
                        D[a] -= f * XT[b, a]
                for a in range(other):
                    den[k + a] = C[others[a], leaving]
                D_off = 2 * off + 2 * (k + 1) * UNIT * norm + (norm + off) * GIVEN
            length = 0.0
            for b in range(k):
                den[b] = -D[b]
                length += abs(D[b])
                for a in range(other):
                    den[k + a] += N[b, a] * D[b]
            den_off[0] = D_off
            den_off[1] = 2 * k * D_off + (length + 1) * (2 * (k + 2) * UNIT + GIVEN)
            met = _first(num, den, total, num_off, den_off, k)
            if met < 0:
                return found[:count], TIED
            joined = J[met] if met < k else d + others[met - k]
            key = mask ^ (one << np.uint64(leaving)) | (one << np.uint64(joined))
            place = _place(table, key)
            if table[place, 0] == 0:
                table[place, 0] = key
                known += 1
                todo[waiting] = key
                waiting += 1
            table[place, 1] |= one << np.uint64(joined)  # the same edge, from its other end
    return found[:count], DONE

"""Every equilibrium of a nondegenerate two-player game, in floats, with a proof that it is all.

The best-response polytopes (see :mod:`gametheory.solvers._tableau`) have the form ``{z >= 0,
Cz <= 1}``. A walk over the edges from ``z = 0`` meets every vertex of a simple bounded polytope. It
goes down a tree of vertices by pivots on one dictionary in floats, and back up by the same pivots.

Pivots only propose; two things are proved. First, that each basis met is a vertex that no further
constraint touches. With ``J`` its nonzero coordinates and ``I`` its binding rows it solves the
square system ``M z_J = 1``, ``M = C[I, J]``; with ``X`` the inverse that the dictionary holds and
``z`` its point,

    |M^-1| <= |X| / (1 - |1 - XM|),      |z_J - M^-1 1| <= |M^-1| |1 - Mz|      (largest row sums),

where both residuals are computed anew from ``C`` and include the rounding of their own evaluation
and that of ``C``. Every coordinate and every slack must exceed its bound. Second, that nothing is
missing: along each of its ``d`` edges every vertex has a neighbour among those met. The two proved
vertices on a line are the ends of its edge, and the graph of a polytope is connected.

Where a residual has grown, the dictionary is computed afresh. Where that does not help, two
constraints tie, or nearly so: the walk stops and says so, and the caller turns to exact arithmetic.

Cost: two pivots, ``d r`` each, and ``k^3`` a vertex with ``k`` nonzero coordinates: a third of a
microsecond for ten to twelve actions. The number of vertices doubles with each action.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled
from gametheory.solvers._tableau import to_unit

WIDTH = 62
"""Most constraints that a walk can take: a vertex is a bit mask in one word."""
UNIT = 2.0**-53
GIVEN = 2.0**-50
"""Bound on the rounding of the entries of C, which lie in [1, 2]: see ``to_unit``."""
STALE = 1e-7
"""A dictionary whose inverse is off by more is computed afresh."""
NEAR = 6
"""Steps back that are cheaper as pivots than as a new dictionary."""
SHORT = 26
"""Constraints up to which a walk takes less than a tenth of a second or so."""
DONE, TIED, LONG, FULL = 0, 1, 2, 3


def isolated(A: Array, B: Array, most: int = 50_000_000) -> list[tuple[Array, Array, int]] | None:
    """Every equilibrium of the game ``(A, B)`` and its index, or None if floats cannot tell.

    What is returned is proved: the game is nondegenerate, and these are all, up to the rounding of
    the mixtures. None also for more actions than a mask holds, and beyond ``most`` vertices.
    """
    m, n = A.shape
    if m + n > WIDTH:
        return None
    P, Q = (np.ascontiguousarray(C) for C in (to_unit(B).T, to_unit(A)))
    walks = _walks(P, Q, most)
    if walks is None:
        return None
    (xs, _), (_, table) = walks
    # Together x and y have each label once; 0 goes with 0.
    met = _complementary(xs, table, m, n)
    found = []
    for mask, other in zip(met, _swapped(~met, m, n)):
        x, up = _mixture(P, mask)
        y, down = _mixture(Q, other)
        odd = np.count_nonzero(x) % 2
        found.append((x, y, up * down if odd else -up * down))
    return found


def _walks(P: Array, Q: Array, most: int) -> tuple[tuple[Array, Array], ...] | None:
    """The vertices of both polytopes, each as a list and as a hash table; None if not proved.

    Walks that may be long run side by side and beside this thread, so that Ctrl-C can stop them.
    """
    stop = np.zeros(1, np.bool_)
    if sum(P.shape) < SHORT:
        walks = []
        for C in (P, Q):
            found, table, status = _walk(C, most, stop)
            if status != DONE:
                return None
            walks.append((found, table))
        return tuple(walks)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(_walk, C, most, stop) for C in (P, Q)]
        try:
            for run in as_completed(runs):
                if run.result()[2] != DONE:
                    return None
        finally:
            stop[0] = True
    return tuple(run.result()[:2] for run in runs)


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
def _complementary(xs: Any, table: Any, m: Any, n: Any) -> Any:
    """Those of the vertices ``xs`` of one polytope whose missing labels are one of the other's."""
    low = (np.uint64(1) << np.uint64(m)) - np.uint64(1)
    high = (np.uint64(1) << np.uint64(n)) - np.uint64(1)
    met = np.empty(len(xs), np.uint64)
    count = 0
    for mask in xs:
        lacking = ~mask
        other = (lacking >> np.uint64(m)) & high | (lacking & low) << np.uint64(n)
        if mask != low and table[_place(table, other), 0] == other:
            met[count] = mask
            count += 1
    return met[:count]


@compiled
def _dictionary(C: Any, rows: Any, columns: Any, D: Any) -> Any:
    """Computes the dictionary of a basis afresh; False if its matrix is singular.

    Variables below ``d`` are coordinates, those from ``d`` the slacks of the rows of ``C``. The
    ``rows`` are basic; ``D[c, i]`` says by how much the basic variable of row ``i`` falls as that
    of column ``c`` rises from zero. The last, ``D[d]``, holds the values at the vertex.
    """
    size, d = C.shape
    J = np.array([i for i in range(size) if rows[i] < d])
    I = np.array([c for c in range(d) if columns[c] >= d])  # noqa: E741
    k = len(J)
    X = np.empty((k, k))
    for a in range(k):
        for b in range(k):
            X[a, b] = C[columns[I[a]] - d, rows[J[b]]]
    if _invert(X, np.empty(k, np.int64), k) == 0:
        return False
    for c in range(d + 1):
        # The column of the constraints before any pivot: of a coordinate, a slack, or the right.
        for b in range(k):
            value = 0.0
            if c == d:
                for a in range(k):
                    value += X[b, a]
            elif columns[c] < d:
                for a in range(k):
                    value += X[b, a] * C[columns[I[a]] - d, columns[c]]
            else:
                for a in range(k):
                    if I[a] == c:
                        value = X[b, a]
            D[c, J[b]] = value
        for i in range(size):
            if rows[i] >= d:
                value = 0.0
                if c == d:
                    value = 1.0
                elif columns[c] < d:
                    value = C[rows[i] - d, columns[c]]
                for b in range(k):
                    value -= C[rows[i] - d, rows[J[b]]] * D[c, J[b]]
                D[c, i] = value
    return True


@compiled
def _proved(C: Any, rows: Any, columns: Any, D: Any, scratch: Any, at: Any) -> Any:
    """1 if the basis is proved a vertex that no more constraints touch; 0 if not; -1 if stale."""
    size, d = C.shape
    k = 0
    for i in range(size):
        if rows[i] < d:
            at[k] = i
            k += 1
    a = 0
    for c in range(d):
        if columns[c] >= d:
            for b in range(k):
                scratch[0, b, a] = D[c, at[b]]
                scratch[1, a, b] = C[columns[c] - d, rows[at[b]]]
            a += 1
    norm = residual = 0.0
    for b in range(k):
        width = off = 0.0
        for e in range(k):
            value = 1.0 if e == b else 0.0
            for a in range(k):
                value -= scratch[0, b, a] * scratch[1, a, e]
            off += abs(value)
            width += abs(scratch[0, b, e])
        norm, residual = max(norm, width), max(residual, off)
    residual = 1.01 * residual + k * norm * (4 * (k + 2) * UNIT + GIVEN)
    if not residual < STALE:
        return -1
    norm = 1.01 * norm / (1 - residual)  # of the inverse
    miss = length = 0.0
    for b in range(k):
        length += abs(D[d, at[b]])
    rounding = length * (4 * (k + 2) * UNIT + GIVEN) + 4 * UNIT
    for a in range(k):
        value = 1.0
        for b in range(k):
            value -= scratch[1, a, b] * D[d, at[b]]
        miss = max(miss, abs(value))
    off = norm * (1.01 * miss + rounding)
    for b in range(k):
        if not D[d, at[b]] > off:
            return 0
    slack_off = 2.02 * k * off + rounding
    for i in range(size):
        if rows[i] >= d:
            value = 1.0
            for b in range(k):
                value -= C[rows[i] - d, rows[at[b]]] * D[d, at[b]]
            if not value > slack_off:
                return 0
    return 1


@compiled
def _pivot(D: Any, rows: Any, columns: Any, r: Any, c: Any) -> None:
    """The variables of row ``r`` and column ``c`` change places; doing so twice changes nothing."""
    size, d = len(rows), len(columns)
    inverse = 1 / D[c, r]
    for j in range(d + 1):
        if j != c:
            f = D[j, r] * inverse
            for i in range(size):
                D[j, i] -= D[c, i] * f
            D[j, r] = f
    for i in range(size):
        D[c, i] *= -inverse
    D[c, r] = inverse
    rows[r], columns[c] = columns[c], rows[r]


def _walk(C: Array, most: int, stop: Array) -> tuple[Array, Array, int]:
    """The vertices of ``{z >= 0, Cz <= 1}``, their hash table, and whether these are proved all.

    A vertex is the mask of its ``d`` labels; the table holds with it a mask of the labels along
    which its edges are known.
    """
    size, d = C.shape
    room, least = 256, min(size, d)
    table = np.zeros((4 * room, 2), np.uint64)
    found, path = np.empty(room, np.uint64), np.empty(room, np.uint64)
    entered = np.empty((room, 3), np.int64)
    dictionary = np.vstack([C.T, np.ones(size)])
    rows, columns = np.arange(d, d + size), np.arange(d)
    scratch = np.empty((2, least, least)), np.empty(least, np.int64), np.empty(size)
    found[0] = path[0] = (1 << d) - 1
    entered[0] = 0
    _enter(table, found[:1], np.zeros(1, np.uint64))
    at = np.array([1, 0, 1])
    while True:
        status = _walk_on(
            C, table, found, path, entered, dictionary, rows, columns, *scratch, at, stop
        )
        count = int(at[0])
        if status == FULL and count < most:
            room *= 4
            more = room - count
            found = np.concatenate([found, np.empty(more, np.uint64)])
            path = np.concatenate([path, np.empty(more, np.uint64)])
            entered = np.concatenate([entered, np.empty((more, 3), np.int64)])
            old = table[table[:, 0] != 0]
            table = np.zeros((4 * room, 2), np.uint64)
            _enter(table, np.ascontiguousarray(old[:, 0]), np.ascontiguousarray(old[:, 1]))
            continue
        return found[:count], table, LONG if count > most or status == FULL else status


@compiled
def _enter(table: Any, keys: Any, known: Any) -> None:
    for a in range(len(keys)):
        place = _place(table, keys[a])
        table[place, 0], table[place, 1] = keys[a], known[a]


@compiled
def _walk_on(
    C: Any,
    table: Any,
    found: Any,
    path: Any,
    entered: Any,
    D: Any,
    rows: Any,
    columns: Any,
    scratch: Any,
    support: Any,
    weight: Any,
    at: Any,
    stop: Any,
) -> Any:
    """Goes on from the state ``at``: vertices met, depth on the path, whether this one is new.

    No array is made or renamed here: counting references would take longer than the walk.
    """
    size, d = C.shape
    one = np.uint64(1)
    count, depth, fresh = at[0], at[1], at[2] == 1
    status = DONE
    while depth >= 0:
        mask = path[depth]
        if fresh:
            if _proved(C, rows, columns, D, scratch, support) <= 0:
                if not _dictionary(C, rows, columns, D):
                    status = TIED
                    break
                if _proved(C, rows, columns, D, scratch, support) <= 0:
                    status = TIED
                    break
            if stop[0]:
                status = LONG
                break
        if count == len(found):
            fresh, status = False, FULL
            break
        for i in range(size):
            weight[i] = 1 / D[d, i]
        done = table[_place(table, mask), 1]
        fresh = False
        for c in range(entered[depth, 2], d):
            leaving = np.uint64(columns[c])
            if done >> leaving & one:
                continue
            r, largest = 0, 0.0
            for i in range(size):
                ratio = D[c, i] * weight[i]
                if ratio > largest:
                    r, largest = i, ratio
            joined = np.uint64(rows[r])
            key = mask ^ (one << leaving) | (one << joined)
            place = _place(table, key)
            if table[place, 0] == key:
                table[place, 1] |= one << joined  # the same edge, from its other end
                continue
            table[place, 0], table[place, 1] = key, one << joined
            found[count] = key
            count += 1
            entered[depth, 2] = c + 1
            depth += 1
            path[depth] = key
            entered[depth, 0], entered[depth, 1], entered[depth, 2] = r, c, 0
            _pivot(D, rows, columns, r, c)
            fresh = True
            break
        if not fresh:
            # Back up to the next vertex of which an edge is unknown: it leads to a new one.
            above = depth - 1
            while above >= 0 and not path[above] & ~table[_place(table, path[above]), 1]:
                above -= 1
            if depth - above <= NEAR:
                while depth > max(above, 0):
                    _pivot(D, rows, columns, entered[depth, 0], entered[depth, 1])
                    depth -= 1
            else:
                while depth > max(above, 0):
                    r, c = entered[depth, 0], entered[depth, 1]
                    rows[r], columns[c] = columns[c], rows[r]
                    depth -= 1
                if above >= 0 and not _dictionary(C, rows, columns, D):
                    status = TIED
                    break
            depth = above
    at[0], at[1], at[2] = count, depth, fresh
    return status

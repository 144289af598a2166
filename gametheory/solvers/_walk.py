"""Every equilibrium of a nondegenerate two-player game, in floats, with a proof that it is all.

The best-response polytopes (see :mod:`gametheory.solvers._tableau`) have the form ``{z >= 0,
Cz <= 1}``. A walk over the edges from ``z = 0`` meets every vertex of a simple bounded polytope. It
goes down a tree of vertices by pivots on dictionaries in floats, and keeps those of its path.

Pivots only propose; two things are proved. First, that each basis met is a vertex that no further
constraint touches. With ``E_1, E_2, ...`` the exact matrices of the pivots on the floats that stood
there, and ``X`` their product, let ``X a_v`` miss the column that the dictionary has for the
variable ``v``, a unit column if it is basic, by ``D_v``, and ``X 1`` the values ``z`` by ``D_1``.
A pivot turns ``D`` into ``E D`` and adds its rounding, so that bounds of each row of ``D`` are
carried along in a few operations; ``_measure`` computes them from ``C`` anew. With ``e_i`` the
bound of row ``i`` of ``size``, and ``size max(e) < 1/4``, the basis ``B`` is regular, since ``XB``
differs from the identity by less, and

    |z*_i - z_i| <= e_i (1 + sum |z|) / (1 - size max(e)) <= 1.4 e_i (1 + sum |z|).

Each value must exceed its bound. Second, that nothing is missing: along each of its ``d`` edges
every vertex has a neighbour among those met. The two proved vertices on a line are the ends of its
edge, and the graph of a polytope is connected.

Where bounds have grown they are measured, then the dictionary is computed afresh. Where that does
not help, two constraints tie, or nearly so: the walk stops and says so, and the caller turns to
exact arithmetic.

Cost: a pivot a vertex, ``d r``: a fifth to a third of a microsecond for ten to twelve actions. The
number of vertices doubles with each action.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, cast

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled
from gametheory.solvers._nearest import GIVEN, UNIT, _invert, _nearest, _span

WIDTH = 62
"""Most constraints that a walk can take: a vertex is a bit mask in one word."""
SAFE = 1 + 2.0**-40
"""More than the rounding of the bounds themselves."""
LARGE = 2.0**20
"""Entries beyond this, in sum, are not trusted."""
MEMORY, MOST_ROOM = 1 << 20, 1 << 13
"""Bytes for the dictionaries of the path, and vertices that there is room for, at first."""
NEAR = 6
"""Steps back that are cheaper as pivots than as a new dictionary."""
SHORT = 26
"""Constraints up to which a walk takes less than a tenth of a second or so."""
DONE, TIED, LONG, FULL = 0, 1, 2, 3


def isolated(A: Array, B: Array, most: int = 50_000_000) -> tuple[Array, ...] | None:
    """Every equilibrium of the game ``(A, B)`` of floats, or None if floats cannot tell.

    Of ``E`` equilibria the labels of the first mixture, as bits ``(E,)``; the mixtures, shapes
    ``(E, m)`` and ``(E, n)``; the indices ``(E,)``. The game is then proved nondegenerate, and
    these are all. Mixtures are rounded to nearest, each chance for itself; where that is not
    certain the index is 0. None also for more actions than a mask holds, and beyond ``most``
    vertices.
    """
    if sum(A.shape) > WIDTH:
        return None
    if sum(A.shape) < SHORT:
        status, *found = _at_once(A, B, most)
        return tuple(found) if status == DONE else None
    stop = np.zeros(1, np.bool_)
    # Walks that may be long run side by side and beside this thread, so that Ctrl-C can stop them.
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(_walk, C, most, stop) for C in (_unit(B.T), _unit(A))]
        try:
            for run in as_completed(runs):
                if run.result()[2] != DONE:
                    return None
        finally:
            stop[0] = True
    (xs, _, _), (_, table, _) = (run.result() for run in runs)
    return cast(tuple[Array, ...], _equilibria(A, B, xs, table))


@compiled
def _unit(U: Any) -> Any:
    """``U`` shifted and rescaled to [1, 2], as ``to_unit`` does."""
    low, span = _span(U)
    C = np.empty(U.shape)
    for i in range(U.shape[0]):
        for j in range(U.shape[1]):
            C[i, j] = (U[i, j] - low) / span + 1
    return C


@compiled
def _at_once(A: Any, B: Any, most: Any) -> Any:
    """How the two walks ended, and what follows from them."""
    stop = np.zeros(1, np.bool_)
    xs, table, status = _walk(_unit(B.T), most, stop)
    if status == DONE:
        _, table, status = _walk(_unit(A), most, stop)
    labels, X, Y, indices = _equilibria(A, B, xs if status == DONE else xs[:0], table)
    return status, labels, X, Y, indices


@compiled
def _equilibria(A: Any, B: Any, xs: Any, table: Any) -> Any:
    """The mixtures and indices: pairs of vertices that have each label once; 0 goes with 0."""
    m, n = A.shape
    met = _complementary(xs, table, m, n)
    X, Y, indices = np.empty((len(met), m)), np.empty((len(met), n)), np.empty(len(met), np.int64)
    for e in range(len(met)):
        other = ~met[e]
        low = other & ((np.uint64(1) << np.uint64(m)) - np.uint64(1))
        high = other >> np.uint64(m) & ((np.uint64(1) << np.uint64(n)) - np.uint64(1))
        up = _nearest(B.T, met[e], X[e])
        down = _nearest(A, high | low << np.uint64(n), Y[e])
        indices[e] = up * down if np.count_nonzero(X[e]) % 2 == 1 else -up * down
    return met, X, Y, indices


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
def _dictionary(C: Any, D: Any, labels: Any, s: Any) -> Any:
    """Computes dictionary ``s`` afresh from its basis; False if its matrix is singular.

    Variables below ``d`` are coordinates, those from ``d`` the slacks of the rows of ``C``. First
    among the ``labels`` are the ``size`` basic variables, then the others: ``D[s, c, i]`` says by
    how much the basic variable of row ``i`` falls as that of column ``c`` rises from zero. Last,
    ``D[s, d]`` holds the values at the vertex.
    """
    size, d = C.shape
    J = np.array([i for i in range(size) if labels[s, i] < d])
    I = np.array([c for c in range(d) if labels[s, size + c] >= d])  # noqa: E741
    k = len(J)
    X = np.empty((k, k))
    for a in range(k):
        for b in range(k):
            X[a, b] = C[labels[s, size + I[a]] - d, labels[s, J[b]]]
    if _invert(X, np.empty(k, np.int64), k) == 0:
        return False
    for c in range(d + 1):
        # The column of the constraints before any pivot: of a coordinate, a slack, or the right.
        column = labels[s, size + c] if c < d else -1
        for b in range(k):
            value = 0.0
            if c == d:
                for a in range(k):
                    value += X[b, a]
            elif column < d:
                for a in range(k):
                    value += X[b, a] * C[labels[s, size + I[a]] - d, column]
            else:
                for a in range(k):
                    if I[a] == c:
                        value = X[b, a]
            D[s, c, J[b]] = value
        for i in range(size):
            row = labels[s, i] - d
            if row >= 0:
                value = 0.0
                if c == d:
                    value = 1.0
                elif column < d:
                    value = C[row, column]
                for b in range(k):
                    value -= C[row, labels[s, J[b]]] * D[s, c, J[b]]
                D[s, c, i] = value
    return True


@compiled
def _measure(C: Any, D: Any, labels: Any, bounds: Any, s: Any, line: Any) -> None:
    """Bounds of dictionary ``s`` from its columns alone, whatever pivots led to it."""
    size, d = C.shape
    for i in range(size):
        bounds[s, 0, i] = bounds[s, 1, i] = 0.0
    k = 0
    for c in range(d + 1):
        for i in range(size):
            bounds[s, 1, i] = max(bounds[s, 1, i], abs(D[s, c, i]))
    for v in range(d + 1):
        # X a for the coordinate v, or for the right, less the column that should equal it.
        for i in range(size):
            row = labels[s, i] - d
            line[i] = 0.0
            if row >= 0:
                line[i] = C[row, v] if v < d else 1.0
            elif row + d == v:
                line[i] = -1.0
        if v == d:
            for i in range(size):
                line[i] -= D[s, d, i]
        k = 0
        for c in range(d):
            row = labels[s, size + c] - d
            if row >= 0:
                k += 1
                factor = C[row, v] if v < d else 1.0
                for i in range(size):
                    line[i] += factor * D[s, c, i]
            elif row + d == v:
                for i in range(size):
                    line[i] -= D[s, c, i]
        for i in range(size):
            bounds[s, 0, i] = max(bounds[s, 0, i], abs(line[i]))
    for i in range(size):
        line[i] = 1.0
    for c in range(d):
        if labels[s, size + c] >= d:
            for i in range(size):
                line[i] += abs(D[s, c, i])
    for i in range(size):
        rounding = (k + 4) * UNIT * (2 * line[i] + bounds[s, 1, i]) + GIVEN * line[i]
        bounds[s, 0, i] = 1.01 * (bounds[s, 0, i] + rounding)


@compiled
def _proved(D: Any, bounds: Any, s: Any) -> Any:
    """Whether the bounds prove that this is a vertex that no more constraints touch."""
    d, size = D.shape[1] - 1, D.shape[2]
    factor, small, large = 1.5 * (size + 1), 0.25 / size, LARGE / size
    failed = 0
    for i in range(size):
        z, error = D[s, d, i], bounds[s, 0, i]
        held = (z > factor * error) & (z < 1.01) & (error < small) & (bounds[s, 1, i] < large)
        failed += not held
    return failed == 0


@compiled
def _pivot(D: Any, labels: Any, bounds: Any, s: Any, t: Any, r: Any, c: Any) -> None:
    """Dictionary ``t`` is ``s`` with the variables of row ``r`` and column ``c`` exchanged."""
    d, size = D.shape[1] - 1, D.shape[2]
    inverse = 1 / D[s, c, r]
    largest = abs(inverse)
    for j in range(d + 1):
        if j != c:
            f = D[s, j, r] * inverse
            largest = max(largest, abs(f))
            for i in range(size):
                D[t, j, i] = D[s, j, i] - D[s, c, i] * f
            D[t, j, r] = f
    error = bounds[s, 0, r] * abs(inverse)
    for i in range(size):
        D[t, c, i] = -D[s, c, i] * inverse
        size_i = bounds[s, 1, i] + abs(D[s, c, i]) * largest
        bounds[t, 1, i] = SAFE * size_i
        bounds[t, 0, i] = SAFE * (bounds[s, 0, i] + abs(D[s, c, i]) * error + 8 * UNIT * size_i)
    D[t, c, r] = inverse
    bounds[t, 0, r] = SAFE * (error + 8 * UNIT * largest)
    bounds[t, 1, r] = largest
    for i in range(size + d):
        labels[t, i] = labels[s, i]
    labels[t, r], labels[t, size + c] = labels[s, size + c], labels[s, r]


@compiled
def _walk(C: Any, most: Any, stop: Any) -> Any:
    """The vertices of ``{z >= 0, Cz <= 1}``, their hash table, and whether these are proved all.

    A vertex is the mask of its ``d`` labels; the table holds with it a mask of the labels along
    which its edges are known.
    """
    size, d = C.shape
    likely = 1.0  # in random games, the number of bases to the power .57
    for k in range(1, d + 1):
        likely *= ((size + k) / k) ** 0.57
    room = 32
    while room < 2 * likely and room < MOST_ROOM:
        room *= 2
    table = np.zeros((4 * room, 2), np.uint64)
    found, path = np.empty(room, np.uint64), np.empty(room, np.uint64)
    entered = np.empty((room, 3), np.int64)
    kept = max(NEAR, min(room, MEMORY // (8 * size * (d + 1))))
    D, labels = np.empty((kept, d + 1, size)), np.empty((kept, size + d), np.int64)
    depth_of = np.empty(kept, np.int64)
    bounds, scratch = np.empty((kept, 2, size)), np.empty(size)
    for i in range(size):
        bounds[0, 0, i], bounds[0, 1, i] = GIVEN, 2.0
        for c in range(d):
            D[0, c, i] = C[i, c]
        D[0, d, i] = 1.0
        labels[0, i] = d + i
    for c in range(d):
        labels[0, size + c] = c
    depth_of[0] = entered[0, 2] = 0
    found[0] = path[0] = (np.uint64(1) << np.uint64(d)) - np.uint64(1)
    _enter(table, found, np.zeros(1, np.uint64), 1)
    at = np.array([1, 0, 1])
    while True:
        status = _walk_on(
            C, table, found, path, entered, D, labels, depth_of, bounds, scratch, at, stop
        )
        if status != FULL or at[0] >= most:
            break
        table, found, path, entered = _roomier(table, found, path, entered)
    count = at[0]
    return found[:count], table, LONG if count > most or status == FULL else status


@compiled
def _roomier(table: Any, found: Any, path: Any, entered: Any) -> Any:
    """The same with four times the room."""
    old = len(found)
    met, way, edges = (
        np.empty(4 * old, np.uint64),
        np.empty(4 * old, np.uint64),
        np.empty(4 * old, np.uint64),
    )
    steps = np.empty((4 * old, 3), np.int64)
    for a in range(old):
        met[a], way[a] = found[a], path[a]
        edges[a] = table[_place(table, found[a]), 1]
        for b in range(3):
            steps[a, b] = entered[a, b]
    larger = np.zeros((4 * len(table), 2), np.uint64)
    _enter(larger, met, edges, old)
    return larger, met, way, steps


@compiled
def _enter(table: Any, keys: Any, known: Any, count: Any) -> None:
    for a in range(count):
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
    labels: Any,
    depth_of: Any,
    bounds: Any,
    scratch: Any,
    at: Any,
    stop: Any,
) -> Any:
    """Goes on from the state ``at``: vertices met, depth on the path, whether this one is new.

    The dictionary of depth ``k`` of the path is kept in slot ``k`` modulo their number, until that
    of a greater depth takes its place. No array is made or renamed here: counting references would
    take longer than the walk.
    """
    size, d = C.shape
    one = np.uint64(1)
    slots = len(D)
    count, depth, fresh = at[0], at[1], at[2] == 1
    status = DONE
    while depth >= 0:
        mask, s = path[depth], depth % slots
        if fresh:
            if not _proved(D, bounds, s):
                _measure(C, D, labels, bounds, s, scratch)
                if not _proved(D, bounds, s):
                    if not _dictionary(C, D, labels, s):
                        status = TIED
                        break
                    _measure(C, D, labels, bounds, s, scratch)
                    if not _proved(D, bounds, s):
                        status = TIED
                        break
            if stop[0]:
                status = LONG
                break
        if count == len(found):
            fresh, status = False, FULL
            break
        for i in range(size):
            scratch[i] = 1 / D[s, d, i]
        done = table[_place(table, mask), 1]
        fresh = False
        for c in range(entered[depth, 2], d):
            leaving = np.uint64(labels[s, size + c])
            if done >> leaving & one:
                continue
            r, largest = 0, 0.0
            for i in range(size):
                ratio = D[s, c, i] * scratch[i]
                if ratio > largest:
                    r, largest = i, ratio
            joined = np.uint64(labels[s, r])
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
            t = depth % slots
            _pivot(D, labels, bounds, s, t, r, c)
            depth_of[t] = depth
            fresh = True
            break
        if not fresh:
            # Back up to the next vertex of which an edge is unknown: it leads to a new one.
            above = depth - 1
            while above >= 0 and not path[above] & ~table[_place(table, path[above]), 1]:
                above -= 1
            t = above % slots
            if above >= 0 and depth_of[t] != above and depth - above > NEAR:
                for i in range(size + d):
                    labels[t, i] = labels[s, i]
                while depth > above:
                    r, c = entered[depth, 0], size + entered[depth, 1]
                    labels[t, r], labels[t, c] = labels[t, c], labels[t, r]
                    depth -= 1
                depth_of[t] = above
                if not _dictionary(C, D, labels, t):
                    status = TIED
                    break
                _measure(C, D, labels, bounds, t, scratch)
            elif above >= 0 and depth_of[t] != above:
                while depth > above:
                    s, t = depth % slots, (depth - 1) % slots
                    if depth_of[t] != depth - 1:
                        _pivot(D, labels, bounds, s, t, entered[depth, 0], entered[depth, 1])
                        depth_of[t] = depth - 1
                    depth -= 1
            depth = above
    at[0], at[1], at[2] = count, depth, fresh
    return status

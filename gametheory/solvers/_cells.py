"""Branch and prune over products of simplices: kernels of :mod:`gametheory.solvers.isolate`.

A *cell* is a product of simplices, player ``j``'s with vertices ``V[j, v]``. Rows are multilinear,
so over a cell they are the weighted means of their values at the combinations of vertices: their
range is exactly the range of these values, and a bound on a vertex' weight follows from the values
with and without it. A cell is dropped if a row excludes zero; shrunk by the bounds on weights;
searched for one root if the system, preconditioned by the inverse of its mean Jacobian, has a
diagonally dominant Jacobian all over the cell (then it has at most one root there); else split.

Rounding. In exact arithmetic the same splits and shrinks cover the whole support. The vertices kept
are off by a few units in the last place a step, as each step takes convex combinations; rows take
values up to 1. After :data:`DEEPEST` steps rows are off by less than :data:`TOLERANCE`, and each
test allows for that.

Arrays named last are room for results or for work: allocating them for each cell would cost more
than what is done with them.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled
from gametheory.solvers._supports import TOLERANCE, digits, strides, system

DEEPEST = 400
GROWTH = 0.1  # how much a cell is enlarged before its root is sought
FINE = 2.0**-24  # width below which a simplex is not shrunk
SURE = 1e-8  # distance from the true root beyond which a root is not accepted
KEEN = 0.8  # a shrink by less is no progress
NARROWEST = 0.02  # part of a cell that one shrink leaves
ROUNDING = 1e-14  # of a row at a point


@compiled
def over(rows: Array, V: Array, k: Array, out: Array, spare: Array) -> None:
    """Writes the values of ``rows`` at the combinations of the vertices ``V`` to ``out``."""
    R, N = rows.shape
    for r in range(R):
        for flat in range(N):
            out[r, flat] = rows[r, flat]
    right = N
    for j in range(len(k)):
        right //= k[j]
        if k[j] == 1:
            continue
        block = right * k[j]
        for r in range(R):
            for start in range(0, N, block):
                for v in range(k[j]):
                    for q in range(right):
                        total = 0.0
                        for s in range(k[j]):
                            total += V[j, v, s] * out[r, start + s * right + q]
                        spare[v * right + q] = total
                for q in range(block):
                    out[r, start + q] = spare[q]


@compiled
def weights(
    row: Array, both: bool, slack: float, k: Array, dig: Array, least: Array, ends: Array
) -> bool:
    """Whether ``row`` can be zero (at least zero, unless ``both``); raises ``least`` weights."""
    n = len(k)
    low, high = extremes(row)
    if high < -slack or (both and low > slack):
        return False
    if low >= -slack and (not both or high <= slack):
        return True
    top, bottom = ends[0], ends[1]
    for j in range(n):
        for v in range(k[j]):
            top[j, v], bottom[j, v] = -np.inf, np.inf
    for flat in range(len(row)):
        x = row[flat]
        for j in range(n):
            v = dig[flat, j]
            top[j, v] = max(top[j, v], x)
            bottom[j, v] = min(bottom[j, v], x)
    for j in range(n):
        if k[j] == 1:
            continue
        for v in range(k[j]):
            others, under = -np.inf, np.inf
            for w in range(k[j]):
                if w != v:
                    others = max(others, top[j, w])
                    under = min(under, bottom[j, w])
            if others < -slack:
                bound = (-slack - others) / (top[j, v] - others)
                least[j, v] = max(least[j, v], bound - 1e-12)
            if both and under > slack:
                bound = (under - slack) / (under - bottom[j, v])
                least[j, v] = max(least[j, v], bound - 1e-12)
    return True


@compiled
def reduced(A: Array, C: Array) -> int:
    """Writes ``C`` such that ``C A`` is the identity; the sign of the determinant of ``A``.

    If ``A`` is singular the sign is 0, and ``C A`` as near to the identity as elimination gets.
    ``A`` is written over.
    """
    K = len(A)
    largest = 0.0
    for r in range(K):
        for c in range(K):
            largest = max(largest, abs(A[r, c]))
            C[r, c] = 1.0 if r == c else 0.0
    sign, row = 1, 0
    for c in range(K):
        p, best = -1, 1e-9 * largest
        for r in range(row, K):
            if abs(A[r, c]) > best:
                p, best = r, abs(A[r, c])
        if p < 0:
            sign = 0
            continue
        if p != row:
            sign = -sign
            for q in range(K):
                A[p, q], A[row, q] = A[row, q], A[p, q]
                C[p, q], C[row, q] = C[row, q], C[p, q]
        pivot = A[row, c]
        if pivot < 0:
            sign = -sign
        for q in range(K):
            A[row, q] /= pivot
            C[row, q] /= pivot
        for r in range(K):
            factor = A[r, c]
            if r != row and factor != 0:
                for q in range(K):
                    A[r, q] -= factor * A[row, q]
                    C[r, q] -= factor * C[row, q]
        row += 1
    return sign


@compiled
def mean_jacobian(F: Array, equation: Array, k: Array, dig: Array, J: Array, sums: Array) -> None:
    """Derivatives of the equations by the weights in the middle, first weights left out."""
    n, N = len(k), F.shape[1]
    at = 0
    for r in range(len(F)):
        if not equation[r]:
            continue
        for j in range(n):
            for v in range(k[j]):
                sums[j, v] = 0.0
        for flat in range(N):
            for j in range(n):
                sums[j, dig[flat, j]] += F[r, flat]
        c = 0
        for j in range(n):
            for v in range(1, k[j]):
                J[at, c] = (sums[j, v] - sums[j, 0]) * k[j] / N
                c += 1
        at += 1


@compiled
def combined(C: Array, F: Array, equation: Array, H: Array, slack: Array) -> None:
    """``C`` times the equations, and how far rounding may put each row off."""
    K, N = len(C), F.shape[1]
    for p in range(K):
        slack[p] = 0.0
        for flat in range(N):
            H[p, flat] = 0.0
    s = 0
    for r in range(len(F)):
        if not equation[r]:
            continue
        for p in range(K):
            if C[p, s] != 0:
                slack[p] += abs(C[p, s]) * TOLERANCE
                for flat in range(N):
                    H[p, flat] += C[p, s] * F[r, flat]
        s += 1


@compiled
def preconditioned(
    F: Array,
    equation: Array,
    k: Array,
    dig: Array,
    A: Array,
    C: Array,
    H: Array,
    slack: Array,
    sums: Array,
) -> int:
    """Combines the equations by the inverse of their mean Jacobian; the sign of that."""
    mean_jacobian(F, equation, k, dig, A, sums)
    sign = reduced(A, C)
    combined(C, F, equation, H, slack)
    return sign


@compiled
def injective(H: Array, slack: Array, k: Array, dig: Array, step: Array) -> bool:
    """Whether the Jacobian is diagonally dominant at all points of the cell, row by row."""
    n, N = len(k), H.shape[1]
    for p in range(len(H)):
        margin = 0.0
        c = 0
        for j in range(n):
            for v in range(1, k[j]):
                low, high = np.inf, -np.inf
                for flat in range(N):
                    if dig[flat, j] == 0:
                        d = H[p, flat + v * step[j]] - H[p, flat]
                        low = min(low, d)
                        high = max(high, d)
                if c == p:
                    margin += low - 2 * slack[p]
                else:
                    margin -= max(high, -low) + 2 * slack[p]
                c += 1
        if margin <= 0:
            return False
    return True


@compiled
def at_point(F: Array, x: Array, k: Array, dig: Array, value: Array, J: Array) -> None:
    """Values of the rows at the weights ``x``, and their derivatives, first weights left out."""
    n = len(k)
    R, N = F.shape
    for r in range(R):
        value[r] = 0.0
        for c in range(J.shape[1]):
            J[r, c] = 0.0
    for flat in range(N):
        first = 0
        for j in range(n):
            w = 1.0
            for h in range(n):
                if h != j:
                    w *= x[h, dig[flat, h]]
            v = dig[flat, j]
            if j == 0:
                whole = w * x[0, v]
                for r in range(R):
                    value[r] += F[r, flat] * whole
            for r in range(R):
                if v:
                    J[r, first + v - 1] += F[r, flat] * w
                else:
                    for c in range(first, first + k[j] - 1):
                        J[r, c] -= F[r, flat] * w
            first += k[j] - 1


@compiled
def newton(
    F: Array,
    equation: Array,
    x: Array,
    k: Array,
    dig: Array,
    value: Array,
    J: Array,
    A: Array,
    C: Array,
) -> tuple[bool, int]:
    """Moves ``x`` to a root near it: whether one was met, and the sign of the Jacobian there.

    Leaves the rows there in ``value`` and the inverse of the Jacobian in ``C``.
    """
    n, K = len(k), len(A)
    sign, size = 1, 0.0
    met = K == 0
    for _ in range(20):
        at_point(F, x, k, dig, value, J)
        s = 0
        for r in range(len(F)):
            if equation[r]:
                for c in range(K):
                    A[s, c] = J[r, c]
                s += 1
        sign = reduced(A, C)
        if met or sign == 0:
            break
        c, size, far = 0, 0.0, False
        for j in range(n):
            for v in range(1, k[j]):
                move, s = 0.0, 0
                for r in range(len(F)):
                    if equation[r]:
                        move += C[c, s] * value[r]
                        s += 1
                x[j, v] -= move
                x[j, 0] += move
                size = max(size, abs(move))
                far = far or abs(x[j, v]) > 3 or abs(x[j, 0]) > 3
                c += 1
        if far:
            sign = 0
            break
        met = size < 1e-13
    return sign != 0 and size < 1e-10, sign


@compiled
def width(V: Array, k: Array) -> tuple[float, int, int, int]:
    """The longest edge of the cell: its length, the player, its two ends."""
    best, at, one, two = 0.0, 0, 0, 0
    for j in range(len(k)):
        for v in range(k[j]):
            for w in range(v):
                d = 0.0
                for s in range(k[j]):
                    d = max(d, abs(V[j, v, s] - V[j, w, s]))
                if d > best:
                    best, at, one, two = d, j, v, w
    return best, at, one, two


@compiled
def shrunk(V: Array, k: Array, least: Array, fine: float, W: Array) -> float:
    """Writes the part of the cell with at least these weights; the smallest scale; below 0: none.

    Simplices narrower than ``fine`` stay.
    """
    copy(W, V)
    smallest = 1.0
    for j in range(len(k)):
        if k[j] == 1:
            continue
        total, spread = 0.0, 0.0
        for v in range(k[j]):
            total += least[j, v]
            for s in range(k[j]):
                spread = max(spread, abs(V[j, v, s] - V[j, 0, s]))
        if total > 1 + 1e-12:
            return -1.0
        if total <= 0 or spread < fine:
            continue
        kept = max(1 - total, NARROWEST)  # a cell keeps an inside
        part = (1 - kept) / total
        smallest = min(smallest, kept)
        for v in range(k[j]):
            for s in range(k[j]):
                x = kept * V[j, v, s]
                for w in range(k[j]):
                    x += part * least[j, w] * V[j, w, s]
                W[j, v, s] = x
    return smallest


@compiled
def enlarged(V: Array, k: Array, W: Array, x: Array) -> None:
    """Writes the cell with a margin around it to ``W``, and its middle, as weights, to ``x``."""
    for j in range(len(k)):
        for s in range(k[j]):
            middle = 0.0
            for v in range(k[j]):
                middle += V[j, v, s] / k[j]
            for v in range(k[j]):
                W[j, v, s] = V[j, v, s] + GROWTH * (V[j, v, s] - middle)
            x[j, s] = 1 / k[j]


@compiled
def placed(x: Array, W: Array, k: Array, y: Array) -> bool:
    """Writes the point with weights ``x`` to ``y``: whether it is within the margin of ``W``."""
    inside = True
    for j in range(len(k)):
        for s in range(k[j]):
            y[j, s] = 0.0
        for v in range(k[j]):
            if x[j, v] < 0.5 * GROWTH / (1 + GROWTH) / k[j]:
                inside = False
            for s in range(k[j]):
                y[j, s] += x[j, v] * W[j, v, s]
    return inside


@compiled
def distance(value: Array, equation: Array, C: Array) -> float:
    """How far off a root may be where the rows are ``value`` and the inverse Jacobian is ``C``.

    That of the Newton-Kantorovich theorem; infinite where it does not apply.
    """
    K = len(C)
    residual, norm = 0.0, 0.0
    for r in range(len(value)):
        if equation[r]:
            residual = max(residual, abs(value[r]))
    for p in range(K):
        total = 0.0
        for s in range(K):
            total += abs(C[p, s])
        norm = max(norm, total)
    off = 2 * norm * (residual + ROUNDING)
    return off if norm * (4 * K * K * off + K * ROUNDING) <= 0.5 else np.inf


@compiled
def search(
    D: Array,
    shape: Array,
    which: Array,
    cells: Array,
    true_ties: bool,
    smallest: float,
    most: int,
    patience: int,
    roots: Array,
    facts: Array,
    left: Array,
    flat: Array,
) -> tuple[int, int, int]:
    """Writes all roots in the cells, each of the support ``which``, and the cells undecided.

    ``roots[f]`` are chances of the actions in the support, ``facts[f]``: which cell it is from, how
    far off it may be, the least chance, the least row that is no equation, and the index: the sign
    of the determinant of minus the Jacobian of the equations, by the chances of all actions of the
    support but the first.

    ``left[u]`` is part of cell ``flat[u, 0]``, left because it is narrower than ``smallest`` or
    because the rows are zero all over it (``flat[u, 1]``). A cell of which ``patience`` parts would
    be left, or on whose support an equation is zero throughout, is left whole, its roots too;
    unless ``patience`` is 0.

    Returns the number of roots, of cells left and of cells looked at. Stops after ``most`` cells,
    or when an array is full: then the last number is ``most`` or more.
    """
    n, M = len(shape), cells.shape[2]
    found = kept = looked = 0
    stack, depth = np.zeros((DEEPEST + 4, n, M, M)), np.zeros(DEEPEST + 4, np.int64)
    V, W, ends = np.zeros((n, M, M)), np.zeros((n, M, M)), np.zeros((2, n, M))
    least, sums = np.zeros((n, M)), np.zeros((n, M))
    x, y = np.zeros((n, M)), np.zeros((n, M))
    for start in range(len(which)):
        rows, equation, idle, k = system(D, shape, which[start])
        R, N = rows.shape
        K = 0
        for r in range(R):
            K += equation[r]
        dig, step = digits(k), strides(k)
        if true_ties and one_sided(rows, equation):
            continue
        F, G, spare, H = np.zeros((R, N)), np.zeros((R, N)), np.zeros(N), np.zeros((K, N))
        J, A, C = np.zeros((R, K)), np.zeros((K, K)), np.zeros((K, K))
        slack, value = np.zeros(K), np.zeros(R)
        before, first = found, kept
        copy(stack[0], cells[start])
        depth[0] = 0
        height = 1
        whole = patience > 0 and idle
        while height and not whole:
            if looked >= most or found == len(roots) or kept == len(left):
                return found, kept, most
            height -= 1
            looked += 1
            copy(V, stack[height])
            deep = depth[height]
            over(rows, V, k, F, spare)
            least[:] = 0.0
            alive, tie = True, K > 0
            for r in range(R):
                if not weights(F[r], equation[r], TOLERANCE, k, dig, least, ends):
                    alive = False
                    break
                low, high = extremes(F[r])
                tie = tie and low >= -TOLERANCE and (not equation[r] or high <= TOLERANCE)
            if not alive:
                continue
            final = deep >= DEEPEST or width(V, k)[0] <= smallest
            only = K == 0
            if K == 0:
                y[:] = 0.0
                y[:, 0] = 1.0
            elif not tie:
                scale = shrunk(V, k, least, FINE, W)
                if scale >= KEEN or final:
                    sign = preconditioned(F, equation, k, dig, A, C, H, slack, sums)
                    for p in range(K):
                        if not weights(H[p], K > 0, slack[p], k, dig, least, ends):
                            alive = False
                            break
                    if not alive:
                        continue
                    if sign and injective(H, slack, k, dig, step):
                        enlarged(V, k, W, x)
                        over(rows, W, k, G, spare)
                        sign = preconditioned(G, equation, k, dig, A, C, H, slack, sums)
                        if sign and injective(H, slack, k, dig, step):
                            only = newton(G, equation, x, k, dig, value, J, A, C)[0]
                            only = placed(x, W, k, y) and only
                    scale = shrunk(V, k, least, FINE, W)
                if scale < 0:
                    continue
                V, W = W, V
                if scale < KEEN and not only and not final:
                    copy(stack[height], V)
                    depth[height] = deep + 1
                    height += 1
                    continue
            if only:
                only, sign = newton(rows, equation, y, k, dig, value, J, A, C)
                off = distance(value, equation, C)
                only = only and off < SURE
            if only:
                chance, low = 1.0, 1.0
                for j in range(n):
                    for v in range(k[j]):
                        chance = min(chance, y[j, v])
                for r in range(R):
                    if not equation[r]:
                        low = min(low, value[r])
                if chance < -100 * SURE or low < -100 * SURE:
                    continue
                new = True
                for s in range(before, found):
                    apart = 0.0
                    for j in range(n):
                        for v in range(k[j]):
                            apart = max(apart, abs(roots[s, j, v] - y[j, v]))
                    new = new and apart > max(1e-12, 2 * off)
                if new:
                    for j in range(n):
                        for v in range(M):
                            roots[found, j, v] = y[j, v] if v < k[j] else 0.0
                    facts[found, 0] = start
                    facts[found, 1] = off
                    facts[found, 2] = chance
                    facts[found, 3] = low
                    facts[found, 4] = -sign if K % 2 else sign
                    found += 1
                continue
            if tie or final:
                copy(left[kept], V)
                flat[kept, 0] = start
                flat[kept, 1] = tie
                kept += 1
                whole = patience > 0 and kept - first >= patience
                continue
            _, player, one, two = width(V, k)
            for end in (one, two):
                copy(stack[height], V)
                for s in range(M):
                    at = 0.4873 * V[player, one, s] + 0.5127 * V[player, two, s]
                    stack[height, player, end, s] = at
                depth[height] = deep + 1
                height += 1
        if whole:
            found, kept = before, first
            if kept == len(left):
                return found, kept, most
            copy(left[kept], cells[start])
            flat[kept, 0] = start
            flat[kept, 1] = False
            kept += 1
    return found, kept, looked


@compiled
def one_sided(rows: Array, equation: Array) -> bool:
    """Whether a row has the wrong sign wherever all chances are positive, ties at corners aside.

    Those who mix fewer actions are on another support.
    """
    for r in range(len(rows)):
        low, high = extremes(rows[r])
        if (low < 0 and high <= 0) or (equation[r] and low >= 0 and high > 0):
            return True
    return False


@compiled
def copy(to: Array, cell: Array) -> None:
    """Writes ``cell`` over ``to``."""
    for j in range(cell.shape[0]):
        for v in range(cell.shape[1]):
            for s in range(cell.shape[2]):
                to[j, v, s] = cell[j, v, s]


@compiled
def extremes(row: Array) -> tuple[float, float]:
    """The smallest and the largest entry."""
    low = high = row[0]
    for x in row:
        low, high = min(low, x), max(high, x)
    return low, high

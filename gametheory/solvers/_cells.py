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
def over(rows: Array, V: Array, k: Array) -> Array:
    """The values of ``rows`` at the combinations of the vertices ``V``."""
    n = len(k)
    R, N = rows.shape
    now = rows.copy()
    new = np.empty_like(now)
    right = N
    for j in range(n):
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
                            total += V[j, v, s] * now[r, start + s * right + q]
                        new[r, start + v * right + q] = total
        now, new = new, now
    return now


@compiled
def weights(row: Array, both: bool, slack: float, k: Array, dig: Array, least: Array) -> bool:
    """Whether ``row`` can be zero (at least zero, unless ``both``); raises ``least`` weights."""
    n = len(k)
    low, high = extremes(row)
    if high < -slack or (both and low > slack):
        return False
    if low >= -slack and (not both or high <= slack):
        return True
    M = least.shape[1]
    top, bottom = np.full((n, M), -np.inf), np.full((n, M), np.inf)
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
def reduced(J: Array) -> tuple[Array, int]:
    """``C`` such that ``C J`` is the identity, and the sign of the determinant of ``J``.

    If ``J`` is singular the sign is 0, and ``C J`` as near to the identity as elimination gets.
    """
    K = len(J)
    A, C = J.copy(), np.eye(K)
    largest = 0.0
    for r in range(K):
        for c in range(K):
            largest = max(largest, abs(A[r, c]))
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
    return C, sign


@compiled
def mean_jacobian(F: Array, equation: Array, k: Array, dig: Array) -> Array:
    """Derivatives of the equations by the weights in the middle, first weights left out."""
    n, N = len(k), F.shape[1]
    K = k.sum() - n
    J = np.zeros((K, K))
    total = np.zeros((n, k.max()))
    at = 0
    for r in range(len(F)):
        if not equation[r]:
            continue
        total[:] = 0.0
        for flat in range(N):
            for j in range(n):
                total[j, dig[flat, j]] += F[r, flat]
        c = 0
        for j in range(n):
            for v in range(1, k[j]):
                J[at, c] = (total[j, v] - total[j, 0]) * k[j] / N
                c += 1
        at += 1
    return J


@compiled
def combined(C: Array, F: Array, equation: Array) -> tuple[Array, Array]:
    """``C`` times the equations, and how far rounding may put each row off."""
    K, N = len(C), F.shape[1]
    H = np.zeros((K, N))
    slack = np.zeros(K)
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
    return H, slack


@compiled
def injective(H: Array, slack: Array, k: Array, dig: Array) -> bool:
    """Whether the Jacobian is diagonally dominant at all points of the cell, row by row."""
    n, N = len(k), H.shape[1]
    step = strides(k)
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
def at_point(F: Array, x: Array, k: Array, dig: Array) -> tuple[Array, Array]:
    """Values of the rows at the weights ``x``, and their derivatives, first weights left out."""
    n = len(k)
    R, N = F.shape
    K = k.sum() - n
    value, J = np.zeros(R), np.zeros((R, K))
    first = np.zeros(n, np.int64)
    for j in range(1, n):
        first[j] = first[j - 1] + k[j - 1] - 1
    for flat in range(N):
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
            if w == 0:
                continue
            if v:
                for r in range(R):
                    J[r, first[j] + v - 1] += F[r, flat] * w
            else:
                for c in range(first[j], first[j] + k[j] - 1):
                    for r in range(R):
                        J[r, c] -= F[r, flat] * w
    return value, J


@compiled
def newton(
    F: Array, equation: Array, start: Array, k: Array, dig: Array
) -> tuple[bool, Array, Array, Array, int]:
    """A root near ``start``: whether one was met; it; the rows, the inverse, the sign there."""
    n = len(k)
    x = start.copy()
    K = k.sum() - n
    A, C = np.zeros((K, K)), np.zeros((K, K))
    value = np.zeros(len(F))
    sign, size = 1, 0.0
    met = K == 0
    for _ in range(20):
        value, J = at_point(F, x, k, dig)
        s = 0
        for r in range(len(F)):
            if equation[r]:
                for c in range(K):
                    A[s, c] = J[r, c]
                s += 1
        C, sign = reduced(A)
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
    return sign != 0 and size < 1e-10, x, value, C, sign


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
def shrunk(V: Array, k: Array, least: Array, fine: float) -> tuple[float, Array]:
    """The part of the cell with at least these weights, and the smallest scale; below 0: none.

    Simplices narrower than ``fine`` stay.
    """
    W = V.copy()
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
            return -1.0, W
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
    return smallest, W


@compiled
def root_in(rows: Array, equation: Array, V: Array, k: Array, dig: Array) -> tuple[bool, Array]:
    """Whether the cell and a margin around it hold one root only, within the margin; and it."""
    n, M = len(k), V.shape[1]
    W, x, y = V.copy(), np.zeros((n, M)), np.zeros((n, M))
    for j in range(n):
        for s in range(k[j]):
            middle = 0.0
            for v in range(k[j]):
                middle += V[j, v, s] / k[j]
            for v in range(k[j]):
                W[j, v, s] += GROWTH * (V[j, v, s] - middle)
            x[j, s] = 1 / k[j]
    F = over(rows, W, k)
    C, sign = reduced(mean_jacobian(F, equation, k, dig))
    H, slack = combined(C, F, equation)
    if sign == 0 or not injective(H, slack, k, dig):
        return False, y
    inside, x, _, _, _ = newton(F, equation, x, k, dig)
    for j in range(n):
        for v in range(k[j]):
            if x[j, v] < 0.5 * GROWTH / (1 + GROWTH) / k[j]:
                inside = False
            for s in range(k[j]):
                y[j, s] += x[j, v] * W[j, v, s]
    return inside, y


@compiled
def examined(
    rows: Array, equation: Array, start: Array, k: Array, dig: Array
) -> tuple[Array, float, float, float, int]:
    """The root near ``start``; how far off it may be; least chance, least other row; index.

    The distance is that of the Newton-Kantorovich theorem; infinite where that does not apply. The
    index is the sign of the determinant of minus the Jacobian of the equations, by the chances of
    all actions of the support but the first.
    """
    n = len(k)
    K = k.sum() - n
    met, x, value, C, sign = newton(rows, equation, start, k, dig)
    chance, low, residual, norm = 1.0, 1.0, 0.0, 0.0
    for j in range(n):
        for v in range(k[j]):
            chance = min(chance, x[j, v])
    for r in range(len(rows)):
        if equation[r]:
            residual = max(residual, abs(value[r]))
        else:
            low = min(low, value[r])
    for p in range(K):
        total = 0.0
        for s in range(K):
            total += abs(C[p, s])
        norm = max(norm, total)
    off = 2 * norm * (residual + ROUNDING)
    if not met or norm * (4 * K * K * off + K * ROUNDING) > 0.5:
        off = np.inf
    return x, off, chance, low, -sign if K % 2 else sign


@compiled
def search(
    D: Array,
    shape: Array,
    which: Array,
    cells: Array,
    true_ties: bool,
    smallest: float,
    most: int,
    roots: Array,
    facts: Array,
    left: Array,
    flat: Array,
) -> tuple[int, int, int]:
    """Writes all roots in the cells, each of the support ``which``, and the cells undecided.

    ``roots[f]`` are chances of the actions in the support, ``facts[f]``: which cell it is from, and
    what :func:`examined` says of it. ``left[u]`` is part of cell ``flat[u, 0]``, left because it is
    narrower than ``smallest`` or because the rows are zero all over it (``flat[u, 1]``). Returns
    the number of roots, of cells left and of cells looked at. Stops after ``most`` cells, or when
    an array is full: then the last number is ``most`` or more.
    """
    n, M = len(shape), cells.shape[2]
    found = kept = looked = 0
    stack, depth = np.zeros((DEEPEST + 4, n, M, M)), np.zeros(DEEPEST + 4, np.int64)
    for start in range(len(which)):
        rows, equation, _, k = system(D, shape, which[start])
        dig = digits(k)
        K = k.sum() - n
        if true_ties and one_sided(rows, equation):
            continue
        before = found
        copy(stack[0], cells[start])
        depth[0] = 0
        height = 1
        while height:
            if looked >= most or found == len(roots) or kept == len(left):
                return found, kept, most
            height -= 1
            looked += 1
            V, deep = stack[height].copy(), depth[height]
            F = over(rows, V, k)
            least = np.zeros((n, M))
            alive, tie = True, K > 0
            for r in range(len(F)):
                if not weights(F[r], equation[r], TOLERANCE, k, dig, least):
                    alive = False
                    break
                low, high = extremes(F[r])
                tie = tie and low >= -TOLERANCE and (not equation[r] or high <= TOLERANCE)
            if not alive:
                continue
            final = deep >= DEEPEST or width(V, k)[0] <= smallest
            only, y = K == 0, np.zeros((n, M))
            if K == 0:
                y[:, 0] = 1.0
            elif not tie:
                scale, W = shrunk(V, k, least, FINE)
                if scale >= KEEN or final:
                    C, sign = reduced(mean_jacobian(F, equation, k, dig))
                    H, slack = combined(C, F, equation)
                    for p in range(K):
                        if not weights(H[p], True, slack[p], k, dig, least):
                            alive = False
                            break
                    if not alive:
                        continue
                    if sign and injective(H, slack, k, dig):
                        only, y = root_in(rows, equation, V, k, dig)
                    scale, W = shrunk(V, k, least, FINE)
                if scale < 0:
                    continue
                V = W
                if scale < KEEN and not only and not final:
                    copy(stack[height], V)
                    depth[height] = deep + 1
                    height += 1
                    continue
            if only:
                y, off, chance, low, index = examined(rows, equation, y, k, dig)
                only = off < SURE
            if only:
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
                            roots[found, j, v] = y[j, v]
                    facts[found, 0] = start
                    facts[found, 1] = off
                    facts[found, 2] = chance
                    facts[found, 3] = low
                    facts[found, 4] = index
                    found += 1
                continue
            if tie or final:
                copy(left[kept], V)
                flat[kept, 0] = start
                flat[kept, 1] = tie
                kept += 1
                continue
            _, player, one, two = width(V, k)
            for end in (one, two):
                copy(stack[height], V)
                for s in range(M):
                    at = 0.4873 * V[player, one, s] + 0.5127 * V[player, two, s]
                    stack[height, player, end, s] = at
                depth[height] = deep + 1
                height += 1
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

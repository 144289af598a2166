"""The path of Lemke and Howson in floats, on one array a polytope, pivoted in place.

``T[r]`` reads ``z_basis[r] = T[r, -1] - sum_c T[r, c] z_cobasis[c]``. Variables are numbered by
their label: ``x`` and the slacks of ``Ay <= 1`` are ``0..m-1``, ``y`` and the slacks of
``B'x <= 1`` are ``m..m+n-1``.

Larger games run it through ``@compiled``: see :mod:`gametheory.solvers._worthwhile`.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array

TIE = 1e-10
"""Ratios closer than this count as equal on the path; payoffs are scaled to [1, 2]."""


def follow(A: Array, B: Array, label: int, most: int, tie: float) -> tuple[Array, int]:
    """Which labels are played at the end of the path from ``(0, 0)`` that drops ``label``.

    Shape ``(m + n,)``, bool, and the number of pivots: 0 if the path does not end within ``most``,
    -1 if rounding has led it astray. The ratio test is lexicographic in the order of the slacks.
    """
    m, n = A.shape
    P, Q = np.ones((n, m + 1)), np.ones((m, n + 1))
    for i in range(m):
        for j in range(n):
            P[j, i] = B[i, j]
            Q[i, j] = A[i, j]
    # Where each variable of a polytope is: column c of its array as c, row r as -1 - r.
    place = np.zeros((2, m + n), np.int64)
    for i in range(m):
        place[0, i], place[1, i] = i, -1 - i
    for j in range(n):
        place[0, m + j], place[1, m + j] = -1 - j, j
    basis = np.zeros((2, max(m, n)), np.int64)
    for i in range(m):
        basis[1, i] = i
    for j in range(n):
        basis[0, j] = m + j
    turn = 0 if label < m else 1
    entering = label
    tied = np.zeros(max(m, n), np.int64)
    ratio = np.zeros(max(m, n))
    for pivots in range(1, most + 1):
        T = P if turn == 0 else Q
        at = place[turn]
        height, width = T.shape
        first = m if turn == 0 else 0  # the slacks of this polytope are first, ..., first + height
        c = at[entering]
        least, count = np.inf, 0
        for r in range(height):
            if T[r, c] > tie:
                ratio[r] = T[r, width - 1] / T[r, c]
                tied[count] = r
                count += 1
                least = min(least, ratio[r])
        slack = first
        while True:
            kept = 0
            for r in tied[:count]:
                if ratio[r] <= least + tie:
                    tied[kept] = r
                    kept += 1
            count = kept
            if count <= 1 or slack == first + height:
                break
            k = at[slack]
            slack += 1
            least = np.inf
            for r in tied[:count]:  # a slack in the basis has a unit column
                if k >= 0:
                    ratio[r] = T[r, k] / T[r, c]
                else:
                    ratio[r] = 1 / T[r, c] if r == -1 - k else 0.0
                least = min(least, ratio[r])
        if count == 0:
            return np.zeros(m + n, np.bool_), -1
        r = tied[0]
        pivot = T[r, c]
        row = T[r]
        row /= pivot
        row[c] = 1 / pivot
        for q in range(height):
            f = T[q, c]
            if q != r and f != 0:
                other = T[q]
                other[c] = 0
                for k in range(width):
                    other[k] -= f * row[k]
        leaving = basis[turn, r]
        at[entering], at[leaving] = -1 - r, c
        basis[turn, r] = entering
        if leaving == label:
            played = np.zeros(m + n, np.bool_)
            for z in range(m + n):
                played[z] = place[0 if z < m else 1, z] < 0
            return played, pivots
        entering, turn = leaving, 1 - turn
    return np.zeros(m + n, np.bool_), 0

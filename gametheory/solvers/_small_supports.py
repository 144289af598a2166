"""The search for an equilibrium in which each player mixes one action, or two.

``x`` on rows ``i, k`` and ``y`` on columns ``j, l`` are an equilibrium iff ``j`` and ``l`` are best
replies to ``x`` and ``i`` and ``k`` to ``y``. As the weight ``t`` on ``k`` runs from 0 to 1, what a
column pays its player is a line, and the best replies are the upper envelope of these lines: two
columns are best at once only at a kink of it. So for each pair of rows it is enough to walk along
the envelope and to look, at each kink, whether some mixture of its two columns makes the rows pay
the same and no third row pay more. The points ``(B[i, c], B[k, c])`` of lines on the envelope lie
on or above the segment between those of the best replies to ``i`` and to ``k``, which leaves few.

Cost: three passes over the payoffs for the pure ones; for the pairs ``m^2 / 2`` passes over rows of
``n`` payoffs, a fraction of which usually reaches the first one. Larger games run it through
``@compiled``: see :mod:`gametheory.solvers._worthwhile`.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array

TIE = 1e-13
"""Payoffs closer than this, as a share of the player's range, count as equal."""


def least(A: Array, B: Array, skip: int) -> tuple[int, int, int, int, float, float]:
    """The equilibrium after the first ``skip`` with at most two actions each: pure ones come first.

    ``A`` and ``B``, shape ``(m, n)``, range over [0, 1]. Returns rows ``i, k``, columns ``j, l``
    and the weights on ``k`` and on ``l``; ``i = -1`` if there is none. Where more than two columns
    tie at a kink, the first and the last that are best around it are tried.
    """
    m, n = A.shape
    best = np.full(n, -1.0)
    for i in range(m):
        for j in range(n):
            best[j] = max(best[j], A[i, j])
    reply = np.zeros(m, np.int64)
    for i in range(m):
        for j in range(1, n):
            if B[i, j] > B[i, reply[i]]:
                reply[i] = j
        for j in range(reply[i], n):
            if B[i, j] == B[i, reply[i]] and A[i, j] == best[j]:
                if skip == 0:
                    return i, i, j, j, 0.0, 0.0
                skip -= 1
    near = np.zeros(n, np.int64)
    for i in range(m):
        for k in range(i + 1, m):
            j, last = reply[i], reply[k]
            w, v = B[k, last] - B[k, j], B[i, j] - B[i, last]
            floor = w * B[i, j] + v * B[k, j] - TIE
            count = 0
            for c in range(n):
                near[count] = c
                count += w * B[i, c] + v * B[k, c] >= floor
            for c in near[:count]:
                if B[i, c] == B[i, j] and B[k, c] > B[k, j]:
                    j = c
            while True:
                # The kink where j stops being best: least t at which a steeper line meets it.
                slope = B[k, j] - B[i, j]
                l, t, steepest = -1, 1.0, 0.0  # noqa: E741
                for c in near[:count]:
                    steeper, below = B[k, c] - B[i, c] - slope, B[i, j] - B[i, c]
                    if steeper <= TIE or below > (t + TIE) * steeper:
                        continue
                    if below < (t - TIE) * steeper or steeper > steepest:
                        l, t, steepest = c, below / steeper, steeper  # noqa: E741
                if l < 0 or t >= 1:
                    break
                rise, fall = A[i, j] - A[k, j], A[k, l] - A[i, l]
                if rise * fall > 0 and t > 0:
                    s = rise / (rise + fall)
                    level = A[i, j] + s * (A[i, l] - A[i, j]) + TIE
                    beaten = False
                    for r in range(m):
                        if A[r, j] + s * (A[r, l] - A[r, j]) > level:
                            beaten = True
                            break
                    if not beaten:
                        if skip == 0:
                            return i, k, j, l, t, s
                        skip -= 1
                j = l
    return -1, -1, -1, -1, 0.0, 0.0

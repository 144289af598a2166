"""The logit branch of a finite game, by predictor and corrector on log-probabilities, compiled.

Unknown are the logarithms ``v`` of the chances, one for each class of actions that a symmetry of
the game makes alike, and the precision ``lam``. For each class but the first of a player

    v_c - v_0 = lam (u_c - u_0),

and the chances of each player add up to one. The path is followed by its arc length in ``v`` and
``lam``: a step along the tangent, then Newton's method in the plane across it. The tangent keeps
its direction, so that a path goes straight through a point where others cross it.

Along the path three signs are watched: that of the tangent's part in ``lam`` (a turn), that of the
determinant of the equations with the tangent (another path crosses), and, where symmetry has
reduced the equations, that of the determinant with less symmetry: that which one action leaves.
(Solutions that break the symmetry leave along several directions at once, of which that which keeps
the rest of it is one; all together would not change the sign where they are even in number.) Where
a sign changes the step is halved again and again until the place is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory.solvers._compiled import compiled

TURN, CROSSING, BREAKING = 1, 2, 3
REACHED, STUCK, LONG = 0, 1, 2
NEAR, STRAIGHT = 1e-11, 0.97
LEAST, GROWTH = 1e-10, 1.7
"""Least step, and by how much a step grows after one that was easy."""
HALVINGS = 60
JUMP = 1e-5
"""Points on both sides of a place that are farther apart are not on one path."""


@compiled
def _expected(
    U: Any, first: Any, shape: Any, players: Any, x: Any, before: Any, G: Any, H: Any
) -> None:
    """Payoffs ``G[s]`` of all actions of ``players``, and ``H[s, t]``, by others' chances ``t``."""
    n = len(shape)
    G[:] = 0.0
    H[:, :] = 0.0
    at = before[1]
    at[:] = 0.0
    for p in range(len(U)):
        for i in players:
            u, q, own = U[p, i], 1.0, first[i] + int(at[i])
            for k in range(n):
                before[0, k] = q
                if k != i:
                    q *= x[first[k] + int(at[k])]
            G[own] += u * q
            q = u
            for k in range(n - 1, -1, -1):
                if k != i:
                    s = first[k] + int(at[k])
                    H[own, s] += before[0, k] * q
                    q *= x[s]
        for k in range(n - 1, -1, -1):
            at[k] += 1.0
            if at[k] < shape[k]:
                break
            at[k] = 0.0


@compiled
def _equations(
    U: Any,
    first: Any,
    shape: Any,
    players: Any,
    classes: Any,
    heads: Any,
    v: Any,
    lam: Any,
    x: Any,
    before: Any,
    G: Any,
    H: Any,
    J: Any,
) -> float:
    """Fills ``J`` (R, R + 2): derivatives by ``v``, by ``lam``, and the values; largest value.

    ``classes[s]`` is the class of action ``s``; ``heads[c]`` holds an action of class ``c``, the
    first action of its player, and the player. Rows are in units of ``1 + lam`` payoffs.
    """
    R, worst = len(heads), 0.0
    for s in range(len(x)):
        x[s] = np.exp(v[classes[s]])
    _expected(U, first, shape, players, x, before, G, H)
    unit = 1 / (1 + lam)
    for c in range(R):
        s, base, i = heads[c, 0], heads[c, 1], heads[c, 2]
        for j in range(R + 2):
            J[c, j] = 0.0
        if s == base:
            total = -1.0
            for a in range(first[i], first[i] + shape[i]):
                total += x[a]
                J[c, classes[a]] += x[a]
            J[c, R + 1] = total
        else:
            for t in range(len(x)):
                J[c, classes[t]] -= lam * (H[s, t] - H[base, t]) * x[t] * unit
            J[c, c] += unit
            J[c, classes[base]] -= unit
            gain = G[s] - G[base]
            J[c, R] = -gain * unit
            J[c, R + 1] = (v[c] - v[classes[base]] - lam * gain) * unit
        worst = max(worst, abs(J[c, R + 1]))
    return worst


@compiled
def _eliminate(A: Any, size: Any) -> int:
    """Solves ``size`` equations in place, right-hand sides last; the determinant's sign."""
    sign, width = 1, A.shape[1]
    for c in range(size):
        best = c
        for i in range(c + 1, size):
            if abs(A[i, c]) > abs(A[best, c]):
                best = i
        if A[best, c] == 0.0:
            return 0
        if best != c:
            sign = -sign
            for j in range(c, width):
                A[best, j], A[c, j] = A[c, j], A[best, j]
        if A[c, c] < 0:
            sign = -sign
        for i in range(c + 1, size):
            f = A[i, c] / A[c, c]
            if f != 0.0:
                for j in range(c, width):
                    A[i, j] -= f * A[c, j]
    for c in range(size - 1, -1, -1):
        for j in range(size, width):
            value = A[c, j]
            for k in range(c + 1, size):
                value -= A[c, k] * A[k, j]
            A[c, j] = value / A[c, c]
    return sign


@compiled
def follow(
    U: Any,
    first: Any,
    shape: Any,
    players: Any,
    classes: Any,
    heads: Any,
    finer: Any,
    finer_heads: Any,
    last: Any,
    lams: Any,
    points: Any,
    events: Any,
) -> Any:
    """The path from ``lam = 0``: points, events and how it ended.

    Fills ``lams`` and ``points`` (S, actions) and ``events`` (E, 2): the sign that changed, and
    ``lam``. ``finer`` (K, actions) and ``finer_heads`` (K, actions, 3) are ``classes`` and
    ``heads`` with less symmetry, the latter filled up with -1. Returns the numbers of points and of
    events, and the status.
    """
    R, actions, n = len(heads), len(classes), len(shape)
    x, before = np.empty(actions), np.empty((2, n))
    G, H = np.empty(actions), np.empty((actions, actions))
    J, A = np.empty((R, R + 2)), np.empty((R + 1, R + 2))
    whole = np.empty((actions, actions + 2))
    everyone = np.arange(n)
    z, t = np.empty(R + 1), np.zeros(R + 1)  # v and lam; the tangent
    trial, tangent = np.empty(R + 1), np.empty(R + 1)
    below, above = np.empty(R + 1), np.empty(R + 1)
    full = np.empty(actions)
    for s in range(actions):
        for i in range(n):
            if first[i] <= s < first[i] + shape[i]:
                z[classes[s]] = -np.log(shape[i])
    z[R], t[R] = 0.0, 1.0
    count, met, step, status = 0, 0, 0.1, REACHED
    watched = BREAKING + len(finer)
    signs, old = np.zeros(watched, np.int64), np.zeros(watched, np.int64)
    low, high, halved = 0.0, 0.0, 0
    searching = beyond = False  # looking for a place; stepping over it
    extra = 0.0
    while True:
        # The point at this step along the tangent, and what is seen there.
        if count == 0:
            trial[:] = z
        else:
            for j in range(R + 1):
                trial[j] = z[j] + step * t[j]
        fine = trial[R] >= 0.0
        rounds, moved = 0, 0.0
        while fine:
            worst = _equations(
                U, first, shape, players, classes, heads, trial[:R], trial[R], x, before, G, H, J
            )
            if not worst < 1e6:
                fine = False
                break
            if worst < 1e-15 * R or (worst < NEAR and rounds >= 3) or count == 0:
                break
            if rounds == 8:
                fine = worst < NEAR
                break
            for c in range(R):
                for j in range(R + 1):
                    A[c, j] = J[c, j]
                A[c, R + 1] = -J[c, R + 1]
            for j in range(R + 1):
                A[R, j] = t[j]
            A[R, R + 1] = 0.0
            if _eliminate(A, R + 1) == 0:
                fine = False
                break
            far = 0.0
            for j in range(R + 1):
                trial[j] += A[j, R + 1]
                far += A[j, R + 1] ** 2
            moved += np.sqrt(far)
            rounds += 1
            if moved > 0.5 * step:
                fine = False
        cosine = 1.0
        if fine:
            for c in range(R):
                for j in range(R + 1):
                    A[c, j] = J[c, j]
                A[c, R + 1] = 0.0
            for j in range(R + 1):
                A[R, j] = t[j]
            A[R, R + 1] = 1.0
            signs[CROSSING] = _eliminate(A, R + 1)
            if signs[CROSSING] == 0:
                fine = False
            else:
                length = 0.0
                for j in range(R + 1):
                    tangent[j] = A[j, R + 1]
                    length += tangent[j] ** 2
                length = np.sqrt(length)
                cosine = 0.0
                for j in range(R + 1):
                    tangent[j] /= length
                    cosine += tangent[j] * t[j]
                fine = cosine > STRAIGHT or count == 0 or searching or beyond
        if not fine and beyond:
            extra /= 2
            step = high + extra
            if extra < 1e-4 * LEAST:
                status = STUCK
                break
            continue
        if not fine and not searching:
            step /= 2
            if step < LEAST:
                status = STUCK
                break
            continue
        if fine:
            signs[TURN] = 1 if tangent[R] > 0 else -1
            if len(finer):
                for c in range(R):
                    for j in range(R + 2):
                        A[c, j] = J[c, j]
                reduced = _eliminate(A, R)
            for k in range(len(finer)):
                wide = 0
                while wide < actions and finer_heads[k, wide, 0] >= 0:
                    wide += 1
                for s in range(actions):
                    full[finer[k, s]] = trial[classes[s]]
                _equations(
                    U,
                    first,
                    shape,
                    everyone,
                    finer[k],
                    finer_heads[k, :wide],
                    full[:wide],
                    trial[R],
                    x,
                    before,
                    G,
                    H,
                    whole,
                )
                signs[BREAKING + k] = _eliminate(whole[:wide, : wide + 2], wide) * reduced
            kind = 0
            if count > 0 and not beyond:
                for k in range(1, watched):
                    if signs[k] != old[k] and signs[k] * old[k] != 0 and kind == 0:
                        kind = k
            if kind > 0 and not searching:
                searching, low, high, halved = True, 0.0, step, 0
                events[met, 0] = kind
                events[met, 1] = trial[R]
            elif searching:
                if signs[int(events[met, 0])] != old[int(events[met, 0])]:
                    high = step
                    events[met, 1] = trial[R]
                    for j in range(R + 1):
                        above[j] = trial[j]
                else:
                    low = step
                    for j in range(R + 1):
                        below[j] = trial[j]
        elif searching:
            high = step
        if searching:
            if halved == 0:
                for j in range(R + 1):
                    above[j], below[j] = trial[j], z[j]
            halved += 1
            if halved < HALVINGS and high - low > 1e-14 * (high + 1e-3):
                step = (low + high) / 2
                continue
            searching, apart = False, 0.0
            for j in range(R + 1):
                apart = max(apart, abs(above[j] - below[j]))
            if apart > JUMP * (1 + trial[R]):  # no change of sign but a leap to another path
                step = low / 2
                if step < LEAST:
                    status = STUCK
                    break
                continue
            met += 1
            beyond = True
            extra = max(high - low, 1e-3 * min(high, 1.0))
            step = high + extra
            if met == len(events):
                status = LONG
                break
            continue
        beyond = False
        for j in range(R + 1):
            z[j], t[j] = trial[j], tangent[j]
        for k in range(1, watched):
            if signs[k] != 0:
                old[k] = signs[k]
        lams[count] = z[R]
        for s in range(actions):
            points[count, s] = np.exp(z[classes[s]])
        count += 1
        if z[R] >= last:
            break
        if count == len(lams):
            status = LONG
            break
        if rounds <= 4 and cosine > 1 - (1 - STRAIGHT) / 4:
            step *= GROWTH
    return count, met, status


@compiled
def follow_many(
    tables: Any,
    first: Any,
    shape: Any,
    everyone: Any,
    singles: Any,
    heads: Any,
    none: Any,
    no_heads: Any,
    grid: Any,
    out: Any,
) -> None:
    """Fills ``out`` (B, L, actions) with the first point of each game's branch at each ``grid``."""
    games, size, n = tables.shape
    actions = len(singles)
    steps = 2000
    lams, points, events = np.empty(steps), np.empty((steps, actions)), np.empty((64, 2))
    U, v, x, before = np.empty((size, n)), np.empty(actions), np.empty(actions), np.empty((2, n))
    G, H = np.empty(actions), np.empty((actions, actions))
    J, A = np.empty((actions, actions + 2)), np.empty((actions, actions + 1))
    for b in range(games):
        unit = 0.0
        for i in range(n):
            low = high = tables[b, 0, i]
            for p in range(size):
                low, high = min(low, tables[b, p, i]), max(high, tables[b, p, i])
            for p in range(size):
                U[p, i] = tables[b, p, i] - low
            unit = max(unit, high - low)
        unit = unit if unit > 0 else 1.0
        for p in range(size):
            for i in range(n):
                U[p, i] /= unit
        last = grid[len(grid) - 1] * unit if len(grid) else 0.0
        count, _, _ = follow(
            U, first, shape, everyone, singles, heads, none, no_heads, last, lams, points, events
        )
        k = 0
        for g in range(len(grid)):
            lam = grid[g] * unit
            while k + 1 < count and lams[k + 1] < lam:
                k += 1
            other = min(k + 1, count - 1)
            if lams[other] < lam or lams[k] > lam:
                continue
            gap = lams[other] - lams[k]
            share = (lam - lams[k]) / gap if gap > 0 else 0.0
            for s in range(actions):
                low = np.log(max(points[k, s], 1e-320))
                v[s] = low + share * (np.log(max(points[other, s], 1e-320)) - low)
            good = False
            for _ in range(30):
                worst = _equations(
                    U, first, shape, everyone, singles, heads, v, lam, x, before, G, H, J
                )
                if worst < 1e-15 * actions:
                    good = True
                    break
                for c in range(actions):
                    for j in range(actions):
                        A[c, j] = J[c, j]
                    A[c, actions] = -J[c, actions + 1]
                if _eliminate(A, actions) == 0:
                    break
                far = 0.0
                for c in range(actions):
                    far = max(far, abs(A[c, actions]))
                for c in range(actions):  # what is as good as never played has no effect: all of it
                    far_off = v[c] > -30.0 and abs(A[c, actions]) > 2.0
                    v[c] += (2.0 if A[c, actions] > 0 else -2.0) if far_off else A[c, actions]
                if far < 1e-13 * (1 + lam):
                    good = worst < 1e-8  # before that last step
                    break
            if good:
                for s in range(actions):
                    out[b, g, s] = np.exp(v[s])

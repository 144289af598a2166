"""Roots of the gain from acting for every pair ``(j, L)`` at once, in floats, each with a proof.

Against ``j`` who act for sure and ``L`` who act with chance ``q`` the gain from acting is

    w_(j,L)(q) = sum_s C(L, s) q^s (1 - q)^(L - s) d_(j + s),    |d| <= 1.

At a point all of these follow from each other, ``w_(j,L+1) = (1 - q) w_(j,L) + q w_(j+1,L)``: an
average, so that rounding adds at most a few units in the last place a step. Derivatives are
differences of them: ``w' = L (w_(j+1,L-1) - w_(j,L-1))``. On a cell of half width ``h`` the gain is
its Taylor polynomial of degree 2 to within

    R sqrt(C(L, 3)) (h / sigma)^3,    sigma^2 = min q (1 - q),

``R`` half the range of the gains that enter: the derivatives of the binomial weights are the
weights times Krawtchouk polynomials, of mean square ``s!^2 C(L, s) / sigma^(2 s)``, and Cauchy and
Schwarz do the rest. Near 0 and 1 ``8 R C(L, 3) h^3`` is less. This gives each cell the sign of the
gain, or of its slope, or neither.

Cost: 13 n^2.5 cells, about 5 ns each, and a microsecond a root.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

UNIT = 2.0**-53


@dataclass(frozen=True)
class Swept:
    """What the sweep finds for one ``L``.

    ``j`` and ``q``, one entry a root: the gain is zero there, that with one fewer for sure positive
    (or ``j`` is 0), that with one more negative (or there is none). ``low`` and ``high`` enclose
    the root; ``left`` is the sign of the gain at ``low``. Every other root with that property, and
    any at which a neighbour is zero, belongs to a ``j`` in ``undecided``.
    """

    j: Array
    q: Array
    low: Array
    high: Array
    left: Array
    undecided: Array


def sweep(d: Sequence[int], candidates: Sequence[Array], step: float) -> Iterator[Swept]:
    """For ``L = 1, 2, ...`` the roots sought for the ``j`` in ``candidates[L - 1]``.

    ``step`` is the width of a cell in standard deviations of the share of all ``n`` who act.
    """
    n, unit = len(d), max(map(abs, d))
    gains = np.array([x / unit for x in d])
    edges, centre, half = _cells(n, step)
    share = np.minimum(edges[:-1] * (1 - edges[:-1]), edges[1:] * (1 - edges[1:]))
    ratio = np.divide(half, np.sqrt(share), out=np.full_like(half, 1e9), where=share > 0)
    nonzero = np.array([x != 0 for x in d])
    starts, stops = _changes(d)
    first, last = _signs(d)
    least = most = gains
    now = np.repeat(gains[None], len(centre), axis=0)
    before = twice = now
    for L in range(1, n):
        twice, before, now = before, now, _average(now, centre)
        least, most = np.minimum(least[:-1], least[1:]), np.maximum(most[:-1], most[1:])
        js = candidates[L - 1]
        if not js.size:
            none = np.empty(0)
            yield Swept(js, none, none, none, none, js)
            continue
        ways = math.comb(L, 3)
        tail = 1.01 * np.minimum(math.sqrt(ways) * ratio**3, 8.0 * ways * half**3)
        noise = (12 * L + 16) * UNIT * (1 + L * half) ** 2
        wanted = _near(js, n - L)
        ends = _ends(gains, nonzero, edges, wanted, L)
        reach = (most - least) / 2
        signs, slopes = _statuses(now, before, twice, wanted, L, half, tail, noise, reach, *ends)
        changes = np.searchsorted(stops, js + L, "right") - np.searchsorted(starts, js, "left")
        j, left, right, sign, odd = _gaps(signs, slopes, js, changes, first[js], last[js + L])
        q, near, verdict = _polish(gains, j, L, edges[left], edges[right], sign)
        doubt = np.union1d(js[odd], j[verdict == 0])
        kept = (verdict > 0) & ~np.isin(j, doubt)
        low, high = np.maximum(q - near, edges[left]), np.minimum(q + near, edges[right])
        yield Swept(j[kept], q[kept], low[kept], high[kept], sign[kept], doubt)


def _cells(n: int, step: float) -> tuple[Array, Array, Array]:
    """Edges, centres and half widths of cells of (0, 1), alike on the scale of the arcsine.

    Multiples of ``2 ** -41``, so that one less any of them is exact.
    """
    count = math.ceil(math.pi / 2 * math.sqrt(n) / step)
    edges = np.sin(np.pi / 2 * np.arange(count + 1) / count) ** 2
    edges = np.round(edges * 2.0**40) / 2.0**40
    return edges, (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2


def _changes(d: Sequence[int]) -> tuple[Array, Array]:
    """Where each change of sign in ``d`` starts and ends, zeros between left out."""
    at = np.array([k for k, x in enumerate(d) if x])
    sign = np.array([x > 0 for x in d if x])
    changes = np.flatnonzero(sign[1:] != sign[:-1])
    return at[changes], at[changes + 1]


def _signs(d: Sequence[int]) -> tuple[Array, Array]:
    """Sign of the first nonzero gain from each place on, and of the last one up to it."""
    last = np.zeros(len(d), dtype=np.int8)
    first = np.zeros(len(d), dtype=np.int8)
    for out, places in ((last, range(len(d))), (first, reversed(range(len(d))))):
        sign = 0
        for k in places:
            sign = (d[k] > 0) - (d[k] < 0) or sign
            out[k] = sign
    return first, last


def _near(js: Array, count: int) -> Array:
    """The ``js`` and their neighbours."""
    near = np.zeros(count + 2, dtype=np.bool_)
    for shift in range(3):
        near[js + shift] = True
    return np.flatnonzero(near[1:-1])


def _ends(gains: Array, nonzero: Array, edges: Array, js: Array, L: int) -> tuple[Array, ...]:
    """Of each gain its signs near 0 and 1, and the cells before and from which it keeps them.

    If the first nonzero gain that enters is the ``z``-th, ``a``, the others add up to less than
    ``y / (1 - y)`` of it over ``a``, where ``y = r L / (z + 1)`` and ``r`` are the odds of acting.
    """
    found: list[Array] = []
    for flip in (False, True):
        side = -1 if flip else 1
        start = len(gains) - 1 - (js + L) if flip else js
        places = np.flatnonzero(np.append(nonzero[::side], True))
        at = places[np.searchsorted(places, start)]
        a = np.append(gains[::side], 0.0)[at] * (at <= start + L)
        r = 0.99 * (at - start + 1) / L * np.abs(a) / (1 + np.abs(a))
        q = r / (1 + r)
        cells = np.searchsorted(1 - edges[::-1] if flip else edges, q, "right") - 1
        found += [np.sign(a).astype(np.int8), len(edges) - 1 - cells if flip else cells]
    return tuple(found)


@compiled
def _average(w: Array, q: Array) -> Array:
    cells, count = w.shape
    out = np.empty((cells, count - 1))
    for g in range(cells):
        for j in range(count - 1):
            out[g, j] = (1 - q[g]) * w[g, j] + q[g] * w[g, j + 1]
    return out


@compiled
def _statuses(
    now: Array,
    before: Array,
    twice: Array,
    js: Array,
    L: int,
    half: Array,
    tail: Array,
    noise: Array,
    reach: Array,
    first: Array,
    below: Array,
    last: Array,
    above: Array,
) -> tuple[Array, Array]:
    """Sign of the gain and of its slope over each cell, shape (cells, j): for ``js``, if proved."""
    cells, count = now.shape
    signs = np.zeros((cells, count), dtype=np.int8)
    slopes = np.zeros((cells, count), dtype=np.int8)
    for g in range(cells):
        h = half[g]
        for i in range(len(js)):
            j = js[i]
            w = now[g, j]
            rise = L * h * (before[g, j + 1] - before[g, j])
            bend = 0.0
            if L > 1:
                second = twice[g, j + 2] - 2 * twice[g, j + 1] + twice[g, j]
                bend = L * (L - 1) * h * h * second
            rest = tail[g] * reach[j]
            least = min(w, w - rise + bend / 2, w + rise + bend / 2)
            most = max(w, w - rise + bend / 2, w + rise + bend / 2)
            slack = abs(bend) / 8 + rest + noise[g]
            if g < below[i]:
                signs[g, j] = first[i]
            elif g >= above[i]:
                signs[g, j] = last[i]
            else:
                signs[g, j] = (least > slack) - (most < -slack)
            if abs(rise) > abs(bend) + 3 * rest + noise[g]:
                slopes[g, j] = 1 if rise > 0 else -1
    return signs, slopes


@compiled
def _gaps(
    signs: Array, slopes: Array, js: Array, changes: Array, first: Array, last: Array
) -> tuple[Array, ...]:
    """Gaps between cells of opposite signs that hold one root each, and which ``js`` are odd.

    Of a gap: ``j``, the edges to its left and right, and the sign to its left. A cell is live if
    the sign of the gain is open and the neighbours allow an equilibrium; only gaps with a live cell
    are given. An odd ``j`` has a live cell among open ones over which the slope may turn.
    """
    cells, count = signs.shape
    gap = [0][:0]
    odd = np.zeros(len(js), dtype=np.bool_)
    for i in range(len(js)):
        j = js[i]
        start, found, turning = len(gap), 0, False
        sign, edge, live, same = int(first[i]), 0, False, True
        for g in range(cells + 1):
            here = int(signs[g, j] if g < cells else last[i])
            if here == 0:
                right = j + 1 < count and signs[g, j + 1] > 0
                left = j > 0 and signs[g, j - 1] < 0
                live |= not (left or right)
                same &= slopes[g, j] != 0  # then alike: neighbours share an edge
                continue
            if live and not same:
                turning = True
            if here != sign:
                found += 1
                if live:
                    gap += [j, edge, g, sign]
            sign, edge, live, same = here, g + 1, False, True
        if turning and found != changes[i]:
            odd[i] = True
            del gap[start:]
    table = np.array(gap).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3], odd


@compiled
def _gain(d: Array, j: int, L: int, q: float) -> tuple[float, float]:
    """The gain and its slope; off by at most ``(12 L + 16) UNIT`` where ``1 - q`` is exact.

    Binomial weights by the ratios of neighbours, outwards from the mode.
    """
    odds = q / (1 - q)
    mode = min(int((L + 1) * q), L)
    total, value, tilt = 1.0, d[j + mode], d[j + mode] * (mode - L * q)
    weight = 1.0
    for s in range(mode + 1, L + 1):
        weight *= (L + 1 - s) / s * odds
        if weight < 1e-30:
            break
        total += weight
        value += weight * d[j + s]
        tilt += weight * d[j + s] * (s - L * q)
    weight = 1.0
    for s in range(mode, 0, -1):
        weight *= s / (L + 1 - s) / odds
        if weight < 1e-30:
            break
        total += weight
        value += weight * d[j + s - 1]
        tilt += weight * d[j + s - 1] * (s - 1 - L * q)
    return value / total, tilt / total / (q * (1 - q))


@compiled
def _polish(
    d: Array, js: Array, L: int, lows: Array, highs: Array, signs: Array
) -> tuple[Array, Array, Array]:
    """The root in each gap, to within what, and if an equilibrium: 1 yes, -1 no, 0 not decided.

    Newton's method within the gap. The root is then enclosed between two points near each other, at
    which the signs are proved; the neighbours' signs are proved for the whole of that interval.
    """
    qs, nears = np.empty(len(js)), np.zeros(len(js))
    verdicts = np.zeros(len(js), dtype=np.int8)
    noise = (12 * L + 16) * UNIT
    for i in range(len(js)):
        j, low, high, sign = js[i], lows[i], highs[i], signs[i]
        q, slope = (low + high) / 2, 0.0
        for _ in range(100):
            value, slope = _gain(d, j, L, q)
            if value * sign > 0:
                low = q
            else:
                high = q
            step = value / slope if slope != 0 else math.inf
            last, q = q, q - step
            if not low < q < high:
                q = (low + high) / 2
            if abs(q - last) <= 4 * UNIT * last:
                break
        qs[i] = q
        if slope == 0 or not 1e-7 < q < 1 - 1e-7:
            continue
        grain = 2.0**-50
        at = np.round(q / grain) * grain
        near = np.ceil(4 * noise / abs(slope) / grain + 1) * grain
        if not near < 0.01 * min(at, 1 - at):
            continue
        nears[i] = near + grain
        below, above = max(at - near, lows[i]), min(at + near, highs[i])
        if below > lows[i] and not _gain(d, j, L, below)[0] * sign > noise:
            continue
        if above < highs[i] and not _gain(d, j, L, above)[0] * sign < -noise:
            continue
        reach = noise + 1.03 * near * math.sqrt(L / (at * (1 - at)))
        fewer = _gain(d, j - 1, L, at)[0] if j > 0 else math.inf
        more = _gain(d, j + 1, L, at)[0] if j + L + 1 < len(d) else -math.inf
        if fewer < -reach or more > reach:
            verdicts[i] = -1
        elif fewer > reach and more < -reach:
            verdicts[i] = 1
    return qs, nears, verdicts

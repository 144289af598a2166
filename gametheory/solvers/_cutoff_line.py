"""Zeros of the gain of the marginal type along symmetric profiles of two actions, enclosed.

Let ``p`` be the chance that a player chooses the first action and ``t(p)`` the type at the cutoff.
With ``D(t, k)`` the gain from the first action when ``k`` of the ``N`` others choose it,

    g(p) = E[ D(t(p), k) ],   k ~ Bin(N, p).

Three facts bound ``g`` on a cell ``a <= p <= b``, and nothing else is asked of payoffs or law:
``t`` is monotone in ``p``; ``D`` falls with ``t`` in that order; and the expectation of a rising
function of ``k`` rises in ``p``. With ``D(t, .)`` split into ``D(t, 0)``, a rising part ``R_t`` and
a falling part ``S_t``,

    g(p) <= D(t(a), 0) + E_b[R_t(a)] + E_a[S_t(a)],
    g(p) >= D(t(b), 0) + E_a[R_t(b)] + E_b[S_t(b)].

Where ``D(., k)`` may rise or fall with the type, as long as it is monotone for each ``k``, the
greater of its values at ``t(a)`` and ``t(b)`` stands in the first line, the lesser in the second.
A sharper bound often holds. The slope of ``h(p) = E_p[D(t, .)]`` is ``N`` times the mean of
``D(t, k + 1) - D(t, k)`` over ``Bin(N - 1, p)``, and changes its sign no more often in ``p`` than
the differences do in ``k``, and in the same order (variation diminishing, after Karlin 1968, Total
Positivity). So ``h`` is at most the greater of ``h(a)`` and ``h(b)`` if no rise of ``D(t, .)``
comes before a fall; and also if all rises come before all falls and ``h`` falls at ``a`` or rises
at ``b``. That bounds ``g`` from above with ``t(a)`` for ``t``, and from below likewise.

Cells on which a bound has a sign hold no zero. The others are cut, in the logit ``y`` of ``p``:
where the signs at the ends tell that there is a zero, it is found, and the parts widen off it; else
into halves. Chances near 0 and near 1 are resolved relative to their distance from it, but within
some 1e-12 of them cells stay as wide as half a logit. What is left are clusters of cells that
touch.

Rounding. Binomial chances are exponentials of logits; each is off by at most ``8 N + 2000`` units
in the last place relative to itself. A sum is off by so much of the sum of its terms' sizes, that
of both payoffs among them, and by what the last digits of the type make of it; each test allows for
that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gametheory import _laws
from gametheory.game import Array

UNIT = 2.0**-53
TAIL = 28.0  # logit beyond which cells are not halved below COARSE
COARSE = 0.5
LEAST = -700.0  # logarithm of a chance that is taken for zero: sums of denormal numbers are slow
NARROW = 1e-12  # width of a cell in logits, or relative to the logit, that is not halved
ROOM = 4_000_000  # counts times cells held at once
EFFORT = 40_000_000  # counts times cells, over all levels
CELLS = 400_000  # over all levels
GROWTH = 16.0  # of one part of a cell over the one nearer to the zero
WIDE = 1e-6  # width of a cell beyond which it is cut so
MANY = 64  # cells at one level beyond which those on which the gain is zero are set aside

Gains = Callable[[Array], tuple[Array, Array]]
"""From types to the gains ``D`` at each count and the sizes of the payoffs, ``(types, N + 1)``."""


@dataclass
class Cluster:
    """Logits ``low`` to ``high``; whether all of its cells are as narrow as can be told apart.

    A cell on which the gain is zero, as far as can be told, counts as narrow.
    """

    low: float
    high: float
    resolved: bool


@dataclass
class Line:
    """The gain of the marginal type as a function of the logit of the chance to act."""

    gains: Gains
    law: object
    first: str
    N: int

    def __post_init__(self) -> None:
        from scipy.special import gammaln

        reach = _laws.reach(self.law)
        self.far = reach if self.first == "low" else reach[::-1]
        k = np.arange(self.N + 1)
        self.k = k
        self.ways = gammaln(self.N + 1) - gammaln(k + 1) - gammaln(self.N - k + 1)
        self.rounding = (8 * self.N + 2000) * UNIT
        t = _laws.quantile(self.law, *_laws.grid())
        t = t[np.concatenate([[True], np.diff(t) > 0])]
        with np.errstate(over="ignore"):
            slopes = np.abs(np.diff(self.gains(t)[0], axis=0)).max(axis=1) / np.diff(t)
        beside = np.concatenate([slopes[:1], slopes, slopes[-1:]])
        self.seen, self.edges = t[1:-1], self.gains(t[[0, -1]])[0]
        self.outer = t[0], t[-1]
        self.steepness = np.maximum(np.maximum(beside[:-2], beside[1:-1]), beside[2:])

    @property
    def corners(self) -> tuple[float, float]:
        """The cutoffs at which nobody and everybody acts."""
        low, high = _laws.support(self.law)
        return (low, high) if self.first == "low" else (high, low)

    def types(self, y: Array) -> Array:
        """The type at the cutoff; at an infinite end of the support, one far out."""
        low, high = (np.isinf(end) for end in _laws.support(self.law))
        if self.first == "high":
            low, high = high, low
        y = np.clip(y, -self.far[0] if low else -np.inf, self.far[1] if high else np.inf)
        p, rest = chance(y)
        return _laws.quantile(self.law, *((p, rest) if self.first == "low" else (rest, p)))

    def weights(self, y: Array) -> Array:
        """Chances of the counts, shape ``(len(y), N + 1)``."""
        with np.errstate(over="ignore", invalid="ignore"):
            p, rest = -np.logaddexp(0, -y)[:, np.newaxis], -np.logaddexp(0, y)[:, np.newaxis]
            power = np.where(self.k > 0, self.k * p, 0) + np.where(
                self.k < self.N, (self.N - self.k) * rest, 0
            )
            power += self.ways
            return np.where(power > LEAST, np.exp(np.maximum(power, LEAST)), 0)

    def values(self, y: Array) -> tuple[Array, Array]:
        """``g`` at each logit, and how far off it may be."""
        found = [self._values(part) for part in np.array_split(y, 1 + len(y) * self.N // ROOM)]
        g, off = (np.concatenate(side) for side in zip(*found))
        return g, off

    def _values(self, y: Array) -> tuple[Array, Array]:
        W, t = self.weights(y), self.types(y)
        D, size = self.gains(t)
        return (W * D).sum(axis=1), self._off(t, D, (W * size).sum(axis=1))

    def _off(self, t: Array, D: Array, sizes: Array) -> Array:
        """How far a sum may be off: for its terms, and for the last digits of the type."""
        steep = self.steepness[np.searchsorted(self.seen, t)]
        for edge, there, out in zip(self.outer, self.edges, (t < self.outer[0], t > self.outer[1])):
            if out.any():  # the mean slope from the last quantile looked at
                rise = np.abs(D[out] - there).max(axis=1)
                steep[out] = rise / np.abs(t[out] - edge)
        return np.asarray(self.rounding * sizes + 4 * UNIT * steep * np.abs(t))

    def at(self, c: float) -> float:
        """``g`` at the cutoff ``c``."""
        p, rest = float(_laws.below(self.law, c)), float(_laws.above(self.law, c))
        p, rest = (p, rest) if self.first == "low" else (rest, p)
        with np.errstate(divide="ignore"):
            y = np.log(p) - np.log(rest)
        D, _ = self.gains(np.array([c]))
        return float(self.weights(np.array([y]))[0] @ D[0])

    def grid(self, middle: int = 49) -> Array:
        """The ends of the first cells."""
        tail = _laws.LOGITS[1:]
        low, high = (tail[tail <= far] for far in self.far)
        ends = np.array([-np.inf]), np.array([np.inf])
        return np.concatenate([ends[0], -low[::-1], np.linspace(-8, 8, middle), high, ends[1]])

    def clusters(self) -> list[Cluster]:
        """Where ``g`` may be zero: outside of these it is not."""
        y = self.grid()
        a, b = y[:-1], y[1:]
        done: list[Cluster] = []
        tested = 0
        while len(a):
            tested += len(a)
            open_still, decided, crossed = self._test(a, b)
            a, b, decided = a[open_still], b[open_still], decided[open_still]
            size = np.maximum(1, np.minimum(np.abs(a), np.abs(b)))
            with np.errstate(invalid="ignore"):
                fine = decided | (b - a <= NARROW * size) | np.isinf(a) | np.isinf(b)
                fine |= (np.minimum(np.abs(a), np.abs(b)) >= TAIL) & (b - a <= COARSE)
            if len(a) > MANY:
                fine |= self._flat(a, b)
            done += [Cluster(*ends, True) for ends in zip(a[fine].tolist(), b[fine].tolist())]
            a, b, crossed = a[~fine], b[~fine], crossed[open_still][~fine]
            cost = len(a) * (self.N + 1)
            if 2 * cost > ROOM or tested * (self.N + 1) > EFFORT or tested > CELLS:
                done += [Cluster(*ends, False) for ends in zip(a.tolist(), b.tolist())]
                break
            crossed &= b - a > WIDE
            graded = [self._graded(*ends) for ends in zip(a[crossed].tolist(), b[crossed].tolist())]
            a, b = a[~crossed], b[~crossed]
            middle = (a + b) / 2
            a = np.concatenate([a, middle, *(y[:-1] for y in graded)])
            b = np.concatenate([middle, b, *(y[1:] for y in graded)])
        return _joined(done)

    def _graded(self, a: float, b: float) -> Array:
        """The ends of parts of a cell with a zero: narrow at the zero, wider off it.

        Where the gain rises, for the counts rise more than types fall, a part at the distance ``d``
        may be wider than that by as much as the one part of the slope is greater than the other.
        """
        from scipy.optimize import brentq

        size = NARROW * max(1.0, min(abs(a), abs(b)))
        at_a, at_b = self._gain(a), self._gain(b)
        if at_a * at_b < 0:
            y = brentq(self._gain, a, b, xtol=size / 4)
        else:
            y = a if abs(at_a) <= abs(at_b) else b
        growth, tiny = GROWTH, float(np.finfo(float).tiny)
        if at_b > at_a:
            counts = self._mean(b, y) - self._mean(a, y)
            growth = min(
                max(1 + 0.8 * (at_b - at_a) / max(counts - at_b + at_a, tiny), 1.1), GROWTH
            )
        off = size / 2 * growth ** np.arange(math.log((b - a) / size, growth) + 1)
        left, right = y - off[::-1], y + off
        return np.concatenate([[a], left[left > a], right[right < b], [b]])

    def _gain(self, y: float) -> float:
        return self._mean(y, y)

    def _mean(self, y: float, of: float) -> float:
        """Expected gain of the type marginal at the logit ``of``, if others act by ``y``."""
        D, _ = self.gains(self.types(np.array([of])))
        return float(self.weights(np.array([y]))[0] @ D[0])

    def _flat(self, a: Array, b: Array) -> Array:
        """Whether ``g`` is zero at five points of each cell, as far as can be told."""
        inner = np.isfinite(a) & np.isfinite(b)
        points = np.linspace(np.where(inner, a, 0), np.where(inner, b, 0), 5)
        g, off = self.values(points.ravel())
        return inner & (np.abs(g) <= off).reshape(points.shape).all(axis=0)

    def _test(self, a: Array, b: Array) -> tuple[Array, Array, Array]:
        """Which cells may hold a zero, on which bounds are all rounding, which ends differ in sign.

        Bounds by the ends come first; where these are not both known, those by parts.
        """
        ends, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        i, j = place[: len(a)], place[len(a) :]
        W, t = self.weights(ends), self.types(ends)
        D, size = self.gains(t)
        own = self._off(t, D, (W * size).sum(axis=1))
        g = (W * D).sum(axis=1)
        sign = np.where(np.abs(g) > own, np.sign(g), 0)
        crossed = (sign[i] != sign[j]) & np.isfinite(a) & np.isfinite(b)
        high, low = np.maximum(D[i], D[j]), np.minimum(D[i], D[j])
        late = a > 0
        at_ends = W[i], W[j], late
        most, least = self._most(high, *at_ends), -self._most(-low, *at_ends)
        bulk = np.maximum(size[i], size[j])
        bulk = np.maximum(*(np.einsum("ck,ck->c", w, bulk) for w in at_ends[:2]))
        rest = np.maximum(own[i], own[j])
        slack = self.rounding * bulk + rest
        open_still = ~((most < -slack) | (least > slack))
        with np.errstate(invalid="ignore"):
            decided = most - least <= 4 * slack
        left = np.flatnonzero(open_still & (np.isinf(most) | np.isinf(least)))
        if len(left):
            i, j, late = i[left], j[left], late[left]
            above = np.cumsum(W[:, :0:-1], axis=1)[:, ::-1]  # P(K >= k) for k = 1..N, and less one:
            under = -np.cumsum(W[:, :-1], axis=1)  # near p = 1 parts are counted from the other end
            tails = [np.where(late[:, np.newaxis], under[x], above[x]) for x in (i, j)]
            most, off = self._bound(high[left], tails[1], tails[0], late)
            least, other = self._bound(low[left], tails[0], tails[1], late)
            slack = self.rounding * np.maximum(off, other) + rest[left]
            open_still[left] = ~((most < -slack) | (least > slack))
            decided[left] = most - least <= 4 * slack
        return open_still, decided, crossed

    def _most(self, D: Array, at_a: Array, at_b: Array, late: Array) -> Array:
        """The greatest mean of ``D`` between laws of the count; infinite if it may be inside."""
        steps = np.diff(D, axis=1)
        ends = np.maximum(*(np.einsum("ck,ck->c", w, D) for w in (at_a, at_b)))
        (first_up, last_up), (first_down, last_down) = _span(steps > 0), _span(steps < 0)
        known = last_down < first_up
        known |= (last_up < 0) | (last_down < 0)
        peak = np.flatnonzero(~known & (last_up < first_down))
        if len(peak):
            rises, falls = np.maximum(steps[peak], 0), np.minimum(steps[peak], 0)
            k = self.k[:-1]
            for at, toward in ((at_a, -1), (at_b, 1)):
                w = at[peak]
                w = np.where(late[peak, np.newaxis], w[:, 1:] * (k + 1), w[:, :-1] * (self.N - k))
                up, down = np.einsum("ck,ck->c", w, rises), np.einsum("ck,ck->c", w, falls)
                known[peak] |= toward * (up + down) > self.rounding * (up - down)
        return np.where(known, ends, np.inf)

    def _bound(self, D: Array, up: Array, down: Array, late: Array) -> tuple[Array, Array]:
        """Mean of ``D``, its rising part by the tails ``up``, its falling by ``down``; its size."""
        steps = np.diff(D, axis=1)
        rise = np.einsum("ck,ck->c", up, np.maximum(steps, 0))
        fall = np.einsum("ck,ck->c", down, np.minimum(steps, 0))
        base = np.where(late, D[:, -1], D[:, 0])
        return base + rise + fall, np.abs(rise) + np.abs(fall)


def _span(flags: Array) -> tuple[Array, Array]:
    """The first and the last True of each row; the length of the row and -1 if there is none."""
    length = flags.shape[1]
    some = flags.any(axis=1) if length else np.zeros(len(flags), bool)
    if not some.any():
        return np.full(len(flags), length), np.full(len(flags), -1)
    first, back = flags.argmax(axis=1), flags[:, ::-1].argmax(axis=1)
    return np.where(some, first, length), np.where(some, length - 1 - back, -1)


def chance(y: Array) -> tuple[Array, Array]:
    """The chance with logit ``y``, and one less it."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y))


def _joined(cells: list[Cluster]) -> list[Cluster]:
    """Cells that touch, as one."""
    joined: list[Cluster] = []
    for cell in sorted(cells, key=lambda cell: cell.low):
        if joined and joined[-1].high >= cell.low:
            joined[-1] = Cluster(joined[-1].low, cell.high, joined[-1].resolved and cell.resolved)
        else:
            joined.append(cell)
    return joined

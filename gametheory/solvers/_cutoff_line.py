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
Cells on which a bound has a sign hold no zero. The others are halved, in the logit ``y`` of ``p``:
chances near 0 and near 1 are resolved relative to their distance from it. What is left are clusters
of cells that touch.

Rounding. Binomial chances are exponentials of logits; each is off by at most ``8 N + 2000`` units
in the last place relative to itself. A sum is off by so much of the sum of its terms' sizes, that
of both payoffs among them, and by what the last digits of the type make of it; each test allows for
that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gametheory import _laws
from gametheory.game import Array

UNIT = 2.0**-53
TAIL = 28.0  # logit beyond which cells are not halved below COARSE
COARSE = 0.5
NARROW = 1e-12  # width of a cell in logits, or relative to the logit, that is not halved
ROOM = 4_000_000  # counts times cells held at once
EFFORT = 40_000_000  # counts times cells, over all levels
CELLS = 400_000  # over all levels
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
            return np.asarray(np.exp(self.ways + power))

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
            open_still, decided = self._test(a, b)
            a, b, decided = a[open_still], b[open_still], decided[open_still]
            size = np.maximum(1, np.minimum(np.abs(a), np.abs(b)))
            with np.errstate(invalid="ignore"):
                fine = decided | (b - a <= NARROW * size) | np.isinf(a) | np.isinf(b)
                fine |= (np.minimum(np.abs(a), np.abs(b)) >= TAIL) & (b - a <= COARSE)
            if len(a) > MANY:
                fine |= self._flat(a, b)
            done += [Cluster(*ends, True) for ends in zip(a[fine].tolist(), b[fine].tolist())]
            a, b = a[~fine], b[~fine]
            cost = len(a) * (self.N + 1)
            if 2 * cost > ROOM or tested * (self.N + 1) > EFFORT or tested > CELLS:
                done += [Cluster(*ends, False) for ends in zip(a.tolist(), b.tolist())]
                break
            middle = (a + b) / 2
            a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        return _joined(done)

    def _flat(self, a: Array, b: Array) -> Array:
        """Whether ``g`` is zero at five points of each cell, as far as can be told."""
        inner = np.isfinite(a) & np.isfinite(b)
        points = np.linspace(np.where(inner, a, 0), np.where(inner, b, 0), 5)
        g, off = self.values(points.ravel())
        return inner & (np.abs(g) <= off).reshape(points.shape).all(axis=0)

    def _test(self, a: Array, b: Array) -> tuple[Array, Array]:
        """Which cells may hold a zero, and on which of these the bounds are all rounding."""
        ends, place = np.unique(np.concatenate([a, b]), return_inverse=True)
        i, j = place[: len(a)], place[len(a) :]
        W, t = self.weights(ends), self.types(ends)
        D, size = self.gains(t)
        own = self._off(t, D, (W * size).sum(axis=1))
        late = a > 0  # near p = 1 the parts are counted from the other end
        most, off = self._bound(np.maximum(D[i], D[j]), W[j], W[i], late)
        least, other = self._bound(np.minimum(D[i], D[j]), W[i], W[j], late)
        slack = self.rounding * np.maximum(off, other) + np.maximum(own[i], own[j])
        return ~((most < -slack) | (least > slack)), most - least <= 4 * slack

    def _bound(self, D: Array, up: Array, down: Array, late: Array) -> tuple[Array, Array]:
        """Mean of ``D``, its rising part at the law ``up``, its falling at ``down``; its size."""
        steps = np.diff(D, axis=1)
        zero = np.zeros((len(D), 1))
        parts = []
        for part, law in ((np.maximum(steps, 0), up), (np.minimum(steps, 0), down)):
            total = np.hstack([zero, np.cumsum(part, axis=1)])
            total[late] -= total[late, -1:]
            parts.append(np.einsum("ck,ck->c", law, total))
        base = np.where(late, D[:, -1], D[:, 0])
        return base + parts[0] + parts[1], np.abs(parts[0]) + np.abs(parts[1])


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

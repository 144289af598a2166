"""Zeros of systems of polynomials in Bernstein form on the unit cube, each with a proof.

With ``B_i(t) = C(n, i) t^i (1 - t)^(n - i)`` along each axis, a polynomial is a weighted mean of
its coefficients: its range over a box lies between the least and the greatest of those it has
there, and so do its derivatives, ``n`` times the differences along an axis. The coefficients on
half a box are means of those on the whole, so that halving is stable.

A box is dropped if a row cannot be what is asked of it: zero, at least zero or at most zero. The
equations, combined by the inverse of their mean Jacobian, are near to ``t - t*``. If all over a
slightly wider box the Jacobian of these is diagonally dominant, the box holds at most one zero; and
if at a point the rows are less in size than the dominance times the distance to its sides, one
(Poincaré 1883, Miranda 1940). That is found by Newton's method. Else the box is halved.

Boxes that neither proves are *left*. If there are no equations, a box on which all rows are as they
should is *solid*: all of it solves the system.

Rounding. Rows take values up to 1. Each halving puts coefficients off by at most ``2 (n + 2)
2^-53`` more, half of it for the weights, half for the sum; each test allows for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from gametheory.count import _binomial
from gametheory.game import Array, freeze

UNIT = 2.0**-53
LIVE = 512  # boxes at one level beyond which a system is taken to have a continuum of zeros
LEVELS = 26  # halvings of each axis, at most
COARSE = 4  # of each axis, at least
ROOM = 20_000_000  # coefficients held at once
BLOCK = 1_000_000  # coefficients looked at together
EFFORT = 4e10  # multiplications, about
STEPS = 40


@dataclass
class Found:
    """Zeros (a point and how far off it may be), and boxes ``(low, high)``.

    Every zero in the cube is one of ``zeros`` or in one of ``solid`` and ``left``. ``whole`` tells
    that the search went as deep as it is meant to.
    """

    zeros: list[tuple[Array, float]] = field(default_factory=list)
    solid: list[tuple[Array, Array]] = field(default_factory=list)
    left: list[tuple[Array, Array]] = field(default_factory=list)
    whole: bool = True


@lru_cache(maxsize=256)
def onto(n: int, a: float, b: float) -> Array:
    """What gives the coefficients on ``[a, b]`` from those on ``[0, 1]``, ``(n + 1, n + 1)``."""
    ends = []
    for t in (a, b):
        powers = [np.ones(1)]
        for _ in range(n):
            powers.append(np.convolve(powers[-1], [1 - t, t]))
        ends.append(powers)
    return freeze(np.array([np.convolve(ends[0][n - i], ends[1][i]) for i in range(n + 1)]))


def along(T: Array, M: Array, axis: int) -> Array:
    """``M`` times ``T`` along ``axis``."""
    return np.moveaxis(np.tensordot(T, M, axes=(axis, 1)), -1, axis)


def elevated(row: Array, degrees: Sequence[int]) -> Array:
    """The same polynomial with coefficients for these degrees."""
    for axis, n in enumerate(degrees):
        while (m := row.shape[axis]) <= n:
            t = (np.arange(m + 1) / m).reshape([-1 if j == axis else 1 for j in range(row.ndim)])
            pad = np.zeros_like(row.take([0], axis))
            row = t * np.concatenate([pad, row], axis) + (1 - t) * np.concatenate([row, pad], axis)
    return row


def slopes(T: Array, axis: int) -> Array:
    """Coefficients of the derivative along ``axis``."""
    n = T.shape[axis] - 1
    return np.asarray(n * np.diff(T, axis=axis) if n else np.zeros_like(T))


def value(row: Array, t: Array) -> float:
    """The polynomial at ``t``, off by less than :func:`fuzz` times the largest coefficient."""
    for x in reversed(t.tolist()):
        n = row.shape[-1] - 1
        row = row @ _binomial(n, x, 1 - x) if 0 < x < 1 else row[..., 0 if x <= 0 else n]
    return float(row)


def fuzz(shape: Sequence[int]) -> float:
    """How far off a value may be: some four roundings a factor of a chance, and a sum an axis."""
    return 8 * UNIT * sum(n + 2 for n in shape)


def zeros(equations: Sequence[Array], others: Sequence[tuple[Array, int]], axes: int) -> Found:
    """Where all ``equations`` are zero and each of ``others`` has its sign, or is zero.

    Rows are arrays of coefficients with ``axes`` axes, of any degrees, not all zero. The others
    only rule boxes out: a zero in the list need not meet them.
    """
    rows = [*equations, *(row for row, _ in others)]
    degrees = [max([row.shape[j] for row in rows] + [2]) - 1 for j in range(axes)]
    signs = np.array([0] * len(equations) + [sign for _, sign in others])
    raised = [elevated(row / np.abs(row).max(), degrees) for row in rows]
    search = _Search(len(equations), signs, degrees)
    T = np.stack(raised)[np.newaxis] if rows else np.zeros((1, 0, *(n + 1 for n in degrees)))
    lifts = sum(n + 1 - m for row in rows for n, m in zip(degrees, row.shape))
    return search.run(T, 4 * UNIT * (1 + lifts))


class _Search:
    """One search: what is asked of the rows, and what was found."""

    def __init__(self, equations: int, signs: Array, degrees: Sequence[int]) -> None:
        self.E, self.signs, self.degrees = equations, signs, degrees
        self.m = len(degrees)
        self.square = equations == self.m
        self.margin = [1 / (4 * max(n, 3)) for n in degrees]
        self.found = Found()

    def run(self, T: Array, slack: float) -> Found:
        low, width, level, effort = np.zeros((1, self.m)), np.ones((1, self.m)), 0, 0.0
        live = LIVE if self.square else LIVE // 4
        while True:
            blocks = np.array_split(np.arange(len(T)), 1 + T.size // BLOCK)
            kept = [self._kept(T[b], low[b], width[b], slack) for b in blocks if len(b)]
            T, low, width = (np.concatenate(side) for side in zip(*kept))
            if not len(T):
                break
            effort += T.size * (max(self.degrees) + 2 * self.m)
            deep = level >= LEVELS * self.m or (len(T) > live and level >= COARSE * self.m)
            if deep or 2 * T.size > ROOM or effort > EFFORT:
                self.found.left += list(zip(low, low + width))
                self.found.whole = deep
                break
            T, low, width = self._halved(T, low, width)
            slack += 2 * (max(self.degrees) + 2) * UNIT
            level += 1
        self.found.zeros = _distinct(self.found.zeros)
        return self.found

    def _kept(self, T: Array, low: Array, width: Array, slack: float) -> tuple[Array, ...]:
        """The boxes that are neither dropped nor decided."""
        flat = T.reshape(*T.shape[:2], -1)
        least, most = flat.min(axis=2), flat.max(axis=2)
        out = ((self.signs >= 0) & (most < -slack)) | ((self.signs <= 0) & (least > slack))
        open_still = ~out.any(axis=1)
        T, low, width = T[open_still], low[open_still], width[open_still]
        if self.E == 0:
            least, most = least[open_still], most[open_still]
            sure = ((self.signs > 0) & (least >= slack)) | ((self.signs < 0) & (most <= -slack))
            solid = sure.all(axis=1)
            self.found.solid += list(zip(low[solid], (low + width)[solid]))
            open_still = ~solid
        elif self.square:
            open_still = self._undecided(T, low, width, slack)
        else:
            return T, low, width
        return T[open_still], low[open_still], width[open_still]

    def _undecided(self, T: Array, low: Array, width: Array, slack: float) -> Array:
        """Whether each box needs to be halved: not if its one zero is found, or it has none."""
        if not len(T):
            return np.zeros(0, dtype=bool)
        H, off, gap = self._combined(T[:, : self.E], slack)
        flat = H.reshape(*H.shape[:2], -1)
        open_still = ~((flat.min(axis=2) > off) | (flat.max(axis=2) < -off)).any(axis=1)
        for b in np.flatnonzero(open_still & (gap.min(axis=1) > 0)).tolist():
            open_still[b] = not self._proved(T[b, : self.E], low[b], width[b], slack)
        return np.asarray(open_still)

    def _combined(self, G: Array, slack: float) -> tuple[Array, Array, Array]:
        """The equations times their mean Jacobian inverted; how far off; how dominant."""
        B, E = G.shape[:2]
        D = [slopes(G, j + 2).reshape(B, E, -1) for j in range(self.m)]
        J = np.stack([d.mean(axis=2) for d in D], axis=2)
        Y = np.linalg.pinv(J, rcond=1e-12)
        H = (Y @ G.reshape(B, E, -1)).reshape(G.shape)
        off = np.abs(Y).sum(axis=2) * (slack + 4 * self.m * UNIT)
        gap = np.zeros((B, E))
        for j in range(self.m):
            d = slopes(H, j + 2).reshape(B, E, -1)
            rounding = 3 * (self.degrees[j] + 1) * off
            size = -np.abs(d).max(axis=2)
            size[:, j] = d[:, j].min(axis=1)
            gap += size - rounding
        return H, off, gap

    def _proved(self, G: Array, low: Array, width: Array, slack: float) -> bool:
        """Whether a box has at most one zero, which is then in the list."""
        W, growth = G, 1.0
        for j, e in enumerate(self.margin):
            W = along(W, onto(self.degrees[j], -e, 1 + e), j + 1)
            growth *= (1 + 2 * e) ** self.degrees[j]
        slack = growth * (slack + 4 * UNIT * sum(n + 2 for n in self.degrees))
        H, off, gap = self._combined(W[np.newaxis], slack)
        if gap.min() <= 0:
            return False
        rows = [H[0, k] for k in range(self.E)]
        derivatives = [[slopes(row, j) for j in range(self.m)] for row in rows]
        s = np.full(self.m, 0.5)
        best = np.inf
        for _ in range(STEPS):
            h = np.array([value(row, s) for row in rows])
            if np.abs(h).max() >= best / 2 and best < 1e-12:
                break
            best = min(best, float(np.abs(h).max()))
            J = np.array([[value(d, s) for d in side] for side in derivatives])
            step = np.linalg.solve(J, h)
            s = np.clip(s - step, 0, 1)
            if np.abs(step).max() < 1e-16:
                break
        h = np.array([value(row, s) for row in rows])
        error = off[0] + fuzz(H.shape[2:]) * np.abs(H[0]).max()
        radius = float(((np.abs(h) + error) / gap[0]).max())
        if (s - radius < 0).any() or (s + radius > 1).any():
            return False
        margin = np.array(self.margin)
        t = -margin + (1 + 2 * margin) * s
        reach = (1 + 2 * margin) * radius
        if (t + reach >= 0).all() and (t - reach <= 1).all():
            far = float((width * reach).max()) + 4 * UNIT
            self.found.zeros.append((low + width * t, far))
        return True

    def _halved(self, T: Array, low: Array, width: Array) -> tuple[Array, ...]:
        """Each box cut in two across the axis along which rows change most."""
        change = np.stack(
            [np.abs(slopes(T, j + 2)).reshape(len(T), -1).max(axis=1) for j in range(self.m)]
        )
        change = np.where(width.T > 2.0**-LEVELS, change, -1)
        axis = change.argmax(axis=0)
        parts: list[tuple[Array, Array, Array]] = []
        for j in range(self.m):
            which = axis == j
            if which.any():
                half = width[which]
                half[:, j] /= 2
                for at, M in enumerate(onto(self.degrees[j], a, a + 0.5) for a in (0.0, 0.5)):
                    start = low[which]
                    start[:, j] += at * half[:, j]
                    parts.append((along(T[which], M, j + 2), start, half))
        return tuple(np.concatenate(side) for side in zip(*parts))


def _distinct(found: Sequence[tuple[Array, float]]) -> list[tuple[Array, float]]:
    """Each zero once: one on the side of a box was met in both."""
    kept: list[tuple[Array, float]] = []
    for x, off in sorted(found, key=lambda one: one[0].tolist()):
        if all(np.abs(x - y).max() > off + far for y, far in kept):
            kept.append((x, off))
    return kept

"""Classes of players with two actions, members of a class playing alike: gains, Newton, index.

An *end* is a row ``(cutoff, p, 1 - p)``, where ``p`` is the chance of the first action; a profile
has one for each class. Kept together, they have their digits in both tails.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from gametheory import _laws
from gametheory.cutoff import CutoffGame, CutoffProfile
from gametheory.game import Array

STEPS = 40
REGULAR = 1e-6  # determinants as small as this are taken for zero
NOISE = 1e-13  # of the payoffs: gains as near to zero as this decide nothing


class Classes:
    """A game and its classes; ``classes`` says for each player the first one of the same class."""

    def __init__(self, game: CutoffGame, classes: Sequence[int]) -> None:
        self.game, self.sign = game, 1 if game.first == "low" else -1
        self.players = sorted(set(classes))
        self.place = [self.players.index(i) for i in classes]
        self.sizes = [self.place.count(c) for c in range(len(self.players))]
        self.laws = [game.types[i] for i in self.players]
        self.noise = NOISE * game.ranges[self.players]

    def __len__(self) -> int:
        return len(self.players)

    def ends(self, c: int, t: Array) -> Array:
        """The ends of class ``c`` at the cutoffs ``t``, on a last axis of three."""
        below = _laws.below(self.laws[c], t)
        above = _laws.above(self.laws[c], t) if below.max() > 0.5 else 1 - below
        return np.stack([t, *((below, above) if self.sign > 0 else (above, below))], axis=-1)

    def at(self, c: int, p: Array, rest: Array) -> Array:
        """The ends of class ``c`` at these chances."""
        t = _laws.quantile(self.laws[c], *((p, rest) if self.sign > 0 else (rest, p)))
        return np.stack([t, p, rest], axis=-1)

    def whole(self) -> Array:
        """The ends at which nobody and everybody chooses the first action, ``(C, 2, 3)``."""
        supports = [_laws.support(law)[:: self.sign] for law in self.laws]
        return np.array([[[a, 0.0, 1.0], [b, 1.0, 0.0]] for a, b in supports])

    @cached_property
    def inner(self) -> Array:
        """Types of each class, keenest and least keen, infinite ends moved in, ``(C, 2)``."""
        found = []
        for law in self.laws:
            low, high = _laws.support(law)
            low = low if np.isfinite(low) else float(_laws.quantile(law, 1e-300, 1.0))
            high = high if np.isfinite(high) else float(_laws.quantile(law, 1.0, 1e-300))
            found.append((low, high)[:: self.sign])
        return np.array(found)

    @cached_property
    def spreads(self) -> Array:
        """Distance between the quartiles of each class's types."""
        quartiles = [0.25, 0.75], [0.75, 0.25]
        return np.array([float(np.diff(_laws.quantile(w, *quartiles))[0]) for w in self.laws])

    def gain(self, c: int, t: Array) -> Array:
        """Gains of types ``t`` of class ``c`` at each number of others, ``(len(t), n)``."""
        one, other = self.game.outcomes(self.players[c], t)
        return np.asarray(one - other)

    def others(self, c: int, ends: Array) -> Array:
        """Law of how many others of a member of class ``c`` choose the first action."""
        sizes = [size - (d == c) for d, size in enumerate(self.sizes)]
        return _products([counted(k, end[np.newaxis])[0] for k, end in zip(sizes, ends)])[-1]

    def slopes(self, ends: Array) -> tuple[Array, Array, Array]:
        """Gain of the marginal type of each class; its slopes in the own type, and in each chance.

        The own type moves alone, the chance of a class with all its members: ``(C,)``, ``(C,)`` and
        ``(C, C)``.
        """
        count = len(self)
        G, own, change = np.empty(count), np.empty(count), []
        laws = [counted(size, end[np.newaxis])[0] for size, end in zip(self.sizes, ends)]
        ahead, behind = _products(laws), _products(laws[::-1])[::-1]
        others = []
        for c, t in enumerate(ends[:, 0].tolist()):
            step = 1e-6 * self.spreads[c]
            D = self.gain(c, np.array([t, t - step, t + step]))
            fellows = counted(self.sizes[c] - 1, ends[c][np.newaxis])[0]
            others.append(np.convolve(np.convolve(ahead[c], behind[c + 1]), fellows))
            G[c] = D[0] @ others[c]
            own[c] = (D[2] - D[1]) @ others[c] / (2 * step)
            change.append(np.diff(D[0]))
        sizes = np.array(self.sizes) - np.eye(count)
        return G, own, sizes * _mean_without(np.array(others), ends, np.array(change))

    def densities(self, ends: Array) -> Array:
        """How fast each class's chance of the first action changes with its cutoff."""
        found = np.empty(len(self))
        for c, (t, p, _) in enumerate(ends.tolist()):
            step = 1e-6 * self.spreads[c]
            down, up = self.ends(c, np.array([t - step, t + step]))
            found[c] = (up[1] - down[1] if p < 0.5 else down[2] - up[2]) / (2 * step)
        return found

    def polished(self, ends: Array) -> Array | None:
        """The equilibrium next to ``ends``: Newton's method on the cutoffs that are no corners."""
        ends = ends.copy()
        free = np.flatnonzero((ends[:, 1] > 0) & (ends[:, 2] > 0))
        units, best = self.noise / NOISE, np.inf
        for _ in range(STEPS if len(free) else 0):
            G, own, J = self.slopes(self._finite(ends))
            size = float(np.abs(G[free] / units[free]).max())
            if size >= best / 2 and best < 1e-13:
                break
            best = min(best, size)
            full = (J * self.densities(self._finite(ends)))[np.ix_(free, free)]
            full[np.diag_indices(len(free))] += own[free]
            if not np.isfinite(full).all():
                return None
            step = np.linalg.lstsq(full, -G[free], rcond=1e-13)[0]
            far = float((np.abs(step) / self.spreads[free]).max())
            step *= min(1.0, 0.5 / far) if far else 1.0
            for c, x in zip(free.tolist(), step.tolist()):
                t = np.clip(ends[c, 0] + x, *sorted(self.inner[c].tolist()))
                ends[c] = self.ends(c, np.array(t))
        return ends

    def index(self, ends: Array) -> int | None:
        """Sign of the determinant of the identity less the slopes of best replies.

        None where it is near zero, or where a class at a corner is indifferent there.
        """
        inner = self._finite(ends)
        free = (ends[:, 1] > 0) & (ends[:, 2] > 0)
        G, own, J = self.slopes(inner)
        if (np.abs(G) <= self.noise)[~free].any() or (own[free] == 0).any():
            return None
        if not free.any():
            return 1
        with np.errstate(divide="ignore", invalid="ignore"):
            full = np.eye(len(self)) + J * self.densities(inner) / own[:, np.newaxis]
        det = float(np.linalg.det(full[np.ix_(free, free)]))
        return None if abs(det) < REGULAR else int(np.sign(det))

    def _finite(self, ends: Array) -> Array:
        """The same, with infinite cutoffs moved in."""
        ends = ends.copy()
        gone = ~np.isfinite(ends[:, 0])
        ends[gone, 0] = self.inner[gone, (ends[gone, 1] > 0).astype(int)]
        return ends

    def profile(self, ends: Array) -> CutoffProfile:
        """The profile in which each class plays its end."""
        low, high = np.moveaxis(self.whole(), 1, 0)
        p, rest = ends[:, 1], ends[:, 2]
        c = np.where(p <= 0, low[:, 0], np.where(rest <= 0, high[:, 0], ends[:, 0]))
        return CutoffProfile(self.game, c[self.place][:, np.newaxis])


def counted(size: int, ends: Array) -> Array:
    """Law of how many of ``size`` players choose the first action, a row for each end."""
    p, rest = ends[:, 1:2], ends[:, 2:3]
    if size == 0:
        return np.ones((len(ends), 1))
    if size == 1:
        return np.hstack([rest, p])
    from scipy.special import gammaln

    k = np.arange(size + 1)
    ways = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(k > 0, k * np.log(p), 0) + np.where(k < size, (size - k) * np.log(rest), 0)
    return np.asarray(np.exp(ways + power))


def _mean_without(others: Array, ends: Array, change: Array) -> Array:
    """Mean of ``change[c]`` if one player of class d is taken out of the others of c, ``(C, C)``.

    Division of the law by that player's, from the end at which it is stable.
    """
    n = others.shape[1]
    p, rest = ends[:, 1], ends[:, 2]
    low = p <= rest
    keep, drop = np.where(low, rest, p), np.where(low, p, rest)
    W = np.where(low[:, np.newaxis], others[:, np.newaxis], others[:, np.newaxis, ::-1])
    q = np.zeros((len(ends), len(ends), n - 1))
    last = np.zeros((len(ends), len(ends)))
    for k in range(n - 1):
        q[:, :, k] = last = (W[:, :, k] - drop * last) / keep
    q = np.where(low[:, np.newaxis], q, q[:, :, ::-1])
    return np.asarray(np.einsum("cdk,ck->cd", q, change))


def _products(laws: Sequence[Array]) -> list[Array]:
    """Laws of the sums of the first 0, 1, ... of the counts."""
    found = [np.ones(1)]
    for law in laws:
        found.append(np.convolve(found[-1], law))
    return found

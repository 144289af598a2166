"""Cutoffs of unequal players in a global game: indifference of all, and whether there is one.

Oriented so that high signals choose the first action, a vector c of cutoffs is an equilibrium if
every player is indifferent at the own: G_i(c) = pi_i(c_i; c) = 0. Where gains rise in the state and
in the count, pi_i rises in the own signal and falls in the cutoffs of others. If then

    G_i(c + d) > 0 and G_i(c - d) < 0 for all i and all shifts d > 0 of all cutoffs alike,     (1)

c is the only equilibrium: take the greatest one, let d be the least shift with which c + d lies
above it, and i the player where they touch; i would gain more than G_i(c + d) > 0 there, so d = 0.
With an improper prior a shift of all cutoffs shifts the states alone, and (1) holds where gains
rise strictly (the argument of Frankel, Morris and Pauzner 2003).
"""

from __future__ import annotations

import math

import numpy as np

from gametheory._states import Fast, fine, quantile_rule
from gametheory.game import Array, freeze
from gametheory.global_game import GlobalGame

ACCURATE = 1e-11  # of the size of gains: how near to zero indifference must be
SMALL = 2e-3  # sigma in the limit, of the width of undecided states
SHIFTS = np.concatenate([2.0 ** -np.arange(20, 5, -1.0), np.linspace(2.0**-5, 1, 32)])


class Indifference:
    """Gains of players at their own signals against cutoffs of all others.

    One unknown for each kind of player. ``scale`` multiplies the noise of all.
    """

    def __init__(self, game: GlobalGame, scale: float = 1.0) -> None:
        self.game, self.sign = game, 1 if game.first == "high" else -1
        self.first = np.array(sorted(set(game.kinds)))
        self.kind = np.searchsorted(self.first, game.kinds)
        self.sigma = scale * game.sigma
        self.k = np.arange(game.n, dtype=float)

    def __call__(self, cutoffs: Array) -> Array:
        """Oriented gain of each kind at its own of the oriented ``cutoffs``, shape ``(kinds,)``."""
        return self.gains(cutoffs, cutoffs)

    def gains(self, signals: Array, cutoffs: Array) -> Array:
        """Gain of each kind at its oriented signal if others use the oriented ``cutoffs``."""
        game, noise = self.game, self.game.noise
        x, c = self.sign * np.asarray(signals), (self.sign * np.asarray(cutoffs))[self.kind]
        theta, w = self._states(x, c)
        law = np.zeros((*theta.shape, len(self.k)))
        law[..., 0] = 1
        for j, (cutoff, s) in enumerate(zip(c.tolist(), self.sigma.tolist())):
            z = (cutoff - theta) / s
            p, rest = noise.above(z), noise.below(z)
            if self.sign < 0:
                p, rest = rest, p
            mine = (self.first == j)[:, np.newaxis]
            p, rest = (
                np.where(mine, 0, p)[..., np.newaxis],
                np.where(mine, 1, rest)[..., np.newaxis],
            )
            moved = law[..., :-1] * p
            law *= rest
            law[..., 1:] += moved
        gains = [
            (w[r] * (law[r] * game.gain(int(i), theta[r][:, np.newaxis], self.k)).sum(axis=1)).sum()
            for r, i in enumerate(self.first)
        ]
        return np.array(gains)

    def _states(self, x: Array, c: Array) -> tuple[Array, Array]:
        game, noise, prior = self.game, self.game.noise, self.game.prior
        own = self.sigma[self.first][:, np.newaxis]
        base, scale, middle, weigh = noise, -own, x[:, np.newaxis], None
        if prior is not None and None not in (prior.sd, noise.sd):
            from scipy.stats import norm

            a, b = prior.sd**-2, (own * noise.sd) ** -2
            base, scale = Fast(norm()), (a + b) ** -0.5
            middle = (a * prior.mu + b * (middle - own * noise.mu)) / (a + b)
        elif prior is not None and prior.spread < float(self.sigma.min()) * noise.spread:
            base, scale, middle = prior, np.ones_like(own), np.zeros_like(middle)
            weigh = lambda th: noise.log_density((x[:, np.newaxis] - th) / own)  # noqa: E731
        elif prior is not None:
            weigh = prior.log_density
        ends = [e for e in (noise.low, noise.high) if math.isfinite(e)]
        ends += [noise.median] if noise.sd is None else []
        at = np.isfinite(c)
        turns = [game.corners(c), *(c[at] - self.sigma[at] * e for e in ends)]
        if prior is not None:
            turns.append(np.array([e for e in (prior.low, prior.high) if math.isfinite(e)]))
        every = np.unique(np.concatenate(turns))
        corners = (np.broadcast_to(every, (len(x), len(every))) - middle) / scale
        corners = np.hstack([corners, np.full((len(x), 1), base.median)])
        z, w = quantile_rule(base, corners, fine(game.n))
        theta = middle + scale * z
        if weigh is not None:
            other = weigh(theta)
            w = w * np.exp(other - other.max(axis=1, keepdims=True))
            w = w / w.sum(axis=1, keepdims=True)
        return theta, w

    def solve(self, start: Array) -> Array | None:
        """Oriented cutoffs near ``start`` at which all are indifferent; None if none are found."""
        from scipy.optimize import root

        unit = float(np.ptp(self.game.window)) or 1.0
        size = max(float(np.abs(self(start)).max()), 1e-300)
        found = root(lambda y: self(y * unit) / size, np.asarray(start) / unit, tol=1e-14)
        y, best = found.x * unit, float(np.abs(found.fun).max() * size)
        if not (np.isfinite(y).all() and best <= ACCURATE * self._size(y)):
            return None
        return np.asarray(y)

    def _size(self, c: Array) -> float:
        """Size of the gains about these cutoffs: what is small is small against it."""
        states = self.sign * np.append(c, [c.min(), c.max()])[:, np.newaxis]
        gains = [np.abs(self.game.gain(int(i), states, self.k)).max() for i in self.first]
        return float(max(gains))

    def alone(self, c: Array, span: tuple[float, float]) -> bool:
        """Whether (1) holds at the oriented cutoffs ``c``, for shifts up to the ends of a span."""
        up = all((self(c + d) > 0).all() for d in SHIFTS * max(span[1] - c.min(), 1e-3))
        return up and all((self(c - d) < 0).all() for d in SHIFTS * max(c.max() - span[0], 1e-3))


def continued(game: GlobalGame, scale: float = 1.0) -> Array | None:
    """Oriented cutoffs of each kind with the noise times ``scale``; None if none are found.

    From guesses, and where that fails by way of wider noise, which is narrowed in steps.
    """
    system = Indifference(game, scale)
    low, high = sorted(system.sign * x for x in game.window)
    wide = 0.25 * (high - low) / float(game.sigma.max() * game.noise.spread)
    steps = np.geomspace(wide, scale, 2 + max(0, math.ceil(2 * math.log2(wide / scale))))
    c, paths = None, [[scale]] + ([steps.tolist()] if wide > scale else [])
    for path in paths:
        c = None
        for step in path:
            system = Indifference(game, step)
            starts = [*([] if c is None else [c]), *_starts(system, low, high)]
            c = next((y for y in map(system.solve, starts) if y is not None), None)
        if c is not None:
            break
    return c


def _starts(system: Indifference, low: float, high: float) -> list[Array]:
    """Where each kind is indifferent if all counts are equally likely, and flat guesses."""
    x = np.linspace(low, high, 129)
    game, turns = system.game, []
    for i in system.first:
        mean = game.gain(int(i), system.sign * x[:, np.newaxis], system.k).mean(axis=1)
        turns.append(x[int((mean > 0).argmax())] if (mean > 0).any() else high)
    flat = [np.full(len(system.first), low + (high - low) * f) for f in (0.5, 0.25, 0.75)]
    return [np.array(turns), *flat]


def small_noise(game: GlobalGame) -> Array:
    """The cutoff of each player as all noise vanishes, shape ``(n,)``, extrapolated."""
    spread = float(game.sigma.max() * game.noise.spread)
    scale = SMALL * float(np.ptp(game.window)) / spread
    wide, narrow = continued(game, scale), continued(game, scale / 2)
    if wide is None or narrow is None:
        raise ValueError("limit: no cutoffs were found at small noise; give a smoother noise law")
    system = Indifference(game)
    return freeze((system.sign * (2 * narrow - wide))[system.kind])

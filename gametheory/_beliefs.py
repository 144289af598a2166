"""What a player of a global game expects at a signal, if all others use one cutoff.

Means over the state go by a double exponential rule in the quantiles of the posterior where it is a
known law (any noise with an improper prior; normal noise with a normal prior), else in those of the
narrower of noise and prior, weighted by the density of the other. They are split where payoffs jump
and where chances have corners. Means over the count are sums over its tail,

    E d(K) = d(0) + sum_k (d(k) - d(k-1)) Pr(K >= k),

where the gain d turns on few counts, and over its law else. None of this is shared with
:meth:`~gametheory.global_game.GlobalGame.interim`, which certificates ask.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gametheory._states import Fast, fine, quantile_rule, turn
from gametheory.game import Array
from gametheory.global_game import GlobalGame

ROOM = 4_000_000  # numbers held at once
FEW = 8  # counts at which the gain turns up to which tails are summed


class Beliefs:
    """Gains of one player of ``game`` at signals, oriented so that they rise in the signal.

    ``sign`` is 1 if high signals choose the first action, -1 else. Oriented signals and cutoffs are
    ``sign`` times the real ones.
    """

    def __init__(self, game: GlobalGame, player: int = 0) -> None:
        self.game, self.player = game, player
        self.sign = 1 if game.first == "high" else -1
        self.sigma = float(game.sigma[player])
        self.known, self.base, self.scale = True, game.noise, -self.sigma
        prior, noise = game.prior, game.noise
        if prior is not None:
            if prior.sd is not None and noise.sd is not None:
                from scipy.stats import norm

                precision = np.array([prior.sd, self.sigma * noise.sd]) ** -2
                self.shares = precision / precision.sum()
                self.base, self.scale = Fast(norm()), float(precision.sum() ** -0.5)
            else:
                self.known = False
                if prior.spread < self.sigma * noise.spread:
                    self.base, self.scale = prior, 1.0
        self._kept: tuple[Array, Array, Array] | None = None

    def middle(self, x: Array) -> Array:
        """Where the base law stands for each signal: the state is this plus ``scale`` times it."""
        prior, noise = self.game.prior, self.game.noise
        if prior is None or (not self.known and self.base is noise):
            return x
        if not self.known:
            return np.zeros_like(x)
        a, b = self.shares
        return np.asarray(a * prior.mu + b * (x - self.sigma * noise.mu))

    def states(self, x: Array, c: Array) -> tuple[Array, Array]:
        """States and weights given each signal ``x`` if others use ``c``, shape (len(x), nodes)."""
        game, middle = self.game, self.middle(x)[:, np.newaxis]
        noise, prior = game.noise, game.prior
        turns = [np.full((len(x), 1), np.nan)]
        if game.continuum:
            low, high = np.full(len(c), -(2.0**60)), np.full(len(c), 2.0**60)
            for f in game.jumps:
                at = turn(lambda th: np.asarray(f(th, game.share(th, c))) > 0, low, high)  # noqa: B023
                turns.append(np.where(at < high, at, np.nan)[:, np.newaxis])
        elif game.jumps:
            turns.append(np.broadcast_to(game.corners(c), (len(x), len(game.corners(c)))))
        ends = [e for e in (noise.low, noise.high) if math.isfinite(e)]
        if noise.sd is None:
            ends.append(noise.median)
        with np.errstate(invalid="ignore"):
            turns += [(c - self.sigma * e)[:, np.newaxis] for e in ends]
        if prior is not None:
            edges = [e for e in (prior.low, prior.high) if math.isfinite(e)]
            turns += [np.full((len(x), 1), e) for e in edges]
        corners = (np.concatenate(turns, axis=1) - middle) / self.scale
        if self.base.sd is None:
            corners = np.hstack([corners, np.full((len(x), 1), self.base.median)])
        z, w = quantile_rule(
            self.base, np.where(np.isfinite(corners), corners, np.nan), fine(game.n)
        )
        theta = middle + self.scale * z
        if not self.known:
            if prior is not None and self.base is noise:
                other = prior.log_density(theta)
            else:
                other = noise.log_density((x[:, np.newaxis] - theta) / self.sigma)
            w = w * np.exp(other - other.max(axis=1, keepdims=True))
            w = w / w.sum(axis=1, keepdims=True)
        return theta, w

    def gain(self, x: Array, c: Array, bound: int = 0) -> Array:
        """Expected gain from the first action at oriented signals ``x`` if others use ``c``.

        With ``bound`` 1 (or -1) that of the least gain above (or the greatest below) the true one
        that rises in the count.
        """
        x, c = np.broadcast_arrays(*(np.asarray(v, float) for v in (x, c)))
        counts = 1 if self.game.continuum else int(self.game.n)
        rows = max(1, ROOM // (2 * fine(self.game.n) * counts))
        parts = [
            self._gain(self.sign * x[i : i + rows], self.sign * c[i : i + rows], bound)
            for i in range(0, len(x), rows)
        ]
        return np.concatenate([np.empty(0), *parts])

    def _gain(self, x: Array, c: Array, bound: int) -> Array:
        game = self.game
        theta, w = self.states(x, c)
        if game.continuum:
            shares = game.share(theta, c[:, np.newaxis])
            return np.asarray((w * game.gain(0, theta, shares)).sum(axis=1))
        z = (c[:, np.newaxis] - theta) / self.sigma
        p, rest = game.noise.above(z), game.noise.below(z)
        if self.sign < 0:
            p, rest = rest, p
        mean = self._over_counts(theta.ravel(), p.ravel(), rest.ravel(), bound)
        return np.asarray((w * mean.reshape(w.shape)).sum(axis=1))

    def diagonal(self, c: Array) -> Array:
        """Expected gain at the oriented cutoff ``c`` if others use it too."""
        game = self.game
        if game.prior is not None or game.jumps or game.continuum:
            return self.gain(c, c)
        if self._kept is None:  # the law of the count is the same at every cutoff
            middle = np.full((1, 1), game.noise.median)
            z, w = quantile_rule(game.noise, middle, fine(game.n))
            p, rest = game.noise.above(z), game.noise.below(z)
            p, rest = (p, rest) if self.sign > 0 else (rest, p)
            k = np.arange(game.n, dtype=float)
            self._kept = z[0], w[0, :, np.newaxis] * _law(k, p[0], rest[0]), k
        z, law, k = self._kept
        found = [
            (law * game.gain(self.player, (x - self.sigma * z)[:, np.newaxis], k)).sum()
            for x in self.sign * np.atleast_1d(c)
        ]
        return np.array(found)

    def _over_counts(self, theta: Array, p: Array, rest: Array, bound: int) -> Array:
        from scipy.special import betainc

        k = np.arange(self.game.n, dtype=float)
        d = np.broadcast_to(
            self.game.gain(self.player, theta[:, np.newaxis], k), (len(theta), len(k))
        )
        if bound > 0:
            d = np.maximum.accumulate(d, axis=1)
        elif bound < 0:
            d = np.minimum.accumulate(d[:, ::-1], axis=1)[:, ::-1]
        steps = np.diff(d, axis=1)
        turns = np.flatnonzero((steps != 0).any(axis=0))
        if len(turns) > max(FEW, len(k) // 50):
            return np.asarray((d * _law(k, p, rest)).sum(axis=1))
        tails = (steps[:, j] * betainc(j + 1, len(k) - 1 - j, p) for j in turns)
        return np.asarray(d[:, 0] + sum(tails, np.zeros(len(theta))))


def _law(k: Array, p: Array, rest: Array) -> Array:
    """Binomial law of the counts ``k`` = 0..n-1 for each chance, shape (len(p), n)."""
    from scipy.special import betaln, xlogy

    m = len(k) - 1
    ways = -betaln(k + 1, m - k + 1) - math.log(m + 1)
    return np.asarray(np.exp(ways + xlogy(k, p[:, np.newaxis]) + xlogy(m - k, rest[:, np.newaxis])))


def log_concave(law: Any) -> bool:
    """Whether the density of a law is log-concave, as far as a grid tells.

    Higher signals then mean higher states under any prior.
    """
    p = (np.arange(256) + 0.5) / 256
    low, high = law.quantile(np.array([1e-12, 1.0 - 1e-12]), np.array([1 - 1e-12, 1e-12]))
    z = np.concatenate([np.linspace(low, high, 513), law.quantile(p, 1 - p)])
    z.sort()
    y = law.log_density(z)
    inside = np.isfinite(y)
    slope = np.diff(y[inside]) / np.diff(z[inside])
    return bool((np.diff(slope) <= 1e-6 * np.abs(slope).max()).all())

"""What a signal of a global game tells: means over the state and over what the others do.

Means over the state go by Gauss-Legendre rules on panels that widen like sinh away from the signal,
weighted by the densities of noise and prior and split at the corners of the integrand; means over
the count by the laws of independent choices, multiplied out. Certificates rest on this; solvers
compute the same in another way.
"""

from __future__ import annotations

import math

import numpy as np

from gametheory._states import Fast
from gametheory.game import Array
from gametheory.global_game import GlobalGame

FARTHEST = 1e-30  # chance of the noise beyond which states are left out of means
NEGLIGIBLE, BLOCK = 1e-20, 40_000  # chance that a player counts; numbers held at once
FAR = 2  # spreads from the prior and from the signal of states that get panels of their own
SORTED = 64  # players alike from which states are sorted first
MANY, SIGHT = 64, 40  # players from which panels narrow; spreads within which they do
PANEL, NODES = 0.5, 10  # width of a panel in the inverse hyperbolic sine; nodes in each


def interim(game: GlobalGame, player: int, t: Array, c: Array) -> Array:
    """Mean payoff of each action given each signal ``t``, shape (len(t), 2).

    Signals from which a cutoff is in sight need narrower panels, for the law of the count of n
    players turns within a few of their roots.
    """
    reach = SIGHT * game.noise.spread * float(game.sigma.max())
    sample = np.unique(c[np.isfinite(c)])[:: max(1, len(c) // 64)]
    gaps = np.abs(t[:, np.newaxis] - np.append(sample, np.inf))
    near = gaps.min(axis=1) < reach
    narrow = PANEL if game.continuum else PANEL * min(1.0, math.sqrt(MANY / game.n))
    found = np.empty((len(t), 2))
    for some, panel in ((near, narrow), (~near, PANEL)):
        if some.any():
            theta, weights = posterior(game, player, t[some], c, panel)
            u = payoffs(game, player, theta.ravel(), c).reshape(*theta.shape, 2)
            found[some] = (u * weights[:, :, np.newaxis]).sum(axis=1)
    return found


def posterior(
    game: GlobalGame, player: int, t: Array, c: Array, panel: float
) -> tuple[Array, Array]:
    """States and their weights in means given each signal, both of shape (len(t), states)."""
    s, noise, prior = float(game.sigma[player]), game.noise, game.prior
    signal = t[:, np.newaxis]
    edges = [signal - s * _edges(noise, panel)[::-1]]
    turns = [game.corners(c)]
    ends = [e for e in (noise.low, noise.high) if math.isfinite(e)]
    ends += [noise.median] if noise.sd is None else []  # where a density may have a corner
    finite = np.isfinite(c)
    turns += [np.unique(c[finite] - game.sigma[finite] * e) for e in ends]
    if prior is not None:
        edges[0] = np.clip(edges[0], prior.low, prior.high)
        turns.append(_edges(prior, panel))
    every = np.concatenate(turns)
    low, high = edges[0][:, :1], edges[0][:, -1:]
    if prior is not None:
        low, high = np.minimum(low, every.min()), np.maximum(high, every.max())
    if math.isfinite(noise.high - noise.low):
        low, high = (
            np.maximum(low, signal - s * noise.high),
            np.minimum(high, signal - s * noise.low),
        )
    edges.append(np.tile(every, (len(t), 1)))

    def seen() -> tuple[Array, Array, Array]:
        """States, their weights in a rule on all panels, and the logarithms of densities there."""
        x, w = np.polynomial.legendre.leggauss(NODES)
        edge = np.sort(np.clip(np.hstack(edges), low, high), axis=1)
        half = np.diff(edge, axis=1)[:, :, np.newaxis] / 2
        states = ((edge[:, :-1, np.newaxis] + half) + half * x).reshape(len(t), -1)
        density = noise.log_density((signal - states) / s)
        if prior is not None:
            density = density + prior.log_density(states)
        return states, (half * w).reshape(len(t), -1), density

    states, width, density = seen()
    if prior is not None:
        top = np.take_along_axis(states, density.argmax(axis=1)[:, np.newaxis], axis=1)
        off = np.abs(top - prior.median) > FAR * prior.spread
        if (off & (np.abs(top - signal) > FAR * s * noise.spread)).any():
            narrow = min(prior.spread, s * noise.spread) / prior.spread
            edges.append(top + narrow * (_edges(prior, panel) - prior.median))
            states, width, density = seen()
    mass = np.exp(density - density.max(axis=1, keepdims=True)) * width
    return states, mass / mass.sum(axis=1, keepdims=True)


def _edges(law: Fast, panel: float) -> Array:
    """Points that split a law in panels: even about its middle, widening towards both tails."""
    ends = law.quantile(*np.array([[FARTHEST, 1.0], [1.0, FARTHEST]])) - law.median
    low, high = np.arcsinh(ends / law.spread)
    y = np.linspace(low, high, 1 + math.ceil((high - low) / panel))
    return np.asarray(law.median + law.spread * np.sinh(y))


def payoffs(game: GlobalGame, player: int, theta: Array, c: Array) -> Array:
    """Mean payoff of each action at each state, over what others do, ``(len(theta), 2)``."""
    table = game.payoffs[player].values()
    if game.continuum:
        share = game.share(theta, c[0])
        return np.stack([np.broadcast_to(f(theta, share), theta.shape) for f in table], axis=1)
    groups: dict[tuple[float, float], int] = {}
    for j, key in enumerate(zip(c.tolist(), game.sigma.tolist())):
        if j != player:
            groups[key] = groups.get(key, 0) + 1
    order = np.arange(len(theta))
    if max(groups.values()) > SORTED:  # then nearby states have few likely counts
        order = np.argsort(theta)
    rows = max(64, BLOCK // sum(min(m, 99) + 1 for m in groups.values()))
    found = np.empty((len(theta), 2))
    for block in np.array_split(order, max(1, len(order) // rows)):
        at = theta[block]
        k, law = np.zeros(1), np.ones((len(block), 1))
        for (cutoff, s), m in groups.items():
            z = (cutoff - at) / s
            p, rest = game.noise.above(z), game.noise.below(z)
            p, rest = (p, rest) if game.first == "high" else (rest, p)
            if p.max() < NEGLIGIBLE:
                continue
            if rest.max() < NEGLIGIBLE:
                k = k + m
                continue
            k, law = _convolved(k, law, *_binomial(m, p, rest))
        for a, f in enumerate(table):
            u = np.broadcast_to(f(at[:, np.newaxis], k), law.shape)
            found[block, a] = (law * u).sum(axis=1)
    return found


def _binomial(m: int, p: Array, rest: Array) -> tuple[Array, Array]:
    """Counts out of ``m`` that are not negligible for any of the chances ``p``, and their laws."""
    if m == 1:
        return np.arange(2.0), np.stack([rest, p], axis=1)
    from scipy.special import gammaln, xlogy

    reach = [9 * math.sqrt(m * x.max()) + 12 for x in (p, rest)]
    low = max(0, math.floor(m * (1 - rest.max()) - reach[0]))
    high = min(m, math.ceil(m * p.max() + reach[0]))
    low = min(low, max(0, math.floor(m - m * rest.max() - reach[1])))
    k = np.arange(low, high + 1.0)
    ways = gammaln(m + 1) - gammaln(k + 1) - gammaln(m - k + 1)
    law = np.exp(ways + xlogy(k, p[:, np.newaxis]) + xlogy(m - k, rest[:, np.newaxis]))
    return k, law / law.sum(axis=1, keepdims=True)


def _convolved(k: Array, law: Array, more: Array, other: Array) -> tuple[Array, Array]:
    """Law of the sum of two independent counts, row by row, each on a run of counts."""
    if law.shape[1] < other.shape[1]:
        k, law, more, other = more, other, k, law
    total = np.zeros((len(law), law.shape[1] + other.shape[1] - 1))
    for j in range(other.shape[1]):
        total[:, j : j + law.shape[1]] += other[:, j : j + 1] * law
    return k[0] + more[0] + np.arange(total.shape[1]), total

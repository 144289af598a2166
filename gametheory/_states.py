"""What a global game asks of its state and signals: where functions turn, the law of a signal.

Roots are bracketed by halving the order of the floats, in which neighbours differ by one: 64 steps
end at two adjacent numbers wherever the root lies and whatever its unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from gametheory import _laws
from gametheory.game import Array

PROBES = np.concatenate([-(2.0 ** np.arange(40, -61, -1)), [0.0], 2.0 ** np.arange(-60, 41)])
"""States that are looked at where nothing bounds them."""


def _order(x: Array) -> Array:
    """Place of each float in the order of all floats."""
    whole = np.asarray(x, np.float64).view(np.int64)
    return np.where(whole < 0, np.int64(-(2**63)) - whole, whole)


def _float(place: Array) -> Array:
    whole = np.where(place < 0, np.int64(-(2**63)) - place, place)
    return np.asarray(whole, np.int64).view(np.float64)


def turn(sign: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where ``sign`` turns from its value at ``low``: the last float there on the way to ``high``.

    Entry by entry; ``high`` where it does not turn. ``high`` may be the smaller of the two.
    """
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    side = sign(low)
    a, b = _order(low.copy()), _order(high.copy())
    same = sign(high) == side
    for _ in range(64):
        middle = (a & b) + ((a ^ b) >> 1)  # the mean without overflow
        stays = sign(_float(middle)) == side
        a, b = np.where(stays, middle, a), np.where(stays, b, middle)
    return np.where(same, high, _float(a))


class Fast:
    """A law as frozen by ``scipy.stats``, with the functions of ``scipy.special`` for the normal.

    ``mu`` and ``sd`` are set for a normal law alone.
    """

    def __init__(self, law: Any) -> None:
        self.law = law
        self.mu: Any = None
        self.sd: Any = None
        family = getattr(getattr(law, "dist", None), "name", "")
        if family == "norm" and type(law.dist).__module__.startswith("scipy.stats"):
            self.mu, self.sd = float(law.mean()), float(law.std())
        self.low, self.high = _laws.support(law)
        self.median, first, third = (
            float(_laws.quantile(law, p, 1 - p)) for p in (0.5, 0.25, 0.75)
        )
        self.spread = (third - first) / 2

    def below(self, z: Array) -> Array:
        """Chance of at most ``z``."""
        if self.mu is None:
            with np.errstate(all="ignore"):  # laws overflow far in their tails
                return _laws.below(self.law, z)
        from scipy.special import ndtr

        return np.asarray(ndtr((z - self.mu) / self.sd))

    def above(self, z: Array) -> Array:
        """Chance of more than ``z``."""
        if self.mu is None:
            with np.errstate(all="ignore"):
                return _laws.above(self.law, z)
        from scipy.special import ndtr

        return np.asarray(ndtr((self.mu - z) / self.sd))

    def quantile(self, p: Array, rest: Array) -> Array:
        """The value with chance ``p`` below it and ``rest`` above it."""
        if self.mu is None:
            with np.errstate(all="ignore"):
                return _laws.quantile(self.law, p, rest)
        from scipy.special import ndtri

        low = p <= rest
        z = ndtri(np.where(low, p, rest))
        return np.asarray(self.mu + self.sd * np.where(low, z, -z))

    def log_density(self, z: Array) -> Array:
        """Logarithm of the density, minus infinity outside the support."""
        if self.mu is not None:
            unit = np.log(self.sd * np.sqrt(2 * np.pi))
            return np.asarray(-0.5 * ((z - self.mu) / self.sd) ** 2 - unit)
        with np.errstate(all="ignore"):
            if hasattr(self.law, "logpdf"):
                return np.asarray(self.law.logpdf(z), float)
            return np.asarray(np.log(np.asarray(self.law.pdf(z), float)))


class SignalLaw:
    """Law of a signal ``theta + sigma eps``: cdf, sf, ppf, isf and support; no density.

    Chances by a double exponential rule over the narrower of the two laws, split at the corners of
    the other: right to some ten digits. Quantiles by halving.
    """

    def __init__(self, prior: Fast, noise: Fast, sigma: float) -> None:
        self.narrow, self.wide = noise, prior
        self.a, self.b = sigma, 1.0  # the signal is a times the narrow law plus b times the wide
        if sigma * noise.spread > prior.spread:
            self.narrow, self.wide, self.a, self.b = prior, noise, 1.0, sigma
        self._ends = prior.low + sigma * noise.low, prior.high + sigma * noise.high

    def support(self) -> tuple[float, float]:
        """Least and greatest signal."""
        return self._ends

    def _chance(self, x: Any, upper: bool) -> Array:
        x = np.asarray(x, float)
        flat = np.clip(x.ravel(), *self._ends)
        corners = np.array([e for e in (self.wide.low, self.wide.high) if math.isfinite(e)])
        if len(corners):
            z, w = quantile_rule(self.narrow, (flat[:, np.newaxis] - self.b * corners) / self.a)
        else:
            z, w = self._rule
        side = self.wide.above if upper else self.wide.below
        at = (flat[:, np.newaxis] - self.a * z) / self.b
        return np.asarray((w * side(at)).sum(axis=1).clip(0, 1)).reshape(x.shape)

    @cached_property
    def _rule(self) -> tuple[Array, Array]:
        return quantile_rule(self.narrow, np.full((1, 1), self.narrow.median))

    def cdf(self, x: Any) -> Array:
        """Chance of a signal of at most ``x``."""
        return self._chance(x, False)

    def sf(self, x: Any) -> Array:
        """Chance of a signal above ``x``."""
        return self._chance(x, True)

    def ppf(self, p: Any) -> Array:
        """The signal with chance ``p`` below it."""
        p = np.asarray(p, float)
        return self._quantile(lambda x: self.cdf(x) < p, p, 1 - p)

    def isf(self, p: Any) -> Array:
        """The signal with chance ``p`` above it."""
        p = np.asarray(p, float)
        return self._quantile(lambda x: self.sf(x) > p, 1 - p, p)

    def _quantile(self, before: Callable[[Array], Array], p: Array, rest: Array) -> Array:
        low, high = (  # a sum is below s + t only if one of its terms is below its own
            self.a * self.narrow.quantile(*half) + self.b * self.wide.quantile(*half)
            for half in ((p / 2, 1 - p / 2), (1 - rest / 2, rest / 2))
        )
        for _ in range(50):
            x = (low + high) / 2
            less = before(x)
            low, high = np.where(less, x, low), np.where(less, high, x)
        return np.asarray((low + high) / 2)


def double_exponential(nodes: int = 65) -> tuple[Array, Array, Array]:
    """Nodes in (0, 1), one less each, and weights (Takahasi and Mori 1974)."""
    x = np.linspace(-4.2, 4.2, nodes)
    z = np.pi / 2 * np.sinh(x)
    s, rest = 1 / (1 + np.exp(-2 * z)), 1 / (1 + np.exp(2 * z))
    return s, rest, (x[1] - x[0]) * np.pi * np.cosh(x) * s * rest


def fine(n: float) -> int:
    """Nodes in a panel where ``n`` players choose: the law of their count narrows like a root."""
    return 65 if n <= 16 or n == math.inf else 2 * math.ceil(8 * math.sqrt(n)) + 1


def quantile_rule(law: Fast, corners: Array, nodes: int = 65) -> tuple[Array, Array]:
    """Nodes and weights of a mean over ``law``, split at ``corners``, shape (rows, corners).

    Both of shape (rows, nodes). In the chance of a lower value, so that ends where quantiles are
    infinite and corners of the integrand cost no digits.
    """
    s, rest, w = double_exponential(nodes)
    rows = len(corners)
    if not rows:
        return np.empty((0, 1)), np.empty((0, 1))
    inside = np.sort(np.where(np.isnan(corners), law.low, corners), axis=1)
    p, q = law.below(inside), law.above(inside)
    p = np.concatenate([np.zeros((rows, 1)), p, np.ones((rows, 1))], axis=1)[:, :, np.newaxis]
    q = np.concatenate([np.ones((rows, 1)), q, np.zeros((rows, 1))], axis=1)[:, :, np.newaxis]
    width = np.maximum(np.where(p[:, 1:] <= 0.5, np.diff(p, axis=1), -np.diff(q, axis=1)), 0)
    some = width[:, :, 0].max(axis=0) > 0
    near, far = p[:, :-1][:, some] + width[:, some] * s, q[:, 1:][:, some] + width[:, some] * rest
    z, w = law.quantile(np.minimum(near, 1), np.minimum(far, 1)), width[:, some] * w
    beyond = ~np.isfinite(z)  # in a tail whose chance is no float
    z, w = np.where(beyond, law.median, z), np.where(beyond, 0.0, w)
    return z.reshape(rows, -1), w.reshape(rows, -1)

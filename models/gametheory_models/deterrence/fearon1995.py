"""War for want of information: a demand on a state, or a bloc, whose cost of war is private.

A, who wins a war with chance p at cost ca, demands a share of a pie of size 1. B gives in or
fights; its cost is private. By p + y it asks y more than war would give it but for the cost, and B
fights iff its cost is below y. The best y maximises the risk-return trade-off

    (p + y) (1 - F(y)) + (p - ca) F(y),    so that  1 - F(y) = (y + ca) f(y).            (1)

Costs uniform on [0, cb]: y = (cb - ca)/2 and war comes with chance F(y) = (1 - ca/cb)/2 if ca < cb;
else y = 0 and there is peace. The share demanded is at most 1, so y <= 1 - p. Where costs are known
there is no war.

In a bloc of M states B's cost is the mean of M private costs: the same states with the same costs,
which decide as one. Then F is the law of Bates, whose hazard rises, so that (1) has one root; M =
2: the triangular law, y = (sqrt(16 ca^2 + 24 cb^2) - 4 ca)/12. The density at the mean cb/2 is its
greatest, at least 1/cb, so the root is at most the mean, and war no likelier than peace. A bloc's
cost is easier to guess, and war rarer; but a bloc of hardly any cost is so unlikely that A always
asks for a little more than is safe, and near ca = cb, where one state is left in peace, a bloc is
not. The trade-off is Fearon's; the bloc is derived here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array

MOST = 12
"""Largest M that the closed forms take."""


@dataclass(frozen=True)
class MeanCost:
    """Law of the mean of ``M`` independent costs that are uniform on [0, ``cb``].

    >>> MeanCost(2, 0.5).cdf(0.125).round(6)
    np.float64(0.125)
    """

    M: int
    cb: float

    def support(self) -> tuple[float, float]:
        """Least and greatest mean."""
        return 0.0, self.cb

    def cdf(self, t: Any) -> Array:
        """Chance of a mean of at most ``t``."""
        return _cdf(self.M, np.asarray(t, float) * (self.M / self.cb))

    def sf(self, t: Any) -> Array:
        """Chance of a mean above ``t``, precise where it is small: the law is symmetric."""
        return self.cdf(self.cb - np.asarray(t, float))

    def ppf(self, q: Any) -> Array:
        """The mean that has the chance ``q`` below it, by halving."""
        q = np.asarray(q, float)
        low, high = np.zeros(q.shape), np.full(q.shape, self.cb)
        for _ in range(60):
            middle = (low + high) / 2
            above = self.cdf(middle) >= q
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray(high)

    def isf(self, q: Any) -> Array:
        """The mean that has the chance ``q`` above it."""
        return self.cb - self.ppf(q)


class Fearon1995(gt.Model):
    """A demand on a state or a bloc of M states whose cost of war is private."""

    citation = gt.Citation(
        "Fearon, J. D.",
        1995,
        "Rationalist Explanations for War",
        "International Organization 49(3): 379-414",
    )
    concept = "perfect Bayesian equilibrium"

    p: float = par(0.6, "chance that A wins a war", (0, 1))
    ca: float = par(0.1, "cost of war to A, share of the pie", (0, 10), (0, 0.6))
    cb: float = par(
        0.5, "highest cost of war to a member of B, share of the pie", (0.001, 10), (0.05, 1)
    )
    M: int = par(1, "number of states in the bloc B", (1, MOST), (1, 8))
    N: int = par(2, "number of sides that bargain in pairs", (2, 100), (2, 8))

    def game(self) -> gt.Ultimatum:
        """The bargaining between A and B."""
        known = self.p - self.ca
        return gt.Ultimatum(
            MeanCost(int(self.M), float(self.cb)),
            accept=(lambda x: x, lambda x, t: 1 - x),
            refuse=(lambda x: known, lambda x, t: 1 - self.p - t),
            players=("A", "B"),
        )

    def demands(self) -> Any:
        """What A asks for beyond p: the best y, share of the pie."""
        return self._each_size(self._beyond)

    def war(self) -> Any:
        """Chance of war between A and B."""
        return self._each_size(lambda M, ca, cb, p: _cdf(M, self._beyond(M, ca, cb, p) * M / cb))

    def value(self) -> Any:
        """Payoff that A expects, share of the pie."""
        y, war = self.demands(), self.war()
        return (self.p + y) * (1 - war) + (self.p - self.ca) * war

    def some_war(self) -> Any:
        """Chance that some of the N(N-1)/2 pairs fights, if their wars are independent."""
        return 1 - (1 - self.war()) ** (self.N * np.subtract(self.N, 1) / 2)

    def _each_size(self, rule: Any) -> Any:
        """``rule(M, ca, cb, p)`` at each parameter vector, those with one M together."""
        sizes, *rest = np.broadcast_arrays(self.M, self.ca, self.cb, self.p)
        found = np.empty(sizes.shape)
        for M in np.unique(sizes):
            here = sizes == M
            found[here] = rule(int(M), *(np.asarray(x, float)[here] for x in rest))
        return found[()]

    @staticmethod
    def _beyond(M: int, ca: Array, cb: Array, p: Array) -> Array:
        """The root of (1), or the end of what may be asked."""
        from scipy.optimize.elementwise import find_root

        if M == 1:
            best = np.maximum(cb - ca, 0) / 2
        else:
            # In s = M y / cb, the sum of costs in units of cb.
            def slope(s: Array, a: Array) -> Array:
                return np.asarray(_cdf(M, s) - 1 + (s + a) * _pdf(M, s))

            best = find_root(slope, (0.0, M / 2), args=(ca * M / cb,)).x * cb / M
        return np.asarray(np.minimum(best, 1 - p))

    @proposition(
        "Blocs of M states go to war less often than single states.",
        bears_on=("C10", "C11"),
    )
    def blocs_fight_less(self) -> gt.Holds:
        """What a bloc is ready to bear is easier to guess, unless A fears war itself too much."""
        less = self.war() < self.but(M=1).war()
        return gt.Holds(less, less, given=np.greater(self.M, 1))

    @proposition(
        "Twice the cost of war to both sides makes war less likely.",
        bears_on="C10",
        boundary=("y = (1 - p)/2", lambda m: m.demands() - (1 - m.p) / 2),
    )
    def costlier_war_is_rarer(self) -> Any:
        """It is not known costs that keep the peace: demands double as well, up to all there is."""
        dear = self.but(ca=2 * self.ca, cb=2 * self.cb)
        return dear.war() < self.war() * (1 - 1e-9)

    @proposition(
        "More sides to bargain with make it likelier that there is some war.",
        bears_on=("C11", "C17"),
    )
    def more_sides_more_war(self) -> Any:
        """Counts pairs as if each were alone, which says less of many sides than it seems."""
        return self.but(N=np.add(self.N, 1)).some_war() > self.some_war()

    @proposition(
        "War is no likelier than peace.",
        bears_on=("C11", "C17"),
    )
    def peace_is_likelier(self) -> Any:
        """A theorem for these laws; exponential costs bring the chance of war to 1 - 1/e."""
        return self.war() <= 0.5


@functools.cache
def _density(M: int) -> Any:
    """The density of a sum of M uniform variables: the cardinal B-spline."""
    from scipy.interpolate import BSpline

    return BSpline.basis_element(np.arange(M + 1.0))


def _pdf(M: int, s: Any) -> Array:
    """Density of the sum of M independent variables uniform on [0, 1], 0 <= s <= M."""
    return np.asarray(_density(M)(s))


@functools.cache
def _distribution(M: int) -> Any:
    return _density(M).antiderivative()


def _cdf(M: int, s: Any) -> Array:
    """Its distribution function."""
    return np.asarray(_distribution(M)(np.clip(s, 0, M)))

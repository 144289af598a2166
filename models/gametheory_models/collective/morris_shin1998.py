"""Joint action against an aggressor of uncertain strength.

A continuum of states decide at once whether to join. An aggressor of strength theta is stopped iff
the share that joins is at least theta; joining costs c and is worth 1 if it is stopped. Strength
has a normal prior of mean z and precision alpha (public information); each state also sees theta
with normal noise of precision beta. With theta in (0, 1) known, "all join" and "nobody joins" are
both equilibria. With signals, aggressors up to theta* are stopped, a root of

    theta* = Phi( (alpha/sqrt(beta)) (theta* - z) - sqrt((alpha+beta)/beta) Phi^-1(c) ),    (1)

and states join below x* = ((alpha+beta) theta* - alpha z - sqrt(alpha+beta) Phi^-1(c)) / beta. The
root is single for every z iff alpha/sqrt(beta) <= sqrt(2 pi); else there may be three, one in each
interval between the points where the slope of the right side is 1. As beta grows theta* tends to
1 - c: what is almost exactly known is still not always acted upon.

After Morris and Shin, whose speculators and currency peg are states and an aggressor here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array

HALVINGS = 60


class MorrisShin1998(gt.Model):
    """A continuum of states acts jointly against an aggressor of uncertain strength."""

    citation = gt.Citation(
        "Morris, S. and Shin, H. S.",
        1998,
        "Unique Equilibrium in a Model of Self-Fulfilling Currency Attacks",
        "American Economic Review 88(3): 587-597",
    )
    concept = "Bayesian Nash equilibrium in cutoffs"

    c: float = par(
        0.5, "cost of joining over the worth of success, a share", (0.001, 0.999), (0.1, 0.9)
    )
    alpha: float = par(1.0, "precision of public information, number", (0.001, 1e4), (0.05, 5))
    beta: float = par(1.0, "precision of private signals, number", (0.001, 1e8), (0.25, 10))
    z: float = par(
        0.5, "expected strength of the aggressor, share of all states", (-10, 10), (0, 1)
    )

    def game(self) -> gt.GlobalGame:
        """The game of a continuum of states: low signals join."""
        from scipy.stats import norm

        c = self.c
        return gt.GlobalGame(
            {"join": lambda x, A: 1.0 * (x <= A) - c, "stay out": lambda x, A: 0 * x},
            math.inf,
            prior=norm(self.z, self.alpha**-0.5),
            sigma=self.beta**-0.5,
            first="low",
            jumps=lambda x, A: A - x,
            players=("Each state",),
        )

    def _right(self, theta: Any) -> Any:
        """The right side of (1)."""
        from scipy.special import ndtr

        slope, tilt = self._line()
        return ndtr(slope * (theta - self.z) - tilt)

    def _line(self) -> tuple[Any, Any]:
        """The argument of (1) is the first times theta - z, less the second."""
        from scipy.special import ndtri

        root = np.sqrt(self.beta)
        return self.alpha / root, np.sqrt(np.add(self.alpha, self.beta)) / root * ndtri(self.c)

    def _ends(self) -> Array:
        """Ends of the intervals with one root at most each, last axis: four points in [0, 1]."""
        from scipy.special import ndtri

        root = np.sqrt(self.beta)
        steep = np.divide(self.alpha, root * math.sqrt(2 * math.pi))
        u = np.sqrt(2 * np.log(np.maximum(steep, 1)))
        tilt = np.sqrt(np.add(self.alpha, self.beta)) / root * ndtri(self.c)
        turns = [np.clip(self.z + (s * u + tilt) * root / self.alpha, 0, 1) for s in (-1, 1)]
        zero = np.zeros_like(turns[0])
        return np.stack([zero, *turns, zero + 1], axis=-1)

    def roots(self) -> Array:
        """The roots of (1), last axis: three, ascending, nan where there is none."""
        from scipy.special import ndtr

        ends = self._ends()
        low, high = ends[..., :-1].copy(), ends[..., 1:].copy()
        wide = {name: np.expand_dims(v, -1) for name, v in self.values().items()}
        each = self.but(**wide) if self.batch else self
        slope, tilt = each._line()

        def gap(x: Array) -> Array:
            return np.asarray(x - ndtr(slope * (x - each.z) - tilt))

        left, right = gap(low), gap(high)
        there = (left * right < 0) | ((right == 0) & (left != 0))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            stays = np.sign(gap(middle)) == np.sign(left)
            low, high = np.where(stays, middle, low), np.where(stays, high, middle)
        return np.where(there, (low + high) / 2, np.nan)

    def least(self) -> Any:
        """The smallest theta* of (1): what is stopped where states expect the least."""
        return np.nanmin(self.roots(), axis=-1)[()]

    def greatest(self) -> Any:
        """The greatest theta* of (1): what is stopped where states expect the most."""
        return np.nanmax(self.roots(), axis=-1)[()]

    def equilibria(self) -> Any:
        """Number of roots of (1)."""
        return np.isfinite(self.roots()).sum(axis=-1)[()]

    def cutoff(self, theta: Any) -> Any:
        """The signal x* up to which states join if aggressors up to ``theta`` are stopped."""
        from scipy.special import ndtri

        total = np.add(self.alpha, self.beta)
        return (total * theta - self.alpha * self.z - np.sqrt(total) * ndtri(self.c)) / self.beta

    def exactly_informed(self) -> Any:
        """The limit 1 - c of theta* as private signals become exact."""
        return np.subtract(1, self.c)

    @proposition(
        "However exact private signals are, most aggressors that all could stop go on.",
        bears_on="C2",
        boundary=("c = 1/2", lambda m: np.subtract(m.c, 0.5)),
    )
    def identification_is_not_enough(self) -> Any:
        """The share not stopped is c: each doubts whether enough others will act."""
        return self.exactly_informed() < 0.5

    @proposition(
        "More precise public information widens the set of aggressors that are stopped.",
        bears_on="C15",
        boundary=(
            "θ* - z = Φ^-1(c) / (2 √(α+β))",
            lambda m: m._public_margin(),
        ),
    )
    def clarity_helps(self) -> gt.Holds:
        """True of aggressors believed weak; clarity about a strong one discourages."""
        clearer = self.but(alpha=np.multiply(self.alpha, 1.001))
        least, greatest = (
            clearer.least() > self.least(),
            clearer.greatest() > self.greatest(),
        )
        return gt.Holds(every=least & greatest, some=least | greatest)

    def _public_margin(self) -> Any:
        from scipy.special import ndtri

        return self.least() - self.z - ndtri(self.c) / (2 * np.sqrt(np.add(self.alpha, self.beta)))

    @proposition(
        "Public information leaves no doubt about what the others will do: one equilibrium.",
        bears_on=("C11", "C15"),
        boundary=(
            "α / √β = √(2π): beyond it several remain for some z",
            lambda m: math.sqrt(2 * math.pi) - m.alpha / np.sqrt(m.beta),
        ),
    )
    def clarity_selects(self) -> Any:
        """Several where public information is precise against private signals."""
        return np.equal(self.equilibria(), 1)

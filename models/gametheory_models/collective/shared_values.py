"""Shared values in an alliance that acts only together.

N allies act against a threat of gravity theta, all or none. It costs an ally c; success is worth
theta (s_i + lambda v) to i: the own stake s_i, and the stake v of the common cause as far as values
are shared, lambda. With private signals of theta whose noise vanishes they act iff

    theta >= theta*(lambda) = sum_i c / (s_i + lambda v),                                 (1)

the unanimity case of joint intervention (:mod:`gametheory_models.collective.joint_intervention`),
with r_i = c / (s_i + lambda v). An ally whose stake vanishes adds c / (lambda v) at most: values
restore joint action only if they alone would carry that ally. How much one more unit of shared
values helps, c v / (s_i + lambda v)^2 for each ally, is largest for the one with the least at
stake. Derived here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array
from gametheory_models.collective.joint_intervention import JointIntervention

NOISE = 0.01


class SharedValues(gt.Model):
    """Allies that act only together, moved by own stakes and by shared values."""

    citation = gt.Citation(
        "The gametheory-security founders",
        2026,
        "Shared values in joint intervention",
        "derived in this module",
        read=True,
    )
    concept = "limit of the cutoff equilibria as the noise of private signals vanishes"

    s: Array = par((1.0, 1.0, 0.2), "stake of each ally, units of gravity", (0.001, 100), (0.01, 1))
    lam: float = par(0.3, "degree lambda to which values are shared, a share", (0, 1))
    v: float = par(1.0, "stake of the common cause, units of gravity", (0, 100), (0, 1))
    c: float = par(0.3, "cost of acting to each ally, units of gravity", (0.001, 100), (0.05, 1))
    theta: float = par(1.0, "gravity of the threat at hand, number", (0, 1e6), (0, 4))

    def costs(self) -> Array:
        """Cost over stake r_i of each ally, values included. Last axis: allies."""
        shared = np.expand_dims(np.multiply(self.lam, self.v), -1)
        return np.asarray(np.expand_dims(self.c, -1) / (np.asarray(self.s) + shared))

    def game(self) -> gt.GlobalGame:
        """The game with signals of the gravity, normal noise of .01."""
        r = self.costs()
        return JointIntervention(N=len(r), m=len(r), r=r).with_signals(NOISE)

    def threshold(self) -> Any:
        """Gravity theta* of (1) from which the allies act."""
        return self.costs().sum(axis=-1)[()]

    def interests_alone(self) -> Any:
        """The same if no values are shared."""
        return self.but(lam=np.multiply(self.lam, 0)).threshold()

    def pull(self) -> Array:
        """By how much one more unit of lambda lowers (1) through each ally. Last axis: allies."""
        return np.asarray(self.costs() ** 2 * np.expand_dims(np.divide(self.v, self.c), -1))

    @proposition(
        "Where interests alone do not carry an alliance, shared values do not either.",
        bears_on="C14",
        boundary=("Σ c / (s + λv) = θ", lambda m: m.threshold() - m.theta),
    )
    def values_do_not_overcome_interests(self) -> gt.Holds:
        """True while lambda v is small against the cost of the least interested ally."""
        idle = self.threshold() > self.theta
        return gt.Holds(idle, idle, given=self.interests_alone() > self.theta)

    @proposition("Shared values lower the threat at which an alliance acts.", bears_on="C14")
    def values_strengthen(self) -> gt.Holds:
        """A theorem, by (1), wherever any are shared in a cause that is worth something."""
        lower = self.threshold() < self.interests_alone()
        return gt.Holds(lower, lower, given=np.multiply(self.lam, self.v) > 0)

    @proposition("Shared values count least with the ally that has least at stake.", bears_on="C14")
    def values_follow_interests(self) -> gt.Holds:
        """The contrary is a theorem, by (1): they count most where interests are weakest."""
        least = np.take_along_axis(self.pull(), np.argmin(self.s, axis=-1)[..., None], -1)[..., 0]
        lowest = least <= self.pull().min(axis=-1)
        differ = np.ptp(np.asarray(self.s), axis=-1) > 0
        return gt.Holds(lowest, lowest, given=differ & (np.asarray(self.v) > 0))

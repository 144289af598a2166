"""The security dilemma: what a build-up does to the trust that restraint needs, and what it tells.

N states restrain or arm as in kydd2005, by unanimity: restraint pays R if all restrain, else S;
arming T if all others restrain, else P. Restraint needs a chance m = (P-S)/((R-T)+(P-S)) that all
others restrain. A build-up x of which the share delta is defensive raises a victim's payoff S by
delta s x and the temptation T by (1 - delta) g x. As long as R > T and P > S thereafter, m falls
iff

    delta s (R - T) > (1 - delta) g (P - S),                                             (1)

for any x: whether arms and reassurance go together is one inequality. States that cannot tell
offence from defence take any number of others to restrain for as likely as any other (Laplacian
beliefs): then restraint by all is chosen iff m <= 1/N.

What arming tells: trustworthy states arm with chance et, others with chance eg; a state thought
trustworthy with chance t is thought so after it was seen to arm (or not) by Bayes' rule. The belief
in a trustworthy state rises on average, E[posterior | trustworthy] >= t, with equality iff et = eg;
but it falls with chance et if et < eg. After Jervis; (1) and the rest are derived here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class Jervis1978(gt.Model):
    """A build-up among states that may not trust each other: what it needs and tells."""

    citation = gt.Citation(
        "Jervis, R.",
        1978,
        "Cooperation Under the Security Dilemma",
        "World Politics 30(2): 167-214",
    )
    concept = "Bayesian Nash equilibrium, symmetric in pure strategies"

    N: int = par(2, "number of states", (2, 1000), (2, 9))
    R: float = par(4.0, "payoff of restraint by all, payoff units", (-math.inf, math.inf), (3, 5))
    T: float = par(
        3.0, "payoff of arming when all others restrain, payoff units", (-100, 100), (2, 4)
    )
    P: float = par(
        2.0, "payoff of arming when some other arms, payoff units", (-100, 100), (1.5, 2.5)
    )
    S: float = par(
        1.0, "payoff of restraint when some other arms, payoff units", (-100, 100), (0, 2)
    )
    x: float = par(0.02, "size of the build-up, units of arms", (0, 10), (0.001, 0.1))
    delta: float = par(0.5, "defensive share of the build-up", (0, 1))
    s: float = par(1.0, "what a unit of defence spares a victim, payoff units", (0, 10), (0, 2))
    g: float = par(
        1.0, "what a unit of offence adds to the temptation, payoff units", (0, 10), (0, 2)
    )
    t: float = par(0.5, "chance that another state is trustworthy", (0, 1))
    et: float = par(0.3, "chance that a trustworthy state arms", (0, 1))
    eg: float = par(0.8, "chance that another state arms", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        later = self._later()
        return {
            "S < P after the build-up": np.less(later[1], self.P),
            "T < R after the build-up": np.less(later[0], self.R),
            "P < R": np.less(self.P, self.R),
        }

    def _later(self) -> tuple[Any, Any]:
        """T and S after the build-up."""
        threat = (1 - np.asarray(self.delta)) * self.g * self.x
        return self.T + threat, self.S + np.multiply(self.delta, self.s) * self.x

    def game(self) -> gt.CountGame:
        """The game among states known to be trustworthy, after the build-up."""
        T, S = (float(u) for u in self._later())
        others = self.N - 1
        return gt.CountGame(
            act=[S] * others + [self.R], wait=[self.P] * others + [T], names=("restrain", "arm")
        )

    def confidence(self) -> Any:
        """Chance m of restraint by all others that restraint needs, before the build-up."""
        return self._confidence(self.T, self.S)

    def confidence_later(self) -> Any:
        """The same after the build-up."""
        return self._confidence(*self._later())

    def _confidence(self, T: Any, S: Any) -> Any:
        fear = np.subtract(self.P, S)
        return fear / (np.subtract(self.R, T) + fear)

    def laplacian(self) -> Any:
        """What restraint pays where any number of others is as likely to restrain, payoff units."""
        return np.divide(self.R, self.N) + self.S * (1 - np.divide(1, self.N))

    def thought_after_arming(self) -> Any:
        """Chance that a state seen to arm is trustworthy; nan if none ever arms."""
        return self._posterior(self.et, self.eg)

    def thought_after_restraint(self) -> Any:
        """Chance that a state seen to restrain is trustworthy; nan if all arm."""
        return self._posterior(np.subtract(1, self.et), np.subtract(1, self.eg))

    def _posterior(self, one: Any, other: Any) -> Any:
        both = np.multiply(one, self.t) + np.multiply(other, np.subtract(1, self.t))
        seen = both > 0
        return np.where(seen, np.multiply(one, self.t) / np.where(seen, both, 1), np.nan)[()]

    def thought_of_the_trustworthy(self) -> Any:
        """Expected posterior belief in a state that is trustworthy."""
        armed, not_armed = self.thought_after_arming(), self.thought_after_restraint()
        return self.et * np.nan_to_num(armed) + np.subtract(1, self.et) * np.nan_to_num(not_armed)

    @proposition(
        "A build-up lowers the trust that restraint needs.",
        bears_on="C16",
        boundary=(
            "δ s (R - T) = (1 - δ) g (P - S)",
            lambda m: m.delta * m.s * (m.R - m.T) - (1 - m.delta) * m.g * (m.P - m.S),
        ),
    )
    def arms_reassure(self) -> Any:
        """Turns on its defensive share and on how much temptation there is beside fear."""
        return self.confidence_later() < self.confidence()

    @proposition(
        "States that cannot tell what others will do do not all restrain.",
        bears_on=("C1", "C5"),
        boundary=("m = 1/N", lambda m: m.confidence() - 1 / m.N),
    )
    def restraint_is_not_chosen(self) -> Any:
        """Under Laplacian beliefs: the more states must restrain, the less is needed to fear."""
        arm = np.divide(self.T, self.N) + self.P * (1 - np.divide(1, self.N))
        return self.laplacian() < arm

    @proposition(
        "What is seen of its arms makes others think better of a trustworthy state, on average.",
        bears_on=("C2", "C15"),
        boundary=("t (1 - t)(et - eg)² = 0", lambda m: m.t * (1 - m.t) * (m.et - m.eg) ** 2),
    )
    def evidence_helps_the_trustworthy(self) -> Any:
        """A theorem: beliefs move towards the truth, whatever is looked at."""
        return self.thought_of_the_trustworthy() > self.t + 1e-15

    @proposition(
        "Others are likelier than not to think worse of a trustworthy state for what they see.",
        bears_on=("C2", "C11"),
    )
    def evidence_mostly_misleads(self) -> Any:
        """The average hides a rare, strong sign: most see a weak one the other way."""
        inside = (np.greater(self.t, 0)) & (np.less(self.t, 1))
        suspect = np.where(np.less(self.et, self.eg), self.et, np.subtract(1, self.et))
        return inside & np.not_equal(self.et, self.eg) & (suspect > 0.5)

"""Extended deterrence: will the ally come, and what do the wars that are fought tell of that?

A may attack B at cost k; A wins with chance p, or p - D if C, B's ally, comes. C's private cost of
coming is uniform on [0, cbar]. It gains its stake s times D by coming, and by staying out suffers
the loss a of a broken pledge. It comes with chance

    pi = min(1, (s D + a)/cbar),

A attacks iff k < p - pi D, and is deterred iff pi >= (p - k)/D: by the pledge a >= cbar (p-k)/D - s
D.

Selection: let pledges differ, a uniform on [0, abar], and A's cost be uniform on [0, 1]. Then
reliability pi has a mean m and a variance V over alliances, an alliance is attacked with chance
p - pi D (0 < D <= p), and among those attacked the mean reliability is

    E[pi | attack] = (p m - D (V + m^2)) / (p - D m) = m - D V / (p - D m):

what allies do when attacked understates what they would do, since the less reliable are attacked
more. The reduced form is derived here, after Smith (1995).

The game stated has both costs private, A's uniform on [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class ExtendedDeterrence(gt.Model):
    """An aggressor, its target and an ally who may not come."""

    citation = gt.Citation(
        "Smith, A.",
        1995,
        "Alliance Formation and War",
        "International Studies Quarterly 39(4): 405-425",
    )
    concept = "perfect Bayesian equilibrium"

    p: float = par(0.6, "chance that A wins against B alone", (0, 1), (0.2, 1))
    D: float = par(0.5, "fall of that chance if C comes, D <= p", (1e-6, 1), (0.1, 1))
    k: float = par(0.3, "cost of an attack to A, share of the prize", (0, 10), (0, 0.6))
    s: float = par(0.6, "stake of C in B's survival, payoff units", (0, 10), (0, 2))
    a: float = par(0.0, "what a broken pledge costs C, payoff units", (0, 10), (0, 1))
    abar: float = par(0.4, "highest cost of a broken pledge, payoff units", (0, 10), (0, 2))
    cbar: float = par(1.0, "highest cost of coming, payoff units", (0.001, 10), (0.3, 2))

    def requires(self) -> Mapping[str, Any]:
        return {"D <= p": np.less_equal(self.D, self.p)}

    def game(self) -> gt.CutoffGame:
        """A attacks or not, C stands ready or not: what C does matters if A attacks."""
        from scipy.stats import uniform

        p, D, gain = self.p, self.D, self.s * self.D + self.a
        return gt.CutoffGame(
            [uniform(0, 1), uniform(0, self.cbar)],
            [
                {
                    "go": lambda k, ready: p - D * ready - k,
                    "stay": lambda k, ready: 0.0 * k * ready,
                },
                {"go": lambda c, war: war * (gain - c), "stay": lambda c, war: 0.0 * c * war},
            ],
            players=("A", "C"),
        )

    def reliability(self) -> Any:
        """Chance pi that the ally comes if there is an attack."""
        return np.minimum(1, (np.multiply(self.s, self.D) + self.a) / self.cbar)

    def needed(self) -> Any:
        """Least cost of a broken pledge that deters A, payoff units; infinite if none does."""
        least = self.cbar * np.subtract(self.p, self.k) / self.D - np.multiply(self.s, self.D)
        return np.where(np.subtract(self.p, self.k) > self.D, np.inf, np.maximum(least, 0))[()]

    def _moments(self) -> tuple[Any, Any]:
        """Mean and second moment of pi over alliances: uniform on [low, high], cut off at 1."""
        low = np.multiply(self.s, self.D) / self.cbar
        width = np.divide(self.abar, self.cbar)
        high = low + width
        some = np.where(width > 0, width, 1.0)
        sure = np.where(width > 0, np.clip(high - 1, 0, width) / some, low >= 1)
        x, y = np.minimum(low, 1), np.minimum(high, 1)
        mean = (1 - sure) * (x + y) / 2 + sure
        return mean, (1 - sure) * (x * x + x * y + y * y) / 3 + sure

    def reliable(self) -> Any:
        """Mean reliability of all alliances."""
        return self._moments()[0]

    def observed(self) -> Any:
        """Mean reliability of the alliances that are attacked; nan where none is."""
        mean, square = self._moments()
        attacked = self.p - self.D * mean
        return np.where(
            attacked > 1e-12,
            (self.p * mean - self.D * square) / np.maximum(attacked, 1e-12),
            np.nan,
        )[()]

    @proposition(
        "The ally's pledge deters the aggressor.",
        bears_on="C8",
        boundary=("a = c̄ (p - k)/D - s D, if p - k <= D", lambda m: m.a - m.needed() + 1e-15),
    )
    def the_pledge_deters(self) -> Any:
        """Needs a chance to come of (p - k)/D; none suffices if the ally changes too little."""
        return np.subtract(self.p, self.k) <= self.reliability() * self.D

    @proposition(
        "There is an attack, though the ally is likelier than not to come.",
        bears_on=("C9", "C13"),
    )
    def attacked_all_the_same(self) -> Any:
        """Deterrence fails with an alliance that works."""
        chance = self.reliability()
        return (chance > 0.5) & (np.subtract(self.p, self.k) > chance * self.D)

    @proposition(
        "An ally without a stake of its own does not deter, whatever it has pledged.",
        bears_on=("C12", "C14"),
        boundary=(
            "a = c̄ (p - k)/D, if p - k <= D",
            lambda m: m.but(s=0.0).needed() - m.a,
        ),
    )
    def no_stake_no_deterrence(self) -> Any:
        """A treaty that stays intact while interests part deters only by what breaking it costs."""
        alone = self.but(s=0.0)
        return np.subtract(self.p, self.k) > alone.reliability() * self.D

    @proposition(
        "Allies honour their pledge in fewer than half of the wars.",
        bears_on=("C12", "C17"),
    )
    def seen_to_fail(self) -> gt.Holds:
        """Of the alliances that are attacked; where any is."""
        seen = self.observed()
        return gt.Holds(seen < 0.5, seen < 0.5, given=np.isfinite(seen))

    @proposition(
        "Allies would honour their pledge in fewer than half of all crises.",
        bears_on=("C12", "C17"),
    )
    def would_fail(self) -> gt.Holds:
        """Of all alliances: fewer fail than wars show, since the reliable are not attacked."""
        fail = self.reliable() < 0.5
        return gt.Holds(fail, fail, given=np.isfinite(self.observed()))

    @proposition(
        "Wars understate the reliability of allies.",
        bears_on=("C8", "C17"),
        boundary=("ā = 0 or s D >= c̄", lambda m: np.where(m.s * m.D < m.cbar, m.abar, 0.0)),
    )
    def wars_understate_reliability(self) -> gt.Holds:
        """By D Var(pi)/(p - D E[pi]): a theorem wherever alliances differ."""
        seen = self.observed()
        less = seen < self.reliable() - 1e-12
        return gt.Holds(less, less, given=np.isfinite(seen))

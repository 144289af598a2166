"""Covert arming, a signal of it, and preventive war.

A rising state R may invest, at cost k, in a shift of power worth X to it and -X to the declining
state D. D does not see it; if R invested, D receives a signal with chance p, and never else. D may
then strike first, which costs D C and R c and undoes the shift. Payoffs (R, D), with 0 where R
stays as it is and D waits:

    invest, wait (X - k, -X);   invest, strike (-c - k, -C);   stay, strike (-c, -C).

If X <= C, D never strikes and R invests if X > k. If X > C, D strikes on the signal. Then R stays,
and there is peace, iff k >= (1-p) X - pc, that is iff detection reaches

    p* = (X - k) / (X + c).                                                             (1)

Below p*, R invests with chance q and D strikes without the signal with chance y, such that each is
indifferent: with rho = C/X,

    q = rho / (1 - p + rho p),     y = 1 - k / ((1-p) X - pc),                          (2)

there is war with chance qp + (1 - qp) y, and it hits an R that stayed with chance (1-q) y. War is
rarer the better the detection, by little up to p* and with a jump there; it is the likelier the
costlier it is to D, up to C = X where it ends. The instance is ours, after Debs and Monteiro: at
p = 0 it has war with chance 1 - k/X, while in the article signals may also be too poor for war.

X and C follow from bargaining over a flow of 1 with discount factor d, where R's chance to win a
war rises from w to w' and war costs the sides c_D and c_R of the flow (Fearon 1995). D, offered all
of the first flow at best, prefers war iff d w' - w > c_D + d c_R, which is X > C with

    X = d (w' - w),     C = (1-d) w + c_D + d c_R.                                      (3)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class DebsMonteiro2014(gt.Model):
    """A state may arm in secret; another, which may detect it, may strike first."""

    citation = gt.Citation(
        "Debs, A. and Monteiro, N. P.",
        2014,
        "Known Unknowns: Power Shifts, Uncertainty, and War",
        "International Organization 68(1): 1-31",
    )
    concept = "sequential equilibrium"

    X: float = par(
        1.0, "worth of the shift of power, to R, and loss to D, payoff units", (0, math.inf)
    )
    C: float = par(0.3, "cost of a preventive war to D, payoff units", (0, math.inf), (0, 1.2))
    k: float = par(0.2, "cost of the investment to R, payoff units", (0, math.inf), (0, 0.5))
    c: float = par(0.2, "cost of being struck to R, payoff units", (0, math.inf), (0, 0.5))
    p: float = par(0.3, "chance that the investment is detected", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        return {"X > 0": np.greater(self.X, 0), "C > 0": np.greater(self.C, 0)}

    @classmethod
    def bargained(cls, d: Any, w: Any, later: Any, c_D: Any, c_R: Any, **others: Any) -> Self:
        """The model with X and C of (3); ``later`` is w'. X <= 0 is refused: no shift, no war."""
        return cls(X=d * (later - w), C=(1 - d) * w + c_D + d * c_R, **others)

    def game(self) -> gt.Tree:
        X, C, k, c = self.X, self.C, self.k, self.c
        seen = {"seen": self.p, "unseen": 1 - self.p}

        def rule(history: tuple[str, ...]) -> Any:
            match history:
                case ():
                    return gt.move("R", "invest", "stay", at="start")
                case ("invest",):
                    return gt.chance({s: x for s, x in seen.items() if x})
                case ("invest", "seen"):
                    return gt.move("D", "strike", "wait", at="signal")
                case ("invest", "unseen") | ("stay",):
                    return gt.move("D", "strike", "wait", at="no signal")
                case ("stay", "strike"):
                    return -c, -C
                case ("stay", "wait"):
                    return 0, 0
                case (*_, "strike"):
                    return -c - k, -C
                case _:
                    return X - k, -X

        return gt.Tree.of(["R", "D"], rule)

    def needed_detection(self) -> Any:
        """Detection p* of (1) at which R is deterred from arming, where X > C."""
        return (self.X - self.k) / (self.X + self.c)

    def at_risk(self) -> Any:
        """Whether war may come: D would strike at an R that arms, and R is not deterred."""
        return np.greater(self.X, self.C) & np.less(self.p, self.needed_detection())

    def invests(self) -> Any:
        """Chance that R invests: q of (2); 1 where D would not strike and it pays, else 0."""
        odds = self.X * (1 - self.p) + self.p * self.C
        q = np.divide(self.C, np.where(np.greater(odds, 0), odds, 1))
        unpunished = np.less_equal(self.X, self.C) & np.less(self.k, self.X)
        return np.where(self.at_risk(), q, np.where(unpunished, 1, 0))[()]

    def strikes_unseen(self) -> Any:
        """Chance y of (2) that D strikes though it received no signal."""
        risk = self.at_risk()
        gain = (1 - self.p) * self.X - self.p * self.c
        return np.where(risk, 1 - np.divide(self.k, np.where(risk, gain, 1)), 0)[()]

    def war(self) -> Any:
        """Chance of preventive war."""
        seen = np.where(self.at_risk(), self.invests() * self.p, 0)[()]
        return seen + (1 - seen) * self.strikes_unseen()

    def mistaken(self) -> Any:
        """Chance of preventive war against an R that did not arm."""
        return (1 - self.invests()) * self.strikes_unseen()

    @proposition(
        "There is no preventive war.",
        bears_on=("C6", "C11"),
        boundary=(
            "p = (X - k)/(X + c) if C < X",
            lambda m: np.where(np.less(m.C, m.X), m.p - m.needed_detection(), 1),
        ),
    )
    def no_preventive_war(self) -> Any:
        """Needs detection that deters, war too costly to D, or arms that are not worth it."""
        return np.equal(self.war(), 0)

    @proposition("Better detection lowers the chance of preventive war.", bears_on=("C6", "C11"))
    def detection_lowers_the_risk(self) -> gt.Holds:
        """A theorem where war may come at all: rho (X - p(X+c)) < (1-p)(X+c)(1 - p + rho p)."""
        better = self.but(p=self.p + 0.1 * (1 - self.p))
        lower = better.war() < self.war()
        return gt.Holds(every=lower, some=lower, given=self.at_risk())

    @proposition(
        "A preventive war that costs a tenth more is rarer.",
        bears_on=("C9", "C11"),
        boundary=("1.1 C = X", lambda m: 1.1 * m.C - m.X),
    )
    def costlier_war_is_rarer(self) -> gt.Holds:
        """R arms the more, so that there is more to strike at; until war is too costly at all."""
        rarer = self.but(C=self.C * 1.1).war() < self.war()
        return gt.Holds(every=rarer, some=rarer, given=self.at_risk() & np.greater(self.p, 0))

    @proposition("A limit that takes a tenth of the shift lowers the chance of war.", bears_on="C4")
    def limits_lower_the_risk(self) -> gt.Holds:
        """A theorem: what is left of the shift still draws strikes, but fewer of them."""
        lower = self.but(X=self.X * 0.9).war() < self.war()
        return gt.Holds(every=lower, some=lower, given=self.at_risk())

    @proposition(
        "Most preventive wars hit a state that did not arm.",
        bears_on="C11",
        boundary=(
            "y (1 - q (2 - p)) = q p",
            lambda m: m.strikes_unseen() * (1 - m.invests() * (2 - m.p)) - m.invests() * m.p,
        ),
    )
    def most_wars_are_mistakes(self) -> gt.Holds:
        """The cheaper the strike and the poorer the signal, the more so."""
        most = self.mistaken() > self.war() / 2
        return gt.Holds(every=most, some=most, given=self.at_risk() & np.greater(self.war(), 0))

"""First strikes among n equal nuclear powers.

The survivors share a flow of 1 equally. A random mover may strike one other: with chance ``p`` the
victim is eliminated; else with chance ``r`` the victim's retaliation eliminates the striker. By
symmetry every survivor among n is worth 1/n whatever the others do, so one strike gains
p (1/(n-1) - 1/n) and loses (1-p) r / n. Peace at n is an equilibrium iff the *margin*

    L(n) = [(1-p) r - p/(n-1)] / n                                                    (1)

is not negative, that is iff p <= (n-1) r / (1 + (n-1) r); it is strict where L(n) > 0. If movers
err as in a logit with precision lambda, a strike comes with chance 1 / (1 + exp(lambda L(n))).

More powers make peace easier to sustain (the prize of one victim shrinks, the loss does not) but
the margin falls like 1/n in the end: L(n) > L(n+1) iff (1-p) r (n-1) > 2p. Two powers are more
robust than three iff (1-p) r > 2p: iff retaliation is secure. All results are derived here.

The count game stated is one period: every state plans to strike or to wait on its move, a random
state moves, its target is random, and survivors get 1 over their number.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class FirstStrike(gt.Model):
    """First strikes among n equal nuclear powers that share what is left."""

    citation = gt.Citation(
        "The gametheory-security founders",
        2026,
        "The n-polar first-strike recursion",
        "derived in this module",
        read=True,
    )
    concept = "symmetric subgame-perfect equilibrium"

    n: int = par(2, "number of powers", (2, 1000), (2, 8))
    p: float = par(0.2, "chance that a first strike eliminates its victim", (0, 1))
    r: float = par(0.5, "chance that retaliation eliminates the striker", (0, 1))
    lam: float = par(20.0, "precision of the movers, per unit of payoff", (0, math.inf))

    def game(self) -> gt.CountGame:
        n, p, r = self.n, self.p, self.r
        hit, back, missed = p / (n - 1), (1 - p) * r / (n - 1), (1 - p) * (1 - r) / n
        striker = hit + missed
        peace = Fraction(1, n)
        # Each state moves with chance 1/n; one that strikes picks its target with chance 1/(n-1).
        bystander = hit + back + missed
        target = back + missed
        struck = (target + (n - 2) * bystander) / (n - 1)
        act = [(striker + k * struck + (n - 1 - k) * peace) / n for k in range(n)]
        wait = [(peace + k * struck + (n - 1 - k) * peace) / n for k in range(n)]
        return gt.CountGame(act, wait, names=("strike", "wait"))

    def margin(self) -> Any:
        """What a first strike loses, L(n) of (1), as a share of the flow."""
        return ((1 - self.p) * self.r - self.p / (self.n - 1)) / self.n

    def critical_strike(self) -> Any:
        """Largest chance of success p at which peace is an equilibrium."""
        reach = (self.n - 1) * self.r
        return reach / (1 + reach)

    def hazard(self) -> Any:
        """Chance of a strike at a move, with logit errors of precision ``lam``."""
        from scipy.special import expit

        return expit(-self.lam * self.margin())

    @proposition(
        "Peace between two powers is an equilibrium.",
        bears_on="C10",
        boundary=("(1 - p) r = p", lambda m: (1 - m.p) * m.r - m.p),
    )
    def two_keep_the_peace(self) -> gt.Holds:
        """Needs a failed strike that is avenged to be likelier than one that succeeds."""
        two = self.but(n=2)
        return gt.Holds(every=two.margin() > 0, some=two.margin() >= 0)

    @proposition(
        "Peace between two powers withstands larger errors than peace among three.",
        bears_on=("C10", "C11"),
        boundary=("(1 - p) r = 2p", lambda m: (1 - m.p) * m.r - 2 * m.p),
    )
    def two_are_safer_than_three(self) -> Any:
        """True of secure retaliation only; else the smaller prize among three protects more."""
        return self.but(n=2).margin() > self.but(n=3).margin()

    @proposition(
        "One more power leaves a smaller margin against a first strike.",
        bears_on="C11",
        boundary=("(1 - p) r (n - 1) = 2p", lambda m: (1 - m.p) * m.r * (m.n - 1) - 2 * m.p),
    )
    def one_more_power_is_less_safe(self) -> Any:
        """The more powers there are, the less secure retaliation needs to be for this to hold."""
        return self.but(n=np.add(self.n, 1)).margin() < self.margin()

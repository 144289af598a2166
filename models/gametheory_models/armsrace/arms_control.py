"""A repeated arms race with congestion, and the patience that arms control needs.

Each period each of N states arms or restrains. Arming gains a state g and harms each of the
others by h (N-1)^-kappa: with kappa = 0 it hits every rival in full, with kappa = 1 the same harm
is spread over them. Arming is dominant in the stage game. Restraint by all pays 0 a period, arming
by all g - h (N-1)^(1-kappa), a lone violation g. With perfect monitoring and grim punishment
restraint is an equilibrium iff (Friedman 1971) the discount factor delta is at least (violation -
restraint) / (violation - arming by all):

    delta* = g / (h (N-1)^(1-kappa)).                                                     (1)

More participants make punishment weigh more if harm adds up (kappa < 1), less if it is congested
(kappa > 1). Above 1, no patience suffices. The congestion form is derived here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class ArmsControl(gt.Model):
    """A repeated arms race of N states that grim punishment may restrain."""

    citation = gt.Citation(
        "Friedman, J. W.",
        1971,
        "A Non-cooperative Equilibrium for Supergames",
        "Review of Economic Studies 38(1): 1-12",
    )
    concept = "subgame-perfect equilibrium with grim punishment"

    N: int = par(2, "number of states", (2, 1000), (2, 9))
    g: float = par(0.5, "gain from arming, payoff units a period, g < h", (0, 100), (0.1, 0.9))
    h: float = par(1.0, "harm of one state's arms to a lone rival, payoff units", (0, math.inf))
    kappa: float = par(
        0.0, "exponent of congestion: at 0 harm hits each rival, at 1 it is spread", (0, 10), (0, 2)
    )
    delta: float = par(0.9, "discount factor a period", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        return {"0 < g": np.less(0, self.g), "g < h": np.less(self.g, self.h)}

    def harm(self) -> Any:
        """Harm to a state when all others arm, h (N-1)^(1-kappa)."""
        return self.h * np.subtract(self.N, 1) ** (1.0 - self.kappa)

    def game(self) -> gt.CountGame:
        """One period: to act is to arm."""
        each = self.harm() / (self.N - 1)
        return gt.CountGame(
            act=[self.g - each * k for k in range(self.N)],
            wait=[-each * k for k in range(self.N)],
            names=("arm", "restrain"),
        )

    def critical_patience(self) -> Any:
        """Least discount factor delta* that sustains restraint by all: (1). Above 1: none does."""
        return self.g / self.harm()

    @proposition(
        "One more participant raises the patience that arms control needs.",
        bears_on="C5",
        boundary=("κ = 1", lambda m: m.kappa - 1),
    )
    def more_participants_need_more_patience(self) -> Any:
        """Numbers add to what a violator stands to lose unless his harm is diluted over rivals."""
        return self.but(N=np.add(self.N, 1)).critical_patience() > self.critical_patience()

    @proposition(
        "Arms control that two states could keep is no equilibrium among N.",
        bears_on="C5",
        boundary=(
            "δ = δ* = g/(h (N-1)^(1-κ))",
            lambda m: m.g - m.delta * m.h * (m.N - 1.0) ** (1 - m.kappa),
        ),
    )
    def kept_by_two_lost_by_more(self) -> gt.Holds:
        """Judged where two could keep it. Where N can too, arming for ever remains one as well."""
        fails = np.less(self.delta, self.critical_patience())
        two = np.greater_equal(self.delta, self.but(N=2).critical_patience())
        return gt.Holds(every=fails, some=fails, given=two)

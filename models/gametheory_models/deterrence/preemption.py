"""Pre-emption among N powers that see the value of peace through noise.

Each of N powers attacks or keeps the peace. Peace pays theta if all keep it, S to one that is
attacked; attack pays F if alone, W if others attack too, S < W < F. With theta known, peace is an
equilibrium iff theta >= F. With signals x_i = theta + sigma e_i, e uniform on [-1, 1], and a flat
prior, all attack below

    theta*(N, sigma) = F + (N-1)(W - S) - sigma (N-1)/(N+1),                               (1)

for at the threshold every number of others who attack is equally likely. In the limit of small
noise peace needs theta >= F + (N-1)(W - S): the fear of being caught enters once for each of the
others. Peacekeepers may fine an attacker who is alone (kappa, off F) and cushion a victim (rho,
added to S): the second lowers (1) without touching the temptation F.

It is assumed that one attack ends the peace of all, and that peace is dominant for very high theta
(:meth:`Preemption.game` sets that beyond all thresholds): without that "all attack" is an
equilibrium always. After Chassang and Padró i Miquel for N = 2; the form for N powers is derived
here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class Preemption(gt.Model):
    """N powers keep the peace or strike first, unsure of what the others see."""

    citation = gt.Citation(
        "Chassang, S. and Padró i Miquel, G.",
        2010,
        "Conflict and Deterrence under Strategic Risk",
        "Quarterly Journal of Economics 125(4): 1821-1858",
    )
    concept = "Bayesian Nash equilibrium in cutoffs, unique"

    N: int = par(2, "number of powers", (2, 1000), (2, 9))
    F: float = par(2.0, "payoff of attacking alone, payoff units", (-100, 100), (0.5, 2))
    W: float = par(-1.0, "payoff of mutual war, payoff units", (-100, 100), (-1, 0.5))
    S: float = par(-3.0, "payoff of being attacked, payoff units", (-100, 100), (-3, -0.5))
    v: float = par(4.0, "value of peace theta at hand, payoff units", (-1e4, 1e4), (0, 10))
    sigma: float = par(0.1, "half-width of the noise, payoff units", (0.0001, 100), (0.01, 1))
    kappa: float = par(0.0, "fine on one who attacks alone, payoff units", (0, math.inf))
    rho: float = par(0.0, "cushion of one who is attacked, payoff units", (0, math.inf))

    def requires(self) -> Mapping[str, Any]:
        war = np.subtract(self.W, np.add(self.S, self.rho))
        return {"S + rho < W": war > 0, "W < F": np.less(self.W, self.F)}

    def game(self) -> gt.GlobalGame:
        """The game with noise: attackers have low signals."""
        from scipy.stats import uniform

        F, W, S = self.F - self.kappa, self.W, self.S + self.rho
        top = float(self.limit()) + 4 * self.sigma + abs(F) + 1

        def peace(x: Any, k: Any) -> Any:
            return np.where((k == 0) | (x >= top), x, S)

        return gt.GlobalGame(
            {"attack": lambda x, k: np.where(k == 0, F, W), "keep the peace": peace},
            self.N,
            noise=uniform(-1, 2),
            sigma=self.sigma,
            first="low",
            jumps=lambda x, k: x - top,
        )

    def complete(self) -> Any:
        """Least value of peace at which peace is an equilibrium if theta is known: F - kappa."""
        return np.subtract(self.F, self.kappa)

    def limit(self) -> Any:
        """Least value of peace that is kept as the noise vanishes."""
        fear = np.subtract(self.W, np.add(self.S, self.rho))
        return self.complete() + np.subtract(self.N, 1) * fear

    def threshold(self) -> Any:
        """The signal theta*(N, sigma) of (1) below which powers attack."""
        return self.limit() - self.sigma * np.subtract(self.N, 1) / np.add(self.N, 1)

    @proposition(
        "A peace that is an equilibrium under complete information is lost to strategic doubt.",
        bears_on=("C10", "C11"),
        boundary=("θ = F - κ + (N-1)(W - S - ρ)", lambda m: m.limit() - m.v),
    )
    def doubt_loses_the_peace(self) -> gt.Holds:
        """Where peace is an equilibrium if theta is known."""
        lost = self.limit() > self.v
        return gt.Holds(lost, lost, given=np.greater_equal(self.v, self.complete()))

    @proposition(
        "A peace that two powers keep is lost among N.",
        bears_on="C11",
        boundary=("θ = F - κ + (N-1)(W - S - ρ)", lambda m: m.limit() - m.v),
    )
    def numbers_lose_the_peace(self) -> gt.Holds:
        """Where two would keep it. If an attack ends only the peace of two, numbers do no harm."""
        lost = self.limit() > self.v
        return gt.Holds(lost, lost, given=np.greater_equal(self.v, self.but(N=2).limit()))

    @proposition(
        "Peacekeepers that only cushion the victim leave the value that peace must have.",
        bears_on="C7",
    )
    def weak_peacekeepers_do_nothing(self) -> Any:
        """A theorem to the contrary: doubt weighs what a victim loses."""
        cushioned = self.but(rho=self.rho + np.subtract(self.W, self.S + self.rho) / 10)
        return cushioned.limit() >= self.limit()

"""Mutual restraint among N states: a stag hunt if exploiting does not pay, else a dilemma.

Restraint pays R if at least ``k`` of the N states restrain (oneself included), else S; arming pays
T if at least k-1 of the others restrain, else P; P > S and R > P. A state that is sure to arm
cannot be told from one that would restrain if enough others did; each of the others is of the
second kind, trustworthy, with chance t. If the trustworthy restrain, h(t) = Pr(Bin(N-1, t) >= k-1)
is the chance that enough others do, and a trustworthy state restrains iff

    h (R - T) >= (1 - h)(P - S),  i.e.  h >= mu = (P - S) / ((R - T) + (P - S)).           (1)

A stag hunt (R > T) needs trust of at least t* = h^-1(mu), by unanimity (k = N) mu^(1/(N-1)); in a
prisoner's dilemma (T > R) no trust suffices. All-arm is an equilibrium always. The quorum is
stated as a share: k = max(2, ceil(sigma N)). After Kydd's minimum trust threshold; the N-state
form is derived here.

In the count game of N states all known to be trustworthy, t* is the chance of restraint in the
unstable symmetric mixed equilibrium.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class Kydd2005(gt.Model):
    """Mutual restraint among N states that may not trust each other."""

    citation = gt.Citation(
        "Kydd, A. H.",
        2005,
        "Trust and Mistrust in International Relations",
        "Princeton University Press",
    )
    concept = "Bayesian Nash equilibrium, symmetric in pure strategies"

    N: int = par(2, "number of states", (2, 1000), (2, 9))
    sigma: float = par(1.0, "share of the states that must restrain", (0, 1), (0.3, 1))
    R: float = par(
        1.0, "payoff of restraint that enough others share, payoff units", (-math.inf, math.inf)
    )
    T: float = par(
        0.5, "payoff of arming when enough others restrain, payoff units", (-100, 100), (0, 1)
    )
    P: float = par(
        0.0, "payoff of arming when too few restrain, S < P < R, payoff units", (-100, 100), (0, 1)
    )
    S: float = par(
        -0.5, "payoff of restraint when too few restrain, payoff units", (-100, 100), (-1, 0)
    )
    t: float = par(0.5, "chance that another state is trustworthy", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        return {"S < P": np.less(self.S, self.P), "P < R": np.less(self.P, self.R)}

    def quorum(self) -> Any:
        """Number k of states that must restrain, oneself included."""
        share = np.ceil(np.multiply(self.sigma, self.N) - 1e-9)
        return np.maximum(2, share).astype(int)[()]

    def game(self) -> gt.CountGame:
        """The game among states known to be trustworthy: to act is to restrain."""
        enough = [j >= self.quorum() - 1 for j in range(self.N)]
        return gt.CountGame(
            act=[self.R if e else self.S for e in enough],
            wait=[self.T if e else self.P for e in enough],
            names=("restrain", "arm"),
        )

    def stag_hunt(self) -> Any:
        """Whether restraint is the best reply to restraint: R > T."""
        return np.greater(self.R, self.T)

    def confidence(self) -> Any:
        """Chance mu of (1) that enough others must restrain; 1 in a prisoner's dilemma."""
        fear, gain = np.subtract(self.P, self.S), np.subtract(self.R, self.T)
        return (fear / (np.maximum(gain, 0) + fear))[()]

    def threshold(self) -> Any:
        """Least trust t* at which restraint is an equilibrium; infinite in a dilemma."""
        from scipy.special import betaincinv

        k = self.quorum()
        needed = betaincinv(k - 1, self.N - k + 1, self.confidence())
        return np.where(np.greater_equal(self.R, self.T), needed, np.inf)[()]

    @proposition(
        "Restraint by all N states is no equilibrium, for want of trust.",
        bears_on="C1",
        boundary=(
            "t = μ^(1/(N-1))",
            lambda m: m.confidence() ** (1 / (m.N - 1)) - m.t,
        ),
    )
    def universal_restraint_fails(self) -> Any:
        """Where trust suffices it is one of two equilibria: arming by all is one always."""
        return np.less(self.t, self.but(sigma=1.0).threshold())

    @proposition(
        "One more participant raises the trust that each must have in each other.",
        bears_on="C5",
        boundary=(
            "⌈σ(N+1)⌉ > ⌈σN⌉: the quorum grows with the newcomer",
            lambda m: m.but(N=m.N + 1).quorum() - m.quorum() - 0.5,
        ),
    )
    def more_participants_need_more_trust(self) -> Any:
        """It is the quorum that makes numbers hard, not the numbers."""
        return self.but(N=np.add(self.N, 1)).threshold() > self.threshold()

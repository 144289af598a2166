"""Peacekeepers between N sides that may not trust each other.

A seeker of security gets 1 from peace, b < 1 from attacking the others in peace, -l from peace of
its own that others break, and 0 if all fight. A greedy side gets g > 1 from attacking in peace.
Each side is a seeker with chance t. Peacekeepers punish an attack on those at peace by kappa and
spare the victim the share rho of its loss. If all other seekers keep the peace and the greedy
attack, all N - 1 others keep it with chance h = t^(N-1), and a seeker keeps it iff

    h (1 - (b - kappa)) >= (1 - h) l (1 - rho),    h >= m = l(1-rho) / (1 - (b-kappa) + l(1-rho)),

that is t >= m^(1/(N-1)). The greedy are deterred iff kappa >= g - 1: then peace of all is an
equilibrium whatever t. Peacekeepers too weak to deter anyone (kappa = 0) still lower the trust that
is needed, by what they spare the victim: they cannot stop the greedy, but they calm the fearful.

After Kydd's trust game (as in kydd2005 with R = 1, T = b - kappa, P = 0, S = -l (1 - rho) and
unanimity); the peacekeepers and the form with N sides are derived here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class Peacekeepers(gt.Model):
    """N sides that may not trust each other, with peacekeepers between them."""

    citation = gt.Citation(
        "Kydd, A. H.",
        2005,
        "Trust and Mistrust in International Relations",
        "Princeton University Press",
    )
    concept = "Bayesian Nash equilibrium, symmetric in pure strategies"

    N: int = par(2, "number of sides", (2, 100), (2, 6))
    b: float = par(0.5, "payoff of a surprise attack to a seeker, payoff units", (-10, 1), (0, 1))
    l: float = par(1.0, "loss of a victim, payoff units", (0.001, 100), (0.1, 2))  # noqa: E741
    g: float = par(1.5, "payoff of a surprise attack to the greedy, payoff units", (1, 10), (1, 2))
    t: float = par(0.5, "chance that a side is a seeker of security", (0, 1))
    kappa: float = par(
        0.0, "penalty of the peacekeepers on an attack, payoff units", (0, 10), (0, 0.5)
    )
    rho: float = par(0.5, "share of a victim's loss that peacekeepers prevent", (0, 1))

    def game(self) -> gt.CountGame:
        """The game of the seekers, each of the others being greedy with chance 1 - t."""
        others = self.N - 1
        h, loss = self.t**others, self.l * (1 - self.rho)
        keep = [-loss] * others + [h - (1 - h) * loss]
        attack = [0.0] * others + [h * (self.b - self.kappa)]
        return gt.CountGame(keep, attack, names=("peace", "attack"))

    def confidence(self) -> Any:
        """Chance m of peace by all others that a seeker needs."""
        loss = self.l * np.subtract(1, self.rho)
        total = 1 - np.subtract(self.b, self.kappa) + loss
        return np.where(total > 0, loss / np.where(total > 0, total, 1), 1.0)[()]

    def threshold(self) -> Any:
        """Least trust t at which seekers keep the peace, the greedy attacking."""
        return self.confidence() ** (1 / np.subtract(self.N, 1))

    def _alone(self) -> Any:
        """The same sides without peacekeepers."""
        return self.but(kappa=0.0, rho=0.0)

    def _deterred(self) -> Any:
        """Whether the greedy are."""
        return np.greater_equal(self.kappa, np.subtract(self.g, 1))

    def _keeps(self) -> Any:
        """Whether seekers keep the peace in some equilibrium."""
        return np.greater_equal(self.t, self.threshold()) | self._deterred()

    @proposition(
        "Peacekeepers do not stop a side that wants to fight.",
        bears_on="C7",
        boundary=("κ = g - 1", lambda m: m.g - 1 - m.kappa),
    )
    def the_greedy_are_not_stopped(self) -> Any:
        """As the essay says, unless the penalty exceeds what is to be gained."""
        return ~self._deterred()

    @proposition(
        "Peacekeepers too weak to punish bring no peace that would not be kept without them.",
        bears_on="C7",
    )
    def weak_peacekeepers_change_nothing(self) -> Any:
        """With no penalty at all: what they spare the victim is enough if fear is the trouble."""
        return ~(self.but(kappa=0.0)._keeps() & ~self._alone()._keeps())

    @proposition(
        "Seekers of security attack for fear, with peacekeepers as without.",
        bears_on="C7",
        boundary=(
            "t = m^(1/(N-1)), if κ < g - 1",
            lambda m: np.where(m._deterred(), -1.0, m.threshold() - m.t),
        ),
    )
    def fear_prevails(self) -> Any:
        """In every equilibrium; where they need not, attack by all is an equilibrium as well."""
        return ~self._keeps()

    @proposition(
        "One more side raises the trust that peace needs, with peacekeepers as without.",
        bears_on=("C5", "C7"),
    )
    def more_sides_need_more_trust(self) -> Any:
        """A theorem: peace must be kept by all, as an attack by any one breaks it."""
        return self.but(N=np.add(self.N, 1)).threshold() > self.threshold()

    @proposition(
        "Peacekeepers who only spare the victim do less for peace the more sides there are.",
        bears_on=("C5", "C7"),
    )
    def less_help_among_many(self) -> Any:
        """By how much they lower the trust that is needed."""
        spared, alone = self.but(kappa=0.0), self._alone()
        more = spared.but(N=np.add(self.N, 1)), alone.but(N=np.add(self.N, 1))
        return more[1].threshold() - more[0].threshold() < alone.threshold() - spared.threshold()

"""Bargaining in the shadow of power: concessions to a state that war would serve better.

D holds the share q of a territory of size 1 and would win a war, and all of it, with chance p. War
costs D its private d, uniform on [dlo, dhi], and S, the satisfied state, its known s. D fights
unless it is left a share x >= p - d. So S, which need not offer more than q, offers q where
p - q <= dlo; else it gives up p - y, with y as in the risk-return trade-off: the best y is

    min(p - q, max(dlo, (dhi - s)/2)),

and war comes with chance W(p, q) = (y - dlo)/(dhi - dlo). It rises with the mismatch p - q between
power and benefits until concessions begin, and no more from there. What counts is not how power is
distributed but whether benefits are distributed likewise.

One round of the game: after Powell, who lets offers alternate for ever and both costs be private;
if that of S is private too, D learns nothing from it, and W is averaged over s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition

STEP, TINY = 0.001, 1e-12


class Powell1996(gt.Model):
    """A satisfied state faces a dissatisfied one whose cost of war is private."""

    citation = gt.Citation(
        "Powell, R.",
        1996,
        "Stability and the Distribution of Power",
        "World Politics 48(2): 239-267",
    )
    concept = "perfect Bayesian equilibrium"

    p: float = par(0.5, "chance that D, the dissatisfied state, wins a war", (0, 1))
    q: float = par(0.4, "share of the territory that D holds", (0, 1))
    dlo: float = par(0.0, "lowest cost of war to D, share of the territory", (0, 10), (0, 0.2))
    dhi: float = par(0.2, "highest cost of war to D, share of the territory", (0, 10), (0, 0.6))
    s: float = par(0.05, "cost of war to S, share of the territory", (0, 10), (0, 0.3))

    def requires(self) -> Mapping[str, Any]:
        return {"dlo < dhi": np.less(self.dlo, self.dhi), "q < 1": np.less(self.q, 1)}

    def game(self) -> gt.Ultimatum:
        """The bargaining: S demands what it will keep, at most what it has."""
        from scipy.stats import uniform

        fights = 1 - self.p - self.s
        return gt.Ultimatum(
            uniform(self.dlo, self.dhi - self.dlo),
            accept=(lambda z: z, lambda z, d: 1 - z),
            refuse=(lambda z: fights, lambda z, d: self.p - d),
            most=1 - self.q,
            players=("S", "D"),
        )

    def pressed(self) -> Any:
        """How far below p S leaves D, the best y, share of the territory."""
        return np.minimum(np.subtract(self.p, self.q), self._best())

    def _best(self) -> Any:
        """How far S would leave D below p if it held less."""
        return np.maximum(self.dlo, np.subtract(self.dhi, self.s) / 2)

    def offer(self) -> Any:
        """The share that S leaves to D: at least q."""
        return np.clip(np.subtract(self.p, self.pressed()), self.q, 1)

    def war(self) -> Any:
        """Chance W of war."""
        chance = (self.pressed() - self.dlo) / np.subtract(self.dhi, self.dlo)
        return np.clip(chance, 0, 1)

    @proposition(
        "There is peace where each holds a share like its power.",
        bears_on=("C5", "C16"),
    )
    def peace_in_proportion(self) -> Any:
        """A theorem: who holds p would gain nothing by a war that costs anything."""
        return self.but(q=self.p).war() == 0

    @proposition(
        "Parity of power keeps the peace at least as well as any other distribution of it.",
        bears_on=("C10", "C17"),
        boundary=(
            "p = 1/2, min(1/2 - q, y) = dlo or min(p, 1/2) - q = y, y = max(dlo, (dhi - s)/2)",
            lambda m: (
                np.maximum.reduce(
                    np.broadcast_arrays(
                        np.subtract(m.p, 0.5),
                        m.dlo - np.minimum(0.5 - m.q, m._best()),
                        np.minimum(m.p, 0.5) - m.q - m._best(),
                    )
                )
                + TINY
            ),
        ),
    )
    def parity_is_safest(self) -> Any:
        """So only if benefits are near parity too: a weak D content with little is at peace."""
        return self.but(p=0.5).war() <= self.war()

    @proposition(
        "The stronger the dissatisfied state, the likelier is war.",
        bears_on=("C5", "C17"),
        boundary=(
            "dlo < p - q < (dhi - s)/2",
            lambda m: np.minimum(
                np.subtract(m.p, m.q) - m.dlo + STEP, m._best() - np.subtract(m.p, m.q)
            ),
        ),
    )
    def strength_brings_war(self) -> Any:
        """For a rise of power of .001. Where S concedes already, it concedes more, at no risk."""
        return self.but(p=np.minimum(np.add(self.p, STEP), 1)).war() > self.war()

    @proposition(
        "Half the uncertainty about D's cost makes war less likely.",
        bears_on=("C11", "C15"),
    )
    def information_keeps_the_peace(self) -> gt.Holds:
        """Where there is any risk of war, and the mean cost stays as it is: a theorem."""
        mean, half = np.add(self.dlo, self.dhi) / 2, np.subtract(self.dhi, self.dlo) / 4
        less = self.but(dlo=mean - half, dhi=mean + half).war() < self.war()
        return gt.Holds(less, less, given=self.war() > 0)

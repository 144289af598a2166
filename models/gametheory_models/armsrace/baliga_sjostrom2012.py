"""Hawks and doves by private hostility: arms as strategic complements or substitutes.

Two states choose hawk or dove. A state's hostility h is private, normal with mean m and spread sd.
Against a hawk, a hawk gets h - c and a dove -d; against a dove, a hawk gets h and a dove 0. If the
other is a hawk with chance q, a state is a hawk iff h + (d - c) q >= 0. Actions are complements if
d > c (fear breeds hawks), substitutes if d < c (hawks deter hawks). Symmetric cutoffs x solve

    x + (d - c)(1 - F(x)) = 0.                                                           (1)

The left side rises from below 0 to above it, so there is a root; at its flattest point its slope is
1 - (d - c) f, so there is one root if (d - c) f(m) <= 1, f(m) = 1/(sd sqrt(2 pi)), and perhaps
three else. Below -(d - c) and above 0, or the reverse, no root lies. After Baliga and Sjöström.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array


class BaligaSjostrom2012(gt.Model):
    """Two states of private hostility choose to be hawks or doves."""

    citation = gt.Citation(
        "Baliga, S. and Sjöström, T.",
        2012,
        "The Strategy of Manipulating Conflict",
        "American Economic Review 102(6): 2897-2922",
    )
    concept = "Bayesian Nash equilibrium, symmetric in cutoffs"

    m: float = par(-0.4, "mean hostility, payoff units", (-10, 10), (-2, 1))
    sd: float = par(
        1.0, "spread of hostility, standard deviation, payoff units", (0.01, 10), (0.1, 1)
    )
    d: float = par(1.0, "loss of a dove to a hawk, payoff units", (0, 10), (0, 2))
    c: float = par(0.5, "cost of a fight between hawks, payoff units", (0, 10), (0, 2))

    def game(self) -> gt.CutoffGame:
        from scipy.stats import norm

        c, d = self.c, self.d
        return gt.CutoffGame(
            norm(self.m, self.sd),
            {
                "hawk": lambda h, k: h - c * k,
                "dove": lambda h, k: -d * k + 0.0 * h,
            },
            n=2,
            first="high",
        )

    def cutoffs(self) -> Any:
        """The least and the greatest root x of (1), payoff units, on a last axis.

        Hostility above x makes a hawk: the least root has the most hawks.
        """
        from scipy.optimize.elementwise import find_root

        m, sd, gap = np.broadcast_arrays(
            np.asarray(self.m, float), self.sd, np.subtract(self.d, self.c)
        )
        low, high = _bends(m, sd, gap)

        def excess(x: Array, m: Array, sd: Array, gap: Array) -> Array:
            return np.asarray(x + gap * _hawks((x - m) / sd))

        ends = np.minimum(0, -gap) - 1e-9, np.maximum(0, -gap) + 1e-9
        # Up to the first bend (1) rises: a root lies there, or else the only one is further on.
        turns = np.isfinite(low)
        first, last = np.where(turns, low, ends[1]), np.where(turns, high, ends[0])
        first, last = np.clip(first, *ends), np.clip(last, *ends)
        early, late = excess(first, m, sd, gap) >= 0, excess(last, m, sd, gap) <= 0
        brackets = (
            (ends[0], np.where(early, first, ends[1])),
            (np.where(late, last, ends[0]), ends[1]),
        )
        roots = [find_root(excess, bracket, args=(m, sd, gap)).x for bracket in brackets]
        return np.stack(roots, axis=-1)

    def hawks(self) -> Any:
        """Chance that a state is a hawk, where it is greatest and where least, on a last axis."""
        m, sd = (np.asarray(x, float)[..., np.newaxis] for x in (self.m, self.sd))
        return _hawks((self.cutoffs() - m) / sd)

    @proposition(
        "There is one equilibrium.",
        bears_on="C11",
    )
    def one_equilibrium(self) -> Any:
        """So with substitutes and with enough uncertainty; else fear or trust may feed itself."""
        x = self.cutoffs()
        return x[..., 1] - x[..., 0] <= 1e-7 * (1 + np.abs(x[..., 0]))

    @proposition(
        "A dearer fight between hawks makes hawks rarer.",
        bears_on="C10",
    )
    def costly_war_deters(self) -> gt.Holds:
        """For a cost .01 higher, where there are hawks: the largest and the least share fall."""
        now = self.hawks()
        rarer = self.but(c=np.add(self.c, 0.01)).hawks() < now
        given = now[..., 0] > FEW
        return gt.Holds(every=rarer.all(axis=-1), some=rarer.any(axis=-1), given=given)

    @proposition(
        "A more hostile world has more hawks than hostility alone accounts for.",
        bears_on=("C11", "C17"),
        boundary=("d = c", lambda m: np.subtract(m.d, m.c)),
    )
    def fear_adds_hawks(self) -> gt.Holds:
        """Beyond those who are hawks against a dove: fear breeds hawks, or they deter each other.

        Where there are hawks and doves to begin with.
        """
        alone = np.asarray(_hawks(-np.divide(self.m, self.sd)))[..., np.newaxis]
        more = self.hawks() > alone
        mixed = (alone[..., 0] > FEW) & (alone[..., 0] < 1 - FEW)
        return gt.Holds(every=more.all(axis=-1), some=more.any(axis=-1), given=mixed)


FEW = 1e-6


def _hawks(z: Any) -> Any:
    """Chance of a standard normal above ``z``."""
    from scipy.special import ndtr

    return ndtr(-np.asarray(z, float))


def _bends(m: Array, sd: Array, gap: Array) -> tuple[Array, Array]:
    """Where the left side of (1) stops rising and where it rises again; nan if it always rises."""
    steep = gap / (sd * math.sqrt(2 * math.pi))
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = sd * np.sqrt(2 * np.log(np.where(steep > 1, steep, np.nan)))
    return m - reach, m + reach

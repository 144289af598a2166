"""A challenge and the answer to it, among states that err or do not know each other's payoffs.

State 1 keeps the status quo (SQ) or attacks; state 2 then capitulates (C) or goes to war (W). Where
nothing is random, 2 fights iff u2_W > u2_C. Each alternative's payoff is disturbed by an
independent normal term of standard deviation sigma. Let r be the chance that 2 fights, a that 1
attacks, and

    r = Phi((u2_W - u2_C) / (sigma sqrt 2)),     e = r u1_W + (1-r) u1_C - u1_SQ.       (1)

* Agent error: the term belongs to the move, and nobody knows it before, so that a move of 1 is
  worth its mean:  a = Phi(e / (sigma sqrt 2)).                                         (2)
* Private information: the terms belong to the three outcomes, and each state knows its own: an
  attack is worth the mixture of two,  a = Phi(e / (sigma sqrt(1 + r^2 + (1-r)^2))).    (3)
* Agent logit equilibrium of precision lam (McKelvey and Palfrey 1998): errors at the moves again,
  r = L(lam (u2_W - u2_C)) and a = L(lam e) with L(x) = 1/(1 + exp(-x)).                (4)

War has the chance ar. A more resolute defender (greater u2_W) is attacked less if 1 fears war, and
fights more if attacked. By (4) the chance of war falls at the margin iff

    lam r (1-a) (u1_C - u1_W) > 1,                                                      (5)

where few are deterred yet by a defender that is nearly sure to fight. After Signorino; (5) and the
comparison of (2) with (3), of which (3) is the sharper, are derived here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array

ANY = (-math.inf, math.inf)


class Signorino1999(gt.Model):
    """One state attacks or not, another capitulates or fights; choices are random."""

    citation = gt.Citation(
        "Signorino, C. S.",
        1999,
        "Strategic Interaction and the Statistical Analysis of International Conflict",
        "American Political Science Review 93(2): 279-297",
    )
    concept = "agent logit equilibrium"

    u1_SQ: float = par(0.0, "payoff of the status quo to 1, payoff units", ANY)
    u1_C: float = par(1.0, "payoff to 1 if 2 capitulates, payoff units", ANY, (-1, 2))
    u1_W: float = par(-1.0, "payoff of war to 1, payoff units", ANY, (-2, 1))
    u2_SQ: float = par(0.0, "payoff of the status quo to 2, payoff units", ANY)
    u2_C: float = par(-1.0, "payoff to 2 if it capitulates, payoff units", ANY, (-2, 0))
    u2_W: float = par(-0.5, "payoff of war to 2, payoff units", ANY, (-3, 3))
    sigma: float = par(
        1.0, "standard deviation of a disturbance, payoff units", (1e-6, 1e6), (0.5, 3)
    )
    lam: float = par(1.0, "precision of logit choice, per unit of payoff", (0, 1e6), (0, 5))

    def game(self) -> gt.Tree:
        """The game without disturbances."""
        ends = {
            ("keep",): (self.u1_SQ, self.u2_SQ),
            ("attack", "capitulate"): (self.u1_C, self.u2_C),
            ("attack", "fight"): (self.u1_W, self.u2_W),
        }

        def rule(history: tuple[str, ...]) -> Any:
            match history:
                case ():
                    return gt.move("1", "keep", "attack", at="start")
                case ("attack",):
                    return gt.move("2", "capitulate", "fight", at="attacked")
                case _:
                    return ends[history]

        return gt.Tree.of(["1", "2"], rule)

    def resists(self) -> Any:
        """Chance r of (1) that 2 fights if it is attacked, with normal disturbances."""
        from scipy.special import ndtr

        return ndtr(self._spur() / (self.sigma * math.sqrt(2)))

    def resists_logit(self) -> Any:
        """Chance r of (4) that 2 fights if it is attacked."""
        from scipy.special import expit

        return expit(self.lam * self._spur())

    def agent_error(self) -> Any:
        """Chances of the status quo, capitulation and war by (2), on a last axis."""
        from scipy.special import ndtr

        r = self.resists()
        return _outcomes(ndtr(self._lure(r) / (self.sigma * math.sqrt(2))), r)

    def private_information(self) -> Any:
        """Chances of the status quo, capitulation and war by (3), on a last axis."""
        from scipy.special import ndtr

        r = self.resists()
        spread = self.sigma * np.sqrt(1 + r**2 + (1 - r) ** 2)
        return _outcomes(ndtr(self._lure(r) / spread), r)

    def logit(self) -> Any:
        """Chances of the status quo, capitulation and war by (4), on a last axis."""
        from scipy.special import expit

        r = self.resists_logit()
        return _outcomes(expit(self.lam * self._lure(r)), r)

    def _spur(self) -> Any:
        """What 2 gains by fighting."""
        return np.subtract(self.u2_W, self.u2_C)

    def _lure(self, r: Any) -> Any:
        """The gain e of (1) from an attack that is met with war with chance ``r``."""
        return r * self.u1_W + (1 - r) * self.u1_C - self.u1_SQ

    def _bolder(self) -> Signorino1999:
        """The model with a slightly more resolute defender."""
        return self.but(u2_W=np.add(self.u2_W, 1e-4))

    @proposition(
        "A more resolute defender is attacked less.",
        bears_on="C10",
        boundary=("u1_C = u1_W", lambda m: np.subtract(m.u1_C, m.u1_W)),
    )
    def resolve_deters(self) -> gt.Holds:
        """True of attackers that fear war more than success without it is worth."""
        less = self._bolder().logit()[..., 0] > self.logit()[..., 0]
        return gt.Holds(less, less, given=np.greater(self.lam, 0))

    @proposition(
        "A more resolute defender is in war less.",
        bears_on=("C9", "C11"),
        boundary=(
            "lam r (1 - a)(u1_C - u1_W) = 1",
            lambda m: (
                m.lam * m.resists_logit() * m.logit()[..., 0] * np.subtract(m.u1_C, m.u1_W) - 1
            ),
        ),
    )
    def resolve_prevents_war(self) -> gt.Holds:
        """Resolve deters, but is fought where it is tested: war is likeliest in between."""
        less = self._bolder().logit()[..., 2] < self.logit()[..., 2]
        return gt.Holds(less, less, given=np.greater(self.lam, 0))

    @proposition(
        "Sharper perception of what is at stake makes war rarer.",
        bears_on="C11",
        boundary=(
            "(1 - r) d (1 - lam (1 - a) r (u1_C - u1_W)) + (1 - a) e = 0, d = u2_W - u2_C",
            lambda m: -m._sharpening(),
        ),
    )
    def precision_prevents_war(self) -> Any:
        """False where war is what both would choose; errors then save the peace."""
        sharper = self.but(lam=self.lam * (1 + 1e-4) + 1e-6)
        return sharper.logit()[..., 2] < self.logit()[..., 2]

    def _sharpening(self) -> Any:
        """Derivative of the logarithm of (4)'s chance of war by the precision."""
        r, quiet = self.resists_logit(), self.logit()[..., 0]
        fear = np.subtract(self.u1_C, self.u1_W)
        by_two = (1 - r) * self._spur() * (1 - self.lam * quiet * r * fear)
        return by_two + quiet * self._lure(r)

    @proposition(
        "Private information makes war rarer than errors of the same size.",
        bears_on="C11",
        boundary=("e = 0", lambda m: -m._lure(m.resists())),
    )
    def knowing_oneself_prevents_war(self) -> Any:
        """A state that knows its own payoffs does more surely what it would do on average."""
        return self.private_information()[..., 2] < self.agent_error()[..., 2]


def _outcomes(attacks: Any, r: Any) -> Array:
    return np.stack(np.broadcast_arrays(1 - attacks, attacks * (1 - r), attacks * r), axis=-1)

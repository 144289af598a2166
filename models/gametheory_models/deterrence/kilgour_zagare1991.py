"""Mutual deterrence when neither side knows whether the other would retaliate.

Two states choose at once to cooperate or to defect. One that cooperated while the other defected
retaliates if it is Hard and yields if it is Soft; each knows its own type alone, and state i is
Hard with chance p_i. A state prefers, in this order: to win (DC), the status quo (SQ), conflict as
a Hard state (DD+), to yield (CD), conflict as a Soft state (DD-). If the other cooperates and is
Soft with chance s, cooperates and is Hard with chance h, and defects with chance d, defection gains

    a Hard state  s (DC - SQ) - h (SQ - DD+),
    a Soft state  s (DC - SQ) - h (SQ - DD-) - d (CD - DD-),

so that a Soft state defects only if it would do so as a Hard one for sure. With

    t = (DC - SQ) / (DC - DD+),     b = (DC - SQ) / (DC - SQ + CD - DD-)                (1)

the equilibria are, up to ties,

* deterrence, iff p_A, p_B >= t: nobody defects (the Hard are the more tempted);
* separation, iff p_A, p_B >= b: Hard states defect, Soft ones do not;
* hedging, iff p_A, p_B >= t: Soft states do not defect, the Hard state i does with chance

      x_i = 1 - (1 - p_i)(DC - SQ) / (p_i (SQ - DD+));                                  (2)

* attack on j, iff p_j <= b: the other defects as both types, j as a Soft state never and as a Hard
  one with any chance of at least

      z_j = max(0, [p_j (SQ - DD-) - (1 - p_j)(DC - SQ)] / [p_j (SQ - CD)]);            (3)

* bluff, iff p_A, p_B <= b: Hard states defect, the Soft state i does with chance

      y_i = 1 - (1 - b) / (1 - p_i).                                                    (4)

There is conflict if one defects and the other defects too or is Hard. Some equilibrium with
conflict exists always, also where deterrence is one.

Bloc form: an alliance of M members, each Hard with chance h, retaliates with chance 1 - (1-h)^M if
one Hard member suffices, and Pr(Bin(M, h) > M/2) if it takes a majority. With DC = 1, SQ = r and
DD+ = 0, t is the chance of retaliation 1 - r that deters in the Chicken of Brams and Kilgour
(1988). After Kilgour and Zagare; the list of equilibria and the bloc form are derived here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array


class KilgourZagare1991(gt.Model):
    """Two states that may each be Hard, and would then retaliate."""

    citation = gt.Citation(
        "Kilgour, D. M. and Zagare, F. C.",
        1991,
        "Credibility, Uncertainty, and Deterrence",
        "American Journal of Political Science 35(2): 305-334",
    )
    concept = "Bayesian Nash equilibrium"

    p_A: float = par(0.6, "chance that A is Hard", (0, 1))
    p_B: float = par(0.6, "chance that B is Hard", (0, 1))
    DC: float = par(4.0, "payoff of winning, payoff units", (-math.inf, math.inf))
    SQ: float = par(3.0, "payoff of the status quo, payoff units", (-math.inf, math.inf), (0, 4))
    DD_plus: float = par(
        2.0, "payoff of conflict to a Hard state, payoff units", (-math.inf, math.inf), (0, 4)
    )
    CD: float = par(1.0, "payoff of yielding, payoff units", (-math.inf, math.inf), (0, 4))
    DD_minus: float = par(
        0.0, "payoff of conflict to a Soft state, payoff units", (-math.inf, math.inf)
    )
    M: int = par(3, "number of members of an alliance", (1, 1000), (1, 12))
    h: float = par(0.4, "chance that a member of the alliance is Hard", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        order = ["DC", "SQ", "DD_plus", "CD", "DD_minus"]
        return {
            f"{a} > {b}": np.greater(getattr(self, a), getattr(self, b))
            for a, b in itertools.pairwise(order)
        }

    def game(self) -> gt.Tree:
        """Both types and both choices; who retaliates is settled by the type."""
        chances = [{"Hard": p, "Soft": 1 - p} for p in self._sides()]
        conflict = {"Hard": self.DD_plus, "Soft": self.DD_minus}

        def rule(history: tuple[str, ...]) -> Any:
            match history:
                case () | (_,):
                    return gt.chance({k: p for k, p in chances[len(history)].items() if p})
                case (kind, _):
                    return gt.move("A", "defect", "cooperate", at=kind)
                case (_, kind, _):
                    return gt.move("B", "defect", "cooperate", at=kind)
                case (_, _, "cooperate", "cooperate"):
                    return self.SQ, self.SQ
                case (_, "Soft", "defect", "cooperate"):
                    return self.DC, self.CD
                case ("Soft", _, "cooperate", "defect"):
                    return self.CD, self.DC
                case (one, other, *_):
                    return conflict[one], conflict[other]

        return gt.Tree.of(["A", "B"], rule)

    def threshold(self) -> Any:
        """Least chance t of (1) that the other is Hard which deters."""
        return (self.DC - self.SQ) / (self.DC - self.DD_plus)

    def bluff_threshold(self) -> Any:
        """Greatest chance b of (1) that the other is Hard at which a Soft state may defect."""
        return (self.DC - self.SQ) / (self.DC - self.SQ + self.CD - self.DD_minus)

    def exists(self) -> Any:
        """Whether there is deterrence, separation, hedging, an attack on A, on B, bluff."""
        t, b = self.threshold(), self.bluff_threshold()
        p, q = self.p_A, self.p_B
        deter = np.greater_equal(p, t) & np.greater_equal(q, t)
        separate = np.greater_equal(p, b) & np.greater_equal(q, b)
        on_a, on_b = np.less_equal(p, b), np.less_equal(q, b)
        return _side_by_side(deter, separate, deter, on_a, on_b, on_a & on_b)

    def hedges(self) -> Any:
        """Chances (x_A, x_B) of (2) that a Hard state defects; nan where there is no hedging."""
        there = self.exists()[..., 2]
        pulls, costs = self.DC - self.SQ, self.SQ - self.DD_plus
        return _side_by_side(
            *(_where(there, lambda p: 1 - (1 - p) * pulls / (p * costs), p) for p in self._sides())
        )

    def answers(self) -> Any:
        """Least chances (z_A, z_B) of (3) that Hard victims defect; nan where not attacked."""
        there = self.exists()
        pulls, hurts = self.DC - self.SQ, self.SQ - self.DD_minus

        def least(p: Any) -> Any:
            return np.maximum(0, (p * hurts - (1 - p) * pulls) / (p * (self.SQ - self.CD)))

        # A victim that is surely Soft has no Hard type whose choice would matter.
        either = [there[..., 3 + j] & np.greater(p, 0) for j, p in enumerate(self._sides())]
        return _side_by_side(*(_where(e, least, p) for e, p in zip(either, self._sides())))

    def bluffs(self) -> Any:
        """Chances (y_A, y_B) of (4) that a Soft state defects; nan where there is no bluff."""
        there, b = self.exists()[..., 5], self.bluff_threshold()
        return _side_by_side(
            *(_where(there, lambda p: 1 - (1 - b) / (1 - p), p) for p in self._sides())
        )

    def conflict(self) -> Any:
        """Chance of conflict in each kind of equilibrium, as in :meth:`exists`; nan if none."""
        p, q = self._sides()
        x = self.hedges()
        hedged = p * q * (1 - (1 - x[..., 0]) * (1 - x[..., 1]))
        chances = _side_by_side(0 * p, p * q, hedged, p, q, self.bluff_threshold() ** 2)
        return np.where(self.exists(), chances, math.nan)

    def retaliates(self) -> Any:
        """Chance that an alliance of M retaliates if one Hard member suffices."""
        return 1 - (1 - self.h) ** self.M

    def retaliates_by_majority(self) -> Any:
        """Chance that more than half of the M members are Hard."""
        from scipy.special import bdtrc

        return bdtrc(np.floor_divide(self.M, 2), self.M, self.h)

    def members_needed(self) -> Any:
        """Least number of members ceil(ln(1-t) / ln(1-h)) that deter if one suffices."""
        with np.errstate(divide="ignore"):
            needed = np.log(1 - np.asarray(self.threshold(), float)) / np.log(1 - self.h)
        return np.maximum(1, np.ceil(needed - 1e-9))[()]

    def _sides(self) -> tuple[Any, Any]:
        return self.p_A, self.p_B

    @proposition(
        "Mutual deterrence is an equilibrium.",
        bears_on="C10",
        boundary=(
            "min(p_A, p_B) = (DC - SQ)/(DC - DD+)",
            lambda m: np.minimum(m.p_A, m.p_B) - m.threshold(),
        ),
    )
    def deterrence_is_an_equilibrium(self) -> Any:
        """Both must be likely enough to be Hard: the less credible of the two decides."""
        return self.exists()[..., 0]

    @proposition(
        "There is a chance of conflict.",
        bears_on="C9",
        boundary=(
            "min(p_A, p_B) = (DC - SQ)/(DC - DD+)",
            lambda m: m.threshold() - np.minimum(m.p_A, m.p_B),
        ),
    )
    def deterrence_may_fail(self) -> gt.Holds:
        """In some equilibrium always: credible threats do not rule it out."""
        chances = self.conflict()
        return gt.Holds(np.nanmin(chances, axis=-1) > 0, np.nanmax(chances, axis=-1) > 0)

    @proposition(
        "Where deterrence is no equilibrium, more credible threats make conflict likelier.",
        bears_on="C9",
        boundary=(
            "max(p_A, p_B) = (DC - SQ)/(DC - SQ + CD - DD-)",
            lambda m: np.maximum(m.p_A, m.p_B) - m.bluff_threshold(),
        ),
    )
    def credibility_breeds_conflict(self) -> gt.Holds:
        """In attack and separation; bluff makes up for it. Each p moves a thousandth nearer 1."""
        nearer = {f"p_{i}": p + 0.001 * (1 - p) for i, p in zip("AB", self._sides())}
        after = self.but(**nearer)
        stays = self.exists() & after.exists()
        rises = np.where(stays, after.conflict() > self.conflict(), False)
        return gt.Holds(
            every=(rises | ~stays).all(axis=-1),
            some=rises.any(axis=-1) | ~stays.any(axis=-1),
            given=~self.exists()[..., 0],
        )

    @proposition(
        "An alliance that retaliates if one member is Hard deters.",
        bears_on="C10",
        boundary=(
            "M = ln(1 - t)/ln(1 - h)",
            lambda m: -m.M * np.log(1 - m.h) + np.log(1 - m.threshold()),
        ),
    )
    def one_hard_member_is_enough(self) -> Any:
        """Numbers make up for doubtful members where any of them can do it alone."""
        return np.greater_equal(self.retaliates(), self.threshold())

    @proposition(
        "Two more members make an alliance that needs a majority likelier to retaliate.",
        bears_on=("C12", "C13"),
        boundary=(
            "h = ceil(M/2)/(M + 1), for odd M h = 1/2",
            lambda m: m.h - np.floor_divide(np.add(m.M, 1), 2) / np.add(m.M, 1),
        ),
    )
    def larger_alliances_retaliate_more(self) -> Any:
        """Numbers hurt where members are doubtful: most of them then hold back."""
        more = self.but(M=np.add(self.M, 2))
        return more.retaliates_by_majority() > self.retaliates_by_majority()


def _side_by_side(*values: Any) -> Array:
    """The values along a last axis."""
    return np.stack(np.broadcast_arrays(*values), axis=-1)


def _where(there: Any, form: Any, p: Any) -> Any:
    """``form(p)`` where ``there``, else nan; Fractions stay exact."""
    return np.where(there, form(np.where(there, p, 0.5)[()]), math.nan)[()]

"""Identifying the aggressor by vote: unanimity against majority.

N states see independent signals, right with chance p, of whether a suspect is the aggressor (prior
1/2), and vote. To name it is right iff the chance of guilt is at least q. Sincere votes follow the
own signal; by a majority that is an equilibrium for an odd N iff 1 - p <= q <= p, and it errs with
the tail of a binomial law, which vanishes as N grows (Condorcet).

If all N must agree, a vote decides only where all others convict, which itself tells of guilt: with
a signal of innocence a state still votes to convict with chance

    beta = (A p - (1-p)) / (p - A (1-p)),   A = ((1-q)(1-p) / (q p))^(1/(N-1)),            (1)

where that is positive, else it votes sincerely (or all acquit, if no number of signals would do).
An innocent is named with chance ((1-p) + p beta)^N, in the limit of many states

    ((1-q)(1-p) / (q p))^(p/(2p-1)),                                                      (2)

an aggressor missed with chance 1 - (p + (1-p) beta)^N. After Feddersen and Pesendorfer, read here
as states that must agree on who the aggressor is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class FeddersenPesendorfer1998(gt.Model):
    """N states vote on who the aggressor is, each with a signal of its own."""

    citation = gt.Citation(
        "Feddersen, T. and Pesendorfer, W.",
        1998,
        "Convicting the Innocent: "
        "The Inferiority of Unanimous Jury Verdicts under Strategic Voting",
        "American Political Science Review 92(1): 23-35",
    )
    concept = "symmetric Bayesian Nash equilibrium, responsive where there is one"

    N: int = par(12, "number of states", (2, 1000), (2, 15))
    p: float = par(0.7, "chance that a signal is right", (0.501, 0.999), (0.51, 0.99))
    q: float = par(0.5, "chance of guilt from which naming is right", (0.5, 0.999), (0.5, 0.95))

    def game(self) -> gt.Voting:
        """The vote in which all must agree."""
        return gt.Voting(self.N, self.N, self.p, self.q)

    def mixing(self) -> Any:
        """Chance beta of (1) that a state which sees innocence votes to convict, by unanimity."""
        p, q = np.asarray(self.p, float), np.asarray(self.q, float)
        A = ((1 - q) * (1 - p) / (q * p)) ** (1 / np.subtract(self.N, 1))
        return np.maximum((A * p - (1 - p)) / (p - A * (1 - p)), 0)[()]

    def _persuades(self) -> Any:
        """Whether N signals of guilt, or fewer, carry conviction."""
        p, q = np.asarray(self.p, float), np.asarray(self.q, float)
        return np.log(p / (1 - p)) * self.N > np.log(q / (1 - q))

    def unanimity_names_innocent(self) -> Any:
        """Chance that an innocent is named if all must agree."""
        chance = (1 - self.p + self.p * self.mixing()) ** self.N
        return np.where(self._persuades(), chance, 0.0)[()]

    def unanimity_misses_aggressor(self) -> Any:
        """Chance that an aggressor is not named if all must agree."""
        chance = 1 - (self.p + (1 - self.p) * self.mixing()) ** self.N
        return np.where(self._persuades(), chance, 1.0)[()]

    def innocent_in_the_limit(self) -> Any:
        """Chance (2) that an innocent is named by unanimity of ever more states."""
        p, q = np.asarray(self.p, float), np.asarray(self.q, float)
        return (((1 - q) * (1 - p) / (q * p)) ** (p / (2 * p - 1)))[()]

    def majority_errs(self) -> Any:
        """Chance of a wrong name, or of none for an aggressor, by sincere majority of odd numbers.

        Of N states, or N + 1 if that is odd.
        """
        from scipy.special import betainc

        half = np.floor_divide(self.N, 2)
        return betainc(half + 1, half + 1, 1 - np.asarray(self.p, float))[()]

    def all_are_right(self) -> Any:
        """Chance p^N that all states see the right signal."""
        return np.power(self.p, self.N)

    @proposition(
        "All states see rightly who the aggressor is with a chance below one half.",
        bears_on="C2",
        boundary=("p^N = 1/2", lambda m: 0.5 - m.all_are_right()),
    )
    def seldom_do_all_agree(self) -> Any:
        """Agreement of all decays with the number of states, however good their signals."""
        return self.all_are_right() < 0.5

    @proposition(
        "A majority of two more states is wrong about the aggressor more often.",
        bears_on="C2",
    )
    def more_states_identify_worse(self) -> Any:
        """The contrary is a theorem of Condorcet's: majorities pool signals better than a coin."""
        return self.but(N=np.add(self.N, 2)).majority_errs() > self.majority_errs()

    @proposition(
        "If all must agree, an innocent is named at least as often as by a sincere majority.",
        bears_on="C2",
    )
    def a_veto_names_more_innocents(self) -> gt.Holds:
        """Where the majority is sincere in equilibrium, q <= p."""
        more = self.unanimity_names_innocent() >= self.majority_errs()
        return gt.Holds(more, more, given=np.less_equal(self.q, self.p))

    @proposition(
        "If all must agree, more aggressors go unnamed than by a sincere majority.",
        bears_on=("C1", "C2"),
    )
    def a_veto_misses_more_aggressors(self) -> gt.Holds:
        """Where the majority is sincere in equilibrium, q <= p.

        At any of thousands of draws over the whole range; no proof is given.
        """
        more = self.unanimity_misses_aggressor() > self.majority_errs()
        return gt.Holds(more, more, given=np.less_equal(self.q, self.p))

    @proposition(
        "Unanimity of ever more states names an innocent in more than one case of ten.",
        bears_on="C2",
        boundary=(
            "((1-q)(1-p)/(qp))^(p/(2p-1)) = 1/10",
            lambda m: m.innocent_in_the_limit() - 0.1,
        ),
    )
    def numbers_do_not_cure_a_veto(self) -> Any:
        """Noisy signals and a low standard of proof keep errors alive at any number of states."""
        return self.innocent_in_the_limit() > 0.1

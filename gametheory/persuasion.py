"""Public persuasion of a coalition: Bayesian persuasion of voters about a state in two values.

A sender who wants a proposal to pass commits to a public signal of whether the state is high, of
prior chance ``mu``. Receiver ``i`` approves iff the posterior is at least a threshold ``t_i``; the
proposal passes iff ``k`` approve. With a common posterior it passes iff that is at least the k-th
lowest threshold, ``t_(k)``: the sender's payoff is the step v(x) = 1{x >= t_(k)}, and the most that
a signal attains is its concave closure at the prior,

    V(mu) = min(1, mu / t_(k)).                                                        (1)

Where mu < t_(k), the optimal signal always reports a high state and reports a low one as high just
so often that the posterior after the report is t_(k). All that counts is the pivotal receiver:
approval by all (k = n) must win over the most sceptical.

What is proved is a price line: V(mu) = a + b mu and v(x) <= a + b x for all posteriors x, so that
no signal, whose posteriors average to mu, attains more. After Kamenica and Gentzkow (2011),
American Economic Review 101(6): 2590-2615.

It is not private persuasion: with a separate signal to each receiver the sender gets more (Arieli
and Babichenko 2019, Journal of Economic Theory 182: 185-217), for different k of them can be won.

>>> from fractions import Fraction
>>> senate = Persuasion(Fraction(3, 10), [Fraction(1, 4), Fraction(1, 2), Fraction(2, 3)], k=2)
>>> best = senate.optimum()
>>> print(best.value, *best.posteriors)
3/5 0 1/2
>>> print(*best.weights, best.certificate.gap)
2/5 3/5 0
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from gametheory.actions import set_fields
from gametheory.game import Array, Number, freeze, numbers


@dataclass(frozen=True)
class PriceLine:
    """The line ``a + b x`` over posteriors ``x`` that bounds what any signal attains.

    ``excess`` is the most that the sender's payoff exceeds the line at any posterior, ``gap`` the
    line at the prior less what the signal attains, ``balance`` the mean of its posteriors less the
    prior. All three are zero at an optimum.
    """

    a: Number
    b: Number
    excess: Number
    gap: Number
    balance: Number

    def holds(self, tol: float = 1e-12) -> bool:
        """Whether the signal is optimal, to ``tol``."""
        return all(abs(float(x)) <= tol for x in (self.excess, self.gap, self.balance))


@dataclass(frozen=True)
class PublicSignal:
    """A public signal: its ``posteriors`` in rising order, their chances ``weights``, its value.

    ``value`` is the chance that the proposal passes; ``certificate`` proves that none is better.
    """

    posteriors: tuple[Number, ...]
    weights: tuple[Number, ...]
    value: Number
    certificate: PriceLine


@dataclass(frozen=True, eq=False, init=False)
class Persuasion:
    """Receivers with ``thresholds`` in [0, 1], of whom ``k`` must approve; ``prior`` in [0, 1].

    Exact if all numbers are rational. Raises ValueError for what is no chance and for ``k`` that is
    not from 1 to the number of receivers. At its threshold a receiver approves, as is usual.
    """

    prior: Number
    thresholds: Array
    k: int

    def __init__(self, prior: Number, thresholds: ArrayLike, k: int) -> None:
        t, mu = numbers(thresholds, "thresholds"), numbers(cast(Any, prior), "prior")
        for name, x in (("prior", mu), ("thresholds", t)):
            if x.ndim != (name == "thresholds") or not ((x >= 0) & (x <= 1)).all():
                raise ValueError(f"{name}: {x} is not from 0 to 1; give chances of the high state")
        if k != int(k) or not 1 <= k <= len(t):
            raise ValueError(f"k: {k} is not a whole number from 1 to {len(t)} receivers")
        set_fields(self, prior=mu.item(), thresholds=freeze(np.sort(t)), k=int(k))

    @property
    def pivotal(self) -> Number:
        """The threshold of the receiver who decides, the k-th lowest."""
        return cast(Number, self.thresholds[self.k - 1])

    def passes(self, posterior: Number) -> bool:
        """Whether at least ``k`` receivers approve at this posterior."""
        return int((self.thresholds <= posterior).sum()) >= self.k

    def optimum(self) -> PublicSignal:
        """An optimal public signal, with (1) as its value and the proof that none is better.

        Where the prior suffices the signal says nothing. Cost: one pass over the receivers.
        """
        mu, t = self.prior, self.pivotal
        one = mu * 0 + 1
        if mu >= t:
            return self.certified([mu], [one], (one, 0 * one))
        chance = mu / t
        return self.certified([0 * one, t], [one - chance, chance], (0 * one, one / t))

    def certified(
        self, posteriors: list[Number], weights: list[Number], line: tuple[Number, Number]
    ) -> PublicSignal:
        """The signal with these posteriors and chances, judged by the price ``line`` (a, b).

        The payoff is a step function: the line bounds it iff it does at 0, 1 and each threshold.
        """
        a, b = line
        corners = [Fraction(0), *self.thresholds, Fraction(1)]
        value = sum(w for x, w in zip(posteriors, weights) if self.passes(x)) + 0 * a
        certificate = PriceLine(
            a,
            b,
            excess=max([0 * a, *(self.passes(x) - (a + b * x) for x in corners)]),
            gap=a + b * self.prior - value,
            balance=sum(w * x for x, w in zip(posteriors, weights)) - self.prior,
        )
        return PublicSignal(tuple(posteriors), tuple(weights), value, certificate)

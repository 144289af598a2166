"""Two tight blocs against N states that balance each on its own judgement.

N equal states hold 1/N of all resources each. An attacker with resources R beats defenders with
resources D with chance R^m / (R^m + D^m); its cost is its type times the resources it faces, and
the prize to a state is g/N in both worlds. It attacks iff its cost per unit is below a *cutoff*,

    cutoff = (g/N) E[win] / E[resources faced].                                          (1)

Two tight blocs: a bloc of N/2 states faces the other with certainty, wins with chance 1/2, and its
members share N/2 conquered states: cutoff g/N. N states of which k third parties surely balance:
win 1/(1 + (1+k)^m), resources (1+k)/N, cutoff g / ((1+k)(1 + (1+k)^m)). So two blocs deter better
iff (1+k)(1 + (1+k)^m) < N: the root-N rule, k < (sqrt(1+4N) - 3)/2 for m = 1.

Balancing by choice: each of the N-2 third parties has a private cost, uniform on [0, cbar] and
paid per unit, recognises the aggressor with chance alpha, and balances iff that raises the target's
chance D(k) = (1+k)^m / ((1+k)^m + 1) by enough. It balances with chance q, the root of

    q = alpha min(1, (nu/cbar) sum_k Bin(N-3, q)(k) [D(k+1) - D(k)]);                    (2)

D is concave for k >= 0, so the right side falls in q: one root. Then (1) uses E over
k ~ Bin(N-2, q). As win is convex in k, a coalition of uncertain size invites attack more than a
certain one of the same mean. All results are derived here.

The count game stated is (2) among the third parties, in the chance y = q/alpha of being willing:
willing others are recognised-and-present with chance alpha each, and the marginal type at
participation y pays cbar y.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array

MOST = 24
"""Largest N that the closed forms take."""


class BlocN(gt.Model):
    """N equal states, in two tight blocs or each balancing on its own judgement."""

    citation = gt.Citation(
        "The gametheory-security founders",
        2026,
        "The root-N rule",
        "derived in this module",
        read=True,
    )
    concept = "symmetric cutoff equilibrium"

    N: int = par(10, "number of states", (4, MOST), (4, 20))
    m: float = par(1.0, "decisiveness of war: exponent of the contest", (0.1, 10), (0.5, 3))
    k: int = par(2, "number of third parties that surely balance, k <= N-2", (0, MOST), (0, 10))
    g: float = par(1.0, "value of all resources to an attacker, payoff units", (0, math.inf))
    nu: float = par(
        1.0, "stake of a third party in the target's survival, payoff units", (0, math.inf)
    )
    cbar: float = par(
        0.25, "highest cost of balancing, payoff units where nu = 1", (0.001, 100), (0.05, 1)
    )
    alpha: float = par(1.0, "chance that a third party recognises the aggressor", (0, 1), (0.1, 1))

    def requires(self) -> Mapping[str, Any]:
        return {"k <= N - 2": np.less_equal(self.k, np.subtract(self.N, 2))}

    def game(self) -> gt.CountGame:
        """The game of the N - 2 third parties: balance or pass."""
        others = self.N - 3
        success = [self._saved(j) for j in range(others + 2)]
        thinned = [_binomial(j, self.alpha)[: j + 1] for j in range(others + 1)]
        passes = [self.nu * float(w @ success[: j + 1]) for j, w in enumerate(thinned)]
        joins = [self.nu * float(w @ success[1 : j + 2]) for j, w in enumerate(thinned)]
        act = [u - self.cbar * j / others for j, u in enumerate(joins)] if others else joins
        return gt.CountGame(act, passes, names=("willing", "pass"))

    def _saved(self, k: Any) -> Any:
        """D(k): chance that a target with k balancers beats the attacker."""
        side = (1.0 + k) ** self._column(self.m)
        return side / (side + 1)

    @staticmethod
    def _column(x: Any) -> Any:
        """A parameter with an axis behind it for the number of balancers, if it is an array."""
        return np.expand_dims(x, -1) if np.ndim(x) else x

    def balances(self) -> Any:
        """Chance q that a third party balances: the root of (2)."""
        from scipy.optimize.elementwise import find_root

        k = np.arange(MOST)

        def excess(q: Any, N: Any, m: Any, nu: Any, cbar: Any, alpha: Any) -> Any:
            side = (1.0 + k) ** m[..., None]
            rise = np.diff(side / (side + 1), axis=-1, append=1)
            pivotal = (_binomial(N - 3, q) * rise).sum(axis=-1)
            return q - alpha * np.minimum(1, nu / cbar * pivotal)

        parameters = (self.N, self.m, self.nu, self.cbar, self.alpha)
        arrays = np.broadcast_arrays(*(np.asarray(x, float) for x in parameters))
        q, alpha = find_root(excess, (0.0, 1.0), args=tuple(arrays)).x, arrays[-1]
        # where all who may balance do, q is alpha to the last digit: a tie is no difference
        corner = (excess(alpha, *arrays) == 0) & np.isclose(q, alpha, rtol=1e-9, atol=0)
        return np.where(corner, alpha, q)[()]

    def two_bloc_cutoff(self) -> Any:
        """Cutoff (1) with two tight blocs: half a chance to win against half of all resources."""
        return self.g / self.N

    def cutoff(self, chances: Array) -> Any:
        """Cutoff (1) where ``chances[..., k]`` is the chance that k third parties balance."""
        k = np.arange(MOST)
        win = 1 - self._saved(k)
        faced = (chances * (1 + k)).sum(axis=-1) / self.N
        return self.g / self.N * (chances * win).sum(axis=-1) / faced

    def certain_cutoff(self) -> Any:
        """Cutoff (1) with N states of which k third parties surely balance."""
        return self.cutoff((np.arange(MOST) == self._column(self.k)).astype(float))

    def choice_cutoff(self) -> Any:
        """Cutoff (1) with N states that balance by choice, as in (2)."""
        return self.cutoff(_binomial(np.subtract(self.N, 2), self.balances()))

    def balancers(self) -> Any:
        """Expected number of third parties that balance by choice."""
        return (self.N - 2) * self.balances()

    @proposition(
        "Two tight blocs deter better than N states of which k third parties surely balance.",
        bears_on="C10",
        boundary=(
            "(1 + k)(1 + (1 + k)^m) = N",
            lambda x: x.N - (1 + x.k) * (1 + (1.0 + x.k) ** x.m),
        ),
    )
    def two_blocs_deter_better(self) -> Any:
        """Few sure balancers make up for a bloc: about the square root of the number of states."""
        return self.two_bloc_cutoff() < self.certain_cutoff()

    @proposition(
        "Two tight blocs deter better than N states that balance each on its own judgement.",
        bears_on="C11",
    )
    def own_judgement_deters_less(self) -> Any:
        """Turns on what balancing costs and on whether the aggressor is recognised."""
        return self.two_bloc_cutoff() < self.choice_cutoff()

    @proposition(
        "A coalition of uncertain size invites attack more than a certain one of the same mean.",
        bears_on="C13",
    )
    def uncertainty_invites_attack(self) -> Any:
        """A theorem, since the chance to win is convex in the number of balancers."""
        mean, q = self.balancers(), self.balances()
        faced, win = (1 + mean) / self.N, 1 / (1 + (1 + mean) ** self.m)
        uncertain = np.less(0, q) & np.less(q, 1)  # at the ends the two agree but for rounding
        return uncertain & (self.choice_cutoff() > self.g / self.N * win / faced)

    @proposition(
        "One more state makes each third party likelier to pass the burden.",
        bears_on=("C3", "C13"),
    )
    def more_states_each_balances_less(self) -> Any:
        """The burden is passed, unless all who recognise the aggressor balance anyway."""
        return self.but(N=self.N + 1).balances() < self.balances()

    @proposition(
        "One more state lowers the expected number of balancers.",
        bears_on=("C3", "C13"),
    )
    def more_states_fewer_balancers(self) -> Any:
        """Passing the burden is outweighed by the number of those who might take it up.

        At every draw so far; no proof is given.
        """
        return self.but(N=self.N + 1).balancers() < self.balancers()


def _binomial(n: Any, q: Any) -> Array:
    """Binomial probabilities of k = 0..MOST-1 successes, on a last axis behind n and q."""
    from scipy.special import comb

    n, q = np.expand_dims(np.asarray(n, float), -1), np.expand_dims(np.asarray(q, float), -1)
    k = np.arange(MOST)
    whole, place = np.unique(n, return_inverse=True)
    ways = comb(whole[:, np.newaxis], k)[place.reshape(n.shape[:-1])]
    return np.where(k <= n, ways * q**k * (1 - q) ** np.maximum(n - k, 0), 0.0)

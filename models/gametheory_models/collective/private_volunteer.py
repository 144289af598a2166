"""m of N able states must act to stop an aggressor; what it costs a state is its secret.

Each gains v if at least m act; one that acts pays its private cost, uniform on [lo, hi], whether or
not enough do. A state acts iff its cost is below x; if each acts with chance q, its act is pivotal
with chance P(q) = C(N-1, m-1) q^(m-1) (1-q)^(N-m), and the marginal state has the cost

    lo + (hi - lo) q = v P(q),                                                           (1)

or nobody acts (q = 0, if m > 1 or lo >= v), or all do (q = 1, if m = N and hi <= v). The excess of
the right side over the left is a polynomial whose Bernstein coefficients are negative but for one,
so (1) has one root if m = 1, and none or two (which may be one) if 1 < m < N: the higher is stable.
The ratio of the two sides is greatest where

    w (N-2) q^2 - ((m-2) w - (N-1) lo) q - (m-1) lo = 0,    w = hi - lo,                 (2)

a quadratic with one root qm in [0, 1]; so some act in equilibrium iff v P(qm) >= lo + w qm. With
costs from 0 up to v and near-unanimity there is no equilibrium but inaction: the essay's rare
self-sacrifice. After Palfrey and Rosenthal; (2) is derived here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array


class PrivateVolunteer(gt.Model):
    """m of N able states must act, each with a private cost."""

    citation = gt.Citation(
        "Palfrey, T. R. and Rosenthal, H.",
        1984,
        "Participation and the Provision of Discrete Public Goods",
        "Journal of Public Economics 24(2): 171-193",
    )
    concept = "Bayesian Nash equilibrium, symmetric in cutoffs"

    N: int = par(5, "number of able states", (2, 500), (2, 12))
    m: int = par(1, "number of states that must act, m <= N", (1, 500), (1, 5))
    v: float = par(1.0, "benefit to each state if enough act, payoff units", (0, math.inf))
    lo: float = par(0.0, "lowest cost of acting, payoff units", (0, 100), (0, 0.5))
    hi: float = par(1.0, "highest cost of acting, payoff units", (0.001, 100), (0.3, 2))

    def requires(self) -> Mapping[str, Any]:
        return {"m <= N": np.less_equal(self.m, self.N), "lo < hi": np.less(self.lo, self.hi)}

    def game(self) -> gt.CutoffGame:
        from scipy.stats import uniform

        m, v = int(self.m), float(self.v)
        return gt.CutoffGame(
            uniform(self.lo, self.hi - self.lo),
            {
                "act": lambda c, k: v * (k >= m - 1) - c,
                "wait": lambda c, k: v * (k >= m) + 0.0 * c,
            },
            n=int(self.N),
        )

    def _pivotal(self, q: Any, N: Any, m: Any) -> Any:
        """P(q)."""
        from scipy.special import gammaln, xlog1py, xlogy

        ways = gammaln(N) - gammaln(m) - gammaln(N - m + 1)
        return np.exp(ways + xlogy(m - 1, q) + xlog1py(N - m, -q))

    def _floats(self) -> list[Array]:
        values = (self.N, self.m, self.v, self.lo, self.hi)
        return [np.asarray(x, float) for x in np.broadcast_arrays(*values)]

    def likeliest(self) -> Any:
        """The chance qm of (2): of acting, where acts are worth most relative to their cost."""
        N, m, _, lo, hi = self._floats()
        b, a, c = (m - 2) * (hi - lo) - (N - 1) * lo, (hi - lo) * (N - 2), (m - 1) * lo
        root = np.sqrt(b**2 + 4 * a * c)
        with np.errstate(invalid="ignore", divide="ignore"):
            q = np.where(b > 0, (b + root) / (2 * a), 2 * c / (root - b))
        q = np.where((b == 0) & (root == 0), N == 2, q)  # lo = 0 and m = 2
        return q.clip(0, 1)[()]

    def worth(self) -> Any:
        """Least benefit v with which some act in equilibrium, payoff units."""
        N, m, _, lo, hi = self._floats()
        q = np.maximum(self.likeliest(), TINY)
        return np.where(m == 1, lo, (lo + (hi - lo) * q) / self._pivotal(q, N, m))[()]

    def acts(self) -> Any:
        """Chance q that a state acts in the equilibrium in which most do; 0 if none do in any."""
        return self._root(stable=True)

    def tips(self) -> Any:
        """Chance q below which participation collapses: the lower root of (1), nan if none.

        With m = 1 nothing collapses.
        """
        return self._root(stable=False)

    def _root(self, stable: bool) -> Any:
        from scipy.optimize.elementwise import find_root

        N, m, v, lo, hi = self._floats()
        top = np.where(m == 1, 0.0, np.maximum(self.likeliest(), TINY))

        def excess(q: Array, N: Array, m: Array, v: Array, lo: Array, hi: Array) -> Array:
            return np.asarray(v * self._pivotal(q, N, m) - lo - (hi - lo) * q)

        some = v > self.worth()
        all_act = (m == N) & (hi <= v)
        found = find_root(
            excess, (top, 1.0) if stable else (TINY * top, top), args=(N, m, v, lo, hi)
        ).x
        if stable:
            return np.where(all_act, 1.0, np.where(some & (m < N), found, 0.0))[()]
        found = np.where(top > TINY, found, 0.0)
        return np.where(some & (m > 1), found, np.nan)[()]

    def provided(self) -> Any:
        """Chance that enough act, in the equilibrium in which most do."""
        from scipy.special import betainc

        N, m, *_ = self._floats()
        return betainc(m, N - m + 1, self.acts())[()]

    @proposition(
        "Nobody acts in any symmetric equilibrium.",
        bears_on=("C1", "C3"),
        boundary=(
            "v P(qm) = lo + w qm, w (N-2) qm² - ((m-2) w - (N-1) lo) qm = (m-1) lo",
            lambda m: m.worth() - m.v,
        ),
    )
    def nobody_acts(self) -> Any:
        """Where many must act and some find it dear, none can count on the others."""
        return self.acts() == 0

    @proposition(
        "That nobody acts is an equilibrium.",
        bears_on="C1",
        boundary=("m = 1 or v = lo", lambda m: np.where(np.equal(m.m, 1), m.lo - m.v, 1.0)),
    )
    def inaction_is_an_equilibrium(self) -> Any:
        """Wherever it takes two; one beside others in which states act, or the only one."""
        return np.greater(self.m, 1) | np.greater_equal(self.lo, self.v)

    @proposition(
        "One more able state makes it less likely that enough act.",
        bears_on=("C3", "C13"),
    )
    def more_states_less_success(self) -> gt.Holds:
        """In the equilibrium in which most act, where some do."""
        less = self.but(N=np.add(self.N, 1)).provided() < self.provided()
        return gt.Holds(less, less, given=self.acts() > 0)

    @proposition(
        "One more state that must act makes it less likely that enough do.",
        bears_on=("C1", "C5"),
    )
    def more_needed_less_success(self) -> gt.Holds:
        """In the equilibrium in which most act, where some do; unanimity may be an exception."""
        more = self.but(m=np.minimum(np.add(self.m, 1), self.N))
        less = more.provided() < self.provided()
        return gt.Holds(less, less, given=(self.acts() > 0) & np.less(self.m, self.N))


TINY = 1e-9

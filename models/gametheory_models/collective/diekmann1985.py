"""The volunteer's dilemma, and its rival with private costs.

One of n able states suffices to stop an aggressor. Each gains ``b`` if anyone acts; one that acts
pays its cost. Diekmann's costs are equal and known (``s = 0``). In the rival (``s > 0``) each
state's cost is its own secret, uniform on [lo, hi] = [c - s, c + s].

In the symmetric equilibrium every state waits with chance ``u``. With known costs u is the chance
of waiting of the mixed equilibrium; with private costs it is the chance that the cost exceeds the
cutoff x = hi - 2 s u up to which a state acts. Both solve

    b u^(n-1) = x = hi - 2 s u,                                                     (1)

increasing on the left, decreasing on the right: one root if lo <= b, the dilemma's c < b where
costs are known. Nobody acts with chance u^n = (x/b)^(n/(n-1)), Diekmann's formula with the cutoff
in place of the cost. Differentiating (1) in n,

    d ln(u^n) / dn = ln(u) (hi - 2x) / ((hi - x) + (n-1) x),                        (2)

so one more state makes it likelier that nobody acts exactly while the cutoff exceeds half the
highest cost: always with known costs, never with costs from 0 up to b or more. In closed form,
x > hi/2 iff b (hi / 4s)^(n-1) > hi/2. Equations (1) for s > 0 and (2) are derived here.

The count game whose act payoff falls linearly in the number of others who act,
b - lo - 2s k/(n-1), has (1) as its symmetric equilibrium condition: at participation q the marginal
state pays lo + 2 s q. That is the game stated here, so the solver certifies both cases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition

SMALL = 1e-300
"""In place of 0 where a half-width is divided by."""


class Diekmann1985(gt.Model):
    """The volunteer's dilemma among n able states, with costs known or private."""

    citation = gt.Citation(
        "Diekmann, A.", 1985, "Volunteer's Dilemma", "Journal of Conflict Resolution 29(4): 605-610"
    )
    concept = "symmetric Nash equilibrium"

    n: int = par(5, "number of able states", (2, 10_000), (2, 30))
    b: float = par(1.0, "benefit to each state if anyone acts, payoff units", (0, math.inf))
    c: float = par(0.4, "mean cost to a state that acts, payoff units", (0, 1))
    s: float = par(0.0, "half-width of the private costs, s <= c, payoff units", (0, 1))

    def requires(self) -> Mapping[str, Any]:
        return {
            "c - s <= b": np.less_equal(np.subtract(self.c, self.s), self.b),
            "s <= c": np.less_equal(self.s, self.c),
            "b > 0": np.less(0, self.b),
            "c > 0": np.less(0, self.c),
        }

    def game(self) -> gt.CountGame:
        lo, width, others = self.c - self.s, 2 * self.s, self.n - 1
        act = [self.b - lo - width * k / others for k in range(self.n)]
        return gt.CountGame(act, [0 * self.b] + [self.b] * others)

    def waits(self) -> Any:
        """Chance u that a state waits: the root of (1). Shape of the parameters."""
        from scipy.optimize.elementwise import find_root

        def excess(u: Any, n: Any, b: Any, c: Any, s: Any) -> Any:
            return b * u ** (n - 1) - 2 * s * (1 - u) - (c - s)

        b, c, s = float(self.b) if isinstance(self.b, int) else self.b, self.c, self.s
        return find_root(excess, (0.0, 1.0), args=(self.n, b, c, s)).x[()]

    def cutoff(self) -> Any:
        """Highest cost x at which a state still acts, payoff units."""
        return self.c + self.s - 2 * self.s * self.waits()

    def unopposed(self) -> Any:
        """Chance u^n that nobody acts."""
        return self.waits() ** self.n

    @proposition(
        "With a known, common cost, one more able state makes it likelier that nobody acts.",
        bears_on="C3",
    )
    def common_cost_more_states_less_action(self) -> Any:
        """The essay's fear in its purest form, and a theorem: Diekmann's formula rises in n."""
        known = self.but(s=0.0, c=np.minimum(self.c, self.b))  # at c >= b all wait, as at c = b
        return known.but(n=known.n + 1).unopposed() > known.unopposed()

    @proposition(
        "With private costs, one more able state makes it likelier that nobody acts.",
        bears_on="C3",
        boundary=(
            "b (hi/4s)^(n-1) = hi/2, hi = c + s (the cutoff is half the highest cost)",
            lambda m: (  # in logarithms: the power overflows
                np.log(2 * m.b / (m.c + m.s))
                + (m.n - 1) * np.log((m.c + m.s) / np.maximum(4 * m.s, SMALL))
            ),
        ),
    )
    def private_cost_more_states_less_action(self) -> Any:
        """Some state may find it cheap: numbers help once the dear ones have dropped out.

        The boundary is that of a small change in n, the test that of one more state.
        """
        return self.but(n=self.n + 1).unopposed() > self.unopposed()

    @proposition(
        "One more able state makes each of the others likelier to stand aside.",
        bears_on=("C3", "C13"),
    )
    def more_states_each_waits_more(self) -> Any:
        """A theorem, by (1): also where the group is safer for its numbers, each waits more."""
        return self.but(n=self.n + 1).waits() > self.waits()

"""Dragon-slaying: n states wait for each other to stop an aggressor, each with a private cost.

One state suffices. Whoever acts pays its private cost c, uniform on [0, chi], and from then on all
enjoy a good worth 1; payoffs are discounted at rate r. States watch each other and may act at any
time. In the symmetric equilibrium a state of cost c acts at the time T(c), unless another did
before; T rises, so the cheapest acts. To wait a little longer costs r (1 - c) and saves c if
another acts meanwhile, at the rate (n-1) f(c) / ((1 - F(c)) T'(c)). Hence

    T'(c) = (n-1)/r  c / ((chi - c)(1 - c)),                                             (1)

so that, with w = c/(1-c) and y = (1 - chi) w/chi,

    r T(c) / (n-1) = ln(1-c) - w ln(1-y)/y,    for chi = 1:  w + ln(1-c).                (2)

States with c >= 1 never act. If chi = 1 the expected delay is 1/(n r), and with a = n - 1

    E[e^(-rT)] = n e^a E_2(a),   payoff = e^a [a E_2(a) + E_3(a)],

with the exponential integrals E_k. So free-riding costs time, not the good, and more states cost
less time: the cheapest of many is cheap. Waiting is not wasted for those who wait: no equilibrium
payoff depends on r. After Bliss and Nalebuff; (2) and the integrals are derived here.

The game stated is a coarse one, in two periods: act now, act at the next date, a time ln(2)/r
later, or never. Those who act at one date all pay.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array

BLOCK = 64  # games whose integrals are taken at once


class BlissNalebuff1984(gt.Model):
    """n states wait for each other to stop an aggressor, each with a private cost."""

    citation = gt.Citation(
        "Bliss, C. and Nalebuff, B.",
        1984,
        "Dragon-Slaying and Ballroom Dancing: The Private Supply of a Public Good",
        "Journal of Public Economics 25: 1-12",
    )
    concept = "symmetric perfect Bayesian equilibrium"

    n: int = par(5, "number of able states", (2, 500), (2, 30))
    chi: float = par(1.0, "highest cost, in units of the good's worth", (0.01, 100), (0.2, 2))
    r: float = par(1.0, "discount rate, share a period", (0.001, 100), (0.02, 0.5))

    def game(self) -> gt.CutoffGame:
        """Two dates: act now, later or never."""
        from scipy.stats import uniform

        late = 0.5
        return gt.CutoffGame(
            uniform(0, self.chi),
            {
                "now": lambda c, now, later: 1 - c + 0.0 * (now + later),
                "later": lambda c, now, later: np.where(now > 0, 1.0, late * (1 - c)),
                "never": lambda c, now, later: (
                    np.where(now > 0, 1.0, np.where(later > 0, late, 0.0)) + 0.0 * c
                ),
            },
            n=int(self.n),
        )

    def acts_at(self, share: Any = 0.5) -> Any:
        """T of the state whose cost is ``share`` of the highest, periods; infinite if c >= 1."""
        c = np.multiply(share, self.chi)
        return np.subtract(self.n, 1) / self.r * _patience(c, np.asarray(self.chi, float))

    def delay(self) -> Any:
        """Expected time until somebody acts, periods; infinite if perhaps nobody ever does."""
        finite = np.less_equal(self.chi, 1)
        chi = np.where(finite, self.chi, 1.0)
        # E T = int T'(c) (1 - c/chi)^n dc with u = 1 - c/chi
        u, rest, weights, n, wide, _ = self._nodes(chi)
        mean = (weights * u ** (n - 1) * rest / (1 - wide + wide * u)).sum(axis=-1)
        return np.where(finite, np.subtract(self.n, 1) * chi / self.r * mean, np.inf)[()]

    def _nodes(self, chi: Any) -> tuple[Array, ...]:
        """Nodes, one less each and weights on [0, 1]; n, chi and the highest cost that acts."""
        s, rest, weights = _rule()
        n, wide = (np.asarray(x, float)[..., np.newaxis] for x in (self.n, chi))
        return s, rest, weights, n, wide, np.minimum(wide, 1)

    def value(self) -> Any:
        """E[e^(-rT)]: what is left of the good's worth when somebody acts."""
        return self._expected(lambda c, n: np.ones_like(c))

    def payoff(self) -> Any:
        """What a state expects before it knows its cost, in units of the good's worth."""
        return self._expected(lambda c, n: 1 - c / n)

    def _expected(self, worth: Any) -> Any:
        """Discounted expectation of ``worth(c, n)`` over the lowest cost c, where it acts."""
        n, chi = np.broadcast_arrays(*(np.asarray(x, float) for x in (self.n, self.chi)))
        found = np.empty(n.size)
        for start in range(0, n.size, BLOCK):
            block = slice(start, start + BLOCK)
            found[block] = _mean(worth, n.ravel()[block], chi.ravel()[block])
        return found.reshape(n.shape)[()]

    def never(self) -> Any:
        """Chance that nobody ever acts: all costs exceed the good's worth."""
        return np.maximum(1 - np.divide(1, self.chi), 0) ** self.n

    def at_once(self) -> Any:
        """What a state expects where all must act now or never, not seeing each other."""
        from scipy.optimize.elementwise import find_root

        def excess(u: Any, n: Any, chi: Any) -> Any:
            return u ** (n - 1) - chi * (1 - u)

        arrays = np.broadcast_arrays(*(np.asarray(x, float) for x in (self.n, self.chi)))
        u = find_root(excess, (0.0, 1.0 - 1e-12), args=tuple(arrays)).x
        acts = 1 - u
        return (acts * (1 - arrays[1] * acts / 2) + u * (1 - u ** (arrays[0] - 1)))[()]

    @proposition(
        "One more able state makes each of the others wait longer.",
        bears_on=("C3", "C13"),
    )
    def more_states_each_waits_longer(self) -> gt.Holds:
        """A theorem, for states that act at all: at half the highest cost."""
        now = self.acts_at()
        longer = self.but(n=np.add(self.n, 1)).acts_at() > now
        return gt.Holds(longer, longer, given=np.isfinite(now))

    @proposition(
        "One more able state makes the response come later.",
        bears_on=("C3", "C13"),
    )
    def more_states_later_response(self) -> Any:
        """By what the wait costs: each waits longer, but the cheapest of more states is cheaper.

        So it never does, at any of thousands of draws over the whole range; no proof is given.
        """
        return self.but(n=np.add(self.n, 1)).value() < self.value()

    @proposition(
        "It may be that nobody ever acts.",
        bears_on="C3",
        boundary=("χ = 1", lambda m: np.subtract(m.chi, 1)),
    )
    def perhaps_nobody_acts(self) -> Any:
        """Only where the good may be worth less than what it costs any state."""
        return self.never() > 0

    @proposition(
        "States that can wait for each other do worse than if they had to act now or never.",
        bears_on=("C3", "C13"),
    )
    def waiting_is_wasteful(self) -> Any:
        """To watch what others do costs time, and saves that two act, or none.

        They never do worse, at any of thousands of draws over the whole range; no proof is given.
        """
        return self.payoff() < self.at_once()


def _mean(worth: Any, n: Array, chi: Array) -> Any:
    """Discounted expectation of ``worth`` for each of the games ``(n, chi)``."""
    s, _, weights = _rule()
    n, chi = n[:, np.newaxis], chi[:, np.newaxis]
    top = np.minimum(chi, 1)
    c = top * s
    density = n / chi * np.maximum(1 - c / chi, 0) ** (n - 1)
    left = np.exp(-(n - 1) * _patience(c, chi))
    return (weights * top * density * left * worth(c, n)).sum(axis=-1)


def _patience(c: Any, chi: Any) -> Any:
    """r T/(n - 1) of (2) at the cost ``c``; infinite where the state never acts."""
    acts = c < np.minimum(chi, 1)
    c = np.where(acts, c, 0)
    w = c / (1 - c)
    y = (1 - chi) * w / chi
    some = np.where(y == 0, 0.5, np.minimum(y, 1 - 1e-16))
    bent = np.where(y == 0, 1, -np.log1p(-some) / some)
    return np.where(acts, np.log1p(-c) + w * bent, np.inf)[()]


def _rule() -> tuple[Array, Array, Array]:
    """Nodes in (0, 1), one less each, and weights of the double exponential rule."""
    x = np.linspace(-4, 4, 161)
    z = np.pi * np.sinh(x)
    s, rest = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
    return s, rest, (x[1] - x[0]) * np.pi * np.cosh(x) * s * rest

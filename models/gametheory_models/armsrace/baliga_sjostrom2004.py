"""Arms races from fear of the other's type, with and without talk beforehand.

Each of N states builds weapons or not. Building costs a state its private c, uniform on [0, cbar].
If all others restrain, one that builds gains mu; if some other builds, one that does not loses d,
and one that builds loses nothing: 0 < mu < d. A state that expects each other to build with chance
q builds iff

    c <= d - (d - mu) (1 - q)^(N-1).                                                     (1)

States with c < mu build whatever they expect; fear of them makes others build, and fear of those
others more. In equilibrium cbar q = d - (d - mu) (1 - q)^(N-1): the right side is concave and
starts above the left, so there is one root if d < cbar (N = 2: q = mu / (cbar - d + mu)), and
else none and all build however unlikely it is that c < mu: the multiplier condition d >= cbar.

Talk between two states, before they choose: each says dove or hawk. With cutoffs l < h the very
tough (c < l) say dove and build; the fairly tough (l < c < h) say hawk, and build iff the other
says dove; the normal (c > h) say dove, and build iff the other says hawk. Two hawks trust each
other, since no very tough state says hawk. With lengths in units of cbar, b = h - l is the chance
of a hawk, and indifference at the two cutoffs reads

    (h - l) l = (1 - h) mu,    (1 - 2 (h - l)) h = l d.                                  (2)

The first gives h = (mu + l^2) / (mu + l); then l is a root of the cubic

    (1 + 2 mu - d) l^3 - mu (1 + 2 d) l^2 + mu (1 + 2 mu - d mu) l - mu^2 = 0            (3)

with mu < l < h < 1 and b < 1/2, and d >= cbar, so that after unlike messages even the dearest type
builds against one that does. There may be two such equilibria: as mu falls to 0, a race becomes
impossible in the one and as likely as not in the other. Both build after one hawk or between two
very tough states, chance l^2 + 2 b (1 - b); both restrain with chance (1 - h)^2 + b^2. After Baliga
& Sjöström: their text was not read; (2) and (3) and the form with N states are derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition


class BaligaSjostrom2004(gt.Model):
    """N states arm or not, each with a private cost of arms; two may talk before."""

    citation = gt.Citation(
        "Baliga, S. and Sjöström, T.",
        2004,
        "Arms Races and Negotiations",
        "Review of Economic Studies 71(2): 351-369",
    )
    concept = "Bayesian Nash equilibrium in cutoffs"

    N: int = par(2, "number of states", (2, 1000), (2, 8))
    mu: float = par(0.05, "gain from building alone, payoff units", (1e-6, 10), (0.001, 0.3))
    d: float = par(
        0.8, "loss of a state that does not build where another does, payoff units", (0, 10), (0, 2)
    )
    cbar: float = par(1.0, "highest cost of building, payoff units", (0.001, 100), (0.2, 2))

    def requires(self) -> Mapping[str, Any]:
        return {"mu < d": np.less(self.mu, self.d), "mu < cbar": np.less(self.mu, self.cbar)}

    def game(self, talk: bool = False) -> gt.CutoffGame:
        """Build or restrain; with ``talk``, two states choose among what three kinds of type do.

        The plans, from low costs to high: "tough" says dove and builds, "hawk" says hawk and builds
        iff the other says dove, "soft" says dove and builds iff the other says hawk.
        """
        from scipy.stats import uniform

        mu, d = self.mu, self.d
        if not talk:
            return gt.CutoffGame(
                uniform(0, self.cbar),
                {
                    "build": lambda c, k: mu * (k == 0) - c,
                    "restrain": lambda c, k: -d * (k > 0) + 0.0 * c,
                },
                n=int(self.N),
            )
        return gt.CutoffGame(
            uniform(0, self.cbar),
            {
                "tough": lambda c, tough, hawk: mu * (tough + hawk == 0) - c,
                "hawk": lambda c, tough, hawk: np.where(hawk > 0, 0.0, -c),
                "soft": lambda c, tough, hawk: -d * tough - c * hawk,
            },
            n=2,
        )

    def builds(self) -> Any:
        """Chance q that a state builds without talk: the root of (1)."""
        from scipy.optimize.elementwise import find_root

        def excess(q: Any, N: Any, mu: Any, d: Any, cbar: Any) -> Any:
            return cbar * q - d + (d - mu) * (1 - q) ** (N - 1)

        arrays = np.broadcast_arrays(*(np.asarray(x, float) for x in self._parameters_in_order()))
        all_build = np.greater_equal(self.d, self.cbar)
        N, mu, d, cbar = arrays
        root = find_root(excess, (0.0, 1.0), args=(N, mu, np.where(all_build, mu, d), cbar)).x
        return np.where(all_build, 1.0, root)[()]

    def _parameters_in_order(self) -> tuple[Any, ...]:
        return self.N, self.mu, self.d, self.cbar

    def cutoff(self) -> Any:
        """Highest cost at which a state builds without talk; ``cbar`` where all do."""
        return self.cbar * self.builds()

    def restraint(self) -> Any:
        """Chance that all N states restrain without talk."""
        return (1 - self.builds()) ** self.N

    def race(self) -> Any:
        """Chance that all N states build without talk."""
        return self.builds() ** self.N

    def talk_cutoffs(self) -> Any:
        """Cutoffs (l, h) of every equilibrium (2) between two states, payoff units.

        Two axes behind those of the parameters: the equilibria, at most three, by l from low to
        high, then nan; and (l, h).
        """
        low, high = self._talk()
        return np.stack([low, high], axis=-1) * np.asarray(self.cbar, float)[..., None, None]

    def _talk(self) -> tuple[Any, Any]:
        """The admissible roots of (3) and their h in units of cbar, on a last axis."""
        mu, d = np.divide(self.mu, self.cbar), np.divide(self.d, self.cbar)
        mu, d = np.broadcast_arrays(np.asarray(mu, float), np.asarray(d, float))
        # In z = 1/l, whose leading coefficient mu^2 never vanishes.
        steps = [1 + 2 * mu - d * mu, -(1 + 2 * d), (1 + 2 * mu - d) / mu]
        companion = np.zeros((*mu.shape, 3, 3))
        companion[..., 0, :] = np.stack(steps, axis=-1) / mu[..., None]
        companion[..., 1, 0] = companion[..., 2, 1] = 1
        z = np.linalg.eigvals(companion).astype(complex)
        real = (np.abs(z.imag) <= 1e-7 * np.abs(z)) & (z.real > 0)
        low = 1 / np.where(real, z.real, np.inf)
        mu, d = mu[..., None], d[..., None]

        def cubic(l: Any) -> Any:  # noqa: E741
            inner = (1 + 2 * mu - d) * l - mu * (1 + 2 * d)
            return (inner * l + mu * (1 + 2 * mu - d * mu)) * l - mu**2

        for _ in range(2):  # Newton, by a slope that needs no second formula
            step = 1e-6 * low
            rise = cubic(low + step) - cubic(low - step)
            low = low - cubic(low) * 2 * step / np.where(rise == 0, np.inf, rise)
        high = (mu + low**2) / (mu + low)
        fits = (mu < low) & (low < high) & (high < 1) & (high - low < 0.5) & (d >= 1)
        low = np.sort(np.where(fits, low, np.nan), axis=-1)
        return low, (mu + low**2) / (mu + low)

    def talk_restraint(self) -> Any:
        """Chance that two states both restrain after talk: an entry an equilibrium, as above."""
        low, high = self._talk()
        return (1 - high) ** 2 + (high - low) ** 2

    def talk_race(self) -> Any:
        """Chance that two states both build after talk: an entry an equilibrium, as above."""
        low, high = self._talk()
        return low**2 + 2 * (high - low) * (1 - high + low)

    @proposition(
        "All states build, however few would arm for arms' own sake.",
        bears_on=("C4", "C11"),
        boundary=("d = c̄", lambda m: m.d - m.cbar),
    )
    def fear_alone_arms_all(self) -> Any:
        """The multiplier condition: each is sure that someone is sure that someone ... builds."""
        return np.equal(self.builds(), 1.0)

    @proposition(
        "One more state lowers the chance that all restrain.",
        bears_on="C5",
        boundary=("d = c̄", lambda m: m.cbar - m.d),
    )
    def more_states_less_restraint(self) -> Any:
        """Fails only where there is no restraint to lose."""
        return self.but(N=np.add(self.N, 1)).restraint() < self.restraint()

    @proposition(
        "One more state lowers the expected number of states that restrain.",
        bears_on="C5",
    )
    def more_states_fewer_that_restrain(self) -> Any:
        """Stronger than the proposition before: the newcomer must scare more than one."""
        more = self.but(N=np.add(self.N, 1))
        return more.N * (1 - more.builds()) < self.N * (1 - self.builds())

    @proposition(
        "Talk between two states makes it less likely that both build.",
        bears_on=("C4", "C15"),
    )
    def talk_makes_a_race_less_likely(self) -> gt.Holds:
        """Over the equilibria in which talk matters, where there are any: a theorem.

        They need d >= c̄, where all who cannot talk build.
        """
        race, silent = self.talk_race(), np.asarray(self.but(N=2).race())[..., None]
        exists = np.isfinite(race)
        lower = exists & (race < silent)
        return gt.Holds(
            every=(lower | ~exists).all(axis=-1) & exists.any(axis=-1),
            some=lower.any(axis=-1),
            given=exists.any(axis=-1),
        )

    @proposition(
        "Two states that talk are more likely than not to restrain both.",
        bears_on=("C4", "C15"),
    )
    def talk_mostly_brings_restraint(self) -> gt.Holds:
        """Over the equilibria in which talk matters; where there are none, silence decides."""
        chance, silent = self.talk_restraint(), self.but(N=2).restraint() > 0.5
        exists = np.isfinite(chance)
        likely, any_talk = exists & (chance > 0.5), exists.any(axis=-1)
        return gt.Holds(
            every=np.where(any_talk, (likely | ~exists).all(axis=-1), silent),
            some=np.where(any_talk, likely.any(axis=-1), silent),
        )

"""Joint intervention with private signals of how grave the aggression is.

N states decide at once whether to join. The intervention succeeds iff at least ``m`` join; a state
that joins gets ``theta - r_i`` on success and ``-r_i`` on failure (cost over stake ``r_i``, in
units of the gravity ``theta``), one that stays out gets 0. With ``theta`` known, "nobody joins" and
"enough join" are both equilibria in between. With a private signal of theta whose noise vanishes,
and some gravity at which a state would act alone, one threshold is left,

    theta* = min over k >= m of (r_(1) + ... + r_(k)) / (k - m + 1),   r_(1) <= r_(2) <= ... (1)

whatever the noise. In the limit i joins above x_i = theta* + sigma z_i, and believes that enough
others join with chance P_i = Pr(i is among the k - m + 1 lowest of eps_j - z_j in the coalition of
k); these add up to k - m + 1, and indifference is theta* P_i = r_i. States with r_i >= theta* stay
out until r_i: hence the minimum. By unanimity (m = N) theta* = sum of r_i: costs add over partners.

The result is derived here; Sakovics and Steiner have its counterpart for a continuum of states. The
benefit must go to those who join: if outsiders share it, the game is not supermodular for m < N and
(1) does not hold.

With r_i independent and uniform on (0, 1), theta* < 1 with chance F_N(N - m + 1), where F_N is the
distribution function of the sum of N uniforms (Irwin-Hall): 1/N! by unanimity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

import gametheory as gt
from gametheory import par, proposition
from gametheory.game import Array


class JointIntervention(gt.Model):
    """N states intervene jointly against an aggressor of uncertain gravity."""

    citation = gt.Citation(
        "Sákovics, J. and Steiner, J.",
        2012,
        "Who Matters in Coordination Problems?",
        "American Economic Review 102(7): 3439-3461",
    )
    concept = "limit of the cutoff equilibria as the noise of private signals vanishes"
    states = "N"

    N: int = par(3, "number of states", (2, 12), (2, 8))
    m: int = par(3, "number that must join for success, m <= N", (2, 12), (2, 8))
    r: Array = par((0.5,) * 8, "cost over stake of each state, units of gravity", (0, 100), (0, 1))
    theta: float = par(1.0, "gravity of the aggression at hand, in the units of r", (0, math.inf))

    def requires(self) -> Mapping[str, Any]:
        return {
            "m <= N": np.less_equal(self.m, self.N),
            "an r for each of the N states": np.less_equal(self.N, np.shape(self.r)[-1]),
        }

    def game(self) -> gt.Game:
        """The game with the gravity known: each state stays out or joins."""
        r = np.asarray(self.r).tolist()[: self.N]

        def payoffs(*choices: str) -> list[float]:
            prize = self.theta if choices.count("join") >= self.m else 0
            return [prize - cost if c == "join" else 0 for c, cost in zip(choices, r)]

        return gt.Game.of({f"State {i + 1}": ("stay out", "join") for i in range(self.N)}, payoffs)

    def with_signals(self, sigma: float, noise: Any = None) -> gt.GlobalGame:
        """The game in which each sees the gravity with noise ``sigma`` times the law ``noise``.

        The prior is flat, the noise normal if no law is given. From twice the largest of (1) and
        of all r, and 10 sigma, a state would act alone: the upper region that (1) needs.
        """
        m, r = self.m, np.asarray(self.r, float)[: self.N].tolist()
        top = 2 * max(float(self.threshold()), *r) + 10 * sigma

        def join(cost: float) -> Any:
            return lambda x, k: np.where((k >= m - 1) | (x >= top), np.maximum(x, 0), 0) - cost

        payoffs = {cost: {"join": join(cost), "stay out": lambda x, k: 0 * x} for cost in set(r)}
        return gt.GlobalGame(
            [payoffs[cost] for cost in r],
            noise=noise,
            sigma=sigma,
            jumps=[lambda x, k: x, lambda x, k: x - top],
            players=[f"State {i + 1}" for i in range(self.N)],
        )

    def _sorted(self) -> Array:
        """Costs over stakes of the N states, ascending, infinite beyond them. Last axis: states."""
        r = np.asarray(self.r, float)
        return np.sort(np.where(np.arange(r.shape[-1]) < np.expand_dims(self.N, -1), r, np.inf))

    def threshold(self) -> Any:
        """Gravity theta* above which the states intervene: equation (1)."""
        r = self._sorted()
        beyond = np.arange(1, r.shape[-1] + 1) - np.expand_dims(self.m, -1) + 1
        mean = np.where(beyond >= 1, np.cumsum(r, axis=-1) / np.maximum(beyond, 1), np.inf)
        return mean.min(axis=-1)[()]

    def unanimous(self) -> JointIntervention:
        """The same states, all of whom must join."""
        return self.but(m=self.N)

    @staticmethod
    def selected_uniform(N: int, m: int) -> Fraction:
        """Chance that theta* < 1 when r_i are independent and uniform on (0, 1), exactly.

        >>> [str(JointIntervention.selected_uniform(N, N)) for N in (2, 3, 4, 5)]
        ['1/2', '1/6', '1/24', '1/120']
        """
        x = N - m + 1
        terms = ((-1) ** k * math.comb(N, k) * (x - k) ** N for k in range(x + 1))
        return Fraction(sum(terms), math.factorial(N))

    @proposition(
        "Action by all N states, though an equilibrium for each, is not the one that is played.",
        bears_on="C1",
        boundary=(
            "r_1 + ... + r_N = θ",
            lambda m: np.where(np.isfinite(m._sorted()), m._sorted(), 0).sum(axis=-1) - m.theta,
        ),
    )
    def universal_action_is_not_played(self) -> Any:
        """Unanimity adds the costs of all: it is often an equilibrium, rarely the one selected."""
        return self.unanimous().threshold() >= self.theta

    @proposition(
        "Action by a quorum m of the N states is not the one that is played.",
        bears_on=("C1", "C13"),
    )
    def quorum_action_is_not_played(self) -> Any:
        """Dropping the dearest members is what makes collective action robust."""
        return self.threshold() >= self.theta

    @proposition(
        "When the stake of one state falls by a tenth, all need a graver threat before they act.",
        bears_on="C13",
        boundary=(
            "r_1 = θ*: a state whose cost exceeds the threshold is no longer waited for",
            lambda m: m.threshold() - np.asarray(m.r)[..., 0],
        ),
    )
    def one_doubt_weakens_all(self) -> Any:
        """True of a state that the others wait for; one that is not waited for may doubt."""
        doubtful = np.array(self.r, float)
        doubtful[..., 0] = doubtful[..., 0] / 0.9
        return self.but(r=doubtful).threshold() > self.threshold()

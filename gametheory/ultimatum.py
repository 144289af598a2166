"""Ultimatum bargaining under private information, as over what a war would decide.

The proposer demands ``0 <= x <= most``; the responder, whose type ``t`` is private, accepts or
refuses. The proposer gets ``A(x)`` if the demand is accepted and ``B(x)`` if it is refused; the
responder gets ``a(x, t)`` or ``b(x, t)``. Where ``a - b`` is monotone in the type, types accept on
one side of the *limit* ``k(x)`` at which they are indifferent, and the demand is refused with
chance ``R(x) = F(k(x))``, or one less that where low types accept. A perfect Bayesian equilibrium
is a demand that maximises

    U(x) = A(x) (1 - R(x)) + B(x) R(x),

the risk-return trade-off of Fearon (1995, Int. Organ. 49(3): 379-414): to ask for more is to be
refused more often. The responder answers every demand, also those that are not made, as its type
likes best; types that are indifferent (chance zero) accept.

A state of strength p = .6 and cost .1 demands a share of a pie; the other's cost of war is private,
uniform on [0, .5]. War comes with chance .4.

>>> from scipy.stats import uniform
>>> def crisis(cost):
...     return Ultimatum(
...         uniform(0, 0.5),
...         accept=(lambda x: x, lambda x, t: 1 - x),
...         refuse=(lambda x: 0.6 - cost, lambda x, t: 1 - 0.6 - t),
...     )
>>> OfferProfile(crisis(0.1), 0.8)
OfferProfile(demand 0.8: refused below 0.2, chance 0.4)

If the cost of the state that demands is private too, uniform on [0, .2], nothing but the demand
matters to the other: each cost demands what is best for it, and war comes with the mean chance.

>>> from gametheory import solve
>>> nodes, weights = np.polynomial.legendre.leggauss(3)
>>> chances = [solve(crisis(0.1 + 0.1 * z))[0].profile.refused for z in nodes]
>>> round(float(weights @ chances) / 2, 6)
0.4
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory import _laws
from gametheory.actions import ActionGame, ActionProfile, named_players, set_fields
from gametheory.game import Array, freeze, show

Payoffs = tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]
GRID = 257  # demands at which the payoffs are looked at
EPSILON = 2.0**-52
HALVINGS = 64  # of the types, for a limit
FAR = 1e-15  # chance of the types that are left out where the support is infinite


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Ultimatum(ActionGame):
    """One state demands, the other, whose type is private, accepts or goes to war.

    ``types`` is the law of the responder's type, as in :class:`~gametheory.cutoff.CutoffGame`.
    ``accept`` and ``refuse`` are the payoffs of the proposer, ``f(x)``, and of the responder,
    ``f(x, t)``, from a demand ``0 <= x <= most`` that is accepted or refused. Functions take arrays
    and broadcast.

    Raises ValueError for payoffs that are no pair of functions or fail on arrays; and if the
    proposer's payoffs or the chance of a refusal are not monotone in the demand, or the responder's
    gain from accepting not in the type, all looked at on a grid.
    """

    types: Any
    accept: Payoffs
    refuse: Payoffs
    most: float

    def __init__(
        self,
        types: Any,
        accept: Payoffs,
        refuse: Payoffs,
        most: float = 1.0,
        players: Iterable[object] = ("Proposer", "Responder"),
    ) -> None:
        named = named_players(players, 2)
        if not (np.isfinite(most) and most > 0):
            raise ValueError(f"most: {most} is no largest demand; give a positive finite number")
        _laws.check(types, named[1])
        for what, pair in (("accept", accept), ("refuse", refuse)):
            if not (isinstance(pair, Sequence) and len(pair) == 2 and all(map(callable, pair))):
                raise ValueError(
                    f"{what}: {pair!r} is not a pair of payoffs; give f(x) of the proposer and "
                    "f(x, t) of the responder"
                )
        set_fields(self, named=named, types=types, accept=accept, refuse=refuse, most=float(most))
        self._check()

    @cached_property
    def span(self) -> tuple[float, float]:
        """Least and greatest type; far quantiles where the support is infinite."""
        low, high = _laws.support(self.types)
        far = _laws.quantile(self.types, [FAR, 1 - FAR], [1 - FAR, FAR])
        return (
            low if np.isfinite(low) else float(far[0]),
            high if np.isfinite(high) else float(far[1]),
        )

    @property
    def upper(self) -> Array:
        """The largest demand and the greatest type."""
        return np.array([self.most, self.span[1]])

    def content(self, x: ArrayLike, t: ArrayLike) -> Array:
        """What a responder of type ``t`` gains by accepting the demand ``x``, broadcast."""
        x, t = np.broadcast_arrays(np.asarray(x, float), np.asarray(t, float))
        accepted, refused = (np.asarray(f[1](x, t), float) for f in (self.accept, self.refuse))
        return np.asarray(accepted - refused)

    @cached_property
    def high_accept(self) -> bool:
        """Whether it is the high types that accept, as where the type is a cost of war."""
        x, t = np.linspace(0, self.most, GRID)[:, np.newaxis], np.array(self.span)
        low, high = self.content(x, t).T
        return bool((high - low).sum() >= 0)

    def limits(self, x: ArrayLike) -> Array:
        """The type that is indifferent to each demand, or the end of the types that is nearest."""
        x = np.asarray(x, float)
        sign = 1 if self.high_accept else -1
        low, high = (np.full(x.shape, end) for end in self.span)
        at_low, at_high = sign * self.content(x, low), sign * self.content(x, high)
        with np.errstate(all="ignore"):
            line = low + (high - low) * (at_low / (at_low - at_high))
        inside = (at_low < 0) & (at_high >= 0)
        line = np.where(inside, line, low)
        scale = np.maximum(np.abs(at_low), np.abs(at_high))
        done = np.abs(self.content(x, line)) <= 4 * EPSILON * scale  # it is linear in the type
        if (inside & ~done).any():
            for _ in range(HALVINGS):
                middle = low + (high - low) / 2
                after = sign * self.content(x, middle) >= 0
                low, high = np.where(after, low, middle), np.where(after, middle, high)
        found = np.where(done, line, high)
        return np.where(at_low >= 0, self.span[0], np.where(at_high < 0, self.span[1], found))

    def refusals(self, x: ArrayLike) -> Array:
        """Chance that each demand is refused."""
        side = _laws.below if self.high_accept else _laws.above
        return side(self.types, self.limits(x))

    def outcomes(self, x: ArrayLike) -> tuple[Array, Array]:
        """Payoff of the proposer from each demand if it is accepted, and if it is refused."""
        x = np.asarray(x, float)
        return tuple(  # type: ignore[return-value]
            np.broadcast_to(np.asarray(f[0](x), float), x.shape) for f in (self.accept, self.refuse)
        )

    def expected(self, x: ArrayLike) -> Array:
        """Expected payoff U of the proposer from each demand."""
        accepted, refused = self.outcomes(x)
        R = self.refusals(x)
        return np.asarray(accepted * (1 - R) + refused * R)

    def impact(self, x: Array) -> Array:
        """Nothing: a demand and a limit do not add up."""
        return np.zeros_like(x)

    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoffs from another demand, and from another limit to the demand that is made."""
        return lambda x: np.array([float(self.expected(x[0])), self._responder(actions[0], x[1])])

    def _responder(self, x: float, limit: float) -> float:
        """Payoff of the responder before it knows its type, if types accept beyond ``limit``."""
        nodes, weights = np.polynomial.legendre.leggauss(64)
        side, total = float(_laws.below(self.types, limit)), 0.0
        for low, high, above in ((0.0, side, False), (side, 1.0, True)):
            p = low + (high - low) * (nodes + 1) / 2
            t, demand = _laws.quantile(self.types, p, 1 - p), np.full(len(p), x)
            u = (self.accept if above == self.high_accept else self.refuse)[1](demand, t)
            total += (high - low) / 2 * float(weights @ np.broadcast_to(u, p.shape))
        return total

    def _check(self) -> None:
        x = np.linspace(0, self.most, GRID)
        p, rest = _laws.grid()
        t = _laws.quantile(self.types, p, rest)
        try:
            told = dict(zip(("payoffs if accepted", "payoffs if refused"), self.outcomes(x)))
            gain = self.content(x[:, np.newaxis], t)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"accept, refuse: fail on arrays of demands x and types t ({error}); write f(x) of "
                "the proposer and f(x, t) of the responder with numpy"
            ) from None
        told["gain of the responder"] = gain
        for what, u in told.items():
            if not np.isfinite(u).all():
                raise ValueError(f"{what}: not finite for some demand from 0 to {self.most:g}")
        size = np.abs(gain).max(axis=1, keepdims=True)
        steps = np.diff(gain, axis=1) * (1 if self.high_accept else -1)
        if (steps < -1e-12 * size).any():
            row = int((steps < -1e-12 * size).any(axis=1).argmax())
            raise ValueError(
                f"gain of the responder from accepting {x[row]:g} is not monotone in its type; "
                "then no limit parts those who accept"
            )
        del told["gain of the responder"]
        told["chance of a refusal"] = self.refusals(x)
        for what, u in told.items():
            rises = np.diff(u)
            slack = 1e-12 * np.abs(u).max()
            if (rises < -slack).any() and (rises > slack).any():
                raise ValueError(f"{what}: rises and falls in the demand; it must be monotone")

    def __repr__(self) -> str:
        who = "high" if self.high_accept else "low"
        return f"Ultimatum(demands up to {show(self.most)}; {who} types accept)"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class OfferProfile(ActionProfile):
    """A demand, with the answer of every type to every demand: the responder's best reply.

    ``actions`` are the demand and its limit. Raises ValueError for a demand that cannot be made.
    """

    game: Ultimatum

    def __init__(self, game: Ultimatum, demand: float) -> None:
        if not 0 <= demand <= game.most:
            raise ValueError(f"{game.players[0]}: {demand} is not from 0 to {game.most:.6g}")
        pair = np.array([demand, float(game.limits(demand))])
        set_fields(self, game=game, actions=freeze(pair))

    @property
    def demand(self) -> float:
        """What the proposer demands."""
        return float(self.actions[0])

    @property
    def limit(self) -> float:
        """The type that is indifferent to the demand."""
        return float(self.actions[1])

    @cached_property
    def refused(self) -> float:
        """Chance that the demand is refused: of war."""
        return float(self.game.refusals(self.demand))

    @property
    def plans(self) -> tuple[str, str]:
        """What the proposer demands, and which types of the responder refuse it."""
        side = "below" if self.game.high_accept else "above"
        answer = f"refused {side} {show(self.limit)}, chance {show(self.refused)}"
        if self.refused in (0, 1):
            answer = "refused by all types" if self.refused else "accepted by all types"
        return f"demand {show(self.demand)}", answer

    def __repr__(self) -> str:
        return f"OfferProfile({': '.join(self.plans)})"

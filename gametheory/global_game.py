"""Global games: actions pay by a state that each player sees through noise of its own.

The state ``theta`` has a prior; player ``i`` sees ``x_i = theta + sigma_i eps_i`` and chooses one
of two actions. The payoff depends on the state and on the number ``k`` of others who choose the
first action (in a continuum, on the share ``A`` of all), which high signals choose with
``first="high"`` and low ones with ``first="low"``. If all others use the cutoff ``c``, the gain
from the first action at the signal ``x`` is

    pi(x; c) = E[ f_1(theta, K) - f_2(theta, K) | x ],     K ~ Bin(n - 1, Pr(x_j beyond c | theta)).

A common cutoff is an equilibrium only if pi(c; c) = 0, or as one of the corners "nobody" and
"everybody". With an improper uniform prior the law of K at x = c does not depend on c: whatever the
noise, K is uniform on 0..n-1 (Laplacian beliefs), pi(c; c) rises with the gain, and there is one
root. As sigma vanishes it tends to the state at which

    sum_k f_1(theta, k) - f_2(theta, k) = 0                                             (1)

(Carlsson and van Damme 1993, Econometrica 61(5): 989-1018; Morris and Shin 2003, in Advances in
Economics and Econometrics). That this is *the* equilibrium needs a state so high that the first
action pays alone, one so low that it never pays, and gains that rise in k in between; where one
fails, corners or others are equilibria too. A prior of precision alpha and signals of precision
beta bring several roots back where alpha is large against the square root of beta.

Two states intervene if both do, at cost .3, or alone against a very grave aggressor:

>>> import gametheory as gt
>>> from scipy.stats import norm
>>> both = {"join": lambda x, k: x * ((k >= 1) | (x >= 9)) - 0.3, "stay": lambda x, k: 0 * x}
>>> game = GlobalGame(both, n=2, sigma=0.1, jumps=lambda x, k: x - 9)
>>> game.limit().round(12)
array([0.6, 0.6])
>>> round(float(gt.solve(game)[0].cutoffs[0, 0]), 6)  # .6 - sigma / sqrt(pi)
0.543581
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from gametheory import _laws
from gametheory._states import PROBES, Fast, SignalLaw, turn
from gametheory.actions import named_players, set_fields
from gametheory.cutoff import CutoffForm, Payoff
from gametheory.game import Array, freeze, labels

SEEN = 257  # counts at which payoffs are looked at, at most
NEAR = np.sinh(np.linspace(-4, 4, 33)) / 3  # signals tried beside a cutoff, in spreads of the noise


@dataclass(frozen=True, eq=False, repr=False, init=False)
class GlobalGame(CutoffForm):
    """A game of ``n`` players who see a common state through private noise.

    ``payoffs`` maps the first and the second action to ``f(theta, k)``, which take arrays and
    broadcast; or it is a list of such mappings, one a player. ``n`` may be ``math.inf``: a
    continuum of players alike, for which ``k`` is the share A in [0, 1] of all who choose the first
    action. ``prior`` is a frozen continuous law, None for the improper uniform one. ``noise`` is a
    law with a density (default: standard normal), ``sigma`` its scale, or one a player. Payoffs
    that jump or have corners in theta need ``jumps``: a function of (theta, k), or several, whose
    sign changes there, at most once in theta.

    With an improper prior signals have no law, and no player has an expected payoff before signals.
    A normal law about the undecided states then stands in for it in ``types``: it says which
    signals certificates try. ``chances``, ``payoffs`` and ``ex_ante`` refer to it.

    Raises ValueError for payoffs that fail on arrays or are not finite, for a gain that is not
    monotone in theta in the direction that ``first`` states, and for laws that are none. That is
    looked at on grids of states and counts.
    """

    payoffs: tuple[Mapping[str, Payoff], ...]
    n: float
    prior: Fast | None
    noise: Fast
    sigma: Array
    first: str
    jumps: tuple[Callable[..., Any], ...]
    players: tuple[str, ...]

    def __init__(
        self,
        payoffs: Mapping[str, Payoff] | Sequence[Mapping[str, Payoff]],
        n: float | None = None,
        prior: Any = None,
        noise: Any = None,
        sigma: ArrayLike = 1.0,
        first: str = "high",
        jumps: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
        players: Iterable[object] = (),
    ) -> None:
        tables = tuple(payoffs) if isinstance(payoffs, (list, tuple)) else None
        spread = np.asarray(sigma, float)
        told = {
            "n": n,
            "payoffs": len(tables) if tables else None,
            "sigma": spread.size if spread.ndim else None,
        }
        sizes = {name: size for name, size in told.items() if size is not None}
        if not sizes or len(set(sizes.values())) > 1:
            what = ", ".join(f"{name} {size}" for name, size in sizes.items()) or "none is given"
            raise ValueError(f"n: not one number of players ({what})")
        count = next(iter(sizes.values()))
        if not (count == math.inf or (count == int(count) and count >= 2)):
            raise ValueError(f"n: {count} is not a whole number of 2 or more, or math.inf")
        if first not in ("low", "high"):
            raise ValueError(f'first: {first!r} is not known; use "low" or "high"')
        if not (np.isfinite(spread) & (spread > 0)).all():
            raise ValueError(f"sigma: {sigma!r} is not positive and finite")
        many = count == math.inf
        rows = 1 if many else int(count)
        given = tuple(players) or (("Everybody",) if many else ())
        names = named_players(given, rows) or labels(None, rows, "Player ", "players")
        named = [
            {str(a): f for a, f in cast(Any, table).items()}
            for table in tables or (payoffs,) * rows
        ]
        for name, table in zip(names, named):
            if list(table) != list(named[0]) or len(table) != 2:
                raise ValueError(f"payoffs of {name}: {list(table)} are not the two actions of all")
        if noise is None:
            from scipy.stats import norm

            noise = norm()
        for what, law in (("noise", noise), ("prior", prior)):
            if law is not None:
                _laws.check(law, what)
                if not hasattr(law, "pdf"):
                    raise ValueError(f"{what}: {law!r} has no density pdf")
        set_fields(
            self,
            payoffs=tuple(named),
            n=count,
            prior=None if prior is None else Fast(prior),
            noise=Fast(noise),
            sigma=freeze(np.broadcast_to(spread, rows).copy()),
            first=first,
            jumps=tuple(jumps) if isinstance(jumps, (list, tuple)) else (jumps,),
            players=names,
        )
        for i in sorted(set(self.kinds)):
            self._check(i, self.states[np.abs(self.states) <= 2.0**20])
        fine = np.linspace(*self.window, 4 * SEEN)
        for i in sorted(set(self.kinds)):
            self._check(i, fine)

    @property
    def continuum(self) -> bool:
        """Whether there are as many players as numbers: ``n`` is infinite."""
        return self.n == math.inf

    @cached_property
    def actions(self) -> tuple[str, ...]:  # type: ignore[override]
        """Labels of the first and of the second action."""
        return tuple(self.payoffs[0])

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """For each player the first player with the same payoff functions and noise."""
        first: dict[tuple[object, ...], int] = {}
        keys = ((s, *map(id, f.values())) for s, f in zip(self.sigma, self.payoffs))
        return tuple(first.setdefault(key, i) for i, key in enumerate(keys))

    @cached_property
    def types(self) -> tuple[Any, ...]:  # type: ignore[override]
        """Law of each player's signal; with an improper prior, a normal law that stands in."""
        from scipy.stats import norm

        laws: dict[float, Any] = {}
        low, high = self.window
        for s in self.sigma.tolist():
            if s in laws:
                continue
            if self.prior is None:
                wide = (high - low) / 2 + 4 * s * self.noise.spread
                laws[s] = norm((low + high) / 2, wide)
            elif self.prior.sd is not None and self.noise.sd is not None:
                mean = self.prior.mu + s * self.noise.mu
                laws[s] = norm(mean, math.hypot(self.prior.sd, s * self.noise.sd))
            else:
                laws[s] = SignalLaw(self.prior, self.noise, s)
        return tuple(laws[s] for s in self.sigma.tolist())

    @cached_property
    def counts(self) -> Array:
        """How many others may choose the first action, 0..n-1; shares from 0 to 1 in a continuum.

        At most 257 of them, with both ends: those at which payoffs are looked at.
        """
        if self.continuum:
            return freeze(np.linspace(0, 1, SEEN))
        most = int(self.n) - 1
        return freeze(np.unique(np.linspace(0, most, min(most + 1, SEEN)).round()))

    def gain(self, player: int, theta: Array, k: Array) -> Array:
        """Payoff of the first action less that of the second, at broadcast states and counts."""
        one, two = self.payoffs[player].values()
        return np.asarray(np.asarray(one(theta, k), float) - np.asarray(two(theta, k), float))

    @cached_property
    def states(self) -> Array:
        """States at which payoffs are looked at: powers of two of both signs, and of the prior."""
        if self.prior is None:
            return PROBES
        inside = self.prior.quantile(*_laws.grid())
        far = np.clip(PROBES, self.prior.low, self.prior.high)
        return np.unique(np.concatenate([inside, far]))

    @cached_property
    def dominance(self) -> tuple[float | None, float | None]:
        """States below and above which nobody is undecided; None where there is no such state.

        At one end choosing the first action never pays, at the other it pays even alone: for every
        player and all counts looked at.
        """
        found: list[float | None] = []
        for end, states in enumerate((self.states, self.states[::-1])):
            worth = -1 if (end == 0) == (self.first == "high") else 1
            decided = self._worst(states, worth) > 0
            last = int((~decided).argmax()) if not decided.all() else len(decided) - 1
            if last:
                at = turn(lambda x: self._worst(x, worth) > 0, states[[last - 1]], states[[last]])  # noqa: B023
                found.append(float(at[0]))
            else:
                found.append(None)
        return found[0], found[1]

    def _worst(self, states: Array, worth: int) -> Array:
        """Least gain, times ``worth``, of any player at any count, state by state."""
        with np.errstate(all="ignore"):
            least = [(worth * g).min(axis=1) for g in self._gains(states)]
        return np.asarray(np.min(least, axis=0))

    def _gains(self, states: Array) -> list[Array]:
        """Gain of each kind of player at each state and count looked at."""
        shape = (len(states), len(self.counts))
        rows = [self.gain(i, states[:, np.newaxis], self.counts) for i in sorted(set(self.kinds))]
        return [np.broadcast_to(g, shape) for g in rows]

    @cached_property
    def window(self) -> tuple[float, float]:
        """Finite states between which somebody may be undecided; a guess at an end that is open."""
        low, high = self.dominance
        if low is None or high is None:
            with np.errstate(all="ignore"):
                signs = [np.sign(g.mean(axis=1)) for g in self._gains(self.states)]
            turns = [self.states[np.flatnonzero(np.diff(g))] for g in signs]
            around = np.concatenate([*turns, [x for x in (low, high) if x is not None]])
            middle = float(np.median(around)) if len(around) else 0.0
            reach = max(1.0, abs(middle)) if self.prior is None else 4 * self.prior.spread
            low = middle - reach if low is None else low
            high = middle + reach if high is None else high
        return min(low, high), max(low, high)

    @cached_property
    def ranges(self) -> Array:
        """Payoff range of each player, shape ``(n,)``: the unit of the tolerances.

        Over all counts looked at, within three spreads of the noise of the state where the player
        is indifferent if all counts are equally likely (of the middle of :attr:`window` if there
        is none): a state where actions are dominant, however far, does not widen it.
        """
        low, high = self.window
        found = np.empty(len(self.players))
        for i, kind in enumerate(self.kinds):
            if kind == i:
                mean = self._mean_sign(i)
                at = float(turn(mean, np.array([low]), np.array([high]))[0])
                at = (low + high) / 2 if at in (low, high) else at
                states = at + self.sigma[i] * self.noise.spread * np.linspace(-3, 3, 13)
                if self.prior is not None:
                    states = np.clip(states, self.prior.low, self.prior.high)
                u = [
                    np.broadcast_to(f(states[:, np.newaxis], self.counts), (13, len(self.counts)))
                    for f in self.payoffs[i].values()
                ]
                found[i] = np.max(u) - np.min(u)
        return freeze(found[list(self.kinds)])

    def _mean_sign(self, i: int) -> Callable[[Array], Array]:
        return lambda x: self.gain(i, x[:, np.newaxis], self.counts).mean(axis=1) > 0

    @cached_property
    def supermodular(self) -> bool:
        """Whether gains rise in k at all states that signals of undecided players leave room for.

        Room with a chance above 1e-16, on a grid of states and counts.
        """
        low, high = self.window
        ends = self.noise.quantile(*np.array([[1e-16, 1.0], [1.0, 1e-16]]))
        reach = float(self.sigma.max() * (ends[1] - ends[0]))
        states = np.linspace(low - reach, high + reach, SEEN)
        if self.prior is not None:
            states = np.clip(states, self.prior.low, self.prior.high)
        return not any(_falls(g).any() for g in self._gains(states))

    def fall(self) -> tuple[float, float, float] | None:
        """A state and two counts between which the gain of a player undecided there falls, or None.

        Then gains do not rise in k where it matters: benefits are shared by those who stay out.
        """
        states = np.linspace(*self.window, SEEN)[1:-1]
        for g in self._gains(states):
            undecided = (g.min(axis=1) < 0) & (g.max(axis=1) > 0)
            bad = np.argwhere(_falls(g) & undecided[:, np.newaxis])
            if len(bad):
                s, k = bad[len(bad) // 2]
                return float(states[s]), float(self.counts[k]), float(self.counts[k + 1])
        return None

    def beside(self, player: int, cutoffs: Array) -> Array:
        """Signals of ``player`` around all cutoffs, in spreads of the noise: where beliefs change.

        Certificates try them besides the quantiles of ``types``.
        """
        c = np.unique(cutoffs[np.isfinite(cutoffs)])
        low, high = self.ends
        reach = self.sigma[player] * self.noise.spread
        c = c[np.unique(np.floor(c / reach), return_index=True)[1]]  # one stands for its neighbours
        around = (c[:, np.newaxis] + reach * NEAR).ravel()
        return np.asarray(np.clip(around, low[player], high[player]))

    def interim(self, player: int, t: Array, cutoffs: Array) -> Array:
        """Expected payoff of each action to signals ``t`` of ``player``, shape ``(len(t), 2)``.

        In a continuum ``cutoffs`` has one row, which all use. By Gauss-Legendre rules in the
        state, weighted by the densities of noise and prior, between the corners of the integrand.
        Cost: some 200 states a signal, at each the law of the count (a convolution if the others
        differ).
        """
        from gametheory._interim import interim  # which stands on this module

        return interim(self, player, np.asarray(t, float), np.asarray(cutoffs, float)[:, 0])

    def corners(self, cutoffs: Array) -> Array:
        """States at which payoffs jump for some count, or for the shares at ``cutoffs``."""
        if not self.continuum:
            return self._fixed
        found = [self._root(lambda x: f(x, self.share(x, cutoffs[0]))) for f in self.jumps]  # noqa: B023
        return np.concatenate([np.zeros(0), *found])

    def share(self, theta: Array, cutoff: Any) -> Array:
        """Chance that a player with this cutoff chooses the first action, state by state."""
        z = (cutoff - theta) / self.sigma[0]
        return self.noise.above(z) if self.first == "high" else self.noise.below(z)

    @cached_property
    def _fixed(self) -> Array:
        k = np.arange(self.n)
        found = [self._root(lambda x: f(x, k) + 0 * k) for f in self.jumps]  # noqa: B023
        return np.unique(np.concatenate([np.zeros(0), *found]))

    def _root(self, f: Callable[[Array], Array]) -> Array:
        """Where ``f`` of the state changes sign, for each entry of what it returns, if it does."""
        shape = np.shape(f(np.zeros(1)))
        low, high = np.full(shape, -(2.0**60)), np.full(shape, 2.0**60)
        at = turn(lambda x: np.asarray(f(x)) > 0, low, high)
        return np.asarray(at[at < high])

    def limit(self) -> Array:
        """The cutoff of each player in the limit of small noise, shape ``(n,)``: (1) if all alike.

        Independent of the prior. Unequal players: the cutoffs at two small sigmas, in the
        proportions given, extrapolated; right to some six digits. Raises ValueError where more than
        one equilibrium is left in the limit: for a game without a state so high (or so low) that
        actions pay whatever others do, and for one in which gains fall in k.
        """
        ends = ("low", "high")
        for end, state in zip(ends, self.dominance):
            if state is None:
                first = (end == "high") == (self.first == "high")
                action, all_or_none = self.actions[not first], "nobody" if first else "everybody"
                raise ValueError(
                    f"limit: however {end} theta is, {action!r} does not pay whatever others do: "
                    f"{all_or_none} at {self.actions[0]!r} is an equilibrium too; give a payoff "
                    f"that makes {action!r} pay alone at some {end} theta"
                )
        fall = self.fall()
        if fall:
            theta, k, more = fall
            raise ValueError(
                f"limit: at theta = {theta:.6g} the gain from {self.actions[0]!r} falls as others "
                f"who choose it rise from {k:g} to {more:g}: no single equilibrium is left; "
                "pay the benefit to those alone who choose it"
            )
        if set(self.kinds) != {0}:
            from gametheory._contagion import small_noise

            return small_noise(self)
        sign = 1 if self.first == "high" else -1
        low, high = (np.array([x], float) for x in self.window)
        at = turn(lambda x: sign * self._laplacian(x) >= 0, low, high)
        return freeze(np.full(len(self.players), at[0]))

    def _laplacian(self, theta: Array) -> Array:
        """Mean gain where every count, or share, of others is equally likely."""
        if not self.continuum:
            k = np.arange(self.n, dtype=float)
            return np.asarray(
                np.broadcast_to(self.gain(0, theta[:, None], k), (len(theta), len(k))).mean(axis=1)
            )
        x, w = np.polynomial.legendre.leggauss(20)
        cuts = [np.zeros_like(theta), np.ones_like(theta)]
        for f in self.jumps:
            cuts.append(turn(lambda a: np.asarray(f(theta, a)) > 0, cuts[0], cuts[1]))  # noqa: B023
        edge = np.sort(np.stack(cuts, axis=1), axis=1)
        half = np.diff(edge, axis=1)[:, :, np.newaxis] / 2
        a = (edge[:, :-1, np.newaxis] + half + half * x).reshape(len(theta), -1)
        g = np.broadcast_to(self.gain(0, theta[:, np.newaxis], a), a.shape)
        return np.asarray((g * (half * w).reshape(len(theta), -1)).sum(axis=1))

    def _check(self, i: int, states: Array) -> None:
        """Raises ValueError unless payoffs of ``i`` at states are finite and the gain monotone."""
        whose, sizes = self.players[i], []
        for action, f in self.payoffs[i].items():
            what = f"payoffs of {whose}: {action!r}"
            try:
                u = np.asarray(f(states[:, np.newaxis], self.counts), float)
                u = np.broadcast_to(u, (len(states), len(self.counts)))
            except Exception as error:
                raise ValueError(
                    f"{what} fails on arrays ({type(error).__name__}: {error}); write it with "
                    "numpy, as np.where(k > 0, theta, 0)"
                ) from None
            if not np.isfinite(u).all():
                j, k = np.argwhere(~np.isfinite(u))[0]
                raise ValueError(
                    f"{what} is {u[j, k]} at theta = {states[j]:g}, k = {self.counts[k]:g}; "
                    "payoffs must be finite"
                )
            sizes.append(np.abs(u))
        gain = np.broadcast_to(
            self.gain(i, states[:, np.newaxis], self.counts), (len(states), len(self.counts))
        )
        rises = np.diff(gain, axis=0) * (1 if self.first == "high" else -1)
        size = np.maximum(*sizes)
        size = 1e-12 * np.maximum(size[1:], size[:-1])
        wrong = np.argwhere(rises < -size)
        if len(wrong):
            j, k = wrong[0]
            reverse = "low" if self.first == "high" else "high"
            cure = (
                f'use first="{reverse}"'
                if (rises <= size).all()
                else "the game is not played by cutoffs"
            )
            raise ValueError(
                f"payoffs of {whose}: with {self.counts[k]:g} others at {self.actions[0]!r}, its "
                f"gain is {gain[j, k]:g} at theta = {states[j]:g} and {gain[j + 1, k]:g} at "
                f"{states[j + 1]:g}; {cure}"
            )


def _falls(gains: Array) -> Array:
    """Where a gain falls from one count to the next, beyond rounding."""
    return np.asarray(np.diff(gains, axis=1) < -1e-12 * np.abs(gains).max())

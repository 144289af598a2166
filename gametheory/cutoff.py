"""Games of private types that are played by cutoffs, and their profiles.

Each of ``n`` players has a type ``t``, drawn from a continuous law and known to the player alone,
and chooses one of ``m`` ordered actions. If the gain from an earlier action over a later one is
monotone in the own type, a best reply is a list of ``m - 1`` *cutoffs*: with ``first="low"`` the
types up to the first cutoff choose the first action, those up to the second the next one, and so
on; with ``first="high"`` the order of types is reversed. A cutoff at an end of the support, or
beyond, means that nobody or everybody chooses so.

What a form of such games says of its payoffs is :meth:`CutoffForm.interim`: what each action pays
to a type if everybody plays given cutoffs. Certificates ask for nothing else. In a
:class:`CutoffGame` types are independent, so that a player of type ``t`` expects

    u_a(t) = sum_k P(k) f_a(t, k),

where ``k`` is the number of others who choose the first action (for ``m > 2`` how many choose each
action but the last) and its law ``P`` follows from the chances ``F_j(c_j)``.

Volunteering with private costs, uniform on [0, 1]: the good is worth 1 to all if anyone pays.

>>> import numpy as np
>>> from scipy.stats import uniform
>>> game = CutoffGame(
...     uniform(), {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}, n=3
... )
>>> game
CutoffGame(3 players: pay < wait)
>>> profile = CutoffProfile(game, 0.381966011250105)
>>> profile
CutoffProfile(Player 1 ... Player 3: pay < 0.381966 < wait)
>>> profile.interim(0, [0.1, 0.381966011250105, 0.5]).round(4)
array([[0.9  , 0.618],
       [0.618, 0.618],
       [0.5  , 0.618]])
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory import _laws
from gametheory.actions import SHOWN, named_players, set_fields
from gametheory.game import Array, freeze, labels, show

Payoff = Callable[..., Any]
NEGLIGIBLE = 1e-30  # chances of counts below this times the number of counts are dropped
SEEN = 257  # counts at which payoffs are looked at, at most
MIDDLE = 0.01  # types from this quantile to its mirror image give the unit of the tolerance


class CutoffForm(ABC):
    """A game in which each player compares a private type or signal with cutoffs.

    ``players`` and ``actions`` are labels, actions in the order in which types choose them, from
    the low end (``first="low"``) or the high end (``first="high"``). ``types`` holds the law of
    each player's type: an object with ``cdf``, ``ppf`` and ``support()``.
    """

    players: tuple[str, ...]
    actions: tuple[str, ...]
    types: tuple[Any, ...]
    first: str

    @abstractmethod
    def interim(self, player: int, t: Array, cutoffs: Array) -> Array:
        """Expected payoff of each action to types ``t`` of ``player``, shape ``(len(t), m)``.

        All others play ``cutoffs``, shape ``(n, m - 1)``; the player's own row does not count.
        """

    def beside(self, player: int, cutoffs: Array) -> Array:
        """Types of ``player`` that certificates try besides quantiles and ends: none."""
        return np.empty(0)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """For each player the first player who is alike, in law and payoffs."""
        return tuple(range(len(self.players)))

    @cached_property
    def ranges(self) -> Array:
        """Payoff range of each player, shape ``(n,)``: the unit of the tolerances.

        Over the types from the 1% to the 99% quantile, where all others choose the first action,
        all the last, or half of the types each.
        """
        n, m = len(self.players), len(self.actions)
        p, rest = _laws.grid()
        middle = (p >= MIDDLE) & (rest >= MIDDLE)
        some = np.array([_laws.quantile(law, 0.5, 0.5) for law in self.types])
        low, high = self.ends
        profiles = [np.repeat(c[:, np.newaxis], m - 1, axis=1) for c in (low, some, high)]
        found = np.empty(n)
        for i in range(n):
            if self.kinds[i] != i:
                found[i] = found[self.kinds[i]]
                continue
            t = _laws.quantile(self.types[i], p[middle], rest[middle])
            seen = np.array([self.interim(i, t, c) for c in profiles])
            found[i] = seen.max() - seen.min()
        return freeze(found)

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """Least and greatest type of each player, shape ``(n,)`` each."""
        low, high = np.empty((2, len(self.players)))
        for law, rows in self._by_law:
            low[rows], high[rows] = _laws.support(law)
        return freeze(low), freeze(high)

    def chances(self, cutoffs: Array) -> Array:
        """Chance that each player chooses each action, shape ``(n, m)``."""
        n, m = len(self.players), len(self.actions)
        upto, after = np.empty((n, m - 1)), np.empty((n, m - 1))
        one, other = (_laws.below, _laws.above)[:: 1 if self.first == "low" else -1]
        for law, rows in self._by_law:
            upto[rows], after[rows] = one(law, cutoffs[rows]), other(law, cutoffs[rows])
        pad = np.zeros((n, 1))
        upto, after = np.hstack([pad, upto, pad + 1]), np.hstack([pad + 1, after, pad])
        low = upto[:, 1:] <= 0.5  # the smaller of the two has the digits
        return np.maximum(np.where(low, np.diff(upto), -np.diff(after)), 0)

    @cached_property
    def _by_law(self) -> list[tuple[Any, Array]]:
        """Each law, and the players whose it is."""
        which = np.array([id(law) for law in self.types])
        first = np.sort(np.unique(which, return_index=True)[1]).tolist()
        return [(self.types[i], np.flatnonzero(which == which[i])) for i in first]

    def __repr__(self) -> str:
        n = len(self.players)
        order = " < ".join(self.actions[:: 1 if self.first == "low" else -1])
        return f"{type(self).__name__}({n} player{'s' if n > 1 else ''}: {order})"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class CutoffGame(CutoffForm):
    """A game of independent private types whose payoffs depend on the own type and on counts.

    ``types`` is the law of every player's type, or a list of one a player. ``payoffs`` maps each
    action to ``f(t, k)``, the payoff to a type ``t`` when ``k`` of the others choose the first
    action; with ``m > 2`` actions to ``f(t, k_1, ..., k_{m-1})``, how many of the others choose
    each action but the last; or a list of such mappings, one a player. ``n`` is the number of
    players where no list tells it. Functions take arrays and broadcast. With ``first="low"`` low
    types choose the first action, with "high" high types.

    Raises ValueError in one line for a law that is none (a cdf that falls or does not go from 0 to
    1, a ppf that does not invert it, atoms); for payoffs that are not finite or do not broadcast,
    and, with two actions, whose difference is not monotone in the own type in the direction that
    ``first`` states. That is looked at on a grid of quantiles, for up to 257 counts.
    """

    types: tuple[Any, ...]
    payoffs: tuple[Mapping[str, Payoff], ...]
    players: tuple[str, ...]
    first: str

    def __init__(
        self,
        types: Any,
        payoffs: Mapping[str, Payoff] | Sequence[Mapping[str, Payoff]],
        n: int | None = None,
        first: str = "low",
        players: Iterable[object] = (),
    ) -> None:
        players = tuple(players)
        lists = {
            what: len(given)
            for what, given in (("types", types), ("payoffs", payoffs), ("players", players or 0))
            if isinstance(given, (list, tuple))
        }
        if n is not None:
            lists["n"] = n
        if not lists:
            raise ValueError("n: missing; say how many players there are")
        count = next(iter(lists.values()))
        if len(set(lists.values())) > 1 or count != int(count) or count < 1:
            told = ", ".join(f"{what} {size}" for what, size in lists.items())
            raise ValueError(
                f"n: not one number of players ({told}); give one law and mapping each"
            )
        if first not in ("low", "high"):
            raise ValueError(f'first: {first!r} is not known; use "low" or "high"')
        count = int(count)
        laws = tuple(types) if isinstance(types, (list, tuple)) else (types,) * count
        tables: tuple[Any, ...] = (
            tuple(payoffs) if isinstance(payoffs, (list, tuple)) else (payoffs,) * count
        )
        names = named_players(players, count) or labels(None, count, "Player ", "players")
        different = {id(table): (name, table) for name, table in zip(names[::-1], tables[::-1])}
        for name, table in reversed(different.values()):
            if not isinstance(table, Mapping) or len(table) < 2:
                raise ValueError(f"payoffs of {name}: {table!r} does not map two actions or more")
            if list(map(str, table)) != list(map(str, tables[0])):
                raise ValueError(
                    f"payoffs of {name}: actions {list(table)} are not those of {names[0]}, "
                    f"{list(tables[0])}; use the same names in the same order"
                )
        once = {id(table): {str(a): f for a, f in table.items()} for table in tables}
        named = tuple(once[id(table)] for table in tables)
        set_fields(self, types=_shared(laws), payoffs=named, players=names, first=first)
        for i in sorted(set(self.kinds)):
            _laws.check(self.types[i], names[i])
            self._check(i)

    @cached_property
    def actions(self) -> tuple[str, ...]:  # type: ignore[override]
        """Labels of the actions, in the order in which types choose them."""
        return tuple(self.payoffs[0])

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """For each player the first player who has the same law and the same payoff functions."""
        first: dict[tuple[int, ...], int] = {}
        keys = ((id(law), *map(id, f.values())) for law, f in zip(self.types, self.payoffs))
        return tuple(first.setdefault(key, i) for i, key in enumerate(keys))

    @cached_property
    def counts(self) -> tuple[Array, ...]:
        """How many of the others choose each action but the last: ``m - 1`` arrays of one length.

        All possible counts, in the order of what :meth:`others` returns.
        """
        shape = (len(self.players),) * (len(self.actions) - 1)
        every = np.indices(shape).reshape(len(shape), -1)
        return tuple(freeze(k) for k in every[:, every.sum(axis=0) < len(self.players)].copy())

    def outcome(self, player: int, action: int, t: Array, counts: Sequence[Array]) -> Array:
        """Payoff of ``action`` to each of the types ``t`` (rows) at each of ``counts`` of others.

        ``counts[a]`` are the numbers of others who choose action ``a``, arrays of one length.
        """
        own = np.asarray(t, float)[:, np.newaxis]
        f = self.payoffs[player][self.actions[action]]
        u = np.empty((len(own), len(counts[0])))
        u[:] = f(own, *counts)
        return u

    def outcomes(self, player: int, t: Array, among: Any = slice(None)) -> Array:
        """Payoff of each action to types ``t`` at each of the counts, ``(m, len(t), counts)``.

        ``among`` selects some of the counts.
        """
        counts = [k[among] for k in self.counts]
        return np.array([self.outcome(player, a, t, counts) for a in range(len(self.actions))])

    def others(self, player: int, chances: Array) -> Array:
        """Chance of each of the counts if all play ``chances``, shape ``(n, m)``: a convolution.

        Players with the same chances are taken together, by repeated squaring.
        """
        others = np.delete(chances, player, axis=0)
        law = np.ones((1,) * (len(self.actions) - 1))
        for row, times in zip(*np.unique(others, axis=0, return_counts=True)):
            law = _convolved(law, _power(_single(row), int(times)))
        return np.asarray(law[self.counts])

    def interim(self, player: int, t: Array, cutoffs: Array) -> Array:
        """Expected payoff of each action to types ``t`` of ``player``, shape ``(len(t), m)``.

        Cost: the payoffs at each type and count, and a convolution of the laws of the others.
        """
        weights = self.others(player, self._chances(cutoffs))
        likely = np.flatnonzero(weights > NEGLIGIBLE)
        return np.asarray((self.outcomes(player, t, likely) @ weights[likely]).T)

    @cached_property
    def ranges(self) -> Array:
        """Payoff range of each player over counts and types from the 1% to the 99% quantile."""
        p, rest = _laws.grid()
        middle = (p >= MIDDLE) & (rest >= MIDDLE)
        found = np.empty(len(self.players))
        for i, kind in enumerate(self.kinds):
            if kind == i:
                t = _laws.quantile(self.types[i], p[middle], rest[middle])
                seen = self.outcomes(i, t[:: 1 + len(t) // 16], self._seen)
                found[i] = seen.max() - seen.min()
        return freeze(found[list(self.kinds)])

    @cached_property
    def strict(self) -> bool:
        """Whether each gain is strictly monotone in the own type, for every count looked at.

        Every best reply is then by cutoffs, whatever the others do (two actions).
        """
        return all(
            bool((np.diff(gain, axis=0) < 0).all())
            for gain in (self.gains_seen(i)[0] for i in sorted(set(self.kinds)))
        )

    @cached_property
    def _seen(self) -> Array:
        size = len(self.counts[0])
        return np.unique(np.linspace(0, size - 1, min(size, SEEN)).round().astype(int))

    def _chances(self, cutoffs: Array) -> Array:
        """Chances at ``cutoffs``; those asked for last are kept."""
        key = cutoffs.tobytes()
        if key not in self._last:
            self._last.clear()
            self._last[key] = self.chances(cutoffs)
        return self._last[key]

    @cached_property
    def _last(self) -> dict[bytes, Array]:
        return {}

    def gains_seen(self, i: int) -> tuple[Array, Array, Array]:
        """Gain of player ``i`` from the first of two actions, at the types and counts looked at.

        The types, last, are in the order in which they come to choose it: gains fall, but for the
        rounding, given for each count.
        """
        p, rest = _laws.grid()
        t = _laws.quantile(self.types[i], p, rest)
        t = t[np.concatenate([[True], np.diff(t) > 0])][:: 1 if self.first == "low" else -1]
        u = self.outcomes(i, t, self._seen)
        return u[0] - u[1], 1e-12 * np.abs(u).max(axis=(0, 1)), t

    def _check(self, i: int) -> None:
        whose, (low, high) = self.players[i], _laws.support(self.types[i])
        t = np.asarray(_laws.quantile(self.types[i], [0.25, 0.5, 0.75], [0.75, 0.5, 0.25]))
        at = self._seen
        counts = [k[at] for k in self.counts]
        for action, f in self.payoffs[i].items():
            what = f"payoffs of {whose}: {action!r}"
            u = _called(what, f, t[:, np.newaxis], *counts)
            try:
                u = np.broadcast_to(u, (3, len(at)))
            except ValueError:
                raise ValueError(
                    f"{what} has shape {u.shape} for types (3, 1) and counts ({len(at)},); "
                    "it must broadcast"
                ) from None
            for j, x in ((0, 0), (2, -1)):
                alone = float(_called(what, f, t[j], *(k[x] for k in counts)))
                if abs(alone - u[j, x]) > 1e-9 * np.abs(u).max():
                    raise ValueError(
                        f"{what} is {alone:g} at one type and count, {u[j, x]:g} there among many; "
                        "it must treat each entry of its arrays alone"
                    )
        p, rest = _laws.grid()
        t = _laws.quantile(self.types[i], p, rest)
        t = np.concatenate(
            [[low] if math.isfinite(low) else [], t, [high] if math.isfinite(high) else []]
        )
        u = self.outcomes(i, t, at)
        if not np.isfinite(u).all():
            a, j, x = np.argwhere(~np.isfinite(u))[0]
            raise ValueError(
                f"payoffs of {whose}: {self.actions[a]!r} is {u[a, j, x]} at type {t[j]:g} and "
                f"count {', '.join(str(k[x]) for k in counts)}; payoffs must be "
                "finite, at the ends of the support too"
            )
        if len(self.actions) == 2:
            self._check_monotone(i)

    def _check_monotone(self, i: int) -> None:
        gain, rounding, t = self.gains_seen(i)
        rises = np.diff(gain, axis=0)
        if (rises <= rounding).all():
            return
        j, x = np.argwhere(rises > rounding)[0]
        a, b = self.actions
        reverse = "high" if self.first == "low" else "low"
        cure = (
            f'use first="{reverse}"'
            if (rises >= -rounding).all()
            else "the game is not played by cutoffs"
        )
        way = "falls" if self.first == "high" else "rises"
        lo, hi = sorted((j, j + 1), key=lambda row: float(t[row]))
        raise ValueError(
            f"payoffs of {self.players[i]}: with {self.counts[0][self._seen[x]]} others at "
            f"{a!r}, its gain over {b!r} {way} in the own type, from {gain[lo, x]:g} at {t[lo]:g} "
            f"to {gain[hi, x]:g} at {t[hi]:g}; {cure}"
        )


@dataclass(frozen=True, eq=False, repr=False, init=False)
class CutoffProfile:
    """A profile of cutoffs: ``cutoffs[i]`` are those of player ``i``, shape ``(n, m - 1)``.

    One row, or one number where there are two actions, stands for all players. What lies beyond
    the support is moved to its end. Raises ValueError naming the player whose cutoffs cross or are
    not numbers.
    """

    game: CutoffForm
    cutoffs: Array

    def __init__(self, game: CutoffForm, cutoffs: ArrayLike) -> None:
        n, m = len(game.players), len(game.actions)
        c = np.array(cutoffs, dtype=np.float64)
        if c.ndim == 1 and m == 2 and len(c) == n:
            c = c[:, np.newaxis]
        if c.shape not in {(), (m - 1,), (n, m - 1)} or (c.shape == () and m > 2):
            raise ValueError(
                f"cutoffs: shape {c.shape} for {n} players with {m} actions; give ({n}, {m - 1})"
            )
        c = np.broadcast_to(c, (n, m - 1))
        low, high = (end[:, np.newaxis] for end in game.ends)
        before, after = (c[:, :-1], c[:, 1:])[:: 1 if game.first == "low" else -1]
        wrong = np.isnan(c).any(axis=1) | (after < before).any(axis=1)
        if wrong.any():
            i = int(wrong.argmax())
            order = "rise" if game.first == "low" else "fall"
            raise ValueError(f"{game.players[i]}: cutoffs {c[i].tolist()} do not {order}")
        set_fields(self, game=game, cutoffs=freeze(np.clip(c, low, high) + 0.0))

    @cached_property
    def chances(self) -> Array:
        """Chance that each player chooses each action, shape ``(n, m)``."""
        return freeze(self.game.chances(self.cutoffs))

    def interim(self, player: int, t: ArrayLike) -> Array:
        """Expected payoff of each action to types ``t`` of ``player``, shape ``(len(t), m)``."""
        return self.game.interim(player, np.atleast_1d(np.asarray(t, float)), self.cutoffs)

    def plays(self, player: int, t: ArrayLike) -> Array:
        """Index of the action that each type ``t`` of ``player`` chooses.

        The type at the end of the support does as its neighbours do.
        """
        sign, c = 1 if self.game.first == "low" else -1, self.cutoffs[player]
        low, high = (end[player] for end in self.game.ends)
        c = np.where(c <= low, -np.inf, np.where(c >= high, np.inf, c))
        return np.searchsorted(sign * c, sign * np.asarray(t, float))

    @cached_property
    def alike(self) -> tuple[int, ...]:
        """For each player the first one of the same kind with the same cutoffs."""
        keys = np.column_stack([self.game.kinds, self.cutoffs])
        _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        return tuple(first[which.ravel()].tolist())

    @cached_property
    def payoffs(self) -> Array:
        """Payoff of each player before the types are known, shape ``(n,)``.

        By quadrature between the cutoffs; not finite where the expectation is not.
        """
        return freeze(np.array([self._payoff(i) for i in sorted(set(self.alike))])[self._place])

    @cached_property
    def _place(self) -> Array:
        return np.unique(self.alike, return_inverse=True)[1]

    def _payoff(self, player: int) -> float:
        t, weights, action = self.pieces(player)
        return float(weights @ self.interim(player, t)[np.arange(len(t)), action])

    def pieces(self, player: int) -> tuple[Array, Array, Array]:
        """Types of ``player``, their weights in an integral over all types, and what they choose.

        A rule of Takahasi & Mori (1974) on each interval between cutoffs, in the chance of a lower
        type: its nodes crowd towards the ends, where quantiles may be infinite.
        """
        sign = 1 if self.game.first == "low" else -1
        law, chances = self.game.types[player], self.chances[player]
        upto, after = np.cumsum(chances), np.cumsum(chances[::-1])[::-1]
        s, rest, w = _rule()
        parts = []
        for a, chance in enumerate(chances):
            if chance > 0:
                before, beyond = upto[a] - chance, after[a] - chance
                near, far = max(before, 0) + chance * s, max(beyond, 0) + chance * rest
                t = _laws.quantile(law, *((near, far) if sign > 0 else (far, near)))
                low, high = sorted(
                    (
                        self.cutoffs[player, a - 1] if a else -sign * np.inf,
                        self.cutoffs[player, a] if a < len(chances) - 1 else sign * np.inf,
                    )
                )
                parts.append((np.clip(t, low, high), chance * w, np.full(len(s), a)))
        t, weights, action = (np.concatenate(side) for side in zip(*parts))
        return t, weights, action

    @property
    def plans(self) -> tuple[str, ...]:
        """What each player does, from the low types to the high: "pay < 0.5 < wait"."""
        names, order = self.game.actions, 1 if self.game.first == "low" else -1
        told = []
        for cutoffs, chances in zip(self.cutoffs.tolist(), self.chances.tolist()):
            used = [a for a, p in enumerate(chances) if p > 0]
            parts = [names[used[0]]]
            for a in used[1:]:
                parts += [show(cutoffs[a - 1]), names[a]]
            told.append(" < ".join(parts[::order]) if len(used) > 1 else f"always {parts[0]}")
        return tuple(told)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, CutoffProfile)
            and self.game is other.game
            and bool(np.array_equal(self.cutoffs, other.cutoffs))
        )

    def __hash__(self) -> int:
        return hash(self.cutoffs.tobytes())

    def __repr__(self) -> str:
        return f"CutoffProfile({inside(self)})"


def inside(profile: CutoffProfile) -> str:
    """What each player does; players who follow each other and do alike are shown once."""
    shown = []
    for plan, run in groupby(zip(profile.game.players, profile.plans), key=lambda row: row[1]):
        names = [player for player, _ in run]
        who = names[0] if len(names) == 1 else f"{names[0]} ... {names[-1]}"
        shown.append(f"{who}: {plan}")
    more = len(shown) - SHOWN
    return "; ".join(shown[:SHOWN] + ([f"... {more} more"] if more > 0 else []))


def _called(what: str, f: Payoff, *arrays: Any) -> Array:
    """What ``f`` makes of arrays, as floats. Raises ValueError if it cannot take them."""
    try:
        return np.asarray(f(*arrays), float)
    except Exception as error:
        raise ValueError(
            f"{what} fails on arrays ({type(error).__name__}: {error}); write it with numpy, as "
            "np.where(k > 0, 1, -t)"
        ) from None


def _rule() -> tuple[Array, Array, Array]:
    """Nodes in (0, 1), one less each, and weights of the double exponential rule."""
    x = np.linspace(-4, 4, 65)
    z = np.pi / 2 * np.sinh(x)
    s, rest = 1 / (1 + np.exp(-2 * z)), 1 / (1 + np.exp(2 * z))
    return s, rest, (x[1] - x[0]) * np.pi * np.cosh(x) * s * rest


def _shared(laws: Sequence[Any]) -> tuple[Any, ...]:
    """The laws, those known to be the same as one object."""
    kept: list[Any] = []
    found = []
    for law in laws:
        same = next((k for k in kept if _laws.alike(k, law)), None)
        if same is None:
            kept.append(law)
        found.append(law if same is None else same)
    return tuple(found)


def _single(chances: Array) -> Array:
    """Law of one player's counts: an axis of length two for each action but the last."""
    d = len(chances) - 1
    law = np.zeros((2,) * d)
    law[(0,) * d] = chances[-1]
    for a in range(d):
        law[tuple(int(b == a) for b in range(d))] = chances[a]
    return law


def _convolved(one: Array, other: Array) -> Array:
    """Law of the sum of two independent counts."""
    if one.ndim == 1:
        return np.convolve(one, other)
    if one.size < other.size:
        one, other = other, one
    total = np.zeros([a + b - 1 for a, b in zip(one.shape, other.shape)])
    for at in zip(*np.nonzero(other)):
        total[tuple(slice(k, k + a) for k, a in zip(at, one.shape))] += other[at] * one
    return total


def _power(law: Array, times: int) -> Array:
    """Law of the sum of so many independent counts of one law."""
    total = np.ones((1,) * law.ndim)
    while times:
        if times & 1:
            total = _convolved(total, law)
        times >>= 1
        if times:
            law = _convolved(law, law)
    return total

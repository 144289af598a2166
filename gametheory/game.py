"""Finite games in strategic form, and mixed strategy profiles.

A game of players ``0..n-1`` with ``m_i`` actions each is one array ``payoffs`` of shape
``(m_0, ..., m_{n-1}, n)``: axis ``i`` is the action of player ``i``, for every player alike, and
``payoffs[a][i]`` is what player ``i`` gets when the actions ``a`` are played.

A profile ``x`` is one probability vector a player. Payoffs are multilinear, so the expected payoff
of action ``a`` to player ``i`` is the contraction of ``payoffs[..., i]`` with ``x_j`` along each
axis ``j != i``.

Integers and :class:`~fractions.Fraction` stay exact; anything else becomes ``float64``.

>>> from fractions import Fraction
>>> chicken = Game.of({"Blue": ["yield", "stand"], "Red": ["yield", "stand"]},
...                   lambda b, r: {"yieldyield": (3, 3), "yieldstand": (2, 4),
...                                 "standyield": (4, 2), "standstand": (0, 0)}[b + r])
>>> chicken
Game(Blue: yield, stand; Red: yield, stand; exact)
>>> even = Profile(chicken, [[Fraction(2, 3), Fraction(1, 3)]] * 2)
>>> even.payoffs
(Fraction(8, 3), Fraction(8, 3))
>>> even.action_payoffs(0).tolist()
[Fraction(8, 3), Fraction(8, 3)]
"""

from __future__ import annotations

import functools
import html
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Number = Fraction | float

SUM = 1e-9
"""By how much the sum of a mixture of floats may differ from one."""


@runtime_checkable
class GameForm(Protocol):
    """What a profile and a certificate need of a game: who plays, and what each action pays."""

    @property
    def players(self) -> tuple[str, ...]: ...
    @property
    def actions(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def exact(self) -> bool: ...
    @property
    def ranges(self) -> Array: ...
    @property
    def scale(self) -> float: ...
    @property
    def floors(self) -> Array: ...
    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]: ...
    def gains(self, mixtures: Sequence[Array], player: int) -> Array: ...


def freeze(values: Array) -> Array:
    """``values``, read-only."""
    values.setflags(write=False)
    return values


def numbers(values: ArrayLike, what: str) -> Array:
    """``values`` as an exact array (of Fractions) where it can be, else as ``float64``.

    A read-only array of floats that owns its data is taken as it stands, others are copied. Raises
    ValueError naming ``what`` if the array is ragged, empty, not numeric or not finite.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "f" and values.size:
        frozen = values.base is None and not values.flags.writeable and values.flags.c_contiguous
        return _finite(values.astype(np.float64, copy=not frozen), what)
    if is_whole(values):
        distinct, where = np.unique(values, return_inverse=True)
        exact = np.empty(distinct.size, dtype=object)
        exact[:] = list(map(Fraction, distinct.tolist()))
        return freeze(exact[where].reshape(values.shape))
    try:
        raw = np.asarray(values, dtype=object)
    except ValueError:
        raw = np.empty(0, dtype=object)
        ragged = True
    else:
        ragged = any(isinstance(x, (list, tuple, np.ndarray)) for x in raw.flat)
    if ragged:
        raise ValueError(f"{what}: rows of unequal length; give a full rectangular array")
    if raw.size == 0:
        raise ValueError(f"{what}: no payoffs; every player needs at least one action")
    for x in raw.flat:
        if not isinstance(x, (Real, np.bool_)):
            raise ValueError(f"{what}: {x!r} is not a number")
    if all(isinstance(x, (Rational, np.bool_)) for x in raw.flat):
        exact = np.empty(raw.size, dtype=object)
        exact[:] = [_fraction(x) for x in raw.flat]
        return freeze(exact.reshape(raw.shape))
    return _finite(raw.astype(np.float64), what)


def is_whole(values: ArrayLike) -> TypeGuard[Array]:
    """Whether ``values`` is an array of machine integers, with at least one in it."""
    return isinstance(values, np.ndarray) and values.dtype.kind == "i" and values.size > 0


def _fraction(x: Any) -> Fraction:
    if type(x) is Fraction:
        return x
    if isinstance(x, np.bool_):
        return Fraction(bool(x))
    return Fraction(int(x.numerator), int(x.denominator))


def _finite(floats: Array, what: str) -> Array:
    if not np.isfinite(floats).all():
        where = tuple(np.argwhere(~np.isfinite(floats))[0].tolist())
        raise ValueError(f"{what}: {floats[where]} at {where} is not finite; use a finite payoff")
    return freeze(floats)


def labels(given: Iterable[object] | None, count: int, default: str, what: str) -> tuple[str, ...]:
    """``count`` distinct names: those given, else ``default`` and a number from 1."""
    names = (
        tuple(f"{default}{k + 1}" for k in range(count))
        if given is None
        else tuple(str(name) for name in given)
    )
    if len(names) != count:
        raise ValueError(f"{what}: {len(names)} labels {names} for {count}; give one each")
    if len(set(names)) < count:
        raise ValueError(f"{what}: labels {names} repeat; give distinct ones")
    return names


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Game:
    """A finite game in strategic form with labelled players and actions.

    ``payoffs`` has shape ``(m_0, ..., m_{n-1}, n)``, axes in player order. Build one with
    :meth:`from_payoffs` (an array a player) or :meth:`of` (from the rule). Raises ValueError for
    payoffs that are ragged, empty, not numbers or not finite, and for labels that do not fit.
    """

    payoffs: Array
    players: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]

    def __init__(
        self,
        payoffs: ArrayLike,
        players: Iterable[object] = (),
        actions: Iterable[Iterable[object]] = (),
    ) -> None:
        table = numbers(payoffs, "payoffs")
        n = table.ndim - 1
        if n < 1 or table.shape[-1] != n:
            raise ValueError(
                f"payoffs: shape {table.shape} is not (m_0, ..., m_n-1, n); "
                "give one axis a player and a last axis with one payoff a player"
            )
        named = labels(tuple(players) or None, n, "Player ", "players")
        choices = tuple(actions) or (None,) * n
        if len(choices) != n:
            raise ValueError(f"actions: {len(choices)} lists of labels for {n} players")
        labelled = tuple(
            labels(a, m, "", f"actions of {p}") for a, m, p in zip(choices, table.shape, named)
        )
        object.__setattr__(self, "payoffs", table)
        object.__setattr__(self, "players", named)
        object.__setattr__(self, "actions", labelled)
        if is_whole(payoffs):
            vars(self)["rounded"] = freeze(
                payoffs.astype(np.float64)
            )  # at once: Fractions are slow
        _ = self.ranges  # refuses payoffs too far apart

    @staticmethod
    def from_payoffs(
        *payoffs: ArrayLike,
        players: Iterable[object] | None = None,
        actions: Iterable[Iterable[object]] | None = None,
    ) -> Game:
        """The game in which player ``i`` gets ``payoffs[i]``, of shape ``(m_0, ..., m_{n-1})``.

        Two arrays are a bimatrix game; one row of the first is one action of player 0.

        >>> Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]]).shape
        (2, 2)
        """
        if not payoffs:
            raise ValueError("payoffs: no players; give one payoff array a player")
        arrays = [
            p if is_whole(p) else numbers(p, f"payoffs of player {i + 1}")
            for i, p in enumerate(payoffs)
        ]
        n = len(arrays)
        for i, array in enumerate(arrays):
            if array.shape != arrays[0].shape or array.ndim != n:
                raise ValueError(
                    f"payoffs of player {i + 1}: shape {array.shape} where {n} players need "
                    f"one axis each and the same shape for all (the first has {arrays[0].shape})"
                )
        return Game(np.stack(arrays, axis=-1), players or (), actions or ())

    @staticmethod
    def of(actions: Mapping[str, Iterable[object]], rule: Callable[..., Sequence[Number]]) -> Game:
        """The game with these players and actions in which ``rule(*actions)`` gives the payoffs.

        >>> game = Game.of({"A": [0, 1], "B": [0, 1, 2]}, lambda a, b: (a * b, a - b))
        >>> game.payoffs[1, 2].tolist()
        [Fraction(2, 1), Fraction(-1, 1)]
        """
        choices = {player: list(given) for player, given in actions.items()}
        shape = tuple(len(c) for c in choices.values())
        if not shape or 0 in shape:
            raise ValueError(f"actions: {choices} leaves a player without actions")
        table = np.empty((*shape, len(shape)), dtype=object)
        for where, profile in zip(np.ndindex(shape), itertools.product(*choices.values())):
            row = tuple(rule(*profile))
            if len(row) != len(shape):
                raise ValueError(f"rule{profile}: {len(row)} payoffs for {len(shape)} players")
            table[where] = row
        return Game(table, choices, choices.values())

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of actions of each player, ``(m_0, ..., m_{n-1})``."""
        return self.payoffs.shape[:-1]

    @property
    def exact(self) -> bool:
        """Whether the payoffs are rational numbers held exactly."""
        return self.payoffs.dtype == object

    @functools.cached_property
    def ranges(self) -> Array:
        """Largest minus smallest payoff of each player, shape ``(n,)``, floats."""
        tops = np.array([self.payoffs[..., i].max() for i in range(len(self.players))])
        try:
            with np.errstate(over="raise"):
                return freeze((tops - self.floors).astype(np.float64))
        except (FloatingPointError, OverflowError):
            raise ValueError(
                "payoffs: the largest less the smallest is beyond 1.8e308; rescale them"
            ) from None

    @property
    def scale(self) -> float:
        """The unit of tolerances: the widest payoff range of any player."""
        return float(self.ranges.max())

    @functools.cached_property
    def floors(self) -> Array:
        """Smallest payoff of each player, shape ``(n,)``."""
        return freeze(np.array([self.payoffs[..., i].min() for i in range(len(self.players))]))

    @functools.cached_property
    def rounded(self) -> Array:
        """``payoffs``, each rounded to a float: order is kept, but unequal ones may tie."""
        try:
            return freeze(self.payoffs.astype(np.float64, copy=False))
        except OverflowError:  # beyond 1.8e308
            limit = int(np.finfo(np.float64).max)
            return freeze(self.payoffs.clip(-limit, limit).astype(np.float64))

    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]:
        """For each player, the first player who is sure to face the same payoffs: himself."""
        return range(len(mixtures))

    def gains(self, mixtures: Sequence[Array], player: int) -> Array:
        """Expected payoff of each action of ``player``, less the player's smallest payoff.

        Shape ``(m_player,)``, Fractions if the game and the mixtures are exact, else floats. Taken
        above the smallest payoff, so that a large constant in the payoffs costs no precision.
        Cost: the size of the payoff array, less the axes of players who play one action for sure.
        """
        exact = self.exact and all(x.dtype == object for x in mixtures)
        where: list[Any] = [slice(None)] * len(mixtures)
        mixing = []
        for j, x in enumerate(mixtures):
            if j == player:
                continue
            likeliest = x.argmax()
            if x[likeliest] == 1 and np.count_nonzero(x) == 1:
                where[j] = likeliest
            else:
                mixing.append(j)
        if not mixing:
            line = np.asarray(self.payoffs[(*where, player)] - self.floors[player])
            return line if exact else line.astype(np.float64, copy=False)
        table, unit = self._above[player] if exact else (self._above_floats[player], 1)
        table = table[tuple(where)]
        for j in reversed(mixing):
            if exact:  # one denominator a mixture: sums of Fractions would reduce each term
                common = math.lcm(*(p.denominator for p in mixtures[j]))
                x = np.array(
                    [p.numerator * (common // p.denominator) for p in mixtures[j]], dtype=object
                )
                unit *= common
            else:
                x = mixtures[j].astype(np.float64, copy=False)
            axis = sum(isinstance(w, slice) for w in where[:j])
            table = (table if axis == table.ndim - 1 else np.moveaxis(table, axis, -1)) @ x
        if exact:
            return np.array([Fraction(u, unit) for u in table], dtype=object)
        return np.asarray(table)

    @functools.cached_property
    def _above(self) -> list[tuple[Array, int]]:
        """Payoffs of each player above his smallest, as integers, and their common denominator."""
        found = []
        for u, floor in zip(np.moveaxis(self.payoffs, -1, 0), self.floors):
            common = math.lcm(floor.denominator, *(v.denominator for v in u.flat))
            low = floor.numerator * (common // floor.denominator)
            whole = np.empty(u.size, dtype=object)
            whole[:] = [v.numerator * (common // v.denominator) - low for v in u.flat]
            found.append((whole.reshape(u.shape), common))
        return found

    @functools.cached_property
    def _above_floats(self) -> list[Array]:
        """The same in floats."""
        if self.exact:
            return [(whole / common).astype(np.float64) for whole, common in self._above]
        return [
            np.ascontiguousarray(self.payoffs[..., i] - floor)
            for i, floor in enumerate(self.floors)
        ]

    @functools.cached_property
    def _above_lists(self) -> tuple[list[list[float]], list[list[float]]]:
        """The same for two players, as lists: a row an action of the player."""
        row, column = self._above_floats
        return row.tolist(), column.T.tolist()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Game)
            and self.players == other.players
            and self.actions == other.actions
            and self.exact == other.exact
            and bool(np.array_equal(self.payoffs, other.payoffs))
        )

    def __hash__(self) -> int:
        return hash((self.players, self.actions, tuple(self.payoffs.flat)))

    def __repr__(self) -> str:
        sides = "; ".join(f"{p}: {', '.join(a)}" for p, a in zip(self.players, self.actions))
        return f"Game({sides}; {'exact' if self.exact else 'float'})"

    def _repr_html_(self) -> str:
        """The payoff table; best replies are underlined. Two players; else one line."""
        if len(self.players) != 2:
            return f"<code>{html.escape(repr(self))}</code>"
        best = [
            self.payoffs[..., i] == self.payoffs[..., i].max(axis=i, keepdims=True) for i in (0, 1)
        ]
        rows = []
        for a, row in enumerate(self.actions[0]):
            cells = []
            for b in range(self.shape[1]):
                shown = [
                    f"<u>{show(v)}</u>" if best[i][a, b] else show(v)
                    for i, v in enumerate(self.payoffs[a, b])
                ]
                cells.append(f"<td>{', '.join(shown)}</td>")
            rows.append(f"<tr><th>{html.escape(row)}</th>{''.join(cells)}</tr>")
        head = "".join(f"<th>{html.escape(b)}</th>" for b in self.actions[1])
        corner = html.escape(f"{self.players[0]} \\ {self.players[1]}")
        return f"<table><tr><th>{corner}</th>{head}</tr>{''.join(rows)}</table>"


def show(x: Number) -> str:
    """A number for a person: fractions as they are, floats to 6 significant digits."""
    return str(x) if isinstance(x, Rational) else f"{x:.6g}"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Profile:
    """A mixed strategy profile: one probability vector a player.

    ``mixtures[i]`` has shape ``(m_i,)``. Exact (Fractions) where every entry is rational, else
    floats that sum to one within 1e-9. Raises ValueError naming the player otherwise.
    """

    game: GameForm
    mixtures: tuple[Array, ...]

    def __init__(self, game: GameForm, mixtures: Iterable[ArrayLike]) -> None:
        given = tuple(mixtures)
        if len(given) != len(game.players):
            raise ValueError(
                f"profile: {len(given)} mixtures for {len(game.players)} players; "
                "give one probability vector a player"
            )
        checked: dict[int, Array] = {}  # a count game repeats one vector for thousands of players
        for player, x, m in zip(game.players, given, game.shape):
            if id(x) not in checked:
                checked[id(x)] = probabilities(x, m, player)
            elif len(checked[id(x)]) != m:
                raise ValueError(f"{player}: {len(checked[id(x)])} probabilities for {m} actions")
        object.__setattr__(self, "game", game)
        object.__setattr__(self, "mixtures", tuple(checked[id(x)] for x in given))

    @staticmethod
    def pure(game: GameForm, actions: Sequence[int]) -> Profile:
        """The profile in which player ``i`` plays the action with index ``actions[i]``."""
        return Profile(
            game,
            tuple(
                np.array([Fraction(int(k == a)) for k in range(m)], dtype=object)
                for a, m in zip(actions, game.shape)
            ),
        )

    @staticmethod
    def stack(game: GameForm, sides: Sequence[Array]) -> list[Profile]:
        """The profiles whose mixtures are the rows of ``sides[i]``, shape ``(profiles, m_i)``."""
        many = len(sides[0])
        for side, m in itertools.zip_longest(sides, game.shape):
            if side is None or side.shape != (many, m) or not _are_mixtures(side):
                return [Profile(game, rows) for rows in zip(*sides, strict=True)]
        profiles = []
        for rows in zip(*(freeze(side.copy()) for side in sides)):
            profile = object.__new__(Profile)
            object.__setattr__(profile, "game", game)
            object.__setattr__(profile, "mixtures", rows)
            profiles.append(profile)
        return profiles

    @property
    def exact(self) -> bool:
        """Whether every probability and every payoff is a rational number held exactly."""
        return self.game.exact and all(x.dtype == object for x in self.mixtures)

    def gains(self, player: int) -> Array:
        """Expected payoff of each of ``player``'s actions above the smallest, shape ``(m,)``."""
        return self.game.gains(self.mixtures, player)

    def action_payoffs(self, player: int) -> Array:
        """Expected payoff of each of ``player``'s actions, shape ``(m_player,)``."""
        gains, floor = self.gains(player), self.game.floors[player]
        return gains + (floor if gains.dtype == object else float(floor))

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        expected: dict[int, Number] = {}
        alike = self.game.alike(self.mixtures)
        for i in sorted(set(alike)):
            u = self.action_payoffs(i)
            value = (self.mixtures[i].astype(u.dtype) * u).sum()
            expected[i] = value if isinstance(value, Fraction) else float(value)
        return tuple(expected[i] for i in alike)

    @property
    def support(self) -> tuple[tuple[int, ...], ...]:
        """Indices of the actions that each player plays with positive probability."""
        return tuple(tuple(np.flatnonzero(x > 0).tolist()) for x in self.mixtures)

    def row(self) -> dict[tuple[str, str], Number]:
        """Chances by player and action, and the payoff of each player: a row of a table."""
        found: dict[tuple[str, str], Number] = {}
        for player, names, x, u in zip(
            self.game.players, self.game.actions, self.mixtures, self.payoffs
        ):
            found |= {(player, name): p for name, p in zip(names, x)}
            found[player, "payoff"] = u
        return found

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Profile)
            and self.game == other.game
            and all(np.array_equal(x, y) for x, y in zip(self.mixtures, other.mixtures))
        )

    def __hash__(self) -> int:
        return hash(tuple(tuple(x) for x in self.mixtures))

    def __repr__(self) -> str:
        return f"Profile({_sides(self)})"


def _sides(profile: Profile) -> str:
    """Each player's mixture; a run of three or more players who mix alike is shown once."""
    pairs = zip(profile.game.players, profile.mixtures)
    runs = itertools.groupby(pairs, key=lambda pair: tuple(pair[1]))
    shown = []
    for mixture, run in runs:
        names = [player for player, _ in run]
        whos = names if len(names) < 3 else [f"{names[0]} ... {names[-1]}"]
        shown += [f"{who}: ({', '.join(map(show, mixture))})" for who in whos]
    return "; ".join(shown)


def _are_mixtures(rows: Array) -> bool:
    """Whether each row is a probability vector of floats."""
    return rows.dtype == np.float64 and all(
        min(row) >= 0 and abs(sum(row) - 1) <= SUM for row in rows.tolist()
    )


def probabilities(values: ArrayLike, count: int, player: str) -> Array:
    """``values`` as a probability vector over ``count`` actions, exact where it can be.

    Raises ValueError naming ``player``.
    """
    if (
        isinstance(values, np.ndarray)
        and values.dtype == np.float64
        and values.shape == (count,)
        and values.min() >= 0
        and abs(values.sum() - 1) <= SUM
    ):
        return freeze(values.copy())
    x = numbers(values, f"mixture of {player}")
    if x.shape != (count,):
        raise ValueError(f"{player}: {x.size} probabilities for {count} actions; give one each")
    off = abs(x.sum() - 1)
    if (x < 0).any() or (off != 0 if x.dtype == object else off > SUM):
        raise ValueError(
            f"{player}: ({', '.join(map(show, x))}) is not a probability vector; "
            "entries must be at least 0 and sum to 1"
        )
    return x

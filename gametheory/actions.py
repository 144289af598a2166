"""Games of continuous actions, and their profiles.

Player ``i`` chooses a number ``0 <= x_i <= upper_i``. What a form of such games says of its payoffs
is :meth:`ActionGame.unilateral`: the payoffs of all players, each from an action of the own while
the others keep theirs. Certificates ask for nothing else.

A strategy is a number, not a probability vector, and a profile of a million is one array.
:class:`~gametheory.game.Profile` lists a chance for each of finitely many actions; hence
:class:`ActionProfile`, which stands beside it.

>>> from gametheory.aggregative import Contest
>>> ActionProfile(Contest([10, 6]), [2.5, 1.5])
ActionProfile(Player 1: 2.5; Player 2: 1.5; aggregate 4)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from gametheory.game import Array, freeze, labels, show

SHOWN = 6


@dataclass(frozen=True, eq=False, repr=False)
class ActionGame(ABC):
    """A game in which each player chooses a number from 0 to an upper bound.

    The forms are :class:`~gametheory.aggregative.AggregativeGame` and its kin, where only the sum
    of the others counts, and those of :mod:`gametheory.network` and :mod:`gametheory.groups`, where
    it counts who the others are.
    """

    named: tuple[str, ...]

    @property
    @abstractmethod
    def upper(self) -> Array:
        """Largest action of each player, shape ``(n,)``, finite."""

    @abstractmethod
    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoff of each player from the action ``x_i`` while all others do ``actions``.

        A function of ``x``, shape ``(n,)``: entry ``i`` is what ``i`` gets by deviating alone.
        """

    def payoffs(self, actions: Array) -> Array:
        """Payoff of each player in the profile, shape ``(n,)``."""
        return self.unilateral(actions)(actions)

    def impact(self, x: Array) -> Array:
        """What each action adds to the aggregate, shape ``(n,)``."""
        return x

    @cached_property
    def players(self) -> tuple[str, ...]:
        """Labels of the players."""
        return self.named or labels(None, len(self.upper), "Player ", "players")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.named, self.upper.tobytes()))

    def __repr__(self) -> str:
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        told = ", ".join(
            f"{name} {span(value)}"
            for name, value in values
            if isinstance(value, (float, np.ndarray))
        )
        n = len(self.upper)
        return f"{type(self).__name__}({n} player{'s' if n > 1 else ''}; {told})"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class ActionProfile:
    """A profile of continuous actions: ``actions[i]`` is what player ``i`` does, shape ``(n,)``.

    Raises ValueError naming the player whose action is not from 0 to the upper bound.
    """

    game: ActionGame
    actions: Array

    def __init__(self, game: ActionGame, actions: ArrayLike) -> None:
        x = np.array(actions, dtype=np.float64)
        if x.shape != game.upper.shape:
            raise ValueError(
                f"actions: shape {x.shape} for {len(game.upper)} players; give one number each"
            )
        outside = ~((x >= 0) & (x <= game.upper))
        if outside.any():
            i = int(outside.argmax())
            raise ValueError(f"{game.players[i]}: {x[i]} is not from 0 to {game.upper[i]:.6g}")
        set_fields(self, game=game, actions=freeze(x))

    @cached_property
    def aggregate(self) -> float:
        """Sum of what the actions add to the aggregate."""
        return float(self.game.impact(self.actions).sum())

    @cached_property
    def shares(self) -> Array:
        """What each adds to the aggregate, as a share of it; zero if nobody adds anything."""
        return freeze(self.game.impact(self.actions) / (self.aggregate or 1.0))

    @cached_property
    def payoffs(self) -> Array:
        """Payoff of each player, shape ``(n,)``."""
        return freeze(np.asarray(self.game.payoffs(self.actions)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ActionProfile)
            and self.game == other.game
            and bool(np.array_equal(self.actions, other.actions))
        )

    def __hash__(self) -> int:
        return hash(self.actions.tobytes())

    def __repr__(self) -> str:
        n = len(self.actions)
        told = [f"{p}: {show(float(x))}" for p, x in zip(self.game.players[:SHOWN], self.actions)]
        told += [f"... {n - SHOWN} more"] if n > SHOWN else []
        return f"ActionProfile({'; '.join(told)}; aggregate {show(self.aggregate)})"


def parameters(**given: ArrayLike) -> list[Array]:
    """Each as read-only floats, one a player. Raises ValueError naming the culprit."""
    floats = {}
    for name, values in given.items():
        try:
            floats[name] = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{name}: {values!r} is not a list of numbers") from None
        if not np.isfinite(floats[name]).all():
            raise ValueError(f"{name}: not finite; use finite numbers")
    n = max((x.size for x in floats.values()), default=0)
    for name, x in floats.items():
        if x.ndim > 1 or x.size == 0 or (x.ndim == 1 and x.size != n):
            raise ValueError(f"{name}: shape {x.shape} for {n} players; give a number or one each")
    return [freeze(np.broadcast_to(x, n).copy()) for x in floats.values()]


def require(met: Array, name: str, values: Array, what: str) -> None:
    """Raises ValueError for the first player whose value is not ``what`` it must be."""
    if not met.all():
        i = int((~met).argmax())
        raise ValueError(f"{name}: {values[i]} of player {i + 1} is not {what}")


def named_players(players: Iterable[object], n: int) -> tuple[str, ...]:
    """The labels given, checked; none if none are."""
    given = tuple(players)
    return labels(given, n, "", "players") if given else ()


def span(values: float | Array) -> str:
    """The least and the greatest of ``values``, or the one that they all are."""
    low, high = float(np.min(values)), float(np.max(values))
    return show(low) if low == high else f"{show(low)} to {show(high)}"


def set_fields(value: object, **attributes: object) -> None:
    """Set the fields of a frozen value that is being built."""
    for name, given in attributes.items():
        object.__setattr__(value, name, given)

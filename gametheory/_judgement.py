"""What a criterion says of an equilibrium, and the equilibrium in rational numbers.

A float game is the game of the dyadic rationals that its payoffs are. A float profile of two
players stands for the exact equilibrium of that game with the same supports and the same best
replies, where these have exactly one that rounds to it: then what holds is decided of that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.count import CountGame
from gametheory.equilibrium import Equilibrium, EquilibriumSet
from gametheory.game import Array, Game, Profile

UNKNOWN = "No exact equilibrium is known that rounds to the profile."
NEAR = 1e-9
"""Chances and shares of the payoff range that are rounding of zero in a float profile."""


@dataclass(frozen=True, eq=False, repr=False)
class Judgement:
    """Whether an equilibrium meets a criterion, why, and what proves it.

    ``holds`` is True or False where that is proved and None where it is not decided. ``because`` is
    a sentence. What ``evidence`` holds is said where the criterion is. Used as a condition it is
    ``holds``; ValueError where that is None.
    """

    criterion: str
    holds: bool | None
    because: str
    evidence: tuple[Array, ...] = ()

    def __bool__(self) -> bool:
        if self.holds is None:
            raise ValueError(
                f"{self.criterion}: not decided ({self.because}) compare `.holds` with None first"
            )
        return self.holds

    def __repr__(self) -> str:
        return f"Judgement({self.criterion}: {self.holds}. {self.because})"


@dataclass(frozen=True, eq=False)
class Exact:
    """An equilibrium in rational numbers.

    ``tables[i]`` are the payoffs of player ``i`` above the least, in integers, the axis of the own
    actions first and then the others in order. ``mixtures`` hold Fractions.
    """

    tables: tuple[Array, ...]
    mixtures: tuple[Array, ...]

    def payoffs(self, i: int) -> Array:
        """Expected payoff of each action of ``i``, shape ``(m_i,)``."""
        return expected(self.tables[i], [x for j, x in enumerate(self.mixtures) if j != i])

    def supports(self) -> list[list[int]]:
        """The actions in use, a list a player."""
        return [np.flatnonzero(x).tolist() for x in self.mixtures]


def expected(table: Array, others: Sequence[Array]) -> Array:
    """Expected payoffs: ``table`` less its last axes, each against a mixture."""
    for x in reversed(others):
        table = table @ x
    return table


def in_integers(game: Game) -> tuple[Array, ...]:
    """Payoffs of each player above the least, in integers, own actions first."""
    from gametheory.solvers._linear import integers

    return tuple(
        integers(np.moveaxis(game.payoffs[..., i], i, 0))[0] for i in range(len(game.players))
    )


def form(e: Equilibrium, criterion: str) -> Game | CountGame:
    """The game of ``e``; ValueError naming the criterion if it has another form."""
    profile = getattr(e, "profile", None)
    game = getattr(profile, "game", None)
    if isinstance(profile, Profile) and isinstance(game, (Game, CountGame)):
        return game
    what = type(e if game is None else game).__name__
    raise ValueError(
        f"{criterion}: needs an equilibrium of a Game in strategic form or a CountGame, got {what}"
    )


def members(found: EquilibriumSet, what: str) -> EquilibriumSet:
    """``found``; ValueError naming ``what`` is asked if it is no list of mixed equilibria."""
    if not isinstance(found, EquilibriumSet):
        raise ValueError(f"{what}: needs what solve() finds of a Game, got {type(found).__name__}")
    return found


def exactly(e: Equilibrium, game: Game) -> Exact | None:
    """``e`` in rational numbers, None if no exact equilibrium is known that rounds to it."""
    tables = in_integers(game)
    given = tuple(_fractions(x) for x in e.mixtures)
    at = Exact(tables, given)
    if all(sum(x) == 1 for x in given) and _is_equilibrium(at):
        return at
    if len(game.players) != 2:
        return None
    floats = [x.astype(np.float64) for x in e.mixtures]
    used = [np.flatnonzero(x > NEAR).tolist() for x in floats]
    best = []
    for i in (0, 1):
        gains = e.profile.gains(i)
        best.append(np.flatnonzero(gains >= gains.max() - NEAR * (game.ranges[i] or 1)).tolist())
    x = _equalizing(tables[1], best[1], used[0])
    y = _equalizing(tables[0], best[0], used[1])
    if x is None or y is None:
        return None
    at = Exact(tables, (x, y))
    close = all(abs(z.astype(np.float64) - f).max() <= NEAR for z, f in zip((x, y), floats))
    return at if close and at.supports() == used and _is_equilibrium(at) else None


def _fractions(values: Array) -> Array:
    exact = np.empty(len(values), dtype=object)
    exact[:] = [Fraction(v) for v in values.tolist()]
    return exact


def _is_equilibrium(at: Exact) -> bool:
    for i, used in enumerate(at.supports()):
        u = at.payoffs(i)
        if (u[used] < u.max()).any():
            return False
    return True


def _equalizing(table: Array, best: list[int], used: list[int]) -> Array | None:
    """The one mixture of the ``used`` columns against which the ``best`` rows pay alike.

    None if there is none or more than one, or if a chance is negative.
    """
    from flint import fmpq, fmpq_mat

    rows = [[int(v) for v in table[b, used] - table[best[0], used]] + [0] for b in best[1:]]
    rows.append([1] * len(used) + [1])
    wide = fmpq_mat(len(rows), len(used) + 1, [fmpq(v) for row in rows for v in row])
    reduced, rank = wide.rref()
    if rank != len(used):
        return None
    chances = []
    for k in range(rank):
        if reduced[k, k] != 1:
            return None
        v = reduced[k, len(used)]
        chances.append(Fraction(int(v.p), int(v.q)))
    if min(chances) < 0:
        return None
    x = np.full(table.shape[1], Fraction(0), dtype=object)
    x[used] = chances
    return x

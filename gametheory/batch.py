"""Every equilibrium of many games of one shape, as arrays.

A phase diagram is a million small games. Here they are one array of payoffs, shape
``(B, m_0, ..., m_{n-1}, n)``, and their equilibria are rows of arrays, sorted by game.

Small shapes have compiled kernels: two players with up to six actions each, and three or more as
far as :func:`gametheory.solve` seeks all their equilibria. A kernel decides by signs that are
certain in spite of rounding, so that its list is proved complete: :data:`Coverage.ALL`. It leaves
undecided what has a tie, or something too near to one;
such a game is solved alone, as :func:`gametheory.solve` would (two players: in exact arithmetic).
So is every game of another shape. Each row is certified by code that shares nothing with the
kernels, and a game with a row that fails is solved alone too.

>>> import numpy as np
>>> v, c = 3.0, np.array([1.0, 2.0, 4.0])  # a prize, and three costs of fighting for it
>>> payoffs = np.empty((3, 2, 2, 2))  # three games of hawk (0) and dove (1)
>>> payoffs[:, 0, 0, :] = (v - c[:, None]) / 2
>>> payoffs[:, 0, 1] = v, 0
>>> payoffs[:, 1, 0] = 0, v
>>> payoffs[:, 1, 1] = v / 2
>>> batch = solve_many(payoffs)
>>> batch
5 equilibria of 3 games, 2 x 2. Coverage: ALL 3
>>> batch.count
array([1, 1, 3])
>>> batch.mixtures[0][batch.rows(2)]
array([[1.  , 0.  ],
       [0.75, 0.25],
       [0.  , 1.  ]])
"""

from __future__ import annotations

import functools
import math
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Array, Game, freeze, labels, numbers
from gametheory.solvers import is_small, solve
from gametheory.work import cores

if TYPE_CHECKING:
    import pandas as pd

Kernel = Callable[[Array, int, int, Array, Array, Array], tuple[int, int]]

WIDEST = 6
"""Actions a player up to which a two-player game has a kernel."""

CHUNK = 1 << 18
"""Squares of the numbers of action profiles, over all games, that make a thread worth its start."""

SEARCHED = 32
"""Games that a thread takes at a time where one takes long."""

ROOM = 1 << 10
"""Rows that any one game may need: a kernel stops where it might run out."""


@dataclass(frozen=True, eq=False, repr=False)
class EquilibriumBatch:
    """Equilibria of ``B`` games of one shape: ``E`` rows, sorted by game.

    ``games`` are the payoffs as given, ``count`` (B,) the number of rows of each game, ``game``
    (E,) the game of each row, ``mixtures`` one array (E, m_i) a player, ``payoffs`` (E, n) and
    ``regret`` (E,) the largest regret of any player. The rows of a game are in the order of
    :func:`gametheory.solve`, and if it is degenerate they are its extreme equilibria.
    ``degenerate`` (B,) is False where the game was proved nondegenerate, and ``coverage`` (B,) says
    what the rows of each game promise. Arrays are read-only.
    """

    games: Array
    count: Array
    game: Array
    mixtures: tuple[Array, ...]
    payoffs: Array
    regret: Array
    degenerate: Array
    coverage: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of actions of each player, ``(m_0, ..., m_{n-1})``."""
        return self.games.shape[1:-1]

    def __len__(self) -> int:
        return len(self.games)

    def __getitem__(self, b: int) -> EquilibriumSet:
        """Game ``b`` solved anew and alone, with its certificates, indices and components."""
        return solve(Game(self.games[b]))

    def rows(self, b: int) -> slice:
        """Where the equilibria of game ``b`` are."""
        first, last = np.searchsorted(self.game, [b, b + 1])
        return slice(int(first), int(last))

    def __repr__(self) -> str:
        found = Counter(c.name for c in self.coverage)
        covered = ", ".join(f"{c.name} {found[c.name]}" for c in Coverage if found[c.name])
        shape = " x ".join(map(str, self.shape))
        return f"{len(self.game)} equilibria of {len(self)} games, {shape}. Coverage: {covered}"

    def to_frame(self) -> pd.DataFrame:
        """One row an equilibrium, by game: probabilities (player, action), payoffs, regret."""
        import pandas as pd

        columns: dict[tuple[str, str], Any] = {}
        players = labels(None, len(self.shape), "Player ", "players")
        for i, (player, x) in enumerate(zip(players, self.mixtures)):
            columns |= {(player, str(a + 1)): x[:, a] for a in range(x.shape[1])}
            columns[player, "payoff"] = self.payoffs[:, i]
        columns["", "regret"] = self.regret
        return pd.DataFrame(columns, index=pd.Index(self.game, name="game"))


def solve_many(payoffs: ArrayLike) -> EquilibriumBatch:
    """Every equilibrium of every game in ``payoffs``, shape ``(B, m_0, ..., m_{n-1}, n)``.

    Integers up to 2^53 and floats are taken as they stand, and the answers are floats: from a
    kernel for two players right to 2e-12, for more to 1e-9 times the payoff range in regret, else
    as :func:`gametheory.solve` finds them. An array of Fractions is solved one game at a time and
    stays exact.

    A degenerate game costs what :func:`gametheory.solve` does. Payoffs are copied, which for small
    games takes as long as to solve them, unless the array is read-only and nobody's view. Raises
    ValueError for payoffs of another shape or not finite.

    >>> entry, sexes = [[[0, 2], [0, 2]], [[-1, -1], [1, 1]]], [[[2, 1], [0, 0]], [[0, 0], [1, 2]]]
    >>> batch = solve_many([entry, sexes])
    >>> batch.degenerate, batch.count
    (array([ True, False]), array([3, 3]))
    """
    given, tables = _tables(payoffs)
    shape = given.shape[1:-1]
    kernel = None if tables.dtype == object else _kernel(shape)
    count = np.full(len(given), -1)
    parts = _decide(kernel, tables, shape, count) if kernel else []
    degenerate = np.zeros(len(given), np.bool_)
    coverage = np.full(len(given), Coverage.ALL, object)
    alone = np.flatnonzero(count < 0).tolist()
    for b in alone:
        found = solve(Game(_exactly(given[b]) if len(shape) == 2 else given[b]))
        count[b] = len(found)
        degenerate[b] = found.degenerate is not False
        coverage[b] = found.coverage
        if len(found):
            parts.append(_rows(b, found, tables.dtype))
    width = sum(shape)
    parts = parts or [_nothing(width, len(shape), tables.dtype)]
    game, z, values, regret = map(_joined, zip(*parts))
    if alone:
        order = np.argsort(game, kind="stable")
        game, z, values, regret = game[order], z[order], values[order], regret[order]
    freeze(z)
    ends = np.cumsum(shape)
    return EquilibriumBatch(
        freeze(given),
        freeze(count),
        freeze(game),
        tuple(z[:, end - m : end] for m, end in zip(shape, ends.tolist())),
        freeze(values),
        freeze(regret),
        freeze(degenerate),
        freeze(coverage),
    )


Rows = tuple[Array, Array, Array, Array]
"""Games, mixtures side by side, payoffs, regrets: a row an equilibrium."""


def _joined(pieces: Sequence[Array]) -> Array:
    """The pieces as one array; a single one is not copied, which would cost as much as solving."""
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _tables(payoffs: ArrayLike) -> tuple[Array, Array]:
    """The payoffs as given, and as floats where those are the same numbers."""
    raw = np.asarray(payoffs)
    if raw.ndim < 3 or raw.shape[-1] != raw.ndim - 2 or 0 in raw.shape[1:]:
        raise ValueError(
            f"payoffs: shape {raw.shape} is not (games, m_0, ..., m_n-1, n); "
            "give one axis a player and a last axis with one payoff a player"
        )
    if len(raw) == 0:
        return raw.astype(np.float64), raw.astype(np.float64)
    if raw.dtype.kind in "biu":
        given = raw.astype(np.int64) if raw.dtype.kind != "u" else raw.copy()
        small = int(given.max()) <= 2**53 and int(given.min()) >= -(2**53)
        return given, given.astype(np.float64) if small else numbers(given, "payoffs")
    given = numbers(raw, "payoffs")
    return given, given


def _kernel(shape: tuple[int, ...]) -> Kernel | None:
    """What solves games of this shape many at a time, if anything does; imports numba."""
    if shape == (2, 2):
        from gametheory.solvers import _batch_2x2

        return _batch_2x2.solve
    if shape == (3, 3):
        from gametheory.solvers import _batch_3x3

        return _batch_3x3.solve
    if shape == (2, 2, 2):
        from gametheory.solvers import _batch_2x2x2

        return _batch_2x2x2.solve
    if len(shape) == 2 and max(shape) <= WIDEST:
        from gametheory.solvers import _batch_bimatrix

        return functools.partial(_batch_bimatrix.solve, *shape)
    if len(shape) > 2 and is_small(shape):
        from gametheory.solvers import _batch_isolate

        return functools.partial(_batch_isolate.solve, np.array(shape))
    return None


def _decide(kernel: Kernel, tables: Array, shape: tuple[int, ...], count: Array) -> list[Rows]:
    """The rows of all games that the kernel decides; ``count`` stays -1 for the others."""
    flat = tables.reshape(len(tables), math.prod(shape), len(shape))
    quick = len(shape) == 2 or shape == (2, 2, 2)
    share = -(-len(flat) // cores()) if quick else SEARCHED
    share = max(share, -(-CHUNK // math.prod(shape) ** 2)) if quick else share
    starts = range(0, len(flat), share)

    def chunk(start: int) -> list[Rows]:
        return _chunk(kernel, flat, shape, start, min(start + share, len(flat)), count)

    if len(starts) < 2:
        return [rows for start in starts for rows in chunk(start)]
    return [rows for found in _threads(os.getpid()).map(chunk, starts) for rows in found]


@functools.cache
def _threads(process: int) -> ThreadPoolExecutor:
    """Threads that wait for work: to start them takes as long as to solve a thousand games.

    A process that is forked has to start its own.
    """
    return ThreadPoolExecutor(cores())


def _chunk(
    kernel: Kernel, flat: Array, shape: tuple[int, ...], start: int, stop: int, count: Array
) -> list[Rows]:
    from gametheory.solvers._batch_check import check

    parts = []
    while start < stop:
        room = 2 * (stop - start) + ROOM
        game, z = np.empty(room, np.int64), np.empty((room, sum(shape)))
        start, used = kernel(flat, start, stop, game, z, count)
        game, z = game[:used], z[:used]
        payoffs, regret = np.empty((used, len(shape))), np.empty(used)
        holds = check(flat, np.array(shape), game, z, payoffs, regret)
        if not holds.all():
            count[game[~holds]] = -1
            sound = count[game] >= 0
            game, z, payoffs, regret = game[sound], z[sound], payoffs[sound], regret[sound]
        parts.append((game, z, payoffs, regret))
    return parts


def _exactly(table: Array) -> Array:
    """The payoffs as Fractions: rounded before sorting, equal probabilities might change places."""
    return np.asarray(np.frompyfunc(Fraction, 1, 1)(table.astype(object)))


def _rows(b: int, found: EquilibriumSet, kind: np.dtype[Any]) -> Rows:
    """The rows of a game that was solved alone."""
    return (
        np.full(len(found), b),
        np.array([np.concatenate(e.mixtures) for e in found], kind),
        np.array([e.payoffs for e in found], kind),
        np.array([e.certificate.regret for e in found], kind),
    )


def _nothing(width: int, players: int, kind: np.dtype[Any]) -> Rows:
    return (
        np.empty(0, np.int64),
        np.empty((0, width), kind),
        np.empty((0, players), kind),
        np.empty(0, kind),
    )

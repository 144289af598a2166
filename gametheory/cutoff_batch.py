"""Every symmetric equilibrium in cutoffs of many games of two actions, as arrays.

In game ``b`` each of ``n`` players has a private type ``t`` and gains, by the first action over the
second, ``value[b, k] - slope[b, k] t`` when ``k`` of the others choose the first; ``slope`` is not
negative, so that low types choose it. Types are ``loc[b] + scale[b] z`` with ``z`` drawn from one
law. With ``first="high"`` the gain is ``value + slope t``.

The zeros of the marginal type's gain are enclosed in all games at once, by the bounds of
:mod:`gametheory.solvers._cutoff_line`, as kernels. A game that these leave undecided (a gain that
touches zero, a continuum) is solved alone, as :func:`gametheory.solve` would. Each row is certified
by the counts' law in another way, a convolution player by player.

A volunteer's dilemma with private costs, uniform on [0, cbar]:

>>> import numpy as np
>>> from scipy.stats import uniform
>>> cbar = np.array([1.0, 2.0, 4.0])
>>> batch = cutoffs_many(uniform(), np.tile([1.0, 0.0, 0.0], (3, 1)), scale=cbar)
>>> batch
3 equilibria of 3 games, 3 players. Coverage: ALL_SYMMETRIC 3
>>> batch.cutoffs.round(6)
array([0.381966, 0.535898, 0.686292])
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory import _laws
from gametheory.batch import _threads
from gametheory.cutoff import CutoffGame
from gametheory.cutoff_equilibria import CutoffEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array, freeze
from gametheory.solvers import solve

if TYPE_CHECKING:
    import pandas as pd

NARROW = 1e-9  # width of a cell in logits, or relative to the logit, that is not halved
POINT = 1e-6  # that of a cluster of cells that is taken for one equilibrium
CELLS = 96  # of one game that may be alive: more are left to the solver of single games
CHUNK = 2_000  # games that a thread takes at a time


@dataclass(frozen=True, eq=False)
class Games:
    """The games of a batch: ``value`` and ``slope`` (B, n), ``loc`` and ``scale`` (B,)."""

    law: Any
    value: Array
    slope: Array
    loc: Array
    scale: Array
    first: str


@dataclass(frozen=True, eq=False, repr=False)
class CutoffBatch:
    """Symmetric equilibria of ``B`` games: ``E`` rows, sorted by game and by chance.

    ``games`` are as given, ``count`` (B,) is the number of rows of each game, ``game`` (E,) the
    game of each row, ``cutoffs`` (E,) the cutoff, ``chances`` (E,) the chance that a player chooses
    the first action, ``regret`` (E,) the most that any type gains by the other action, and
    ``coverage`` (B,) says what the rows of each game promise. Arrays are read-only.
    """

    games: Games
    count: Array
    game: Array
    cutoffs: Array
    chances: Array
    regret: Array
    coverage: Array

    def __len__(self) -> int:
        return len(self.games.value)

    def __getitem__(self, b: int) -> CutoffEquilibria:
        """Game ``b`` solved anew and alone, with its certificates."""
        return solve(_alone(self.games, b))

    def rows(self, b: int) -> slice:
        """Where the equilibria of game ``b`` are."""
        first, last = np.searchsorted(self.game, [b, b + 1])
        return slice(int(first), int(last))

    def to_frame(self) -> pd.DataFrame:
        """One row an equilibrium, by game: cutoff, chance, regret."""
        import pandas as pd

        columns = {"cutoff": self.cutoffs, "chance": self.chances, "regret": self.regret}
        return pd.DataFrame(columns, index=pd.Index(self.game, name="game"))

    def __repr__(self) -> str:
        found = Counter(c.name for c in self.coverage)
        covered = ", ".join(f"{c.name} {found[c.name]}" for c in Coverage if found[c.name])
        n = self.games.value.shape[1]
        return f"{len(self.game)} equilibria of {len(self)} games, {n} players. Coverage: {covered}"


def cutoffs_many(
    law: Any,
    value: ArrayLike,
    slope: ArrayLike = 1.0,
    loc: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
    first: str = "low",
) -> CutoffBatch:
    """Every symmetric equilibrium in cutoffs of every game, in order of the chance to act.

    ``value`` has shape ``(B, n)``, for 0 to n - 1 others who choose the first action; ``slope``
    broadcasts to it, ``loc`` and ``scale`` to ``(B,)``. Cost: some 30 microseconds a game of ten
    players on one core. Raises ValueError in one line for a law that is none, values that are not
    finite, negative slopes, a slope that is zero throughout, and scales that are not positive.
    """
    _laws.check(law, "all players")
    if first not in ("low", "high"):
        raise ValueError(f'first: {first!r} is not known; use "low" or "high"')
    v = np.array(value, float)
    if v.ndim != 2 or not v.size:
        raise ValueError(f"value: shape {v.shape} is not (games, players)")
    try:
        s = np.broadcast_to(np.asarray(slope, float), v.shape)
        at = np.broadcast_to(np.asarray(loc, float), len(v))
        unit = np.broadcast_to(np.asarray(scale, float), len(v))
    except ValueError:
        raise ValueError(
            f"slope, loc, scale: shapes {np.shape(slope)}, {np.shape(loc)}, {np.shape(scale)} do "
            f"not fit {len(v)} games of {v.shape[1]} players"
        ) from None
    for name, given, met in (
        ("value", v, np.isfinite(v)),
        ("slope", s, np.isfinite(s) & (s >= 0) & (s.max(axis=1, keepdims=True) > 0)),
        ("loc", at, np.isfinite(at)),
        ("scale", unit, np.isfinite(unit) & (unit > 0)),
    ):
        if not met.all():
            where = tuple(np.argwhere(~met)[0].tolist())
            raise ValueError(f"{name}: {given[where]:g} of game {where[0]} is out of range")
    v, s, at, unit = (freeze(x.copy()) for x in (v, s, at, unit))
    batch = Games(law, v, s, at, unit, first)
    starts = range(0, len(v), CHUNK)
    run = map if len(starts) == 1 else _threads(os.getpid()).map
    parts = list(run(lambda start: _chunk(batch, start, min(start + CHUNK, len(v))), starts))
    rows = [np.concatenate(side) for side in zip(*(part[0] for part in parts))]
    order = np.lexsort((rows[2], rows[0]))
    game, cutoffs, chances, regret = (freeze(side[order]) for side in rows)
    count = freeze(np.bincount(game, minlength=len(v)))
    coverage = freeze(np.concatenate([part[1] for part in parts]))
    return CutoffBatch(batch, count, game, cutoffs, chances, regret, coverage)


def _alone(batch: Games, b: int) -> CutoffGame:
    """Game ``b`` as a form of its own."""
    v, s, sign = batch.value[b], batch.slope[b], -1 if batch.first == "low" else 1
    law = Moved(batch.law, float(batch.loc[b]), float(batch.scale[b]))
    act = lambda t, k: v[k] + sign * s[k] * t  # noqa: E731
    return CutoffGame(law, {"act": act, "wait": lambda t, k: 0.0 * t * k}, len(v), batch.first)


@dataclass(frozen=True)
class Moved:
    """The law of ``loc + scale z`` where ``z`` has the law ``law``."""

    law: Any
    loc: float
    scale: float

    def cdf(self, t: Any) -> Any:
        """Chance of a type of at most ``t``."""
        return _laws.below(self.law, (np.asarray(t) - self.loc) / self.scale)

    def sf(self, t: Any) -> Any:
        """Chance of a type above ``t``."""
        return _laws.above(self.law, (np.asarray(t) - self.loc) / self.scale)

    def ppf(self, p: Any) -> Any:
        """The type with chance ``p`` below it."""
        return self.loc + self.scale * np.asarray(self.law.ppf(p), float)

    def isf(self, p: Any) -> Any:
        """The type with chance ``p`` above it."""
        p = np.asarray(p, float)
        return self.loc + self.scale * _laws.raw_quantile(self.law, 1 - p, p)

    def support(self) -> tuple[float, float]:
        """The least and the greatest type."""
        low, high = _laws.support(self.law)
        return self.loc + self.scale * low, self.loc + self.scale * high


Rows = tuple[Array, Array, Array, Array]
"""Game, cutoff, chance and regret of each equilibrium."""


def _chunk(batch: Games, start: int, stop: int) -> tuple[Rows, Array]:
    """The rows of some games, and what they promise."""
    from scipy.special import gammaln

    from gametheory.solvers import _cutoff_many as kernel
    from gametheory.solvers._cutoff_line import Line

    sign = 1.0 if batch.first == "low" else -1.0
    at, unit = batch.loc[start:stop, np.newaxis], batch.scale[start:stop, np.newaxis]
    v, s = (
        batch.value[start:stop] - sign * batch.slope[start:stop] * at,
        batch.slope[start:stop] * unit,
    )
    B, n = v.shape
    k = np.arange(n)
    ways = gammaln(n) - gammaln(k + 1) - gammaln(n - k)
    rounding = (8 * (n - 1) + 2000) * kernel.UNIT
    line = Line(lambda t: (np.zeros((len(t), 1)),) * 2, batch.law, batch.first, 0)

    def types(y: Array) -> Array:
        return sign * line.types(y)  # low types act: with first="high" the least of -z

    def test(game: Array, low: Array, high: Array) -> Array:
        verdict = np.empty(len(game), np.int8)
        ends, place = np.unique(np.concatenate([low, high]), return_inverse=True)
        t = types(ends)[place]
        kernel.test(v, s, ways, rounding, game, low, high, t[: len(low)], t[len(low) :], verdict)
        return verdict

    def values(game: Array, y: Array) -> tuple[Array, Array]:
        g, off = np.empty(len(game)), np.empty(len(game))
        kernel.values(v, s, ways, rounding, game, y, types(y), g, off)
        return g, off

    cells, undecided = _enclosed(B, line, test)
    every = np.arange(B)
    corners = [values(every, np.full(B, y)) for y in (-np.inf, np.inf)]
    none, all_act = (np.where(np.abs(g) <= off, 0, g) for g, off in corners)
    game, low, high = _clusters(*cells)
    touches = np.isinf(low) | np.isinf(high)
    a, b = np.maximum(low, -line.far[0]), np.minimum(high, line.far[1])
    empty = a >= b
    (g_a, off_a), (g_b, off_b) = values(game, a), values(game, b)
    crossing = (np.abs(g_a) > off_a) & (np.abs(g_b) > off_b) & (g_a * g_b < 0)
    narrow = b - a <= POINT * np.maximum(1, np.minimum(np.abs(a), np.abs(b)))
    deep = np.where(np.isinf(low), b, -a) <= -line_tail()
    tie = np.where(np.isinf(low), none[game], all_act[game]) == 0
    absorbed = empty | (touches & deep & tie & ~crossing)
    good = crossing & narrow & ~touches
    undecided[game[~good & ~absorbed]] = True
    game, a, b, g_a, g_b = (x[good] for x in (game, a, b, g_a, g_b))
    y = a - g_a * (b - a) / (g_b - g_a)
    z = line.types(y)
    ends = _laws.support(batch.law)[:: 1 if batch.first == "low" else -1]
    corner = [np.flatnonzero(none <= 0), np.flatnonzero(all_act >= 0)]
    game = np.concatenate([game, *corner])
    z = np.concatenate([z, *(np.full(len(c), end) for c, end in zip(corner, ends))])
    chance, regret, scale = _checked(batch, v, s, sign, game, z)
    undecided[game[regret > 1e-9 * scale]] = True
    keep = ~undecided[game]
    game, z, chance, regret = game[keep], z[keep], chance[keep], regret[keep]
    cutoffs = batch.loc[start:stop][game] + batch.scale[start:stop][game] * z
    coverage = np.full(B, Coverage.ALL_SYMMETRIC, object)
    coverage[(batch.slope[start:stop] == 0).any(axis=1)] = Coverage.ALL_SAME_CUTOFFS
    rows = [(game + start, cutoffs, chance, regret)]
    for g in np.flatnonzero(undecided).tolist():
        found = solve(_alone(batch, start + g))
        coverage[g] = found.coverage
        rows.append(
            (
                np.full(len(found), start + g),
                np.array([e.cutoffs[0, 0] for e in found]),
                np.array([e.chances[0, 0] for e in found]),
                np.array([e.certificate.regret for e in found]),
            )
        )
    game, cutoffs, chance, regret = (np.concatenate(side) for side in zip(*rows))
    return (game, cutoffs, chance, regret), coverage


def line_tail() -> float:
    """Logit beyond which cells are not halved far."""
    from gametheory.solvers._cutoff_line import TAIL

    return TAIL


def _enclosed(B: int, line: Any, test: Any) -> tuple[tuple[Array, Array, Array], Array]:
    """Narrow cells (game, low, high) outside of which there is no zero; games that are left."""
    from gametheory.solvers._cutoff_line import COARSE, TAIL

    y = line.grid()
    game = np.repeat(np.arange(B), len(y) - 1)
    low, high = np.tile(y[:-1], B), np.tile(y[1:], B)
    undecided = np.zeros(B, bool)
    done = []
    while len(game):
        verdict = test(game, low, high)
        keep = verdict > 0
        game, low, high, verdict = game[keep], low[keep], high[keep], verdict[keep]
        undecided |= np.bincount(game, minlength=B) > CELLS
        near = np.minimum(np.abs(low), np.abs(high))
        with np.errstate(invalid="ignore"):
            fine = (verdict == 2) | (high - low <= NARROW * np.maximum(1, near))
            fine |= np.isinf(low) | np.isinf(high) | ((near >= TAIL) & (high - low <= COARSE))
        done.append((game[fine], low[fine], high[fine]))
        fine |= undecided[game]
        game, low, high = game[~fine], low[~fine], high[~fine]
        middle = (low + high) / 2
        game = np.concatenate([game, game])
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    cells = tuple(np.concatenate(side) for side in zip(*done))
    keep = ~undecided[cells[0]]
    return (cells[0][keep], cells[1][keep], cells[2][keep]), undecided


def _clusters(game: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Cells of a game that touch, as one."""
    order = np.lexsort((low, game))
    game, low, high = game[order], low[order], high[order]
    if not len(game):
        return game, low, high
    fresh = np.concatenate([[True], (game[1:] != game[:-1]) | (low[1:] > high[:-1])])
    last = np.concatenate([fresh[1:], [True]])
    return game[fresh], low[fresh], high[last]


def _checked(
    batch: Games, v: Array, s: Array, sign: float, game: Array, z: Array
) -> tuple[Array, Array, Array]:
    """Chance to act, largest gain of any type, and payoff range, of each row.

    By a convolution, player by player; gains are linear in the type, so that only the ends of the
    types on either side of the cutoff matter.
    """
    below, above = _laws.below(batch.law, z), _laws.above(batch.law, z)
    p, rest = (below, above) if sign > 0 else (above, below)
    n = v.shape[1]
    W = np.zeros((len(game), n))
    W[:, 0] = 1
    for others in range(1, n):
        W[:, 1 : others + 1] = W[:, 1 : others + 1] * rest[:, None] + W[:, :others] * p[:, None]
        W[:, 0] *= rest
    mean, slope = (W * v[game]).sum(axis=1), (W * s[game]).sum(axis=1)
    middle = sign * _laws.quantile(batch.law, [0.01, 0.99], [0.99, 0.01])
    span = [v - s * t for t in middle.tolist()]
    scale = np.maximum(*span).max(axis=1) - np.minimum(*span).min(axis=1)
    with np.errstate(invalid="ignore"):
        gain = mean - slope * np.where(slope > 0, sign * z, 0)
    inner = (p > 0) & (rest > 0)
    at_end = np.where(p > 0, np.maximum(-gain, 0), np.maximum(gain, 0))
    end = np.isinf(z)  # nobody is there: any type that is expected, none gains
    far = sign * _laws.quantile(batch.law, 1e-12, 1.0), sign * _laws.quantile(batch.law, 1.0, 1e-12)
    keen, idle = min(far), max(far)
    reach = mean - slope * np.where(p > 0, idle, keen)
    at_end = np.where(end, np.where(p > 0, np.maximum(-reach, 0), np.maximum(reach, 0)), at_end)
    return p, np.where(inner, np.abs(gain), at_end), np.broadcast_to(scale, len(v))[game]

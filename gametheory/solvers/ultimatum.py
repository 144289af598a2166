"""Every optimal demand in ultimatum bargaining under private information.

Between two demands ``a < b`` the chance of a refusal and the proposer's payoffs lie between their
values at ``a`` and ``b``, since all three are monotone. So no demand there pays more than

    max over R in {R(a), R(b)} of  max(A(a), A(b)) (1 - R) + max(B(a), B(b)) R.

Cells whose bound is below the payoff of a demand that was tried hold no optimal demand and are
dropped; the others are halved. What is left in the end holds every optimal demand: corners, kinks
and ties alike, whatever the law of the types. Near a smooth maximum about the square root of 1 over
the width of the cells are left; they are one interval, and the best demand in it is listed. Where
neither payoff nor the chance of a refusal changes over an interval, its two ends are. Where U is
level though these change, no bound tells cells apart: the list is then a sample, and says so.

>>> from scipy.stats import expon
>>> from gametheory.ultimatum import Ultimatum
>>> solve(
...     Ultimatum(
...         expon(scale=0.25),
...         accept=(lambda x: x, lambda x, t: 1 - x),
...         refuse=(lambda x: 0.5, lambda x, t: 0.4 - t),
...     )
... )
1 found by ultimatum. Every equilibrium is in the list.
  0: demand 0.75: refused below 0.15, chance 0.451188
  No demand outside 0.7499137..0.7500863 pays as much; those within are listed once.
"""

from __future__ import annotations

import numpy as np

from gametheory.continuous import ActionEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.ultimatum import OfferProfile, Ultimatum

METHOD = "ultimatum"
FIRST, DEPTH = 64, 20  # cells to begin with, halvings
ALIVE = 100_000  # cells that may be left at any depth
ROUNDING = 1e-13  # of the range of the proposer's payoffs
WIDE = 1e-6  # of the demands: a narrower interval is taken for one demand
TIE = 1e-11  # of that range: tops that differ by less tie
GOLDEN = (np.sqrt(5) - 1) / 2
EPSILON = 2.0**-52


def solve(game: object, exact: bool | None = None) -> ActionEquilibria:
    """Every optimal demand of ``game``, from least to greatest, each certified.

    Where several demands are optimal the proposer may also mix between them: the list then covers
    pure strategies. Cost: some 10^5 chances of refusal, a fifth of a second. Raises ValueError for
    another form of game, and if ``exact`` is True.
    """
    if not isinstance(game, Ultimatum):
        raise ValueError(f'{METHOD}: needs an Ultimatum, not a {type(game).__name__}; use "auto"')
    if exact:
        raise ValueError("exact: private types are solved in floats; use exact=None")
    parts, unit, slack, whole = _left(game)
    tops = [_top(game, a, b, flat, slack) for a, b, flat in parts]
    best = max(top for _, top in tops)
    found: list[float] = []
    notes = []
    for (a, b, flat), (demands, top) in zip(parts, tops):
        if top < best - TIE * unit - slack:
            continue
        found += demands
        if flat:
            notes.append(f"All demands from {a:.6g} to {b:.6g} pay alike.")
    outside = ", ".join(f"{a:.7g}..{b:.7g}" for a, b, _ in parts)
    notes.append(f"No demand outside {outside} pays as much; those within are listed once.")
    if len(found) > 1:
        notes.append("The proposer may also mix between demands that pay alike.")
    coverage = Coverage.ALL if len(found) == 1 else Coverage.ALL_PURE
    if any(flat for _, _, flat in parts) and len(found) > 1:
        coverage = Coverage.EXTREME
    if not whole:
        coverage = Coverage.SAMPLE
        notes.append("So many demands pay nearly alike that the search was broken off.")
    profiles = [OfferProfile(game, x) for x in sorted(found)]
    return ActionEquilibria.proved(game, profiles, coverage, METHOD, notes)


def _left(game: Ultimatum) -> tuple[list[tuple[float, float, bool]], float, float, bool]:
    """Intervals that hold every optimal demand, which of them pay one payoff throughout; the range
    of the proposer's payoffs and what rounding makes of them; whether the search came to its end.
    """
    ends = np.linspace(0, game.most, FIRST + 1)
    a, b = _points(game, ends[:-1]), _points(game, ends[1:])
    seen = np.concatenate([a[1:3], b[1:3]])
    unit = float(np.ptp(seen))
    slack = ROUNDING * unit + 4 * EPSILON * float(np.abs(seen).max())
    best, settled = -np.inf, np.empty((2, 0))  # a settled cell pays alike throughout
    whole = True
    for depth in range(DEPTH + 1):
        most, least = _bounds(a, b)
        best = max(best, float(_value(a).max()), float(_value(b).max()))
        flat, good = most - least <= slack, most >= best - slack
        settled = np.hstack([settled, np.array([a[0], b[0]])[:, good & flat]])
        a, b = a[:, good & ~flat], b[:, good & ~flat]
        if depth == DEPTH or not a.shape[1]:
            break
        if a.shape[1] > ALIVE:
            whole = False
            break
        middle = _points(game, (a[0] + b[0]) / 2)
        a, b = np.hstack([a, middle]), np.hstack([middle, b])
    settled = settled[:, game.expected(settled[0]) >= best - slack]
    level = [p for p in _merged(settled, game.most) if p[1] - p[0] > WIDE * game.most]
    parts = [
        next(((x, y, True) for x, y in level if low <= y and x <= high), (low, high, False))
        for low, high in _merged(np.hstack([settled, [a[0], b[0]]]), game.most)
    ]
    return parts, unit, slack, whole


def _points(game: Ultimatum, x: Array) -> Array:
    """Demands, payoffs if accepted and if refused, chances of a refusal, as four rows."""
    return np.array([x, *game.outcomes(x), game.refusals(x)])


def _value(at: Array) -> Array:
    return np.asarray(at[1] * (1 - at[3]) + at[2] * at[3])


def _bounds(a: Array, b: Array) -> tuple[Array, Array]:
    """What the demands between ``a`` and ``b`` pay at most, and at least."""
    R = np.array([a[3], b[3]])
    high, low = np.maximum(a, b), np.minimum(a, b)
    most, least = (side[1] * (1 - R) + side[2] * R for side in (high, low))
    return most.max(axis=0), least.min(axis=0)


def _kinks(game: Ultimatum) -> Array:
    """Demands at which the limit leaves an end of the types: U may have a kink there."""
    found = []
    for t in game.span:
        low, high = 0.0, game.most
        accepts = bool(game.content(low, t) >= 0)
        if accepts == bool(game.content(high, t) >= 0):
            continue
        for _ in range(80):
            x = low + (high - low) / 2
            low, high = (x, high) if bool(game.content(x, t) >= 0) == accepts else (low, x)
        found.append(low if accepts else high)  # where that type still accepts
    return np.array(found)


def _merged(ends: Array, unit: float) -> list[tuple[float, float]]:
    """Intervals, given as a row of their lower and one of their upper ends; those that touch or
    nearly do become one.
    """
    a, b = ends
    order = np.argsort(a)
    parts: list[tuple[float, float]] = []
    for x, y in zip(a[order].tolist(), b[order].tolist()):
        if parts and x <= parts[-1][1] + 1e-9 * unit:
            parts[-1] = parts[-1][0], max(y, parts[-1][1])
        else:
            parts.append((x, y))
    return parts


def _top(
    game: Ultimatum, a: float, b: float, flat: bool, slack: float
) -> tuple[list[float], float]:
    """The best demand from ``a`` to ``b``, or the ends where all pay alike, and what it pays."""
    if flat:
        return [a, b][: 1 + (b > a)], float(game.expected(a))
    corners = np.array([0, game.most, *_kinks(game)])
    tried = corners[(a <= corners) & (corners <= b)].tolist()
    sharp = len(tried)
    low, high = a, b
    for _ in range(80):
        x = np.array([high - GOLDEN * (high - low), low + GOLDEN * (high - low)])
        left, right = game.expected(x)
        low, high = (low, float(x[1])) if left >= right else (float(x[0]), high)
    tried.append((low + high) / 2)
    tried += _level(game, a, b, tried[-1])
    pays = game.expected(np.array(tried))
    # Of demands whose payoffs cannot be told apart: a corner, else the one found by its slopes.
    close = np.flatnonzero(pays >= pays.max() - slack)
    pick = close[0] if close[0] < sharp else close[-1]
    return [tried[pick]], float(pays[pick])


def _level(game: Ultimatum, a: float, b: float, x: float) -> list[float]:
    """Where demands a step to both sides pay alike: nearer to a smooth top than payoffs tell."""
    step = (b - a) / 16
    low, high = max(x - step, a + step), min(x + step, b - step)
    if not low < high:
        return []

    def tilt(y: float) -> float:
        before, after = game.expected(np.array([y - step, y + step]))
        return float(after - before)

    if not tilt(low) > 0 > tilt(high):
        return []
    for _ in range(60):
        y = low + (high - low) / 2
        low, high = (y, high) if tilt(y) > 0 else (low, y)
    return [low + (high - low) / 2]

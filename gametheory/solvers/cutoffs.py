"""Equilibria in cutoffs in which players of a kind play alike.

With two actions and players alike, the chance ``p`` that a player chooses the first action is an
equilibrium iff the marginal type is indifferent, or at an end nobody or everybody wants to choose
it:

    g(p) = E[ D(t(p), k) ] = 0,  k ~ Bin(n - 1, p);    p = 0 iff g(0) <= 0;    p = 1 iff g(1) >= 0,

where ``t(p)`` is the type at the cutoff and ``D(t, k)`` its gain from the first action over the
second. The zeros are enclosed (:mod:`gametheory.solvers._cutoff_line`): outside of a few clusters,
mostly narrower than 1e-9, there is none. A cluster at whose ends ``g`` has opposite signs holds an
equilibrium, which is found to the last digits; one without is searched for a zero that touches; one
on which ``g`` is zero throughout is a continuum, and its two ends are listed. Chances that differ
from 0 or 1 by less than some 1e-12 are told apart by signs at many points only.

Where gains are strictly monotone in the own type, every best reply is by a cutoff whatever the
others do, so that the symmetric equilibria in cutoffs are all symmetric ones: ALL_SYMMETRIC; else
ALL_SAME_CUTOFFS. That gains are monotone was looked at on a grid of quantiles when the game was
built: a gain that rises between two of them is not seen.

Kinds of players, three actions or more: :mod:`gametheory.solvers.cutoffs_all` and
:mod:`gametheory.solvers._cutoff_cells`.

>>> from scipy.stats import uniform
>>> from gametheory.cutoff import CutoffGame
>>> solve(CutoffGame(
...     uniform(), {"join": lambda t, k: 1.0 * (k >= 2) - t, "wait": lambda t, k: 1.0 * (k >= 3)},
...     n=10,
... ))
3 found by cutoffs. Every equilibrium in which all players mix alike is in the list; others were
not sought.
  0: Player 1 ... Player 10: always wait
  1: Player 1 ... Player 10: join < 0.0358719 < wait
  2: Player 1 ... Player 10: join < 0.281786 < wait
  Zeros of the gain of the marginal type are told apart if their logits differ by 1e-10.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gametheory import _laws
from gametheory.cutoff import CutoffForm, CutoffGame, CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria, certify_cutoffs
from gametheory.equilibrium import Coverage
from gametheory.game import Array, show
from gametheory.solvers._cutoff_line import Cluster, Line, chance

METHOD = "cutoffs"
POINT = 1e-6  # width of a cluster, in logits or relative to them, that is taken for one equilibrium
SAMPLES = 257  # points at which a wider one is looked at
WIDE = 1e-4  # chance between the ends of a cluster beyond which the list is no longer complete
CORNER = 18.0  # logit beyond which a gain of zero is that at the corner
RUN = 5  # points with a gain of zero, one after the other, that make a continuum,
SPAN = 1e-4  # if their logits span so much, or so much of the logit


def solve(game: object, exact: bool | None = None) -> CutoffEquilibria:
    """The equilibria in cutoffs of ``game`` in which players of a kind play alike.

    In order of the chance of the first action. Cost: 15 ms for two players alike, 40 ms for 1,000.
    Raises ValueError for a game of another form and if ``exact`` is True.
    """
    check(game, exact, METHOD)
    assert isinstance(game, CutoffForm)
    if not isinstance(game, CutoffGame):
        return _on_a_grid(game)
    if len(set(game.kinds)) > 1:
        from gametheory.solvers.cutoffs_all import by_class

        return by_class(game, game.kinds, METHOD)
    if len(game.actions) > 2:
        from gametheory.solvers import _cutoff_cells

        return _cutoff_cells.solve(game, METHOD)
    return _symmetric(game)


def check(game: object, exact: bool | None, method: str) -> None:
    """Raises ValueError for a game that is not played by cutoffs and if ``exact`` is True."""
    if not isinstance(game, CutoffForm):
        raise ValueError(f'{method}: needs a CutoffGame, not a {type(game).__name__}; use "auto"')
    if exact:
        raise ValueError("exact: types are continuous and solved in floats; use exact=None")


@dataclass
class Roots:
    """Cutoffs at which the marginal type is indifferent, and what is to be said of them."""

    cutoffs: list[tuple[float, int | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complete: bool = True
    continuum: bool = False


def _symmetric(game: CutoffGame) -> CutoffEquilibria:
    line = line_of(game)
    found = roots(line, game.actions[0])
    low, high = corners(line)
    first, last = line.corners
    cutoffs = [(first, 1 if low < 0 else None)] if low <= 0 else []
    cutoffs += sorted(found.cutoffs, key=lambda one: one[0], reverse=game.first == "high")
    cutoffs += [(last, 1 if high > 0 else None)] if high >= 0 else []
    if found.continuum:
        coverage = Coverage.ENDS_OF_SAME_CUTOFFS
    else:
        coverage = Coverage.ALL_SYMMETRIC if game.strict else Coverage.ALL_SAME_CUTOFFS
    if not found.complete:
        coverage = Coverage.SAMPLE if cutoffs else Coverage.UNKNOWN
    kept = dict(reversed(cutoffs))
    profiles = [CutoffProfile(game, [c]) for c in reversed(kept)]
    indices = list(reversed(kept.values()))
    return CutoffEquilibria.proved(game, profiles, coverage, METHOD, found.notes, indices)


def line_of(game: CutoffGame, one: int = 0, other: int = 1) -> Line:
    """The gain of the marginal type between two actions, if all choose one of these."""
    N, m = len(game.players) - 1, len(game.actions)
    k = np.arange(N + 1)
    counts = [k if a == one else N - k if a == other else 0 * k for a in range(m - 1)]

    def gains(t: Array) -> tuple[Array, Array]:
        f, g = (game.outcome(0, a, t, counts) for a in (one, other))
        return f - g, np.abs(f) + np.abs(g)

    return Line(gains, game.types[0], game.first, N)


def corners(line: Line) -> tuple[float, float]:
    """The gain of the keenest type if nobody acts, of the least keen if all others do.

    Zero where it is as far as can be told.
    """
    g, off = line.values(np.array([-np.inf, np.inf]))
    low, high = np.where(np.abs(g) <= off, 0, g).tolist()
    return low, high


def roots(line: Line, action: str) -> Roots:
    """Every interior zero of the gain along ``line``."""
    found = Roots()
    width = 0.0
    for cluster in line.clusters():
        low, high = max(cluster.low, -line.far[0]), min(cluster.high, line.far[1])
        if low >= high:
            continue
        if high - low <= POINT * max(1.0, min(abs(low), abs(high))):
            width = max(width, high - low)
            _point(line, low, high, found, action)
        else:
            _wide(line, cluster, found, action)
    if width:
        found.notes.insert(
            0,
            "Zeros of the gain of the marginal type are told apart if their logits differ by "
            f"{10.0 ** math.ceil(math.log10(width)):.0e}.",
        )
    return found


def _point(line: Line, low: float, high: float, found: Roots, action: str) -> None:
    """A narrow cluster: one equilibrium if the signs at its ends differ, or if the gain touches."""
    y = np.linspace(low, high, 9)
    g, off = line.values(y)
    if g[0] * g[-1] < 0:
        found.cutoffs.append((root(line, low, high), 1 if g[0] > 0 else -1))
        return
    best = int(np.abs(g).argmin())
    if abs(g[best]) <= 10 * off[best]:
        _touching(line, float(y[best]), found, action)
    else:
        found.notes.append(
            f"Where {action!r} has the chance {_shown(y[best])}, the gain of the marginal type "
            f"comes within {abs(g[best]):.2g} of zero; no equilibrium was found there."
        )


def _touching(line: Line, y: float, found: Roots, action: str) -> None:
    found.cutoffs.append((float(line.types(np.array([y]))[0]), None))
    found.notes.append(
        f"Where {action!r} has the chance {_shown(y)}, the gain of the marginal type touches zero, "
        "or misses it by less than can be told: there may be two equilibria, one or none."
    )


def _shown(y: float) -> str:
    return show(float(chance(np.array([y]))[0][0]))


def _wide(line: Line, cluster: Cluster, found: Roots, action: str) -> None:
    """A cluster that is not narrow: signs at many points, and what lies between them."""
    low, high = max(cluster.low, -line.far[0]), min(cluster.high, line.far[1])
    y = np.linspace(low, high, SAMPLES)
    g, off = line.values(y)
    zero = np.abs(g) <= 2 * off
    for start, stop in _runs(zero):
        span = y[stop - 1] - y[start]
        if np.isinf(cluster.low) and y[stop - 1] < -CORNER:
            continue
        if np.isinf(cluster.high) and y[start] > CORNER:
            continue
        if stop - start < RUN or span < SPAN * max(1.0, abs(float(y[start]))):
            if start > 0 and stop < SAMPLES and g[start - 1] * g[stop] > 0:
                _touching(line, float(y[(start + stop - 1) // 2]), found, action)
            continue
        inner = start > 0, stop < SAMPLES
        a = _edge(line, y[start - 1], y[start]) if inner[0] else cluster.low
        b = _edge(line, y[stop], y[stop - 1]) if inner[1] else cluster.high
        _continuum(line, a, b, found)
    sure = np.flatnonzero(~zero)
    signs = np.sign(g[sure])
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    for j in changes:
        if sure[j + 1] - sure[j] <= RUN:
            a, b = float(y[sure[j]]), float(y[sure[j + 1]])
            found.cutoffs.append((root(line, a, b), 1 if signs[j] > 0 else -1))
    if not len(changes) and len(sure) and not zero.any():
        _closest(line, y, g, found, action)
    if not cluster.resolved and len(sure):
        a, b = (float(x) for x in chance(np.array([low, high]))[0])
        found.complete &= b - a <= WIDE
        found.notes.append(
            f"Between the chances {show(a)} and {show(b)} of {action!r} equilibria were sought by "
            f"signs at {SAMPLES} points: bounds leave it open whether there are more."
        )


def _closest(line: Line, y: Array, g: Array, found: Roots, action: str) -> None:
    """Where the gain keeps its sign: the point at which it is nearest to zero."""
    from scipy.optimize import minimize_scalar

    sign, best = float(np.sign(g[0])), int(np.abs(g).argmin())
    if best in (0, len(y) - 1):
        return
    a, b = float(y[best - 1]), float(y[best + 1])
    at = minimize_scalar(
        lambda x: sign * float(line.values(np.array([x]))[0][0]),
        bounds=(a, b),
        method="bounded",
        options={"xatol": 1e-12},
    )
    middle = float(at.x)
    value, off = (float(x[0]) for x in line.values(np.array([middle])))
    if sign * value < -2 * off:
        found.cutoffs.append((root(line, a, middle), int(sign)))
        found.cutoffs.append((root(line, middle, b), -int(sign)))
    else:
        width = 1e-9
        _point(line, middle - width, middle + width, found, action)


def _continuum(line: Line, a: float, b: float, found: Roots) -> None:
    """Adds the ends of a continuum, which may be corners."""
    ends = np.where(np.isinf([a, b]), line.corners, line.types(np.array([a, b]))).tolist()
    found.continuum = True
    found.cutoffs += [(c, None) for c in ends]
    least, most = sorted(ends)
    found.notes.append(
        f"Every cutoff from {show(least)} to {show(most)} is an equilibrium: the marginal type is "
        f"indifferent at each of {SAMPLES} points."
    )


def _edge(line: Line, outside: float, inside: float) -> float:
    """The end of a continuum between a logit out of it and one in it."""
    for _ in range(60):
        middle = (outside + inside) / 2
        g, off = line.values(np.array([middle]))
        if abs(g[0]) <= 2 * off[0]:
            inside = middle
        else:
            outside = middle
    return inside


def _runs(flags: Array) -> list[tuple[int, int]]:
    """Start and stop of each run of True."""
    steps = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    return list(zip(np.flatnonzero(steps > 0).tolist(), np.flatnonzero(steps < 0).tolist()))


def root(line: Line, low: float, high: float) -> float:
    """The cutoff between two logits with opposite signs of the gain, to the last digits."""
    a, b = (float(c) for c in line.types(np.array([low, high])))
    return crossing(line.at, a, b)


def crossing(f: Callable[[float], float], a: float, b: float) -> float:
    """A zero of ``f`` between ``a`` and ``b``; the end nearer to zero if the signs are equal."""
    from scipy.optimize import brentq

    at_a, at_b = f(a), f(b)
    if at_a * at_b >= 0:
        return a if abs(at_a) <= abs(at_b) else b
    return float(brentq(f, a, b, xtol=1e-300, rtol=4 * 2.0**-52, maxiter=2000))


def _on_a_grid(game: CutoffForm) -> CutoffEquilibria:
    """Symmetric equilibria of a form that says no more than what types expect: a SAMPLE."""
    if len(set(game.kinds)) > 1 or len(game.actions) > 2:
        raise ValueError(
            f"{METHOD}: {game!r} has unequal players or more than two actions; "
            "this is solved for a CutoffGame only"
        )
    n = len(game.players)

    def gain(c: float) -> float:
        u = game.interim(0, np.array([c]), np.full((n, 1), c))
        return float(u[0, 0] - u[0, 1])

    t = _laws.quantile(game.types[0], *_laws.grid()).tolist()
    values = [gain(c) for c in t]
    pairs = zip(t, t[1:], values, values[1:])
    found = [crossing(gain, a, b) for a, b, u, v in pairs if u * v < 0 or v == 0]
    low, high = _laws.support(game.types[0])
    profiles = [CutoffProfile(game, [c]) for c in dict.fromkeys((low, *found, high))]
    kept = [p for p in profiles if certify_cutoffs(p).holds()]
    coverage = Coverage.SAMPLE if kept else Coverage.UNKNOWN
    return CutoffEquilibria.proved(game, kept, coverage, METHOD)

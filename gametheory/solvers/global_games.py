"""Equilibria of a :class:`~gametheory.global_game.GlobalGame` in cutoffs of signals.

Write g(c) = pi(c; c) for the gain at a cutoff that all use, oriented so that high signals choose
the first action. All same-cutoff equilibria are roots of g or one of the corners.

* With an improper prior the law of the count at the cutoff does not depend on it, and the gain
  rises in the state: g rises, and has one root or none. If it also rises in the count and somebody
  always joins and always stays out, no other equilibrium exists, in cutoffs or not: the least and
  the greatest one are in cutoffs, and shifting one onto the other would raise a gain that is zero
  (Frankel, Morris and Pauzner 2003, Journal of Economic Theory 108(1): 1-44).
* With a proper prior and noise whose density is log-concave, pi(x; c) rises in x and falls in c, so
  pi(a; b) <= g <= pi(b; a) on [a, b]. Intervals where a bound excludes zero are dropped, the others
  halved, to 2^-18 of the span between signals at which an action is dominant. On what is left g is
  looked at at 33 points: a run on which it rises or falls throughout has one root. If gains fall
  in k somewhere, bounds use the nearest gains above and below that rise.

Players who differ: :mod:`gametheory._contagion`.

>>> import math
>>> from scipy.stats import norm
>>> from gametheory.global_game import GlobalGame
>>> crisis = GlobalGame(
...     {"attack": lambda x, A: (A >= x) - 0.5, "wait": lambda x, A: 0 * x},
...     n=math.inf, prior=norm(0.5, 3**-0.5), first="low", jumps=lambda x, A: A - x,
... )
>>> [round(float(e.cutoffs[0, 0]), 6) for e in solve(crisis)]
[-0.939143, 0.5, 1.939143]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gametheory import _laws
from gametheory._beliefs import Beliefs, log_concave
from gametheory.cutoff import CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array, show
from gametheory.global_game import GlobalGame
from gametheory.solvers._unequal import METHOD, only_equilibria, proved, unequal

HALVINGS, START, MOST, WIDER = 14, 32, 1024, 8
POINTS, SECTIONS = 33, 6  # at which g is looked at in what bounds leave; and again about a root
FAR = 2.0**60
ROUNDING = 1e-13


def solve(game: object, exact: bool | None = None) -> CutoffEquilibria:
    """Equilibria of ``game`` in cutoffs, from the least to the greatest cutoff.

    Players alike: all same-cutoff equilibria, corners ("nobody", "everybody") included. Cost, half
    of it or more for certificates: some 20 ms for ten players and an improper prior, 0.3 s for
    1,000; 50 to 100 ms for a continuum with a normal prior, 0.3 s for ten players where prior and
    noise are not both normal; 1 to 3 s for 20 players who differ. Raises ValueError for a game of
    another form and if ``exact`` is True.
    """
    if not isinstance(game, GlobalGame):
        raise ValueError(f'{METHOD}: needs a GlobalGame, not a {type(game).__name__}; use "auto"')
    if exact:
        raise ValueError("exact: signals are continuous and solved in floats; use exact=None")
    if set(game.kinds) != {0}:
        return unequal(game)
    beliefs = Beliefs(game)
    ends = _ends(beliefs) if game.prior is not None else (-np.inf, np.inf)
    roots, whole, notes = _flat(beliefs) if game.prior is None else _curved(beliefs, ends)
    sign, n = beliefs.sign, len(game.players)
    corners = [sign * worth * np.inf for worth in (1, -1) if _corner(beliefs, worth, ends)]
    cutoffs = sorted([*corners, *(sign * c for c in roots)])
    profiles = [CutoffProfile(game, np.full((n, 1), c)) for c in cutoffs]
    notes += _warnings(game, corners)
    coverage = Coverage.ALL_SAME_CUTOFFS if whole else Coverage.SAMPLE
    if not (game.supermodular and (game.prior is None or log_concave(game.noise))):
        return only_equilibria(game, profiles, coverage, notes)
    if whole and len(profiles) == 1:
        coverage = Coverage.ALL
        notes.append("Gains rise in the state and in the count: the only equilibrium of any kind.")
    return proved(game, profiles, coverage, notes)


def _warnings(game: GlobalGame, corners: list[float]) -> list[str]:
    """What keeps the limit from selecting one equilibrium."""
    notes = []
    fall, first = game.fall(), game.actions[0]
    if fall:
        notes.append(
            f"At theta = {show(fall[0])} the gain from {first!r} falls as others who choose it "
            f"rise from {fall[1]:g} to {fall[2]:g}: the game is not supermodular, and may have "
            "equilibria in which players alike use different cutoffs."
        )
    if corners and game.prior is None:
        notes.append(
            f"There is no state at which {first!r} pays, or does not pay, whatever others do at "
            "one end: a corner is an equilibrium for every noise."
        )
    return notes


def _corner(beliefs: Beliefs, worth: int, ends: tuple[float, float]) -> bool:
    """Whether nobody (``worth`` 1), or everybody (-1), at the first action is an equilibrium.

    So it is if no state makes the others' action pay; with a prior, if no signal looked at does.
    """
    game = beliefs.game
    count = 0.0 if worth > 0 else (1.0 if game.continuum else float(game.n) - 1)
    with np.errstate(all="ignore"):
        known = worth * game.gain(0, game.states, np.full(len(game.states), count))
    if (known <= 0).all():
        return True
    if game.prior is None:
        return False
    types = np.append(beliefs.sign * _laws.quantile(game.types[0], *_laws.grid()), ends)
    own = worth * beliefs.gain(types, np.full(len(types), worth * np.inf))
    return bool((own <= ROUNDING * np.abs(own).max()).all())


def _ends(beliefs: Beliefs) -> tuple[float, float]:
    """Oriented signals between which cutoffs are sought: quantiles of 2^-40, or farther out.

    As far as an action becomes dominant, where posteriors are known laws at any signal.
    """
    p = np.array([2.0**-40, 1 - 2.0**-40])
    types = beliefs.game.types[0]
    low, high = sorted((beliefs.sign * _laws.quantile(types, p, p[::-1])).tolist())
    step = high - low
    everybody = _single(lambda x: beliefs.gain(x, np.array(-np.inf)))
    nobody = _single(lambda x: beliefs.gain(x, np.array(np.inf)))
    for _ in range(WIDER if beliefs.known else 0):
        low = low if everybody(low) < 0 else low - step
        high = high if nobody(high) > 0 else high + step
        step *= 2
    return low, high


def _flat(beliefs: Beliefs) -> tuple[list[float], bool, list[str]]:
    """The root of a rising g, whether that is all, and notes."""
    game = beliefs.game
    g = _single(beliefs.diagonal)
    low, high = sorted(beliefs.sign * x for x in game.window)
    step = high - low or 1.0
    while g(low) >= 0 and low > -FAR:
        low, step = low - step, 2 * step
    while g(high) <= 0 and high < FAR:
        high, step = high + step, 2 * step
    if not g(low) < 0 < g(high):
        return [], True, []
    root = _zero(g, low, high)
    near = 1e-6 * (beliefs.sigma * game.noise.spread)
    if g(root - near) < 0 < g(root + near):
        return [root], True, []
    return (
        [root],
        False,
        [f"The gain is flat about {show(beliefs.sign * root)}: a continuum of cutoffs may do."],
    )


def _curved(beliefs: Beliefs, ends: tuple[float, float]) -> tuple[list[float], bool, list[str]]:
    """The roots of g between signals at which an action is dominant, and so on."""
    game, notes, whole = beliefs.game, [], True
    if not (game.continuum or game.supermodular):
        bounds = 1
    elif game.supermodular:
        bounds = 0
    else:
        whole, bounds = False, 0
        notes.append("Gains fall in the share somewhere: what lies between points is not proved.")
    if not log_concave(game.noise):
        whole = False
        notes.append(
            "The density of the noise is not log-concave: a higher signal need not mean a higher "
            "state, and what lies between points is not proved."
        )
    low, high = ends
    low, closed_low = _bound(lambda x: beliefs.gain(x, np.array(-np.inf), bounds), low, high, 0)
    high, closed_high = _bound(lambda x: beliefs.gain(x, np.array(np.inf), -bounds), low, high, 1)
    if not (closed_low and closed_high) and not np.isfinite(np.array(game.ends)).all():
        whole = False
        notes.append(
            "At one end no signal makes an action dominant: cutoffs where fewer than one signal in "
            "10^12 lies were not sought."
        )
    a = np.linspace(low, high, START + 1)
    cells = np.column_stack([a[:-1], a[1:]])
    for level in range(HALVINGS):
        left, right = cells.T
        if bounds:
            least, most = beliefs.gain(left, right, -1), beliefs.gain(right, left, 1)
        else:
            both = np.concatenate([left, right]), np.concatenate([right, left])
            least, most = np.split(beliefs.gain(*both), 2)
        cells = cells[(least <= 0) & (most >= 0)]
        if (
            level == HALVINGS - 1 or len(cells) > MOST
        ):  # no bound of a gain that falls excludes more
            break
        middle = cells.mean(axis=1)
        halves = [cells[:, 0], middle], [middle, cells[:, 1]]
        cells = np.concatenate([np.column_stack(half) for half in halves])
    runs: list[list[float]] = []
    for a0, b0 in sorted(cells.tolist()):
        if runs and a0 <= runs[-1][1] + 1e-12 * (high - low):
            runs[-1][1] = b0
        else:
            runs.append([a0, b0])
    roots: list[float] = []
    for a0, b0 in runs:
        x = np.linspace(a0, b0, POINTS)
        y = beliefs.diagonal(x)
        change = np.flatnonzero(y[:-1] * y[1:] < 0)
        roots += _zeros(beliefs.diagonal, x[change], x[change + 1]).tolist()
        roots += x[y == 0].tolist()
        slope = np.sign(np.diff(y))
        if not (slope == slope[0]).all() or slope[0] == 0:
            whole = False
            notes.append(
                f"Between {show(beliefs.sign * a0)} and {show(beliefs.sign * b0)} the gain touches "
                "zero, or nearly: there may be more equilibria, or fewer."
            )
    if whole:
        widest = max((b0 - a0 for a0, b0 in runs), default=0.0)
        notes.append(f"Bounds exclude other same cutoffs farther than {show(widest)} from these.")
    return roots, whole, notes


def _bound(f: Callable[[Array], Array], low: float, high: float, side: int) -> tuple[float, bool]:
    """A point beside the root of a rising ``f``, below (side 0) or above it; whether there is one.

    The end of the span if there is none.
    """
    for _ in range(2):
        x = np.linspace(low, high, POINTS)
        y = f(x)
        if not y[0] < 0 < y[-1]:
            return (low, high)[side], False
        last = int((y < 0).nonzero()[0].max())
        low, high = float(x[last]), float(x[last + 1])
    return (low, high)[side], True


def _zeros(f: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """A root of ``f`` between each ``low`` and ``high``, where signs differ, all at once."""
    if not len(low):
        return low
    rows, steps = np.arange(len(low)), np.linspace(0, 1, POINTS)
    for _ in range(SECTIONS):
        x = low[:, np.newaxis] + (high - low)[:, np.newaxis] * steps
        y = f(x.ravel()).reshape(x.shape)
        at = (np.sign(y) == -np.sign(y[:, :1])).argmax(axis=1) - 1
        at = np.maximum(at, 0)
        low, high, u, v = x[rows, at], x[rows, at + 1], y[rows, at], y[rows, at + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        root = low - u * (high - low) / (v - u)
    return np.where(np.isfinite(root), root.clip(low, high), low)


def _single(f: Callable[[Array], Array]) -> Callable[[float], float]:
    return lambda x: float(f(np.array([x]))[0])


def _zero(f: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(f, low, high, xtol=1e-300, rtol=8.9e-16))

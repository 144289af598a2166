"""Every equilibrium of an :class:`~gametheory.aggregative.AggregativeGame`, by its aggregate.

``X > 0`` is the aggregate of an equilibrium iff the shares ``s_i(X)`` add up to one (Cornes &
Hartley 2005, 2007), and 0 is iff every replacement function is zero there. What a list of them
promises depends on what is known of the replacement functions ``r_i``:

* *falling shares*: their sum falls strictly from above one to below it, so that it crosses one
  once. In the forms given, payoffs are besides strictly concave in the own action, so that the best
  reply to anything the others do, mixed strategies included, is one action, and the equilibrium is
  the only one: ALL. Where shares fall as stated by the user, no other is pure: ALL_PURE.
* *rising replacements* (strategic complements): between ``a`` and ``b`` the sum ``R`` of all
  ``r_i`` stays between ``R(a)`` and ``R(b)``, so that no equilibrium lies there unless these two
  overlap the interval. Halving the others leaves narrow brackets around all roots: ALL_PURE, except
  that aggregates closer than 1e-9 of the largest are listed once; UNKNOWN if a bracket stays wide
  (a continuum, or a root that only touches).
* *jumping* (contests with increasing returns): for each set of players who make an effort, the one
  aggregate at which they are content: ALL_PURE. Equilibria in mixed strategies often exist besides.
* *unknown*: changes of sign on a grid: a SAMPLE, and UNKNOWN if there is none.

Each is certified by a search over the own actions of every player.

>>> from gametheory.aggregative import PublicGood
>>> solve(PublicGood(w=[10, 6, 4, 2], alpha=[0.5, 0.7, 0.8, 0.9]))
1 found by shares. Every equilibrium is in the list.
  0: Player 1: 2.1138; Player 2: 2.6202; Player 3: 2.02845; Player 4: 1.12376; aggregate 7.8862
  Each replacement function is nonincreasing, so each share falls strictly where positive; payoffs
  are strictly concave in the own contribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise

import numpy as np

from gametheory.actions import ActionProfile
from gametheory.aggregative import AggregativeGame, Contest
from gametheory.continuous import ActionEquilibria, certify_actions
from gametheory.equilibrium import CertificateError, Coverage

METHOD = "shares"
EPSILON = 2.0**-52
DEPTH = 40  # halvings of the range of the aggregate, for rising replacements
WIDE = 1e-9  # of that range: brackets wider than this are not taken for one equilibrium
SETS = 500  # sets of active players that are tried in a contest with increasing returns
ALIVE = 2000  # intervals that may be left at any depth: more are a continuum


def solve(game: object, exact: bool | None = None) -> ActionEquilibria:
    """Every equilibrium of ``game``, by aggregate from least to greatest.

    Cost: about 20 evaluations of the shares of all players and 120 of their payoffs, for the
    certificate; a few hundred of the shares where replacements rise. A million unequal players take
    seconds. Raises ValueError for a game that is not aggregative, if ``exact`` is True, and where
    the shares contradict what is stated of them.
    """
    if not isinstance(game, AggregativeGame):
        raise ValueError(
            f'{METHOD}: needs an AggregativeGame, not a {type(game).__name__}; use "auto"'
        )
    if exact:
        raise ValueError("exact: continuous actions are solved in floats; use exact=None")
    if isinstance(game, Contest) and game.monotone == "jumping":
        return _jumping(game)
    return {"falling": _falling, "rising": _rising}.get(game.monotone, _sampled)(game)


def _falling(game: AggregativeGame) -> ActionEquilibria:
    """The aggregate at which the shares add up to one, and zero if nobody wants to begin."""
    seen: dict[float, float] = {}

    def excess(X: float) -> float:
        seen[X] = float(game.shares(X).sum()) - 1
        return seen[X]

    high = low = _most(game)
    while low > 0 and excess(low) < 0:
        high, low = low, low / 8
    X = _root(excess, low, high) if low > 0 else None
    for a, b in pairwise(sorted(seen)):
        if seen[b] > seen[a] + 1e-9 * (1 + abs(seen[a])):
            raise ValueError(
                f"monotone: the shares add up to {seen[a] + 1:.6g} at the aggregate {a:.6g} and to "
                f'{seen[b] + 1:.6g} at {b:.6g}, so they do not fall; use "unknown"'
            )
    aggregates = [0.0] * _idle(game) + ([] if X is None else [X])
    coverage = Coverage.ALL if game.because else Coverage.ALL_PURE
    because = game.because or "As stated: each share falls strictly where it is positive."
    return _proved(game, aggregates, coverage, [because])


def _rising(game: AggregativeGame) -> ActionEquilibria:
    """The roots of ``R(X) = X`` for a nondecreasing ``R``: brackets that no bound excludes."""
    total = _most(game)
    R: dict[float, float] = {}

    def excess(X: float) -> float:
        if X not in R:
            R[X] = float(game.impact(game.replacement(X)).sum())
        return R[X] - X

    slack = 1e-14 * total
    alive = [(0.0, total)]
    if np.isnan(excess(0.0)):
        raise ValueError("replacement(0) is not a number; where replacements rise it must be one")
    for _ in range(DEPTH):
        halves = [p for a, b in alive for p in ((a, (a + b) / 2), ((a + b) / 2, b))]
        for a, b in halves:
            if excess(b) + b < excess(a) + a - slack:
                raise ValueError(
                    f"monotone: the replacements add up to {R[a]:.6g} at the aggregate {a:.6g} and "
                    f'to {R[b]:.6g} at {b:.6g}, so they do not rise; use "unknown"'
                )
        alive = [(a, b) for a, b in halves if R[b] >= a - slack and R[a] <= b + slack]
        if len(alive) > ALIVE:
            break
    found, wide = [], []
    for a, b in _merged(alive):
        crossing = excess(a) * excess(b) <= 0
        X = _root(excess, a, b) if crossing else (a + b) / 2
        if b - a > WIDE * total or not crossing:
            wide.append((a, b))
            if not certify_actions(_profile(game, X)).holds():
                continue
        found.append(X)
    notes = [game.because or "As stated: each replacement function rises."]
    notes += [
        f"Not resolved: equilibria with aggregates from {a:.12g} to {b:.12g}." for a, b in wide
    ]
    return _proved(game, found, Coverage.UNKNOWN if wide else Coverage.ALL_PURE, notes)


def _jumping(game: Contest) -> ActionEquilibria:
    """Each set of players who may be the active ones, and the aggregate at which they are."""
    found, complete = [], True
    for tried, active in enumerate(_active_sets(game)):
        if tried == SETS:
            complete = False
            break
        X = _aggregate(game, active)
        if X is not None:
            x = np.zeros(len(game.V))
            part = Contest(game.V[active], game.r)
            x[active] = part.replacement(X)
            found.append(ActionProfile(game, np.minimum(x, game.upper)))
    found.sort(key=lambda profile: profile.aggregate)
    coverage = Coverage.ALL_PURE
    notes = ["Beyond r = 1 the share of an active player is at least 1 - 1/r, so that few are."]
    if not complete:
        coverage = Coverage.SAMPLE if found else Coverage.UNKNOWN
        notes.append(f"Only the first {SETS} sets of active players were tried.")
    return ActionEquilibria.proved(game, found, coverage, METHOD, notes)


def _active_sets(game: Contest) -> Iterator[list[int]]:
    """Sets that leave out nobody who would enter: by least value of a member, from the largest.

    At most ``r / (r - 1)`` are active, for their shares add up to one. Whoever values the prize
    more than ``r^(1/r)`` times as much as a member is active: the aggregate is at most the member's
    ``X_i``, below his ``X_j / r``.
    """
    V, r = game.V, game.r
    order = np.argsort(-V, kind="stable")
    most = int(r / (r - 1) + 1e-9)
    for p, last in enumerate(order.tolist()):
        ahead = order[:p]
        must = V[ahead] > r ** (1 / r) * V[last] * (1 + 1e-12)
        forced, free = ahead[must].tolist(), ahead[~must].tolist()
        if len(forced) >= most or most < 2:
            return
        for k in range(min(most - len(forced), len(free) + 1)):
            if len(forced) + k > 0:
                for more in combinations(free, k):
                    yield [*forced, *more, last]


def _aggregate(game: Contest, active: list[int]) -> float | None:
    """The aggregate at which the shares of the ``active`` add up to one and nobody else enters."""
    part = Contest(game.V[active], game.r)

    def excess(X: float) -> float:
        return float(part.shares(X).sum()) - 1

    high = low = float(part.contentment.min())
    if excess(high) > 1e-12:
        return None
    while excess(low) < 0:
        high, low = low, low / 8
    X = _root(excess, low, high)
    enters = np.delete(game.contentment, active) * (1 - 1e-12) > game.r * X
    return None if enters.any() else X


def _sampled(game: AggregativeGame) -> ActionEquilibria:
    """Roots between the points of a grid where the sum of replacements crosses the aggregate."""

    def excess(X: float) -> float:
        return float(game.impact(game.replacement(X)).sum()) - X

    total = _most(game)
    grid = total * np.union1d(np.linspace(0, 1, 513)[1:], 0.5 ** np.arange(9, 60))
    values = [excess(X) for X in grid.tolist()]
    found = [0.0] * _idle(game)
    for (a, u), (b, v) in pairwise(zip(grid.tolist(), values)):
        if v == 0 or u * v < 0:
            X = b if v == 0 else _root(excess, a, b)
            if certify_actions(_profile(game, X)).holds():
                found.append(X)
    return _proved(game, found, Coverage.SAMPLE if found else Coverage.UNKNOWN, [])


def _most(game: AggregativeGame) -> float:
    """The aggregate if all do as much as they can."""
    return float(game.impact(game.upper).sum())


def _idle(game: AggregativeGame) -> bool:
    """Whether nobody wants to begin: to do nothing is each one's best reply to nothing."""
    with np.errstate(all="ignore"):
        return bool((game.replacement(np.float64(0)) == 0).all())


def _profile(game: AggregativeGame, X: float) -> ActionProfile:
    return ActionProfile(game, np.minimum(game.replacement(X), game.upper))


def _root(f: Callable[[float], float], a: float, b: float) -> float:
    """A root of ``f`` between ``a`` and ``b``, to the last bits; ``b`` if there is no room."""
    if a == b or f(b) == 0:
        return b
    from scipy.optimize import brentq

    return float(brentq(f, a, b, xtol=1e-300, rtol=4 * EPSILON))


def _merged(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The intervals, in order, those that touch made one."""
    joined: list[tuple[float, float]] = []
    for a, b in intervals:
        if joined and a == joined[-1][1]:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return joined


def _proved(
    game: AggregativeGame, aggregates: list[float], coverage: Coverage, notes: list[str]
) -> ActionEquilibria:
    """The certified set. A payoff that contradicts a replacement that was given is its giver's."""
    profiles = [_profile(game, X) for X in aggregates]
    try:
        return ActionEquilibria.proved(game, profiles, coverage, METHOD, notes)
    except CertificateError as error:
        if game.because:
            raise
        raise ValueError(f"replacement: {error}; see that it is the best reply") from None

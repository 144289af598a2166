"""One equilibrium of a two-player game, sought where few actions are played first.

Large random games have equilibria with small supports nearly always: a pure one with probability
``1 - 1/e`` in the limit, and on average some ``h^2`` in which each player mixes two actions, where
``h``, the number of pairs that some mixture of two actions makes best replies, grows like ``log n``
for uniform payoffs. Looking there first is faster than any path (Porter, Nudelman & Shoham 2008,
Games and Economic Behavior 63: 642-662). Next come the short paths of Lemke and Howson, and then
the opposite end, the support of all actions of a square game: games all of whose paths are
exponentially long have it (Savani & von Stengel 2006). What is left goes to
:mod:`gametheory.solvers.lemke_howson`.

Floats say only which actions to try. In exact games the mixtures are solved for in rational
numbers; every equilibrium is certified.

Cost: two pure actions take three passes over the payoffs, pairs up to ``m^2 n / 2`` comparisons for
the smaller ``m`` of both numbers of actions: 0.04 s at 500 x 500.
"""

from __future__ import annotations

import numpy as np

from gametheory.equilibrium import EquilibriumSet
from gametheory.game import Game, Profile
from gametheory.solvers import lemke_howson
from gametheory.solvers._small_supports import least
from gametheory.solvers._tableau import two_players
from gametheory.solvers._worthwhile import worthwhile

TRIES = 8
"""Supports found in floats that may fail their exact certificate before others are tried."""
SHORT = 1e8
"""Work on short paths before all actions are tried: see :mod:`gametheory.solvers.lemke_howson`."""
NAME = "small-supports"


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """One equilibrium of a two-player game, a pure one if floats can tell it.

    ``SAMPLE``; an empty list, ``UNKNOWN``, only if every budget of the Lemke-Howson paths ends.

    >>> chicken = Game.from_payoffs([[3, 2], [4, 0]], [[3, 4], [2, 0]])
    >>> solve(chicken)
    1 found by small-supports. Some equilibria; there may be others.
      0: Player 1: (1, 0); Player 2: (0, 1)
    """
    two_players(game, NAME)
    if exact and not game.exact:
        return lemke_howson.in_rationals(game, solve)
    wanted = game.exact if exact is None else exact
    m, n = game.shape
    found = _small(game, wanted) or lemke_howson.in_floats(game, None, wanted, SHORT)
    if not found and m == n > 2:
        found = lemke_howson.on_supports(game, (range(m), range(n)), wanted, NAME)
    return found or lemke_howson.solve(game, exact)


def _small(game: Game, exact: bool) -> EquilibriumSet | None:
    """An equilibrium with at most two actions a player, None if none is found."""
    A, B = lemke_howson.shares(game)
    turned = A.shape[0] > A.shape[1]
    if turned:
        A, B = np.ascontiguousarray(B.T), np.ascontiguousarray(A.T)
    search = worthwhile(least, sum(game.shape))
    for skip in range(TRIES):
        i, k, j, l, t, s = search(A, B, skip)  # noqa: E741
        if i < 0:
            return None
        if exact and i != k:
            pairs = ([j, l], [i, k]) if turned else ([i, k], [j, l])
            found = lemke_howson.on_supports(game, pairs, exact, NAME)
        else:
            x, y = np.zeros(len(A)), np.zeros(len(B.T))
            x[i], y[j] = 1 - t, 1 - s
            x[k] += t
            y[l] += s
            if exact:
                x, y = x.astype(np.int64), y.astype(np.int64)
            found = lemke_howson.certified(Profile(game, (y, x) if turned else (x, y)), NAME)
        if found:
            return found
    return None

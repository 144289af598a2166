"""The equilibrium of a :class:`~gametheory.groups.GroupContest`, by the shares of the groups.

The share of a group falls in the sum ``X`` of all efforts where it is positive, and the shares add
up to one at one ``X > 0``; no effort at all is no equilibrium, since any effort would win. Payoffs
are strictly concave in the own effort unless nobody in another group makes one, so that the best
reply to anything, mixed strategies included, is one effort: ALL. With linear costs, the efforts of
those in a group who value the prize most are determined only in their sum: the list has the even
split, and is a SAMPLE.

For two groups the odds are ``(B_1 / B_2)^(1 / kappa)``, in closed form. Each equilibrium is
certified by a search over the own actions of every player.

>>> from gametheory.groups import GroupContest
>>> solve(GroupContest([1, 1, 1], groups=[0, 0, 1], kappa=2))
1 found by groups. Every equilibrium is in the list.
  0: Player 1: 0.348311; Player 2: 0.348311; Player 3: 0.492586; aggregate 1.18921
  Each group's share falls in the sum of efforts; payoffs are concave in the own effort.
"""

from __future__ import annotations

import numpy as np

from gametheory.actions import ActionProfile
from gametheory.continuous import ActionEquilibria
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.groups import GroupContest

METHOD = "groups"
STEPS = 100


def solve(game: object, exact: bool | None = None) -> ActionEquilibria:
    """The equilibrium of a contest between groups; an even split where only sums are determined.

    Cost: about 20 evaluations of the shares of all groups and 120 of all payoffs. Raises ValueError
    for a game of another form and if ``exact`` is True.
    """
    if not isinstance(game, GroupContest):
        raise ValueError(f'{METHOD}: needs a GroupContest, not a {type(game).__name__}; use "auto"')
    if exact:
        raise ValueError("exact: continuous actions are solved in floats; use exact=None")
    notes = [
        "Each group's share falls in the sum of efforts; payoffs are concave in the own effort."
    ]
    coverage = Coverage.ALL
    top = np.zeros(game.groups.max() + 1)
    np.maximum.at(top, game.groups, game.V)
    if game.kappa == 1:
        part = (top[game.groups] == game.V) * 1.0
        share, X = _linear(top)
        tied = np.bincount(game.groups, weights=part)[share > 0] > 1
        if tied.any():
            coverage = Coverage.SAMPLE
            notes.append(
                "Of a group whose members value the prize alike only the sum of efforts is "
                "determined: every split of it is an equilibrium; the list has the even one."
            )
    else:
        power = 1 / (game.kappa - 1)
        part = (game.V / top[game.groups]) ** power
        log_b = np.log(top) + (game.kappa - 1) * np.log(np.bincount(game.groups, weights=part))
        share, X = _curved(log_b, game.kappa)
    part /= np.bincount(game.groups, weights=part)[game.groups]
    profile = ActionProfile(game, np.minimum(part * share[game.groups] * X, game.upper))
    return ActionEquilibria.proved(game, [profile], coverage, METHOD, notes)


def _linear(top: Array) -> tuple[Array, float]:
    """Shares and sum of efforts with linear costs: ``s = max(0, 1 - X / top)``."""
    order = np.sort(top)[::-1]
    sums = np.arange(len(top)) / np.cumsum(1 / order)  # X if just the first groups take part
    X = float(sums.max())
    return np.maximum(0, 1 - X / top), X


def _curved(log_b: Array, kappa: float) -> tuple[Array, float]:
    """Shares and sum of efforts where ``s^(kappa - 1) X^kappa = (1 - s) B``."""
    if len(log_b) == 2:
        t = (log_b - log_b[::-1]) / kappa
    else:
        from scipy.optimize import brentq

        def excess(y: float) -> float:
            return float(_logistic(_log_odds(log_b - y, kappa)).sum()) - 1

        low = high = float(log_b.mean())
        while excess(low) < 0:
            low -= kappa
        while excess(high) > 0:
            high += kappa
        t = _log_odds(log_b - (brentq(excess, low, high, xtol=1e-14) if low < high else low), kappa)
    s = _logistic(t)
    # The largest share is the one that says most exactly what the sum is.
    k = int(s.argmax())
    log_x = (log_b[k] - np.logaddexp(0, t[k]) - (kappa - 1) * np.log(s[k])) / kappa
    return s, float(np.exp(log_x))


def _logistic(t: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -t)))


def _log_odds(level: Array, kappa: float) -> Array:
    """``t = ln(s / (1 - s))`` with ``(kappa - 1) ln s - ln(1 - s) = level``: Newton's method.

    The left side rises in ``t`` and is convex or concave throughout, so that steps go one way.
    """
    t = level / max(kappa - 1, 1)
    for _ in range(STEPS):
        s = _logistic(t)
        value = np.logaddexp(0, t) - (kappa - 1) * np.logaddexp(0, -t)
        step = (value - level) / ((kappa - 1) * (1 - s) + s)
        t = t - step
        if (np.abs(step) <= 1e-15 * np.maximum(1, np.abs(t))).all():
            break
    return np.asarray(t)

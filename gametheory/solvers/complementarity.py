"""Equilibria of games on a network, as solutions of a linear complementarity problem.

    x >= 0,   w = M x - b >= 0,   x_i w_i = 0 for each i.

:mod:`gametheory.network` says why they are the equilibria. If every principal minor of ``M`` is
positive there is one solution (Cottle, Pang & Stone 1992, The Linear Complementarity Problem, Thm
3.3.7). Two tests prove that: the symmetric part of ``M`` is positive definite, or the spectral
radius of ``|I - M|`` is below one. The solution is then found by exchanging all signs that are
wrong at once, and the last one only where that stalls (after Júdice & Pires 1994; Murty 1974); the
first guess is that all act, the closed form. Else every set of players who act is tried, up to 14
players; a set that leaves the actions open gives the ends of a continuum.

*Linear networks*: payoffs are strictly concave in the own action and linear in those of others, so
that the best reply to mixtures, too, is one action: ALL. *Contests*: every equilibrium in pure
strategies with all strengths positive is of this form; with enmities there may be others, in which
somebody is crushed: SAMPLE. Without enmities there are none: ALL_PURE.

Each is certified by a search over the own actions of every player.

>>> import numpy as np
>>> from gametheory.network import LinearNetwork
>>> chain = np.diag([1.0, 1.0], 1) + np.diag([1.0, 1.0], -1)
>>> solve(LinearNetwork(1, -chain))  # whoever's neighbours protect does not protect himself
2 found by complementarity. Every equilibrium is in the list.
  0: Player 1: 0; Player 2: 1; Player 3: 0; aggregate 1
  1: Player 1: 1; Player 2: 0; Player 3: 1; aggregate 2
  Every set of players who act was tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gametheory.actions import ActionGame, ActionProfile
from gametheory.continuous import ActionEquilibria, certify_actions
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.network import LinearNetwork, NetworkContest

METHOD = "complementarity"
MOST = 14
"""Players up to which every set of those who act is tried."""
SLACK = 1e-11
SINGULAR = 1e12


def solve(game: object, exact: bool | None = None) -> ActionEquilibria:
    """The equilibria of a game on a network, by the sum of actions from least to greatest.

    Cost: a few linear systems of size n where the solution is unique, 2^n small ones where that is
    not proved, and the certificates, O(n^2) for each of some 120 trials. Raises ValueError for a
    game of another form and if ``exact`` is True.
    """
    if not isinstance(game, (NetworkContest, LinearNetwork)):
        raise ValueError(
            f"{METHOD}: needs a NetworkContest or a LinearNetwork, not a {type(game).__name__}; "
            'use "auto"'
        )
    if exact:
        raise ValueError("exact: continuous actions are solved in floats; use exact=None")
    return _linear(game) if isinstance(game, LinearNetwork) else _contest(game)


@dataclass(frozen=True)
class _Solutions:
    """Solutions of the problem; whether they are all, and why or why not."""

    found: list[Array]
    complete: bool
    notes: list[str]


def _linear(game: LinearNetwork) -> ActionEquilibria:
    solved = _solutions(np.eye(len(game.a)) - game.G, game.a)
    coverage = Coverage.ALL if solved.complete else _some(solved.found)
    return _proved(game, solved.found, coverage, solved.notes)


def _contest(game: NetworkContest) -> ActionEquilibria:
    M, n = np.eye(len(game.W)) + game.W, len(game.W)
    solved = _solutions(M, game.hostility)
    found, notes = [], list(solved.notes)
    for z in solved.found:
        T = float((M @ z).sum())
        if T > 1:
            found.append(game.V * (1 - 1 / T) / T * z)
    enmity = bool((game.W < 0).any())
    kept = found
    if enmity:  # only then can one be crushed
        kept = [x for x in found if certify_actions(ActionProfile(game, x)).holds()]
    if len(kept) < len(found):
        notes.append(
            "A solution is no equilibrium: with so small a loss D, one gives up and is crushed."
        )
    # Alone with an effort, however small, a player has this share of the prize.
    if (1 / (1 + np.maximum(game.W, 0).sum(axis=0)) <= 1 / n).all():
        kept = [*kept, np.zeros(n)]
    coverage = Coverage.ALL_PURE if solved.complete and not enmity else _some(kept)
    if enmity:
        notes.append(
            "Equilibria in pure strategies in which a strength is not positive were not sought."
        )
    return _proved(game, kept, coverage, notes)


def _some(found: list[Array]) -> Coverage:
    return Coverage.SAMPLE if found else Coverage.UNKNOWN


def _proved(
    game: ActionGame, found: list[Array], coverage: Coverage, notes: list[str]
) -> ActionEquilibria:
    found = sorted(found, key=lambda x: (x.sum(), x.tolist()))
    profiles = [ActionProfile(game, np.clip(x, 0, game.upper)) for x in found]
    return ActionEquilibria.proved(game, profiles, coverage, METHOD, notes)


def _solutions(M: Array, b: Array) -> _Solutions:
    """The solutions of the problem with ``M`` and ``b``."""
    if why := _unique(M):
        x = _exchanged(M, b)
        if x is not None:
            return _Solutions([x], True, [why])
    if len(b) <= MOST:
        return _by_support(M, b)
    x = _exchanged(M, b)
    sought = f"One solution was sought: there may be others, and with more than {MOST} players the "
    return _Solutions([] if x is None else [x], False, [sought + "sets of those who act are many."])


def _unique(M: Array) -> str:
    """Why every principal minor of ``M`` is positive; empty if that is not proved."""
    if np.linalg.eigvalsh((M + M.T) / 2)[0] > 1e-9:
        return "The matrix of the problem is positive definite, so that it has one solution."
    n = len(M)
    try:
        test = np.linalg.solve(np.eye(n) - np.abs(np.eye(n) - M), np.ones(n))
    except np.linalg.LinAlgError:
        return ""
    if (test > 0).all() and test.max() < 1e9:
        return "Ties are weak, their spectral radius below 1, so that there is one solution."
    return ""


def _exchanged(M: Array, b: Array) -> Array | None:
    """The solution found by exchanging wrong signs; None if there was none within the steps."""
    n = len(b)
    acts = np.ones(n, dtype=bool)
    fewest, patience = n + 1, 10
    for _ in range(100 * n + 100):
        try:
            x = _given(M, b, acts)
        except np.linalg.LinAlgError:
            return None
        wrong = np.where(acts, x, M @ x - b) < -_slack(M, b, x)
        count = int(wrong.sum())
        if count == 0:
            return np.maximum(x, 0)
        if count < fewest:
            fewest, patience = count, 10
        elif patience > 0:
            patience -= 1
        else:
            wrong[: np.flatnonzero(wrong)[-1]] = False
        acts ^= wrong
    return None


def _given(M: Array, b: Array, acts: Array) -> Array:
    """The actions if just those in ``acts`` may act, and are content."""
    x = np.zeros(len(b))
    x[acts] = np.linalg.solve(M[np.ix_(acts, acts)], b[acts])
    return x


def _slack(M: Array, b: Array, x: Array) -> float:
    return SLACK * float(np.abs(b).max() + (np.abs(M) @ np.abs(x)).max())


def _by_support(M: Array, b: Array) -> _Solutions:
    """The solutions for each set of players who act."""
    n = len(b)
    found: list[Array] = []
    open_sets: list[list[int]] = []
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            acts = np.zeros(n, dtype=bool)
            acts[list(chosen)] = True
            if size and np.linalg.cond(M[np.ix_(acts, acts)]) > SINGULAR:
                ends = _ends(M, b, acts)
                if len(ends) > 1:
                    open_sets.append(list(chosen))
            else:
                ends = [_given(M, b, acts)]
            found += [np.maximum(x, 0) for x in ends if _solves(M, b, x)]
    distinct: list[Array] = []
    for x in found:
        known = np.reshape(distinct, (len(distinct), n))
        if not (np.abs(known - x).max(axis=1) <= 1e3 * _slack(M, b, x)).any():
            distinct.append(x)
    notes = ["Every set of players who act was tried."]
    notes += [
        f"If players {', '.join(str(i + 1) for i in chosen)} act, a continuum of equilibria; "
        "ends of it are in the list."
        for chosen in open_sets
    ]
    return _Solutions(distinct, not open_sets, notes)


def _solves(M: Array, b: Array, x: Array) -> bool:
    slack = _slack(M, b, x)
    w = M @ x - b
    return bool((x >= -slack).all() and (w >= -slack).all() and (np.minimum(x, w) <= slack).all())


def _ends(M: Array, b: Array, acts: Array) -> list[Array]:
    """Solutions in which at most ``acts`` act, where their system is singular: extreme ones.

    One if it is the only one; none if there is none.
    """
    from scipy.optimize import linprog

    inside, rest = M[np.ix_(acts, acts)], M[np.ix_(~acts, acts)]
    ends: list[Array] = []
    _, sizes, directions = np.linalg.svd(inside)
    for v in directions[sizes <= sizes[0] / SINGULAR if sizes[0] > 0 else sizes <= 0]:
        for sign in (1, -1):
            run = linprog(
                sign * v,
                A_ub=-rest if len(rest) else None,
                b_ub=-b[~acts] if len(rest) else None,
                A_eq=inside,
                b_eq=b[acts],
            )
            if run.status == 0:
                x = np.zeros(len(b))
                x[acts] = run.x
                if not any(np.abs(x - y).max() <= 1e-9 * max(1, np.abs(x).max()) for y in ends):
                    ends.append(x)
    return ends

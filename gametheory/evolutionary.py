"""Evolutionary stability: whether a population that plays an equilibrium repels rare mutants.

``x`` is evolutionarily stable if for every mixture ``y`` other than ``x``, a population in which a
share ``eps`` plays ``y`` and the rest ``x`` pays more to ``x`` than to ``y``, for all small
``eps > 0`` (Maynard Smith & Price 1973, after); neutrally stable if it never pays less.

Two players, payoffs ``A`` to the row: the mutants that matter are best replies to ``x``, and ``x``
is stable iff ``z'Az < 0`` for every direction ``z = y - x != 0`` among them. On these ``z`` adds up
to 0 and is nonnegative where ``x`` is zero (Haigh 1975; Abakuks 1980, after). Free coordinates are
eliminated if their block is definite; what is left must be strictly copositive. A symmetric matrix
is so iff no principal submatrix ``M`` has ``v > 0`` with ``Mv = c 1`` and ``c <= 0``: that is what
the least of ``v'Mv`` over a simplex looks like, inside the face where it lies.

A CountGame of ``n`` players with two actions: opponents are drawn from the mixed population one by
one, so each acts with chance ``s = q + eps (q' - q)``, and a mutant gains ``(q' - q) G(s)``, where
``G`` is the expected gain from acting, a polynomial. So ``q`` is stable iff ``G`` changes its sign
there from plus to minus, of which 0 and 1 see one side only (the case of two strategies of Broom,
Cannings & Vickers 1997, Bull. Math. Biology 59, after). Ties of any order are those of ``G``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory._judgement import UNKNOWN, Exact, Judgement, exactly, form, in_integers
from gametheory._perfect import moved
from gametheory.count import CountGame
from gametheory.equilibrium import Equilibrium
from gametheory.game import Array, Game

ESS, NSS = "evolutionarily stable", "neutrally stable"
FACES = 14
"""Best replies out of use up to which all faces of the simplex of mutants are looked at."""


def evolutionarily_stable(e: Equilibrium) -> Judgement:
    """Whether a symmetric equilibrium of a symmetric game is evolutionarily stable.

    True and False are proved. None where a float profile stands for no known exact one, or more
    than 14 best replies are out of use and no sign settles it. Of two players, False brings as
    evidence a mutant ``y``, a best reply to ``x`` with ``u(y, y) >= u(x, y)``.

    A game of two players is symmetric if it is so for the actions in their order, up to what
    changes no preference: a positive factor, and a constant for each action of the other. Raises
    ValueError for one that is not, for three players or more but in a CountGame, and for a profile
    in which players mix differently.

    Cost: ``2^k`` systems of ``k`` equations, with ``k`` best replies out of use.

    >>> from gametheory.solvers import solve
    >>> hawk = Game.from_payoffs([[-1, 4], [0, 2]], [[-1, 0], [4, 2]])
    >>> [(e.profile.support[0], bool(evolutionarily_stable(e)))
    ...  for e in solve(hawk) if e.mixtures[0].tolist() == e.mixtures[1].tolist()]
    [((0, 1), True)]
    """
    return _judged(e, ESS)


def neutrally_stable(e: Equilibrium) -> Judgement:
    """Whether a symmetric equilibrium of a symmetric game is neutrally stable.

    The like of :func:`evolutionarily_stable` with ``u(y, y) > u(x, y)`` for the mutant that is
    evidence of False; errors and cost are the same.

    >>> from gametheory.solvers import solve
    >>> rock = Game.from_payoffs([[0, -1, 1], [1, 0, -1], [-1, 1, 0]],
    ...                          [[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
    >>> (e,) = solve(rock)
    >>> neutrally_stable(e).holds, evolutionarily_stable(e).holds
    (True, False)
    """
    return _judged(e, NSS)


def _judged(e: Equilibrium, criterion: str) -> Judgement:
    game = form(e, criterion)
    if isinstance(game, CountGame):
        return _of_many(e, game, criterion)
    at = _symmetric(e, game, criterion)
    if at is None:
        return Judgement(criterion, None, UNKNOWN)
    return _stable(at) if criterion == ESS else _neutral(at)


def _symmetric(e: Equilibrium, game: Game, criterion: str) -> Exact | None:
    """``e`` in rational numbers, both mixing alike. ValueError where game or profile is not so."""
    asymmetry = asymmetric(game)
    if asymmetry:
        raise ValueError(f"{criterion}: {asymmetry}")
    x, y = e.mixtures
    if not np.allclose((x - y).astype(np.float64), 0, atol=1e-9):
        raise ValueError(
            f"{criterion}: {game.players[0]} and {game.players[1]} mix differently in {e!r}; "
            "give a symmetric equilibrium"
        )
    at = exactly(e, game)
    return at if at is not None and (at.mixtures[0] == at.mixtures[1]).all() else None


def asymmetric(game: Game) -> str:
    """What makes the game not symmetric, in words; empty if it is symmetric."""
    if len(game.players) != 2:
        return f"needs two players or a CountGame, got {len(game.players)} players"
    first, second = game.players
    if game.shape[0] != game.shape[1]:
        return f"{first} has {game.shape[0]} actions, {second} {game.shape[1]}: not symmetric"
    losses = [u - u.max(axis=0) for u in in_integers(game)]
    worst = [int(-u.min()) or 1 for u in losses]
    differ = np.argwhere(losses[0] * worst[1] != losses[1] * worst[0])
    if not len(differ):
        return ""
    a, b = differ[0].tolist()
    return (
        f"the game is not symmetric: {game.actions[0][a]} of {first} against "
        f"{game.actions[1][b]} is not worth what {game.actions[1][a]} of {second} is against "
        f"{game.actions[0][b]}; reorder the actions if they should match"
    )


def _stable(at: Exact) -> Judgement:
    A, _, used, best = _replies(at)
    first, free = used[0], used[1:]
    rest = [b for b in best if b not in used]
    order = [*free, *rest]
    D = A[np.ix_(order, order)] - A[order, first][:, np.newaxis] - A[first, order] + A[first, first]
    M = -(D + D.T)
    F, n = len(free), len(order)
    for k in range(F):  # leading blocks of the free coordinates must be definite
        column = _solved(M[:k, :k], -M[:k, k]) if k else np.zeros(0, object)
        assert column is not None  # the blocks before were definite
        if M[k, k] + M[k, :k] @ column <= 0:
            z = np.full(n, Fraction(0), object)
            z[:k], z[k] = column, Fraction(1)
            return _invaded(ESS, at, order, first, z)
    bend = [
        _solved(M[:F, :F], -M[:F, F + c]) if F else np.zeros(0, object) for c in range(len(rest))
    ]
    K = np.array(bend, dtype=object).T.reshape(F, len(rest))
    C = M[F:, F:] + M[F:, :F] @ K
    v, decided = _not_copositive(C, strictly=True)
    if v is not None:
        return _invaded(ESS, at, order, first, np.concatenate([K @ v, v]))
    if not decided:
        return Judgement(ESS, None, f"{len(rest)} best replies are out of use: too many to search.")
    return Judgement(ESS, True, "Every other best reply is worth less against itself than this.")


def _neutral(at: Exact) -> Judgement:
    A, x, _, best = _replies(at)
    off = np.eye(len(x), dtype=int).astype(object)[best] - x
    D = off @ A @ off.T
    v, decided = _not_copositive(-(D + D.T), strictly=False)
    if v is not None:
        y = np.full(len(x), Fraction(0), object)
        y[best] = v / v.sum()
        return Judgement(NSS, False, "A mutant does better against itself.", (y,))
    if not decided:
        return Judgement(NSS, None, f"{len(best)} best replies: too many to search.")
    return Judgement(NSS, True, "No best reply is worth more against itself than this.")


def _replies(at: Exact) -> tuple[Array, Array, list[int], list[int]]:
    u = at.payoffs(0)
    best = np.flatnonzero(u == u.max()).tolist()
    return at.tables[0], at.mixtures[0], at.supports()[0], best


def _invaded(criterion: str, at: Exact, order: Sequence[int], first: int, z: Array) -> Judgement:
    """Not stable: the mutant as far from the equilibrium as chances allow."""
    x = at.mixtures[0]
    direction = np.full(len(x), Fraction(0), object)
    direction[list(order)] = z
    direction[first] = -z.sum()
    y = moved(x, direction)
    return Judgement(criterion, False, "A mutant does as well against itself, or better.", (y,))


def _not_copositive(M: Array, strictly: bool) -> tuple[Array | None, bool]:
    """``v >= 0`` with ``v'Mv < 0`` (``<= 0`` if ``strictly``), or None; and whether all is decided.

    On a face where ``M`` is singular a minimum inside has one along an edge of it too, unless the
    null vector is the minimum.
    """
    n = len(M)
    if (M >= 0).all() and (not strictly or (np.diag(M) > 0).all()):
        return None, True
    for size in range(1, n + 1 if n <= FACES else 3):
        for face in itertools.combinations(range(n), size):
            inside = M[np.ix_(face, face)]
            v = _solved(inside, np.full(size, 1, dtype=object))
            if v is not None:
                bad = bool((v < 0).all())
            else:
                v = _null(inside) if strictly else None
                bad = v is not None and bool((v > 0).all() or (v < 0).all())
            if bad and v is not None:
                whole = np.full(n, Fraction(0), object)
                whole[list(face)] = abs(v)
                return whole, True
    return None, n <= FACES


def _rational(M: Array) -> Any:
    from flint import fmpq, fmpq_mat

    flat = [Fraction(v) for v in M.flat]
    return fmpq_mat(M.shape[0], M.shape[1], [fmpq(v.numerator, v.denominator) for v in flat])


def _solved(M: Array, right: Array) -> Array | None:
    """The solution of ``M v = right``, None if ``M`` is singular."""
    try:
        found = _rational(M).solve(_rational(right.reshape(-1, 1)))
    except ZeroDivisionError:
        return None
    return np.array([Fraction(int(v.p), int(v.q)) for v in found.entries()], dtype=object)


def _null(M: Array) -> Array | None:
    """The null vector of ``M``, None if there are several."""
    reduced, rank = _rational(M).rref()
    n = len(M)
    if rank != n - 1:
        return None
    pivots = [next(c for c in range(n) if reduced[r, c] != 0) for r in range(rank)]
    (last,) = set(range(n)) - set(pivots)
    v = np.full(n, Fraction(1), dtype=object)
    for r, c in enumerate(pivots):
        v[c] = -Fraction(int(reduced[r, last].p), int(reduced[r, last].q))
    return v


def _of_many(e: Equilibrium, game: CountGame, criterion: str) -> Judgement:
    """Of a CountGame: the sign of the gain from acting on both sides of the equilibrium."""
    x = e.mixtures[0]
    if any(y is not x and (y != x).any() for y in e.mixtures):
        raise ValueError(f"{criterion}: players mix differently in {e!r}; give a symmetric one")
    sign, order = turn(game, x)
    if order is None:
        return Judgement(criterion, None, "Rounding hides the sign of the gain from acting.")
    if order < 0:
        holds = criterion == NSS
        return Judgement(criterion, holds, "Acting and waiting always pay the same.")
    if x[0] == 0:
        what, holds = "If few act, acting pays {}.", sign < 0
        word = "less" if holds else "more"
    elif x[1] == 0:
        what, holds = "If few wait, waiting pays {}.", sign * (-1) ** order > 0
        word = "less" if holds else "more"
    else:
        what, holds = "The gain from acting {} as more act.", order % 2 == 1 and sign < 0
        word = "falls" if holds else "rises" if order % 2 else "keeps its sign"
    return Judgement(criterion, bool(holds), what.format(word))


def turn(game: CountGame, x: Array) -> tuple[int, int | None]:
    """Sign and order of the first nonzero derivative of the gain from acting, at chance ``x[0]``.

    By the odds of acting. Order -1 if the gain is zero throughout, None if rounding hides it.
    """
    from flint import arb, fmpq, fmpq_poly, fmpz_poly

    from gametheory.solvers.symmetric import _integers

    d = _integers(game)
    n = len(d) - 1
    if not any(d):
        return 0, -1
    if x[0] == 0:
        k = next(k for k, v in enumerate(d) if v)
        return (1 if d[k] > 0 else -1), k
    if x[1] == 0:
        k = next(k for k, v in enumerate(reversed(d)) if v)
        return (1 if d[n - k] * (-1) ** k > 0 else -1), k
    p = fmpz_poly([math.comb(n, k) * v for k, v in enumerate(d)])
    r = Fraction(x[0]) / Fraction(x[1])
    exact: Any = fmpq_poly(p)
    if x.dtype == object:
        k, at = 0, fmpq(r.numerator, r.denominator)
        while exact(at) == 0:
            exact, k = exact.derivative(), k + 1
        return (1 if exact(at) > 0 else -1), k
    low, high = r * (1 - Fraction(1, 10**12)), r * (1 + Fraction(1, 10**12))
    left, right = (exact(fmpq(s.numerator, s.denominator)) for s in (low, high))
    middle = arb(fmpq(low.numerator, low.denominator)).union(
        arb(fmpq(high.numerator, high.denominator))
    )
    slope = arb(0)
    for c in reversed(p.derivative().coeffs()):
        slope = slope * middle + arb(c)
    if slope > 0 and left < 0 < right:
        return 1, 1
    if slope < 0 and right < 0 < left:
        return -1, 1
    return 0, None

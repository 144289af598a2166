"""One equilibrium of a two-player game, by complementary pivoting (Lemke & Howson 1964).

The path starts at the artificial pair ``(0, 0)``, which has every label, and drops one of them. It
then moves along edges of the two best-response polytopes in turn, each time dropping in one the
label that was just picked up in the other, until the dropped label comes back: an equilibrium. The
lexicographic ratio test keeps the path from ties, so that it never meets a basis twice and ends in
degenerate games too (von Stengel 2002, Handbook of Game Theory 3, section 2).

Paths are pivoted in floats, which say only which actions are played at the end. The equilibrium is
solved for again on these, in rational numbers where it has to be exact, and must pass its
certificate. Integers pivot where floats fail, and in small exact games.

Cost: one pivot is one pass over the payoffs. A path takes a few hundred pivots in random games of
100 x 100 actions, now and then a hundred times as many, and exponentially many in the worst case
(Savani & von Stengel 2006, Econometrica 74: 397-429). So paths of all labels are followed a little
way, then further (after Codenotti, De Rossi & Pagan 2008), until a budget of work is spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.equilibrium import Coverage, Equilibrium, EquilibriumSet, certify
from gametheory.game import Array, Game, Profile
from gametheory.solvers._compiled import WORTH, worthwhile
from gametheory.solvers._path import TIE, follow
from gametheory.solvers._tableau import (
    Tableau,
    mixture,
    origins,
    positive_integers,
    to_unit,
    two_players,
)

FLOATS = 2e10
"""Entries of a float tableau that may be pivoted in one call: some ten seconds."""
INTEGERS = 2e7
"""The like for integers, an entry counted once for each word of 64 bits."""
STEP = 1000
"""What a float pivot costs beside its entries, in entries."""


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """One equilibrium of a two-player game: the end of the first short path.

    Label 0 if its path is short or the game is small. An empty list, ``UNKNOWN``, if every budget
    ends.

    >>> solve(Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]]))[0].payoffs
    (Fraction(3, 1), Fraction(2, 1))
    """
    return _found(game, None, exact)


def lemke_howson(game: Game, label: int = 0, exact: bool | None = None) -> EquilibriumSet:
    """The equilibrium at the end of the path from ``(0, 0)`` that drops ``label``.

    Labels ``0..m-1`` are the actions of player 0, ``m..m+n-1`` those of player 1. Different labels
    may lead to different equilibria, not to all. An empty list, ``UNKNOWN``, if the path is longer
    than the budget. Raises ValueError for a label out of range.

    >>> game = Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    >>> [lemke_howson(game, label)[0].profile.support for label in range(4)]
    [((0,), (0,)), ((1,), (1,)), ((0,), (0,)), ((1,), (1,))]
    """
    two_players(game, "lemke-howson")
    if label not in range(sum(game.shape)):
        raise ValueError(f"label: {label} is not one of 0..{sum(game.shape) - 1}")
    return _found(game, label, exact)


def _found(game: Game, label: int | None, exact: bool | None) -> EquilibriumSet:
    A, B = two_players(game, "lemke-howson")
    wanted = game.exact if exact is None else exact
    found = None
    if not wanted or sum(game.shape) >= WORTH:
        found = _in_floats(game, label, wanted)
    if found is None:
        found = _in_integers(game, A, B, label or 0, wanted)
    if found is None:
        note = "The budget of pivots ended on every path that was tried; there is an equilibrium."
        return EquilibriumSet(game, (), Coverage.UNKNOWN, "lemke-howson", notes=(note,))
    return EquilibriumSet(game, (found,), Coverage.SAMPLE, "lemke-howson")


def shares(game: Game) -> list[Array]:
    """Payoffs of each player above his smallest, in floats, as shares of his range."""
    return [u / (span or 1) for u, span in zip(game._above_floats, game.ranges.tolist())]


def _in_floats(game: Game, label: int | None, wanted: bool) -> Equilibrium | None:
    """The end of the path that drops ``label`` (None: of the first that ends), by float pivoting.

    None if rounding spoils the paths, or the budget ends.
    """
    m, n = game.shape
    A, B = (1 + u for u in shares(game))
    path = worthwhile(follow, m + n)
    left, price = FLOATS, m * n + STEP
    labels = list(range(m + n)) if label is None else [label]
    most = m + n if label is None else int(FLOATS // price)
    while labels and left > 0:
        for k in tuple(labels):
            played, pivots = path(A, B, k, most, TIE)
            left -= price * (pivots if pivots > 0 else most)
            if pivots > 0:
                rows, columns = np.flatnonzero(played[:m]), np.flatnonzero(played[m:])
                found = on_supports(game, rows, columns, wanted, "lemke-howson")
                if found:
                    return found
            if pivots:
                labels.remove(k)
            if left <= 0:
                break
        most *= 2
    return None


def on_supports(
    game: Game, rows: Sequence[int] | Array, columns: Sequence[int] | Array, exact: bool, method: str
) -> Equilibrium | None:
    """The equilibrium in which exactly one side's mixture equalizes what the other's actions pay.

    ``rows`` and ``columns``, as many of each, are all that may be played. None if there is none, or
    if they leave more than one. Rational if ``exact``, and where floats do not pass.
    """
    square = np.ix_(rows, columns)
    A, B = game.payoffs[..., 0], game.payoffs[..., 1]
    for arithmetic in (_rationals,) if exact else (_floats, _rationals):
        weights = arithmetic(B[square].T), arithmetic(A[square])
        if weights[0] is None or weights[1] is None:
            continue
        kind = np.dtype(object if exact else np.float64)
        x, y = np.zeros(len(A), kind), np.zeros(len(B.T), kind)
        x[rows], y[columns] = weights
        profile = Profile(game, (x, y))
        certificate = certify(profile)
        if certificate.holds(0 if exact else 1e-9):
            return Equilibrium(profile, certificate, method)
    return None


def _floats(payoffs: Array) -> Array | None:
    """The mixture of columns against which all rows pay the same, None if rounding hides it."""
    try:
        weights = np.linalg.solve(to_unit(payoffs), np.ones(len(payoffs))).clip(0)
    except np.linalg.LinAlgError:
        return None
    total = weights.sum()
    return weights / total if 0 < total < np.inf else None


def _rationals(payoffs: Array) -> list[Fraction] | None:
    """The same, exact; None if there is none, or more than one."""
    from flint import fmpz_mat

    k = len(payoffs)
    try:
        solved = fmpz_mat(positive_integers(payoffs)).solve(fmpz_mat(k, 1, [1] * k))
    except ZeroDivisionError:
        return None
    weights = [int(p) for p in solved.numer_denom()[0].entries()]
    if sum(weights) < 0:
        weights = [-p for p in weights]
    if min(weights) < 0:
        return None
    return mixture(tuple(weights))


def _in_integers(game: Game, A: Array, B: Array, label: int, wanted: bool) -> Equilibrium | None:
    """The same by pivoting in integers; None if the budget ends."""
    m, n = game.shape
    ends = _end(*origins(positive_integers(A), positive_integers(B)), label)
    if ends is None:
        return None
    kind = np.dtype(object if wanted else np.float64)
    mixtures = mixture(ends[0].point(range(m))), mixture(ends[1].point(range(m, m + n)))
    profile = Profile(game, [np.array(z).astype(kind) for z in mixtures])
    return EquilibriumSet.proved(game, [profile], Coverage.SAMPLE, "lemke-howson")[0]


def _end(P: Tableau, Q: Tableau, label: int) -> tuple[Tableau, Tableau] | None:
    """The bases at the end of the path that drops ``label``; None if the budget ends first."""
    bases = [P, Q]
    turn = 0 if label in P.cobasis else 1
    entering, left = label, INTEGERS
    while left > 0:
        here = bases[turn]
        c = here.cobasis.index(entering)
        r = here.leaving(c)
        bases[turn], entering = here.pivot(r, c), here.basis[r]
        if entering == label:
            return bases[0], bases[1]
        left -= len(P.cobasis) * len(P.basis) * (1 + here.det.bit_length() // 64)
        turn = 1 - turn
    return None

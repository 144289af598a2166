"""One equilibrium of a two-player game, by complementary pivoting (Lemke & Howson 1964).

The path starts at the artificial pair ``(0, 0)``, which has every label, and drops one of them. It
then moves along edges of the two best-response polytopes in turn, each time dropping in one the
label that was just picked up in the other, until the dropped label comes back: an equilibrium. The
lexicographic ratio test keeps the path from ties, so that it never meets a basis twice and ends in
degenerate games too (von Stengel 2002, Handbook of Game Theory 3, section 2).

Float games are pivoted in floats first; the equilibrium is solved for again from its supports and
must pass its certificate. Exact games, and floats that fail, are pivoted in integers.

Cost: one pivot is one pass over the payoffs. Paths are short on random games up to about 100 x 100
(a few hundred pivots) and exponentially long in the worst case (Savani & von Stengel 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, Self, TypeVar

import numpy as np

from gametheory.equilibrium import Coverage, EquilibriumSet, certify
from gametheory.game import Array, Game, Profile
from gametheory.solvers._tableau import (
    mixture,
    origins,
    positive_integers,
    to_unit,
    two_players,
)

TIE = 1e-10
"""Floats closer than this count as equal on the path; payoffs are scaled to [1, 2]."""
BUDGET = 1000
"""Float pivots allowed per label. Rounding can make a path cycle; integers cannot."""


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """One equilibrium of a two-player game: the one that dropping label 0 leads to.

    >>> solve(Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]]))[0].payoffs
    (Fraction(3, 1), Fraction(2, 1))
    """
    return lemke_howson(game, 0, exact)


def lemke_howson(game: Game, label: int = 0, exact: bool | None = None) -> EquilibriumSet:
    """The equilibrium at the end of the path from ``(0, 0)`` that drops ``label``.

    Labels ``0..m-1`` are the actions of player 0, ``m..m+n-1`` those of player 1. Different labels
    may lead to different equilibria, not to all. Raises ValueError for a label out of range.

    >>> game = Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    >>> [lemke_howson(game, label)[0].profile.support for label in range(4)]
    [((0,), (0,)), ((1,), (1,)), ((0,), (0,)), ((1,), (1,))]
    """
    A, B = two_players(game, "lemke-howson")
    if label not in range(sum(game.shape)):
        raise ValueError(f"label: {label} is not one of 0..{sum(game.shape) - 1}")
    wanted = game.exact if exact is None else exact
    profile = None if wanted else _in_floats(game, A, B, label)
    if profile is None:
        x, y = (np.array(z) for z in _in_integers(A, B, label))
        kind = np.dtype(object if wanted else np.float64)
        profile = Profile(game, (x.astype(kind), y.astype(kind)))
    return EquilibriumSet.proved(game, [profile], Coverage.SAMPLE, "lemke-howson")


class _Basis(Protocol):
    """What the path needs of a basis of one polytope."""

    @property
    def cobasis(self) -> tuple[int, ...]: ...
    @property
    def basis(self) -> tuple[int, ...]: ...
    def leaving(self, c: int) -> int: ...
    def pivot(self, r: int, c: int) -> Self: ...


T = TypeVar("T", bound=_Basis)


class _LostError(ArithmeticError):
    """Rounding has led the float path astray."""


def _end(P: T, Q: T, label: int, budget: float = float("inf")) -> tuple[T, T]:
    """The bases at the end of the path that drops ``label``."""
    bases = [P, Q]
    turn = 0 if label in P.cobasis else 1
    entering, pivots = label, 0
    while pivots < budget:
        here = bases[turn]
        c = here.cobasis.index(entering)
        r = here.leaving(c)
        bases[turn], entering = here.pivot(r, c), here.basis[r]
        if entering == label:
            return bases[0], bases[1]
        turn, pivots = 1 - turn, pivots + 1
    raise _LostError


def _in_integers(A: Array, B: Array, label: int) -> tuple[list[Fraction], list[Fraction]]:
    m, n = A.shape
    P, Q = _end(*origins(positive_integers(A), positive_integers(B)), label)
    return mixture(P.point(range(m))), mixture(Q.point(range(m, m + n)))


def _in_floats(game: Game, A: Array, B: Array, label: int) -> Profile | None:
    """The equilibrium by float pivoting, None if rounding spoils it."""
    m, n = A.shape
    A, B = to_unit(A), to_unit(B)
    rows, columns = tuple(range(m)), tuple(range(m, m + n))
    P = _FloatTableau(np.column_stack([B.T, np.ones(n)]), rows, columns, columns)
    Q = _FloatTableau(np.column_stack([A, np.ones(m)]), columns, rows, rows)
    try:
        P, Q = _end(P, Q, label, BUDGET * (m + n))
        I = [i for i in rows if i in P.basis]  # noqa: E741
        J = [j - m for j in columns if j in Q.basis]
        x, y = np.zeros(m), np.zeros(n)
        x[I] = np.linalg.solve(B[np.ix_(I, J)].T, np.ones(len(J)))
        y[J] = np.linalg.solve(A[np.ix_(I, J)], np.ones(len(I)))
        x, y = x.clip(0), y.clip(0)
        profile = Profile(game, (x / x.sum(), y / y.sum()))
    except (_LostError, np.linalg.LinAlgError, ValueError):
        return None
    return profile if certify(profile).holds() else None


@dataclass(frozen=True, slots=True)
class _FloatTableau:
    """A basis in floats: ``z_basis = rhs - rows * z_cobasis``, right-hand side last."""

    rows: Array
    cobasis: tuple[int, ...]
    basis: tuple[int, ...]
    slacks: tuple[int, ...]

    def leaving(self, c: int) -> int:
        """The row that the variable of column ``c`` drives out; near-ties count as ties."""
        column = self.rows[:, c]
        tied = np.flatnonzero(column > TIE)
        if not len(tied):
            raise _LostError
        tied = _near_least(tied, self.rows[tied, -1] / column[tied])
        for slack in self.slacks:
            if len(tied) == 1:
                break
            if slack in self.basis:
                tied = tied[tied != self.basis.index(slack)]
            else:
                k = self.cobasis.index(slack)
                tied = _near_least(tied, self.rows[tied, k] / column[tied])
        return int(tied[0])

    def pivot(self, r: int, c: int) -> _FloatTableau:
        """The next basis: the variables of row ``r`` and column ``c`` change places."""
        column = self.rows[:, c].copy()
        pivot_row = self.rows[r] / column[r]
        pivot_row[c] = 1 / column[r]
        rows = self.rows.copy()
        rows[:, c] = 0
        rows -= np.outer(column, pivot_row)
        rows[r] = pivot_row
        basis, cobasis = list(self.basis), list(self.cobasis)
        basis[r], cobasis[c] = cobasis[c], basis[r]
        return _FloatTableau(rows, tuple(cobasis), tuple(basis), self.slacks)


def _near_least(tied: Array, ratios: Array) -> Array:
    kept: Array = tied[ratios <= ratios.min() + TIE]
    return kept

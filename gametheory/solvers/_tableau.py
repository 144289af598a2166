"""Best-response polytopes of a two-player game, and exact pivoting on their vertices.

With payoffs made positive, which changes no best response, player 0's mixtures up to scale are the
points of ``P = {x >= 0, B'x <= 1}`` and player 1's those of ``Q = {y >= 0, Ay <= 1}`` (von Stengel
2002, Handbook of Game Theory 3, section 2). A constraint that binds at ``x`` or ``y`` is a *label*:
label ``i < m`` says that action ``i`` of player 0 is unplayed (at ``x``) or a best response (at
``y``), label ``m + j`` the like of action ``j`` of player 1. A pair ``(x, y)`` other than
``(0, 0)`` is an equilibrium iff together they have all ``m + n`` labels.

A :class:`Tableau` is one basis of one polytope ``{z >= 0, Cz <= 1}``. Its integers share the
denominator ``det``, the determinant of the basis, and a pivot divides without remainder (Bareiss
1968; Azulay & Pique 2001), so that no fraction is ever reduced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.game import Array, Game


@dataclass(frozen=True, slots=True)
class Tableau:
    """One lexicographically feasible basis: ``det * z_basis = rhs - rows * z_cobasis``.

    ``rows`` has the right-hand side last. Variables are numbered by their label; ``slacks`` are
    those of the constraints ``Cz <= 1``, in the order of their perturbation. Right-hand sides may
    be any integers of at least zero.
    """

    rows: list[list[int]]
    det: int
    cobasis: tuple[int, ...]
    basis: tuple[int, ...]
    slacks: tuple[int, ...]

    @staticmethod
    def origin(C: list[list[int]], variables: range, slacks: range) -> Tableau:
        """The basis of the vertex ``z = 0``."""
        return Tableau([[*row, 1] for row in C], 1, tuple(variables), tuple(slacks), tuple(slacks))

    def leaving(self, c: int) -> int:
        """The row that the variable of column ``c`` drives out: the lexicographic ratio test.

        -1 if it drives none out: the edge is a ray.

        It reads the right-hand sides as ``1 + eps, 1 + eps^2, ...`` for a small ``eps > 0``. No
        basic variable is then zero, since no row of an inverse is: the row is unique, and a path of
        pivots never meets a tie.
        """
        tied: list[int] = []
        top, bottom = 1, 0
        for r, row in enumerate(self.rows):
            a, b = row[c], row[-1]
            if a > 0:
                order = b * bottom - top * a
                if order < 0 or not tied:
                    tied, top, bottom = [r], b, a
                elif order == 0:
                    tied.append(r)
        for slack in self.slacks:
            if len(tied) < 2:
                break
            tied = self._smallest(tied, c, slack)
        return tied[0] if tied else -1

    def _smallest(self, tied: list[int], c: int, slack: int) -> list[int]:
        """Those of the ``tied`` rows with the smallest ratio in the column of ``slack``."""
        if slack in self.basis:  # a unit column: the row of the slack has the one positive ratio
            return [r for r in tied if self.basis[r] != slack]
        k = self.cobasis.index(slack)
        ratio = {r: Fraction(self.rows[r][k], self.rows[r][c]) for r in tied}
        low = min(ratio.values())
        return [r for r in tied if ratio[r] == low]

    def pivot(self, r: int, c: int) -> Tableau:
        """The next basis: the variables of row ``r`` and column ``c`` change places."""
        pivot_row, det = self.rows[r], self.det
        p = pivot_row[c]
        rows = []
        for row in self.rows:
            u = row[c]
            new = [(p * a - u * b) // det for a, b in zip(row, pivot_row)]
            new[c] = -u
            rows.append(new)
        rows[r] = pivot_row.copy()
        rows[r][c] = det
        basis, cobasis = list(self.basis), list(self.cobasis)
        basis[r], cobasis[c] = cobasis[c], basis[r]
        return Tableau(rows, p, tuple(cobasis), tuple(basis), self.slacks)

    def point(self, variables: range) -> tuple[int, ...]:
        """``det`` times the values of ``variables``, which are consecutive, at this vertex."""
        values = [0] * len(variables)
        for variable, row in zip(self.basis, self.rows):
            if variable in variables:
                values[variable - variables.start] = row[-1]
        return tuple(values)


def origins(A: list[list[int]], B: list[list[int]]) -> tuple[Tableau, Tableau]:
    """The bases of ``x = 0`` in ``P`` and of ``y = 0`` in ``Q``; payoffs are positive."""
    m, n = len(A), len(A[0])
    rows, columns = range(m), range(m, m + n)
    transposed = [list(column) for column in zip(*B)]
    return Tableau.origin(transposed, rows, columns), Tableau.origin(A, columns, rows)


def two_players(game: Game, method: str) -> tuple[Array, Array]:
    """The payoffs ``A`` and ``B`` of a two-player game; ValueError naming ``method`` for others."""
    if not isinstance(game, Game):
        raise ValueError(f"{method}: needs a Game in strategic form, got {type(game).__name__}")
    if len(game.players) != 2:
        raise ValueError(f"{method}: needs two players, got {len(game.players)}; use method='pure'")
    return game.payoffs[..., 0], game.payoffs[..., 1]


def positive_integers(payoffs: Array) -> list[list[int]]:
    """``payoffs`` shifted and rescaled to integers of at least 1, as small as may be.

    Floats are taken as the dyadic rationals they are, so that any size is exact.
    """
    given = [[Fraction(u) for u in row] for row in payoffs.tolist()]
    low = min(map(min, given))
    common = math.lcm(*((u - low).denominator for row in given for u in row))
    whole = [[int((u - low) * common) for u in row] for row in given]
    unit = math.gcd(*(u for row in whole for u in row)) or 1
    return [[u // unit + 1 for u in row] for row in whole]


def to_unit(payoffs: Array) -> Array:
    """``payoffs`` shifted and rescaled to [1, 2], floats, each off by less than 2^-50."""
    above = payoffs - payoffs.min()
    return np.asarray(above / (above.max() or 1), dtype=np.float64) + 1


def mixture(point: tuple[int, ...]) -> list[Fraction]:
    """The probabilities in proportion to ``point``."""
    total = sum(point)
    return [Fraction(z, total) for z in point]

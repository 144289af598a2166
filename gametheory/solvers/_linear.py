"""Linear programs, solved in floats and proved in rational numbers.

The programs here all have the form

    max c·x   subject to   Gx <= h,  x >= 0,   where h >= 0,

so that ``x = 0`` is feasible. ``y >= 0`` with ``G'y >= c`` proves that no feasible ``x`` is worth
more than ``h·y``; at the optimum both are equal (strong duality).

HiGHS solves the program in floats. From its vertex this module keeps only which variables are
positive and which constraints bind, of ``x`` and of ``y``, solves for both again in rational
numbers and checks feasibility and ``c·x = h·y`` exactly. A program too small to be worth that, and
one on which rounding has misled HiGHS, goes to the simplex method in integers with the
lexicographic rule, which always ends (Dantzig, Orden & Wolfe 1955, Pacific J. Math. 5: 183-195);
the latter on a few columns at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.game import Array
from gametheory.solvers._tableau import Tableau

SMALL = 400
"""Programs with at most this many coefficients are pivoted in integers at once."""
ZERO = 1e-9
"""Floats below this count as zero in the vertex that HiGHS returns; rows are scaled to 1."""
TIGHT = 1e-10
"""Tolerance of HiGHS, the least it takes: at its usual 1e-7 it stops near the vertex on ties."""
BATCH = 16
"""Columns added at once where HiGHS has not found the right ones."""
NUDGES = 0.0, 1e-7, 1e-6
"""Perturbations that are tried in turn."""
WORK = 6e6
"""Entries that may be pivoted in integers, each counted once and by its length: some seconds."""
LONG = 512
"""Bits of an integer that cost as much as to touch it."""
STEPS = 10
"""Steps that HiGHS may take for each row and column: it cycles where ties are nearly so."""


class UnprovedError(ArithmeticError):
    """A program whose floats mislead and whose ties are too many to be pivoted in integers."""


@dataclass
class Budget:
    """What is left of the work in integers."""

    left: float

    def spend(self, work: float) -> None:
        """Takes ``work`` away. Raises UnprovedError where that is too much."""
        self.left -= work
        if self.left < 0:
            raise UnprovedError(
                "linear program: rounding hides the solution, and the budget of pivots in "
                "integers ended; perturb the payoffs, or merge actions that pay alike"
            )


@dataclass(frozen=True)
class Optimum:
    """A best ``x`` with the ``y`` that proves it, and what both are worth; all exact."""

    x: list[Fraction]
    y: list[Fraction]
    value: Fraction


def integers(values: Array) -> tuple[Array, Fraction]:
    """``values`` above their least one, as coprime integers, and the unit of these.

    Floats are taken as the dyadic rationals they are. Where all are equal, zeros and unit 1.
    """
    ratios = [u.as_integer_ratio() for u in values.ravel().tolist()]
    common = math.lcm(*{bottom for _, bottom in ratios})
    whole = [top * (common // bottom) for top, bottom in ratios]
    low = min(whole)
    above = [u - low for u in whole]
    divisor = math.gcd(*above) or 1
    coprime = np.empty(len(above), dtype=object)
    coprime[:] = [u // divisor for u in above]
    unit = Fraction(divisor, common) if any(above) else Fraction(1)
    return coprime.reshape(values.shape), unit


def raised(whole: Array) -> Array:
    """Integers from 0 up, raised by their largest: positive, and of one magnitude for floats."""
    return whole + (max(whole.flat) or 1)


def maximum(c: Sequence[int], G: Array, h: Sequence[int], work: float = WORK) -> Optimum:
    """The best ``x`` of ``max c·x, Gx <= h, x >= 0`` in integers, with ``h >= 0``, and its proof.

    ``G`` has dtype object, shape ``(len(h), len(c))``. The program must be bounded. Raises
    UnprovedError where floats mislead and ``work`` in integers does not suffice.
    """
    if G.size <= SMALL:
        return _in_integers(c, G, h, Budget(math.inf))
    likely = np.zeros(len(c), dtype=bool)
    for nudge in NUDGES if work else NUDGES[:2]:
        guess = _in_floats(c, G, h, nudge)
        if guess is not None:
            found = _proved(c, G, h, *guess)
            if found:
                return found
            likely |= guess[-1]
    return _by_columns(c, G, h, likely, Budget(work))


def approximate(c: Sequence[int], G: Array, h: Sequence[int]) -> Optimum:
    """The like by floats alone: near the optimum, nothing proved; ``x`` adds up to 1 if it should.

    For programs whose last constraint is ``sum(x) <= 1``, which binds. Raises UnprovedError where
    HiGHS gives up.
    """
    rows, right, worth, tops, top = _scaled(c, G, h)
    run = _highs(rows, right, worth)
    if run.status != 0:
        raise UnprovedError("linear program: HiGHS gives up; perturb the payoffs")
    x = [Fraction(max(v, 0.0)) for v in run.x.tolist()]
    y = [Fraction(max(-v, 0.0)) * top / t for v, t in zip(run.ineqlin.marginals.tolist(), tops)]
    total = sum(x, Fraction(0))
    return Optimum(
        [v / total for v in x], y, sum((a * v for a, v in zip(c, x)), Fraction(0)) / total
    )


def _by_columns(
    c: Sequence[int], G: Array, h: Sequence[int], likely: Array, budget: Budget
) -> Optimum:
    """By pivoting in integers on the ``likely`` columns, and more until ``y`` prices all of them.

    Each round adds the columns whose worth is most above their price, so that the rounds end.
    """
    chosen = likely.copy()
    while True:
        columns = np.flatnonzero(chosen)
        best = (
            _in_integers([c[k] for k in columns.tolist()], G[:, columns], h, budget)
            if len(columns)
            else Optimum([], [Fraction(0)] * len(h), Fraction(0))
        )
        common = math.lcm(*(v.denominator for v in best.y))
        prices = np.array([int(v * common) for v in best.y], dtype=object)
        above = np.array([a * common for a in c], dtype=object) - prices @ G
        if max(above) <= 0:
            break
        worst = np.argsort(-above, kind="stable")[:BATCH]
        chosen[worst[above[worst] > 0]] = True
    x = [Fraction(0)] * len(c)
    for k, v in zip(columns, best.x):
        x[k] = v
    return Optimum(x, best.y, best.value)


def _in_integers(c: Sequence[int], G: Array, h: Sequence[int], budget: Budget) -> Optimum:
    """By pivoting from ``x = 0``; the objective is one more row, which no entering one drives out.

    That row reads ``z = 0 - (-c)x``: the ratio test looks at positive entries only, and the entry
    of a variable that improves the objective is negative.
    """
    m, n = G.shape
    rows = [[*row, b] for row, b in zip(G.tolist(), h)] + [[*(-a for a in c), 0]]
    slacks = tuple(range(n, n + m))
    at = Tableau(rows, 1, tuple(range(n)), (*slacks, n + m), slacks)
    while True:
        rates = at.rows[-1][:-1]
        enter = min(range(n), key=rates.__getitem__)
        if rates[enter] >= 0:
            break
        budget.spend((m + 1) * n * (1 + at.det.bit_length() / LONG))
        at = at.pivot(at.leaving(enter), enter)
    y = [0] * m
    for variable, rate in zip(at.cobasis, rates):
        if variable >= n:
            y[variable - n] = rate
    return Optimum(
        [Fraction(v, at.det) for v in at.point(range(n))],
        [Fraction(v, at.det) for v in y],
        Fraction(at.rows[-1][-1], at.det),
    )


def _in_floats(
    c: Sequence[int], G: Array, h: Sequence[int], nudge: float
) -> tuple[Array, Array, Array, Array, Array] | None:
    """Rows in floats, and which ``x`` are positive, rows bind, ``y`` are positive, columns bind.

    Right-hand sides and objective are raised by different amounts of the order of ``nudge``, so
    that one basis is optimal and these sets tell it.
    """
    rows, right, worth, _, _ = _scaled(c, G, h)
    rng = np.random.default_rng(0)
    right += nudge * rng.uniform(0.5, 1, len(right))
    worth -= nudge * rng.uniform(0.5, 1, len(worth))
    run = _highs(rows, right, worth)
    if run.status != 0:
        return None
    x, y = run.x, -run.ineqlin.marginals
    binds = right - rows @ x <= ZERO
    spans = rows.T @ y - worth <= ZERO
    return rows, x > ZERO, binds, y > ZERO, spans


def _scaled(
    c: Sequence[int], G: Array, h: Sequence[int]
) -> tuple[Array, Array, Array, list[int], int]:
    """The program in floats, each row and the objective divided by its largest; and by what."""
    tops = [max(max(map(abs, row)), b) or 1 for row, b in zip(G.tolist(), h)]
    rows = np.array([[a / t for a in row] for row, t in zip(G.tolist(), tops)])
    right = np.array([b / t for b, t in zip(h, tops)])
    top = max(map(abs, c)) or 1
    return rows, right, np.array([a / top for a in c]), tops, top


def _highs(rows: Array, right: Array, worth: Array) -> Any:
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    return linprog(
        -worth,
        A_ub=csr_array(rows),
        b_ub=right,
        bounds=(0, None),
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": TIGHT,
            "dual_feasibility_tolerance": TIGHT,
            "maxiter": STEPS * sum(rows.shape),
        },
    )


def _proved(
    c: Sequence[int],
    G: Array,
    h: Sequence[int],
    rows: Array,
    played: Array,
    binds: Array,
    priced: Array,
    spans: Array,
) -> Optimum | None:
    """The optimum with these positive variables and binding constraints; None if there is none.

    Where ties keep HiGHS from one vertex, of ``x`` or of ``y``, the other's often tells its basis.
    """
    down, floor = -G.T, [-a for a in c]
    x = _feasible(G, h, rows, played, binds) or _feasible(G, h, rows, spans, priced)
    y = _feasible(down, floor, -rows.T, priced, spans) or (
        x and _feasible(down, floor, -rows.T, binds, played)
    )
    if x is None or y is None:
        return None
    value = sum((a * v for a, v in zip(c, x) if v), Fraction(0))
    bound = sum((b * v for b, v in zip(h, y) if v), Fraction(0))
    return Optimum(x, y, value) if value == bound else None


def _feasible(
    G: Array, h: Sequence[int], rows: Array, positive: Array, binds: Array
) -> list[Fraction] | None:
    """The solution of ``Gx <= h, x >= 0`` with these variables and these constraints tight."""
    from flint import fmpz_mat
    from scipy.linalg import qr

    S, T = np.flatnonzero(positive), np.flatnonzero(binds)
    if len(S) > len(T):
        return None
    x = [Fraction(0)] * len(positive)
    if len(S) == 0:
        return x if all(b >= 0 for b in h) else None
    square = T[np.sort(qr(rows[np.ix_(T, S)].T, mode="r", pivoting=True)[1][: len(S)])]
    right = fmpz_mat([[h[t]] for t in square])
    try:
        solved: Any = fmpz_mat(G[np.ix_(square, S)].tolist()).solve(right)
    except ZeroDivisionError:
        return None
    top, bottom = solved.numer_denom()
    if bottom < 0:
        top, bottom = -top, -bottom
    if any(v < 0 for v in top.entries()):
        return None
    left = fmpz_mat(G[:, S].tolist()) * top
    if any(a > b * bottom for a, b in zip(left.entries(), h)):
        return None
    for k, v in zip(S, top.entries()):
        x[k] = Fraction(int(v), int(bottom))
    return x

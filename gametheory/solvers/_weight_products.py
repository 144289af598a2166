"""Groups of weights in which those of several players multiply each other.

What is linear is solved first, by the vertices of its polytope: an unknown that is the same at all
of them is known, and may make the rest linear. Next, every product is read as an unknown of its
own, the sums of weights times each other weight being equations between these: where that has no
solution, there is none. What is left is solved for the unknowns that the linear equations leave
free, on the unit cube (:mod:`gametheory.solvers._bernstein`): solutions are isolated with a proof,
and rational where a rational number near them solves all equations.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory._consistency import Moved
from gametheory.game import Array
from gametheory.solvers._cone import rays

Monomial = tuple[Moved, ...]
Form = dict[Monomial, int]
Values = dict[Moved, Fraction]
Poly = dict[tuple[int, ...], Fraction]

AXES = 6
"""Unknowns beyond which a system is not tried."""
DENOMINATORS = 1000, 1_000_000
ROUNDING = 1e-13


class UndecidedError(ArithmeticError):
    """A system of which not all solutions are known."""


def substituted(form: Form, known: Values, loose: set[Moved]) -> Form:
    """The form with these values, in integers, and without positive factors of all its products."""
    found: dict[Monomial, Fraction] = {}
    for product, c in form.items():
        rest = tuple(m for m in product if m not in known)
        value = Fraction(c) * math.prod(
            (known[m] for m in product if m in known), start=Fraction(1)
        )
        found[rest] = found.get(rest, Fraction(0)) + value
    found = {p: v for p, v in found.items() if v}
    common = math.lcm(*(v.denominator for v in found.values()))
    whole = {p: int(v * common) for p, v in found.items()}
    return cancelled(whole, loose)


def cancelled(form: Form, loose: set[Moved]) -> Form:
    """The form without the unknowns that all its products share; but for the ``loose``, which may
    be zero."""
    if not form:
        return form
    first, *rest = form
    shared = [m for m in first if m not in loose and all(m in other for other in rest)]
    if not shared:
        return form
    return {tuple(m for m in product if m not in shared): v for product, v in form.items()}


def fixed(
    unknowns: Sequence[Moved], equal: Sequence[Form], least: Sequence[Form], loose: set[Moved]
) -> Values | None:
    """Unknowns that the linear conditions determine; None where these have no solution."""
    at = {m: j for j, m in enumerate(unknowns)}
    n = len(unknowns)

    def linear(forms: Sequence[Form]) -> list[list[int]]:
        rows = []
        for form in forms:
            if form and all(len(p) <= 1 for p in form):
                line = [0] * (n + 1)
                for p, v in form.items():
                    line[at[p[0]] if p else n] += v
                rows.append(line)
        return rows

    equations, rows = linear(equal), linear(least)
    used = sorted({j for line in (*equations, *rows) for j, v in enumerate(line) if v} | {n})
    found = rays(
        [[line[j] for j in used] for line in equations],
        [[line[j] for j in used] for line in rows],
        len(used),
    )
    if not any(ray[-1] for ray in found):
        return None
    known: Values = {}
    for c, j in enumerate(used[:-1]):
        if not any(ray[c] for ray in found) and unknowns[j] not in loose:
            return None
        ratios = {(ray[c], ray[-1]) for ray in found}
        if all(bottom for _, bottom in ratios):
            values = {Fraction(top, bottom) for top, bottom in ratios}
            if len(values) == 1 and (value := values.pop()):
                known[unknowns[j]] = value
    return known


def relaxed(
    unknowns: Sequence[Moved], equal: Sequence[Form], least: Sequence[Form], strict: set[Moved]
) -> bool:
    """Whether the system has a solution if each product is an unknown of its own."""
    flows = [f for f in equal if f and all(len(p) <= 1 for p in f)]
    more = [
        {tuple(sorted((*p, m))): v for p, v in f.items()}
        for f in flows
        for m in unknowns
        if all(not p or (p[0][0] != m[0]) for p in f)
    ]
    products = {p for f in (*equal, *least) for p in f if len(p) > 1}
    more = [f for f in more if any(p in products for p in f)]
    names = sorted(
        {p for f in (*equal, *more, *least) for p in f} | {()} | {(m,) for m in unknowns}
    )
    at = {p: j for j, p in enumerate(names)}

    def row(form: Form) -> list[int]:
        line = [0] * len(names)
        for p, v in form.items():
            line[at[p]] += v
        return line

    found = rays([row(f) for f in (*equal, *more)], [row(f) for f in least], len(names))
    return bool(found) and all(
        any(ray[j] for ray in found) for p, j in at.items() if all(m in strict for m in p)
    )


def points(
    unknowns: Sequence[Moved], equal: Sequence[Form], least: Sequence[Form], loose: set[Moved]
) -> list[tuple[Values, bool]]:
    """All solutions, if they are isolated, and whether each is exact.

    Raises UndecidedError where that is not known.
    """
    equal = [*equal, *_normalised(unknowns, equal, least)]
    free, affine = _eliminated(unknowns, [f for f in equal if all(len(p) <= 1 for p in f)])
    if affine is None:
        return []
    rest = [f for f in equal if any(len(p) > 1 for p in f)]
    m = len(free)
    if m > AXES:
        raise UndecidedError
    equations = [e for e in (_polynomial(f, affine, m) for f in rest) if e]
    rows = [r for r in (_polynomial(f, affine, m) for f in least) if r]
    sizes = [p for v, p in affine.items() if v not in free and any(any(e) for e in p)]
    if m == 0:
        at = {v: p.get((), Fraction(0)) for v, p in affine.items()}
        sound = (
            not equations
            and all(r[()] >= 0 for r in rows)
            and all(x > 0 or (x == 0 and v in loose) for v, x in at.items())
        )
        return [(at, True)] if sound else []
    if len(equations) < m:
        raise UndecidedError
    from gametheory.solvers._bernstein import zeros

    signs = [(_bernstein(p, m), 1) for p in (*rows, *sizes)]
    found = None
    for chosen in itertools.islice(itertools.combinations(equations, m), 8):
        found = zeros([_bernstein(p, m) for p in chosen], signs, m)
        if found.whole and not found.left:
            break
    assert found is not None
    if found.left or not found.whole:
        raise UndecidedError
    solutions = []
    for t, off in found.zeros:
        exact = _rational(t, off, equations)
        x = [Fraction(v) for v in t.tolist()] if exact is None else exact
        at = {v: _value(p, x) for v, p in affine.items()}
        error = 0.0 if exact is not None else off + ROUNDING
        if any(_sign(p, x, error) for p in equations):
            continue
        checks = [_sign(p, x, error) for p in rows]
        sides = [_sign(p, x, error) for p in affine.values()]
        if min([*checks, *sides]) < 0:
            continue
        if exact is not None:
            if any(s == 0 and v not in loose for s, v in zip(sides, affine)):
                continue
        elif 0 in (*checks, *sides):
            raise UndecidedError
        solutions.append((at, exact is not None))
    return solutions


def _normalised(
    unknowns: Sequence[Moved], equal: Sequence[Form], least: Sequence[Form]
) -> list[Form]:
    """A sum of weights set to 1, where they can be rescaled; UndecidedError if in several ways."""
    from flint import fmpz_mat

    at = {m: j for j, m in enumerate(unknowns)}
    rows = []
    for form in (*equal, *least):
        powers = [[p.count(m) for m in unknowns] for p in form]
        rows += [[a - b for a, b in zip(p, powers[0])] for p in powers[1:]]
    if not rows:
        raise UndecidedError
    N, rank = fmpz_mat(rows).nullspace()
    if rank == 0:
        return []
    scale = [int(N[at[m], 0]) for m in unknowns]
    if rank > 1 or (min(scale) < 0 < max(scale)):
        raise UndecidedError
    return [{**{(m,): 1 for m, s in zip(unknowns, scale) if s}, (): -1}]


def _eliminated(
    unknowns: Sequence[Moved], linear: Sequence[Form]
) -> tuple[list[Moved], dict[Moved, Poly] | None]:
    """The unknowns that are free, and each unknown as an affine function of these."""
    from flint import fmpq, fmpq_mat

    n = len(unknowns)
    at = {m: j for j, m in enumerate(unknowns)}
    lines = []
    for form in linear:
        line = [fmpq(0)] * (n + 1)
        for p, v in form.items():
            line[at[p[0]] if p else n] += fmpq(v)
        lines.append(line)
    pivots: dict[int, list[Fraction]] = {}
    if lines:
        echelon, rank = fmpq_mat(lines).rref()
        for row in echelon.table()[:rank]:
            j = next(c for c, v in enumerate(row) if v)
            if j == n:
                return [], None
            pivots[j] = [Fraction(int(v.p), int(v.q)) for v in row]
    free = [j for j in range(n) if j not in pivots]
    m = len(free)
    units = [tuple(int(i == a) for i in range(m)) for a in range(m)]
    zero = (0,) * m
    affine: dict[Moved, Poly] = {}
    for j, name in enumerate(unknowns):
        if j in pivots:
            row_ = pivots[j]
            poly = {units[a]: -row_[c] for a, c in enumerate(free) if row_[c]}
            if row_[n]:
                poly[zero] = -row_[n]
            affine[name] = poly
        else:
            affine[name] = {units[free.index(j)]: Fraction(1)}
    return [unknowns[j] for j in free], affine


def _polynomial(form: Form, affine: dict[Moved, Poly], m: int) -> Poly:
    total: Poly = {}
    for product, c in form.items():
        poly: Poly = {(0,) * m: Fraction(c)}
        for name in product:
            poly = _times(poly, affine[name])
        for e, v in poly.items():
            total[e] = total.get(e, Fraction(0)) + v
    return {e: v for e, v in total.items() if v}


def _times(p: Poly, q: Poly) -> Poly:
    found: Poly = {}
    for e, v in p.items():
        for f, w in q.items():
            key = tuple(a + b for a, b in zip(e, f))
            found[key] = found.get(key, Fraction(0)) + v * w
    return found


def _bernstein(p: Poly, m: int) -> Array:
    """Coefficients in Bernstein form on the unit cube."""
    degrees = [max(e[j] for e in p) for j in range(m)]
    table = np.full([d + 1 for d in degrees], Fraction(0), dtype=object)
    for e, v in p.items():
        table[e] += v
    for j, d in enumerate(degrees):
        T = np.array(
            [
                [
                    Fraction(math.comb(k, i), math.comb(d, i)) if i <= k else Fraction(0)
                    for i in range(d + 1)
                ]
                for k in range(d + 1)
            ],
            dtype=object,
        )
        table = np.moveaxis(np.tensordot(T, table, axes=(1, j)), 0, j)
    return table.astype(np.float64)


def _value(p: Poly, x: Sequence[Fraction]) -> Fraction:
    return sum(
        (v * math.prod((t**a for t, a in zip(x, e) if a), start=Fraction(1)) for e, v in p.items()),
        start=Fraction(0),
    )


def _sign(p: Poly, x: Sequence[Fraction], error: float) -> int:
    """The sign at all points within ``error`` of ``x``; 0 where that is not sure."""
    value = _value(p, x)
    if error:
        reach = Fraction(error) * sum(abs(v) * sum(e) for e, v in p.items()) * 2
        if abs(value) <= reach:
            return 0
    return (value > 0) - (value < 0)


def _rational(t: Array, off: float, equations: Sequence[Poly]) -> list[Fraction] | None:
    """The rational solution within ``off`` of ``t``, if one of small denominators is."""
    for most in DENOMINATORS:
        x = [Fraction(v).limit_denominator(most) for v in t.tolist()]
        if all(abs(float(a) - b) <= off + ROUNDING for a, b in zip(x, t.tolist())) and not any(
            _value(p, x) for p in equations
        ):
            return x
    return None

"""The extreme rays of a cone ``{x >= 0: Ex = 0, Ax >= 0}``, in integers.

The equations are solved first. Then inequalities are added one by one, each ray that violates the
next one being replaced by the edges that leave it (the double description method of Motzkin et al.
1953, after). Two rays span an edge iff no third one binds all that both bind.

>>> rays([[1, 1, -1]], [[1, -2, 0]], 3)
[(1, 0, 1), (2, 1, 3)]
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flint import fmpz_mat

Ray = tuple[int, ...]


def rays(equations: Sequence[Sequence[int]], rows: Sequence[Sequence[int]], n: int) -> list[Ray]:
    """The extreme rays of ``{x >= 0: equations x = 0, rows x >= 0}``, coprime integers.

    The cone is their sum; it is {0} if there are none. Cost: grows with the number of rays on the
    way.
    """
    basis = _nullspace(equations, n)
    d = len(basis)
    if d == 0:
        return []
    held = [tuple(v[j] for v in basis) for j in range(n)]  # x_j >= 0
    for row in rows:
        used = [(j, a) for j, a in enumerate(row) if a]
        held.append(tuple(sum(a * v[j] for j, a in used) for v in basis))
    held = list(dict.fromkeys(_coprime(row) for row in held if any(row)))
    found = _described(held, d)
    return [
        _coprime([sum(z * v[j] for z, v in zip(ray, basis) if z) for j in range(n)])
        for ray in found
    ]


def _nullspace(equations: Sequence[Sequence[int]], n: int) -> list[Ray]:
    given = [row for row in equations if any(row)]
    if not given:
        return [tuple(int(i == j) for j in range(n)) for i in range(n)]
    N, rank = fmpz_mat([list(row) for row in given]).nullspace()
    table = N.table()
    return [_coprime([int(table[i][j]) for i in range(n)]) for j in range(rank)]


def _coprime(x: Sequence[int]) -> Ray:
    divisor = math.gcd(*x)
    return tuple(v // divisor for v in x) if divisor > 1 else tuple(x)


def _described(rows: list[Ray], d: int) -> list[Ray]:
    """The extreme rays of the pointed cone ``{z: rows z >= 0}`` in ``d`` dimensions."""
    if d == 1:
        signs = {row[0] > 0 for row in rows}
        return [] if len(signs) == 2 else [(1,) if signs.pop() else (-1,)]
    first = _independent(rows, d)
    order = first + [j for j in range(len(rows)) if j not in first]
    inverse = fmpz_mat([list(rows[j]) for j in first]).inv().table()
    found: list[tuple[Ray, int]] = []
    full = (1 << d) - 1
    for j in range(d):
        column = [inverse[i][j] for i in range(d)]
        common = math.lcm(*(int(v.q) for v in column))
        found.append(
            (_coprime([int(v.p) * (common // int(v.q)) for v in column]), full & ~(1 << j))
        )
    for t in range(d, len(order)):
        row, bit = rows[order[t]], 1 << t
        values = [sum(a * z for a, z in zip(row, ray)) for ray, _ in found]
        up = [(r, m, v) for (r, m), v in zip(found, values) if v > 0]
        on = [(r, m | bit) for (r, m), v in zip(found, values) if v == 0]
        down = [(r, m, v) for (r, m), v in zip(found, values) if v < 0]
        if not down:
            found = [(r, m | bit if v == 0 else m) for (r, m), v in zip(found, values)]
            continue
        masks = [m for _, m in found]
        edges = []
        for r, m, v in up:
            for q, k, w in down:
                both = m & k
                if both.bit_count() < d - 2 or sum(both & ~o == 0 for o in masks) > 2:
                    continue
                edges.append((_coprime([v * b - w * a for a, b in zip(r, q)]), both | bit))
        found = [(r, m) for r, m, _ in up] + on + edges
        if not found:
            return []
    return [r for r, _ in found]


def _independent(rows: list[Ray], d: int) -> list[int]:
    """The first ``d`` rows that are independent."""
    echelon, rank = fmpz_mat([list(row) for row in rows]).transpose().rref()[0::2]
    table = echelon.table()
    return [next(j for j, v in enumerate(table[i]) if v) for i in range(rank)]

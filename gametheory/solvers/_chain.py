"""The stationary law of a Markov chain by elimination of its states, without a subtraction.

States leave one by one (Grassmann, Taksar & Heyman 1985, Oper. Res. 33: 1107-1116). With ``q[i,j]``
the rate from ``i`` to ``j`` and ``s_k`` the sum of ``q[k,j]`` over the states that are left, the
chain watched while it is outside of ``k`` has the rates ``q[i,j] + q[i,k] q[k,j] / s_k``; and the
law of the whole follows backwards, ``pi_k = sum_i pi_i q[i,k] / s_k``. Sums, products and quotients
of positive numbers keep their relative accuracy: each entry of the law, however small, has a
relative error in proportion to that of the rates and to the number of states, whatever the
condition of the chain (after O'Cinneide 1993, Numer. Math. 65: 109-120).

A number is ``m b^e``, held as a float ``m`` and an integer ``e``, so that none is out of range. It
stands for two things:

* ``b = 2^256``: a float with a long exponent, where plain floats could leave their range;
* ``b`` without bound: the leading term of a rate that vanishes as ``b`` grows. The same steps then
  find the leading term of the law: ``e`` exactly, the least total of ``-e`` over the trees of
  transitions that lead to a state, and ``m``, the sum over these trees.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from gametheory.game import Array
from gametheory.solvers._compiled import compiled

BITS = 256
"""Of ``b``."""
DONE, FAR, UNEVEN = 0, 1, 2
FARTHEST, NOTHING = 1 << 60, -(1 << 62)
"""Bound on exponents in machine integers, and the exponent of zero: no sum of three overflows."""
SMALL = 1e-150
"""Bound on plain floats: no product of two leaves the range."""
SLOW = 256
"""States up to which the chain is worked through without compiled code."""
WIDEST = 1e75
"""Bound on coefficients of leading terms: no product of three, nor quotient, leaves the range."""


@register_jitable
def total(m: float, e: int, x: float, at: int, down: float) -> tuple[float, int]:
    """The sum of ``m b^e`` and ``x b^at``, where ``down`` is ``1 / b``."""
    d = at - e
    of_m = 1.0 if d <= 0 else down if d == 1 else 0.0
    of_x = 1.0 if d >= 0 else down if d == -1 else 0.0
    return of_m * m + of_x * x, at if d > 0 else e


@register_jitable
def even(m: float, e: int, high: float, down: float) -> tuple[float, int]:
    """``m b^e`` with ``m`` between ``1 / high`` and ``high``, the root of ``b``."""
    if m >= high:
        return m * down, e + 1
    if 0 < m < 1 / high:
        return m / down, e - 1
    return m, e


@compiled
def stationary(
    M: Array,
    E: Array,
    last: Array,
    b: float,
    far: int,
    wide: float,
    nothing: int,
    law: Array,
    power: Array,
) -> int:
    """Writes the law, not normalised, as ``law`` and ``power``; ``M`` and ``E`` are overwritten.

    ``M`` and ``E`` (S, S) are the rates; where one is zero, so is the opposite one, and its ``E``
    is ``nothing``. ``last`` (S,) is the last column of each row that is not zero. States leave from
    the first on. ``b = inf`` stands for one without bound. Returns ``DONE``; or, for leading terms,
    ``FAR`` if an exponent is beyond ``far``, ``UNEVEN`` if a coefficient or its inverse is beyond
    ``wide``. The same code runs uncompiled on arrays of Python's integers and of mpmath's floats.
    """
    states = len(M)
    down, high = 1 / b, np.sqrt(b)
    for k in range(states - 1):
        end = last[k] + 1
        m, e = 0.0, nothing
        for j in range(k + 1, end):
            if M[k, j] > 0:
                m, e = total(m, e, M[k, j], E[k, j], down)
        if down == 0:
            for j in range(k + 1, end):
                if M[k, j] > 0:
                    if max(abs(E[k, j]), abs(E[j, k])) > far:
                        return FAR
                    if max(M[k, j], 1 / M[k, j], M[j, k], 1 / M[j, k]) > wide:
                        return UNEVEN
        for i in range(k + 1, end):
            if M[i, k] > 0:
                last[i] = max(last[i], last[k])
                f, g = even(M[i, k] / m, E[i, k] - e, high, down)
                M[i, k], E[i, k] = f, g
                for j in range(k + 1, end):
                    x = f * M[k, j]
                    y, at = total(M[i, j], E[i, j], x, g + E[k, j] if x > 0 else nothing, down)
                    M[i, j], E[i, j] = even(y, at, high, down)
    law[states - 1], power[states - 1] = 1.0, 0
    for k in range(states - 2, -1, -1):
        m, e = 0.0, nothing
        for i in range(k + 1, last[k] + 1):
            if M[i, k] > 0:
                m, e = total(m, e, law[i] * M[i, k], power[i] + E[i, k], down)
                m, e = even(m, e, high, down)
        law[k], power[k] = m, e
        if not 0 < m < np.inf:
            return UNEVEN
    return DONE


@compiled
def plain(Q: Array, last: Array, law: Array) -> bool:
    """The same in floats. False as soon as a product could leave their range."""
    states = len(Q)
    for k in range(states - 1):
        end = last[k] + 1
        s = 0.0
        for j in range(k + 1, end):
            if 0 < Q[k, j] < SMALL or 0 < Q[j, k] < SMALL:
                return False
            s += Q[k, j]
        for i in range(k + 1, end):
            if Q[i, k] > 0:
                last[i] = max(last[i], last[k])
                f = Q[i, k] / s
                Q[i, k] = f
                for j in range(k + 1, end):
                    Q[i, j] += f * Q[k, j]
    law[states - 1] = 1.0
    for k in range(states - 2, -1, -1):
        law[k] = 0.0
        for i in range(k + 1, last[k] + 1):
            law[k] += law[i] * Q[i, k]
        if not SMALL < law[k] < 1 / SMALL:
            return False
    return True


def numbers(M: Array, E: Array, last: Array) -> tuple[Array, Array]:
    """The law, not normalised, as floats and exponents of ``2^256``; ``M``, ``E``: the rates.

    ``M`` and ``E`` may be overwritten. ``M`` is between ``2^-128`` and ``2^128``, or 0.
    """
    law, power = np.empty(len(M)), np.zeros(len(M), dtype=np.int64)
    if (E[M > 0] == 0).all() and plain(M.copy(), last.copy(), law):
        return law, power
    stationary(M, E, last, 2.0**BITS, 0, 0.0, NOTHING, law, power)
    return law, power


def leading(M: Array, E: Array, last: Array) -> tuple[Array, Array] | None:
    """Coefficients and exponents of the leading terms of the law; ``M``, ``E``: of the rates.

    Exponents are exact. ``E`` holds machine integers, or Python's where they are too long. Where
    machine numbers do not hold what comes up, Python's integers do, and at need mpmath's floats, a
    thousand times slower: None for more than ``SLOW`` states. ``M`` and ``E`` may be overwritten.
    """
    states = len(M)
    law, power = np.empty(states), np.empty(states, dtype=np.int64)
    if E.dtype != object:
        m, e, end = (x.copy() if states <= SLOW else x for x in (M, E, last))
        if not stationary(m, e, end, np.inf, FARTHEST, WIDEST, NOTHING, law, power):
            return law, power
    if states > SLOW:
        return None
    import mpmath  # type: ignore[import-untyped]

    there, python = M > 0, stationary.py_func  # type: ignore[attr-defined]
    far = 4 * states**2 * (1 + max(map(abs, E[there].tolist()), default=0))
    long = np.where(there, E.astype(object), -4 * far)
    precise = np.vectorize(mpmath.mpf, otypes=[object])(M)
    for number, wide in ((M.astype(object), WIDEST), (precise, np.inf)):
        law, power = np.empty((2, states), dtype=object)
        run = number.copy(), long.copy(), last.copy(), np.inf, far, wide, -4 * far, law, power
        if not python(*run):
            break
    return law, power

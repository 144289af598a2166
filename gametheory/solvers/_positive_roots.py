"""Positive roots of polynomials with integer coefficients, each with a proof.

By Descartes' rule of signs the number of positive roots, with multiplicity, is at most the number
of sign changes of the coefficients, and of the same parity: none or one where that number is 0 or
1. :func:`isolate` halves intervals until one of these holds (Collins & Akritas 1976, SYMSAC '76:
272-275), after taking out repeated factors, so it ends. It works in integers, without rounding.
:func:`narrow` closes in on a root by Newton's method; every sign it relies on is proved, by ball
arithmetic (Johansson 2017, IEEE Trans. Comput. 66(8): 1281-1292) or, where that cannot tell, in
integers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, arb_poly, ctx, fmpq, fmpz_poly

Ball = Any
SHIFT = fmpz_poly([1, 1])
DIGITS = 60


class Polynomial:
    """A polynomial with integer coefficients and a nonzero constant one."""

    def __init__(self, coefficients: Any) -> None:
        self.exact = fmpz_poly(coefficients)
        self._balls: dict[int, tuple[Any, Any]] = {}

    @cached_property
    def height(self) -> int:
        """Numerator times denominator of a rational root is at most 2 to this power.

        In lowest terms they divide the first and the last coefficient.
        """
        content = self.exact.content()
        first, last = self.exact[0] // content, self.exact.leading_coefficient() // content
        return int(abs(first).bit_length() + abs(last).bit_length())

    def ball(self, r: Ball, bits: int) -> Ball:
        """A ball around the values on the ball ``r``."""
        return self._rounded(bits)[0](r)

    def sign(self, r: Ball) -> int:
        """Sign at the exact number ``r``."""
        for bits in (128, 512):
            with ctx.workprec(bits):
                y = self.ball(r, bits)
            if y > 0 or y < 0 or y.is_zero():
                return int(y > 0) - int(y < 0)
        value = self.exact(r.fmpq())
        return int(value > 0) - int(value < 0)

    def newton(self, r: Ball, bits: int) -> Ball:
        """Newton's step at ``r`` for the polynomial over ``(1 + r) ** degree``, which is tame."""
        value, slope = (f(r) for f in self._rounded(bits))
        return (value / (slope - self.exact.degree() * value / (1 + r))).mid()

    def _rounded(self, bits: int) -> tuple[Any, Any]:
        if bits not in self._balls:
            rounded = arb_poly(self.exact)
            self._balls[bits] = rounded, rounded.derivative()
        return self._balls[bits]


@dataclass(frozen=True)
class Root:
    """A sign change of ``polynomial`` between ``low`` and ``high`` (None: infinity).

    ``left`` is the sign next to ``low``. Where ``inverted``, the root meant is one over this one.
    ``low == high`` is a root known exactly.
    """

    polynomial: Polynomial
    low: Ball
    high: Ball | None
    left: int
    start: Ball | None = None
    inverted: bool = False
    multiplicity: int = 1


def isolate(p: Polynomial) -> list[Root]:
    """Every positive root of ``p``, each with its multiplicity, in no order.

    Cost: a few Taylor shifts a root; one takes 1 us at degree 30 and 5 ms at 1,000.
    """
    found = []
    for factor, multiplicity in p.exact.factor_squarefree()[1]:
        rest = factor
        if factor(1) == 0:
            rest = factor // fmpz_poly([-1, 1])
            one = arb(1)
            found.append(Root(Polynomial(factor), one, one, 0, multiplicity=multiplicity))
        for inverted in (False, True):
            side = _reverse(rest) if inverted else rest
            q = Polynomial(side)
            found += [
                Root(q, low, high, left, None, inverted, multiplicity)
                for low, high, left in _within_unit(side)
            ]
    return found


def _within_unit(p: Any) -> Iterable[tuple[Ball, Ball, int]]:
    """Brackets of the roots of a square-free ``p`` in (0, 1), with the sign left of each."""
    waiting = [(p, 0, 0)]
    while waiting:
        q, c, level = waiting.pop()  # q on (0, 1) is p on (c, c + 1) / 2^level
        changes = _sign_changes(_reverse(q)(SHIFT))
        if changes == 1:
            unit = arb(2) ** -level
            yield c * unit, (c + 1) * unit, 1 if q[0] > 0 else -1
        elif changes > 1:
            n = q.degree()
            left = fmpz_poly([a << (n - k) for k, a in enumerate(q.coeffs())])
            right = left(SHIFT)
            if right[0] == 0:
                middle = (2 * c + 1) * arb(2) ** -(level + 1)
                yield middle, middle, 0
                right = right.right_shift(1)
            waiting += [(right, 2 * c + 1, level + 1), (left, 2 * c, level + 1)]


def _reverse(p: Any) -> Any:
    return fmpz_poly(p.coeffs()[::-1])


def _sign_changes(p: Any) -> int:
    """Sign changes of the coefficients, zeros left out; 2 stands for any larger number."""
    changes = last = 0
    for a in p.coeffs():
        if a != 0:
            sign = 1 if a > 0 else -1
            changes += sign == -last
            if changes == 2:
                break
            last = sign
    return changes


def narrow(root: Root, bits: int = DIGITS) -> tuple[Ball, Ball]:
    """Numbers below and above the root, nearer to each other than ``2 ** -bits`` times either.

    Equal if the root is met exactly. The signs at both are proved to differ.
    """
    p, low, high = root.polynomial, root.low, root.high
    if high is not None and low == high:
        return low, high
    prec, reach, before = bits + 100, 1, None
    with ctx.workprec(prec):
        close, far = arb(2) ** -bits, arb(2) ** -40
        r = root.start
        while True:
            if r is None:  # halve the bracket: its logarithm, or the way to 0 or infinity
                if low == 0 or high is None:
                    r = (1 if high is None else high * arb(2) ** -reach) if low == 0 else None
                    r = low * arb(2) ** reach if r is None else arb(r)
                    reach *= 2
                else:
                    r = (low * high).sqrt().mid()
            sign = p.sign(r)
            if sign == 0:
                return r, r
            low, high = (r, high) if sign == root.left else (low, r)
            if high is not None and high - low < close * low:
                return low, high
            step = p.newton(r, prec)
            size, guess = abs(step), (r - step).mid()
            if not (step.is_finite() and guess > low and (high is None or guess < high)):
                r = before = None
            elif size < far * r:
                pair = _enclose(root, guess, bits, prec)
                if pair and pair[1] > low and (high is None or pair[0] < high):
                    return max(low, pair[0]), pair[1] if high is None else min(high, pair[1])
                r = before = None
            elif before is None or 2 * size < before:
                r, before = guess, size
            else:
                r = before = None


def _enclose(root: Root, r: Ball, bits: int, prec: int) -> tuple[Ball, Ball] | None:
    """``r`` after more Newton steps, less and plus a little, if the signs there prove a root."""
    digits = 40
    while digits < bits + 8:
        r = (r - root.polynomial.newton(r, prec)).mid()
        if not r > 0:
            return None
        digits *= 2
    little = r * arb(2) ** -(bits + 2)
    low, high = (r - little).mid(), (r + little).mid()
    signs = root.polynomial.sign(low), root.polynomial.sign(high)
    return (low, high) if signs == (root.left, -root.left) else None


def rational(p: Polynomial, low: Ball, high: Ball) -> Fraction | None:
    """The rational root of ``p`` between ``low`` and ``high``; None if there is none.

    They must be nearer than ``2 ** -p.height`` times either: then a rational root is the fraction
    of least denominator between them.
    """
    a, b = low.fmpq(), high.fmpq()
    x = _simplest(int(a.p), int(a.q), int(b.p), int(b.q), 1 << p.height)
    if x is None or p.exact(fmpq(x.numerator, x.denominator)) != 0:
        return None
    return x


def _simplest(p: int, q: int, r: int, s: int, most: int) -> Fraction | None:
    """The fraction of least denominator in ``[p/q, r/s]``, or None if that exceeds ``most``."""
    terms, before, denominator = [], 0, 1
    while True:
        n, rest = divmod(p, q)
        last = rest == 0 or (n + 1) * s <= r
        terms.append(n if rest == 0 else n + 1 if last else n)
        if last:
            break
        p, q, r, s = s, r - n * s, q, rest
        if len(terms) > 1:
            before, denominator = denominator, terms[-1] * denominator + before
        if denominator > most:
            return None
    x = Fraction(terms.pop())
    while terms:
        x = terms.pop() + 1 / x
    return x

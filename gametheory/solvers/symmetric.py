"""Every symmetric equilibrium of a :class:`~gametheory.count.CountGame`.

All of ``n = N + 1`` players act with the same chance ``q``. What acting adds to waiting is then

    g(q) = sum_k C(N, k) q^k (1 - q)^(N - k) d_k,     d = act - wait,

so ``q = 0`` is an equilibrium iff ``d_0 <= 0``, ``q = 1`` iff ``d_N >= 0``, and ``0 < q < 1`` iff
``g(q) = 0``. In the odds ``r = q / (1 - q)`` the roots are the positive ones of the polynomial
with coefficients ``C(N, k) d_k``: with multiplicity at most as many as ``d`` has sign changes, and
of the same parity (Peña, Lehmann & Nöldeke 2014, J. Theor. Biol. 346: 23-33).

The roots are counted by proof, in three ways, the cheapest first:

1. signs of ``g`` at one point in each run of equal signs of ``d``: if they alternate as often as
   ``d`` does, each gap holds exactly one root;
2. (large ``n``) signs of ``g`` at its critical points, found in the same way from the differences
   of ``d``; between two of them ``g`` is monotone;
3. exact isolation of the roots of the polynomial, which also finds repeated roots.

The third costs too much beyond 1,000 players. If it is needed there, the coverage is UNKNOWN; a
critical point at which the gain is zero to some 70 digits is then listed, and the notes name it.
Payoffs in floats are taken as the dyadic rationals they are, so the count is proved for them too.

>>> from gametheory.count import CountGame
>>> solve(CountGame(act=[1, 1, 1], wait=[0, 2, 2]))
1 found by symmetric. Every equilibrium in which all players mix alike is in the list; others were
not sought.
  0: Player 1 ... Player 3: (0.292893, 0.707107)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, ctx, fmpz_poly

from gametheory.count import CountGame
from gametheory.equilibrium import Component, Coverage, EquilibriumSet
from gametheory.game import GameForm, Profile
from gametheory.solvers._positive_roots import (
    DIGITS,
    SHIFT,
    Polynomial,
    Root,
    isolate,
    narrow,
    rational,
)

METHOD = "symmetric"
PEAKS_FROM = 60  # degrees at which critical points are cheaper than exact isolation
ISOLATE_TO = 1000  # degrees up to which exact isolation takes seconds
RATIONAL_BITS = 4096  # length up to which a rational root is looked for
TOUCHES = 0  # stands for the multiplicity of a root that is not proved to be one


@dataclass(frozen=True)
class Mixed:
    """A chance of acting between 0 and 1, its complement, and its multiplicity as a root."""

    q: Fraction | float
    rest: Fraction | float
    multiplicity: int


def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet:
    """Every symmetric equilibrium of ``game``, by chance of acting from least to greatest.

    ``exact=True`` gives the chances as Fractions and raises ValueError if one is irrational; False
    gives floats; None gives Fractions where the game is exact and the chance is rational, floats
    elsewhere. ``degenerate`` tells whether a root is repeated or a player is indifferent at a pure
    equilibrium. If no player ever gains or loses by acting, every chance is an equilibrium: the set
    holds 0 and 1, the ends of one component.

    Cost: a fraction of a millisecond for n <= 10, milliseconds for n = 1,000, a fraction of a
    second for n = 10,000. Raises ValueError for a game that is not a CountGame.
    """
    if not isinstance(game, CountGame):
        raise ValueError(f'{METHOD}: needs a CountGame, not a {type(game).__name__}; use "auto"')
    fractions = game.exact if exact is None else exact
    zero, one = (Fraction(0), Fraction(1)) if fractions else (0.0, 1.0)
    d = _integers(game)
    if not any(d):
        return EquilibriumSet.proved(
            game,
            [_profile(game, zero, one), _profile(game, one, zero)],
            Coverage.EXTREME,
            METHOD,
            components=[Component((0, 1))],
            degenerate=True,
            notes=["Acting and waiting always pay the same: every profile is an equilibrium."],
        )
    roots, complete = _roots(d)
    mixed = [_mixed(root, fractions, demanded=exact is True) for root in roots]
    mixed.sort(key=lambda m: m.q)
    chances = [(zero, one)] if d[0] <= 0 else []
    chances += [(m.q, m.rest) for m in mixed]
    chances += [(one, zero)] if d[-1] >= 0 else []
    notes = [
        f"The gain from acting has a root of multiplicity {m.multiplicity} at q = {_show(m.q)}."
        for m in mixed
        if m.multiplicity > 1
    ]
    tied = bool(notes) or d[0] == 0 or d[-1] == 0
    notes += [
        f"At q = {_show(m.q)} the gain from acting touches zero, or misses it by less than can be "
        "told: there may be two equilibria, one or none."
        for m in mixed
        if m.multiplicity == TOUCHES
    ]
    if not complete:
        proved, most = sum(m.multiplicity > 0 for m in mixed), len(_runs(d)) - 1
        notes.append(
            f"{proved} mixed equilibria are proved; the gain from acting changes sign {most} "
            f"times in k, so there may be up to {most - proved} more."
        )
    return EquilibriumSet.proved(
        game,
        [_profile(game, q, rest) for q, rest in chances],
        Coverage.ALL_SYMMETRIC if complete else Coverage.UNKNOWN,
        METHOD,
        degenerate=tied or (False if complete else None),
        notes=notes,
    )


def _profile(game: CountGame, q: Fraction | float, rest: Fraction | float) -> Profile:
    """The profile in which every player acts with chance ``q``."""
    x = np.array([q, rest], dtype=object if isinstance(q, Fraction) else np.float64)
    return Profile(game, (x,) * len(game.players))


def _show(q: Fraction | float) -> str:
    return str(q) if isinstance(q, Fraction) else f"{q:.6g}"


def _integers(game: CountGame) -> list[int]:
    """The gain sequence times a positive number that makes it integers without common factor."""
    if game.exact:
        unit = math.lcm(*{x.denominator for x in game.gain})
        d = [x.numerator * (unit // x.denominator) for x in game.gain]
    else:  # not game.gain, which is rounded
        payoffs = np.concatenate([game.act, game.wait])
        mantissa, exponent = np.frexp(payoffs)
        shift = exponent - exponent[payoffs != 0].min() if payoffs.any() else exponent
        whole = [
            m << s if m else 0
            for m, s in zip((mantissa * 2.0**53).astype(np.int64).tolist(), shift.tolist())
        ]
        d = [a - w for a, w in zip(whole, whole[len(game.act) :])]
    common = math.gcd(*d)
    return [x // common for x in d] if common > 1 else d


@lru_cache(maxsize=8)
def _binomials(n: int) -> tuple[Any, ...]:
    return tuple((SHIFT**n).coeffs())


def _polynomial(d: Sequence[int]) -> Polynomial:
    """The polynomial in the odds, less its roots at zero."""
    n = len(d) - 1
    p = fmpz_poly([c * x for c, x in zip(_binomials(n), d)])
    first = next(k for k, x in enumerate(d) if x)
    return Polynomial(p.right_shift(first))


def _runs(d: Sequence[int]) -> list[tuple[int, int, int]]:
    """Sign, first and last index of each run of equal signs, zeros left out."""
    runs: list[tuple[int, int, int]] = []
    for k, x in enumerate(d):
        if x:
            sign = 1 if x > 0 else -1
            same = bool(runs) and runs[-1][0] == sign
            runs.append((sign, runs.pop()[1] if same else k, k))
    return runs


def _odds(k: float, n: int) -> Any:
    """The odds at which ``k`` of ``n`` are expected to act."""
    return arb(k / (n - k))


def _roots(d: Sequence[int]) -> tuple[list[Root], bool]:
    """Brackets of roots of the gain, and whether these are proved to be all the roots."""
    runs = _runs(d)
    if len(runs) == 1:
        return [], True
    p, n = _polynomial(d), len(d) - 1
    found = _between_runs(p, runs, n)
    if len(found) == len(runs) - 1:
        return found, True
    by_peaks = _between_peaks(p, d, runs) if n > PEAKS_FROM else None
    if by_peaks is not None and all(root.multiplicity != TOUCHES for root in by_peaks):
        return by_peaks, True
    if n <= ISOLATE_TO:
        return isolate(p), True
    return by_peaks or found, False


def _between_runs(p: Polynomial, runs: Sequence[tuple[int, int, int]], n: int) -> list[Root]:
    """A root between each two neighbouring runs, in whose middle the gain has opposite signs."""
    if len(runs) == 2:
        start = _odds((runs[0][2] + runs[1][1]) / 2, n)
        return [Root(p, arb(0), None, runs[0][0], start)]
    every = 1 + len(runs) // (8 + 4 * math.isqrt(n))  # more real roots than that are not expected
    points = [_odds((first + last) / 2, n) for _, first, last in runs[1:-1:every]]
    return _alternations(p, [(r, p.sign(r)) for r in points], runs)


def _alternations(
    p: Polynomial, points: Sequence[tuple[Any, int]], runs: Sequence[tuple[int, int, int]]
) -> list[Root]:
    """A bracket for each change of sign from zero, over the ``points``, to infinity."""
    found = []
    low, left = arb(0), runs[0][0]
    for r, sign in [*points, (None, runs[-1][0])]:
        if sign == -left:
            found.append(Root(p, low, r, left))
        if sign:
            low, left = r, sign
    return found


def _between_peaks(
    p: Polynomial, d: Sequence[int], runs: Sequence[tuple[int, int, int]]
) -> list[Root] | None:
    """Every root, from the signs of the gain where its slope is zero.

    With them the points where that sign cannot be told. None if not every such point is found.
    """
    slope = [b - a for a, b in pairwise(d)]
    turns = _runs(slope)
    q = _polynomial(slope)
    peaks = _between_runs(q, turns, len(slope) - 1) if len(turns) > 1 else []
    if len(peaks) < len(turns) - 1:
        return None
    points, touching = [], []
    for peak in peaks:
        for bits in (DIGITS, 4 * DIGITS):
            low, high = narrow(peak, bits)
            with ctx.workprec(8 * DIGITS):
                value = p.ball(low.union(high), 8 * DIGITS)
            if value > 0 or value < 0:
                points.append((low, 1 if value > 0 else -1))
                break
        else:
            touching.append(replace(peak, multiplicity=TOUCHES))
    return _alternations(p, points, runs) + touching


def _rounded(root: Root, low: Any, high: Any) -> tuple[float, float]:
    """The chance at the root between ``low`` and ``high``, and the rest, each rounded to nearest.

    Narrowed until both ends round alike, so that how the root was found leaves no trace; not beyond
    eight times the digits, for a root that lies half way between two floats.
    """
    for bits in (2 * DIGITS, 8 * DIGITS, 0):
        with ctx.workprec(8 * DIGITS + 64):
            ends = [(float(r / (1 + r)), float(1 / (1 + r))) for r in (low, high)]
        if ends[0] == ends[1] or not bits:
            break
        low, high = narrow(root, bits)
    return ends[0]


def _mixed(root: Root, fractions: bool, demanded: bool) -> Mixed:
    """The chance of acting at ``root``, a Fraction if wanted and rational, else a float."""
    p = root.polynomial
    sought = fractions and p.height <= RATIONAL_BITS and root.multiplicity != TOUCHES
    low, high = narrow(root, max(DIGITS, p.height + 2) if sought else DIGITS)
    r = rational(p, low, high) if sought else None
    q: Fraction | float
    rest: Fraction | float
    if r is not None:
        q, rest = r / (1 + r), 1 / (1 + r)
    else:
        q, rest = _rounded(root, low, high)
    if root.inverted:
        q, rest = rest, q
    if demanded and r is None:
        why = "is not rational" if sought else "is not known to be rational"
        raise ValueError(
            f"exact: the symmetric equilibrium with q = {q:.6g} {why}; "
            "use exact=None to get it as a float"
        )
    return Mixed(q, rest, root.multiplicity)

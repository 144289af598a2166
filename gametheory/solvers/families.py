"""Every equilibrium of a :class:`~gametheory.count.CountGame` in which those who mix mix alike.

``j`` of the ``n`` players act for sure, ``k`` act with the same chance ``q`` between 0 and 1, the
rest wait. Which players do which does not matter: a *family* ``(j, k, q)`` stands for
``n! / (j! k! (n - j - k)!)`` equilibria. With ``d = act - wait`` and

    w_i(q) = sum_s C(L, s) q^s (1 - q)^(L - s) d_(i + s),     L = k - 1,

the gain from acting against ``i`` who act for sure and ``L`` who mix, a family is an equilibrium
iff

    w_(j-1) >= 0 = w_j >= w_(j+1)     at q,

the first where ``j > 0`` and the last where ``j + k < n``: one who acts for sure faces a mixture of
``w_(j-1)`` and ``w_j``, one who waits of ``w_j`` and ``w_(j+1)``. For ``k = 0`` this reads
``d_(j-1) >= 0 >= d_j``.

Only the window ``d_j .. d_(j+k-1)`` enters ``w_j``. A pair ``(j, k)`` is passed over where a window
has one sign (Descartes' rule): that of ``w_j``, none mixes; that of ``w_(j+1)`` is positive, those
who wait would act; that of ``w_(j-1)`` is negative, those who act would wait. For the other pairs
the roots of ``w_j`` are counted by proof, as are the signs of ``w_(j-1)`` and ``w_(j+1)`` there:

1. (more than 30 players) all pairs in one sweep in floats whose errors are bounded, see
   ``_gain_sweep``; it leaves open where the gain nearly or truly touches zero, and where a
   neighbour is zero;
2. the pairs left open one by one, as in :mod:`gametheory.solvers.symmetric`: signs in ball
   arithmetic, and zeros by a common divisor.

Up to 30 players a chance is right to the last digits of a float, above to some 1e-12.

The threshold game of Palfrey & Rosenthal (1984, J. Public Econ. 24(2): 171-193): a good worth 1 to
each of 3 players if at least 2 pay 3/10.

>>> from fractions import Fraction
>>> from gametheory.count import CountGame
>>> c = Fraction(3, 10)
>>> found = solve(CountGame(act=[-c, 1 - c, 1 - c], wait=[0, 0, 1]))
>>> found
5 found by families. Every equilibrium in which all who mix do so with the same chance is in the
list, once up to relabelling the players; of a continuum its ends, with a note. Those with two or
more different chances were not sought.
  0: Player 1 ... Player 3: (0, 1)
  1: Player 1: (1, 0); Player 2: (1, 0); Player 3: (0, 1) (x 3)
  2: Player 1: (1, 0); Player 2: (7/10, 3/10); Player 3: (7/10, 3/10) (x 3)
  3: Player 1 ... Player 3: (0.183772, 0.816228)
  4: Player 1 ... Player 3: (0.816228, 0.183772)
>>> sum(found.multiplicity)
9
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, arb_poly, ctx, fmpz_poly

from gametheory.count import CountGame
from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Array, GameForm, Profile, show
from gametheory.solvers._positive_roots import DIGITS, Root, narrow
from gametheory.solvers.symmetric import (
    TOUCHES,
    Mixed,
    _binomials,
    _integers,
    _mixed,
    _polynomial,
    _roots,
)

if TYPE_CHECKING:
    from gametheory.solvers._gain_sweep import Swept

METHOD = "families"
ONE_BY_ONE = 30  # players up to whom the pairs are looked at one by one
STEPS = 0.15, 0.03  # widths of the cells of a sweep
MOST = 50_000_000  # families times players: beyond, a list takes minutes and gigabytes
ACTING = "Those who act for sure are indifferent"
WAITING = "Those who wait are indifferent"
REPEATED = "The chance is a repeated root of the gain from acting"


@dataclass(frozen=True)
class Family:
    """``acting`` players act for sure, ``mixing`` act with chance ``q``, ``waiting`` wait.

    ``rest`` is ``1 - q``. ``ties`` says in what the family is degenerate, if in anything.
    """

    acting: int
    mixing: int
    waiting: int
    q: Fraction | float
    rest: Fraction | float
    ties: tuple[str, ...] = ()

    @property
    def multiplicity(self) -> int:
        """The number of equilibria that the family stands for."""
        n = self.acting + self.mixing + self.waiting
        return math.comb(n, self.acting) * math.comb(n - self.acting, self.mixing)

    def __str__(self) -> str:
        mixing = f", {self.mixing} with chance {show(self.q)}" if self.mixing else ""
        return f"{self.acting} for sure{mixing}"


def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet:
    """A member of each family: the first ``j`` players act, the next ``k`` mix, the rest wait.

    Ordered by ``k``, then ``j``, then ``q``; ``multiplicity`` says how many equilibria each stands
    for. ``exact=True`` gives the chances as Fractions and raises ValueError if one is irrational;
    False gives floats; None gives Fractions where the game is exact and the chance is rational,
    floats elsewhere.

    ``degenerate`` tells whether one who acts or waits for sure is indifferent in some family, or a
    root is repeated. Where ``d`` is zero over a range of counts, the chances of some players do not
    matter: a note says which profiles these are, and the list holds the pure ones of them.

    Cost: O(n^2.5) for the sweep (about .1 s for n = 50, 1 s for 200, some 5 s for 1,000), then O(n)
    time and memory for each family, as a member is a profile of ``n`` players with its certificate:
    some milliseconds and 50 kB for n = 1,000. :func:`families` leaves these out. Of more
    than 50 million / n families those with the smallest ``k`` are listed (``UNKNOWN``).

    Raises ValueError for a game that is not a CountGame.
    """
    if not isinstance(game, CountGame):
        raise ValueError(f'{METHOD}: needs a CountGame, not a {type(game).__name__}; use "auto"')
    fractions = game.exact if exact is None else exact
    d = _integers(game)
    most = max(1, MOST // len(d))
    found, complete = families(d, fractions, most)
    if exact is True:
        for f in found:
            if isinstance(f.q, float):
                raise ValueError(
                    f"exact: the equilibrium in which {f} act is not known to be rational; "
                    "use exact=None to get it as a float"
                )
    notes = [
        f"{tie} in {_indices(k for k, f in enumerate(found) if tie in f.ties)}."
        for tie in sorted({tie for f in found for tie in f.ties})
    ]
    notes += _continua(d)
    if len(found) >= most:
        notes.append(f"The budget of {most:,} families ended with {found[-1].mixing} who mix.")
    elif not complete:
        notes.append("For some (j, k) the chances are not all proved to be in the list.")
    return EquilibriumSet.proved(
        game,
        [_member(game, f, fractions) for f in found],
        Coverage.ALL_ONE_LEVEL if complete else Coverage.UNKNOWN,
        METHOD,
        degenerate=any(f.ties for f in found) or (False if complete else None),
        notes=notes,
        multiplicity=[f.multiplicity for f in found],
    )


def families(
    d: Sequence[int], fractions: bool, most: int = sys.maxsize
) -> tuple[list[Family], bool]:
    """The families for the gain sequence ``d``, and whether they are proved to be all.

    In the order of :func:`solve`, the first ``most`` of them. Any positive multiple of ``d`` will
    do. Chances are Fractions if so wanted and they are rational, else floats. Those of a continuum
    are left out, but for the pure ones.
    """
    found, complete = list(_pure(d, fractions)), True
    undecided = _candidates(d)
    here: list[list[Family]] = [[] for _ in undecided]
    if len(d) > ONE_BY_ONE:
        from gametheory.solvers._gain_sweep import sweep

        for step in STEPS:
            if any(js.size for js in undecided):
                met = len(found)
                for L, swept in enumerate(sweep(d, undecided.copy(), step), 1):
                    undecided[L - 1] = swept.undecided
                    here[L - 1] += _swept(d, L, swept, fractions)
                    met += len(here[L - 1])
                    if met > most:  # enough of those with the fewest who mix
                        break
    for k, (js, known) in enumerate(zip(undecided, here), 2):
        if len(found) >= most:
            break
        for j in js.tolist():
            more, whole = _one_pair(d, j, k, fractions)
            known += more
            complete &= whole
        found += sorted(known, key=lambda f: (f.acting, f.q))
    return found[:most], complete and len(found) < most


def _one_pair(d: Sequence[int], j: int, k: int, fractions: bool) -> tuple[list[Family], bool]:
    """The families in which ``j`` act for sure and ``k`` mix, and whether these are all."""
    found = []
    roots, whole = _roots(d[j : j + k])
    for root in roots:
        if root.multiplicity == TOUCHES:
            continue
        actors = _sign_at(root, d[j - 1 : j + k - 1]) if j > 0 else 1
        waiters = _sign_at(root, d[j + 1 : j + k + 1]) if actors >= 0 and j + k < len(d) else -1
        if actors < 0 or waiters > 0:
            continue
        ties = [ACTING] * (actors == 0) + [WAITING] * (waiters == 0)
        ties += [REPEATED] * (root.multiplicity > 1)
        m = _mixed(root, fractions, demanded=False)
        found.append(Family(j, k, len(d) - j - k, m.q, m.rest, tuple(ties)))
    return found, whole


def _swept(d: Sequence[int], L: int, swept: Swept, fractions: bool) -> list[Family]:
    """The families of the roots that the sweep has proved."""
    found = []
    columns = (x.tolist() for x in (swept.j, swept.q, swept.low, swept.high, swept.left))
    for j, q, low, high, left in zip(*columns):
        m = Mixed(q, 1 - q, 1)
        if fractions:
            window = d[j : j + L + 1]
            odds = arb(low) / (1 - low), arb(high) / (1 - high)
            root = Root(_polynomial(window), odds[0].mid(), odds[1].mid(), left)
            m = _mixed(root, True, demanded=False)
        found.append(Family(j, L + 1, len(d) - j - L - 1, m.q, m.rest))
    return found


def _pure(d: Sequence[int], fractions: bool) -> Iterator[Family]:
    """The families in which none mixes."""
    n = len(d)
    zero, one = (Fraction(0), Fraction(1)) if fractions else (0.0, 1.0)
    for j in range(n + 1):
        actors = d[j - 1] if j > 0 else 1
        waiters = d[j] if j < n else -1
        if actors >= 0 >= waiters:
            ties = [ACTING] * (actors == 0) + [WAITING] * (waiters == 0)
            yield Family(j, 0, n - j, zero, one, tuple(ties))


def _candidates(d: Sequence[int]) -> list[Array]:
    """For ``k = 2..n`` who mix the ``j`` that the signs of ``d`` do not rule out."""
    n, candidates = len(d), []
    positive, negative = (
        np.concatenate([[0], np.cumsum([sign * x > 0 for x in d])]) for sign in (1, -1)
    )
    for k in range(2, n + 1):
        some, none = (c[k:] - c[:-k] for c in (positive, negative))  # in d[j : j + k]
        mixed = (some > 0) & (none > 0)
        mixed[:-1] &= ~((some > 0) & (none == 0))[1:]
        mixed[1:] &= ~((none > 0) & (some == 0))[:-1]
        candidates.append(np.flatnonzero(mixed))
    return candidates


def _continua(d: Sequence[int]) -> list[str]:
    """A sentence for each range of counts over which all profiles are equilibria."""
    n, notes, start = len(d), [], 0
    for zero, run in groupby(d, key=lambda x: x == 0):
        end = start + len(list(run))
        if zero:
            least = start if start == 0 or d[start - 1] > 0 else start + 1
            most = end if end == n or d[end] < 0 else end - 1
            if least < most:
                notes.append(
                    f"Every profile in which at least {least} players act for sure and at most "
                    f"{most} have a chance of acting is an equilibrium, whatever the chances: "
                    "the list holds the pure ones."
                )
        start = end
    return notes


def _indices(chosen: Iterable[int]) -> str:
    """Integers in increasing order, as ``0, 3-5``."""
    runs = [[k for _, k in run] for _, run in groupby(enumerate(chosen), lambda ik: ik[1] - ik[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _sign_at(root: Root, window: Sequence[int]) -> int:
    """The sign of the gain for the gains ``window`` at ``root``."""
    coefficients = [c * x for c, x in zip(_binomials(len(window) - 1), window)]
    if not any(window):
        return 0
    p = fmpz_poly(coefficients[::-1] if root.inverted else coefficients)
    bits, coprime = DIGITS, False
    while True:
        low, high = narrow(root, bits)
        with ctx.workprec(8 * bits):
            value = arb_poly(p)(low.union(high))
        if value > 0 or value < 0:
            return 1 if value > 0 else -1
        if not coprime:
            if _divides(root, p):
                return 0
            coprime = True
        bits *= 2


def _divides(root: Root, p: fmpz_poly) -> bool:
    """Whether ``p`` is zero at ``root``: then its common divisor with the root's own changes sign.

    The root's own has no other root between ``low`` and ``high``, and that one is simple.
    """
    common = root.polynomial.exact.gcd(p)
    if common.degree() < 1:
        return False
    low, high = (x.fmpq() for x in narrow(root))
    return bool(common(low) == 0 if low == high else (common(low) > 0) != (common(high) > 0))


def _member(game: CountGame, f: Family, fractions: bool) -> Profile:
    """The first ``acting`` players act, the next ``mixing`` mix, the rest wait."""
    kind = object if fractions else np.float64
    zero, one = (Fraction(0), Fraction(1)) if fractions else (0.0, 1.0)
    act, wait = np.array([one, zero], dtype=kind), np.array([zero, one], dtype=kind)
    mix = np.array([f.q, f.rest], dtype=object if isinstance(f.q, Fraction) else np.float64)
    return Profile(game, (act,) * f.acting + (mix,) * f.mixing + (wait,) * f.waiting)

"""Every symmetric equilibrium of a :class:`~gametheory.voting.Voting` game.

Sort the signals by likelihood ratio, the most incriminating first. Where a vote may decide, (1) of
:mod:`gametheory.voting` makes every best reply a cutoff in this order: signals before some s
convict, those after s acquit, s may mix. The cutoff strategies are one path from "all acquit" to
"all convict", on which the log of the ratio of the two sides of (1) for signal s is

    g_s = log(P(G) (1-q) / (P(I) q)) + log(f_G(s) / f_I(s))
          + (k-1) log(x_G / x_I) + (n-k) log((1-x_G) / (1-x_I)).

Each step of the path adds a signal below the average of those that convict and takes it from above
the average of those that acquit, so both ratios fall, strictly where n > 1, and so does g. Hence
**at most one symmetric equilibrium is responsive**; it exists iff, with l_1 and l_S the largest and
smallest log likelihood ratio and o the first term of g,

    o + k l_1 > 0   and   o + (n - k + 1) l_S < 0.

At the ends, "all acquit" is an equilibrium iff k > 1 or o + l_1 <= 0, and "all convict" iff k < n
or o + l_S >= 0. The sign of g at the corners of the path, and at two points beside the root, is
computed in whole numbers: the list is proved complete.

>>> from gametheory.voting import Voting
>>> solve(Voting(n=3, k=2, p=0.7))
3 found by voting. Every equilibrium in which all players mix alike is in the list; others were not
sought.
  0: Signal g: (0, 1); Signal i: (0, 1)
  1: Signal g: (1, 0); Signal i: (0, 1)
  2: Signal g: (1, 0); Signal i: (1, 0)
  Where no vote can decide, all acquit or all convict, any vote is a best reply.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Array, GameForm, Profile
from gametheory.voting import Voting

METHOD = "voting"


def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet:
    """Every symmetric equilibrium of ``game``, from "all acquit" to "all convict".

    Pure ones are exact; the one signal that may mix does so with a chance in floats, right to some
    13 digits. ``degenerate`` tells whether a voter is indifferent at a pure equilibrium. Cost:
    milliseconds for n = 100, a second for n = 5,000, mostly for certificates in whole numbers.
    Raises ValueError for a game that is not Voting, and with ``exact=True`` if a signal mixes.
    """
    if not isinstance(game, Voting):
        raise ValueError(f'{METHOD}: needs a Voting game, not a {type(game).__name__}; use "auto"')
    path = _Path(game)
    signals, ends = len(path.order), (game.k > 1, game.k < game.n)
    corners: list[tuple[int, Fraction | float, Fraction | float]] = []
    tied = False
    signs = {(s, v): path.sign(s, v) for s in range(signals) for v in (0, 1)}
    for s in range(signals + 1):  # the s most incriminating signals convict
        before, after = signs.get((s - 1, 1), 1), signs.get((s, 0), -1)
        free = (s == 0 and ends[0]) or (s == signals and ends[1])
        if free or before >= 0 >= after:
            corners.append((s, 0, 1))
            tied |= not free and 0 in (before, after)
        if s < signals and after > 0 > signs[s, 1]:
            corners.append((s, *path.root(s)))
    if exact and any(0 < v < 1 for _, v, _ in corners):
        raise ValueError("exact: a signal mixes, with a chance in floats; use exact=None")
    notes = []
    if ends[0] or ends[1]:
        notes.append(
            "Where no vote can decide, all acquit or all convict, any vote is a best reply."
        )
    if game.n == 1 and tied:
        notes.append("The only voter is indifferent at one signal: any mixture there is as good.")
    return EquilibriumSet.proved(
        game,
        [path.profile(*corner) for corner in corners],
        Coverage.ALL_SYMMETRIC if game.n > 1 or not tied else Coverage.EXTREME,
        METHOD,
        degenerate=tied or any(ends),
        notes=notes,
    )


class _Path:
    """The cutoff strategies of a vote, by signal (in order) and its chance to convict."""

    def __init__(self, game: Voting) -> None:
        self.game = game
        ratios = game.likelihoods[0] / game.likelihoods[1]
        self.order = sorted(range(len(ratios)), key=lambda s: ratios[s], reverse=True)
        self.f = game.likelihoods[:, self.order]
        self.stakes = game.prior * (1 - game.q), (1 - game.prior) * game.q

    def profile(self, s: int, v: Fraction | float, rest: Fraction | float) -> Profile:
        """The profile in which the first ``s`` signals convict and the next with chance ``v``."""
        mixtures: list[Array] = [np.zeros(0)] * len(self.order)
        for place, signal in enumerate(self.order):
            pair = (v, rest) if place == s else (int(place < s), int(place > s))
            pure = [Fraction(x) for x in pair] if pair[0] in (0, 1) else list(pair)
            mixtures[signal] = np.array(pure, dtype=object if pair[0] in (0, 1) else np.float64)
        return Profile(self.game, mixtures)

    def sign(self, s: int, v: float, rest: float | None = None) -> int:
        """The sign of g_s where signal ``s`` convicts with chance ``v``, in whole numbers.

        At an end of the path the limit from inside, in which the ratio of the chances that vanish
        is that of the signal.
        """
        chance, other = Fraction(v), Fraction(1 - v if rest is None else rest)
        n, k = self.game.n, self.game.k
        sides = []
        for f, stake in zip(self.f, self.stakes):
            x, y = sum(f[:s]) + f[s] * chance, sum(f[s + 1 :]) + f[s] * other
            sides.append((stake * f[s], x or f[s], y or f[s]))
        (a, x_g, y_g), (b, x_i, y_i) = sides
        over = [(a / b, 1), (x_g / x_i, k - 1), (y_g / y_i, n - k)]
        rough = sum(m * _log(r) for r, m in over)
        doubt = 1e-12 * sum(m * (1 + abs(_log(r))) for r, m in over)
        if abs(rough) > doubt:
            return 1 if rough > 0 else -1
        above = math.prod(r.numerator**m for r, m in over)
        below = math.prod(r.denominator**m for r, m in over)
        return int(above > below) - int(above < below)

    def root(self, s: int) -> tuple[float, float]:
        """The chance to convict at which signal ``s`` is indifferent, and the rest."""
        from scipy.optimize import brentq
        from scipy.special import expit

        f = self.f.astype(np.float64)
        before, after = f[:, :s].sum(axis=1), f[:, s + 1 :].sum(axis=1)
        constant = _log(self.stakes[0] * self.f[0, s] / (self.stakes[1] * self.f[1, s]))
        n, k = self.game.n, self.game.k

        def g(odds: float) -> float:
            x, y = before + f[:, s] * expit(odds), after + f[:, s] * expit(-odds)
            return float(
                constant + (k - 1) * math.log(x[0] / x[1]) + (n - k) * math.log(y[0] / y[1])
            )

        ends = [-30.0, 30.0]
        while g(ends[0]) <= 0 and ends[0] > -700:
            ends[0] *= 2
        while g(ends[1]) >= 0 and ends[1] < 700:
            ends[1] *= 2
        odds = brentq(g, *ends, xtol=1e-15, rtol=1e-15)
        width = 1e-14
        while not self._between(s, odds - width, odds + width):
            width *= 4
            if width > 1:
                raise ArithmeticError(f"{METHOD}: the root of signal {s} is not where it was found")
        return float(expit(odds)), float(expit(-odds))

    def _between(self, s: int, low: float, high: float) -> bool:
        """Whether g_s is proved to change sign between two log odds."""
        from scipy.special import expit

        signs: Sequence[int] = [
            self.sign(s, float(expit(odds)), float(expit(-odds))) for odds in (low, high)
        ]
        return signs[0] > 0 > signs[1]


def _log(ratio: Fraction) -> float:
    """Logarithm of a positive fraction, also of one too large for a float."""
    return math.log(ratio.numerator) - math.log(ratio.denominator)

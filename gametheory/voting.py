"""Votes on a hidden state: n voters, private signals, k votes to convict.

The accused is guilty or innocent. Each voter sees a signal, independent of those of others given
the state, and votes; the verdict is to convict iff at least ``k`` of the ``n`` vote so. A wrong
conviction costs every voter ``q``, a wrong acquittal ``1 - q``: to convict is right iff the chance
of guilt is at least ``q``.

A vote matters only where it decides. If each vote falls for conviction with chance ``x_G`` (if
guilty) and ``x_I`` (if innocent), a voter with signal ``s`` gains by convicting iff

    P(G) f_G(s) (1 - q) x_G^(k-1) (1 - x_G)^(n-k)  >  P(I) f_I(s) q x_I^(k-1) (1 - x_I)^(n-k). (1)

A strategy says how each signal votes, so :class:`Voting` has one player for each signal, who stands
for any voter that sees it, and the others' votes follow the same strategy: what is stated are the
symmetric profiles. Payoffs are those given that the vote decides: in large electorates that has
hardly any chance, and a certificate in absolute terms would pass everything.

Security reading: the accused is a suspected aggressor, the verdict names it, ``k = n`` is a veto of
each. After Condorcet; Austen-Smith and Banks (1996), American Political Science Review 90(1):
34-45; Feddersen and Pesendorfer (1998), American Political Science Review 92(1): 23-35.

>>> import gametheory as gt
>>> jury = Voting(n=12, k=12, p=0.7)
>>> silent, responsive = gt.solve(jury)
>>> jury.errors(silent.profile)
(0.0, 1.0)
>>> wrong, missed = jury.errors(responsive.profile)
>>> round(wrong, 6), round(missed, 6)
(0.207287, 0.477603)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from gametheory.actions import set_fields
from gametheory.count import TwoActions
from gametheory.game import Array, Number, Profile, freeze, numbers

EXACT_BITS = 2_000
HALF = Fraction(1, 2)


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Voting(TwoActions):
    """A vote of ``n`` with private signals, in which ``k`` votes convict.

    ``p`` says how accurate signals are: a number (the chance of a right signal in either state), a
    pair (its chance if guilty, if innocent), or the likelihoods ``f`` of finitely many signals,
    shape ``(2, signals)``: rows guilty and innocent. ``q`` is the doubt that convicts, ``prior``
    the chance of guilt. ``likelihoods``, shape ``(2, signals)``, are Fractions that add up to one;
    the players are the signals in the order given, g (guilty) before i of two.

    ``exact`` tells whether all numbers given are rational. Raises ValueError for chances that are
    not, a signal that rules a state out, and signals of one likelihood ratio (they say the same).
    """

    n: int
    k: int
    likelihoods: Array
    q: Fraction
    prior: Fraction
    players: tuple[str, ...]
    names: tuple[str, str]
    exact: bool

    def __init__(
        self, n: int, k: int, p: ArrayLike, q: Number = HALF, prior: Number = HALF
    ) -> None:
        for name, value, most in (("n", n, math.inf), ("k", k, n)):
            if value != int(value) or not 1 <= value <= most:
                raise ValueError(f"{name}: {value} is not a whole number from 1 to {most}")
        signals = numbers(p, "p")
        given = {"q": numbers(cast(Any, q), "q"), "prior": numbers(cast(Any, prior), "prior")}
        labels: tuple[str, ...] = ("Signal g", "Signal i")
        if signals.ndim == 0 or signals.shape == (2,):
            right = np.broadcast_to(signals, 2)
            f = np.array([[_whole(right[0]), 1 - _whole(right[0])]], dtype=object)
            f = np.vstack([f, [[1 - _whole(right[1]), _whole(right[1])]]])
        elif signals.ndim == 2 and len(signals) == 2 and signals.shape[1] > 1:
            f = np.vectorize(_whole, otypes=[object])(signals)
            labels = tuple(f"Signal {s + 1}" for s in range(f.shape[1]))
        else:
            raise ValueError(
                f"p: shape {signals.shape}; give a number, a pair, or two rows, one chance a signal"
            )
        for row, state in zip(f, ("guilty", "innocent")):
            if min(row) <= 0:
                s = int(np.argmin(row))
                raise ValueError(
                    f"p: {labels[s]} has chance {float(row[s]):.6g} if {state}; each signal needs "
                    "a positive chance in both states"
                )
            if abs(sum(row) - 1) > 1e-9:
                raise ValueError(
                    f"p: the chances if {state} add up to {float(sum(row)):.9g}, not 1"
                )
            row /= sum(row)
        ratios = f[0] / f[1]
        if len(set(ratios)) < len(ratios):
            raise ValueError(
                "p: two signals have one likelihood ratio and say the same; merge them"
            )
        for name, chance in given.items():
            if chance.ndim or not 0 < chance < 1:
                raise ValueError(f"{name}: {chance} is not strictly between 0 and 1")
        exact = all(x.dtype == object for x in (signals, *given.values()))
        set_fields(
            self,
            n=int(n),
            k=int(k),
            likelihoods=freeze(f),
            q=_whole(given["q"]),
            prior=_whole(given["prior"]),
            players=labels,
            names=("convict", "acquit"),
            exact=exact,
        )

    @property
    def scale(self) -> float:
        """The unit of tolerances: the larger of the two losses."""
        return float(-self.floors[0])

    @cached_property
    def ranges(self) -> Array:
        """The larger of the two losses, once a signal, shape ``(signals,)``."""
        return freeze(np.full(len(self.players), self.scale))

    @cached_property
    def floors(self) -> Array:
        """Minus the larger of the two losses, once a signal, shape ``(signals,)``."""
        lowest: Fraction | float = -max(self.q, 1 - self.q)
        kind = object if self.exact else np.float64
        return freeze(np.full(len(self.players), lowest, dtype=kind))

    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]:
        """Each signal itself: no two are alike."""
        return range(len(self.players))

    def gains(self, mixtures: Sequence[Array], player: int) -> Array:
        """Expected payoff of each vote given the signal and that the vote decides, less the floor.

        Shape ``(2,)``: to convict, to acquit. Both are zero above the floor where no vote decides.
        From (1) in whole numbers, so that n in the thousands neither under- nor overflows;
        Fractions if the game and the mixtures are exact and the answer is not too long.
        """
        weights = []
        for f, prior in zip(self.likelihoods, (self.prior, 1 - self.prior)):
            x, y = (sum(map(Fraction.__mul__, f, column)) for column in _votes(mixtures))
            unit = math.lcm(x.denominator, y.denominator)
            ways = int(x * unit) ** (self.k - 1) * int(y * unit) ** (self.n - self.k)
            weights.append((prior * f[player], ways, unit ** (self.n - 1)))
        (a, ways_g, unit_g), (b, ways_i, unit_i) = weights
        guilty = a.numerator * b.denominator * ways_g * unit_i
        innocent = b.numerator * a.denominator * ways_i * unit_g
        if not guilty + innocent:
            return np.array([Fraction(0)] * 2) if self.exact else np.zeros(2)
        chance: Number = guilty / (guilty + innocent)
        exact = self.exact and all(x.dtype == object for x in mixtures)
        if exact and guilty.bit_length() <= EXACT_BITS >= innocent.bit_length():
            chance = Fraction(guilty, guilty + innocent)
        q: Number = self.q
        most: Number = -self.floors[0]
        if not isinstance(chance, Fraction):
            q, most = float(q), self.scale
        return np.array([most - q * (1 - chance), most - (1 - q) * chance])

    def chances(self, profile: Profile) -> Array:
        """Chance that a voter votes to convict, if guilty and if innocent, shape ``(2,)``."""
        convict, _ = _votes(profile.mixtures)
        return np.asarray(self.likelihoods @ convict, dtype=np.float64)

    def errors(self, profile: Profile) -> tuple[float, float]:
        """Chances of the two errors: that an innocent is convicted, that a guilty is acquitted."""
        from scipy.special import betainc

        convict, acquit = (self.likelihoods @ side for side in _votes(profile.mixtures))
        n, k = self.n, self.k
        return (
            float(betainc(k, n - k + 1, float(convict[1]))),
            float(betainc(n - k + 1, k, float(acquit[0]))),
        )

    def payoff(self, profile: Profile) -> float:
        """Expected payoff of every voter before signals: minus the expected cost of errors."""
        wrong, missed = self.errors(profile)
        return -float(self.q * (1 - self.prior)) * wrong - float((1 - self.q) * self.prior) * missed

    def sincere(self) -> Profile:
        """The profile in which each votes as if alone: to convict iff guilt has chance ``q``."""
        weights = zip(self.likelihoods[0] * self.prior, self.likelihoods[1] * (1 - self.prior))
        return Profile.pure(self, [int(g * (1 - self.q) < i * self.q) for g, i in weights])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Voting) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        return self.n, self.k, tuple(self.likelihoods.flat), self.q, self.prior, self.exact

    def __repr__(self) -> str:
        return f"Voting({self.k} of {self.n}; {len(self.players)} signals)"


def _whole(x: Any) -> Fraction:
    """``x`` as a fraction; a float as the dyadic rational that it is."""
    return Fraction(x.item() if isinstance(x, (np.ndarray, np.generic)) else x)


def _votes(mixtures: Sequence[Array]) -> tuple[Array, Array]:
    """Chances of each signal to convict and to acquit, Fractions, each of shape ``(signals,)``."""
    table = np.array([[_whole(x) for x in mixture] for mixture in mixtures], dtype=object)
    return table[:, 0], table[:, 1]

"""Games in which a payoff depends on the own action and on how many others act.

``n`` players choose between two actions, to act or to wait. One who acts while ``k`` of the other
``n - 1`` act gets ``act[k]``; one who waits gets ``wait[k]``. Volunteering, collective action with
a threshold, bandwagons and congestion are of this form: ``2 n`` numbers stand for a payoff table
of ``n 2^n``.

When the others act with chances ``q_j``, independently, the number of them who act is
Poisson-binomial: a convolution of one binomial distribution for each distinct chance.

The volunteer's dilemma (Diekmann 1985, J. Conflict Resolut. 29(4): 605-610): the good is worth 2 to
all if at least one pays the cost 1.

>>> game = CountGame(act=[1, 1, 1], wait=[0, 2, 2])
>>> game
CountGame(3 players: act, wait; exact)
>>> game.gain.tolist()
[Fraction(1, 1), Fraction(-1, 1), Fraction(-1, 1)]
>>> from fractions import Fraction
>>> from gametheory.game import Profile
>>> third = Profile(game, ([Fraction(1, 3), Fraction(2, 3)],) * 3)
>>> third.action_payoffs(0).tolist()
[Fraction(1, 1), Fraction(10, 9)]
"""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory.game import Array, Game, freeze, labels, numbers, show

EXACT_BITS = 20_000
TABLE_PLAYERS = 16


class TwoActions:
    """What forms of game share in which each of the ``players`` has the actions ``names``."""

    players: tuple[str, ...]
    names: tuple[str, str]

    @cached_property
    def actions(self) -> tuple[tuple[str, ...], ...]:
        """Labels of the two actions, once a player."""
        return (self.names,) * len(self.players)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of actions of each player, ``(2, ..., 2)``."""
        return (2,) * len(self.players)


@dataclass(frozen=True, eq=False, repr=False, init=False)
class CountGame(TwoActions):
    """A game of ``n`` players alike with two actions, whose payoffs depend on how many act.

    ``act[k]`` and ``wait[k]``, shape ``(n,)``, are the payoffs to a player who acts and to one who
    waits when ``k = 0..n-1`` of the others act. ``names`` are the labels of the two actions; acting
    is action 0. Rational payoffs stay exact if all are. Raises ValueError for payoffs that are
    empty, of unequal length, not numbers or not finite, and for labels that do not fit.
    """

    act: Array
    wait: Array
    players: tuple[str, ...]
    names: tuple[str, str]

    def __init__(
        self,
        act: ArrayLike,
        wait: ArrayLike,
        players: Iterable[object] = (),
        names: Iterable[object] = ("act", "wait"),
    ) -> None:
        act, wait = numbers(act, "act"), numbers(wait, "wait")
        for what, values in (("act", act), ("wait", wait)):
            if values.ndim != 1:
                raise ValueError(
                    f"{what}: shape {values.shape} is not (n,); "
                    "give one payoff for each number of others who act"
                )
        if len(act) != len(wait):
            raise ValueError(
                f"wait: {len(wait)} payoffs where act has {len(act)}; "
                "n players need n of each, for 0 to n - 1 others who act"
            )
        if act.dtype != wait.dtype:
            act, wait = (freeze(values.astype(np.float64)) for values in (act, wait))
        players = labels(tuple(players) or None, len(act), "Player ", "players")
        names = labels(names, 2, "", "names")
        object.__setattr__(self, "act", act)
        object.__setattr__(self, "wait", wait)
        object.__setattr__(self, "players", players)
        object.__setattr__(self, "names", names)
        if not math.isfinite(self.scale):
            raise ValueError("payoffs: the largest less the smallest overflows; rescale them")

    @cached_property
    def exact(self) -> bool:
        """Whether the payoffs are rational numbers held exactly."""
        return self.act.dtype == object

    @cached_property
    def gain(self) -> Array:
        """The gain sequence ``act - wait``, shape ``(n,)``: what acting adds if ``k`` others do."""
        return freeze(np.asarray(self.act - self.wait))

    @cached_property
    def scale(self) -> float:
        """The unit of tolerances: the payoff range, the same for every player."""
        low, high = self._extremes
        try:
            return float(high - low) if self.exact else float(high) - float(low)
        except OverflowError:
            return math.inf

    @cached_property
    def ranges(self) -> Array:
        """Largest minus smallest payoff of each player, shape ``(n,)``, floats."""
        return freeze(np.full(len(self.players), self.scale))

    @cached_property
    def floors(self) -> Array:
        """Smallest payoff of each player, shape ``(n,)``."""
        return freeze(np.full(len(self.players), self._extremes[0], dtype=self.act.dtype))

    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]:
        """For each player, the first player who mixes alike and so faces the same payoffs."""
        first: dict[tuple[object, object], int] = {}
        known: dict[int, int] = {}
        for i, x in enumerate(mixtures):
            if id(x) not in known:
                known[id(x)] = first.setdefault((x[0], x[1]), i)
        return [known[id(x)] for x in mixtures]

    def gains(self, mixtures: Sequence[Array], player: int) -> Array:
        """Expected payoff of acting and of waiting, less the smallest payoff, shape ``(2,)``.

        Fractions if the game and the mixtures of the others are exact and the answer is not too
        long: always where every other plays pure, else up to about 20,000 bits (mixing players
        times the length of their chances; 2,000 if they differ). Longer ones are floats.

        Cost: O(n) for each distinct mixture, and their convolution, O(n^2).
        """
        pure, mixed = self._others(mixtures, player)
        exact = self.exact and all(x.dtype == object for x in {id(x): x for x in mixtures}.values())
        if exact and mixed:
            bits = sum(m * q.denominator.bit_length() for (q, _), m in mixed.items())
            exact = bits <= (EXACT_BITS if len(mixed) == 1 else EXACT_BITS // 10)
        if not exact:
            chances = _convolve([_binomial(m, float(q), float(w)) for (q, w), m in mixed.items()])
            return np.asarray(self._floats[:, pure : pure + len(chances)] @ chances)
        above, unit = self._integers
        weights = _convolve([_weights(m, q) for (q, _), m in mixed.items()])
        total = unit * math.prod(q.denominator**m for (q, _), m in mixed.items())
        sums = above[:, pure : pure + len(weights)] @ weights
        return np.array([Fraction(int(v), total) for v in sums], dtype=object)

    def to_game(self) -> Game:
        """The same game as a full payoff table. At most 16 players: the table has ``n 2^n``.

        >>> CountGame(act=[1, 1], wait=[0, 2]).to_game().payoffs[0, 1].tolist()
        [Fraction(1, 1), Fraction(2, 1)]
        """
        n = len(self.players)
        if n > TABLE_PLAYERS:
            raise ValueError(
                f"to_game: a table for {n} players has {n} * 2^{n} payoffs; "
                f"use at most {TABLE_PLAYERS} players, or keep the CountGame"
            )
        acts = 1 - np.indices(self.shape)
        others = acts.sum(axis=0) - acts
        payoffs = np.where(acts == 1, self.act[others], self.wait[others])
        return Game(np.moveaxis(payoffs, 0, -1), self.players, self.actions)

    @cached_property
    def _extremes(self) -> tuple[Fraction | float, Fraction | float]:
        """Smallest and largest payoff."""
        if not self.exact:
            return (
                min(float(self.act.min()), float(self.wait.min())),
                max(float(self.act.max()), float(self.wait.max())),
            )
        values = {x.as_integer_ratio(): x for u in (self.act, self.wait) for x in u}.values()
        return min(values), max(values)

    @cached_property
    def _integers(self) -> tuple[Array, int]:
        """Payoffs above the smallest as integers, shape ``(2, n)``, and their common unit."""
        above: Array = np.stack([self.act, self.wait]) - self._extremes[0]
        unit = math.lcm(*{x.denominator for x in above.flat})
        whole = [x.numerator * (unit // x.denominator) for x in above.flat]
        return freeze(np.array(whole, dtype=object).reshape(above.shape)), unit

    @cached_property
    def _floats(self) -> Array:
        """Payoffs above the smallest, shape ``(2, n)``."""
        above = np.stack([self.act, self.wait]) - self._extremes[0]
        return freeze(above.astype(np.float64))

    def _others(
        self, mixtures: Sequence[Array], player: int
    ) -> tuple[int, Counter[tuple[Any, Any]]]:
        """How many of the others are sure to act, and how many mix in each way."""
        arrays = {id(x): x for x in mixtures}
        together: Counter[tuple[Any, Any]] = Counter()
        for which, m in Counter(map(id, mixtures)).items():
            x = arrays[which]
            together[x[0], x[1]] += m - (which == id(mixtures[player]))
        pure = sum(m for x, m in together.items() if x[1] == 0)
        mixed = Counter({x: m for x, m in together.items() if m and x[0] != 0 and x[1] != 0})
        return pure, mixed

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, CountGame)
            and self.players == other.players
            and self.names == other.names
            and self.exact == other.exact
            and bool(np.array_equal(self.act, other.act))
            and bool(np.array_equal(self.wait, other.wait))
        )

    def __hash__(self) -> int:
        return hash((self.players, self.names, tuple(self.act), tuple(self.wait)))

    def __repr__(self) -> str:
        n, kind = len(self.players), "exact" if self.exact else "float"
        who = f"{n} player{'s' if n > 1 else ''}"
        return f"CountGame({who}: {', '.join(self.names)}; {kind})"

    def _repr_html_(self) -> str:
        """The payoffs by number of others who act; one line for more than a dozen players."""
        if len(self.players) > 12:
            return f"<code>{html.escape(repr(self))}</code>"
        head = "".join(f"<th>{k}</th>" for k in range(len(self.players)))
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th>{''.join(f'<td>{show(x)}</td>' for x in values)}</tr>"
            for name, values in zip(self.names, (self.act, self.wait))
        )
        others = html.escape(f"others who {self.names[0]}")
        return f"<table><tr><th>{others}</th>{head}</tr>{rows}</table>"


def _convolve(distributions: Sequence[Array]) -> Array:
    """Distribution of the sum of independent counts, each given as weights on ``0, 1, ...``."""
    return reduce(np.convolve, distributions) if distributions else np.ones(1, dtype=np.int64)


def _weights(m: int, q: Fraction) -> Array:
    """Binomial probabilities of ``0..m`` times ``q.denominator ** m``: integers."""
    a, b = q.numerator, q.denominator - q.numerator
    powers, weights = [1], np.empty(m + 1, dtype=object)
    for _ in range(m):
        powers.append(powers[-1] * b)
    ways = rise = 1
    for k in range(m + 1):
        weights[k] = ways * rise * powers[m - k]
        ways, rise = ways * (m - k) // (k + 1), rise * a
    return weights


def _binomial(m: int, q: float, rest: float) -> Array:
    """Binomial probabilities of ``0..m`` for chance ``q`` of each, where ``rest`` is ``1 - q``.

    Products of neighbours' ratios, outwards from the mode, then normalised: no factorial and no
    power is formed, so nothing overflows, and what underflows is negligible. ``rest`` is given
    because ``1 - q`` loses the digits of a chance close to one.
    """
    odds = q / rest
    if not 1e-280 < odds < 1e280:
        return np.bincount([m if odds > 1 else 0], minlength=m + 1).astype(np.float64)
    k = np.arange(1, m + 1)
    ratio = (m + 1 - k) / k * odds
    mode = min(int((m + 1) * q), m)
    chances = np.ones(m + 1)
    chances[mode + 1 :] = np.cumprod(ratio[mode:])
    chances[:mode] = np.cumprod(1 / ratio[:mode][::-1])[::-1]
    return np.asarray(chances / chances.sum())

"""Games of two actions between classes of players: payoffs depend on how many of each class act.

Class ``k = 0..K-1`` has ``n_k`` members, who are alike. A member of class ``k`` gets
``act[k][j_0, ..., j_{K-1}]`` if he acts and ``wait[k][...]`` if he waits, where ``j_l`` of the
others in class ``l`` act: 0 to ``n_l``, in his own class to ``n_k - 1``. Great powers and small
states, a core and its partners, a team and one bad apple are of this form. Where only the total
``j_0 + ... + j_{K-1}`` matters, one vector a class says it all.

The others of one class who act are as many as a Poisson-binomial number, independent of those in
other classes: an expected payoff is the contraction of a table with one such distribution an axis,
or the product of the total's table with their convolution.

A good that two great powers or all of three small states can provide, worth 4 to each; acting costs
a great power 2 and a small state 1:

>>> from fractions import Fraction
>>> def payoff(who, acts, others):
...     great, small = others[0] + (acts and who == "great"), others[1] + (acts and who == "small")
...     return 4 * (great == 2 or small == 3) - acts * (2 if who == "great" else 1)
>>> game = ClassGame.of({"great": 2, "small": 3}, payoff)
>>> game
ClassGame(great: 2, small: 3; act, wait; exact)
>>> game.act[0].shape, game.act[1].shape
((2, 4), (3, 3))
>>> from gametheory.game import Profile
>>> third = [Fraction(1, 3), Fraction(2, 3)]
>>> Profile(game, [third] * 5).action_payoffs(0).tolist()
[Fraction(-46, 81), Fraction(4, 27)]
"""

from __future__ import annotations

import html
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory.count import EXACT_BITS, TABLE_PLAYERS, TwoActions, _binomial, _convolve, _weights
from gametheory.game import Array, Game, Number, freeze, labels, numbers, show

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, eq=False, repr=False, init=False)
class ClassGame(TwoActions):
    """A game of ``K`` classes of players alike with two actions; payoffs depend on who acts.

    ``act[k]`` and ``wait[k]`` are the payoffs to a member of class ``k`` who acts and to one who
    waits, by the number of others who act in each class: shape ``(n_0 + 1, ..., n_k, ...,
    n_{K-1} + 1)``, axes in the order of the classes. Or, for every class, by the number of all
    others who act: shape ``(n,)``, ``n = n_0 + ... + n_{K-1}``; ``by_total`` tells which.

    ``sizes`` are the numbers of members. Players are in the order of their classes. ``classes`` are
    labels of the classes, ``names`` those of the two actions (acting is action 0), ``players``
    those of the members, by default the label of the class and a number. Rational payoffs stay
    exact if all are. Raises ValueError for payoffs of another shape, not numbers or not finite, for
    sizes that are not whole and positive, and for labels that do not fit.
    """

    act: tuple[Array, ...]
    wait: tuple[Array, ...]
    sizes: tuple[int, ...]
    classes: tuple[str, ...]
    players: tuple[str, ...]
    names: tuple[str, str]

    def __init__(
        self,
        act: Sequence[ArrayLike],
        wait: Sequence[ArrayLike],
        sizes: Iterable[int],
        classes: Iterable[object] = (),
        names: Iterable[object] = ("act", "wait"),
        players: Iterable[object] = (),
    ) -> None:
        sizes = tuple(sizes)
        for m in sizes:
            if not isinstance(m, (int, np.integer)) or m < 1:
                raise ValueError(f"sizes: {m!r} is not a number of members; use 1 or more")
        sizes = tuple(int(m) for m in sizes)
        K = len(sizes)
        if not sizes:
            raise ValueError("sizes: no classes; give one number of members a class")
        given = tuple(classes) or (tuple(LETTERS[:K]) if len(LETTERS) >= K else None)
        classes = labels(given, K, "Class ", "classes")
        tables = [
            [numbers(table, f"{what} of {who}") for who, table in zip(classes, side)]
            for what, side in (("act", act), ("wait", wait))
            if _one_each(what, len(side), K)
        ]
        flat = [table for side in tables for table in side]
        if any(table.dtype != object for table in flat):
            tables = [[freeze(t.astype(np.float64)) for t in side] for side in tables]
        total = K > 1 and all(table.ndim == 1 for table in flat)
        for what, side in zip(("act", "wait"), tables):
            for k, table in enumerate(side):
                due = (sum(sizes),) if total else _shape(sizes, k)
                if table.shape != due:
                    raise ValueError(
                        f"{what} of {classes[k]}: shape {table.shape} where sizes {sizes} need "
                        f"{_shape(sizes, k)}, or {(sum(sizes),)} for every class"
                    )
        members = tuple(
            who if m == 1 else f"{who} {i + 1}" for who, m in zip(classes, sizes) for i in range(m)
        )
        names = labels(names, 2, "", "names")
        object.__setattr__(self, "act", tuple(tables[0]))
        object.__setattr__(self, "wait", tuple(tables[1]))
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "classes", classes)
        object.__setattr__(
            self, "players", labels(tuple(players) or members, len(members), "", "players")
        )
        object.__setattr__(self, "names", names)
        if not math.isfinite(self.scale):
            raise ValueError("payoffs: the largest less the smallest overflows; rescale them")

    @staticmethod
    def of(
        sizes: Mapping[str, int],
        rule: Callable[[str, bool, tuple[int, ...]], Number],
        names: Iterable[object] = ("act", "wait"),
    ) -> ClassGame:
        """The game with these classes in which ``rule(who, acts, others)`` gives the payoff.

        To a member of the class ``who``; ``others`` is the number of others who act in each class.

        >>> ClassGame.of({"A": 1, "B": 2}, lambda who, acts, others: sum(others) * acts).act[0]
        array([[Fraction(0, 1), Fraction(1, 1), Fraction(2, 1)]], dtype=object)
        """
        many = tuple(sizes.values())
        sides: list[list[Any]] = []
        for acts in (True, False):
            side = []
            for k, who in enumerate(sizes):
                table = np.empty(_shape(many, k), dtype=object)
                for others in np.ndindex(table.shape):
                    table[others] = rule(who, acts, others)
                side.append(table)
            sides.append(side)
        return ClassGame(sides[0], sides[1], many, tuple(sizes), names)

    @cached_property
    def exact(self) -> bool:
        """Whether the payoffs are rational numbers held exactly."""
        return self.act[0].dtype == object

    @cached_property
    def by_total(self) -> bool:
        """Whether tables are by the number of all others who act, shape ``(n,)``."""
        return len(self.sizes) > 1 and self.act[0].ndim == 1

    @cached_property
    def member_of(self) -> tuple[int, ...]:
        """The class of each player, from 0."""
        return tuple(k for k, m in enumerate(self.sizes) for _ in range(m))

    @cached_property
    def gain(self) -> tuple[Array, ...]:
        """What acting adds, ``act[k] - wait[k]``, one table a class, shaped as they are."""
        return tuple(freeze(np.asarray(a - w)) for a, w in zip(self.act, self.wait))

    @cached_property
    def scale(self) -> float:
        """The widest payoff range of any player."""
        return max(self._spans)

    @cached_property
    def ranges(self) -> Array:
        """Largest minus smallest payoff of each player, shape ``(n,)``, floats."""
        return freeze(np.repeat(self._spans, self.sizes))

    @cached_property
    def floors(self) -> Array:
        """Smallest payoff of each player, shape ``(n,)``."""
        low = np.empty(len(self.sizes), dtype=self.act[0].dtype)
        low[:] = [least for least, _ in self._extremes]
        return freeze(np.repeat(low, self.sizes))

    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]:
        """For each player, the first one of his class who mixes alike and so faces the same."""
        first: dict[tuple[object, ...], int] = {}
        known: dict[tuple[int, int], int] = {}
        for i, (k, x) in enumerate(zip(self.member_of, mixtures)):
            if (k, id(x)) not in known:
                known[k, id(x)] = first.setdefault((k, x[0], x[1]), i)
        return [known[k, id(x)] for k, x in zip(self.member_of, mixtures)]

    def gains(self, mixtures: Sequence[Array], player: int) -> Array:
        """Expected payoff of acting and of waiting, less the smallest of the class, shape ``(2,)``.

        Fractions if the game and the mixtures are exact and the answer is not too long: always
        where every other plays pure, else up to about 20,000 bits (mixing players times the length
        of their chances; 2,000 if they differ). Longer ones are floats.

        Cost: one pass over the table of the class, and O(n^2) for the distributions.
        """
        others = self._others(mixtures, player)
        chances = {q for _, mixed in others for q, _ in mixed}
        exact = self.exact and all(x.dtype == object for x in {id(x): x for x in mixtures}.values())
        if exact and chances:
            bits = sum(
                m * q.denominator.bit_length() for _, mix in others for (q, _), m in mix.items()
            )
            exact = bits <= (EXACT_BITS if len(chances) == 1 else EXACT_BITS // 10)
        k = self.member_of[player]
        unit = 1
        if exact:
            above, unit = self._integers[k]
            laws = [_convolve([_weights(m, q) for (q, _), m in mix.items()]) for _, mix in others]
            unit *= math.prod(q.denominator**m for _, mix in others for (q, _), m in mix.items())
        else:
            above = self._floats[k]
            laws = [
                _convolve([_binomial(m, float(q), float(w)) for (q, w), m in mix.items()])
                for _, mix in others
            ]
        sure = [pure for pure, _ in others]
        if self.by_total:
            sure, laws = [sum(sure)], [_convolve(laws)]
        for pure, law in zip(reversed(sure), reversed(laws)):
            above = above[..., pure : pure + len(law)] @ law
        if not exact:
            return np.asarray(above, dtype=np.float64)
        return np.array([Fraction(int(v), unit) for v in above], dtype=object)

    def to_game(self) -> Game:
        """The same game as a full payoff table. At most 16 players: the table has ``n 2^n``.

        >>> duel = ClassGame([[[1, 1]], [[2], [3]]], [[[0, 2]], [[0], [1]]], (1, 1))
        >>> duel.to_game().payoffs[0, 1].tolist()
        [Fraction(1, 1), Fraction(1, 1)]
        """
        n = len(self.players)
        if n > TABLE_PLAYERS:
            raise ValueError(
                f"to_game: a table for {n} players has {n} * 2^{n} payoffs; "
                f"use at most {TABLE_PLAYERS} players, or keep the ClassGame"
            )
        acts = 1 - np.indices(self.shape)
        home = np.array(self.member_of)
        counts = np.stack([acts[home == k].sum(axis=0) for k in range(len(self.sizes))])
        payoffs = np.empty((*self.shape, n), dtype=self.act[0].dtype)
        for i, k in enumerate(self.member_of):
            others: Array = counts.copy()
            others[k] -= acts[i]
            where: Any = others.sum(axis=0) if self.by_total else tuple(others)
            payoffs[..., i] = np.where(acts[i] == 1, self.act[k][where], self.wait[k][where])
        return Game(payoffs, self.players, self.actions)

    @cached_property
    def _extremes(self) -> list[tuple[Any, Any]]:
        """Smallest and largest payoff of each class."""
        found: list[tuple[Any, Any]] = []
        for sides in zip(self.act, self.wait):
            values = np.concatenate([side.ravel() for side in sides])
            low, high = values.min(), values.max()
            found.append((low, high) if self.exact else (float(low), float(high)))
        return found

    @cached_property
    def _spans(self) -> list[float]:
        """The payoff range of each class, infinite if no float holds it."""
        try:
            return [float(high - low) for low, high in self._extremes]
        except OverflowError:
            return [math.inf]

    @cached_property
    def _above(self) -> list[Array]:
        """Payoffs above the smallest of the class, shape ``(2, ...)``."""
        pairs = zip(self.act, self.wait, self._extremes)
        return [np.stack([act, wait]) - low for act, wait, (low, _) in pairs]

    @cached_property
    def _integers(self) -> list[tuple[Array, int]]:
        """The same as integers, and their common unit."""
        found = []
        for above in self._above:
            unit = math.lcm(*{x.denominator for x in above.flat})
            whole = [x.numerator * (unit // x.denominator) for x in above.flat]
            found.append((freeze(np.array(whole, dtype=object).reshape(above.shape)), unit))
        return found

    @cached_property
    def _floats(self) -> list[Array]:
        """The same in floats."""
        return [freeze(above.astype(np.float64)) for above in self._above]

    def _others(
        self, mixtures: Sequence[Array], player: int
    ) -> list[tuple[int, Counter[tuple[Any, Any]]]]:
        """Of each class, how many others are sure to act, and how many mix in each way."""
        start, found = 0, []
        for m in self.sizes:
            side = mixtures[start : start + m]
            arrays, many = {id(x): x for x in side}, Counter(map(id, side))
            if start <= player < start + m:
                many[id(mixtures[player])] -= 1
            together: Counter[tuple[Any, Any]] = Counter()
            for which, times in many.items():
                together[arrays[which][0], arrays[which][1]] += times
            pure = sum(times for x, times in together.items() if x[1] == 0)
            inner = {x: times for x, times in together.items() if times and x[0] != 0 != x[1]}
            found.append((pure, Counter(inner)))
            start += m
        return found

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ClassGame)
            and (self.sizes, self.classes, self.players)
            == (other.sizes, other.classes, other.players)
            and (self.names, self.exact) == (other.names, other.exact)
            and all(map(np.array_equal, self.act, other.act))
            and all(map(np.array_equal, self.wait, other.wait))
        )

    def __hash__(self) -> int:
        values = itertools.chain(*(table.flat for table in (*self.act, *self.wait)))
        return hash((self.sizes, self.classes, self.players, self.names, tuple(values)))

    def __repr__(self) -> str:
        who = ", ".join(f"{name}: {m}" for name, m in zip(self.classes, self.sizes))
        kind = "exact" if self.exact else "float"
        return f"ClassGame({who}; {', '.join(self.names)}; {kind})"

    def _repr_html_(self) -> str:
        """The payoffs by numbers of others who act; one line where they are many."""
        if sum(table.size for table in self.act) > 60:
            return f"<code>{html.escape(repr(self))}</code>"
        tables = []
        for who, act, wait in zip(self.classes, self.act, self.wait):
            head = "".join(f"<th>{', '.join(map(str, j))}</th>" for j in np.ndindex(act.shape))
            rows = "".join(
                f"<tr><th>{html.escape(name)}</th>"
                f"{''.join(f'<td>{show(x)}</td>' for x in values.flat)}</tr>"
                for name, values in zip(self.names, (act, wait))
            )
            corner = html.escape(f"{who}; others who {self.names[0]}")
            tables.append(f"<table><tr><th>{corner}</th>{head}</tr>{rows}</table>")
        return "".join(tables)


def _shape(sizes: Sequence[int], k: int) -> tuple[int, ...]:
    """Shape of the tables of class ``k``: numbers of others who may act in each class."""
    return tuple(m + (i != k) for i, m in enumerate(sizes))


def _one_each(what: str, given: int, due: int) -> bool:
    if given != due:
        raise ValueError(f"{what}: {given} tables for {due} classes; give one a class")
    return True

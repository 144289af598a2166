"""The equilibria on each face of the cube of chances, of :mod:`gametheory.solvers.classes`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.classes import ClassGame
from gametheory.count import _weights
from gametheory.equilibrium import certify
from gametheory.game import Array, Profile, freeze, show
from gametheory.solvers import _bernstein
from gametheory.solvers._positive_roots import Root
from gametheory.solvers.families import _sign_at
from gametheory.solvers.symmetric import TOUCHES, Mixed, _mixed, _roots

MOST = 1_000_000  # coefficients of the gains on a face that is searched
DENOMINATORS = (1_000, 1_000_000)  # up to which a chance is recognized as rational

State = tuple[int | None, ...]
"""Of each class: 0 none acts, 1 all act, None all mix."""
Chance = tuple[Fraction | float, Fraction | float]
"""Of acting and of waiting."""
Point = tuple[Chance, ...]
"""Of each class."""


@dataclass(frozen=True)
class Piece:
    """A continuum: all chances between those of its first and its last corner.

    ``product`` tells whether any mixtures of the corners, by each player, are equilibria.
    """

    corners: tuple[Point, ...]
    product: bool

    def span(self) -> tuple[Array, Array]:
        """Least and greatest chances of acting."""
        return place(self.corners[0]), place(self.corners[-1])


@dataclass(frozen=True)
class Left:
    """A box of a face that may hold equilibria: chances of the classes that mix."""

    low: Array
    high: Array
    state: State

    def span(self) -> tuple[Array, Array]:
        """Least and greatest chances of acting."""
        return _placed(self.low, self.state), _placed(self.high, self.state)


def place(point: Point) -> Array:
    """The chances of acting in floats."""
    return np.array([float(q) for q, _ in point])


def gains(act: Array, wait: Array) -> Array:
    """``act - wait`` times a positive number that makes them integers without common factor."""
    pairs = [[x.as_integer_ratio() for x in side.ravel().tolist()] for side in (act, wait)]
    unit = math.lcm(*{b for side in pairs for _, b in side})
    acting, waiting = ([a * (unit // b) for a, b in side] for side in pairs)
    d = [a - w for a, w in zip(acting, waiting)]
    common = max(1, math.gcd(*d))
    whole = np.empty(len(d), dtype=object)
    whole[:] = [x // common for x in d]
    return freeze(whole.reshape(act.shape))


def states(K: int) -> Iterator[State]:
    """The open faces, those in which the fewest classes mix first."""
    for many in range(K + 1):
        for free in itertools.combinations(range(K), many):
            for rest in itertools.product((0, 1), repeat=K - many):
                left = iter(rest)
                yield tuple(None if k in free else next(left) for k in range(K))


@dataclass
class Search:
    """What is found so far. ``demanded``: an irrational chance is an error."""

    game: ClassGame
    fractions: bool
    demanded: bool
    points: list[Point] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    ties: bool = False
    whole: bool = True
    notes: list[str] = field(default_factory=list)

    @cached_property
    def d(self) -> list[Array]:
        """The gains of each class as integers."""
        return [gains(a, w) for a, w in zip(self.game.act, self.game.wait)]

    def window(self, k: int, state: State) -> Array:
        """The gains of class ``k`` on a face, an axis for each class that mixes."""
        sizes = self.game.sizes
        if not self.game.by_total:
            where: Any = tuple(slice(None) if s is None else -s for s in state)
            return np.asarray(self.d[k][where], dtype=object)
        others = [n - (i == k) for i, n in enumerate(sizes)]
        sure = sum(m for m, s in zip(others, state) if s == 1)
        free = [m + 1 for m, s in zip(others, state) if s is None]
        return np.asarray(self.d[k][sure + np.indices(free).sum(axis=0)], dtype=object)

    def face(self, state: State) -> None:
        """Adds the equilibria on one open face."""
        free = [k for k, s in enumerate(state) if s is None]
        size = math.prod(self.game.sizes[k] + 1 for k in free) * len(state)
        if len(free) > 1 and size > MOST:
            self.whole = False
            who = " and ".join(self.game.classes[k] for k in free)
            self.notes.append(
                f"Where members of {who} mix was not searched: {size:,} coefficients."
            )
            return
        rows = [self.window(k, state) for k in range(len(state))]
        if len(free) > 1:
            rows = [_interior(row) for row in rows]
        signs = [0 if s is None else 2 * s - 1 for s in state]
        positive = [bool((row > 0).any()) for row in rows]
        negative = [bool((row < 0).any()) for row in rows]
        for sign, up, down in zip(signs, positive, negative):
            if (sign == 0 and up != down) or (sign > 0 and down > up) or (sign < 0 and up > down):
                return
        equations = [k for k in free if positive[k]]
        others = [k for k, sign in enumerate(signs) if sign and positive[k] and negative[k]]
        tied = any(
            s is not None and not positive[k] and not negative[k] for k, s in enumerate(state)
        )
        if not equations and not others:
            if free:
                self.pieces.append(self.all_of(state))
            else:
                self.add([self.chance(s) for s in state if s is not None], tied)
        elif len(free) == 1 and equations:
            self.one_mixes(state, free[0], rows, signs)
        elif len(free) == 1:
            self.none_minds(state, free[0], rows, others)
        else:
            self.several_mix(state, rows, equations, others, signs, tied)

    def all_of(self, state: State) -> Piece:
        """The closed face."""
        sides = [[self.chance(x) for x in ((0, 1) if s is None else (s,))] for s in state]
        return Piece(tuple(itertools.product(*sides)), True)

    def one_mixes(self, state: State, k: int, rows: Sequence[Array], signs: Sequence[int]) -> None:
        """The equilibria in which class ``k`` mixes alone."""
        roots, whole = _roots(rows[k].tolist())
        if not whole:
            self.whole = False
            self.notes.append(f"Where {self.game.classes[k]} mixes alone, there may be more.")
        for root in roots:
            if root.multiplicity == TOUCHES:
                continue
            tied = root.multiplicity > 1
            for row, sign in zip(rows, signs):
                here = sign * _sign_at(root, row.tolist()) if sign else 1
                if here < 0:
                    break
                tied |= here == 0
            else:
                m = _mixed(root, self.fractions, demanded=self.demanded)
                point = [(m.q, m.rest) if s is None else self.chance(s) for s in state]
                self.add(point, tied)

    def none_minds(
        self, state: State, k: int, rows: Sequence[Array], others: Sequence[int]
    ) -> None:
        """The equilibria on an edge all over which class ``k`` is indifferent: from root to root.

        Of the gains of the ``others``, which change sign on it.
        """
        signs = {j: 2 * (state[j] or 0) - 1 for j in others}
        cuts: dict[Fraction | float, tuple[Mixed, Root]] = {}
        for j in others:
            roots, whole = _roots(rows[j].tolist())
            self.whole &= whole
            for root in roots:
                if root.multiplicity != TOUCHES:
                    m = _mixed(root, self.fractions, demanded=self.demanded)
                    cuts.setdefault(m.q, (m, root))
        ends = [0, *sorted(cuts), 1]
        middles = [(Fraction(a) + Fraction(b)) / 2 for a, b in itertools.pairwise(ends)]
        good = [all(signs[j] * _exactly(rows[j], [x]) > 0 for j in others) for x in middles]

        def point(q: Fraction | float) -> Point:
            own = (cuts[q][0].q, cuts[q][0].rest) if q in cuts else self.chance(int(q))
            return tuple(own if s is None else self.chance(s) for s in state)

        for q, before, after in zip(ends[1:], good, good[1:]):
            root = cuts[q][1]
            if before != after or not (
                before or any(signs[j] * _sign_at(root, rows[j].tolist()) < 0 for j in others)
            ):
                self.add(point(q), True)
        start = None
        for a, b, inside in zip(ends, ends[1:], good):
            start = a if inside and start is None else start
            if start is not None and (b == 1 or not good[ends.index(b)]):
                self.pieces.append(Piece((point(start), point(b)), self.game.sizes[k] == 1))
                start = None

    def several_mix(
        self,
        state: State,
        rows: Sequence[Array],
        equations: Sequence[int],
        others: Sequence[int],
        signs: Sequence[int],
        tied: bool,
    ) -> None:
        """The equilibria on a face on which gains change sign."""
        floats = {k: _floats(rows[k]) for k in (*equations, *others)}
        asked = [(floats[k], signs[k]) for k in others]
        axes = state.count(None)
        found = _bernstein.zeros([floats[k] for k in equations], asked, axes)
        if not found.whole:
            self.whole = False
            self.notes.append("The budget ended before all mixtures were searched.")
        undecided = [*found.left, *found.solid]
        self.ties |= bool(found.solid)
        for x, off in found.zeros:
            exactly = None
            near = (x <= off) | (x >= 1 - off)
            unsure = [k for k in others if _sign(floats[k], x, off) == 0]
            if near.any() or unsure or self.fractions:
                exactly = _rational([rows[k] for k in equations], x, off)
            if exactly is not None and not all(0 < q < 1 for q in exactly):
                continue  # a point of a smaller face
            here = {k: _sign(floats[k], x, off) for k in others}
            if exactly is not None:
                here |= {k: _exactly(rows[k], exactly) for k in unsure}
            if any(here[k] * signs[k] < 0 for k in others):
                continue
            if exactly is None and (near.any() or unsure):
                undecided.append((np.maximum(x - off, 0), np.minimum(x + off, 1)))
                continue
            if self.demanded and exactly is None:
                raise ValueError(
                    f"exact: the equilibrium with p = {', '.join(map(show, x))} is not known to be "
                    "rational; use exact=None to get it as floats"
                )
            chances: list[Any] = exactly if exactly and self.fractions else x.tolist()
            inner = iter([(q, 1 - q) for q in chances])
            point = [next(inner) if s is None else self.chance(s) for s in state]
            self.add(point, tied or any(here[k] == 0 for k in others))
        for low, high in undecided:
            self.left.append(Left(low, high, state))

    def chance(self, s: int) -> Chance:
        """Of acting and waiting where none acts (0) or all do (1)."""
        return (Fraction(s), Fraction(1 - s)) if self.fractions else (float(s), 1.0 - s)

    def add(self, point: Sequence[Chance], tied: bool) -> None:
        self.points.append(tuple(point))
        self.ties |= tied

    def profile(self, point: Sequence[Chance]) -> Profile:
        """The profile in which each class mixes as one."""
        sides = []
        for (q, rest), m in zip(point, self.game.sizes):
            kind = object if isinstance(q, Fraction) else np.float64
            sides += [np.array([q, rest], dtype=kind)] * m
        return Profile(self.game, sides)

    def near(self, box: Left) -> Point | None:
        """An equilibrium in a box that is left, if Newton's method meets one."""
        rows = [self.window(k, box.state) for k in range(len(box.state))]
        equations = [_floats(r) for r, s in zip(rows, box.state) if s is None and r.any()]
        x = (box.low + box.high) / 2
        for _ in range(60 if equations else 0):
            h = np.array([_bernstein.value(row, x) for row in equations])
            slopes = [[_bernstein.slopes(row, j) for j in range(len(x))] for row in equations]
            J = np.array([[_bernstein.value(d, x) for d in side] for side in slopes])
            x = np.clip(x - np.linalg.pinv(J, rcond=1e-6) @ h, box.low, box.high)
        inner = iter([(q, 1 - q) for q in x.tolist()])
        point = tuple(next(inner) if s is None else self.chance(s) for s in box.state)
        return point if certify(self.profile(point)).holds() else None


def _placed(x: Array, state: State) -> Array:
    """A point of a face in the cube."""
    inner = iter(x.tolist())
    return np.array([float(s) if s is not None else next(inner) for s in state])


def _interior(row: Array) -> Array:
    """The row over the factors ``t`` and ``1 - t`` that it has: its sign inside is the same."""
    for axis in range(row.ndim):
        for at, weight in ((0, lambda n: np.arange(1, n + 1)), (-1, lambda n: n - np.arange(n))):
            while (n := row.shape[axis] - 1) > 0 and row.any() and not row.take(at, axis).any():
                w = np.array([Fraction(n, int(x)) for x in weight(n)], dtype=object)
                kept = row.take(range(n) if at else range(1, n + 1), axis)
                row = kept * w.reshape([-1 if j == axis else 1 for j in range(row.ndim)])
    return row


def _floats(row: Array) -> Array:
    """The row in floats, its largest coefficient 1 in size."""
    most = max(abs(x) for x in row.flat)
    return np.array([float(x / most) for x in row.flat]).reshape(row.shape)


def _sign(row: Array, x: Array, off: float) -> int:
    """The sign of the row at a point known to within ``off``; 0 if that cannot be told."""
    reach = sum(np.abs(_bernstein.slopes(row, j)).max(initial=0) for j in range(row.ndim))
    error = _bernstein.fuzz(row.shape) + reach * off
    v = _bernstein.value(row, x)
    return 0 if abs(v) <= error else 1 if v > 0 else -1


def _exactly(row: Array, point: Sequence[Fraction]) -> int:
    """The sign of the row at a rational point."""
    for q in reversed(point):
        row = row @ _weights(row.shape[-1] - 1, q)
    return int(row > 0) - int(row < 0)


def _rational(equations: Sequence[Array], x: Array, off: float) -> list[Fraction] | None:
    """The zero near ``x`` if it is a fraction of small denominators, proved by exact arithmetic."""
    for most in DENOMINATORS:
        point = [Fraction(v).limit_denominator(most) for v in x.tolist()]
        close = all(abs(q - Fraction(v)) <= 2 * off for q, v in zip(point, x.tolist()))
        if close and all(_exactly(row, point) == 0 for row in equations):
            return point
    return None

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
class Face:
    """One open face: of each class none acts (0), all act (1) or all mix (None).

    ``idle`` are the classes that mix whose chance matters to nobody whose gain is not of one sign,
    ``known`` are chances that are settled; both stand as 0 in ``state``. ``rows`` are the gains
    that change sign, by the chances that matter: those of ``equations`` must be zero, those of the
    ``others`` have their sign. ``tied``: a class that does not mix is indifferent all over the
    face, or a known chance is a repeated root.
    """

    state: State
    idle: tuple[int, ...]
    known: dict[int, Fraction]
    rows: dict[int, Array]
    equations: tuple[int, ...]
    others: tuple[int, ...]
    tied: bool

    def sign(self, k: int) -> int:
        """The sign that the gain of class ``k``, which does not mix, is asked to have."""
        return 1 if self.state[k] else -1


@dataclass(frozen=True)
class Left:
    """A box of a face that may hold equilibria: the chances that matter."""

    low: Array
    high: Array
    face: Face

    def span(self) -> tuple[Array, Array]:
        """Least and greatest chances of acting, one a class."""
        low, high = iter(self.low.tolist()), iter(self.high.tolist())
        ends: list[tuple[Any, Any]] = []
        for k, s in enumerate(self.face.state):
            if k in self.face.known:
                ends.append((self.face.known[k],) * 2)
            elif k in self.face.idle:
                ends.append((0, 1))
            else:
                ends.append((next(low), next(high)) if s is None else (s, s))
        return np.array([float(a) for a, _ in ends]), np.array([float(b) for _, b in ends])


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
            self.notes.append(f"Where {who} all mix was not searched: {size:,} coefficients.")
            return
        self.search(state, {}, [self.window(k, state) for k in range(len(state))], False)

    def search(
        self, state: State, known: dict[int, Fraction], rows: Sequence[Array], tied: bool
    ) -> None:
        """Adds the equilibria on a face, or where some of the chances on it are ``known``."""
        free = [k for k, s in enumerate(state) if s is None and k not in known]
        if len(free) > 1:
            rows = [_interior(row) for row in rows]
        positive = [bool((row > 0).any()) for row in rows]
        negative = [bool((row < 0).any()) for row in rows]
        for s, up, down in zip(state, positive, negative):
            if (s is None and up != down) or (s == 1 and down > up) or (s == 0 and up > down):
                return
            tied |= s is not None and not up and not down
        changing = [k for k in range(len(state)) if positive[k] and negative[k]]
        needs = {k: _needs(rows[k], free) for k in changing}
        idle = [k for k in free if not any(k in side for side in needs.values())]
        drop: Any = tuple(0 if k in idle else slice(None) for k in free)
        face = Face(
            tuple(0 if k in idle or k in known else s for k, s in enumerate(state)),
            tuple(idle),
            known,
            {k: rows[k][drop] for k in changing},
            tuple(k for k in changing if state[k] is None),
            tuple(k for k in changing if state[k] is not None),
            tied,
        )
        axes = face.state.count(None)
        if not changing:
            self.add(face, [], face.tied)
        elif axes == 1 and face.equations:
            self.roots(face)
        elif axes == 1:
            self.stretches(face)
        else:
            for k in face.equations:
                if len(needs[k]) == 1 and self.solved(state, rows, free, needs[k][0], k, face):
                    return
            self.zeros(face)

    def solved(
        self, state: State, rows: Sequence[Array], free: Sequence[int], i: int, k: int, face: Face
    ) -> bool:
        """Whether the gain of class ``k``, which only ``i`` decides, has rational roots only.

        Then the equilibria at each of them are added.
        """
        axis = free.index(i)
        alone: Any = tuple(slice(None) if j == i else 0 for j in free)
        found, whole = _roots(rows[k][alone].tolist())
        mixed = [_mixed(root, True, demanded=False) for root in found]
        if not whole or any(isinstance(m.q, float) for m in mixed):
            return False
        for m in mixed:
            q = Fraction(m.q)
            at = [np.moveaxis(row, axis, -1) for row in rows]
            there = [np.asarray(row @ _weights(row.shape[-1] - 1, q), dtype=object) for row in at]
            self.search(state, face.known | {i: q}, there, face.tied or m.multiplicity > 1)
        return True

    def roots(self, face: Face) -> None:
        """The equilibria where one chance matters: roots of one polynomial."""
        first, *rest = face.equations
        found, whole = _roots(face.rows[first].tolist())
        self.unsure(whole)
        for root in found:
            if root.multiplicity == TOUCHES:
                continue
            signs = [face.sign(k) * _sign_at(root, face.rows[k].tolist()) for k in face.others]
            met = all(_sign_at(root, face.rows[k].tolist()) == 0 for k in rest)
            if met and min(signs, default=1) >= 0:
                m = _mixed(root, self.fractions, demanded=self.demanded)
                tied = face.tied or root.multiplicity > 1 or 0 in signs
                self.add(face, [(m.q, m.rest)], tied)

    def stretches(self, face: Face) -> None:
        """The equilibria where one chance matters and those who mix are indifferent throughout.

        They reach from one to another of the roots of the others' gains.
        """
        cuts: dict[Fraction | float, tuple[Mixed, Root]] = {}
        for k in face.others:
            found, whole = _roots(face.rows[k].tolist())
            self.unsure(whole)
            for root in found:
                if root.multiplicity != TOUCHES:
                    m = _mixed(root, self.fractions, demanded=self.demanded)
                    cuts.setdefault(m.q, (m, root))
        ends = [0, *sorted(cuts), 1]
        middles = [(Fraction(a) + Fraction(b)) / 2 for a, b in itertools.pairwise(ends)]
        good = [
            all(face.sign(k) * _exactly(face.rows[k], [x]) > 0 for k in face.others)
            for x in middles
        ]
        for q, before, after in zip(ends[1:], good, good[1:]):
            m, root = cuts[q]
            signs = [face.sign(k) * _sign_at(root, face.rows[k].tolist()) for k in face.others]
            if not before and not after and min(signs) >= 0:
                self.add(face, [(m.q, m.rest)], True)
        chances = [self.chance(0), *((cuts[q][0].q, cuts[q][0].rest) for q in ends[1:-1])]
        chances.append(self.chance(1))
        first = None
        for i, inside in enumerate([*good, False]):
            if inside and first is None:
                first = i
            elif not inside and first is not None:
                corners = [self.corners(face, [chances[j]]) for j in (first, i)]
                alone = self.game.sizes[face.state.index(None)] == 1
                self.pieces.append(Piece((*corners[0], *corners[1]), alone))
                first = None

    def zeros(self, face: Face) -> None:
        """The equilibria where several chances matter."""
        floats = {k: _floats(row) for k, row in face.rows.items()}
        equations = [face.rows[k] for k in face.equations]
        found = _bernstein.zeros(
            [floats[k] for k in face.equations],
            [(floats[k], face.sign(k)) for k in face.others],
            face.state.count(None),
        )
        self.whole &= found.whole
        if not found.whole:
            self.notes.append("The budget ended before all mixtures were searched.")
        self.ties |= bool(found.solid)
        self.left += [Left(a, b, face) for a, b in (*found.left, *found.solid)]
        for x, off in found.zeros:
            here = {k: face.sign(k) * _sign(floats[k], x, off) for k in face.others}
            unsure = [k for k in face.others if here[k] == 0]
            at_side = bool(((x <= off) | (x >= 1 - off)).any())
            exactly = None
            if at_side or unsure or self.fractions:
                exactly = _rational(equations, x, off)
            if exactly:
                if not all(0 < q < 1 for q in exactly):
                    continue  # a point of a smaller face
                here |= {k: face.sign(k) * _exactly(face.rows[k], exactly) for k in unsure}
            if min(here.values(), default=1) < 0:
                continue
            if not exactly and (at_side or unsure):
                self.left.append(Left(np.maximum(x - off, 0), np.minimum(x + off, 1), face))
                continue
            if self.demanded and not exactly:
                raise ValueError(
                    f"exact: the equilibrium with p = {', '.join(map(show, x))} is not known to be "
                    "rational; use exact=None to get it as floats"
                )
            chances: list[Any] = exactly if exactly and self.fractions else x.tolist()
            tied = face.tied or min(here.values(), default=1) == 0
            self.add(face, [(q, 1 - q) for q in chances], tied)

    def unsure(self, whole: bool) -> None:
        """Takes down that roots may be missing, unless the ``whole`` of them was found."""
        if not whole:
            self.whole = False
            self.notes.append("Where only one class mixes, not all chances are proved to be known.")

    def corners(self, face: Face, chances: Sequence[Chance]) -> tuple[Point, ...]:
        """The points with these chances where they matter, 0 and 1 where they do not."""
        left = iter(chances)
        sides: list[list[Chance]] = []
        for k, s in enumerate(face.state):
            if k in face.known:
                q = face.known[k]
                sides.append([(q, 1 - q) if self.fractions else (float(q), float(1 - q))])
            elif k in face.idle:
                sides.append([self.chance(0), self.chance(1)])
            else:
                sides.append([next(left) if s is None else self.chance(s)])
        return tuple(itertools.product(*sides))

    def add(self, face: Face, chances: Sequence[Chance], tied: bool) -> None:
        """Adds the equilibrium with these chances, or the continuum if some do not matter."""
        corners = self.corners(face, chances)
        if face.idle:
            self.pieces.append(Piece(corners, True))
        else:
            self.points += corners
        self.ties |= tied

    def chance(self, s: int) -> Chance:
        """Of acting and waiting where none acts (0) or all do (1)."""
        return (Fraction(s), Fraction(1 - s)) if self.fractions else (float(s), 1.0 - s)

    def profile(self, point: Sequence[Chance]) -> Profile:
        """The profile in which each class mixes as one."""
        sides = []
        for (q, rest), m in zip(point, self.game.sizes):
            kind = object if isinstance(q, Fraction) else np.float64
            sides += [np.array([q, rest], dtype=kind)] * m
        return Profile(self.game, sides)

    def near(self, box: Left) -> Point | None:
        """An equilibrium in a box that is left, if Newton's method meets one."""
        equations = [_floats(box.face.rows[k]) for k in box.face.equations]
        x = (box.low + box.high) / 2
        for _ in range(60 if equations else 0):
            h = np.array([_bernstein.value(row, x) for row in equations])
            slopes = [[_bernstein.slopes(row, j) for j in range(len(x))] for row in equations]
            J = np.array([[_bernstein.value(d, x) for d in side] for side in slopes])
            x = np.clip(x - np.linalg.pinv(J, rcond=1e-6) @ h, box.low, box.high)
        point = self.corners(box.face, [(q, 1 - q) for q in x.tolist()])[0]
        return point if certify(self.profile(point)).holds() else None


def _needs(row: Array, free: Sequence[int]) -> list[int]:
    """The classes on whose chance the row depends."""
    return [k for axis, k in enumerate(free) if (row != row.take([0], axis)).any()]


def _interior(row: Array) -> Array:
    """The row over the factors ``t`` and ``1 - t`` that it has: its sign inside is the same."""
    if not row.any():
        return row
    for axis in range(row.ndim):
        for end in (0, -1):
            while (n := row.shape[axis] - 1) and not row.take(end, axis).any():
                weights = [math.lcm(*range(1, n + 1)) // (i + 1) for i in range(n)]
                along = np.array(weights[::-1] if end else weights, dtype=object)
                kept = row.take(range(n) if end else range(1, n + 1), axis)
                row = kept * along.reshape([-1 if j == axis else 1 for j in range(row.ndim)])
                row = row // math.gcd(*row.flat)
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

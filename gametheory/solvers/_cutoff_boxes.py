"""Equilibria in cutoffs of two actions and several classes of players, by contraction of boxes.

Members of a class play alike. A box gives an interval of chances for each class. Inside it the
number of others who choose the first action lies, in the order of stochastic dominance, between its
laws at the two corners, so that the gain of a type, split over that number into a rising and a
falling part, lies between two bounds. A type whose upper bound is negative does not choose the
first action, nor does any less keen; one whose lower bound is positive does, and so does any
keener: each class's interval shrinks to what is left. A box with an empty interval holds no
equilibrium. One that stops shrinking is halved. What ends as narrow as can be told apart is
polished by Newton's method, and certified.

With strategic complements (no falling part) the first contraction ends at the least and the
greatest equilibrium (Milgrom & Roberts 1990; Van Zandt & Vives 2007): if they are one, it is the
only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import permutations

import numpy as np

from gametheory import _laws
from gametheory.count import _binomial
from gametheory.cutoff import CutoffGame, CutoffProfile
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.private import CutoffEquilibria, certify_cutoffs

NARROW = 1e-9  # chance: boxes narrower than this are one equilibrium
NOISE = 1e-13  # of the payoffs: bounds as near to zero as this decide nothing
SHRINKS = 0.9  # a sweep that leaves more than this of every interval is the last
BOXES = 3000  # boxes that are looked at
STARTS = 48  # of Newton's method where boxes are too many
SAME = 1e-7  # chance by which two equilibria differ
SWAPS = 720  # permutations of players alike that are listed


@dataclass(frozen=True)
class End:
    """A cutoff of a class, the chance to choose the first action, and one less it."""

    c: float
    p: float
    rest: float


Box = tuple[tuple[End, End], ...]
"""For each class, the end at which fewest choose the first action and that at which most do."""


class Search:
    """The game, its classes, and the boxes that are left."""

    def __init__(self, game: CutoffGame, classes: Sequence[int]) -> None:
        self.game, self.sign = game, 1 if game.first == "low" else -1
        self.players = sorted(set(classes))
        self.place = [self.players.index(i) for i in classes]
        self.sizes = [self.place.count(c) for c in range(len(self.players))]
        self.noise = [NOISE * float(game.ranges[i]) for i in self.players]
        self.seen = 0

    def end(self, c: int, t: float) -> End:
        """The end of class ``c`` at the cutoff ``t``."""
        law = self.game.types[self.players[c]]
        p, rest = float(_laws.below(law, t)), float(_laws.above(law, t))
        return End(t, p, rest) if self.sign > 0 else End(t, rest, p)

    def whole(self) -> Box:
        """All profiles."""
        box = []
        for i in self.players:
            low, high = _laws.support(self.game.types[i])
            first, last = (low, high) if self.sign > 0 else (high, low)
            box.append((End(first, 0.0, 1.0), End(last, 1.0, 0.0)))
        return tuple(box)

    def others(self, c: int, ends: Sequence[End]) -> Array:
        """Law of the number of others of a member of class ``c`` who choose the first action."""
        parts = [
            _chances(size - (d == c), end)
            for d, (size, end) in enumerate(zip(self.sizes, ends))
            if size > (d == c)
        ]
        return reduce(np.convolve, parts) if parts else np.ones(1)

    def gain(self, c: int, t: float) -> Array:
        """Gain of type ``t`` of class ``c`` from the first action, at each number of others."""
        one, other = self.game.outcomes(self.players[c], np.array([t]))
        return np.asarray(one[0] - other[0])

    def inner(self, c: int) -> tuple[float, float]:
        """Types of class ``c``, keenest first, with the infinite ends moved in."""
        law = self.game.types[self.players[c]]
        low, high = _laws.support(law)
        low = low if np.isfinite(low) else float(_laws.quantile(law, 1e-300, 1.0))
        high = high if np.isfinite(high) else float(_laws.quantile(law, 1.0, 1e-300))
        return (low, high) if self.sign > 0 else (high, low)

    def contracted(self, box: Box) -> Box | None:
        """What is left of ``box``; None if nothing is."""
        while True:
            before = [b.p - a.p for a, b in box]
            for c in range(len(box)):
                side = self._replies(c, box)
                if side is None:
                    return None
                box = (*box[:c], side, *box[c + 1 :])
            after = [b.p - a.p for a, b in box]
            if max(after) <= NARROW / 100 or all(
                w >= SHRINKS * v for v, w in zip(before, after) if v > NARROW / 100
            ):
                return box

    def _replies(self, c: int, box: Box) -> tuple[End, End] | None:
        """The interval of class ``c`` that is left, given those of the others."""
        few, many = (self.others(c, [side[x] for side in box]) for x in (0, 1))
        noise = self.noise[c]

        def most(t: float) -> float:
            return _bound(self.gain(c, t), many, few) + noise

        def least(t: float) -> float:
            return _bound(self.gain(c, t), few, many) - noise

        a, b = box[c]
        keen, idle = self.inner(c)
        low, high = (x if np.isfinite(x) else y for x, y in ((a.c, keen), (b.c, idle)))
        if (most(low) < 0 and a.p > 0) or (least(high) > 0 and b.rest > 0):
            return None
        if most(low) < 0:
            return a, a
        if least(high) > 0:
            return b, b
        if most(high) < 0:
            b = self.end(c, _nudged(_crossing(most, low, high), high))
        if least(low) > 0:
            a = self.end(c, _nudged(_crossing(least, low, high), low))
        return (a, b) if self.sign * (b.c - a.c) >= 0 else (b, a)

    def run(self) -> tuple[list[Box], list[Box]]:
        """Narrow boxes outside of which there is no equilibrium, and boxes that were not reached."""
        found: list[Box] = []
        stack = [self.whole()]
        most = BOXES if len(self.players) <= 4 else BOXES // 20
        while stack and self.seen < most:
            self.seen += 1
            box = self.contracted(stack.pop(0))
            if box is None:
                continue
            widths = [b.p - a.p for a, b in box]
            c = int(np.argmax(widths))
            if widths[c] <= NARROW:
                found.append(box)
                continue
            a, b = box[c]
            middle = self.middle(c, a, b)
            stack += [(*box[:c], half, *box[c + 1 :]) for half in ((a, middle), (middle, b))]
        return found, stack

    def middle(self, c: int, a: End, b: End) -> End:
        """The end half-way between two, in chance."""
        law = self.game.types[self.players[c]]
        p, rest = (a.p + b.p) / 2, (a.rest + b.rest) / 2
        t = float(_laws.quantile(law, *((p, rest) if self.sign > 0 else (rest, p))))
        return replace(self.end(c, t), p=p, rest=rest)

    def gains(self, ends: Sequence[End]) -> Array:
        """Gain of the marginal type of each class."""
        return np.array(
            [self.gain(c, e.c) @ self.others(c, ends) for c, e in enumerate(ends)], float
        )

    def polished(self, ends: Sequence[End]) -> list[End] | None:
        """The equilibrium next to ``ends``: Newton's method on the cutoffs that are not corners."""
        ends = list(ends)
        free = [c for c, e in enumerate(ends) if e.p > 0 and e.rest > 0]
        if not free:
            return ends
        from scipy.optimize import root

        spread = np.array([self.spread(c) for c in free])
        start = np.array([ends[c].c for c in free])

        def at(z: Array) -> list[End]:
            moved = list(ends)
            for c, t in zip(free, (start + spread * z).tolist()):
                moved[c] = self.end(c, t)
            return moved

        units = np.array([float(self.game.ranges[self.players[c]]) for c in free])
        found = root(
            lambda z: self.gains(at(z))[free] / units, np.zeros(len(free)), options={"xtol": 1e-15}
        )
        return at(found.x) if np.isfinite(found.x).all() else None

    def spread(self, c: int) -> float:
        """Distance between the quartiles of a class's types."""
        law = self.game.types[self.players[c]]
        return float(_laws.quantile(law, 0.75, 0.25) - _laws.quantile(law, 0.25, 0.75))

    def index(self, ends: Sequence[End]) -> int | None:
        """Sign of the determinant of the identity less the slopes of best replies."""
        free = [c for c, e in enumerate(ends) if e.p > 0 and e.rest > 0]
        J = np.empty((len(free), len(free)))
        for x, c in enumerate(free):
            step = 1e-6 * self.spread(c)
            up, down = (
                [self.end(d, e.c + s * step) if d == c else e for d, e in enumerate(ends)]
                for s in (1, -1)
            )
            J[:, x] = (self.gains(up) - self.gains(down))[free] / (2 * step)
        own = np.diag(J)
        if not len(free):
            return 1
        if (own == 0).any():
            return None
        slopes = J / own[:, np.newaxis]
        det = float(np.linalg.det(slopes))
        return None if abs(det) < 1e-6 else int(np.sign(det))

    def profile(self, ends: Sequence[End]) -> CutoffProfile:
        """The profile in which each class plays its end."""
        corners = self.whole()
        c = [
            corners[k][0].c if e.p <= 0 else corners[k][1].c if e.rest <= 0 else e.c
            for k, e in enumerate(ends)
        ]
        return CutoffProfile(self.game, np.array(c)[self.place][:, np.newaxis])


def _chances(size: int, end: End) -> Array:
    if end.p <= 0 or end.rest <= 0:
        law = np.zeros(size + 1)
        law[0 if end.p <= 0 else size] = 1.0
        return law
    return _binomial(size, end.p, end.rest)


def _bound(D: Array, up: Array, down: Array) -> float:
    """Bound of the mean of ``D`` over counts between two laws: rising parts at one, falling at other."""
    steps = np.diff(D)
    above_up, above_down = (1 - np.cumsum(law)[:-1] for law in (up, down))
    return float(
        D[0] + np.maximum(steps, 0) @ above_up + np.minimum(steps, 0) @ above_down
    )


def _crossing(f: object, a: float, b: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(f, a, b, xtol=1e-300, rtol=1e-14, maxiter=2000))


def _nudged(t: float, towards: float) -> float:
    """``t`` moved by a few units in the last place, outward."""
    step = 64 * float(np.spacing(abs(t)))
    return min(t + step, towards) if towards > t else max(t - step, towards)


def solve(game: CutoffGame, classes: Sequence[int], method: str) -> CutoffEquilibria:
    """The equilibria in cutoffs in which members of a class play alike."""
    if len(game.actions) > 2:
        raise ValueError(
            f"{method}: {game!r} has unequal players and more than two actions; "
            "use players alike, or two actions"
        )
    search = Search(game, classes)
    narrow, left = search.run()
    found: list[tuple[CutoffProfile, int | None]] = []
    doubtful = 0
    for box in narrow:
        ends = search.polished([_nearer(a, b) for a, b in box])
        if ends is None or not _add(search, found, ends, box):
            doubtful += 1
    notes = []
    alone = len(search.players) == len(game.players)
    if left:
        _from_many_starts(search, found)
        notes += _degree(found, left)
    elif doubtful:
        notes.append(
            f"{doubtful} boxes of chances narrower than {NARROW:g} could not be excluded, and hold "
            "no equilibrium that was found."
        )
    if not left:
        notes.append(f"Equilibria are told apart if a chance differs by {NARROW:g}.")
    if left:
        coverage = Coverage.SAMPLE if found else Coverage.UNKNOWN
    elif len(found) == 1 and rising(game):
        coverage = Coverage.ALL if game.strict else Coverage.ALL_CUTOFFS
        notes.insert(
            0,
            "Gains rise in the number of others who act: the least and the greatest equilibrium "
            "bound all others, and are one.",
        )
    elif alone:
        coverage = Coverage.ALL if game.strict else Coverage.ALL_CUTOFFS
    else:
        coverage = Coverage.ALL_BY_CLASS if game.strict else Coverage.ALL_SAME_CUTOFFS
    found.sort(key=lambda one: one[0].chances[:, 0].round(9).tolist())
    return CutoffEquilibria.proved(
        game, [p for p, _ in found], coverage, method, notes, [index for _, index in found]
    )


def rising(game: CutoffGame) -> bool:
    """Whether each gain rises in the number of others, at the types and counts looked at."""
    seen = (game._gain(i) for i in sorted(set(game.kinds)))
    return all(bool((np.diff(gain, axis=1) >= -off.max()).all()) for gain, off, _ in seen)


def _nearer(a: End, b: End) -> End:
    """The one of two ends that is a corner, else the first."""
    return b if b.rest <= 0 or b.p <= 0 else a


def _add(
    search: Search,
    found: list[tuple[CutoffProfile, int | None]],
    ends: Sequence[End],
    box: Box | None = None,
) -> bool:
    """Whether ``ends`` are an equilibrium (in the box, if one is given); it is added if new."""
    if box is not None and any(
        not (a.p - SAME <= e.p <= b.p + SAME) for e, (a, b) in zip(ends, box)
    ):
        return False
    profile = search.profile(ends)
    for other, _ in found:
        if np.abs(profile.chances - other.chances).max() <= SAME:
            return True
    if not certify_cutoffs(profile).holds():
        return False
    found.append((profile, search.index(ends)))
    return True


def _from_many_starts(search: Search, found: list[tuple[CutoffProfile, int | None]]) -> None:
    """Newton's method from damped best replies to random profiles, always the same."""
    rng = np.random.default_rng(0)
    count = len(search.players)
    corners = search.whole()
    for start in range(STARTS):
        p = rng.random(count) if start > 2 else np.full(count, (0.0, 1.0, 0.5)[start])
        ends = [search.middle(c, a, b) for c, (a, b) in enumerate(corners)]
        ends = [_moved(search, c, e, float(x)) for c, (e, x) in enumerate(zip(ends, p))]
        for _ in range(rng.integers(0, 12)):
            for c in range(count):
                box = tuple((e, e) for e in ends)
                reply = search._replies(c, (*box[:c], corners[c], *box[c + 1 :]))
                if reply is not None:
                    ends[c] = reply[0]
        polished = search.polished(ends)
        if polished is not None and _add(search, found, polished):
            _swapped(search, found, polished)


def _moved(search: Search, c: int, end: End, p: float) -> End:
    law = search.game.types[search.players[c]]
    p = min(max(p, 1e-9), 1 - 1e-9)
    t = float(_laws.quantile(law, *((p, 1 - p) if search.sign > 0 else (1 - p, p))))
    return search.end(c, t)


def _swapped(
    search: Search, found: list[tuple[CutoffProfile, int | None]], ends: Sequence[End]
) -> None:
    """The equilibria that players alike make of one by changing places."""
    kinds = [search.game.kinds[i] for i in search.players]
    count = len(kinds)
    if len(set(kinds)) == count or count > 6:
        return
    for order in list(permutations(range(count)))[:SWAPS]:
        if all(kinds[x] == kinds[c] for c, x in enumerate(order)):
            _add(search, found, [ends[x] for x in order])


def _degree(found: Sequence[tuple[CutoffProfile, int | None]], left: Sequence[Box]) -> list[str]:
    known = [index for _, index in found]
    total = sum(index or 0 for index in known)
    met = None not in known and total == 1
    return [
        f"{len(left)} boxes were not reached; Newton's method was run from {STARTS} profiles.",
        f"The indices of those found add up to {total}, "
        + ("as those of all do." if met else "those of all to 1: there are others, or ties."),
    ]

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
from functools import cached_property
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
POINTS, ZOOMS = 17, 4  # types at which bounds are looked at together, and how often they close in
BOXES = 3000  # boxes that are looked at; fewer where there are more than FEW classes
FEW = 4
STARTS = 16  # of Newton's method where boxes are too many
STEPS = 40
REGULAR = 1e-6  # determinants as small as this are taken for zero
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

    def ends(self, c: int, t: Sequence[float]) -> list[End]:
        """The ends of class ``c`` at the cutoffs ``t``."""
        law, at = self.game.types[self.players[c]], np.array(t)
        p = _laws.below(law, at)
        rest = _laws.above(law, at) if (p > 0.5).any() else 1 - p
        one, other = (p, rest) if self.sign > 0 else (rest, p)
        return [End(*each) for each in zip(at.tolist(), one.tolist(), other.tolist())]

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
        sizes = (size - (d == c) for d, size in enumerate(self.sizes))
        return _products([_chances(size, end) for size, end in zip(sizes, ends)])[-1]

    def gain(self, c: int, t: Array) -> Array:
        """Gains of types ``t`` of class ``c`` at each number of others, ``(len(t), n)``."""
        one, other = self.game.outcomes(self.players[c], t)
        return np.asarray(one - other)

    def inner(self, c: int) -> tuple[float, float]:
        """Types of class ``c``, keenest first, with the infinite ends moved in."""
        law = self.game.types[self.players[c]]
        low, high = _laws.support(law)
        low = low if np.isfinite(low) else float(_laws.quantile(law, 1e-300, 1.0))
        high = high if np.isfinite(high) else float(_laws.quantile(law, 1.0, 1e-300))
        return (low, high) if self.sign > 0 else (high, low)

    def contracted(self, box: Box) -> Box | None:
        """What is left of ``box``; None if nothing is."""
        count, sides = len(box), list(box)
        while True:
            before = [b.p - a.p for a, b in sides]
            after_law = [self._behind(x, sides) for x in (0, 1)]
            ahead = [np.ones(1), np.ones(1)]
            for c in range(count):
                own = [_chances(self.sizes[c] - 1, side) for side in sides[c]]
                few, many = (
                    np.convolve(np.convolve(ahead[x], after_law[x][c]), own[x]) for x in (0, 1)
                )
                side = self._replies(c, sides[c], few, many)
                if side is None:
                    return None
                sides[c] = side
                for x in (0, 1):
                    ahead[x] = np.convolve(ahead[x], _chances(self.sizes[c], side[x]))
            after = [b.p - a.p for a, b in sides]
            if max(after) <= NARROW / 100 or all(
                w >= SHRINKS * v for v, w in zip(before, after) if v > NARROW / 100
            ):
                return tuple(sides)

    def _behind(self, x: int, sides: Sequence[tuple[End, End]]) -> list[Array]:
        """For each class the law of how many choose the first action in all classes after it."""
        laws = [np.ones(1)]
        for c in range(len(sides) - 1, 0, -1):
            laws.append(np.convolve(laws[-1], _chances(self.sizes[c], sides[c][x])))
        return laws[::-1]

    def _replies(
        self, c: int, side: tuple[End, End], few: Array, many: Array
    ) -> tuple[End, End] | None:
        """What is left of the interval of class ``c``, by the laws of the number of others."""
        keen, idle = self.inner(c)
        a, b = side
        low = a.c if np.isfinite(a.c) else keen
        high = b.c if np.isfinite(b.c) else idle
        above_few, above_many = (np.cumsum(law[::-1])[::-1][1:] for law in (few, many))
        noise = self.noise[c]
        cut_low, cut_high = (
            (low, low),
            (high, high),
        )  # between a type that is cut and one that is not
        first = True
        for _ in range(ZOOMS):
            spans = [(low, high)] if first else [cut_low, cut_high]
            spans = [span for span in spans if span[0] != span[1] or first]
            if not spans:
                break
            t = np.concatenate([np.linspace(*span, POINTS) for span in spans])
            D = self.gain(c, t)
            steps = np.diff(D, axis=1)
            rise, fall = np.maximum(steps, 0), np.minimum(steps, 0)
            out = D[:, 0] + rise @ above_many + fall @ above_few < -noise
            sure = D[:, 0] + rise @ above_few + fall @ above_many > noise
            if first:
                if (out[0] and a.p > 0) or (sure[-1] and b.rest > 0):
                    return None
                if out[0]:
                    return a, a
                if sure[-1]:
                    return b, b
                first = False
                cut_low, cut_high = (low, low), (high, high)
            keenest_out = np.flatnonzero(out)
            if len(keenest_out):
                cut_high = _between(
                    t, int(keenest_out[np.argmin(self.sign * t[keenest_out])]), -self.sign
                )
            last_sure = np.flatnonzero(sure)
            if len(last_sure):
                cut_low = _between(
                    t, int(last_sure[np.argmax(self.sign * t[last_sure])]), self.sign
                )
        fresh = [x for x, old in ((cut_low[0], low), (cut_high[0], high)) if x != old]
        made = iter(self.ends(c, fresh) if fresh else [])
        a = next(made) if cut_low[0] != low else a
        b = next(made) if cut_high[0] != high else b
        return (a, b) if self.sign * (b.c - a.c) >= 0 else None

    def run(self) -> tuple[list[Box], list[Box]]:
        """Narrow boxes outside of which there is no equilibrium, and boxes that were not reached."""
        found: list[Box] = []
        stack = [self.whole()]
        most = BOXES if len(self.players) <= FEW else BOXES // 60
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
        return replace(self.ends(c, [t])[0], p=p, rest=rest)

    def slopes(self, ends: Sequence[End]) -> tuple[Array, Array, Array]:
        """Gain of the marginal type of each class; its slopes in the own type, and in each chance.

        The own type moves alone, the chance of a class with all its members: ``(C,)``, ``(C,)`` and
        ``(C, C)``.
        """
        count = len(ends)
        G, own, J = np.empty(count), np.empty(count), np.zeros((count, count))
        for c, e in enumerate(ends):
            step = 1e-6 * self.spreads[c]
            D = self.gain(c, np.array([e.c, e.c - step, e.c + step]))
            sizes = [size - (d == c) for d, size in enumerate(self.sizes)]
            full = [_chances(size, end) for size, end in zip(sizes, ends)]
            ahead, behind = _products(full), _products(full[::-1])[::-1]
            law = np.convolve(ahead[-2], full[-1])
            G[c] = D[0] @ law
            own[c] = (D[2] - D[1]) @ law / (2 * step)
            change = np.diff(D[0])
            for d, size in enumerate(sizes):
                if size:
                    rest = np.convolve(
                        np.convolve(ahead[d], behind[d + 1]), _chances(size - 1, ends[d])
                    )
                    J[c, d] = size * (change @ rest)
        return G, own, J

    @cached_property
    def spreads(self) -> Array:
        """Distance between the quartiles of each class's types."""
        laws = [self.game.types[i] for i in self.players]
        return np.array(
            [float(np.diff(_laws.quantile(w, [0.25, 0.75], [0.75, 0.25]))[0]) for w in laws]
        )

    def densities(self, ends: Sequence[End]) -> Array:
        """How fast each class's chance of the first action changes with its cutoff."""
        found = np.empty(len(ends))
        for c, e in enumerate(ends):
            step = 1e-6 * self.spreads[c]
            down, up = self.ends(c, [e.c - step, e.c + step])
            change = up.p - down.p if e.p < 0.5 else down.rest - up.rest
            found[c] = change / (2 * step)
        return found

    def polished(self, ends: Sequence[End]) -> list[End] | None:
        """The equilibrium next to ``ends``: Newton's method on the cutoffs that are not corners."""
        ends = list(ends)
        free = [c for c, e in enumerate(ends) if e.p > 0 and e.rest > 0]
        units = np.array([float(self.game.ranges[self.players[c]]) for c in free])
        best = np.inf
        for _ in range(STEPS if free else 0):
            G, own, J = self.slopes(ends)
            size = float(np.abs(G[free] / units).max())
            if size >= best / 2 and best < 1e-13:
                break
            best = min(best, size)
            full = (J * self.densities(ends))[np.ix_(free, free)]
            full[np.diag_indices(len(free))] += own[free]
            step = np.linalg.lstsq(full, -G[free], rcond=1e-13)[0]
            if not np.isfinite(step).all():
                return None
            limit = float((np.abs(step) / self.spreads[free]).max())
            step *= min(1.0, 0.5 / limit) if limit else 1.0
            for c, x in zip(free, step.tolist()):
                ends[c] = self._kept(c, ends[c].c + x)
        return ends

    def _kept(self, c: int, t: float) -> End:
        low, high = sorted(self.inner(c))
        return self.ends(c, [min(max(t, low), high)])[0]

    def index(self, ends: Sequence[End]) -> int | None:
        """Sign of the determinant of the identity less the slopes of best replies.

        None where it is near zero, or where a class at a corner is indifferent there.
        """
        free = [c for c, e in enumerate(ends) if e.p > 0 and e.rest > 0]
        inner = [
            e if np.isfinite(e.c) else replace(e, c=self.inner(c)[int(e.p > 0)])
            for c, e in enumerate(ends)
        ]
        G, own, J = self.slopes(inner)
        noise = np.array(self.noise)
        if any(abs(G[c]) <= noise[c] for c in range(len(ends)) if c not in free):
            return None
        if (own[free] == 0).any():
            return None
        full = (
            np.eye(len(free))
            + ((J * self.densities(inner)) / own[:, np.newaxis])[np.ix_(free, free)]
        )
        det = float(np.linalg.det(full)) if free else 1.0
        return None if abs(det) < REGULAR else int(np.sign(det))

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


def _products(laws: Sequence[Array]) -> list[Array]:
    """Laws of the sums of the first 0, 1, ... of the counts."""
    found = [np.ones(1)]
    for law in laws:
        found.append(np.convolve(found[-1], law))
    return found


def _between(t: Array, j: int, way: float) -> tuple[float, float]:
    """The type ``t[j]`` and its neighbour in the direction ``way`` among ``t``; itself if none."""
    there = t[(t - t[j]) * way > 0]
    if not len(there):
        return float(t[j]), float(t[j])
    return float(t[j]), float(there[np.abs(there - t[j]).argmin()])


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
    unsure: list[Box] = []
    for box in narrow:
        ends = search.polished([_nearer(a, b) for a, b in box])
        if ends is None or not _add(search, found, ends, box):
            unsure.append(box)
    doubtful = sum(not _known(search, found, box) for box in unsure)
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


def _known(search: Search, found: Sequence[tuple[CutoffProfile, int | None]], box: Box) -> bool:
    """Whether an equilibrium that was found is as good as in ``box``."""
    chances = np.array([box[c][0].p for c in search.place])
    return any(np.abs(p.chances[:, 0] - chances).max() <= SAME for p, _ in found)


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
                law = search.others(c, ends)
                reply = search._replies(c, corners[c], law, law)
                if reply is not None:
                    ends[c] = reply[0]
        polished = search.polished(ends)
        if polished is not None and _add(search, found, polished):
            _swapped(search, found, polished)


def _moved(search: Search, c: int, end: End, p: float) -> End:
    law = search.game.types[search.players[c]]
    p = min(max(p, 1e-9), 1 - 1e-9)
    t = float(_laws.quantile(law, *((p, 1 - p) if search.sign > 0 else (1 - p, p))))
    return search.ends(c, [t])[0]


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

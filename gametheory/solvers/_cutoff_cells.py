"""Symmetric equilibria in cutoffs with three actions or more.

Players alike use ``d`` of their ``m`` actions besides one more: those in a set, in order. Let
``q_j`` be the chance of one of its first ``j`` actions, ``q_1 <= ... <= q_d``. At the ``j``-th
cutoff the type ``t(q_j)`` is indifferent between the two actions beside it:

    G_j(q) = E[ D_j(t(q_j), k) ] = 0,    j = 1..d.

If ``S_j`` of the others choose one of the first ``j`` actions, ``S`` rises with ``q`` path by path,
and ``E[S_j] = N q_j``. If ``L_j`` is the most that ``h(S)`` falls when ``S_j`` rises by one,
``h + sum L_j S_j`` rises, so that on a box ``a <= q <= b``

    E_a[h] - N sum L_j (b_j - a_j)  <=  E_q[h]  <=  E_b[h] + N sum L_j (b_j - a_j),

and likewise with the most that it rises, from the other corners. For ``h`` stand the greater and
the lesser of ``D_j`` at the two ends of the box: ``D_j(., k)`` has to be monotone in the type for
each ``k``, no matter which way. Boxes on which a bound has a sign hold no equilibrium; the others
are halved, in logits.

All sets of actions are tried. What solves the equations is an equilibrium iff no type gains by any
action: this is not built into the search, and the certificate decides it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from gametheory import _laws
from gametheory.cutoff import CutoffGame, CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria, certify_cutoffs
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.solvers._cutoff_line import COARSE, TAIL, UNIT, Line, chance
from gametheory.solvers.cutoffs import line_of, roots

NARROW = 1e-8  # width of a box in logits, or relative to the logit, that is not halved
BOXES = 400_000  # over all levels
ROOM = 20_000_000  # counts times boxes, over all levels
GRID = 33  # logits from -8 to 8 that the first boxes lie between
SAME = 1e-7  # chance by which two equilibria differ


def solve(game: CutoffGame, method: str) -> CutoffEquilibria:
    """The symmetric equilibria in cutoffs, by the chances of the actions, first to last."""
    m = len(game.actions)
    found: list[CutoffProfile] = []
    notes: list[str] = []
    complete = True
    for size in range(1, m + 1):
        for used in combinations(range(m), size):
            candidates, said, whole = _candidates(game, used)
            complete &= whole
            notes += said
            for cutoffs in candidates:
                _add(game, found, _spread(game, used, cutoffs))
    found.sort(key=lambda p: (-p.chances[0]).tolist())
    notes.append(
        "Gains between actions are taken to be monotone in the own type for each count; "
        "equilibria are told apart if a logit of a cumulated chance differs by "
        f"{NARROW:g}."
    )
    coverage = Coverage.ALL_SAME_CUTOFFS
    if not complete:
        coverage = Coverage.SAMPLE if found else Coverage.UNKNOWN
    return CutoffEquilibria.proved(game, found, coverage, method, notes)


def _candidates(game: CutoffGame, used: Sequence[int]) -> tuple[list[list[float]], list[str], bool]:
    """Cutoffs between the actions used at which types are indifferent; notes; whether all."""
    if len(used) == 1:
        return [[]], [], True
    if len(used) == 2:
        line = line_of(game, *used)
        found = roots(line, game.actions[used[0]])
        whole = found.complete and not found.continuum
        return [[c] for c, _ in found.cutoffs], found.notes[1:] if whole else found.notes, whole
    search = _Search(game, used)
    boxes, whole = search.run()
    candidates, doubtful = search.polished(boxes)
    names = ", ".join(game.actions[a] for a in used)
    notes = []
    if doubtful or not whole:
        notes = [f"Boxes in which {names} may all be used were left undecided."]
    return candidates, notes, whole and not doubtful


def _spread(game: CutoffGame, used: Sequence[int], cutoffs: Sequence[float]) -> list[float]:
    """The ``m - 1`` cutoffs if only some actions are used."""
    low, high = _laws.support(game.types[0])
    first, last = (low, high) if game.first == "low" else (high, low)
    inner = [first, *cutoffs, last]
    return [inner[sum(u <= a for u in used)] for a in range(len(game.actions) - 1)]


def _add(game: CutoffGame, found: list[CutoffProfile], cutoffs: list[float]) -> None:
    """Adds the profile if it is a new equilibrium."""
    if cutoffs != sorted(cutoffs, reverse=game.first == "high"):
        return
    profile = CutoffProfile(game, cutoffs)
    if any(np.abs(profile.chances - other.chances).max() <= SAME for other in found):
        return
    if certify_cutoffs(profile).holds():
        found.append(profile)


class _Search:
    """The boxes of cumulated chances of the first ``d`` of the actions used."""

    def __init__(self, game: CutoffGame, used: Sequence[int]) -> None:
        from scipy.special import gammaln

        self.game, self.used, self.d = game, used, len(used) - 1
        self.N, m = len(game.players) - 1, len(game.actions)
        every = np.indices((self.N + 1,) * self.d).reshape(self.d, -1)
        k = every[:, every.sum(axis=0) <= self.N]
        self.k = np.vstack([k, self.N - k.sum(axis=0)])
        full = dict(zip(used, self.k))
        zero = 0 * self.k[0]
        self.counts = [full.get(a, zero) for a in range(m - 1)]
        self.ways = gammaln(self.N + 1) - gammaln(self.k + 1).sum(axis=0)
        self.moves = [self._moves(j) for j in range(self.d)]
        self.line = Line(lambda t: (np.zeros((len(t), 1)),) * 2, game.types[0], game.first, 0)

    def _moves(self, j: int) -> tuple[Array, Array]:
        """Pairs of counts, before and after one of the others moves from action j + 1 to j."""
        where = {tuple(k): x for x, k in enumerate(self.k.T.tolist())}
        pairs = []
        for k, x in where.items():
            moved = list(k)
            moved[j], moved[j + 1] = k[j] + 1, k[j + 1] - 1
            if moved[j + 1] >= 0:
                pairs.append((x, where[tuple(moved)]))
        before, after = np.array(pairs, dtype=int).reshape(-1, 2).T
        return before, after

    def weights(self, y: Array) -> Array:
        """Chances of the counts at logits ``y`` of cumulated chances, ``(len(y), counts)``."""
        p, rest = chance(y)
        zero = np.zeros((len(y), 1))
        upto, after = np.hstack([zero, p, zero + 1]), np.hstack([zero + 1, rest, zero])
        each = np.where(upto[:, 1:] <= 0.5, np.diff(upto), -np.diff(after))
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.maximum(each, 0))
            power = np.where(self.k > 0, self.k * logs[:, :, np.newaxis], 0).sum(axis=1)
        return np.asarray(np.exp(self.ways + power))

    def gains(self, j: int, t: Array) -> tuple[Array, Array]:
        """Gains from the j-th action used over the next, and the sizes of the payoffs."""
        f, g = (self.game.outcome(0, a, t, self.counts) for a in self.used[j : j + 2])
        return f - g, np.abs(f) + np.abs(g)

    def run(self) -> tuple[Array, bool]:
        """Boxes (boxes, 2, d) that may hold a solution; whether all are as narrow as they get."""
        y = self.line.grid(GRID)
        cells = np.stack([y[:-1], y[1:]])
        place = np.array(
            [x for x in np.ndindex((cells.shape[1],) * self.d) if list(x) == sorted(x)], dtype=int
        )
        boxes = np.stack([cells[0][place], cells[1][place]], axis=1)
        done: list[Array] = []
        seen = 0
        while len(boxes):
            seen += len(boxes)
            boxes = np.concatenate(
                [b[self._open(b)] for b in np.array_split(boxes, 1 + len(boxes) // 50_000)]
            )
            a, b = boxes[:, 0], boxes[:, 1]
            near = np.minimum(np.abs(a), np.abs(b))
            with np.errstate(invalid="ignore"):
                width = np.where(np.isinf(a) | np.isinf(b), 0, b - a) / np.maximum(1, near)
                width = np.where((near >= TAIL) & (b - a <= COARSE), 0, width)
            fine = width.max(axis=1) <= NARROW if len(boxes) else np.zeros(0, bool)
            done.append(boxes[fine])
            boxes, width = boxes[~fine], width[~fine]
            if seen > BOXES or seen * self.k.shape[1] > ROOM:
                return np.concatenate([*done, boxes]), not len(boxes)
            axis = width.argmax(axis=1)
            rows = np.arange(len(boxes))
            middle = boxes[rows, :, axis].mean(axis=1)
            left, right = boxes.copy(), boxes.copy()
            left[rows, 1, axis], right[rows, 0, axis] = middle, middle
            boxes = np.concatenate([left, right])
        return np.concatenate(done), True

    def _open(self, boxes: Array) -> Array:
        """Which boxes may hold a solution."""
        a, b = boxes[:, 0].copy(), boxes[:, 1].copy()
        a = np.maximum.accumulate(a, axis=1)
        b = np.minimum.accumulate(b[:, ::-1], axis=1)[:, ::-1]
        open_still = (a <= b).all(axis=1)
        at_a, at_b = self.weights(a), self.weights(b)
        spread = np.where(a > 0, chance(a)[1] - chance(b)[1], chance(b)[0] - chance(a)[0])
        rounding = (8 * self.N + 2000) * UNIT
        for j in range(self.d):
            t_a, t_b = self.line.types(a[:, j]), self.line.types(b[:, j])
            (D_a, size_a), (D_b, size_b) = self.gains(j, t_a), self.gains(j, t_b)
            size = np.maximum((at_a * size_a).sum(axis=1), (at_b * size_b).sum(axis=1))
            slack = rounding * (size + np.abs(D_a).max(axis=1) + np.abs(D_b).max(axis=1))
            high, low = np.maximum(D_a, D_b), np.minimum(D_a, D_b)
            falls, rises = self._steps(high)
            most = np.minimum(
                (at_b * high).sum(axis=1) + self.N * (falls * spread).sum(axis=1),
                (at_a * high).sum(axis=1) + self.N * (rises * spread).sum(axis=1),
            )
            falls, rises = self._steps(low)
            least = np.maximum(
                (at_a * low).sum(axis=1) - self.N * (falls * spread).sum(axis=1),
                (at_b * low).sum(axis=1) - self.N * (rises * spread).sum(axis=1),
            )
            open_still &= (most >= -slack) & (least <= slack)
        return np.asarray(open_still)

    def _steps(self, h: Array) -> tuple[Array, Array]:
        """The most that ``h`` falls, and rises, along each coordinate, ``(boxes, d)`` each."""
        falls, rises = np.zeros((2, len(h), self.d))
        for j, (before, after) in enumerate(self.moves):
            if len(before):
                step = h[:, after] - h[:, before]
                falls[:, j], rises[:, j] = -step.min(axis=1), step.max(axis=1)
        return np.maximum(falls, 0), np.maximum(rises, 0)

    def polished(self, boxes: Array) -> tuple[list[list[float]], int]:
        """Solutions by Newton's method from each group of boxes; groups that gave none."""
        from scipy.optimize import root

        far = self.line.far
        found: list[Array] = []
        doubtful = 0
        middles = chance(np.clip(boxes, -far[0], far[1]).mean(axis=1))[0] if len(boxes) else boxes
        starts: list[Array] = []
        for row in middles:
            if all(np.abs(row - other).max() > 1e-5 for other in starts):
                starts.append(row)
        spread = float(np.diff(_laws.quantile(self.line.law, [0.25, 0.75], [0.75, 0.25]))[0])
        for start in starts:
            sides = (start, 1 - start)
            c = _laws.quantile(self.line.law, *(sides if self.line.first == "low" else sides[::-1]))
            at = root(lambda z, c=c: self.at(c + spread * z), np.zeros(self.d), tol=1e-15)
            solved = c + spread * at.x
            q = self._chances(solved)
            near = np.abs(q - start).max() <= 1e-4
            if near and np.abs(self.at(solved)).max() <= 1e-10 * float(self.game.ranges[0]):
                if all(np.abs(q - self._chances(other)).max() > SAME for other in found):
                    found.append(solved)
            elif start[0] > 1e-5 and start[-1] < 1 - 1e-5 and (np.diff(start) > 1e-5).all():
                doubtful += 1
        return [c.tolist() for c in found], doubtful

    def _chances(self, c: Array) -> Array:
        side = _laws.below if self.line.first == "low" else _laws.above
        return side(self.line.law, c)

    def at(self, c: Array) -> Array:
        """Gain at each cutoff if all play ``c``."""
        upto = np.maximum.accumulate(self._chances(c))
        each = np.diff(np.concatenate([[0.0], upto, [1.0]]))
        with np.errstate(divide="ignore", invalid="ignore"):
            power = np.where(self.k > 0, self.k * np.log(each)[:, np.newaxis], 0).sum(axis=0)
        law = np.exp(self.ways + power)
        return np.array([self.gains(j, c[j : j + 1])[0][0] @ law for j in range(self.d)])

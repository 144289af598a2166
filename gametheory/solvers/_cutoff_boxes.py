"""Equilibria in cutoffs of two actions and several classes of players, enclosed in boxes.

A box gives an interval of chances for each class. Inside it the number of others who choose the
first action lies, in the order of stochastic dominance, between its laws at the two corners, so
that the gain of a type, split over that number into a rising and a falling part, lies between two
bounds. A type whose upper bound is negative does not choose the first action, nor does any less
keen; one whose lower bound is positive does, and so does any keener: each class's interval shrinks
to what is left. A box with an empty interval holds no equilibrium. One that stops shrinking is
halved. Boxes at one depth are worked on together.
"""

from __future__ import annotations

import numpy as np

from gametheory.game import Array
from gametheory.solvers._cutoff_classes import Classes, counted

NARROW = 1e-9  # chance: boxes narrower than this are one equilibrium
SHRINKS = 0.8  # a sweep that leaves more than this of every interval is the last
POINTS, ZOOMS = 9, 3  # types at which bounds are looked at together, and how often they close in
ROOM = 2_000_000  # types times counts looked at together


def search(classes: Classes, most: int) -> tuple[Array, Array]:
    """Narrow boxes outside of which there is no equilibrium; boxes not reached, ``(B, C, 2, 3)``.

    ``most`` boxes are looked at.
    """
    boxes = classes.whole()[np.newaxis]
    narrow, seen = [], 0
    while len(boxes) and seen < most:
        seen += len(boxes)
        size = len(classes.place) * 2 * POINTS
        parts = np.array_split(boxes, 1 + len(boxes) * size // ROOM)
        boxes = np.concatenate([_contracted(classes, part) for part in parts])
        widths = boxes[:, :, 1, 1] - boxes[:, :, 0, 1]
        done = widths.max(axis=1) <= NARROW
        narrow.append(boxes[done])
        boxes, widths = boxes[~done], widths[~done]
        boxes = _halved(classes, boxes, widths.argmax(axis=1))
    return np.concatenate(narrow), boxes


def _halved(classes: Classes, boxes: Array, across: Array) -> Array:
    """Each box cut in two in the chance of one class."""
    left, right = boxes.copy(), boxes.copy()
    for c in range(len(classes)):
        rows = np.flatnonzero(across == c)
        if len(rows):
            middle = boxes[rows, c].mean(axis=1)
            left[rows, c, 1] = right[rows, c, 0] = classes.at(c, middle[:, 1], middle[:, 2])
    return np.concatenate([left, right])


def _contracted(classes: Classes, boxes: Array) -> Array:
    """What is left of each box of which anything is."""
    done = []
    while len(boxes):
        before = boxes[:, :, 1, 1] - boxes[:, :, 0, 1]
        boxes, rows = _swept(classes, boxes)
        before = before[rows]
        after = boxes[:, :, 1, 1] - boxes[:, :, 0, 1]
        slow = ((after >= SHRINKS * before) | (before <= NARROW / 100)).all(axis=1)
        done.append(boxes[slow])
        boxes = boxes[~slow]
    return np.concatenate(done) if done else np.empty((0, len(classes), 2, 3))


def _swept(classes: Classes, boxes: Array) -> tuple[Array, Array]:
    """The boxes with the interval of each class shrunk in turn; which of those given they were."""
    count, rows = len(classes), np.arange(len(boxes))
    behind = [[np.ones((len(boxes), 1))] for _ in (0, 1)]
    for c in range(count - 1, 0, -1):
        for x in (0, 1):
            behind[x].append(_convolved(behind[x][-1], counted(classes.sizes[c], boxes[:, c, x])))
    ahead = [np.ones((len(boxes), 1))] * 2
    for c in range(count):
        if not len(boxes):
            break
        laws = [
            _convolved(
                _convolved(ahead[x], behind[x][count - 1 - c][rows]),
                counted(classes.sizes[c] - 1, boxes[:, c, x]),
            )
            for x in (0, 1)
        ]
        side, keep = replies(classes, c, boxes[:, c], *laws)
        boxes, rows = boxes[keep], rows[keep]
        boxes[:, c] = side
        ahead = [
            _convolved(ahead[x][keep], counted(classes.sizes[c], boxes[:, c, x])) for x in (0, 1)
        ]
    return boxes, rows


def replies(classes: Classes, c: int, side: Array, few: Array, many: Array) -> tuple[Array, Array]:
    """The intervals ``side`` (B, 2, 3) of class ``c`` that are left, and of which boxes.

    ``few`` and ``many``, shape (B, n), are the laws of the number of others at the two corners.
    """
    above = [np.cumsum(law[:, ::-1], axis=1)[:, ::-1][:, 1:] for law in (few, many)]
    noise = classes.noise[c]
    low = np.where(np.isfinite(side[:, 0, 0]), side[:, 0, 0], classes.inner[c, 0])
    high = np.where(np.isfinite(side[:, 1, 0]), side[:, 1, 0], classes.inner[c, 1])

    def decided(t: Array) -> tuple[Array, Array]:
        """Which types do not choose the first action, and which do."""
        D = classes.gain(c, t.ravel()).reshape(*t.shape, -1)
        steps = np.diff(D, axis=2)
        rise, fall = np.maximum(steps, 0), np.minimum(steps, 0)
        most = np.einsum("bpk,bk->bp", rise, above[1]) + np.einsum("bpk,bk->bp", fall, above[0])
        least = np.einsum("bpk,bk->bp", rise, above[0]) + np.einsum("bpk,bk->bp", fall, above[1])
        return D[:, :, 0] + most < -noise, D[:, :, 0] + least > noise

    share = np.linspace(0, 1, POINTS)
    t = low[:, np.newaxis] + share * (high - low)[:, np.newaxis]
    t[:, -1] = high
    out, sure = decided(t)
    gone = (out[:, 0] & (side[:, 0, 1] > 0)) | (sure[:, -1] & (side[:, 1, 2] > 0))
    none, all_act = out[:, 0], sure[:, -1]
    cut = np.array([_last(t, sure), _first(t, out)])  # (low or high, decided or next, box)
    for _ in range(ZOOMS):
        a, b = cut[:, 0], cut[:, 1]
        t = (a + share[:, np.newaxis, np.newaxis] * (b - a)).transpose(2, 1, 0)
        t[:, :, -1] = b.T
        out, sure = decided(t.reshape(len(t), -1))
        half = POINTS
        cut = np.array(
            [_last(t[:, 0], sure[:, :half]), _first(t[:, 1, ::-1], out[:, half:][:, ::-1])]
        )
    new = side.copy()
    for x in (0, 1):
        moved = cut[x, 0] != (low, high)[x]
        if moved.any():
            new[moved, x] = classes.ends(c, cut[x, 0, moved])
    new[none, 1], new[all_act, 0] = side[none, 0], side[all_act, 1]
    gone |= classes.sign * (new[:, 1, 0] - new[:, 0, 0]) < 0
    return new[~gone], np.flatnonzero(~gone)


def _last(t: Array, sure: Array) -> tuple[Array, Array]:
    """The last type on each row that is sure to act, and the next; the first twice if none is."""
    rows, some = np.arange(len(t)), sure.any(axis=1)
    j = np.where(some, t.shape[1] - 1 - sure[:, ::-1].argmax(axis=1), 0)
    return t[rows, j], t[rows, np.where(some, np.minimum(j + 1, t.shape[1] - 1), 0)]


def _first(t: Array, out: Array) -> tuple[Array, Array]:
    """The first type on each row that does not act, and the one before; the last twice if none."""
    rows, some = np.arange(len(t)), out.any(axis=1)
    j = np.where(some, out.argmax(axis=1), t.shape[1] - 1)
    return t[rows, j], t[rows, np.where(some, np.maximum(j - 1, 0), j)]


def _convolved(one: Array, other: Array) -> Array:
    """Row by row, the law of the sum of two independent counts."""
    if one.shape[1] < other.shape[1]:
        one, other = other, one
    width = one.shape[1]
    total = np.zeros((len(one), width + other.shape[1] - 1))
    for k in range(other.shape[1]):
        total[:, k : k + width] += one * other[:, k : k + 1]
    return total

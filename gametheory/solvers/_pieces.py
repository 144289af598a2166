"""From pieces of the set of equilibria to the set: corners, components, boxes, notes.

A *piece* is a product of polytopes that consists of equilibria; a point, if isolated. Pieces and
undecided boxes that touch form a component.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gametheory.equilibrium import Box, Component, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile, freeze
from gametheory.solvers._products import Product, inside, meet

TOUCH = 1e-9
LISTED = 8  # groups of undecided boxes that the notes describe


@dataclass(frozen=True)
class Piece:
    """The vertices of each player's polytope, ``(p_i, m_i)``, known to within ``off``.

    ``alone`` tells that no other equilibrium is near.
    """

    vertices: Product
    index: int | None = None
    off: float = 0.0
    alone: bool = False

    @property
    def point(self) -> bool:
        return all(len(v) == 1 for v in self.vertices)

    def ends(self) -> tuple[Array, Array]:
        """Least and greatest chances, all players' end to end."""
        low = np.concatenate([v.min(axis=0) for v in self.vertices]).astype(np.float64)
        high = np.concatenate([v.max(axis=0) for v in self.vertices]).astype(np.float64)
        return np.maximum(low - self.off, 0), np.minimum(high + self.off, 1)

    def box(self) -> Box:
        """The smallest box that holds the piece; exact where the vertices are."""
        if self.off == 0:
            low = [v[0] if len(v) == 1 else v.min(axis=0) for v in self.vertices]
            high = [v[0] if len(v) == 1 else v.max(axis=0) for v in self.vertices]
            return Box(tuple(map(freeze, low)), tuple(map(freeze, high)))
        return boxed(*self.ends(), [v.shape[1] for v in self.vertices])


def point(mixtures: Sequence[Array]) -> Product:
    """The product that is one profile."""
    return tuple(x[None] for x in mixtures)


def boxed(low: Array, high: Array, shape: Sequence[int]) -> Box:
    """The box with these chances, all players' end to end."""
    cuts = np.cumsum(shape)[:-1].tolist()
    return Box(
        tuple(freeze(x) for x in np.split(low, cuts)),
        tuple(freeze(x) for x in np.split(high, cuts)),
    )


@dataclass
class Found:
    """Pieces, and undecided boxes: least and greatest chances, all players' end to end.

    ``whole``: every equilibrium is in one of them. ``ties``: an unused action pays as much.
    """

    whole: bool
    pieces: list[Piece] = field(default_factory=list)
    boxes: list[tuple[Array, Array]] = field(default_factory=list)
    ties: bool = False
    unsure: bool = False  # whether a point that is exact may be a root of a singular system


Classes = Sequence[Sequence[Sequence[int]]]
"""For each player the classes of actions that pay everyone alike."""


def expanded(found: Found, classes: Classes, shape: Sequence[int]) -> Found:
    """The same where each action stands for a class of duplicates."""
    cuts = np.cumsum([len(side) for side in classes])[:-1]

    def spread(values: Array) -> Array:
        out = np.zeros(sum(shape))
        start = 0
        for m, side, x in zip(shape, classes, np.split(values, cuts)):
            for actions, p in zip(side, x):
                out[[start + a for a in actions]] = p
            start += m
        return out

    def low(values: Array) -> Array:
        single = np.concatenate([[len(c) == 1 for c in side] for side in classes])
        return spread(np.where(single, values, 0))

    pieces = []
    for piece in found.pieces:
        vertices = tuple(
            np.array([x for v in V for x in _spreads(v, side, m)])
            for V, side, m in zip(piece.vertices, classes, shape)
        )
        more = replace(piece, vertices=vertices)
        pieces.append(more if more.point else replace(more, index=None, alone=False))
    boxes = [(low(a), spread(b)) for a, b in found.boxes]
    return Found(found.whole, pieces, boxes, found.ties, found.unsure)


def _spreads(v: Array, side: Sequence[Sequence[int]], m: int) -> Iterator[Array]:
    """The mixtures that play, of each class, one action with the chance of the class."""
    used = [(actions, p) for actions, p in zip(side, v) if p > 0]
    for chosen in itertools.product(*(actions for actions, _ in used)):
        x = np.zeros(m, v.dtype) if v.dtype != object else np.full(m, v[0] * 0, object)
        for a, (_, p) in zip(chosen, used):
            x[a] = p
        yield x


def assembled(game: Game, found: Found, method: str, kind: np.dtype[np.generic]) -> EquilibriumSet:
    """The set of equilibria, with what it covers; mixtures of this ``kind`` where known in it."""
    pieces = _maximal(_distinct(found.pieces))
    points: dict[tuple[float, ...], tuple[tuple[Array, ...], int | None]] = {}
    corners = []
    for piece in pieces:
        keys = []
        for mixtures in itertools.product(*piece.vertices):
            key = tuple(np.concatenate(mixtures).astype(np.float64).tolist())
            points.setdefault(key, (mixtures, piece.index))
            keys.append(key)
        corners.append(keys)
    order = sorted(points, reverse=True)
    number = {key: k for k, key in enumerate(order)}
    subsets = [sorted({number[key] for key in keys}) for keys in corners]

    groups = touching(pieces, found.boxes)
    parts, open_groups = [], []
    for group in groups:
        inner = [k for k in group if k < len(pieces)]
        outer = [found.boxes[k - len(pieces)] for k in group if k >= len(pieces)]
        members = sorted({m for k in inner for m in subsets[k]})
        boxes = [pieces[k].box() for k in inner] + [boxed(*b, game.shape) for b in outer]
        parts.append(Component(members, sorted(subsets[k] for k in inner) or [()], boxes))
        if outer:
            open_groups.append(outer)
    parts.sort(key=lambda part: part[:1] or (len(order),))
    continua = sum(not piece.point for piece in pieces)
    coverage = (
        Coverage.UNKNOWN
        if not found.whole
        else Coverage.ENCLOSED
        if found.boxes
        else Coverage.EXTREME
        if continua
        else Coverage.ALL
    )
    ties = found.ties or continua > 0
    profiles = [
        Profile(game, tuple(x if x.dtype == kind else x.astype(np.float64) for x in points[key][0]))
        for key in order
    ]
    return EquilibriumSet.proved(
        game,
        profiles,
        coverage,
        method,
        indices=[points[key][1] for key in order],
        components=parts,
        degenerate=True
        if ties
        else None
        if open_groups or found.unsure or not found.whole
        else False,
        notes=_notes(game, found.whole, ties, parts, open_groups),
    )


def _distinct(pieces: Sequence[Piece]) -> list[Piece]:
    """Each point once: that on the border of a support may have been met twice."""
    kept: dict[tuple[bytes, ...], Piece] = {}
    for piece in pieces:
        key = tuple(v.astype(np.float64).tobytes() for v in piece.vertices)
        if key not in kept or piece.alone:
            kept[key] = piece
    return list(kept.values())


def _maximal(pieces: Sequence[Piece]) -> list[Piece]:
    """Without pieces that lie in another one."""
    wide = [piece for piece in pieces if not piece.point]
    if not wide:
        return list(pieces)
    kept: list[Piece] = []
    ends = {id(piece): piece.ends() for piece in pieces}
    for k, piece in enumerate(pieces):
        low, high = ends[id(piece)]
        others = wide if piece.point else [p for p in (*kept, *pieces[k + 1 :]) if not p.point]
        if piece.alone or not any(
            (ends[id(p)][0] <= low).all()
            and (high <= ends[id(p)][1]).all()
            and inside(piece.vertices, p.vertices)
            for p in others
        ):
            kept.append(piece)
    return kept


def touching(pieces: Sequence[Piece], boxes: Sequence[tuple[Array, Array]]) -> list[list[int]]:
    """Pieces, and boxes numbered after them, in groups: those in different groups do not touch."""
    many = len(pieces)
    if not boxes and all(piece.alone for piece in pieces):
        return [[k] for k in range(many)]
    ends = [piece.ends() for piece in pieces] + list(boxes)
    low, high = (np.stack(side, axis=1) for side in zip(*ends))
    low, high = low - TOUCH, high + TOUCH
    free = np.ones(len(ends), dtype=bool)
    groups = []
    for first in range(len(ends)):
        if not free[first]:
            continue
        free[first] = False
        group, todo = [first], [first]
        while todo:
            b = todo.pop()
            near = free & (low <= high[:, b, None]).all(axis=0)
            near &= (high >= low[:, b, None]).all(axis=0)
            met = [
                k
                for k in np.flatnonzero(near).tolist()
                if k >= many or b >= many or _joined(pieces[k], pieces[b])
            ]
            free[met] = False
            group += met
            todo += met
        groups.append(sorted(group))
    return groups


def _joined(one: Piece, other: Piece) -> bool:
    return not one.alone and not other.alone and meet(one.vertices, other.vertices)


def _notes(
    game: Game,
    whole: bool,
    ties: bool,
    parts: Sequence[Component],
    groups: Sequence[Sequence[tuple[Array, Array]]],
) -> list[str]:
    notes = []
    if ties:
        notes.append("The game is degenerate: at some equilibrium an unused action pays as much.")
    continua = sum(any(len(subset) > 1 for subset in part.nash_subsets) for part in parts)
    if continua:
        notes.append(f"Components that are continua: {continua} of {len(parts)}.")
    if not whole:
        notes.append("The budget ended before all mixtures were searched; pure ones all are.")
    if groups:
        every = "Every other equilibrium is" if whole else "Equilibria may also be"
        many = sum(map(len, groups))
        notes.append(
            f"{every} in one of {many} undecided boxes ({len(groups)} groups that do not touch): "
            "continua of equilibria, or what cannot be told from them."
        )
    names = [(p, a) for p, choices in zip(game.players, game.actions) for a in choices]
    for number, group in enumerate(groups[:LISTED], 1):
        low = np.min([a for a, _ in group], axis=0)
        high = np.max([b for _, b in group], axis=0)
        sides = [
            f"{p} plays {a} with {u:.4g} to {v:.4g}"
            for (p, a), u, v in zip(names, low, high)
            if v > 0
        ]
        notes.append(f"Group {number}: {'; '.join(sides)}.")
    return notes

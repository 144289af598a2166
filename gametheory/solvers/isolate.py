"""Every equilibrium of a game of any number of players, each with a box that holds no other.

An equilibrium solves, on some support, the system that makes all actions of the support pay alike
and no other pay more. The supports are split and pruned, and on each the mixtures are split into
products of simplices until every piece is proved to hold no solution, or exactly one (see
:mod:`gametheory.solvers._cells`): payoffs are multilinear, so their range over a piece is attained
at its corners. Existence of the one is the Newton-Kantorovich theorem. Nothing is left out: pieces
on which neither can be proved are kept as *undecided*, with a note on where they lie.

The index of a regular equilibrium is the sign of the determinant of minus the Jacobian of the
differences in payoff by the chances of all actions of the support but the first. Over all
equilibria of a nondegenerate game it adds up to +1, so that they are odd in number (Wilson 1971,
SIAM J. Appl. Math. 21: 80-87; Ritzberger 1994, Int. J. Game Theory 23: 207-236).

An equilibrium is sought on the support it has, so all chances there are positive: if a payoff that
should be zero is never negative at the corners and positive at some, the support carries none. Ties
at corners, frequent in models, so leave fewer pieces undecided.

Payoffs count in units of the player's largest gain from changing his action alone. Gains of less
than 1e-11 of it are ties until rational numbers show otherwise.

Cost (compiled): 0.1 ms for 2 x 2 x 2, 2 ms for 3 x 3 x 3 and for five players with two actions,
30 ms for six, 0.5 s for 3 x 3 x 3 x 3. Compiling takes some 15 s, once an installation.

>>> from gametheory.game import Game
>>> three = Game.of({p: ["wait", "act"] for p in "ABC"},  # an act by two is worth 10, costs 3 each
...                 lambda *a: [10 * (a.count("act") > 1) - 3 * (own == "act") for own in a])
>>> found = solve(three)
>>> len(found), found.coverage.name, sum(e.index for e in found)
(9, 'ALL', 1)
>>> found[2]
Equilibrium(A: (0.816228, 0.183772); B: (0.816228, 0.183772); C: (0.816228, 0.183772))
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.equilibrium import EquilibriumSet, certify
from gametheory.game import Array, Game, Profile
from gametheory.solvers import pure
from gametheory.solvers._pieces import Found, Piece, assembled, expanded, point, touching
from gametheory.solvers._products import Product, products

METHOD = "isolate"
EFFORT = 5e8  # multiplications for the pieces, about; as many for the supports
EXACT = 3e5  # payoffs on supports that are settled in rational numbers
PASSES = ((2.0**-5, 32), (2.0**-5, 0), (2.0**-12, 0), (2.0**-20, 0))
"""How narrow a piece is left undecided, and how many of a support before it is left whole."""
MOST_PIECES = 4096
ROUNDING = 1e-14
TIE = 1e-11
NEAR = 1e-9
DENOMINATORS = (1_000, 1_000_000)  # up to which a chance is recognized as rational


Root = tuple[Array, Array, Array]
"""A support, the chances of its actions, and what is known: how far off, least chance and row."""


class Exact:
    """Settles supports in rational numbers, as far as the budget goes."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.left = EXACT
        self.known: dict[bytes, list[Product] | None] = {}
        self.faces: list[Array] = []  # supports on which every profile is an equilibrium

    @functools.cached_property
    def twin(self) -> Game:
        """The game in Fractions."""
        return self.game if self.game.exact else Game(_fractions(self.game.payoffs))

    def settle(self, support: Array) -> bool:
        """Whether all equilibria on the support are known."""
        key = support.tobytes()
        if key not in self.known:
            self.known[key] = self._products(support)
        return self.known[key] is not None

    def _products(self, support: Array) -> list[Product] | None:
        if any((support & ~face == 0).all() for face in self.faces):
            return []
        actions = _actions(support)
        self.left -= math.prod(map(len, actions)) * sum(self.game.shape)
        if self.left < 0:
            return None
        found = products(self.twin, actions)
        corners = zip(found[0], actions) if found else ()
        if found and all(len(v) == len(side) and v.max(axis=1).min() == 1 for v, side in corners):
            self.faces.append(support)
        return found


@dataclass
class Search:
    """What is known of one game: roots (support, chances, facts) and pieces undecided."""

    whole: bool
    roots: list[Root] = field(default_factory=list)
    which: Array = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    pieces: Array = field(default_factory=lambda: np.zeros((0, 0, 0, 0)))


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """The equilibria of ``game``, in descending order of the mixtures.

    ``ALL`` if all equilibria are isolated, with an index for each regular one. ``EXTREME`` if there
    are continua, and these are products of polytopes; the list then holds their corners. Else
    ``ENCLOSED``: what is undecided lies in boxes, which the components hold and the notes describe.
    ``UNKNOWN`` if the budget ends first. Pure equilibria are all in the list in any case.

    Each component has its ``boxes``: of an isolated equilibrium the one that holds it and no other.

    ``exact=True`` gives Fractions and raises ValueError if a mixture is not known to be rational;
    False gives floats; None gives Fractions where the game is exact and the mixture rational.

    >>> free = Game.of(dict.fromkeys("AB", (0, 1)), lambda a, b: [max(a, b)] * 2)  # a free good
    >>> found = solve(free)
    >>> found.coverage.name, found.components[0].nash_subsets
    ('EXTREME', ((0, 2), (1, 2)))
    """
    if not isinstance(game, Game):
        raise ValueError(f"{METHOD}: needs a Game in strategic form, got {type(game).__name__}")
    if len(game.players) == 1:
        return pure.solve(game, exact)
    D = differences(game)
    classes = duplicates(game, D)
    if classes is None:
        found = _found(game, D, exact)
    else:
        kept = [[actions[0] for actions in side] for side in classes]
        few = Game(game.payoffs[np.ix_(*kept, range(len(game.players)))])
        found = expanded(_found(few, differences(few), exact), classes, game.shape)
    fractions = game.exact if exact is None else exact
    return assembled(game, found, METHOD, np.dtype(object if fractions else np.float64))


def _found(game: Game, D: Array, exact: bool | None) -> Found:
    """The pieces of the set of equilibria, and undecided boxes."""
    shape, settler = np.array(game.shape), Exact(game)
    search = searched(D, shape, _true_ties(game, D), settler)
    out = Found(search.whole)
    for mixtures, strict, tied in _pure(game, D):
        out.pieces.append(Piece(point(mixtures), 1 if strict else None, alone=strict))
        out.ties = out.ties or tied
    here: dict[bytes, list[tuple[Array, ...]]] = {}  # roots that are in the list, by support
    unsure: list[Root] = []
    fractions = game.exact if exact is None else exact
    for support, chances, facts in _distinct(search.roots):
        off, chance, low, index = facts
        K = sum(int(s).bit_count() - 1 for s in support)
        reach = 2 * K * off + ROUNDING
        if K == 0 or chance < -off or low < -reach:
            continue  # a pure one is in the list; the others are not equilibria
        regular = bool(chance > off and low > reach)
        rational = None
        if fractions or not regular:
            rational = _rational(settler, support, chances, off, shape)
        if rational is None and not regular:
            unsure.append((support, chances, facts))
            continue
        if rational is None and exact:
            raise ValueError(
                f"exact: the equilibrium {_floats(shape, support, chances)} is not known to be "
                "rational; use exact=None to get it as floats"
            )
        if rational is not None and not regular:
            out.ties = out.ties or _tied(settler.twin, rational)
        mixtures = _floats(shape, support, chances) if rational is None else rational
        here.setdefault(support.tobytes(), []).append(mixtures)
        error = float(off) if rational is None else 0.0
        out.pieces.append(Piece(point(mixtures), int(index) if regular else None, error, regular))
    boxes = [(_box(shape, s, cell), s) for s, cell in zip(search.which, search.pieces)]
    for support, chances, (off, *_) in unsure:
        if not settler.settle(support):
            boxes.append((_around(shape, support, chances, off), support))
    for key, found in settler.known.items():
        for piece in map(Piece, found or []):
            if not (piece.point and any(_near(piece, x) for x in here.get(key, []))):
                out.pieces.append(piece)
                point_of = [v[0] for v in piece.vertices]
                out.ties = out.ties or not piece.point or _tied(settler.twin, point_of)
                out.unsure = True
    out.boxes = [box for box, _ in boxes]
    if boxes and not exact:
        _sample(game, D, boxes, out)
    return out


def _tied(twin: Game, mixtures: Sequence[Array]) -> bool:
    """Whether, in exact arithmetic, an action that is not played pays as much as those that are."""
    for i, x in enumerate(mixtures):
        gains = twin.gains(mixtures, i)
        if (gains[x == 0] == gains.max()).any():
            return True
    return False


def _near(piece: Piece, mixtures: tuple[Array, ...]) -> bool:
    return all(
        np.abs(v[0].astype(np.float64) - x.astype(np.float64)).max() < NEAR
        for v, x in zip(piece.vertices, mixtures)
    )


def _sample(
    game: Game, D: Array, boxes: list[tuple[tuple[Array, Array], Array]], out: Found
) -> None:
    """Adds an equilibrium in each group of boxes that has none, if one is met."""
    many = len(out.pieces)
    for group in touching(out.pieces, out.boxes):
        outer = [boxes[k - many] for k in group if k >= many]
        if len(outer) == len(group):
            near = _nearest(game, D, outer)
            if near is not None:
                out.pieces.append(Piece(point(near)))


def differences(game: Game) -> Array:
    """What each action profile pays each player less than his best reply to it, ``(n, size)``.

    In units of the player's largest such difference. Equilibria depend on nothing else.
    """
    n = len(game.players)
    out = np.zeros((n, math.prod(game.shape)))
    for i in range(n):
        u = game.payoffs[..., i]
        below = u - u.max(axis=i, keepdims=True)
        unit = -below.min()
        if unit > 0:
            out[i] = (below / unit).astype(np.float64).ravel()
    return out


def duplicates(game: Game, D: Array) -> list[list[list[int]]] | None:
    """For each player the classes of actions that pay everyone alike; None if all differ.

    Alike but for what a player gets whatever he does: that decides nothing.
    """
    n = len(game.players)
    tables = D.reshape(n, *game.shape)
    classes, found = [], False
    for i, m in enumerate(game.shape):
        side: list[list[int]] = []
        for a in range(m):
            for known in side:
                pair = tables.take([known[0], a], axis=i + 1)
                same: Any = (*[slice(None)] * (i + 1), 0), (*[slice(None)] * (i + 1), 1)
                if (pair[same[0]] == pair[same[1]]).all() and _same(game, i, known[0], a):
                    known.append(a)
                    found = True
                    break
            else:
                side.append([a])
        classes.append(side)
    return classes if found else None


def _same(game: Game, i: int, a: int, b: int) -> bool:
    """Whether two actions of player ``i`` are duplicates, in exact arithmetic."""
    for j in range(len(game.players)):
        u = game.payoffs[..., j] if game.exact else _fractions(game.payoffs[..., j])
        below = u - u.max(axis=j, keepdims=True)
        if (below.take(a, axis=i) != below.take(b, axis=i)).any():
            return False
    return True


def _true_ties(game: Game, D: Array) -> bool:
    """Whether rounding made no two payoffs of a player alike; those that are alike stay so."""
    for i, m in enumerate(game.shape):
        u, d = game.payoffs[..., i].swapaxes(0, i), D[i].reshape(game.shape).swapaxes(0, i)
        for a in range(1, m):
            alike = d[a] == d[:a]
            if alike.any() and (alike != (u[a] == u[:a])).any():
                return False
    return True


def searched(D: Array, shape: Array, true_ties: bool, exact: Exact) -> Search:
    """The roots on all supports, and the pieces that stay undecided at the last width that pays.

    ``true_ties``: payoffs that are alike in ``D`` are alike in the game. Supports that the first
    pass leaves undecided are settled by ``exact`` where it can.
    """
    from gametheory.solvers import _supports

    n, M = len(shape), int(shape.max())
    work = D.size * int(shape.sum())
    room = np.zeros((max(1, min(1 << 18, int(EFFORT / work))), n), np.int64)
    count, open_nodes = _supports.supports(D, shape, len(room), room)
    which = room[:count]
    found = Search(open_nodes == 0)
    cells = np.tile(np.eye(M), (count, n, 1, 1))
    most = max(64, int(EFFORT / (D.size * max(1, int(shape.sum()) - n))))
    for turn, (smallest, patience) in enumerate(PASSES):
        limit = max(MOST_PIECES, count) if turn < 2 else max(64, 4 * len(cells))
        roots, facts, left, flat, looked = _pass(
            D, shape, which, cells, true_ties, smallest, most, patience, limit
        )
        origin = facts[:, 0].astype(int)
        found.roots += [(which[o], x, f[1:]) for o, x, f in zip(origin, roots, facts)]
        ended = looked >= most
        if turn == 0:
            found.whole = found.whole and not ended
        elif ended:  # the pieces of the pass before hold all that this one did not decide
            break
        origin = flat[:, 0].astype(int)
        which, cells, flat = which[origin], left, flat[:, 1]
        if turn == 0 and len(cells):
            open_still = ~_settled(which, exact)
            which, cells, flat = which[open_still], cells[open_still], flat[open_still]
        found.which, found.pieces = which, cells
        if ended or not len(cells) or flat.all():
            break
    return found


def _settled(which: Array, exact: Exact) -> Array:
    """Which of these supports are settled exactly; larger ones first, they may hold others."""
    done = np.zeros(len(which), dtype=bool)
    sizes = [sum(int(s).bit_count() for s in support) for support in which]
    for k in sorted(range(len(which)), key=lambda k: -sizes[k]):
        done[k] = exact.settle(which[k])
    return done


def _pass(
    D: Array,
    shape: Array,
    which: Array,
    cells: Array,
    true_ties: bool,
    smallest: float,
    most: int,
    patience: int,
    limit: int,
) -> tuple[Array, Array, Array, Array, int]:
    """One call of the kernel, with more room for roots if it needs that."""
    from gametheory.solvers import _cells

    n, M = len(shape), int(shape.max())
    size = 256
    while True:
        roots, facts = np.zeros((size, n, M)), np.zeros((size, 5))
        left, flat = np.zeros((limit, n, M, M)), np.zeros((limit, 2))
        found, kept, looked = _cells.search(
            D, shape, which, cells, true_ties, smallest, most, patience, roots, facts, left, flat
        )
        if found < size:
            return roots[:found], facts[:found], left[:kept], flat[:kept], looked
        size *= 8


def _distinct(roots: Sequence[Root]) -> list[Root]:
    """The roots without those met twice, from two pieces with a common side."""
    kept: dict[bytes, list[Root]] = {}
    for support, x, facts in roots:
        known = kept.setdefault(support.tobytes(), [])
        if all(np.abs(x - y).max() > max(1e-12, 2 * facts[0], 2 * f[0]) for _, y, f in known):
            known.append((support, x, facts))
    return [root for found in kept.values() for root in found]


def _pure(game: Game, D: Array) -> list[tuple[tuple[Array, ...], bool, bool]]:
    """The pure equilibria; whether all deviations cost more than rounding; whether one is free."""
    found = []
    for actions in np.argwhere(pure.best_replies(game)).tolist():
        strict, tied = True, False
        for i, a in enumerate(actions):
            line: Any = (*actions[:i], slice(None), *actions[i + 1 :])
            losses = np.delete(D[i].reshape(game.shape)[line], a)
            u = game.payoffs[..., i][line]
            strict = strict and bool((losses < -TIE).all())
            tied = tied or bool(np.count_nonzero(u == u[a]) > 1)
        found.append((Profile.pure(game, actions).mixtures, strict, tied))
    return found


def _actions(support: Array) -> list[list[int]]:
    return [[a for a in range(int(s).bit_length()) if int(s) >> a & 1] for s in support]


def _floats(shape: Array, support: Array, chances: Array) -> tuple[Array, ...]:
    """The chances of all actions, from those of the support."""
    mixtures = []
    for m, actions, x in zip(shape, _actions(support), chances):
        mixture = np.zeros(m)
        mixture[actions] = np.maximum(x[: len(actions)], 0)
        mixtures.append(mixture / mixture.sum())
    return tuple(mixtures)


def _rational(
    settler: Exact, support: Array, chances: Array, off: float, shape: Array
) -> tuple[Array, ...] | None:
    """The root that is within ``off`` of these chances, if it is found to be rational."""
    twin = settler.twin
    for most in DENOMINATORS:
        mixtures = []
        for m, actions, x in zip(shape, _actions(support), chances):
            near = [Fraction(float(p)).limit_denominator(most) for p in x[: len(actions)]]
            top = max(range(len(near)), key=near.__getitem__)
            near[top] = 1 - (sum(near) - near[top])
            if min(near) < 0 or any(abs(float(p) - q) > off for p, q in zip(x, near)):
                break
            mixture = np.full(m, Fraction(0), dtype=object)
            mixture[actions] = near
            mixtures.append(mixture)
        if len(mixtures) == len(shape) and _solves(twin, support, mixtures):
            return tuple(mixtures)
    if settler.settle(support):
        here = _floats(shape, support, chances)
        for piece in map(Piece, settler.known[support.tobytes()] or []):
            if piece.point and _near(piece, here):
                return tuple(v[0] for v in piece.vertices)
    return None


def _solves(twin: Game, support: Array, mixtures: Sequence[Array]) -> bool:
    """Whether, in exact arithmetic, all actions of the support are best replies."""
    for i, actions in enumerate(_actions(support)):
        gains = twin.gains(mixtures, i)
        if (gains[actions] != gains.max()).any():
            return False
    return True


def _fractions(payoffs: Array) -> Array:
    exact = np.empty(payoffs.size, dtype=object)
    exact[:] = [Fraction(x) for x in payoffs.ravel().tolist()]
    return exact.reshape(payoffs.shape)


def _box(shape: Array, support: Array, cell: Array) -> tuple[Array, Array]:
    """The least and greatest chances of all actions of all players in a cell, end to end."""
    low, high = np.zeros(int(shape.sum())), np.zeros(int(shape.sum()))
    start = 0
    for m, actions, V in zip(shape, _actions(support), cell):
        k, at = len(actions), [start + a for a in actions]
        low[at], high[at] = V[:k, :k].min(axis=0), V[:k, :k].max(axis=0)
        start += int(m)
    return low, high


def _around(shape: Array, support: Array, chances: Array, off: float) -> tuple[Array, Array]:
    """The box in which a root lies that may miss being an equilibrium, or be one without doubt."""
    at = np.concatenate(_floats(shape, support, chances))
    reach = min(1.0, 2 * off + 1e-12)
    return np.maximum(at - reach, 0), np.minimum(at + reach, 1)


def _nearest(
    game: Game, D: Array, boxes: Sequence[tuple[tuple[Array, Array], Array]]
) -> tuple[Array, ...] | None:
    """An equilibrium near the middle of one of the boxes, if least squares lead to one."""
    from gametheory.solvers import _cells, _supports

    shape = np.array(game.shape)
    cuts = np.cumsum(shape)[:-1]
    for (low, high), support in boxes[:: max(1, len(boxes) // 8)]:
        rows, equation, _, k = _supports.system(D, shape, support)
        dig = _supports.digits(k)
        x = np.zeros((len(shape), int(shape.max())))
        value, J = np.zeros(len(rows)), np.zeros((len(rows), int(equation.sum())))
        for i, (actions, middle) in enumerate(
            zip(_actions(support), np.split((low + high) / 2, cuts))
        ):
            x[i, : len(actions)] = middle[actions] / middle[actions].sum()
        for _ in range(30):
            _cells.at_point(rows, x, k, dig, value, J)
            move = np.linalg.lstsq(J[equation], value[equation], rcond=1e-9)[0]
            c = 0
            for i, m in enumerate(k.tolist()):
                x[i, 1:m] -= move[c : c + m - 1]
                x[i, 0] = 1 - x[i, 1:m].sum()
                c += m - 1
            if np.abs(x).max() > 2:
                break
        else:
            mixtures = _floats(shape, support, x)
            if x.min() > -1e-9 and certify(Profile(game, mixtures)).holds(1e-11):
                return mixtures
    return None

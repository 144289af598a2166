"""Every equilibrium of a :class:`~gametheory.classes.ClassGame` in which classes mix as one.

All members of class ``k`` act with the same chance ``p_k``. What acting adds for one of them is

    g_k(p) = sum_j prod_l C(m_l, j_l) p_l^j_l (1 - p_l)^(m_l - j_l) d_k[j],    d_k = act_k - wait_k,

with ``m_l = n_l`` others in class ``l``, ``n_k - 1`` in his own: a polynomial whose coefficients in
Bernstein form are the gains themselves. ``p`` in ``[0, 1]^K`` is an equilibrium iff ``g_k <= 0``
where ``p_k = 0``, ``g_k >= 0`` where ``p_k = 1`` and ``g_k = 0`` between.

The cube has ``3^K`` open faces: of each class none acts, all do or all mix. A face is passed over
where the signs of the gains rule out an equilibrium. On the others:

1. none mixes: the signs of ``K`` gains, exactly;
2. one class mixes: the roots of one polynomial with integer coefficients and the signs of others at
   these, by proof, as in :mod:`gametheory.solvers.symmetric`; this finds repeated roots and ties;
3. more mix: boxes are halved until each is proved to hold one zero or none, see ``_bernstein``;
   where a side of a face holds zeros only because a gain is zero all over it, that factor is taken
   out first, and rational chances that one gain alone settles are put into the others. What is
   rational is told by exact arithmetic. What neither decides, among it curves of equilibria, is
   kept in boxes;
4. the gain of every class that mixes is zero all over the face: if those of the others have the
   right sign all over, any mixtures of its corners, by each player, are equilibria.

Payoffs in floats are taken as the dyadic rationals they are.

A good that two great powers or all of three small states can provide, see
:mod:`gametheory.classes`:

>>> from gametheory.classes import ClassGame
>>> def payoff(who, acts, others):
...     great, small = others[0] + (acts and who == "great"), others[1] + (acts and who == "small")
...     return 4 * (great == 2 or small == 3) - acts * (2 if who == "great" else 1)
>>> solve(ClassGame.of({"great": 2, "small": 3}, payoff))
5 found by classes. Every equilibrium in which all members of a class mix alike is in the list;
others were not sought.
  0: great 1 ... small 3: (0, 1)
  1: great 1: (0, 1); great 2: (0, 1); small 1 ... small 3: (1/2, 1/2)
  2: great 1: (0, 1); great 2: (0, 1); small 1 ... small 3: (1, 0)
  3: great 1: (1/2, 1/2); great 2: (1/2, 1/2); small 1 ... small 3: (0, 1)
  4: great 1: (1, 0); great 2: (1, 0); small 1 ... small 3: (0, 1)
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from gametheory.classes import ClassGame
from gametheory.equilibrium import Box, Component, Coverage, EquilibriumSet
from gametheory.game import Array, GameForm, freeze
from gametheory.solvers._class_faces import Search, place, states
from gametheory.solvers._pieces import TOUCH, touching

METHOD = "classes"
FACES = 10_000  # eight classes have 6,561
SMALL = 1e-4  # width of a group of undecided boxes that is given as one box
LISTED = 8  # groups of undecided boxes that the notes describe
TRIES = 4

Span = tuple[Array, Array]
"""Least and greatest chances of acting, one a class."""


def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet:
    """Every equilibrium of ``game`` in which all members of a class mix alike.

    In lexicographic order of the chances of acting. ``ALL_BY_CLASS`` if all are isolated (``ALL``
    if every class has one member, ``ALL_SYMMETRIC`` if there is one class). ``ENCLOSED_BY_CLASS``
    (``EXTREME`` or ``ENCLOSED``) if there are continua, or what cannot be told from them: these are
    the components that have Nash subsets or boxes; see the notes. ``UNKNOWN`` if the budget ends
    first. Equilibria in which members of one class differ are not sought.

    ``degenerate`` tells whether a member is indifferent who does not mix, a root is repeated, or
    there is a continuum; None if that was not decided.

    ``exact=True`` gives Fractions and raises ValueError if a chance is not known to be rational;
    False gives floats; None gives Fractions where the game is exact and the chance is rational.

    Cost: that of the ``3^K`` faces; on one where several classes mix, each halving of a box takes
    the number of coefficients times the greatest degree, and there are some boxes for each zero. On
    one core: a threshold by the total number, two classes of 50 in .02 s, two of 300 in .1 s, three
    of 20 in .1 s. Random gains, tens of equilibria: two classes of 50 in .15 s, two of 100 in .6 s
    (about the square of the number in a class), three of 5 in .1 s, three of 10 in .4 s, seven of
    one in 5 s. A face with more than a million coefficients (three classes of 70) is not
    searched.
    """
    if not isinstance(game, ClassGame):
        raise ValueError(f'{METHOD}: needs a ClassGame, not a {type(game).__name__}; use "auto"')
    search = Search(game, game.exact if exact is None else exact, exact is True)
    for state in itertools.islice(states(len(game.sizes)), FACES):
        search.face(state)
    if 3 ** len(game.sizes) > FACES:
        search.whole = False
        search.notes.append(f"Of {3 ** len(game.sizes):,} faces {FACES:,} were searched.")
    return _assembled(search)


def _assembled(search: Search) -> EquilibriumSet:
    """The set, with what it covers."""
    game, notes = search.game, search.notes
    whole = {piece.corners: piece for piece in search.pieces if piece.product}
    pieces = [p for p in search.pieces if not any(set(p.corners) < set(q) for q in whole)]
    spans = [piece.span() for piece in pieces]
    boxes = [box.span() for box in search.left]
    for group in touching((), boxes):
        low, high = _hull([boxes[b] for b in group])
        spans += [(low, high)] if (high - low).max() < SMALL else [boxes[b] for b in group]
        near = ((low - TOUCH <= x) & (x <= high + TOUCH) for x in map(place, search.points))
        if not any(inside.all() for inside in near):
            some = (search.near(search.left[b]) for b in group[:: -(-len(group) // TRIES)])
            search.points += [p for p in some if p is not None][:1]
    points = sorted(
        {*search.points, *(c for p in pieces for c in p.corners)}, key=lambda p: [q for q, _ in p]
    )
    number = {p: i for i, p in enumerate(points)}
    N, many, parts, open_groups = len(points), len(pieces), [], []
    places = [(x, x) for x in map(place, points)]
    for group in touching((), places + spans) if spans else [[i] for i in range(N)]:
        inside, outer = [i for i in group if i < N], [i - N for i in group if i >= N]
        subsets = [
            [number[corner] for corner in pieces[i].corners]
            for i in outer
            if i < many and pieces[i].product
        ]
        covered = {i for subset in subsets for i in subset}
        subsets += [[i] for i in inside if i not in covered]
        parts.append(
            Component(inside, sorted(subsets) or [()], [_box(search, spans[i]) for i in outer])
        )
        if any(i >= many for i in outer):
            open_groups.append([spans[i] for i in outer if i >= many])
    parts.sort(key=lambda part: part[:1] or (N,))
    if pieces:
        wide = sum(any(i >= N and i - N < many for i in g) for g in touching((), places + spans))
        notes.append(f"Components that are continua: {wide} of {len(parts)}.")
    elif search.ties:
        notes.append(
            "The game is degenerate: at some equilibrium one who does not mix is indifferent, or a "
            "chance is a repeated root."
        )
    if open_groups:
        notes += _described(search, open_groups)
    tied, sure = search.ties or bool(pieces), search.whole and not open_groups
    by_class = any(not piece.product for piece in pieces)
    return EquilibriumSet.proved(
        game,
        [search.profile(p) for p in points],
        _coverage(search, bool(pieces), by_class or bool(open_groups)),
        METHOD,
        components=parts,
        degenerate=True if tied else False if sure else None,
        notes=notes,
    )


def _coverage(search: Search, continua: bool, boxes: bool) -> Coverage:
    """What is promised, given whether there are continua, and any that only boxes hold."""
    if not search.whole:
        return Coverage.UNKNOWN
    if max(search.game.sizes) == 1 or not any(d.any() for d in search.d):
        return Coverage.ENCLOSED if boxes else Coverage.EXTREME if continua else Coverage.ALL
    if continua or boxes:
        return Coverage.ENCLOSED_BY_CLASS
    return Coverage.ALL_SYMMETRIC if len(search.game.sizes) == 1 else Coverage.ALL_BY_CLASS


def _hull(spans: Sequence[Span]) -> Span:
    return np.min([a for a, _ in spans], axis=0), np.max([b for _, b in spans], axis=0)


def _box(search: Search, span: Span) -> Box:
    """The box of profiles with chances of acting between these."""
    low: list[Array] = []
    high: list[Array] = []
    for a, b, m in zip(span[0].tolist(), span[1].tolist(), search.game.sizes):
        low += [freeze(np.array([a, 1 - b]))] * m
        high += [freeze(np.array([b, 1 - a]))] * m
    return Box(tuple(low), tuple(high))


def _described(search: Search, groups: Sequence[Sequence[Span]]) -> list[str]:
    """Notes on the boxes that are left."""
    every = "Every other such equilibrium is" if search.whole else "Equilibria may also be"
    notes = [
        f"{every} in one of {sum(map(len, groups))} boxes ({len(groups)} groups that do not "
        "touch): continua of equilibria, or what cannot be told from them."
    ]
    for number, group in enumerate(groups[:LISTED], 1):
        chances = [
            f"{who} {search.game.names[0]} with {a:.4g} to {b:.4g}"
            for who, a, b in zip(search.game.classes, *_hull(group))
        ]
        notes.append(f"Group {number}: {'; '.join(chances)}.")
    return notes

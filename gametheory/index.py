"""The index of each component of the equilibria.

The index of a component counts, with their signs, the equilibria near it of any nondegenerate game
near this one: it does not depend on which. Over all components it adds up to +1. A component of
index other than 0 is *essential*: every game nearby has an equilibrium near it, also after
strategies are duplicated (Ritzberger 1994, Int. J. Game Theory 23: 207-236; Govindan & Wilson 1997,
2005; all after). Of a component of index 0 a small change of payoffs, of these or of a game in
which strategies are duplicated, can leave nothing.

Two players: the nearby game is the one whose payoffs of row ``i`` of player 0, and of column ``j``
of player 1, are divided by ``1 + eps^k``, a different ``k`` each, for ``eps > 0`` as small as may
be. With payoffs made positive it scales the constraints of the best-response polytopes, and
``{x >= 0, B'x <= 1 + eps^k}`` is simple: its vertices are the lexicographically feasible bases. So
the equilibria of the nearby game are the pairs of bases that have each label once. The vertices on
which these bases lie are where they go as ``eps`` goes to 0, and the sign is that of determinants
of the payoffs on the actions in use. Nothing is rounded and ``eps`` has no value.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gametheory._judgement import NEAR, members
from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Array, Game

WHOLE = {Coverage.ALL, Coverage.EXTREME, Coverage.ENCLOSED}


def indices(found: EquilibriumSet) -> tuple[int | None, ...]:
    """The index of each of ``found.components``, in order; they add up to +1.

    Two players: exact, also of continua; None only where the walk over bases is too long. Three or
    more: the sum of the indices of the members where each is isolated and has one; a single
    component that is left has what lacks to +1. None for the others.

    Raises ValueError where the list does not cover all equilibria, or does not say which are
    connected. Cost of a degenerate game of two players: as much as to find its equilibria.

    >>> from gametheory.solvers import solve
    >>> entry = Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]],
    ...                           actions=[("out", "in"), ("fight", "share")])
    >>> found = solve(entry)
    >>> found.components, indices(found)  # to stay out is a continuum, and not essential
    (((0, 1), (2,)), (0, 1))
    """
    game = members(found, "indices").game
    if found.coverage not in WHOLE or not found.components or not isinstance(game, Game):
        raise ValueError(
            f"indices: the list found by {found.method} does not hold every component; "
            "solve a Game of two players with method='extreme', of more with 'isolate'"
        )
    known = [_sum([found[k].index for k in part]) for part in found.components]
    if None in known and len(game.players) == 2:
        near = _near(game)
        if near is None:
            return (None,) * len(known)
        home = {k: c for c, part in enumerate(found.components) for k in part}
        counted, places = [0] * len(known), _places(found)
        for x, y, sign in near:
            counted[home[_member(found, places, x, y)]] += sign
        return tuple(counted)
    if known.count(None) == 1:
        known[known.index(None)] = 1 - sum(v for v in known if v is not None)
    return tuple(known)


def _sum(signs: list[int | None]) -> int | None:
    """The index of a component of one member, None if it has more or that is not regular."""
    return signs[0] if len(signs) == 1 else None


def _near(game: Game) -> list[tuple[Array, Array, int]] | None:
    """Where each equilibrium of the nearby game goes, and its sign; None beyond the budget."""
    from gametheory.solvers._tableau import origins, positive_integers
    from gametheory.solvers.extreme import BASES, vertices

    A, B = (positive_integers(game.payoffs[..., i]) for i in (0, 1))
    m, n = game.shape
    homes: tuple[dict[int, int], dict[int, int]] = ({}, {})
    ends = [vertices(origin, BASES, bases) for origin, bases in zip(origins(A, B), homes)]
    if max(map(len, ends)) >= BASES:
        return None
    return list(_complementary(A, B, ends, homes, m, n))


def _complementary(
    A: list[list[int]],
    B: list[list[int]],
    ends: list[dict[int, tuple[int, ...]]],
    homes: tuple[dict[int, int], dict[int, int]],
    m: int,
    n: int,
) -> Iterator[tuple[Array, Array, int]]:
    """The pairs of bases that have each label once, but for the artificial one."""
    from gametheory.solvers._tableau import mixture
    from gametheory.solvers.extreme import index

    every = (1 << m + n) - 1
    for labels, vertex in homes[0].items():
        partner = homes[1].get(every ^ labels)
        rows = [int(not labels >> i & 1) for i in range(m)]
        if partner is None or not any(rows):
            continue
        columns = [labels >> (m + j) & 1 for j in range(n)]
        x, y = mixture(ends[0][vertex]), mixture(ends[1][partner])
        yield np.array(x, object), np.array(y, object), index(A, B, rows, columns)


def _places(found: EquilibriumSet) -> dict[tuple[object, ...], int]:
    """The number of each member, by its chances in the kind of numbers that it has."""
    return {tuple(np.concatenate(e.mixtures).tolist()): k for k, e in enumerate(found)}


def _member(
    found: EquilibriumSet, places: dict[tuple[object, ...], int], x: Array, y: Array
) -> int:
    """The member of ``found`` that is the equilibrium ``(x, y)``, up to rounding in floats."""
    kind = found[0].mixtures[0].dtype
    k = places.get(tuple(np.concatenate([x, y]).astype(kind).tolist()))
    if k is not None:
        return k
    off = [max(abs(a - b).max() for a, b in zip(e.mixtures, (x, y))) for e in found]
    k = min(range(len(off)), key=off.__getitem__)
    if off[k] > NEAR:
        raise ValueError(
            f"indices: the list found by {found.method} lacks an extreme equilibrium; "
            "use method='extreme'"
        )
    return k

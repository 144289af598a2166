"""Every Bayes-Nash equilibrium of a Bayesian game; of two players as exact as of a bimatrix game.

What type ``t`` of player 0 gains depends on player 1 only through ``y(b | s)``, the mixture of each
type ``s``, and is linear in it. So with a row for each type and action of player 0, a column for
each of player 1, and cells ``p(t, s) u_i(t, s, a, b)``, both expected payoffs are bilinear in the
*behaviour* ``x, y``, points of products of simplices: one a type. The extreme equilibria, the
maximal Nash subsets (products of polytopes of behaviour) and the components are found in these
terms by :mod:`gametheory.solvers._polyhedra`, exactly. The induced strategic form, which has
``m^T`` plans, is not built, and an equilibrium is found once however many mixtures over plans
induce it.

An equilibrium at which each type plays all its best replies is regular, isolated and has an index,
the sign of ``(-1)^k det A' det B'``: ``k`` counts the actions in use beyond one a type, ``A', B'``
hold second differences of payoffs between these and the first in use. It is the determinant of
minus the Jacobian of the differences in payoff in the agent form. The game is *nondegenerate* if no
vertex of the polyhedra of behaviour and the values of the other's types has more binding
constraints than dimensions. All equilibria are then regular, and their indices add up to +1.

A game of one player, or of three or more, is solved in its agent form, by the method that
:func:`gametheory.solve` chooses there: all equilibria up to some seven types in all with two
actions, and the pure ones of larger games. There the types of one player may be indifferent
together while the others watch only the sum of what they do: such a continuum is no product of
mixtures of the types, and is ``ENCLOSED`` in boxes.

Cost (two players): a pivot a vertex. With two types and two or three actions each some milliseconds
at most, with three types and three actions 20 ms, with four 0.3 s.

>>> from gametheory.bayesian import BayesianGame
>>> from fractions import Fraction
>>> def battle(types, actions):  # is Player 2 keen to meet?
...     (_, keen), (a, b) = types, actions
...     return 2 * (a == b == "B") + (a == b == "S"), (1 + (b == "S")) * ((a == b) == keen)
>>> game = BayesianGame.of({"1": ["-"], "2": [True, False]}, dict.fromkeys("12", "BS"),
...                        {"1": [1], "2": [Fraction(1, 2)] * 2}, battle)
>>> found = solve(game)
>>> found
3 found by bayes. Every equilibrium is in the list.
  0: 1: (1, 0); 2: True (1, 0), False (0, 1)
  1: 1: (2/3, 1/3); 2: True (2/3, 1/3), False (0, 1)
  2: 1: (1/3, 2/3); 2: True (0, 1), False (2/3, 1/3)
>>> [e.index for e in found], [str(u) for u in found[1].payoffs]
([1, -1, 1], ['2/3', '1'])
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from flint import fmpz_mat

from gametheory.bayesian import BayesianGame, BayesianProfile
from gametheory.equilibrium import Box, Component, Coverage, EquilibriumSet
from gametheory.game import Array
from gametheory.solvers._polyhedra import Plans, equilibria, whole

METHOD = "bayes"
VERTICES = 100_000
"""Vertices of a polyhedron after which exact pivoting gives up, in a minute or so."""


def solve(game: BayesianGame, exact: bool | None = None) -> EquilibriumSet:
    """The Bayes-Nash equilibria of ``game``, in descending order of the mixtures.

    Members have ``mixtures`` of shape ``(T_i, m_i)``, ``payoffs`` ex ante and ``profile.interim``
    by type; their certificates hold the regret of each type, given what it knows.

    Two players: ``ALL`` if all equilibria are isolated, else ``EXTREME``, with the maximal Nash
    subsets of each component; ``UNKNOWN`` where a budget ends. Regular ones have an index. The
    solution is exact whatever the payoffs are; ``exact=False`` (what None means for a float game)
    rounds its mixtures to floats. Other numbers of players: as the agent form is solved.
    """
    if not isinstance(game, BayesianGame):
        raise ValueError(f"{METHOD}: needs a BayesianGame, got {type(game).__name__}")
    if len(game.players) != 2:
        return _by_agents(game, exact)
    fractions = game.exact if exact is None else exact
    sizes = [[m] * T for m, T in zip(game.shape, game.prior.shape)]
    X, Y = (Plans.product(side) for side in sizes)
    A, B = _payoffs(game)
    found = equilibria(A, B, X, Y, VERTICES)
    kind = np.dtype(object if fractions else np.float64)
    x, y = (
        {k: np.array(side[k], dtype=kind).reshape(T, m) for k in used}
        for side, used, T, m in zip(
            (found.xs, found.ys), map(set, zip(*found.pairs)), game.prior.shape, game.shape
        )
    )
    profiles = [BayesianProfile(game, (x[i], y[j])) for i, j in found.pairs]
    if not found.whole:
        note = f"The budget of {VERTICES:,} vertices ended; the pure equilibria are among those "
        note += "of game.agent_form()."
        return EquilibriumSet.proved(game, profiles, Coverage.UNKNOWN, METHOD, notes=[note])
    notes = []
    if not found.simple:
        continua = sum(len(part) > 1 for part in found.components)
        notes = [
            "The game is degenerate; components that are continua: "
            f"{continua} of {len(found.components)}."
        ]
    return EquilibriumSet.proved(
        game,
        profiles,
        Coverage.ALL if found.isolated else Coverage.EXTREME,
        METHOD,
        indices=[
            _index(A, B, X, Y, found.xs[i], found.ys[j]) if regular else None
            for (i, j), regular in zip(found.pairs, found.regular)
        ],
        components=found.components,
        degenerate=not found.simple,
        notes=notes,
    )


def _payoffs(game: BayesianGame) -> tuple[Array, Array]:
    """Integers with a row for each type and action of player 0, a column for each of player 1.

    Payoffs of each type are above its least against an action of the other, and in a unit of its
    own: neither changes a best reply.
    """
    (T, S), (m, n) = game.prior.shape, game.shape
    A, B = np.empty((T, m, S, n), dtype=object), np.empty((T, m, S, n), dtype=object)
    u = np.array([Fraction(v) for v in game.payoffs.ravel().tolist()], dtype=object)
    u = u.reshape(game.payoffs.shape).swapaxes(1, 2)
    p = np.array([Fraction(v) for v in game.prior.ravel().tolist()], dtype=object)
    p = p.reshape(T, 1, S, 1)
    above = p * (u[..., 0] - u[..., 0].min(axis=1, keepdims=True))
    beside = p * (u[..., 1] - u[..., 1].min(axis=3, keepdims=True))
    for t in range(T):
        A[t] = whole(above[t])
    for s in range(S):
        B[:, :, s] = whole(beside[:, :, s])
    return A.reshape(T * m, S * n), B.reshape(T * m, S * n)


def _index(
    A: Array, B: Array, X: Plans, Y: Plans, x: Sequence[Fraction], y: Sequence[Fraction]
) -> int:
    """The index of a regular equilibrium, +1 or -1."""
    rows, columns = list(_changes(X, x)), list(_changes(Y, y))
    sign = -1 if len(rows) % 2 else 1
    for U in (A, B):
        square = [[int(U[a, b] - U[r, b] - U[a, c] + U[r, c]) for b, c in columns] for a, r in rows]
        if square:
            sign *= 1 if fmpz_mat(square).det() > 0 else -1
    return sign


def _changes(plans: Plans, x: Sequence[Fraction]) -> Iterator[tuple[int, int]]:
    """The moves in use and the first in use of the same block, but for these themselves."""
    for block in plans.blocks:
        first, *others = (s for s in block if x[s])
        yield from ((s, first) for s in others)


def _by_agents(game: BayesianGame, exact: bool | None) -> EquilibriumSet:
    """The same by way of the agent form."""
    from gametheory.solvers import solve as solve_any

    agents = solve_any(game.agent_form(), exact=exact)
    components = [
        Component(
            part,
            part.nash_subsets,
            [Box(_by_player(game, box.low), _by_player(game, box.high)) for box in part.boxes],
        )
        for part in agents.components
    ]
    return EquilibriumSet.proved(
        game,
        [BayesianProfile(game, _by_player(game, e.mixtures)) for e in agents],
        agents.coverage,
        METHOD,
        indices=[e.index for e in agents],
        components=components,
        degenerate=agents.degenerate,
        notes=[*agents.notes, f"Found in the agent form, by {agents.method}."],
    )


def _by_player(game: BayesianGame, mixtures: Sequence[Array]) -> tuple[Array, ...]:
    """One matrix a player, of the vectors of his types."""
    rows = iter(mixtures)
    return tuple(np.array(list(itertools.islice(rows, T))) for T in game.prior.shape)

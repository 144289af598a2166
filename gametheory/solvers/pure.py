"""Every equilibrium in pure strategies of a game with any number of players.

An action profile is an equilibrium iff each player's action is a best reply to the others': one
comparison of the payoff array with its maximum along that player's axis. Payoffs are compared as
they stand, without tolerance. Exact ones are compared as floats first: rounding may make a tie of a
loss, never a loss of a tie, so that only what is left needs a look at the Fractions.

Cost: two passes over the payoffs a player, then a certificate for each equilibrium found. A game
with constant payoffs has as many equilibria as action profiles. Memory: a byte a profile, and the
payoffs in floats if they are exact.

Where payoffs depend on how many of each class act, only these numbers are compared, one byte each:
one who acts must not gain by waiting, one who waits not by acting. Each member of the list then
stands for all that other labels of the players within their classes make of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory.classes import ClassGame
from gametheory.equilibrium import Component, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile

COUNTS = 100_000_000  # numbers of players who act that are compared
MOST = 50_000_000  # members times players: beyond, a list takes minutes and gigabytes


def solve(game: Game | ClassGame, exact: bool | None = None) -> EquilibriumSet:
    """The pure equilibria of ``game``, in lexicographic order of the actions.

    Of a :class:`~gametheory.classes.ClassGame` one for each number of those who act in each class,
    in lexicographic order of these, with its ``multiplicity``: in each class the first members act.
    Of more than 50 million / n the first are listed (``UNKNOWN``).

    Mixed equilibria are not sought (``ALL_PURE``), except that a game of one player is solved: its
    equilibria are the mixtures of the actions that pay most, one component.

    >>> duel = Game.of({"A": "xy", "B": "xyz"}, lambda a, b: (int(a == b), int(a == b)))
    >>> [e.profile.support for e in solve(duel)]
    [((0,), (0,)), ((1,), (1,))]
    >>> solve(Game.from_payoffs([1, 3, 3])).components
    ((0, 1),)
    """
    if isinstance(game, ClassGame):
        return _of_classes(game, exact)
    if not isinstance(game, Game):
        raise ValueError(f"pure: needs a Game in strategic form, got {type(game).__name__}")
    n = len(game.players)
    kind = np.int64 if (game.exact if exact is None else exact) else np.float64
    sure = {m: list(np.identity(m, kind)) for m in set(game.shape)}
    profiles = [
        Profile(game, [sure[m][a] for m, a in zip(game.shape, actions)])
        for actions in np.argwhere(best_replies(game)).tolist()
    ]
    alone, unique = n == 1, len(profiles) == 1
    return EquilibriumSet.proved(
        game,
        profiles,
        Coverage.ALL_PURE if not alone else Coverage.ALL if unique else Coverage.EXTREME,
        "pure",
        components=[Component(range(len(profiles)))] if alone else [],
        degenerate=not unique if alone else None,
    )


def best_replies(game: Game) -> Array:
    """Whether each action profile is an equilibrium, shape ``game.shape``, bool."""
    marked = np.ones(game.shape, dtype=bool)
    for i in range(len(game.players)):
        u = game.rounded[..., i]
        marked &= u == u.max(axis=i, keepdims=True)
    if game.exact:
        for actions in np.argwhere(marked).tolist():
            marked[tuple(actions)] = all(
                game.payoffs[(*actions, i)] == max(_line(game, actions, i))
                for i in range(len(actions))
            )
    return marked


def _line(game: Game, actions: Sequence[int], player: int) -> Array:
    """What each action pays ``player`` while the others play ``actions``, shape ``(m_player,)``."""
    where: list[Any] = [*actions, player]
    where[player] = slice(None)
    return np.asarray(game.payoffs[tuple(where)])


def _of_classes(game: ClassGame, exact: bool | None) -> EquilibriumSet:
    size = math.prod(m + 1 for m in game.sizes)
    if size > COUNTS:
        raise ValueError(
            f"pure: {size:,} numbers of players who act; use at most {COUNTS:,}, in fewer classes"
        )
    kind = object if (game.exact if exact is None else exact) else np.float64
    act, wait = (np.array(x, dtype=int).astype(kind) for x in ([1, 0], [0, 1]))
    counts = np.argwhere(stable_counts(game))
    most = max(1, MOST // len(game.players))
    kept = counts[:most].tolist()
    profiles, multiplicity = [], []
    for acting in kept:
        sides = [[act] * j + [wait] * (m - j) for j, m in zip(acting, game.sizes)]
        profiles.append(Profile(game, [x for side in sides for x in side]))
        multiplicity.append(math.prod(map(math.comb, game.sizes, acting)))
    notes = []
    if max(multiplicity, default=1) > 1:
        notes.append(
            "Each stands for those that other labels of the players in a class make of it."
        )
    if len(counts) > most:
        notes.append(f"The first {most:,} of {len(counts):,} are listed.")
    return EquilibriumSet.proved(
        game,
        profiles,
        Coverage.ALL_PURE if len(counts) <= most else Coverage.UNKNOWN,
        "pure",
        notes=notes,
        multiplicity=multiplicity,
    )


def stable_counts(game: ClassGame) -> Array:
    """Whether it is an equilibrium that so many act in each class, shape ``(n_k + 1, ...)``."""
    marked = np.ones([m + 1 for m in game.sizes], dtype=bool)
    for k, (act, wait) in enumerate(zip(game.act, game.wait)):
        loses, gains = (act < wait).astype(bool), (act > wait).astype(bool)
        if game.by_total:
            total = np.indices([m + (i != k) for i, m in enumerate(game.sizes)]).sum(axis=0)
            loses, gains = loses[total], gains[total]
        waiting, acting = ((*[slice(None)] * k, part) for part in (slice(None, -1), slice(1, None)))
        marked[waiting] &= ~gains
        marked[acting] &= ~loses
    return marked

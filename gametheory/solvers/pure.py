"""Every equilibrium in pure strategies of a game with any number of players.

An action profile is an equilibrium iff each player's action is a best reply to the others': one
comparison of the payoff array with its maximum along that player's axis. Payoffs are compared as
they stand, without tolerance. Exact ones are compared as floats first: rounding may make a tie of a
loss, never a loss of a tie, so that only what is left needs a look at the Fractions.

Cost: two passes over the payoffs a player, then a certificate for each equilibrium found. A game
with constant payoffs has as many equilibria as action profiles. Memory: a byte a profile, and the
payoffs in floats if they are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory.equilibrium import Component, Coverage, EquilibriumSet
from gametheory.game import Array, Game, Profile


def solve(game: Game, exact: bool | None = None) -> EquilibriumSet:
    """The pure equilibria of ``game``, in lexicographic order of the actions.

    Mixed equilibria are not sought (``ALL_PURE``), except that a game of one player is solved: its
    equilibria are the mixtures of the actions that pay most, one component.

    >>> duel = Game.of({"A": "xy", "B": "xyz"}, lambda a, b: (int(a == b), int(a == b)))
    >>> [e.profile.support for e in solve(duel)]
    [((0,), (0,)), ((1,), (1,))]
    >>> solve(Game.from_payoffs([1, 3, 3])).components
    ((0, 1),)
    """
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

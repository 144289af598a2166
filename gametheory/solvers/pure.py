"""Every equilibrium in pure strategies of a game with any number of players.

An action profile is an equilibrium iff each player's action is a best reply to the others': one
comparison of the payoff array with its maximum along that player's axis. Payoffs are compared as
they stand, without tolerance.

Cost: two passes over the payoffs a player, then a certificate for each equilibrium found. A game
with constant payoffs has as many equilibria as action profiles.
"""

from __future__ import annotations

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
    wanted = np.dtype(object if (game.exact if exact is None else exact) else np.float64)
    profiles = []
    for actions in np.argwhere(best_replies(game)).tolist():
        mixtures = Profile.pure(game, actions).mixtures
        profiles.append(Profile(game, tuple(x.astype(wanted) for x in mixtures)))
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
        u = game.payoffs[..., i]
        marked &= u == u.max(axis=i, keepdims=True)
    return marked

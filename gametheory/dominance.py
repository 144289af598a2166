"""Dominated actions, one round of them and all that follow, each with its proof.

Action ``a`` of player ``i`` is *strictly dominated* if some mixture of the player's other actions
pays more against every action profile of the others, *weakly dominated* if some mixture never pays
less and pays more against at least one. A mixture can dominate where no action does.

With ``M[k, s]`` what action ``k`` pays above ``a`` against ``s``, ``a`` is strictly dominated iff
the zero-sum game ``M`` has a positive value (von Neumann's theorem makes this equivalent to ``a``
being no best reply to any belief: Pearce 1984, Econometrica 52, lemma 3), and weakly dominated iff
the most that a mixture ``x`` with ``x'M >= 0`` can gain over all ``s`` together is positive. Both
are linear programs, solved exactly. Floats are taken as the dyadic rationals they are, so that a
tie is a tie to the last bit.

Elimination goes by rounds, and each round removes at once every dominated action of every player.
For strict dominance the order makes no difference to what is left. For weak dominance it does:
removing fewer actions at a time, or in another order, can leave another game, and equilibria can be
lost on the way. Strict dominance loses none.

>>> from gametheory.game import Game
>>> game = Game.from_payoffs([[4, 0], [0, 4], [1, 1]], [[1, 1], [1, 1], [0, 5]])
>>> dominated(game)
(Dominated(Player 1: 3 by (1/2, 1/2, 0), strictly),)
>>> undominated(game).rounds
((Dominated(Player 1: 3 by (1/2, 1/2, 0), strictly),),)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.game import Array, Game, Profile, freeze, show


@dataclass(frozen=True, eq=False, repr=False)
class Dominated:
    """An action of a player and a mixture of that player's other actions that dominates it.

    ``action`` is an index and ``mixture`` has shape ``(m_player,)``, both in ``game``, the game in
    which the action is dominated. Probabilities are Fractions whatever the payoffs are.
    """

    game: Game
    player: int
    action: int
    mixture: Array

    @property
    def advantage(self) -> Array:
        """What the mixture pays above the action at each profile of the others: the proof.

        Exact; axes are the other players', in order. Computed from the payoffs by no code of the
        search.
        """
        own = np.moveaxis(_exact(self.game, self.player), self.player, -1)
        return np.asarray(own @ self.mixture - own[..., self.action])

    @property
    def strict(self) -> bool:
        """Whether the mixture pays more against every profile of the others."""
        return bool((self.advantage > 0).all())

    def __repr__(self) -> str:
        name = self.game.actions[self.player][self.action]
        by = ", ".join(map(show, self.mixture))
        how = "strictly" if self.strict else "weakly"
        return f"Dominated({self.game.players[self.player]}: {name} by ({by}), {how})"


@dataclass(frozen=True, eq=False)
class Reduced:
    """A game without its dominated actions, and what was removed in each round.

    ``kept[i]`` are the indices, in the game as it was, of the actions of player ``i`` that are left
    in ``game``. ``rounds`` holds one tuple a round, in order; the game of a round, that its members
    name, is what the rounds before it have left.
    """

    game: Game
    kept: tuple[tuple[int, ...], ...]
    rounds: tuple[tuple[Dominated, ...], ...]

    def embed(self, profile: Profile, original: Game) -> Profile:
        """``profile`` of the reduced game as one of the ``original``: removed actions get 0."""
        mixtures = []
        for x, kept, m in zip(profile.mixtures, self.kept, original.shape):
            whole = np.array([0 * x[0]] * m, dtype=x.dtype)
            whole[list(kept)] = x
            mixtures.append(whole)
        return Profile(original, mixtures)


def dominated(game: Game, strict: bool = True) -> tuple[Dominated, ...]:
    """Every dominated action of every player, each with a mixture that dominates it.

    ``strict=False`` asks for weak dominance, of which strict is a case. The mixture is an action
    for sure where one does. Cost: a linear program for each action that is neither dominated by
    another nor the one best reply to some profile; its size is the number of profiles of the others
    times the number of the player's actions.

    >>> game = Game.from_payoffs([[1, 0], [1, 0], [1, -1]], [[0, 0], [0, 0], [0, 0]])
    >>> dominated(game, strict=False)
    (Dominated(Player 1: 3 by (1, 0, 0), weakly),)
    """
    if not isinstance(game, Game):
        raise ValueError(f"dominated: needs a Game in strategic form, got {type(game).__name__}")
    return tuple(
        Dominated(game, i, a, freeze(np.array(mixture, dtype=object)))
        for i in range(len(game.players))
        for a, mixture in _dominated(np.moveaxis(game.payoffs[..., i], i, 0), strict)
    )


def undominated(game: Game, strict: bool = True) -> Reduced:
    """``game`` without dominated actions, eliminated in rounds until none is left.

    Each round removes every dominated action of every player at once; under weak dominance
    (``strict=False``) another order can leave another game. Every equilibrium survives strict
    elimination; under weak elimination what survives is an equilibrium, and some may be lost.

    >>> dilemma = Game.from_payoffs([[3, 0], [5, 1]], [[3, 5], [0, 1]],
    ...                             actions=[("cooperate", "defect")] * 2)
    >>> undominated(dilemma).game
    Game(Player 1: defect; Player 2: defect; exact)
    """
    kept = [list(range(m)) for m in game.shape]
    rounds = []
    while gone := dominated(game, strict):
        rounds.append(gone)
        stay = [
            [a for a in range(m) if all((d.player, d.action) != (i, a) for d in gone)]
            for i, m in enumerate(game.shape)
        ]
        kept = [[indices[a] for a in left] for indices, left in zip(kept, stay)]
        game = Game(
            game.payoffs[np.ix_(*stay)],
            game.players,
            [[names[a] for a in left] for names, left in zip(game.actions, stay)],
        )
    return Reduced(game, tuple(map(tuple, kept)), tuple(rounds))


def _exact(game: Game, player: int) -> Array:
    """Payoffs of ``player`` as Fractions, shape ``game.shape``."""
    u = game.payoffs[..., player]
    exact = np.empty(u.size, dtype=object)
    exact[:] = [Fraction(v) for v in u.flat]
    return exact.reshape(u.shape)


def _dominated(payoffs: Array, strict: bool) -> Iterator[tuple[int, list[Fraction]]]:
    """The dominated rows of ``payoffs``, shape ``(m, ...)``, each with its mixture of rows."""
    from gametheory.solvers._linear import integers

    m = len(payoffs)
    table, _ = integers(payoffs.reshape(m, -1))
    best = table == table.max(axis=0)
    if not strict:
        best &= best.sum(axis=0) == 1
    for a in np.flatnonzero(~best.any(axis=1)).tolist():  # others reply best to some profile
        others = [k for k in range(m) if k != a]
        margins = table[others] - table[a]
        if strict:
            pure = (margins > 0).all(axis=1)
        else:
            pure = (margins >= 0).all(axis=1) & (margins > 0).any(axis=1)
        if pure.any():
            weights = [Fraction(int(k == pure.argmax())) for k in range(m - 1)]
        else:
            weights = _strictly(margins) if strict else _weakly(margins)
        if weights:
            yield a, [*weights[:a], Fraction(0), *weights[a:]]


def _strictly(margins: Array) -> list[Fraction]:
    """A mixture of rows with positive margins everywhere; empty if there is none."""
    from gametheory.solvers.zero_sum import optimal

    mixture, _ = optimal(margins)
    return mixture if (np.array(mixture) @ margins > 0).all() else []


def _weakly(margins: Array) -> list[Fraction]:
    """A mixture of rows with no negative margin and a positive one; empty if there is none."""
    from gametheory.solvers._linear import maximum

    rows = np.vstack([-margins.T, np.full((1, len(margins)), 1, dtype=object)])
    best = maximum(margins.sum(axis=1).tolist(), rows, [0] * margins.shape[1] + [1])
    return best.x if best.value > 0 else []

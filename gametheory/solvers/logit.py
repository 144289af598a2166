"""One equilibrium of a game of any number of players: the limit of its logit branch.

The branch of logit equilibria that starts at ``lam = 0`` is followed until the chances of all
actions tell the support of its limit, which is then solved for on that support and certified. See
:mod:`gametheory.quantal`, and for trees :mod:`gametheory.tree_quantal`.

Cost: a fraction of a millisecond for 2 x 2, milliseconds for a few players with a few actions; the
number of action profiles times the square of the number of players, some hundred times over.
"""

from __future__ import annotations

from typing import overload

from gametheory.behaviour import TreeEquilibria
from gametheory.count import CountGame
from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Game, GameForm
from gametheory.quantal import logit_branch
from gametheory.tree import Tree
from gametheory.tree_quantal import agent_logit

METHOD = "logit"


@overload
def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet: ...
@overload
def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria: ...
def solve(game: GameForm | Tree, exact: bool | None = None) -> EquilibriumSet | TreeEquilibria:
    """The logit limit of ``game``: one equilibrium (``SAMPLE``), in floats. Of a tree its agents'.

    An empty list (``UNKNOWN``) where the limit was not reached, with a note. For a game that
    depends on how many act the limit is symmetric, and exact where the game is and it is rational.
    Raises ValueError for ``exact=True``, and for games of another form.

    >>> solve(Game.from_payoffs([[2, 0], [0, 1]], [[2, 0], [0, 1]]))[0].profile.support
    ((0,), (0,))
    """
    if not isinstance(game, (Game, CountGame, Tree)):
        raise ValueError(f"{METHOD}: needs a Game, CountGame or Tree, got {type(game).__name__}")
    if exact:
        raise ValueError(f"{METHOD}: the limit is found in floats; use exact=None")
    if isinstance(game, Tree):
        path = agent_logit(game)
        if path.limit is None:
            return TreeEquilibria.proved(game, [], Coverage.UNKNOWN, METHOD, notes=path.notes)
        said = ["The limit of the principal branch of agent logit equilibria.", *path.notes]
        return TreeEquilibria.proved(
            game, [path.limit.profile], Coverage.SAMPLE, METHOD, notes=said
        )
    branch = logit_branch(game)
    if branch.limit is None:
        return EquilibriumSet.proved(game, [], Coverage.UNKNOWN, METHOD, notes=branch.notes)
    notes = ["The limit of the principal branch of logit equilibria.", *branch.notes]
    return EquilibriumSet.proved(game, [branch.limit.profile], Coverage.SAMPLE, METHOD, notes=notes)

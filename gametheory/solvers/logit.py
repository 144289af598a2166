"""One equilibrium of a game of any number of players: the limit of its logit branch.

The branch of logit equilibria that starts at ``lam = 0`` is followed until the chances of all
actions tell the support of its limit, which is then solved for on that support and certified. See
:mod:`gametheory.quantal`.

Cost: a fraction of a millisecond for 2 x 2, milliseconds for a few players with a few actions; the
number of action profiles times the square of the number of players, some hundred times over.
"""

from __future__ import annotations

from gametheory.count import CountGame
from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Game, GameForm
from gametheory.quantal import logit_branch

METHOD = "logit"


def solve(game: GameForm, exact: bool | None = None) -> EquilibriumSet:
    """The logit limit of ``game``: one equilibrium (``SAMPLE``), in floats.

    An empty list (``UNKNOWN``) where the limit was not reached, with a note. For a game that
    depends on how many act the limit is symmetric, and exact where the game is and it is rational.
    Raises ValueError for ``exact=True``, and for games of another form.

    >>> solve(Game.from_payoffs([[2, 0], [0, 1]], [[2, 0], [0, 1]]))[0].profile.support
    ((0,), (0,))
    """
    if not isinstance(game, (Game, CountGame)):
        raise ValueError(f"{METHOD}: needs a Game or a CountGame, got {type(game).__name__}")
    if exact:
        raise ValueError(f"{METHOD}: the limit is found in floats; use exact=None")
    branch = logit_branch(game)
    if branch.limit is None:
        return EquilibriumSet.proved(game, [], Coverage.UNKNOWN, METHOD, notes=branch.notes)
    notes = ["The limit of the principal branch of logit equilibria.", *branch.notes]
    return EquilibriumSet.proved(game, [branch.limit.profile], Coverage.SAMPLE, METHOD, notes=notes)

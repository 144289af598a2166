"""One equilibrium of a game of any number of players: the end of its tracing procedure.

The path starts from equal chances of all actions; :func:`gametheory.selection.trace` starts from
any prior and gives the path. Two players: the linear procedure, exact. Others: the logarithmic one,
in floats. A game that depends on how many act: among profiles in which all mix alike.

Cost: see :func:`gametheory.selection.trace`.
"""

from __future__ import annotations

from gametheory.count import CountGame
from gametheory.equilibrium import Coverage, EquilibriumSet
from gametheory.game import Game
from gametheory.selection import NAME, trace
from gametheory.solvers._linear import UnprovedError


def solve(game: Game | CountGame, exact: bool | None = None) -> EquilibriumSet:
    """The equilibrium that tracing from equal chances leads to: ``SAMPLE``, with a note on ties.

    An empty list, ``UNKNOWN``, where the path is longer than its budget or lost. Raises ValueError
    for games of another form, and for ``exact=True`` where the end is not found exactly.

    >>> solve(Game.from_payoffs([[4, 0], [0, 2]], [[2, 0], [0, 3]]))
    1 found by tracing. Some equilibria; there may be others.
      0: Player 1: (1, 0); Player 2: (1, 0)
      The end of the tracing procedure from equal chances.
    """
    try:
        path = trace(game, exact=exact)
    except UnprovedError as error:
        note = f"{error}; there is an equilibrium."
        return EquilibriumSet.proved(game, [], Coverage.UNKNOWN, NAME, notes=[note])
    notes = ["The end of the tracing procedure from equal chances.", *path.notes]
    return EquilibriumSet.proved(
        game, [path.equilibrium.profile], Coverage.SAMPLE, NAME, notes=notes
    )

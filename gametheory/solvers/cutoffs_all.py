"""Equilibria in cutoffs of two actions, those in which players alike play unlike among them.

Every player is a class of its own in :mod:`gametheory.solvers._cutoff_boxes`. Up to four players
the search is mostly complete; beyond, unless contraction alone decides it, the list is a SAMPLE
from many starts, with the sum of the indices: those of all regular equilibria add up to +1.

Two volunteers alike whose costs are nearly known, around .4 of the good: one of them can be relied
on.

>>> from scipy.stats import norm
>>> from gametheory.cutoff import CutoffGame
>>> solve(CutoffGame(
...     norm(0.4, 0.1), {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}, n=2
... ))
3 found by cutoffs_all. Every equilibrium is in the list.
  0: Player 1: pay < 0.000...; Player 2: pay < 0.999...
  ...
"""

from __future__ import annotations

from gametheory.cutoff import CutoffGame
from gametheory.private import CutoffEquilibria
from gametheory.solvers import _cutoff_boxes
from gametheory.solvers.cutoffs import check

METHOD = "cutoffs_all"


def solve(game: object, exact: bool | None = None) -> CutoffEquilibria:
    """The equilibria in cutoffs of ``game``, whoever plays alike, by the chances of the first action.

    Cost: some 0.1 s for two players, seconds for four. Raises ValueError for a game of another
    form, with three actions or more, and if ``exact`` is True.
    """
    check(game, exact, METHOD)
    if not isinstance(game, CutoffGame):
        raise ValueError(f"{METHOD}: needs a CutoffGame, not a {type(game).__name__}")
    return _cutoff_boxes.solve(game, range(len(game.players)), METHOD)

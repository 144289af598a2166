"""``solve``: one verb for every form of game. Each module here is one algorithm.

A module ``solvers/<method>.py`` holds ``solve(game, exact) -> EquilibriumSet`` and says in its
docstring what it finds and what that costs; ``solve(game, method="<method>")`` finds it by its file
name. :func:`auto` says which method promises most for a form of game.

What a method finds are Nash equilibria unless the module has ``CONCEPTS``: the names of what it
finds, of which ``solve`` gives the first and a function of that name each of the others.
"""

from __future__ import annotations

import functools
import importlib
import math
import pkgutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from gametheory.actions import ActionGame
from gametheory.aggregative import AggregativeGame
from gametheory.bayesian import BayesianGame
from gametheory.classes import ClassGame
from gametheory.continuous import ActionEquilibria
from gametheory.count import CountGame
from gametheory.cutoff import CutoffForm
from gametheory.cutoff_equilibria import CutoffEquilibria
from gametheory.equilibrium import EquilibriumSet
from gametheory.game import Game, GameForm
from gametheory.global_game import GlobalGame
from gametheory.groups import GroupContest
from gametheory.network import LinearNetwork, NetworkContest
from gametheory.tree import Tree
from gametheory.ultimatum import Ultimatum
from gametheory.voting import Voting

if TYPE_CHECKING:
    from gametheory.assessment import AssessmentEquilibria
    from gametheory.behaviour import TreeEquilibria

WALKED = 5e6
"""Vertices of best-response polytopes up to which all equilibria of two players are sought."""
MOST = 2_000_000
"""Supports times payoffs up to which all equilibria of three players or more are sought."""

TREES = {
    "nash": "sequence_form",
    "spe": "backward_induction",
    "pbe": "assessments",
    "sequential": "assessments",
}
"""The method that finds the equilibria of a tree, by concept."""


@functools.singledispatch
def auto(game: object) -> str:
    """Name of the method that promises most for this form of game."""
    raise TypeError(f"{type(game).__name__} is not a game that can be solved; give a Game")


@auto.register
def _(game: Game) -> str:
    """Two players: all equilibria up to some 20 actions each, else one: the value and optimal
    strategies if the payoffs are opposed. Three or more: all where that takes a second or so
    (seven players with two actions, three with four), else the pure ones.
    """
    if len(game.players) == 2:
        vertices = math.comb(sum(game.shape), min(game.shape)) ** 0.57  # about, in random games
        if vertices < WALKED:
            return "extreme"
        from gametheory.solvers.zero_sum import opposed

        return "zero_sum" if opposed(game) else "small_supports"
    return "isolate" if len(game.players) > 1 and is_small(game.shape) else "pure"


def is_small(shape: Sequence[int]) -> bool:
    """Whether all equilibria of three players or more with so many actions are sought."""
    supports = math.prod((1 << m) - 1 for m in shape)
    return supports * math.prod(shape) * len(shape) <= MOST


@auto.register
def _(game: CountGame) -> str:
    return "symmetric"


@auto.register
def _(game: ClassGame) -> str:
    return "classes"


@auto.register
def _(game: Voting) -> str:
    return "voting"


@auto.register
def _(game: BayesianGame) -> str:
    return "bayes"


@auto.register
def _(game: AggregativeGame) -> str:
    return "shares"


@auto.register
def _(game: GroupContest) -> str:
    return "groups"


@auto.register(NetworkContest)
@auto.register(LinearNetwork)
def _(game: ActionGame) -> str:
    return "complementarity"


@auto.register
def _(game: Ultimatum) -> str:
    return "ultimatum"


@auto.register
def _(game: CutoffForm) -> str:
    return "cutoffs"


@auto.register
def _(game: GlobalGame) -> str:
    return "global_games"


@auto.register
def _(game: Tree) -> str:
    return TREES["nash"]


@functools.cache
def methods() -> list[str]:
    """Names of the methods, one a module of this package."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


@overload
def solve(
    game: GameForm, concept: str = "nash", method: str = "auto", exact: bool | None = None
) -> EquilibriumSet: ...
@overload
def solve(
    game: ActionGame, concept: str = "nash", method: str = "auto", exact: bool | None = None
) -> ActionEquilibria: ...
@overload
def solve(
    game: CutoffForm, concept: str = "nash", method: str = "auto", exact: bool | None = None
) -> CutoffEquilibria: ...
@overload
def solve(  # type: ignore[overload-overlap]  # of strings, the narrower comes first
    game: Tree,
    concept: Literal["pbe", "sequential"],
    method: str = "auto",
    exact: bool | None = None,
) -> AssessmentEquilibria: ...
@overload
def solve(
    game: Tree, concept: str = "nash", method: str = "auto", exact: bool | None = None
) -> TreeEquilibria: ...
def solve(
    game: GameForm | ActionGame | CutoffForm | Tree,
    concept: str = "nash",
    method: str = "auto",
    exact: bool | None = None,
) -> EquilibriumSet | ActionEquilibria | CutoffEquilibria | TreeEquilibria | AssessmentEquilibria:
    """The equilibria of ``game``, each certified, with what the list covers.

    ``concept`` is "nash" or, for a :class:`~gametheory.tree.Tree`, "spe" (subgame perfect), "pbe"
    (perfect Bayesian) or "sequential". ``method`` is "auto" or a module of
    :mod:`gametheory.solvers`. ``exact`` asks for mixtures in rational numbers (True) or floats
    (False); None follows the game. Floats are dyadic rationals: ``exact=True`` solves a float game
    as it stands to the last bit.

    Raises ValueError for a concept or method that does not exist or does not fit the game.

    >>> from gametheory.game import Game
    >>> solve(Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]]))
    3 found by extreme. Every equilibrium is in the list.
      0: Player 1: (1, 0); Player 2: (1, 0)
      1: Player 1: (3/5, 2/5); Player 2: (2/5, 3/5)
      2: Player 1: (0, 1); Player 2: (0, 1)
    """
    known = list(TREES) if isinstance(game, Tree) else ["nash"]
    if concept not in known:
        raise ValueError(f"concept: {concept!r} is not known here; use {', '.join(known)}")
    if method != "auto":
        name = method.replace("-", "_")
    else:
        name = auto(game) if concept == "nash" else TREES[concept]
    if name not in methods():
        raise ValueError(f"method: {method!r} does not exist; use one of {', '.join(methods())}")
    module = _module(name)
    finds = getattr(module, "CONCEPTS", ("nash",))
    if concept not in finds:
        raise ValueError(f"{name}: finds {' and '.join(finds)}, not {concept}; ask for that")
    run = module.solve if concept == finds[0] else getattr(module, concept)
    return cast(EquilibriumSet, run(game, exact))


@functools.cache
def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}")

"""Games of other libraries: nashpy, QuantEcon and pygambit.

nashpy holds two arrays, ``A[a, b]`` and ``B[a, b]``. QuantEcon holds one array a player, own action
first and those of the others in cyclic order after it: axes ``i, i+1, ..., n-1, 0, ..., i-1``. Both
compute with machine numbers and have no labels. pygambit holds rational numbers and labels.

None of them is imported before it is asked for; an object is told by the library of its type.

>>> game = Game.from_payoffs([[3, 0, 1], [5, 1, 0]], [[3, 5, 0], [0, 1, 2]])
>>> [A.tolist() for A in to_nashpy(game).payoff_matrices]
[[[3, 0, 1], [5, 1, 0]], [[3, 5, 0], [0, 1, 2]]]
>>> from_nashpy(to_nashpy(game)) == game
True
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from fractions import Fraction
from io import StringIO
from typing import Any

import numpy as np

from gametheory.game import Array, Game
from gametheory.io.efg import read_efg, write_efg
from gametheory.io.nfg import write_payoffs
from gametheory.io.numerals import clip
from gametheory.tree import Tree

EXTRA = "crosscheck"


def reader(thing: object) -> Callable[[Any], Game | Tree] | None:
    """What reads ``thing``, if it is a game of one of the libraries known here."""
    kinds = ((kind.__module__.partition(".")[0], kind.__name__) for kind in type(thing).__mro__)
    return next((READERS[kind] for kind in kinds if kind in READERS), None)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        home = name.partition(".")[0]
        raise ImportError(
            f"{home} is not installed; pip install 'gametheory-security[{EXTRA}]'"
        ) from None


def from_nashpy(game: Any) -> Game:
    """The game of a ``nashpy.Game``: integers are exact, other payoffs are as they are."""
    return Game.from_payoffs(*game.payoff_matrices)


def to_nashpy(game: Game) -> Any:
    """A ``nashpy.Game`` with the same payoffs, whole numbers or floats, without labels.

    Raises ValueError for other than two players, and where an exact payoff is no float.
    """
    if len(game.players) != 2:
        raise ValueError(f"nashpy: holds games of two players, not {len(game.players)}")
    return _module("nashpy").Game(*_machine(game, "nashpy"))


def from_quantecon(game: Any) -> Game:
    """The game of a QuantEcon ``NormalFormGame``, with the axes in player order."""
    arrays = [np.asarray(player.payoff_array) for player in game.players]
    n = len(arrays)
    turned = [np.moveaxis(a, range(n), _own_first(n, i)) for i, a in enumerate(arrays)]
    return Game.from_payoffs(*turned)


def to_quantecon(game: Game) -> Any:
    """A QuantEcon ``NormalFormGame`` with the same payoffs, without labels.

    Raises ValueError where an exact payoff is no float.
    """
    theory = _module("quantecon.game_theory")
    tables, n = _machine(game, "quantecon"), len(game.players)
    arrays = [table.transpose(_own_first(n, i)) for i, table in enumerate(tables)]
    return theory.NormalFormGame([theory.Player(array) for array in arrays])


def _own_first(n: int, player: int) -> list[int]:
    return [(player + k) % n for k in range(n)]


def _machine(game: Game, form: str) -> list[Array]:
    """One array a player, all ``int64`` if every payoff is such a number, else floats."""
    table = game.payoffs
    if game.exact:
        whole = all(x.denominator == 1 and -(2**63) <= x < 2**63 for x in table.flat)
        machine = np.empty(table.shape, dtype=np.int64 if whole else np.float64)
        try:
            machine[...] = table
        except OverflowError:
            machine = np.full(table.shape, np.inf)
        lost = [] if whole else [x for x, y in zip(table.flat, machine.flat) if x != y]
        if lost:
            raise ValueError(
                f"{form}: holds floats, and {clip(lost[0])} is none; round it on purpose, "
                "with Game(game.payoffs.astype(float), game.players, game.actions)"
            )
        table = machine
    return [np.ascontiguousarray(table[..., i]) for i in range(len(game.players))]


def from_pygambit(game: Any) -> Game:
    """The game of a pygambit ``Game`` in strategic form, exact and with its labels.

    Decimals are exact: ``0.1`` is one tenth. Cost: pygambit gives some 30,000 payoffs a second.
    """
    players = list(game.players)
    actions = [game.get_strategies(player) for player in players]
    return Game.from_payoffs(*game.to_arrays(dtype=Fraction), players=players, actions=actions)


def to_pygambit(game: Game) -> Any:
    """A pygambit ``StrategicGame`` with the same labels and payoffs, floats as exact ratios.

    Raises ValueError for labels that Gambit refuses: empty ones, and those with control characters
    or with spaces at an end or in a row.
    """
    pygambit = _module("pygambit")
    ratios = np.asarray(np.frompyfunc(Fraction, 1, 1)(game.payoffs))
    made = pygambit.read_nfg(StringIO(write_payoffs(Game(ratios))))
    try:
        made.relabel_players(dict(zip(made.players, game.players)))
        for player, labels in zip(game.players, game.actions):
            made.relabel_strategies(player, dict(zip(made.get_strategies(player), labels)))
    except ValueError as error:
        raise ValueError(f"pygambit: {' '.join(str(error).split())}; rename it") from None
    return made


def from_pygambit_tree(game: Any) -> Tree:
    """The tree of a pygambit ``ExtensiveGame``, exact, labelled as :mod:`gametheory.io.efg` has it.

    Raises ValueError for imperfect recall.
    """
    return read_efg(game.to_efg())


def to_pygambit_tree(tree: Tree) -> Any:
    """A pygambit ``ExtensiveGame`` with the same labels, payoffs and chances, floats as decimals.

    Raises ValueError for labels that Gambit refuses, as :func:`to_pygambit` does.
    """
    pygambit = _module("pygambit")
    text = write_efg(tree)
    try:
        return pygambit.read_efg(StringIO(text))
    except ValueError as error:
        raise ValueError(f"pygambit: {' '.join(str(error).split())}; rename it") from None


READERS: dict[tuple[str, str], Callable[[Any], Game | Tree]] = {
    ("nashpy", "Game"): from_nashpy,
    ("quantecon", "NormalFormGame"): from_quantecon,
    ("pygambit", "ExtensiveGame"): from_pygambit_tree,
    ("pygambit", "Game"): from_pygambit,
}

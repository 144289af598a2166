"""Games in and out: files of text, LaTeX tables, and the objects of other libraries.

:func:`read` takes a ``.nfg`` file (:mod:`~gametheory.io.nfg`), an ``.efg`` file
(:mod:`~gametheory.io.efg`), a JSON object (:mod:`~gametheory.io.json_text`), or a game of nashpy,
QuantEcon or pygambit (:mod:`~gametheory.io.libraries`). :func:`write` gives all these and LaTeX
(:mod:`~gametheory.io.latex`). What is written reads back as the same game: exact payoffs as exact
ones, and labels wherever the form has any. What a form cannot hold is refused, not rounded.

>>> game = read('NFG 1 R "Chicken" { "Blue" "Red" } { 2 2 }  3 3  4 2  2 4  0 0.5')
>>> game
Game(Blue: 1, 2; Red: 1, 2; exact)
>>> read(write(game, "json")) == read(write(game, "nfg-outcomes")) == game
True
>>> print(write(game, "latex"), end="")
\\begin{tabular}{l|cc}
 & \\multicolumn{2}{c}{Red} \\\\
Blue & 1 & 2 \\\\
\\hline
1 & $3, 3$ & $\\underline{2}, \\underline{4}$ \\\\
2 & $\\underline{4}, \\underline{2}$ & $0, \\frac{1}{2}$ \\\\
\\end{tabular}
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, overload

from gametheory.actions import ActionGame
from gametheory.bayesian import BayesianGame
from gametheory.classes import ClassGame
from gametheory.count import CountGame
from gametheory.equilibrium import EquilibriumSet
from gametheory.game import Game
from gametheory.io.efg import read_efg, write_efg
from gametheory.io.json_text import read_json, write_json
from gametheory.io.latex import write_latex
from gametheory.io.libraries import (
    READERS,
    reader,
    to_nashpy,
    to_pygambit,
    to_pygambit_tree,
    to_quantecon,
)
from gametheory.io.nfg import read_nfg, write_outcomes, write_payoffs
from gametheory.io.numerals import clip
from gametheory.tree import Tree

Text = Literal["nfg", "nfg-outcomes", "efg", "json", "latex"]
Library = Literal["nashpy", "quantecon", "pygambit"]

TABLES = {
    "nfg": write_payoffs,
    "nfg-outcomes": write_outcomes,
    "nashpy": to_nashpy,
    "quantecon": to_quantecon,
    "pygambit": to_pygambit,
}
AnyGame = Game | CountGame | ClassGame | BayesianGame | ActionGame | Tree
OPENING = re.compile(r"\s*(?:[NE]FG\b|[{\[])|.*\n")


def read(source: str | Path | object) -> AnyGame:
    """The game in a file, in a text, or in an object of another library.

    A string is taken for a text if it opens with ``NFG``, ``EFG``, ``{`` or ``[`` or has several
    lines; else for the name of a file. ``.nfg``, ``.efg`` and JSON are told apart by how they
    begin. Objects are a ``nashpy.Game``, a QuantEcon ``NormalFormGame`` or a game of pygambit,
    which may be a tree: integers and pygambit's numbers are exact, floats are floats.

    Raises ValueError, in one line with the number of the line where that helps, for anything that
    is not a game and for payoffs beyond the largest float; OSError for a path that cannot be read;
    TypeError for an object of another kind.
    """
    if (known := reader(source)) is not None:
        return known(source)
    if not isinstance(source, (str, Path)):
        raise TypeError(
            f"read: {type(source).__name__} is no game; give a file, a text, "
            f"or a game of {', '.join(home for home, _ in READERS)}"
        )
    if isinstance(source, str) and OPENING.match(source.removeprefix("\ufeff")):
        return _parsed(source)
    path = _path(source)
    try:
        return _parsed(_decoded(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


@overload
def write(game: AnyGame | EquilibriumSet, form: Text) -> str: ...
@overload
def write(game: Game | Tree, form: Library) -> Any: ...
def write(game: Any, form: Text | Library) -> Any:
    """``game`` in another form: a text, or an object of the library that ``form`` names.

    ==================  ==========================  ===============================================
    ``"json"``          any game                    exact, floats to the last bit, labels
    ``"efg"``           Tree                        exact, labels; floats as shortest decimals
    ``"nfg"``           Game                        the same
    ``"nfg-outcomes"``  Game                        the same, each payoff vector listed once
    ``"latex"``         Game, CountGame, or the     for people: floats to six digits
                        equilibria of one
    ``"nashpy"``        Game of two players         whole numbers or floats, no labels
    ``"quantecon"``     Game                        whole numbers or floats, no labels
    ``"pygambit"``      Game, Tree                  exact, floats as ratios, labels
    ==================  ==========================  ===============================================

    Where a table of payoffs is asked for, a tree gives its reduced strategic form.

    Raises ValueError for a form that does not exist, and for payoffs or labels that it cannot hold;
    TypeError for a kind of game that it cannot; ImportError if the library is not installed.
    """
    if form == "json":
        return write_json(game)
    if form == "latex":
        return write_latex(game.strategic() if isinstance(game, Tree) else game)
    if form == "efg":
        if not isinstance(game, Tree):
            raise TypeError(f"efg: {type(game).__name__} is no tree; build one with Tree.of")
        return write_efg(game)
    if form not in TABLES:
        known = ", ".join(sorted({"json", "latex", "efg", *TABLES}))
        raise ValueError(f"form: {clip(form)} is not known; use one of {known}")
    if isinstance(game, Tree):
        if form == "pygambit":
            return to_pygambit_tree(game)
        game = game.strategic()
    if not isinstance(game, Game):
        cure = "write game.to_game()" if isinstance(game, (CountGame, ClassGame)) else 'use "json"'
        raise TypeError(f"{form}: {type(game).__name__} is no table of payoffs; {cure}")
    return TABLES[form](game)


def _parsed(text: str) -> AnyGame:
    text = text.removeprefix("\ufeff")
    start = text.lstrip()
    if start[:1] in ("{", "["):
        return read_json(text)
    return read_efg(text) if start.startswith("EFG") else read_nfg(text)


def _path(source: str | Path) -> Path:
    if isinstance(source, Path):
        return source
    if not source.strip():
        raise ValueError("nothing to read; give a .nfg or .efg file or a JSON object")
    try:
        is_file = Path(source).is_file()
    except (OSError, ValueError):  # too long for a name, or has a zero byte
        is_file = False
    if not is_file:
        raise ValueError(
            f"{clip(source)}: no such file, and no text of a game; "
            "a game opens with NFG (.nfg), EFG (.efg) or { (JSON)"
        )
    return Path(source)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8 text; save the file as UTF-8") from None

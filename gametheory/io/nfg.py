"""``.nfg`` files: a game in strategic form as Gambit writes it.

A file opens with ``NFG 1 R "title" { "Blue" "Red" }`` and the actions, as numbers of them
``{ 2 3 }`` or as labels ``{ { "a" "b" } { "x" "y" "z" } }``; a quoted comment may follow. Then come
the payoffs, all players' for one profile after the other, or a list of outcomes ``{ { "name" 1, 2 }
... }`` and one outcome number a profile, counted from 1; outcome 0 pays zero to all. Profiles are
ordered with the action of the first player changing fastest. Numbers are integers, ratios or
decimals and all are exact: ``0.1`` is one tenth. Commas count as spaces.
Source: The Gambit Project, "Game representation formats", gambitproject.readthedocs.io.

>>> game = read_nfg('NFG 1 R "Chicken" { "Blue" "Red" } { 2 2 }  3 3  4 2  2 4  0 0.5')
>>> game.payoffs[1, 1].tolist()
[Fraction(0, 1), Fraction(1, 2)]
>>> print(write_outcomes(Game([[1], [2], [1]], ["A"], [["a", "b", "c"]])))
NFG 1 R "" { "A" }
<BLANKLINE>
{ { "a" "b" "c" }
}
<BLANKLINE>
{
{ "1" 1 }
{ "2" 2 }
}
1 2 1
<BLANKLINE>
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from gametheory.game import Array, Game
from gametheory.io._tokens import Tokens, quoted, unnamed
from gametheory.io.numerals import built, check_players, number, spelled, whole


def read_nfg(text: str) -> Game:
    """The game in the text of a ``.nfg`` file, payoff or outcome version, exact.

    Where several labels of a list are empty, those are replaced by their numbers. Raises ValueError
    with the line at fault.
    """
    tokens = Tokens(text)
    _prologue(tokens)
    players = tokens.labels("players")
    actions, shape = _actions(tokens, len(players))
    if len(players) != len(shape):
        tokens.fail(f"actions of {len(shape)} players where {len(players)} are named; list each")
    check_players(len(players))
    if tokens.kind == "label":
        tokens.take("label", "comment")
    if tokens.kind == "open":
        table = _outcome_table(tokens, shape)
    else:
        flat = tokens.numbers(math.prod(shape) * len(shape), _need(shape, "payoffs"), number)
        table = np.empty(len(flat), dtype=object)
        table[:] = flat
    # In the file the player runs fastest, then the action of player 0, 1, ...
    payoffs = np.moveaxis(table.reshape((len(shape), *shape), order="F"), 0, -1)
    return built(lambda: Game(payoffs, unnamed(players, "Player "), actions))


def _prologue(tokens: Tokens) -> None:
    if tokens.kind != "word" or tokens.value != "NFG":
        tokens.fail(f"{tokens.shown} where NFG is due; give a .nfg or .efg file or a JSON object")
    tokens.take("word", "NFG")
    if tokens.take("word", "version 1") != "1":
        tokens.fail("only version 1 of the format is known; the file opens with NFG 1 R", back=1)
    if tokens.take("word", "R") not in ("R", "D"):
        tokens.fail("R or D is due after NFG 1", back=1)
    tokens.take("label", "title in quotes")


def _actions(
    tokens: Tokens, n: int
) -> tuple[tuple[tuple[str, ...], ...] | tuple[()], tuple[int, ...]]:
    """The labels of the actions, () if they are only counted, and the number of each player's."""
    tokens.take("open", "{ before the actions")
    named: list[tuple[str, ...]] = []
    counts: list[int] = []
    while tokens.kind == "open":
        named.append(unnamed(tokens.labels("actions"), ""))
    while tokens.kind == "word" and not named:
        counts.append(whole(tokens.take("word", "number of actions")))
        if counts[-1] == 0:
            tokens.fail(f"player {len(counts)} has no action; give at least one", back=1)
    tokens.take("close", "} after the actions")
    return tuple(named), tuple(counts) if counts else tuple(map(len, named))


def _outcome_table(tokens: Tokens, shape: tuple[int, ...]) -> Array:
    n = len(shape)
    tokens.take("open", "{ before the outcomes")
    outcomes = [[Fraction(0)] * n]
    while tokens.kind == "open":
        tokens.take("open", "{")
        tokens.take("label", "name of the outcome in quotes")
        what = f"payoff in outcome {len(outcomes)}"
        outcomes.append([tokens.number(f"{what} to player {i + 1}") for i in range(n)])
        tokens.take("close", f"}} after the {n} payoffs of outcome {len(outcomes) - 1}")
    tokens.take("close", "} after the outcomes")

    def outcome(word: str) -> int:
        k = whole(word)
        if k >= len(outcomes):
            raise ValueError(f"outcome {k} is not among the {len(outcomes) - 1} listed; add it")
        return k

    played = tokens.numbers(math.prod(shape), _need(shape, "outcome numbers"), outcome)
    table = np.empty((len(outcomes), n), dtype=object)
    table[:] = outcomes
    return table[played].ravel()


def _need(shape: tuple[int, ...], what: str) -> str:
    return f"{what} where {' x '.join(map(str, shape))} actions need"


def write_payoffs(game: Game) -> str:
    """``game`` as the text of a ``.nfg`` file, payoff version: one line of payoffs a profile.

    Fractions are written as ratios. Floats are written as the shortest decimal that tells them
    apart, which reads back as an exact number; its nearest float is the payoff. Raises ValueError
    for a label that ends in a backslash: in the format that escapes the closing quote.
    """
    return "\n".join([_head(game), "", *map(" ".join, _profiles(game)), ""])


def write_outcomes(game: Game) -> str:
    """``game`` as the text of a ``.nfg`` file, outcome version: each payoff vector once.

    Outcomes are named by their number, in the order in which they first occur. Numbers and labels
    are written as by :func:`write_payoffs`.
    """
    profiles = _profiles(game)
    number_of = {paid: k for k, paid in enumerate(dict.fromkeys(profiles), 1)}
    listed = [f'{{ "{k}" {", ".join(paid)} }}' for paid, k in number_of.items()]
    played = " ".join(str(number_of[paid]) for paid in profiles)
    return "\n".join([_head(game), "", "{", *listed, "}", played, ""])


def _head(game: Game) -> str:
    players = " ".join(map(quoted, game.players))
    actions = "\n".join(f"{{ {' '.join(map(quoted, labels))} }}" for labels in game.actions)
    return f'NFG 1 R "" {{ {players} }}\n\n{{ {actions}\n}}'


def _profiles(game: Game) -> list[tuple[str, ...]]:
    """The payoffs of each profile, the action of the first player changing fastest."""
    rows = np.moveaxis(game.payoffs, -1, 0).reshape(len(game.players), -1, order="F").T
    return [tuple(map(spelled, row)) for row in rows]

"""Games as JSON objects.

A game in strategic form is ``{"players": [...], "actions": [[...], ...], "payoffs": [...]}``, one
nested array of payoffs a player, axes in player order. A game that depends on how many act is
``{"act": [...], "wait": [...]}``, with ``players`` and the ``names`` of both actions; one of
several classes has their ``sizes`` too, a table a class, and may name the ``classes``. A Bayesian
game has a ``prior``, nested one list a player, and payoffs nested first by types, then by actions;
it may name the ``types``, a list a player. A game of continuous actions names its form and its
parameters, each a number or one a player: ``{"form": "Contest", "V": [10, 6], "r": 1}``. A tree is
``{"players": [...], "tree": ...}``: an end is the list of its payoffs, a move is ``{"move": player,
"at": information set, "actions": {action: what follows, ...}}``, and chance is ``{"chance":
{outcome: its chance, ...}, "actions": {outcome: what follows, ...}}``. Labels may be left out.
Integers of any length, and strings such as ``"3/5"`` or ``"0.1"``, are exact; JSON numbers with a
point or an exponent are floats. The parameters of continuous actions are floats.

>>> read_json('{"payoffs": [["1/3", 9007199254740993]]}').payoffs.ravel().tolist()
[Fraction(1, 3), Fraction(9007199254740993, 1)]
>>> tree = read_json('''{"players": ["Entrant", "Incumbent"], "tree": {
...     "move": "Entrant", "actions": {"stay out": [0, 2], "enter": {
...         "move": "Incumbent", "actions": {"fight": [-1, -1], "yield": ["1/2", 1]}}}}}''')
>>> tree.sets[1].label, tree.payoffs[2].tolist()
('enter', [Fraction(1, 2), Fraction(1, 1)])
>>> from gametheory.aggregative import Contest
>>> write_json(Contest([10, 6]))
'{"form": "Contest", "V": [10.0, 6.0], "r": 1.0}'
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from gametheory.actions import ActionGame
from gametheory.bayesian import BayesianGame
from gametheory.classes import ClassGame
from gametheory.count import CountGame
from gametheory.game import Game, Number, numbers
from gametheory.io.numerals import LARGEST, built, check_players, clip, number, spelled
from gametheory.tree import Chance, Move, Tree

DEEPEST = 300
"""Moves in a row up to which a tree is nested."""


def read_json(text: str) -> Game | CountGame | ClassGame | BayesianGame | ActionGame | Tree:
    """The game in a JSON object. Raises ValueError for anything that is not one."""
    try:
        data = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=number,
            parse_float=_float,
            parse_constant=_not_finite,
        )
        if not isinstance(data, dict):
            raise ValueError(f'JSON: {clip(data)} is no object; give {{"payoffs": [...]}}')
        if "tree" in data:
            return _read_tree(data)
        if "sizes" in data:
            return _read_class_game(data)
        if "prior" in data:
            return _read_bayesian_game(data)
        if "act" in data or "wait" in data:
            return _read_count_game(data)
        return _read_form(data) if "form" in data else _read_game(data)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"line {error.lineno}: not JSON ({error.msg}, column {error.colno}); correct it there"
        ) from None
    except RecursionError:
        raise ValueError(
            "JSON: lists or objects nest too deeply; give a table one level a player, "
            "and a long tree as .efg"
        ) from None


def _read_game(data: dict[str, Any]) -> Game:
    _check_keys(data, {"payoffs"}, {"players", "actions"})
    tables = _tables(data, 1)
    players = _labels(data.get("players", []), "players")
    actions = _lists_of_labels(data, "actions")
    return built(lambda: Game.from_payoffs(*tables, players=players, actions=actions))


def _tables(data: dict[str, Any], levels: int) -> list[Any]:
    """The payoffs of each player, in lists nested ``levels`` a player."""
    given = _list(data["payoffs"], "payoffs")
    if not given:
        raise ValueError("payoffs: no players; give one array a player")
    check_players(len(given))
    depth = levels * len(given)
    return [_table(p, depth, f"payoffs of player {i + 1}") for i, p in enumerate(given)]


def _lists_of_labels(data: dict[str, Any], key: str) -> list[list[str]]:
    lists = _list(data.get(key, []), key)
    return [_labels(given, f"{key} of player {i + 1}") for i, given in enumerate(lists)]


def _read_bayesian_game(data: dict[str, Any]) -> BayesianGame:
    _check_keys(data, {"payoffs", "prior"}, {"players", "types", "actions"})
    tables = [
        numbers(table, f"payoffs of player {i + 1}") for i, table in enumerate(_tables(data, 2))
    ]
    for i, table in enumerate(tables):
        if table.shape != tables[0].shape:
            raise ValueError(
                f"payoffs of player {i + 1}: shape {table.shape} where the first has "
                f"{tables[0].shape}; give one axis a player for types, then one for actions"
            )
    prior = _table(data["prior"], len(tables), "prior")
    players = _labels(data.get("players", []), "players")
    types, actions = (_lists_of_labels(data, key) for key in ("types", "actions"))
    return built(lambda: BayesianGame(np.stack(tables, axis=-1), prior, players, types, actions))


def _read_count_game(data: dict[str, Any]) -> CountGame:
    _check_keys(data, {"act", "wait"}, {"players", "names"})
    act, wait = (_table(data[key], 1, key) for key in ("act", "wait"))
    players = _labels(data.get("players", []), "players")
    names = _labels(data.get("names", ["act", "wait"]), "names")
    if len(names) != 2:
        raise ValueError(f"names: {len(names)} labels; give one to act and one to wait")
    return built(lambda: CountGame(act, wait, tuple(players), (names[0], names[1])))


def _read_class_game(data: dict[str, Any]) -> ClassGame:
    _check_keys(data, {"act", "wait", "sizes"}, {"players", "classes", "names"})
    sizes = [_payoff(m, "sizes") for m in _list(data["sizes"], "sizes")]
    for m in sizes:
        if not isinstance(m, Fraction) or m.denominator > 1:
            raise ValueError(f"sizes: {m} is not a number of members; use 1 or more")
    sides = []
    for key in ("act", "wait"):
        side: list[Any] = []
        for k, given in enumerate(_list(data[key], key)):
            what = f"{key} of class {k + 1}"
            nested = any(isinstance(x, list) for x in _list(given, what))
            if nested:
                check_players(len(sizes))
            side.append(_table(given, len(sizes) if nested else 1, what))
        sides.append(side)
    lists = [_labels(data.get(key, []), key) for key in ("classes", "players")]
    names = _labels(data.get("names", ["act", "wait"]), "names")
    return built(lambda: ClassGame(sides[0], sides[1], map(int, sizes), lists[0], names, lists[1]))


def _forms() -> dict[str, Any]:
    """The forms of games of continuous actions that parameters describe, by name."""
    kinds: list[Any] = [ActionGame]
    for kind in kinds:
        kinds += kind.__subclasses__()
    hidden = (inspect.isabstract(kind) or kind.__name__.startswith("_") for kind in kinds)
    return {kind.__name__: kind for kind, hide in zip(kinds, hidden) if not hide}


def _read_form(data: dict[str, Any]) -> ActionGame:
    name = data.pop("form")
    if not isinstance(name, str) or name not in _forms():
        raise ValueError(f"form: {clip(name)} is not known; use {_listed(set(_forms()))}")
    known = inspect.signature(_forms()[name]).parameters
    needed = {key for key, p in known.items() if p.default is p.empty}
    _check_keys(data, needed, set(known))
    players = _labels(data.pop("players", []), "players")
    values = {
        key: float(_payoff(value, key)) if known[key].annotation == "float" else _vector(value, key)
        for key, value in data.items()
    }
    game: ActionGame = built(lambda: _forms()[name](**values, players=players))
    return game


def _read_tree(data: dict[str, Any]) -> Tree:
    _check_keys(data, {"players", "tree"}, set())
    players = _labels(data["players"], "players")
    waiting = [data["tree"]]  # what follows, in preorder: the order in which Tree.of asks

    def rule(history: tuple[str, ...]) -> Any:
        node, where = waiting.pop(), f"after {', '.join(history)}" if history else "at the start"
        if isinstance(node, list):
            return [_payoff(u, f"payoffs {where}") for u in node]
        if not isinstance(node, dict) or len({"move", "chance"} & node.keys()) != 1:
            raise ValueError(
                f"{where}: {clip(node)} is no node; give a list of payoffs, or an object with "
                '"move" or "chance"'
            )
        lucky = "chance" in node
        _check_keys(
            node,
            {"chance", "actions"} if lucky else {"move", "actions"},
            set() if lucky else {"at"},
        )
        actions = node["actions"]
        if not isinstance(actions, dict):
            raise ValueError(f"{where}: the actions are no object; give what follows each")
        waiting.extend(reversed(actions.values()))
        if not lucky:
            who, at = _labels([node["move"], node.get("at", "")], f"move {where}")
            return Move(who, tuple(actions), at if "at" in node else None)
        chances = node["chance"]
        if not isinstance(chances, dict) or list(chances) != list(actions):
            raise ValueError(f"{where}: the chances do not list the actions, in their order; do so")
        return Chance({a: _payoff(p, f"chance of {a} {where}") for a, p in chances.items()})

    return built(lambda: Tree.of(players, rule))


def _vector(value: Any, what: str) -> Any:
    """A number, or one a player."""
    return [_vector(v, what) for v in value] if isinstance(value, list) else _payoff(value, what)


def _check_keys(data: dict[str, Any], needed: set[str], allowed: set[str]) -> None:
    for key in needed - set(data):
        raise ValueError(f"JSON: no {key!r} in the object; a game needs {_listed(needed)}")
    for key in set(data) - needed - allowed:
        raise ValueError(f"JSON: unknown key {clip(key)}; use {_listed(needed | allowed)}")


def _table(value: Any, depth: int, what: str) -> Any:
    """``value`` as nested lists of numbers, ``depth`` levels of them."""
    if depth == 0:
        return _payoff(value, what)
    return [_table(v, depth - 1, what) for v in _list(value, what)]


def _payoff(value: Any, what: str) -> Number:
    if isinstance(value, str):
        try:
            return number(value)
        except ValueError as error:
            raise ValueError(f"{what}: {error}") from None
    if not isinstance(value, (Fraction, float)):
        raise ValueError(
            f'{what}: {clip(value)} where a number is due; give 2, 0.5 or "3/5", '
            "in lists nested one level a player"
        )
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what}: {clip(value)} is no list; nest one list a player")
    return value


def _labels(value: Any, what: str) -> list[str]:
    for label in _list(value, what):
        if not isinstance(label, str):
            raise ValueError(f"{what}: {clip(label)} is no label; put it in quotes")
    return list(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"JSON: key {clip(key)} is given twice; give it once")
        found[key] = value
    return found


def _float(text: str) -> float:
    value = float(text)
    if abs(value) > LARGEST:
        raise ValueError(f"{clip(text)} is too large a payoff; use a smaller unit")
    return value


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"JSON: {text} is not a payoff; use a finite number")


def _listed(names: set[str]) -> str:
    return ", ".join(map(repr, sorted(names)))


def write_json(game: Game | CountGame | ClassGame | BayesianGame | ActionGame | Tree) -> str:
    """``game`` as a JSON object; :func:`read_json` gives the same game back, exact or float.

    Raises TypeError for a game that is made from functions, ValueError for a tree of more than 300
    moves in a row: readers of JSON end somewhere beyond, each elsewhere.
    """
    data: dict[str, Any]
    if isinstance(game, Game):
        data = {
            "players": list(game.players),
            "actions": [list(labels) for labels in game.actions],
            "payoffs": [_plain(game.payoffs[..., i].tolist()) for i in range(len(game.players))],
        }
    elif isinstance(game, CountGame):
        data = {
            "players": list(game.players),
            "names": list(game.names),
            "act": _plain(game.act.tolist()),
            "wait": _plain(game.wait.tolist()),
        }
    elif isinstance(game, ClassGame):
        data = {
            "players": list(game.players),
            "classes": list(game.classes),
            "names": list(game.names),
            "sizes": list(game.sizes),
            "act": [_plain(table.tolist()) for table in game.act],
            "wait": [_plain(table.tolist()) for table in game.wait],
        }
    elif isinstance(game, Tree):
        if max(len(node.history) for node in game.nodes) > DEEPEST:
            raise ValueError(
                f"json: the tree has more than {DEEPEST} moves in a row, too deep to nest; "
                "write it as efg"
            )
        data = {"players": list(game.players), "tree": _nested(game)}
    elif isinstance(game, BayesianGame):
        data = {
            "players": list(game.players),
            "types": [list(labels) for labels in game.types],
            "actions": [list(labels) for labels in game.actions],
            "prior": _plain(game.prior.tolist()),
            "payoffs": [_plain(game.payoffs[..., i].tolist()) for i in range(len(game.players))],
        }
    elif (name := type(game).__name__) in _forms():
        keys = [key for key in inspect.signature(type(game)).parameters if key != "players"]
        data = {"form": name} | {key: np.asarray(getattr(game, key)).tolist() for key in keys}
        data |= {"players": list(game.named)} if game.named else {}
    else:
        raise TypeError(f"json: {name} is made from functions, which no file holds")
    return json.dumps(data)


def _nested(tree: Tree) -> Any:
    found: list[Any] = [None] * len(tree.nodes)
    for k in range(len(tree.nodes) - 1, -1, -1):
        node = tree.nodes[k]
        then = {"actions": {a: found[c] for a, c in zip(node.actions, node.children)}}
        if not node.children:
            found[k] = _plain(list(node.payoffs))
        elif node.set is None:
            found[k] = {"chance": dict(zip(node.actions, _plain(list(node.chances))))} | then
        else:
            at = tree.sets[node.set]
            found[k] = {"move": tree.players[at.player], "at": at.label} | then
    return found[0]


def _plain(value: Number | Sequence[Any]) -> Any:
    """Exact whole numbers as JSON integers, ratios as strings, floats as they are."""
    if isinstance(value, Fraction):
        text = spelled(value)
        return value.numerator if value.denominator == 1 else text
    return value if isinstance(value, float) else [_plain(v) for v in value]

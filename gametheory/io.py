"""Games as text: Gambit's ``.nfg`` files and JSON.

A ``.nfg`` file opens with ``NFG 1 R "title" { "Blue" "Red" }`` and the actions, as numbers of them
``{ 2 3 }`` or as labels ``{ { "a" "b" } { "x" "y" "z" } }``; a quoted comment may follow. Then come
the payoffs, all players' for one profile after the other, or a list of outcomes ``{ { "name" 1, 2 }
... }`` and one outcome number a profile, counted from 1; outcome 0 pays zero to all. Profiles are
ordered with the action of the first player changing fastest. Numbers are integers, ratios or
decimals and all are exact: ``0.1`` is one tenth. Commas count as spaces.
Source: The Gambit Project, "Game representation formats", gambitproject.readthedocs.io.

In JSON a game in strategic form is ``{"players": [...], "actions": [[...], ...], "payoffs":
[...]}``, one nested array of payoffs a player, axes in player order. A game that depends on how
many act is ``{"act": [...], "wait": [...]}``, with ``players`` and the ``names`` of both actions.
Labels may be left out. Integers, and strings such as ``"3/5"`` or ``"0.1"``, are exact; JSON
numbers with a point or an exponent are floats.

>>> game = read('NFG 1 R "Chicken" { "Blue" "Red" } { 2 2 }  3 3  4 2  2 4  0 0.5')
>>> game
Game(Blue: 1, 2; Red: 1, 2; exact)
>>> game.payoffs[1, 1].tolist()
[Fraction(0, 1), Fraction(1, 2)]
>>> read(to_json(game)) == read(write_nfg(game)) == game
True
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np

from gametheory.count import CountGame
from gametheory.game import Array, Game, Number

T = TypeVar("T")

# One axis a player and one for the payoffs; numpy arrays have at most 64.
MOST_PLAYERS = 63
# Twice this is still a float, so the range of any payoffs within it is one.
LARGEST = Fraction(sys.float_info.max) / 2
# Bounds what a few characters can ask for: 1e999999999 would fill the memory.
LONGEST, WIDEST = 4000, 4000

NUMBER = re.compile(
    r"[+-]?(?:[0-9]+/0*[1-9][0-9]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?)"
)
TOKEN = re.compile(
    r'"(?P<label>(?:[^"\\]|\\"?)*+)"|(?P<open>\{)|(?P<close>\})|(?P<word>[^\s{}",]+)|(?P<quote>")'
)
TEXT = re.compile(r"\s*(?:[NE]FG\b|[{\[])|.*\n")


def read(source: str | Path) -> Game | CountGame:
    """The game in a file, or in a text: ``.nfg`` or JSON, told apart by how it begins.

    A string is taken for a text if it opens with ``NFG``, ``EFG``, ``{`` or ``[`` or has several
    lines; else for the name of a file. Raises ValueError, in one line with the number of the line
    where that helps, for anything that is not a game and for payoffs beyond half the largest float;
    OSError for a path that cannot be read.
    """
    if isinstance(source, str) and TEXT.match(source.removeprefix("\ufeff")):
        return _parsed(source)
    path = _path(source)
    try:
        return _parsed(_decoded(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _parsed(text: str) -> Game | CountGame:
    text = text.removeprefix("\ufeff")
    return read_json(text) if text.lstrip()[:1] in ("{", "[") else read_nfg(text)


def _path(source: str | Path) -> Path:
    if isinstance(source, Path):
        return source
    if not source.strip():
        raise ValueError("nothing to read; give a .nfg file or a JSON object")
    try:
        is_file = Path(source).is_file()
    except (OSError, ValueError):  # too long for a name, or has a zero byte
        is_file = False
    if not is_file:
        raise ValueError(
            f"{_clip(source)}: no such file, and no text of a game; "
            "a game opens with NFG (.nfg) or { (JSON)"
        )
    return Path(source)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8 text; save the file as UTF-8") from None


def read_nfg(text: str) -> Game:
    """The game in the text of a ``.nfg`` file, payoff or outcome version, exact.

    Where several labels of a list are empty, those are replaced by their numbers. Raises ValueError
    with the line at fault.
    """
    tokens = _Tokens(text)
    _prologue(tokens)
    players = tokens.labels("players")
    actions, shape = _actions(tokens, len(players))
    if len(players) != len(shape):
        tokens.fail(f"actions of {len(shape)} players where {len(players)} are named; list each")
    _check_players(len(players))
    if tokens.kind == "label":
        tokens.take("label", "comment")
    if tokens.kind == "open":
        table = _outcome_table(tokens, shape)
    else:
        flat = tokens.numbers(math.prod(shape) * len(shape), _need(shape, "payoffs"), _number)
        table = np.empty(len(flat), dtype=object)
        table[:] = flat
    # In the file the player runs fastest, then the action of player 0, 1, ...
    payoffs = np.moveaxis(table.reshape((len(shape), *shape), order="F"), 0, -1)
    return _built(lambda: Game(payoffs, _unnamed(players, "Player "), actions))


def _prologue(tokens: _Tokens) -> None:
    if tokens.kind == "word" and tokens.value == "EFG":
        tokens.fail("an extensive game (.efg); save its strategic form as .nfg and read that")
    if tokens.kind != "word" or tokens.value != "NFG":
        tokens.fail(f"{tokens.shown} where NFG is due; give a .nfg file or a JSON object")
    tokens.take("word", "NFG")
    if tokens.take("word", "version 1") != "1":
        tokens.fail("only version 1 of the format is known; the file opens with NFG 1 R", back=1)
    if tokens.take("word", "R") not in ("R", "D"):
        tokens.fail("R or D is due after NFG 1", back=1)
    tokens.take("label", "title in quotes")


def _actions(
    tokens: _Tokens, n: int
) -> tuple[tuple[tuple[str, ...], ...] | tuple[()], tuple[int, ...]]:
    """The labels of the actions, () if they are only counted, and the number of each player's."""
    tokens.take("open", "{ before the actions")
    named: list[tuple[str, ...]] = []
    counts: list[int] = []
    while tokens.kind == "open":
        named.append(_unnamed(tokens.labels("actions"), ""))
    while tokens.kind == "word" and not named:
        counts.append(_whole(tokens.take("word", "number of actions")))
        if counts[-1] == 0:
            tokens.fail(f"player {len(counts)} has no action; give at least one", back=1)
    tokens.take("close", "} after the actions")
    return tuple(named), tuple(counts) if counts else tuple(map(len, named))


def _outcome_table(tokens: _Tokens, shape: tuple[int, ...]) -> Array:
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
        k = _whole(word)
        if k >= len(outcomes):
            raise ValueError(f"outcome {k} is not among the {len(outcomes) - 1} listed; add it")
        return k

    played = tokens.numbers(math.prod(shape), _need(shape, "outcome numbers"), outcome)
    table = np.empty((len(outcomes), n), dtype=object)
    table[:] = outcomes
    return table[played].ravel()


def _need(shape: tuple[int, ...], what: str) -> str:
    return f"{what} where {' x '.join(map(str, shape))} actions need"


class _Tokens:
    """The tokens of a ``.nfg`` text, read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._all = list(TOKEN.finditer(text))
        self._next = 0
        for k, token in enumerate(self._all):
            if token.lastgroup == "quote":
                self._next = k
                self.fail("a quote opens here and is never closed; add the closing quote")

    @property
    def kind(self) -> str | None:
        """ "label", "open", "close", "word", or None at the end."""
        return self._all[self._next].lastgroup if self._next < len(self._all) else None

    @property
    def value(self) -> str:
        token = self._all[self._next]
        return token["label"].replace('\\"', '"') if token.lastgroup == "label" else token[0]

    @property
    def shown(self) -> str:
        return "the end of the text" if self.kind is None else _clip(self._all[self._next][0])

    def take(self, kind: str, what: str) -> str:
        if self.kind != kind:
            self.fail(f"{self.shown} where {what} is due; check the quotes and braces")
        value = self.value
        self._next += 1
        return value

    def labels(self, what: str) -> tuple[str, ...]:
        """The labels in a pair of braces."""
        self.take("open", f"{{ before the {what}")
        found = []
        while self.kind == "label":
            found.append(self.take("label", what))
        self.take("close", f"}} after the {what} (each in quotes)")
        if not found:
            self.fail(f"no {what}; list at least one", back=1)
        return tuple(found)

    def number(self, what: str) -> Fraction:
        word = self.take("word", what)
        try:
            return _number(word)
        except ValueError as error:
            self.fail(str(error), back=1)

    def numbers(self, count: int, need: str, convert: Callable[[str], T]) -> list[T]:
        """The ``count`` numbers that make up the rest of the text."""
        rest = len(self._all) - self._next
        found: list[T] = []
        while self.kind is not None and len(found) < count:
            word = self.take("word", "a number")
            try:
                found.append(convert(word))
            except ValueError as error:
                self.fail(str(error), back=1)
        if rest != count:
            cure = "complete the file" if rest < count else "remove what is too much"
            self.fail(f"{rest} {need} {count}; {cure}")
        return found

    def fail(self, why: str, back: int = 0) -> NoReturn:
        """Raises ValueError at the line of the next token, or of the one ``back`` before it."""
        k = self._next - back
        at = self._all[k].start() if k < len(self._all) else len(self._text.rstrip())
        raise ValueError(f"line {self._text.count(chr(10), 0, at) + 1}: {why}")


def read_json(text: str) -> Game | CountGame:
    """The game in a JSON object. Raises ValueError for anything that is not one."""
    try:
        data = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_number,
            parse_float=_float,
            parse_constant=_not_finite,
        )
        if not isinstance(data, dict):
            raise ValueError(f'JSON: {_clip(data)} is no object; give {{"payoffs": [...]}}')
        if "act" in data or "wait" in data:
            return _read_count_game(data)
        return _read_game(data)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"line {error.lineno}: not JSON ({error.msg}, column {error.colno}); correct it there"
        ) from None
    except RecursionError:
        raise ValueError("JSON: lists nest too deeply; give one level a player") from None


def _read_game(data: dict[str, Any]) -> Game:
    _check_keys(data, {"payoffs"}, {"players", "actions"})
    given = _list(data["payoffs"], "payoffs")
    if not given:
        raise ValueError("payoffs: no players; give one array a player")
    _check_players(len(given))
    tables = [_table(p, len(given), f"payoffs of player {i + 1}") for i, p in enumerate(given)]
    players = _labels(data.get("players", []), "players")
    lists = _list(data.get("actions", []), "actions")
    actions = [_labels(a, f"actions of player {i + 1}") for i, a in enumerate(lists)]
    return _built(lambda: Game.from_payoffs(*tables, players=players, actions=actions))


def _read_count_game(data: dict[str, Any]) -> CountGame:
    _check_keys(data, {"act", "wait"}, {"players", "names"})
    act, wait = (_table(data[key], 1, key) for key in ("act", "wait"))
    players = _labels(data.get("players", []), "players")
    names = _labels(data.get("names", ["act", "wait"]), "names")
    if len(names) != 2:
        raise ValueError(f"names: {len(names)} labels; give one to act and one to wait")
    return _built(lambda: CountGame(act, wait, tuple(players), (names[0], names[1])))


def _check_keys(data: dict[str, Any], needed: set[str], allowed: set[str]) -> None:
    for key in needed - set(data):
        raise ValueError(f"JSON: no {key!r} in the object; a game needs {_listed(needed)}")
    for key in set(data) - needed - allowed:
        raise ValueError(f"JSON: unknown key {_clip(key)}; use {_listed(needed | allowed)}")


def _table(value: Any, depth: int, what: str) -> Any:
    """``value`` as nested lists of numbers, ``depth`` levels of them."""
    if depth == 0:
        return _payoff(value, what)
    return [_table(v, depth - 1, what) for v in _list(value, what)]


def _payoff(value: Any, what: str) -> Number:
    if isinstance(value, str):
        try:
            return _number(value)
        except ValueError as error:
            raise ValueError(f"{what}: {error}") from None
    if not isinstance(value, (Fraction, float)):
        raise ValueError(
            f'{what}: {_clip(value)} where a number is due; give 2, 0.5 or "3/5", '
            "in lists nested one level a player"
        )
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what}: {_clip(value)} is no list; nest one list a player")
    return value


def _labels(value: Any, what: str) -> list[str]:
    for label in _list(value, what):
        if not isinstance(label, str):
            raise ValueError(f"{what}: {_clip(label)} is no label; put it in quotes")
    return list(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"JSON: key {_clip(key)} is given twice; give it once")
        found[key] = value
    return found


def _float(text: str) -> float:
    value = float(text)
    if abs(value) > LARGEST:
        raise ValueError(f"{_clip(text)} is too large a payoff; use a smaller unit")
    return value


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"JSON: {text} is not a payoff; use a finite number")


def _number(text: str) -> Fraction:
    """The integer, ratio or decimal that ``text`` spells, exactly."""
    match = NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        raise ValueError(f"{_clip(text)} is not a number; write 2, 3/5, 0.1 or 1e-3")
    exponent = match["exponent"] or "0"
    if len(exponent) > 6 or abs(int(exponent)) > WIDEST or abs(value := Fraction(text)) > LARGEST:
        raise ValueError(f"{_clip(text)} is too large or small a payoff; use another unit")
    return value


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text):
        raise ValueError(f"{_clip(text)} is not a count; write 0, 1, 2, ...")
    return int(text)


def _unnamed(labels: tuple[str, ...], default: str) -> tuple[str, ...]:
    """``labels``; where several are empty, ``default`` and their number."""
    if labels.count("") < 2:
        return labels
    return tuple(label or f"{default}{k + 1}" for k, label in enumerate(labels))


def _check_players(n: int) -> None:
    if n > MOST_PLAYERS:
        raise ValueError(
            f'{n} players; a table holds at most {MOST_PLAYERS}, use {{"act", "wait"}} instead'
        )


def _built(build: Callable[[], T]) -> T:
    """The game ``build`` gives; what it objects to, in one line though labels may have several."""
    try:
        return build()
    except ValueError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _listed(names: set[str]) -> str:
    return ", ".join(map(repr, sorted(names)))


def _clip(value: Any) -> str:
    """``value`` in one short line."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    shown = str(value) if isinstance(value, Fraction) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def write_nfg(game: Game) -> str:
    """``game`` as the text of a ``.nfg`` file, payoff version.

    Fractions are written as ratios. Floats are written as the shortest decimal that tells them
    apart, which reads back as an exact number; its nearest float is the payoff. Raises ValueError
    for a label that ends in a backslash: in the format that escapes the closing quote.
    """
    if not isinstance(game, Game):
        raise TypeError(f"write_nfg: {type(game).__name__} is no table of payoffs; use to_json")
    players = " ".join(map(_quoted, game.players))
    actions = "\n".join(f"{{ {' '.join(map(_quoted, labels))} }}" for labels in game.actions)
    rows = np.moveaxis(game.payoffs, -1, 0).reshape(len(game.players), -1, order="F").T
    payoffs = "\n".join(" ".join(map(_written, row)) for row in rows)
    return f'NFG 1 R "" {{ {players} }}\n\n{{ {actions}\n}}\n\n{payoffs}\n'


def _written(x: Number) -> str:
    return str(x) if isinstance(x, Fraction) else repr(float(x))


def _quoted(label: str) -> str:
    if label.endswith("\\"):
        raise ValueError(f"label {label!r}: a .nfg label cannot end in a backslash; rename it")
    return '"' + label.replace('"', '\\"') + '"'


def to_json(game: Game | CountGame) -> str:
    """``game`` as a JSON object; :func:`read` gives the same game back, exact or float."""
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
    else:
        raise TypeError(f"to_json: {type(game).__name__} has no JSON form; give a Game")
    return json.dumps(data)


def _plain(value: Number | Sequence[Any]) -> Any:
    """Exact whole numbers as JSON integers, ratios as strings, floats as they are."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    return value if isinstance(value, float) else [_plain(v) for v in value]

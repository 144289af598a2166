"""``.efg`` files: a tree as Gambit writes it.

A file opens with ``EFG 2 R "title" { "Blue" "Red" }``; a quoted comment may follow. Then come the
nodes in preorder, each with a name in quotes. ``c`` is a move of chance: the number of the event,
its name and its outcomes with their chances. ``p`` is a player's move: the numbers of the player
and of the information set, its name and the actions. ``t`` is an end. Each closes with the number
of an outcome, its name and its payoffs; outcome 0 is none. What an event, an information set or an
outcome is stands where its number first occurs and may be left out later. Payoffs on a path add up.
Numbers are integers, ratios or decimals and all are exact: ``0.1`` is one tenth. Commas count as
spaces.
Source: The Gambit Project, "The extensive game (.efg) file format", gambitproject.readthedocs.io.

A tree knows its players, information sets and actions by label. What has none gets its number, and
labels that repeat get it after them: ``x_1``, ``x_2``. Names of nodes, events and outcomes are not
kept.

>>> print(read_efg('''EFG 2 R "Entry" { "Entrant" "Incumbent" }
... p "" 1 1 "" { "stay out" "enter" } 0
... t "" 1 "peace" { 0, 2 }
... p "" 2 1 "entry" { "fight" "yield" } 0
... t "" 2 "war" { -1, -1 }
... t "" 3 "" { 1/2, .5 }'''))
start: Entrant [1]
  stay out: 0, 2
  enter: Incumbent [entry]
    fight: -1, -1
    yield: 1/2, 1/2
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import add
from typing import NoReturn, TypeVar

from gametheory.game import Number, show
from gametheory.io._tokens import Tokens, quoted
from gametheory.io.numerals import built, clip, spelled, whole
from gametheory.tree import Chance, Move, Tree

K = TypeVar("K", bound=Hashable)
Payoffs = tuple[Fraction, ...]
Step = Move | Chance | Payoffs
Own = tuple[int, int, int] | None  # player, number of the information set, action; None: not yet


def read_efg(text: str) -> Tree:
    """The tree in the text of an ``.efg`` file, exact.

    Raises ValueError with the line at fault: for what the format does not allow, for a number of
    unequal actions, chances or payoffs in two places, for chances that do not add up to one, and
    for imperfect recall.
    """
    tokens = Tokens(text)
    if tokens.kind != "word" or tokens.value != "EFG":
        tokens.fail(f"{tokens.shown} where EFG is due; give an .efg file")
    tokens.take("word", "EFG")
    if tokens.take("word", "version 2") != "2":
        tokens.fail("only version 2 of the format is known; the file opens with EFG 2 R", back=1)
    if tokens.take("word", "R") not in ("R", "D"):
        tokens.fail("R or D is due after EFG 2", back=1)
    tokens.take("label", "title in quotes")
    players = _distinct(tokens.labels("players"), "Player ")
    if tokens.kind == "label":
        tokens.take("label", "comment")
    steps = iter(_Body(tokens, players).steps())
    return built(lambda: Tree.of(players, lambda history: next(steps)))  # which asks in preorder


def _apart(names: Mapping[K, str], number: Callable[[K], int], default: str = "") -> dict[K, str]:
    """``names`` made distinct: empty ones by their numbers, repeated ones with these after them."""
    full = {key: name or f"{default}{number(key)}" for key, name in names.items()}
    often = Counter(full.values())
    taken = {name for name, times in often.items() if times == 1}
    for key, name in full.items():
        if often[name] > 1:
            full[key] = f"{name}_{number(key)}"
            while full[key] in taken:
                full[key] += "_"
            taken.add(full[key])
    return full


def _distinct(names: tuple[str, ...], default: str = "") -> tuple[str, ...]:
    return tuple(_apart(dict(enumerate(names, 1)), lambda k: k, default).values())


@dataclass
class _Set:
    """An information set: its label, its actions and what its player did last before it."""

    label: str
    actions: tuple[str, ...]
    last: Own


@dataclass
class _Open:
    """A node some of whose children are still to come."""

    children: int
    key: tuple[int, int] | None
    paid: Payoffs
    last: tuple[Own, ...]
    done: int = 0

    def after(self) -> tuple[Own, ...]:
        """What each player did last, once the next move here is made."""
        if self.key is None:
            return self.last
        i, _ = self.key
        return (*self.last[:i], (*self.key, self.done - 1), *self.last[i + 1 :])


class _Body:
    """The nodes of a file, read in preorder."""

    def __init__(self, tokens: Tokens, players: tuple[str, ...]) -> None:
        self.tokens, self.players = tokens, players
        self.sets: dict[tuple[int, int], _Set] = {}
        self.events: dict[int, dict[str, Fraction]] = {}
        self.outcomes: dict[int, Payoffs] = {}
        self.on_path: set[tuple[int, int]] = set()
        self.place = 0  # of the node that is being read

    def steps(self) -> list[Step]:
        """What happens at each node."""
        found = list(self._nodes())
        names: dict[tuple[str, str], str] = {}
        for i, player in enumerate(self.players):
            mine = {key: s.label for key, s in self.sets.items() if key[0] == i}
            labels = _apart(mine, lambda key: key[1])
            names |= {(player, str(key[1])): label for key, label in labels.items()}
        return [
            replace(step, at=names[step.player, str(step.at)]) if isinstance(step, Move) else step
            for step in found
        ]

    def _nodes(self) -> Iterator[Step]:
        tokens = self.tokens
        n = len(self.players)
        path = [_Open(1, None, (Fraction(0),) * n, (None,) * n)]
        while path:
            above = path[-1]
            if above.done == above.children:
                path.pop()
                if above.key:
                    self.on_path.remove(above.key)
                continue
            above.done += 1
            self.place = tokens.place
            kind = tokens.take("word", "a node (c, p or t)")
            if kind not in ("c", "p", "t"):
                tokens.fail(f"{clip(kind)} where a node (c, p or t) is due", back=1)
            tokens.take("label", "name of the node in quotes")
            step: Step | None = None
            key, last = None, above.after()
            if kind == "c":
                step = Chance(self._event())
                children = len(step.chances)
            elif kind == "p":
                key = self._set(last)
                self.on_path.add(key)
                actions = self.sets[key].actions
                step = Move(self.players[key[0]], actions, str(key[1]))
                children = len(actions)
            outcome = self._outcome()
            paid = tuple(map(add, above.paid, outcome)) if outcome else above.paid
            yield step or paid
            if step:
                path.append(_Open(children, key, paid, last))
        if tokens.kind is not None:
            tokens.fail(f"{tokens.shown} after the last end of the tree; remove what is too much")

    def _event(self) -> dict[str, Fraction]:
        tokens = self.tokens
        number = self._number("the number of the event")
        if tokens.kind == "label":
            tokens.take("label", "name of the event")
        if tokens.kind != "open":
            if number not in self.events:
                self._fail(
                    f"event {number} has no outcomes so far; list them where it first occurs"
                )
            return self.events[number]
        tokens.take("open", "{ before the outcomes of chance")
        names, chances = [], []
        while tokens.kind == "label":
            names.append(tokens.take("label", "an outcome of chance"))
            chances.append(tokens.number(f"the chance of {clip(names[-1])}"))
        tokens.take("close", "} after the outcomes of chance and their chances")
        if not names:
            self._fail(f"event {number}: chance has no outcomes; give at least one")
        for name, p in zip(names, chances):
            if p < 0:
                self._fail(f"event {number}: chance of {clip(name)} is {show(p)}; give 0 to 1")
        if (total := sum(chances)) != 1:
            self._fail(
                f"event {number}: chances add up to {show(total)}; give some that add up to 1"
            )
        event = dict(zip(_distinct(tuple(names)), chances))
        known = self.events.setdefault(number, event)
        if list(known.items()) != list(event.items()):
            self._fail(f"event {number}: other outcomes or chances than before; give it the same")
        return event

    def _set(self, last: tuple[Own, ...]) -> tuple[int, int]:
        tokens = self.tokens
        player = self._number("the number of the player")
        if not 1 <= player <= len(self.players):
            tokens.fail(f"player {player} of {len(self.players)}; players count from 1", back=1)
        key = player - 1, self._number("the number of the information set")
        label = tokens.take("label", "name") if tokens.kind == "label" else None
        known = self.sets.get(key)
        if tokens.kind == "open":
            actions = _distinct(tokens.labels("actions"))
            if known and known.actions != actions:
                self._fail(
                    f"{self._name(key)}: actions ({', '.join(actions)}) here and "
                    f"({', '.join(known.actions)}) before; give all its nodes the same"
                )
            known = known or _Set(label or "", actions, last[key[0]])
            self.sets[key] = known
        elif not known:
            self._fail(f"{self._name(key)} has no actions so far; list them where it first occurs")
        if label and known.label and known.label != label:
            self._fail(
                f"{self._name(key)} is called {label!r} here; give it one name or one number"
            )
        known.label = known.label or label or ""
        if key in self.on_path:
            self._fail(f"{self._name(key)}: a path meets it twice (absent-mindedness)")
        if known.last != last[key[0]]:
            self._fail(
                f"{self._name(key)}: the player has forgotten a move of its own (no perfect "
                "recall); give nodes after different moves different numbers"
            )
        return key

    def _outcome(self) -> Payoffs | None:
        tokens = self.tokens
        number = self._number("the number of the outcome")
        if number == 0:
            if tokens.kind in ("label", "open"):
                tokens.fail("outcome 0 has no name and pays nothing; give it another number")
            return None
        if tokens.kind == "label":
            tokens.take("label", "name of the outcome")
        if tokens.kind != "open":
            if number not in self.outcomes:
                self._fail(
                    f"outcome {number} has no payoffs so far; list them where it first occurs"
                )
            return self.outcomes[number]
        tokens.take("open", "{ before the payoffs")
        n = len(self.players)
        paid = tuple(
            tokens.number(f"payoff of outcome {number} to player {i + 1}") for i in range(n)
        )
        tokens.take("close", f"}} after the {n} payoffs of outcome {number}")
        if self.outcomes.setdefault(number, paid) != paid:
            self._fail(f"outcome {number}: other payoffs than before; give it the same")
        return paid

    def _number(self, what: str) -> int:
        word = self.tokens.take("word", what)
        try:
            return whole(word)
        except ValueError as error:
            self.tokens.fail(f"{what}: {error}", back=1)

    def _name(self, key: tuple[int, int]) -> str:
        named = f" {self.sets[key].label!r}" if key in self.sets and self.sets[key].label else ""
        return f"{self.players[key[0]]}, information set {key[1]}{named}"

    def _fail(self, why: str) -> NoReturn:
        self.tokens.fail(why, at=self.place)


def write_efg(tree: Tree) -> str:
    """``tree`` as the text of an ``.efg`` file: one line a node, outcomes numbered by payoffs.

    Fractions are written as ratios. Floats are written as the shortest decimal that tells them
    apart, which reads back as an exact number; where such chances do not add up to one, the largest
    takes the rest. Raises ValueError for a label that is empty, which a file names by its number,
    or that ends in a backslash: in the format that escapes the closing quote.
    """
    numbers = [h + 1 for mine in tree.own for h in range(len(mine))]
    number_of = dict(zip((h for mine in tree.own for h in mine), numbers))
    outcomes: dict[tuple[str, ...], int] = {}
    lines, events = [], 0
    for node in tree.nodes:
        if node.set is not None:
            at = tree.sets[node.set]
            actions = " ".join(map(_named, at.actions))
            where = f"{at.player + 1} {number_of[node.set]} {_named(at.label)}"
            lines.append(f'p "" {where} {{ {actions} }} 0')
        elif node.chances:
            events += 1
            pairs = zip(map(_named, node.actions), _decimals(node.chances))
            sides = " ".join(f"{name} {p}" for name, p in pairs)
            lines.append(f'c "" {events} "" {{ {sides} }} 0')
        else:
            paid = tuple(map(spelled, node.payoffs))
            k = outcomes.setdefault(paid, len(outcomes) + 1)
            lines.append(f't "" {k} "{k}" {{ {", ".join(paid)} }}')
    players = " ".join(map(_named, tree.players))
    return "\n".join([f'EFG 2 R "" {{ {players} }}', "", *lines, ""])


def _named(label: str) -> str:
    if not label:
        raise ValueError("label '': a file names by its number what has no label; rename it")
    return quoted(label)


def _decimals(chances: Sequence[Number]) -> list[str]:
    """``chances`` as text that adds up to exactly one."""
    exact = [Fraction(spelled(p)) for p in chances]
    k = exact.index(max(exact))
    rest = 1 - sum(exact)
    return [
        spelled(p + rest) if j == k and rest else spelled(chances[j]) for j, p in enumerate(exact)
    ]

"""The tokens that ``.nfg`` and ``.efg`` files are made of: labels in quotes, braces, words.

Commas count as spaces. In a label a quote is escaped by a backslash. What is wrong is told with the
number of its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn, TypeVar

from gametheory.io.numerals import clip, number

T = TypeVar("T")

TOKEN = re.compile(
    r'"(?P<label>(?:[^"\\]|\\"?)*+)"|(?P<open>\{)|(?P<close>\})|(?P<word>[^\s{}",]+)|(?P<quote>")'
)


class Tokens:
    """The tokens of a text, read from left to right."""

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
        return "the end of the text" if self.kind is None else clip(self._all[self._next][0])

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
            return number(word)
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

    @property
    def place(self) -> int:
        """Of the next token, for :meth:`fail`."""
        return self._next

    def fail(self, why: str, back: int = 0, at: int | None = None) -> NoReturn:
        """Raises ValueError at the line of the next token, of the one ``back`` before it, or of
        the one whose place is ``at``.
        """
        k = self._next - back if at is None else at
        start = self._all[k].start() if k < len(self._all) else len(self._text.rstrip())
        raise ValueError(f"line {self._text.count(chr(10), 0, start) + 1}: {why}")


def unnamed(labels: tuple[str, ...], default: str) -> tuple[str, ...]:
    """``labels``; where several are empty, ``default`` and their number."""
    if labels.count("") < 2:
        return labels
    return tuple(label or f"{default}{k + 1}" for k, label in enumerate(labels))


def quoted(label: str) -> str:
    """``label`` as it stands in a file. Raises ValueError for one that ends in a backslash."""
    if label.endswith("\\"):
        raise ValueError(f"label {label!r}: in a file a label cannot end in a backslash; rename it")
    return '"' + label.replace('"', '\\"') + '"'

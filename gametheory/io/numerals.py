"""Numbers as text, exactly: what both kinds of file share.

Integers, ratios and decimals stand for themselves: ``0.1`` is one tenth. What a few characters can
ask for is bounded, since ``1e999999999`` would fill the memory.

>>> number("0.1"), number("-6/4"), spelled(number("-6/4"))
(Fraction(1, 10), Fraction(-3, 2), '-3/2')
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from gametheory.game import Number

T = TypeVar("T")

# One axis a player and one for the payoffs; numpy arrays have at most 64.
MOST_PLAYERS = 63
LARGEST = Fraction(sys.float_info.max)
LONGEST, WIDEST = 4000, 4000  # characters of a number, and the size of its exponent

NUMBER = re.compile(
    r"[+-]?(?:[0-9]+/0*[1-9][0-9]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?)"
)


def number(text: str) -> Fraction:
    """The integer, ratio or decimal that ``text`` spells, exactly. Raises ValueError."""
    match = NUMBER.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        raise ValueError(f"{clip(text)} is not a number; write 2, 3/5, 0.1 or 1e-3")
    exponent = match["exponent"] or "0"
    if len(exponent) > 6 or abs(int(exponent)) > WIDEST or abs(value := Fraction(text)) > LARGEST:
        raise ValueError(f"{clip(text)} is too large or small a payoff; use another unit")
    return value


def spelled(x: Number) -> str:
    """``x`` as :func:`number` reads it: a Fraction exactly, a float as its shortest decimal.

    Raises ValueError for a number too long or too large to be read.
    """
    if not isinstance(x, Fraction):
        return repr(float(x))
    if abs(x) > LARGEST:
        raise ValueError("a payoff is beyond 1.8e308; use a larger unit")
    short = max(abs(x.numerator), x.denominator).bit_length() <= 3 * LONGEST
    if not short or len(text := str(x)) > LONGEST:
        raise ValueError(
            f"a payoff near {float(x):.6g} takes more than the {LONGEST} characters of a number "
            "in a file; round it"
        )
    return text


def whole(text: str) -> int:
    """The count that ``text`` spells. Raises ValueError."""
    if not re.fullmatch("[0-9]{1,12}", text):
        raise ValueError(f"{clip(text)} is not a count; write 0, 1, 2, ...")
    return int(text)


def check_players(n: int) -> None:
    """Raises ValueError for more players than a table of payoffs holds."""
    if n > MOST_PLAYERS:
        raise ValueError(
            f'{n} players; a table holds at most {MOST_PLAYERS}, use {{"act", "wait"}} instead'
        )


def built(build: Callable[[], T]) -> T:
    """The game ``build`` gives; what it objects to, in one line though labels may have several."""
    try:
        return build()
    except ValueError as error:
        raise ValueError(" ".join(str(error).split())) from None


def clip(value: Any) -> str:
    """``value`` in one short line."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    shown = str(value) if isinstance(value, Fraction) else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."

r"""Games and equilibria as LaTeX tables: ``tabular``, without any package.

A game of two players is one table, the first in rows. Of more players, it is one table for each
choice of the third and later ones, who stand above it. Best replies are underlined, as in a
notebook; ``.replace(r"\underline", "")`` takes the lines out. Floats are shown to six digits: a
table is for people and does not read back.

>>> print(write_latex(Game([[1], [Fraction(-1, 2)]], ["R&D"], [["a", "b"]])))
\begin{tabular}{l|c}
R\&D &  \\
\hline
a & $\underline{1}$ \\
b & $-\frac{1}{2}$ \\
\end{tabular}
<BLANKLINE>
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from gametheory.bayesian import BayesianGame, BayesianProfile
from gametheory.count import CountGame
from gametheory.equilibrium import EquilibriumSet
from gametheory.game import Array, Game, Number, Profile, show

SPECIAL = {c: "\\" + c for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "[": "{[}",  # after the end of a row, these two would be its options
    "*": "{*}",
}
RULE = r"\hline"


def write_latex(thing: Game | CountGame | EquilibriumSet) -> str:
    """The payoff table of a game, or the table of its equilibria, as LaTeX text."""
    if isinstance(thing, Game):
        return _game(thing)
    if isinstance(thing, CountGame):
        return _count_game(thing)
    if isinstance(thing, EquilibriumSet):
        return _equilibria(thing)
    raise TypeError(f"latex: {type(thing).__name__} has no table; give a Game or its equilibria")


def _game(game: Game) -> str:
    """One table for each choice of the third and later players."""
    n = len(game.players)
    best = [
        game.payoffs[..., i] == game.payoffs[..., i].max(axis=i, keepdims=True) for i in range(n)
    ]
    rows, columns = game.actions[0], game.actions[1] if n > 1 else ("",)
    tables = []
    for rest in itertools.product(*map(range, game.shape[2:])):
        body = []
        for a, row in enumerate(rows):
            cells = []
            for b in range(len(columns)):
                at = (a, b, *rest)[:n]
                paid = zip(game.payoffs[at], (marks[at] for marks in best))
                cells.append(_math([_underlined(x) if u else _shown(x) for x, u in paid]))
            body.append([escaped(row), *cells])
        others = [
            f"{escaped(game.players[i])}: {escaped(game.actions[i][k])}"
            for i, k in enumerate(rest, 2)
        ]
        above = [_wide("; ".join(others), len(columns) + 1)] if others else []
        if n > 1:
            above += [["", *_wide(escaped(game.players[1]), len(columns))]]
        head = [escaped(game.players[0]), *map(escaped, columns)]
        tables.append(_tabular([*above, head], body, "l|" + "c" * len(columns)))
    return "\n\n".join(tables) + "\n"


def _count_game(game: CountGame) -> str:
    """One row for each number of others who act."""
    head = [f"others who {escaped(game.names[0])}", *map(escaped, game.names)]
    body = [
        [str(k), *(_math([_shown(x)]) for x in paid)]
        for k, paid in enumerate(zip(game.act, game.wait))
    ]
    return _tabular([head], body, "r|cc") + "\n"


def _equilibria(found: EquilibriumSet) -> str:
    """One row an equilibrium: mixtures, then payoffs; what the list covers stands below.

    A run of three or more players who are alike in every equilibrium has one column. Of a Bayesian
    game each type has its column, and its interim payoff.
    """
    players = found.game.players
    members = [_sides(e.profile) for e in found]
    if isinstance(found.game, BayesianGame):
        players = found.game.agents()

    def part(i: int) -> tuple[tuple[str, str], ...]:
        return tuple((_mixture(x[i]), _math([_shown(u[i])])) for x, u in members)

    parts = [part(i) for i in range(len(players))]
    heads, columns = [], []
    for _, run in itertools.groupby(range(len(parts)), key=parts.__getitem__):
        same = list(run)
        names = [escaped(players[i]) for i in same]
        together = len(same) > 2 and bool(members)
        heads += [rf"{names[0]} \ldots{{}} {names[-1]}"] if together else names
        columns += [parts[i] for i in (same[:1] if together else same)]
    body = [
        [str(k), *(c[k][0] for c in columns), *(c[k][1] for c in columns)]
        for k in range(len(members))
    ]
    m = len(columns)
    groups = ["", *_wide("mixtures", m), *_wide("payoffs", m)]
    table = _tabular([groups, ["", *heads, *heads]], body, f"r|{'c' * m}|{'c' * m}")
    return f"{table}\n\n{escaped(str(found.coverage))}\n"


def _sides(profile: Profile) -> tuple[Sequence[Array], Sequence[Number]]:
    """The mixtures and payoffs, of each type if there are any."""
    if isinstance(profile, BayesianProfile):
        return list(itertools.chain(*profile.mixtures)), list(itertools.chain(*profile.interim))
    return profile.mixtures, profile.payoffs


def _tabular(heads: Sequence[Sequence[str]], body: Sequence[Sequence[str]], columns: str) -> str:
    lines = [rf"\begin{{tabular}}{{{columns}}}"]
    lines += [" & ".join(cells) + r" \\" for cells in heads]
    lines += [RULE, *(" & ".join(cells) + r" \\" for cells in body), r"\end{tabular}"]
    return "\n".join(lines)


def _wide(text: str, columns: int) -> list[str]:
    """One cell over several columns."""
    return [rf"\multicolumn{{{columns}}}{{c}}{{{text}}}"]


def _mixture(x: Array) -> str:
    return f"$({', '.join(map(_shown, x))})$"


def _math(cells: Sequence[str]) -> str:
    return f"${', '.join(cells)}$"


def _underlined(x: Number) -> str:
    return rf"\underline{{{_shown(x)}}}"


def _shown(x: Number) -> str:
    """A number in mathematical mode: ``\\frac{1}{2}``, ``1.5 \\times 10^{-9}``."""
    if isinstance(x, Fraction) and x.denominator != 1:
        sign = "-" if x < 0 else ""
        return rf"{sign}\frac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    digits, _, exponent = show(x).partition("e")
    return rf"{digits} \times 10^{{{int(exponent)}}}" if exponent else digits


def escaped(label: str) -> str:
    """``label`` as LaTeX text that prints it, in one line."""
    return "".join(SPECIAL.get(c, c) for c in " ".join(label.split()))

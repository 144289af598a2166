"""Refinements of Nash equilibrium: which equilibria survive small mistakes, and which pay more.

An equilibrium is *strict* if each player's strategy is the only best reply. It is *perfect* if it
is the limit of completely mixed profiles to each of which every player's strategy is a best reply
(Selten 1975, Int. J. Game Theory 4: 25-55, after), and *proper* if these can be such that a worse
mistake is of a smaller order than a better one (Myerson 1978, Int. J. Game Theory 7: 73-80, after).
Strict implies proper, proper implies perfect, and every game has a proper equilibrium.

Of two players an equilibrium is perfect iff no strategy is weakly dominated by a mixture, and
proper iff lexicographic beliefs that respect preferences support it (:mod:`gametheory._perfect`,
:mod:`gametheory._proper`). Both are linear programs, solved exactly. Of three or more, trembles
are sought to the first order. A *regular* equilibrium, one that has an index, is proper whatever
the number of players (van Damme 1991, Stability and Perfection of Nash Equilibria, chapter 2,
after).

Floats are taken as :mod:`gametheory._judgement` says, so that a tie is a tie to the last bit.

>>> from gametheory.game import Game
>>> from gametheory.solvers import solve
>>> myerson = Game.from_payoffs([[1, 0, -9], [0, 0, -7], [-9, -7, -7]],
...                             [[1, 0, -9], [0, 0, -7], [-9, -7, -7]])
>>> refinements(solve(myerson))
        strict  perfect  proper  ess  index  level
  0     yes     yes      yes     yes  1      0      Player 1: (1, 0, 0); Player 2: (1, 0, 0)
  1     no      yes      no      no   0      1      Player 1: (0, 1, 0); Player 2: (0, 1, 0)
  2     no      no       no      no   0      2      Player 1: (0, 0, 1); Player 2: (0, 0, 1)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from gametheory._judgement import (
    NEAR,
    UNKNOWN,
    Exact,
    Judgement,
    exactly,
    form,
    in_integers,
    members,
)
from gametheory.count import CountGame
from gametheory.equilibrium import Equilibrium, EquilibriumSet
from gametheory.evolutionary import asymmetric, evolutionarily_stable, turn
from gametheory.game import Game, Profile
from gametheory.index import WHOLE, indices
from gametheory.payoff_dominance import pareto

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = 1 << 14
"""Action profiles of the others up to which dominance is looked for."""
TABLE = 8
"""Players of a CountGame up to which profiles that are not symmetric are looked at."""
REGULAR = "It is regular: it has an index."


def strict(e: Equilibrium) -> bool:
    """Whether each player's strategy in ``e`` is pure and the only best reply.

    Always decided, by comparing payoffs as they are given: exact. Raises ValueError where the game
    is neither a Game nor a CountGame. Cost: one action of each player against the others'.

    >>> from gametheory.solvers import solve
    >>> tie = Game.from_payoffs([[1, 0], [0, 0]], [[1, 0], [0, 0]])
    >>> [strict(e) for e in solve(tie)]
    [True, False]
    """
    game = form(e, "strict")
    played = e.profile.support
    if any(len(used) > 1 for used in played):
        return False
    if isinstance(game, CountGame):
        acts = [used == (0,) for used in played]
        others = [sum(acts) - own for own in acts]
        rows = [(game.act, game.wait) if own else (game.wait, game.act) for own in acts]
        return all(bool(kept[k] > left[k]) for (kept, left), k in zip(rows, others))
    where = [used[0] for used in played]
    for i, a in enumerate(where):
        line = np.moveaxis(game.payoffs[..., i], i, -1)[(*where[:i], *where[i + 1 :])]
        if (np.delete(line, a) >= line[a]).any():
            return False
    return True


def perfect(e: Equilibrium) -> Judgement:
    """Whether ``e`` is trembling-hand perfect, of the strategic form.

    Two players: decided. True brings a completely mixed mixture of the *other* player's actions for
    each player, to which his strategy is a best reply; False the mixture that weakly dominates a
    player's strategy, and an empty array for a player whose strategy is undominated.

    Three or more: True where ``e`` is strict, regular or completely mixed, or where trembles are
    found: then ``evidence[i]`` are rates, one an action of player ``i``: all strategies are best
    replies when each action is played by mistake at its rate times ``eps``, for all small ``eps``.
    False where a strategy is weakly dominated (evidence as above), or where all trembles break some
    tie of a pure profile the wrong way to the first order. None otherwise: mixed strategies with
    ties, trembles of different orders. In a CountGame, pure symmetric profiles are decided.

    None too for a float profile that stands for no known exact equilibrium. Raises ValueError for a
    game that is neither a Game nor a CountGame. Cost: one linear program a player.
    """
    game = form(e, "perfect")
    if isinstance(game, CountGame):
        return _perfect_count(e, game)
    at = exactly(e, game)
    if at is not None and len(game.players) == 2:
        return _undominated(game, at)
    if strict(e):
        return Judgement("perfect", True, "It is strict.")
    if e.index is not None:
        return Judgement("perfect", True, REGULAR)
    if at is not None and all((x > 0).all() for x in at.mixtures):
        return Judgement("perfect", True, "It is completely mixed.", at.mixtures)
    if game.payoffs.size <= COLUMNS * len(game.players):
        found = _undominated(game, at or _rounded(e, game))
        if found.holds is False:
            return found
    return _trembling(at)


def proper(e: Equilibrium) -> Judgement:
    """Whether ``e`` is proper: perfect by trembles of which a worse one is of a smaller order.

    Two players: decided but for a budget, some seconds, of linear programs. True brings a
    lexicographic belief about each player, shape ``(levels, m_player)``: with
    ``x^eps = sum of eps^k evidence[i][k]``, rescaled, every action that pays less than another has
    a chance of at most ``C eps`` times that one's, for some ``C``. False: no order in which the
    actions of both may appear has such beliefs. Evidence is empty where a theorem tells.

    Three or more: True where ``e`` is strict, regular or completely mixed; False where it is not
    perfect; with at most two actions a player, what :func:`perfect` says; None otherwise. Errors
    and None for floats as there.

    >>> from gametheory.solvers import solve
    >>> entry = Game.from_payoffs([[2, 2], [3, 1], [0, 0]], [[0, 0], [2, 1], [0, 1]])
    >>> [(e.profile.support, proper(e).holds) for e in solve(entry)]
    [(((0,), (0, 1)), False), (((0,), (1,)), False), (((1,), (0,)), True)]
    """
    game, first = form(e, "proper"), perfect(e)
    if first.holds is False:
        return Judgement("proper", False, f"It is not perfect: {first.because}", first.evidence)
    if strict(e):
        return Judgement("proper", True, "It is strict.")
    if e.index is not None:
        return Judgement("proper", True, REGULAR)
    if isinstance(game, CountGame) or max(game.shape) <= 2:
        why = "With two actions a player, proper is perfect."
        return Judgement("proper", first.holds, f"{why} {first.because}", first.evidence)
    at = exactly(e, game)
    if at is None:
        return Judgement("proper", None, UNKNOWN)
    if all((x > 0).all() for x in at.mixtures):
        return Judgement(
            "proper", True, "It is completely mixed.", tuple(x[None] for x in at.mixtures)
        )
    if len(game.players) > 2:
        return Judgement("proper", None, "Three players or more, with ties.")
    return _ordered(at)


def _ordered(at: Exact) -> Judgement:
    """Whether lexicographic beliefs of two players that respect preferences support ``at``."""
    from gametheory._proper import beliefs

    holds, evidence = beliefs(at)
    why = {
        True: "Lexicographic beliefs that respect preferences support it.",
        False: "No lexicographic beliefs that respect preferences support it.",
        None: "The budget of linear programs ended.",
    }[holds]
    return Judgement("proper", holds, why, evidence)


def _rounded(e: Equilibrium, game: Game) -> Exact:
    """The profile in rational numbers, without chances that are rounding of zero."""
    mixtures = []
    for x in e.mixtures:
        chances = [Fraction(p) if p > NEAR else Fraction(0) for p in x.tolist()]
        mixtures.append(np.array([p / sum(chances) for p in chances], dtype=object))
    return Exact(in_integers(game), tuple(mixtures))


def _undominated(game: Game, at: Exact) -> Judgement:
    """Whether each player's strategy is a best reply to a completely mixed belief."""
    from gametheory._perfect import belief, moved

    beliefs, better, losers = [], [], []
    for i, (table, x, used) in enumerate(zip(at.tables, at.mixtures, at.supports())):
        y, direction = belief(table.reshape(len(table), -1), used)
        if y is None:
            losers.append(game.players[i])
            better.append(moved(x, direction))
        else:
            beliefs.append(y)
            better.append(np.empty(0, dtype=object))
    if losers:
        why = f"A mixture weakly dominates the strategy of {' and '.join(losers)}."
        return Judgement("perfect", False, why, tuple(better))
    why = "Each strategy is a best reply to a completely mixed belief."
    return Judgement("perfect", True, why, tuple(beliefs))


def _trembling(at: Exact | None) -> Judgement:
    """Three players or more: whether trembles are found."""
    from gametheory._perfect import trembles

    if at is None:
        return Judgement("perfect", None, UNKNOWN)
    holds, directions = trembles(at)
    why = {
        True: "Trembles are found to which all strategies are best replies.",
        False: "All trembles, however small, break a tie the wrong way.",
        None: "No strategy is weakly dominated, and no trembles are found.",
    }[holds]
    return Judgement("perfect", holds, why, directions)


def _perfect_count(e: Equilibrium, game: CountGame) -> Judgement:
    """In a CountGame: by the gain from acting when few, or all but few, act."""
    if strict(e):
        return Judgement("perfect", True, "It is strict.")
    x = e.mixtures[0]
    if not _alike(e):
        if len(game.players) <= TABLE:
            return perfect(replace(e, profile=Profile(game.to_game(), e.mixtures)))
        return Judgement("perfect", None, "A profile that is not symmetric, of many players.")
    sign, order = turn(game, x)
    if x[0] > 0 and x[1] > 0:
        if order is None or order == 0:
            return Judgement("perfect", None, "Rounding hides whether it is completely mixed.")
        return Judgement("perfect", True, "It is completely mixed.")
    assert order is not None
    if order < 0:
        return Judgement("perfect", True, "Acting and waiting always pay the same.")
    if x[0] == 0:
        return Judgement("perfect", sign < 0, "The gain from acting when few act decides.")
    return Judgement("perfect", sign * (-1) ** order > 0, "The gain when few wait decides.")


@dataclass(frozen=True, eq=False, repr=False)
class Refinements:
    """One row an equilibrium of ``found``, in its order; printed as a table.

    ``strict`` is decided; ``perfect``, ``proper`` and ``ess`` (an evolutionarily stable strategy)
    are None where that is not decided, ``ess`` also where the game or the profile is not symmetric.
    ``index`` is that of the *component* of the equilibrium, None where it is not known. ``level``
    is 0 if no other member of the list Pareto dominates it, 1 if only members of level 0 do, and so
    on: other outcomes of the game may pay all more.
    """

    found: EquilibriumSet
    strict: tuple[bool, ...]
    perfect: tuple[bool | None, ...]
    proper: tuple[bool | None, ...]
    ess: tuple[bool | None, ...]
    index: tuple[int | None, ...]
    level: tuple[int, ...]

    @property
    def columns(self) -> dict[str, tuple[bool | int | None, ...]]:
        """The criteria by name, each with a value an equilibrium."""
        return {
            "strict": self.strict,
            "perfect": self.perfect,
            "proper": self.proper,
            "ess": self.ess,
            "index": self.index,
            "level": self.level,
        }

    def to_frame(self) -> pd.DataFrame:
        """The table, one row an equilibrium."""
        import pandas as pd

        columns = {name: pd.Series(v, dtype=object) for name, v in self.columns.items()}
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        """A row an equilibrium; ``-`` where a criterion is not decided or does not apply."""
        columns = self.columns
        lines = ["        " + "  ".join(columns)]
        for k, e in enumerate(self.found):
            cells = "  ".join(_cell(v[k]).ljust(len(name)) for name, v in columns.items())
            lines.append(f"  {k:<4}  {cells}  {repr(e)[12:-1]}")
        return "\n".join(lines)


def _cell(value: bool | int | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def refinements(found: EquilibriumSet) -> Refinements:
    """What each equilibrium of ``found`` survives: one row each.

    The columns are :func:`strict`, :func:`perfect`, :func:`proper`,
    :func:`~gametheory.evolutionary.evolutionarily_stable`, the component's index
    (:func:`~gametheory.index.indices`) and
    :func:`~gametheory.payoff_dominance.pareto`; each says what it promises. Raises
    ValueError for a game that is neither a Game nor a CountGame. Cost: mostly :func:`proper`.
    """
    game = members(found, "refinements").game
    symmetric = isinstance(game, CountGame) or (isinstance(game, Game) and not asymmetric(game))
    index: list[int | None] = [e.index for e in found]
    if isinstance(game, Game) and found.components and found.coverage in WHOLE:
        for part, sign in zip(found.components, indices(found)):
            for k in part:
                index[k] = sign
    return Refinements(
        found,
        tuple(strict(e) for e in found),
        tuple(perfect(e).holds for e in found),
        tuple(proper(e).holds for e in found),
        tuple(evolutionarily_stable(e).holds if symmetric and _alike(e) else None for e in found),
        tuple(index),
        pareto(found).levels,
    )


def _alike(e: Equilibrium) -> bool:
    """Whether all players mix alike, floats up to rounding."""
    first = e.mixtures[0]
    return all(
        x is first or bool((abs(x - first).astype(np.float64) <= NEAR).all()) for x in e.mixtures
    )

"""Bayesian games: finitely many players, types and actions, and any common prior.

Nature draws a type profile ``t = (t_0, ..., t_{n-1})`` with chance ``p(t)``; player ``i`` sees his
own ``t_i`` alone and chooses an action; payoffs ``u_i(t, a)`` depend on all types and all actions
(Harsanyi 1967-68, Management Science 14). A strategy is a mixture a type, ``x_i(a_i | t_i)``. What
type ``t_i`` expects of action ``a_i`` is the *interim* payoff

    U_i(a_i | t_i) = sum_{t_-i} p(t_-i | t_i) sum_{a_-i} u_i(t, a) prod_{j != i} x_j(a_j | t_j),

and a profile is a Bayes-Nash equilibrium iff each type plays best replies only. Types may be
correlated. The *agent form* has a player for each type (Selten's game, in Harsanyi's words); the
*induced form* has an action for each plan, which names an action for each type.

A state is resolute or weak, which its rival cannot see. It threatens or backs down; the rival
yields to a threat or resists. Resisted, the resolute fight and the weak lose face:

>>> def crisis(types, actions):
...     (state, _), (threat, reply) = types, actions
...     if threat == "back down":
...         return 0, 1
...     if reply == "yield":
...         return 1, 0
...     return (Fraction(1, 2), -2) if state == "resolute" else (-1, 2)
>>> game = BayesianGame.of(
...     {"State": ["resolute", "weak"], "Rival": ["any"]},
...     {"State": ["threaten", "back down"], "Rival": ["yield", "resist"]},
...     {"State": [Fraction(1, 3), Fraction(2, 3)], "Rival": [1]},
...     crisis,
... )
>>> game
BayesianGame(State (resolute, weak): threaten, back down; Rival (any): yield, resist; exact)
>>> half = [Fraction(1, 2), Fraction(1, 2)]
>>> play = BayesianProfile(game, [[[1, 0], half], [half]])  # the weak bluff every second time
>>> play
BayesianProfile(State: resolute (1, 0), weak (1/2, 1/2); Rival: (1/2, 1/2))
>>> [x.tolist() for x in play.interim]
[[Fraction(3, 4), Fraction(0, 1)], [Fraction(1, 3)]]
>>> play.payoffs
(Fraction(1, 4), Fraction(1, 3))
"""

from __future__ import annotations

import functools
import html
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory.game import (
    SUM,
    Array,
    Game,
    Number,
    Profile,
    freeze,
    labels,
    numbers,
    probabilities,
    show,
)

if TYPE_CHECKING:
    from gametheory.tree import Tree

LARGEST = 20_000_000
"""Payoffs of the largest agent or induced form that is built."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class BayesianGame:
    """A game of incomplete information with labelled players, types and actions.

    ``payoffs`` has shape ``(T_0, ..., T_{n-1}, m_0, ..., m_{n-1}, n)``: an axis a player for types,
    then one a player for actions, then what each gets. ``prior`` has shape ``(T_0, ..., T_{n-1})``:
    the chance of each type profile. All types of a player have the same actions. Exact where all
    payoffs and chances are rational, else floats; of type profiles with chance zero the payoffs do
    not matter.

    Raises ValueError for shapes that do not fit, payoffs that are not finite numbers, a prior that
    is not one, a type of chance zero, and labels that do not fit.
    """

    payoffs: Array
    prior: Array
    players: tuple[str, ...]
    types: tuple[tuple[str, ...], ...]
    actions: tuple[tuple[str, ...], ...]

    def __init__(
        self,
        payoffs: ArrayLike,
        prior: ArrayLike,
        players: Iterable[object] = (),
        types: Iterable[Iterable[object]] = (),
        actions: Iterable[Iterable[object]] = (),
    ) -> None:
        table, chances = numbers(payoffs, "payoffs"), numbers(prior, "prior")
        n = chances.ndim
        if n < 1 or table.ndim != 2 * n + 1 or table.shape[-1] != n:
            raise ValueError(
                f"payoffs: shape {table.shape} with a prior of shape {chances.shape}; give an axis "
                "a player for types, one a player for actions, and a last one a player for payoffs"
            )
        if table.shape[:n] != chances.shape:
            raise ValueError(
                f"prior: shape {chances.shape} for payoffs to types of shape {table.shape[:n]}; "
                "give the chance of each type profile"
            )
        if table.dtype != chances.dtype:
            table, chances = (freeze(u.astype(np.float64)) for u in (table, chances))
        named = labels(tuple(players) or None, n, "Player ", "players")
        kinds, choices = (tuple(given) or (None,) * n for given in (types, actions))
        for what, given in (("types", kinds), ("actions", choices)):
            if len(given) != n:
                raise ValueError(f"{what}: {len(given)} lists of labels for {n} players")
        values = {
            "payoffs": table,
            "prior": chances,
            "players": named,
            "types": tuple(
                labels(t, T, "", f"types of {p}") for t, T, p in zip(kinds, chances.shape, named)
            ),
            "actions": tuple(
                labels(a, m, "", f"actions of {p}")
                for a, m, p in zip(choices, table.shape[n:-1], named)
            ),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check_prior()
        try:
            with np.errstate(over="raise"):
                _ = self.spans
        except (FloatingPointError, OverflowError):
            raise ValueError(
                "payoffs: the largest less the smallest is beyond 1.8e308; rescale them"
            ) from None

    def _check_prior(self) -> None:
        off = abs(self.prior.sum() - 1)
        if (self.prior < 0).any() or (off != 0 if self.exact else off > SUM):
            raise ValueError(
                f"prior: chances from {show(self.prior.min())} that add up to "
                f"{show(self.prior.sum())}; they must be at least 0 and add up to 1"
            )
        for player, names, chances in zip(self.players, self.types, self.marginals):
            for name, chance in zip(names, chances):
                if chance == 0:
                    raise ValueError(f"prior: type {name} of {player} has chance 0; leave it out")

    @staticmethod
    def of(
        types: Mapping[str, Iterable[object]],
        actions: Mapping[str, Iterable[object]],
        prior: ArrayLike | Mapping[Any, Any],
        rule: Callable[[tuple[Any, ...], tuple[Any, ...]], Sequence[Number]],
    ) -> BayesianGame:
        """The game in which ``rule(types, actions)``, of two tuples, gives the payoffs.

        ``prior`` is an array, the chance of each type profile; or a mapping from type profiles
        (tuples; those left out have chance 0); or, for independent types, a mapping from each
        player to the chances of his types, in order or by type. The rule is not asked about type
        profiles of chance 0.

        >>> game = BayesianGame.of({"A": [1, 2], "B": [3]}, {"A": "xy", "B": "z"},
        ...                        {(1, 3): 0.25, (2, 3): 0.75}, lambda t, a: (t[0], t[0] * t[1]))
        >>> game.prior[:, 0].tolist(), game.payoffs[1, 0, 0, 0].tolist()
        ([0.25, 0.75], [2.0, 6.0])
        """
        kinds = {player: list(given) for player, given in types.items()}
        choices = {player: list(given) for player, given in actions.items()}
        if list(kinds) != list(choices) or not kinds:
            raise ValueError(f"players: {list(kinds)} have types, {list(choices)} actions")
        for what, sides in (("types", kinds), ("actions", choices)):
            if [] in sides.values():
                raise ValueError(f"{what}: {sides} leaves a player without {what}")
        chances = _prior(kinds, prior)
        shape = chances.shape + tuple(map(len, choices.values()))
        if len(shape) != 2 * len(kinds):
            raise ValueError(f"prior: shape {chances.shape} for {len(kinds)} players")
        table = np.full((*shape, len(kinds)), 0, dtype=object)
        for where, t in zip(np.ndindex(chances.shape), itertools.product(*kinds.values())):
            if not chances[where]:
                continue
            for k, a in zip(np.ndindex(shape[len(kinds) :]), itertools.product(*choices.values())):
                row = tuple(rule(t, a))
                if len(row) != len(kinds):
                    raise ValueError(f"rule{t, a}: {len(row)} payoffs for {len(kinds)} players")
                table[where + k] = row
        return BayesianGame(table, chances, kinds, kinds.values(), choices.values())

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of actions of each player, ``(m_0, ..., m_{n-1})``."""
        return self.payoffs.shape[len(self.players) : -1]

    @property
    def exact(self) -> bool:
        """Whether payoffs and chances are rational numbers held exactly."""
        return self.payoffs.dtype == object

    @functools.cached_property
    def marginals(self) -> tuple[Array, ...]:
        """Chance of each type of each player, shapes ``(T_i,)``."""
        n = len(self.players)
        sides = (tuple(j for j in range(n) if j != i) for i in range(n))
        return tuple(freeze(np.array(self.prior.sum(axis=axes))) for axes in sides)

    @functools.cached_property
    def spans(self) -> tuple[Array, ...]:
        """How far apart the interim payoffs of each type can be, shapes ``(T_i,)``, floats."""
        return tuple(freeze(span.astype(np.float64)) for _, _, span in self._above)

    @functools.cached_property
    def ranges(self) -> Array:
        """The same of each player before he knows his type, shape ``(n,)``, floats."""
        sides = zip(self.marginals, self._above)
        return freeze(np.array([(p * span).sum() for p, (_, _, span) in sides], dtype=np.float64))

    @property
    def scale(self) -> float:
        """The unit of tolerances: the widest range of any type."""
        return max(float(span.max()) for span in self.spans)

    @functools.cached_property
    def floors(self) -> Array:
        """What each player is sure of: the least payoff of a type profile, expected; ``(n,)``."""
        sides = zip(self.marginals, self._above)
        return freeze(np.array([(p * floor).sum() for p, (_, floor, _) in sides]))

    @functools.cached_property
    def _above(self) -> list[tuple[Array, Array, Array]]:
        """For each player: payoffs above the least, times the chance of the others' types.

        Own type and own action first, then others' types, then their actions. The least payoff is
        that of the type profile. Second, its expectation to each type; third, the type's range.
        """
        n, found = len(self.players), []
        zero = 0 * self.prior.flat[0]
        actions = tuple(range(n, 2 * n))
        for i in range(n):
            others = [j for j in range(n) if j != i]
            own = self.marginals[i].reshape([-1 if j == i else 1 for j in range(n)])
            given = self.prior / own
            table = self.payoffs[..., i]
            floor = np.where(given > 0, table.min(axis=actions), zero)
            wide = (*given.shape, *(1,) * n)
            above = (table - floor.reshape(wide)) * given.reshape(wide)
            axes = [i, n + i, *others, *(n + j for j in others)]
            above = np.ascontiguousarray(above.transpose(axes))
            rest = tuple(range(2, n + 1))
            high = above.max(axis=tuple(range(n + 1, 2 * n))).sum(axis=rest).max(axis=1)
            low = above.min(axis=tuple(range(n + 1, 2 * n))).sum(axis=rest).min(axis=1)
            expected = (given * floor).sum(axis=tuple(others))
            found.append((freeze(above), expected, high - low))
        return found

    def alike(self, mixtures: Sequence[Array]) -> Sequence[int]:
        """For each player, the first player who is sure to face the same payoffs: himself."""
        return range(len(mixtures))

    def gains(self, mixtures: Sequence[Array], player: int) -> Array:
        """Interim payoff of each action of each type of ``player``, less what the type is sure of.

        ``mixtures[j]`` has shape ``(T_j, m_j)``, the result ``(T_player, m_player)``. Fractions if
        the game and the mixtures are exact, else floats. Cost: the size of the payoff array.
        """
        table, _, _ = self._above[player]
        exact = self.exact and all(x.dtype == object for x in mixtures)
        table = table if exact else table.astype(np.float64, copy=False)
        others = [x for j, x in enumerate(mixtures) if j != player]
        for left in range(len(others), 0, -1):
            x = others[left - 1] if exact else others[left - 1].astype(np.float64, copy=False)
            table = np.tensordot(table, x, axes=((1 + left, 1 + 2 * left), (0, 1)))
        return table

    def agents(self) -> tuple[str, ...]:
        """A label for each type of each player, in order: ``"player: type"``."""
        return tuple(
            f"{player}: {name}" for player, names in zip(self.players, self.types) for name in names
        )

    def agent_form(self) -> Game:
        """The game in which each type is a player, paid what the type expects.

        Raises ValueError where it has more than 20 million payoffs.
        """
        n, T = len(self.players), self.prior.shape
        starts = np.cumsum([0, *T]).tolist()
        side = [i for i in range(n) for _ in range(T[i])]
        shape = tuple(self.shape[i] for i in side)
        self._check_size("agent form", math.prod(shape) * len(side))
        table = np.full((*shape, len(side)), 0 * self.payoffs.flat[0])
        for t in np.ndindex(T):
            if not self.prior[t]:
                continue
            drawn = [starts[i] + t[i] for i in range(n)]
            dims = [m if k in drawn else 1 for k, m in enumerate(shape)]
            for i, agent in enumerate(drawn):
                chance = self.prior[t] / self.marginals[i][t[i]]
                table[..., agent] += (chance * self.payoffs[t][..., i]).reshape(dims)
        return Game(table, self.agents(), [self.actions[i] for i in side])

    def induced(self) -> Game:
        """The strategic form: an action is a plan, an action for each type; payoffs are ex ante.

        Plans are in lexicographic order and named by actions: ``"in, out"`` is "in" of the first
        type and "out" of the second. Raises ValueError where it has more than 20 million payoffs.
        """
        n, T = len(self.players), self.prior.shape
        counts = [m**k for m, k in zip(self.shape, T)]
        self._check_size("induced form", math.prod(counts) * n)
        plans = [list(itertools.product(range(m), repeat=k)) for m, k in zip(self.shape, T)]
        table = np.full((*counts, n), 0 * self.payoffs.flat[0])
        for t in np.ndindex(T):
            if self.prior[t]:
                chosen = [[plan[t[i]] for plan in plans[i]] for i in range(n)]
                table += self.prior[t] * self.payoffs[t][np.ix_(*chosen)]
        names = [
            [", ".join(self.actions[i][a] for a in plan) for plan in plans[i]] for i in range(n)
        ]
        return Game(table, self.players, names)

    def to_tree(self) -> Tree:
        """The tree in which chance draws the types, and players move knowing their own, in order.

        The information set of a type has its name. Type profiles of chance 0 are left out.

        >>> game = BayesianGame([[[[[1, 2]]]], [[[[3, 4]]]]], [[0.5], [0.5]])
        >>> [node.history for node in game.to_tree().nodes if not node.children]
        [('1, 1', '1', '1'), ('2, 1', '1', '1')]
        """
        from gametheory.tree import Tree, chance, move

        n, types = len(self.players), list(itertools.product(*self.types))
        drawn = {
            ", ".join(names): t
            for names, t in zip(types, np.ndindex(self.prior.shape))
            if self.prior[t]
        }
        chances = self.prior.ravel().tolist()
        draws = chance({", ".join(names): p for names, p in zip(types, chances) if p})

        def rule(history: tuple[str, ...]) -> Any:
            if not history:
                return draws
            t, k = drawn[history[0]], len(history) - 1
            if k < n:
                return move(self.players[k], *self.actions[k], at=self.types[k][t[k]])
            a = tuple(names.index(taken) for names, taken in zip(self.actions, history[1:]))
            return self.payoffs[(*t, *a)].tolist()

        return Tree.of(self.players, rule)

    def _check_size(self, what: str, size: int) -> None:
        if size > LARGEST:
            raise ValueError(
                f"{what}: {size:,} payoffs for {self!r}, more than {LARGEST:,}; "
                "two players are solved without it"
            )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, BayesianGame)
            and (self.players, self.types, self.actions, self.exact)
            == (other.players, other.types, other.actions, other.exact)
            and bool(np.array_equal(self.prior, other.prior))
            and bool(np.array_equal(self.payoffs, other.payoffs))
        )

    def __hash__(self) -> int:
        return hash((self.players, self.types, self.actions, tuple(self.prior.flat)))

    def __repr__(self) -> str:
        sides = "; ".join(
            f"{p} ({', '.join(t)}): {', '.join(a)}"
            for p, t, a in zip(self.players, self.types, self.actions)
        )
        return f"BayesianGame({sides}; {'exact' if self.exact else 'float'})"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"


def _prior(types: Mapping[str, list[Any]], given: ArrayLike | Mapping[Any, Any]) -> Array:
    """The chance of each type profile; see :meth:`BayesianGame.of`."""
    if not isinstance(given, Mapping):
        return numbers(given, "prior")
    shape = tuple(map(len, types.values()))
    if set(given) == set(types):
        joint = np.array(1, dtype=object)
        for player, names in types.items():
            side = given[player]
            if isinstance(side, Mapping):
                if set(side) - set(names):
                    raise ValueError(f"prior: {set(side) - set(names)} are no types of {player}")
                side = [side.get(name, 0) for name in names]
            row = probabilities(side, len(names), f"prior of {player}")
            joint = np.multiply.outer(joint, row)
        return joint
    table = np.full(shape, 0, dtype=object)
    places = {t: where for where, t in zip(np.ndindex(shape), itertools.product(*types.values()))}
    for t, chance in given.items():
        if t not in places:
            raise ValueError(
                f"prior: {t!r} is no type profile; give tuples of types in the order of "
                f"{list(types)}, or the chances of each player's types by player"
            )
        table[places[t]] = chance
    return numbers(table, "prior")


@dataclass(frozen=True, eq=False, repr=False, init=False)
class BayesianProfile(Profile):
    """A strategy profile of a Bayesian game: one probability vector for each type of each player.

    ``mixtures[i]`` has shape ``(T_i, m_i)``. Exact (Fractions) where all entries of a player are
    rational, else floats. Raises ValueError naming the type otherwise.
    """

    game: BayesianGame
    mixtures: tuple[Array, ...]

    def __init__(self, game: BayesianGame, mixtures: Iterable[Iterable[ArrayLike]]) -> None:
        given = [list(side) for side in mixtures]
        if len(given) != len(game.players):
            raise ValueError(
                f"profile: {len(given)} strategies for {len(game.players)} players; "
                "give each player a probability vector a type"
            )
        checked = []
        for player, names, rows, m in zip(game.players, game.types, given, game.shape):
            if len(rows) != len(names):
                raise ValueError(f"{player}: {len(rows)} mixtures for {len(names)} types")
            sides = [probabilities(x, m, f"{player}: {name}") for x, name in zip(rows, names)]
            exact = all(x.dtype == object for x in sides)
            checked.append(freeze(np.array(sides, dtype=object if exact else np.float64)))
        object.__setattr__(self, "game", game)
        object.__setattr__(self, "mixtures", tuple(checked))

    @staticmethod
    def pure(game: BayesianGame, actions: Sequence[Sequence[int]]) -> BayesianProfile:  # type: ignore[override]
        """The profile in which type ``t`` of player ``i`` plays the action ``actions[i][t]``."""
        return BayesianProfile(
            game,
            [
                [[int(k == a) for k in range(m)] for a in plan]
                for plan, m in zip(actions, game.shape)
            ],
        )

    def action_payoffs(self, player: int) -> Array:
        """Interim payoff of each action of each type, shape ``(T_player, m_player)``."""
        gains, (_, floor, _) = self.gains(player), self.game._above[player]
        if gains.dtype != object:
            floor = floor.astype(np.float64)
        return np.asarray(gains + floor[:, np.newaxis])

    @functools.cached_property
    def interim(self) -> tuple[Array, ...]:
        """What each type of each player expects, shapes ``(T_i,)``."""
        found = []
        for i, x in enumerate(self.mixtures):
            pays = self.action_payoffs(i)
            found.append(freeze(np.asarray((x.astype(pays.dtype) * pays).sum(axis=1))))
        return tuple(found)

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """What each player expects before he knows his type."""
        sides = [(p * u).sum() for p, u in zip(self.game.marginals, self.interim)]
        return tuple(u if isinstance(u, Fraction) else float(u) for u in sides)

    @property
    def support(self) -> tuple[tuple[tuple[int, ...], ...], ...]:  # type: ignore[override]
        """Indices of the actions that each type of each player plays with positive probability."""
        return tuple(
            tuple(tuple(np.flatnonzero(row > 0).tolist()) for row in x) for x in self.mixtures
        )

    @property
    def plan(self) -> dict[str, dict[str, Array]]:
        """The mixture of each type, by player and type."""
        sides = zip(self.game.players, self.game.types, self.mixtures)
        return {player: dict(zip(names, x)) for player, names, x in sides}

    def row(self) -> dict[tuple[str, str], Number]:
        """Chances and interim payoffs by type and action, ex-ante payoffs by player."""
        found: dict[tuple[str, str], Number] = {}
        sides = zip(self.game.players, self.game.types, self.game.actions)
        for (player, types, actions), X, U in zip(sides, self.mixtures, self.interim):
            for name, x, u in zip(types, X, U):
                agent = f"{player}: {name}"
                found |= {(agent, action): p for action, p in zip(actions, x)}
                found[agent, "payoff"] = u
        return found | {(p, "payoff"): u for p, u in zip(self.game.players, self.payoffs)}

    def __hash__(self) -> int:
        return hash(tuple(tuple(x.flat) for x in self.mixtures))

    def __repr__(self) -> str:
        sides = []
        for player, names, x in zip(self.game.players, self.game.types, self.mixtures):
            told = [f"({', '.join(map(show, row))})" for row in x]
            if len(names) > 1:
                told = [f"{name} {row}" for name, row in zip(names, told)]
            sides.append(f"{player}: {', '.join(told)}")
        return f"BayesianProfile({'; '.join(sides)})"

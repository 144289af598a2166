"""Behaviour strategies in a tree: what they lead to, what they are worth, what proves them Nash.

A behaviour profile is one mixture at each information set. It gives each node the chance to be
reached, and by Bayes' rule a belief at each information set that is reached at all.

:func:`certify_behaviour` computes what each player could gain by another strategy, by backward
induction over the player's own information sets against the chances of all others. It shares no
code with any solver; where tree and profile are exact, so is the certificate.

>>> from gametheory.tree import Tree, move
>>> entry = Tree.of(["Entrant", "Incumbent"], lambda h: {
...     (): move("Entrant", "stay out", "enter"),
...     ("stay out",): (0, 2),
...     ("enter",): move("Incumbent", "fight", "yield", at="entry"),
...     ("enter", "fight"): (-1, -1),
...     ("enter", "yield"): (1, 1)}[h])
>>> threat = Behaviour.pure(entry, {"Entrant": {"start": "stay out"},
...                                 "Incumbent": {"entry": "fight"}})
>>> certify_behaviour(threat)
BehaviourCertificate(nash, regret 0, exact)
>>> print(threat.beliefs[1])
None
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from gametheory.equilibrium import CertificateError, Component, Coverage, InRanges, Listed
from gametheory.game import Array, Number, freeze, probabilities, show
from gametheory.strategic import plans
from gametheory.tree import Tree

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Behaviour:
    """A behaviour profile: one probability vector an information set, in the order of the tree.

    ``mixtures[h]`` has a chance for each action at ``tree.sets[h]``. Exact (Fractions) where every
    entry is rational. Raises ValueError naming the player and the information set otherwise.
    """

    tree: Tree
    mixtures: tuple[Array, ...]

    def __init__(self, tree: Tree, mixtures: Iterable[ArrayLike]) -> None:
        given = tuple(mixtures)
        if len(given) != len(tree.sets):
            raise ValueError(
                f"behaviour: {len(given)} mixtures for {len(tree.sets)} information sets; "
                "give one each"
            )
        known: dict[tuple[int, int], Array] = {}  # large trees repeat a few vectors
        checked = []
        for s, x in zip(tree.sets, given):
            key = id(x), len(s.actions)
            if key not in known:
                who = f"{tree.players[s.player]} at {s.label!r}"
                known[key] = probabilities(x, len(s.actions), who)
            checked.append(known[key])
        object.__setattr__(self, "tree", tree)
        object.__setattr__(self, "mixtures", tuple(checked))

    @classmethod
    def pure(cls, tree: Tree, plan: Mapping[str, Mapping[str, str]]) -> Self:
        """The profile in which each player does ``plan[player][label]`` at each information set."""
        mixtures: list[ArrayLike] = []
        for s in tree.sets:
            player = tree.players[s.player]
            action = plan.get(player, {}).get(s.label)
            if action not in s.actions:
                raise ValueError(
                    f"{player} at {s.label!r}: {action!r} is no action; "
                    f"use one of {', '.join(s.actions)}"
                )
            mixtures.append(_vector([Fraction(int(a == action)) for a in s.actions]))
        return cls(tree, mixtures)

    @classmethod
    def of_mixed(cls, tree: Tree, mixtures: Iterable[ArrayLike]) -> Self:
        """The behaviour worth the same as these mixtures of the strategies of ``tree.strategic()``.

        Each move gets the chance that it is in the plan, given that the player's own moves before
        are (Kuhn 1953). Where these have no chance all actions get the same. Raises ValueError
        naming the player for what is no mixture.
        """
        given = tuple(mixtures)
        ways = plans(tree)
        if len(given) != len(ways):
            raise ValueError(f"behaviour: {len(given)} mixtures for {len(ways)} players")
        found: list[ArrayLike] = [()] * len(tree.sets)
        for player, mine, plan, x in zip(tree.players, tree.own, ways, given):
            mixture = probabilities(x, len(plan), player).tolist()
            chance: dict[tuple[int, int] | None, Number] = {}
            for way, p in zip(plan, mixture):
                for move in way.items():
                    chance[move] = chance.get(move, p * 0) + p
            for h in mine:
                moves = [chance[h, a] for a in range(len(tree.sets[h].actions))]
                total = sum(moves)
                even = [Fraction(1, len(moves))] * len(moves)
                found[h] = _vector([p / total for p in moves] if total else even)
        return cls(tree, found)

    def mixed(self) -> tuple[Array, ...]:
        """The chance of each strategy of ``tree.strategic()``, a vector a player: :meth:`of_mixed`
        gives the behaviour back wherever own moves lead.
        """
        one = Fraction(1)
        return tuple(
            _vector(
                [
                    math.prod((self.mixtures[h][a] for h, a in way.items()), start=one)
                    for way in plan
                ]
            )
            for plan in plans(self.tree)
        )

    @cached_property
    def exact(self) -> bool:
        """Whether the tree and every chance is held exactly."""
        return self.tree.exact and all(x.dtype == object for x in self.mixtures)

    @cached_property
    def steps(self) -> tuple[tuple[Number, ...], ...]:
        """The chance of each move at each node; empty at the ends."""
        by_set = [tuple(x.tolist()) for x in self.mixtures]
        return tuple(
            node.chances if node.set is None else by_set[node.set] for node in self.tree.nodes
        )

    @cached_property
    def reach(self) -> tuple[Number, ...]:
        """The chance that each node is reached."""
        return self.weights(None)

    def weights(self, player: int | None) -> tuple[Number, ...]:
        """The chance that each node is reached if ``player`` does all it can to reach it."""
        zero, one = (Fraction(0), Fraction(1)) if self.exact else (0.0, 1.0)
        found: list[Number] = [one]
        for node in self.tree.nodes[1:]:
            up, before = self.tree.nodes[node.parent], found[node.parent]
            if up.set is None or self.tree.sets[up.set].player != player:
                p = self.steps[node.parent][node.taken]
                before = before * p if before and p else zero
            found.append(before)
        return tuple(found)

    @cached_property
    def beliefs(self) -> tuple[Array | None, ...]:
        """The belief at each information set by Bayes' rule, one chance a node; None off the path.

        The order of the nodes is that of ``tree.sets[h].nodes``.
        """
        found: list[Array | None] = []
        for s in self.tree.sets:
            total = sum(self.reach[k] for k in s.nodes)
            found.append(_vector([self.reach[k] / total for k in s.nodes]) if total else None)
        return tuple(found)

    def values(self, player: int) -> tuple[Number, ...]:
        """What ``player`` expects at each node if all play on by the profile."""
        found: list[Number] = [Fraction(0) if self.exact else 0.0] * len(self.tree.nodes)
        for k in range(len(self.tree.nodes) - 1, -1, -1):
            node = self.tree.nodes[k]
            if not node.children:
                u = node.payoffs[player]
                found[k] = u if self.exact else float(u)
            else:
                found[k] = sum(
                    (p * found[c] for p, c in zip(self.steps[k], node.children) if p),
                    start=found[k],
                )
        return tuple(found)

    def action_payoffs(self, h: int, belief: ArrayLike | None = None) -> Array:
        """What each action at information set ``h`` is worth to its player, all playing on.

        ``belief`` has a chance for each node of the set; by default it is that of Bayes' rule, and
        ValueError is raised off the path.
        """
        s = self.tree.sets[h]
        mu = self.beliefs[h] if belief is None else np.asarray(belief)
        if mu is None:
            who = f"{self.tree.players[s.player]} at {s.label!r}"
            raise ValueError(f"{who}: is not reached; give a belief")
        v = self.values(s.player)
        paths = [self.tree.nodes[k].children for k in s.nodes]
        return _vector(
            [sum(p * v[c[a]] for p, c in zip(mu.tolist(), paths)) for a in range(len(s.actions))]
        )

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        return tuple(self.values(i)[0] for i in range(len(self.tree.players)))

    @cached_property
    def outcome(self) -> Mapping[tuple[str, ...], Number]:
        """The chance of each end that is reached, by history."""
        return {self.tree.nodes[k].history: self.reach[k] for k in self.tree.ends if self.reach[k]}

    @property
    def plan(self) -> dict[str, dict[str, Array]]:
        """The mixtures by player and label of the information set."""
        found: dict[str, dict[str, Array]] = {player: {} for player in self.tree.players}
        for s, x in zip(self.tree.sets, self.mixtures):
            found[self.tree.players[s.player]][s.label] = x
        return found

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Behaviour)
            and self.tree == other.tree
            and all(np.array_equal(x, y) for x, y in zip(self.mixtures, other.mixtures))
        )

    def __hash__(self) -> int:
        return hash(tuple(tuple(x) for x in self.mixtures))

    def __repr__(self) -> str:
        return f"Behaviour({told(self)})"


def told(profile: Behaviour) -> str:
    """What the representation of a profile shows: each player's choices, sure ones by name."""
    sides = []
    for player, mine in zip(profile.tree.players, profile.tree.own):
        choices = []
        for h in mine:
            s, x = profile.tree.sets[h], profile.mixtures[h]
            used = [f"{a} {show(p)}" for a, p in zip(s.actions, x) if p]
            sure = [a for a, p in zip(s.actions, x) if p == 1]
            choices.append(f"{s.label}: {(sure or [', '.join(used)])[0]}")
        sides.append(f"{player} ({'; '.join(choices)})")
    return "; ".join(sides)


def _vector(values: Sequence[Number]) -> Array:
    exact = all(isinstance(x, Fraction) for x in values)
    found = np.empty(len(values), dtype=object if exact else np.float64)
    found[:] = values
    return freeze(found)


@dataclass(frozen=True, repr=False)
class BehaviourCertificate(InRanges):
    """How much each player could gain by another strategy.

    ``regrets[i]`` is that gain (at least zero); ``deviations[i]`` a strategy that attains it, the
    action by label of the information set. ``ranges[i]`` is the payoff range of player ``i``: the
    unit of the tolerance. ``exact`` tells whether the regrets are exact rational numbers.
    """

    concept: str
    regrets: tuple[Number, ...]
    deviations: tuple[Mapping[str, str], ...]
    exact: bool
    ranges: tuple[float, ...]

    def __repr__(self) -> str:
        kind = "exact" if self.exact else "float"
        return f"BehaviourCertificate({self.concept}, regret {show(self.regret)}, {kind})"


def certify_behaviour(profile: Behaviour) -> BehaviourCertificate:
    """The Nash certificate of ``profile``: what each player could gain by another strategy.

    Cost: a few passes over the nodes a player.
    """
    tree = profile.tree
    regrets: list[Number] = []
    deviations: list[Mapping[str, str]] = []
    for i, mine in enumerate(tree.own):
        low = min(tree.payoffs[:, i])  # from it on up, floats are as good as the range is wide
        above = [u - low if profile.exact else float(u - low) for u in tree.payoffs[:, i]]
        rewards = dict(zip(tree.ends, above))
        best, choices = _best_reply(profile, i, rewards)
        gain = best - sum(profile.reach[k] * u for k, u in rewards.items() if profile.reach[k])
        regrets.append(gain if isinstance(gain, Fraction) else max(0.0, gain))
        deviations.append({tree.sets[h].label: tree.sets[h].actions[choices[h]] for h in mine})
    ranges = tuple(tree.ranges.tolist())
    return BehaviourCertificate("nash", tuple(regrets), tuple(deviations), profile.exact, ranges)


def _best_reply(
    profile: Behaviour, i: int, rewards: Mapping[int, Number]
) -> tuple[Number, dict[int, int]]:
    """The most that player ``i`` can expect against the others, and how; ``rewards`` are by end.

    What follows a node is worth its payoffs weighted by the chances of the others. The own sets
    are decided last ones first: those that more own moves come before.
    """
    tree, w = profile.tree, profile.weights(i)
    zero = Fraction(0) if profile.exact else 0.0
    depth: dict[int, int] = {}
    for h in tree.own[i]:
        before = tree.parents[h]
        depth[h] = depth[before[0]] + 1 if before else 0
    choices: dict[int, int] = {}
    worth: dict[int, Number] = {}

    def value(k: int) -> Number:
        """The worth of ``k``, all own sets that follow it being decided."""
        stack = [k]
        while stack:
            j = stack[-1]
            node = tree.nodes[j]
            if j in worth:
                stack.pop()
                continue
            if not w[j]:
                worth[j] = zero  # nor is any end behind it
                continue
            if not node.children:
                worth[j] = w[j] * rewards[j]
                continue
            next_to: Sequence[int] = node.children
            if node.set is not None and tree.sets[node.set].player == i:
                next_to = (node.children[choices[node.set]],)
            unknown = [c for c in next_to if c not in worth]
            if unknown:
                stack += unknown
            else:
                worth[j] = sum((worth[c] for c in next_to), start=zero)
        return worth[k]

    for h in sorted(tree.own[i], key=lambda h: -depth[h]):
        s = tree.sets[h]
        gains = [
            sum((value(tree.nodes[k].children[a]) for k in s.nodes), start=zero)
            for a in range(len(s.actions))
        ]
        choices[h] = max(range(len(gains)), key=gains.__getitem__)
    return value(0), choices


@dataclass(frozen=True, repr=False)
class TreeEquilibrium:
    """A behaviour profile with the proof that it is an equilibrium, and how it was found."""

    profile: Behaviour
    certificate: BehaviourCertificate
    method: str

    @property
    def mixtures(self) -> tuple[Array, ...]:
        """One probability vector an information set."""
        return self.profile.mixtures

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        return self.profile.payoffs

    def __repr__(self) -> str:
        return f"TreeEquilibrium({told(self.profile)})"


@dataclass(frozen=True, repr=False)
class TreeEquilibria(Listed[TreeEquilibrium]):
    """Equilibria of one tree, with what the list promises.

    ``components`` are the connected components, each a tuple of indices into the set with its
    maximal Nash subsets: convex products in terms of the chances of the players' *sequences*, not
    of their mixtures; empty where they were not sought. ``notes`` are sentences on what the solver
    met.
    """

    game: Tree
    equilibria: tuple[TreeEquilibrium, ...]
    coverage: Coverage
    method: str
    concept: str = "nash"
    components: tuple[Component, ...] = ()
    degenerate: bool | None = None
    notes: tuple[str, ...] = ()

    @staticmethod
    def proved(
        game: Tree,
        profiles: Sequence[Behaviour],
        coverage: Coverage,
        method: str,
        *,
        concept: str = "nash",
        components: Sequence[Component] = (),
        degenerate: bool | None = None,
        notes: Sequence[str] = (),
        certify: Callable[[Behaviour], BehaviourCertificate] = certify_behaviour,
    ) -> TreeEquilibria:
        """The set of these profiles, each certified. Raises CertificateError if one is not Nash.

        ``certify`` proves more where the concept is one of its refinements.
        """
        found = []
        for profile in profiles:
            certificate = certify(profile)
            if not certificate.holds():
                raise CertificateError(
                    f"{method}: {profile!r} is not an equilibrium (regret "
                    f"{show(certificate.regret)}); please report this game"
                )
            found.append(TreeEquilibrium(profile, certificate, method))
        return TreeEquilibria(
            game,
            tuple(found),
            coverage,
            method,
            concept,
            tuple(components),
            degenerate,
            tuple(notes),
        )

    def told(self, k: int) -> str:
        """What each player does at each information set."""
        return told(self[k].profile)

    def to_frame(self) -> pd.DataFrame:
        """One row an equilibrium: chances (player, set, action), payoffs, regret, component."""
        import pandas as pd

        home = {k: c for c, members in enumerate(self.components) for k in members}
        rows: list[dict[tuple[str, str, str], Any]] = []
        for k, e in enumerate(self):
            row: dict[tuple[str, str, str], Any] = {}
            for s, x in zip(self.game.sets, e.mixtures):
                player = self.game.players[s.player]
                row |= {(player, s.label, a): p for a, p in zip(s.actions, x)}
            row |= {(p, "payoff", ""): u for p, u in zip(self.game.players, e.payoffs)}
            row["", "regret", ""] = e.certificate.regret
            row["", "component", ""] = home.get(k)
            rows.append(row)
        return pd.DataFrame(rows, columns=pd.MultiIndex.from_tuples(rows[0]) if rows else None)

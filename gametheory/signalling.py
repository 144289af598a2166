"""Which equilibria of a signalling game survive restrictions on beliefs: intuitive criterion, D1.

Chance draws a type, the sender learns it and sends a message, the receiver sees the message alone
and replies. Let ``u*(t)`` be what type ``t`` gets in an equilibrium, ``m`` a message that is not
sent, ``BR(T, m)`` the replies that are best for some belief on the types in ``T``, and
``MBR(T, m)`` the mixtures of replies that are all best for one such belief.

* The *intuitive criterion* (Cho & Kreps 1987, Q. J. Econ. 102: 179-221, after): types that would
  lose by ``m`` whatever reply in ``BR(all, m)`` it met are taken not to send it; the equilibrium
  fails if some other type gains from ``m`` by every reply in ``BR(the others, m)``.
* *D1* (ibid.; Banks & Sobel 1987, Econometrica 55: 647-661, after): type ``t`` is taken not to send
  ``m`` if some type gains by every reply in ``MBR(all, m)`` by which ``t`` gains or breaks even,
  and by some reply at all; the equilibrium fails if no reply in ``MBR(those left, m)`` keeps all
  types from sending ``m``.

Both are about the outcome: any beliefs and replies off the path that give it do. Both are decided
in rational numbers; those of float games take gains of less than 1e-9 of the payoff range for none.

>>> from fractions import Fraction
>>> from gametheory.solvers.assessments import solve
>>> from gametheory.tree import Tree, chance, move
>>> def breakfast(h):
...     match h:
...         case ():
...             return chance(wimp=Fraction(1, 10), surly=Fraction(9, 10))
...         case (kind,):
...             return move("A", "beer", "quiche", at=kind)
...         case (_, meal):
...             return move("B", "duel", "don't", at=meal)
...         case (kind, meal, reply):
...             likes = (kind == "wimp") == (meal == "quiche")
...             return likes + 2 * (reply == "don't"), int((kind == "wimp") == (reply == "duel"))
>>> found = solve(Tree.of(["A", "B"], breakfast))
>>> [verdict.holds for verdict in intuitive(found)]
[True, True, False, False]
>>> intuitive(found)[2]
Judgement(intuitive: False. At beer, wimp loses by every best reply; without it surly gains by all.)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gametheory._judgement import NEAR, Judgement
from gametheory.assessment import AssessmentEquilibria, AssessmentEquilibrium
from gametheory.tree import Tree


def intuitive(found: AssessmentEquilibria) -> tuple[Judgement, ...]:
    """Whether each equilibrium meets the intuitive criterion, with what breaks it.

    Raises ValueError where the game is no signalling game. Cost: a linear program for each unsent
    message and reply.
    """
    game = _signalling(found, "intuitive")
    return tuple(_intuitive(game, e) for e in found)


def d1(found: AssessmentEquilibria) -> tuple[Judgement, ...]:
    """Whether each equilibrium survives D1, with what breaks it.

    Raises ValueError where the game is no signalling game. Cost: a linear program for each unsent
    message, set of replies and pair of types.
    """
    game = _signalling(found, "d1")
    return tuple(_d1(game, e) for e in found)


@dataclass(frozen=True)
class Signalling:
    """A tree read as a signalling game.

    ``types[t]`` is the node of type ``t``; ``senders[g][t]`` the node at which the receiver sees
    message ``g`` of type ``t``, for each of its information sets ``g`` and the types that can send
    it.
    """

    tree: Tree
    sender: int
    types: tuple[int, ...]
    senders: dict[int, dict[int, int]]

    def name(self, t: int) -> str:
        """What the type is called."""
        history = self.tree.nodes[self.types[t]].history
        return ", ".join(history) or "the sender"


def _signalling(found: AssessmentEquilibria, criterion: str) -> Signalling:
    """The signalling game of a list; ValueError naming ``criterion`` if it is none."""
    if not isinstance(found, AssessmentEquilibria):
        raise ValueError(
            f"{criterion}: needs what solve() finds of a Tree by concept "
            f'"pbe" or "sequential", got {type(found).__name__}'
        )
    tree = found.game

    def refuse(why: str) -> ValueError:
        return ValueError(
            f"{criterion}: needs a signalling game (chance draws a type, the sender learns it and "
            f"sends a message, the receiver sees that alone and replies), but {why}"
        )

    types, waiting = [], [0]
    while waiting:
        k = waiting.pop()
        node = tree.nodes[k]
        if not node.children:
            raise refuse("a type does not move")
        if node.set is None:
            waiting += reversed(node.children)
        else:
            types.append(k)
    owners = {tree.sets[_set(tree, k)].player for k in types}
    if len(owners) > 1:
        raise refuse("two players move first")
    sender = owners.pop()
    senders: dict[int, dict[int, int]] = {}
    for t, k in enumerate(types):
        if len(tree.sets[_set(tree, k)].nodes) > 1:
            raise refuse(f"the sender does not know whether it is {tree.nodes[k].history}")
        for c in tree.nodes[k].children:
            node = tree.nodes[c]
            if not node.children:
                continue
            if node.set is None or tree.sets[node.set].player == sender:
                raise refuse("something else than a reply follows a message")
            if t in senders.setdefault(node.set, {}):
                raise refuse("the receiver cannot tell two messages of one type apart")
            if any(tree.nodes[e].children for e in node.children):
                raise refuse("something follows a reply")
            senders[node.set][t] = c
    if len({tree.sets[g].player for g in senders}) > 1:
        raise refuse("there are several receivers")
    return Signalling(tree, sender, tuple(types), senders)


def _set(tree: Tree, k: int) -> int:
    found = tree.nodes[k].set
    assert found is not None
    return found


@dataclass(frozen=True)
class _Unsent:
    """A message that is not sent: what each type gains by each reply, what replies are worth.

    ``gains[t][r]`` for type ``t`` of those who can send it, ``worth[t][r]`` to the receiver.
    """

    label: str
    names: list[str]
    gains: list[list[Fraction]]
    worth: list[list[Fraction]]

    @property
    def replies(self) -> range:
        return range(len(self.worth[0]))

    def together(self, replies: Sequence[int], types: Sequence[int]) -> bool:
        """Whether these are all best for one belief on these types."""
        return _solvable(
            [
                [self.worth[t][r] - self.worth[t][other] for t in types]
                for r in replies
                for other in self.replies
                if other != r
            ],
            len(types),
        )

    def best(self, types: Sequence[int]) -> list[int]:
        """The replies that are best for some belief on these types."""
        return [r for r in self.replies if self.together([r], types)]

    def mixed(self, types: Sequence[int]) -> list[list[int]]:
        """The largest sets of replies that are all best for one belief on these types."""
        best = self.best(types)
        found: list[list[int]] = []
        for size in range(len(best), 0, -1):
            for some in map(list, itertools.combinations(best, size)):
                if not any(set(some) <= set(more) for more in found) and self.together(some, types):
                    found.append(some)
        return found


def _unsent(game: Signalling, e: AssessmentEquilibrium) -> list[_Unsent]:
    tree, i = game.tree, game.sender
    values, reach = e.profile.values(i), e.profile.reach
    near = 0 if e.profile.exact else NEAR * float(tree.ranges[i])
    found = []
    for g, nodes in game.senders.items():
        if any(reach[k] for k in nodes.values()):
            continue
        j = tree.sets[g].player
        gains, worth = [], []
        for t, k in nodes.items():
            ends = [tree.nodes[c].payoffs for c in tree.nodes[k].children]
            row = [Fraction(u[i]) - Fraction(values[game.types[t]]) for u in ends]
            gains.append([Fraction(0) if abs(v) <= near else v for v in row])
            worth.append([Fraction(u[j]) for u in ends])
        found.append(_Unsent(tree.sets[g].label, [game.name(t) for t in nodes], gains, worth))
    return found


def _intuitive(game: Signalling, e: AssessmentEquilibrium) -> Judgement:
    for m in _unsent(game, e):
        everyone = range(len(m.names))
        best = m.best(everyone)
        left = [t for t in everyone if max(m.gains[t][r] for r in best) >= 0]
        if not left:
            continue
        replies = m.best(left)
        for t in left:
            if min(m.gains[t][r] for r in replies) > 0:
                out = [m.names[s] for s in everyone if s not in left]
                lose = f"{_and(out)} {'loses' if len(out) == 1 else 'lose'} by every best reply"
                them = "it" if len(out) == 1 else "them"
                return Judgement(
                    "intuitive",
                    False,
                    f"At {m.label}, {lose}; without {them} {m.names[t]} gains by all.",
                )
    return Judgement("intuitive", True, "No type gains by a message that others would not send.")


def _d1(game: Signalling, e: AssessmentEquilibrium) -> Judgement:
    for m in _unsent(game, e):
        everyone = range(len(m.names))
        mixed = m.mixed(everyone)
        gainers = [t for t in everyone if any(m.gains[t][r] > 0 for rs in mixed for r in rs)]
        out = {
            t: s
            for t in everyone
            for s in gainers
            if s != t and not any(_between(m.gains[t], m.gains[s], rs) for rs in mixed)
        }
        left = [t for t in everyone if t not in out] or list(everyone)
        if not any(_deters(m.gains, rs) for rs in m.mixed(left)):
            told = _and([f"{m.names[t]} (less eager than {m.names[s]})" for t, s in out.items()])
            rest = _and([m.names[t] for t in left])
            return Judgement(
                "d1",
                False,
                f"At {m.label}, no best reply to {rest} keeps all from sending it"
                + (f"; left out: {told}." if out else "."),
            )
    return Judgement("d1", True, "Each unsent message has a reply to those left that deters all.")


def _between(less: Sequence[Fraction], more: Sequence[Fraction], replies: Sequence[int]) -> bool:
    """Whether by some mixture of the replies one gains or breaks even and the other does not."""
    return _solvable([[less[r] for r in replies], [-more[r] for r in replies]], len(replies))


def _deters(gains: Sequence[Sequence[Fraction]], replies: Sequence[int]) -> bool:
    """Whether some mixture of the replies lets nobody gain."""
    return _solvable([[-row[r] for r in replies] for row in gains], len(replies))


def _solvable(rows: Sequence[Sequence[Fraction]], n: int) -> bool:
    """Whether some chances of ``n`` have no row negative."""
    from gametheory.solvers._cone import rays

    whole = []
    for row in rows:
        common = math.lcm(*(v.denominator for v in row))
        whole.append([int(v * common) for v in row])
    return bool(rays([], whole, n))


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

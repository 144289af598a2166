"""What proves a behaviour profile subgame perfect: the Nash certificate of every subgame.

A profile is a subgame-perfect equilibrium iff in each subgame, reached or not, no player can gain
by another strategy (Selten 1965). Cut out of a subgame those that start inside it: what is left is
its *piece*. What a player can get at best in the subgame is what it can get in the piece, an inner
subgame being worth what the player can get at best there. So one pass over the pieces, inner ones
first, gives the regret in all subgames. With perfect information a piece is one move, and a profile
is subgame perfect iff no single deviation at a node pays (the one-shot deviation principle).

It shares no code with any solver; where tree and profile are exact, so is the certificate.

>>> from gametheory.tree import Tree, move
>>> entry = Tree.of(["Entrant", "Incumbent"], lambda h: {
...     (): move("Entrant", "stay out", "enter"),
...     ("stay out",): (0, 2),
...     ("enter",): move("Incumbent", "fight", "yield", at="entry"),
...     ("enter", "fight"): (-1, -1),
...     ("enter", "yield"): (1, 1)}[h])
>>> threat = Behaviour.pure(entry, {"Entrant": {"start": "stay out"},
...                                 "Incumbent": {"entry": "fight"}})
>>> certify_subgames(threat)
BehaviourCertificate(spe, regret 2, exact)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from gametheory.behaviour import Behaviour, BehaviourCertificate
from gametheory.game import Number


def certify_subgames(profile: Behaviour) -> BehaviourCertificate:
    """The certificate of subgame perfection: the most each player could gain in any subgame.

    ``deviations`` attain it in the subgame where it is largest. Cost: a few passes over the nodes a
    player.
    """
    tree = profile.tree
    pieces = _pieces(tree.subgames or (0,), [node.parent for node in tree.nodes])
    regrets: list[Number] = []
    deviations: list[Mapping[str, str]] = []
    for i, mine in enumerate(tree.own):
        search = _BestReplies(profile, i)
        most, where = search.zero, 0
        for root in reversed(tree.subgames):
            gain = search.best(root, pieces[root]) - search.kept[root]
            if gain > most:
                most, where = gain, root
        regrets.append(most)
        below = {tree.nodes[k].set for k in search.inside(where)}
        choices = search.choices
        deviations.append(
            {tree.sets[h].label: tree.sets[h].actions[choices[h]] for h in mine if h in below}
        )
    ranges = tuple(tree.ranges.tolist())
    return BehaviourCertificate("spe", tuple(regrets), tuple(deviations), profile.exact, ranges)


def _pieces(roots: Sequence[int], parents: Sequence[int]) -> dict[int, list[int]]:
    """The nodes of each subgame's piece in preorder; where an inner subgame starts is not one."""
    pieces: dict[int, list[int]] = {root: [] for root in roots}
    home = [0] * len(parents)
    for k, parent in enumerate(parents):
        home[k] = k if k in pieces else home[parent]
        pieces[home[k]].append(k)
    return pieces


class _BestReplies:
    """What one player can get at best in each subgame; floats count from the least payoff."""

    def __init__(self, profile: Behaviour, player: int) -> None:
        self.tree, self.steps, self.player = profile.tree, profile.steps, player
        self.zero: Number = Fraction(0) if profile.exact else 0.0
        self.one: Number = Fraction(1) if profile.exact else 1.0
        self.choices: dict[int, int] = {}
        self.top: dict[int, Number] = {}  # the best at ends and where subgames start
        low = min(self.tree.payoffs[:, player])
        kept = [self.zero] * len(self.tree.nodes)
        for k in range(len(kept) - 1, -1, -1):
            node = self.tree.nodes[k]
            if node.children:
                kept[k] = self._mean(k, [kept[c] for c in node.children])
            else:
                u = node.payoffs[player] - low
                kept[k] = self.top[k] = u if profile.exact else float(u)
        self.kept = kept
        """What the player gets at each node if it does not deviate."""

    def _mean(self, k: int, after: Sequence[Number]) -> Number:
        """The expected value at ``k`` of these that follow."""
        likely = [(p, u) for p, u in zip(self.steps[k], after) if p]
        if len(likely) == 1:
            return likely[0][1]
        return sum((p * u for p, u in likely), start=self.zero)

    def inside(self, root: int) -> list[int]:
        """The nodes from ``root`` on."""
        found, waiting = [], [root]
        while waiting:
            found.append(waiting.pop())
            waiting += self.tree.nodes[found[-1]].children
        return found

    def best(self, root: int, piece: Sequence[int]) -> Number:
        """The most that the player can get in the subgame at ``root``, whose inner ones are known.

        What follows a node is weighted by the chances of all others to get there. Own sets are
        decided in reverse: an own move before a set is in a set that starts before it.
        """
        nodes = self.tree.nodes
        inner = [k for k in piece if k not in self.top]
        if len(inner) == 1:  # one move: the same at less cost
            after = [self.top[c] for c in nodes[root].children]
            if self._owns(root):
                self.top[root] = max(after)
                self.choices[nodes[root].set or 0] = after.index(self.top[root])
            else:
                self.top[root] = self._mean(root, after)
            return self.top[root]
        weight = {root: self.one}
        worth: dict[int, Number] = {}
        mine: dict[int, list[int]] = {}
        for k in inner:
            own = nodes[k].set if self._owns(k) else None
            if own is not None:
                mine.setdefault(own, []).append(k)
            for p, c in zip(self.steps[k], nodes[k].children):
                weight[c] = weight[k] * (self.one if own is not None else p)

        def value(k: int) -> Number:
            """The weighted worth of ``k``, all own sets that follow it being decided."""
            stack = [k]
            while stack:
                j = stack[-1]
                if j in self.top:
                    worth[j] = weight[j] * self.top[j]
                if j in worth:
                    stack.pop()
                    continue
                next_to = nodes[j].children
                if self._owns(j):
                    h = nodes[j].set
                    assert h is not None
                    next_to = (next_to[self.choices[h]],)
                unknown = [c for c in next_to if c not in worth]
                if unknown:
                    stack += unknown
                else:
                    worth[j] = sum((worth[c] for c in next_to), start=self.zero)
            return worth[k]

        for h in sorted(mine, key=lambda h: self.tree.sets[h].nodes[0], reverse=True):
            gains = [
                sum((value(nodes[k].children[a]) for k in mine[h]), start=self.zero)
                for a in range(len(self.tree.sets[h].actions))
            ]
            self.choices[h] = max(range(len(gains)), key=gains.__getitem__)
        self.top[root] = value(root)
        return self.top[root]

    def _owns(self, k: int) -> bool:
        at = self.tree.nodes[k].set
        return at is not None and self.tree.sets[at].player == self.player

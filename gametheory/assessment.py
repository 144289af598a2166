"""Assessments of a tree: behaviour with beliefs, and what proves them sequential.

An *assessment* is a behaviour profile and, at each information set, a belief: a chance for each of
its nodes. It is *sequentially rational* if at each information set the player, by its belief there,
can gain by no other way to play on. A *sequential equilibrium* is sequentially rational and
*consistent*: the limit of completely mixed profiles with their beliefs by Bayes' rule (Kreps &
Wilson 1982, Econometrica 50: 863-894, after).

A *perfect Bayesian equilibrium* here is sequentially rational and consistent up to labels: some
plausibility order that respects knowledge has its most plausible nodes where the beliefs sit, and
beliefs follow Bayes' rule with one weight for each unplayed move (:mod:`gametheory._consistency`).
So Bayes' rule holds on the path, and from each information set on to those that play reaches from
there; what a player does tells others nothing that it does not know itself; and different players'
mistakes are independent. What consistency asks beyond this is that the order has labels: that
mistakes of one kind weigh against those of another in the same way everywhere. Sequential
equilibria are perfect Bayesian, and these are subgame perfect. In signalling games both allow all
beliefs off the path. This is the uniformly Bayesian case of Bonanno (2013, Int. J. Game Theory 42:
567-592; 2016, Games 7: 35, after), of whose orders those with labels give sequential equilibrium.

:func:`certify_assessment` computes the gains, looks for labels or an order and for weights, checks
these by evaluating them, and shows the beliefs converge.

>>> from gametheory.tree import Tree, move
>>> outside = Tree.of(["A", "B"], lambda h: {
...     (): move("A", "out", "left", "right"), ("out",): (2, 2),
...     ("left",): move("B", "l", "r", at="in"), ("right",): move("B", "l", "r", at="in"),
...     ("left", "l"): (4, 1), ("left", "r"): (0, 0),
...     ("right", "l"): (0, 0), ("right", "r"): (1, 1)}[h])
>>> from gametheory.behaviour import Behaviour
>>> plan = Behaviour.pure(outside, {"A": {"start": "out"}, "B": {"in": "r"}})
>>> Assessment(plan, [[1], [0, 1]]).certificate()
AssessmentCertificate(sequential, regret 0, consistent, exact)
>>> Assessment(plan, [[1], [1, 0]]).certificate().gains
(Fraction(0, 1), Fraction(1, 1))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from gametheory._consistency import is_order, labels, paths, ranks, sits, weights
from gametheory.behaviour import Behaviour, told
from gametheory.equilibrium import CertificateError, Coverage, Listed
from gametheory.game import Array, Number, probabilities, show
from gametheory.tree import Tree

if TYPE_CHECKING:
    import pandas as pd

CONCEPTS = "pbe", "sequential"
EPSILONS = Fraction(1, 10**3), Fraction(1, 10**6), Fraction(1, 10**9)
"""The mistakes at which a converging sequence is evaluated."""
ROUGH = 100
"""Most times by which a belief may differ from its limit, in units of the mistake."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Assessment:
    """A behaviour profile and a belief at each information set.

    ``beliefs[h]`` has a chance for each of ``tree.sets[h].nodes``. Raises ValueError naming the
    player and the information set where one is no probability vector.
    """

    profile: Behaviour
    beliefs: tuple[Array, ...]

    def __init__(self, profile: Behaviour, beliefs: Iterable[ArrayLike]) -> None:
        if not isinstance(profile, Behaviour):
            raise ValueError(f"assessment: {profile!r} is no Behaviour; build one with the tree")
        given, tree = tuple(beliefs), profile.tree
        if len(given) != len(tree.sets):
            raise ValueError(
                f"assessment: {len(given)} beliefs for {len(tree.sets)} information sets; "
                "give one each"
            )
        checked = tuple(
            probabilities(x, len(s.nodes), f"belief of {tree.players[s.player]} at {s.label!r}")
            for s, x in zip(tree.sets, given)
        )
        object.__setattr__(self, "profile", profile)
        object.__setattr__(self, "beliefs", checked)

    @property
    def tree(self) -> Tree:
        """The game."""
        return self.profile.tree

    @property
    def mixtures(self) -> tuple[Array, ...]:
        """One probability vector an information set."""
        return self.profile.mixtures

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        return self.profile.payoffs

    @property
    def exact(self) -> bool:
        """Whether tree, chances and beliefs are all held exactly."""
        return self.profile.exact and all(x.dtype == object for x in self.beliefs)

    @cached_property
    def support(self) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
        """The actions played and the nodes believed in, a tuple an information set each."""
        played = tuple(tuple(a for a, p in enumerate(x) if p) for x in self.mixtures)
        believed = tuple(
            tuple(k for k, p in zip(s.nodes, x) if p) for s, x in zip(self.tree.sets, self.beliefs)
        )
        return played, believed

    def gains(self) -> tuple[Number, ...]:
        """What the player at each information set gains by the best way to play on from there.

        By its belief there, and over all that it can do at its later information sets too, the
        others playing on. At least zero.
        """
        return tuple(_gain(self, h) for h in range(len(self.tree.sets)))

    def certificate(self, concept: str = "sequential") -> AssessmentCertificate:
        """See :func:`certify_assessment`."""
        return certify_assessment(self, concept)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Assessment)
            and self.profile == other.profile
            and [x.tolist() for x in self.beliefs] == [x.tolist() for x in other.beliefs]
        )

    def __hash__(self) -> int:
        return hash((self.profile, tuple(tuple(x) for x in self.beliefs)))

    def __repr__(self) -> str:
        return f"Assessment({told(self.profile)})"


@dataclass(frozen=True, repr=False)
class AssessmentCertificate:
    """What proves an assessment sequential, or perfect Bayesian; or where it fails.

    ``gains[h]`` is what the player at information set ``h`` gains there by another way to play on
    (at least zero), ``ranges[h]`` that player's payoff range, the unit of the tolerance. Trembles:
    ``labels[h, a]`` is the order of the mistake that is the unplayed action ``a`` at ``h``, and
    ``weights[h, a]`` its weight; for "pbe" ``ranks[k]`` is the rank of node ``k`` in the
    plausibility order, and labels are None where there are none. ``distances`` are the largest
    differences between the beliefs and those that Bayes' rule gives when each mistake has chance
    ``weight * eps ** label``, ``eps`` = 1e-3, 1e-6, 1e-9; empty where there are no labels.
    ``exact`` tells whether gains are exact rational numbers, and consistency is decided exactly.
    """

    concept: str
    gains: tuple[Number, ...]
    consistent: bool
    because: str
    labels: Mapping[tuple[int, int], int] | None
    ranks: tuple[int, ...] | None
    weights: Mapping[tuple[int, int], float]
    distances: tuple[float, ...]
    exact: bool
    ranges: tuple[float, ...]

    @property
    def regret(self) -> Number:
        """The largest gain at any information set."""
        return max(self.gains, default=Fraction(0))

    def holds(self, tol: float = 1e-9) -> bool:
        """Whether beliefs are consistent and gains at most ``tol`` times the payoff range."""
        return self.consistent and all(g <= tol * s for g, s in zip(self.gains, self.ranges))

    def __repr__(self) -> str:
        kind = "exact" if self.exact else "float"
        word = "consistent" if self.consistent else "not consistent"
        return f"AssessmentCertificate({self.concept}, regret {show(self.regret)}, {word}, {kind})"


def certify_assessment(given: Assessment, concept: str = "sequential") -> AssessmentCertificate:
    """The certificate of sequential rationality and of consistency of an assessment.

    ``concept`` is "sequential" or "pbe". Cost: a pass over the nodes for each information set, a
    linear program for the labels; where "pbe" needs an order, see
    :func:`gametheory._consistency.ranks`. Raises ValueError for another concept, and for a move of
    chance with an outcome of chance zero.
    """
    if concept not in CONCEPTS:
        raise ValueError(f"concept: {concept!r} is not known here; use {' or '.join(CONCEPTS)}")
    tree = given.tree
    no_zero_chances(tree)
    played, believed = given.support
    label = labels(tree, played, believed)
    if label is not None and not sits(tree, played, believed, label):
        raise CertificateError("labels: beliefs do not sit where they are least; please report")
    rank = None
    if concept == "pbe":
        order = _by_labels(tree, label) if label is not None else ranks(tree, played, believed)
        if order is not None and not is_order(tree, played, believed, order):
            raise CertificateError("ranks: no plausibility order; please report this game")
        rank = None if order is None else tuple(order)
    weight, fits = weights(tree, played, given.beliefs, given.mixtures)
    sound = label is not None if concept == "sequential" else rank is not None
    distances: tuple[float, ...] = ()
    if fits and label is not None:
        distances = tuple(_distance(given, label, weight, eps) for eps in EPSILONS)
    because = (
        "Beliefs are the limit of those of mistakes with the labels and weights."
        if fits and label is not None
        else "Beliefs fit a plausibility order and weights."
        if fits and sound
        else "No weights of mistakes give the ratios of the beliefs."
        if sound
        else "No orders of mistakes put the beliefs where they sit."
    )
    return AssessmentCertificate(
        concept,
        given.gains(),
        fits and sound,
        because,
        label,
        rank,
        weight,
        distances,
        given.exact,
        tuple(float(tree.ranges[s.player]) for s in tree.sets),
    )


def no_zero_chances(tree: Tree) -> None:
    """Raises ValueError naming an outcome of chance zero: Bayes' rule says nothing after it."""
    for node in tree.nodes:
        for name, p in zip(node.actions, node.chances):
            if p == 0:
                where = f"after {', '.join(node.history)}" if node.history else "at the start"
                raise ValueError(f"{where}: chance of {name} is 0; leave this outcome out")


def _by_labels(tree: Tree, label: Mapping[tuple[int, int], int]) -> list[int]:
    return [
        sum(label.get(m, 0) for m in path) if node.children else -1
        for path, node in zip(paths(tree), tree.nodes)
    ]


def _gain(given: Assessment, h: int) -> Number:
    """The best way to play on at ``h`` and later own sets, less what the profile is worth there."""
    tree, profile = given.tree, given.profile
    i, here = tree.sets[h].player, tree.sets[h].nodes
    exact = given.exact
    zero: Number = Fraction(0) if exact else 0.0
    low = tree.payoffs[:, i].min()
    weight: dict[int, Number] = {}
    waiting = [(k, p) for k, p in zip(here, given.beliefs[h].tolist()) if p]
    order = []
    while waiting:
        k, w = waiting.pop()
        weight[k] = w
        order.append(k)
        node = tree.nodes[k]
        mine = node.set is not None and tree.sets[node.set].player == i
        for c, p in zip(node.children, profile.steps[k]):
            if mine or p:
                waiting.append((c, w if mine else w * p))
    later: dict[int, list[int]] = {}
    for k in order:
        at = tree.nodes[k].set
        if at is not None and tree.sets[at].player == i:
            later.setdefault(at, []).append(k)
    now: dict[int, Number] = {}
    best: dict[int, Number] = {}
    choice: dict[int, int] = {}

    def worth(k: int) -> Number:
        """Weighted payoff after ``k``, own later sets played as well as can be."""
        node = tree.nodes[k]
        if not node.children:
            u = node.payoffs[i] - low
            return weight[k] * (u if exact else float(u))
        if node.set is not None and tree.sets[node.set].player == i:
            if node.set not in choice:
                decide(node.set)
            return best[node.children[choice[node.set]]]
        return sum((value(c) for c in node.children if c in weight), start=zero)

    def value(k: int) -> Number:
        if k not in best:
            best[k] = worth(k)
        return best[k]

    def decide(g: int) -> None:
        totals = [
            sum((value(tree.nodes[k].children[a]) for k in later[g]), start=zero)
            for a in range(len(tree.sets[g].actions))
        ]
        choice[g] = max(range(len(totals)), key=totals.__getitem__)

    for k in reversed(order):  # children before parents
        node = tree.nodes[k]
        if not node.children:
            u = node.payoffs[i] - low
            now[k] = u if exact else float(u)
        else:
            now[k] = sum(
                (p * now[c] for p, c in zip(profile.steps[k], node.children) if p), start=zero
            )
    decide(h)
    top = sum((best[tree.nodes[k].children[choice[h]]] for k in later[h]), start=zero)
    gain = top - sum((weight[k] * now[k] for k in later[h]), start=zero)
    return gain if isinstance(gain, Fraction) else max(0.0, float(gain))


def _distance(
    given: Assessment,
    label: Mapping[tuple[int, int], int],
    weight: Mapping[tuple[int, int], float],
    eps: Fraction,
) -> float:
    """How far beliefs are from those of the profile with mistakes; in rational numbers."""
    tree = given.tree
    mixed = []
    for h, x in enumerate(given.mixtures):
        slips = {
            a: Fraction(weight[h, a]) * eps ** label[h, a] for a in range(len(x)) if (h, a) in label
        }
        rest = max(Fraction(0), 1 - sum(slips.values()))
        mixed.append([slips.get(a, rest * Fraction(p)) for a, p in enumerate(x.tolist())])
    reach = [Fraction(1)]
    for node in tree.nodes[1:]:
        up = tree.nodes[node.parent]
        p = up.chances[node.taken] if up.set is None else mixed[up.set][node.taken]
        reach.append(reach[node.parent] * Fraction(p))
    far = 0.0
    for s, belief in zip(tree.sets, given.beliefs):
        total = sum(reach[k] for k in s.nodes)
        far = (
            max(
                [far]
                + [abs(float(reach[k] / total - Fraction(p))) for k, p in zip(s.nodes, belief)]
            )
            if total
            else 1.0
        )
    return far


@dataclass(frozen=True, repr=False)
class AssessmentEquilibrium:
    """An assessment with the proof that it is an equilibrium, and how it was found.

    ``belief_ranges[h]`` has the least and the greatest chance of each node, shape ``(nodes, 2)``,
    among all beliefs at the information set with which this behaviour is an equilibrium; among
    those found, where the coverage of the list is UNKNOWN.
    """

    assessment: Assessment
    certificate: AssessmentCertificate
    method: str
    belief_ranges: tuple[Array, ...]

    @property
    def profile(self) -> Behaviour:
        """The behaviour."""
        return self.assessment.profile

    @property
    def beliefs(self) -> tuple[Array, ...]:
        """A belief an information set."""
        return self.assessment.beliefs

    @property
    def mixtures(self) -> tuple[Array, ...]:
        """One probability vector an information set."""
        return self.assessment.mixtures

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        return self.assessment.payoffs

    @property
    def free(self) -> tuple[int, ...]:
        """The information sets at which several beliefs support this behaviour."""
        return tuple(h for h, r in enumerate(self.belief_ranges) if (r[:, 0] != r[:, 1]).any())

    def __repr__(self) -> str:
        return f"AssessmentEquilibrium({told(self.profile)}{_free_beliefs(self)})"


def _free_beliefs(e: AssessmentEquilibrium) -> str:
    """What the representation shows of beliefs that are free: the chance of each node."""
    tree = e.profile.tree
    told_sets = []
    for h in e.free:
        s = tree.sets[h]
        names = _names(tree, s.nodes)
        spans = [
            f"{name} {show(low)}" if low == high else f"{name} {show(low)} to {show(high)}"
            for name, (low, high) in zip(names, e.belief_ranges[h].tolist())
        ]
        shown = spans[:1] if len(spans) == 2 else spans
        told_sets.append(f"{tree.players[s.player]} at {s.label} believes {', '.join(shown)}")
    return "".join(f"; {line}" for line in told_sets)


def _names(tree: Tree, nodes: Sequence[int]) -> list[str]:
    """What tells the nodes of one set apart: the steps at which their histories differ."""
    histories = [tree.nodes[k].history for k in nodes]
    if len({len(h) for h in histories}) > 1:
        return [", ".join(h) or "start" for h in histories]
    differ = [j for j, steps in enumerate(zip(*histories)) if len(set(steps)) > 1]
    return [", ".join(h[j] for j in differ) or "start" for h in histories]


@dataclass(frozen=True)
class Piece:
    """A set of equilibria that is convex in the weights of sequences.

    Its behaviours are those whose chances of sequences, each player's taken together, are convex
    combinations of those of ``members`` (indices into the list). Its beliefs are by Bayes' rule
    where play comes. Elsewhere they are those that go with the members here, ``beliefs[j][h]`` at
    information set ``h`` with the behaviour of ``members[j]``, combined likewise; but for those
    that are *free*: each entry of ``free`` names information sets, and lists corners, each with a
    belief for each of these sets. At a single set every convex combination of the corners is a
    belief. At several, whose beliefs hang together, the combination is one of the weights of
    mistakes, each player's taken together.
    """

    members: tuple[int, ...]
    beliefs: tuple[tuple[Array, ...], ...]
    free: tuple[tuple[tuple[int, ...], tuple[tuple[Array, ...], ...]], ...] = ()


@dataclass(frozen=True, repr=False)
class AssessmentEquilibria(Listed[AssessmentEquilibrium]):
    """Perfect Bayesian or sequential equilibria of one tree, with what the list promises.

    Members differ in behaviour. ``pieces`` hold all equilibria where the coverage says so;
    ``components`` join pieces of which one holds an extreme behaviour of the other, each a tuple of
    indices into the list. ``notes`` are sentences on what the solver met.
    """

    game: Tree
    equilibria: tuple[AssessmentEquilibrium, ...]
    coverage: Coverage
    method: str
    concept: str
    pieces: tuple[Piece, ...] = ()
    components: tuple[tuple[int, ...], ...] = ()
    degenerate: bool | None = None
    notes: tuple[str, ...] = ()

    @staticmethod
    def proved(
        game: Tree,
        found: Sequence[tuple[Assessment, tuple[Array, ...]]],
        coverage: Coverage,
        method: str,
        concept: str,
        *,
        pieces: Sequence[Piece] = (),
        components: Sequence[tuple[int, ...]] = (),
        degenerate: bool | None = None,
        notes: Sequence[str] = (),
    ) -> AssessmentEquilibria:
        """The set of these assessments with ranges of beliefs, each certified.

        Raises CertificateError if one is not an equilibrium.
        """
        members = []
        for assessment, ranges in found:
            certificate = certify_assessment(assessment, concept)
            if not certificate.holds():
                raise CertificateError(
                    f"{method}: {assessment!r} is not {concept} ({certificate!r}); "
                    "please report this game"
                )
            members.append(AssessmentEquilibrium(assessment, certificate, method, ranges))
        return AssessmentEquilibria(
            game,
            tuple(members),
            coverage,
            method,
            concept,
            tuple(pieces),
            tuple(components),
            degenerate,
            tuple(notes),
        )

    @property
    def found_by(self) -> str:
        """The method and the concept."""
        return f"{self.method} ({self.concept})"

    def told(self, k: int) -> str:
        """What each player does at each information set, and beliefs where they are free."""
        return told(self[k].profile) + _free_beliefs(self[k])

    def to_frame(self) -> pd.DataFrame:
        """One row an equilibrium: chances, beliefs, payoffs, regret, component.

        Columns are (player, set, action), (player, set, "believes ...") for each node of a set of
        several, with its range where that is free, (player, "payoff", "").
        """
        import pandas as pd

        home = {k: c for c, members in enumerate(self.components) for k in members}
        rows: list[dict[tuple[str, str, str], Any]] = []
        for k, e in enumerate(self):
            row: dict[tuple[str, str, str], Any] = {}
            for s, x, belief, span in zip(self.game.sets, e.mixtures, e.beliefs, e.belief_ranges):
                player = self.game.players[s.player]
                row |= {(player, s.label, a): p for a, p in zip(s.actions, x)}
                if len(s.nodes) > 1:
                    for name, p, (low, high) in zip(_names(self.game, s.nodes), belief, span):
                        row[player, s.label, f"believes {name}"] = p
                        row[player, s.label, f"believes {name}, least"] = low
                        row[player, s.label, f"believes {name}, most"] = high
            row |= {(p, "payoff", ""): u for p, u in zip(self.game.players, e.payoffs)}
            row["", "regret", ""] = e.certificate.regret
            row["", "component", ""] = home.get(k)
            rows.append(row)
        return pd.DataFrame(rows, columns=pd.MultiIndex.from_tuples(rows[0]) if rows else None)

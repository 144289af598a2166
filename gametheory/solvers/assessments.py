"""Every perfect Bayesian and every sequential equilibrium of a tree, in pieces that are convex.

An assessment has a *basis*: the supports of behaviour and of beliefs. Bases are enumerated, last
information sets first, and pruned (:mod:`gametheory.solvers._bases`); a basis carries consistent
assessments iff its unplayed moves can be labelled so that beliefs sit where labels are least
(Kreps & Wilson 1982, after). Given the basis, all conditions are equations and inequalities between
products of weights of different players' moves (:mod:`gametheory.solvers._sequence_weights`): of
two players, linear in the weights of one, and so solved exactly, whatever the tree. Off-path
beliefs are weights too. The vertices of the polytopes that come out are the members of the list.

Of three or more, conditions that multiply weights are solved where other conditions fix all
but one of the factors; else in floats, each solution with a proof
(:mod:`gametheory.solvers._bernstein`); bases with neither are counted in a note, and the coverage
is then UNKNOWN.

The definitions are those of :mod:`gametheory.assessment`.

Cost: signalling games of 2 types, 3 messages, 3 replies take 5 to 60 ms, 3 x 3 x 3 some 30 ms to
2 s; a crisis of 2 types a side and 3 rounds, 12 information sets, 10 ms to 5 s. The number of bases
grows exponentially with the number of information sets; what pure play after a set rules out is
never looked at. Ties multiply the pieces. A budget bounds both (coverage UNKNOWN, with a note).

>>> from fractions import Fraction
>>> from gametheory.tree import Tree, chance, move
>>> def breakfast(h):  # Cho & Kreps 1987, Figure I
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
>>> found.components
((0, 1), (2, 3))
>>> found[0]
AssessmentEquilibrium(A (wimp: beer; surly: beer); B (beer: don't; quiche: duel);
                      B at quiche believes wimp 1/2 to 1)
>>> found[0].payoffs, found[3].payoffs
((Fraction(29, 10), Fraction(9, 10)), (Fraction(21, 10), Fraction(9, 10)))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.assessment import Assessment, AssessmentEquilibria, no_zero_chances
from gametheory.assessment import Piece as Listed
from gametheory.behaviour import Behaviour, told
from gametheory.equilibrium import Coverage
from gametheory.game import Array, freeze
from gametheory.solvers._assessment_pieces import Beliefs, Mixtures, Piece
from gametheory.solvers._bases import Beliefs as BeliefSupports
from gametheory.solvers._bases import Rules, Tracker, behaviours
from gametheory.solvers._sequence_weights import Conditions, Groups
from gametheory.tree import Tree

CONCEPTS = "pbe", "sequential"
METHOD = "assessments"
WORK = 10_000_000
"""Supports times nodes that are looked at: a minute or so."""
PIECES = 1000
"""Supports that carry equilibria beyond which a game has too many ties."""
CORNERS = 4096
"""Vertices of a piece beyond which it is not listed."""


def solve(game: Tree, exact: bool | None = None) -> AssessmentEquilibria:
    """The perfect Bayesian equilibria of a tree; see the module.

    Of each piece the extreme behaviours, with beliefs in the middle of those that are free; sorted
    in descending order of the mixtures. Float games are solved as the dyadic rationals they are;
    ``exact=False`` (what None means for them) rounds chances and beliefs to floats. ``exact=True``
    gives Fractions and raises ValueError if a chance is not known to be rational, which of three
    or more players it need not be; None then gives that equilibrium in floats. Raises ValueError
    for what is no tree, and for a move of chance with an outcome of chance zero.
    """
    return _solved(game, exact, "pbe")


def sequential(game: Tree, exact: bool | None = None) -> AssessmentEquilibria:
    """The sequential equilibria of a tree, likewise."""
    return _solved(game, exact, "sequential")


def _solved(game: Tree, exact: bool | None, concept: str) -> AssessmentEquilibria:
    if not isinstance(game, Tree):
        raise ValueError(f'{METHOD}: needs a Tree, got {type(game).__name__}; use "auto"')
    no_zero_chances(game)
    rules = Rules(game)
    tracker = Tracker(max(1, WORK // len(game.nodes)))
    supports, conditions, groups = BeliefSupports(rules, concept), Conditions(rules), Groups()
    pieces: list[Piece] = []
    ended = False
    for played in behaviours(rules, tracker):
        for basis in supports.of(played):
            if tracker.enough() or len(pieces) > PIECES:
                ended = True
                break
            system = conditions.of(basis)
            if system is not None:
                here = (Piece(game, system, tuple(found)) for found in groups.of(system))
                pieces += [piece for piece in here if piece.defined]
        if ended:
            break
    notes = []
    if len(pieces) > PIECES:
        notes.append(f"More than {PIECES:,} supports carry equilibria, so many are the ties.")
    if tracker.spent > tracker.most:
        notes.append(f"The budget of {tracker.most:,} supports ended.")
    if groups.open:
        notes.append(
            f"Supports on which products of several players' chances are not solved: {groups.open}."
        )
    return _assembled(game, _maximal(pieces), exact, concept, notes)


def _maximal(pieces: Sequence[Piece]) -> list[Piece]:
    """Without pieces that plainly lie in another one.

    A piece does where its centre does. The centre has the full supports of the piece; there the
    gaps that the other one sets to zero vanish, they are not negative in the piece, and linear in
    each group of weights: so they vanish throughout. What beliefs tie together depends on the
    supports alone. Other assessments of the piece may be blurred in the other one, as where a
    player mixes after what it never does; they are in the piece of their own supports.
    """
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: (-p.freedom, tuple(-len(x) for x in p.basis.played))):
        middle = piece.mixtures(piece.centre), piece.beliefs(piece.centre)
        if not any(other.may_hold(piece) and other.holds(*middle) for other in kept):
            kept.append(piece)
    return kept


@dataclass
class _Member:
    """A behaviour, the beliefs shown with it, and their ranges."""

    mixtures: Mixtures
    beliefs: Beliefs
    low: list[list[Fraction]]
    high: list[list[Fraction]]
    pieces: list[int]

    def widen(self, spans: Sequence[tuple[Sequence[Fraction], Sequence[Fraction]]]) -> Fraction:
        """Takes up further ranges of beliefs; how wide these are, all together."""
        self.low = self.low or [list(low) for low, _ in spans]
        self.high = self.high or [list(high) for _, high in spans]
        for h, (low, high) in enumerate(spans):
            self.low[h] = [min(pair) for pair in zip(self.low[h], low)]
            self.high[h] = [max(pair) for pair in zip(self.high[h], high)]
        return sum((b - a for low, high in spans for a, b in zip(low, high)), start=Fraction(0))


def _assembled(
    game: Tree, pieces: Sequence[Piece], exact: bool | None, concept: str, notes: list[str]
) -> AssessmentEquilibria:
    whole = not notes
    members: dict[Mixtures, _Member] = {}
    corners: list[dict[Mixtures, list[Beliefs]]] = []
    for p, piece in enumerate(pieces):
        if piece.size > CORNERS:
            whole = False
            notes.append(f"A piece with {piece.size:,} extreme behaviours is left out.")
            corners.append({})
            continue
        corners.append({})
        for mixtures, beliefs in piece.corners():
            some = corners[p].setdefault(mixtures, [])
            if beliefs not in some:
                some.append(beliefs)
            members.setdefault(mixtures, _Member(mixtures, beliefs, [], [], []))
    for member in members.values():
        widest = Fraction(-1)
        for p, piece in enumerate(pieces):
            if member.mixtures in corners[p] or piece.may_play(member.mixtures):
                part = piece.at(member.mixtures)
                if part is not None or member.mixtures in corners[p]:
                    member.pieces.append(p)
                if part is not None:
                    width = member.widen(part.ranges())
                    if width > widest:
                        widest, member.beliefs = width, part.beliefs(part.centre)
        if widest < 0:
            member.widen([(x, x) for x in member.beliefs])
    order = sorted(members, reverse=True)
    number = {key: k for k, key in enumerate(order)}
    asked = object if (game.exact if exact is None else exact) else np.float64

    def vector(x: Sequence[Fraction], kind: type = asked) -> Array:
        out: Array = np.empty(len(x), dtype=kind)
        out[:] = [v if kind is object else float(v) for v in x]
        return freeze(out)

    found = []
    for key in order:
        m = members[key]
        kind = asked if all(pieces[p].exact for p in m.pieces) else np.float64
        profile = Behaviour(game, tuple(vector(x, kind) for x in m.mixtures))
        if exact and kind is not object:
            raise ValueError(
                f"exact: the equilibrium {told(profile)} is not known to be rational; "
                "use exact=None to get it as floats"
            )
        ranges = []
        for low, high in zip(m.low, m.high):
            span = np.empty((len(low), 2), dtype=kind)
            span[:, 0], span[:, 1] = vector(low, kind), vector(high, kind)
            ranges.append(freeze(span))
        found.append(
            (Assessment(profile, tuple(vector(x, kind) for x in m.beliefs)), tuple(ranges))
        )
    listed = []
    for piece, here in zip(pieces, corners):
        free = tuple(
            (sets, tuple(tuple(vector(x) for x in corner) for corner in some))
            for sets, some in piece.blocks()
        )
        inside = sorted((number[key], beliefs) for key, some in here.items() for beliefs in some)
        listed.append(
            Listed(
                tuple(k for k, _ in inside),
                tuple(tuple(vector(x) for x in beliefs) for _, beliefs in inside),
                free,
            )
        )
    listed.sort(key=lambda piece: piece.members)
    single = all(len(set(piece.members)) == 1 for piece in listed)
    coverage = (
        Coverage.UNKNOWN
        if not whole
        else Coverage.EXTREME_BEHAVIOUR
        if not single
        else Coverage.ALL_BEHAVIOUR
        if any(piece.free or len(piece.members) > 1 for piece in listed)
        else Coverage.ALL
    )
    return AssessmentEquilibria.proved(
        game,
        found,
        coverage,
        METHOD,
        concept,
        pieces=listed,
        components=_components([members[key].pieces for key in order], len(pieces)),
        degenerate=None if not whole else not single,
        notes=notes,
    )


def _components(homes: Sequence[Sequence[int]], count: int) -> list[tuple[int, ...]]:
    """Members of pieces that are joined by a member that is in both."""
    root = list(range(count))

    def find(p: int) -> int:
        while root[p] != p:
            root[p] = root[root[p]]
            p = root[p]
        return p

    for home in homes:
        for p in home:
            root[find(p)] = find(home[0])
    found: dict[int, list[int]] = {}
    for k, home in enumerate(homes):
        found.setdefault(find(home[0]), []).append(k)
    return sorted(map(tuple, found.values()))

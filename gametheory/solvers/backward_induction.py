"""Every subgame-perfect equilibrium of a tree, by generalised backward induction.

Subgames are solved from the ends up, each for all its equilibria given each way to play on in those
inside it. At a move of perfect information all mixtures of the best moves are equilibria; a piece
with larger information sets is solved for all its Nash equilibria, by
:mod:`gametheory.solvers.sequence_form`. What is found are products of polytopes, by their corners:
see :mod:`gametheory.solvers._continuations`. All is done in rational numbers.

Ties decide how many equilibria there are. A tie on which nothing hangs above gives a simplex. Where
a player further up cares how it is broken, the simplex is cut at the mixtures that leave that
player indifferent. Where several ties matter at once the set has curved borders, and the list falls
back on its members without such mixtures.

Cost: without ties one pass over the nodes, some 4 s for 100,000 with the certificate; with ties, a
payoff for each combination of those that matter, within a budget.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from gametheory.behaviour import Behaviour, TreeEquilibria
from gametheory.equilibrium import Component, Coverage
from gametheory.solvers._continuations import Continuations, Corner, Factors, Family
from gametheory.subgames import certify_subgames
from gametheory.tree import Tree

METHOD = "backward_induction"
CONCEPTS = ("spe",)
TIED = Fraction(1, 10**12)
"""Up to what share of a player's payoff range payoffs in floats count as tied."""
LISTED, NODES = 500, 500_000
"""Members listed at most, and nodes of all of them together (but at least two)."""


def solve(game: Tree, exact: bool | None = None) -> TreeEquilibria:
    """The extreme subgame-perfect equilibria of a tree, in descending order, each certified in all
    subgames.

    ``ALL`` where there are finitely many, else ``EXTREME``, with the products whose corners are
    listed. ``ALL_PURE`` where the set has curved borders and information is perfect; ``SAMPLE``
    where it is not, where there are more than 500 corners (members with different payoffs are then
    preferred) and where a piece was not solved for all its equilibria. Notes say which. Floats that
    differ by 1e-12 of the payoff range count as tied, unless ``exact=True`` takes them as they
    stand. Raises ValueError where ties leave more than 20,000 combinations of payoffs.

    >>> from gametheory.tree import move
    >>> def ultimatum(history):  # of two units, in whole ones; who refuses leaves none to both
    ...     match history:
    ...         case ():
    ...             return move("Proposer", "0", "1", "2")
    ...         case (x,):
    ...             return move("Responder", "yes", "no", at=x)
    ...         case (x, answer):
    ...             return (2 - int(x), int(x)) if answer == "yes" else (0, 0)
    >>> solve(Tree.of(["Proposer", "Responder"], ultimatum))
    4 found by backward_induction. Every extreme equilibrium is in the list; every equilibrium is a convex combination of some of them within one Nash subset.
      0: Proposer (start: 0); Responder (0: yes; 1: yes; 2: yes)
      1: Proposer (start: 0); Responder (0: yes 1/2, no 1/2; 1: yes; 2: yes)
      2: Proposer (start: 1); Responder (0: yes 1/2, no 1/2; 1: yes; 2: yes)
      3: Proposer (start: 1); Responder (0: no; 1: yes; 2: yes)
      Outcomes of those listed: 3.
    """  # noqa: E501
    if not isinstance(game, Tree):
        raise ValueError(f"{METHOD}: needs a Tree, got {type(game).__name__}")
    loose = not game.exact and exact is not True
    near = [TIED * Fraction(r) if loose else Fraction(0) for r in game.ranges.tolist()]
    search = Continuations(game, near)
    families = search.families()
    count = sum(map(_count, families))
    most = min(LISTED, max(2, NODES // len(game.nodes)))
    points: dict[Point, int] = {}
    groups: list[set[int]] = []
    if count <= most:
        for product in itertools.chain.from_iterable(map(_products, families)):
            choices = itertools.product(*product.values())
            groups.append({_number(choice, points) for choice in choices})
    else:
        for choice in itertools.chain(_different(families), _all(families)):
            _number(choice, points)
            if len(points) == most:
                break
    kind = object if (game.exact if exact is None else exact) else np.float64
    order = sorted(points, reverse=True)
    place = {points[point]: k for k, point in enumerate(order)}
    groups = [{place[k] for k in group} for group in groups]
    array = functools.cache(lambda mixture: np.array(mixture, dtype=kind))
    profiles = [Behaviour(game, list(map(array, point))) for point in order]
    coverage, notes = _promise(search, count, len(points), groups)
    if len(profiles) > 1:
        outcomes = {frozenset(profile.outcome.items()) for profile in profiles}
        notes = [f"Outcomes of those listed: {len(outcomes)}.", *notes]
    whole = coverage in (Coverage.ALL, Coverage.EXTREME)
    return TreeEquilibria.proved(
        game,
        profiles,
        coverage,
        METHOD,
        concept="spe",
        components=_components(groups) if whole else (),
        degenerate=True if len(profiles) > 1 and coverage is not Coverage.ALL else None,
        notes=notes,
        certify=certify_subgames,
    )


Point = tuple[tuple[Fraction, ...], ...]
"""A mixture an information set."""


def _number(choice: Sequence[Corner], points: dict[Point, int]) -> int:
    """The number among ``points`` of the profile with these corners; a new one is added."""
    mixtures = {h: mixture for corner in choice for h, (_, mixture) in corner.items()}
    return points.setdefault(tuple(mixtures[h] for h in sorted(mixtures)), len(points))


def _promise(
    search: Continuations, count: int, listed: int, groups: Sequence[set[int]]
) -> tuple[Coverage, list[str]]:
    """What a list of ``listed`` members covers, and why it is no more."""
    notes = []
    if search.weak:
        told = " ".join(sorted(c.value for c in search.weak))
        notes.append(f"Of a piece with larger information sets: {told}")
    if search.dropped:
        notes.append(f"At some node there are more than {search.most} families; some were dropped.")
    if search.curved:
        notes.append(
            "Where several ties matter at once only corners were followed: "
            "what lies between them is a set with curved borders."
        )
    if not groups:
        shown = f"{count:,}" if count < 10**9 else f"some 10^{count.bit_length() * 0.30103:.0f}"
        notes.append(
            f"Up to {shown} are extreme; what is listed favours members with different payoffs."
        )
    perfect = all(len(s.nodes) == 1 for s in search.tree.sets)
    if not listed:
        return Coverage.UNKNOWN, notes
    if search.weak or search.dropped or not groups or (search.curved and not perfect):
        return Coverage.SAMPLE, notes
    if search.curved:
        return Coverage.ALL_PURE, notes
    return Coverage.EXTREME if max(map(len, groups)) > 1 else Coverage.ALL, notes


def _components(groups: Sequence[set[int]]) -> list[Component]:
    """The products that share members, taken together."""
    parts: list[list[set[int]]] = []
    for group in groups:
        touching = [part for part in parts if any(group & other for other in part)]
        parts = [part for part in parts if part not in touching]
        parts.append([group, *itertools.chain.from_iterable(touching)])
    found = []
    for part in parts:
        subsets = sorted(sorted(group) for group in part)
        found.append(Component(sorted(set().union(*part)), subsets))
    return sorted(found)


def _count(family: Family) -> int:
    """The number of corners of all products in ``family``."""
    known: dict[int, int] = {}
    waiting = [family]
    while waiting:
        f = waiting[-1]
        after = f.either or f.below
        unknown = [g for g in after if id(g) not in known]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        counts = [known[id(g)] for g in after]
        known[id(f)] = sum(counts) if f.either else math.prod(counts)
        for key, corners in f.own.items():
            if cut := f.below[0].axes.get(key):  # a factor further down, by those that are left
                known[id(f)] //= len(cut)
            known[id(f)] *= len(corners)
    return known[id(family)]


def _products(family: Family) -> Iterator[Factors]:
    """The products in ``family``, each by its factors."""
    turn: list[list[int]] = [[]]
    while turn:
        choices = turn.pop()
        found: Factors = {}
        met: list[int] = []
        waiting = [family]
        while waiting:
            f = waiting.pop()
            if f.either:
                k = choices[len(met)] if len(met) < len(choices) else 0
                met.append(len(f.either))
                waiting.append(f.either[k])
                continue
            for key, corners in f.own.items():
                found.setdefault(key, corners)  # what is left of a factor comes before it
            waiting += f.below
        yield found
        taken = [*choices, *[0] * (len(met) - len(choices))]
        for j in reversed(range(len(met))):
            if taken[j] + 1 < met[j]:
                turn.append([*taken[:j], taken[j] + 1])
                break


def _different(families: Sequence[Family]) -> Iterator[tuple[Corner, ...]]:
    """A member of each family for each combination of corners on which payoffs depend."""
    for f in families:
        product = next(_products(f))
        sides = [side if key in f.axes else side[:1] for key, side in product.items()]
        yield from itertools.product(*sides)


def _all(families: Sequence[Family]) -> Iterator[tuple[Corner, ...]]:
    for f in families:
        for product in _products(f):
            yield from itertools.product(*product.values())

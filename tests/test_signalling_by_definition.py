"""Intuitive criterion and D1 of two types, straight from their definitions, in rational numbers.

With two types a belief is one number, so that the replies that are best for some belief are found
at the beliefs where two replies tie, between these, and at the ends. What mixtures of such replies
do to two types is decided at the corners of the mixtures on one side of one or two lines.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import pytest

from gametheory.assessment import AssessmentEquilibria
from gametheory.signalling import d1, intuitive
from gametheory.solvers.assessments import solve
from gametheory.testing import random_signalling

F = Fraction
Row = tuple[Fraction, ...]


class Unsent(NamedTuple):
    """What each type gains by an unsent message and each reply, and what replies are worth."""

    gain: tuple[Row, Row]
    worth: tuple[Row, Row]


def unsent(found: AssessmentEquilibria, k: int) -> Iterator[Unsent]:
    e, tree = found[k], found.game
    starts = {tree.nodes[c].history: e.profile.values(0)[c] for c in tree.nodes[0].children}
    for s in tree.sets:
        if s.player == 0 or any(e.profile.reach[n] for n in s.nodes):
            continue
        gain, worth = [], []
        for n in s.nodes:
            ends = [tree.nodes[c].payoffs for c in tree.nodes[n].children]
            gain.append(tuple(u[0] - starts[tree.nodes[n].history[:1]] for u in ends))
            worth.append(tuple(u[1] for u in ends))
        yield Unsent(tuple(gain), tuple(worth))


def faces(m: Unsent, types: Sequence[int]) -> set[frozenset[int]]:
    """The sets of replies that are best for some belief on these types."""
    replies = range(len(m.worth[0]))
    beliefs = {F(int(t == 0)) for t in types}
    if len(types) == 2:
        for r, q in itertools.combinations(replies, 2):
            first, second = (m.worth[t][r] - m.worth[t][q] for t in range(2))
            if first != second and 0 <= second / (second - first) <= 1:
                beliefs.add(second / (second - first))
        beliefs |= {(a + b) / 2 for a, b in itertools.pairwise(sorted(beliefs))}
    found = set()
    for p in beliefs:
        value = [p * m.worth[0][r] + (1 - p) * m.worth[1][r] for r in replies]
        found.add(frozenset(r for r in replies if value[r] == max(value)))
    return found


@cache
def corners(face: frozenset[int], lines: tuple[Row, ...]) -> tuple[dict[int, Fraction], ...]:
    """Mixtures of up to three replies at which as many of these lines vanish as it takes.

    They contain the corners of each part of the face that the lines cut off.
    """
    found = [{r: F(1)} for r in face]
    for line in lines:
        for r, q in itertools.permutations(face, 2):
            if line[r] > 0 > line[q]:
                x = line[q] / (line[q] - line[r])
                found.append({r: x, q: 1 - x})
    if len(face) == 3 and len(lines) == 2:
        a, b, c = face
        u, v = lines
        cross = {
            a: u[b] * v[c] - u[c] * v[b],
            b: u[c] * v[a] - u[a] * v[c],
            c: u[a] * v[b] - u[b] * v[a],
        }
        total = sum(cross.values())
        if total and all(w / total >= 0 for w in cross.values()):
            found.append({r: w / total for r, w in cross.items()})
    return tuple(found)


def value(row: Row, mixture: dict[int, Fraction]) -> Fraction:
    return sum(p * row[r] for r, p in mixture.items())


def meets_intuitive(m: Unsent) -> bool:
    every = set().union(*faces(m, (0, 1)))
    left = [t for t in (0, 1) if not all(m.gain[t][r] < 0 for r in every)]
    if not left:
        return True
    replies = set().union(*faces(m, left))
    return not any(all(m.gain[t][r] > 0 for r in replies) for t in left)


def survives_d1(m: Unsent) -> bool:
    every = faces(m, (0, 1))
    out = set()
    for t, s in ((0, 1), (1, 0)):
        mixtures = [x for face in every for x in corners(face, (m.gain[0], m.gain[1]))]
        gains = any(value(m.gain[s], x) > 0 for x in mixtures)
        apart = any(value(m.gain[t], x) >= 0 >= value(m.gain[s], x) for x in mixtures)
        if gains and not apart:
            out.add(t)
    left = [t for t in (0, 1) if t not in out] or [0, 1]
    return any(
        all(value(row, x) <= 0 for row in m.gain)
        for face in faces(m, left)
        for x in corners(face, (m.gain[0], m.gain[1]))
    )


def compared(seed: int, shape: tuple[int, int], values: Sequence[int]) -> tuple[int, int, int]:
    """Members compared, and those that fail the intuitive criterion and D1."""
    found = solve(random_signalling(seed, 2, *shape, values))
    fails = [0, 0]
    for k, verdicts in enumerate(zip(intuitive(found), d1(found), strict=True)):
        for j, (verdict, kept) in enumerate(zip(verdicts, (meets_intuitive, survives_d1))):
            expected = all(kept(m) for m in unsent(found, k))
            assert verdict.holds == expected, (seed, shape, k, verdict)
            fails[j] += not expected
    return len(found), *fails


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("values", [range(3), range(10), range(-40, 40)])
@pytest.mark.parametrize("seeds", [range(25), pytest.param(range(25, 100), marks=pytest.mark.slow)])
def test_verdicts_are_those_of_the_definitions(shape, values, seeds):
    counts = [compared(seed, shape, values) for seed in seeds]
    members, intuitively, by_d1 = map(sum, zip(*counts))
    assert members > by_d1 >= intuitively
    assert by_d1 > 0

"""Every game has a proper equilibrium: at an extreme one, or between some of one Nash subset."""

import itertools
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.equilibrium import Equilibrium, certify
from gametheory.game import Profile
from gametheory.refine import proper
from gametheory.solvers import solve
from gametheory.testing import games


def between(vertices, parts):
    """Convex combinations of these mixtures with weights that are multiples of 1/parts."""
    for chosen in itertools.combinations_with_replacement(vertices, parts):
        yield [sum(column) / Fraction(parts) for column in zip(*chosen)]


def members(found, parts):
    """Equilibria of every Nash subset, on a grid of its weights."""
    for subset in itertools.chain(*(part.nash_subsets for part in found.components)):
        sides = [sorted({tuple(found[k].mixtures[i]) for k in subset}) for i in (0, 1)]
        for x, y in itertools.product(*(between(side, n) for side, n in zip(sides, parts))):
            profile = Profile(found.game, (x, y))
            yield Equilibrium(profile, certify(profile), "on a grid")


@settings(max_examples=150, deadline=None)
@given(games(actions=(2, 3), values=st.integers(0, 2)))
def test_every_game_has_a_proper_equilibrium(game):
    """Myerson 1978, theorem 1 (after)."""
    found = solve(game, method="extreme")
    if any(proper(e) for e in found):
        return
    grids = [(2, 1), (1, 2), (2, 2), (3, 1), (1, 3), (3, 3), (4, 1), (1, 4), (5, 1), (1, 5), (4, 4)]
    assert any(proper(e) for parts in grids for e in members(found, parts))

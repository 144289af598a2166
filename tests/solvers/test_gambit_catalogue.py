"""Gambit's own trees: its equilibria are among ours, its file of a tree is the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from gametheory.behaviour import certify_behaviour
from gametheory.equilibrium import Coverage
from gametheory.io import read, write
from gametheory.solvers import sequence_form
from tests._trees import from_gambit
from tests.solvers.test_sequence_form import plans
from tests.solvers.test_trees_beside_gambit import within

gambit = pytest.importorskip("pygambit")
FILES = sorted((Path(gambit.__file__).parent / "catalog_data").rglob("*.efg"))


def two_player_trees():
    for path in FILES:
        try:
            tree = read(path)
        except ValueError:  # no perfect recall: see tests/test_efg.py
            continue
        if len(tree.players) == 2 and len(tree.sets) < 12:
            yield pytest.param(tree, id=path.stem)


@pytest.mark.parametrize("tree", list(two_player_trees()))
def test_gambits_equilibria_of_its_trees_are_among_ours(tree):
    there = write(tree, "pygambit")
    assert read(there) == tree
    found = sequence_form.solve(tree)
    assert found.coverage in (Coverage.ALL, Coverage.EXTREME)
    subsets = [
        [plans(found[k].profile) for k in some]
        for part in found.components
        for some in part.nash_subsets
    ]
    one = gambit.nash.lcp_solve(there, rational=True).equilibrium
    every = gambit.nash.enummixed_solve(there, rational=True).equilibria
    for e in [one, *(p.as_behavior() for p in every)]:
        behaviour = from_gambit(tree, e)
        assert certify_behaviour(behaviour).regret == 0
        mine = plans(behaviour)
        assert any(
            all(within(mine[i], {both[i] for both in some}) for i in (0, 1)) for some in subsets
        )

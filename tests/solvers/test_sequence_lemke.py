"""Lemke's algorithm on the sequence form: what it finds is among all equilibria."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

import gametheory as gt
from gametheory.solvers import sequence_form, sequence_lemke
from gametheory.testing import random_crisis, random_signalling, random_tree, trees
from gametheory.tree import Tree, chance, move
from tests._trees import kuhn, rebuilt
from tests.solvers.test_sequence_form import corners, plans, rationals


def among(tree: Tree) -> bool:
    """Whether the equilibrium found lies in a Nash subset of those found by all vertices."""
    (one,), all_of_them = sequence_lemke.solve(tree), sequence_form.solve(tree)
    assert one.certificate.regret == 0
    mine = plans(one.profile)
    for part in all_of_them.components:
        for some in part.nash_subsets:
            sides = [{plans(all_of_them[k].profile)[i] for k in some} for i in (0, 1)]
            if all(p in side or p not in corners([p, *side]) for p, side in zip(mine, sides)):
                return True
    return False


@settings(max_examples=100, deadline=None)
@given(trees(moves=(1, 9)))
def test_it_is_one_of_all(tree):
    assert among(tree)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_one_of_all_in_signalling_and_crises(seed):
    assert among(random_signalling(seed))
    assert among(random_crisis(seed))


def test_poker_with_many_cards():
    """Larger than all equilibria are sought of; the certificate is the proof of its value."""
    (found,) = sequence_lemke.solve(kuhn("789TJQK"))
    assert found.certificate.exact
    assert found.certificate.regret == 0
    (small,) = sequence_lemke.solve(kuhn())
    assert small.payoffs == (Fraction(-1, 18), Fraction(1, 18))  # Kuhn 1950


@pytest.mark.parametrize("seed", range(10))
def test_floats_are_solved_as_the_rationals_they_are(seed):
    tree = random_tree(seed, values=(0.1, -0.75, 2.5, 1 / 3), moves=(3, 7))
    (found,) = sequence_lemke.solve(tree)
    assert all(x.dtype == np.float64 for x in found.mixtures)
    assert found.certificate.holds()
    (exact,) = sequence_lemke.solve(tree, exact=True)
    (twin,) = sequence_lemke.solve(rebuilt(tree, rationals))
    assert plans(exact.profile) == plans(twin.profile)


def test_few_players_move():
    alone = Tree.of("AB", lambda h: [0, len(h[0])] if h else move("B", "a", "bb", "c"))
    assert sequence_lemke.solve(alone)[0].profile.outcome == {("bb",): 1}
    nobody = Tree.of("AB", lambda h: (1, 2) if h else chance(x=Fraction(1, 3), y=Fraction(2, 3)))
    assert sequence_lemke.solve(nobody)[0].payoffs == (1, 2)
    three = Tree.of("ABC", lambda h: [1] * 3 if len(h) == 3 else move("ABC"[len(h)], "x", "y"))
    with pytest.raises(ValueError, match="3 players move, and it takes two; use method='reduced"):
        sequence_lemke.solve(three)
    assert gt.solve(alone, method="sequence_lemke").coverage is gt.Coverage.SAMPLE

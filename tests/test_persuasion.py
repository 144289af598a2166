"""Public persuasion of a coalition: the closed form against a linear program over posteriors."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import gametheory as gt

laws = settings(max_examples=60, deadline=None)
twelfths = st.integers(0, 12).map(lambda k: Fraction(k, 12))


@st.composite
def coalitions(draw):
    t = draw(st.lists(twelfths, min_size=1, max_size=5))
    return gt.Persuasion(draw(twelfths), t, draw(st.integers(1, len(t))))


def test_the_prosecutor():
    """Kamenica and Gentzkow's example: prior .3, one judge at 1/2: convicts with chance .6."""
    best = gt.Persuasion(0.3, [0.5], 1).optimum()
    assert best.value == pytest.approx(0.6)
    assert best.posteriors == (0, 0.5)
    assert best.certificate.holds()


@laws
@given(coalitions())
def test_value_is_that_of_a_linear_program(game):
    """Weights on posteriors in sixtieths that average to the prior: all thresholds are among them.

    Receivers are asked one by one.
    """
    grid = np.arange(61) / 60
    approvals = [sum(round(60 * x) >= 60 * t for t in game.thresholds) for x in grid]
    passes = np.array([a >= game.k for a in approvals], float)
    program = linprog(
        -passes, A_eq=[np.ones(61), grid], b_eq=[1, float(game.prior)], method="highs"
    )
    best = game.optimum()
    assert float(best.value) == pytest.approx(-program.fun, abs=1e-9)
    assert best.certificate.holds(0)
    assert sum(best.weights) == 1
    assert all(isinstance(x, Fraction) for x in (best.value, *best.weights, *best.posteriors))


@laws
@given(coalitions(), twelfths, twelfths)
def test_no_split_in_two_beats_the_optimum(game, low, high):
    """Any split of the prior into two posteriors, and the certificate of one that is worse."""
    low, high = sorted((low, high))
    if not low <= game.prior <= high or low == high:
        return
    weight = (game.prior - low) / (high - low)
    best = game.optimum()
    line = best.certificate.a, best.certificate.b
    split = game.certified([low, high], [1 - weight, weight], line)
    assert split.value <= best.value
    assert split.certificate.holds(0) == (split.value == best.value)


@laws
@given(coalitions())
def test_more_approvals_are_harder_and_names_do_not_matter(game):
    values = [
        gt.Persuasion(game.prior, game.thresholds[::-1], k).optimum().value
        for k in range(1, len(game.thresholds) + 1)
    ]
    assert values == sorted(values, reverse=True)
    assert values[game.k - 1] == game.optimum().value


def test_a_false_line_and_a_false_split_are_seen():
    game = gt.Persuasion(0.3, [0.2, 0.5], 2)
    assert not game.certified([0.0, 0.5], [0.4, 0.6], (0.0, 1.0)).certificate.holds()
    assert not game.certified([0.0, 0.5], [0.3, 0.7], (0.0, 2.0)).certificate.holds()
    assert game.certified([0.0, 0.5], [0.4, 0.6], (0.0, 2.0)).certificate.holds()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((1.2, [0.5], 1), "prior: 1.2 is not from 0 to 1"),
        ((0.3, [0.5, -1], 1), "thresholds: .* is not from 0 to 1"),
        ((0.3, [0.5], 2), "k: 2 is not a whole number from 1 to 1"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        gt.Persuasion(*given)

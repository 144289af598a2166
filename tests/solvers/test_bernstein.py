"""Zeros of polynomial systems in Bernstein form: planted ones, and what rounding allows."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from gametheory.solvers import _bernstein


def bernstein(powers):
    """Bernstein coefficients of a polynomial given by its powers, ``powers[i, j] x^i y^j``."""
    n, m = (s - 1 for s in powers.shape)
    out = np.zeros(powers.shape)
    for i, j in np.ndindex(powers.shape):
        out[i, j] = sum(
            math.comb(i, a) / math.comb(n, a) * math.comb(j, b) / math.comb(m, b) * powers[a, b]
            for a, b in np.ndindex(i + 1, j + 1)
        )
    return out


def test_zeros_of_circle_and_line():
    # (x - 1/2)^2 + (y - 1/2)^2 = 1/8 and x = y: (1/4, 1/4) and (3/4, 3/4), corners of halved boxes.
    circle = np.array([[3 / 8, -1, 1], [-1, 0, 0], [1, 0, 0]])
    line = np.array([[0, -1], [1, 0]])
    found = _bernstein.zeros([bernstein(circle), bernstein(line)], [], 2)
    assert [x.tolist() for x, _ in found.zeros] == [
        pytest.approx([0.25] * 2, abs=1e-14),
        pytest.approx([0.75] * 2, abs=1e-14),
    ]
    assert all(np.abs(x - x.round(2)).max() <= off < 1e-11 for x, off in found.zeros)
    assert not found.left
    assert found.whole


def test_a_line_that_touches_is_left():
    # x + y = 1 + 1/2 touches the circle of radius^2 1/8 about (1/2, 1/2) at (3/4, 3/4).
    circle = np.array([[3 / 8, -1, 1], [-1, 0, 0], [1, 0, 0]])
    line = np.array([[-1.5, 1], [1, 0]])
    found = _bernstein.zeros([bernstein(circle), bernstein(line)], [], 2)
    assert not found.zeros
    assert found.left
    assert all(np.abs(a - 0.75).max() < 1e-3 for span in found.left for a in span)
    shift = np.array([[1e-6, 0], [0, 0]])
    apart = _bernstein.zeros([bernstein(circle), bernstein(line - shift)], [], 2)
    assert not apart.zeros
    assert not apart.left
    cut = _bernstein.zeros([bernstein(circle), bernstein(line + shift)], [], 2)
    assert len(cut.zeros) == 2  # sqrt(1e-6 / sqrt 2) or so to each side
    assert not cut.left


def test_zeros_that_are_near_are_told_apart():
    near = 0.6 + 1e-5
    powers = np.outer([0.6 * near, -(0.6 + near), 1], [1, 0])
    found = _bernstein.zeros([bernstein(powers), bernstein(np.array([[-0.3, 1], [0, 0]]))], [], 2)
    assert [x.tolist() for x, _ in found.zeros] == [
        pytest.approx([0.6, 0.3], abs=1e-9),
        pytest.approx([near, 0.3], abs=1e-9),
    ]


def test_where_only_signs_are_asked_boxes_are_solid():
    found = _bernstein.zeros([], [(bernstein(np.array([[-0.3, 1], [0, 0]])), 1)], 2)
    inside = [(0.1, 0.31), (0.9, 0.5), (0.5, 0.99)]
    for point in inside:
        assert any((a <= point).all() and (b >= point).all() for a, b in found.solid)
    assert not any((b < (2, 0.3)).all() for _, b in found.solid)


@pytest.mark.parametrize("unit", [1e-6, 1e-4, 1e-2])
def test_the_coarser_the_arithmetic_the_less_is_claimed(unit, monkeypatch):
    circle = np.array([[3 / 8, -1, 1], [-1, 0, 0], [1, 0, 0]])
    line = np.array([[0.0, -1], [1, 0]])
    monkeypatch.setattr(_bernstein, "UNIT", unit)
    found = _bernstein.zeros([bernstein(circle), bernstein(line)], [], 2)
    for x in (0.25, 0.75):
        listed = any(np.abs(y - x).max() <= off for y, off in found.zeros)
        assert listed or any((a <= x).all() and (x <= b).all() for a, b in found.left)
    assert all(off >= unit for _, off in found.zeros)
    if unit == 1e-2:  # after some halvings rounding may hide even the middle of the circle, -1/8
        assert not found.zeros
        assert any((a <= 0.45).all() and (b >= 0.45).all() for a, b in found.left)


@pytest.mark.parametrize("n", [3, 40, 150])
def test_halves_are_right_to_what_is_allowed(n):
    rng = np.random.default_rng(n)
    floats = rng.uniform(-1, 1, n + 1)
    exact = [Fraction(x) for x in floats]
    slack = 0.0
    for half in (0.0, 0.5, 0.5, 0.0):
        floats = _bernstein.along(floats, _bernstein.onto(n, half, half + 0.5), 0)
        kept, row = [], exact
        for _ in range(n + 1):  # de Casteljau's triangle
            kept.append(row[-1] if half else row[0])
            row = [(a + b) / 2 for a, b in itertools.pairwise(row)]
        exact = kept[::-1] if half else kept
        slack += 2 * (n + 2) * _bernstein.UNIT
        assert max(abs(Fraction(x) - y) for x, y in zip(floats, exact)) <= slack

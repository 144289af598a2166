"""Zeros that only just lie on a face, ties that no float can tell, and loops, by class."""

import math
from fractions import Fraction

import numpy as np
import pytest

import gametheory as gt
from gametheory.equilibrium import Coverage
from gametheory.solvers import _class_faces

ROOT = math.sqrt(0.5)
SQUARE = {  # Bernstein coefficients of x^2 - 1/2, by degree
    2: np.array([Fraction(-1, 2), Fraction(-1, 2), Fraction(1, 2)]),
    3: np.array([Fraction(-1, 2), Fraction(-1, 2), Fraction(-1, 6), Fraction(1, 2)]),
}


def chances(found):
    starts = np.cumsum((0, *found.game.sizes))[:-1]
    return [[float(e.mixtures[a][0]) for a in starts] for e in found]


def of_gains(d, sizes):
    return gt.ClassGame(d, [np.zeros(np.shape(table), int) for table in d], sizes)


def test_a_zero_at_an_irrational_point_of_a_side_is_one_equilibrium():
    # With u = p^2 - 1/2: g_A = u + q, g_B = u - q. Both are zero at u = q = 0, on the side q = 0,
    # where B is indifferent; both wait at (0, 0); and A acts, B mixes at q = 1/2.
    half, one = Fraction(1, 2), Fraction(1)
    a = SQUARE[2][:, None] + np.array([0 * one, half, one])
    b = SQUARE[3][:, None] - np.array([0 * one, one])
    found = gt.solve(of_gains([a, b], (3, 2)))
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS
    assert found.degenerate is True
    assert np.array(chances(found)) == pytest.approx(np.array([[0, 0], [ROOT, 0], [1, 0.5]]))
    boxes = [box for part in found.components for box in part.boxes]
    assert boxes
    assert all(abs(box.low[0][0] - ROOT) < 1e-6 and box.high[3][0] < 1e-6 for box in boxes)


def test_a_tie_at_an_irrational_point_is_left_open():
    # g_A = (1 + p)(q^2 - 1/2) and g_B = (1/2 - p)(2 - q) are zero at p = 1/2, q^2 = 1/2, where C,
    # who waits, would gain q^2 - 1/2: no float tells that this is zero.
    a = np.outer([1, 2], SQUARE[3])[..., None] * np.array([1, 1])
    falling = np.array([Fraction(1, 2), 0, Fraction(-1, 2)])
    b = np.outer(falling, [2, Fraction(3, 2), 1])[..., None] * np.array([1, 1])
    c = np.stack([SQUARE[3]] * 3)[..., None]
    game = of_gains([a, b, c], (2, 3, 1))
    search = _class_faces.Search(game, True, False)
    search.face((None, None, 0))
    assert not search.points
    (box,) = search.left
    low, high = box.span()
    assert low == pytest.approx([0.5, ROOT, 0], abs=1e-9)
    assert high == pytest.approx([0.5, ROOT, 0], abs=1e-9)
    # A little more and C is known to wait, a little less and C would act.
    for shift, many in ((Fraction(-1, 10**6), 1), (Fraction(1, 10**6), 0)):
        search = _class_faces.Search(of_gains([a, b, c + shift], (2, 3, 1)), True, False)
        search.face((None, None, 0))
        assert (len(search.points), search.left) == (many, [])


def test_a_loop_of_equilibria_has_a_member():
    # Both gains are (p - 1/2)^2 + (q - 1/2)^2 - 1/16: zero on a circle inside.
    square = {2: np.array([0.25, -0.25, 0.25]), 3: np.array([1 / 4, -1 / 12, -1 / 12, 1 / 4])}
    a = square[2][:, None] + square[3] - 1 / 16
    found = gt.solve(of_gains([a, a.T], (3, 3)))
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS
    points = chances(found)
    off = [abs((p - 0.5) ** 2 + (q - 0.5) ** 2 - 1 / 16) for p, q in points]
    assert [1, 1] in points
    assert sum(x < 1e-9 for x in off) == 1
    boxes = [box for part in found.components for box in part.boxes]
    for angle in np.linspace(0, 2 * math.pi, 41):
        p, q = 0.5 + 0.25 * math.cos(angle), 0.5 + 0.25 * math.sin(angle)
        sides = [np.array([x, 1 - x]) for x in (p, p, p, q, q, q)]
        assert any(sides in box for box in boxes)

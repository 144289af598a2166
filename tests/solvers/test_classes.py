"""Equilibria in which classes mix as one: closed forms, laws, and the full table solved."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory.equilibrium import Coverage
from gametheory.solvers import _bernstein, _class_faces, classes

laws = settings(max_examples=40, deadline=None)
SIZES = [(2, 1), (1, 1), (2, 2), (3, 1), (1, 1, 1), (1, 2, 1), (2, 1, 2), (4,)]
WHOLE = {Coverage.ALL, Coverage.ALL_BY_CLASS, Coverage.ALL_SYMMETRIC}


def shapes(sizes):
    return [tuple(m + (j != k) for j, m in enumerate(sizes)) for k in range(len(sizes))]


def of_gains(d, sizes):
    """A game in which acting adds ``d[k]``; waiting pays something lopsided."""
    wait = [k + np.arange(table.size).reshape(table.shape) % 3 for k, table in enumerate(d)]
    return gt.ClassGame([w + table for w, table in zip(wait, d)], wait, sizes)


few = st.integers(-2, 2)


@st.composite
def tables(draw, values=few):
    sizes = draw(st.sampled_from(SIZES))
    d = []
    for shape in shapes(sizes):
        many = math.prod(shape)
        d.append(np.array(draw(st.lists(values, min_size=many, max_size=many))).reshape(shape))
    return d, sizes


def chances(found):
    """The chances of acting, one a class; all members of a class have the same."""
    points = []
    for e in found:
        sides, start = [], 0
        for m in found.game.sizes:
            side = {x[0] for x in e.mixtures[start : start + m]}
            assert len(side) == 1
            sides.append(side.pop())
            start += m
        points.append(tuple(sides))
    return points


def same(points, others, off=1e-9):
    """Whether two sets of points agree, each counted once."""
    left = [tuple(map(float, p)) for p in others]
    if len(points) != len(left):
        return False
    for p in points:
        near = [q for q in left if max(abs(a - b) for a, b in zip(map(float, p), q)) <= off]
        if len(near) != 1:
            return False
        left.remove(near[0])
    return True


def value(table, p, drop=None):
    """The expected gain at ``p`` from explicit binomials, or its derivative by chance ``drop``."""
    total = 0.0
    for j in np.ndindex(table.shape):
        term = float(table[j])
        for axis, (x, k) in enumerate(zip(p, j)):
            m = table.shape[axis] - 1
            if axis == drop:
                up = k * x ** (k - 1) * (1 - x) ** (m - k) if k else 0.0
                down = (m - k) * x**k * (1 - x) ** (m - k - 1) if m > k else 0.0
                term *= math.comb(m, k) * (up - down)
            else:
                term *= math.comb(m, k) * x**k * (1 - x) ** (m - k)
        total += term
    return total


def by_class(full, sizes):
    """Those of the equilibria in which members of a class mix alike."""
    found = []
    for e in full:
        q, start, sides = [float(x[0]) for x in e.mixtures], 0, []
        for m in sizes:
            sides.append(q[start : start + m])
            start += m
        if all(max(side) - min(side) < 1e-9 for side in sides):
            found.append(tuple(side[0] for side in sides))
    return found


@laws
@given(tables())
def test_agrees_with_the_full_table(given_):
    d, sizes = given_
    found, full = gt.solve(of_gains(d, sizes)), gt.solve(of_gains(d, sizes).to_game())
    points, known = chances(found), by_class(full, sizes)
    if full.coverage is Coverage.ALL and found.coverage in WHOLE:
        assert same(points, known)
    elif full.coverage is Coverage.EXTREME and found.coverage is Coverage.EXTREME:
        assert same(points, known)
        assert len(found.components) == len(full.components)
    elif full.coverage in {Coverage.ALL, Coverage.EXTREME}:
        boxes = [box for part in found.components for box in part.boxes]
        for p in known:
            listed = any(same([p], [q]) for q in points)
            sides = np.repeat(p, sizes)
            assert listed or any(
                all(a[0] - 1e-9 <= x <= b[0] + 1e-9 for a, x, b in zip(box.low, sides, box.high))
                for box in boxes
            )


@laws
@given(tables(st.floats(-1, 1).filter(lambda x: abs(x) > 1e-3)))
def test_agrees_with_the_full_table_in_floats(given_):
    d, sizes = given_
    found, full = gt.solve(of_gains(d, sizes)), gt.solve(of_gains(d, sizes).to_game())
    if full.coverage is Coverage.ALL and found.coverage in WHOLE:
        assert same(chances(found), by_class(full, sizes), 1e-8)


@pytest.mark.parametrize("sizes", [(9, 7), (4, 5, 3), (2, 2, 2, 2), (30, 12)])
@pytest.mark.parametrize("seed", range(4))
def test_indices_add_up_to_one(sizes, seed):
    # Nash's map sends profiles in which classes mix as one into themselves, a convex set: the
    # indices of its fixed points there add up to 1. At one without ties the index is the sign of
    # the determinant of minus the Jacobian by the chances of those who mix.
    rng = np.random.default_rng(seed)
    d = [rng.normal(size=shape) for shape in shapes(sizes)]
    zero = [np.zeros(shape) for shape in shapes(sizes)]
    found = gt.solve(gt.ClassGame(d, zero, sizes))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert found.degenerate is False
    total = 0
    for p in chances(found):
        free = [k for k, x in enumerate(p) if 0 < x < 1]
        for k, x in enumerate(p):
            gain = value(d[k], p)
            assert abs(gain) < 1e-9 if k in free else gain * (2 * x - 1) > 0
        J = np.array([[value(d[k], p, j) for j in free] for k in free]).reshape(
            len(free), len(free)
        )
        total += int(np.sign(np.linalg.det(-J))) if free else 1
    assert total == 1


@laws
@given(st.lists(st.integers(-6, 6), min_size=2, max_size=9))
def test_one_class_is_the_symmetric_case(d):
    count = gt.CountGame(d, [0] * len(d))
    one = gt.ClassGame([d], [[0] * len(d)], (len(d),))
    expected, found = gt.solve(count), gt.solve(one)
    assert found.coverage is expected.coverage
    assert found.degenerate is expected.degenerate
    assert [p for (p,) in chances(found)] == [e.mixtures[0][0] for e in expected]


def test_one_class_of_a_thousand():
    d = [0.01 if 200 < k < 700 else -0.013 for k in range(1_000)]
    count = gt.solve(gt.CountGame(d, [0.0] * 1_000))
    found = gt.solve(gt.ClassGame([d], [[0.0] * 1_000], (1_000,)))
    assert [p for (p,) in chances(found)] == [e.mixtures[0][0] for e in count]
    assert len(found) == 3


@laws
@given(st.data(), tables())
def test_order_of_classes_does_not_matter(data, given_):
    d, sizes = given_
    order = data.draw(st.permutations(range(len(sizes))))
    here = gt.solve(of_gains(d, sizes))
    moved = gt.ClassGame(
        [here.game.act[k].transpose(order) for k in order],
        [here.game.wait[k].transpose(order) for k in order],
        [sizes[k] for k in order],
    )
    there = gt.solve(moved)
    assert there.coverage is here.coverage
    assert there.degenerate is here.degenerate
    if here.coverage in WHOLE:
        turned = [tuple(p[k] for k in order) for p in chances(here)]
        assert same(chances(there), turned, 1e-11)


@laws
@given(tables())
def test_naming_waiting_acting_turns_chances_over(given_):
    d, sizes = given_
    game = of_gains(d, sizes)
    mirror = gt.ClassGame([np.flip(u) for u in game.wait], [np.flip(u) for u in game.act], sizes)
    here, there = gt.solve(game), gt.solve(mirror)
    assert there.coverage is here.coverage
    if here.coverage in WHOLE:
        turned = [tuple(1 - x for x in p) for p in chances(here)]
        assert same(chances(there), turned, 1e-11)


@pytest.mark.parametrize("unit", [Fraction(1, 10**9), 10**9])
@laws
@given(given_=tables(), zero=st.integers(-(10**9), 10**9))
def test_unit_and_zero_of_payoffs_do_not_matter(unit, given_, zero):
    d, sizes = given_
    game = of_gains(d, sizes)
    moved = gt.ClassGame(
        [unit * u + zero + k for k, u in enumerate(game.act)],
        [unit * u + zero + k for k, u in enumerate(game.wait)],
        sizes,
    )
    here, there = gt.solve(game), gt.solve(moved)
    assert chances(there) == chances(here)
    assert (there.coverage, there.degenerate) == (here.coverage, here.degenerate)


@pytest.mark.parametrize("unit", [2.0**-30, 2.0**30])
def test_unit_of_each_class_does_not_matter_in_floats(unit):
    rng = np.random.default_rng(3)
    sizes = (5, 4)
    d = [rng.normal(size=shape) for shape in shapes(sizes)]
    zero = [np.zeros(shape) for shape in shapes(sizes)]
    here = gt.solve(gt.ClassGame(d, zero, sizes))
    there = gt.solve(gt.ClassGame([d[0] * unit, d[1]], zero, sizes))
    assert chances(there) == chances(here)
    assert len(here) > 3


@pytest.mark.parametrize("parts", [(2, 3), (1, 4), (1, 1, 3)])
@laws
@given(d=st.lists(st.integers(-3, 3), min_size=5, max_size=5))
def test_equilibria_of_a_class_stay_when_it_is_split(parts, d):
    merged = gt.solve(gt.CountGame(d, [0] * 5))
    split = gt.solve(gt.ClassGame([d] * len(parts), [[0] * 5] * len(parts), parts))
    points = np.array([list(map(float, p)) for p in chances(split)])
    where = [part.boxes for part in split.components]
    for e in merged:
        p = float(e.mixtures[0][0])
        listed = np.abs(points - p).max(axis=1).min() < 1e-9
        boxed = any(
            (abs(x[0] - p) < 1e-9 or x[0] <= p) and (abs(y[0] - p) < 1e-9 or p <= y[0])
            for boxes in where
            for box in boxes
            for x, y in zip(box.low, box.high)
        )
        assert listed or boxed
    if split.coverage is Coverage.ALL_BY_CLASS:
        alike = [p for p in chances(split) if max(p) - min(p) < 1e-10]
        assert same(alike, [(e.mixtures[0][0],) * len(parts) for e in merged])


def volunteers(sizes, costs):
    n = sum(sizes)
    act = [[1 - c] * n for c in costs]
    return gt.ClassGame(act, [[c * 0] + [c * 0 + 1] * (n - 1) for c in costs], sizes)


def volunteering(sizes, costs):
    """Chances in equilibria where a good worth 1 needs one act, two classes: derived.

    One who acts gains the chance that no other does less the cost. With waiting chances ``w``:
    both mix iff ``w1^(n1-1) w2^n2 = c1`` and ``w1^n1 w2^(n2-1) = c2``, so that ``c1 w1 = c2 w2``
    and ``w1^(n-1) = c1 (c2 / c1)^n2``; one mixes, the other waits iff ``w1^(n1-1) = c1`` and
    ``w1^n1 <= c2``; a class of one acts alone; no class of more does, nor two.
    """
    (a, b), (c, e), n = sizes, costs, sum(sizes)
    found = []
    for flip, (m, x, y) in enumerate([(a, c, e), (b, e, c)]):
        w = x ** (1 / (m - 1)) if m > 1 else 0.0
        if m == 1 or w**m <= y:
            found.append((0.0, 1 - w) if flip else (1 - w, 0.0))
    w = (c * (e / c) ** b) ** (1 / (n - 1))
    if w < 1 and w * c / e < 1:
        found.append((1 - w, 1 - w * c / e))
    return found


@pytest.mark.parametrize("sizes", [(2, 3), (1, 4), (3, 1), (1, 1), (20, 30), (2, 400)])
@pytest.mark.parametrize("costs", [(0.3, 0.5), (0.5, 0.49), (0.2, 0.201), (0.4, 0.4)])
def test_volunteers_of_two_costs(sizes, costs):
    found = gt.solve(volunteers(sizes, costs))
    assert found.coverage in WHOLE
    held = [1 - (1 - c) for c in costs]  # the costs as the payoffs hold them
    assert same(chances(found), volunteering(sizes, held), 1e-10)


@pytest.mark.parametrize("sizes", [(2, 3), (1, 3), (4, 2), (12, 9)])
@pytest.mark.parametrize("costs", [(0.3, 0.5), (0.45, 0.4), (0.2, 0.9)])
def test_all_are_needed(sizes, costs):
    # A good worth 1 iff all n act. Acting gains the chance that all others do less the cost: the
    # volunteers' system in the chances of acting. If a class waits, no other acts.
    n, (a, b), (c, e) = sum(sizes), sizes, costs
    act = [[-x] * (n - 1) + [1 - x] for x in costs]
    found = gt.solve(gt.ClassGame(act, [[0.0] * n] * 2, sizes))
    expected = [(0.0, 0.0), (1.0, 1.0)]
    for flip, (m, x, y) in enumerate([(a, c, e), (b, e, c)]):  # one mixes, the other acts
        p = x ** (1 / (m - 1)) if m > 1 else None
        if p is not None and p**m >= y:
            expected.append((1.0, p) if flip else (p, 1.0))
    p = (c * (e / c) ** b) ** (1 / (n - 1))
    if p < 1 and p * c / e < 1:
        expected.append((p, p * c / e))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert same(chances(found), expected, 1e-10)


def with_a_fourth(v, c):
    """Three who need three acts, worth 1 at the cost .3, and a fourth with ``v`` and ``c``.

    After Myatt & Wallace 2008, Rev. Econ. Stud. 75(2): 499-527; parameters of MODELS EV-1.
    """

    def payoff(who, acts, others):
        worth, cost = (1, Fraction(3, 10)) if who == "team" else (v, c)
        return worth * (sum(others) + acts >= 3) - cost * acts

    return gt.ClassGame.of({"team": 3, "fourth": 1}, payoff)


def test_a_bad_apple_waits():
    # v = .02 < c = .05: acting never pays him. The three then need each other: p^2 = .3.
    found = gt.solve(with_a_fourth(Fraction(1, 50), Fraction(1, 20)))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert same(chances(found), [(0, 0), (math.sqrt(0.3), 0), (1, 0)], 1e-14)


def test_a_fourth_who_is_equal():
    # With p of the team and q of the fourth: p^2 (1 - q) + 2 p (1 - p) q = .3 where they mix, and
    # 3 p^2 (1 - p) = .3 where he does. He acts for sure at 2 p (1 - p) = .3 with the larger root;
    # p^2 = .3 with q = 0 leaves him 3 (.3) (1 - .548) = .41 > .3.
    roots = np.roots([-3, 3, 0, -0.3])
    expected = [(0, 0), (1, 0), ((1 + math.sqrt(0.4)) / 2, 1)]
    for p in (x.real for x in roots if abs(x.imag) < 1e-12 and 0 < x.real < 1):
        q = (0.3 - p * p) / (2 * p * (1 - p) - p * p)
        if 0 < q < 1:
            expected.append((p, q))
    found = gt.solve(with_a_fourth(1, Fraction(3, 10)))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert same(chances(found), expected, 1e-12)


def test_rational_chances_are_exact():
    # g_A = (1 + p)(q - 1/3), g_B = (2/5 - p)(2 - q): A follows B, B shuns A; p = 2/5, q = 1/3.
    d = [
        np.outer([1, 2], [Fraction(-1, 3), Fraction(1, 6), Fraction(2, 3)]),
        np.outer([Fraction(2, 5), Fraction(-1, 10), Fraction(-3, 5)], [2, 1]),
    ]
    zero = [np.zeros(shape, int) for shape in shapes((2, 2))]
    found = gt.solve(gt.ClassGame(d, zero, (2, 2)), exact=True)
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert chances(found) == [(Fraction(2, 5), Fraction(1, 3))]
    assert found[0].certificate.exact
    assert found[0].certificate.regret == 0
    floats = gt.solve(found.game, exact=False)
    assert all(x.dtype == float for e in floats for x in e.mixtures)
    assert same(chances(floats), [(0.4, 1 / 3)], 1e-15)


def test_an_irrational_chance_is_no_fraction():
    # g_A = (1 + p)(q^2 - 1/2), g_B = (1/2 - p)(2 - q): p = 1/2, q = sqrt(1/2).
    squares = [Fraction(-1, 2), Fraction(-1, 2), Fraction(-1, 6), Fraction(1, 2)]
    falling = [Fraction(1, 2), 0, Fraction(-1, 2)]
    d = [np.outer([1, 2], squares), np.outer(falling, [2, Fraction(3, 2), 1])]
    zero = [np.zeros(shape, int) for shape in shapes((2, 3))]
    game = gt.ClassGame(d, zero, (2, 3))
    assert same(chances(gt.solve(game)), [(0.5, math.sqrt(0.5))], 1e-14)
    with pytest.raises(ValueError, match="is not known to be rational"):
        gt.solve(game, exact=True)
    with pytest.raises(ValueError, match="is not rational"):  # p^2 = 3/10
        gt.solve(with_a_fourth(Fraction(1, 50), Fraction(1, 20)), exact=True)


def test_a_repeated_root_of_one_gain_settles_that_chance():
    # g_B = -(2 p - 1)^2 and g_A = (2 p - 1)(1 - q) + q: where A mixes, p = 1/2 and q = 0.
    d = [np.array([[-1, 0], [1, 1]]), np.array([[-1], [1], [-1]])]
    found = gt.solve(of_gains(d, (2, 1)))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert chances(found) == [(0, 0), (Fraction(1, 2), 0), (1, 0)]
    assert found.degenerate is True


def test_a_chance_that_a_repeated_root_settles_is_degenerate():
    # g_B = (2 p - 1)^2, g_A = (1 + p)(q - 1/3): both mix at (1/2, 1/3), both act at (1, 1).
    follow = np.outer([1, 2], [Fraction(-1, 3), Fraction(2, 3)])
    found = gt.solve(of_gains([follow, np.array([[1], [-1], [1]])], (2, 1)))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert chances(found) == [(Fraction(1, 2), Fraction(1, 3)), (1, 1)]
    assert found.degenerate is True


def test_chances_that_are_settled_one_by_one():
    # g_B, of p alone, is zero at p = 1/4 and 3/4, positive between; g_A = (1 + p)(q - 1/3): A
    # follows B. If B waits, so does A; if B acts, A acts and B does not care to; else both mix.
    squares = [Fraction(-3, 16), Fraction(5, 16), Fraction(-3, 16)]
    follow = np.outer([1, 2], [Fraction(-1, 3), Fraction(2, 3)])
    found = gt.solve(of_gains([follow, np.array(squares)[:, None]], (2, 1)), exact=True)
    assert found.coverage is Coverage.ALL_BY_CLASS
    third = Fraction(1, 3)
    assert chances(found) == [(0, 0), (Fraction(1, 4), third), (Fraction(3, 4), third)]
    assert found.degenerate is False


def test_where_acting_never_matters_all_profiles_are_equilibria():
    zero = [np.zeros(shape, int) for shape in shapes((2, 3))]
    found = gt.solve(gt.ClassGame(zero, zero, (2, 3)))
    assert found.coverage is Coverage.EXTREME
    assert sorted(chances(found)) == list(itertools.product((0, 1), repeat=2))
    assert found.components[0].nash_subsets == ((0, 1, 2, 3),)
    assert found.degenerate is True


def test_a_class_that_is_indifferent_makes_a_continuum():
    # B never minds; A gains k - 1 if k of the three B act.
    d = [np.array([[-1, 0, 1, 2]]), np.zeros((2, 3), int)]
    found = gt.solve(of_gains(d, (1, 3)))
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS
    assert found.degenerate is True
    # A waits while the expected gain 3 q - 1 <= 0, acts after q = 1/3, and mixes there at will.
    assert chances(found) == [(0, 0), (0, Fraction(1, 3)), (1, Fraction(1, 3)), (1, 1)]
    (part,) = found.components
    assert (1, 2) in part.nash_subsets
    spans = {(b.low[0][0], b.high[0][0], b.low[1][0], b.high[1][0]) for b in part.boxes}
    third = 1 / 3
    assert spans == {(0, 0, 0, third), (1, 1, third, 1), (0, 1, third, third)}


def test_a_stretch_of_equilibria_is_no_product_if_members_may_not_differ():
    # Of the three B, who never mind, each with the chance q: what A gains is, in t = 2 q, the cubic
    # with Bernstein coefficients -1, 1/2, -1, 0, below zero until q = 1/2 and above it after. With
    # q = 1/2 for one of them and 0 for two it is the second of these: A would act.
    d = [np.array([[-1, 2, -7, 16]]), np.zeros((2, 3), int)]
    found = gt.solve(of_gains(d, (1, 3)))
    half = Fraction(1, 2)
    assert chances(found) == [(0, 0), (0, half), (1, half), (1, 1)]
    wait, even = [Fraction(0), Fraction(1)], [half, half]
    assert gt.certify(gt.Profile(found.game, [wait, even, wait, wait])).regret == half
    (part,) = found.components
    assert part.nash_subsets == ((0,), (1, 2), (3,))
    assert len(part.boxes) == 3
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS


def test_an_isolated_point_of_an_edge_on_which_a_class_never_minds():
    # A never minds. If C waits, B gains p - 3/4, else loses 1; if B acts, C gains p - 3/4, else 1.
    # B acts and C waits at p = 3/4 alone; B waits and C acts at any p.
    b = np.array([[[Fraction(-3, 4), -1]], [[Fraction(1, 4), -1]]])
    c = np.array([[[1], [Fraction(-3, 4)]], [[1], [Fraction(1, 4)]]])
    found = gt.solve(of_gains([np.zeros((1, 2, 2), int), b, c], (1, 1, 1)))
    assert found.coverage in {Coverage.EXTREME, Coverage.ENCLOSED}
    assert chances(found) == [(0, 0, 1), (Fraction(3, 4), 1, 0), (1, 0, 1)]
    assert found.components == ((0, 2), (1,))
    assert all(abs(box.low[0][0] - 0.75) < 1e-6 for box in found.components[1].boxes)


def test_a_curve_of_equilibria_is_enclosed():
    # Both classes gain by p + q - 1: every point of that line, where each mixes.
    d = [
        np.array([[-1.0, -0.5, 0.0], [0.0, 0.5, 1.0]]),
        np.array([[-1.0, 0.0], [-0.5, 0.5], [0.0, 1.0]]),
    ]
    found = gt.solve(gt.ClassGame(d, [np.zeros((2, 3)), np.zeros((3, 2))], (2, 2)))
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS
    assert found.degenerate is not False
    boxes = [box for part in found.components for box in part.boxes]
    for p in np.linspace(0.01, 0.99, 37):
        mixtures = [np.array([p, 1 - p])] * 2 + [np.array([1 - p, p])] * 2
        assert any(mixtures in box for box in boxes)
    assert any("boxes" in note for note in found.notes)


def test_a_curve_is_enclosed_for_any_chance_of_one_who_matters_to_nobody():
    # As above; a third class never minds and is minded by nobody.
    line = np.array([[-1.0, -0.5, 0.0], [0.0, 0.5, 1.0]])
    d = [np.stack([line] * 2, axis=-1), np.stack([line.T] * 2, axis=-1), np.zeros((3, 3, 1))]
    found = gt.solve(of_gains(d, (2, 2, 1)))
    assert found.coverage is Coverage.ENCLOSED_BY_CLASS
    boxes = [box for part in found.components for box in part.boxes]
    for p in (0.1, 0.3, 0.8):
        for r in (0.0, 0.4, 1.0):
            sides = [np.array([x, 1 - x]) for x in (p, p, 1 - p, 1 - p, r)]
            assert any(sides in box for box in boxes)


def test_a_chance_at_the_side_of_a_face_is_not_counted_twice():
    # Both gains are zero at (0, 0) and rise from there: it is an equilibrium with ties, and no
    # point near it is one.
    d = [np.array([[0, -1, -2], [-2, -3, -4]]), np.array([[0, -1], [-3, -4], [-6, -7]])]
    found = gt.solve(of_gains(d, (2, 2)))
    assert found.coverage is Coverage.ALL_BY_CLASS
    assert chances(found) == [(0, 0)]
    saddle = [np.array([[0, 1, 2], [-2, -1, 0]]), np.array([[0, -1], [3, 2], [6, 5]])]
    met = gt.solve(of_gains(saddle, (2, 2)))
    full = gt.solve(of_gains(saddle, (2, 2)).to_game())
    assert met.coverage is Coverage.ALL_BY_CLASS
    assert met.degenerate is True
    assert same(chances(met), by_class(full, (2, 2)))


def test_budgets_end_in_unknown(monkeypatch):
    rng = np.random.default_rng(5)
    d = [rng.normal(size=shape) for shape in shapes((6, 6))]
    game = gt.ClassGame(d, [np.zeros(shape) for shape in shapes((6, 6))], (6, 6))
    whole = gt.solve(game)
    assert whole.coverage is Coverage.ALL_BY_CLASS
    for module, name, budget in [
        (_class_faces, "MOST", 10),
        (_bernstein, "EFFORT", 10),
        (classes, "FACES", 5),
    ]:
        with monkeypatch.context() as patched:
            patched.setattr(module, name, budget)
            found = gt.solve(game)
        assert found.coverage is Coverage.UNKNOWN
        assert found.degenerate is None
        assert len(found.notes) > 0
        assert all(any(same([p], [q]) for q in chances(whole)) for p in chances(found))


def test_three_classes_of_hundreds_say_what_was_not_searched():
    n = 300 * 3
    act = [[(k >= 99) - c for k in range(n)] for c in (0.01, 0.02, 0.03)]
    found = gt.solve(gt.ClassGame(act, [[float(k >= 100) for k in range(n)]] * 3, (300,) * 3))
    assert found.coverage is Coverage.UNKNOWN
    assert "A and B and C" in found.notes[0]


@pytest.mark.parametrize("method", ["classes", "pure"])
def test_other_forms_are_refused_and_classes_are_not_for_others(method):
    with pytest.raises(ValueError, match="needs a"):
        gt.solve(gt.CountGame([1, 1], [0, 2]), method=method)
    with pytest.raises(ValueError, match="needs a CountGame"):
        gt.solve(volunteers((1, 2), (1, 1)), method="symmetric")


# Pure equilibria.


@laws
@given(tables(), st.booleans())
def test_pure_equilibria_are_those_of_the_full_table(given_, floats):
    d, sizes = given_
    game = of_gains([t.astype(float) for t in d] if floats else d, sizes)
    found = gt.solve(game, method="pure")
    assert found.coverage is Coverage.ALL_PURE
    full = gt.solve(game.to_game(), method="pure")
    expected = {}
    for e in full:
        acting = [float(x[0]) for x in e.mixtures]
        ends = np.cumsum((0, *sizes))
        counts = tuple(int(sum(acting[a:b])) for a, b in itertools.pairwise(ends))
        expected[counts] = expected.get(counts, 0) + 1
    got = {}
    for e, times in zip(found, found.multiplicity):
        acting = [float(x[0]) for x in e.mixtures]
        ends = np.cumsum((0, *sizes))
        sides = [acting[a:b] for a, b in itertools.pairwise(ends)]
        assert all(side == sorted(side, reverse=True) for side in sides)
        got[tuple(int(sum(side)) for side in sides)] = times
    assert got == expected
    assert list(got) == sorted(got)


def test_pure_equilibria_of_a_threshold_by_total():
    # Worth 1 to all iff 5 of 4 + 6 act, at costs below 1: none or exactly five.
    n = 10
    act = [[(k >= 4) - c for k in range(n)] for c in (Fraction(1, 4), Fraction(1, 2))]
    game = gt.ClassGame(act, [[int(k >= 5) for k in range(n)]] * 2, (4, 6))
    found = gt.solve(game, method="pure")
    assert sum(found.multiplicity) == 1 + math.comb(10, 5)
    assert len(found) == 1 + 5
    assert found.notes


def test_too_many_numbers_of_players(monkeypatch):
    from gametheory.solvers import pure

    game = gt.ClassGame([[0] * 4] * 2, [[0] * 4] * 2, (2, 2))
    monkeypatch.setattr(pure, "MOST", 12)
    found = gt.solve(game, method="pure")
    assert found.coverage is Coverage.UNKNOWN
    assert len(found) == 3
    monkeypatch.setattr(pure, "COUNTS", 8)
    with pytest.raises(ValueError, match="9 numbers of players"):
        gt.solve(game, method="pure")

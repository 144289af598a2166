"""Batches of symmetric cutoff games: the same as each game alone; ties are left to one solver."""

import numpy as np
import pytest
from scipy import stats

import gametheory as gt
from gametheory.cutoff import CutoffGame
from gametheory.equilibrium import Coverage


def table(v, law, first, slope):
    sign = -1 if first == "low" else 1
    f = {"a": lambda t, k: v[k] + sign * slope * t, "b": lambda t, k: 0.0 * t}
    return CutoffGame(law, f, len(v), first)


@pytest.mark.parametrize("first", ["low", "high"])
def test_a_batch_says_what_each_game_says_alone(first):
    rng = np.random.default_rng(2)
    B, n = 300, 6
    v = rng.normal(0, 1, (B, n)).cumsum(axis=1)
    slope, loc, scale = rng.random((B, 1)) + 0.5, rng.normal(size=B), rng.random(B) + 0.2
    for law in (stats.norm(), stats.uniform(), stats.lognorm(0.5)):
        batch = gt.cutoffs_many(law, v, slope, loc, scale, first)
        assert set(batch.coverage) == {Coverage.ALL_SYMMETRIC}
        assert batch.regret.max() < 1e-12
        assert (batch.count > 1).any()
        for b in range(0, B, 37):
            alone = gt.solve(table(v[b], moved(law, loc[b], scale[b]), first, float(slope[b, 0])))
            rows = batch.rows(b)
            assert batch.chances[rows] == pytest.approx([e.chances[0, 0] for e in alone], rel=1e-9)
            inner = [e.cutoffs[0, 0] for e in alone if np.isfinite(e.cutoffs[0, 0])]
            here = batch.cutoffs[rows]
            assert here[np.isfinite(here)] == pytest.approx(inner, abs=1e-9)
            assert len(batch[b]) == len(alone)


def moved(law, loc, scale):
    return law.dist(
        *law.args, **{**law.kwds, "loc": loc, "scale": scale * law.kwds.get("scale", 1)}
    )


def test_a_batch_leaves_ties_to_the_solver_of_one_game():
    v = np.array([[0, 0.5, 1.0], [-0.16, 0.74, 0.64], [1, 0, 0], [0, 0, 0.0]])
    batch = gt.cutoffs_many(stats.uniform(), v)
    assert [c.name for c in batch.coverage] == [
        "ENDS_OF_SAME_CUTOFFS",
        "ALL_SYMMETRIC",
        "ALL_SYMMETRIC",
        "ALL_SYMMETRIC",
    ]
    assert batch.count.tolist() == [2, 2, 1, 1]
    assert batch.cutoffs == pytest.approx([0, 1, 0, 0.4, 0.381966011, 0], abs=1e-6)
    assert batch.to_frame().shape == (6, 3)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"value": [1, 2]}, r"value: shape \(2,\)"),
        ({"value": [[1, np.inf]]}, "value: inf of game 0"),
        ({"value": [[1, 2]], "slope": [1, 2, 3]}, r"slope, loc, scale: shapes \(3,\)"),
        ({"value": [[1, 2]], "slope": -1}, "slope: -1 of game 0"),
        ({"value": [[1, 2]], "slope": 0}, "slope: 0 of game 0"),
        ({"value": [[1, 2]], "scale": 0}, "scale: 0 of game 0"),
        ({"value": [[1, 2]], "loc": np.nan}, "loc: nan of game 0"),
        ({"value": [[1, 2]], "first": "up"}, "first: 'up'"),
    ],
)
def test_bad_batches_get_one_clear_line(given, told):
    with pytest.raises(ValueError, match=told):
        gt.cutoffs_many(stats.norm(), **given)

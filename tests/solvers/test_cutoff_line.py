"""Bounds of the gain of the marginal type: no zero is lost, and few cells are looked at."""

import numpy as np
import pytest
from scipy import stats

import gametheory as gt
from gametheory.cutoff import CutoffGame
from gametheory.equilibrium import Coverage
from gametheory.solvers._cutoff_line import Line


@pytest.mark.parametrize("changes", [0, 1, 2, 5])
def test_no_cell_that_holds_a_zero_is_closed(changes):
    """Steps of the gain over counts change their sign so often; a zero is planted in each cell."""
    rng = np.random.default_rng(changes)
    for trial in range(80):
        N = int(rng.integers(changes + 1, 40))
        bounds = np.sort(rng.choice(np.arange(1, N), changes, replace=False)) if changes else []
        signs = (-1.0) ** (np.searchsorted(bounds, np.arange(N), side="right") + trial)
        v = np.concatenate([[0], np.cumsum(signs * rng.random(N) ** 3)])
        slope = float(rng.choice([0, 1e-6, 0.1, 3]))

        def gains(t, v=v, slope=slope):
            D = v - slope * t[:, np.newaxis]
            return D, np.abs(D) + 1

        law = stats.uniform()
        a = rng.normal(0, 3, 25)
        a, b = a, a + 10.0 ** rng.uniform(-9, 0.5, 25)
        y = a + rng.random(25) * (b - a)
        g, _ = Line(gains, law, "low", N).values(y)
        for k in range(25):
            shifted = Line(lambda t, off=g[k]: (gains(t)[0] - off, gains(t)[1]), law, "low", N)
            assert shifted._test(a[k : k + 1], b[k : k + 1])[0].all()


def test_thresholds_and_complements_take_few_cells(monkeypatch):
    """A state's own cost and the chance to be pivotal: cells cut off quickly, with 1,000 states."""
    seen = []
    test = Line._test

    def counting(line, a, b):
        seen.append(len(a))
        return test(line, a, b)

    monkeypatch.setattr(Line, "_test", counting)
    half = {"pay": lambda t, k: 1.0 * (k >= 499) - t, "wait": lambda t, k: 1.0 * (k >= 500)}
    join = {"join": lambda t, k: k / 999 - t, "wait": lambda t, k: 0.0 * t}
    for payoffs, law in ((half, stats.uniform(0, 0.03)), (join, stats.norm(0.5, 0.2))):
        seen.clear()
        found = gt.solve(CutoffGame(law, payoffs, 1000))
        assert (len(found), found.coverage) == (3, Coverage.ALL_SYMMETRIC)
        assert len(seen) < 10
        assert sum(seen) < 400
    (middle,) = (e for e in found if 0.1 < e.cutoffs[0, 0] < 0.9)
    assert middle.cutoffs[0, 0] == pytest.approx(0.5, abs=1e-12)  # by symmetry

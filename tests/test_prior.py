"""Priors: what is drawn, from where, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv
from scipy.stats import beta, chisquare, kstest, randint, uniform

import gametheory as gt
from gametheory import par
from gametheory.model import admissible
from gametheory.prior import PRIORS, beta_quantile, draw

MODELS = gt.load_models()
SOURCE = gt.Citation("Example, E.", 2026, "Boxes", "unpublished", read=True)


class Boxes(gt.Model):
    """One parameter of each kind."""

    citation = SOURCE
    a: float = par(1.0, "payoff units, drawn from a box inside its range", (-10, 10), (2, 6))
    k: int = par(3, "number, drawn over the whole of its range", (2, 9))
    fixed: float = par(0.5, "payoff units, unbounded and so fixed", (0, math.inf))
    v: tuple = par((0.0, 0.0, 0.0), "share of each state", (-1, 1))


class Ordered(gt.Model):
    """Two shares in order."""

    citation = SOURCE
    low: float = par(0.2, "share", (0, 1))
    high: float = par(0.7, "share", (0, 1))

    def requires(self):
        return {"low <= high": np.less_equal(self.low, self.high)}


@pytest.mark.parametrize(("a", "b"), [(2, 5), (5, 2), (1, 3), (4, 4)])
def test_quantiles_of_beta_are_those_of_scipy(a, b):
    rng = np.random.default_rng(a)
    tails = 10.0 ** rng.uniform(-12, -1, 500)
    steps = np.arange(4097) / 4096
    u = np.concatenate([[0.0, 1.0], rng.random(20_000), tails, 1 - tails, steps])
    x = beta_quantile(a, b, u)
    assert np.allclose(x, betaincinv(a, b, u), rtol=1e-13, atol=0)
    assert np.allclose(betainc(a, b, x), u, rtol=1e-12, atol=0)
    assert np.array_equal(beta_quantile(a, b, u[:400].reshape(20, 20)), x[:400].reshape(20, 20))


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("prior", PRIORS)
def test_draws_stay_in_their_boxes_and_are_admissible(key, prior):
    model = MODELS[key]()
    sample = draw(model, prior, 400, seed=3)
    for name, p in model.parameters().items():
        values = getattr(sample, name)
        if p.box is None:
            assert values == getattr(model, name)
            continue
        assert values.shape == ((400,) if p.width is None else (400, p.width))
        assert (p.box[0] <= values).all()
        assert (values <= p.box[1]).all()
        assert (values.dtype.kind == "i") == p.integer
        assert len(np.unique(values)) > 1
    assert admissible(type(model), sample.values()).all()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(PRIORS)), st.integers(0, 2**32), st.integers(1, 50))
def test_same_seed_same_draws(prior, seed, n):
    one, two = (draw(Ordered(), prior, n, seed).low for _ in range(2))
    other = draw(Ordered(), prior, n, seed + 1).low
    assert one.tolist() == two.tolist()
    assert one.tolist() != other.tolist()


def test_draws_are_those_of_every_machine():
    """Recorded: if these change, published verdicts can no longer be run again."""
    sample = draw(Boxes(), "uniform", 3, seed=0)
    assert sample.a == pytest.approx([4.82171978, 2.07540436, 4.67304038], abs=5e-9)
    assert sample.k.tolist() == [9, 8, 3]


def test_priors_have_streams_of_their_own():
    """Else "low" and "uniform" would share their luck, and three priors would be one."""
    u = (draw(Boxes(), "uniform", 5_000).a - 2) / 4
    x = beta(2, 5).cdf((draw(Boxes(), "low", 5_000).a - 2) / 4)
    assert abs(np.corrcoef(u, x)[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("prior", "law"), [("uniform", beta(1, 1)), ("low", beta(2, 5)), ("high", beta(5, 2))]
)
def test_named_priors_are_the_beta_distributions_they_say(prior, law):
    sample = draw(Boxes(), prior, 20_000, seed=5)
    x = (sample.a - 2) / 4
    assert kstest(x, law.cdf).pvalue > 1e-3
    assert x.mean() == pytest.approx(law.mean(), abs=4 * law.std() / math.sqrt(20_000))
    # Whole numbers: cell j of 8 has the chance that the law gives to (j/8, (j+1)/8).
    counts = np.bincount(sample.k - 2, minlength=8)
    assert chisquare(counts, 20_000 * np.diff(law.cdf(np.arange(9) / 8))).pvalue > 1e-3
    # Each entry of a vector is drawn alike and on its own.
    assert kstest((sample.v[:, 2] + 1) / 2, law.cdf).pvalue > 1e-3
    apart = np.corrcoef(np.column_stack([x, sample.k, sample.v]).T) - np.eye(5)
    assert np.abs(apart).max() < 0.04


def test_means_of_low_and_high():
    low, high = (draw(Boxes(), p, 40_000).a for p in ("low", "high"))
    assert [low.mean(), high.mean()] == pytest.approx([2 + 4 * 2 / 7, 2 + 4 * 5 / 7], abs=0.02)


def test_what_the_model_requires_is_conditioned_on():
    """Uniform on the triangle low <= high: means 1/3 and 2/3, and P(low <= 1/2) = 3/4."""
    sample = draw(Ordered(), "uniform", 40_000, seed=1)
    assert (sample.low <= sample.high).all()
    assert [sample.low.mean(), sample.high.mean()] == pytest.approx([1 / 3, 2 / 3], abs=0.005)
    assert (sample.low <= 0.5).mean() == pytest.approx(0.75, abs=0.01)


def test_rare_but_possible_requirement_is_met():
    model = Ordered(low=0.01, high=0.02)
    sample = draw(model, {"low": uniform(0, 1)}, 300)
    assert sample.low.shape == (300,)
    assert sample.low.max() <= 0.02


def test_prior_of_distributions():
    """Those named are drawn, in their own unit; the others keep the model's values."""
    prior = {"a": uniform(-3, 2), "k": randint(4, 7), "v": uniform(0.5, 0.25)}
    sample = draw(Boxes(fixed=0.7), prior, 3_000, seed=2)
    assert kstest(sample.a, uniform(-3, 2).cdf).pvalue > 1e-3
    assert sorted(set(sample.k.tolist())) == [4, 5, 6]
    assert sample.k.dtype.kind == "i"
    assert sample.v.shape == (3_000, 3)
    assert (sample.v.min() >= 0.5, sample.v.max() <= 0.75) == (True, True)
    assert sample.fixed == 0.7
    alone = draw(Boxes(k=7), {"fixed": uniform(50, 10)}, 20)  # it needs no box
    assert (alone.k, alone.a) == (7, 1.0)
    assert alone.fixed.min() >= 50


def test_distribution_beyond_the_range_is_cut_to_it():
    sample = draw(Ordered(high=1.0), {"low": uniform(-1, 4)}, 2_000)
    assert kstest(sample.low, uniform(0, 1).cdf).pvalue > 1e-3


def test_unknown_prior():
    with pytest.raises(ValueError, match="prior: 'flat' is unknown; use uniform, low, high or a"):
        draw(Boxes(), "flat", 10)


def test_unknown_parameter():
    with pytest.raises(ValueError, match="prior: Boxes has no parameter w, z"):
        draw(Boxes(), {"a": uniform(), "z": uniform(), "w": uniform()}, 10)


@pytest.mark.parametrize("n", [0, -3])
def test_no_draws(n):
    with pytest.raises(ValueError, match=f"prior: {n} draws of 3 parameters"):
        draw(Boxes(), "uniform", n)


def test_nothing_to_draw():
    class Settled(gt.Model):
        """Has no box."""

        citation = SOURCE
        x: float = par(1.0, "payoff units", (0, math.inf))

    with pytest.raises(ValueError, match="10 draws of 0 parameters"):
        draw(Settled(), "uniform", 10)


def test_requirement_that_no_draw_meets_is_named():
    race = MODELS["arms_control"](g=0.05, h=0.08)  # g is drawn from .1 up, and must be below h
    with pytest.raises(ValueError, match=r"0 of \d+ draws meet 0 < g, g < h; narrow the boxes of"):
        draw(race, "uniform", 100)

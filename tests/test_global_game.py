"""Global games as a form: payoffs at a signal, laws of signals, what is refused at the door."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import logistic, norm, t, uniform

import gametheory as gt
from gametheory import GlobalGame
from tests._signals import intervention, unequal

EVEN = uniform(-1, 2)


def test_far_signals_of_heavy_tailed_noise_tell_little():
    """A million deviations out the noise is to blame: the posterior is nearly the prior."""
    game = intervention(0.3, 2, 2, 0.5, t(2), norm(0, 1), top=2.0)
    (join, _), *_ = game.interim(0, np.array([1e6]), np.full((2, 1), 0.4))

    def worth(x):
        return norm.pdf(x) * (max(x, 0) * (t.sf((0.4 - x) / 0.5, 2) if x < 2 else 1) - 0.3)

    assert join == pytest.approx(quad(worth, -9, 9, points=[0, 0.4, 2])[0], abs=1e-5)


def test_interim_payoffs_against_adaptive_quadrature():
    """Two others with different cutoffs and noise, a prior narrower than the noise."""
    game = unequal((0.1, 0.2, 0.3), 2, (0.3, 0.5, 0.8), logistic(), norm(0.4, 0.2), top=1.0)
    c = np.array([[0.2], [0.5], [0.9]])
    signals = np.array([-0.5, 0.3, 1.4])
    found = game.interim(1, signals, c)
    for x, (join, stay) in zip(signals, found):

        def weigh(th, x=x):
            return norm.pdf(th, 0.4, 0.2) * logistic.pdf((x - th) / 0.5)

        def worth(th, weigh=weigh):
            p, q = logistic.sf((0.2 - th) / 0.3), logistic.sf((0.9 - th) / 0.8)
            chance = 1.0 if th >= 1.0 else p + q - p * q
            return weigh(th) * (max(th, 0) * chance - 0.2)

        top, mass = (quad(f, -1.2, 2.0, points=[0, 0.4, 1.0], limit=200)[0] for f in (worth, weigh))
        assert join == pytest.approx(top / mass, abs=1e-9)
        assert stay == 0


@pytest.mark.parametrize(
    ("prior", "noise", "sigma"),
    [(norm(1, 2), norm(0.5, 1), 0.7), (uniform(0, 3), logistic(), 0.5), (norm(), EVEN, 3.0)],
)
def test_law_of_a_signal_against_simulation(prior, noise, sigma):
    game = intervention(0.3, 2, 2, sigma, noise, prior, top=2.0)
    rng = np.random.default_rng(2)
    x = prior.rvs(400_000, random_state=rng) + sigma * noise.rvs(400_000, random_state=rng)
    law = game.types[0]
    p = np.array([0.01, 0.2, 0.5, 0.9])
    assert law.cdf(np.quantile(x, p)) == pytest.approx(p, abs=0.004)
    assert law.cdf(law.ppf(p)) == pytest.approx(p, abs=1e-9)
    assert law.sf(law.isf(p)) == pytest.approx(p, abs=1e-9)


# --- bad input --------------------------------------------------------------------------------

GOOD = {"join": lambda x, k: x * (k >= 1) - 0.3, "stay out": lambda x, k: 0 * x}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"payoffs": GOOD}, "n: not one number of players"),
        ({"payoffs": [GOOD, GOOD], "n": 3}, "n: not one number of players .n 3, payoffs 2"),
        ({"payoffs": GOOD, "n": 2.5}, "n: 2.5 is not a whole number of 2 or more"),
        ({"payoffs": GOOD, "n": 2, "sigma": 0}, "sigma: 0 is not positive"),
        ({"payoffs": GOOD, "n": 2, "first": "up"}, "first: 'up' is not known"),
        ({"payoffs": GOOD, "n": 2, "first": "low"}, 'use first="high"'),
        ({"payoffs": {"a": GOOD["join"]}, "n": 2}, "are not the two actions of all"),
        (
            {"payoffs": {"a": lambda x, k: x**2, "b": lambda x, k: 0 * x}, "n": 2},
            "the game is not played by cutoffs",
        ),
        (
            {
                "payoffs": {"a": lambda x, k: x + 0.8 * np.sin(9 * x), "b": lambda x, k: 0 * x},
                "n": 2,
            },
            "the game is not played by cutoffs",
        ),
        (
            {"payoffs": {"a": lambda x, k: 1 if x > 0 else 0, "b": lambda x, k: 0 * x}, "n": 2},
            "fails on arrays",
        ),
        (
            {"payoffs": {"a": lambda x, k: x + np.inf, "b": lambda x, k: 0 * x}, "n": 2},
            "payoffs must be finite",
        ),
        ({"payoffs": GOOD, "n": 2, "noise": 3}, "noise: 3 has no cdf"),
    ],
)
def test_bad_input_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        GlobalGame(**given)


def test_a_cutoff_far_from_all_likely_signals():
    """Between a narrow prior and poor signals, likely states are close to neither.

    The normal posterior in closed form, by Gauss-Hermite quadrature; 51.900102462392 by mpmath.
    """
    d = np.array([-1.2666613, -0.54777346, -0.54235846, 0.52572768])
    middle, spread, s = -1.5109803827064496, 0.4684350510289393, 2.0
    game = gt.GlobalGame(
        {"act": lambda th, k: d[np.asarray(k, int)] + th, "stay": lambda th, k: 0 * th},
        n=4,
        sigma=s,
        prior=norm(middle, spread),
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)

    def gain(x):
        precision = 1 / s**2 + 1 / spread**2
        theta = (x / s**2 + middle / spread**2) / precision + nodes / np.sqrt(precision)
        p = norm.sf((x - theta) / s)[:, np.newaxis]
        k = np.arange(4)
        law = np.array([1, 3, 3, 1]) * p**k * (1 - p) ** (3 - k)
        return weights @ (theta + law @ d) / weights.sum()

    found = gt.solve(game)
    cutoffs = [e.cutoffs[0, 0] for e in found]
    assert max(cutoffs) == pytest.approx(51.900102462392, abs=1e-6)
    assert [gain(x) for x in cutoffs] == pytest.approx([0] * len(found), abs=1e-7)
    assert all(e.certificate.holds() for e in found)

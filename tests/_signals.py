"""Games of joint intervention under noisy signals, for the tests of several rooms."""

import numpy as np

from gametheory import GlobalGame


def intervention(c, n, m, sigma, noise=None, prior=None, top=50.0, linear=False):
    """Joining costs c and pays the gravity if m join, or alone from the gravity ``top`` on."""

    def join(x, k):
        worth = x if linear else np.maximum(x, 0)
        return np.where((k >= m - 1) | (x >= top), worth, 0) - c

    payoffs = {"join": join, "stay out": lambda x, k: 0 * k}
    return GlobalGame(payoffs, n, prior, noise, sigma, jumps=at(0, top))


def at(*corners):
    """Functions that change sign at these states."""
    return [lambda x, k, c=c: x - c for c in corners]


def unequal(r, m, sigma, noise=None, prior=None, top=5.0):
    """The same with a cost for each."""

    def join(cost):
        return lambda x, k: np.where((k >= m - 1) | (x >= top), np.maximum(x, 0), 0) - cost

    payoffs = [{"join": join(cost), "stay out": lambda x, k: 0 * k} for cost in r]
    return GlobalGame(payoffs, None, prior, noise, sigma, jumps=at(0, top))

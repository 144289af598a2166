"""Global games and votes: seconds a game, certificates included. No peer solves either.

Each result is checked first against a closed form: a threshold c n / (n - m + 1) -
sigma (m - 1) / (n + 1) with uniform noise, 2c - sigma / sqrt(pi) with normal noise and two players,
the roots of Morris and Shin's equation, Feddersen and Pesendorfer's mixing chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from _timing import seconds
from gametheory_models.collective.feddersen_pesendorfer1998 import FeddersenPesendorfer1998
from gametheory_models.collective.joint_intervention import JointIntervention
from gametheory_models.collective.morris_shin1998 import MorrisShin1998
from scipy.stats import norm, uniform

import gametheory as gt


def intervention(n: int, m: int, sigma: float, noise: object = None) -> gt.GlobalGame:
    """n states, each of cost .3, of whom m must join."""
    return gt.GlobalGame(
        {
            "join": lambda x, k: np.where((k >= m - 1) | (x >= 50), np.maximum(x, 0), 0) - 0.3,
            "stay out": lambda x, k: 0 * x,
        },
        n,
        noise=noise,
        sigma=sigma,
        jumps=[lambda x, k: x, lambda x, k: x - 50],
    )


def report(name: str, make: Callable[[], object], expected: list[float], digits: float) -> None:
    """One line of the table, after the result is checked."""
    found = gt.solve(make())  # type: ignore[call-overload]
    if isinstance(found, gt.EquilibriumSet):
        told = [float(e.mixtures[-1][0]) for e in found if e.mixtures[0][0] == 1]
    else:
        told = [float(e.cutoffs[0, 0]) for e in found]
    assert np.allclose(told, expected, rtol=0, atol=digits), (name, told, expected)
    taken = seconds(lambda: gt.solve(make()))  # type: ignore[call-overload]
    print(f"{name:<52}{1e3 * taken:>10.1f} ms   {found.coverage.name}")


def main() -> None:
    """Prints the table."""
    print(f"{'game':<52}{'one game':>13}   coverage")
    two = 0.6 - 0.1 / math.sqrt(math.pi)
    report("2 states, normal noise", lambda: intervention(2, 2, 0.1, norm()), [two], 1e-10)
    for n, m in ((10, 6), (100, 60), (1_000, 600)):
        exact = 0.3 * n / (n - m + 1) - 0.05 * (m - 1) / (n + 1)
        even = uniform(-1, 2)
        report(
            f"{n:,} states, uniform noise",
            lambda n=n, m=m, law=even: intervention(n, m, 0.05, law),  # type: ignore[misc]
            [exact],
            1e-9,
        )
    for alpha in (1, 3):
        model = MorrisShin1998(c=0.5, alpha=alpha, beta=1.0, z=0.5)
        roots = model.roots()[np.isfinite(model.roots())]
        report(
            f"continuum, normal prior of precision {alpha}",
            model.game,
            [float(model.cutoff(r)) for r in roots],
            1e-7,
        )
    r = np.random.default_rng(0).uniform(0.05, 0.3, 12)
    unequal = JointIntervention(N=12, m=12, r=r).with_signals(0.01)
    (e,) = gt.solve(unequal)
    assert abs(e.cutoffs.mean() - r.sum()) < 0.1
    taken = seconds(lambda: gt.solve(JointIntervention(N=12, m=12, r=r).with_signals(0.01)))
    print(f"{'12 unequal states by unanimity, normal noise':<52}{1e3 * taken:>10.1f} ms   ALL")
    for n in (12, 1_000):
        vote = FeddersenPesendorfer1998(N=n, p=0.7, q=0.5)
        report(f"vote of {n:,}, unanimity", vote.game, [float(vote.mixing())], 1e-10)


if __name__ == "__main__":
    main()

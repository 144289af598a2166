"""What holds for every method of solution, found by looking."""

from __future__ import annotations

import importlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta

import gametheory as gt
from gametheory import solvers

# Every player has a strictly dominated action, so that no equilibrium plays it. The table is
# zero-sum, of unequal shape and has one equilibrium, in pure strategies.
TABLE = gt.Game.from_payoffs([[3, 2, 4], [1, 0, 2]], [[-3, -2, -4], [-1, 0, -2]])
COUNT = gt.CountGame(act=[0, 1, 2], wait=[1, 2, 3])
CLASSES = gt.ClassGame(
    [[[0, 1], [1, 2]], [[0], [1], [2]]], [[[1, 2], [2, 4]], [[2], [3], [4]]], (2, 1)
)
BAYES = gt.BayesianGame(TABLE.payoffs[np.newaxis, np.newaxis].repeat(2, axis=0), [[0.25], [0.75]])
ALLIANCE = gt.PublicGood(w=[10, 6, 4, 2], alpha=0.5)
NETWORK = gt.LinearNetwork([1.0, 2.0, 1.0], [[0, 0.1, 0], [0.1, 0, 0.2], [0, 0.2, 0]])
GROUPS = gt.GroupContest([10.0, 6.0, 4.0], [0, 0, 1])
CONTINUOUS = (ALLIANCE, NETWORK, GROUPS)


def volunteers(unit: float = 1.0, zero: float = 0.0) -> gt.CutoffGame:
    """Three states pay for a good at private costs, with payoffs in these units."""
    pay = {"pay": lambda t, k: unit * (1 - t) + zero, "wait": lambda t, k: unit * (k > 0) + zero}
    return gt.CutoffGame(beta(4, 2), pay, 3)


def crisis(unit: float = 1.0, zero: float = 0.0) -> gt.Ultimatum:
    """A demand on a state whose cost of war is private, the demander's payoffs in these units."""
    return gt.Ultimatum(
        beta(4, 2),
        accept=(lambda x: unit * x + zero, lambda x, t: 1 - x),
        refuse=(lambda x: unit * 0.3 + zero, lambda x, t: 0.5 - t),
    )


PRIVATE, CRISIS = volunteers(), crisis()
# To enter pays, to fight does not.
STEPS = {
    (): gt.move("Entrant", "out", "enter"),
    ("enter",): gt.move("Incumbent", "fight", "yield"),
}
PAID = {("out",): (0, 2), ("enter", "fight"): (-1, -1), ("enter", "yield"): (1, 1)}
TREE = gt.Tree.of(["Entrant", "Incumbent"], lambda h: STEPS.get(h) or PAID[h])


FOUND = {
    gt.Tree: gt.TreeEquilibria,
    gt.CutoffGame: gt.CutoffEquilibria,
    gt.Ultimatum: gt.ActionEquilibria,
}
PLAYED = {gt.CutoffGame: "chances", gt.Ultimatum: "actions"}


def solve(game: Any, method: str) -> Any:
    """What the method finds of the game, in the concept that it finds first."""
    module = importlib.import_module(f"gametheory.solvers.{method}")
    return gt.solve(game, getattr(module, "CONCEPTS", ("nash",))[0], method)


def games_for(method: str) -> list[Any]:
    """Those of the games above that the method takes."""
    taken = []
    for game in (TABLE, COUNT, CLASSES, BAYES, TREE, PRIVATE, CRISIS, *CONTINUOUS):
        try:
            solve(game, method)
        except ValueError:
            continue
        taken.append(game)
    return taken


def wrong(game: Any) -> Any:
    """A profile in which player 0 plays an action that another strictly dominates."""
    if isinstance(game, gt.Tree):
        plan = {"Entrant": {"start": "enter"}, "Incumbent": {"enter": "fight"}}
        return gt.Behaviour.pure(game, plan)
    if isinstance(game, gt.CutoffGame):
        return gt.CutoffProfile(game, 0.9)
    if isinstance(game, gt.Ultimatum):
        return gt.OfferProfile(game, 0.1)
    if isinstance(game, gt.BayesianGame):  # the second type alone
        return gt.BayesianProfile.pure(game, [[0, 1], [0]])
    played = [[Fraction(0)] * m for m in game.shape]
    for x in played:
        x[0] = Fraction(1)
    if isinstance(game, gt.Game):
        played[0] = [Fraction(0), Fraction(1)]
    return gt.Profile(game, played)


@pytest.mark.parametrize("method", solvers.methods())
def test_a_wrong_answer_of_any_method_is_caught(method, monkeypatch):
    """Whatever a method finds goes through the certificate: one false member, and it raises."""
    games = games_for(method)
    assert games, f"no game here for {method}"
    module = importlib.import_module(f"gametheory.solvers.{method}")
    for game in games:
        if game in CONTINUOUS:
            actions = np.full(len(game.players), 0.5)
            sets, profile = module.ActionEquilibria, gt.ActionProfile(game, actions)
        else:
            sets = FOUND.get(type(game), gt.EquilibriumSet)
            sets = getattr(module, "AssessmentEquilibria", sets)
            profile = wrong(game)
        proved = sets.proved

        def with_a_bug(game, profiles, *args, proved=proved, profile=profile, **kw):
            false: Any = profile
            if isinstance(profiles[0], tuple):  # an assessment, and the ranges of its beliefs
                right, ranges = profiles[0]
                false = type(right)(profile, right.beliefs), ranges
            return proved(game, [false, *list(profiles)[1:]], *args, **kw)

        with monkeypatch.context() as patched:
            patched.setattr(sets, "proved", staticmethod(with_a_bug))
            with pytest.raises(
                gt.CertificateError, match=r"is not an equilibrium|is not pbe|gains"
            ):
                solve(game, method)


@pytest.mark.parametrize("method", solvers.methods())
@pytest.mark.parametrize("unit", [1e-9, 1, 1e9])
def test_unit_and_zero_of_payoffs_do_not_matter(method, unit):
    """The same equilibria in dollars and in billions of them, above any zero; in floats."""
    for game in games_for(method):
        if game in CONTINUOUS:
            continue  # payoffs of this form are given by its parameters
        if isinstance(game, gt.Game):
            other: Any = gt.Game(game.payoffs.astype(float) * unit + 3 * unit)
        elif isinstance(game, gt.Tree):
            paid = {end: [float(u) * unit + 3 * unit for u in row] for end, row in PAID.items()}
            other = gt.Tree.of(game.players, lambda h, paid=paid: STEPS.get(h) or paid[h])
        elif isinstance(game, gt.CutoffGame):
            other = volunteers(unit, 3 * unit)
        elif isinstance(game, gt.Ultimatum):
            other = crisis(unit, 3 * unit)
        elif isinstance(game, gt.BayesianGame):
            other = gt.BayesianGame(game.payoffs.astype(float) * unit + 3 * unit, game.prior)
        elif isinstance(game, gt.ClassGame):
            act, wait = (
                [u.astype(float) * unit + 3 * unit for u in s] for s in (game.act, game.wait)
            )
            other = gt.ClassGame(act, wait, game.sizes)
        else:
            act, wait = (u.astype(float) * unit + 3 * unit for u in (game.act, game.wait))
            other = gt.CountGame(act, wait)
        here, there = solve(game, method), solve(other, method)
        assert there.coverage is here.coverage
        assert len(there) == len(here) >= 1
        for e, f in zip(here, there):
            played = (getattr(x, PLAYED.get(type(game), "mixtures")) for x in (e, f))
            near = 1e-7 if isinstance(game, gt.Ultimatum) else 1e-9  # of second order in payoffs
            for x, y in zip(*played):
                assert np.allclose(x.astype(float), y.astype(float), rtol=0, atol=near)

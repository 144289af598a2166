"""Equilibria in continuous actions: certificates, and lists that say what they promise.

A profile of actions is a Nash equilibrium iff no player gains by another action while the others
keep theirs. :func:`certify_actions` looks for that gain in the payoffs alone: for all players at
once it tries a grid of their own actions, even and geometric, and closes in on the best of them by
golden section. It shares no code with any solver, and assumes of the payoffs only that a gain is
not narrower than the grid.

A regret is of second order in the error of an action: one of 1e-9 of the payoff range still leaves
room for an error of some 1e-5 of the action's range. ``deviations`` are the best actions found.

>>> from gametheory.aggregative import Contest
>>> duel = Contest([10, 6])
>>> certify_actions(ActionProfile(duel, [2.34375, 1.40625])).holds()
True
>>> certify_actions(ActionProfile(duel, [2.34375, 1.5]))
ActionCertificate(nash, regret 0.00228659, float)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gametheory.actions import ActionGame, ActionProfile
from gametheory.equilibrium import CertificateError, Coverage, Listed, certify
from gametheory.game import Array, freeze, show

if TYPE_CHECKING:
    import pandas as pd

GRID = np.union1d(np.linspace(0, 1, 41), 0.5 ** np.arange(1, 41))
MIDDLE = (GRID >= 0.25) & (GRID <= 0.75)
GOLDEN = (np.sqrt(5) - 1) / 2
SECTIONS = 36


class InFloats:
    """What certificates of many players in floats have in common; arrays of shape ``(n,)``."""

    regrets: Array
    ranges: Array

    @property
    def exact(self) -> bool:
        """Whether the regrets are exact rational numbers: they are floats."""
        return False

    @property
    def regret(self) -> float:
        """The largest regret of any player."""
        return float(self.regrets.max())

    @property
    def scale(self) -> float:
        """The widest payoff range of any player."""
        return float(self.ranges.max())

    def holds(self, tol: float = 1e-9) -> bool:
        """Whether each regret is at most ``tol`` times that player's payoff range."""
        return bool((self.regrets <= tol * self.ranges).all())


@dataclass(frozen=True, eq=False, repr=False)
class ActionCertificate(InFloats):
    """How much each player could gain by another action, the others keeping theirs.

    ``regrets[i]`` is that gain (at least zero) and ``deviations[i]`` the best action found, both of
    shape ``(n,)``. ``ranges[i]``, the unit of the tolerance, is the range of the payoff over the
    middle half of the player's own actions: over all of them it may be infinite.
    """

    concept: str
    regrets: Array
    deviations: Array
    ranges: Array

    def __repr__(self) -> str:
        return f"ActionCertificate({self.concept}, regret {show(self.regret)}, float)"


def certify_actions(profile: ActionProfile) -> ActionCertificate:
    """The Nash certificate of ``profile``: what each player could gain by another action.

    Cost: about 120 evaluations of the payoffs of all players.
    """
    game, upper = profile.game, profile.game.upper
    pay = game.unilateral(profile.actions)
    played = pay(profile.actions)
    best, most = profile.actions.copy(), played.copy()

    def offer(x: Array, u: Array) -> Array:
        better = u > most
        best[better], most[better] = x[better], u[better]
        return better

    cell = np.zeros(len(upper), dtype=np.intp)
    top, low, high = np.full((3, len(upper)), [[-np.inf], [np.inf], [-np.inf]])
    for k, share in enumerate(GRID):
        u = pay(share * upper)
        rises = u > top
        cell[rises], top[rises] = k, u[rises]
        offer(share * upper, u)
        if MIDDLE[k]:
            low, high = np.minimum(low, u), np.maximum(high, u)
    a = GRID[np.maximum(cell - 1, 0)] * upper
    b = GRID[np.minimum(cell + 1, len(GRID) - 1)] * upper
    c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
    at_c, at_d = pay(c), pay(d)
    for _ in range(SECTIONS):
        left = at_c > at_d
        a, b = np.where(left, a, c), np.where(left, d, b)
        fresh = np.where(left, b - GOLDEN * (b - a), a + GOLDEN * (b - a))
        u = pay(fresh)
        c, d = np.where(left, fresh, d), np.where(left, c, fresh)
        at_c, at_d = np.where(left, u, at_d), np.where(left, at_c, u)
        offer(fresh, u)
    with np.errstate(invalid="ignore"):
        regrets = np.where(most > played, most - played, 0.0)
        ranges = high - low
    return ActionCertificate("nash", freeze(regrets), freeze(best), freeze(ranges))


@dataclass(frozen=True, repr=False)
class ActionEquilibrium:
    """A profile of actions with the proof that it is an equilibrium, and how it was found."""

    profile: ActionProfile
    certificate: ActionCertificate
    method: str

    @property
    def actions(self) -> Array:
        """The action of each player, shape ``(n,)``."""
        return self.profile.actions

    @property
    def aggregate(self) -> float:
        """Sum of what the actions add to the aggregate."""
        return self.profile.aggregate

    @property
    def payoffs(self) -> Array:
        """Payoff of each player, shape ``(n,)``."""
        return self.profile.payoffs

    def __repr__(self) -> str:
        return f"ActionEquilibrium({_inside(self.profile)})"


@dataclass(frozen=True, repr=False)
class ActionEquilibria(Listed[ActionEquilibrium]):
    """Equilibria of one game in continuous actions, with what the list promises.

    It stands beside :class:`~gametheory.equilibrium.EquilibriumSet`, whose members are mixtures
    over finitely many actions. ``notes`` hold the proof of uniqueness where there is one.
    """

    game: ActionGame
    equilibria: tuple[ActionEquilibrium, ...]
    coverage: Coverage
    method: str
    notes: tuple[str, ...] = ()

    @staticmethod
    def proved(
        game: ActionGame,
        profiles: Sequence[ActionProfile],
        coverage: Coverage,
        method: str,
        notes: Sequence[str] = (),
    ) -> ActionEquilibria:
        """The set of these profiles, each certified. Raises CertificateError if one is not Nash."""
        found = []
        for profile in profiles:
            certificate = certify(profile)
            if not certificate.holds():
                excess = certificate.regrets - 1e-9 * certificate.ranges
                i = int(excess.argmax())
                raise CertificateError(
                    f"{method}: {game.players[i]} gains {show(float(certificate.regrets[i]))} by "
                    f"{show(float(certificate.deviations[i]))} in place of "
                    f"{show(float(profile.actions[i]))} in {profile!r}"
                )
            found.append(ActionEquilibrium(profile, certificate, method))
        return ActionEquilibria(game, tuple(found), coverage, method, tuple(notes))

    def told(self, k: int) -> str:
        """The actions."""
        return _inside(self[k].profile)

    def to_frame(self) -> pd.DataFrame:
        """One row a player in each equilibrium: action, share of the aggregate, payoff, regret."""
        import pandas as pd

        parts = [
            pd.DataFrame(
                {
                    "action": e.actions,
                    "share": e.profile.shares,
                    "payoff": e.payoffs,
                    "regret": e.certificate.regrets,
                },
                index=pd.Index(self.game.players, name="player"),
            )
            for e in self
        ]
        return pd.concat(parts, keys=range(len(parts)), names=["equilibrium"])


def _inside(profile: ActionProfile) -> str:
    """What the representation of a profile shows, without its name."""
    return repr(profile).partition("(")[2].removesuffix(")")

"""Contests between groups whose members share what the group wins.

Each member ``i`` of a group makes an effort ``x_i`` at the cost ``x_i^kappa / kappa``. The group
wins with the chance ``s = X_k / X``, its share in all efforts, and then each member gets the own
value ``V_i``:

    u_i = V_i X_k / X - x_i^kappa / kappa.

Within a group efforts are as ``V_i^(1 / (kappa - 1))``, so that the share of group ``k`` solves

    s^(kappa - 1) X^kappa = (1 - s) B_k,     B_k = (sum of V_i^(1 / (kappa - 1)))^(kappa - 1).

It falls in ``X``, and the shares add up to one at one ``X``. Between two groups the odds are
``(B_1 / B_2)^(1 / kappa)``. With linear costs, ``kappa = 1``, only those who value the prize most
make an effort (Baik 1993, South. Econ. J.; 2008, J. Public Econ. 92), and ``s = 1 - X / max V_i``.
A public prize (``V_i = V``) favours large groups, and one that is divided (``V_i = V / n_k``) does
so iff ``kappa > 2`` (after Esteban & Ray 2001, Am. Polit. Sci. Rev. 95(3): 663-672).

Two defenders against an aggressor, each with the same value:

>>> GroupContest([1, 1, 1], groups=[0, 0, 1], kappa=2)
GroupContest(3 players; V 1, groups 0 to 1, kappa 2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gametheory.actions import ActionGame, named_players, parameters, require, set_fields
from gametheory.game import Array, freeze


@dataclass(frozen=True, eq=False, repr=False, init=False)
class GroupContest(ActionGame):
    """Efforts for a prize that goes to a group: ``u_i = V_i X_k / X - x_i^kappa / kappa``.

    ``V > 0`` is the value to each, a number or one a player, ``groups`` the number of each player's
    group, from 0 without a gap, shape ``(n,)``, and ``kappa >= 1`` the curvature of costs. If
    nobody makes an effort, all groups have the same chance.
    """

    V: Array
    groups: Array
    kappa: float

    def __init__(
        self, V: ArrayLike, groups: ArrayLike, kappa: float = 1.0, players: Iterable[object] = ()
    ) -> None:
        V, side = parameters(V=V, groups=groups)
        require(V > 0, "V", V, "above 0")
        kinds = np.unique(side)
        if not np.array_equal(kinds, np.arange(len(kinds))) or len(kinds) < 2:
            raise ValueError("groups: give each player one of 0, 1, ... without a gap, two or more")
        if not 1 <= kappa < np.inf:
            raise ValueError(f"kappa: {kappa} is not at least 1 and finite")
        named = named_players(players, len(V))
        set_fields(self, named=named, V=V, groups=freeze(side.astype(int)), kappa=float(kappa))

    @property
    def upper(self) -> Array:
        """The effort that costs as much as the prize is worth."""
        return np.asarray((self.kappa * self.V) ** (1 / self.kappa))

    def efforts(self, actions: Array) -> Array:
        """The sum of efforts in each group, shape ``(groups,)``."""
        return np.bincount(self.groups, weights=actions)

    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoffs from an own effort, given what the own group and all others add to it."""
        by_group = self.efforts(actions)
        partners = np.maximum(by_group[self.groups] - actions, 0)
        rivals = np.maximum(by_group.sum() - by_group, 0)[self.groups]

        def pay(x: Array) -> Array:
            own = partners + x
            total = own + rivals
            chance = np.where(total > 0, own / np.where(total > 0, total, 1), 1 / len(by_group))
            return np.asarray(self.V * chance - x**self.kappa / self.kappa)

        return pay

"""Games of continuous actions on a network: it counts who the others are.

In a contest of allies and enemies an effort counts for its maker, a part of it for each ally and
against each enemy. With ``W_ij`` the part of the effort of ``j`` that is added to ``i``, the
strengths are ``phi = (I + W) x`` and

    u_i = V phi_i / (phi_1 + ... + phi_n) - x_i.

A unit of effort of ``i`` raises the sum of strengths by ``c_i = 1 + W_1i + ... + W_ni``. So a
positive effort is content iff ``phi_i = S (1 - S / V) / c_i`` and none is iff ``phi_i`` is at least
that, where ``S`` is the sum of strengths: efforts are ``S (1 - S / V)`` times a solution ``z`` of
the linear complementarity problem

    z >= 0,   (I + W) z >= 1 / c,   z_i = 0 or equality for each i,

and ``S = V (1 - 1 / T)`` with ``T`` the sum of ``(I + W) z``. If ``z > 0``, ``T`` is the sum of
``1 / c_i``: the closed form of König, Rohner, Thoenig & Zilibotti (2017, Econometrica 85(4):
1093-1132), after whom ``W`` is beta for allies and minus gamma for enemies.

In a linear network the best reply is ``max(0, a_i + G_i1 x_1 + ... + G_in x_n)``: equilibria solve
the problem with ``I - G`` and ``a``. Complements (Ballester, Calvó-Armengol & Zenou 2006,
Econometrica 74(5): 1403-1417) and public goods on networks (Bramoullé & Kranton 2007, J. Econ.
Theory 135(1): 478-494) are of this form.

Three allies against one enemy, at beta 0.2 and gamma 0.1:

>>> allies, enemies = np.zeros((4, 4)), np.zeros((4, 4))
>>> allies[:3, :3] = 1 - np.eye(3)
>>> enemies[:3, 3] = enemies[3, :3] = 1
>>> war = NetworkContest(0.2 * allies - 0.1 * enemies)
>>> war.hostility.round(6).tolist()
[0.769231, 0.769231, 0.769231, 1.428571]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gametheory.actions import ActionGame, named_players, set_fields
from gametheory.game import Array, freeze

ROOM = 2.0
"""The largest action of a linear network, as a multiple of what any equilibrium can reach."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class NetworkContest(ActionGame):
    """Efforts for a prize ``V`` that is shared by strength, where allies add and enemies take.

        u_i = V phi_i / (phi_1^+ + ... + phi_n^+) - x_i  if phi_i >= 0,  else  -D - x_i

    with ``phi = (I + W) x`` and ``0 <= x_i <= V + D``. ``W[i, j]``, shape ``(n, n)`` with a zero
    diagonal, is what a unit of effort of ``j`` adds to the strength of ``i``; it need not be
    symmetric. ``D >= 0`` is what one loses who is crushed: whose strength is below zero. If nobody
    has any strength, all have the same share. Raises ValueError where an effort would lower the sum
    of strengths.
    """

    W: Array
    V: float
    D: float

    def __init__(
        self, W: ArrayLike, V: float = 1.0, D: float = 1.0, players: Iterable[object] = ()
    ) -> None:
        W = _ties(W, "W")
        if not 0 < V < np.inf:
            raise ValueError(f"V: {V} is not above 0 and finite")
        if not 0 <= D < np.inf:
            raise ValueError(f"D: {D} is not at least 0 and finite")
        c = 1 + W.sum(axis=0)
        if (c <= 0).any():
            i = int(c.argmin())
            raise ValueError(
                f"W: a unit of effort of player {i + 1} changes the sum of strengths by "
                f"{c[i]:.6g}; weaken enmities until it adds"
            )
        if len(W) < 2:
            raise ValueError("W: one player has nobody to contest the prize with; give two or more")
        set_fields(self, named=named_players(players, len(W)), W=W, V=float(V), D=float(D))

    @property
    def upper(self) -> Array:
        """The prize and the loss: no larger effort can pay."""
        return np.full(len(self.W), self.V + self.D)

    @property
    def hostility(self) -> Array:
        """``1 / c``, shape ``(n,)``: high for those with many enemies and few allies."""
        return np.asarray(1 / (1 + self.W.sum(axis=0)))

    def strengths(self, actions: Array) -> Array:
        """``(I + W) x``, shape ``(n,)``."""
        return np.asarray(actions + self.W @ actions)

    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoffs from an own effort; each changes the strength of all. O(n^2) a call."""
        phi, effect = self.strengths(actions), np.eye(len(self.W)) + self.W.T
        crushed = 1e-13 * np.abs(actions).sum()  # below rounding, a strength is zero

        def pay(x: Array) -> Array:
            change = x - actions
            total = np.maximum(phi + change[:, None] * effect, 0).sum(axis=1)
            own = phi + change
            share = np.where(total > 0, own / np.where(total > 0, total, 1), 1 / len(x))
            return np.asarray(np.where(own < -crushed, -self.D, self.V * share) - x)

        return pay


@dataclass(frozen=True, eq=False, repr=False, init=False)
class LinearNetwork(ActionGame):
    """Actions whose best replies are linear in those of the neighbours.

        u_i = a_i x_i - x_i^2 / 2 + x_i (G_i1 x_1 + ... + G_in x_n),     x_i >= 0

    ``a``, a number or one a player, is what draws each to act alone. ``G[i, j]``, shape ``(n, n)``
    with a zero diagonal, is what the action of ``j`` adds to that: above zero for complements,
    below for substitutes. Raises ValueError where complements are so strong that actions can grow
    without end: where the spectral radius of the positive part of ``G`` is 1 or more.

    >>> LinearNetwork(1, [[0, 0.5], [0.5, 0]]).upper.tolist()
    [4.0, 4.0]
    """

    a: Array
    G: Array
    most: float

    def __init__(self, a: ArrayLike, G: ArrayLike, players: Iterable[object] = ()) -> None:
        G = _ties(G, "G")
        a = np.asarray(a, dtype=np.float64)
        if a.ndim > 1 or (a.ndim == 1 and len(a) != len(G)) or not np.isfinite(a).all():
            raise ValueError(f"a: shape {a.shape} for {len(G)} players; give a finite number each")
        a = freeze(np.broadcast_to(a, len(G)).copy())
        if not a.max() > 0:
            raise ValueError("a: nobody would act alone, so nobody acts; give one that is above 0")
        # Any equilibrium has x <= a+ + G+ x; that bounds it iff (I - G+) y = 1 has a solution >= 0.
        lifts = np.eye(len(G)) - np.maximum(G, 0)
        sides = np.column_stack([np.maximum(a, 0), np.ones(len(G))])
        try:
            most, test = np.linalg.solve(lifts, sides).T
        except np.linalg.LinAlgError:
            most = test = np.full(len(G), -1.0)
        if not (test > 0).all():
            raise ValueError(
                "G: complements so strong that actions grow without end; "
                "keep the spectral radius of their part of G below 1"
            )
        most = ROOM * float(most.max())
        set_fields(self, named=named_players(players, len(G)), a=a, G=G, most=most)

    @property
    def upper(self) -> Array:
        """Twice the largest action that any equilibrium can have: no bound binds."""
        return np.full(len(self.a), self.most)

    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoffs from an own action: parabolas."""
        pull = self.a + self.G @ actions
        return lambda x: np.asarray(pull * x - x**2 / 2)


def _ties(values: ArrayLike, name: str) -> Array:
    """A square matrix of finite floats with a zero diagonal, read-only."""
    try:
        ties = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: not a matrix of numbers") from None
    if ties.ndim != 2 or ties.shape[0] != ties.shape[1] or ties.size == 0:
        raise ValueError(f"{name}: shape {ties.shape} is not (n, n); give one row a player")
    if not np.isfinite(ties).all() or np.diag(ties).any():
        raise ValueError(f"{name}: give finite numbers and zeros on the diagonal")
    return freeze(ties)

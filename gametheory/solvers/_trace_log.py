"""The logarithmic tracing procedure of any number of players, by continuation.

Against a prior ``p`` and at ``t`` in [0, 1] action ``a`` of player ``i`` pays ``U_ia = (1 - t)
u_i(a, p) + t u_i(a, x)``, and the player maximises ``sum_a x_ia U_ia + mu sum_a log x_ia`` with
``mu = eta (1 - t)``. The first-order conditions are

    x_ia (V_i - U_ia) = mu,     sum_a x_ia = 1

(after Harsanyi 1975, Int. J. Game Theory 4: 61-94; Herings & Peeters 2010, Econ. Theory 42:
119-156). One path leads from the one solution at ``t = 0`` to an equilibrium at ``t = 1``; as
``eta`` goes to zero it tends to a path of best replies, the one that the linear procedure follows
where that has one.

With ``x = (r + s) / 2``, ``V - U = (r - s) / 2``, ``r^2 = s^2 + 4 mu`` the product is ``mu``
whatever ``s`` is: the path is smooth in ``s`` up to and with ``t = 1``, where ``x`` and ``V - U``
are the positive and the negative part of ``s``. It is followed by arclength in ``(s, V, t)``.

A symmetry of game and prior leaves the path where it is, so what is symmetric is one unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gametheory._symmetry import orbits
from gametheory.game import Array, show
from gametheory.solvers._linear import UnprovedError

ETAS = 1e-6, 1e-4, 1e-2
"""Weights of the logarithms at ``t = 0``, as shares of each player's largest loss: the first with
which the path can be followed."""
STEPS = 5_000
NEAR, STRAIGHT, LONGEST, LEAST, GROWTH = 1e-11, 0.9, 0.1, 1e-10, 1.6
"""Accuracy of a point, least cosine of a turn; longest and least step, and how it grows."""
CLOSE = 1e-3
"""A path that stops so close to ``t = 1`` may have its end solved for from there."""


@dataclass(frozen=True)
class Path:
    """The equations of one game and prior: losses ``U`` (profiles, n) in shares of the largest.

    Actions are numbered through all players; ``classes`` are those that stay alike.
    """

    U: Array
    shape: tuple[int, ...]
    prior: Array
    classes: Array

    def follow(self, eta: float) -> tuple[list[float], list[Array]]:
        """Values of ``t`` and points (actions,). Raises UnprovedError where it cannot go on."""
        actions, n = len(self.prior), len(self.shape)
        owner = np.repeat(np.arange(n), self.shape)
        # Players whose actions are alike are alike, and so are their values.
        least = np.array([self.classes[owner == i].min() for i in range(n)])
        players = np.unique(least, return_inverse=True)[1]
        _, heads = np.unique(self.classes, return_index=True)
        _, chiefs = np.unique(players, return_index=True)
        R, width = len(heads), len(heads) + len(chiefs)
        spread = np.zeros((actions + n, width))
        spread[np.arange(actions), self.classes] = 1
        spread[actions + np.arange(n), R + players] = 1
        kept = np.concatenate([heads, actions + chiefs])
        against, _ = self._payoffs(self.prior)

        def equations(u: Array) -> tuple[Array, Array, Array]:
            """Values, derivatives by the unknowns and ``t``, and ``x``."""
            whole, t = spread @ u[:-1], min(u[-1], 1.0)
            s, V, mu = whole[:actions], whole[actions:], eta * (1 - t)
            r = np.sqrt(s * s + 4 * mu)
            big = (r + np.abs(s)) / 2
            small = np.divide(mu, big, out=np.zeros(actions), where=big > 0)
            x, w = np.where(s > 0, (big, small), (small, big))
            r = np.maximum(r, 1e-300)
            G, H = self._payoffs(x)
            F = np.append(V[owner] - w - (1 - t) * against - t * G, np.bincount(owner, x) - 1)
            J = np.zeros((actions + n, actions + n + 1))
            J[:actions, :actions] = np.diag(w / r) - t * H * (x / r)
            J[np.arange(actions), actions + owner] = 1
            J[:actions, -1] = eta / r + against - G + t * eta * (H @ (1 / r))
            J[actions + owner, np.arange(actions)] = x / r
            J[actions:, -1] = -np.bincount(owner, eta / r)
            return F[kept], np.hstack([J[kept, :-1] @ spread, J[kept, -1:]]), x

        def corrected(u: Array, along: Array) -> tuple[Array, Array, Array] | None:
            """The point near ``u`` in the plane across ``along``, its tangent, and ``x``."""
            far = 0.0
            for _ in range(7):
                F, J, x = equations(u)
                if not np.isfinite(J).all():
                    return None
                bordered = np.vstack([J, along])
                try:
                    if np.abs(F).max() < NEAR:
                        tangent = np.linalg.solve(bordered, np.eye(width + 1)[-1])
                        return u, tangent / np.linalg.norm(tangent), x
                    step = np.linalg.solve(bordered, np.append(-F, 0.0))
                except np.linalg.LinAlgError:
                    return None
                u = u + step
                far += float(np.linalg.norm(step))
                if far > 0.5:
                    return None
            return None

        u = self._start(against, eta, kept)
        ahead = np.append(np.zeros(width), 1.0)
        here = corrected(u, ahead)
        ts, points, length = [0.0], [], 1e-3
        for _ in range(STEPS):
            if here is None:
                break
            u, tangent, x = here
            points.append(x)
            if u[-1] >= 1:
                return ts, points
            here = None
            while here is None and length > LEAST:
                guess = u + length * tangent
                last = guess[-1] >= 1
                if last:
                    guess = u + (1 - u[-1]) / tangent[-1] * tangent
                    guess[-1] = 1.0
                found = corrected(guess, ahead if last else tangent)
                if found and (np.linalg.norm(found[0] - guess) < 0.3 * length):
                    turn = float(found[1] @ tangent)
                    if last or (turn > STRAIGHT and 0 <= found[0][-1] < 1):
                        here = found
                        ts.append(float(found[0][-1]))
                        if turn > 1 - (1 - STRAIGHT) / 4:
                            length = min(length * GROWTH, LONGEST)
                if here is None:
                    length /= 2
        if points and 1 - ts[-1] < CLOSE:
            return ts[: len(points)], points
        raise UnprovedError(
            f"tracing: the path is lost at t = {show(ts[-1])}; use another prior or method='logit'"
        )

    def _payoffs(self, x: Array) -> tuple[Array, Array]:
        """What each action pays against ``x``, and how that changes with the chance of each."""
        from gametheory.solvers._logit_path import _expected

        n, actions = len(self.shape), len(x)
        first = np.concatenate([[0], np.cumsum(self.shape)[:-1]]).astype(np.int64)
        G, H, before = np.empty(actions), np.empty((actions, actions)), np.empty((2, n))
        _expected(self.U, first, np.array(self.shape), np.arange(n), x, before, G, H)
        return G, H

    def _start(self, against: Array, eta: float, kept: Array) -> Array:
        """The solution at ``t = 0``, by halving each player's value, as unknowns."""
        owner = np.repeat(np.arange(len(self.shape)), self.shape)
        s, V = np.empty(len(against)), np.empty(len(self.shape))
        for i in range(len(V)):
            G = against[owner == i]
            low, high = G.max(), G.max() + eta * len(G)
            for _ in range(200):
                middle = (low + high) / 2
                if middle > G.max() and (eta / (middle - G)).sum() <= 1:
                    high = middle
                else:
                    low = middle
            w = high - G
            V[i], s[owner == i] = high, eta / w - w
        return np.append(np.concatenate([s, V])[kept], 0.0)


def classes(shape: Sequence[int], prior: Array, symmetries: Sequence[Array]) -> Array:
    """The actions that stay alike on a path from ``prior``."""
    return orbits(sum(shape), [g for g in symmetries if np.array_equal(prior[g], prior)])

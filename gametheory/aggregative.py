"""Games of continuous actions in which a payoff depends on the own action and on the aggregate.

Player ``i`` chooses ``0 <= x_i <= upper_i`` and gets ``u_i(x_i, X)``, where ``X`` is the sum of
what the actions add to the aggregate: the actions themselves, except in a contest with decreasing
returns, where an effort ``x`` adds the impact ``x^r``. Alliances that share a burden, public goods,
contests and arms races are of this form.

The replacement function ``r_i(X)`` is the action of ``i`` that is a best reply to the others in a
profile with aggregate ``X``; ``s_i(X)``, what that action adds divided by ``X``, is the share of
``i``. So ``X > 0`` is the aggregate of an equilibrium iff

    s_1(X) + ... + s_n(X) = 1,

and if every share is continuous and strictly decreasing where it is positive, at most one ``X`` is
(Cornes & Hartley 2005, Economic Theory 26(4): 923-946; 2007, J. Public Econ. Theory 9(2): 201-219).
An equation in one unknown replaces n best replies, so a million unequal players are no obstacle.

The alliance of Olson & Zeckhauser (1966, Rev. Econ. Stat. 48(3): 266-279): two of four allies carry
the burden, and the largest carries more than in proportion.

>>> alliance = PublicGood(w=[10, 6, 4, 2], alpha=0.5)
>>> alliance
PublicGood(4 players; w 2 to 10, alpha 0.5, rho 1)
>>> alliance.replacement(16 / 3).round(6).tolist()
[4.666667, 0.666667, 0.0, 0.0]
>>> from gametheory.actions import ActionProfile
>>> ActionProfile(alliance, alliance.replacement(16 / 3)).payoffs.round(6).tolist()
[5.333333, 5.333333, 4.618802, 3.265986]
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gametheory.actions import ActionGame, named_players, parameters, require, set_fields
from gametheory.game import Array

Monotone = Literal["falling", "rising", "jumping", "unknown"]
STEPS = 200


@dataclass(frozen=True, eq=False, repr=False)
class AggregativeGame(ActionGame):
    """A game of continuous actions whose payoffs depend on the own action and the aggregate.

    The forms are :class:`PublicGood`, :class:`JointProducts` and :class:`Contest`; :meth:`of` makes
    a game from functions. ``monotone`` is what is known of the replacement functions: "falling" if
    each share is continuous, and strictly decreasing where it is positive; "rising" if each
    replacement function is continuous and nondecreasing; "jumping" for a contest with increasing
    returns; or "unknown".
    """

    monotone: Monotone

    @property
    def because(self) -> str:
        """Why there is one equilibrium, in pure or mixed strategies; empty if that is not proved.

        Where each payoff is strictly concave in the own action whatever the others do, the best
        reply to anything they do, mixed strategies included, is one action.
        """
        return ""

    @abstractmethod
    def payoff(self, x: Array, X: Array | float) -> Array:
        """Payoff of each player from the action ``x_i`` where the aggregate is ``X``.

        ``x`` has shape ``(n,)`` and ``X`` is a number or, if each player sees another, ``(n,)``.
        """

    @abstractmethod
    def replacement(self, X: float) -> Array:
        """The action of each player that is a best reply in a profile with aggregate ``X``.

        Shape ``(n,)``. At ``X = 0`` it is nan where a player has no best reply.
        """

    def unilateral(self, actions: Array) -> Callable[[Array], Array]:
        """Payoffs from ``payoff``, the others adding what they add to the aggregate."""
        added = self.impact(actions)
        others = np.maximum(added.sum() - added, 0)
        return lambda x: np.asarray(self.payoff(x, others + self.impact(x)))

    def payoffs(self, actions: Array) -> Array:
        """Payoff of each player in the profile."""
        return np.asarray(self.payoff(actions, float(self.impact(actions).sum())))

    def shares(self, X: float) -> Array:
        """What each player adds to the aggregate ``X > 0`` in best reply, as a share of it."""
        return np.asarray(self.impact(self.replacement(X)) / X)

    @staticmethod
    def of(
        payoff: Callable[[Array, Array | float], Array],
        replacement: Callable[[float], Array],
        upper: ArrayLike,
        monotone: Monotone = "unknown",
        players: Iterable[object] = (),
    ) -> AggregativeGame:
        """The game with these payoffs, from the replacement functions and what is known of them.

        The functions are vectorised over players, as in the class; the aggregate is the sum of the
        actions. ``monotone`` is taken as stated, and payoffs are checked against ``replacement`` at
        each equilibrium that is found.

        Two rivals whose arms answer each other's: u = x (1 + (X - x) / 2) - x^2.

        >>> race = AggregativeGame.of(
        ...     payoff=lambda x, X: x * (1 + (X - x) / 2) - x**2,
        ...     replacement=lambda X: np.full(2, (1 + X / 2) / 2.5),
        ...     upper=[5, 5],
        ...     monotone="rising",
        ... )
        >>> race.replacement(4 / 3).round(6).tolist()
        [0.666667, 0.666667]
        """
        if monotone not in ("falling", "rising", "unknown"):
            raise ValueError(
                f'monotone: {monotone!r} is not known; use "falling", "rising" or "unknown"'
            )
        (most,) = parameters(upper=upper)
        require(most >= 0, "upper", most, "at least 0")
        return _Stated(named_players(players, len(most)), monotone, payoff, replacement, most)


@dataclass(frozen=True, eq=False, repr=False, init=False)
class PublicGood(AggregativeGame):
    """Contributions ``x_i`` to a good of which each enjoys the own part and what spills in.

        u_i = (w_i - x_i)^(1 - alpha_i) (x_i + rho_i (X - x_i))^alpha_i,     0 <= x_i <= w_i

    ``w`` is wealth, ``0 < alpha < 1`` the taste for the good, ``0 <= rho <= 1`` the reliability of
    what the others give: 1 for a pure public good (Bergstrom, Blume & Varian 1986, J. Public Econ.
    29(1): 25-49), 0 for arms that protect only their owner, between them allies who may not come
    (after Morrow 1993, Int. Organ. 47(2): 207-233). Each is a number or one a player.

        r_i(X) = max(0, alpha_i w_i - (1 - alpha_i) rho_i X) / (1 - (1 - alpha_i) rho_i)

    >>> PublicGood(w=[10, 2], alpha=0.3, rho=0.5).replacement(3).tolist()
    [3.0, 0.0]
    """

    w: Array
    alpha: Array
    rho: Array

    def __init__(
        self,
        w: ArrayLike,
        alpha: ArrayLike,
        rho: ArrayLike = 1.0,
        players: Iterable[object] = (),
    ) -> None:
        w, alpha, rho = parameters(w=w, alpha=alpha, rho=rho)
        require(w > 0, "w", w, "above 0")
        require((alpha > 0) & (alpha < 1), "alpha", alpha, "between 0 and 1, both excluded")
        require((rho >= 0) & (rho <= 1), "rho", rho, "from 0 to 1")
        set_fields(
            self,
            named=named_players(players, len(w)),
            monotone="falling",
            w=w,
            alpha=alpha,
            rho=rho,
        )

    @property
    def because(self) -> str:
        """Why there is one equilibrium."""
        return (
            "Each replacement function is nonincreasing, so each share falls strictly where "
            "positive; payoffs are strictly concave in the own contribution."
        )

    @property
    def upper(self) -> Array:
        """Wealth."""
        return self.w

    def payoff(self, x: Array, X: Array | float) -> Array:
        """``(w - x)^(1 - alpha) (x + rho (X - x))^alpha``."""
        kept, good = np.maximum(self.w - x, 0), x + self.rho * np.maximum(X - x, 0)
        return np.asarray(kept ** (1 - self.alpha) * good**self.alpha)

    def replacement(self, X: float) -> Array:
        """The contribution at which a marginal unit is worth as much kept as given, or nothing."""
        lost = (1 - self.alpha) * self.rho
        return np.asarray(np.maximum(0, self.alpha * self.w - lost * X) / (1 - lost))


@dataclass(frozen=True, eq=False, repr=False, init=False)
class JointProducts(AggregativeGame):
    """Contributions ``x_i`` that yield a private and a public benefit at once.

        u_i = a_i ln(w_i - x_i) + b_i ln x_i + c_i ln X,     0 <= x_i <= w_i

    ``a > 0`` weighs what is kept, ``b >= 0`` the private and ``c >= 0`` the public benefit, one of
    the two positive; ``w`` is wealth. ``b = 0`` is the pure public good, ``c = 0`` a private one
    (after Sandler 1977, Kyklos 30(3): 443-460). Each is a number or one a player.

    >>> JointProducts(w=[10, 2], a=0.9, b=0.1, c=0).replacement(1).tolist()
    [1.0, 0.2]
    """

    w: Array
    a: Array
    b: Array
    c: Array

    def __init__(
        self,
        w: ArrayLike,
        a: ArrayLike,
        b: ArrayLike,
        c: ArrayLike,
        players: Iterable[object] = (),
    ) -> None:
        w, a, b, c = parameters(w=w, a=a, b=b, c=c)
        require(w > 0, "w", w, "above 0")
        require(a > 0, "a", a, "above 0")
        require(b >= 0, "b", b, "at least 0")
        require(c >= 0, "c", c, "at least 0")
        require(b + c > 0, "b + c", b + c, "above 0")
        set_fields(
            self, named=named_players(players, len(w)), monotone="falling", w=w, a=a, b=b, c=c
        )

    @property
    def because(self) -> str:
        """Why there is one equilibrium."""
        return (
            "A positive share s solves a X / (w - s X) = b / s + c, whose left side rises in s and "
            "in X and whose right side never rises in s: s falls strictly in X; payoffs are "
            "strictly concave in the own contribution."
        )

    @property
    def upper(self) -> Array:
        """Wealth."""
        return self.w

    def payoff(self, x: Array, X: Array | float) -> Array:
        """``a ln(w - x) + b ln x + c ln X``; minus infinity where one of them is."""
        with np.errstate(divide="ignore"):
            kept = self.a * np.log(np.maximum(self.w - x, 0))
            private = np.where(self.b > 0, self.b, 1) * np.log(x)
            public = np.where(self.c > 0, self.c, 1) * np.log(X)
        return np.asarray(kept + np.where(self.b > 0, private, 0) + np.where(self.c > 0, public, 0))

    def replacement(self, X: float) -> Array:
        """The root of ``a / (w - x) = b / x + c / X``, by the formula that does not cancel."""
        linear = (self.a + self.b) * X - self.c * self.w
        root = np.sqrt(linear**2 + 4 * self.b * self.c * X * self.w)
        total = np.abs(linear) + root
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            x = np.where(linear > 0, 2 * self.b * X * self.w / total, total / (2 * self.c))
        return np.asarray(np.where(self.c > 0, x, self.b * self.w / (self.a + self.b)))


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Contest(AggregativeGame):
    """Efforts ``x_i`` for a prize: the chance to win it is the share in the sum of impacts.

        u_i = V_i x_i^r / (x_1^r + ... + x_n^r) - x_i,     0 <= x_i <= V_i

    ``V`` is the value of the prize to each, shape ``(n,)``, and ``r > 0`` the returns to effort
    (Tullock 1980). If nobody makes an effort, all have the same chance. The share of one who makes
    an effort solves

        V_i (1 - s) = s^(1/r - 1) X^(1/r) / r,     r = 1:  s = 1 - X / V_i.

    Beyond ``r = 1`` the best reply jumps from nothing to much: one who makes an effort is content
    with it iff ``s >= a = 1 - 1/r``, which is ``X <= X_i = (a^a V_i)^r``, and to make none is a
    best reply iff ``X >= X_i / r``. Between the two, both are, in profiles that differ.

    >>> Contest([10, 6]).replacement(3.75).tolist()
    [2.34375, 1.40625]
    >>> Contest([8, 8], r=2).replacement(32).round(9).tolist()  # all of the prize is spent
    [4.0, 4.0]
    """

    V: Array
    r: float

    def __init__(self, V: ArrayLike, r: float = 1.0, players: Iterable[object] = ()) -> None:
        (V,) = parameters(V=V)
        require(V > 0, "V", V, "above 0")
        if len(V) < 2:
            raise ValueError("V: one player has nobody to contest the prize with; give two or more")
        if not 0 < r < np.inf:
            raise ValueError(f"r: {r} is not above 0 and finite")
        monotone = "falling" if r <= 1 else "jumping"
        set_fields(self, named=named_players(players, len(V)), monotone=monotone, V=V, r=float(r))

    @property
    def because(self) -> str:
        """Why there is one equilibrium; empty beyond ``r = 1``."""
        if self.r > 1:
            return ""
        return (
            "A positive share s solves V (1 - s) = s^(1/r - 1) X^(1/r) / r, whose left side falls "
            "in s and whose right side rises in X and never falls in s: s falls strictly in X; "
            "payoffs are concave in the own effort, strictly unless no other makes an effort."
        )

    @property
    def upper(self) -> Array:
        """The value of the prize: no larger effort can pay."""
        return self.V

    def payoff(self, x: Array, X: Array | float) -> Array:
        """``V x^r / X - x``, and ``V / n`` where all impacts are zero."""
        X = np.asarray(X)
        chance = np.where(X > 0, self.impact(x) / np.where(X > 0, X, 1), 1 / len(self.V))
        return np.asarray(self.V * chance - x)

    def impact(self, x: Array) -> Array:
        """``x^r``."""
        return x if self.r == 1 else np.asarray(x**self.r)

    def replacement(self, X: float) -> Array:
        """The effort that a player's share takes."""
        if X == 0:
            return np.full(len(self.V), np.nan)
        return np.asarray((self.shares(X) * X) ** (1 / self.r))

    def shares(self, X: float) -> Array:
        """Newton's method in ``t = ln s`` on ``ln(A s^k + s) = 0``, ``k = 1 / r - 1``.

        The left side is convex in ``t``, and rises and is not negative at the start, so that the
        steps go down to the largest root. Beyond ``r = 1``, zero is the share above ``X_i``.
        """
        k = 1 / self.r - 1
        if k == 0:
            return np.asarray(np.maximum(0, 1 - X / self.V))
        log_a = np.log(X) / self.r - np.log(self.r * self.V)
        if self.r > 1:
            content = self.contentment * (1 + 1e-12) >= X
            log_a = np.minimum(log_a, -k * np.log(-k) - np.log(self.r))
            t = np.zeros(len(self.V))
        else:
            content, t = np.full(len(self.V), True), np.minimum(0, -log_a / k)
        for _ in range(STEPS):
            cost, share = np.exp(log_a + k * t), np.exp(t)
            step = np.log(cost + share) * (cost + share) / (k * cost + share)
            t = t - step
            if (np.abs(step) <= 1e-15 * np.maximum(1, np.abs(t))).all():
                break
        return np.where(content, np.exp(t), 0)

    @property
    def contentment(self) -> Array:
        """Beyond ``r = 1``, the largest aggregate ``X_i`` at which an effort pays, ``(n,)``."""
        a = 1 - 1 / self.r
        return np.asarray((a**a * self.V) ** self.r)


@dataclass(frozen=True, eq=False, repr=False)
class _Stated(AggregativeGame):
    """A game from functions; what is known of it is what was stated."""

    pay: Callable[[Array, Array | float], Array]
    replace: Callable[[float], Array]
    most: Array

    @property
    def upper(self) -> Array:
        return self.most

    def payoff(self, x: Array, X: Array | float) -> Array:
        u = np.asarray(self.pay(x, X), dtype=np.float64)
        if u.shape != self.most.shape or np.isnan(u).any():
            raise ValueError(
                f"payoff: shape {u.shape} or not a number where one payoff each for "
                f"{len(self.most)} players is needed"
            )
        return u

    def replacement(self, X: float) -> Array:
        x = np.broadcast_to(np.asarray(self.replace(X), dtype=np.float64), self.most.shape)
        outside = ~((x >= 0) & (x <= self.most * (1 + 1e-12)))
        if X > 0 and outside.any():
            i = int(outside.argmax())
            raise ValueError(
                f"replacement({X:.6g}): {x[i]} of {self.players[i]} is not from 0 to "
                f"{self.most[i]:.6g}; keep it within the bounds of the action"
            )
        return np.minimum(x, self.most)

    def __repr__(self) -> str:
        return f"AggregativeGame({len(self.most)} players; {self.monotone})"

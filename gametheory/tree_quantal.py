"""Agent logit equilibria of trees: the principal branch and its limit.

At each information set an agent of its player plays action ``a`` with a chance in proportion to
``exp(lam u_a)``, where ``u_a`` is what ``a`` is worth to the player once the set is reached, given
Bayes' rule and how all, the player's other agents too, play on (McKelvey & Palfrey 1998,
Experimental Economics 1: 9-41). All chances are positive, so every set is reached. Signorino (1999,
American Political Science Review 93: 279-297) estimates crises so. At ``lam = 0`` all actions are
alike likely. The branch from there leads, for almost all games, to one assessment as ``lam`` grows
without bound, which is a sequential equilibrium (after McKelvey & Palfrey 1998). ``lam`` is in
units of one over payoffs.

With ``v`` the logarithms of the chances, an end ``z`` has the chance ``exp(c_z + sum of v`` over
the moves on its path``)``, and ``u_a`` is the mean of the player's payoffs over the ends that lie
behind ``a``, each weighted by its chance. Beliefs need no place of their own, and sums of
logarithms do not vanish where chances do. The equations

    v_a - v_b = lam (u_a - u_b)   at each information set,   sum of exp v = 1,

are followed by arc length in ``v`` and ``lam``: a step along the tangent, then Newton's method
across it. The tangent keeps its direction, so that the branch goes straight on where others cross
it. With perfect information the solution is a recursion from the ends, one for each ``lam``, and
the branch never turns.

>>> from gametheory.tree import Tree, move
>>> crisis = Tree.of(["1", "2"], lambda h: {
...     (): move("1", "attack", "status quo"),
...     ("status quo",): (0, 0),
...     ("attack",): move("2", "war", "capitulate"),
...     ("attack", "war"): (-1, -0.5),
...     ("attack", "capitulate"): (1, -1)}[h])
>>> branch = agent_logit(crisis)
>>> branch
AgentLogitBranch(to lam 510847)
>>> {" ".join(h): round(p, 7) for h, p in branch.at(1)[0].profile.outcome.items()}
{'attack war': 0.2733061, 'attack capitulate': 0.1657685, 'status quo': 0.5609254}
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gametheory.behaviour import (
    Behaviour,
    BehaviourCertificate,
    TreeEquilibrium,
    certify_behaviour,
)
from gametheory.game import Array, freeze, show
from gametheory.quantal import BranchPoint, Kind
from gametheory.tree import Tree

if TYPE_CHECKING:
    import pandas as pd

LAST = 1e6
"""Precision, per payoff range, at which a branch ends."""
FAR = 2e4, 4e4, 8e4
"""Precisions, per payoff range, from which the limit is extrapolated."""
STEPS = 4_000
FIRST, GROWTH, LEAST = 0.1, 1.7, 1e-10
"""First step along the branch; by how much one grows after an easy one; the least."""
STRAIGHT = 0.97
"""Least cosine of the turn of the tangent in one step."""
SOLVED, ROUNDING = 1e-11, 1e-15
"""Error of an equation that a point may have; and more for each unit of ``lam``, logarithms being
as long."""
FADED, CLOSE = -40.0, 1e-2
"""Logarithm of a chance that has faded at the end of a branch; how near the limit is to the end."""
HALVINGS = 60
JUMP = 1e-5
"""Points on both sides of a place that are farther apart are not on one path."""


@dataclass(frozen=True, eq=False, repr=False)
class AgentLogitBranch:
    """The principal branch of agent logit equilibria of a tree, from ``lam = 0``.

    ``lams`` (S,) are the precisions of its points in order, one over payoffs; ``mixtures`` one
    array (S, m_h) an information set, read-only. ``events`` are the points where the branch turns
    back in ``lam`` or another path crosses it ("turning", "crossing"), in order; crossings of an
    even number at once, which symmetries of three or more make, are not seen. ``limit`` is the Nash
    equilibrium that the branch leads to, certified; None where it was not reached, and ``notes``
    say why.
    """

    game: Tree
    lams: Array
    mixtures: tuple[Array, ...]
    events: tuple[BranchPoint, ...]
    limit: TreeEquilibrium | None
    notes: tuple[str, ...]
    logarithms: Array

    @property
    def turning(self) -> tuple[float, ...]:
        """The precisions at which the branch turns back."""
        return tuple(e.lam for e in self.events if e.kind == "turning")

    def at(self, lam: float) -> tuple[TreeEquilibrium, ...]:
        """The agent logit equilibria at precision ``lam`` on the branch, in order along it.

        The certificate of each holds, for each player, the largest distance of a chance from the
        logit response: see :func:`agent_logit_certificate`. Raises ValueError for a ``lam`` that is
        negative or beyond the end of the branch, or at which floats take a chance for zero.
        """
        if not 0 <= lam <= self.lams.max():
            raise ValueError(f"lam: {lam} is not on the branch; use 0 to {self.lams.max():.6g}")
        equations = _Equations(self.game)
        sides = np.sign(self.lams - lam)
        found = []
        for k in range(len(sides)):
            if sides[k] == 0:
                guess = self.logarithms[k]
            elif k + 1 < len(sides) and sides[k] * sides[k + 1] < 0:
                share = (lam - self.lams[k]) / (self.lams[k + 1] - self.lams[k])
                guess = (1 - share) * self.logarithms[k] + share * self.logarithms[k + 1]
            else:
                continue
            v = equations.solved(guess, lam * equations.unit)
            profile = Behaviour(self.game, equations.split(v))
            found.append(TreeEquilibrium(profile, agent_logit_certificate(profile, lam), "logit"))
        return tuple(found)

    def to_frame(self) -> pd.DataFrame:
        """One row a point: lam, and the chance of each action at each information set."""
        import pandas as pd

        columns: dict[tuple[str, str, str], Array] = {("", "", "lam"): self.lams}
        for s, x in zip(self.game.sets, self.mixtures):
            player = self.game.players[s.player]
            columns |= {(player, s.label, a): x[:, k] for k, a in enumerate(s.actions)}
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        told = [f"to lam {show(float(self.lams[-1]))}"]
        told += [f"{e.kind} at {show(e.lam)}" for e in self.events]
        return f"AgentLogitBranch({'; '.join(told)})"


def agent_logit_certificate(profile: Behaviour, lam: float) -> BehaviourCertificate:
    """How far ``profile`` is from an agent logit equilibrium at precision ``lam``.

    ``regrets[i]`` is the largest distance of a chance of player ``i`` from the logit response, and
    ``deviations[i]`` the information set and action where it is. Payoffs and beliefs are those of
    the profile, by Bayes' rule. Raises ValueError where an information set is not reached.
    """
    tree = profile.tree
    off = [0.0] * len(tree.players)
    where: list[dict[str, str]] = [{} for _ in tree.players]
    for h, (s, x) in enumerate(zip(tree.sets, profile.mixtures)):
        if profile.beliefs[h] is None:
            raise ValueError(
                f"{tree.players[s.player]} at {s.label!r}: is not reached, or with a chance that "
                f"floats take for zero, at lam = {lam:.6g}; use a smaller lam"
            )
        u = lam * profile.action_payoffs(h).astype(np.float64)
        response = np.exp(u - u.max())
        distance = np.abs(x.astype(np.float64) - response / response.sum())
        if not where[s.player] or distance.max() > off[s.player]:
            off[s.player] = float(distance.max())
            where[s.player] = {s.label: s.actions[int(distance.argmax())]}
    return BehaviourCertificate(
        f"logit({lam:.6g})", tuple(off), tuple(where), False, (1.0,) * len(off)
    )


def agent_logit(tree: Tree) -> AgentLogitBranch:
    """The principal branch of the agent logit equilibria of ``tree``, to its limit.

    It ends at ``lam`` of 1e10 over the payoff range. Turns and crossings are placed to about 1e-9
    of ``lam``. Cost: a hundred points or so, each some solutions of as many equations as there are
    actions in all; their ends, times the square of that number, to set up. Raises ValueError for a
    tree with an information set that chance never lets anybody reach.
    """
    if not isinstance(tree, Tree):
        raise ValueError(f"agent_logit: needs a Tree, got {type(tree).__name__}")
    equations = _Equations(tree)
    points, events, ended = _followed(equations)
    logarithms, lams = np.array(points)[:, :-1], np.array(points)[:, -1] / equations.unit
    notes = [f"The branch ends at lam = {show(float(lams[-1]))}: {ended}."] if ended else []
    limit = _limit(equations, points) if points[-1][-1] > FAR[-1] else None
    if limit is None:
        notes.append("The Nash equilibrium that the branch leads to was not reached.")
    columns = [logarithms[:, side] for side in equations.sides]
    return AgentLogitBranch(
        tree,
        freeze(lams),
        tuple(freeze(np.exp(v)) for v in columns),
        tuple(BranchPoint(e.kind, e.lam / equations.unit) for e in events),
        limit,
        tuple(notes),
        freeze(logarithms),
    )


@dataclass(frozen=True)
class _Equations:
    """The equations of a tree, in payoffs from zero up and in ``unit``."""

    tree: Tree

    @cached_property
    def unit(self) -> float:
        return self.tree.scale or 1.0

    @cached_property
    def sides(self) -> list[slice]:
        """The actions of each information set, of all numbered through."""
        ends = np.cumsum([0, *(len(s.actions) for s in self.tree.sets)]).tolist()
        return [slice(a, b) for a, b in itertools.pairwise(ends)]

    @cached_property
    def size(self) -> int:
        return self.sides[-1].stop if self.sides else 0

    @cached_property
    def starts(self) -> Array:
        """The first action of each information set."""
        return np.array([side.start for side in self.sides], dtype=np.int64)

    @cached_property
    def counts(self) -> list[int]:
        """The number of actions at each information set."""
        return [side.stop - side.start for side in self.sides]

    @cached_property
    def first(self) -> Array:
        """Of each action the first at its information set."""
        return np.repeat(self.starts, self.counts)

    @cached_property
    def against(self) -> Array:
        """The matrix (R, R) that takes from each value that of the first at its set."""
        one = np.eye(self.size)
        return one - one[self.first]

    @cached_property
    def ends(self) -> tuple[Array, Array, Array, Array]:
        """Which ends (Z) are behind which action (R): 1 and 0, (R, Z). Logarithms of chance's part,
        (Z,); and of the first, (R, Z). Payoffs of the action's player, (R, Z).

        Ends that chance excludes are left out.
        """
        tree = self.tree
        behind: list[tuple[int, ...]] = [()]
        luck = [0.0]
        for node in tree.nodes[1:]:
            up = tree.nodes[node.parent]
            path, chance = behind[node.parent], luck[node.parent]
            if up.set is None:
                p = float(up.chances[node.taken])
                chance = chance + float(np.log(p)) if p else -np.inf
            else:
                path = (*path, self.sides[up.set].start + node.taken)
            behind.append(path)
            luck.append(chance)
        kept = [k for k in tree.ends if luck[k] > -np.inf]
        M = np.zeros((self.size, len(kept)))
        for z, k in enumerate(kept):
            M[list(behind[k]), z] = 1
        for s, side in zip(tree.sets, self.sides):
            if not M[side.start].any():
                raise ValueError(
                    f"{tree.players[s.player]} at {s.label!r}: chance never lets it be reached; "
                    "leave that branch out"
                )
        low = tree.payoffs.min(axis=0)
        u = [[float(p - q) / self.unit for p, q in zip(tree.nodes[k].payoffs, low)] for k in kept]
        owners = [s.player for s in tree.sets for _ in s.actions]
        shut = np.where(M > 0, 0.0, -np.inf)
        return M, np.array([luck[k] for k in kept]), shut, np.array(u).T[owners]

    def expected(self, v: Array) -> tuple[Array, Array]:
        """What each action is worth (R,), and the derivatives by ``v`` (R, R)."""
        M, luck, shut, U = self.ends
        behind = shut + (luck + v @ M)
        behind -= behind.max(axis=1, keepdims=True)
        W = np.exp(behind, out=behind)
        W /= W.sum(axis=1, keepdims=True)
        u = (W * U).sum(axis=1)
        W *= U - u[:, None]
        return u, W @ M.T

    def __call__(self, v: Array, lam: float) -> tuple[Array, Array, Array]:
        """Values (R,), derivatives by ``v`` (R, R) and by ``lam`` (R,); in units of 1 + lam."""
        u, D = self.expected(v)
        first, unit = self.first, 1 / (1 + lam)
        gain = u - u[first]
        J = (self.against - lam * (D - D[first])) * unit
        values = (v - v[first] - lam * gain) * unit
        slope = -gain * unit
        if self.size:
            starts = self.starts
            top = np.maximum.reduceat(v, starts)
            x = np.exp(v - np.repeat(top, self.counts))
            total = np.add.reduceat(x, starts)
            values[starts] = top + np.log(total)
            J[starts] = 0
            J[first, np.arange(self.size)] = x / np.repeat(total, self.counts)
        return values, J, slope

    def solved(self, v: Array, lam: float) -> Array:
        """The solution at ``lam`` near ``v``, by Newton's method."""
        for _ in range(40):
            values, J, _ = self(v, lam)
            step = np.linalg.solve(J, -values)
            v = v + np.where(v > -30, np.clip(step, -2, 2), step)
            if np.abs(step).max(initial=0) < 1e-14 * (1 + np.abs(v).max(initial=0)):
                break
        return v

    def split(self, v: Array) -> list[Array]:
        """The chances at each information set."""
        found = [np.exp(v[side]) for side in self.sides]
        return [x / x.sum() for x in found]


@dataclass(frozen=True)
class _Point:
    """A point of the branch (R + 1,), ``lam`` last, the direction there, the signs watched."""

    z: Array
    t: Array
    signs: Mapping[Kind, float]
    rounds: int


def _ahead(equations: _Equations, z: Array, t: Array, step: float) -> _Point | None:
    """The point of the branch in the plane across ``t`` at ``z + step t``; None if none is near."""
    start = z + step * t
    at, before = start.copy(), np.inf
    bordered = np.empty((len(t), len(t)))
    bordered[-1] = t
    for rounds in range(9):
        if at[-1] < 0:
            return None
        values, J, slope = equations(at[:-1], at[-1])
        bordered[:-1, :-1], bordered[:-1, -1] = J, slope
        worst = np.abs(values).max(initial=0.0)
        done = worst < SOLVED + ROUNDING * at[-1] and (rounds > 2 or worst > before / 2)
        if done or worst < 1e-15 * len(at):
            break
        before = worst
        if rounds == 8:
            return None
        moved = _solve(bordered, [*-values, 0.0])
        if moved is None:
            return None
        at = at + moved
        if not np.linalg.norm(at - start) <= 0.5 * step:
            return None
    tangent = _solve(bordered, [*np.zeros(len(values)), 1.0])
    if tangent is None:
        return None
    tangent /= np.linalg.norm(tangent)
    crossing = float(np.linalg.slogdet(bordered)[0])
    return _Point(at, tangent, {"crossing": crossing, "turning": np.sign(tangent[-1])}, rounds)


def _solve(matrix: Array, right: Sequence[float]) -> Array | None:
    try:
        return np.linalg.solve(matrix, np.array(right))
    except np.linalg.LinAlgError:
        return None


def _followed(equations: _Equations) -> tuple[list[Array], list[BranchPoint], str]:
    """Points of the branch, ``lam`` last, in order; events; and why it ended early, if it did."""
    size = equations.size
    z = np.zeros(size + 1)
    for side in equations.sides:
        z[side] = -np.log(side.stop - side.start)
    here = _ahead(equations, z, np.eye(size + 1)[-1], 0.0)
    assert here is not None
    points, events, step = [here.z], list[BranchPoint](), FIRST
    while here.z[-1] < LAST:
        if step < LEAST * (1 + here.z[-1]):
            return points, events, "no step along it succeeds"
        if len(points) == STEPS:
            return points, events, "its budget of steps ended"
        new = _ahead(equations, here.z, here.t, step)
        if new is None or new.t @ here.t < STRAIGHT:
            step /= 2
            continue
        kind = next((k for k, sign in new.signs.items() if sign * here.signs[k] < 0), None)
        if kind:
            low, below, above = _placed(equations, here, new, step, kind)
            if np.abs(above - below).max() > JUMP * (1 + here.z[-1]):
                step = low / 2  # no change of sign but a leap to another path
                continue
            events.append(BranchPoint(kind, float(below[-1])))
        points.append(new.z)
        if new.rounds <= 4 and new.t @ here.t > 1 - (1 - STRAIGHT) / 4:
            step *= GROWTH
        here = new
    return points, events, ""


def _placed(
    equations: _Equations, here: _Point, new: _Point, step: float, kind: Kind
) -> tuple[float, Array, Array]:
    """Where a sign changes: a step before it, and the points on both sides of it."""
    low, high, below, above = 0.0, step, here.z, new.z
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        between = _ahead(equations, here.z, here.t, middle)
        if between is not None and between.signs[kind] == here.signs[kind]:
            low, below = middle, between.z
        else:
            high = middle
            above = above if between is None else between.z
    return low, below, above


def _limit(equations: _Equations, points: Sequence[Array]) -> TreeEquilibrium | None:
    """The Nash equilibrium that the branch leads to, certified: by ties, else by extrapolation."""
    for near in (_tied(equations, points[-1][:-1]), _extrapolated(equations, points)):
        for least in (1e-9, 1e-6, 1e-4, 1e-2):
            sides = [np.where(near[side] > least, near[side], 0.0) for side in equations.sides]
            if not all(x.sum() > 0.5 for x in sides):
                break
            profile = Behaviour(equations.tree, [x / x.sum() for x in sides])
            certificate = certify_behaviour(profile)
            if certificate.holds():
                return TreeEquilibrium(profile, certificate, "logit")
    return None


def _tied(equations: _Equations, v: Array) -> Array:
    """Chances near the end of the branch at which all actions that have not faded pay the same.

    An action that pays less in the limit fades as ``exp(-lam gap)``, one that pays as much more
    slowly. Newton's method in the chances, of ties and of sums; the shortest step where there are
    many, none where that leads far.
    """
    if not len(v):
        return v
    kept = v > FADED
    best = np.array([s.start + v[s].argmax() for s in equations.sides for _ in v[s]], np.int64)
    ties = np.flatnonzero(kept & (best != np.arange(len(v))))
    sums = np.array([(equations.first == start) & kept for start in equations.starts])
    end = x = np.where(kept, np.exp(v), 0.0)
    for _ in range(20):
        v = np.where(kept, np.log(np.maximum(x, np.exp(FADED))), v)
        u, D = equations.expected(v)
        D = D[:, kept] / np.exp(v[kept])
        J = np.vstack([D[ties] - D[best[ties]], sums[:, kept]])
        right = np.concatenate([u[best[ties]] - u[ties], 1 - sums @ x])
        step = np.linalg.lstsq(J, right, rcond=1e-9)[0]
        before = x.copy()
        x[kept] = np.maximum(x[kept] + step, 0.0)
        if np.abs(x - before).max(initial=0) < 1e-14:
            break
    near: Array = x if np.abs(x - end).max(initial=0) < CLOSE else end
    return near


def _extrapolated(equations: _Equations, points: Sequence[Array]) -> Array:
    """The limit of the polynomials of degree two in ``1 / lam`` through three points, from zero up.

    For equilibria whose ties are not all within the branch's reach, as where beliefs are.
    """
    last = max(k for k, z in enumerate(points) if z[-1] < FAR[0])
    far = []
    for lam in FAR:
        k = next(k for k in range(last, len(points)) if points[k + 1][-1] >= lam)
        (*_, a), (*_, b) = before, after = points[k], points[k + 1]
        v = before + (lam - a) / (b - a) * (after - before)
        far.append(np.exp(equations.solved(v[:-1], lam)))
    one, two, four = far
    far_off: Array = np.maximum((8 * four - 6 * two + one) / 3, 0)
    return far_off

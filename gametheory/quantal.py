"""Logit quantal response equilibria: the principal branch, its turns and where others cross it.

In a logit equilibrium with precision ``lam`` each player plays each action with a chance in
proportion to ``exp(lam u)``, where ``u`` is what the action pays against the others (McKelvey &
Palfrey 1995, Games Econ. Behav. 10: 6-38). At ``lam = 0`` all actions are alike likely; from there
the *principal branch* leads, for almost all games, to one Nash equilibrium as ``lam`` grows without
bound, the *logit limit* (ibid., theorem 3; Turocy 2005, Games Econ. Behav. 51: 243-263). ``lam`` is
in units of one over payoffs: payoffs times ``k`` are the same branch with ``lam / k``.

The branch may turn back in ``lam``, and other solutions may cross it. A symmetry of the game (of
players, of actions) leaves the branch where it is, so a symmetric game keeps a symmetric branch
beyond the point where solutions without the symmetry leave it: the equations are followed among
symmetric profiles only, and such points are reported.

A game that depends on how many act needs no continuation: with the gain ``g(p)`` from acting, the
symmetric solutions are ``lam = ln(p / (1 - p)) / g(p)``, for thousands of players. Those without
the symmetry leave at ``lam p (1 - p) g'(p) = -(n - 1)``.

>>> from gametheory.count import CountGame
>>> volunteers = CountGame(act=[0.6, 0.6, 0.6], wait=[0, 1, 1])
>>> branch = logit_branch(volunteers)
>>> branch
LogitBranch(to lam 971423; symmetry breaking at 7.00684)
>>> branch.at(7.006844)[0].mixtures[0].round(5).tolist()
[0.41003, 0.58997]
>>> branch.limit.mixtures[0].round(6).tolist()
[0.367544, 0.632456]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gametheory._symmetry import orbits, symmetries
from gametheory.count import CountGame, _binomial
from gametheory.equilibrium import Certificate, Equilibrium, certify
from gametheory.game import Array, Game, Profile, freeze, show

if TYPE_CHECKING:
    import pandas as pd

LAST = 1e6
"""Precision, per payoff range, at which a branch ends."""
STEPS, EVENTS = 4_000, 64
GRID = 600
ROUNDING = 1e-14
"""A gain below this share of the payoff range, at even chances, counts as zero."""

Kind = Literal["turning", "crossing", "symmetry breaking"]


@dataclass(frozen=True)
class BranchPoint:
    """A point of a branch where something happens, at precision ``lam``.

    ``kind`` is "turning" where ``lam`` turns back, "crossing" where another path of solutions
    crosses, "symmetry breaking" where one leaves that has not the symmetry of the game.
    """

    kind: Kind
    lam: float


@dataclass(frozen=True, eq=False, repr=False)
class LogitBranch:
    """The principal branch of logit equilibria, from ``lam = 0``.

    ``lams`` (S,) are the precisions of the points in order along the branch, one over payoffs;
    ``mixtures`` one array (S, m_i) a player, read-only. ``events`` are the turns, crossings and
    breaks of symmetry met, in order. ``limit`` is the Nash equilibrium that the branch leads to,
    certified; None where it was not reached, and ``notes`` say why.
    """

    game: Game | CountGame
    lams: Array
    mixtures: tuple[Array, ...]
    events: tuple[BranchPoint, ...]
    limit: Equilibrium | None
    notes: tuple[str, ...] = ()

    @property
    def turning(self) -> tuple[float, ...]:
        """The precisions at which the branch turns back."""
        return tuple(e.lam for e in self.events if e.kind == "turning")

    def at(self, lam: float) -> tuple[Equilibrium, ...]:
        """The logit equilibria at precision ``lam`` on the branch, in order along it.

        More than one where it turns back and forth. The certificate of each holds, for each player,
        the largest distance of a chance from the logit response: see :func:`logit_certificate`.
        Raises ValueError for a ``lam`` that is negative or beyond the end of the branch.
        """
        if not 0 <= lam <= self.lams.max():
            raise ValueError(f"lam: {lam} is not on the branch; use 0 to {self.lams.max():.6g}")
        sides = np.sign(self.lams - lam)
        found = []
        for k in np.flatnonzero(sides[1:] * sides[:-1] < 0).tolist():
            share = (lam - self.lams[k]) / (self.lams[k + 1] - self.lams[k])
            found.append((k + 0.5, self._corrected(lam, k, share)))
        there = np.flatnonzero(sides == 0).tolist()
        found += [(float(k), self._corrected(lam, k, 0.0)) for k in there]
        equilibria = []
        for _, mixtures in sorted(found, key=lambda pair: pair[0]):
            profile = Profile(self.game, mixtures)
            certificate = logit_certificate(profile, lam)
            equilibria.append(Equilibrium(profile, certificate, "logit"))
        return tuple(equilibria)

    def _corrected(self, lam: float, k: int, share: float) -> tuple[Array, ...]:
        """The solution at ``lam`` between points ``k`` and ``k + 1``."""
        ends = [
            [np.log(np.maximum(x[min(k + e, len(x) - 1)], 1e-320)) for x in self.mixtures[:1]]
            if isinstance(self.game, CountGame)
            else [np.log(np.maximum(x[min(k + e, len(x) - 1)], 1e-320)) for x in self.mixtures]
            for e in (0, 1)
        ]
        guess = [(1 - share) * a + share * b for a, b in zip(*ends)]
        if isinstance(self.game, CountGame):
            odds = [e[0][0] - e[0][1] for e in ends]
            x = _symmetric_at(self.game, lam, *odds)
            return (x,) * len(self.game.players)
        return _newton(self.game, lam, guess)

    def to_frame(self) -> pd.DataFrame:
        """One row a point: lam, and the chance of each action of each player."""
        import pandas as pd

        columns: dict[tuple[str, str], Array] = {("", "lam"): self.lams}
        for player, names, x in zip(self.game.players, self.game.actions, self.mixtures):
            columns |= {(player, name): x[:, a] for a, name in enumerate(names)}
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        told = [f"to lam {show(float(self.lams[-1]))}"]
        told += [f"{e.kind} at {show(e.lam)}" for e in self.events]
        return f"LogitBranch({'; '.join(told)})"


def logit_certificate(profile: Profile, lam: float) -> Certificate:
    """How far ``profile`` is from a logit equilibrium at precision ``lam``, player by player.

    ``regrets[i]`` is the largest distance of a chance of player ``i`` from the logit response to
    the others, and ``deviations[i]`` the action where it is; both computed from the payoffs alone.
    """
    alike = profile.game.alike(profile.mixtures)
    off, where = {}, {}
    for i in sorted(set(alike)):
        u = lam * profile.gains(i).astype(np.float64)
        response = np.exp(u - u.max())
        distance = np.abs(profile.mixtures[i].astype(np.float64) - response / response.sum())
        off[i], where[i] = float(distance.max()), int(distance.argmax())
    return Certificate(
        f"logit({lam:.6g})",
        tuple(off[i] for i in alike),
        tuple(where[i] for i in alike),
        False,
        (1.0,) * len(alike),
    )


def logit_branch(game: Game | CountGame) -> LogitBranch:
    """The principal branch of the logit equilibria of ``game``, from ``lam = 0`` to its limit.

    It ends at ``lam`` of a million over the payoff range. Turns and crossings are placed to about
    1e-9 of ``lam``. Where another path crosses, the branch goes straight on.

    Cost, compiled: 0.1 ms for 2 x 2, 1 ms for 3 x 3 x 3; a symmetry of the game makes it less. For
    a game that depends on how many act 600 evaluations of the gain, O(n) each. Raises ValueError
    for other games.

    >>> stag_hunt = Game.from_payoffs([[4, 0], [3, 3]], [[4, 3], [0, 3]])
    >>> logit_branch(stag_hunt).limit.profile.support
    ((1,), (1,))
    """
    if isinstance(game, CountGame):
        return _of_counts(game)
    if not isinstance(game, Game):
        raise ValueError(f"logit: needs a Game or a CountGame, got {type(game).__name__}")
    counted = _as_counts(game)
    if counted is not None:
        branch = _of_counts(counted)
        limit = branch.limit and _limit(game, branch.limit.mixtures)
        return LogitBranch(game, branch.lams, branch.mixtures, branch.events, limit, branch.notes)
    path = _Path.of(game)
    lams, points, events, status = path.follow()
    ends = np.cumsum(game.shape)[:-1]
    mixtures = tuple(freeze(np.ascontiguousarray(x)) for x in np.split(points, ends, axis=1))
    notes = []
    if status:
        why = "its budget of steps ended" if status == 2 else "no step along it succeeds"
        notes.append(f"The branch ends at lam = {show(float(lams[-1]))}: {why}.")
    limit = _limit(game, [x[-1] for x in mixtures]) if lams[-1] > 0 else None
    if limit is None:
        notes.append("The Nash equilibrium that the branch leads to was not reached.")
    return LogitBranch(game, lams, mixtures, events, limit, tuple(notes))


def logit_many(payoffs: ArrayLike, lams: ArrayLike) -> tuple[Array, ...]:
    """Logit equilibria of many games of one shape, on the principal branch of each.

    ``payoffs`` has shape ``(B, m_0, ..., m_{n-1}, n)`` and ``lams`` (L,), in ascending order.
    Returns one array ``(B, L, m_i)`` a player: the first point of the branch at each precision, nan
    where the branch was not followed so far. Symmetries of single games are not looked for.

    >>> dilemma = [[[3, 3], [0, 5]], [[5, 0], [1, 1]]]
    >>> chicken = [[[3, 3], [2, 4]], [[4, 2], [0, 0]]]
    >>> first, second = logit_many([dilemma, chicken], lams=[0, 1])
    >>> first.round(4).tolist()
    [[[0.5, 0.5], [0.2268, 0.7732]], [[0.5, 0.5], [0.5712, 0.4288]]]
    """
    given, grid = np.asarray(payoffs, dtype=np.float64), np.asarray(lams, dtype=np.float64)
    if given.ndim < 3 or given.shape[-1] != given.ndim - 2 or 0 in given.shape:
        raise ValueError(f"payoffs: shape {given.shape} is not (games, m_0, ..., m_n-1, n)")
    if not np.isfinite(given).all():
        raise ValueError("payoffs: some are not finite; use finite payoffs")
    if grid.ndim != 1 or not (grid >= 0).all() or (np.diff(grid) < 0).any():
        raise ValueError("lams: not a list of precisions from 0 up, in ascending order")
    from gametheory.solvers import _logit_path

    n, shape = given.shape[-1], given.shape[1:-1]
    tables = given.reshape(len(given), math.prod(shape), n)
    path = _Path(tables[:0], 1.0, np.array(shape), np.arange(sum(shape)), ())
    players, heads = path.heads(path.classes)
    out = np.full((len(given), len(grid), sum(shape)), np.nan)
    _logit_path.follow_many(
        tables,
        path.first,
        path.shape,
        players,
        path.classes,
        heads,
        *path.finer,
        grid,
        out,
    )
    ends = np.cumsum(shape)[:-1]
    return tuple(freeze(np.ascontiguousarray(x)) for x in np.split(out, ends, axis=2))


@dataclass(frozen=True)
class _Path:
    """The equations of one game for the compiled continuation, with what its symmetries leave.

    Payoffs ``U`` (profiles, n) are from zero up, in ``unit``. Actions are numbered through all
    players; ``symmetries`` are permutations of them, ``classes`` their orbits.
    """

    U: Array
    unit: float
    shape: Array
    classes: Array
    symmetries: tuple[Array, ...]

    @staticmethod
    def of(game: Game) -> _Path:
        unit = game.scale or 1.0
        U = ((game.payoffs - game.floors).astype(np.float64) / unit).reshape(-1, len(game.shape))
        found = tuple(symmetries(game))
        classes = orbits(sum(game.shape), found)
        return _Path(np.ascontiguousarray(U), unit, np.array(game.shape), classes, found)

    @property
    def first(self) -> Array:
        """The number of each player's first action."""
        return np.concatenate([[0], np.cumsum(self.shape)[:-1]]).astype(np.int64)

    def heads(self, classes: Array) -> tuple[Array, Array]:
        """Players whose actions stand for all; of each class an action, its base, its player."""
        owner = np.repeat(np.arange(len(self.shape)), self.shape)
        _, firsts = np.unique(classes, return_index=True)
        rows = np.stack([firsts, self.first[owner[firsts]], owner[firsts]], axis=1)
        return np.unique(owner[firsts]), np.ascontiguousarray(rows)

    @property
    def finer(self) -> tuple[Array, Array]:
        """Classes under what symmetry each class leaves that keeps its head where it is."""
        known = {self.classes.tobytes()}
        found, heads = [], []
        for s in self.heads(self.classes)[1][:, 0].tolist() if self.symmetries else []:
            kept = [g for g in self.symmetries if g[s] == s]
            classes = orbits(len(self.classes), kept)
            if classes.tobytes() not in known:
                known.add(classes.tobytes())
                found.append(classes)
                rows = np.full((len(classes), 3), -1)
                rows[: classes.max() + 1] = self.heads(classes)[1]
                heads.append(rows)
        size = len(self.classes)
        return np.array(found, int).reshape(-1, size), np.array(heads, int).reshape(-1, size, 3)

    def follow(self) -> tuple[Array, Array, tuple[BranchPoint, ...], int]:
        """Precisions, points, events and how the path ended (0: at the end)."""
        from gametheory.solvers import _logit_path

        lams, points = np.empty(STEPS), np.empty((STEPS, len(self.classes)))
        found = np.empty((EVENTS, 2))
        players, heads = self.heads(self.classes)
        count, met, status = _logit_path.follow(
            self.U,
            self.first,
            self.shape,
            players,
            self.classes,
            heads,
            *self.finer,
            LAST,
            lams,
            points,
            found,
        )
        kinds: tuple[Kind, ...] = ("turning", "crossing", "symmetry breaking")
        events = [BranchPoint(kinds[min(int(k), 3) - 1], lam / self.unit) for k, lam in found[:met]]
        return freeze(lams[:count] / self.unit), points[:count], tuple(events), int(status)


def _newton(game: Game, lam: float, guess: Sequence[Array]) -> tuple[Array, ...]:
    """The logit equilibrium at ``lam`` near the log-probabilities ``guess``."""
    from gametheory.solvers import _logit_path

    path = _Path.of(game)
    players, heads = path.heads(path.classes)
    actions, size = len(path.classes), len(heads)
    v, x = np.concatenate(guess)[heads[:, 0]], np.empty(actions)
    before, G, H = np.empty((2, len(path.shape))), np.empty(actions), np.empty((actions, actions))
    J = np.empty((size, size + 2))
    for _ in range(30):
        _logit_path._equations(
            path.U,
            path.first,
            path.shape,
            players,
            path.classes,
            heads,
            v,
            lam * path.unit,
            x,
            before,
            G,
            H,
            J,
        )
        step = np.linalg.solve(J[:, :size], -J[:, size + 1])
        v += np.where(v > -30, np.clip(step, -2, 2), step)  # what is never played has no effect
        if np.abs(step).max() < 1e-14 * (1 + np.abs(v).max()):
            break
    mixtures = np.split(np.exp(v)[path.classes], np.cumsum(game.shape)[:-1])
    return tuple(x / x.sum() for x in mixtures)


def _limit(game: Game, near: Sequence[Array]) -> Equilibrium | None:
    """The Nash equilibrium beside the end of a branch: solved again on its support, certified."""
    for least in (1e-9, 1e-6, 1e-4, 1e-2):
        mixtures = [np.where(x > least, x, 0.0).astype(np.float64) for x in near]
        mixtures = [x / x.sum() for x in mixtures]
        for _ in range(8 if any(np.count_nonzero(x) > 1 for x in mixtures) else 0):
            step = _support_step(game, mixtures)
            moved = [x + s for x, s in zip(mixtures, step)]
            if any((x < 0).any() for x in moved):
                break
            mixtures = [x / x.sum() for x in moved]
            if max(np.abs(s).max() for s in step) < 1e-9:  # the next would be beyond rounding
                break
        close = max(np.abs(x - y).max() for x, y in zip(mixtures, near))
        profile = Profile(game, mixtures)
        certificate = certify(profile)
        if certificate.holds() and close < max(100 * least, 1e-3):
            return Equilibrium(profile, certificate, "logit")
    return None


def _support_step(game: Game, mixtures: Sequence[Array]) -> list[Array]:
    """A Newton step for equal payoffs on the support, the shortest where there are many."""
    n = len(mixtures)
    support = [np.flatnonzero(x) for x in mixtures]
    width = sum(map(len, support))
    starts = np.concatenate([[0], np.cumsum([len(s) for s in support])])
    rows, right = [], []
    for i in range(n):
        scale = float(game.ranges[i]) or 1.0
        gains = game.gains(mixtures, i).astype(np.float64) / scale
        for a in support[i][1:]:
            row = np.zeros(width)
            for j in range(n):
                if j != i:
                    for k, b in enumerate(support[j]):
                        unit = [
                            x if k2 != j else np.eye(len(x))[b] for k2, x in enumerate(mixtures)
                        ]
                        u = game.gains(unit, i).astype(np.float64) / scale
                        row[starts[j] + k] = u[a] - u[support[i][0]]
            rows.append(row)
            right.append(gains[support[i][0]] - gains[a])
        row = np.zeros(width)
        row[starts[i] : starts[i + 1]] = 1
        rows.append(row)
        right.append(0.0)
    solved = np.linalg.lstsq(np.array(rows), np.array(right), rcond=1e-10)[0]
    steps = []
    for i, x in enumerate(mixtures):
        step = np.zeros(len(x))
        step[support[i]] = solved[starts[i] : starts[i + 1]]
        steps.append(step)
    return steps


def _as_counts(game: Game) -> CountGame | None:
    """The game as one that depends on how many play action 0, if it is one."""
    n = len(game.players)
    if n < 2 or any(m != 2 for m in game.shape):
        return None
    acts = 1 - np.indices(game.shape)
    act, wait = [], []
    for k in range(n):
        some: Any = (0, *[0] * k, *[1] * (n - 1 - k), 0)
        act.append(game.payoffs[some])
        wait.append(game.payoffs[(1, *some[1:])])
    for i in range(n):
        others = acts.sum(axis=0) - acts[i]
        table = np.array(act)[others], np.array(wait)[others]
        if not np.array_equal(np.where(acts[i] == 1, *table), game.payoffs[..., i]):
            return None
    return CountGame(act, wait)


def _of_counts(game: CountGame) -> LogitBranch:
    """The symmetric branch of a game that depends on how many act."""
    from gametheory.solvers.symmetric import solve

    n, unit = len(game.players), game.scale or 1.0
    found = solve(game, exact=None)
    middle, slope = _gain(game, 0.0)
    notes = []
    if found.coverage.name == "UNKNOWN":
        notes.append("Not all symmetric equilibria are known: the limit may be one before.")
    if abs(middle) <= ROUNDING * unit:
        grid = np.concatenate([[0.0], np.geomspace(1e-3, LAST, GRID) / unit])
        L, lams = np.zeros(len(grid)), grid
        near = [e for e in found if 0 < e.mixtures[0][0] < 1 and abs(e.mixtures[0][0] - 0.5) < 1e-9]
        limit = near[0] if near else None
        events: list[tuple[Kind, float]] = [("crossing", 4 / slope)] if slope > 0 else []
        events += [("symmetry breaking", -4 * (n - 1) / slope)] if slope < 0 < n - 1 else []
        events = [(kind, lam) for kind, lam in events if lam * unit <= LAST]
    else:
        way = 1.0 if middle > 0 else -1.0
        ends = [
            (math.log(float(x[0])) - math.log(float(x[1])), e)
            for e in found
            for x in [e.mixtures[0]]
            if 0 < x[0] < 1
        ]
        ends = sorted((way * end, e) for end, e in ends if way * end > 0)
        if ends:
            far, limit = ends[0]
            L = way * far * (1 - np.concatenate([[1.0], np.geomspace(0.99, 1e-9, GRID)]))
        else:
            pure = [e for e in found if e.mixtures[0][0] == (1 if way > 0 else 0)]
            limit = pure[0] if pure else None
            L = way * np.concatenate([[0.0], np.geomspace(1e-3, LAST * abs(middle) / unit, GRID)])
        lams = np.array([_precision(game, x) for x in L])
        kept = np.concatenate([[True], np.isfinite(lams[1:]) & (lams[1:] > 0)])
        kept &= lams * unit <= 1.0001 * LAST
        L, lams = L[kept], lams[kept]
        events = _events(game, L)
    odds = np.exp(-np.abs(L))
    small, large = odds / (1 + odds), 1 / (1 + odds)
    q, rest = np.where(L < 0, small, large), np.where(L < 0, large, small)
    mixtures = (freeze(np.stack([q, rest], axis=1)),) * n
    return LogitBranch(
        game,
        freeze(lams),
        mixtures,
        tuple(BranchPoint(kind, lam) for kind, lam in events),
        None if limit is None else Equilibrium(limit.profile, limit.certificate, "logit"),
        tuple(notes),
    )


def _gain(game: CountGame, L: float) -> tuple[float, float]:
    """The gain from acting where all act with log-odds ``L``, and its slope in the chance."""
    n, d = len(game.players), game.gain.astype(np.float64)
    odds = math.exp(-abs(L))
    small, large = odds / (1 + odds), 1 / (1 + odds)
    q, rest = (small, large) if L < 0 else (large, max(small, 1e-300))
    value = float(_binomial(n - 1, q, rest) @ d)
    if n == 1:
        return value, 0.0
    return value, float((n - 1) * (_binomial(n - 2, q, rest) @ np.diff(d)))


def _precision(game: CountGame, L: float) -> float:
    """The precision at which log-odds ``L`` are a symmetric logit equilibrium."""
    gain, _ = _gain(game, L)
    return 0.0 if L == 0 else L / gain if gain else math.inf


def _signs(game: CountGame, L: float) -> tuple[float, float]:
    """What is zero at a turn, and where solutions that are not symmetric leave."""
    n = len(game.players)
    gain, slope = _gain(game, L)
    odds = math.exp(-abs(L))
    spread = odds / (1 + odds) ** 2
    return gain - L * slope * spread, (n - 1) * gain + L * slope * spread


def _events(game: CountGame, L: Array) -> list[tuple[Kind, float]]:
    """Turns and breaks of symmetry along log-odds ``L``, by halving between points of the grid."""
    kinds: tuple[Kind, ...] = ("turning", "symmetry breaking")
    seen = np.array([_signs(game, x) for x in L.tolist()])
    found = []
    for column, kind in enumerate(kinds):
        if kind == "symmetry breaking" and len(game.players) < 2:
            continue
        s = np.sign(seen[:, column])
        for k in np.flatnonzero(s[1:] * s[:-1] < 0).tolist():
            low, high = float(L[k]), float(L[k + 1])
            for _ in range(80):
                middle = (low + high) / 2
                if np.sign(_signs(game, middle)[column]) == s[k]:
                    low = middle
                else:
                    high = middle
            found.append((k, kind, _precision(game, low)))
    return [(kind, lam) for _, kind, lam in sorted(found, key=lambda e: e[0])]


def _symmetric_at(game: CountGame, lam: float, low: float, high: float) -> Array:
    """The symmetric mixture at ``lam`` whose log-odds are between ``low`` and ``high``."""

    def above(L: float) -> float:
        return L - lam * _gain(game, L)[0]

    if low == high:
        L = low
    else:
        side = above(low) > 0
        for _ in range(200):
            middle = (low + high) / 2
            if middle in (low, high):
                break
            if (above(middle) > 0) == side:
                low = middle
            else:
                high = middle
        L = (low + high) / 2
    odds = math.exp(-abs(L))
    x = np.array([odds / (1 + odds), 1 / (1 + odds)])
    return x if L < 0 else x[::-1].copy()

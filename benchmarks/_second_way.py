"""Equilibria of n-player games a second way, in numpy alone: Newton from many points.

On a support the equations are that each action pays what the player's first one pays. Newton's
method starts from random points inside the support. It proves nothing, and may miss a root; but
each root it meets is an equilibrium or not whatever anybody's list says. Profiles are arrays with
the mixtures of all players end to end; payoffs ``u`` are ``(m_0, ..., m_{n-1}, n)``.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

STEPS, FAR = (12, 24), 3.0  # steps to regular roots, to singular ones
RESIDUAL = 1e-12  # of the payoff range
INSIDE = 1e-6  # least chance of an action that counts as played

Support = tuple[tuple[int, ...], ...]


def scaled(u: np.ndarray) -> np.ndarray:
    """The payoffs in units of each player's range."""
    flat = u.reshape(-1, u.shape[-1])
    span = np.ptp(flat, axis=0)
    return (u - flat.min(axis=0)) / np.where(span > 0, span, 1)


def supports(shape: tuple[int, ...]) -> list[Support]:
    """All supports on which somebody mixes."""
    sides = [
        [s for k in range(1, m + 1) for s in itertools.combinations(range(m), k)] for m in shape
    ]
    return [s for s in itertools.product(*sides) if any(len(side) > 1 for side in s)]


def contracted(T: np.ndarray, x: list[np.ndarray], kept: tuple[int, ...]) -> np.ndarray:
    """``T`` of shape ``(P, k_0, ..., k_{n-1})``, averaged over all players but those kept."""
    for j in reversed(range(len(x))):
        if j not in kept:
            before, after = T.shape[: j + 1], T.shape[j + 2 :]
            blocks = T.reshape(len(T), math.prod(before[1:]), T.shape[j + 1], math.prod(after))
            T = np.einsum("pajb,pj->pab", blocks, x[j]).reshape(*before, *after)
    return T


def system(T: list[np.ndarray], x: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The differences in payoff ``(P, K)``, and their Jacobian ``(P, K, K)``.

    By all chances but the first. ``T[i]`` is player i's payoff on the support, ``(P, k_0, ...)``.
    """
    n, rows = len(x), len(x[0])
    first = np.cumsum([0, *[y.shape[1] - 1 for y in x]])
    value, J = np.zeros((rows, first[-1])), np.zeros((rows, first[-1], first[-1]))
    for i in range(n):
        at = slice(first[i], first[i + 1])
        pay = contracted(T[i], x, (i,))
        value[:, at] = pay[:, 1:] - pay[:, :1]
        for j in range(n):
            if j != i:
                pair = contracted(T[i], x, (min(i, j), max(i, j)))
                pair = pair if i < j else pair.swapaxes(1, 2)
                gain = pair[:, 1:] - pair[:, :1]
                J[:, at, first[j] : first[j + 1]] = gain[:, :, 1:] - gain[:, :, :1]
    return value, J


def one_signed(part: np.ndarray) -> bool:
    """Whether some player strictly gains, or loses, by one action all over the support."""
    for i in range(part.ndim - 1):
        u = np.moveaxis(part[..., i], i, 0)
        for d in (u[a] - u[b] for a in range(len(u)) for b in range(a)):
            if d.min() > 0 or d.max() < 0:
                return True
    return False


def roots(
    games: np.ndarray, support: Support, starts: int, rng: np.random.Generator, singular: bool
) -> list[tuple[int, np.ndarray, float]]:
    """Equilibria met on a support of games ``(B, m_0, ..., m_{n-1}, n)``.

    For each the game, the profile, and the least singular value of the Jacobian. ``singular`` takes
    steps of least length, which also lead to continua.
    """
    shape, n = games.shape[1:-1], games.shape[-1]
    part = games[np.ix_(range(len(games)), *support, range(n))]
    alive = [b for b in range(len(games)) if not one_signed(part[b])]
    if not alive:
        return []
    mixing = [i for i in range(n) if len(support[i]) > 1]
    which = np.repeat(alive, starts)
    sides = [len(support[i]) for i in mixing]
    T = [part[which][..., i].reshape(len(which), *sides) for i in mixing]
    x = [rng.dirichlet(np.ones(k), len(which)) for k in sides]
    first = np.cumsum([0, *[k - 1 for k in sides]])
    value, J = system(T, x)
    for _ in range(STEPS[singular]):
        if np.abs(value).max() < RESIDUAL / 10:
            break
        step = _step(value, J, singular)
        for i, y in enumerate(x):
            y[:, 1:] -= step[:, first[i] : first[i + 1]]
            y[:, 0] = 1 - y[:, 1:].sum(axis=1)
        near = np.all([np.abs(y).max(axis=1) < FAR for y in x], axis=0)
        T, x, which = [t[near] for t in T], [y[near] for y in x], which[near]
        if not len(which):
            return []
        value, J = system(T, x)
    met = (np.abs(value).max(axis=1) < RESIDUAL) & np.all(
        [y.min(axis=1) > INSIDE for y in x], axis=0
    )
    out: list[tuple[int, np.ndarray, float]] = []
    for r in np.flatnonzero(met):
        mixtures = [np.zeros(m) for m in shape]
        for i in range(n):
            mixtures[i][list(support[i])] = x[mixing.index(i)][r] if i in mixing else 1.0
        at = np.concatenate(mixtures)
        known = any(b == which[r] and np.abs(at - z).max() < 1e-8 for b, z, _ in out)
        if not known and regret(games[which[r]], at) < 10 * RESIDUAL:
            out.append((int(which[r]), at, float(np.linalg.svd(J[r], compute_uv=False)[-1])))
    return out


def _step(value: np.ndarray, J: np.ndarray, singular: bool) -> np.ndarray:
    if not singular:
        try:
            return np.linalg.solve(J, value[..., None])[..., 0]
        except np.linalg.LinAlgError:
            pass
    return (np.linalg.pinv(J, rcond=1e-8) @ value[..., None])[..., 0]


def regret(u: np.ndarray, at: np.ndarray) -> float:
    """The largest gain from deviating; infinite if ``at`` is no profile."""
    shape = u.shape[:-1]
    x = np.split(at, np.cumsum(shape)[:-1])
    if any(not np.isfinite(y).all() or y.min() < -1e-6 or abs(y.sum() - 1) > 1e-6 for y in x):
        return np.inf
    rows = [np.maximum(y, 0)[None] / np.maximum(y, 0).sum() for y in x]
    worst = 0.0
    for i in range(len(shape)):
        pay = contracted(u[None, ..., i], rows, (i,))[0]
        worst = max(worst, pay.max() - pay @ rows[i][0])
    return float(worst)


def polished(u: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Where Newton's method leads from ``at``, on the support of what is played there."""
    x = np.split(at, np.cumsum(u.shape[:-1])[:-1])
    support = tuple(tuple(np.flatnonzero(y > INSIDE).tolist()) for y in x)
    y = [part[list(s)][None] for part, s in zip(x, support)]
    part = u[np.ix_(*support, range(u.shape[-1]))]
    T = [part[None, ..., i] for i in range(len(x))]
    first = np.cumsum([0, *[z.shape[1] - 1 for z in y]])
    for _ in range(10 if first[-1] else 0):
        step = _step(*system(T, y), singular=True)
        for i, z in enumerate(y):
            z[:, 1:] -= step[:, first[i] : first[i + 1]]
            z[:, 0] = 1 - z[:, 1:].sum(axis=1)
    out = [np.zeros(len(part)) for part in x]
    for z, s, row in zip(out, support, y):
        z[list(s)] = row[0]
    return np.concatenate(out)


def index(u: np.ndarray, at: np.ndarray) -> int:
    """The sign of the determinant of minus the Jacobian at a regular equilibrium."""
    x = np.split(at, np.cumsum(u.shape[:-1])[:-1])
    support = [np.flatnonzero(y > 0) for y in x]
    part = u[np.ix_(*support, range(u.shape[-1]))]
    rows = [y[s][None] for y, s in zip(x, support)]
    _, J = system([part[None, ..., i] for i in range(len(x))], rows)
    return int(np.sign(np.linalg.det(-J[0]))) if J.shape[1] else 1

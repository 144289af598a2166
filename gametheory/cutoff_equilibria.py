"""Equilibria in cutoffs: certificates, and lists that say what they promise.

A profile of cutoffs is a Bayes-Nash equilibrium iff almost no type of any player gains by another
action while the others keep their cutoffs. :func:`certify_cutoffs` asks the game what each action
pays to a type, and tries all actions type by type: on a grid of quantiles, far into both tails, at
the ends of the support and on both sides of each cutoff. It shares no code with any solver, and
assumes nothing of how gains depend on the type, save that no gain is narrower than the grid.

>>> from scipy.stats import uniform
>>> from gametheory.cutoff import CutoffGame
>>> game = CutoffGame(
...     uniform(), {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}, n=2
... )
>>> certify_cutoffs(CutoffProfile(game, 0.5)).holds()
True
>>> certify_cutoffs(CutoffProfile(game, 0.4))
CutoffCertificate(bayes-nash, regret 0.2, float)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory import _laws
from gametheory.continuous import InFloats
from gametheory.cutoff import CutoffForm, CutoffProfile, inside
from gametheory.equilibrium import CertificateError, Coverage, Listed
from gametheory.game import Array, freeze, show

if TYPE_CHECKING:
    import pandas as pd

BESIDE = 1e-12  # of the spread of the types: how far from a cutoff its two sides are


@dataclass(frozen=True, eq=False, repr=False)
class CutoffCertificate(InFloats):
    """How much a type of each player could gain by another action, the others keeping theirs.

    ``regrets[i]`` is the most that any type of player ``i`` tried could gain (at least zero), and
    ``deviations[i]`` that type and the name of its best action. ``ex_ante[i]`` is the gain that the
    player expects before knowing the type, by quadrature. ``ranges[i]``, the payoff range of the
    player, is the unit of the tolerance. Arrays have shape ``(n,)``.
    """

    concept: str
    regrets: Array
    ex_ante: Array
    deviations: tuple[tuple[float, str], ...]
    ranges: Array

    def __repr__(self) -> str:
        return f"CutoffCertificate({self.concept}, regret {show(self.regret)}, float)"


def certify_cutoffs(profile: CutoffProfile) -> CutoffCertificate:
    """The certificate of ``profile``: what a type of each player could gain by another action.

    Cost: payoffs of about 300 types, once for all players of a kind who use the same cutoffs.
    """
    game, alike = profile.game, profile.alike
    tried = {i: _gaps(profile, i) for i in sorted(set(alike))}
    return CutoffCertificate(
        "bayes-nash",
        freeze(np.array([tried[i][0] for i in alike])),
        freeze(np.array([tried[i][1] for i in alike])),
        tuple((tried[i][2], game.actions[tried[i][3]]) for i in alike),
        game.ranges,
    )


def _gaps(profile: CutoffProfile, i: int) -> tuple[float, float, float, int]:
    """Largest gain of any type of player ``i``, expected gain, that type, its best action."""
    nodes, weights, chosen = profile.pieces(i)
    t, action = _types(profile, i)
    u = profile.interim(i, np.concatenate([nodes, t]))
    played = np.concatenate([chosen, action])
    gain = u.max(axis=1) - np.take_along_axis(u, played[:, np.newaxis], axis=1)[:, 0]
    worst = int(gain[len(nodes) :].argmax())
    return (
        float(gain[len(nodes) + worst]),
        float(weights @ gain[: len(nodes)]),
        float(t[worst]),
        int(u[len(nodes) + worst].argmax()),
    )


def _types(profile: CutoffProfile, i: int) -> tuple[Array, Array]:
    """The types that are tried, and what they choose; those beside a cutoff, what is on their side.

    A type at the end of the support is tried where the end is finite.
    """
    law = profile.game.types[i]
    low, high = _laws.support(law)
    t = _laws.quantile(law, *_laws.grid())
    spread = float(t[3 * len(t) // 4] - t[len(t) // 4])
    ends = [x for x in (low, high) if np.isfinite(x)]
    near = []
    for c in profile.cutoffs[i]:
        if low < c < high:
            step = max(BESIDE * spread, 4 * float(np.spacing(abs(c))))
            near += [max(c - step, low), min(c + step, high)]
    tried = np.concatenate([t, ends, near, profile.game.beside(i, profile.cutoffs)])
    return tried, profile.plays(i, tried)


@dataclass(frozen=True, repr=False)
class CutoffEquilibrium:
    """A profile of cutoffs with the proof that it is an equilibrium, and how it was found.

    ``index`` is the sign of the determinant of the identity less the slopes of best replies, +1 or
    -1 for a regular equilibrium; None where it was not computed.
    """

    profile: CutoffProfile
    certificate: CutoffCertificate
    method: str
    index: int | None = None

    @property
    def cutoffs(self) -> Array:
        """The cutoffs of each player, shape ``(n, m - 1)``."""
        return self.profile.cutoffs

    @property
    def chances(self) -> Array:
        """Chance that each player chooses each action, shape ``(n, m)``."""
        return self.profile.chances

    @property
    def payoffs(self) -> Array:
        """Payoff of each player before the types are known, shape ``(n,)``."""
        return self.profile.payoffs

    def __repr__(self) -> str:
        return f"CutoffEquilibrium({inside(self.profile)})"


@dataclass(frozen=True, repr=False)
class CutoffEquilibria(Listed[CutoffEquilibrium]):
    """Equilibria in cutoffs of one game, with what the list promises.

    ``notes`` say why it is whole, to what resolution, and name continua.
    """

    game: CutoffForm
    equilibria: tuple[CutoffEquilibrium, ...]
    coverage: Coverage
    method: str
    notes: tuple[str, ...] = ()

    @staticmethod
    def proved(
        game: CutoffForm,
        profiles: Sequence[CutoffProfile],
        coverage: Coverage,
        method: str,
        notes: Sequence[str] = (),
        indices: Sequence[int | None] | None = None,
    ) -> CutoffEquilibria:
        """The set of these profiles, each certified. Raises CertificateError if one is none."""
        found = []
        for profile, index in zip(profiles, indices or [None] * len(profiles)):
            certificate = certify_cutoffs(profile)
            if not certificate.holds():
                i = int((certificate.regrets - 1e-9 * certificate.ranges).argmax())
                t, action = certificate.deviations[i]
                raise CertificateError(
                    f"{method}: type {show(t)} of {game.players[i]} gains "
                    f"{show(float(certificate.regrets[i]))} by {action!r} in {profile!r}"
                )
            found.append(CutoffEquilibrium(profile, certificate, method, index))
        return CutoffEquilibria(game, tuple(found), coverage, method, tuple(notes))

    def told(self, k: int) -> str:
        """What each player does, from the low types to the high."""
        return inside(self[k].profile)

    def to_frame(self) -> pd.DataFrame:
        """One row a player in each equilibrium: cutoffs, chances of the actions, payoff, regret."""
        import pandas as pd

        actions = self.game.actions
        heads: list[tuple[str, str]] = [("cutoff", f"{a}|{b}") for a, b in pairwise(actions)]
        heads += [("chance", a) for a in actions] + [("", "payoff"), ("", "regret")]
        parts: list[Any] = [
            pd.DataFrame(
                np.column_stack([e.cutoffs, e.chances, e.payoffs, e.certificate.regrets]),
                index=pd.Index(self.game.players, name="player"),
                columns=pd.MultiIndex.from_tuples(heads),
            )
            for e in self
        ]
        return (
            pd.concat(parts, keys=range(len(parts)), names=["equilibrium"])
            if parts
            else pd.DataFrame()
        )

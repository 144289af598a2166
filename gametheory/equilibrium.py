"""Equilibria, and what a list of them is worth: certificates and coverage.

A profile ``x`` is a Nash equilibrium iff no player can gain by deviating alone: every regret

    regret_i = max_a u_i(a, x_-i) - u_i(x)

is zero. :func:`certify` computes the regrets from the payoffs of the game, by code that shares
nothing with any solver; in exact games they are exact. A :class:`Coverage` says what a list of
equilibria promises about those it does not contain.

>>> from gametheory.game import Game, Profile
>>> pennies = Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
>>> certify(Profile.pure(pennies, (0, 0)))
Certificate(nash, regret 2, exact)
>>> certify(Profile(pennies, [[0.5, 0.5], [0.5, 0.5]])).holds()
True
"""

from __future__ import annotations

import enum
import html
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from gametheory.actions import ActionProfile
from gametheory.bayesian import BayesianProfile
from gametheory.cutoff import CutoffProfile
from gametheory.game import Array, Game, GameForm, Number, Profile, show
from gametheory.ultimatum import OfferProfile

if TYPE_CHECKING:
    import pandas as pd

    from gametheory.behaviour import Behaviour, BehaviourCertificate
    from gametheory.continuous import ActionCertificate
    from gametheory.cutoff_equilibria import CutoffCertificate


FEW = 128
"""Payoffs times profiles up to which plain sums are quicker than arrays."""


class Coverage(enum.Enum):
    """What a list of equilibria promises. Each member's value is the sentence."""

    ALL = "Every equilibrium is in the list."
    EXTREME = (
        "Every extreme equilibrium is in the list; "
        "every equilibrium is a convex combination of some of them within one Nash subset."
    )
    ALL_PURE = "Every equilibrium in pure strategies is in the list; mixed ones were not sought."
    ALL_SYMMETRIC = (
        "Every equilibrium in which all players mix alike is in the list; others were not sought."
    )
    ALL_BY_CLASS = (
        "Every equilibrium in which all members of a class mix alike is in the list; "
        "others were not sought."
    )
    ENCLOSED_BY_CLASS = (
        "Every equilibrium in which all members of a class mix alike is in the list, a convex "
        "combination of some of it within one Nash subset, or in a box of one of the components; "
        "others were not sought."
    )
    ALL_SAME_CUTOFFS = (
        "Every equilibrium in which players alike use the same cutoffs is in the list; "
        "others were not sought."
    )
    ENDS_OF_SAME_CUTOFFS = (
        "Every equilibrium in which players alike use the same cutoffs is in the list, or between "
        "two of its members that a note names; others were not sought."
    )
    ALL_CUTOFFS = "Every equilibrium in cutoffs is in the list; others were not sought."
    ALL_ONE_LEVEL = (
        "Every equilibrium in which all who mix do so with the same chance is in the list, once up "
        "to relabelling the players; of a continuum its ends, with a note. "
        "Those with two or more different chances were not sought."
    )
    ENCLOSED = (
        "Every equilibrium is in the list, a convex combination of some of it within one Nash "
        "subset, or in a box of one of the components."
    )
    ALL_BEHAVIOUR = (
        "The behaviour of every equilibrium is in the list, with all beliefs that support it."
    )
    EXTREME_BEHAVIOUR = (
        "Every equilibrium is in one of the pieces: behaviour a convex combination, in chances of "
        "sequences, of that of its members, beliefs among those of the piece."
    )
    SAMPLE = "Some equilibria; there may be others."
    UNKNOWN = "Nothing is promised about equilibria outside the list."

    def __str__(self) -> str:
        return self.value


class InRanges:
    """What certificates by player have in common: regrets, judged in units of payoff ranges."""

    regrets: tuple[Number, ...]
    ranges: tuple[float, ...]

    @property
    def regret(self) -> Number:
        """The largest regret of any player."""
        return max(self.regrets)

    @property
    def scale(self) -> float:
        """The widest payoff range of any player."""
        return max(self.ranges)

    def holds(self, tol: float = 1e-9) -> bool:
        """Whether each regret is at most ``tol`` times that player's payoff range."""
        return all(r <= tol * s for r, s in zip(self.regrets, self.ranges))


@dataclass(frozen=True, repr=False)
class Certificate(InRanges):
    """How much each player could gain by deviating alone from a profile.

    ``regrets[i]`` is that gain (at least zero) and ``deviations[i]`` the index of an action that
    attains it. ``ranges[i]`` is the payoff range of player ``i``: the unit of the tolerance. Of a
    Bayesian game, all three are of the types of the players, end to end.
    ``exact`` tells whether the regrets are exact rational numbers.
    """

    concept: str
    regrets: tuple[Number, ...]
    deviations: tuple[int, ...]
    exact: bool
    ranges: tuple[float, ...]

    def __repr__(self) -> str:
        kind = "exact" if self.exact else "float"
        return f"Certificate({self.concept}, regret {show(self.regret)}, {kind})"


@overload
def certify(profile: Profile) -> Certificate: ...
@overload
def certify(profile: ActionProfile) -> ActionCertificate: ...
@overload
def certify(profile: CutoffProfile) -> CutoffCertificate: ...
@overload
def certify(profile: Behaviour) -> BehaviourCertificate: ...
def certify(
    profile: Profile | ActionProfile | CutoffProfile | Behaviour,
) -> Certificate | ActionCertificate | CutoffCertificate | BehaviourCertificate:
    """The Nash certificate of ``profile``: what each player could gain by deviating alone.

    Exact if the game and the profile are. Cost: one pass over the payoffs a player. Continuous
    actions are searched: see :mod:`gametheory.continuous`; so are private types: see
    :mod:`gametheory.cutoff_equilibria`. Of a Bayesian game what each type could gain, given what it
    knows. Of a tree what each player could gain by another plan: see :mod:`gametheory.behaviour`.
    """
    if isinstance(profile, CutoffProfile):
        from gametheory.cutoff_equilibria import certify_cutoffs  # which stands on this module

        return certify_cutoffs(profile)
    if isinstance(profile, OfferProfile):
        from gametheory._offers import certify_offers

        return certify_offers(profile)
    if isinstance(profile, ActionProfile):
        from gametheory.continuous import certify_actions  # which stands on this module

        return certify_actions(profile)
    if isinstance(profile, BayesianProfile):
        return _certify_types(profile)
    if not isinstance(profile, Profile):
        from gametheory.behaviour import certify_behaviour  # which stands on this module

        return certify_behaviour(profile)
    game = profile.game
    regrets: dict[int, Number] = {}
    deviations: dict[int, int] = {}
    alike = game.alike(profile.mixtures)
    for i in sorted(set(alike)):
        gains = profile.gains(i)
        best = int(gains.argmax())
        shortfall = gains[best] - gains
        expected = profile.mixtures[i].astype(gains.dtype, copy=False) @ shortfall
        regrets[i] = expected if isinstance(expected, Fraction) else max(0.0, float(expected))
        deviations[i] = best
    return Certificate(
        concept="nash",
        regrets=tuple(regrets[i] for i in alike),
        deviations=tuple(deviations[i] for i in alike),
        exact=all(isinstance(r, Fraction) for r in regrets.values()),
        ranges=tuple(game.ranges.tolist()),
    )


def _certify_types(profile: BayesianProfile) -> Certificate:
    """The Bayes-Nash certificate: what each type of each player could gain, end to end."""
    regrets: list[Number] = []
    deviations: list[int] = []
    for i, mixtures in enumerate(profile.mixtures):
        for gains, x in zip(profile.gains(i), mixtures):
            best = int(gains.argmax())
            expected = x.astype(gains.dtype, copy=False) @ (gains[best] - gains)
            exact = isinstance(expected, Fraction)
            regrets.append(expected if exact else max(0.0, float(expected)))
            deviations.append(best)
    return Certificate(
        concept="bayes-nash",
        regrets=tuple(regrets),
        deviations=tuple(deviations),
        exact=all(isinstance(r, Fraction) for r in regrets),
        ranges=tuple(np.concatenate(profile.game.spans).tolist()),
    )


def certificates(game: GameForm, profiles: Sequence[Profile]) -> list[Certificate]:
    """The Nash certificate of each of many profiles of one game, as :func:`certify` gives it.

    Those of two players in floats are computed together.
    """
    if not (isinstance(game, Game) and len(game.players) == 2):
        return [certify(profile) for profile in profiles]
    pairs = [profile.mixtures for profile in profiles]
    for x, y in pairs:
        if x.dtype == object or y.dtype == object:
            return [certify(profile) for profile in profiles]
    ranges = tuple(game.ranges.tolist())
    found: Iterable[tuple[Gap, Gap]]
    if game.payoffs.size * len(pairs) > FEW:
        found = zip(*_gaps(game, pairs))
    else:
        above, across = game._above_lists
        lists = ((x.tolist(), y.tolist()) for x, y in pairs)
        found = ((_gap(above, x, y), _gap(across, y, x)) for x, y in lists)
    return [Certificate("nash", (u, v), (a, b), False, ranges) for (u, a), (v, b) in found]


Gap = tuple[float, int]
"""A regret, and the best action."""


def _gap(above: list[list[float]], own: list[float], other: list[float]) -> Gap:
    """The gap of the mixture ``own`` against ``other``; ``above`` has a row an action."""
    played = [(j, p) for j, p in enumerate(other) if p]
    gains = [sum([p * row[j] for j, p in played]) for row in above]
    top = max(gains)
    return sum([p * (top - u) for p, u in zip(own, gains) if p]), gains.index(top)


def _gaps(game: Game, pairs: Sequence[Sequence[Array]]) -> Iterator[list[Gap]]:
    """The same of each of many pairs, for one player after the other."""
    X, Y = (np.array(side) for side in zip(*pairs))
    row, column = game._above_floats
    for own, gains in ((X, Y @ row.T), (Y, X @ column)):
        best = gains.argmax(axis=1)
        top = np.take_along_axis(gains, best[:, np.newaxis], 1)
        regrets = np.maximum((own * (top - gains)).sum(axis=1), 0)
        yield list(zip(regrets.tolist(), best.tolist()))


class CertificateError(ArithmeticError):
    """A solver returned a profile that is not an equilibrium. This is a bug in the solver."""


@dataclass(frozen=True, repr=False)
class Equilibrium:
    """A profile with the proof that it is an equilibrium, and how it was found.

    ``index`` is the fixed-point index, +1 or -1 for a regular equilibrium of a nondegenerate game
    (the indices of all equilibria add up to +1), None where it was not computed.
    """

    profile: Profile
    certificate: Certificate
    method: str
    index: int | None = None

    @property
    def mixtures(self) -> tuple[Array, ...]:
        """One probability vector a player."""
        return self.profile.mixtures

    @property
    def payoffs(self) -> tuple[Number, ...]:
        """Expected payoff of each player."""
        return self.profile.payoffs

    def __repr__(self) -> str:
        return f"Equilibrium({repr(self.profile).partition('(')[2]}"


@dataclass(frozen=True, eq=False, repr=False)
class Box:
    """The profiles whose chances lie between ``low`` and ``high``, one vector a player each.

    ``mixtures in box`` tells whether a profile is one of them.
    """

    low: tuple[Array, ...]
    high: tuple[Array, ...]

    def __contains__(self, mixtures: Sequence[Array]) -> bool:
        return all(
            bool((a <= x).all() and (x <= b).all())
            for a, x, b in zip(self.low, mixtures, self.high)
        )

    def __repr__(self) -> str:
        """Each player's chances, as ``1/2`` or ``0 to 1/2``."""
        sides = [
            ", ".join(
                show(a) if a == b else f"{show(a)} to {show(b)}"
                for a, b in zip(low.flat, high.flat)
            )
            for low, high in zip(self.low, self.high)
        ]
        return f"Box({'; '.join(f'({side})' for side in sides)})"


class Component(tuple[int, ...]):
    """A connected component of the equilibria: indices into the set, and its Nash subsets.

    ``nash_subsets`` are the maximal Nash subsets of the component, each a tuple of indices of
    extreme equilibria. Those form a product: every profile that pairs convex combinations of their
    strategies, one a player, is an equilibrium.

    ``boxes``, where a method gives them, hold all of the component. An isolated equilibrium has one
    box, which holds no other and is as wide as the chances are uncertain. Of a set with coverage
    ``ENCLOSED``, what is in a box and in no Nash subset may be undecided: the component then stands
    for all equilibria in boxes that touch, and may have no members.
    """

    nash_subsets: tuple[tuple[int, ...], ...]
    boxes: tuple[Box, ...]

    def __new__(
        cls,
        indices: Sequence[int],
        nash_subsets: Sequence[Sequence[int]] | None = None,
        boxes: Sequence[Box] = (),
    ) -> Component:
        self = super().__new__(cls, tuple(indices))
        self.nash_subsets = tuple(map(tuple, nash_subsets if nash_subsets else [indices]))
        self.boxes = tuple(boxes)
        return self


Member = TypeVar("Member", covariant=True)


class Listed(Sequence[Member], ABC):
    """A list of equilibria of one game that says what it promises, and how it was found.

    What the forms of games have in common: a sequence of ``equilibria``, with notes.
    """

    equilibria: tuple[Member, ...]
    coverage: Coverage
    method: str
    notes: tuple[str, ...]

    @abstractmethod
    def told(self, k: int) -> str:
        """What the representation shows of member ``k``."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """The members as a table."""

    @property
    def found_by(self) -> str:
        """The method, with what it was asked for where that says more."""
        return self.method

    @overload
    def __getitem__(self, k: int) -> Member: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Member, ...]: ...
    def __getitem__(self, k: int | slice) -> Member | tuple[Member, ...]:
        return self.equilibria[k]

    def __len__(self) -> int:
        return len(self.equilibria)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.equilibria)

    def __repr__(self) -> str:
        lines = [f"{len(self)} found by {self.found_by}. {self.coverage}"]
        lines += [f"  {k}: {self.told(k)}" for k in range(len(self))]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self.coverage))}</p>{self.to_frame().to_html(max_rows=60)}"


@dataclass(frozen=True, repr=False)
class EquilibriumSet(Listed[Equilibrium]):
    """Equilibria of one game, with what the list promises.

    ``components`` are the connected components, each a tuple of indices into the set; empty where
    they were not sought. ``degenerate`` is None where that was not decided. ``notes`` are sentences
    on what the solver met. Where members stand for a class of equilibria, ``multiplicity`` says for
    how many each: itself and those that other labels of the players make of it.
    """

    game: GameForm
    equilibria: tuple[Equilibrium, ...]
    coverage: Coverage
    method: str
    components: tuple[Component, ...] = ()
    degenerate: bool | None = None
    notes: tuple[str, ...] = field(default=())
    multiplicity: tuple[int, ...] = ()

    @staticmethod
    def proved(
        game: GameForm,
        profiles: Sequence[Profile],
        coverage: Coverage,
        method: str,
        *,
        indices: Sequence[int | None] | None = None,
        components: Sequence[Component] = (),
        degenerate: bool | None = None,
        notes: Sequence[str] = (),
        multiplicity: Sequence[int] = (),
    ) -> EquilibriumSet:
        """The set of these profiles, each certified. Raises CertificateError if one is not Nash."""
        found = []
        proofs = certificates(game, profiles)
        for profile, certificate, index in zip(profiles, proofs, indices or [None] * len(profiles)):
            if not certificate.holds():
                raise CertificateError(
                    f"{method}: {profile!r} is not an equilibrium (regret "
                    f"{show(certificate.regret)}); please report this game"
                )
            found.append(Equilibrium(profile, certificate, method, index))
        return EquilibriumSet(
            game,
            tuple(found),
            coverage,
            method,
            tuple(components),
            degenerate,
            tuple(notes),
            tuple(multiplicity),
        )

    def told(self, k: int) -> str:
        """The mixtures, and for how many equilibria they stand where that is more than one."""
        times = self.multiplicity[k] if self.multiplicity else 1
        return repr(self[k])[12:-1] + (f" (x {times:,})" if times > 1 else "")

    def to_frame(self) -> pd.DataFrame:
        """One row an equilibrium: probabilities (player, action), payoffs, regret, component.

        With the multiplicity, where members stand for more than themselves.
        """
        import pandas as pd

        home = {k: c for c, members in enumerate(self.components) for k in members}
        rows: list[dict[tuple[str, str], Any]] = []
        for k, e in enumerate(self):
            row: dict[tuple[str, str], Any] = dict(e.profile.row())
            row["", "regret"] = e.certificate.regret
            row["", "component"] = home.get(k)
            if self.multiplicity:
                row["", "multiplicity"] = self.multiplicity[k]
            rows.append(row)
        return pd.DataFrame(rows, columns=pd.MultiIndex.from_tuples(rows[0]) if rows else None)

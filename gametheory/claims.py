"""Propositions about a model, and the verdict of a model on them.

A proposition is tested at every parameter vector: it holds there in *every* equilibrium that the
concept admits, in *some*, or in none. Over a sample from each of several priors

    p = share of draws where it holds in every equilibrium,
    P = share of draws where it holds in some,

it MATCHES where p >= 0.8 under every prior, is CHALLENGED where P <= 0.2 under every prior, and is
CONDITIONAL otherwise. Draws at which the equilibria are not known count against both: where they
could change the finding, it is UNDECIDED. Shares carry a 95% Wilson interval (Wilson 1927).

A verdict names the pivot: the parameter with the largest first-order Sobol index of "holds in
every equilibrium", Var(E[Y | x_k]) / Var(Y), estimated from the same draws by averaging Y over
quantile bins of x_k (Plischke, Borgonovo and Smith 2013), less the noise of the bin means. Where
the proposition states its boundary in closed form, the verdict says on which share of the draws
the sign of the boundary agrees with the test.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload

import numpy as np

from gametheory.assessment import AssessmentEquilibria, AssessmentEquilibrium
from gametheory.behaviour import TreeEquilibria, TreeEquilibrium
from gametheory.continuous import ActionEquilibria, ActionEquilibrium
from gametheory.cutoff_equilibria import CutoffEquilibria, CutoffEquilibrium
from gametheory.equilibrium import Coverage, Equilibrium, EquilibriumSet
from gametheory.game import Array
from gametheory.model import Model, admissible
from gametheory.prior import PRIORS, Prior, draw

MATCH, CHALLENGE = 0.8, 0.2
Z = 1.959963984540054
"""Quantile of the standard normal at .975."""


class Finding(enum.Enum):
    """What a verdict says of a proposition."""

    MATCHES = "It holds in every equilibrium on at least 80% of the draws under every prior."
    CHALLENGES = "It holds in some equilibrium on at most 20% of the draws under every prior."
    CONDITIONAL = "It depends on the parameters."
    UNDECIDED = "The equilibria are not known well enough to say."

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Holds:
    """Where a proposition holds: in every equilibrium, in some. Booleans, or arrays of one shape.

    ``known`` is False where the list of equilibria was too weak to say. ``given`` is False where
    the proposition does not apply ("arms control that two could keep"): shares are of the rest.
    """

    every: Any
    some: Any
    known: Any = True
    given: Any = True

    @overload
    @staticmethod
    def over(
        found: EquilibriumSet, test: Callable[[Equilibrium], Any], *, convex: bool = False
    ) -> Holds: ...
    @overload
    @staticmethod
    def over(
        found: ActionEquilibria, test: Callable[[ActionEquilibrium], Any], *, convex: bool = False
    ) -> Holds: ...
    @overload
    @staticmethod
    def over(
        found: CutoffEquilibria, test: Callable[[CutoffEquilibrium], Any], *, convex: bool = False
    ) -> Holds: ...
    @overload
    @staticmethod
    def over(
        found: TreeEquilibria, test: Callable[[TreeEquilibrium], Any], *, convex: bool = False
    ) -> Holds: ...
    @overload
    @staticmethod
    def over(
        found: AssessmentEquilibria,
        test: Callable[[AssessmentEquilibrium], Any],
        *,
        convex: bool = False,
    ) -> Holds: ...
    @staticmethod
    def over(
        found: EquilibriumSet
        | ActionEquilibria
        | CutoffEquilibria
        | TreeEquilibria
        | AssessmentEquilibria,
        test: Callable[[Any], Any],
        *,
        convex: bool = False,
    ) -> Holds:
        """Where ``test`` holds among the equilibria found at one parameter vector.

        Known if the list is whole for its concept (all, all pure, all symmetric); one of extreme
        equilibria is if none belongs to a continuum, or if ``convex`` says that the test holds
        between two equilibria of one Nash subset or piece iff it does at both. A test of an
        assessment should ask for its behaviour: of free beliefs a list holds one. An empty whole
        list is a point to which the proposition does not apply. Raises ValueError for a test that
        gives None.

        >>> import gametheory as gt
        >>> found = gt.solve(gt.Game.from_payoffs([[2, 0], [0, 1]], [[2, 0], [0, 1]]))
        >>> Holds.over(found, lambda e: e.payoffs[0] >= 1)
        Holds(every=False, some=True, known=True, given=True)
        """
        answers = [test(e) for e in found]
        if any(answer is None for answer in answers):
            raise ValueError("test: gives None for an equilibrium; return True or False")
        kept = list(map(bool, answers))
        whole = (
            "ALL",
            "ALL_PURE",
            "ALL_SYMMETRIC",
            "ALL_BY_CLASS",
            "ALL_SAME_CUTOFFS",
            "ALL_CUTOFFS",
            "ALL_BEHAVIOUR",
        )
        known = found.coverage.name in whole
        if (
            isinstance(found, EquilibriumSet | TreeEquilibria)
            and found.coverage is Coverage.EXTREME
        ):
            isolated = all(len(part) == 1 for part in found.components)
            known = convex or (isolated and len(found.components) > 0)
        elif found.coverage is Coverage.EXTREME_BEHAVIOUR:
            known = convex
        return Holds(all(kept), any(kept), known, bool(kept) or not known)


@dataclass(frozen=True)
class Boundary:
    """A closed form of the surface where a proposition flips.

    ``margin(model)`` is positive where it holds and negative where it does not.
    """

    text: str
    margin: Callable[[Any], Any]


@dataclass(frozen=True)
class Shares:
    """Shares of the draws from one prior, and the first-order Sobol index of each parameter.

    Shares are of the ``draws`` to which the proposition applies. A parameter with an entry for each
    state enters by its mean over states.
    """

    prior: str
    draws: int
    every: float
    some: float
    unknown: float
    interval: tuple[float, float]
    sobol: Mapping[str, float]
    agreement: float | None


@dataclass(frozen=True)
class Verdict:
    """What a model says of a proposition, with the evidence.

    ``share`` is the smallest share, over the priors, of draws where it holds in every equilibrium,
    and ``interval`` its 95% Wilson interval; ``share_some`` the largest share where it holds in
    some. ``counterexample`` is an admissible parameter vector at which it does not hold in every
    equilibrium, None for a full match. ``evidence`` has one entry a prior; ``draws`` parameter
    vectors were drawn from each.
    """

    finding: Finding
    share: float
    share_some: float
    interval: tuple[float, float]
    pivot: str | None
    boundary: str | None
    counterexample: Mapping[str, float] | None
    because: str
    evidence: tuple[Shares, ...]
    draws: int
    seed: int
    statement: str = ""
    model: str = ""
    proposition: str = ""
    bears_on: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.finding.name}: {self.statement} {self.because}"

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain data, from which :meth:`from_dict` restores it."""
        return asdict(self) | {"finding": self.finding.name}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Verdict:
        """The verdict that :meth:`to_dict` wrote, also after a journey through JSON."""
        pair = {"interval": tuple(data["interval"]), "bears_on": tuple(data["bears_on"])}
        evidence = tuple(Shares(**e | {"interval": tuple(e["interval"])}) for e in data["evidence"])
        finding = Finding[data["finding"]]
        return Verdict(**{**data, **pair, "evidence": evidence, "finding": finding})

    def rows(self) -> list[dict[str, Any]]:
        """The verdict as plain data, one dict for each claim that it bears on."""
        return [
            {
                "claim": claim,
                "model": self.model,
                "proposition": self.proposition,
                "statement": self.statement,
                "finding": self.finding.name,
                "share_every": self.share,
                "share_some": self.share_some,
                "interval": list(self.interval),
                "pivot": self.pivot,
                "boundary": self.boundary,
                "counterexample": dict(self.counterexample) if self.counterexample else None,
                "priors": [
                    {
                        "prior": e.prior,
                        "draws": e.draws,
                        "share_every": e.every,
                        "share_some": e.some,
                        "unknown": e.unknown,
                        "interval": list(e.interval),
                        "sobol": dict(e.sobol),
                        "boundary_agreement": e.agreement,
                    }
                    for e in self.evidence
                ],
                "draws": self.draws,
                "seed": self.seed,
            }
            for claim in self.bears_on
        ]


def wilson(successes: float, n: int) -> tuple[float, float]:
    """The 95% Wilson score interval of a share.

    >>> [round(x, 4) for x in wilson(0, 10)]
    [0.0, 0.2775]
    """
    p, z2 = successes / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def judge(every: Sequence[float], some: Sequence[float]) -> Finding:
    """The finding for these shares, one of each a prior.

    >>> judge([0.95, 0.81], [1.0, 0.9]).name, judge([0.95, 0.7], [1.0, 0.9]).name
    ('MATCHES', 'CONDITIONAL')
    """
    if min(every) >= MATCH:
        return Finding.MATCHES
    if max(some) <= CHALLENGE:
        return Finding.CHALLENGES
    return Finding.CONDITIONAL


def sobol(y: Array, x: Array, bins: int = 32) -> float:
    """First-order Sobol index of ``y`` for the input ``x``, from one sample of both, in [0, 1].

    Zero where ``y`` does not vary. Error of order ``bins / n``.
    """
    y = np.asarray(y, float)
    variance = y.var()
    if variance == 0:
        return 0.0
    values, cell = np.unique(x, return_inverse=True)
    if len(values) > bins:
        edges = np.quantile(x, np.linspace(0, 1, bins + 1)[1:-1])
        cell = np.searchsorted(edges, x, side="right")
    size = np.bincount(cell)
    cell = np.unique(cell, return_inverse=True)[1]
    size = np.bincount(cell)
    mean = np.bincount(cell, y) / size
    between = float((size * (mean - y.mean()) ** 2).sum() / len(y))
    within = float(np.bincount(cell, (y - mean[cell]) ** 2).sum() / max(len(y) - len(size), 1))
    noise = within * (len(size) - 1) / len(y)
    return float(np.clip((between - noise) / variance, 0, 1))


class Proposition:
    """A statement about a model that can fail, tested at each parameter vector.

    ``model.name.holds()`` tests it at the model's own parameters, which may be arrays;
    ``model.name(draws, seed)`` draws the verdict over the priors. See :func:`proposition`.
    """

    def __init__(
        self,
        test: Callable[[Any], Any],
        statement: str,
        bears_on: tuple[str, ...],
        boundary: Boundary | None,
        pointwise: bool,
        model: Model | None = None,
    ) -> None:
        self.test, self.statement, self.bears_on = test, statement, bears_on
        self.boundary, self.pointwise, self.model = boundary, pointwise, model
        self.name = test.__name__
        self.__doc__ = test.__doc__

    def __get__(self, model: Model | None, owner: type[Model]) -> Proposition:
        model = model or owner()
        return Proposition(
            self.test, self.statement, self.bears_on, self.boundary, self.pointwise, model
        )

    def __repr__(self) -> str:
        return f"Proposition({self.name}: {self.statement})"

    def at(self, model: Model) -> Holds:
        """Where it holds for ``model``, whose parameters may be arrays of one length."""
        shape = model.batch
        if self.pointwise and shape:
            points = [self.at(model.but(**model.point(k))) for k in range(*shape)]
            columns = zip(*((h.every, h.some, h.known, h.given) for h in points))
            return Holds(*map(np.array, columns))
        result = self.test(model)
        if not isinstance(result, Holds):
            result = Holds(result, result)
        known = np.broadcast_to(result.known, shape)
        return Holds(
            np.broadcast_to(result.every, shape) & known,
            np.broadcast_to(result.some, shape) | ~known,
            known,
            np.broadcast_to(result.given, shape),
        )

    def holds(self) -> Holds:
        """Where it holds at the parameters of the model it was taken from."""
        assert self.model is not None
        return self.at(self.model)

    def __call__(
        self,
        draws: int | None = None,
        seed: int = 0,
        priors: Mapping[str, Prior] | None = None,
    ) -> Verdict:
        """The verdict over ``draws`` parameter vectors from each prior.

        ``draws`` is 100,000 by default, 10,000 for a test at one point at a time. ``priors`` maps
        names to priors (default: those of :mod:`gametheory.prior`). Parameters that are not drawn
        keep the model's values.
        """
        assert self.model is not None
        model = self.model
        if draws is None:
            draws = 10_000 if self.pointwise else 100_000
        if priors is None:
            priors = {name: name for name in PRIORS}
        if not priors:
            raise ValueError(f"{self.name}: no priors; give at least one")
        evidence: list[Shares] = []
        found: list[Holds] = []
        failing: dict[str, float] | None = None
        for name, prior in priors.items():
            sample = draw(model, prior, draws, seed)
            holds = self.at(sample)
            found.append(holds)
            evidence.append(self._shares(name, sample, holds))
            missed = np.flatnonzero(~holds.every & holds.known & holds.given)
            if failing is None and len(missed):
                failing = self._simplest(model, sample, missed)
        return self._verdict(evidence, failing, draws, seed)

    def _shares(self, prior: str, sample: Model, holds: Holds) -> Shares:
        given = holds.given
        draws = int(given.sum())
        if not draws:
            raise ValueError(f"{self.name}: applies to no draw from the prior {prior!r}")
        every, some, known = (np.asarray(x)[given] for x in (holds.every, holds.some, holds.known))
        inputs = {
            k: v[given] if v.ndim == 1 else v[given].mean(axis=1) for k, v in sample.drawn().items()
        }
        agreement = None
        if self.boundary:
            margin = np.broadcast_to(self.boundary.margin(sample), given.shape)[given]
            agreement = float(((margin > 0) == every).mean())
        return Shares(
            prior=prior,
            draws=draws,
            every=float(every.mean()),
            some=float(some.mean()),
            unknown=float(1 - known.mean()),
            interval=wilson(float(every.sum()), draws),
            sobol={k: sobol(every, v) for k, v in inputs.items()},
            agreement=agreement,
        )

    def _simplest(self, model: Model, sample: Model, missed: Array) -> dict[str, float]:
        """A failing draw in as few digits as keep it failing and admissible."""
        for digits in (1, 2, 3, 4):
            for k in missed[:20]:
                point = {name: _rounded(v, digits) for name, v in sample.point(k).items()}
                if np.all(admissible(type(model), point)):
                    there = self.at(model.but(**point))
                    if there.given and there.known and not there.every:
                        return point
        return sample.point(missed[0])

    def _verdict(
        self, evidence: list[Shares], failing: dict[str, float] | None, draws: int, seed: int
    ) -> Verdict:
        every, some = [e.every for e in evidence], [e.some for e in evidence]
        unknown = [e.unknown for e in evidence]
        finding = judge(every, some)
        if_held = judge([p + u for p, u in zip(every, unknown)], some)
        if_not = judge(every, [p - u for p, u in zip(some, unknown)])
        if not finding == if_held == if_not:
            finding = Finding.UNDECIDED
        low = min(evidence, key=lambda e: e.every)
        drawn = dict.fromkeys(k for e in evidence for k in e.sobol)
        weights = {k: max(e.sobol.get(k, 0.0) for e in evidence) for k in drawn}
        pivot = max(weights, key=lambda k: weights[k]) if any(weights.values()) else None
        return Verdict(
            finding=finding,
            share=low.every,
            share_some=max(some),
            interval=low.interval,
            pivot=pivot,
            boundary=self.boundary.text if self.boundary else None,
            counterexample=failing,
            because=self._because(evidence, pivot, weights),
            evidence=tuple(evidence),
            draws=draws,
            seed=seed,
            statement=self.statement,
            model="" if self.model is None else self.model.key(),
            proposition=self.name,
            bears_on=self.bears_on,
        )

    def _because(
        self, evidence: list[Shares], pivot: str | None, weights: Mapping[str, float]
    ) -> str:
        shares = ", ".join(f"{e.every:.1%} ({e.prior})" for e in evidence)
        text = f"Holds in every equilibrium on {shares} of the draws."
        if pivot:
            text += f" Pivot: {pivot} (first-order Sobol index {weights[pivot]:.2f})."
        if self.boundary:
            agreement = min(e.agreement for e in evidence if e.agreement is not None)
            text += f" Flips at {self.boundary.text}, which agrees with {agreement:.1%} of them."
        return text


def _rounded(x: Any, digits: int) -> Any:
    if isinstance(x, list):
        return [_rounded(entry, digits) for entry in x]
    return float(f"{x:.{digits}g}") if isinstance(x, float) else x


def proposition(
    statement: str,
    *,
    bears_on: str | Sequence[str],
    boundary: tuple[str, Callable[[Any], Any]] | None = None,
    pointwise: bool = False,
) -> Callable[[Callable[[Any], Any]], Proposition]:
    """Marks a method of a model as the test of a proposition.

    The method says where ``statement`` holds, as booleans in the shape of the parameters, or as
    :class:`Holds` where several equilibria can disagree. ``bears_on`` names claims. ``boundary`` is
    the surface where it flips: a closed form, and a function of the model that is positive where
    the statement holds. With ``pointwise`` the method is called at one parameter vector at a time:
    it can solve the game there and answer with :meth:`Holds.over`.

    >>> from gametheory_models.armsrace.arms_control import ArmsControl
    >>> verdict = ArmsControl().more_participants_need_more_patience(draws=20_000)
    >>> verdict.finding.name, verdict.pivot, verdict.boundary
    ('CONDITIONAL', 'kappa', 'κ = 1')
    """
    claims = (bears_on,) if isinstance(bears_on, str) else tuple(bears_on)
    surface = Boundary(*boundary) if boundary else None
    return lambda test: Proposition(test, statement, claims, surface, pointwise)

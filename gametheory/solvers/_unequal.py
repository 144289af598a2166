"""Equilibria in cutoffs of a global game of players who differ; and lists that are sifted."""

from __future__ import annotations

import numpy as np

from gametheory import _laws
from gametheory._beliefs import log_concave
from gametheory._contagion import SHIFTS, Indifference, continued
from gametheory.cutoff import CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria, CutoffEquilibrium, certify_cutoffs
from gametheory.equilibrium import CertificateError, Coverage
from gametheory.game import Array
from gametheory.global_game import GlobalGame

METHOD = "global_games"
STARTS = 9


def unequal(game: GlobalGame) -> CutoffEquilibria:
    """The equilibrium where it is proved to be the only one, else all that several starts find."""
    system = Indifference(game)
    sign, kinds = system.sign, len(system.first)
    low, high = _span(game, system)
    found: list[Array] = []
    if game.prior is None:
        c = continued(game)
        found = [c] if c is not None else []
    for x in np.linspace(low, high, STARTS) if not found else []:
        c = system.solve(np.full(kinds, x))
        if c is not None and not any(np.abs(c - d).max() < 1e-7 * (high - low) for d in found):
            found.append(c)
    open_ends = None in game.dominance
    monotone = game.supermodular and (game.prior is None or log_concave(game.noise))
    only = monotone and not open_ends and len(found) == 1 and system.alone(found[0], (low, high))
    rows = [sign * c[system.kind] for c in found]
    rows += [np.full(len(game.players), end) for end in (-np.inf, np.inf) if _corner(system, end)]
    profiles = sorted(
        (CutoffProfile(game, row) for row in rows), key=lambda p: tuple(p.cutoffs[:, 0])
    )
    notes = []
    if only:
        how = "" if game.prior is None else f" at {len(SHIFTS)} sizes looked at"
        notes.append(
            "Gains rise in the state and in the count, and no shift of all cutoffs alike leaves a "
            f"player indifferent{how}: the only equilibrium of any kind."
        )
    elif open_ends:
        notes.append(
            "At one end of the states no action pays whatever others do: corners, in which some "
            "or all never change, may be equilibria for every noise."
        )
    if not monotone:
        notes.append("Gains do not rise in the count at all states in reach: there may be others.")
    coverage = Coverage.ALL if only else Coverage.SAMPLE
    if monotone:
        return proved(game, profiles, coverage, notes)
    return only_equilibria(game, profiles, coverage, notes)


def proved(
    game: GlobalGame, profiles: list[CutoffProfile], coverage: Coverage, notes: list[str]
) -> CutoffEquilibria:
    """The set of these profiles, each certified; if one is none, payoffs have hidden corners."""
    try:
        return CutoffEquilibria.proved(game, profiles, coverage, METHOD, notes)
    except CertificateError as error:
        raise CertificateError(
            f"{error}; name in `jumps` where payoffs jump or have corners in theta"
        ) from None


def only_equilibria(
    game: GlobalGame, profiles: list[CutoffProfile], coverage: Coverage, notes: list[str]
) -> CutoffEquilibria:
    """Those of the profiles that are equilibria: where gains do not rise, indifference may mislead.

    A note tells how many are none.
    """
    tried = [(p, certify_cutoffs(p)) for p in profiles]
    kept = [CutoffEquilibrium(p, proof, METHOD) for p, proof in tried if proof.holds()]
    if len(kept) < len(tried):
        notes = [
            *notes,
            f"{len(tried) - len(kept)} more cutoffs leave their own type indifferent, but types on "
            "the wrong side of them would gain.",
        ]
    return CutoffEquilibria(game, tuple(kept), coverage, METHOD, tuple(notes))


def _corner(system: Indifference, end: float) -> bool:
    """Whether all players at the cutoff ``end`` is an equilibrium: nobody's gain has another sign.

    At all states looked at, and with a proper prior at all quantiles of the signals.
    """
    game, kinds = system.game, len(system.first)
    nobody = (end > 0) == (system.sign > 0)
    count, worth = (0.0, 1) if nobody else (float(game.n) - 1, -1)
    with np.errstate(all="ignore"):
        if all(
            (worth * game.gain(int(i), game.states, np.full(len(game.states), count)) <= 0).all()
            for i in system.first
        ):
            return True
    if game.prior is None:
        return False
    p, rest = _laws.grid()
    types = np.array([_laws.quantile(game.types[i], p, rest) for i in system.first])
    own = [worth * system.gains(system.sign * x, np.full(kinds, worth * np.inf)) for x in types.T]
    return bool((np.array(own) <= 1e-12 * np.abs(own).max()).all())


def _span(game: GlobalGame, system: Indifference) -> tuple[float, float]:
    """Oriented signals between which all cutoffs of equilibria lie, where dominance bounds them."""
    low, high = sorted(system.sign * x for x in game.window)
    reach = float(game.sigma.max()) * max(
        abs(float(x)) for x in game.noise.quantile(*np.array([[1e-16, 1.0], [1.0, 1e-16]]))
    )
    if game.prior is None:
        return low - reach, high + reach
    p = np.array([2.0**-40, 1 - 2.0**-40])
    ends = [system.sign * _laws.quantile(law, p, p[::-1]) for law in game.types]
    return float(np.min(ends)), float(np.max(ends))

"""Equilibria in cutoffs of two actions, also those in which players alike play unlike.

Every player is a class of its own. In :mod:`gametheory.solvers.cutoffs` all players of a kind are
one, and the search stops early if there are more than four. All equilibria are enclosed in boxes of
chances (:mod:`gametheory.solvers._cutoff_boxes`); those left narrow are polished by Newton's method
and certified: the list is then whole. Where gains are strictly monotone in the own type, every best
reply is by a cutoff, and so it holds every equilibrium: ALL.

With strategic complements the boxes shrink, before any is halved, to that between the least and the
greatest equilibrium (Milgrom & Roberts 1990; Van Zandt & Vives 2007); if these are one it is the
only one, unequal plays of players alike included.

Where boxes are too many (a continuum, many players unlike) the list is a SAMPLE from many starts,
and the notes say whether the indices of its members add up to +1, as those of all equilibria do if
all are regular.

Two volunteers alike whose costs are nearly known: one of them can be relied on.

>>> from scipy.stats import norm
>>> from gametheory.cutoff import CutoffGame
>>> solve(CutoffGame(
...     norm(0.4, 0.1), {"pay": lambda t, k: 1 - t, "wait": lambda t, k: 1.0 * (k > 0)}, n=2
... ))
3 found by cutoffs_all. Every equilibrium is in the list.
  0: Player 1: pay < 9.88514e-10 < wait; Player 2: pay < 0.999968 < wait
  1: Player 1 ... Player 2: pay < 0.420151 < wait
  2: Player 1: pay < 0.999968 < wait; Player 2: pay < 9.88514e-10 < wait
  Equilibria are told apart if a chance differs by 1e-09.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from gametheory.cutoff import CutoffGame, CutoffProfile
from gametheory.cutoff_equilibria import CutoffEquilibria, certify_cutoffs
from gametheory.equilibrium import Coverage
from gametheory.game import Array
from gametheory.solvers import cutoffs
from gametheory.solvers._cutoff_boxes import NARROW, replies, search
from gametheory.solvers._cutoff_classes import Classes

METHOD = "cutoffs_all"
BOXES = 10_000  # looked at
FEW, QUICK = 4, 60  # classes up to which as many are in :mod:`cutoffs`, and how many beyond
STARTS = 8  # of Newton's method where boxes are too many
SAME = 1e-7  # chance by which two equilibria differ
TIED = 1e-5  # chance within which of one with ties a box is taken to be the same
SWAPS = 6  # players up to which those alike change places

Found = list[tuple[CutoffProfile, int | None]]
"""Equilibria, each with its index."""


def solve(game: object, exact: bool | None = None) -> CutoffEquilibria:
    """The equilibria in cutoffs of ``game``, whoever plays alike, by chances of the first action.

    Cost: some 0.1 s for two players, seconds for many. Raises ValueError for a game of another
    form, with three actions or more, and if ``exact`` is True.
    """
    cutoffs.check(game, exact, METHOD)
    if not isinstance(game, CutoffGame):
        raise ValueError(f"{METHOD}: needs a CutoffGame, not a {type(game).__name__}")
    return by_class(game, range(len(game.players)), METHOD)


def by_class(game: CutoffGame, kinds: Sequence[int], method: str) -> CutoffEquilibria:
    """The equilibria in which players with the same entry in ``kinds`` play alike."""
    if len(game.actions) > 2:
        raise ValueError(
            f"{method}: {game!r} has unequal players and more than two actions; "
            "use players alike, or two actions"
        )
    classes = Classes(game, kinds)
    quick = method != METHOD and len(classes) > FEW
    narrow, left = search(classes, QUICK if quick else BOXES)
    found: Found = []
    unsure = [box for box in narrow if not _polished(classes, found, box)]
    chances = np.array([p.chances[:, 0] for p, _ in found]).reshape(-1, len(game.players))
    unsure = [box for box in unsure if not _beside(chances, box[classes.place])]
    notes = []
    if len(left):
        if method == METHOD and len(set(game.kinds)) < len(classes):
            _from_kinds(classes, found)
        _from_many_starts(classes, found)
        notes += _degree(found, len(left))
        if found and not any(index is None for _, index in found):
            off = _farthest(found, np.concatenate([left, narrow])[:, classes.place])
            notes.append(
                f"No equilibrium is farther than {off:.2g} from one listed, in any chance."
            )
        if quick:
            notes.append(f'method="{METHOD}" looks at {BOXES // QUICK} times as many boxes.')
    else:
        notes.append(f"Equilibria are told apart if a chance differs by {NARROW:g}.")
    if unsure:
        notes.append(
            f"{len(unsure)} boxes narrower than {NARROW:g} could not be excluded, and hold no "
            "equilibrium that was found."
        )
    strict = game.strict
    if len(left) or unsure:
        coverage = Coverage.SAMPLE if found else Coverage.UNKNOWN
    elif len(classes) == len(game.players):
        coverage = Coverage.ALL if strict else Coverage.ALL_CUTOFFS
    elif len(found) == 1 and _rising(game):
        coverage = Coverage.ALL if strict else Coverage.ALL_CUTOFFS
        notes.insert(
            0,
            "Gains rise in the number of others who act: the least and the greatest equilibrium "
            "bound all others, and are one.",
        )
    else:
        coverage = Coverage.ALL_BY_CLASS if strict else Coverage.ALL_SAME_CUTOFFS
    found.sort(key=lambda one: one[0].chances[:, 0].round(9).tolist())
    return CutoffEquilibria.proved(
        game, [p for p, _ in found], coverage, method, notes, [index for _, index in found]
    )


def _rising(game: CutoffGame) -> bool:
    """Whether each gain rises in the number of others, at the types and counts looked at."""
    gains = (game.gains_seen(i) for i in sorted(set(game.kinds)))
    return all(bool((np.diff(gain, axis=1) >= -off.max()).all()) for gain, off, _ in gains)


def _polished(classes: Classes, found: Found, box: Array) -> bool:
    """Whether Newton's method finds an equilibrium in a narrow box; it is added if new."""
    corner = (box[:, 1, 1] <= 0) | (box[:, 1, 2] <= 0)
    ends = classes.polished(np.where(corner[:, np.newaxis], box[:, 1], box[:, 0]))
    if ends is None:
        return False
    inside = (ends[:, 1] >= box[:, 0, 1] - SAME) & (ends[:, 1] <= box[:, 1, 1] + SAME)
    return bool(inside.all()) and _add(classes, found, ends)


def _beside(chances: Array, box: Array) -> bool:
    """Whether a box is as good as at one of the equilibria found."""
    return (
        bool((np.abs(chances - box[:, 0, 1]).max(axis=1) <= TIED).any()) if len(chances) else False
    )


def _farthest(found: Found, boxes: Array) -> float:
    """How far a profile in one of the boxes may be from the nearest equilibrium found."""
    p = np.array([profile.chances[:, 0] for profile, _ in found])[:, np.newaxis]
    off = np.maximum(np.abs(p - boxes[:, :, 0, 1]), np.abs(p - boxes[:, :, 1, 1])).max(axis=2)
    return float(off.min(axis=0).max())


def _add(classes: Classes, found: Found, ends: Array) -> bool:
    """Whether ``ends`` are an equilibrium; it is added if new."""
    profile = classes.profile(ends)
    for other, _ in found:
        if np.abs(profile.chances - other.chances).max() <= SAME:
            return True
    if not certify_cutoffs(profile).holds():
        return False
    found.append((profile, classes.index(ends)))
    return True


def _from_kinds(classes: Classes, found: Found) -> None:
    """Those in which players of a kind play alike."""
    for e in cutoffs.solve(classes.game):
        own = enumerate(e.cutoffs[classes.players, 0])
        _add(classes, found, np.array([classes.ends(c, np.array(t)) for c, t in own]))


def _from_many_starts(classes: Classes, found: Found) -> None:
    """Newton's method after best replies to random profiles, always the same."""
    rng = np.random.default_rng(0)
    whole, count = classes.whole(), len(classes)
    kinds = [classes.game.kinds[i] for i in classes.players]
    few = len(set(kinds)) < count <= SWAPS
    orders = [
        order
        for order in (permutations(range(count)) if few else ())
        if all(kinds[x] == kinds[c] for c, x in enumerate(order))
    ]
    for start in range(STARTS):
        p = np.full(count, (1e-9, 1 - 1e-9, 0.5)[start]) if start < 3 else rng.random(count)
        ends = np.array([classes.at(c, p[c : c + 1], 1 - p[c : c + 1])[0] for c in range(count)])
        for c in range(count):
            law = classes.others(c, ends)[np.newaxis]
            side, keep = replies(classes, c, whole[c][np.newaxis], law, law)
            if len(keep):
                ends[c] = side[0, 0]
        polished = classes.polished(ends)
        if polished is not None and _add(classes, found, polished):
            for order in orders:
                _add(classes, found, polished[list(order)])


def _degree(found: Found, left: int) -> list[str]:
    """What the indices of those found say of those that were not."""
    known = [index for _, index in found]
    tied = sum(index is None for index in known)
    notes = [f"{left} boxes were not decided; Newton's method was run from {STARTS} profiles."]
    if tied:
        return [*notes, f"{tied} have no index: a tie, or part of a continuum."]
    total = sum(index or 0 for index in known)
    told = "as those of all do." if total == 1 else "those of all to 1: there are others."
    return [*notes, f"The indices of those found add up to {total}, {told}"]

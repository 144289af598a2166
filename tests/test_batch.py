"""Many games at once: the same sets as one at a time, laws of random games, and two oracles."""

import functools
import itertools
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import batch as batches
from gametheory.solvers import _batch_check
from gametheory.testing import games

FACTS = json.loads((Path(__file__).parent / "facts" / "degenerate_games.json").read_text())
BIMATRIX = [(2, 2), (2, 3), (3, 2), (3, 3), (4, 4)]
SHAPES = [*BIMATRIX, (3, 5), (1, 4), (2, 2, 2), (2, 3, 2), (2, 2, 2, 2)]

KINDS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "lopsided units": lambda rng, size: (
        rng.standard_normal(size) * rng.choice([1e-9, 1, 1e9], size)
    ),
    "many ties": lambda rng, size: rng.integers(0, 4, size),
    "quarters": lambda rng, size: rng.integers(0, 30, size) / 4,
    "ties but for rounding": lambda rng, size: rng.integers(0, 9, size) * 0.1 + 1e6,
}


def random(shape, many, kind="normal", seed=0):
    return KINDS[kind](np.random.default_rng(seed), (many, *shape, len(shape)))


def shape_of(batch):
    return batch.games.shape[1:-1]


def rows(batch, b):
    """The equilibria of game ``b``, each a tuple of mixtures."""
    where = batch.rows(b)
    return [tuple(x[k] for x in batch.mixtures) for k in range(where.start, where.stop)]


def close(found, wanted, tol=4e-12):
    """Whether two lists of profiles are the same one by one, with the same supports."""
    return len(found) == len(wanted) and all(
        np.allclose(x.astype(float), y.astype(float), rtol=0, atol=tol)
        and ((x > 0) == (y > 0)).all()
        for one, other in zip(found, wanted)
        for x, y in zip(one, other)
    )


def decided(batch):
    """Which games the kernels decide alone."""
    flat = np.asarray(batch.games, float)
    shape, count = shape_of(batch), np.full(len(flat), -1)
    batches._decide(batches._kernel(shape), flat, shape, count)
    return count >= 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", BIMATRIX, ids=str)
def test_each_game_has_the_equilibria_it_has_alone(shape, kind):
    batch = gt.solve_many(random(shape, 60, kind, seed=sum(shape)))
    for b in range(len(batch)):
        alone = gt.solve(gt.Game(batch.games[b]), method="extreme", exact=True)
        assert close(rows(batch, b), [e.mixtures for e in alone]), b
        assert batch.degenerate[b] == alone.degenerate
        assert batch.coverage[b] is alone.coverage
        where = batch.rows(b)
        spread = np.ptp(np.asarray(batch.games[b], float))
        wanted = np.array([e.payoffs for e in alone], float).reshape(-1, 2)
        assert np.allclose(batch.payoffs[where], wanted, rtol=1e-12, atol=1e-11 * spread)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(3, 2, 2), (2, 1, 3), (2, 2, 2, 2)], ids=str)
def test_each_game_of_many_players_has_the_equilibria_it_has_alone(shape, kind):
    batch = gt.solve_many(random(shape, 20, kind, seed=sum(shape)))
    for b in range(len(batch)):
        alone = gt.solve(gt.Game(batch.games[b]), method="isolate")
        here = sorted(rows(batch, b), key=lambda row: [round(p, 6) for x in row for p in x])
        there = sorted(
            (tuple(x.astype(float) for x in e.mixtures) for e in alone),
            key=lambda row: [round(p, 6) for x in row for p in x],
        )
        assert close(here, there, 1e-9), b
        assert batch.coverage[b] is alone.coverage
        assert batch.degenerate[b] == (alone.degenerate is not False)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_random_games_are_decided_by_the_kernel_and_have_an_odd_number_of_equilibria(shape):
    batch = gt.solve_many(random(shape, 3_000))
    assert decided(batch).mean() > 0.998
    assert (batch.count % 2 == 1)[decided(batch)].all()
    assert not batch.degenerate[decided(batch)].any()
    assert all(batch.coverage[b] is gt.Coverage.ALL for b in np.flatnonzero(decided(batch)))


@pytest.mark.parametrize("shape", BIMATRIX, ids=str)
def test_integer_games_are_left_to_exact_arithmetic_only_if_degenerate(shape):
    batch = gt.solve_many(random(shape, 60, "many ties"))
    assert (decided(batch) == ~batch.degenerate).all()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_rows_are_equilibria_with_the_payoffs_and_regrets_that_certify_finds(shape):
    batch = gt.solve_many(random(shape, 40, "lopsided units"))
    for k, b in enumerate(batch.game):
        profile = gt.Profile(gt.Game(batch.games[b]), [x[k] for x in batch.mixtures])
        certificate = gt.certify(profile)
        assert certificate.holds()
        assert abs(batch.regret[k] - certificate.regret) <= 1e-15 * certificate.scale
        off = abs(batch.payoffs[k] - profile.payoffs)
        assert (off <= 1e-14 * profile.game.ranges).all()


def test_known_degenerate_games_are_complete():
    """Extreme equilibria found by exact enumeration of all bases."""
    for fact in FACTS["games"]:
        if fact["players"] != 2:
            continue
        tables = np.array([[[Fraction(v) for v in row] for row in fact[key]] for key in "AB"])
        batch = gt.solve_many(np.moveaxis(tables, 0, -1).astype(float)[None])
        wanted = [[np.array(list(map(Fraction, x))) for x in e] for e in fact["extreme_equilibria"]]
        wanted.sort(key=lambda e: [list(x) for x in e], reverse=True)
        assert close(rows(batch, 0), wanted), fact["id"]


# An oracle for three players: all roots of the indifference system of each set of mixers, by the
# resultant that numpy's eigenvalue root finder solves; best replies tested afterwards.


def three_player_equilibria(U):
    """All regular equilibria of a 2 x 2 x 2 game, as probabilities of action 1."""
    d = [np.diff(U[..., i], axis=i).squeeze(i) for i in range(3)]

    def gain(i, others):
        y, z = others
        return np.array([1 - y, y]) @ d[i] @ np.array([1 - z, z])

    candidates = []
    for pure in itertools.product([None, 0, 1], repeat=3):
        mixers = [i for i in range(3) if pure[i] is None]
        if len(mixers) == 0:
            candidates.append(pure)
        elif len(mixers) == 2:
            i, j = mixers
            x = list(pure)
            for one, other in ((i, j), (j, i)):  # the gain of one is linear in the other's mixture
                ends = []
                for end in (0, 1):
                    x[other] = end
                    ends.append(gain(one, [x[k] for k in range(3) if k != one]))
                x[other] = None
                if ends[0] == ends[1]:
                    break
                root = ends[0] / (ends[0] - ends[1])
                pure = (*pure[:other], root, *pure[other + 1 :])
            candidates.append(pure)
        elif len(mixers) == 3:
            poly = np.polynomial.Polynomial
            r = poly([0, 1])
            F = [d[0][b, 0] * (1 - r) + d[0][b, 1] * r for b in (0, 1)]
            G = [d[1][a, 0] * (1 - r) + d[1][a, 1] * r for a in (0, 1)]
            H = sum(
                d[2][a, b] * (-1) ** (a + b) * G[1 - a] * F[1 - b] for a in (0, 1) for b in (0, 1)
            )
            for root in H.roots():
                if np.isreal(root):
                    root = root.real
                    f, g = [F[b](root) for b in (0, 1)], [G[a](root) for a in (0, 1)]
                    candidates.append((g[0] / (g[0] - g[1]), f[0] / (f[0] - f[1]), root))
    found = []
    for x in candidates:
        gains = [gain(i, [x[j] for j in range(3) if j != i]) for i in range(3)]
        if all(
            (xi == 0 and g < 0) or (xi == 1 and g > 0) or (0 < xi < 1 and xi not in (0, 1))
            for xi, g in zip(x, gains)
        ):
            found.append(x)
    return sorted(found)


def test_three_players_have_the_equilibria_of_the_oracle():
    batch = gt.solve_many(random((2, 2, 2), 1_000, seed=3))
    for b in np.flatnonzero(decided(batch)):
        found = sorted(tuple(x[1] for x in row) for row in rows(batch, b))
        wanted = three_player_equilibria(batch.games[b])
        assert len(found) == len(wanted), b
        assert np.allclose(found, wanted, rtol=0, atol=1e-9)


def test_three_players_are_sorted_and_their_ties_are_left_to_be_solved_alone():
    batch = gt.solve_many(random((2, 2, 2), 300, seed=4))
    for b in range(len(batch)):
        here = [np.concatenate(row).tolist() for row in rows(batch, b)]
        assert here == sorted(here, reverse=True)
    flat = random((2, 2, 2), 100, "many ties").astype(float)
    tied = np.zeros(100, bool)
    for i in range(3):
        tied |= (np.diff(flat[..., i], axis=1 + i) == 0).reshape(100, -1).any(axis=1)
    count = np.full(100, -1)
    batches._decide(batches._kernel((2, 2, 2)), flat, (2, 2, 2), count)
    assert tied.any()
    assert (count[tied] == -1).all()


def test_three_players_can_have_nine_equilibria():
    """The most that is possible (McKelvey & McLennan 1997, Journal of Economic Theory 72)."""
    counts = gt.solve_many(random((2, 2, 2), 20_000, seed=1)).count
    assert set(counts.tolist()) >= {1, 3, 5, 7, 9}
    assert counts.max() == 9


def test_volunteers_of_three_have_seven_equilibria():
    """Three states, one of which is enough: sets of k mixers, the rest waiting (2^3 - 1)."""
    stakes = np.array([3.0, 4.0, 5.0])
    payoffs = np.empty((1, 2, 2, 2, 3))
    for acts in itertools.product((0, 1), repeat=3):
        payoffs[0][acts] = stakes * any(acts) - np.array(acts)
    batch = gt.solve_many(payoffs)
    assert decided(batch).all()
    assert batch.count.tolist() == [7]


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (3, 3), (4, 4), (2, 2, 2), (3, 2, 2)], ids=str)
def test_units_and_zeros_of_payoffs_do_not_matter(shape):
    payoffs = random(shape, 400, seed=5).astype(np.float32).astype(float)  # room for exact shifts
    n = len(shape)
    batch = gt.solve_many(payoffs)
    for unit in (2.0**-30, 2.0**30):
        for power in itertools.product((0, 1), repeat=n):
            scaled = gt.solve_many(payoffs * unit ** np.array(power))
            assert (scaled.count == batch.count).all()
            assert all((x == y).all() for x, y in zip(scaled.mixtures, batch.mixtures))
    for unit, zero in ((1e-9, 0), (1e9, 0), (1, 2.0**20)):
        moved = gt.solve_many(payoffs * unit + zero * np.arange(1, n + 1))
        assert (moved.count == batch.count).all()
        assert all(
            np.allclose(x, y, rtol=0, atol=1e-6) for x, y in zip(moved.mixtures, batch.mixtures)
        )


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (3, 3), (4, 4), (2, 2, 2), (2, 3, 2)], ids=str)
def test_names_of_players_and_actions_do_not_matter(shape):
    rng = np.random.default_rng(9)
    payoffs = random(shape, 300, seed=6)
    n = len(shape)
    batch = gt.solve_many(payoffs)
    for order in itertools.permutations(range(n)):
        perms = [rng.permutation(m) for m in shape]
        moved = payoffs
        for i, perm in enumerate(perms):
            moved = np.take(moved, perm, axis=1 + i)
        moved = moved.transpose(0, *(1 + i for i in order), n + 1)[..., list(order)]
        other = gt.solve_many(moved)
        assert (other.count == batch.count).all()
        for b in range(len(batch)):
            here = sorted(
                [np.concatenate([x[p] for x, p in zip(row, perms)]) for row in rows(batch, b)],
                key=list,
            )
            there = []
            for row in rows(other, b):
                by_player = dict(zip(order, row))
                there.append(np.concatenate([by_player[i] for i in range(n)]))
            assert np.allclose(here, sorted(there, key=list), rtol=0, atol=1e-8), b


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (4, 2)], ids=str)
def test_a_dominated_action_changes_nothing(shape):
    payoffs = random(shape, 200, seed=7)
    worse = payoffs[:, :1].copy()
    worse[..., 0] = payoffs[..., 0].min(axis=1, keepdims=True) - 1
    batch = gt.solve_many(payoffs)
    wider = gt.solve_many(np.concatenate([payoffs, worse], axis=1))
    assert (wider.count == batch.count).all()
    assert np.allclose(wider.mixtures[0][:, : shape[0]], batch.mixtures[0], rtol=0, atol=4e-12)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 2, 2)], ids=str)
def test_threads_and_chunks_change_nothing(shape, monkeypatch):
    payoffs = random(shape, 500)
    whole = gt.solve_many(payoffs)
    for chunk, workers, room in ((64, 32, 20), (400, 2, 400), (10**6, 1, 10**4)):
        monkeypatch.setattr(batches, "CHUNK", chunk)
        monkeypatch.setattr(batches, "cores", lambda workers=workers: workers)
        monkeypatch.setattr(batches, "ROOM", room)
        parts = gt.solve_many(payoffs)
        assert (parts.game == whole.game).all()
        assert all((x == y).all() for x, y in zip(parts.mixtures, whole.mixtures))


@settings(max_examples=40, deadline=None)
@given(
    games(actions=(1, 3), values=st.sampled_from([0.0, 0.1, 0.2, 0.30000000000000004, 0.3, 1.0]))
)
def test_near_ties_are_never_guessed(game):
    batch = gt.solve_many(game.payoffs[None])
    alone = gt.solve(game, exact=True)
    assert close(rows(batch, 0), [e.mixtures for e in alone])
    assert batch.degenerate[0] == alone.degenerate


@pytest.mark.parametrize("shape", [(3, 3), (4, 4), (3, 4)], ids=str)
def test_a_tie_but_for_rounding_is_decided_as_the_payoffs_stand(shape):
    """A row that is a mean of two others, rounded: now above it, now below, now on it."""
    payoffs = random(shape, 60, seed=2)
    payoffs[:, 2, :, 0] = payoffs[:, 0, :, 0] / 3 + payoffs[:, 1, :, 0] * 2 / 3
    payoffs[::2, 2, 1, 0] = np.nextafter(payoffs[::2, 2, 1, 0], 9)
    payoffs[:30] = payoffs[:30].swapaxes(1, 2)[..., ::-1] if shape[0] == shape[1] else payoffs[:30]
    batch = gt.solve_many(payoffs)
    for b in range(len(batch)):
        alone = gt.solve(gt.Game(payoffs[b]), exact=True)
        assert close(rows(batch, b), [e.mixtures for e in alone]), b
        assert batch.degenerate[b] == alone.degenerate


@pytest.mark.parametrize("shape", [(2, 2), (3, 3)], ids=str)
@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e-161, 3e-162, 1e200, 8.9e307])
def test_very_small_and_very_large_payoffs_are_solved(shape, unit):
    payoffs = np.random.default_rng(4).uniform(-1, 1, (150, *shape, 2))
    batch, scaled = gt.solve_many(payoffs), gt.solve_many(payoffs * unit)
    assert (batch.count == scaled.count).all()
    assert all(
        np.allclose(x, y, rtol=0, atol=1e-9) for x, y in zip(batch.mixtures, scaled.mixtures)
    )


def test_fractions_stay_exact_and_integers_are_solved_as_they_stand():
    payoffs = random((2, 3), 20, "many ties")
    whole = gt.solve_many(payoffs)
    exact = gt.solve_many(payoffs * Fraction(1, 3))
    assert (exact.count == whole.count).all()
    assert all(isinstance(p, Fraction) for x in exact.mixtures for p in x.flat)
    assert close(
        [r for b in range(20) for r in rows(exact, b)],
        [r for b in range(20) for r in rows(whole, b)],
    )
    huge = payoffs * 2**60 + np.arange(2)
    assert (gt.solve_many(huge).count == whole.count).all()


def test_other_shapes_are_solved_one_at_a_time_and_say_what_they_cover():
    for shape in [(2, 7), (4,), (9, 3, 9)]:
        batch = gt.solve_many(random(shape, 3))
        for b in range(3):
            alone = gt.solve(gt.Game(batch.games[b]), exact=len(shape) == 2)
            assert batch.coverage[b] is alone.coverage
            assert batch.degenerate[b] == (alone.degenerate is not False)
            assert close(rows(batch, b), [e.mixtures for e in alone])


def test_a_game_without_rows_leaves_a_gap():
    """No pure equilibrium and no more sought: the next game's rows are still its own."""
    game = gt.solve_many(random((7, 7), 6, seed=1))
    assert (np.bincount(game.game, minlength=6) == game.count).all()
    assert sorted(game.game) == game.game.tolist()


def test_no_games_have_no_equilibria():
    batch = gt.solve_many(np.empty((0, 2, 3, 2)))
    assert len(batch) == len(batch.game) == len(batch.count) == 0
    assert [x.shape for x in batch.mixtures] == [(0, 2), (0, 3)]
    assert batch.to_frame().empty


def test_a_row_that_fails_its_certificate_is_not_returned(monkeypatch):
    """A kernel that is wrong about one game in three: those games are solved alone."""
    kernel = batches._kernel((2, 2))

    def wrong(tables, start, stop, game, z, count):
        stop, used = kernel(tables, start, stop, game, z, count)
        z[:used][game[:used] % 3 == 0] = [1, 0, 0.5, 0.5]
        return stop, used

    payoffs = random((2, 2), 90)
    sound = gt.solve_many(payoffs)
    monkeypatch.setattr(batches, "_kernel", lambda shape: wrong)
    repaired = gt.solve_many(payoffs)
    assert (repaired.game == sound.game).all()
    assert all(np.allclose(x, y, atol=1e-15) for x, y in zip(repaired.mixtures, sound.mixtures))


@pytest.mark.parametrize("shape", [(3, 2), (2, 2, 2), (2, 3, 2)], ids=str)
def test_the_check_is_the_certificate(shape):
    """Of profiles that are no equilibria."""
    rng = np.random.default_rng(8)
    payoffs = random(shape, 5, "lopsided units")
    game = np.arange(30) // 6
    mixtures = [rng.dirichlet(np.ones(m), 30) * (rng.random((30, m)) < 0.7) for m in shape]
    mixtures = [np.where(x.sum(1, keepdims=True) > 0, x, 1) for x in mixtures]
    mixtures = [x / x.sum(1, keepdims=True) for x in mixtures]
    values, regret = np.empty((30, len(shape))), np.empty(30)
    flat = payoffs.reshape(5, -1, len(shape))
    holds = _batch_check.check(
        flat, np.array(shape), game, np.concatenate(mixtures, axis=1), values, regret
    )
    for k in range(30):
        profile = gt.Profile(gt.Game(payoffs[game[k]]), [x[k] for x in mixtures])
        certificate = gt.certify(profile)
        assert holds[k] == certificate.holds()
        assert np.isclose(regret[k], float(certificate.regret), rtol=1e-12)
        assert (abs(values[k] - profile.payoffs) <= 1e-14 * profile.game.ranges).all()


def test_a_game_of_the_batch_is_what_solve_gives():
    payoffs = random((3, 3), 5, "many ties")
    batch = gt.solve_many(payoffs)
    alone = gt.solve(gt.Game(payoffs[2]))
    assert [e.mixtures[0].tolist() for e in batch[2]] == [e.mixtures[0].tolist() for e in alone]
    assert batch[2].components == alone.components
    assert len(list(batch)) == 5


def test_a_frame_has_a_row_an_equilibrium():
    batch = gt.solve_many(random((2, 3), 4))
    frame = batch.to_frame()
    assert frame.index.tolist() == batch.game.tolist()
    assert (frame["Player 2", "3"] == batch.mixtures[1][:, 2]).all()
    assert (frame["Player 1", "payoff"] == batch.payoffs[:, 0]).all()
    assert (frame["", "regret"] == batch.regret).all()


def test_arrays_cannot_be_written_to_and_the_payoffs_given_can():
    payoffs = random((2, 2), 3)
    batch = gt.solve_many(payoffs)
    payoffs[:] = 0
    assert batch.games.any()
    for array in (batch.games, batch.count, batch.game, *batch.mixtures, batch.payoffs):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize(
    ("payoffs", "words"),
    [
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\) is not"),
        (np.zeros((4, 2, 2, 3)), "one payoff a player"),
        (np.zeros((4, 0, 2, 2)), "shape"),
        (np.full((1, 2, 2, 2), np.nan), "not finite"),
        (np.array([[[["a", "b"]] * 2] * 2]), "not a number"),
        (np.array([[[[1e308, 0], [0, 0]], [[-1e308, 0], [0, 0]]]]), "rescale"),
    ],
)
def test_payoffs_that_do_not_fit_are_refused(payoffs, words):
    with pytest.raises(ValueError, match=words):
        gt.solve_many(payoffs)


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize("kind", KINDS)
def test_the_kernel_for_three_actions_does_what_the_general_one_does(kind, unit):
    """Supports as bits or in loops: the same games decided, the same rows to the last bit."""
    from gametheory.solvers import _batch_3x3, _batch_bimatrix

    tables = (random((3, 3), 2_000, kind, seed=8) * unit).reshape(-1, 9, 2)
    results = []
    for solve in (functools.partial(_batch_bimatrix.solve, 3, 3), _batch_3x3.solve):
        count, game = np.full(len(tables), -1), np.empty(20 * len(tables), np.int64)
        z = np.empty((len(game), 6))
        stop, used = solve(tables, 0, len(tables), game, z, count)
        assert stop == len(tables)
        results.append((count, game[:used], z[:used]))
    for general, special in zip(*results):
        assert np.array_equal(general, special)


def test_integers_too_large_for_exact_products_are_not_taken_for_exact():
    """Fibonacci numbers: f_n^2 - f_(n-1) f_(n+1) is 1 or -1, which floats of 2^60 do not see."""
    fibonacci = [0, 1]
    while len(fibonacci) < 47:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    low, middle, high = fibonacci[-3:]
    rng = np.random.default_rng(5)
    payoffs = rng.integers(-(2**27), 2**27, (100, 3, 3, 2))
    payoffs[..., 1] += 2**30 * np.roll(np.eye(3, dtype=int), 1, axis=0)
    payoffs[:, 0, :, 0] = 0
    payoffs[:, 1, :2, 0] = middle, -high
    payoffs[:, 2, :2, 0] = low, -middle
    batch = gt.solve_many(payoffs)
    mixing = 0
    for b in range(len(batch)):
        alone = gt.solve(gt.Game(payoffs[b]))
        assert close(rows(batch, b), [e.mixtures for e in alone], tol=1e-11), b
        mixing += any(e.profile.support == ((0, 1, 2),) * 2 for e in alone)
    assert mixing > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_has_threads_of_its_own():
    payoffs = np.random.default_rng(8).standard_normal((6000, 3, 3, 2))
    here = gt.solve_many(payoffs)
    code = (
        "import os, numpy as np, gametheory as gt\n"
        "u = np.random.default_rng(8).standard_normal((6000, 3, 3, 2))\n"
        "gt.solve_many(u)\n"
        "child = os.fork()\n"
        "os.write(1, b'%d\\n' % len(gt.solve_many(u).game))\n"  # at once: both write here
        "if child: os.waitpid(child, 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [str(len(here.game))] * 2

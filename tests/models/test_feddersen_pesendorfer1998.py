"""Identification by vote: closed forms against the solver of votes and brute force."""

import itertools
import math

import numpy as np
import pytest
from gametheory_models.collective.feddersen_pesendorfer1998 import FeddersenPesendorfer1998
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import uniform

import gametheory as gt

laws = settings(max_examples=60, deadline=None)
models = st.builds(
    FeddersenPesendorfer1998,
    N=st.integers(2, 40),
    p=st.floats(0.52, 0.98),
    q=st.floats(0.5, 0.95),
)


# MODELS-collective GI-5: derived; checked independently.
@pytest.mark.parametrize(
    ("N", "p", "q", "beta", "wrong", "missed"),
    [
        (3, 0.7, 0.5, 0.314250088, 0.140587771, 0.498913476),
        (12, 0.7, 0.5, 0.824424218, 0.207286598, 0.477603276),
        (5, 0.8, 0.9, 0.176235223, 0.004609954, 0.593486720),
        (12, 0.8, 0.9, 0.575916295, 0.006923286, 0.654779318),
    ],
)
def test_known_numbers(N, p, q, beta, wrong, missed):
    model = FeddersenPesendorfer1998(N=N, p=p, q=q)
    assert model.mixing() == pytest.approx(beta, abs=1e-9)
    assert model.unanimity_names_innocent() == pytest.approx(wrong, abs=1e-9)
    assert model.unanimity_misses_aggressor() == pytest.approx(missed, abs=1e-9)


# MODELS-collective GI-5.
def test_known_limit_and_agreement():
    assert FeddersenPesendorfer1998().innocent_in_the_limit() == pytest.approx(
        0.227007719, abs=6e-10
    )
    agree = FeddersenPesendorfer1998(N=np.array([3, 5, 8]), p=0.8).all_are_right()
    assert agree == pytest.approx([0.512, 0.32768, 0.167772], abs=5e-7)
    agree = FeddersenPesendorfer1998(N=np.array([3, 5, 8]), p=0.9).all_are_right()
    assert agree == pytest.approx([0.729, 0.59049, 0.430467], abs=5e-7)


@laws
@given(models)
def test_unanimity_against_the_solver(model):
    """The responsive equilibrium, or "all acquit" where no number of signals persuades."""
    game, found = model.game(), gt.solve(model.game())
    told = [e for e in found if e.mixtures[0][0] == 1]
    errors = game.errors((told or found)[0].profile)
    assert (len(told) == 1) == bool(model._persuades()) or game.n < 3
    if told:
        assert told[0].mixtures[1][0] == pytest.approx(model.mixing(), abs=1e-10)
    if told or not model._persuades():
        assert errors[0] == pytest.approx(model.unanimity_names_innocent(), abs=1e-10)
        assert errors[1] == pytest.approx(model.unanimity_misses_aggressor(), abs=1e-10)


@laws
@given(st.integers(2, 9), st.floats(0.52, 0.98))
def test_majority_by_enumeration(N, p):
    odd = N + 1 - N % 2
    wrong = sum(
        math.prod(p if s else 1 - p for s in signals)
        for signals in itertools.product((0, 1), repeat=odd)
        if 2 * sum(signals) < odd
    )
    assert FeddersenPesendorfer1998(N=N, p=p).majority_errs() == pytest.approx(wrong, abs=1e-12)


@laws
@given(st.integers(1, 8), st.floats(0.52, 0.95), st.floats(0.5, 0.9))
def test_sincere_majority_is_an_equilibrium_iff_the_standard_is_below_the_accuracy(j, p, q):
    if abs(p - q) < 1e-9:
        return
    game = gt.Voting(2 * j + 1, j + 1, p, q)
    assert gt.certify(game.sincere()).holds(1e-12) == (q < p) or q > p  # q > p: sincere acquits
    assert (game.sincere().mixtures[0][0] == 1) == (q < p)


@laws
@given(models)
def test_innocents_approach_the_limit_from_below_in_large_juries(model):
    large = model.but(N=1000).unanimity_names_innocent()
    assert large == pytest.approx(model.innocent_in_the_limit(), abs=0.02)


def test_verdicts():
    model = FeddersenPesendorfer1998()
    assert model.more_states_identify_worse(2_000).finding is gt.Finding.CHALLENGES
    assert model.a_veto_misses_more_aggressors(2_000).finding is gt.Finding.MATCHES
    verdict = model.seldom_do_all_agree(5_000)
    assert verdict.finding is gt.Finding.CONDITIONAL
    assert all(e.agreement == 1 for e in verdict.evidence)
    assert all(e.agreement == 1 for e in model.numbers_do_not_cure_a_veto(5_000).evidence)


@pytest.mark.parametrize(
    ("p", "finding"),
    [(uniform(0.52, 0.05), gt.Finding.MATCHES), (uniform(0.97, 0.02), gt.Finding.CHALLENGES)],
)
def test_signals_decide_whether_all_agree(p, finding):
    verdict = FeddersenPesendorfer1998(N=5).seldom_do_all_agree(500, priors={"narrow": {"p": p}})
    assert verdict.finding is finding


def test_names_of_innocents_in_both_directions():
    """Unanimity names more innocents among many; with a high standard and few, fewer."""
    many = FeddersenPesendorfer1998(N=13, p=0.7, q=0.5)
    few = FeddersenPesendorfer1998(N=3, p=0.8, q=0.75)
    assert many.a_veto_names_more_innocents.holds().every
    assert not few.a_veto_names_more_innocents.holds().every


def test_a_veto_misses_more_aggressors_over_the_whole_range():
    rng, draws = np.random.default_rng(4), 20_000
    model = FeddersenPesendorfer1998(
        N=rng.integers(2, 60, draws),
        p=rng.uniform(0.501, 0.999, draws),
        q=rng.uniform(0.5, 0.999, draws),
    )
    found = model.a_veto_misses_more_aggressors.holds()
    assert found.given.mean() > 0.3
    assert found.every[found.given].all()

"""Every model that is installed keeps the contract; models are found by looking."""

import pytest

import gametheory as gt
from gametheory.testing import check_model

MODELS = gt.load_models()


@pytest.mark.parametrize("key", MODELS)
def test_model_keeps_the_contract(key):
    check_model(MODELS[key])


def test_our_models_are_found():
    ours = {k for k, m in MODELS.items() if m.__module__.startswith("gametheory_models.")}
    assert {
        "arms_control",
        "baliga_sjostrom2004",
        "baliga_sjostrom2012",
        "bliss_nalebuff1984",
        "bloc_n",
        "diekmann1985",
        "extended_deterrence",
        "fearon1995",
        "first_strike",
        "jervis1978",
        "joint_intervention",
        "kydd2005",
        "peacekeepers",
        "powell1996",
        "private_volunteer",
    } <= ours


@pytest.mark.parametrize("key", MODELS)
def test_propositions_bear_on_numbered_claims(key):
    for proposition in MODELS[key].propositions():
        assert proposition.bears_on
        for claim in proposition.bears_on:
            assert claim[0] == "C"
            assert 1 <= int(claim[1:]) <= 17

"""Verdicts in bulk: the same alone, shared, resumed; never a stale one."""

import importlib
import json

import pytest
from gametheory_models.armsrace.arms_control import ArmsControl
from gametheory_models.deterrence.first_strike import FirstStrike

from gametheory import Verdict, examine

module = importlib.import_module("gametheory.examine")  # the name is also the function's
MODELS = (FirstStrike(), ArmsControl())


@pytest.fixture(scope="module")
def alone():
    return examine(MODELS, draws=2_000, seed=5, workers=1)


def test_processes_change_nothing(alone):
    assert examine(MODELS, draws=2_000, seed=5, workers=2) == alone


def test_a_verdict_survives_the_journey_through_json(alone):
    for verdict in alone:
        assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict


def test_an_interrupted_run_resumes_where_it_stopped(alone, tmp_path, monkeypatch):
    computed = []
    honest = module._verdict

    def stops_after_two(*task):
        if len(computed) == 2:
            raise KeyboardInterrupt
        computed.append(task)
        return honest(*task)

    monkeypatch.setattr(module, "_verdict", stops_after_two)
    with pytest.raises(KeyboardInterrupt):
        examine(MODELS, draws=2_000, seed=5, workers=1, checkpoint=tmp_path)
    monkeypatch.setattr(module, "_verdict", honest)
    resumed = examine(MODELS, draws=2_000, seed=5, workers=1, checkpoint=tmp_path)
    assert resumed == alone
    monkeypatch.setattr(module, "_verdict", lambda *task: pytest.fail("computed again"))
    assert examine(MODELS, draws=2_000, seed=5, workers=1, checkpoint=tmp_path) == alone


def test_other_draws_seeds_and_parameters_are_other_verdicts(tmp_path):
    calls = [
        ((FirstStrike(),), {"draws": 1_000}),
        ((FirstStrike(),), {"draws": 2_000}),
        ((FirstStrike(),), {"draws": 1_000, "seed": 1}),
        ((FirstStrike(lam=3.0),), {"draws": 1_000}),
    ]
    for k, (models, options) in enumerate(calls, start=1):
        examine(models, workers=1, checkpoint=tmp_path, **options)
        assert len(list(tmp_path.glob("*.json"))) == k * len(FirstStrike.propositions())

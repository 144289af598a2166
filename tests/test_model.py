"""Models: what they admit, what they refuse, and how they are found."""

import importlib.metadata
import math
import sys
import types
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gametheory as gt
from gametheory import par, proposition
from gametheory.model import Parameter, admissible

SOURCE = gt.Citation("Example, E.", 2026, "Rungs", "unpublished")


class Ladder(gt.Model):
    """N states on the rungs of a ladder."""

    citation = SOURCE
    states = "N"

    N: int = par(2, "number of states", (2, 4))
    x: float = par(0.5, "height, payoff units", (0, 1), (0.25, 0.75))
    y: float = par(1.0, "payoff units", (0, math.inf))
    r: tuple = par((0.1, 0.2, 0.3, 0.4), "share of each state", (0, 1))

    def requires(self):
        return {"x <= y": np.less_equal(self.x, self.y)}

    @proposition("The second is declared first.", bears_on="C2")
    def second(self):
        return np.greater(self.x, 0)

    @proposition("The first is declared second.", bears_on="C1")
    def first(self):
        return np.greater(self.y, 0)


def test_parameters_as_declared():
    declared = Ladder.parameters()
    assert list(declared) == ["N", "x", "y", "r"]
    assert declared["x"] == Parameter(
        "x", 0.5, "height, payoff units", (0, 1), box=(0.25, 0.75), integer=False
    )
    assert declared["N"].integer
    assert declared["N"].box == (2, 4)  # the range, for it is finite
    assert declared["y"].box is None
    assert (declared["x"].width, declared["r"].width) == (None, 4)


def test_propositions_in_order_of_declaration():
    assert [p.name for p in Ladder.propositions()] == ["second", "first"]


@given(st.floats(allow_nan=True) | st.integers(-5, 5) | st.fractions(-2, 2, max_denominator=9))
def test_range_is_closed_and_enforced(x):
    if 0 <= x <= 1:
        assert Ladder(x=x).x == x
    else:
        with pytest.raises(ValueError, match=r"Ladder: x = .* is outside 0\.\.1 \(height, payoff"):
            Ladder(x=x)


def test_values_stay_as_given():
    third = Ladder(x=Fraction(1, 3))
    assert third.x == Fraction(1, 3)
    assert type(third.x) is Fraction


@pytest.mark.parametrize("bad", [1, 5, 2.5, -math.inf, math.nan])
def test_whole_numbers(bad):
    with pytest.raises(ValueError, match=f"Ladder: N = {bad} is not a whole number in 2..4"):
        Ladder(N=bad)
    with pytest.raises(ValueError, match=r"is not a whole number in 2\.\.4"):
        Ladder(N=np.array([2.0, bad]))


def test_error_shows_the_entry_at_fault():
    with pytest.raises(ValueError, match=r"r = 1\.5 is outside 0\.\.1 \(share of each state\)"):
        Ladder(r=[0.1, 1.5, 0.2, 0.3])
    with pytest.raises(ValueError, match=r"x = -0\.25 is outside"):
        Ladder(x=np.array([0.5, -0.25, 0.75]))


def test_requirement_is_named_with_the_values():
    with pytest.raises(ValueError, match=r"Ladder: needs x <= y, not met by N = 2, x = 0\.5"):
        Ladder(y=0.25)
    with pytest.raises(ValueError, match="needs x <= y"):
        Ladder(x=np.array([0.1, 0.9]), y=0.5)


def test_what_is_no_parameter():
    with pytest.raises(TypeError, match="z"):
        Ladder(z=1)
    with pytest.raises(TypeError, match="positional"):
        Ladder(2)
    with pytest.raises(TypeError, match="give a subclass"):
        gt.Model(x=1)


def test_models_are_frozen_and_changed_by_but():
    model = Ladder(x=0.25)
    with pytest.raises(AttributeError):
        model.x = 0.5
    other = model.but(N=3)
    assert (other.N, other.x, model.N) == (3, 0.25, 2)
    with pytest.raises(ValueError, match="x = 7 is outside"):
        model.but(x=7)


def test_model_without_a_game_says_so():
    with pytest.raises(TypeError, match="Ladder: states no game, only closed forms"):
        Ladder().game()


def test_a_sample_and_its_points():
    r = np.arange(12).reshape(3, 4) / 12
    sample = Ladder(N=np.array([2, 3, 4]), x=np.array([0.25, 0.5, 0.75]), r=r)
    assert set(sample.drawn()) == {"N", "x", "r"}
    assert sample.batch == (3,)
    # As plain numbers, with an entry for each of the states that are there.
    assert sample.point(1) == {"N": 3, "x": 0.5, "y": 1.0, "r": r[1, :3].tolist()}
    assert [type(v) for v in sample.point(1).values()] == [int, float, float, list]
    assert Ladder().batch == ()
    assert set(Ladder(r=[0.1, 0.2]).drawn()) == set()  # one vector is one draw
    with pytest.raises(ValueError, match=r"Ladder: parameters of unequal lengths \{2, 3\}"):
        _ = Ladder(N=[2, 3, 4], x=[0.5, 0.25]).batch


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(-1, 2), st.floats(-1, 2)), min_size=1))
def test_admissible_is_what_the_constructor_admits(points):
    N, x, y = map(np.array, zip(*points))
    marked = admissible(Ladder, {"N": N, "x": x, "y": y})
    for point, one in zip(points, marked):
        values = dict(zip("Nxy", point))
        try:
            Ladder(**values)
        except ValueError:
            assert not one
        else:
            assert one
        assert admissible(Ladder, values) == one


def test_admissible_takes_a_vector_whole():
    r = np.array([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 1.4]])
    assert admissible(Ladder, {"r": r}).tolist() == [True, False]


def test_citation_that_was_not_read_says_after():
    assert str(SOURCE) == "after Example, E. (2026), Rungs, unpublished"
    read = gt.Citation("Example, E.", 2026, "Rungs", "unpublished", read=True)
    assert str(read) == "Example, E. (2026), Rungs, unpublished"


class Entry:
    """An entry point that loads what it is given."""

    def __init__(self, target):
        self.target = target

    def load(self):
        return self.target


def model_in(module):
    """A model as if written in a file of its own."""
    name = f"Model_{module.replace('.', '_')}"
    return type(name, (gt.Model,), {"__module__": module, "__doc__": "One.", "citation": SOURCE})


@pytest.fixture
def installed(monkeypatch):
    def install(*targets):
        entries = [Entry(t) for t in targets]
        monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)

    return install


def test_models_are_found_in_classes_modules_and_packages(installed, tmp_path, monkeypatch):
    package = tmp_path / "their_models"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "deep" / "__init__.py").write_text("")
    (package / "deep" / "well1999.py").write_text(
        "import gametheory as gt\n"
        "from gametheory_models.armsrace.kydd2005 import Kydd2005\n"  # imported: not its own
        "class Well1999(gt.Model):\n"
        "    'A well.'\n"
        "    depth: float = gt.par(1.0, 'number', (0, 2))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import their_models

    module = types.ModuleType("there.brook2001")
    module.Brook = model_in("there.brook2001")
    alone = model_in("elsewhere.pond2004")
    installed(their_models, module, alone)
    found = gt.load_models()
    assert list(found) == ["brook2001", "pond2004", "well1999"]
    assert found["pond2004"] is alone
    assert found["well1999"].__module__ == "their_models.deep.well1999"
    for name in [m for m in sys.modules if m.startswith("their_models")]:
        monkeypatch.delitem(sys.modules, name)


def test_two_models_of_one_key(installed):
    one, other = model_in("ours.pond2004"), model_in("theirs.pond2004")
    installed(one, other)
    with pytest.raises(ValueError, match=r"theirs\.pond2004 and ours\.pond2004 share a key"):
        gt.load_models()
    installed(one, one)  # found twice, but one and the same
    assert gt.load_models() == {"pond2004": one}


def test_no_models(installed):
    installed()
    assert gt.load_models() == {}


def test_a_heir_keeps_the_propositions_of_its_parent():
    from gametheory_models.deterrence.first_strike import FirstStrike

    class Heir(FirstStrike):
        """First strikes, inherited."""

        @gt.proposition("Nothing changes.", bears_on="C10")
        def two_keep_the_peace(self):
            return self.p >= 0

    assert [p.name for p in Heir.propositions()] == [p.name for p in FirstStrike.propositions()]
    assert Heir.two_keep_the_peace.statement == "Nothing changes."


@pytest.mark.parametrize("value", ["x", None, [0.1, "x"]])
def test_what_is_no_number_is_named(value):
    from gametheory_models.deterrence.first_strike import FirstStrike

    with pytest.raises(ValueError, match=r"FirstStrike: p = .* is not a number"):
        FirstStrike(p=value)

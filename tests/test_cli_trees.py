"""The command line on trees: the shape of JSON, concepts, conversion, one line an error."""

from __future__ import annotations

import io
import json
import sys
from fractions import Fraction
from typing import Any

import pytest

import gametheory as gt
from gametheory.behaviour import certify_behaviour
from gametheory.cli import main
from gametheory.io import read, write
from gametheory.subgames import certify_subgames
from gametheory.testing import random_crisis, random_signalling, random_tree

ENTRY = """EFG 2 R "Entry, with a spy" { "Entrant" "Incumbent" }
p "" 1 1 "market" { "out" "in" } 0
t "" 1 "" { 0, 2 }
p "" 2 1 "" { "fight" "yield" } 0
t "" 2 "" { -1, -1 }
t "" 3 "" { 1, 1/2 }
"""
TABLE = 'NFG 1 R "" { "A" } { 2 } 1 2'


def run(argv: list[str], capsys: Any) -> str:
    """What a command prints that succeeds."""
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(argv: list[str], capsys: Any) -> str:
    """The one line on standard error of a command that is refused."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gametheory: ")
    assert err.count("\n") == 1
    return err


@pytest.fixture
def file(tmp_path: Any) -> Any:
    def saved(game: str | gt.Tree) -> str:
        path = tmp_path / "game.efg"
        path.write_text(game if isinstance(game, str) else write(game, "efg"), encoding="utf-8")
        return str(path)

    return saved


def number(x: Any) -> Any:
    return Fraction(x) if isinstance(x, str) else x


def profile(tree: gt.Tree, member: dict[str, Any]) -> gt.Behaviour:
    """The printed behaviour, put together again."""
    plan = member["behavior"]
    assert {who: list(at) for who, at in plan.items()} == {
        who: [tree.sets[h].label for h in mine] for who, mine in zip(tree.players, tree.own)
    }
    return gt.Behaviour(
        tree, [list(map(number, plan[tree.players[s.player]][s.label])) for s in tree.sets]
    )


GAMES = [
    read(ENTRY),
    random_tree(6),
    random_tree(9, 3, (4, 8)),
    random_crisis(2),
    random_signalling(5),
]


@pytest.mark.parametrize("game", GAMES, ids=str)
@pytest.mark.parametrize("concept", ["nash", "spe"])
def test_json_has_the_shape_of_a_table_with_behaviour_for_mixtures(game, concept, file, capsys):
    printed = json.loads(run(["solve", file(game), "--json", "--concept", concept], capsys))
    assert list(printed) == ["coverage", "degenerate", "equilibria", "components"]
    found = gt.solve(game, concept)
    assert printed["coverage"] == found.coverage.name
    assert len(printed["equilibria"]) == len(found) > 0
    assert printed["components"] == [list(part) for part in found.components]
    for member, e in zip(printed["equilibria"], found):
        assert list(member) == ["behavior", "payoffs", "regret"]
        x = profile(game, member)
        assert x == e.profile
        assert member["regret"] == 0
        assert tuple(map(number, member["payoffs"])) == x.payoffs
        assert (certify_behaviour if concept == "nash" else certify_subgames)(x).regret == 0


def test_nash_is_the_default(file, capsys):
    path = file(ENTRY)
    default = run(["solve", path, "--json"], capsys)
    assert default == run(["solve", path, "--json", "--concept", "nash"], capsys)
    assert len(json.loads(default)["equilibria"]) == 3
    assert (
        len(json.loads(run(["solve", path, "--json", "--concept", "spe"], capsys))["equilibria"])
        == 1
    )


@pytest.mark.parametrize("concept", ["pbe", "sequential"])
@pytest.mark.parametrize("seed", [0, 3])
def test_json_has_beliefs_and_their_intervals(concept, seed, file, capsys):
    pytest.importorskip("gametheory.solvers.assessments")
    game = random_signalling(seed)
    printed = json.loads(run(["solve", file(game), "--json", "--concept", concept], capsys))
    assert printed["equilibria"]
    for member in printed["equilibria"]:
        keys = ["behavior", "beliefs", "belief_intervals", "payoffs", "regret"]
        assert list(member) == keys
        x = profile(game, member)
        assert certify_subgames(x).regret == 0
        for s, by_rule in zip(game.sets, x.beliefs):
            belief, intervals = (member[key][game.players[s.player]][s.label] for key in keys[1:3])
            assert len(belief) == len(intervals) == len(s.nodes)
            assert sum(map(number, belief)) == 1
            for p, (low, high) in zip(belief, intervals):
                assert 0 <= number(low) <= number(p) <= number(high) <= 1
            if by_rule is not None:
                assert list(map(number, belief)) == by_rule.tolist()
                assert all(low == high for low, high in intervals)


def test_text_names_players_sets_and_actions(file, capsys):
    out = run(["solve", file(ENTRY), "--concept", "spe"], capsys)
    assert out.splitlines()[:2] == [
        "1 found by backward_induction. Every equilibrium is in the list.",
        "  0: Entrant (market: in); Incumbent (1: yield)",
    ]
    assert out.splitlines()[-1].split() == ["0", "1", "1/2", "0", "0"]


def test_standard_input_floats_and_methods(file, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(ENTRY))
    assert "3 found by sequence_form" in run(["solve", "-"], capsys)
    path = file(ENTRY)
    printed = json.loads(run(["solve", path, "--float", "--json"], capsys))
    chances = [e["behavior"]["Entrant"]["market"] for e in printed["equilibria"]]
    assert [0.0, 1.0] in chances
    assert all(isinstance(p, float) for x in chances for p in x)
    argv = ["solve", path, "--concept", "spe", "--method", "backward-induction"]
    assert "1 found by backward_induction" in run(argv, capsys)


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_convert_to_and_from_efg(game, file, capsys, tmp_path):
    there = tmp_path / "there.json"
    assert run(["convert", file(game), "--to", "json", "-o", str(there)], capsys) == ""
    assert read(there) == game
    assert read(run(["convert", str(there), "--to", "efg"], capsys)) == game
    table = read(run(["convert", file(game), "--to", "nfg"], capsys))
    assert table.payoffs.tolist() == game.strategic().payoffs.tolist()
    assert "tabular" in run(["convert", file(game), "--to", "latex"], capsys)


@pytest.mark.parametrize(
    ("text", "options", "culprit"),
    [
        (ENTRY, ["--concept", "perfect"], "concept: 'perfect' is not known here; use nash, spe"),
        (ENTRY, ["--concept", "spe", "--method", "sequence_form"], "finds nash, not spe"),
        (ENTRY, ["--method", "extreme"], "extreme: needs a Game in strategic form, got Tree"),
        (ENTRY, ["--refine"], "refinements: needs what solve() finds of a Game"),
        (ENTRY.replace("1 1 ", "9 1 ", 1), [], "line 2: player 9 of 2"),
        (ENTRY.replace('p ""', 'q ""', 1), [], "line 2: 'q' where a node"),
        (ENTRY[:-30], [], "game.efg: line 5"),
        (TABLE, ["--concept", "spe"], "concept: 'spe' is not known here; use nash"),
    ],
)  # fmt: skip
def test_wrong_files_and_options_are_one_line(text, options, culprit, file, capsys):
    assert culprit in refused(["solve", file(text), *options], capsys)


def test_a_table_is_no_tree(file, capsys):
    path = file(TABLE)
    assert "efg: Game is no tree" in refused(["convert", path, "--to", "efg"], capsys)

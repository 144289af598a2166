"""The command line: shapes of what it prints, exit statuses, one line an error, no traceback."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gametheory as gt
import gametheory.model
from gametheory import CountGame, Game, Profile, certify
from gametheory.claims import proposition
from gametheory.cli import main
from gametheory.io import read, write
from gametheory.model import Citation, Model, load_models, par
from gametheory.testing import games

# Lopsided: three actions against two, and one equilibrium, in which Blue's third is not played.
BATTLE = 'NFG 1 R "" { "Blue" "Red" } { { "a" "b" "c" } { "x" "y" } } 3 2 0 0 0 0  0 0 2 3 0 0'


def run(argv, capsys):
    """Exit status, standard output and standard error of one command."""
    status = main(argv)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def refused(argv, capsys):
    """The one line on standard error of a command that is refused."""
    status, out, err = run(argv, capsys)
    assert status == 2
    assert out == ""
    assert err.startswith("gametheory: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "game.nfg"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def check(printed, game):
    """The fixed shape of ``solve --json``; each printed profile is an equilibrium of ``game``."""
    assert list(printed) == ["coverage", "degenerate", "equilibria", "components"]
    count = len(printed["equilibria"])
    for component in printed["components"]:
        assert all(0 <= k < count for k in component)
    for e in printed["equilibria"]:
        assert list(e) == ["mixtures", "payoffs", "regret"]
        profile = Profile(
            game,
            tuple([Fraction(p) if isinstance(p, str) else p for p in x] for x in e["mixtures"]),
        )
        assert certify(profile).holds()
        for shown, paid in zip(e["payoffs"], profile.payoffs, strict=True):
            assert isinstance(shown, str) == profile.exact
            assert float(Fraction(shown)) == pytest.approx(float(paid))
        assert e["regret"] <= 1e-9
    return printed


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(games(players=2, actions=(1, 3)))
def test_solving_a_file_prints_its_equilibria_exactly(file, capsys, game):
    path = file(write(game, "nfg"))
    status, out, err = run(["solve", path, "--json"], capsys)
    assert (status, err) == (0, "")
    for e in check(json.loads(out), game)["equilibria"]:
        assert e["regret"] == 0
        assert type(e["regret"]) is int
        assert all(type(p) is str for x in e["mixtures"] for p in x)


def test_the_mixed_equilibrium_of_a_known_game(file, capsys):
    # Battle of the sexes: each mixes 3/5 on the favourite and gets 6/5; derived by hand from
    # indifference, 2 p = 3 (1 - p) for Blue's chance p of "a".
    printed = json.loads(run(["solve", file(BATTLE), "--json"], capsys)[1])
    assert printed["coverage"] in ("ALL", "EXTREME")
    assert {
        "mixtures": [["3/5", "2/5", "0"], ["2/5", "3/5"]],
        "payoffs": ["6/5", "6/5"],
        "regret": 0,
    } in printed["equilibria"]


def test_what_survives_small_mistakes_is_told(file, capsys):
    """To stay out of a market whose holder would never fight is no perfect equilibrium."""
    entry = gt.Game.from_payoffs([[0, 0], [-1, 1]], [[2, 2], [-1, 1]])
    path = file(gt.write(entry, "json"))
    printed = json.loads(run(["solve", path, "--refine", "--json"], capsys)[1])
    judged = [(e["strict"], e["perfect"], e["index"]) for e in printed["equilibria"]]
    assert judged == [(False, False, 0), (False, False, 0), (True, True, 1)]
    status, out, err = run(["solve", path, "--refine"], capsys)
    assert (status, err) == (0, "")
    assert out.endswith(f"{gt.refinements(gt.solve(entry))}\n")


def test_refinements_of_a_game_without_them_are_refused(file, capsys):
    path = file(gt.write(gt.PublicGood(w=[10, 6], alpha=0.5), "json"))
    assert "refinements: needs" in refused(["solve", path, "--refine"], capsys)


def test_floats_are_json_numbers(file, capsys):
    status, out, _ = run(["solve", file(BATTLE), "--float", "--json"], capsys)
    assert status == 0
    printed = check(json.loads(out), read(BATTLE))
    assert all(type(p) is float for e in printed["equilibria"] for x in e["mixtures"] for p in x)
    floating = Game.from_payoffs([[2.5, 0.0], [0.0, 1.5]], [[1.0, 0.0], [0.0, 4.0]])
    path = file(write(floating, "json"))
    printed = check(json.loads(run(["solve", path, "--json"], capsys)[1]), floating)
    assert len(printed["equilibria"]) == 3
    assert all(type(u) is float for e in printed["equilibria"] for u in e["payoffs"])
    exactly = json.loads(run(["solve", path, "--exact", "--json"], capsys)[1])
    assert all(type(p) is str for e in exactly["equilibria"] for x in e["mixtures"] for p in x)


def test_a_game_of_how_many_act_from_standard_input(capsys, monkeypatch):
    # The volunteer's dilemma of three with value 2 and cost 1: each waits with chance (1/2)^(1/2).
    game = CountGame([1, 1, 1], [0, 2, 2])
    monkeypatch.setattr(sys, "stdin", io.StringIO(write(game, "json")))
    status, out, _ = run(["solve", "-", "--json"], capsys)
    assert status == 0
    printed = check(json.loads(out), game)
    assert printed["coverage"] == "ALL_SYMMETRIC"
    (only,) = printed["equilibria"]
    assert only["mixtures"][2][1] == pytest.approx(0.5**0.5)


def test_an_empty_set_prints_its_promise(file, capsys):
    pennies = write(Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), "json")
    path = file(pennies)
    printed = json.loads(run(["solve", path, "--method", "pure", "--json"], capsys)[1])
    assert printed["coverage"] == "ALL_PURE"
    assert printed["equilibria"] == []
    status, out, _ = run(["solve", path, "--method", "pure"], capsys)
    assert status == 0
    assert out.splitlines() == [
        "0 found by pure. "
        "Every equilibrium in pure strategies is in the list; mixed ones were not sought."
    ]


def test_people_see_the_set_and_a_table_of_payoffs(file, capsys):
    status, out, err = run(["solve", file(BATTLE)], capsys)
    assert (status, err) == (0, "")
    text, table = out.split("\n\n")
    assert "Blue: (3/5, 2/5, 0); Red: (2/5, 3/5)" in text
    head, *rows = table.splitlines()
    assert head.split()[:4] == ["payoffs", "Blue", "Red", "regret"]
    assert {tuple(r.split()[1:4]) for r in rows} >= {("3", "2", "0"), ("6/5", "6/5", "0")}
    assert {len(r) for r in rows} == {len(head)}


def test_players_who_get_the_same_share_a_column(file, capsys):
    out = run(["solve", file(write(CountGame([1] * 1000, [0] + [2] * 999), "json"))], capsys)[1]
    assert "Player 1 ... Player 1000" in out
    assert len(out) < 2000


@pytest.mark.parametrize(
    ("argv", "culprit"),
    [
        ([], "COMMAND"),
        (["solve"], "FILE"),
        (["sovle"], "'sovle'"),
        (["solve", "a.nfg", "--exact", "--float"], "not allowed with"),
        (["solve", "a.nfg", "--frobnicate"], "--frobnicate"),
        (["solve", "none.nfg"], "none.nfg: No such file"),
        (["solve", "a\nb.nfg"], "a b.nfg: No such file"),
        (["solve", "."], ".: Is a directory"),
        (["solve", "a\x00b"], "null"),
    ],
)
def test_wrong_commands_are_one_line(argv, culprit, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert culprit in refused(argv, capsys)


def test_wrong_games_and_methods_are_one_line(file, capsys, monkeypatch):
    path = file(BATTLE[:-2])
    assert f"{path}: line 1: 11 payoffs" in refused(["solve", path, "--json"], capsys)
    assert "line 1: the end of the text" in refused(["solve", file('EFG 2 R "" { "A" }')], capsys)
    err = refused(["solve", file(BATTLE), "--method", "guess"], capsys)
    assert "'guess' does not exist" in err
    for text in ("", "none.nfg", "\x00"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert "NFG" in refused(["solve", "-"], capsys)
    Path(path).write_bytes(b"\xff\xfe")
    assert "not UTF-8" in refused(["solve", path], capsys)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, len(BATTLE)), st.integers(0, 3), st.text(max_size=3))
def test_a_damaged_file_is_solved_or_refused(file, capsys, at, cut, put):
    path = file(BATTLE[:at] + put + BATTLE[at + cut :])
    status, _, err = run(["solve", path, "--json"], capsys)
    assert (status, err.count("\n")) in ((0, 0), (2, 1))


@pytest.mark.parametrize("form", ["json", "nfg", "nfg-outcomes"])
def test_a_converted_game_is_the_same_game(form, file, capsys, tmp_path):
    status, out, err = run(["convert", file(BATTLE), "--to", form], capsys)
    assert (status, err) == (0, "")
    assert read(out) == read(BATTLE)
    out_file = tmp_path / "out"
    assert run(["convert", file(BATTLE), "--to", form, "-o", str(out_file)], capsys)[:2] == (0, "")
    assert out_file.read_text(encoding="utf-8") == out


def test_a_game_converts_to_a_table_of_latex(file, capsys):
    status, out, _ = run(["convert", file(BATTLE), "--to", "latex"], capsys)
    assert status == 0
    assert out == write(read(BATTLE), "latex")


def test_what_cannot_be_converted_is_one_line(file, capsys):
    assert "no form; use one of nfg" in refused(["convert", file(BATTLE), "--to", "yaml"], capsys)
    assert "--to" in refused(["convert", file(BATTLE)], capsys)
    counted = file(write(CountGame([1, 2], [0, 0]), "json"))
    assert "no table of payoffs" in refused(["convert", counted, "--to", "nfg"], capsys)
    ends = file(write(Game([[1]], ["A"], [["\\"]]), "json"))
    assert "cannot end in a backslash" in refused(["convert", ends, "--to", "nfg"], capsys)
    lost = ["convert", file(BATTLE), "--to", "nfg", "-o", str(Path(file(BATTLE)) / "no" / "dir")]
    assert "Not a directory" in refused(lost, capsys)


def test_a_game_of_continuous_actions_from_a_file(file, capsys):
    # Two rivals with prizes 10 and 6 make efforts V_i^2 V_j / (V_1 + V_2)^2 = 2.34375, 1.40625.
    path = file('{"form": "Contest", "V": [10, 6], "players": ["Blue", "Red"]}')
    printed = json.loads(run(["solve", path, "--json"], capsys)[1])
    assert printed["coverage"] == "ALL"
    (only,) = printed["equilibria"]
    assert only["actions"] == pytest.approx([2.34375, 1.40625])
    assert only["payoffs"] == pytest.approx([1000 / 256, 216 / 256])  # V_i^3 / (V_1 + V_2)^2
    assert 0 <= only["regret"] < 1e-9
    status, out, _ = run(["solve", path], capsys)
    assert status == 0
    assert "Blue: 2.34375; Red: 1.40625" in out
    assert out.splitlines()[-2].split() == ["payoffs", "Blue", "Red", "regret"]


def test_every_model_is_listed_with_its_source(capsys):
    status, out, _ = run(["models", "--json"], capsys)
    assert status == 0
    listed = {m["model"]: m for m in json.loads(out)}
    assert list(listed) == list(load_models())
    table = run(["models"], capsys)[1]
    for key, model in load_models().items():
        assert listed[key]["citation"] == str(model.citation)
        assert any(line.startswith(f"{key} ") for line in table.splitlines())


@pytest.mark.parametrize("key", sorted(load_models()))
def test_a_model_prints_what_it_states(key, capsys):
    model = load_models()[key]
    out = run(["models", key], capsys)[1]
    printed = json.loads(run(["models", key, "--json"], capsys)[1])
    assert str(model.citation) in out
    assert [p["name"] for p in printed["parameters"]] == list(model.parameters())
    for p in model.parameters().values():
        assert p.meaning in out
    for p in model.propositions():
        assert f"{p.name} ({', '.join(p.bears_on)}): {p.statement}" in out
        stated = {"name": p.name, "statement": p.statement, "bears_on": list(p.bears_on)}
        assert stated in printed["propositions"]


class Standoff(Model):
    """Two states wait.

    Neither acts.
    """

    citation = Citation("Example, E.", 2026, "Standoff", "unpublished", read=True)
    w: float = par(2.0, "cost of waiting, payoff units", (0, float("inf")), (0, 10))

    @proposition("Waiting is cheap.", bears_on="C1")
    def cheap(self):
        return self.w < 5


def test_an_unbounded_range_is_null_in_json_and_inf_for_people(capsys, monkeypatch):
    monkeypatch.setattr(gametheory.model, "load_models", lambda: {"standoff": Standoff})
    assert json.loads(run(["models", "standoff", "--json"], capsys)[1]) == {
        "model": "standoff",
        "citation": "Example, E. (2026), Standoff, unpublished",
        "summary": "Two states wait.",
        "doc": "Two states wait.\n\nNeither acts.",
        "parameters": [
            {
                "name": "w",
                "default": 2.0,
                "meaning": "cost of waiting, payoff units",
                "range": [0, None],
            }
        ],
        "propositions": [{"name": "cheap", "statement": "Waiting is cheap.", "bears_on": ["C1"]}],
    }
    assert "0..inf" in run(["models", "standoff"], capsys)[1]


def test_an_unknown_model_names_the_closest(capsys):
    assert "did you mean diekmann1985" in refused(["models", "diekman1985"], capsys)
    assert "`gametheory models` lists them" in refused(["models", "zzz"], capsys)


SCRIPT = "papers.walt2025.reproduce"
VERDICT = {
    "claim": "C1",
    "model": "standoff",
    "proposition": "cheap",
    "statement": "Waiting is cheap.",
    "finding": "CONDITIONAL",
    "share_every": 0.5,
    "share_some": 0.625,
    "interval": [0.4, 0.6],
    "pivot": "w",
    "boundary": None,
    "counterexample": {"w": 6.0},
    "priors": [],
    "draws": 100,
    "seed": 1,
}


@pytest.fixture
def anew(monkeypatch):
    """The script of the essay is loaded anew, and forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, SCRIPT, raising=False)
    yield
    sys.modules.pop(SCRIPT, None)


@pytest.fixture
def essay(tmp_path, monkeypatch, anew):
    """A checkout whose script knows one verdict; the command runs two folders below its root."""
    script = tmp_path / "papers" / "walt2025" / "reproduce.py"
    script.parent.mkdir(parents=True)
    script.write_text(
        "from pathlib import Path\n"
        f"def claims(progress=None): return [{VERDICT!r}]\n"
        "def report(out=Path('default')):\n"
        "    out.mkdir(parents=True)\n"
        "    (out / 'report.html').write_text('report')\n"
        "    return out / 'report.html'\n"
    )
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return below


def test_claims_prints_the_verdicts_of_the_essay(essay, capsys):
    assert json.loads(run(["claims", "--json"], capsys)[1]) == [VERDICT]
    head, row = run(["claims"], capsys)[1].splitlines()
    assert head.split() == ["claim", "finding", "every", "some", "pivot", "model:", "statement"]
    assert row.split()[:5] == ["C1", "CONDITIONAL", "50%", "62%", "w"]


def test_report_says_where_it_wrote(essay, capsys):
    assert run(["report"], capsys)[1] == f"{Path('default', 'report.html')}\n"
    assert (essay / "default" / "report.html").read_text() == "report"
    out = essay / "deep" / "out"
    printed = json.loads(run(["report", "--out", str(out), "--json"], capsys)[1])
    assert printed == {"report": str(out / "report.html")}
    assert Path(printed["report"]).is_file()


def test_the_script_beside_the_source_is_found_from_anywhere(tmp_path, capsys, monkeypatch, anew):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gametheory.load_models", dict)  # no models, no verdicts
    assert run(["claims", "--json"], capsys) == (0, "[]\n", "")


@pytest.mark.parametrize("command", ["claims", "report"])
def test_outside_a_checkout_the_essay_is_missing(command, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gametheory.cli.ESSAY", Path("papers", "nowhere", "reproduce.py"))
    assert refused([command], capsys) == (
        f"gametheory: {command}: papers/walt2025 is not here; "
        "run inside a checkout of the project\n"
    )


def test_ctrl_c_ends_with_130(capsys, monkeypatch, file):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("gametheory.io.read", interrupt)
    assert run(["solve", file(BATTLE)], capsys) == (130, "", "gametheory: interrupted\n")


def command(*argv):
    return [sys.executable, "-m", "gametheory.cli", *argv]


def test_as_a_program(file):
    done = subprocess.run(command("solve", file(BATTLE), "--json"), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    check(json.loads(done.stdout), read(BATTLE))
    done = subprocess.run(command("solve", "none.nfg"), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "gametheory: none.nfg: No such file or directory\n"


def test_labels_need_not_fit_the_terminal(file):
    path = file(BATTLE.replace("Blue", "Ünion ☮"))
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command("solve", path), capture_output=True, env=ascii_only)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\xdcnion \\u262e" in done.stdout


def test_a_closed_pipe_is_no_error(file):
    # More than a pipe holds, so that the writer meets the closed end whatever the timing.
    path = file(write(CountGame([1] * 20_000, [0] + [2] * 19_999), "json"))
    with subprocess.Popen(
        command("solve", path, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
def test_an_interrupted_program_prints_one_line(tmp_path):
    pipe = tmp_path / "game.nfg"
    os.mkfifo(pipe)
    with (
        subprocess.Popen(
            command("solve", str(pipe)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
        pipe.open("w"),
    ):  # opens once the program reads from the other end
        time.sleep(0.5)  # now it waits for the first byte
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"gametheory: interrupted\n")

"""``.efg`` files and JSON of trees: what is read, what is written, what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gametheory as gt
from gametheory import Tree, chance, move, read, write
from gametheory.testing import TIED, random_crisis, random_signalling, random_tree, trees

laws = settings(max_examples=60, deadline=None)
HALVES = (Fraction(1, 3), Fraction(-7, 2), Fraction(0), Fraction(5, 4))

CRISIS = """EFG 2 R "A crisis, \\"hard\\" or soft" { "Challenger" "Defender" }
"The defender knows its type.
The challenger does not."

c "" 7 "type" { "hard" 1/4 "soft" .75 } 0
p "r" 1 3 "dark" { "threaten" "wait" } 0
p "" 2 1 "hard" { "resist" "yield" } 0
t "" 9 "war" { -1 1e0 }
t "" 2 "gain" { 1, 0 }
t "" 5 "peace" { 0, 2 }
p "" 1 3 0
p "" 2 4 "" { "resist" "yield" } 0 t "" 4 "rout" { -1.0, -2/2 } t "" 2
t "" 5
"""


def crisis(history: tuple[str, ...]) -> Any:
    match history:
        case ():
            return chance(hard=Fraction(1, 4), soft=Fraction(3, 4))
        case (_,):
            return move("Challenger", "threaten", "wait", at="dark")
        case (_, "wait"):
            return 0, 2
        case (kind, "threaten"):
            return move("Defender", "resist", "yield", at="hard" if kind == "hard" else "4")
        case (kind, "threaten", "resist"):
            return -1, 1 if kind == "hard" else -1
        case _:
            return 1, 0


def test_reads_a_file_as_the_tree_it_describes():
    """Numbers of any size, labels left out the second time, commas or none, decimals as ratios."""
    assert read(CRISIS) == Tree.of(["Challenger", "Defender"], crisis)


def test_reads_from_a_file_and_from_a_string_alike(tmp_path: Path):
    path = tmp_path / "crisis.efg"
    path.write_text("\ufeff" + CRISIS, encoding="utf-8")
    assert read(path) == read(str(path)) == read(CRISIS) == read(CRISIS.replace("2 R", "2 D"))


def test_payoffs_on_a_path_add_up():
    """Two rounds: the first pays 1 or 2 to A at once, the second B twice as much, at each end."""
    text = """EFG 2 R "" { "A" "B" }
    p "" 1 1 "first" { "l" "r" } 3 "entry fee" { -1/2, -1/2 }
    p "" 2 1 "after l" { "l" "r" } 1 "one" { 1, 0 }
    t "" 4 "" { 0, 2 }
    t "" 0
    p "" 2 2 "after r" { "l" "r" } 2 "two" { 2, 0 }
    t "" 4
    t "" 3"""
    assert read(text).payoffs.tolist() == [
        [Fraction(1, 2), Fraction(3, 2)],
        [Fraction(1, 2), Fraction(-1, 2)],
        [Fraction(3, 2), Fraction(3, 2)],
        [1, -1],
    ]


def test_what_has_no_label_or_shares_one_is_told_apart_by_number():
    text = """EFG 2 R "" { "You" "" "You" "You_1" }
    c "" 1 "" { "1/2" 1/2 "" 1/4 "1/2" 1/4 } 0
    p "" 1 5 "x" { "" "b" "b" } 0 t "" 0 t "" 0 t "" 0
    p "" 1 2 "x" { "a" "b" } 0
    p "" 1 7 "" { "a" } 0 t "" 0
    p "" 1 8 "7" { "a" } 0 t "" 0
    p "" 3 7 "" { "a" } 0 t "" 0"""
    tree = read(text)
    assert tree.players == ("You_1_", "Player 2", "You_3", "You_1")
    assert tree.nodes[0].actions == ("1/2_1", "2", "1/2_3")
    assert [(s.label, s.actions) for s in tree.sets] == [
        ("x_5", ("1", "b_2", "b_3")),
        ("x_2", ("a", "b")),
        ("7_7", ("a",)),
        ("7_8", ("a",)),
        ("7", ("a",)),
    ]


def test_sets_are_numbered_by_player():
    """In the file each player's information sets count from 1."""
    tree = Tree.of(
        ["A", "B"], lambda h: move("BAB"[len(h)], "x", at=f"h{len(h)}") if len(h) < 3 else [0, 0]
    )
    assert [line.split()[2:5] for line in write(tree, "efg").splitlines() if line[:1] == "p"] == [
        ["2", "1", '"h0"'],
        ["1", "1", '"h1"'],
        ["2", "2", '"h2"'],
    ]


def test_a_game_without_moves_is_its_payoffs():
    tree = read('EFG 2 R "" { "A" "B" } t "" 1 "" { 3, -1 }')
    assert tree.payoffs.tolist() == [[3, -1]]
    assert tree.sets == ()


@laws
@given(trees(players=3, values=HALVES))
def test_what_is_written_reads_back(tree):
    assert read(write(tree, "efg")) == tree
    assert read(write(tree, "json")) == tree


@laws
@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_labels_read_back(player, label, action):
    for text in (player, label, action):
        if text.endswith("\\"):
            return
    tree = Tree.of([player], lambda h: [1] if h else move(player, action, action + "'", at=label))
    assert read(write(tree, "efg")) == tree
    assert read(write(tree, "json")) == tree


def test_floats_are_written_as_decimals_and_chances_add_up():
    tree = Tree.of(
        ["A"], lambda h: [0.1 * len(h[0])] if h else chance(a=1 / 3, bb=1 / 3, ccc=1 / 3)
    )
    there = read(write(tree, "efg"))
    assert there.exact
    assert np.allclose(there.payoffs.astype(float), tree.payoffs, rtol=1e-15)
    assert np.allclose([float(p) for p in there.nodes[0].chances], 1 / 3, rtol=1e-15)
    assert sum(there.nodes[0].chances) == 1
    assert there.payoffs[1, 0] == Fraction(2, 10)
    assert read(write(tree, "json")) == tree  # which has floats


def test_a_tree_as_a_table_is_its_strategic_form():
    tree = Tree.of(["Challenger", "Defender"], crisis)
    for form in ("nfg", "nfg-outcomes", "nashpy"):
        table = read(write(tree, form))
        assert (table.payoffs == tree.strategic().payoffs).all()
    assert read(write(tree, "nfg")) == tree.strategic()


def test_json_reads_well():
    tree = Tree.of(["A", "B"], lambda h: {
        (): chance(x=Fraction(1, 3), y=Fraction(2, 3)),
        ("x",): move("A", "stop", "go", at="first"),
        ("x", "go"): move("B", "l", "r"),
    }.get(h, (len(h), 0.5)))  # fmt: skip
    data = json.loads(write(tree, "json"))
    assert data == {
        "players": ["A", "B"],
        "tree": {
            "chance": {"x": "1/3", "y": "2/3"},
            "actions": {
                "x": {
                    "move": "A",
                    "at": "first",
                    "actions": {
                        "stop": [2.0, 0.5],
                        "go": {
                            "move": "B",
                            "at": "x, go",
                            "actions": {"l": [3.0, 0.5], "r": [3.0, 0.5]},
                        },
                    },
                },
                "y": [1.0, 0.5],
            },
        },
    }


def refusal(source: str | Path) -> str | None:
    """What is said against ``source``, None if it is read."""
    try:
        read(source)
    except ValueError as error:
        return str(error)
    return None


HEAD = 'EFG 2 R "t" { "A" "B" }\n'
FORK = 'p "" 1 1 "one" { "x" "y" } 0\n'
ENDS = 't "" 1 "" { 0, 0 }\nt "" 1\n'


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("EFG 1 R", "line 1: only version 2"),
        ("EFG 2 Q", "R or D"),
        ("EFG 2 R { }", "title in quotes"),
        ('EFG 2 R "t" { }', "no players"),
        (HEAD, "line 1: the end of the text where a node (c, p or t) is due"),
        (HEAD + FORK + 't "" 1 "" { 0, 0 }', "line 3: the end of the text where a node"),
        (HEAD + FORK + ENDS + 't "" 1', "line 5: 't' after the last end of the tree"),
        (HEAD + "x", "line 2: 'x' where a node"),
        (HEAD + "p 1 1", "'1' where name of the node in quotes is due"),
        (HEAD + 'p "" 3 1 "" { "x" } 0', "line 2: player 3 of 2"),
        (HEAD + 'p "" 0 1 "" { "x" } 0', "player 0 of 2"),
        (HEAD + 'p "" A 1 "" { "x" } 0', "the number of the player: 'A' is not a count"),
        (HEAD + 'p "" 1 1 0', "line 2: A, information set 1 has no actions so far"),
        (HEAD + 'p "" 1 1 "one" { } 0', "no actions"),
        (HEAD + 'p "" 1 1 "one" { "x" }', "the end of the text where the number of the outcome"),
        (HEAD + 'c "" 1 0', "event 1 has no outcomes so far"),
        (HEAD + 'c "" 1 "" { } 0', "event 1: chance has no outcomes"),
        (HEAD + 'c "" 1 "" { "x" 1/2 "y" } 0', "'}' where the chance of 'y' is due"),
        (HEAD + 'c "" 1 "" { "x" 1/2 "y" 1/3 } 0', "line 2: event 1: chances add up to 5/6"),
        (HEAD + '\nc "" 1 "" { "x" 3/2 "y" -1/2 } 0', "line 3: event 1: chance of 'y' is -1/2"),
        (
            HEAD + 'c "" 1 "" { "x" 1/2 "y" 1/2 } 0 t "" 0\nc "" 1 "" { "x" 1/4 "y" 3/4 } 0',
            "line 3: event 1: other outcomes or chances than before",
        ),
        (HEAD + 't "" 1', "outcome 1 has no payoffs so far"),
        (HEAD + 't "" 0 "" { 1, 1 }', "outcome 0 has no name and pays nothing"),
        (HEAD + 't "" 1 "" { 1 }', "'}' where payoff of outcome 1 to player 2 is due"),
        (HEAD + 't "" 1 "" { 1 2 3 }', "'3' where } after the 2 payoffs of outcome 1 is due"),
        (HEAD + 't "" 1 "" { 1, two }', "'two' is not a number"),
        (HEAD + 't "" 1 "" { 1, 1e999999999 }', "too large"),
        (HEAD + FORK + 't "" 1 "" { 0, 0 }\nt "" 1 "" { 0, 1 }', "line 4: outcome 1: other"),
        (
            HEAD + 'p "" 1 1 "" { "u" "d" } 0\np "" 2 1 "two" { "x" "y" } 0\n'
            + ENDS + 'p "" 2 1 "two" { "x" "z" } 0',
            "line 6: B, information set 1 'two': actions (x, z) here and (x, y) before",
        ),
        (
            HEAD + 'p "" 1 1 "" { "u" "d" } 0\np "" 2 1 "two" { "x" "y" } 0\n'
            + ENDS + 'p "" 2 1 "too" 0',
            "line 6: B, information set 1 'two' is called 'too' here",
        ),
        (HEAD + FORK + 'p "" 1 1 0', "line 3: A, information set 1 'one': a path meets it twice"),
        (
            HEAD + FORK + 'p "" 1 2 "two" { "x" } 0 t "" 0\np "" 1 2 0',
            "line 4: A, information set 2 'two': the player has forgotten a move of its own",
        ),
        (HEAD + 'p "', "line 2: a quote opens here and is never closed"),
    ],
)  # fmt: skip
def test_wrong_files_are_one_line(text, culprit):
    said = refusal(text)
    assert said is not None
    assert culprit in said
    assert "\n" not in said


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(CRISIS)), st.integers(0, 8), st.sampled_from(["", " ", '"', "{", "1", "p"])
)
def test_a_damaged_file_is_read_or_refused_in_one_line(at, cut, put):
    assert "\n" not in (refusal("\n" + CRISIS[:at] + put + CRISIS[at + cut :]) or "")


@pytest.mark.parametrize(
    ("tree", "culprit"),
    [
        ("3", "at the start: 3 is no node"),
        ('{"move": "A"}', "no 'actions'"),
        ('{"move": "A", "chance": {}, "actions": {}}', "is no node"),
        ('{"move": "A", "actions": [1]}', "at the start: the actions are no object"),
        ('{"move": 1, "actions": {"x": [1]}}', "move at the start: 1 is no label"),
        ('{"move": "A", "to": "x", "actions": {"x": [1]}}', "unknown key 'to'"),
        ('{"move": "B", "actions": {"x": [1]}}', "'B' is not a player"),
        ('{"move": "A", "actions": {"x": ["a"]}}', "payoffs after x: 'a' is not a number"),
        ('{"chance": {"x": 1}, "actions": {"y": [1]}}', "the chances do not list the actions"),
        (
            '{"chance": {"x": 1, "y": 0}, "actions": {"y": [1], "x": [1]}}',
            "the chances do not list the actions, in their order",
        ),
        ('{"chance": {"x": 0.5}, "actions": {"x": [1]}}', "chances add up to 0.5"),
    ],
)
def test_wrong_json_is_one_line(tree, culprit):
    assert culprit in str(refusal(f'{{"players": ["A"], "tree": {tree}}}'))


def test_a_tree_too_deep_for_json_goes_to_efg():
    long, deep = (
        Tree.of(["A"], lambda h, n=n: move("A", "on", at=str(len(h))) if len(h) < n else [1])
        for n in (300, 301)
    )
    assert read(write(long, "json")) == long
    with pytest.raises(ValueError, match="too deep to nest; write it as efg"):
        write(deep, "json")
    assert read(write(deep, "efg")) == deep


def test_labels_that_a_file_cannot_hold_are_refused():
    for label, why in (("", "rename it"), ("x\\", "backslash")):
        tree = Tree.of(["A"], lambda h, label=label: [1] if h else move("A", "a", at=label))
        with pytest.raises(ValueError, match=why):
            write(tree, "efg")
    with pytest.raises(TypeError, match="Game is no tree"):
        write(gt.Game([[1], [2]]), "efg")


# pygambit


def drawn() -> list[Tree]:
    """Trees of several kinds, with chances and payoffs that are no whole numbers."""
    kinds = [random_tree(seed, players=1 + seed % 3, values=TIED + HALVES) for seed in range(40)]
    return [*kinds, random_signalling(3, types=3), random_crisis(4, types=(2, 2))]


def test_pygambit_reads_what_is_written_and_writes_it_back():
    pytest.importorskip("pygambit")
    for tree in drawn():
        there = write(tree, "pygambit")
        assert there.players == list(tree.players) or tuple(there.players) == tree.players
        assert read(there) == tree


def test_pygambit_finds_the_same_payoffs():
    """Of the strategic form, whose plans Gambit counts by itself: in some order the same table."""
    gambit = pytest.importorskip("pygambit")
    for tree in drawn():
        if not all(tree.own):
            continue
        there = gambit.read_efg(StringIO(write(tree, "efg")))
        theirs = np.stack(there.to_arrays(dtype=Fraction), axis=-1)
        ours = tree.strategic().payoffs
        assert theirs.shape == ours.shape
        flat = [sorted(map(tuple, t.reshape(-1, t.shape[-1]).tolist())) for t in (ours, theirs)]
        assert flat[0] == flat[1]


def test_every_tree_of_gambits_catalogue_is_read_or_has_no_perfect_recall():
    gambit = pytest.importorskip("pygambit")
    files = sorted((Path(gambit.__file__).parent / "catalog_data").rglob("*.efg"))
    if not files:
        pytest.skip("pygambit ships no catalogue")
    refused = []
    for path in files:
        if said := refusal(path):
            assert "absent-mindedness" in said or "no perfect recall" in said
            refused.append(path.stem)
            continue
        tree = read(path)
        assert read(write(tree, "efg")) == tree
        ours = tree.strategic()
        there = gambit.read_efg(path)
        theirs = np.stack(there.to_arrays(dtype=Fraction), axis=-1)
        assert sorted(map(str, theirs.flat)) == sorted(map(str, ours.payoffs.flat)), path.stem
    assert len(refused) < len(files) / 4

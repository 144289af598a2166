"""Games as text: what is written reads back; what is no game is one line of ValueError."""

import itertools
import json
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.count import CountGame
from gametheory.game import Game
from gametheory.io import read, write
from gametheory.testing import games

# The payoff and the outcome version of one game, as printed in the documentation of the formats
# (gambitproject.readthedocs.io, "Game representation formats"): Selten 1975, figure 2.
SELTEN = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form"
{ "Player 1" "Player 2" } { 3 2 }

1 1 0 2 0 2 1 1 0 3 2 0
"""
SELTEN_OUTCOMES = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form" { "Player 1" "Player 2" }

{
{ "1" "2" "3" }
{ "1" "2" }
}

{
{ "" 1, 1 }
{ "" 0, 2 }
{ "" 0, 2 }
{ "" 1, 1 }
{ "" 0, 3 }
{ "" 2, 0 }
}
1 2 3 4 5 6
"""

laws = settings(max_examples=40, deadline=None)
ratios = st.fractions(-1000, 1000, max_denominator=997)
floats = st.floats(-1e300, 1e300)
# The format has no way to write a backslash before the closing quote.
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
    lambda s: not s.endswith("\\")
)


def labelled(values, label=names):
    """Games of one to three players with any labels."""

    def dress(game):
        groups = (len(game.players), *game.shape)
        lists = [st.lists(label, min_size=m, max_size=m, unique=True) for m in groups]
        return st.tuples(*lists).map(
            lambda ls: Game(game.payoffs, tuple(ls[0]), tuple(map(tuple, ls[1:])))
        )

    return st.integers(1, 3).flatmap(
        lambda n: games(players=n, actions=(1, 3), values=values).flatmap(dress)
    )


@st.composite
def count_games(draw, values):
    n = draw(st.integers(1, 6))
    act, wait = (draw(st.lists(values, min_size=n, max_size=n)) for _ in "aw")
    players = draw(st.lists(names, min_size=n, max_size=n, unique=True))
    return CountGame(act, wait, tuple(players), tuple(draw(st.permutations(["fight", "flee"]))))


def rejected(source):
    """The message of the ValueError that ``source`` raises, one line."""
    with pytest.raises(ValueError, match=r".") as caught:
        read(source)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1000
    return message


def test_both_versions_of_the_documented_game_are_the_same_game():
    payoffs = read(SELTEN)
    assert payoffs == read(SELTEN_OUTCOMES)
    # Profile (1,1) pays 1,1; then player 1's action moves first: (2,1), (3,1) pay 0,2; and so on.
    assert payoffs.payoffs[..., 0].tolist() == [[1, 1], [0, 0], [0, 2]]
    assert payoffs.payoffs[..., 1].tolist() == [[1, 1], [2, 3], [2, 0]]


@laws
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
def test_the_first_players_action_changes_fastest(shape):
    # Player i gets 10 * (his action) + i; the file is written out by counting, not by reshaping.
    numbers = []
    for backwards in itertools.product(*(range(m) for m in reversed(shape))):
        profile = backwards[::-1]
        numbers += [10 * a + i for i, a in enumerate(profile)]
    players = " ".join(f'"{i}"' for i in range(len(shape)))
    counts = " ".join(map(str, shape))
    game = read(f'NFG 1 R "" {{ {players} }} {{ {counts} }} {" ".join(map(str, numbers))}')
    for profile in np.ndindex(shape):
        assert game.payoffs[profile].tolist() == [10 * a + i for i, a in enumerate(profile)]


@laws
@given(labelled(ratios))
def test_exact_games_read_back_the_same(game):
    assert read(write(game, "nfg")) == game
    assert read(write(game, "json")) == game


@laws
@given(labelled(floats))
def test_float_games_read_back_bit_for_bit(game):
    again = read(write(game, "json"))
    assert again == game
    assert again.payoffs.dtype == np.float64
    from_nfg = read(write(game, "nfg"))
    assert from_nfg.exact
    assert np.array_equal(from_nfg.payoffs.astype(float), game.payoffs)
    assert (from_nfg.players, from_nfg.actions) == (game.players, game.actions)


@laws
@given(st.one_of(count_games(ratios), count_games(floats)))
def test_games_that_depend_on_how_many_act_read_back_the_same(game):
    again = read(write(game, "json"))
    assert isinstance(again, CountGame)
    assert (again.players, again.names, again.exact) == (game.players, game.names, game.exact)
    assert again.act.tolist() == game.act.tolist()
    assert again.wait.tolist() == game.wait.tolist()


@laws
@given(labelled(ratios))
def test_spaces_commas_comments_and_the_obsolete_D_do_not_matter(game):
    head, payoffs = write(game, "nfg").rsplit("\n\n", 1)
    head = head.replace("NFG 1 R", "NFG\t1\r\nD", 1)
    loose = head + '"a comment {"' + payoffs.replace(" ", " ,\r\n ")
    assert read("\ufeff\n" + loose) == game


@laws
@given(labelled(st.integers(-1, 1)))
def test_outcomes_are_payoffs_by_another_name(game):
    """Each profile's payoffs become an outcome; the one that pays nothing becomes outcome 0."""
    head = write(game, "nfg").rsplit("\n\n", 1)[0]
    profiles = [p[::-1] for p in itertools.product(*(range(m) for m in reversed(game.shape)))]
    paid = [tuple(map(str, game.payoffs[p])) for p in profiles]
    listed = sorted({p for p in paid if any(x != "0" for x in p)})
    outcomes = " ".join(f'{{ "o" {", ".join(p)} }}' for p in listed)
    played = " ".join(str(listed.index(p) + 1 if p in listed else 0) for p in paid)
    assert read(f"{head} {{ {outcomes} }} {played}") == game


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("+7", 7),
        ("-3/5", Fraction(-3, 5)),
        ("0.1", Fraction(1, 10)),
        ("-.5", Fraction(-1, 2)),
        ("2.", 2),
        ("1e-3", Fraction(1, 1000)),
        ("-25E+2", -2500),
        ("10/4", Fraction(5, 2)),
        ("1e-400", Fraction(1, 10**400)),
    ],
)
def test_each_way_to_write_a_number_is_exact(text, value):
    assert read(f'NFG 1 R "" {{ "A" }} {{ 1 }} {text}').payoffs[0, 0] == value
    game = read(json.dumps({"payoffs": [[text]]}))
    assert game.payoffs[0, 0] == value
    assert game.exact


def test_json_numbers_with_a_point_are_floats_and_whole_ones_are_exact():
    assert read('{"payoffs": [[1, "1/3", -0]]}').payoffs.ravel().tolist() == [1, Fraction(1, 3), 0]
    game = read('{"payoffs": [[1, "1/3", 0.1]]}')
    assert game.payoffs.dtype == np.float64
    assert game.payoffs.ravel().tolist() == [1, 1 / 3, 0.1]


def test_repeated_empty_labels_count_as_none():
    game = read('NFG 1 R "" { "" "" } { { "" "stay" "" } { "" } } 1 2 3 4 5 6')
    assert game.players == ("Player 1", "Player 2")
    assert game.actions == (("1", "stay", "3"), ("",))


def test_a_file_is_read_by_its_path_and_named_in_errors(tmp_path):
    good, bad, latin = (tmp_path / name for name in ("good.nfg", "bad.nfg", "latin.nfg"))
    good.write_bytes(b"\xef\xbb\xbf" + SELTEN.replace("\n", "\r\n").encode())
    bad.write_text(SELTEN.replace("3 2 0", "3 2"))
    latin.write_bytes(SELTEN.encode() + b'"\xe9"')
    assert read(good) == read(str(good)) == read(SELTEN)
    assert rejected(bad) == (
        f"{bad}: line 4: 11 payoffs where 3 x 2 actions need 12; complete the file"
    )
    assert rejected(str(latin)) == f"{latin}: line 5: not UTF-8 text; save the file as UTF-8"
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.nfg")
    assert "no such file" in rejected(str(tmp_path / "none.nfg"))


HEAD = 'NFG 1 R "t" { "A" "B" }\n'


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("", "nothing to read"),
        ("\n", "line 1: the end of the text where NFG is due"),
        ("nfg 1 R\n", "'nfg' where NFG is due"),
        ("NFG 2 R", "only version 1"),
        ("NFG 1 Q", "R or D"),
        ("NFG 1 R { }", "title in quotes"),
        ('NFG 1 R\n"t', "line 2: a quote opens here and is never closed"),
        ('NFG 1 R "t" { } { }', "no players"),
        ('NFG 1 R "t" { "A" \n "B" ', "line 2: the end of the text where }"),
        (HEAD + "{ 2 }", "line 2: actions of 1 players where 2 are named"),
        (HEAD + "{ 2 0 }", "player 2 has no action"),
        (HEAD + "{ 2 -1 }", "'-1' is not a count"),
        (HEAD + '{ { "a" } { } }', "no actions"),
        (HEAD + '{ { "a" } 2 }', "'2' where } after the actions"),
        (HEAD + '{ { "a" "a" } { "b" } } 1 2 3 4', "repeat"),
        ('NFG 1 R "t" { "A" "A" } { 1 1 } 1 2', "repeat"),
        (HEAD + "{ 1 1 }\n\n1", "line 4: 1 payoffs where 1 x 1 actions need 2; complete"),
        (HEAD + "{ 1 1 } 1 2\n3", "line 3: 3 payoffs where 1 x 1 actions need 2; remove"),
        (HEAD + "{ 1 1 } 1 }", "'}' where a number is due"),
        (HEAD + "{ 1 1 } 1\nx", "line 3: 'x' is not a number"),
        (HEAD + "{ 1 1 } 1 1/0", "'1/0' is not a number"),
        (HEAD + "{ 1 1 } 1 nan", "'nan' is not a number"),
        (HEAD + "{ 1 1 } 1 1e309", "'1e309' is too large"),
        (HEAD + "{ 1 1 } 1 1e99999999999", "too large or small"),
        (HEAD + "{ 1 1 } 1 1e-99999999999", "too large or small"),
        (HEAD + "{ 1 1 } { { 1 2 } } 1", "name of the outcome in quotes"),
        (HEAD + '{ 1 1 } { { "o" 1 } } 1', "payoff in outcome 1 to player 2"),
        (HEAD + '{ 1 1 } { { "o" 1 2 3 } } 1', "} after the 2 payoffs of outcome 1"),
        (HEAD + '{ 1 1 } { { "o" 1 2 } }\n\n2', "line 4: outcome 2 is not among the 1 listed"),
        (HEAD + '{ 1 1 } { { "o" 1 2 } } -1', "'-1' is not a count"),
        (HEAD + '{ 1 1 } { { "o" 1 2 } } 1 1', "2 outcome numbers where 1 x 1 actions need 1"),
        ("{", "line 1: not JSON"),
        ('{"payoffs":\n [[1] [2]]}', "line 2: not JSON"),
        ('{"payoffs": [[1]]} 5', "line 1: not JSON"),
        ("[1, 2]", "a list is no object"),
        ("{}", "no 'payoffs' in the object"),
        ('{"payoff": [[1]]}', "no 'payoffs'"),
        ('{"payoffs": [[1]], "title": ""}', "unknown key 'title'; use 'actions', 'payoffs'"),
        ('{"payoffs": [[1]], "payoffs": [[2]]}', "'payoffs' is given twice"),
        ('{"payoffs": []}', "no players"),
        ('{"payoffs": [[]]}', "payoffs of player 1: no payoffs"),
        ('{"payoffs": [[1], [2]]}', "payoffs of player 1: 1 is no list"),
        ('{"payoffs": [[[1]], [[[2]]]]}', "payoffs of player 2: a list where a number is due"),
        ('{"payoffs": [[[1, 2], [3]], [[1, 2], [3, 4]]]}', "payoffs of player 1: rows"),
        ('{"payoffs": [[[1, 2]], [[1], [2]]]}', "payoffs of player 2: shape (2, 1)"),
        ('{"payoffs": [[NaN]]}', "NaN is not a payoff; use a finite number"),
        ('{"payoffs": [[-Infinity]]}', "-Infinity is not a payoff"),
        ('{"payoffs": [[1e999]]}', "'1e999' is too large"),
        ('{"payoffs": [["inf"]]}', "payoffs of player 1: 'inf' is not a number"),
        ('{"payoffs": [[true]]}', "True where a number is due"),
        ('{"payoffs": [[null]]}', "None where a number is due"),
        ('{"payoffs": [[1]], "players": "A"}', "players: 'A' is no list"),
        ('{"payoffs": [[1]], "players": ["A", "B"]}', "2 labels"),
        ('{"payoffs": [[1]], "actions": [[1]]}', "actions of player 1: 1 is no label"),
        ('{"payoffs": [[1]], "players": ["a\\nb"], "actions": [["a", "b"]]}', "actions of a b"),
        ('{"act": [1]}', "no 'wait'"),
        ('{"act": [1, 2], "wait": [1]}', "wait: 1 payoffs where act has 2"),
        ('{"act": [1], "wait": [1], "payoffs": []}', "unknown key 'payoffs'"),
        ('{"act": [1], "wait": [1], "names": ["act"]}', "names: 1 labels"),
        ("{" + '"payoffs":' + "[" * 100_000, "nest too deeply"),
        (
            '{"payoffs": [' + ", ".join([("[" * 64) + "1" + ("]" * 64)] * 64) + "]}",
            "64 players; a table holds at most 63",
        ),
    ],
)
def test_what_is_no_game_is_named_with_its_line_and_cure(text, culprit):
    assert culprit in rejected(text)


def test_a_huge_declared_table_costs_nothing():
    start = time.perf_counter()
    assert "need 20000000000; complete" in rejected(HEAD + "{ 100000 100000 } 1 2 3")
    assert "complete" in rejected(HEAD + "{ 999999999999 999999999999 } { } 0")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("long", ["1" * 10**6, "1/" + "9" * 10**6, "1e" + "9" * 10**6, '"' * 999])
def test_long_tokens_are_refused_at_once(long):
    start = time.perf_counter()
    assert rejected(HEAD + "{ 1 1 } 1 " + long)
    assert rejected('{"payoffs": [[' + json.dumps(long) + "]]}")
    assert time.perf_counter() - start < 2


VALID = [
    SELTEN,
    SELTEN_OUTCOMES,
    'NFG 1 D "q\\"" { "A" "B" "C" } { { "a" } { "b" "c" } { "d" } } "note" 1/2 0.1 -3 4 5e-1 6',
    write(Game([[[1, 0], [0, 2]], [[3, 0], [0.5, 2]]]), "json"),
    '{"players": ["A"], "actions": [["x", "y"]], "payoffs": [["3/5", 2]]}',
    '{"act": [1, 2.5, "1/3"], "wait": [0, 0, 0], "players": ["A", "B", "C"]}',
]
DEBRIS = st.sampled_from(
    ["{", "}", '"', "\\", ",", "0", "9", "-", "/", ".", "e", " ", "\n", "[", "]", ":", "\x00", "é"]
)


def game_or_value_error(text):
    try:
        game = read(text)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return None
    assert isinstance(game, Game | CountGame)
    return game


@pytest.mark.parametrize("text", VALID)
def test_no_part_of_a_file_passes_for_the_whole(text):
    """A truncation is refused, unless it only shortens the last number."""
    whole = game_or_value_error(text)
    assert whole is not None
    for k in range(len(text.rstrip())):
        game = game_or_value_error(text[:k])
        if game is not None:
            assert text[k - 1].isalnum()
            assert text[k].isalnum()
            assert game.shape == whole.shape


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), DEBRIS | st.text(max_size=3))),
)
def test_a_damaged_file_is_a_game_or_a_value_error(text, damage):
    for where, cut, put in damage[:6]:
        at = where % (len(text) + 1)
        text = text[:at] + put + text[at + cut :]
    game = game_or_value_error(text)
    if game is not None:
        assert np.isfinite(game.scale)


@laws
@given(st.text(max_size=60))
def test_any_text_is_a_game_or_a_value_error(text):
    game_or_value_error(text)
    game_or_value_error("NFG " + text)
    game_or_value_error('{"payoffs": ' + text + "}")


def test_labels_that_the_format_cannot_hold_are_refused():
    game = Game([[1], [2]], ("A",), (("up", "down\\"),))
    with pytest.raises(ValueError, match="cannot end in a backslash"):
        write(game, "nfg")
    assert read(write(game, "json")) == game
    inside = Game([[1], [2]], ("A\\alpha",), (('\\"', '"\\\\"'),))
    assert read(write(inside, "nfg")) == inside


def test_a_count_game_is_no_table():
    with pytest.raises(TypeError, match="no table of payoffs; write game"):
        write(CountGame([1, 2], [0, 0]), "nfg")

"""Games of other libraries and LaTeX: the same payoffs there and back, and nothing lost unsaid."""

import itertools
import json
import re
import subprocess
import sys
from fractions import Fraction

import nashpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory import (
    AggregativeGame,
    Contest,
    CountGame,
    Game,
    JointProducts,
    PublicGood,
    read,
    solve,
    write,
)
from gametheory.testing import games

laws = settings(max_examples=30, deadline=None)
ratios = st.fractions(-1000, 1000, max_denominator=997)
floats = st.floats(-1e300, 1e300)
whole = st.integers(-(2**63), 2**63 - 1)
# What Gambit takes for a label, as it says when it refuses one.
characters = st.characters(exclude_categories=["C", "Z"])
words = st.lists(st.text(characters, min_size=1, max_size=6), min_size=1, max_size=2)
gambit_labels = words.map(" ".join)

LOPSIDED = (2, 3, 4)


def shaped(values, most=3):
    """Games of one to three players with their numbers for labels."""
    return st.integers(1, most).flatmap(lambda n: games(n, (1, 4), values))


def lopsided():
    """The game 2 x 3 x 4 in which every payoff is another number."""
    return Game(np.arange(72, dtype=np.int64).reshape(*LOPSIDED, 3))


def relabelled(game, label):
    groups = (len(game.players), *game.shape)
    lists = [st.lists(label, min_size=m, max_size=m, unique=True) for m in groups]
    return st.tuples(*lists).map(lambda ls: Game(game.payoffs, ls[0], ls[1:]))


# nashpy


@laws
@given(games(2, (1, 4), whole) | games(2, (1, 4), floats))
def test_nashpy_and_back_is_the_same_game(game):
    there = write(game, "nashpy")
    assert isinstance(there, nashpy.Game)
    row, column = there.payoff_matrices
    assert row.dtype == column.dtype == (np.int64 if game.exact else np.float64)
    for a, b in np.ndindex(game.shape):
        assert row[a, b] == game.payoffs[a, b, 0]
        assert column[a, b] == game.payoffs[a, b, 1]
    assert read(there) == game


def test_a_zero_sum_game_of_nashpy_from_one_array():
    game = read(nashpy.Game([[1, -2, 0], [0, 3, 7]]))
    assert game == Game.from_payoffs([[1, -2, 0], [0, 3, 7]], [[-1, 2, 0], [0, -3, -7]])
    mixed = read(nashpy.Game([[Fraction(1, 3)]], [[2]]))
    assert mixed == Game.from_payoffs([[Fraction(1, 3)]], [[2]])


@pytest.mark.parametrize("form", ["nashpy", "quantecon"])
def test_what_machine_numbers_cannot_hold_is_refused(form):
    if form == "quantecon":
        pytest.importorskip("quantecon")

    def payoffs(*values):
        return Game.from_payoffs([values], [[1] * len(values)])

    dyadic = read(write(payoffs(Fraction(3, 8), -7), form))
    assert not dyadic.exact
    assert dyadic.payoffs[0, :, 0].tolist() == [0.375, -7.0]
    assert read(write(payoffs(2**63, 0), form)).payoffs[0, :, 0].tolist() == [2.0**63, 0.0]
    huge = read(write(payoffs(2**70, 2**63), form))
    assert huge.payoffs[0, :, 0].tolist() == [2.0**70, 2.0**63]
    for bad in (Fraction(1, 3), 2**63 + 1, Fraction(2**53 + 1, 2), Fraction(1, 2**1100)):
        with pytest.raises(ValueError, match=rf"{form}: holds floats, and \d") as caught:
            write(payoffs(0, bad), form)
        assert "\n" not in str(caught.value)
    rounded = payoffs(0, Fraction(1, 3))
    rounded = Game(rounded.payoffs.astype(float), rounded.players, rounded.actions)
    assert read(write(rounded, form)) == rounded
    with pytest.raises(ValueError, match=f"{form}: holds floats"):
        write(Game([[10**400]]) if form == "quantecon" else payoffs(10**400), form)


def test_nashpy_holds_two_players():
    with pytest.raises(ValueError, match="nashpy: holds games of two players, not 3"):
        write(lopsided(), "nashpy")


def test_nashpy_solves_what_it_is_given():
    # Battle of the sexes with payoffs (3, 2) and (2, 3): the mixture is 3/5, 2/5; by hand.
    game = Game.from_payoffs([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    found = [np.concatenate(e).tolist() for e in write(game, "nashpy").support_enumeration()]
    assert sorted(found) == [[0, 1, 0, 1], pytest.approx([0.6, 0.4, 0.4, 0.6]), [1, 0, 1, 0]]


# QuantEcon


@laws
@given(shaped(whole) | shaped(floats))
def test_quantecon_and_back_is_the_same_game(game):
    pytest.importorskip("quantecon")
    there = write(game, "quantecon")
    n = len(game.players)
    for profile in np.ndindex(game.shape):
        for i, player in enumerate(there.players):
            # QuantEcon is told the actions of i + 1, ..., i - 1 and gives a payoff to each of i's.
            others = tuple(profile[(i + k) % n] for k in range(1, n))
            if n > 1:
                paid = player.payoff_vector(others[0] if n == 2 else others)[profile[i]]
            else:
                paid = player.payoff_array[profile[0]]
            assert paid == game.payoffs[(*profile, i)]
    assert all(p.payoff_array.flags.c_contiguous for p in there.players)
    assert {p.payoff_array.dtype.kind for p in there.players} == {"i" if game.exact else "f"}
    assert read(there) == game


def test_quantecon_turns_the_axes_of_a_lopsided_game():
    theory = pytest.importorskip("quantecon.game_theory")
    game = lopsided()
    there = write(game, "quantecon")
    assert there.nums_actions == LOPSIDED
    assert [p.payoff_array.shape for p in there.players] == [(2, 3, 4), (3, 4, 2), (4, 2, 3)]
    # Its own account of a profile, in player order.
    for profile in np.ndindex(LOPSIDED):
        assert there[profile].tolist() == game.payoffs[profile].tolist()
    # Built by QuantEcon from payoffs in player order.
    by_profile = theory.NormalFormGame(game.payoffs.astype(float))
    assert np.array_equal(read(by_profile).payoffs, game.payoffs.astype(float))


def test_quantecon_games_from_one_array():
    theory = pytest.importorskip("quantecon.game_theory")
    symmetric = read(theory.NormalFormGame([[1, 5], [0, 2]]))
    assert symmetric == Game.from_payoffs([[1, 5], [0, 2]], [[1, 0], [5, 2]])
    assert read(theory.NormalFormGame([[1], [2], [3]])) == Game([[1], [2], [3]])
    assert read(write(Game([[1], [2], [3]]), "quantecon")) == Game([[1], [2], [3]])


def test_quantecon_solves_what_it_is_given():
    theory = pytest.importorskip("quantecon.game_theory")
    game = Game.from_payoffs([[3, 0, 1], [0, 2, 1]], [[2, 0, 1], [0, 3, 1]])
    assert theory.pure_nash_brute(write(game, "quantecon")) == [(0, 0), (1, 1)]
    with pytest.raises(TypeError, match="read: Player is no game"):
        read(write(game, "quantecon").players[0])


# pygambit


def gambit_payoffs(there, game):
    """What pygambit says it pays, asked by label; a table of Fractions."""
    table = np.empty(game.payoffs.shape, dtype=object)
    for profile in np.ndindex(game.shape):
        labels = {p: a[k] for p, a, k in zip(game.players, game.actions, profile)}
        paid = there.get_payoffs(labels)
        for i, p in enumerate(game.players):
            # pygambit's Rational is a Fraction, its Decimal a Decimal: both convert exactly.
            table[(*profile, i)] = Fraction(paid[p])
    return table


@laws
@given(shaped(ratios).flatmap(lambda game: relabelled(game, gambit_labels)))
def test_pygambit_and_back_is_the_same_game(game):
    pytest.importorskip("pygambit")
    there = write(game, "pygambit")
    assert np.array_equal(gambit_payoffs(there, game), game.payoffs)
    assert read(there) == game


@laws
@given(shaped(floats))
def test_floats_go_to_pygambit_to_the_last_bit(game):
    pytest.importorskip("pygambit")
    there = write(game, "pygambit")
    exact = np.array([Fraction(x) for x in game.payoffs.flat], dtype=object)
    assert np.array_equal(gambit_payoffs(there, game), exact.reshape(game.payoffs.shape))
    back = read(there)
    assert back.exact
    assert (back.players, back.actions) == (game.players, game.actions)
    assert back.payoffs.astype(float).tobytes() == (game.payoffs + 0.0).tobytes()  # -0 is 0


@laws
@given(
    shaped(ratios).flatmap(
        lambda game: relabelled(game, gambit_labels.filter(lambda s: "\\" not in s))
    ),
    st.sampled_from(["nfg", "nfg-outcomes"]),
)
def test_pygambit_reads_the_files_and_writes_them_back(game, form):
    """A backslash is out: Gambit 17 doubles it in what it writes."""
    pygambit = pytest.importorskip("pygambit")
    from io import StringIO

    there = pygambit.read_nfg(StringIO(write(game, form)))
    assert np.array_equal(gambit_payoffs(there, game), game.payoffs)
    assert read(there.to_nfg()) == game


def test_pygambit_reads_floats_as_the_decimals_written():
    pygambit = pytest.importorskip("pygambit")
    from io import StringIO

    game = Game([[0.1], [1e300], [-2.5e-7], [3.0]])
    there = pygambit.read_nfg(StringIO(write(game, "nfg")))
    told = [Fraction(1, 10), 10**300, Fraction(-25, 10**8), 3]
    assert gambit_payoffs(there, game)[:, 0].tolist() == told
    assert read(there).payoffs[:, 0].tolist() == told


@pytest.mark.parametrize("label", ["", " a", "a ", "a  b", "a\tb", "a\nb", "\x00"])
def test_labels_that_gambit_refuses_are_named(label):
    pytest.importorskip("pygambit")
    for game in (Game([[1]], [label]), Game([[1]], ["A"], [[label]])):
        with pytest.raises(ValueError, match=r"pygambit: .*label") as caught:
            write(game, "pygambit")
        assert "\n" not in str(caught.value)


def test_a_tree_of_pygambit_is_a_tree():
    """Blue stays out for (1, 5) or enters; then Red fights for (-1, 0) or yields for (2, 1/3)."""
    gambit = pytest.importorskip("pygambit")
    tree = gambit.ExtensiveGame(players=["Blue", "Red"])
    tree.append_move(gambit.H.path(), "Blue", ["out", "in"])
    tree.append_move(gambit.H.path("in"), "Red", ["fight", "yield"])
    for name, path, paid in [
        ("o", ["out"], (1, 5)),
        ("f", ["in", "fight"], (-1, 0)),
        ("y", ["in", "yield"], (2, gambit.Rational(1, 3))),
    ]:
        where = gambit.H.path(*path)
        tree.make_outcome(where, dict(zip(["Blue", "Red"], paid)), name)
    game = read(tree)
    assert game.players == ("Blue", "Red")
    assert [game.nodes[k].history for k in game.ends] == [
        ("out",),
        ("in", "fight"),
        ("in", "yield"),
    ]
    assert game.payoffs.tolist() == [[1, 5], [-1, 0], [2, Fraction(1, 3)]]
    assert game.strategic().payoffs[..., 0].tolist() == [[1, 1], [-1, 2]]


# Objects, forms, and what is missing


def test_each_game_reads_back_from_every_form_that_can_hold_it():
    game = Game.from_payoffs([[2**53 + 1, 0, 1]], [[5, 1, 2**62]])
    for form in ("json", "nfg", "nfg-outcomes", "nashpy"):
        assert read(write(game, form)) == game


@laws
@given(shaped(ratios))
def test_outcomes_are_listed_once(game):
    text = write(game, "nfg-outcomes")
    assert read(text) == game
    listed = re.findall(r'^\{ "(\d+)" ([^"]*) \}$', text, flags=re.MULTILINE)
    assert [int(k) for k, _ in listed] == list(range(1, len(listed) + 1))
    distinct = {tuple(map(str, game.payoffs[a])) for a in np.ndindex(game.shape)}
    assert sorted(paid.split(", ") for _, paid in listed) == sorted(map(list, distinct))


@laws
@given(
    shaped(
        st.fractions(-(10**300), 10**300)
        | st.integers(-(2**1000), 2**1000).map(lambda x: Fraction(x, 3**700))
    )
)
def test_long_numbers_stay_exact(game):
    for form in ("json", "nfg", "nfg-outcomes"):
        assert read(write(game, form)) == game


@pytest.mark.parametrize("form", ["json", "nfg", "nfg-outcomes"])
def test_numbers_too_long_to_be_read_are_not_written(form):
    for x, why in [
        (Fraction(1, 10**4001), "characters"),
        (Fraction(1, 10**6000), "characters"),
        (10**309, "beyond"),
        (3**9000, "beyond"),
    ]:
        with pytest.raises(ValueError, match=why):
            write(Game([[x]]), form)
    most = Game([[sys.float_info.max], [0.5]])
    assert np.array_equal(read(write(most, form)).payoffs.astype(float), most.payoffs)


@pytest.mark.parametrize(
    "game",
    [
        Contest([10, 6, 1 / 3], r=0.1, players=["A", 'B "{b}"', "Ç"]),
        Contest([8, 8], r=2),
        PublicGood([10, 6, 4], 0.3, [1, 0.5, 0]),
        JointProducts([10, 2], 0.9, [0.1, 0], [0, 1e-300]),
    ],
)
def test_games_of_continuous_actions_read_back_the_same(game):
    again = read(write(game, "json"))
    assert again == game
    assert again.players == game.players
    assert type(again) is type(game)


def test_games_of_continuous_actions_by_hand():
    game = read('{"form": "PublicGood", "w": [10, "5/2"], "alpha": 0.3, "players": ["A", "B"]}')
    assert game == PublicGood([10, 2.5], 0.3, players=["A", "B"])
    for text, why in [
        ('{"form": "War", "V": [1, 2]}', "form: 'War' is not known; use 'Contest'"),
        ('{"form": ["Contest"], "V": [1, 2]}', "form: a list is not known"),
        ('{"form": "_Stated"}', "form: '_Stated' is not known"),
        ('{"form": "Contest"}', "no 'V' in the object; a game needs 'V'"),
        ('{"form": "Contest", "V": [1, 2], "q": 2}', "unknown key 'q'; use 'V', 'players', 'r'"),
        ('{"form": "Contest", "V": [1, "x"]}', "V: 'x' is not a number"),
        ('{"form": "Contest", "V": [1, null]}', "V: None where a number is due"),
        ('{"form": "Contest", "V": [1, [2]]}', "V: "),
        ('{"form": "Contest", "V": [1, 2], "r": [1, 2]}', "r: "),
        ('{"form": "Contest", "V": [1, -2]}', "V: -2.0 of player 2 is not above 0"),
    ]:
        with pytest.raises(ValueError, match=re.escape(why)) as caught:
            read(text)
        assert "\n" not in str(caught.value)


def test_what_is_no_game_and_what_is_no_form():
    with pytest.raises(TypeError, match="read: ndarray is no game"):
        read(np.zeros(3))
    with pytest.raises(TypeError, match="read: Game is no game"):
        read(lopsided())
    with pytest.raises(ValueError, match="form: 'yaml' is not known; use one of efg, json, lat"):
        write(lopsided(), "yaml")
    stated = AggregativeGame.of(lambda x, X: x, lambda X: np.zeros(2), [1, 1])
    with pytest.raises(TypeError, match=r"json: .* is made from functions"):
        write(stated, "json")
    for form in ("nfg", "nashpy", "latex"):
        with pytest.raises(TypeError, match=f"{form}: Contest"):
            write(Contest([1, 2]), form)


@pytest.mark.parametrize(("form", "home"), [("quantecon", "quantecon"), ("pygambit", "pygambit")])
def test_a_library_that_is_missing_is_named_with_its_cure(form, home, monkeypatch):
    monkeypatch.setitem(sys.modules, home, None)
    monkeypatch.setitem(sys.modules, f"{home}.game_theory", None)
    cure = f"{home} is not installed; pip install 'gametheory-security[crosscheck]'"
    with pytest.raises(ImportError, match=re.escape(cure)):
        write(lopsided(), form)


def test_reading_an_object_imports_no_other_library():
    code = (
        "import sys, gametheory as gt, nashpy; before = set(sys.modules)\n"
        "gt.read(nashpy.Game([[1]])); gt.read('{\"payoffs\": [[1]]}')\n"
        "print(sorted(n for n in set(sys.modules) - before if n.split('.')[0] != 'gametheory'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# LaTeX


def tables(text):
    """The rows of each ``tabular``, cell by cell, as TeX reads them; (columns, rows)."""
    found = []
    for columns, inside in re.findall(
        r"\\begin\{tabular\}\{([lcr|]+)\}\n(.*?)\n\\end\{tabular\}", text, flags=re.DOTALL
    ):
        rows = []
        for line in inside.split("\n"):
            if line == r"\hline":
                continue
            assert line.endswith(r" \\")
            rows.append(re.split(r"(?<!\\)&", line[:-3]))
        found.append((len(columns.replace("|", "")), rows))
    assert text.count(r"\begin{") == text.count(r"\end{") == len(found)
    return found


def printed(tex):
    """What TeX prints for a text without mathematics: the escapes undone one at a time."""
    names = {
        r"\textasciitilde{}": "~",
        r"\textasciicircum{}": "^",
        r"\textbackslash{}": "\\",
        r"\textless{}": "<",
        r"\textgreater{}": ">",
        r"\textbar{}": "|",
    }
    out, k = "", 0
    while k < len(tex):
        name = next((name for name in names if tex.startswith(name, k)), None)
        if name:
            out, k = out + names[name], k + len(name)
        elif tex[k] == "\\":
            assert tex[k + 1] in "&%$#_{}"
            out, k = out + tex[k + 1], k + 2
        elif tex[k] == "{":
            assert tex[k + 2] == "}"
            assert tex[k + 1] in "[*"
            out, k = out + tex[k + 1], k + 3
        else:
            assert tex[k] not in '&%$#_{}~^\\<>|"[*'
            out, k = out + tex[k], k + 1
    return out


def balanced(text):
    depth = 0
    for c in re.sub(r"\\[{}]", "", text):
        depth += (c == "{") - (c == "}")
        assert depth >= 0
    return depth == 0 and len(re.findall(r"(?<!\\)\$", text)) % 2 == 0


def number(tex):
    match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", tex)
    return Fraction(int(match[1] + match[2]), int(match[3])) if match else Fraction(tex)


tricky = st.text(st.sampled_from([*'&%$#_{}~^\\<>|"[]*', "a", "é", " "]), min_size=1, max_size=5)


@laws
@given(shaped(ratios, 4).flatmap(lambda game: relabelled(game, tricky)))
def test_a_table_shows_every_payoff_and_underlines_best_replies(game):
    def plain(label):
        return " ".join(label.split()).replace('"', "''")

    text = write(game, "latex")
    assert balanced(text)
    n = len(game.players)
    found = tables(text)
    rest = list(itertools.product(*map(range, game.shape[2:])))
    assert len(found) == len(rest)
    for (columns, rows), others in zip(found, rest):
        assert columns == 1 + (game.shape[1] if n > 1 else 1)
        *_, head = rows[: len(rows) - game.shape[0]]
        assert [printed(cell.strip()) for cell in head][1 : n > 1 and columns] == (
            [plain(a) for a in game.actions[1]] if n > 1 else []
        )
        if others:
            above = re.fullmatch(rf"\\multicolumn\{{{columns}\}}\{{c\}}\{{(.*)\}}", rows[0][0])
            assert printed(above[1]) == "; ".join(
                f"{plain(game.players[i])}: {plain(game.actions[i][k])}"
                for i, k in enumerate(others, 2)
            )
        for a, row in enumerate(rows[-game.shape[0] :]):
            assert printed(row[0].strip()) == plain(game.actions[0][a])
            assert len(row) == columns
            for b, cell in enumerate(row[1:]):
                at = (a, b, *others)[:n]
                shown = cell.strip()[1:-1].split(", ")
                for i, tex in enumerate(shown):
                    line = re.fullmatch(r"\\underline\{(.*)\}", tex)
                    x = game.payoffs[(*at, i)]
                    assert number(line[1] if line else tex) == x
                    replies = [
                        game.payoffs[(*at[:i], k, *at[i + 1 :], i)] for k in range(game.shape[i])
                    ]
                    assert bool(line) == (x == max(replies))


def test_floats_are_shown_to_six_digits():
    text = write(Game([[1.23456789], [-2e-9], [1e300], [0.5]]), "latex")
    cells = [row[1].strip() for row in tables(text)[0][1][1:]]
    assert cells == [
        "$1.23457$",
        r"$-2 \times 10^{-9}$",
        r"$\underline{1 \times 10^{300}}$",
        "$0.5$",
    ]


def test_a_count_game_shows_what_acting_pays_by_how_many_others_act():
    text = write(CountGame([1, Fraction(1, 2), -3], [0, 2, 7], names=["fight_", "flee"]), "latex")
    ((columns, rows),) = tables(text)
    assert columns == 3
    assert [c.strip() for c in rows[0]] == [r"others who fight\_", r"fight\_", "flee"]
    assert [[c.strip() for c in row] for row in rows[1:]] == [
        ["0", "$1$", "$0$"],
        ["1", r"$\frac{1}{2}$", "$2$"],
        ["2", "$-3$", "$7$"],
    ]


def test_equilibria_are_shown_with_what_the_list_covers():
    game = Game.from_payoffs([[3, 0], [0, 2], [0, 0]], [[2, 0], [0, 3], [0, 0]], players=["B", "R"])
    found = solve(game)
    text = write(found, "latex")
    assert balanced(text)
    assert text.rstrip().endswith(str(found.coverage))
    ((columns, rows),) = tables(text)
    assert columns == 5
    assert [c.strip() for c in rows[0]] == [
        "",
        r"\multicolumn{2}{c}{mixtures}",
        r"\multicolumn{2}{c}{payoffs}",
    ]
    assert [c.strip() for c in rows[1]] == ["", "B", "R", "B", "R"]
    assert len(rows) == 2 + len(found)
    for k, (row, e) in enumerate(zip(rows[2:], found)):
        cells = [c.strip() for c in row]
        assert cells[0] == str(k)
        for shown, x in zip(cells[1:3], e.mixtures):
            assert [number(p) for p in shown[2:-2].split(", ")] == x.tolist()
        assert [number(c[1:-1]) for c in cells[3:]] == list(e.payoffs)


def test_players_who_are_alike_in_every_equilibrium_have_one_column():
    found = solve(CountGame([1] * 50, [0] + [2] * 49))
    ((columns, rows),) = tables(write(found, "latex"))
    assert columns == 3
    assert rows[1][1].strip() == r"Player 1 \ldots{} Player 50"


def test_an_empty_list_is_a_table_without_rows():
    pennies = Game.from_payoffs([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])
    found = solve(pennies, method="pure")
    assert not found
    text = write(found, "latex")
    assert balanced(text)
    ((columns, rows),) = tables(text)
    assert (columns, len(rows)) == (5, 2)
    assert str(found.coverage) in text


def test_json_text_is_json():
    data = json.loads(write(Contest([10, 6]), "json"))
    assert data == {"form": "Contest", "V": [10.0, 6.0], "r": 1.0}

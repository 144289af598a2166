"""The great powers' capabilities: laws of the effective number, the table, the published file."""

import io
import subprocess
import sys
import zipfile
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from gametheory_models.data import (
    SOURCE,
    SYSTEMS,
    effective_poles,
    great_powers,
    poles,
    read_nmc,
    resources,
    systems,
)
from hypothesis import given
from hypothesis import strategies as st

HEADER = "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version"
# The form of the published file: CRLF, no leading zero, -9 for missing. The first row is that of
# NMC-70-abridged.csv; the others are made up.
LINES = [
    HEADER,
    "USA,2,1816,3823,17,80,254,8659,101,.039697491,2025",
    "USA,2,1950,14559,1460,87848,1.5e6,151868,45000,.2842,2025",
    "UKG,200,1950,2376,689,16555,-9,50127,18000,.0631,2025",
    "FRN,220,1950,1489,595,8652,80000,41736,8000,.0339,2025",
    "MNC,221,1950,-9,-9,-9,-9,-9,-9,-9,2025",
    "RUS,365,1950,15510,4300,27300,3e5,180075,38000,.1799,2025",
    "CHN,710,1950,2558,4000,606,-9,552000,28000,.1178,2025",
]

resource = st.integers(0, 1000) | st.floats(1e-6, 1e6)
vectors = st.lists(resource, min_size=1, max_size=12).filter(any)


@pytest.fixture
def write(tmp_path):
    """Writes lines as the published file is written, or bytes as they are."""

    def write(content, name="NMC-70-abridged.csv"):
        path = tmp_path / name
        text = content if isinstance(content, bytes) else "\r\n".join([*content, ""]).encode()
        path.write_bytes(text)
        return path

    return write


def one_line(caught, *words):
    """Whether the error is one line and has these words."""
    message = str(caught.value)
    return "\n" not in message and all(str(word) in message for word in words)


# --- the effective number -------------------------------------------------------------------------


@given(vectors)
def test_effective_number_is_the_inverse_sum_of_squared_shares(shares):
    exact = [Fraction(x) for x in shares]
    number = sum(exact) ** 2 / sum(x * x for x in exact)
    assert effective_poles(shares) == pytest.approx(float(number), rel=1e-12)


@given(vectors)
def test_effective_number_lies_between_one_and_the_number_of_poles_with_resources(shares):
    held = sum(x > 0 for x in shares)
    assert 1 - 1e-12 <= effective_poles(shares) <= held * (1 + 1e-12)


@given(vectors, st.randoms(use_true_random=False), st.sampled_from([1e-300, 1e-9, 3.0, 1e300]))
def test_names_unit_and_powerless_states_do_not_matter(shares, random, unit):
    shuffled = random.sample(shares, len(shares))
    changed = np.array([*shuffled, 0.0]) * unit
    assert effective_poles(changed) == pytest.approx(effective_poles(shares), rel=1e-9)


@given(st.integers(1, 200), st.floats(1e-300, 1e300))
def test_equal_poles_count_in_full(n, resource):
    assert effective_poles([resource] * n) == n


@given(vectors, st.integers(2, 5))
def test_splitting_every_pole_into_k_equal_ones_multiplies_the_number_by_k(shares, k):
    split = np.repeat(np.array(shares, dtype=float) / k, k)
    assert effective_poles(split) == pytest.approx(k * effective_poles(shares), rel=1e-9)


@given(vectors)
def test_merging_two_poles_lowers_the_number(shares):
    both = [*shares, 1, 1]
    assert effective_poles([*shares, 2]) < effective_poles(both)


@pytest.mark.parametrize(
    ("shares", "word"),
    [
        ([], "vector"),
        (3.0, "vector"),
        ([[1, 2], [3, 4]], "vector"),
        ([[1, 2], [3]], "numbers"),
        (["USA", "UKG"], "numbers"),
        ([0.6, -0.1, 0.5], "-0.1 at 1"),
        ([0.6, 0.4, np.nan], "nan at 2"),
        ([np.inf, 1], "inf at 0"),
        ([0, 0.0], "zero"),
    ],
)
def test_what_is_no_vector_of_resources_is_refused(shares, word):
    with pytest.raises(ValueError, match="shares:") as caught:
        effective_poles(shares)
    assert one_line(caught, word)


# --- the built-in table ---------------------------------------------------------------------------


def test_majors_are_those_of_the_state_system_list():
    # Correlates of War, major powers, version 2016: first and last year of each spell, those before
    # 1870 cut there, and those that last in 2016 carried forward to 2022.
    spells = {
        ("USA", 2): [(1898, 2022)],
        ("UKG", 200): [(1870, 2022)],
        ("FRN", 220): [(1870, 1940), (1945, 2022)],
        ("GMY", 255): [(1870, 1918), (1925, 1945), (1991, 2022)],
        ("AUH", 300): [(1870, 1918)],
        ("ITA", 325): [(1870, 1943)],
        ("RUS", 365): [(1870, 1917), (1922, 2022)],
        ("CHN", 710): [(1950, 2022)],
        ("JPN", 740): [(1895, 1945), (1991, 2022)],
    }
    listed = {
        (year, *state) for state, of in spells.items() for a, b in of for year in range(a, b + 1)
    }
    table = great_powers()
    rows = list(zip(table["year"], table["stateabb"], table["ccode"]))
    assert set(rows) == listed
    assert len(rows) == len(listed)


def test_cinc_is_a_share_of_the_world():
    table = great_powers()
    assert list(table.columns) == ["year", "ccode", "stateabb", "cinc"]
    assert table["cinc"].between(0, 1, inclusive="neither").all()
    assert (table.groupby("year")["cinc"].sum() < 1).all()


def test_largest_score_is_that_of_the_united_states_in_1945():
    # So says the manual page of cow_nmc in the R package peacesciencer, of the whole data set.
    table = great_powers()
    top = table.loc[table["cinc"].idxmax()]
    assert (top["stateabb"], top["year"]) == ("USA", 1945)


def test_a_change_to_the_table_in_hand_does_not_reach_the_next_reader():
    table = great_powers()
    table["cinc"] = 0.0
    assert (great_powers()["cinc"] > 0).all()


@pytest.mark.parametrize(
    ("year", "majors", "effective", "largest", "two_largest"),
    [  # derived from the same version of the data by another program; 4 decimals
        (1870, 6, 4.1690, 0.3834, 0.5856),
        (1914, 8, 5.9726, 0.2537, 0.4481),
        (1946, 4, 2.4816, 0.5741, 0.7674),
        (1962, 5, 3.5178, 0.3769, 0.6935),
        (1985, 5, 3.4401, 0.3760, 0.6700),
        (1992, 7, 4.7804, 0.3132, 0.5742),
        (2022, 7, 2.9005, 0.5100, 0.7792),
    ],
)
def test_known_years(year, majors, effective, largest, two_largest):
    row = poles().loc[year]
    assert row["majors"] == majors
    assert list(row[1:]) == pytest.approx([effective, largest, two_largest], abs=5.1e-5)


def test_poles_of_each_year_are_those_of_its_resources():
    table = poles()
    assert list(table.index) == list(range(1870, 2023))
    for year, row in table.iterrows():
        shares = resources(year)
        assert len(shares) == row["majors"]
        assert 1 / (shares**2).sum() == pytest.approx(row["effective"])
        assert list(shares.iloc[:2].cumsum()) == pytest.approx([row["largest"], row["two_largest"]])


def test_systems_are_the_named_years():
    assert sorted(SYSTEMS.values()) == [1962, 1985, 1992, 2022]
    assert all(name.endswith(str(year)) for name, year in SYSTEMS.items())
    for year, shares in systems().items():
        pd.testing.assert_series_equal(shares, resources(year))


def test_source_names_data_version_and_the_assumption():
    for word in ("Correlates of War", "7.0", "1972", "1987", "2016", "carried forward"):
        assert word in SOURCE


def test_pandas_is_loaded_only_when_a_table_is_asked_for():
    code = "import sys, gametheory_models.data; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- resources ------------------------------------------------------------------------------------


@given(st.integers(1870, 2022))
def test_resources_are_descending_shares_in_proportion_to_cinc(year):
    shares = resources(year)
    rows = great_powers().query("year == @year").set_index("stateabb")["cinc"]
    assert shares.sum() == pytest.approx(1)
    assert (np.diff(shares) <= 0).all()
    assert shares.name == year
    assert shares.index.name == "stateabb"
    first = shares.index[0]
    for state in rows.index:
        assert shares[state] * rows[first] == pytest.approx(shares[first] * rows[state])


@given(st.permutations(["USA", 200, "RUS", 710]))
def test_the_order_and_the_naming_of_the_poles_do_not_matter(states):
    pd.testing.assert_series_equal(
        resources(1962, states=states), resources(1962, states=["USA", "UKG", "RUS", "CHN"])
    )


def test_the_order_and_the_index_of_the_rows_do_not_matter():
    table = great_powers()
    mixed = table.sample(frac=1, random_state=3).set_index(np.zeros(len(table), dtype=int))
    pd.testing.assert_series_equal(resources(1914, mixed), resources(1914))


def test_states_with_equal_scores_stand_in_the_order_of_the_alphabet():
    table = pd.DataFrame(
        {"year": 1, "ccode": [3, 2, 1], "stateabb": ["CCC", "AAA", "BBB"], "cinc": [0.1, 0.1, 0.2]}
    )
    assert list(resources(1, table, [1, 2, 3]).index) == ["BBB", "AAA", "CCC"]


def test_poles_of_a_read_file_are_the_great_powers_unless_named(write):
    source = read_nmc(write(LINES))
    assert list(resources(1950, source).index) == ["USA", "RUS", "CHN", "UKG", "FRN"]
    assert resources(1950, source)["UKG"] == pytest.approx(0.0631 / 0.6789)
    assert resources(1950, source, ["FRN"]).to_dict() == {"FRN": 1}
    assert resources(1816, source, [2]).to_dict() == {"USA": 1}


@pytest.mark.parametrize(
    ("year", "states", "words"),
    [
        (1869, None, ["1869", "1870..2022"]),
        ("1962", None, ["'1962'", "1870..2022"]),
        (1962, ["USA", "XYZ"], ["'XYZ'", "1962", "USA, RUS, CHN, UKG, FRN"]),
        (1962, ["USA", "GMY"], ["'GMY'", "1962"]),
        (1962, [2, 999], ["999", "1962"]),
        (1962, ["USA", 2], ["2 is named twice"]),
        (1962, [], ["list of states"]),
        (1962, "USA", ["'USA'", "list of states"]),
        (1962, 2, ["list of states"]),
    ],
)
def test_a_year_or_state_without_data_is_named(year, states, words):
    with pytest.raises(ValueError, match=r"year:|states:") as caught:
        resources(year, states=states)
    assert one_line(caught, *words)


def test_a_pole_is_an_abbreviation_or_a_code():
    for state in (2.0, None, True):
        with pytest.raises(TypeError, match="abbreviation") as caught:
            resources(1962, states=["UKG", state])
        assert one_line(caught, repr(state))


def test_a_source_that_does_not_serve_is_named(write):
    source = read_nmc(write(LINES))
    raw = pd.read_csv(write(LINES))
    twice = pd.concat([source, source])
    powerless = source.assign(cinc=0.0)
    trials = [
        (1950, source, ["USA", "MNC"], ["MNC", "1950", "missing (nan)"]),
        (1950, raw, ["USA", "MNC"], ["MNC", "1950", "missing (-9.0)"]),
        (1950, twice, ["USA"], ["'USA'", "2 rows", "1950"]),
        (1950, powerless, ["USA", "UKG"], ["1950", "zero"]),
        (1951, source, ["USA"], ["1951", "1816..1950"]),
        (1816, source, None, ["1816", "1870..2022", "give states"]),
        (1950, source.drop(columns=["cinc", "ccode"]), None, ["ccode, cinc", "read_nmc"]),
        (1950, source[:0], None, ["no rows", "read_nmc"]),
    ]
    for year, table, states, words in trials:
        with pytest.raises(ValueError, match=r"\w: ") as caught:
            resources(year, table, states)
        assert one_line(caught, *words)
    with pytest.raises(TypeError, match="read_nmc"):
        resources(1950, "NMC-70-abridged.csv")


# --- the published file ---------------------------------------------------------------------------


def test_the_file_is_read_as_published(write):
    frame = read_nmc(write(LINES))
    assert list(frame.columns) == HEADER.split(",")
    assert frame["stateabb"].tolist() == ["USA", "USA", "UKG", "FRN", "MNC", "RUS", "CHN"]
    assert frame["ccode"].tolist() == [2, 2, 200, 220, 221, 365, 710]
    assert frame["year"].dtype == frame["ccode"].dtype == np.int64
    assert frame.loc[0, "cinc"] == 0.039697491
    assert frame.loc[1, "pec"] == 1.5e6
    assert frame["pec"].isna().tolist() == [False, False, True, False, True, False, True]
    assert frame.loc[4, "milex":"cinc"].isna().all()
    assert set(frame["version"]) == {"2025"}


def test_the_built_in_table_survives_the_form_of_the_published_file(write):
    table = great_powers()
    rows = [
        f"{s},{c},{y},1,1,1,1,1,1,{x:.7f},2025"
        for y, c, s, x in table.itertuples(index=False, name=None)
    ]
    read = read_nmc(write([HEADER, *rows]))
    pd.testing.assert_frame_equal(read[table.columns], table, check_dtype=False)
    pd.testing.assert_series_equal(resources(1985, read), resources(1985))


def test_order_of_columns_line_ends_and_additions_do_not_matter(write):
    plain = read_nmc(write(LINES))
    order = [10, 3, 0, 9, 1, 2, 8, 4, 7, 5, 6]
    rows = [line.split(",") for line in LINES]
    mixed = [",".join([*(row[k] for k in order), "note"]) for row in rows]
    pd.testing.assert_frame_equal(read_nmc(write(mixed)), plain)
    bare = "\ufeff" + "\n".join([*LINES[:3], "", *LINES[3:]])
    pd.testing.assert_frame_equal(read_nmc(write(bare.encode())), plain)
    quoted = [",".join(f'"{cell}"' for cell in row) for row in rows]
    pd.testing.assert_frame_equal(read_nmc(write(quoted)), plain)
    unversioned = read_nmc(write([line.rpartition(",")[0] for line in LINES]))
    pd.testing.assert_frame_equal(unversioned, plain.drop(columns="version"))


def test_a_file_in_which_all_is_missing_is_read_as_missing(write):
    rows = [f"{s},{c},1950,-9,-9,-9.0,-9,-9,-9,-9.000,2025" for s, c in [("USA", 2), ("UKG", 200)]]
    frame = read_nmc(write([HEADER, *rows]))
    assert frame.loc[:, "milex":"cinc"].isna().all(axis=None)
    with pytest.raises(ValueError, match="missing") as caught:
        resources(1950, frame, ["USA", "UKG"])
    assert one_line(caught, "UKG", "1950")


def test_a_path_that_holds_no_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="National Material Capabilities") as caught:
        read_nmc(tmp_path / "NMC.csv")
    assert one_line(caught, tmp_path / "NMC.csv")
    with pytest.raises(ValueError, match="directory") as caught:
        read_nmc(str(tmp_path))
    assert one_line(caught, tmp_path)


def spreadsheet():
    """A zip archive, as spreadsheets and the download of the published file are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "\n".join(LINES))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty", "National Material Capabilities"]),
        (b"\n\r\n", ["empty"]),
        (spreadsheet(), ["not CSV text", "unzip"]),
        ("\n".join(LINES).encode("utf-16"), ["not CSV text"]),
        ("\n".join(LINES).encode("utf-16-le"), ["not CSV text"]),
        ([HEADER], ["no rows"]),
        (["year,ccode,stateabb,cinc", "1950,2,USA,.2"], ["milex, milper, irst, pec, tpop, upop"]),
        ([HEADER.upper(), LINES[1]], ["no column stateabb, ccode, year"]),
        ([line.replace(",", ";") for line in LINES], ["no column stateabb"]),
        (b"<html><body>404</body></html>", ["no column stateabb"]),
        ("\r\n".join(LINES).encode()[:-30], ["line 8", "cells for 11", "cut short"]),
        ([*LINES, LINES[1] + ",1"], ["line 9", "12 cells for 11"]),
        ([*LINES, '"MNC,221,1951'], ["line 9", "damaged"]),
        ([*LINES[:-1], LINES[-1].replace("2025", '"2025')], ["line 8", "damaged"]),
    ],
)
def test_what_is_not_the_published_file_is_refused(write, content, words):
    path = write(content)
    with pytest.raises(ValueError, match="NMC-70") as caught:
        read_nmc(path)
    assert one_line(caught, path, *words)


@pytest.mark.parametrize(
    ("column", "cell", "word"),
    [
        ("stateabb", " ", "no state"),
        ("ccode", "-9", "not a ccode"),
        ("ccode", "2.5", "not a ccode"),
        ("year", "1950.5", "not a year"),
        ("year", "1e300", "not a year"),
        ("year", "", "not a number"),
        ("milex", "n/a", "not a number"),
        ("milper", "", "not a number"),
        ("irst", "12 000", "not a number"),
        ("pec", "nan", "not a number"),
        ("tpop", "inf", "not a number"),
        ("upop", ".", "not a number"),
        ("cinc", "1.01", "not a share"),
        ("cinc", "-0.1", "not a share"),
        ("cinc", "-99", "not a share"),
    ],
)
def test_a_cell_that_cannot_be_is_named_by_line_and_column(write, column, cell, word):
    row = LINES[4].split(",")
    row[HEADER.split(",").index(column)] = cell
    path = write([*LINES[:4], ",".join(row), *LINES[5:]])
    with pytest.raises(ValueError, match=word) as caught:
        read_nmc(path)
    assert one_line(caught, path, "line 5", f"column {column}", repr(cell))


def test_a_state_has_one_row_a_year(write):
    again = "U.S.,2,1950" + LINES[2][len("USA,2,1950") :]
    with pytest.raises(ValueError, match="this year") as caught:
        read_nmc(write([*LINES, again]))
    assert one_line(caught, "line 9", "'2'")

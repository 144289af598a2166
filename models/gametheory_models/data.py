"""Capabilities of the great powers: the resource vector of any year, and how many poles it has.

The Correlates of War project's Composite Index of National Capability, ``cinc``, is a state's mean
share of the world's military expenditure, military personnel, iron and steel, energy, population
and urban population. Among ``n`` poles the resource of pole ``i`` is its share of their sum,

    s_i = cinc_i / sum_j cinc_j,

and the effective number of poles is ``1 / sum_i s_i^2``, the inverse of the Herfindahl index: ``n``
if all are equal, 1 if one has everything. Source of the number: Laakso, M. and Taagepera, R.
(1979), "Effective" number of parties, Comparative Political Studies 12(1), 3-27.

The package has a small table of the great powers, 1870-2022 (:func:`great_powers`); the published
file with every state since 1816 is read by :func:`read_nmc`.

>>> resources(1985).round(4)
stateabb
RUS    0.3760
USA    0.2939
CHN    0.2430
UKG    0.0490
FRN    0.0380
Name: 1985, dtype: float64
>>> {year: round(effective_poles(shares), 4) for year, shares in systems().items()}
{1962: 3.5178, 1985: 3.4401, 1992: 4.7804, 2022: 2.9005}
"""

from __future__ import annotations

import csv
import importlib.resources
import io
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

SOURCE = (
    "Correlates of War project, National Material Capabilities, version 7.0; see Singer, Bremer "
    "and Stuckey (1972), Capability distribution, uncertainty, and major power war, 1820-1965, in "
    "Russett (ed.), Peace, War, and Numbers, Sage, 19-48, and Singer (1987), International "
    "Interactions 14(1), 115-132; major powers by State System Membership, version 2016, carried "
    "forward to 2022."
)

SYSTEMS: Mapping[str, int] = MappingProxyType(
    {"cold war 1962": 1962, "cold war 1985": 1985, "post-cold war 1992": 1992, "latest 2022": 2022}
)

PUBLISHED = "the Correlates of War project's National Material Capabilities file"
COLUMNS = ("stateabb", "ccode", "year", "milex", "milper", "irst", "pec", "tpop", "upop", "cinc")
MISSING = -9


def read_nmc(path: str | Path) -> pd.DataFrame:
    """The National Material Capabilities file as published, one row a state-year.

    Columns stateabb, ccode, year, milex, milper, irst, pec, tpop, upop, cinc, and version where the
    file has it; others are left out. Missing values, -9 in the file, are NaN. milex is in thousands
    of pounds to 1913 and of current US dollars from 1914.

    Raises FileNotFoundError, or ValueError naming line and column, for a file that is not the
    published one. A file cut exactly at the end of a line, or within its last cell, passes.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "NMC-70-abridged.csv"
    ...     _ = path.write_text(
    ...         "stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version\\n"
    ...         "USA,2,1816,3823,17,80,254,8659,101,.039697491,2025\\n"
    ...     )
    ...     read_nmc(path).cinc.tolist()
    [0.039697491]
    """
    import pandas as pd

    path = Path(path)
    header, rows, lines = _cells(path)
    texts = {name: [row[header.index(name)] for row in rows] for name in COLUMNS}

    def demand(met: NDArray[np.bool_], column: str, complaint: str) -> None:
        if not met.all():
            k = int(np.argmin(met))
            raise ValueError(
                f"{path}: line {lines[k]}, column {column}: {texts[column][k]!r} {complaint}"
            )

    named = np.array([bool(text.strip()) for text in texts["stateabb"]])
    demand(named, "stateabb", "is no state; give its abbreviation")
    frame = pd.DataFrame({"stateabb": texts["stateabb"]})
    for column in COLUMNS[1:]:
        values = np.array([_number(text) for text in texts[column]])
        demand(np.isfinite(values), column, f"is not a number; a missing value is {MISSING}")
        if column in ("ccode", "year"):
            whole = (values == np.floor(values)) & (values > 0) & (values < 10_000)
            demand(whole, column, f"is not a {column}; give a whole number")
            frame[column] = values.astype(np.int64)
            continue
        values[values == MISSING] = np.nan
        if column == "cinc":
            share = np.isnan(values) | ((values >= 0) & (values <= 1))
            demand(share, column, f"is not a share; give 0..1, or {MISSING} where it is missing")
        frame[column] = values
    again = frame.duplicated(["ccode", "year"]).to_numpy()
    demand(~again, "ccode", "has a row for this year above; keep one of the two")
    if "version" in header:
        frame["version"] = [row[header.index("version")] for row in rows]
    return frame


def _cells(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """The header of the file, its rows, and the number of the line of each."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file; give the path of {PUBLISHED}")
    if path.is_dir():
        raise ValueError(f"{path}: a directory; give the path of the CSV file in it")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" in text:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{path}: not CSV text; unzip it, or save the spreadsheet as CSV (UTF-8)"
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        table = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise ValueError(
            f"{path}: line {reader.line_num}: {error}; the file is damaged, download it again"
        ) from None
    if not table:
        raise ValueError(f"{path}: empty; give the path of {PUBLISHED}")
    header = table[0][1]
    if missing := [name for name in COLUMNS if name not in header]:
        raise ValueError(f"{path}: no column {', '.join(missing)}; give the path of {PUBLISHED}")
    if len(table) == 1:
        raise ValueError(f"{path}: no rows under the header; download the file again")
    for line, row in table[1:]:
        if len(row) != len(header):
            raise ValueError(
                f"{path}: line {line}: {len(row)} cells for {len(header)} columns; "
                "the file is cut short or damaged, download it again"
            )
    return header, [row for _, row in table[1:]], [line for line, _ in table[1:]]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def great_powers() -> pd.DataFrame:
    """The table that comes with the package: year, ccode, stateabb, cinc of the major powers.

    1870-2022, ordered by year and ccode; cinc has 7 decimals. A state is in each year of which it
    was a major power for a day. Who is a major power after 2016 is assumed: the same as in 2016.
    Cite :data:`SOURCE`.

    >>> great_powers().tail(3)
         year  ccode stateabb      cinc
    954  2022    365      RUS  0.038197
    955  2022    710      CHN  0.234097
    956  2022    740      JPN  0.024714
    """
    import pandas as pd

    file = importlib.resources.files("gametheory_models") / "great_powers.csv"
    return pd.read_csv(io.StringIO(file.read_text(encoding="utf-8")), comment="#")


def resources(
    year: int, source: pd.DataFrame | None = None, states: Sequence[str | int] | None = None
) -> pd.Series[float]:
    """Each pole's share of the poles' summed cinc in ``year``, by stateabb, largest first.

    ``source`` is a frame from :func:`read_nmc`, by default :func:`great_powers`. ``states`` are the
    poles, by abbreviation or country code; by default the great powers of that year.

    Raises ValueError for a year or a state without data.

    >>> resources(2022, states=["USA", 710]).round(4).to_dict()
    {'CHN': 0.6545, 'USA': 0.3455}
    """
    import pandas as pd

    table = great_powers() if source is None else _checked(source)
    of_year = table[table["year"] == year].reset_index(drop=True)
    if of_year.empty:
        span = f"{table['year'].min()}..{table['year'].max()}"
        raise ValueError(f"year: no data for {year!r}; give a year in {span}")
    if states is None:
        majors = great_powers()
        states = majors.loc[majors["year"] == year, "ccode"].tolist()
        if not states:
            span = f"{majors['year'].min()}..{majors['year'].max()}"
            raise ValueError(f"year: great powers are listed for {span}, not {year}; give states")
    poles = _poles_of(of_year, states, year).sort_values(
        ["cinc", "stateabb"], ascending=[False, True]
    )
    cinc = poles["cinc"].to_numpy(dtype=np.float64)
    if not (cinc >= 0).all():
        k = int(np.argmin(cinc >= 0))
        raise ValueError(
            f"{poles['stateabb'].iloc[k]}: cinc in {year} is missing ({cinc[k]}); "
            "choose other states or another year"
        )
    if not cinc.sum() > 0:
        raise ValueError(f"states: cinc in {year} sums to zero; choose other states")
    index = pd.Index(poles["stateabb"], name="stateabb")
    return pd.Series(cinc / cinc.sum(), index=index, name=year)


def _checked(source: Any) -> pd.DataFrame:
    """``source``, if it is a table of capabilities."""
    import pandas as pd

    if not isinstance(source, pd.DataFrame):
        raise TypeError(f"source: {source!r} is not a table; give read_nmc(path)")
    needed = ("year", "ccode", "stateabb", "cinc")
    if missing := [name for name in needed if name not in source]:
        raise ValueError(f"source: no column {', '.join(missing)}; give read_nmc(path)")
    if source.empty:
        raise ValueError("source: no rows; give read_nmc(path)")
    return source


def _poles_of(of_year: pd.DataFrame, states: Sequence[str | int], year: int) -> pd.DataFrame:
    """The rows of ``of_year`` that ``states`` name, each once."""
    if isinstance(states, (str, Integral)) or not len(states):
        raise ValueError(f'states: {states!r} is not a list of states; give one such as ["USA", 2]')
    chosen: list[Any] = []
    for state in states:
        if not isinstance(state, (str, Integral)) or isinstance(state, bool):
            raise TypeError(f"states: {state!r} is neither an abbreviation nor a country code")
        column = "stateabb" if isinstance(state, str) else "ccode"
        found = of_year.index[of_year[column] == state]
        if not len(found):
            largest = of_year.sort_values("cinc", ascending=False)["stateabb"].head(9)
            raise ValueError(
                f"states: {state!r} has no row for {year}; give states of that year such as "
                f"{', '.join(largest)}"
            )
        if len(found) > 1:
            raise ValueError(f"source: {state!r} has {len(found)} rows for {year}; keep one")
        if found[0] in chosen:
            raise ValueError(f"states: {state!r} is named twice; name each state once")
        chosen.append(found[0])
    return of_year.loc[chosen]


def effective_poles(shares: ArrayLike) -> float:
    """Effective number of poles, ``1 / sum_i s_i^2``, of resources ``shares`` in any unit.

    At least 1 and at most the length of the vector. Raises ValueError for a vector that is empty,
    sums to zero, or has entries that are negative or not finite.

    >>> effective_poles([1, 1, 1]), effective_poles([5, 0, 0]), effective_poles([2, 2, 1, 1])
    (3.0, 1.0, 3.6)
    """
    try:
        x = np.asarray(shares, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"shares: {shares!r} is not a vector of numbers") from None
    if x.ndim != 1 or not x.size:
        raise ValueError(f"shares: shape {x.shape} is not a vector; give one number a pole")
    if not (np.isfinite(x) & (x >= 0)).all():
        k = int(np.argmin(np.isfinite(x) & (x >= 0)))
        raise ValueError(f"shares: {x[k]} at {k} is no resource; give finite numbers, at least 0")
    if not x.any():
        raise ValueError("shares: the sum is zero; give at least one pole some resources")
    x = x / x.max()  # so that squares neither overflow nor vanish
    return float(x.sum() ** 2 / (x @ x))


def systems() -> dict[int, pd.Series[float]]:
    """:func:`resources` of the years that :data:`SYSTEMS` names, by year."""
    return {year: resources(year) for year in SYSTEMS.values()}


def poles() -> pd.DataFrame:
    """How concentrated the great powers' capabilities are, one row a year, 1870-2022.

    Columns: number of major powers, effective number of poles, the largest share, and the sum of
    the two largest shares.

    >>> poles().loc[[1962, 1985, 1992, 2022]].round(4)
          majors  effective  largest  two_largest
    year
    1962       5     3.5178   0.3769       0.6935
    1985       5     3.4401   0.3760       0.6700
    1992       7     4.7804   0.3132       0.5742
    2022       7     2.9005   0.5100       0.7792
    """
    import pandas as pd

    rows = {}
    for year, cinc in great_powers().groupby("year")["cinc"]:
        shares = np.sort(cinc.to_numpy() / cinc.sum())[::-1]
        rows[year] = (len(shares), effective_poles(shares), shares[0], shares[:2].sum())
    columns = ["majors", "effective", "largest", "two_largest"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")

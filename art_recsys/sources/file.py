"""A catalogue in a Parquet, CSV or JSON file, read by DuckDB (https://duckdb.org/docs/stable/data/overview).

`query_file`, `file_reader` and `file_columns` read any table of the user's; `FileSource` makes artworks of one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from art_recsys.config import Home, Settings, UserError, did_you_mean
from art_recsys.core import ARTWORK_COLS, ARTWORK_KINDS, Cols

from .base import Source
from .pictures import copy_pictures
from .records import as_list, as_year, years_in

__all__ = ["FileSource", "file_columns", "file_reader", "match_columns", "parse_columns", "query_file"]

_READERS = {
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
_ROWS_OF_A_PAGE = 2000


# ---- any file


def query_file(
    sql: str,  # a query that reads the file with the expression of `file_reader`
    path: Path,  # the file, for the message
    remedy: str = "check that the file is complete",  # for the message
) -> duckdb.DuckDBPyConnection:
    "Run a query on a file. Raises `UserError` with the name of the file where DuckDB raises."
    try:
        return duckdb.connect().execute(sql)
    except duckdb.Error as e:
        raise UserError(f"{path.name} cannot be read: {str(e).splitlines()[0]}", remedy) from None


def file_reader(
    path: Path,  # .parquet, .csv, .tsv, .json, .jsonl or .ndjson, each also with .gz
    texts: Iterable[str] = (),  # columns to read as text, where the format leaves the choice (CSV does)
) -> str:
    """The DuckDB expression that reads a file, for the FROM of a query.

    Raises `UserError` for a file that is missing or has another ending.
    """
    suffix = path.suffixes[-2] if path.suffix == ".gz" and len(path.suffixes) > 1 else path.suffix
    if suffix.lower() not in _READERS:
        known = ", ".join(_READERS)
        raise UserError(f"{path.name}: files of the kind {suffix!r} are not read.", f"give one of: {known}")
    if not path.is_file():
        raise UserError(f"There is no file {path}.", "correct artworks_file (--artworks)")
    reader, name = _READERS[suffix.lower()], str(path).replace("'", "''")
    extra = ""
    if reader == "read_csv":
        types = ", ".join(f"'{t}': 'VARCHAR'" for t in texts if "'" not in t)
        extra = (f", types={{{types}}}" if types else "") + ", sample_size=-1"
    return f"{reader}('{name}'{extra})"


def file_columns(
    path: Path,  # as for `file_reader`
) -> list[str]:
    "The column names of a file, without reading its rows. Raises `UserError` as `file_reader` and `query_file` do."
    return [c[0] for c in query_file(f"SELECT * FROM {file_reader(path)} LIMIT 0", path).description]


# ---- the setting `columns`


def parse_columns(
    columns: str,  # pairs `our_column=file_column` with commas between them
) -> dict[str, str]:
    "The setting `columns` as our column -> file column. Raises `UserError` for a pair that cannot be read."
    out = {}
    for pair in (p.strip() for p in columns.split(",") if p.strip()):
        ours, eq, theirs = (x.strip() for x in pair.partition("="))
        if not (eq and ours and theirs):
            raise UserError(
                f"columns: {pair!r} is not of the form our_column=file_column.",
                'write for example --columns "category=type,tags=subjects"',
            )
        if ours not in ARTWORK_COLS:
            raise UserError(
                f"columns: {ours} is not one of our columns.{did_you_mean(ours, ARTWORK_COLS)}",
                f"left of = stands one of: {', '.join(ARTWORK_COLS)}",
            )
        out[ours] = theirs
    return out


def match_columns(
    there: list[str],  # columns of the file
    columns: str,  # the setting
    path: Path,  # the file, for the message
) -> dict[str, str]:
    """Our column -> file column: what the setting says, completed by columns of the same name.

    Raises `UserError` for a file column that is not there, and where no column gives the id or the title.
    """
    mapping = parse_columns(columns)
    for ours, theirs in mapping.items():
        if theirs not in there:
            near = did_you_mean(theirs, there)
            raise UserError(
                f"{path.name} has no column {theirs} (meant as {ours}).{near} It has: {', '.join(there)}.",
                f"correct it in --columns (setting columns): {ours}=...",
            )
    out = {c: mapping.get(c, c) for c in ARTWORK_COLS if c in mapping or c in there}
    for must in (Cols.artwork_id, Cols.title):
        if must in out:
            continue
        near = did_you_mean(must, there) or did_you_mean(must.removeprefix("artwork_"), there)
        raise UserError(
            f"{path.name} has no column {must}, and every artwork needs one.{near} It has: {', '.join(there)}.",
            f"say which column it is with --columns {must}=... (setting columns)",
        )
    return out


# ---- the source


class FileSource(Source):
    "A catalogue in a file, as described by the settings `artworks_file`, `columns` and `where`"

    name = "file"

    def __init__(
        self,
        settings: Settings,  # raises `UserError` where `artworks_file` or `columns` does not fit
    ):
        super().__init__(settings)
        if settings.artworks_file is None:
            raise UserError("The source is file, and no file is named.", "give --artworks FILE (setting artworks_file)")
        self.path = Path(settings.artworks_file)
        self.columns = match_columns(file_columns(self.path), settings.columns, self.path)

    def pages(self, since: str | None = None) -> Iterator[list[dict]]:
        "The rows that satisfy `where`, 2,000 per page; ids and titles stay text (007 is not 7); `since` is ignored"
        fields = ", ".join(f"{_quote(theirs)} AS {_quote(ours)}" for ours, theirs in self.columns.items())
        where, texts = self.settings.where, {self.columns[Cols.artwork_id], self.columns[Cols.title]}
        sql = f"SELECT {fields} FROM {file_reader(self.path, texts)}" + (f" WHERE ({where})" if where else "")
        remedy = f"check the condition where = {where}" if where else "check that the file is complete"
        rows = query_file(sql, self.path, remedy)
        names = [c[0] for c in rows.description]
        while page := rows.fetchmany(_ROWS_OF_A_PAGE):
            yield [dict(zip(names, r, strict=True)) for r in page]

    def normalise(self, raw: dict) -> dict:
        "`raw` as our row: lists out of separated texts, years out of dates; where no source is given, the file's name"
        row = {c: _as_cell(v, ARTWORK_KINDS[c]) for c, v in raw.items()}
        first, last = years_in(row.get(Cols.date_text) or "")
        start, end = row.get(Cols.year_start, np.nan), row.get(Cols.year_end, np.nan)
        row[Cols.year_start] = next((y for y in (start, first) if y == y), np.nan)
        row[Cols.year_end] = next((y for y in (end, last, start) if y == y), np.nan)
        return row if row.get(Cols.source) else row | {Cols.source: self.path.stem.split(".")[0]}

    def add_pictures(
        self,
        works: pd.DataFrame,  # `image_path` is relative to the folder of the file
        home: Home,  # where the copies go
        report: Counter,  # gets the pictures that are missing, by reason
    ) -> pd.Series:
        "Copy the pictures that `image_path` names, relative to the folder of the file"
        return copy_pictures(works, self.path.parent, home, self.settings.picture_size, report)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_cell(v: Any, kind: str) -> Any:
    "A cell of a file as our column of this kind wants it"
    if kind == "list":
        return as_list(v)
    if kind == "number":
        return as_year(v)
    return ", ".join(as_list(v)) if isinstance(v, list | tuple) else v

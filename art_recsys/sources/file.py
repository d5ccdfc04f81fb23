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
from art_recsys.core import ARTWORK_COLS, ARTWORK_KINDS, EVENT_COLS, USER_COLS, Cols

from .base import Source
from .encodings import check_utf8
from .pictures import copy_pictures
from .records import as_list, as_year, years_in

__all__ = ["FileSource", "file_columns", "file_reader", "match_columns", "parse_columns", "query_file", "read_table"]

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
_TABLES = {"artworks": ARTWORK_COLS, "users": USER_COLS, "events": EVENT_COLS}
_REQUIRED = {
    "artworks": [Cols.artwork_id, Cols.title],
    "users": [Cols.user_id],
    "events": [Cols.user_id, Cols.artwork_id, Cols.event, Cols.ts],
}
_IDS = (Cols.event_id, Cols.user_id, Cols.artwork_id)
_FLOATS = ("DOUBLE", "FLOAT")


# ---- any file


def query_file(
    sql: str,  # a query that reads the file with the expression of `file_reader`
    path: Path,  # the file, for the message
    remedy: str = "check that the file is complete",  # for the message
) -> duckdb.DuckDBPyConnection:
    """Run a query that can read this file, and neither read nor write another.

    Raises `UserError` with the name of the file where DuckDB raises.
    """
    con, names = duckdb.connect(), ", ".join(_quoted(n, "'") for n in (str(path), _literal(path)))
    con.execute(f"SET allowed_paths = [{names}]; SET enable_external_access = false; SET lock_configuration = true")
    try:
        return con.execute(sql)
    except duckdb.Error as e:
        if not path.name.endswith((".parquet", ".pq")):
            check_utf8(path, whole=True)
        raise UserError(f"{path.name} cannot be read: {str(e).splitlines()[0]}", remedy) from None


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace(mark, 2 * mark) + mark


def _literal(path: Path) -> str:
    "The path as a pattern that only this file fits; DuckDB takes every name for a pattern"
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


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
        raise UserError(
            f"There is no file {path}.",
            "correct artworks_file (--artworks), users_file (--users) or events_file (--events)",
        )
    reader, name, extra = _READERS[suffix.lower()], _quoted(_literal(path), "'"), ""
    if reader != "read_parquet":
        check_utf8(path)
    if reader == "read_csv":
        types = ", ".join(f"{_quoted(t, chr(39))}: 'VARCHAR'" for t in texts)
        extra = (f", types={{{types}}}" if types else "") + ", sample_size=-1"
    if reader == "read_json" and texts:  # a number of more than 64 bits would lose its last digits
        kinds = _types(f"{reader}({name})", path)
        kinds |= {t: "VARCHAR" for t in texts if kinds.get(t) in _FLOATS}
        columns = ", ".join(f"{_quoted(c, chr(39))}: {_quoted(kind, chr(39))}" for c, kind in kinds.items())
        extra = f", columns={{{columns}}}"
    return f"{reader}({name}{extra})"


def _types(reader: str, path: Path) -> dict[str, str]:  # column -> DuckDB's name of its type
    return {row[0]: row[1] for row in query_file(f"DESCRIBE SELECT * FROM {reader}", path).fetchall()}


def file_columns(
    path: Path,  # as for `file_reader`
) -> list[str]:
    "The column names of a file, without reading its rows. Raises `UserError` as `file_reader` and `query_file` do."
    return list(_types(file_reader(path), path))


def _fields(ours: dict[str, str], reader: str, path: Path) -> list[str]:
    """The SQL of each of our columns, ids as exact text.

    Raises `UserError` for ids that are floating point numbers so large that their last digits are lost.
    """
    kinds, out = _types(reader, path), []
    for name, theirs in ours.items():
        field, kind = _quoted(theirs, '"'), kinds[theirs]
        if name in _IDS and kind in _FLOATS:
            largest = query_file(f"SELECT max(abs({field})) FROM {reader}", path).fetchone()
            if largest and largest[0] is not None and largest[0] > 2**53:
                raise UserError(
                    f"{path.name}: {theirs} holds floating point numbers above 2^53, whose last digits are lost, "
                    f"so they cannot be ids.",
                    f"write {theirs} as text (or as whole numbers) where the file is made",
                )
        elif name in _IDS and kind == "VARCHAR" and reader.startswith("read_json"):
            field = rf"regexp_replace({field}, '^(-?\d+)\.0+$', '\1')"  # 7.0 is 7
        elif name in _IDS:
            field = f"CAST({field} AS VARCHAR)"
        out.append(f"{field} AS {name}")
    return out


def read_table(
    path: Path,  # as for `file_reader`
    table: str,  # `users` or `events`
    columns: str,  # the setting
) -> pd.DataFrame:  # columns of ours that the file has, by our names, then its others
    "A table of the user's from a file, with exact ids. Raises `UserError` as `match_columns` and `query_file` do."
    there = file_columns(path)
    ours = match_columns(there, columns, path, table)
    reader = file_reader(path, [ours[c] for c in _IDS if c in ours])
    fields = _fields(ours, reader, path)
    fields += [_quoted(c, '"') for c in there if c not in ours.values() and c not in ours]
    return query_file(f"SELECT {', '.join(fields)} FROM {reader}", path).df()


# ---- the setting `columns`


def parse_columns(
    columns: str,  # pairs `our_column=file_column` with commas between them; `events.ts=time` is for another table
    table: str = "artworks",  # or `users` or `events`
) -> dict[str, str]:
    "The setting `columns` as our column -> file column of a table. Raises `UserError` for a pair that cannot be read."
    out = {}
    for pair in (p.strip() for p in columns.split(",") if p.strip()):
        ours, eq, theirs = (x.strip() for x in pair.partition("="))
        if not (eq and ours and theirs):
            raise UserError(
                f"columns: {pair!r} is not of the form our_column=file_column.",
                'write for example --columns "category=type,tags=subjects"',
            )
        of, dot, name = ours.rpartition(".")
        of = of if dot else "artworks"
        if of not in _TABLES:
            raise UserError(
                f"columns: {of} is not one of our tables.{did_you_mean(of, _TABLES)}",
                f"before the dot stands one of: {', '.join(_TABLES)}",
            )
        if name not in (known := _TABLES[of]):
            raise UserError(
                f"columns: {ours} is not one of our columns.{did_you_mean(name, known)}",
                f"left of = stands one of: {', '.join(known)}"
                + ("; a column of users or events is named events.ts" if of == "artworks" else ""),
            )
        if of == table:
            out[name] = theirs
    return out


def match_columns(
    there: list[str],  # columns of the file
    columns: str,  # the setting
    path: Path,  # the file, for the message
    table: str = "artworks",  # or `users` or `events`
) -> dict[str, str]:
    """Our column -> file column: what the setting says, completed by columns of the same name.

    Raises `UserError` for a file column that is not there, and where no column gives what every row needs.
    """
    mapping, before = parse_columns(columns, table), "" if table == "artworks" else f"{table}."
    for ours, theirs in mapping.items():
        if theirs not in there:
            near = did_you_mean(theirs, there)
            raise UserError(
                f"{path.name} has no column {theirs} (meant as {ours}).{near} It has: {', '.join(there)}.",
                f"correct it in --columns (setting columns): {before}{ours}=...",
            )
    out = {c: mapping.get(c, c) for c in _TABLES[table] if c in mapping or c in there}
    for must in _REQUIRED[table]:
        if must in out:
            continue
        near = did_you_mean(must, there) or did_you_mean(must.partition("_")[0] if "_" in must else must, there)
        near = near or did_you_mean(must.removeprefix("artwork_"), there)
        one = "artwork" if table == "artworks" else table.removesuffix("s")
        raise UserError(
            f"{path.name} has no column {must}, and every {one} needs one.{near} It has: {', '.join(there)}.",
            f"say which column it is with --columns {before}{must}=... (setting columns)",
        )
    return out


# ---- the source


def checked_condition(where: str) -> str:
    "The setting `where`, if it is one SQL expression (or empty): it is put into a query. Raises `UserError`."
    if where:
        try:
            duckdb.SQLExpression(where)  # refuses a second statement, a second expression, and clauses after it
        except duckdb.Error as e:
            raise UserError(
                f"where = {where} is not a condition: {str(e).splitlines()[0]}",
                "write one SQL expression on the columns of the file, for example: year > 1800",
            ) from None
    return where


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
        where, texts = checked_condition(self.settings.where), {self.columns[Cols.artwork_id], self.columns[Cols.title]}
        reader = file_reader(self.path, texts)
        sql = f"SELECT {', '.join(_fields(self.columns, reader, self.path))} FROM {reader}"
        sql += f" WHERE ({where}\n)" if where else ""
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


def _as_cell(v: Any, kind: str) -> Any:
    "A cell of a file as our column of this kind wants it"
    if kind == "list":
        return as_list(v)
    if kind == "number":
        return as_year(v)
    return ", ".join(as_list(v)) if isinstance(v, list | tuple) else v

"""Two engines for the same expressions: DuckDB on this machine, and a Spark session.

Ibis compiles an expression to SQL; the engines run it themselves. (Ibis 12 cannot drive DuckDB 2: it sends a statement
that DuckDB 2 no longer parses. Its compiler needs no connection.)
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

__all__ = ["DuckEngine", "SparkEngine", "quoted", "sql_of"]

ROWS = 2**19  # rows in memory at once where a table is streamed


def sql_of(
    table: ir.Table,  # an expression
    dialect: str,  # `duckdb` or `pyspark`
) -> str:
    "An expression as SQL"
    if dialect == "pyspark":
        _ = ibis.pyspark  # its compiler reads options that only the loaded backend has
    return str(ibis.to_sql(table, dialect=dialect))


def quoted(text: str) -> str:
    "A string of SQL"
    return "'" + text.replace("'", "''") + "'"


class DuckEngine:
    """DuckDB with a limit on its memory; what does not fit goes to files in a folder.

    Use it in a `with` block: the connection is closed at its end.
    """

    def __init__(
        self,
        spill: Path,  # a folder for what does not fit into memory
        memory: str = "2GB",  # limit of DuckDB's own memory
        threads: int | None = None,  # as many as there are cores where None
    ):
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET preserve_insertion_order = false")
        self.con.execute(f"SET memory_limit = {quoted(memory)}; SET temp_directory = {quoted(str(spill))}")
        if threads:
            self.con.execute(f"SET threads = {int(threads)}")

    def __enter__(self) -> "DuckEngine":
        return self

    def __exit__(self, *_: Any) -> None:
        self.con.close()

    def add(
        self,
        name: str,  # of the table in expressions
        source: Path | pa.Table,  # a Parquet file or a folder of them, or rows in memory
    ) -> None:
        "Make a table known by name"
        if isinstance(source, pa.Table):
            self.con.register(name, source)
            return
        files = str(source / "**/*.parquet") if source.is_dir() else str(source)
        self.con.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({quoted(files)})")

    def batches(
        self,
        table: ir.Table,  # an expression over the tables that were added
        rows: int = ROWS,  # per batch, at most
    ) -> Iterator[pa.RecordBatch]:
        "The rows, batch by batch: never all of them in memory"
        yield from self.con.sql(sql_of(table, "duckdb")).to_arrow_reader(rows)

    def count(
        self,
        table: ir.Table,  # as for `batches`
    ) -> int:
        "How many rows there are"
        return int(self.con.sql(sql_of(table.count().name("n").as_table(), "duckdb")).fetchall()[0][0])

    def write(
        self,
        table: ir.Table,  # as for `batches`
        file: Path,  # Parquet
    ) -> None:
        "Write the rows to a file"
        self.con.execute(f"COPY ({sql_of(table, 'duckdb')}) TO {quoted(str(file))} (FORMAT parquet)")


class SparkEngine:
    "A Spark session; its time zone is set to UTC"

    def __init__(
        self,
        spark: Any,  # `pyspark.sql.SparkSession`
    ):
        self.spark = spark
        spark.conf.set("spark.sql.session.timeZone", "UTC")

    def add(
        self,
        name: str,  # of the table in expressions
        source: Any,  # a Parquet path that Spark can read, or a Spark DataFrame
    ) -> None:
        "Make a table known by name"
        frame = source if hasattr(source, "createOrReplaceTempView") else self.spark.read.parquet(str(source))
        frame.createOrReplaceTempView(name)

    def frame(
        self,
        table: ir.Table,  # an expression over the tables that were added
    ) -> Any:  # `pyspark.sql.DataFrame`
        "The rows as a Spark DataFrame, which nothing has computed yet"
        return self.spark.sql(sql_of(table, "pyspark"))

    def write(
        self,
        table: ir.Table,  # as for `frame`
        path: str | Path,  # a folder of Parquet files, replaced
    ) -> None:
        "Write the rows to files"
        self.frame(table).write.mode("overwrite").parquet(str(path))

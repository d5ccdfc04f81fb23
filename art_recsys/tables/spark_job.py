"""The program of a PYSPARK job: the heavy tables of `expressions` by Spark.

Upload this file and set it as the `appPath` of a job of type PYSPARK, in an environment in which the wheel of this
package and `ibis-framework` are installed. It reads the log from Parquet files, such as those of the feature group
`interactions` (its `location`), and writes one folder of Parquet files per table:

    spark_job.py --events hdfs:///.../interactions_1 --out hdfs:///Projects/museum/Resources/tables
"""

import argparse
from collections.abc import Sequence

from art_recsys.tables.engines import SparkEngine
from art_recsys.tables.expressions import TABLES, events_table


def main(
    given: Sequence[str] | None = None,  # those of the command line where None
) -> None:
    "Make the tables"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", required=True, help="Parquet files of the log, with the columns of events")
    parser.add_argument("--out", required=True, help="folder of the tables; each gets a folder of its own")
    parser.add_argument("--only", default=",".join(TABLES), help="names of the tables, with commas between them")
    args, _ = parser.parse_known_args(given)  # a scheduler appends -start_time and -end_time
    from pyspark.sql import SparkSession  # not everybody who has the package has Spark

    engine = SparkEngine(SparkSession.builder.appName("art_recsys tables").getOrCreate())
    engine.add("events", args.events)
    for name in args.only.split(","):
        engine.write(TABLES[name](events_table()), f"{args.out}/{name}")


if __name__ == "__main__":
    main()

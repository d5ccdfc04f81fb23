"""The heavy tables of a log, each written once: DuckDB makes them on one machine, Spark on a cluster.

`expressions` says what is in each table, with Ibis (https://ibis-project.org), which turns it into the SQL of either
engine. `engines` runs that SQL. `long_log` feeds the features stage from it where a log is too long for pandas, and
`spark_job` is the program of a PYSPARK job.
"""

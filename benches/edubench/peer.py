"""One peer engine in a process of its own: statements come pickled on stdin, answers leave pickled on stdout.

Usage: peer.py ENGINE CONFIG.json, with ENGINE one of those at the end. The configuration names the
Parquet files of each table, the number of threads and the memory limit. `run.py` starts it; it is of no use alone.
"""

import json
import os
import pickle
import sys
import time


class DuckDB:
    """Views over the Parquet files."""

    def __init__(self, config):
        import duckdb

        self.connection = duckdb.connect(self.database(config))
        self.connection.execute(f"set threads = {config['threads']}")
        self.connection.execute(f"set memory_limit = '{config['memory_bytes'] >> 20}MiB'")
        self.connection.execute(f"set temp_directory = '{config['spill']}'")
        # Footers are kept between statements, as the others do.
        self.connection.execute("set parquet_metadata_cache = true")
        self.version = duckdb.__version__
        self.create(config)

    def database(self, config):
        return ":memory:"

    def create(self, config):
        self.connection.execute("create schema if not exists raw")
        for name in config["tables"]:
            self.connection.execute(f"create or replace view raw.{name} as {self.scan(config, name)}")

    def scan(self, config, name):
        return (
            f"select * from read_parquet('{config['mirror']}/{name}/*/*/*.parquet', hive_partitioning = true, "
            "hive_types = {'year': integer, 'region': integer})"
        )

    def table(self, sql):
        return self.connection.sql(sql).to_arrow_table()

    def rows(self, sql):
        cursor = self.connection.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()

    def explain(self, sql):
        return self.connection.execute("explain analyze " + sql).fetchall()[0][1]


class NativeDuckDB(DuckDB):
    """Its own tables in its own file, in the order of the Parquet files."""

    def database(self, config):
        return config["native"]

    def create(self, config):
        made = self.connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
        self.connection.execute("create schema if not exists raw")
        for name in config["tables"]:
            if (name,) not in made:
                self.connection.execute(f"create table raw.{name} as {self.scan(config, name)}")


class SummaryDuckDB(NativeDuckDB):
    """The file of tables made by hand; the raw files are views, to make them from."""

    def create(self, config):
        DuckDB.create(self, config)


class Polars:
    """Lazy frames under SQL; a variant file may hold an expression of its Python interface instead."""

    def __init__(self, config):
        os.environ["POLARS_MAX_THREADS"] = str(config["threads"])
        import polars

        self.polars = polars
        self.version = polars.__version__
        hive = {"year": polars.Int32, "region": polars.Int32}
        self.frames = {
            name: polars.scan_parquet(
                f"{config['mirror']}/{name}/*/*/*.parquet", hive_partitioning=True, hive_schema=hive
            )
            for name in config["tables"]
        }
        self.context = polars.SQLContext(self.frames)

    def frame(self, sql):
        if sql.startswith("#"):
            names = {"pl": self.polars, **self.frames}
            exec(sql, names)
            return names["result"]
        return self.context.execute(sql.replace("raw.", ""))

    def table(self, sql):
        return self.frame(sql).collect()

    def rows(self, sql):
        table = self.table(sql)
        return table.columns, table.rows()

    def explain(self, sql):
        return self.frame(sql).explain()


class ChDB:
    """Views over the Parquet files; nulls and casts as in standard SQL."""

    SETTINGS = (
        "join_use_nulls = 1, group_by_use_nulls = 1, cast_keep_nullable = 1, "
        "use_hive_partitioning = 1, allow_experimental_analyzer = 1"
    )

    def __init__(self, config):
        import chdb
        import chdb.session

        self.version = chdb.__version__
        self.session = chdb.session.Session(config["spill"] + "/chdb")
        for setting in (
            self.SETTINGS.split(", ")
            + [f"max_threads = {config['threads']}", f"max_memory_usage = {config['memory_bytes']}"]
        ):
            self.session.query("set " + setting)
        self.session.query("create database if not exists raw")
        for name in config["tables"]:
            self.session.query(f"drop view if exists raw.{name}")
            self.session.query(
                f"create view raw.{name} as select * replace (toInt32(year) as year, toInt32(region) as region) "
                f"from file('{config['mirror']}/{name}/*/*/*.parquet', Parquet)"
            )

    def table(self, sql):
        return self.session.query(sql, "ArrowStream").bytes()

    def rows(self, sql):
        import pyarrow

        table = pyarrow.ipc.open_stream(pyarrow.py_buffer(self.table(sql))).read_all()
        is_binary = pyarrow.types.is_binary
        texts = [column.cast(pyarrow.string()) if is_binary(column.type) else column for column in table.columns]
        return table.column_names, list(zip(*[column.to_pylist() for column in texts])) if texts else []

    def explain(self, sql):
        return self.session.query("explain plan actions = 1 " + sql, "TSV").data()


class DataFusion:
    """The engine that Bilim embeds, as its wheel comes: what ours adds or costs. The options are our session's."""

    OPTIONS = {
        "datafusion.optimizer.enable_join_dynamic_filter_pushdown": "false",
        "datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown": "false",
        "datafusion.optimizer.hash_join_single_partition_threshold": "67108864",
        "datafusion.optimizer.hash_join_single_partition_threshold_rows": "2000000",
    }

    def __init__(self, config):
        import datafusion
        import pyarrow

        self.version = datafusion.__version__
        session = datafusion.SessionConfig(self.OPTIONS).with_target_partitions(config["threads"])
        runtime = datafusion.RuntimeEnvBuilder().with_fair_spill_pool(config["memory_bytes"])
        self.context = datafusion.SessionContext(session, runtime)
        self.context.sql("create schema raw").collect()
        keys = [("year", pyarrow.int32()), ("region", pyarrow.int32())]
        for name in config["tables"]:
            self.context.register_parquet(name, f"{config['mirror']}/{name}", table_partition_cols=keys)

    def table(self, sql):
        # A registered name has no schema.
        return self.context.sql(sql.replace("raw.", "")).to_arrow_table()

    def rows(self, sql):
        table = self.table(sql)
        return table.column_names, list(zip(*[column.to_pylist() for column in table.columns]))

    def explain(self, sql):
        return self.rows("explain analyze " + sql)[1][0][1]


ENGINES = {
    "datafusion": DataFusion, "duckdb": DuckDB, "duckdb_native": NativeDuckDB, "duckdb_summary": SummaryDuckDB,
    "polars": Polars, "chdb": ChDB,
}


def main():
    # What an engine prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(sys.argv[2]) as file:
        config = json.load(file)
    os.makedirs(config["spill"], exist_ok=True)
    engine = ENGINES[sys.argv[1]](config)

    def answer(value):
        pickle.dump(value, answers)
        answers.flush()

    answer({"version": engine.version})
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            if request["op"] == "rows":
                columns, rows = engine.rows(request["sql"])
                answer({"columns": columns, "rows": rows})
            elif request["op"] == "explain":
                answer({"plan": engine.explain(request["sql"])})
            else:
                wall, cpu = time.perf_counter(), time.process_time()
                engine.table(request["sql"])
                answer(
                    {"ms": (time.perf_counter() - wall) * 1000, "cpu_ms": (time.process_time() - cpu) * 1000}
                )
        except BaseException as error:
            answer({"error": f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]})


if __name__ == "__main__":
    main()

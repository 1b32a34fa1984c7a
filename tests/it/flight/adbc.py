"""ADBC's Flight SQL driver: what a notebook does, from signing in to cancelling."""

import base64
import faulthandler
import os
import subprocess
import threading
import time
import urllib.request

import adbc_driver_flightsql.dbapi as flight
import adbc_driver_manager
import pandas
import polars
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.ipc

# Who waits for ever says where.
faulthandler.dump_traceback_later(240, exit=True)

URI, USER, PASSWORD = (os.environ[name] for name in ("BILIM_URI", "BILIM_USER", "BILIM_PASSWORD"))


def connect(**more):
    return flight.connect(URI, db_kwargs={"username": USER, "password": PASSWORD, **more}, autocommit=True)


def refused(work, *words, error=adbc_driver_manager.Error):
    try:
        work()
    except error as problem:
        for word in words:
            assert word in str(problem), (word, str(problem))
        return str(problem)
    raise AssertionError(f"not refused: {words}")


def ask(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetch_arrow_table()


def metric(name):
    text = urllib.request.urlopen(f"http://{os.environ['BILIM_HTTP']}/metrics").read().decode()
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))


def signing_in():
    refused(lambda: ask(flight.connect(URI, autocommit=True), "select 1"), "sign in")
    wrong = {"username": USER, "password": "wrong"}
    refused(lambda: flight.connect(URI, db_kwargs=wrong, autocommit=True), "not valid")
    refused(lambda: flight.connect(URI, db_kwargs={**wrong, "username": "nobody"}, autocommit=True), "not valid")
    for value in ("Bearer nonsense", "Basic !!!", "Digest x", "Bearer", ""):
        options = {"adbc.flight.sql.authorization_header": value or " "}
        refused(lambda: ask(flight.connect(URI, db_kwargs=options, autocommit=True), "select 1"))
    # A proof on every call instead of a handshake.
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    options = {"adbc.flight.sql.authorization_header": f"Basic {pair}"}
    with flight.connect(URI, db_kwargs=options, autocommit=True) as connection:
        assert ask(connection, "select 7 as n").to_pydict() == {"n": [7]}


def arrow_bytes(table):
    """The table as one record batch of an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()


def answers(connection):
    """The same as `bilim sql` on the same lake version, byte for byte, the first time and from memory."""
    statements = [
        "select * from raw.s1_pupil order by pid",
        "select org_bin, count(*) as n, min(birth) as b, max(sex) as s from raw.s1_pupil group by 1 order by 1",
        "select * from ref.geo order by geo_id, valid_from",
        "select * from mart.indicator where indicator = 'CON-01' and year = 2024 and "
        "breakdown = 'total' order by tier, geo_code, level",
        "select 1 as a, 2 as a2, null as b, 'ә' as c, cast(1.5 as decimal(9,2)) as d, date '2024-10-01' as e",
        "select * from raw.s1_pupil where year = 1999",
        "select arrow_cast('x', 'Utf8View') as v, arrow_cast('y', 'Dictionary(Int32, Utf8)') as d, [1, 2] as l",
        "select a.org_bin, b.org_bin as other from raw.s1_org a left join raw.s1_org b "
        "on a.org_bin = b.org_bin and b.year = 2023 order by 1",
        "select count(*) from raw.s1_pupil",
    ]
    for sql in statements:
        reused = metric("bilim_answers_reused_total")
        got, again = ask(connection, sql), ask(connection, sql)
        assert metric("bilim_answers_reused_total") == reused + 1, sql
        command = [os.environ["BILIM"], "sql", sql, "--format", "arrow", "--output", "answer.arrow"]
        subprocess.run(command, check=True, capture_output=True)
        due = pa.ipc.open_file("answer.arrow").read_all()
        assert got.schema.equals(due.schema, check_metadata=True), (sql, got.schema, due.schema)
        assert arrow_bytes(got) == arrow_bytes(again) == arrow_bytes(due), sql
    reused = metric("bilim_answers_reused_total")
    for sql in ("select random() as r", "select now() as t", "select count(*) as n from meta.query"):
        assert ask(connection, sql) != ask(connection, sql), sql
    assert metric("bilim_answers_reused_total") == reused
    with connect(**{"adbc.flight.sql.rpc.call_header.bilim-schema": "raw"}) as elsewhere:
        refused(lambda: ask(connection, "select count(*) as n from s1_pupil"), "s1_pupil")
        assert ask(elsewhere, "select count(*) as n from s1_pupil").to_pydict()["n"][0] > 0


def parameters(connection):
    sql = "select count(*) as n from raw.s1_pupil where org_bin = ? and year = ? and sex like ?"
    org = ask(connection, "select min(org_bin) as b from raw.s1_pupil").to_pydict()["b"][0]
    direct = ask(connection, sql.replace("?", str(org), 1).replace("?", "2024", 1).replace("?", "'f%'", 1))
    assert ask(connection, sql, [org, 2024, "f%"]) == direct
    assert direct.to_pydict()["n"][0] > 0
    many = "select " + ", ".join(f"? as c{n}" for n in range(12))
    assert ask(connection, many, list(range(12))).to_pydict() == {f"c{n}": [n] for n in range(12)}
    numbered = "select " + ", ".join(f"${n} as c{n}" for n in range(12, 0, -1))
    got = ask(connection, numbered, [f"v{n}" for n in range(1, 13)]).to_pydict()
    assert got == {f"c{n}": [f"v{n}"] for n in range(1, 13)}, got
    assert ask(connection, "select ? is null as n", [None]).to_pydict() == {"n": [True]}
    refused(lambda: ask(connection, sql, [1]), "parameters")
    refused(lambda: ask(connection, sql, ["secret value", 1, "x"]), "must be Int64")
    with connection.cursor() as cursor:
        cursor.adbc_prepare(sql)
        for _ in range(3):
            cursor.execute(sql, [org, 2024, "f%"])
            assert cursor.fetch_arrow_table() == direct
    # A value is a value, whatever it looks like.
    assert ask(connection, "select ? as t", ["'; drop table x --"]).to_pydict() == {"t": ["'; drop table x --"]}


def catalog(connection):
    for depth in ("catalogs", "db_schemas", "tables", "all"):
        objects = connection.adbc_get_objects(depth=depth).read_all().to_pylist()
        assert [entry["catalog_name"] for entry in objects] == ["bilim"], objects
    schemas = {entry["db_schema_name"]: entry for entry in objects[0]["catalog_db_schemas"]}
    assert {"raw", "staging", "ref", "mart", "gov", "meta"} <= set(schemas)
    tables = {table["table_name"]: table for table in schemas["raw"]["db_schema_tables"]}
    columns = {column["column_name"]: column for column in tables["s1_pupil"]["table_columns"]}
    assert columns["sex"]["xdbc_type_name"] == "VARCHAR", columns["sex"]
    one = connection.adbc_get_objects(
        depth="tables", catalog_filter="bilim", db_schema_filter="ma_t", table_name_filter="indic%"
    ).read_all().to_pylist()
    names = [table["table_name"] for table in one[0]["catalog_db_schemas"][0]["db_schema_tables"]]
    assert "indicator" in names and all(name.startswith("indic") for name in names), names
    schema = connection.adbc_get_table_schema("indicator", db_schema_filter="mart")
    # This driver hands descriptions on in the schema only.
    remarks = schema.field("value").metadata[b"ARROW:FLIGHT:SQL:REMARKS"]
    assert remarks.startswith(b"Value in the unit"), remarks
    assert schema.field("year").type == pa.int32() and schema.field("value").type == pa.float64()
    assert connection.adbc_get_table_types() == ["TABLE", "VIEW"]
    info = connection.adbc_get_info()
    assert info["vendor_name"] == "Bilim", info
    with connection.cursor() as cursor:
        planned = cursor.adbc_execute_schema("select year, count(*) as n from raw.s1_pupil group by year")
        assert planned.names == ["year", "n"], planned
        cursor.execute("select year, count(*) as n from raw.s1_pupil group by year")
        assert cursor.fetch_arrow_table().schema == planned


def libraries(connection):
    sql = "select org_bin, count(*) as n from raw.s1_pupil group by org_bin order by org_bin"
    frame = pandas.read_sql(sql, connection)
    assert list(frame.columns) == ["org_bin", "n"] and frame["n"].sum() == 500
    assert polars.read_database(sql, connection)["n"].sum() == 500


def refusals(connection):
    for sql in (
        "insert into raw.s1_pupil values (1)",
        "create table x as select 1",
        "drop table raw.s1_pupil",
        "copy raw.s1_pupil to '/tmp/x.csv'",
        "set datafusion.execution.batch_size = 1",
        "explain analyze select 1",
        "select * from information_schema.df_settings",
    ):
        refused(lambda: ask(connection, sql), "refused")
    refused(lambda: ask(connection, "select * from '/etc/passwd'"))
    refused(lambda: ask(connection, 'select * from "/etc/passwd"'), "there is no table")
    refused(lambda: ask(connection, "selec 1"), "line 1, column 1")
    refused(lambda: ask(connection, "select 1; select 2"), "one statement at a time")
    refused(lambda: ask(connection, "select * from mart.indicatr"), "did you mean mart.indicator")
    refused(lambda: ask(connection, "select " + " + ".join(["1"] * 20000)), "operators")
    problem = refused(
        lambda: ask(connection, "select cast(name_ru as bigint) from raw.s1_org"), "cannot be read as the type", "incident"
    )
    assert "Школа" not in problem, problem
    refused(lambda: ask(connection, "select 1 / (year - 2024) from raw.s1_org"), "division by zero")
    refused(lambda: connection.cursor().executemany("insert into x values (?)", [[1]]))


def options(connection):
    raw = connection.adbc_connection
    assert connection.adbc_current_catalog == "bilim"
    assert connection.adbc_current_db_schema == "mart"
    key = "adbc.flight.sql.session.option."
    live = ask(connection, "select count(*) as n from raw.s1_pupil").to_pydict()["n"]
    raw.set_options(**{key + "as_of": "1"})
    assert ask(connection, "select count(*) as n from raw.s1_pupil").to_pydict()["n"] != live
    assert ask(connection, "select lake_version as v from meta.lake_version").to_pydict()["v"] == [1]
    raw.set_options(**{key + "as_of": ""})
    assert ask(connection, "select count(*) as n from raw.s1_pupil").to_pydict()["n"] == live
    raw.set_options(**{key + "schema": "raw"})
    assert ask(connection, "select count(*) as n from s1_pupil").to_pydict()["n"] == live
    raw.set_options(**{key + "schema": "mart"})
    refused(lambda: raw.set_options(**{key + "datafusion.execution.batch_size": "1"}))
    refused(lambda: raw.set_options(**{key + "lang": "de"}))
    raw.set_options(**{key + "as_of": "99"})
    refused(lambda: ask(connection, "select 1"), "versions 0 to")
    raw.set_options(**{key + "as_of": ""})
    # Options are the session's own.
    raw.set_options(**{key + "timeout": "0.3"})
    started = time.monotonic()
    refused(lambda: ask(connection, HEAVY), "longer than it may")
    assert time.monotonic() - started < 5
    with connect() as other:
        assert ask(other, "select count(*) as n from raw.s1_pupil").to_pydict()["n"] == live
    raw.set_options(**{key + "timeout": ""})
    header = {"adbc.flight.sql.rpc.call_header.bilim-as-of": "1"}
    with connect(**header) as pinned:
        assert ask(pinned, "select lake_version as v from meta.lake_version").to_pydict()["v"] == [1]


HEAVY = (
    "select count(*) from generate_series(1, 10000) a cross join (select b.value as v, c.value as w from "
    "generate_series(1, 10000) b cross join generate_series(1, 10000) c) d where a.value + d.v + d.w = 5"
)


def idle_within(seconds):
    started = time.monotonic()
    while metric("bilim_queries_running") > 0:
        assert time.monotonic() - started < seconds, "a cancelled statement goes on"
        time.sleep(0.02)


def cancelling():
    with connect() as connection, connection.cursor() as cursor:
        threading.Timer(1.0, cursor.adbc_cancel).start()
        started = time.monotonic()
        refused(lambda: (cursor.execute(HEAVY), cursor.fetch_arrow_table()), "anceled")
        assert time.monotonic() - started < 5
    idle_within(3)


def ingesting(connection):
    """Rows of a form go through the checks and the commit of a file."""
    def ingest(rows, on=connection, table="s1_org", mode="append", schema="raw"):
        with on.cursor() as cursor:
            return cursor.adbc_ingest(table, rows, mode=mode, db_schema_name=schema)

    def one(sql):
        return next(iter(ask(connection, sql).to_pydict().values()))[0]

    types = connection.adbc_get_table_schema("s1_org", db_schema_filter="raw")
    kinds = pyarrow.csv.ConvertOptions(strings_can_be_null=True, column_types={
        name: types.field(name).type for name in open("org.csv").readline().strip().split(",")
    })
    rows = pyarrow.csv.read_csv("org.csv", convert_options=kinds)

    def changed(column, value):
        at = rows.column_names.index(column)
        return rows.set_column(at, column, pa.array([value] * rows.num_rows, types.field(column).type))

    before = one("select count(*) from gov.submission")
    better = changed("design_capacity", 555)
    assert ingest(better) == 3
    assert ask(connection, "select distinct design_capacity as c from raw.s1_org").to_pydict() == {"c": [555]}
    assert one("select count(*) from gov.submission") == before + 1
    # The same rows, cut otherwise, are the same submission.
    assert ingest(pa.Table.from_batches(better.to_batches(max_chunksize=1))) == 3
    assert one("select count(*) from gov.submission") == before + 1
    # A column of another type is a finding like any other.
    at = better.column_names.index("shifts")
    refused(lambda: ingest(better.set_column(at, "shifts", better["shifts"].cast(pa.string()))), "F-TYPE")
    with connect(**{"adbc.flight.sql.rpc.call_header.bilim-idempotency-key": "night-run-1"}) as keyed:
        third = changed("design_capacity", 556)
        assert ingest(third, keyed) == 3 and ingest(third, keyed) == 3
        refused(lambda: ingest(changed("design_capacity", 557), keyed), "night-run-1", "was used")
        name = one("select file_name from gov.submission order by submission desc limit 1")
        assert name == "flight-key-night-run-1.parquet", name
    told = refused(lambda: ingest(changed("shifts", 9)), "rejected", "shifts", "gov.finding")
    number = one("select max(submission) from gov.submission where outcome = 'rejected'")
    assert f"submission {number} is rejected" in told, told
    assert one(f"select count(*) from gov.finding where submission = {number}") >= 3
    assert ask(connection, "select distinct design_capacity as c from raw.s1_org").to_pydict() == {"c": [556]}
    refused(lambda: ingest(rows, mode="create"), "append")
    refused(lambda: ingest(rows, mode="replace"), "append")
    refused(lambda: ingest(rows, table="nowhere"), "no form")
    refused(lambda: ingest(rows, schema="mart"), "no form")
    refused(lambda: ingest(rows.slice(0, 0)))


def watching(connection):
    lines = ask(connection, "select caller, outcome, statement from meta.query").to_pydict()
    # Its own line is there, still being planned when the table is read.
    assert USER in lines["caller"] and {"planning", "answered", "timeout", "left"} <= set(lines["outcome"]), lines
    for name in ("bilim_queries_total", "bilim_logins_total", "bilim_ingests_total", "bilim_sent_bytes_total"):
        text = urllib.request.urlopen(f"http://{os.environ['BILIM_HTTP']}/metrics").read().decode()
        assert name in text, name


def large(connection):
    sql = "select a.value * 10000 + b.value as n, a.value as a, b.value as b from generate_series(1, 300) a " \
          "cross join generate_series(0, 9999) b"
    table = ask(connection, sql)
    assert table.num_rows == 3_000_000
    assert pa.compute.count_distinct(table["n"]).as_py() == 3_000_000


with connect() as connection:
    signing_in()
    answers(connection)
    parameters(connection)
    catalog(connection)
    libraries(connection)
    refusals(connection)
    options(connection)
    cancelling()
    large(connection)
    ingesting(connection)
    watching(connection)
idle_within(3)
print("done")

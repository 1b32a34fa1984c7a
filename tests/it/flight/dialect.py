"""flightsql-dbapi with SQLAlchemy 1.4: what Superset uses."""

import faulthandler
import os

import flightsql.sqlalchemy  # noqa: F401  registers the dialect
from flightsql import FlightSQLClient, connect
from sqlalchemy import create_engine, inspect, text

# Who waits for ever says where.
faulthandler.dump_traceback_later(240, exit=True)

URI = os.environ["BILIM_URI"]
HOST, PORT = URI.removeprefix("grpc://").split(":")
USER, PASSWORD = os.environ["BILIM_USER"], os.environ["BILIM_PASSWORD"]

engine = create_engine(f"datafusion://{USER}:{PASSWORD}@{HOST}:{PORT}?insecure=true")
with engine.connect() as connection:
    assert connection.execute(text("select 1 as n")).fetchall() == [(1,)]
    rows = connection.execute(
        text("select org_bin, count(*) as n from raw.s1_pupil group by org_bin order by org_bin")
    ).fetchall()
    assert len(rows) == 3 and sum(row.n for row in rows) == 500, rows
    # An answer without rows still has its columns.
    empty = connection.execute(text("select year, org_bin from raw.s1_pupil where year = 1999"))
    assert list(empty.keys()) == ["year", "org_bin"] and empty.fetchall() == []

inspector = inspect(engine)
schemas = inspector.get_schema_names()
assert {"raw", "mart", "ref", "gov"} <= set(schemas), schemas
tables = inspector.get_table_names(schema="mart")
assert {"indicator", "dynamics", "ranking", "territory_profile"} <= set(tables), tables
columns = {column["name"]: column for column in inspector.get_columns("indicator", schema="mart")}
assert {"indicator", "year", "value", "geo_code"} <= set(columns), columns

# Without SQLAlchemy: the DB-API and the client below it, with a token instead of a password.
client = FlightSQLClient(host=HOST, port=int(PORT), insecure=True, user=USER, password=PASSWORD)
with connect(client) as connection:
    cursor = connection.cursor()
    cursor.execute("select 'ә' as letter")
    assert [tuple(row) for row in cursor.fetchall()] == [("ә",)]

for wrong in ("wrong", "correct-horse-batter"):
    try:
        create_engine(f"datafusion://{USER}:{wrong}@{HOST}:{PORT}?insecure=true").connect()
    except Exception as problem:
        assert "not valid" in str(problem) or "sign in" in str(problem), problem
    else:
        raise AssertionError("let in with a wrong password")
print("done")

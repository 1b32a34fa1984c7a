"""The calls of the JDBC driver and of Grafana's plugin, as they were recorded, sent by pyarrow.flight.

Both need programs that cannot run here (a JVM, Grafana), so what they send is replayed: the messages are written by
hand from Flight SQL's protocol file, which is all that pyarrow knows of it.
"""

import base64
import faulthandler
import os

import pyarrow as pa
import pyarrow.flight as flight
import pyarrow.ipc

# Who waits for ever says where.
faulthandler.dump_traceback_later(240, exit=True)

URI, USER, PASSWORD = (os.environ[name] for name in ("BILIM_URI", "BILIM_USER", "BILIM_PASSWORD"))
PREFIX = "type.googleapis.com/arrow.flight.protocol.sql."


def varint(number):
    out = b""
    while True:
        byte, number = number & 0x7F, number >> 7
        out += bytes([byte | (0x80 if number else 0)])
        if not number:
            return out


def field(number, value):
    """One field of a protobuf message: text, bytes, a list of them, or a number."""
    if isinstance(value, list):
        return b"".join(field(number, each) for each in value)
    if isinstance(value, bool):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(**fields):
    return b"".join(field(int(name[1:]), value) for name, value in fields.items())


def any_of(name, body=b""):
    return field(1, PREFIX + name) + field(2, body)


def parse(data):
    """Fields of a message by number; the last of each."""
    found, at = {}, 0

    def number():
        nonlocal at
        shift = result = 0
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return result

    while at < len(data):
        key = number()
        if key & 7 == 0:
            found[key >> 3] = number()
        elif key & 7 == 2:
            length = number()
            found[key >> 3] = data[at:at + length]
            at += length
        else:
            raise AssertionError(f"wire type {key & 7}")
    return found


client = flight.connect(URI)


def handshake(header):
    """As drivers do it: the token comes back in a header."""

    class Factory(flight.ClientMiddlewareFactory):
        token = None

        def start_call(self, info):
            factory = self

            class Middleware(flight.ClientMiddleware):
                def received_headers(self, headers):
                    values = headers.get("authorization") or []
                    factory.token = values[0] if values else factory.token

            return Middleware()

    factory = Factory()
    with flight.connect(URI, middleware=[factory]) as own:
        class Quiet(flight.ClientAuthHandler):
            def authenticate(self, outgoing, incoming):
                outgoing.write(b"")
                incoming.read()

            def get_token(self):
                return b""

        own.authenticate(Quiet(), flight.FlightCallOptions(headers=[(b"authorization", header)]))
    return factory.token


basic = b"Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode())
pair = client.authenticate_basic_token(USER, PASSWORD)
assert pair[0] == b"authorization" and pair[1].startswith(b"Bearer "), pair
token = handshake(basic)
assert token.startswith("Bearer "), token
# The JDBC property `token` makes a handshake with the token itself.
again = handshake(token.encode())
assert again.startswith("Bearer "), again
OPTIONS = flight.FlightCallOptions(headers=[(b"authorization", token.encode())])


def act(kind, body):
    return [result.body.to_pybytes() for result in client.do_action(flight.Action(kind, body), OPTIONS)]


def info(name, body=b"", options=OPTIONS):
    return client.get_flight_info(flight.FlightDescriptor.for_command(any_of(name, body)), options)


def read(found):
    """What the driver checks: the schema of the rows is the one announced, nullability included."""
    assert len(found.endpoints) == 1, found.endpoints
    table = client.do_get(found.endpoints[0].ticket, OPTIONS).read_all()
    assert table.schema.equals(found.schema), (table.schema, found.schema)
    return table


def refused(work, *words):
    try:
        work()
    except (flight.FlightError, pa.ArrowException) as problem:
        for word in words:
            assert word in str(problem), (word, problem)
        return
    raise AssertionError(f"not refused: {words}")


# --- JDBC: connect with a catalog, then DatabaseMetaData as DBeaver reads it.
value = field(1, "bilim")
entry = field(1, "catalog") + field(2, value)
assert act("SetSessionOptions", field(1, entry)) == [b""]
stored = parse(act("GetSessionOptions", b"")[0])
assert stored, stored

everything = read(info("CommandGetSqlInfo"))
keys = everything.column("info_name").to_pylist()
assert keys == list(range(12)) + [100, 101] + list(range(500, 577)), keys
assert read(info("CommandGetCatalogs")).to_pydict() == {"catalog_name": ["bilim"]}
schemas = read(info("CommandGetDbSchemas", message(f1="bilim")))
assert "mart" in schemas.column("db_schema_name").to_pylist()
assert read(info("CommandGetDbSchemas", message(f1="nowhere"))).num_rows == 0
assert read(info("CommandGetTableTypes")).column(0).to_pylist() == ["TABLE", "VIEW"]
tables = read(info("CommandGetTables", message(f1="bilim", f2="%", f3="%")))
names = set(zip(tables.column("db_schema_name").to_pylist(), tables.column("table_name").to_pylist()))
assert {("raw", "s1_pupil"), ("mart", "indicator"), ("mart", "ranking")} <= names
columns = read(info("CommandGetTables", message(f2="raw", f3="s1\\_pupil", f5=True)))
assert columns.num_rows == 1, columns
schema = pa.ipc.read_schema(pa.py_buffer(columns.column("table_schema")[0].as_py()))
remarks = schema.field("grade").metadata[b"ARROW:FLIGHT:SQL:REMARKS"]
assert remarks, schema
views = read(info("CommandGetTables", message(f4=["VIEW"])))
assert set(views.column("table_type").to_pylist()) == {"VIEW"}

key = read(info("CommandGetPrimaryKeys", message(f1="bilim", f2="raw", f3="s1_pupil")))
assert key.column("column_name").to_pylist() == ["year", "pid", "org_bin", "enrol_from"], key
assert key.column("key_sequence").to_pylist() == [1, 2, 3, 4]
imported = read(info("CommandGetImportedKeys", message(f2="raw", f3="s1_pupil")))
assert ("s1_org", "org_bin") in zip(
    imported.column("pk_table_name").to_pylist(), imported.column("pk_column_name").to_pylist()
), imported
exported = read(info("CommandGetExportedKeys", message(f3="s1_org")))
assert "s1_pupil" in exported.column("fk_table_name").to_pylist()
cross = read(info("CommandGetCrossReference", message(f3="s1_org", f6="s1_pupil")))
assert cross.num_rows == 2, cross
assert read(info("CommandGetPrimaryKeys", message(f3="indicator"))).num_rows == 0
types = read(info("CommandGetXdbcTypeInfo"))
assert "BIGINT" in types.column("type_name").to_pylist()
assert read(info("CommandGetXdbcTypeInfo", field(1, 2**64 - 5))).num_rows == 1

# Statement.executeQuery: prepare, ask where, read. The columns are those of the preparation.
result = act("CreatePreparedStatement", any_of(
    "ActionCreatePreparedStatementRequest", message(f1="select year, count(*) as n from raw.s1_pupil group by year"),
))[0]
prepared = parse(parse(result)[2])
handle = prepared[1]
announced = pa.ipc.read_schema(pa.py_buffer(prepared[2]))
table = read(info("CommandPreparedStatementQuery", message(f1=handle)))
assert table.schema.equals(announced) and table.to_pydict() == {"year": [2024], "n": [500]}

# PreparedStatement with a parameter: its type, its value, the new handle.
result = act("CreatePreparedStatement", any_of(
    "ActionCreatePreparedStatementRequest", message(f1="select count(*) as n from raw.s1_pupil where grade = ?"),
))[0]
prepared = parse(parse(result)[2])
wanted = pa.ipc.read_schema(pa.py_buffer(prepared[3]))
assert wanted.types == [pa.string()] or wanted.types == [pa.int32()], wanted
descriptor = flight.FlightDescriptor.for_command(
    any_of("CommandPreparedStatementQuery", message(f1=prepared[1]))
)
values = pa.record_batch([pa.array(["3"]).cast(wanted.types[0])], names=["grade"])
writer, reader = client.do_put(descriptor, values.schema, OPTIONS)
writer.write_batch(values)
writer.done_writing()
bound = parse(reader.read().to_pybytes())[1]
writer.close()
assert read(info("CommandPreparedStatementQuery", message(f1=bound))).to_pydict() == {"n": [500]}
refused(lambda: info("CommandPreparedStatementQuery", message(f1=prepared[1])), "parameters")
act("ClosePreparedStatement", any_of("ActionClosePreparedStatementRequest", message(f1=handle)))

# Statement.executeUpdate: refused where it is prepared, not silently done.
refused(lambda: act("CreatePreparedStatement", any_of(
    "ActionCreatePreparedStatementRequest", message(f1="delete from raw.s1_pupil"),
)), "refused")

# --- Grafana: plain statements, all keys, tables of two kinds.
ticket = info("CommandStatementQuery", message(f1="select 1 as n, timestamp '2024-10-01 00:00:00' as time"))
assert read(ticket).num_rows == 1
base = read(info("CommandGetTables", message(f4=["BASE TABLE", "table"])))
assert ("mart", "ranking") in set(zip(
    base.column("db_schema_name").to_pylist(), base.column("table_name").to_pylist()
))
assert client.get_schema(flight.FlightDescriptor.for_command(
    any_of("CommandStatementQuery", message(f1="select 1 as n"))
), OPTIONS).schema.names == ["n"]

# --- What nobody sends by accident.
good = info("CommandStatementQuery", message(f1="select 1 as n"))
inside = good.endpoints[0].ticket.ticket
for place in range(0, len(inside), 7):
    edited = bytearray(inside)
    edited[place] ^= 1
    refused(lambda: client.do_get(flight.Ticket(bytes(edited)), OPTIONS).read_all())
for junk in (b"", b"select 1", b"\xff" * 100, any_of("TicketStatementQuery", message(f1=b"select 1")),
             any_of("TicketStatementQuery", message(f1=handle)), any_of("CommandGetCatalogs", b"\xff")):
    refused(lambda: client.do_get(flight.Ticket(junk), OPTIONS).read_all())
    refused(lambda: client.get_flight_info(flight.FlightDescriptor.for_command(junk), OPTIONS))
refused(lambda: client.do_get(good.endpoints[0].ticket).read_all(), "sign in")
refused(lambda: client.get_flight_info(good.descriptor), "sign in")
refused(lambda: list(client.do_action(flight.Action("GetSessionOptions", b""))), "sign in")
refused(lambda: list(client.list_actions()), "sign in")
refused(lambda: list(client.list_flights()), "sign in")
refused(lambda: act("DropEverything", b""), "no action")
assert {action.type for action in client.list_actions(OPTIONS)} >= {"CancelFlightInfo", "SetSessionOptions"}
assert list(client.list_flights(b"", OPTIONS)) == []

# A ticket and a handle are their caller's own, and a role sees what is its own.
def options_of(name):
    return flight.FlightCallOptions(headers=[client.authenticate_basic_token(name, PASSWORD)])


other, public = options_of("other"), options_of("everybody")
refused(lambda: client.do_get(good.endpoints[0].ticket, other).read_all(), "another caller's")
refused(lambda: info("CommandPreparedStatementQuery", message(f1=bound), other), "another caller's")
refused(lambda: list(client.do_action(flight.Action("CancelFlightInfo", field(1, good.serialize())), other)))
for sql in ("select * from raw.s1_pupil", "select * from staging.s1_pupil", "select * from meta.query",
            "explain select 1"):
    refused(lambda: info("CommandStatementQuery", message(f1=sql), public))
listed = client.do_get(info("CommandGetTables", b"", public).endpoints[0].ticket, public).read_all()
assert "raw" not in set(listed.column("db_schema_name").to_pylist()), listed
plan = read(info("CommandStatementQuery", message(f1="explain select * from raw.s1_pupil")))
assert "parquet" not in str(plan.to_pydict()).lower(), plan

# A cancelled statement is not read any more.
cancel = act("CancelFlightInfo", field(1, good.serialize()))
assert parse(cancel[0]) == {1: 1}, cancel
refused(lambda: client.do_get(good.endpoints[0].ticket, OPTIONS).read_all(), "cancelled")
assert parse(act("CloseSession", b"")[0]) == {1: 1}
print("done")

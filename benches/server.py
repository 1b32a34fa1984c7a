#!/usr/bin/env python3
"""The server beside a bare one, with many clients, and after many connections.

    python3 benches/server.py --lake FOLDER [--bilim PATH] [--only throughput,clients,connections]

Over a lake with marks and rollups, as `benches/edubench/canned.py` leaves one, `bilim serve` answers

- throughput: twenty million rows or more (whole years) of five whole numbers through ADBC, against a bare Flight server
  that streams the same batches from memory to the same driver; both in one run, in turn. At least 80 % are asked for.
- clients: the nine canned questions of `benches/edubench/canned.py` from sixteen clients that each ask again as soon as
  they are answered. At most 30 ms at the 99th percentile are asked for. Each is a process with pyarrow's client (where
  to read, then reading); ADBC's driver alone takes some milliseconds of the two cores an answer, and is timed beside
  with one client.
- connections: a thousand opened, used and closed; open files and resident memory of the server before and after.

Clients, bare server and ours share the machine, so times include the clients' own. Needs `cargo build --release` before; the
account `bench` is added to the lake.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PACKAGES = ["adbc-driver-flightsql==1.13.0", "adbc-driver-manager==1.13.0", "pyarrow==26.0.1"]
USER, PASSWORD = "bench", "a password of the bench alone"
COMMAND = "type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery"


def enter_venv():
    """Run again under an interpreter that has the clients."""
    venv = TARGET / "server-venv"
    python, stamp = venv / "bin" / "python", venv / "server-packages"
    wanted = "\n".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix) != venv:
        os.execv(python, [str(python), *sys.argv])


class Server:
    """`bilim serve` on free ports."""

    def __init__(self, bilim, lake, folder):
        password = folder / "password"
        password.write_text(PASSWORD)
        # A second run finds the account.
        subprocess.run(
            [bilim, "user", "add", USER, "--role", "ministry", "--password-file", password, "--lake", lake],
            capture_output=True, check=False,
        )
        ready = folder / "ready.json"
        self.process = subprocess.Popen(
            [bilim, "serve", "--lake", lake, "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0", "--ready-file", ready],
            stderr=(folder / "server.log").open("w"),
        )
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit((folder / "server.log").read_text())
            time.sleep(0.05)
        self.uri = json.loads(ready.read_text())["flight_uri"]

    def connect(self):
        import adbc_driver_flightsql.dbapi as flight

        options = {"username": USER, "password": PASSWORD}
        return flight.connect(self.uri, db_kwargs=options, autocommit=True)

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def close(self):
        self.process.terminate()
        self.process.wait()


def ask(connection, sql):
    """Rows of an answer, read batch by batch, none kept."""
    rows = 0
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for batch in cursor.fetch_record_batch():
            rows += batch.num_rows
    return rows


def bare(table):
    """A server that does nothing but stream a table, whatever the statement."""
    import pyarrow.flight as flight

    class Bare(flight.FlightServerBase):
        def get_flight_info(self, _context, descriptor):
            if b"CommandStatementQuery" not in descriptor.command:
                # What the driver asks about the server when it connects; it does without.
                raise NotImplementedError
            endpoint = flight.FlightEndpoint(b"all", [])
            return flight.FlightInfo(table.schema, descriptor, [endpoint], table.num_rows, table.nbytes)

        def do_get(self, _context, _ticket):
            return flight.RecordBatchStream(table)

    server = Bare("grpc://127.0.0.1:0")
    threading.Thread(target=server.serve, daemon=True).start()
    return server


def throughput(server, rows, runs):
    import adbc_driver_flightsql.dbapi as flight

    with server.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute("select year, count(*) as n from raw.s1_grade group by year order by year desc")
            counts = cursor.fetch_arrow_table().to_pydict()
        first, total = None, 0
        for year, count in zip(counts["year"], counts["n"]):
            if total < rows:
                first, total = year, total + count
        sql = f"select year, region, district, org_bin, pid from raw.s1_grade where year >= {first}"
        with connection.cursor() as cursor:
            cursor.execute(sql)
            table = cursor.fetch_arrow_table()
        streaming = bare(table)
        ours, theirs = [], []
        with flight.connect(f"grpc+tcp://127.0.0.1:{streaming.port}", autocommit=True) as other:
            for _ in range(runs):
                for to, times in ((connection, ours), (other, theirs)):
                    start = time.perf_counter()
                    assert ask(to, sql) == table.num_rows
                    times.append(time.perf_counter() - start)
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print("| rows | bilim, s | bare server, s | of its throughput |\n|---|---|---|---|")
    print(f"| {table.num_rows:,} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.2f} |", flush=True)


def questions(year):
    """Statements of the bench of canned indicators, which is where they are written."""
    sys.path.insert(0, str(ROOT / "benches" / "edubench"))
    import canned

    return [ours for _, _, ours, _ in canned.questions(year)]


def field(number, value):
    """A field of a protobuf message that holds bytes."""
    size, length = len(value), b""
    while size > 0x7F:
        size, length = size >> 7, length + bytes([size & 0x7F | 0x80])
    return bytes([number << 3 | 2]) + length + bytes([size]) + value


def statement(sql):
    """The command that asks for a statement."""
    return field(1, COMMAND.encode()) + field(2, field(1, sql.encode()))


def closed_loop(uri, number, statements, begin, seconds):
    """Milliseconds of each answer of one client, from `begin` on."""
    import pyarrow.flight as flight

    client = flight.connect(uri.replace("grpc+tcp", "grpc"))
    options = flight.FlightCallOptions(headers=[client.authenticate_basic_token(USER, PASSWORD)])
    commands = [statement(sql) for sql in statements]
    times, turn = [], number
    time.sleep(max(0, begin - time.time()))
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        info = client.get_flight_info(flight.FlightDescriptor.for_command(commands[turn % len(commands)]), options)
        rows = sum(chunk.data.num_rows for chunk in client.do_get(info.endpoints[0].ticket, options))
        times.append(1000 * (time.perf_counter() - start))
        assert rows > 0, statements[turn % len(commands)]
        turn += 1
    client.close()
    return times


def adbc_loop(server, statements, seconds):
    """The same of one client with ADBC's driver."""
    times, until = [], time.perf_counter() + seconds
    with server.connect() as connection:
        while time.perf_counter() < until:
            start = time.perf_counter()
            assert ask(connection, statements[len(times) % len(statements)]) > 0
            times.append(1000 * (time.perf_counter() - start))
    return times


def clients(server, count, seconds, year):
    statements = questions(year)
    with server.connect() as connection:
        for sql in 2 * statements:
            ask(connection, sql)

    def show(name, times):
        cuts = statistics.quantiles(times, n=100)
        print(f"| {name} | {len(times):,} | {cuts[49]:.1f} | {cuts[98]:.1f} |", flush=True)

    print("| clients | answers | p50, ms | p99, ms |\n|---|---|---|---|")
    show("1, ADBC", adbc_loop(server, statements, seconds))
    context = multiprocessing.get_context("spawn")
    for most in (1, count):
        with context.Pool(most) as pool:
            # Time for every process to start and sign in.
            begin = time.time() + 2 + most / 4
            loops = [(server.uri, number, statements, begin, seconds) for number in range(most)]
            show(most, sum(pool.starmap(closed_loop, loops, chunksize=1), []))


def connections(server, count):
    def use():
        with server.connect() as connection:
            ask(connection, "select 1")

    for _ in range(100):
        use()
    time.sleep(2)
    files, memory = server.files(), server.resident()
    for _ in range(count):
        use()
    time.sleep(2)
    print("| connections | open files before, after | resident MB before, after |\n|---|---|---|")
    print(f"| {count:,} | {files}, {server.files()} | {memory:.0f}, {server.resident():.0f} |", flush=True)


def main():
    enter_venv()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", required=True)
    parser.add_argument("--bilim", default=str(TARGET / "release" / "bilim"))
    parser.add_argument("--only", default="throughput,clients,connections")
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--year", type=int, default=2023, help="of the questions about one year")
    arguments = parser.parse_args()
    parts = {
        "throughput": lambda: throughput(server, arguments.rows, arguments.runs),
        "clients": lambda: clients(server, arguments.clients, arguments.seconds, arguments.year),
        "connections": lambda: connections(server, arguments.connections),
    }
    with tempfile.TemporaryDirectory() as folder:
        server = Server(arguments.bilim, arguments.lake, pathlib.Path(folder))
        try:
            for name in arguments.only.split(","):
                parts[name]()
        finally:
            server.close()


if __name__ == "__main__":
    main()

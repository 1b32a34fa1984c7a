#!/usr/bin/env python3
"""The server beside a bare one, with many clients, and after many connections.

    python3 benches/server.py --lake FOLDER [--bilim PATH] [--only throughput,clients,connections]

Over a lake with marks and rollups, as `benches/edubench/canned.py` leaves one, `bilim serve` answers

- throughput: twenty million rows of five whole numbers through ADBC, against a bare Flight server that streams the same
  batches from memory, read by pyarrow's client; both in one run, in turn. At least 80 % are asked for.
- clients: canned indicators from sixteen clients that each ask again as soon as they are answered. At most 30 ms at the
  99th percentile are asked for.
- connections: a thousand opened, used and closed; open files and resident memory of the server before and after.

Clients, bare server and ours share the machine, so times include the clients' own. Needs `cargo build --release` before; the
account `bench` is added to the lake.
"""

import argparse
import json
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
QUESTIONS = [
    f"select * from mart.indicator where indicator = '{code}' and tier = '{tier}' and year = {year}"
    for code in ("TCH-01", "GRD-02", "UNT-03") for tier in ("district", "region", "republic") for year in (2022, 2023)
]


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
    """A Flight server that does nothing but stream a table."""
    import pyarrow.flight as flight

    class Bare(flight.FlightServerBase):
        def do_get(self, _context, _ticket):
            return flight.RecordBatchStream(table)

    server = Bare("grpc://127.0.0.1:0")
    threading.Thread(target=server.serve, daemon=True).start()
    return server


def throughput(server, rows, runs):
    import pyarrow.flight as flight

    sql = f"select year, region, district, org_bin, pid from raw.s1_grade limit {rows}"
    with server.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            table = cursor.fetch_arrow_table()
        streaming = bare(table)
        client = flight.connect(f"grpc://127.0.0.1:{streaming.port}")
        ours, theirs = [], []
        for _ in range(runs):
            start = time.perf_counter()
            assert ask(connection, sql) == table.num_rows
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            assert sum(chunk.data.num_rows for chunk in client.do_get(flight.Ticket(b""))) == table.num_rows
            theirs.append(time.perf_counter() - start)
        client.close()
        streaming.shutdown()
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print("| rows | bilim, s | bare server, s | of its throughput |\n|---|---|---|---|")
    print(f"| {table.num_rows:,} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.2f} |", flush=True)


def clients(server, count, seconds):
    with server.connect() as connection:
        for sql in QUESTIONS:
            ask(connection, sql)
    times, lock = [], threading.Lock()

    def loop(number, until):
        own = []
        with server.connect() as connection:
            turn = number
            while time.perf_counter() < until:
                start = time.perf_counter()
                ask(connection, QUESTIONS[turn % len(QUESTIONS)])
                own.append(1000 * (time.perf_counter() - start))
                turn += 1
        with lock:
            times.extend(own)

    for most in (1, count):
        times.clear()
        until = time.perf_counter() + seconds
        threads = [threading.Thread(target=loop, args=(number, until)) for number in range(most)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cuts = statistics.quantiles(times, n=100)
        if most == 1:
            print("| clients | answers | p50, ms | p99, ms |\n|---|---|---|---|")
        print(f"| {most} | {len(times):,} | {cuts[49]:.1f} | {cuts[98]:.1f} |", flush=True)


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
    arguments = parser.parse_args()
    parts = {
        "throughput": lambda: throughput(server, arguments.rows, arguments.runs),
        "clients": lambda: clients(server, arguments.clients, arguments.seconds),
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

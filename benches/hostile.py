#!/usr/bin/env python3
"""Hostile statements from 32 clients, and what other callers notice of them.

    python3 benches/hostile.py --lake FOLDER [--bilim PATH] [--seconds 300]

`bilim serve` over a lake with marks and rollups, with 4 GiB for all statements and 512 MiB for one. First two clients of
the ministry ask the canned questions of `benches/edubench/canned.py` for half a minute, then go on while 32 clients of
researchers send what is meant to crash, hang or fill the server: tens of thousands of ORs, additions and members of IN
lists, thousands of UNIONs, deep nesting, exponential subqueries, cross joins of everything, sorts and groupings of all
marks, bombs of arrays and texts, and answers that are asked for and not read. A client waits up to ten seconds, then
goes away. At the end:

- the server runs, answers, and its log tells of no panic;
- its resident memory stayed within the limit for statements and 20 %;
- the 99th percentile of the ministry's clients is under twice that of the quiet half minute.

What was asked of the server by kind, and how it was told, is shown too. Needs `cargo build --release` before; the accounts
`bench` and `hostile` are added to the lake. Ends with 1 where one of the three does not hold.
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import server

ALL, ONE = 4 << 30, 512 << 20
SETTINGS = f"query_memory_bytes = {ALL}\n[server]\nmemory_per_query_bytes = {ONE}\nmax_queries_per_caller = 64\n"
ACCOUNT = "hostile"
MARKS = "raw.s1_grade"


def nested(depth):
    return "(" * depth + "1" + ")" * depth


def laughs(depth):
    """Each of these subqueries reads the one before it twice."""
    steps = ", ".join(f"s{n} as (select a.v + b.v as v from s{n - 1} a cross join s{n - 1} b)" for n in range(1, depth))
    return f"with s0 as (select 1 as v), {steps} select count(*) from s{depth - 1}"


def statements(chance):
    """Name and text of what is meant to do harm; texts differ from turn to turn, so that nothing is kept."""
    salt = chance.randrange(1 << 30)
    texts = {
        "20,000 ORs": f"select {salt} from {MARKS} where " + " or ".join(f"pid={n}" for n in range(20_000)),
        "5,000 UNIONs": f"select {salt} " + "union all select 1 " * 5_000,
        "20,000 additions": f"select {salt}" + "+1" * 20_000,
        "60 UNIONs of all marks": " union all ".join([f"select pid+{salt} as p from {MARKS}"] * 60),
        "parentheses": f"select {salt}+{nested(20_000)}",
        "nested CASE": f"select {'case when true then ' * 2_000}{salt}{' end' * 2_000}",
        "nested subqueries": f"select * from {'(select * from ' * 500}(select {salt} as v){') as t' * 500}",
        "NOT NOT NOT": f"select {'not ' * 15_000} true, {salt}",
        "IN list of 30,000": f"select {salt} from {MARKS} where pid in ({','.join(map(str, range(30_000)))})",
        "IN list of 5,000": f"select count(*)+{salt} from {MARKS} where pid in ({','.join(map(str, range(5_000)))})",
        "billion laughs": laughs(30) + f" where v <> {salt}",
        "cross join, counted": f"select count(*)+{salt} from {MARKS} a cross join {MARKS} b cross join {MARKS} c",
        "cross join, unequal": f"select count(*) from {MARKS} a join {MARKS} b on a.pid < b.pid + {salt}",
        "cross join, returned": f"select a.*, b.pid+{salt} as p from {MARKS} a cross join {MARKS} b",
        "sort of all marks": f"select * from {MARKS} order by pid * {salt}, org_bin",
        "grouping of all marks": f"select pid + {salt} % 2, subject, count(*), array_agg(mark) from {MARKS} group by 1, 2",
        "distinct in windows": f"select count(*) over (partition by pid order by org_bin), {salt} from {MARKS}",
        "array_repeat": f"select array_repeat(array_repeat({salt}, 100000), 100000)",
        "repeat": f"select repeat('{salt}', 1000000000)",
        "doubled texts": f"with recursive t as (select '{salt}' as s, 1 as n union all select s || s, n + 1 from t "
                         "where n < 60) select max(length(s)) from t",
        "endless recursion": f"with recursive t as (select {salt} as n union all select n + 1 from t) select max(n) from t",
        "generate_series": f"select sum(value) from generate_series(1, 1000000000000) where value <> {salt}",
        "string_agg of all": f"select string_agg(cast(pid as varchar), '{salt}') from {MARKS}",
        "array_agg of all": f"select array_agg(pid + {salt}) from {MARKS}",
        "regular expression": f"select count(*) from {MARKS} where cast(pid as varchar) ~ '^(([0-9]+)+)+{salt}$'",
        "large regular expression": f"select '{salt}' ~ '((a{{100}}){{100}}){{100}}'",
        "every indicator": f"select *, {salt} from mart.indicator order by value",
        "indicators joined": f"select count(*)+{salt} from mart.indicator a join mart.indicator b on a.value < b.value",
        "grouping sets": f"select {salt}, count(*) from {MARKS} group by cube(pid, org_bin, subject, mark, district, year)",
        "no statement": "select " + "\u0000'\"(" * 1_000,
        "division": f"select {salt} / 0, 9223372036854775807 + {salt}",
        "not read": f"select * from {MARKS} where pid <> {salt}",
    }
    return list(texts.items())


def hostile(uri, number, until):
    """What one client was told, by statement."""
    import pyarrow.flight as flight

    # In life it has a machine of its own: what it does itself must not slow the others down.
    os.nice(19)
    chance, told = random.Random(number), collections.Counter()
    client, options = None, []
    while time.time() < until:
        try:
            if client is None:
                client = flight.connect(uri.replace("grpc+tcp", "grpc"))
                options = [client.authenticate_basic_token(ACCOUNT, server.PASSWORD)]
            name, sql = chance.choice(statements(chance))
            call = flight.FlightCallOptions(headers=options, timeout=chance.uniform(0.2, 10))
            command = server.statement(sql)
            info = client.get_flight_info(flight.FlightDescriptor.for_command(command), call)
            reader = client.do_get(info.endpoints[0].ticket, call)
            if name == "not read":
                time.sleep(chance.uniform(0, 5))
            else:
                for _ in range(200):
                    reader.read_chunk()
            reader.cancel()
            outcome = "cut short"
        except StopIteration:
            outcome = "answered"
        except Exception as error:  # whatever the client's library makes of it
            outcome = type(error).__name__.removeprefix("Flight").removesuffix("Error")
            if outcome in ("Unauthenticated", "Unavailable"):
                client = None
                time.sleep(0.2)
        told[name, outcome] += 1
    return told


def watched(bench, until, seen):
    """The most memory, in MB, that the server held."""
    while time.time() < until and bench.process.poll() is None:
        try:
            seen[0] = max(seen[0], bench.resident())
        except AttributeError:
            return  # it has just ended
        time.sleep(0.1)


def main():
    server.enter_venv()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", required=True, type=pathlib.Path)
    parser.add_argument("--bilim", default=str(server.TARGET / "release" / "bilim"))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--quiet-seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--friends", type=int, default=2)
    parser.add_argument("--year", type=int, default=2023)
    arguments = parser.parse_args()
    lake, bilim = arguments.lake.resolve(), pathlib.Path(arguments.bilim).resolve()
    canned = server.questions(arguments.year)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "bilim.toml").write_text(SETTINGS)
        os.chdir(folder)
        bench = server.Server(bilim, lake, folder)
        subprocess.run(
            [bilim, "user", "add", ACCOUNT, "--role", "researcher", "--password-file", folder / "password", "--lake", lake],
            capture_output=True, check=False,
        )
        try:
            with bench.connect() as connection:
                for sql in 2 * canned:
                    server.ask(connection, sql)
            seen = [0.0]
            with context.Pool(arguments.friends) as friends, context.Pool(arguments.clients) as others:
                def friendly(begin, seconds):
                    loops = [(bench.uri, number, canned, begin, seconds) for number in range(arguments.friends)]
                    return sum(friends.starmap(server.closed_loop, loops, chunksize=1), [])

                quiet = friendly(time.time() + 3, arguments.quiet_seconds)
                begin = time.time() + 3 + arguments.clients / 4
                until = begin + arguments.seconds
                watcher = threading.Thread(target=watched, args=(bench, until, seen))
                watcher.start()
                loops = [(bench.uri, number, until) for number in range(arguments.clients)]
                attack = others.starmap_async(hostile, loops, chunksize=1)
                try:
                    beside = friendly(begin, arguments.seconds)
                except Exception:
                    # What it said last tells more than that it is gone.
                    sys.exit("a friendly client failed:\n" + (folder / "server.log").read_text()[-4_000:])
                told = sum(attack.get(), collections.Counter())
                watcher.join()
            is_alive = bench.process.poll() is None
            if is_alive:
                with bench.connect() as connection:
                    assert server.ask(connection, "select 1") == 1
            log = (folder / "server.log").read_text()
        finally:
            bench.close()
    kinds = sorted({name for name, _ in told})
    outcomes = sorted({outcome for _, outcome in told})
    print("| statement | " + " | ".join(outcomes) + " |\n|---" + "|---" * len(outcomes) + "|")
    for kind in kinds:
        print(f"| {kind} | " + " | ".join(str(told[kind, outcome] or "") for outcome in outcomes) + " |")
    before, during = (statistics.quantiles(times, n=100) for times in (quiet, beside))
    panics = sum("panicked" in line for line in log.splitlines())
    most = ALL / (1 << 20) * 1.2
    print("\n| of the ministry's clients | answers | p50, ms | p99, ms |\n|---|---|---|---|")
    for name, times, cuts in (("quiet", quiet, before), ("beside hostile ones", beside, during)):
        print(f"| {name} | {len(times):,} | {cuts[49]:.1f} | {cuts[98]:.1f} |")
    print(f"\nresident at most {seen[0]:,.0f} MB ({most:,.0f} allowed), {panics} panics, "
          f"{'runs' if is_alive else 'ENDED'} after {sum(told.values()):,} hostile statements; "
          f"p99 {during[98] / before[98]:.2f} times the quiet one")
    sys.exit(not (is_alive and panics == 0 and seen[0] <= most and during[98] < 2 * before[98]))


if __name__ == "__main__":
    main()

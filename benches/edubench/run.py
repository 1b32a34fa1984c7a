#!/usr/bin/env python3
"""EduBench: 22 questions of educational monitoring, the same Parquet files, Bilim against DuckDB, Polars and chDB.

    python3 benches/edubench/run.py --scale 1

makes the lake (kept for the next run), checks that all engines give the same rows, and only then measures: one
long-lived process an engine, two threads, the same memory limit, engines in turn within every repetition, medians.
Printed are ratios, ours to the peer's: below 1 we are faster. Also written: `edubench.json`, `edubench.md` and
`edubench.svg` in the folder of the scale. What a peer cannot do is shown with its words. Needs
`cargo build --release` before.
"""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import compare
import lake
import plot
from engines import Bilim, Failed, Peer

TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", lake.ROOT / "target"))
QUERIES = lake.HERE / "queries"
PACKAGES = ["duckdb==2.0.1", "polars==2.1.0", "chdb==4.4.0", "datafusion==55.0.0", "pyarrow==26.0.1"]
PEERS = ["duckdb", "polars", "chdb", "duckdb_native", "datafusion"]
TITLES = {
    "bilim": "Bilim", "duckdb": "DuckDB", "polars": "Polars", "chdb": "chDB", "duckdb_native": "DuckDB, own file",
    "datafusion": "DataFusion wheel",
}
ENGINES = ["bilim", *PEERS]
# Named sets of cases with a mean of their own.
GROUPS = {
    "all": range(1, 23), "13-22 (ad-hoc)": range(13, 23), "9, 22 (grouping sets)": (9, 22), "2, 15 (distinct)": (2, 15),
}
# Lines of bilim.toml: what a statement computes, it computes now.
NOTHING_KEPT = ["use_rollups = false", "result_cache_bytes = 0"]
THREADS = 2
WARM_UP = 1


def enter_venv():
    """Run again under an interpreter that has the peers."""
    venv = TARGET / "edubench-venv"
    python = venv / "bin" / "python"
    wanted = "\n".join(PACKAGES)
    stamp = venv / "edubench-packages"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix) != venv:
        os.execv(python, [str(python), *sys.argv])


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1, help="hundredths of the country")
    parser.add_argument("--years", default="2019..2024")
    parser.add_argument("--runs", type=int, default=7, help="warm repetitions that count")
    parser.add_argument("--cold", type=int, default=1, help="cold repetitions, each with fresh processes; 0 = none")
    parser.add_argument("--queries", help="numbers, comma-separated; all without it")
    parser.add_argument("--ours", default="bilim", help="the engine whose time stands above the line of the ratios")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--memory-gib", type=int, default=8)
    parser.add_argument("--bilim", default=str(TARGET / "release" / "bilim"))
    parser.add_argument("--bilim-config", action="append", default=[], metavar="LINE", help="line of bilim.toml")
    parser.add_argument("--work", type=pathlib.Path, default=TARGET / "edubench", help="lakes and results")
    parser.add_argument("--explain", action="store_true", help="print plans of ours and the first peer, no more")
    return parser.parse_args()


def queries(wanted, parameters):
    """Number, name and text for each engine."""
    found = []
    for path in sorted(QUERIES.glob("[0-9][0-9]_*.sql")):
        number = int(path.name[:2])
        if "." in path.stem or wanted and number not in wanted:
            continue
        texts = {}
        for engine in ENGINES:
            dialect = QUERIES / f"{path.stem}.{engine.removesuffix('_native')}.sql"
            text = (dialect if dialect.exists() else path).read_text()
            for name, value in parameters.items():
                text = text.replace(f":{name}", str(value))
            texts[engine] = text
        found.append((number, path.stem[3:], texts))
    return found


def parameters(duckdb):
    """The school and the person that the look-ups ask for: those with most marks."""
    def first(column):
        sql = f"select {column} from raw.s1_grade group by {column} order by count(*) desc, {column} limit 1"
        return duckdb.rows(sql)[1][0][0]

    return {"org_bin": first("org_bin"), "pid": first("pid")}


class Bench:
    """Starts engines, again where one has died."""

    def __init__(self, arguments, lake_folder, config_path, config):
        self.arguments, self.lake, self.config_path, self.config = arguments, lake_folder, config_path, config
        self.names = [arguments.ours, *arguments.peers.split(",")]
        self.engines = {}

    def start(self, name):
        if name == "bilim":
            a = self.arguments
            self.engines[name] = Bilim(a.bilim, self.lake, a.work, self.config, extra=[*NOTHING_KEPT, *a.bilim_config])
        else:
            self.engines[name] = Peer(name, self.config_path)
        return self.engines[name]

    def engine(self, name):
        return self.engines.get(name) or self.start(name)

    def stop(self):
        for engine in self.engines.values():
            engine.close()
        self.engines = {}

    def attempt(self, name, action):
        """The answer, or the error as text; an engine that has ended is forgotten."""
        try:
            return action(self.engine(name)), None
        except Failed as error:
            if self.engines[name].process.poll() is not None:
                del self.engines[name]
            return None, str(error)


def measure(bench, number, name, texts, runs):
    """One case: equality first, then warm repetitions in turn."""
    ours = bench.names[0]
    case = {"number": number, "name": name, "ours": ours, "errors": {}, "peak_bytes": {}}
    answers = {}
    for engine in bench.names:
        bench.engine(engine).memory.reset()
        answer, error = bench.attempt(engine, lambda e: e.rows(texts[engine]))
        if error:
            case["errors"][engine] = error
        else:
            answers[engine] = answer
            case["peak_bytes"][engine] = bench.engine(engine).memory.peak()
    if ours in answers:
        case["rows"] = len(answers[ours][1])
        stated = re.search(r"^-- tolerance: ([0-9.e-]+)", texts[ours], re.M)
        tolerance = float(stated.group(1)) if stated else compare.TOLERANCE
        for engine in set(answers) - {ours}:
            difference = compare.difference(compare.as_text(answers[ours]), answers[engine], tolerance)
            if difference:
                case["errors"][engine] = f"another answer: {difference}"
    timed = [engine for engine in bench.names if engine in answers and engine not in case["errors"]]
    walls, cpus = {engine: [] for engine in timed}, {engine: [] for engine in timed}
    for run in range(WARM_UP + runs):
        for engine in list(timed):
            times, error = bench.attempt(engine, lambda e: e.time(texts[engine]))
            if error:
                case["errors"][engine] = error
                timed.remove(engine)
            elif run >= WARM_UP:
                walls[engine].append(times[0])
                cpus[engine].append(times[1])
    case["wall_ms"] = {engine: walls[engine] for engine in timed}
    case["cpu_ms"] = {engine: cpus[engine] for engine in timed}
    return case


def measure_cold(bench, cases, texts_of, runs):
    """Fresh processes and an empty page cache for every statement; the statement's own time."""
    for _ in range(runs):
        for case in cases:
            for engine in case["wall_ms"]:
                bench.stop()
                lake.forget(bench.lake.parent)
                times, _ = bench.attempt(engine, lambda e: e.time(texts_of[case["number"]][engine]))
                if times:
                    case.setdefault("cold_ms", {}).setdefault(engine, []).append(times[0])
    bench.stop()


def ratio(case, key, peer):
    """Ours to the peer's, of medians; None where one of both has no time."""
    times = case.get(key, {})
    if not times.get(case["ours"]) or not times.get(peer):
        return None
    return statistics.median(times[case["ours"]]) / statistics.median(times[peer])


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(statistics.fmean(map(math.log, values))) if values else None


def shown(value):
    return "" if value is None else f"{value:.2f}"


def table(cases, peers, key):
    """Ratios as Markdown, with the means of the groups below."""
    lines = ["| case | " + " | ".join(TITLES[peer] for peer in peers) + " |", "|---" * (len(peers) + 1) + "|"]
    for case in cases:
        cells = [
            shown(ratio(case, key, peer)) or ("not supported" if peer in case["errors"] else "") for peer in peers
        ]
        lines.append(f"| {case['number']:02} {case['name'].replace('_', ' ')} | " + " | ".join(cells) + " |")
    for title, numbers in GROUPS.items():
        chosen = [case for case in cases if case["number"] in numbers]
        if len(chosen) > 1:
            means = [shown(geometric_mean([ratio(case, key, peer) for case in chosen])) for peer in peers]
            lines.append(f"| **geometric mean, {title}** | " + " | ".join(f"**{mean}**" for mean in means) + " |")
    return lines


def memory_table(cases, engines):
    lines = ["| case | " + " | ".join(TITLES[engine] for engine in engines) + " |"]
    lines.append("|---" * (len(engines) + 1) + "|")
    for case in cases:
        cells = [f"{case['peak_bytes'][e] / 1e6:.0f}" if e in case["peak_bytes"] else "" for e in engines]
        lines.append(f"| {case['number']:02} | " + " | ".join(cells) + " |")
    most = [max((case["peak_bytes"].get(engine, 0) for case in cases), default=0) / 1e6 for engine in engines]
    return lines + ["| **most** | " + " | ".join(f"**{value:.0f}**" for value in most) + " |"]


def noise(cases):
    """DuckDB against itself: odd repetitions to even ones."""
    halves = [
        statistics.median(times[::2]) / statistics.median(times[1::2])
        for times in (case["wall_ms"].get("duckdb", []) for case in cases)
        if len(times) > 1
    ]
    return geometric_mean(halves), max((max(half, 1 / half) for half in halves), default=None)


def report(result, bench):
    cases, peers = result["cases"], bench.names[1:]
    rows = result["facts"]["rows"]
    mean, worst = noise(cases)
    lines = [
        f"EduBench, scale {result['facts']['scale']:g}: {rows.get('S1.GRADE', 0):,} marks, {rows.get('S1.PUPIL', 0):,} "
        f"enrolments, {rows.get('S7.UNT', 0):,} rows of the admission test; {result['runs']} warm repetitions; "
        f"{os.cpu_count()} cores, load {result['load'][0]:.1f} before and {result['load'][1]:.1f} after.",
        "",
        "Engines: " + ", ".join(f"{TITLES[n]} {v}" for n, v in result["versions"].items()) + ".",
        "" if mean is None else f"DuckDB against itself within the run: {mean:.2f} in the mean, {worst:.2f} at worst.",
        "", "Wall time, warm, ours to the peer's:", "", *table(cases, peers, "wall_ms"),
        "", "Processor time, warm:", "", *table(cases, peers, "cpu_ms"),
    ]
    if any("cold_ms" in case for case in cases):
        lines += ["", "Wall time, fresh process and empty page cache:", "", *table(cases, peers, "cold_ms")]
    lines += ["", "Peak resident memory of each process, MB:", "", *memory_table(cases, bench.names)]
    errors = [f"- {case['number']:02} {name}: {text}" for case in cases for name, text in case["errors"].items()]
    return "\n".join(lines + (["", "Not supported, or another answer:", "", *errors] if errors else []))


def main():
    enter_venv()
    arguments = parse()
    arguments.work.mkdir(parents=True, exist_ok=True)
    years = tuple(int(year) for year in arguments.years.split(".."))
    folder, facts = lake.build(arguments.bilim, arguments.work, arguments.scale, years)
    mirror, tables = lake.mirror(folder)
    config = {
        "tables": tables, "mirror": str(mirror), "threads": THREADS, "memory_bytes": arguments.memory_gib << 30,
        "spill": str(arguments.work / "spill"), "native": str(folder.parent / "native.duckdb"),
    }
    config_path = arguments.work / "peers.json"
    config_path.write_text(json.dumps(config))
    bench = Bench(arguments, folder, config_path, config)
    wanted = {int(number) for number in arguments.queries.split(",")} if arguments.queries else None
    cases = queries(wanted, parameters(bench.engine("duckdb")))
    if arguments.explain:
        for number, name, texts in cases:
            for engine in bench.names[:2]:
                print(f"---- {number:02} {name}: {engine}\n{bench.engine(engine).explain(texts[engine])}")
        return bench.stop()
    load = os.getloadavg()[0]
    start = time.monotonic()
    done, versions = [], {name: bench.engine(name).version for name in bench.names}

    def write():
        """All that is known so far, so that a run that is stopped has not been in vain."""
        result = {
            "facts": facts, "runs": arguments.runs, "load": [load, os.getloadavg()[0]], "versions": versions,
            "cases": done,
        }
        name = "edubench" if arguments.ours == "bilim" else f"edubench-{arguments.ours}"
        out = folder.parent
        (out / f"{name}.json").write_text(json.dumps(result))
        text = report(result, bench)
        (out / f"{name}.md").write_text(text + "\n")
        bars = {
            TITLES[p]: [(c["number"], ratio(c, "wall_ms", p)) for c in done] for p in PEERS[:3] if p in bench.names[1:]
        }
        title = f"EduBench, scale {arguments.scale:g}"
        (out / f"{name}.svg").write_text(plot.ratios(title, TITLES[arguments.ours], bars))
        return text

    for number, name, texts in cases:
        done.append(measure(bench, number, name, texts, arguments.runs))
        write()
        ratios = {peer: shown(ratio(done[-1], "wall_ms", peer)) for peer in bench.names[1:]}
        print(f"{time.monotonic() - start:6.0f} s  {number:02} {name}: {ratios} {done[-1]['errors'] or ''}", flush=True)
    bench.stop()
    measure_cold(bench, done, {number: texts for number, _, texts in cases}, arguments.cold)
    print("\n" + write())


if __name__ == "__main__":
    main()

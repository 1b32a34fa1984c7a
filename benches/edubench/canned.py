#!/usr/bin/env python3
"""Canned indicators of a large lake: how fast, at ten times the rows, after a start.

    python3 benches/edubench/canned.py --scale 100 --years 2019..2023

makes the lake, one of a tenth (kept) and rollups, then asks nine questions of `mart.indicator` (three indicators:
pupils, marks, admission test; the republic over the years, regions and districts of a year) of Bilim, of DuckDB over
the same raw files, and of a summary table made by hand in a DuckDB file: equality of values first, then warm
repetitions in turn.
Then case 24: the start of the program to its first answer with an empty page cache, and memory after opening.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import lake
import run
from engines import Bilim, Peer

SCHOOL_LEVELS = "('primary', 'basic_secondary', 'general_secondary')"
SCHOOL_TYPES = "('general', 'primary', 'basic', 'lyceum', 'gymnasium', 'special', 'boarding', 'evening')"
# What the measure sets count, in DuckDB's words: numerator and denominator by district and year.
FACTS = {
    "TCH-01": (
        "school",
        f"""select year, region, district, count(*) as num, 0 as den from (
            select distinct year, region, district, org_bin, pid from raw.s1_pupil where level in {SCHOOL_LEVELS}
            and enrol_from <= make_date(year, 10, 1) and (enrol_to is null or enrol_to > make_date(year, 10, 1))
        ) group by all union all
        select year, region, district, 0, count(*) from (
            select distinct s.year, s.region, s.district, s.org_bin, s.tid from raw.s1_staff s
            join raw.s1_org o on o.year = s.year and o.org_bin = s.org_bin
            where s.is_teacher and s.is_main_job and s.left_reason is null and o.org_type in {SCHOOL_TYPES}
        ) group by all""",
    ),
    "GRD-02": (
        "school",
        """select year, region, district, count(*) filter (lowest >= 4) * 100 as num, count(*) as den from (
            select year, region, district, org_bin, pid, level, min(mark) as lowest from raw.s1_grade
            where period = 'final' and status = 'attested' group by all
        ) group by all""",
    ),
    "UNT-03": (
        "general_secondary",
        """select year, region, district, sum(best) as num, count(*) as den from (
            select year, region, pid, arg_max(district, total) as district, max(total) as best from raw.s7_unt
            where status = 'valid' group by all
        ) group by all""",
    ),
}
# The cache of finished answers is off; rollups are what is measured.
WITHOUT_ANSWERS = ["result_cache_bytes = 0"]
# Tier: code of the unit, keys of the sum, whether one year is asked for.
TIERS = {
    "republic": ("'KZ'", "year", False),
    "region": ("cast(region * 10000000 as varchar)", "year, region", True),
    "district": ("cast(district as varchar)", "year, district", True),
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=100, help="hundredths of the country")
    parser.add_argument("--years", default="2019..2023")
    parser.add_argument("--runs", type=int, default=21, help="warm repetitions of Bilim and the summary")
    parser.add_argument("--raw-runs", type=int, default=3, help="warm repetitions of DuckDB over raw files")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--memory-gib", type=int, default=8)
    parser.add_argument("--bilim", default=str(run.TARGET / "release" / "bilim"))
    parser.add_argument("--bilim-config", action="append", default=[], metavar="LINE", help="line of bilim.toml")
    parser.add_argument("--work", type=pathlib.Path, default=run.TARGET / "edubench")
    parser.add_argument("--no-growth", action="store_true", help="leave the lake of a tenth out")
    return parser.parse_args()


def questions(year):
    """Code, tier, statement of Bilim, statement of DuckDB over a table of sums that `{facts}` stands for."""
    for code, (level, _) in FACTS.items():
        for tier, (unit, keys, is_of_a_year) in TIERS.items():
            only = f"and year = {year}" if is_of_a_year else ""
            ours = (
                f"select year, geo_code, value from mart.indicator where indicator = '{code}' and tier = '{tier}' "
                f"and level = '{level}' and breakdown = 'total' {only} order by year, geo_code"
            )
            theirs = (
                f"select year, {unit} as geo_code, cast(sum(num) as double) / nullif(sum(den), 0) as value "
                f"from {{facts}} where true {only} group by {keys} order by year, geo_code"
            )
            yield code, tier, ours, theirs


def differs(ours, theirs):
    """Cells that both have must be equal; a unit without organisations has no row in a plain sum."""
    left = {(int(year), code): float(value) for year, code, value in ours[1] if value != ""}
    right = {(year, code): value for year, code, value in theirs[1] if value is not None}
    if not left or set(left) != set(right):
        return f"{len(left)} cells against {len(right)}: {sorted(set(left) ^ set(right))[:3]}"
    worst = max(abs(left[cell] - right[cell]) for cell in left)
    return None if worst < 1e-9 * max(map(abs, left.values())) else f"a value differs by {worst}"


def quantile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def answers(arguments, folder, config, config_path, year):
    """Times of the nine questions by engine, and how many cells agreed."""
    extra = [*WITHOUT_ANSWERS, *arguments.bilim_config]
    bilim = Bilim(arguments.bilim, folder, arguments.work, config, extra=extra)
    duckdb, native = Peer("duckdb", config_path), Peer("duckdb_summary", config_path)
    times = {"bilim": [], "raw": [], "summary": []}
    for code, tier, ours, theirs in questions(year):
        raw = theirs.format(facts=f"({FACTS[code][1]})")
        summary = theirs.format(facts="made.\"" + code.lower().replace("-", "_") + "\"")
        difference = differs(bilim.rows(ours), duckdb.rows(raw)) or differs(bilim.rows(ours), native.rows(summary))
        if difference:
            print(f"{code} {tier}: {difference}; its times do not count", flush=True)
            continue
        one = {"bilim": [], "raw": [], "summary": []}
        for number in range(arguments.runs):
            one["bilim"].append(bilim.time(ours)[0])
            one["summary"].append(native.time(summary)[0])
            if number < arguments.raw_runs:
                one["raw"].append(duckdb.time(raw)[0])
        for engine, found in one.items():
            times[engine].append(found)
    resident = int(pathlib.Path(f"/proc/{bilim.process.pid}/statm").read_text().split()[1]) * 4096
    for engine in (bilim, duckdb, native):
        engine.close()
    return times, resident


def make_summary(config, config_path):
    """What somebody would make by hand: one table of sums an indicator, by district and year."""
    native = Peer("duckdb_summary", config_path)
    native.rows("create schema if not exists made")
    for code, (_, sql) in FACTS.items():
        name = code.lower().replace("-", "_")
        native.rows(
            f"create table if not exists made.{name} as select year, region, district, sum(num) as num, "
            f"sum(den) as den from ({sql}) group by all order by all"
        )
    native.close()


def cold_starts(arguments, folder, year):
    """Milliseconds from starting the program to the end of its first canned answer, the files out of the page cache."""
    statement = next(iter(questions(year)))[2]
    times = []
    for _ in range(arguments.starts):
        lake.forget(folder)
        start = time.perf_counter()
        subprocess.run(
            [arguments.bilim, "sql", "--quiet", "--format", "csv", "--lake", str(folder), statement],
            check=True, capture_output=True, cwd=arguments.work / "home",
        )
        times.append((time.perf_counter() - start) * 1000)
    return times


def main():
    run.enter_venv()
    arguments = parse()
    (arguments.work / "home").mkdir(parents=True, exist_ok=True)
    years = tuple(int(year) for year in arguments.years.split(".."))
    scales = [arguments.scale] if arguments.no_growth else [arguments.scale / 10, arguments.scale]
    medians, lines = {}, []
    for scale in scales:
        folder, facts = lake.build(arguments.bilim, arguments.work, scale, years)
        mirror, tables = lake.mirror(folder)
        config = {
            "tables": tables, "mirror": str(mirror), "threads": run.THREADS,
            "memory_bytes": arguments.memory_gib << 30, "spill": str(arguments.work / "spill"),
            "native": str(folder.parent / "summary.duckdb"),
        }
        config_path = arguments.work / "canned.json"
        config_path.write_text(json.dumps(config))
        make_summary(config, config_path)
        start = time.perf_counter()
        subprocess.run(
            [arguments.bilim, "upkeep", "rollups", "--quiet", "--lake", str(folder)], check=True, capture_output=True
        )
        print(f"scale {scale:g}: rollups of all partitions made in {time.perf_counter() - start:.1f} s", flush=True)
        times, resident = answers(arguments, folder, config, config_path, years[1])
        every = [time for found in times["bilim"] for time in found]
        if not every:
            raise SystemExit("no question was answered alike")
        medians[scale] = statistics.median(every)

        def mean_ratio(peer):
            pairs = zip(times["bilim"], times[peer])
            return run.geometric_mean([statistics.median(a) / statistics.median(b) for a, b in pairs])

        lines.append(
            f"| {scale:g} | {facts['rows']['S1.GRADE']:,} | {facts['rows']['S1.PUPIL']:,} | {medians[scale]:.1f} "
            f"| {quantile(every, 0.99):.1f} | {1 / mean_ratio('raw'):.1f} | {mean_ratio('summary'):.2f} "
            f"| {resident / 1e6:.0f} | {statistics.median(cold_starts(arguments, folder, years[1])):.0f} |"
        )
        print(lines[-1], flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print("| scale | marks | enrolments | p50, ms | p99, ms | times faster than DuckDB, raw files "
          "| to DuckDB, summary by hand | resident after, MB | cold start to first answer, ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    if len(scales) == 2:
        print(f"\np50 at ten times the rows: {medians[scales[1]] / medians[scales[0]]:.2f}")


if __name__ == "__main__":
    main()

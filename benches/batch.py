#!/usr/bin/env python3
"""Thousands of submitters: do 20,000 files of one organisation each land in time, and what does upkeep leave of them?

Files of S1.CLASS of one year, ten rows each, organisations spread over the districts of twenty regions. They land by
`bilim submit FILE...`, which stages them and makes one commit of a thousand; then `bilim upkeep` merges. Asked for:
under ten minutes, and no partition with more than 12 files. Usage, from the checkout, after `cargo build --release`:

    python3 benches/batch.py [--bilim PATH] [--files 20000]
"""

import argparse
import collections
import csv
import json
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
YEAR = 2024
ROWS = 10
MOST_SECONDS = 600
MOST_FILES = 12


def bins():
    """Numbers of organisations with their check digit, as many as are asked for."""
    rows = [list(range(1, 12)), [*range(3, 12), 1, 2]]
    for number in range(10**5):
        stem = f"390140{number:05}"
        for weights in rows:
            digit = sum(int(figure) * weight for figure, weight in zip(stem, weights)) % 11
            if digit < 10:
                yield f"{stem}{digit}"
                break


def districts():
    """Districts that exist in the year."""
    with open(ROOT / "datasets/reference/geo.csv", encoding="utf-8") as source:
        rows = list(csv.DictReader(line for line in source if not line.startswith("#")))
    day = f"{YEAR}-10-01"
    is_there = lambda row: row["valid_from"] <= day and (not row["valid_to"] or row["valid_to"] > day)
    return sorted({row["kato"] for row in rows if row["tier"] == "district" and is_there(row)})


def write(folder, count):
    places = districts()
    names = []
    for number, org in zip(range(count), bins()):
        lines = ["district,org_bin,class_id,level,grade,grade_to,language,shift,pupil_count"]
        for grade in range(1, ROWS + 1):
            level = "primary" if grade <= 4 else "basic_secondary" if grade <= 9 else "general_secondary"
            pupils = 15 + (number + grade) % 10
            lines.append(f"{places[number % len(places)]},{org},{grade}A,{level},{grade},,kk,1,{pupils}")
        name = f"{number}.csv"
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        names.append(name)
    return names


def files_by_partition(lake):
    """Live files of each partition, replayed from the table's log."""
    live = {}
    for entry in sorted((lake / "raw/s1_class/_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                live[action["add"]["path"]] = tuple(sorted(action["add"]["partitionValues"].items()))
            elif "remove" in action:
                live.pop(action["remove"]["path"], None)
    return collections.Counter(live.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bilim", default=str(TARGET / "release" / "bilim"))
    parser.add_argument("--files", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        names = write(folder, arguments.files)
        lake = folder / "lake"
        run = lambda *words: subprocess.run([arguments.bilim, *words, "--lake", lake], check=True, cwd=folder)
        run("init", "--quiet")
        start = time.perf_counter()
        run("submit", *names, "--quiet", "--form", "S1.CLASS", "--year", str(YEAR))
        landed = time.perf_counter() - start
        before = files_by_partition(lake)
        start = time.perf_counter()
        run("upkeep", "--quiet", "--output", folder / "told.csv")
        merged = time.perf_counter() - start
        after = files_by_partition(lake)
        query = "select count(*) as n, count(distinct org_bin) as organisations from raw.s1_class"
        told = subprocess.run(
            [arguments.bilim, "sql", query, "--format", "csv", "--quiet", "--lake", lake],
            check=True, capture_output=True, text=True,
        ).stdout.split()[1]
        assert told == f"{len(names) * ROWS},{len(names)}", told
        print("| files | landed in, s | files a partition at most, before upkeep | upkeep, s | after |")
        print("|---|---|---|---|---|")
        print(
            f"| {len(names):,} | {landed:.0f} | {max(before.values())} | {merged:.0f} | {max(after.values())} |"
        )
        assert max(after.values()) <= MOST_FILES, after
        if len(names) >= 20_000:
            assert landed < MOST_SECONDS, landed


if __name__ == "__main__":
    main()

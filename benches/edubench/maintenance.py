#!/usr/bin/env python3
"""Case 23: what landing and correcting cost in a large lake, and when the answer has changed.

    python3 benches/edubench/maintenance.py --scale 100 --years 2019..2023 [--batch 20000]

One school's marks into an empty lake and into the large one, a correction of them, a correction of a whole region and
year; from each correction's end to an answer that differs. With `--batch`, that many submissions of one organisation
each, of one form and year, in one command into an empty lake, then upkeep and the most files that a partition has.
The large lake is copied by hard links first, so that other questions find it unchanged.
"""

import argparse
import collections
import csv
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import canned
import lake
import run

# What a correction does to a mark.
LOWERED = {"5": "4", "4": "3"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=100, help="hundredths of the country")
    parser.add_argument("--years", default="2019..2023")
    parser.add_argument("--batch", type=int, default=0, help="submissions of single organisations; 0 = none")
    parser.add_argument("--batch-form", default="S1.PUPIL")
    parser.add_argument("--bilim", default=str(run.TARGET / "release" / "bilim"))
    parser.add_argument("--work", type=pathlib.Path, default=run.TARGET / "edubench")
    return parser.parse_args()


def ask(bilim, folder, statement):
    """The answer as CSV of a program of its own."""
    command = [bilim, "sql", "--quiet", "--format", "csv", "--lake", str(folder), statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def rewrite(source, target, change, **fixed):
    """Copy a CSV with marks changed and columns set."""
    with open(source) as old, open(target, "w", newline="") as new:
        reader = csv.DictReader(old)
        writer = csv.DictWriter(new, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        for row in reader:
            writer.writerow({**row, "mark": change.get(row["mark"], row["mark"]), **fixed})


def new_lake(bilim, folder):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([bilim, "init", "--quiet", "--lake", str(folder)], check=True)
    return folder


def correct(bilim, folder, statement, path):
    """Seconds to land a correction, and from then to an answer that has changed."""
    before = ask(bilim, folder, statement)
    landed = lake.submit(bilim, folder, "S1.GRADE", [path])
    start = time.perf_counter()
    after = ask(bilim, folder, statement)
    return landed, time.perf_counter() - start, before != after


def landing(arguments, years, folder):
    """Rows of the table: what was done, seconds."""
    bilim, out, year = arguments.bilim, arguments.work / "corrections", years[1]
    shutil.rmtree(out, ignore_errors=True)
    country = lake.country_program()
    lake.write_csv(country, out / "one", arguments.scale, years, ["S1.GRADE"], year, "one")
    lake.write_csv(country, out / "all", arguments.scale, years, ["S1.GRADE"], year)
    school = next((out / "one" / "S1.GRADE").glob("*.csv"))
    region = min((out / "all" / "S1.GRADE").glob("*.csv"), key=lambda path: path.stat().st_size)
    # Under the number of a college, which has no marks yet: a first submission.
    college = (
        f"select min(org_bin) as bin from raw.s1_org where year = {year} and org_type = 'college' "
        f"and region = {school.stem[-2:]}"
    )
    bin_number = ask(bilim, folder, college).split()[1]
    first, correction, whole = out / "first.csv", out / "correction.csv", out / "region.csv"
    rewrite(school, first, {}, org_bin=bin_number)
    rewrite(school, correction, LOWERED, org_bin=bin_number)
    rewrite(region, whole, LOWERED)
    empty, large = new_lake(bilim, arguments.work / "empty"), folder.parent / "large"
    shutil.rmtree(large, ignore_errors=True)
    subprocess.run(["cp", "-rl", str(folder), str(large)], check=True)
    statement = next(
        ours for code, tier, ours, _ in canned.questions(year) if (code, tier) == ("GRD-02", "district")
    )
    rows = [
        ("first submission of a school, empty lake", lake.submit(bilim, empty, "S1.GRADE", [first])),
        ("first submission of a school, large lake", lake.submit(bilim, large, "S1.GRADE", [first])),
    ]
    for name, path in (("a school", correction), (f"region {region.stem[-2:]} of {year}", whole)):
        landed, answered, has_changed = correct(bilim, large, statement, path)
        size = sum(1 for _ in open(path)) - 1
        note = "" if has_changed else " (the same answer!)"
        rows.append((f"correction of {name}, {size:,} marks", landed))
        rows.append((f"from then to the changed answer, program started anew{note}", answered))
    shutil.rmtree(large)
    shutil.rmtree(empty)
    shutil.rmtree(out)
    return rows


def batch(arguments, years):
    """Many submissions of single organisations in one command, then upkeep."""
    bilim, form, out = arguments.bilim, arguments.batch_form, arguments.work / "batch"
    shutil.rmtree(out, ignore_errors=True)
    rows = lake.write_csv(lake.country_program(), out, arguments.scale, years, [form], years[1], "each")
    files = sorted((out / form).glob("*.csv"))[: arguments.batch]
    folder = new_lake(bilim, arguments.work / "batched")
    start = time.perf_counter()
    # Names relative to their folder: twenty thousand absolute ones are too long for a command.
    done = subprocess.run(
        [os.path.abspath(bilim), "submit", "--quiet", "--form", form, "--lake", str(folder), *(f.name for f in files)],
        cwd=out / form, capture_output=True, text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise SystemExit(f"bilim submit: {done.returncode}\n{done.stderr[-2000:]}")
    start = time.perf_counter()
    subprocess.run([bilim, "upkeep", "--quiet", "--lake", str(folder)], check=True, capture_output=True)
    upkeep = time.perf_counter() - start
    table = form.lower().replace(".", "_")
    files_of = collections.Counter(str(pathlib.Path(path).parent) for path in lake.live_files(folder, table))
    shutil.rmtree(out)
    shutil.rmtree(folder)
    return [
        (f"{len(files):,} submissions of {form}, at most {rows:,} rows", seconds),
        (f"upkeep after them; most files in a partition: {max(files_of.values())}", upkeep),
    ]


def main():
    run.enter_venv()
    arguments = parse()
    arguments.work.mkdir(parents=True, exist_ok=True)
    years = tuple(int(year) for year in arguments.years.split(".."))
    rows = batch(arguments, years) if arguments.batch else []
    if not arguments.batch:
        folder, facts = lake.build(arguments.bilim, arguments.work, arguments.scale, years)
        rows = landing(arguments, years, folder)
        print(f"large lake: {facts['rows']['S1.GRADE']:,} marks, {facts['rows']['S1.PUPIL']:,} enrolments")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n| what | s |\n|---|---|")
    print("\n".join(f"| {what} | {seconds:.2f} |" for what, seconds in rows))
    if not arguments.batch:
        print(f"\nfirst submission, large to empty: {rows[1][1] / rows[0][1]:.2f}")


if __name__ == "__main__":
    main()

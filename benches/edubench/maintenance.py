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
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import canned
import lake
import run

# First submissions that are timed, in turn into an empty lake and the large one.
LANDINGS = 5
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


def spent(action):
    """Wall and processor seconds of programs that an action starts."""
    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    wall, cpu = time.perf_counter(), children()
    action()
    return time.perf_counter() - wall, children() - cpu


def middle(times):
    return tuple(statistics.median(values) for values in zip(*times))


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
    landed = spent(lambda: lake.submit(bilim, folder, "S1.GRADE", [path]))
    after = []
    answered = spent(lambda: after.append(ask(bilim, folder, statement)))
    return landed, answered, [before] != after, refresh(bilim, folder)


def refresh(bilim, folder):
    """How many rollups of partitions were missing, and are made now."""
    command = [bilim, "upkeep", "rollups", "--quiet", "--format", "csv", "--lake", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return sum(int(row["made"]) for row in csv.DictReader(done.stdout.splitlines()))


def landing(arguments, years, folder):
    """Rows of the table: what was done, wall and processor seconds."""
    bilim, out, year = arguments.bilim, arguments.work / "corrections", years[1]
    shutil.rmtree(out, ignore_errors=True)
    country = lake.country_program()
    lake.write_csv(country, out / "one", arguments.scale, years, ["S1.GRADE"], year, "one")
    lake.write_csv(country, out / "all", arguments.scale, years, ["S1.GRADE"], year)
    school = next((out / "one" / "S1.GRADE").glob("*.csv"))
    region = min((out / "all" / "S1.GRADE").glob("*.csv"), key=lambda path: path.stat().st_size)
    # Under the number of a kindergarten, which has no marks yet: a first submission.
    gardens = (
        f"select distinct org_bin from raw.s1_org where year = {year} and org_type = 'kindergarten' "
        f"and region = {school.stem[-2:]} order by org_bin limit {LANDINGS}"
    )
    firsts = []
    for number in ask(bilim, folder, gardens).split()[1:]:
        firsts.append((number, out / f"first-{number}.csv"))
        rewrite(school, firsts[-1][1], {}, org_bin=number)
    correction, whole = out / "correction.csv", out / "region.csv"
    rewrite(school, correction, LOWERED, org_bin=firsts[0][0])
    rewrite(region, whole, LOWERED)
    empty, large = arguments.work / "empty", folder.parent / "large"
    shutil.rmtree(large, ignore_errors=True)
    subprocess.run(["cp", "-rl", str(folder), str(large)], check=True)
    refresh(bilim, large)
    statement = next(
        ours for code, tier, ours, _ in canned.questions(year) if (code, tier) == ("GRD-02", "district")
    )
    into_empty, into_large = [], []
    for _, first in firsts:
        new_lake(bilim, empty)
        into_empty.append(spent(lambda: lake.submit(bilim, empty, "S1.GRADE", [first])))
        into_large.append(spent(lambda: lake.submit(bilim, large, "S1.GRADE", [first])))
    rows = [
        (f"first submission of a school, empty lake, median of {len(firsts)}", middle(into_empty)),
        (f"first submission of a school, large lake, median of {len(firsts)}", middle(into_large)),
    ]
    for name, path in (("a school", correction), (f"region {region.stem[-2:]} of {year}", whole)):
        landed, answered, has_changed, made = correct(bilim, large, statement, path)
        size = sum(1 for _ in open(path)) - 1
        note = f"; {made} rollups made anew" if has_changed else "; the same answer!"
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

    def submit():
        # Names relative to their folder: twenty thousand absolute ones are too long for a command.
        command = [os.path.abspath(bilim), "submit", "--quiet", "--form", form, "--lake", str(folder)]
        done = subprocess.run([*command, *(f.name for f in files)], cwd=out / form, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"bilim submit: {done.returncode}\n{done.stderr[-2000:]}")

    submitted = spent(submit)
    upkeep = [bilim, "upkeep", "--quiet", "--lake", str(folder)]
    merged = spent(lambda: subprocess.run(upkeep, check=True, capture_output=True))
    table = form.lower().replace(".", "_")
    files_of = collections.Counter(str(pathlib.Path(path).parent) for path in lake.live_files(folder, table))
    shutil.rmtree(out)
    shutil.rmtree(folder)
    return [
        (f"{len(files):,} submissions of {form}, at most {rows:,} rows", submitted),
        (f"upkeep after them; most files in a partition: {max(files_of.values())}", merged),
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
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n| what | wall, s | processor, s |\n|---|---|---|")
    print("\n".join(f"| {what} | {wall:.2f} | {cpu:.2f} |" for what, (wall, cpu) in rows))
    if not arguments.batch:
        (empty, empty_cpu), (large, large_cpu) = rows[0][1], rows[1][1]
        print(f"\nfirst submission, large to empty: wall {large / empty:.2f}, processor {large_cpu / empty_cpu:.2f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Instructions of ten small questions, planning included, against a stored baseline.

One thread, one partition, no clock: the counts repeat within a percent on one build. From the checkout:

    python3 benches/callgrind.py [--bless] [--only NUMBER]

Builds the bench `micro` in release, runs each question under callgrind (about a minute each) and compares with
`benches/callgrind.csv`; more than 3 % above it is a failure. `--bless` stores the counts; the commit says why they
changed. Needs valgrind.
"""

import argparse
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASELINE = ROOT / "benches" / "callgrind.csv"
TOLERANCE = 1.03


def build():
    """The bench's executable."""
    command = ["cargo", "bench", "-p", "bilim-bench", "--bench", "micro", "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    messages = (json.loads(line) for line in lines if line.startswith("{"))
    found = [m["executable"] for m in messages if m.get("target", {}).get("name") == "micro" and m.get("executable")]
    return found[-1]


def count(executable, number, lake, folder):
    """Instructions below the function `counted`."""
    command = [
        "valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*micro*counted*",
        f"--callgrind-out-file={folder}/out.{number}", executable, str(number), str(lake),
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stderr
    return int(re.search(r"Collected : (\d+)", text).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    executable = build()
    names = subprocess.run([executable], check=True, capture_output=True, text=True).stdout.splitlines()
    stored = {}
    if BASELINE.exists():
        with open(BASELINE, newline="") as file:
            stored = {row["question"]: int(row["instructions"]) for row in csv.DictReader(file)}
    counts, slower = {}, []
    with tempfile.TemporaryDirectory() as folder:
        lake = pathlib.Path(folder) / "lake"
        # The lake is made without valgrind.
        subprocess.run([executable, "0", str(lake)], check=True, cwd=ROOT)
        for number, name in enumerate(names):
            if arguments.only is not None and number != arguments.only:
                continue
            counts[name] = count(executable, number, lake, folder)
            before = stored.get(name)
            ratio = counts[name] / before if before else float("nan")
            print(f"| {name} | {counts[name]:,} | {ratio:.3f} |", flush=True)
            if before and ratio > TOLERANCE:
                slower.append(name)
    if arguments.bless:
        stored.update(counts)
        with open(BASELINE, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["question", "instructions"])
            writer.writerows((name, stored[name]) for name in names if name in stored)
    elif slower:
        sys.exit(f"more than 3 % above the baseline: {', '.join(slower)}")


if __name__ == "__main__":
    main()

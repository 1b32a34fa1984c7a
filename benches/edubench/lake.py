"""The lake of EduBench: the synthetic country at a scale, landed by `bilim submit` as anybody's submissions are.

Scale 1 is a hundredth of the country: 220 organisations, 0.57 million marks, 62 thousand enrolments a year; scale 100
all of it. Every mark of five subjects has four quarters and a final one. The files lie in `raw/<form>/year=Y/region=R`,
partition columns are integers, rows are sorted by district, organisation and person.
"""

import json
import os
import pathlib
import shutil
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FORMS = [
    "REG.AUTHORITY", "S1.ORG", "S1.PUPIL", "S1.CLASS", "S1.STAFF", "S1.INFRA", "S2.POP", "S6.EXAM", "S7.UNT",
    "S1.GRADE",
]
# Submissions of one command land in one commit; CSV of more years at once would only fill the disk.
READY = "ready.json"


def country_program():
    """The generator: the one that EDUBENCH_COUNTRY names, else built where cargo builds."""
    if "EDUBENCH_COUNTRY" in os.environ:
        return os.environ["EDUBENCH_COUNTRY"]
    command = ["cargo", "build", "--release", "-p", "bilim-domain", "--example", "country", "--message-format", "json"]
    built = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [json.loads(line).get("executable") for line in built.splitlines() if line.startswith("{")]
    return next(path for path in reversed(found) if path)


def write_csv(country, out, scale, years, forms, year=None, part=None):
    """Rows written as CSV below `out`."""
    command = [
        country, "--reference", str(ROOT / "datasets" / "reference"), "--out", str(out), "--scale", str(scale / 100),
        "--years", f"{years[0]}..{years[1]}", "--form", ",".join(forms),
    ]
    command += ["--year", str(year)] if year else []
    command += ["--part", part] if part else []
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def submit(bilim, lake, form, files):
    """Land files in one commit; the seconds that it took."""
    start = time.perf_counter()
    done = subprocess.run(
        [bilim, "submit", "--quiet", "--form", form, "--lake", str(lake), *map(str, files)],
        capture_output=True, text=True,
    )
    # 1 = findings: pupils whose enrolments overlap are not for one file to judge.
    if done.returncode not in (0, 1):
        raise SystemExit(f"bilim submit {form}: {done.returncode}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start


def count(bilim, lake, forms):
    """Rows of each form in the lake."""
    names = {form: f"raw.{form.lower().replace('.', '_')}" for form in forms}
    return ask(bilim, lake, " union all ".join(f"select '{form}', count(*) from {name}" for form, name in names.items()))


def rejected(bilim, lake):
    """Rows of each form in submissions that were turned away: a class of more than a hundred, for instance."""
    return ask(
        bilim, lake, "select form, sum(row_count) from gov.submission where outcome = 'rejected' group by form"
    )


def ask(bilim, lake, query):
    """Names and numbers."""
    done = subprocess.run(
        [bilim, "sql", "--quiet", "--format", "csv", "--lake", str(lake), query],
        check=True, capture_output=True, text=True,
    )
    return {form: int(n) for form, n in (line.split(",") for line in done.stdout.splitlines()[1:])}


def build(bilim, work, scale, years, forms=FORMS):
    """The lake of a scale, from an earlier run where there is one. Gives its folder and what it holds."""
    folder = pathlib.Path(work) / f"sf{scale:g}-{years[0]}-{years[1]}"
    lake, ready = folder / "lake", folder / READY
    if ready.exists():
        return lake, json.loads(ready.read_text())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    country = country_program()
    subprocess.run([bilim, "init", "--quiet", "--lake", str(lake)], check=True)
    rows, seconds = {}, 0.0
    for form in forms:
        # Population is counted on the 1 January after.
        shift = int(form == "S2.POP")
        rows[form] = 0
        for year in range(years[0] + shift, years[1] + shift + 1):
            csv = folder / "csv"
            rows[form] += write_csv(country, csv, scale, years, [form], year)
            seconds += submit(bilim, lake, form, sorted((csv / form).glob("*.csv")))
            shutil.rmtree(csv)
        print(f"  {form}: {rows[form]:,} rows", flush=True)
    landed, refused = count(bilim, lake, forms), rejected(bilim, lake)
    if {form: n + refused.get(form, 0) for form, n in landed.items()} != rows:
        raise SystemExit(f"the lake holds {landed} and turned {refused} away, generated were {rows}")
    facts = {"scale": scale, "years": years, "rows": landed, "landing_seconds": round(seconds, 1)}
    ready.write_text(json.dumps(facts))
    return lake, facts


def live_files(lake, table):
    """Data files of a table's head, from its log; the log is never cleaned."""
    live = set()
    for entry in sorted((lake / "raw" / table / "_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                live.add(action["add"]["path"])
            elif "remove" in action:
                live.discard(action["remove"]["path"])
    return sorted(live)


def mirror(lake):
    """The live files under the same names once more, as hard links: what peers read is these very bytes.

    Files that a correction has replaced stay in a lake's folders, so peers must not be given those.
    """
    folder = lake.parent / "mirror"
    shutil.rmtree(folder, ignore_errors=True)
    tables = []
    for table in sorted(path.name for path in (lake / "raw").iterdir()):
        files = live_files(lake, table)
        for path in files:
            target = folder / table / path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(lake / "raw" / table / path, target)
        if files:
            tables.append(table)
    return folder, tables


def forget(folder):
    """Ask the system to drop the folder's files from its page cache."""
    for path in folder.rglob("*.parquet"):
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)

"""The engines as `run.py` sees them: the `bilim` shell behind pipes, and peers in processes of their own."""

import csv
import io
import os
import pathlib
import pickle
import queue
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
MARK = "end_of_statement"


class Failed(Exception):
    """The engine said no; the text is its own."""


def cpu_seconds(pid):
    """Processor time of a process with all threads that it has had."""
    return time.clock_gettime((~pid << 3) | 2)


class Memory:
    """Peak resident memory of a process since the last reset, in bytes."""

    def __init__(self, pid):
        self.pid = pid

    def reset(self):
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024


class Bilim:
    """One `bilim sql` shell over a lake; its own clock times each statement, the answer written out as CSV."""

    name = "bilim"

    def __init__(self, program, lake, work, config, options=(), extra=()):
        home = pathlib.Path(work) / "home"
        home.mkdir(parents=True, exist_ok=True)
        # bilim.toml of the working directory sets the same limits as the peers have.
        (home / "bilim.toml").write_text(
            "\n".join(
                [f"threads = {config['threads']}", f"query_memory_bytes = {config['memory_bytes']}", *extra, ""]
            )
        )
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "sql", "--quiet", "--timing", "--format", "csv", "--lake", str(lake), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home,
            env={**os.environ, "HOME": str(home)},
        )
        self.lines, self.notes = queue.Queue(), []
        for stream, put in ((self.process.stdout, self.lines.put), (self.process.stderr, self.notes.append)):
            threading.Thread(target=self.drain, args=(stream, put), daemon=True).start()
        self.memory = Memory(self.process.pid)
        self.ask("select 1 as one")
        self.start_ms = (time.perf_counter() - started) * 1000
        self.version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()

    def drain(self, stream, put):
        for line in stream:
            put(line)
        put(None)

    def ask(self, sql):
        """Lines of the answer and its milliseconds. A second, tiny statement tells where the answer ends."""
        self.notes.clear()
        body = " ".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
        self.process.stdin.write(f"{body.strip().rstrip(';')};\nselect '{MARK}' as mark;\n")
        self.process.stdin.flush()
        lines = []
        while True:
            line = self.lines.get()
            if line is None:
                raise Failed("the program ended: " + "".join(note or "" for note in self.notes)[-500:])
            if line.startswith(MARK):
                break
            lines.append(line)
        while sum(1 for note in self.notes if note and note.startswith("Time:")) < 1:
            time.sleep(0.0005)
        errors = [note for note in self.notes if note and note.startswith("error:")]
        if errors:
            raise Failed(errors[0].strip())
        # The header of the marker statement stands before its row.
        if lines and lines[-1].strip() == "mark":
            lines.pop()
        times = [float(note.split()[1]) for note in list(self.notes) if note and note.startswith("Time:")]
        return lines, times[0]

    def rows(self, sql):
        lines, _ = self.ask(sql)
        table = list(csv.reader(io.StringIO("".join(lines))))
        return (table[0], [tuple(row) for row in table[1:]]) if table else ([], [])

    def time(self, sql):
        before = cpu_seconds(self.process.pid)
        _, milliseconds = self.ask(sql)
        return milliseconds, (cpu_seconds(self.process.pid) - before) * 1000

    def explain(self, sql):
        body = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
        return "".join(self.ask("explain analyze " + body)[0])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """A peer in a process of its own (`peer.py`); it times the statement and the whole answer as a columnar table."""

    def __init__(self, name, config_path):
        self.name = name
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "peer.py"), name, str(config_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        self.memory = Memory(self.process.pid)
        self.version = self.receive()["version"]
        self.start_ms = (time.perf_counter() - started) * 1000

    def receive(self):
        try:
            answer = pickle.load(self.process.stdout)
        except EOFError as error:
            raise Failed(f"the process ended with {self.process.wait()}") from error
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def send(self, op, sql):
        pickle.dump({"op": op, "sql": sql}, self.process.stdin)
        self.process.stdin.flush()
        return self.receive()

    def rows(self, sql):
        answer = self.send("rows", sql)
        return answer["columns"], answer["rows"]

    def time(self, sql):
        answer = self.send("time", sql)
        return answer["ms"], answer["cpu_ms"]

    def explain(self, sql):
        return self.send("explain", sql)["plan"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()

"""Runs seeds in processes of their own and says what came of each."""

import json
import os
import re
import subprocess
import tempfile
import threading

SECONDS_MAX = 300


class Seeds:
    """How seeds are run: with which program, how many nodes, and how often."""

    def __init__(self, program, nodes, twice):
        self.program = program
        self.nodes = nodes
        self.twice = twice
        self.environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        # Every process hashes by a key of its own, unless this says otherwise.
        self.environment.pop("SWIFT_DETERMINISTIC_HASHING", None)

    def words(self, seed, *more, nodes=None):
        nodes = nodes or self.nodes
        words = [self.program, "sim", "run", "--seed", str(seed), "-o", "json"]
        return words + (["--nodes", str(nodes)] if nodes else []) + list(more)

    def run(self, seeds, take):
        """Runs a range of seeds and hands each report to `take`, in order."""
        first = self.reports(seeds)
        if not self.twice:
            for report, _ in first:
                take(report)
            return
        for (report, hashing), (again, other) in zip(list(first), self.reports(seeds)):
            report["processes_hash_differently"] = hashing != other
            if report["verdict"] == "ok" and again.get("trace_hash") != report["trace_hash"]:
                report.update(verdict="safety", promise="X1")
                report["reason"] = "the trace hashes of two processes differ"
            take(report)

    def reports(self, seeds):
        """The reports of a range, and what each process hashed a text to.

        One process runs many seeds; where it stops itself, that seed has failed, and another
        process goes on behind it.
        """
        rest = seeds
        while rest:
            more = ["--count", str(len(rest))] + (["--show-hashing"] if self.twice else [])
            with tempfile.TemporaryFile("w+") as errors:
                process = subprocess.Popen(
                    self.words(rest[0], *more),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env=self.environment,
                )
                done = 0
                for line in limited_lines(process):
                    done += 1
                    yield json.loads(line), said(errors, "hashing")
                process.wait()
                rest = rest[done:]
                if rest:
                    yield crash(rest[0], process.returncode, said(errors, "atal error")), None
                    rest = rest[1:]

    def trace(self, seed, *more, nodes=None):
        """A seed's report and its whole trace."""
        with tempfile.TemporaryFile("w+") as errors:
            try:
                done = subprocess.run(
                    self.words(seed, "--trace", *more, nodes=nodes),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env=self.environment,
                    timeout=SECONDS_MAX,
                )
                output, status = done.stdout, done.returncode
            except subprocess.TimeoutExpired:
                output, status = "", "timeout"
            errors.seek(0)
            lines = errors.read().splitlines()
            try:
                return json.loads(output), lines
            except ValueError:
                return crash(seed, status, said(errors, "atal error")), lines

    def report(self, seed, *more, nodes=None):
        """A seed's report alone."""
        with tempfile.TemporaryFile("w+") as errors:
            words = self.words(seed, *more, nodes=nodes)
            try:
                done = subprocess.run(
                    words,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env=self.environment,
                    timeout=SECONDS_MAX,
                )
                return json.loads(done.stdout)
            except subprocess.TimeoutExpired:
                return crash(seed, "timeout", None)
            except ValueError:
                return crash(seed, done.returncode, said(errors, "atal error"))


def limited_lines(process):
    """The lines of a process, which is ended if it takes too long over one."""
    while True:
        timer = threading.Timer(SECONDS_MAX, process.kill)
        timer.start()
        line = process.stdout.readline()
        timer.cancel()
        if not line.endswith("\n"):
            return
        yield line


def said(errors, word):
    """The first line of standard error with a word in it."""
    errors.seek(0)
    return next((line for line in errors.read().splitlines() if word in line), None)


def crash(seed, status, line):
    """The report of a seed whose process stopped itself."""
    if status in ("timeout", -9):
        return {"seed": seed, "verdict": "crash", "reason": f"no end after {SECONDS_MAX} s"}
    reason = line.split("atal error: ")[-1] if line else f"exit status {status}"
    return {"seed": seed, "verdict": "crash", "reason": reason}


def signature(report):
    """What makes two failures one: the promise, or what the process said when it stopped."""
    if report["verdict"] == "ok":
        return None
    if report["verdict"] == "crash":
        return ("crash", re.sub(r"\d+", "N", report["reason"]))
    return (report["verdict"], report.get("promise"))


def repeat_line(report, *more):
    nodes = ["--nodes", str(report["nodes"])] if report.get("nodes") else []
    return " ".join(["lockstep sim run --seed", str(report["seed"]), *nodes, *more])

"""Runs seeds in processes of their own and says what came of each."""

import json
import os
import re
import signal
import subprocess
import tempfile

SECONDS_MAX = 300
INTERRUPTED = (-signal.SIGINT, -signal.SIGTERM)
# Of processor time: what waits for a busy machine is not stuck. The process then gets SIGKILL.
LIMIT = ["sh", "-c", f'ulimit -t {SECONDS_MAX} && exec "$@"', "sh"]


class Seeds:
    """How seeds are run: with which program, how many nodes, and how often."""

    def __init__(self, program, options):
        self.program = program
        self.nodes = options.nodes
        self.twice = options.twice
        self.mode = options.mode
        self.lie = options.lie
        # What a seed draws depends on what was asked for.
        self.asked = {"mode": self.mode, "asked_nodes": self.nodes, "asked_lie": self.lie}
        self.environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        # Every process hashes by a key of its own, unless this says otherwise.
        self.environment.pop("SWIFT_DETERMINISTIC_HASHING", None)

    def words(self, seed, *more, nodes=None):
        nodes = nodes or self.nodes
        words = LIMIT + [self.program, "sim", "run", "--seed", str(seed), "-o", "json"]
        if self.mode == "bft":
            words += ["--mode", "bft"] + (["--lie", self.lie] if self.lie else [])
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
                for line in process.stdout:
                    if not line.endswith("\n"):
                        break
                    done += 1
                    yield json.loads(line) | self.asked, said(errors, "hashing")
                process.wait()
                rest = rest[done:]
                if process.returncode in INTERRUPTED:
                    # Somebody has ended it: that says nothing of the seed.
                    return
                if rest:
                    stopped = crash(rest[0], process.returncode, said(errors, "atal error"))
                    yield stopped | self.asked, None
                    rest = rest[1:]

    def trace(self, seed, *more, nodes=None):
        """A seed's report and its whole trace."""
        with tempfile.TemporaryFile("w+") as errors:
            report = self.finished(seed, self.words(seed, "--trace", *more, nodes=nodes), errors)
            errors.seek(0)
            return report, errors.read().splitlines()

    def report(self, seed, *more, nodes=None):
        """A seed's report alone."""
        with tempfile.TemporaryFile("w+") as errors:
            return self.finished(seed, self.words(seed, *more, nodes=nodes), errors)

    def finished(self, seed, words, errors):
        """The report of a process that runs one seed."""
        done = subprocess.run(
            words, stdout=subprocess.PIPE, stderr=errors, text=True, env=self.environment
        )
        try:
            return json.loads(done.stdout)
        except ValueError:
            return crash(seed, done.returncode, said(errors, "atal error"))


def said(errors, word):
    """The first line of standard error with a word in it."""
    errors.seek(0)
    return next((line for line in errors.read().splitlines() if word in line), None)


def crash(seed, status, line):
    """The report of a seed whose process stopped itself."""
    if status == -signal.SIGKILL:
        reason = f"no end after {SECONDS_MAX} s of processor time"
        return {"seed": seed, "verdict": "crash", "reason": reason}
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
    if report.get("mode") == "bft":
        asked = [(name, report.get(f"asked_{name}")) for name in ("nodes", "lie")]
        more = [f"--{name} {value}" for name, value in asked if value]
        return " ".join(["lockstep sim run --mode bft --seed", str(report["seed"]), *more])
    nodes = ["--nodes", str(report["nodes"])] if report.get("nodes") else []
    return " ".join(["lockstep sim run --seed", str(report["seed"]), *nodes, *more])

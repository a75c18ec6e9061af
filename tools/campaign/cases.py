"""Runs numbered cases of a simulated enumeration in processes of their own, and counts."""

import argparse
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

from campaign.numbers import duration, not_negative, positive
from campaign.progress import Progress, clear_line
from campaign.results import Results
from campaign.seeds import LIMIT, said

CHUNK = 100


class Series:
    """Cases of one kind, counted from 1: how they are run and how many there are."""

    def __init__(self, name, words, total):
        self.name = name
        self.words = words
        self.total = total


def arguments(program, nodes, **sampled):
    """What every such tool can be told, and how many drawn cases of a kind are wanted."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--node", choices=nodes)
    for name, count in sampled.items():
        parser.add_argument(f"--{name}", type=not_negative, default=count)
    parser.add_argument("--jobs", type=positive, default=2)
    parser.add_argument("--minutes", type=duration)
    parser.add_argument("--log")
    parser.add_argument("-o", dest="form", choices=["table", "json"], default="table")
    return parser.parse_args()


class CaseRuns:
    """Runs series of cases, keeps what is done in a file, and adds up."""

    def __init__(self, options):
        self.program = os.environ["LOCKSTEP"]
        self.options = options
        self.environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        self.lock = threading.Lock()
        self.progress = Progress(options.minutes)
        self.results = Results(options.log, self.program)
        self.series = []
        self.facts = {}
        self.done = []
        self.count = 0
        self.fresh = 0
        self.sums = {}
        self.failures = []

    # Running

    def add_nodes(self, command, nodes):
        """All cases of these nodes; how many, a command says when it is asked for none."""
        for node in nodes:
            name, words = f"node {node}", ["sim", command, "--node", node]
            done = subprocess.run([self.program] + words, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                sys.exit(done.returncode)
            self.facts[name] = json.loads(done.stdout)
            self.series.append(Series(name, words, self.facts[name]["cases"]))

    def run(self):
        """Runs all series, shows what came of them, and returns the exit status."""
        self.total = sum(one.total for one in self.series)
        chunks = [
            (one, first, min(CHUNK, one.total + 1 - first))
            for one in self.series
            for first in range(1, one.total + 1, CHUNK)
        ]
        chunks = self.without_known(chunks)
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(self.run_chunk, chunks))
        self.seconds = self.progress.seconds()
        self.show_progress(is_last=True)
        self.failures.sort(key=lambda report: (report["series"], report["case"]))
        self.show()
        return 0 if not self.failures and self.count == self.total > 0 else 1

    def without_known(self, chunks):
        """Leaves out what the log of an earlier run of this build has, and counts it."""
        known = {(d["series"], d["first"], d["count"]): d for d in self.results.read()}
        left = []
        for chunk in chunks:
            found = known.get((chunk[0].name, chunk[1], chunk[2]))
            if found:
                self.add(found)
            else:
                left.append(chunk)
        return left

    def run_chunk(self, chunk):
        series, first, count = chunk
        if self.progress.is_late():
            return
        done = {"series": series.name, "first": first, "count": count, "sums": {}, "failures": []}
        for report in self.reports(series, first, count):
            add_report(done, report)
        with self.lock:
            self.fresh += count
            self.add(done)
            self.results.add(done)
            self.show_progress()

    def reports(self, series, first, count):
        """One report for each case; where a process stops itself, that case has failed."""
        end = first + count
        while first < end:
            words = series.words + ["--case", str(first), "--count", str(end - first)]
            with tempfile.TemporaryFile("w+") as errors:
                process = subprocess.Popen(
                    LIMIT + [self.program] + words,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    env=self.environment,
                )
                for line in process.stdout:
                    if not line.endswith("\n"):
                        break
                    first += 1
                    yield json.loads(line)
                process.wait()
                if first < end:
                    yield crash(first, process.returncode, said(errors, "atal error"))
                    first += 1

    # Adding up

    def add(self, done):
        self.done.append(done)
        self.count += done["count"]
        for name, sums in done["sums"].items():
            own = self.sums.setdefault(name, {})
            for field, value in sums.items():
                own[field] = own.get(field, 0) + value
        for report in done["failures"]:
            report["series"] = done["series"]
            self.failures.append(report)
            self.show_failure(report)

    def repeat_line(self, report):
        words = next(one.words for one in self.series if one.name == report["series"])
        return f"lockstep {' '.join(words)} --case {report['case']} --trace"

    # Showing

    def show_failure(self, report):
        clear_line()
        words = f"{report['verdict']} {report.get('promise', '')}".strip()
        print(f"{report['series']}, case {report['case']}: {words}: {report['reason']}", file=sys.stderr)
        for line in report.get("crashes", report.get("damage", [])):
            print(f"  {line}", file=sys.stderr)
        print(f"  repeat with: {self.repeat_line(report)}", file=sys.stderr, flush=True)

    def show_progress(self, is_last=False):
        if not is_last and not self.progress.is_due():
            return
        rate = self.fresh / max(self.progress.seconds(), 0.001)
        text = f"{self.count}/{self.total} cases, {rate:.1f}/s, {len(self.failures)} failed"
        left = (self.total - self.count) / rate if rate else None
        self.progress.show(text, self.count / max(self.total, 1), left, is_last)

    def fields(self):
        return {
            "cases": self.count,
            "of": self.total,
            "jobs": self.options.jobs,
            "seconds": round(self.seconds, 1),
            "ok": self.count - len(self.failures),
            "failed": len(self.failures),
        }

    def show(self):
        if self.options.form == "json":
            fields = self.fields()
            fields.update(facts=self.facts, sums=self.sums, failures=self.failures)
            return print(json.dumps(fields, indent=2))
        titles = sorted({field for sums in self.sums.values() for field in sums} - {"cases"})
        print("\n" + f"{'':<28}{'cases':>10}" + "".join(f"{title:>14}" for title in titles))
        for name, sums in sorted(self.sums.items()):
            row = "".join(f"{sums.get(title, 0):>14}" for title in titles)
            print(f"  {name:<26}{sums['cases']:>10}{row}")
        print()
        for name, one in self.facts.items():
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in one.items()))
        for name, value in self.fields().items():
            print(f"{name:<10}{value}")


def add_report(done, report):
    """Adds a case's report to what its chunk comes to."""
    sums = done["sums"].setdefault(report.get("kind", "crash"), {"cases": 0})
    sums["cases"] += 1
    for field, value in report.get("counts", {}).items():
        sums[field] = sums.get(field, 0) + value
    if report["verdict"] != "ok":
        done["failures"].append(report)


def crash(case, status, line):
    """The report of a case whose process stopped itself."""
    reason = line.split("atal error: ")[-1] if line else f"exit status {status}"
    if status == -signal.SIGKILL:
        reason = "no end within the limit of processor time"
    return {"case": case, "verdict": "crash", "reason": reason}

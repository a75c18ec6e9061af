"""The part of tools/simulate that starts processes, counts and prints."""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import time

BINARY = os.environ["LOCKSTEP"]
SECONDS_MAX = 300


def command(seed, nodes):
    words = [BINARY, "sim", "run", "--seed", str(seed)]
    return words + (["--nodes", str(nodes)] if nodes else [])


def report_of(seed, nodes):
    """The JSON report of a seed; a process that stopped itself makes a report of kind crash."""
    try:
        done = subprocess.run(
            command(seed, nodes) + ["-o", "json"],
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
        )
    except subprocess.TimeoutExpired:
        return {"seed": seed, "verdict": "crash", "reason": f"no end after {SECONDS_MAX} s"}
    try:
        return json.loads(done.stdout)
    except ValueError:
        said = [line for line in done.stderr.splitlines() if "atal error" in line]
        return {
            "seed": seed,
            "verdict": "crash",
            "reason": said[0] if said else f"exit status {done.returncode}",
        }


def run(seed, options):
    report = report_of(seed, options.nodes)
    if options.twice and report["verdict"] == "ok":
        again = report_of(seed, options.nodes)
        if again.get("trace_hash") != report["trace_hash"]:
            report["verdict"] = "safety"
            report["reason"] = "X1: the trace hashes of two processes differ"
    return report


class Totals:
    """What all seeds add up to."""

    def __init__(self):
        self.started = time.monotonic()
        self.reports = []
        self.failed = []

    def add(self, report, count):
        self.reports.append(report)
        if report["verdict"] != "ok":
            self.failed.append(report)
            self.show_failure(report)
        self.show_progress(count)

    def show_failure(self, report):
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
        for line in report.get("trace", [])[-40:]:
            print(line)
        promise = report.get("promise", "")
        print(f"seed {report['seed']}: {report['verdict']} {promise} {report['reason']}")
        nodes = report.get("nodes")
        suffix = f" --nodes {nodes}" if nodes else ""
        print(f"repeat with: lockstep sim run --seed {report['seed']}{suffix}", flush=True)

    def show_progress(self, count):
        done = len(self.reports)
        if sys.stderr.isatty():
            bar = "#" * (30 * done // count)
            rate = done / (time.monotonic() - self.started)
            text = f"\r[{bar:<30}] {done}/{count} seeds, {rate:.1f}/s, {len(self.failed)} failed"
            sys.stderr.write(text + ("\n" if done == count else ""))
        elif done % 100 == 0:
            sys.stderr.write(f"{done} seeds, {len(self.failed)} failed\n")

    def total(self, name):
        return sum(report.get(name, 0) for report in self.reports)

    def show(self, jobs):
        seconds = time.monotonic() - self.started
        count = len(self.reports)
        faults = {}
        for report in self.reports:
            for kind, times in report.get("faults", {}).items():
                faults[kind] = faults.get(kind, 0) + times
        many = sum(1 for report in self.reports if len(report.get("faults", {})) >= 3)
        print(f"seeds            {count} in {seconds:.0f} s, {count / seconds:.2f}/s, {jobs} jobs")
        print(f"simulated        {self.total('simulated_seconds') / 3600:.1f} hours")
        print(f"operations       {self.total('operations')}")
        print(f"leader changes   {self.total('leader_changes')}")
        print(f"crashes          {self.total('crashes')}")
        print(f"3+ kinds         {many} seeds had three or more kinds of fault in effect")
        for kind, times in faults.items():
            print(f"  {kind:<21}{times}")
        print(f"{count - len(self.failed)} ok, {len(self.failed)} failed")


def main():
    parser = argparse.ArgumentParser(prog="tools/simulate")
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--nodes", type=int)
    parser.add_argument("--twice", action="store_true")
    options = parser.parse_args()
    totals = Totals()
    seeds = range(options.first, options.first + options.seeds)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for report in pool.map(lambda seed: run(seed, options), seeds):
            totals.add(report, len(seeds))
    totals.show(options.jobs)
    return 1 if totals.failed else 0


sys.exit(main())

"""The part of tools/mutants that plants bugs, runs seeds and prints what was found by what."""

import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import planting  # noqa: E402, as it must not leave compiled files in tools

RESULTS = pathlib.Path(".build-mutants/results.json")
SECONDS_MAX = 120
# Of processor time: what waits for a busy machine is not stuck. The process then gets SIGXCPU,
# which nothing else sends; SIGKILL is the end of whoever takes too much memory.
LIMIT = ["sh", "-c", f'ulimit -S -t {SECONDS_MAX} && ulimit -H -t {SECONDS_MAX + 10} && exec "$@"',
         "sh"]


class Trouble(Exception):
    """A process ended in a way that says nothing about the bug."""


def verdict(seed, bug, mode):
    """What a seed shows: None if it keeps every promise, else a short text."""
    environment = dict(os.environ, LOCKSTEP_PLANTED_BUG=bug)
    command = LIMIT + [os.environ["LOCKSTEP"], "sim", "run", "--seed", str(seed), "-o", "json",
                       "--mode", mode]
    # Whoever stops itself must not spend seconds on a backtrace.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode == -signal.SIGXCPU:
        return {"by": "liveness", "promise": "L5", "reason": f"no end after {SECONDS_MAX} s"}
    try:
        report = json.loads(done.stdout)
    except ValueError:
        said = [line for line in done.stderr.splitlines() if "atal error" in line]
        is_trap = done.returncode in (-signal.SIGILL, -signal.SIGTRAP)
        if not said and not is_trap:
            raise Trouble(f"seed {seed} of {bug or 'no bug'} ended with {done.returncode}: "
                          + (done.stderr.strip()[-300:] or "without a word"))
        reason = said[0].split("atal error: ")[-1] if said else "trapped"
        return {"by": "invariant", "promise": promise_in(reason), "reason": reason}
    if report["verdict"] == "ok":
        return None
    return {
        "by": report["verdict"],
        "promise": report.get("promise", ""),
        "reason": report.get("reason", ""),
    }


def promise_in(reason):
    """The id that an invariant's sentence begins or ends with."""
    words = reason.replace("broken invariant: ", "").replace("(", " ").replace(")", " ")
    ids = [word.strip(":,.") for word in words.split()]
    return next((w for w in ids if w[:1] in "SRWLXI" and w[1:].isdigit()), "")


class Run:
    def __init__(self, options):
        self.options = options
        self.pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
        self.build = hashlib.sha256(pathlib.Path(os.environ["LOCKSTEP"]).read_bytes()).hexdigest()
        self.results = {}
        self.unclean = set()
        if options.resume and RESULTS.exists():
            earlier = json.loads(RESULTS.read_text())
            if earlier["build"] == self.build:
                self.results = earlier["bugs"]

    def first_failure(self, bug, seeds, name, mode):
        """The first of the seeds that fails, in order, however the processes end."""
        waiting = []
        seeds = iter(seeds)
        for seed in itertools.islice(seeds, self.options.jobs):
            waiting.append((seed, self.pool.submit(verdict, seed, bug, mode)))
        while waiting:
            seed, future = waiting.pop(0)
            found = future.result()
            if found and not self.fails_anyway(bug, seed, mode):
                for _, other in waiting:
                    other.cancel()
                return dict(found, seed=seed)
            show_progress(f"{name}: {seed} seeds")
            for seed in itertools.islice(seeds, 1):
                waiting.append((seed, self.pool.submit(verdict, seed, bug, mode)))
        return None

    def fails_anyway(self, bug, seed, mode):
        """Whether a seed beyond those that were clean fails with no bug planted, too."""
        if not bug or seed <= self.options.clean:
            return False
        if (mode, seed) not in self.unclean:
            found = verdict(seed, "", mode)
            if not found:
                return False
            self.unclean.add((mode, seed))
            print_line(f"with no bug planted, mode {mode}: {describe(dict(found, seed=seed))}")
        return True

    def check_clean(self, mode):
        found = self.first_failure("", range(1, self.options.clean + 1), "no bug", mode)
        if found:
            print_line(f"with no bug planted, mode {mode}: {describe(found)}")
            sys.exit(1)
        print_line(f"no bug planted, mode {mode}: {self.options.clean} seeds, all clean")

    def find(self, bug):
        known = self.results.get(bug.id)
        if known and (known.get("seed") or known["seeds"] >= self.options.limit):
            return known
        began = time.monotonic()
        limit = self.options.limit
        found = self.first_failure(bug.id, range(1, limit + 1), bug.id, bug.mode)
        result = dict(found or {}, seeds=found["seed"] if found else limit)
        result["what"], result["list"] = bug.what, bug.list
        result["seconds"] = round(time.monotonic() - began, 1)
        self.results[bug.id] = result
        RESULTS.write_text(
            json.dumps({"build": self.build, "bugs": self.results}, indent=2) + "\n"
        )
        return result


def describe(found):
    if "seed" not in found:
        return f"NOT FOUND in {found['seeds']} seeds"
    reason = found["reason"].replace("broken invariant: ", "")
    promise = "" if not found["promise"] or found["promise"] in reason else found["promise"] + ": "
    return f"seed {found['seed']}, {found['by']}: {promise}{reason}"


def show_progress(text):
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)


def print_line(text):
    show_progress("")
    print(text, flush=True)


def table(bugs, results):
    rows = ["| Bug | From | Seed | Found by |", "|---|---|---:|---|"]
    for bug in bugs:
        found = results[bug.id]
        by = found.get("by", "") + (" " + found["promise"] if found.get("promise") else "")
        seed = found.get("seed", "**not found**")
        rows.append(f"| {bug.what} (`{bug.id}`) | {bug.list} | {seed} | {by} |")
    return "\n".join(rows)


def summary(results):
    """How many were found, and how soon."""
    seeds = sorted(result["seed"] for result in results.values() if "seed" in result)
    soon = sum(1 for seed in seeds if seed <= 12)
    last = f"; {soon} within 12 seeds, the last by seed {seeds[-1]}" if seeds else ""
    return f"{len(seeds)} of {len(results)} found{last}"


def record(path, text):
    """Puts the table between the marks of a document."""
    begin, end = "<!-- measured: planted bugs -->", "<!-- end -->"
    head, mark, rest = pathlib.Path(path).read_text().partition(begin)
    if not mark or end not in rest:
        raise Trouble(f"{path} has no place marked {begin}")
    text = f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    pathlib.Path(path).write_text(text)


def parse():
    parser = argparse.ArgumentParser(prog="tools/mutants")
    parser.add_argument("--limit", type=int, default=1_000)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--clean", type=int, default=50)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--record")
    parser.add_argument("--plant", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--anchors", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    try:
        bugs = planting.bugs()
        if options.plant:
            planting.plant(bugs)
            return 0
        if options.anchors:
            planting.planted_files(bugs)
            print(f"{len(bugs)} planted bugs have their places")
            return 0
    except planting.Broken as problem:
        print(problem, file=sys.stderr)
        return 1
    bugs = [bug for bug in bugs if bug.where == "simulation"]
    unknown = set(options.only) - {bug.id for bug in bugs}
    if unknown:
        print(f"no bug is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    chosen = [bug for bug in bugs if not options.only or bug.id in options.only]
    run = Run(options)
    if options.clean:
        for mode in sorted({bug.mode for bug in chosen}):
            run.check_clean(mode)
    for bug in chosen:
        print_line(f"{bug.id}: {describe(run.find(bug))}")
    results = {bug.id: run.results[bug.id] for bug in chosen}
    print("\n" + table(chosen, results))
    print(summary(results))
    if options.record:
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True,
                                text=True).stdout.strip()
        said = f"Of {time.strftime('%Y-%m-%d')}, at {commit}: {summary(results)}."
        record(options.record, f"{said}\n\n{table(chosen, results)}")
    return 1 if run.unclean or not all("seed" in result for result in results.values()) else 0


try:
    sys.exit(main())
except Trouble as trouble:
    sys.exit(f"tools/mutants: {trouble}")

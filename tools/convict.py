"""The part of tools/convict that runs clusters and says what convicted which bug."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

RUNS = pathlib.Path(".build-mutants/convictions")
RESULTS = pathlib.Path(".build-mutants/convictions.json")
SECONDS = 30
QUIET_SECONDS = 6
PASSED, CONVICTED = 0, 9


class Recipe:
    """What convicts a bug: what clients do, what breaks meanwhile, and why that shows it."""

    def __init__(self, bug, workload, faults, *more):
        self.bug, self.workload, self.more = bug, workload, list(more)
        self.faults = ["--combination", faults] if faults else []

    def words(self):
        return ["--workload", self.workload, *self.faults, *self.more]


RECIPES = [
    # All nodes end at once; the last read of every key misses what was acknowledged and unwritten.
    Recipe("acknowledged-before-written", "kv", "power-cuts"),
    # A leader goes on after a pause, cut off from whoever could tell it that another one leads.
    # Clients that called meanwhile write there; those with little to do still ask the old one.
    Recipe("read-without-round", "register", "deposed-unawares", "--clients", "200", "--rate", "2"),
    Recipe("lease-outlives-a-pause", "register", "deposed-unawares", "--clients", "200", "--rate",
           "2"),
    # The leader ends between applying and answering; clients ask the next one again.
    Recipe("retry-applied-again", "counter", "leader-kills", "--rate", "0"),
    # All nodes start from a snapshot, and writes that were answered before are sent again.
    Recipe("replies-not-in-snapshot", "sessions", "power-cuts", "--rate", "0", "--clients", "14",
           "--snapshot-after", "64KiB"),
    # Two who do not hear each other ask the same third node, which has started again between them.
    Recipe("hard-state-forgotten-at-restart", "kv", "kingmaker", "--rate", "50"),
    # One of four answers every read with what it first found; whoever believes it sees old values.
    Recipe("single-reply-believed", "register", None, "--liar", "fork-reads"),
]


def said_in(folder):
    """What a node said when it stopped itself; None if none did."""
    for log in sorted(folder.glob("cluster/n*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if "atal error: " in line:
                return f"{log.stem}: {line.split('atal error: ')[-1].strip()}"
    return None


class Trouble(Exception):
    """A run ended in a way that says nothing about the bug."""


class Runs:
    def __init__(self, options):
        self.options = options
        self.binaries = pathlib.Path(os.environ["LOCKSTEP_FOLDER"])

    def run(self, recipe, has_bug, seed):
        """One run: its verdict as the harness wrote it, or None if nothing was seen."""
        name = recipe.bug if has_bug else f"without-{recipe.bug}"
        folder = RUNS / f"{name}-{seed}"
        shutil.rmtree(folder, ignore_errors=True)
        command = [self.binaries / "lockstep-jepsen", "run", *recipe.words(), "--seconds",
                   SECONDS, "--quiet", QUIET_SECONDS, "--seed", seed, "--binary",
                   self.binaries / "lockstep", "--base-port", self.options.base_port, "--out",
                   folder, "--no-progress", "-o", "json"]
        environment = dict(os.environ, LOCKSTEP_PLANTED_BUG=recipe.bug if has_bug else "")
        environment["SWIFT_BACKTRACE"] = "enable=no"
        done = subprocess.run([str(word) for word in command], env=environment, text=True,
                              capture_output=True, check=False)
        if done.returncode == CONVICTED:
            verdict = json.loads((folder / "verdicts.json").read_text())
            if not verdict["findings"]:
                shutil.rmtree(folder, ignore_errors=True)
                return {"by": "invariant", "reason": verdict["end_problem"]}
            return {"by": verdict["judge"], "reason": verdict["findings"][0]["sentence"],
                    "key": verdict["findings"][0]["key"], "folder": str(folder)}
        # A node that stops itself before anybody could write ends the run without a verdict.
        stopped = said_in(folder) if has_bug and done.returncode != PASSED else None
        shutil.rmtree(folder, ignore_errors=True)
        if stopped:
            return {"by": "invariant", "reason": stopped}
        if done.returncode != PASSED and not has_bug:
            raise Trouble(f"{name}, seed {seed}: status {done.returncode}: "
                          f"{done.stderr.strip()[-400:]}")
        return None

    def convict(self, recipe):
        began = time.monotonic()
        runs, stopped = 0, None
        while time.monotonic() - began < 60 * self.options.minutes:
            runs += 1
            found = self.run(recipe, True, runs)
            seconds = round(time.monotonic() - began)
            if found and found["by"] != "invariant":
                return dict(found, runs=runs, seconds=seconds)
            stopped = stopped or found and dict(found, runs=runs, seconds=seconds)
        return stopped or {"runs": runs, "seconds": round(time.monotonic() - began)}


def describe(found):
    if "by" not in found:
        return f"NOT CONVICTED in {found['runs']} runs, {found['seconds']} s"
    return (f"{found['by']}, run {found['runs']}, {found['seconds']} s: "
            f"{found['reason']}")


def parse():
    parser = argparse.ArgumentParser(prog="tools/convict")
    parser.add_argument("--only", action="append", default=[],
                        choices=[recipe.bug for recipe in RECIPES])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clean", type=int, default=1)
    parser.add_argument("--base-port", type=int, default=8400)
    return parser.parse_args()


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    RUNS.mkdir(parents=True, exist_ok=True)
    runs = Runs(options)
    chosen = [one for one in RECIPES if not options.only or one.bug in options.only]
    for recipe in chosen:
        for seed in range(1, options.clean + 1):
            found = runs.run(recipe, False, seed)
            if found:
                print(f"without {recipe.bug}, seed {seed}: {found['by']}: {found['reason']}")
                return 1
        if options.clean:
            print(f"without {recipe.bug}: {options.clean} runs passed", flush=True)
    results = {}
    for recipe in chosen:
        results[recipe.bug] = runs.convict(recipe)
        print(f"{recipe.bug}: {describe(results[recipe.bug])}", flush=True)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    convicted = sum(1 for found in results.values() if "by" in found)
    print(f"{convicted} of {len(chosen)} convicted")
    return 0 if convicted == len(chosen) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        sys.exit(f"tools/convict: {trouble}")

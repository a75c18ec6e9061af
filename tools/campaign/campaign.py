"""A campaign: many seeds, what they add up to, and whether that is enough."""

import concurrent.futures
import json
import sys
import threading
import time

from campaign.progress import Progress, clear_line
from campaign.results import Results
from campaign.seeds import repeat_line, signature

CHUNK = 8
# What a seed is at least, and what a hundred of them must have met.
SECONDS_MIN = {"raft": 60, "bft": 4}
OPERATIONS_MIN = {"raft": 1000, "bft": 20}
# A storm of mode bft may leave no quorum in peace: less is wanted then. While it does leave one,
# a few views in vain are what may pass without an answer.
RESPITE_MS_PER_OPERATION = 100
IDLE_MS_MAX = 3000
PER_SEED_MIN = {"leader_changes": 3, "crashes": 3}
KINDS_MIN = 3
# In this share of the seeds somebody stays broken when the faults are over.
LEFT_BROKEN_SHARE_MIN = 0.25
# So many seeds must have reached every state, and have had every fault in effect.
SEEDS_FOR_ALL_MARKS = 1000
# What one replica cannot come to: it has nobody to cut off, to take a state from, or to find out.
BEYOND_ONE_REPLICA = {
    "cut", "deaf", "putBack", "emptied", "view-in-vain", "state-wanted", "state-taken-over",
    "started-fenced", "fence-passed", "promises-forgotten", "lie-outvoted", "envelope-refused",
    "found-conflicting-votes", "found-conflicting-checkpoints", "found-shared-counter",
    "found-hidden-lock", "found-late-vote", "found-bad-new-view", "found-conflicting-new-views",
    "found-bad-proposal", "found-conflicting-requests",
}


class Campaign:
    """With a program whose results a log keeps, what that has done is counted and left out."""

    def __init__(self, options, program=None):
        self.options = options
        self.lock = threading.Lock()
        self.progress = Progress(options.minutes)
        self.results = Results(options.log if program else None, program)
        # What a seed comes to depends on this.
        self.asked = [options.mode, options.nodes, options.lie, options.twice]
        self.sitting = time.time_ns()
        self.known = set()
        self.earlier_seconds = 0.0
        self.count = 0
        self.sums = {"simulated_seconds": 0, "operations": 0, "leader_changes": 0, "crashes": 0}
        self.sums |= {"keys_needing_fates": 0, "undecided_keys": 0}
        self.faults = {}
        self.lies = {}
        self.marks = {}
        self.seeds_with_liars = 0
        self.seeds_with_faults = 0
        self.seeds_with_both = 0
        self.seeds_with_many_kinds = 0
        self.hashed_differently = 0
        self.failures = []
        self.last_seed = options.first - 1

    # Running

    def run(self, seeds):
        self.recall()
        chunks = self.chunks()
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            list(pool.map(lambda _: self.work(chunks, seeds), range(self.options.jobs)))
        self.seconds = self.earlier_seconds + self.progress.seconds()
        self.show_progress(is_last=True)
        self.failures.sort(key=lambda report: report["seed"])

    def recall(self):
        """Adds up what the log has of this build and these seeds, and how long that took."""
        seconds = {}
        end = self.end()
        for row in self.results.read():
            seed = row["report"]["seed"]
            is_wanted = self.options.first <= seed and (end is None or seed < end)
            if row["asked"] != self.asked or not is_wanted or seed in self.known:
                continue
            self.known.add(seed)
            seconds[row["sitting"]] = max(row["seconds"], seconds.get(row["sitting"], 0))
            self.add_up(row["report"])
        self.earlier_seconds = sum(seconds.values())

    def work(self, chunks, seeds):
        while True:
            with self.lock:
                chunk = next(chunks, None)
            if chunk is None:
                return
            seeds.run(chunk, self.add)

    def end(self):
        return self.options.first + self.options.seeds if self.options.seeds else None

    def chunks(self):
        first, end, size = self.options.first, self.end(), CHUNK
        if end:
            size = max(1, min(CHUNK, self.options.seeds // (2 * self.options.jobs)))
        while (end is None or first < end) and not self.progress.is_late():
            last = first + size if end is None else min(end, first + size)
            yield from ranges(seed for seed in range(first, last) if seed not in self.known)
            first = last

    def add(self, report):
        """Counts what was done just now, and keeps it as it is."""
        with self.lock:
            seconds = round(self.progress.seconds(), 1)
            self.results.add({"asked": self.asked, "sitting": self.sitting,
                              "seconds": seconds, "report": report})
            self.add_up(report)
            self.show_progress()

    def add_up(self, report):
        self.count += 1
        self.last_seed = max(self.last_seed, report["seed"])
        for name in self.sums:
            self.sums[name] += report.get(name, 0)
        add_counts(self.faults, report.get("faults", {}))
        add_counts(self.lies, report.get("told", {}))
        add_counts(self.marks, report.get("coverage", {}))
        kinds = sum(1 for count in report.get("faults", {}).values() if count)
        self.seeds_with_many_kinds += kinds >= KINDS_MIN
        self.seeds_with_liars += bool(report.get("liars"))
        self.seeds_with_faults += kinds > 0
        self.seeds_with_both += bool(report.get("liars")) and kinds > 0
        self.hashed_differently += report.get("processes_hash_differently", False)
        if report["verdict"] == "ok":
            demand_enough(report, self.options.mode)
        if report["verdict"] != "ok":
            self.failures.append(report)
            self.show_failure(report)

    # Judging

    def distinct_failures(self):
        """One of each kind: the smallest cluster, and the shortest way to the failure."""
        known = {}
        for report in sorted(self.failures, key=lambda r: (r.get("nodes", 9), broken_at(r))):
            known.setdefault(signature(report), report)
        return [report for report in known.values() if report.get("promise") not in ("X1", "X2")]

    def broken_bounds(self):
        """What a hundred seeds must have met and these have not; fewer prove nothing."""
        if not self.count:
            return ["no seed was run"]
        broken = [f"{name} was never reached" for name in self.missed()]
        if self.options.twice and self.hashed_differently < self.count - len(self.failures):
            broken.append("the two processes of a seed did not hash differently")
        if self.sums["undecided_keys"]:
            broken.append(f"{self.sums['undecided_keys']} keys had histories that were not decided")
        if self.options.mode == "bft" or self.count < 100 or self.options.nodes:
            return broken
        broken += [
            f"{self.sums[name]} {name.replace('_', ' ')}, at least {least * self.count} are wanted"
            for name, least in PER_SEED_MIN.items()
            if self.sums[name] < least * self.count
        ]
        if 2 * self.seeds_with_many_kinds < self.count:
            broken.append(
                f"only {self.seeds_with_many_kinds} seeds had {KINDS_MIN} kinds of fault in effect"
            )
        left_broken = self.faults.get("left_broken", (0, 0))[1]
        if left_broken < LEFT_BROKEN_SHARE_MIN * self.count:
            broken.append(f"{left_broken} seeds left somebody broken, a quarter of them should")
        return broken

    def missed(self):
        """What so many seeds must have reached and these have not."""
        is_raft_of_a_size = self.options.mode == "raft" and self.options.nodes
        if self.count < SEEDS_FOR_ALL_MARKS or self.options.lie or is_raft_of_a_size:
            return []
        if self.options.mode == "bft" and self.options.nodes == 1:
            names = self.never(self.marks) + self.never(self.faults)
            return [name for name in names if name not in BEYOND_ONE_REPLICA]
        return self.never(self.marks) + self.never(self.faults) + self.never(self.lies)

    def never(self, table):
        return [name for name, (_, seeds) in table.items() if seeds == 0]

    # Showing

    def show_failure(self, report):
        clear_line()
        promise = report.get("promise", "")
        words = f"{report['verdict']} {promise}".strip()
        print(f"seed {report['seed']}: {words}: {report['reason']}", file=sys.stderr)
        print(f"  repeat with: {repeat_line(report)}", file=sys.stderr, flush=True)

    def show_progress(self, is_last=False):
        if not is_last and not self.progress.is_due():
            return
        seconds = max(self.progress.seconds(), 0.001)
        rate = (self.count - len(self.known)) / seconds
        total = self.options.seeds
        hours = self.sums["simulated_seconds"] / 3600
        text = (
            f"{self.count}{f'/{total}' if total else ''} seeds, {rate:.1f}/s, "
            f"{hours:.1f} h simulated, {len(self.failures)} failed"
        )
        left = (total - self.count) / rate if total and rate else None
        share = self.count / total if total else seconds / 60 / self.options.minutes
        self.progress.show(text, share, left, is_last)

    def fields(self):
        return {
            "seeds": self.count,
            "first": self.options.first,
            "last": self.last_seed,
            "jobs": self.options.jobs,
            "seconds": round(self.seconds, 1),
            "seeds_per_second": round(self.count / self.seconds, 2),
            "simulated_hours": round(self.sums["simulated_seconds"] / 3600, 1),
            "operations": self.sums["operations"],
            "leader_changes": self.sums["leader_changes"],
            "crashes": self.sums["crashes"],
            "keys_needing_fates": self.sums["keys_needing_fates"],
            "undecided_keys": self.sums["undecided_keys"],
            "seeds_with_3_kinds": self.seeds_with_many_kinds,
            "twice": self.options.twice,
            "ok": self.count - len(self.failures),
            "failed": len(self.failures),
        } | self.fields_of_lies()

    def fields_of_lies(self):
        """Raft knows no liars."""
        if self.options.mode == "raft":
            return {}
        return {
            "seeds_with_liars": self.seeds_with_liars,
            "seeds_with_faults": self.seeds_with_faults,
            "seeds_with_both": self.seeds_with_both,
        }

    def json_text(self):
        fields = self.fields()
        fields["faults"] = {
            name: {"count": count, "seeds": seeds} for name, (count, seeds) in self.faults.items()
        }
        if self.lies:
            fields["lies"] = {
                name: {"count": count, "seeds": seeds} for name, (count, seeds) in self.lies.items()
            }
            fields["never_told"] = self.never(self.lies)
        fields["coverage"] = {name: seeds for name, (_, seeds) in self.marks.items()}
        fields["never_reached"] = self.never(self.marks)
        fields["never_in_effect"] = self.never(self.faults)
        fields["broken_bounds"] = self.broken_bounds()
        fields["failures"] = [
            {name: value for name, value in report.items() if name not in ("faults", "coverage")}
            for report in self.failures
        ]
        return json.dumps(fields, indent=2)

    def table_text(self):
        lines = rows("fault in effect", self.faults) + rows("state reached", self.marks)
        lines += rows("lie told", self.lies) if self.lies else []
        lines.append("")
        lines += [f"{name.replace('_', ' '):<20}{value}" for name, value in self.fields().items()]
        lines += [f"warning: never reached: {name}" for name in self.never(self.marks)]
        lines += [f"warning: never in effect: {name}" for name in self.never(self.faults)]
        lines += [f"warning: never told: {name}" for name in self.never(self.lies)]
        lines += [f"not enough: {reason}" for reason in self.broken_bounds()]
        return "\n".join(lines)


def rows(title, table):
    lines = ["", f"{title:<34}{'times':>10}{'seeds':>8}"]
    return lines + [f"  {name:<32}{times:>10}{seeds:>8}" for name, (times, seeds) in table.items()]


def ranges(numbers):
    """Ascending numbers, those that follow one another together."""
    first = last = None
    for number in numbers:
        if last is not None and number != last + 1:
            yield range(first, last + 1)
            first = None
        first = number if first is None else first
        last = number
    if first is not None:
        yield range(first, last + 1)


def broken_at(report):
    return report.get("broken_at_ms", 10**9)


def demand_enough(report, mode):
    """A seed that did too little proves nothing, however clean (X2)."""
    seconds, operations = report["simulated_seconds"], report["operations"]
    wanted, idle = OPERATIONS_MIN[mode], report.get("idle_ms", 0)
    if "respite_ms" in report:
        wanted = min(wanted, report["respite_ms"] // RESPITE_MS_PER_OPERATION)
    if seconds < SECONDS_MIN[mode] or operations < wanted:
        report.update(verdict="short", promise="X2")
        report["reason"] = f"only {seconds} s and {operations} operations, {wanted} are wanted"
    elif idle > IDLE_MS_MAX:
        report.update(verdict="liveness", promise="I15")
        report["reason"] = f"nothing was answered for {idle} ms although a quorum was well"


def add_counts(table, counts):
    for name, count in counts.items():
        times, seeds = table.get(name, (0, 0))
        table[name] = (times + count, seeds + (count > 0))

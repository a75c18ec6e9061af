"""Explains a failure: what of its schedule is needed, and what happened around it."""

import concurrent.futures
import re
import sys
import time

from campaign.seeds import repeat_line, signature

SECONDS_MAX = 120
TRACE_LINES = 60
LAST_STRIKE = 99_999


class Explanation:
    def __init__(self, seeds, failure, options):
        self.seeds = seeds
        self.seed = failure["seed"]
        self.nodes = failure.get("nodes") or options.nodes
        self.wanted = signature(failure)
        self.options = options
        self.pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
        self.runs = 0
        self.deadline = time.monotonic() + SECONDS_MAX
        self.weather_left_out = []
        self.storm = []

    def run(self):
        report, trace = self.seeds.trace(self.seed, nodes=self.nodes)
        self.strikes = strikes_in(trace)
        self.strikes_before = len(self.strikes)
        self.kept = [strike["number"] for strike in self.strikes]
        self.weather = self.weather_kinds(report)
        if self.options.shrinks and signature(report) == self.wanted:
            self.shrink()
            report, trace = self.seeds.trace(self.seed, *self.words(), nodes=self.nodes)
            self.strikes = strikes_in(trace)
        self.report, self.trace = report, report.get("trace") or trace_before_crash(trace)

    def weather_kinds(self, report):
        """Kinds in effect that strike at no moment of their own; all, where nobody knows."""
        striking = {strike["kind"] for strike in self.strikes}
        counts = report.get("faults")
        if counts is None:
            counts = self.seeds.report(self.seed, "--storm", "1s", nodes=self.nodes)["faults"]
            return [kind for kind in counts if kind not in striking]
        return [kind for kind, count in counts.items() if count and kind not in striking]

    # Shrinking

    def shrink(self):
        """Leaves out what the failure does not need, by halves and then one by one."""
        if self.still_fails(weather=self.weather):
            self.weather_left_out = list(self.weather)
        self.kept = self.minimized(self.kept)
        for kind in self.weather:
            if kind not in self.weather_left_out:
                if self.still_fails(weather=self.weather_left_out + [kind]):
                    self.weather_left_out.append(kind)
        for seconds in (2, 5, 10, 20, 40):
            if self.still_fails(storm=["--storm", f"{seconds}s"]):
                self.storm = ["--storm", f"{seconds}s"]
                break

    def minimized(self, strikes):
        """Zeller's ddmin: removes parts as long as what is left still fails."""
        parts = 1
        while strikes and time.monotonic() < self.deadline:
            size = -(-len(strikes) // parts)
            rests = [
                strikes[:start] + strikes[start + size :] for start in range(0, len(strikes), size)
            ]
            found = self.first_failing(rests)
            if found is not None:
                strikes, parts = found, max(parts - 1, 1)
            elif parts >= len(strikes):
                break
            else:
                parts = min(2 * parts, len(strikes))
        return strikes

    def first_failing(self, candidates):
        jobs = self.options.jobs
        for start in range(0, len(candidates), jobs):
            some = candidates[start : start + jobs]
            verdicts = self.pool.map(lambda kept: self.still_fails(kept=kept), some)
            for kept, fails in zip(some, list(verdicts)):
                if fails:
                    return kept
        return None

    def still_fails(self, **change):
        if time.monotonic() > self.deadline:
            return False
        self.runs += 1
        report = self.seeds.report(self.seed, *self.words(**change), nodes=self.nodes)
        return signature(report) == self.wanted

    def words(self, kept=None, weather=None, storm=None):
        kept = self.kept if kept is None else kept
        weather = self.weather_left_out if weather is None else weather
        left_out = ranges_without(kept) + weather
        return ["--without", ",".join(left_out)] + (self.storm if storm is None else storm)

    # Showing

    def fields(self):
        return {
            "shrunk_strikes": self.strikes,
            "shrunk_weather": self.weather_left(),
            "shrunk_repeat": self.repeat(),
            "shrunk_trace": self.lines_that_matter(),
        }

    def lines_that_matter(self):
        """The last of the trace; what clients say only where a promise to clients is broken."""
        promise = self.report.get("promise", "")
        if promise[:1] in ("R", "L", "W"):
            return self.trace[-TRACE_LINES:]
        of_nodes = [line for line in self.trace if not re.search(r" ms  c\d+ (->|<-) ", line)]
        return of_nodes[-TRACE_LINES:]

    def weather_left(self):
        return [kind for kind in self.weather if kind not in self.weather_left_out]

    def repeat(self):
        words = self.words() if self.options.shrinks else []
        return repeat_line({"seed": self.seed, "nodes": self.nodes}, *words)

    def show(self):
        print()
        print(f"--- seed {self.seed}, {self.nodes or 'drawn'} nodes ---")
        for line in self.lines_that_matter():
            print(line)
        print()
        for line in self.report.get("standings") or standings_in(self.trace):
            print(line)
        print()
        promise = self.report.get("promise")
        print(f"broken: {f'{promise}: ' if promise else ''}{self.report['reason']}")
        if self.report.get("sentence"):
            print(f"promise {promise}: {self.report['sentence']}")
        print(
            f"needed: {len(self.strikes)} of {self.strikes_before} strikes"
            f" (found in {self.runs} runs); weather: {', '.join(self.weather_left()) or 'good'}"
        )
        for strike in self.strikes:
            print(f"  {strike['at']:>14}  strike {strike['number']}: {strike['words']}")
        print(f"repeat with: {self.repeat()}", flush=True)
        sys.stdout.flush()


def strikes_in(trace):
    """The strikes of a trace, each with what it did at its moment."""
    strikes = []
    for line in trace:
        stamp, _, text = line.strip().partition(" ms  ")
        found = re.match(r"strike (\d+) (\w+)$", text)
        if found:
            number, kind = int(found[1]), found[2]
            strikes.append({"number": number, "kind": kind, "at": f"{stamp} ms", "words": kind})
        elif strikes and strikes[-1]["at"] == f"{stamp} ms":
            if text.startswith("fault ") or " is down" in text:
                strikes[-1]["words"] += f"; {text}"
    return strikes


def trace_before_crash(trace):
    return [line for line in trace if " ms  " in line]


def standings_in(trace):
    """How each node stood last, as far as a trace tells."""
    last = {}
    for line in trace:
        found = re.search(r" ms  (n\d+) ((follower|candidate|leader),.*|is down.*|starts.*)", line)
        if found:
            last[found[1]] = f"{found[1]} {found[2]}"
    return [last[name] for name in sorted(last)]


def ranges_without(kept):
    """Everything but these numbers, as ranges."""
    ranges, start = [], 1
    for number in sorted(kept) + [LAST_STRIKE + 1]:
        if number > start:
            ranges.append(str(start) if number == start + 1 else f"{start}-{number - 1}")
        start = number + 1
    return ranges

"""One measurement of each side, with the same names for what was found."""
import concurrent.futures
import json
import os
import subprocess
import threading
import time

from measured_cluster import ROOT, Trouble, loopback_bytes, say, written_bytes

# Seconds of a measurement that do not count.
WARM_UP = 0.5
# So far may throughput times mean latency be off the number outstanding.
LITTLE_MAX = 0.05
# A liar has to be the primary for so long before a measurement ends, which is tried so often.
TURN_MIN, TRIES = 2, 3
# The lie that concerns reads is told to readers; all others are measured by puts.
WORKLOADS = {"fork-reads": "get"}
# The lie that concerns one client is measured by it and by another one, side by side.
TWO_CLIENTS = ("starve-client",)
COPIED = ("ops_s", "p50_us", "p99_us", "p999_us", "max_us", "stall_us")


def output(words, seconds):
    """What a load generator prints; it may report a run whose Little's law is off, and say so."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True,
                          timeout=seconds + 120, check=False)
    if done.returncode not in (0, 3) or not done.stdout:
        raise Trouble(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def limit(workload, outstanding, options, followers=2):
    found = output([
        os.path.join(ROOT, "tools/limit/run"), "--workload", workload, "--outstanding", outstanding,
        "--seconds", options.seconds, "--followers", followers, "--value-size", options.value_size,
        "--keys", options.keys, "--journal-mib", max(64, options.value_size // 256),
        "--directory", options.folder], options.seconds)
    return {**{name: found[name] for name in COPIED}, "errors": 0, "little": found["little"],
            "cpu_us": found["cpu_leader"] + found["cpu_followers"], "load_us": found["cpu_load"]}


def named_like_ours(found):
    return {**{name: found[name] for name in COPIED}, "errors": found["errors"],
            "little": found["littles_law"], "cpu_us": found["cpu_us_processes"],
            "load_us": found["cpu_us_load"]}


def ours(cluster, workload, outstanding, options, *more, client=1):
    """All keys must have been written before they are read: see `fill`."""
    loaded = [] if workload == "put" else ["--loaded"]
    written, sent = written_bytes(cluster.pids), loopback_bytes()
    found = output([
        cluster.binary, "--url", cluster.url_of(client), "bench", workload, "--outstanding",
        outstanding, "--duration", f"{options.seconds}s", "--keys", options.keys, "--value-size",
        options.value_size, "--processes", ",".join(map(str, cluster.pids)), "-o", "json", *loaded,
        *more], options.seconds)
    # Of all operations: what was done before the measured time was written and sent, too.
    count = max(1, found["answered"])
    return {**named_like_ours(found), "disk_bytes": (written_bytes(cluster.pids) - written) / count,
            "network_bytes": (loopback_bytes() - sent) / count}


def under(lie, cluster, outstanding, options):
    """What each client whom this lie concerns finds, all of them at once."""
    workload = WORKLOADS.get(lie, "put")
    clients = (1, 2) if lie in TWO_CLIENTS else (1,)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [pool.submit(ours, cluster, workload, outstanding, options, client=client)
                for client in clients]
        return [run.result() for run in runs]


def attacked(cluster, outstanding, options):
    """The same while the one that lies becomes the primary a fifth into the measured time."""
    for _ in range(TRIES):
        seen, began = [], time.monotonic()
        turn = threading.Timer(WARM_UP + options.seconds / 5,
                               lambda: seen.append(cluster.give_the_liar_its_turn()))
        turn.start()
        try:
            found = under(cluster.lie, cluster, outstanding, options)
        finally:
            turn.cancel()
            turn.join()
        if was_in_time(seen, began, options.seconds):
            return found
        say(f"  whoever tells '{cluster.lie}' was not seen as the primary in time: once more")
    raise Trouble(f"whoever tells '{cluster.lie}' was not seen as the primary in time")


def was_in_time(seen, began, seconds):
    """Whether the liar's turn fell inside of what was measured, and some of it was behind."""
    late = began + WARM_UP + seconds - min(TURN_MIN, seconds / 2)
    return len(seen) == 1 and seen[0] is not None and seen[0] <= late


def etcd(cluster, workload, outstanding, options):
    return named_like_ours(cluster.measure(workload, outstanding, options))


def fill(cluster, options):
    """Writes every key once."""
    output([cluster.binary, "--url", cluster.url, "bench", "get", "--outstanding", 256, "--keys",
            options.keys, "--value-size", options.value_size, "--duration", "100ms", "-o", "json"],
           600)


def doubts(sides):
    """Why a measurement is not to be believed, in words."""
    found = []
    for side, row in sides.items():
        if row["errors"]:
            found.append(f"{side} had {row['errors']:g} errors")
        if abs(row["little"] - 1) > LITTLE_MAX:
            found.append(f"{side} is off Little's law, {row['little']:.3f}")
    return found


class Progress:
    """Says what was found, how much is done, and how long the rest takes."""

    def __init__(self, steps):
        self.steps, self.done, self.began = steps, 0, time.monotonic()

    def note(self, what, sides):
        self.done += 1
        spent = time.monotonic() - self.began
        left = spent / self.done * (self.steps - self.done)
        rates = ", ".join(f"{side} {found['ops_s']:,.0f}/s" for side, found in sides.items())
        say(f"[{self.done}/{self.steps}] {what}: {rates}; {left:.0f} s left")
        for doubt in doubts(sides):
            say(f"  warning: {doubt}")

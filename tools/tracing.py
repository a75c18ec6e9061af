"""Nodes under strace: which calls change a directory, and how one of them is made to fail."""
import os
import re
import shutil
import signal
import subprocess
import time

from cluster import Cluster

NODE, OTHER, LATE = 1, 2, 3
CHANGING = ("openat", "open", "creat", "write", "pwrite64", "pwritev", "fdatasync", "fsync",
            "rename", "renameat", "renameat2", "unlink", "unlinkat", "ftruncate", "truncate",
            "fallocate", "mkdir", "mkdirat", "linkat", "sync_file_range")


class Trouble(Exception):
    """Something that must not be."""


def waiting(seconds, what, body):
    """Calls body until it returns something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = body()
        if found:
            return found
        time.sleep(0.02)
    raise Trouble(f"{what} not within {seconds} s")


class Case(Cluster):
    """A cluster made from a prepared one; node 1, or others too, run under strace."""

    def __init__(self, binary, base_port, prepared, strace, traced=(NODE,)):
        super().__init__(binary, 3, base_port, before=lambda folder, node: strace(
            folder, node) if node in traced else [])
        self.prepared = prepared
        self.is_kept = False
        self.tracers = []

    def __enter__(self):
        subprocess.run(["cp", "-a", "--sparse=always", *(
            f"{self.prepared}/n{node}" for node in self.range()), self.folder], check=True)
        return self

    def __exit__(self, kind, error, trace):
        self.end()
        for tracer in self.tracers:
            tracer.terminate()
            tracer.communicate()
        if not self.is_kept:
            shutil.rmtree(self.folder)

    def start_plainly(self, node):
        before, self.before = self.before, lambda folder, node: []
        self.start(node)
        self.before = before

    def attach(self, thread, file, *words):
        """strace on one thread of node 1, attached when this returns."""
        tasks = f"/proc/{self.processes[NODE].pid}/task"
        task = next(task for task in os.listdir(tasks) if thread == open(
            f"{tasks}/{task}/comm", encoding="utf-8").read().strip())
        tracer = subprocess.Popen(
            ["strace", *words, "-p", task, "-o", f"{self.folder}/{file}"],
            stderr=subprocess.PIPE, text=True)
        self.tracers.append(tracer)
        first = tracer.stderr.readline()
        if "attached" not in first:
            raise SystemExit(f"strace cannot attach, which needs root or ptrace_scope 0: {first}")

    def is_dead(self, node):
        return self.processes[node].poll() is not None

    def wait_for_leader(self, seconds=10, among=None):
        def leader():
            status = self.status()
            return status["leader"] in (among or self.range()) and status["leader"]
        return waiting(seconds, "a leader", leader)

    def own(self, node, *words):
        """What a node says from its own state."""
        url = f"lockstep://{self.addresses[node]}/default"
        return self.run("--url", url, "--consistency", "stale:60s", *words)


def strace(*words):
    """strace as a grandchild, so that the node's process is ours."""
    return lambda folder, node: ["strace", "-D", "-f", "-I1", *words, "-o", f"{folder}/strace{node}"]


class Point:
    """One call of the reference run: the n-th of this name about a file in its thread, or the n-th
    of a thread (@journal, @snapshots) from the beginning of the load."""

    def __init__(self, name, file, number):
        self.name, self.file, self.number = name, file, number

    def __str__(self):
        return f"{self.name}:{self.file}:{self.number}"

    @staticmethod
    def parse(text):
        name, file, number = text.split(":")
        return Point(name, file, int(number))

    @property
    def thread(self):
        """The thread that strace attaches to, where that is how it aims."""
        return self.file[1:] if self.file.startswith("@") else None

    def strace(self, what, quickly=False, onwards=False):
        """strace that does this at this call; its filter in the kernel would be quick, but cannot
        send signals, and stays behind when strace goes."""
        when = f"{self.number}{'+' if onwards else ''}"

        def words(folder, node):
            home = f"{folder}/n{node}"
            path = home if self.file == "." else f"{home}/{self.file}"
            return strace(*(["--seccomp-bpf"] if quickly else []), "-ttt", "-P", path, "-e",
                          f"trace={self.name}", "-e",
                          f"inject={self.name}:{what}:when={when}")(folder, node)
        return words


LINE = re.compile(r"^(?:(\d+) +)?(\w+)\((.*)$")


def points_of(folder):
    """The calls of a trace about the directory of node 1 in their order, each with its thread and
    whether it changes anything."""
    home = f"{folder}/n{NODE}"
    counts, points = {}, []
    with open(f"{folder}/strace{NODE}", encoding="utf-8", errors="replace") as file:
        for line in file:
            found = LINE.match(line)
            if not found or home + "/" not in line and home + ">" not in line:
                continue
            thread, name, rest = found.groups()
            first = re.match(r"[\w-]+<([^>]*)>", rest)
            path = first.group(1) if first else home
            # Calls with a folder and a name are told apart by the folder.
            place = "." if path == home else os.path.relpath(path, home)
            if place.startswith(".."):
                continue
            key = (thread, name, place)
            counts[key] = counts.get(key, 0) + 1
            is_change = not name.startswith("open") or "O_CREAT" in rest
            points.append((thread, Point(name, place, counts[key]), is_change))
    return points


def points_of_thread(folder, thread):
    """The calls of a trace of one thread that change the directory."""
    counts, points = {}, []
    with open(f"{folder}/{thread}", encoding="utf-8", errors="replace") as file:
        for line in file:
            found = LINE.match(line)
            if not found:
                continue
            name, rest = found.group(2), found.group(3)
            counts[name] = counts.get(name, 0) + 1
            if f"{folder}/n{NODE}" in rest and (
                    not name.startswith("open") or "O_CREAT" in rest):
                points.append(Point(name, f"@{thread}", counts[name]))
    return points


def told_apart(points):
    """Those that strace can aim at: no other thread makes as many such calls sooner."""
    before, clear, hidden = {}, [], 0
    for thread, point, is_change in points:
        key = (point.name, point.file)
        if is_change and any(number >= point.number for other, number in
                             before.get(key, {}).items() if other != thread):
            hidden += 1
        elif is_change:
            clear.append(point)
        before.setdefault(key, {})[thread] = point.number
    return clear, hidden


def trace_of(case):
    try:
        with open(f"{case.folder}/strace{NODE}", encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def end_tracing(process):
    """Ends the strace of a process, which then goes on by itself."""
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        tracer = int(re.search(r"TracerPid:\s+(\d+)", file.read()).group(1))
    os.kill(tracer, signal.SIGTERM)

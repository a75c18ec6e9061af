"""A cluster of real processes on loopback, made fresh and removed again."""
import json
import mmap
import os
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BASE_PORT = 7910
TICK = os.sysconf("SC_CLK_TCK")


class Trouble(Exception):
    """Something that a person has to hear, and that ends the run."""


def say(text):
    """Progress goes to standard error, so that standard output holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def build(packages="", product="lockstep"):
    """Builds a release binary and returns its path."""
    script = f'. tools/environment; need_packages "${{swift_packages[@]}}" {packages} && ' \
        f"need_swift && swift build --configuration release --product {product} </dev/null"
    subprocess.run(["bash", "-euc", script], cwd=ROOT, stdout=sys.stderr, check=True)
    return os.path.join(ROOT, ".build/release", product)


def touch_memory(gibibytes=3):
    """Writes once to so much of what is free, so that a virtual machine has memory behind it.

    There a page's first use costs its host a fault, 10 us of the processor that is measured, and
    what lies free for long may be the host's again. So this comes right before each pair.
    """
    with open("/proc/meminfo", encoding="utf-8") as file:
        available = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable:"))
    piece = bytes(4 << 20)
    count = min(available * 1024 // 2, gibibytes << 30) // len(piece)
    with mmap.mmap(-1, max(count, 1) * len(piece)) as memory:
        for _ in range(count):
            memory.write(piece)


def output_of(words, timeout=300):
    """Runs a program that prints one line of JSON, and returns what it says."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=timeout,
                          check=False)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def cpu_seconds(pids):
    """User and system time that the processes have taken so far."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def written_bytes(pids):
    """What the processes have handed to files so far; what goes to sockets is not in it."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/io", encoding="utf-8") as file:
            total += int(dict(line.split(": ") for line in file)["wchar"])
    return total


def loopback_bytes(text=None):
    """What has gone over loopback so far, everybody's on this machine, headers included."""
    if text is None:
        with open("/proc/net/dev", encoding="utf-8") as file:
            text = file.read()
    for line in text.splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "lo":
            return int(numbers.split()[8])
    raise Trouble("there is no loopback")


def resident_mebibytes(pid):
    """The memory of a process that is in use now."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise Trouble(f"process {pid} has no VmRSS")


class Cluster:
    """Nodes 1… of one cluster; use it in a `with`, and nothing is left behind."""

    mode = "raft"
    base_port = BASE_PORT
    clients = 0

    def __init__(self, binary, folder, nodes=3, prefix=()):
        self.binary, self.folder, self.prefix = binary, folder, list(prefix)
        self.numbers = list(range(1, nodes + 1))
        self.processes = {}
        addresses = [f"127.0.0.1:{self.port(number)}" for number in self.numbers]
        self.url = f"lockstep://{','.join(addresses)}/default"
        self.genesis = os.path.join(folder, f"genesis-{self.mode}.json")
        members = ",".join(f"{n}={a}" for n, a in zip(self.numbers, addresses))
        keys = ["--clients", self.clients] if self.clients else []
        self.run("genesis", "create", "--mode", self.mode, "--nodes", members, "-o", self.genesis,
                 *keys)
        for number in self.numbers:
            self.run("server", "init", "--genesis", self.genesis, "--id", number,
                     "--data", self.data(number), *self.key(number))

    def __enter__(self):
        try:
            for number in self.numbers:
                self.start(number)
            self.leader()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def port(self, number):
        return self.base_port + 10 * (number - 1)

    def url_of(self, client):
        """Where a client finds the cluster, and the key it signs with where it has to."""
        del client
        return self.url

    def key(self, number):
        """The words that give a node its key; none are needed where nobody lies."""
        del number
        return []

    def data(self, number):
        return os.path.join(self.folder, f"{self.mode}-{number}")

    def log(self, number):
        return f"{self.data(number)}.log"

    def run(self, *words):
        subprocess.run([self.binary, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    def program(self, number):
        """The words that a node's process begins with."""
        del number
        return [*self.prefix, self.binary]

    def start(self, number):
        with open(self.log(number), "ab") as log:
            self.processes[number] = subprocess.Popen(
                [*self.program(number), "server", "start", "--data", self.data(number),
                 *self.flags(number)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def flags(self, number):
        """More words that a node is started with."""
        del number
        return []

    def kill(self, number):
        self.processes[number].kill()
        self.processes[number].wait()

    @property
    def pids(self):
        return [process.pid for process in self.processes.values()]

    def ask(self, *words, timeout=300):
        """What a command of ours prints as JSON."""
        return output_of([self.binary, "--url", self.url, *words, "-o", "json"], timeout)

    def leader(self, patience=30):
        """The number of the node that leads, once one does and all nodes answer."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for number, process in self.processes.items():
                if process.poll() is not None:
                    raise Trouble(f"node {number} ended; see {self.log(number)}")
            try:
                status = self.ask("cluster", "status", timeout=10)
            except Trouble:
                status = {}
            answering = [node for node in status.get("nodes", []) if node.get("pid")]
            if status.get("leader") and len(answering) == len(self.numbers):
                if {node["pid"] for node in answering} - set(self.pids):
                    raise Trouble(f"other nodes use our ports, from {BASE_PORT} on")
                return status["leader"]
            time.sleep(0.1)
        raise Trouble(f"no leader within {patience} s")


class ByzantineCluster(Cluster):
    """Four nodes that believe nobody."""
    mode = "bft"
    base_port = BASE_PORT + 100
    clients = 2

    def __init__(self, binary, folder, nodes=4, prefix=()):
        super().__init__(binary, folder, nodes, prefix)
        self.addresses = self.url
        self.url = self.url_of(1)

    def url_of(self, client):
        return f"{self.addresses}?genesis={self.genesis}&key={self.genesis}.keys/client-{client}.key"

    def key(self, number):
        return ["--key", f"{self.genesis}.keys/node-{number}.key"]


class LyingCluster(ByzantineCluster):
    """Four nodes; the last is a program that lies."""
    base_port = BASE_PORT + 200

    def __init__(self, binary, folder, liar, lie):
        self.liar, self.lie = liar, lie
        super().__init__(binary, folder)

    def program(self, number):
        return [self.liar] if number == self.numbers[-1] else super().program(number)

    def flags(self, number):
        return ["--lie", self.lie] if number == self.numbers[-1] else []

    def leader(self, patience=30):
        """The primary; what the liar says of itself is worth nothing."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                return self.ask("cluster", "status", timeout=10)["leader"]
            except (Trouble, KeyError, subprocess.TimeoutExpired):
                time.sleep(0.1)
        raise Trouble(f"no primary within {patience} s")

    def give_the_liar_its_turn(self):
        """Has each primary hand over until the liar is it; when it was seen, or nil."""
        for _ in range(2 * len(self.numbers)):
            if self.leader() == self.numbers[-1]:
                return time.monotonic()
            try:
                self.ask("cluster", "transfer-leader", timeout=10)
            except Trouble:
                time.sleep(0.05)
        return None

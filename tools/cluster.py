"""A cluster of real processes that a tool can hurt, and what can be seen of it from outside."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BRIDGE = "lockstep0"
NETWORK = "10.213.77"


def say(text):
    print(text, file=sys.stderr, flush=True)


def build(*packages):
    """The release binary, built if it must be; LOCKSTEP names another to use instead.

    From here on SIGTERM ends a tool as an error does: nothing is left behind.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    swift = [] if "LOCKSTEP" in os.environ else ["${swift_packages[@]}"]
    script = f". tools/environment; need_packages {' '.join([*swift, *packages])}"
    if swift:
        script += " && need_swift && swift build -c release --product lockstep </dev/null"
    subprocess.run(["bash", "-euc", script], cwd=HERE, stdout=sys.stderr, check=True)
    return os.environ.get("LOCKSTEP", os.path.join(HERE, ".build/release/lockstep"))


class Cluster:
    """Nodes as processes; with namespaces each has an address and a link of its own. In mode bft
    nodes have keys, and the client has one, too.

    `before` are words before the command of a node, for example those of a tracer. The folder is
    removed at the end unless an error ends it: then the logs are worth a look.
    """

    def __init__(self, binary, nodes, base_port, with_namespaces=False, before=None, mode="raft"):
        self.binary, self.nodes, self.mode = binary, nodes, mode
        self.before = before or (lambda folder, node: [])
        self.with_namespaces = with_namespaces
        self.folder = tempfile.mkdtemp(prefix="lockstep-cluster-")
        self.processes = {}
        if with_namespaces:
            self.make_network()
            self.addresses = {n: f"{NETWORK}.{n}:7301" for n in self.range()}
        else:
            self.addresses = {n: f"127.0.0.1:{base_port + 10 * n + 1}" for n in self.range()}
        self.genesis = f"{self.folder}/genesis.json"
        self.url = "lockstep://" + ",".join(self.addresses.values()) + "/default"
        if mode == "bft":
            self.url += f"?genesis={self.genesis}&key={self.key('client', 1)}"

    def key(self, what, number):
        """The file of a node's or a client's private key."""
        return f"{self.genesis}.keys/{what}-{number}.key"

    def __enter__(self):
        members = ",".join(f"{n}={address}" for n, address in self.addresses.items())
        try:
            mode = ["--mode", self.mode] if self.mode != "raft" else []
            self.run("genesis", "create", *mode, "--nodes", members, "-o", self.genesis)
            for node in self.range():
                keys = ["--key", self.key("node", node)] if self.mode == "bft" else []
                self.run("server", "init", "--genesis", self.genesis, "--id", str(node),
                         "--data", f"{self.folder}/n{node}", *keys)
                self.start(node)
            self.wait_until_whole()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind, error, trace):
        self.end()
        if error is None:
            shutil.rmtree(self.folder)
        else:
            say(f"the logs are in {self.folder}")

    def range(self):
        return range(1, self.nodes + 1)

    def run(self, *words, check=True):
        return subprocess.run([self.binary, *words], check=check, capture_output=True, text=True)

    def client(self, *words, check=True):
        return self.run("--url", self.url, *words, check=check)

    def start(self, node):
        words = [*self.before(self.folder, node), self.binary, "server", "start", "--data",
                 f"{self.folder}/n{node}", "--log-format", "logfmt", *self.flags(node)]
        if self.with_namespaces:
            words = ["ip", "netns", "exec", f"lockstep{node}", *words]
        with open(f"{self.folder}/n{node}.log", "ab") as log:
            self.processes[node] = subprocess.Popen(words, stdout=log, stderr=log)

    def flags(self, node):
        """More words that a node is started with."""
        del node
        return []

    def stop(self, node):
        self.processes[node].terminate()
        self.processes[node].wait(timeout=30)

    def status(self):
        answer = self.client("cluster", "status", "-o", "json", check=False)
        return json.loads(answer.stdout) if answer.stdout else {"leader": None, "nodes": []}

    def wait_until_whole(self):
        """All nodes answer, follow one leader and have applied the same; names the leader."""
        for _ in range(600):
            status = self.status()
            nodes = status["nodes"]
            terms = {node["term"] for node in nodes}
            if any(node["pid"] not in (None, self.processes[node["id"]].pid) for node in nodes):
                raise SystemExit("somebody else's cluster answers on these ports; see --base-port")
            applied = [node["applied"] for node in nodes if node["applied"] is not None]
            if status["leader"] and len(applied) == self.nodes and len(terms) == 1 \
                    and max(applied) - min(applied) <= 1:
                return status["leader"]
            time.sleep(0.05)
        raise SystemExit(f"the cluster is not whole after 30 s; see {self.folder}")

    def bench(self, seconds, outstanding, *more):
        """Durable puts in a closed loop, for that long."""
        answer = self.client("bench", "put", "--duration", f"{int(seconds * 1000)}ms",
                             "--outstanding", str(outstanding), "-o", "json", *more)
        return json.loads(answer.stdout)

    # What can be seen from outside

    def terms(self):
        return [node["term"] for node in self.status()["nodes"] if node["term"] is not None]

    def leader_changes(self):
        """How often any node's log says that there is another leader, or none."""
        return sum(len(re.findall(r"event=raft\.leader\.changed", open(
            f"{self.folder}/n{node}.log", encoding="utf-8", errors="replace").read()))
            for node in self.range())

    def resident(self, node):
        """Resident bytes now, and the most there ever were."""
        with open(f"/proc/{self.processes[node].pid}/status", encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
        return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def journal_thread(self, node):
        """The thread that writes and syncs, as the kernel numbers it."""
        tasks = f"/proc/{self.processes[node].pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/comm", encoding="utf-8") as file:
                if file.read().strip() == "journal":
                    return task
        raise SystemExit(f"node {node} has no journal thread")

    def is_gone(self, node):
        """Whether the first thread of a node has ended."""
        with open(f"/proc/{self.processes[node].pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"

    # Ways to hurt a node

    def pause(self, node):
        self.processes[node].send_signal(signal.SIGSTOP)

    def resume(self, node):
        self.processes[node].send_signal(signal.SIGCONT)

    def kill(self, node):
        self.processes[node].kill()
        self.processes[node].wait()

    def cut(self, node):
        subprocess.run(["ip", "link", "set", f"lockstep-h{node}", "down"], check=True)

    def mend_link(self, node):
        subprocess.run(["ip", "link", "set", f"lockstep-h{node}", "up"], check=True)

    # Namespaces

    def make_network(self):
        self.remove_network()
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("address", "add", f"{NETWORK}.254/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for node in self.range():
            self.make_link(node)

    def make_link(self, node):
        ip("netns", "add", f"lockstep{node}")
        ip("link", "add", f"lockstep-h{node}", "type", "veth", "peer", "name", "eth0", "netns",
           f"lockstep{node}")
        ip("link", "set", f"lockstep-h{node}", "master", BRIDGE, "up")
        for words in (["address", "add", f"{NETWORK}.{node}/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
            ip("-netns", f"lockstep{node}", *words)

    def remove_network(self):
        for node in set(self.range()) | set(self.processes):
            ip("netns", "del", f"lockstep{node}", check=False)
            ip("link", "del", f"lockstep-h{node}", check=False)
        ip("link", "del", BRIDGE, check=False)

    def end(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self.processes.values():
            process.wait()
        if self.with_namespaces:
            self.remove_network()


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)

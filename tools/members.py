"""A cluster of real processes whose members change."""
import json
import os
import shutil
import subprocess
import sys
import time

from cluster import NETWORK, Cluster, say


class Members(Cluster):
    """Nodes join, take another's place and leave; `numbers` are those that run or should."""

    def __init__(self, binary, nodes, base_port, with_namespaces=False):
        self.numbers = list(range(1, nodes + 1))
        self.base_port = base_port
        self.incarnations = {}
        super().__init__(binary, nodes, base_port, with_namespaces)
        self.first_url = self.url

    def range(self):
        return list(self.numbers)

    def address(self, node):
        if self.with_namespaces:
            return f"{NETWORK}.{node}:7301"
        return f"127.0.0.1:{self.base_port + 10 * node + 1}"

    def seats(self):
        """(node, seat) of every member, as far as anybody says."""
        return [(member["id"], member["seat"]) for member in self.members()]

    def members(self):
        answer = self.client("cluster", "member", "ls", "-o", "json", check=False)
        members = json.loads(answer.stdout)["members"] if answer.stdout else []
        return [member for member in members if member["seat"]]

    def are_voters(self, nodes):
        """Whether exactly these nodes, with the directories that they have, are members and vote."""
        members = self.members()
        return sorted(member["id"] for member in members) == sorted(nodes) and all(
            member["seat"] == "voter"
            and self.incarnations.get(member["id"]) in (None, member["incarnation"])
            for member in members)

    def leader(self):
        return self.status()["leader"]

    def join(self, node, replaces=None):
        """Makes a node's directory, asks the cluster to take it in, and starts it."""
        if self.with_namespaces:
            self.make_link(node)
        words = ["server", "init", "--join", self.url, "--id", str(node), "--listen",
                 self.address(node), "--data", f"{self.folder}/n{node}"]
        words += ["--replace", str(replaces)] if replaces else []
        made = self.run(*words, "-o", "json", check=False)
        if made.returncode == 0:
            self.incarnations[node] = json.loads(made.stdout)["incarnation"]
        else:
            self.ask_again(node, made.stderr)
        self.start(node)
        self.numbers.append(node)
        self.addresses[node] = self.address(node)
        self.name_all()

    def ask_again(self, node, words):
        """The directory is made, but the cluster could not take the node in just then; the error's
        hint says how to go on."""
        hint = words.rsplit("lockstep cluster member ", 1)
        if len(hint) != 2:
            raise SystemExit(f"node {node} cannot join: {words}")
        self.incarnations[node] = hint[1].partition("--incarnation ")[2].split()[0]
        for _ in range(40):
            answer = self.run("cluster", "member", *hint[1].split(), check=False)
            # It may have been done the first time, unheard.
            if answer.returncode == 0 or any(
                    member["incarnation"] == self.incarnations[node] for member in self.members()):
                return
            time.sleep(0.25)
        raise SystemExit(f"node {node} cannot join: {answer.stderr}")

    def remove(self, node):
        """Takes a node out; a change under way, or an election, is waited for."""
        for _ in range(80):
            answer = self.client("cluster", "member", "remove", str(node), check=False)
            if answer.returncode == 0 or "member_unknown" in answer.stderr:
                return
            time.sleep(0.25)
        raise SystemExit(f"node {node} cannot be removed: {answer.stderr}")

    def forget(self, node):
        """Ends a node that is no member any more, and what it kept."""
        if node in self.numbers:
            self.numbers.remove(node)
        self.addresses.pop(node, None)
        self.name_all()
        self.kill(node)
        shutil.rmtree(f"{self.folder}/n{node}")

    def name_all(self):
        self.nodes = len(self.numbers)
        self.url = "lockstep://" + ",".join(
            self.addresses[node] for node in self.numbers) + "/default"

    def wait_for_voters(self, voters, seconds=120):
        """Until exactly these nodes vote and nobody comes or goes; how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.are_voters(voters):
                return time.monotonic() - began
            time.sleep(0.05)
        raise SystemExit(f"after {seconds} s the seats are {self.seats()}, not voters {voters}")

    def disk_bytes(self, node):
        """What the files of a node's directory take."""
        total = 0
        for name in os.listdir(f"{self.folder}/n{node}"):
            try:
                total += os.stat(f"{self.folder}/n{node}/{name}").st_blocks * 512
            except FileNotFoundError:
                continue
        return total

    def history(self, *words):
        """Clients that call from now on and are judged in the end."""
        return subprocess.Popen(
            [self.binary, "history", "run", "--url", self.first_url, "-o", "json", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def judged(history):
    """Ends the calling; what the judge says."""
    history.terminate()
    output, errors = history.communicate(timeout=600)
    if not output:
        raise SystemExit(f"no verdict: {errors}")
    if errors:
        say(errors)
    return json.loads(output.splitlines()[0])


def progress(done, total, what):
    """A bar on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        width = 30
        filled = round(width * min(1, done / max(1, total)))
        print(f"\r  [{'#' * filled}{'.' * (width - filled)}] {what}\033[K", end="",
              file=sys.stderr, flush=True)

"""Three nodes of etcd on loopback as they come from Debian, and our load generator for them."""
import glob
import json
import os
import shutil
import subprocess
import time
import urllib.request

from measured_cluster import ROOT, Trouble, output_of, say

BASE_PORT = 7960
FOLDER = os.path.join(ROOT, ".build-peers")
SERVER = os.path.join(FOLDER, "root/usr/bin/etcd")
LOAD = os.path.join(FOLDER, "etcd-load")


def install():
    """Unpacks etcd without installing it, so that no service starts; builds the generator."""
    os.makedirs(FOLDER, exist_ok=True)
    if not os.path.exists(SERVER):
        say("downloading etcd-server from Debian")
        # A machine that was just made has no lists of packages yet.
        for words in (["update"], ["download", "etcd-server"]):
            subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", *words], cwd=FOLDER,
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        package = max(glob.glob(os.path.join(FOLDER, "etcd-server_*.deb")))
        subprocess.run(["dpkg", "-x", package, os.path.join(FOLDER, "root")], check=True)
    sources = glob.glob(os.path.join(ROOT, "tools/peers/*.c"))
    sources += [os.path.join(ROOT, "tools/limit", name)
                for name in ("bytes.c", "net.c", "measure.c")]
    subprocess.run(["cc", "-std=gnu11", "-O2", "-flto", "-Wall", "-Wextra", "-o", LOAD, *sources,
                    "-lm"], check=True)


def version():
    words = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True)
    return words.stdout.split("\n", 1)[0].replace("etcd Version: ", "etcd ")


class Etcd:
    """A cluster of etcd with its defaults, every write synced; use it in a `with`."""

    def __init__(self, folder, nodes=3):
        self.folder = os.path.join(folder, "etcd")
        self.numbers, self.processes, self.leader = list(range(1, nodes + 1)), {}, None
        os.makedirs(self.folder)

    def __enter__(self):
        members = ",".join(f"n{n}=http://127.0.0.1:{self.port(n) + 1}" for n in self.numbers)
        for number in self.numbers:
            client = f"http://127.0.0.1:{self.port(number)}"
            peer = f"http://127.0.0.1:{self.port(number) + 1}"
            with open(os.path.join(self.folder, f"{number}.log"), "wb") as log:
                self.processes[number] = subprocess.Popen(
                    [SERVER, "--name", f"n{number}", "--data-dir", f"{self.folder}/{number}",
                     "--listen-client-urls", client, "--advertise-client-urls", client,
                     "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                     "--initial-cluster", members], stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log)
        self.leader = self.find_leader()
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        shutil.rmtree(self.folder)

    def port(self, number):
        return BASE_PORT + 10 * (number - 1)

    def status(self, number):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port(number)}/v3/maintenance/status", b"{}",
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=1) as answer:
            return json.load(answer)

    def find_leader(self, patience=30):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            for number in self.numbers:
                try:
                    status = self.status(number)
                except OSError:
                    continue
                if status.get("leader", "0") == status["header"]["member_id"]:
                    return number
            time.sleep(0.1)
        raise Trouble(f"etcd has no leader after {patience} s")

    def load(self, workload, *words):
        return [LOAD, "--port", self.port(self.leader), "--workload", workload, *words]

    def fill(self, keys, value_size):
        """Writes every key once."""
        words = self.load("load", "--outstanding", 1000, "--keys", keys, "--value-size", value_size)
        subprocess.run(list(map(str, words)), check=True)

    def measure(self, workload, outstanding, options):
        """Puts and linearizable reads, all to the leader."""
        pids = ",".join(str(process.pid) for process in self.processes.values())
        return output_of(self.load(
            workload, "--outstanding", outstanding, "--seconds", options.seconds, "--keys",
            options.keys, "--value-size", options.value_size, "--processes", pids))

#!/usr/bin/env python3
"""Tests of what the tools judge by, on made-up material: seconds, no build, no cluster.

  python3 tools/tools_test.py
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

sys.dont_write_bytecode = True
TOOLS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))
from campaign.campaign import Campaign  # noqa: E402
from campaign.results import Results  # noqa: E402
from rotten.blocks import written_blocks  # noqa: E402
import wire  # noqa: E402
from judgement_test import *  # noqa: E402,F401,F403
from second_opinion_workloads_test import *  # noqa: E402,F401,F403

BASH_TOOLS = sorted(path for path in TOOLS.iterdir() if path.is_file()
                    and path.read_bytes().startswith(b"#!/usr/bin/env bash"))


def tool(name):
    """A tool without an ending as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class HelpTests(unittest.TestCase):
    """--help says the help and runs nothing, wherever one stands."""

    def check(self, path, folder, call):
        # A tool that goes on would begin to build, and is ended by the time limit.
        found = subprocess.run([call, "--help"], cwd=folder, capture_output=True, text=True,
                               env={"PATH": "/usr/bin:/bin", "LOCKSTEP": "/bin/false"},
                               timeout=20, check=False, stdin=subprocess.DEVNULL)
        head = path.read_text().splitlines()[1].removeprefix("# ")
        with self.subTest(call=call, folder=folder):
            self.assertEqual((found.returncode, found.stderr), (0, ""))
            self.assertGreater(len(found.stdout.splitlines()), 3)
            if "show_help" in path.read_text():
                self.assertEqual(found.stdout.splitlines()[0], head)
                last = path.read_text().split("\nset ")[0].splitlines()[-1].removeprefix("# ")
                self.assertEqual(found.stdout.splitlines()[-1], last)

    def test_help_from_any_folder(self):
        self.assertGreater(len(BASH_TOOLS), 9)
        for path in BASH_TOOLS:
            self.check(path, str(TOOLS.parent), f"tools/{path.name}")
            self.check(path, str(TOOLS), f"./{path.name}")
            self.check(path, str(TOOLS / "campaign"), f"../{path.name}")
            self.check(path, "/", str(path))


class Ended:
    """A process that has ended with a status, or has not."""

    def __init__(self, status=None):
        self.returncode = status

    def poll(self):
        return self.returncode


class SoakTests(unittest.TestCase):
    soak = tool("soak")

    def cluster(self, statuses, resident=lambda node: (1, 1)):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for node in statuses:
            os.mkdir(f"{self.folder.name}/n{node}")
        return SimpleNamespace(
            numbers=list(statuses), folder=self.folder.name, resident=resident,
            disk_bytes=lambda node: 1,
            processes={node: Ended(status) for node, status in statuses.items()})

    def test_samples_of_living_nodes(self):
        self.assertEqual(len(self.soak.Samples(self.cluster({1: None, 2: None})).end()), 1)

    def test_a_node_that_is_meant_to_be_away(self):
        cluster = self.cluster({1: None, 2: None, 3: -9})
        rows = self.soak.Samples(cluster, down=[3]).end()
        self.assertEqual(list(rows[0]["nodes"]), [1, 2])
        cluster.processes[2] = Ended(1)
        with self.assertRaisesRegex(SystemExit, "n2 has ended with status 1$"):
            self.soak.Samples(cluster, down=[3]).end()

    def test_who_was_away_comes_back(self):
        started = []
        cluster = SimpleNamespace(start=started.append, wait_until_whole=lambda: 1)
        self.assertLess(self.soak.come_back(cluster, [3]), 5)
        self.assertEqual(started, [3])

    def test_a_node_that_ended(self):
        def resident(node):
            raise KeyError("VmRSS")
        samples = self.soak.Samples(self.cluster({1: None, 2: -9}, resident))
        with self.assertRaisesRegex(SystemExit, "n2 has ended with status -9"):
            samples.end()

    def test_samples_that_fail(self):
        def resident(node):
            raise PermissionError
        samples = self.soak.Samples(self.cluster({1: None}, resident))
        with self.assertRaisesRegex(SystemExit, "PermissionError"):
            samples.end()

    def test_samples_that_end_early(self):
        def looked_on(*times):
            return self.soak.looked_on([{"elapsed": at} for at in times], 90)

        self.assertTrue(looked_on(*range(1, 87)))
        self.assertFalse(looked_on(*range(1, 60)))
        self.assertFalse(looked_on(1, 89))
        self.assertFalse(looked_on())


class UpgradeTests(unittest.TestCase):
    upgrade = tool("upgrade")
    SOUND = {"failed": 0, "calls": 10}
    INSTALLS = {"old to new": True, "new to old": True}

    def cluster(self, said, members=(("a", 1), ("b", 2))):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for node in (1, 2):
            pathlib.Path(folder.name, f"n{node}.log").write_text(
                "ts=1 level=info node=1 event=server.started boot=1\n" + said)
        text = json.dumps({"members": [{"id": n, "incarnation": i} for i, n in members]})
        return SimpleNamespace(folder=folder.name, range=lambda: [1, 2], has_snapshots=True,
                               client=lambda *words: SimpleNamespace(stdout=text))

    def judge(self, cluster, verdict=None, installs=INSTALLS):
        self.upgrade.judge(cluster, verdict or self.SOUND, {1: "a", 2: "b"}, installs)

    def test_nothing_wrong(self):
        self.judge(self.cluster("ts=2 event=snapshot.received\nts=3 event=node.admitted\n"))

    def test_what_a_node_says(self):
        for event in ("node.refused", "node.returns", "journal.lost", "journal.hole",
                      "journal.damaged", "snapshot.damaged", "file.mended", "repair.begun",
                      "state.fenced", "state.differs", "state.unsettled", "peer.refused"):
            with self.assertRaisesRegex(SystemExit, event):
                self.judge(self.cluster(f"ts=2 level=error event={event} code=x\n"))

    def test_other_members_in_the_end(self):
        for members in ([("a", 1), ("c", 2)], [("a", 1)], [("a", 1), ("b", 2), ("d", 4)]):
            with self.assertRaisesRegex(SystemExit, "the members were"):
                self.judge(self.cluster("", members))

    def test_snapshots_of_the_other_program(self):
        for installs in ({}, {"old to new": True}, {**self.INSTALLS, "new to old": False}):
            with self.assertRaisesRegex(SystemExit, "no snapshot was received: .*new to old"):
                self.judge(self.cluster(""), installs=installs)

    def test_calls(self):
        for verdict in ({"failed": 1, "calls": 10}, {"failed": 0, "calls": 0}):
            with self.assertRaisesRegex(SystemExit, "calls"):
                self.judge(self.cluster(""), verdict)


class FloodTests(unittest.TestCase):
    flood = tool("flood")

    def answered(self, said):
        """What a client thinks of a node that says this to its hello, and ends the connection."""
        ours, other = socket.socketpair()
        self.addCleanup(ours.close)
        other.sendall(said)
        other.close()
        self.flood.expect_welcome(ours, wire.Answers())

    def test_let_in(self):
        self.answered(wire.head(wire.HELLO_ACK, 0, bytes(60)))

    def test_not_let_in(self):
        refusal = wire.head(wire.ERROR, 0, bytes(10) + struct.pack("<HQH", 0, 0, 3))
        for said in (b"", refusal, refusal[:9]):
            with self.assertRaisesRegex(SystemExit, "not let in"):
                self.answered(said)

    def test_connections_that_say_nothing(self):
        ours, other = socket.socketpair()
        self.addCleanup(ours.close)
        self.assertFalse(self.flood.is_ended(ours))
        other.sendall(wire.head(wire.ERROR, 0, bytes(40)))
        other.close()
        self.assertTrue(self.flood.is_ended(ours))

    def test_what_came_first_to_the_deaf(self):
        ours, other = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(other.close)
        ours.setblocking(False)
        self.assertIsNone(self.flood.first_kind(ours))
        other.sendall(wire.head(wire.RESULT, 1, bytes(40)))
        self.assertEqual(self.flood.first_kind(ours), wire.RESULT)

    def test_whether_anything_was_done(self):
        for row, did in [({"part": "puts", "done": 1, "overloaded": 8, "code 82": 1}, True),
                         ({"part": "puts", "overloaded": 9}, False),
                         ({"part": "gets", "done": 1, "code 3": 8}, False),
                         ({"part": "puts", "done": 1, "code 89": 8}, False),
                         ({"part": "deaf", "done": 0}, False),
                         ({"part": "idle", "puts_s_beside": 5.0, "ended": 0}, True),
                         ({"part": "idle", "puts_s_beside": 5.0, "ended": 1}, False),
                         ({"part": "small", "ops_s": 0}, False)]:
            self.assertEqual(self.flood.did_its_worst(row), did, row)


class NumberTests(unittest.TestCase):
    """Runs of nothing are refused."""

    def test_nothing_to_do(self):
        for words in ("simulate.py --seeds -5", "simulate.py --seeds 0",
                      "simulate.py --seeds 10 --minutes 0", "simulate.py --minutes nan",
                      "simulate.py --seeds 1 --jobs 0", "crashes.py --pairs -1",
                      "damage.py --minutes 0", "failover --times 0", "rot --cases 0"):
            found = subprocess.run(
                [sys.executable, "-B", *words.split()], cwd=TOOLS, capture_output=True, text=True,
                env={**os.environ, "LOCKSTEP": "/bin/false"}, timeout=20, check=False)
            self.assertEqual(found.returncode, 2, (words, found.stderr))
            self.assertIn(words.split()[-2], found.stderr)

    def test_a_campaign_without_a_seed(self):
        options = SimpleNamespace(
            minutes=1, first=1, lie=None, nodes=None, mode="raft", twice=False)
        self.assertEqual(Campaign(options).broken_bounds(), ["no seed was run"])


class RottenBlocksTests(unittest.TestCase):
    """Where the records of a segment end that was used before: what stands behind them is nothing."""

    def test_written_blocks_behind_the_newest_record_are_not_counted(self):
        def record(number, size):
            head = struct.pack("<IIIIQQQ", 1, 1, size, 1, 9, number, 9)
            return head + b"x" * size + bytes(-size % 8)

        header = bytearray(4096)
        struct.pack_into("<Q", header, 48, 7)
        stale = record(6, 1000)
        for records, blocks in ((b"", 9), (record(7, 11) + record(7, 2000), 13)):
            content = bytes(header) + records + 9 * stale
            with tempfile.NamedTemporaryFile() as file:
                file.write(content)
                file.flush()
                self.assertEqual(written_blocks(file.name), blocks)


class SimulateTests(unittest.TestCase):
    """A program that says what a test wants stands for `lockstep sim run`."""

    RAFT = {"verdict": "ok", "nodes": 3, "simulated_seconds": 60, "operations": 1000,
            "leader_changes": 3, "crashes": 3, "trace_hash": "a",
            "faults": {"loss": 1, "kill": 2, "pause": 1, "left_broken": 1},
            "coverage": {"two_leaders": 1}}
    BFT = {"verdict": "ok", "mode": "bft", "nodes": 4, "liars": [1], "simulated_seconds": 4,
           "operations": 20, "trace_hash": "a", "faults": {"loss": 1, "cut": 1},
           "told": {"mute": 1}, "coverage": {"stable": 1, "view-in-vain": 1}}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.log = f"{self.folder.name}/log"

    def simulate(self, words, odd=(), *, build="a", hashing=None):
        """The status and the result where some seeds are odd, and which seeds were run."""
        report = self.BFT if "bft" in words else self.RAFT
        plan = {"report": report, "odd": dict(odd), "hashing": hashing}
        program = pathlib.Path(self.folder.name, "program")
        program.write_text(f"#!{sys.executable}\n# {build}\n{SEEDS_PROGRAM}")
        program.chmod(0o755)
        runs = pathlib.Path(self.folder.name, "runs")
        runs.write_text("")
        found = subprocess.run(
            [sys.executable, "-B", "simulate.py", "--no-shrink", "-o", "json", *words.split()],
            cwd=TOOLS, capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, "LOCKSTEP": str(program), "PLAN": json.dumps(plan),
                 "RUNS": str(runs)})
        self.assertIn(found.returncode, (0, 1), found.stderr)
        result = json.loads(found.stdout)
        result["reasons"] = [failure["reason"] for failure in result["failures"]]
        return found.returncode, result, sorted(map(int, runs.read_text().split()))

    def check(self, words, odd, reason, **more):
        status, result, _ = self.simulate(words, odd, **more)
        said = result["reasons"] + result["broken_bounds"]
        self.assertEqual(status, 1, said)
        self.assertEqual([text for text in said if reason in text], said)
        self.assertEqual(len(said), 1)

    def test_nothing_wrong(self):
        for words in ("--seeds 3", "--seeds 3 --mode bft", "--seeds 3 --twice",
                      "--seeds 3 --twice --mode bft"):
            status, result, _ = self.simulate(words)
            self.assertEqual((status, result["ok"], result["failed"]), (0, 3, 0), words)

    def test_seeds_that_did_too_little(self):
        self.check("--seeds 3", {2: {"simulated_seconds": 59}}, "only 59 s")
        self.check("--seeds 3", {2: {"operations": 999}}, "999 operations, 1000 are")
        self.check("--seeds 3 --mode bft", {2: {"operations": 19}}, "19 operations, 20 are")
        self.check("--seeds 3 --mode bft", {2: {"operations": 4, "respite_ms": 500}}, "5 are")
        self.check("--seeds 3 --mode bft", {2: {"idle_ms": 3001}}, "nothing was answered")
        self.assertEqual(
            self.simulate("--seeds 3 --mode bft", {2: {"operations": 5, "respite_ms": 500}})[0], 0)

    def test_histories_that_nobody_could_judge(self):
        self.check("--seeds 3 --mode bft", {2: {"undecided_keys": 2}}, "2 keys had histories")

    def test_a_process_that_stops_itself(self):
        self.check("--seeds 5 --jobs 1", {2: {"dies": True}}, "a promise is broken")
        _, result, _ = self.simulate("--seeds 5 --jobs 1", {2: {"dies": True}})
        self.assertEqual((result["ok"], result["failed"]), (4, 1))

    def test_a_promise_that_is_broken(self):
        broken = {"verdict": "safety", "promise": "S1", "reason": "two lead"}
        self.check("--seeds 3", {2: broken}, "two lead")

    def test_processes_that_differ(self):
        for mode in ("", " --mode bft"):
            self.check("--seeds 3 --twice" + mode, {2: {"trace_hash": "drawn"}}, "differ")
            self.check("--seeds 3 --twice" + mode, {}, "did not hash differently", hashing=7)

    def bounds(self, count, report, **options):
        options = {"minutes": None, "first": 1, "lie": None, "nodes": None, "mode": "raft",
                   "twice": False, **options}
        campaign = Campaign(SimpleNamespace(**options))
        with contextlib.redirect_stderr(io.StringIO()):
            for seed in range(1, count + 1):
                campaign.add_up({**report, "seed": seed})
        self.assertEqual(campaign.failures, [])
        return [text.split()[0] for text in campaign.broken_bounds()]

    def test_a_hundred_seeds(self):
        self.assertEqual(self.bounds(100, self.RAFT), [])
        few = {**self.RAFT, "leader_changes": 2, "crashes": 2, "faults": {"loss": 1, "kill": 1}}
        self.assertEqual(self.bounds(100, few), ["200", "200", "only", "0"])
        self.assertEqual(self.bounds(99, few), [])

    def test_a_thousand_seeds(self):
        never = {**self.RAFT, "coverage": {"two_leaders": 0, "flood": 1},
                 "faults": {**self.RAFT["faults"], "rot": 0}}
        self.assertEqual(self.bounds(1000, never), ["two_leaders", "rot"])
        self.assertEqual(self.bounds(999, never), [])
        self.assertEqual(self.bounds(1000, never, nodes=3), [])

    def test_a_thousand_seeds_with_liars(self):
        never = {**self.BFT, "coverage": {"stable": 0, "view-in-vain": 0}, "told": {"mute": 0},
                 "faults": {"loss": 0, "cut": 0}}
        wanted = ["stable", "view-in-vain", "loss", "cut", "mute"]
        for nodes in (None, 4, 7):
            self.assertEqual(self.bounds(1000, self.BFT, mode="bft", nodes=nodes), [])
            self.assertEqual(self.bounds(1000, never, mode="bft", nodes=nodes), wanted)
        self.assertEqual(self.bounds(1000, never, mode="bft", nodes=1), ["stable", "loss"])
        self.assertEqual(self.bounds(1000, never, mode="bft", lie="mute"), [])

    def test_how_many_had_liars(self):
        odd = {1: {"liars": []}, 2: {"faults": {"loss": 0}}, 3: {"liars": [], "faults": {}}}
        _, result, _ = self.simulate("--seeds 4 --mode bft", odd)
        found = [result[f"seeds_with_{name}"] for name in ("liars", "faults", "both")]
        self.assertEqual(found, [2, 2, 1])

    def test_several_sittings(self):
        words = f"--jobs 1 --log {self.log} --seeds"
        _, _, runs = self.simulate(f"{words} 3 --from 2")
        self.assertEqual(runs, [2, 3, 4])
        status, result, runs = self.simulate(f"{words} 6")
        self.assertEqual((status, runs), (0, [1, 5, 6]))
        self.assertEqual((result["seeds"], result["crashes"], result["first"]), (6, 18, 1))
        self.assertEqual(result["faults"]["kill"], {"count": 12, "seeds": 6})
        self.assertEqual(result["coverage"], {"two_leaders": 6})
        rows = [json.loads(line) for line in pathlib.Path(self.log).read_text().splitlines()]
        last = {row["sitting"]: row["seconds"] for row in rows}
        self.assertEqual(len(last), 2)
        self.assertGreaterEqual(result["seconds"], round(sum(last.values()), 1))

    def test_sittings_of_other_runs(self):
        words = f"--seeds 2 --log {self.log}"
        self.simulate(words)
        for more, build in (("", "b"), (" --nodes 3", "a"), (" --twice", "a")):
            _, result, runs = self.simulate(words + more, build=build)
            self.assertEqual((result["seeds"], sorted(set(runs))), (2, [1, 2]), (more, build))
        self.assertEqual(self.simulate(words)[2], [])

    def test_a_failure_of_an_earlier_sitting(self):
        words = f"--seeds 3 --log {self.log}"
        self.check(words, {2: {"operations": 999}}, "999 operations")
        status, result, runs = self.simulate(words)
        self.assertEqual((status, result["failed"]), (1, 1))
        self.assertLessEqual(set(runs), {2})


class ExploreTests(unittest.TestCase):
    """A program that says what a test wants stands for `lockstep sim explore`."""

    MARKS = ("leader", "two_leaders", "request_committed", "two_requests_committed",
             "contradicting_logs", "leader_crash", "records_lost")
    WORLDS = {"verdict": "ok", "complete": True, "states": 10**8, **dict.fromkeys(MARKS, 1)}

    def explore(self, *words, **odd):
        """The status where all worlds have something odd."""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "program")
            program.write_text(f"#!{sys.executable}\n{WORLDS_PROGRAM}")
            program.chmod(0o755)
            found = subprocess.run(
                [TOOLS / "explore", *words], capture_output=True, text=True, timeout=60,
                check=False, stdin=subprocess.DEVNULL,
                env={**os.environ, "LOCKSTEP": str(program),
                     "WORLDS": json.dumps({**self.WORLDS, **odd})})
            return found.returncode, found.stdout.splitlines()[-1]

    def test_enough(self):
        self.assertEqual(self.explore(), (0, "0 failures"))

    def test_what_is_wrong(self):
        for odd in ({"states": 59_999}, {"leader_crash": 0}, {"complete": False}):
            self.assertEqual(self.explore("--quick", **odd), (1, "2 failures"), odd)

    def test_what_only_some_bounds_must_reach(self):
        self.assertEqual(self.explore("--quick", two_leaders=0), (0, "0 failures"))
        self.assertEqual(self.explore(two_leaders=0, states=9_999_999), (1, "2 failures"))


class ResultsTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name, "results")

    def build(self, text):
        program = pathlib.Path(self.folder.name, "program")
        program.write_text(f"#!/bin/sh\n# {text}\n{CASES_PROGRAM}")
        program.chmod(0o755)
        return str(program)

    def read(self, build):
        with contextlib.redirect_stderr(io.StringIO()):
            return [row["case"] for row in Results(self.path, self.build(build)).read()]

    def test_results_of_this_build_alone(self):
        for build, case in (("a", 1), ("b", 2), ("a", 3)):
            Results(self.path, self.build(build)).add({"case": case})
        self.assertEqual(self.read("a"), [1, 3])
        self.assertEqual(self.read("b"), [2])
        self.assertEqual(self.read("c"), [])

    def test_lines_of_before_there_were_builds(self):
        self.path.write_text('{"case": 1}\n')
        self.assertEqual(self.read("a"), [])

    def test_a_line_that_was_cut_off(self):
        results = Results(self.path, self.build("a"))
        results.add({"case": 1})
        results.add({"case": 2})
        self.path.write_bytes(self.path.read_bytes()[:-5])
        self.assertEqual(self.read("a"), [1])
        results.add({"case": 3})
        self.assertEqual(self.read("a"), [1, 3])

    def cases(self, build, *more):
        found = subprocess.run(
            [sys.executable, "-B", "crashes.py", "--node", "1", "--pairs", "0", "--log", str(self.path),
             "-o", "json", *more], cwd=TOOLS, capture_output=True, text=True, timeout=60,
            env={**os.environ, "LOCKSTEP": self.build(build)}, check=False)
        return found.returncode, json.loads(found.stdout)["cases"]

    def test_numbered_cases(self):
        self.assertEqual(self.cases("good"), (0, 3))
        self.assertEqual(self.cases("good"), (0, 3))
        self.assertEqual(self.cases("bad"), (1, 3))
        self.assertEqual(self.cases("good"), (0, 3))


class VerifyEvidenceTests(unittest.TestCase):
    GENESIS = {"cluster": "00" * 16, "members": [{"id": 1, "key": "11" * 32}], "clients": []}

    def verify(self, openssl=None, genesis=None):
        """The status for a file that is no evidence, with a command in the place of openssl."""
        with tempfile.TemporaryDirectory() as folder:
            files = {"evidence.lsev": "x", "genesis.json": json.dumps(genesis or self.GENESIS)}
            if openssl:
                files["openssl"] = f"#!/bin/sh\n{openssl}\n"
            for name, text in files.items():
                pathlib.Path(folder, name).write_text(text)
                pathlib.Path(folder, name).chmod(0o755)
            words = [sys.executable, TOOLS / "verify-evidence", "evidence.lsev", "genesis.json"]
            return subprocess.run(
                words, cwd=folder, capture_output=True, timeout=20, check=False,
                env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}).returncode

    def test_an_openssl_that_can(self):
        self.assertEqual(self.verify(), 2)

    def test_an_openssl_that_cannot(self):
        self.assertEqual([self.verify("exit 1"), self.verify("exit 0")], [1, 1])

    def test_no_genesis(self):
        self.assertEqual(self.verify(genesis=[1]), 1)


# Stands for `lockstep sim explore`: all worlds are alike, and every flaw is found.
WORLDS_PROGRAM = """
import json, os, sys
flaws = {"votes-forgotten": "S2", "promises-early": "S3", "synced-lost": "S9",
         "refusals-granted": "S1"}
found = next((flaws[word] for word in sys.argv if word in flaws), None)
print(json.dumps({"promise": found}) if found else os.environ["WORLDS"])
"""

# Stands for `lockstep sim run`: all seeds report alike but the odd ones.
SEEDS_PROGRAM = """
import json, os, sys
words, plan = sys.argv[1:], json.loads(os.environ["PLAN"])
first = int(words[words.index("--seed") + 1])
count = int(words[words.index("--count") + 1]) if "--count" in words else 1
print("hashing", plan["hashing"] or os.getpid(), file=sys.stderr, flush=True)
for seed in range(first, first + count):
    with open(os.environ["RUNS"], "a") as runs:
        print(seed, file=runs)
    report = {**plan["report"], **plan["odd"].get(str(seed), {}), "seed": seed}
    if report.get("dies") and "--storm" not in words:
        sys.exit("Fatal error: a promise is broken")
    if report["trace_hash"] == "drawn":
        report["trace_hash"] = os.getpid()
    print(json.dumps(report), flush=True)
"""

# Stands for `lockstep sim crashes` with three cases, all of which fail in a build called bad.
CASES_PROGRAM = """
case "$*" in *--case*) ;; *) echo '{"cases": 3}' && exit ;; esac
verdict=ok
grep -q '^# bad' "$0" && verdict=safety
for case in 1 2 3; do
  printf '{"case": %s, "verdict": "%s", "reason": "x"}\\n' $case $verdict
done
"""


if __name__ == "__main__":
    unittest.main()

"""Tests that the tools end badly where what they measured is bad; part of tools_test.py."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import socket
import sys
import tempfile
import time
import unittest
from unittest import mock
from types import SimpleNamespace

TOOLS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS / "benchmarks")]
import convict  # noqa: E402
import damage  # noqa: E402
import injected  # noqa: E402
import measure  # noqa: E402
import measured_cluster  # noqa: E402
import recording  # noqa: E402
import scaled  # noqa: E402
import series  # noqa: E402
import tables  # noqa: E402
from cluster import Cluster  # noqa: E402


def tool(name):
    """A tool without an ending as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class RotTests(unittest.TestCase):
    rot = tool("rot")
    SOUND = {"case": 0, "class": "boot", "lost": 0, "wrong": 0, "healed": True, "available": True,
             "missed": False}

    def judge(self, count=1, **wrong):
        """What is said of so many sound cases and one that differs so."""
        rows = [{**self.SOUND, "case": at} for at in range(1, count)] + [{**self.SOUND, **wrong}]
        return " / ".join(self.rot.complaints(rows))

    def test_sound_cases(self):
        self.assertEqual(self.judge(3), "")

    def test_no_case(self):
        self.assertEqual(self.rot.complaints([]), ["no case was run"])

    def test_each_thing_that_must_not_be(self):
        for wrong, words in (({"lost": 2}, "2 acknowledged writes are lost"),
                             ({"wrong": 1}, "1 answers were wrong"),
                             ({"healed": False}, "did not heal by themselves: cases [0]"),
                             ({"missed": True}, "not found by the scrubber: cases [0]")):
            self.assertEqual(self.judge(1000, **wrong), words)

    def test_availability(self):
        self.assertEqual(self.judge(100, available=False), "")
        self.assertIn("available in 98.0%", self.judge(50, available=False))

    def test_what_no_scrubber_looks_at(self):
        self.assertEqual(self.judge(**{"class": "spare", "missed": True}), "")


class DamageTests(unittest.TestCase):
    def judge(self, cases, damaged, available):
        counts = {"cases": cases, "damaged": damaged, "available": available}
        return damage.complaints({"flip, idle": counts})

    def test_enough(self):
        self.assertEqual(self.judge(100, 25, 100), [])
        self.assertEqual(self.judge(200, 100, 199), [])
        self.assertEqual(self.judge(6, 0, 6), [])

    def test_cases_that_damage_nothing(self):
        self.assertEqual(self.judge(100, 24, 100), ["flip, idle: 24 of 100 cases damaged anything"])

    def test_silence(self):
        said = ["flip, idle: in 2 of 100 cases clients were not answered"]
        self.assertEqual(self.judge(100, 100, 98), said)


class ScaleTests(unittest.TestCase):
    scale = scaled
    tool = tool("scale")

    def judge(self, **more):
        row = {"documents": 10_000, "nodes": 3, "usual_ops_s": 1.0, "usual_p99_us": 10.0,
               "snapshot_p99_us": 20.0, **more}
        return self.scale.complaints(self.scale.compared([row]), 2.0)

    def test_within_twice_the_usual(self):
        self.assertEqual(self.judge(), [])

    def test_above(self):
        self.assertIn("2.01 times", self.judge(snapshot_p99_us=20.1)[0])

    def test_no_snapshot_under_load(self):
        self.assertIn("no p99 during a snapshot", self.judge(snapshot_p99_us=None)[0])

    def test_nothing_measured(self):
        row = {"documents": 1, "nodes": 3, "no_room": "words"}
        self.assertEqual(self.scale.complaints([row], 2.0), ["nothing was measured"])

    def test_p99_of_all_samples_is_their_greatest(self):
        self.assertEqual(self.tool.greatest([{"p99_us": at} for at in (3, 9, 4)], "p99_us"), 9)
        self.assertIsNone(self.tool.greatest([], "p99_us"))


class InjectTests(unittest.TestCase):
    OPTIONS = SimpleNamespace(points=2)

    def rows(self, count, without=0, failed=0):
        """So many cases, of which some took no effect and some failed."""
        return [{"stage": "fresh", "way": "kill", "point": "write:boot:1", "seconds": 1.0,
                 "took_effect": at >= without, "error": "x" if count - at <= failed else None}
                for at in range(count)]

    def test_enough(self):
        self.assertEqual(injected.complaints(self.rows(10, without=1)), [])

    def test_no_effect(self):
        said = ["fresh/kill: 8 of 10 cases took effect"]
        self.assertEqual(injected.complaints(self.rows(10, without=2)), said)

    def test_failures_and_no_case(self):
        self.assertEqual(injected.complaints(self.rows(10, failed=1)),
                         ["fresh/kill: 1 cases failed"])
        self.assertEqual(injected.complaints([]), ["no case was run"])

    def test_fewer_calls_than_asked_for(self):
        point = injected.Point("write", "boot", 1)
        said = injected.missing_points("fresh", [point], self.OPTIONS)
        self.assertEqual(said, ["fresh: 1 calls, 2 were asked for"])
        self.assertEqual(injected.missing_points("fresh", [point, point], self.OPTIONS), [])
        self.assertEqual(injected.complaints(self.rows(1), said), said)

    def test_a_snapshot_without_a_call_of_its_own(self):
        points = [injected.Point(name, thread, 1) for thread, name in injected.OF_A_SNAPSHOT]
        self.assertEqual(injected.missing_points("snapshot", points, self.OPTIONS), [])
        self.assertEqual(injected.missing_points("snapshot", points[1:], self.OPTIONS),
                         ["snapshot: no pwrite64 of snapshots"])

    def test_a_case_in_vain_is_tried_again(self):
        found = [{"error": None, "took_effect": False}, {"error": None, "took_effect": True}]
        workshop = SimpleNamespace(case=lambda *words: found.pop(0))
        self.assertEqual(injected.tried(workshop, "fresh", "kill", None, 1)["tries"], 2)


class ReplaceAllTests(unittest.TestCase):
    replace_all = tool("replace-all")

    def judge(self, is_smoke=False, **more):
        row = {"part": "replace", "calls": 9, "failed": 0, "verdict": "linearizable",
               "steps": [{"new": 4, "installed": True}, {"new": 5, "installed": True}], **more}
        return self.replace_all.complaints(row, is_smoke)

    def test_enough(self):
        self.assertEqual(self.judge(), [])

    def test_a_newcomer_without_a_snapshot(self):
        steps = [{"new": 4, "installed": True}, {"new": 5, "installed": False}]
        self.assertEqual(self.judge(steps=steps), ["n5 was sent no snapshot"])
        self.assertEqual(self.judge(is_smoke=True, steps=steps), [])

    def test_calls_and_verdict(self):
        self.assertEqual(self.judge(failed=1), ["1 of 9 calls failed"])
        self.assertEqual(self.judge(calls=0), ["0 of 0 calls failed"])
        self.assertEqual(self.judge(verdict="unknown"), ["the history is unknown"])


class ConvictTests(unittest.TestCase):
    """A run of a cluster that cannot be had because a node stops itself."""

    def run_with(self, log, status, has_bug):
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(convict, "RUNS", pathlib.Path(folder)), \
                mock.patch.dict(os.environ, LOCKSTEP_FOLDER=folder):
            run_folder = pathlib.Path(folder) / f"{'' if has_bug else 'without-'}bug-1"

            def harness(*_, **__):
                (run_folder / "cluster").mkdir(parents=True)
                (run_folder / "cluster" / "n2.log").write_text(log)
                return SimpleNamespace(returncode=status, stderr="n2 has ended")

            with mock.patch.object(convict.subprocess, "run", harness):
                runs = convict.Runs(SimpleNamespace(base_port=1))
                return runs.run(convict.Recipe("bug", "kv", None), has_bug, 1)

    LOG = "event=x\nRaft/RaftCore.swift:7: Fatal error: a leader appends only\n"

    def test_a_node_that_stopped_itself(self):
        self.assertEqual(self.run_with(self.LOG, 1, True),
                         {"by": "invariant", "reason": "n2: a leader appends only"})

    def test_what_says_nothing_of_the_bug(self):
        self.assertIsNone(self.run_with("event=x\n", 1, True))
        self.assertIsNone(self.run_with(self.LOG, 0, True))
        with self.assertRaises(convict.Trouble):
            self.run_with(self.LOG, 1, False)


class BenchmarkTests(unittest.TestCase):
    benchmark = tool("benchmark")
    SIDE = {"ops_s": 1.0, "p50_us": 1, "p99_us": 1, "p999_us": 1, "max_us": 1, "stall_us": 1,
            "errors": 0, "little": 1.0, "cpu_us": 1.0, "load_us": 1.0}
    KEY = {"workload": "put", "outstanding": 1}

    def doubts(self, **wrong):
        sides = {"limit": dict(self.SIDE), "ours": {**self.SIDE, **wrong}}
        return self.benchmark.doubts([(self.KEY, sides)])

    def test_what_is_believed(self):
        self.assertEqual(self.doubts(little=1.04), [])

    def test_errors_and_littles_law(self):
        self.assertEqual(self.doubts(errors=2), ["put 1: ours had 2 errors"])
        self.assertEqual(self.doubts(little=0.9), ["put 1: ours is off Little's law, 0.900"])
        self.assertEqual(self.benchmark.doubts([]), ["nothing was measured"])

    def test_a_table_names_them(self):
        sides = {"limit": dict(self.SIDE), "ours": dict(self.SIDE)}
        table = tables.markdown(tables.summaries([(self.KEY, sides)]), "caption", ["put 1: doubt"])
        self.assertTrue(table.endswith("\n\nNot to be believed: put 1: doubt."))

    def status(self, doubts):
        """How the tool ends after such a measurement."""
        result = {"rows": tables.summaries([(self.KEY, {"limit": self.SIDE, "ours": self.SIDE})]),
                  "machine": {"date": "d", "commit": "c", "cores": 2, "cpu": "x", "kernel": "k",
                              "file_system": "f"},
                  "build": "at c", "rounds": 1, "seconds": 3, "wall_s": 1, "doubts": doubts}
        options = SimpleNamespace(save=None, record=None, form="table")
        self.benchmark.read_options, self.benchmark.measure = lambda: options, lambda _: result
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return self.benchmark.main()

    def test_exit_status(self):
        self.assertEqual([self.status([]), self.status(["put 1: ours had 2 errors"])], [0, 1])


class AttackTests(unittest.TestCase):
    OPTIONS = SimpleNamespace(seconds=5, keys=10, value_size=1)

    def under(self, lie):
        """(workload, client) of each load that a lie is measured by."""
        asked = []

        def output(words, seconds):
            asked.append((words[words.index("bench") + 1], words[words.index("--url") + 1]))
            return {**{name: 1 for name in measure.COPIED}, "errors": 0, "littles_law": 1,
                    "cpu_us_processes": 1, "cpu_us_load": 1, "answered": 1}
        cluster = SimpleNamespace(binary="x", pids=[os.getpid()], url_of=lambda client: client)
        before, measure.output = measure.output, output
        try:
            self.assertEqual(len(measure.under(lie, cluster, 64, self.OPTIONS)),
                             len(series.names_of(lie)))
        finally:
            measure.output = before
        return sorted(asked)

    def test_what_each_lie_is_measured_by(self):
        for lie in series.LIES:
            expected = {"fork-reads": [("get", 1)],
                        "starve-client": [("put", 1), ("put", 2)]}.get(lie, [("put", 1)])
            self.assertEqual(self.under(lie), expected, lie)

    def test_a_turn_inside_of_what_was_measured(self):
        self.assertTrue(measure.was_in_time([103.5], 100, 5))
        for seen in ([], [None], [103.6], [120]):
            self.assertFalse(measure.was_in_time(seen, 100, 5), seen)

    def test_a_turn_that_came_too_late_is_tried_again(self):
        turns = [time.monotonic() + 99, time.monotonic()]
        cluster = SimpleNamespace(lie="slow", give_the_liar_its_turn=lambda: turns.pop(0))
        options = SimpleNamespace(seconds=0.05)
        before = measure.under, measure.WARM_UP
        measure.under, measure.WARM_UP = lambda *words: time.sleep(0.05) or ["found"], 0.01
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(measure.attacked(cluster, 64, options), ["found"])
                turns[:] = [None] * measure.TRIES
                with self.assertRaisesRegex(measure.Trouble, "not seen as the primary in time"):
                    measure.attacked(cluster, 64, options)
        finally:
            measure.under, measure.WARM_UP = before
        self.assertEqual(turns, [])


class BytesTests(unittest.TestCase):
    """What an operation writes to files and sends."""

    def test_bytes_that_go_to_files(self):
        with tempfile.TemporaryFile() as file:
            before = measured_cluster.written_bytes([os.getpid()])
            file.write(bytes(5_000_000))
            file.flush()
            ours, other = socket.socketpair()
            ours.send(bytes(10_000))
            other.close()
            ours.close()
            grown = measured_cluster.written_bytes([os.getpid()]) - before
        self.assertTrue(5_000_000 <= grown < 5_005_000, grown)

    def test_loopback(self):
        text = ("Inter-|   Receive  |  Transmit\n face |bytes ...\n"
                "  eth0: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n"
                "    lo: 77 1 0 0 0 0 0 0 1234 1 0 0 0 0 0 0\n")
        self.assertEqual(measured_cluster.loopback_bytes(text), 1234)
        with self.assertRaises(measured_cluster.Trouble):
            measured_cluster.loopback_bytes("  eth0: 1")

    def test_the_table_of_modes_has_them(self):
        side = {**BenchmarkTests.SIDE, "disk_bytes": 1234.4, "network_bytes": 99.6}
        found = [({"outstanding": 1}, {"ours": side, "single": side, "raft": side})]
        heads, row = tables.cells(tables.summaries(found))
        self.assertEqual([heads.count("disk B"), heads.count("network B")], [3, 3])
        self.assertEqual([row.count("1234"), row.count("100")], [3, 3])


class FailoverTests(unittest.TestCase):
    failover = tool("failover")

    def test_the_floor_holds_in_each_mode(self):
        def row(mode, way, median):
            return {"mode": mode, "way": way, "median_ms": median}
        judge = self.failover.complaints
        self.assertEqual(judge([row("raft", "kill", 1000), row("bft", "stop", 1001)]), [])
        self.assertEqual(judge([row("raft", "kill", 9), row("bft", "kill", 1001)]),
                         ["mode bft: the median of kill is 1001 ms, more than 1000"])


class ClusterTests(unittest.TestCase):
    def words(self, mode):
        """What is run to make a cluster, and its URL."""
        said = []

        class Dry(Cluster):
            def run(self, *words, check=True):
                said.append(" ".join(words).replace(self.folder, ""))

            def start(self, node):
                pass

            def wait_until_whole(self):
                pass
        with Dry("x", 2, 1000, mode=mode) as cluster:
            return said, cluster.url.replace(cluster.folder, "")

    def test_keys_where_nobody_is_believed(self):
        said, url = self.words("bft")
        self.assertTrue(said[0].startswith("genesis create --mode bft --nodes 1="))
        self.assertTrue(said[2].endswith("--data /n2 --key /genesis.json.keys/node-2.key"))
        self.assertTrue(url.endswith(
            "/default?genesis=/genesis.json&key=/genesis.json.keys/client-1.key"))

    def test_none_in_mode_raft(self):
        said, url = self.words("raft")
        self.assertFalse([words for words in said if "--key" in words or "--mode" in words])
        self.assertTrue(url.endswith("/default"))


class RecordingTests(unittest.TestCase):
    def record(self, text, name="failover"):
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as file:
            file.write(text)
            file.flush()
            recording.record(file.name, name, "3 times each", ("way", "ms"), [["kill", "9"]],
                             ["End."])
            file.seek(0)
            return file.read()

    def test_between_its_marks(self):
        made = self.record("head\n<!-- measured: failover -->\nold\n<!-- end -->\ntail\n")
        self.assertRegex(made, r"^head\n<!-- measured: failover -->\nMeasured \d{4}-\d\d-\d\d .*: "
                               r"3 times each\.\n\n\| way \| ms \|\n\|---\|---:\|\n\| kill \| 9 \|"
                               r"\n\nEnd\.\n<!-- end -->\ntail\n$")

    def test_a_document_without_its_marks(self):
        with self.assertRaisesRegex(SystemExit, "no place marked"):
            self.record("nothing")

    def test_nothing_is_recorded_unasked(self):
        recording.record(None, "failover", "", (), [])

    def test_which_build(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assertEqual(tables.build_name(file.name), "with a binary of SHA-256 e3b0c44298fc")
            with mock.patch.dict(os.environ, LOCKSTEP=file.name):
                self.assertIn("SHA-256 e3b0c44298fc", recording.caption("twice"))
        self.assertRegex(tables.build_name(None), "^at [0-9a-f]{7,}( and changes)?$")

    def test_each_document_has_the_marks_that_tools_look_for(self):
        for page, names in (("robustness", ("stalls", "flood", "syncs", "failover")),
                            ("performance", ("scale", "levels", "modes", "attacks"))):
            text = (TOOLS.parent / "docs" / f"{page}.md").read_text()
            for name in names:
                self.assertEqual(text.count(f"<!-- measured: {name} -->\n"), 1, name)

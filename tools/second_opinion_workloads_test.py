"""Tests of the second opinion on workloads of lockstep-jepsen; part of tools_test.py.

Of each model a valid history and broken ones, which differ from it by one answer.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
sys.path.insert(0, str(TOOLS))
from second_opinion import judge  # noqa: E402


def lines_of(*calls):
    """Lines of calls that follow each other: (process, f, key, asked, answer); an answer of None
    is that of a read, INFO that of nobody."""
    for process, f, key, asked, answer in calls:
        event = {"process": process, "f": f, "key": key}
        yield {**event, "type": "invoke", "value": asked}
        if answer is INFO:
            yield {**event, "type": "info", "value": asked}
        else:
            yield {**event, "type": "ok", "value": answer}


INFO = object()


class WorkloadTests(unittest.TestCase):
    def verdict(self, model, *calls, more=()):
        options = Namespace(model=model, initial=None, nil_read="absent", failed_cas="ignore",
                            timeout=60)
        events = [*lines_of(*calls), *more]
        return judge([json.dumps(event).encode() for event in events], options)

    def check(self, model, valid, broken):
        """The valid history has an order, and none has one in which one answer is another."""
        good, bad = ("kept", "broken") if model == "consistency" else (
            "linearizable", "not linearizable")
        self.assertEqual(self.verdict(model, *valid)["verdict"], good)
        for place, answer in broken:
            calls = [*valid]
            calls[place] = (*calls[place][:4], answer)
            with self.subTest(place=place, answer=answer):
                self.assertEqual(self.verdict(model, *calls)["verdict"], bad)

    def test_counter(self):
        valid = [(1, "read", "k", None, None), (1, "add", "k", 5, 5), (2, "add", "k", 7, INFO),
                 (3, "add", "k", 2, 14), (1, "read", "k", None, 14), (1, "add", "j", 1, 1)]
        self.check("counter", valid, [(0, 5), (1, 6), (3, 8), (4, 7), (4, None), (5, 15)])

    def test_unique_ids(self):
        valid = [(1, "generate", None, None, "a"), (2, "generate", None, None, "b"),
                 (1, "generate", None, None, INFO), (3, "generate", None, None, "c")]
        self.check("unique-ids", valid, [(3, "a"), (1, "a")])
        self.check("unique-ids", [*valid, (1, "read", None, None, ["c", "x", "b", "a"])],
                   [(4, ["c", "a"]), (4, [])])
        self.check("unique-ids", [*valid, (1, "generate", "k", None, "d"),
                                  (1, "read", "k", None, ["d"])], [(5, ["a"]), (5, [])])

    def test_sessions(self):
        valid = [(1, "pair", "s", [3, 10], [[3, 3], [13]]), (1, "pair", "s", [1, 2], [[16], [15]]),
                 (1, "pair", "s", [100, 1000], [[116], []]), (1, "get", "s", None, 1116)]
        self.check("sessions", valid, [(0, [[3, 4], [13]]), (1, [[16], [16]]), (2, [[116], [1]]),
                                       (3, 16), (3, None), (3, 1016)])
        maybe = (*valid[2][:4], INFO)
        for found in (16, 116, 1016, 1116):
            self.check("sessions", [*valid[:2], maybe, (1, "get", "s", None, found)], [(3, 15)])

    def answer(self, value, revision, began, took=1_000):
        return [value, revision, began, began + took]

    def test_consistency(self):
        valid = [(1, "put", "k", 1, self.answer(1, 10, 0)), (2, "put", "k", 2, INFO),
                 (3, "get", "k", None, self.answer(2, 12, 10_000)),
                 (1, "stale-get", "k", None, self.answer(1, 10, 20_000)),
                 (1, "put", "k", 3, self.answer(3, 15, 30_000)),
                 (4, "stale-get", "k", None, self.answer(2, 12, 2_000_000))]
        self.check("consistency", valid, [
            (2, self.answer(None, 0, 10_000)),       # stale, though linearizable
            (2, self.answer(7, 12, 10_000)),         # nobody wrote it
            (2, self.answer(1, 12, 10_000)),         # another revision of that value
            (4, self.answer(3, 12, 30_000)),         # two values of one revision
            (4, self.answer(3, 11, 30_000)),         # a write before what was there
            (5, self.answer(2, 12, 2_531_001)),      # staler than it may be
            (3, self.answer(3, 15, 20_000))])        # not begun yet

    def test_what_a_client_has_seen_itself(self):
        first = (1, "put", "k", 1, self.answer(1, 10, 0))
        self.check("consistency", [first, (2, "put", "k", 2, self.answer(2, 12, 1)),
                                   (1, "stale-get", "k", None, self.answer(1, 10, 2))],
                   [(2, self.answer(None, 0, 2))])

    def test_faults_make_up_for_staleness(self):
        calls = [(1, "put", "k", 1, self.answer(1, 10, 0)),
                 (1, "put", "k", 2, self.answer(2, 12, 10_000))]
        read = [*lines_of((4, "stale-get", "k", None, self.answer(1, 10, 4_000_000)))]
        fault = [{"process": "nemesis", "type": "info", "f": f"{word} kill", "value": None}
                 for word in ("begin", "end")]
        late = [*lines_of((4, "stale-get", "k", None, self.answer(1, 10, 10_511_001)))]
        for more, verdict in ((read, "broken"), (fault + read, "kept"), (fault[:1] + read, "kept"),
                              (fault + late, "broken")):
            found = self.verdict("consistency", *calls, more=more)
            self.assertEqual(found["verdict"], verdict)
        self.assertEqual((found["line"], found["finding"]),
                         (8, "a stale read is staler than it may be"))

    def test_values_without_revisions(self):
        valid = [(1, "put", "k", 1, self.answer(1, 10, 0)), (2, "put", "k", 2, INFO),
                 (3, "put", "k", 3, INFO), (4, "get", "k", None, self.answer(3, 13, 1)),
                 (5, "get", "k", None, self.answer(2, 14, 2))]
        self.check("consistency", valid, [])
        again = [*valid, (4, "get", "k", None, self.answer(3, 15, 3))]
        self.assertEqual(self.verdict("consistency", *again)["verdict"], "broken")

    DOCUMENTS = [
        (1, "get", "a", None, None),
        (1, "put", "b", {"value": 1}, {"revision": 4, "existed": False}),
        (1, "insert", "a", {"value": "x"}, {"revision": 6}),
        (2, "insert", "a", {"value": "y"}, {"conflict": 6}),
        (2, "replace", "a", {"value": "z", "ifRevision": 6}, {"revision": 7, "existed": True}),
        (2, "replace", "a", {"value": "w", "ifRevision": 6}, {"conflict": 7}),
        (3, "increment", "b", {"by": 4}, {"revision": 9, "value": 5}),
        (3, "scan", None, {"from": "a"}, {"items": [["a", "z", 7], ["b", 5, 9]]}),
        (3, "scan", None, {"reversed": True, "limit": 1}, {"items": [["b", 5, 9]]}),
        (3, "count", None, {"to": "b"}, {"count": 1}),
        (1, "delete", "b", {"ifRevision": 9}, {"revision": 11, "existed": True}),
        (1, "get", "a", None, {"value": "z", "revision": 7}),
        (1, "scan", None, None, {"items": [["a", "z", 7]], "revision": 11})]

    def test_documents(self):
        self.check("document", self.DOCUMENTS, [
            (0, {"value": "x", "revision": 6}), (1, {"revision": 8, "existed": False}),
            (1, {"revision": 4, "existed": True}), (1, {"revision": 6, "existed": False}),
            (2, {"conflict": 3}), (3, {"conflict": 4}), (4, {"conflict": 6}),
            (5, {"revision": 8}), (6, {"revision": 9, "value": 6}),
            (7, {"items": [["a", "z", 7]]}), (7, {"items": [["b", 5, 9], ["a", "z", 7]]}),
            (7, {"items": [["a", "x", 6], ["b", 5, 9]]}), (8, {"items": [["a", "z", 7]]}),
            (9, {"count": 2}), (10, {"conflict": 0}), (11, None),
            (11, {"value": "y", "revision": 7}),
            (12, {"items": [["a", "z", 7]], "revision": 10}), (12, {"items": []})])

    def test_documents_of_unknown_outcome(self):
        seen = [(1, "put", "a", {"value": 1}, {"revision": 2}), (2, "put", "a", {"value": 2}, INFO),
                (3, "delete", "a", None, INFO), (1, "get", "a", None, {"value": 2, "revision": 5}),
                (1, "get", "a", None, None)]
        self.check("document", seen, [(3, {"value": 3, "revision": 5})])
        # Its revision cannot be less than that of a write that was answered before it began.
        late = [(4, "put", "b", {"value": 9}, {"revision": 4}), *seen[1:2], seen[3]]
        self.check("document", late, [(0, {"revision": 6})])
        unseen = [(1, "put", "a", {"value": 1}, INFO), (2, "count", None, None, {"count": 1}),
                  (2, "put", "a", {"value": 2}, {"revision": 7, "existed": True})]
        self.check("document", unseen, [(1, {"count": 2})])
        self.assertEqual(self.verdict("document", *unseen[1:])["verdict"], "not linearizable")

    def test_what_cannot_be_told_apart(self):
        calls = [(1, "put", "a", {"value": 1}, INFO), (2, "put", "a", {"value": 1}, INFO),
                 (3, "get", "a", None, {"value": 1, "revision": 5}), (3, "get", "a", None, None)]
        found = self.verdict("document", *calls)
        self.assertEqual((found["verdict"], found["exceeded"]),
                         ("unknown", "what can be told apart"))


class CampaignTests(unittest.TestCase):
    """`tools/second-opinion --campaign`: the model is that of the workload, and verdicts differ."""

    def judge(self, *runs):
        """The exit status and what is said of runs of (workload, the first judge's word, calls)."""
        with tempfile.TemporaryDirectory() as folder:
            for number, (workload, word, calls) in enumerate(runs):
                path = Path(folder, "evidence", f"run-{number}")
                os.makedirs(path)
                path.joinpath("verdicts.json").write_text(
                    json.dumps({"workload": workload, "verdict": word}))
                path.joinpath("history.ndjson").write_text(
                    "".join(json.dumps(event) + "\n" for event in lines_of(*calls)))
            done = subprocess.run(
                [sys.executable, "-B", TOOLS / "second-opinion", "--campaign", folder, "-o",
                 "json"], capture_output=True, text=True, check=False, timeout=60)
            return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    IDS = [(1, "generate", None, None, "a"), (2, "generate", None, None, "b")]
    DOCUMENT = [(1, "put", "b", {"value": 1}, {"revision": 4, "existed": False})]

    def test_all_runs_agree(self):
        status, said = self.judge(("unique-ids", "kept", self.IDS),
                                  ("documents", "linearizable", self.DOCUMENT))
        self.assertEqual((status, [row["model"] for row in said]), (0, ["unique-ids", "document"]))

    def test_two_judges_differ(self):
        status, said = self.judge(("unique-ids", "broken", self.IDS))
        self.assertEqual((status, said[0]["differs"]), (5, True))

    def test_broken(self):
        status, said = self.judge(("unique-ids", "broken", [*self.IDS, self.IDS[0]]))
        self.assertEqual((status, said[0]["differs"]), (9, False))

    def test_nothing_to_judge(self):
        self.assertEqual(self.judge()[0], 2)
        self.assertEqual(self.judge(("poetry", "kept", self.IDS))[0], 2)

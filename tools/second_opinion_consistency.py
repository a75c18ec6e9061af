"""The workload consistency, for tools/second-opinion: each read keeps what its level promises.

Written from what Jepsen-style/Workloads/ConsistencyWorkload.swift records: an answer is [value,
revision, began, ended], the times in microseconds of one clock. Without their revisions, puts and
linearizable reads have to be those of a model kv; the search is asked for that.
"""
import json
import time
from argparse import Namespace
from bisect import bisect_left, bisect_right
from itertools import accumulate

from second_opinion_models import BadInput, canonical, is_number, must

LAG = 500_000  # what the workload asks of a stale read, in microseconds
# So much later a node may have heard what it counts from: while a fault lasted, and without one.
ALLOWANCE, ALLOWANCE_OF_FAULTS = 2_000_000, 10_000_000


class Answer:
    """What an operation told. `line` and `end` are the lines in which it began and ended."""

    def __init__(self, asked, line, event):
        self.line, self.end, self.f = asked, line, event["f"]
        self.process, self.key = canonical(event["process"]), canonical(event.get("key"))
        parts = event.get("value")
        must(isinstance(parts, list) and len(parts) == 4 and all(map(is_number, parts[1:])), line,
             "a value [value, revision, began, ended]")
        self.value = canonical(parts[0])
        self.revision, self.began, self.ended = parts[1:]


class Newest:
    """The greatest revision among all that had ended before some line or time."""

    def __init__(self, answers, at):
        rows = sorted((at(answer), answer.revision) for answer in answers)
        self.times = [row[0] for row in rows]
        self.greatest = list(accumulate((row[1] for row in rows), max))

    def before(self, time_):
        place = bisect_left(self.times, time_)
        return self.greatest[place - 1] if place else -1

    def between(self, answers, low, high):
        """The same, of those only whose line is behind another; both are few."""
        return max((answer.revision for answer in answers
                    if answer.end > low and answer.ended < high), default=-1)


class Faults:
    """At which lines a fault lasted."""

    def __init__(self, lines, decode):
        self.lines, self.lasts, counts = [], [], {}
        for line, text in enumerate(lines, 1):
            if b"nemesis" not in text or (event := decode(text.decode())).get(
                    "process") != "nemesis":
                continue
            word, _, name = event["f"].partition(" ")
            if word == "healed":
                counts = {}
            elif word in ("begin", "end") and name:
                counts[name] = max(0, counts.get(name, 0) + (1 if word == "begin" else -1))
            self.lines.append(line)
            self.lasts.append(any(counts.values()))

    def last(self, line):
        """The latest line, not behind this one, at which one lasted."""
        place = bisect_right(self.lines, line)
        if not place:
            return 0
        return line if self.lasts[place - 1] else self.lines[place - 1]


def event_of(line, text, decode):
    """An event; one of the nemesis where the line is empty."""
    if not text.strip():
        return {"process": "nemesis"}
    try:
        event = decode(text.decode())
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"{line}: expected a JSON object: {problem}") from None
    must(isinstance(event, dict), line, "a JSON object")
    return event


def read(lines, decode):
    """The answers, and of each key's values the lines in which somebody began to write them."""
    answers, begun, open_of = [], {}, {}
    for line, text in enumerate(lines, 1):
        event = event_of(line, text, decode)
        if event.get("process") == "nemesis":
            continue
        who, key = canonical(event.get("process")), canonical(event.get("key"))
        if event["type"] == "invoke":
            open_of[who] = line
            if event["f"] == "put":
                begun[key, canonical(event.get("value"))] = line
            continue
        asked = open_of.pop(who, None)
        must(asked, line, f"that process {who} has begun an operation")
        if event["type"] == "ok":
            answers.append(Answer(asked, line, event))
        elif event["type"] == "fail" and event["f"] == "put":
            begun.pop((key, canonical(event.get("value"))), None)
    return answers, begun


def findings_of(key, answers, begun, faults):
    """(line, what is wrong with the answer in it) for one key."""
    fresh = [answer for answer in answers if answer.f != "stale-get"]
    any_before = Newest(answers, lambda answer: answer.end)
    acknowledged = Newest(fresh, lambda answer: answer.ended)
    own = {process: Newest([a for a in answers if a.process == process], lambda answer: answer.end)
           for process in {answer.process for answer in answers}}
    by_value, by_revision = {}, {}
    for answer in sorted(answers, key=lambda a: a.end):
        if by_value.setdefault(answer.value, answer.revision) != answer.revision:
            yield answer.end, "a value is found under another revision"
        if by_revision.setdefault(answer.revision, answer.value) != answer.value:
            yield answer.end, "two values are found under one revision"
        if answer.f == "put":
            if any_before.before(answer.line) >= answer.revision:
                yield answer.end, "a write comes before what was there when it began"
            continue
        if answer.value != "null" and begun.get((key, answer.value), answer.end) >= answer.end:
            yield answer.end, "a value is found that nobody can have written"
        if own[answer.process].before(answer.line) > answer.revision:
            yield answer.end, "a client finds less than it has seen itself"
        # Also what a stale read has shown was committed by then.
        if answer.f == "get" and any_before.before(answer.line) > answer.revision:
            yield answer.end, "a read is stale"
        if answer.f == "stale-get" and is_too_stale(answer, fresh, acknowledged, faults):
            yield answer.end, "a stale read is staler than it may be"


def is_too_stale(answer, fresh, acknowledged, faults):
    high = answer.began - LAG - ALLOWANCE
    if acknowledged.before(answer.began - LAG - ALLOWANCE_OF_FAULTS) > answer.revision:
        return True
    return acknowledged.before(high) > answer.revision and acknowledged.between(
        fresh, faults.last(answer.line), high) > answer.revision


def as_register(lines, decode):
    """Puts and linearizable reads alone, as a history of the model kv."""
    for text in lines:
        event = decode(text.decode()) if text.strip() else {"f": "stale-get"}
        if event.get("process") == "nemesis" or event["f"] == "stale-get":
            yield b""  # so that lines keep their numbers
            continue
        if event["type"] == "ok":
            event["value"] = event["value"][0]
        yield json.dumps(event).encode()


def judge_consistency(lines, options, decode, search_for):
    began = time.monotonic()
    answers, begun = read(lines, decode)
    faults, by_key = Faults(lines, decode), {}
    for answer in answers:
        by_key.setdefault(answer.key, []).append(answer)
    found = [(line, key, words) for key, of_key in by_key.items()
             for line, words in findings_of(key, of_key, begun, faults)]
    record = search_for(as_register(lines, decode), Namespace(**{
        **vars(options), "model": "kv", "initial": None, "nil_read": "absent"}))
    record.update(model="consistency", operations=len(answers), keys=len(by_key),
                  seconds=round(time.monotonic() - began, 3))
    record["verdict"] = {"linearizable": "kept", "not linearizable": "broken"}.get(
        record["verdict"], record["verdict"])
    if found:
        record["verdict"], (record["line"], key, record["finding"]) = "broken", min(found)
        record["key"] = json.loads(key)
        record.pop("exceeded", None)
    return record

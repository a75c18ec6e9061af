"""Reads histories and searches for orders, for tools/second-opinion."""
import json
import sys
import time
from math import isfinite

from second_opinion_consistency import judge_consistency
from second_opinion_counts import COUNTS
from second_opinion_documents import DOCUMENTS
from second_opinion_models import MODELS, NO, READS, BadInput, canonical, is_number, must

ALL_MODELS = {**MODELS, **COUNTS, **DOCUMENTS}
MEMORY_MAX = 1 << 30  # of remembered configurations, about, in bytes


class Operation:
    """`line` and `end` say where it began and ended; `end` is None if nobody knows its outcome."""
    number = pure = step = visible = end = answer = None
    outcome = "info"

    def __init__(self, line, event):
        self.line, self.f, self.asked = line, event["f"], event.get("value")
        self.key = canonical(event.get("key"))


def number(text):
    """1.0 is 1. What is no number, or too large for one, is refused."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is no number")
    return int(value) if value.is_integer() else value


decode = json.JSONDecoder(parse_float=number, parse_constant=number).decode


def events(lines):
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            event = decode(text.decode())
        except (ValueError, RecursionError) as problem:
            raise BadInput(f"{line}: expected a JSON object: {problem}") from None
        must(isinstance(event, dict), line, "a JSON object")
        if event.get("process") != "nemesis":
            yield line, event


def read_history(lines, model):
    """The operations in the order in which they began."""
    operations, open_of, words = [], {}, ALL_MODELS[model][0].split()
    for line, event in events(lines):
        who, kind, f = event.get("process"), event.get("type"), event.get("f")
        must(isinstance(who, str) or is_number(who), line, "a process that is a number or a text")
        must(kind in ("invoke", "ok", "fail", "info"), line, "a type: invoke, ok, fail or info")
        must(f in words, line, f"an f of the model {model}: {', '.join(words)}")
        op = open_of.pop(canonical(who), None)
        if kind == "invoke":
            must(not op, line, f"the end of what process {who} began in line {op and op.line}")
            open_of[canonical(who)] = Operation(line, event)
            operations.append(open_of[canonical(who)])
            continue
        must(op, line, f"that process {who} has begun an operation")
        must(f == op.f, line, f"the end of the {op.f} that began in line {op.line}")
        must(event.get("key") is None or canonical(event["key"]) == op.key, line,
             f"the key of the operation that began in line {op.line}")
        op.outcome, op.answer = kind, event.get("value")
        op.end = None if kind == "info" else line
    return operations


def says_something(op, options):
    if op.f in READS:
        return op.outcome == "ok" and not (op.answer is None and options.nil_read == "any")
    return op.outcome != "fail" or (op.f == "cas" and options.failed_cas == "constrain")


def by_key(operations, options):
    """For each key its model, its known operations, and the unknown ones that matter."""
    _, Model, has_keys = ALL_MODELS[options.model]
    groups = {}
    for op in operations:
        groups.setdefault(op.key if has_keys else "null", []).append(op)
    for key, group in groups.items():
        model = Model(options.initial, options.nil_read)
        group = [op for op in group if says_something(op, options)]
        for op in group:
            op.pure, op.step, op.visible = model.meaning(op)
        known = [op for op in group if op.end]
        yield key, model, known, [op for op in group if not op.end and matters(op)]


def matters(op):
    """Whether anything can depend on an operation of unknown outcome. If nobody may have seen it,
    nothing does: take an order that has it, and what follows up to the next operation that wipes
    out what it did, or to the end. A read among these would have found its value (or a text with
    its piece in it, or a list with its value), and a cas that took effect there was asked to
    compare with its value; both count as seeing it. A failed cas may have needed it as any value
    but its own; where one counts, all are seen. So the order without it gives the same answers."""
    return not op.pure and bool(op.visible())


class Search:
    """One key. A configuration is (base, done, used, state, last): of the known operations those
    before number `base` and those in the bits of `done` from there on have taken effect, of the
    unknown ones those in the bits of `used`; for `last` see fits()."""

    def __init__(self, initial, known, unknown, deadline):
        self.unknown, self.deadline, self.exceeded = unknown, deadline, None
        self.memory, self.bytes, self.steps = set(), 0, 0
        self.start, self.blocked = (0, 0, 0, initial, None), 0
        for numbered in known, unknown:
            for place, op in enumerate(numbered):
                op.number = place
        # A ring of calls and returns in the order of their lines; its place 0 is neither.
        self.ring = [(0, None)] + sorted(
            ((line, op) for op in known for line in (op.line, op.end)), key=lambda at: at[0])
        self.after = [*range(1, len(self.ring)), 0]
        self.before = [len(self.ring) - 1, *range(len(self.ring) - 1)]
        self.places = [[] for _ in known]  # of each operation, its call's and its return's
        for place, (_, op) in enumerate(self.ring[1:], 1):
            self.places[op.number].append(place)

    def lift(self, op):  # one of unknown outcome is not in the ring
        for place in self.places[op.number] if op.end else ():
            self.after[self.before[place]] = self.after[place]
            self.before[self.after[place]] = self.before[place]

    def put_back(self, op):
        for place in reversed(self.places[op.number] if op.end else ()):
            self.after[self.before[place]] = self.before[self.after[place]] = place

    def fits(self, op, state, last):
        """The state after `op`, or NO. If the step before was of unknown outcome, `last` is that
        and the state it found; then only what needs it may follow. For if `op` leads from that
        state to where it leads now, the one before can be left out; if both do in the other order,
        it can wait, since it may take effect at any later time. Either leaves fewer of unknown
        outcome, or has them later, or more of them in their order: this ends, so that whoever
        looks only for orders that cannot be changed so finds one if there is any."""
        after = op.step(state)
        if last is None or after is NO:
            return after
        earlier, found = self.unknown[last[0]], last[1]
        alone = op.step(found)
        if alone is NO:
            return after
        may_swap = op.end or op.number < earlier.number
        needless = alone == after or (may_swap and earlier.step(alone) == after)
        return NO if needless else after

    def choices(self, used, state, last):
        """What may take effect next, and the state after it: what was called before the first
        return, then unknown ones. A read that fits goes alone: it changes nothing, so that in every
        order that goes on from here it can come first."""
        place, found = self.after[0], []
        line, op = self.ring[place]
        while line == op.line:
            after = self.fits(op, state, last)
            if after is not NO:
                found.append((op, after))
                if op.pure:
                    yield found[-1]
                    return
            place = self.after[place]
            line, op = self.ring[place]
        self.blocked = max(self.blocked, line)
        yield from found
        for op in self.unknown:
            after = NO if op.line > line or used >> op.number & 1 else self.fits(op, state, last)
            if after is not NO and after != state:
                yield op, after

    def next(self, configuration, op, state):
        base, done, used, found, _ = configuration
        if not op.end:
            return base, done, used | 1 << op.number, state, (op.number, found)
        done |= 1 << op.number - base
        ones = (~done & done + 1).bit_length() - 1  # at its low end
        return base + ones, done >> ones, used, state, None

    def run(self):
        """True, False, or None if a limit was exceeded."""
        stack = [(self.start, None, self.choices(*self.start[2:]))]
        while self.after[0]:
            configuration, by, choices = stack[-1]
            op, state = next(choices, (None, None))
            if op:
                self.go_on(stack, self.next(configuration, op, state), op)
            elif by is None:
                return False
            else:
                stack.pop()
                self.put_back(by)
            self.steps += 1
            if self.is_exceeded():
                return None
        return True

    def go_on(self, stack, configuration, op):
        if configuration in self.memory:
            return
        self.memory.add(configuration)
        self.bytes += 250 + sys.getsizeof(configuration[1]) + sys.getsizeof(configuration[3])
        self.lift(op)
        stack.append((configuration, op, self.choices(*configuration[2:])))

    def is_exceeded(self):
        if self.bytes > MEMORY_MAX:
            self.exceeded = "memory"
        elif self.steps % 256 == 0 and time.monotonic() > self.deadline:
            self.exceeded = "time"
        return self.exceeded


def judge(lines, options):
    """The verdict on a history, and what belongs to it."""
    if options.model == "consistency":
        return judge_consistency(list(lines), options, decode, search_for)
    return search_for(lines, options)


def search_for(lines, options):
    """The verdict of a search for an order."""
    began = time.monotonic()
    operations, verdicts, failures, exceeded = read_history(lines, options.model), [], [], None
    for key, model, known, unknown in by_key(operations, options):
        search = Search(model.initial, known, unknown, began + options.timeout)
        verdicts.append(search.run())
        exceeded = exceeded or search.exceeded
        if verdicts[-1] is False and getattr(model, "is_ambiguous", bool)():
            exceeded = exceeded or "what can be told apart"
        elif verdicts[-1] is False:
            failures.append((search.blocked, json.loads(key)))
    if not operations:
        exceeded = "the file: it has no operations"
    verdict = "not linearizable" if failures else "unknown" if exceeded else "linearizable"
    record = {"model": options.model, "verdict": verdict, "operations": len(operations),
              "keys": len(verdicts),
              "unknown_outcomes": sum(op.outcome == "info" for op in operations),
              "seconds": round(time.monotonic() - began, 3)}
    if failures:
        record["line"], record["key"] = min(failures, key=lambda failure: failure[0])
    elif exceeded:
        record["exceeded"] = exceeded
    return record

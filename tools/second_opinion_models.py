"""What operations do, for tools/second-opinion. A model's meaning() of an operation is (pure, step,
visible): step leads from a state to the next or to NO, a pure one never changes the state, and
visible says of an unknown outcome, once all meanings are known, whether anybody may have seen it.
"""
import json
from bisect import bisect_left
from fractions import Fraction
from functools import cached_property

NO = object()  # what comes of an operation where it does not fit
READS = ("read", "get")
canonical = json.JSONEncoder(sort_keys=True).encode  # as text: to Python 1 and true are equal


class BadInput(Exception):
    """What was expected of a file, and in which line."""


def must(condition, line, expected):
    if not condition:
        raise BadInput(f"{line}: expected {expected}")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Values:
    """register, cas-register and kv: a state is the value, null where nothing is, or NEVER_SEEN for
    all values that nobody reads or compares with, which need not be told apart."""
    NEVER_SEEN = "never seen"

    def __init__(self, initial, nil_read):
        self.first, self.seen, self.any_seen = canonical(initial), set(), False

    @property
    def initial(self):
        return self.state_of(self.first)

    def state_of(self, value):
        return value if value in self.seen else self.NEVER_SEEN

    def meaning(self, op):
        if op.f in READS:
            value = canonical(op.answer)
            self.seen.add(value)
            return True, lambda state: state if state == value else NO, None
        if op.f == "cas":
            return self.compare_and_set(op)
        value = canonical(None if op.f == "del" else op.asked)
        return False, lambda _: self.state_of(value), lambda: self.any_seen or value in self.seen

    def compare_and_set(self, op):
        must(isinstance(op.asked, list) and len(op.asked) == 2, op.line, "a value [from, to]")
        old, new = map(canonical, op.asked)
        self.seen.add(old)
        if op.outcome == "fail":  # it may be any other value that was there
            self.any_seen = True
            return True, lambda state: NO if state == old else state, None
        return (False, lambda state: self.state_of(new) if state == old else NO,
                lambda: self.any_seen or new in self.seen)


class Text:
    """append: a state is the text, or None for all texts that are the beginning of none that was
    found: whatever is appended to them, no read finds it, and so they need not be told apart."""

    def __init__(self, initial, nil_read):
        self.found = set()

    @cached_property
    def in_order(self):  # not asked for before all meanings are known
        return sorted(self.found)

    @property
    def initial(self):
        return self.state_of("")

    def state_of(self, text):
        place = bisect_left(self.in_order, text)
        return text if any(t.startswith(text) for t in self.in_order[place:place + 1]) else None

    def meaning(self, op):
        text = op.asked
        if op.f in READS:
            text = "" if op.answer is None else op.answer
            must(isinstance(text, str), op.end, "a value that is text, or null")
            self.found.add(text)
            return True, lambda state: state if state == text else NO, None
        must(isinstance(text, str), op.line, "a value that is text")
        if op.f == "put":
            return False, lambda _: self.state_of(text), lambda: self.state_of(text) is not None
        return (False, lambda state: None if state is None else self.state_of(state + text),
                lambda: any(text in found for found in self.found))


class Set:
    """A state is a number with a bit for each value."""
    initial = 0

    def __init__(self, initial, nil_read):
        self.places, self.seen = {}, 0

    def bit(self, value):
        return 1 << self.places.setdefault(canonical(value), len(self.places))

    def meaning(self, op):
        if op.f == "add":
            bit = self.bit(op.asked)
            return False, lambda state: state | bit, lambda: self.seen & bit
        found = [] if op.answer is None else op.answer
        must(isinstance(found, list), op.end, "a value that is a list, or null")
        bits = sum({self.bit(value) for value in found})
        self.seen |= bits
        return True, lambda state: state if state == bits else NO, None


class Lists:
    """list-append: a state has for each key the number of its list. `numbers` leads from a list's
    number and one more value to the next list's; all lists that are the beginning of none that was
    found are NEVER_FOUND, and need not be told apart."""
    NEVER_FOUND = -1

    def __init__(self, initial, nil_read):
        self.nil_is_any = nil_read == "any"
        self.keys, self.numbers, self.seen = {}, {}, set()

    @property
    def initial(self):
        return (0,) * len(self.keys)

    def number(self, line, place, values):
        must(isinstance(values, list), line, '["r", key, list or null]')
        at = 0
        for value in map(canonical, values):
            at = self.numbers.setdefault((at, value), len(self.numbers) + 1)
            self.seen.add((place, value))
        return at

    def meaning(self, op):
        said, line, parts = op.asked, op.line, []
        if op.end:
            said, line = op.answer, op.end
        must(isinstance(said, list), line, 'a value [["append", key, value], ["r", key, …], …]')
        for part in said:
            must(isinstance(part, list) and len(part) == 3 and part[0] in ("append", "r"), line,
                 '["append", key, value] or ["r", key, list or null]')
            place = self.keys.setdefault(canonical(part[1]), len(self.keys))
            if part[0] == "append":
                parts.append((place, canonical(part[2]), None))
            elif op.end and not (part[2] is None and self.nil_is_any):
                found = [] if part[2] is None else part[2]
                parts.append((place, None, self.number(line, place, found)))
        appends = {(place, value) for place, value, _ in parts if value is not None}
        return not appends, lambda state: self.apply(state, parts), lambda: appends & self.seen

    def apply(self, state, parts):
        lists = list(state)
        for place, value, found in parts:
            if value is not None:
                lists[place] = self.numbers.get((lists[place], value), self.NEVER_FOUND)
            elif lists[place] != found:
                return NO
        return tuple(lists)


class Bank:
    """A state has the balance of each account, in the order of their names."""

    def __init__(self, initial, nil_read):
        opening = self.balances(initial, "--initial")
        self.places = {account: place for place, (account, _) in enumerate(opening)}
        self.initial = tuple(balance for _, balance in opening)

    def balances(self, value, line):
        must(isinstance(value, dict) and all(map(is_number, value.values())), line,
             "a value of balances by account")
        return [(account, Fraction(str(value[account]))) for account in sorted(value)]

    def meaning(self, op):
        if op.f == "transfer":
            return False, self.transfer(op), lambda: True
        found = dict(self.balances(op.answer or {}, op.end))
        balances = tuple(found.values()) if found.keys() == self.places.keys() else NO
        return True, lambda state: state if state == balances else NO, None

    def transfer(self, op):
        asked = op.asked if isinstance(op.asked, dict) else {}
        names = [name if isinstance(name, str) else canonical(name)
                 for name in (asked.get("from"), asked.get("to"))]
        must(is_number(asked.get("amount")) and self.places.keys() >= set(names), op.line,
             "a value of from and to, accounts of --initial, and an amount")
        giver, taker = map(self.places.get, names)
        amount = Fraction(str(asked["amount"]))

        def step(state):
            after = list(state)
            after[giver] -= amount
            enough = after[giver] >= 0
            after[taker] += amount
            # What 64 bits cannot hold no account holds.
            return tuple(after) if enough and 0 <= after[taker] < 1 << 63 else NO
        return step


MODELS = {  # the operations, what they mean, and whether keys are judged one by one
    "register": ("read write", Values, True),
    "cas-register": ("read write cas", Values, True),
    "kv": ("get put cas del", Values, True),
    "append": ("get put append", Text, True),
    "set": ("add read", Set, True),
    "list-append": ("txn", Lists, False),
    "bank": ("transfer read", Bank, False),
}

"""The model document, for tools/second-opinion: an ordered map whose changes have revisions.

Revisions grow in the order of the changes, so of all changes whose revision anybody named there is
one order only: a state is how many of them have taken effect, and, for keys on which a write of
unknown outcome took effect since whose value nobody saw, what that left and, if told, its revision.
"""
import json
from bisect import bisect_left, bisect_right
from functools import cached_property

from second_opinion_models import NO, canonical, is_number, must

ABSENT = "absent"  # values are kept as JSON, in which no text stands without quotes
ANY = "any"
WRITES = ("put", "insert", "replace", "delete", "increment")
NONE = {}


class Documents:
    """`changes` has (revision, key, value) for each change of which anybody told; a write of
    unknown outcome whose revision was seen has to be that change, any other may be between any."""

    def __init__(self, initial, nil_read):
        self.told, self.seen, self.unknown = {}, {}, []

    # What operations mean

    def meaning(self, op):
        asked = op.asked if isinstance(op.asked, dict) else NONE
        if op.f in ("scan", "count"):
            return True, self.range_read(op, asked), None
        key = op.key
        answer = op.answer if isinstance(op.answer, dict) else NONE
        if op.f == "get":
            return True, self.get(op, key), None
        if op.outcome == "ok" and "conflict" in answer:
            return True, self.conflict(op, key, asked, answer["conflict"]), None
        if is_number(asked.get("ifRevision")):
            self.see(key, asked["ifRevision"], op.outcome == "ok")
        if op.outcome != "ok":
            self.unknown.append((op, key, asked))
            return False, lambda state: self.unsure(state, op, key, asked), lambda: True
        revision = answer.get("revision")
        must(is_number(revision), op.end, "a value with a revision")
        if revision in self.told:  # two writes cannot have one
            return False, lambda state: NO, None
        self.told[revision] = (key, self.after(op, asked, answer))
        return False, lambda state: self.known(state, op, key, asked, answer), None

    def after(self, op, asked, answer):
        if op.f == "delete":
            return ABSENT
        return canonical(answer.get("value") if op.f == "increment" else asked.get("value"))

    def see(self, key, revision, is_certain=True, value=ANY):
        if is_certain and revision and self.seen.get(revision, (key, ANY))[1] == ANY:
            self.seen[revision] = (key, value)

    def get(self, op, key):
        found = op.answer
        if found is None:
            return lambda state: state if self.value(state, key)[0] == ABSENT else NO
        must(isinstance(found, dict) and is_number(found.get("revision")), op.end,
             "null, or a value and its revision")
        wanted = (canonical(found.get("value")), found["revision"])
        self.see(key, found["revision"], value=wanted[0])
        return lambda state: state if self.agrees(self.value(state, key), wanted) else NO

    def conflict(self, op, key, asked, there):
        self.see(key, there)
        wanted = asked.get("ifRevision")
        if op.f == "put" or (op.f == "delete" and wanted is None):
            return lambda state: NO  # these have no condition

        def step(state):
            value, revision = self.value(state, key)
            if op.f == "increment":
                return NO if value == ABSENT or self.is_whole(value, asked) else state
            named = (revision if value != ABSENT else 0) == there
            held = value == ABSENT if op.f == "insert" else value != ABSENT and (
                wanted is None or revision == wanted)
            return state if named and not held else NO
        return step

    def range_read(self, op, asked):
        answer = op.answer if isinstance(op.answer, dict) else NONE
        if op.outcome != "ok":
            return None
        bounds, items = (asked.get("from"), asked.get("to")), answer.get("items")
        must(all(bound is None or isinstance(bound, str) for bound in bounds), op.line,
             "bounds that are keys")
        must(op.f == "count" or isinstance(items, list) and all(
            isinstance(item, list) and len(item) == 3 and is_number(item[2]) for item in items),
             op.end, "items that are [key, value, revision]")
        for key, value, revision in items or ():
            self.see(canonical(key), revision, value=canonical(value))

        def step(state):
            bound = answer.get("revision")
            if bound is not None and not self.includes(state[0], bound):
                return NO
            there = [(key, self.value(state, key)) for key in self.keys_within(*bounds)]
            there = [(key, found) for key, found in there if found[0] != ABSENT]
            if op.f == "count":
                return state if len(there) == answer.get("count") else NO
            there = there[::-1] if asked.get("reversed") else there
            there = there[:asked["limit"]] if asked.get("limit") is not None else there
            fits = len(there) == len(items) and all(
                key == canonical(item[0]) and self.agrees(found, (canonical(item[1]), item[2]))
                for (key, found), item in zip(there, items))
            return state if fits else NO
        return step

    # Changes and states

    initial = (0, ())

    @cached_property
    def changes(self):
        """(revision, key, value) in order; not asked for before all meanings are known."""
        ghosts = {r: seen for r, seen in self.seen.items() if r not in self.told}
        return sorted((r, *change) for r, change in {**self.told, **ghosts}.items())

    @cached_property
    def places(self):
        """Of each key the places of its changes."""
        found = {}
        for place, (_, key, _) in enumerate(self.changes):
            found.setdefault(key, []).append(place)
        return found

    @cached_property
    def keys(self):
        """All keys that were ever written, by the bytes of their names."""
        names = {key for _, key, _ in self.changes} | {key for _, key, _ in self.unknown}
        return sorted(names, key=name_of)

    @cached_property
    def names(self):
        return [name_of(key) for key in self.keys]

    def keys_within(self, first, end):
        low = 0 if first is None else bisect_left(self.names, first.encode())
        high = len(self.names) if end is None else bisect_left(self.names, end.encode())
        return self.keys[low:high]

    def value(self, state, key):
        """A key's value, and its revision; None where that is of a write nobody saw."""
        done, unseen = state
        for other, value, revision in unseen:
            if other == key:
                return value, revision
        before = self.places.get(key, ())
        place = bisect_left(before, done)
        if not place:
            return ABSENT, 0
        revision, _, value = self.changes[before[place - 1]]
        return value, revision

    def includes(self, done, bound):
        """Whether a state is all that had happened up to a revision."""
        return bisect_right(self.changes, bound, key=lambda change: change[0]) == done

    @staticmethod
    def agrees(found, wanted):
        return found[1] == wanted[1] and found[0] in (wanted[0], ANY)

    @staticmethod
    def is_whole(value, asked):
        """Whether a value can be counted up by so much, so far as anybody can tell."""
        number = value.lstrip("-").isdigit()
        return value == ANY or number and -1 << 63 <= int(value) + asked.get("by", 0) < 1 << 63

    def holds(self, op, asked, found):
        """Whether the condition of a write holds where this is there."""
        value, revision = found
        wanted = asked.get("ifRevision")
        if op.f == "increment":
            return value == ABSENT or self.is_whole(value, asked)
        if op.f == "insert":
            return value == ABSENT
        if op.f == "replace" and value == ABSENT:
            return False
        return wanted is None or (value != ABSENT and revision == wanted)

    def known(self, state, op, key, asked, answer):
        done, unseen = state
        if done == len(self.changes) or self.changes[done][0] != answer["revision"]:
            return NO
        found = self.value(state, key)
        if not self.holds(op, asked, found):
            return NO
        if isinstance(answer.get("existed"), bool) and answer["existed"] != (found[0] != ABSENT):
            return NO
        if op.f == "increment" and found[0] != ANY and answer.get("value") != asked.get(
                "by", 0) + (0 if found[0] == ABSENT else int(found[0])):
            return NO
        return done + 1, tuple(each for each in unseen if each[0] != key)

    def unsure(self, state, op, key, asked):
        """A write of unknown outcome: the next change, if that is one which it can be and which
        nobody else made; else nobody saw it."""
        found = self.value(state, key)
        if not self.holds(op, asked, found):
            return NO
        if op.f == "delete":
            made = ABSENT
        elif op.f == "increment":
            base = 0 if found[0] == ABSENT else found[0]
            made = ANY if base == ANY else canonical(int(base) + asked.get("by", 0))
        else:
            made = canonical(asked.get("value"))
        done, unseen = state
        others = tuple(each for each in unseen if each[0] != key)
        if done < len(self.changes) and self.can_be(self.changes[done], key, made):
            revision, _, told = self.changes[done]
            # Where only its revision was seen, its value is what was made here.
            return done + 1, others if told != ANY else tuple(sorted(
                (*others, (key, made, revision))))
        return done, tuple(sorted((*others, (key, made, None))))

    def can_be(self, change, key, made):
        revision, name, value = change
        return revision not in self.told and name == key and made != ABSENT and (
            ANY in (value, made) or value == made)

    def is_ambiguous(self):
        """Whether two writes of unknown outcome could each be one that was seen, of which the
        search tries only one: then no order found does not say that there is none."""
        for revision, (key, value) in self.seen.items():
            if revision not in self.told and sum(
                    name == key and op.f != "delete" and (
                        value == ANY or op.f == "increment"
                        or canonical(asked.get("value")) == value)
                    for op, name, asked in self.unknown) > 1:
                return True
        return False


def name_of(key):
    return str(json.loads(key)).encode()


DOCUMENTS = {"document": ("get put insert replace delete increment scan count", Documents, False)}

"""Models of the workloads counter, unique-ids and sessions, for tools/second-opinion."""
from itertools import chain

from second_opinion_models import NO, READS, canonical, is_number, must

ORDERS = ((), (0,), (1,), (0, 1), (1, 0))  # in which the writes of a pair may have been applied


class Counter:
    """A state is the sum. `add` is answered with the sum that it made, `read` with the sum."""
    initial = 0

    def __init__(self, initial, nil_read):
        pass

    def meaning(self, op):
        if op.f in READS:
            found = 0 if op.answer is None else op.answer
            must(is_number(found), op.end, "a value that is a number, or null")
            return True, lambda state: state if state == found else NO, None
        must(is_number(op.asked), op.line, "a value that is a number")
        told = op.answer if op.outcome == "ok" else None

        def step(state):
            after = state + op.asked
            return after if told is None or after == told else NO
        return False, step, lambda: True


class UniqueIDs:
    """There is no state: each id is made once, whenever that was, and whoever reads them all later
    finds it."""
    initial = ()

    def __init__(self, initial, nil_read):
        self.counts, self.acknowledged = {}, []

    def meaning(self, op):
        if op.outcome != "ok":
            return True, None, None
        if op.f in READS:
            must(isinstance(op.answer, list), op.end, "a list of ids")
            found = {canonical(each) for each in op.answer}
            kept = all(made in found for end, key, made in self.acknowledged
                       if end < op.line and key == op.key)
            return True, lambda state: state if kept else NO, None
        made = canonical(op.answer)
        self.acknowledged.append((op.end, op.key, made))
        self.counts[made] = self.counts.get(made, 0) + 1
        return True, lambda state: state if self.counts[made] == 1 else NO, None


class Sessions:
    """A number that one client counts up by pairs of writes, each sent again and again, in any
    order, and applied once. A state is the set of the sums that are possible: of a write without an
    answer nobody knows whether it was applied."""
    initial = frozenset([0])

    def __init__(self, initial, nil_read):
        pass

    def meaning(self, op):
        if op.f in READS:
            found = 0 if op.answer is None else op.answer
            must(is_number(found), op.end, "a value that is a number, or null")
            # A read tells which of the sums it was, so it does change what is known.
            return False, lambda sums: frozenset([found]) if found in sums else NO, None
        must(isinstance(op.asked, list) and len(op.asked) == 2 and all(map(is_number, op.asked)),
             op.line, "a value of two numbers")
        told = op.answer if op.outcome == "ok" else [[], []]
        must(isinstance(told, list) and len(told) == 2 and all(isinstance(t, list) for t in told),
             op.end, "a value of two lists of sums")
        return False, lambda sums: self.pair(sums, op.asked, told), lambda: True

    @staticmethod
    def pair(sums, amounts, told):
        after = set()
        for total, order in ((total, order) for total in sums for order in ORDERS):
            made = [None, None]
            for write in order:
                total += amounts[write]
                made[write] = total
            answers = chain(*([made[write] == sum_ for sum_ in told[write]] for write in (0, 1)))
            if all(answers):
                after.add(total)
        return frozenset(after) if after else NO


COUNTS = {
    "counter": ("read add", Counter, True),
    "unique-ids": ("generate read", UniqueIDs, False),
    "sessions": ("pair get", Sessions, True),
}

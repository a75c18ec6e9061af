"""Reads what callgrind wrote, and shares the runtime's instructions among the stages."""
import collections

from stages import OWN, Names

# Calls among functions of the runtime may go round in circles; what is left then stays there.
STEPS_MAX = 100


class Counts:
    """Instructions by function, and by call from one function to another."""

    def __init__(self):
        self.own = collections.Counter()
        self.calls = collections.defaultdict(collections.Counter)  # callee: caller: inclusive

    def read(self, path):
        """Adds one thread's file; names must not be compressed."""
        function = callee = None
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("fn="):
                    function = line[3:].rstrip()
                elif line.startswith("cfn="):
                    callee = line[4:].rstrip()
                elif function and line[:1].isdigit():
                    count = int(line.split()[1])
                    if callee:
                        self.calls[callee][function] += count
                        callee = None
                    else:
                        self.own[function] += count

    @property
    def total(self):
        return sum(self.own.values())


def charge(counts):
    """Instructions by (function of ours, column), the stage of each function, and the names.

    A function of the runtime hands its instructions on to its callers, in proportion to what was
    spent on behalf of each, until they arrive in a function of ours.
    """
    symbols = set(counts.own) | set(counts.calls)
    for callers in counts.calls.values():
        symbols |= set(callers)
    names = Names(symbols)
    stages = {symbol: names.stage(symbol) for symbol in symbols}
    charges, moving = collections.Counter(), {}
    for symbol, count in counts.own.items():
        if stages[symbol]:
            charges[symbol, OWN] += count
        else:
            moving[symbol] = collections.Counter({names.column(symbol): count})
    for _ in range(STEPS_MAX):
        arriving = collections.defaultdict(collections.Counter)
        for symbol, columns in moving.items():
            hand_on(counts, symbol, columns, (stages, charges, arriving))
        moving = arriving
    for symbol, columns in moving.items():
        for column, count in columns.items():
            charges[symbol, column] += count
    return charges, stages, names


def hand_on(counts, symbol, columns, places):
    """Moves what a runtime function took to those that called it."""
    stages, charges, arriving = places
    callers = {name: cost for name, cost in counts.calls[symbol].items() if name != symbol}
    whole = sum(callers.values())
    for column, count in columns.items():
        if not whole:
            charges[symbol, column] += count
            continue
        for caller, cost in callers.items():
            part = count * cost / whole
            if stages[caller] or part < 1:
                charges[caller, column] += part
            else:
                arriving[caller][column] += part

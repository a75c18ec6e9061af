"""Histories for tools/history-benchmark: makes them, and times a check."""

import json
import os
import random
import subprocess
import sys
import time

UNKNOWN_PERCENT = 1
FUNCTIONS = {
    "register": ("read", "write"),
    "cas-register": ("read", "write", "cas"),
    "kv": ("get", "put", "cas"),
    "append": ("get", "append"),
}


class Store:
    """Carries out operations one by one, whoever asks; what it answers is a history."""

    def __init__(self, model, keys, values, deletions):
        self.functions, self.keys, self.values = FUNCTIONS[model], keys, values
        self.deletions = deletions
        self.isText = model == "append"
        self.random = random.Random(1)
        self.state, self.newest = {}, 0

    def fresh(self):
        self.newest += 1
        return self.random.randrange(self.values) if self.values else self.newest

    def ask(self):
        """What somebody asks for: function, key, argument."""
        key, dice = self.random.randrange(self.keys), self.random.random()
        found = self.state.get(key)
        if self.isText:
            if dice < 0.1:
                return "get", key, None
            isLong = len(found or "") > 2000
            return ("put" if isLong else "append"), key, "%d " % self.fresh()
        if dice >= 1 - self.deletions / 100:
            return "del", key, None
        if dice < 0.5:
            return self.functions[0], key, None
        if dice < 0.8 or len(self.functions) == 2:
            return self.functions[1], key, self.fresh()
        return "cas", key, [self.fresh() if self.values else found, self.fresh()]

    def carry_out(self, function, key, argument):
        """Whether it took effect, and what is answered."""
        found = self.state.get(key)
        if function in ("read", "get"):
            return True, (found or "") if self.isText else found
        if function == "cas":
            if found != argument[0]:
                return False, argument
            self.state[key] = argument[1]
        elif function == "append":
            self.state[key] = (found or "") + argument
        else:
            self.state[key] = argument
        return True, argument


def make(model, operations, clients, keys, values, deletions=0):
    """`values` of 0 are unique; `deletions` is in percent, of a kv."""
    store = Store(model, keys, values, deletions)
    dice, write = store.random, sys.stdout.write
    idle, open_calls, newcomer, begun = list(range(clients)), [], clients, 0

    def event(process, kind, function, key, value):
        named = '"key":"k%d",' % key if keys > 1 else ""
        write(
            '{"process":%d,"type":"%s","f":"%s",%s"value":%s}\n'
            % (process, kind, function, named, json.dumps(value))
        )

    while begun < operations or open_calls:
        if idle and begun < operations and (not open_calls or dice.random() < 0.5):
            process = idle.pop(dice.randrange(len(idle)))
            function, key, argument = store.ask()
            event(process, "invoke", function, key, argument)
            open_calls.append([process, function, key, argument, None])
            begun += 1
            continue
        place = dice.randrange(len(open_calls))
        process, function, key, argument, answer = open_calls[place]
        isLost = dice.random() * 200 < UNKNOWN_PERCENT
        if answer is None:
            open_calls[place][4] = store.carry_out(function, key, argument)
            if not isLost:
                continue
        open_calls[place] = open_calls[-1]
        open_calls.pop()
        if isLost:
            event(process, "info", function, key, argument)
            idle.append(newcomer)
            newcomer += 1
            continue
        event(process, "ok" if answer[0] else "fail", function, key, answer[1])
        idle.append(process)


def check(binary, path, model, title, *flags):
    command = [binary, "history", "check", path, "--model", model, "-o", "json", *flags]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    report = json.loads(output)
    verdict = (report[0] if isinstance(report, list) else report)["verdict"]
    method = "search alone" if "search" in flags else "what values say"
    print(
        "| %s | %s | %s | %.2f | %.2f | %d |"
        % (
            title,
            method,
            verdict.replace("_", " "),
            seconds,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss // 1024,
        )
    )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], *map(int, sys.argv[3:8]))
    else:
        check(*sys.argv[2:])

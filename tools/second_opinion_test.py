"""Random histories for tools/second-opinion --self-test, and a search through all permutations."""
import json
import os
import subprocess
import tempfile
from argparse import Namespace
from random import Random

from second_opinion import judge
from second_opinion_models import MODELS, BadInput

ROUNDS, BATCH = 60, 25  # of histories with options of their own; how many each has
VALUES, PIECES = [1, 2, True, "1", None], ["a", "b", "ab", "ba"]
INVOKE = b'{"process":1,"type":"invoke","f":"write","value":1}'
BAD = [  # a history, and the line that is wrong
    ([b"{"], 1), ([b"[1]"], 1), ([b"", INVOKE, b"\xff"], 3), ([INVOKE, INVOKE], 2),
    ([INVOKE.replace(b"write", b"put")], 1), ([INVOKE.replace(b"invoke", b"begin")], 1),
    ([INVOKE.replace(b"invoke", b"ok")], 1), ([INVOKE.replace(b'"process":1,', b"")], 1),
    ([INVOKE, INVOKE.replace(b"invoke", b"ok").replace(b"write", b"read")], 2),
    ([INVOKE, INVOKE.replace(b"invoke", b"ok").replace(b"1}", b'1,"key":"j"}')], 2),
    ([INVOKE.replace(b"1}", b"NaN}")], 1), ([INVOKE, b"[" * 100000], 2)]


def same(left, right):
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def text_or_list(model):
    return {"append": "", "set": []}.get(model)


def machine(model, all_states, op):
    """What one machine has and answers after an operation; False is a condition not met."""
    states, f, asked, key = dict(all_states), op["f"], op["asked"], str(op["key"])
    here = states.get(key, states.get("initial", text_or_list(model)))
    if f == "cas" and not same(here, asked[0]):
        return all_states, False
    if f == "transfer":
        names = asked["from"], asked["to"]
        states[names[0]] -= asked["amount"]
        enough = states[names[0]] >= 0
        states[names[1]] += asked["amount"]
        return (states, True) if enough else (all_states, False)
    if f == "txn":
        said = []
        for kind, name, value in asked:
            if kind == "append":
                states[name] = states.get(name, []) + [value]
            said.append([kind, name, value if kind == "append" else states.get(name, [])])
        return states, said
    if f in ("read", "get"):
        return states, states if model == "bank" else here
    states[key] = {"cas": lambda: asked[1], "del": lambda: None, "append": lambda: here + asked,
                   "add": lambda: sorted({*here, asked})}.get(f, lambda: asked)()
    return states, True


def asks(random, model, f, count):
    if f == "txn":
        return [[random.choice(["append", "r"]), random.choice("xy"), f"{count}.{part}"]
                for part in range(random.randint(1, 3))]
    if f == "transfer":
        return {"from": random.choice("xy"), "to": random.choice("xyz"),
                "amount": random.randint(1, 2)}
    if f == "cas":
        return [random.choice(VALUES), random.choice(VALUES)]
    return None if f in ("read", "get", "del") else random.choice(
        PIECES if model == "append" else [1, 2, 3] if model == "set" else VALUES)


def history(random, model, options, size):
    """Events of clients of one machine: operations take effect between their calls and ends."""
    clients, events, running = range(random.randint(1, 4)), [], {}
    states, count = first_states(model, options), 0
    while count < size or running:
        client, ending = random.choice(clients), random.random()
        op = running.get(client)
        if op is None and count < size:
            count, f = count + 1, random.choice(MODELS[model][0].split())
            op = {"process": client, "type": "invoke", "f": f, "value": None,
                  "key": random.choice(["x"] * 5 + [1]), "asked": asks(random, model, f, count)}
            running[client] = op
            events.append(told(op, "invoke", unread(op)))
        elif op and op["type"] == "invoke" and ending < 0.9:
            states, op["value"] = machine(model, states, op)
            op["type"] = "fail" if op["value"] is False else "ok"
        elif op and ending < 0.97:
            kind = random.choice(["fail", "info"]) if op["type"] == "invoke" else op["type"]
            kind = "info" if random.random() < 0.15 else kind
            events.append(told(op, kind, op["value"] if kind == "ok" else None))
            del running[client]
        elif op and count == size and random.random() < 0.3:
            del running[client]  # and nobody ever hears of it
    return events


def unread(op):
    return op["asked"] if op["f"] != "txn" else [
        [kind, key, value if kind == "append" else None] for kind, key, value in op["asked"]]


def told(op, kind, value):
    value = op["asked"] if value is True else value
    return {"process": op["process"], "type": kind, "f": op["f"], "key": op["key"], "value": value}


def first_states(model, options):
    if model == "bank":
        return dict(options.initial)
    return {} if model in ("list-append", "append", "set") else {"initial": options.initial}


def break_one(random, model, events):
    """One answer is another, one outcome is another, or one event stands elsewhere."""
    events, dice = json.loads(json.dumps(events)), random.random()
    told_ok = [event for event in events if event["type"] == "ok"]
    reads = [event for event in told_ok if event["f"] in ("read", "get", "txn")]
    ends = [event for event in events if event["type"] in ("ok", "fail")]
    ends = [event for event in ends if event["f"] not in ("read", "get", "txn")]
    if reads and dice < 0.6:
        read = random.choice(reads)
        read["value"] = another(random, model, read["value"])
    elif ends and dice < 0.8:
        random.choice(ends)["type"] = random.choice(["ok", "fail"])
    else:
        move_one(random, events)
    return events


def another(random, model, value):
    if model == "append":
        return "".join(random.choices(PIECES, k=random.randint(0, 2)))
    if model == "set":
        return random.sample([1, 2, 3], random.randint(0, 3))
    if model == "bank":
        return {**value, random.choice("xyz"): random.randint(0, 3)}
    if model == "list-append":
        return [[kind, key, here if kind == "append" else random.choice([here[:-1], here + [0]])]
                for kind, key, here in value]
    return random.choice(VALUES)


def move_one(random, events):
    place = random.randrange(len(events))
    event = events.pop(place)
    mine = [at for at, other in enumerate(events) if other["process"] == event["process"]]
    low = max([at + 1 for at in mine if at < place], default=0)
    high = min([at for at in mine if at >= place], default=len(events))
    events.insert(random.randint(low, high), event)


def operations_of(events, options):
    """Those that say something, each with the places of its call and its end."""
    operations, running = [], {}
    for place, event in enumerate(events):
        if event["type"] == "invoke":
            op = {**event, "asked": event["value"], "type": "info", "began": place, "ended": None}
            running[event["process"]] = op
            operations.append(op)
        else:
            op = running.pop(event["process"])
            op["type"], op["value"] = event["type"], event["value"]
            op["ended"] = None if event["type"] == "info" else place
    judged_cas = options.failed_cas == "constrain"
    return [op for op in operations
            if op["type"] != "fail" or (op["f"] == "cas" and judged_cas)]


def explains(model, answer, op, options):
    """Whether the machine's answer is the one that was told."""
    value = op["value"]
    if op["f"] == "txn":
        return op["type"] == "info" or all(
            here[0] == "append" or same(here[2], told[2] or [])
            or (told[2] is None and options.nil_read == "any") for here, told in zip(answer, value))
    if op["f"] in ("read", "get"):
        if op["type"] == "info" or (value is None and options.nil_read == "any"):
            return True
        value = sorted(value) if isinstance(value, list) else value
        return same(answer, text_or_list(model) if value is None else value)
    return (answer is False) == (op["type"] == "fail")


def any_order(model, operations, states, options):
    """Plainly all permutations; an unknown outcome may be anywhere after its call, or nowhere."""
    if all(op["ended"] is None for op in operations):
        return True
    first = min(op["ended"] for op in operations if op["ended"] is not None)
    for place, op in enumerate(operations):
        if op["began"] > first:
            continue
        after, answer = machine(model, states, op)
        rest = operations[:place] + operations[place + 1:]
        if explains(model, answer, op, options) and any_order(model, rest, after, options):
            return True
    return False


def expected(model, events, options):
    operations = operations_of(events, options)
    found = any_order(model, operations, first_states(model, options), options)
    return "linearizable" if found else "not linearizable"


def written(folder, name, events):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)
    return path


def verdicts_of(lockstep, paths, options):
    words = [lockstep, "history", "check", *paths, "--model", options.model, "-o", "json",
             "--timeout", "2s", "--failed-cas", options.failed_cas, "--nil-read", options.nil_read]
    if options.initial is not None:
        words += ["--initial", json.dumps(options.initial)]
    done = subprocess.run(words, capture_output=True, text=True)
    return [record["verdict"].replace("_", " ") for record in json.loads(done.stdout)]


def differences(random, options, lockstep, size):
    """Judges a batch; how many have an order, and the histories on which any two differ."""
    batch, model = [], options.model
    for _ in range(BATCH):
        events = history(random, model, options, random.randint(size // 2, size))
        batch.append(break_one(random, model, events) if random.random() < 0.6 else events)
    lines = [[json.dumps(event).encode() for event in events] for events in batch]
    found = [[judge(one, options)["verdict"]] for one in lines]
    for events, verdicts in zip(batch, found):
        verdicts += [expected(model, events, options)] if size < 10 else []
    with tempfile.TemporaryDirectory() as folder:
        paths = [written(folder, f"{at}.ndjson", events) for at, events in enumerate(batch)]
        others = verdicts_of(lockstep, paths, options) if lockstep else []
        for verdicts, other in zip(found, others):
            verdicts.append(other)
    differ = [(e, v) for e, v in zip(batch, found) if len(set(v) - {"unknown"}) > 1]
    return sum(verdicts[0] == "linearizable" for verdicts in found), differ


def test_model(model, lockstep):
    random, fine, wrong = Random(model), 0, 0
    for at in range(ROUNDS):
        initial = {"register": [None, 1], "cas-register": [None, 1],
                   "bank": [{"x": 2, "y": 1, "z": 0}]}.get(model, [None])
        options = Namespace(
            model=model, timeout=60, initial=random.choice(initial),
            failed_cas=random.choice(["ignore", "constrain"]),
            nil_read=random.choice(["absent", "any"]))
        size = 30 if lockstep and at % 2 else 7
        count, differ = differences(random, options, lockstep, size)
        fine, wrong = fine + count, wrong + len(differ)
        for events, verdicts in differ:
            path = written(tempfile.mkdtemp(prefix="second-opinion-"), "history.ndjson", events)
            print(f"{path}: {' / '.join(verdicts)} ({options})")
    print(f"{model}: {ROUNDS * BATCH} histories, {fine} of them have an order, {wrong} differ")
    return wrong


def test_bad_input():
    options, wrong = Namespace(model="register"), 0
    for lines, line in BAD:
        try:
            judge(lines, options)
            said = "nothing"
        except BadInput as problem:
            said = str(problem)
        if not said.startswith(f"{line}: expected "):
            wrong += 1
            print(f"{lines}: line {line} is wrong, and what was said is {said}")
    print(f"bad input: {len(BAD)} histories, {wrong} differ")
    return wrong


def line_of(kind, f, key, value=None, process=0):
    return json.dumps(
        {"process": process, "type": kind, "f": f, "key": key, "value": value}).encode()


def both(f, asked, answer, kind="ok", key="k"):
    """An operation that is begun and ends."""
    return [line_of("invoke", f, key, asked), line_of(kind, f, key, answer)]


LEAST = -(1 << 63)
TOLD = [  # a model, a history, and what is to be said of it
    ("document", both("put", {"value": 1}, {"conflict": 0}), "not linearizable"),
    ("document", both("delete", None, {"conflict": 0}), "not linearizable"),
    ("document", both("put", {"value": 1}, {"revision": 2}) + both(
        "delete", None, {"revision": 3, "existed": None}), "linearizable"),
    ("document", both("put", {"value": LEAST + 1}, {"revision": 2}) + both(
        "increment", {"by": -1}, {"revision": 3, "value": LEAST}), "linearizable"),
    ("document", both("put", {"value": 2}, None, "info") + both(
        "insert", {"value": 9}, {"conflict": 1}) + both("increment", {"by": 1}, None, "info")
     + both("get", None, {"value": 50, "revision": 4}), "unknown"),
    ("document", both("put", {"value": "x"}, None, "info") + both(
        "insert", {"value": 9}, {"conflict": 4}) + both(
            "increment", {"by": 1}, {"conflict": None}), "linearizable"),
    ("bank", both("transfer", {"from": "b", "to": "a", "amount": 1}, None, key=None),
     "not linearizable"),
    ("kv", [], "unknown")]


def test_told():
    """Histories that were once judged wrongly."""
    wrong = 0
    for model, lines, verdict in TOLD:
        options = Namespace(model=model, timeout=60, nil_read="absent", failed_cas="ignore",
                            initial={"a": (1 << 63) - 1, "b": 1} if model == "bank" else None)
        found = judge(lines, options)["verdict"]
        if found != verdict:
            wrong += 1
            print(f"{model} {lines}: {found}, and it is {verdict}")
    print(f"histories that were judged wrongly: {len(TOLD)}, {wrong} differ")
    return wrong


def self_test(lockstep):
    failed = sum(test_model(model, lockstep) for model in MODELS)
    return int(test_bad_input() + test_told() + failed > 0)

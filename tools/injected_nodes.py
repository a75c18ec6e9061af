"""How the nodes of a case of tools/inject must end, go on and agree."""
import hashlib
import json
import re
import signal
import subprocess
import time

from tracing import NODE, Trouble, trace_of

DOCUMENTS = 400  # of each import
ENDS_WITHIN = 5


def finish(loads):
    """Each import must have acknowledged all its documents."""
    for load in loads:
        try:
            output, errors = load.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            load.kill()
            raise Trouble("an import does not end") from None
        if load.returncode != 0 or json.loads(output)["acknowledged"] != DOCUMENTS:
            raise Trouble(f"an import failed: {output.strip()} {errors.strip()}")
    return len(loads) * DOCUMENTS


def verify(case, count):
    """All nodes are sound, and hold the same and all that was acknowledged."""
    for _ in range(3):
        case.wait_until_whole()
        states = {node["state"] for node in case.status()["nodes"]}
        if states == {"sound"}:
            break
        time.sleep(0.3)
    else:
        raise Trouble(f"states {states}")
    digests = set()
    for node in case.range():
        lines = case.own(node, "export", "documents", "-o", "ndjson").stdout.splitlines()
        if len(lines) != count:
            raise Trouble(f"node {node} holds {len(lines)} of {count} documents")
        digests.add(hashlib.sha256("\n".join(lines).encode()).hexdigest())
    if len(digests) != 1:
        raise Trouble("the exports differ")


def judge_end(case, row):
    """How node 1 ended: killed, or by itself with a message."""
    if row["way"] == "kill":
        if case.processes[NODE].wait(timeout=ENDS_WITHIN) != -signal.SIGKILL:
            raise Trouble(f"node 1 ended with {case.processes[NODE].returncode}")
        return
    try:
        status = case.processes[NODE].wait(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        raise Trouble("node 1 goes on after EIO") from None
    row["status"] = status
    lines = trace_of(case).splitlines()
    # With several threads each line begins with the thread's number.
    times = [float(re.match(r"(?:\d+ +)?(\d+\.\d+) ", line).group(1)) for line in lines]
    injected = next(index for index, line in enumerate(lines) if "INJECTED" in line)
    row["ended_ms"] = 1e3 * (times[-1] - times[injected])
    with open(f"{case.folder}/n{NODE}.log", encoding="utf-8", errors="replace") as file:
        words = [line.strip() for line in file if line.startswith("error: ")]
    row["message"] = words[-1] if words else None
    if status <= 0 or "disk_failed" not in (row["message"] or ""):
        raise Trouble(f"after EIO node 1 ended with {status} and said {row['message']}")


def fill(case):
    """Writes 1 MB; the code if it is refused."""
    answer = subprocess.run(
        [case.binary, "--url", case.url, "--timeout", "4s", "kv", "put", "filler"],
        input="f" * 1_000_000, text=True, capture_output=True, check=False)
    found = re.search(r"\((\w+)\)$", answer.stderr, re.M)
    return found.group(1) if found else None

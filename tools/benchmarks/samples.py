"""Samples of real nodes by perf: processor time by stage, the system's calls among it."""
import collections
import os
import re
import shutil
import subprocess

from measured_cluster import Cluster, Trouble
from stages import OTHER, STAGE_NAMES, Names

FREQUENCY = 997
COLUMNS = ["own", "runtime", "system"]
# Time in these belongs to a stage whoever calls them.
CALLS = {"sendto": "network", "recvfrom": "network", "epoll_wait": "network", "accept4": "network",
         "pwrite64": "journal", "fdatasync": "journal", "fsync": "journal", "futex": "journal"}


def record(binary, folder, options):
    """Samples all nodes while puts are measured; returns perf's text, what was found, the roles."""
    if not shutil.which("perf"):
        raise Trouble("perf is missing: apt-get install linux-perf")
    copy, data = os.path.join(folder, "lockstep"), os.path.join(folder, "perf.data")
    subprocess.run(["strip", "--strip-debug", "-o", copy, binary], check=True)
    with Cluster(copy, folder, nodes=options.nodes) as cluster:
        pids = ",".join(map(str, cluster.pids))
        words = ["bench", options.workload, "--outstanding", str(options.outstanding),
                 "--value-size", str(options.value_size), "--processes", pids]
        cluster.ask(*words, "--duration", "1s")
        perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(FREQUENCY),
                                 "-g", "-o", data, "-p", pids, "--", "sleep", str(options.seconds)],
                                stderr=subprocess.DEVNULL)
        found = cluster.ask(*words, "--duration", f"{options.seconds}s")
        if perf.wait() != 0:
            raise Trouble("perf may not sample here; try as root")
        leader = cluster.leader()
        roles = {process.pid: "leader" if number == leader else "followers"
                 for number, process in cluster.processes.items()}
    script = subprocess.run(["perf", "script", "-i", data, "--no-inline", "-F", "pid,ip,sym,dso"],
                            capture_output=True, text=True, check=True).stdout
    return script, found, roles


def stacks(script):
    """Each sample's process, and its frames as (symbol, is the kernel's), innermost first."""
    for part in script.split("\n\n"):
        lines = part.strip().split("\n")
        if not lines[0].strip().isdigit():
            continue
        frames = [re.match(r"\s*[0-9a-f]+ (.*) \((\S*)\)$", line) for line in lines[1:]]
        yield int(lines[0]), [(frame[1], "kernel" in frame[2]) for frame in frames if frame]


def divide(script, roles):
    """How many samples each role has by (stage, column), and by system call."""
    samples = [(roles[pid], frames) for pid, frames in stacks(script) if pid in roles and frames]
    names = Names({symbol for _, frames in samples for symbol, _ in frames})
    tables = {role: collections.Counter() for role in sorted(set(roles.values()), reverse=True)}
    calls = {role: collections.Counter() for role in tables}
    for role, frames in samples:
        stage = next(filter(None, (names.stage(symbol) for symbol, is_kernel in frames
                                   if not is_kernel)), OTHER)
        column = "own" if names.stage(frames[0][0]) else "runtime"
        if frames[0][1]:
            column, call = "system", call_of(frames)
            stage = CALLS.get(call, stage)
            calls[role][call] += 1
        tables[role][stage, column] += 1
    return tables, calls


def call_of(frames):
    for symbol, _ in frames:
        found = re.match(r"__x64_sys_(\w+)", symbol)
        if found:
            return found[1]
    return "page faults" if any("page_fault" in symbol for symbol, _ in frames) else "interrupts"


def measure(binary, folder, options):
    """Microseconds a request, of all nodes, by role, stage and column."""
    script, found, roles = record(binary, folder, options)
    tables, calls = divide(script, roles)
    count = sum(sum(table.values()) for table in tables.values())
    if not count:
        raise Trouble("perf took no samples")
    each = found["cpu_us_processes"] / count
    result = {"cpu_us": found["cpu_us_processes"], "ops_s": found["ops_s"], "samples": count,
              "roles": {}}
    for role, table in tables.items():
        rows = []
        for stage in STAGE_NAMES:
            columns = {column: round(table[stage, column] * each, 3) for column in COLUMNS}
            rows.append({"stage": stage, "total": sum(columns.values()), **columns})
        result["roles"][role] = {
            "stages": rows, "calls": {call: round(number * each, 3)
                                      for call, number in calls[role].most_common()}}
    return result


def text(result, options):
    lines = [f"{result['cpu_us']:.1f} µs of processor a {options.workload}, all nodes "
             f"({result['samples']} samples, {result['ops_s']:,.0f}/s)"]
    for role, found in result["roles"].items():
        rows = sorted(found["stages"], key=lambda row: -row["total"])
        whole = {column: sum(row[column] for row in rows) for column in ["total", *COLUMNS]}
        lines += ["", f"{role:<10}" + "".join(f"{name:>9}" for name in ["total", *COLUMNS])]
        lines += [f"{row['stage']:<10}" + "".join(f"{row[name]:>9.2f}"
                                                  for name in ["total", *COLUMNS])
                  for row in [*rows, {"stage": "all", **whole}]]
        calls = [f"{call} {us:.2f}" for call, us in found["calls"].items() if us >= 0.01]
        lines.append("system: " + ", ".join(calls))
    return "\n".join(lines)

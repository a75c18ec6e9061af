"""From pairs of measurements to tables: medians, and the range of the ratios taken pair by pair."""
import datetime
import hashlib
import os
import platform
import re
import statistics
import subprocess

from measured_cluster import ROOT, Trouble

KEYS = ("nodes", "value_size", "documents", "lie", "workload", "outstanding")
HEADS = {"nodes": "nodes", "value_size": "bytes", "documents": "documents", "lie": "lie",
         "workload": "", "outstanding": "N"}
# A series also compares each row with the one of this key's base, as the limit program fares.
BASES = {"nodes": 3, "value_size": 256, "documents": 10_000}


def summaries(found):
    """One row for every key, in the order of measuring."""
    grouped = {}
    for key, sides in found:
        grouped.setdefault(tuple(sorted(key.items())), (key, []))[1].append(sides)
    rows = [summary(key, pairs) for key, pairs in grouped.values()]
    for row in rows:
        compare_with_base(row, rows)
    return rows


def spread(numbers):
    return {"median": statistics.median(numbers), "min": min(numbers), "max": max(numbers)}


def summary(key, pairs):
    row = {**key, "rounds": len(pairs)}
    for side in pairs[0]:
        row[side] = {name: statistics.median(pair[side][name] for pair in pairs)
                     for name in pairs[0][side]}
        row[side]["max_us"] = max(pair[side]["max_us"] for pair in pairs)
        row[side]["stall_us"] = max(pair[side]["stall_us"] for pair in pairs)
        row[side]["errors"] = sum(pair[side]["errors"] for pair in pairs)
        if side != "ours":
            row[f"ratio_{side}"] = spread(
                [pair["ours"]["ops_s"] / pair[side]["ops_s"] for pair in pairs])
            row[f"p99_ratio_{side}"] = spread(
                [pair["ours"]["p99_us"] / pair[side]["p99_us"] for pair in pairs])
    return row


def compare_with_base(row, rows):
    for name, base_value in BASES.items():
        if name not in row:
            continue
        wanted = {**{key: row[key] for key in KEYS if key in row}, name: base_value}
        base = next((other for other in rows if all(
            other.get(key) == value for key, value in wanted.items())), None)
        if base:
            row["to_base"] = row["ours"]["ops_s"] / base["ours"]["ops_s"]
            row["to_base_limit"] = row["limit"]["ops_s"] / base["limit"]["ops_s"]


# ------------------------------------------------------------------ cells

def rate(number):
    return f"{number / 1e6:.2f}M" if number >= 1e6 else (
        f"{number / 1e3:.0f}k" if number >= 1e5 else (
            f"{number / 1e3:.1f}k" if number >= 1e3 else f"{number:.0f}"))


def time_ms(us):
    return f"{us / 1e3:.2f}" if us < 1e4 else f"{us / 1e3:.0f}"


def ranged(found, text):
    """The range of the pairs; one pair has none."""
    if found["min"] == found["max"]:
        return ""
    return f" ({text(found['min'])}–{text(found['max'])})"


def percent(found):
    return f"{found['median']:.0%}" + ranged(found, "{:.0%}".format)


def times(found):
    return f"{found['median']:.1f}×" + ranged(found, "{:.1f}".format)


def relative(row):
    """How the change since the base compares with the limit program's own."""
    return row["to_base"] / row["to_base_limit"] if row.get("to_base_limit") else 0


def columns_of_modes():
    """Mode bft beside mode raft."""
    def of(side, name, shown):
        return lambda row: shown(row[side][name])

    found = [("N", lambda row: str(row["outstanding"]))]
    for side, head in (("ours", "bft, 16"), ("single", "bft, 1"), ("raft", "raft")):
        found += [(f"{head}: ops/s", of(side, "ops_s", rate)),
                  ("p50 ms", of(side, "p50_us", time_ms)), ("p99 ms", of(side, "p99_us", time_ms)),
                  ("CPU µs", of(side, "cpu_us", lambda us: f"{us:.0f}")),
                  ("disk B", of(side, "disk_bytes", lambda size: f"{size:.0f}")),
                  ("network B", of(side, "network_bytes", lambda size: f"{size:.0f}"))]
    return found + [("bft, 16 ÷ raft", lambda row: percent(row["ratio_raft"]))]


def columns_of_attacks():
    """A liar among four, beside four honest nodes."""
    return [("lie", lambda row: row["lie"]), ("N", lambda row: str(row["outstanding"])),
            ("honest: ops/s", lambda row: rate(row["honest"]["ops_s"])),
            ("p99 ms", lambda row: time_ms(row["honest"]["p99_us"])),
            ("with a liar: ops/s", lambda row: rate(row["ours"]["ops_s"])),
            ("p99 ms", lambda row: time_ms(row["ours"]["p99_us"])),
            ("longest gap ms", lambda row: time_ms(row["ours"]["stall_us"])),
            ("errors", lambda row: f"{row['ours']['errors']:.0f}"),
            ("ops ÷ honest", lambda row: percent(row["ratio_honest"])),
            ("p99 ÷ honest", lambda row: times(row["p99_ratio_honest"]))]


def columns(rows):
    """(head, how to make a cell of a row), those that the rows have numbers for."""
    if "honest" in rows[0]:
        return columns_of_attacks()
    if "raft" in rows[0]:
        return columns_of_modes()
    found = [(HEADS[key], lambda row, key=key: str(row[key])) for key in KEYS if key in rows[0]]
    found += [("ours/s", lambda row: rate(row["ours"]["ops_s"])),
              ("limit/s", lambda row: rate(row["limit"]["ops_s"])),
              ("÷ limit", lambda row: percent(row["ratio_limit"]))]
    if "etcd" in rows[0]:
        found += [("etcd/s", lambda row: rate(row["etcd"]["ops_s"])),
                  ("÷ etcd", lambda row: times(row["ratio_etcd"]))]
    if any("to_base" in row for row in rows):
        name = next(name for name in BASES if name in rows[0])
        found += [(f"÷ at {BASES[name]}, ours", lambda row: f"{row.get('to_base', 0):.0%}"),
                  ("limit's", lambda row: f"{row.get('to_base_limit', 0):.0%}"),
                  ("relative", lambda row: f"{relative(row):.0%}")]
    found += [(f"{head} ms", lambda row, name=name: time_ms(row["ours"][name]))
              for head, name in (("p50", "p50_us"), ("p99", "p99_us"), ("p99.9", "p999_us"),
                                 ("max", "max_us"))]
    found += [("p99 ÷ limit's", lambda row: f"{row['p99_ratio_limit']['median']:.1f}"),
              ("CPU µs", lambda row: f"{row['ours']['cpu_us']:.1f}"),
              ("limit's", lambda row: f"{row['limit']['cpu_us']:.1f}")]
    if "etcd" in rows[0]:
        found += [("etcd's", lambda row: f"{row['etcd']['cpu_us']:.0f}"),
                  ("etcd p99 ms", lambda row: time_ms(row["etcd"]["p99_us"]))]
    found += [("load CPU µs", lambda row: f"{row['ours']['load_us']:.1f}")]
    if "memory_mib" in rows[0]["ours"]:
        found += [("MiB a node", lambda row: f"{row['ours']['memory_mib']:.0f}"),
                  ("restart s", lambda row: f"{row['ours']['restart_s']:.2f}")]
    return found


def cells(rows):
    made = columns(rows)
    return [[head for head, _ in made]] + [[cell(row) for _, cell in made] for row in rows]


def text(rows):
    lines = cells(rows)
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths))
                     for line in lines)


def markdown(rows, caption, doubts=()):
    head, *rest = ["| " + " | ".join(line) + " |" for line in cells(rows)]
    rule = "|" + "---:|" * len(columns(rows))
    lines = [caption, "", head, rule, *rest]
    if doubts:
        lines += ["", "Not to be believed: " + "; ".join(doubts) + "."]
    return "\n".join(lines)


# ------------------------------------------------------------------ where and when

def machine():
    """What the numbers depend on."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = re.findall(r"model name\s*: (.*)", file.read())
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True, check=False).stdout.strip()
    file_system = subprocess.run(["df", "--output=fstype", ROOT], capture_output=True, text=True,
                                 check=False).stdout.split()[-1]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "file_system": file_system, "commit": commit,
            "date": datetime.date.today().isoformat()}


def build_name(binary):
    """Which build was measured: a binary's hash if one was named, or the commit, and whether the
    sources differ from it."""
    if binary:
        with open(binary, "rb") as file:
            return f"with a binary of SHA-256 {hashlib.sha256(file.read()).hexdigest()[:12]}"
    changed = subprocess.run(["git", "-C", ROOT, "status", "--porcelain", "--", "Sources",
                              "Package.swift"], capture_output=True, text=True, check=False)
    return f"at {machine()['commit']}{' and changes' if changed.stdout.strip() else ''}"


def caption_of(result):
    place = result["machine"]
    etcd = f", {result['etcd']}" if result.get("etcd") else ""
    rounds, ratios = f"{result['rounds']} rounds", "Ratios: median (range) of the pairs."
    if result["rounds"] == 1:
        rounds, ratios = "one round", "Ratios are those of one pair each; there is no range."
    return (f"Measured {place['date']} {result['build']}{etcd} on {place['cores']} × "
            f"{place['cpu']}, Linux {place['kernel']}, {place['file_system']}: "
            f"{rounds} of {result['seconds']} s each, {result['wall_s'] / 60:.1f} min. {ratios}")


def record(path, series, table):
    """Puts the table into the document, between the two marks of its series."""
    with open(path, encoding="utf-8") as file:
        document = file.read()
    marks = rf"(<!-- measured: {series} -->\n).*?(<!-- end -->)"
    made, count = re.subn(marks, lambda found: f"{found[1]}{table}\n{found[2]}", document,
                          flags=re.DOTALL)
    if count != 1:
        raise Trouble(f"{path} has no place marked '<!-- measured: {series} -->'")
    with open(path, "w", encoding="utf-8") as file:
        file.write(made)

"""What tools/scale found: the table, and whether it is enough."""
import re

MIB = 1 << 20


def size_of(word):
    number, unit = re.fullmatch(r"(\d+)([kM]?)", word).groups()
    return int(number) * {"": 1, "k": 1_000, "M": 1_000_000}[unit]


def word_of(size):
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if size % unit == 0:
            return f"{size // unit}{letter}"
    return str(size)


def compared(rows):
    """Adds to each row what it is beside the first one, and beside its own usual."""
    for row in rows:
        first = next((other for other in rows if other["nodes"] == row["nodes"]
                      and "usual_ops_s" in other), None)
        if first and row.get("usual_ops_s"):
            row["relative"] = row["usual_ops_s"] / first["usual_ops_s"]
        for part, before in (("snapshot", "usual"), ("install", "two_live")):
            if row.get(f"{before}_p99_us") and row.get(f"{part}_p99_us"):
                row[f"{part}_ratio"] = row[f"{part}_p99_us"] / row[f"{before}_p99_us"]
    return rows


def complaints(rows, ratio_max):
    """What did not hold, in words; a size that does not fit was said, and is none."""
    measured = [row for row in rows if "usual_ops_s" in row]
    if not measured:
        return ["nothing was measured"]
    found = []
    for row in measured:
        name = f"{word_of(row['documents'])} documents on {row['nodes']} node(s)"
        if row.get("snapshot_ratio") is None:
            found.append(f"{name}: no p99 during a snapshot and beside one")
        elif row["snapshot_ratio"] > ratio_max:
            # A machine that others use is slow in some half seconds of its own.
            worst = row.get("usual_p99_worst_us", 0) / 1e3
            found.append(f"{name}: p99 during a snapshot is {row['snapshot_ratio']:.2f} times the "
                         f"usual, more than {ratio_max:g} (without one at most {worst:.1f} ms)")
    return found


def cell(value, unit=1, form="{:.1f}"):
    return "–" if value is None else form.format(value / unit)


TITLES = ("documents", "nodes", "puts/s", "÷ first", "p99 ms", "snapshot s", "MiB", "worst p99 then",
          "÷ usual", "install s", "votes s", "worst p99 then", "÷ two live", "restart s", "MiB a node",
          "most", "B each", "disk MiB", "most")


def cells(row):
    if "no_room" in row and "usual_ops_s" not in row:
        return [word_of(row["documents"]), str(row["nodes"]), "does not fit: " + row["no_room"]]
    get = row.get
    in_part = ", in part" if "no_room" in row else ""
    return [word_of(row["documents"]) + in_part, str(row["nodes"]),
            cell(get("usual_ops_s"), 1, "{:.0f}"),
            cell(get("relative"), 0.01, "{:.0f} %"), cell(get("usual_p99_us"), 1e3),
            cell(get("snapshot_s"), 1, "{:.2f}"), cell(get("snapshot_bytes"), MIB, "{:.0f}"),
            cell(get("snapshot_p99_us"), 1e3), cell(get("snapshot_ratio"), 1, "{:.2f}"),
            cell(get("install_s"), 1, "{:.2f}"), cell(get("votes_s"), 1, "{:.2f}"),
            cell(get("install_p99_us"), 1e3), cell(get("install_ratio"), 1, "{:.2f}"),
            cell(get("restart_s"), 1, "{:.2f}"), cell(get("memory"), MIB, "{:.0f}"),
            cell(get("memory_max"), MIB, "{:.0f}"), cell(get("memory_each"), 1, "{:.0f}"),
            cell(get("disk"), MIB, "{:.0f}"), cell(get("disk_max"), MIB, "{:.0f}")]


def table_of(rows):
    """The heads and rows of the table."""
    return TITLES, [words + [""] * (len(TITLES) - len(words)) for words in map(cells, rows)]


def show(rows):
    table = [TITLES] + [cells(row) for row in rows]
    widths = [max([len(title)] + [len(line[at]) for line in table if len(line) == len(TITLES)])
              for at, title in enumerate(TITLES)]
    for line in table:
        print("  ".join(word.rjust(width) for word, width in zip(line, widths)))

"""Which calls tools/inject makes fail, what came of it, and whether that is enough."""
from cluster import say
from tracing import Point

SYNCS, WRITES = ("fdatasync", "fsync"), ("pwrite64", "pwritev", "write")
SPARE = "journal-spare.tmp"
# Which call is the n-th depends on time; a case in vain is tried again, and some may stay so.
TRIES, EFFECT_MIN = 3, 0.9
# A snapshot is written, synced and named, and the journal trimmed behind it.
OF_A_SNAPSHOT = (("@snapshots", "pwrite64"), ("@snapshots", "fdatasync"),
                 ("@snapshots", "renameat"), ("@journal", "fsync"))


def cases_of(workshop, options):
    """All cases: (stage, way, point)."""
    for stage in options.stages:
        points, hidden = workshop.points(stage)
        workshop.missing += missing_points(stage, points, options)
        say(f"== {stage}: {len(points)} calls of the reference run, {hidden} cannot be told apart")
        if options.smoke:
            points = points[::max(1, len(points) // 8)]
        if "kill" in options.ways:
            yield from ((stage, "kill", point) for point in points)
        if "error" in options.ways:
            writes = [point for point in points if point.name in WRITES]
            for point in points:
                if point.name in SYNCS or point in writes[::options.write_stride]:
                    yield stage, "error", point
    for way in ("full", "full-one"):
        if way in options.ways:
            for number in (1, 9, 33) if not options.smoke else (9,):
                yield "fresh", way, Point("pwrite64", SPARE, number)


def missing_points(stage, points, options):
    """What the reference run of a stage did not have, in words."""
    if stage == "fresh":
        return [f"fresh: {len(points)} calls, {options.points} were asked for"] \
            if len(points) < options.points else []
    made = {(point.file, point.name) for point in points}
    return [f"snapshot: no {name} of {thread[1:]}" for thread, name in OF_A_SNAPSHOT
            if (thread, name) not in made]


def tried(workshop, stage, way, point, leader):
    """A case, and again if its call did not come."""
    for number in range(1, TRIES + 1):
        row = {**workshop.case(stage, way, point, leader), "tries": number}
        if row["error"] or row.get("took_effect"):
            break
    return row


def complaints(rows, missing=()):
    """What did not hold, in words."""
    if not rows:
        return [*missing, "no case was run"]
    found = list(missing)
    for row in summary(rows):
        name = f"{row['stage']}/{row['way']}"
        if row["failures"]:
            found.append(f"{name}: {row['failures']} cases failed")
        if row["took_effect"] < EFFECT_MIN * (row["cases"] - row["failures"]):
            found.append(f"{name}: {row['took_effect']} of {row['cases']} cases took effect")
    return found


def summary(rows):
    result = []
    for stage, way in sorted({(row["stage"], row["way"]) for row in rows}):
        these = [row for row in rows if (row["stage"], row["way"]) == (stage, way)]
        ends = [row["ended_ms"] for row in these if "ended_ms" in row]
        backs = [row["recovered_ms"] for row in these if "recovered_ms" in row]
        result.append({
            "stage": stage, "way": way, "cases": len(these),
            "took_effect": sum(bool(row.get("took_effect")) for row in these),
            "failures": sum(bool(row["error"]) for row in these),
            "ended_max_ms": max(ends, default=None), "recovered_max_ms": max(backs, default=None),
            "seconds": sum(row["seconds"] for row in these)})
    return result


def show(results, rows):
    print("system calls of one of three nodes that fail or kill it; then all must agree")
    print(f"{'stage':<10}{'way':<7}{'cases':>7}{'took effect':>13}{'failures':>10}"
          f"{'ended in':>11}{'space to write':>16}{'seconds':>9}")
    for row in results:
        ended, back = row["ended_max_ms"], row["recovered_max_ms"]
        print(f"{row['stage']:<10}{row['way']:<7}{row['cases']:>7}{row['took_effect']:>13}"
              f"{row['failures']:>10}{f'{ended:.0f} ms' if ended is not None else '-':>11}"
              f"{f'{back:.0f} ms' if back is not None else '-':>16}{row['seconds']:>9.0f}")
    names = {}
    for row in rows:
        name = row["point"].split(":")[0]
        names[name] = names.get(name, 0) + bool(row.get("took_effect"))
    print("took effect at: " + ", ".join(f"{name} {count}" for name, count in names.items()))
    messages = [row["message"] for row in rows if row.get("message")]
    if messages:
        print(f"after EIO a node said: {messages[0]}")

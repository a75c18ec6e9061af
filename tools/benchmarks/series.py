"""What is measured, in which order. Each series yields (key, sides) for every pair it measured."""
import argparse
import tempfile
import time

import etcd
import frames
import measure
from measured_cluster import (ByzantineCluster, Cluster, LyingCluster, Trouble, build,
                              resident_mebibytes, say, touch_memory)

NODE_COUNTS = (1, 3, 5, 7)
VALUE_SIZES = (128, 256, 1024, 4096, 16384, 65536)
# Values of a series together are at most so large, or memory would be what is measured.
VALUES_MAX = 64 << 20
RESTART_MAX = 300
LIES = ("equivocate", "withhold", "slow", "starve-client", "bad-root", "fork-reads", "forged",
        "replay", "stale-view-change")


def fresh(options):
    return tempfile.TemporaryDirectory(prefix="run-", dir=options.folder)


def members(options, folder):
    return Cluster(options.binary, folder, options.nodes)


def changed(options, **changes):
    return argparse.Namespace(**{**vars(options), **changes})


def levels(options):
    """Workloads by requests outstanding, beside the limit program and, if asked for, etcd."""
    steps = options.rounds * len(options.workloads) * len(options.levels)
    progress = measure.Progress(steps)
    for number in range(options.rounds):
        say(f"round {number + 1} of {options.rounds}")
        with fresh(options) as folder, Cluster(options.binary, folder, options.nodes) as cluster:
            measure.fill(cluster, options)
            if not options.with_etcd:
                yield from one_round(options, progress, cluster, None)
                continue
            with etcd.Etcd(folder, options.nodes) as peer:
                peer.fill(options.keys, options.value_size)
                yield from one_round(options, progress, cluster, peer)


def one_round(options, progress, cluster, peer):
    for workload in options.workloads:
        for level in options.levels:
            sides = pair(cluster, workload, level, options)
            if peer:
                sides["etcd"] = measure.etcd(peer, workload, level, options)
            progress.note(f"{workload} {level}", sides)
            yield {"workload": workload, "outstanding": level}, sides


def pair(cluster, workload, level, options):
    """The limit program first, then at once ours; memory for both, which may be taken back soon."""
    followers = len(cluster.numbers) - 1
    touch_memory()
    return {"limit": measure.limit(workload, level, options, followers),
            "ours": measure.ours(cluster, workload, level, options)}


def nodes(options):
    """Clusters of 1, 3, 5 and 7 nodes, beside the limit program with as many followers."""
    progress = measure.Progress(options.rounds * len(NODE_COUNTS) * len(options.levels))
    for _ in range(options.rounds):
        for count in NODE_COUNTS:
            with fresh(options) as folder, Cluster(options.binary, folder, count) as cluster:
                for level in options.levels:
                    sides = pair(cluster, "put", level, options)
                    progress.note(f"{count} nodes, put {level}", sides)
                    yield {"nodes": count, "outstanding": level}, sides


def values(options):
    """Values of 128 bytes to 64 KiB."""
    progress = measure.Progress(options.rounds * len(VALUE_SIZES) * len(options.levels))
    for _ in range(options.rounds):
        for size in VALUE_SIZES:
            keys = min(options.keys, VALUES_MAX // size)
            sized = changed(options, value_size=size, keys=keys)
            with fresh(options) as folder, members(options, folder) as cluster:
                for level in options.levels:
                    sides = pair(cluster, "put", level, sized)
                    progress.note(f"{size} bytes, put {level}", sides)
                    yield {"value_size": size, "outstanding": level}, sides


def documents(options):
    """Few and many documents: throughput, memory of a node, and the time to restart one."""
    steps = options.rounds * len(options.documents) * len(options.levels) * 2
    progress = measure.Progress(steps)
    for _ in range(options.rounds):
        for count in options.documents:
            sized = changed(options, keys=count)
            with fresh(options) as folder, members(options, folder) as cluster:
                began = time.monotonic()
                measure.fill(cluster, sized)
                say(f"  {count} documents written in {time.monotonic() - began:.0f} s")
                memory = max(map(resident_mebibytes, cluster.pids))
                restart = restart_seconds(cluster)
                say(f"  {memory:.0f} MiB a node; restarted to serving in {restart:.2f} s")
                for workload in ("put", "get"):
                    for level in options.levels:
                        sides = pair(cluster, workload, level, sized)
                        sides["ours"].update(memory_mib=memory, restart_s=restart)
                        progress.note(f"{count} documents, {workload} {level}", sides)
                        key = {"documents": count, "workload": workload, "outstanding": level}
                        yield key, sides


def restart_seconds(cluster):
    """Kills a follower and starts it again: how long until it answers a linearizable read."""
    number = cluster.leader() % len(cluster.numbers) + 1
    cluster.kill(number)
    began = time.monotonic()
    cluster.start(number)
    while time.monotonic() - began < RESTART_MAX:
        try:
            if frames.reads(cluster.port(number), number, "key-00000000"):
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.005)
    raise Trouble(f"node {number} does not answer {RESTART_MAX} s after its restart")


def modes(options):
    """What it costs that nodes may lie: mode bft, with envelopes of 16 and of one, beside raft."""
    progress = measure.Progress(options.rounds * len(options.levels))
    for _ in range(options.rounds):
        with fresh(options) as folder, Cluster(options.binary, folder) as raft, \
                ByzantineCluster(options.binary, folder) as liars:
            for level in options.levels:
                sides = {"ours": measure.ours(liars, "put", level, options),
                         "single": measure.ours(liars, "put", level, options, "--envelope", "1"),
                         "raft": measure.ours(raft, "put", level, options)}
                progress.note(f"put {level}", sides)
                yield {"outstanding": level}, sides


def attacks(options):
    """Mode bft while one of four nodes lies, beside four honest ones; it gets its turn as primary."""
    progress = measure.Progress(options.rounds * len(options.levels) * sum(
        len(names_of(lie)) for lie in LIES))
    liar = options.liar or build(product="lockstep-liar")
    for _ in range(options.rounds):
        for lie in LIES:
            with fresh(options) as folder, ByzantineCluster(options.binary, folder) as honest, \
                    fresh(options) as other, LyingCluster(options.binary, other, liar, lie) as lying:
                if measure.WORKLOADS.get(lie):
                    measure.fill(honest, options)
                    measure.fill(lying, options)
                for level in options.levels:
                    found = zip(names_of(lie), measure.under(lie, honest, level, options),
                                measure.attacked(lying, level, options))
                    for name, well, ill in found:
                        progress.note(f"{name} {level}", {"honest": well, "ours": ill})
                        yield ({"lie": name, "outstanding": level},
                               {"honest": well, "ours": ill})


def names_of(lie):
    """What the rows of a lie are called, one for each client that measures it."""
    if lie in measure.TWO_CLIENTS:
        return [f"{lie}, the victim", f"{lie}, another"]
    return [f"{lie}, reads"] if lie in measure.WORKLOADS else [lie]


SERIES = {"attacks": attacks, "levels": levels, "nodes": nodes, "values": values, "documents": documents,
          "modes": modes}

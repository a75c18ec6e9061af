"""The part of tools/damage that runs cases and counts."""

import argparse
import os
import sys

from campaign.cases import CaseRuns, Series

NODES = ["1", "2", "3"]


def arguments():
    parser = argparse.ArgumentParser(prog="tools/damage")
    parser.add_argument("--node", choices=NODES + ["none"])
    parser.add_argument("--all", type=int, default=2_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--log")
    parser.add_argument("-o", dest="form", choices=["table", "json"], default="table")
    return parser.parse_args()


def main():
    options = arguments()
    runs = CaseRuns(os.environ["LOCKSTEP"], options)
    nodes = [options.node] if options.node else NODES
    facts = {}
    runs.series = []
    for node in nodes if options.node != "none" else []:
        words = ["sim", "damage", "--node", node]
        facts[f"node {node}"] = runs.facts(words)
        runs.series.append(Series(f"node {node}", words, facts[f"node {node}"]["cases"]))
    if options.all:
        runs.series.append(Series("all nodes", ["sim", "damage", "--all"], options.all))
    runs.run(runs.series)
    runs.show(facts)
    return 0 if runs.is_good() else 1


sys.exit(main())

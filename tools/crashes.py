"""The part of tools/crashes that runs cases and counts."""

import argparse
import os
import sys

from campaign.cases import CaseRuns, Series

NODES = ["1", "2", "3", "4"]


def arguments():
    parser = argparse.ArgumentParser(prog="tools/crashes")
    parser.add_argument("--node", choices=NODES)
    parser.add_argument("--pairs", type=int, default=10_000)
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
    for node in nodes:
        words = ["sim", "crashes", "--node", node]
        facts[f"node {node}"] = runs.facts(words)
        runs.series.append(Series(f"node {node}", words, facts[f"node {node}"]["cases"]))
    for node in nodes if options.pairs else []:
        words = ["sim", "crashes", "--pairs", "--node", node]
        runs.series.append(Series(f"pairs of node {node}", words, -(-options.pairs // len(nodes))))
    runs.run(runs.series)
    runs.show(facts)
    return 0 if runs.is_good() else 1


sys.exit(main())

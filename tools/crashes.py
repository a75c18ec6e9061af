"""The part of tools/crashes that says which cases there are."""

import sys

from campaign.cases import CaseRuns, Series, arguments

NODES = ["1", "2", "3", "4"]


def main():
    options = arguments("tools/crashes", NODES, pairs=10_000)
    runs = CaseRuns(options)
    nodes = [options.node] if options.node else NODES
    runs.add_nodes("crashes", nodes)
    for node in nodes if options.pairs else []:
        words = ["sim", "crashes", "--pairs", "--node", node]
        runs.series.append(Series(f"pairs of node {node}", words, -(-options.pairs // len(nodes))))
    return runs.run()


sys.exit(main())

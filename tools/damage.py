"""The part of tools/damage that says which cases there are."""

import sys

from campaign.cases import CaseRuns, Series, arguments

NODES = ["1", "2", "3"]


def main():
    options = arguments("tools/damage", NODES + ["none"], all=2_000)
    runs = CaseRuns(options)
    if options.node != "none":
        runs.add_nodes("damage", [options.node] if options.node else NODES)
    if options.all:
        runs.series.append(Series("all nodes", ["sim", "damage", "--all"], options.all))
    return runs.run()


sys.exit(main())

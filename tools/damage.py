"""The part of tools/damage that says which cases there are, and whether they were enough."""

import sys

from campaign.cases import CaseRuns, Series, arguments

NODES = ["1", "2", "3"]
# Zeros over zeros damage nothing, nor does what would be lost everywhere; a kind that hardly ever
# damages anything shows nothing.
DAMAGED_MIN, AVAILABLE_MIN = 0.25, 0.99
CASES_FOR_SHARES = 20


class DamageRuns(CaseRuns):
    """Cases that also have to damage something, and to be survived without a silence."""

    def run(self):
        status = super().run()
        for complaint in complaints(self.sums):
            print(f"not enough: {complaint}", file=sys.stderr)
        return 1 if complaints(self.sums) else status

    def fields(self):
        return {**super().fields(), "not_enough": complaints(self.sums)}


def complaints(sums):
    """What each kind of case must have come to, and this one has not, in words."""
    found = []
    for kind, counts in sorted(sums.items()):
        damaged = counts.get("damaged", 0)
        silent = counts["cases"] - counts.get("available", 0)
        if counts["cases"] >= CASES_FOR_SHARES and damaged < DAMAGED_MIN * counts["cases"]:
            found.append(f"{kind}: {damaged} of {counts['cases']} cases damaged anything")
        if silent > (1 - AVAILABLE_MIN) * damaged:
            found.append(f"{kind}: in {silent} of {damaged} cases clients were not answered")
    return found


def main():
    options = arguments("tools/damage", NODES + ["none"], all=2_000)
    runs = DamageRuns(options)
    if options.node != "none":
        runs.add_nodes("damage", [options.node] if options.node else NODES)
    if options.all:
        runs.series.append(Series("all nodes", ["sim", "damage", "--all"], options.all))
    return runs.run()


if __name__ == "__main__":
    sys.exit(main())

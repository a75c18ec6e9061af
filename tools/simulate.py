"""The part of tools/simulate that runs seeds, counts, and explains what failed."""

import argparse
import os
import sys

from campaign.campaign import Campaign
from campaign.explain import Explanation
from campaign.numbers import duration, positive
from campaign.seeds import Seeds


def arguments():
    parser = argparse.ArgumentParser(prog="tools/simulate")
    parser.add_argument("--seeds", type=positive)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--jobs", type=positive, default=2)
    parser.add_argument("--minutes", type=duration)
    parser.add_argument("--nodes", type=int)
    parser.add_argument("--mode", choices=["raft", "bft"], default="raft")
    parser.add_argument("--lie")
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--log")
    parser.add_argument("--no-shrink", dest="shrinks", action="store_false")
    parser.add_argument("-o", dest="form", choices=["table", "json"], default="table")
    options = parser.parse_args()
    if options.seeds is None and options.minutes is None:
        parser.error("--seeds N or --minutes M is needed")
    if options.lie and options.mode != "bft":
        parser.error("--lie is told in mode bft")
    return options


def main():
    options = arguments()
    seeds = Seeds(os.environ["LOCKSTEP"], options)
    campaign = Campaign(options, os.environ["LOCKSTEP"])
    campaign.run(seeds)
    if options.form == "table":
        print(campaign.table_text(), flush=True)
    # One of each kind is enough: a person waits for it.
    for failure in campaign.distinct_failures()[:3]:
        if options.mode == "bft":
            show_trace(failure, options.form)
            continue
        explanation = Explanation(seeds, failure, options)
        explanation.run()
        failure.update(explanation.fields())
        if options.form == "table":
            explanation.show()
    if options.form == "json":
        print(campaign.json_text())
    return 1 if campaign.failures or campaign.broken_bounds() else 0


def show_trace(failure, form):
    """What led to a failure of mode bft, whose faults are not searched for those it needs."""
    if form == "table":
        print(f"\n--- seed {failure['seed']}: {failure['reason']}")
        print("\n".join(failure.get("trace", [])[-80:]), flush=True)


sys.exit(main())

"""The runs of a campaign of lockstep-jepsen, for tools/second-opinion."""
import json
import os

MODEL_OF = {"documents": "document"}  # of a workload; else they are called the same


def runs_in(folder):
    """The histories of all finished runs in a folder and below."""
    return sorted(os.path.join(at, "history.ndjson") for at, _, names in os.walk(folder)
                  if {"history.ndjson", "verdicts.json"} <= set(names))


def verdicts(path):
    with open(os.path.join(os.path.dirname(path), "verdicts.json"), encoding="utf-8") as file:
        return json.load(file)


def model_of(path):
    workload = verdicts(path)["workload"]
    return MODEL_OF.get(workload, workload)


def said_by_the_first(path):
    """The verdict of lockstep-jepsen."""
    return verdicts(path)["verdict"].replace("_", " ")


def agree(one, other):
    """Whether two verdicts say the same; those of no model are words of their own."""
    words = {"kept": "linearizable", "broken": "not linearizable"}
    return words.get(one, one) == words.get(other, other)

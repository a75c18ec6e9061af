"""Puts what a tool measured into a document, between two marks, with the date, build and machine."""
import hashlib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "benchmarks"))
import tables  # noqa: E402


def build_name():
    """Which build was measured: the commit, and whether the sources differ from it."""
    binary = os.environ.get("LOCKSTEP")
    if binary:
        with open(binary, "rb") as file:
            return f"with a binary of SHA-256 {hashlib.sha256(file.read()).hexdigest()[:12]}"
    changed = subprocess.run(["git", "-C", HERE, "status", "--porcelain", "--", "../Sources",
                              "../Package.swift"], capture_output=True, text=True, check=False)
    return f"at {tables.machine()['commit']}{' and changes' if changed.stdout.strip() else ''}"


def caption(how):
    """When, what and where, and how often or how long."""
    place = tables.machine()
    return (f"Measured {place['date']} {build_name()} on {place['cores']} × {place['cpu']}, "
            f"Linux {place['kernel']}, {place['file_system']}: {how}.")


def markdown(heads, rows):
    """A table whose first column holds words."""
    lines = ["| " + " | ".join(line) + " |" for line in (heads, *rows)]
    return "\n".join([lines[0], "|---|" + "---:|" * (len(heads) - 1), *lines[1:]])


def add_option(parser):
    parser.add_argument("--record", metavar="FILE", help="put the table into this document, too")


def record(path, name, how, heads, rows, more=()):
    """Writes the table, and paragraphs behind it, into a document, if one is named."""
    if path:
        text = "\n\n".join([caption(how), markdown(heads, rows), *more])
        try:
            tables.record(path, name, text)
        except tables.Trouble as trouble:
            raise SystemExit(str(trouble)) from None

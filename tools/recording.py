"""Puts what a tool measured into a document, between two marks, with date, build and machine."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "benchmarks"))
import tables  # noqa: E402


def caption(how):
    """When, what and where, and how often or how long."""
    place = tables.machine()
    build = tables.build_name(os.environ.get("LOCKSTEP"))
    return (f"Measured {place['date']} {build} on {place['cores']} × {place['cpu']}, "
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

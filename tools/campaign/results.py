"""A file of results, a line of JSON each, with which an interrupted run goes on."""

import hashlib
import json
import os
import sys


class Results:
    """What one build has done: what another has, says nothing of this one."""

    def __init__(self, path, program):
        self.path = path
        self.build = None
        if path:
            with open(program, "rb") as file:
                self.build = hashlib.sha256(file.read()).hexdigest()

    def read(self):
        """What this build has done so far; lines of others, or cut off, are passed over."""
        if not self.path or not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        rows = [row for row in map(parsed, lines) if row.get("build") == self.build]
        if len(rows) < len(lines):
            print(
                f"{self.path}: {len(lines) - len(rows)} of {len(lines)} lines are of another build"
                " or cut off, and do not count",
                file=sys.stderr,
            )
        return rows

    def add(self, row):
        """Keeps what is done, on a line of its own also behind one that was cut off."""
        if not self.path:
            return
        with open(self.path, "a+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            begin = b"" if file.read(1) in (b"", b"\n") else b"\n"
            file.write(begin + json.dumps({"build": self.build, **row}).encode() + b"\n")


def parsed(line):
    """The object of a line; an empty one if it holds none."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}

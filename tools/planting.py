"""Reads the files of tools/planted-bugs and plants them into a copy of the sources.

A file says what the bug is and names lines of the product and what stands in their place:

    what: one sentence
    list: its name in the list that every simulator is held to, or "own"
    where: processes, if the simulation does without these lines
    mode: bft, if it is searched for among liars

    @@ Sources/Raft/RaftCore+Commitment.swift
      the original lines, which must stand there exactly once
    ->
      the lines instead; PLANTED is true in a process that has this bug

Leading blanks do not count in the comparison. No two bugs may replace the same line.
"""

import pathlib
import shutil

BUGS = pathlib.Path("tools/planted-bugs")
COPY = pathlib.Path(".build-mutants/package")
COPIED = ["Package.swift", "Sources", "Jepsen-style"]

SWITCH_C = """
#include "CSystem.h"
#include <stdlib.h>

static uint64_t planted_bug;

// Before main, so that asking is one comparison: FNV-1a over the name.
__attribute__((constructor)) static void choose(void) {
  const char *name = getenv("LOCKSTEP_PLANTED_BUG");
  if (!name || !*name) return;
  uint64_t bug = 0xcbf29ce484222325u;
  for (; *name; name++) bug = (bug ^ (unsigned char)*name) * 0x100000001b3u;
  planted_bug = bug;
}

int lockstep_is_planted(uint64_t bug) { return planted_bug == bug; }
"""

SWITCH_SWIFT = """
import CSystem

package func isPlanted(_ bug: UInt64) -> Bool { lockstep_is_planted(bug) != 0 }
"""


class Broken(Exception):
    """A bug that cannot be planted, and why."""


class Edit:
    def __init__(self, bug, path):
        self.bug = bug
        self.path = path
        self.original = []
        self.instead = []

    def place_in(self, lines):
        wanted = [line.strip() for line in self.original]
        found = [line.strip() for line in lines]
        starts = range(len(found) - len(wanted) + 1)
        places = [start for start in starts if found[start : start + len(wanted)] == wanted]
        if len(places) != 1:
            raise Broken(
                f"{self.bug.id}: {self.path} has {len(places)} places instead of one with\n"
                + "\n".join(self.original)
            )
        return range(places[0], places[0] + len(wanted))


class Bug:
    def __init__(self, path):
        self.id = path.stem
        self.what = ""
        self.list = ""
        self.where = "simulation"
        self.mode = "raft"
        self.edits = []
        target = None
        for line in path.read_text().splitlines():
            if line.startswith("@@ "):
                self.edits.append(Edit(self, line[3:].strip()))
                target = self.edits[-1].original
            elif line == "->":
                target = self.edits[-1].instead
            elif target is not None:
                target.append(line.replace("PLANTED", self.condition))
            elif line.startswith("what: "):
                self.what = line[6:]
            elif line.startswith("list: "):
                self.list = line[6:]
            elif line == "where: processes":
                self.where = "processes"
            elif line == "mode: bft":
                self.mode = "bft"
            elif line.strip():
                raise Broken(f"{path}: what is '{line}'?")
        for edit in self.edits:
            strip_blank_ends(edit.original)
            strip_blank_ends(edit.instead)
        if not (self.what and self.list and self.edits and all(e.original for e in self.edits)):
            raise Broken(f"{path} is not complete")

    @property
    def condition(self):
        value = 0xCBF29CE484222325
        for byte in self.id.encode():
            value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
        return f"isPlanted({value:#x})"


def strip_blank_ends(lines):
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()


def bugs():
    return [Bug(path) for path in sorted(BUGS.glob("*.bug"))]


def planted_files(bugs):
    """The text of every file that has a bug, with all of them in it."""
    edits = {}
    for bug in bugs:
        for edit in bug.edits:
            edits.setdefault(edit.path, []).append(edit)
    files, problems = {}, []
    for path, of_file in edits.items():
        try:
            files[path] = planted(path, of_file)
        except Broken as problem:
            problems.append(str(problem))
    if problems:
        raise Broken("\n".join(problems))
    return files


def planted(path, edits):
    try:
        lines = pathlib.Path(path).read_text().splitlines()
    except FileNotFoundError:
        raise Broken(f"{edits[0].bug.id}: there is no {path}") from None
    problems, places = [], []
    for edit in edits:
        try:
            places.append((edit.place_in(lines), edit))
        except Broken as problem:
            problems.append(str(problem))
    places.sort(key=lambda pair: pair[0].start)
    for (one, edit), (other, later) in zip(places, places[1:]):
        if other.start < one.stop:
            problems.append(f"{edit.bug.id} and {later.bug.id} replace the same line of {path}")
    if problems:
        raise Broken("\n".join(problems))
    for place, edit in reversed(places):
        lines[place.start : place.stop] = edit.instead
    if "import Wire" not in " ".join(lines) and "/Wire/" not in path:
        lines.insert(0, "import Wire")
    return "\n".join(lines) + "\n"


def plant(bugs):
    """Brings the copy of the sources up to date; what has not changed keeps its time."""
    files = {path: text.encode() for path, text in planted_files(bugs).items()}
    files["Sources/CSystem/planted.c"] = SWITCH_C.encode()
    files["Sources/Wire/Planted.swift"] = SWITCH_SWIFT.encode()
    header = "Sources/CSystem/include/CSystem.h"
    declaration = b"#include <stddef.h>\n"
    files[header] = pathlib.Path(header).read_bytes().replace(
        declaration, declaration + b"\nint lockstep_is_planted(uint64_t bug);\n"
    )
    for name in COPIED:
        root = pathlib.Path(name)
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file():
                files.setdefault(str(path), path.read_bytes())
    COPY.mkdir(parents=True, exist_ok=True)
    for path in [path for path in COPY.rglob("*") if path.is_file() and not path.is_symlink()]:
        if str(path.relative_to(COPY)) not in files:
            path.unlink()
    for name, content in files.items():
        path = COPY / name
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    link_tests()


def link_tests():
    """The manifest names them, and nobody builds them."""
    tests = COPY / "Tests"
    if not tests.is_symlink():
        shutil.rmtree(tests, ignore_errors=True)
        tests.symlink_to(pathlib.Path("Tests").resolve())

#!/usr/bin/env python3
"""The data of the demo, and the proof that it came back.

  languages.py make OUT            iso-codes' iso_639-3 as NDJSON, one document a line
  languages.py verify FOLDER [K]   compares what went in with what came out; K leaders killed
"""
import json
import re
import sys

SOURCE = "/usr/share/iso-codes/json/iso_639-3.json"
PAUSE_MAX_MS = 2000


def make(out):
    with open(SOURCE, encoding="utf-8") as file:
        languages = json.load(file)["639-3"]
    languages.sort(key=lambda language: language["alpha_3"].encode())
    with open(out, "w", encoding="utf-8") as file:
        for language in languages:
            document = {"_id": language["alpha_3"], **language}
            file.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(f"{len(languages)} languages in {out}")


def lines_of(path):
    with open(path, "rb") as file:
        return file.read().splitlines()


def verify(folder, kills):
    sent = lines_of(f"{folder}/languages.ndjson")
    found = lines_of(f"{folder}/exported.ndjson")
    with open(f"{folder}/import.json", encoding="utf-8") as file:
        result = json.load(file)
    with open(f"{folder}/demo.log", encoding="utf-8") as file:
        log = file.read()
    killed = [int(n) for n in re.findall(r"killed .*the leader.* at (\d+) documents", log)]
    terms = [int(n) for n in re.findall(r"n\d+ leads, term (\d+), after", log)]
    ids = [json.loads(line)["_id"] for line in found]
    missing = len(set(sent) - set(found))
    twice = len(ids) - len(set(ids))
    shares = [100 * count / len(sent) for count in killed]
    checks = [
        ("documents sent", len(sent), True),
        ("acknowledged", result["acknowledged"], result["acknowledged"] == len(sent)),
        ("retried", result["retried"], result["retried"] > 0),
        ("failed", result["failed"], result["failed"] == 0),
        ("leaders killed (-9)", len(killed), len(killed) == kills),
        ("leaders after them", f"terms {terms}", len(terms) == kills and min(terms) > 1),
        ("killed at", ", ".join(f"{share:.0f} %" for share in shares),
         all(20 <= share <= 80 for share in shares)),
        ("found again", len(found), len(found) == len(sent)),
        ("missing or changed", missing, missing == 0),
        ("found twice", twice, twice == 0),
        ("equal byte for byte", "yes" if sent == found else "no", sent == found),
        ("longest pause", f"{result['longest_pause_ms']} ms (under {PAUSE_MAX_MS})",
         result["longest_pause_ms"] < PAUSE_MAX_MS),
    ]
    width = max(len(name) for name, _, _ in checks)
    print()
    for name, value, is_good in checks:
        print(f"  {'ok ' if is_good else 'BAD'}  {name:<{width}}  {value}")
    print()
    return all(is_good for _, _, is_good in checks)


def main(words):
    if len(words) == 2 and words[0] == "make":
        make(words[1])
        return 0
    if len(words) in (2, 3) and words[0] == "verify":
        return 0 if verify(words[1], int(words[2]) if len(words) == 3 else 1) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which stage of a request a function belongs to, by the beginning of its name.

A name is `Room.Type.member`; the first pattern that matches decides. What the Swift runtime and the
C library do has no stage of its own: it is counted, in a column, for the stage that asked for it.
"""
import functools
import re
import shutil
import subprocess

SWIFT = shutil.which("swift") or "/opt/swift/usr/bin/swift"

STAGES = [
    ("reply", r"Server\.ClientTraffic\.(answer|sendWritten)|Replication\.PendingReplies"
              r"|Replication\.Replica\.(reply|answer)|ClientProtocol\.(Reply|CommandReply)"
              r"|Server\.LockstepServer\.replyHead"),
    ("codec", r"Wire\.|ClientProtocol\.|C\.lockstep_crc32c|Replication\.PeerMessage"
              r"|Raft\.RaftMessage|\w+\.[\w<>.]*\.(encode\(into:\)|init\(from:|encodedSize)"),
    ("sessions", r"Replication\.(ClientSessions|Session|SealedOutcome|ReplyToken)"
                 r"|Consensus\.RequestKey"),
    ("store", r"Documents\.|BSON\."),
    ("journal", r"Storage\.|Server\.JournalThread"),
    ("network", r"Transport\.|Server\.|C\.lockstep_"),
    ("raft", r"Raft\.|Consensus\."),
    ("replica", r"Replication\."),
]
OTHER = "other"
STAGE_NAMES = [name for name, _ in STAGES] + [OTHER]
MEANINGS = {
    "network": "the loop, sockets, frames to their owners, admission",
    "codec": "frames, requests, commands, records, checksums",
    "replica": "orders what the core decided, applies",
    "raft": "log, terms, quorums, effects, invariants",
    "sessions": "exactly once",
    "store": "collections and documents",
    "journal": "segments, writes, syncs",
    "reply": "from the applied result to the connection",
    OTHER: "start-up, threads, what no stage asked for",
}

# What the runtime does, in the order of the columns; the last takes the rest.
RUNTIME = [
    ("counting", r"swift_(nonatomic_)?(retain|release|bridgeObject|unowned|weak|isUniquely|"
                 r"tryRetain|unknownObject)|.*RefCounts|_swift_release_dealloc"),
    ("memory", r"(_int_)?(malloc|free|realloc|calloc)|swift_(alloc|dealloc|slow)|_?swift_alloc|"
               r".*(deallocClassInstance|operator new|operator delete)|_Zn|_Zd|tcache|sysmalloc|"
               r"unlink_chunk|.*__deallocating_deinit|.*swift_isStackAlloc"),
    ("copying", r"__?mem|memcpy|memmove|memset|memcmp|swift_array|outlined|initializeWith|"
                r"initializeBuffer|assignWith|destroy"),
    ("exclusivity", r"swift_(begin|end)Access|.*AccessSet|__tls_get_addr|.*SwiftTLSContext"),
    ("generics", r""),
]
OWN = "own"
COLUMNS = [OWN] + [name for name, _ in RUNTIME]

LEADING = re.compile(
    r"(specialized |static |merged |partial apply for |implicit |closure #\d+ [^ ]*? ?in |"
    r"closure #\d+ in |protocol witness for |default argument \d+ of |@objc |"
    r"reabstraction thunk helper |thunk for )+")
MADE_BY_COMPILER = re.compile(
    r"outlined |initializeWith|initializeBuffer|assignWith|destroy for|value witness|"
    r"destructive|getEnumTag|storeEnumTag|lazy |type metadata|generic not re-abstracted")


@functools.lru_cache(maxsize=None)
def _first(name, table):
    for meaning, pattern in table:
        if re.match(pattern, name):
            return meaning
    return None


class Names:
    """Readable names of symbols, each made once."""

    def __init__(self, symbols):
        plain = sorted({self.bare(symbol) for symbol in symbols})
        readable = subprocess.run([SWIFT, "demangle", "--simplified"], input="\n".join(plain),
                                  capture_output=True, text=True, check=True).stdout.splitlines()
        self.readable = dict(zip(plain, readable))

    @staticmethod
    def bare(symbol):
        """Callgrind marks a function's recursion by an apostrophe and a number."""
        return symbol.split("'", 1)[0]

    def of(self, symbol):
        return self.readable[self.bare(symbol)]

    def stage(self, symbol):
        """The stage of our own function, or None for one of the runtime."""
        room = re.match(r"\$s(\d+)", symbol)
        if room:
            start = room.end()
            module = symbol[start:start + int(room.group(1))]
        elif symbol.startswith("lockstep_"):
            return _first("C." + self.bare(symbol), tuple(STAGES))
        else:
            return None
        name = self.of(symbol)
        if MADE_BY_COMPILER.search(name):
            return None
        return _first(f"{module}.{LEADING.sub('', name)}", tuple(STAGES))

    def column(self, symbol):
        """The column in which a function of the runtime counts."""
        name = LEADING.sub("", self.of(symbol))
        return _first(name, tuple(RUNTIME)) or RUNTIME[-1][0]

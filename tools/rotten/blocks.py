"""The blocks of a node's files, by class, and how one is made wrong."""
import os
import struct

BLOCK = 512
# Of a segment's header: its size, and where its number stands. Of a record: its size without
# payload.
HEADER, SEGMENT_NUMBER, RECORD = 4096, 48, 40


class Block:
    """One block of one file, and what stood in it."""

    def __init__(self, path, number):
        self.path, self.number = path, number
        with open(path, "rb") as file:
            file.seek(number * BLOCK)
            self.before = file.read(BLOCK)
        self.after, self.list = self.before, None

    def damage(self, cluster, node, fault, chance):
        if fault == "unreadable":
            self.list = f"{cluster.folder}/n{node}.unreadable"
            inode = os.stat(self.path).st_ino
            cluster.unreadable(node, f"{inode} {self.number * BLOCK} {len(self.before)}\n")
            return
        if fault == "zero":
            self.after = bytes(len(self.before))
        else:
            wrong = bytearray(self.before)
            for _ in range(chance.randint(1, 8)):
                wrong[chance.randrange(len(wrong))] ^= 1 << chance.randrange(8)
            self.after = bytes(wrong)
        self.write(self.after)

    def write(self, content):
        with open(self.path, "r+b") as file:
            file.seek(self.number * BLOCK)
            file.write(content)

    def is_there(self):
        """Whether the damage still stands in a file of this name."""
        if self.list and not os.path.getsize(self.list):
            return False
        try:
            if self.list:
                with open(self.list, encoding="utf-8") as file:
                    return int(file.read().split()[0]) == os.stat(self.path).st_ino
            with open(self.path, "rb") as file:
                file.seek(self.number * BLOCK)
                return file.read(BLOCK) == self.after != self.before
        except FileNotFoundError:
            return False

    def mend(self, cluster, node):
        if self.is_there() and not self.list:
            self.write(self.before)
        cluster.unreadable(node, "")


def written_blocks(path):
    """How many blocks the header and the records take (docs/formats/journal.md, sections 4 and 5).

    Behind them a segment that was used before holds its old records, which say another number.
    """
    with open(path, "rb") as file:
        content = file.read()
    number = struct.unpack_from("<Q", content, SEGMENT_NUMBER)[0]
    end = HEADER
    while end + RECORD <= len(content):
        length, = struct.unpack_from("<I", content, end + 8)
        if struct.unpack_from("<Q", content, end + 24)[0] != number:
            break
        end += (RECORD + length + 7) // 8 * 8
    return max(HEADER // BLOCK + 1, (end + BLOCK - 1) // BLOCK)


def blocks(path):
    return (os.path.getsize(path) + BLOCK - 1) // BLOCK


def choose(cluster, node, kind, chance):
    """A block of this class; nil if the node has none now."""
    segments = cluster.files(node, r"journal-\d{16}\.seg")
    spares = cluster.files(node, r"journal-spare-\d+\.seg")
    snapshots = cluster.files(node, r"snapshot-\d{16}\.snap")
    end = written_blocks(segments[-1])
    path, low, high = {
        "identity": (f"{cluster.folder}/n{node}/identity", 0, None),
        "boot": (f"{cluster.folder}/n{node}/boot", 0, None),
        "segment header": (chance.choice(segments), 0, 8),
        "cold segment": (chance.choice(segments[:-1]) if segments[1:] else None, 8, None),
        "last segment": (segments[-1], 8, end),
        "newest records": (segments[-1], max(8, end - 32), end),
        "unwritten": (segments[-1], end, None),
        "spare": (chance.choice(spares) if spares else None, 0, None),
        "newest snapshot": (snapshots[-1] if snapshots else None, 0, None),
        "older snapshot": (snapshots[0] if snapshots[1:] else None, 0, None),
    }[kind]
    if path is None:
        return None
    high = blocks(path) if high is None else high
    return Block(path, chance.randrange(low, high)) if low < high else None

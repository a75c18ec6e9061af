"""The few frames of docs/formats/wire.md that a hostile client needs, made cheaply.

A frame of 1 MiB is sent thousands of times with another sequence each time: the checksum of its
tail is computed once and joined with that of each new head.
"""
import struct

POLYNOMIAL = 0x82F63B78
HELLO, HELLO_ACK, OPEN_SESSION, WRITE, READ = 1, 2, 16, 18, 19
RESULT, ERROR, SESSION = 64, 65, 66
MAY_FORWARD = 4
OVERLOADED = "overloaded"


def _byte_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _byte_table()


def _run(register, data):
    """CRC-32C's register after these bytes, without its first and last inversion."""
    table = _TABLE
    for byte in data:
        register = register >> 8 ^ table[(register ^ byte) & 0xFF]
    return register


class Tail:
    """Bytes at the end of many frames, and what they do to a checksum begun before them."""

    def __init__(self, data):
        self.data = data
        self.own = _run(0, data)
        # What as many zero bytes do to each bit of the register: by squaring (see zlib's
        # crc32_combine).
        result, square, count = [1 << bit for bit in range(32)], \
            [_run(1 << bit, b"\0") for bit in range(32)], len(data)
        while count:
            if count & 1:
                result = [self._times(square, column) for column in result]
            square = [self._times(square, column) for column in square]
            count >>= 1
        self.tables = [[self._times(result, byte << 8 * place) for byte in range(256)]
                       for place in range(4)]

    @staticmethod
    def _times(matrix, vector):
        total = 0
        for column in matrix:
            if vector & 1:
                total ^= column
            vector >>= 1
        return total

    def after(self, register):
        moved = 0
        for table in self.tables:
            moved ^= table[register & 0xFF]
            register >>= 8
        return moved ^ self.own


def head(kind, request_id, payload, tail=None, flags=MAY_FORWARD):
    """The bytes of a frame before its tail; without a tail they are the whole frame."""
    size = 16 + len(payload) + (len(tail.data) if tail else 0)
    length = struct.pack("<I", size)
    rest = struct.pack("<BBBBQ", 1, kind, flags, 0, request_id) + payload
    register = _run(_run(0xFFFFFFFF, length), rest)
    if tail:
        register = tail.after(register)
    return length + struct.pack("<I", register ^ 0xFFFFFFFF) + rest


def text(value):
    return struct.pack("<H", len(value)) + value.encode()


def hello():
    return head(HELLO, 0, struct.pack("<BQQHH", 1, 0, 0, 1, 1) + text("flood"), flags=0)


def put_tail(key, size):
    """The part of every write frame that is equal: the command."""
    place = text("default") + text("kv")
    return Tail(struct.pack("<HQB", 1, 0, 16) + place + text(key)
                + struct.pack("<I", size) + bytes(range(256)) * (size // 256)
                + bytes(size % 256))


def write_head(session, sequence, answered, tail):
    return head(WRITE, sequence, struct.pack("<QQQ", session, sequence, answered), tail)


class Answers:
    """Cuts what a node says into (kind, request id, start of the payload); bodies are skipped."""

    HEAD = 100

    def __init__(self):
        self.buffer = bytearray()
        self.skip = 0

    def feed(self, data):
        if self.skip >= len(data):
            self.skip -= len(data)
            return
        self.buffer += data[self.skip:] if self.skip else data
        self.skip = 0
        while len(self.buffer) >= 20:
            size = 4 + struct.unpack_from("<I", self.buffer)[0]
            seen = min(size, self.HEAD)
            if len(self.buffer) < seen:
                return
            kind, request_id = self.buffer[9], struct.unpack_from("<Q", self.buffer, 12)[0]
            payload = bytes(self.buffer[20:seen])
            self.skip = max(0, size - len(self.buffer))
            del self.buffer[:size]
            yield kind, request_id, payload


def behind_head(payload):
    """What follows an answer's head: node, leader, the leader's address and a revision."""
    return payload[18 + struct.unpack_from("<H", payload, 8)[0]:]

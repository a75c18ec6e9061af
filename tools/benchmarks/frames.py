"""Just enough of docs/formats/wire.md to ask one node, and no other, for one value."""
import socket
import struct

HELLO, HELLO_ACK, READ, RESULT = 1, 2, 19, 64
LINEARIZABLE, KV_GET, ITEM = 1, 8, 1


def crc32c(data):
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def frame(kind, request, payload):
    behind = struct.pack("<BBBBQ", 1, kind, 0, 0, request) + payload
    length = struct.pack("<I", 4 + len(behind))
    return length + struct.pack("<I", crc32c(length + behind)) + behind


def text(words):
    return struct.pack("<H", len(words)) + words.encode()


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError("the node closed the connection")
        data += part
    return data


def next_frame(connection):
    """The kind and the payload of a frame."""
    length, = struct.unpack("<I", receive(connection, 4))
    rest = receive(connection, length)
    return rest[5], rest[16 + 4 * rest[7]:]


def reads(port, node, key):
    """Whether this node itself answers a linearizable read of a key of `bench`, and finds a value."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        hello = struct.pack("<BQQHH", 1, 0, 0, 1, 1) + text("benchmark")
        connection.sendall(frame(HELLO, 0, hello))
        if next_frame(connection)[0] != HELLO_ACK:
            return False
        query = struct.pack("<HQB", 1, 0, KV_GET) + text("default") + text("bench") + text(key)
        read = struct.pack("<BIQBH", LINEARIZABLE, 0, 0, 0, 0) + query
        connection.sendall(frame(READ, 1, read))
        kind, payload = next_frame(connection)
        answering, = struct.unpack_from("<I", payload)
        address, = struct.unpack_from("<H", payload, 8)
        return kind == RESULT and answering == node and payload[18 + address:][:2] == b"\x01\x01"

import ClientProtocol
import Wire

/// Results on their way to one client, written one behind the other.
struct ReplyPiece {
  /// A piece of this size is sent before more is added.
  static let sizeMax = 16 << 10

  /// What stands before every answer, but for the revision.
  private var head: Reply.Head
  private(set) var client: ClientState?
  private(set) var writer: ByteWriter

  init(head: Reply.Head, writer: ByteWriter) {
    self.head = head
    self.writer = writer
  }

  var isFull: Bool { writer.count >= Self.sizeMax }

  mutating func begin(for client: ClientState) {
    self.client = client
    writer.removeAll()
  }

  mutating func add(_ bytes: [UInt8], to requestID: UInt64, revision: UInt64) {
    head.revision = revision
    Reply.writeResultFrame(into: &writer, requestID: requestID, head) {
      $0.writeRaw(bytes)
    }
  }

  mutating func add(_ bytes: CompactBytes, to requestID: UInt64, revision: UInt64) {
    head.revision = revision
    Reply.writeResultFrame(into: &writer, requestID: requestID, head) {
      $0.writeRaw(bytes)
    }
  }
}

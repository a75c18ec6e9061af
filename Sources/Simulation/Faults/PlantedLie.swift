import ClientProtocol
import Consensus
import Wire

/// A memory fault: from an entry on, a node's results come to something else than the others'.
///
/// One entry that changes something goes wrong, before any digest is folded; what follows is
/// carried out on what that left. Clients see nothing of it, so that everything else can still be
/// checked; it ends with the process, as what is in memory does.
struct PlantedLie {
  /// What goes wrong.
  enum Kind: UInt64, CaseIterable {
    /// Other bytes are stored.
    case value
    /// They are stored in another place.
    case name
    /// Nothing is changed.
    case omission
    /// The right thing is done, and another answer remembered.
    case reply
  }

  /// The first entry that may go wrong.
  let from: LogIndex
  /// How; two nodes can be wrong in the same way, or each in its own.
  let error: UInt64

  /// What goes wrong.
  var kind: Kind { Kind(rawValue: error % 4) ?? .value }

  /// What is carried out instead of a command; nil for nothing.
  func falsified(_ command: Bytes) -> Bytes? {
    guard kind != .omission, var wrong = try? Command(decoding: command.array) else { return nil }
    switch (wrong.operation, kind) {
    case (.kvPut(let key, let value), .name):
      wrong.operation = .kvPut(key: flipped(key), value: value)
    case (.kvPut(let key, let value), _):
      wrong.operation = .kvPut(key: key, value: flipped(value))
    case (.kvIncrement(let key, let amount), .name):
      wrong.operation = .kvIncrement(key: flipped(key), by: amount)
    case (.kvIncrement(let key, let amount), _):
      wrong.operation = .kvIncrement(key: key, by: amount + 1)
    case (.put(let id, let document), .name):
      wrong.operation = .put(id: flipped(id), document: document)
    case (.put(let id, let document), _):
      wrong.operation = .put(id: id, document: flipped(document))
    default: return nil
    }
    return Bytes(wrong.encoded())
  }

  /// A reply with a bit that is wrong.
  func falsified(_ reply: CompactBytes) -> CompactBytes {
    CompactBytes(flipped(reply.array))
  }

  /// The last digit is another one, which leaves a document well-formed; without digits a bit is.
  private func flipped(_ bytes: [UInt8]) -> [UInt8] {
    var wrong = bytes
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let place = wrong.lastIndex { digits.contains($0) } ?? wrong.count - 1
    wrong[place] ^= 1
    return wrong
  }
}

/// The fields of a document in their order, each decoded when it is reached.
package struct BSONFields: Sequence, IteratorProtocol, Sendable {
  private let bytes: [UInt8]
  private var position = 4

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next field; nil after the last.
  package mutating func next() -> (name: String, value: BSONValue)? {
    guard let element = bytes.element(at: position) else { return nil }
    position = element.value.upperBound
    return (bytes.string(in: element.name), bytes.value(of: element))
  }
}

import BSON
import ClientProtocol
import FoundationEssentials

/// A value while it is being encoded: containers are filled after they were handed out.
final class EncodingNode {
  private enum Content {
    case value(BSONValue)
    case fields([(name: String, node: EncodingNode)])
    case elements([EncodingNode])
  }

  private var content: Content?

  init(_ value: BSONValue? = nil) {
    content = value.map { .value($0) }
  }

  /// How many elements an array has so far.
  var count: Int {
    if case .elements(let nodes) = content { nodes.count } else { 0 }
  }

  func becomeFields() {
    if case .fields = content { return }
    content = .fields([])
  }

  func becomeElements() {
    if case .elements = content { return }
    content = .elements([])
  }

  func become(_ node: EncodingNode) {
    content = node.content
  }

  func add(_ node: EncodingNode, for name: String) {
    guard case .fields(var fields) = content else { return }
    content = nil  // Leaves the array a single owner, so that appending copies nothing.
    fields.append((name, node))
    content = .fields(fields)
  }

  func add(_ node: EncodingNode) {
    guard case .elements(var nodes) = content else { return }
    content = nil
    nodes.append(node)
    content = .elements(nodes)
  }

  /// The finished value; a type that encoded nothing is an empty document.
  func finished() throws(BSONError) -> BSONValue {
    switch content {
    case .value(let value): return value
    case .elements(let nodes):
      var values: [BSONValue] = []
      for node in nodes { values.append(try node.finished()) }
      return .array(values)
    case .fields(let fields):
      var builder = BSONBuilder()
      for field in fields { try builder.append(field.node.finished(), for: field.name) }
      return .document(try builder.finish())
    case nil: return .document(.empty)
    }
  }

  /// Encodes a value: the kinds BSON has of its own, else whatever the type itself does.
  static func encode(_ value: some Encodable, at path: [any CodingKey]) throws -> EncodingNode {
    switch value {
    case let json as JSON: return EncodingNode(json.value)
    case let id as DocumentID: return EncodingNode(id.value)
    case let date as Date: return EncodingNode(.datetime(try milliseconds(of: date, at: path)))
    case let data as Data: return EncodingNode(.binary(subtype: 0, bytes: Array(data)))
    default:
      let node = EncodingNode()
      try value.encode(to: ValueEncoder(node, path))
      return node
    }
  }

  /// Encodes a whole number in the smallest kind that holds it.
  static func encode(
    integer: some FixedWidthInteger,
    at path: [any CodingKey]
  ) throws(LockstepError) -> EncodingNode {
    if let small = Int32(exactly: integer) { return EncodingNode(.int32(small)) }
    if let large = Int64(exactly: integer) { return EncodingNode(.int64(large)) }
    throw LockstepError(
      .numberOutOfRange,
      "\(path.dotted): \(integer) does not fit a signed 64-bit number"
    )
  }

  private static func milliseconds(of date: Date, at path: [any CodingKey]) throws -> Int64 {
    let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded()
    guard let whole = Int64(exactly: milliseconds) else {
      throw LockstepError(.numberOutOfRange, "\(path.dotted): the date is out of range")
    }
    return whole
  }
}

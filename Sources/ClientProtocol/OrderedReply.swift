package import Wire

/// What became of a signed request at its place in the order, in one node's words.
///
/// A client believes what f+1 nodes say alike: number, index and answer. It comes on every
/// connection that has attached itself to the request's session, whoever the request was sent to.
package struct OrderedReply: Equatable, Sendable {
  /// What the request did to its session, as in its envelope.
  package var requestKind: UInt8
  /// The session's id, or the nonce of a registration.
  package var session: UInt64
  /// The number of the request in its session.
  package var sequence: UInt64
  /// Where it was ordered; nodes' replies are compared with it.
  package var index: UInt64
  /// The node's view: it says whom to ask next, and is not compared.
  package var view: UInt64
  /// The answer.
  package var body: Reply.Body

  package init(
    requestKind: UInt8,
    session: UInt64,
    sequence: UInt64,
    index: UInt64,
    view: UInt64,
    body: Reply.Body
  ) {
    self.requestKind = requestKind
    self.session = session
    self.sequence = sequence
    self.index = index
    self.view = view
    self.body = body
  }

  /// Appends the whole frame; it belongs to no request id.
  package func writeFrame(into writer: inout ByteWriter) {
    let head = FrameHead(kind: FrameKind.orderedReply.rawValue, requestID: 0)
    writer.writeFrame(head) { encode(into: &$0) }
  }
}

extension OrderedReply: WireCodable {
  /// Writes kind, session, sequence, index, view and the answer's kind and bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(requestKind)
    writer.write(session)
    writer.write(sequence)
    writer.write(index)
    writer.write(view)
    writer.write(body.kind.rawValue)
    body.encode(into: &writer)
  }

  /// Reads an answer.
  package init(from reader: inout ByteReader) throws(WireError) {
    requestKind = try reader.read()
    session = try reader.read()
    sequence = try reader.read()
    index = try reader.read()
    view = try reader.read()
    let offset = reader.offset
    guard let kind = FrameKind(rawValue: try reader.read()) else {
      throw .badValue("reply kind", offset: offset)
    }
    body = try Reply.Body(kind, from: &reader)
  }
}

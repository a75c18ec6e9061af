package import Wire

extension MemberChange: WireCodable {
  /// Writes one byte for the kind, the node's number, and what the kind needs.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .add(let newcomer):
      writer.write(UInt8(1))
      writer.write(newcomer.id)
      writer.write(newcomer.incarnation)
      writer.writeText(newcomer.clientAddress, cutAt: Limits.addressSizeMax)
      writer.writeText(newcomer.peerAddress, cutAt: Limits.addressSizeMax)
      writer.write(newcomer.promotesItself)
      writer.write(newcomer.replaces)
    case .promote(let id):
      writer.write(UInt8(2))
      writer.write(id)
    case .remove(let id):
      writer.write(UInt8(3))
      writer.write(id)
    case .cancel(let id):
      writer.write(UInt8(5))
      writer.write(id)
    case .update(let id, let clientAddress, let peerAddress):
      writer.write(UInt8(4))
      writer.write(id)
      writer.writeText(clientAddress, cutAt: Limits.addressSizeMax)
      writer.writeText(peerAddress, cutAt: Limits.addressSizeMax)
    }
  }

  /// Reads a change; an unknown kind is refused, and so is the number 0, which is nobody's.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let kind = try reader.read(UInt8.self)
    let id = try reader.read(UInt32.self)
    guard id > 0 else { throw .badValue("node number", offset: offset) }
    switch kind {
    case 1:
      let incarnation = try reader.read(UInt64.self)
      guard incarnation > 0 else { throw .badValue("incarnation", offset: offset) }
      let client = try reader.readText(max: Limits.addressSizeMax)
      let peer = try reader.readText(max: Limits.addressSizeMax)
      self = .add(
        Newcomer(
          id: id,
          incarnation: incarnation,
          addresses: (client, peer),
          promotesItself: try reader.readBool(),
          replaces: try reader.read()
        )
      )
    case 2: self = .promote(id: id)
    case 3: self = .remove(id: id)
    case 4:
      self = .update(
        id: id,
        clientAddress: try reader.readText(max: Limits.addressSizeMax),
        peerAddress: try reader.readText(max: Limits.addressSizeMax)
      )
    case 5: self = .cancel(id: id)
    default: throw .badValue("kind of change of members", offset: offset)
    }
  }
}

package import Wire

/// A SHA-256.
private let digestSize = 32

extension Hello: WireCodable {
  /// Writes role, cluster, versions and what the role adds.
  package func encode(into writer: inout ByteWriter) {
    switch speaker {
    case .client: writer.write(UInt8(1))
    case .peer: writer.write(UInt8(2))
    }
    writer.write(clusterHigh)
    writer.write(clusterLow)
    writer.write(versions)
    switch speaker {
    case .client(let name): writer.writeText(name, cutAt: Limits.clientNameSizeMax)
    case .peer(let card):
      writer.write(card)
      if featureLevel > 1 || genesisDigest != nil { writer.write(featureLevel) }
      if let genesisDigest { writer.writeRaw(genesisDigest) }
    }
  }

  /// Reads a hello.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let role = try reader.read(UInt8.self)
    let high = try reader.read(UInt64.self)
    let low = try reader.read(UInt64.self)
    let versions = try VersionRange(from: &reader)
    let speaker: Speaker
    switch role {
    case 1: speaker = .client(name: try reader.readText(max: Limits.clientNameSizeMax))
    case 2: speaker = .peer(try reader.read())
    default: throw .badValue("role", offset: offset)
    }
    self.init(clusterHigh: high, clusterLow: low, versions: versions, speaker: speaker)
    // Earlier builds end here, and skip what follows.
    guard case .peer = speaker, reader.remaining > 0 else { return }
    featureLevel = try reader.read()
    if reader.remaining > 0 { genesisDigest = try reader.readRaw(digestSize) }
  }
}

extension Hello {
  /// Appends the whole frame.
  package func writeFrame(into writer: inout ByteWriter) {
    let head = FrameHead(kind: FrameKind.hello.rawValue, requestID: 0)
    writer.writeFrame(head) { $0.write(self) }
  }
}

extension HelloAck: WireCodable {
  /// Writes version, versions, cluster, node and limits.
  package func encode(into writer: inout ByteWriter) {
    writer.write(version)
    writer.write(versions)
    writer.write(clusterHigh)
    writer.write(clusterLow)
    writer.write(node)
    writer.write(frameSizeMax)
    writer.write(window)
    if let featureLevel { writer.write(featureLevel) }
    if let genesisDigest { writer.writeRaw(genesisDigest) }
  }

  /// Reads an answer; its versions need not be ours.
  package init(from reader: inout ByteReader) throws(WireError) {
    let version = try reader.read(UInt16.self)
    let versions = try VersionRange(from: &reader)
    self.init(
      version: version,
      clusterHigh: try reader.read(),
      clusterLow: try reader.read(),
      node: try reader.read()
    )
    self.versions = versions
    frameSizeMax = try reader.read()
    window = try reader.read()
    if reader.remaining > 0 { featureLevel = try reader.read() }
    if reader.remaining > 0 { genesisDigest = try reader.readRaw(digestSize) }
  }
}

extension HelloAck {
  /// Appends the whole frame.
  package func writeFrame(into writer: inout ByteWriter) {
    let head = FrameHead(kind: FrameKind.helloAck.rawValue, requestID: 0)
    writer.writeFrame(head) { $0.write(self) }
  }
}

extension VersionRange: WireCodable {
  /// Writes 4 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(lowest)
    writer.write(highest)
  }

  /// Reads a range; one that is upside down is refused.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(lowest: try reader.read(), highest: try reader.read())
    guard lowest <= highest else { throw .badValue("version range", offset: offset) }
  }
}

extension NodeCard: WireCodable {
  /// Writes 28 bytes.
  package func encode(into writer: inout ByteWriter) {
    writer.write(id)
    writer.write(incarnation)
    writer.write(boot)
    writer.write(durablePosition)
  }

  /// Reads a card.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      id: try reader.read(),
      incarnation: try reader.read(),
      boot: try reader.read(),
      durablePosition: try reader.read()
    )
  }
}

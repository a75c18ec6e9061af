package import Consensus

extension Block {
  /// The entries that it puts into the log, in order.
  package func entries(by authority: Authority) -> [Committed] {
    guard header.kind == .normal else { return [header.entry(.noOp, at: 0)] }
    var entries: [Committed] = []
    entries.reserveCapacity(Int(header.requestCount))
    for envelope in body {
      guard let client = authority.number(of: envelope.client) else {
        fatalError("only envelopes of the genesis' clients are in blocks")
      }
      for request in envelope.requests {
        entries.append(header.entry(.signed(request, by: client), at: entries.count))
      }
    }
    return entries
  }
}

extension BlockHeader {
  /// The first entry of every log: the members and settings of the genesis.
  package static func configurationEntry(_ configuration: ClusterConfiguration) -> Committed {
    genesis.entry(.configuration(configuration), at: 0)
  }

  fileprivate func entry(_ payload: Committed.Payload, at offset: Int) -> Committed {
    Committed(
      index: firstIndex + offset,
      term: Term(view.rawValue),
      logTimeMicroseconds: timeMicroseconds,
      wallMilliseconds: timeMicroseconds / 1_000,
      payload: payload
    )
  }
}

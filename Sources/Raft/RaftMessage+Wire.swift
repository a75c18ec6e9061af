import Consensus
package import Wire

// A message is: kind (1 byte), term (8), and its fields in the order of their declaration.
// A mark is index 8, term 8; a truth value is one byte. Entries are a 32-bit count, then each
// behind its 32-bit length (see LogEntry).
extension RaftMessage: WireCodable {
  /// Writes kind, term and fields.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind)
    writer.write(term)
    switch self {
    case .requestPreVote(_, let last):
      writer.write(last)
    case .preVoteAnswer(_, let isGranted), .voteAnswer(_, let isGranted):
      writer.write(isGranted)
    case .requestVote(_, let last, let isTransfer):
      writer.write(last)
      writer.write(isTransfer)
    case .appendEntries(let append):
      append.encodeFields(into: &writer)
    case .appendAccepted(_, let matchIndex, let hasRoom):
      writer.write(matchIndex)
      writer.write(hasRoom)
    case .appendRejected(_, let previousIndex, let hint):
      writer.write(previousIndex)
      writer.write(hint)
    case .heartbeat(_, let round, let commitIndex):
      writer.write(round)
      writer.write(commitIndex)
    case .heartbeatAnswer(_, let round, let verifiedIndex, let hasRoom):
      writer.write(round)
      writer.write(verifiedIndex)
      writer.write(hasRoom)
    case .commitAdvanced(_, let index), .appendStored(_, let index), .removed(_, let index):
      writer.write(index)
    case .requestReadIndex(_, let request):
      writer.write(request)
    case .readIndexAnswer(_, let request, let index):
      writer.write(request)
      writer.write(index)
    case .timeoutNow, .termPassed, .replaceMe, .replaced:
      break
    case .installSnapshot(let install):
      install.encodeFields(into: &writer)
    case .snapshotWanted(_, let place):
      writer.write(place.index)
      writer.write(place.offset)
    case .present(let presence):
      presence.encodeFields(into: &writer)
    case .remembered(_, let start, let isMore):
      writer.write(start)
      writer.write(isMore)
    case .askEnd(_, let nonce):
      writer.write(nonce)
    case .logEnds(let ends):
      ends.encodeFields(into: &writer)
    case .configurationCommitted(_, let nonce, let index):
      writer.write(nonce)
      writer.write(index)
    case .wantEntries(_, let nonce, let mark):
      writer.write(nonce)
      writer.write(mark)
    case .entriesEnding(let ending):
      ending.encodeFields(into: &writer)
    }
  }

  /// Reads a message and checks all of it.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    let kind = try reader.read(UInt8.self)
    let term = try reader.readTerm()
    switch kind {
    case 1: self = .requestPreVote(term: term, last: try reader.read())
    case 2: self = .preVoteAnswer(term: term, isGranted: try reader.readBool())
    case 3:
      self = .requestVote(term: term, last: try reader.read(), isTransfer: try reader.readBool())
    case 4: self = .voteAnswer(term: term, isGranted: try reader.readBool())
    case 5: self = .appendEntries(try AppendEntries(term: term, fieldsFrom: &reader))
    case 6:
      let matchIndex = try reader.readIndex()
      self = .appendAccepted(term: term, matchIndex: matchIndex, hasRoom: try reader.readBool())
    case 7:
      let previousIndex = try reader.readIndex()
      self = .appendRejected(term: term, previousIndex: previousIndex, hint: try reader.read())
    case 8:
      let round = try reader.read(UInt64.self)
      self = .heartbeat(term: term, round: round, commitIndex: try reader.readIndex())
    case 9:
      self = .heartbeatAnswer(
        term: term,
        round: try reader.read(),
        verifiedIndex: try reader.readIndex(),
        hasRoom: try reader.readBool()
      )
    case 10: self = .commitAdvanced(term: term, commitIndex: try reader.readIndex())
    case 11: self = .timeoutNow(term: term)
    case 12: self = .requestReadIndex(term: term, request: try reader.read())
    case 13:
      let request = try reader.read(ReadRequest.self)
      self = .readIndexAnswer(term: term, request: request, index: try reader.readIndex())
    case 14: self = .termPassed(term: term)
    case 15: self = .removed(term: term, configurationIndex: try reader.readIndex())
    case 16: self = .installSnapshot(try InstallSnapshot(term: term, fieldsFrom: &reader))
    case 17:
      let index = try reader.readIndex()
      let place = SnapshotPlace(index: index, offset: try reader.read())
      self = .snapshotWanted(term: term, place: place)
    case 18: self = .present(try Presence(term: term, fieldsFrom: &reader))
    case 19:
      let start = try reader.read(Showing.Start.self)
      self = .remembered(term: term, start: start, isMore: try reader.readBool())
    case 20: self = .appendStored(term: term, index: try reader.readIndex())
    case 21: self = .askEnd(term: term, nonce: try reader.read())
    case 22: self = .logEnds(try LogEnds(term: term, fieldsFrom: &reader))
    case 23:
      let nonce = try reader.read(UInt64.self)
      self = .wantEntries(term: term, nonce: nonce, mark: try reader.read())
    case 24: self = .entriesEnding(try EntriesEnding(term: term, fieldsFrom: &reader))
    case 25: self = .replaceMe(term: term)
    case 26: self = .replaced(term: term)
    case 27:
      let nonce = try reader.read(UInt64.self)
      let index = try reader.readIndex()
      self = .configurationCommitted(term: term, nonce: nonce, index: index)
    default: throw .badValue("Raft message kind", offset: offset)
    }
  }

  private var kind: UInt8 {
    switch self {
    case .requestPreVote: 1
    case .preVoteAnswer: 2
    case .requestVote: 3
    case .voteAnswer: 4
    case .appendEntries: 5
    case .appendAccepted: 6
    case .appendRejected: 7
    case .heartbeat: 8
    case .heartbeatAnswer: 9
    case .commitAdvanced: 10
    case .timeoutNow: 11
    case .requestReadIndex: 12
    case .readIndexAnswer: 13
    case .termPassed: 14
    case .removed: 15
    case .installSnapshot: 16
    case .snapshotWanted: 17
    case .present: 18
    case .remembered: 19
    case .appendStored: 20
    case .askEnd: 21
    case .logEnds: 22
    case .wantEntries: 23
    case .entriesEnding: 24
    case .replaceMe: 25
    case .replaced: 26
    case .configurationCommitted: 27
    }
  }
}

extension RaftMessage.AppendEntries {
  private static let entriesMax = 65_536

  fileprivate func encodeFields(into writer: inout ByteWriter) {
    writer.write(previous)
    writer.write(commitIndex)
    writer.write(UInt32(entries.count))
    for entry in entries {
      entry.encode(into: &writer)
    }
  }

  fileprivate init(term: Term, fieldsFrom reader: inout ByteReader) throws(WireError) {
    let previous = try reader.read(LogMark.self)
    let commitIndex = try reader.readIndex()
    let count = try reader.readCount(max: Self.entriesMax)
    var entries: [LogEntry] = []
    // What is left bounds what can be there: a stated count alone reserves nothing.
    entries.reserveCapacity(min(count, reader.remaining / LogEntry.headSize))
    var lastTerm = previous.term
    for place in 0..<count {
      let offset = reader.offset
      let entry = try LogEntry(from: &reader, at: previous.index + (place + 1))
      guard entry.term >= lastTerm, entry.term <= term else {
        throw .badValue("order of entry terms", offset: offset)
      }
      lastTerm = entry.term
      entries.append(entry)
    }
    self.init(term: term, previous: previous, commitIndex: commitIndex, entries: entries)
  }
}

extension RaftMessage.InstallSnapshot {
  private static let offsetMax: UInt64 = 1 << 62

  fileprivate func encodeFields(into writer: inout ByteWriter) {
    writer.write(mark)
    writer.write(part.place.offset)
    writer.write(part.isLast)
    writer.writeBlob(part.bytes)
  }

  fileprivate init(term: Term, fieldsFrom reader: inout ByteReader) throws(WireError) {
    let start = reader.offset
    let mark = try reader.read(LogMark.self)
    let offset = try reader.read(UInt64.self)
    guard mark.index > .zero, mark.term <= term, offset <= Self.offsetMax else {
      throw .badValue("snapshot", offset: start)
    }
    let isLast = try reader.readBool()
    let part = InstallPart(
      at: SnapshotPlace(index: mark.index, offset: offset),
      bytes: try reader.readBlob(max: InstallPart.sizeMax),
      isLast: isLast
    )
    self.init(term: term, mark: mark, part: part)
  }
}

extension RaftMessage.Presence {
  fileprivate func encodeFields(into writer: inout ByteWriter) {
    writer.write(showing)
    writer.write(last)
    writer.write(isAsking)
    writer.write(news)
    guard let configuration else { return }
    writer.write(configurationIndex)
    writer.write(configuration)
  }

  fileprivate init(term: Term, fieldsFrom reader: inout ByteReader) throws(WireError) {
    self.init(
      term: term,
      showing: try reader.read(),
      last: try reader.read(),
      isAsking: try reader.readBool(),
      news: try reader.readShowings()
    )
    guard reader.remaining > 0 else { return }
    let offset = reader.offset
    configurationIndex = try reader.readIndex()
    let configuration = try reader.read(ClusterConfiguration.self)
    try Membership.validate(configuration, at: offset)
    self.configuration = configuration
  }
}

extension RaftMessage.ReadRequest: WireCodable {
  /// Writes boot and counter.
  package func encode(into writer: inout ByteWriter) {
    writer.write(boot)
    writer.write(counter)
  }

  /// Reads a request's name.
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(boot: try reader.read(), counter: try reader.read())
  }
}

extension LogMark: WireCodable {
  /// Writes index and term.
  package func encode(into writer: inout ByteWriter) {
    writer.write(index)
    writer.write(term)
  }

  /// Reads a mark; before the first entry there is no term.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(index: try reader.readIndex(), term: try reader.readTerm())
    guard index > .zero || term == Term(0) else { throw .badValue("mark", offset: offset) }
  }
}

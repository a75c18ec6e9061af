/// One operation of the store's own, with its answer (docs/formats/history.md, model `document`).
struct DocumentCall: Sendable {
  /// What is asked.
  enum Action: Hashable, Sendable {
    case get
    case put(HistoryValue)
    case insert(HistoryValue)
    case replace(HistoryValue, ifRevision: UInt64?)
    case delete(ifRevision: UInt64?)
    case increment(by: Int64)
    case scan(KeySpan, ScanOrder)
    case count(KeySpan)
  }

  /// Keys from one, included, to another, not included.
  struct KeySpan: Hashable, Sendable {
    var from: [UInt8]?
    var to: [UInt8]?

    func contains(_ key: [UInt8]) -> Bool {
      if let from, key.lexicographicallyPrecedes(from) { return false }
      return to.map { key.lexicographicallyPrecedes($0) } ?? true
    }
  }

  /// In which direction a scan goes, and how far.
  struct ScanOrder: Hashable, Sendable {
    var isReversed = false
    var limit: Int?
  }

  /// What is answered.
  enum Answer: Equatable, Sendable {
    case found(HistoryValue, revision: UInt64)
    case absent
    /// A put, insertion, replacement or deletion; `existed` is nil where it was not told.
    case changed(revision: UInt64, existed: Bool?)
    case counted(Int64, revision: UInt64)
    /// A condition did not hold: the key was at this revision, 0 being absent; nil is not told.
    case conflict(UInt64?)
    case items([Entry], asOf: UInt64?)
    case number(Int, asOf: UInt64?)
  }

  /// An item of a scan.
  struct Entry: Equatable, Sendable {
    var key: [UInt8]
    var value: HistoryValue
    var revision: UInt64
  }

  /// The key; empty for scans and counts.
  let key: [UInt8]
  let action: Action

  init(_ key: [UInt8], _ action: Action) {
    self.key = key
    self.action = action
  }

  /// Whether it changes nothing whatever its answer.
  var isQuestion: Bool {
    switch action {
    case .get, .scan, .count: true
    case .put, .insert, .replace, .delete, .increment: false
    }
  }
}

extension DocumentCall.Answer {
  /// The revision of the change that it tells of; nil if nothing was changed.
  var changeRevision: UInt64? {
    switch self {
    case .changed(let revision, _), .counted(_, let revision): revision
    case .found, .absent, .conflict, .items, .number: nil
    }
  }

  /// The newest change that a scan or count has seen, where it was told.
  var stamp: UInt64? {
    switch self {
    case .items(_, let stamp), .number(_, let stamp): stamp
    case .found, .absent, .changed, .counted, .conflict: nil
    }
  }
}

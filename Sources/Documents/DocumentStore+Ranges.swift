import BSON
import ClientProtocol

extension DocumentStore {
  /// A range of ids as a range of the bytes that documents are ordered by.
  func sortKeyRange(_ range: ClientProtocol.KeyRange) throws(Failure) -> KeyRange {
    switch range {
    case .all: return .all
    case .between(let from, let to):
      return KeyRange(from: try sortKeyBound(from), to: try sortKeyBound(to))
    case .prefix(let bytes):
      try rules.checkSize(ofKey: bytes, "prefix")
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.invalidID, "a prefix of string ids is UTF-8 text")
      }
      return KeyRange(prefix: BSONValue.sortKeyPrefix(ofStringsBeginningWith: text))
    }
  }

  /// A range of raw keys; a bound or prefix may be empty, though a key may not.
  func rawKeyRange(_ range: ClientProtocol.KeyRange) throws(Failure) -> KeyRange {
    switch range {
    case .all: return .all
    case .between(let from, let to):
      return KeyRange(from: try rawBound(from), to: try rawBound(to))
    case .prefix(let bytes):
      try rules.checkSize(ofKey: bytes, "prefix")
      return KeyRange(prefix: bytes)
    }
  }

  private func sortKeyBound(
    _ bound: ClientProtocol.KeyRange.Bound?
  ) throws(Failure) -> KeyRange.Bound {
    guard let bound else { return .unbounded }
    let key = try rules.sortKey(ofID: bound.key)
    return bound.isIncluded ? .including(key) : .excluding(key)
  }

  private func rawBound(
    _ bound: ClientProtocol.KeyRange.Bound?
  ) throws(Failure) -> KeyRange.Bound {
    guard let bound else { return .unbounded }
    try rules.checkSize(ofKey: bound.key, "bound")
    return bound.isIncluded ? .including(bound.key) : .excluding(bound.key)
  }
}

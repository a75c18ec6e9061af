import BSON
import ClientProtocol

extension DocumentStore {
  /// A range of ids as a range of the bytes that documents are ordered by.
  func sortKeyRange(_ range: KeyRange) throws(Failure) -> KeyStretch {
    switch range {
    case .all: return .all
    case .between(let from, let to):
      return KeyStretch(from: try sortKeyBound(from), to: try sortKeyBound(to))
    case .prefix(let bytes):
      try rules.checkSize(ofKey: bytes, "prefix")
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.invalidID, "a prefix of string ids is UTF-8 text")
      }
      return KeyStretch(prefix: BSONValue.sortKeyPrefix(ofStringsBeginningWith: text))
    }
  }

  /// A range of raw keys; a bound or prefix may be empty, though a key may not.
  func rawKeyRange(_ range: KeyRange) throws(Failure) -> KeyStretch {
    switch range {
    case .all: return .all
    case .between(let from, let to):
      return KeyStretch(from: try rawBound(from), to: try rawBound(to))
    case .prefix(let bytes):
      try rules.checkSize(ofKey: bytes, "prefix")
      return KeyStretch(prefix: bytes)
    }
  }

  private func sortKeyBound(
    _ bound: KeyRange.Bound?
  ) throws(Failure) -> KeyStretch.Bound {
    guard let bound else { return .unbounded }
    let key = try rules.sortKey(ofID: bound.key)
    return bound.isIncluded ? .including(key) : .excluding(key)
  }

  private func rawBound(
    _ bound: KeyRange.Bound?
  ) throws(Failure) -> KeyStretch.Bound {
    guard let bound else { return .unbounded }
    try rules.checkSize(ofKey: bound.key, "bound")
    return bound.isIncluded ? .including(bound.key) : .excluding(bound.key)
  }
}

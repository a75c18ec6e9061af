package import ClientProtocol
package import Linearizability
import Wire

// Commands and answers in the words of the register that each key and document is.

extension Command.Operation {
  /// What it asks of its key or document; nil where it is about a collection.
  package var registerInput: RevisionedRegister.Input? {
    switch self {
    case .createCollection, .dropCollection: nil
    case .insert(_, let document), .kvPutIf(_, let document, 0): .insert(document)
    case .put(_, let document), .kvPut(_, let document): .put(document)
    case .replace(_, let document, let expected), .kvPutIf(_, let document, let expected):
      .replace(document, ifRevision: expected)
    case .delete(_, let expected), .kvDelete(_, let expected): .delete(ifRevision: expected)
    case .kvIncrement(_, let amount): .increment(by: amount)
    }
  }
}

extension CommandReply {
  /// What came of it.
  package var registerOutput: RevisionedRegister.Output {
    switch self {
    case .written(let revision, _, _), .changed(let revision): .changed(revision: revision)
    case .deleted(let revision, let existed): existed ? .changed(revision: revision) : .absent
    case .incremented(let revision, let value): .counted(value, revision: revision)
    case .failed(let failure): failure.currentRevision == 0 ? .absent : .conflict
    }
  }
}

extension QueryReply {
  /// What was read; nil where it was more than one key or document.
  package var registerOutput: RevisionedRegister.Output? {
    switch self {
    case .item(let item?): .found(value: item.bytes.array, revision: item.revision)
    case .item(nil), .failed: .absent
    case .page, .count, .names, .closed, .piece: nil
    }
  }
}

package import Consensus
package import Wire

/// The primary of a view shows 2f+1 view changes: what they hold decides where the view begins.
///
/// The choice itself is not part of it: everybody computes it, so that it cannot be wrong.
package struct NewView: ReplicaSigned {
  /// The view that begins.
  package var newView: View
  /// View changes of 2f+1 replicas, ascending.
  package var viewChanges: [ViewChange]
  /// The primary.
  package var replica: ReplicaNumber
  /// The primary's count of statements.
  package var counter: UInt64
  /// The primary's signature.
  package var signature: Signature

  package init(
    newView: View,
    viewChanges: [ViewChange],
    replica: ReplicaNumber,
    counter: UInt64,
    signature: Signature
  ) {
    self.newView = newView
    self.viewChanges = viewChanges
    self.replica = replica
    self.counter = counter
    self.signature = signature
  }

  /// That of new views.
  package var domain: SigningDomain { .newView }

  /// Writes new view, view changes, replica and counter.
  package func encodeContent(into writer: inout ByteWriter) {
    writer.write(newView)
    writer.writeList(viewChanges)
    writer.write(replica)
    writer.write(counter)
  }

  /// Reads a new view; whether it holds is `Authority`'s question.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    self.init(
      newView: try reader.read(),
      viewChanges: try reader.readList(max: ReplicaNumber.countMax),
      replica: try reader.read(),
      counter: try reader.readNumber("counter"),
      signature: try reader.read()
    )
    guard newView > .zero else { throw .badValue("new view", offset: offset) }
  }
}

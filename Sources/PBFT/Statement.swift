package import Wire

/// Any statement of a replica.
package enum Statement: Hashable, Sendable {
  /// A vote for a block.
  case vote(Vote)
  /// A word for a state.
  case checkpoint(CheckpointVote)
  /// A view is left.
  case viewChange(ViewChange)
  /// A view begins.
  case newView(NewView)

  /// Who says it.
  package var replica: ReplicaNumber {
    switch self {
    case .vote(let vote): vote.replica
    case .checkpoint(let vote): vote.replica
    case .viewChange(let viewChange): viewChange.replica
    case .newView(let newView): newView.replica
    }
  }

  /// The replica's count of statements.
  package var counter: UInt64 {
    switch self {
    case .vote(let vote): vote.counter
    case .checkpoint(let vote): vote.counter
    case .viewChange(let viewChange): viewChange.counter
    case .newView(let newView): newView.counter
    }
  }

  /// What is said, without the signature: two statements that differ here differ in meaning.
  var content: [UInt8] {
    var writer = ByteWriter(capacity: 256)
    switch self {
    case .vote(let vote): vote.encodeContent(into: &writer)
    case .checkpoint(let vote): vote.encodeContent(into: &writer)
    case .viewChange(let viewChange): viewChange.encodeContent(into: &writer)
    case .newView(let newView): newView.encodeContent(into: &writer)
    }
    return writer.finish()
  }

  /// What kind it is, on the wire and beside its content.
  var kind: UInt8 {
    switch self {
    case .vote: 1
    case .checkpoint: 2
    case .viewChange: 3
    case .newView: 4
    }
  }
}

extension Statement: WireCodable {
  /// Writes the kind and the statement.
  package func encode(into writer: inout ByteWriter) {
    writer.write(kind)
    switch self {
    case .vote(let vote): writer.write(vote)
    case .checkpoint(let vote): writer.write(vote)
    case .viewChange(let viewChange): writer.write(viewChange)
    case .newView(let newView): writer.write(newView)
    }
  }

  /// Reads a statement.
  package init(from reader: inout ByteReader) throws(WireError) {
    let offset = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .vote(try reader.read())
    case 2: self = .checkpoint(try reader.read())
    case 3: self = .viewChange(try reader.read())
    case 4: self = .newView(try reader.read())
    default: throw .badValue("statement kind", offset: offset)
    }
  }
}

extension Authority {
  /// Whether the replica that a statement names has made it.
  package func isValid(_ statement: Statement) -> Bool {
    switch statement {
    case .vote(let vote): isValid(vote)
    case .checkpoint(let vote): isValid(vote)
    case .viewChange(let viewChange): isValid(viewChange)
    case .newView(let newView): isValid(newView)
    }
  }
}

/// What a call found out, as of which revision, and which node said so.
public struct Stamped<Value: Sendable>: Sendable {
  /// What was found out.
  public let value: Value
  /// Of a write, the log index of the change; of a read, the newest one that its state includes.
  public let revision: UInt64
  /// The node that answered.
  public let servedBy: UInt32
  /// Of a write, its name.
  public internal(set) var write: WriteID?
}

extension Stamped: Equatable where Value: Equatable {}

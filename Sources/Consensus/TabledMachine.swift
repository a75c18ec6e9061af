package import Wire

/// A machine whose state can be seen as tables of entries: roots are computed over them, and a
/// state is made of them again.
package protocol TabledMachine: StateMachine {
  /// What is in no table.
  var stateHead: [UInt8] { get }

  /// All of its tables; it visits everything. None has an empty name.
  var stateTables: [StateTable] { get }

  /// What has changed since this was asked last, or since the state was replaced by another; in
  /// order, and nil where nobody keeps that.
  mutating func takeStateChanges() -> [StateChange]?

  /// The machine of a head and tables, whose entries come in any order.
  ///
  /// - Throws: If no commands lead to such a state.
  init(stateHead: [UInt8], tables: [StateTable]) throws(WireError)
}

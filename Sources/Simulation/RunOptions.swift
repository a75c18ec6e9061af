/// How a run differs from what its seed draws: what is left out in search of what is needed.
package struct RunOptions: Sendable {
  /// How many nodes; drawn from the seed if nil.
  package var nodes: Int?
  /// Strikes that do not happen, by their numbers; looked up only.
  package var withoutStrikes: Set<Int> = []
  /// Kinds of weather that are good; looked up only.
  package var withoutWeather: Set<FaultKind> = []
  /// When the faults stop, however little the clients have got done; nil for as long as it takes.
  package var stormMicroseconds: UInt64?

  /// A run as the seed draws it.
  package init(nodes: Int? = nil) {
    self.nodes = nodes
  }
}

/// How a run differs from what its seed draws: what is left out in search of what is needed.
package struct RunOptions {
  /// How many nodes; drawn from the seed if nil.
  package var nodes: Int?
  /// Strikes that do not happen, by their numbers; looked up only.
  package var withoutStrikes: Set<Int> = []
  /// Kinds of weather that are good; looked up only.
  package var withoutWeather: Set<FaultKind> = []
  /// When the faults stop, however little the clients have got done; nil for as long as it takes.
  package var stormMicroseconds: UInt64?
  /// The script of the reference run, where it is this that is wanted.
  var reference: ReferenceScene?
  /// Asked at every call by which a node changes its disk, from its first start on.
  var fuse: ((Int, DiskStep) -> PowerCut?)?

  /// A run as the seed draws it.
  package init(nodes: Int? = nil) {
    self.nodes = nodes
  }
}

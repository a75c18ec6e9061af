/// What another thread may ask of a running server, of either mode.
package enum ServerOrder: Sendable {
  /// Hand over leadership, finish what is in hand, and end.
  case stop
}

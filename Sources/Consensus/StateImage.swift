/// A frozen state on its way out, to a file or to another node; the state goes on meanwhile.
///
/// Equal states give equal pieces at equal aims, on every machine.
package protocol StateImage: Sendable {
  /// The next run of bytes that a builder can take by itself; nil after the last.
  ///
  /// A piece ends with the item that takes it to the size that is aimed at.
  mutating func nextPiece(sizeAim: Int) -> [UInt8]?
}

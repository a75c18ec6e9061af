package import Wire

/// Makes a state of an image's pieces, whatever the bytes are: what it gives back is whole.
///
/// It takes as long as the state is large and needs nothing of the running one: it may work on
/// another thread.
package protocol StateBuilder: Sendable {
  /// What is built.
  associatedtype State: Sendable

  /// A builder that has seen no piece.
  init()

  /// Takes the next piece, in the order in which the image gave them.
  ///
  /// - Throws: If the bytes are none that an image gives; the builder is of no use then.
  mutating func take(_ piece: Bytes) throws(WireError)

  /// The state, once and after the last piece.
  ///
  /// - Throws: If pieces are missing.
  mutating func finish() throws(WireError) -> State
}

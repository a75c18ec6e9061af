import ClientProtocol
import Wire

extension Client {
  /// Everything in all databases as it is now, piece by piece, for a backup.
  ///
  /// Each piece comes with the revision of the state, the same for all.
  ///
  /// - Throws: `connection_lost` if the node went away in the middle, or as every read does;
  ///   what `body` throws ends the reading and is given back.
  package nonisolated(nonsending) func readImage<Failure: Error>(
    _ body: (_ piece: [UInt8], _ revision: UInt64) throws(Failure) -> Void
  ) async throws(LockstepError) -> Result<Void, Failure> {
    let query = Query(.image).encoded()
    let stream = StreamReader(core, query, .linearizable, nil)
    while let next = try await stream.next() {
      guard case .piece(let piece) = next.reply else { throw .unexpectedAnswer }
      do {
        try body(piece.bytes, piece.atRevision)
      } catch {
        return .failure(error)
      }
    }
    return .success(())
  }
}

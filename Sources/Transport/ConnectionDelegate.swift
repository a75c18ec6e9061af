/// Owns the meaning of a connection's bytes.
///
/// Called on the loop's thread only.
package protocol ConnectionDelegate: AnyObject {
  /// The connection was accepted, or our own attempt succeeded.
  func connectionOpened(_ connection: Connection)

  /// Bytes arrived: `bytes[range]` begins with what was not consumed before.
  ///
  /// Consume whole pieces and leave the rest. Do not keep `bytes`: the array is read into
  /// again, and a second owner makes that a copy.
  ///
  /// - Returns: How many bytes of the range were consumed.
  func connection(
    _ connection: Connection,
    received bytes: [UInt8],
    in range: Range<Int>
  ) -> Int

  /// Everything that was queued has left: whoever waits with more may send it.
  func connectionDrained(_ connection: Connection)

  /// The connection has ended, or our attempt failed.
  ///
  /// Nothing follows.
  ///
  /// It is not called for a connection that its owner closed or finished.
  func connectionClosed(_ connection: Connection, reason: CloseReason)
}

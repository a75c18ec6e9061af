/// Why evidence proves nothing.
package enum EvidenceFlaw: Error, Equatable, Sendable {
  /// What it shows is not of one replica or client.
  case twoSigners
  /// A statement, counted from 1, is not signed by whom it names.
  case notSigned(Int)
  /// The statements are not about one thing: kind, place, view, counter or log index differ.
  case unrelated
  /// The statements say the same, or may be said by one replica.
  case noContradiction
  /// The new view holds as far as it alone can tell.
  case newViewHolds
  /// The proposed block is sound.
  case blockHolds
  /// The body is not the header's: whoever passed it on may have put it there.
  case foreignBody
  /// The receipts against it do not speak for an honest replica.
  case receipts(ReceiptFlaw)
}

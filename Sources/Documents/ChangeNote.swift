import ClientProtocol
import Wire

/// A change as the store notes it: nobody may ever ask for it.
struct ChangeNote: Sendable {
  let kind: Change.Kind
  let place: Place
  let id: Bytes
  /// Where among the `ReplacedItems` that stands which was there before.
  let old: Int?
  let new: Bytes?
}

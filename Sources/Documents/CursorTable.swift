import ClientProtocol
import Consensus

/// Scans that have more to give, each by a number that no other node or boot gives out, or that
/// all nodes give out alike (see `asker`).
///
/// A frozen state is held at most 60 s, however often it is asked for; then the scan has to begin
/// again (`cursor_expired`). At most 1,000 are held at once: another is refused, but where the log
/// says who asks, where the oldest makes room. An image of everything is held until nobody has
/// asked for more of it for 60 s; two of them at once. A third is refused as long as both are
/// younger than an hour and were asked for within 10 s, so that nobody ends another's backup.
struct CursorTable: Sendable {
  static let cursorsMax = 1_000
  /// Where the log says who asks, one client may have this part of them: beyond it its own oldest
  /// makes room.
  static let shareOfOne = 8
  /// Each keeps what is overwritten meanwhile.
  static let imagesMax = 2
  /// So long nobody else can end an image, in microseconds, as long as it is asked for.
  static let imageLifeMicroseconds: UInt64 = 3_600_000_000
  /// Who has not asked for so long has most likely given up.
  static let imagePauseMicroseconds: UInt64 = 10_000_000

  /// In the order of their beginning.
  private var cursors: [(number: UInt64, scan: Scan)] = []
  /// Images of everything on their way out, in the order of their beginning.
  private var images: [OpenImage] = []
  /// Numbers are drawn, not counted.
  ///
  /// A client may ask with a number of another node, or of this one before it was restarted: it
  /// must find nothing then, rather than somebody else's scan.
  private var numbers: RandomSource

  /// Where a query stands in the log and who asks, if all nodes are to answer it alike.
  struct Asker: Sendable {
    let client: ClientNumber
    /// What the log gives to nobody else.
    let number: UInt64
  }

  /// Who asks, if the log says so: numbers follow from it then, and a client finds its own only.
  var asker: Asker?

  /// Scans that are over.
  var discarded: Discarded

  init(seed: UInt64, handsOver: Bool = false) {
    numbers = RandomSource(seed: seed)
    discarded = Discarded(isKept: handsOver)
  }

  var count: Int { cursors.count + images.count }

  /// Since when a scan is held, or an image that nobody has asked for, whichever is longer; nil if
  /// there is neither.
  var oldestSince: UInt64? {
    let image = images.lazy.map(\.askedAt).min()
    return cursors.first.map { min($0.scan.openedAt, image ?? .max) } ?? image
  }

  /// Keeps a scan and names it; nil if there is no room.
  ///
  /// Where the log says who asks, a client's oldest makes room for what is beyond its share, and
  /// the oldest of all for what is beyond all.
  mutating func add(_ scan: Scan) -> UInt64? {
    if let asker {
      let own = cursors.indices.filter { asker.client.owns(cursors[$0].number) }
      if own.count >= Self.cursorsMax / Self.shareOfOne { remove(at: own[0]) }
      if cursors.count >= Self.cursorsMax { remove(at: 0) }
    }
    guard cursors.count < Self.cursorsMax else { return nil }
    let number = drawNumber()
    cursors.append((number, scan))
    return number
  }

  /// The next page of a scan, which names its successor anew; nil if the scan is not held.
  ///
  /// A question for a page may arrive twice, its first answer lost: it must not skip a page.
  mutating func nextPage(of number: UInt64) -> QueryReply.Page? {
    guard let index = index(of: number) else { return nil }
    let entries = cursors[index].scan.takePage()
    let revision = cursors[index].scan.revision
    guard !cursors[index].scan.isOver else {
      remove(at: index)
      return QueryReply.Page(atRevision: revision, cursor: 0, entries: entries)
    }
    cursors[index].number = drawNumber()
    return QueryReply.Page(atRevision: revision, cursor: cursors[index].number, entries: entries)
  }

  /// Begins to give out an image; nil if there is no room.
  ///
  /// Where the log says who asks, a client's own one makes room first.
  mutating func open(_ image: DocumentStoreImage, at now: UInt64) -> QueryReply.Piece? {
    if let asker, let own = images.firstIndex(where: { asker.client.owns($0.number) }) {
      removeImage(at: own)
    }
    if images.count >= Self.imagesMax {
      let other = images.firstIndex { image in
        now >= image.openedAt + Self.imageLifeMicroseconds
          || now >= image.askedAt + Self.imagePauseMicroseconds
      }
      guard let other else { return nil }
      removeImage(at: other)
    }
    let number = drawNumber()
    images.append(OpenImage(number: number, image: image, openedAt: now, askedAt: now))
    guard let piece = nextPiece(of: number, at: now) else { fatalError("an image has a piece") }
    return piece
  }

  /// The next piece of an image, which names its successor anew; nil if none of that number is
  /// held.
  mutating func nextPiece(of number: UInt64, at now: UInt64) -> QueryReply.Piece? {
    guard mayUse(number), let index = images.firstIndex(where: { $0.number == number }),
      let bytes = images[index].image.nextPiece(sizeAim: Limits.pieceSizeAim)
    else { return nil }
    let revision = images[index].image.revision
    guard !images[index].image.isOver else {
      images.remove(at: index)
      return QueryReply.Piece(atRevision: revision, cursor: 0, bytes: bytes)
    }
    images[index].number = drawNumber()
    images[index].askedAt = now
    return QueryReply.Piece(atRevision: revision, cursor: images[index].number, bytes: bytes)
  }

  /// Lets go of a scan or an image, if it is still held.
  mutating func close(_ number: UInt64) {
    guard mayUse(number) else { return }
    if let index = images.firstIndex(where: { $0.number == number }) { removeImage(at: index) }
    if let index = index(of: number) { remove(at: index) }
  }

  /// Lets go of frozen states held for too long.
  mutating func expire(at now: UInt64) {
    let life = Limits.cursorLifeMicroseconds
    while let oldest = cursors.first, now >= oldest.scan.openedAt + life { remove(at: 0) }
    for index in images.indices.reversed() where now >= images[index].askedAt + life {
      removeImage(at: index)
    }
  }

  private mutating func remove(at index: Int) {
    let scan = cursors.remove(at: index).scan
    discarded.add(scan, entries: scan.heldCount)
  }

  private mutating func removeImage(at index: Int) {
    discarded.add(images.remove(at: index).image, entries: .max)
  }

  private mutating func drawNumber() -> UInt64 {
    if let asker { return asker.number }
    var number: UInt64 = 0
    while number == 0 || index(of: number) != nil || images.contains(where: { $0.number == number })
    {
      number = numbers.next()
    }
    return number
  }

  private func index(of number: UInt64) -> Int? {
    mayUse(number) ? cursors.firstIndex { $0.number == number } : nil
  }

  private func mayUse(_ number: UInt64) -> Bool {
    asker?.client.owns(number) ?? true
  }
}

/// An image on its way out, and when somebody last asked for more of it.
private struct OpenImage: Sendable {
  var number: UInt64
  var image: DocumentStoreImage
  let openedAt: UInt64
  var askedAt: UInt64
}

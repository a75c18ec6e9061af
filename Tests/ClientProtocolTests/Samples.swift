import Wire

@testable import ClientProtocol

/// One value of every shape, named, for tables, golden files and mutations.
enum Samples {
  static let place = Place(database: "shop", collection: "orders")
  static let id: [UInt8] = [0x02, 4, 0, 0, 0, 0x61, 0x64, 0x61, 0]
  static let document: [UInt8] = [12, 0, 0, 0, 0x10, 0x6E, 0, 42, 0, 0, 0, 0]
  static let key = Array("config/x".utf8)
  static let value = Array("blue".utf8)

  static let commands: [(name: String, value: Command)] = [
    ("create", command(.createCollection)),
    ("drop", command(.dropCollection)),
    ("insert", command(.insert(id: id, document: document))),
    ("insert-without-id", command(.insert(id: nil, document: document))),
    ("put", command(.put(id: id, document: document))),
    ("replace", command(.replace(id: id, document: document, ifRevision: 7))),
    ("delete", command(.delete(id: id, ifRevision: 0))),
    ("kv-put", command(.kvPut(key: key, value: value))),
    ("kv-put-if", command(.kvPutIf(key: key, value: value, expectedRevision: 9))),
    ("kv-delete", command(.kvDelete(key: key, ifRevision: 3))),
    ("kv-increment", command(.kvIncrement(key: key, by: -5))),
  ]

  static let queries: [(name: String, value: Query)] = [
    ("get", Query(.get(place, id: id))),
    ("scan", Query(.scan(place, .all, ScanWindow()))),
    (
      "scan-between",
      Query(
        .scan(
          place,
          .between(.init(id, isIncluded: true), .init(id, isIncluded: false)),
          ScanWindow(isReversed: true, limit: 10, pageItems: 5)
        )
      )
    ),
    ("scan-from", Query(.scan(place, .between(.init(id, isIncluded: false), nil), ScanWindow()))),
    ("next", Query(.next(cursor: 77))),
    ("close-cursor", Query(.closeCursor(77))),
    ("count", Query(.count(place, .prefix(key)))),
    ("list-collections", Query(.listCollections(database: "shop"))),
    ("list-databases", Query(principal: 3, .listDatabases)),
    ("kv-get", Query(.kvGet(place, key: key))),
    ("image", Query(.image)),
    ("kv-range", Query(.kvRange(place, .prefix(key), ScanWindow(limit: 3)))),
  ]

  static let commandReplies: [(name: String, value: CommandReply)] = [
    ("written", .written(revision: 12, existedBefore: true, id: id)),
    ("deleted", .deleted(revision: 13, existed: false)),
    ("incremented", .incremented(revision: 14, value: .min)),
    ("changed", .changed(revision: 15)),
    ("failed", .failed(.init(.revisionConflict, "orders/ada is at 9", currentRevision: 9))),
  ]

  static let queryReplies: [(name: String, value: QueryReply)] = [
    ("item", .item(.init(revision: 4, bytes: Bytes(document)))),
    ("no-item", .item(nil)),
    ("page", .page(page)),
    ("count", .count(3, atRevision: 9)),
    ("names", .names(["orders", "übung"])),
    ("closed", .closed),
    ("piece", .piece(.init(atRevision: 9, cursor: 88, bytes: [1, 2, 3]))),
    ("failed", .failed(.init(.cursorExpired, "start the scan again"))),
  ]

  static let requests: [(name: String, value: Request)] = [
    ("open-session", .openSession(nonce: 0x1122_3344_5566_7788)),
    ("close-session", .closeSession(session: 41)),
    ("write", .write(write)),
    ("read", .read(ReadRequest(.linearizable, query: queries[0].value.encoded()))),
    ("read-stream", .read(streamedRead)),
    ("outcome", .outcome(session: 41, sequence: 3)),
    ("credit", .credit(frames: 8)),
    ("cancel", .cancel),
    ("status", .status),
    ("transfer-leader", .transferLeader(target: 2)),
    (
      "change-members-add",
      .changeMembers(
        .add(
          .init(
            id: 4,
            incarnation: 44,
            addresses: ("127.0.0.1:7341", "127.0.0.1:7342"),
            promotesItself: true,
            replaces: 3
          )
        )
      )
    ),
    ("change-members-promote", .changeMembers(.promote(id: 4))),
    ("change-members-remove", .changeMembers(.remove(id: 3))),
    ("change-members-cancel", .changeMembers(.cancel(id: 3))),
    (
      "change-members-update",
      .changeMembers(.update(id: 2, clientAddress: "b:1", peerAddress: "b:2"))
    ),
    ("ping", .ping),
  ]

  static let replies: [(name: String, value: Reply)] = [
    ("result", Reply(head, .result(commandReplies[0].value.encoded()))),
    ("result-page", Reply(head, .result(queryReplies[2].value.encoded()))),
    ("error", Reply(head, .error(.init(.overloaded, "busy", retryAfterMilliseconds: 20)))),
    ("session", Reply(head, .session(41))),
    ("outcome-committed", Reply(head, .outcome(.committed([4, 1, 0, 0, 0, 0, 0, 0, 0])))),
    ("outcome-never", Reply(head, .outcome(.neverApplied))),
    ("outcome-expired", Reply(head, .outcome(.sessionExpired))),
    ("status", Reply(head, .status(status))),
    ("done", Reply(head, .done)),
  ]

  static let hellos: [(name: String, value: Hello)] = [
    ("client", Hello(speaker: .client(name: "bench"))),
    ("peer", Hello(clusterHigh: 5, clusterLow: 6, speaker: .peer(card))),
  ]

  static let card = NodeCard(id: 2, incarnation: 0xAABB, boot: 3, durablePosition: 1_000)
  static let ack = HelloAck(version: 1, clusterHigh: 5, clusterLow: 6, node: card)

  /// Every frame there is, by name.
  static var frames: [(name: String, bytes: [UInt8])] {
    hellos.map { sample in ("hello-\(sample.name)", frame { sample.value.writeFrame(into: &$0) }) }
      + [("hello-ack", frame { ack.writeFrame(into: &$0) })]
      + requests.map { sample in
        ("request-\(sample.name)", frame { sample.value.writeFrame(into: &$0, requestID: 9) })
      }
      + [("request-with-extensions", frame(writeWithExtensions))]
      + replies.map { sample in
        ("reply-\(sample.name)", frame { sample.value.writeFrame(into: &$0, requestID: 9) })
      }
  }

  static func frame(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    write(&writer)
    return writer.bytes
  }

  private static func command(_ operation: Command.Operation) -> Command {
    Command(place: place, operation: operation)
  }

  private static let write = WriteRequest(
    session: 41,
    sequence: 3,
    answeredThrough: 2,
    command: Bytes(commands[4].value.encoded())
  )

  private static let streamedRead = ReadRequest(
    .stale(lagMaxMilliseconds: 500),
    atLeastRevision: 12,
    streamCredit: 4,
    query: queries[1].value.encoded()
  )

  private static func writeWithExtensions(into writer: inout ByteWriter) {
    Request.write(write).writeFrame(
      into: &writer,
      requestID: 10,
      flags: .mayForward,
      deadlineMilliseconds: 5_000,
      traceID: TraceID(high: 1, low: 2)
    )
  }

  private static let head = Reply.Head(
    node: 1,
    leader: 2,
    leaderAddress: "127.0.0.1:7321",
    revision: 99
  )

  private static let page = QueryReply.Page(
    atRevision: 9,
    cursor: 77,
    entries: [
      .init(key: id, item: .init(revision: 4, bytes: Bytes(document))),
      .init(key: [0x10, 1, 0, 0, 0], item: .init(revision: 5, bytes: Bytes(document))),
    ]
  )

  private static let status: NodeStatus = {
    var status = NodeStatus(id: 1, processID: 4_711, role: .leader, term: 3)
    status.standing = .fenced
    status.commitIndex = 20
    status.appliedIndex = 19
    status.version = "0.1.0"
    status.members = [
      .init(
        id: 1,
        incarnation: 11,
        seat: .voter,
        clientAddress: "127.0.0.1:7311",
        peerAddress: "127.0.0.1:7312"
      )
    ]
    return status
  }()
}

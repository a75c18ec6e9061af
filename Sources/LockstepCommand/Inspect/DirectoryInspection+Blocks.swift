import Consensus
import PBFT
import Wire

extension DirectoryInspection {
  /// What a replica of mode bft wrote into a record; `index` is a place in the chain, `term` a
  /// view.
  static func byzantineMeaning(of payload: [UInt8]) -> [JSONValue.Field] {
    do {
      return fields(of: try PBFTRecord(decoding: payload))
    } catch {
      return [kind("unknown"), what("\(error)")]
    }
  }

  private static func fields(of record: PBFTRecord) -> [JSONValue.Field] {
    switch record {
    case .accepted(let proposal, let prepare):
      let part = prepare == nil ? "its own proposal" : "a proposal it votes for"
      return place("accepted", proposal.block.header, "\(part), \(size(of: proposal.block))")
    case .adopted(let block): return place("adopted", block.header, size(of: block))
    case .prepared(let certificate, _):
      return place("prepared", certificate.header, "it commits the block")
    case .committed(let certificate):
      return place("committed", certificate.header, "by \(certificate.replicas.count) replicas")
    case .viewChange(let change):
      return [kind("view-change"), view(change.newView), what("it has left the views before")]
    case .newView(let newView):
      let count = newView.viewChanges.count
      return [kind("new-view"), view(newView.newView), what("begun by \(count) view changes")]
    case .checkpoint(let vote):
      return [
        kind("checkpoint"), JSONValue.Field("index", .whole(vote.sequenceNumber.rawValue)),
        what("its state has root \(vote.stateRoot)"),
      ]
    case .stable(let certificate):
      return place("stable", certificate.header, "root \(certificate.stateRoot)")
    case .restart(let certificate):
      return place("restart", certificate.header, "a stable state took the log's place")
    case .summary(let summary):
      return place("summary", summary.base, "all promises before, in view \(summary.view)")
    case .fence(let fence):
      return [
        kind("fence"), JSONValue.Field("index", .whole(fence.stable.rawValue)),
        view(fence.view), what("promises may be forgotten: no votes until these are passed"),
      ]
    case .fencePassed: return [kind("fence-passed"), what("it votes again")]
    }
  }

  private static func place(
    _ name: String,
    _ header: BlockHeader,
    _ text: String
  ) -> [JSONValue.Field] {
    [
      kind(name), JSONValue.Field("index", .whole(header.sequenceNumber.rawValue)),
      view(header.view), what(text),
    ]
  }

  private static func view(_ view: View) -> JSONValue.Field {
    JSONValue.Field("term", .whole(view.rawValue))
  }

  private static func size(of block: Block) -> String {
    "\(block.body.count) envelopes, \(block.header.requestCount) requests"
  }
}

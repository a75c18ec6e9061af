import PBFT
import Simulation

/// Something that happened in a run.
enum ByzantineTraceEvent: Traceable {
  case message(from: Int, to: Int, PBFTMessage)
  case note(String)

  var text: String {
    switch self {
    case .message(let from, let to, let message): "r\(to) <- r\(from)  \(message.text)"
    case .note(let text): text
    }
  }
}

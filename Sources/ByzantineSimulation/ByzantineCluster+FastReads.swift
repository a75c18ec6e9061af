import Consensus
import PBFT
import Replication
import Simulation

// Reads beside the order.
extension ByzantineCluster {
  /// A client asks all replicas for their own words.
  func ask(_ questions: [FastQuestion]) {
    for question in questions {
      for number in nodes.indices { carry(.fastRead(to: number, question)) }
    }
  }

  /// A liar has no state to answer from: it says what suits it once it hears of others' answers.
  func deliver(_ question: FastQuestion, to number: Int) {
    guard !plan.liars.contains(number), let life = nodes[number].life else { return }
    let token = ReplyToken(question.number, asker: UInt64(question.client))
    life.replica.readFast(question.query, token: token)
    scheduleTurn(of: nodes[number], life)
  }

  /// A replica's word leaves for its client, and the liars hear of it.
  func answerFast(_ reply: AddressedReply, from number: Int) {
    let client = Int(reply.token.asker)
    var answer = FastAnswer(number: reply.token.rawValue, bytes: nil)
    if case .answer(_, let bytes) = reply.reply {
      answer = FastAnswer(number: reply.token.rawValue, bytes: bytes)
    }
    if let question = clients[client].fastReads.question(answer.number) {
      adversary.overhears(answer, to: question)
    }
    post(answer, from: number, to: client)
    postLies()
  }

  func post(_ answer: FastAnswer, from number: Int, to client: Int) {
    carry(.fastAnswer(from: number, to: client, answer))
  }

  func deliver(_ answer: FastAnswer, from number: Int, to client: Int) {
    trace.fold(now, 96 + number, answer.number)
    guard clients[client].hear(answer, from: number, &history) else { return }
    marks.reach(.fastReadBelieved)
  }
}

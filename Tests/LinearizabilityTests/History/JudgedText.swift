import Linearizability

/// A history written shortly: `process type f key value` a line, `-` for no key.
func judged(
  _ model: HistoryModel,
  _ text: String,
  options: HistoryOptions = HistoryOptions()
) throws -> HistoryVerdict {
  let history = try History(historyText(text), for: model)
  return HistoryJudge(model, options: options).judge(history.keys[0].operations)
}

/// The lines of a history file.
func historyText(_ text: String) -> [UInt8] {
  let lines = text.split(separator: "\n").map { line in
    let parts = line.split(separator: " ", maxSplits: 4)
    let key = parts[3] == "-" ? "" : "\"key\":\"\(parts[3])\","
    let value = parts.count > 4 ? parts[4] : "null"
    return
      "{\"process\":\(parts[0]),\"type\":\"\(parts[1])\",\"f\":\"\(parts[2])\",\(key)"
      + "\"value\":\(value)}\n"
  }
  return Array(lines.joined().utf8)
}

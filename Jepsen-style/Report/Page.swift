/// What pages are made of.
enum Page {
  /// Text as it may stand in HTML.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "'": result += "&#39;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// A number with one decimal.
  static func round(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  /// Milliseconds for people.
  static func milliseconds(_ value: Double?) -> String {
    guard let value else { return "–" }
    return value >= 100 ? "\(Int(value.rounded()))" : round(value)
  }

  /// Rows beneath titles; cells are HTML.
  static func table(_ titles: [String], _ rows: [[String]]) -> String {
    let head = titles.map { "<th>\($0)</th>" }.joined()
    let body = rows.map { "<tr>" + $0.map { "<td>\($0)</td>" }.joined() + "</tr>" }
    return "<table><thead><tr>\(head)</tr></thead>\n<tbody>" + body.joined(separator: "\n")
      + "</tbody></table>"
  }

  /// A whole page that needs nothing from anywhere.
  static func html(title: String, _ body: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(escaped(title))</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>\(style)</style></head><body><main>
    \(body)
    </main></body></html>

    """
  }

  private static let style = """
    :root{--ink:#1c2430;--soft:#667085;--line:#e3e7ee;--ok:#18794e;--bad:#c0262d;--warn:#b26a00;
    --blue:#2563c9;--paper:#fff}
    body{margin:0;background:#f5f7fa;color:var(--ink);font:15px/1.5 system-ui,sans-serif}
    main{max-width:1140px;margin:24px auto;padding:0 20px 40px}
    section{background:var(--paper);border:1px solid var(--line);border-radius:10px;
    padding:14px 20px;margin:14px 0;overflow-x:auto}
    h1{font-size:24px;margin:0}h2{font-size:16px;margin:2px 0 8px}
    h2 .soft{font-weight:400;font-size:13px}
    svg+h2{margin-top:18px}td:first-child{white-space:nowrap}p{margin:4px 0}
    .verdict{border-left:8px solid var(--ok)}.verdict.bad{border-left-color:var(--bad)}
    .verdict.warn{border-left-color:var(--warn)}.soft{color:var(--soft)}
    .facts{display:flex;flex-wrap:wrap;gap:6px 34px;margin-top:10px}
    .facts b{display:block;font-size:19px}.facts span{color:var(--soft);font-size:13px}
    table{border-collapse:collapse;font-size:14px;width:100%;font-variant-numeric:tabular-nums}
    th{text-align:left;color:var(--soft);font-weight:600}td,th{padding:4px 10px 4px 0;
    border-bottom:1px solid var(--line);vertical-align:top}
    pre{white-space:pre-wrap;background:#fbf1f1;padding:8px 12px;border-radius:6px;margin:6px 0}
    svg{width:100%;height:auto;display:block;font:12px system-ui,sans-serif}
    .grid{stroke:var(--line)}.scale{fill:var(--soft);text-anchor:end}
    .second{fill:var(--soft);text-anchor:middle}.name{fill:var(--ink);text-anchor:end}
    .shade{fill:#f2c94c;opacity:.22}.fault{fill:#e8a33d}.unfelt{fill:#d5dae3}
    .quiet{fill:#18794e;opacity:.08}.p50{stroke:var(--blue);fill:none;stroke-width:1.6}
    .p99{stroke:#7a3fc4;fill:none;stroke-width:1.6}.ok{fill:#6aa9e9}.failed{fill:#b9c0cc}
    .info{fill:var(--bad)}.n1{fill:#4c86d8}.n2{fill:#e0803a}.n3{fill:#4aa36c}.n4{fill:#a25bc4}
    .n5{fill:#c9a227}.n6{fill:#3aa6b0}.n7{fill:#d2588a}.n8{fill:#7d8597}.n9{fill:#8a5a3b}
    .in{fill:#fff;text-anchor:middle}a{color:var(--blue)}
    .key{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 14px}
    """
}

/// A picture over the time of a run, as SVG text: seconds to the right.
struct Chart {
  static let width = 1_100.0
  static let left = 156.0
  static let right = 14.0

  /// How long the time to the right is, in microseconds.
  let end: Int64
  let height: Double
  private(set) var shapes: [String] = []

  init(end: Int64, height: Double) {
    self.end = max(end, 1)
    self.height = height
  }

  /// Where a moment stands.
  func x(_ time: Int64) -> Double {
    let share = Double(min(max(time, 0), end)) / Double(end)
    return Self.left + share * (Self.width - Self.left - Self.right)
  }

  /// A rectangle over some time.
  mutating func box(
    _ times: Range<Int64>,
    _ top: Double,
    _ height: Double,
    _ style: String,
    title: String = ""
  ) {
    let (from, to) = (x(times.lowerBound), x(times.upperBound))
    let hint = title.isEmpty ? "" : "<title>\(Page.escaped(title))</title>"
    shapes.append(
      "<rect x='\(Page.round(from))' y='\(Page.round(top))'"
        + " width='\(Page.round(max(1, to - from)))'"
        + " height='\(Page.round(height))' class='\(style)'>\(hint)</rect>"
    )
  }

  /// A line through points; where one is missing the line is broken.
  mutating func line(_ points: [(x: Double, y: Double)?], _ style: String) {
    var path = ""
    var isDrawing = false
    for point in points {
      guard let point else {
        isDrawing = false
        continue
      }
      path += "\(isDrawing ? "L" : "M")\(Page.round(point.x)) \(Page.round(point.y))"
      isDrawing = true
    }
    shapes.append("<path d='\(path)' class='\(style)'/>")
  }

  /// Words at a place.
  mutating func text(_ words: String, _ x: Double, _ y: Double, _ style: String) {
    let place = "x='\(Page.round(x))' y='\(Page.round(y))'"
    shapes.append("<text \(place) class='\(style)'>\(Page.escaped(words))</text>")
  }

  /// A thin line from left to right, with words at its left.
  mutating func grid(_ y: Double, _ words: String) {
    shapes.append(
      "<line x1='\(Self.left)' x2='\(Self.width - Self.right)' y1='\(Page.round(y))'"
        + " y2='\(Page.round(y))' class='grid'/>"
    )
    text(words, Self.left - 6, y + 4, "scale")
  }

  /// Seconds below the picture.
  mutating func seconds() {
    let total = Double(end) / 1e6
    let steps = [1.0, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 3_600]
    let step = steps.first { total / $0 <= 14 } ?? 7_200
    for second in stride(from: 0, through: total, by: step) {
      text("\(Int(second)) s", x(Int64(second * 1e6)), height - 4, "second")
    }
  }

  /// The picture.
  var svg: String {
    "<svg viewBox='0 0 \(Int(Self.width)) \(Int(height))' role='img'>"
      + shapes.joined(separator: "\n") + "</svg>"
  }
}

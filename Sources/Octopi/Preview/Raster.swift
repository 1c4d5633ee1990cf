import Foundation

/// A colour picture that is drawn on. Pixel (X, Y) covers X..<X+1, Y..<Y+1; row 0 is on top.
struct Raster: Sendable {
  let width: Int, height: Int
  /// Red, green, blue for each pixel.
  private(set) var bytes: [UInt8]

  /// All black.
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    bytes = Array(repeating: 0, count: 3 * width * height)
  }

  subscript(x: Int, y: Int) -> RGB {
    get {
      let first = 3 * (y * width + x)
      return RGB(bytes[first], bytes[first + 1], bytes[first + 2])
    }
    set {
      let first = 3 * (y * width + x)
      bytes[first] = newValue.red
      bytes[first + 1] = newValue.green
      bytes[first + 2] = newValue.blue
    }
  }

  /// Copies another picture; what lies beside this one is cut off.
  mutating func place(_ other: Raster, x: Int, y: Int) {
    let columns = max(0, x)..<min(width, x + other.width)
    guard !columns.isEmpty else { return }
    for row in max(0, y)..<max(max(0, y), min(height, y + other.height)) {
      let source = 3 * ((row - y) * other.width + columns.lowerBound - x), target = 3 * (row * width + columns.lowerBound)
      bytes.replaceSubrange(target..<target + 3 * columns.count, with: other.bytes[source..<source + 3 * columns.count])
    }
  }

  // MARK: Strokes

  /// A line that a pen follows.
  enum Path {
    case segment(x0: Double, y0: Double, x1: Double, y1: Double)
    /// With dashes of these lengths, or without.
    case circle(x: Double, y: Double, radius: Double, dash: (on: Double, off: Double)?)

    /// The distance of a point from the nearest point of the line.
    fileprivate func distance(_ px: Double, _ py: Double) -> Double {
      switch self {
      case .segment(let x0, let y0, let x1, let y1):
        let dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy
        let t = square > 0 ? min(1, max(0, ((px - x0) * dx + (py - y0) * dy) / square)) : 0
        return hypot(px - x0 - t * dx, py - y0 - t * dy)
      case .circle(let x, let y, let radius, let dash):
        let off = (hypot(px - x, py - y) - radius).magnitude
        guard let dash, radius > 0 else { return off }
        let period = dash.on + dash.off
        let place = (atan2(py - y, px - x) + 2 * Double.pi).truncatingRemainder(dividingBy: 2 * Double.pi) * radius
        let rest = place.truncatingRemainder(dividingBy: period)
        return rest <= dash.on ? off : hypot(off, min(rest - dash.on, period - rest))
      }
    }

    fileprivate var box: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
      switch self {
      case .segment(let x0, let y0, let x1, let y1): (min(x0, x1)...max(x0, x1), min(y0, y1)...max(y0, y1))
      case .circle(let x, let y, let radius, _): (x - radius...x + radius, y - radius...y + radius)
      }
    }
  }

  /// How far the black ground of every stroke and text reaches beyond it, and how dark it is.
  static let halo = 1.5, haloOpacity = 0.6

  /// Draws lines on their halo.
  mutating func stroke(_ paths: [Path], width line: Double, _ colour: RGB) {
    cover(paths, width: line + 2 * Raster.halo, RGB(0x000000), opacity: Raster.haloOpacity)
    cover(paths, width: line, colour, opacity: 1)
  }

  private mutating func cover(_ paths: [Path], width line: Double, _ colour: RGB, opacity: Double) {
    let boxes = paths.map(\.box), margin = line / 2 + 1
    guard let left = boxes.map(\.x.lowerBound).min(), let right = boxes.map(\.x.upperBound).max(),
      let top = boxes.map(\.y.lowerBound).min(), let bottom = boxes.map(\.y.upperBound).max()
    else { return }
    let columns = Raster.pixels(left - margin, right + margin, width), rows = Raster.pixels(top - margin, bottom + margin, height)
    for y in rows {
      for x in columns {
        let distance = paths.lazy.map { $0.distance(Double(x) + 0.5, Double(y) + 0.5) }.min() ?? .infinity
        let share = min(1, line / 2 + 0.5 - distance)
        if share > 0 { self[x, y] = colour.over(self[x, y], opacity: share * opacity) }
      }
    }
  }

  /// Whole pixels between two places, inside of the picture.
  private static func pixels(_ low: Double, _ high: Double, _ size: Int) -> Range<Int> {
    let first = Int(max(0, min(Double(size), low.rounded(.down)))), last = Int(max(0, min(Double(size), high.rounded(.up))))
    return first..<max(first, last)
  }

  // MARK: Areas and text

  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: RGB, opacity: Double = 1) {
    for row in max(0, y)..<max(max(0, y), min(self.height, y + height)) {
      for column in max(0, x)..<max(max(0, x), min(self.width, x + width)) {
        self[column, row] = opacity == 1 ? colour : colour.over(self[column, row], opacity: opacity)
      }
    }
  }

  /// Width of a text in pixels.
  static func textWidth(_ text: String, scale: Int) -> Int { text.unicodeScalars.count * BitmapFont.advance * scale }

  /// Draws a line of text with its upper left corner at (x, y), on its halo.
  mutating func text(_ text: String, x: Int, y: Int, scale: Int, _ colour: RGB = RGB(0xFFFFFF)) {
    let margin = 2
    var halo: Set<Int> = [], ink: [(x: Int, y: Int)] = []
    for (index, scalar) in text.unicodeScalars.enumerated() {
      for row in 0..<BitmapFont.height * scale {
        for column in 0..<BitmapFont.width * scale where BitmapFont.isSet(scalar, x: column / scale, y: row / scale) {
          ink.append((x + index * BitmapFont.advance * scale + column, y + row))
        }
      }
    }
    for pixel in ink {
      for dy in -margin...margin {
        for dx in -margin...margin where dx * dx + dy * dy < 5 {
          let column = pixel.x + dx, row = pixel.y + dy
          if column >= 0, row >= 0, column < width, row < height { halo.insert(row * width + column) }
        }
      }
    }
    for place in halo {
      let x = place % width, y = place / width
      self[x, y] = RGB(0x000000).over(self[x, y], opacity: Raster.haloOpacity)
    }
    for pixel in ink where pixel.x >= 0 && pixel.y >= 0 && pixel.x < width && pixel.y < height { self[pixel.x, pixel.y] = colour }
  }

  /// The picture as PNG.
  func png(texts: [(key: String, text: String)] = []) throws(PreviewError) -> [UInt8] {
    try PNGFile.bytes(bytes, width: width, height: height, .colour, texts: texts)
  }
}

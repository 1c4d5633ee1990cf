import Octopi

/// A network of plain loops: `logits(window)` gives `[channel][z][y][x]` of a window.
struct PlainPredictor: WindowPredictor {
  let roi: VolumeShape
  let classes: Int
  var batch = 1
  var residentBytes = 0
  /// Planes that are asked for and given at a time.
  var planesPerCall = Int.max
  let logits: @Sendable ([Float]) -> [Float]

  mutating func predict(
    count: Int, fill: (_ window: Int, _ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ window: Int, _ planes: Range<Int>, _ logits: Span<Float>, _ classStride: Int) -> Void
  ) throws {
    precondition((1...batch).contains(count))
    let plane = roi.y * roi.x
    let pieces = stride(from: 0, to: roi.z, by: min(roi.z, planesPerCall)).map { $0..<min(roi.z, $0 + min(roi.z, planesPerCall)) }
    // NaN in what is not written shows.
    var windows = Array(repeating: Array(repeating: Float.nan, count: roi.count), count: count)
    for window in 0..<count {
      for planes in pieces.reversed() {
        var piece = Array(repeating: Float.nan, count: planes.count * plane)
        var span = piece.mutableSpan
        fill(window, planes, &span)
        windows[window].replaceSubrange(planes.lowerBound * plane..<planes.upperBound * plane, with: piece)
      }
    }
    for window in 0..<count {
      let values = logits(windows[window])
      for planes in pieces {
        let first = planes.lowerBound * plane, last = values.count - roi.count + planes.upperBound * plane
        take(window, planes, values.span.extracting(min(first, values.count)..<max(min(first, values.count), last)), roi.count)
      }
    }
  }
}

/// `tiny_a` and `tiny_b`: Conv 3x3x3 with zero padding, Relu, Conv 1x1x1, in plain loops.
struct TinyNetwork: Decodable, Sendable {
  struct Weights: Decodable, Sendable { let shape: [Int], values: [Float] }
  let w1: Weights, b1: Weights, w2: Weights, b2: Weights

  func predictor(roi: VolumeShape, batch: Int = 1, planesPerCall: Int = .max) -> PlainPredictor {
    PlainPredictor(roi: roi, classes: w2.shape[0], batch: batch, planesPerCall: planesPerCall) { logits($0, roi) }
  }

  private func logits(_ window: [Float], _ roi: VolumeShape) -> [Float] {
    let hidden = w1.shape[0], classes = w2.shape[0]
    var logits = Array(repeating: Float(0), count: classes * roi.count)
    for z in 0..<roi.z {
      for y in 0..<roi.y {
        for x in 0..<roi.x {
          let voxel = (z * roi.y + y) * roi.x + x
          let inner = (0..<hidden).map { max(0, convolution(window, roi, z, y, x, channel: $0)) }
          for c in 0..<classes {
            logits[c * roi.count + voxel] = (0..<hidden).reduce(b2.values[c]) { $0 + w2.values[c * hidden + $1] * inner[$1] }
          }
        }
      }
    }
    return logits
  }

  private func convolution(_ window: [Float], _ roi: VolumeShape, _ z: Int, _ y: Int, _ x: Int, channel: Int) -> Float {
    var sum = b1.values[channel], weight = channel * 27
    for dz in z - 1...z + 1 {
      for dy in y - 1...y + 1 {
        for dx in x - 1...x + 1 {
          if dz >= 0, dz < roi.z, dy >= 0, dy < roi.y, dx >= 0, dx < roi.x {
            sum += w1.values[weight] * window[(dz * roi.y + dy) * roi.x + dx]
          }
          weight += 1
        }
      }
    }
    return sum
  }
}

/// Probabilities in memory, `[channel][z][y][x]`.
struct ProbabilityVolume: ProbabilitySink {
  let shape: VolumeShape
  var chunk: VolumeShape
  private(set) var values: [Float]

  init(shape: VolumeShape, channels: Int, chunk: VolumeShape) {
    self.shape = shape
    self.chunk = chunk
    values = Array(repeating: .nan, count: shape.count * channels)
  }

  mutating func write(_ probabilities: Span<Float>, of box: VolumeBox, channels: Int) {
    var index = 0
    for channel in 0..<channels {
      for z in box.z {
        for y in box.y {
          for x in box.x {
            values[((channel * shape.z + z) * shape.y + y) * shape.x + x] = probabilities[index]
            index += 1
          }
        }
      }
    }
  }
}

import Octopi
@testable import OctopiEngine

/// A network of plain loops: `logits(window)` gives `[channel][z][y][x]` of a window.
struct PlainPredictor: WindowPredictor {
  let roi: VolumeShape
  let classes: Int
  var batch = 1
  var residentBytes = 0
  /// Planes that are asked for and given at a time.
  var planesPerCall = Int.max
  /// Rows of logits that are given at a time, and whether each block of classes is given by itself.
  var rowsPerCall = Int.max, splitsBlocks = false
  /// Channels of a block in memory; nil: class by class.
  var width: Int?
  let logits: @Sendable ([Float]) -> [Float]

  var layout: LogitLayout {
    guard let width else { return LogitLayout(classes: classes, size: [roi.z, roi.y, roi.x]) }
    let shape = BlockedShape(batch: 1, channels: classes, size: Axes(roi.z, roi.y, roi.x), rank: 3, width: width)
    return LogitLayout(BoundView(shape: shape, offset: 0, strides: BlockedStrides(shape, before: Axes(1, 1, 2), after: Axes(0, 2, 1))))
  }

  mutating func predict(
    count: Int, fill: (_ window: Int, _ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ window: Int, _ part: LogitPart, _ logits: Span<Float>) -> Void
  ) throws {
    precondition((1...batch).contains(count))
    let plane = roi.y * roi.x, layout = layout
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
      let values = width == nil ? logits(windows[window]) : blocked(logits(windows[window]))
      for planes in pieces {
        for part in parts(of: planes) {
          let first = min(values.count, planes.lowerBound * layout.planeStep + part.rows.lowerBound * layout.rowStep)
          take(window, part, values.span.extracting(first..<min(values.count, first + part.floats(voxels: roi.x))))
        }
      }
    }
  }
}

extension PlainPredictor {
  private func parts(of planes: Range<Int>) -> [LogitPart] {
    let layouts = splitsBlocks ? layout.blocks.map { layout.with($0) } : [layout]
    return stride(from: 0, to: roi.y, by: min(roi.y, rowsPerCall)).flatMap { y in
      layouts.map { LogitPart(planes: planes, rows: y..<min(roi.y, y + min(roi.y, rowsPerCall)), layout: $0) }
    }
  }

  /// Logits where `layout` has them, NaN elsewhere.
  private func blocked(_ logits: [Float]) -> [Float] {
    let layout = layout
    var values = Array(repeating: Float.nan, count: layout.count(planes: roi.z, rows: roi.y, voxels: roi.x))
    for block in layout.blocks {
      for (i, c) in block.classes.enumerated() {
        for voxel in 0..<roi.count {
          let (z, y, x) = (voxel / (roi.y * roi.x), voxel / roi.x % roi.y, voxel % roi.x)
          let place = block.first + i * layout.classStep + z * layout.planeStep + y * layout.rowStep + x * layout.voxelStep
          values[place] = logits[c * roi.count + voxel]
        }
      }
    }
    return values
  }
}

extension LogitLayout {
  /// Of one of its blocks alone.
  fileprivate func with(_ block: Block) -> LogitLayout {
    var layout = self
    layout.blocks = [block]
    return layout
  }
}

/// `tiny_a` and `tiny_b`: Conv 3x3x3 with zero padding, Relu, Conv 1x1x1, in plain loops over rows of 16 voxels.
struct TinyNetwork: Decodable, Sendable {
  struct Weights: Decodable, Sendable { let shape: [Int], values: [Float] }
  let w1: Weights, b1: Weights, w2: Weights, b2: Weights
  private static let edge = 16

  func predictor(batch: Int) -> PlainPredictor {
    PlainPredictor(roi: cube(Self.edge), classes: w2.shape[0], batch: batch) { logits($0) }
  }

  private func logits(_ window: [Float]) -> [Float] {
    let edge = Self.edge, hidden = w1.shape[0], padded = pad(window)
    var logits = Array(repeating: Float(0), count: w2.shape[0] * window.count)
    for z in 0..<edge {
      for y in 0..<edge {
        let inner = (0..<hidden).map { channel in
          let sum = convolve(padded, z, y, channel)
          return sum.replacing(with: 0, where: sum .< 0)
        }
        for c in 0..<w2.shape[0] {
          var row = SIMD16<Float>(repeating: b2.values[c])
          for channel in 0..<hidden { row += w2.values[c * hidden + channel] * inner[channel] }
          for x in 0..<edge { logits[c * window.count + (z * edge + y) * edge + x] = row[x] }
        }
      }
    }
    return logits
  }

  /// One zero on each side of every axis.
  private func pad(_ window: [Float]) -> [Float] {
    let edge = Self.edge
    var padded = Array(repeating: Float(0), count: (edge + 2) * (edge + 2) * (edge + 2))
    for z in 0..<edge {
      for y in 0..<edge {
        let row = ((z + 1) * (edge + 2) + y + 1) * (edge + 2) + 1
        padded.replaceSubrange(row..<row + edge, with: window[(z * edge + y) * edge..<(z * edge + y + 1) * edge])
      }
    }
    return padded
  }

  private func convolve(_ padded: [Float], _ z: Int, _ y: Int, _ channel: Int) -> SIMD16<Float> {
    var sum = SIMD16<Float>(repeating: b1.values[channel])
    padded.withUnsafeBytes { bytes in
      for tap in 0..<27 {
        let first = ((z + tap / 9) * (Self.edge + 2) + y + tap / 3 % 3) * (Self.edge + 2) + tap % 3
        sum += w1.values[channel * 27 + tap] * bytes.loadUnaligned(fromByteOffset: 4 * first, as: SIMD16<Float>.self)
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

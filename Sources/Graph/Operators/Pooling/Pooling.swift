/// One number out of each window, or out of each channel.
enum Pooling {
  static let operators = [
    MaxPool.declaration, AveragePool.declaration, LpPool.declaration,
    GlobalMaxPool.declaration, GlobalAveragePool.declaration, GlobalLpPool.declaration,
  ]
}

/// A pooling for a concrete shape: every size and every pad is a number. Lists have one entry per spatial axis.
public struct PoolingGeometry: Sendable, Hashable {
  public let batch: Int
  public let channels: Int
  /// Spatial size of the input and of the result.
  public let input: [Int]
  public let output: [Int]
  public let kernel: [Int]
  public let strides: [Int]
  public let dilations: [Int]
  public let padsBegin: [Int]
  public let padsEnd: [Int]

  /// Axes N C and space.
  public var outputShape: [Int] { [batch, channels] + output }

  /// Taps of the window at each output voxel (row-major) that lie in the input, or in the input and its padding. What a window has
  /// beyond the padding, where sizes are rounded up, counts in neither.
  public func counts(includingPadding: Bool) -> [Int] {
    output.indices.reduce([1]) { counts, axis in
      let begin = includingPadding ? -padsBegin[axis] : 0, end = input[axis] + (includingPadding ? padsEnd[axis] : 0)
      let along = (0..<output[axis]).map { o in
        let start = o * strides[axis] - padsBegin[axis]
        return taps(axis, from: start, below: end) - taps(axis, from: start, below: begin)
      }
      return counts.flatMap { outer in along.map { outer * $0 } }
    }
  }

  /// Taps of a window that begins at `start` which lie below `end`.
  private func taps(_ axis: Int, from start: Int, below end: Int) -> Int {
    end <= start ? 0 : min(kernel[axis], (end - start - 1) / dilations[axis] + 1)
  }

  /// Calls `window` channel by channel with the flat index of the channel's first input voxel; results are joined.
  func forEachChannel<T>(_ window: (Int) -> [T]) -> [T] {
    let voxels = input.reduce(1, *)
    return (0..<(batch * channels)).flatMap { window($0 * voxels) }
  }

  var sweep: KernelSweep {
    KernelSweep(moving: output, fixed: input, kernel: kernel, strides: strides, dilations: dilations, padsBegin: padsBegin)
  }

  var outputVoxels: Int { output.reduce(1, *) }
}

extension SlidingWindow {
  /// Sizes and pads for X `[N, C, D...]`; `roundsUp` is ONNX's ceil_mode.
  func pooling(input: [Int], roundsUp: Bool) throws(GraphError) -> PoolingGeometry {
    try check(axes: input.count - 2)
    guard let kernel = kernelShape else { throw .invalid(place: "", reason: "attribute 'kernel_shape' is missing") }
    var begin: [Int] = [], end: [Int] = [], output: [Int] = []
    for axis in kernel.indices {
      let fit = try windows(axis: axis, size: input[axis + 2], kernel: kernel[axis], roundsUp: roundsUp)
      let span = (kernel[axis] - 1) * dilation(axis) + 1
      guard fit.begin < span, fit.end < span else {
        throw .invalid(place: "", reason: "padding \(fit.begin) and \(fit.end) of axis \(axis + 2) holds whole windows that span \(span)")
      }
      begin.append(fit.begin)
      end.append(fit.end)
      output.append(fit.count)
    }
    return PoolingGeometry(
      batch: input[0], channels: input[1], input: Array(input[2...]), output: output, kernel: kernel,
      strides: kernel.indices.map(stride), dilations: kernel.indices.map(dilation), padsBegin: begin, padsEnd: end)
  }
}

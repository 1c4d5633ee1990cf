import Graph

/// One convolution, plain or transposed, with its parameters in the order that all kernels take.
///
/// Along each axis an output position `q * outputStep + phase` sums taps `t` at input positions `q * inputStep + offset(t)`; a plain
/// convolution has one phase, a transposed one as many as its stride.
struct ConvolutionProblem: Sendable {
  let name: String
  let geometry: ConvolutionGeometry
  let transposed: Bool
  /// `[output block][tap][input channel of the block's range][16]`, taps in raster order of the kernel, zeros where a channel's group
  /// does not see an input.
  let weights: FloatStorage
  /// `[output block][16]`, zeros where there is none.
  let bias: FloatStorage
  /// Input channels that each output block sees: all, or those of its groups.
  let inputRanges: [Range<Int>]
  /// Where each output block starts in `weights`.
  let weightStarts: [Int]

  /// Of the fast form that the layer's shape asks for; nil where there is none. See `roundingGrowth(_:pool:)`.
  var rounding: Double?

  let kernel: Axes, strides: Axes, dilations: Axes, pads: Axes
  let input: Axes, output: Axes

  /// `weight` as ONNX has it, `[O, I / groups, K...]`, transposed `[I, O / groups, K...]`, or where a file has it in our order.
  init(name: String, geometry g: ConvolutionGeometry, transposed: Bool, weight: Value, bias: Tensor?) throws(EngineError) {
    self.name = name
    geometry = g
    self.transposed = transposed
    kernel = Axes(g.kernel, filler: 1)
    strides = Axes(g.strides, filler: 1)
    dilations = Axes(g.dilations, filler: 1)
    pads = Axes(g.padsBegin, filler: 0)
    input = Axes(g.input, filler: 1)
    output = Axes(g.output, filler: 1)

    let taps = kernel.product, blocks = (g.outputChannels + 15) / 16
    let inputsPerGroup = g.inputChannels / g.groups, outputsPerGroup = g.outputChannels / g.groups
    let ranges = (0..<blocks).map { block in
      let first = block * 16 / outputsPerGroup, last = (min(g.outputChannels, block * 16 + 16) - 1) / outputsPerGroup
      return first * inputsPerGroup..<(last + 1) * inputsPerGroup
    }
    var starts: [Int] = [], total = 0
    for range in ranges {
      starts.append(total)
      total += taps * range.count * 16
    }
    inputRanges = ranges
    weightStarts = starts
    if g.groups == 1, let mapped = (weight.stored as? StoredTensor)?.floats(transposed ? .transposedConvolution : .convolution) {
      weights = mapped
    } else {
      guard let w = weight.constant?.floats else { throw .unsupported(place: name, reason: "weights of type \(weight.type?.element.onnxName ?? "")") }
      weights = FloatStorage(count: total) { target in
        for o in 0..<g.outputChannels {
          let group = o / outputsPerGroup, block = o / 16, range = ranges[block]
          for i in 0..<inputsPerGroup {
            let channel = group * inputsPerGroup + i
            let source = transposed ? (channel * outputsPerGroup + o % outputsPerGroup) * taps : (o * inputsPerGroup + i) * taps
            for t in 0..<taps { target[starts[block] + (t * range.count + channel - range.lowerBound) * 16 + o % 16] = w[source + t] }
          }
        }
      }
    }
    let offsets = bias?.floats
    self.bias = FloatStorage(count: blocks * 16) { target in
      if let offsets { for o in 0..<min(offsets.count, g.outputChannels) { target[o] = offsets[o] } }
    }
  }

  /// One tap of a phase along one axis: index in the kernel, and input position relative to `q * inputStep`.
  struct Tap: Hashable, Sendable {
    let index: Int
    let offset: Int
  }

  /// The outputs `phase, phase + step, ...` of one axis: how many, and their taps.
  struct AxisPhase: Hashable, Sendable {
    let phase: Int
    let count: Int
    let taps: [Tap]
  }

  /// The phases of one axis.
  func phases(_ axis: KeyPath<Axes, Int>) -> [AxisPhase] {
    let k = kernel[keyPath: axis], s = strides[keyPath: axis], d = dilations[keyPath: axis], p = pads[keyPath: axis]
    let out = output[keyPath: axis]
    guard transposed else { return [AxisPhase(phase: 0, count: out, taps: (0..<k).map { Tap(index: $0, offset: $0 * d - p) })] }
    return (0..<min(s, out)).map { r in
      let taps = (0..<k).filter { (r + p - $0 * d) % s == 0 }.map { Tap(index: $0, offset: (r + p - $0 * d) / s) }
      return AxisPhase(phase: r, count: (out - r + s - 1) / s, taps: taps)
    }
  }

  var inputStep: Axes { transposed ? Axes(repeating: 1) : strides }
  var outputStep: Axes { transposed ? strides : Axes(repeating: 1) }

  /// Voxels outside of the input that some output reads, before and after.
  var border: (before: Axes, after: Axes) {
    func reach(_ axis: KeyPath<Axes, Int>) -> (Int, Int) {
      var before = 0, after = 0
      for phase in phases(axis) {
        for tap in phase.taps {
          before = max(before, -tap.offset)
          after = max(after, tap.offset + (phase.count - 1) * inputStep[keyPath: axis] - (input[keyPath: axis] - 1))
        }
      }
      return (before, after)
    }
    let z = reach(\.z), y = reach(\.y), x = reach(\.x)
    return (Axes(z.0, y.0, x.0), Axes(z.1, y.1, x.1))
  }

  /// Operations as the plain definition counts them, two a multiply-add.
  var flops: Double {
    let places = transposed ? input.product : output.product
    return 2 * Double(geometry.batch * places * kernel.product) * Double(geometry.inputChannels / geometry.groups * geometry.outputChannels)
  }
}

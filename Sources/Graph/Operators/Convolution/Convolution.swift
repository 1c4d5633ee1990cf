/// Weighted sums over a sliding window, and their transpose.
enum Convolution {
  static let operators = [Conv.declaration, ConvTranspose.declaration, Col2Im.declaration]
}

/// A convolution, or a transposed one, for concrete shapes: every size and every pad is a number. Lists have one entry per spatial axis.
public struct ConvolutionGeometry: Sendable, Hashable {
  public let batch: Int
  public let inputChannels: Int
  public let outputChannels: Int
  public let groups: Int
  /// Spatial size of the input and of the result.
  public let input: [Int]
  public let output: [Int]
  public let kernel: [Int]
  public let strides: [Int]
  public let dilations: [Int]
  /// Padding of the input; for a transposed convolution, what is cut from its full result.
  public let padsBegin: [Int]
  public let padsEnd: [Int]

  /// Axes N C and space.
  public var outputShape: [Int] { [batch, outputChannels] + output }
}

extension ConvolutionGeometry {
  /// The kernel sliding over `moving` positions, each `strides` apart in `fixed`.
  func sweep(moving: [Int], fixed: [Int]) -> KernelSweep {
    KernelSweep(moving: moving, fixed: fixed, kernel: kernel, strides: strides, dilations: dilations, padsBegin: padsBegin)
  }

  var inputsPerGroup: Int { inputChannels / groups }
  var outputsPerGroup: Int { outputChannels / groups }
}

/// A convolution, plain or transposed, of X with the weights W and perhaps a bias B.
protocol ConvolutionOperator: Operator {
  /// Sizes and pads for concrete shapes.
  func geometry(input: [Int], weight: [Int]) throws(GraphError) -> ConvolutionGeometry
  /// Y in C order, from X, W and B in C order.
  func sums(_ geometry: ConvolutionGeometry, x: [Double], w: [Double], bias: [Double]?) -> [Double]
}

extension ConvolutionOperator {
  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let operands = try ConvolutionOperands(inputs)
    let geometry = try geometry(input: operands.x.shape, weight: operands.w.shape)
    try ConvolutionOperands.check(bias: inputs.optional(2)?.type, channels: geometry.outputChannels)
    return [TensorType(operands.x.element, geometry.outputShape)]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), w: Tensor = try inputs.required(1, "W")
    let geometry = try geometry(input: x.shape, weight: w.shape)
    let type = TensorType(x.element, geometry.outputShape)
    return [Tensor(type, rounding: sums(geometry, x: x.doubles, w: w.doubles, bias: inputs.optional(2)?.doubles))]
  }
}

/// What Conv and ConvTranspose demand alike of their inputs: rank, element types, groups, bias.
struct ConvolutionOperands {
  let x: TensorType
  let w: TensorType
  let spatialAxes: Int

  init(_ inputs: [Operand?]) throws(GraphError) {
    x = try inputs.required(0, "X").type
    w = try inputs.required(1, "W").type
    spatialAxes = x.shape.count - 2
    guard x.element.isFloatingPoint else { throw .invalid(place: "", reason: "input 'X' is \(x.element.onnxName), not a floating-point type") }
    for other in [w, inputs.optional(2)?.type].compactMap({ $0 }) where other.element != x.element {
      throw .invalid(place: "", reason: "inputs are \(x.element.onnxName) and \(other.element.onnxName); all must be of one type")
    }
  }

  static func check(input: [Int], weight: [Int], window: SlidingWindow) throws(GraphError) {
    try window.check(axes: input.count - 2)
    guard weight.count == input.count else {
      throw .invalid(place: "", reason: "weights \(weight) have another rank than the input \(input)")
    }
    if let shape = window.kernelShape, shape != Array(weight[2...]) {
      throw .invalid(place: "", reason: "kernel_shape \(shape) contradicts the weights \(weight)")
    }
    if let bad = weight[2...].first(where: { !(1...SlidingWindow.largest).contains($0) }) {
      throw .invalid(place: "", reason: "weights \(weight) have an axis of \(bad)")
    }
  }

  static func check(bias: TensorType?, channels: Int) throws(GraphError) {
    if let bias, bias.shape != [channels] {
      throw .invalid(place: "", reason: "bias \(bias.shape) does not fit \(channels) output channels")
    }
  }
}

/// Other grids over the same space.
enum Resampling {
  static let operators = [Resize.declaration, Resize.upsample, GridSample.declaration, AffineGrid.declaration]
}

/// Interpolation on a finer or coarser grid, axis by axis (ONNX Resize 10, 11, 13, 18, 19; Upsample 1, 7, 9 become the same).
///
/// Axes outside the tensor repeat its edge. Sizes and scales decide the shape, so they must be constant. As in ONNX's own shape inference, a
/// region of interest does not change the size that scales give.
public struct Resize: Operator {
  public enum Mode: String, Sendable, CaseIterable {
    case nearest, linear, cubic
  }

  /// How a place on the new grid is found on the old one; formulas in `ResizeAxis.coordinate`.
  public enum Coordinates: String, Sendable, CaseIterable {
    case halfPixel = "half_pixel", halfPixelSymmetric = "half_pixel_symmetric", pytorchHalfPixel = "pytorch_half_pixel"
    case alignCorners = "align_corners", asymmetric, cropAndResize = "tf_crop_and_resize", halfPixelForNearest = "tf_half_pixel_for_nn"
  }

  public enum Rounding: String, Sendable, CaseIterable {
    case preferFloor = "round_prefer_floor", preferCeil = "round_prefer_ceil", floor, ceil
  }

  /// What sizes mean where they would distort: nothing, an upper bound, a lower bound.
  public enum AspectRatio: String, Sendable, CaseIterable {
    case stretch, notLarger = "not_larger", notSmaller = "not_smaller"
  }

  /// Where scales and sizes come from; the numbers are positions of inputs.
  public enum Target: Sendable, Hashable {
    case scales([Float])
    case inputs(region: Int?, scales: Int, sizes: Int?)
  }

  public let mode: Mode
  public let coordinates: Coordinates
  /// For `nearest`: which neighbour of a place between two.
  public let rounding: Rounding
  /// The coefficient a of the cubic (Keys 1981, equation 4).
  public let cubicCoefficient: Float
  /// Weights outside the tensor vanish, and the others are scaled to sum 1; else they go to the edge.
  public let excludesOutside: Bool
  /// The result where `cropAndResize` leaves the tensor.
  public let extrapolationValue: Float
  /// Widens the filter of `linear` and `cubic` where the grid gets coarser.
  public let antialiases: Bool
  /// The axes that scales, sizes and region speak of; all if absent. May be negative.
  public let axes: [Int]?
  public let aspectRatio: AspectRatio
  public let target: Target

  public static let declaration = OperatorDeclaration(
    "Resize", opsets: [10, 11, 13, 18, 19], inputs: 1...4, elements: ElementType.all
  ) { (node) throws(GraphError) in
    let mode = try node.choice("mode", default: Mode.nearest)
    if node.opset < 11 { return Resize(simply: mode, target: .inputs(region: nil, scales: 1, sizes: nil)) }
    return Resize(
      mode: mode, coordinates: try node.choice("coordinate_transformation_mode", default: .halfPixel),
      rounding: try node.choice("nearest_mode", default: .preferFloor), cubicCoefficient: try node.float("cubic_coeff_a") ?? -0.75,
      excludesOutside: try node.bool("exclude_outside") ?? false, extrapolationValue: try node.float("extrapolation_value") ?? 0,
      antialiases: node.opset >= 18 ? try node.bool("antialias") ?? false : false,
      axes: node.opset >= 18 ? try node.ints("axes") : nil,
      aspectRatio: node.opset >= 18 ? try node.choice("keep_aspect_ratio_policy", default: .stretch) : .stretch,
      target: .inputs(region: 1, scales: 2, sizes: 3))
  }

  public var definition: OperatorDefinition {
    switch target {
    case .scales(let scales): return OperatorDefinition(["mode": .string(mode.rawValue), "scales": .floats(scales)], opset: 7, name: "Upsample")
    case .inputs(nil, _, _): return OperatorDefinition(["mode": .string(mode.rawValue)], opset: 10)
    case .inputs:
      return OperatorDefinition([
        "mode": .string(mode.rawValue), "coordinate_transformation_mode": .string(coordinates.rawValue),
        "nearest_mode": .string(rounding.rawValue), "cubic_coeff_a": .float(cubicCoefficient), "exclude_outside": .flag(excludesOutside),
        "extrapolation_value": .float(extrapolationValue), "antialias": .flag(antialiases), "axes": axes.map(Attribute.integers),
        "keep_aspect_ratio_policy": .string(aspectRatio.rawValue),
      ])
    }
  }

  /// The operator before Resize; it became that in opset 10.
  public static let upsample = OperatorDeclaration(
    "Upsample", opsets: [1, 7, 9, 10], inputs: 1...2, elements: ElementType.all
  ) { (node) throws(GraphError) in
    let name = try node.string("mode") ?? "nearest"
    guard let mode = Mode(rawValue: name == "bilinear" ? "linear" : name), mode != .cubic else {
      throw .invalid(place: node.node, reason: "attribute 'mode' is '\(name)'; known are nearest, linear")
    }
    switch node.opset {
    case 10: throw .invalid(place: node.node, reason: "opset 10 replaced Upsample by Resize")
    case 9: return Resize(simply: mode, target: .inputs(region: nil, scales: 1, sizes: nil))
    case 7:
      guard let scales = try node.floats("scales") else { throw .invalid(place: node.node, reason: "attribute 'scales' is missing") }
      return Resize(simply: mode, target: .scales(scales))
    default:
      guard let height = try node.float("height_scale"), let width = try node.float("width_scale") else {
        throw .invalid(place: node.node, reason: "attributes 'height_scale' and 'width_scale' are missing")
      }
      return Resize(simply: mode, target: .scales([1, 1, height, width]))
    }
  }

  /// The meaning before opset 11: coordinates are divided by the scale and cut, or rounded up where the grid gets coarser.
  init(simply mode: Mode, target: Target) {
    self.init(
      mode: mode, coordinates: .asymmetric, rounding: .floor, cubicCoefficient: -0.75, excludesOutside: false, extrapolationValue: 0,
      antialiases: false, axes: nil, aspectRatio: .stretch, target: target)
  }

  init(
    mode: Mode, coordinates: Coordinates, rounding: Rounding, cubicCoefficient: Float, excludesOutside: Bool, extrapolationValue: Float,
    antialiases: Bool, axes: [Int]?, aspectRatio: AspectRatio, target: Target
  ) {
    self.mode = mode
    self.coordinates = coordinates
    self.rounding = rounding
    self.cubicCoefficient = cubicCoefficient
    self.excludesOutside = excludesOutside
    self.extrapolationValue = extrapolationValue
    self.antialiases = antialiases
    self.axes = axes
    self.aspectRatio = aspectRatio
    self.target = target
  }

  /// As `init(simply:target:)` makes it.
  var isBeforeChoices: Bool {
    switch target {
    case .scales, .inputs(nil, _, _): true
    case .inputs: false
    }
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type
    if mode != .nearest, x.element == .bool { throw .unsupported(place: "", reason: "Resize of booleans in mode \(mode.rawValue)") }
    return [TensorType(x.element, try resampledAxes(of: inputs).map(\.output))]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X")
    let axes = try resampledAxes(of: inputs.operands)
    let type = TensorType(x.element, axes.map(\.output))
    if mode == .nearest, coordinates != .cropAndResize {
      let sources = axes.map { axis in samples(along: axis).map(\.first) }
      return [Tensor(type, x.values.picked(at: gridIndices(sources, in: x.shape)))]
    }
    var shape = x.shape, values = x.doubles
    for (axis, resampled) in axes.enumerated() where !resampled.isIdentity {
      values = resample(values, shape: shape, axis: axis, samples: samples(along: resampled))
      shape[axis] = resampled.output
    }
    if x.element.isFloatingPoint { return [Tensor(type, rounding: values)] }
    return [Tensor(type, .integers(values.map { x.element.truncating($0.rounded(.toNearestOrEven)) }))]
  }

  /// One axis on its new grid, the others as they are.
  private func resample(_ values: [Double], shape: [Int], axis: Int, samples: [ResizeSample]) -> [Double] {
    let inner = shape[(axis + 1)...].reduce(1, *), outer = shape[..<axis].reduce(1, *), length = shape[axis]
    var result: [Double] = []
    result.reserveCapacity(outer * samples.count * inner)
    for block in 0..<outer {
      for sample in samples {
        guard sample.isInside else {
          result += [Double](repeating: Double(extrapolationValue), count: inner)
          continue
        }
        let start = (block * length + sample.first) * inner
        for i in 0..<inner {
          var sum = 0.0
          for (k, weight) in sample.weights.enumerated() { sum += weight * values[start + k * inner + i] }
          result.append(sum)
        }
      }
    }
    return result
  }
}

/// Flat positions in `shape` of the grid that the lists of indices per axis span, in row-major order.
private func gridIndices(_ sources: [[Int]], in shape: [Int]) -> [Int] {
  sources.indices.reduce([0]) { places, axis in
    places.flatMap { place in sources[axis].map { place * shape[axis] + $0 } }
  }
}

extension Tensor.Values {
  fileprivate func picked(at places: [Int]) -> Tensor.Values {
    switch self {
    case .floats(let v): .floats(places.map { v[$0] })
    case .doubles(let v): .doubles(places.map { v[$0] })
    case .integers(let v): .integers(places.map { v[$0] })
    }
  }
}

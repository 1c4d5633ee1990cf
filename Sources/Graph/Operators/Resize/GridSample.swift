/// Values of X at the places that a grid names (ONNX GridSample 16, 20, 22).
///
/// Inputs X `[N, C, D...]`, grid `[N, E..., r]` for r spatial axes; the last axis lists coordinates from the innermost axis of X to the outermost, -1
/// and 1 at its ends. The result is `[N, C, E...]`. A coordinate that is not a number gives NaN, or 0 for integers.
public struct GridSample: Operator {
  public enum Mode: Sendable {
    case nearest, linear, cubic
  }

  public enum Padding: String, Sendable, CaseIterable {
    case zeros, border, reflection
  }

  public let mode: Mode
  public let padding: Padding
  /// -1 and 1 are the centres of the outermost voxels; else their outer faces.
  public let alignsCorners: Bool

  public static let declaration = OperatorDeclaration("GridSample", opsets: [16, 20, 22], inputs: 2...2, elements: ElementType.all) {
    (node) throws(GraphError) in
    let names: [String: Mode] =
      node.opset < 20
      ? ["nearest": .nearest, "bilinear": .linear, "bicubic": .cubic] : ["nearest": .nearest, "linear": .linear, "cubic": .cubic]
    let name = try node.string("mode")
    guard let mode = name.map({ names[$0] }) ?? .linear else {
      throw .invalid(place: node.node, reason: "attribute 'mode' is '\(name ?? "")'; known are \(names.keys.sorted().joined(separator: ", "))")
    }
    return GridSample(mode: mode, padding: try node.choice("padding_mode", default: .zeros), alignsCorners: try node.bool("align_corners") ?? false)
  }

  public var definition: OperatorDefinition {
    let name = switch mode {
    case .nearest: "nearest"
    case .linear: "linear"
    case .cubic: "cubic"
    }
    return OperatorDefinition(["mode": .string(name), "padding_mode": .string(padding.rawValue), "align_corners": .flag(alignsCorners)])
  }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let x = try inputs.required(0, "X").type, grid = try inputs.required(1, "grid").type
    guard x.shape.count >= 3, grid.shape.count == x.shape.count, grid.shape[0] == x.shape[0], grid.shape.last == x.shape.count - 2 else {
      throw .shape(place: "", reason: "grid \(grid.shape) does not fit X \(x.shape)")
    }
    guard grid.element.isFloatingPoint else { throw .invalid(place: "", reason: "the grid is \(grid.element.onnxName)") }
    guard !x.shape[2...].contains(0) else { throw .shape(place: "", reason: "X \(x.shape) has no voxels") }
    return [TensorType(x.element, Array(x.shape[..<2]) + grid.shape[1..<(grid.shape.count - 1)])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let x: Tensor = try inputs.required(0, "X"), grid: Tensor = try inputs.required(1, "grid")
    let type = try outputs(of: inputs.operands)[0]
    let size = Array(x.shape[2...]), voxels = size.reduce(1, *), channels = x.shape[1], places = type.shape[2...].reduce(1, *)
    let values = x.doubles, coordinates = grid.doubles
    var y = [Double](repeating: 0, count: type.count)
    for item in 0..<x.shape[0] {
      for place in 0..<places {
        let first = (item * places + place) * size.count
        let samples = samples(at: zip(coordinates[first..<first + size.count].reversed(), size).map { inVoxels($0, size: $1, grid.element) }, size: size)
        for channel in 0..<channels {
          let source = (item * channels + channel) * voxels
          y[(item * channels + channel) * places + place] = samples.reduce(0) { $0 + $1.weight * values[source + $1.voxel] }
        }
      }
    }
    if x.element.isFloatingPoint { return [Tensor(type, rounding: y)] }
    return [Tensor(type, .integers(y.map { x.element.truncating($0) }))]
  }

  /// A coordinate of the grid in voxels from the centre of the first, in the arithmetic of PyTorch and ONNX Runtime: float32 unless the grid is
  /// double. A place half way between two voxels then goes to the same one.
  private func inVoxels(_ coordinate: Double, size: Int, _ element: ElementType) -> Double {
    func unnormalized<T: BinaryFloatingPoint>(_ x: T) -> T {
      alignsCorners ? (x + 1) / 2 * T(size - 1) : ((x + 1) * T(size) - 1) / 2
    }
    return element == .float64 ? unnormalized(coordinate) : Double(unnormalized(Float(coordinate)))
  }

  /// Voxels and weights that make up the value at a place, outermost axis first.
  private func samples(at coordinates: [Double], size: [Int]) -> [(voxel: Int, weight: Double)] {
    zip(coordinates, size).reduce([(0, 1.0)]) { samples, axis in
      let taps = taps(at: axis.0, size: axis.1)
      return samples.flatMap { sample in taps.map { (sample.0 * axis.1 + $0.voxel, sample.1 * $0.weight) } }
    }
  }

  /// The part of one axis: voxels inside, with their weights; those in the padding of zeros are left out.
  private func taps(at coordinate: Double, size: Int) -> [(voxel: Int, weight: Double)] {
    let x = padded(mode == .nearest ? coordinate.rounded(.toNearestOrEven) : coordinate, size: size)
    guard x.isFinite else { return [(0, .nan)] }
    let base = Int(x.rounded(.down)), t = x - Double(base)
    let weights: [(at: Int, weight: Double)] =
      switch mode {
      case .nearest: [(base, 1)]
      case .linear: [(base, 1 - t), (base + 1, t)]
      case .cubic: (-1...2).map { (base + $0, Self.keys(abs(Double($0) - t))) }
      }
    return weights.compactMap { tap in voxel(tap.at, size: size).map { ($0, tap.weight) } }
  }

  /// Keys' cubic with a = -0.75, at distances up to 2.
  private static func keys(_ d: Double) -> Double {
    d <= 1 ? (1.25 * d - 2.25) * d * d + 1 : ((-0.75 * d + 3.75) * d - 6) * d + 3
  }

  /// Limits of the axis beyond which coordinates are moved.
  private func limits(_ size: Int) -> (low: Double, high: Double) { alignsCorners ? (0, Double(size - 1)) : (-0.5, Double(size) - 0.5) }

  private func padded(_ x: Double, size: Int) -> Double {
    let (low, high) = limits(size)
    if x >= low && x <= high || x.isNaN { return x }
    switch padding {
    case .border where mode != .cubic: return min(max(x, 0), Double(size - 1))
    // The taps look after themselves; it only has to be a modest number. PyTorch and ONNX Runtime do not move a cubic to the border,
    // unlike ONNX's reference implementation.
    case .zeros, .border: return min(max(x, -3), Double(size) + 3)
    case .reflection: return reflected(x, low, high)
    }
  }

  /// The voxel that stands at an index, nil for zero.
  private func voxel(_ index: Int, size: Int) -> Int? {
    if (0..<size).contains(index) { return index }
    switch padding {
    case .zeros: return nil
    case .border: return min(max(index, 0), size - 1)
    case .reflection:
      let (low, high) = limits(size)
      return min(max(Int(reflected(Double(index), low, high)), 0), size - 1)
    }
  }

  /// Thrown back at both ends until inside.
  private func reflected(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let range = high - low
    if range <= 0 { return low }
    let beyond = x < low ? low - x : x - high
    if beyond < 0 { return x }
    let rest = beyond.truncatingRemainder(dividingBy: 2 * range)
    let inward = rest <= range ? rest : 2 * range - rest
    return x < low ? low + inward : high - inward
  }
}

/// The places of an affine transformation of the whole space, as GridSample takes them (ONNX AffineGrid 20).
///
/// Inputs theta `[N, 2, 3]` or `[N, 3, 4]`, size `[N, C, H, W]` or `[N, C, D, H, W]`; the result is `[N, H, W, 2]` or `[N, D, H, W, 3]`.
public struct AffineGrid: Operator {
  /// -1 and 1 are the centres of the outermost voxels; else their outer faces.
  public let alignsCorners: Bool

  public static let declaration = OperatorDeclaration("AffineGrid", opsets: [20], inputs: 2...2, elements: ElementType.floatingPoint) {
    (node) throws(GraphError) in AffineGrid(alignsCorners: try node.bool("align_corners") ?? false)
  }

  public var definition: OperatorDefinition { OperatorDefinition(["align_corners": .flag(alignsCorners)]) }

  public func outputs(of inputs: [Operand?]) throws(GraphError) -> [TensorType] {
    let theta = try inputs.required(0, "theta").type
    let size = try inputs.required(1, "size").integers("size")
    let axes = size.count - 2
    guard axes == 2 || axes == 3, size.allSatisfy({ $0 >= 0 }), theta.shape == [size[0], axes, axes + 1] else {
      throw .shape(place: "", reason: "theta \(theta.shape) does not fit the size \(size)")
    }
    return [TensorType(theta.element, [size[0]] + size[2...] + [axes])]
  }

  public func evaluate(_ inputs: [Tensor?]) throws(GraphError) -> [Tensor] {
    let theta: Tensor = try inputs.required(0, "theta"), matrix = theta.doubles
    let type = try outputs(of: inputs.operands)[0]
    let size = Array(type.shape[1..<(type.shape.count - 1)]), axes = size.count
    // All places, each as its coordinates from the outermost axis to the innermost.
    let places = size.reduce([[]]) { places, length in places.flatMap { place in (0..<length).map { place + [coordinate($0, length)] } } }
    var y: [Double] = []
    y.reserveCapacity(type.count)
    for item in 0..<type.shape[0] {
      for place in places {
        let homogeneous = place.reversed() + [1]
        for row in 0..<axes {
          let start = (item * axes + row) * (axes + 1)
          y.append(homogeneous.indices.reduce(0) { $0 + matrix[start + $1] * homogeneous[$1] })
        }
      }
    }
    return [Tensor(type, rounding: y)]
  }

  private func coordinate(_ index: Int, _ length: Int) -> Double {
    if !alignsCorners { return Double(2 * index + 1) / Double(length) - 1 }
    return length == 1 ? 0 : 2 * Double(index) / Double(length - 1) - 1
  }
}

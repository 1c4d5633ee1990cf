/// One axis of a resampling for concrete sizes.
public struct ResizeAxis: Sendable, Hashable {
  public let input: Int
  public let output: Int
  /// Length of the new grid in its own steps: the output's size, or the product of size and scale, which need not be whole.
  public let length: Double
  /// Part of the old axis that `cropAndResize` takes, as fractions of its length less one.
  public let regionStart: Double
  public let regionEnd: Double

  /// Steps of the new grid for one of the old.
  public var scale: Double { length / Double(input) }

  /// The grid stays as it is.
  public var isIdentity: Bool { input == output && length == Double(output) && regionStart == 0 && regionEnd == 1 }

  /// Where element `index` of the new grid lies on the old one, in voxels from the centre of its first.
  ///
  /// Products come before quotients, so that whole ratios give whole and half numbers exactly and rounding does not depend on luck.
  public func coordinate(_ index: Int, _ mode: Resize.Coordinates) -> Double {
    let x = Double(index), size = Double(input)
    switch mode {
    case .halfPixel: return (x + 0.5) * size / length - 0.5
    case .pytorchHalfPixel: return output > 1 ? (x + 0.5) * size / length - 0.5 : 0
    case .halfPixelForNearest: return (x + 0.5) * size / length
    case .halfPixelSymmetric: return size / 2 * (1 - Double(output) / length) + (x + 0.5) * size / length - 0.5
    case .alignCorners: return length == 1 ? 0 : x * (size - 1) / (length - 1)
    case .asymmetric: return x * size / length
    case .cropAndResize:
      let span = (regionEnd - regionStart) * (size - 1)
      return length == 1 ? 0.5 * (regionStart + regionEnd) * (size - 1) : regionStart * (size - 1) + x * span / (length - 1)
    }
  }
}

/// What one element of the new grid is made of along one axis: `weights` of the elements from `first` on, all inside the tensor.
public struct ResizeSample: Sendable, Hashable {
  public let first: Int
  public let weights: [Double]
  /// False where the result is `Resize.extrapolationValue`.
  public let isInside: Bool

  public init(first: Int, weights: [Double], isInside: Bool) {
    self.first = first
    self.weights = weights
    self.isInside = isInside
  }
}

extension Resize {
  /// All axes of the first input, in order. Throws where scales or sizes are not constant or contradict the input.
  public func resampledAxes(of inputs: [Operand?]) throws(GraphError) -> [ResizeAxis] {
    let shape = try inputs.required(0, "X").type.shape
    let chosen = try chosenAxes(rank: shape.count)
    let (scales, sizes) = try targets(of: inputs, count: chosen.count)
    let region = try region(of: inputs, count: chosen.count)
    var result = shape.map { ResizeAxis(input: $0, output: $0, length: Double($0), regionStart: 0, regionEnd: 1) }
    let ratio = commonRatio(sizes, shape: chosen.map { shape[$0] })
    for (position, axis) in chosen.enumerated() {
      let input = shape[axis], output: Int, length: Double
      if let sizes {
        length = ratio.map { $0 * Double(input) } ?? Double(sizes[position])
        output = ratio == nil ? sizes[position] : try whole(length + 0.5, axis: axis)
      } else {
        // In the arithmetic of ONNX Runtime and of ONNX's shape inference, so that the sizes agree.
        output = try whole(Double(Float(input) * scales[position]), axis: axis)
        // A scale that is the rounded quotient of whole sizes stands for that quotient.
        length = Float(output) / Float(input) == scales[position] ? Double(output) : Double(input) * Double(scales[position])
      }
      guard output <= Self.longestAxis else {
        throw .unsupported(place: "", reason: "axis \(axis) would become \(output) long; up to \(Self.longestAxis) are supported")
      }
      guard input > 0 || output == 0 else { throw .shape(place: "", reason: "axis \(axis) is empty and cannot become \(output) long") }
      result[axis] = ResizeAxis(
        input: input, output: output, length: length, regionStart: region?[position] ?? 0, regionEnd: region?[chosen.count + position] ?? 1)
    }
    return result
  }

  /// Every element of a new axis has a list of weights: a few numbers of a file must not ask for gigabytes of them.
  static let longestAxis = 1 << 20

  private func whole(_ length: Double, axis: Int) throws(GraphError) -> Int {
    let longest = Limits.dimension.upperBound
    guard length < Double(longest) else { throw .shape(place: "", reason: "axis \(axis) would become longer than \(longest)") }
    return Int(length)
  }

  private func chosenAxes(rank: Int) throws(GraphError) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    var chosen: [Int] = []
    for axis in axes {
      let normal = try normalizedAxis(axis, rank: rank)
      guard !chosen.contains(normal) else { throw .invalid(place: "", reason: "axis \(axis) occurs twice in \(axes)") }
      chosen.append(normal)
    }
    return chosen
  }

  /// Scales, or sizes if they are given.
  private func targets(of inputs: [Operand?], count: Int) throws(GraphError) -> (scales: [Float], sizes: [Int]?) {
    switch target {
    case .scales(let scales): return (try checked(scales, count: count), nil)
    case .inputs(_, let scalesInput, let sizesInput):
      let scales: Operand? = inputs.optional(scalesInput), sizes: Operand? = sizesInput.flatMap { inputs.optional($0) }
      if let sizes, sizes.type.count > 0 {
        guard scales.map({ $0.type.count == 0 }) ?? true else { throw .invalid(place: "", reason: "both scales and sizes are given") }
        let values = try sizes.integers("sizes")
        guard values.count == count, values.allSatisfy({ $0 >= 0 }) else {
          throw .invalid(place: "", reason: "sizes \(values) do not fit \(count) axes")
        }
        return ([], values)
      }
      guard let scales else { throw .invalid(place: "", reason: "neither scales nor sizes are given") }
      guard let values = scales.constant?.floats else {
        throw .unsupported(place: "input 'scales'", reason: "a shape depends on values that are known only when the network runs")
      }
      return (try checked(values, count: count), nil)
    }
  }

  private func checked(_ scales: [Float], count: Int) throws(GraphError) -> [Float] {
    guard scales.count == count, scales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .invalid(place: "", reason: "scales \(scales) do not fit \(count) axes")
    }
    return scales
  }

  /// Starts, then ends, of the part that `cropAndResize` takes.
  private func region(of inputs: [Operand?], count: Int) throws(GraphError) -> [Double]? {
    guard coordinates == .cropAndResize, case .inputs(let position?, _, _) = target else { return nil }
    let operand: Operand = try inputs.required(position, "roi")
    guard let values = operand.constant?.doubles else {
      throw .unsupported(place: "input 'roi'", reason: "the region is known only when the network runs")
    }
    guard values.count == 2 * count, values.allSatisfy(\.isFinite) else {
      throw .invalid(place: "", reason: "roi \(values) does not fit \(count) axes")
    }
    return values
  }

  /// The one scale of all axes where sizes are bounds.
  private func commonRatio(_ sizes: [Int]?, shape: [Int]) -> Double? {
    guard aspectRatio != .stretch, let sizes else { return nil }
    let ratios = zip(sizes, shape).map { $1 == 0 ? 1 : Double($0) / Double($1) }
    return aspectRatio == .notLarger ? ratios.min() : ratios.max()
  }

  /// What the elements of the new grid are made of along one axis.
  public func samples(along axis: ResizeAxis) -> [ResizeSample] {
    (0..<axis.output).map { index in
      let x = axis.coordinate(index, coordinates)
      // Not `x < 0 || ...`: an absurd region gives NaN, which is outside too.
      if coordinates == .cropAndResize, !(x >= 0 && x <= Double(axis.input - 1)) { return ResizeSample(first: 0, weights: [1], isInside: false) }
      if mode == .nearest { return ResizeSample(first: min(max(nearest(x, axis), 0), axis.input - 1), weights: [1], isInside: true) }
      return folded(filter(around: x, scale: axis.scale), input: axis.input)
    }
  }

  private func nearest(_ x: Double, _ axis: ResizeAxis) -> Int {
    // Before opset 11 there was no choice: a coarser grid took the voxel behind, as ONNX's tests of that time have it.
    switch isBeforeChoices && axis.scale < 1 ? .ceil : rounding {
    case .preferFloor: Int((x - 0.5).rounded(.up))
    case .preferCeil: Int((x + 0.5).rounded(.down))
    case .floor: Int(x.rounded(.down))
    case .ceil: Int(x.rounded(.up))
    }
  }

  /// Weights of the elements from `first` on, wherever they lie, before the edges are dealt with.
  private func filter(around x: Double, scale: Double) -> (first: Int, weights: [Double]) {
    let stretch = antialiases ? min(scale, 1) : 1
    let reach = (mode == .cubic ? 2 : 1) / stretch
    let first = Int((x - reach).rounded(.down)) + 1, last = max(first, Int((x + reach).rounded(.up)) - 1)
    let weights = (first...last).map { weight(abs(Double($0) - x) * stretch) }
    guard antialiases else { return (first, weights) }
    let sum = weights.reduce(0, +)
    return (first, weights.map { $0 / sum })
  }

  /// Height of the filter at a distance below its reach.
  private func weight(_ distance: Double) -> Double {
    guard mode == .cubic else { return 1 - distance }
    let a = Double(cubicCoefficient), d = distance
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
  }

  /// Weights outside the tensor go to its edge, or vanish.
  private func folded(_ filter: (first: Int, weights: [Double]), input: Int) -> ResizeSample {
    let low = min(max(filter.first, 0), input - 1), high = min(max(filter.first + filter.weights.count - 1, 0), input - 1)
    var weights = [Double](repeating: 0, count: high - low + 1)
    for (k, weight) in filter.weights.enumerated() {
      let place = filter.first + k
      if !excludesOutside || (0..<input).contains(place) { weights[min(max(place, low), high) - low] += weight }
    }
    let sum = weights.reduce(0, +)
    if excludesOutside, sum != 0 { weights = weights.map { $0 / sum } }
    return ResizeSample(first: low, weights: weights, isInside: true)
  }
}

import Graph
import Testing

@Suite("Resize", .tags(.operator))
struct ResizeTests {
  static func node(_ attributes: [String: Attribute], opset: Int = 19) throws -> SingleNode {
    try SingleNode("Resize", opset: opset, inputs: 4, attributes)
  }

  static func strings(_ mode: String, _ coordinates: String, _ nearest: String? = nil) -> [String: Attribute] {
    var all: [String: Attribute] = ["mode": .string(mode), "coordinate_transformation_mode": .string(coordinates)]
    if let nearest { all["nearest_mode"] = .string(nearest) }
    return all
  }

  static func scales(_ values: Float...) -> Tensor { .float([values.count], values) }

  /// One row of five numbers, what is made of them by hand.
  struct Row: Sendable, CustomTestStringConvertible {
    var mode: String
    var coordinates: String
    var nearest: String? = nil
    var input: [Float]
    var size: Int
    var want: [Float]
    var testDescription: String { "\(mode) \(coordinates) \(nearest ?? "") \(input.count) -> \(size)" }
  }

  static let rows = [
    // Places 0.0, 0.5, 1.0, 1.5 on the old grid.
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "floor", input: [10, 20], size: 4, want: [10, 10, 20, 20]),
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "ceil", input: [10, 20], size: 4, want: [10, 20, 20, 20]),
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "round_prefer_floor", input: [10, 20], size: 4, want: [10, 10, 20, 20]),
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "round_prefer_ceil", input: [10, 20], size: 4, want: [10, 20, 20, 20]),
    // Whole ratios whatever the rounding of 1/3, 1/5, ...: the fifth of six is place 4, the last of three is place 10/3.
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "floor", input: [0, 1, 2, 3, 4], size: 6, want: [0, 0, 1, 2, 3, 4]),
    Row(mode: "nearest", coordinates: "asymmetric", nearest: "floor", input: [0, 1, 2, 3, 4], size: 3, want: [0, 1, 3]),
    // Places (x + 0.5) * 4 / 2 - 0.5 = 0.5, 2.5.
    Row(mode: "nearest", coordinates: "half_pixel", nearest: "round_prefer_floor", input: [0, 1, 2, 3], size: 2, want: [0, 2]),
    Row(mode: "nearest", coordinates: "half_pixel", nearest: "round_prefer_ceil", input: [0, 1, 2, 3], size: 2, want: [1, 3]),
    Row(mode: "linear", coordinates: "half_pixel", input: [0, 8], size: 4, want: [0, 2, 6, 8]),
    Row(mode: "linear", coordinates: "half_pixel", input: [0, 1, 2, 3], size: 1, want: [1.5]),
    Row(mode: "linear", coordinates: "pytorch_half_pixel", input: [0, 1, 2, 3], size: 1, want: [0]),
    Row(mode: "linear", coordinates: "align_corners", input: [0, 8], size: 5, want: [0, 2, 4, 6, 8]),
    Row(mode: "linear", coordinates: "align_corners", input: [3, 8], size: 1, want: [3]),
    Row(mode: "linear", coordinates: "asymmetric", input: [0, 8], size: 4, want: [0, 4, 8, 8]),
    Row(mode: "linear", coordinates: "half_pixel", input: [7], size: 3, want: [7, 7, 7]),
    // Weights at one half, a = -0.75: -3/32, 19/32, 19/32, -3/32; the edges repeat.
    Row(mode: "cubic", coordinates: "align_corners", input: [0, 32, 64], size: 5, want: [0, 13, 32, 51, 64]),
  ]

  @Test(arguments: rows)
  func byHand(row: Row) throws {
    let x = Tensor.float([1, row.input.count], row.input)
    let node = try Self.node(Self.strings(row.mode, row.coordinates, row.nearest))
    #expect(try node(x, nil, nil, .vector(1, Int64(row.size)))[0] == .float([1, row.size], row.want))
    // The same by scales, which say what the sizes say, and with a further axis that stays.
    let scale = Float(row.size) / Float(row.input.count)
    let tall = Tensor.float([row.input.count, 2], row.input.flatMap { [$0, 2 * $0] })
    let y = try Self.node(Self.strings(row.mode, row.coordinates, row.nearest), opset: 13)(tall, nil, Self.scales(scale, 1))[0]
    #expect(y == .float([row.size, 2], row.want.flatMap { [$0, 2 * $0] }))
  }

  /// Three axes at once against the product of one-dimensional weights, formed point by point.
  @Test(arguments: ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"], [[5, 4, 7], [2, 1, 3], [3, 8, 2], [6, 6, 6]])
  func trilinear(coordinates: String, size: [Int]) throws {
    let input = [3, 4, 2], x = Tensor.random([2, 1] + input, seed: 9)
    let y = try Self.node(Self.strings("linear", coordinates))(x, nil, nil, .int64([5], ([2, 1] + size).map { Int64($0) }))[0]
    var at = 0
    withEachIndex(of: [2, 1] + size) { out in
      let place = (0..<3).map { a -> Double in
        let o = Double(out[a + 2]), ratio = Double(input[a]) / Double(size[a])
        let p: Double =
          switch coordinates {
          case "half_pixel": (o + 0.5) * ratio - 0.5
          case "pytorch_half_pixel": size[a] == 1 ? 0 : (o + 0.5) * ratio - 0.5
          case "asymmetric": o * ratio
          default: size[a] == 1 ? 0 : o * Double(input[a] - 1) / Double(size[a] - 1)
          }
        return min(max(p, 0), Double(input[a] - 1))  // linear weights on a repeated edge are the edge
      }
      var want = 0.0
      withEachIndex(of: [2, 2, 2]) { corner in
        var weight = 1.0, source = [out[0], out[1]]
        for a in 0..<3 {
          let low = Int(place[a]), fraction = place[a] - Double(low)
          weight *= corner[a] == 0 ? 1 - fraction : fraction
          source.append(min(low + corner[a], input[a] - 1))
        }
        want += weight * x.doubles[flat(source, in: x.shape)!]
      }
      #expect(abs(y.doubles[at] - want) <= 1.2e-7 * 2, "at \(out)")  // values below 2, one rounding to float
      at += 1
    }
    #expect(at == y.count)
  }

  @Test func scalesCutTheSizeAsFloatsDo() throws {
    // 10 * 0.7 rounds to 7 in single precision although the float next to 0.7 is smaller; 3 * 1.5 is cut to 4.
    let types = try Self.node([:]).operation.outputs(of: [Operand(TensorType(.float32, [10, 3])), nil, Operand(Self.scales(0.7, 1.5))])
    #expect(types == [TensorType(.float32, [7, 4])])
  }

  @Test func axesAspectRatioAndRounding() throws {
    let x = Tensor.float([1, 1, 4, 2], (0..<8).map { Float($0) })
    let shape = { (attributes: [String: Attribute], sizes: Tensor) -> [Int] in try Self.node(attributes)(x, nil, nil, sizes)[0].shape }
    #expect(try shape(["axes": .ints([-1, 2])], .vector(6, 5)) == [1, 1, 5, 6])
    #expect(try shape(["axes": .ints([2, 3]), "keep_aspect_ratio_policy": .string("not_larger")], .vector(7, 5)) == [1, 1, 7, 4])  // 3.5 up
    #expect(try shape(["axes": .ints([2, 3]), "keep_aspect_ratio_policy": .string("not_smaller")], .vector(7, 5)) == [1, 1, 10, 5])
  }

  @Test func integersAreRoundedAndNearestIsExact() throws {
    let big = Tensor.int64([2], [(1 << 60) + 1, -5])
    #expect(try Self.node(Self.strings("nearest", "asymmetric", "floor"))(big, nil, nil, .vector(4))[0].integers == [(1 << 60) + 1, (1 << 60) + 1, -5, -5])
    let bytes = Tensor(TensorType(.uint8, [2]), .integers([0, 255]))
    #expect(try Self.node(Self.strings("linear", "half_pixel"))(bytes, nil, nil, .vector(4))[0].integers == [0, 64, 191, 255])
    let cubic = try Self.node(Self.strings("cubic", "half_pixel"))(Tensor(TensorType(.uint8, [4]), .integers([0, 0, 255, 255])), nil, nil, .vector(8))[0]
    #expect(cubic.integers?.allSatisfy { (0...255).contains($0) } == true)  // overshoots are clamped
  }

  /// Starts and ends are fractions of size less one: places 1.5, 2.25, 3.0 and, beyond the tensor, nothing.
  @Test func cropAndResize() throws {
    var attributes = Self.strings("linear", "tf_crop_and_resize")
    attributes["extrapolation_value"] = .float(-9)
    let x = Tensor.float([4], [0, 10, 20, 30])
    let node = try Self.node(attributes)
    #expect(try node(x, .float([2], [0.5, 1]), nil, .vector(3))[0].floats == [15, 22.5, 30])
    #expect(try node(x, .float([2], [0.5, 1.5]), nil, .vector(3))[0].floats == [15, 30, -9])
    #expect(try node(x, .float([2], [0, 1]), nil, .vector(1))[0].floats == [15])
    let absurd = Tensor.double([2], [-1e308, 1e308])
    #expect(try node(x, absurd, nil, .vector(2))[0].floats == [-9, -9])
    #expect(throws: GraphError.self) { try node(x, nil, nil, .vector(3)) }
  }

  /// Keys' filter half outside: without the outer weights (-3/32 and, at the other side, the same) the rest sums to 1 again.
  @Test func excludesOutside() throws {
    var attributes = Self.strings("cubic", "align_corners")
    attributes["exclude_outside"] = .int(1)
    let y = try Self.node(attributes)(.float([3], [0, 32, 64]), nil, nil, .vector(5))[0]
    let side = Float((19.0 * 32 - 3 * 64) / (19 + 19 - 3))
    #expect(y.floats == [0, side, 32, 64 - side, 64])
  }

  /// Four to two with a triangle of reach two around 0.5 and 2.5: weights 1/8, 3/8, 3/8, 1/8 where the edges repeat.
  @Test func antialias() throws {
    var attributes = Self.strings("linear", "half_pixel")
    attributes["antialias"] = .int(1)
    let x = Tensor.float([4], [0, 8, 16, 80])
    #expect(try Self.node(attributes)(x, nil, nil, .vector(2))[0].floats == [5, (8 + 48 + 240 + 80) / 8])
    attributes["exclude_outside"] = .int(1)
    #expect(try Self.node(attributes)(x, nil, nil, .vector(2))[0].floats == [Float(40.0 / 7), Float((8 + 48 + 240) / 7.0)])
    #expect(try Self.node(attributes)(.float([2], [0, 8]), nil, nil, .vector(4))[0].floats == [0, 2, 6, 8])  // finer: as without
  }

  @Test func beforeOpset11() throws {
    let x = Tensor.float([1, 1, 1, 2], [1, 3])
    let resize = try SingleNode("Resize", opset: 10, inputs: 2, ["mode": .string("linear")])
    #expect(try resize(x, Self.scales(1, 1, 1, 2))[0].floats == [1, 2, 3, 3])
    let nine = try SingleNode("Upsample", opset: 9, inputs: 2)
    #expect(try nine(x, Self.scales(1, 1, 2, 2))[0] == .float([1, 1, 2, 4], [1, 1, 3, 3, 1, 1, 3, 3]))
    let seven = try SingleNode("Upsample", opset: 7, inputs: 1, ["scales": .floats([1, 1, 1, 2]), "mode": .string("linear")])
    #expect(try seven(x)[0].floats == [1, 2, 3, 3])
    let one = try SingleNode("Upsample", opset: 1, inputs: 1, ["height_scale": .float(1), "width_scale": .float(2), "mode": .string("bilinear")])
    #expect(try one(x)[0].floats == [1, 2, 3, 3])
    #expect(throws: GraphError.self) { try SingleNode("Upsample", opset: 10, inputs: 2) }
  }

  @Test func refuses() throws {
    let x = Operand(TensorType(.float32, [2, 3])), node = try Self.node([:]).operation
    let scales = Operand(Self.scales(2, 2)), none = Operand(Tensor.float([0], [])), sizes = Operand(.vector(4, 6))
    for (inputs, reason) in [
      ([x, nil, scales, sizes], "both scales and sizes are given"), ([x], "neither scales nor sizes are given"),
      ([x, nil, none], "scales [] do not fit 2 axes"), ([x, nil, Operand(Self.scales(1, 0))], "scales [1.0, 0.0] do not fit 2 axes"),
      ([x, nil, nil, Operand(.vector(4))], "sizes [4] do not fit 2 axes"),
      ([x, nil, Operand(TensorType(.float32, [2]))], "a shape depends on values that are known only when the network runs"),
      ([x, nil, Operand(Self.scales(1e30, 1))], "axis 0 would become longer than 2147483648"),
      ([Operand(TensorType(.float32, [0, 3])), nil, nil, sizes], "axis 0 is empty and cannot become 4 long"),
    ] as [([Operand?], String)] {
      #expect(try #require(throws: GraphError.self) { try node.outputs(of: inputs) }.reason == reason)
    }
    #expect(try node.outputs(of: [x, nil, none, sizes])[0].shape == [4, 6])
    #expect(throws: GraphError.self) { try Self.node(["mode": .string("quintic")]) }
    #expect(throws: GraphError.self) { try Self.node(["axes": .ints([0, -2])]).operation.outputs(of: [x, nil, scales]) }
  }
}

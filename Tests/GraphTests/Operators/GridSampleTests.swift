import Graph
import Testing

@Suite("GridSample", .tags(.operator))
struct GridSampleTests {
  static func sample(_ x: Tensor, _ grid: Tensor, _ attributes: [String: Attribute], opset: Int = 20) throws -> Tensor {
    try SingleNode("GridSample", opset: opset, inputs: 2, attributes)(x, grid)[0]
  }

  static let row = Tensor.float([1, 1, 4], [0, 1, 2, 4])

  static func places(_ values: Float...) -> Tensor { .float([1, values.count, 1], values) }

  /// Corner to corner -1 and 1 are voxels 0 and 3; face to face they are -0.5 and 3.5.
  @Test func alongOneAxis() throws {
    let corners = Self.places(-1, 0, 1, 0.5)
    #expect(try Self.sample(Self.row, corners, ["align_corners": .int(1)]).floats == [0, 1.5, 4, 2.5])
    #expect(try Self.sample(Self.row, corners, ["align_corners": .int(0)]).floats == [0, 1.5, 2, 3])  // half of the last lies outside
    #expect(try Self.sample(Self.row, corners, ["align_corners": .int(0), "padding_mode": .string("border")]).floats == [0, 1.5, 4, 3])
    // Places 0.5, 1.5 and 2.5 go to even neighbours.
    #expect(try Self.sample(Self.row, Self.places(-0.5, 0, 0.5), ["mode": .string("nearest")]).floats == [0, 2, 2])
  }

  /// Places -1.5 and 5.5 of four voxels: mirrored at the faces 0.5 and 1.5, at the centres 1.5 and 0.5.
  @Test func reflection() throws {
    let outside = Self.places(-1.5, 2)  // (c + 1) * 2 - 0.5
    let reflect: [String: Attribute] = ["padding_mode": .string("reflection")]
    #expect(try Self.sample(Self.row, outside, reflect).floats == [0.5, 1.5])
    let centres = Self.places(-2, Float(8.0 / 3), 1000)  // (c + 1) * 1.5: -1.5, 5.5, far away
    let y = try Self.sample(Self.row, centres, reflect.merging(["align_corners": .int(1)]) { $1 }).floats ?? []
    #expect(y[0] == 1.5 && abs(y[1] - 0.5) < 1e-6 && (0...4).contains(y[2]))
  }

  /// Figures of torch.nn.functional.grid_sample 2.15 on a row of four in a plane.
  @Test(arguments: [
    ("border", 0, [0, -0.04725003, 4, 4.2205]), ("reflection", 0, [0.23174983, -0.15749979, 2.2247493, 4.315]),
    ("zeros", 0, [0, -0.04725003, -0.02700043, 3.1045008]), ("border", 1, [-0.07200003, -0.08128142, 4, 3.7589684]),
  ] as [(String, Int64, [Double])])
  func cubicAsTorch(padding: String, corners: Int64, want: [Double]) throws {
    let x = Tensor.float([1, 1, 1, 4], [0, 1, 2, 4]), grid = Tensor.float([1, 1, 4, 2], [-1.4, 0, -1.1, 0, 1.7, 0, 0.9, 0])
    let y = try Self.sample(x, grid, ["mode": .string("bicubic"), "padding_mode": .string(padding), "align_corners": .int(corners)], opset: 16)
    for (got, want) in zip(y.doubles, want) { #expect(abs(got - want) < 2e-6) }
  }

  /// The last axis of the grid lists the innermost axis first; eight neighbours with product weights.
  @Test func trilinear() throws {
    let shape = [2, 2, 3, 2, 4], x = Tensor.random(shape, seed: 1)
    let grid = Tensor.float([2, 1, 2, 3, 3], Tensor.random([2, 1, 2, 3, 3], seed: 2).floats!.map { $0 / 2 })  // in -1..<1
    let y = try Self.sample(x, grid, ["align_corners": .int(1)])
    #expect(y.shape == [2, 2, 1, 2, 3])
    var at = 0
    withEachIndex(of: y.shape) { out in
      let place = (0..<3).map { axis -> Double in
        let c = grid.doubles[flat([out[0], out[2], out[3], out[4], 2 - axis], in: grid.shape)!]
        return (c + 1) / 2 * Double(shape[axis + 2] - 1)
      }
      var want = 0.0
      withEachIndex(of: [2, 2, 2]) { corner in
        var weight = 1.0, source = [out[0], out[1]]
        for axis in 0..<3 {
          let low = Int(place[axis]), t = place[axis] - Double(low)
          weight *= corner[axis] == 0 ? 1 - t : t
          source.append(min(low + corner[axis], shape[axis + 2] - 1))
        }
        want += weight * x.doubles[flat(source, in: shape)!]
      }
      #expect(abs(y.doubles[at] - want) < 2.4e-7, "at \(out)")  // values below 2, one rounding to float
      at += 1
    }
  }

  /// None of these may trap; a place that is not a number gives no number.
  @Test(arguments: ["zeros", "border", "reflection"], ["nearest", "linear", "cubic"])
  func absurdPlaces(padding: String, mode: String) throws {
    let grid = Self.places(.nan, .infinity, -.infinity, 3e38, -3e38)
    let attributes: [String: Attribute] = ["mode": .string(mode), "padding_mode": .string(padding)]
    let y = try Self.sample(Self.row, grid, attributes).floats ?? []
    #expect(y.count == 5 && y[0].isNaN)
    if padding == "zeros" { #expect(y[1...].allSatisfy { $0 == 0 }) }
    if padding == "border" { #expect(y[1] == 4 && y[2] == 0 && y[3] == 4 && y[4] == 0) }
    let bytes = try Self.sample(Tensor(TensorType(.int8, [1, 1, 2]), .integers([1, 2])), grid, attributes)
    #expect(bytes.integers?[0] == 0)
  }

  @Test func refuses() throws {
    let node = try SingleNode("GridSample", opset: 20, inputs: 2).operation
    let type = { (shape: [Int]) in Operand(TensorType(.float32, shape)) }
    for (x, grid) in [([1, 1, 4], [1, 2, 2]), ([1, 1, 4], [2, 2, 1]), ([1, 1, 4, 4], [1, 2, 2]), ([1, 4], [1, 0]), ([1, 1, 0], [1, 2, 1])] {
      #expect(throws: GraphError.self) { try node.outputs(of: [type(x), type(grid)]) }
    }
    #expect(throws: GraphError.self) { try SingleNode("GridSample", opset: 20, inputs: 2, ["mode": .string("bilinear")]) }
    #expect(throws: GraphError.self) { try SingleNode("GridSample", opset: 16, inputs: 2, ["mode": .string("linear")]) }
  }

  /// Half size and a shift by 0.5 along x, over a plane of 2 by 3.
  @Test func affineGrid() throws {
    let theta = Tensor.float([1, 2, 3], [0.5, 0, 0.5, 0, 1, 0])
    let centres = try SingleNode("AffineGrid", opset: 20, inputs: 2, ["align_corners": .int(1)])(theta, .vector(1, 7, 2, 3))[0]
    #expect(centres == .float([1, 2, 3, 2], [0, -1, 0.5, -1, 1, -1, 0, 1, 0.5, 1, 1, 1]))
    let faces = try SingleNode("AffineGrid", opset: 20, inputs: 2)(theta, .vector(1, 7, 2, 4))[0]
    let x: [Float] = [0.125, 0.375, 0.625, 0.875]  // centres -0.75, -0.25, 0.25, 0.75, halved and moved
    #expect(faces == .float([1, 2, 4, 2], x.flatMap { [$0, -0.5] } + x.flatMap { [$0, 0.5] }))
    let volume = try SingleNode("AffineGrid", opset: 20, inputs: 2)(.float([1, 3, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), .vector(1, 1, 1, 2, 1))[0]
    #expect(volume == .float([1, 1, 2, 1, 3], [0, -0.5, 0, 0, 0.5, 0]))
    #expect(throws: GraphError.self) { try SingleNode("AffineGrid", opset: 20, inputs: 2)(theta, .vector(2, 7, 2, 3)) }
    #expect(throws: GraphError.self) { try SingleNode("AffineGrid", opset: 20, inputs: 2)(theta, .vector(1, 7, 2)) }
  }
}

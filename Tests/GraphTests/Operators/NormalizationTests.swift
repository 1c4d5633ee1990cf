import Graph
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("Normalization", .tags(.operator))
struct NormalizationTests {
  @Test(arguments: [[1, 1, 8], [2, 3, 5, 4], [1, 4, 3, 2, 5]])
  func instance(shape: [Int]) throws {
    let channels = shape[1], voxels = shape[2...].reduce(1, *)
    let x = Tensor.random(shape, seed: 1), scale = Tensor.random([channels], seed: 2), bias = Tensor.random([channels], seed: 3)
    let y = try SingleNode("InstanceNormalization", opset: 6, inputs: 3, ["epsilon": .float(0.25)])(x, scale, bias)[0]
    for at in 0..<x.count {
      let c = at / voxels % channels, group = x.doubles[at / voxels * voxels..<(at / voxels + 1) * voxels]
      let mean = group.reduce(0, +) / Double(voxels)
      let variance = group.map { $0 * $0 }.reduce(0, +) / Double(voxels) - mean * mean  // values are small multiples of 1/64
      let want = scale.doubles[c] * (x.doubles[at] - mean) / (variance + 0.25).squareRoot() + bias.doubles[c]
      #expect(abs(y.doubles[at] - want) <= 6e-8 * abs(want) + 1e-12)  // one rounding to float
    }
  }

  @Test func oneVoxelAndEqualVoxelsGiveTheBias() throws {
    let node = try SingleNode("InstanceNormalization", opset: 6, inputs: 3)
    let bias = Tensor.float([2], [0.3, -7])
    #expect(try node(.float([1, 2, 1, 1, 1], [1e30, -3]), .float([2], [5, 5]), bias)[0].floats == [0.3, -7])
    let equal = Tensor.double([1, 2, 7], [Double](repeating: 0.1, count: 7) + [Double](repeating: 1e-3, count: 7))
    let y = try node(equal, .double([2], [1e9, 1e9]), .double([2], [0.5, 0.25]))[0]
    #expect(y.doubles == [Double](repeating: 0.5, count: 7) + [Double](repeating: 0.25, count: 7))
  }

  /// Deviations of 1 on an offset of 2^23: the variance is exactly 1 where sums of squares in float would have nothing left.
  @Test func largeOffset() throws {
    let x = Tensor.float([1, 1, 4], [8_388_607, 8_388_609, 8_388_609, 8_388_607])
    let y = try SingleNode("InstanceNormalization", opset: 6, inputs: 3, ["epsilon": .float(0)])(x, .float([1], [1]), .float([1], [0]))[0]
    #expect(y.floats == [-1, 1, 1, -1])
  }

  /// (x - mean) / sqrt(var + eps) * scale + bias by hand: mean 1, var 3, eps 1 -> halves.
  @Test(arguments: [(7, [String: Attribute]()), (9, [:]), (15, ["training_mode": .int(0)]), (6, ["is_test": .int(1), "spatial": .int(1)])])
  func batch(opset: Int, extra: [String: Attribute]) throws {
    let attributes = extra.merging(["epsilon": .float(1), "momentum": .float(0.5)]) { $1 }
    let node = try SingleNode("BatchNormalization", opset: opset, inputs: 5, attributes)
    let x = Tensor.float([2, 2, 2], [1, 3, 0, 0, 5, -1, 8, 4])
    let y = try node(x, .float([2], [2, 10]), .float([2], [0, 1]), .float([2], [1, 0]), .float([2], [3, 15]))[0]
    #expect(y.floats == [0, 2, 1, 1, 4, -2, 21, 11])
  }

  @Test func batchPerVoxel() throws {
    let node = try SingleNode("BatchNormalization", opset: 7, inputs: 5, ["epsilon": .float(0), "spatial": .int(0)])
    let p = { (values: Float...) in Tensor.float([1, 2], values) }
    #expect(try node(.float([2, 1, 2], [1, 2, 3, 4]), p(1, 2), p(0, 1), p(1, 2), p(4, 1))[0].floats == [0, 1, 1, 5])
  }

  @Test func batchOfAVectorIsOneChannel() throws {
    let one = { (v: Float) in Tensor.float([1], [v]) }
    let y = try SingleNode("BatchNormalization", opset: 15, inputs: 5, ["epsilon": .float(0)])(.float([3], [1, 2, 3]), one(2), one(1), one(2), one(4))[0]
    #expect(y.floats == [0, 1, 2])
  }

  @Test(arguments: [
    (15, 4, ["training_mode": .int(1)]), (15, 3, [:]), (9, 5, [:]), (6, 1, [:]),
  ] as [(Int, Int, [String: Attribute])])
  func batchInTrainingIsRefused(opset: Int, outputs: Int, attributes: [String: Attribute]) throws {
    let error = try #require(throws: GraphError.self) {
      try SingleNode("BatchNormalization", opset: opset, inputs: 5, outputs: outputs, attributes)
    }
    #expect(error.remedy?.hasPrefix("export the model with other settings") == true, "\(error)")
  }

  /// Channel 0: mean 3, variance 5; channel 1: mean 2, variance 0. Stored statistics move a quarter of the way.
  @Test(arguments: [14, 15])
  func batchInTraining(opset: Int) throws {
    let attributes: [String: Attribute] = ["training_mode": .int(1), "momentum": .float(0.75), "epsilon": .float(4)]
    let node = try SingleNode("BatchNormalization", opset: opset, inputs: 5, outputs: 3, attributes)
    let x = Tensor.float([2, 2, 2], [0, 6, 2, 2, 2, 4, 2, 2])
    let results = try node(x, .float([2], [3, 1]), .float([2], [1, 7]), .float([2], [7, 2]), .float([2], [1, 4]))
    #expect(results.map(\.floats) == [[-2, 4, 7, 7, 0, 2, 7, 7], [6, 2], [2, 3]])
  }

  @Test func parametersMustFitTheChannels() throws {
    let x = TensorType(.float32, [1, 3, 4]), good = TensorType(.float32, [3]), bad = TensorType(.float32, [4])
    let instance = try SingleNode("InstanceNormalization", opset: 6, inputs: 3).operation
    let batch = try SingleNode("BatchNormalization", opset: 15, inputs: 5).operation
    for at in 1..<5 {
      let inputs = [x] + (1..<5).map { $0 == at ? bad : good }
      let name = ["scale", "B", "mean", "var"][at - 1]
      let reason = "input '\(name)' has the shape [4], not [3]"
      #expect(try #require(throws: GraphError.self) { try batch.outputs(of: inputs.map { Operand($0) }) }.reason == reason + " as X [1, 3, 4] needs")
      if at < 3 {
        #expect(try #require(throws: GraphError.self) { try instance.outputs(of: inputs.prefix(3).map { Operand($0) }) }.reason == reason)
      }
    }
    #expect(throws: GraphError.self) { try instance.outputs(of: [Operand(x)]) }
  }
}

@Suite("Softmax", .tags(.operator))
struct SoftmaxTests {
  static let shape = [1, 3, 2, 2, 2]
  static let zeros = Tensor.float(shape, [Float](repeating: 0, count: 24))
  static let ramp = Tensor.float(shape, (0..<24).map { Float($0) })

  /// Up to opset 12 the axis means itself and all behind it; figures from ONNX Runtime.
  @Test(arguments: [1, 11, 12], [true, false])
  func oldDefinitionJoinsAxes(opset: Int, hasAxis: Bool) throws {
    let node = try SingleNode("Softmax", opset: opset, inputs: 1, hasAxis ? ["axis": .int(1)] : [:])
    #expect(try node(Self.zeros)[0].floats == [Float](repeating: 1 / 24, count: 24))
    let y = try #require(try node(Self.ramp)[0].floats)
    #expect(abs(y[0] / 6.4867459e-11 - 1) < 1e-6 && abs(y[23] / 0.6321206 - 1) < 1e-6)
  }

  @Test func newDefinitionTakesOneAxis() throws {
    let alongChannels = try SingleNode("Softmax", opset: 13, inputs: 1, ["axis": .int(1)])
    #expect(try alongChannels(Self.zeros)[0].floats == [Float](repeating: 1 / 3, count: 24))
    let y = try #require(try alongChannels(Self.ramp)[0].floats)
    for (at, want) in [(0, 1.1249743e-07), (8, 3.3535008e-04), (16, 0.99966455)] { #expect(abs(Double(y[at]) / want - 1) < 1e-6) }
    let last = try #require(try SingleNode("Softmax", opset: 13, inputs: 1)(Self.ramp)[0].floats)
    for at in 0..<24 { #expect(abs(last[at] - [0.26894143, 0.7310586][at % 2]) < 1e-7) }
  }

  @Test func largeValuesDoNotOverflow() throws {
    let x = Tensor.float([1, 3], [10000, 10001, -10000])
    let y = try #require(try SingleNode("Softmax", opset: 13, inputs: 1)(x)[0].floats)
    #expect(abs(y[0] - 0.26894143) < 1e-7 && abs(y[1] - 0.7310586) < 1e-7 && y[2] == 0)
    let logarithm = try #require(try SingleNode("LogSoftmax", opset: 13, inputs: 1)(x)[0].floats)
    #expect(abs(logarithm[0] + 1.3132616) < 1e-6 && abs(logarithm[1] + 0.3132617) < 1e-6 && logarithm[2] == -20001.3132616)
  }

  @Test func logarithmsAreThoseOfSoftmax() throws {
    let x = Tensor.random([2, 3, 4], seed: 5)
    for (opset, axis) in [(11, 1), (11, 2), (11, 0), (13, 0), (13, 1), (13, -1)] {
      let attributes: [String: Attribute] = ["axis": .int(Int64(axis))]
      let p = try SingleNode("Softmax", opset: opset, inputs: 1, attributes)(x)[0].doubles
      let l = try SingleNode("LogSoftmax", opset: opset, inputs: 1, attributes)(x)[0].doubles
      for (p, l) in zip(p, l) { #expect(abs(log(p) - l) < 1e-6) }
    }
  }

  @Test func hardmaxTakesTheFirstOfEquals() throws {
    let x = Tensor.float([2, 3], [1, 3, 3, 2, 2, 0])
    #expect(try SingleNode("Hardmax", opset: 13, inputs: 1)(x)[0].floats == [0, 1, 0, 1, 0, 0])
    #expect(try SingleNode("Hardmax", opset: 11, inputs: 1, ["axis": .int(0)])(x)[0].floats == [0, 1, 0, 0, 0, 0])
  }

  @Test func unknownAxis() throws {
    let x = Operand(TensorType(.float32, [2, 3]))
    for axis in [2, -3] {
      let node = try SingleNode("Softmax", opset: 13, inputs: 1, ["axis": .int(Int64(axis))])
      #expect(try #require(throws: GraphError.self) { try node.operation.outputs(of: [x]) }.reason == "axis \(axis) does not exist in rank 2")
    }
  }
}

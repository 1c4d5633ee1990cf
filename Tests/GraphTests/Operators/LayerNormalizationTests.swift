import Graph
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite("Layers, groups and norms", .tags(.operator))
struct LayerNormalizationTests {
  /// Mean and biased variance as differences of moments; values are small multiples of 1/64, so nothing cancels in double precision.
  static func moments(_ values: some Collection<Double>) -> (mean: Double, variance: Double) {
    let count = Double(values.count), mean = values.reduce(0, +) / count
    return (mean, values.reduce(0) { $0 + $1 * $1 } / count - mean * mean)
  }

  static func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 6.1e-8 * abs(b) + 1e-12 }  // one rounding to float

  @Test(arguments: [-1, 0, 1, -2], [true, false])
  func layer(axis: Int, hasBias: Bool) throws {
    let shape = [2, 3, 4], first = (axis + 3) % 3, inner = Array(shape[first...]), length = inner.reduce(1, *)
    let x = Tensor.random(shape, seed: 1), scale = Tensor.random(inner, seed: 2), bias = hasBias ? Tensor.random(inner, seed: 3) : nil
    let node = try SingleNode("LayerNormalization", opset: 17, inputs: 3, outputs: 3, ["axis": .int(Int64(axis)), "epsilon": .float(0.5)])
    let results = try node(x, scale, bias)
    #expect(results[1].shape == shape.indices.map { $0 < first ? shape[$0] : 1 })
    for at in 0..<x.count {
      let (mean, variance) = Self.moments(x.doubles[at / length * length..<(at / length + 1) * length])
      let inverse = 1 / (variance + 0.5).squareRoot()
      #expect(Self.close(results[0].doubles[at], (x.doubles[at] - mean) * inverse * scale.doubles[at % length] + (bias?.doubles[at % length] ?? 0)))
      #expect(Self.close(results[1].doubles[at / length], mean) && Self.close(results[2].doubles[at / length], inverse))
    }
  }

  @Test func layerParametersBroadcast() throws {
    let x = Tensor.float([2, 2], [1, 3, 5, 9])
    let node = try SingleNode("LayerNormalization", opset: 17, inputs: 3, ["epsilon": .float(0)])
    #expect(try node(x, .float([], [2]), .float([2, 1], [10, 20]))[0].floats == [8, 12, 18, 22])
    let error = try #require(throws: GraphError.self) { try node(x, .float([3], [1, 1, 1]), nil) }
    #expect(error.reason == "input 'Scale' of shape [3] does not broadcast to [2, 2]")
  }

  @Test func statisticsHaveTheStashType() throws {
    let x = Operand(TensorType(.float16, [2, 2])), scale = Operand(TensorType(.float16, [2]))
    for (code, element) in [(1, ElementType.float32), (16, .bfloat16)] {
      let node = try SingleNode("LayerNormalization", opset: 17, inputs: 2, outputs: 2, ["stash_type": .int(Int64(code))])
      #expect(try node.operation.outputs(of: [x, scale]).map(\.element) == [.float16, element])
    }
    #expect(throws: GraphError.self) { try SingleNode("LayerNormalization", opset: 17, inputs: 2, ["stash_type": .int(7)]) }
  }

  @Test func rootMeanSquare() throws {
    let x = Tensor.float([2, 2, 2], [3, 4, 0, 0, 1, 7, 5, 5])
    let last = try SingleNode("RMSNormalization", opset: 23, inputs: 2, ["epsilon": .float(0.5)])
    let y = try last(x, .float([2], [1, 2]))[0].doubles
    let inverse = [13.0, 0.5, 25.5, 25.5].map { 1 / $0.squareRoot() }  // mean of squares plus epsilon
    for at in 0..<8 { #expect(Self.close(y[at], x.doubles[at] * inverse[at / 2] * (at % 2 == 0 ? 1 : 2))) }
    let both = try SingleNode("RMSNormalization", opset: 23, inputs: 2, ["axis": .int(1), "epsilon": .float(0)])
    #expect(try Self.close(both(x, .float([1], [1]))[0].doubles[0], 3 / 6.25.squareRoot()))
  }

  /// Opset 18 scales groups, opset 21 channels.
  @Test(arguments: [18, 21], [1, 2, 4])
  func group(opset: Int, groups: Int) throws {
    let shape = [2, 4, 3, 2], x = Tensor.random(shape, seed: 4), parameters = opset < 21 ? groups : 4
    let scale = Tensor.random([parameters], seed: 5), bias = Tensor.random([parameters], seed: 6)
    let node = try SingleNode("GroupNormalization", opset: opset, inputs: 3, ["num_groups": .int(Int64(groups)), "epsilon": .float(0.25)])
    let y = try node(x, scale, bias)[0].doubles
    let length = 24 / groups
    for at in 0..<x.count {
      let (mean, variance) = Self.moments(x.doubles[at / length * length..<(at / length + 1) * length])
      let parameter = opset < 21 ? at / length % groups : at / 6 % 4
      #expect(Self.close(y[at], (x.doubles[at] - mean) / (variance + 0.25).squareRoot() * scale.doubles[parameter] + bias.doubles[parameter]))
    }
  }

  @Test func groupsMustDivideTheChannels() throws {
    let node = try SingleNode("GroupNormalization", opset: 21, inputs: 3, ["num_groups": .int(3)]).operation
    let type = { (shape: [Int]) in Operand(TensorType(.float32, shape)) }
    #expect(
      try #require(throws: GraphError.self) { try node.outputs(of: [type([1, 4, 2]), type([4]), type([4])]) }.reason
        == "the channels of X [1, 4, 2] do not divide into 3 groups")
    #expect(throws: GraphError.self) { try node.outputs(of: [type([1, 6, 2]), type([3]), type([6])]) }
    #expect(throws: GraphError.self) { try SingleNode("GroupNormalization", opset: 21, inputs: 3, ["num_groups": .int(0)]) }
  }

  @Test func meanVariance() throws {
    let x = Tensor.float([2, 2, 1, 1], [1, 10, 3, 30])
    #expect(try SingleNode("MeanVarianceNormalization", opset: 13, inputs: 1)(x)[0].floats == [-1, -1, 1, 1])
    #expect(try SingleNode("MeanVarianceNormalization", opset: 9, inputs: 1, ["axes": .ints([-3])])(x)[0].floats == [-1, 1, -1, 1])
  }

  @Test func localResponse() throws {
    let x = Tensor.float([1, 4, 1], [1, 2, 3, 4])
    let attributes: [String: Attribute] = ["alpha": .float(2), "beta": .float(1), "bias": .float(1)]
    let odd = try SingleNode("LRN", opset: 13, inputs: 1, attributes.merging(["size": .int(3)]) { $1 })(x)[0].doubles
    let even = try SingleNode("LRN", opset: 1, inputs: 1, attributes.merging(["size": .int(2)]) { $1 })(x)[0].doubles
    for (c, sums) in [(5.0, 5.0), (14, 13), (29, 25), (25, 16)].enumerated() {  // of squares: neighbours both sides; behind only
      #expect(Self.close(odd[c], x.doubles[c] / (1 + 2.0 / 3 * sums.0)) && Self.close(even[c], x.doubles[c] / (1 + sums.1)))
    }
    #expect(throws: GraphError.self) { try SingleNode("LRN", opset: 13, inputs: 1) }
  }

  @Test func unitNorm() throws {
    let x = Tensor.float([2, 2], [3, -4, 0, 0])
    let two = try SingleNode("LpNormalization", opset: 22, inputs: 1)(x)[0].floats
    #expect(two == [Float(0.6), Float(-0.8), 0, 0])
    #expect(try SingleNode("LpNormalization", opset: 1, inputs: 1, ["p": .int(1), "axis": .int(0)])(x)[0].floats == [1, -1, 0, 0])
    #expect(throws: GraphError.self) { try SingleNode("LpNormalization", opset: 1, inputs: 1, ["p": .int(3)]) }
  }
}

import Graph
import Testing

/// A layer whose geometry is written out, for the loops of the tests.
struct Layer: Sendable, CustomTestStringConvertible {
  var input: [Int]
  var weight: [Int]
  var strides: [Int]
  var dilations: [Int]
  var begin: [Int]
  var end: [Int]
  var groups = 1
  var outputPadding: [Int] = []

  var testDescription: String { "x\(input) w\(weight) s\(strides) d\(dilations) p\(begin)\(end) g\(groups) o\(outputPadding)" }

  var attributes: [String: Attribute] {
    var all: [String: Attribute] = [
      "strides": .ints(strides.map { Int64($0) }), "dilations": .ints(dilations.map { Int64($0) }),
      "pads": .ints((begin + end).map { Int64($0) }), "group": .int(Int64(groups)),
    ]
    if !outputPadding.isEmpty { all["output_padding"] = .ints(outputPadding.map { Int64($0) }) }
    return all
  }
}

@Suite("Conv", .tags(.operator))
struct ConvTests {
  static let layers = [
    Layer(input: [1, 1, 5], weight: [1, 1, 3], strides: [1], dilations: [1], begin: [1], end: [1]),
    Layer(input: [2, 4, 7], weight: [6, 2, 3], strides: [2], dilations: [2], begin: [3], end: [0], groups: 2),
    Layer(input: [1, 3, 5, 6], weight: [4, 3, 3, 2], strides: [1, 2], dilations: [1, 1], begin: [0, 1], end: [1, 0]),
    Layer(input: [1, 2, 4, 5, 6], weight: [3, 2, 3, 3, 3], strides: [1, 1, 1], dilations: [1, 1, 1], begin: [1, 1, 1], end: [1, 1, 1]),
    Layer(input: [1, 2, 6, 6, 6], weight: [2, 2, 3, 3, 3], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [0, 0, 0], end: [1, 1, 1]),
    Layer(input: [1, 4, 7, 5, 6], weight: [4, 1, 3, 1, 5], strides: [2, 1, 3], dilations: [3, 1, 1], begin: [4, 0, 5], end: [1, 2, 0], groups: 4),
    Layer(input: [2, 3, 1, 1, 1], weight: [2, 3, 1, 1, 1], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [0, 0, 0], end: [0, 0, 0]),
    Layer(input: [0, 3, 4, 4, 4], weight: [2, 3, 1, 1, 1], strides: [1, 1, 1], dilations: [1, 1, 1], begin: [0, 0, 0], end: [0, 0, 0]),
  ]

  @Test(arguments: layers, [true, false])
  func equalsGatherLoop(layer: Layer, hasBias: Bool) throws {
    let x = Tensor.random(layer.input, seed: 1), w = Tensor.random(layer.weight, seed: 2)
    let bias = hasBias ? Tensor.random([layer.weight[0]], seed: 3) : nil
    let y = try SingleNode("Conv", opset: 11, inputs: 3, layer.attributes)(x, w, bias)[0]
    let xs = x.doubles, ws = w.doubles, got = y.doubles
    let share = layer.weight[1], perGroup = layer.weight[0] / layer.groups
    var at = 0
    withEachIndex(of: y.shape) { out in
      var want = bias?.doubles[out[1]] ?? 0
      withEachIndex(of: Array(layer.weight[1...])) { k in
        let place = layer.strides.indices.map { out[$0 + 2] * layer.strides[$0] + k[$0 + 1] * layer.dilations[$0] - layer.begin[$0] }
        guard let source = flat([out[0], out[1] / perGroup * share + k[0]] + place, in: layer.input) else { return }
        want += xs[source] * ws[flat([out[1]] + k, in: layer.weight)!]
      }
      #expect(got[at] == want, "at \(out)")  // exact: see Tensor.random
      at += 1
    }
    #expect(at == y.count)
  }

  @Test func sizeFollowsTheFormula() throws {
    for layer in Self.layers {
      let node = try #require(try SingleNode("Conv", opset: 22, inputs: 2, layer.attributes).operation as? Conv)
      let geometry = try node.geometry(input: layer.input, weight: layer.weight)
      for a in layer.strides.indices {
        var windows = 0, start = -layer.begin[a]
        while start + (layer.weight[a + 2] - 1) * layer.dilations[a] < layer.input[a + 2] + layer.end[a] {
          windows += 1
          start += layer.strides[a]
        }
        #expect(geometry.output[a] == windows)
      }
      #expect(geometry.padsBegin == layer.begin)
      #expect(geometry.padsEnd == layer.end)
    }
  }

  /// Sizes 5 and 6 under stride 2: three windows either way; kernel 3 needs 2 or 1 voxels of padding, kernel 2 1 or 0.
  @Test(arguments: [
    ("SAME_UPPER", [1, 0], [1, 1], [3, 3]), ("SAME_LOWER", [1, 1], [1, 0], [3, 3]), ("VALID", [0, 0], [0, 0], [2, 2]),
  ])
  func automaticPadding(mode: String, begin: [Int], end: [Int], output: [Int]) throws {
    let node = try SingleNode("Conv", opset: 1, inputs: 2, ["auto_pad": .string(mode), "strides": .ints([2, 2])])
    let conv = try #require(node.operation as? Conv)
    let geometry = try conv.geometry(input: [1, 1, 5, 6], weight: [1, 1, 3, 3])
    #expect(geometry.padsBegin == begin && geometry.padsEnd == end && geometry.output == output)
  }

  @Test func halfIsRoundedOnce() throws {
    let x = Tensor(TensorType(.float16, [1, 2, 1]), .floats([1, 1])), w = Tensor(TensorType(.float16, [1, 2, 1]), .floats([2048, 1]))
    #expect(try SingleNode("Conv", opset: 11, inputs: 2)(x, w)[0].floats == [2048])  // 2049 lies between 2048 and 2050; even wins
  }

  @Test func largeOffsetCancels() throws {
    let x = Tensor.float([1, 3, 1], [3e7, 0.125, -3e7]), w = Tensor.float([1, 3, 1], [1, 1, 1])
    #expect(try SingleNode("Conv", opset: 11, inputs: 2)(x, w)[0].floats == [0.125])
  }

  static let refusals: [(input: [Int], weight: [Int], attributes: [String: Attribute], reason: String)] = [
    ([1, 3, 5], [2, 2, 3], [:], "input [1, 3, 5] has 3 channels, weights [2, 2, 3] with 1 groups take 2 a group"),
    ([1, 4, 5], [3, 2, 3], ["group": .int(2)], "input [1, 4, 5] has 4 channels, weights [3, 2, 3] with 2 groups take 2 a group"),
    ([1, 1, 5], [1, 1, 3], ["kernel_shape": .ints([5])], "kernel_shape [5] contradicts the weights [1, 1, 3]"),
    ([1, 1, 5], [1, 1, 3], ["pads": .ints([1])], "pads [1] has 1 numbers; 1 spatial axes need 2"),
    ([1, 1, 5], [1, 1, 3, 3], [:], "weights [1, 1, 3, 3] have another rank than the input [1, 1, 5]"),
    ([1, 1, 2], [1, 1, 3], ["dilations": .ints([2])], "a kernel spanning 5 does not fit axis 2 of 2 with padding 0 and 0"),
    ([1, 1], [1, 1], [:], "0 spatial axes; 1 to 3 are supported"),
    ([1, 1, 5], [1, 1, 0], [:], "weights [1, 1, 0] have an axis of 0"),
  ]

  @Test(arguments: refusals.indices)
  func refuses(row: Int) throws {
    let (input, weight, attributes, reason) = Self.refusals[row]
    let node = try SingleNode("Conv", opset: 11, inputs: 2, attributes)
    let error = try #require(throws: GraphError.self) {
      try node.operation.outputs(of: [Operand(TensorType(.float32, input)), Operand(TensorType(.float32, weight))])
    }
    #expect(error.reason == reason)
  }

  @Test(arguments: [
    (["strides": .ints([0])], "attribute 'strides' holds 0, outside 1 to 1048576"),
    (["pads": .ints([-1, 0])], "attribute 'pads' holds -1, outside 0 to 1048576"),
    (["group": .int(0)], "attribute 'group' is 0"),
    (["auto_pad": .string("SAME")], "attribute 'auto_pad' is 'SAME'; known are NOTSET, SAME_UPPER, SAME_LOWER, VALID"),
    (["auto_pad": .string("VALID"), "pads": .ints([0, 1])], "pads [0, 1] and auto_pad VALID exclude each other"),
  ] as [([String: Attribute], String)])
  func refusesAttributes(attributes: [String: Attribute], reason: String) throws {
    let error = try #require(throws: GraphError.self) { try SingleNode("Conv", opset: 11, inputs: 2, attributes) }
    #expect(error.reason == reason)
  }
}

@Suite("ConvTranspose", .tags(.operator))
struct ConvTransposeTests {
  static let layers = [
    Layer(input: [1, 1, 3], weight: [1, 1, 3], strides: [2], dilations: [1], begin: [1], end: [1], outputPadding: [1]),
    Layer(input: [2, 4, 3], weight: [4, 3, 3], strides: [3], dilations: [2], begin: [0], end: [2], groups: 2),
    Layer(input: [1, 3, 2, 3], weight: [3, 2, 2, 4], strides: [2, 1], dilations: [1, 2], begin: [0, 3], end: [1, 0], outputPadding: [1, 1]),
    Layer(input: [1, 2, 3, 2, 4], weight: [2, 3, 3, 3, 3], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [1, 1, 1], end: [1, 1, 1],
      outputPadding: [1, 1, 1]),
    Layer(input: [1, 4, 2, 3, 2], weight: [4, 1, 5, 5, 5], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [2, 2, 2], end: [2, 2, 2], groups: 4),
    Layer(input: [1, 2, 2, 2, 2], weight: [2, 2, 1, 1, 1], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [0, 0, 0], end: [0, 0, 0]),
  ]

  /// Every output voxel asks which input voxel and tap lead to it: the opposite of how the operator computes.
  @Test(arguments: layers, [true, false])
  func equalsGatherLoop(layer: Layer, hasBias: Bool) throws {
    let x = Tensor.random(layer.input, seed: 4), w = Tensor.random(layer.weight, seed: 5)
    let outputsPerGroup = layer.weight[1], inputsPerGroup = layer.input[1] / layer.groups
    let bias = hasBias ? Tensor.random([outputsPerGroup * layer.groups], seed: 6) : nil
    let y = try SingleNode("ConvTranspose", opset: 11, inputs: 3, layer.attributes)(x, w, bias)[0]
    for a in layer.strides.indices {
      let extra = layer.outputPadding.isEmpty ? 0 : layer.outputPadding[a]
      let size = (layer.input[a + 2] - 1) * layer.strides[a] + extra + (layer.weight[a + 2] - 1) * layer.dilations[a] + 1
      #expect(y.shape[a + 2] == size - layer.begin[a] - layer.end[a])
    }
    let xs = x.doubles, ws = w.doubles, got = y.doubles
    var at = 0
    withEachIndex(of: y.shape) { out in
      var want = bias?.doubles[out[1]] ?? 0
      withEachIndex(of: [inputsPerGroup] + layer.weight[2...]) { k in
        let channel = out[1] / outputsPerGroup * inputsPerGroup + k[0]
        var place = [out[0], channel]
        for a in layer.strides.indices {
          let position = out[a + 2] + layer.begin[a] - k[a + 1] * layer.dilations[a]
          guard position % layer.strides[a] == 0 else { return }
          place.append(position / layer.strides[a])
        }
        guard let source = flat(place, in: layer.input) else { return }
        want += xs[source] * ws[flat([channel, out[1] % outputsPerGroup] + k[1...], in: layer.weight)!]
      }
      #expect(got[at] == want, "at \(out)")  // exact: see Tensor.random
      at += 1
    }
    #expect(at == y.count && at > 0)
  }

  /// Input 3, kernel 3, stride 2: the full result has 7 voxels. Pads for wanted sizes by ONNX's rule: the odd one at the beginning unless
  /// auto_pad is SAME_UPPER.
  @Test(arguments: [
    ("NOTSET", 6, 1, 0), ("NOTSET", 4, 2, 1), ("NOTSET", 8, 0, 0), ("SAME_UPPER", 6, 0, 1), ("SAME_LOWER", 6, 1, 0), ("SAME_UPPER", 0, 0, 1),
    ("SAME_LOWER", 0, 1, 0), ("VALID", 0, 0, 0),
  ])
  func paddingFollowsFromTheOutput(mode: String, wanted: Int, begin: Int, end: Int) throws {
    var attributes: [String: Attribute] = ["strides": .ints([2]), "auto_pad": .string(mode)]
    if wanted > 0 { attributes["output_shape"] = .ints([Int64(wanted)]) }
    let node = try SingleNode("ConvTranspose", opset: 11, inputs: 2, attributes)
    let operation = try #require(node.operation as? ConvTranspose)
    let geometry = try operation.geometry(input: [1, 1, 3], weight: [1, 1, 3])
    #expect(geometry.padsBegin == [begin] && geometry.padsEnd == [end])
    #expect(geometry.output == [wanted > 0 ? wanted : mode == "VALID" ? 7 : 6])
    let y = try node(.float([1, 1, 3], [1, 10, 100]), .float([1, 1, 3], [1, 2, 3]))[0]
    let full: [Float] = [1, 2, 13, 20, 130, 200, 300, 0]  // sums by hand; the surplus voxel of size 8 is empty
    #expect(y.floats == Array(full[begin..<(begin + geometry.output[0])]))
  }

  @Test(arguments: [
    ([1, 3, 5], [2, 2, 3], [:], "input [1, 3, 5] has 3 channels, weights [2, 2, 3] take 2 in 1 groups"),
    ([1, 1, 2], [1, 1, 2], ["pads": .ints([2, 1])], "pads 2 and 1 cut all 3 voxels of axis 2"),
    ([1, 1, 2], [1, 1, 2], ["output_padding": .ints([2]), "strides": .ints([2])], "output_padding 2 is not below stride 2 or dilation 1 of axis 2"),
    ([1, 1, 2], [1, 1, 2], ["output_padding": .ints([0, 0])], "output_padding [0, 0] has 2 numbers; 1 spatial axes need 1"),
    ([1, 1, 2], [1, 1, 2], ["output_shape": .ints([4, 4])], "output_shape [4, 4] has 2 numbers; 1 spatial axes need 1"),
  ] as [([Int], [Int], [String: Attribute], String)])
  func refuses(input: [Int], weight: [Int], attributes: [String: Attribute], reason: String) throws {
    let node = try SingleNode("ConvTranspose", opset: 11, inputs: 2, attributes)
    let error = try #require(throws: GraphError.self) {
      try node.operation.outputs(of: [Operand(TensorType(.float32, input)), Operand(TensorType(.float32, weight))])
    }
    #expect(error.reason == reason)
  }
}

@Suite("Col2Im", .tags(.operator))
struct Col2ImTests {
  /// Blocks of ones count how many windows see each voxel.
  @Test func countsWindows() throws {
    let node = try SingleNode("Col2Im", opset: 18, inputs: 3)
    let y = try node(.float([1, 4, 4], [Float](repeating: 1, count: 16)), .vector(3, 3), .vector(2, 2))[0]
    #expect(y == .float([1, 1, 3, 3], [1, 2, 1, 2, 4, 2, 1, 2, 1]))
  }

  /// The transpose of a convolution whose kernel picks one tap at a time.
  @Test func equalsConvTranspose() throws {
    let attributes: [String: Attribute] = ["strides": .ints([2, 1]), "pads": .ints([1, 0, 0, 1]), "dilations": .ints([1, 2])]
    // Windows: (5 + 1 - 3) / 2 + 1 = 2 by (6 + 1 - 3) / 1 + 1 = 5; the kernel spans 3 by 3.
    let x = Tensor.random([2, 2 * 6, 10], seed: 3)
    let y = try SingleNode("Col2Im", opset: 18, inputs: 3, attributes)(x, .vector(5, 6), .vector(3, 2))[0]
    // Weights [in 12, out 2, 3, 2]: input channel c * 6 + tap goes to output channel c at that tap.
    let w = Tensor.float([12, 2, 3, 2], (0..<144).map { $0 / 12 == $0 % 12 ? 1 : 0 })
    let output: [String: Attribute] = ["output_padding": .ints([0, 0])]
    let z = try SingleNode("ConvTranspose", opset: 11, inputs: 2, attributes.merging(output) { $1 })(x.reshaped([2, 12, 2, 5]), w)[0]
    #expect(z.shape == [2, 2, 4, 6])  // a fifth row is seen by no window
    for at in 0..<z.count {
      let row = at / 6 % 4, block = at / 24
      #expect(z.doubles[at] == y.doubles[block * 30 + row * 6 + at % 6])
    }
  }

  @Test func refuses() throws {
    let node = try SingleNode("Col2Im", opset: 18, inputs: 3).operation
    let columns = { (shape: [Int]) in Operand(TensorType(.float32, shape)) }
    for (shape, image, block) in [
      ([1, 4, 5], Tensor.vector(3, 3), Tensor.vector(2, 2)), ([1, 5, 4], .vector(3, 3), .vector(2, 2)), ([4, 4], .vector(3, 3), .vector(2, 2)),
      ([1, 4, 4], .vector(3, 3), .vector(2)), ([1, 0, 4], .vector(3, 3), .vector(0, 2)), ([1, 16, 1], .vector(3, 3), .vector(4, 4)),
    ] {
      #expect(throws: GraphError.self) { try node.outputs(of: [columns(shape), Operand(image), Operand(block)]) }
    }
  }
}

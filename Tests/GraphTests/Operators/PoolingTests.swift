import Graph
import Testing

@Suite("Pooling", .tags(.operator))
struct PoolingTests {
  /// A window whose placement is written out; `windows` is the number along each axis.
  struct Window: Sendable, CustomTestStringConvertible {
    var input: [Int]
    var kernel: [Int]
    var strides: [Int]
    var dilations: [Int]
    var begin: [Int]
    var end: [Int]
    var roundsUp = false
    var windows: [Int]

    var testDescription: String { "x\(input) k\(kernel) s\(strides) d\(dilations) p\(begin)\(end) ceil \(roundsUp)" }

    var attributes: [String: Attribute] {
      [
        "kernel_shape": .ints(kernel.map { Int64($0) }), "strides": .ints(strides.map { Int64($0) }),
        "dilations": .ints(dilations.map { Int64($0) }), "pads": .ints((begin + end).map { Int64($0) }), "ceil_mode": .int(roundsUp ? 1 : 0),
      ]
    }

    /// Places in padded coordinates that the window at `out` covers, with the input's flat index where it is inside.
    func taps(at out: [Int], _ body: ([Int], Int?) -> Void) {
      withEachIndex(of: kernel) { k in
        let place = kernel.indices.map { out[$0 + 2] * strides[$0] + k[$0] * dilations[$0] - begin[$0] }
        body(place, flat(Array(out[..<2]) + place, in: input))
      }
    }
  }

  static let windows = [
    Window(input: [2, 3, 4, 4, 6], kernel: [2, 2, 2], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [0, 0, 0], end: [0, 0, 0], windows: [2, 2, 3]),
    Window(input: [1, 2, 5, 7, 6], kernel: [3, 3, 3], strides: [2, 2, 2], dilations: [1, 1, 1], begin: [1, 1, 1], end: [1, 1, 1], windows: [3, 4, 3]),
    Window(input: [1, 2, 5, 6], kernel: [2, 2], strides: [2, 2], dilations: [1, 1], begin: [0, 0], end: [0, 0], roundsUp: true, windows: [3, 3]),
    // Rounding up would give five and four windows; the fifth along the first axis would start in the end padding.
    Window(input: [1, 1, 7, 6], kernel: [2, 3], strides: [2, 2], dilations: [1, 1], begin: [0, 1], end: [1, 1], roundsUp: true, windows: [4, 4]),
    Window(input: [1, 1, 3], kernel: [1], strides: [3], dilations: [1], begin: [0], end: [0], roundsUp: true, windows: [1]),
    Window(input: [1, 1, 4], kernel: [2], strides: [3], dilations: [1], begin: [1], end: [1], roundsUp: true, windows: [2]),
    Window(input: [1, 2, 9], kernel: [3], strides: [2], dilations: [3], begin: [2], end: [1], windows: [3]),
    Window(input: [1, 1, 1, 1, 1], kernel: [1, 1, 1], strides: [1, 1, 1], dilations: [1, 1, 1], begin: [0, 0, 0], end: [0, 0, 0], windows: [1, 1, 1]),
  ]

  @Test(arguments: windows)
  func largestOfEachWindow(window: Window) throws {
    let x = Tensor.random(window.input, seed: 1), values = x.doubles
    let node = try SingleNode("MaxPool", opset: 12, inputs: 1, outputs: 2, window.attributes)
    let results = try node(x)
    #expect(Array(results[0].shape[2...]) == window.windows)
    var at = 0
    withEachIndex(of: results[0].shape) { out in
      var want = -Double.infinity, place = -1
      window.taps(at: out) { _, source in
        if let source, values[source] > want { (want, place) = (values[source], source) }
      }
      #expect(results[0].doubles[at] == want, "at \(out)")
      #expect(results[1].integers?[at] == Int64(place), "at \(out)")
      at += 1
    }
  }

  @Test(arguments: windows, [true, false])
  func meanOfEachWindow(window: Window, countsPadding: Bool) throws {
    let x = Tensor.random(window.input, seed: 2), values = x.doubles
    var attributes = window.attributes
    attributes["count_include_pad"] = .int(countsPadding ? 1 : 0)
    let y = try SingleNode("AveragePool", opset: 19, inputs: 1, attributes)(x)[0]
    var at = 0
    withEachIndex(of: y.shape) { out in
      var sum = 0.0, count = 0
      window.taps(at: out) { place, source in
        if let source { sum += values[source] }
        let inPadding = place.indices.allSatisfy { -window.begin[$0] <= place[$0] && place[$0] < window.input[$0 + 2] + window.end[$0] }
        if source != nil || countsPadding && inPadding { count += 1 }
      }
      #expect(y.floats?[at] == Float(sum / Double(count)), "at \(out)")
      at += 1
    }
    #expect(at == y.count)
  }

  @Test(arguments: windows)
  func normOfEachWindow(window: Window) throws {
    let x = Tensor.random(window.input, seed: 3), values = x.doubles
    var attributes = window.attributes
    attributes["p"] = .int(3)
    let y = try SingleNode("LpPool", opset: 18, inputs: 1, attributes)(x)[0]
    var at = 0
    withEachIndex(of: y.shape) { out in
      var sum = 0.0
      window.taps(at: out) { _, source in if let source { sum += abs(values[source] * values[source] * values[source]) } }
      let got = y.doubles[at]
      #expect(abs(got * got * got - sum) <= 4e-7 * sum, "at \(out)")  // three roundings to float of relative error 2^-24
      at += 1
    }
  }

  @Test func automaticPaddingKeepsCeilOfTheQuotient() throws {
    for (mode, begin, end, count) in [("SAME_UPPER", 0, 1, 3), ("SAME_LOWER", 1, 0, 3), ("VALID", 0, 0, 2)] {
      let node = try SingleNode(
        "MaxPool", opset: 1, inputs: 1, ["kernel_shape": .ints([2]), "strides": .ints([2]), "auto_pad": .string(mode)])
      let geometry = try #require(node.operation as? MaxPool).geometry(input: [1, 1, 5])
      #expect(geometry.padsBegin == [begin] && geometry.padsEnd == [end] && geometry.output == [count])
    }
  }

  @Test func notANumberIsTheMaximum() throws {
    let x = Tensor.float([1, 1, 5], [1, .nan, 2, 3, 4])
    let y = try SingleNode("MaxPool", opset: 12, inputs: 1, ["kernel_shape": .ints([3])])(x)[0].floats
    #expect(y?[0].isNaN == true && y?[1].isNaN == true && y?[2] == 4)
    #expect(try SingleNode("GlobalMaxPool", opset: 1, inputs: 1)(x)[0].floats?[0].isNaN == true)
  }

  @Test func paddingIsNoMaximumOfNegativeIntegers() throws {
    let x = Tensor(TensorType(.int8, [1, 1, 2]), .integers([-5, -7]))
    let y = try SingleNode("MaxPool", opset: 12, inputs: 1, ["kernel_shape": .ints([2]), "pads": .ints([1, 1])])(x)[0]
    #expect(y.integers == [-5, -5, -7])
  }

  @Test func columnMajorIndicesCountTheFirstAxisFastest() throws {
    let x = Tensor.float([1, 2, 2, 3], [0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9, 0])
    let node = try SingleNode("MaxPool", opset: 12, inputs: 1, outputs: 2, ["kernel_shape": .ints([2, 3]), "storage_order": .int(1)])
    #expect(try node(x)[1].integers == [4, 6 + 3])  // row 0, column 2 of 2 x 3: 0 + 2 * 2; row 1, column 1: 1 + 1 * 2
  }

  @Test func wholeChannels() throws {
    let x = Tensor.float([2, 2, 1, 2, 2], [1, 2, 3, 6, -1, -2, -3, -2, 0, 0, 0, 0, 3, 4, 0, 0])
    #expect(try SingleNode("GlobalAveragePool", opset: 1, inputs: 1)(x)[0].floats == [3, -2, 0, 1.75])
    #expect(try SingleNode("GlobalMaxPool", opset: 1, inputs: 1)(x)[0].floats == [6, -1, 0, 4])
    #expect(try SingleNode("GlobalLpPool", opset: 2, inputs: 1)(x)[0].floats?[3] == 5)
    #expect(try SingleNode("GlobalLpPool", opset: 1, inputs: 1, ["p": .float(1)])(x)[0].floats?[0] == 12)
    #expect(try SingleNode("GlobalMaxPool", opset: 22, inputs: 1)(x)[0].shape == [2, 2, 1, 1, 1])
  }

  @Test(arguments: [
    ([:], "attribute 'kernel_shape' is missing"),
    (["kernel_shape": .ints([2, 2])], "kernel_shape [2, 2] has 2 numbers; 1 spatial axes need 1"),
    (["kernel_shape": .ints([9])], "a kernel spanning 9 does not fit axis 2 of 5 with padding 0 and 0"),
    (["kernel_shape": .ints([2]), "pads": .ints([0, 2])], "padding 0 and 2 of axis 2 holds whole windows that span 2"),
  ] as [([String: Attribute], String)])
  func refuses(attributes: [String: Attribute], reason: String) throws {
    for name in ["MaxPool", "AveragePool", "LpPool"] {
      let error = try #require(throws: GraphError.self) {
        try SingleNode(name, opset: 11, inputs: 1, attributes).operation.outputs(of: [Operand(TensorType(.float32, [1, 1, 5]))])
      }
      #expect(error.reason == reason)
    }
  }
}

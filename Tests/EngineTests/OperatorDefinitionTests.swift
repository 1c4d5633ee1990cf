import Graph
import Testing

@testable import OctopiEngine

/// Every operator that is declared survives a file: what is made of what was written is the same.
@Suite("Operators in files")
struct OperatorDefinitionTests {
  private static let window: [String: Attribute] = [
    "kernel_shape": .ints([3, 2, 1]), "strides": .ints([2, 1, 3]), "pads": .ints([1, 0, 0, 0, 1, 0]), "dilations": .ints([1, 2, 1]),
  ]
  private static func graph(_ number: Float) -> Attribute {
    var graph = Graph()
    let value = graph.add(Value(name: "b", constant: Tensor(TensorType(.float32, [2]), .floats([number, 2]))))
    graph.outputs = [value, value]
    return .graph(graph)
  }
  private static let tensor: Attribute = .tensor(Tensor(TensorType(.float16, [1]), .floats([1.5])))

  /// By operator: sets of attributes that differ from the defaults, of all its opsets; each is tried at each opset that takes it.
  private static let samples: [String: [[String: Attribute]]] = [
    "LeakyRelu": [["alpha": .float(0.3)]], "ThresholdedRelu": [["alpha": .float(0.3)]], "Elu": [["alpha": .float(0.3)]],
    "Celu": [["alpha": .float(0.3)]], "Swish": [["alpha": .float(0.3)]], "Shrink": [["lambd": .float(0.3), "bias": .float(0.1)]],
    "HardSigmoid": [["alpha": .float(0.3), "beta": .float(0.1)]], "Selu": [["alpha": .float(0.3), "gamma": .float(0.1)]],
    "Gelu": [["approximate": .string("tanh")]], "Clip": [["min": .float(-1)], ["max": .float(2)], ["min": .float(-1), "max": .float(2)]],
    "If": [["then_branch": graph(1), "else_branch": graph(2)], ["then_branch": graph(3), "else_branch": graph(1)]],
    "Conv": [window, ["group": .int(2), "auto_pad": .string("SAME_LOWER")]],
    "ConvTranspose": [window, ["group": .int(3), "output_padding": .ints([1, 0, 1]), "output_shape": .ints([4, 5, 6])]],
    "Col2Im": [["strides": .ints([2, 2]), "pads": .ints([1, 1, 0, 0])]],
    "Add": old, "Sub": old, "Mul": old, "Div": old, "Pow": old, "Equal": old, "Greater": old, "Less": old, "And": old, "Or": old, "Xor": old,
    "Cast": [["to": .int(10)], ["to": .int(7)], ["to": .string("FLOAT16")]], "Mod": [["fmod": .int(1)]],
    "IsInf": [["detect_negative": .int(0)], ["detect_positive": .int(0)]],
    "LayerNormalization": [["axis": .int(1), "epsilon": .float(0.01), "stash_type": .int(11)]],
    "RMSNormalization": [["axis": .int(1), "epsilon": .float(0.01), "stash_type": .int(11)]],
    "GroupNormalization": [["num_groups": .int(4), "epsilon": .float(0.01)]],
    "BatchNormalization": [["epsilon": .float(0.01)], ["epsilon": .float(0.01), "spatial": .int(0), "is_test": .int(1)], ["is_test": .int(1)]],
    "InstanceNormalization": [["epsilon": .float(0.01)]], "Softmax": [["axis": .int(2)]], "LogSoftmax": [["axis": .int(2)]],
    "Hardmax": [["axis": .int(2)]], "MeanVarianceNormalization": [["axes": .ints([1, 2])]],
    "LRN": [["size": .int(5)], ["size": .int(3), "alpha": .float(0.3), "beta": .float(0.1), "bias": .float(2)]],
    "LpNormalization": [["axis": .int(1), "p": .int(1)]],
    "AveragePool": [window, ["kernel_shape": .ints([2]), "ceil_mode": .int(1), "count_include_pad": .int(1)]],
    "MaxPool": [window, ["kernel_shape": .ints([2]), "ceil_mode": .int(1), "storage_order": .int(1)]],
    "LpPool": [window.merging(["p": .int(3)]) { $1 }, ["kernel_shape": .ints([2]), "p": .float(2.5)], ["kernel_shape": .ints([2]), "ceil_mode": .int(1)]],
    "GlobalLpPool": [["p": .int(3)], ["p": .float(2.5)]],
    "ReduceSum": reductions, "ReduceMean": reductions, "ReduceMax": reductions, "ReduceMin": reductions, "ReduceProd": reductions,
    "ReduceL1": reductions, "ReduceL2": reductions, "ReduceSumSquare": reductions, "ReduceLogSum": reductions, "ReduceLogSumExp": reductions,
    "ArgMax": arguments, "ArgMin": arguments,
    "Attention": [
      [
        "scale": .float(0.3), "softcap": .float(2), "is_causal": .int(1), "left_window_size": .int(3), "right_window_size": .int(0),
        "q_num_heads": .int(4), "kv_num_heads": .int(2), "qk_matmul_output_mode": .int(2),
      ], ["q_num_heads": .int(2), "kv_num_heads": .int(2)],
    ],
    "Einsum": [["equation": .string("bhxy,bhyd->bhxd")], ["equation": .string("ij,jk")], ["equation": .string("...ii->...i")]],
    "Gemm": [["alpha": .float(0.3), "beta": .float(0.1), "transA": .int(1), "transB": .int(1)], ["broadcast": .int(1)]],
    "Resize": [
      ["mode": .string("linear")],
      [
        "mode": .string("cubic"), "coordinate_transformation_mode": .string("align_corners"), "nearest_mode": .string("ceil"),
        "cubic_coeff_a": .float(-0.5), "exclude_outside": .int(1), "extrapolation_value": .float(3), "antialias": .int(1), "axes": .ints([2, 3]),
        "keep_aspect_ratio_policy": .string("not_smaller"),
      ],
    ],
    "Upsample": [
      ["mode": .string("bilinear"), "scales": .floats([1, 1, 2, 2.5])], ["height_scale": .float(2), "width_scale": .float(1.5)],
      ["mode": .string("linear")],
    ],
    "GridSample": [
      ["mode": .string("bicubic"), "padding_mode": .string("border"), "align_corners": .int(1)], ["mode": .string("nearest")], ["mode": .string("cubic")],
    ],
    "AffineGrid": [["align_corners": .int(1)]], "Concat": [["axis": .int(2)]],
    "Split": [["axis": .int(1), "split": .ints([2, 1])], ["axis": .int(1)]],
    "Pad": [
      ["mode": .string("reflect"), "pads": .ints([1, 0, 2, 1])], ["pads": .ints([1, 1]), "value": .float(1.5)], ["mode": .string("wrap")],
      ["paddings": .ints([1, 1])],
    ],
    "Transpose": [["perm": .ints([1, 0, 2])]], "DepthToSpace": [["blocksize": .int(2), "mode": .string("CRD")], ["blocksize": .int(3)]],
    "SpaceToDepth": [["blocksize": .int(2), "mode": .string("CRD")], ["blocksize": .int(3)]],
    "Reshape": [["shape": .ints([2, -1])], ["allowzero": .int(1)]], "Flatten": [["axis": .int(2)]], "Squeeze": [["axes": .ints([1])]],
    "Unsqueeze": [["axes": .ints([0, 2])]],
    "Slice": [["starts": .ints([1, 0]), "ends": .ints([5, Int64.max])], ["starts": .ints([1]), "ends": .ints([-1]), "axes": .ints([2])]],
    "Constant": [["value": tensor], ["value_ints": .ints([1, 2])], ["value_float": .float(2)]], "ConstantOfShape": [["value": tensor]],
    "Shape": [["start": .int(1), "end": .int(-1)]], "Gather": [["axis": .int(2)]], "GatherElements": [["axis": .int(2)]],
    "GatherND": [["batch_dims": .int(1)]], "ScatterElements": [["axis": .int(1), "reduction": .string("add")], ["reduction": .string("max")]],
    "Scatter": [["axis": .int(1)]], "ScatterND": [["reduction": .string("mul")], ["reduction": .string("min")]],
    "TopK": [["axis": .int(0), "k": .int(3)], ["axis": .int(1), "largest": .int(0)]], "OneHot": [["axis": .int(1)]], "Trilu": [["upper": .int(0)]],
    "RegionMask": [["same": .float(1), "different": .float(-100)]],
    "RunGather": [["length": .int(4), "shape": .ints([2, 4])], ["length": .int(2), "shape": .ints([8])]],
    "StridedAttention": [
      [
        "sizes": .ints([1, 2, 3, 4, 5, 6]), "scale": .float(0.5), "penalty": .float(-100), "query": .ints([0, 1, 2, 3, 4]),
        "key": .ints([5, 6, 7, 8, 9]), "value": .ints([9, 8, 7, 6, 5]), "heads_first": .int(1),
      ],
      ["sizes": .ints([6, 5, 4, 3, 2, 1]), "query": .ints([0, 1, 1, 1, 1]), "key": .ints([0, 1, 1, 1, 1]), "value": .ints([0, 1, 1, 1, 1])],
    ],
    "CumSum": [["exclusive": .int(1)], ["reverse": .int(1)]],
  ]
  private static let old: [[String: Attribute]] = [["broadcast": .int(1), "axis": .int(1)], ["broadcast": .int(1)]]
  private static let reductions: [[String: Attribute]] = [
    ["axes": .ints([1, -1]), "keepdims": .int(0)], ["keepdims": .int(0), "noop_with_empty_axes": .int(1)],
  ]
  private static let arguments: [[String: Attribute]] = [["axis": .int(1), "keepdims": .int(0), "select_last_index": .int(1)]]

  private static func text(_ operation: any Operator) -> String {
    var text = ""
    dump(operation, to: &text)
    return text
  }

  private static let declarations = Operators.all + Operators.own

  @Test(arguments: declarations.map(\.name))
  func isTheSameAfterAFile(name: String) throws {
    let declaration = try #require(Self.declarations.first { $0.name == name })
    var kinds: Set<String> = []
    for opset in declaration.opsets {
      for attributes in [[:]] + (Self.samples[name] ?? []) {
        for outputs in 1...2 where declaration.outputs.contains(outputs) {
          let reader = AttributeReader(node: "n", opset: opset, inputCount: declaration.inputs.lowerBound, outputCount: outputs, attributes: attributes)
          guard let operation = try? declaration.make(reader) else { continue }  // not at this opset
          let read = try Self.throughAFile(operation, declaration, outputs: outputs)
          #expect(Self.text(read) == Self.text(operation), "opset \(opset), \(attributes)")
          kinds.insert(Self.text(operation))
        }
      }
    }
    #expect(!kinds.isEmpty, "no sample fits")
    let isPlain = declaration.opsets.compactMap { opset in
      try? declaration.make(AttributeReader(node: "n", opset: opset, inputCount: 1, outputCount: 1, attributes: [:]))
    }.allSatisfy { Mirror(reflecting: $0).children.isEmpty }
    #expect(isPlain && Self.samples[name] == nil || kinds.count > 1, "the samples do not tell apart what the operator holds")
  }

  /// A graph of one node, written and read.
  private static func throughAFile(_ operation: any Operator, _ declaration: OperatorDeclaration, outputs: Int) throws -> any Operator {
    var graph = Graph()
    let inputs = (0..<max(1, declaration.inputs.lowerBound)).map { graph.add(Value(name: "x\($0)")) }
    graph.inputs = inputs
    graph.outputs = (0..<outputs).map { graph.add(Value(name: "y\($0)")) }
    graph.nodes = [Node(name: "n", operation: operation, inputs: declaration.inputs.upperBound == 0 ? [] : inputs, outputs: graph.outputs)]
    let contents = ModelFileContents(summary: .init(source: "s", sha256: "", sourceBytes: 0, program: "test", graph: graph), graph: graph)
    let file = try ModelFile(MappedBytes(contents.bytes()), file: "f")
    return try #require(try file.graph().nodes.first).operation
  }
}

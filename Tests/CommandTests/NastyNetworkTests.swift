import Foundation
import TestSupport
import Testing

/// Small files that ask for absurd sizes, endless work, or things that do not exist: refused with the place, or run as they mean.
@Suite("nasty networks", .tags(.command))
struct NastyNetworkTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int
    /// Part of the message.
    let message: String
    let model: ONNXModel
  }

  /// One node `p` between `x` and `y`; its other inputs are initialisers in order.
  private static func node(
    _ operation: String, _ constants: [ONNXTensor] = [], _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], x: [ONNXValue.Dim] = [4],
    inputs: [String]? = nil, outputs: [String] = ["y"], opset: Int64 = 17
  ) -> ONNXModel {
    ONNXModel(
      ONNXGraph(
        [ONNXNode(operation, inputs ?? ["x"] + constants.map(\.name), outputs, attributes, name: "p")], inputs: [ONNXValue("x", x)],
        outputs: [ONNXValue("y", nil)], initialisers: constants), opset: opset)
  }

  /// The shape of a Reshape is what `operation` makes of constants.
  private static func shape(_ operation: String, _ constants: [ONNXTensor], _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]) -> ONNXModel {
    ONNXModel(
      ONNXGraph(
        [ONNXNode(operation, constants.map(\.name), ["s"], attributes, name: "p"), ONNXNode("Reshape", ["x", "s"], ["y"], name: "q")],
        inputs: [ONNXValue("x", [4])], outputs: [ONNXValue("y", nil)], initialisers: constants))
  }

  private static func long(_ name: String, _ value: Int64) -> ONNXTensor { ONNXTensor(name, type: 7, dims: [], .int64s([value])) }
  private static func weights(_ dims: [Int]) -> ONNXTensor { .floats("w", dims, [Float](repeating: 1, count: dims.reduce(1, *))) }
  private static let volume: [ONNXValue.Dim] = [1, 1, 4, 4, 4]

  private static let sizes = [
    Case(testDescription: "range without a step", code: 65, message: "node 'p' (Range): a range from 0.0 to 5.0 by 0.0 is absurd", model: node("Range", [long("a", 0), long("b", 5), long("c", 0)], inputs: ["a", "b", "c"])),
    Case(testDescription: "range to infinity", code: 65, message: "node 'p' (Range)", model: node("Range", [.floats("a", [], [0]), .floats("b", [], [.infinity]), .floats("c", [], [1])], inputs: ["a", "b", "c"])),
    Case(testDescription: "range to nowhere", code: 65, message: "node 'p' (Range)", model: node("Range", [.floats("a", [], [0]), .floats("b", [], [.nan]), .floats("c", [], [1])], inputs: ["a", "b", "c"])),
    Case(testDescription: "constant of 2^40", code: 65, message: "node 'p' (ConstantOfShape)", model: node("ConstantOfShape", [.ints("s", [1 << 40])], inputs: ["s"])),
    Case(testDescription: "constant of 2^30, by plain loops", code: 69, message: "node 'p' (ConstantOfShape): a result of shape [1073741824] is too large", model: node("ConstantOfShape", [.ints("s", [1 << 30])], inputs: ["s"])),
    Case(testDescription: "constant of negative length", code: 65, message: "node 'p' (ConstantOfShape)", model: node("ConstantOfShape", [.ints("s", [-5])], inputs: ["s"])),
    Case(testDescription: "expansion", code: 65, message: "node 'p' (Expand): input 'shape': 68719476736 is beyond any dimension", model: node("Expand", [.ints("s", [1 << 36, 4])])),
    Case(testDescription: "a billion times as long", code: 69, message: "node 'p' (Resize): axis 2 would become 2000000000 long", model: node("Resize", [.floats("s", [3], [1, 1, 1e9])], ["mode": .string("linear")], x: [1, 1, 2], inputs: ["x", "", "s"])),
    Case(testDescription: "a scale that is no number", code: 65, message: "node 'p' (Resize): scales", model: node("Resize", [.floats("s", [3], [1, 1, .nan])], x: [1, 1, 2], inputs: ["x", "", "s"])),
    Case(testDescription: "more cropped than there is", code: 65, message: "node 'p' (Pad): shape [4] is too small", model: node("Pad", [.ints("s", [-5, 0])])),
    Case(testDescription: "absurd cropping", code: 65, message: "node 'p' (Pad): input 'pads': -1099511627776 is beyond any dimension", model: node("Pad", [.ints("s", [-(1 << 40), 0])])),
    Case(testDescription: "edges of nothing", code: 65, message: "node 'p' (Pad): mode edge needs elements to repeat", model: node("Pad", [.ints("s", [1, 1])], ["mode": .string("edge")], x: [0])),
    Case(testDescription: "absurd input", code: 65, message: "input 'x': a tensor of shape", model: node("Neg", x: [.value(1 << 30), .value(1 << 30), .value(1 << 30)])),
    Case(testDescription: "dilation", code: 65, message: "node 'p' (Conv): attribute 'dilations' holds 2147483648", model: node("Conv", [weights([1, 1, 2, 1, 1])], ["dilations": .ints([1 << 31, 1, 1])], x: volume)),
    Case(testDescription: "no stride", code: 65, message: "node 'p' (Conv): attribute 'strides' holds 0", model: node("Conv", [weights([1, 1, 1, 1, 1])], ["strides": .ints([0, 1, 1])], x: volume)),
    Case(testDescription: "no groups", code: 65, message: "node 'p' (Conv): attribute 'group' is 0", model: node("Conv", [weights([1, 1, 1, 1, 1])], ["group": .int(0)], x: volume)),
    Case(testDescription: "kernel without voxels", code: 65, message: "node 'p' (Conv)", model: node("Conv", [weights([2, 1, 0, 1, 1])], x: volume)),
    Case(testDescription: "pooling in the padding", code: 65, message: "node 'p' (MaxPool): padding 9 and 9", model: node("MaxPool", [], ["kernel_shape": .ints([2, 2, 2]), "pads": .ints([9, 9, 9, 9, 9, 9])], x: volume)),
    Case(testDescription: "depth of classes", code: 65, message: "node 'p' (OneHot): a depth of 1099511627776.0 is absurd", model: node("OneHot", [.ints("i", [1]), long("d", 1 << 40), .floats("v", [2], [0, 1])], inputs: ["i", "d", "v"])),
    Case(testDescription: "doubling", code: 65, message: "is absurd", model: ONNXModel(ONNXGraph(
      (0..<40).map { ONNXNode("Concat", $0 == 0 ? ["x", "x"] : ["v\($0)", "v\($0)"], [$0 == 39 ? "y" : "v\($0 + 1)"], ["axis": .int(0)]) },
      inputs: [ONNXValue("x", [4])], outputs: [ONNXValue("y", nil)]))),
  ]

  private static let arithmetic = [
    Case(testDescription: "sum beyond 64 bits", code: 65, message: "node 'q' (Reshape): [-2] is no shape", model: shape("ReduceSum", [.ints("a", [.max, .max])], ["keepdims": .int(1)])),
    Case(testDescription: "quotient beyond 64 bits", code: 65, message: "node 'q' (Reshape)", model: shape("Div", [.ints("a", [.min]), .ints("b", [-1])])),
    Case(testDescription: "negative of the smallest", code: 65, message: "node 'q' (Reshape)", model: shape("Neg", [.ints("a", [.min])])),
    Case(testDescription: "float beyond 64 bits", code: 65, message: "node 'q' (Reshape)", model: shape("Cast", [.floats("a", [1], [1e30])], ["to": .int(7)])),
    Case(testDescription: "two open lengths", code: 65, message: "node 'q' (Reshape): [-1, -1] is no shape", model: shape("Identity", [.ints("a", [-1, -1])])),
    Case(testDescription: "slice that stands still", code: 65, message: "node 'p' (Slice)", model: node("Slice", [.ints("a", [0]), .ints("b", [4]), .ints("c", [0]), .ints("d", [0])])),
    Case(testDescription: "axis of another world", code: 65, message: "node 'p' (ReduceSum)", model: node("ReduceSum", [.ints("a", [.min])])),
    Case(testDescription: "order of axes", code: 65, message: "node 'p' (Transpose): perm [0, 0] is no order", model: node("Transpose", [], ["perm": .ints([0, 0])], x: [4, 4])),
  ]

  private static let meanings = [
    Case(testDescription: "loop without end", code: 69, message: "operator Loop", model: node("Loop", [], ["body": .graph(ONNXGraph([], outputs: []))], inputs: ["", "", "x"])),
    Case(testDescription: "strings", code: 69, message: "tensors of string (tensor 't')", model: node("Add", [ONNXTensor("t", type: 8, dims: [4], .raw([]))])),
    Case(testDescription: "four bits", code: 69, message: "tensors of int4 (tensor 't')", model: node("Add", [ONNXTensor("t", type: 22, dims: [4], .raw([0, 0]))])),
    Case(testDescription: "eight-bit floats", code: 69, message: "tensors of float8e5m2 (tensor 't')", model: node("Add", [ONNXTensor("t", type: 19, dims: [4], .raw([0, 0, 0, 0]))])),
    Case(testDescription: "unknown type", code: 69, message: "tensors of data type 99 (tensor 't')", model: node("Add", [ONNXTensor("t", type: 99, dims: [4], .raw([0]))])),
    Case(testDescription: "two types", code: 65, message: "node 'p' (Add): the operands are float and bfloat16", model: node("Add", [ONNXTensor("t", type: 16, dims: [4], .raw([0, 0, 0, 0, 0, 0, 0, 0]))])),
    Case(testDescription: "bytes missing", code: 65, message: "tensor 't': 15 bytes of data where shape [4] of float takes 16", model: node("Add", [ONNXTensor("t", type: 1, dims: [4], .raw([UInt8](repeating: 0, count: 15)))])),
    Case(testDescription: "opset 0", code: 65, message: "opset 0 does not exist", model: node("Neg", opset: 0)),
    Case(testDescription: "opset 29", code: 69, message: "opset 29, the newest known is 28", model: node("Neg", opset: 29)),
    Case(testDescription: "no outputs", code: 65, message: "graph 'graph': it has no outputs", model: ONNXModel(ONNXGraph([], inputs: [ONNXValue("x", [4])], outputs: []))),
    Case(testDescription: "functions that call each other", code: 65, message: "functions call themselves", model: functions(["A": ["B"], "B": ["A"]])),
    Case(testDescription: "functions that multiply", code: 65, message: "functions call themselves or are nested deeper", model: functions(Dictionary(uniqueKeysWithValues: (0..<30).map { ($0 == 0 ? "A" : "F\($0)", ["F\($0 + 1)", "F\($0 + 1)"]) }))),
  ]

  /// Functions by name, each calling others one after the other; the network is `A`.
  private static func functions(_ calls: [String: [String]]) -> ONNXModel {
    let functions = calls.sorted { $0.key < $1.key }.map { name, called in
      ONNXFunction(
        name, domain: "f", inputs: ["v0"], outputs: ["v\(called.count)"],
        called.enumerated().map { ONNXNode($1, ["v\($0)"], ["v\($0 + 1)"], domain: "f") })
    }
    return ONNXModel(
      ONNXGraph([ONNXNode("A", ["x"], ["y"], domain: "f")], inputs: [ONNXValue("x", [4])], outputs: [ONNXValue("y", nil)]), domains: ["f"],
      functions: functions)
  }

  @Test(arguments: sizes + arithmetic + meanings)
  func areRefused(nasty: Case) async throws {
    let folder = try TemporaryFolder()
    try Networks.write(nasty.model, to: folder)
    let outcome = try await Program.run("/bin/sh", ["-c", "ulimit -v 1500000; exec '\(Program.path)' info model.onnx --plan"], in: folder)
    #expect(outcome.code == nasty.code, "\(outcome.errors)\(outcome.output)")
    #expect(outcome.errors.contains(nasty.message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  /// Tensors without elements are legal; kernels never see them.
  @Test(arguments: [
    Case(testDescription: "no output channels", code: 0, message: "1x0x4x4x4", model: node("Conv", [weights([0, 1, 1, 1, 1])], x: volume)),
    Case(testDescription: "no input channels", code: 0, message: "1x2x4x4x4", model: node("Conv", [weights([2, 0, 1, 1, 1])], x: [1, 0, 4, 4, 4])),
    Case(testDescription: "no images", code: 0, message: "0x2x4x4x4", model: node("Conv", [weights([2, 1, 3, 3, 3])], ["pads": .ints([1, 1, 1, 1, 1, 1])], x: [0, 1, 4, 4, 4])),
    Case(testDescription: "no voxels", code: 0, message: "1x1x0x4x4", model: node("Relu", x: [1, 1, 0, 4, 4])),
    Case(testDescription: "nothing to weigh", code: 0, message: "0x4", model: node("Softmax", [], ["axis": .int(0)], x: [0, 4])),
  ])
  func emptyTensorsAreTensors(empty: Case) async throws {
    let folder = try TemporaryFolder()
    try Networks.write(empty.model, to: folder)
    let plan = try await Program.run(["info", "model.onnx", "--plan"], in: folder)
    #expect(plan.code == 0 && plan.output.contains(empty.message), "\(plan.errors)\(plan.output)")
  }
}

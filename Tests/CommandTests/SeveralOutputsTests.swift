import Foundation
import TestSupport
import Testing

/// Networks with several outputs: the one of the input's size with the right number of classes is used, wherever it stands.
@Suite("several outputs", .tags(.command))
struct SeveralOutputsTests {
  /// An output: `edge` voxels along each axis, `classes` channels; only the whole one answers what the network was trained for.
  struct Output: Sendable {
    let name: String
    var edge: Int64 = 16, classes = 3
    var isAnswer = false
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let outputs: [Output]
    var testDescription: String { outputs.map { "\($0.name) \($0.classes) x \($0.edge)" }.joined(separator: ", ") }
  }

  private static let ds2 = Output(name: "ds2", edge: 4), ds1 = Output(name: "ds1", edge: 8), full = Output(name: "full", isAnswer: true)

  /// Every order; other names; other numbers of classes at the same size; as many as nnU-Net has.
  static let good = [
    [ds2, ds1, full], [ds2, full, ds1], [ds1, ds2, full], [ds1, full, ds2], [full, ds1, ds2], [full, ds2, ds1], [full],
    [Output(name: "output"), Output(name: "0", isAnswer: true)].map { Output(name: $0.name, edge: $0.isAnswer ? 16 : 8, isAnswer: $0.isAnswer) },
    [Output(name: "x/seg:0", isAnswer: true), Output(name: "logits", edge: 8)],
    [Output(name: "boundary", classes: 1), full], [full, Output(name: "embedding", classes: 7)], [Output(name: "two", classes: 2), ds1, full],
    [Output(name: "a", edge: 1), Output(name: "b", edge: 2), ds2, ds1, full],
  ].map(Case.init)

  @Test(arguments: good)
  func theOneOfTheInputsSizeIsUsed(network: Case) async throws {
    let project = try project(network.outputs)
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let others = network.outputs.filter { !$0.isAnswer }.map { "'\($0.name)'" }, name = network.outputs.first(where: \.isAnswer)?.name ?? ""
    let note = "octopi: 'model.onnx': output '\(name)' is used, not \(others.joined(separator: ", "))\n"
    #expect(outcome.errors.contains(note) == !others.isEmpty, "\(outcome.errors)")
    #expect(try LabelFiles.labels(project.labels("TS_1")).voxels == TinyProject.ball.map { $0 > 0 ? 1 : 0 })
  }

  /// What the other outputs alone need is not computed, and the plan says for which output it is.
  @Test(arguments: good)
  func thePlanHasNoStepForTheOthers(network: Case) async throws {
    let project = try project(network.outputs)
    let outcome = try await Program.run(["info", "model.onnx", "--plan", "--model-config", "model.yaml"], in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let steps = outcome.output.components(separatedBy: "step  layer").last ?? ""
    for output in network.outputs {
      #expect(steps.contains("Conv(\(output.name))") == output.isAnswer, "\(outcome.output)")
      #expect(!steps.contains("pooled"), "\(outcome.output)")
    }
    let name = network.outputs.first(where: \.isAnswer)?.name ?? ""
    #expect(outcome.output.contains("planned for '\(name)' alone") == (network.outputs.count > 1))
  }

  /// Outputs beside `full` that are no other head: how they are made of `full` and `input`, and whether `full` is still the only one that fits.
  struct Beside: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let nodes: [ONNXNode]
    let outputs: [ONNXValue]
    var constants: [ONNXTensor] = []
    var isClear = true
  }

  private static let channels: [ONNXValue.Dim] = ["batch", 3, 16, 16, 16], whole = ONNXValue("full", channels)

  static let beside = [
    Beside(testDescription: "the input", nodes: [], outputs: [ONNXValue("input", ["batch", 1, 16, 16, 16]), whole]),
    Beside(testDescription: "labels without channels", nodes: [ONNXNode("ArgMax", ["full"], ["seg"], ["axis": .int(1), "keepdims": .int(0)])], outputs: [ONNXValue("seg", ["batch", 16, 16, 16], type: 7), whole]),
    Beside(testDescription: "labels with one channel", nodes: [ONNXNode("ArgMax", ["full"], ["seg"], ["axis": .int(1)])], outputs: [ONNXValue("seg", ["batch", 1, 16, 16, 16], type: 7), whole]),
    Beside(testDescription: "a map without channels", nodes: [ONNXNode("ReduceMean", ["full"], ["map"], ["axes": .ints([1]), "keepdims": .int(0)])], outputs: [whole, ONNXValue("map", ["batch", 16, 16, 16])]),
    Beside(testDescription: "a vector", nodes: [ONNXNode("ReduceMean", ["full"], ["means"], ["axes": .ints([2, 3, 4]), "keepdims": .int(0)])], outputs: [whole, ONNXValue("means", ["batch", 3])]),
    Beside(testDescription: "heads stacked on an axis of their own", nodes: [ONNXNode("Unsqueeze", ["full", "one"], ["u"]), ONNXNode("Concat", ["u", "u"], ["heads"], ["axis": .int(1)])], outputs: [ONNXValue("heads", ["batch", 2, 3, 16, 16, 16]), whole], constants: [.ints("one", [1])]),
    Beside(testDescription: "what full is made of", nodes: [], outputs: [ONNXValue("features", ["batch", 2, 16, 16, 16]), whole]),
    Beside(testDescription: "probabilities", nodes: [ONNXNode("Softmax", ["full"], ["p"], ["axis": .int(1)])], outputs: [whole, ONNXValue("p", channels)], isClear: false),
    Beside(testDescription: "full twice", nodes: [], outputs: [whole, whole], isClear: false),
    Beside(testDescription: "another name for it", nodes: [ONNXNode("Identity", ["full"], ["again"])], outputs: [whole, ONNXValue("again", channels)], isClear: false),
  ]

  @Test(arguments: beside)
  func whatStandsBesideIsLeft(beside: Beside) async throws {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    try project.folder.write("model:\n  num_classes: 3\n  dim_in: 16\nlabels:\n  ribosome: 1\n  other: 2\n", to: "model.yaml")
    let head = [ONNXNode("Conv", ["input", "w"], ["features"]), ONNXNode("Conv", ["features", "v", "b"], ["full"])]
    try project.write(
      ONNXModel(
        ONNXGraph(
          head + beside.nodes, inputs: [ONNXValue("input", ["batch", 1, 16, 16, 16])], outputs: beside.outputs,
          initialisers: [
            .floats("w", [2, 1, 1, 1, 1], [1, 2]), .floats("v", [3, 2, 1, 1, 1], [0, 0, 1, 0, 0, 0]), .floats("b", [3], [0, -2, -100]),
          ] + beside.constants)), to: "model.onnx")
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == (beside.isClear ? 0 : 65), "\(outcome.errors)")
    guard beside.isClear else {
      for output in beside.outputs { #expect(outcome.errors.contains("'\(output.name)'"), "\(outcome.errors)") }
      return
    }
    #expect(outcome.errors.contains("output 'full' is used, not '"), "\(outcome.errors)")
    #expect(try LabelFiles.labels(project.labels("TS_1")).voxels == TinyProject.ball.map { $0 > 0 ? 1 : 0 })
  }

  /// Two that fit, none that fits: all of them are named, nothing is guessed.
  @Test(arguments: [
    Case(outputs: [full, Output(name: "again")]), Case(outputs: [ds1, Output(name: "aux"), full]), Case(outputs: [ds1, ds2]),
    Case(outputs: [Output(name: "two", classes: 2), Output(name: "five", classes: 5)]),
    Case(outputs: [Output(name: "boundary", classes: 1), ds1]),
  ])
  func nothingIsGuessed(network: Case) async throws {
    let project = try project(network.outputs), before = project.folder.tree()
    let outcome = try await Program.run(TinyProject.segment, in: project.folder)
    #expect(outcome.code == 65)
    let fitting = network.outputs.filter { $0.edge == 16 && $0.classes == 3 }
    for output in fitting.isEmpty ? network.outputs : fitting { #expect(outcome.errors.contains("'\(output.name)'"), "\(outcome.errors)") }
    #expect(outcome.errors.split(separator: "\n").count >= 2, "\(outcome.errors)")
    #expect(project.folder.tree() == before)
  }

  /// Classes 0, x - 2 and nothing; outputs from inside of the network say class 2 everywhere.
  private func project(_ outputs: [Output]) throws -> TinyProject {
    let project = try TinyProject()
    try project.add("TS_1", littleEndianBytes(TinyProject.ball))
    try project.folder.write("model:\n  num_classes: 3\n  dim_in: 16\nlabels:\n  ribosome: 1\n  other: 2\n", to: "model.yaml")
    var nodes: [ONNXNode] = [], initialisers: [ONNXTensor] = []
    for output in outputs {
      var source = "input"
      let factor = 16 / output.edge
      if factor > 1 {
        source = "pooled \(output.name)"
        nodes.append(
          ONNXNode(
            "AveragePool", ["input"], [source], ["kernel_shape": .ints([factor, factor, factor]), "strides": .ints([factor, factor, factor])]))
      }
      let isAnswer = output.isAnswer && output.classes == 3
      let weights: [Float] = isAnswer ? [0, 1, 0] : Array(repeating: 0, count: output.classes)
      let bias: [Float] = isAnswer ? [0, -2, -100] : (0..<output.classes).map { Float($0) }
      nodes.append(ONNXNode("Conv", [source, "w \(output.name)", "b \(output.name)"], [output.name]))
      initialisers.append(.floats("w \(output.name)", [output.classes, 1, 1, 1, 1], weights))
      initialisers.append(.floats("b \(output.name)", [output.classes], bias))
    }
    let values = outputs.map { output in
      ONNXValue(output.name, ["batch", .value(Int64(output.classes)), .value(output.edge), .value(output.edge), .value(output.edge)])
    }
    try project.write(
      ONNXModel(ONNXGraph(nodes, inputs: [ONNXValue("input", ["batch", 1, 16, 16, 16])], outputs: values, initialisers: initialisers)),
      to: "model.onnx")
    return project
  }
}

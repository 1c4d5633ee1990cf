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

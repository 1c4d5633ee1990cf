import Foundation
import TestSupport

/// Small networks that tests write as files.
enum Networks {
  /// `logits = Conv1(Relu(Conv3(x)))` from one channel to 4 to 3, of open batch, channels and size; `extra` nodes read `r`, the result of
  /// Relu, and are outputs.
  static func twoConvolutions(extra: [ONNXNode] = []) -> ONNXModel {
    let outputs = extra.map { ONNXValue($0.outputs[0], nil) }
    return ONNXModel(
      ONNXGraph(
        [
          ONNXNode("Conv", ["x", "w", "b"], ["h"], ["kernel_shape": .ints([3, 3, 3]), "pads": .ints([1, 1, 1, 1, 1, 1])], name: "encoder"),
          ONNXNode("Relu", ["h"], ["r"], name: "activation"),
          ONNXNode("Conv", ["r", "v"], ["logits"], name: "head"),
        ] + extra,
        inputs: [ONNXValue("x", ["batch", nil, "z", "y", nil])], outputs: [ONNXValue("logits", ["batch", 3, "z", "y", nil])] + outputs,
        initialisers: [
          .floats("w", [4, 1, 3, 3, 3], (0..<108).map { Float($0 % 7) / 8 - 0.375 }), .floats("b", [4], [0.5, 0, -0.5, 0.25]),
          .floats("v", [3, 4, 1, 1, 1], (0..<12).map { Float($0 % 5) / 4 - 0.5 }),
        ]))
  }

  /// The file `name` in `folder`.
  static func write(_ model: ONNXModel, to folder: TemporaryFolder, name: String = "model.onnx") throws {
    try Data(model.bytes).write(to: URL(filePath: folder.path(name)))
  }
}

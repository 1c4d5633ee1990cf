import Graph
import SystemPackage

/// Reads ONNX models and tensors into plain values.
///
///     let graph = try ONNXImport.load(path: "model.onnx")
///     let plan = try graph.specialised(to: [[1, 1, 96, 96, 96]])
///
/// What a file says is never trusted: sizes are checked against the bytes that are there before memory is taken, names against
/// each other, nodes against the declarations of their operators.
public enum ONNXImport {
  /// The model at `path`, with external data from its folder.
  public static func load(path: String) throws(ImportError) -> Graph {
    let folder = FilePath(path).removingLastComponent()
    return try load(
      try ModelFolder.read(path), file: path, folder: ModelFolder(path: folder.isEmpty ? FilePath(".") : folder))
  }

  /// A model in memory. `folder` holds its external data; `name` stands for the file in messages.
  public static func load(bytes: [UInt8], folder: String? = nil, name: String = "model") throws(ImportError) -> Graph {
    try load(bytes, file: name, folder: ModelFolder(path: folder.map { FilePath($0) }))
  }

  /// A tensor as the ONNX test layout stores it (`input_0.pb`: one `TensorProto`), with its name.
  public static func tensor(path: String) throws(ImportError) -> (name: String, tensor: Tensor) {
    let bytes = try ModelFolder.read(path)
    guard let message = Message.parseTensor(bytes) else {
      throw .damaged(file: path, place: "", reason: "the bytes are no ONNX tensor, or end before it is complete")
    }
    let needs = Needs()
    let reader = TensorReader(file: path, folder: ModelFolder(path: FilePath(path).removingLastComponent()), needs: needs)
    let tensor = try reader.tensor(message, place: "")
    guard needs.isEmpty else { throw .unsupported(file: path, needs: needs.list) }
    return (message.name, tensor)
  }

  private static func load(_ bytes: [UInt8], file: String, folder: ModelFolder) throws(ImportError) -> Graph {
    let needs = Needs()
    do {
      let model = try MessageReader(file: file, folder: folder, needs: needs).model(bytes)
      let graph = try GraphBuilder.build(model, file: file, fileBytes: bytes.count, needs: needs)
      if needs.isEmpty { return graph }
    } catch .damaged where !needs.isEmpty {
      // What cannot be read leaves holes; what is needed explains them.
    }
    throw .unsupported(file: file, needs: needs.list)
  }
}

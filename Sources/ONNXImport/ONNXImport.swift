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
    return try load(file: path, folder: ModelFolder(path: folder.isEmpty ? FilePath(".") : folder)) { () throws(ImportError) in
      try ModelFolder.read(path)
    }
  }

  /// A model in memory. `folder` holds its external data; `name` stands for the file in messages.
  public static func load(bytes: [UInt8], folder: String? = nil, name: String = "model") throws(ImportError) -> Graph {
    try load(file: name, folder: ModelFolder(path: folder.map { FilePath($0) })) { bytes }
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

  /// - bytes: of the file; they are let go before the graph is made.
  private static func load(
    file: String, folder: ModelFolder, _ bytes: () throws(ImportError) -> [UInt8]
  ) throws(ImportError) -> Graph {
    let needs = Needs()
    do {
      let (model, count) = try description(MessageReader(file: file, folder: folder, needs: needs), bytes)
      let graph = try GraphBuilder.build(model, file: file, fileBytes: count, needs: needs)
      if needs.isEmpty { return graph }
    } catch .damaged where !needs.isEmpty {
      // What cannot be read leaves holes; what is needed explains them.
    }
    throw .unsupported(file: file, needs: needs.list)
  }

  /// What a file says, and how many bytes it has. Of bytes, message and numbers no more than two exist at a time.
  private static func description(
    _ reader: MessageReader, _ bytes: () throws(ImportError) -> [UInt8]
  ) throws(ImportError) -> (ModelDescription, bytes: Int) {
    let (message, count) = try reader.parse(bytes())
    return (try reader.model(message), count)
  }
}

public import Graph
import ONNXImport

/// A network as a file holds it.
///
///     let network = try NetworkFile(path: "model.onnx")
///     let runner = ModelRunner(network.graph, kernels: try .forJob(), pool: .forJob(nil))
///     let logits = try runner.run([window])
public struct NetworkFile: Sendable {
  /// The file as the user named it.
  public let path: String
  public let graph: Graph

  /// Reads the file at `path`.
  ///
  /// - Throws: `ModelLocationError` for a file that is not there or holds no network, `ImportError`.
  public init(path: String) throws {
    try ModelLocation.check(path, configuration: nil)
    self.path = path
    graph = try ONNXImport.load(path: path)
  }
}

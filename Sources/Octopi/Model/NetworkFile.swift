public import Graph
public import Kernels
import ONNXImport
public import OctopiEngine

/// A network as a file holds it, of either kind. The one way in which commands read networks.
///
///     let network = try NetworkFile(path: "model.onnx")
///     let runner = ModelRunner(try network.graph, kernels: try .forJob(), pool: .forJob(nil))
///     let logits = try runner.run([window])
///     let session = try network.windows(size: [96, 96, 96], classes: 3, kernels: kernels, pool: pool)
public struct NetworkFile: Sendable {
  /// The file as the user named it.
  public let path: String
  /// What the network takes and gives, in its order: names, and what the file declares of their types.
  public let inputs: [Value], outputs: [Value]
  private let whole: Graph

  /// Reads the file at `path`.
  ///
  /// - Throws: `ModelLocationError` for a file that is not there or holds no network, `ImportError`.
  public init(path: String) throws {
    try ModelLocation.check(path, configuration: nil)
    self.path = path
    let graph = try ONNXImport.load(path: path)
    whole = graph
    inputs = graph.inputs.map { graph[$0] }
    outputs = graph.outputs.map { graph[$0] }
  }

  /// The network for inputs of any shapes that it accepts.
  public var graph: Graph { get throws { whole } }

  /// The network for windows of `size` (z, y, x), compiled.
  ///
  /// - classes: channels of the output that counts; nil where there is only one of the window's size.
  /// - Throws: `EngineError`.
  public func windows(
    size: [Int], classes: Int?, kernels: JobKernels, pool: JobThreads, options: NetworkOptions = NetworkOptions()
  ) throws -> WindowSession {
    try WindowSession(try graph, size: size, classes: classes, kernels: kernels, pool: pool, options: options)
  }
}

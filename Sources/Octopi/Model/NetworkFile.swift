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
  private let content: Content

  private enum Content {
    case onnx(Graph)
    case octopi(ModelFile)
  }

  /// Reads the file at `path`. One that `octopi convert` wrote is mapped, not read.
  ///
  /// - Throws: `ModelLocationError` for a file that is not there or holds no network, `ImportError`, `ModelFileError`, `InputError`.
  public init(path: String) throws {
    try ModelLocation.check(path, configuration: nil)
    self.path = path
    if try ModelLocation.isConverted(path) {
      let file = try ModelFile(try InputFile.mapped(path, what: "model"), file: path)
      content = .octopi(file)
      (inputs, outputs) = (file.summary.inputs, file.summary.outputs)
    } else {
      let graph = try ONNXImport.load(path: path)
      content = .onnx(graph)
      (inputs, outputs) = (graph.inputs.map { graph[$0] }, graph.outputs.map { graph[$0] })
    }
  }

  /// The network for inputs of any shapes that it accepts.
  public var graph: Graph {
    get throws {
      switch content {
      case .onnx(let graph): graph
      case .octopi(let file): try file.graph()
      }
    }
  }

  /// What `octopi convert` noted beside the network; nil for other files.
  public var converted: ModelFile? { if case .octopi(let file) = content { file } else { nil } }

  /// The network for windows of `size` (z, y, x), ready to be lowered: at once where the file has it so, else after all passes.
  ///
  /// - classes: channels of the output that counts; nil where there is only one of the window's size.
  /// - Throws: `EngineError`, `ModelFileError`.
  public func window(size: [Int], classes: Int?) throws -> WindowGraph {
    if case .octopi(let file) = content, let window = try file.window(size: size, classes: classes) { return window }
    return try WindowGraph(try graph, size: size, classes: classes)
  }

  /// The network for whole inputs of these shapes, compiled: at once where the file has it for such a window, else after all passes.
  public func plan(
    inputShapes shapes: [[Int]], kernels: JobKernels, pool: JobThreads, options: NetworkOptions = NetworkOptions()
  ) throws -> Plan {
    if case .octopi(let file) = content, outputs.count == 1, let shape = shapes.first, shape.count == 5, Array(shape[..<2]) == [1, 1],
      let window = try file.window(size: Array(shape[2...]), classes: nil)
    {
      return try Plan(window, kernels: kernels, options: options, pool: pool)
    }
    return try Plan(try graph, inputShapes: shapes, kernels: kernels, options: options, pool: pool)
  }

  /// The network for windows of `size`, compiled.
  public func windows(
    size: [Int], classes: Int?, kernels: JobKernels, pool: JobThreads, options: NetworkOptions = NetworkOptions()
  ) throws -> WindowSession {
    try WindowSession(try window(size: size, classes: classes), kernels: kernels, pool: pool, options: options)
  }

  /// The network as segmentation runs it on inputs of `shapes`: of several outputs the one of the input's size, and what that alone needs.
  ///
  /// - classes: its channels; nil where there is only one of the input's size.
  /// - Returns: the whole network, and no names, where it has a single output or nothing says which one counts.
  public func segmenting(_ shapes: [[Int]], classes: Int?) throws -> (graph: Graph, output: String?, ignoredOutputs: [String]) {
    var network = try graph
    // Several outputs that fit, or none, are no error here: nobody has asked for labels.
    guard network.outputs.count > 1, shapes.count == 1, shapes[0].count == 5, let window = try? window(size: Array(shapes[0][2...]), classes: classes),
      let output = network.outputs.first(where: { network[$0].name == window.output })
    else { return (network, nil, []) }
    network.outputs = [output]
    return (network.withoutDeadCode(), window.output, window.ignoredOutputs)
  }
}

public import Graph

/// A network for windows `[1, 1, Z, Y, X]` of one size, through all passes, with its one output of logits `[1, C, Z, Y, X]`: what is left to
/// do is to lower it.
public struct WindowGraph: Sendable {
  public let graph: Graph
  /// Voxels along z, y, x.
  public let size: [Int]
  public let classes: Int
  /// Name of the output that is used, and of those that are not.
  public let output: String, ignoredOutputs: [String]

  /// Specialises `graph`.
  ///
  /// Of several outputs the one of the input's size with `classes` channels is used; what the others alone need is not computed. With
  /// `classes` nil any number of channels will do, if only one output has the window's size.
  public init(_ graph: Graph, size: [Int], classes: Int?) throws(EngineError) {
    let shape = [1, 1] + size
    guard graph.inputs.count == 1 else { throw .inputs(graph.inputs.map { graph[$0].name }) }
    var whole: Graph
    do throws(GraphError) { whole = try graph.specialised(to: [shape]) } catch { throw .graph(error) }
    let chosen = try WindowGraph.logits(of: whole, size: size, classes: classes)
    output = whole[chosen].name
    ignoredOutputs = whole.outputs.filter { $0 != chosen }.map { [whole] in whole[$0].name }
    self.classes = whole[chosen].type?.shape[1] ?? 0
    self.size = size
    whole.outputs = [chosen]
    self.graph = try Plan.prepared(whole.withoutDeadCode(), [shape])
  }

  /// One that a file holds; nil where its graph is none of windows.
  init?(_ graph: Graph, size: [Int], output: String, ignoredOutputs: [String]) {
    guard size.count == 3, graph.inputs.count == 1, graph.outputs.count == 1, graph[graph.inputs[0]].type?.shape == [1, 1] + size,
      let type = graph[graph.outputs[0]].type, type.shape.count == 5, type.shape[0] == 1, Array(type.shape[2...]) == size, type.shape[1] > 0,
      WindowGraph.isFloat(type), graph[graph.inputs[0]].type.map(WindowGraph.isFloat) ?? false
    else { return nil }
    (self.graph, self.size, self.output, self.ignoredOutputs) = (graph, size, output, ignoredOutputs)
    classes = type.shape[1]
  }

  private static func isFloat(_ type: TensorType) -> Bool { type.element == .float32 || type.element == .float16 }

  private static func logits(of graph: Graph, size: [Int], classes: Int?) throws(EngineError) -> ValueID {
    let fitting = graph.outputs.filter { id in
      guard let type = graph[id].type, isFloat(type), type.shape.count == 5 else { return false }
      return type.shape[0] == 1 && Array(type.shape[2...]) == size && (classes == nil || type.shape[1] == classes)
    }
    let wanted = "1 x \(classes.map(String.init) ?? "C") x \(size.map(String.init).joined(separator: " x "))"
    func describe(_ ids: [ValueID]) -> [String] {
      ids.map { id in "'\(graph[id].name)' \(graph[id].type.map { $0.shape.map(String.init).joined(separator: " x ") } ?? "")" }
    }
    guard let first = fitting.first else { throw .noLogits(outputs: describe(graph.outputs), wanted: wanted) }
    guard fitting.count == 1 else { throw .ambiguousLogits(outputs: describe(fitting), wanted: wanted) }
    return first
  }
}

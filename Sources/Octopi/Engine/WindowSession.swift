public import Graph
public import Kernels

/// A network that maps windows `[1, 1, Z, Y, X]` to logits `[1, C, Z, Y, X]`, compiled for one size of window.
public final class WindowSession {
  /// Voxels along z, y, x.
  public let size: [Int]
  public let classes: Int
  /// Name of the output that is used, and of those that are not.
  public let output: String, ignoredOutputs: [String]
  public var plan: Plan { session.plan }
  private let session: Session
  private let pool: ThreadPool

  /// Compiles `graph` for windows of `size` (z, y, x).
  ///
  /// Of several outputs the one of the input's size with `classes` channels is used; what the others alone need is not computed. With
  /// `classes` nil any number of channels will do, if only one output has the window's size.
  public init(
    _ graph: Graph, size: [Int], classes: Int?, kernels: KernelTable, pool: ThreadPool, options: PlanOptions = PlanOptions()
  ) throws(EngineError) {
    let shape = [1, 1] + size
    var whole: Graph
    do {
      guard graph.inputs.count == 1 else { throw EngineError.inputs(graph.inputs.map { graph[$0].name }) }
      whole = try graph.specialised(to: [shape])
    } catch let error as GraphError { throw .graph(error) } catch let error as EngineError { throw error } catch { throw .inputs([]) }
    let chosen = try Self.logits(of: whole, size: size, classes: classes)
    output = whole[chosen].name
    ignoredOutputs = whole.outputs.filter { $0 != chosen }.map { [whole] in whole[$0].name }
    whole.outputs = [chosen]
    let plan = try Plan(whole.withoutDeadCode(), inputShapes: [shape], kernels: kernels, options: options, pool: pool)
    self.size = size
    self.classes = plan.outputTypes[0].shape[1]
    self.pool = pool
    session = try Session(plan, pool: pool)
  }

  private static func logits(of graph: Graph, size: [Int], classes: Int?) throws(EngineError) -> ValueID {
    let fitting = graph.outputs.filter { id in
      guard let type = graph[id].type, type.element == .float32 || type.element == .float16, type.shape.count == 5 else { return false }
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

  /// Memory that the session holds: parameters, arena and scratch.
  public var residentBytes: Int { session.residentBytes }

  /// Runs one window. `fill` writes planes of the window (`planes.count * Y * X` floats), asked for all planes, by several threads at once;
  /// `take` gets planes of the logits, class c from `c * classStride` on.
  public func predict(
    fill: (_ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ planes: Range<Int>, _ logits: Span<Float>, _ classStride: Int) -> Void
  ) throws(EngineError) {
    let plane = size[1] * size[2], stride = plane * size[0]
    session.withInput(0) { input in
      pool.run(size[0]) { z, _ in
        var span = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: input[z * plane..<(z + 1) * plane]))
        fill(z..<z + 1, &span)
      }
    }
    try session.run()
    session.withOutput(0) { output in
      pool.run(size[0]) { z, _ in
        let part = UnsafeBufferPointer(rebasing: output[z * plane..<(classes - 1) * stride + (z + 1) * plane])
        take(z..<z + 1, Span(_unsafeElements: part), stride)
      }
    }
  }
}

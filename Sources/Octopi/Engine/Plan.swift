public import Graph
public import Kernels

/// How a graph runs for one input shape: steps in order over one arena. Immutable, can be shared by threads; a `Session` owns the memory.
public struct Plan: Sendable {
  /// An input or output of the plan: row-major float32 in the arena, or a tensor of the host.
  enum Port: Sendable {
    case floats(offset: Int)
    case blocked(BoundView)
    /// Handed out by a step while the plan runs: `Session.run(observe:take:)`.
    case taken
    case host(slot: Int)
    case constant(Tensor)
  }

  public let inputNames: [String], outputNames: [String]
  public let inputTypes: [TensorType], outputTypes: [TensorType]
  public let steps: [StepSummary]
  let inputs: [Port], outputs: [Port]
  let bound: [BoundStep]
  let arenaFloats: Int
  let scratchFloats: Int
  let hostSlots: Int
  let weights: WeightMap
  let kernels: KernelTable

  /// Bytes of the arena, which a session allocates once.
  public var arenaBytes: Int { arenaFloats * 4 }

  /// Bytes of weights in the forms that some kernels take, made when their layers first run; those of larger layers are made at every run, in
  /// the arena.
  public var derivedBytes: Int { weights.floats * 4 }

  /// Bytes of parameters.
  public let parameterBytes: Int

  /// Bytes that a session of so many threads holds: arena, parameters, derived weights and scratch.
  public func residentBytes(threads: Int) -> Int { arenaBytes + parameterBytes + derivedBytes + scratchFloats * threads * 4 }

  /// Floating point operations of one run, as the plain definitions count them.
  public var flops: Double { steps.reduce(0) { $0 + $1.flops } }

  /// Compiles `graph` for inputs of these shapes, one a graph input, axes as in ONNX.
  public init(_ graph: Graph, inputShapes: [[Int]], kernels: KernelTable, options: PlanOptions = PlanOptions(), pool: ThreadPool) throws(EngineError) {
    try self.init(simplified: Plan.prepared(graph, inputShapes), kernels: kernels, options: options, pool: pool)
  }

  /// Compiles a network that is prepared for windows of one size, with its one output.
  public init(_ window: WindowGraph, kernels: KernelTable, options: PlanOptions = PlanOptions(), pool: ThreadPool) throws(EngineError) {
    try self.init(simplified: window.graph, kernels: kernels, options: options, pool: pool)
  }

  /// Compiles a graph that is specialised and has been through all passes.
  init(simplified graph: Graph, kernels: KernelTable, options: PlanOptions = PlanOptions(), pool: ThreadPool) throws(EngineError) {
    var builder = PlanBuilder(graph: graph, kernels: kernels, options: options, pool: pool)
    var inputs: [Place] = []
    for id in graph.inputs {
      let type = try builder.type(id)
      let place: Place =
        type.element.isFloatingPoint && type.element != .float64
        ? .plain(builder.newPlain(floats: type.count)) : .host(builder.newHostSlot())
      builder.define(id, place)
      inputs.append(place)
    }
    for node in graph.nodes { try builder.lower(node) }
    var outputs: [Output] = []
    for id in graph.outputs { outputs.append(try Plan.output(id, &builder)) }

    var program = Program(
      steps: builder.steps, buffers: builder.buffers, inputs: inputs.compactMap { if case .plain(let id) = $0 { id } else { nil } },
      outputs: outputs.compactMap(\.buffer))
    program.unpackInConvolutions()
    var isTaken = false
    if outputs.count == 1, case .blocked(let view) = outputs[0] { isTaken = program.handOut(view) }
    if options.computesInPlace {
      program.computeInPlace()
      program.computeSummands()
      program.normalizeInConvolutions()
    }
    let parameterBytes = 4 * program.steps.reduce(0) { $0 + $1.parameters.reduce(0) { $0 + $1.count } }
    let (memory, weights) = program.placed { options.derivedBytes ?? Plan.derivedBytes(beside: $0 + parameterBytes) }
    self.kernels = kernels
    self.inputs = inputs.map { if case .host(let slot) = $0 { .host(slot: slot) } else if case .plain(let id) = $0 { .floats(offset: memory.plain(id)) } else { .host(slot: 0) } }
    self.outputs = outputs.map {
      switch $0 {
      case .blocked(let view): isTaken ? .taken : .blocked(memory.view(view))
      case .host(.floats(let id, _)): .floats(offset: memory.plain(id))
      case .host(.slot(let slot)): .host(slot: slot)
      case .host(.constant(let tensor)): .constant(tensor)
      }
    }
    inputNames = graph.inputs.map { graph[$0].name }
    outputNames = graph.outputs.map { graph[$0].name }
    inputTypes = try graph.inputs.map { (id) throws(EngineError) in try builder.type(id) }
    outputTypes = try graph.outputs.map { (id) throws(EngineError) in try builder.type(id) }
    steps = program.steps.map(\.summary)
    bound = program.steps.map { $0.bind(memory) }
    arenaFloats = memory.floats
    scratchFloats = ((program.steps.map(\.scratch).max() ?? 0) + 31) & ~31
    hostSlots = builder.hostSlots
    self.parameterBytes = parameterBytes
    self.weights = weights
  }

  /// What a plan may hold of derived weights where nothing else is said: little against what it holds anyway, but room for small networks.
  private static func derivedBytes(beside others: Int) -> Int { max(min(40 << 20, others / 8), (108 << 20) - others) }

  /// A result of the graph, as the plan leaves it.
  private enum Output {
    case host(HostSource)
    case blocked(BlockedView)

    var buffer: BufferID? {
      switch self {
      case .host(let source): source.buffer
      case .blocked(let view): view.buffer
      }
    }
  }

  private static func output(_ id: ValueID, _ builder: inout PlanBuilder) throws(EngineError) -> Output {
    if builder.options.leavesOutputsBlocked, builder.isBlocked(id), builder.graph[id].constant == nil { return .blocked(try builder.blocked(id)) }
    return .host(try builder.hostSource(id))
  }

  /// The graph with all shapes known and everything constant folded.
  static func prepared(_ graph: Graph, _ shapes: [[Int]]) throws(EngineError) -> Graph {
    do { return try graph.specialised(to: shapes).simplified() } catch { throw .graph(error) }
  }

  /// The graph at each step of its way to a plan, with what was done to it last.
  public static func stages(of graph: Graph, inputShapes: [[Int]]) throws(EngineError) -> [(name: String, graph: Graph)] {
    var stages = [(name: "reading", graph: graph)]
    do { stages.append(("fixing all shapes", try graph.specialised(to: inputShapes))) } catch { throw .graph(error) }
    for pass in Pass.standard { if let last = stages.last { stages.append((pass.name, pass(last.graph))) } }
    return stages
  }
}

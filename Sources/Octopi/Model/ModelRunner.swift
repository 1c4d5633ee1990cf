public import Graph
public import Kernels
public import OctopiEngine

/// What a user may choose about how a network computes.
public typealias NetworkOptions = PlanOptions

/// Runs a network on whole tensors of any shapes that it accepts. A plan is made for the first shapes and kept until others come.
public final class ModelRunner {
  private let graph: Graph
  private let kernels: JobKernels
  private let pool: JobThreads
  private let options: NetworkOptions
  private var current: Compiled?

  private struct Compiled {
    let types: [TensorType]
    /// Inputs whose values are part of the plan, by index.
    let constants: [Int: Tensor]
    let session: Session

    func fits(_ inputs: [Tensor]) -> Bool { types == inputs.map(\.type) && constants.allSatisfy { inputs[$0.key] == $0.value } }
  }

  public init(_ graph: Graph, kernels: JobKernels, pool: JobThreads, options: NetworkOptions = NetworkOptions()) {
    self.graph = graph
    self.kernels = kernels
    self.pool = pool
    self.options = options
  }

  /// How the last run was computed.
  public var plan: Plan? { current?.session.plan }

  /// Inputs whose values became part of the last plan, because shapes of the network follow from them: what depends on them alone was
  /// computed by plain loops.
  public var inputsInPlan: [String] { (current?.constants.keys.sorted() ?? []).map { graph[graph.inputs[$0]].name } }

  /// The outputs in the order of the network, for inputs in its order.
  public func run(_ inputs: [Tensor]) throws(EngineError) -> [Tensor] {
    if let current, current.fits(inputs) { return try current.session.run(inputs) }
    current = nil
    let compiled = try compile(inputs)
    current = compiled
    return try compiled.session.run(inputs)
  }

  private func compile(_ inputs: [Tensor]) throws(EngineError) -> Compiled {
    let (specialised, constants): (Graph, [Int: Tensor])
    do throws(GraphError) { (specialised, constants) = try specialise(inputs) } catch { throw .graph(error) }
    let plan = try Plan(specialised, inputShapes: inputs.map(\.shape), kernels: kernels, options: options, pool: pool)
    return Compiled(types: inputs.map(\.type), constants: constants, session: try Session(plan, pool: pool))
  }

  /// The graph for inputs of these types. Where shapes follow from the values of inputs, those become constants: first the short integer
  /// ones, as shapes, axes and indices are, then all.
  private func specialise(_ inputs: [Tensor]) throws(GraphError) -> (Graph, [Int: Tensor]) {
    for (id, tensor) in zip(graph.inputs, inputs) {
      guard let element = graph[id].declared?.element, element != tensor.element else { continue }
      throw .shape(place: "input '\(graph[id].name)'", reason: "it is \(element.onnxName), \(tensor.element.onnxName) was given")
    }
    let short = inputs.indices.filter { inputs[$0].integers != nil && inputs[$0].count <= ModelRunner.shortInput }
    var refusal: GraphError?
    for known in [[], short, Array(inputs.indices)] {
      let constants = Dictionary(uniqueKeysWithValues: known.map { ($0, inputs[$0]) })
      do throws(GraphError) {
        return (try graph.specialised(to: inputs.map(\.shape), constants: constants), constants)
      } catch {
        guard case .unsupported = error else { throw refusal ?? error }
        refusal = refusal ?? error
      }
    }
    throw refusal ?? .unsupported(place: "", reason: "its shapes are not known before it runs")
  }

  private static let shortInput = 1 << 12
}

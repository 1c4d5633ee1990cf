public import Graph
public import Kernels

/// The memory in which a plan runs, one run at a time. Nothing is allocated between runs.
public final class Session {
  public let plan: Plan
  private let pool: ThreadPool
  private let memory: SystemMemory, scratch: SystemMemory
  private let weights: WeightMemory
  private let host: HostValues

  private var arena: UnsafeMutablePointer<Float> { memory.floats }

  /// - Throws: `EngineError.outOfMemory`.
  public init(_ plan: Plan, pool: ThreadPool) throws(EngineError) {
    self.plan = plan
    self.pool = pool
    memory = try SystemMemory(floats: plan.arenaFloats)
    scratch = try SystemMemory(floats: plan.scratchFloats * pool.threads)
    weights = try WeightMemory(plan.weights)
    host = HostValues(count: plan.hostSlots)
  }

  /// Memory that the session and its plan hold.
  public var residentBytes: Int { plan.residentBytes(threads: pool.threads) }

  /// Row-major floats of input `index`, to be written before a run.
  public func withInput<R>(_ index: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> R) -> R? {
    guard case .floats(let offset) = plan.inputs[index] else { return nil }
    return body(UnsafeMutableBufferPointer(start: arena + offset, count: plan.inputTypes[index].count))
  }

  /// Floats of output `index`, as the plan leaves it, from its first voxel on: `count` of them, which the caller knows to be there. Valid
  /// until the next run.
  func withOutput<R>(_ index: Int, count: Int, _ body: (UnsafeBufferPointer<Float>) -> R) -> R? {
    switch plan.outputs[index] {
    case .floats(let offset): body(UnsafeBufferPointer(start: arena + offset, count: count))
    case .blocked(let view): body(UnsafeBufferPointer(start: arena + view.offset, count: count))
    case .taken, .host, .constant: nil
    }
  }

  /// Runs all steps; `observe` is told the number of each before and after, `take` gets the output if the plan hands it out.
  public func run(observe: ((_ step: Int, _ finished: Bool) -> Void)? = nil) throws(EngineError) { try run(observe: observe, take: nil) }

  func run(observe: ((_ step: Int, _ finished: Bool) -> Void)?, take: TakeLogits?) throws(EngineError) {
    var frame = Frame(
      arena: arena, pool: pool, kernels: plan.kernels, scratch: scratch.floats, scratchFloats: plan.scratchFloats, host: host, weights: weights,
      take: take)
    for (index, step) in plan.bound.enumerated() {
      frame.step = index
      observe?(index, false)
      try step(frame)
      observe?(index, true)
    }
  }

  /// One forward pass on tensors in the order of the plan's inputs.
  public func run(_ tensors: [Tensor]) throws(EngineError) -> [Tensor] {
    guard tensors.map(\.type) == plan.inputTypes else {
      throw .invalid(place: plan.inputNames.joined(separator: ", "), reason: "the plan was made for \(plan.inputTypes.map(\.shape)), not \(tensors.map(\.shape))")
    }
    for (index, tensor) in tensors.enumerated() {
      switch plan.inputs[index] {
      case .host(let slot): host[slot] = tensor
      case .floats(let offset): for (i, value) in (tensor.floats ?? []).enumerated() { arena[offset + i] = value }
      case .constant, .blocked, .taken: break
      }
    }
    try run()
    return try plan.outputs.enumerated().map { (index, port) throws(EngineError) in
      let type = plan.outputTypes[index]
      switch port {
      case .constant(let tensor): return tensor
      case .blocked, .taken: throw .invalid(place: plan.outputNames[index], reason: "is left to who takes it part by part")
      case .floats(let offset): return Tensor(type, rounding: [Float](UnsafeBufferPointer(start: arena + offset, count: type.count)))
      case .host(let slot):
        guard let tensor = host[slot] else { throw .invalid(place: plan.outputNames[index], reason: "was not computed") }
        return tensor
      }
    }
  }
}

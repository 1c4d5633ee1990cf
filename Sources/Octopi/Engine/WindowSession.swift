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
  /// How the logits lie in the plan's output; nil where a step hands them out.
  private let layout: LogitLayout?
  private let pool: ThreadPool
  private let slowSteps: [Bool]
  private var slowTime = Duration.zero, allTime = Duration.zero

  /// Names of the steps that have no kernel.
  public var referenceSteps: [String] { plan.steps.filter(\.isReference).map(\.name) }
  /// Share of the time of all windows so far that steps without a kernel took; 0 where there are none.
  public var referenceShare: Double { allTime > .zero ? slowTime / allTime : 0 }

  /// Compiles `graph` for windows of `size` (z, y, x); see `WindowGraph`.
  public convenience init(
    _ graph: Graph, size: [Int], classes: Int?, kernels: KernelTable, pool: ThreadPool, options: PlanOptions = PlanOptions()
  ) throws(EngineError) {
    try self.init(WindowGraph(graph, size: size, classes: classes), kernels: kernels, pool: pool, options: options)
  }

  /// Compiles a network that is specialised already.
  public init(_ window: WindowGraph, kernels: KernelTable, pool: ThreadPool, options: PlanOptions = PlanOptions()) throws(EngineError) {
    var options = options
    options.leavesOutputsBlocked = true
    let plan = try Plan(window, kernels: kernels, options: options, pool: pool)
    size = window.size
    classes = window.classes
    output = window.output
    ignoredOutputs = window.ignoredOutputs
    self.pool = pool
    slowSteps = plan.steps.contains(where: \.isReference) ? plan.steps.map(\.isReference) : []
    session = try Session(plan, pool: pool)
    layout =
      switch plan.outputs[0] {
      case .taken: nil
      case .blocked(let view): LogitLayout(view)
      case .floats, .host, .constant: LogitLayout(classes: classes, size: size)
      }
  }

  /// Memory that the session holds: parameters, arena and scratch.
  public var residentBytes: Int { session.residentBytes }

  /// Runs one window. `fill` writes planes of the window (`planes.count * Y * X` floats), asked for all planes, by several threads at once.
  /// `take` gets the logits as soon as they are there.
  public func predict(fill: (_ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void, take: TakeLogits) throws(EngineError) {
    let plane = size[1] * size[2]
    session.withInput(0) { input in
      pool.run(size[0]) { z, _ in
        var span = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: input[z * plane..<(z + 1) * plane]))
        fill(z..<z + 1, &span)
      }
    }
    try withoutActuallyEscaping(take) { (take) throws(EngineError) in try run(take) }
    if let layout { handOut(layout, take) }
  }

  /// The logits from the plan's output, plane by plane.
  private func handOut(_ layout: LogitLayout, _ take: TakeLogits) {
    session.withOutput(0, count: layout.count(planes: size[0], rows: size[1], voxels: size[2])) { logits in
      pool.run(size[0]) { z, _ in
        let part = LogitPart(planes: z..<z + 1, rows: 0..<size[1], layout: layout), first = z * layout.planeStep
        take(part, Span(_unsafeElements: UnsafeBufferPointer(rebasing: logits[first..<first + part.floats(voxels: size[2])])))
      }
    }
  }

  /// Runs the steps, and adds up the time of those without a kernel.
  private func run(_ take: @escaping TakeLogits) throws(EngineError) {
    if slowSteps.isEmpty { return try session.run(observe: nil, take: take) }
    let clock = ContinuousClock(), begin = clock.now
    var start = begin, slow = Duration.zero
    let observe = { [slowSteps] (step: Int, finished: Bool) in
      guard slowSteps[step] else { return }
      if finished { slow += clock.now - start } else { start = clock.now }
    }
    try session.run(observe: observe, take: take)
    slowTime += slow
    allTime += clock.now - begin
  }
}

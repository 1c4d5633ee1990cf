public import Graph
public import Kernels

/// A network that maps windows `[1, 1, Z, Y, X]` to logits `[1, C, Z, Y, X]`, compiled for one size of window.
public final class WindowSession {
  /// Voxels along z, y, x.
  public let size: [Int]
  public let classes: Int
  /// Name of the output that is used, and of those that are not.
  public let output: String, ignoredOutputs: [String]
  /// How the logits lie that `predict` hands out.
  public let layout: LogitLayout
  public var plan: Plan { session.plan }
  private let session: Session
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
    if case .blocked(let view) = plan.outputs[0] {
      layout = LogitLayout(view)
    } else {
      layout = LogitLayout(classes: classes, size: size)
    }
  }

  /// Memory that the session holds: parameters, arena and scratch.
  public var residentBytes: Int { session.residentBytes }

  /// Runs one window. `fill` writes planes of the window (`planes.count * Y * X` floats), asked for all planes, by several threads at once;
  /// `take` gets planes of the logits where the network left them, which is as `layout` says; by several threads at once, too.
  public func predict(
    fill: (_ planes: Range<Int>, _ into: inout MutableSpan<Float>) -> Void,
    take: (_ planes: Range<Int>, _ logits: Span<Float>) -> Void
  ) throws(EngineError) {
    let plane = size[1] * size[2]
    session.withInput(0) { input in
      pool.run(size[0]) { z, _ in
        var span = MutableSpan(_unsafeElements: UnsafeMutableBufferPointer(rebasing: input[z * plane..<(z + 1) * plane]))
        fill(z..<z + 1, &span)
      }
    }
    if slowSteps.isEmpty { try session.run() } else { try runTimed() }
    let count = layout.count(planes: size[0], rows: size[1], voxels: size[2])
    let planeCount = layout.count(planes: 1, rows: size[1], voxels: size[2])
    session.withOutput(0, count: count) { logits in
      pool.run(size[0]) { z, _ in
        let part = UnsafeBufferPointer(rebasing: logits[z * layout.planeStep..<z * layout.planeStep + planeCount])
        take(z..<z + 1, Span(_unsafeElements: part))
      }
    }
  }

  /// Runs the steps and adds up the time of those without a kernel.
  private func runTimed() throws(EngineError) {
    let clock = ContinuousClock(), begin = clock.now
    var start = begin, slow = Duration.zero
    try session.run { [slowSteps] step, finished in
      guard slowSteps[step] else { return }
      if finished { slow += clock.now - start } else { start = clock.now }
    }
    slowTime += slow
    allTime += clock.now - begin
  }
}

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
  /// A plane of logits for each thread, if the plan leaves them in blocks.
  private let planes: SystemMemory?
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
    if case .blocked = plan.outputs[0] {
      planes = try SystemMemory(floats: pool.threads * window.classes * window.size[1] * window.size[2])
    } else {
      planes = nil
    }
  }

  /// Memory that the session holds: parameters, arena and scratch.
  public var residentBytes: Int { session.residentBytes + (planes == nil ? 0 : pool.threads * classes * size[1] * size[2] * 4) }

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
    if slowSteps.isEmpty { try session.run() } else { try runTimed() }
    if let planes {
      // A plane at a time: its logits never leave the cache between the network and who takes them.
      pool.run(size[0]) { z, thread in
        let logits = planes.floats + thread * classes * plane
        for y in 0..<size[1] { session.copyRow(ofOutput: 0, z: z, y: y, to: logits + y * size[2], channelStride: plane) }
        take(z..<z + 1, Span(_unsafeElements: UnsafeBufferPointer(start: logits, count: classes * plane)), plane)
      }
      return
    }
    session.withOutput(0) { output in
      pool.run(size[0]) { z, _ in
        let part = UnsafeBufferPointer(rebasing: output[z * plane..<(classes - 1) * stride + (z + 1) * plane])
        take(z..<z + 1, Span(_unsafeElements: part), stride)
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

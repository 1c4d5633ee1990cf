public import Graph
public import Kernels
public import OctopiEngine

/// Times a network on this machine, window by window and step by step.
public struct NetworkBenchmark: Sendable {
  /// One step of the plan, with its time in the fastest window in which steps were timed.
  public struct Layer: Sendable {
    public let step: StepSummary
    public let seconds: Double
  }

  public let inputShapes: [[Int]]
  /// Seconds until the network was ready for its first window: reading the file, and compiling.
  public let loading: Double
  /// Seconds of each window, in the order in which they were run. A window's time holds the writing of its inputs.
  public let windows: [Double]
  public let layers: [Layer]
  /// Floating point operations of one window by the plain definitions of its operators.
  public let flops: Double
  /// Floating point operations a second that the threads reach at most, measured between the windows.
  public let peak: Double
  /// What the plan holds: its arena, parameters, and scratch of all threads.
  public let plannedBytes: Int

  public var best: Double { windows.min() ?? 0 }
  public var median: Double {
    let sorted = windows.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Loads the network at `path` and runs it `rounds` times as a whole and, in turn, `rounds` times with a clock between its steps, after
  /// one window that is not counted.
  ///
  /// - size: of the window, where the network leaves it open; see `NetworkFile.inputShapes`.
  /// - Throws: `NetworkShapeError`, `EngineError`, what `NetworkFile` throws.
  public init(path: String, size: [Int]?, rounds: Int, options: NetworkOptions, kernels: JobKernels, pool: JobThreads) throws {
    let start = ContinuousClock.now, plan = try Self.plan(path, size, options, kernels, pool), session = try Session(plan, pool: pool)
    try self.init(session, loading: (ContinuousClock.now - start) / .seconds(1), rounds: rounds, kernels: kernels, pool: pool)
  }

  /// What a plan does not need goes with the file.
  private static func plan(
    _ path: String, _ size: [Int]?, _ options: NetworkOptions, _ kernels: JobKernels, _ pool: JobThreads
  ) throws -> Plan {
    let network = try NetworkFile(path: path)
    return try network.plan(inputShapes: network.inputShapes(size: size), kernels: kernels, pool: pool, options: options)
  }

  /// The same for a graph.
  public init(
    _ graph: Graph, inputShapes: [[Int]], rounds: Int, options: NetworkOptions, kernels: JobKernels, pool: JobThreads
  ) throws(EngineError) {
    let start = ContinuousClock.now
    let session = try Session(Plan(graph, inputShapes: inputShapes, kernels: kernels, options: options, pool: pool), pool: pool)
    try self.init(session, loading: (ContinuousClock.now - start) / .seconds(1), rounds: rounds, kernels: kernels, pool: pool)
  }

  private init(_ session: Session, loading: Double, rounds: Int, kernels: JobKernels, pool: JobThreads) throws(EngineError) {
    self.loading = loading
    MemoryBudget.returnFreed()
    let plan = session.plan
    inputShapes = plan.inputTypes.map(\.shape)
    let inputs = plan.inputTypes.map(Tensor.noise)
    // Results as tensors would count as memory that windows need.
    if inputs.allSatisfy({ $0.floats != nil }) {
      session.write(inputs)
      try session.run()
    } else {
      _ = try session.run(inputs)
    }

    var windows: [Double] = [], fastest: [Double]?, peak = 0.0
    let clock = ContinuousClock()
    for _ in 0..<max(1, rounds) {
      peak = max(peak, kernels.measuredPeak(on: pool))
      let start = clock.now
      session.write(inputs)
      try session.run()
      windows.append((clock.now - start) / .seconds(1))
      session.write(inputs)
      let times = try session.timedRun(clock)
      if times.reduce(0, +) < fastest?.reduce(0, +) ?? .infinity { fastest = times }
    }
    self.windows = windows
    self.peak = peak
    layers = zip(plan.steps, fastest ?? []).map { Layer(step: $0, seconds: $1) }
    flops = plan.flops
    plannedBytes = session.residentBytes
  }
}

extension Session {
  /// Writes the floats of `tensors` where the plan reads them; the others stay.
  fileprivate func write(_ tensors: [Tensor]) {
    for (index, tensor) in tensors.enumerated() {
      guard let values = tensor.floats else { continue }
      _ = withInput(index) { $0.update(fromContentsOf: values) }
    }
  }

  /// Seconds of each step.
  fileprivate func timedRun(_ clock: ContinuousClock) throws(EngineError) -> [Double] {
    var times: [Double] = [], start = clock.now
    times.reserveCapacity(plan.steps.count)
    try run { _, finished in
      if finished { times.append((clock.now - start) / .seconds(1)) } else { start = clock.now }
    }
    return times
  }
}

extension Tensor {
  /// Numbers like those of a normalised tomogram, the same ones at all times: mean 0, deviation 1. Integers are all zero.
  fileprivate static func noise(_ type: TensorType) -> Tensor {
    guard type.element.isFloatingPoint else { return Tensor(type, wrapping: [Int64](repeating: 0, count: type.count)) }
    var state: UInt64 = 1
    // As floats at once: twice as large for a moment, the noise would be part of the peak of a small network.
    let values = (0..<type.count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float((Double(state >> 40) * 0x1p-24 - 0.5) * 12.0.squareRoot())
    }
    return Tensor(type, rounding: values)
  }
}

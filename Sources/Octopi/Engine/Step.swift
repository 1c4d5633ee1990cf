import Kernels

/// What a person sees of one step of a plan.
public struct StepSummary: Sendable {
  /// The graph node or nodes that the step computes.
  public let name: String
  /// The kernel, and its form where there are several.
  public let kernel: String
  /// Shapes of the result, as text.
  public let shape: String
  /// Floating point operations as the plain definition counts them, two a multiply-add.
  public let flops: Double
  /// Bytes of activations and parameters that the step reads and writes at least.
  public let bytes: Double
  /// The operator has no kernel and runs by its plain loops.
  public let isReference: Bool
  /// How many times the rounding of a direct sum in float32 a fast form of a convolution costs at most with the layer's weights, where its
  /// shape asks for one: taken up to 16, beyond that the layer is computed directly.
  public var rounding: Double? = nil
}

/// A step of a plan under construction: operands by buffer, addresses not yet known.
protocol PlannedStep: Sendable {
  var summary: StepSummary { get }
  var reads: [BufferID] { get }
  var writes: [BufferID] { get }
  /// Parameters that the step holds in memory.
  var parameters: [FloatStorage] { get }
  /// Weights that are made from the parameters, or nil; the frame of a run says where they are.
  var derivedWeights: DerivedWeights? { get }
  /// Floats of scratch that each thread needs.
  var scratch: Int { get }
  /// Fixes all addresses.
  func bind(_ memory: MemoryMap) -> BoundStep
}

extension PlannedStep {
  var scratch: Int { 0 }
  var parameters: [FloatStorage] { [] }
  var derivedWeights: DerivedWeights? { nil }
}

/// What runs: everything it needs is captured but for the frame of the session.
typealias BoundStep = @Sendable (Frame) throws(EngineError) -> Void

/// The moving parts of a session that a step may touch while it runs.
struct Frame {
  let arena: MutableFloats
  let pool: ThreadPool
  let kernels: KernelTable
  /// Start of the scratch of a thread.
  let scratch: MutableFloats
  let scratchFloats: Int
  let host: HostValues
  let weights: WeightMemory
  /// Takes what a plan hands out that does not leave its output in the arena.
  let take: TakeLogits?
  /// Number of the step that runs.
  var step = 0

  func scratch(of thread: Int) -> MutableFloats { scratch + thread * scratchFloats }

  /// Calls `body` with parts of the running step's derived weights, see `WeightMemory.use`.
  func use(_ derived: DerivedWeights, _ body: (_ parts: Range<Int>, _ base: Floats) -> Void) { weights.use(derived, ofStep: step, self, body) }
}

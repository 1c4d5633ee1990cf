import Kernels

/// A convolution that produces its outputs part by part, with room for what follows: residual, activation, statistics.
protocol TiledConvolution: PlannedStep {
  /// What follows for one of the step's outputs, nil if it is none.
  func tail(of output: BufferID) -> ConvolutionTail?
  mutating func setTail(_ tail: ConvolutionTail, of output: BufferID)
  /// Voxels whose statistics each task gathers.
  var voxelsPerTask: [Int] { get }
  /// The residual of the epilogue may be one that is normalised on load.
  var normalizesResidual: Bool { get }
}

extension TiledConvolution {
  var normalizesResidual: Bool { true }
}

/// What follows the sums of a convolution: residual and activation, then the statistics of what comes out.
struct ConvolutionTail: Sendable {
  var epilogue = ConvolutionEpilogue()
  var moments: MomentParts?
}

/// A convolution with one output.
protocol SingleConvolution: TiledConvolution {
  var output: BlockedView { get }
  var epilogue: ConvolutionEpilogue { get set }
  var moments: MomentParts? { get set }
}

extension SingleConvolution {
  func tail(of buffer: BufferID) -> ConvolutionTail? { buffer == output.buffer ? ConvolutionTail(epilogue: epilogue, moments: moments) : nil }

  mutating func setTail(_ tail: ConvolutionTail, of buffer: BufferID) {
    if buffer == output.buffer { (epilogue, moments) = (tail.epilogue, tail.moments) }
  }
}

/// The epilogue of a convolution in tiles, with all addresses known; fills in the kernels' `TileEpilogue`.
struct BoundEpilogue: Sendable {
  private let y: BoundView
  private let residual: BoundView?
  private let residualCoefficients: Int?
  private let slope: FloatStorage?
  private let bias: FloatStorage
  private let streams: Bool

  init(_ epilogue: ConvolutionEpilogue, _ problem: ConvolutionProblem, _ output: BlockedView, _ memory: MemoryMap) {
    y = memory.view(output)
    residual = epilogue.residual.map { memory.view($0) }
    residualCoefficients = epilogue.residualCoefficients.map { memory.plain($0) }
    slope = epilogue.slope
    bias = problem.bias
    // What is read in the same place lies in the caches anyway.
    streams = y.isStreamable && residual?.offset != y.offset
  }

  /// What is the same for all tiles of a block.
  func prepare(_ e: inout TileEpilogue, _ frame: Frame, image: Int, block: Int) {
    (e.sz, e.sy, e.sx) = (y.strides.z, y.strides.y, y.strides.x)
    e.streams = streams
    e.bias = bias.pointer + block * 16
    e.slope = slope.map { $0.pointer + block * y.shape.width }
    guard let residual else { return }
    (e.residualZ, e.residualY, e.residualX) = (residual.strides.z, residual.strides.y, residual.strides.x)
    e.residualCoefficients = residualCoefficients.map { UnsafePointer(frame.arena + $0 + (image * residual.shape.blocks.count + block) * Coefficients.rows * residual.shape.width) }
  }

  /// The tile whose first output is voxel `origin`.
  func place(_ e: inout TileEpilogue, _ frame: Frame, image: Int, block: Int, origin: Axes, count: Axes) {
    (e.countZ, e.countY, e.countX) = (count.z, count.y, count.x)
    e.y = frame.arena + y.at(image, block, origin.z, origin.y, origin.x)
    e.residual = residual.map { UnsafePointer(frame.arena + $0.at(image, block, origin.z, origin.y, origin.x)) }
  }
}

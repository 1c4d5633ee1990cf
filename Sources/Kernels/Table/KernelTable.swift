/// What one instruction set offers: plain functions over pointers and integers, grouped by family. Contracts stand with the kernels in
/// `Source/<Family>`; no SIMD value crosses a module boundary, since its calling convention differs between instruction sets.
///
/// One immutable value an ISA module; `Kernels.ISA` chooses among them.
public struct KernelTable: Sendable {
  /// "portable", "avx2", "avx512" or "neon".
  public let name: StaticString
  /// Lanes of a vector of floats.
  public let lanes: Int
  public let peak: PeakKernels
  public let elementwise: ElementwiseKernels
  public let normalization: NormalizationKernels
  public let layout: LayoutKernels
  public let convolution: ConvolutionKernels
  public let matMul: MatMulKernels
  public let softmax: SoftmaxKernels
  public let pooling: PoolingKernels
  public let resize: ResizeKernels
  public let blend: BlendKernels
  public let reduction: ReductionKernels

  public init(
    name: StaticString, lanes: Int,
    peak: PeakKernels,
    elementwise: ElementwiseKernels,
    normalization: NormalizationKernels,
    layout: LayoutKernels,
    convolution: ConvolutionKernels,
    matMul: MatMulKernels,
    softmax: SoftmaxKernels,
    pooling: PoolingKernels,
    resize: ResizeKernels,
    blend: BlendKernels,
    reduction: ReductionKernels
  ) {
    self.name = name
    self.lanes = lanes
    self.peak = peak
    self.elementwise = elementwise
    self.normalization = normalization
    self.layout = layout
    self.convolution = convolution
    self.matMul = matMul
    self.softmax = softmax
    self.pooling = pooling
    self.resize = resize
    self.blend = blend
    self.reduction = reduction
  }
}

/// Read-only floats.
public typealias Floats = UnsafePointer<Float>
/// Floats that a kernel writes.
public typealias MutableFloats = UnsafeMutablePointer<Float>

import KernelTable

/// One initialiser of constants and closures without captures: a static object, no code of the runtime.
public let kernels = KernelTable(
  name: isaName,
  lanes: Vector.scalarCount,
  peak: peakKernels(),
  elementwise: elementwiseKernels(),
  normalization: normalizationKernels(),
  layout: layoutKernels(),
  convolution: convolutionKernels(),
  matMul: matMulKernels(),
  softmax: softmaxKernels(),
  pooling: poolingKernels(),
  resize: resizeKernels(),
  blend: blendKernels(),
  reduction: reductionKernels())

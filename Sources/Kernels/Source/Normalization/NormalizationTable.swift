import KernelTable

@inline(__always)
func normalizationKernels() -> NormalizationKernels {
  NormalizationKernels(
    moments: { moments($0, $1, $2, $3, $4, $5, $6) },
    normalize: { normalize($0, $1, $2, $3, $4, $5, $6, $7) },
    layerNormalize: { layerNormalize($0, $1, $2, $3, $4, $5, $6, $7, $8) })
}

import KernelTable

@inline(__always)
func poolingKernels() -> PoolingKernels {
  PoolingKernels(max: { maxPoolRow($0, $1, $2, $3, $4, $5) }, average: { averagePoolRow($0, $1, $2, $3, $4, $5, $6) })
}

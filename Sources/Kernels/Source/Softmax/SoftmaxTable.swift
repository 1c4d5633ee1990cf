import KernelTable

@inline(__always)
func softmaxKernels() -> SoftmaxKernels {
  SoftmaxKernels(
    rows: { softmaxRows($0, $1, $2, $3, $4, $5) },
    logRows: { logSoftmaxRows($0, $1, $2, $3, $4, $5) },
    columns: { softmaxColumns($0, $1, $2, $3, $4, $5) },
    logColumns: { logSoftmaxColumns($0, $1, $2, $3, $4, $5) },
    voxels: { softmaxVoxels($0, $1, $2, $3, $4, $5, $6) },
    logVoxels: { logSoftmaxVoxels($0, $1, $2, $3, $4, $5, $6) })
}

import KernelTable

@inline(__always)
func peakKernels() -> PeakKernels {
  PeakKernels(
    fmaPerIteration: 12 * Vector.scalarCount,
    fmaLoop: { fmaLoop($0) },
    copy: { copyFloats($0, $1, $2) },
    triad: { triad($0, $1, $2, $3, $4) },
    read: { readFloats($0, $1) })
}

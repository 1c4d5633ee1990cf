import KernelTable

@inline(__always)
func layoutKernels() -> LayoutKernels {
  LayoutKernels(
    block: { block($0, $1, $2, $3, $4, $5) },
    unblock: { unblock($0, $1, $2, $3, $4, $5) },
    copyLanes: { copyLanes($0, $1, $2, $3, $4, $5) },
    fillRows: { fillRows($0, $1, $2, $3, $4, $5) },
    fillBorder: { fillBorder($0, $1, $2, $3, $4, $5) },
    copyMatrix: { copyMatrix($0, $1, $2, $3, $4, $5, $6, $7) },
    gatherRows: { gatherRows($0, $1, $2, $3, $4, $5, $6) })
}

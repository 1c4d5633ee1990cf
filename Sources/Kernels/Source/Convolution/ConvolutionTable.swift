import KernelTable

/// The family's entries of the table.
@inline(__always)
func convolutionKernels() -> ConvolutionKernels {
  ConvolutionKernels(
    directRow: { directRow($0) }, winogradRows: winogradRows, winogradInput: { winogradInput($0) },
    winogradInputLine: { winogradInputLine($0) }, winogradProduct: { winogradProduct($0) }, winogradOutputLine: { winogradOutputLine($0) },
    winogradOutput: { winogradOutput($0) }, twoTapInput: { twoTapInput($0) }, twoTapInputLine: { twoTapInputLine($0) },
    twoTapOutputLine: { twoTapOutputLine($0) }, twoTapOutput: { twoTapOutput($0) },
    winogradWeights: { winogradWeights($0) }, twoTapWeights: { twoTapWeights($0) })
}

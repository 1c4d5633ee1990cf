import KernelTable

@inline(__always)
func reductionKernels() -> ReductionKernels { ReductionKernels(rows: { rowsKernel($0) }, columns: { columnsKernel($0) }) }

private func rowsKernel(_ function: ReductionFunction) -> ReductionKernels.Rows {
  switch function {
  case .sum: { reduceRows(SumReduction.self, $0, $1, $2, $3, $4) }
  case .sumOfMagnitudes: { reduceRows(MagnitudeReduction.self, $0, $1, $2, $3, $4) }
  case .sumOfSquares: { reduceRows(SquareReduction.self, $0, $1, $2, $3, $4) }
  case .product: { reduceRows(ProductReduction.self, $0, $1, $2, $3, $4) }
  case .max: { reduceRows(MaxReduction.self, $0, $1, $2, $3, $4) }
  case .min: { reduceRows(MinReduction.self, $0, $1, $2, $3, $4) }
  }
}

private func columnsKernel(_ function: ReductionFunction) -> ReductionKernels.Columns {
  switch function {
  case .sum: { reduceColumns(SumReduction.self, $0, $1, $2, $3, $4) }
  case .sumOfMagnitudes: { reduceColumns(MagnitudeReduction.self, $0, $1, $2, $3, $4) }
  case .sumOfSquares: { reduceColumns(SquareReduction.self, $0, $1, $2, $3, $4) }
  case .product: { reduceColumns(ProductReduction.self, $0, $1, $2, $3, $4) }
  case .max: { reduceColumns(MaxReduction.self, $0, $1, $2, $3, $4) }
  case .min: { reduceColumns(MinReduction.self, $0, $1, $2, $3, $4) }
  }
}

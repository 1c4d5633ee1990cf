import KernelTable

@inline(__always)
func blendKernels() -> BlendKernels {
  BlendKernels(
    addLogits: { addLogits($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) },
    fetch: { fetch($0, $1) },
    divide: { divideRow($0, $1, $2, $3, $4) },
    argmax: { argmaxRow($0, $1, $2, $3, $4) },
    argmaxAbove: { argmaxAboveRow($0, $1, $2, $3, $4, $5) },
    normalizeStored: { normalizeKernel($0) })
}

/// One loop a type, compiled for it.
private func normalizeKernel(_ element: StoredElement) -> BlendKernels.NormalizeStored {
  switch element {
  case .int8: { normalizeStored(Int8.self, $0, $1, $2, $3, $4, $5, $6) }
  case .uint8: { normalizeStored(UInt8.self, $0, $1, $2, $3, $4, $5, $6) }
  case .int16: { normalizeStored(Int16.self, $0, $1, $2, $3, $4, $5, $6) }
  case .uint16: { normalizeStored(UInt16.self, $0, $1, $2, $3, $4, $5, $6) }
  case .int32: { normalizeStored(Int32.self, $0, $1, $2, $3, $4, $5, $6) }
  case .uint32: { normalizeStored(UInt32.self, $0, $1, $2, $3, $4, $5, $6) }
  case .int64: { normalizeStored(Int64.self, $0, $1, $2, $3, $4, $5, $6) }
  case .uint64: { normalizeStored(UInt64.self, $0, $1, $2, $3, $4, $5, $6) }
  case .float16: { normalizeStored(HalfBits.self, $0, $1, $2, $3, $4, $5, $6) }
  case .float32: { normalizeStored(Float.self, $0, $1, $2, $3, $4, $5, $6) }
  case .float64: { normalizeStored(Double.self, $0, $1, $2, $3, $4, $5, $6) }
  }
}

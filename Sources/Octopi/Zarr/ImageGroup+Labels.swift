import Kernels

/// A volume of labels in the narrowest type that holds what is stored.
public enum LabelValues: Sendable {
  case uint8(Volume<UInt8>)
  case uint16(Volume<UInt16>)
  case int64(Volume<Int64>)
}

extension ImageGroup {
  /// Reads all labels.
  public func labels(on pool: ThreadPool? = nil) throws(ZarrError) -> LabelValues {
    switch try array.read(on: pool) {
    case .bool(let values), .uint8(let values): return .uint8(Volume(shape: shape, voxels: values))
    case .uint16(let values): return .uint16(Volume(shape: shape, voxels: values))
    case .int8(let values): return wide(values)
    case .int16(let values): return wide(values)
    case .int32(let values): return wide(values)
    case .uint32(let values): return wide(values)
    case .int64(let values): return .int64(Volume(shape: shape, voxels: values))
    case .uint64(let values):
      guard let highest = values.max(), highest <= UInt64(Int64.max) else { throw unsuitableLabels }
      return wide(values)
    case .float16, .float32, .float64: throw unsuitableLabels
    }
  }

  private func wide(_ values: [some BinaryInteger]) -> LabelValues {
    .int64(Volume(shape: shape, voxels: values.map { Int64(truncatingIfNeeded: $0) }))
  }

  private var unsuitableLabels: ZarrError {
    .unsuitable(path: array.path, what: "has values of type \(array.type) that are no labels", remedy: "is it a tomogram?")
  }
}

import Kernels

/// A volume of labels in the narrowest type that holds what is stored.
public enum LabelValues: Sendable {
  case uint8(Volume<UInt8>)
  case uint16(Volume<UInt16>)
  case int64(Volume<Int64>)
}

extension LabelValues {
  public var shape: VolumeShape {
    switch self {
    case .uint8(let volume): volume.shape
    case .uint16(let volume): volume.shape
    case .int64(let volume): volume.shape
    }
  }

  /// 1 where a voxel has this label, else 0; axes (z, y, x), x fastest.
  func voxels(of label: Int) -> [UInt8] {
    func mask<Label: FixedWidthInteger>(_ volume: Volume<Label>) -> [UInt8] {
      guard let label = Label(exactly: label) else { return [UInt8](repeating: 0, count: volume.shape.count) }
      return volume.voxels.map { $0 == label ? 1 : 0 }
    }
    return switch self {
    case .uint8(let volume): mask(volume)
    case .uint16(let volume): mask(volume)
    case .int64(let volume): mask(volume)
    }
  }
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

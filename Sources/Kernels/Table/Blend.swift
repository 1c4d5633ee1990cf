/// What the sliding window does with voxels: normalise them on the way in, add logits to running sums, and make labels of these.
public struct BlendKernels: Sendable {
  /// See `addLogits` in `Source/Blend/AddLogits.swift`.
  public typealias AddLogits = @Sendable (
    _ count: Int, _ classes: Int, _ x: Floats, _ xVoxel: Int, _ xClass: Int, _ scale: Float, _ weights: Floats?, _ sums: MutableFloats,
    _ sumsClass: Int, _ sumsNext: Int
  ) -> Void
  /// See `fetch` in `Source/Blend/Fetch.swift`.
  public typealias Fetch = @Sendable (_ bytes: Int, _ x: UnsafeRawPointer) -> Void
  /// See `divideRow`, `argmaxRow` and `argmaxAboveRow` in `Source/Blend/Labels.swift`.
  public typealias Divide = @Sendable (_ count: Int, _ classes: Int, _ sums: MutableFloats, _ sumsClass: Int, _ counts: Floats) -> Void
  public typealias Argmax = @Sendable (_ count: Int, _ classes: Int, _ x: Floats, _ xClass: Int, _ labels: UnsafeMutablePointer<UInt8>) -> Void
  public typealias ArgmaxAbove = @Sendable (
    _ count: Int, _ classes: Int, _ x: Floats, _ xClass: Int, _ threshold: Float, _ labels: UnsafeMutablePointer<UInt8>
  ) -> Void
  /// See `normalizeStored` in `Source/Blend/NormalizeStored.swift`.
  public typealias NormalizeStored = @Sendable (
    _ count: Int, _ x: UnsafeRawPointer, _ xStep: Int, _ mean: Float, _ deviation: Float, _ y: MutableFloats, _ yStep: Int
  ) -> Void

  public let addLogits: AddLogits

  /// Floats that `addLogits` reads of a voxel, `classStep` apart: not only those of the classes where these are neighbours.
  public static func lanes(_ classes: Int, voxelStep: Int, classStep: Int) -> Int {
    classStep == 1 && voxelStep.magnitude > 1 ? (classes + 7) & ~7 : classes
  }

  public let fetch: Fetch
  public let divide: Divide
  public let argmax: Argmax
  public let argmaxAbove: ArgmaxAbove
  /// The kernel for voxels of a type; asked for once a volume.
  public let normalizeStored: @Sendable (StoredElement) -> NormalizeStored

  public init(
    addLogits: @escaping AddLogits, fetch: @escaping Fetch, divide: @escaping Divide, argmax: @escaping Argmax,
    argmaxAbove: @escaping ArgmaxAbove, normalizeStored: @escaping @Sendable (StoredElement) -> NormalizeStored
  ) {
    self.addLogits = addLogits
    self.fetch = fetch
    self.divide = divide
    self.argmax = argmax
    self.argmaxAbove = argmaxAbove
    self.normalizeStored = normalizeStored
  }
}

/// Types that voxels are stored in, in the machine's byte order.
public enum StoredElement: String, Sendable, CaseIterable {
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64

  public var bytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }
}

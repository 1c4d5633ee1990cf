import Kernels

/// A box of voxels in the type that they are stored in, axes (z, y, x), x fastest. Wider types than these come rounded to float32: that is
/// what networks see.
public enum VoxelBlock: Sendable {
  case int8([Int8])
  case uint8([UInt8])
  case int16([Int16])
  case uint16([UInt16])
  case float16([Half])
  case float32([Float])

  public var element: VoxelElement {
    switch self {
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .float32: .float32
    }
  }

  public var count: Int {
    switch self {
    case .int8(let voxels): voxels.count
    case .uint8(let voxels): voxels.count
    case .int16(let voxels): voxels.count
    case .uint16(let voxels): voxels.count
    case .float16(let voxels): voxels.count
    case .float32(let voxels): voxels.count
    }
  }

  /// Voxel `index` in the block's order, as float32.
  func value(_ index: Int) -> Float {
    switch self {
    case .int8(let voxels): voxels[index].float
    case .uint8(let voxels): voxels[index].float
    case .int16(let voxels): voxels[index].float
    case .uint16(let voxels): voxels[index].float
    case .float16(let voxels): voxels[index].float
    case .float32(let voxels): voxels[index]
    }
  }
}

/// The types that a tomogram is held in.
public enum VoxelElement: Sendable, Hashable, CaseIterable {
  case int8, uint8, int16, uint16, float16, float32

  public var bytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .float32: 4
    }
  }
}

/// A type that float32 holds exactly.
protocol StoredVoxel: BitwiseCopyable, Sendable {
  var float: Float { get }
  static var zero: Self { get }
  /// Its name in the kernels.
  static var storedElement: StoredElement { get }
  /// The voxels of a block of this type.
  static func voxels(_ block: VoxelBlock) -> [Self]?
}

extension Int8: StoredVoxel {
  static var storedElement: StoredElement { .int8 }
  @inline(__always) var float: Float { Float(self) }
  static func voxels(_ block: VoxelBlock) -> [Int8]? { if case .int8(let voxels) = block { voxels } else { nil } }
}

extension UInt8: StoredVoxel {
  static var storedElement: StoredElement { .uint8 }
  @inline(__always) var float: Float { Float(self) }
  static func voxels(_ block: VoxelBlock) -> [UInt8]? { if case .uint8(let voxels) = block { voxels } else { nil } }
}

extension Int16: StoredVoxel {
  static var storedElement: StoredElement { .int16 }
  @inline(__always) var float: Float { Float(self) }
  static func voxels(_ block: VoxelBlock) -> [Int16]? { if case .int16(let voxels) = block { voxels } else { nil } }
}

extension UInt16: StoredVoxel {
  static var storedElement: StoredElement { .uint16 }
  @inline(__always) var float: Float { Float(self) }
  static func voxels(_ block: VoxelBlock) -> [UInt16]? { if case .uint16(let voxels) = block { voxels } else { nil } }
}

extension Float: StoredVoxel {
  static var storedElement: StoredElement { .float32 }
  @inline(__always) var float: Float { self }
  static func voxels(_ block: VoxelBlock) -> [Float]? { if case .float32(let voxels) = block { voxels } else { nil } }
}

extension Half: StoredVoxel {
  static var zero: Half { Half(bits: 0) }
  static var storedElement: StoredElement { .float16 }
  static func voxels(_ block: VoxelBlock) -> [Half]? { if case .float16(let voxels) = block { voxels } else { nil } }
}

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

  public var count: Int { withBytes { $0.byteCount / element.bytes } }

  /// Voxel `index` in the block's order, as float32.
  func value(_ index: Int) -> Float { withBytes { element.value($0, index) } }

  /// The block as it lies in memory.
  func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
    switch self {
    case .int8(let voxels): try body(voxels.span.bytes)
    case .uint8(let voxels): try body(voxels.span.bytes)
    case .int16(let voxels): try body(voxels.span.bytes)
    case .uint16(let voxels): try body(voxels.span.bytes)
    case .float16(let voxels): try body(voxels.span.bytes)
    case .float32(let voxels): try body(voxels.span.bytes)
    }
  }
}

/// The types that a tomogram is held in: those that float32 holds exactly.
public enum VoxelElement: Sendable, Hashable, CaseIterable {
  case int8, uint8, int16, uint16, float16, float32

  public var bytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .float32: 4
    }
  }

  /// Its name in the kernels.
  var stored: StoredElement {
    switch self {
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .float32: .float32
    }
  }

  /// Moments of the voxels that lie in `bytes`.
  func moments(_ bytes: RawSpan) -> Moments {
    switch self {
    case .int8: Moments(bytes, of: Int8.self)
    case .uint8: Moments(bytes, of: UInt8.self)
    case .int16: Moments(bytes, of: Int16.self)
    case .uint16: Moments(bytes, of: UInt16.self)
    case .float16: Moments(bytes, of: Half.self)
    case .float32: Moments(bytes, of: Float.self)
    }
  }

  /// Moments of every row of `length` voxels.
  func rowMoments(_ bytes: RawSpan, length: Int, on pool: ThreadPool) -> [Moments] {
    let rowBytes = length * self.bytes, moments = SharedBuffer<Moments>(count: bytes.byteCount / max(1, rowBytes))
    pool.runRows(moments.count, length: length) { rows in
      moments.write(rows) { out in
        for row in rows { out[row - rows.lowerBound] = self.moments(bytes.extracting(row * rowBytes..<(row + 1) * rowBytes)) }
      }
    }
    return moments.read(0..<moments.count) { all in all.indices.map { all[$0] } }
  }

  /// One voxel as float32.
  func value(_ bytes: RawSpan, _ index: Int) -> Float {
    switch self {
    case .int8: bytes.voxel(index, Int8.self)
    case .uint8: bytes.voxel(index, UInt8.self)
    case .int16: bytes.voxel(index, Int16.self)
    case .uint16: bytes.voxel(index, UInt16.self)
    case .float16: bytes.voxel(index, Half.self)
    case .float32: bytes.voxel(index, Float.self)
    }
  }
}

/// A type that float32 holds exactly.
protocol StoredVoxel: BitwiseCopyable {
  var float: Float { get }
}

extension Int8: StoredVoxel { @inline(__always) var float: Float { Float(self) } }
extension UInt8: StoredVoxel { @inline(__always) var float: Float { Float(self) } }
extension Int16: StoredVoxel { @inline(__always) var float: Float { Float(self) } }
extension UInt16: StoredVoxel { @inline(__always) var float: Float { Float(self) } }
extension Float: StoredVoxel { @inline(__always) var float: Float { self } }
extension Half: StoredVoxel {}

extension RawSpan {
  /// Voxel `index`; bounds are checked.
  @inline(__always)
  func voxel<Element: StoredVoxel>(_ index: Int, _: Element.Type) -> Float {
    unsafeLoadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self).float
  }

  /// Voxel `index`, which the caller knows to be there.
  @inline(__always)
  func voxel<Element: StoredVoxel>(unchecked index: Int, _: Element.Type) -> Float {
    unsafeLoadUnaligned(fromUncheckedByteOffset: index * MemoryLayout<Element>.size, as: Element.self).float
  }
}

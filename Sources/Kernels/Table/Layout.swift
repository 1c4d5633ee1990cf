/// Kernels that move floats and change none.
public struct LayoutKernels: Sendable {
  /// See `block` and `unblock` in `Source/Layout/Block.swift`.
  public typealias Block = @Sendable (_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xChannel: Int, _ y: MutableFloats) -> Void
  public typealias Unblock = @Sendable (_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ y: MutableFloats, _ yChannel: Int) -> Void
  /// See `copyLanes` in `Source/Layout/CopyLanes.swift`.
  public typealias CopyLanes = @Sendable (_ lanes: Int, _ count: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int) -> Void
  /// See `fillRows` and `fillBorder` in `Source/Layout/Fill.swift`.
  public typealias FillRows = @Sendable (_ width: Int, _ rows: Int, _ count: Int, _ value: Floats?, _ y: MutableFloats, _ yRow: Int) -> Void
  public typealias FillBorder = @Sendable (
    _ width: Int, _ box: BorderedBox, _ firstPlane: Int, _ planes: Int, _ value: Floats?, _ y: MutableFloats
  ) -> Void
  /// See `copyMatrix` and `gatherRows` in `Source/Layout/CopyMatrix.swift`.
  public typealias CopyMatrix = @Sendable (
    _ rows: Int, _ columns: Int, _ x: Floats, _ xRow: Int, _ xColumn: Int, _ y: MutableFloats, _ yRow: Int, _ yColumn: Int
  ) -> Void
  public typealias GatherRows = @Sendable (
    _ count: Int, _ length: Int, _ indices: UnsafePointer<Int>, _ x: Floats, _ xRow: Int, _ y: MutableFloats, _ yRow: Int
  ) -> Void

  public let block: Block
  public let unblock: Unblock
  public let copyLanes: CopyLanes
  public let fillRows: FillRows
  public let fillBorder: FillBorder
  public let copyMatrix: CopyMatrix
  public let gatherRows: GatherRows

  public init(
    block: @escaping Block, unblock: @escaping Unblock, copyLanes: @escaping CopyLanes, fillRows: @escaping FillRows,
    fillBorder: @escaping FillBorder, copyMatrix: @escaping CopyMatrix, gatherRows: @escaping GatherRows
  ) {
    self.block = block
    self.unblock = unblock
    self.copyLanes = copyLanes
    self.fillRows = fillRows
    self.fillBorder = fillBorder
    self.copyMatrix = copyMatrix
    self.gatherRows = gatherRows
  }
}

/// One block of channels of a tensor with a border: sizes in voxels, strides in floats.
public struct BorderedBox: Sendable, Hashable {
  /// Voxels inside the border along z, y and x.
  public var depth: Int, height: Int, count: Int
  /// Voxels of the border before the first and after the last, along z, y and x.
  public var before: Margins, after: Margins
  /// From plane to plane and from row to row.
  public var plane: Int, row: Int

  public struct Margins: Sendable, Hashable {
    public var z: Int, y: Int, x: Int

    public init(z: Int, y: Int, x: Int) {
      self.z = z
      self.y = y
      self.x = x
    }
  }

  public init(depth: Int, height: Int, count: Int, before: Margins, after: Margins, plane: Int, row: Int) {
    self.depth = depth
    self.height = height
    self.count = count
    self.before = before
    self.after = after
    self.plane = plane
    self.row = row
  }
}

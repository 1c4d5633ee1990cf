/// Index of a buffer of a plan under construction.
struct BufferID: Hashable, Sendable {
  let index: Int
}

/// Memory that steps write and read: blocked activations, whose border grows with what their readers need, or plain floats.
///
/// A blocked buffer can become part of another (concatenation), or take the place of one that has served: it then has no memory of its own.
struct Buffer: Sendable {
  enum Kind: Sendable {
    case blocked(BlockedShape)
    case plain(floats: Int)
  }

  var kind: Kind
  /// Voxels of border on each side; meaningful for blocked buffers with memory of their own.
  var before = Axes(repeating: 0), after = Axes(repeating: 0)
  /// The buffer that this one is part of, and at which block.
  var parent: (id: BufferID, firstBlock: Int)?
  /// The buffer whose first blocks this one takes over: the step that writes this one is the last that reads the other.
  var predecessor: BufferID?
  /// What the border holds, once a step has filled it.
  var border: Border?

  var hasOwnMemory: Bool { parent == nil && predecessor == nil }

  enum Border: Hashable, Sendable {
    case zero
    /// Mean minus shift over scale of these coefficients, so that a reader that normalises on load finds zeros.
    case mean(BufferID)
  }
}

extension [Buffer] {
  /// The buffer whose memory holds this one, and from which block on.
  func home(of id: BufferID) -> (id: BufferID, firstBlock: Int) {
    var home = (id: id, firstBlock: 0)
    while !self[home.id.index].hasOwnMemory {
      if let parent = self[home.id.index].parent {
        home = (parent.id, home.firstBlock + parent.firstBlock)
      } else if let predecessor = self[home.id.index].predecessor {
        home.id = predecessor
      }
    }
    return home
  }

  /// The buffer that this one is part of, with all others that are, or itself.
  func root(of id: BufferID) -> BufferID {
    var id = id
    while let parent = self[id.index].parent { id = parent.id }
    return id
  }
}

/// Some whole blocks of a blocked buffer.
struct BlockedView: Hashable, Sendable {
  let buffer: BufferID
  let shape: BlockedShape
}

/// A blocked view with all addresses known, relative to the arena.
struct BoundView: Sendable {
  let shape: BlockedShape
  /// Floats from the arena's start to voxel (0, 0, 0) of the first block of the first image.
  let offset: Int
  let strides: BlockedStrides

  init(shape: BlockedShape, offset: Int, strides: BlockedStrides) { (self.shape, self.offset, self.strides) = (shape, offset, strides) }

  /// One row of such a shape in scratch, `[block][x][width]`.
  init(row shape: BlockedShape) {
    var row = shape
    (row.batch, row.size) = (1, Axes(1, 1, shape.size.x))
    self.init(shape: row, offset: 0, strides: BlockedStrides(row, before: Axes(repeating: 0), after: Axes(repeating: 0)))
  }

  func at(_ batch: Int, _ block: Int, _ z: Int, _ y: Int, _ x: Int = 0) -> Int {
    offset + batch * strides.batch + block * strides.block + z * strides.z + y * strides.y + x * strides.x
  }

  /// Whoever writes all of it does best to write past the caches: they hold little of it when it is read again, and each voxel of a block is a
  /// line of memory.
  var isStreamable: Bool {
    shape.width == 16 && offset % 16 == 0 && shape.batch * shape.blocks.count * 16 * shape.size.product >= BoundView.streamedFloats
  }

  /// 2 MiB: what a core's caches hold.
  private static let streamedFloats = 1 << 19
}

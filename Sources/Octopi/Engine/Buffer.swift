/// Index of a buffer of a plan under construction.
struct BufferID: Hashable, Sendable {
  let index: Int
}

/// Memory that steps write and read: blocked activations, whose border grows with what their readers need, or plain floats.
///
/// A blocked buffer can become part of another (concatenation): it then has no memory of its own.
struct Buffer: Sendable {
  enum Kind: Sendable {
    case blocked(BlockedShape)
    case plain(floats: Int)
  }

  var kind: Kind
  /// Voxels of border on each side; meaningful for blocked buffers that are nobody's part.
  var before = Axes(repeating: 0), after = Axes(repeating: 0)
  /// The buffer that this one is part of, and at which block.
  var parent: (id: BufferID, firstBlock: Int)?
  /// What the border holds, once a step has filled it.
  var border: Border?

  enum Border: Hashable, Sendable {
    case zero
    /// Mean minus shift over scale of these coefficients, so that a reader that normalises on load finds zeros.
    case mean(BufferID)
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

  func at(_ batch: Int, _ block: Int, _ z: Int, _ y: Int, _ x: Int = 0) -> Int {
    offset + batch * strides.batch + block * strides.block + z * strides.z + y * strides.y + x * strides.x
  }
}

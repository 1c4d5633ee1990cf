import KernelTable

/// Plain SIMD pointers assume alignment; rows of a tensor need not have it.
@inline(__always) func load(_ p: Floats) -> Vector { UnsafeRawPointer(p).loadUnaligned(as: Vector.self) }
@inline(__always) func store(_ v: Vector, _ p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self) }

extension FloatVector {
  /// The first `count` lanes from memory, zero in the others; nothing beyond them is read.
  @inline(__always)
  init(loading p: Floats, _ count: Int) {
    if count >= Self.lanes {
      self.init(loading: p)
    } else {
      var vector = Self(repeating: 0)
      withUnsafeMutablePointer(to: &vector) { UnsafeMutableRawPointer($0).copyMemory(from: p, byteCount: 4 * count) }
      self = vector
    }
  }

  /// Writes the first `count` lanes and nothing beyond them.
  @inline(__always)
  func stored(at p: MutableFloats, _ count: Int) {
    if count >= Self.lanes {
      stored(at: p)
    } else {
      withUnsafePointer(to: self) { UnsafeMutableRawPointer(p).copyMemory(from: $0, byteCount: 4 * count) }
    }
  }
}

/// Calls `body(i, lanes)` for i = 0, lanes, 2 lanes... below `count`; `lanes` is a constant but in the last call, which may have fewer.
///
/// Rows end in vector code too: scalar code may round otherwise, and a voxel's bits must not depend on where its row was cut.
@inline(__always)
func forEachVector(_ count: Int, _ body: (_ i: Int, _ lanes: Int) -> Void) {
  var i = 0
  while i + Vector.lanes <= count {
    body(i, Vector.lanes)
    i += Vector.lanes
  }
  if i < count { body(i, count - i) }
}

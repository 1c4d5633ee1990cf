import KernelTable

/// Plain SIMD pointers assume alignment; rows of a tensor need not have it.
@inline(__always) func load(_ p: Floats) -> Vector { UnsafeRawPointer(p).loadUnaligned(as: Vector.self) }
@inline(__always) func store(_ v: Vector, _ p: MutableFloats) { UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self) }

extension FloatVector {
  /// The first `count` lanes from memory, `filling` in the others; nothing beyond them is read.
  @inline(__always)
  init(loading p: Floats, _ count: Int, filling: Float = 0) {
    if count >= Self.lanes {
      self.init(loading: p)
    } else {
      var vector = Self(repeating: filling)
      withUnsafeMutablePointer(to: &vector) { copyLess(than: Self.lanes, count, from: p, to: $0) }
      self = vector
    }
  }

  /// Writes the first `count` lanes and nothing beyond them.
  @inline(__always)
  func stored(at p: MutableFloats, _ count: Int) {
    if count >= Self.lanes {
      stored(at: p)
    } else {
      withUnsafePointer(to: self) { copyLess(than: Self.lanes, count, from: $0, to: p) }
    }
  }
}

extension FloatVector {
  /// Writes the first `count` lanes, whole numbers 0...255, as bytes.
  @inline(__always)
  func storedAsBytes(at p: UnsafeMutablePointer<UInt8>, _ count: Int) {
    if count >= Self.lanes {
      storedAsBytes(at: p)
    } else {
      for lane in 0..<count { p[lane] = UInt8(truncatingIfNeeded: Int(self[lane])) }
    }
  }
}

/// Copies `count` floats, fewer than `lanes`, in pieces of 8, 4, 2 and 1: `count` is not known, and a call would cost more than they do.
@inline(__always)
private func copyLess(than lanes: Int, _ count: Int, from x: UnsafeRawPointer, to y: UnsafeMutableRawPointer) {
  var done = 0
  if lanes > 8 && count & 8 != 0 {
    (y + done).storeBytes(of: (x + done).loadUnaligned(as: SIMD8<Float>.self), as: SIMD8<Float>.self)
    done += 32
  }
  if lanes > 4 && count & 4 != 0 {
    (y + done).storeBytes(of: (x + done).loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
    done += 16
  }
  if count & 2 != 0 {
    (y + done).storeBytes(of: (x + done).loadUnaligned(as: UInt64.self), as: UInt64.self)
    done += 8
  }
  if count & 1 != 0 { (y + done).storeBytes(of: (x + done).loadUnaligned(as: UInt32.self), as: UInt32.self) }
}

/// Copies `count` floats, not many.
@inline(__always)
func copyShort(_ count: Int, _ x: Floats, _ y: MutableFloats) {
  let whole = count - count % Vector.lanes
  for i in stride(from: 0, to: whole, by: Vector.lanes) { store(load(x + i), y + i) }
  copyLess(than: Vector.lanes, count - whole, from: x + whole, to: y + whole)
}

/// Calls `body(i, lanes)` for i = 0, lanes, 2 lanes... below `count`; `lanes` is a constant but in the last call, which may have fewer.
///
/// Rows end in vector code too: scalar code may round otherwise, and a voxel's bits must not depend on where its row was cut.
@inline(__always)
func forEachVector(_ count: Int, _ body: (_ i: Int, _ lanes: Int) -> Void) { forEachVector(of: Vector.lanes, count, body) }

/// As above, of vectors with `size` lanes.
@inline(__always)
func forEachVector(of size: Int, _ count: Int, _ body: (_ i: Int, _ lanes: Int) -> Void) {
  var i = 0
  while i + size <= count {
    body(i, size)
    i += size
  }
  if i < count { body(i, count - i) }
}

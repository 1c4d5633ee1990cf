import KernelTable

/// `y[v * yStep + c] = x[v * xStep + c]` for `count` voxels and `lanes` channels, 1...16: concatenation and slicing at channels that are
/// no multiple of a block. `x` and `y` are moved to the first channel; other lanes of y stay as they are. No overlap.
@inline(never)
func copyLanes(_ lanes: Int, _ count: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int) {
  var done = 0
  if lanes & 16 != 0 { done += copyPiece(SIMD16<Float>.self, 16, done, count, x, xStep, y, yStep) }
  if lanes & 8 != 0 { done += copyPiece(SIMD8<Float>.self, 8, done, count, x, xStep, y, yStep) }
  if lanes & 4 != 0 { done += copyPiece(SIMD4<Float>.self, 4, done, count, x, xStep, y, yStep) }
  if lanes & 2 != 0 { done += copyPiece(SIMD2<Float>.self, 2, done, count, x, xStep, y, yStep) }
  if lanes & 1 != 0 { done += copyPiece(Float.self, 1, done, count, x, xStep, y, yStep) }
  assert(done == lanes)
}

/// Copies the `size` lanes from lane `first` on of every voxel; returns `size`.
@inline(__always)
private func copyPiece<P: BitwiseCopyable>(
  _: P.Type, _ size: Int, _ first: Int, _ count: Int, _ x: Floats, _ xStep: Int, _ y: MutableFloats, _ yStep: Int
) -> Int {
  for v in 0..<count {
    let piece = UnsafeRawPointer(x + v * xStep + first).loadUnaligned(as: P.self)
    UnsafeMutableRawPointer(y + v * yStep + first).storeBytes(of: piece, as: P.self)
  }
  return size
}

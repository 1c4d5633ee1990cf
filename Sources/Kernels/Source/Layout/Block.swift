import KernelTable

/// `y[v][c] = x[c][v]`: a row of a plain tensor becomes a row of voxels.
///
/// - width: 8 or 16; channels: 1...width that exist; the lanes above become 0. count: voxels.
/// - x: voxel 0 of channel 0, channels `xChannel` floats apart. y: `[count][width]`.
///
/// Tiles of channels times voxels are transposed in registers. Bound by memory.
@inline(never)
func block(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xChannel: Int, _ y: MutableFloats) {
  if width == 16 {
    BlockTile.block(16, channels, count, x, xChannel, y)
  } else {
    ShortBlockTile.block(8, channels, count, x, xChannel, y)
  }
}

/// `y[c][v] = x[v][c]`: the way back; channels that do not exist are not written.
///
/// - x: `[count][width]`. y: voxel 0 of channel 0, channels `yChannel` floats apart. Else as in `block`.
@inline(never)
func unblock(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ y: MutableFloats, _ yChannel: Int) {
  if width == 16 {
    BlockTile.unblock(16, channels, count, x, y, yChannel)
  } else {
    ShortBlockTile.unblock(8, channels, count, x, y, yChannel)
  }
}

extension LaneTile {
  /// Parts of `R` channels one after another; rows of a tile are channels, lanes are voxels.
  @inline(__always)
  static func block(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ xChannel: Int, _ y: MutableFloats) {
    for first in stride(from: 0, to: width, by: R) {
      let exist = max(0, min(R, channels - first)), x = x + first * xChannel, y = y + first
      var v = 0
      while v + V.lanes <= count {
        var tile = LaneTile()
        for c in 0..<R where c < exist { tile.rows[c] = V(loading: x + c * xChannel + v) }
        tile.lanesFirst()
        // A vector holds one voxel of R channels, or two where R is half a vector.
        for k in 0..<R { tile.rows[k].stored(at: y + v * width + (R < V.lanes ? k * V.lanes : k * width)) }
        v += V.lanes
      }
      while v < count {
        for c in 0..<R { y[v * width + c] = c < exist ? x[c * xChannel + v] : 0 }
        v += 1
      }
    }
  }

  @inline(__always)
  static func unblock(_ width: Int, _ channels: Int, _ count: Int, _ x: Floats, _ y: MutableFloats, _ yChannel: Int) {
    for first in stride(from: 0, to: width, by: R) {
      let exist = max(0, min(R, channels - first)), x = x + first, y = y + first * yChannel
      var v = 0
      if streams(channels, y, yChannel) {
        while v + 16 <= count {
          // Both halves of a line follow each other: processors combine the writes of a few lines at a time only.
          let tile = voxels(x + v * width, width), next = V.lanes < 16 ? voxels(x + (v + V.lanes) * width, width) : tile
          for c in 0..<R where c < exist {
            tile.rows[c].streamed(at: y + c * yChannel + v)
            if V.lanes < 16 { next.rows[c].streamed(at: y + c * yChannel + v + V.lanes) }
          }
          v += 16
        }
      }
      while v + V.lanes <= count {
        let tile = voxels(x + v * width, width)
        for c in 0..<R where c < exist { tile.rows[c].stored(at: y + c * yChannel + v) }
        v += V.lanes
      }
      while v < count {
        for c in 0..<exist { y[c * yChannel + v] = x[v * width + c] }
        v += 1
      }
    }
  }

  /// Whether whole lines of a large result are written past the caches: nobody reads it before it has left them.
  @inline(__always)
  private static func streams(_ channels: Int, _ y: Floats, _ yChannel: Int) -> Bool {
    V.lanes >= 8 && yChannel % 16 == 0 && UInt(bitPattern: y) % 64 == 0 && channels * yChannel * 4 >= 2 << 20
  }

  /// Parts of `V.lanes` voxels; rows of the tile are channels.
  @inline(__always)
  private static func voxels(_ x: Floats, _ width: Int) -> LaneTile {
    var tile = LaneTile()
    for k in 0..<R { tile.rows[k] = V(loading: x + (R < V.lanes ? k * V.lanes : k * width)) }
    tile.rowsFirst()
    return tile
  }
}

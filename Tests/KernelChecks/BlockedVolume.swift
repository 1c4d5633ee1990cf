import KernelTable
import TestSupport

/// Voxels along z, y and x.
struct Extent: Sendable {
  var z: Int, y: Int, x: Int

  init(_ z: Int, _ y: Int, _ x: Int) { (self.z, self.y, self.x) = (z, y, x) }

  var count: Int { z * y * x }
  /// Tiles of four voxels along each axis that cover it.
  var tiles: Extent { tiles(of: Extent(4, 4, 4)) }
  func tiles(of tile: Extent) -> Extent { Extent((z + tile.z - 1) / tile.z, (y + tile.y - 1) / tile.y, (x + tile.x - 1) / tile.x) }
  /// Position `index` in raster order.
  func position(_ index: Int) -> Extent { Extent(index / (y * x), index / x % y, index % x) }
  func map(_ body: (Int) -> Int) -> Extent { Extent(body(z), body(y), body(x)) }

  /// 1 ... `most` voxels along each axis.
  static func random(_ most: Int, _ random: inout SplitMix64) -> Extent { Extent(1 + random.below(most), 1 + random.below(most), 1 + random.below(most)) }
}

/// A blocked tensor in guarded memory, `[block][z][y][x][width]`. Lanes beyond the last channel stay NaN: who reads them shows.
struct BlockedVolume {
  let channels: Int, width: Int, size: Extent
  let floats: GuardedFloats

  init(channels: Int, width: Int, size: Extent) {
    (self.channels, self.width, self.size) = (channels, width, size)
    floats = GuardedFloats((channels + width - 1) / width * width * size.count)
  }

  /// Blocks of 8 where they suffice and a coin says so, else of 16.
  static func width(_ channels: Int, _ random: inout SplitMix64) -> Int { channels <= 8 && random.next() % 2 == 0 ? 8 : 16 }

  func fill(_ random: inout SplitMix64, offset: Float = 0) {
    for c in 0..<channels { for v in 0..<size.count { floats[at(c, size.position(v))] = random.float(1, offset: offset) } }
  }

  var blocks: Int { (channels + width - 1) / width }
  /// Channels of each block.
  var lengths: [Int] { (0..<blocks).map { min(width, channels - $0 * width) } }
  var sy: Int { size.x * width }
  var sz: Int { size.y * sy }
  var blockStride: Int { size.z * sz }
  func at(_ c: Int, _ p: Extent) -> Int { c / width * blockStride + p.z * sz + p.y * sy + p.x * width + c % width }
}

/// Parameters of a convolution in the order that kernels take: weights `[output block][tap][input][16]`, the others `[output block][16]`.
struct ConvolutionParameters {
  let inputs: Int, outputs: Int, taps: Int
  let weights: GuardedFloats, bias: GuardedFloats, slope: GuardedFloats

  init(inputs: Int, outputs: Int, taps: Int, _ random: inout SplitMix64) {
    (self.inputs, self.outputs, self.taps) = (inputs, outputs, taps)
    let blocks = (outputs + 15) / 16
    weights = GuardedFloats(blocks * taps * inputs * 16)
    bias = GuardedFloats(blocks * 16)
    slope = GuardedFloats(blocks * 16)
    for o in 0..<outputs {
      bias[o] = random.float()
      slope[o] = random.float()
      for t in 0..<taps { for i in 0..<inputs { weights[at(o, t, i)] = random.float() } }
    }
  }

  var blocks: Int { (outputs + 15) / 16 }
  /// Floats from tap to tap, and from output block to output block.
  var tapStride: Int { inputs * 16 }
  var blockStride: Int { taps * tapStride }
  func at(_ o: Int, _ tap: Int, _ i: Int) -> Int { o / 16 * blockStride + tap * tapStride + i * 16 + o % 16 }
}

/// One tap of a kernel of three along an axis, and the input position that it meets.
struct AxisTap {
  let tap: Int, position: Int
}

/// Sums of a convolution 3x3x3 in double, `[output][z][y][x]`.
///
/// - value: input of a channel at a position.
/// - taps: of an output position along an axis.
func convolution(
  _ parameters: ConvolutionParameters, input size: Extent, output: Extent, value: (_ c: Int, _ p: Extent) -> Double, taps: (_ output: Int) -> [AxisTap]
) -> [Double] {
  let x = (0..<parameters.inputs * size.count).map { value($0 / size.count, size.position($0 % size.count)) }
  let alongZ = (0..<output.z).map { taps($0) }, alongY = (0..<output.y).map { taps($0) }, alongX = (0..<output.x).map { taps($0) }
  var result: [Double] = []
  result.reserveCapacity(parameters.outputs * output.count)
  for o in 0..<parameters.outputs {
    for v in 0..<output.count {
      let p = output.position(v)
      var sum = 0.0
      for z in alongZ[p.z] {
        for y in alongY[p.y] {
          for x_ in alongX[p.x] {
            let w = parameters.weights.p + parameters.at(o, (z.tap * 3 + y.tap) * 3 + x_.tap, 0), at = (z.position * size.y + y.position) * size.x + x_.position
            for c in 0..<parameters.inputs { sum += Double(w[c * 16]) * x[c * size.count + at] }
          }
        }
      }
      result.append(sum)
    }
  }
  return result
}

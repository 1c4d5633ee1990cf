import Octopi
import TestSupport

/// Octopi's way from a normalised volume to averaged logits, told literally: turn a copy of the volume, pad it, lay windows, add, divide,
/// crop, turn back. Sums in double.
struct SegmentReference {
  let shape: VolumeShape, roi: VolumeShape, overlap: Double, augmentations: Int
  let channels: Int
  let logits: ([Float]) -> [Float]

  /// `[channel][z][y][x]`.
  func callAsFunction(_ volume: [Float]) -> [Double] {
    var sums = Array(repeating: 0.0, count: channels * shape.count)
    for number in 1...augmentations {
      let (turned, sources) = turn(volume, number)
      let blended = slide(turned, sources.map { volume[$0] })
      for (index, source) in sources.enumerated() {
        for c in 0..<channels { sums[c * shape.count + source] += blended[c * shape.count + index] / Double(augmentations) }
      }
    }
    return sums
  }

  /// The table of transformations: shape of the turned volume, and where each of its voxels comes from.
  private func turn(_ volume: [Float], _ number: Int) -> (VolumeShape, [Int]) {
    let (Z, Y, X) = (shape.z, shape.y, shape.x)
    let turned = number == 6 || number == 7 ? VolumeShape(z: Z, y: X, x: Y) : shape
    var sources: [Int] = []
    for z in 0..<turned.z {
      for i in 0..<turned.y {
        for j in 0..<turned.x {
          let (a, b, c) =
            switch number {
            case 2: (z, Y - 1 - i, X - 1 - j)
            case 3: (Z - 1 - z, i, j)
            case 4: (z, i, X - 1 - j)
            case 5: (z, Y - 1 - i, j)
            case 6: (z, j, X - 1 - i)
            case 7: (z, Y - 1 - j, i)
            case 8: (Z - 1 - z, Y - 1 - i, X - 1 - j)
            default: (z, i, j)
            }
          sources.append((a * Y + b) * X + c)
        }
      }
    }
    return (turned, sources)
  }

  private func slide(_ shape: VolumeShape, _ volume: [Float]) -> [Double] {
    let (zs, ys, xs) = (axis(shape.z, roi.z), axis(shape.y, roi.y), axis(shape.x, roi.x))
    var sums = Array(repeating: 0.0, count: channels * shape.count), counts = Array(repeating: 0.0, count: shape.count)
    for z0 in zs {
      for y0 in ys {
        for x0 in xs {
          let places = indices(shape, z0, y0, x0)
          let values = logits(places.map { $0.map { volume[$0] } ?? 0 })
          for (place, voxel) in places.enumerated() {
            guard let voxel else { continue }
            counts[voxel] += 1
            for c in 0..<channels { sums[c * shape.count + voxel] += Double(values[c * roi.count + place]) }
          }
        }
      }
    }
    return sums.indices.map { sums[$0] / counts[$0 % shape.count] }
  }

  /// Starts in the unpadded volume, below zero where it is padded.
  private func axis(_ size: Int, _ roi: Int) -> [Int] {
    let low = max(0, roi - size) / 2, padded = max(size, roi)
    let interval = roi == padded ? roi : max(1, Int(Double(roi) * (1 - overlap)))
    var starts: [Int] = [], k = 0
    while k * interval + roi < padded {
      starts.append(k * interval)
      k += 1
    }
    return (starts + [padded - roi]).map { $0 - low }
  }

  /// Voxels under a window, nil where it hangs over.
  private func indices(_ shape: VolumeShape, _ z0: Int, _ y0: Int, _ x0: Int) -> [Int?] {
    var places: [Int?] = []
    for z in z0..<z0 + roi.z {
      for y in y0..<y0 + roi.y {
        for x in x0..<x0 + roi.x {
          let isInside = (0..<shape.z).contains(z) && (0..<shape.y).contains(y) && (0..<shape.x).contains(x)
          places.append(isInside ? (z * shape.y + y) * shape.x + x : nil)
        }
      }
    }
    return places
  }
}

/// A network without any symmetry: every place of the window and every channel has a factor and a term of its own, small whole numbers.
func crookedNetwork(roi: VolumeShape, channels: Int, seed: UInt64 = 4) -> @Sendable ([Float]) -> [Float] {
  var random = SplitMix64(seed: seed)
  let factors = (0..<channels * roi.count).map { _ in Float(Int.random(in: -4...4, using: &random)) }
  let terms = (0..<channels * roi.count).map { _ in Float(Int.random(in: -8...8, using: &random)) }
  return { window in factors.indices.map { factors[$0] * window[$0 % roi.count] + terms[$0] } }
}

/// Voxels that are whole numbers from -8 to 8.
func wholeNumbers(_ shape: VolumeShape, seed: UInt64) -> Volume<Float> {
  var random = SplitMix64(seed: seed)
  return Volume(shape: shape, voxels: (0..<shape.count).map { _ in Float(Int.random(in: -8...8, using: &random)) })
}

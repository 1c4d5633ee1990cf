import Kernels
import TestSupport
import Testing

@testable import Octopi

/// The steps against plain loops over dense volumes, at widths around the 64 bits of a mask's word.
@Suite("localize: steps")
struct LocalizeStepTests {
  private static let shapes = [
    VolumeShape(z: 5, y: 7, x: 62), VolumeShape(z: 5, y: 7, x: 63), VolumeShape(z: 5, y: 7, x: 64), VolumeShape(z: 5, y: 7, x: 65),
    VolumeShape(z: 4, y: 5, x: 128), VolumeShape(z: 4, y: 5, x: 129), VolumeShape(z: 9, y: 1, x: 20), VolumeShape(z: 3, y: 3, x: 200),
  ]

  /// Mostly label 1, so that an opening leaves something.
  private func volume(_ shape: VolumeShape, holes: Double, seed: UInt64) -> Volume<UInt8> {
    var random = SplitMix64(seed: seed)
    return Volume(shape: shape, voxels: (0..<shape.count).map { _ in Double.random(in: 0..<1, using: &random) < holes ? 0 : 1 })
  }

  private func mask(_ volume: Volume<UInt8>) throws -> VoxelMask {
    try #require(VoxelMask.masks(of: [1], in: volume, pool: ThreadPool(threads: 2)).first)
  }

  private func dense(_ mask: VoxelMask, _ shape: VolumeShape) -> Volume<UInt8> {
    var result = Volume(shape: shape, voxels: [UInt8](repeating: 0, count: shape.count))
    let runs = VoxelRuns(mask)
    for run in runs.runs { for x in run.start..<run.end { result[runs.z(run), runs.y(run), Int(x)] = 1 } }
    return result
  }

  private func cross(_ volume: Volume<UInt8>, _ z: Int, _ y: Int, _ x: Int) -> [UInt8] {
    [(0, 0, 0), (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1)].map { dz, dy, dx in
      let (z, y, x) = (z + dz, y + dy, x + dx)
      let isInside = (0..<volume.shape.z).contains(z) && (0..<volume.shape.y).contains(y) && (0..<volume.shape.x).contains(x)
      return isInside ? volume[z, y, x] : 0
    }
  }

  private func map(_ shape: VolumeShape, _ value: (Int, Int, Int) -> UInt8) -> Volume<UInt8> {
    var voxels: [UInt8] = []
    for z in 0..<shape.z { for y in 0..<shape.y { for x in 0..<shape.x { voxels.append(value(z, y, x)) } } }
    return Volume(shape: shape, voxels: voxels)
  }

  @Test(arguments: shapes, [0, 0.05, 0.3])
  func masksAndOpening(shape: VolumeShape, holes: Double) throws {
    let volume = volume(shape, holes: holes, seed: 3)
    let mask = try mask(volume)
    #expect(dense(mask, shape).voxels == volume.voxels)
    let eroded = map(shape) { cross(volume, $0, $1, $2).allSatisfy { $0 == 1 } ? 1 : 0 }
    let opened = map(shape) { cross(eroded, $0, $1, $2).contains(1) ? 1 : 0 }
    #expect(dense(mask.opened(), shape).voxels == opened.voxels)
  }

  @Test(arguments: shapes, [0, 0.02, 0.05])
  func distances(shape: VolumeShape, holes: Double) throws {
    let object = try OpenedObject(mask(volume(shape, holes: holes, seed: 5)))
    let box = object.box
    var opened = Volume(shape: shape, voxels: [UInt8](repeating: 0, count: shape.count))
    for run in object.runs.runs { for x in run.start..<run.end { opened[object.runs.z(run), object.runs.y(run), Int(x)] = 1 } }
    var background: [(Int, Int, Int)] = []
    for z in box.z { for y in box.y { for x in box.x where opened[z, y, x] == 0 { background.append((z, y, x)) } } }
    for component in object.components {
      let voxels = OpenedVoxels(component)
      let squared = voxels.squaredDistances(in: box)
      voxels.forEachRun { number, z, y, x, length in
        for i in 0..<length {
          let nearest = background.map { b in (b.0 - z) * (b.0 - z) + (b.1 - y) * (b.1 - y) + (b.2 - x - i) * (b.2 - x - i) }.min()
          #expect(nearest == Int(squared[number + i]), "(\(z), \(y), \(x + i))")
        }
      }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 9, 10, 16, 33, 1_000_000, Int.max])
  func windowMaximum(filterSize: Int) {
    let box = VoxelBox(z: 2..<9, y: 0..<11, x: 5..<25)
    var random = SplitMix64(seed: UInt64(filterSize))
    let values = (0..<box.z.count * box.y.count * box.x.count).map { _ in Int32.random(in: 0...40, using: &random) }
    func value(_ z: Int, _ y: Int, _ x: Int) -> Int32 { values[((z - 2) * 11 + y) * 20 + x - 5] }
    let asked = (0..<12).map { i in
      NumberedVoxel(
        number: i, z: Int.random(in: box.z, using: &random), y: Int.random(in: box.y, using: &random), x: Int.random(in: box.x, using: &random))
    }
    for voxels in [asked, Array(asked.prefix(1))] {
      var window = WindowMaximum(around: voxels, filterSize: filterSize, in: box)
      for z in window.region.z {
        for y in window.region.y {
          let row = window.region.x.map { value(z, y, $0) }
          window.paint(row, from: 0, z: z, y: y, x: window.region.x)
        }
      }
      window.takeMaximum()
      func span(_ index: Int, _ bounds: Range<Int>) -> Range<Int> {
        let first = index - filterSize / 2
        let end = first.addingReportingOverflow(filterSize)
        return max(first, bounds.lowerBound)..<min(end.overflow ? Int.max : end.partialValue, bounds.upperBound)
      }
      for voxel in voxels {
        var most: Int32 = 0
        for z in span(voxel.z, box.z) { for y in span(voxel.y, box.y) { for x in span(voxel.x, box.x) { most = max(most, value(z, y, x)) } } }
        #expect(window.maximum(at: voxel) == most)
      }
    }
  }

  /// Heights order squares as float32 roots do, ties included.
  @Test func heightsOrderAsRootsInFloat32() {
    let squares = (0..<3000).map { Int32($0) } + (4_196_000..<4_200_000) + (1_000_000_000..<1_000_002_000)
    for (a, b) in zip(squares, squares.dropFirst()) {
      let roots = [a, b].map { Float(Double($0).squareRoot()) }
      let heights = [a, b].map(OpenedComponent.height)
      #expect((roots[0] == roots[1]) == (heights[0] == heights[1]) && (roots[0] < roots[1]) == (heights[0] < heights[1]), "\(a)")
    }
  }

  /// Points on a coarse lattice, so that many distances equal the threshold.
  @Test(arguments: [0, 1, 2.5, 3, 5], 0..<8)
  func mergingEqualsPlainLoops(threshold: Double, seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let picks = (0..<40).map { _ in
      VoxelPick(
        z: Double(Int.random(in: 0..<8, using: &random)), y: Double(Int.random(in: 0..<20, using: &random)) * 0.5,
        x: Double(Int.random(in: 0..<40, using: &random)) * 0.5)
    }
    var group = Array(picks.indices)
    for _ in picks {
      for i in picks.indices {
        for j in picks.indices {
          let dz = picks[i].z - picks[j].z, dy = picks[i].y - picks[j].y, dx = picks[i].x - picks[j].x
          if dz * dz + dy * dy + dx * dx <= threshold * threshold { group[i] = min(group[i], group[j]) }
        }
      }
    }
    let want = Set(group).sorted().map { root in
      let members = picks.indices.filter { group[$0] == root }.map { picks[$0] }
      func mean(_ axis: KeyPath<VoxelPick, Double>) -> Double { members.reduce(0) { $0 + $1[keyPath: axis] } / Double(members.count) }
      return VoxelPick(z: mean(\.z), y: mean(\.y), x: mean(\.x))
    }
    #expect(mergingClose(picks, threshold: threshold) == want)
  }
}

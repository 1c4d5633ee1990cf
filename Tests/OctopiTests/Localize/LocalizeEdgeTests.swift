import Kernels
import Testing

@testable import Octopi

/// Volumes and parameters at the edge of what makes sense.
@Suite("localize: edges")
struct LocalizeEdgeTests {
  private func volume(_ z: Int, _ y: Int, _ x: Int, _ label: (Int, Int, Int) -> UInt8) -> Volume<UInt8> {
    var voxels: [UInt8] = []
    for z in 0..<z { for y in 0..<y { for x in 0..<x { voxels.append(label(z, y, x)) } } }
    return Volume(shape: VolumeShape(z: z, y: y, x: x), voxels: voxels)
  }

  private func picks(
    _ volume: Volume<UInt8>, label: Int = 1, radii: (Double, Double) = (0, 100), _ method: LocalizeMethod = .watershed(filterSize: 10)
  ) throws -> [VoxelPick] {
    let target = LocalizeTarget(label: label, minimumRadiusVoxels: radii.0, maximumRadiusVoxels: radii.1)
    return try #require(Localizer(method: method).picks(in: volume, of: [target], pool: ThreadPool(threads: 2)).first)
  }

  private static let methods = [LocalizeMethod.watershed(filterSize: 10), .centreOfMass]

  @Test(arguments: methods)
  func nothingThere(_ method: LocalizeMethod) throws {
    #expect(try picks(volume(0, 4, 4) { _, _, _ in 1 }, method).isEmpty)
    #expect(try picks(volume(4, 4, 0) { _, _, _ in 1 }, method).isEmpty)
    #expect(try picks(volume(6, 7, 8) { _, _, _ in 0 }, method).isEmpty)
    #expect(try picks(volume(6, 7, 8) { _, _, _ in 2 }, method).isEmpty)
    #expect(try picks(volume(6, 7, 8) { _, _, _ in 3 }, label: 300, method).isEmpty)
    // One voxel is on all faces: the margin takes it.
    #expect(try picks(volume(1, 1, 1) { _, _, _ in 1 }, method).isEmpty)
  }

  @Test func oneSlice() throws {
    let slice = volume(1, 9, 70) { _, _, x in x == 60 ? 0 : 1 }
    #expect(try picks(slice).isEmpty)
    // z = 0 lies within the margin of 0.005.
    #expect(try picks(slice, .centreOfMass).isEmpty)
    #expect(try picks(volume(9, 1, 9) { _, _, _ in 1 }, .centreOfMass).isEmpty)
  }

  /// The opening takes the twelve edges of a box but for what the dilation brings back: 11 x 13 x 17 of `full` in the vectors, here a cube.
  @Test func fullVolume() throws {
    #expect(try picks(volume(9, 9, 9) { _, _, _ in 1 }) == [VoxelPick(z: 4, y: 4, x: 4)])
    #expect(try picks(volume(9, 9, 9) { _, _, _ in 1 }, .centreOfMass) == [VoxelPick(z: 4, y: 4, x: 4)])
  }

  /// A cube of 3 voxels has 27, and 7 after the opening.
  @Test func sizesAreInclusiveForTheWatershedAndExclusiveElsewhere() throws {
    let cube = volume(9, 9, 9) { z, y, x in [z, y, x].allSatisfy { 3...5 ~= $0 } ? 1 : 0 }
    func radius(_ voxels: Double) -> Double {
      // The radius whose ball has this volume to the last bit, if there is one nearby.
      let start = 0.6203504908994 * voxels.cubeRoot
      return (-8...8).map { start + Double($0) * start.ulp }.first { ballVolume(radius: $0) == voxels } ?? .nan
    }
    let centre = [VoxelPick(z: 4, y: 4, x: 4)]
    for (size, method, want) in [(7.0, Self.methods[0], centre), (27, Self.methods[1], [])] {
      let exact = radius(size)
      guard !exact.isNaN else { continue }
      #expect(try picks(cube, radii: (exact, 100), method) == want)
      #expect(try picks(cube, radii: (0, exact), method) == want)
      #expect(try picks(cube, radii: (0, exact * 1.01), method) == centre)
    }
    #expect(try picks(cube, radii: (0, 0)).isEmpty)
    #expect(try picks(cube, radii: (100, 0)).isEmpty)
  }

  /// What octopi makes of the same ball; the window of 2 voxels looks to one side only.
  @Test(arguments: [1, 2, 3, 64, 1_000_000, Int.max])
  func oneBallWithAnyFilterSize(_ size: Int) throws {
    let ball = volume(21, 21, 21) { z, y, x in (z - 10) * (z - 10) + (y - 10) * (y - 10) + (x - 10) * (x - 10) <= 36 ? 1 : 0 }
    let split = [
      VoxelPick(z: 10.014623172103487, y: 10.014623172103487, x: 10.014623172103487), VoxelPick(z: 6.75, y: 6.75, x: 13.25),
      VoxelPick(z: 6.75, y: 13.25, x: 6.75), VoxelPick(z: 13.25, y: 6.75, x: 6.75),
    ]
    #expect(try picks(ball, .watershed(filterSize: size)) == (size == 2 ? split : [VoxelPick(z: 10, y: 10, x: 10)]))
  }

  @Test func targetsThatShareALabelDifferInTheirRadii() throws {
    let two = volume(20, 20, 40) { z, y, x in
      let (dz, dy) = ((z - 10) * (z - 10), (y - 10) * (y - 10))
      return dz + dy + (x - 10) * (x - 10) <= 9 || dz + dy + (x - 28) * (x - 28) <= 49 ? 1 : 0
    }
    let small = LocalizeTarget(label: 1, minimumRadiusVoxels: 1, maximumRadiusVoxels: 4)
    let large = LocalizeTarget(label: 1, minimumRadiusVoxels: 4, maximumRadiusVoxels: 9)
    let none = LocalizeTarget(label: 2, minimumRadiusVoxels: 0, maximumRadiusVoxels: 9)
    for method in Self.methods {
      let picks = try Localizer(method: method).picks(in: two, of: [large, none, small, large], pool: ThreadPool(threads: 1))
      #expect(picks.map { $0.map(\.x) } == [[28], [], [10], [28]])
    }
    #expect(try Localizer(method: .centreOfMass).picks(in: two, of: [], pool: ThreadPool(threads: 1)).isEmpty)
  }

  @Test func negativeLabelsAreBackground() throws {
    let cube = volume(9, 9, 9) { z, y, x in [z, y, x].allSatisfy { 2...6 ~= $0 } ? 1 : 0 }
    let signed = Volume(shape: cube.shape, voxels: cube.voxels.map { $0 == 0 ? Int64(-1) : Int64(1) << 40 })
    let target = LocalizeTarget(label: 1 << 40, minimumRadiusVoxels: 0, maximumRadiusVoxels: 9)
    #expect(
      try Localizer(method: .centreOfMass).picks(in: signed, of: [target], pool: ThreadPool(threads: 1)) == [[VoxelPick(z: 4, y: 4, x: 4)]])
  }

  @Test func radiiFromAngstrom() {
    let target = LocalizeTarget(label: 1, radius: 60, minimumScale: 0.5, maximumScale: 1, spacing: VoxelSpacing(13.48))
    #expect(target.minimumRadiusVoxels == 60 * 0.5 / 13.48 && target.maximumRadiusVoxels == 60 / 13.48)
    let pick = VoxelPick(z: 1, y: 2, x: 16).angstrom(VoxelSpacing(13.48))
    #expect(pick == (215.68, 26.96, 13.48))
  }

  @Test(arguments: [
    (0, 1.0, 2.0, 10, LocalizeError.labelNotPositive(0)), (-3, 1, 2, 10, .labelNotPositive(-3)), (1, -1, 2, 10, .radiusInvalid(label: 1, -1)),
    (1, 1, .infinity, 10, .radiusInvalid(label: 1, .infinity)), (1, 1, 2, 0, .filterSizeNotPositive(0)), (1, 1, 2, -5, .filterSizeNotPositive(-5)),
  ])
  func refusesWhatMeansNothing(label: Int, least: Double, most: Double, filterSize: Int, error: LocalizeError) {
    #expect(throws: error) {
      try picks(volume(3, 3, 3) { _, _, _ in 1 }, label: label, radii: (least, most), .watershed(filterSize: filterSize))
    }
  }

  @Test func refusesRadiiThatAreNoNumbers() throws {
    for radii in [(Double.nan, 2), (1, Double.nan)] {
      let error = #expect(throws: LocalizeError.self) { try picks(volume(3, 3, 3) { _, _, _ in 1 }, radii: radii) }
      #expect(error?.message == "nan voxels cannot be a radius of the object with label 1")
      #expect(error?.kind == .usage)
      #expect(error?.remedy == "give the object a radius in ångström and scales that are finite and not negative")
    }
  }
}

extension Double {
  fileprivate var cubeRoot: Double { (0..<60).reduce(self) { root, _ in root - (root * root * root - self) / (3 * root * root) } }
}

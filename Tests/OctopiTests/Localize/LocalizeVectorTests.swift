import Kernels
import TestSupport
import Testing

@testable import Octopi

extension LocalizeVectors.Case: CustomTestStringConvertible {
  var testDescription: String { name }
}

/// Against the picks and the intermediate arrays of octopi 1.7.0: every coordinate equal as a double.
@Suite("localize: vectors of octopi")
struct LocalizeVectorTests {
  @Test func vectorsAreThere() {
    #expect(LocalizeVectors.all.flatMap(\.objects).count == 54)
    #expect(LocalizeVectors.all.flatMap(\.objects).reduce(0) { $0 + $1.watershed.count + $1.com.count } == 3630)
  }

  @Test(arguments: LocalizeVectors.all)
  func watershed(_ vector: LocalizeVectors.Case) throws {
    let volume = try LocalizeVectors.volume(vector.labels)
    for object in vector.objects {
      let localizer = Localizer(method: .watershed(filterSize: object.filterSize))
      let picks = try localizer.picks(in: volume, of: [object.target], pool: ThreadPool(threads: 1))
      #expect(picks.map { $0.map { [$0.z, $0.y, $0.x] } } == [object.watershed], "label \(object.label), filter size \(object.filterSize)")
    }
  }

  @Test(arguments: LocalizeVectors.all)
  func centreOfMass(_ vector: LocalizeVectors.Case) throws {
    let volume = try LocalizeVectors.volume(vector.labels)
    let picks = try Localizer(method: .centreOfMass).picks(in: volume, of: vector.objects.map(\.target), pool: ThreadPool(threads: 1))
    #expect(picks.map { $0.map { [$0.z, $0.y, $0.x] } } == vector.objects.map(\.com))
  }

  @Test(arguments: LocalizeVectors.all.filter { $0.steps != nil })
  func stepsOfTheWatershed(_ vector: LocalizeVectors.Case) throws {
    let steps = try #require(vector.steps)
    let volume = try LocalizeVectors.volume(vector.labels)
    let mask = try #require(VoxelMask.masks(of: [Int64(steps.label)], in: volume, pool: ThreadPool(threads: 1)).first)
    let box = try #require(VoxelRuns(mask).bounds)
    #expect([box.z, box.y, box.x].map { [$0.lowerBound, $0.upperBound] } == steps.box)

    let voxels = try OpenedVoxels(VoxelRuns(mask.opened()))
    func dense(_ values: [Int32]) -> [Int64] {
      var result = [Int64](repeating: 0, count: box.z.count * box.y.count * box.x.count)
      voxels.forEachRun { number, z, y, x, length in
        let row = ((z - box.z.lowerBound) * box.y.count + y - box.y.lowerBound) * box.x.count - box.x.lowerBound
        for i in 0..<length { result[row + x + i] = Int64(values[number + i]) }
      }
      return result
    }
    func array(_ name: String) throws -> NumPyArray { try NumPyArray(gzip: TestData.bytes(LocalizeVectors.folder + name)) }

    #expect(try dense(Array(repeating: 1, count: voxels.count)) == array(steps.opened).integers)
    let squared = voxels.squaredDistances(in: box)
    #expect(try dense(squared).map { Float(Double($0).squareRoot()) } == array(steps.distance).floats)
    let markers = voxels.markers(voxels.peaks(of: squared, filterSize: steps.filterSize, in: box))
    #expect(try dense(markers.labels) == array(steps.markers).integers)
    #expect(try dense(voxels.flood(squared, from: markers.labels)) == array(steps.watershed).integers)
  }
}

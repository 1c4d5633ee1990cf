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
    let pool = ThreadPool(threads: 1)
    let masks = VoxelMask.masks(of: [Int64(steps.label)], in: volume, pool: pool)
    let flooded = try #require(try Watershed(filterSize: steps.filterSize, pool: pool).floods(of: masks).first)
    let box = flooded.object.box
    #expect([box.z, box.y, box.x].map { [$0.lowerBound, $0.upperBound] } == steps.box)

    func dense(_ value: (_ component: Int, _ number: Int) -> Int) -> [Int64] {
      var result = [Int64](repeating: 0, count: box.z.count * box.y.count * box.x.count)
      for (component, flood) in flooded.floods.enumerated() {
        flood.component.voxels.forEachRun { number, z, y, x, length in
          let row = ((z - box.z.lowerBound) * box.y.count + y - box.y.lowerBound) * box.x.count - box.x.lowerBound
          for i in 0..<length { result[row + x + i] = Int64(value(component, number + i)) }
        }
      }
      return result
    }
    func array(_ name: String) throws -> NumPyArray { try NumPyArray(gzip: TestData.bytes(LocalizeVectors.folder + name)) }

    #expect(try dense { _, _ in 1 } == array(steps.opened).integers)
    let squared = flooded.floods.map { $0.component.voxels.squaredDistances(in: box) }
    #expect(try dense { Int(squared[$0][$1]) }.map { Float(Double($0).squareRoot()) } == array(steps.distance).floats)

    // Markers are numbered over all components, by their first voxels.
    let places = flooded.floods.map { $0.basins.map(\.place) }
    let order = places.joined().sorted()
    func label(_ component: Int, _ marker: Int32) -> Int {
      marker > 0 ? 1 + (order.firstIndex(of: places[component][Int(marker) - 1]) ?? -1) : 0
    }
    let search = PeakSearch(object: flooded.object, components: flooded.floods.map(\.component), filterSize: steps.filterSize)
    let peaks = flooded.floods.indices.map(search.peaks)
    #expect(try dense { peaks[$0][$1] ? label($0, flooded.floods[$0].labels[$1]) : 0 } == array(steps.markers).integers)
    #expect(try dense { label($0, flooded.floods[$0].labels[$1]) } == array(steps.watershed).integers)
  }
}

import Kernels
import Testing

@testable import Octopi

@Suite("Segment: Zarr")
struct SegmentZarrTests {
  /// Every way to store a small volume.
  static let arrays = ZarrFixtures.expected("arrays").map(\.0).filter { (try? ZarrArray(ZarrFixtures.path($0)).shape.count) == 3 }

  @Test func fixturesAreThere() { #expect(Self.arrays.count == 108) }

  /// Boxes as a job reads them hold what float32 makes of the array; types of 16 bits and less stay as they are.
  @Test(arguments: arrays)
  func readsBoxes(path: String) throws {
    let array = try ZarrArray(ZarrFixtures.path(path)), all = try array.read().floats
    let volume = try ZarrVolume(array, name: path, pool: ThreadPool(threads: 2)), shape = volume.shape
    #expect(volume.element.bytes == min(4, array.type.bytes))
    for size in [volume.preferredBox, VolumeShape(z: 5, y: 20, x: 7)] {
      for box in VolumeBox(shape).tiles(of: size) {
        let block = try volume.read(box), sizes = box.shape
        #expect(block.element == volume.element && block.count == sizes.count)
        let isWrong = (0..<sizes.count).contains { i in
          let z = box.z.lowerBound + i / (sizes.y * sizes.x), y = box.y.lowerBound + i / sizes.x % sizes.y, x = box.x.lowerBound + i % sizes.x
          let wanted = all[(z * shape.y + y) * shape.x + x], value = block.value(i)
          return value != wanted && !(value.isNaN && wanted.isNaN)
        }
        #expect(!isWrong, "\(box)")
      }
    }
  }

  @Test func refusesOtherNumbersOfAxes() throws {
    let path = ZarrFixtures.path("arrays/v2/rank-4-u2")
    let error = #expect(throws: ZarrError.self) { try ZarrVolume(ZarrArray(path), name: "wbp", pool: ThreadPool(threads: 1)) }
    #expect(error?.message == "'\(path)' has shape (2, 13, 17, 19); a tomogram has three axes (z, y, x)")
    #expect(error?.remedy == "write the volume again with three axes, in Python: zarr.save('NEW.zarr', zarr.open('\(path)')[0])")
    #expect(error?.kind == .damaged)
  }
}

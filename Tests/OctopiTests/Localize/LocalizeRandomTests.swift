import Foundation
import Kernels
import TestSupport
import Testing

@testable import Octopi

/// Random volumes and octopi's picks (`Scripts/references/localize_random.py`).
struct LocalizeRandomCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let shape: [Int]
  /// Value and count by turns.
  let labels: [Int]
  let label: Int
  let minRadius: Double, maxRadius: Double
  let filterSize: Int
  let watershed: [[Double]], com: [[Double]]

  var testDescription: String { name }

  var target: LocalizeTarget { LocalizeTarget(label: label, minimumRadiusVoxels: minRadius, maximumRadiusVoxels: maxRadius) }

  func volume<Label: FixedWidthInteger & Sendable>(of type: Label.Type) -> Volume<Label> {
    var voxels: [Label] = []
    for i in stride(from: 0, to: labels.count, by: 2) { voxels += Array(repeating: Label(labels[i]), count: labels[i + 1]) }
    return Volume(shape: VolumeShape(z: shape[0], y: shape[1], x: shape[2]), voxels: voxels)
  }

  private struct File: Decodable { let cases: [LocalizeRandomCase] }

  static let all: [LocalizeRandomCase] = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let json = try? Deflate.decode(TestData.bytes("localize/random.json.gz"), .gzip, size: .atMost(1 << 22)) else { return [] }
    return (try? decoder.decode(File.self, from: Data(json)))?.cases ?? []
  }()
}

@Suite("localize: random volumes")
struct LocalizeRandomTests {
  @Test func casesAreThere() {
    #expect(LocalizeRandomCase.all.count == 96)
    #expect(LocalizeRandomCase.all.reduce(0) { $0 + $1.watershed.count + $1.com.count } == 1034)
  }

  @Test(arguments: LocalizeRandomCase.all)
  func equalsOctopiOnAnyNumberOfThreads(_ random: LocalizeRandomCase) throws {
    let volume = random.volume(of: UInt8.self)
    for (method, want) in [(LocalizeMethod.watershed(filterSize: random.filterSize), random.watershed), (.centreOfMass, random.com)] {
      for threads in [1, 2, 3] {
        // The other label keeps the threads busy.
        let other = LocalizeTarget(label: 3 - random.label, minimumRadiusVoxels: 0, maximumRadiusVoxels: 50)
        let picks = try Localizer(method: method).picks(in: volume, of: [other, random.target], pool: ThreadPool(threads: threads))
        #expect(picks[1].map { [$0.z, $0.y, $0.x] } == want, "\(method), \(threads) threads")
      }
    }
  }

  @Test(arguments: LocalizeRandomCase.all.prefix(6))
  func widthOfLabelsDoesNotMatter(_ random: LocalizeRandomCase) throws {
    let localizer = Localizer(method: .watershed(filterSize: random.filterSize)), pool = ThreadPool(threads: 1)
    #expect(
      try localizer.picks(in: random.volume(of: UInt16.self), of: [random.target], pool: pool)[0].map { [$0.z, $0.y, $0.x] } == random.watershed)
    #expect(
      try localizer.picks(in: random.volume(of: Int64.self), of: [random.target], pool: pool)[0].map { [$0.z, $0.y, $0.x] } == random.watershed)
  }
}

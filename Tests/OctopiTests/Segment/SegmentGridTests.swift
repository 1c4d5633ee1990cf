import Octopi
import Testing

@Suite("Segment: windows")
struct SegmentGridTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let size: Int, roi: Int, overlap: Double, pad: [Int], interval: Int, starts: [Int]
    var testDescription: String { "size \(size), roi \(roi), overlap \(overlap)" }
  }

  @Test(arguments: try SegmentData.decode([Case].self, "windows.json"))
  func equalsUpstream(_ want: Case) throws {
    let windows = try AxisWindows(size: want.size, roi: want.roi, overlap: want.overlap)
    #expect([windows.padBefore, windows.padAfter] == want.pad)
    #expect(windows.interval == want.interval)
    #expect(Array(windows) == want.starts)
    #expect(windows.count == want.starts.count)

    let covering = (0..<want.size).map { voxel in want.starts.count { ($0..<$0 + want.roi).contains(voxel + want.pad[0]) } }
    #expect(windows.coverage == covering)
  }

  @Test func countsWithoutListing() throws {
    let grid = try WindowGrid(shape: VolumeShape(z: 184, y: 630, x: 630), roi: cube(16), overlap: 0.95)
    #expect(grid.count == 63_920_025)
  }

  @Test(arguments: [
    ([184, 630, 630], 96, 0.5, [3, 13, 13]), ([184, 630, 630], 96, 0.25, [3, 9, 9]), ([184, 630, 630], 128, 0.5, [2, 9, 9]),
    ([200, 1024, 1024], 96, 0.5, [4, 21, 21]), ([20, 20, 20], 16, 0.95, [5, 5, 5]),
  ])
  func countsOfTheTable(sizes: [Int], roi: Int, overlap: Double, counts: [Int]) throws {
    let grid = try WindowGrid(shape: shape(sizes), roi: cube(roi), overlap: overlap)
    #expect(VolumeAxis.allCases.map { grid[$0].count } == counts)
    #expect(grid.count == counts.reduce(1, *))
  }

  @Test(arguments: [1.0, 1.5, -0.1, .nan, .infinity])
  func refusesOverlap(_ overlap: Double) throws {
    #expect(throws: SegmentationError.self) { try AxisWindows(size: 20, roi: 16, overlap: overlap) }
  }

  @Test func wordsOfTheOverlap() {
    #expect(SegmentationError.overlap(1).message == "overlap must be >= 0 and < 1, got (1.0, 1.0, 1.0)")
    #expect(SegmentationError.overlap(1).kind == .usage)
  }
}

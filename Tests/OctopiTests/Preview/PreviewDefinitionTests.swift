import Kernels
import TestSupport
import Testing

@testable import Octopi

/// What a preview shows, figure by figure as its definition has them.
@Suite("preview: definitions")
struct PreviewDefinitionTests {
  private let pool = ThreadPool(threads: 2)

  @Test(arguments: [(10, 30, 3), (13.48, 30, 3), (5, 30, 7), (20, 30, 1), (15, 30, 3), (10, 0, 1), (10, 1, 1), (1, 30, 31)] as [(Double, Double, Int)])
  func slabsAreTheNearestOddNumberOfPlanes(spacing: Double, slab: Double, planes: Int) {
    var options = PreviewOptions()
    options.slab = slab
    #expect(options.planesInSlab(VoxelSpacing(spacing)) == planes)
  }

  struct Page: Sendable, CustomTestStringConvertible {
    let shape: VolumeShape, runs: Int, bin: Int, step: Int, thickness: Int, planes: Int, width: Int
    var testDescription: String { "\(runs) of \(shape)" }
  }

  /// Radius 60 A, voxels of 10 A.
  @Test(arguments: [
    Page(shape: VolumeShape(z: 184, y: 630, x: 630), runs: 1, bin: 1, step: 4, thickness: 5, planes: 46, width: 630),
    Page(shape: VolumeShape(z: 184, y: 630, x: 630), runs: 3, bin: 2, step: 3, thickness: 3, planes: 61, width: 315),
    Page(shape: VolumeShape(z: 200, y: 1024, x: 1024), runs: 1, bin: 2, step: 3, thickness: 3, planes: 67, width: 512),
    Page(shape: VolumeShape(z: 96, y: 160, x: 160), runs: 3, bin: 1, step: 1, thickness: 3, planes: 96, width: 160),
  ])
  func pagesKeepPlanes(page: Page) throws {
    let run = PagePlan.Run(shape: page.shape, spacing: VoxelSpacing(10), thickness: 3, best: page.shape.z / 2)
    let plan = PagePlan(Array(repeating: run, count: page.runs), leastRadius: 60, budgetBytes: 16 << 20)
    let first = try #require(plan.runs[0])
    #expect((first.bin, first.step, first.thickness) == (page.bin, page.step, page.thickness))
    #expect((first.planes.count, first.width) == (page.planes, page.width))
    #expect(first.planes == Array(stride(from: page.step / 2, to: page.shape.z, by: page.step)))
    // No slice is unused.
    #expect(Set(first.planes.flatMap { SlabReader.slab(around: $0, first.thickness, page.shape.z) }).isSuperset(of: page.step / 2..<page.shape.z - page.step))
  }

  @Test(arguments: [(64, 1000, 1, 8), (160, 640, 1, 4), (630, 1000, 1, 1), (1024, 1000, 2, 1), (1024, 480, 3, 1)])
  func montagesScale(edge: Int, panel: Int, bin: Int, zoom: Int) {
    let scaling = Montage.scaling(VolumeShape(z: 1, y: edge / 2, x: edge), edge: panel)
    #expect((scaling.bin, scaling.zoom) == (bin, zoom))
  }

  @Test(arguments: [(160, 10.0, "20 nm"), (200, 10, "50 nm"), (630, 10, "100 nm"), (400, 10, "100 nm"), (399, 10, "50 nm"), (5, 10, "1 nm"), (3, 10, "0.5 nm")])
  func scaleBarsAreRound(pixels: Int, angstrom: Double, label: String) throws {
    #expect(try #require(ScaleBar(pixels: pixels, angstromPerPixel: angstrom)).label == label)
  }

  @Test func titlesSayWhatIsShown() throws {
    let scene = try PreviewDemo.scene(on: pool), run = scene.runs[0]
    let content = try scene.content(0, plane: run.best, thickness: run.thickness, bin: 1, limits: nil, on: pool)
    #expect(Montage.title(run, content).joined(separator: "  ") == "TS_1_4  wbp@10  96 x 160 x 160  z 26 (26.0 nm), mean of 3")
    #expect(Montage(scene).columns == 3 && Montage(scene).edge == 640)
  }

  // MARK: Picks

  /// Wherever a pick lies, some plane that is kept shows it, and its ring is at least half of its radius there.
  @Test(arguments: [1, 2, 3, 5])
  func everyPickIsDrawnInItsHomePlane(step: Int) {
    let plan = RunPlan(VolumeShape(z: 23, y: 4, x: 4), bin: 1, step: step, thickness: 1)
    for z in stride(from: -9.0, through: 31, by: 0.25) {
      let home = plan.nearest(to: z)
      let distances = plan.planes.map { (z - Double($0)).magnitude }
      #expect(home == plan.planes[distances.indices.first { distances[$0] == distances.min() } ?? 0], "z \(z)")
      let mark = PickMark(
        classIndex: 0, outcome: .plain, isTruth: false, x: 1, y: 1, z: z, radius: 2, score: nil, distance: nil)
      #expect(mark.sectionRadius(plane: home, home: home) ?? 0 >= 1)
      for plane in plan.planes where plane != home {
        let distance = (z - Double(plane)).magnitude
        #expect(mark.sectionRadius(plane: plane, home: home) == (distance < 2 ? (4 - distance * distance).squareRoot() : nil))
      }
    }
  }

  // MARK: Labels

  /// Labels of 20 A over a tomogram of 10 A, and of 5 A: the nearest voxel, ties up; nothing where there is none.
  @Test(arguments: [20.0, 5, 13.48])
  func labelsOfAnotherSpacing(angstrom: Double) throws {
    let shape = VolumeShape(z: 6, y: 7, x: 8)
    var random = SplitMix64(seed: 3)
    let planes = (0..<shape.z).map { _ in (0..<shape.y * shape.x).map { _ in UInt8(random.next() % 3) } }
    let volume = SelectedPlanes(shape: shape, planes: Dictionary(uniqueKeysWithValues: planes.enumerated().map { ($0.offset, $0.element) }))
    let target = VolumeShape(z: 9, y: 10, x: 11)
    var run = PreviewRun(
      name: "a", tomogram: "b", volume: Volume(shape: target, voxels: Array(repeating: Float(0), count: target.count)), spacing: VoxelSpacing(10))
    run.labels = PreviewLabels(volume, spacing: VoxelSpacing(angstrom), names: [1: "one", 2: "two"])
    var labels = LabelPlanes(run.labels!, classOfLabel: [1: 1, 2: 2], of: run)
    let shown = try labels.map(Array(0..<target.z), bin: 1, on: pool) { $1 }
    func nearest(_ voxel: Int) -> Int { Int(Double(voxel) * 10 / angstrom + 0.5) }
    for z in 0..<target.z {
      for y in 0..<target.y {
        for x in 0..<target.x {
          let (k, j, i) = (nearest(z), nearest(y), nearest(x))
          let expected = k < shape.z && j < shape.y && i < shape.x ? planes[k][j * shape.x + i] : 0
          #expect(shown[z][x, y] == expected, "\(z) \(y) \(x)")
        }
      }
    }
  }

  /// Background unless half or more are not; then the most frequent, of several the lowest.
  @Test func binnedLabels() {
    let plane = Plane<UInt8>(width: 5, height: 4, pixels: [
      0, 0, 1, 2, 3,
      0, 3, 2, 1, 0,
      2, 2, 0, 0, 0,
      1, 0, 4, 4, 3,
    ])
    #expect(plane.binned(2).pixels == [0, 1, 3, 2, 4, 3])
  }

  // MARK: Greys

  @Test func paddingDoesNotCount() throws {
    let values = (0..<600).map(Double.init) + Array(repeating: -1000, count: 400) + [.nan, .infinity]
    let limits = try #require(ContrastSample(values).limits(0.5, 99.5))
    #expect(abs(limits.low - 2.995) < 1e-9 && abs(limits.high - 596.005) < 1e-9)
    #expect(ContrastSample([1, 1, 1]).limits(0.5, 99.5) == nil)
    #expect(ContrastSample([.nan]).limits(0.5, 99.5) == nil)
  }

  /// Nothing to tell apart: mid grey, on a picture as on a page.
  @Test(arguments: [3.0, .nan, .infinity] as [Float])
  func constantVolumesAreMidGrey(value: Float) throws {
    let shape = VolumeShape(z: 3, y: 4, x: 5)
    let run = PreviewRun(
      name: "a", tomogram: "b", volume: Volume(shape: shape, voxels: Array(repeating: value, count: shape.count)), spacing: VoxelSpacing(10))
    let scene = try PreviewScene(Preview(classes: [], runs: [run], options: PreviewOptions()), on: pool)
    let limits = try scene.contrast(0, RunPlan(shape, bin: 1, step: 1, thickness: 3), bins: [1], on: pool)[0].shown
    let content = try scene.content(0, plane: 1, thickness: 3, bin: 1, limits: limits, on: pool)
    let panel = PanelPainter(style: scene.style, shape: shape, spacing: VoxelSpacing(10)).paint(content, zoom: 1, marks: [], showsLabels: false)
    #expect(limits == nil)
    #expect(panel[4, 0] == RGB(grey: 128))
  }
}

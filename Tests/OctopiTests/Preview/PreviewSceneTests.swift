import Foundation
import Kernels
import TestSupport
import Testing

@testable import Octopi

@Suite("preview of the demo")
struct PreviewSceneTests {
  private let pool = ThreadPool(threads: 2)

  /// Figures that numpy gave for the same definition.
  @Test func planesAndContrast() throws {
    let scene = try PreviewDemo.scene(on: pool)
    #expect(scene.runs.map(\.best) == [26, 64, 27])
    let inPlane = scene.runs.map { run in
      run.marks.count { !$0.isTruth && ($0.z - Double(run.best)).magnitude <= ($0.radius ?? 0) / 2 }
    }
    #expect(inPlane == [15, 9, 12])
    #expect(scene.runs.map(\.thickness) == [3, 3, 3])
    for (index, expected) in [(0, [-0.8125, -0.541667, 0.5, 0.645833]), (2, [-13.3333, -9, 15.6667, 18.6667])] {
      let run = scene.runs[index]
      let contrast = try scene.contrast(index, RunPlan(run.shape, bin: 1, step: 1, thickness: run.thickness), bins: [1], on: pool)[0]
      let stored = try #require(contrast.stored), shown = try #require(contrast.shown)
      for (value, want) in zip([stored.low, shown.low, shown.high, stored.high], expected) { #expect(abs(value - want) < 6e-6 * abs(want)) }
    }
  }

  @Test func numbersOfOneRun() throws {
    let scene = try PreviewDemo.scene(on: pool)
    let ribosome = try #require(scene.classes.firstIndex { $0.name == "ribosome" })
    let numbers = scene.numbers.runs[0][ribosome]
    #expect(numbers.predicted == 12 && numbers.truth == 11 && numbers.doubles == 1)
    #expect(fixed(try #require(numbers.neighbours.first), digits: 2) == "8.24")
    #expect(fixed(try #require(ClassNumbers.median(numbers.neighbours)), digits: 1) == "43.9")
    let ferritin = try #require(scene.classes.firstIndex { $0.name == "apo-ferritin" })
    #expect(scene.numbers.runs[0][ferritin].density == 13800)
    #expect(fixed(scene.numbers.runs[0][ferritin].boxVolume, digits: 5) == "0.00246")
    #expect(scene.numbers.runs[0][ferritin].scoreHistogram == nil)
  }

  /// Every class of every run has the counts of octopi's own `metrics.json`.
  @Test(arguments: ["scores-watershed", "scores-strict"])
  func countsAreThoseOfEvaluate(expected: String) throws {
    let scene = try PreviewDemo.scene(on: pool) { request in
      if expected == "scores-strict" {
        request.options.distanceThresholdScale = 0.12
        request.options.beta = 2
      }
    }
    let json = try PythonJSON.value(TestData.bytes("demo/\(expected)/metrics.json"))
    guard case .object(let runs)? = json["metrics"] else { throw CocoaError(.fileReadCorruptFile) }
    var compared = 0
    for run in runs {
      let index = try #require(scene.runs.firstIndex { $0.source.name == run.name })
      guard case .object(let objects) = run.value else { continue }
      for object in objects {
        let place = try #require(scene.classes.firstIndex { $0.name == object.name })
        let entries = try #require(scene.numbers.runs[index][place].score?.entries)
        #expect(PythonValue.object(entries) == object.value, "\(run.name) \(object.name)")
        let counts = try #require(scene.numbers.runs[index][place].score?.counts)
        func drawn(_ outcome: PickOutcome) -> Int { scene.runs[index].marks.count { $0.classIndex == place && $0.outcome == outcome } }
        #expect(drawn(.hit) == counts.truePositives)
        #expect(drawn(.falseAlarm) == counts.falsePositives)
        #expect(drawn(.miss) == counts.falseNegatives)
        compared += 1
      }
    }
    let all = expected == "scores-strict" ? 6 : 12
    #expect(compared == all)
  }
}

@Suite("preview colours")
struct ClassColourTests {
  @Test(arguments: zip(
    [[0, 117, 220], [76, 0, 92], [0, 92, 49], [255, 204, 153], [214, 64, 69]] as [[UInt8]], ["#0083F7", "#D920FF", "#009851", "#FFCC99", "#ED474C"]))
  func darkColoursBecomeLighter(colour: [UInt8], expected: String) {
    #expect(RGB(colour[0], colour[1], colour[2]).brightened.hexadecimal == expected)
  }

  @Test func blackIsSeenToo() { #expect(RGB(0x000000).brightened.lightness >= 55) }

  @Test func classesWithoutColour() {
    let classes = ["a", "b", "c"].map { PreviewClass(name: $0, radius: 60, colour: $0 == "b" ? RGB(0x0083F7) : nil) }
    #expect(ClassPalette.colours(of: classes, usesSafe: false).map(\.hexadecimal) == ["#56B4E9", "#0083F7", "#E69F00"])
    #expect(ClassPalette.colours(of: classes, usesSafe: true).map(\.hexadecimal) == ["#56B4E9", "#E69F00", RGB(0x009E73).brightened.hexadecimal])
    let same = [PreviewClass(name: "a", radius: 1, colour: RGB(0xFF8000)), PreviewClass(name: "b", radius: 1, colour: RGB(0xFF8000))]
    #expect(ClassPalette.warnings(same, ClassPalette.colours(of: same, usesSafe: false)).first?.remedy?.contains("--palette safe") == true)
  }
}

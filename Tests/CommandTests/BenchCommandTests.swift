import Foundation
import TestSupport
import Testing

/// What `octopi bench` says, but for times, which no test can know.
@Suite("octopi bench", .tags(.command))
struct BenchCommandTests {
  private static let fixed = TestData.root.appending(path: "conformance-convolution/test_Conv3d_dilated_strided/model.onnx").path

  struct Document: Decodable {
    struct Window: Decodable {
      let shape: [Int]
      let best_seconds, median_seconds, gflop, gflop_per_second, share_of_peak: Double
    }
    struct Layer: Decodable {
      let name, kernel: String
      let seconds, share, gflop_per_second, share_of_peak: Double
    }
    let model, isa: String
    let threads: Int
    let window: Window
    let peak_memory_bytes: Int
    let layers: [Layer]
  }

  private static func document(_ words: [String]) async throws -> Document {
    let folder = try TemporaryFolder()
    try Networks.write(Networks.twoConvolutions(), to: folder)
    let outcome = try await Program.run(["bench", "model.onnx", "--json"] + words, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
  }

  /// One convolution 3x3x3 from 1 to 4 channels and one 1x1x1 from 4 to 3, two operations a multiply-add.
  @Test func countsOperationsOfTheNetwork() async throws {
    let document = try await Self.document(["--size", "12,16,20", "--rounds", "2", "--threads", "2"])
    #expect(document.window.shape == [1, 1, 12, 16, 20])
    #expect(abs(document.window.gflop - 2 * 12 * 16 * 20 * (27 * 4 + 4 * 3) * 1e-9) < 1e-15)
    #expect(document.threads == 2)
    #expect(document.model == "model.onnx")
    #expect(document.peak_memory_bytes > 1 << 20)
  }

  @Test func ratesAndSharesFollowFromTimes() async throws {
    let document = try await Self.document(["--size", "16", "--rounds", "3"]), window = document.window
    #expect(window.best_seconds > 0 && window.best_seconds <= window.median_seconds)
    #expect(abs(window.gflop_per_second * window.best_seconds - window.gflop) <= 1e-9 * window.gflop)
    let peak = window.gflop_per_second / window.share_of_peak, total = document.layers.reduce(0) { $0 + $1.seconds }
    #expect(abs(document.layers.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    for layer in document.layers {
      #expect(abs(layer.share - layer.seconds / total) < 1e-9)
      #expect(abs(layer.gflop_per_second - layer.share_of_peak * peak) <= 1e-6 * peak)
    }
    let work = document.layers.reduce(0) { $0 + $1.gflop_per_second * $1.seconds }
    #expect(abs(work - window.gflop) <= 1e-9 * window.gflop)
    #expect(document.layers.contains { $0.kernel.contains("convolution 3x3x3") })
  }

  @Test func namesTheInstructionSet() async throws {
    let folder = try TemporaryFolder()
    try Networks.write(Networks.twoConvolutions(), to: folder)
    let outcome = try await Program.run(
      ["bench", "model.onnx", "--size", "8", "--rounds", "1"], in: folder, environment: ["OCTOPI_ISA": "portable"])
    #expect(outcome.output.hasPrefix("model.onnx: 1 x 1 x 8 x 8 x 8, portable, "))
  }

  @Test(arguments: [
    (["bench", "--json"], 64, "octopi: MODEL is missing\n        give a network, e.g. octopi bench model.onnx\n"),
    (
      ["bench", "a.onnx", "--size", "1,2"], 64,
      "octopi: --size '1,2' is not the size of a window\n        give one edge or three, e.g. --size 96 or --size 64,96,96\n"
    ),
    (["bench", "a.onnx", "--rounds", "0"], 64, "octopi: --rounds 0 is not a number of windows\n        7 is the default\n"),
    (["bench", "a.onnx"], 66, "octopi: no model 'a.onnx'\n"),
    (["bench", fixed, "--size", "9"], 64, "octopi: '\(fixed)' has a fixed size: input '0' is float [2, 3, 5, 5, 5], not 9\n"),
  ])
  func saysWhatIsWrong(words: [String], code: Int, message: String) async throws {
    let outcome = try await Program.run(words, in: TemporaryFolder())
    #expect(outcome.code == code)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }
}

import Foundation
import Graph
import ONNXImport
import Testing
import TestSupport

/// A selection of ONNX's own operator tests (onnx 1.23, Apache License 2.0), read and run as any model is; all of them: `make conformance`.
///
/// `Tests/Data/conformance-*/<test>` holds `model.onnx`, `tolerance.json` and `test_data_set_<n>` with `input_<k>.pb` and `output_<k>.pb`.
@Suite("Conformance")
struct ConformanceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let family: String
    let name: String
    var testDescription: String { "\(family) \(name)" }
    var folder: URL { TestData.root.appending(path: "conformance-\(family)").appending(path: name) }
  }

  static let cases: [Case] = {
    let prefix = "conformance-"
    return entries(of: TestData.root).filter { $0.hasPrefix(prefix) }.flatMap { folder in
      entries(of: TestData.root.appending(path: folder)).map { Case(family: String(folder.dropFirst(prefix.count)), name: $0) }
    }
  }()

  /// Names in a folder, sorted; none where it cannot be read, which `arePresent` finds out.
  static func entries(of folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }

  @Test func arePresent() {
    let families = [
      "activation", "convolution", "elementwise", "indexing", "matmul-and-attention", "normalisation", "reduction", "resize-and-pooling",
      "several-operators", "shape",
    ]
    for family in families { #expect(Self.cases.count { $0.family == family } >= 14, "\(family)") }
    #expect(Self.cases.contains { $0.family == "control" })
  }

  @Test(arguments: cases)
  func givesTheExpectedOutputs(test: Case) throws {
    let graph = try ONNXImport.load(path: test.folder.appending(path: "model.onnx").path)
    let tolerance = try JSONDecoder().decode(Tolerance.self, from: Data(contentsOf: test.folder.appending(path: "tolerance.json")))
    let sets = Self.entries(of: test.folder).filter { $0.hasPrefix("test_data_set_") }
    #expect(!sets.isEmpty)
    for set in sets {
      let folder = test.folder.appending(path: set)
      let want = try Self.tensors("output", folder)
      let got = try graph.evaluate(try Self.tensors("input", folder))
      #expect(got.map(\.type) == want.map(\.type))
      for (got, want) in zip(got, want) { tolerance.compare(got, want) }
    }
  }

  /// `input_0.pb`, `input_1.pb`, ... as far as there are.
  private static func tensors(_ role: String, _ folder: URL) throws -> [Tensor] {
    let count = entries(of: folder).count { $0.hasPrefix(role) }
    return try (0..<count).map { try ONNXImport.tensor(path: folder.appending(path: "\(role)_\($0).pb").path).tensor }
  }

  /// As NumPy's `allclose`, but exact for integers.
  private struct Tolerance: Decodable {
    let rtol: Double
    let atol: Double

    func compare(_ got: Tensor, _ want: Tensor) {
      if want.integers != nil {
        #expect(got == want)
        return
      }
      for (at, (a, b)) in zip(got.doubles, want.doubles).enumerated() where a != b && !(a.isNaN && b.isNaN) {
        #expect(abs(a - b) <= atol + rtol * abs(b), "element \(at)")
      }
    }
  }
}

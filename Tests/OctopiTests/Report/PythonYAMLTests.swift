import Octopi
import TestSupport
import Testing

/// Text that PyYAML 6.0 wrote in octopi's two styles is the oracle.
@Suite("PythonYAML")
struct PythonYAMLTests {
  struct Scalar: CustomTestStringConvertible, Sendable {
    let value: PythonValue, block: String, flow: String
    var testDescription: String { block }
  }

  static let scalars: [Scalar] =
    json("copick-fixtures/yaml-scalars.json").elements.map { Scalar(value: $0["value"] ?? .null, block: $0["block"]?.text ?? "", flow: $0["flow"]?.text ?? "") }

  @Test func hasAllScalars() { #expect(Self.scalars.count == 71) }

  @Test(arguments: scalars)
  func writesScalars(scalar: Scalar) {
    #expect(PythonYAML.log.text(["key": scalar.value]) == scalar.block)
    #expect(PythonYAML.log.text(["key": .array([scalar.value, "b"])]) == scalar.flow)
  }

  /// Odd characters, folding at every kind of quote, long keys, nested and empty collections.
  @Test func writesDocuments() throws {
    let rows = Self.json("python-yaml.json").elements
    #expect(rows.count == 60)
    for row in rows {
      let style = row["style"]?.text == "log" ? PythonYAML.log : .scores
      let text = style.text(try #require(row["value"]))
      #expect(Array(text.utf8) == Array((row["text"]?.text ?? "").utf8))
    }
  }

  @Test func writesTheLogOfSegment() {
    let log: PythonValue = [
      "inputs": ["config": "config.json", "tomo_alg": "wbp", "voxel_size": 10.0], "labels": ["ribosome": 1],
      "model": ["configs": ["model_config.yaml"]], "outputs": ["seg_session_id": "1"],
    ]
    #expect(
      PythonYAML.log.text(log) == """
        inputs:
          config: config.json
          tomo_alg: wbp
          voxel_size: 10.0
        labels:
          ribosome: 1
        model:
          configs: [model_config.yaml]
        outputs:
          seg_session_id: '1'

        """)
  }

  @Test func doesNotIndentListsBelowKeys() {
    #expect(PythonYAML.scores.text(["parameters": ["runIDs": ["TS_1"]], "none": [:]]) == "parameters:\n    runIDs:\n    - TS_1\nnone: {}\n")
  }

  static func json(_ path: String) -> PythonValue {
    (try? PythonJSON.value(TestData.bytes(path))) ?? .null
  }
}

extension PythonValue {
  subscript(name: String) -> PythonValue? {
    if case .object(let members) = self { return members.first { $0.name == name }?.value }
    return nil
  }
  var elements: [PythonValue] { if case .array(let elements) = self { elements } else { [] } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
}

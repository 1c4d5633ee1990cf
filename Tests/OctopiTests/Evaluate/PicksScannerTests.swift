import Foundation
import Octopi
import TestSupport
import Testing

/// Against copick's own reading of its files, and against Foundation's reader.
@Suite("picks scanner")
struct PicksScannerTests {
  private static let fixtures = "copick-fixtures/picks/"

  /// Copick refuses these, or we do, or they need the full reader's rules.
  @Test(arguments: [
    "bad-empty", "bad-instance-fraction", "bad-list", "bad-location-list", "bad-missing-z", "bad-no-object-name", "bad-null-z",
    "bad-session-number", "bad-transformation-3x4", "bad-transformation-last-row", "bad-transformation-null", "bad-truncated",
    "good-key-transformation-is-ignored", "good-numbers-as-text", "good-unit-is-not-interpreted", "good-unknown-keys", "odd-infinity", "odd-nan",
    "odd-points-null",
  ])
  func leavesToTheFullReader(_ name: String) throws {
    #expect(PicksScanner.centres(in: try TestData.bytes(Self.fixtures + name + ".json")) == nil)
  }

  @Test(arguments: [
    ("good-compact", [ParticleCentre(x: 1, y: 2, z: 3)]), ("good-full", [ParticleCentre(x: 11, y: 22, z: 33)]),
    ("good-minimal-point", [ParticleCentre(x: 1, y: 2, z: 3)]), ("good-no-points-key", []), ("good-no-points", []),
    ("good-null-score-and-instance", [ParticleCentre(x: 1, y: 2, z: 3)]), ("good-only-required-keys", [ParticleCentre(x: 1, y: 2, z: 3)]),
    ("good-other-object-name-inside", [ParticleCentre(x: 1, y: 2, z: 3)]),
  ])
  func readsAsCopick(_ name: String, centres: [ParticleCentre]) throws {
    #expect(PicksScanner.centres(in: try TestData.bytes(Self.fixtures + name + ".json")) == centres)
  }

  private static let files: [URL] = {
    let root = TestData.root.appending(path: EvaluateVectors.folder)
    let paths = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    return paths.filter { $0.deletingLastPathComponent().lastPathComponent == "Picks" }
  }()

  @Test func readsTheVectors() throws {
    #expect(Self.files.count > 15)
    for file in Self.files {
      let bytes = [UInt8](try Data(contentsOf: file))
      #expect(try PicksScanner.centres(in: bytes) == EvaluateVectors.centres(in: bytes), "\(file.lastPathComponent)")
    }
  }

  /// Whatever happens to one byte of a file: what the scanner still takes, a strict reader takes too, with the same numbers.
  @Test func neverTakesWhatAStrictReaderReadsDifferently() throws {
    let text =
      #"{"pickable_object_name": "a", "user_id": "b", "session_id": "1", "unit": "angstrom", "points": [{"location": {"x": 10.25, "y": -2e1, "#
      + #""z": 0}, "transformation_": [[1,0,0,1.5],[0,1,0,0],[0,0,1,-0.5],[0,0,0,1]], "instance_id": 3, "score": null}], "trust_orientation": true}"#
    let whole = Array(text.utf8)
    #expect(PicksScanner.centres(in: whole) == [ParticleCentre(x: 11.75, y: -20, z: -0.5)])
    for length in whole.indices { #expect(PicksScanner.centres(in: Array(whole[..<length])) == nil) }
    for index in whole.indices {
      for byte in Array("\"\\{}[],:.-+eE019 xn\u{7}\n".utf8) + [0x80, 0xFF] {
        var changed = whole
        changed[index] = byte
        guard let centres = PicksScanner.centres(in: changed) else { continue }
        #expect(try EvaluateVectors.centres(in: changed) == centres, "byte \(index) is \(byte)")
      }
    }
  }

  /// Numbers of every length, as one coordinate: the double nearest to the decimal, as the C library rounds.
  @Test func roundsNumbersCorrectly() throws {
    var random = SplitMix64(seed: 17)
    for round in 0..<2000 {
      let digits = (0...Int.random(in: 0..<24, using: &random)).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
      let whole = digits.count > 1 ? "1" + digits.prefix(round % digits.count) : "7"
      let exponent = round % 3 == 0 ? "e\(Int.random(in: -330...280, using: &random))" : ""
      let number = (round % 2 == 0 ? "-" : "") + whole + "." + digits + exponent
      let file = #"{"pickable_object_name":"a","user_id":"b","session_id":"1","points":[{"location":{"x":\#(number),"y":1,"z":2}}]}"#
      let want = try #require(number.withCString { strtod($0, nil) } as Double?)
      #expect(PicksScanner.centres(in: Array(file.utf8))?.map(\.x) == [want], "\(number)")
    }
  }

  @Test(arguments: ["01", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "-Infinity", "1e999", "--1", "1 2", "\"1\"", "1_0", "-"])
  func refusesWhatIsNoNumber(_ number: String) {
    let file = #"{"pickable_object_name":"a","user_id":"b","session_id":"1","points":[{"location":{"x":\#(number),"y":1,"z":2}}]}"#
    #expect(PicksScanner.centres(in: Array(file.utf8)) == nil)
  }
}

import Testing

@testable import Octopi

@Suite("Text for people")
struct TextTests {
  @Test(arguments: [
    (0, "0 bytes"), (1, "1 byte"), (5440, "5440 bytes"), (10240, "10 KiB"), (16 << 20, "16 MiB"), (3 << 29, "1.5 GiB"), (1_234_567, "1.2 MiB"),
    (1 << 60, "1 EiB"), (.max, "8 EiB"), (300 << 20, "300 MiB"),
  ])
  func sizes(bytes: Int, text: String) { #expect(binarySize(bytes) == text) }

  @Test(arguments: [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("TS_1", "TS_7", 1), ("abc", "abc", 0), ("ca", "abc", 3)])
  func distances(a: String, b: String, distance: Int) { #expect(editDistance(Array(a), Array(b)) == distance) }

  @Test func suggestions() {
    #expect(closestNames(to: "TS_7", in: ["TS_1", "TS_70", "other", "TS_17"]) == ["TS_1", "TS_17", "TS_70"])
    #expect(closestNames(to: "ribsome", in: ["membrane", "ribosome"]) == ["ribosome"])
    #expect(closestNames(to: "WBP", in: ["wbp", "denoised", "wbp-denoised"]) == ["wbp", "wbp-denoised"])
    #expect(closestNames(to: "zzz", in: ["wbp"]) == [])
  }

  @Test func orderOfCodePoints() {
    let names = ["é", "ts_1", "TS_2", "_a", "TS_10", "10", "TS_1"]
    #expect(names.sorted(by: precedesByCodePoints) == ["10", "TS_1", "TS_10", "TS_2", "_a", "ts_1", "é"])
    #expect(!isSameText("é", "e\u{301}"))
  }
}

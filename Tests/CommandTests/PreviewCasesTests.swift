import Foundation
import TestSupport
import Testing

/// Odd projects, and what their previews must still be.
@Suite("octopi preview: odd inputs", .tags(.command))
struct PreviewCasesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var shape = [6, 7, 8], type = "<f4", values = Values.noise
    var labels = true, picks: [[Double]]? = [[30, 30, 30]], truth: [[Double]]? = [[30, 30, 30]]
    /// The plane that is shown, and picks outside of the box.
    var plane = 3, outside = 0
    var testDescription: String { name }
  }

  enum Values { case noise, constant, notNumbers, infinite }

  static let types = ["|b1", "|i1", "|u1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", ">f4", "<f8"]
  static let cases =
    [
      Case(name: "nothing but a tomogram", labels: false, picks: nil, truth: nil),
      Case(name: "labels alone", picks: nil, truth: nil, plane: 2), Case(name: "truth alone", labels: false, picks: nil),
      Case(name: "picks alone", labels: false, truth: nil), Case(name: "no picks in the file", labels: false, picks: [], truth: nil),
      Case(name: "one plane", shape: [1, 7, 8], picks: [[30, 30, 0]], truth: [[30, 30, 0]], plane: 0),
      Case(name: "one voxel", shape: [1, 1, 1], picks: [[0, 0, 0]], truth: [[0, 0, 0]], plane: 0), Case(name: "constant", values: .constant),
      Case(name: "NaN", values: .notNumbers), Case(name: "some infinite", values: .infinite),
      Case(name: "picks far outside", picks: [[1e9, 30, 30], [-500, -500, -500], [30, 30, 1e7], [30, 30, 30]], outside: 3),
    ] + types.map { Case(name: $0, type: $0) }

  private static func bytes(_ entry: Case) -> [UInt8] {
    var random = SplitMix64(seed: 5)
    let width = Int(entry.type.suffix(1)) ?? 1, isFloat = entry.type.contains("f"), isBig = entry.type.hasPrefix(">")
    return (0..<entry.shape.reduce(1, *)).flatMap { index -> [UInt8] in
      let noise = random.next()
      var bits: UInt64
      switch entry.values {
      case .noise where !isFloat: bits = entry.type == "|b1" ? noise & 1 : noise % 100
      // 1.0 to 2.0.
      case .noise where width == 2: bits = 0x3C00 | noise & 0x3FF
      case .noise where width == 8: bits = (1 + Double(noise % 1000) / 1000).bitPattern
      case .noise: bits = UInt64((1 + Float(noise % 1000) / 1000).bitPattern)
      case .constant: bits = UInt64(Float(3).bitPattern)
      case .notNumbers: bits = UInt64(Float.nan.bitPattern)
      case .infinite: bits = UInt64((index % 5 == 0 ? .infinity : index % 7 == 0 ? -.infinity : Float(noise % 1000)).bitPattern)
      }
      let little = (0..<width).map { byte in
        defer { if byte < 7 { bits >>= 8 } }
        return UInt8(truncatingIfNeeded: bits)
      }
      return isBig ? little.reversed() : little
    }
  }

  private func project(_ entry: Case) throws -> TinyProject {
    let project = try TinyProject(radius: 10)
    try project.add("TS_1", Self.bytes(entry), shape: entry.shape, type: entry.type)
    if entry.labels {
      let store = "overlay/ExperimentRuns/TS_1/Segmentations/10.000_octopi_1_predict-multilabel.zarr"
      var labels = [UInt8](repeating: 0, count: entry.shape.reduce(1, *))
      // A third of one plane below the middle.
      let plane = entry.shape[1] * entry.shape[2], first = (entry.shape[0] / 3) * plane
      for index in 0..<(plane + 2) / 3 { labels[first + index] = 1 }
      try project.folder.write("{\"zarr_format\": 2}", to: store + "/.zgroup")
      try project.folder.write(TinyProject.metadata(entry.shape, chunks: entry.shape, type: "|u1"), to: store + "/0/.zarray")
      try project.write(labels, to: store + "/0/0/0/0")
    }
    for (owner, picks) in [("octopi_1", entry.picks), ("data-portal_0", entry.truth)] {
      guard let picks else { continue }
      let names = owner.split(separator: "_"), unit = "[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]"
      let points = picks.map { "{\"location\": {\"x\": \($0[0]), \"y\": \($0[1]), \"z\": \($0[2])}, \"transformation_\": \(unit), \"instance_id\": 0, \"score\": 1.0}" }
      try project.folder.write(
        """
        {"pickable_object_name": "ribosome", "user_id": "\(names[0])", "session_id": "\(names[1])", "run_name": "TS_1", "voxel_spacing": null,
         "unit": "angstrom", "points": [\(points.joined(separator: ","))]}
        """, to: "overlay/ExperimentRuns/TS_1/Picks/\(owner)_ribosome.json")
    }
    return project
  }

  @Test(arguments: cases)
  func thereIsAPreview(entry: Case) async throws {
    let project = try project(entry)
    var words = ["preview", "-c", "config.json", "-o", "seen", "--json", "--quiet"]
    if entry.picks != nil { words += ["--picks", "octopi/1"] }
    if entry.truth != nil { words += ["--truth", "data-portal/0"] }
    if entry.labels { words += ["--seg-uri", "predict:octopi/1"] }
    let outcome = try await Program.run(words, in: project.folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let document = try Self.json(outcome.output), run = try #require((document["runs"] as? [[String: Any]])?.first)
    #expect(run["plane"] as? Int == entry.plane)
    #expect(run["shape"] as? [Int] == entry.shape)
    let object = try #require((run["objects"] as? [[String: Any]])?.first)
    #expect(object["predicted"] as? Int == entry.picks?.count ?? 0)
    #expect(object["outside_box"] as? Int == entry.outside)
    if entry.picks == nil || entry.picks == [] {
      #expect(object["nearest_neighbour"] is NSNull)
      #expect(object["density_per_um3"] as? Double == 0)
    }

    #expect(try project.folder.bytes("seen/preview.png").starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    // What a browser reads is JSON: there are no numbers that are none.
    let page = try project.folder.text("seen/preview.html"), data = try Self.data(of: page)
    let shown = try #require((data["runs"] as? [[String: Any]])?.first)
    #expect(shown["best"] as? Int == entry.plane)
    #expect((shown["marks"] as? [[Any]])?.count == (entry.picks?.count ?? 0) + (entry.truth?.count ?? 0))
    #expect((shown["stored"] is NSNull) == (entry.values == .constant || entry.values == .notNumbers || entry.shape == [1, 1, 1]))
  }

  private static func json(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private static func data(of page: String) throws -> [String: Any] {
    let start = try #require(page.range(of: "<script type=\"application/json\" id=\"data\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    return try json(String(page[start.upperBound..<end.lowerBound]))
  }

  /// `--json`, the page's tables and octopi's own `metrics.json` say the same.
  @Test(.onlyOptimised, arguments: [("scores-watershed", [String]()), ("scores-strict", ["--distance-threshold-scale", "0.12", "--fbeta", "2"])])
  func numbersAreThoseOfMetrics(expected: String, options: [String]) async throws {
    let folder = try Projects.copy(Projects.demo, ["config.json", "static"])
    try Projects.add(Projects.demoExpected, ["overlay"], to: folder)
    let words = ["preview", "-c", "config.json", "--picks", "octopi/1", "--truth", "data-portal/0", "-o", "seen", "--json", "--quiet"]
    let outcome = try await Program.run(words + options, in: folder)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let runs = try #require(try Self.json(outcome.output)["runs"] as? [[String: Any]]), page = try folder.text("seen/preview.html")
    let file = try String(contentsOf: Projects.demoExpected.appending(path: expected + "/metrics.json"), encoding: .utf8)
    let metrics = try #require(try Self.json(file)["metrics"] as? [String: [String: [String: Double]]])
    var compared = 0
    for (name, objects) in metrics {
      let place = try #require(runs.firstIndex { $0["run"] as? String == name }), ours = try #require(runs[place]["objects"] as? [[String: Any]])
      let section = try #require(page.split(separator: "<section").first { $0.hasPrefix(" data-numbers=\"\(place)\"") })
      for (object, scores) in objects {
        let entry = try #require(ours.first { $0["object"] as? String == object })
        for (key, value) in scores { #expect(entry[key] as? Double == value, "\(name) \(object) \(key)") }
        let row = try #require(section.split(separator: "<tr>").first { $0.contains("<bdi>\(object)</bdi>") })
        let cells = row.matches(of: #/<td>([^<]*)<\/td>/#).map { String($0.output.1) }
        let counts = ["true_positives", "false_positives", "false_negatives"].map { scores[$0] ?? .nan }
        let ratios = ["precision", "recall", "f1_score", "fbeta_score"].map { String(format: "%.3f", scores[$0] ?? .nan) }
        #expect(cells[2..<9] == (counts.map { String(Int($0)) } + ratios)[...], "\(name) \(object)")
        compared += 1
      }
    }
    #expect(compared == (expected == "scores-strict" ? 6 : 12))
    // Figures of the first run.
    if expected == "scores-watershed" {
      let objects = try #require(runs[0]["objects"] as? [[String: Any]])
      #expect(objects[0]["density_per_um3"] as? Double == 13800)
      let neighbours = try #require(objects[2]["nearest_neighbour"] as? [String: Any])
      #expect(String(format: "%.2f", try #require(neighbours["min_nm"] as? Double)) == "8.24")
      #expect(String(format: "%.1f", try #require(neighbours["median_nm"] as? Double)) == "43.9")
      #expect(objects[2]["doubles"] as? Int == 1)
    }
  }
}

import Foundation

/// What a user sees of a page, as a browser has it. Each observation throws what does not hold.
struct Observations {
  let browser: Browser
  let pages: Pages

  struct Pages {
    let octopi: String
    /// Where pages and projects are made.
    let work: String
    /// The demo's project with octopi's labels and picks.
    let demo: CheckedProject
    /// `metrics.json` of octopi for the demo at a scale of 0.12.
    let strict: [String: Any]

    /// Makes the page of a project.
    /// - Returns: its path.
    func make(_ project: String, _ name: String, _ options: [String]) throws -> String {
      let process = Process(), output = Pipe()
      process.executableURL = URL(filePath: octopi)
      process.arguments = ["preview", "-c", "config.json", "--picks", "octopi/1", "-o", "\(work)/\(name)", "--quiet"] + options
      process.currentDirectoryURL = URL(filePath: project)
      process.standardError = output
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let errors = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { throw CheckFailure("octopi preview ends with \(process.terminationStatus): \(errors)") }
      return "\(work)/\(name)/preview.html"
    }

    func demo(_ name: String, _ options: [String] = []) throws -> String {
      let path = "\(work)/\(name)/preview.html"
      if FileManager.default.fileExists(atPath: path) { return path }
      return try make(demo.folder, name, ["--truth", "data-portal/0", "--seg-uri", "predict:unet/1"] + options)
    }

    var strictDemo: String { get throws { try demo("strict", ["--distance-threshold-scale", "0.12"]) } }

    func noise(run: String, more: String) throws -> String {
      let folder = "\(work)/project-\(UUID().uuidString)"
      try NoiseProject.write(to: folder, run: run, more: more)
      return try make(folder, UUID().uuidString, ["--slab", "1", "--seg-uri", "predict:octopi/1"])
    }
  }

  static let all: [(what: String, check: @Sendable (Observations) throws -> Void)] = [
    ("no error in the console, no request but the document and data", { try $0.nothingIsFetched() }),
    ("the page opens at TS_1_4, plane 26 of 0 to 95", { try $0.theFirstPlane() }),
    ("PgUp shows the next plane: number, image, spoken text", { try $0.theNextPlane() }),
    ("rings are the picks in reach, where they are and as large", { try $0.rings() }),
    ("a bright voxel and its pick lie on top, after y at the bottom", { try $0.orientation() }),
    ("greys are exactly ours, a label is the blended colour", { try $0.colours() }),
    ("a class that is off has no mark and no fill, the numbers stay", { try $0.classesOff() }),
    ("marks at a scale of 0.12 are the counts of metrics.json", { try $0.outcomes() }),
    ("n visits each error once", { try $0.errorsInTurn() }),
    ("hostile names are text and make no element", { try $0.hostileNames() }),
    ("the scale bar is as long as it says", { try $0.scaleBar() }),
    ("without scripts there are tables and pictures", { try $0.withoutScripts() }),
    ("the address sets run, plane and classes", { try $0.address() }),
    ("the file keeps its budget", { try $0.budget() }),
    ("hit, miss and false alarm differ without colour", { try $0.withoutColour() }),
  ]

  // MARK: Helpers

  func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !holds { throw CheckFailure(otherwise()) }
  }

  func same<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws {
    try expect(value == expected, "\(what) is \(value), not \(expected)")
  }

  /// Drawings of a panel: marks, outlines, scale bar. 0 is the truth, or the bare image; 1 the prediction.
  func panel(_ number: Int) -> String { "document.querySelectorAll('main .stage')[\(number)]" }

  /// Red of each pixel of the image of a panel.
  func greys(_ number: Int = 1) throws -> [Double] {
    try browser.numbers(
      "(c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).filter((v, i) => i % 4 === 0))(\(panel(number)).querySelector('canvas.image'))")
  }

  var shownPlane: String { get throws { try browser.text("document.querySelector('main').dataset.z") } }

  /// Goes to a plane as the slider does.
  func slide(to plane: Int) throws {
    try browser.value("(s => { s.value = \(plane); s.dispatchEvent(new Event('input')); })(document.querySelector('main input[type=range]'))")
    try browser.waitUntilDrawn()
  }

  // MARK: 1 to 3

  private func nothingIsFetched() throws {
    try browser.open(pages.demo("demo"))
    for key in ["PageUp", "PageDown", "m", "l", "l", "p", "p", "t", "t", "e", "e", "i", "i", "a", "y", "y", "]", "[", "+", "ArrowLeft", "0", "n", "?"] {
      try browser.press(key)
    }
    let wrong = browser.events.compactMap { event -> String? in
      switch event.method {
      case "Runtime.exceptionThrown": return "an exception: \(event.parameters)"
      case "Runtime.consoleAPICalled":
        let kind = event.parameters["type"] as? String ?? ""
        return ["error", "warning", "assert"].contains(kind) ? "console \(kind): \(event.parameters["args"] ?? "")" : nil
      case "Log.entryAdded": return "log: \((event.parameters["entry"] as? [String: Any])?["text"] ?? "")"
      case "Network.requestWillBeSent":
        let address = (event.parameters["request"] as? [String: Any])?["url"] as? String ?? ""
        let isOurs = address.hasPrefix("data:") || address.hasPrefix("blob:") || event.parameters["type"] as? String == "Document" && address.hasPrefix("file:")
        return isOurs ? nil : "a request for \(address)"
      default: return nil
      }
    }
    try expect(wrong.isEmpty, wrong.joined(separator: "; "))
    try expect(browser.events.contains { $0.method == "Network.requestWillBeSent" }, "requests were not seen at all")
  }

  private func theFirstPlane() throws {
    try browser.open(pages.demo("demo"))
    try same(browser.text("document.querySelector('main').dataset.run"), "TS_1_4", "data-run")
    try same(shownPlane, "26", "data-z")
    try same(browser.text("(s => s.min + '...' + s.max)(document.querySelector('main input[type=range]'))"), "0...95", "the slider's range")
  }

  private func theNextPlane() throws {
    try browser.open(pages.demo("demo"))
    let spoken = "document.querySelector('main input[type=range]').getAttribute('aria-valuetext')"
    let before = try greys()
    try same(browser.text(spoken), "plane 26, 26.0 nm", "aria-valuetext")
    try browser.press("PageUp")
    try same(shownPlane, "27", "data-z")
    try same(browser.text(spoken), "plane 27, 27.0 nm", "aria-valuetext")
    let after = try greys()
    let changed = zip(before, after).count { $0 != $1 }
    try expect(2 * changed > before.count, "\(changed) of \(before.count) pixels changed")
  }

  // MARK: 4

  private func rings() throws {
    let project = pages.demo, depth = 96
    try browser.open(pages.demo("demo"))
    var compared = 0
    for plane in [26, 0, 51, 95] {
      try slide(to: plane)
      for (number, side) in [("static", "data-portal_0"), ("overlay", "octopi_1")].enumerated() {
        for (index, object) in project.objects.enumerated() {
          guard let radius = object.radius.map({ $0 / project.spacing }) else { continue }
          let expected = try project.picks(side.0, run: "TS_1_4", owner: side.1, object: object.name).compactMap { pick -> [Double]? in
            let distance = abs(pick.z - Double(plane)), home = min(depth - 1, max(0, Int((pick.z - 0.5).rounded(.up))))
            let section = distance < radius ? (radius * radius - distance * distance).squareRoot() : nil
            let drawn = plane == home ? max(section ?? 0, radius / 2) : section
            return drawn.map { [pick.x, pick.y, $0] }
          }.sorted { $0.lexicographicallyPrecedes($1) }
          let found = try browser.numbers(
            "Array.from(\(panel(number)).querySelectorAll('circle.ring[data-class=\"\(index)\"]')).flatMap(c => ['cx', 'cy', 'r'].map(a => Number(c.getAttribute(a))))")
          let drawn = stride(from: 0, to: found.count - found.count % 3, by: 3).map { Array(found[$0..<$0 + 3]) }.sorted { $0.lexicographicallyPrecedes($1) }
          try same(drawn.count, expected.count, "the number of rings of \(object.name) in plane \(plane), panel \(number)")
          for (a, b) in zip(drawn, expected) {
            try expect(zip(a, b).allSatisfy { abs($0 - $1) <= 0.01 }, "a ring of \(object.name) in plane \(plane) is \(a), not \(b)")
          }
          compared += expected.count
        }
      }
    }
    try expect(compared > 60, "only \(compared) rings were compared")
  }

  // MARK: 5, 6

  private func orientation() throws {
    let noise = NoiseProject.self
    try browser.open(pages.noise(run: "noise", more: "membrane"))
    for (key, row) in [(nil, noise.bright.y), ("y", noise.height - 1 - noise.bright.y)] as [(String?, Int)] {
      if let key { try browser.press(key) }
      let pixels = try greys(), brightest = pixels.indices.filter { pixels[$0] == pixels.max() }
      try same(brightest, [row * noise.width + noise.bright.x], "the place of the brightest pixel")
      let ring = try browser.numbers("(c => [c.getAttribute('cx'), c.getAttribute('cy')].map(Number))(\(panel(1)).querySelector('circle.ring'))")
      try same(ring, [Double(noise.bright.x), Double(row)], "the centre of its ring")
      // The mark lies where the pixel is drawn: the middle of the pixel on the screen is the middle of the ring.
      let middles = try browser.numbers(
        """
        (stage => {
          const image = stage.querySelector("canvas.image").getBoundingClientRect(), ring = stage.querySelector("circle.ring").getBoundingClientRect();
          const edge = image.width / \(noise.width);
          return [image.x + (\(noise.bright.x) + 0.5) * edge - ring.x - ring.width / 2, image.y + (\(row) + 0.5) * edge - ring.y - ring.height / 2];
        })(\(panel(1)))
        """)
      try expect(middles.allSatisfy { abs($0) <= 0.5 }, "the ring lies \(middles) px beside its pixel")
    }
  }

  private func colours() throws {
    let noise = NoiseProject.self
    try browser.open(pages.noise(run: "noise", more: "membrane"))
    for plane in 0..<noise.depth {
      try slide(to: plane)
      try same(greys(), noise.greys(z: plane), "the greys of plane \(plane)")
    }
    try slide(to: 1)
    let x = 1, y = 2, grey = noise.greys(z: 1)[y * noise.width + x]
    let place = try browser.numbers(
      "(b => [b.x + scrollX + \(Double(x) + 0.5) * b.width / \(noise.width), b.y + scrollY + \(Double(y) + 0.5) * b.height / \(noise.height)])(\(panel(1)).querySelector('svg').getBoundingClientRect())")
    try expect(place.count == 2, "there is no panel")
    let pixel = try browser.pixels(browser.screenshot(x: place[0].rounded(), y: place[1].rounded(), width: 1, height: 1))
    let expected = noise.colour.map { 0.4 * $0 + 0.6 * grey }
    // Canvases keep colours times opacity in 8 bits.
    try expect(zip(pixel, expected).allSatisfy { abs($0 - $1) <= 2 }, "a label over grey \(grey) is \(pixel), not \(expected)")
  }
}

import Foundation

extension Observations {
  // MARK: 7 to 9

  func classesOff() throws {
    try browser.open(pages.demo("demo"))
    let drawn = "document.querySelectorAll('main .stage [data-class=\"2\"]').length"
    let colour = try browser.text("document.querySelectorAll('main [aria-label=classes] rect')[2].getAttribute('fill')")
    let fill = """
      (c => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0;
        const [r, g, b] = [1, 3, 5].map(i => parseInt("\(colour)".slice(i, i + 2), 16));
        for (let i = 0; i < d.length; i += 4) n += d[i + 3] > 0 && Math.abs(d[i] - r) + Math.abs(d[i + 1] - g) + Math.abs(d[i + 2] - b) < 9;
        return n + \(panel(1)).querySelectorAll("path[stroke='\(colour)'][stroke-width='1']").length; })(\(panel(1)).querySelector("canvas.labels"))
      """
    let numbers = "document.querySelector('aside').textContent", before = try browser.text(numbers)
    try expect(try browser.number(drawn) > 0 && browser.number(fill) > 0, "the class is not drawn at first")
    let others = try browser.number("document.querySelectorAll('main .stage [data-class=\"3\"]').length")
    try browser.press("3")
    try same(browser.number(drawn), 0, "the number of its marks")
    try same(browser.number(fill), 0, "the number of its labels")
    try same(browser.number("document.querySelectorAll('main .stage [data-class=\"3\"]').length"), others, "the number of other marks")
    try same(browser.text(numbers), before, "the table")
    try same(browser.text("document.querySelectorAll('main [aria-label=classes] button')[2].getAttribute('aria-pressed')"), "false", "aria-pressed")
    try browser.press("3")
    try expect(try browser.number(drawn) > 0, "the class does not come back")
  }

  /// Hits, false alarms and misses of one class of TS_1_4 in `metrics.json`.
  private func counts(_ object: String) throws -> [Double] {
    let run = (pages.strict["metrics"] as? [String: Any])?["TS_1_4"] as? [String: Any], scores = run?[object] as? [String: Any]
    let found = ["true_positives", "false_positives", "false_negatives"].compactMap { (scores?[$0] as? NSNumber)?.doubleValue }
    try expect(found.count == 3, "metrics.json has no counts of \(object)")
    return found
  }

  func outcomes() throws {
    try browser.open(pages.strictDemo)
    // Every mark that any plane shows, each once.
    let seen = """
      (() => { const slider = document.querySelector("main input[type=range]"), seen = new Map();
        for (let k = Number(slider.min); k <= Number(slider.max); k++) {
          slider.value = k;
          slider.dispatchEvent(new Event("input"));
          for (const ring of document.querySelectorAll("main circle.ring")) seen.set(ring.dataset.mark, ring.dataset.class + " " + ring.dataset.outcome);
        }
        return Array.from(seen.values()); })()
      """
    let marks = try browser.value(seen) as? [String] ?? []
    for (object, known) in [("ribosome", [8, 4, 3]), ("virus-like-particle", [11, 1, 1])] as [(String, [Double])] {
      let expected = try counts(object)
      try same(expected, known, "octopi's count of \(object)")
      let index = pages.demo.objects.firstIndex { $0.name == object } ?? -1
      let drawn = ["hit", "false alarm", "miss"].map { outcome in Double(marks.count { $0 == "\(index) \(outcome)" }) }
      try same(drawn, expected, "hits, false alarms, misses of \(object) as drawn")
      let cells = try browser.numbers(
        """
        Array.from(document.querySelector("[data-numbers='0'] table").tBodies[0].rows).filter(row => row.cells[0].textContent.trim() === "\(object)")
          .flatMap(row => [3, 4, 5].map(i => Number(row.cells[i].textContent)))
        """)
      try same(cells, expected, "hits, false alarms, misses of \(object) in the table")
    }
  }

  func errorsInTurn() throws {
    try browser.open(pages.strictDemo)
    let objects = pages.demo.objects.filter { $0.radius != nil }.map(\.name)
    let expected = try objects.reduce(0) { sum, object in
      let scored = try? counts(object)
      return try sum + Int(scored.map { $0[1] + $0[2] } ?? errorsInTable(object))
    }
    try expect(expected > 8, "only \(expected) errors")
    var visited: [String] = []
    for _ in 0..<expected {
      try browser.press("n")
      visited.append(try browser.text("document.querySelector('main').dataset.error"))
    }
    try same(Set(visited).count, expected, "the number of errors visited")
    try browser.press("n")
    try same(browser.text("document.querySelector('main').dataset.error"), visited[0], "the error after the last one")
    try browser.press("N")
    try same(browser.text("document.querySelector('main').dataset.error"), visited[expected - 1], "the error before the first one")
  }

  /// False alarms and misses of a class that octopi's strict scores leave out.
  private func errorsInTable(_ object: String) throws -> Double {
    let cells = try browser.numbers(
      """
      Array.from(document.querySelector("[data-numbers='0'] table").tBodies[0].rows).filter(row => row.cells[0].textContent.trim() === "\(object)")
        .flatMap(row => [4, 5].map(i => Number(row.cells[i].textContent)))
      """)
    return cells.reduce(0, +)
  }

  // MARK: 10, 11

  func hostileNames() throws {
    let run = "<img src=x onerror=boom()>\"'&", object = "</script>"
    try browser.open(pages.noise(run: run, more: object))
    try same(browser.text("document.querySelector('main').dataset.run"), run, "data-run")
    try same(browser.number("document.images.length"), 0, "the number of images")
    try same(browser.number("document.scripts.length"), 3, "the number of scripts")
    try same(browser.text("document.querySelector('nav a').textContent"), run, "the link")
    try expect(browser.text("document.querySelector('main h2').textContent").hasPrefix(run), "the heading does not begin with the name")
    try same(browser.text("document.querySelectorAll('main [aria-label=classes] bdi')[1].textContent"), object, "the switch of the class")
    try expect(browser.text("document.querySelector('footer').textContent").contains(object), "the legend does not have the class")
    try same(browser.number("document.querySelectorAll('[onerror], [src^=x]').length"), 0, "the number of smuggled attributes")
    try expect(!browser.events.contains { $0.method == "Runtime.exceptionThrown" }, "a script failed")
  }

  func scaleBar() throws {
    for page in [try pages.demo("demo"), try pages.noise(run: "noise", more: "membrane")] {
      try browser.open(page)
      let found = try browser.numbers(
        """
        (stage => {
          const svg = stage.querySelector("svg"), bar = stage.querySelector("path.bar");
          const text = Array.from(stage.querySelectorAll("text")).find(t => t.textContent.endsWith(" nm"));
          return [parseFloat(text.textContent), bar.getBoundingClientRect().width / svg.getBoundingClientRect().width * svg.viewBox.baseVal.width];
        })(\(panel(1)))
        """)
      try expect(found.count == 2, "there is no scale bar")
      let width = try browser.number("\(panel(1)).querySelector('svg').viewBox.baseVal.width"), voxel = pages.demo.spacing / 10
      let length = found[1] * voxel
      try expect(abs(length - found[0]) <= 0.02 * found[0], "a bar of \(length) nm says \(found[0]) nm")
      let room = width * voxel / 4, isLongest = found[0] <= room && 2.5 * found[0] > room
      try expect(isLongest, "\(found[0]) nm is not the longest of 1, 2, 5 x 10^n below \(room) nm")
    }
  }

  // MARK: 12 to 15

  func withoutScripts() throws {
    try browser.open(pages.demo("demo"), isScripted: false)
    try browser.wait(for: "Array.from(document.images).every(image => image.complete)")
    try same(browser.number("Array.from(document.images).filter(image => image.naturalWidth > 100).length"), 3, "the number of pictures")
    // Two tables a run, and two for the sums.
    try same(browser.number("Array.from(document.querySelectorAll('table')).filter(table => table.getClientRects().length > 0).length"), 8, "the number of tables")
    try same(browser.number("document.querySelectorAll('main .stage').length"), 0, "the number of panels")
  }

  func address() throws {
    try browser.open(pages.demo("demo"), fragment: "run=TS_6_6&z=30&off=membrane&off=ribosome&y=up")
    for (name, expected) in [("run", "TS_6_6"), ("z", "30"), ("flip", "up")] {
      try same(browser.text("document.querySelector('main').dataset.\(name)"), expected, "data-\(name)")
    }
    let off = "Array.from(document.querySelectorAll('main [aria-label=classes] [aria-pressed=false] bdi')).map(b => b.textContent).sort().join()"
    try same(browser.text(off), "membrane,ribosome", "what is off")
    try browser.press("PageUp")
    try same(browser.text("location.hash"), "#run=TS_6_6&z=31&off=membrane&off=ribosome&y=up", "the address after PgUp")
  }

  func budget() throws {
    for (name, options, most) in [("demo", [], 16 << 20), ("small", ["--budget", "2M"], 2 << 20)] as [(String, [String], Int)] {
      let page = try pages.demo(name, options)
      let bytes = try FileManager.default.attributesOfItem(atPath: page)[.size] as? Int ?? .max
      try expect(bytes <= most, "\(name) has \(bytes) bytes, more than \(most)")
      try expect(4 * bytes > most, "\(name) has \(bytes) bytes, little of \(most)")
      try browser.open(page)
      try same(browser.text("document.querySelector('main').dataset.run"), "TS_1_4", "data-run")
    }
  }

  func withoutColour() throws {
    try browser.open(pages.strictDemo)
    var shapes: [String: [Bool]] = [:]
    for outcome in ["hit", "false alarm", "miss"] {
      // The first such mark of the class at its home plane, alone on black: whatever differs then is the mark itself.
      let place = try browser.numbers(
        """
        (() => { const slider = document.querySelector("main input[type=range]");
          for (let k = Number(slider.min); k <= Number(slider.max); k++) {
            slider.value = k;
            slider.dispatchEvent(new Event("input"));
            const ring = document.querySelector("main circle.ring[data-class='2'][data-outcome='\(outcome)']");
            if (!ring || !ring.parentNode.querySelector(".centre")) continue;
            const next = Array.from(ring.parentNode.children), centre = next[next.indexOf(ring) + 2];
            if (!centre || !centre.matches(".centre")) continue;
            document.documentElement.style.filter = "grayscale(1)";
            for (const shown of document.querySelectorAll("main canvas, main .stage svg > g > *")) shown.style.visibility = "hidden";
            for (const part of [ring, centre]) part.style.visibility = "visible";
            const box = ring.getBoundingClientRect();
            return [box.x + scrollX + box.width / 2, box.y + scrollY + box.height / 2];
          }
          return []; })()
        """)
      try expect(place.count == 2, "no ribosome is a \(outcome)")
      let pixels = try browser.pixels(browser.screenshot(x: (place[0] - 8).rounded(), y: (place[1] - 8).rounded(), width: 16, height: 16))
      try same(pixels.count, 4 * 256, "the number of values of the picture")
      let first = Array(stride(from: 0, to: pixels.count, by: 4)), isGrey = first.allSatisfy { pixels[$0] == pixels[$0 + 1] && pixels[$0] == pixels[$0 + 2] }
      try expect(isGrey, "the picture is not grey")
      let lit = first.map { pixels[$0] > 70 }
      try expect(lit.count { $0 } > 10, "the centre of a \(outcome) is not seen")
      shapes[outcome] = lit
    }
    for (a, b) in [("hit", "false alarm"), ("hit", "miss"), ("miss", "false alarm")] {
      let different = zip(shapes[a] ?? [], shapes[b] ?? []).count { $0 != $1 }
      try expect(different >= 12, "the centres of a \(a) and a \(b) differ in \(different) pixels only")
    }
  }
}

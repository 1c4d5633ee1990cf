/// The parts of a page that need no script: heading, tables, legend.
struct PageText {
  let scene: PreviewScene

  private func text(_ value: String) -> String { "<bdi>" + Markup.escaped(value) + "</bdi>" }

  var header: String {
    let sources = scene.sourceLines.map { "<p>\(text($0))</p>\n" }.joined()
    let links = scene.runs.enumerated().map { index, run in
      let address = Markup.percent(Markup.visible(run.source.name))
      let score = scene.numbers.counts.map { counts in
        " <span>\(beta) \(fixed(counts[index].fScore(beta: scene.options.beta), digits: 3))</span>"
      }
      return "<li><a data-run=\"\(index)\" href=\"#run=\(address)\">\(text(run.source.name))</a>\(score ?? "")</li>\n"
    }
    return "<header>\n<h1>octopi preview</h1>\n\(sources)</header>\n<nav aria-label=\"Runs\">\n<ul>\n\(links.joined())</ul>\n</nav>\n"
  }

  private var beta: String { "F\(scene.options.beta)" }

  // MARK: Numbers

  /// - place: of the run among those with pictures, which the script goes by; nil: always shown.
  func numbers(_ index: Int, place: Int?) -> String {
    let run = scene.runs[index], numbers = scene.numbers.runs[index]
    let hook = place.map { " data-numbers=\"\($0)\"" } ?? ""
    let shape = "\(run.shape) voxels of \(shortest(run.source.spacing.angstrom)) A"
    var html = "<section\(hook)>\n<h2>\(text(run.source.name))</h2>\n<p>\(text(run.source.tomogram)), \(shape)</p>\n"
    if let counts = scene.numbers.counts?[index] { html += summary(counts) }
    html += tables(numbers) { numbers[$0].score?.entries }
    let overlaps = scene.numbers.overlaps[index]
    if !overlaps.isEmpty {
      html += "<h3>Picks of two classes nearer than the smaller radius</h3>\n<ul>\n"
      for overlap in overlaps {
        html += "<li>\(text(scene.classes[overlap.first].name)), \(text(scene.classes[overlap.second].name)): \(overlap.pairs)</li>\n"
      }
      html += "</ul>\n"
    }
    if place == nil { html += "<p>No pictures of this run fit into the page. <code>\(text(scene.command(for: run.source)))</code></p>\n" }
    return html + "</section>\n"
  }

  var sums: String {
    let counts = scene.numbers.counts.map { $0.reduce(into: MatchCounts()) { $0.add($1) } }
    return "<section>\n<h2>All \(scene.runs.count) runs</h2>\n" + (counts.map(summary) ?? "") + tables(scene.numbers.sums, scene.summedScore) + "</section>\n"
  }

  private func summary(_ counts: MatchCounts) -> String {
    "<p>\(counts.truePositives) hits, \(counts.falsePositives) false alarms, \(counts.falseNegatives) misses, "
      + "\(beta) \(fixed(counts.fScore(beta: scene.options.beta), digits: 3))</p>\n"
  }

  private func tables(_ numbers: [ClassNumbers], _ score: (Int) -> [PythonValue.Member]?) -> String {
    var html = ""
    if scene.options.truthName != nil {
      html += table(
        "As octopi evaluate counts",
        ["class", "predicted", "true", "hits", "false alarms", "misses", "precision", "recall", "F1", beta, "doubles", "t nm", "hits off nm"],
        numbers.indices.filter { scene.classes[$0].isParticle }.map { scores(numbers[$0], $0, score($0)) })
    }
    html += table(
      "Where and how many",
      ["class", "picks", "outside", "R nm", "picks per um^3", "nearest nm", "median nm", "nearer than R", "labels nm^3", "neighbours", "scores"],
      numbers.indices.map { sizes(numbers[$0], $0) })
    return html + "<p>Density: of the whole box, empty parts included. Neighbours: nearest pick of the class, 0 to 4 R, the line at 2 R; "
      + "nearer than R: perhaps one particle.</p>\n"
  }

  private func scores(_ numbers: ClassNumbers, _ index: Int, _ score: [PythonValue.Member]?) -> [String] {
    func ratio(_ name: String) -> String {
      switch score?.first(where: { $0.name == name })?.value {
      case .float(let value)?: fixed(value, digits: 3)
      case .int(let value)?: "\(value)"
      default: "-"
      }
    }
    return [
      head(index), "\(numbers.predicted)", "\(numbers.truth)", ratio("true_positives"), ratio("false_positives"), ratio("false_negatives"),
      ratio("precision"), ratio("recall"), ratio("f1_score"), ratio("fbeta_score"), "\(numbers.doubles)", length(scene.threshold(index)),
      length(ClassNumbers.median(numbers.hitDistances)),
    ]
  }

  private func sizes(_ numbers: ClassNumbers, _ index: Int) -> [String] {
    let shown = scene.classes[index], radius = shown.radius
    guard shown.isParticle else {
      return [head(index), "-", "-", length(radius.map { $0 / 10 }), "-", "-", "-", "-", numbers.labelVolume.map { fixed($0, digits: 0) } ?? "-", "", ""]
    }
    let histogram = numbers.neighbourHistogram(radius).map { PageText.bars($0, line: 12, "distances of nearest neighbours, 24 bins to 4 R") }
    let scores = numbers.scoreHistogram.map { found in
      "\(fixed(found.low, digits: 3)) to \(fixed(found.high, digits: 3)) " + PageText.bars(found.bins, line: nil, "scores, lowest to highest")
    }
    return [
      head(index), "\(numbers.predicted)", "\(numbers.outside)", length(radius.map { $0 / 10 }), shortest(numbers.density),
      length(numbers.neighbours.first), length(ClassNumbers.median(numbers.neighbours)), radius == nil ? "-" : "\(numbers.tooNear(radius))",
      numbers.labelVolume.map { fixed($0, digits: 0) } ?? "-", histogram ?? "-", numbers.predicted == 0 ? "-" : scores ?? "no score",
    ]
  }

  private func head(_ index: Int) -> String { PageText.swatch(scene.colours[index]) + " " + text(scene.classes[index].name) }

  private func length(_ nanometres: Double?) -> String { nanometres.map { fixed($0, digits: 2) } ?? "-" }

  private func table(_ caption: String, _ columns: [String], _ rows: [[String]]) -> String {
    let heads = columns.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.enumerated().map { $0.offset == 0 ? "<th scope=\"row\">\($0.element)</th>" : "<td>\($0.element)</td>" }.joined() + "</tr>\n"
    }
    return "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"\(caption)\">\n<table>\n<caption>\(caption)</caption>\n"
      + "<thead><tr>\(heads)</tr></thead>\n<tbody>\n\(body.joined())</tbody>\n</table>\n</div>\n"
  }

  // MARK: Small pictures

  private static func swatch(_ colour: RGB) -> String {
    "<svg width=\"10\" height=\"10\" viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" height=\"10\" fill=\"\(colour.hexadecimal)\"/></svg>"
  }

  /// - line: the bin before which a line is drawn.
  private static func bars(_ counts: [Int], line: Int?, _ label: String) -> String {
    let highest = max(1, counts.max() ?? 1)
    var path = ""
    for (index, count) in counts.enumerated() where count > 0 {
      let height = max(1, (20 * count + highest / 2) / highest)
      path += "M\(4 * index) 20h3v-\(height)h-3z"
    }
    let text = label + ": " + counts.map(String.init).joined(separator: " ")
    let mark = line.map { "<path d=\"M\(4 * $0) 0v20\" stroke=\"currentColor\" stroke-dasharray=\"2 2\" fill=\"none\"/>" } ?? ""
    return "<svg class=\"histogram\" width=\"\(4 * counts.count)\" height=\"20\" viewBox=\"0 0 \(4 * counts.count) 20\" role=\"img\">"
      + "<title>\(text)</title><path d=\"\(path)\" fill=\"currentColor\"/>\(mark)</svg>"
  }

  private static func sample(_ outcome: PickOutcome) -> String {
    let pen = PanelPainter.pen(outcome), dash = pen.dash.map { " stroke-dasharray=\"\(shortest($0.on)) \(shortest($0.off))\"" } ?? ""
    let centre = switch outcome {
    case .hit, .plain: "<path d=\"M8 12h8M12 8v8\"/>"
    case .falseAlarm: "<path d=\"M8 8l8 8M8 16l8-8\"/>"
    case .miss: "<circle cx=\"12\" cy=\"12\" r=\"3\"/>"
    case .found: ""
    }
    return "<svg width=\"24\" height=\"24\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\">"
      + "<circle cx=\"12\" cy=\"12\" r=\"10\" stroke-width=\"\(shortest(pen.width))\"\(dash)/>\(centre)</svg>"
  }

  // MARK: Legend

  var footer: String {
    var html = "<footer>\n<h2>Legend</h2>\n<ul>\n"
    for index in scene.classes.indices {
      let shown = scene.classes[index]
      let radius = shown.radius.map { ", R \(fixed($0 / 10, digits: 1)) nm" } ?? (shown.isParticle ? ", no radius: rings of 5 px" : "")
      html += "<li>\(head(index))\(radius)</li>\n"
    }
    let marks = Set(scene.runs.flatMap { $0.marks.map(\.outcome) })
    for outcome in PickOutcome.allCases where marks.contains(outcome) {
      html += "<li>\(PageText.sample(outcome)) \(outcome.explanation(hasTruth: scene.options.truthName != nil))</li>\n"
    }
    html += "</ul>\n<p>A ring is the section of the particle's sphere with the plane; the mark in its middle is in the plane nearest to the pick. "
    html += "Greys: 0.5 to 99.5 % of the middle planes at first, dark is dense unless inverted.</p>\n"
    html += "<details id=\"keys\"><summary>Keys</summary>\n<dl>\n"
    for (keys, what) in PageText.keys { html += "<dt><kbd>\(Markup.escaped(keys))</kbd></dt><dd>\(what)</dd>\n" }
    return html + "</dl></details>\n</footer>\n"
  }

  private static let keys = [
    ("PgUp PgDn, . ,", "next, previous plane; with Shift ten"), ("Insert", "middle plane"), ("m", "best plane"),
    ("n N", "next, previous error"), ("[ ]", "previous, next run"), ("+ - 0", "larger, smaller, whole"), ("arrows", "move"),
    ("1-9", "class on or off"), ("l", "labels"), ("p", "picks"), ("t", "truth"), ("e", "errors only"), ("i", "invert"),
    ("a", "contrast as at first"), ("y", "y up or down"), ("?", "these keys"),
  ]
}

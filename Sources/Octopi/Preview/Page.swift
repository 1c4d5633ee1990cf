import Kernels

/// The page of a preview as bytes of HTML.
///
/// One file without requests: pictures are data URIs, the script and the style are named by their hashes in a content security policy, so
/// that nothing a name smuggles in could run or load.
struct Page {
  let scene: PreviewScene

  /// The images of one run.
  struct Images {
    let plan: RunPlan
    let contrast: Contrast
    let greys: [[UInt8]]
    /// PNG of numbers of classes plus 1; nil without labels.
    let labels: [[UInt8]]?
    /// What a browser multiplies numbers of classes by: 17 for 4 bits a pixel.
    let labelScale: Int
  }

  /// - runs: nil where there is room for numbers only.
  /// - pictures: one flat PNG a run, for browsers without scripts; nil where there is none.
  /// - browsed: runs with all their planes.
  func bytes(_ runs: [Images?], pictures: [[UInt8]?], browsed: Int) -> [UInt8] {
    let script = PackageResources.page_js, style = PackageResources.page_css
    var html: [UInt8] = []
    func add(_ text: String) { html += Array(text.utf8) }
    let policy = "default-src 'none'; img-src data: blob:; style-src 'sha256-\(Page.hash(style))'; script-src 'sha256-\(Page.hash(script))'"
    add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n")
    add("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    add("<title>\(Markup.escaped(title))</title>\n<style>")
    html += style
    add("</style>\n</head>\n<body>\n")
    add(PageText(scene: scene).header)
    let shown = runs.indices.filter { runs[$0] != nil }
    add("<main id=\"view\">\n<noscript>\n")
    for (index, picture) in pictures.enumerated() {
      guard let picture else { continue }
      let run = scene.runs[index]
      let caption = "\(run.source.name), plane \(run.best), with labels and picks"
      add("<figure><figcaption><bdi>\(Markup.escaped(caption))</bdi></figcaption><img alt=\"\(Markup.escaped(caption))\" src=\"data:image/png;base64,")
      html += Base64.bytes(picture)
      add("\"></figure>\n")
    }
    add("</noscript>\n</main>\n<p id=\"live\" role=\"status\" aria-live=\"polite\"></p>\n")
    let text = PageText(scene: scene)
    add("<aside aria-label=\"Numbers\">\n")
    for index in scene.runs.indices { add(text.numbers(index, place: shown.firstIndex(of: index))) }
    if scene.runs.count > 1 { add(text.sums) }
    add("</aside>\n")
    add(text.footer)
    add("<script type=\"application/json\" id=\"data\">")
    add(Markup.json(data(runs, browsed: browsed)))
    add("</script>\n")
    for (place, index) in shown.enumerated() {
      guard let images = runs[index] else { continue }
      add("<script type=\"application/json\" id=\"planes-\(place)\">{\"images\":[")
      Page.add(images.greys, to: &html)
      add("],\"labels\":")
      if let labels = images.labels {
        add("[")
        Page.add(labels, to: &html)
        add("]")
      } else {
        add("null")
      }
      add("}</script>\n")
    }
    add("<script>")
    html += script
    add("</script>\n</body>\n</html>\n")
    return html
  }

  private var title: String {
    let names = scene.runs.prefix(3).map(\.source.name).joined(separator: ", ")
    return "octopi preview: " + names + (scene.runs.count > 3 ? " and \(scene.runs.count - 3) more" : "")
  }

  private static func add(_ pictures: [[UInt8]], to html: inout [UInt8]) {
    for (index, picture) in pictures.enumerated() {
      html += Array((index > 0 ? ",\"" : "\"").utf8)
      html += Base64.bytes(picture)
      html.append(UInt8(ascii: "\""))
    }
  }

  private static func hash(_ bytes: [UInt8]) -> String {
    let digits = Array(SHA256.digest(bytes).utf8)
    let digest = stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) }
    return String(decoding: Base64.bytes(digest), as: UTF8.self)
  }

  // MARK: Data

  private func data(_ runs: [Images?], browsed: Int) -> PythonValue {
    let options = scene.options
    return [
      "classes": .array(
        scene.classes.enumerated().map { ["name": .string(Markup.visible($0.element.name)), "colour": .string(scene.colours[$0.offset].hexadecimal)] }),
      "outcomes": .object(PickOutcome.allCases.map { .init($0.rawValue, .string($0.colour.hexadecimal)) }),
      "outcomeNames": .array(PickOutcome.allCases.map { .string($0.rawValue) }), "opacity": .float(options.opacity),
      "invert": .bool(options.isInverted), "yUp": .bool(options.isYUp), "truth": .optional(options.truthName.map(Markup.visible)),
      "runs": .array(
        runs.enumerated().compactMap { index, images in images.map { run(index, $0, isBrowsed: index < browsed) } }),
    ]
  }

  private func run(_ index: Int, _ images: Images, isBrowsed: Bool) -> PythonValue {
    let run = scene.runs[index], plan = images.plan
    func pair(_ limits: GreyLimits?) -> PythonValue { limits.map { [.float($0.low), .float($0.high)] } ?? .null }
    func number(_ value: Double?) -> PythonValue { value.map(PythonValue.float) ?? .null }
    let marks = run.marks.map { mark -> PythonValue in
      [
        .int(mark.classIndex), .int(PickOutcome.allCases.firstIndex(of: mark.outcome) ?? 0), .int(mark.isTruth ? 1 : 0), .float(mark.x),
        .float(mark.y), .float(mark.z), number(mark.radius), number(mark.score), number(mark.distance), .int(plan.nearest(to: mark.z)),
      ]
    }
    let isPartial = !isBrowsed && run.shape.z > 1
    return [
      "name": .string(Markup.visible(run.source.name)), "tomogram": .string(Markup.visible(run.source.tomogram)),
      "shape": .array(run.shape.axes.map(PythonValue.int)), "spacing": .float(run.source.spacing.angstrom), "bin": .int(plan.bin),
      "width": .int(plan.width), "height": .int(plan.height), "planes": .array(plan.planes.map(PythonValue.int)),
      "thickness": .int(plan.thickness), "best": .int(plan.nearest(to: Double(run.best))), "stored": pair(images.contrast.stored),
      "shown": pair(images.contrast.shown), "labelScale": .int(images.labelScale), "marks": .array(marks),
      "command": isPartial ? .optional(scene.options.command.isEmpty ? nil : Markup.visible(scene.command(for: run.source))) : .null,
    ]
  }
}

extension PreviewScene {
  /// The command line for one run: the last of a repeated option counts.
  func command(for run: PreviewRun) -> String {
    run.command ?? (options.commandForRuns ?? options.command) + " --run-ids " + Markup.shell(run.name)
  }
}

/// Texts of a project inside of markup.
enum Markup {
  /// Control characters, also those that turn the direction of what follows, become U+FFFD.
  static func visible(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      let isNoCharacter = scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
      result.append(isControl || isNoCharacter ? "\u{FFFD}" : scalar)
    }
    return String(result)
  }

  /// For text and for attributes in quotes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in visible(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// JSON that can stand in a script element: ASCII, without `<`.
  static func json(_ value: PythonValue) -> String { PythonJSON.text(value).replacing("<", with: "\\u003c") }

  /// A value in the fragment of an address.
  static func percent(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  static func shell(_ word: String) -> String {
    let isSafe = !word.isEmpty && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    return isSafe ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

/// Base64 (RFC 4648).
enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func bytes(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let a = bytes[index], b = index + 1 < bytes.count ? bytes[index + 1] : 0, c = index + 2 < bytes.count ? bytes[index + 2] : 0
      text.append(digits[Int(a >> 2)])
      text.append(digits[Int((a & 3) << 4 | b >> 4)])
      text.append(index + 1 < bytes.count ? digits[Int((b & 15) << 2 | c >> 6)] : UInt8(ascii: "="))
      text.append(index + 2 < bytes.count ? digits[Int(c & 63)] : UInt8(ascii: "="))
      index += 3
    }
    return text
  }
}

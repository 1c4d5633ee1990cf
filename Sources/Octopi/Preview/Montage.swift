import Kernels

/// The picture of all runs side by side.
struct Montage {
  let scene: PreviewScene
  /// Edge of a panel, and panels in a row.
  let edge: Int, columns: Int
  let showsOverlayOnly: Bool
  /// Runs shown.
  let shown: Int

  init(_ scene: PreviewScene) {
    self.scene = scene
    let count = scene.runs.count
    shown = min(count, 60)
    showsOverlayOnly = count > 24
    switch count {
    case ...1: (edge, columns) = (1000, 1)
    case 2: (edge, columns) = (800, 2)
    case 3: (edge, columns) = (640, 3)
    case ...24: (edge, columns) = (480, 4)
    default: (edge, columns) = (320, 6)
    }
  }

  /// Voxels that make a pixel, or pixels that a voxel makes.
  static func scaling(_ shape: VolumeShape, edge: Int) -> (bin: Int, zoom: Int) {
    let longer = max(shape.x, shape.y)
    return longer > edge ? ((longer + edge - 1) / edge, 1) : (1, min(8, edge / max(1, longer)))
  }

  /// One run: bare, with what was predicted, with the truth.
  struct Cell {
    let title: [String]
    let panels: [Raster]
    /// Marks in the plane, by class.
    let inPlane: [Int]
  }

  static let gap = 16, titleHeight = 24

  /// - limits: contrast of each run.
  func cell(_ index: Int, _ content: PanelContent) -> Cell {
    let run = scene.runs[index], painter = PanelPainter(style: scene.style, shape: run.shape, spacing: run.source.spacing)
    let zoom = Montage.scaling(run.shape, edge: edge).zoom
    let marks = run.marks.map { (mark: $0, home: run.home($0)) }
    let predicted = marks.filter { !$0.mark.isTruth }
    var panels: [Raster] = []
    if !showsOverlayOnly { panels.append(painter.paint(content, zoom: zoom, marks: [], showsLabels: false)) }
    panels.append(painter.paint(content, zoom: zoom, marks: predicted, showsLabels: true))
    if !showsOverlayOnly, scene.options.truthName != nil {
      panels.append(painter.paint(content, zoom: zoom, marks: marks.filter(\.mark.isTruth), showsLabels: false))
    }
    let inPlane = scene.classes.indices.map { index in
      predicted.count { $0.mark.classIndex == index && $0.mark.sectionRadius(plane: content.plane, home: $0.home) != nil }
    }
    return Cell(title: Montage.title(run, content), panels: panels, inPlane: inPlane)
  }

  /// `TS_1_4  wbp@10`, `96 x 160 x 160  z 26 (26.0 nm), mean of 3`.
  static func title(_ run: PreviewScene.Run, _ content: PanelContent) -> [String] {
    let place = fixed(Double(content.plane) * run.source.spacing.angstrom / 10, digits: 1)
    return ["\(run.source.name)  \(run.source.tomogram)", "\(run.shape)  z \(content.plane) (\(place) nm), mean of \(content.thickness)"]
  }

  // MARK: Layout

  func picture(_ cells: [Cell]) -> Raster {
    let rows = stride(from: 0, to: cells.count, by: columns).map { cells[$0..<min(cells.count, $0 + columns)] }
    let perRow = min(columns, max(1, cells.count))
    let width = max(480, perRow * edge + (perRow + 1) * Montage.gap)
    let legend = self.legend(cells)
    let scale = width >= 900 ? 2 : 1
    let legendLines = legend.map { $0.wrapped(width: width - 2 * Montage.gap, scale: scale) }
    let legendHeight = legendLines.reduce(0) { $0 + $1 } * LegendLine.height * scale + Montage.gap
    var height = Montage.gap + legendHeight
    let heights = rows.map { row in
      (0..<(row.first?.panels.count ?? 0)).map { panel in row.map { $0.panels[panel].height }.max() ?? 0 }
    }
    let titles = rows.map { row in row.map { titleLines($0.title) }.map { $0.lines.count * LegendLine.height * $0.scale + 6 }.max() ?? 0 }
    for (row, panels) in heights.enumerated() { height += titles[row] + panels.reduce(0) { $0 + $1 + Montage.gap / 2 } + Montage.gap }
    var raster = Raster(width: width, height: height)
    var y = Montage.gap
    for (number, row) in rows.enumerated() {
      for (column, cell) in row.enumerated() {
        let x = Montage.gap + column * (edge + Montage.gap), title = titleLines(cell.title)
        for (line, text) in title.lines.enumerated() { raster.text(text, x: x, y: y + line * LegendLine.height * title.scale, scale: title.scale) }
        var top = y + titles[number]
        for (panel, height) in zip(cell.panels, heights[number]) {
          raster.place(panel, x: x + (edge - panel.width) / 2, y: top + (height - panel.height) / 2)
          top += height + Montage.gap / 2
        }
      }
      y += titles[number] + heights[number].reduce(0) { $0 + $1 + Montage.gap / 2 } + Montage.gap
    }
    for (line, rows) in zip(legend, legendLines) {
      line.draw(&raster, x: Montage.gap, y: y, width: width - 2 * Montage.gap, scale: scale, scene.style)
      y += rows * LegendLine.height * scale
    }
    return raster
  }

  /// A title in as large letters as fit: in one line, else in two.
  private func titleLines(_ title: [String]) -> (lines: [String], scale: Int) {
    let whole = title.joined(separator: "  "), room = edge + Montage.gap - 4
    for scale in [2, 1] {
      for lines in [[whole], title] where lines.allSatisfy({ Raster.textWidth($0, scale: scale) <= room }) { return (lines, scale) }
    }
    return (title.map { BitmapFont.shortened($0, to: room / BitmapFont.advance) }, 1)
  }

  // MARK: Legend

  private func legend(_ cells: [Cell]) -> [LegendLine] {
    var lines: [LegendLine] = []
    for (index, shown) in scene.classes.enumerated() {
      let counts = scene.numbers.runs.map { $0[index].predicted }, inPlane = cells.map { $0.inPlane[index] }
      let hasLabels = scene.numbers.runs.contains { $0[index].labelVolume ?? 0 > 0 }
      guard hasLabels || counts.contains(where: { $0 > 0 }) || scene.numbers.runs.contains(where: { $0[index].truth > 0 }) else { continue }
      var text = BitmapFont.shortened(shown.name, to: 40)
      if let radius = shown.radius { text += "  R \(fixed(radius / 10, digits: 1)) nm" }
      if !shown.isParticle {
        text += "  labels only"
      } else if scene.options.predictionName != nil {
        if shown.radius == nil { text += "  no radius: rings of 5 px" }
        text += cells.count <= 4 && counts.count == cells.count
          ? "  picks \(counts.map(String.init).joined(separator: ", ")) (in plane \(inPlane.map(String.init).joined(separator: ", ")))"
          : "  picks \(counts.reduce(0, +)) (in planes \(inPlane.reduce(0, +)))"
        let outside = scene.numbers.runs.reduce(0) { $0 + $1[index].outside }
        if outside > 0 { text += ", \(outside) outside" }
      }
      lines.append(LegendLine(swatch: .colour(scene.colours[index]), text: text))
    }
    let marks = Set(scene.runs.prefix(shown).flatMap { $0.marks.map(\.outcome) })
    for outcome in PickOutcome.allCases where marks.contains(outcome) && (!showsOverlayOnly || outcome != .found) {
      lines.append(LegendLine(swatch: .mark(outcome), text: outcome.explanation(hasTruth: scene.options.truthName != nil)))
    }
    lines += scene.sourceLines.map { LegendLine(swatch: .none, text: $0) }
    if shown < scene.runs.count { lines.append(LegendLine(swatch: .none, text: "\(scene.runs.count - shown) more runs are not shown")) }
    return lines
  }
}

extension PreviewScene {
  var style: PanelStyle { PanelStyle(colours: colours, opacity: options.opacity, isInverted: options.isInverted, isYUp: options.isYUp) }

  /// Who picked, what is true, what counts as a hit, what made this.
  var sourceLines: [String] {
    var lines: [String] = []
    if let picks = options.predictionName { lines.append("picks: \(picks)") }
    if let truth = options.truthName {
      lines.append("truth: \(truth), matched below t = \(shortest(options.distanceThresholdScale)) R")
    }
    lines.append("\(options.program): \(options.command)")
    return lines
  }
}

extension PreviewScene.Run {
  /// The plane of all where a mark is at home.
  func home(_ mark: PickMark) -> Int { nearestPlane(to: mark.z, in: Array(0..<shape.z)) }
}

extension PickOutcome {
  /// - hasTruth: whether there is anything to compare with.
  func explanation(hasTruth: Bool) -> String {
    switch self {
    case .hit: "hit: a true pick is nearer than t"
    case .falseAlarm: "false alarm: no true pick is nearer than t"
    case .miss: "miss: a true pick without a prediction nearer than t"
    case .found: "found: a true pick with a prediction nearer than t"
    case .plain: hasTruth ? "pick of a class without truth here; evaluate counts such picks as false positives" : "pick"
    }
  }
}

/// One line of a montage's legend.
struct LegendLine {
  enum Swatch { case none, colour(RGB), mark(PickOutcome) }

  let swatch: Swatch
  let text: String

  /// Pixels from one line to the next at scale 1.
  static let height = 12

  private func indent(_ scale: Int) -> Int { if case .none = swatch { 0 } else { 16 * scale } }

  private func lines(_ width: Int, _ scale: Int) -> [String] {
    let room = max(8, (width - indent(scale)) / (BitmapFont.advance * scale)), scalars = Array(text.unicodeScalars)
    // Very long command lines lose their middle.
    let kept = scalars.count > 6 * room ? Array(BitmapFont.shortened(text, to: 6 * room).unicodeScalars) : scalars
    return stride(from: 0, to: max(1, kept.count), by: room).map { String(String.UnicodeScalarView(kept[$0..<min(kept.count, $0 + room)])) }
  }

  /// Lines of text it takes.
  func wrapped(width: Int, scale: Int) -> Int { lines(width, scale).count }

  func draw(_ raster: inout Raster, x: Int, y: Int, width: Int, scale: Int, _ style: PanelStyle) {
    let middleX = Double(x + 6 * scale), middleY = Double(y) + 3.5 * Double(scale)
    switch swatch {
    case .none: break
    case .colour(let colour): raster.fill(x: x + scale, y: y - scale, width: 9 * scale, height: 9 * scale, colour)
    case .mark(let outcome):
      let pen = PanelPainter.pen(outcome), white = RGB(0xFFFFFF)
      raster.stroke([.circle(x: middleX, y: middleY, radius: 5 * Double(scale), dash: pen.dash)], width: pen.width, white)
      raster.stroke(PanelPainter.centre(outcome, middleX, middleY), width: 1.5, white)
    }
    for (number, line) in lines(width, scale).enumerated() {
      raster.text(line, x: x + indent(scale), y: y + number * LegendLine.height * scale, scale: scale)
    }
  }
}

/// A number with so many decimals, halves away from zero.
func fixed(_ value: Double, digits: Int) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
  let power = (0..<digits).reduce(1.0) { result, _ in result * 10 }, scaled = Int((value.magnitude * power).rounded())
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard digits > 0 else { return sign + String(scaled) }
  let text = String(repeating: "0", count: max(0, digits + 1 - String(scaled).count)) + String(scaled)
  return sign + text.dropLast(digits) + "." + text.suffix(digits)
}

/// `0.8`, `10`.
func shortest(_ value: Double) -> String {
  let text = value.isFinite ? pythonText(ofFinite: value) : "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

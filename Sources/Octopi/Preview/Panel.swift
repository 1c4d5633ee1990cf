/// What is drawn on one plane of a run.
struct PanelContent: Sendable {
  /// Pixels of `bin` x `bin` voxels.
  let image: Plane<Double>
  /// Numbers of classes plus 1; nil without labels.
  let labels: Plane<UInt8>?
  let bin: Int
  let plane: Int
  /// Planes in the mean.
  let thickness: Int
  let limits: GreyLimits?
}

/// How panels of a preview look.
struct PanelStyle: Sendable {
  let colours: [RGB]
  let opacity: Double
  let isInverted: Bool
  let isYUp: Bool
}

/// Draws panels: an image, what lies on it, a scale bar and the direction of the axes.
struct PanelPainter {
  let style: PanelStyle
  let shape: VolumeShape
  let spacing: VoxelSpacing

  /// Edges of the image in pixels.
  static func size(_ content: PanelContent, zoom: Int) -> (width: Int, height: Int) { (content.image.width * zoom, content.image.height * zoom) }

  /// - marks: with the plane where each is at home.
  /// - showsLabels: fill and outline of labels.
  func paint(_ content: PanelContent, zoom: Int, marks: [(mark: PickMark, home: Int)], showsLabels: Bool) -> Raster {
    let size = PanelPainter.size(content, zoom: zoom)
    var raster = Raster(width: size.width, height: size.height)
    for y in 0..<size.height {
      let row = style.isYUp ? content.image.height - 1 - y / zoom : y / zoom
      for x in 0..<size.width {
        let level = UInt8(clamping: content.limits?.level(content.image[x / zoom, row], levels: 256) ?? 128)
        raster[x, y] = RGB(grey: style.isInverted ? 255 - level : level)
      }
    }
    if showsLabels, let labels = content.labels { paint(labels, zoom, &raster) }
    for entry in marks { paint(entry.mark, home: entry.home, content, zoom, &raster) }
    paintScaleBar(content.bin, zoom, &raster)
    paintAxes(&raster)
    return raster
  }

  private func paint(_ labels: Plane<UInt8>, _ zoom: Int, _ raster: inout Raster) {
    func label(_ x: Int, _ y: Int) -> UInt8 { labels[x / zoom, style.isYUp ? labels.height - 1 - y / zoom : y / zoom] }
    for y in 0..<raster.height {
      for x in 0..<raster.width {
        let here = label(x, y)
        guard here > 0, Int(here) <= style.colours.count else { continue }
        let isEdge =
          x > 0 && label(x - 1, y) != here || x + 1 < raster.width && label(x + 1, y) != here
          || y > 0 && label(x, y - 1) != here || y + 1 < raster.height && label(x, y + 1) != here
        let colour = style.colours[Int(here) - 1]
        raster[x, y] = isEdge ? colour : colour.over(raster[x, y], opacity: style.opacity)
      }
    }
  }

  private func paint(_ mark: PickMark, home: Int, _ content: PanelContent, _ zoom: Int, _ raster: inout Raster) {
    let perVoxel = Double(zoom) / Double(content.bin), colour = style.colours[mark.classIndex]
    let x = (mark.x + 0.5) * perVoxel, down = (mark.y + 0.5) * perVoxel, y = style.isYUp ? Double(raster.height) - down : down
    let isHome = content.plane == home
    if mark.isBeside(shape) {
      if isHome { raster.stroke(PanelPainter.triangle(x, y, raster), width: 1.5, colour) }
      return
    }
    guard let section = mark.sectionRadius(plane: content.plane, home: home) else { return }
    let radius = mark.radius == nil ? PickMark.unknownRadius : section * perVoxel
    let pen = PanelPainter.pen(mark.outcome)
    raster.stroke([.circle(x: x, y: y, radius: radius, dash: pen.dash)], width: pen.width, colour)
    if isHome { raster.stroke(PanelPainter.centre(mark.outcome, x, y), width: 1.5, colour) }
  }

  /// Width and dashes of a ring.
  static func pen(_ outcome: PickOutcome) -> (width: Double, dash: (on: Double, off: Double)?) {
    switch outcome {
    case .hit, .falseAlarm, .plain: (1.5, nil)
    case .miss: (2.5, (6, 4))
    case .found: (1.5, (1.5, 3))
    }
  }

  /// The mark at a pick's centre.
  static func centre(_ outcome: PickOutcome, _ x: Double, _ y: Double) -> [Raster.Path] {
    let arm = 4.0
    switch outcome {
    case .hit, .plain: return [.segment(x0: x - arm, y0: y, x1: x + arm, y1: y), .segment(x0: x, y0: y - arm, x1: x, y1: y + arm)]
    case .falseAlarm:
      return [.segment(x0: x - arm, y0: y - arm, x1: x + arm, y1: y + arm), .segment(x0: x - arm, y0: y + arm, x1: x + arm, y1: y - arm)]
    case .miss: return [.circle(x: x, y: y, radius: 3, dash: nil)]
    case .found: return []
    }
  }

  /// A triangle at the border that points to a pick beside the image.
  private static func triangle(_ x: Double, _ y: Double, _ raster: Raster) -> [Raster.Path] {
    let width = Double(raster.width), height = Double(raster.height), size = 7.0
    let cx = min(max(x, 2), width - 2), cy = min(max(y, 2), height - 2)
    // Inwards from the border.
    let dx = x < 0 ? 1.0 : x > width ? -1 : 0, dy = y < 0 ? 1.0 : y > height ? -1 : 0
    let bx = cx + dx * size, by = cy + dy * size, px = -dy * size / 2, py = dx * size / 2
    let corners = [(cx, cy), (bx + px, by + py), (bx - px, by - py)]
    return (0..<3).map { .segment(x0: corners[$0].0, y0: corners[$0].1, x1: corners[($0 + 1) % 3].0, y1: corners[($0 + 1) % 3].1) }
  }

  private func paintScaleBar(_ bin: Int, _ zoom: Int, _ raster: inout Raster) {
    guard let bar = ScaleBar(pixels: raster.width, angstromPerPixel: spacing.angstrom * Double(bin) / Double(zoom)) else { return }
    let scale = raster.width >= 400 ? 2 : 1, x = 4 * scale, height = 2 * scale, y = raster.height - 4 * scale - height
    let width = max(1, Int(bar.pixels.rounded()))
    guard y > 12 * scale else { return }
    raster.fill(x: x - 2, y: y - 2, width: width + 4, height: height + 4, RGB(0x000000), opacity: Raster.haloOpacity)
    raster.fill(x: x, y: y, width: width, height: height, RGB(0xFFFFFF))
    raster.text(bar.label, x: x, y: y - 10 * scale, scale: scale)
  }

  /// x to the right, y down or up, in the lower right corner.
  private func paintAxes(_ raster: inout Raster) {
    let scale = raster.width >= 400 ? 2 : 1, arm = Double(12 * scale), head = Double(3 * scale)
    guard raster.width > 60 * scale, raster.height > 40 * scale else { return }
    let white = RGB(0xFFFFFF), x = Double(raster.width - 26 * scale)
    let y = Double(raster.height) - Double(style.isYUp ? 6 * scale : 22 * scale), direction = style.isYUp ? -1.0 : 1.0
    raster.stroke(
      [
        .segment(x0: x, y0: y, x1: x + arm, y1: y), .segment(x0: x + arm - head, y0: y - head, x1: x + arm, y1: y),
        .segment(x0: x + arm - head, y0: y + head, x1: x + arm, y1: y), .segment(x0: x, y0: y, x1: x, y1: y + direction * arm),
        .segment(x0: x - head, y0: y + direction * (arm - head), x1: x, y1: y + direction * arm),
        .segment(x0: x + head, y0: y + direction * (arm - head), x1: x, y1: y + direction * arm),
      ], width: Double(scale), white)
    raster.text("x", x: Int(x + arm) + 3 * scale, y: Int(y) - 4 * scale, scale: scale)
    raster.text("y", x: Int(x) + 5 * scale, y: Int(y + direction * arm) - 4 * scale, scale: scale)
  }
}

/// A bar of a round length.
struct ScaleBar: Sendable, Hashable {
  let pixels: Double
  /// `50 nm`.
  let label: String

  /// The longest of 1, 2, 5 x 10^n nm within a quarter of the image; nil for an image without a size.
  init?(pixels: Int, angstromPerPixel: Double) {
    let room = Double(pixels) / 4 * angstromPerPixel / 10
    guard room.isFinite, room > 1e-6, room < 1e12 else { return nil }
    var length = 1e-6, text = 1e-6
    for exponent in -6...12 {
      for digit in [1.0, 2, 5] {
        // Decimal powers below 1 are quotients, so that labels are short.
        let power = exponent < 0 ? digit / ScaleBar.power(-exponent) : digit * ScaleBar.power(exponent)
        if power <= room { (length, text) = (power, power) }
      }
    }
    self.pixels = length * 10 / angstromPerPixel
    label = (text >= 1 ? "\(Int(text))" : "\(text)") + " nm"
  }

  private static func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { result, _ in result * 10 } }
}

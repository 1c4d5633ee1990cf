import Kernels

/// Makes the images of a page so that it fits its budget.
struct PageMaker {
  let scene: PreviewScene
  let pool: ThreadPool
  /// Bins of the montage, by run, whose contrast is taken from the same slabs.
  let montageBins: [Int]

  struct Made {
    let html: [UInt8]
    let plan: PagePlan
    /// Of the montage, by run.
    let montageContrasts: [Contrast]
  }

  /// How grey planes are packed.
  struct Packing: Hashable {
    let greys: Int
    let isFiltered: Bool
  }

  func make() throws -> Made {
    let budget = scene.options.budgetBytes
    let inputs = scene.runs.map { PagePlan.Run(shape: $0.shape, spacing: $0.source.spacing, thickness: $0.thickness, best: $0.best) }
    let leastRadius = scene.classes.filter(\.isParticle).compactMap(\.radius).min()
    var extra = 0
    while true {
      let plan = PagePlan(inputs, leastRadius: leastRadius, budgetBytes: budget, extra: extra)
      let contrasts = try scene.runs.indices.map { index in
        let run = plan.runs[index] ?? RunPlan(scene.runs[index].shape, bin: 1, plane: scene.runs[index].best, thickness: scene.runs[index].thickness)
        return try scene.contrast(index, run, bins: [run.bin, montageBins[index]], on: pool)
      }
      let page = contrasts.map { $0[0] }
      let pictures = try flatPictures(plan, page)
      let base = Page(scene: scene).bytes(plan.runs.indices.map { index in plan.runs[index].map { empty($0, page[index]) } }, pictures: pictures, browsed: plan.browsed)
      let isLast = plan.runs.allSatisfy { $0.map { $0.planes.count == 1 } ?? true }
      let (packing, estimate) = try judge(plan, page, room: Double(budget) * 0.9 - Double(base.count))
      if isLast || base.count + estimate <= budget {
        let images = try plan.runs.indices.map { index in try plan.runs[index].map { try self.images(index, $0, page[index], packing) } }
        let html = Page(scene: scene).bytes(images, pictures: pictures, browsed: plan.browsed)
        if html.count <= budget { return Made(html: html, plan: plan, montageContrasts: contrasts.map { $0[1] }) }
        if isLast { throw PreviewError.budgetTooSmall(budget, needed: html.count) }
      }
      extra += max(1, extra / 4)
    }
  }

  // MARK: Planes

  private func images(_ index: Int, _ plan: RunPlan, _ contrast: Contrast, _ packing: Packing) throws -> Page.Images {
    let greys = try greyPlanes(index, plan, plan.planes, contrast, [packing]).map { $0[0] }
    return Page.Images(plan: plan, contrast: contrast, greys: greys, labels: try labels(index, plan, plan.planes), labelScale: labelScale)
  }

  private func empty(_ plan: RunPlan, _ contrast: Contrast) -> Page.Images {
    Page.Images(plan: plan, contrast: contrast, greys: [], labels: nil, labelScale: labelScale)
  }

  /// PNG of each plane, packed in each way.
  private func greyPlanes(_ index: Int, _ plan: RunPlan, _ planes: [Int], _ contrast: Contrast, _ packings: [Packing]) throws -> [[[UInt8]]] {
    var reader = SlabReader(scene.runs[index].source.volume)
    let made = try reader.map(planes, thickness: plan.thickness, on: pool) { _, slab -> Result<[[UInt8]], PreviewError> in
      let image = slab.binned(plan.bin)
      return Result { () throws(PreviewError) in
        try packings.map { packing throws(PreviewError) in
          let levels = packing.greys, values = (0..<levels).map { UInt8(clamping: (2 * 255 * $0 + levels - 1) / (2 * (levels - 1))) }
          let pixels = image.pixels.map { value in contrast.stored.map { values[$0.level(value, levels: levels)] } ?? 128 }
          return try PNGFile.bytes(pixels, width: image.width, height: image.height, .grey, isFiltered: packing.isFiltered)
        }
      }
    }
    return try made.map { try $0.get() }
  }

  private var usesFourBits: Bool { scene.classes.count <= 15 }
  private var labelScale: Int { usesFourBits ? 17 : 1 }

  private func labels(_ index: Int, _ plan: RunPlan, _ planes: [Int]) throws -> [[UInt8]]? {
    let made = try scene.labelPlanes(index, planes, bin: plan.bin, on: pool) { _, plane -> Result<[UInt8], PreviewError> in
      Result { () throws(PreviewError) in
        usesFourBits
          ? try PNGFile.bytes(PNGFile.packed(plane), width: plane.width, height: plane.height, .grey4)
          : try PNGFile.bytes(plane.pixels, width: plane.width, height: plane.height, .grey)
      }
    }
    return try made.map { try $0.map { try $0.get() } }
  }

  /// The most greys whose planes fit, judged from four planes of each run, and the bytes of all planes in base64.
  private func judge(_ plan: PagePlan, _ contrasts: [Contrast], room: Double) throws -> (Packing, Int) {
    let packings = [256, 128, 64, 32].flatMap { greys in [false, true].map { Packing(greys: greys, isFiltered: $0) } }
    var sums = packings.map { _ in 0.0 }
    for index in plan.runs.indices {
      guard let run = plan.runs[index] else { continue }
      let count = run.planes.count, places = Set((0..<4).map { (2 * $0 + 1) * count / 8 }).filter { $0 < count }.sorted()
      let sample = places.map { run.planes[$0] }
      let scale = Double(count) / Double(max(1, sample.count)) * 4 / 3
      let greys = try greyPlanes(index, run, sample, contrasts[index], packings)
      let labels = try self.labels(index, run, sample) ?? []
      let labelBytes = labels.reduce(0) { $0 + $1.count }
      for place in packings.indices { sums[place] += scale * Double(labelBytes + greys.reduce(0) { $0 + $1[place].count }) }
    }
    // Of both ways to pack as many greys the smaller.
    var best = 0
    for pair in stride(from: 0, to: packings.count, by: 2) {
      best = sums[pair + 1] < sums[pair] ? pair + 1 : pair
      if sums[best] <= room { break }
    }
    return (packings[best], Int(sums[best]))
  }

  // MARK: Pictures without scripts

  private func flatPictures(_ plan: PagePlan, _ contrasts: [Contrast]) throws -> [[UInt8]?] {
    let pixels = 0.5e6 * Double(scene.options.budgetBytes) / Double(16 << 20) / Double(scene.runs.count)
    let edge = min(480, Int(pixels.squareRoot()))
    return try scene.runs.indices.map { index in
      guard edge >= 64, let plan = plan.runs[index] else { return nil }
      let run = scene.runs[index], scaling = Montage.scaling(run.shape, edge: edge), plane = plan.nearest(to: Double(run.best))
      let content = try scene.content(index, plane: plane, thickness: plan.thickness, bin: scaling.bin, limits: contrasts[index].shown, on: pool)
      let marks = run.marks.filter { !$0.isTruth }.map { (mark: $0, home: plan.nearest(to: $0.z)) }
      let painter = PanelPainter(style: scene.style, shape: run.shape, spacing: run.source.spacing)
      return try painter.paint(content, zoom: scaling.zoom, marks: marks, showsLabels: true).png()
    }
  }
}

public import Kernels

/// Pictures of tomograms with labels and picks: a PNG montage and one HTML page that needs nothing else.
///
///     let preview = try Preview(classes: classes, runs: runs, options: options)
///     try preview.prepare("out", outputs)                       // locks; refuses what exists
///     let result = try preview.write(to: "out", outputs, on: pool)
///
/// The same inputs give the same bytes for any number of threads. Memory: some planes for each thread, and the page.
public struct Preview: Sendable {
  /// Objects in the order in which they are shown; names are distinct.
  public let classes: [PreviewClass]
  public let runs: [PreviewRun]
  public let options: PreviewOptions

  public init(classes: [PreviewClass], runs: [PreviewRun], options: PreviewOptions) throws(PreviewError) {
    if runs.isEmpty { throw .noRuns }
    if let empty = runs.first(where: { $0.volume.shape.axes.contains { $0 < 1 } }) { throw .emptyVolume(run: empty.name) }
    guard options.slab.isFinite, options.slab >= 0 else { throw .slab(options.slab) }
    guard options.opacity >= 0, options.opacity <= 1 else { throw .opacity(options.opacity) }
    var seen: Set<String> = []
    self.classes = classes.filter { seen.insert($0.name).inserted }
    self.runs = runs
    self.options = options
  }

  /// What a preview came to.
  public struct Result: Sendable {
    /// `preview.png` and `preview.html`.
    public let paths: [String]
    /// Every number of the page, as JSON.
    public let document: PythonValue
    public let warnings: [Warning]
  }

  /// What is written into a folder.
  public static func paths(in folder: String) -> [String] { ["preview.png", "preview.html"].map { folder + "/" + $0 } }

  /// Takes the locks of what will be written, and decides about what exists.
  /// - outputs: nil to decide only.
  public func prepare(_ folder: String, _ outputs: Outputs?) throws(OutputError) {
    let paths = Preview.paths(in: folder)
    if let outputs { for path in paths { try outputs.lock(path) } }
    if options.existing == .refuse { for path in paths { try Outputs.refuse(path) } }
  }

  /// Draws and writes both files. Events: a run is turned to when it is drawn; a unit of work is a run.
  public func write(to folder: String, _ outputs: Outputs, on pool: ThreadPool, events: (JobEvent) -> Void = { _ in }) throws -> Result {
    let paths = Preview.paths(in: folder)
    let scene = try PreviewScene(self, on: pool)
    let montage = Montage(scene)
    let bins = scene.runs.map { Montage.scaling($0.shape, edge: montage.edge).bin }
    let page = try PageMaker(scene: scene, pool: pool, montageBins: bins).make()
    var cells: [Montage.Cell] = []
    for index in scene.runs.indices {
      let run = scene.runs[index]
      events(.run(run.source.name))
      if index < montage.shown {
        let content = try scene.content(
          index, plane: run.best, thickness: page.plan.runs[index]?.thickness ?? run.thickness, bin: bins[index],
          limits: page.montageContrasts[index].shown, on: pool)
        cells.append(montage.cell(index, content))
      }
      events(.done(units: 1))
    }
    let png = try montage.picture(cells).png(texts: texts)
    for (path, bytes) in zip(paths, [png, page.html]) { try outputs.write(bytes, to: path, existing: options.existing) }
    return Result(paths: paths, document: scene.document, warnings: scene.warnings)
  }
}

extension Preview {
  /// What the picture says of itself.
  private var texts: [(key: String, text: String)] { [("Software", options.program), ("Comment", options.command)] }

  /// The montage alone, as PNG; greys as the planes that are shown have them.
  func picture(on pool: ThreadPool) throws -> [UInt8] {
    let scene = try PreviewScene(self, on: pool), montage = Montage(scene)
    let cells = try scene.runs.indices.prefix(montage.shown).map { index in
      let run = scene.runs[index], bin = Montage.scaling(run.shape, edge: montage.edge).bin
      let plan = RunPlan(run.shape, bin: 1, plane: run.best, thickness: run.thickness)
      let limits = try scene.contrast(index, plan, bins: [bin], on: pool)[0].shown
      return montage.cell(index, try scene.content(index, plane: run.best, thickness: run.thickness, bin: bin, limits: limits, on: pool))
    }
    return try montage.picture(cells).png(texts: texts)
  }
}

extension PreviewScene {
  /// The contrast of a run from the kept planes of its middle half, for each of several bins.
  func contrast(_ index: Int, _ plan: RunPlan, bins: [Int], on pool: ThreadPool) throws -> [Contrast] {
    let run = runs[index], planes = plan.middle
    let sizes = bins.map { ((run.shape.x + $0 - 1) / $0) * ((run.shape.y + $0 - 1) / $0) }
    let strides = sizes.map { ContrastSample.stride(pixels: $0 * planes.count) }
    var reader = SlabReader(run.source.volume)
    let sampled = try reader.map(planes, thickness: plan.thickness, on: pool) { number, slab in
      bins.indices.map { place in
        let pixels = slab.binned(bins[place]).pixels, before = number * sizes[place]
        // Every m-th of all planes one after the other.
        let first = (strides[place] - before % strides[place]) % strides[place]
        return stride(from: first, to: pixels.count, by: strides[place]).map { pixels[$0] }
      }
    }
    return bins.indices.map { place in Contrast(ContrastSample(sampled.flatMap { $0[place] })) }
  }

  /// One plane of a run with its labels.
  func content(_ index: Int, plane: Int, thickness: Int, bin: Int, limits: GreyLimits?, on pool: ThreadPool) throws -> PanelContent {
    var reader = SlabReader(runs[index].source.volume)
    let image = try reader.map([plane], thickness: thickness, on: pool) { $1.binned(bin) }
    let labels = try labelPlanes(index, [plane], bin: bin, on: pool) { $1 }
    let count = SlabReader.slab(around: plane, thickness, runs[index].shape.z).count
    return PanelContent(image: image[0], labels: labels?.first, bin: bin, plane: plane, thickness: count, limits: limits)
  }

  /// Results of `transform` for planes of labels; nil without labels.
  func labelPlanes<Result: Sendable>(
    _ index: Int, _ planes: [Int], bin: Int, on pool: ThreadPool, _ transform: (Int, Plane<UInt8>) -> Result
  ) throws -> [Result]? {
    let run = runs[index].source
    guard let labels = run.labels else { return nil }
    var reader = LabelPlanes(labels, classOfLabel: classOfLabel[index], of: run)
    return try reader.map(planes, bin: bin, on: pool, transform)
  }
}

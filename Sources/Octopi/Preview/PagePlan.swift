/// Which planes of a run a page keeps, and how coarse.
struct RunPlan: Sendable, Hashable {
  /// Voxels along x and y that make one pixel.
  let bin: Int
  /// Planes from one to the next that is kept.
  let step: Int
  let shape: VolumeShape
  /// Planes averaged for each.
  let thickness: Int
  /// Ascending.
  let planes: [Int]

  init(_ shape: VolumeShape, bin: Int, step: Int, thickness: Int) {
    self.bin = bin
    self.step = step
    self.shape = shape
    self.thickness = max(thickness, step % 2 == 1 ? step : step + 1)
    let planes = Array(stride(from: step / 2, to: shape.z, by: step))
    self.planes = planes.isEmpty ? [shape.z / 2] : planes
  }

  /// A single plane.
  init(_ shape: VolumeShape, bin: Int, plane: Int, thickness: Int) {
    self.bin = bin
    step = shape.z
    self.shape = shape
    self.thickness = thickness
    planes = [plane]
  }

  var width: Int { (shape.x + bin - 1) / bin }
  var height: Int { (shape.y + bin - 1) / bin }
  var pixels: Int { width * height * planes.count }

  /// The kept planes in the middle half of the volume, which the contrast comes from.
  var middle: [Int] {
    let middle = planes.filter { $0 >= shape.z / 4 && $0 < shape.z - shape.z / 4 }
    return middle.isEmpty ? planes : middle
  }

  /// The kept plane nearest to a place along z in voxels, ties lower.
  func nearest(to place: Double) -> Int { nearestPlane(to: place, in: planes) }
}

/// The one of ascending planes nearest to a place, ties lower; 0 for none.
func nearestPlane(to place: Double, in planes: [Int]) -> Int {
  var low = 0, high = planes.count
  while low < high {
    let middle = (low + high) / 2
    if Double(planes[middle]) < place { low = middle + 1 } else { high = middle }
  }
  guard low < planes.count else { return planes.last ?? 0 }
  guard low > 0 else { return planes[0] }
  return place - Double(planes[low - 1]) <= Double(planes[low]) - place ? planes[low - 1] : planes[low]
}

/// How a page of several runs fits its budget.
struct PagePlan: Sendable {
  /// Pixels of a page of 16 MiB: with 32 greys no pixel needs more than 5 bits, 0.84 bytes of base64.
  static func pixels(budgetBytes: Int) -> Double { 18.4e6 * Double(budgetBytes) / Double(16 << 20) }

  /// For each run; nil where there is room for its numbers only.
  let runs: [RunPlan?]
  /// The first of them can be browsed, the others have one plane.
  let browsed: Int

  struct Run: Sendable {
    let shape: VolumeShape
    let spacing: VoxelSpacing
    /// Planes of the slab at full resolution.
    let thickness: Int
    /// The plane that is shown first.
    let best: Int
  }

  /// - leastRadius: of all classes, in ångström.
  /// - extra: added to every step, where an earlier plan was too large.
  init(_ runs: [Run], leastRadius: Double?, budgetBytes: Int, extra: Int = 0) {
    let room = PagePlan.pixels(budgetBytes: budgetBytes)
    func plan(_ run: Run, share: Double) -> RunPlan {
      let most = max(1, Int(min((leastRadius ?? 5 * run.spacing.angstrom) / run.spacing.angstrom, 1e6)))
      let longer = max(run.shape.x, run.shape.y)
      for bin in 1..<longer + 1 {
        let pixels = Double((run.shape.x + bin - 1) / bin) * Double((run.shape.y + bin - 1) / bin)
        let step = max(1, Int(min((Double(run.shape.z) * pixels / share).rounded(.up), 1e9)))
        if step <= most || bin == longer { return RunPlan(run.shape, bin: bin, step: min(step + extra, max(1, run.shape.z)), thickness: run.thickness) }
      }
      return RunPlan(run.shape, bin: 1, step: 1 + extra, thickness: run.thickness)
    }
    func isCoarse(_ plan: RunPlan) -> Bool { plan.bin > 1 && max(plan.width, plan.height) < 256 }

    let all = runs.map { plan($0, share: room / Double(runs.count)) }
    guard runs.count > 1, all.contains(where: isCoarse) else {
      self.runs = all
      browsed = runs.count
      return
    }
    // One plane for the others: as fine as half of the page allows.
    var single: [RunPlan?] = []
    for longest in [512, 256, 128, 64] {
      single = runs.map { run in
        let bin = max(1, (max(run.shape.x, run.shape.y) + longest - 1) / longest)
        return RunPlan(run.shape, bin: bin, plane: run.best, thickness: run.thickness)
      }
      if Double(single.reduce(0) { $0 + ($1?.pixels ?? 0) }) <= room / 2 { break }
      single = runs.map { _ in nil }
    }
    var count = runs.count - 1
    while count > 1 {
      let others = single[count...].reduce(0) { $0 + ($1?.pixels ?? 0) }
      let share = (room - Double(others)) / Double(count)
      if share > 0, !runs[..<count].contains(where: { isCoarse(plan($0, share: share)) }) { break }
      count -= 1
    }
    let others = single[count...].reduce(0) { $0 + ($1?.pixels ?? 0) }
    let share = max(1, (room - Double(others)) / Double(max(1, count)))
    self.runs = runs[..<count].map { plan($0, share: share) } + single[count...]
    browsed = count
  }
}

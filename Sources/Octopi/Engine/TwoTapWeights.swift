import Kernels

/// Points and phases of F(4, 2) along each axis for convolutions of stride 2, and their weights.
///
/// Of the 125 points, a phase with one tap along an axis has no product at infinity there; `phases[p]` lists those that have one at point p.
/// Its weights are the same at all other points of that axis, so that 216 *kinds* of weights serve 729 pairs of point and phase: along an
/// axis the points 0...4 of the phase with two taps, then the phase with one.
struct TwoTapPoints: Sendable {
  static let count = 125, kinds = 216
  /// Pairs of point and phase.
  static let pairs = 729
  /// Outputs of a tile, of each phase.
  static let tile = Axes(repeating: 4)

  /// The points of one (z, y): what lies on one line along x.
  struct Line: Sendable {
    let z: Int, y: Int

    /// Phases along z and y.
    var count: Int { (z < 4 ? 2 : 1) * (y < 4 ? 2 : 1) }

    /// One of them as bits 4 z and 2 y, ascending. At infinity there are those with two taps.
    func phase(_ number: Int) -> Int {
      let isTwoAlongZ = z == 4 || number >= count / 2, isTwoAlongY = y == 4 || number % 2 == 1
      return (isTwoAlongZ ? 4 : 0) | (isTwoAlongY ? 2 : 0)
    }

    /// Phases of point x: at infinity those with two taps along x, elsewhere all.
    func count(x: Int) -> Int { x < 4 ? 2 * count : count }
  }

  /// Points in this order, with 5 of a line.
  let lines: [Line]
  /// Phases (bits 4 z, 2 y, 1 x: two taps) of each point, ascending.
  let phases: [[Int]]
  /// Where a transposed layer has so few outputs that two phases share a block of 16 columns: which kinds stand side by side, `[unit][1 or 2]`, and by
  /// point the unit of each product.
  let halfUnits: [[Int]], halfUnitsOfPoint: [[Int]]

  init() {
    lines = (0..<25).map { Line(z: $0 / 5, y: $0 % 5) }
    phases = lines.flatMap { line in
      (0..<5).map { x in (0..<line.count).flatMap { x < 4 ? [line.phase($0), line.phase($0) | 1] : [line.phase($0) | 1] } }
    }
    var units: [[Int]] = [], unitsOfPoint: [[Int]] = [], known: [[Int]: Int] = [:]
    for (point, here) in phases.enumerated() {
      unitsOfPoint.append(
        stride(from: 0, to: here.count, by: 2).map { first in
          let kinds = here[first..<min(first + 2, here.count)].map { Self.kind(point, phase: $0) }
          if known[kinds] == nil {
            known[kinds] = units.count
            units.append(kinds)
          }
          return known[kinds] ?? 0
        })
    }
    (halfUnits, halfUnitsOfPoint) = (units, unitsOfPoint)
  }

  /// Which weights a phase has at a point: number 36 z + 6 y + x of `TwoTapWeightRow`.
  static func kind(_ point: Int, phase: Int) -> Int {
    [(point / 25, 4), (point / 5 % 5, 2), (point % 5, 1)].reduce(0) { $0 * 6 + (phase & $1.1 != 0 ? $1.0 : 5) }
  }
}

/// Weights of a convolution of stride 2 by phases, of some of its output blocks at a time: `[kind][output block][input channel][16]`, with up to 8
/// outputs of a transposed layer `[unit][input channel][2][8]`; a line of padding after each kind or unit.
struct TwoTapWeights: Sendable {
  let problem: ConvolutionProblem
  let points: TwoTapPoints
  /// Output blocks at a time.
  let blocks: Int

  init(_ problem: ConvolutionProblem, _ points: TwoTapPoints, blocks: Int? = nil) {
    (self.problem, self.points) = (problem, points)
    self.blocks = blocks ?? problem.inputRanges.count
  }

  static let scratchFloats = 2304

  var floats: Int { (problem.hasHalvedPhases ? points.halfUnits.count : TwoTapPoints.kinds) * unitFloats }
  private var unitFloats: Int { inputs * 16 * (problem.hasHalvedPhases ? 1 : blocks) + 16 }
  private var inputs: Int { problem.geometry.inputChannels }

  /// Where those of each phase of a point begin, or of two phases at a time.
  func starts(point: Int) -> [Int] {
    let units = problem.hasHalvedPhases ? points.halfUnitsOfPoint[point] : points.phases[point].map { TwoTapPoints.kind(point, phase: $0) }
    return units.map { $0 * unitFloats }
  }

  /// Where each kind of output block `index` goes: what `TwoTapWeightRow` takes.
  func places(_ index: Int) -> Places {
    guard problem.hasHalvedPhases else { return Places((0..<TwoTapPoints.kinds).map { [$0 * unitFloats + index * inputs * 16] }) }
    var places = [[Int]](repeating: [], count: TwoTapPoints.kinds)
    for (unit, kinds) in points.halfUnits.enumerated() { for (half, kind) in kinds.enumerated() { places[kind].append(unit * unitFloats + half * 8) } }
    return Places(places)
  }

  struct Places: Sendable {
    let starts: IntStorage, offsets: IntStorage

    init(_ places: [[Int]]) {
      starts = IntStorage(places.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
      offsets = IntStorage(places.flatMap(\.self))
    }
  }

  /// Writes the weights of output block `block` of the layer to `places` at `u`, input channels `channels`.
  func make(block: Int, channels: Range<Int>, _ places: Places, _ u: MutableFloats, _ kernels: KernelTable, scratch: MutableFloats) {
    var row = TwoTapWeightRow(
      weights: problem.weights.pointer + problem.weightStarts[block] + channels.lowerBound * 16, u: u + channels.lowerBound * 16,
      starts: places.starts.pointer, offsets: places.offsets.pointer, scratch: scratch)
    (row.tapStride, row.channels, row.isTransposed) = (inputs * 16, channels.count, problem.transposed)
    row.width = problem.hasHalvedPhases ? 8 : 16
    kernels.convolution.twoTapWeights(&row)
  }

  /// The weights of all output blocks at once.
  var derived: DerivedWeights {
    let weights = self, inputs = inputs, pieces = (inputs + 15) / 16, places = (0..<blocks).map { self.places($0) }
    return DerivedWeights(parts: 1, partFloats: floats) { _, target, frame in
      frame.pool.run(weights.blocks * pieces) { task, thread in
        let block = task / pieces, first = task % pieces * 16
        weights.make(
          block: block, channels: first..<min(inputs, first + 16), places[block], target, frame.kernels, scratch: frame.scratch(of: thread))
      }
    }
  }
}

/// The products of all points of a layer of two taps, all phases of each: what does not depend on the number of tiles.
struct TwoTapProductStarts: Sendable {
  /// Of one point: where in `starts` those of its output and input blocks are, see `WinogradProduct`, and how many blocks.
  struct Point: Sendable {
    var outputs = 0, inputs = 0
    var outputBlocks = 0, inputBlocks = 0
  }

  let points: [Point]
  let starts: IntStorage

  init(_ weights: TwoTapWeights, _ input: BlockedShape) {
    var points: [Point] = [], all: [Int] = []
    for point in 0..<TwoTapPoints.count {
      let (outputs, inputs, inputBlocks) = Self.starts(weights, point, input)
      points.append(Point(outputs: all.count, inputs: all.count + outputs.count, outputBlocks: outputs.count, inputBlocks: inputBlocks))
      all += outputs + inputs
    }
    (self.points, starts) = (points, IntStorage(all))
  }

  private static func starts(_ weights: TwoTapWeights, _ point: Int, _ input: BlockedShape) -> (outputs: [Int], inputs: [Int], inputBlocks: Int) {
    let problem = weights.problem, block = problem.geometry.inputChannels * 16, blocks = 0..<weights.blocks, starts = weights.starts(point: point)
    if problem.transposed {
      // Phases one after the other, each with its output blocks.
      let outputs = problem.hasHalvedPhases ? starts : starts.flatMap { start in blocks.map { start + $0 * block } }
      return (outputs, WinogradLayout.inputStarts(input), input.blocks.count)
    }
    // Phases one after the other in the sum.
    let firstChannels = input.firstChannels, inputs = starts.flatMap { start in firstChannels.map { start + $0 * 16 } }
    return (blocks.map { $0 * block }, inputs + (0..<4).map { inputs[$0 % inputs.count] + block }, inputs.count)
  }
}

extension ConvolutionProblem {
  /// A 3x3x3 convolution of stride 2, or a transposed one whose odd outputs have two taps.
  var isTwoTap: Bool {
    let one = Axes(repeating: 1), two = Axes(repeating: 2)
    guard kernel == Axes(repeating: 3), strides == two, dilations == one, geometry.groups == 1 else { return false }
    return !transposed || (pads == one && output.z <= 2 * input.z && output.y <= 2 * input.y && output.x <= 2 * input.x)
  }

  /// Two phases share a block of 16 columns of the product.
  var hasHalvedPhases: Bool { transposed && geometry.outputChannels <= 8 }

  /// Outputs of the first phase along each axis: all, or transposed the even ones.
  var twoTapOutputs: Axes { transposed ? Axes((output.z + 1) / 2, (output.y + 1) / 2, (output.x + 1) / 2) : output }

  /// Border that whole tiles read.
  var twoTapBorder: (before: Axes, after: Axes) {
    let tiles = twoTapOutputs
    func after(_ axis: KeyPath<Axes, Int>) -> Int {
      let n = input[keyPath: axis], grid = (tiles[keyPath: axis] + 3) / 4
      return max(0, transposed ? 4 * grid - n + 1 : 8 * grid - pads[keyPath: axis] - n + 1)
    }
    return (transposed ? Axes(repeating: 0) : pads, Axes(after(\.z), after(\.y), after(\.x)))
  }
}

import Graph
import Kernels
import Testing
import TestSupport

@testable import OctopiEngine

/// Fast forms are taken where the weights allow them, layer by layer.
@Suite("rounding of fast forms")
struct RoundingTests {
  /// Layers whose shapes ask for a fast form: stride 1 and 2, plain and transposed, one with pairs of phases.
  static let plain: [ConvolutionCase] = [
    .init(inputs: 16, outputs: 18, size: [8, 9, 10], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 8, outputs: 16, size: [12, 9, 10], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1]),
  ]
  static let transposed: [ConvolutionCase] = [
    .init(inputs: 9, outputs: 16, size: [8, 9, 12], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1]),
    .init(inputs: 16, outputs: 8, size: [5, 6, 7], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 1, 1]),
    .init(inputs: 12, outputs: 24, size: [5, 6, 7], kernel: [3, 3, 3], strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1], outputPadding: [1, 1, 1]),
  ]

  /// What becomes of the weights of output channel 3.
  enum Extreme: String, CaseIterable, Sendable { case heavyTap, loneTap, denormal, huge, infinite, notANumber }

  /// One layer with its input and constants.
  struct Layer {
    let operation: any Operator
    let x: Tensor
    let constants: [Tensor]

    /// - cornerFactor: of the corner tap of output channel 3.
    init(_ c: ConvolutionCase, transposed: Bool, _ extreme: Extreme?, cornerFactor: Float = 1) throws {
      operation = try c.operation(transposed ? ConvTranspose.declaration : Conv.declaration)
      var random = SplitMix64(seed: UInt64(c.inputs * 100 + c.outputs))
      let shape = (transposed ? [c.inputs, c.outputs] : [c.outputs, c.inputs]) + c.kernel
      var w = try #require(Tensor.normal(shape, &random).floats)
      if let extreme {
        for i in 0..<c.inputs {
          for tap in 0..<27 {
            let at = (transposed ? i * c.outputs + 3 : 3 * c.inputs + i) * 27 + tap
            // A corner, which the phase with two taps along each axis has.
            let isHeavy = tap == 0 && i == 1
            switch extreme {
            case .heavyTap: w[at] *= isHeavy ? 1e6 : 1
            case .loneTap: w[at] = isHeavy ? 1 : tap == 26 ? 1e-6 : 0
            case .denormal: w[at] = w[at] * 1e-30 * 1e-9
            case .huge: w[at] *= 1e35
            case .infinite: w[at] = isHeavy ? .infinity : w[at]
            case .notANumber: w[at] = isHeavy ? .nan : w[at]
            }
          }
        }
      }
      for i in 0..<c.inputs { w[(transposed ? i * c.outputs + 3 : 3 * c.inputs + i) * 27] *= cornerFactor }
      // Behind an activation half of the voxels are zero: what is under a heavy tap may be nothing.
      let values = try #require(Tensor.normal([1, c.inputs] + c.size, &random).floats)
      let isPositive = extreme == .infinite || extreme == .notANumber
      x = Tensor(TensorType(.float32, [1, c.inputs] + c.size), .floats(values.map { isPositive ? abs($0) + 0.1 : max(0, $0) }))
      constants = [Tensor(TensorType(.float32, shape), .floats(w)), Tensor(TensorType(.float32, [c.outputs]), .floats([Float](repeating: 0, count: c.outputs)))]
    }

    func plan(_ isa: ISA, _ pool: ThreadPool) throws -> Plan {
      var graph = Graph()
      let input = graph.add(Value(name: "x", declared: (element: .float32, shape: nil)))
      let parameters = constants.enumerated().map { graph.add(Value(name: "c\($0.offset)", constant: $0.element)) }
      let output = graph.add(Value(name: "y"))
      graph.nodes = [Node(name: "conv", operation: operation, inputs: [input] + parameters, outputs: [output])]
      graph.inputs = [input]
      graph.outputs = [output]
      return try Plan(graph, inputShapes: [x.shape], kernels: isa.table, pool: pool)
    }

    /// Of each voxel, the sum of the sizes of its terms.
    func sizes() throws -> [Float] {
      let all = try ([x] + constants).map { tensor in Tensor(tensor.type, .floats(try #require(tensor.floats).map { abs($0) })) }
      return try #require(operation.evaluate(all)[0].floats)
    }
  }

  static let layers = plain.map { ($0, false) } + transposed.map { ($0, true) }

  @Test(arguments: ISA.available, Extreme.allCases)
  func extremeWeightsAreMultipliedDirectly(isa: ISA, extreme: Extreme) throws {
    let pool = ThreadPool(threads: 2)
    for (c, transposed) in Self.layers {
      let layer = try Layer(c, transposed: transposed, extreme), plan = try layer.plan(isa, pool)
      let step = try #require(plan.steps.first { $0.kernel.contains("convolution") })
      #expect(step.kernel.hasSuffix("direct") && (step.rounding ?? 0) > 16, "\(c): \(step.kernel), rounding \(step.rounding ?? 0)")
      let got = try Session(plan, pool: pool).run([layer.x])[0], want = try layer.operation.evaluate([layer.x] + layer.constants)[0]
      let a = try #require(got.floats), b = try #require(want.floats), sizes = try layer.sizes(), size = got.shape[2...].map { $0 }, voxels = size.reduce(1, *)
      for i in a.indices {
        // Zeros around the input times infinity are not what evaluation adds.
        let v = i % voxels, position = [v / (size[1] * size[2]), v / size[2] % size[1], v % size[2]]
        let isInner = zip(position, size).allSatisfy { $0 > 1 && $0 < $1 - 2 }
        if b[i].isFinite {
          // A chain of at most 432 roundings of sums below that of the sizes; denormal products are rounded to multiples of 1.4e-45.
          #expect(abs(Double(a[i]) - Double(b[i])) <= 5e-6 * Double(sizes[i]) + 1e-42 || !isInner && !a[i].isFinite, "\(c), float \(i): \(a[i]), not \(b[i])")
        } else if isInner {
          #expect(a[i] == b[i] || a[i].isNaN && b[i].isNaN, "\(c), float \(i): \(a[i]), not \(b[i])")
        }
      }
    }
  }

  @Test(arguments: layers.map(\.0), 0..<4)
  func ordinaryWeightsKeepTheFastForm(c: ConvolutionCase, seed: Int) throws {
    let transposed = Self.transposed.contains { $0.testDescription == c.testDescription }, pool = ThreadPool(threads: 1)
    var other = c
    other.inputs += 8 * seed
    let plan = try Layer(other, transposed: transposed, nil).plan(.portable, pool)
    let step = try #require(plan.steps.first { $0.kernel.contains("convolution") })
    #expect(step.kernel.contains("F("))
    let rounding = try #require(step.rounding)
    #expect(rounding > 0.3 && rounding < 12, "\(rounding)")
  }

  /// Tiles of six cost twice the rounding of tiles of four: weights may allow one and not the other.
  @Test(arguments: [(1, "F(4x4x6)"), (10, "F(4x4x4)"), (1000, "direct")] as [(Float, String)])
  func takesTheFastestFormThatTheWeightsAllow(cornerFactor: Float, form: String) throws {
    let c = ConvolutionCase(inputs: 16, outputs: 18, size: [12, 12, 24], kernel: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1])
    let plan = try Layer(c, transposed: false, nil, cornerFactor: cornerFactor).plan(.portable, ThreadPool(threads: 1))
    let step = try #require(plan.steps.first { $0.kernel.contains("convolution") }), rounding = try #require(step.rounding)
    #expect(step.kernel.hasPrefix("convolution 3x3x3, \(form)") && (rounding <= RoundingGrowth.limit) == (form != "direct"), "\(step.kernel), \(rounding)")
  }

  /// The form follows from shape and weights alone.
  @Test func isTheSameEverywhere() throws {
    for (c, transposed) in Self.layers {
      for extreme in [nil, .heavyTap, .loneTap] as [Extreme?] {
        let layer = try Layer(c, transposed: transposed, extreme)
        let bits = try ISA.available.flatMap { isa in
          try [1, 3].map { threads in
            try layer.plan(isa, ThreadPool(threads: threads)).steps.compactMap { $0.rounding?.bitPattern }
          }
        }
        #expect(bits.allSatisfy { $0 == bits[0] && $0.count == 1 })
      }
    }
  }

  /// The numbers follow from the points: a transform of points p and infinity has `A` with columns pᵏ, `G` with rows pⁱ over the product of
  /// (p - q), and `Bᵀ` with the coefficients of the product of (t - q), each over the other points q.
  @Test(arguments: [
    (FastForm.axisGrowth(2), 2, [0, 1, -1]), (FastForm.axisGrowth(4), 4, [0, 0.625, -0.625, 1.5, -1.5]),
    (FastForm.axisGrowth(6), 6, [0, 0.5, -0.5, 1, -1, 2, -2]), (FastForm.twoTapGrowth, 4, [0.5, -0.5, 1.25, -1.25]),
  ])
  func growthFollowsFromThePoints(axis: [Double], outputs: Int, points: [Double]) {
    func coefficients(_ roots: [Double]) -> [Double] {
      roots.reduce([1]) { polynomial, root in zip([0] + polynomial, polynomial + [0]).map { $0 - root * $1 } }
    }
    func powers(_ p: Double, _ count: Int) -> [Double] { (0..<count).reduce(into: [1.0]) { powers, _ in powers.append(powers[powers.count - 1] * p) }.dropLast() }
    let taps = points.count + 2 - outputs
    var sums = [[Double]](repeating: [Double](repeating: 0, count: taps), count: taps)
    for p in points + [.infinity] {
      let others = points.filter { $0 != p }, squares = coefficients(others).reduce(0) { $0 + $1 * $1 }
      let column = p.isInfinite ? [Double](repeating: 0, count: outputs - 1) + [1] : powers(p, outputs), scale = p.isInfinite ? 1 : others.reduce(1) { $0 * (p - $1) }
      let row = p.isInfinite ? [Double](repeating: 0, count: taps - 1) + [1] : powers(p, taps).map { $0 / scale }
      let weight = column.reduce(0) { $0 + $1 * $1 } / Double(outputs) * squares
      for i in 0..<taps { for j in 0..<taps { sums[i][j] += row[i] * weight * row[j] } }
    }
    let growth = sums.map { $0.reduce(0) { $0 + abs($1) } }
    if taps == 3 {
      for (got, want) in zip(axis, growth) { #expect(abs(got - want) < 1e-3) }
    } else {
      // Either of the two taps may be the first; the single tap is one that ends in zero.
      #expect(abs(axis[0] - (growth.max() ?? 0)) < 1e-3 && axis[2] == axis[0] && abs(axis[1] - growth[0]) < 1e-3)
    }
  }
}

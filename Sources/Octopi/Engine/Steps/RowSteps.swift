import Kernels

/// Gathers and normalisations of rows, written to memory.
struct RowsStep: PlannedStep {
  let name: String
  let input: RowSource
  let output: BufferID
  let count: Int

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { input.parameters }
  /// Floats that are computed together.
  private var length: Int { max(input.gather?.length ?? 1, input.norm?.length ?? 1) }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: input.kernel, shape: "\(count / max(1, length))x\(length)", flops: 0, bytes: 8 * Double(count), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input.buffer), y = memory.plain(output), input = input, length = length
    let rows = count / max(1, length), part = max(1, 16384 / max(1, length))
    return { (frame) throws(EngineError) in
      frame.pool.run((rows + part - 1) / part) { task, _ in
        let first = task * part
        _ = input.rows(
          min(part, rows - first), from: first, length: length, at: Floats(frame.arena + x), frame.kernels, into: frame.arena + y + first * length)
      }
    }
  }
}

/// `Y = act(X W + bias) + residual`, row by row: a product with one constant matrix, and what stands before and behind it; or several such
/// products, each of what the last one gives.
///
/// X may have to be gathered and normalised first; a task does it for its own rows, which then come from the cache. So do the rows between
/// two products.
struct LinearStep: PlannedStep {
  private(set) var name: String
  var input: RowSource
  private(set) var layers: [Layer]
  var rows: Int
  var output: BufferID
  /// `[rows][columns]`, added to what the last layer gives; not together with an activation of that layer.
  var residual: BufferID?
  /// Columns of the result that stay together, `[columns / group][rows][group]`; nil for all. Not together with a residual.
  var group: Int?
  /// Rows that the kernel computes together.
  let tileRows: Int

  /// `act(X W + bias)`.
  struct Layer: Sendable {
    /// Packed.
    let weights: FloatStorage
    let depth: Int, columns: Int
    /// `[columns]`.
    var bias: FloatStorage?
    var activation: Activation?

    func apply(_ count: Int, _ x: Floats, adding residual: Floats?, _ y: MutableFloats, _ kernels: KernelTable) {
      kernels.matMul.multiply(count, columns, depth, x, depth, 1, weights.pointer, bias?.pointer, residual, columns, y, columns)
      if let f = activation { kernels.elementwise.unary(f.function)(count * columns, Floats(y), y, f.alpha, f.beta) }
    }
  }

  struct Activation: Sendable {
    let function: UnaryFunction
    let alpha: Float, beta: Float
  }

  init(name: String, input: RowSource, layer: Layer, rows: Int, output: BufferID, tileRows: Int) {
    (self.name, self.input, layers, self.rows, self.output, self.tileRows) = (name, input, [layer], rows, output, tileRows)
  }

  /// Floats of a row of X, and of Y.
  var depth: Int { layers[0].depth }
  var columns: Int { last.columns }

  var last: Layer {
    get { layers[layers.count - 1] }
    set { layers[layers.count - 1] = newValue }
  }

  /// Weights of all products of a step that stay in the second cache while their rows pass.
  private static let mostWeightBytes = 512 << 10

  /// Takes in the product with what it gives so far, if the weights of both are few.
  mutating func append(_ layer: Layer, name: String, output: BufferID) -> Bool {
    guard residual == nil, layer.depth == columns, (layers + [layer]).reduce(0, { $0 + 4 * $1.weights.count }) <= Self.mostWeightBytes else { return false }
    layers.append(layer)
    self.name += " + " + name
    self.output = output
    return true
  }

  var reads: [BufferID] { [input.buffer] + (residual.map { [$0] } ?? []) }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { layers.flatMap { [$0.weights] + ($0.bias.map { [$0] } ?? []) } + input.parameters }
  /// X where it is computed, what is between two layers, and Y where it is cut into groups.
  var scratch: Int {
    rowsPerTask * ((input.isPlain ? 0 : depth) + layers.dropLast().reduce(0) { $0 + $1.columns } + (group == nil ? 0 : columns))
  }
  private var operationsPerRow: Int { layers.reduce(0) { $0 + $1.depth * $1.columns } }
  /// Some hundred thousand operations at least.
  private var rowsPerTask: Int {
    let wanted = max(1, 200_000 / max(1, operationsPerRow))
    return (wanted + tileRows - 1) / tileRows * tileRows
  }

  var summary: StepSummary {
    let products = layers.flatMap { ["matrix product", $0.activation.map { "\($0.function)" }] }
    let parts = [input.isPlain ? nil : input.kernel] + products + [residual == nil ? nil : "add"]
    return StepSummary(
      name: name, kernel: parts.compactMap { $0 }.joined(separator: " + ") + (group == nil ? "" : ", by groups"),
      shape: "\(rows)x\(depth)" + layers.map { "x\($0.columns)" }.joined(), flops: 2 * Double(rows) * Double(operationsPerRow),
      bytes: 4 * Double(rows * depth + operationsPerRow + rows * columns * (residual == nil ? 1 : 2)), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input.buffer), y = memory.plain(output), r = residual.map { memory.plain($0) }, step = self, part = rowsPerTask
    let columns = self.columns
    return { (frame) throws(EngineError) in
      let kernels = frame.kernels
      frame.pool.run((step.rows + part - 1) / part) { task, thread in
        let first = task * part, count = min(part, step.rows - first)
        var free = frame.scratch(of: thread)
        var rows = step.input.rows(count, from: first, length: step.depth, at: Floats(frame.arena + x), kernels, into: free)
        if !step.input.isPlain { free += part * step.depth }
        for layer in step.layers.dropLast() {
          layer.apply(count, rows, adding: nil, free, kernels)
          rows = Floats(free)
          free += part * layer.columns
        }
        if let group = step.group {
          step.last.apply(count, rows, adding: nil, free, kernels)
          for column in stride(from: 0, to: columns, by: group) {
            kernels.layout.copyMatrix(
              count, group, Floats(free + column), columns, 1, frame.arena + y + column * step.rows + first * group, group, 1)
          }
          return
        }
        step.last.apply(count, rows, adding: r.map { Floats(frame.arena + $0 + first * columns) }, frame.arena + y + first * columns, kernels)
      }
    }
  }
}

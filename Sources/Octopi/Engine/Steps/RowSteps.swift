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

/// `Y = act(X W + bias) + residual`, row by row: a product with one constant matrix, and what stands before and behind it.
///
/// X may have to be gathered and normalised first; a task does it for its own rows, which then come from the cache.
struct LinearStep: PlannedStep {
  let name: String
  var input: RowSource
  /// Packed.
  let weights: FloatStorage
  var rows: Int
  let depth: Int, columns: Int
  var output: BufferID
  /// `[columns]`.
  var bias: FloatStorage?
  var activation: Activation?
  /// `[rows][columns]`; not together with an activation.
  var residual: BufferID?
  /// Rows that the kernel computes together.
  let tileRows: Int

  struct Activation: Sendable {
    let function: UnaryFunction
    let alpha: Float, beta: Float
  }

  var reads: [BufferID] { [input.buffer] + (residual.map { [$0] } ?? []) }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { [weights] + (bias.map { [$0] } ?? []) + input.parameters }
  var scratch: Int { input.isPlain ? 0 : rowsPerTask * depth }
  /// Some hundred thousand operations at least.
  private var rowsPerTask: Int {
    let wanted = max(1, 200_000 / max(1, depth * columns))
    return (wanted + tileRows - 1) / tileRows * tileRows
  }

  var summary: StepSummary {
    let parts = [input.isPlain ? nil : input.kernel, "matrix product", activation.map { "\($0.function)" }, residual == nil ? nil : "add"]
    return StepSummary(
      name: name, kernel: parts.compactMap { $0 }.joined(separator: " + "), shape: "\(rows)x\(depth)x\(columns)",
      flops: 2 * Double(rows * depth) * Double(columns),
      bytes: 4 * Double(rows * depth + depth * columns + rows * columns * (residual == nil ? 1 : 2)), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input.buffer), y = memory.plain(output), r = residual.map { memory.plain($0) }, step = self, part = rowsPerTask
    return { (frame) throws(EngineError) in
      let kernels = frame.kernels, columns = step.columns
      frame.pool.run((step.rows + part - 1) / part) { task, thread in
        let first = task * part, count = min(part, step.rows - first), target = frame.arena + y + first * columns
        let rows = step.input.rows(
          count, from: first, length: step.depth, at: Floats(frame.arena + x), kernels, into: frame.scratch(of: thread))
        kernels.matMul.multiply(
          count, columns, step.depth, rows, step.depth, 1, step.weights.pointer, step.bias?.pointer,
          r.map { Floats(frame.arena + $0 + first * columns) }, columns, target, columns)
        if let f = step.activation { kernels.elementwise.unary(f.function)(count * columns, Floats(target), target, f.alpha, f.beta) }
      }
    }
  }
}

import Graph
import Kernels

/// `C = alpha * A B + bias`, row-major, for each pair of matrices; A and B may be transposed.
struct MatMulStep: PlannedStep {
  let name: String
  let a: BufferID
  let b: RightSide
  let output: BufferID
  let geometry: MatMulGeometry
  var alpha: Float = 1
  var transposesA = false, transposesB = false
  /// `[columns]`.
  var bias: FloatStorage?

  enum RightSide: Sendable {
    /// Packed while the plan is built, one after the other.
    case packed(FloatStorage)
    case computed(BufferID)

    var buffer: BufferID? { if case .computed(let id) = self { id } else { nil } }
  }

  var reads: [BufferID] { [a] + (b.buffer.map { [$0] } ?? []) }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { if case .packed(let storage) = b { [storage] } else { [] } }
  let packedFloats: Int
  var scratch: Int { b.buffer == nil ? 0 : packedFloats }
  var summary: StepSummary {
    let g = geometry, count = Double(g.pairs.count)
    return StepSummary(
      name: name, kernel: "matrix product", shape: "\(g.pairs.count)x\(g.rows)x\(g.depth)x\(g.columns)",
      flops: 2 * count * Double(g.rows * g.depth) * Double(g.columns),
      bytes: 4 * count * Double(g.rows * g.depth + g.depth * g.columns + g.rows * g.columns), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(a), y = memory.plain(output), right = b.buffer.map { memory.plain($0) }, step = self
    let g = geometry, pairs = g.pairs, aSize = g.rows * g.depth, bSize = g.depth * g.columns
    // Rows of one task: some hundred thousand operations at least, a multiple of the tile.
    let wanted = max(1, 200_000 / max(1, g.depth * g.columns))
    return { (frame) throws(EngineError) in
      let kernels = frame.kernels.matMul, part = (wanted + kernels.tileRows - 1) / kernels.tileRows * kernels.tileRows
      // A right-hand side that is computed is packed by whoever multiplies with it: then a task takes all rows.
      let rows = right == nil ? part : g.rows, parts = right == nil ? (g.rows + rows - 1) / max(1, rows) : 1
      frame.pool.run(pairs.count * parts) { task, thread in
        let pair = pairs[task / parts], index = task / parts, first = task % parts * rows, count = min(rows, g.rows - first)
        var packed = Floats(frame.scratch(of: thread))
        if let right {
          let matrix = frame.arena + right + pair.b * bSize
          kernels.pack(
            g.depth, g.columns, matrix, step.transposesB ? 1 : g.columns, step.transposesB ? g.depth : 1, step.alpha, frame.scratch(of: thread))
        } else if case .packed(let storage) = step.b {
          packed = storage.pointer + pair.b * step.packedFloats
        }
        let matrix = frame.arena + x + pair.a * aSize
        kernels.multiply(
          count, g.columns, g.depth, matrix + first * (step.transposesA ? 1 : g.depth), step.transposesA ? 1 : g.depth,
          step.transposesA ? g.rows : 1, packed, step.bias?.pointer, nil, 0, frame.arena + y + (index * g.rows + first) * g.columns, g.columns)
      }
    }
  }
}

/// Softmax, or its logarithm, along one axis of a row-major activation: `outer` times `length` times `inner`.
struct SoftmaxStep: PlannedStep {
  let name: String
  let input: BufferID, output: BufferID
  let outer: Int, length: Int, inner: Int
  let isLogarithm: Bool

  var reads: [BufferID] { [input] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: isLogarithm ? "log softmax" : "softmax", shape: "\(outer)x\(length)x\(inner)", flops: 0,
      bytes: 8 * Double(outer * length * inner), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input), y = memory.plain(output), step = self
    if inner == 1 {
      let part = max(1, 16384 / max(1, length))
      return { (frame) throws(EngineError) in
        let kernel = step.isLogarithm ? frame.kernels.softmax.logRows : frame.kernels.softmax.rows
        frame.pool.run((step.outer + part - 1) / part) { task, _ in
          let at = task * part * step.length
          kernel(min(part, step.outer - task * part), step.length, frame.arena + x + at, step.length, frame.arena + y + at, step.length)
        }
      }
    }
    let part = 4096, parts = (inner + part - 1) / part
    return { (frame) throws(EngineError) in
      let kernel = step.isLogarithm ? frame.kernels.softmax.logColumns : frame.kernels.softmax.columns
      frame.pool.run(step.outer * parts) { task, _ in
        let first = task % parts * part, at = task / parts * step.length * step.inner + first
        kernel(step.length, min(part, step.inner - first), frame.arena + x + at, step.inner, frame.arena + y + at, step.inner)
      }
    }
  }
}

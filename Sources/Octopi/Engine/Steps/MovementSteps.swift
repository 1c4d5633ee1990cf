import Kernels

/// A row-major activation read with other strides: transposition, slices, broadcasts, reversal.
///
/// `y[i0][i1]... = x[inputOffset + i0 * inputStrides[0] + ...]`, written at `outputOffset` with its own strides. Distances are in floats.
struct StridedCopyStep: PlannedStep {
  let name: String
  let kind: String
  let input: BufferID
  let output: BufferID
  let map: StridedMap

  var reads: [BufferID] { [input] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: kind, shape: map.shape.map(String.init).joined(separator: "x"), flops: 0,
      bytes: 8 * Double(map.shape.reduce(1, *)), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input), y = memory.plain(output), map = map.collapsed
    return { (frame) throws(EngineError) in
      frame.pool.run(map.outerCount) { task, _ in
        let (from, to) = map.outer(task)
        frame.kernels.layout.copyMatrix(
          map.rows, map.columns, frame.arena + x + from, map.inputRow, map.inputColumn, frame.arena + y + to, map.outputRow, map.outputColumn)
      }
    }
  }
}

/// Shape and strides of a copy on both sides.
struct StridedMap: Sendable, Hashable {
  var shape: [Int]
  var inputStrides: [Int], outputStrides: [Int]
  var inputOffset = 0, outputOffset = 0

  /// The same copy with axes joined that run on without a gap on both sides, and axes of length 1 left out.
  var collapsed: StridedMap {
    var result = StridedMap(shape: [], inputStrides: [], outputStrides: [], inputOffset: inputOffset, outputOffset: outputOffset)
    for axis in shape.indices where shape[axis] != 1 {
      if let last = result.shape.indices.last, result.inputStrides[last] == inputStrides[axis] * shape[axis],
        result.outputStrides[last] == outputStrides[axis] * shape[axis]
      {
        result.shape[last] *= shape[axis]
        result.inputStrides[last] = inputStrides[axis]
        result.outputStrides[last] = outputStrides[axis]
      } else {
        result.shape.append(shape[axis])
        result.inputStrides.append(inputStrides[axis])
        result.outputStrides.append(outputStrides[axis])
      }
    }
    while result.shape.count < 2 {
      result.shape.insert(1, at: 0)
      result.inputStrides.insert(0, at: 0)
      result.outputStrides.insert(0, at: 0)
    }
    // The inner axes of the copy are the last of the output and the one that is contiguous in the input, if there is one.
    if let contiguous = result.inputStrides.firstIndex(of: 1), contiguous < result.shape.count - 2 {
      for axis in contiguous..<result.shape.count - 2 { result.swapAxes(axis, axis + 1) }
    }
    return result
  }

  private mutating func swapAxes(_ a: Int, _ b: Int) {
    shape.swapAt(a, b)
    inputStrides.swapAt(a, b)
    outputStrides.swapAt(a, b)
  }

  private var inner: Int { shape.count - 2 }
  var rows: Int { shape[inner] }
  var columns: Int { shape[inner + 1] }
  var inputRow: Int { inputStrides[inner] }
  var inputColumn: Int { inputStrides[inner + 1] }
  var outputRow: Int { outputStrides[inner] }
  var outputColumn: Int { outputStrides[inner + 1] }
  var outerCount: Int { shape[..<inner].reduce(1, *) }

  /// Offsets of the matrix number `index` over the outer axes.
  func outer(_ index: Int) -> (input: Int, output: Int) {
    var rest = index, input = inputOffset, output = outputOffset
    for axis in (0..<inner).reversed() {
      let i = rest % shape[axis]
      rest /= shape[axis]
      input += i * inputStrides[axis]
      output += i * outputStrides[axis]
    }
    return (input, output)
  }

  static func rowMajor(_ shape: [Int]) -> [Int] { shape.indices.map { shape[($0 + 1)...].reduce(1, *) } }
}

/// Floats of a row-major activation become one value.
struct FillStep: PlannedStep {
  let name: String
  let output: BufferID
  let count: Int
  let value: Float

  var reads: [BufferID] { [] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(name: name, kernel: "fill", shape: "\(count)", flops: 0, bytes: 4 * Double(count), isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let y = memory.plain(output), count = count, value = value, row = 65536
    return { (frame) throws(EngineError) in
      frame.pool.run((count + row - 1) / row) { task, _ in
        (frame.arena + y + task * row).update(repeating: value, count: min(row, count - task * row))
      }
    }
  }
}

/// Slices along one axis in the order of constant indices; zeros for a negative one.
struct GatherStep: PlannedStep {
  let name: String
  var kind = "gather"
  let input: BufferID
  let output: BufferID
  /// Slices before the axis, elements of one slice, and the axis' length.
  let outer: Int, inner: Int, length: Int
  let indices: [Int]

  var reads: [BufferID] { [input] }
  var writes: [BufferID] { [output] }
  var summary: StepSummary {
    StepSummary(
      name: name, kernel: kind, shape: "\(outer)x\(indices.count)x\(inner)", flops: 0, bytes: 8 * Double(outer * inner * indices.count),
      isReference: false)
  }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = memory.plain(input), y = memory.plain(output), step = self, list = IntStorage(indices)
    let part = max(1, 16384 / max(1, inner)), parts = (indices.count + part - 1) / part
    return { (frame) throws(EngineError) in
      frame.pool.run(step.outer * parts) { task, _ in
        let o = task / parts, first = task % parts * part, count = min(part, step.indices.count - first)
        frame.kernels.layout.gatherRows(
          count, step.inner, list.pointer + first, frame.arena + x + o * step.length * step.inner, step.inner,
          frame.arena + y + (o * step.indices.count + first) * step.inner, step.inner)
      }
    }
  }
}

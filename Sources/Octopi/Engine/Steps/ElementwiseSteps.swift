import Kernels

/// `y = f(x)`, element by element, in either layout.
struct UnaryStep: PlannedStep {
  let name: String
  let function: UnaryFunction
  var alpha: Float = 0, beta: Float = 0
  let input: Rows
  let output: Rows

  var reads: [BufferID] { [input.buffer] }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .elementwise(name, "\(function)", output, operands: 1) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let x = input.bound(memory), y = output.bound(memory), alpha = alpha, beta = beta, function = function
    return { (frame) throws(EngineError) in
      let kernel = frame.kernels.elementwise.unary(function)
      frame.pool.run(y.tasks) { task, _ in
        y.forEachRow(of: task) { row in kernel(y.count(row), frame.arena + x.at(row), frame.arena + y.at(row), alpha, beta) }
      }
    }
  }
}

/// `y = f(a, b)`, element by element; an operand may be a constant for all or one number a channel.
struct BinaryStep: PlannedStep {
  let name: String
  let function: BinaryFunction
  let a: Operand
  let b: Operand
  let output: Rows

  enum Operand: Sendable {
    case rows(Rows)
    /// One value for all.
    case scalar(Float)
    /// `[block][width]`; the output is blocked.
    case channels(FloatStorage)
    /// `[image][block][width]` in memory, computed for each run; the output is blocked.
    case imageChannels(BufferID)

    var buffer: BufferID? {
      switch self {
      case .rows(let rows): rows.buffer
      case .imageChannels(let id): id
      case .scalar, .channels: nil
      }
    }
  }

  /// An operand with its addresses known: where its part for a row lies, and after how many floats it repeats.
  private enum Bound: Sendable {
    case rows(BoundRows, period: Int)
    case scalar(FloatStorage)
    case channels(FloatStorage)
    case imageChannels(Int)

    func at(_ row: Int, _ y: BoundRows, _ arena: MutableFloats) -> (Floats, Int) {
      switch self {
      case .rows(let rows, let period): (Floats(arena + rows.at(row)), period)
      case .scalar(let value): (value.pointer, 1)
      case .channels(let values): (values.pointer + y.block(row) * y.width, y.width)
      case .imageChannels(let offset): (Floats(arena + offset + y.imageBlock(row) * y.width), y.width)
      }
    }
  }

  private func bound(_ operand: Operand, _ memory: MemoryMap) -> Bound {
    switch operand {
    case .rows(let rows): .rows(rows.bound(memory), period: rows.isRepeated ? 1 : 0)
    case .scalar(let value): .scalar(FloatStorage([value]))
    case .channels(let values): .channels(values)
    case .imageChannels(let id): .imageChannels(memory.plain(id))
    }
  }

  var reads: [BufferID] { [a.buffer, b.buffer].compactMap { $0 } }
  var writes: [BufferID] { [output.buffer] }
  var summary: StepSummary { .elementwise(name, "\(function)", output, operands: 2) }

  func bind(_ memory: MemoryMap) -> BoundStep {
    let p = bound(a, memory), q = bound(b, memory), y = output.bound(memory), function = function
    return { (frame) throws(EngineError) in
      let kernel = frame.kernels.elementwise.binary(function)
      frame.pool.run(y.tasks) { task, _ in
        y.forEachRow(of: task) { row in
          let (a, aPeriod) = p.at(row, y, frame.arena), (b, bPeriod) = q.at(row, y, frame.arena)
          kernel(y.count(row), a, aPeriod, b, bPeriod, frame.arena + y.at(row))
        }
      }
    }
  }
}

/// A float activation as rows that lie side by side in memory: lines along x of a blocked one, equal parts of a row-major one.
enum Rows: Sendable {
  case blocked(BlockedView)
  case plain(BufferID, count: Int)
  /// Rows of `length` floats of a row-major activation that are read in another order: `starts` has one offset a row of the output, and
  /// `isRepeated` says that a row is a single value.
  case gathered(BufferID, starts: [Int], length: Int, isRepeated: Bool)

  var buffer: BufferID {
    switch self {
    case .blocked(let view): view.buffer
    case .plain(let id, _), .gathered(let id, _, _, _): id
    }
  }

  var count: Int {
    switch self {
    case .blocked(let view): view.shape.batch * view.shape.channels * view.shape.size.product
    case .plain(_, let count): count
    case .gathered(_, let starts, let length, _): starts.count * length
    }
  }

  var isRepeated: Bool { if case .gathered(_, _, _, true) = self { true } else { false } }

  func bound(_ memory: MemoryMap) -> BoundRows {
    switch self {
    case .blocked(let view): .blocked(memory.view(view))
    case .plain(let id, let count): .plain(offset: memory.plain(id), count: count)
    case .gathered(let id, let starts, let length, _): .gathered(offset: memory.plain(id), starts: starts, length: length)
    }
  }
}

/// `Rows` with addresses.
enum BoundRows: Sendable {
  case blocked(BoundView)
  case plain(offset: Int, count: Int)
  case gathered(offset: Int, starts: [Int], length: Int)

  /// Floats of a row of a row-major activation.
  private static var plainRow: Int { 16384 }

  private var rows: Int {
    switch self {
    case .blocked(let view): view.shape.batch * view.shape.blocks.count * view.shape.size.z * view.shape.size.y
    case .plain(_, let count): (count + Self.plainRow - 1) / Self.plainRow
    case .gathered(_, let starts, _): starts.count
    }
  }

  /// Rows that one task takes: a plane, or some thousands of floats.
  private var rowsPerTask: Int {
    switch self {
    case .blocked(let view): view.shape.size.y
    case .plain: 1
    case .gathered(_, _, let length): max(1, Self.plainRow / max(1, length))
    }
  }

  var tasks: Int { (rows + rowsPerTask - 1) / rowsPerTask }

  func forEachRow(of task: Int, _ body: (Int) -> Void) {
    for row in task * rowsPerTask..<min(rows, (task + 1) * rowsPerTask) { body(row) }
  }

  var width: Int { if case .blocked(let view) = self { view.shape.width } else { 1 } }

  /// Number of the row's image and block together, and of its block.
  func imageBlock(_ row: Int) -> Int { if case .blocked(let view) = self { row / view.shape.size.y / view.shape.size.z } else { 0 } }
  func block(_ row: Int) -> Int { if case .blocked(let view) = self { imageBlock(row) % view.shape.blocks.count } else { 0 } }

  func count(_ row: Int) -> Int {
    switch self {
    case .blocked(let view): view.shape.size.x * view.shape.width
    case .plain(_, let count): min(Self.plainRow, count - row * Self.plainRow)
    case .gathered(_, _, let length): length
    }
  }

  func at(_ row: Int) -> Int {
    switch self {
    case .blocked(let view):
      let y = row % view.shape.size.y, z = row / view.shape.size.y % view.shape.size.z, image = imageBlock(row)
      return view.at(image / view.shape.blocks.count, image % view.shape.blocks.count, z, y)
    case .plain(let offset, _): return offset + row * Self.plainRow
    case .gathered(let offset, let starts, _): return offset + starts[row]
    }
  }
}

extension StepSummary {
  static func elementwise(_ name: String, _ kernel: String, _ rows: Rows, operands: Double) -> StepSummary {
    let shape = if case .blocked(let view) = rows { view.shape.description } else { "\(rows.count)" }
    return StepSummary(name: name, kernel: kernel, shape: shape, flops: 0, bytes: 4 * (operands + 1) * Double(rows.count), isReference: false)
  }
}

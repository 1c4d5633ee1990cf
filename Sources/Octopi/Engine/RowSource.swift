import Graph
import Kernels

/// Rows of a row-major activation through a gather of runs and a layer normalisation that are not computed yet: products compute them for
/// the rows of a task, all other readers have them written down first.
struct RowSource: Sendable {
  let buffer: BufferID
  var gather: RunList?
  var norm: RowNorm?
  /// What is gathered are normalised runs: one that is missing is zero, not a normalised zero.
  var normalizesFirst = false

  init(_ buffer: BufferID, gather: RunList? = nil, norm: RowNorm? = nil) {
    self.buffer = buffer
    self.gather = gather
    self.norm = norm
  }

  /// The layer normalisation of these rows; nil where it would have to be computed apart.
  func normalized(by norm: RowNorm) -> RowSource? {
    guard self.norm == nil, norm.length % (gather?.length ?? 1) == 0 else { return nil }
    var result = self
    result.norm = norm
    return result
  }

  /// A gather of these rows; nil as above.
  func gathered(by runs: RunList) -> RowSource? {
    guard gather == nil, norm == nil || norm?.length == runs.length else { return nil }
    var result = self
    result.gather = runs
    result.normalizesFirst = norm != nil
    return result
  }

  /// Whether rows of `length` floats can be computed one by one.
  func hasRows(of length: Int) -> Bool { length > 0 && length % (gather?.length ?? 1) == 0 && length % (norm?.length ?? 1) == 0 }

  /// Nothing has to be computed.
  var isPlain: Bool { gather == nil && norm == nil }

  var kernel: String { [gather == nil ? nil : "gather", norm == nil ? nil : "layer normalization"].compactMap { $0 }.joined(separator: " + ") }

  var parameters: [FloatStorage] { [norm?.scale, norm?.shift].compactMap { $0 } }

  /// `count` rows of `length` floats from row `first` on, computed into `target`, or where they lie if nothing has to be computed.
  func rows(_ count: Int, from first: Int, length: Int, at x: Floats, _ kernels: KernelTable, into target: MutableFloats) -> Floats {
    var rows = x + first * length
    if let gather {
      let perRow = length / gather.length
      kernels.layout.gatherRows(
        count * perRow, gather.length, gather.runs.pointer + first * perRow, x, gather.length, target, gather.length)
      rows = Floats(target)
    }
    guard let norm else { return rows }
    kernels.normalization.layerNormalize(
      count * (length / norm.length), norm.length, rows, norm.length, norm.scale?.pointer, norm.shift?.pointer, norm.epsilon, target, norm.length)
    if let gather, normalizesFirst, gather.hasGaps {
      let perRow = length / gather.length, runs = gather.runs.pointer + first * perRow
      for run in 0..<count * perRow where runs[run] < 0 { (target + run * gather.length).update(repeating: 0, count: gather.length) }
    }
    return Floats(target)
  }
}

/// Runs of neighbouring floats by number; a negative one is zeros.
struct RunList: Sendable {
  let length: Int
  let runs: IntStorage
  let hasGaps: Bool

  init(_ runs: [Int], length: Int) {
    self.length = length
    self.runs = IntStorage(runs)
    hasGaps = runs.contains { $0 < 0 }
  }

  private init(_ runs: IntStorage, length: Int, hasGaps: Bool) { (self.runs, self.length, self.hasGaps) = (runs, length, hasGaps) }

  /// The same runs of rows of another length.
  func ofRows(_ length: Int) -> RunList { RunList(runs, length: length, hasGaps: hasGaps) }
}

/// A layer normalisation over runs of `length` floats.
struct RowNorm: Sendable {
  let length: Int
  let scale: FloatStorage?, shift: FloatStorage?
  let epsilon: Float
}

extension PlanBuilder {
  /// Rows of the value for a product: not yet computed, if they are not.
  mutating func rowSource(_ id: ValueID, length: Int) throws(EngineError) -> RowSource {
    if case .rows(let source)? = place(id), source.hasRows(of: length) { return source }
    return RowSource(try plain(id))
  }

  /// Makes `y` rows that are computed when a product reads them, or now if several nodes do.
  mutating func defineRows(_ y: ValueID, _ source: RowSource) throws(EngineError) {
    define(y, .rows(source))
    if useCount(y) != 1 { _ = try plain(y) }
  }
}

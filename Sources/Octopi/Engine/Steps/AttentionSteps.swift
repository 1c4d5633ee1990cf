import Graph
import Kernels

/// Packed matrices that are added to scores.
struct ScoreMatrices: Sendable {
  let storage: FloatStorage
  /// Floats of one matrix.
  let size: Int
  let count: Int
  /// What no number of each matrix exceeds by magnitude; NaN where one is.
  private let bounds: [Float]

  init(storage: FloatStorage, size: Int) {
    (self.storage, self.size) = (storage, size)
    count = storage.count / max(1, size)
    bounds = (0..<count).map { matrix in
      // As bits, NaN is the largest magnitude.
      let numbers = UnsafeBufferPointer(start: storage.pointer + matrix * size, count: size)
      return Float(bitPattern: numbers.reduce(0) { max($0, $1.bitPattern & 0x7FFF_FFFF) })
    }
  }

  func bound(_ index: Int) -> Float { bounds[index % count] }
  func matrix(_ index: Int) -> Floats { storage.pointer + index % count * size }
}

/// Region numbers of the tokens of some windows, as floats.
struct RegionRows: Sendable {
  let storage: FloatStorage
  let tokens: Int
  /// By window: some tokens are of another region than others.
  let isDivided: [Bool]

  init?(_ regions: Tensor) {
    guard let ids = regions.integers, regions.shape.count == 2 else { return nil }
    let tokens = regions.shape[1]
    self.tokens = tokens
    storage = FloatStorage(ids.map { Float($0) })
    isDivided = (0..<regions.shape[0]).map { window in ids[window * tokens..<(window + 1) * tokens].contains { $0 != ids[window * tokens] } }
  }

  func row(_ batch: Int) -> Floats? {
    let window = batch % isDivided.count
    return isDivided[window] ? storage.pointer + window * tokens : nil
  }
}

/// Attention, head by head, on operands where they lie; the scores of a few queries at a time stay in a core's cache.
struct AttentionStep: PlannedStep {
  let name: String
  let attention: StridedAttention
  let query: BufferID, key: BufferID, value: BufferID, output: BufferID
  /// One matrix a head.
  let bias: ScoreMatrices?
  /// One matrix a window.
  let mask: ScoreMatrices?
  let regions: RegionRows?
  /// Keys and values of a task are copied next to each other first.
  let gathersTokens: Bool
  /// Floats of scratch that the kernel needs.
  let kernelScratch: Int

  init(
    _ attention: StridedAttention, _ kernels: MatMulKernels, name: String, query: BufferID, key: BufferID, value: BufferID, output: BufferID,
    bias: ScoreMatrices?, mask: ScoreMatrices?, regions: RegionRows?
  ) {
    (self.attention, self.name, self.query, self.key, self.value, self.output) = (attention, name, query, key, value, output)
    (self.bias, self.mask, self.regions) = (bias, mask, regions)
    kernelScratch = kernels.attentionScratch(tokens: attention.tokens, keySize: attention.keySize, valueSize: attention.valueSize)
    // Read from rows that hold all heads, few numbers of each, they would fill the first cache with those of other heads. Copies have to stay
    // in the second one.
    gathersTokens =
      kernels.gathersTokens && attention.hasLongRows && attention.keySize < 16 && attention.valueSize < 16
      && Self.group * attention.headFloats * 4 <= 256 << 10
  }

  var scratch: Int { keyBounds + Self.group * attention.keySize }
  /// Where keys and values of a task begin in scratch, and where the largest magnitudes of the keys do.
  private var tokens: Int { kernelScratch }
  private var keyBounds: Int { tokens + (gathersTokens ? Self.group * attention.headFloats : 0) }
  var reads: [BufferID] { [query, key, value] }
  var writes: [BufferID] { [output] }
  var parameters: [FloatStorage] { [bias?.storage, mask?.storage, regions?.storage].compactMap { $0 } }
  var summary: StepSummary {
    let a = attention, matrices = Double(a.batches * a.heads)
    return StepSummary(
      name: name, kernel: "attention", shape: "\(a.batches)x\(a.heads)x\(a.queries)x\(a.tokens)x\(a.keySize)",
      flops: 2 * matrices * Double(a.queries * a.tokens) * Double(a.keySize + a.valueSize),
      bytes: 4 * matrices * Double((a.queries + a.tokens) * (a.keySize + a.valueSize)), isReference: false)
  }

  /// Windows that are computed one after the other with the same part of a head's bias, which then stays in the cache.
  private static let group = 8

  func bind(_ memory: MemoryMap) -> BoundStep {
    let q = memory.plain(query), k = memory.plain(key), v = memory.plain(value), y = memory.plain(output), step = self, a = attention
    let resultBatch = a.queries * a.heads * a.valueSize
    let (resultHead, resultRow) = a.headsFirst ? (a.queries * a.valueSize, a.valueSize) : (a.valueSize, a.heads * a.valueSize)
    let gathered = (key: AttentionShape.Strides(row: a.keySize, number: 1), value: AttentionShape.Strides(row: a.valueSize, number: 1))
    let whole = AttentionShape(
      queries: a.queries, tokens: a.tokens, keySize: a.keySize, valueSize: a.valueSize, query: a.query.matrix,
      key: gathersTokens ? gathered.key : a.key.matrix, value: gathersTokens ? gathered.value : a.value.matrix, resultRow: resultRow, scale: a.scale)
    let groups = (a.batches + Self.group - 1) / Self.group
    return { (frame) throws(EngineError) in
      let kernels = frame.kernels.matMul
      frame.pool.run(groups * a.heads) { task, thread in
        let h = task % a.heads, batches = task / a.heads * Self.group..<min(a.batches, (task / a.heads + 1) * Self.group)
        let scratch = frame.scratch(of: thread)
        func tokensInPlace(_ b: Int) -> Tokens { (Floats(frame.arena + k + a.key.at(b, h, 0, 0)), Floats(frame.arena + v + a.value.at(b, h, 0, 0))) }
        func copy(_ b: Int) -> MutableFloats { scratch + step.tokens + (b - batches.lowerBound) * a.headFloats }
        func tokens(_ b: Int) -> Tokens {
          step.gathersTokens ? Tokens(Floats(copy(b)), Floats(copy(b) + a.tokens * a.keySize)) : tokensInPlace(b)
        }
        func keyBounds(_ b: Int) -> MutableFloats { scratch + step.keyBounds + (b - batches.lowerBound) * a.keySize }
        for b in batches {
          if step.gathersTokens { step.gather(tokensInPlace(b), copy(b), frame.kernels.layout) }
          kernels.keyBounds(whole, tokens(b).keys, keyBounds(b))
        }
        for first in stride(from: 0, to: a.queries, by: kernels.panelColumns) {
          var shape = whole
          shape.queries = min(kernels.panelColumns, a.queries - first)
          for b in batches {
            let tokens = tokens(b)
            let added = AttentionAddends(
              bias: step.bias.map { $0.matrix(h) + first * a.tokens }, mask: step.mask.map { $0.matrix(b) + first * a.tokens },
              regions: step.regions?.row(b), penalty: a.penalty, firstQuery: first,
              bound: (step.bias?.bound(h) ?? 0) + (step.mask?.bound(b) ?? 0), keyBounds: Floats(keyBounds(b)))
            kernels.attend(
              shape, frame.arena + q + a.query.at(b, h, first, 0), tokens.keys, tokens.values, added,
              frame.arena + y + b * resultBatch + h * resultHead + first * resultRow, scratch)
          }
        }
      }
    }
  }

  private typealias Tokens = (keys: Floats, values: Floats)

  /// Copies keys and values of one head and window to `target`, one after the other.
  private func gather(_ tokens: Tokens, _ target: MutableFloats, _ kernels: LayoutKernels) {
    let a = attention
    kernels.copyMatrix(a.tokens, a.keySize, tokens.keys, a.key.token, a.key.feature, target, a.keySize, 1)
    kernels.copyMatrix(
      a.tokens, a.valueSize, tokens.values, a.value.token, a.value.feature, target + a.tokens * a.keySize, a.valueSize, 1)
  }
}

extension StridedAttention {
  /// Keys and values of one head and window.
  fileprivate var headFloats: Int { tokens * (keySize + valueSize) }
  /// Keys, or values, lie apart.
  fileprivate var hasLongRows: Bool { key.token != keySize || value.token != valueSize }
}

extension StridedAttention.View {
  fileprivate var matrix: AttentionShape.Strides { AttentionShape.Strides(row: token, number: feature) }
}

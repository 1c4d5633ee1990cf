import Kernels

/// Weights in the form that a layer's kernels read, several times as large as the canonical ones they are made from.
///
/// Made when the layer first runs; kept from then on where the plan's budget allows, else made at every run where the arena has room while
/// the layer runs. The floats are the same either way.
struct DerivedWeights: Sendable {
  /// The layer's output channels in so many parts, each made and used on its own where the weights are not kept.
  let parts: Int
  let partFloats: Int
  /// Writes one part, on all threads of the frame's pool.
  let make: @Sendable (_ part: Int, _ target: MutableFloats, _ frame: Frame) -> Void

  var floats: Int { parts * partFloats }

  /// Bytes that are worth making at once: little against what a process holds anyway.
  static let mostPartBytes = 32 << 20
}

/// Where the derived weights of each step of a plan go.
struct WeightMap: Sendable {
  enum Place: Sendable {
    /// Floats from the start of the session's memory for weights, made once.
    case kept(offset: Int)
    /// Floats from the start of the arena, free while the step runs: made at every run.
    case passing(offset: Int)
  }

  /// By step; nil for those that derive none.
  let places: [Place?]
  /// Floats of what is kept.
  let floats: Int

  /// `passing`: where in the arena the weights go that are not kept, by step.
  init(_ weights: [DerivedWeights?], passing: [Int: Int]) {
    var places = [Place?](repeating: nil, count: weights.count), end = 0
    for (index, layer) in weights.enumerated() {
      guard let layer else { continue }
      if let offset = passing[index] {
        places[index] = .passing(offset: offset)
      } else {
        places[index] = .kept(offset: end)
        end += Self.rounded(layer.floats)
      }
    }
    self.places = places
    floats = end
  }

  /// Steps whose weights are made at every run: others are kept, small ones first, as many as fit `budget` bytes beside the largest part of
  /// those that are not.
  static func passing(_ weights: [DerivedWeights?], budget: Int) -> [Int] {
    let layers = weights.enumerated().compactMap { (index, layer) in layer.map { (index: index, floats: rounded($0.floats), part: rounded($0.partFloats)) } }
    let total = layers.reduce(0) { $0 + $1.floats }
    if total * 4 <= budget { return [] }
    var end = layers.reduce(0) { max($0, $1.part) }
    var passing: [Int] = []
    for layer in layers.sorted(by: { ($0.floats, $0.index) < ($1.floats, $1.index) }) {
      if (end + layer.floats) * 4 <= budget { end += layer.floats } else { passing.append(layer.index) }
    }
    return passing
  }

  /// A line of padding: products fetch ahead of their weights.
  static func rounded(_ floats: Int) -> Int { (floats + 16 + 31) & ~31 }
}

/// The memory for the weights that a session keeps, and which of them have been made.
final class WeightMemory {
  private let map: WeightMap
  private let memory: SystemMemory?
  private var isMade: [Bool]

  init(_ map: WeightMap) throws(EngineError) {
    self.map = map
    memory = map.floats == 0 ? nil : try SystemMemory(floats: map.floats)
    isMade = [Bool](repeating: false, count: map.places.count)
  }

  /// Calls `body` with parts whose weights are ready at `base + part * partFloats`, until all parts have had their turn.
  func use(_ weights: DerivedWeights, ofStep step: Int, _ frame: Frame, _ body: (_ parts: Range<Int>, _ base: Floats) -> Void) {
    switch map.places[step] {
    case .kept(let offset):
      guard let base = memory.map({ $0.floats + offset }) else { return }
      if !isMade[step] { for part in 0..<weights.parts { weights.make(part, base + part * weights.partFloats, frame) } }
      isMade[step] = true
      body(0..<weights.parts, UnsafePointer(base))
    case .passing(let offset):
      let base = frame.arena + offset
      for part in 0..<weights.parts {
        weights.make(part, base, frame)
        body(part..<part + 1, UnsafePointer(base - part * weights.partFloats))
      }
    case nil: return
    }
  }
}

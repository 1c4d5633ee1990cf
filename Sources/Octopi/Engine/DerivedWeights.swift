import Kernels

/// Weights in the form that a layer's kernels read, several times as large as the canonical ones they are made from.
///
/// Made when the layer first runs; kept from then on where the plan's budget allows, else made at every run into memory that such layers
/// share. The floats are the same either way.
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
  struct Place: Sendable {
    /// Floats from the start of the session's memory for weights.
    let offset: Int
    let isKept: Bool
  }

  /// By step; nil for those that derive none.
  let places: [Place?]
  let floats: Int

  /// Keeps the weights of as many layers as fit `budget` bytes beside the shared memory of the others, small ones first.
  init(_ weights: [DerivedWeights?], budget: Int) {
    var places = [Place?](repeating: nil, count: weights.count), end = 0
    let order = weights.indices.filter { weights[$0] != nil }.sorted { (weights[$0]?.floats ?? 0, $0) < (weights[$1]?.floats ?? 0, $1) }
    let total = order.reduce(0) { $0 + (weights[$1].map { Self.rounded($0.floats) } ?? 0) }
    let shared = total * 4 <= budget ? 0 : order.reduce(0) { max($0, weights[$1].map { Self.rounded($0.partFloats) } ?? 0) }
    end = shared
    for index in order {
      guard let layer = weights[index] else { continue }
      let isKept = (end + Self.rounded(layer.floats)) * 4 <= budget
      places[index] = Place(offset: isKept ? end : 0, isKept: isKept)
      if isKept { end += Self.rounded(layer.floats) }
    }
    self.places = places
    floats = end
  }

  /// A line of padding: products fetch ahead of their weights.
  private static func rounded(_ floats: Int) -> Int { (floats + 16 + 31) & ~31 }
}

/// The memory for weights of a session, and which of the kept ones have been made.
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
    guard let place = map.places[step], let base = memory.map({ $0.floats + place.offset }) else { return }
    if place.isKept {
      if !isMade[step] { for part in 0..<weights.parts { weights.make(part, base + part * weights.partFloats, frame) } }
      isMade[step] = true
      body(0..<weights.parts, UnsafePointer(base))
    } else {
      for part in 0..<weights.parts {
        weights.make(part, base, frame)
        body(part..<part + 1, UnsafePointer(base - part * weights.partFloats))
      }
    }
  }
}

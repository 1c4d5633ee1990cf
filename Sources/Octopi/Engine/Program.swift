/// Steps in order and their buffers, once all nodes of a graph have been lowered: what is left to do is to give everything its place.
struct Program {
  var steps: [any PlannedStep]
  var buffers: [Buffer]
  /// What is written before the first step, and read after the last.
  let inputs: [BufferID]
  var outputs: [BufferID]

  /// First and last step during which each buffer holds something, -1 for what runs before the first. Of a joined buffer the parts have lives
  /// and not the whole: a part is needed from its own first step on, until nobody reads it or the whole. Nil for what nobody touches.
  var lives: [ClosedRange<Int>?] {
    var touched = [ClosedRange<Int>?](repeating: nil, count: buffers.count)
    func touch(_ id: BufferID, _ step: Int) { touched[id.index] = Self.hull(touched[id.index], step...step) }
    for id in inputs { touch(id, -1) }
    for (index, step) in steps.enumerated() { for id in step.reads + step.writes { touch(id, index) } }
    for id in outputs { touch(id, steps.count) }

    let wholes = Set(buffers.compactMap(\.parent?.id))
    return buffers.indices.map { index in
      if wholes.contains(BufferID(index: index)) { return nil }
      var life = touched[index], parent = buffers[index].parent?.id
      while let whole = parent {
        life = Self.hull(life, touched[whole.index])
        parent = buffers[whole.index].parent?.id
      }
      return life
    }
  }

  private static func hull(_ a: ClosedRange<Int>?, _ b: ClosedRange<Int>?) -> ClosedRange<Int>? {
    guard let a, let b else { return a ?? b }
    return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
  }

  /// The step reads or writes some of what lies in the memory of `id`.
  func touches(_ step: any PlannedStep, _ id: BufferID) -> Bool { (step.reads + step.writes).contains { buffers.root(of: $0) == id } }

  /// The buffers whose memory holds these.
  func homes(_ ids: [BufferID]) -> Set<BufferID> { Set(ids.map { buffers.home(of: $0).id }) }

  /// Takes what `change` makes of the program for each step, from the last to the first, unless it costs more than a 64th of the memory in all.
  mutating func changeEachStep(_ change: (_ program: Program, _ index: Int) -> Program?) {
    let most = arenaFloats + arenaFloats / 64
    for index in steps.indices.reversed() {
      if let changed = change(self, index), changed.arenaFloats <= most { self = changed }
    }
  }

  /// Floats of the arena, without weights.
  var arenaFloats: Int { MemoryMap(buffers: buffers, lives: lives).floats }

  /// Gives every buffer its place, and all derived weights: those that are made at every run lie in the arena while their step runs, where
  /// others have left room as a rule. `budget`: bytes of derived weights beside so many bytes of the arena.
  func placed(budget: (_ arenaBytes: Int) -> Int) -> (MemoryMap, WeightMap) {
    let weights = steps.map(\.derivedWeights), lives = lives
    let passing = WeightMap.passing(weights, budget: budget(4 * arenaFloats))
    let places = passing.enumerated().map { (step: $1, buffer: BufferID(index: buffers.count + $0)) }
    let extra = passing.map { Buffer(kind: .plain(floats: WeightMap.rounded(weights[$0]?.partFloats ?? 0))) }
    let memory = MemoryMap(buffers: buffers + extra, lives: lives + passing.map { $0...$0 })
    return (memory, WeightMap(weights, passing: Dictionary(uniqueKeysWithValues: places.map { ($0.step, memory.plain($0.buffer)) })))
  }
}

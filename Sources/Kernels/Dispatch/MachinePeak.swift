extension KernelTable {
  /// Floating point operations a second that the threads of `pool` reach together with nothing but multiply-adds in registers: the best of
  /// `repetitions` runs of some milliseconds.
  public func measuredPeak(on pool: ThreadPool, repetitions: Int = 8) -> Double {
    let iterations = 1 << 18, clock = ContinuousClock()
    let work = 2 * Double(peak.fmaPerIteration * iterations * pool.threads)
    return (0..<max(1, repetitions)).reduce(0) { best, _ in
      let time = clock.measure { pool.run(pool.threads) { _, _ in _ = peak.fmaLoop(iterations) } }
      return max(best, work / max(time / .seconds(1), 1e-9))
    }
  }

  /// Bytes a second that the threads of `pool` read from memory together, each from its own part of `bytes`; larger than all caches, or it
  /// is their bandwidth. The best of `repetitions` passes.
  public func measuredReadBandwidth(on pool: ThreadPool, bytes: Int = 1 << 29, repetitions: Int = 4) -> Double {
    let part = max(1, bytes / 4 / pool.threads), count = part * pool.threads, clock = ContinuousClock()
    let memory = MutableFloats.allocate(capacity: count)
    defer { memory.deallocate() }
    pool.run(pool.threads) { task, _ in (memory + task * part).initialize(repeating: 1, count: part) }
    return (0..<max(1, repetitions)).reduce(0) { best, _ in
      let time = clock.measure { pool.run(pool.threads) { task, _ in _ = peak.read(part, memory + task * part) } }
      return max(best, Double(4 * count) / max(time / .seconds(1), 1e-9))
    }
  }
}

import Synchronization
import Testing

@testable import Kernels

@Suite("ThreadPool")
struct ThreadPoolTests {
  /// Every task once, no thread number out of range or held by two tasks at once, all writes visible.
  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 100, 1000])
  func runsEveryTaskOnce(threads: Int, tasks: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    let runs = UnsafeMutableBufferPointer<Int>.allocate(capacity: max(1, tasks))
    runs.initialize(repeating: 0)
    let busy = UnsafeMutableBufferPointer<Int>.allocate(capacity: threads)
    busy.initialize(repeating: 0)
    defer {
      runs.deallocate()
      busy.deallocate()
    }
    nonisolated(unsafe) let (counts, held) = (runs, busy)
    let clashes = Atomic<Int>(0)
    pool.run(tasks) { task, thread in
      held[thread] += 1
      if held[thread] != 1 { clashes.add(1, ordering: .relaxed) }
      counts[task] += 1
      held[thread] -= 1
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
    #expect(runs.prefix(tasks).allSatisfy { $0 == 1 })
  }

  /// Many runs of few tasks: threads come late, miss runs, sleep and wake up.
  @Test(arguments: [2, 3, 5])
  func survivesManySmallRuns(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let total = Atomic<Int>(0)
    var want = 0
    for run in 0..<10_000 {
      let tasks = run % 5
      pool.run(tasks) { task, _ in total.add(run &* 31 &+ task, ordering: .relaxed) }
      for task in 0..<tasks { want += run &* 31 &+ task }
      if total.load(ordering: .relaxed) != want { break }
    }
    #expect(total.load(ordering: .relaxed) == want)
  }

  /// With one thread the order of calls is the order of tasks; with more, each thread sees its own tasks in that order.
  @Test func handsOutAscending() {
    var seen: [Int] = []
    ThreadPool(threads: 1).run(50) { task, _ in seen.append(task) }
    #expect(seen == Array(0..<50))
    let previous = UnsafeMutableBufferPointer<Int>.allocate(capacity: 2)
    previous.initialize(repeating: -1)
    defer { previous.deallocate() }
    nonisolated(unsafe) let last = previous
    let disorder = Atomic<Int>(0)
    ThreadPool(threads: 2).run(10_000) { task, thread in
      if task <= last[thread] { disorder.add(1, ordering: .relaxed) }
      last[thread] = task
    }
    #expect(disorder.load(ordering: .relaxed) == 0)
  }

  @Test func canBeMadeAndDroppedOften() {
    let total = Atomic<Int>(0)
    for _ in 0..<200 {
      let pool = ThreadPool(threads: 3)
      pool.run(3) { _, _ in total.add(1, ordering: .relaxed) }
    }
    for _ in 0..<50 { _ = ThreadPool(threads: 4) }
    #expect(total.load(ordering: .relaxed) == 600)
    #expect(ThreadPool(threads: -3).threads == 1)
  }
}

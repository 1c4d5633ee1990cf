import Synchronization

/// What the threads of a pool share: the tasks of the current run, and the two places where threads wait.
///
/// A run has a number. Run number and tasks left lie in one word, so a thread that comes late from an earlier run cannot take a task of
/// a later one; and a thread that has taken a task knows that `tasks` and `body` belong to its run, since that run cannot end without it.
final class WorkQueue: @unchecked Sendable {
  /// The run's number in the upper half, tasks not handed out yet in the lower.
  private let ticket = Atomic<UInt64>(0)
  /// Tasks of the current run that are not finished.
  private let pending = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private let started = Gate(), finished = Gate()
  private var tasks = 0
  private var body: ((_ task: Int, _ thread: Int) -> Void)?

  /// Starts a run, works in it as thread 0, and returns when all tasks are finished.
  func run(_ tasks: Int, _ body: @escaping (Int, Int) -> Void) {
    self.tasks = tasks
    self.body = body
    pending.store(tasks, ordering: .relaxed)
    let run = WorkQueue.run(of: ticket.load(ordering: .relaxed)) &+ 1
    ticket.store(UInt64(run) << 32 | UInt64(UInt32(tasks)), ordering: .sequentiallyConsistent)
    started.wake()
    finish(drain(run, thread: 0))
    finished.wait { self.pending.load(ordering: .sequentiallyConsistent) == 0 }
    self.body = nil
  }

  /// Life of thread 1 and up: works in every run that still has tasks when the thread comes, until `stop`.
  func serve(thread: Int) {
    var last: UInt32 = 0
    while true {
      started.wait {
        WorkQueue.run(of: self.ticket.load(ordering: .sequentiallyConsistent)) != last || self.isStopping.load(ordering: .sequentiallyConsistent)
      }
      if isStopping.load(ordering: .sequentiallyConsistent) { return }
      last = WorkQueue.run(of: ticket.load(ordering: .acquiring))
      finish(drain(last, thread: thread))
    }
  }

  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    started.wake()
  }

  /// Takes tasks of `run` until none is left; returns how many.
  ///
  /// Not inlined: the reference to `body` that it holds must be gone before the tasks count as finished, since `run` hands in a closure
  /// that must not outlive the call.
  @inline(never)
  private func drain(_ run: UInt32, thread: Int) -> Int {
    guard let first = claim(run), let body else { return 0 }
    var done = 1
    body(first, thread)
    while let task = claim(run) {
      body(task, thread)
      done += 1
    }
    return done
  }

  /// The next task of `run`, or nil when all are handed out.
  private func claim(_ run: UInt32) -> Int? {
    var seen = ticket.load(ordering: .acquiring)
    while WorkQueue.run(of: seen) == run, UInt32(truncatingIfNeeded: seen) > 0 {
      let (exchanged, original) = ticket.weakCompareExchange(expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
      if exchanged { return tasks - Int(UInt32(truncatingIfNeeded: seen)) }
      seen = original
    }
    return nil
  }

  private func finish(_ count: Int) {
    guard count > 0 else { return }
    // On x86 a locked instruction, which also waits for stores past the caches.
    if pending.wrappingSubtract(count, ordering: .sequentiallyConsistent).newValue == 0 { finished.wake() }
  }

  private static func run(of ticket: UInt64) -> UInt32 { UInt32(ticket >> 32) }
}

/// Threads that work through numbered tasks. The only place of the program that starts a thread.
public final class ThreadPool: Sendable {
  public let threads: Int

  public init(threads: Int) { self.threads = max(1, threads) }

  /// Calls `body(task, thread)` once for every task and returns when all are done; tasks are handed out in ascending order, `thread` is
  /// below `threads`. Must not be called from within a task.
  public func run(_ tasks: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
    for task in 0..<max(0, tasks) { body(task, 0) }
  }
}

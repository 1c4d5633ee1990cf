import Kernels
import Synchronization

extension ThreadPool {
  /// The results of `transform` for 0..<tasks, in this order, computed by all threads. Must not be called from within a task.
  func map<Result: Sendable>(_ tasks: Int, _ transform: (_ task: Int) -> Result) -> [Result] {
    let results = Mutex<[Result?]>(Array(repeating: nil, count: tasks))
    run(tasks) { task, _ in
      let result = transform(task)
      results.withLock { $0[task] = result }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }
}

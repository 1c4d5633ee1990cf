import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Threads that work through numbered tasks. The only place of the program that starts a thread.
///
///     let pool = ThreadPool(threads: ThreadPool.defaultThreads(environment: environment))
///     pool.run(planes) { plane, thread in kernel(plane, scratch[thread]) }
///
/// Between runs the threads look for work for some microseconds, then sleep. They end with the pool.
public final class ThreadPool: @unchecked Sendable {
  /// The caller of `run` and the threads of the pool.
  public let threads: Int

  private let queue = WorkQueue()
  private let isRunning = Atomic<Bool>(false)
  /// Immutable; a handle is a plain pointer on some systems, hence the unchecked conformance.
  private let workers: [pthread_t]

  /// `threads` below 1 counts as 1. If the system refuses a thread, the pool is that much smaller.
  public init(threads: Int) {
    var workers: [pthread_t] = []
    for thread in 1..<max(1, threads) {
      guard let worker = ThreadPool.start(Worker(queue: queue, thread: thread)) else { break }
      workers.append(worker)
    }
    self.workers = workers
    self.threads = workers.count + 1
  }

  deinit {
    queue.stop()
    for worker in workers { pthread_join(worker, nil) }
  }

  /// Calls `body(task, thread)` once for every task and returns when all are done; tasks are handed out in ascending order, `thread` is
  /// below `threads` and held by one task at a time. Everything that the tasks wrote is visible to the caller afterwards.
  ///
  /// Must not be called from within a task, nor by two threads at once.
  public func run(_ tasks: Int, _ body: (_ task: Int, _ thread: Int) -> Void) {
    guard tasks > 0 else { return }
    precondition(!isRunning.exchange(true, ordering: .acquiring), "ThreadPool.run is not re-entrant")
    defer { isRunning.store(false, ordering: .releasing) }
    if threads == 1 || tasks == 1 {
      for task in 0..<tasks { body(task, 0) }
    } else {
      withoutActuallyEscaping(body) { queue.run(tasks, $0) }
    }
  }

  /// What a new thread gets to know.
  private final class Worker: Sendable {
    let queue: WorkQueue, thread: Int

    init(queue: WorkQueue, thread: Int) {
      self.queue = queue
      self.thread = thread
    }
  }

  /// Room for the frames of deep calls in tasks; macOS gives new threads 512 KiB only.
  private static let stackBytes = 8 << 20

  private static func start(_ worker: Worker) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    let context = Unmanaged.passRetained(worker)
    #if canImport(Darwin)
      var handle: pthread_t?
      let status = pthread_create(&handle, &attributes, { ThreadPool.serve($0) }, context.toOpaque())
    #else
      var handle = pthread_t()
      let status = pthread_create(&handle, &attributes, { ThreadPool.serve($0) }, context.toOpaque())
    #endif
    guard status == 0 else {
      context.release()
      return nil
    }
    return handle
  }

  private static func serve(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let worker = Unmanaged<Worker>.fromOpaque(context).takeRetainedValue()
    worker.queue.serve(thread: worker.thread)
    return nil
  }
}

import CCPU
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Threads wait here until a condition holds: for some microseconds by looking again and again, then asleep.
///
/// The condition must be changed by a sequentially consistent atomic operation, followed by `wake`: a waiter announces itself before it
/// looks for the last time, so either it sees the change or `wake` sees the waiter.
final class Gate: @unchecked Sendable {
  /// Some 10 to 50 µs, the time between two layers of a network; sleeping and waking up takes as long.
  private static let spins = 1000

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let sleepers = Atomic<Int>(0)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Returns when `isOpen` is true.
  func wait(until isOpen: () -> Bool) {
    for _ in 0..<Gate.spins {
      if isOpen() { return }
      ccpu_relax()
    }
    pthread_mutex_lock(mutex)
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while !isOpen() { pthread_cond_wait(condition, mutex) }
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  /// Lets sleeping threads look at their condition.
  func wake() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}

@preconcurrency import Dispatch

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Calls a function when the process gets one of several signals, as long as this object lives; the signals do nothing else.
///
///     let watch = SignalWatch([SIGINT, SIGTERM]) { signal in
///       outputs.abandon()
///       exit(128 + signal)
///     }
///
/// The function runs on a queue of the system while all other threads go on, so it may do what any code may do. Signals that were
/// ignored when the process started, as in the background of a script, are heard too.
public final class SignalWatch: Sendable {
  private let sources: [any DispatchSourceSignal]

  public init(_ signals: [CInt], _ body: @escaping @Sendable (CInt) -> Void) {
    let queue = DispatchQueue(label: "signals")
    sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { body(number) }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }
}

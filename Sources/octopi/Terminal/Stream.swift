import Foundation
import Synchronization
import SystemPackage

/// Standard output or standard error. A reader that has gone away ends the output, not the program; any other failure is
/// remembered, since a result that nobody can read is a failure of the command.
final class Stream: Sendable {
  static let output = Stream(.standardOutput)
  static let diagnostics = Stream(.standardError)

  private let descriptor: FileDescriptor
  private let fault = Mutex<Errno?>(nil)

  private init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

  /// True on a terminal whose cursor can be moved.
  var isTerminal: Bool { isatty(descriptor.rawValue) == 1 && Environment.value("TERM") != "dumb" }

  /// Width of the terminal in columns; 80 where it does not say.
  var columns: Int {
    var size = winsize()
    guard ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Why a write failed, unless the reader has merely gone away.
  var failure: Errno? { fault.withLock { $0 == .brokenPipe ? nil : $0 } }

  /// Writes all of `text`; after a failure nothing more.
  func write(_ text: String) {
    fault.withLock { fault in
      guard fault == nil else { return }
      do {
        try descriptor.writeAll(text.utf8)
      } catch {
        fault = error as? Errno ?? .ioError
      }
    }
  }

  /// A write to a closed pipe must be an error that `write` sees, not the end of the program.
  static func ignoreClosedPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}

/// The environment of the process.
enum Environment {
  static func value(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
  /// True where a variable is set to anything but nothing (`NO_COLOR`).
  static func isSet(_ name: String) -> Bool { value(name).map { !$0.isEmpty } ?? false }
}

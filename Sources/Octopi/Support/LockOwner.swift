/// The process that holds an output, as its lock file says.
public struct LockOwner: Sendable, Hashable {
  public let host: String
  public let process: Int
  /// When the process started and when its machine did: a process number alone may belong to another program by now.
  let start: Int
  let boot: String

  static var current: LockOwner {
    let process = FileSystem.processID
    return LockOwner(host: FileSystem.hostName, process: process, start: FileSystem.startTime(of: process) ?? 0, boot: FileSystem.bootID)
  }

  /// On this machine since its last start. A container has the machine's start, though a host name of its own.
  var isHere: Bool { boot.isEmpty ? host == FileSystem.hostName : boot == FileSystem.bootID }

  /// Neither here nor on this machine before its last start: nobody here can know whether it still runs.
  var isElsewhere: Bool { !isHere && host != FileSystem.hostName }

  var isRunning: Bool { isHere && FileSystem.startTime(of: process) == start }
}

extension LockOwner {
  var bytes: [UInt8] {
    let record: PythonValue = ["host": .string(host), "pid": .int(process), "start": .int(start), "boot": .string(boot)]
    return Array((PythonJSON.text(record) + "\n").utf8)
  }

  /// Nil for what is no record of ours: nothing yet, half a record, something forged.
  init?(_ bytes: [UInt8]) {
    // What cannot be read names no owner.
    guard case .object(let members)? = try? PythonJSON.value(bytes) else { return nil }
    func value(_ name: String) -> PythonValue? { members.first { $0.name == name }?.value }
    guard case .string(let host)? = value("host"), case .int(let process)? = value("pid"), case .int(let start)? = value("start"),
      case .string(let boot)? = value("boot")
    else { return nil }
    self.init(host: host, process: process, start: start, boot: boot)
  }
}

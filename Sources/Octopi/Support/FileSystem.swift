import OctopiEngine
import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import CRename
  import Musl
#else
  import CRename
  import Glibc
#endif

/// The calls of the operating system that files, locks and atomic outputs are made of; the only place that makes them.
///
/// Paths are as the user gave them, relative ones to the current folder. Errors are the system's own numbers; what they mean for a
/// person is said by `InputError` and `OutputError`.
enum FileSystem {
  enum Kind { case file, folder, other }

  /// What stands at a path; nil when nothing does. A link counts as what it points to.
  static func kind(of path: String) throws(Errno) -> Kind? {
    do {
      switch try Stat(FilePath(path)).type {
      case .regular: return .file
      case .directory: return .folder
      default: return .other
      }
    } catch Errno.noSuchFileOrDirectory, Errno.notDirectory, Errno.tooManySymbolicLinkLevels {
      return nil
    }
  }

  /// Whether something, perhaps a link that leads nowhere, has this name.
  static func hasEntry(_ path: String) throws(Errno) -> Bool {
    do {
      _ = try Stat(FilePath(path), followTargetSymlink: false)
      return true
    } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
      return false
    }
  }

  /// Whether an open file is still the one that has this name.
  static func isSame(_ file: FileDescriptor, _ path: String) -> Bool {
    // A file that cannot be asked for is certainly not the open one.
    guard let open = try? Stat(file), let named = try? Stat(FilePath(path), followTargetSymlink: false) else { return false }
    return open.inode == named.inode && open.deviceID == named.deviceID
  }

  /// Names in a folder, in no order, without `.` and `..`. Names that are not UTF-8 are left out: no path could say them.
  static func names(in folder: String) throws(Errno) -> [String] {
    guard let stream = opendir(folder) else { throw Errno(rawValue: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(validating: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if let name, name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw Errno(rawValue: errno) }
    return names
  }

  /// The bytes of a file. One that is longer than `limit` ends with `Errno.fileTooLarge`.
  static func bytes(of path: String, limit: Int) throws(Errno) -> [UInt8] {
    let file = try open(path, .readOnly)
    defer { close(file) }
    return try bytes(of: file, limit: limit)
  }

  /// At most `count` bytes from the start of an open file.
  static func start(of file: FileDescriptor, count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try systemCall { try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) } }
    return Array(bytes[..<got])
  }

  static func size(of path: String) throws(Errno) -> Int {
    let file = try open(path, .readOnly)
    defer { close(file) }
    return try size(of: file)
  }

  static func bytes(of file: FileDescriptor, limit: Int) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try systemCall { try part.withUnsafeMutableBytes { try file.read(into: $0) } }
      if count == 0 { return bytes }
      bytes.append(contentsOf: part[..<count])
      if bytes.count > limit { throw Errno.fileTooLarge }
    }
  }

  /// A file mapped into memory. It must not be shortened while it is in use; ours never are: a new one takes its place.
  static func mapped(_ path: String) throws(Errno) -> MappedBytes {
    let file = try open(path, .readOnly)
    defer { close(file) }
    let count = try size(of: file)
    if count == 0 { return MappedBytes([]) }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.rawValue, 0), start != MAP_FAILED else { throw Errno(rawValue: errno) }
    let address = UInt(bitPattern: start)
    return MappedBytes(UnsafeRawBufferPointer(start: start, count: count)) { munmap(UnsafeMutableRawPointer(bitPattern: address), count) }
  }

  /// Bytes of an open regular file.
  private static func size(of file: FileDescriptor) throws(Errno) -> Int {
    let status = try Stat(file)
    guard status.type == .regular else { throw Errno.invalidArgument }
    return Int(status.size)
  }

  // MARK: Writing

  static func open(_ path: String, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = []) throws(Errno) -> FileDescriptor {
    try systemCall {
      try FileDescriptor.open(FilePath(path), mode, options: options.union(.closeOnExec), permissions: FilePermissions(rawValue: 0o644))
    }
  }

  /// Closing can fail only where a write has failed that nobody synchronised; we do synchronise.
  static func close(_ file: FileDescriptor) { try? file.close() }

  static func write(_ bytes: [UInt8], to file: FileDescriptor) throws(Errno) {
    _ = try systemCall { try file.writeAll(bytes) }
  }

  static func write(_ bytes: UnsafeRawBufferPointer, to file: FileDescriptor, at offset: Int) throws(Errno) {
    _ = try systemCall { try file.writeAll(toAbsoluteOffset: Int64(offset), bytes) }
  }

  /// Waits until the file, or the names in the folder, are on the disk. File systems that cannot do that for folders are left alone.
  static func synchronise(_ file: FileDescriptor) throws(Errno) {
    if fsync(file.rawValue) == 0 { return }
    let error = Errno(rawValue: errno)
    if error != .invalidArgument && error != .notSupported { throw error }
  }

  static func synchronise(folder path: String) throws(Errno) {
    let folder = try open(path, .readOnly, options: .directory)
    defer { close(folder) }
    try synchronise(folder)
  }

  static func truncate(_ file: FileDescriptor) throws(Errno) {
    try check(ftruncate(file.rawValue, 0))
    try check(lseek(file.rawValue, 0, SEEK_SET) == 0 ? 0 : -1)
  }

  static func makeFolder(_ path: String) throws(Errno) { try check(mkdir(path, 0o755)) }
  static func removeFolder(_ path: String) throws(Errno) { try check(rmdir(path)) }
  static func removeFile(_ path: String) throws(Errno) { try check(unlink(path)) }

  /// Removes a file, a link or a folder with all that is in it; links are not followed.
  static func removeTree(_ path: String) throws(Errno) {
    guard try Stat(FilePath(path), followTargetSymlink: false).type == .directory else { return try removeFile(path) }
    for name in try names(in: path) { try removeTree(path + "/" + name) }
    try removeFolder(path)
  }

  // MARK: Renaming

  /// Gives `source` a name that nothing has yet; `Errno.fileExists` otherwise.
  static func rename(_ source: String, toNew target: String) throws(Errno) {
    #if canImport(Darwin)
      let result = renamex_np(source, target, UInt32(RENAME_EXCL))
    #else
      let result = renameat2(AT_FDCWD, source, AT_FDCWD, target, UInt32(CRENAME_NOREPLACE))
    #endif
    if result == 0 { return }
    let error = Errno(rawValue: errno)
    guard isNotOffered(error) else { throw error }
    // The lock on the target keeps other processes of ours away between these two.
    if try hasEntry(target) { throw Errno.fileExists }
    try check(systemRename(source, target))
  }

  /// Puts a file in the place of another, in one step.
  static func rename(file source: String, over target: String) throws(Errno) { try check(systemRename(source, target)) }

  /// Exchanges two names in one step. Where the file system does not offer that, in three, between which `target` has no name.
  static func exchange(_ source: String, _ target: String) throws(Errno) {
    #if canImport(Darwin)
      let result = renamex_np(source, target, UInt32(RENAME_SWAP))
    #else
      let result = renameat2(AT_FDCWD, source, AT_FDCWD, target, UInt32(CRENAME_EXCHANGE))
    #endif
    if result == 0 { return }
    let error = Errno(rawValue: errno)
    guard isNotOffered(error) else { throw error }
    try exchangeInSteps(source, target)
  }

  static func exchangeInSteps(_ source: String, _ target: String) throws(Errno) {
    let aside = source + ".old"
    try check(systemRename(target, aside))
    if systemRename(source, target) != 0 {
      let error = Errno(rawValue: errno)
      try check(systemRename(aside, target))
      throw error
    }
    try check(systemRename(aside, source))
  }

  private static func systemRename(_ source: String, _ target: String) -> CInt {
    #if canImport(Darwin)
      Darwin.rename(source, target)
    #elseif canImport(Musl)
      Musl.rename(source, target)
    #else
      Glibc.rename(source, target)
    #endif
  }

  private static func isNotOffered(_ error: Errno) -> Bool {
    [.invalidArgument, .noFunction, .notSupported, .notSupportedOnSocket].contains(error)
  }

  // MARK: Places

  /// Whether two paths lead to the same existing file or folder.
  static func isSamePlace(_ a: String, _ b: String) -> Bool {
    // What cannot be looked at is not known to be the same.
    guard let first = try? Stat(FilePath(a)), let second = try? Stat(FilePath(b)) else { return false }
    return first.inode == second.inode && first.deviceID == second.deviceID
  }

  static var currentFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  static var homeFolder: String? { getenv("HOME").map { String(cString: $0) } }

  // MARK: Locks and processes

  enum FileLock { case taken, busy, notOffered }

  /// Tries to become the only holder of an open file; ends with the descriptor, and so with the process.
  static func lock(_ file: FileDescriptor) throws(Errno) -> FileLock {
    if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return .taken }
    let error = Errno(rawValue: errno)
    if error == .wouldBlock { return .busy }
    // NFS locks for writing only what is open for writing.
    if isNotOffered(error) || error == .noLocks || error == .badFileDescriptor { return .notOffered }
    throw error
  }

  /// The name of this machine.
  static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    let result = gethostname(&buffer, buffer.count - 1)
    return result == 0 ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "unknown"
  }

  static var processID: Int { Int(getpid()) }

  static func isRunning(_ process: Int) -> Bool {
    guard let process = pid_t(exactly: process), process > 0 else { return false }
    return kill(process, 0) == 0 || errno == EPERM
  }

  static func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  /// When a process started, in a unit that only compares with itself on this machine since it was booted; nil if it is not running.
  static func startTime(of process: Int) -> Int? {
    guard let process = pid_t(exactly: process), process > 0 else { return nil }
    #if canImport(Darwin)
      var info = proc_bsdinfo()
      let size = Int32(MemoryLayout<proc_bsdinfo>.size)
      guard proc_pidinfo(process, PROC_PIDTBSDINFO, 0, &info, size) == size else { return nil }
      return Int(info.pbi_start_tvsec) * 1_000_000 + Int(info.pbi_start_tvusec)
    #else
      // The second field is the name in parentheses, which may hold anything; the start is field 22 (proc_pid_stat(5)).
      guard let bytes = try? bytes(of: "/proc/\(process)/stat", limit: 1 << 16) else { return nil }
      let fields = bytes[((bytes.lastIndex(of: UInt8(ascii: ")")) ?? -1) + 1)...].split(separator: UInt8(ascii: " "))
      return fields.count > 19 ? Int(String(decoding: fields[19], as: UTF8.self)) : nil
    #endif
  }

  /// Differs after every start of the machine; empty where the system does not tell.
  static var bootID: String {
    #if canImport(Darwin)
      var time = timeval()
      var size = MemoryLayout<timeval>.size
      guard sysctlbyname("kern.boottime", &time, &size, nil, 0) == 0 else { return "" }
      return String(time.tv_sec)
    #else
      // Without /proc there is no identity, and then the start times of processes are not there either.
      let bytes = (try? bytes(of: "/proc/sys/kernel/random/boot_id", limit: 256)) ?? []
      return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
    #endif
  }

  /// How many files this process may have open, after asking for as many as it may ask for.
  static func raiseOpenFileLimit() -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limit) == 0 else { return 256 }
    var wanted = limit
    wanted.rlim_cur = min(limit.rlim_max, 65536)
    if wanted.rlim_cur > limit.rlim_cur, setrlimit(resource, &wanted) == 0 { limit = wanted }
    return Int(clamping: limit.rlim_cur)
  }

  // MARK: Errors

  private static func check(_ result: CInt) throws(Errno) {
    if result != 0 { throw Errno(rawValue: errno) }
  }

  /// The calls of swift-system throw nothing but `Errno`.
  private static func systemCall<Value>(_ body: () throws -> Value) throws(Errno) -> Value {
    do { return try body() } catch { throw error as? Errno ?? .ioError }
  }
}

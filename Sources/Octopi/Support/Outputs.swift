import Synchronization
import SystemPackage

/// All that one command writes. Every file and folder appears whole or not at all, and no two processes write the same one.
///
///     let outputs = Outputs()
///     try outputs.lock(store)                                   // before any work: the second process ends at once
///     let folder = try outputs.folder(at: store, existing: .refuse)
///     try folder.write(bytes, to: "0/.zarray")
///     try folder.commit()                                       // now it is there
///
/// An output is built in a hidden sibling, `.NAME.PID.partial`, brought to the disk and renamed; an older one is exchanged in the same
/// step and then deleted. When an error is thrown, or `abandon` is called, the sibling and the folders made for it go away. What a killed
/// process left is removed by the next one that writes the same output. All calls may come from any thread; they run one at a time.
public final class Outputs: Sendable {
  /// What to do with something that has the output's name already.
  public enum Existing: Sendable { case refuse, replace }

  private struct State {
    /// By the path of the output.
    var locks: [String: LockFile] = [:]
    /// Folders that were not there before; they go again if nothing comes to be in them.
    var madeFolders: Set<String> = []
    var partials: Set<PartialFolder.Place> = []
    var isAbandoned = false
    /// Lock files that may stay open; asked for when the first is taken.
    var openFileLimit: Int?
  }

  private let state = Mutex(State())

  public init() {}

  deinit { abandon() }

  /// Keeps other processes from an output until `unlock`, `abandon` or the end of this object; makes the folders above it. An output
  /// that is locked here already stays so. `path` may also name a set of files, `NAME_...`.
  public func lock(_ path: String) throws(OutputError) {
    let output = OutputPath(path)
    try exclusively(path) { (state) throws(OutputError) in
      if state.locks[output.text] != nil { return }
      let limit = state.openFileLimit ?? FileSystem.raiseOpenFileLimit()
      state.openFileLimit = limit
      state.locks[output.text] = try Outputs.lockFile(for: output, keepsOpen: state.locks.count < limit / 2, &state.madeFolders)
      Outputs.removeLeftovers(of: output)
    }
  }

  public func unlock(_ path: String) {
    state.withLock { Outputs.unlock(OutputPath(path), &$0) }
  }

  /// Writes a file. The lock of the output, or of its set, is the caller's business: files that are rewritten anyway need none.
  public func write(_ bytes: [UInt8], to path: String, existing: Existing) throws(OutputError) {
    try exclusively(path) { (_) throws(OutputError) in try Outputs.writeFile(bytes, OutputPath(path), existing) }
  }

  /// Starts a folder, which is locked while it is built.
  public func folder(at path: String, existing: Existing) throws(OutputError) -> PartialFolder {
    let place = try start(path, existing) { (partial) throws(Errno) in try FileSystem.makeFolder(partial) }.place
    return PartialFolder(place, of: self)
  }

  /// Starts a file that is written part by part; it is locked while it is built.
  public func file(at path: String, existing: Existing) throws(OutputError) -> PartialFile {
    let (place, descriptor) = try start(path, existing) { (partial) throws(Errno) in
      try FileSystem.open(partial, .writeOnly, options: [.create, .exclusiveCreate])
    }
    return PartialFile(place, descriptor, of: self)
  }

  private func start<Value: Sendable>(
    _ path: String, _ existing: Existing, _ make: (String) throws(Errno) -> Value
  ) throws(OutputError) -> (place: PartialFolder.Place, made: Value) {
    if existing == .refuse { try Outputs.refuse(path) }
    let isLocked = state.withLock { $0.locks[OutputPath(path).text] != nil }
    if !isLocked { try lock(path) }
    let place = PartialFolder.Place(OutputPath(path), isLockedBefore: isLocked, existing: existing)
    do throws(OutputError) {
      let made = try exclusively(path) { (state) throws(OutputError) in
        let made = try Outputs.translate(path) { () throws(Errno) in try make(place.partial) }
        state.partials.insert(place)
        return made
      }
      return (place, made)
    } catch {
      if !isLocked { unlock(path) }
      throw error
    }
  }

  /// Throws if something has this name.
  public static func refuse(_ path: String) throws(OutputError) {
    if try translate(path, { () throws(Errno) in try FileSystem.hasEntry(OutputPath(path).text) }) { throw .exists(path: path) }
  }

  /// Gives up all that is not complete, takes all locks away, and refuses whatever else is asked for (`OutputError.interrupted`).
  ///
  /// For the end of an interrupted process: it may be called from any thread, but not from within a signal handler. A call that is
  /// just being made is waited for, so that nothing appears afterwards.
  public func abandon() {
    state.withLock { state in
      state.isAbandoned = true
      for place in state.partials { Outputs.discard(place) }
      state.partials = []
      for path in Array(state.locks.keys) { Outputs.unlock(OutputPath(path), &state) }
    }
  }

  // MARK: For partial folders

  func build<Value: Sendable>(_ place: PartialFolder.Place, _ body: () throws(OutputError) -> Value) throws(OutputError) -> Value {
    try exclusively(place.output.text) { (_) throws(OutputError) in try body() }
  }

  /// Gives a folder that is complete its name.
  func commit(_ place: PartialFolder.Place, folders: [String]) throws(OutputError) {
    try exclusively(place.output.text) { (state) throws(OutputError) in
      try Outputs.translate(place.output.text) { () throws(Errno) in
        for folder in folders { try FileSystem.synchronise(folder: folder) }
        let isThere = try FileSystem.hasEntry(place.output.text)
        if isThere && place.existing == .replace {
          try FileSystem.exchange(place.partial, place.output.text)
          // What cannot be deleted now is a left-over for the next process.
          try? FileSystem.removeTree(place.partial)
        } else {
          try FileSystem.rename(place.partial, toNew: place.output.text)
        }
      }
      Outputs.keepName(of: place.output)
      Outputs.finish(place, &state)
    }
  }

  func discard(_ place: PartialFolder.Place) {
    state.withLock { state in
      guard state.partials.contains(place) else { return }
      Outputs.discard(place)
      Outputs.finish(place, &state)
    }
  }

  // MARK: Steps

  private func exclusively<Value: Sendable>(_ path: String, _ body: (inout State) throws(OutputError) -> Value) throws(OutputError) -> Value {
    try state.withLock { (state) throws(OutputError) in
      if state.isAbandoned { throw OutputError.interrupted(path: path) }
      return try body(&state)
    }
  }

  private static func translate<Value>(_ path: String, bytes: Int? = nil, _ body: () throws(Errno) -> Value) throws(OutputError) -> Value {
    do throws(Errno) { return try body() } catch { throw OutputError(error, path: path, neededBytes: bytes) }
  }

  /// The lock of an output and the folders above it. Another process may take an empty folder away just before we use it.
  private static func lockFile(for output: OutputPath, keepsOpen: Bool, _ made: inout Set<String>) throws(OutputError) -> LockFile {
    var attempts = 0
    while true {
      attempts += 1
      do throws(OutputError) {
        try translate(output.text) { () throws(Errno) in try output.makeFolders(&made) }
        return try LockFile(for: output.text, keepsOpen: keepsOpen)
      } catch {
        output.removeEmptyFolders(&made)
        let isGone = error == OutputError(.noSuchFileOrDirectory, path: output.text)
        if !isGone || attempts == 10 { throw error }
      }
    }
  }

  private static func unlock(_ output: OutputPath, _ state: inout State) {
    if state.locks.removeValue(forKey: output.text) != nil { output.removeEmptyFolders(&state.madeFolders) }
  }

  private static func finish(_ place: PartialFolder.Place, _ state: inout State) {
    state.partials.remove(place)
    if !place.isLockedBefore { unlock(place.output, &state) }
  }

  /// What cannot be deleted is a left-over for the next process.
  private static func discard(_ place: PartialFolder.Place) { try? FileSystem.removeTree(place.partial) }

  private static func writeFile(_ bytes: [UInt8], _ output: OutputPath, _ existing: Existing) throws(OutputError) {
    if existing == .refuse { try refuse(output.text) }
    var made: Set<String> = []
    do throws(OutputError) {
      try translate(output.text) { () throws(Errno) in try output.makeFolders(&made) }
      removeDeadLeftovers(of: output)
      try translate(output.text, bytes: bytes.count) { () throws(Errno) in
        try create(output.partial, bytes)
        switch existing {
        case .refuse: try FileSystem.rename(output.partial, toNew: output.text)
        case .replace: try FileSystem.rename(file: output.partial, over: output.text)
        }
      }
      keepName(of: output)
    } catch {
      try? FileSystem.removeFile(output.partial)
      output.removeEmptyFolders(&made)
      throw error
    }
  }

  /// Brings the output's name to the disk. It has it in any case: what fails here could matter in a power cut only.
  private static func keepName(of output: OutputPath) { try? FileSystem.synchronise(folder: output.folder) }

  /// A new file with these bytes, on the disk.
  static func create(_ path: String, _ bytes: [UInt8]) throws(Errno) {
    let file = try FileSystem.open(path, .writeOnly, options: [.create, .exclusiveCreate])
    defer { FileSystem.close(file) }
    try FileSystem.write(bytes, to: file)
    try FileSystem.synchronise(file)
  }

  /// With the lock in hand, whatever was being built for the output belongs to nobody. An output that was set aside, and whose
  /// successor never came, gets its name back.
  private static func removeLeftovers(of output: OutputPath) {
    // Left-overs that cannot be seen or removed do not keep us from writing.
    for name in (try? FileSystem.names(in: output.folder)) ?? [] where output.isPartial(name) {
      let path = output.sibling(name)
      if name.hasSuffix(".old"), (try? FileSystem.rename(path, toNew: output.text)) != nil { continue }
      try? FileSystem.removeTree(path)
    }
  }

  /// Without a lock: only what a process of this machine left that does not run any more, or that had our number.
  private static func removeDeadLeftovers(of output: OutputPath) {
    for name in (try? FileSystem.names(in: output.folder)) ?? [] {
      guard let process = output.builder(of: name), process == FileSystem.processID || !FileSystem.isRunning(process) else { continue }
      try? FileSystem.removeTree(output.sibling(name))
    }
  }
}

/// Where the files of a store go. Called by several threads at once, for different files.
public protocol StoreWriter: Sendable {
  /// Writes a new file and the folders above it. `path` is relative to the store: `0/0/1/2`.
  func write(_ bytes: [UInt8], to path: String) throws(OutputError)
}

extension PartialFolder: StoreWriter {}

import SystemPackage

/// A file that is being built, in any order of its parts, and has no name yet; without `commit` it goes away with this object.
public final class PartialFile: Sendable {
  private let place: PartialFolder.Place
  private let outputs: Outputs
  private let descriptor: FileDescriptor

  /// - descriptor: of the new file at `place.partial`; closed with this object.
  init(_ place: PartialFolder.Place, _ descriptor: FileDescriptor, of outputs: Outputs) {
    self.place = place
    self.descriptor = descriptor
    self.outputs = outputs
  }

  deinit {
    FileSystem.close(descriptor)
    outputs.discard(place)
  }

  /// Writes values as they lie in memory, from byte `offset` on; what is between parts is zero.
  public func write<Value: BitwiseCopyable>(_ values: Span<Value>, at offset: Int) throws(OutputError) {
    try outputs.build(place) { () throws(OutputError) in
      do throws(Errno) {
        try values.withUnsafeBytes { bytes throws(Errno) in try FileSystem.write(bytes, to: descriptor, at: offset) }
      } catch {
        throw OutputError(error, path: place.output.text, neededBytes: values.count * MemoryLayout<Value>.stride)
      }
    }
  }

  /// Brings all to the disk and gives the file its name.
  public func commit() throws(OutputError) {
    try outputs.build(place) { () throws(OutputError) in
      do throws(Errno) { try FileSystem.synchronise(descriptor) } catch { throw OutputError(error, path: place.output.text) }
    }
    try outputs.commit(place, folders: [])
  }
}

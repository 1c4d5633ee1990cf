extension Outputs {
  /// Copies a folder with all that is in it, hidden files too; the copy appears whole or not at all.
  ///
  /// - Throws: `InputError` for what cannot be read, `OutputError` for what cannot be written.
  public func copyFolder(_ source: String, to path: String, existing: Existing) throws {
    let copy = try folder(at: path, existing: existing)
    try add(source, below: "", to: copy)
    try copy.commit()
  }

  private func add(_ source: String, below: String, to copy: PartialFolder) throws {
    for name in try InputFile.names(in: source) ?? [] {
      let path = source + "/" + name, place = below + name
      if try InputFile.isFolder(path) {
        try add(path, below: place + "/", to: copy)
      } else {
        try copy.write(try InputFile.bytes(of: path, what: "file"), to: place)
      }
    }
  }
}

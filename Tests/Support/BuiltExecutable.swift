import Foundation

/// Programs that were built together with the tests.
public enum BuiltExecutable {
  /// The path of a program beside the test bundle.
  public static func path(_ name: String) -> String {
    let bundles = [Bundle.main.executableURL, Bundle.main.bundleURL].compactMap(\.self) + Bundle.allBundles.map(\.bundleURL)
    let candidates = bundles.map { $0.deletingLastPathComponent().appending(path: name).path }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
  }
}

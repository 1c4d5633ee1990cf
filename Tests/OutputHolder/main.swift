import Foundation
import Octopi

// A process that holds an output, for tests: OutputHolder PATH. It locks the path, builds half of a folder there, says "ready" and
// waits: for a line of input (then the folder is completed), or for a signal.
let path = CommandLine.arguments[1]
let outputs = Outputs()
let watch = SignalWatch([SIGINT, SIGTERM]) { signal in
  outputs.abandon()
  exit(128 + signal)
}
do {
  try outputs.lock(path)
  let folder = try outputs.folder(at: path, existing: .replace)
  try folder.write([1, 2, 3], to: "0/0")
  FileHandle.standardOutput.write(Data("ready\n".utf8))
  while readLine() == nil { pause() }
  try folder.commit()
  outputs.abandon()
  withExtendedLifetime(watch) {}
} catch {
  outputs.abandon()
  print("\(error.kind): \(error.message)")
  exit(1)
}

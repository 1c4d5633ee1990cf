import ArgumentParser
import Octopi

/// What a segmentation writes, and in which form.
struct ResultOptions: ParsableArguments {
  @Flag(name: .customLong("probabilities"), help: "Also write the probabilities of all classes (float16, a Zarr store with four axes).")
  var probabilities = false

  @Option(
    name: .customLong("zarr-format"), parsing: .unconditional,
    help: ArgumentHelp("Format of Zarr stores: 2, which every copick reads, or 3, for copick 2.", valueName: "2|3"))
  var zarrFormat = 2

  func version() throws(UsageFailure) -> ZarrVersion {
    guard let version = ZarrVersion(rawValue: zarrFormat) else {
      throw UsageFailure("--zarr-format \(zarrFormat) is not a format of Zarr", remedy: "give 2 or 3")
    }
    return version
  }
}

/// `--rescale`.
struct RescaleOption: ParsableArguments {
  @Flag(name: .customLong("rescale"), help: "Resample tomograms to the voxel size that the network was trained on, and labels back.")
  var rescale = false
}

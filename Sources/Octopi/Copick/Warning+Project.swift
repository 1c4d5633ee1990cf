extension Warning {
  static func noConfigType(_ file: String) -> Warning {
    Warning("'\(file)' has no config_type", remedy: "taken for \"config_type\": \"filesystem\"")
  }

  static func repeatedLabels(_ objects: [CopickConfiguration.Object], _ file: String) -> [Warning] {
    let byLabel = Dictionary(grouping: objects.filter { $0.label != nil }) { $0.label ?? 0 }
    return byLabel.sorted { $0.key < $1.key }.filter { $0.value.count > 1 }.map { label, objects in
      Warning(
        "'\(file)': " + objects.map { "'\($0.name)'" }.joined(separator: ", ") + " have the same label \(label)",
        remedy: "the labels of the model count in segment and localize; give each object its own")
    }
  }

  static func rootBesideConfiguration(_ key: String, _ text: String, folder: String) -> Warning {
    Warning("\(key) '\(text)' is taken relative to the configuration: '\(folder)'", remedy: "relative roots start at the current folder")
  }

  static func skippedSpacing(_ path: String) -> Warning {
    Warning("'\(path)' is skipped: its name ends in no voxel spacing", remedy: "name it like 'VoxelSpacing10.000', or move it elsewhere")
  }

  static func sameSpacing(_ path: String, _ other: String) -> Warning {
    Warning("'\(path)' is skipped: it has the voxel spacing of '\(other)'", remedy: "merge the two folders")
  }

  static func skippedPicks(_ path: String, name: String) -> Warning {
    let stem = name.replacing(".json", with: "")
    let parts = stem.split(separator: "_")
    let renamed = parts.count == 2 ? "\(parts[0])_0_\(parts[1]).json" : "curation_0_\(parts.joined(separator: "-")).json"
    return Warning("'\(path)': expected user_session_object.json, skipped", remedy: "rename it to '\(renamed)'")
  }

  static func shadowed(_ path: String, by other: String) -> Warning {
    Warning("'\(path)' is never read: '\(other)' in the static root has the same name", remedy: nil)
  }

  static func binary(_ path: String) -> Warning {
    Warning("'\(path)' is a binary segmentation, there is no multilabel one of that name", remedy: "only label 1 can be found in it")
  }

  static func cleaned(_ what: String, _ text: String, _ name: String) -> Warning {
    Warning("\(what) '\(text)' is written '\(name)' in file names", remedy: nil)
  }
}

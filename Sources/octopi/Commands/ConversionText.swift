import Octopi

/// What `info` says of files that `convert` wrote.
enum ConversionText {
  static func lines(_ conversion: ConversionInfo) -> [String] {
    let summary = conversion.summary
    var lines = [
      "  .octopi file of format \(conversion.version), \(binarySize(conversion.byteCount)), written by \(summary.program)",
      "  from '\(summary.source)', \(binarySize(summary.sourceBytes)), SHA-256 \(summary.sha256)",
    ]
    for window in conversion.windows { lines.append("  ready for windows of \(window.size.map(String.init).joined(separator: " x ")) with \(window.classes) classes") }
    if conversion.windows.isEmpty { lines.append("  ready for no window") }
    if let configuration = conversion.configuration {
      let labels = configuration.labels.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
      lines.append("  configuration: window \(configuration.roi), \(configuration.classes) classes, labels \(labels)")
    } else {
      lines.append("  no configuration")
    }
    if let objects = conversion.objects { lines.append("  objects: \(objects.map(text).joined(separator: ", "))") }
    return lines
  }

  private static func text(_ object: CopickConfiguration.Object) -> String {
    object.name + (object.radius.map { " of radius \(Units.decimals($0)) A" } ?? "")
  }

  static func document(_ conversion: ConversionInfo) -> PythonValue {
    let summary = conversion.summary
    return [
      "format": .int(conversion.version), "bytes": .int(conversion.byteCount), "program": .string(summary.program), "source": .string(summary.source),
      "source_bytes": .int(summary.sourceBytes), "source_sha256": .string(summary.sha256),
      "windows": .array(conversion.windows.map { ["size": .array($0.size.map(PythonValue.int)), "classes": .int($0.classes)] }),
      "configuration": conversion.configuration.map(document) ?? .null,
      "objects": conversion.objects.map { .array($0.map(document)) } ?? .null,
    ]
  }

  private static func document(_ configuration: ModelConfiguration) -> PythonValue {
    [
      "roi": .array(configuration.roi.axes.map(PythonValue.int)), "classes": .int(configuration.classes),
      "head": .string(configuration.head.rawValue), "normalize": .string(configuration.normalization.rawValue),
      "labels": .object(configuration.labels.map { .init($0.name, .int($0.value)) }),
    ]
  }

  private static func document(_ object: CopickConfiguration.Object) -> PythonValue {
    [
      "name": .string(object.name), "is_particle": .bool(object.isParticle), "label": object.label.map(PythonValue.int) ?? .null,
      "radius": object.radius.map(PythonValue.float) ?? .null, "color": .array(object.color.map { .int(Int($0)) }),
    ]
  }
}

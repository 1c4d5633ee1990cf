import Foundation

/// What octopi prints while it evaluates, piece by piece; every text ends with a newline.
public enum EvaluationText {
  /// Before anything is computed.
  public static func opening(_ query: EvaluationQuery, objects: EvaluatedObjects, runs: [String]) -> String {
    var lines = [
      "", "📝 Evaluating Measured Coordinates...", "",
      "Running Evaluation on the Following Copick Project:  \(query.configuration)", "",
      "Ground Truth Query: ", "UserID: \(query.truthUser), SessionID: \(query.truthSession ?? "None")", "",
      "Submitted Picks: ", "UserID: \(query.predictionUser), SessionID: \(query.predictionSession ?? "None")", "",
    ]
    if objects.requested == nil { lines.append("No object names provided, using all pickable objects") }
    if !objects.unknown.isEmpty {
      lines.append("WARNING: The following object names are not valid pickable objects: \(pythonList(objects.unknown))")
      lines.append("Valid objects are: \(pythonList(objects.available.map(\.name)))")
    }
    lines.append("Using the following valid objects: \(pythonList(objects.selected.map(\.name)))")
    lines += ["", "Running Metrics Evaluation on the Following RunIDs:  \(pythonList(runs))"]
    return text(lines)
  }

  /// The summary, the aggregate and the score.
  public static func results(_ evaluation: Evaluation) -> String {
    var lines = ["", "Average Metrics Summary:"]
    lines += evaluation.objects.map(summaryLine)
    lines += ["", "", "Calculating Final F-beta Score using per-particle approach:"]
    lines += evaluation.objects.map(aggregateLine)
    let score: Double = if case .float(let score) = evaluation.finalScore { score } else { 0 }
    lines += ["", "Final Kaggle Submission Score: \(fixed(score, 3))"]
    return text(lines)
  }

  /// After the files are written.
  public static func saved(averageMetrics: String, metrics: String) -> String {
    text(["", "Average Metrics saved to \(averageMetrics)", "Metrics saved to \(metrics)"])
  }

  private static func summaryLine(_ result: Evaluation.ObjectResult) -> String {
    let columns = [
      ("Recall", "recall", 3), ("Precision", "precision", 3), ("F1 Score", "f1_score", 3), ("F_beta Score", "fbeta_score", 3),
      ("False_Positives", "false_positives", 1), ("False_Negatives", "false_negatives", 1),
    ]
    let parts = columns.compactMap { title, name, digits in
      result.summary.first { $0.name == name }.map { "\(title): \(fixed($0.mean, digits)) ± \(fixed($0.deviation, digits))" }
    }
    return "\(result.object.name): [\(parts.joined(separator: ", "))]"
  }

  private static func aggregateLine(_ result: Evaluation.ObjectResult) -> String {
    let counts = result.counts
    return "  \(result.object.name): TP=\(counts.truePositives), FP=\(counts.falsePositives), FN=\(counts.falseNegatives), "
      + "Precision=\(fixed(counts.precision, 3)), Recall=\(fixed(counts.recall, 3)), F-beta=\(fixed(result.fScore, 3)), "
      + "Weight=\(PythonJSON.text(result.object.weight))"
  }

  private static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

/// Python's `f"{value:.{digits}f}"`.
private func fixed(_ value: Double, _ digits: Int) -> String {
  value.isNaN ? "nan" : String(format: "%.\(digits)f", value)
}

/// Python's `str` of a list of strings.
func pythonList(_ strings: [String]) -> String { "[" + strings.map(pythonRepr).joined(separator: ", ") + "]" }

/// Python's `repr` of a string: single quotes, or double ones if the text has only single ones; what cannot be printed is escaped.
func pythonRepr(_ string: String) -> String {
  let quote: Unicode.Scalar = string.contains("'") && !string.contains("\"") ? "\"" : "'"
  var text = ""
  text.unicodeScalars.append(quote)
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\\", quote: text += "\\\(scalar)"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where isPrintable(scalar): text.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{FF}": text += "\\x" + hexadecimal(scalar.value, digits: 2)
    case "\u{100}"..."\u{FFFF}": text += "\\u" + hexadecimal(scalar.value, digits: 4)
    default: text += "\\U" + hexadecimal(scalar.value, digits: 8)
    }
  }
  text.unicodeScalars.append(quote)
  return text
}

/// Python's `str.isprintable`: neither "other" nor "separator", but for the blank.
private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  case .spaceSeparator: scalar == " "
  default: true
  }
}

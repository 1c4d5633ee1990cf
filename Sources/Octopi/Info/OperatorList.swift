import Graph

/// The operators that networks may have, as a page for people.
public enum OperatorList {
  /// `Docs/Operators.md`, printed from the declarations.
  public static var markdown: String {
    let count = Operators.all.count
    var text = """
      # Operators

      \(count) operators of ONNX, opsets 1 to \(Operators.newestOpset), in the versions and types that are listed here. A network with any other is refused with \
      the whole list of what is missing (exit code 69). A version is looked up by the operator's own history: a newer opset in which an operator \
      has not changed means the same operator. Types are those of the first input; 16-bit floats are computed in float32.

      Which operators of a network have a kernel on this machine, and which run by plain loops, says `octopi info MODEL --plan`.

      This page is printed by `octopi info --operators`; a test compares the two.

      """
    for family in Operators.families {
      text += "\n## \(family.name)\n\n| operator | defined in opsets | inputs | outputs | types |\n|---|---|---|---|---|\n"
      for declaration in family.operators.sorted(by: { $0.name < $1.name }) { text += row(declaration) }
    }
    return text
  }

  private static func row(_ declaration: OperatorDeclaration) -> String {
    let name = declaration.domain.isEmpty ? declaration.name : "\(declaration.domain).\(declaration.name)"
    return "| \(name) | \(declaration.opsets.map(String.init).joined(separator: ", ")) | \(range(declaration.inputs)) | "
      + "\(range(declaration.outputs)) | \(types(declaration.elements)) |\n"
  }

  private static func range(_ counts: ClosedRange<Int>) -> String {
    if counts.upperBound >= OperatorDeclaration.many { return "\(counts.lowerBound) or more" }
    return counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
  }

  private static func types(_ elements: [ElementType]) -> String {
    Set(elements) == Set(ElementType.allCases) ? "all" : elements.map(\.onnxName).joined(separator: ", ")
  }
}

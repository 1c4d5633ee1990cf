/// A number of bytes for people: `16 MiB`, `1.5 GiB`, `5440 bytes`.
public func binarySize(_ bytes: Int) -> String {
  let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  guard bytes >= 10240, var unit = units.first else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
  var value = Double(bytes) / 1024
  for next in units.dropFirst() where value >= 1024 {
    value /= 1024
    unit = next
  }
  let tenths = (value * 10).rounded()
  let isWhole = value >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0
  return isWhole ? "\(Int(value.rounded())) \(unit)" : "\(tenths / 10) \(unit)"
}

/// Those of `names` that are likely meant by `text`, closest first: at most a third of the letters are changed, added, left out or
/// exchanged with the neighbour, not all of them, letter case not counted; or one begins with the other. Time grows with the product of the lengths.
public func closestNames(to text: String, in names: [String], limit: Int = 3) -> [String] {
  let wanted = Array(text.lowercased())
  var found: [(name: String, distance: Int)] = []
  for name in names {
    let letters = Array(name.lowercased())
    let distance = editDistance(wanted, letters)
    let isBeginning = min(wanted.count, letters.count) >= 2 && (letters.starts(with: wanted) || wanted.starts(with: letters))
    let length = max(wanted.count, letters.count)
    if distance < length && distance <= max(1, length / 3) || isBeginning { found.append((name, distance)) }
  }
  return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
}

/// Optimal string alignment: the least number of letters changed, added, left out or exchanged with their neighbour.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + [Int](repeating: 0, count: b.count)
    for j in 1...b.count {
      let change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(last[j] + 1, row[j - 1] + 1, change)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// A word of a command line that a shell reads as it is.
func shellWord(_ text: String) -> String {
  let isPlain = !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./:@%+=,".contains($0)) }
  return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}

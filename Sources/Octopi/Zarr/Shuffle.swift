/// numcodecs' `shuffle`: all first bytes of the elements, then all second bytes, and so on. A rest shorter than an element stays at the end.
enum Shuffle {
  static func decode(_ bytes: [UInt8], elementBytes: Int) -> [UInt8] {
    let elements = bytes.count / elementBytes
    guard elements > 1, elementBytes > 1 else { return bytes }
    var values = bytes
    for place in 0..<elementBytes {
      for element in 0..<elements { values[element * elementBytes + place] = bytes[place * elements + element] }
    }
    return values
  }

  static func encode(_ values: [UInt8], elementBytes: Int) -> [UInt8] {
    let elements = values.count / elementBytes
    guard elements > 1, elementBytes > 1 else { return values }
    var bytes = values
    for place in 0..<elementBytes {
      for element in 0..<elements { bytes[place * elements + element] = values[element * elementBytes + place] }
    }
    return bytes
  }
}

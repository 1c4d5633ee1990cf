/// What a model needs and this program does not have, collected while the model is read so that all of it is said at once.
final class Needs {
  private var order: [String] = []
  private var places: [String: (count: Int, first: String)] = [:]

  var isEmpty: Bool { order.isEmpty }

  func add(_ need: String, at place: String) {
    if let known = places[need] {
      places[need] = (known.count + 1, known.first)
    } else {
      order.append(need)
      places[need] = (1, place)
    }
  }

  /// One entry a need: `operator 'Foo' (3 times, first in node 'x')`.
  var list: [String] {
    order.map { need in
      guard let (count, first) = places[need], !first.isEmpty else { return need }
      return count == 1 ? "\(need) (\(first))" : "\(need) (\(count) times, first in \(first))"
    }
  }
}

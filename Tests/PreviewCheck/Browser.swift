import Foundation

/// A headless Chromium with one tab, spoken to in its DevTools protocol: JSON texts that end in NUL, over two pipes
/// (`--remote-debugging-pipe`; chromedevtools.github.io/devtools-protocol).
final class Browser {
  private let process = Process(), commands = Pipe(), answers = Pipe()
  private var unread = Data(), count = 0, session: String?
  /// What happened since the page was opened: notices without an answer.
  private(set) var events: [(method: String, parameters: [String: Any])] = []

  /// - program: Chromium's path.
  /// - profile: a folder of its own.
  init(program: String, profile: String) throws {
    // Chromium reads commands from descriptor 3 and answers on 4.
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
      "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
      "--force-device-scale-factor=1", "--window-size=1400,1200", "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(profile)",
      "--remote-debugging-pipe",
    ]
    process.standardInput = commands
    process.standardOutput = answers
    try process.run()
    let target = try send("Target.createTarget", ["url": "about:blank"])
    let attached = try send("Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Page", "Runtime", "Network", "Log"] { try send(domain + ".enable") }
  }

  func close() {
    _ = try? send("Browser.close")
    process.waitUntilExit()
  }

  /// Asks for something, and waits for the answer.
  @discardableResult
  func send(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    count += 1
    var message: [String: Any] = ["id": count, "method": method, "params": parameters]
    message["sessionId"] = session
    try commands.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try receive()
      if let name = answer["method"] as? String {
        events.append((name, answer["params"] as? [String: Any] ?? [:]))
      } else if answer["id"] as? Int == count {
        if let error = answer["error"] as? [String: Any] { throw CheckFailure("\(method): \(error["message"] ?? "")") }
        return answer["result"] as? [String: Any] ?? [:]
      }
    }
  }

  private func receive() throws -> [String: Any] {
    while true {
      if let end = unread.firstIndex(of: 0) {
        defer { unread.removeSubrange(...end) }
        return try JSONSerialization.jsonObject(with: unread[..<end]) as? [String: Any] ?? [:]
      }
      let more = answers.fileHandleForReading.availableData
      if more.isEmpty { throw CheckFailure("Chromium has ended") }
      unread += more
    }
  }

  // MARK: The page

  /// Opens a page and waits until it has drawn its first plane.
  /// - fragment: what follows `#`.
  func open(_ path: String, fragment: String = "", isScripted: Bool = true) throws {
    try send("Emulation.setScriptExecutionDisabled", ["value": !isScripted])
    try send("Page.navigate", ["url": "about:blank"])
    events = []
    try send("Page.navigate", ["url": URL(filePath: path).absoluteString + (fragment.isEmpty ? "" : "#" + fragment)])
    try wait(for: "document.readyState === 'complete' && location.protocol === 'file:'")
    if isScripted { try waitUntilDrawn() }
  }

  /// The value of an expression.
  @discardableResult
  func value(_ expression: String) throws -> Any {
    let answer = try send("Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
    if let thrown = answer["exceptionDetails"] as? [String: Any] {
      let exception = thrown["exception"] as? [String: Any]
      throw CheckFailure("\(exception?["description"] ?? thrown["text"] ?? "")")
    }
    return (answer["result"] as? [String: Any])?["value"] ?? NSNull()
  }

  func text(_ expression: String) throws -> String { try value(expression) as? String ?? "" }
  func number(_ expression: String) throws -> Double { try (value(expression) as? NSNumber)?.doubleValue ?? .nan }
  func numbers(_ expression: String) throws -> [Double] { try (value(expression) as? [NSNumber] ?? []).map(\.doubleValue) }

  func wait(for condition: String) throws {
    for _ in 0..<400 {
      if try value(condition) as? Bool == true { return }
      usleep(25_000)
    }
    throw CheckFailure("did not come: \(condition)")
  }

  /// Waits until the images of the plane that is shown are there.
  func waitUntilDrawn() throws {
    let drawn = "(m => m !== null && m.dataset.z !== undefined && m.dataset.drawn === m.dataset.run + ' ' + m.dataset.z)(document.querySelector('main'))"
    try wait(for: drawn)
  }

  /// Presses a key on the page.
  func press(_ key: String) throws {
    for kind in ["rawKeyDown", "keyUp"] { try send("Input.dispatchKeyEvent", ["type": kind, "key": key]) }
    try waitUntilDrawn()
  }

  /// A picture of a part of the window, as a data URI of a PNG.
  func screenshot(x: Double, y: Double, width: Double, height: Double) throws -> String {
    let clip: [String: Any] = ["x": x, "y": y, "width": width, "height": height, "scale": 1]
    let answer = try send("Page.captureScreenshot", ["format": "png", "clip": clip, "captureBeyondViewport": true])
    return "data:image/png;base64," + (answer["data"] as? String ?? "")
  }

  /// Red, green, blue, opacity of every pixel of a screenshot. Chromium decodes it: its own pages may load data URIs.
  func pixels(_ picture: String) throws -> [Double] {
    try numbers(
      """
      new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          resolve(Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data));
        };
        image.onerror = () => reject(new Error("no picture"));
        image.src = "\(picture)";
      })
      """)
  }
}

/// Why an observation does not hold, or could not be made.
struct CheckFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

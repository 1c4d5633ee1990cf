import Foundation

/// Makes previews of the demo and looks at them in a headless Chromium: one line for each observation.
///
///     PreviewCheck CHROMIUM OCTOPI REPOSITORY FOLDER      FOLDER: empty, for what is made on the way
@main
struct Check {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 5 else {
      print("usage: PreviewCheck CHROMIUM OCTOPI REPOSITORY FOLDER")
      exit(64)
    }
    // A browser that hangs must not hang the check: it ends with its pipe.
    alarm(300)
    let (octopi, repository, work) = (words[2], words[3], words[4])
    let demo = work + "/demo-project"
    try FileManager.default.copyItem(atPath: repository + "/Examples/demo", toPath: demo)
    try FileManager.default.copyItem(atPath: repository + "/Tests/Data/demo/overlay", toPath: demo + "/overlay")
    let pages = Observations.Pages(
      octopi: octopi, work: work, demo: try CheckedProject(folder: demo),
      strict: try CheckedProject.json(repository + "/Tests/Data/demo/scores-strict/metrics.json"))
    let browser = try Browser(program: words[1], profile: work + "/profile")
    let observations = Observations(browser: browser, pages: pages)
    var failures = 0
    for (number, observation) in Observations.all.enumerated() {
      do {
        try observation.check(observations)
        print("ok   \(number + 1) \(observation.what)")
      } catch {
        failures += 1
        print("FAIL \(number + 1) \(observation.what)\n     \(error)")
      }
    }
    browser.close()
    print(failures == 0 ? "all \(Observations.all.count) observations hold" : "\(failures) of \(Observations.all.count) observations do not hold")
    exit(failures == 0 ? 0 : 1)
  }
}

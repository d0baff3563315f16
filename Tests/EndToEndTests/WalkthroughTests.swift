import Foundation
import ScreenTesting
import Testing

/// The pages of docs/tutorial whose commands are run here, in order, each in a copy of the samples.
///
/// A block that begins with ```` ```console ```` holds commands behind `$ ` (going on after a backslash) and what they
/// print, stdout and stderr as a terminal shows them. `...` stands for any text in a line, and alone on a line for any
/// number of lines. Fractions may differ a little, as they do between processors. `$ ` commands without output must print
/// nothing.
@Suite struct WalkthroughTests {
  struct Step: Sendable {
    let line: Int
    let command: String
    let output: [String]
  }

  static func steps(_ text: String) -> [Step] {
    var steps: [Step] = []
    var isConsole = false
    var command: (line: Int, text: String)?
    var output: [String] = []
    func end() {
      if let command { steps.append(Step(line: command.line, command: command.text, output: output)) }
      command = nil
      output = []
    }
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") {
        end()
        isConsole = line == "```console"
      } else if isConsole, line.hasPrefix("$ ") {
        end()
        command = (index + 1, String(line.dropFirst(2)))
      } else if isConsole, let current = command, output.isEmpty,
        current.text.hasSuffix("\\") || isOpenHereDocument(current.text)
      {
        command = (current.line, current.text + "\n" + line)
      } else if isConsole {
        output.append(String(line))
      }
    }
    end()
    return steps
  }

  /// True while the text of a `<<'END'` has not come to its END.
  private static func isOpenHereDocument(_ text: String) -> Bool {
    text.contains("<<'END'") && !text.hasSuffix("\nEND")
  }

  /// True when only fractions differ, and those by no more than the float kernels of two processors do after 30 quantized
  /// layers: 2 %, or 0.005.
  private static func isNear(_ line: String, _ expected: String) -> Bool {
    func words(_ line: String) -> [Substring] { line.split { " :,".contains($0) } }
    let (a, b) = (words(line), words(expected))
    return a.count == b.count
      && zip(a, b).allSatisfy { a, b in
        if a == b { return true }
        guard a.contains("."), b.contains("."), let x = Double(a), let y = Double(b) else { return false }
        return abs(x - y) <= max(0.02 * abs(y), 0.005)
      }
  }

  /// Why the lines printed are not those expected; `nil` when they are.
  static func difference(_ printed: [String], _ expected: [String]) -> String? {
    func matches(_ line: String, _ pattern: String) -> Bool {
      let parts = pattern.components(separatedBy: "...")
      guard parts.count > 1 else { return line == pattern || isNear(line, pattern) }
      var rest = line[...]
      for (i, part) in parts.enumerated() {
        if i == 0 {
          guard rest.hasPrefix(part) else { return false }
          rest = rest.dropFirst(part.count)
        } else if i == parts.count - 1 {
          return rest.hasSuffix(part)
        } else {
          guard let range = rest.range(of: part) else { return false }
          rest = rest[range.upperBound...]
        }
      }
      return true
    }
    // From the end, so that `...` lines take as much as they must.
    var reach = Array(repeating: Array(repeating: false, count: expected.count + 1), count: printed.count + 1)
    reach[printed.count][expected.count] = true
    for i in stride(from: printed.count, through: 0, by: -1) {
      for k in stride(from: expected.count - 1, through: 0, by: -1) {
        if expected[k] == "..." {
          reach[i][k] = reach[i][k + 1] || (i < printed.count && reach[i + 1][k])
        } else if i < printed.count, matches(printed[i], expected[k]) {
          reach[i][k] = reach[i + 1][k + 1]
        }
      }
    }
    if reach[0][0] { return nil }
    return "printed:\n\(printed.joined(separator: "\n"))\nexpected:\n\(expected.joined(separator: "\n"))"
  }

  @Test(arguments: ["from-the-manual.md"])
  func `every command of the page prints what the page says`(_ page: String) throws {
    let text = try String(contentsOfFile: "docs/tutorial/\(page)", encoding: .utf8)
    let steps = Self.steps(text)
    #expect(steps.count >= 20, "the page has its commands")
    let folder = TemporaryFolder()
    for net in ["shapes", "digits"] {
      try FileManager.default.copyItem(atPath: "Samples/\(net)", toPath: folder / net)
    }
    let build = try Pty.buildFolder()
    // One shell for all steps, as for a person: `cd` and variables stay.
    var script = "exec 2>&1\n"
    for (i, step) in steps.enumerated() { script += "\(step.command)\nprintf '\\n@@%s\\n' \(i)\n" }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = [
      "PATH": "\(build):/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder.path, "SWIFT_BACKTRACE": "enable=no",
      "COLUMNS": "120",
    ]
    let out = folder / "walk.out"
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    var rest = try String(contentsOfFile: out, encoding: .utf8)[...]
    for (i, step) in steps.enumerated() {
      let end = try #require(rest.range(of: "\n@@\(i)\n"), "line \(step.line): the shell ended")
      // Pages have no blanks at the ends of their lines.
      var printed = rest[..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false).map { line in
        String(line.reversed().drop { $0 == " " }.reversed())
      }
      while printed.last == "" { printed.removeLast() }
      var expected = step.output
      while expected.last == "" { expected.removeLast() }
      if let difference = Self.difference(printed, expected) {
        Issue.record("\(page):\(step.line): $ \(step.command)\n\(difference)")
      }
      rest = rest[end.upperBound...]
    }
  }

  @Test func `commands, here documents and output are told apart`() {
    let page = """
      text
      ```console
      $ one \\
          --two
      a
      b
      $ cat > f <<'END'
      x
      END
      $ three
      ```
      ```console
      c
      ```
      """
    let steps = Self.steps(page)
    #expect(steps.map(\.command) == ["one \\\n    --two", "cat > f <<'END'\nx\nEND", "three"])
    #expect(steps.map(\.output) == [["a", "b"], [], []])
    #expect(steps.map(\.line) == [3, 7, 10])
  }

  @Test func `dots stand for any text and any lines`() {
    #expect(Self.difference(["took 3 s"], ["took ... s"]) == nil)
    #expect(Self.difference(["took 3 s!"], ["took ... s"]) != nil)
    #expect(Self.difference(["a", "b", "c"], ["a", "...", "c"]) == nil)
    #expect(Self.difference(["a", "c"], ["a", "...", "c"]) == nil)
    #expect(Self.difference(["a", "c"], ["a", "..."]) == nil)
    #expect(Self.difference(["a", "c"], ["a"]) != nil)
    #expect(Self.difference(["a"], ["a", "b"]) != nil)
    #expect(Self.difference([], []) == nil)
    #expect(Self.difference(["a  0.991 b"], ["a 0.990 b"]) == nil)
    #expect(Self.difference(["a  0.991 b"], ["a 0.970 b"]) != nil)
    #expect(Self.difference(["a 3"], ["a 2"]) != nil)
  }
}

import Foundation

/// docs/commands.md: what `cortado --help` and `cortado VERB --help` say.
enum CommandsPage {
  struct NoOutput: Error { let arguments: [String] }

  static func text() throws -> String {
    var page = """
      # Commands

      Printed from the help of the program (`make docs`); a test fails when it is stale. Exit statuses are in the
      [README](../README.md).

      """
    var open: [[String]] = [[]]
    while !open.isEmpty {
      let words = open.removeFirst()
      let help = try run(words + ["--help"])
      page += "\n## cortado\(words.map { " " + $0 }.joined())\n\n```\n\(help)\n```\n"
      open = subcommands(help).map { words + [$0] } + open
    }
    return page
  }

  /// Names in the list of subcommands that a help text ends with.
  private static func subcommands(_ help: String) -> [String] {
    guard let list = help.range(of: "SUBCOMMANDS:\n") else { return [] }
    return help[list.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("  ") }
      .compactMap { line in line.dropFirst(2).first == " " ? nil : line.dropFirst(2).prefix { $0 != " " } }
      .filter { $0 != "help" }.map(String.init)
  }

  private static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = try buildFolder().appendingPathComponent("cortado")
    process.arguments = arguments
    process.environment = ["COLUMNS": "100", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    process.standardInput = FileHandle.nullDevice
    let out = Pipe()
    process.standardOutput = out
    try process.run()
    let data = try out.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !data.isEmpty else { throw NoOutput(arguments: arguments) }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
      .trimmingCharacters(in: .newlines)
  }

  /// Where the built programs lie: beside the test bundle, which is what runs now, alone or in a helper of the toolchain.
  private static func buildFolder() throws -> URL {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let bundle = own.contains("/.build") ? own : CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    return URL(fileURLWithPath: bundle).deletingLastPathComponent()
  }
}

// A small program on the base of the workbench, for the tests of the terminal: a list, and the last event in words.
import Foundation
import Terminal
import WorkbenchUI

let environment = ProcessInfo.processInfo.environment
var options = TerminalOptions()
options.mouse = CommandLine.arguments.contains("--mouse")
if CommandLine.arguments.contains("--no-color") { options.color = .never }

let terminal: Terminal
let theme: Theme
do {
  terminal = try Terminal(options, environment: environment)
  theme = try BuiltInThemes.library().theme(
    BuiltInThemes.choose(asked: environment["THEME"], depth: terminal.facts.depth, ground: terminal.facts.ground))
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(64)
}
let loop = WorkbenchLoop(
  terminal: terminal, theme: theme, model: ProbeModel(facts: terminal.facts, theme: theme.name),
  pacer: .suited(to: environment)
) { effect, news in
  switch effect {
  case .count:
    // News from another thread, more than there are frames; the last replaces those before it.
    Thread.detachNewThread {
      for n in 1...1000 { news.post("counted \(n)", replacing: "count") }
    }
  }
}
let end = loop.run()
print("ended: \(end)")
exit(end.status)

import Diagnostics

/// Ways to a layer, and what is shown.
extension PaletteCommand {
  static let moving: [PaletteCommand] = [layer, filter, mark, threshold, logLevel]

  private static let layer: PaletteCommand = .init(
    name: "layer", usage: "NAME", help: "go to a layer",
    candidates: { words, session in
      words.isEmpty
        ? (session.workspace?.rows ?? []).map { Candidate(text: PaletteWords.quoted($0.name), note: $0.type) } : []
    },
    run: { words, session, _ in
      guard let workspace = session.workspace, words.count == 1 else { throw layer.wrongUsage() }
      guard let row = workspace.index(of: words[0]) else {
        throw DiagnosticError(
          "no layer is named '\(words[0])'", help: NearestName.help(words[0], among: workspace.rows.map(\.name)))
      }
      session.go(toLayer: row)
      return []
    })

  private static let filter: PaletteCommand = .init(
    name: "filter", usage: "[TERM ..]", help: "show only the layers that fit; nothing: all",
    candidates: { _, _ in
      [
        Candidate(text: "type:Conv", note: "by type"), Candidate(text: "state:F", note: "by the letter of the list"),
        Candidate(text: "name:res3*", note: "by name"), Candidate(text: "bits>8", note: "activation bits"),
        Candidate(text: "chain<.99", note: "accumulated similarity"), Candidate(text: "mac>2", note: "percent of MAC"),
        Candidate(text: "par<1000", note: "parameters"),
      ]
    },
    run: { words, session, time in
      let parsed = try FilterExpression(parsing: words.joined(separator: " "))
      session.go(to: LayersScreen.self) { screen, session in
        screen.show(only: parsed, &session)
        if screen.isEmptyByFilter {
          session.say(.warning, "the filter '\(parsed.source)' finds nothing: Esc clears it", at: time)
        }
      }
      return []
    })

  private static let mark: PaletteCommand = .init(
    name: "mark", usage: "[FILTER]", help: "mark the layers of a filter; nothing: no marks",
    candidates: { words, session in words.isEmpty ? layers(session) : [] },
    run: { words, session, time in
      let names = words.isEmpty ? [] : try session.layers(in: words.joined(separator: " "))
      session.marks = Set(names)
      session.say(.info, names.isEmpty ? "no marks" : "marked \(Digits.plural(names.count, "layer"))", at: time)
      return []
    })

  private static let threshold: PaletteCommand = .init(
    name: "threshold", usage: "VALUE",
    help: "similarity under which a layer is bad", needsModel: false,
    candidates: { words, _ in words.isEmpty ? [".999", ".99", ".98", ".95"].map { Candidate(text: $0) } : [] },
    run: { words, session, time in
      guard words.count == 1, let value = Double(words[0].hasPrefix(".") ? "0" + words[0] : words[0]), value > 0,
        value < 1
      else { throw DiagnosticError("a threshold is a number above 0, below 1") }
      session.threshold = value
      session.say(.info, "threshold \(PlotNumber.text(value))", at: time)
      return []
    })

  private static let logLevel: PaletteCommand = .init(
    name: "log-level", usage: "[screen|file] LEVEL", help: "what the log shows, or what it writes to a file",
    needsModel: false,
    candidates: { words, _ in
      let levels = LogLevel.allCases.map { Candidate(text: $0.rawValue) }
      return words.isEmpty ? [Candidate(text: "screen"), Candidate(text: "file")] + levels : levels
    },
    run: { words, session, _ in
      let isFile = words.first == "file"
      guard let level = words.last.flatMap(LogLevel.init), words.count == 1 || isFile || words.first == "screen",
        words.count <= 2
      else { throw DiagnosticError("levels are \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))") }
      session.go(to: LogScreen.self) { screen, session in
        if isFile { screen.fileLevel = level } else { screen.screenLevel = level }
      }
      return []
    })
}

extension Session {
  /// Shows a layer in the list of all layers.
  mutating func go(toLayer row: Int) {
    cursor = row
    go(to: LayersScreen.self) { screen, session in
      session.cursor = row
      session.group = nil
      if screen.rows.index(of: session) == nil { screen.show(only: .everything, &session) }
      session.cursor = row
    }
  }
}

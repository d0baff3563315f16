import Diagnostics

/// Runs and what they left.
extension PaletteCommand {
  static let runs: [PaletteCommand] = [restore, save, lift, leaveOut, allImages]

  private static let restore: PaletteCommand = .init(
    name: "runs restore", usage: "RUN", help: "make the config that of a run; u undoes",
    candidates: { words, session in
      let runs = [session.workspace?.last, session.workspace?.previous].compactMap(\.self)
      return words.isEmpty
        ? runs.map {
          Candidate(
            text: "\($0.number)", note: $0.comparison.map { "chain out \(Digits.cosine($0.outputCosine))" } ?? "")
        } : []
    },
    run: { words, session, _ in
      guard words.count == 1, let run = Int(words[0]), run > 0 else { throw restore.wrongUsage() }
      return [.effect(.readConfig(run: run))]
    })

  private static let save: PaletteCommand = .init(
    name: "save", usage: "[RUN] PREFIX", help: "write the models of the last run, or of another one",
    candidates: { words, session in
      words.isEmpty ? (session.workspace?.stem).map { [Candidate(text: $0)] } ?? [] : []
    },
    run: { words, session, _ in
      guard (1...2).contains(words.count), let prefix = words.last else { throw save.wrongUsage() }
      guard let run = words.count == 2 ? Int(words[0]) : session.workspace?.last?.number else {
        throw words.count == 2 ? save.wrongUsage() : DiagnosticError("no run yet: r starts one")
      }
      if prefix.hasSuffix("/") { throw DiagnosticError("a name must follow the folder") }
      return [.effect(.export(run: run, prefix: prefix, overwriting: false))]
    })

  private static let leaveOut: PaletteCommand = .init(
    name: "images skip", usage: "NAME", help: "leave an image out of the project's runs",
    run: { words, session, _ in
      guard words.count == 1 else { throw leaveOut.wrongUsage() }
      if let reason = session.readOnlyReason { throw DiagnosticError(reason) }
      return [.effect(.leaveOut(words))]
    })

  private static let allImages: PaletteCommand = .init(
    name: "images all", usage: "", help: "use all images again",
    run: { _, session, _ in
      if let reason = session.readOnlyReason { throw DiagnosticError(reason) }
      return [.effect(.leaveOut(nil))]
    })

  private static let lift: PaletteCommand = .init(
    name: "recipe lift", usage: "", help: "write hand edits into the recipe",
    run: { _, session, _ in
      guard let screen = ScreenCatalog.all.first(where: { $0.command.name == "recipe" }),
        let action = ["lift-recipe", "lift"].first(where: ActionNames.all.contains)
      else { throw DiagnosticError("there is no recipe screen here: cortado recipe lift does it") }
      session.show(ScreenID(screen))
      session.perform(action)
      return []
    })
}

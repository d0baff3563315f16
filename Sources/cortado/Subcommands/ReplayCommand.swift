import ArgumentParser
import Diagnostics
import Foundation
import QuantEngine
import WorkbenchUI

/// `cortado replay`: a recorded session again, without a terminal.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Play a recorded session of the workbench again, without a terminal.",
    discussion: """
      Example: cortado replay session.jsonl --config-out config.json

      A session is recorded with cortado open ... --record session.jsonl. The model is read again; config, history and \
      results come from the recording and from the run folders. The last screen is printed.
      """)

  @Argument(help: ArgumentHelp("What was recorded.", valueName: "session.jsonl"))
  var session: String

  @Option(help: ArgumentHelp("Write the working config of the end.", valueName: "config.json"))
  var configOut: String?

  @OptionGroup var common: CommonOptions

  struct Report: Encodable {
    let events: Int
    let hasQuit: Bool
    let screen: [String]
  }

  func run() throws {
    let text = try read(session)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first,
      let header = JSONText.decode(SessionHeader.self, Data(first.utf8)), header.format == SessionHeader.currentFormat
    else {
      throw DiagnosticError(
        "this is no recorded session of format \(SessionHeader.currentFormat)",
        at: SourceLocation(file: session, line: 1), help: ["record one with cortado open ... --record FILE"])
    }
    let out = configOut.map { URL(fileURLWithPath: $0).path }
    let file = URL(fileURLWithPath: session).path
    let source = try RecordedProject(header)
    var replay = Replay(header, problems: [], themes: try ThemeFolder.library())
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let place = SourceLocation(file: file, line: index + 1)
      guard let event = JSONText.decode(RecordedEvent.self, Data(line.utf8)) else {
        throw DiagnosticError("this line is no event", at: place)
      }
      do {
        try replay.play(event, source)
      } catch let error as any DiagnosticConvertible {
        throw DiagnosticError(
          error.diagnostics.first?.text ?? "this line cannot be played", at: place,
          help: error.diagnostics.first?.help ?? [])
      }
    }
    if let out {
      guard let config = replay.config else {
        throw QuantError(.badInput, "the session opened no model, so there is no config to write")
      }
      try ProjectStore.save(config, to: out)
    }
    let screen = replay.screen
    common.show(
      Report(
        events: replay.events, hasQuit: replay.hasQuit,
        screen: screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    ) { _ in screen }
  }

  private func read(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DiagnosticError("cannot read this file", at: SourceLocation(file: path))
    }
    return String(decoding: data, as: UTF8.self)
  }
}

/// What a recorded session was about, read where it was.
private struct RecordedProject: ReplaySource {
  private let files: ModelFiles?
  private let project: ProjectFolder?

  init(_ header: SessionHeader) throws {
    guard !header.words.isEmpty else {
      (files, project) = (nil, nil)
      return
    }
    guard FileManager.default.changeCurrentDirectoryPath(header.folder) else {
      throw DiagnosticError("the folder of the session is not there: \(header.folder)")
    }
    let open = try OpenCommand.parse(header.words)
    guard let model = open.model else { throw DiagnosticError("the session names no model") }
    files = try open.net.files(model, open.weights, open.common)
    project = open.project.map { ProjectFolder(path: $0) } ?? ProjectFolder(model: model)
  }

  func project(_ opened: RecordedNews.Opened) throws -> OpenedProject {
    guard let files, let project else { throw DiagnosticError("the session names no model") }
    // Nowhere: what is there now may have come from the session itself.
    let read = try OpenedProject(files, data: DataOptions(), project: ProjectFolder(path: "/nonexistent"))
    let images = opened.images.flatMap { $0.count == 2 ? ImageSupply(count: $0[0], batchSize: $0[1]) : nil }
    return OpenedProject(
      graph: read.graph, rows: read.rows, stem: read.stem, config: try RecordedNews.config(opened.config),
      isConfigSaved: opened.isConfigSaved, configPath: project.config, images: images,
      runs: try opened.runs.map { try run($0) }, warnings: [], history: opened.history,
      goal: opened.goal ?? TuningGoal(), time: opened.time, recipe: opened.recipe?.ofProject ?? ProjectRecipe(),
      offeredRecipe: opened.offered?.asOffered)
  }

  func run(_ number: Int) throws -> FinishedRun {
    guard let project else { throw DiagnosticError("the session names no model") }
    guard project.runNumbers.contains(number) else {
      throw DiagnosticError("run \(number) of the session is not there any more")
    }
    return FinishedRun(reading: number, of: project)
  }
}

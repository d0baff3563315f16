import ArgumentParser
import Diagnostics
import QuantEngine

/// `cortado report`: a run as a page, a table or text for a merge request.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a run as an HTML page, CSV table or Markdown.",
    discussion: """
      Example: cortado report 3 --html report.html --csv metrics.csv

      The page is one file that needs nothing else. Factors, similarity of every layer, config, file hashes and the \
      times are in it. CSV holds the metrics, Markdown what fits into a merge request.
      """)

  @Argument(help: ArgumentHelp("A run's number in the project, or a run folder.", valueName: "run")) var id: String
  @Option(help: ArgumentHelp("Write a self-contained page.", valueName: "file")) var html: String?
  @Option(help: ArgumentHelp("Write the metrics of layers and outputs.", valueName: "file")) var csv: String?
  @Option(help: ArgumentHelp("Write Markdown.", valueName: "file")) var md: String?
  @OptionGroup var project: ProjectOption
  @OptionGroup var common: CommonOptions

  struct Result: Encodable {
    let run: String
    let files: [String]
  }

  func validate() throws {
    if html == nil, csv == nil, md == nil { throw ValidationError("give --html, --csv or --md with a file") }
  }

  func run() throws {
    let folder = try project.run(id)
    let report = try RunReport(folder)
    // Everything is made before the first file is written.
    var texts: [(path: String, text: String)] = []
    if let html { texts.append((html, report.html)) }
    if let csv { texts.append((csv, try report.csv())) }
    if let md { texts.append((md, report.markdown)) }
    for (path, text) in texts { try attempting(.runFailed) { try AtomicFile.write(path: path, text: text) } }
    common.show(Result(run: folder.id, files: texts.map(\.path))) {
      $0.files.map { "wrote \($0)" }.joined(separator: "\n")
    }
  }
}

import ArgumentParser
import QuantEngine

/// `cortado uninplace`: a net without in-place layers.
struct UninplaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninplace", abstract: "Write a net with a blob of its own for every top.",
    discussion: """
      Layers of phase TEST and those without a phase are kept, with all their fields; outputs keep their names. The \
      weights file fits as before; given, it is checked against the net.

      Example: cortado uninplace net.prototxt -o net_uninplaced.prototxt
      """)

  @OptionGroup var model: LooseModelOptions
  @OptionGroup var common: CommonOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "out.prototxt"))
  var output: String

  func run() throws {
    let job = UninplaceJob(files: try model.files(common), out: output)
    let log = try AMCTLog(isQuiet: common.quiet)
    let result = try log.noting { try job.run(common.console.tell) }
    log.noteSaved([result.file])
    common.show(result) {
      "wrote \($0.file): \($0.layers) layers, \($0.renamed.count) blobs renamed"
    }
  }
}

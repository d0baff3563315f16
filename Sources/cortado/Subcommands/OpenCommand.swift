import ArgumentParser
import Foundation
import QuantEngine

/// `cortado open`: the workbench.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the workbench on a model.",
    discussion: "Example: cortado open net.prototxt net.caffemodel --images calibration")

  @Argument(help: ArgumentHelp("The net.", valueName: "model.prototxt"))
  var model: String?

  @Argument(help: ArgumentHelp("Its weights.", valueName: "weights.caffemodel"))
  var weights: String?

  @OptionGroup var data: DataFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw QuantError(
        .usage, "the workbench needs a terminal on stdin and stdout",
        help: ["scripts use the verbs: cortado quantize, compare, ... (cortado --help)"])
    }
    throw QuantError(.usage, "the workbench cannot draw on this terminal yet")
  }
}

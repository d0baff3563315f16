import ArgumentParser
import Datasets
import Diagnostics
import QuantEngine

/// Images or tensors, and how they become a net's input.
struct DataFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of JPEG/PNG, text list, LMDB, HDF5, or .npy.", valueName: "spec"))
  var images: String?

  @Option(
    help: ArgumentHelp(
      "Tensor for an input: NAME=FILE.npy, NAME=FILE.h5 or NAME=v1,v2 (repeatable).", valueName: "name=file"))
  var input: [String] = []

  @Option(help: ArgumentHelp("Use the first N images.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp("Leave an image out, by its path or its file's name (repeatable).", valueName: "name"))
  var skipImage: [String] = []

  @Option(help: ArgumentHelp("Images per batch (default: first dimension of the net's input).", valueName: "b"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Channel order of .npy images: RGB, BGR or GRAY.", valueName: "order"))
  var npyOrder: String = "RGB"

  @Option(help: ArgumentHelp("Preprocessing as JSON; the flags below go over it.", valueName: "file.json"))
  var preprocess: String?

  @Option(help: ArgumentHelp("BGR, RGB or GRAY.", valueName: "order"))
  var channelOrder: String?

  @Option(help: ArgumentHelp("Resize to H,W.", valueName: "h,w"))
  var resize: String?

  @Option(help: ArgumentHelp("Resize the shorter side to N.", valueName: "n"))
  var resizeShorter: String?

  @Option(help: ArgumentHelp("Centre crop to H,W.", valueName: "h,w"))
  var crop: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("One mean, or one per channel.", valueName: "m,.."))
  var mean: String?

  @Option(help: ArgumentHelp("Mean image: .binaryproto or .npy.", valueName: "file"))
  var meanFile: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Factor after the mean is taken off.", valueName: "f"))
  var scale: String?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be positive, is \(limit)") }
    if let batchSize, batchSize < 1 { throw ValidationError("--batch-size must be positive, is \(batchSize)") }
    if ChannelOrder(text: npyOrder) == nil {
      throw ValidationError("--npy-order is RGB, BGR or GRAY, not '\(npyOrder)'")
    }
  }

  /// - Throws: a `DiagnosticError` about the preprocessing.
  func options(labels: String? = nil, threads: Int) throws -> DataOptions {
    var o = DataOptions()
    o.images = images
    o.inputs = input
    o.labels = labels
    o.limit = limit
    o.leftOut = skipImage
    o.batchSize = batchSize
    o.npyOrder = ChannelOrder(text: npyOrder) ?? .rgb
    o.threads = threads
    o.preprocessing = try preprocessing()
    return o
  }

  private func preprocessing() throws -> PreprocessingSpec? {
    var flags: [(key: PreprocessingSpec.Key, text: String)] = []
    func add(_ key: PreprocessingSpec.Key, _ text: String?) { if let text { flags.append((key, text)) } }
    add(.channelOrder, channelOrder)
    add(.resize, resize)
    add(.resizeShorter, resizeShorter)
    add(.crop, crop)
    add(.mean, mean)
    add(.meanFile, meanFile)
    add(.scale, scale)
    let fromFlags = flags.isEmpty ? nil : try PreprocessingSpec(flags: flags)
    guard let preprocess else { return fromFlags }
    let fromFile = try PreprocessingSpec(file: preprocess)
    return fromFlags.map(fromFile.overlaid(by:)) ?? fromFile
  }
}

import ArgumentParser
import Datasets
import Foundation
import QuantEngine

extension EncodedKind: ExpressibleByArgument {}

/// `cortado dataset ...`: what images there are, and LMDBs of them.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Look at image data sets, make a Caffe LMDB.",
    discussion: "Example: cortado dataset info calibration",
    subcommands: [DatasetInfoCommand.self, MakeLMDBCommand.self])
}

struct DatasetInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Tell what a data set holds: count, shapes, labels, first entries.",
    discussion: """
      Example: cortado dataset info ilsvrc12_val_lmdb
               cortado dataset info calibration.txt --json
      Reads folders of JPEG and PNG, text lists, Caffe LMDBs, HDF5 files and lists of them, and .npy.
      """)

  @Argument(help: ArgumentHelp("What --images takes.", valueName: "spec")) var spec: String
  @Option(help: ArgumentHelp("Labels where the images carry none: .npy or .txt.", valueName: "file"))
  var labels: String?
  @Option(help: ArgumentHelp("Look at the first N images.", valueName: "n")) var limit: Int?
  @Option(help: ArgumentHelp("Entries to list.", valueName: "n")) var entries = 5
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be positive, is \(limit)") }
    if entries < 0 { throw ValidationError("--entries must not be negative, is \(entries)") }
  }

  func run() throws {
    let console = common.console
    let info = try withInterrupts {
      try DatasetInfo(spec, labels: labels, limit: limit, entries: entries) {
        if $1 > 1000 { console.progress("dataset", done: $0, of: $1) }
      }
    }
    console.clearProgress()
    common.show(info, Self.text)
  }

  /// More lines than this are summed up.
  private static let shownLabels = 20
  private static let shownShapes = 10

  static func text(_ info: DatasetInfo) -> String {
    var lines = ["\(info.spec): \(info.kind), \(info.count) images"]
    if info.totalCount > info.count { lines[0] += " of \(info.totalCount)" }
    var shapes = TextTable(["images", "storage", "shape"])
    for s in info.shapes.prefix(shownShapes) { shapes.add(["\(s.count)", s.storage, "\(s.shape)"]) }
    lines += ["", shapes.text]
    if info.shapes.count > shownShapes { lines.append("and \(info.shapes.count - shownShapes) other shapes") }
    lines.append("")
    if info.labelled == 0 {
      lines.append("no labels")
    } else {
      let rest = info.count - info.labelled
      lines.append("\(info.labels.count) labels" + (rest > 0 ? "; \(rest) images have none" : ""))
      var labels = TextTable(["label", "images"])
      for l in info.labels.prefix(shownLabels) { labels.add(["\(l.label)", "\(l.count)"]) }
      lines.append(labels.text)
      if info.labels.count > shownLabels { lines.append("and \(info.labels.count - shownLabels) other labels") }
    }
    if !info.first.isEmpty {
      var entries = TextTable(["entry", "shape", "label"])
      for e in info.first { entries.add([e.name, "\(e.shape)", e.label.map(String.init) ?? ""]) }
      lines += ["", entries.text]
    }
    return lines.joined(separator: "\n")
  }
}

struct MakeLMDBCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-lmdb", abstract: "Make a Caffe LMDB of images, as convert_imageset does.",
    discussion: """
      Example: cortado dataset make-lmdb val.txt val_lmdb --resize 256,256 --shuffle
               cortado dataset make-lmdb calibration calibration_lmdb --encoded
      LIST is a text list (path label), a folder, or anything else that --images takes. Keys are 00000000_name.
      Pixels are stored in planes, blue first, or as files with --encoded. OUT must not exist.
      """)

  @Argument(help: ArgumentHelp("The images.", valueName: "list")) var list: String
  @Argument(help: ArgumentHelp("The LMDB to make, a folder.", valueName: "out")) var out: String
  @Option(help: ArgumentHelp("Labels where the images carry none: .npy or .txt.", valueName: "file"))
  var labels: String?
  @Option(help: ArgumentHelp("Resize to H,W.", valueName: "h,w")) var resize: String?
  @Option(help: ArgumentHelp("Resize the shorter side to N.", valueName: "n")) var resizeShorter: String?
  @Flag(help: "Make all images grey.") var gray = false
  @Flag(help: "Store files (JPEG, PNG) instead of pixels.") var encoded = false
  @Option(help: ArgumentHelp("Store every image as png or jpg.", valueName: "type")) var encodeType: EncodedKind?
  @Flag(help: "Mix the order.") var shuffle = false
  @Option(help: ArgumentHelp("Another order of --shuffle.", valueName: "n")) var seed: UInt64 = 1
  @Flag(help: "Refuse images that have not all the same size.") var checkSize = false
  @Option(help: ArgumentHelp("Use the first N images.", valueName: "n")) var limit: Int?
  @Option(help: ArgumentHelp("Channel order of .npy images: RGB, BGR or GRAY.", valueName: "order"))
  var npyOrder: String = "RGB"
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be positive, is \(limit)") }
    if ChannelOrder(text: npyOrder) == nil {
      throw ValidationError("--npy-order is RGB, BGR or GRAY, not '\(npyOrder)'")
    }
  }

  func run() throws {
    let console = common.console
    var flags: [(key: PreprocessingSpec.Key, text: String)] = []
    if let resize { flags.append((.resize, resize)) }
    if let resizeShorter { flags.append((.resizeShorter, resizeShorter)) }
    var job = MakeLMDBJob(spec: list, out: out)
    job.resize = try PreprocessingSpec(flags: flags).resize
    job.labels = labels
    job.limit = limit
    job.npyOrder = ChannelOrder(text: npyOrder) ?? .rgb
    job.isGray = gray
    job.isEncoded = encoded || encodeType != nil
    job.encodedKind = encodeType
    job.checksSize = checkSize
    job.shuffleSeed = shuffle ? seed : nil
    job.threads = threads.count
    let result = try withInterrupts { try job.run { console.progress("make-lmdb", done: $0, of: $1) } }
    console.clearProgress()
    if result.labelled < result.count {
      console.tell(.warning("\(result.count - result.labelled) of \(result.count) images have no label"))
    }
    common.show(result) {
      let shapes = $0.shapes.prefix(3).map { "\($0.shape) \($0.storage)" }.joined(separator: ", ")
      return "wrote \($0.out): \($0.count) images, \(shapes)\($0.shapes.count > 3 ? ", .." : "")"
    }
  }
}

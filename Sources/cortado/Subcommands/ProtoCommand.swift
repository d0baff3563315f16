import ArgumentParser
import QuantEngine

/// `cortado proto merge`.
struct ProtoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proto", abstract: "Merge a .proto file of custom layers with Caffe's, ATC's and AMCT's schema.",
    discussion: "Example: cortado proto merge --custom custom.proto -o caffe.proto", subcommands: [Merge.self])

  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge", abstract: "Write one caffe.proto of the built-in schema and custom layers.",
      discussion: """
        Example: cortado proto merge --custom custom.proto -o caffe-master/src/caffe/proto/caffe.proto

        A custom file declares fields in message LayerParameter, all optional, and their messages. A field or message of \
        Caffe's or ATC's name takes its place; a number that another field has, and any name or number of AMCT's, is an \
        error (exit status 3) that names both places; numbers from 5000 on are warned about. A file that is replaced is \
        kept as FILE.bak. Every verb takes the custom file or the merged one by --proto.
        """)

    @Option(help: ArgumentHelp("The .proto file with custom layers (repeatable).", valueName: "file"))
    var custom: [String]

    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where the merged schema goes.", valueName: "file"))
    var out = "caffe.proto"

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if custom.isEmpty { throw ValidationError("proto merge needs --custom FILE") }
    }

    func run() throws {
      let job = ProtoMergeJob(custom: common.proto + custom, out: out)
      common.show(try job.run(common.console.tell)) { r in
        if !r.isChanged { return "\(r.file) is up to date" }
        let kept = r.backup.map { "kept the file that was there as \($0)\n" } ?? ""
        return kept + "wrote \(r.file): \(r.fields.isEmpty ? "no custom fields" : r.fields.joined(separator: ", "))"
      }
    }
  }
}

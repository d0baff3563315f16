import Diagnostics
import Tensors
import Testing

@testable import Datasets

@Suite("Preprocessing as written") struct PreprocessingSpecTests {
  private let folder: TemporaryFolder
  private var path: String { folder.path + "/p.json" }

  init() throws { folder = try TemporaryFolder() }

  private func parse(_ json: String) throws -> PreprocessingSpec {
    try folder.write("p.json", json)
    return try PreprocessingSpec(file: path)
  }

  private func noProto(_ path: String) throws -> Tensor { throw DiagnosticError("not asked for") }

  @Test func `every key of the file is read`() throws {
    let spec = try parse(
      """
      {"channel_order": "RGB", "resize_shorter": 256, "crop": [224, 200], "mean": [104, 117.5, 123], "scale": 0.017}
      """)
    let p = try spec.resolved(loadBinaryProto: noProto)
    #expect(p.channelOrder == .rgb && p.resize == .shorter(256) && p.crop == Extent(height: 224, width: 200))
    #expect(p.mean == .values([104, 117.5, 123]) && p.scale == 0.017 && p.origin == .user)
    #expect(try parse("{\"resize\": [3, 4], \"mean\": -1}").resize == .exact(.init(height: 3, width: 4)))
    #expect(try parse("{}").resolved(loadBinaryProto: noProto) == Preprocessing())
  }

  @Test func `flags say the same and win over the file`() throws {
    let flags = try PreprocessingSpec(flags: [(.mean, "-1,2"), (.crop, "5, 6"), (.channelOrder, "gray")])
    #expect(flags.mean == .values([-1, 2]) && flags.crop == Extent(height: 5, width: 6) && flags.channelOrder == .gray)
    let both = try parse("{\"mean_file\": \"m.npy\", \"scale\": 2, \"crop\": [1, 1]}").overlaid(by: flags)
    #expect(both.mean == .values([-1, 2]) && both.scale == 2 && both.crop == Extent(height: 5, width: 6))
  }

  @Test(arguments: [
    ("{\"mena\": 3}", ":1:2: error: preprocessing has no key 'mena'\nhelp: did you mean 'mean'?"),
    ("{\"crop\": 3}", ":1:10: error: 'crop' is two numbers, height and width"),
    ("{\"crop\": [0, 3]}", ":1:10: error: 'crop' takes whole numbers from 1 to 1048576, not '0'"),
    ("{\"crop\": [3.5, 3]}", ":1:10: error: 'crop' takes whole numbers from 1 to 1048576, not '3.5'"),
    ("{\"scale\": 1e999}", ":1:11: error: 'scale' takes finite numbers, not '1e999'"),
    ("{\"scale\": [1]}", ":1:11: error: 'scale' is a number, not a list"),
    ("{\"mean\": []}", ":1:10: error: 'mean' has no values"),
    ("{\"mean\": [1, \"x\"]}", ":1:14: error: 'mean' is a list of numbers, here is a string"),
    ("{\"channel_order\": \"GBR\"}", ":1:19: error: 'channel_order' is BGR, RGB or GRAY, not 'GBR'"),
    ("[]", ":1:1: error: preprocessing is an object of keys, not a list"),
  ])
  func `mistakes are located`(_ json: String, _ wanted: String) {
    #expect(message { _ = try parse(json) } == path + wanted)
  }

  @Test func `all mistakes are told at once`() {
    let text = message { _ = try parse("{\"a\": 1, \"scale\": true,\n\"mean\": 1, \"mean_file\": \"x.npy\"}") }
    #expect(text.contains(":1:2: error: preprocessing has no key 'a'"))
    #expect(text.contains(":1:19: error: 'scale' is a number, not true or false"))
    #expect(text.contains(":2:12: error: 'mean_file' and 'mean' are both given\n\(path):2:1: note: 'mean' is here"))
  }

  @Test func `two sizes or two means in flags are refused`() {
    #expect(
      message { _ = try PreprocessingSpec(flags: [(.resize, "1,1"), (.resizeShorter, "2")]) }
        == "error: 'resize_shorter' and 'resize' are both given")
  }

  @Test func `a mean file is looked for beside the preprocessing file`() throws {
    try NumpyFile.write(Tensor(shape: [1, 1, 1, 2], [5, 6]), to: folder.path + "/m.npy")
    let p = try parse("{\"mean_file\": \"m.npy\"}").resolved(loadBinaryProto: noProto)
    #expect(p.mean == .image(Tensor(shape: [1, 1, 2], [5, 6])))
    try NumpyFile.write(Tensor(shape: [3], [1, 2, 3]), to: folder.path + "/m.npy")
    #expect(try parse("{\"mean_file\": \"m.npy\"}").resolved(loadBinaryProto: noProto).mean == .values([1, 2, 3]))
    let proto = try parse("{\"mean_file\": \"m.binaryproto\"}")
    let loaded = try proto.resolved { path in
      #expect(path == folder.path + "/m.binaryproto")
      return Tensor(shape: [1, 1, 1], [9])
    }
    #expect(loaded.mean == .image(Tensor(shape: [1, 1, 1], [9])))
  }

  @Test func `a mean file of another kind or shape is refused`() throws {
    let other = try parse("{\"mean_file\": \"m.txt\"}")
    #expect(message { _ = try other.resolved(loadBinaryProto: noProto) }.contains("neither .binaryproto nor .npy"))
    try NumpyFile.write(Tensor(shape: [2, 2]), to: folder.path + "/m.npy")
    let flat = try parse("{\"mean_file\": \"m.npy\"}")
    #expect(
      message { _ = try flat.resolved(loadBinaryProto: noProto) }
        == folder.path + "/m.npy: error: a mean has shape [C, H, W] or [C], not [2, 2]")
  }

  @Test func `a net's transform_param says the same in its own words`() throws {
    let at = SourceLocation(file: "net.prototxt", line: 3)
    let p = try PreprocessingSpec(
      transformScale: 0.5, meanValues: [1, 2, 3], meanFile: nil, cropSize: 7, at: at
    ).resolved(loadBinaryProto: noProto)
    #expect(
      p.scale == 0.5 && p.mean == .values([1, 2, 3]) && p.crop == Extent(height: 7, width: 7) && p.origin == .net)
    #expect(
      message {
        _ = try PreprocessingSpec(transformScale: 1, meanValues: [1], meanFile: "m", cropSize: 0, at: at)
      } == "net.prototxt:3: error: Cannot specify mean_file and mean_value at the same time")
    #expect(
      message {
        _ = try PreprocessingSpec(
          transformScale: 1, meanValues: [], meanFile: nil, cropSize: 0, forceGray: true, forceColor: true, at: at)
      } == "net.prototxt:3: error: cannot set both force_color and force_gray")
  }
}

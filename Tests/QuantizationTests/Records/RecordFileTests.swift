import CaffeFormat
import Diagnostics
import Foundation
import Quantization
import TestSupport
import Testing

@Suite struct RecordFileTests {
  private func read(_ text: String) throws -> RecordFile { try RecordFile.read(Array(text.utf8), file: "r.txt") }

  private func errors(_ text: String) -> [String] {
    NetText.problems { _ = try read(text) }.map { "\($0.location.map { "\($0)" } ?? "-"): \($0.text)" }
  }

  /// A record of one layer, its value on the second line.
  private func record(_ value: String) -> String { "record { key: \"conv1\" value {\n\(value) } }\n" }

  private static let weights = "scale_w: 0.5 offset_w: 0 "

  // MARK: layouts

  @Test func `today's layout has record_d per input`() throws {
    let file = try read(
      record(
        Self.weights
          + "record_d { scale_d: 0.25 offset_d: -3 index: 1 num_bits_d: 12 channels: 4 height: 5 width: 6 } "
          + "record_d { scale_d: 0.5 offset_d: 7 index: 0 }"))
    let entry = try #require(file.entries.first)
    #expect(entry.layer == "conv1" && entry.location.line == 1 && !entry.skipFusion && entry.shiftBits.isEmpty)
    #expect(
      entry.data == [
        .init(index: 0, scale: 0.5, offset: 7, numBits: 8, channels: 1, height: 1, width: 1),
        .init(index: 1, scale: 0.25, offset: -3, numBits: 12, channels: 4, height: 5, width: 6),
      ], "by index, bits 8 where the file says none")
  }

  @Test func `the older layout has the factors of input 0 beside the weights'`() throws {
    let file = try read(
      record("scale_d: 0.25 offset_d: -128 \(Self.weights) channels: 3 height: 24 width: 32 skip_fusion: true"))
    let entry = try #require(file.entries.first)
    #expect(entry.data == [.init(index: 0, scale: 0.25, offset: -128, numBits: 8, channels: 3, height: 24, width: 32)])
    #expect(entry.skipFusion)
  }

  /// The first entry of the guide's sample, with its braces closed.
  @Test func `where both are mixed record_d goes first`() throws {
    let file = try read(
      """
      record {
          key: "conv1"
          value: {
              scale_d: 0.01424
              offset_d: -128
              scale_w: 0.43213
              scale_w: 0.78163
              scale_w: 1.03213
              offset_w: 0
              offset_w: 0
              offset_w: 0
              shift_bit: 1
              shift_bit: 1
              shift_bit: 1
              num_bits_w: 8        record_d {
                scale_d: 1.554879
                offset_d: -49
                index: 0
                num_bits_d: 8
              }
          }
      } record { key: "pool1" value { scale_w: 1.0 offset_w: 0 record_d { scale_d: 0.05 offset_d: -128 index: 0 } } }
      """)
    #expect(file.entries.map(\.layer) == ["conv1", "pool1"])
    let data = try #require(file.entries.first?.data.first)
    #expect(data.scale == 1.554879 && data.offset == -49)
    #expect(file.entries.first?.shiftBits == [1, 1, 1])
  }

  @Test func `values that record_d lacks come from the older layout`() throws {
    let file = try read(
      record("scale_d: 0.25 offset_d: -5 height: 9 \(Self.weights) record_d { index: 0 num_bits_d: 10 height: 7 }"))
    #expect(
      file.entries.first?.data == [
        .init(index: 0, scale: 0.25, offset: -5, numBits: 10, channels: 1, height: 7, width: 1)
      ]
    )
  }

  @Test func `of an optional field that stands twice the last counts`() throws {
    let file = try read(record("scale_d: 0.25 scale_d: 0.5 offset_d: 1 offset_d: 2 \(Self.weights)"))
    #expect(file.entries.first?.data.first?.scale == 0.5 && file.entries.first?.data.first?.offset == 2)
  }

  @Test func `shifts of 0 are none`() throws {
    #expect(try read(record("scale_d: 1 offset_d: 0 shift_bit: 0 shift_bit: 0")).entries.first?.shiftBits == [])
    #expect(try read(record("scale_d: 1 offset_d: 0 shift_bit: 16")).entries.first?.shiftBits == [16])
  }

  // MARK: refusals

  @Test func `what is no record is refused where it stands`() {
    let found = NetText.problems { _ = try read("prune_record { }\n") }
    #expect(found.first?.text == "unknown field 'prune_record' in ScaleOffsetRecord")
    #expect(found.first?.location == SourceLocation(file: "r.txt", line: 1, column: 1))
    #expect(
      found.first?.notes.map(\.text) == [
        "the record_file{r.txt} cannot be parsered, please ensure it matches with scale_offset_record.proto!"
      ])
    #expect(errors("record { key: \"a\"\n value { scale_d: x } }").first?.hasPrefix("r.txt:2:") == true)
    #expect(errors("record { key: \"a\"\n value { record_d { scale_d: 1 } } }").first?.contains("index") == true)
  }

  @Test(arguments: ["", "# nothing\n"])
  func `a file without records is refused`(_ text: String) {
    #expect(
      errors(text) == [
        "r.txt: record_file is empty, no layers to be quantized. Please ensure calibration is finished by checking "
          + "information!"
      ])
  }

  @Test func `a record needs a name, once`() {
    #expect(errors("record {\n value { } }").first == "r.txt:1:1: Cannot find \"key\" in record file.")
    let one = "record { key: \"a\" value { scale_d: 1 offset_d: 0 } }\n"
    let found = NetText.problems { _ = try read(one + one) }
    #expect(found.map(\.text) == ["Please delete repeated items in record, repeated items are [a]"])
    #expect(found.first?.location?.line == 2 && found.first?.notes.first?.location?.line == 1)
  }

  @Test(arguments: [
    ("scale_w: 1 offset_w: 0", "r.txt:1:10: Cannot find scale_d of layer 'conv1' in record file"),
    ("offset_d: 3", "r.txt:2:1: Cannot find scale_d of layer 'conv1' in record file"),
    ("scale_d: 3", "r.txt:2:1: Cannot find offset_d of layer 'conv1' in record file"),
    ("record_d { index: 0 offset_d: 1 }", "r.txt:2:1: Cannot find scale_d of layer 'conv1' in record file"),
    ("scale_d: 1 offset_d: 128", "r.txt:2:12: offset_d's value should be in [-128, 127] in layer conv1."),
    ("scale_d: 1 offset_d: -129", "r.txt:2:12: offset_d's value should be in [-128, 127] in layer conv1."),
    (
      "record_d { scale_d: 1 offset_d: 2048 index: 0 num_bits_d: 12 }",
      "r.txt:2:23: offset_d's value should be in [-2048, 2047] in layer conv1."
    ),
    (
      "record_d { scale_d: 1 offset_d: 0 index: 0 num_bits_d: 7 }",
      "r.txt:2:44: num_bits_d's value should be in [8, 16] in layer conv1."
    ),
    (
      "record_d { scale_d: 1 offset_d: 0 index: 0 num_bits_d: 17 }",
      "r.txt:2:44: num_bits_d's value should be in [8, 16] in layer conv1."
    ),
    ("record_d { scale_d: 1 offset_d: 0 index: -1 }", "r.txt:2:35: index must not be negative in layer conv1."),
    (
      "record_d { scale_d: 1 offset_d: 0 index: 2 } record_d { scale_d: 1 offset_d: 0 index: 2 }",
      "r.txt:2:46: layer conv1 has two record_d of index 2"
    ),
    (
      "scale_d: 1 offset_d: 0 shift_bit: 1 shift_bit: 0",
      "r.txt:2:37: shift_bit's value shoule be in [1, 16] or all be 0 in layer conv1"
    ),
    (
      "scale_d: 1 offset_d: 0 shift_bit: 17",
      "r.txt:2:24: shift_bit's value shoule be in [1, 16] or all be 0 in layer conv1"
    ),
  ])
  func `a wrong value is refused at its place`(_ value: String, _ line: String) {
    #expect(errors(record(value)).first == line)
  }

  @Test func `the ends of each range are legal`() throws {
    for (bits, low, high) in [(8, -128, 127), (9, -256, 255), (16, -32768, 32767)] {
      for offset in [low, high] {
        let text = record("record_d { scale_d: 1 offset_d: \(offset) index: 0 num_bits_d: \(bits) }")
        #expect(try read(text).entries.first?.data.first?.offset == offset)
      }
    }
  }

  @Test(arguments: ["0", "-0.5", "nan", "inf", "-inf", "1e-50", "1e-17", "1e16", "1e40"])
  func `a step that no layer could hold is refused`(_ scale: String) {
    #expect(
      errors(record("scale_d: \(scale) offset_d: 0")).first
        == "r.txt:2:1: scale_d's value shoule be in positivate range of float32 in layer conv1.")
  }

  @Test func `all errors come at once, in the file's order`() {
    let text = "record { key: \"a\" value { scale_d: 0 offset_d: 200 } }\nrecord { key: \"b\" value { scale_d: 1 } }"
    #expect(errors(text).map { String($0.prefix(8)) } == ["r.txt:1:", "r.txt:1:", "r.txt:2:"])
  }
}

/// Records that the original tools wrote, found beside the package or through CORTADO_AMCT_SAMPLES.
@Suite("Published records", .enabled(if: PublishedRecords.folder != nil, "no folder of published records"))
struct PublishedRecordsSuite {
  @Test func `records of the older layout are read`() throws {
    let file = try PublishedRecords.read("ascend-samples/resnet50_record.txt")
    // What the folder's README says of it: 54 layers, offsets -128 except for conv1's -14.
    #expect(file.entries.count == 54)
    #expect(file.entries.filter { $0.data.first?.offset != -128 }.map(\.layer) == ["conv1"])
    #expect(file.entries.first?.data.first?.offset == -14)
    for name in ["int8", "int4"] {
      let file = try PublishedRecords.read("hicann-amct/\(name)_record.txt")
      #expect(file.entries.count > 3 && file.entries.first?.layer == "conv_bn1.0")
    }
  }

  @Test(arguments: ["SingleConv", "EltwiseConv", "NetTrainBranch", "SplitConcatConv"])
  func `records of pruning are refused where they begin`(_ name: String) {
    let found = NetText.problems { _ = try PublishedRecords.read("hicann-amct/record_\(name).txt") }
    #expect(found.first?.location?.line == 1)
    #expect(found.first?.text.contains("prune_record") == true)
  }
}

enum PublishedRecords {
  static let folder: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["CORTADO_AMCT_SAMPLES"]
    let candidates =
      [named].compactMap { $0 }
      + ["../shared/amct-samples", "../../shared/amct-samples"].map {
        package.appendingPathComponent($0).standardized.path
      }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }()

  static func read(_ name: String) throws -> RecordFile {
    let path = (folder ?? "") + "/" + name
    return try RecordFile.read([UInt8](Data(contentsOf: URL(fileURLWithPath: path))), file: path)
  }
}

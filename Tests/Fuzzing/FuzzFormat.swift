import Diagnostics

/// A file format under attack: good inputs to start from, and the readers that must refuse or accept whatever comes.
struct FuzzFormat: Sendable {
  let name: String
  /// Extension of the files that are kept.
  let ending: String
  let seeds: @Sendable () throws -> [[UInt8]]
  let dictionary: @Sendable () throws -> [String]
  /// Makes the reader once; it is called with each input and its index. True: accepted.
  let reader: @Sendable () throws -> (_ bytes: [UInt8], _ index: Int) throws(DiagnosticError) -> Bool

  static let all: [FuzzFormat] = [
    prototxt, caffemodel, npy, configJSON, recipe, record, imageList, image, customProto, selfTest,
  ]

  /// Those that are meant when none is named: all but the one that fails on purpose.
  static let real = all.filter { $0.name != selfTest.name }

  /// Traps, hangs and refuses on purpose, so that a test sees the harness notice.
  static let selfTest = FuzzFormat(
    name: "self-test", ending: "txt", seeds: { [Array("good".utf8)] }, dictionary: { [] },
    reader: {
      { (_: [UInt8], index: Int) throws(DiagnosticError) -> Bool in
        switch index {
        case 7: fatalError("on purpose")
        case 13: while true {}
        case 21: throw DiagnosticError("refused")
        default: return true
        }
      }
    })
}

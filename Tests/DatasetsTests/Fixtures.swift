import CLMDB
import Diagnostics
import Foundation
import Tensors

@testable import Datasets

/// Files beside the tests, see Fixtures/README.md.
enum Fixture {
  static let folder = String(#filePath.dropLast("Fixtures.swift".count)) + "Fixtures/"

  static func path(_ name: String) -> String { folder + name }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}

/// An empty folder of its own for each test.
struct TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cortado-datasets-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  /// Copies a file from Fixtures.
  func copy(_ fixture: String, as name: String) throws {
    try FileManager.default.copyItem(atPath: Fixture.path(fixture), toPath: "\(path)/\(name)")
  }
}

/// The text of the error `body` throws, or "no error".
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

extension ImageSource {
  /// Image `i` as a tensor of `shape`.
  func tensor(_ i: Int, _ shape: Shape, _ preprocessing: Preprocessing = .none) throws -> Tensor {
    var out = Tensor(shape: shape)
    try out.withMutable { view throws(DiagnosticError) in try load(i, into: view, shape: shape, preprocessing) }
    return out
  }
}

/// Writes an LMDB folder with liblmdb itself.
func writeLMDB(_ path: String, _ entries: [(key: [UInt8], value: [UInt8])], mapSize: Int = 1 << 26) throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  var message = [CChar](repeating: 0, count: Int(CLMDB_MESSAGE_SIZE))
  func check(_ isGood: Bool) throws {
    if !isGood { throw DiagnosticError(String(decoding: message.map { UInt8(bitPattern: $0) }, as: UTF8.self)) }
  }
  let writer = clmdb_create(path, mapSize, &message)
  try check(writer != nil)
  for (key, value) in entries { try check(clmdb_put(writer, key, key.count, value, value.count, &message) == 0) }
  try check(clmdb_close(writer, 1, &message) == 0)
}

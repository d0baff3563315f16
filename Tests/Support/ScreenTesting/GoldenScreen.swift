import Foundation

/// A screen kept as text beside the tests that own it.
///
/// `RECORD_GOLDENS=1` rewrites the files, and fails the run, so that nobody records by accident.
package enum GoldenScreen {
  package struct Mismatch: Error, CustomStringConvertible {
    package let description: String
  }

  /// `name`: path below `Goldens/`, without `.screen`.
  /// - Throws: `Mismatch` with the first line that differs, or saying that the golden was recorded or is missing.
  package static func check(_ text: String, _ name: String, testFile: String) throws {
    let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent("Goldens")
    let file = folder.appendingPathComponent("\(name).screen")
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      // What is right already lets the test go on to its next golden.
      if let old = try? Data(contentsOf: file), old == Data((text + "\n").utf8) { return }
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: file, options: .atomic)
      throw Mismatch(description: "recorded \(name).screen: look at it, then run without RECORD_GOLDENS")
    }
    guard let data = try? Data(contentsOf: file) else {
      throw Mismatch(description: "there is no \(name).screen; the screen is\n\(text)")
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard expected != text + "\n" else { return }
    let (old, new) = (
      expected.split(separator: "\n", omittingEmptySubsequences: false),
      (text + "\n").split(separator: "\n", omittingEmptySubsequences: false)
    )
    let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    throw Mismatch(
      description: """
        \(name).screen differs at line \(line + 1)
        golden: \(line < old.count ? old[line] : "(ends)")
        screen: \(line < new.count ? new[line] : "(ends)")
        \(text)
        """)
  }
}

import Foundation
import Testing

@Suite("Files") struct FileTests {
  static let code: Set<String> = ["swift", "c", "h", "cpp", "hpp", "py"]

  @Test func `no source file is longer than 700 lines`() throws {
    for file in try SourceTree.files(in: "Sources", Self.code) + SourceTree.files(in: "Tests", Self.code) {
      let count = try SourceTree.lines(file).count
      #expect(count <= 700, "\(file) has \(count) lines: split it by thing")
    }
  }

  @Test func `nothing is left to be done in a comment, no place on a machine is named`() throws {
    // Written in two parts each, so that this file does not name them.
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
    let places = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/tmp/ba" + "sh_jobs", "file:" + "///"]
    let text = Self.code.union(["md", "proto", "theme", "prototxt", "txt", "json"])
    var files = ["Makefile", "Package.swift", ".ci/run", ".ci/install-packages", ".ci/check-files"]
    files += ["README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md"]
    for folder in ["Sources", "Tests", "Samples", "Themes", "docs"] { files += try SourceTree.files(in: folder, text) }
    for file in files {
      for (i, line) in try SourceTree.lines(file).enumerated() {
        for word in words + places where line.contains(word) {
          Issue.record("\(file):\(i + 1) says '\(word)'")
        }
      }
    }
  }

  @Test func `a test file is named after what it tests`() throws {
    for file in try SourceTree.files(in: "Tests", ["swift"]) where try SourceTree.text(file).contains("@Suite") {
      let name = (file as NSString).lastPathComponent
      #expect(name.hasSuffix("Tests.swift") || name.hasSuffix("Suite.swift"), "\(file)")
    }
  }
}

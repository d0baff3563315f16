import Diagnostics
import Foundation
import Quantization
import Testing

@testable import QuantEngine

@Suite("ProjectRecipe") struct ProjectRecipeTests {
  private let project = ProjectFolder(path: NSTemporaryDirectory() + "/cortado-recipe-\(UUID().uuidString)/.cortado")

  private func read() -> ProjectRecipe {
    var warnings: [Diagnostic] = []
    return ProjectRecipe(of: project, warnings: &warnings)
  }

  @Test func `saved byte for byte, read again, and taken away when there is none any more`() throws {
    defer { try? FileManager.default.removeItem(atPath: (project.path as NSString).deletingLastPathComponent) }
    #expect(read() == ProjectRecipe())
    // A comment in GBK, Windows line ends, no newline at the end.
    let text: [UInt8] = Array("batch_num: 2 # ".utf8) + [0xD6, 0xD0] + Array("\r\ncommon_config { }".utf8)
    let recipe = ProjectRecipe(text: text, applied: Array("batch_num: 1\n".utf8))
    try ProjectStore.save(QuantConfig(), recipe, in: project)
    #expect(read() == recipe)
    #expect(FileManager.default.contents(atPath: project.recipe).map(Array.init) == text)
    try ProjectStore.save(QuantConfig(), ProjectRecipe(text: nil, applied: recipe.applied), in: project)
    #expect(read() == ProjectRecipe(applied: recipe.applied))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: project.path).sorted() == ["applied.cfg", "config.json"])
  }

  @Test func `a file that cannot be read is a warning`() throws {
    defer { try? FileManager.default.removeItem(atPath: (project.path as NSString).deletingLastPathComponent) }
    try FileManager.default.createDirectory(atPath: project.recipe, withIntermediateDirectories: true)
    var warnings: [Diagnostic] = []
    #expect(ProjectRecipe(of: project, warnings: &warnings).text == nil)
    #expect(warnings.map(\.location?.file) == [project.recipe])
  }
}

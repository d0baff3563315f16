import Foundation
import Testing

@testable import QuantEngine

@Suite struct `Run folders` {
  private let folder = NSTemporaryDirectory() + "cortado-runs-" + UUID().uuidString

  @Test func `are numbered from 0001, after the last one there is`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let project = ProjectFolder(path: folder)
    #expect(project.runNumbers.isEmpty)
    #expect(try RunFolder.next(in: project).path == folder + "/runs/0001")
    #expect(try RunFolder.next(in: project).path == folder + "/runs/0002")
    try FileManager.default.createDirectory(atPath: folder + "/runs/12345", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: folder + "/runs/notes", withIntermediateDirectories: true)
    #expect(try RunFolder.next(in: project).path == folder + "/runs/12346")
    #expect(project.runNumbers == [1, 2, 12345, 12346])
    #expect(project.run(7).path == folder + "/runs/0007")
  }

  @Test func `hold BatchNorm dumps unless another place is named`() {
    let run = RunFolder(path: "/p/runs/0001")
    #expect(run.bnData("tmp/bn_data") == "/p/runs/0001/bn_data", "the config's default")
    #expect(run.bnData("stats/a") == "/p/runs/0001/stats/a")
    #expect(run.bnData("/var/stats") == "/var/stats")
  }

  @Test func `stand beside the model`() {
    #expect(ProjectFolder(model: NSTemporaryDirectory() + "x.prototxt").path.hasSuffix("/.cortado"))
  }

  @Test func `of a run that was named must be empty`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try RunFolder.fresh(folder).path == folder)
    #expect(throws: Never.self) { try RunFolder.fresh(folder) }
    try Data().write(to: URL(fileURLWithPath: folder + "/x"))
    let error = #expect(throws: QuantError.self) { try RunFolder.fresh(folder) }
    #expect(error?.status == .badInput)
  }
}

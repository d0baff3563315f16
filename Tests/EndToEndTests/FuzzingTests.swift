import Foundation
import ScreenTesting
import Testing

/// The harness that `make fuzz` runs for longer.
@Suite("Fuzzing") struct FuzzingTests {
  private func fuzz(_ arguments: [String]) throws -> (status: Int32, out: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Pty.buildFolder() + "/cortado-fuzz")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test(arguments: [
    "prototxt", "caffemodel", "npy", "config.json", "cfg", "record", "image list", "image", "custom.proto",
  ])
  func `no damaged input ends its reader`(_ format: String) throws {
    let folder = TemporaryFolder()
    let inputs = format == "custom.proto" ? 100 : 1000
    let (status, out) = try fuzz([format, "--inputs", "\(inputs)", "--seed", "1", "--out", folder.path])
    #expect(status == 0, "\(out)")
    #expect(out.hasPrefix("\(format): \(inputs) inputs, "), "\(out)")
    // It is no fuzzing when nothing gets through, or everything does.
    #expect(!out.contains(", 0 accepted") && !out.contains(", 0 refused"), "\(out)")
  }

  @Test func `a trap and a hang are noticed, kept and passed by`() throws {
    let folder = TemporaryFolder()
    let (status, out) = try fuzz(["self-test", "--inputs", "30", "--timeout", "1", "--out", folder.path])
    #expect(status == 1)
    #expect(out.contains("input 7, signal "), "\(out)")
    #expect(out.contains("input 13, took over 1 s"), "\(out)")
    #expect(out.contains("30 inputs, 27 accepted, 1 refused, 2 ended the reader"), "\(out)")
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(kept == ["self-test-1-13.txt", "self-test-1-7.txt"])
    // What is kept is the input itself.
    let again = try fuzz(["self-test", "--replay", folder / "self-test-1-7.txt"])
    #expect(again.status == 0 && again.out == "accepted\n", "\(again.out)")
  }

  @Test func `the same seed makes the same inputs`() throws {
    let (a, b) = (TemporaryFolder(), TemporaryFolder())
    for folder in [a, b] {
      _ = try fuzz(["self-test", "--inputs", "8", "--seed", "5", "--out", folder.path])
    }
    let inputs = [a, b].map { FileManager.default.contents(atPath: $0 / "self-test-5-7.txt") }
    #expect(inputs[0] != nil && inputs[0] == inputs[1])
  }
}

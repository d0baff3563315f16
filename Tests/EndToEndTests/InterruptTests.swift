import Foundation
import Tensors
import Testing

@Suite struct `An interrupted run` {
  private let folder = TemporaryFolder()

  @Test func `ends with 130 and keeps the layers that were finished`() throws {
    // 512 images: a search over 4.7 million values for conv1's top, so there is time to interrupt.
    try NumpyFile.write(.random([512, 1, 28, 28], seed: 7), to: folder / "x.npy")
    let program = try RunningProgram(
      ["quantize"] + Sample.digits.model
        + [
          "--images", folder / "x.npy", "--batch-size", "512", "--threads", "1", "--work", folder / "run", "--out",
          folder / "out/net",
        ])
    let end = ContinuousClock.now + .seconds(30)
    while program.isRunning, ContinuousClock.now < end,
      (try? folder.text("run/events.jsonl"))?.contains("\"found\"") != true
    {
      usleep(500)
    }
    program.interrupt()
    let outcome = try program.wait()
    outcome.expect(130, says: "interrupted")
    #expect(!folder.has("out"))
    let events = try folder.text("run/events.jsonl").split(separator: "\n").map { try JSONNode(text: String($0)) }
    let last = try #require(events.last)
    #expect(last["kind"].string == "finished" && last["status"].int == 130)
    let record = try folder.text("run/scale_offset_record.txt")
    let found = events.filter { $0["kind"].string == "found" }.compactMap { $0["layer"].string }
    #expect(found.first == "conv1" && found.count < 7)
    #expect(record.components(separatedBy: "scale_d").count - 1 == found.count, "one step per finished layer")
  }
}

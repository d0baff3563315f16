import Foundation
import Testing

@Suite struct `A detached run` {
  private let folder = TemporaryFolder()

  @Test func `goes on by itself and leaves its report`() throws {
    let model = Sample.digits.model + Sample.digits.calibration
    let started = try cortado(["quantize"] + model + ["--work", folder / "run", "--detach", "--json"])
    started.expect(0)
    let report = try JSONNode(text: started.out)
    #expect(report["work"].string == folder / "run" && (report["pid"].int ?? 0) > 0)
    let end = ContinuousClock.now + .seconds(60)
    while !folder.has("run/run.json"), ContinuousClock.now < end { usleep(20_000) }
    let result = try JSONNode(text: folder.text("run/run.json"))
    #expect(!result["layers"].list.isEmpty)
  }

  @Test func `is refused before it starts when its input is wrong`() throws {
    let model = Sample.digits.model + Sample.digits.calibration
    try cortado(["quantize"] + model + ["--work", folder / "run", "--detach", "--batch-num", "999"])
      .expect(3, says: "images are needed")
    #expect(!folder.has("run"))
  }
}

import Foundation
import QuantEngine
import Testing

@Suite("JobProgress") struct JobProgressTests {
  private func event(_ kind: JobEvent.Kind, _ change: (inout JobEvent) -> Void = { _ in }) -> JobEvent {
    var event = JobEvent(kind)
    change(&event)
    return event
  }

  @Test func `each input of a layer goes its way from waiting to done or failed`() {
    var progress = JobProgress()
    for input in 0..<2 { progress.add(event(.waiting) { ($0.layer, $0.type, $0.input) = ("add", "Eltwise", input) }) }
    progress.add(event(.waiting) { $0.layer = "fc" })
    #expect(progress.count(.waiting) == 3)
    progress.add(event(.searching) { ($0.layer, $0.input) = ("add", 1) })
    #expect(progress.searches.map(\.state) == [.waiting, .searching, .waiting])
    progress.add(event(.found) { ($0.layer, $0.input, $0.scale) = ("add", 1, 0.5) })
    progress.add(event(.failed) { ($0.layer, $0.text) = ("fc", "not finite") })
    #expect(progress.searches.map(\.state) == [.waiting, .done, .failed])
    #expect(progress.results(of: "add").map(\.scale) == [0.5])
    #expect(progress.searches[1].type == "Eltwise")
  }

  @Test func `a new stage starts its count anew`() {
    var progress = JobProgress()
    progress.add(event(.stage) { $0.stage = .calibrate })
    progress.add(event(.progress) { ($0.stage, $0.done, $0.total) = (.calibrate, 3, 4) })
    #expect((progress.done, progress.total) == (3, 4))
    progress.add(event(.stage) { $0.stage = .compare })
    #expect(progress.stage == .compare)
    #expect((progress.done, progress.total) == (0, 0))
  }

  @Test func `a run tells whether it refreshes BatchNorm`() {
    #expect(!JobProgress([event(.started)]).updatesBN)
    #expect(JobProgress([event(.started) { $0.iterations = 30 }]).updatesBN)
    let line = event(.stage) { $0.stage = .bnUpdate }.line
    #expect(line.contains("\"bn-update\"") && JobEvent(line: line)?.stage == .bnUpdate)
  }

  @Test func `time is that of the end, or of the latest event`() {
    var progress = JobProgress([event(.started) { $0.time = 100 }, event(.stage) { $0.time = 107 }])
    #expect(progress.seconds == 7)
    progress.add(event(.finished) { ($0.time, $0.seconds) = (109, 8.5) })
    #expect(progress.seconds == 8.5)
  }

  @Test func `a layer is finished when all its inputs have their factors`() {
    func event(_ kind: JobEvent.Kind, _ layer: String, _ input: Int) -> JobEvent {
      var event = JobEvent(kind)
      (event.layer, event.input) = (layer, input)
      return event
    }
    // a: both inputs; b: one of two; c: taken over; d: failed.
    let progress = JobProgress([
      event(.waiting, "a", 0), event(.waiting, "a", 1), event(.waiting, "b", 0), event(.waiting, "b", 1),
      event(.found, "a", 0), event(.reused, "a", 1), event(.found, "b", 0), event(.reused, "c", 0),
      event(.failed, "d", 0),
    ])
    #expect(progress.finishedLayers == 2)
    #expect(progress.failures.map(\.layer) == ["d"])
  }
}

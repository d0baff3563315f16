import Tensors
import Testing

@testable import QuantEngine

@Suite struct `Events of a run` {
  @Test func `come back from their line as they were`() {
    var event = JobEvent(.found)
    event.layer = "res2/\"a\"\n"
    event.scale = 0.0241321512
    event.rangeMax = .infinity
    event.cosine = .nan
    event.offset = -128
    let line = event.line
    #expect(!line.contains("\n"))
    let back = JobEvent(line: line)
    #expect(back?.layer == event.layer && back?.scale == event.scale && back?.offset == -128)
    #expect(back?.rangeMax == .infinity && back?.cosine?.isNaN == true)
    #expect(back?.kind == .found && back?.time == event.time && back?.status == nil)
  }

  @Test func `a line that was cut off is none`() {
    let line = JobEvent(.started).line
    #expect(JobEvent(line: line.dropLast()) == nil)
    #expect(JobEvent(line: "") == nil)
  }
}

@Suite struct `The rank of a label` {
  @Test func `counts higher scores, and equal ones before it`() {
    func rank(_ label: Int, _ scores: [Float]) -> Int {
      let tensor = Tensor(shape: [scores.count], scores)
      return withExtendedLifetime(tensor) { EvaluateJob.rank(of: label, in: tensor.view) }
    }
    #expect(rank(0, [0.2, 0.5, 0.3]) == 2)
    #expect(rank(1, [0.2, 0.5, 0.3]) == 0)
    #expect(rank(0, [0.5, 0.5, 0.1]) == 0, "ties go to the lower index")
    #expect(rank(1, [0.5, 0.5, 0.1]) == 1)
    #expect(rank(1, [.nan, 0.5, .nan]) == 0, "a NaN score is above nothing")
    #expect(rank(0, [.nan, 0.5, 0.1]) == 3, "and comes last itself")
  }
}

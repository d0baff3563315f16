import Foundation
import Testing

@testable import QuantEngine

@Suite struct `The process of a run` {
  private let made: MadeUpProject
  private var run: RunFolder { made.project.run(1) }

  init() throws {
    made = try MadeUpProject()
    try made.write("runs/0001/config.json", "{}")
  }

  private func sleeper() throws -> Process {
    let process = Process()
    // Tests may run where Ctrl-C is ignored, which children inherit.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT", "/bin/sleep", "60"]
    try process.run()
    return process
  }

  @Test func `is found by its note, paused, resumed and ended`() throws {
    let child = try sleeper()
    defer { child.terminate() }
    try #require(RunProcess(pid: child.processIdentifier)).note(for: run)
    let job = try #require(RunJob(run))
    #expect(job.pid == child.processIdentifier && job.state == "running")
    #expect(job.setPaused(true))
    #expect(RunJob(run)?.state == "paused")
    #expect(RunStore.summary(of: run).state == .paused)
    #expect(job.setPaused(false))
    #expect(RunJob(run)?.state == "running")
    #expect(job.setPaused(true))
    // A paused process hears of its end all the same.
    job.process.cancel()
    child.waitUntilExit()
    #expect(child.terminationReason == .uncaughtSignal && child.terminationStatus == SIGINT)
    #expect(job.process.state == nil && RunProcess(of: run) == nil)
    #expect(!job.setPaused(true))
  }

  @Test func `is not another one with the same number`() throws {
    try made.write("runs/0001.pid", "\(getpid()) 1\n")
    #expect(RunProcess(of: run) == nil)
    // An old note has the number alone: the command line must name the folder, and that of this test does not.
    try made.write("runs/0001.pid", "\(getpid())")
    #expect(RunProcess(of: run) == nil)
  }

  @Test(arguments: ["", "x", "-1 2", "0", "99999999999999999999", "1 x"])
  func `is nobody after a damaged note`(_ text: String) throws {
    try made.write("runs/0001.pid", text)
    #expect(RunProcess(of: run) == nil)
  }

  @Test func `is the only one when no run is named`() throws {
    let none = #expect(throws: QuantError.self) { try made.store.job(nil) }
    #expect(none?.status == .badInput)
    let own = try #require(RunProcess.own)
    own.note(for: run)
    #expect(try made.store.job(nil).run == "0001")
    try made.write("runs/0002/config.json", "{}")
    let idle = #expect(throws: QuantError.self) { try made.store.job("2") }
    #expect(idle?.description.contains("not under way") == true)
    own.note(for: made.project.run(2))
    let several = #expect(throws: QuantError.self) { try made.store.job(nil) }
    #expect(several?.description.contains("0002, 0001") == true)
  }
}

@Suite struct `Watching a run` {
  @Test func `tells all events and the status of one that has ended`() throws {
    let made = try MadeUpProject()
    let lines = [
      "{\"kind\":\"waiting\",\"time\":1,\"layer\":\"a\",\"input\":0}",
      "{\"kind\":\"waiting\",\"time\":1,\"layer\":\"sum\",\"input\":0}",
      "{\"kind\":\"waiting\",\"time\":1,\"layer\":\"sum\",\"input\":1}",
      "{\"kind\":\"found\",\"time\":2,\"layer\":\"a\",\"input\":0}",
      "{\"kind\":\"found\",\"time\":2,\"layer\":\"sum\",\"input\":0}",
      "{\"kind\":\"error\",\"time\":3,\"text\":\"error: interrupted\"}",
      "{\"kind\":\"finished\",\"time\":3,\"status\":130}",
    ]
    try made.write("runs/0001/events.jsonl", lines.joined(separator: "\n") + "\n")
    var seen = 0
    #expect(RunWatch.follow(made.project.run(1), stop: { false }, { _ in seen += 1 }) == .ended(130))
    #expect(seen == 7)
    // Of sum only one of two inputs was found: it is no finished layer.
    #expect(RunWatch.keptLayers(made.project.run(1)) == ["a"])
    #expect(RunDetails.errors(of: made.project.run(1)) == ["interrupted"])
    #expect(RunWatch.follow(made.project.run(2), stop: { false }, { _ in }) == .died)
  }
}

import ScreenTesting
import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Screen 4: a run live, and how it ended.
@Suite("Run screen") struct RunScreenTests {
  @Test(arguments: ["120x40", "80x24", "60x16"]) func `a run is watched live`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.advance(by: .seconds(41))
    try driver.expect("app/run-\(size)")
  }

  @Test func `a finished run is told with its result and becomes the one compared with`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("r Enter")
    driver.send(.news(.started(run: 2)))
    driver.send(.news(.ended(Shapes.run(2, Shapes.repaired), status: 0, output: "")))
    #expect(driver.screen.contains("run 2 done, output cos 0.99960, 0 layers under 0.99"))
    driver.press("Enter")
    #expect(driver.screen.contains("Compare: run 1 -> 2"))
  }

  @Test func `a run that failed shows why and leaves the last result`() throws {
    var driver = try Shapes.driver(runs: [Shapes.run(1, Shapes.defaults)])
    driver.press("r Enter")
    driver.send(.news(.started(run: 2)))
    driver.send(.news(.events(Shapes.events(until: .finished))))
    let failed = FinishedRun(
      number: 2, folder: RunFolder(path: "/nonexistent/2"), progress: JobProgress(), config: nil, comparison: nil)
    driver.send(.news(.ended(failed, status: 4, output: "calibrate ...\nerror: 'pool1' is not finite\n")))
    #expect(driver.screen.contains("run 2 failed: error: 'pool1' is not finite"))
    #expect(driver.screen.contains("Run 2: failed, status 4"))
    #expect(driver.session.workspace?.last?.number == 1)
    driver.press("Esc F")
    #expect(driver.model[RunScreen.self].searches(driver.session).map(\.layer) == ["pool1"])
  }

  @Test func `a layer of several inputs can be walked through`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(
      .news(
        .events(
          [("conv1", 0), ("concat4", 0), ("concat4", 1), ("fc6", 0)].map { layer, input in
            var event = JobEvent(.waiting)
            (event.layer, event.input) = (layer, input)
            return event
          })))
    var places: [Int] = []
    for _ in 0..<3 {
      driver.press("j")
      places.append(driver.model[RunScreen.self].list.selection)
    }
    #expect(places == [1, 2, 3])
    #expect(driver.session.selectedRow?.name == "fc6")
  }

  @Test func `who comes after the end of a run finds its last layer`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.press("2")
    driver.send(.news(.events(Shapes.events(until: .finished))))
    driver.send(.news(.ended(Shapes.run(1, Shapes.defaults), status: 0, output: "")))
    driver.press("4")
    // conv1, pool1, conv3_dw: the last one begun.
    #expect(driver.model[RunScreen.self].list.selection == 2)
  }

  @Test func `the stages fit into 80 columns in every state`() {
    for (count, _) in JobEvent.Stage.allCases.enumerated() {
      var progress = JobProgress()
      for stage in JobEvent.Stage.allCases.prefix(count + 1) {
        var event = JobEvent(.stage)
        event.stage = stage
        progress.add(event)
      }
      let text = RunScreen.stages(progress, isRunning: true, columns: 72).map(\.text).joined()
      #expect(text.count <= 72, "\(text)")
      for stage in JobEvent.Stage.allCases.dropLast() where stage != .bnUpdate {
        #expect(text.lowercased().contains(stage.rawValue), "\(text)")
      }
      #expect(!text.lowercased().contains("bn-update"), "no run without update_bn has this stage: \(text)")
    }
    var done = JobProgress(Shapes.events(until: .searching))
    #expect(
      RunScreen.stages(done, isRunning: true, columns: 60).map(\.text).joined()
        == "ok parse fuse weights > [CALIBRATE] > factors save compare")
    var end = JobEvent(.finished)
    end.status = 0
    done.add(end)
    #expect(
      RunScreen.stages(done, isRunning: false, columns: 60).map(\.text).joined()
        == "ok parse fuse weights calibrate factors save compare")
  }

  @Test func `a run that refreshes BatchNorm has a stage more`() {
    var start = JobEvent(.started)
    start.iterations = 30
    var stage = JobEvent(.stage)
    stage.stage = .bnUpdate
    var step = JobEvent(.progress)
    (step.stage, step.done, step.total) = (.bnUpdate, 12, 30)
    var progress = JobProgress([start, stage, step])
    func text(_ columns: Int) -> String {
      RunScreen.stages(progress, isRunning: true, columns: columns).map(\.text).joined()
    }
    #expect(text(72) == "ok parse fuse weights > [BN-UPDATE] > calibrate factors save compare")
    #expect(RunScreen.summary(progress) == "bn-update, 12 of 30 iterations")
    stage.stage = .evaluate
    progress.add(stage)
    #expect(text(80) == "ok parse fuse weights bn-update calibrate factors save compare > [EVALUATE]")
    #expect(text(72) == "ok .. fuse weights bn-update calibrate factors save compare > [EVALUATE]")
  }

  @Test(arguments: ["120x40", "80x24"]) func `factors that are taken over say from which run`(_ size: String) throws {
    var driver = try Shapes.driver(size)
    driver.press("r Enter")
    driver.send(.news(.started(run: 13)))
    var reused = JobEvent(.reused)
    (reused.layer, reused.text) = ("conv1", "run 12")
    (reused.rangeMin, reused.rangeMax, reused.clipMin, reused.clipMax) = (0, 6.4, 0, 6.4)
    (reused.scale, reused.offset, reused.images, reused.seconds) = (0.025098, -128, 32, 1.5)
    driver.send(.news(.events(Shapes.events(until: .searching) + [reused])))
    driver.send(.news(.jobState(isPaused: true, bytes: 2_100_000_000)))
    #expect(driver.screen.contains("reused 12") && driver.screen.contains("mem 2.1GB"))
    try driver.expect("app/run-paused-\(size)")
  }

  @Test func `p holds a run and lets it go on`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    _ = driver.takeWork()
    driver.press("p")
    #expect(driver.takeWork() == [.effect(.pause(true))])
    driver.send(.news(.jobState(isPaused: true, bytes: 0)))
    #expect(driver.screen.contains("Run 1: PAUSED") && driver.screen.contains("job: run 1 PAUSED"))
    driver.press("p")
    #expect(driver.takeWork() == [.effect(.pause(false))])
  }

  @Test func `Enter opens the layer of the row`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    driver.press("g j Enter")
    #expect(driver.session.selectedRow?.name == "pool1")
    #expect(driver.session.screen == ScreenID(LayersScreen.self))
  }

  @Test func `what is left is told by the forecast, or by the stage alone`() {
    var job = Session.Job(run: 1, began: .seconds(5))
    // Events of one a second: calibrate began with the fifth, the progress of 1 of 4 is the ninth, 4 s later; the last
    // one is the 14th, 9 s later. A quarter took 9 s, three quarters take 27 s.
    job.progress = JobProgress(Shapes.events(until: .searching))
    #expect(RunScreen.secondsLeft(job, at: .seconds(20)) == 27)
    job.forecast = RunForecast(
      images: 8, imagesFound: 8, searches: [], calibrateSeconds: 30, compareSeconds: 20, memoryBytes: 1,
      memoryLimit: 1)
    // 50 s in all, 15 s are over.
    #expect(RunScreen.secondsLeft(job, at: .seconds(20)) == 35)
    job.isPaused = true
    #expect(RunScreen.secondsLeft(job, at: .seconds(20)) == nil)
  }

  @Test func `a run that died says what is kept`() throws {
    var driver = try Shapes.driver()
    driver.press("r Enter")
    driver.send(.news(.started(run: 1)))
    driver.send(.news(.events(Shapes.events(until: .searching))))
    let gone = FinishedRun(
      number: 1, folder: RunFolder(path: "/nonexistent/1"), progress: JobProgress(), config: nil, comparison: nil)
    driver.send(.news(.ended(gone, status: 137, output: "")))
    #expect(driver.screen.contains("run 1 died: its 1 finished layer are kept: r runs again and reuses them"))
    #expect(driver.screen.contains("Run 1: died"))
  }

  @Test func `the bell rings after a long run only`() throws {
    for (seconds, rings) in [(29, false), (31, true)] {
      var driver = try Shapes.driver()
      driver.press("r Enter")
      driver.send(.news(.started(run: 1)))
      driver.advance(by: .seconds(seconds))
      _ = driver.takeWork()
      driver.send(.news(.ended(Shapes.run(1, Shapes.defaults), status: 0, output: "")))
      #expect(driver.takeWork().contains(.bell) == rings)
    }
  }
}
